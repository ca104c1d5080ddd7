"""Places: what a cell calls a place becomes a region of the gazetteer or of the user's own sheet.

The gazetteer (``data/divisions``) holds the country's divisions and the countries. A name
that stands for several places is not guessed; one that stands for none is refused with
the nearest names.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib.resources import files

import pyarrow as pa

from ...graph.columns.text import name_key, name_keys
from ..headers.headers import nearest

LEVELS = {"country": "国家", "province": "省", "city": "市", "county": "县"}
SOURCE = "行政区划（GB/T 2260，china-division 2.7.0）"
_SUFFIX = ("特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "自治州", "自治县", "地区",
           "林区", "省", "市", "县", "区", "盟")  # fmt: skip
HOME = "CHN"


@dataclass(frozen=True)
class Division:
    """One division or country; ``names`` are further names."""

    code: str
    name: str
    level: str
    parent: str
    names: tuple[str, ...] = ()


class PlaceRefused(ValueError):
    """A place is unknown or stands for several; ``near`` lists what may be meant."""

    def __init__(self, code: str, value: str, near: str) -> None:
        self.code, self.value, self.near = code, value, near
        super().__init__(code, value, near)


@dataclass
class Gazetteer:
    """Divisions by code and by every name they go under."""

    by_code: dict[str, Division]
    by_name: dict[str, list[Division]] = field(default_factory=lambda: defaultdict(list))
    moved: dict[str, tuple[str, str]] = field(default_factory=dict)

    def lineage(self, code: str) -> list[Division]:
        """Return a division and all that hold it, finest first."""
        found = []
        while code in self.by_code:
            found.append(self.by_code[code])
            code = self.by_code[code].parent
        return found


def short_name(name: str) -> str:
    """Return a division's name without its generic ending, when two characters or more remain."""
    for suffix in _SUFFIX:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name[: -len(suffix)]
    return name


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """Read the bundled divisions, countries and successors."""
    folder = files("chainatlas.data").joinpath("divisions")
    made = Gazetteer({})

    def rows(name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(folder.joinpath(name).read_text(encoding="utf-8").splitlines()))

    for row in rows("countries.csv"):
        code = row["iso3"]
        zh = "中国" if code == HOME else row["zh"]
        made.by_code[code] = Division(code, zh, "country", "", (row["en"], code))
    for row in rows("divisions.csv"):
        parent = row["parent_code"] or HOME
        short = (short_name(row["name"]),)
        made.by_code[row["code"]] = Division(row["code"], row["name"], row["level"], parent, short)
    _index(made)
    for row in rows("successors.csv"):
        if row["new_code"]:
            for name in (row["old_name"], short_name(row["old_name"])):
                made.moved.setdefault(name_key(name), (row["new_code"], row["date"]))
    return made


def _index(made: Gazetteer) -> None:
    """Enter every division under the match keys of its names, all keys made in one pass."""
    named = [(d, name) for d in made.by_code.values() for name in dict.fromkeys((d.name, *d.names))]
    keys = name_keys(pa.array([name for _, name in named], pa.string())).to_pylist()
    for (division, _), key in zip(named, keys, strict=True):
        if division not in made.by_name[key]:
            made.by_name[key].append(division)


@dataclass(frozen=True)
class Place:
    """A resolved place: how a relation names it and the divisions that the graph needs for it.

    ``stated``: the name as given, where that place has a successor.
    """

    kind: str
    key: str
    lineage: tuple[Division, ...]
    stated: str | None = None


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

    def find(self, **given: str | None) -> Place | None:
        """Return the finest place that is given by ``country``, ``province``, ``city``, ``county``.

        Raises
        ------
        PlaceRefused
            A given name is unknown or stands for several places.
        """
        inside: Division | None = None
        found: Place | None = None
        for level in LEVELS:
            name = given.get(level)
            if name:
                found, inside = self._one(name, level, inside)
        return found

    def address(self, text: str) -> tuple[Place | None, str]:
        """Return the finest place that an address begins with, and the rest of the text."""
        rest = re.sub(r"^[\s\d]*(中国)?[\s·,，-]*", "", unicodedata.normalize("NFKC", text))
        inside: Division | None = None
        for level in ("province", "city", "county"):
            found = [
                (name, d)
                for name in (rest[:n] for n in range(min(len(rest), 12), 1, -1))
                for d in self.book.by_name.get(name_key(name), ())
                if d.level == level and (inside is None or inside in self.book.lineage(d.code))
            ]
            longest = [pair for pair in found if len(pair[0]) == len(found[0][0])]
            if len(longest) == 1:
                inside = longest[0][1]
                rest = rest[len(longest[0][0]) :].lstrip(" ·,，-/")
        if inside is None:
            return None, text
        return Place("code", inside.code, tuple(self.book.lineage(inside.code))), rest

    def named(self, name: str) -> Place:
        """Return the place of this name, of whatever level."""
        return self._one(name, "", None)[0]

    def _one(self, name: str, level: str, inside: Division | None) -> tuple[Place, Division | None]:
        key = name_key(name)
        if key in self.own and key not in self.book.by_name:
            return Place("name", key, ()), inside
        found = self._candidates(key, level, inside)
        if len(found) == 1:
            stated = name if key in self.book.moved and key not in self.book.by_name else None
            return Place("code", found[0].code, tuple(self.book.lineage(found[0].code)), stated), found[0]
        if key in self.own:
            return Place("name", key, ()), inside
        if found:
            shown = "、".join("".join(d.name for d in reversed(self.book.lineage(f.code)[:-1])) for f in found[:4])
            raise PlaceRefused("reject_place_ambiguous", name, shown)
        raise PlaceRefused("reject_place", name, self._near(name, level, inside))

    def _candidates(self, key: str, level: str, inside: Division | None) -> list[Division]:
        """Candidates in the place already given; the level that the column names wins."""
        found = [self.book.by_code[key]] if key in self.book.by_code else list(self.book.by_name.get(key, ()))
        if not found and key in self.book.moved:
            found = [self.book.by_code[c] for c in (self.book.moved[key][0],) if c in self.book.by_code]
        if inside is not None:
            found = [d for d in found if any(p.code == inside.code for p in self.book.lineage(d.code))]
        exact = [d for d in found if name_key(d.name) == key] or found
        for rank in (level, "province", "city", "country", "county"):
            ranked = [d for d in exact if d.level == rank]
            if ranked:
                return ranked  # a bare name means the larger place
        return []

    def _near(self, name: str, level: str, inside: Division | None) -> str:
        pool = [d for d in self.book.by_code.values() if not level or d.level == level]
        if inside is not None:
            pool = [d for d in pool if any(p.code == inside.code for p in self.book.lineage(d.code))]
        return nearest(name, [d.name for d in pool] + list(self.own.values()))
