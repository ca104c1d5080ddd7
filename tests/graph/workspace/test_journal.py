"""The workspace on disk: same input, same graph; whole or not at all; damage is named."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from building import links, names, tree, write

from chainatlas.graph.schema.errors import StoreError
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.graph.workspace.snapshot import Snapshot
from chainatlas.loaders.load import load

TABLES = {
    "企业": """企业名称,统一社会信用代码,简称,所在市,产业链,产业链环节,主营产品,来源,数据日期
        甲公司,914403001922038216,甲,枣庄市,锂电,隔膜；电解液,铜箔,年报,2023
        甲公司,,,济南市,,,铜箔、铝箔,新闻,2024
        乙公司,91330100799655058B,,枣庄市,锂电,隔膜,,年报,2023
        甲,,,,,,铜箔,名录,
        丙公司,,,青岛市,聚氨酯,设备,MDI,名录,2022""",
    "产品环节": """产品名称,产业链,环节位置,类别,所需技术,来源
        隔膜,锂电,上游,环节,涂布,模板
        电解液,锂电,上游,环节,,模板
        铜箔,,,材料,,模板
        铝箔,,,材料,,模板""",
    "投入关系": """投入品,产品,组,必需,来源
        铜箔,隔膜,1,是,模板
        铝箔,隔膜,1,是,模板""",
    "供货": """供方,需方,产品,来源
        甲公司,乙公司,铜箔,年报
        乙,甲公司,隔膜,年报""",
    "覆盖声明": """来源,关系,总体,地区,完整度
        年报,生产,上市公司,枣庄市,0.8""",
}  # fmt: skip
# 乙 is nobody's name: that row waits until somebody bears it.


def rows(name: str) -> list[list[str]]:
    import csv

    return list(csv.reader(line.strip() for line in TABLES[name].splitlines()))


def as_csv(folder: Path, name: str, cells: list[list[str]], number: str = "") -> Path:
    return write(folder, f"{name}{number}.csv", "\n".join(",".join(r) for r in cells))


def as_xlsx(folder: Path, name: str, cells: list[list[str]], number: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}{number}.xlsx"
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False}) as book:
        sheet = book.add_worksheet(name)
        for at, row in enumerate(cells):
            sheet.write_row(at, 0, row)
    return path


def as_json(folder: Path, name: str, cells: list[list[str]], number: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}{number}.json"
    records = [dict(zip(cells[0], row, strict=True)) for row in cells[1:]]
    path.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    return path


WRITERS: dict[str, Callable[..., Path]] = {"csv": as_csv, "xlsx": as_xlsx, "json": as_json}


def loaded(folder: Path, files: list[Path], *, together: bool = True) -> str:
    groups = [files] if together else [[f] for f in files]
    for group in groups:
        load(folder / "w", group, max_rejects=1.0)
    return Workspace.open(folder / "w").graph().hash


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("plain")
    return loaded(folder, [as_csv(folder, n, rows(n)) for n in TABLES])


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_rows_and_files_give_the_same_graph(tmp_path: Path, expected: str, seed: int) -> None:
    shuffle = random.Random(seed)
    files = []
    for name in shuffle.sample(list(TABLES), len(TABLES)):
        header, *body = rows(name)
        files.append(as_csv(tmp_path, name, [header, *shuffle.sample(body, len(body))]))
    assert loaded(tmp_path, files) == expected


def test_shuffled_columns_give_the_same_graph(tmp_path: Path, expected: str) -> None:
    files = [as_csv(tmp_path, n, [list(reversed(r)) for r in rows(n)]) for n in TABLES]
    assert loaded(tmp_path, files) == expected


@pytest.mark.parametrize("together", [True, False], ids=["one load", "many loads"])
def test_small_batches_give_the_same_graph(tmp_path: Path, expected: str, together: bool) -> None:
    files = []
    for name in TABLES:
        header, *body = rows(name)
        files += [as_csv(tmp_path, name, [header, row], f"_{i}") for i, row in enumerate(body)]
    assert loaded(tmp_path, files, together=together) == expected


def test_the_order_of_loads_does_not_count(tmp_path: Path, expected: str) -> None:
    files = [as_csv(tmp_path, n, rows(n)) for n in TABLES]
    assert loaded(tmp_path / "a", files, together=False) == expected
    assert loaded(tmp_path / "b", files[::-1], together=False) == expected


@pytest.mark.parametrize("kind", WRITERS)
def test_the_format_does_not_count(tmp_path: Path, expected: str, kind: str) -> None:
    assert loaded(tmp_path, [WRITERS[kind](tmp_path, n, rows(n)) for n in TABLES]) == expected


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_the_hash_seed_and_the_locale_do_not_count(tmp_path: Path, expected: str, seed: str) -> None:
    files = [str(as_csv(tmp_path, n, rows(n))) for n in TABLES]
    program = ("import sys; from pathlib import Path; from chainatlas.loaders.load import load\n"
               "print(load(Path('w'), [Path(p) for p in sys.argv[1:]], max_rejects=1.0).hash)")  # fmt: skip
    done = subprocess.run([sys.executable, "-c", program, *files], cwd=tmp_path, capture_output=True, text=True,
                          env={**os.environ, "PYTHONHASHSEED": seed,
                               "LC_ALL": "C" if seed == "0" else "C.UTF-8"})  # fmt: skip
    assert done.stdout.strip() == expected, done.stderr


# Again, back, and later ----------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Workspace:
    loaded(tmp_path, [as_csv(tmp_path, n, rows(n)) for n in TABLES], together=False)
    return Workspace.open(tmp_path / "w")


def test_loading_twice_writes_nothing(home: Workspace, tmp_path: Path) -> None:
    before = tree(home.folder)
    again = [load(home.folder, [tmp_path / f"{n}.csv"], max_rejects=1.0) for n in TABLES]
    assert {r.load for r in again} == {None}
    assert {r.hash for r in again} == {home.graph().hash}
    after = {k: v for k, v in tree(home.folder).items() if not k.startswith("rejects/")}
    assert after == {k: v for k, v in before.items() if not k.startswith("rejects/")}


def test_undo_takes_one_load_back(home: Workspace, tmp_path: Path) -> None:
    before = home.graph().hash
    more = load(home.folder, [write(tmp_path, "企业.csv", "企业名称,主营产品\n丁公司,隔膜")])
    assert more.load == 6
    assert more.hash != before
    with home.writing():
        home.remove(6)
    assert (home.graph().hash, home.load_numbers()) == (before, [1, 2, 3, 4, 5])
    with pytest.raises(StoreError, match="6"), home.writing():
        home.remove(6)


def test_undo_of_an_early_load_is_the_graph_without_it(tmp_path: Path, home: Workspace) -> None:
    with home.writing():
        home.remove(1)
    rest = [tmp_path / f"{n}.csv" for n in list(TABLES)[1:]]
    assert home.graph().hash == loaded(tmp_path / "rest", rest, together=False)


def test_a_number_is_not_given_twice_while_its_load_stands(home: Workspace, tmp_path: Path) -> None:
    with home.writing():
        home.remove(2)
    assert load(home.folder, [tmp_path / "产品环节.csv"], max_rejects=1.0).load == 6


@pytest.mark.parametrize("first", ["边", "企业"])
def test_a_row_whose_end_is_missing_takes_effect_once_the_end_is_there(tmp_path: Path, first: str) -> None:
    files = {"边": write(tmp_path, "供货.csv", "供方,需方\n甲公司,乙公司\n甲公司,丙公司"),
             "企业": write(tmp_path, "企业.csv", "企业名称\n甲公司\n乙公司")}  # fmt: skip
    order = [files[first], *(f for k, f in files.items() if k != first)]
    for file in order:
        load(tmp_path / "w", [file], max_rejects=1.0)
    graph = Workspace.open(tmp_path / "w").graph()
    assert links(graph, "SUPPLIES") == {("甲公司", "乙公司")}
    load(tmp_path / "w", [write(tmp_path, "更多企业.csv", "企业名称\n丙公司")])
    assert links(Workspace.open(tmp_path / "w").graph(), "SUPPLIES") == {("甲公司", "乙公司"), ("甲公司", "丙公司")}


def test_both_orders_of_a_dangling_row_give_one_graph(tmp_path: Path) -> None:
    edge = write(tmp_path, "供货.csv", "供方,需方\n甲公司,乙公司")
    firms = write(tmp_path, "企业.csv", "企业名称\n甲公司\n乙公司")
    assert loaded(tmp_path / "a", [edge, firms], together=False) == loaded(
        tmp_path / "b", [firms, edge], together=False)  # fmt: skip


# Damage --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [None, "", "{", '{"hash": "0", "loads": [1]}', "stale", "tables gone"])
def test_a_lost_or_stale_graph_is_folded_again(home: Workspace, state: str | None) -> None:
    import shutil

    before = home.graph().hash
    current = home.folder / "CURRENT"
    if state is None:
        current.unlink()
    elif state == "stale":
        told = json.loads(current.read_text(encoding="utf-8"))
        current.write_text(json.dumps({**told, "loads": [1, 2]}), encoding="utf-8")
    elif state == "tables gone":
        shutil.rmtree(home.folder / "tables")
    else:
        current.write_text(state, encoding="utf-8")
    assert Workspace.open(home.folder).graph().hash == before


def test_a_load_that_appeared_without_its_graph_is_folded_in(home: Workspace, tmp_path: Path) -> None:
    """As after a crash between the rename of the load and the swap of the graph."""
    current = (home.folder / "CURRENT").read_bytes()
    more = load(home.folder, [write(tmp_path, "企业.csv", "企业名称\n丁公司")])
    (home.folder / "CURRENT").write_bytes(current)
    assert Workspace.open(home.folder).graph().hash == more.hash


def test_a_damaged_load_is_named(home: Workspace) -> None:
    path = home.folder / "loads" / "000002" / "nodes" / "Product.parquet"
    path.write_bytes(path.read_bytes()[:40])
    (home.folder / "CURRENT").unlink()
    with pytest.raises(StoreError) as bad:
        Workspace.open(home.folder).graph()
    told = bad.value.text("zh")
    assert "Product.parquet" in told
    assert "chainatlas undo 2" in told


def test_a_lost_manifest_is_named(home: Workspace) -> None:
    (home.folder / "loads" / "000003" / "manifest.json").unlink()
    with pytest.raises(StoreError, match=r"manifest\.json"):
        home.load_infos()


def test_what_an_interrupted_writer_left_is_swept(home: Workspace, tmp_path: Path) -> None:
    left = home.folder / "loads" / ".aside-x"
    left.mkdir()
    (left / "half").write_text("x", encoding="utf-8")
    before = home.graph().hash
    assert home.load_numbers() == [1, 2, 3, 4, 5]
    with home.writing():
        pass
    assert not left.exists()
    assert home.graph().hash == before


def test_the_second_writer_is_refused_and_told_who_writes(home: Workspace, tmp_path: Path) -> None:
    more = write(tmp_path, "企业.csv", "企业名称\n丁公司")
    before = home.graph().hash
    program = ("import sys; from pathlib import Path; from chainatlas.loaders.load import load\n"
               "load(Path('w'), [Path('企业.csv')])")  # fmt: skip
    with home.writing():
        done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True,
                              encoding="utf-8", env=os.environ)  # fmt: skip
        assert done.returncode != 0
        assert f"进程 {os.getpid()}" in done.stderr
        assert Workspace.open(home.folder).graph().hash == before  # readers are not kept waiting
    assert load(home.folder, [more]).load == 6


def test_a_snapshot_is_kept_by_the_graphs_hash_and_made_again_when_lost(home: Workspace) -> None:
    import shutil

    first = Snapshot.of(home)
    assert first.hash == home.graph().hash
    assert [p.name for p in (home.folder / "snapshots").iterdir()] == [first.hash]
    made = first.names(first.csr("PRODUCES").indices)
    del first
    shutil.rmtree(home.folder / "snapshots")
    again = Snapshot.of(home)
    assert again.names(again.csr("PRODUCES").indices) == made


def test_the_graph_names_its_entities(home: Workspace) -> None:
    """Guards the tests above: the tables are not empty, and identity is at work in them."""
    graph = home.graph()
    assert names(graph, "Enterprise") == ["丙公司", "乙公司", "甲公司"]
    assert links(graph, "SUPPLIES") == {("甲公司", "乙公司")}
    assert len(links(graph, "PRODUCES")) == 7
