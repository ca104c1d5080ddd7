"""Rejects: what was refused, written as a workbook that people can read and correct."""

from __future__ import annotations

from pathlib import Path

from ..graph.columns.batch import Batch, Reject
from ..graph.schema.errors import StoreError
from ..graph.schema.paths import replacing
from ..graph.schema.words import message, word

COLUMNS = ("file", "sheet", "row", "column", "value", "code", "reason")


def rows(rejects: list[Reject], batch: Batch, lang: str) -> list[tuple[object, ...]]:
    """Return one row a reject: file, sheet, row, column, raw value, code, sentence."""
    made: list[tuple[object, ...]] = []
    for r in rejects:
        sheet = batch.sheets[r.sheet]
        sentence = message(r.code, lang, **r.values)
        made.append((sheet.file, sheet.sheet, r.row, r.column, r.value, r.code, sentence))
    return made


def write(path: Path, rejects: list[Reject], batch: Batch) -> None:
    """Write the workbook; text stays text, whatever it begins with."""
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    try:
        path.parent.mkdir(exist_ok=True)
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        with replacing(path) as made, xlsxwriter.Workbook(str(made), options) as book:
            sheet = book.add_worksheet("拒绝")
            bold = book.add_format({"bold": True, "bottom": 1})
            for at, name in enumerate(COLUMNS):
                sheet.write_string(0, at, word("column", name, "zh"), bold)
            for line, row in enumerate(rows(rejects, batch, "zh"), 1):
                for at, value in enumerate(row):
                    if isinstance(value, int):
                        sheet.write_number(line, at, value)
                    else:
                        sheet.write_string(line, at, str(value)[:32_000])
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, len(rejects), len(COLUMNS) - 1)
            for at, width in enumerate((26, 14, 8, 16, 30, 20, 80)):
                sheet.set_column(at, at, width)
    except (OSError, FileCreateError) as bad:
        raise StoreError("workspace_readonly", folder=path.parent, reason=bad) from bad
