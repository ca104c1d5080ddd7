"""Measuring: parts of a benchmark in processes of their own, taking turns, and the table they end in.

A benchmark module names its parts in ``PARTS`` and tells ``compare`` how to set them against
each other. Every part runs in a fresh process, so that its peak memory is its own, and the
parts take turns, so that a slow minute of the machine falls on all of them.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SHARED = HERE.parents[1] / "shared" / "data"
_MARK = "RESULT "
_LIBRARIES = ("numpy", "scipy", "pyarrow", "ladybug", "neo4j")

Part = Callable[[Path], dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """One line of the table: ours against a baseline.

    ``ratio`` is baseline ÷ ours (how many times faster we are); ``promised`` is the smallest
    ratio that was promised, or None; ``limit`` the longest time in seconds, or None.
    ``cpu_ratio`` is the ratio of processor seconds, which a busy machine disturbs less.
    """

    name: str
    baseline: str
    baseline_s: float
    ours_s: float
    promised: float | None = None
    limit: float | None = None
    note: str = ""
    baseline_mb: float | None = None
    ours_mb: float | None = None
    cpu_ratio: float | None = None

    @property
    def ratio(self) -> float:
        """How many times the baseline takes what we take."""
        return self.baseline_s / self.ours_s

    @property
    def met(self) -> bool | None:
        """Whether the promise holds; None when none was made."""
        if self.limit is not None:
            return self.ours_s < self.limit
        return None if self.promised is None else self.ratio >= self.promised

    def record(self) -> dict[str, Any]:
        """Return the row for JSON."""
        return {**asdict(self), "ratio": self.ratio, "met": self.met}


class CannotRun(Exception):
    """Why a benchmark has nothing to run with on this machine; no failure."""


def peak_mb() -> float:
    """Return the largest memory this process has held, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def turns(script: str, parts: tuple[str, ...], work: Path, rounds: int) -> dict[str, dict[str, Any]]:
    """Run parts of a script by turns, each in a fresh process.

    Returns
    -------
    dict
        Per part its last answer; numbers are medians of the rounds.
    """
    answers: dict[str, list[dict[str, Any]]] = {part: [] for part in parts}
    for _ in range(rounds):
        for part in parts:
            answers[part].append(once(script, part, work))
    return {part: _middle(found) for part, found in answers.items()}


def once(script: str, part: str, work: Path) -> dict[str, Any]:
    """Run one part in a fresh process and return what it measured."""
    command = [sys.executable, str(HERE / script), "--part", part, "--work", str(work)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith(_MARK)]
    if done.returncode or not lines:
        raise RuntimeError(f"{script} {part} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    found: dict[str, Any] = json.loads(lines[-1][len(_MARK) :])
    return found


def _middle(found: list[dict[str, Any]]) -> dict[str, Any]:
    made = dict(found[-1])
    for name, value in made.items():
        if isinstance(value, float):
            made[name] = statistics.median(one[name] for one in found)
    return made


def script(
    parts: Mapping[str, Part], alone: Callable[[], list[Row]],
    more: Mapping[str, tuple[str, Callable[[], None]]] | None = None,
) -> None:  # fmt: skip
    """Be the command line of one benchmark: ``--part`` for the runner, else measure and print.

    Parameters
    ----------
    more
        Further switches: name → (help, what it does instead).
    """
    parser = argparse.ArgumentParser(description=(sys.modules["__main__"].__doc__ or "").split("\n")[0])
    parser.add_argument("--part", choices=list(parts), help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    for name, (text, _) in (more or {}).items():
        parser.add_argument(f"--{name}", action="store_true", help=text)
    asked = parser.parse_args()
    for name, (_, work) in (more or {}).items():
        if getattr(asked, name):
            work()
            return
    if asked.part is None:
        print(table(alone()))
        return
    answer = parts[asked.part](asked.work)
    answer.setdefault("peak_mb", peak_mb())
    print(_MARK + json.dumps(answer))


def setting() -> dict[str, Any]:
    """Return what the figures depend on: cores, load of the machine, versions."""
    versions = {}
    for name in _LIBRARIES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = None
    return {"cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1), "system": platform.system(),
            "machine": platform.machine(), "python": platform.python_version(), "libraries": versions}  # fmt: skip


def table(rows: list[Row]) -> str:
    """Return the rows as a Markdown table."""
    head = (
        "benchmark",
        "baseline",
        "baseline time",
        "ours",
        "ratio",
        "CPU ratio",
        "promised",
        "met",
        "peak MB base / ours",
    )
    lines = [head, *(_cells(row) for row in rows)]
    width = [max(len(line[at]) for line in lines) for at in range(len(head))]
    drawn = ["| " + " | ".join(cell.ljust(width[at]) for at, cell in enumerate(line)) + " |" for line in lines]
    drawn.insert(1, "|" + "|".join("-" * (w + 2) for w in width) + "|")
    return "\n".join([*drawn, *dict.fromkeys(f"- {r.name}: {r.note}" for r in rows if r.note)])


def _cells(row: Row) -> tuple[str, ...]:
    promise = ""
    if row.limit is not None:
        promise = f"< {row.limit:g} s"
    elif row.promised is not None:
        promise = f"≥ {row.promised:,g} ×"
    memory = ["–" if mb is None else f"{mb:.0f}" for mb in (row.baseline_mb, row.ours_mb)]
    cpu = "–" if row.cpu_ratio is None else _times(row.cpu_ratio)
    return (row.name, row.baseline, _time(row.baseline_s), _time(row.ours_s), _times(row.ratio), cpu,
            promise, {True: "yes", False: "no", None: ""}[row.met], " / ".join(memory))  # fmt: skip


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:,.2f} s"


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} ×" if ratio >= 100 else f"{ratio:.3g} ×"
