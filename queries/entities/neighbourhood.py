"""Neighbourhood: a part of the graph to be drawn — around something, along a chain, or the best connected."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...graph.columns.arrays import Bools, Ints
from ...graph.schema.errors import QueryError
from ..atlas.atlas import Atlas
from ..atlas.chain_links import find_chain

LIMIT = 300
# Two things in one province are no neighbours of each other: nothing is reached through these.
_PLACES = ("Region",)


@dataclass(frozen=True)
class Neighbourhood:
    """Nodes with the relations among them.

    Attributes
    ----------
    nodes
        Node ids, ascending.
    hop
        Steps from the middle, −1 where there is none.
    stage
        Of links of a chain: its stage; else None.
    src, dst
        Positions in ``nodes``, one a relation.
    relation, row
        Name of each relation's type, and its row in the type's table.
    found
        Nodes before the limit.
    degree
        Relations of each node in the whole graph.
    """

    nodes: Ints
    hop: Ints
    stage: tuple[str | None, ...]
    src: Ints
    dst: Ints
    relation: tuple[str, ...]
    row: Ints
    found: int
    degree: Ints


def neighbourhood(
    atlas: Atlas, *, around: str | None = None, hops: int = 1, chain: str | None = None, limit: int = LIMIT
) -> Neighbourhood:
    """Return a part of the graph, cut to ``limit`` nodes: nearest first, then the best connected.

    Without a middle or a chain: what is related to more than its place.

    Parameters
    ----------
    around
        A node, and what is up to ``hops`` relations away; not through places.
    chain
        Links, technologies and makers of a chain.

    Raises
    ------
    QueryError
        Nothing has this name, both are asked for, or a number is too small.
    """
    if around is not None and chain is not None:
        raise QueryError("network_both")
    for option, value in (("--hops", hops), ("--limit", limit)):
        if value < 1:
            raise QueryError("option_value", option=option, value=value, known="1, 2, 3 …")
    src, dst, kind, row, names = _edges(atlas)
    n = atlas.snapshot.n
    degree = np.bincount(src, minlength=n) + np.bincount(dst, minlength=n)
    hop, stage, rank = np.full(n, -1, np.int64), dict[int, str | None](), degree
    if around is not None:
        start = atlas.snapshot.find(around, atlas.snapshot.types)
        hop = _steps(atlas, start, hops, src, dst)
        inside = hop >= 0
    elif chain is not None:
        inside, stage = _along(atlas, chain)
    else:
        own = ~_places(atlas)
        held = own[src] & own[dst]
        rank = _together(n, src[held], dst[held])
        inside = own & (rank > 0)
    found = np.flatnonzero(inside)
    unstaged = np.array([stage.get(int(i)) is None for i in found], bool)
    order = np.lexsort((found, -rank[found], unstaged, hop[found]))
    nodes = np.sort(found[order[:limit]])
    keep = np.isin(src, nodes) & np.isin(dst, nodes)
    return Neighbourhood(
        nodes, hop[nodes], tuple(stage.get(int(i)) for i in nodes),
        np.searchsorted(nodes, src[keep]), np.searchsorted(nodes, dst[keep]),
        tuple(names[k] for k in kind[keep]), row[keep], len(found), degree[nodes],
    )  # fmt: skip


def _edges(atlas: Atlas) -> tuple[Ints, Ints, Ints, Ints, list[str]]:
    """All relations: both ends, number of the type, row in its table, and the names of types."""
    names = sorted(atlas.snapshot.graph.relations)
    ends = [atlas.snapshot.edges(name) for name in names]
    sizes = [len(a) for a, _ in ends]
    none = np.zeros(0, np.int64)
    return (np.concatenate([none, *(a for a, _ in ends)]), np.concatenate([none, *(b for _, b in ends)]),
            np.repeat(np.arange(len(names)), sizes), np.concatenate([none, *map(np.arange, sizes)]), names)  # fmt: skip


def _together(n: int, src: Ints, dst: Ints) -> Ints:
    """Degree of each node or of its best connected neighbour, the smaller: so that neighbours are taken together."""
    degree = np.bincount(src, minlength=n) + np.bincount(dst, minlength=n)
    least, best = np.minimum(degree[src], degree[dst]), np.zeros(n, np.int64)
    np.maximum.at(best, src, least)
    np.maximum.at(best, dst, least)
    return best


def _places(atlas: Atlas) -> Bools:
    found = np.zeros(atlas.snapshot.n, bool)
    for kind in _PLACES:
        ids = atlas.snapshot.ids(kind)
        found[ids.start : ids.stop] = True
    return found


def _steps(atlas: Atlas, start: int, hops: int, src: Ints, dst: Ints) -> Ints:
    """Steps from a node, −1 beyond ``hops``; places are reached, not passed."""
    n = atlas.snapshot.n
    passed = ~_places(atlas)
    hop = np.full(n, -1, np.int64)
    hop[start], front = 0, np.zeros(n, bool)
    front[start] = True
    for step in range(1, hops + 1):
        reached = np.zeros(n, bool)
        reached[dst[front[src]]] = True
        reached[src[front[dst]]] = True
        reached &= hop < 0
        hop[reached] = step
        front = reached & passed
    return hop


def _along(atlas: Atlas, chain: str) -> tuple[Bools, dict[int, str | None]]:
    """Links, technologies and makers of a chain; the stage of each link."""
    links = find_chain(atlas, chain)
    made = atlas.makers
    nodes = [made.node(int(item)) for item in links.items]
    stage: dict[int, str | None] = {
        node: "technology" if made.is_technology(int(item)) else where or "none"
        for node, item, where in zip(nodes, links.items, links.stage, strict=True)
    }
    inside = np.zeros(atlas.snapshot.n, bool)
    inside[nodes] = True
    inside[made.makes[links.items].indices] = True
    return inside, stage
