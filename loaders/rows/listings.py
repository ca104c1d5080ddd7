"""Listings: columns of stock codes, each cell read by its own market, its row's, or that of the list."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...graph.columns.canonical import codes, pack
from ...graph.schema.types import Property
from ..files import delimited
from ..headers.headers import Column
from ..values.gazetteer import HOME
from ..values.places import Place
from ..values.plain import Refused
from ..values.stock_codes import CN, ELSEWHERE, FAMILY, MAINLAND, Listing, home_of, market_groups, read_codes

if TYPE_CHECKING:
    from .sheets import NodeSheet

_MAINLAND = rf"^{MAINLAND}$"
_DIGITS = r"^[0-9]{1,6}$"
_LEVELS = ("country", "province", "city", "area")
_OF_CHINA = {"810000": "hk", "710000": "tw"}  # divisions with a market of their own
_NO_COUNTRY = frozenset(("境外", "海外", "国外", "外国", "國外"))


@dataclass
class _Read:
    """Codes by property and by the distinct cell they stand in, and what was refused of them."""

    found: dict[str, dict[int, str]] = field(default_factory=dict)
    refused: dict[int, tuple[str, str]] = field(default_factory=dict)


def read_listings(reader: NodeSheet, kind_props: dict[str, Property]) -> dict[str, pa.Array]:
    """Return the code columns of a sheet by property.

    A cell that cannot be read is refused by itself; so is a second, other code of one market.
    """
    columns = [
        c
        for c in reader.plan.columns
        if c.role == "prop" and isinstance(c.meaning, Property) and c.meaning.type in FAMILY
    ]
    homes = {p.type: p.name for p in kind_props.values() if p.type in FAMILY}
    made: dict[str, pa.Array] = {}
    for column in columns:
        for name, values in _column(reader, column, homes).items():
            if name not in made:
                made[name] = values
                continue
            differ = pc.not_equal(made[name], values).fill_null(False).to_numpy(zero_copy_only=False)
            reader.refuse_cells(np.flatnonzero(differ), column, "reject_stock_twice")
            made[name] = pc.coalesce(made[name], values)
    return made


def _column(reader: NodeSheet, column: Column, homes: dict[str, str]) -> dict[str, pa.Array]:
    meaning = column.meaning
    assert isinstance(meaning, Property)
    cells = reader.column(column)
    market, place = _beside(reader)
    plain = pc.match_substring_regex(cells, _MAINLAND)
    whole = meaning.type == CN and market is None and pc.all(plain).as_py() is not False
    home = _home(reader, column, meaning, cells) if _may_go_on(reader) or not whole else "cn"
    if whole and (place is None or set(place.unique().to_pylist()) <= {None, "hk", "tw"}):
        return {meaning.name: cells}
    beside = [pa.nulls(len(cells), pa.string()) if c is None else c for c in (market, place)]
    combined = pack([codes(c) for c in (cells, *beside)], len(cells))
    _, first, index = np.unique(combined, return_index=True, return_inverse=True)
    at = pa.array(first)
    distinct = list(zip(*(c.take(at).to_pylist() for c in (cells, *beside)), strict=True))
    count = np.bincount(index, minlength=len(distinct))
    read = _Read()
    zeros: Counter[str] = Counter()
    for number, (text, said, where) in enumerate(distinct):
        if text is not None:
            found = _cell(text, said or "", where or "", home, read, number)
            for one in found:
                name = homes.get(one.kind)
                if name is None or read.found.setdefault(name, {}).setdefault(number, one.code) != one.code:
                    read.refused[number] = ("reject_stock_twice" if name else "reject_stock", one.code)
                elif one.zeros:
                    zeros[f"{text} → {one.code}"] += int(count[number])
    reader.gathered.tell("zeros", zeros)
    for code in {c for c, _ in read.refused.values()}:
        wrong = [n for n, (c, _) in read.refused.items() if c == code]
        reader.refuse_cells(np.flatnonzero(np.isin(index, wrong)), column, code)
    made = {}
    for name, values in read.found.items():
        each = pa.array([values.get(n) for n in range(len(distinct))], pa.string())
        made[name] = each.take(pa.array(index))
    return made or {meaning.name: pa.nulls(len(cells), pa.string())}


def _cell(text: str, market: str, place: str, home: str | None, read: _Read, number: int) -> list[Listing]:
    """Read one distinct cell; the row's place speaks where neither cell nor market tell: abroad is no code at home."""
    if place:
        home = place if place in ("hk", "tw") else ELSEWHERE
    if home == ELSEWHERE and len(market_groups(market)) != 1:
        market = place
    try:
        return read_codes(text, home, market)
    except Refused as bad:
        if place and not market:
            try:
                return read_codes(text, home, place)
            except Refused:
                pass
        read.refused[number] = (bad.code, text)
        return []


def _beside(reader: NodeSheet) -> tuple[pa.Array | None, pa.Array | None]:
    """Return the row's market, and that of its place where it is not the mainland's."""
    market = reader.plan.one("prop", "exchange")
    where = pa.nulls(len(reader.raw.rows), pa.string())
    located = reader.located
    if located is not None:
        markets = pa.array([*map(_market_of, located.places), None], pa.string())
        where = markets.take(pa.array(np.where(located.of < 0, len(located.places), located.of)))
    unplaced = pa.array(np.ones(len(where), bool) if located is None else located.of < 0)
    for column in (c for level in _LEVELS if (c := reader.plan.one("place", level)) is not None):
        if not pc.any(unplaced).as_py():
            break
        cells = pc.if_else(unplaced, reader.column(column), None).dictionary_encode()
        known = pa.array([_market_named(text) for text in cells.dictionary.to_pylist()], pa.string())
        where = pc.coalesce(where, known.take(cells.indices))
    return (None if market is None else reader.column(market)), None if where.null_count == len(where) else where


def _market_of(place: Place) -> str | None:
    """Return the market of a place, ``ELSEWHERE`` where that of a country is not known; None on the mainland."""
    if not place.lineage:
        return None
    country = place.lineage[-1]
    if country.code == HOME:
        return next((m for d in place.lineage if (m := _OF_CHINA.get(d.code))), None)
    # by Chinese names alone: codes of countries are suffixes of other markets (IT, SA, AT)
    return next((m for n in (country.name, *country.names) if not n.isascii() and (m := _single(n))), ELSEWHERE)


def _market_named(text: str) -> str | None:
    """Return the market that a cell names in Chinese that is no place of the gazetteer: 首尔, 境外."""
    if text in _NO_COUNTRY:
        return ELSEWHERE
    return None if text.isascii() or (found := _single(text)) == "cn" else found


def _single(text: str) -> str | None:
    groups = market_groups(text)
    return next(iter(groups)) if len(groups) == 1 else None


def _may_go_on(reader: NodeSheet) -> bool:
    """Tell whether the rows may be one piece of several; a file that fits into half a block is not parted."""
    return reader.raw.size > delimited.BLOCK // 2


def _home(reader: NodeSheet, column: Column, meaning: Property, cells: pa.Array) -> str | None:
    """Return what digits alone stand for in a column; its first piece that tells decides for the whole file."""
    key = (reader.number, column.at)
    if key in reader.gathered.homes:
        return reader.gathered.homes[key]
    bare = cells.filter(pc.match_substring_regex(cells, _DIGITS).fill_null(False)).unique().to_pylist()
    name = reader.plan.one("prop", "name")
    asked = name is not None and (bare or _may_go_on(reader))
    named = reader.column(name).drop_null().unique().to_pylist() if name is not None and asked else []
    home = home_of(meaning.type, column.header, named, bare)
    if bare or home == "tw":
        reader.gathered.homes[key] = home
    return home


__all__ = ["read_listings"]
