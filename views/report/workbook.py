"""Workbook: a sheet a question, frozen header, filter, status in colour and word, numbers as numbers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from ...graph.schema.leaving import xml_text
from ...graph.schema.paths import replacing
from ...graph.schema.words import message, word
from ...queries.atlas.result import Result
from ..tables import READ_STATUS, heading, read_cell, read_status
from .parts import Report

# Sheets in the order of the questions, and the columns that people read (all others are left to the commands).
SHEETS: dict[str, tuple[str, ...]] = {
    "states": ("chain", "link", "kind", "stage", "status", "subkind", "producers", "names", "possible",
               "possible_names", "available", "population", "coverage", "listed", "told", "grain", "ground", "reason"),
    "gaps": ("chain", "link", "kind", "stage", "status", "subkind", "action", "criticality", "feasibility",
             "coverage", "population", "ground", "nearest", "reason"),
    "bottlenecks": ("chain", "entity", "type", "place", "lost", "share_lost", "certain", "ends_lost", "loses"),
    "chokepoints": ("chain", "link", "chokepoint", "importance", "domestic_share", "foreign_hhi",
                    "substitutability", "largest", "coverage"),
    "technology": ("chain", "technology", "stage", "status", "laboratory", "industry", "labs", "masters", "products",
                   "required_level", "best_level", "patents", "reason"),
    "partners": ("chain", "link", "action", "candidate", "type", "place", "reach", "score", "km", "known", "why"),
    "resources": (),
    "leaders": ("rank", "enterprise", "place", "score", "association", "focus", "innovation", "leadership",
                "criteria", "main_product", "links"),
    "targets": ("target", "due", "measure", "goal", "unit", "value", "gap", "state", "known", "as_of", "reason",
                "source"),
    "evaluation": (),
    "list_enterprises": (),
    "list_platforms": (),
    "list_projects": (),
    "list_clusters": (),
    "sources": (),
}  # fmt: skip
_GROUND = {"missing": ("#f6dcdd", "#a31b27"), "single_source": ("#fbe6d8", "#a5480d"), "weak": ("#fdf3d0", "#7a5800"),
           "adequate": ("#dcefed", "#14665f"), "unknown": ("#f3f5f7", "#5c636c"), "possible": ("#f7f3fb", "#633a92"),
           "missing_narrow": ("#ffffff", "#8c4a52"), "assumed": ("#ffffff", "#5c6670")}  # fmt: skip
_WIDE, _NARROW = 60, 7
_TIME = datetime(2015, 1, 23)  # no clock in the file: equal data, equal bytes


def write_workbook(report: Report, path: Path) -> None:
    """Write all sheets of a report."""
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        with replacing(path) as made, xlsxwriter.Workbook(str(made), options) as book:
            book.set_properties({"title": xml_text(report.title, ""), "created": _TIME, "author": "ChainAtlas 链图"})
            formats = _formats(book)
            _overview(book, report, formats)
            for name, columns in SHEETS.items():
                if name in report.tables:
                    _sheet(book, report, name, columns, formats)
    except FileCreateError as bad:
        raise bad.args[0] if bad.args and isinstance(bad.args[0], OSError) else OSError(str(bad)) from bad


def _formats(book: Any) -> dict[str, Any]:
    plain = {"valign": "top", "text_wrap": True}
    made = {
        "head": book.add_format({"bold": True, "bottom": 1, "bg_color": "#f3f5f7", "valign": "vcenter"}),
        "title": book.add_format({"bold": True, "font_size": 16}),
        "text": book.add_format(plain), "key": book.add_format({**plain, "font_color": "#47525e"}),
        "count": book.add_format({**plain, "num_format": "0"}),
        "number": book.add_format({**plain, "num_format": "0.00"}),
    }  # fmt: skip
    for status, (ground, ink) in _GROUND.items():
        made[status] = book.add_format({**plain, "bg_color": ground, "font_color": ink})
    return made


def _overview(book: Any, report: Report, formats: dict[str, Any]) -> None:
    """What was asked of which data, counts by status with a chart, the figures of each chain, the limits."""
    lang = report.lang
    sheet = book.add_worksheet(message("report_sheet_overview", lang))
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 14, 12)
    sheet.write_string(0, 0, report.title, formats["title"])
    told = (("asked", report.asked), ("data_date", report.data_date), ("hash", report.hash[:12]),
            *((("date", report.date),) if report.date else ()))  # fmt: skip
    for line, (key, value) in enumerate(told, 2):
        sheet.write_string(line, 0, message(f"report_label_{key}", lang), formats["key"])
        sheet.write_string(line, 1, value)
    at = len(told) + 3
    for line, status in enumerate(READ_STATUS):
        sheet.write_string(at + line, 0, word("status", status, lang), formats[status])
        sheet.write_number(at + line, 1, report.counts[status], formats["count"])
    name = sheet.get_name()
    last = len(READ_STATUS) - 1
    chart = book.add_chart({"type": "bar"})
    chart.add_series({
        "categories": [name, at, 0, at + last, 0], "values": [name, at, 1, at + last, 1], "gap": 40,
        "data_labels": {"value": True},
        "points": [{"fill": {"color": _GROUND[s][1]}} for s in READ_STATUS],
    })  # fmt: skip
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    chart.set_title({"name": message("report_chart", lang, n=sum(report.counts.values())), "name_font": {"size": 11}})
    chart.set_size({"width": 460, "height": 260})
    sheet.insert_chart(at - 1, 3, chart)
    at = _table(sheet, report.tables["figures"], (), at + 14, formats, lang)
    for note in report.notes:
        at += 1
        sheet.write_string(at, 0, note)


def _sheet(book: Any, report: Report, name: str, columns: tuple[str, ...], formats: dict[str, Any]) -> None:
    found, lang = report.tables[name], report.lang
    sheet = book.add_worksheet(message(f"report_sheet_{name}", lang))
    columns = tuple(c for c in (columns or found.columns) if c in found.columns)
    if not found.rows:
        sheet.write_string(0, 0, message("report_none", lang))
        for line, note in enumerate(found.notes_in(lang), 1):
            sheet.write_string(line, 0, note)
        return
    _table(sheet, found, columns, 0, formats, lang)
    sheet.freeze_panes(1, min(2, len(columns) - 1))
    sheet.autofilter(0, 0, len(found.rows), len(columns) - 1)


def _table(sheet: Any, found: Result, columns: tuple[str, ...], top: int, formats: dict[str, Any], lang: str) -> int:
    """Write a table; return the line after it."""
    columns = columns or found.columns
    for at, name in enumerate(columns):
        label = heading(found.labels.get(name, name), lang)
        sheet.write_string(top, at, label, formats["head"])
        texts = [read_cell(r, name, lang) for r in found.rows]
        if top == 0:
            longest = max((_width(t) for t in [label, *texts]), default=_NARROW)
            sheet.set_column(at, at, min(_WIDE, max(_NARROW, longest + 3)))
        for line, (row, text) in enumerate(zip(found.rows, texts, strict=True), top + 1):
            value = row[name]
            if isinstance(value, int | float) and not isinstance(value, bool):
                sheet.write_number(line, at, value, formats["count" if isinstance(value, int) else "number"])
            elif value is None:
                sheet.write_blank(line, at, None, formats["text"])
            else:
                status = read_status(row) if name == "status" else ""
                known = status if status in _GROUND else "text"
                sheet.write_string(line, at, text, formats[known])
    return top + len(found.rows) + 1


def _width(text: str) -> float:
    return sum(2.0 if ord(c) > 0x2E7F else 1.1 for c in text)
