"""One table in many formats and encodings: the same rows, text that stays text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from building import names, node

from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.load import load

HEADERS = ["企业名称", "股票代码", "主营产品", "说明"]
ROWS = [["甲公司", "000338", "0610、9E10", "焦炭Ⅲ"], ["1E5", "", "INF、3E-2", "㎡ “引号”"],
        ["TRUE", "600309.SH", "TRUE、1.50", "反斜杠\\ 😀"]]  # fmt: skip


def text(mark: str) -> str:
    return "".join(mark.join(row) + "\r\n" for row in [HEADERS, *ROWS])


def workbook(path: Path, rows: list[list[Any]]) -> None:
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("企业")
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)


def save(folder: Path, kind: str) -> Path:
    """Write the table in one format; the file's stem is always that of its type."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / "企业"
    records = [dict(zip(HEADERS, row, strict=True)) for row in ROWS]
    if kind in ("utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"):
        path = stem.with_suffix(".csv")
        # GBK has no emoji and no ㎡; what it cannot write is written otherwise in all of them.
        path.write_bytes(text(",").encode(kind))
    elif kind == "tsv":
        path = stem.with_suffix(".tsv")
        path.write_text(text("\t"), encoding="utf-8")
    elif kind == "semicolon":
        path = stem.with_suffix(".csv")
        path.write_text(text(";"), encoding="utf-8")
    elif kind == "xlsx":
        path = stem.with_suffix(".xlsx")
        workbook(path, [HEADERS, *ROWS])
    elif kind == "openpyxl":
        path = stem.with_suffix(".xlsx")
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = "企业"
        for row in [HEADERS, *ROWS]:
            sheet.append(row)
        book.save(path)
    elif kind == "json":
        path = stem.with_suffix(".json")
        path.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    elif kind == "json lists":
        path = stem.with_suffix(".json")
        listed = [{**r, "主营产品": r["主营产品"].split("、")} for r in records]
        path.write_text(json.dumps(listed, ensure_ascii=False), encoding="utf-8")
    elif kind == "jsonl":
        path = stem.with_suffix(".jsonl")
        path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in records), encoding="utf-8")
    else:
        path = stem.with_suffix(".parquet")
        pq.write_table(pa.table({h: [r[h] for r in records] for h in HEADERS}), path)
    return path


KINDS = ["utf-8-sig", "gb18030", "utf-16", "tsv", "semicolon", "xlsx", "openpyxl", "json", "json lists", "jsonl",
         "parquet"]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_the_format_does_not_count(tmp_path: Path, kind: str) -> None:
    hashes = {load(tmp_path / f"w{i}", [save(tmp_path / k, k)]).hash for i, k in enumerate(("utf-8", kind))}
    assert len(hashes) == 1
    graph = Workspace.open(tmp_path / "w1").graph()
    assert names(graph, "Enterprise") == ["1E5", "TRUE", "甲公司"]
    assert names(graph, "Product") == sorted(["0610", "9E10", "INF", "3E-2", "TRUE", "1.50"])
    assert node(graph, "Enterprise", "甲公司")["stock_code"] == "000338"
    assert node(graph, "Enterprise", "TRUE")["description"] == "反斜杠\\ 😀"


def test_gbk_is_read_as_such(tmp_path: Path) -> None:
    path = tmp_path / "企业.csv"
    path.write_bytes("企业名称,主营产品\n淄博齐翔腾达化工股份有限公司,甲乙酮\n".encode("gbk"))
    load(tmp_path / "w", [path])
    assert names(Workspace.open(tmp_path / "w").graph(), "Enterprise") == ["淄博齐翔腾达化工股份有限公司"]


def test_bytes_of_no_encoding_are_refused_with_their_row(tmp_path: Path) -> None:
    path = tmp_path / "企业.csv"
    path.write_bytes("企业名称\n甲公司\n".encode() + b"\xff\xff\xff\n")
    with pytest.raises(ValueError, match="第 3 行"):
        load(tmp_path / "w", [path])


def test_numbers_in_excel_are_what_the_cell_shows(tmp_path: Path) -> None:
    path = tmp_path / "企业.xlsx"
    workbook(path, [["企业名称", "营业收入（万元）", "主营产品"], ["甲公司", 1500, 610], ["乙公司", 0.5, 610.5]])
    load(tmp_path / "w", [path])
    graph = Workspace.open(tmp_path / "w").graph()
    assert [node(graph, "Enterprise", n)["revenue"] for n in ("甲公司", "乙公司")] == [15_000_000.0, 5_000.0]
    assert names(graph, "Product") == ["610", "610.5"]


def test_a_credit_code_typed_as_a_number_is_refused_and_its_row_stays(tmp_path: Path) -> None:
    path = tmp_path / "企业.xlsx"
    # Excel keeps 15 digits: the last three are gone before anybody reads the file.
    workbook(path, [["企业名称", "统一社会信用代码"], ["甲公司", 914403001922038216], ["乙公司", "91330100799655058B"]])
    report = load(tmp_path / "w", [path], max_rejects=1.0)
    assert [(r.row, r.column, r.code) for r in report.rejects] == [(2, "统一社会信用代码", "reject_code_number")]
    assert names(Workspace.open(tmp_path / "w").graph(), "Enterprise") == ["乙公司", "甲公司"]


def test_dates_in_excel_are_dates(tmp_path: Path) -> None:
    from datetime import datetime

    path = tmp_path / "企业.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("企业")
        sheet.write_row(0, 0, ["企业名称", "成立日期"])
        sheet.write(1, 0, "甲公司")
        sheet.write_datetime(1, 1, datetime(2015, 1, 23), book.add_format({"num_format": "yyyy-mm-dd"}))
    load(tmp_path / "w", [path])
    assert node(Workspace.open(tmp_path / "w").graph(), "Enterprise", "甲公司")["founded"] == "2015-01-23"


def test_sheets_of_a_workbook_are_read_each_by_its_name_and_blank_rows_keep_their_number(tmp_path: Path) -> None:
    path = tmp_path / "全部.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        firms, inputs = book.add_worksheet("企业"), book.add_worksheet("投入关系")
        book.add_worksheet("空表")
        for at, row in ((0, ["企业名称", "主营产品"]), (1, ["甲公司", "A、B"]), (4, ["乙公司", "A"])):
            firms.write_row(at, 0, row)
        for at, row in enumerate([["投入品", "产品"], ["A", "B"]]):
            inputs.write_row(at, 0, row)
    report = load(tmp_path / "w", [path])
    assert [(s.sheet, s.type, s.read, s.new) for s in report.sheets] == [
        ("企业", "Enterprise", 2, 2), ("投入关系", "INPUT_OF", 1, 1)]  # fmt: skip
    claims = Workspace.open(tmp_path / "w").graph().node_claims["Enterprise"].to_pylist()
    assert {(c["name"], c["sheet"], c["row"]) for c in claims} == {("甲公司", "企业", 2), ("乙公司", "企业", 5)}


def test_a_folder_is_all_its_tables(tmp_path: Path) -> None:
    folder = tmp_path / "表"
    save(folder, "utf-8")
    (folder / "说明.docx").write_bytes(b"x")
    (folder / "投入关系.csv").write_text("投入品,产品\n0610,9E10\n", encoding="utf-8")
    report = load(tmp_path / "w", [folder])
    assert sorted(s.file for s in report.sheets) == ["企业.csv", "投入关系.csv"]


def test_a_workbook_that_unpacks_to_far_too_much_is_refused(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "企业.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 300_000_000)
    assert path.stat().st_size < 3_000_000
    with pytest.raises(ValueError, match="300 MB"):
        load(tmp_path / "w", [path])
