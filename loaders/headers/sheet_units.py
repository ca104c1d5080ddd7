"""Sheet units: 单位：万元 above a table is the unit of its amounts that name none of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ...graph.schema.types import Property
from ...graph.schema.words import Said, sentence
from ..files.raw import RawSheet
from .headers import Column, Plan
from .words import said

_STATED = re.compile(r"(?:金额)?单位\s*[:：]\s*([^)）;；。]{1,24})|unit\s*:\s*([^);]{1,24})", re.IGNORECASE)
_BRACKETED = re.compile(r"[(（]\s*((?:人民币)?[百千]?[万亿萬億]?(?:元|美元))\s*[)）]\s*$")


def with_sheet_unit(raw: RawSheet, made: Plan) -> tuple[Plan, Said | None]:
    """Give amounts without a unit that of the table's title, and say so; two units of money decide nothing."""
    bare = [c for c in made.columns if _is_money(c) and not c.unit]
    units = _units(text for _, why, text in raw.passed if why in ("title", "note")) if bare else set()
    if len(units) != 1:
        return made, None
    (unit,) = units
    columns = tuple(replace(c, unit=unit) if c in bare else c for c in made.columns)
    headers = "、".join(c.header for c in bare)
    return replace(made, columns=columns), sentence("note_sheet_unit", file=raw.file, unit=unit, columns=headers)


def _units(texts: Iterable[str]) -> set[str]:
    found = set()
    for text in texts:
        stated = [m[1] or m[2] for m in _STATED.finditer(text)] + _BRACKETED.findall(text.rstrip(",;\t "))
        words = [word.strip() for part in stated for word in re.split(r"[、,，/和\s]", part)]
        found |= {said(f"x({word})").unit for word in words if word}
    return {unit for unit in found if unit.endswith("元")}


def _is_money(column: Column) -> bool:
    return isinstance(column.meaning, Property) and column.meaning.type == "money"
