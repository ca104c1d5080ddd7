"""A process that runs writing commands by forking and kills each at a step it is told, for tests of kills in a row.

Run as a program. Each line on its input is JSON: ``command`` (a function below and its arguments) and ``step``: the
change of the disk before which the command is killed (None: it runs to its end). It answers with how the command
ended and how many steps it made. Steps are renames, replacements and removals of folders: between two of them
nothing that another process finds by its name changes. As in ``forking.py`` nothing waits for the disk.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from typing import Any

import chainatlas.api as api
import chainatlas.attaching as attaching
import chainatlas.checking as checking
import chainatlas.loaders.load
import chainatlas.reviewing as reviewing
from chainatlas.loaders.values.places import gazetteer


def load(folder: str, files: str, **more: Any) -> None:
    """Load as the command does."""
    api.load(folder, files, **more)


COMMANDS: dict[str, Callable[..., Any]] = {
    "load": load,
    "undo": api.undo,
    "decide": reviewing.decide,
    "decide_term": attaching.decide_term,
    "restore": lambda folder: checking.check_files(folder, restore=True),
    "accept": lambda folder: checking.check_files(folder, accept=True),
    "status": api.status,
    "open": api.open,
}
STEPS = ((os, "replace"), (os, "rename"), (shutil, "rmtree"))


def count_steps(until: int | None) -> list[int]:
    """Make every step count itself, and the one numbered ``until`` kill the process instead."""
    count = [0]

    def counted(inner: Callable[..., Any]) -> Callable[..., Any]:
        def outer(*args: Any, **values: Any) -> Any:
            if count[0] == until:
                os.kill(os.getpid(), signal.SIGKILL)
            count[0] += 1
            return inner(*args, **values)

        return outer

    for owner, name in STEPS:
        setattr(owner, name, counted(getattr(owner, name)))
    return count


def serve() -> None:
    """Fork one command a line."""
    gazetteer()
    os.fsync = lambda file: None
    for line in sys.stdin:
        told = json.loads(line)
        name, *arguments = told["command"]
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            count = count_steps(told["step"])
            try:
                COMMANDS[name](*arguments)
                os.write(writing, str(count[0]).encode())
                os._exit(0)
            finally:
                os._exit(1)
        os.close(writing)
        with os.fdopen(reading) as answer:
            steps = answer.read()
        _, status = os.waitpid(child, 0)
        print(json.dumps([os.waitstatus_to_exitcode(status), int(steps or -1)]), flush=True)  # noqa: T201


if __name__ == "__main__":
    assert chainatlas.loaders.load
    serve()
