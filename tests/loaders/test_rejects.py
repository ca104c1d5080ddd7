"""Refused rows: told with file, sheet, row, column, value, code and sentence; none disappears."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from building import links, names, write

from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.load import LoadReport, load

FIRMS = """企业名称,统一社会信用代码,所在市,营业收入,成立日期
    甲公司,914403001922038216,枣庄市,很多,去年
    ,91330100799655058B,枣庄市,,
    乙公司,000000000000000000,,,
    丙公司,,枣装市,,
    丁公司,,,12,2015"""


def conserved(report: LoadReport) -> None:
    for s in report.sheets:
        assert s.read == s.new + s.unchanged + s.merged + s.rejected, s


def workbook(report: LoadReport) -> list[list[Any]]:
    assert report.rejects_file is not None
    sheet = openpyxl.load_workbook(report.rejects_file).active
    assert sheet is not None
    return [[c.value for c in row] for row in sheet.iter_rows()]


def test_rows_and_cells_that_are_refused(tmp_path: Path) -> None:
    report = load(tmp_path / "w", [write(tmp_path, "企业.csv", FIRMS)], max_rejects=1.0)
    conserved(report)
    assert [(s.read, s.new, s.rejected, s.cells) for s in report.sheets] == [(5, 3, 2, 3)]
    told = {(r.row, r.column, r.value, r.code) for r in report.rejects}
    assert told == {
        (2, "营业收入", "很多", "reject_number"), (2, "成立日期", "去年", "reject_date"),
        (3, "企业名称", "", "reject_required"), (4, "统一社会信用代码", "0" * 18, "reject_uscc"),
        (5, "所在市", "枣装市", "reject_place")}  # fmt: skip
    assert names(Workspace.open(tmp_path / "w").graph(), "Enterprise") == ["丁公司", "乙公司", "甲公司"]


def test_the_workbook_of_rejects_tells_all_and_the_row_loads_once_corrected(tmp_path: Path) -> None:
    report = load(tmp_path / "w", [write(tmp_path, "企业.csv", FIRMS)], max_rejects=1.0)
    assert report.rejects_file == tmp_path / "w" / "rejects" / "000001.xlsx"
    header, *rows = workbook(report)
    assert header == ["文件", "工作表", "行", "列", "原值", "代码", "原因"]
    place = next(r for r in rows if r[5] == "reject_place")
    assert place[0] == "企业.csv"
    assert place[2:5] == [5, "所在市", "枣装市"]
    assert "枣庄市" in place[6]
    assert len(rows) == len(report.rejects) == 5
    corrected = write(tmp_path, "企业.csv", FIRMS.replace("枣装市", "枣庄市"))
    load(tmp_path / "w", [corrected], max_rejects=1.0)
    assert "丙公司" in names(Workspace.open(tmp_path / "w").graph(), "Enterprise")


@pytest.mark.parametrize("live", ['=HYPERLINK("http://example.org","x")', "+1+1", "-2", "@SUM(A1)", "\tx",
                                  "http://example.org/"])  # fmt: skip
def test_nothing_is_live_in_the_workbook_of_rejects(tmp_path: Path, live: str) -> None:
    path = tmp_path / "企业.xlsx"
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("企业")
        for at, row in enumerate([["企业名称", "成立日期"], ["甲公司", live]]):
            for column, value in enumerate(row):
                sheet.write_string(at, column, value)
    report = load(tmp_path / "w", [path])
    assert report.rejects_file is not None
    opened = openpyxl.load_workbook(report.rejects_file).active
    assert opened is not None
    cell = opened["E2"]
    assert (cell.data_type, cell.hyperlink) == ("s", None)
    assert str(cell.value).strip() == live.strip()


def test_above_the_limit_nothing_is_loaded(tmp_path: Path) -> None:
    path = write(tmp_path, "企业.csv", FIRMS)
    with pytest.raises(ValueError, match=r"拒绝了 2 行，占读取 5 行的 40.0%"):
        load(tmp_path / "w", [path], max_rejects=0.05)
    assert Workspace.open(tmp_path / "w").load_numbers() == []
    assert (tmp_path / "w" / "rejects" / "000001.xlsx").is_file()


def test_the_limit_is_a_share_of_the_rows(tmp_path: Path) -> None:
    rows = "\n".join(f"企业{i}," for i in range(19))
    path = write(tmp_path, "企业.csv", f"企业名称,所在市\n{rows}\n坏企业,枣装市")
    with pytest.raises(ValueError, match="超过上限 4%"):
        load(tmp_path / "w", [path], max_rejects=0.04)
    assert load(tmp_path / "w", [path], max_rejects=0.05).load == 1


def test_ends_that_are_not_there_self_loops_and_ambiguous_names_are_refused(tmp_path: Path) -> None:
    firms = write(
        tmp_path,
        "企业.csv",
        """企业名称,统一社会信用代码
        同名公司,914403001922038216
        同名公司,91330100799655058B
        甲公司,""",
    )
    supplies = write(
        tmp_path,
        "供货.csv",
        """供方,需方
        甲公司,无此公司
        甲公司,甲公司
        甲公司,同名公司
        914403001922038216,甲公司""",
    )
    report = load(tmp_path / "w", [firms, supplies], max_rejects=1.0)
    conserved(report)
    told = sorted((r.row, r.code, r.value) for r in report.rejects)
    assert told == [(2, "reject_end", "无此公司"), (3, "reject_self", "甲公司"), (4, "reject_ambiguous", "同名公司")]
    assert links(Workspace.open(tmp_path / "w").graph(), "SUPPLIES") == {("同名公司", "甲公司")}


def test_rows_wider_than_the_header_and_lines_that_are_no_json_are_refused(tmp_path: Path) -> None:
    wide = write(tmp_path, "企业.csv", "企业名称,所在市\n甲公司,枣庄市,多余\n乙公司,枣庄市")
    lines = write(tmp_path, "机构.jsonl", '{"机构名称": "某大学"}\n{坏\n[1]')
    report = load(tmp_path / "w", [wide, lines], max_rejects=1.0)
    conserved(report)
    assert [(s.read, s.rejected) for s in report.sheets] == [(2, 1), (3, 2)]
    assert sorted((r.row, r.code) for r in report.rejects) == [
        (2, "reject_json"), (2, "reject_width"), (3, "reject_json")]  # fmt: skip


def test_a_dry_run_tells_the_same_and_loads_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, "企业.csv", FIRMS)
    tried = load(tmp_path / "w", [path], max_rejects=1.0, dry_run=True)
    assert tried.load is None
    assert Workspace.open(tmp_path / "w").load_numbers() == []
    assert load(tmp_path / "w", [path], max_rejects=1.0).sheets == tried.sheets


def test_rows_that_are_known_merged_or_new_are_told_apart(tmp_path: Path) -> None:
    load(tmp_path / "w", [write(tmp_path, "企业.csv", "企业名称,主营产品,来源\n甲公司,A,一\n乙公司,A,一")])
    more = write(tmp_path, "企业.csv", "企业名称,主营产品,来源\n甲公司,A,一\n乙公司,B,一\n丙公司,A,一")
    report = load(tmp_path / "w", [more])
    conserved(report)
    assert [(s.read, s.new, s.unchanged, s.merged) for s in report.sheets] == [(3, 1, 1, 1)]


def test_the_sentence_of_a_refusal_comes_in_both_languages(tmp_path: Path) -> None:
    from chainatlas.graph.schema.words import message

    report = load(tmp_path / "w", [write(tmp_path, "企业.csv", FIRMS)], max_rejects=1.0)
    for r in report.rejects:
        zh, en = (message(r.code, lang, **r.values) for lang in ("zh", "en"))
        assert zh != en
        assert "{" not in zh + en
