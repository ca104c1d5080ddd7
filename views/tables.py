"""Tables out: a Result on the terminal, as CSV, JSON or a workbook. Text is always text."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from ..graph.schema.errors import QueryError, StoreError
from ..graph.schema.leaving import in_json, xml_text
from ..graph.schema.paths import assert_writable, replacing
from ..graph.schema.short import clipped
from ..graph.schema.words import message, pairs, read_toml, word
from ..queries.atlas.result import Result, Row
from .terminal import cell, console, put_out, tell

FORMATS = ("table", "csv", "json", "xlsx")
_LIVE = ("=", "+", "-", "@", "\t", "\r")
_WORDS = {"status": "status", "subkind": "subkind", "action": "action", "stage": "stage", "ground": "firmness",
          "available": "availability", "population": "population", "kind": "gap_kind", "change": "change",
          "via": "via", "direction": "direction", "state": "state", "basis": "basis", "laboratory": "availability",
          "industry": "availability", "service": "service", "sides": "technology",
          "status_before": "status", "status_after": "status", "subkind_before": "subkind",
          "subkind_after": "subkind", "available_before": "availability", "available_after": "availability",
          "certain": "yes_no", "reach": "reach", "ability": "ability", "articulation": "yes_no",
          "decision": "decision", "filled": "filled"}  # fmt: skip


def emit(result: Result, *, kind: str | None, output: Path | None, lang: str, title: str = "",
         columns: tuple[str, ...] | None = None) -> None:  # fmt: skip
    """Write a result where the user wants it: to a file, or to standard output.

    Parameters
    ----------
    kind
        ``table``, ``csv``, ``json`` or ``xlsx``; from the file's extension when None.
    columns
        Columns of the terminal table; files hold all of them.

    Raises
    ------
    QueryError
        The format cannot be told.
    StoreError
        The file cannot be written.
    """
    kind = kind or _kind_of(output)
    result = result.in_language(lang)
    if kind == "table" and output is None:
        _terminal(result, lang, title, columns)
        return
    if kind == "xlsx" and output is None:
        raise QueryError("output_kind", file="-")
    text = {"csv": to_csv, "json": to_json}.get(kind)
    if output is None:
        assert text is not None
        put_out(text(result))
        return
    assert_writable(output)
    try:
        if kind == "xlsx":
            to_xlsx(result, output, lang, title)
        else:
            mark = "\ufeff" if kind == "csv" else ""  # Excel on Windows reads UTF-8 only with it
            maker = text or to_csv
            with replacing(output) as made:
                made.write_text(mark + maker(result), encoding="utf-8", newline="")
    except OSError as bad:
        raise StoreError("output_unwritable", file=output, reason=bad.strerror or bad) from bad


def put(text: str, output: Path | None) -> None:
    """Write text to a file, or to standard output."""
    if output is None:
        put_out(text)
        return
    assert_writable(output)
    try:
        with replacing(output) as made:
            made.write_text(text, encoding="utf-8", newline="\n")
    except OSError as bad:
        raise StoreError("output_unwritable", file=output, reason=bad.strerror or bad) from bad


def _kind_of(output: Path | None) -> str:
    if output is None:
        return "table"
    kind = output.suffix.lower().removeprefix(".")
    if kind not in FORMATS[1:]:
        raise QueryError("output_kind", file=output)
    return kind


def to_json(result: Result) -> str:
    """Return a list of flat rows; numbers are numbers, missing is null, several values an array."""
    rows = [{c: row[c] for c in result.columns} for row in result.rows]
    return in_json(json.dumps(rows, ensure_ascii=False, indent=1)) + "\n"


def to_csv(result: Result) -> str:
    """Return CSV; text that a spreadsheet would run is written as text."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(result.columns)
    for row in result.rows:
        writer.writerow([_inert(row[c]) for c in result.columns])
    return buffer.getvalue()


def _inert(value: Any) -> Any:
    if isinstance(value, list):
        value = "、".join(str(v) for v in value)
    if isinstance(value, str) and value.startswith(_LIVE):
        return "'" + value
    return "" if value is None else value


def to_xlsx(result: Result, output: Path, lang: str, title: str) -> None:
    """Write a workbook of one sheet with frozen header and filter."""
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        with replacing(output) as made, xlsxwriter.Workbook(str(made), options) as book:
            fill(book, result, title)
    except FileCreateError as bad:  # open in Excel, no such folder, disk full: no OSError by itself
        cause = bad.args[0]
        raise StoreError("output_unwritable", file=output, reason=getattr(cause, "strerror", None) or cause) from bad


def fill(book: Any, result: Result, title: str) -> Any:
    """Add a sheet with frozen header and filter, every text a text; returns it."""
    sheet = book.add_worksheet(_sheet_name(title))
    bold = book.add_format({"bold": True, "bottom": 1})
    for at, name in enumerate(result.columns):
        sheet.write_string(0, at, name, bold)
        longest = max((len(str(_inert(r[name]))) for r in result.rows), default=0)
        sheet.set_column(at, at, min(60, max(len(name), longest) * 1.6 + 2))
    for line, row in enumerate(result.rows, 1):
        for at, name in enumerate(result.columns):
            value = row[name]
            if isinstance(value, bool) or value is None:
                sheet.write_string(line, at, "" if value is None else str(value))
            elif isinstance(value, int | float):
                sheet.write_number(line, at, value)
            else:
                text = "、".join(map(str, value)) if isinstance(value, list) else str(value)
                sheet.write_string(line, at, text)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(result.rows), 1), len(result.columns) - 1)
    return sheet


def _sheet_name(title: str) -> str:
    """Return a title as Excel allows it: 31 characters, none of ``[]:*?/\\``, no quote at an end."""
    name = "".join("_" if c in "[]:*?/\\" else c for c in xml_text(title, ""))[:31].strip("' ")
    return name or "结果"


def shown(column: str, value: Any, lang: str) -> str:
    """Return a cell as people read it: status words, shares, lists."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "、".join(str(v) for v in value)
    group = _WORDS.get(column)
    if group and isinstance(value, bool):
        return pairs(group)["yes" if value else "no"][lang]
    if group and isinstance(value, str):
        return pairs(group).get(value, {}).get(lang, value)
    if isinstance(value, float):
        return f"{value:.2f}"
    return str(value)


# The statuses as people read them: what is judged, then what is not.
READ_STATUS = ("adequate", "weak", "single_source", "possible", "missing", "missing_narrow", "assumed", "unknown")


def read_status(row: Row, column: str = "status") -> str:
    """Return a status of a row as people read it: "missing" is said only on firm ground.

    The ground of ``status_before`` stands in ``ground_before``.
    """
    narrow = row[column] == "missing" and row.get(column.replace("status", "ground")) == "narrow"
    return "missing_narrow" if narrow else str(row[column])


_STATUSES = ("status", "status_before", "status_after")


def read_cell(row: Row, column: str, lang: str, label: str | None = None) -> str:
    """Return a cell of a row as people read it: what is missing on narrow ground names who was asked."""
    if column in _STATUSES and row[column] is not None and read_status(row, column) == "missing_narrow":
        asked = row.get("population")
        text = word("status", "missing_narrow", lang)
        among = shown("population", asked, lang)
        return message("status_among", lang, status=text, population=among) if asked else text
    return shown(label or column, row[column], lang)


def heading(column: str, lang: str) -> str:
    """Return a column's label."""
    return str(read_toml("words.toml")["column"].get(column, {}).get(lang, column))


_STYLE = {"missing": "red", "missing_narrow": "dim red", "single_source": "dark_orange", "weak": "yellow",
          "adequate": "green", "possible": "magenta", "assumed": "dim", "unknown": "dim"}  # fmt: skip


def _terminal(result: Result, lang: str, title: str, columns: tuple[str, ...] | None) -> None:
    from rich.table import Table

    table = Table(title=cell(title) if title else None, title_justify="left", show_edge=False, pad_edge=False)
    names = columns or result.columns
    said = {name: result.labels.get(name, name) for name in names}
    for name in names:
        number = any(isinstance(r.get(name), int | float) for r in result.rows)
        table.add_column(cell(heading(said[name], lang)), justify="right" if number else "left", overflow="fold")
    for row in result.rows:
        cells = []
        for name in names:
            style = _STYLE.get(read_status(row), "") if name == "status" else ""
            cells.append(cell(read_cell(row, name, lang, said[name]), style))
        table.add_row(*cells)
    console().print(table)


def note(result: Result, lang: str) -> None:
    """Write a result's notes to standard error."""
    for sentence in result.notes_in(lang):
        tell(clipped(sentence))
