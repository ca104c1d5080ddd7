"""Layout: where the nodes of a network stand; computed here, so that the page only draws.

A chain stands in columns, a neighbourhood on rings around its middle, anything else by its
connected parts: springs for small parts (rustworkx), distances to pivots for large ones
(Brandes & Pich 2007, "Eigensolver methods for progressive multidimensional scaling").
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from ...graph.columns.arrays import Floats, Ints, incidence, offsets

_COLUMN, _ROW, _DEEP = 190.0, 62.0, 18  # px between columns and rows; rows before a column is split
_RING, _ARC = 170.0, 165.0
_SPRINGS = 600  # nodes; springs take half a second for as many, and the square of it for more
_PIVOTS = 60
_GOLDEN = 2.399963  # radians: turns of it never meet
LABELLED = 400  # nodes up to which every name has its own room
_NEAR, _CLOSE = np.array([150.0, 66.0]), np.array([42.0, 42.0])  # px a node, with and without a name


def columns(column: Sequence[int], src: Ints, dst: Ints) -> tuple[Floats, dict[int, tuple[float, float]]]:
    """Return positions, shape (n, 2), neighbours near the same height, and where each column's title stands.

    Parameters
    ----------
    column
        Column of each node, from the left.
    """
    at = np.asarray(column, np.int64)
    n = len(at)
    height = np.zeros(n)
    for c in np.unique(at):
        here = np.flatnonzero(at == c)
        height[here] = np.arange(len(here)) - (len(here) - 1) / 2
    near = _adjacent(n, src, dst)
    for sweep in range(8):
        for c in np.unique(at) if sweep % 2 == 0 else np.unique(at)[::-1]:
            here = np.flatnonzero(at == c)
            rows = near[here]
            count = np.diff(rows.indptr)
            mean = np.where(count > 0, (rows @ height) / np.maximum(count, 1), height[here])
            order = np.lexsort((here, mean))
            height[here[order]] = np.arange(len(here)) - (len(here) - 1) / 2
    places, left, titles = np.zeros((n, 2)), 0.0, dict[int, tuple[float, float]]()
    for c in np.unique(at).tolist():
        here = np.flatnonzero(at == c)
        here = here[np.argsort(height[here], kind="stable")]
        split = -(-len(here) // _DEEP)
        deep = -(-len(here) // split)
        places[here, 0] = left + np.arange(len(here)) % split * _COLUMN
        places[here, 1] = (np.arange(len(here)) // split - (deep - 1) / 2) * _ROW
        titles[c] = (left + (split - 1) * _COLUMN / 2, 0.0)
        left += split * _COLUMN + _COLUMN * 0.5
    top = float(places[:, 1].min(initial=0.0)) - _ROW
    return places, {c: (x, top) for c, (x, _) in titles.items()}


def rings(hop: Ints, src: Ints, dst: Ints) -> Floats:
    """Return positions on rings, one a hop, everybody near the direction of those one ring further in."""
    n = len(hop)
    near, angle, places = _adjacent(n, src, dst), np.zeros(n), np.zeros((n, 2))
    radius = 0.0
    for step in range(1, int(hop.max(initial=0)) + 1):
        here = np.flatnonzero(hop == step)
        if not len(here):
            continue
        inner = np.where(hop == step - 1, 1.0, 0.0)
        if step > 1:
            way = near[here] @ (np.exp(1j * angle) * inner)
            wanted = np.angle(way) % (2 * np.pi)
            here = here[np.lexsort((here, np.round(wanted, 9)))]
        radius = max(radius + _RING, len(here) * _ARC / (2 * np.pi))
        angle[here] = 2 * np.pi * np.arange(len(here)) / len(here)
        places[here] = radius * np.c_[np.cos(angle[here]), np.sin(angle[here])]
    return places


def parts(n: int, src: Ints, dst: Ints) -> Floats:
    """Return positions of any graph: each connected part by itself, the largest first, in rows."""
    near = _adjacent(n, src, dst)
    _, part = connected_components(near, directed=False)
    sizes = np.bincount(part, minlength=part.max(initial=-1) + 1)
    order = np.argsort(-sizes, kind="stable")
    members = np.split(np.argsort(part, kind="stable"), np.cumsum(sizes)[:-1])
    places, corner, deep = np.zeros((n, 2)), np.zeros(2), 0.0
    cell = _NEAR if n <= LABELLED else _CLOSE
    wide = 1.6 * np.sqrt(max(n, 1) * cell.prod())
    for number in order.tolist():
        here = members[number]
        drawn = _one(near[here][:, here].tocsr(), cell) if len(here) > 1 else np.zeros((1, 2))
        drawn = drawn - drawn.min(axis=0)
        size = drawn.max(axis=0) + cell
        if corner[0] > 0 and corner[0] + size[0] > wide:
            corner, deep = np.array([0.0, corner[1] + deep]), 0.0
        places[here] = drawn + corner
        corner, deep = corner + np.array([size[0], 0.0]), max(deep, float(size[1]))
    return places


def _one(near: csr_array, cell: Floats) -> Floats:
    """Lay out one connected part, a node a cell."""
    n = near.shape[0]
    drawn = _springs(near) if n <= _SPRINGS else _pivots(near)
    spread = drawn.max(axis=0) - drawn.min(axis=0)
    side = 1.3 * np.sqrt(n * cell.prod())
    places = (drawn - drawn.min(axis=0)) / np.where(spread > 0, spread, 1) * side
    return _apart(places, cell) if n <= LABELLED else _fanned(places, cell)


def _fanned(places: Floats, cell: Floats) -> Floats:
    """Spread the nodes of each cell of the grid around its middle, in the order of their numbers."""
    at = np.round(places / cell).astype(np.int64)
    _, group = np.unique(at, axis=0, return_inverse=True)
    order = np.argsort(group, kind="stable")
    first = offsets(np.bincount(group.reshape(-1)))[:-1]
    turn = np.empty(len(at))
    turn[order] = np.arange(len(at)) - first[group.reshape(-1)[order]]
    way, far = turn * _GOLDEN, 0.8 * np.sqrt(turn)
    return np.asarray((at + far[:, None] * np.c_[np.cos(way), np.sin(way)]) * cell, float)


def _springs(near: csr_array) -> Floats:
    import rustworkx

    n = near.shape[0]
    graph = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(n))
    upper = near.tocoo()
    graph.add_edges_from_no_data([(a, b) for a, b in zip(upper.row.tolist(), upper.col.tolist(), strict=True) if a < b])
    found = rustworkx.spring_layout(graph, seed=1, num_iter=120)
    return np.array([found[i] for i in range(n)], float)


def _pivots(near: csr_array) -> Floats:
    """Classical scaling of squared distances to pivots that are far from one another."""
    n = near.shape[0]
    distance = np.empty((n, min(_PIVOTS, n)))
    nearest, pivot = np.full(n, np.inf), int(np.argmax(np.diff(near.indptr)))
    for column in range(distance.shape[1]):
        distance[:, column] = dijkstra(near, unweighted=True, indices=[pivot])[0]
        nearest = np.minimum(nearest, distance[:, column])
        pivot = int(np.argmax(nearest))
    squared = distance**2
    centred = -0.5 * (squared - squared.mean(axis=0) - squared.mean(axis=1)[:, None] + squared.mean())
    _, vectors = np.linalg.eigh(centred.T @ centred)
    axes = vectors[:, ::-1][:, :2]
    axes *= np.sign(axes[np.argmax(np.abs(axes), axis=0), [0, 1]])  # eigenvectors have no sign of their own
    found: Floats = centred @ axes
    return found


def _apart(places: Floats, cell: Floats) -> Floats:
    """Move nodes that share a cell of the grid to free cells beside it, in spirals."""
    at = np.round(places / cell).astype(np.int64)
    taken: set[tuple[int, int]] = set()
    for node, (x, y) in enumerate(at.tolist()):
        spot, turn = (x, y), 0
        while spot in taken:
            turn += 1
            way, far = turn * _GOLDEN, np.sqrt(turn)
            spot = (x + round(far * np.cos(way)), y + round(far * np.sin(way)))
        taken.add(spot)
        at[node] = spot
    return np.asarray(at * cell, float)


def _adjacent(n: int, src: Ints, dst: Ints) -> csr_array:
    """Undirected neighbours, each once."""
    other = src != dst
    a, b = np.r_[src[other], dst[other]], np.r_[dst[other], src[other]]
    return incidence(a, b, (n, n), np.float64)
