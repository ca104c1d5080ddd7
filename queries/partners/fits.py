"""Fits: who fits an enterprise by the patents: those it has not applied with yet.

Ways: ``circle`` has applied with the same others (Adamic–Adar 2003 over joint patents), ``kindred`` is called
as the enterprise or as those it applies with (groups of companies apply within themselves), ``field`` applies
in the same classes. What the enterprise's products need, and who makes it, is said by ``ability``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...graph.columns.arrays import Floats, Ints, cells_of, row_of
from ...graph.schema.words import Joined, Said, sentence
from ..atlas.facts import Fact
from ..atlas.tracing import relation_facts, rows_between
from .able.table import CIRCLE, FIELD, KINDRED, floor
from .holdings import Holdings
from .patented import Called, Patented, called, known_partners, patented
from .scoring.features import CRITERIA

SHOWN = 3  # names and classes in a reason
PEAK = 0.6  # cosine of classes at which two firms have most to give each other; more alike they compete


@dataclass(frozen=True)
class Fit:
    """What the patents say of all holders towards one; each in [0, 1], a value a holder.

    Attributes
    ----------
    common
        Adamic–Adar of co-applicants in common: Σ tie × tie ÷ ln(their co-applicants), x/(x + 1); a tie of n joint
        patents is log₂(1 + n).
    paths
        Paths of length 3 over ties, each ÷ √(co-applicants of the two between), ÷ the largest of those it does
        not know yet.
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
    return Fit(
        common,
        paths,
        _field(h, p, me, hidden),
        _kindred(c, me, mine),
        _near(c, me),
        np.log1p(degree) / top if top > 0 else np.zeros(len(degree)),
    )


def _walks(p: Patented, me: int, mine: Ints, degree: Floats) -> tuple[Floats, Floats]:
    """Walks of length 2 and 3 over joint patents that do not come back to where they began."""
    start = np.zeros(len(degree))
    ends, tie = row_of(p.ties, me), p.ties.data[cells_of(p.ties, np.array([me]))]
    start[ends] = np.where(np.isin(ends, mine), tie, 0)
    common = p.ties @ (start / np.log(np.maximum(degree, 2)))
    second = p.ties @ (start / np.sqrt(np.maximum(degree, 1)))
    second[me] = 0
    paths = p.ties @ (second / np.sqrt(np.maximum(degree, 1)))
    paths[np.r_[me, mine]] = common[me] = 0
    top = paths.max(initial=0)
    return common / (common + 1), paths / top if top > 0 else paths


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
    value = np.maximum(*_stems(c, me, mine)[:2])
    out = np.zeros(c.stems.shape[0])
    stems = np.flatnonzero(value)
    size = (c.across.indptr[stems + 1] - c.across.indptr[stems]).astype(np.int64)
    np.maximum.at(out, c.across.indices[cells_of(c.across, stems)], np.repeat(value[stems], size))
    out[me] = 0
    return out


def _stems(c: Called, me: int, mine: Ints) -> tuple[Floats, Floats, Ints]:
    """How much each stem tells as the enterprise's own, as one of its co-applicants, and how many of these bear it."""
    own = np.zeros(c.stems.shape[1])
    at = row_of(c.stems, me)
    own[at] = c.rarity[at]
    begun = np.bincount(c.stems.indices[cells_of(c.stems, mine)], minlength=len(own))
    theirs = np.where(begun > 1, begun / (len(mine) + 1), 0.0)
    return own * c.telling, theirs * c.telling, begun


def _near(c: Called, me: int) -> Floats:
    if c.province[me] < 0:
        return np.full(len(c.province), np.nan)
    return np.where(c.province < 0, np.nan, np.where(c.province == c.province[me], 1.0, 0.5))


def abilities(h: Holdings, me: int, found: Fit | None = None) -> Abilities:
    """Return who fits an enterprise by patents, one row a holder.

    A holder is able by the first way that reaches the floor of the vocabulary (a co-applicant in common always
    does); its strength is 1 − Π(1 − value of each way).
    """
    p, none = patented(h.atlas), np.zeros(0, np.int64)
    if not p.many[me]:  # who has no patent is told nothing by those of others
        return Abilities(none, none, none, np.zeros(0))
    one = fit(h, me) if found is None else found
    least = floor()
    ways = ((CIRCLE, one.common > 0), (KINDRED, (one.kindred >= least) & (p.many > 0)), (FIELD, one.field >= least))
    way = np.full(len(h.node), -1, np.int64)
    for number, able in reversed(ways):
        way[able] = number
    way[[me]] = -1
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
    told = {
        "link_score": one.paths,
        "proximity": one.field,
        "organisational": one.kindred,
        "institutional": one.near,
        "social": one.common,
    }
    for name, all_ in told.items():
        column = CRITERIA.index(name)
        value[applies, column] = np.fmax(value[applies, column], all_[row[applies]])
    value[applies, CRITERIA.index("absorptive")] = one.open[row[applies]]


# reasons ----------------------------------------------------------------------------------------


def said_by_patents(h: Holdings, me: int, row: int) -> Said:
    """Return what ties a candidate to an enterprise: co-applicants in common, how both are called, classes."""
    parts = [*_circle_said(h, me, row), *_kindred_said(h, me, row), *_field_said(h, me, row)]
    return Joined(tuple(parts), sentence("why_partner_join"))


def _name(h: Holdings, row: int) -> str:
    return h.atlas.snapshot.name(int(h.node[row]))


def _in_common(h: Holdings, me: int, row: int) -> Ints:
    """Co-applicants in common, those with the fewest others first."""
    p = patented(h.atlas)
    both = np.intersect1d(known_partners(h.atlas, me), known_partners(h.atlas, row))
    return both[np.lexsort((both, p.partners[both]))]


def _circle_said(h: Holdings, me: int, row: int) -> list[Said]:
    both = _in_common(h, me, row)
    if not len(both):
        return []
    names = [_name(h, one) for one in both[:SHOWN].tolist()] + ["…"] * (len(both) > SHOWN)
    return [sentence("why_fit_circle", n=len(both), names=names)]


def _kindred_said(h: Holdings, me: int, row: int) -> list[Said]:
    """The stem that tells most, where it reaches the floor."""
    c = called(h.atlas)
    own, theirs, begun = _stems(c, me, known_partners(h.atlas, me))
    stems = row_of(c.stems, row)
    if not len(stems):
        return []
    best = int(stems[np.argmax(np.maximum(own, theirs)[stems])])
    if max(own[best], theirs[best]) < floor():
        return []
    if own[best] > 0:  # as far as both go alike
        best = int(stems[np.flatnonzero(own[stems])[-1]])
        return [sentence("why_fit_kindred", stem=c.words[best])]
    return [sentence("why_fit_called", need=_name(h, me), stem=c.words[best], n=int(begun[best]))]


def _field_said(h: Holdings, me: int, row: int) -> list[Said]:
    """The classes that both apply in, those first that make them most alike; of titles the two most alike."""
    p, none = patented(h.atlas), np.zeros(0, np.int64)
    mine, theirs = _profile(p, me, none), _profile(p, row, none)
    shared = mine * theirs
    if not shared.any():
        return []
    if not p.classes:
        pair = _alike_titles(p, me, row, mine)
        names = [h.atlas.snapshot.name(h.atlas.snapshot.ids("Patent").start + one) for one in pair]
        return [sentence("why_fit_titles", need=_name(h, me), theirs=names[0], mine=names[1])]
    order = np.lexsort((np.arange(len(shared)), -shared))
    classes = list(dict.fromkeys(p.classes[at][:4] for at in order.tolist() if shared[at] > 0))[:SHOWN]
    own = row_of(p.applied, row)
    inside = [at for at, name in enumerate(p.classes) if name in classes]
    n = int((p.content[own][:, inside].sum(axis=1) > 0).sum())
    return [sentence("why_fit_field", classes=classes, n=n)]


def _alike_titles(p: Patented, me: int, row: int, mine: Floats) -> tuple[int, int]:
    """The candidate's patent nearest to the enterprise's, and the one of these nearest to it."""
    theirs, own = row_of(p.applied, row), row_of(p.applied, me)
    first = int(theirs[np.argmax(p.content[theirs] @ mine)])
    second = int(own[np.argmax(p.content[own] @ p.content[[first]].toarray()[0])])
    return first, second


def patent_facts(h: Holdings, me: int, row: int, most: int) -> list[Fact]:
    """Return who applied for the patents that tie a candidate: its joint ones with co-applicants in common, else the
    ones nearest to the enterprise's own."""
    p, snapshot = patented(h.atlas), h.atlas.snapshot
    both = _in_common(h, me, row)
    if len(both):
        patents = np.concatenate([p.common(row, int(one)) for one in both[:most]])[:most]
        rows = np.r_[row, both]
    else:
        own = row_of(p.applied, row).astype(np.int64)
        near = p.content[own] @ _profile(p, me, np.zeros(0, np.int64))
        patents, rows = own[np.lexsort((own, -near))][:most], np.array([row])
    nodes = snapshot.ids("Patent").start + np.asarray(patents, np.int64)
    return relation_facts(snapshot, "OWNS", rows_between(snapshot, "OWNS", h.node[rows].tolist(), nodes.tolist()))
