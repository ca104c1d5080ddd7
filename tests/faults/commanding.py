"""A process that runs commands as typed, by forking, and kills each where it is told, for tests of kills.

Run as a program. Each line on its input is JSON: ``words`` (as behind ``chainatlas``), ``cwd``, and ``step``: the
change of the disk before which the command is killed, or ``wait``: the seconds after which it is (neither: it runs
to its end). It answers with how the command ended, how many steps it made and how long it took. Every file opened
for writing, every rename, removal and new folder is a step. As in ``forking.py`` nothing waits for the disk.

With ``before``, lines of Python are run in the process of the command before it; with ``out`` and ``err``, what it
says goes into these files; ``env`` is set for it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from typing import Any

import chainatlas.api
import chainatlas.commands.data
import chainatlas.commands.pictures
import chainatlas.commands.review
import chainatlas.loaders.load
import chainatlas.views.atlas.payload
import chainatlas.views.network
import chainatlas.views.report
from chainatlas.commands import main
from chainatlas.loaders.values.places import gazetteer

CHANGES = {
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.mkdir",
    "shutil.rmtree",
    "shutil.copyfile",
    "os.truncate",
    "tempfile.mkstemp",
}


def count_steps(until: int | None) -> list[int]:
    """Count the changes of the disk; before the one numbered ``until`` the process is killed."""
    count = [0]

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            if not isinstance(args[2], int) or not args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                return
        elif event not in CHANGES:
            return
        if count[0] == until:
            os.kill(os.getpid(), signal.SIGKILL)
        count[0] += 1

    sys.addaudithook(hook)
    return count


def command(told: dict[str, Any], writing: int) -> None:
    """Run one command in this process, which ends with it."""
    for stream, name in enumerate((os.devnull, told.get("out", os.devnull), told.get("err", os.devnull))):
        os.dup2(os.open(name, os.O_RDWR | os.O_CREAT), stream)
    os.chdir(told["cwd"])
    os.environ.update(told.get("env", {}))
    sys.argv = ["chainatlas", *told["words"]]
    if told.get("wait") is not None:
        signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        signal.setitimer(signal.ITIMER_REAL, told["wait"])
    count, code = count_steps(told.get("step")), 1
    try:
        exec(told.get("before", ""), {})
        main()
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:  # noqa: BLE001 - told as Python tells it
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.write(writing, str(count[0]).encode())
        os._exit(code)


def serve() -> None:
    """Fork one command a line."""
    gazetteer()
    os.fsync = lambda file: None
    sys.dont_write_bytecode = True  # a module compiled by the first command would be steps that no other makes
    for line in sys.stdin:
        told = json.loads(line)
        reading, writing = os.pipe()
        began = time.perf_counter()
        child = os.fork()
        if child == 0:
            command(told, writing)
        os.close(writing)
        with os.fdopen(reading) as answer:
            steps = answer.read()
        _, status = os.waitpid(child, 0)
        ended = os.waitstatus_to_exitcode(status)
        print(json.dumps([ended, int(steps or -1), time.perf_counter() - began]), flush=True)  # noqa: T201


if __name__ == "__main__":
    assert chainatlas.loaders.load
    serve()
