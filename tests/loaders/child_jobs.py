"""Jobs for the child process that do what no reader should: hang, die, take all, answer nonsense."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

Tell = Callable[[int, int], None]


def process(path: Path, told: dict[str, Any], tell: Tell) -> Iterator[pa.Table]:
    yield pa.table({"process": [os.getpid()]})


def steps(path: Path, told: dict[str, Any], tell: Tell) -> Iterator[pa.Table]:
    for done in range(1, 5):
        tell(done, 4)
        yield pa.table({"step": [done] * done})


def hang(path: Path, told: dict[str, Any], tell: Tell) -> Iterator[pa.Table]:
    tell(0, 1)
    Path(told["mark"]).write_text(str(os.getpid()), encoding="utf-8")
    time.sleep(600)
    yield pa.table({})


def spin(path: Path, told: dict[str, Any], tell: Tell) -> Iterator[pa.Table]:
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (soft - 5, hard))  # as if most of the time was used already
    while True:
        pass
    yield pa.table({})


def eat(path: Path, told: dict[str, Any], tell: Tell) -> Iterator[pa.Table]:
    held = [b"x" * 10_000_000 for _ in range(10_000)]
    yield pa.table({"held": held})


def eat_unheld(path: Path, told: dict[str, Any], tell: Tell) -> Iterator[pa.Table]:
    """As on a system that does not count address space."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    held = []
    for _ in range(60):  # 1.2 GB if nobody ends it, and no more
        held.append(b"x" * 20_000_000)
        time.sleep(0.02)
    time.sleep(600)
    yield pa.table({"held": held})


def die(path: Path, told: dict[str, Any], tell: Tell) -> Iterator[pa.Table]:
    os.kill(os.getpid(), getattr(signal, told["signal"]))
    yield pa.table({})


def leave(path: Path, told: dict[str, Any], tell: Tell) -> Iterator[pa.Table]:
    os._exit(told["code"])
    yield pa.table({})


def nonsense(path: Path, told: dict[str, Any], tell: Tell) -> Iterator[pa.Table]:
    """Write to where the answers go: the one pipe besides input, output and errors."""
    for number in range(3, 64):
        with contextlib.suppress(OSError):
            if stat.S_ISFIFO(os.fstat(number).st_mode):
                os.write(number, told["text"].encode("latin-1"))
    time.sleep(5)
    yield pa.table({})


def unforeseen(path: Path, told: dict[str, Any], tell: Tell) -> Iterator[pa.Table]:
    raise ZeroDivisionError("示例")
    yield pa.table({})


def deep(path: Path, told: dict[str, Any], tell: Tell) -> Iterator[pa.Table]:
    def down(n: int) -> int:
        return down(n + 1)

    yield pa.table({"n": [down(0)]})


def loud(path: Path, told: dict[str, Any], tell: Tell) -> Iterator[pa.Table]:
    """Print as libraries do."""
    print("{")  # noqa: T201
    os.write(1, b"}\n" * 100_000)
    os.write(2, b"warning\n" * 100_000)
    yield pa.table({"n": [1]})


def outside(path: Path, told: dict[str, Any], tell: Tell) -> Iterator[pa.Table]:
    refused = []
    for call in (
        lambda: socket.create_connection(("192.0.2.1", 80), 1),
        lambda: socket.getaddrinfo("example.org", 80),
        lambda: subprocess.run(["true"], check=True),
        lambda: os.system("true"),
    ):
        try:
            call()
        except PermissionError as bad:
            refused.append(str(bad).split(":")[0])
    yield pa.table({"refused": refused})


def wide(path: Path, told: dict[str, Any], tell: Tell) -> Iterator[pa.Table]:
    yield pa.table({"text": ["示例" * 1000] * 1000})
