"""Readers keep the graph they opened, however often writers swap in another; what nobody reads goes."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from building import write
from faults.matrix import record

from chainatlas.graph.schema.errors import StoreError
from chainatlas.graph.workspace import journal
from chainatlas.graph.workspace.generations import hold, point, pointer
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.graph.workspace.snapshot import Snapshot
from chainatlas.loaders.load import load

READER = """
import sys
from pathlib import Path
import chainatlas
asked = 0
while True:
    atlas = chainatlas.open("w")
    assert chainatlas.chain(atlas, "示例链").rows, "a chain without links"
    assert len(atlas.snapshot.csr("PRODUCES", incoming=True).indices) >= 1
    asked += 1
    if Path("stop").exists() and asked >= 5:
        break
print(asked)
"""
WRITER = """
from pathlib import Path
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.load import load
for n in range({loads}):
    report = load(Path("w"), [Path("more")])
    with (home := Workspace.open(Path("w"))).writing():
        home.remove(report.load)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    first, more = tmp_path / "first", tmp_path / "more"
    write(first, "区域.csv", "区域名称,级别,上级区域\n山东省,省,\n济南市,市,山东省")
    write(first, "产品环节.csv", "产品名称,产业链,环节位置\n料,示例链,上游\n件,示例链,中游")
    write(first, "投入关系.csv", "投入品,产品\n料,件")
    write(first, "企业.csv", "企业名称,所在市,主营产品\n甲公司,济南市,料")
    write(more, "企业.csv", "企业名称,所在市,主营产品\n乙公司,济南市,件")
    load(tmp_path / "w", [first])
    return tmp_path


def kept(home: Path, place: str) -> set[str]:
    return {p.name for p in (home / place).iterdir()}


def read_through_a_load(home: Path, more: Path) -> None:
    reader = Snapshot.of(Workspace.open(home))
    old = reader.hash
    assert load(home, [more]).hash != old
    assert old in kept(home, "tables")
    assert old in kept(home, "snapshots")
    assert reader.names(reader.csr("PRODUCES").indices) == ["料"], "read from the disk after the swap"
    assert Snapshot.of(Workspace.open(home)).hash != old, "who comes now reads the new graph"


def test_a_graph_that_is_read_stays_until_it_is_let_go(folder: Path) -> None:
    home = folder / "w"
    read_through_a_load(home, folder / "more")
    gc.collect()
    with Workspace.open(home).writing():
        pass
    current = Workspace.open(home).current()[0]
    assert kept(home, "tables") == {current}
    assert kept(home, "snapshots") <= {current}


def test_what_a_writer_takes_away_cannot_be_held(folder: Path) -> None:
    home = folder / "w"
    _, tables, held = Workspace.open(home).held()
    assert held is not None
    held.release()
    load(home, [folder / "more"])
    assert not tables.exists()
    assert hold(tables) is None


def test_a_reader_that_waited_through_a_swap_reads_what_was_swapped_in(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It finds the graph behind the journal, waits for the writer in vain, and the graph it found is gone by then."""
    home = folder / "w"
    state = pointer(home)
    assert state is not None
    point(home, {**state, "hashed": 0})

    @contextmanager
    def taken(place: Path) -> Iterator[None]:
        monkeypatch.undo()
        load(home, [folder / "more"])
        assert not (home / "tables" / state["hash"]).exists()
        raise StoreError("workspace_locked", folder=place, holder="示例进程")
        yield

    monkeypatch.setattr(journal, "writer_lock", taken)
    digest, _, held = Workspace.open(home).held()
    assert digest == Workspace.open(home).current()[0] != state["hash"]
    assert held is not None
    held.release()


def read_and_write(folder: Path, readers: int, loads: int) -> tuple[list[int], list[str]]:
    """Read in several processes while one loads and undoes; return how often each asked, and what failed."""
    running = [subprocess.Popen([sys.executable, "-c", READER], cwd=folder, text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE) for _ in range(readers)]  # fmt: skip
    written = subprocess.run([sys.executable, "-c", WRITER.format(loads=loads)], cwd=folder, text=True,
                             capture_output=True)  # fmt: skip
    (folder / "stop").touch()
    asked, wrong = [], [written.stderr] if written.returncode else []
    for reader in running:
        told, error = reader.communicate(timeout=3600)
        if reader.returncode:
            wrong.append(error)
        else:
            asked.append(int(told))
    (folder / "stop").unlink()
    return asked, wrong


def test_readers_are_never_refused_while_a_writer_swaps(folder: Path) -> None:
    """Six processes read without a pause through 24 swaps: none fails, none reads half a graph."""
    asked, wrong = read_and_write(folder, 6, 12)
    assert wrong == []
    assert sum(asked) >= 30


@pytest.mark.slow
def test_forty_readers_beside_ten_loads(folder: Path) -> None:
    """Five rounds: no error, no refusal."""
    held, told = 0, list[str]()
    for _ in range(5):
        asked, wrong = read_and_write(folder, 40, 10)
        held += len(asked)
        assert min(asked, default=0) >= 5
        told += wrong
    record("a reader beside loads", 200, held)
    assert told == []
