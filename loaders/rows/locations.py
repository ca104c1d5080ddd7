"""Where the rows of a sheet stand: their place columns, and their addresses where these say nothing.

Each distinct combination of cells, and each distinct address, is read once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...graph.columns.arrays import Ints
from ...graph.columns.canonical import codes, pack
from ...graph.schema.types import Property
from ..files.raw import RawSheet, kept
from ..headers.headers import Column, Plan
from ..values.places import AREA, Place, PlaceRefused, is_missing, is_nowhere
from ..values.values import clean

if TYPE_CHECKING:
    from .sheets import NodeSheet, SheetReader


@dataclass(frozen=True)
class Located:
    """Places that a sheet names, and which of them each row has (−1: none)."""

    places: list[Place]
    of: Ints

    def each(self) -> list[Place | None]:
        """Return the place of each row."""
        return [None if at < 0 else self.places[at] for at in self.of.tolist()]


def locate(sheet: NodeSheet) -> Located | None:
    """Resolve the places of a sheet's rows; None when no column says where they are."""
    columns = {c.meaning.name: c for c in sheet.plan.columns if c.role == "place" and isinstance(c.meaning, Property)}
    addresses = [
        c
        for c in sheet.plan.columns
        if c.role in ("prop", "extra") and isinstance(c.meaning, Property) and c.meaning.type == "address"
    ]
    if not columns and not addresses:
        return None
    found = _by_columns(sheet, columns) if columns else Located([], np.full(len(sheet.raw.rows), -1, np.int64))
    stated = found.of
    for column in addresses:
        found = _by_address(sheet, column, found, stated)
    return found


def _by_columns(sheet: NodeSheet, columns: dict[str, Column]) -> Located:
    """Resolve each distinct combination of place cells."""
    given = {name: sheet.column(c) for name, c in columns.items()}
    packed = pack([codes(v) for v in given.values()], len(sheet.raw.rows))
    _, first, number = np.unique(packed, return_index=True, return_inverse=True)
    order = np.argsort(number, kind="stable")
    start = np.searchsorted(number[order], np.arange(len(first) + 1))
    distinct = list(zip(*(v.take(pa.array(first)).to_pylist() for v in given.values()), strict=True))
    places: list[Place] = []
    at_of = np.full(len(distinct), -1, np.int64)
    for at, values in enumerate(distinct):
        cells = dict(zip(given, values, strict=True))
        rows = order[start[at] : start[at + 1]]
        found = _one(sheet, cells)
        if isinstance(found, PlaceRefused):
            found = _refused(sheet, columns, cells, found, rows)
        _tell_empty(sheet, columns, cells, rows, found)
        if found is not None:
            at_of[at] = len(places)
            places.append(found)
    return Located(places, at_of[number])


def _one(sheet: NodeSheet, cells: dict[str, str | None]) -> Place | PlaceRefused | None:
    try:
        return sheet.places.find(**{name: None if v and is_nowhere(v) else v for name, v in cells.items()})
    except PlaceRefused as bad:
        return bad


def _tell_empty(
    sheet: NodeSheet, columns: dict[str, Column], cells: dict[str, str | None], rows: Ints, found: Place | None
) -> None:
    """Tell cells that name no place (省直); 市辖区 and its like only where the row has no place then."""
    for level, value in cells.items():
        if value and (is_nowhere(value) or (is_missing(value) and found is None)):
            sheet.tell_cells(rows, columns[level].header, value, "reject_place_none")


def _refused(
    sheet: NodeSheet, columns: dict[str, Column], cells: dict[str, str | None], bad: PlaceRefused, rows: Ints
) -> Place | None:
    """Tell a refused cell; the row stays where it is a county, and the cells before it name a place."""
    level = next((name for name, v in cells.items() if v == bad.value), next(iter(cells)))
    coarse: Place | PlaceRefused | None = None
    loose = level == AREA  # said beside the place columns, or instead of them: only the cell is lost
    if loose or (level == "county" and len(cells) > 1):
        coarse = _one(sheet, {name: v for name, v in cells.items() if name != level})
    kept = coarse if isinstance(coarse, Place) else None
    for row in rows.tolist():
        sheet.place_error(row, columns[level].header, bad, kept is None and not loose)
    return kept


def _by_address(sheet: NodeSheet, column: Column, known: Located, stated: Ints) -> Located:
    """Give rows without a place that of their address; tell where an address contradicts the place columns.

    ``stated``: which place the place columns of each row name.
    """
    encoded = clean_address(sheet, column).dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    index = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    read = [sheet.places.address(text)[0] for text in texts]
    offset = len(known.places)
    places, number = [*known.places], np.full(len(texts) + 1, -1, np.int64)
    for at, place in enumerate(read):
        if place is not None:
            number[at] = len(places)
            places.append(place)
    mine = number[index]  # index −1 meets the last, which is no place
    both = np.flatnonzero((stated >= 0) & (mine >= 0) & sheet.good)
    pairs, of = np.unique(stated[both] * (len(places) + 1) + mine[both], return_inverse=True)
    both = both[np.argsort(of, kind="stable")]
    start = np.searchsorted(np.sort(of), np.arange(len(pairs) + 1))
    for at, pair in enumerate(pairs.tolist()):
        here, there = places[pair // (len(places) + 1)], places[pair % (len(places) + 1)]
        if sheet.places.contradicts(here, there):
            shown = {"near": sheet.places.path(there), "inside": sheet.places.path(here)}
            rows = both[start[at] : start[at + 1]]
            sheet.tell_cells(rows, column.header, texts[index[rows[0]]], "odd_address", **shown)
    made = Located(places, np.where(known.of >= 0, known.of, mine))
    return made if offset < len(places) else known


def clean_address(sheet: SheetReader, column: Column) -> pa.Array:
    """Return the trimmed text of an address column, empty cells null."""
    assert isinstance(column.meaning, Property)
    values: pa.Array = clean(sheet.raw.columns[column.at], column.meaning, sheet.schema).values
    return values


def resolve_names(
    sheet: SheetReader,
    names: pa.Array,
    refuse: Callable[[int, PlaceRefused], None],
    exact: bool,
) -> list[Place | None]:
    """Resolve a column of region names of any level, once a distinct name."""
    encoded = names.dictionary_encode()
    made: list[Place | PlaceRefused] = []
    for name in encoded.dictionary.to_pylist():
        try:
            made.append(sheet.places.named(name, exact=exact))
        except PlaceRefused as bad:
            made.append(bad)
    sheet.emit_divisions([p for p in made if isinstance(p, Place)])
    out: list[Place | None] = []
    for at, index in enumerate(encoded.indices.to_pylist()):
        found = made[index] if index is not None else None
        if isinstance(found, PlaceRefused):
            refuse(at, found)
            found = None
        out.append(found)
    return out


def known_codes(sheet: NodeSheet, values: pa.Array, names: pa.Array) -> pa.Array:
    """Return division codes in six digits where the row's name bears out what a shorter or longer one means."""
    digits = pc.match_substring_regex(values, r"^\d{2,12}$").fill_null(False)
    if not pc.any(digits).as_py():
        return values
    pairs = pack([codes(values), codes(names)], len(values))
    _, first, number = np.unique(pairs, return_index=True, return_inverse=True)
    made = []
    for code, name in zip(
        values.take(pa.array(first)).to_pylist(), names.take(pa.array(first)).to_pylist(), strict=True
    ):
        made.append((code and name and sheet.places.division(code, name)) or code)
    return pa.array(made, pa.string()).take(pa.array(number))


def regions_only(raw: RawSheet, plan: Plan) -> RawSheet:
    """Take out rows of a sheet of regions that stand for a missing level (市辖区); they are told as passed."""
    column = plan.one("prop", "name") if plan.type == "Region" else None
    if column is None or not len(raw.rows):
        return raw
    found = [name for name in raw.columns[column.at].unique().to_pylist() if name and is_missing(name)]
    if not found:
        return raw
    out = pc.is_in(raw.columns[column.at], value_set=pa.array(found)).to_numpy(zero_copy_only=False)
    names = raw.columns[column.at].filter(pa.array(out)).to_pylist()
    told = [(int(row), "placeholder", name) for row, name in zip(raw.rows[out], names, strict=True)]
    return replace(kept(raw, ~out), passed=(*raw.passed, *told))
