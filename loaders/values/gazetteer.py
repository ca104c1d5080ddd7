"""Gazetteer: the divisions of the country, the countries, and every name they go under.

Bundled data (``data/divisions``): divisions and countries, their short, traditional and English
names, development zones with the division of their seat, former names and codes. Names are kept
by match key, traditional characters made simplified; each says of what kind it is, since a place's
own name goes before a zone's, and a name of today before a former one.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import NamedTuple

import pyarrow as pa

from ...graph.columns.text import name_key, name_keys
from ...graph.identity.names import simplified

HOME = "CHN"
LEVELS = {"country": "国家", "province": "省", "city": "市", "county": "县"}
FULL, SHORT, ZONE, PART, OLD = range(5)
"""Kinds of names, the surest first; a part (台北) has no division of its own and stands for what holds it."""
_SUFFIX = (
    "特别行政区",
    "维吾尔自治区",
    "壮族自治区",
    "回族自治区",
    "自治区",
    "自治州",
    "自治县",
    "自治旗",
    "地区",
    "林区",
    "省",
    "市",
    "县",
    "区",
    "盟",
    "旗",
)
_HAN = re.compile("[\u3400-\u9fff]")
_DIGITS = re.compile(r"(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})(?:\.0)?\Z")
_NO_CITY = frozenset({"0000", "0100", "0101", "0200", "9000"})  # 市辖区, 县, 省直辖县级行政区划
# How the name of a zone may end: each group says one thing.
_ZONE_ENDINGS = (
    (
        "高新技术产业开发区",
        "高新技术开发区",
        "高新区",
        "高新开发区",
        "高新产业开发区",
        "高新技术产业园区",
        "国家高新区",
        "国家级高新区",
        "国家高新技术产业开发区",
        "国家级高新技术产业开发区",
        "高技术产业开发区",
        "高新技术园区",
    ),
    (
        "经济技术开发区",
        "经开区",
        "经济开发区",
        "国家级经济技术开发区",
        "国家经济技术开发区",
        "国家级经开区",
        "国家级经济开发区",
        "开发区",
    ),
)
_OTHER_ZONE = re.compile("高新|产业|旅游|技术")  # before a bare 开发区: a zone of another kind


@dataclass(frozen=True)
class Division:
    """One division or country; ``names`` are further names, the usual short one first."""

    code: str
    name: str
    level: str
    parent: str
    names: tuple[str, ...] = ()


class Named(NamedTuple):
    """A place that a name stands for, and of what kind the name is."""

    code: str
    kind: int


@dataclass
class Gazetteer:
    """Divisions by code and by every name they go under.

    Attributes
    ----------
    by_name
        Divisions by the match keys of their own names, full and short.
    moved
        Codes of today's divisions by the match key of a former name.
    former
        Today's code of a code that is no longer used.
    weak
        Provinces by their one character, which means them only where a province is asked for.
    """

    by_code: dict[str, Division]
    by_name: dict[str, list[Division]] = field(default_factory=lambda: defaultdict(list))
    moved: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    former: dict[str, str] = field(default_factory=dict)
    weak: dict[str, str] = field(default_factory=dict)
    iso: dict[str, str] = field(default_factory=dict)
    latin: dict[str, tuple[Named, ...]] = field(default_factory=dict)
    han: dict[str, tuple[Named, ...]] = field(default_factory=dict)
    zone_words: dict[str, dict[str, str]] = field(default_factory=dict)

    def lineage(self, code: str) -> tuple[Division, ...]:
        """Return a division and all that hold it, finest first."""
        return self._lineages[code]

    def holds(self, outer: str, code: str) -> bool:
        """Tell whether a place lies in another (or is it)."""
        return outer in self.above[code]

    def by_digits(self, text: str) -> str | None:
        """Return the division of a code: 13, 1301, 130102, of nine or twelve digits, or one no longer used."""
        hit = _DIGITS.match(text)
        if hit is None:
            return None
        digits = hit[1][:6].ljust(6, "0")
        tried = (
            digits,
            self.former.get(digits),
            digits[:4] + "00" if digits[4:] in ("00", "01") else None,
            digits[:2] + "0000" if digits[2:] in _NO_CITY else None,
        )
        return next((code for code in tried if code and code in self.by_code), None)

    def path(self, code: str) -> str:
        """Return a division's name behind those of its province and city."""
        found = self.lineage(code)
        return "".join(d.name for d in reversed(found[:-1] or found))

    def seat_of(self, word: str, place: str) -> str | None:
        """Return the seat of the zone that a place calls by a bare word: 高新区 in 济南市."""
        return self.zone_words.get(word, {}).get(place) or None

    @cached_property
    def _lineages(self) -> dict[str, tuple[Division, ...]]:
        made = {}
        for code in self.by_code:
            found, at = [], code
            while at in self.by_code:
                found.append(self.by_code[at])
                at = self.by_code[at].parent
            made[code] = tuple(found)
        return made

    @cached_property
    def above(self) -> dict[str, frozenset[str]]:
        """Codes of all that hold a place, itself included."""
        return {code: frozenset(d.code for d in found) for code, found in self._lineages.items()}

    @cached_property
    def inner(self) -> frozenset[str]:
        """Codes of the places that hold others; below the rest the gazetteer knows nothing."""
        return frozenset(d.parent for d in self.by_code.values())

    @cached_property
    def names(self) -> Names:
        """The names in Chinese, to be looked for at a position of a text."""
        return Names(self.han)

    @cached_property
    def words(self) -> Names:
        """The bare words of zones, to be looked for behind the name of a place."""
        return Names(dict.fromkeys(self.zone_words, ()))


class Names:
    """Names to be looked for at a position of a text; ``begins`` holds their first two characters."""

    def __init__(self, names: dict[str, tuple[Named, ...]]) -> None:
        lengths: dict[str, set[int]] = defaultdict(set)
        for name in names:
            lengths[name[:3]].add(len(name))
        self._lengths = {begin: sorted(found, reverse=True) for begin, found in lengths.items()}
        self._names = names
        self._found: dict[str, tuple[str, ...]] = {}
        self.begins = frozenset(name[:2] for name in names)

    def at(self, text: str, at: int) -> tuple[str, ...]:
        """Return the longest name that begins here, then shorter ones that may mean something else."""
        for length in self._lengths.get(text[at : at + 3], ()):
            name = text[at : at + length]
            if name in self._names:
                return self._all(text, at, name)
        name = text[at : at + 2]
        return self._all(text, at, name) if name in self._names else ()

    def _all(self, text: str, at: int, name: str) -> tuple[str, ...]:
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = (name, *self._shorter(name))
        if name[-1] == "市":  # 青岛市|南区 may be 青岛|市南区
            end = at + len(name) - 1
            if text[end : end + 2] in self.begins and name[:-1] in self._names and name[:-1] not in found:
                return (*found, name[:-1])
        return found

    def _shorter(self, name: str) -> Iterator[str]:
        meant = {n.code for n in self._names[name]}
        for length in range(len(name) - 1, 1, -1):
            if not {n.code for n in self._names.get(name[:length], ())} <= meant:
                yield name[:length]


def short_name(name: str) -> str:
    """Return a division's name without its generic ending, when two characters or more remain."""
    for suffix in _SUFFIX:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name[: -len(suffix)]
    return name


class _Simplified(dict[int, int]):
    """Character by character from traditional to simplified, looked up once a character."""

    def __missing__(self, char: int) -> int:
        text = chr(char)
        made = str(simplified(pa.array([text]))[0].as_py()) if _HAN.match(text) else text
        self[char] = ord(made) if len(made) == 1 else char
        return self[char]


# What OpenCC leaves as it is, since these are words of their own outside of the names of places (巿 is no 市).
_SIMPLIFIED = _Simplified(str.maketrans("後徵濬澂敍羣衆於裏裡巿", "后征浚澄叙群众于里里市"))


def place_key(text: str) -> str:
    """Return the match key of a place: simplified characters, no spaces, full width folded.

    Examples
    --------
    >>> place_key("臺北市 信義區")
    '台北市信义区'
    """
    return name_key(text).translate(_SIMPLIFIED)


def latin_key(text: str) -> str:
    """Return the letters and digits of a name in Latin script, without accents.

    Examples
    --------
    >>> latin_key("Ürümqi"), latin_key("Xi'an City"), latin_key("U.S.A.")
    ('urumqi', 'xiancity', 'usa')
    """
    plain = unicodedata.normalize("NFKD", text).lower()
    return "".join(c for c in plain if c.isascii() and c.isalnum())


def is_latin(text: str) -> bool:
    """Tell whether a text has no Chinese character."""
    return _HAN.search(text) is None


def zone_names(name: str) -> tuple[str, ...]:
    """Return the ways to write the name of a zone: 济南高新技术产业开发区, 济南高新区 …"""
    for endings in _ZONE_ENDINGS:
        for ending in sorted(endings, key=len, reverse=True):
            stem = name.removesuffix(ending)
            if stem and stem != name and not (ending == "开发区" and _OTHER_ZONE.search(stem)):
                return tuple(dict.fromkeys((name, *(stem + e for e in endings))))
    return (name,)


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """Read the bundled divisions, countries, names, zones and successors."""
    further: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in _rows("names.csv"):
        further[row["kind"]][row["code"]].append(row["name"])
    made = Gazetteer({})
    spelled: list[tuple[str, str, int]] = []  # code, name, kind
    for row in _rows("countries.csv"):
        code, zh = row["iso3"], "中国" if row["iso3"] == HOME else row["zh"]
        names = [row["en"], *filter(None, row["names"].split(";")), code]
        made.by_code[code] = Division(code, zh, "country", "", tuple(dict.fromkeys((*names, row["zh"]))))
        made.iso |= {row["iso2"]: code, code: code}
    for row in _rows("divisions.csv"):
        code, name = row["code"], row["name"]
        bare, usual = short_name(name), further["short"][code]
        ethnic = name.endswith(("自治州", "自治县", "自治旗", "新区"))  # 临夏回族 is nobody's word for 临夏州
        short = tuple(dict.fromkeys((*usual, bare) if ethnic else (bare, *usual)))
        made.by_code[code] = Division(code, name, row["level"], row["parent_code"] or HOME, short)
    _greater_china(made)
    for division in made.by_code.values():
        spelled += [
            (division.code, name, FULL if name == division.name else SHORT)
            for name in dict.fromkeys((division.name, *division.names))
        ]
    spelled += [(code, name, SHORT) for code, found in further["english"].items() for name in found]
    own = len(spelled)
    spelled += [(code, name, PART) for code, found in further["part"].items() for name in found]
    zones = [(row["seat_code"], name) for row in _rows("zones.csv") for name in _zone_spellings(row)]
    spelled += [(code, name, ZONE) for code, name in zones]
    old = [
        (row["new_code"], name)
        for row in _rows("successors.csv")
        if row["new_code"] in made.by_code
        for name in dict.fromkeys((row["old_name"], short_name(row["old_name"])))
    ]
    spelled += [(code, name, OLD) for code, name in old]
    made.weak = {name: code for code, found in further["weak"].items() for name in found}
    made.former = {row["old_code"]: row["new_code"] for row in _rows("former_codes.csv")}
    _enter(made, spelled, own)
    _zone_words(made, zones)
    return made


def _rows(name: str) -> list[dict[str, str]]:
    folder = files("chainatlas.data").joinpath("divisions")
    return list(csv.DictReader(folder.joinpath(name).read_text(encoding="utf-8").splitlines()))


def _zone_spellings(row: dict[str, str]) -> Iterator[str]:
    for name in (row["name"], *filter(None, row["aliases"].split(";"))):
        yield from zone_names(name)


def _greater_china(made: Gazetteer) -> None:
    """Let the country codes of Taiwan, Hong Kong and Macau mean the divisions of these names."""
    for iso3, code in (("TWN", "710000"), ("HKG", "810000"), ("MAC", "820000")):
        country, division = made.by_code.pop(iso3), made.by_code[code]
        names = tuple(dict.fromkeys((*division.names, country.name, *country.names)))
        made.by_code[code] = Division(code, division.name, division.level, division.parent, names)
        made.iso = {short: code if of == iso3 else of for short, of in made.iso.items()}


def _enter(made: Gazetteer, spelled: list[tuple[str, str, int]], own: int) -> None:
    """Enter all names under their keys, made in one pass; a place is named once under a key, the surest way."""
    han: dict[str, dict[str, int]] = defaultdict(dict)
    latin: dict[str, dict[str, int]] = defaultdict(dict)
    keys = name_keys(pa.array([name for _, name, _ in spelled], pa.string())).to_pylist()
    for at, ((code, name, kind), key) in enumerate(zip(spelled, keys, strict=True)):
        division = made.by_code[code]
        if at < own and division not in made.by_name[key]:
            made.by_name[key].append(division)
        if kind == OLD and code not in made.moved[key]:
            made.moved[key].append(code)
        if name.isascii() or is_latin(name):
            if name not in made.iso:
                latin[latin_key(name)].setdefault(code, kind)
        else:
            han[key].setdefault(code, kind)
    made.han = {key: tuple(Named(*n) for n in found.items()) for key, found in han.items()}
    made.latin = {key: tuple(Named(*n) for n in found.items()) for key, found in latin.items()}


def _zone_words(made: Gazetteer, zones: Iterable[tuple[str, str]]) -> None:
    """Enter what remains of a zone's name behind each place that holds it: 高新区 of 济南市."""
    words: dict[str, dict[str, str]] = defaultdict(dict)
    for seat, name in dict.fromkeys(zones):
        for division in made.lineage(seat):
            for called in (division.name, *(n for n in division.names if not n.isascii())):
                word = name.removeprefix(called)
                if word != name and len(word) >= 2:
                    known = words[name_key(word)].setdefault(division.code, seat)
                    if known != seat:
                        words[name_key(word)][division.code] = ""  # two zones: not to be told apart
    made.zone_words = dict(words)
