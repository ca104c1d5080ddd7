"""Everywhere: the candidates of many links at once, without a place: what a page carries for all places.

The same ability, criteria and order as ``ranking.rank``; what depends on the place (``features.PLACED``,
who makes the link there already, reach) is for the reader of it to add.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...graph.columns.arrays import Bools, Floats, Ints, offsets, ranges, run_numbers, run_starts
from .ability import abilities
from .able.table import TIERS
from .gate import KINDS, Able, is_thing
from .holdings import Holdings
from .ranking import BODIES
from .scoring.decision import contributions, in_tiers
from .scoring.features import CRITERIA, criteria, links_asked
from .scoring.weights import learned, neutral


@dataclass(frozen=True)
class Candidates:
    """Candidates of links, sorted by link, list, tier and score without a place.

    Attributes
    ----------
    start : int array, shape (links + 1,)
        Where the candidates of each link begin.
    row, tier, way, through, listed, group : int arrays, shape (candidates,)
        As in ``ranking.Ranking``; firms of one group of companies have one number, others one each.
    value : float array, shape (candidates, criteria)
        NaN where not known, and in ``features.PLACED``.
    whole : int array, shape (links,)
        Candidates of each link before it was cut to ``most``.
    """

    start: Ints
    row: Ints
    tier: Ints
    way: Ints
    through: Ints
    listed: Ints
    group: Ints
    value: Floats
    whole: Ints


def everywhere(h: Holdings, items: Ints, most: int = 40) -> Candidates:
    """Return the candidates of links, at most ``most`` of each list of a link: makers first."""
    all_ = abilities(h.atlas)
    at = ranges(all_.start[items], all_.start[items + 1])
    need = np.repeat(np.arange(len(items)), np.diff(all_.start)[items])
    thing = np.array([is_thing(h, h.atlas.makers.node(item)) for item in items.tolist()], bool)
    kinds = np.isin(h.kind, [KINDS.index(k) for k in (KINDS[0], *BODIES)])
    keep = kinds[all_.row[at]] & h.active[all_.row[at]] & ~(h.other_trade[all_.row[at]] & thing[need])
    at, need = at[keep], need[keep]
    can = Able(all_.row[at], all_.way[at], all_.through[at], all_.strength[at])
    # One row a holder and link: the best of its ways, as ``gate.best`` has it.
    order = np.lexsort((can.through, can.way, -can.strength.round(9), can.tier, can.row, need))
    first = order[run_starts(need[order], can.row[order])]
    can, need = can.kept(first), need[first]
    value = criteria(h, links_asked(h, items), need, can.row, can.through, can.strength)
    score = in_tiers(contributions(value, learned(h).value, neutral()).sum(axis=1), can.tier, TIERS)
    listed = (h.kind[can.row] > 0).astype(np.int64)
    order = np.lexsort((can.row, -score.round(9), listed, need))
    kept = order[_cut(need[order], listed[order], most)]
    group = np.where(h.kind[can.row] == 0, h.group[can.row], len(h.node) + can.row)
    return Candidates(offsets(np.bincount(need[kept], minlength=len(items))), can.row[kept], can.tier[kept],
                      can.way[kept], can.through[kept], listed[kept], group[kept], value[kept],
                      np.bincount(need, minlength=len(items)).astype(np.int64))  # fmt: skip


def _cut(need: Ints, listed: Ints, most: int) -> Bools:
    starts = run_starts(need, listed)
    run = run_numbers(starts)
    return np.arange(len(need)) - np.flatnonzero(starts)[run] < most


__all__ = ["CRITERIA", "Candidates", "everywhere"]
