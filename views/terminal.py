"""Terminal: the one place that writes to standard output and standard error, and asks on them.

Whatever is written passes ``visible``: names of others cannot steer a terminal or hide in a line. What is
told in a sentence also loses the logins of addresses. Data for another program (CSV, JSON, a page) goes
through a pipe unchanged; on a terminal it is made visible as well.
"""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, TextIO

from ..graph.schema.leaving import visible, without_logins

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console
    from rich.text import Text


def prepare() -> None:
    """Set the streams of this process up, and take what Python itself says through ``tell``."""
    # A Windows console that is not UTF-8 shows what it can instead of failing.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="replace")
    warnings.showwarning = _warned
    sys.excepthook = _raised


def hear_libraries() -> None:
    """Take what a library logs and nobody asked for through ``tell``; apart, since help needs no logging."""
    import logging

    class Told(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            tell(record.getMessage())

    logging.lastResort = Told(logging.WARNING)


def _warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    tell(f"{category.__name__}: {message}")


def _raised(kind: type[BaseException], bad: BaseException, trace: TracebackType | None) -> None:
    import traceback

    tell("".join(traceback.format_exception(kind, bad, trace)).rstrip("\n"), lines=True)


def tell(text: str, *, lines: bool = False) -> None:
    """Write a sentence to standard error; a line feed in it comes from a name and begins no new line.

    Parameters
    ----------
    lines
        The text is several lines of our own.
    """
    told = visible(without_logins(text))
    sys.stderr.write((told if lines else told.replace("\n", "\\u{a}")) + "\n")
    sys.stderr.flush()


def ask(question: str) -> str:
    """Write a question to standard error; return the line that is typed."""
    sys.stderr.write(visible(without_logins(question)))
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def ask_login(name: str, default: str | None = None) -> str:
    """Ask for a part of a login; what has no default is a secret and not shown while it is typed."""
    import click

    return str(click.prompt(name, default=default, hide_input=default is None, err=True))


def put_out(text: str) -> None:
    """Write data to standard output: as it is through a pipe, visible on a terminal."""
    sys.stdout.write(visible(text.replace("\r\n", "\n")) if sys.stdout.isatty() else text)


def somebody_answers() -> bool:
    """Tell whether somebody can read a question on standard error and answer it."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def somebody_watches() -> bool:
    """Tell whether standard error is a terminal."""
    return sys.stderr.isatty()


def console(*, error: bool = False) -> Console:
    """Return what draws tables and bars; every text in them has to be made by ``cell``."""
    from rich.console import Console

    made = Console(stderr=error)
    return made if made.is_terminal else Console(stderr=error, width=200)


def cell(text: str, style: str = "") -> Text:
    """Return a text of a table: no markup in it counts, and nothing in it steers the terminal."""
    from rich.text import Text

    return Text(visible(text), style=style)
