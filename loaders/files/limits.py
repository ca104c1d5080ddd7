"""Limits: how much memory and time reading one file may take, and how a system holds a process to them.

What may be taken grows with what a file holds: a small file has no use for gigabytes, and one
that asks for them is damaged or meant to do harm. On POSIX the reading process limits itself
(``setrlimit``); on Windows the process that started it puts it into a Job Object.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .raw import MOST_COLUMNS
from .workbooks import DAMAGED, UNPACKED_LIMIT

MB = 1_000_000
_LEAST_MEMORY, _LEAST_SECONDS = 400 * MB, 6.0
_TIMES = 30  # bytes of memory for a byte that is read: a cell is a text in two languages before it is a column
_PACKED = 40  # times that the tables of honest files unpack; what unpacks to more is given no more for it
_COLUMN = 4_000  # bytes for a column of Parquet besides: its reader takes some 75 KB of memory, however few the rows
_SLOW = {".pdf": 90.0, ".rdata": 30.0, ".rda": 30.0}  # seconds for a megabyte
_GRAPHS = {".ttl", ".nt", ".nq", ".rdf", ".owl", ".xml", ".jsonld", ".graphml", ".gexf", ".trig", ".n3"}


@dataclass(frozen=True)
class Limits:
    """What reading a file may take.

    ``memory`` is bytes beyond what the process holds before it begins; ``seconds`` its processor time.
    """

    memory: int = _LEAST_MEMORY
    seconds: float = _LEAST_SECONDS

    @property
    def patience(self) -> float:
        """Seconds of the clock after which it is waited no longer: other programs want the processor, too."""
        return 3 * self.seconds + 15

    def at_most(self, memory: int) -> Limits:
        """Return the same limits with no more memory than given."""
        return Limits(min(self.memory, memory), self.seconds)


def limits_of(path: Path) -> Limits:
    """Return what reading a file may take, by what it says that it holds.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     small = Path(folder) / "a.xls"
    ...     _ = small.write_bytes(b"x" * 1536)
    ...     limits_of(small).memory // 1_000_000, limits_of(small).seconds < 6.1
    (400, True)
    """
    files = [p for p in path.rglob("*") if p.is_file()] if path.is_dir() else [path]
    size = sum(file.stat().st_size for file in files)
    held = sum(_held(file) for file in files)
    suffix = path.suffix.lower()
    graph = suffix in _GRAPHS or path.is_dir()  # each claim is many nodes and edges of a parser's own
    each = _SLOW.get(suffix, 10.0 if graph else 1.0)
    seconds = _LEAST_SECONDS + each * (size if suffix in _SLOW else held) / MB
    return Limits(_LEAST_MEMORY + (2 if graph else 1) * _TIMES * held, seconds).at_most(_most())


def _held(path: Path) -> int:
    """Return the bytes that a file holds unpacked, believed up to a point."""
    size = path.stat().st_size
    try:
        if path.suffix.lower() == ".parquet":
            return _in_parquet(path, size)
        with path.open("rb") as file:
            if file.read(2) != b"PK":
                return size
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
    except (OSError, *DAMAGED):
        return size
    return max(size, min(unpacked, _PACKED * size, UNPACKED_LIMIT))


def _in_parquet(path: Path, size: int) -> int:
    import pyarrow.parquet as pq

    told = pq.read_metadata(path)
    unpacked = sum(told.row_group(at).total_byte_size for at in range(told.num_row_groups))
    cells = min(told.num_rows * told.num_columns, 50 * MB)
    held = max(size, min(unpacked, _PACKED * size, UNPACKED_LIMIT), 6 * cells)
    return int(held + _COLUMN * min(told.num_columns, MOST_COLUMNS))


def _most() -> int:
    """Return what is given to no file more of: three fifths of the memory, at least a gigabyte."""
    total = 8_000 * MB
    with contextlib.suppress(OSError, ValueError, AttributeError):
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, ValueError):  # a container has less than its machine
        total = min(total, int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    return max(1_000 * MB, total * 3 // 5)


# POSIX: of the process itself ------------------------------------------------------------------


def hold(limits: Limits) -> None:
    """Hold this process to limits from now on; POSIX only, elsewhere who started it does.

    A native library that gets no memory aborts, Python raises ``MemoryError``; time that is up ends the
    process. Where the system does not count address space (macOS), the process that started it looks at it.
    """
    if sys.platform == "win32":
        return
    import resource

    taken = _address_space()
    if taken:
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        wanted = taken + limits.memory
        resource.setrlimit(resource.RLIMIT_AS, (wanted if hard < 0 else min(wanted, hard), hard))
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    until = math.ceil(time.process_time() + limits.seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (until if hard < 0 else min(until, hard), hard))


def let_go() -> None:
    """Take the limits off again: between files nothing is limited."""
    if sys.platform == "win32":
        return
    import resource

    for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU):
        _, hard = resource.getrlimit(kind)
        resource.setrlimit(kind, (hard, hard))


def leave_no_core() -> None:
    """See to it that a process that is ended leaves no image of its memory."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _address_space() -> int:
    """Return the bytes of address space that this process has; 0 where the system does not tell (Linux does)."""
    return _pages("self", 0)


def resident(pid: int) -> int:
    """Return the bytes of memory that a process holds; 0 where that cannot be told."""
    if sys.platform != "darwin":
        return _pages(str(pid), 1)
    asked = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=False)
    return 1024 * int(asked.stdout.strip() or b"0")


def _pages(process: str, field: int) -> int:
    try:
        with open(f"/proc/{process}/statm", "rb") as file:
            return int(file.read().split()[field]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


# Windows: of a process that was started ----------------------------------------------------------

_PROCESS_TIME, _PROCESS_MEMORY, _UNHANDLED, _KILL_ON_CLOSE = 0x2, 0x100, 0x400, 0x2000
_EXTENDED_LIMITS = 9  # JobObjectExtendedLimitInformation
_BEFORE = 300 * MB  # what the process commits before it reads


class JobLimits(ctypes.Structure):
    """``JOBOBJECT_EXTENDED_LIMIT_INFORMATION``, its parts one after the other, laid out alike on every system."""

    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("least_set", ctypes.c_size_t),
        ("most_set", ctypes.c_size_t),
        ("processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32),
        ("counters", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process", ctypes.c_size_t),
        ("peak_job", ctypes.c_size_t),
    )


def job_limits(limits: Limits, spent: float) -> JobLimits:
    """Return limits as a Job Object takes them; ``spent`` is the processor time used before."""
    made = JobLimits()
    made.flags = _PROCESS_TIME | _PROCESS_MEMORY | _UNHANDLED | _KILL_ON_CLOSE
    made.process_time = int((spent + limits.seconds) * 10_000_000)  # of 100 ns
    made.process_memory = _BEFORE + limits.memory
    return made


class JobObject:
    """A Job Object of Windows that holds one process; closed, also by the end of ours, it ends that.

    Parameters
    ----------
    handle
        Of the process.
    kernel
        ``kernel32``; another one in tests.
    """

    def __init__(self, handle: int, kernel: Any = None) -> None:
        self._kernel: Any = kernel if kernel is not None else _kernel32()
        self._job = self._kernel.CreateJobObjectW(None, None)
        if not self._job or not self._kernel.AssignProcessToJobObject(self._job, handle):
            raise OSError("Job Object")

    def hold(self, limits: Limits, spent: float = 0.0) -> None:
        """Hold the process to limits from now on."""
        told = job_limits(limits, spent)
        if not self._kernel.SetInformationJobObject(
            self._job, _EXTENDED_LIMITS, ctypes.byref(told), ctypes.sizeof(told)
        ):
            raise OSError("Job Object")

    def close(self) -> None:
        """Let the Job Object go, and with it the process."""
        self._kernel.CloseHandle(self._job)


def _kernel32() -> Any:
    kernel: Any = getattr(ctypes, "WinDLL")("kernel32", use_last_error=True)  # noqa: B009 - Windows only
    pointer = ctypes.c_void_p
    kernel.CreateJobObjectW.restype = pointer
    kernel.CreateJobObjectW.argtypes = (pointer, ctypes.c_wchar_p)
    kernel.AssignProcessToJobObject.argtypes = (pointer, pointer)
    kernel.SetInformationJobObject.argtypes = (pointer, ctypes.c_int, pointer, ctypes.c_uint32)
    kernel.CloseHandle.argtypes = (pointer,)
    return kernel
