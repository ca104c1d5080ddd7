"""Sheet units: 单位：万元 above a table is the unit of its amounts that name none of their own.

Words before it that name a column (营业收入单位：亿元) give it to that column alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ...graph.schema.types import Property
from ...graph.schema.words import Said, sentence
from ..files.raw import RawSheet
from .headers import Column, Plan, plain
from .table import fold
from .words import said

_BEFORE = r"([^\s:：;；。,，()（）]{0,40}?)"
_AFTER = r"((?:(?!单位\s*[:：])[^)）;；。]){1,24})"
_STATED = re.compile(rf"(?:{_BEFORE}([(（]))?{_BEFORE}单位\s*[:：]\s*(?={_AFTER})")
_ENGLISH = re.compile(r"unit\s*:\s*([^);]{1,24})", re.IGNORECASE)
_BRACKETED = re.compile(r"([^\s:：;；。,，()（）]{0,60})[(（]\s*((?:人民币)?[百千]?[万亿萬億]?(?:元|美元))\s*[)）]\s*$")
# What stands before 单位 and names no column although it may hold the word of one: all amounts of the table.
_GENERAL = re.compile(r"(?:表|表格|情况|指标|统计|清单|名单|名录|明细|汇总|一览|列表|台账|数据)$")
_MONEY = re.compile(
    r"(?:收入|营收|资本|资金|产值|利润|资产|负债|税|税金|税收|额|投资|投入|费|费用|支出|成本|规模|价值)$"
)
_CURRENCIES = ("元", "美金", "港币", "台币", "英镑")
_JOINED = re.compile(r"[、/和与及]")


def with_sheet_unit(raw: RawSheet, made: Plan) -> tuple[Plan, list[Said]]:
    """Give amounts without a unit that of the table's title, and say so; two units of money decide nothing."""
    money = [c for c in (*made.columns, *made.twins) if _is_money(c)]
    bare = [c for c in money if not c.unit]
    texts = [text for _, why, text in raw.passed if why in ("title", "note")] if bare else []
    given: dict[str, set[str]] = {}  # units by the word that names a column, "" for those of all
    for word, unit in _units(texts, money):
        given.setdefault(word, set()).add(unit)
    found = {c.at: units for c in bare if len(units := _of(c, given)) == 1}
    columns, twins = (
        tuple(replace(c, unit=next(iter(found[c.at]))) if c.at in found else c for c in part)
        for part in (made.columns, made.twins)
    )
    by_unit: dict[str, list[str]] = {}
    for column in sorted((*columns, *twins), key=lambda c: c.at):
        if column.at in found:
            by_unit.setdefault(column.unit, []).append(column.header)
    told: list[Said] = [
        sentence("note_sheet_unit", file=raw.file, unit=unit, columns="、".join(headers))
        for unit, headers in by_unit.items()
    ]
    return replace(made, columns=columns, twins=twins), told


def _of(column: Column, given: dict[str, set[str]]) -> set[str]:
    """Return the units of a column: those that words before them give it, else those of the whole table."""
    own = {unit for word, units in given.items() if word and _names(word, column) for unit in units}
    return own or given.get("", set())


def _names(word: str, column: Column) -> bool:
    header = plain(column.header)[0]
    return word in header or header in word or _is(word, column)


def _is(word: str, column: Column) -> bool:
    prop = column.meaning
    assert isinstance(prop, Property)
    return word in {plain(column.header)[0], *(fold(w) for w in (prop.zh, prop.en, *prop.aliases))}


def _units(texts: Iterable[str], money: list[Column]) -> Iterator[tuple[str, str]]:
    """Yield the units of money that titles name, each with the word before it that names a column."""
    for text in texts:
        stated = [(m[3], m[1] or "", m[4]) for m in _STATED.finditer(text)]
        stated += [("", "", m[1]) for m in _ENGLISH.finditer(text)]
        stated += [("", word, unit) for word, unit in _BRACKETED.findall(text.rstrip(",;\t "))]
        for before, outside, behind in stated:
            units = {said(f"x({word})").unit for word in re.split(r"[、,，/和\s]", behind.strip()) if word.strip()}
            words = _named(before, money)
            if not words:  # 营业收入（亿元）: a title before the bracket (规上企业（万元）) is no column
                words = [w for w in _JOINED.split(fold(outside)) if any(_is(w, c) for c in money)]
            for word in words or [""]:
                yield from ((word, unit) for unit in units if unit.endswith(_CURRENCIES))


def _named(before: str, money: list[Column]) -> list[str]:
    """Return the words before 单位 that name columns; none where it is that of the whole table."""
    before = fold(before).removesuffix("的").removesuffix("金额")
    if _GENERAL.search(before):
        return []
    words = [w for w in _JOINED.split(before) if w and not said(f"x({w})").unit]
    return [w for w in words if _MONEY.search(w) or any(_names(w, c) for c in money)]


def _is_money(column: Column) -> bool:
    return isinstance(column.meaning, Property) and column.meaning.type == "money"
