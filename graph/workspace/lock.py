"""One writer at a time: a lock file that names its holder and dies with the process."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ..schema.errors import StoreError

MOMENT = 1.0  # s that a writer waits before it is refused


@contextmanager
def writer_lock(folder: Path) -> Iterator[None]:
    """Hold the writer's lock of a workspace.

    Raises
    ------
    StoreError
        Another process holds it; the message names that process.
    """
    path = folder / "writer.lock"
    with path.open("a+", encoding="utf-8") as file:
        if not _try_for_a_moment(file):
            raise StoreError("workspace_locked", folder=folder, holder=_holder(path))
        file.seek(0)
        file.truncate()
        json.dump({"pid": os.getpid(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}, file)
        file.flush()
        try:
            yield
        finally:
            file.seek(0)
            file.truncate()
            _unlock(file)


def _try_for_a_moment(file: IO[str]) -> bool:
    """Try as long as a reader takes who only brings the graph up to the journal."""
    until = time.monotonic() + MOMENT
    while not (got := _try_lock(file)) and time.monotonic() < until:
        time.sleep(MOMENT / 20)
    return got


def _holder(path: Path) -> str:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        found = json.loads(path.read_text(encoding="utf-8"))
        return f"进程 {found['pid']}（{found['since']} 开始）"
    return "另一个进程"


if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[str]) -> bool:
        # Windows locks bytes for reading too: a byte far behind the text keeps the name readable.
        file.seek(1 << 20)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: IO[str]) -> None:
        file.seek(1 << 20)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(file: IO[str]) -> bool:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _unlock(file: IO[str]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_UN)
