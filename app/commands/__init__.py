"""The command line: built from the table of questions, it calls the public functions and writes their tables."""

from __future__ import annotations

import os
import sys

import click

from ..views.terminal import prepare, tell
from .building import Commands
from .running import say
from .usage import explained

HELP = """链图 ChainAtlas：产业链、技术链哪里断、哪里弱，谁能补上。
Where industry and technology chains are broken or thin, and who could close the gap.

先试 / start with：chainatlas demo"""

app = Commands(name="chainatlas", help=HELP)


def main() -> None:
    """Run the command line; whatever happens, it ends with one sentence and an exit code."""
    prepare()
    if any(name.endswith("_COMPLETE") and name.startswith("_CHAINATLAS") for name in os.environ):
        app.main(prog_name="chainatlas")
    try:
        code = _run()
        sys.stdout.flush()  # here, where a full disk can still be told
    except SystemExit:
        raise
    except BaseException as bad:  # outside of any command: what is typed was read, or the answer could not leave
        from ..graph.schema.words import default_language
        from .net import ending

        end = None if "--debug" in sys.argv else ending(bad, default_language())
        if end is None:
            raise
        say(end.text)
        code = end.code
    sys.exit(code)


def _run() -> int:
    try:
        code = app.main(prog_name="chainatlas", standalone_mode=False)
    except click.UsageError as bad:
        tell(explained(bad, sys.argv[1:]), lines=True)
        return 2
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.Abort:
        return 130
    return code if isinstance(code, int) else 0
