"""Workbook: the graph as sheets that ``load`` reads, a sheet a type, for people who work in Excel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..columns.tables import Graph
from ..columns.text import LIST_SEPARATOR
from ..schema.errors import StoreError
from ..schema.types import Property, Schema
from .records import Record, records

_ROWS = 1_048_575


def write_workbook(graph: Graph, schema: Schema, path: Path) -> None:
    """Write every claim as a row under Chinese headers; text stays text, whatever it begins with."""
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    sheets: dict[str, list[dict[str, Any]]] = {}
    names = {(t, k): n for t, table in graph.nodes.items()
             for k, n in zip(table["key"].to_pylist(), table["name"].to_pylist(), strict=True)}  # fmt: skip
    for record in records(graph, schema):
        if not record.stub:
            title, row = _row(record, schema, names)
            sheets.setdefault(title, []).append(row)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    for title, rows in sheets.items():
        if len(rows) > _ROWS:
            raise StoreError("exchange_rows", name=title, n=len(rows))
    try:
        with xlsxwriter.Workbook(str(path), options) as book:
            for title, rows in sheets.items():
                _write(book.add_worksheet(title), rows)
    except FileCreateError as bad:
        cause = bad.args[0]
        raise StoreError("output_unwritable", file=path, reason=getattr(cause, "strerror", None) or cause) from bad


def _row(record: Record, schema: Schema, names: dict[tuple[str, str], str | None]) -> tuple[str, dict[str, Any]]:
    if record.group == "relation":
        kind = schema.relations[record.type]
        ends = [_end(end, names) for end in record.ends]
        types = [schema.nodes[end[0]].zh for end in record.ends]
        first = {"起点": ends[0], "起点类型": types[0], "关系": kind.zh, "终点": ends[1], "终点类型": types[1]}
        return f"关系_{kind.zh}", {**first, **_said(record, kind.props, schema)}
    known = schema.nodes[record.type] if record.group == "node" else schema.statements[record.type]
    return known.sheets[0] if known.sheets else known.zh, _said(record, known.props, schema)


def _end(end: tuple[str, str], names: dict[tuple[str, str], str | None]) -> str:
    """Return a code where the entity is known by one, else its name."""
    kind, _, value = end[1].partition(":")
    return names.get(end) or value if kind in ("name", "seat") else value


def _said(record: Record, props: dict[str, Property], schema: Schema) -> dict[str, Any]:
    labels = {**{p.name: p.zh for p in schema.provenance.values()}, **{p.name: p.zh for p in props.values()}}
    said = {}
    for name, value in record.said.items():
        prop = props.get(name)
        if prop is not None and prop.role == "companion":
            continue
        if prop is not None and prop.type == "list":
            value = "、".join(str(value).split(LIST_SEPARATOR))
        said[labels.get(name, name)] = value
    return said


def _write(sheet: Any, rows: list[dict[str, Any]]) -> None:
    headers = list(dict.fromkeys(h for row in rows for h in row))
    for at, header in enumerate(headers):
        sheet.write_string(0, at, header)
    for line, row in enumerate(rows, 1):
        for at, value in _cells(row, headers):
            if isinstance(value, bool):
                sheet.write_string(line, at, "是" if value else "否")
            elif isinstance(value, int | float):
                sheet.write_number(line, at, value)
            else:
                sheet.write_string(line, at, str(value)[:32_000])
    sheet.freeze_panes(1, 0)


def _cells(row: dict[str, Any], headers: list[str]) -> Iterator[tuple[int, Any]]:
    return ((headers.index(header), value) for header, value in row.items())
