"""The command line: thin wrappers that call the public functions and write their tables."""

from __future__ import annotations

import sys

import typer

from . import candidates, data_in, drawing, questions, regions, resources, reviewing, sharing, structure

HELP = """链图 ChainAtlas：产业链、技术链哪里断、哪里弱，谁能补上。
Where industry and technology chains are broken or thin, and who could close the gap.

先试 / start with：chainatlas demo"""

app = typer.Typer(help=HELP, no_args_is_help=True, add_completion=False, rich_markup_mode=None,
                  pretty_exceptions_enable=False)  # fmt: skip
for module in (data_in, reviewing, questions, structure, candidates, resources, regions, drawing, sharing):
    module.register(app)


def main() -> None:
    """Run the command line."""
    # A Windows console that is not UTF-8 shows what it can instead of failing.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="replace")
    app()
