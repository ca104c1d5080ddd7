"""Child: files that native or recursive code reads are read in a process of its own, within limits.

``ask`` is the one seam. What is to be called is named by text, what it found comes back as Arrow
tables (``carried``); a file that makes the process crash, hang, take too much or answer nonsense
is one sentence, and the next file has a fresh process. One process serves all files, for it
takes a quarter of a second to start. It is started as any program is, never forked: threads and locks
of the user's process are not its own.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from ...graph.schema.errors import LoadError
from ...graph.schema.paths import for_natives
from .carried import Odd, error_of
from .limits import MB, JobObject, Limits, resident

_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from {0} import serve; serve()"
_SERVED = f"{__package__}.served"
_LOOK = 0.1  # seconds between two looks at what the process takes
_STARTS_IN = 60.0  # seconds that the process may take to start, on a machine however busy
_LONGEST = 1 << 20  # bytes of an answer
# An allocator that reserves no more than it uses, and no threads that nobody needs: address space is counted.
_SPARING = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONIOENCODING": "utf-8",
    "RUST_BACKTRACE": "0",
}

Progress = Callable[[int, int], None]


class _Gone(Exception):
    """The process ended before it had begun with the file."""


class Reader:
    """A process that reads files, one after the other."""

    def __init__(self) -> None:
        self.room = Path(tempfile.mkdtemp(prefix="chainatlas-"))
        self.fit = True  # what was asked of it is answered, so that it may read the next file
        self.ready = False  # it has started
        self._told: queue.Queue[bytes | None] = queue.Queue()
        self._last = b""  # what it wrote to stderr last
        paths = [str(Path(p).absolute()) for p in sys.path if p]
        flags = ["-X", f"utf8={sys.flags.utf8_mode}", *(["-s"] if sys.flags.no_user_site else [])]
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-E", "-P", *flags, "-c", _START.format(_SERVED), json.dumps(paths)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                env={**os.environ, **_SPARING},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
            self._object = self._held()
        except (OSError, ValueError) as bad:
            shutil.rmtree(self.room, ignore_errors=True)
            raise LoadError("reader_start", reason=bad) from bad
        self._threads = [threading.Thread(target=follow, daemon=True) for follow in (self._answers, self._noise)]
        for thread in self._threads:
            thread.start()

    def _held(self) -> JobObject | None:
        """Put it into a Job Object on Windows; elsewhere it limits itself. One that nothing limits is ended."""
        if os.name != "nt":
            return None
        try:
            return JobObject(int(getattr(self.process, "_handle", 0)))
        except OSError:
            self.process.kill()
            raise

    def _answers(self) -> None:
        """Put the lines that it writes where they are waited for; one without an end is cut."""
        begun = b""
        for part in _parts(self.process.stdout):
            *lines, begun = (begun + part).split(b"\n")
            if len(begun) > _LONGEST:
                break
            for line in lines:
                self._told.put(line)
        self._told.put(begun or None)
        self._told.put(None)

    def _noise(self) -> None:
        for part in _parts(self.process.stderr):
            self._last = (self._last + part)[-4096:]

    # one file ------------------------------------------------------------------------------------

    def ask(self, job: str, path: Path, told: Mapping[str, Any], progress: Progress | None) -> list[pa.Table]:
        """Have a file read; the process may be of no more use afterwards (``alive``)."""
        to = self.room / "tables.arrow"
        self.fit = False
        try:
            size = path.stat().st_size
            self._send({"job": job, "path": str(path.absolute()), "told": told, "to": str(to)})
            count = _Watch(self, path, size, progress).done()
            tables = _received(to, count)
            self.fit = True
            return tables
        except (Odd, pa.ArrowException) as bad:
            raise LoadError("reader_answer", file=path.name) from bad
        finally:
            if not self.fit:  # also when somebody pressed Ctrl-C
                self.close()

    def _send(self, asked: Mapping[str, Any]) -> None:
        left = memoryview(json.dumps(asked).encode("ascii") + b"\n")
        try:
            assert self.process.stdin is not None
            while left:
                left = left[self.process.stdin.write(left) :]
        except OSError as bad:
            raise _Gone from bad

    def answer(self, seconds: float) -> dict[str, Any] | None:
        """Return the next answer; None when none comes so soon.

        Raises
        ------
        EOFError
            None will come.
        Odd
            It is no answer.
        """
        try:
            line = self._told.get(timeout=seconds)
        except queue.Empty:
            return None
        if line is None:
            self._told.put(None)
            raise EOFError
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as bad:
            raise Odd("answer") from bad
        if not isinstance(found, dict):
            raise Odd("answer")
        return found

    def allow(self, limits: Limits, spent: float) -> None:
        """Hold the process to limits, where it cannot do so itself."""
        if self._object is not None:
            self._object.hold(limits, spent)

    def ended(self) -> tuple[int, str]:
        """Wait for the end; return its code and what was said last."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        self._threads[1].join(1)
        return self.process.poll() or 0, self._last.decode("utf-8", "replace")

    # its life ------------------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self.process.poll() is None

    def close(self) -> None:
        """End it, whatever it does, and put away what it left."""
        with contextlib.suppress(OSError):
            self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):  # one that waits for a dead disk ends when it can
            self.process.wait(5)
        if self._object is not None:
            self._object.close()
            self._object = None
        self._let_go()
        shutil.rmtree(self.room, ignore_errors=True)

    def _let_go(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError, ValueError):
                    pipe.close()

    def leave(self) -> None:
        """Forget it in a process that was forked from the one that started it: it is not ours."""
        self._let_go()
        self.process.returncode = 0


class _Watch:
    """Waits for the answers about one file, and ends the process that goes beyond its limits."""

    def __init__(self, reader: Reader, path: Path, size: int, progress: Progress | None) -> None:
        self.reader, self.path, self.size, self.progress = reader, path, size, progress
        self.limits = Limits()
        self.begun = False
        self.since = time.monotonic()
        self.before = 0
        self.shown = 0

    def done(self) -> int:
        """Return how many tables the process has handed over."""
        while True:
            try:
                found = self.reader.answer(_LOOK)
            except EOFError:
                raise self._ended() from None
            if found is None:
                self._look()
                continue
            if isinstance(found.get("done"), int):
                return int(found["done"])
            self._take(found)

    def _take(self, found: dict[str, Any]) -> None:
        name = self.path.name
        match found:
            case {"ready": True}:
                self.reader.ready, self.since = True, time.monotonic()
            case {"limits": [int(memory), float(seconds)], "spent": float(spent)}:
                self.since = time.monotonic()
                if not self.begun:
                    self.begun, self.before = True, resident(self.reader.process.pid)
                self.limits = Limits(memory, seconds)
                self.reader.allow(self.limits, spent)
            case {"progress": [int(done), int(of)]}:
                now = self.size * min(done, of) // max(of, 1)
                if self.progress is not None and now > self.shown:
                    self.progress(0, now - self.shown)
                    self.shown = now
            case {"memory": True}:
                raise LoadError("reader_memory", file=name, limit=self.limits.memory // MB)
            case {"error": dict(told)}:
                bad = error_of(told, self.path)
                if found.get("trace"):
                    bad.add_note(str(found["trace"]))
                self.reader.fit = True
                raise bad
            case _:
                raise Odd("answer")

    def _look(self) -> None:
        """End the process when it takes too long, or more than it may where the system does not see to that."""
        waited = time.monotonic() - self.since
        if waited > (self.limits.patience if self.begun else _STARTS_IN):
            if not self.begun:
                raise LoadError("reader_start", reason=f"{_STARTS_IN:g} s")
            raise self._too_long()
        if self.begun and resident(self.reader.process.pid) - self.before > self.limits.memory:
            raise LoadError("reader_memory", file=self.path.name, limit=self.limits.memory // MB)

    def _too_long(self) -> LoadError:
        return LoadError("reader_time", file=self.path.name, limit=f"{self.limits.seconds:.0f}")

    def _ended(self) -> Exception:
        """Say why the process has ended."""
        code, last = self.reader.ended()
        if not self.begun:
            if self.reader.ready or code == 0:
                return _Gone()
            return LoadError("reader_start", reason=(last.strip().splitlines() or [str(code)])[-1])
        if code == -getattr(signal, "SIGXCPU", 24):
            return self._too_long()
        limit = self.limits.memory // MB
        if "memory allocation of" in last or "MemoryError" in last:
            return LoadError("reader_memory", file=self.path.name, limit=limit)
        how = signal.Signals(-code).name if -code in set(signal.Signals) else str(code)
        return LoadError(
            "reader_crash", file=self.path.name, how=how, memory=limit, seconds=f"{self.limits.seconds:.0f}"
        )


def _parts(pipe: IO[bytes] | None) -> Iterator[bytes]:
    """Yield what comes through a pipe until it ends."""
    assert pipe is not None
    with contextlib.suppress(OSError, ValueError):
        while part := pipe.read(1 << 16):
            yield part


def _received(path: Path, count: int) -> list[pa.Table]:
    """Return the tables of a file, mapped into memory; the file is gone then, its pages stay as long as needed."""
    try:
        file = pa.BufferReader(path.read_bytes()) if os.name == "nt" else pa.memory_map(str(path))
        made = [pa.ipc.open_stream(file).read_all() for _ in range(count)]
    except OSError as bad:
        raise Odd("tables") from bad
    path.unlink()
    return made


# the one process ----------------------------------------------------------------------------------

_lock = threading.RLock()
_one: Reader | None = None
_left: list[Reader] = []  # of the process that ours was forked from


def ask(job: str, path: Path, told: Mapping[str, Any], progress: Progress | None = None) -> list[pa.Table]:
    """Have a file read by ``job`` in the child process.

    Parameters
    ----------
    job
        ``module:function`` of what is called there with the path, what is ``told``, and how to tell progress;
        it yields tables.
    path
        File or folder.
    told
        What else it needs, as JSON can hold it.
    progress
        Told rows (none yet) and bytes of the file since the last call.

    Raises
    ------
    LoadError
        What the job raised, or that reading took more than it may, ended, or could not begin; the sentence
        names the file and the limit.
    """
    with _lock, for_natives(path) as named:
        try:
            return _ready().ask(job, named, told, progress)
        except _Gone:  # it ended when nobody had asked for a while
            _end()
        try:
            return _ready().ask(job, named, told, progress)
        except _Gone as bad:
            raise LoadError("reader_start", reason=sys.executable) from bad


def start() -> None:
    """Start the process ahead of the first file; what is wrong with that is told when it is asked."""
    with _lock, contextlib.suppress(LoadError):
        _ready()


def _ready() -> Reader:
    global _one
    if _one is not None and not _one.alive:
        _end()
    if _one is None:
        _one = Reader()
    return _one


def _end() -> None:
    global _one
    if _one is not None:
        _one.close()
    _one = None


def _forked() -> None:
    """A forked process has a lock that nobody opens and a child that is not its own."""
    global _lock, _one
    _lock = threading.RLock()
    if _one is not None:
        _one.leave()
        _left.append(_one)
    _one = None


atexit.register(_end)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
