"""Tables of classes: a hierarchy of industries by code, from every way in which they are written."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter
from building import links, write

from chainatlas.api import load_result
from chainatlas.graph.columns.tables import Graph
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.load import LoadReport, load

CLASSES = {
    "A": "示例农业门类",
    "01": "示例农业",
    "011": "示例业",
    "0110": "示例业",
    "0111": "示例种植",
    "02": "示例林业",
    "B": "示例采矿门类",
    "06": "示例煤炭",
    "061": "示例烟煤",
    "0610": "示例烟煤",
}
ABOVE = {
    ("01", "A"),
    ("011", "01"),
    ("0110", "011"),
    ("0111", "011"),
    ("02", "A"),
    ("06", "B"),
    ("061", "06"),
    ("0610", "061"),
}


def put(folder: Path, *paths: Path) -> tuple[LoadReport, Graph]:
    report = load(folder / "w", list(paths))
    return report, Workspace.open(folder / "w").graph()


def classes(graph: Graph) -> dict[str, str]:
    return {row["code"]: row["name"] for row in graph.nodes["Industry"].to_pylist()}


def above(graph: Graph) -> set[tuple[str, str]]:
    """Pairs of codes: a class and the one it is part of."""
    every = [
        code
        for t in graph.nodes.values()
        for code in (t["code"].to_pylist() if "code" in t.column_names else [None] * len(t))
    ]
    table = graph.relations["PART_OF"]
    return {(every[a], every[b]) for a, b in zip(table["src"].to_pylist(), table["dst"].to_pylist(), strict=True)}


def level(code: str) -> int:
    return len(code) - 1


def columns(code: str, zeros: bool = True) -> list[str]:
    """Return a row of four columns with the code in that of its level."""
    return [(code if zeros else code.lstrip("0")) if at == level(code) else "" for at in range(4)]


def test_the_case(shared: Path, tmp_path: Path) -> None:
    report, graph = put(tmp_path, shared / "cases" / "lists" / "06-merged-header" / "产业.xlsx")
    assert classes(graph) == {"A": "示例门类", "01": "示例大类", "011": "示例业", "0110": "示例业", "0111": "示例种植"}
    assert above(graph) == {("01", "A"), ("011", "01"), ("0110", "011"), ("0111", "011")}
    assert set(graph.nodes["Industry"]["description"].to_pylist()) == {"x"}
    assert (report.rejects, report.unused, report.passed) == ((), (), ())
    assert [(s.read, s.new) for s in report.sheets] == [(5, 5)]
    assert "“产业.xlsx”按 门类、大类、中类、小类 的代码读成有上下级的产业分类，共 5 个类。" in load_result(
        report
    ).notes_in("zh")


LEVELS = "门类,大类,中类,小类"


def rows_of_leaves() -> list[str]:
    """Return the finest classes, each with all above it: code and name a level."""
    parent = dict(ABOVE)
    made = []
    for code in CLASSES:
        if code in parent.values():
            continue
        line = [code]
        while line[0] in parent:
            line.insert(0, parent[line[0]])
        cells = {level(c): f"{c},{CLASSES[c]}" for c in line}
        made.append(",".join(cells.get(at, ",") for at in range(4)))
    return made


WRITTEN = {
    "levels under one header": "代码,,,,类别名称\n"
    + LEVELS
    + ",\n"
    + "\n".join(",".join([*columns(c), n]) for c, n in CLASSES.items()),
    "zeros lost": "代码,,,,类别名称\n"
    + LEVELS
    + ",\n"
    + "\n".join(",".join([*columns(c, zeros=False), n]) for c, n in CLASSES.items()),
    "levels side by side": LEVELS + ",行业名称\n" + "\n".join(",".join([*columns(c), n]) for c, n in CLASSES.items()),
    "beside their names": "门类代码,门类名称,大类代码,大类名称,中类代码,中类名称,小类代码,小类名称\n"
    + "\n".join(rows_of_leaves()),
    "beside their names, two rows": "门类,,大类,,中类,,小类,\n"
    + ",".join(["代码,名称"] * 4)
    + "\n"
    + "\n".join(rows_of_leaves()),
    "code and name in a cell": LEVELS
    + "\n"
    + "\n".join(",".join([f"{c} {n}" if x else "" for x in columns(c)]) for c, n in CLASSES.items()),
    "one column of codes": "行业代码,行业名称\n" + "\n".join(f"{c},{n}" for c, n in CLASSES.items()),
    "the parent's code": "产业代码,产业名称,上级产业代码\n"
    + "\n".join(f"{c},{n},{dict(ABOVE).get(c, '')}" for c, n in CLASSES.items()),
    "the parent's code as its name": "产业代码,产业名称,上级产业\n"
    + "\n".join(f"{c},{n},{dict(ABOVE).get(c, '')}" for c, n in CLASSES.items()),
}


def test_a_class_printed_in_the_row_of_the_only_one_below_it(tmp_path: Path) -> None:
    """GB/T 4754 prints the only 小类 of a 中类 beside it, with one name for both."""
    text = "C,,,,示例制造门类\n,13,,,示例食品\n,,131,,示例谷物\n,,,1311,示例稻谷\n,,,1312,示例小麦\n"
    text += ",,132,1320,示例饲料\n,14,149,1491,示例糕点\n"
    report, graph = put(tmp_path, write(tmp_path, "产业.csv", f"{LEVELS},类别名称\n{text}"))
    made = classes(graph)
    assert len(made) == 10
    assert (made["132"], made["1320"]) == ("示例饲料", "示例饲料")
    assert {made[c] for c in ("14", "149", "1491")} == {"示例糕点"}
    assert {("1320", "132"), ("132", "13"), ("13", "C"), ("1311", "131"), ("1491", "149"), ("149", "14")} < above(graph)
    assert len(above(graph)) == 9
    assert report.rejects == ()


def test_levels_repeated_in_all_rows_take_no_name_of_a_class_below(tmp_path: Path) -> None:
    text = "C,13,131,1311,示例稻谷\nC,13,132,1320,示例饲料\nC,14,141,1411,示例糕点\n"
    _, graph = put(tmp_path, write(tmp_path, "产业.csv", f"{LEVELS},类别名称\n{text}"))
    made = {"1311": "示例稻谷", "132": "示例饲料", "1320": "示例饲料", "1411": "示例糕点"}
    assert classes(graph) == made


@pytest.mark.parametrize("name", ["Description", "Title"])
def test_levels_in_english_are_those_of_industries_where_asked_for(tmp_path: Path, name: str) -> None:
    text = (
        f"Section,Division,Group,Class,{name}\nA,,,,示例门\n,1,,,示例业\n,,11,,示例粮\n,,,111,示例稻\n,,,112,示例麦\n"
    )
    text += ",,12,120,示例果\n"
    report = load(tmp_path / "w", [write(tmp_path, "x.csv", text)], as_type="Industry")
    graph = Workspace.open(tmp_path / "w").graph()
    made = {"A": "门", "01": "业", "011": "粮", "0111": "稻", "0112": "麦", "012": "果", "0120": "果"}
    assert classes(graph) == {code: f"示例{word}" for code, word in made.items()}
    pairs = {("01", "A"), ("011", "01"), ("012", "01"), ("0111", "011"), ("0112", "011"), ("0120", "012")}
    assert above(graph) == pairs
    assert (report.rejects, report.unused) == ((), ())


def test_names_by_level_beside_one_column_of_codes(tmp_path: Path) -> None:
    rows = ["示例农,,,110000", "示例农,示例种植,,110100", "示例农,示例种植,示例种子,110101"]
    rows += ["示例农,示例渔,,110200", "示例农,示例渔,示例渔,110201", "示例矿,,,210000"]
    blank = [*rows[:1], ",示例种植,,110100", ",,示例种子,110101", ",示例渔,,110200", ",,示例渔,110201", rows[-1]]
    hashes = set()
    for way, lines in enumerate((rows, blank)):
        text = "一级行业,二级行业,三级行业,行业代码\n" + "\n".join(lines)
        report, graph = put(tmp_path / str(way), write(tmp_path / str(way), "行业分类.csv", text))
        assert [classes(graph)[c] for c in ("110000", "110200", "110201")] == ["示例农", "示例渔", "示例渔"]
        below = {("110100", "110000"), ("110101", "110100"), ("110200", "110000"), ("110201", "110200")}
        assert (above(graph), len(classes(graph)), report.rejects) == (below, 6, ())
        hashes.add(report.hash)
    assert len(hashes) == 1


@pytest.mark.parametrize("how", WRITTEN)
def test_every_way_to_write_a_classification_gives_one_hierarchy(tmp_path: Path, how: str) -> None:
    report, graph = put(tmp_path, write(tmp_path, "产业.csv", WRITTEN[how]))
    assert classes(graph) == CLASSES
    assert above(graph) == ABOVE
    assert report.rejects == ()
    assert [s.rejected for s in report.sheets] == [0]
    plain = load(tmp_path / "p", [write(tmp_path / "plain", "产业.csv", WRITTEN["the parent's code"])])
    assert report.hash == plain.hash


def test_a_workbook_that_lost_its_zeros(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "国民经济行业分类.xlsx")) as book:
        sheet = book.add_worksheet("GBT4754")
        sheet.merge_range(0, 0, 0, 4, "国民经济行业分类和代码表")
        sheet.merge_range(1, 0, 1, 3, "代 码")
        sheet.merge_range(1, 4, 2, 4, "类 别 名 称")
        sheet.write_row(2, 0, ["门类", "大类", "中类", "小类"])
        for at, (code, name) in enumerate(CLASSES.items(), 3):
            sheet.write(at, level(code), int(code) if code.isdigit() else code)
            sheet.write(at, 4, name)
    report, graph = put(tmp_path, tmp_path / "国民经济行业分类.xlsx")
    assert classes(graph) == CLASSES
    assert above(graph) == ABOVE
    assert [why for *_, why, _ in report.passed] == ["title"]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        (
            "产业代码,产业名称\n1,甲业\n1.1,乙业\n1.1.1,丙业\n2,丁业\n2.1,戊业",
            {("1.1", "1"), ("1.1.1", "1.1"), ("2.1", "2")},
        ),
        (
            "商品编码,行业名称\n01,甲\n0101,乙\n010121,丙\n02,丁\n0201,戊",
            {("0101", "01"), ("010121", "0101"), ("0201", "02")},
        ),
        (
            "一级代码,二级代码,行业名称\n1,,甲\n,101,乙\n,102,丙\n2,,丁\n,201,戊",
            {("101", "1"), ("102", "1"), ("201", "2")},
        ),
    ],
)
def test_other_classifications(tmp_path: Path, text: str, pairs: set[tuple[str, str]]) -> None:
    _, graph = put(tmp_path, write(tmp_path, "产业.csv", text.replace("商品编码", "行业代码")))
    assert above(graph) == pairs


def test_numbers_that_count_are_no_classification(tmp_path: Path) -> None:
    text = "产业代码,产业名称\n" + "\n".join(f"{n},示例{n}业" for n in range(1, 31))
    _, graph = put(tmp_path, write(tmp_path, "产业.csv", text))
    assert len(graph.nodes["Industry"]) == 30
    assert len(graph.relations.get("PART_OF", ())) == 0


def test_the_order_of_rows_does_not_count_where_codes_tell(tmp_path: Path) -> None:
    codes = {c: n for c, n in CLASSES.items() if len(c) > 1}
    text = "产业代码,产业名称\n" + "\n".join(f"{c},{n}" for c, n in codes.items())
    turned = "产业代码,产业名称\n" + "\n".join(f"{c},{n}" for c, n in reversed(codes.items()))
    hashes = {
        load(tmp_path / k, [write(tmp_path / f"f{k}", "产业.csv", t)]).hash for k, t in (("a", text), ("b", turned))
    }
    assert len(hashes) == 1


def test_levels_in_a_list_of_firms_are_no_classification(tmp_path: Path) -> None:
    text = "企业名称,门类,大类\n示例甲有限公司,A,01\n示例乙有限公司,B,06"
    report, graph = put(tmp_path, write(tmp_path, "名单.csv", text))
    assert [s.type for s in report.sheets] == ["Enterprise"]
    assert len(graph.nodes["Industry"]) == 0
    assert {h for _, h in report.unused} == {"门类", "大类"}


def test_a_parent_by_name_is_read_as_before(tmp_path: Path) -> None:
    _, graph = put(tmp_path, write(tmp_path, "产业.csv", "产业名称,上级产业\n示例业,示例门类\n示例门类,"))
    assert links(graph, "PART_OF") == {("示例业", "示例门类")}
