"""The command line: built from the table of questions, it calls the public functions and writes their tables."""

from __future__ import annotations

import os
import sys

import click

from ..views.terminal import prepare, tell
from .building import Commands
from .usage import explained

HELP = """链图 ChainAtlas：产业链、技术链哪里断、哪里弱，谁能补上。
Where industry and technology chains are broken or thin, and who could close the gap.

先试 / start with：chainatlas demo"""

app = Commands(name="chainatlas", help=HELP)


def main() -> None:
    """Run the command line."""
    prepare()
    if any(name.endswith("_COMPLETE") and name.startswith("_CHAINATLAS") for name in os.environ):
        app.main(prog_name="chainatlas")
    try:
        code = app.main(prog_name="chainatlas", standalone_mode=False)
    except click.UsageError as bad:
        tell(explained(bad, sys.argv[1:]), lines=True)
        code = 2
    except click.exceptions.Exit as end:
        code = end.exit_code
    except click.Abort:
        code = 130
    sys.exit(code if isinstance(code, int) else 0)
