"""Template: a workbook made from the schema, to be filled in and loaded as it is.

One sheet a type, Chinese headers with a note each, drop-downs where the schema lists
values, and one example row whose first cell begins with 【示例】: it is never loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...graph.schema.errors import LoadError, StoreError
from ...graph.schema.paths import assert_writable, replacing
from ...graph.schema.types import Property, Schema
from ...graph.schema.words import message, read_toml
from ..files.passed import EXAMPLE
from .headers import label

_YES_NO = ("是", "否")
_STAGES = ("上游", "中游", "下游")
_DEFAULT = (
    "Cluster", "Enterprise", "Product", "INPUT_OF", "Technology", "Alliance", "Platform", "Institute", "Park",
    "Service", "Fund", "Team", "Patent", "Project", "Coverage", "Statistic", "Region", "Chain",
)  # fmt: skip
_ROWS = 5000  # rows that drop-downs reach


@dataclass(frozen=True)
class _Column:
    """One column of the template: header, note, list of values, example, whether it must be filled."""

    header: str
    note: str
    values: tuple[str, ...]
    example: str
    required: bool
    text: bool


def template(path: Path, schema: Schema, types: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Write the workbook and return the types it holds.

    Parameters
    ----------
    types
        Names of types in either language; the usual ones when empty.

    Raises
    ------
    LoadError
        A type is unknown.
    StoreError
        The file cannot be written.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    assert_writable(path)
    wanted = tuple(_named(schema, t) for t in types) or _DEFAULT
    try:
        options = {"strings_to_formulas": False, "strings_to_urls": False}
        with replacing(path) as made, xlsxwriter.Workbook(str(made), options) as book:
            styles = {
                "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
                "must": book.add_format({"bold": True, "bottom": 1, "bg_color": "#E8EFF8", "valign": "top"}),
                "example": book.add_format({"font_color": "#66707B", "num_format": "@"}),
                "text": book.add_format({"num_format": "@"}),
            }
            for name in wanted:
                _sheet(book, styles, schema, name)
    except (OSError, FileCreateError) as bad:
        raise StoreError("output_unwritable", file=path, reason=bad) from bad
    return wanted


def _named(schema: Schema, text: str) -> str:
    found = schema.sheet_type(text) or schema.relation_named(text)
    if found is None:
        known = "、".join(label(schema, n) for n in _DEFAULT)
        raise LoadError("as_unknown", name=text, types=known)
    return found


def _sheet(book: Any, styles: dict[str, Any], schema: Schema, name: str) -> None:
    kind = schema.nodes.get(name) or schema.relations.get(name) or schema.statements[name]
    sheet = book.add_worksheet(next(iter(kind.sheets), kind.zh)[:31])
    columns = list(_columns(schema, name))
    for at, column in enumerate(columns):
        sheet.write_string(0, at, column.header, styles["must" if column.required else "head"])
        if column.note:
            sheet.write_comment(0, at, column.note, {"x_scale": 2.2})
        shown = len(column.example) + (len(EXAMPLE) if at == 0 else 0)
        width = min(max(10, 2.2 * len(column.header), 1.9 * shown), 40)
        sheet.set_column(at, at, width, styles["text"] if column.text else None)
        sheet.write_string(1, at, (EXAMPLE if at == 0 else "") + column.example, styles["example"])
        if column.values:
            _drop_down(sheet, at, column.values)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, _ROWS, len(columns) - 1)


def _drop_down(sheet: Any, at: int, values: tuple[str, ...]) -> None:
    if sum(len(v) + 1 for v in values) <= 255:  # Excel's limit for a list inside a cell rule
        sheet.data_validation(1, at, _ROWS, at, {
            "validate": "list", "source": list(values), "error_type": "warning", "ignore_blank": True})  # fmt: skip


def _columns(schema: Schema, name: str) -> Iterator[_Column]:
    """Yield the columns of a type in the order people fill them: name first, provenance last."""
    examples: dict[str, str] = read_toml("examples.toml").get(name, {})
    node, relation = schema.nodes.get(name), schema.relations.get(name)
    if relation is not None:
        for end, header in (("from", relation.from_header or "起点"), ("to", relation.to_header or "终点")):
            yield _Column(header, message("template_end", "zh", type=_kinds(schema, relation, end)), (),
                          examples.get(header, ""), True, True)  # fmt: skip
    props = (node or relation or schema.statements[name]).props.values()
    for prop in props:
        if prop.role not in ("seat", "companion") and not prop.rare:
            yield _property(schema, prop, examples)
    if node is not None:
        places = schema.place.values() if node.place else ()
        for prop in (p for p in (*places, *node.extras.values()) if not p.rare):
            yield _property(schema, prop, examples)
        for link in node.links.values():
            targets = "、".join(schema.nodes[t].zh for t in link.targets)
            yield _Column(link.zh, message("template_link", "zh", type=targets), (), examples.get(link.zh, ""),
                          False, True)  # fmt: skip
    if name not in schema.statements:
        for prop in schema.provenance.values():
            yield _property(schema, prop, examples)


def _kinds(schema: Schema, relation: Any, end: str) -> str:
    names = relation.sources if end == "from" else relation.targets
    return "、".join(schema.nodes[t].zh for t in names)


def _property(schema: Schema, prop: Property, examples: dict[str, str]) -> _Column:
    header = f"{prop.zh}（万元）" if prop.type == "money" else prop.zh
    values = prop.values
    if prop.type == "bool":
        values = _YES_NO
    elif prop.type == "stage":
        values = _STAGES
    elif prop.type == "relation":
        values = tuple(r.zh for r in schema.relations.values())
    code = f"template_{prop.type}"
    note = message(code, "zh") if code in read_toml("messages.toml") else ""
    if prop.required:
        note = message("template_required", "zh") + note
    text = prop.type in ("text", "list", "uscc", "stock", "hk", "tw", "ticker", "code", "date")
    return _Column(header, note, () if prop.type == "list" else values, examples.get(prop.zh, ""), prop.required, text)
