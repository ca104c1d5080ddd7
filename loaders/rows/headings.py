"""Headings inside a table: 济南市（4家）, 一 | 青岛市, 一、新材料产业. They part a list, they are no rows of it.

They are told by their shape: one filled cell in a wide table where no name is looked for, or
one that only a heading has: a number of firms in brackets, a Chinese numeral before it, a cell
merged across, a place in the column of names. One that names a place gives it to the rows
below whose own place is empty; how many got it is told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ...graph.columns.arrays import Bools, Ints
from ...graph.schema.types import Link, Property, Schema
from ...graph.schema.words import Said, sentence
from ..files.passed import number_like
from ..files.raw import RawSheet, kept, may_begin
from ..headers.headers import Column, Plan
from ..values.gazetteer import short_name
from ..values.places import Place, PlaceRefused, Places

_OF = "(家|户|个|项|名|条|种|所|件|人|款|批|支)"
_COUNTED = re.compile(
    rf"\((共|计|合计|共计)?\d+{_OF}?(企业|单位|产品|机构|项目)?\)\Z"
    rf"|([:：](共|计|合计|共计)?|共|计|合计|共计|(?<=[省市区县州盟旗]))\d+{_OF}(企业|单位|产品|机构|项目)?\Z"
)
_BODY_NUMBERED = re.compile(r"(公司|集团|厂|院|所|社|店|部|队|中心|大学|学校)\(\d+\)\Z")
_MARKS = ":：、.·【】[]《》★☆●○■□◆◇▲-—*"
_ORDINAL = re.compile(
    r"(第?[一二三四五六七八九十百]{1,4}[、.:,]|[(\[][一二三四五六七八九十百]{1,4}[)\]][、.]?"
    r"|第[一二三四五六七八九十百\d]{1,3}(?:(?:批|部分|章|篇)[:、]?|(?:类|组)(?:[:、]|\Z))|[IVX]{1,4}[、.](?![A-Za-z]))"
)
_NUMBERED = re.compile(r"[(\[]?\d{1,3}[)\]]?[、.:,]?")  # before a place only: what follows is a whole one
_TITLE = re.compile(r".{2,40}(名单|名录|一览表)(\(.{1,20}\))?\Z")  # of the next part of a list
_TITLE_WORDS = re.compile(r"(企业|公司|单位)?(名单|名录|一览表)\Z")
_NUMERAL = re.compile(r"[(\[]?([一二三四五六七八九十百]{1,4}|[IVX]{1,4})[)\]]?[、.]?\Z")
_COUNT = re.compile(r"[(\[]?\d{1,6}[)\]]?[、.]?\Z")
_LEVELS = ("province", "city", "county")
_FEW = 2  # cells that a heading has at most: its number and its text
_LIMIT = 20_000  # headings that a piece may have: more are no headings


@dataclass
class Headings:
    """What the headings of one sheet said so far: the place below the last one, and how many rows got it."""

    plan: Plan
    schema: Schema
    places: Places
    place: dict[str, str] = field(default_factory=dict)
    given: int = 0
    named: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        kind = self.schema.nodes.get(self.plan.type)
        self.located = kind is not None and kind.place
        self.needed = {c.at for c in self.plan.columns if _needed(c)}
        self.skipped = self.plan.type == "Region" or not self.needed

    def told(self) -> list[Said]:
        """Say how many rows got their place from a heading."""
        if not self.given:
            return []
        some = "、".join(dict.fromkeys(self.named[:3])) + ("…" if len(self.named) > 3 else "")
        return [sentence("note_heading_places", n=self.given, headings=some)]

    def read(self, raw: RawSheet) -> tuple[RawSheet, Plan]:
        """Take the headings out of a piece of the sheet, and give their places to the rows below."""
        if self.skipped or len(raw.columns) < 2 or not len(raw.rows):
            return raw, self.plan
        before = self.place
        found = self._found(raw)
        rows = np.array(sorted(found), np.int64)
        keep = np.ones(len(raw.rows), bool)
        keep[rows] = False
        passed = [(int(raw.rows[at]), why, text) for at, (why, text, _) in sorted(found.items())]
        below = self._below(found, len(raw.rows), before) if self.located else None
        if len(rows):
            raw = replace(kept(raw, keep), passed=(*raw.passed, *passed))
        if below is None:
            return raw, self.plan
        return self._located(raw, [level[keep] for level in below])

    # which rows ---------------------------------------------------------------------------------

    def _found(self, raw: RawSheet) -> dict[int, tuple[str, str, dict[str, str]]]:
        """Return the rows that are headings: why they are passed, their text, the place they name."""
        rows = _sparse(raw)
        if not len(rows):
            return {}
        at = pa.array(rows)
        left = next((i for i, c in enumerate(raw.columns) if pc.max(pc.binary_length(c)).as_py()), 0)
        columns = [pc.utf8_trim_whitespace(c.take(at) if len(rows) < len(c) else c) for c in raw.columns]
        filled = np.array([pc.not_equal(c, "").to_numpy(zero_copy_only=False) for c in columns])
        across = np.isin(raw.rows[rows], list(raw.across)) if raw.across else np.zeros(len(rows), bool)
        again = [
            pc.equal(c, columns[left]).to_numpy(zero_copy_only=False) | ~own
            for c, own in zip(columns, filled, strict=True)
        ]
        same = np.logical_and.reduce(again) & (filled.sum(axis=0) > _FEW)  # merged once, then filled by hand
        filled[:, same] = False
        filled[left, same] = True
        across |= same
        last = len(columns) - 1 - filled[::-1].argmax(axis=0)
        worth = self._worth(columns, filled, last, across, left)
        mixed = len(worth) > 0 and bool(pc.any(pc.match_substring_regex(raw.columns[left], r"^\s*\d+\s*$")).as_py())
        made: dict[int, tuple[str, str, dict[str, str]]] = {}
        for i in worth.tolist():
            cells = [c[i].as_py() for c, there in zip(columns, filled[:, i], strict=True) if there]
            why = self._why(cells, int(filled[:, i].argmax()) - left, int(last[i]), bool(across[i]), mixed)
            if why is not None:
                made[int(rows[i])] = (why, " ".join(cells)[:200], {})
            if why == "heading":
                # One that names no place ends the one before: what stands below it is elsewhere.
                self.place = self._place(cells[-1]) if self.located else {}
                made[int(rows[i])] = (why, " ".join(cells)[:200], self.place)
        return made

    def _worth(
        self, columns: list[pa.Array], filled: npt.NDArray[np.bool_], last: Ints, across: Bools, left: int
    ) -> Ints:
        """Return the rows that are worth a look one by one: a name alone in its row mostly is a row of the list."""
        count = filled.sum(axis=0)
        needed = list(self.needed)

        def told(rows: Ints, texts: pa.Array, pattern: str) -> Ints:
            hit: Bools = pc.match_substring_regex(texts.take(pa.array(rows)), pattern).to_numpy(zero_copy_only=False)
            return rows[hit]

        found = [np.flatnonzero((count == 1) & (across | ~np.isin(last, needed)))]
        for at in needed:
            named = np.flatnonzero((count == 1) & (last == at))
            if len(named):
                found += [told(named, columns[at], _LOOKS)]
                found += [told(named, columns[at], _PLACE_LIKE)] if self.located else []
            named = np.flatnonzero((count == 2) & filled[left] & (last == at) & (at > left))
            if len(named):
                numeral = may_begin(columns[left], _NUMERALS)
                found.append(told(named[numeral[named]], columns[left], _NUMERAL_FIRST))
                found += (
                    [told(told(named, columns[at], _PLACE_LIKE), columns[left], _COUNT_FIRST)] if self.located else []
                )
        return np.unique(np.concatenate(found))[:_LIMIT]

    def _why(self, cells: Sequence[str], first: int, last: int, across: bool, mixed: bool) -> str | None:
        text = _folded(cells[-1])
        name = last in self.needed
        if len(cells) == 1:
            if number_like(text) or _COUNT.match(text):
                return None if name or first else "blank"
            shaped = across or bool(_COUNTED.search(text) or _ORDINAL.match(text))
            if name:
                shaped &= across or not _BODY_NUMBERED.search(text)  # 示例有限公司（2）
                shaped |= self.located and bool(_TITLE.match(text))
                return "heading" if shaped or self._is_place(text) else None
            meaning = next((c.meaning for c in self.plan.columns if c.at == last), None)
            free = meaning is None or (isinstance(meaning, Property) and (self._is_place(text)))
            return "heading" if shaped or (free and first == 0) else None
        if first or not name:
            return None
        number = _folded(cells[0])
        if self._is_place(text) and (_NUMERAL.match(number) or _COUNT.match(number)):
            return "heading"
        return "heading" if _NUMERAL.match(number) and (mixed or _COUNTED.search(text)) else None

    # its place -----------------------------------------------------------------------------------

    def _is_place(self, text: str) -> bool:
        return self.located and bool(self._place(text))

    def _place(self, text: str) -> dict[str, str]:
        """Return the place that a heading clearly names, with what the headings above it say."""
        name = _ORDINAL.sub("", _folded(text).strip(_MARKS), count=1)
        name = _TITLE_WORDS.sub("", _COUNTED.sub("", name).strip(_MARKS))
        found = self._named(name) or self._named(_NUMBERED.sub("", name, count=1))
        if found is None:
            return {}
        made = {d.level: d.name for d in found.lineage if d.level in _LEVELS}
        return made if any(level in made for level in _LEVELS) else {}

    def _named(self, name: str) -> Place | None:
        if not 2 <= len(name) <= 14:
            return None
        above: dict[str, str | None] = {level: said for level, said in self.place.items() if level != "county"}
        tries: tuple[dict[str, str | None] | None, ...] = ({**above, "county": name}, None) if above else (None,)
        for given in tries:
            try:
                found = self.places.named(name) if given is None else self.places.find(**given)
            except PlaceRefused:
                continue
            if found is not None and found.lineage and _whole(name, found):
                return found
        return None

    def _below(
        self, found: dict[int, tuple[str, str, dict[str, str]]], n: int, before: dict[str, str]
    ) -> list[npt.NDArray[np.object_]] | None:
        """Return, for each level, the place that each row stands below."""
        marks = [(at, place, text) for at, (why, text, place) in sorted(found.items()) if why == "heading"]
        if not before and not any(place for _, place, _ in marks):
            return None
        levels = [np.full(n, before.get(level, ""), object) for level in _LEVELS]
        for at, place, text in marks:
            for level, column in zip(_LEVELS, levels, strict=True):
                column[at:] = place.get(level, "")
            if place:
                self.named.append(text)
        return levels

    def _located(self, raw: RawSheet, below: list[npt.NDArray[np.object_]]) -> tuple[RawSheet, Plan]:
        """Fill the place columns of rows that say nothing of their place."""
        empty = np.ones(len(raw.rows), bool)
        for column in self.plan.columns:
            if _says_where(column):
                cells = pc.utf8_trim_whitespace(raw.columns[column.at])
                empty &= pc.equal(cells, "").to_numpy(zero_copy_only=False)
        levels = [np.where(empty, level, "") for level in below]
        given = np.logical_or.reduce([level != "" for level in levels])
        if not given.any():
            return raw, self.plan
        self.given += int(given.sum())
        headers, columns, meant = list(raw.headers), list(raw.columns), list(self.plan.columns)
        for name, level in zip(_LEVELS, levels, strict=True):
            if not (level != "").any():
                continue
            prop = self.schema.place[name]
            have = next((c for c in meant if c.role == "place" and c.meaning is prop), None)
            texts = pa.array(level.tolist(), pa.string())
            if have is not None:
                columns[have.at] = pc.if_else(pa.array(level != ""), texts, columns[have.at])
            else:
                meant.append(Column(len(columns), prop.zh, "place", prop))
                headers.append(prop.zh)
                columns.append(texts)
        made = replace(raw, headers=tuple(headers), columns=tuple(columns))
        return made, replace(self.plan, columns=tuple(meant))


_NUMERALS = "一二三四五六七八九十百IVX（([ \t"
_LOOKS = (
    r"[（(][^（()）]*\d+[^（()）]{0,6}[）)]\s*$|[共计:：]\s*\d+\s*\S{0,3}\s*$|\d\s*[家户个]\s*$|^\s*[【\[《★☆●○■□◆◇▲]"
    r"|^\s*第?[（(\[]?[一二三四五六七八九十百IVX\d]{1,4}[）)\]]?[、.．:：,，类批部组章篇]|(名单|名录|一览表)([（(][^（()）]*[）)])?\s*$"
)
_PLACE_LIKE = r"([省市区县州盟旗]|^\S{2,4})\s*([（(].*|[:：].*)?$"
_NUMERAL_FIRST = r"^[（(\[]?([一二三四五六七八九十百]{1,4}|[IVX]{1,4})[）)\]]?[、.．]?$"
_COUNT_FIRST = r"^[（(\[]?\d{1,6}[）)\]]?[、.．]?$"


def _sparse(raw: RawSheet) -> Ints:
    """Return the rows with at most two cells that surely hold something, or twice the same."""
    rows = np.arange(len(raw.rows))
    filled = np.zeros(len(raw.rows), np.int16)
    for at, column in enumerate(raw.columns):
        part = column if len(rows) == len(column) else column.take(pa.array(rows))
        filled += (pc.binary_length(part).to_numpy(zero_copy_only=False) > 0) & ~may_begin(part, "")
        if at >= _FEW:
            rows, filled = rows[filled <= _FEW], filled[filled <= _FEW]
        if not len(rows):
            break
    if len(raw.columns) <= _FEW:
        return rows
    same = pc.and_(pc.equal(raw.columns[0], raw.columns[1]), pc.not_equal(raw.columns[0], ""))
    return np.union1d(rows, np.flatnonzero(same.to_numpy(zero_copy_only=False)))


def _needed(column: Column) -> bool:
    """Tell whether rows without this cell are refused: what is looked for in it is a name."""
    if column.role in ("from", "to", "relation"):
        return True
    return column.role == "prop" and isinstance(column.meaning, Property) and column.meaning.required


def _says_where(column: Column) -> bool:
    if column.role == "place":
        return True
    if isinstance(column.meaning, Link):
        return column.meaning.targets == ("Region",)
    return isinstance(column.meaning, Property) and column.meaning.type == "address"


def _whole(name: str, place: Place) -> bool:
    """A heading is a place's full name, or a short one of a province or prefecture (济南, 恩施州, 锡盟)."""
    own = place.lineage[0]
    short = own.level != "county" and (name == short_name(own.name) or name in own.names)
    return own.level in _LEVELS and (name == own.name or short)


def _folded(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
