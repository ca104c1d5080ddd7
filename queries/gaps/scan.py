"""Scan: every place of a level at once, how many links of a chain have which status there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...graph.columns.arrays import Floats, Ints
from ...graph.schema.errors import QueryError
from ...graph.schema.words import sentence
from ..atlas.atlas import Atlas
from ..atlas.chain_links import data_date, find_chain, local_makers
from ..atlas.facts import Fact
from ..atlas.result import Result, Row
from ..atlas.tracing import told
from ..verdicts.everywhere import LEVELS, everywhere
from ..verdicts.explanation import coverage_facts, maker_facts
from ..verdicts.judge import STATUS

COLUMNS = ("place", "province", "links", "made_here", *STATUS, "missing_narrow", "coverage")


def scan(
    atlas: Atlas, *, level: str = "city", chain: str | None = None, place: str | None = None,
    among: str | None = None, top: int | None = None,
) -> Result:  # fmt: skip
    """Return the places of a level with the number of links in each status, those that make most first.

    Parameters
    ----------
    level
        ``county``, ``city``, ``province`` or ``country``.
    chain
        Links of this chain; else of all chains, or all products where there are none.
    place
        Only places inside this one.
    among
        Population that "missing" speaks of.
    top
        Only so many places.

    Returns
    -------
    Result
        ``place province links made_here``, a count a status, ``missing_narrow coverage``. ``missing`` counts
        the links missing on firm ground, ``missing_narrow`` those on narrow ground, never added.
        ``made_here`` is the number of links that somebody there is known to make; ``coverage``
        the mean κ over the links: where it is below the floor, links without a maker are unknown.

    Raises
    ------
    QueryError
        No such level, chain, place or population, or no place of the level is loaded.
    """
    if level not in LEVELS:
        raise QueryError("option_value", option="--level", value=level, known="、".join(LEVELS))
    items = _items(atlas, chain)
    found = everywhere(atlas, among=among, items=items)
    at = LEVELS.index(level)
    scopes, judged = found.scopes[at], found.judged[at]
    units = np.arange(len(scopes))
    if place is not None:
        units = units[atlas.scopes.inside.tocsr()[scopes][:, [atlas.scopes.find(place)]].toarray()[:, 0] > 0]
    if not len(units) and place is None and not len(atlas.snapshot.ids("Enterprise")):
        return Result(COLUMNS, [], (sentence("load_makers"),))
    if not len(units):
        raise QueryError("scan_empty", level=level, place=place or "—")
    covered = judged.covered
    kappa = _kappa(atlas, items, scopes, among)
    names = [atlas.scopes.name(int(s)) or "—" for s in scopes[units]]
    order = sorted(range(len(units)), key=lambda n: (-covered[units[n]], names[n]))[:top]
    rows: list[Row] = []
    for n in order:
        unit = int(units[n])
        tally = dict(zip(STATUS, judged.tally[unit].tolist(), strict=True))
        narrow = int(judged.narrow[unit])
        tally |= {"missing": tally["missing"] - narrow, "missing_narrow": narrow}
        rows.append({"place": names[n], "province": _province(atlas, int(scopes[unit])), "links": len(items),
                     "made_here": int(covered[unit]), **tally, "coverage": round(float(kappa[unit]), 4)})  # fmt: skip
    notes = (sentence("note_scan", n=len(rows), links=len(items), floor=f"{atlas.floor:.2f}",
                  as_of=data_date(atlas) or "—"),)  # fmt: skip
    answer = Result(COLUMNS, rows, notes, lambda n: told(_evidence(atlas, items, int(scopes[units[order[n]]]))))
    return answer.unless_silent(
        lambda row: row["made_here"] or row["unknown"] + row["assumed"] < row["links"], sentence("load_makers")
    )


def _items(atlas: Atlas, chain: str | None) -> Ints:
    if chain is not None:
        return np.sort(find_chain(atlas, chain).items)
    held = np.array([bool(c) for c in atlas.chains_of], bool)
    return np.flatnonzero(held) if held.any() else np.arange(len(held))


def _kappa(atlas: Atlas, items: Ints, scopes: Ints, among: str | None) -> Floats:
    """Mean κ over the items in each scope, computed once for items whose κ is the same everywhere."""
    total, spoken = np.zeros(len(scopes)), atlas.spoken_of[items]
    for rows, _, _ in atlas.classes(items):
        for alike in (rows[spoken[rows]], rows[~spoken[rows]]):
            if len(alike):
                total += len(alike) * atlas.kappa(items[alike[:1]], among).included[0, scopes]
    mean: Floats = total / max(len(items), 1)
    return mean


def _province(atlas: Atlas, scope: int) -> str | None:
    """Name of the province that holds a place."""
    row = atlas.scopes.inside.tocsr()[[scope]]
    above = [int(s) for s in row.indices if atlas.scopes.kind(int(s)) == "province" and int(s) != scope]
    return atlas.scopes.name(above[0]) if above else None


def _evidence(atlas: Atlas, items: Ints, scope: int) -> Iterator[Fact]:
    """Who makes what here; then what κ rests on."""
    for item in items.tolist():
        for maker in local_makers(atlas, item, scope).tolist():
            yield from maker_facts(atlas, maker, item)
    for rows, _, _ in atlas.classes(items):
        yield from coverage_facts(atlas, int(items[rows[0]]), scope)
