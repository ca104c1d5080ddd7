"""How long a person waits: `chainatlas --help` and `chainatlas demo`, against the bare interpreter.

    python benchmarks/commands.py

Each command is a process of its own, started as its console script starts it; the baseline is
the same interpreter doing nothing. The commands take turns; the best of five counts, since what
disturbs a start only ever makes it longer.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measuring import Row, script

ROUNDS = 5
_START = "from chainatlas.commands import main; main()"
_COMMANDS = {"chainatlas --help": (["--help"], 0.4), "chainatlas demo": (["demo", "{folder}"], 8.0)}


def compare(rounds: int = ROUNDS) -> list[Row]:
    """Measure by turns; return the rows of the table."""
    best: dict[str, float] = {}
    cpu: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="chainatlas-bench-") as folder:
        for turn in range(rounds):
            runs = {"": ["pass"]} | {
                name: [_START, *(part.format(folder=Path(folder) / f"demo-{turn}") for part in parts)]
                for name, (parts, _) in _COMMANDS.items()}  # fmt: skip
            for name, arguments in runs.items():
                seconds, worked = _wait(arguments, Path(folder))
                best[name] = min(best.get(name, seconds), seconds)
                cpu[name] = min(cpu.get(name, worked), worked)
    return [Row(name, "bare interpreter", best[""], best[name], limit=limit, cpu_ratio=cpu[""] / cpu[name],
                note=f"best of {rounds}; processor {cpu[name]:.2f} s")
            for name, (_, limit) in _COMMANDS.items()]  # fmt: skip


def _wait(arguments: list[str], folder: Path) -> tuple[float, float]:
    """Return the seconds from start to end of one process, and those of the processor."""
    start, before = time.perf_counter(), _processor()
    done = subprocess.run([sys.executable, "-c", *arguments], capture_output=True, text=True, cwd=folder, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
    return seconds, _processor() - before


def _processor() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


if __name__ == "__main__":
    script({}, compare)
