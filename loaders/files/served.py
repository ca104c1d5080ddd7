"""Served: the process that reads files for another one, within limits, and hands over what it found.

Run as ``python -m chainatlas.loaders.files.served``. Each line on its input asks for one job
(JSON: what is to be called, for which file, where the tables go); its answers are lines, too:
how far it is, then that it is done, or what went wrong as a code with values. Tables go through a file
of Arrow streams. It ends when its input does, or when nobody has asked for a while.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import shutil
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from ...graph.schema.errors import ChainAtlasError, LoadError
from .carried import told_of
from .limits import MB, Limits, hold, leave_no_core, let_go, limits_of, resident

Tell = Callable[[int, int], None]
"""Told how far reading is: so many parts done, of so many."""
Job = Callable[[Path, dict[str, Any], Tell], Iterable[pa.Table]]
"""What is called for a file: it yields the tables that are to be handed over."""

_IDLE = 60.0  # seconds without work after which the process ends
_RARELY = 50_000, 20, 20  # objects between two looks for rings: a workbook makes millions, none of them in a ring
_GROWN = 300 * MB  # what it may hold after a file; beyond that it makes room for a fresh process


class _Handover(Exception):
    """The tables could not be written."""


def serve() -> None:
    """Do jobs until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints does not get among the answers
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for who started us, who then ends us
    leave_no_core()
    sys.addaudithook(_stay)
    gc.freeze()
    gc.set_threshold(*_RARELY)
    rooms: set[str] = set()

    def say(**told: Any) -> None:
        answers.write(json.dumps(told).encode("ascii") + b"\n")
        answers.flush()

    say(ready=True)
    for line in _asked():
        asked = json.loads(line)
        rooms.add(str(Path(asked["to"]).parent))
        try:
            if not _answer(asked, say):
                return
        except OSError:  # nobody listens to the answer any more
            break
    for room in rooms:  # who asked is gone, maybe without having put away what was handed over
        shutil.rmtree(room, ignore_errors=True)


_OUTSIDE = (
    "socket.connect",
    "socket.getaddrinfo",
    "socket.sendto",
    "socket.bind",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
)


def _stay(event: str, _: tuple[object, ...]) -> None:
    """Refuse what reading a file has no need of, whatever the file makes a library do: networks and programs."""
    if event in _OUTSIDE:
        raise PermissionError(f"{event}: no part of reading a file")


def _asked() -> Iterator[bytes]:
    """Yield the lines of the input; when none comes for a while the process ends."""
    while True:
        idle = threading.Timer(_IDLE, os.kill, (os.getpid(), signal.SIGTERM))
        idle.daemon = True
        idle.start()
        line = sys.stdin.buffer.readline()
        idle.cancel()
        if not line:
            return
        yield line


def _answer(asked: dict[str, Any], say: Callable[..., None]) -> bool:
    """Do one job; tell whether this process is fit for another."""
    path = Path(asked["path"])
    try:
        limits = Limits()
        say(limits=[limits.memory, limits.seconds], spent=time.process_time())  # from here on the file is to blame
        hold(limits)
        limits = limits_of(path)
        say(limits=[limits.memory, limits.seconds], spent=time.process_time())
        let_go()
        hold(limits)
        tables = _job(asked["job"])(path, asked["told"], lambda done, of: say(progress=[done, of]))
        count = _hand_over(tables, asked["to"])
        let_go()
        say(done=count)
    except ChainAtlasError as bad:
        let_go()
        say(error=told_of(bad))
    except _Handover as bad:
        let_go()
        say(
            error=told_of(
                LoadError("reader_handover", file=path.name, reason=str(bad), folder=str(Path(asked["to"]).parent))
            )
        )
    except OSError as bad:
        let_go()
        say(error=told_of(LoadError("file_unreadable", file=path.name, reason=bad.strerror or str(bad))))
    except MemoryError:
        let_go()
        say(memory=True)
        return False
    except RecursionError:
        let_go()
        say(error=told_of(LoadError("reader_deep", file=path.name)))
    except BaseException as bad:  # noqa: BLE001 - libraries raise whatever comes, some of it no Exception
        let_go()
        reason = f"{type(bad).__name__}: {str(bad)[:200]}".replace("\n", " ")
        say(
            error=told_of(LoadError("reader_failed", file=path.name, reason=reason)),
            trace="".join(traceback.format_exception(bad))[-20_000:],
        )
    return resident(os.getpid()) < _GROWN


def _job(name: str) -> Job:
    module, _, function = name.partition(":")
    made: Job = getattr(importlib.import_module(module), function)
    return made


def _hand_over(tables: Iterable[pa.Table], to: str) -> int:
    """Write the tables into one file, a stream each; return how many they are."""
    count = 0
    with _opened(to) as file:
        for table in tables:
            try:
                with pa.ipc.new_stream(file, table.schema) as writer:
                    writer.write_table(table)
            except OSError as bad:
                raise _Handover(bad.strerror or bad) from bad
            count += 1
    return count


def _opened(to: str) -> pa.OSFile:
    try:
        return pa.OSFile(to, "wb")
    except OSError as bad:
        raise _Handover(bad.strerror or bad) from bad


if __name__ == "__main__":
    serve()
