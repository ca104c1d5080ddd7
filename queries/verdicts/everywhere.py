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
from ..atlas.facts import outputs
from .judge import MISSING, STATUS, Codes, Known, Limits, judge
from .rollup import Level, Tree, concentration_of, rollup

LEVELS = ("county", "city", "province", "country")


@dataclass(frozen=True)
class Judged:
    """Verdicts of one level: cells with a maker, and per unit how many links have each status.

    ``status`` indexes ``STATUS``; ``tally`` has shape (units, statuses), links without a maker
    included; ``covered`` counts the links with one, ``narrow`` the missing ones on narrow ground.
    """

    level: Level
    status: Codes
    hhi: Floats
    lq: Floats
    tally: Ints
    covered: Ints
    narrow: Ints


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
    shown_by = grounds(atlas, among)
    scopes = (*levels, np.zeros(1, np.int64))
    shown = tuple(shown_by.at(s) for s in scopes)
    kind = shown_by.kind
    only = None if items is None else np.isin(np.arange(len(kind)), items)
    amount = None if amount is None else amount[row]
    hinted = tuple(made.hints[:, s].tocoo() for s in scopes)
    said = Said(kind, made.primary, tuple((h.row.astype(np.int64), h.col.astype(np.int64)) for h in hinted))
    return Everywhere(scopes, judge_tree(item[row], leaf, tree, shown, said, amount, only=only))


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


@dataclass(frozen=True)
class Shown:
    """What κ allows to say, per class of items and unit: of nobody, of a number of makers, on firm ground."""

    covered: Bools
    countable: Bools
    firm: Bools


@dataclass(frozen=True)
class Said:
    """What is known of items besides makers: class of κ, primary, and cells (item, unit) of possible makers a level."""

    kind: Ints
    primary: Bools
    hinted: tuple[tuple[Ints, Ints], ...]


@dataclass(frozen=True)
class Grounds:
    """Where κ reaches the floor (included, named) and firm ground, classes × scopes; class of each item."""

    kind: Ints
    covered: Bools
    countable: Bools
    firm: Bools

    def at(self, scopes: Ints) -> Shown:
        return Shown(*(bits[:, scopes] for bits in (self.covered, self.countable, self.firm)))


def grounds(atlas: Atlas, among: str | None) -> Grounds:
    """Return where κ reaches the floor and the limit of firm ground, classes × scopes, and the class of each item."""
    width = atlas.scopes.n
    kind = np.zeros(atlas.makers.n, np.int64)
    rows: list[Bools] = [np.zeros((3, width), bool)]  # captive items: no list speaks of them
    spoken = atlas.spoken_of
    for members, _, _ in atlas.classes(np.arange(atlas.makers.n)):
        for alike in (members[spoken[members]], members[~spoken[members]]):
            if len(alike):
                kappa = atlas.kappa(alike[:1], among)
                rows.append(np.stack([kappa.included[0] >= atlas.floor, kappa.named[0] >= atlas.floor,
                                      kappa.firm[0]]))  # fmt: skip
                kind[alike] = len(rows) - 1
    table = np.stack(rows)
    return Grounds(kind, table[:, 0], table[:, 1], table[:, 2])


def judge_tree(
    item: Ints,
    leaf: Ints,
    tree: Tree,
    shown: tuple[Shown, ...],
    said: Said,
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
    shown
        Per level what κ allows to say, shape (classes, units).
    said
        Class of each item (items whose κ is the same everywhere), whether it is primary, and possible
        makers a level.
    limits
        Where a link begins to be weak; those of the vocabulary by default.
    only
        Items that the tallies count; all by default.
    """
    limits = Limits.stated() if limits is None else limits
    levels = rollup(item, leaf, tree, amount)
    figures = concentration_of(levels, len(said.kind), tree)
    only = np.ones(len(said.kind), bool) if only is None else only
    return tuple(
        _judge_level(level, *pair, ground, said, hinted, only, limits)
        for level, pair, ground, hinted in zip(levels, figures, shown, said.hinted, strict=True)
    )


def _judge_level(
    level: Level, hhi: Floats, lq: Floats, shown: Shown, said: Said, hinted: tuple[Ints, Ints], only: Bools,
    limits: Limits,
) -> Judged:  # fmt: skip
    kind, primary = said.kind, said.primary
    classes, units = shown.covered.shape
    cell = kind[level.item] * units + level.unit
    key, maybe = level.item * units + level.unit, hinted[0] * units + hinted[1]
    covered, countable = (bits.reshape(-1)[cell] for bits in (shown.covered, shown.countable))
    known = Known(level.count, covered, countable, np.isin(key, maybe), None, hhi, lq)
    status, _ = judge(known, limits)
    states = len(STATUS)
    tally = np.zeros((units, states), np.int64)
    counted = only[level.item]
    np.add.at(tally, (level.unit[counted], status[counted]), 1)
    made_here = tally.sum(axis=1)
    # Links nobody makes here but somebody may: a cell each.
    bare = np.setdiff1d(maybe, key)
    bare_item, bare_unit = bare // units, bare % units
    mine = only[bare_item]
    bare_item, bare_unit = bare_item[mine], bare_unit[mine]
    nobody = np.zeros(len(bare_item), np.int64)
    may, _ = judge(
        Known(nobody, shown.covered[kind[bare_item], bare_unit], None, np.ones(len(nobody), bool), primary[bare_item]),
        limits,
    )
    np.add.at(tally, (bare_unit, may), 1)
    narrow = np.zeros(units, np.int64)
    # All others: one verdict a class, primary or not, and unit stands for all of them.
    for always in (False, True):
        of_class = np.bincount(kind[only & (primary == always)], minlength=classes)
        taken = np.r_[cell[counted & (primary[level.item] == always)],
                      (kind[bare_item] * units + bare_unit)[primary[bare_item] == always]]  # fmt: skip
        rest = of_class[:, None] - np.bincount(taken, minlength=classes * units).reshape(classes, units)
        flag = np.full(shown.covered.shape, always)
        verdict, _ = judge(Known(np.zeros(flag.shape, np.int64), shown.covered, primary=flag), limits)
        for number in np.unique(verdict).tolist():
            tally[:, number] += (rest * (verdict == number)).sum(axis=0)
        narrow += (rest * ((verdict == MISSING) & ~shown.firm)).sum(axis=0)
    return Judged(level, status, hhi, lq, tally, made_here, narrow)
