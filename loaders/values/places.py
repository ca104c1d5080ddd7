"""Places: what a cell calls a place becomes a region of the gazetteer or of the user's own sheet.

A cell may hold a name of any level, several one behind the other (山东省-济南市-历下区), an address, a
development zone, a code, or English. The level that its column names is a hint, not a gate. A name
that stands for several places is not guessed; one that stands for none, or contradicts another
column, is refused with the nearest names or with what was found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from ...graph.columns.text import name_key
from .gazetteer import (
    FULL,
    HOME,
    LEVELS,
    OLD,
    PART,
    SHORT,
    ZONE,
    Division,
    Gazetteer,
    gazetteer,
    is_latin,
    place_key,
)
from .latin import country_of, is_part
from .latin import read as read_latin
from .reading import Reader, Reading
from .tails import EDGES, MARKS, SUBDIVISION, ZONE_TAIL, is_missing, is_nowhere, tail

__all__ = [
    "HOME",
    "LEVELS",
    "SOURCE",
    "Division",
    "Gazetteer",
    "Place",
    "PlaceRefused",
    "Places",
    "gazetteer",
    "is_missing",
    "is_nowhere",
]

AREA = "area"  # a place column of any level
SOURCE = "行政区划（GB/T 2260，china-division 2.7.0）"
_LATIN_HEAD = re.compile(r"([a-z][a-z.\s]{0,80}?)[^a-z\u3400-\u9fff]{0,80}(?=[\u3400-\u9fff])")
_LEAD = re.compile(
    r"\s*(?:[^\s:：]{0,6}(?:地址|住所|所在地|地点|注册地)\s*[:：]|位于)?\s*"
    r"(?:[（(]?(?:邮编|邮政编码)?\s*[:：]?\s*\d{6}\s*[)）]?(?=[^\d\s号弄]|\s+\D))?[\s,，、;；:：]*"
)
_NEAR, _SHOWN = 3, 4


@dataclass(frozen=True)
class Place:
    """A resolved place: how a relation names it and the divisions that the graph needs for it.

    ``stated``: the wording as given, where it says more or other than the place's name: a former name, a
    zone, a part of the place, an address.
    """

    kind: str
    key: str
    lineage: tuple[Division, ...]
    stated: str | None = None


class PlaceRefused(ValueError):
    """A place is unknown, stands for several, or lies outside of what another cell names (``inside``).

    ``near`` lists what may be meant, or what was found.
    """

    def __init__(self, code: str, value: str, near: str, inside: str = "") -> None:
        self.code, self.value, self.near, self.inside = code, value, near, inside
        super().__init__(code, value, near)


class _Several(PlaceRefused):
    """A name that stands for several places, which another column may tell apart."""

    def __init__(self, value: str, near: str, found: list[Reading]) -> None:
        super().__init__("reject_place_ambiguous", value, near)
        self.found = found


@dataclass(frozen=True)
class _Found:
    """What one cell says: a place of the user's own, or a reading of the gazetteer and its wording."""

    reading: Reading | None
    stated: str | None = None
    own: str | None = None


class Places:
    """Resolves places of a load.

    Parameters
    ----------
    own
        Match keys of regions that the user's sheets or the workspace define.
    """

    def __init__(self, own: dict[str, str]) -> None:
        self.own = own

    @cached_property
    def book(self) -> Gazetteer:
        """The gazetteer, read when the first place is asked for."""
        return gazetteer()

    @cached_property
    def reader(self) -> Reader:
        """Reads Chinese names by the gazetteer."""
        return Reader(self.book)

    def find(self, **given: str | None) -> Place | None:
        """Return the finest place that is given by ``country``, ``province``, ``city``, ``county``.

        Raises
        ------
        PlaceRefused
            A given name is unknown, stands for several places, or contradicts another one.
        """
        cells = [(level, name) for level in LEVELS if (name := given.get(level))]
        cells += [("", name) for name in (given.get(AREA),) if name]
        return self._place(self._cells([c for c in cells if not is_missing(c[1])], None))

    def named(self, name: str, *, exact: bool = False) -> Place:
        """Return the place of this name, of whatever level.

        Parameters
        ----------
        exact
            Only names of the place itself: no zone in it, no part of it, no address.
        """
        place = self._place(self._cell(name, "", None))
        if place is None or (exact and place.stated is not None and not self._is_former(name)):
            raise PlaceRefused("reject_place", name, self._near(name, "", None))
        return place

    def address(self, text: str) -> tuple[Place | None, str]:
        """Return the finest place that an address names, and the rest of the address.

        Nothing is refused: an address without a place, or with one of several, gives none (or what
        holds all of them).

        Examples
        --------
        >>> place, rest = Places({}).address("山东省济南市历下区示例路1号")
        >>> place.key, rest
        ('370102', '示例路1号')
        """
        text = text.strip()
        body = text[_LEAD.match(text).end() :]  # type: ignore[union-attr]
        if is_latin(body):
            codes, rest = read_latin(self.book, body, None, "")
            code = self._common(codes)
            return (self._coded(code), rest) if code else (None, text)
        key = place_key(body)
        found = self.reader.best(key, *self._latin_head(key))
        if not found:
            return None, text
        end = found[0].end
        code = found[0].code
        if len(found) > 1:
            common = self._common([r.code for r in found])
            if common is None:
                return None, text
            code, end = common, max((e for e in found[0].ends if e < found[0].end), default=0)
        rest = _behind(body, key, end)
        told = found[0].kind in (ZONE, PART, OLD) and len(found) == 1
        return self._coded(code, body[: len(body) - len(rest)].strip(EDGES) if told else None), rest

    def contradicts(self, one: Place, other: Place) -> bool:
        """Tell whether two places of the gazetteer cannot both be where something stands."""
        if one.kind != "code" or other.kind != "code":
            return False
        return not (self.book.holds(one.key, other.key) or self.book.holds(other.key, one.key))

    def path(self, place: Place) -> str:
        """Return a place's name behind those of its province and city."""
        return self.book.path(place.key) if place.kind == "code" else self.own.get(place.key, place.key)

    def division(self, code: str, name: str) -> str | None:
        """Return today's six digits of a code in any of its lengths, when the division bears this name.

        Examples
        --------
        >>> Places({}).division("1301", "石家庄市"), Places({}).division("1301", "甲区")
        ('130100', None)
        """
        found = self.book.by_digits(code.strip())
        if found is None or found not in {n.code for n in self.book.han.get(place_key(name), ()) if n.kind <= SHORT}:
            return None
        return found

    # cells ------------------------------------------------------------------------------------

    def _cells(self, cells: list[tuple[str, str]], known: _Found | None) -> _Found | None:
        """Read the cells of a row from the widest on; a name of several places is told apart by the next ones."""
        for at, (level, name) in enumerate(cells):
            inside = known.reading if known is not None else None
            try:
                found = self._cell(name, level, inside)
            except _Several as several:
                rest = cells[at + 1 :]
                made = [m for r in several.found if rest and (m := self._tried(rest, _Found(r))) is not None]
                if len({self._code(m) for m in made}) != 1:
                    raise
                return made[0]
            if found is None:
                continue
            known = found if found.own is None else _Found(inside, None, found.own)
        return known

    def _tried(self, cells: list[tuple[str, str]], known: _Found) -> _Found | None:
        try:
            return self._cells(cells, known)
        except PlaceRefused:
            return None

    @staticmethod
    def _code(found: _Found) -> str:
        return found.own or (found.reading.code if found.reading is not None else "")

    def _cell(self, name: str, level: str, inside: Reading | None) -> _Found:
        key = name_key(name)
        ours = key in self.own
        if ours and key not in self.book.by_name:
            return _Found(None, None, key)
        try:
            return self._read(name, level, inside)
        except PlaceRefused:
            if ours:
                return _Found(None, None, key)
            raise

    def _read(self, name: str, level: str, inside: Reading | None) -> _Found:
        """Return what a cell names, behind what the columns before it name."""
        code = self.book.by_digits(name.strip())
        if code is not None:
            former = name.strip()[:6] in self.book.former and code != name.strip()[:6]
            reading, stated = Reading(code, FULL, (0,)), name if former else None
        else:
            reading, stated = self._text(name, level, inside)
        if inside is None or self.book.holds(inside.code, reading.code) or reading.zone or inside.zone:
            return _Found(reading, stated)
        if self.book.holds(reading.code, inside.code):
            return _Found(inside, stated if inside.kind != FULL else None)  # what holds it, said behind it
        raise self._elsewhere(name, [reading], inside)

    def _text(self, name: str, level: str, inside: Reading | None) -> tuple[Reading, str | None]:
        key = place_key(name).strip(MARKS)
        if level == "province" and key in self.book.weak:
            return Reading(self.book.weak[key], SHORT, (1,)), None
        if is_latin(name):
            return self._english(name, level, inside)
        head, at = self._latin_head(key)
        found = self.reader.best(key, inside or head, at, level)
        if not found and key[:1] in self.book.weak and key[1:2] in "-·/ 、,":  # 鲁-济南
            weak = Reading(self.book.weak[key[:1]], SHORT, ())
            found = self.reader.best(key, weak, 1, level)
        if len(found) > 1:
            raise _Several(name, self._shown([r.code for r in found]), found)
        rest = tail(self.reader, key, found[0]) if found else None
        if rest is not None:
            more = rest or found[0].kind in (ZONE, PART, OLD)
            return found[0], name if more else None
        return self._unread(name, key, level, inside)

    def _unread(self, name: str, key: str, level: str, inside: Reading | None) -> tuple[Reading, str | None]:
        """Take what lies below the gazetteer's knowledge for its place; refuse the rest."""
        if inside is not None:
            elsewhere = [r for r in self.reader.best(key, level=level) if r.kind != OLD]
            sure = [
                r
                for r in elsewhere
                if (r.kind == FULL or len(r.ends) > 1 or r.end == len(key)) and not self.book.holds(inside.code, r.code)
            ]
            below = inside.code not in self.book.inner  # Taiwan, a country, a city without counties
            division = self.book.by_code[inside.code]
            fine = [r for r in sure if self.book.by_code[r.code].level != "county" or len(r.ends) > 1]
            if (
                below
                and not (fine if division.level in ("country", "province") else sure)
                and (division.level in ("country", "province") or SUBDIVISION.fullmatch(key))
            ):
                return inside, name
            if ZONE_TAIL.fullmatch(key) and not elsewhere:
                return inside, name
            if sure:
                raise self._elsewhere(name, sure, inside)
        if inside is None and (places := self.book.zone_words.get(key)):  # 高新区: of which city?
            shown = sorted((self.book.path(p) for p in places), key=lambda p: (len(p), p))[:_SHOWN]
            raise PlaceRefused("reject_place_ambiguous", name, "、".join(p + key for p in shown))
        raise PlaceRefused("reject_place", name, self._near(name, level, inside))

    def _english(self, name: str, level: str, inside: Reading | None) -> tuple[Reading, str | None]:
        code = country_of(self.book, name, level)
        if code is not None:
            return Reading(code, FULL, (len(name),)), None
        within = inside.code if inside is not None else None
        codes, rest = read_latin(self.book, name, within, level)
        if not codes and inside is not None:
            codes, rest = read_latin(self.book, name, None, level)
            if not codes and inside.code not in self.book.inner:
                return inside, name
            if codes:
                raise self._elsewhere(name, [Reading(c, SHORT, ()) for c in codes], inside)
        if len(codes) > 1:
            raise _Several(name, self._shown(codes), [Reading(c, SHORT, (len(name),)) for c in codes])
        if not codes:
            raise PlaceRefused("reject_place", name, self._near(name, level, inside))
        part = any(is_part(self.book, word, codes[0]) for word in re.split("[,;/]", name))
        return Reading(codes[0], PART if part else SHORT, (len(name),)), name if rest or part else None

    # codes, names, what to say ------------------------------------------------------------------

    def _latin_head(self, key: str) -> tuple[Reading | None, int]:
        """Return the place of Latin letters in front of Chinese (CN山东, China 上海), and where these end."""
        hit = _LATIN_HEAD.match(key)
        if hit is None:
            return None, 0
        code = self.book.iso.get(hit[1].upper()) or self._common(read_latin(self.book, hit[1], None, "")[0])
        return (Reading(code, SHORT, ()), hit.end()) if code else (None, 0)

    def _is_former(self, name: str) -> bool:
        return name_key(name) in self.book.moved

    def _common(self, codes: list[str]) -> str | None:
        """Return the finest place that holds all of these and is finer than a country."""
        if len(codes) == 1:
            return codes[0]
        lineages = [[d.code for d in self.book.lineage(c) if d.level != "country"] for c in codes]
        return next((c for c in lineages[0] if all(c in rest for rest in lineages)), None) if codes else None

    def _place(self, found: _Found | None) -> Place | None:
        if found is None:
            return None
        if found.own is not None:
            return Place("name", found.own, ())
        assert found.reading is not None
        return self._coded(found.reading.code, found.stated)

    def _coded(self, code: str, stated: str | None = None) -> Place:
        return Place("code", code, self.book.lineage(code), stated)

    def _shown(self, codes: list[str]) -> str:
        shown = sorted({self.book.path(c) for c in codes}, key=lambda p: (len(p), p))
        return "、".join(shown[:_SHOWN])

    def _elsewhere(self, name: str, found: list[Reading], inside: Reading) -> PlaceRefused:
        shown = self._shown([r.code for r in found])
        return PlaceRefused("reject_place_elsewhere", name, shown, self.book.path(inside.code))

    def _near(self, name: str, level: str, inside: Reading | None) -> str:
        pool = _pool(self.book, level, inside.code if inside is not None else None)
        known = list(dict.fromkeys([*pool, *self.own.values()]))
        found = process.extract(name[:40], known, scorer=fuzz.ratio, limit=_NEAR, score_cutoff=30)
        return "、".join(n for n, _, _ in found) or "—"


def _pool(book: Gazetteer, level: str, inside: str | None) -> tuple[str, ...]:
    """Return the names that a refused one may have meant."""
    return tuple(
        d.name
        for d in book.by_code.values()
        if (not level or d.level == level) and (inside is None or book.holds(inside, d.code))
    )


def _behind(text: str, key: str, end: int) -> str:
    """Return what stands behind the characters of the key that were read, separators left out."""
    at = end if len(text) == len(key) else _position(text, end)
    rest = text[at:].lstrip(EDGES + "\t\u3000")
    if text[:at].count("(") + text[:at].count("（") > text[:at].count(")") + text[:at].count("）"):
        rest = rest.lstrip(")）").lstrip(EDGES)
    return rest


def _position(text: str, end: int) -> int:
    """Return where in a text its key has so many characters."""
    count = 0
    for at, char in enumerate(text):
        if count >= end:
            return at
        count += len(name_key(char))
    return len(text)
