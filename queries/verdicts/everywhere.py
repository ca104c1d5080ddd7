"""Everywhere: the status of every link in every place at once, as sparse cells.

The rule is ``judge``, as in ``verdicts``, for a whole nation: cells exist where somebody
makes the link; where nobody does, the status follows from κ alone (missing or unknown), one
value per class of links and place. What a map of all places, or a scan for gaps, reads.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...graph.columns.arrays import Bools, Floats, Ints
from ..atlas.atlas import Atlas
from ..atlas.availability import unpack_bits
from ..atlas.facts import outputs
from .judge import STATUS, Codes, Known, Limits, judge
from .rollup import Level, Tree, concentration_of, rollup

LEVELS = ("county", "city", "province", "country")


@dataclass(frozen=True)
class Judged:
    """Verdicts of one level: cells with a maker, and per unit how many links have each status.

    ``status`` indexes ``STATUS``; ``tally`` has shape (units, statuses), links without a maker
    included; ``covered`` counts the links with one.
    """

    level: Level
    status: Codes
    hhi: Floats
    lq: Floats
    tally: Ints
    covered: Ints


@dataclass(frozen=True)
class Everywhere:
    """Verdicts of counties, cities, provinces, countries and of everything.

    ``scopes[l]`` are the scopes of the units of ``judged[l]``.
    """

    scopes: tuple[Ints, ...]
    judged: tuple[Judged, ...]


def everywhere(atlas: Atlas, *, among: str | None = None, items: Ints | None = None) -> Everywhere:
    """Judge all links in all places of a graph; clusters and policy regions are asked of ``verdicts``.

    Parameters
    ----------
    among
        Population that "missing" speaks of; by default the widest that the data cover.
    items
        Count these only; shares and quotients stay those of all.
    """
    made, where = atlas.makers, atlas.scopes
    facts = made.makes.tocoo()
    item, maker = facts.row.astype(np.int64), facts.col.astype(np.int64)
    levels = [np.array([s for s in range(where.n) if where.kind(s) == kind], np.int64) for kind in LEVELS]
    row, paths, own = _paths(atlas, maker, levels)
    leaf, tree = _tree(paths, own, levels, _holders(atlas, levels))
    amount, given = None, outputs(made)
    if given is not None:
        known = given.known.tocsr()[item, maker]
        amount = np.where(np.asarray(known).ravel() > 0, np.asarray(given.value.tocsr()[item, maker]).ravel(), np.nan)
    covered, kind = _covered(atlas, among)
    scopes = (*levels, np.zeros(1, np.int64))
    shown = tuple(covered[:, s] for s in scopes)
    only = None if items is None else np.isin(np.arange(len(kind)), items)
    amount = None if amount is None else amount[row]
    return Everywhere(scopes, judge_tree(item[row], leaf, tree, shown, kind, amount, only=only))


def _paths(atlas: Atlas, maker: Ints, levels: list[Ints]) -> tuple[Ints, Ints, Ints]:
    """Return per fact and place: the fact, its unit at each level (−1 none), and the level it counts at.

    A maker with one place a level gives one row that counts at all of them (−1). One with
    several gives a row for each of its places that counts there only, and one for everything.
    """
    members = atlas.scopes.members
    held = [members[:, scopes].tocsr() for scopes in levels]
    several = np.any([np.diff(h.indptr) > 1 for h in held], axis=0)
    unit = np.full((atlas.snapshot.n, len(levels)), -1, np.int64)
    for at, h in enumerate(held):
        one = np.flatnonzero(np.diff(h.indptr) == 1)
        unit[one, at] = h.indices[h.indptr[one]]
    plain = np.flatnonzero(~several[maker])
    rows, paths, own = [plain], [unit[maker[plain]]], [np.full(len(plain), -1, np.int64)]
    many = np.flatnonzero(several[maker])
    for at, h in enumerate(held):
        cells = h[maker[many]].tocoo()
        path = np.full((len(cells.row), len(levels)), -1, np.int64)
        path[:, at] = cells.col
        rows.append(many[cells.row])
        paths.append(path)
        own.append(np.full(len(cells.row), at, np.int64))
    rows.append(many)
    paths.append(np.full((len(many), len(levels)), -1, np.int64))
    own.append(np.full(len(many), len(levels), np.int64))
    return np.concatenate(rows), np.concatenate(paths), np.concatenate(own)


def _holders(atlas: Atlas, levels: list[Ints]) -> tuple[tuple[Ints, Ints], ...]:
    """Return per level and unit the next wider level that holds it, and the unit there."""
    inside = atlas.scopes.inside.tocsr()
    found = []
    for at, scopes in enumerate(levels):
        above, unit = np.full(len(scopes), len(levels)), np.zeros(len(scopes), np.int64)
        for higher in range(len(levels) - 1, at, -1):  # the nearest is written last and stays
            cells = inside[scopes][:, levels[higher]].tocoo()
            above[cells.row], unit[cells.row] = higher, cells.col
        found.append((above, unit))
    return (*found, (np.full(1, -1), np.full(1, -1)))


def _tree(
    paths: Ints, own: Ints, levels: list[Ints], holder: tuple[tuple[Ints, Ints], ...]
) -> tuple[Ints, Tree]:  # fmt: skip
    """Number the paths so that the units of every level are runs; return each row's leaf and the tree.

    The coarsest level leads. A place that counts by itself takes the path of a row that has it.
    """
    full = paths.copy()
    for at in range(len(levels)):
        mine = own == at
        if not mine.any():
            continue
        path = np.full((len(levels[at]), len(levels)), -1, np.int64)
        plain = (own < 0) & (paths[:, at] >= 0)
        path[paths[plain, at]] = paths[plain]
        path[:, :at] = -1
        path[np.arange(len(levels[at])), at] = np.arange(len(levels[at]))
        full[mine] = path[paths[mine, at]]
    key = np.c_[full[:, ::-1], own]
    leaves, leaf = np.unique(key, axis=0, return_inverse=True)
    order, alone = leaves[:, -2::-1], leaves[:, -1]
    units = [np.where((alone < 0) | (alone == at), order[:, at], -1) for at in range(len(levels))]
    whole = np.where((alone < 0) | (alone == len(levels)), 0, -1)
    return leaf.ravel().astype(np.int64), Tree((*units, whole), (*(len(s) for s in levels), 1), holder)


def _covered(atlas: Atlas, among: str | None) -> tuple[Bools, Ints]:
    """Return where κ reaches the floor, classes × scopes, and the class of each item."""
    bits = np.ascontiguousarray(atlas.unknown_bits(among))
    rows = bits.view(np.dtype((np.void, bits.dtype.itemsize * bits.shape[1]))).ravel()
    _, first, kind = np.unique(rows, return_index=True, return_inverse=True)
    return ~unpack_bits(bits[first], atlas.scopes.n), kind.astype(np.int64)


def judge_tree(
    item: Ints,
    leaf: Ints,
    tree: Tree,
    covered: tuple[Bools, ...],
    kind: Ints,
    amount: Floats | None = None,
    *,
    limits: Limits | None = None,
    only: Bools | None = None,
) -> tuple[Judged, ...]:
    """Judge all links in all places of a tree.

    Parameters
    ----------
    item, leaf, amount
        Facts, see ``rollup``.
    covered
        Per level where κ reaches the floor, shape (classes, units).
    kind
        Class of each item: items whose κ is the same everywhere.
    limits
        Where a link begins to be weak; those of the vocabulary by default.
    only
        Items that the tallies count; all by default.
    """
    limits = Limits.stated() if limits is None else limits
    levels = rollup(item, leaf, tree, amount)
    figures = concentration_of(levels, len(kind), tree)
    only = np.ones(len(kind), bool) if only is None else only
    return tuple(
        _judge_level(level, *pair, shown, kind, only, limits)
        for level, pair, shown in zip(levels, figures, covered, strict=True)
    )


def _judge_level(
    level: Level, hhi: Floats, lq: Floats, covered: Bools, kind: Ints, only: Bools, limits: Limits
) -> Judged:
    classes, units = covered.shape
    cell = kind[level.item] * units + level.unit
    status, _ = judge(Known(level.count, covered.reshape(-1)[cell], hhi, lq), limits)
    counted = slice(None) if only.all() else only[level.item]
    states = len(STATUS)
    tally = np.bincount((level.unit * states + status)[counted], minlength=units * states).reshape(units, states)
    made_here = tally.sum(axis=1)
    # Links nobody makes here: one verdict a class and unit stands for all of them.
    of_class = np.bincount(kind[only], minlength=classes)
    bare = of_class[:, None] - np.bincount(cell[counted], minlength=classes * units).reshape(classes, units)
    verdict, _ = judge(Known(np.zeros(covered.shape, np.int64), covered), limits)
    for number in np.unique(verdict).tolist():
        tally[:, number] += (bare * (verdict == number)).sum(axis=0)
    return Judged(level, status, hhi, lq, tally, made_here)
