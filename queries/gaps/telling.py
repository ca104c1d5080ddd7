"""The most telling gaps: the key links of every chain, judged where most of its makers are."""

from __future__ import annotations

import numpy as np

from ...graph.schema.words import Said
from ..atlas.atlas import Atlas
from ..atlas.chain_links import chain_links, chain_names
from ..atlas.result import Result, Row
from ..atlas.scopes import WHOLE
from .gaps import COLUMNS, gaps


def telling_gaps(atlas: Atlas, *, limit: int = 10) -> Result:
    """Return the most urgent gaps of each chain in the place where most of its makers are.

    The place is computed: the province-level scope that holds most makers of the chain's links.
    """
    rows: list[Row] = []
    notes: dict[Said, None] = {}
    per_chain: list[list[Row]] = []
    for node in chain_names(atlas):
        place = _main_place(atlas, node)
        found = gaps(atlas, chain=atlas.snapshot.name(node), place=place, kind="industry")
        key = _key_links(atlas, node)
        missing = [r for r in found.rows if r["status"] == "missing"]
        per_chain.append([r for r in missing if r["link"] in key] or missing)
        notes |= dict.fromkeys(found.notes[:-1] if len(found.notes) > 1 else ())
    # The first gap of every chain before the second of any, so that a long chain hides no other.
    for rank in range(limit):
        row_of = [found[rank] for found in per_chain if rank < len(found)]
        rows += sorted(row_of, key=lambda r: (-(r["criticality"] or 0.0), r["chain"], r["link"]))
    rows = sorted(rows[:limit], key=lambda r: (-(r["criticality"] or 0.0), r["chain"], r["link"]))
    return Result(COLUMNS, rows, tuple(notes))


def _key_links(atlas: Atlas, chain: int) -> set[str]:
    """Return the links of a chain that are marked 关键环节: what people ask about first."""
    nodes = [
        atlas.makers.node(int(i)) for i in chain_links(atlas, chain).items if not atlas.makers.is_technology(int(i))
    ]
    return {atlas.snapshot.name(n) for n in nodes if atlas.snapshot.value(n, "key_link")}


def _main_place(atlas: Atlas, chain: int) -> str | None:
    """Return the province that holds most makers of a chain's links."""
    items = chain_links(atlas, chain).items
    where = atlas.scopes
    provinces = [s for s in range(where.n) if where.kind(s) == "province"]
    if not provinces or not len(items):
        return None
    counts = np.asarray(atlas.makers.counts[items][:, provinces].sum(axis=0)).reshape(-1)
    return where.name(provinces[int(np.argmax(counts))]) if counts.any() else where.name(WHOLE)
