"""Headings inside a list: told, neither refused nor loaded; their place goes to rows that name none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from building import SCHEMA, links, names, write
from hypothesis import given, settings
from hypothesis import strategies as st
from scheduling import examples

from chainatlas.api import load_result
from chainatlas.graph.columns.tables import Graph
from chainatlas.graph.fold.fold import Loaded, fold
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.gather import gather
from chainatlas.loaders.load import LoadReport, load
from chainatlas.loaders.rows.records import Gathered

A, B, C, D = (f"示例{n}有限公司" for n in "甲乙丙丁")
ALL = [f"示例{n}有限公司" for n in "甲乙丙丁戊己庚辛"]
CITY = {firm: "济南市" if at < 4 else "青岛市" for at, firm in enumerate(ALL)}


def put(folder: Path, text: str, name: str = "企业.csv", **how: Any) -> tuple[LoadReport, Graph]:
    report = load(folder / "w", [write(folder, name, text)], **how)
    return report, Workspace.open(folder / "w").graph()


def told(report: LoadReport) -> list[tuple[int, str]]:
    return sorted((row, why) for _, _, row, why, _ in report.passed)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("名单.xlsx", [(1, "title"), (2, "title"), (4, "heading"), (9, "heading")]),
        ("名单-不合并.xlsx", [(1, "title"), (2, "title"), (4, "heading"), (9, "heading")]),
        ("名单-名称列.xlsx", [(2, "heading"), (7, "heading")]),
    ],
)
def test_the_list_with_headings(shared: Path, tmp_path: Path, name: str, rows: list[tuple[int, str]]) -> None:
    report = load(tmp_path / "w", [shared / "cases" / "lists" / "05-subheading" / name])
    graph = Workspace.open(tmp_path / "w").graph()
    assert names(graph, "Enterprise") == sorted(ALL)
    assert links(graph, "LOCATED_IN") == set(CITY.items())
    assert [(s.read, s.new, s.rejected) for s in report.sheets] == [(8, 8, 0)]
    assert told(report) == rows


@pytest.mark.parametrize(
    "heading",
    [
        "济南市（1家）,,",
        "一、济南市,,",
        "（一）济南市,,",
        "济南,,",
        "一,济南市,",
        "（一）,济南市（共1家）,",
        "1,济南市,",
        "第一部分：济南市,,",
        ",济南市,",
        ",济南市：1家,",
        ",济南市 1家,",
        ",【济南市】,",
        "★ 济南市（共1家企业）,,",
        "济南市,济南市,济南市",
    ],
)
def test_a_heading_that_is_a_place_gives_it_to_rows_without_one(tmp_path: Path, heading: str) -> None:
    text = f"序号,企业名称,主营产品\n{heading}\n1,{A},示例电池\n二、其他企业,,\n2,{B},示例电机"
    report, graph = put(tmp_path, text)
    assert links(graph, "LOCATED_IN") == {(A, "济南市")}
    assert names(graph, "Enterprise") == sorted([A, B])
    assert told(report) == [(2, "heading"), (4, "heading")]
    assert [s for s in load_result(report).notes_in("zh") if "有 1 行没有写所在地" in s]


def test_places_stand_inside_those_above_them_and_a_rows_own_place_wins(tmp_path: Path) -> None:
    text = f"""序号,企业名称,所在市,所在县
        一、山东省,,,
        （一）青岛市,,,
        市南区（1家）,,,
        1,{A},,
        2,{B},济南市,
        朝阳区,,,
        3,{C},,
        二、北京市,,,
        朝阳区,,,
        4,{D},,"""
    report, graph = put(tmp_path, text)
    # 朝阳区 stands for several: below 青岛市 it names nothing, below 北京市 it does.
    assert links(graph, "LOCATED_IN") == {(A, "市南区"), (B, "济南市"), (D, "朝阳区")}
    assert [row for row, why in told(report) if why == "heading"] == [2, 3, 4, 7, 9, 10]
    assert [s.rejected for s in report.sheets] == [0]


def test_headings_merged_across_the_column_of_names(tmp_path: Path) -> None:
    rows = [
        ["企业名称", "所在市", "主营产品"],
        ["重点企业", "", ""],
        [A, "济南市", "示例电池"],
        ["一般企业", "", ""],
        [B, "青岛市", "示例电机"],
        [C, "", ""],
    ]
    with xlsxwriter.Workbook(str(tmp_path / "企业.xlsx")) as book:
        sheet = book.add_worksheet("企业")
        for at, row in enumerate(rows):
            if at in (1, 3):
                sheet.merge_range(at, 0, at, 2, row[0])
            else:
                sheet.write_row(at, 0, [cell or None for cell in row])
    report = load(tmp_path / "w", [tmp_path / "企业.xlsx"])
    # A name alone in its row is a row of the list; one merged over the table is a heading.
    assert names(Workspace.open(tmp_path / "w").graph(), "Enterprise") == sorted([A, B, C])
    assert told(report) == [(2, "heading"), (4, "heading")]


def test_a_table_that_begins_in_a_later_column(tmp_path: Path) -> None:
    text = f",序号,企业名称,主营产品\n,济南市（1家）,,\n,1,{A},示例电池\n,二,青岛市,\n,1,{B},示例电机"
    report, graph = put(tmp_path, text)
    assert links(graph, "LOCATED_IN") == {(A, "济南市"), (B, "青岛市")}
    assert told(report) == [(2, "heading"), (4, "heading")]


def test_what_only_looks_like_a_heading_is_a_row_of_the_list(tmp_path: Path) -> None:
    firms = ["三一示例集团", "济南市示例有限公司", "示例大学（青岛）", "一汽示例（集团）", "四川省示例公司（3号）"]
    report, graph = put(tmp_path, "企业名称,所在市,主营产品\n" + "\n".join(f"{f},," for f in firms))
    assert names(graph, "Enterprise") == sorted(firms)
    assert report.passed == ()
    # In a list of places a place is a row; products are no places.
    _, graph = put(tmp_path / "2", "区域名称,级别,说明\n示例省,,\n济南市,,", "区域.csv")
    assert {"示例省", "济南市"} <= set(names(graph, "Region"))
    _, graph = put(tmp_path / "3", "产品名称,类别,产业链\n示例市,,\n鼓楼,,", "产品环节.csv")
    assert names(graph, "Product") == sorted(["示例市", "鼓楼"])


def test_chinese_numerals_number_headings_only_beside_other_numbers(tmp_path: Path) -> None:
    _, graph = put(tmp_path, f"序号,企业名称,所在市\n一,{A},\n二,{B},\n三,{C},济南市")
    assert names(graph, "Enterprise") == sorted([A, B, C])
    text = f"序号,企业名称,所在市\n一,新材料产业,\n1,{A},济南市\n二,新能源产业,\n2,{B},济南市"
    report, graph = put(tmp_path / "2", text)
    assert names(graph, "Enterprise") == sorted([A, B])
    assert told(report) == [(2, "heading"), (4, "heading")]


def test_headings_of_products_and_rows_with_a_number_only(tmp_path: Path) -> None:
    report, graph = put(
        tmp_path,
        """序号,产品名称,类别
        一、上游,,
        1,示例材料,材料
        （二）下游（1种）,,
        2,示例系统,系统
        3,,
        4,,""",
        "产品环节.csv",
    )
    assert names(graph, "Product") == sorted(["示例材料", "示例系统"])
    assert told(report) == [(2, "heading"), (4, "heading"), (6, "blank"), (7, "blank")]
    assert report.rejects == ()


def test_a_row_without_its_name_is_still_refused(tmp_path: Path) -> None:
    text = f"企业名称,主营产品,所在市\n{A},示例电池,济南市\n,示例电机,\n,示例电控,济南市"
    report, _ = put(tmp_path, text, max_rejects=1.0)
    assert [(r.row, r.code) for r in report.rejects] == [(3, "reject_required"), (4, "reject_required")]
    assert report.passed == ()


def test_headings_of_a_long_list_go_on_into_its_next_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from chainatlas.loaders.files import delimited

    monkeypatch.setattr(delimited, "BLOCK", 1 << 10)
    firms = [f"示例{n}号有限公司" for n in range(200)]
    rows = [f"{n},{firm},示例电池" for n, firm in enumerate(firms)]
    text = "\n".join(["序号,企业名称,主营产品", "济南市,,", *rows[:120], "青岛市,,", *rows[120:]])
    report, graph = put(tmp_path, text)
    assert links(graph, "LOCATED_IN") == {(f, "济南市" if n < 120 else "青岛市") for n, f in enumerate(firms)}
    assert told(report) == [(2, "heading"), (123, "heading")]
    assert [s for s in load_result(report).notes_in("zh") if "有 200 行没有写所在地" in s]


# any decoration --------------------------------------------------------------------------------------

PRODUCTS = ["示例电池", "示例电机", "示例电控", "示例隔膜"]


@st.composite
def lists(draw: st.DrawFn) -> tuple[str, list[list[str]], list[tuple[int, int, int, int]], list[list[str]]]:
    """Draw a list of firms: as a decorated table with its merged cells, and as a plain one."""
    firms = draw(st.lists(st.sampled_from(ALL), min_size=2, max_size=6, unique=True))
    width = draw(st.integers(1, 3))
    made = {f: draw(st.lists(st.sampled_from(PRODUCTS), min_size=1, max_size=width, unique=True)) for f in firms}
    by_place = draw(st.sampled_from(["column", "headings", "both"]))
    plain = [["企业名称", "所在市", "主营产品"], *([f, CITY[f], "、".join(made[f])] for f in firms)]
    place = by_place != "headings"
    all_ = 2 + place + width
    rows: list[list[str]] = [[title] for title in draw(st.sampled_from([[], ["附件1"], ["附件", "示例名单"]]))]
    merged = [(at, 0, at, all_ - 1) for at in range(len(rows)) if draw(st.booleans())]
    top, second = len(rows), width > 1 and draw(st.booleans())
    head = ["序号", "企业名称", *(["所在市"] if place else []), "主营产品", *[""] * (width - 1), "备注"]
    rows.append(head)
    if second:
        rows.append([*[""] * (2 + place), *(f"产品{'一二三'[n]}" for n in range(width)), ""])
        if draw(st.booleans()):
            merged += [(top, at, top + 1, at) for at in range(2 + place)]
    if width > 1:
        merged.append((top, 2 + place, top, 1 + place + width))
    if draw(st.booleans()):
        rows.append(["甲", "乙", *(str(n + 1) for n in range(all_ - 1))])
    groups = draw(st.sampled_from(["（{n}家）", "", "、"]))
    for city in ("济南市", "青岛市"):
        inside = [f for f in firms if CITY[f] == city]
        if by_place != "column" and inside:
            name = f"一、{city}" if groups == "、" else city + groups.format(n=len(inside))
            rows.append([name])
        for n, firm in enumerate(inside, 1):
            cells = [*made[firm], *[""] * (width - len(made[firm]))]
            rows.append([str(n), firm, *([city] if place else []), *cells, "x"])
        if inside and draw(st.booleans()):
            rows.append(["小计", str(len(inside))])
        if inside and city == "济南市" and len(firms) > len(inside) and draw(st.booleans()):
            rows += [[title[0]] for title in rows[:top]] + [list(row) for row in rows[top : top + 1 + second]]
    feet = st.sampled_from(["注：排名不分先后", "（以下空白）", "以上共2家"])
    rows += [[foot] for foot in draw(st.lists(feet, max_size=2))]
    whole = [row + [""] * (all_ + 1 - len(row)) for row in rows]
    return draw(st.sampled_from(["csv", "xlsx"])), whole, merged, plain


@settings(max_examples=examples(80))
@given(drawn=lists())
def test_a_table_in_any_decoration_gives_the_graph_of_the_plain_one(
    tmp_path_factory: pytest.TempPathFactory,
    drawn: tuple[str, list[list[str]], list[tuple[int, int, int, int]], list[list[str]]],
) -> None:
    kind, rows, merged, plain = drawn
    folder = tmp_path_factory.mktemp("list")
    path = folder / f"企业.{kind}"
    if kind == "csv":
        path.write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")
    else:
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet("企业")
            for area in merged:
                sheet.merge_range(*area, "")
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if cell:
                        sheet.write(at, column, int(cell) if cell.isdigit() else cell)
    text = "\n".join(",".join([*row, "x" if at else "备注"]) for at, row in enumerate(plain))
    want, got = (read(write(folder / "plain", "企业.csv", text))), read(path)
    assert got.rejects == []
    assert [(s.type, s.read) for s in got.sheets] == [("Enterprise", len(plain) - 1)]
    assert fold([Loaded(1, got.batch())], SCHEMA, 1).hash == fold([Loaded(1, want.batch())], SCHEMA, 1).hash


def read(path: Path) -> Gathered:
    return gather([path], SCHEMA, known={})


def test_names_that_begin_or_end_like_a_heading_are_rows(tmp_path: Path) -> None:
    firms = ["示例甲有限公司（1）", "示例甲有限公司（2）", "V.Tec科技有限公司"]
    load(tmp_path / "w", [write(tmp_path, "企业.csv", "\n".join(["企业名称,主营产品", *(f"{f}," for f in firms)]))])
    assert names(Workspace.open(tmp_path / "w").graph(), "Enterprise") == sorted(firms)
    products = ["第三类医疗器械", "第一类增值电信服务"]
    load(tmp_path / "v", [write(tmp_path, "产品.csv", "\n".join(["产品名称,说明", *(f"{p}," for p in products)]))])
    assert names(Workspace.open(tmp_path / "v").graph(), "Product") == sorted(products)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("——以下无正文——", "note"),
        ("*为新增企业", "note"),
        ("带▲的为上市企业", "note"),
        ("以上企业排名不分先后", "note"),
        ("以上数据截至2024年", "note"),
        ("※示例说明", "note"),
        ("附件1", "note"),
        ("附表2：企业情况", "note"),
        ("本页小计", "total"),
        ("总数：3", "total"),
        ("宜昌市企业名单", "heading"),
        ("第二批名录（续）", "heading"),
    ],
)
def test_what_stands_alone_in_the_column_of_names_and_is_no_firm(tmp_path: Path, text: str, why: str) -> None:
    report, graph = put(tmp_path, f"企业名称,主营产品,备注\n{A},示例电池,\n{text},,\n{B},示例电机,")
    assert names(graph, "Enterprise") == sorted([A, B])
    assert told(report) == [(3, why)]


def test_firms_that_begin_like_a_note_or_end_like_a_title_are_rows(tmp_path: Path) -> None:
    firms = [
        "*ST示例股份",
        "※示例有限公司",
        "附件示例有限公司",
        "以上信息示例有限公司",
        "总数示例公司",
        "名单示例科技",
        "▲示例集团",
    ]
    report, graph = put(tmp_path, "企业名称,主营产品\n" + "\n".join(f"{f}," for f in firms))
    assert names(graph, "Enterprise") == sorted(firms)
    assert report.passed == ()


@pytest.mark.parametrize(
    ("heading", "place"),
    [
        ("（一）恩施州", "恩施土家族苗族自治州"),
        ("恩施州", "恩施土家族苗族自治州"),
        ("(二) 黔东南州（3家）", "黔东南苗族侗族自治州"),
        ("锡盟", "锡林郭勒盟"),
        ("1、宜昌市", "宜昌市"),
        ("(1)宜昌市", "宜昌市"),
        ("①宜昌市", "宜昌市"),
        ("宜昌市企业名单", "宜昌市"),
    ],
)
def test_short_names_and_numbers_before_a_place(tmp_path: Path, heading: str, place: str) -> None:
    for at, text in enumerate(
        (f"企业名称,主营产品\n{heading},\n{A},电池", f"序号,企业名称,备注\n{heading},,\n1,{A},甲")
    ):
        report, graph = put(tmp_path / str(at), text)
        assert links(graph, "LOCATED_IN") == {(A, place)}
        assert (names(graph, "Enterprise"), told(report)) == ([A], [(2, "heading")])
