"""The template: what it writes, filled in, loads without a refusal; its example rows are never loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from building import links, names, node

from chainatlas.graph.schema.types import Link, Property, load_schema
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.headers.template import template
from chainatlas.loaders.load import LoadReport, load

SCHEMA = load_schema()
PROMISED = ["集群", "企业", "联盟", "平台", "产品环节", "投入关系", "技术", "机构", "园区", "资金", "人才团队", "专利",
            "项目", "覆盖声明", "服务机构"]  # fmt: skip
PLACES = {"country": "中国", "province": "山东省", "city": "枣庄市", "county": "滕州市"}
VALUES = {"text": "示例文字", "list": "示例甲、示例乙", "number": "3.5", "integer": "2020", "share": "0.5",
          "bool": "是", "date": "2020年1月2日", "stage": "上游", "uscc": "91330100799655058B", "stock": "600309",
          "hk": "00939", "tw": "2330", "ticker": "AAPL.O",
          "code": "S01", "money": "120", "place": "山东省", "relation": "生产"}  # fmt: skip


def own_name(kind: str) -> str:
    """The name under which the filled-in template defines an entity of a type."""
    return {"Region": "示例区域", "Patent": "S01"}.get(kind, f"示例{SCHEMA.nodes[kind].zh}甲")


def value(kind: str, header: str) -> str:
    """Return what somebody would write under a header of a type's sheet."""
    plain = header.removesuffix("（万元）")
    node_type, relation = SCHEMA.nodes.get(kind), SCHEMA.relations.get(kind)
    if relation is not None and plain in (relation.from_header, relation.to_header):
        (ends,) = [relation.sources if plain == relation.from_header else relation.targets]
        return own_name(ends[0]) + ("" if plain == relation.from_header else "二")
    found: dict[str, Property | Link] = {}
    groups: list[Any] = [SCHEMA.provenance]
    if node_type is not None:
        groups += [node_type.links, node_type.extras, SCHEMA.place, node_type.props]
    else:
        groups.append((relation or SCHEMA.statements[kind]).props)
    for group in groups:
        found |= {item.zh: item for item in group.values()}
    item = found[plain]
    if isinstance(item, Link):
        return own_name(item.targets[0]) + ("二" if item.targets[0] == kind else "")
    if item.name in PLACES and node_type is not None and node_type.place and item.zh.startswith("所在"):
        return PLACES[item.name]
    if node_type is not None and item.name in ("name", "number") and item.required:
        return own_name(kind)
    if item.values:
        return item.values[-1] if item.type != "list" else "、".join(item.values[:2])
    return VALUES[item.type]


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[str, ...]]:
    path = tmp_path_factory.mktemp("template") / "模板.xlsx"
    return path, template(path, SCHEMA)


@pytest.fixture(scope="module")
def filled(blank: tuple[Path, tuple[str, ...]], tmp_path_factory: pytest.TempPathFactory) -> tuple[LoadReport, Path]:
    """Every column of every sheet filled in, and a second entity a type, of which only the name is known."""
    folder = tmp_path_factory.mktemp("filled")
    book = openpyxl.load_workbook(blank[0])
    for sheet, kind in zip(book.worksheets, blank[1], strict=True):
        headers = [c.value for c in sheet[1]]
        for at, header in enumerate(headers, 1):
            sheet.cell(3, at, value(kind, str(header)))
            required = kind in SCHEMA.nodes and any(
                p.required and p.zh == header for p in SCHEMA.nodes[kind].props.values()
            )
            if required:
                sheet.cell(4, at, own_name(kind) + "二")
    book.save(folder / "填好.xlsx")
    return load(folder / "w", [folder / "填好.xlsx"], max_rejects=0.0), folder / "w"


def test_a_sheet_for_every_type(blank: tuple[Path, tuple[str, ...]]) -> None:
    book = openpyxl.load_workbook(blank[0])
    assert set(PROMISED) <= set(book.sheetnames)
    types = {SCHEMA.sheet_type(name) for name in book.sheetnames}
    assert types == set(blank[1]), "each sheet's name tells its type"


def test_every_column_has_a_note_where_it_needs_one(blank: tuple[Path, tuple[str, ...]]) -> None:
    book = openpyxl.load_workbook(blank[0])
    for sheet, kind in zip(book.worksheets, blank[1], strict=True):
        wanted = SCHEMA.nodes.get(kind) or SCHEMA.statements.get(kind)
        for cell in sheet[1]:
            name = str(cell.value)
            required = wanted is not None and any(p.required and p.zh == name for p in wanted.props.values())
            if required:
                assert cell.comment is not None, (sheet.title, name)
                assert "必填" in cell.comment.text
                assert cell.fill.fgColor.rgb == "FFE8EFF8"
        assert sheet.freeze_panes == "B2"
    firms = {str(c.value): c.comment.text if c.comment else "" for c in book["企业"][1]}
    assert "18" in firms["统一社会信用代码"]
    assert "、" in firms["主营产品"]
    assert "亿元" in firms["营业收入（万元）"]


def test_drop_downs_hold_what_the_schema_lists(blank: tuple[Path, tuple[str, ...]]) -> None:
    book = openpyxl.load_workbook(blank[0])

    def choices(sheet: str, header: str) -> list[str]:
        at = [c.value for c in book[sheet][1]].index(header) + 1
        for rule in book[sheet].data_validations.dataValidation:
            if any(r.min_col <= at <= r.max_col and r.min_row <= 3 <= r.max_row for r in rule.sqref.ranges):
                return str(rule.formula1).strip('"').split(",")
        return []

    assert choices("产品环节", "环节位置") == ["上游", "中游", "下游"]
    assert choices("产品环节", "原料视为可得") == ["是", "否"]
    assert choices("产品环节", "类别") == list(SCHEMA.nodes["Product"].props["kind"].values)
    assert choices("投入关系", "必需") == ["是", "否"]
    assert choices("平台", "类别") == list(SCHEMA.nodes["Platform"].props["kind"].values)
    assert "生产" in choices("覆盖声明", "关系")
    assert choices("企业", "企业名称") == []


def test_codes_and_dates_are_text_cells(blank: tuple[Path, tuple[str, ...]]) -> None:
    """A code typed into a number cell would lose its last digits."""
    sheet = openpyxl.load_workbook(blank[0])["企业"]
    at = [c.value for c in sheet[1]].index("统一社会信用代码") + 1
    assert sheet.column_dimensions[sheet.cell(1, at).column_letter].number_format == "@"


def test_as_it_is_nothing_is_loaded_and_the_examples_are_told(
    blank: tuple[Path, tuple[str, ...]], tmp_path: Path
) -> None:  # fmt: skip
    report = load(tmp_path / "w", [blank[0]])
    assert report.load is None
    assert {s.read for s in report.sheets} == {0}
    assert {(row, why) for _, _, row, why, _ in report.passed} == {(2, "example")}
    assert len(report.passed) == len(blank[1])


def test_filled_in_it_loads_without_a_refusal(filled: tuple[LoadReport, Path]) -> None:
    report, _ = filled
    assert report.rejects == ()
    assert report.unused == ()
    assert {s.type for s in report.sheets} >= {SCHEMA.sheet_type(name) for name in PROMISED}
    assert all(s.read == s.new + s.merged + s.unchanged for s in report.sheets)
    assert {s.read for s in report.sheets} == {1, 2}


def test_what_was_filled_in_is_in_the_graph(
    filled: tuple[LoadReport, Path], blank: tuple[Path, tuple[str, ...]]
) -> None:  # fmt: skip
    graph = Workspace.open(filled[1]).graph()
    for kind in blank[1]:
        if kind in SCHEMA.nodes:
            known = {*names(graph, kind), *(k.split(":")[-1] for k in graph.nodes[kind]["key"].to_pylist())}
            assert {own_name(kind), own_name(kind) + "二"} <= known, kind
    firm = node(graph, "Enterprise", own_name("Enterprise"))
    assert (firm["uscc"], firm["stock_code"], firm["revenue"]) == ("91330100799655058B", "600309", 1_200_000.0)
    assert (own_name("Product"), own_name("Product") + "二") in links(graph, "INPUT_OF")
    assert len(graph.statements["Coverage"]) == 1
    every = [n for kind in graph.nodes for n in names(graph, kind)]
    assert [n for n in every if n.startswith("【")] == []
