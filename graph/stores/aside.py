"""Aside: KGLite in a process of its own, so that no text can take the user's process down.

An expression may double a text forty times. The engine bounds lists, but not texts, and a native library that
gets no memory aborts. The process is started as any program is, not forked, with the first graph; it serves all
engines, one question after the other, and is started again after one that ended it.
"""

from __future__ import annotations

import atexit
import json
import os
import pickle
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..schema.errors import QueryError
from .answering import ANSWER, LENGTH

MEMORY = 1_000_000_000  # bytes beyond what the process holds before it is asked
GRACE = 5.0  # seconds beyond those of the question: the engine stops by itself if it can
_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from {0}.answering import serve; serve()"
# Allocators that reserve no more than they use: address space is what is counted.
_SPARING = {
    "MALLOC_ARENA_MAX": "2",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "RUST_BACKTRACE": "0",
    "RUST_LIB_BACKTRACE": "0",
}

LOCK = threading.RLock()
_RUNNING: list[Process] = []


class Process:
    """The process: orders go in, answers come back.

    Attributes
    ----------
    gone
        Numbers of graphs that nobody holds any more; told with the next graph.
    """

    def __init__(self) -> None:
        paths = [str(Path(path).absolute()) for path in sys.path if path]
        self._process = subprocess.Popen(
            [sys.executable, "-E", "-P", "-c", _START.format(__package__), json.dumps(paths)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, **_SPARING}, creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
        self._owner = os.getpid()
        self._numbers = 0
        self.gone: list[int] = []

    @property
    def fit(self) -> bool:
        """Whether it is ours, and still there."""
        return self._owner == os.getpid() and self._process.poll() is None

    def graph(self) -> int:
        """Begin an empty graph there and return its number."""
        self._numbers += 1
        gone = [self.gone.pop() for _ in range(len(self.gone))]
        self.order("new", self._numbers, gone)
        return self._numbers

    def order(self, name: str, *given: Any, memory: int | None = None, seconds: float | None = None) -> dict[str, Any]:
        """Return the answer to an order.

        Parameters
        ----------
        memory
            Bytes that it may take beyond what the process holds.
        seconds
            After which it is waited no longer, and the process ended; without, as long as it takes.

        Raises
        ------
        QueryError
            It failed, or ended the process.
        """
        try:
            asked = pickle.dumps((name, memory, *given), protocol=pickle.HIGHEST_PROTOCOL)
        except (pickle.PicklingError, TypeError, AttributeError) as bad:
            raise QueryError("cypher_wrong", reason=str(bad)) from bad
        late = threading.Event()
        timer = threading.Timer(seconds or 0.0, self._end, [late])
        if seconds is not None:
            timer.start()
        try:
            answer = self._exchange(asked)
        except BaseException:  # whatever it was, the next answer to come would be that of another order
            self.stop()
            raise
        finally:
            timer.cancel()
        if answer is None:
            self.stop()
            slow = "cypher_slow" if late.is_set() else "cypher_large"
            answer = {"code": slow if name == "ask" else "cypher_start", "reason": self._process.returncode}
        if "code" in answer:
            limits = {"memory": f"{(memory or MEMORY) / 1e9:g}", "seconds": f"{(seconds or GRACE) - GRACE:g}"}
            raise QueryError(str(answer.pop("code")), **{**limits, **answer})
        return answer

    def _exchange(self, asked: bytes) -> dict[str, Any] | None:
        """Send an order and wait for the answer; nothing when the process ended, or says what is none."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(len(asked).to_bytes(LENGTH, "little") + asked)
            self._process.stdin.flush()
            long = int.from_bytes(self._process.stdout.read(LENGTH), "little")
            said = self._process.stdout.read(long) if long <= ANSWER + 1000 else b""
            answer: Any = json.loads(said.decode("utf-8")) if len(said) == long else None
        except (OSError, ValueError, RecursionError):
            return None
        return answer if isinstance(answer, dict) else None

    def _end(self, late: threading.Event) -> None:
        late.set()
        self._process.kill()

    def stop(self) -> None:
        """End the process, if it is ours and not that of the process we were forked from."""
        ours = self._owner == os.getpid()
        if ours:
            self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was still to be sent
                    pipe.close()
        if ours:
            self._process.wait()


def process() -> Process:
    """Return the process that answers, started when there is none; to be called with ``LOCK`` held.

    Raises
    ------
    QueryError
        No process can be started.
    """
    if not _RUNNING or not _RUNNING[0].fit:
        stop()
        try:
            _RUNNING.append(Process())
        except OSError as bad:
            raise QueryError("cypher_start", reason=str(bad)) from bad
    return _RUNNING[0]


def stop() -> None:
    """End the process that answers, if there is one."""
    while _RUNNING:
        _RUNNING.pop().stop()


atexit.register(stop)
