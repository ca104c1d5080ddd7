"""Bit flips and lost files: each is named, or makes no difference; never another graph, never a traceback."""

from __future__ import annotations

import random
import shutil
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from building import write
from faults.matrix import record

from chainatlas import api
from chainatlas.attaching import attached_notes, decide_term
from chainatlas.graph.schema.errors import ChainAtlasError
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.graph.workspace.snapshot import Snapshot
from chainatlas.reviewing import decide

SEED = 20150123
FIRST = {
    "区域": "区域名称,级别,上级区域\n山东省,省,\n济南市,市,山东省\n青岛市,市,山东省",
    "产品环节": "产品名称,产业链,环节位置\n料,示例链,上游\n件,示例链,中游\n机,示例链,下游",
    "投入关系": "投入品,产品\n料,件\n件,机",
}
SECOND = {
    "企业": "企业名称,所在市,主营产品,自评\n示例甲有限公司,济南市,料,好\n示例乙有限公司,青岛市,件,中\n"
            "示例丙有限公司,济南市,机,好",
}  # fmt: skip
MORE = {"企业": "企业名称,所在市,主营产品\n示例丁有限公司,青岛市,料"}
EXTENSION = '[node.Enterprise.props]\nself_rated = {zh="自评", en="Self-rated", type="text"}\n'
MAPPING = '[[sheet]]\nfile = "自有.csv"\nas = "企业"\ncolumns = {"单位" = "企业名称"}\n'


@dataclass(frozen=True)
class Material:
    """A workspace with files of every kind, and the hashes of it as it is and with a further load."""

    folder: Path
    more: Path
    hash: str
    later: str

    def copy(self, folder: Path) -> Path:
        return Path(shutil.copytree(self.folder, folder))


def files(folder: Path, tables: dict[str, str]) -> Path:
    for name, text in tables.items():
        write(folder, f"{name}.csv", text)
    return folder


def answered(home: Path) -> str:
    """Open a workspace as a question does; return the hash of what is really read."""
    snapshot = Snapshot.of(Workspace.open(home))
    assert Snapshot(snapshot.graph, snapshot.schema).hash == snapshot.hash
    for incoming in (False, True):
        kept, made = snapshot.csr("PRODUCES", incoming=incoming), Snapshot(snapshot.graph, snapshot.schema)
        again = made.csr("PRODUCES", incoming=incoming)
        assert (kept.indptr.tolist(), kept.indices.tolist()) == (again.indptr.tolist(), again.indices.tolist())
    return snapshot.hash


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    place = tmp_path_factory.mktemp("damage")
    home = place / "w"
    home.mkdir()
    (home / "schema.toml").write_text(EXTENSION, encoding="utf-8")
    own = write(place / "own", "自有.csv", "单位,自评\n示例戊有限公司,好")
    mapping = write(place, "own.toml", MAPPING)
    api.load(home, files(place / "first", FIRST))
    api.load(home, files(place / "second", SECOND))
    api.load(home, own, mapping=mapping)
    decide(home, "示例甲有限公司", "示例乙有限公司", "different", by="甲")
    decide(home, "示例甲有限公司", "示例丙有限公司", "same", by="乙")
    decide_term(home, "料子", "料", "same", by="甲")
    attached_notes(home)
    digest = answered(home)
    more = files(place / "more", MORE)
    write(more, "自有.csv", "单位,自评\n示例己有限公司,中")  # read as was remembered
    later = Path(shutil.copytree(home, place / "later"))
    return Material(home, more, digest, api.load(later, more).hash)


def outcome(material: Material, home: Path) -> str:
    """Use a damaged workspace in every way: ``named`` or ``harmless``, else the test fails."""
    told = []
    steps: list[tuple[Callable[[], object], str]] = [
        (lambda: api.status(home).rows[0]["value"], material.hash),
        (lambda: answered(home), material.hash),
        (lambda: api.load(home, material.more).hash, material.later),
    ]
    for step, expected in steps:
        try:
            assert step() == expected
        except ChainAtlasError as bad:
            told += [bad.text("zh"), bad.text("en")]
    assert all(told)
    return "named" if told else "harmless"


def all_files(home: Path) -> list[str]:
    return sorted(p.relative_to(home).as_posix() for p in home.rglob("*") if p.is_file())


def flip(path: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    if data:
        bit = chance.randrange(len(data) * 8)
        data[bit // 8] ^= 1 << bit % 8
        path.write_bytes(bytes(data))


@dataclass
class Tried:
    """How faults ended: names of files by outcome."""

    named: list[str] = field(default_factory=list)
    harmless: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)

    def one(self, material: Material, home: Path, file: str, damage: Callable[[Path], None]) -> None:
        """Damage one file of a fresh copy, and use it."""
        material.copy(home)
        damage(home / file)
        try:
            (self.named if outcome(material, home) == "named" else self.harmless).append(file)
        except Exception as bad:  # noqa: BLE001 - every one of them is a finding
            self.failed.append((f"{home.name} {file}", "".join(traceback.format_exception(bad)[-3:])))
        shutil.rmtree(home)

    def tell(self, kind: str) -> None:
        """Write down what held, and fail where something did not."""
        held = len(self.named) + len(self.harmless)
        record(kind, held + len(self.failed), held)
        assert not self.failed, self.failed[:10]


def flips(material: Material, tmp_path: Path, times: int, seed: int) -> Tried:
    chance, tried = random.Random(seed), Tried()
    for number in range(times):
        tried.one(material, tmp_path / str(number), chance.choice(all_files(material.folder)),
                  lambda path: flip(path, chance))  # fmt: skip
    tried.tell("bit flip in any file of a workspace")
    return tried


def test_a_flipped_bit_is_named_or_harmless(material: Material, tmp_path: Path) -> None:
    assert len(flips(material, tmp_path, 5, SEED).named) in range(1, 5)


@pytest.mark.slow
def test_flipped_bits(material: Material, tmp_path: Path) -> None:
    tried = flips(material, tmp_path, 2000, SEED + 1)
    assert all(not file.startswith(DERIVED) for file in tried.named), "what is derived is made again"


# Emptied, removed, cut short, something else ---------------------------------------------------------


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def a_list(path: Path) -> None:
    path.write_text("[1, 2]\n", encoding="utf-8")


def another_object(path: Path) -> None:
    path.write_text('{"loads": 3, "a": [{}]}\n', encoding="utf-8")


def another_file_of_ours(path: Path) -> None:
    home = next(p for p in path.parents if (p / "writer.lock").exists())
    other = "CURRENT" if path.name == "workspace.json" else "workspace.json"
    shutil.copy(home / other, path)


def deep(path: Path) -> None:
    path.write_text("[" * 200_000, encoding="utf-8")


DAMAGES = (emptied, Path.unlink, cut, a_list, another_object, another_file_of_ours, deep)
DERIVED = ("CURRENT", "tables/", "snapshots/", "writer.lock", "rejects/")


def whole_files(material: Material, tmp_path: Path, chosen: Callable[[list[Any]], list[Any]]) -> None:
    files = [f for f in all_files(material.folder) if not f.endswith((".parquet", ".arrow"))]
    for start, ending in (("loads/", ".parquet"), ("tables/", ".parquet"), ("snapshots/", ".arrow")):
        files += [f for f in all_files(material.folder) if f.startswith(start) and f.endswith(ending)][:1]
    tried = Tried()
    for number, (file, damage) in enumerate(chosen([(f, d) for f in files for d in DAMAGES])):
        tried.one(material, tmp_path / str(number), file, damage)
    tried.tell("file emptied, removed, cut short or replaced")
    assert [f for f in tried.named if f.startswith(DERIVED)] == []
    # The marker is told even where it is only a removed one; a state that is kept is a copy.
    assert [f for f in tried.harmless if f.startswith(("loads/", "judgements", "term_", "workspace.json"))] == []


def test_a_file_that_is_not_what_it_was_is_named(material: Material, tmp_path: Path) -> None:
    whole_files(material, tmp_path, lambda every: random.Random(SEED).sample(every, 6))


@pytest.mark.slow
def test_every_file_in_every_way(material: Material, tmp_path: Path) -> None:
    whole_files(material, tmp_path, lambda every: every)
