"""Figures of a chain: completeness, availability, length, thickness, continuity (methods §1).

K = Σ[S ≠ ∅]/Σ1 over the product links, and K_AO = share of end products whose whole recipe is
to be had, an interval. Length = longest path of the condensed DAG of the chain's inputs, in
steps. Thickness = mean effective number of producers N_eff = 1/HHI over the links that are
made; where the outputs of a link's producers are not all known they count as equal, so that
N_eff is their number. Continuity = share of the chain's INPUT_OF edges of which both ends are
made here or always to be had.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ...graph.schema.errors import QueryError
from ...graph.schema.words import default_language
from ..atlas.chain_links import ChainLinks, chain_links, chain_names, data_date, find_chain
from ..verdicts.completeness import completeness
from .chain import scope_notes
from ..verdicts.explanation import maker_facts
from ..atlas.facts import Fact
from ..atlas.result import Result, Row
from ..atlas.tracing import both, relation_facts, told
from ..verdicts.verdicts import STATUS, Verdicts, verdicts
from ..atlas.atlas import Atlas

Ints = npt.NDArray[np.int64]
COLUMNS = ("chain", "place", "links", "technologies", "K", "K_AO_certain", "K_AO_possible", "ends", "length",
           "thickness", "by_output", "continuity", "inputs", *STATUS, "as_of")  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """Length in steps, mean effective number of producers, share of inputs with both ends."""

    length: int
    thickness: float
    by_output: int
    continuity: float
    inputs: int


def figures(
    atlas: Atlas, chain: str | None = None, *, place: str | None = None, cluster: str | None = None,
    among: str | None = None, external: str = "none", lang: str | None = None,
) -> Result:  # fmt: skip
    """Return the figures of one chain, or of all.

    Returns
    -------
    Result
        ``chain place links technologies K K_AO_certain K_AO_possible ends length thickness
        by_output continuity inputs``, a count a status, ``as_of``. ``by_output`` links have
        their thickness from outputs, the others from the number of producers; ``inputs`` are
        the INPUT_OF edges between the chain's links.
    """
    lang = lang or default_language()
    scope = atlas.scopes.find(place, cluster)
    asked = [find_chain(atlas, chain)] if chain is not None else [chain_links(atlas, n) for n in chain_names(atlas)]
    if not asked:
        raise QueryError("chains_none")
    rows: list[Row] = []
    notes: dict[tuple[str, str], None] = {}
    for links in asked:
        found = verdicts(atlas, links.items, np.array([scope]), among=among, external=external)
        rows.append(_row(atlas, links, found))
        notes |= dict.fromkeys(scope_notes(atlas, found))
    notes[both("note_figures_table")] = None
    return Result(COLUMNS, rows, tuple(notes), lambda at: told(_evidence(atlas, asked[at], scope, lang)))


def _row(atlas: Atlas, links: ChainLinks, found: Verdicts) -> Row:
    k = completeness(atlas, links, found)
    made = shape(atlas, links, found)
    technology = int((links.items >= len(atlas.makers.base[0])).sum())
    return {
        "chain": links.name, "place": atlas.scopes.name(int(found.scopes[0])),
        "links": len(links.items) - technology, "technologies": technology,
        **{name: _number(values[0]) for name, values in k.items()}, "ends": len(links.ends),
        "length": made.length, "thickness": _number(made.thickness), "by_output": made.by_output,
        "continuity": _number(made.continuity), "inputs": made.inputs,
        **{name: int((found.status[:, 0] == at).sum()) for at, name in enumerate(STATUS)},
        "as_of": data_date(atlas),
    }  # fmt: skip


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)


def shape(atlas: Atlas, links: ChainLinks, found: Verdicts, column: int = 0) -> Shape:
    """Return length, thickness and continuity of a chain in one scope of its verdicts."""
    product = links.items < len(atlas.makers.base[0])
    n = found.producers[:, column]
    hhi = found.hhi[:, column]
    made = product & (n > 0)
    effective = np.where(np.isnan(hhi), n, 1 / np.where(np.isnan(hhi), 1, hhi))
    a, b, _ = inner_inputs(atlas, links)
    there = (n > 0) | atlas.makers.primary[links.items]
    both_ends = there[a] & there[b]
    return Shape(
        longest_path(a, b, len(links.items)),
        float(effective[made].mean()) if made.any() else float("nan"), int((made & ~np.isnan(hhi)).sum()),
        float(both_ends.mean()) if len(a) else float("nan"), len(a),
    )  # fmt: skip


def inner_inputs(atlas: Atlas, links: ChainLinks) -> tuple[Ints, Ints, Ints]:
    """Return the INPUT_OF edges between links of a chain: positions in ``links.items``, rows of the relation."""
    position = np.full(atlas.makers.n + 1, -1, np.int64)
    position[links.items] = np.arange(len(links.items))
    src, dst = (position[atlas.makers.items(e)] for e in atlas.snapshot.edges("INPUT_OF"))
    rows = np.flatnonzero((src >= 0) & (dst >= 0))
    # One edge a pair: an input that stands in two groups of a product is one step of the chain.
    _, first = np.unique(src[rows] * (len(links.items) + 1) + dst[rows], return_index=True)
    rows = rows[np.sort(first)]
    return src[rows], dst[rows], rows


def longest_path(a: Ints, b: Ints, n: int) -> int:
    """Return the number of steps of the longest path of a graph whose cycles are drawn together.

    Examples
    --------
    >>> longest_path(np.array([0, 1, 2]), np.array([1, 2, 1]), 3)  # 0 → {1 ⇄ 2}
    1
    """
    if not len(a):
        return 0
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(n, n))
    _, part = connected_components(graph, directed=True, connection="strong")
    start, end = part[a], part[b]
    keep = start != end
    start, end = start[keep], end[keep]
    level = np.zeros(n, np.int64)
    while True:
        deeper = level.copy()
        np.maximum.at(deeper, end, level[start] + 1)
        if np.array_equal(deeper, level):
            return int(level.max())
        level = deeper


def _evidence(atlas: Atlas, links: ChainLinks, scope: int, lang: str) -> Iterator[Fact]:
    """Facts that the figures count: who makes each link here, and the chain's inputs."""
    from ..atlas.chain_links import local_makers

    for item in links.items.tolist():
        for maker in local_makers(atlas, item, scope).tolist():
            yield from maker_facts(atlas, maker, item, lang)
    yield from relation_facts(atlas.snapshot, "INPUT_OF", inner_inputs(atlas, links)[2], lang)
