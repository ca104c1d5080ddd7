"""Reading a place out of a text in Chinese: the chain of names that it begins with.

The text is read from the left, the longest name first, each next one inside the place before it
(or repeating it, or naming what holds it); between them may stand separators and the words that
statistics put where a level is missing (市辖区). What is meant is decided over all ways to read the
text: the one that reads most of it, then the surest kinds of names, then the larger places.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .gazetteer import FULL, HOME, OLD, PART, SHORT, ZONE, Gazetteer, Named

PLACEHOLDERS = (
    "省直辖县级行政区划",
    "自治区直辖县级行政区划",
    "省直辖县级行政单位",
    "自治区直辖县级行政单位",
    "省直辖行政单位",
    "自治区直辖行政单位",
    "省直辖县级市",
    "自治区直辖县级市",
    "省直管县级市",
    "省直辖县市",
    "省直管县市",
    "省直辖县",
    "省直管县",
    "省直辖市",
    "省直管市",
    "省直辖",
    "省直管",
    "自治区直辖县",
    "自治区直辖市",
    "自治区直辖",
    "自治区直管",
    "直辖县级行政区划",
    "直辖县级行政单位",
    "直辖县级",
    "市辖区",
    "市辖县",
    "县",
)
"""What statistics write where a level is missing; no place."""
_SEPARATORS = frozenset(" ·・•-‐—–_~/\\,、;|>→:()[]【】〔〕《》。.")
_DEEPEST = 12  # names behind each other that a cell is read by; an address has half as many
_PASSED = _SEPARATORS | frozenset(word[0] for word in PLACEHOLDERS)
_OTHERS = "大学|学院|大厦|酒店|宾馆|饭店|银行|机场|族"
_ROAD = re.compile(
    f"[东西南北中大]?[一二三四五六七八九十]?(?:路|街|大道|大街|道(?!外|里)|巷|弄|胡同|高架|高速|火车站|{_OTHERS})"
)
# Behind the short name of a county these make other names: 朝阳门, 西湖大道, 长安镇.
_COMPOUND = re.compile(
    "[东西南北中上下前后新老大小一二三四五六七八九十]{0,2}(?:路|街|大道|道|巷|弄|里|胡同|线|桥|门|湖|山|河|江|湾|村|庄|屯|镇|乡|寺|庙|"
    f"广场|公园|集团|公司|站|{_OTHERS})"
)
# A bare name means the place of the column's level, else the larger place.
_RANKS = {"province": 1, "city": 2, "country": 3, "county": 4}
_ORDERS = {level: _RANKS | {level: 0} for level in ("", *_RANKS)}


class Reading(NamedTuple):
    """One way to read a text: the finest place, where each step ends, and how sure each step is.

    ``kind`` is the kind of name that the finest place was given by, ``soft`` tells that the last name has
    no generic ending, so that it may be the beginning of another word.
    """

    code: str
    kind: int
    ends: tuple[int, ...]
    ranks: tuple[tuple[int, int, int], ...] = ()
    zone: bool = False
    before: Reading | None = None
    skipped: int = 0

    @property
    def end(self) -> int:
        """Characters read."""
        return self.skipped or (self.ends[-1] if self.ends else 0)


class Reader:
    """Reads the places that texts (match keys) begin with."""

    def __init__(self, book: Gazetteer) -> None:
        self.book = book

    def best(self, key: str, inside: Reading | None = None, at: int = 0, level: str = "") -> list[Reading]:
        """Return the readings that go furthest and are surest, one for each place they lead to.

        Parameters
        ----------
        inside
            What is known before the text: the place that another column names.
        at
            Where the text begins that is to be read.
        level
            The level that a column names: of places of one name it is this one.
        """
        order = _ORDERS[level]
        start = None if inside is None else Reading(inside.code, inside.kind, (), (), inside.zone)
        found: list[Reading] = []
        self._walk(key, at, start, order, found)
        if len(found) < 2:
            return found
        furthest = max(r.end for r in found)
        found = [r for r in found if r.end == furthest]
        if start is None and len(found[0].ends) == 1 and furthest == 2 and key[1] == "区":
            surest = found  # 城区, 东区: the names of so many, now and formerly, that none goes before
        else:
            least = min(r.ranks for r in found)
            surest = [r for r in found if r.ranks == least]
        by_code: dict[str, Reading] = {}
        for code in dict.fromkeys(r.code for r in surest):
            by_code[code] = min((r for r in found if r.code == code), key=lambda r: (r.kind, r.ranks))
        if len(by_code) > 1 and all(r.kind == OLD for r in by_code.values()):  # a city and a county of it: the city
            wide = [c for c in by_code if all(self.book.holds(c, other) for other in by_code)]
            by_code = {c: by_code[c] for c in wide or by_code}
        return list(by_code.values())

    def _walk(
        self, key: str, at: int, known: Reading | None, order: dict[str, int], found: list[Reading], depth: int = 0
    ) -> None:
        """Add the readings of a text from a position on, behind what is known, to those found."""
        book, start, skipped = self.book, at, 0
        if key[at : at + 1] in _PASSED:
            start, skipped = self._start(key, at, known)
        parted, further = start > at or known is None or not known.ends, False
        begin = key[start : start + 2]
        for name in book.names.at(key, start) if begin in book.names.begins and depth < _DEEPEST else ():
            end = start + len(name)
            for named in book.han[name]:
                if known is None or (known.code in book.above[named.code] and known.code != named.code):
                    step: Reading | None = self._grown(known, named, end, 0, order)
                else:
                    step = self._beside(named, known, parted, key, end, order)
                if step is not None:
                    further = True
                    self._walk(key, end, step, order, found, depth + 1)
        if known is None:
            return
        if begin in book.words.begins and depth < _DEEPEST:
            for word in book.words.at(key, start):
                seat = book.seat_of(word, known.code)
                if seat is not None and seat != known.code:
                    further = True
                    end = start + len(word)
                    self._walk(key, end, self._grown(known, Named(seat, ZONE), end, 0, order), order, found, depth + 1)
        if not further and (made := _bounded(book, key, known, skipped)).ends:
            found.append(made)

    def _start(self, key: str, at: int, known: Reading | None) -> tuple[int, int]:
        """Pass over separators, and behind a place over words that stand for a missing level."""
        skipped = 0
        while True:
            while at < len(key) and key[at] in _SEPARATORS:
                at += 1
            if known is None or at == len(key) or key[at] not in "省自直市县":
                return at, skipped
            word = next((w for w in PLACEHOLDERS if key.startswith(w, at)), None)
            if word is None or (word == "县" and not self.book.names.at(key, at + 1)):
                return at, skipped
            at = skipped = at + len(word)

    def _beside(
        self, named: Named, known: Reading, parted: bool, key: str, end: int, order: dict[str, int]
    ) -> Reading | None:
        """Return the reading with a name that lies not inside what is known, when it may stand behind it."""
        book = self.book
        if book.holds(named.code, known.code):  # said again, or what holds it said behind it
            if named.kind == PART:
                return self._grown(known, named, end, 0, order)
            if named.kind == ZONE and named.code == known.code:
                return self._grown(known, named, end, 2, order)
            wide = book.by_code[named.code].level == "country"
            open_end = end == len(key) or key[end] in _SEPARATORS
            if named.kind <= SHORT and (parted or not wide) and (named.kind == FULL or open_end):
                ends, ranks = (*known.ends, end), (*known.ranks, (1, named.kind, 0))
                return Reading(known.code, known.kind, ends, ranks, known.zone, known)
            return None
        if known.zone and named.kind == FULL and book.by_code[named.code].level == "county":
            province = next((d.code for d in book.lineage(known.code) if d.level == "province"), HOME)
            if book.holds(province, named.code):  # a zone may reach beyond the place of its seat
                return self._grown(known, named, end, 0, order)
        return None

    def _grown(self, known: Reading | None, named: Named, end: int, cost: int, order: dict[str, int]) -> Reading:
        code, kind = named
        rank = cost, kind, 0 if kind == OLD else order[self.book.by_code[code].level]
        if known is None:
            return Reading(code, kind, (end,), (rank,), kind == ZONE)
        return Reading(code, kind, (*known.ends, end), (*known.ranks, rank), kind == ZONE, known)


def _bounded(book: Gazetteer, key: str, found: Reading, skipped: int) -> Reading:
    """Take back a last name that only begins another word: 南京 of 南京路, 长宁 of 长宁路."""
    if found.kind == FULL and not skipped:
        return found
    while found.ends and not skipped and (found.end < len(key) or found.ranks[-1][0] == 2):
        if found.ranks[-1][0] == 2 and found.before is not None and found.before.ends:
            found = found.before  # a zone in the place that is known: only what follows it matters
            continue
        soft = found.kind != FULL and found.ranks[-1][0] == 0
        fine = book.by_code[found.code].level == "county"
        if not soft or not (_COMPOUND if fine else _ROAD).match(key, found.end) or key[found.end - 1] in "区市县州盟旗":
            break
        if found.before is None:
            return Reading(found.code, found.kind, ())
        found = found.before
    if skipped and found.ends:
        return Reading(found.code, found.kind, found.ends, found.ranks, found.zone, found.before, skipped)
    return found
