"""A process that starts loads by forking, so that a load that is to be killed costs no start of Python.

Run as a program. Each line on its input is a workspace and what to load into it, parted by a
tab; it answers with the process of the load, and then, when that has ended, with how it ended.
Nothing is loaded before the fork: a forked process with threads would not be the real thing.
A load that is killed, unlike one whose machine loses power, leaves to the kernel what it has written: it does not
wait for the disk here, so that kills fall on what is done and not on waiting.
"""

from __future__ import annotations

import os
import sys

import chainatlas.api as api
import chainatlas.graph.workspace.journal
import chainatlas.loaders.load
from chainatlas.loaders.values.places import gazetteer


def serve() -> None:
    """Fork one load a line."""
    gazetteer()
    os.fsync = lambda file: None
    for line in sys.stdin:
        folder, files = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            code = 1
            try:
                api.load(folder, files)
                code = 0
            finally:
                os._exit(code)
        print(child, flush=True)  # noqa: T201
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


if __name__ == "__main__":
    assert chainatlas.graph.workspace.journal
    assert chainatlas.loaders.load
    serve()
