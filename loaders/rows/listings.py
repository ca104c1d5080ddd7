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
from ..headers.headers import Column
from ..values.plain import Refused
from ..values.stock_codes import CN, FAMILY, Listing, home_of, market_groups, read_codes

if TYPE_CHECKING:
    from .sheets import NodeSheet

_SIX = r"^[0-9]{6}$"
_DIGITS = r"^[0-9]{1,6}$"
_ABROAD = ("country", "province", "city")


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
    plain = pc.match_substring_regex(cells, _SIX)
    if meaning.type == CN and market is None and pc.all(plain).as_py() is not False:
        return {meaning.name: cells}
    home = _home(reader, column, meaning, cells)
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
    """Read one distinct cell; the row's place speaks where nothing else tells the market."""
    groups = market_groups(place) if place else frozenset()
    abroad = next(iter(groups)) if len(groups) == 1 else None
    if abroad in ("hk", "tw"):
        home = abroad
    try:
        return read_codes(text, home, market)
    except Refused as bad:
        if abroad is not None and not market:
            try:
                return read_codes(text, home, place)
            except Refused:
                pass
        read.refused[number] = (bad.code, text)
        return []


def _beside(reader: NodeSheet) -> tuple[pa.Array | None, pa.Array | None]:
    """Return the row's market, and its place where that may be one with a market of its own."""
    market = reader.plan.one("prop", "exchange")
    places = [c for level in _ABROAD if (c := reader.plan.one("place", level)) is not None]
    where: pa.Array | None = None
    for column in places:
        cells = reader.column(column).dictionary_encode()
        known = [v if market_groups(v) - {"cn"} else None for v in cells.dictionary.to_pylist()]
        given = pa.array(known, pa.string()).take(cells.indices)
        where = given if where is None else pc.coalesce(where, given)
    if where is not None and where.null_count == len(where):
        where = None
    return (None if market is None else reader.column(market)), where


def _home(reader: NodeSheet, column: Column, meaning: Property, cells: pa.Array) -> str | None:
    bare = cells.filter(pc.match_substring_regex(cells, _DIGITS).fill_null(False)).unique().to_pylist()
    name = reader.plan.one("prop", "name")
    named = reader.column(name).drop_null().unique().to_pylist() if name is not None and bare else []
    return home_of(meaning.type, column.header, named, bare)


__all__ = ["read_listings"]
