"""A fold in parts: the same graph, outcome and pending rows, whatever the size of the parts."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_batches import batches
from scheduling import examples

import chainatlas as ca
from chainatlas.graph.columns import runs
from chainatlas.graph.columns.batch import Batch
from chainatlas.graph.columns.spill import SpillFile
from chainatlas.graph.columns.tables import PARTS
from chainatlas.graph.fold.fold import Folded, Loaded, fold
from chainatlas.graph.schema.types import load_schema
from chainatlas.loaders.files import delimited
from chainatlas.loaders.load import memory_bytes
from chainatlas.loaders.rows import records

SCHEMA = load_schema()


def told(folded: Folded, sheets: int) -> tuple[object, ...]:
    """All that a fold says beside the graph."""
    rows = [tuple(map(tuple, folded.outcome.rows(number))) for number in range(sheets)]
    return folded.hash, folded.size, sorted(map(str, folded.pending)), rows


def spilled(batch: Batch, folder: Path) -> Batch:
    """The batch with its relations on disk, a record a row group, a file for each half."""
    made = {}
    for name, table in batch.relations.items():
        (folder / name).mkdir(parents=True)
        file = SpillFile(folder / name, name)
        for at in range(len(table)):
            file.add(table.slice(at, 1))
        made[name] = file.finish()
    return Batch(batch.sheets, batch.nodes, made, batch.statements, batch.rejects)


@settings(max_examples=examples(15))
@given(loads=st.lists(batches(), min_size=1, max_size=3), rows=st.integers(1, 4))
def test_parts_of_any_size_in_memory_and_on_disk(
    tmp_path_factory: pytest.TempPathFactory, loads: list[Batch], rows: int
) -> None:
    newest, sheets = len(loads), len(loads[-1].sheets)
    one = [Loaded(n, b) for n, b in enumerate(loads, 1)]
    whole = fold(one, SCHEMA, newest)
    tmp_path = tmp_path_factory.mktemp("parts")
    on_disk = [Loaded(n, spilled(b, tmp_path / str(n))) for n, b in enumerate(loads, 1)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "PART_ROWS", rows)
        assert told(fold(one, SCHEMA, newest), sheets) == told(whole, sheets)
        (tmp_path / "tables").mkdir()
        parted = fold(on_disk, SCHEMA, newest, folder=tmp_path / "tables", memory=1_000_000_000)
    assert told(parted, sheets) == told(whole, sheets)
    assert {p.name for p in (tmp_path / "tables").iterdir()} <= {"manifest.json", *PARTS}
    for part in PARTS:
        mine, theirs = getattr(parted.graph, part), getattr(whole.graph, part)
        assert {n: t.to_pylist() for n, t in mine.items()} == {n: t.to_pylist() for n, t in theirs.items()}
    assert parted.graph.hash == parted.hash == whole.graph.hash


def table(path: Path, rows: range) -> Path:
    """Firms and what they make, some of it twice."""
    lines = ["企业名称,统一社会信用代码,主营产品"] + [f"合成企业{i},,合成产品{i % 17}、合成产品{i % 5}" for i in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    edges = path.with_name(f"{path.stem}-生产.csv")
    lines = ["起点,关系,终点"] + [f"合成企业{i},生产,合成产品{i % 23}" for i in rows]
    edges.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks, waiting records and parts so small that a little file takes the long way."""
    monkeypatch.setattr(delimited, "BLOCK", 2000)
    monkeypatch.setattr(records, "WAITING", 50)
    monkeypatch.setattr(runs, "PART_ROWS", 37)


def test_a_cap_on_memory_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [table(tmp_path / "a.csv", range(300)), tmp_path / "a-生产.csv"]
    plain = ca.load(tmp_path / "plain", files)
    again = [table(tmp_path / "b.csv", range(200, 400)), tmp_path / "b-生产.csv"]
    plain_second = ca.load(tmp_path / "plain", again)
    monkeypatch.setattr(delimited, "BLOCK", 2000)
    monkeypatch.setattr(records, "WAITING", 50)
    monkeypatch.setattr(runs, "PART_ROWS", 37)
    for memory in (None, "1GB"):
        home = tmp_path / f"w{memory}"
        first = ca.load(home, files, memory=memory)
        second = ca.load(home, again, memory=memory)
        assert (first.hash, first.sheets) == (plain.hash, plain.sheets)
        assert (second.hash, second.sheets) == (plain_second.hash, plain_second.sheets)
        assert ca.load(home, files, memory=memory).load is None
        assert not [p.name for p in home.rglob(".*")]
        ca.undo(home, 2)
        assert ca.status(home).rows[0]["value"] == plain.hash


KILLED = """
import os, signal, sys
import chainatlas as ca
from chainatlas.graph.columns import runs, sinks
from chainatlas.loaders.files import delimited
from chainatlas.loaders.rows import records
delimited.BLOCK, records.WAITING, runs.PART_ROWS = 2000, 50, 37
added, left = sinks.InFolder.add, int(sys.argv[2])
def add(self, part, name, table):
    global left
    added(self, part, name, table)
    left -= part == "relations" and name == "PRODUCES"
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
sinks.InFolder.add = add
ca.load(sys.argv[1], sys.argv[3:], memory="1GB")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a matter of POSIX")
@pytest.mark.parametrize("part", [1, 4])
def test_killed_between_two_parts_the_graph_before_stands(tmp_path: Path, small: None, part: int) -> None:
    home = tmp_path / "w"
    before = ca.load(home, [table(tmp_path / "a.csv", range(60)), tmp_path / "a-生产.csv"]).hash
    files = [table(tmp_path / "b.csv", range(400)), tmp_path / "b-生产.csv"]
    command = [sys.executable, "-c", KILLED, str(home), str(part), *map(str, files)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert ca.status(home).rows[0]["value"] == before
    assert [p.name for p in home.rglob(".*")], "the kill came while parts were being written"
    after = ca.load(home, files, memory="1GB")
    assert after.load == 2
    assert not [p.name for p in home.rglob(".*")], "what the killed load left is swept"
    fresh = tmp_path / "fresh"
    ca.load(fresh, [tmp_path / "a.csv", tmp_path / "a-生产.csv"])
    assert ca.load(fresh, files).hash == after.hash


@pytest.mark.parametrize("text", ["viel", "10MB", "-1GB", "1 GB 2"])
def test_a_size_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ca.ChainAtlasError, match="--memory"):
        memory_bytes(text)


@pytest.mark.parametrize(
    ("text", "size"), [("1GB", 10**9), ("512mb", 512 * 10**6), ("1.5 GiB", 15 * 10**8), ("200000000", 2 * 10**8)]
)
def test_sizes(text: str, size: int) -> None:
    assert memory_bytes(text) == size


def test_a_graph_named_by_an_earlier_hash_is_folded_again(tmp_path: Path) -> None:
    home = tmp_path / "w"
    now = ca.load(home, [table(tmp_path / "a.csv", range(20)), tmp_path / "a-生产.csv"]).hash
    earlier = "0" * 64
    (home / "tables" / now).rename(home / "tables" / earlier)
    (home / "CURRENT").write_text(json.dumps({"hash": earlier, "loads": [1], "judgements": ""}), encoding="utf-8")
    assert ca.status(home).rows[0]["value"] == now
