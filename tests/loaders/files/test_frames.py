"""Frames: which rows are the header, what columns under merged headers mean, hidden sheets.

Each shape is loaded whole, and the graph must be that of the same table written plainly.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from building import as_csv, links, names, node, put, write

from chainatlas.api import load_result
from chainatlas.graph.schema.errors import LoadError
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.load import LoadReport, load

Rows = list[list[Any]]
A, B, C = "示例甲有限公司", "示例乙有限公司", "示例丙有限公司"
FIRM = [A, "示例电池", "示例电机", "示例电控", "济南市"]
PLAIN = f"企业名称,主营产品,所在市\n{A},示例电池、示例电机、示例电控,济南市"


def book(path: Path, rows: Rows, merged: tuple[str, ...] = (), hidden: dict[str, Rows] | None = None) -> Path:
    """Write a workbook of one sheet, and sheets that are hidden."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path)) as made:
        sheet = made.add_worksheet(path.stem)
        for area in merged:
            sheet.merge_range(area, "")
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell not in ("", None):
                    sheet.write(at, column, cell)
        for name, further in (hidden or {}).items():
            other = made.add_worksheet(name)
            (other.very_hidden if name.startswith("很") else other.hide)()
            for at, row in enumerate(further):
                other.write_row(at, 0, row)
    return path


def plain_hash(folder: Path, text: str = PLAIN, name: str = "企业.csv") -> str:
    return load(folder / "plain", [write(folder / "p", name, text)]).hash


def told(report: LoadReport) -> list[tuple[int, str]]:
    return sorted((row, why) for _, _, row, why, _ in report.passed)


# cases -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "headers"), [("字频.csv", "dict、idf"), ("词条.csv", "词条、频次")])
def test_a_data_cell_that_equals_a_header_makes_none(shared: Path, tmp_path: Path, name: str, headers: str) -> None:
    case = shared / "cases" / "lists" / "02-headless-dict"
    with pytest.raises(LoadError, match=headers) as bad:
        load(tmp_path / "w", [case / name])
    assert bad.value.code == "sheet_type"
    mapping = case / {"字频.csv": "m.toml", "词条.csv": "m2.toml"}[name]
    report, graph = put(tmp_path, case / name, mapping=mapping)
    words = {"字频.csv": "公 司 有 市 大", "词条.csv": "示例材料 产品 技术 平台 示例电芯"}[name]
    assert names(graph, "Product") == sorted(words.split())
    assert [s.read for s in report.sheets] == [5]


@pytest.mark.parametrize(
    ("name", "firms"),
    [
        ("两行表头.xlsx", {(A, p) for p in ("示例电池", "示例电机", "示例电控")}),
        (
            "合并表头.xlsx",
            {(A, "示例电池"), (A, "示例电机"), (A, "示例电控"), (B, "示例隔膜"), (B, "示例铜箔")},
        ),
    ],
)
def test_all_columns_under_a_merged_header_are_read(
    shared: Path, tmp_path: Path, name: str, firms: set[tuple[str, str]]
) -> None:
    report, graph = put(tmp_path, shared / "cases" / "lists" / "20-merged-product-header" / name)
    assert links(graph, "PRODUCES") == firms
    assert names(graph, "Enterprise") == sorted({firm for firm, _ in firms})
    assert (report.rejects, report.unused, report.passed) == ((), (), ())


def test_one_header_written_twice_is_refused(shared: Path, tmp_path: Path) -> None:
    path = shared / "cases" / "lists" / "20-merged-product-header" / "重名表头.csv"
    with pytest.raises(LoadError, match="主营产品") as bad:
        load(tmp_path / "w", [path])
    assert bad.value.code == "column_twice"
    # Said in a mapping that both are meant, or by different words, they are several values.
    rows = [["公司", "产品甲", "产品乙"], [A, "示例电池", "示例电机"]]
    mapping = write(
        tmp_path,
        "m.toml",
        """[[sheet]]
        file = "某.csv"
        as = "企业"
        [sheet.columns]
        "公司" = "企业名称"
        "产品甲" = "主营产品"
        "产品乙" = "主营产品" """,
    )
    _, graph = put(tmp_path, as_csv(tmp_path / "某.csv", rows), mapping=mapping)
    assert links(graph, "PRODUCES") == {(A, "示例电池"), (A, "示例电机")}


def test_two_columns_of_one_value_are_read_together_and_told(tmp_path: Path) -> None:
    rows = [["企业名称", "营业收入（万元）", "营收（亿元）"], [A, "1", "2"], [B, "", "2"]]
    report, graph = put(tmp_path, as_csv(tmp_path / "企业.csv", rows))
    assert [node(graph, "Enterprise", name)["revenue"] for name in (A, B)] == [1e4, 2e8]
    assert report.twins == (("企业.csv", "营收（亿元）", "营业收入（万元）", 1, 1),)


def test_hidden_sheets_are_told_and_not_loaded(shared: Path, tmp_path: Path) -> None:
    path = shared / "cases" / "lists" / "13-hidden-sheet" / "企业.xlsx"
    report, graph = put(tmp_path, path)
    assert names(graph, "Enterprise") == [B, A]
    assert ("企业.xlsx", "旧名单", 2, "hidden_sheet", "") in report.passed
    (sentence,) = [s for s in load_result(report).notes_in("zh") if "旧名单" in s]
    assert "没有载入（1 行）" in sentence
    assert 'sheet = "旧名单"' in sentence
    columns = '[sheet.columns]\n"企业名称" = "企业名称"\n"所在市" = "所在市"\n'
    given = f'[[sheet]]\nfile = "企业.xlsx"\nsheet = "旧名单"\nas = "企业"\n{columns}'
    report, graph = put(tmp_path / "2", path, mapping=write(tmp_path, "m.toml", given))
    assert names(graph, "Enterprise") == sorted([A, B, "示例旧有限公司"])
    # A mapping for the file as a whole does not name it.
    given = given.replace('sheet = "旧名单"\n', "")
    report, graph = put(tmp_path / "3", path, mapping=write(tmp_path, "m2.toml", given))
    assert names(graph, "Enterprise") == [B, A]


BESIDE = {
    "说明": [["一、本表由各县填报。"], ["二、企业名称填写全称。"]],
    "字段说明": [["字段", "说明"], ["企业名称", "全称"]],
    "首页": [["示例市重点企业"], ["示例市示例局"]],
    "汇总": [["地区", "企业数"], ["宜昌市", "2"]],
    "Sheet3": [["甲乙", "丙丁"], ["x", "y"]],
}


@pytest.mark.parametrize("sheet", BESIDE)
@pytest.mark.parametrize("file", ["企业.xlsx", "某.xlsx"])
def test_a_sheet_beside_a_list_is_passed_over_and_told(tmp_path: Path, file: str, sheet: str) -> None:
    with xlsxwriter.Workbook(str(tmp_path / file)) as made:
        for name, rows in ((sheet, BESIDE[sheet]), ("企业", [["企业名称"], [A], [B]])):
            added = made.add_worksheet(name)
            for at, row in enumerate(rows):
                added.write_row(at, 0, row)
    report, graph = put(tmp_path, tmp_path / file)
    assert names(graph, "Enterprise") == [B, A]
    assert report.passed == ((file, sheet, 2, "no_list", ""),)
    assert sum(f"“{file}”里的工作表“{sheet}”没有载入（1 行）" in s for s in load_result(report).notes_in("zh")) == 1


@pytest.mark.parametrize(
    ("sheets", "refused"),
    [
        ({"说明": [["本表由各县填报。"], ["企业名称填写全称。"]], "首页": [["示例市"], ["示例局"]]}, "说明"),
        ({"企业": [["企业名称"], [A]], "表2": [["所在市", "成立日期"], ["宜昌市", "2020-01-01"]]}, "表2"),
        ({"企业": [["企业名称"], [A]], "产品": [["甲乙", "丙丁"], ["x", "y"]]}, "产品"),
    ],
    ids=["no sheet is a list", "headers are known", "the name is that of a list"],
)
def test_a_sheet_that_may_be_a_list_is_refused(tmp_path: Path, sheets: dict[str, Rows], refused: str) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "某.xlsx")) as made:
        for name, rows in sheets.items():
            added = made.add_worksheet(name)
            for at, row in enumerate(rows):
                added.write_row(at, 0, row)
    with pytest.raises(LoadError) as error:
        put(tmp_path, tmp_path / "某.xlsx")
    assert error.value.values["sheet"] == refused
    assert error.value.values["draft"]


def test_hidden_sheets_of_other_workbooks(tmp_path: Path) -> None:
    old = [["企业名称"], ["示例旧有限公司"]]
    path = book(tmp_path / "企业.xlsx", [["企业名称"], [A]], (), {"旧": old, "很旧": old})
    report, graph = put(tmp_path, path)
    assert names(graph, "Enterprise") == [A]
    assert [(s, why) for _, s, _, why, _ in report.passed] == [("旧", "hidden_sheet"), ("很旧", "hidden_sheet")]


def test_an_old_workbook_with_merged_headers_and_hidden_sheets(tmp_path: Path) -> None:
    # merged_hidden.xls: written by xlwt, the table of 两行表头 with a hidden and a very hidden sheet.
    path = tmp_path / "企业.xls"
    path.write_bytes((Path(__file__).parent / "merged_hidden.xls").read_bytes())
    report, _ = put(tmp_path, path)
    assert report.hash == plain_hash(tmp_path)
    assert [(s, why) for _, s, _, why, _ in report.passed] == [("旧名单", "hidden_sheet"), ("更旧", "hidden_sheet")]


def ods(path: Path, tables: str) -> Path:
    styles = "".join(
        f'<style:style style:name="{name}" style:family="table">'
        f'<style:table-properties table:display="{shown}"/></style:style>'
        for name, shown in (("a", "true"), ("b", "false"))
    )
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{urn}:office:1.0" xmlns:text="{urn}:text:1.0" '
        f'xmlns:style="{urn}:style:1.0" xmlns:table="{urn}:table:1.0" office:version="1.2">'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>{tables}"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{urn}:manifest:1.0"/>')
        archive.writestr("content.xml", content)
    return path


def test_merged_headers_and_hidden_sheets_of_an_open_document(tmp_path: Path) -> None:
    def cell(text: str, columns: int = 1, rows: int = 1) -> str:
        size = f' table:number-columns-spanned="{columns}" table:number-rows-spanned="{rows}"'
        return (
            f'<table:table-cell office:value-type="string"{size if columns * rows > 1 else ""}>'
            f"<text:p>{text}</text:p></table:table-cell>"
        )

    def row(*cells: str) -> str:
        return f"<table:table-row>{''.join(cells)}</table:table-row>"

    covered = "<table:covered-table-cell/>"
    tables = (
        '<table:table table:name="企业" table:style-name="a">'
        + row(
            cell("企业名称", 1, 2),
            cell("主营产品", 3),
            '<table:covered-table-cell table:number-columns-repeated="2"/>',
            cell("所在市", 1, 2),
        )
        + row(covered, *map(cell, ("产品一", "产品二", "产品三")), covered)
        + row(*map(cell, FIRM))
        + '</table:table><table:table table:name="旧" table:style-name="b">'
        + row(cell("企业名称"))
        + row(cell("示例旧有限公司"))
        + "</table:table>"
    )
    report, _ = put(tmp_path, ods(tmp_path / "企业.ods", tables))
    assert report.hash == plain_hash(tmp_path)
    assert [(s, why) for _, s, _, why, _ in report.passed] == [("旧", "hidden_sheet")]


# shapes of their own ------------------------------------------------------------------------------------

TITLES = [
    ["附件2", "", "", "", ""],
    ["示例企业汇总表", "", "", "", ""],
    ["填报单位：示例局", "", "", "填报日期：2024年5月", ""],
]
TWO = [["企业名称", "主营产品", "", "", "所在市"], ["", "产品一", "产品二", "产品三", ""]]
NAMED = [["企业名称", "主营产品", "", "", "所在市"], ["", "名称", "主要产品2", "其他产品", ""]]
SHAPES: dict[str, tuple[Rows, tuple[str, ...], list[tuple[int, str]]]] = {
    "two rows": ([*TWO, FIRM], ("A1:A2", "B1:D1", "E1:E2"), []),
    "merged across only": ([*TWO, FIRM], ("B1:D1",), []),
    "not merged": ([*TWO, FIRM], (), []),
    "filled by hand": (
        [
            ["企业名称", "主营产品", "主营产品", "主营产品", "所在市"],
            ["企业名称", "产品一", "产品二", "产品三", "所在市"],
            FIRM,
        ],
        (),
        [],
    ),
    "one row, merged": ([TWO[0], FIRM], ("B1:D1",), []),
    "one row, not merged": ([TWO[0], FIRM], (), []),
    "titles above": ([*TITLES, *TWO, FIRM], ("A1:E1", "A2:E2"), [(1, "title"), (2, "title"), (3, "title")]),
    "three rows": (
        [
            ["企业", "产品情况", "", "", "地点"],
            ["企业名称", "主营产品", "", "", "所在市"],
            ["", "产品一", "产品二", "产品三", ""],
            FIRM,
        ],
        ("B1:D1", "B2:D2"),
        [],
    ),
    "four rows": (
        [
            ["总表", "", "", "", "地点"],
            ["企业", "产品情况", "", "", "所在地"],
            ["企业名称", "主营产品", "", "", "市"],
            ["", "1", "2", "3", ""],
            FIRM,
        ],
        ("A1:D1", "B2:D2", "B3:D3", "A3:A4", "E3:E4"),
        [],
    ),
    "counted otherwise": ([*NAMED, FIRM], ("B1:D1",), []),
    "numbered": ([["企业名称", "主营产品1", "主营产品2", "主营产品（三）", "所在市"], FIRM], (), []),
    "numbers below": ([*TWO, ["甲", "1", "2", "3", "4"], FIRM], ("B1:D1",), [(3, "header")]),
    "letters below": ([*TWO, ["A", "B", "C", "D", "E"], FIRM], ("B1:D1",), [(3, "header")]),
    "another language below": (
        [
            ["企业名称", "主营产品1", "主营产品2", "主营产品3", "所在市"],
            ["Name", "Main products", "x", "y", "City"],
            FIRM,
        ],
        (),
        [(2, "header")],
    ),
    "another language above": (
        [["company", "p1", "p2", "p3", "city"], ["企业名称", "主营产品1", "主营产品2", "主营产品3", "所在市"], FIRM],
        (),
        [(1, "title")],
    ),
    "pages": (
        [TITLES[1], *TWO, ["续表", "", "", "", ""], TITLES[1], *TWO, FIRM],
        ("B2:D2",),
        [(1, "title"), (4, "note"), (5, "header"), (6, "header"), (7, "header")],
    ),
    "feet": (
        [
            *TWO,
            FIRM,
            ["合计", "1", "", "", ""],
            ["以上共1家", "", "", "", ""],
            ["（以下空白）", "", "", "", ""],
            ["注：排名不分先后", "", "", "", ""],
            ["填表人：某某", "", "审核人：某某", "", ""],
        ],
        ("B1:D1",),
        [(4, "total"), (5, "total"), (6, "note"), (7, "note"), (8, "note")],
    ),
}


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_a_header_gives_the_graph_of_the_plain_table(tmp_path: Path, shape: str, kind: str) -> None:
    rows, merged, passed = SHAPES[shape]
    path = book(tmp_path / "企业.xlsx", rows, merged) if kind == "xlsx" else as_csv(tmp_path / "企业.csv", rows)
    report, graph = put(tmp_path, path)
    assert links(graph, "PRODUCES") == {(A, p) for p in FIRM[1:4]}
    assert told(report) == passed
    assert (report.rejects, report.unused) == ((), ())
    assert report.hash == plain_hash(tmp_path)


def test_a_row_of_units_gives_its_unit(tmp_path: Path) -> None:
    rows = [["企业名称", "营业收入", "所在市"], ["", "万元", ""], [A, 150, "济南市"]]
    report, graph = put(tmp_path, as_csv(tmp_path / "企业.csv", rows))
    assert node(graph, "Enterprise", A)["revenue"] == 1_500_000.0
    assert told(report) == [(2, "header")]


def test_a_unit_below_its_header_in_a_header_of_two_rows(tmp_path: Path) -> None:
    rows = [["企业名称", "营业收入", "主营产品", ""], ["", "（万元）", "产品一", "产品二"], [A, 150, "示例电池", ""]]
    path = book(tmp_path / "企业.xlsx", rows, ("A1:A2", "C1:D1"))
    report, graph = put(tmp_path, path)
    assert node(graph, "Enterprise", A)["revenue"] == 1_500_000.0
    assert (links(graph, "PRODUCES"), report.passed) == ({(A, "示例电池")}, ())


def test_what_is_not_read_under_a_merged_header_is_told_with_its_path(tmp_path: Path) -> None:
    rows = [
        ["企业名称", "主营产品", "", "", "法定代表人", "", "营业收入（万元）", ""],
        ["", "名称", "产能", "占比", "姓名", "电话", "2022年", "2023年"],
        [A, "示例电池", "100", "30%", "某某", "123", "1", "2"],
    ]
    report, graph = put(tmp_path, as_csv(tmp_path / "企业.csv", rows))
    assert links(graph, "PRODUCES") == {(A, "示例电池")}
    assert names(graph, "Enterprise") == [A]
    assert {header for _, header in report.unused} >= {
        "主营产品·产能",
        "主营产品·占比",
        "营业收入（万元）·2022年",
    }
    assert node(graph, "Enterprise", A)["revenue"] == 2e4, "the latest year"


def test_a_refused_cell_under_a_merged_header_has_its_row_and_column(tmp_path: Path) -> None:
    rows = [["示例表", "", "", ""], ["集群名称", "所属区域", "", "说明"], ["示例集群", "济南市", "没有的市", ""]]
    report, graph = put(tmp_path, book(tmp_path / "集群.xlsx", rows, ("A1:D1", "B2:C2")), max_rejects=1.0)
    assert [(r.row, r.column, r.value, r.code) for r in report.rejects] == [
        (3, "所属区域·2", "没有的市", "reject_place")
    ]
    assert links(graph, "LOCATED_IN") == {("示例集群", "济南市")}


def test_lists_in_several_columns_are_one_list(tmp_path: Path) -> None:
    rows = [["企业名称", "称号", ""], ["", "称号1", "称号2"], [A, "单项冠军", "小巨人、单项冠军"]]
    put(tmp_path, as_csv(tmp_path / "企业.csv", rows))
    same = "企业名称,称号\n示例甲有限公司,小巨人、单项冠军"
    assert Workspace.open(tmp_path / "w").current()[0] == plain_hash(tmp_path, same)


def test_columns_without_a_header_are_told_when_they_hold_something(tmp_path: Path) -> None:
    rows = [["企业名称", "所在市", "", ""], [A, "济南市", "", "示例电机"]]
    for name in ("企业.csv", "企业.xlsx"):
        path = tmp_path / name
        report, _ = put(tmp_path / name[-3:], as_csv(path, rows) if name.endswith("csv") else book(path, rows))
        assert report.unused == ((name, "（第4列，无表头）"),)
        assert report.rejects == ()


def test_a_file_without_a_header_is_refused_with_its_first_row(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=f"{A}、济南市") as bad:
        load(tmp_path / "w", [as_csv(tmp_path / "企业.csv", [[A, "济南市"], [B, "青岛市"], [C, "市"]])])
    assert bad.value.code == "column_required"


@pytest.mark.parametrize(
    "rows",
    [
        [["词", "近义词"], ["示例", "例子"], ["企业名称", "公司名称"], ["单位", "机构"]],
        [["词", "次数", "词性"], ["示例", "3", "名"], ["产品", "9", "名"], ["城市", "7", "市"]],
        [["词"], ["示例"], ["产品"], ["市"]],
    ],
)
def test_words_in_the_data_are_no_header(tmp_path: Path, rows: Rows) -> None:
    with pytest.raises(LoadError) as bad:
        load(tmp_path / "w", [as_csv(tmp_path / "表.csv", rows)])
    assert bad.value.code == "sheet_type"
    assert bad.value.values["headers"] == "、".join(rows[0])


def test_a_first_row_that_a_mapping_takes_for_data_keeps_its_empty_cells(tmp_path: Path) -> None:
    mapping = """[[sheet]]
        file = "表.*"
        as = "产品环节"
        header = ["甲", "乙", "丙"]
        [sheet.columns]
        "甲" = "产品名称"
        "丙" = "说明" """
    rows = [["示例电池", "1", ""], ["示例电机", "2", "x"]]
    for path in (as_csv(tmp_path / "表.csv", rows), book(tmp_path / "表.xlsx", rows)):
        _, graph = put(tmp_path / path.suffix, path, mapping=write(tmp_path, "m.toml", mapping))
        found = {row["name"]: row["description"] for row in graph.nodes["Product"].to_pylist()}
        assert found == {"示例电池": None, "示例电机": "x"}
