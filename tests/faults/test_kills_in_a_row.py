"""Two commands in a row, each killed at any of its steps: then both again give the graph that both would have given."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from building import write
from faults.matrix import record

from chainatlas import api
from chainatlas.attaching import decide_term
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.reviewing import decide

SEED = 20150123
PATIENCE = 900
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX systems")

Command = tuple[Any, ...]


class Cutter:
    """Commands in processes of their own, killed where the test says."""

    def __init__(self) -> None:
        program = Path(__file__).with_name("cutting.py")
        self.server = subprocess.Popen([sys.executable, str(program)], text=True, encoding="utf-8",
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip

    def run(self, command: Command, step: int | None = None) -> tuple[int, int]:
        """Run a command up to a step; return how it ended and how many steps it made."""
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        self.server.stdin.write(json.dumps({"command": command, "step": step}, default=str) + "\n")
        self.server.stdin.flush()
        ended, steps = json.loads(self.server.stdout.readline())
        return ended, steps


@pytest.fixture(scope="module")
def cutter() -> Iterator[Cutter]:
    made = Cutter()
    yield made
    made.server.communicate(timeout=PATIENCE)


@dataclass(frozen=True)
class Material:
    """A workspace with two loads and decisions, one with a single load, and lists that may be loaded next."""

    folder: Path
    single: Path
    lists: tuple[Path, ...]

    def copy(self, folder: Path, pair: str = "") -> Path:
        return Path(shutil.copytree(self.single if pair.startswith("undo all") else self.folder, folder))


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    place = tmp_path_factory.mktemp("row")
    first = write(place / "first", "产品环节.csv", "产品名称,产业链,环节位置\n料,示例链,上游\n件,示例链,中游").parent
    write(first, "企业.csv", "企业名称,主营产品\n示例甲有限公司,料\n示例乙有限公司,件\n示例丙有限公司,件")
    more = [write(place / name, "企业.csv", f"企业名称,主营产品\n{firm},件") for name, firm in
            (("a", "示例丁有限公司"), ("b", "示例戊有限公司"), ("c", "示例己有限公司"))]  # fmt: skip
    api.load(place / "w", first)
    single = Path(shutil.copytree(place / "w", place / "single"))
    api.load(place / "w", more[0])
    decide(place / "w", "示例甲有限公司", "示例乙有限公司", "different")
    decide_term(place / "w", "料子", "料", "same")
    return Material(place / "w", single, tuple(more))


def state(home: Path) -> tuple[str, int, list[str], list[str]]:
    """What counts: the graph, the number of loads, and the decisions."""
    workspace = Workspace.open(home)
    judged = sorted({f"{j.a} {j.b} {j.decision}" for j in workspace.judgements().rows})
    words = sorted({f"{j.term} {j.link} {j.relation}" for j in workspace.words().judgements})
    loads = workspace.load_numbers()
    return workspace.graph().hash if loads else "", len(loads), judged, words


def done(home: Path, command: Command) -> bool:
    """Tell whether a killed command had its effect already (to undo twice is an error of its own)."""
    return command[0] == "undo" and command[2] not in Workspace.open(home).load_numbers()


# The second list of each pair takes what the first would: a number given twice loses a load.
PAIRS: dict[str, Callable[[Path, Material], tuple[Command, Command]]] = {
    "undo all, load": lambda home, m: (("undo", home, 1), ("load", home, m.lists[1])),
    "undo, load": lambda home, m: (("undo", home, 2), ("load", home, m.lists[1])),
    "load, load": lambda home, m: (("load", home, m.lists[1]), ("load", home, m.lists[2])),
    "load, undo": lambda home, m: (("load", home, m.lists[1]), ("undo", home, 2)),
    "undo, undo": lambda home, m: (("undo", home, 2), ("undo", home, 1)),
    "decide, decide": lambda home, m: (("decide", home, "示例甲有限公司", "示例丙有限公司", "same"),
                                       ("decide", home, "示例乙有限公司", "示例丙有限公司", "different")),
    "decide, undo": lambda home, m: (("decide", home, "示例甲有限公司", "示例丙有限公司", "same"), ("undo", home, 2)),
    "term, term": lambda home, m: (("decide_term", home, "件子", "件", "same"),
                                   ("decide_term", home, "料块", "料", "none")),
    "term, load": lambda home, m: (("decide_term", home, "件子", "件", "same"), ("load", home, m.lists[1])),
}  # fmt: skip


def killed_in_a_row(
    cutter: Cutter, material: Material, tmp_path: Path, pair: str, chosen: Callable[[list[Any]], list[Any]]
) -> None:
    """Kill both commands of a pair at the chosen pairs of steps."""
    home = material.copy(tmp_path / "undisturbed", pair)
    first, second = PAIRS[pair](home, material)
    steps = [cutter.run(command) for command in (first, second)]
    assert [ended for ended, _ in steps] == [0, 0]
    expected = state(home)
    wrong = []
    every = chosen([(i, j) for i in range(steps[0][1]) for j in range(steps[1][1])])
    for at in every:
        home = material.copy(tmp_path / f"{at[0]}-{at[1]}", pair)
        commands = PAIRS[pair](home, material)
        ends = [cutter.run(command, step)[0] for command, step in zip(commands, at, strict=True)]
        assert ends[0] == -signal.SIGKILL
        ends += [0 if done(home, command) else cutter.run(command)[0] for command in commands]
        if state(home) != expected or ends[2:] != [0, 0]:
            wrong.append((at, ends))
        with Workspace.open(home).writing():
            pass  # a command that had its effect is not given again: what it left is swept by whoever writes next
        assert [p for p in home.rglob("*") if p.name.startswith((".aside", ".tmp"))] == []
        shutil.rmtree(home)
    record(f"two kills in a row: {pair}", len(every), len(every) - len(wrong))
    assert wrong == []


@pytest.mark.parametrize("pair", ["undo all, load", "decide, undo"])
def test_two_kills_in_a_row(cutter: Cutter, material: Material, tmp_path: Path, pair: str) -> None:
    killed_in_a_row(cutter, material, tmp_path, pair, lambda every: random.Random(SEED).sample(every, 3))


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS)
def test_two_kills_at_every_step(cutter: Cutter, material: Material, tmp_path: Path, pair: str) -> None:
    killed_in_a_row(cutter, material, tmp_path, pair, lambda every: every)


def test_the_load_that_two_kills_lost(cutter: Cutter, material: Material, tmp_path: Path) -> None:
    """Undo of the only load killed when that was gone, the next load when it stood: neither had reached CURRENT.

    The second got the number of the first, CURRENT named that number, and the same command again said "nothing new".
    """
    for i in range(8):
        home = material.copy(tmp_path / str(i), "undo all")
        current = (home / "CURRENT").read_bytes()
        if cutter.run(("undo", home, 1), i)[0] == 0:
            break
        before = sorted(p.name for p in (home / "loads").glob("0*"))
        if before or (home / "CURRENT").read_bytes() != current:
            continue
        for j in range(12):
            again = Path(shutil.copytree(home, tmp_path / f"{i}-{j}"))
            if cutter.run(("load", again, material.lists[1]), j)[0] == 0:
                break
            if not [*(again / "loads").glob("0*")]:
                continue  # it did not come to stand: the same command again simply loads it
            assert api.load(again, material.lists[1]).hash == Workspace.open(again).graph().hash
            assert Workspace.open(again).table("nodes", "Enterprise")["name"].to_pylist() == ["示例戊有限公司"]
        return
    pytest.fail("no step of undo leaves CURRENT with a load that is gone")
