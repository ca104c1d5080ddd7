"""A unit above the table, a year under a merged header, an export that lacks the usual identifier."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import links, node, write

from chainatlas.api import load_result
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.load import load

A = "示例甲有限公司"


def revenue(tmp_path: Path, text: str) -> tuple[float | None, list[str]]:
    report = load(tmp_path / "w", [write(tmp_path, "企业.csv", text)])
    graph = Workspace.open(tmp_path / "w").graph()
    return node(graph, "Enterprise", A).get("revenue"), load_result(report).notes_in("zh")


@pytest.mark.parametrize(("above", "value"), [
    ("单位：万元,,", 1.2e5), ("金额单位：亿元,,", 1.2e9), ("单位：万元、人,,", 1.2e5), (",,（单位：千元）", 1.2e4),
    ("企业情况表（万元）,,", 1.2e5), ("Unit: 万元,,", 1.2e5)])  # fmt: skip
def test_amounts_without_a_unit_take_that_of_the_title_and_it_is_told(tmp_path: Path, above: str, value: float) -> None:
    found, notes = revenue(tmp_path, f"{above}\n企业名称,营业收入,主要产品\n{A},12,轴承")
    assert found == pytest.approx(value)
    (told,) = [n for n in notes if "没有写单位的金额列" in n]
    assert "营业收入（企业.csv）" in told


@pytest.mark.parametrize("above", ["单位：人,,", "单位：万元、亿元,,", "填报单位：示例局,,", "年度：2024,,"])
def test_other_titles_are_no_unit(tmp_path: Path, above: str) -> None:
    found, notes = revenue(tmp_path, f"{above}\n企业名称,营业收入,主要产品\n{A},12,轴承")
    assert found == 12.0
    assert not [n for n in notes if "没有写单位的金额列" in n]


@pytest.mark.parametrize(("above", "revenue", "capital"), [
    ("注：营业收入单位：亿元,,", 1.2e9, 500.0), ("营收单位：亿元,,", 1.2e9, 500.0),
    ("注：营业收入（单位：亿元）,,", 1.2e9, 500.0), ("注：营业收入（亿元）,,", 1.2e9, 500.0),
    ("营业收入单位：亿元，注册资本单位：万元,,", 1.2e9, 5e6), ("营业收入、注册资本单位：万元,,", 1.2e5, 5e6),
    ("单位：万元；注册资本单位：万美元,,", 1.2e5, None), ("利润总额单位：亿元,,", 12.0, 500.0),
    ("单位：万元,,", 1.2e5, 5e6), ("金额单位：万元,,", 1.2e5, 5e6), ("注：单位：万元,,", 1.2e5, 5e6),
    ("企业营业收入情况表单位：万元,,", 1.2e5, 5e6), ("企业营业收入表（单位：万元）,,", 1.2e5, 5e6)])  # fmt: skip
def test_words_before_a_unit_name_the_columns_that_have_it(
    tmp_path: Path, above: str, revenue: float, capital: float | None
) -> None:
    load(tmp_path / "w", [write(tmp_path, "企业.csv", f"{above}\n企业名称,营业收入,注册资本\n{A},12,500")])
    found = node(Workspace.open(tmp_path / "w").graph(), "Enterprise", A)
    assert (found.get("revenue"), found.get("registered_capital")) == (revenue, capital)


def test_a_further_column_has_the_unit_of_the_title_too(tmp_path: Path) -> None:
    text = f"单位：万元,,\n企业名称,营业收入,营收\n{A},,12"
    assert revenue(tmp_path, text)[0] == 1.2e5


def test_a_unit_of_its_own_stays(tmp_path: Path) -> None:
    assert revenue(tmp_path, f"单位：万元,\n企业名称,营业收入（亿元）\n{A},12")[0] == 1.2e9
    assert revenue(tmp_path / "2", f"单位：万元,\n企业名称,营业收入\n{A},12亿元")[0] == 1.2e9


@pytest.mark.parametrize(("cell", "low", "high"), [("约500", 5e6, 5e6), ("500-1000", 5e6, 1e7), ("500万", 5e6, 5e6)])
def test_a_foreign_unit_of_the_header_is_that_of_all_its_cells(
    tmp_path: Path, cell: str, low: float, high: float
) -> None:
    load(tmp_path / "w", [write(tmp_path, "企业.csv", f"企业名称,注册资本（万美元）\n{A},{cell}")])
    found = node(Workspace.open(tmp_path / "w").graph(), "Enterprise", A)
    capital = [found.get(f"registered_capital{part}") for part in ("", "_low", "_high", "_currency")]
    assert capital == [None, low, high, "USD"]


def test_a_further_column_keeps_its_unit(tmp_path: Path) -> None:
    text = f"企业名称,营业收入（万元）,营收\n{A},12,\n示例乙有限公司,,约120000"
    load(tmp_path / "w", [write(tmp_path, "企业.csv", text)])
    graph = Workspace.open(tmp_path / "w").graph()
    assert [node(graph, "Enterprise", name).get("revenue") for name in (A, "示例乙有限公司")] == [1.2e5, 1.2e5]


def test_a_figure_with_its_year_under_a_merged_header(tmp_path: Path) -> None:
    text = f"企业名称,经营指标,\n,2023年营业收入（万元）,从业人员\n{A},12,30"
    assert revenue(tmp_path, text)[0] == 1.2e5
    assert node(Workspace.open(tmp_path / "w").graph(), "Enterprise", A)["employees"] == 30


def test_a_patent_is_its_publication_where_the_list_has_no_other_number(tmp_path: Path) -> None:
    load(tmp_path / "w", [write(tmp_path, "专利.csv", "公开（公告）号,标题,申请人\nCN1234567A,一种示例装置,示例大学")])
    graph = Workspace.open(tmp_path / "w").graph()
    assert node(graph, "Patent", "一种示例装置")["number"] == "CN1234567A"
    assert links(graph, "OWNS") == {("示例大学", "一种示例装置")}
    both = write(tmp_path, "专利.csv", "申请号,公开（公告）号,标题\nCN202010000001.2,CN1234567A,一种示例装置")
    load(tmp_path / "v", [both])
    found = node(Workspace.open(tmp_path / "v").graph(), "Patent", "一种示例装置")
    assert (found["number"], found["publication_number"]) == ("CN202010000001.2", "CN1234567A")


def test_a_bare_name_beside_a_code_of_one_type_tells_the_type(tmp_path: Path) -> None:
    load(
        tmp_path / "w",
        [write(tmp_path, "清单.csv", "证券代码,名称,上市板块\n5,示例甲控股,港股\n2,示例乙股份,深市主板")],
    )
    graph = Workspace.open(tmp_path / "w").graph()
    assert node(graph, "Enterprise", "示例甲控股")["hk_code"] == "00005"
    assert node(graph, "Enterprise", "示例乙股份")["stock_code"] == "000002"
