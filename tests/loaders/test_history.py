"""History: what a later file of the same source adds, replaces, takes away; what stops a bad one."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import links, names, write

from chainatlas import api
from chainatlas.graph.columns.tables import Graph
from chainatlas.graph.schema.errors import LoadError
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.load import LoadReport, load

MAY = """企业名称,所在市,主营产品,成立日期
    甲公司,枣庄市,隔膜,2001
    乙公司,济南市,铜箔,2002
    丙公司,济南市,铜箔,2003
    丁公司,青岛市,涂布机,2004"""
JUNE = """企业名称,所在市,主营产品,成立日期
    甲公司,枣庄市,电解液,2001
    乙公司,济南市,铜箔,2002
    戊公司,烟台市,铜箔,2005"""


class Home:
    """A workspace to which lists of one source come one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.n = folder, 0

    def load(self, text: str, source: str | None = "名录", name: str = "企业.csv", **more: bool) -> LoadReport:
        self.n += 1
        path = write(self.folder / str(self.n), name, text)
        return load(self.folder / "w", [path], source=source, time=f"2026-0{self.n}-01", **more)

    @property
    def graph(self) -> Graph:
        return Workspace.open(self.folder / "w").graph()

    @property
    def numbers(self) -> list[int]:
        return Workspace.open(self.folder / "w").load_numbers()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    made.load(MAY)
    return made


def test_a_later_file_of_the_source_adds(home: Home) -> None:
    report = home.load(JUNE)
    assert [(s.new, s.unchanged, s.merged) for s in report.sheets] == [(1, 1, 1)]
    assert report.vanished == {}
    assert names(home.graph, "Enterprise") == ["丁公司", "丙公司", "乙公司", "戊公司", "甲公司"]
    assert {("甲公司", "隔膜"), ("甲公司", "电解液")} <= links(home.graph, "PRODUCES")


def test_replace_takes_the_place_and_tells_what_vanished(home: Home) -> None:
    report = home.load(JUNE, replace=True)
    assert names(home.graph, "Enterprise") == ["乙公司", "戊公司", "甲公司"]
    assert links(home.graph, "PRODUCES") == {("甲公司", "电解液"), ("乙公司", "铜箔"), ("戊公司", "铜箔")}
    assert report.vanished == {
        "Enterprise": 2, "Product": 2, "Region": 1, "PRODUCES": 3, "LOCATED_IN": 2, "PART_OF": 1}  # fmt: skip
    (told,) = [zh for zh in api.load_result(report).notes_in("zh") if "消失" in zh or "不再" in zh]
    assert "企业 2" in told
    assert "生产 3" in told


def test_replace_is_the_graph_of_the_new_file_alone(home: Home, tmp_path: Path) -> None:
    report = home.load(JUNE, replace=True)
    alone = Home(tmp_path / "alone")
    assert report.hash == alone.load(JUNE).hash


def test_replace_leaves_other_sources_alone(home: Home) -> None:
    home.load("企业名称,主营产品\n丁公司,涂布机\n己公司,铜箔", source="年报")
    home.load(JUNE, replace=True)
    assert names(home.graph, "Enterprise") == ["丁公司", "乙公司", "己公司", "戊公司", "甲公司"]
    assert set(home.graph.relation_claims["PRODUCES"]["source"].to_pylist()) == {"名录", "年报"}


def test_undo_of_a_replacing_load_brings_back_what_it_replaced(home: Home) -> None:
    before = home.graph.hash
    home.load(JUNE, replace=True)
    assert api.undo(home.folder / "w", 2) == before
    assert "丁公司" in names(home.graph, "Enterprise")


def test_loads_tell_when_what_how_much(home: Home) -> None:
    home.load(JUNE)
    told = api.loads(home.folder / "w").rows
    assert [(r["load"], r["time"], r["files"], r["rows"], r["rejected"]) for r in told] == [
        (1, "2026-01-01", ["企业.csv"], 4, 0), (2, "2026-02-01", ["企业.csv"], 3, 0)]  # fmt: skip
    what = {r["what"]: r["value"] for r in api.status(home.folder / "w").rows}
    assert (what["loads"], what["Enterprise"], what["hash"]) == (2, 5, home.graph.hash)


def test_diff_tells_added_removed_changed(home: Home) -> None:
    changed = JUNE.replace("乙公司,济南市,铜箔,2002", "乙公司,济南市,铜箔,1999")
    home.load(changed, replace=True)
    rows = api.diff(home.folder / "w").rows
    told = {(r["change"], r["type"], r["entity"]) for r in rows if r["type"] != "Region"}
    assert {("added", "Enterprise", "戊公司"), ("removed", "Enterprise", "丁公司"),
            ("removed", "PRODUCES", "甲公司 → 隔膜"), ("added", "PRODUCES", "甲公司 → 电解液")} <= told  # fmt: skip
    (found,) = [r for r in rows if r["change"] == "changed"]
    assert (found["entity"], found["property"], found["before"], found["after"]) == (
        "乙公司", "founded", "2002", "1999")  # fmt: skip
    back = api.diff(home.folder / "w", 2, 1).rows
    swap = {"added": "removed", "removed": "added", "changed": "changed"}
    assert {(swap[r["change"]], r["type"], r["entity"]) for r in back} == {
        (r["change"], r["type"], r["entity"]) for r in rows}  # fmt: skip
    everything = api.diff(home.folder / "w", 0, 1).rows
    assert {r["change"] for r in everything} == {"added"}


def test_diff_tells_statements(home: Home) -> None:
    home.load("来源,关系,地区,完整度\n名录,生产,山东省,0.9", source=None, name="覆盖声明.csv")
    (found,) = [r for r in api.diff(home.folder / "w").rows if r["type"] == "Coverage"]
    assert found["change"] == "added"
    assert "0.9" in found["entity"]
    home.load("来源,关系,地区,完整度\n名录,生产,山东省,0.5", source=None, name="覆盖声明.csv")
    assert [r["change"] for r in api.diff(home.folder / "w").rows if r["type"] == "Coverage"] == ["added"]


# Assertions against last time ------------------------------------------------------------------------


@pytest.mark.parametrize("replace", [False, True])
def test_less_than_half_the_rows_stops_a_load(home: Home, replace: bool) -> None:
    before = home.graph.hash
    with pytest.raises(LoadError, match=r"1 行.*4 行") as bad:
        home.load("企业名称,所在市,主营产品,成立日期\n甲公司,枣庄市,隔膜,2001", replace=replace)
    assert bad.value.code == "fewer_rows"
    assert "--force" in bad.value.text("en")
    assert (home.numbers, home.graph.hash) == ([1], before)


def test_half_the_rows_is_enough(home: Home) -> None:
    text = "企业名称,所在市,主营产品,成立日期\n甲公司,枣庄市,隔膜,2001\n庚公司,枣庄市,隔膜,2001"
    assert home.load(text).load == 2


def test_a_column_that_fell_empty_stops_a_load(home: Home) -> None:
    with pytest.raises(LoadError, match="成立日期") as bad:
        home.load(JUNE.replace(",2001", ",").replace(",2002", ",").replace(",2005", ","))
    assert bad.value.code == "column_emptied"
    assert home.numbers == [1]


def test_a_column_that_is_gone_stops_only_what_replaces(home: Home) -> None:
    narrow = "企业名称,主营产品\n甲公司,隔膜\n乙公司,铜箔\n丙公司,铜箔"
    with pytest.raises(LoadError, match="所在市"):
        home.load(narrow, replace=True)
    assert home.load(narrow + "\n辛公司,铜箔").load == 2


def test_force_loads_all_the_same(home: Home) -> None:
    report = home.load("企业名称\n甲公司", replace=True, force=True)
    assert report.load == 2
    assert names(home.graph, "Enterprise") == ["甲公司"]


def test_another_source_is_not_compared(home: Home) -> None:
    assert home.load("企业名称\n壬公司", source="别处").load == 2
    assert home.load("企业名称\n癸公司", source=None).load == 3


def test_replace_without_a_source_is_refused(home: Home) -> None:
    """Nobody said whose list it is: what it should replace cannot be told."""
    with pytest.raises(LoadError, match="--source"):
        home.load(JUNE, source=None, replace=True)
    assert home.numbers == [1]
