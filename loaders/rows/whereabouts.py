"""Whereabouts: where the place columns and addresses of a row say that its entity is."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from ..values.places import Place, PlaceRefused, Places

AREA = "area"  # the place column of any level


def where(places: Places, given: dict[str, str | None], addresses: tuple[str, ...]) -> Place | None:
    """Return the finest place that a row's cells give; an address counts where no place column is filled.

    Raises
    ------
    PlaceRefused
        A place column is unknown, ambiguous, or contradicts another one.
    """
    levels = {name: text for name, text in given.items() if name != AREA and name not in addresses}
    area = given.get(AREA)
    if area and not levels.get("county"):
        return _area(places, levels, area)
    if area or any(levels.values()):
        return places.find(**levels)
    found = (places.address(text)[0] for name in addresses if (text := given.get(name)))
    return next((place for place in found if place is not None), None)


def _area(places: Places, levels: dict[str, str | None], area: str) -> Place | None:
    """Read a cell of any level, inside of what the other columns give."""
    if any(levels.values()):
        try:
            return (
                places.find(**levels, county=area)
                if "county" not in levels
                else places.find(**{**levels, "county": area})
            )
        except PlaceRefused:
            inside = places.find(**levels)
            place = places.address(area)[0]
            if place is None or inside is None:
                raise
            codes = {d.code for d in place.lineage}
            if inside.key in codes:
                return place
            if place.key in {d.code for d in inside.lineage}:
                return inside  # 地区 = 山东 beside 所在市 = 济南市
            raise
    try:
        return places.named(area)
    except PlaceRefused as bad:
        place = places.address(area)[0] if bad.code == "reject_place" else None
        if place is None:
            raise
        return place


def only_where_needed(given: dict[str, pa.Array], addresses: tuple[str, ...]) -> dict[str, pa.Array]:
    """Leave addresses out of rows that have a place column, so that few combinations are to be read."""
    filled = None
    for name, cells in given.items():
        if name not in addresses:
            filled = pc.is_valid(cells) if filled is None else pc.or_(filled, pc.is_valid(cells))
    if filled is None:
        return given
    none = pa.scalar(None, pa.string())
    return {name: pc.if_else(filled, none, cells) if name in addresses else cells for name, cells in given.items()}
