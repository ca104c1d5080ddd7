"""Rows that only look like data, or like none: totals, headers said again, numbering, parts of a JSON list."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from building import as_csv, links, names, put, write

from chainatlas.graph.schema.errors import LoadError
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.load import load

A, B = "示例甲有限公司", "示例乙有限公司"


def test_rows_in_latin_letters_under_a_chinese_header_are_data(tmp_path: Path) -> None:
    rows = [["起点", "关系", "终点"], ["f1", "SUPPLIES", "f2"], ["f2", "COOPERATES", "f3"]]
    for at, lines in enumerate((rows, rows[:2])):
        firms = as_csv(tmp_path / str(at) / "企业.csv", [["企业名称"], ["f1"], ["f2"], ["f3"]])
        path = as_csv(tmp_path / str(at) / "关系.csv", lines)
        load(tmp_path / f"w{at}", [firms, path])
        graph = Workspace.open(tmp_path / f"w{at}").graph()
        assert links(graph, "SUPPLIES") == {("f1", "f2")}


@pytest.mark.parametrize("form", ["json", "jsonl", "parquet"])
def test_totals_are_no_firms_in_any_format(tmp_path: Path, form: str) -> None:
    rows = [{"企业名称": A, "所在市": "济南市"}, {"企业名称": "合计", "所在市": "1"}]
    path = tmp_path / f"企业.{form}"
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif form == "jsonl":
        path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    else:
        path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    report = load(tmp_path / "w", [path])
    assert names(Workspace.open(tmp_path / "w").graph(), "Enterprise") == [A]
    assert [(row, why) for _, _, row, why, _ in report.passed] == [(2, "total")]


def test_a_total_behind_empty_cells_is_no_firm(tmp_path: Path) -> None:
    text = f"序号,城市,企业名称,主营产品\n1,济南市,{A},示例轴承\n,　,合计,10\n,,,共计"
    report = load(tmp_path / "w", [write(tmp_path, "企业.csv", text)])
    assert names(Workspace.open(tmp_path / "w").graph(), "Enterprise") == [A]
    assert [(row, why) for _, _, row, why, _ in report.passed] == [(3, "total"), (4, "total")]


@pytest.mark.parametrize("again", ["企业名称 ,所在市", "　企业名称,所在市\u00a0", "企业名称,所在市"])
def test_a_header_that_comes_again_with_spaces_is_none_of_the_rows(tmp_path: Path, again: str) -> None:
    text = f"企业名称 ,所在市\n{A},济南市\n{again}\n{B},青岛市"
    path = tmp_path / "企业.csv"
    path.write_text(text, encoding="utf-8")
    report = load(tmp_path / "w", [path])
    assert names(Workspace.open(tmp_path / "w").graph(), "Enterprise") == sorted([A, B])
    assert [(row, why) for _, _, row, why, _ in report.passed] == [(3, "header")]


def test_a_struct_that_holds_a_date_is_told_as_unused(tmp_path: Path) -> None:
    path = tmp_path / "企业.parquet"
    pq.write_table(pa.table({"企业名称": [A], "其他信息": [{"日": date(2020, 1, 2)}]}), path)
    report = load(tmp_path / "w", [path])
    assert names(Workspace.open(tmp_path / "w").graph(), "Enterprise") == [A]
    assert report.unused == (("企业.parquet", "其他信息"),)


@pytest.mark.parametrize("first", ["甲,乙", "1,2"])
def test_two_names_are_no_numbering_of_columns(tmp_path: Path, first: str) -> None:
    report = load(tmp_path / "w", [write(tmp_path, "产品.csv", f"产品名称,上级产品\n{first}\n示例丙,示例丁")])
    assert links(Workspace.open(tmp_path / "w").graph(), "KIND_OF") >= {tuple(first.split(","))}
    assert report.passed == ()


@pytest.mark.parametrize("keys", [("宜昌市", "荆州市"), ("page1", "page2"), ("第1页", "第2页")])
def test_a_json_list_that_is_parted_by_place_or_page_is_one(tmp_path: Path, keys: tuple[str, str]) -> None:
    text = f'{{"code": 0, "{keys[0]}": [{{"企业名称": "{A}"}}], "{keys[1]}": [{{"企业名称": "{B}"}}]}}'
    _, graph = put(tmp_path, write(tmp_path, "企业.json", text))
    assert names(graph, "Enterprise") == sorted([A, B])
    other = text.replace(keys[0], "新增").replace(keys[1], "撤销")
    with pytest.raises(LoadError) as bad:
        load(tmp_path / "v", [write(tmp_path, "企业.json", other)])
    assert bad.value.code == "json_lists"
