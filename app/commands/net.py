"""The last net: what nobody foresaw leaves the program as one sentence and a report file, never as a traceback.

What the machine refuses (no room on the disk, no memory, a path that cannot be used) and Ctrl-C are no faults
of ours: they have sentences of their own and no report. The report holds versions and the places in our code
that were run, paths shortened to the package; no message of an exception, no value, no name of a person or of
a folder. ``CHAINATLAS_NET=off`` takes the net away: tests run without it, so that it hides nothing from them.
"""

from __future__ import annotations

import errno
import hashlib
import importlib.metadata
import linecache
import os
import platform
import select
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path, PurePath
from types import TracebackType
from typing import TextIO

SWITCH = "CHAINATLAS_NET"
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_CLOSED = {errno.EPIPE, errno.ESHUTDOWN, errno.EINVAL}  # of a pipe that nobody reads; EINVAL on Windows
_FRAMES = 20  # first and last places of a traceback that are told; between them a recursion repeats itself
_PACKAGE = Path(__file__).parents[1]  # as Python knows it: what is installed in place stands behind links


@dataclass(frozen=True)
class Ending:
    """How the program ends: what it says, and its exit code."""

    text: str
    code: int


def is_on() -> bool:
    """Tell whether the net is there."""
    return os.environ.get(SWITCH, "").strip().lower() not in ("off", "0", "no")


def ending(bad: BaseException, lang: str) -> Ending | None:
    """Return how the program ends after an exception; None where it is to be seen as it is.

    Parameters
    ----------
    bad
        Any exception but our own errors, which have their sentences already.
    """
    from ..graph.schema.words import message

    if isinstance(bad, KeyboardInterrupt):
        return Ending(message("net_interrupted", lang), 130)
    if isinstance(bad, OSError) and bad.filename is None and bad.errno in _CLOSED and _given_up():
        return Ending("", 0)
    if any(isinstance(one, OSError) and one.errno in _FULL for one in _with_cause(bad)):
        _given_up()
        return Ending(message("net_disk", lang), 1)
    if isinstance(bad, MemoryError):
        return Ending(message("net_memory", lang), 1)
    if isinstance(bad, OSError) and bad.errno and bad.filename not in (None, ""):
        file = bad.filename if isinstance(bad.filename, str | bytes) else str(bad.filename)
        return Ending(message("net_refused", lang, file=os.fsdecode(file), reason=os.strerror(bad.errno)), 1)
    if not is_on():
        return None
    code = "net_depth" if isinstance(bad, RecursionError) else "net_unforeseen"
    written = None
    with suppress(Exception):  # the sentence comes, whatever the exception does to who looks at it
        written = write_report(report(bad, sys.argv[1:]))
    told = {"kind": _kind(bad), "place": _place(bad), "file": written or "—"}
    return Ending(message(code, lang, **told), 1)


def _given_up() -> bool:
    """Tell whether nobody reads any more what we write (``| head``); nothing further is written then."""
    found = False
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
            if not _is_closed(stream):  # a long text that was refused does not wait to be flushed
                continue
        except OSError:
            pass
        _to_nowhere(stream)
        found = True
    return found


def _is_closed(stream: TextIO) -> bool:
    """Tell whether a stream is a pipe that nobody reads; where the system cannot tell, it is not."""
    if not hasattr(select, "poll"):
        return False
    with suppress(OSError, ValueError):
        asked = select.poll()
        asked.register(stream.fileno(), select.POLLERR)
        return any(event & select.POLLERR for _, event in asked.poll(0))
    return False


def _to_nowhere(stream: TextIO) -> None:
    """Let what still waits in a stream go nowhere, so that Python's last words do not fail on it."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _with_cause(bad: BaseException) -> Iterator[BaseException]:
    """Yield an exception, what it was raised from, and what a library wrapped in it."""
    yield bad
    if bad.__cause__ is not None:
        yield bad.__cause__
    yield from (one for one in bad.args[:1] if isinstance(one, BaseException))


# report ---------------------------------------------------------------------------------------


def report(bad: BaseException, words: Sequence[str]) -> str:
    """Return the text of a report: versions, the command, where the exception comes from.

    Parameters
    ----------
    words
        What was typed; only the names of the command and of its options are told.
    """
    lines = ["ChainAtlas fault report", "", *_versions(), f"command: {' '.join(_command(words)) or '-'}", ""]
    one: BaseException | None = bad
    seen: set[int] = set()
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        lines += [*_frames(one.__traceback__), "  ".join([_kind(one), *_facts(one)]), ""]
        cause = one.__cause__
        one = cause or (None if one.__suppress_context__ else one.__context__)
        if one is not None:
            lines.append("raised from:" if cause else "raised while handling:")
    return "\n".join(lines).rstrip() + "\n"


def write_report(text: str) -> Path | None:
    """Write a report where people work, else among the temporary files; None when it can stand nowhere.

    The same fault has the same file: it is written once.
    """
    name = f"chainatlas-report-{hashlib.sha256(text.encode()).hexdigest()[:8]}.txt"
    for folder, shown in ((Path(), Path(name)), (Path(tempfile.gettempdir()), None)):
        try:
            with (folder / name).open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except FileExistsError:
            pass
        except OSError:
            continue
        return shown or folder / name
    return None


def _versions() -> Iterator[str]:
    yield f"python: {platform.python_implementation()} {platform.python_version()}"
    yield f"system: {platform.system()} {platform.release()} {platform.machine()}"
    try:
        stated = importlib.metadata.requires("chainatlas") or []
    except importlib.metadata.PackageNotFoundError:
        stated = []
    named = {"".join(takewhile(lambda c: c.isalnum() or c in "-_.", line)) for line in ("chainatlas", *stated)}
    for name in sorted(named, key=str.lower):
        try:
            yield f"{name}: {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            yield f"{name}: -"


def _command(words: Sequence[str]) -> Iterator[str]:
    """Yield what was typed as far as it is ours: the command and the flags it has."""
    from ..questions import questions

    table = questions()
    flags: set[str] = set()
    for word in words:
        if word in table:
            flags = {flag for option in table[word].options for flag in option.flags}
            table = dict(table[word].commands)
            yield word
        elif word.partition("=")[0] in flags:
            yield word.partition("=")[0]


def _kind(bad: BaseException) -> str:
    kind = type(bad)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _facts(bad: BaseException) -> Iterator[str]:
    """Yield what an exception says of itself that cannot be data; its message may quote a cell or a path."""
    if isinstance(bad, OSError) and bad.errno:
        yield os.strerror(bad.errno)
    if isinstance(bad, UnicodeError):
        yield str(getattr(bad, "encoding", ""))
    if isinstance(bad, ImportError) and bad.name in sys.stdlib_module_names | {_top(m) for m in sys.modules}:
        yield str(bad.name)
    if isinstance(bad, AttributeError):
        yield f"{type(bad.obj).__name__} has no {bad.name if _is_written(bad) else '…'}"


def _is_written(bad: AttributeError) -> bool:
    """Tell whether the attribute that is missing stands in the code, not in data."""
    last = bad.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is not None and bad.name in last.tb_frame.f_code.co_names


def _frames(trace: TracebackType | None) -> Iterator[str]:
    """Yield a line a place, with the line of code where it is ours."""
    walked = [(frame.f_code.co_filename, line, frame.f_code.co_name) for frame, line in traceback.walk_tb(trace)]
    for at, (file, line, name) in enumerate(walked):
        if _FRAMES <= at < len(walked) - _FRAMES:
            if at == _FRAMES:
                yield f"  … {len(walked) - 2 * _FRAMES} more"
            continue
        shown = _short(file)
        yield f"  {shown}:{line} {name}"
        if shown.startswith("chainatlas/") and (code := linecache.getline(file, line).strip()):
            yield f"    {code}"


def _short(file: str) -> str:
    """Return a path below its package; of anything else it is only said that it stands outside."""
    path = Path(file)
    if path.is_relative_to(_PACKAGE):
        return f"chainatlas/{path.relative_to(_PACKAGE).as_posix()}"
    for known in ("site-packages", "dist-packages"):
        if known in path.parts:
            return PurePath(*path.parts[path.parts.index(known) + 1 :]).as_posix()
    if _top(path.stem) in sys.stdlib_module_names or Path(os.__file__).parent in path.parents:
        return f"python/{path.name}"
    return "(outside)"


def _top(module: str) -> str:
    return module.partition(".")[0]


def _place(bad: BaseException) -> str:
    """Return the last place of ours on the way of an exception."""
    ours = [f"{_short(frame.f_code.co_filename)}:{line}" for frame, line in traceback.walk_tb(bad.__traceback__)]
    return next((place for place in reversed(ours) if place.startswith("chainatlas/")), "—")
