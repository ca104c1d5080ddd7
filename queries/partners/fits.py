"""Fits: who fits an enterprise by the patents: those it has not applied with yet.

Ways: ``circle`` has applied with the same others (Adamic–Adar 2003 over joint patents), ``kindred`` is called
as the enterprise or as those it applies with (groups of companies apply within themselves), ``field`` applies
in the same classes. What the enterprise's products need, and who makes it, is said by ``ability``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...graph.columns.arrays import Floats, Ints, cells_of
from .ability import CIRCLE, FIELD, KINDRED, floor
from .holdings import Holdings
from .patented import Called, Patented, called, known_partners, patented
from .scoring.features import CRITERIA

PEAK = 0.6  # cosine of classes at which two firms have most to give each other; more alike they compete


@dataclass(frozen=True)
class Fit:
    """What the patents say of all holders towards one; each in [0, 1], a value a holder.

    Attributes
    ----------
    common
        Adamic–Adar of co-applicants in common, 1 − exp(−x).
    paths
        Paths of length 3 over joint patents, each ÷ √(degrees of the two between), ÷ the largest.
    field
        Cosine of classes; between two firms it rises to 1 at ``PEAK`` and falls behind it.
    kindred
        Rarest beginning of a name shared with it, or the share of its co-applicants that begin so.
    near
        1 in its province by the graph or by name, .5 elsewhere, NaN where either is not known.
    open
        ln(1 + co-applicants) ÷ its largest.
    """

    common: Floats
    paths: Floats
    field: Floats
    kindred: Floats
    near: Floats
    open: Floats


@dataclass(frozen=True)
class Abilities:
    """Who is able by patents, one row a holder: see ``gate.Able``."""

    row: Ints
    way: Ints
    through: Ints
    strength: Floats


def fit(h: Holdings, me: int, hidden: int = -1) -> Fit:
    """Return how all holders fit one.

    Parameters
    ----------
    hidden
        Row of a co-applicant whose joint patents with it are taken not to be there (for learning and tests).
    """
    p, c = patented(h.atlas), called(h.atlas)
    mine = known_partners(h.atlas, me)
    mine = mine[mine != hidden]
    degree = p.partners.copy()
    if hidden >= 0:
        degree[[me, hidden]] -= 1
    common, paths = _walks(p, me, mine, degree)
    top = np.log1p(degree.max(initial=0))
    return Fit(common, paths, _field(h, p, me, hidden), _kindred(c, me, mine), _near(c, me),
               np.log1p(degree) / top if top > 0 else np.zeros(len(degree)))  # fmt: skip


def _walks(p: Patented, me: int, mine: Ints, degree: Floats) -> tuple[Floats, Floats]:
    """Walks of length 2 and 3 over joint patents that do not come back to where they began."""
    n = len(degree)
    start = np.zeros(n)
    start[mine] = 1
    common = p.tied @ (start / np.log(np.maximum(degree, 2)))
    second = p.tied @ (start / np.sqrt(np.maximum(degree, 1)))
    second[me] = 0
    paths = p.tied @ (second / np.sqrt(np.maximum(degree, 1)))
    paths[me] = common[me] = 0
    top = paths.max(initial=0)
    return -np.expm1(-common), paths / top if top > 0 else paths


def _field(h: Holdings, p: Patented, me: int, hidden: int) -> Floats:
    left = np.zeros(0, np.int64) if hidden < 0 else p.common(me, hidden)
    profile = _profile(p, me, left)
    width = p.width.copy()
    dot = np.asarray(p.field @ profile)
    if hidden >= 0:
        other = _profile(p, hidden, left)
        dot[hidden], width[hidden] = other @ profile, np.sqrt(other @ other)
    length = np.sqrt(profile @ profile)
    scale = width * length
    cosine = np.where(scale > 1e-9, np.clip(dot / np.where(scale > 1e-9, scale, 1), 0, 1), 0.0)
    firms = (h.kind == 0) & (h.kind[me] == 0)
    return np.where(firms, alike(cosine), cosine)


def alike(cosine: Floats) -> Floats:
    """Return what firms so alike have to give each other: an inverted U with its top at ``PEAK``.

    Examples
    --------
    >>> alike(np.array([0.0, 0.3, 0.6, 0.9])).round(2).tolist()
    [0.0, 0.5, 1.0, 0.5]
    """
    return np.minimum(cosine / PEAK, 2 - cosine / PEAK)


def _profile(p: Patented, row: int, left: Ints) -> Floats:
    """Classes of a holder's patents but those left out."""
    patents = p.applied.indices[cells_of(p.applied, np.array([row]))]
    kept = np.setdiff1d(patents, left).astype(np.int64)
    at = cells_of(p.content, kept)
    return np.bincount(p.content.indices[at], p.content.data[at], minlength=p.content.shape[1]).astype(float)


def _kindred(c: Called, me: int, mine: Ints) -> Floats:
    """Largest of: rarity of a beginning shared with the enterprise; share of its co-applicants that begin so."""
    value = np.zeros(c.stems.shape[1])
    own = c.stems.indices[cells_of(c.stems, np.array([me]))]
    value[own] = c.rarity[own]
    begun = np.bincount(c.stems.indices[cells_of(c.stems, mine)], minlength=len(value))
    shared = np.flatnonzero(begun > 1)
    value[shared] = np.maximum(value[shared], begun[shared] / (len(mine) + 1))
    value *= c.telling
    out = np.zeros(c.stems.shape[0])
    stems = np.flatnonzero(value)
    size = (c.across.indptr[stems + 1] - c.across.indptr[stems]).astype(np.int64)
    np.maximum.at(out, c.across.indices[cells_of(c.across, stems)], np.repeat(value[stems], size))
    out[me] = 0
    return out


def _near(c: Called, me: int) -> Floats:
    if c.province[me] < 0:
        return np.full(len(c.province), np.nan)
    return np.where(c.province < 0, np.nan, np.where(c.province == c.province[me], 1.0, 0.5))


def abilities(h: Holdings, me: int, found: Fit | None = None) -> Abilities:
    """Return who fits an enterprise by patents, one row a holder.

    A holder is able by the first way that reaches the floor of the vocabulary (a co-applicant in common always
    does); its strength is 1 − Π(1 − value of each way).
    """
    p = patented(h.atlas)
    one = fit(h, me) if found is None else found
    least = floor()
    ways = ((CIRCLE, one.common > 0), (KINDRED, (one.kindred >= least) & (p.many > 0)), (FIELD, one.field >= least))
    way = np.full(len(h.node), -1, np.int64)
    for number, able in reversed(ways):
        way[able] = number
    way[[me]] = -1
    if not p.many[me]:  # who has no patent is told nothing by those of others
        way[:] = -1
    row = np.flatnonzero(way >= 0)
    missed = (1 - one.common[row]) * (1 - one.kindred[row]) * (1 - one.field[row])
    return Abilities(row, way[row], np.full(len(row), -1, np.int64), np.maximum(1 - missed, least))


def add_fit(h: Holdings, me: int, row: Ints, value: Floats, found: Fit | None = None) -> None:
    """Fill in what the patents tell of candidates of an enterprise, in place; the larger value holds.

    link_score: ``paths``; proximity: ``field``; organisational: ``kindred``; institutional: ``near``; social:
    ``common``; absorptive: ``open``, which stands instead of the number of patents.
    """
    p = patented(h.atlas)
    if not p.many[me]:
        return
    one = fit(h, me) if found is None else found
    applies = p.many[row] > 0
    told = {"link_score": one.paths, "proximity": one.field, "organisational": one.kindred,
            "institutional": one.near, "social": one.common}
    for name, all_ in told.items():
        column = CRITERIA.index(name)
        value[applies, column] = np.fmax(value[applies, column], all_[row[applies]])
    value[applies, CRITERIA.index("absorptive")] = one.open[row[applies]]
