"""Criteria: what orders those who are able, each in [0, 1], NaN where nothing is known.

For many needs at once: a row of ``Asked`` a need, and pairs (need, holder). What depends on the place of
the need (geography, institutional, complementarity) is added for one need, or by the page for each place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, diags_array

from ....graph.columns.arrays import Floats, Ints, as_flags, at_pairs, incidence
from ....graph.schema.words import read_toml
from ...atlas.atlas import Atlas, once_an_atlas
from ...atlas.nearby import scope_point
from ...atlas.scopes import WHOLE, distances_km
from ..holdings import Holdings
from ..needs import MOST, Need

CRITERIA = ("capability", "link_score", "proximity", "complementarity", "geography", "organisational",
            "institutional", "social", "absorptive", "evidence")  # fmt: skip
PLACED = ("complementarity", "geography", "institutional")
DIGITS = 3


@dataclass(frozen=True)
class Asked:
    """What candidates of several needs are compared with, a row a need.

    Attributes
    ----------
    profile : csr, shape (needs, n-grams)
        Names of what is wanted, and half of what stands next to it.
    own : csr, shape (needs, items)
        The link itself: it counts in nobody's portfolio.
    beside : csr, shape (needs, holders)
        Who makes it or what stands next to it, or the members.
    paths : csr, shape (needs, holders)
        Paths maker of the link → something else it makes ← candidate, weighed by degree (L3).
    """

    profile: csr_array
    own: csr_array
    beside: csr_array
    paths: csr_array


def links_asked(h: Holdings, items: Ints, hidden: Ints | None = None) -> Asked:
    """Return what candidates of links are compared with.

    Parameters
    ----------
    hidden : int array, shape (links,)
        For each the row of a maker that is taken not to make it (for learning and tests).
    """
    around, names = _around(h.atlas), h.item_names
    own = incidence(np.arange(len(items)), items, (len(items), h.atlas.makers.n), np.float64)
    near = around[items].tocsr()
    makers = h.atlas.makers.makes[items][:, h.node].tocsr().astype(float)
    if hidden is not None:
        gone = incidence(np.arange(len(items)), hidden, (len(items), len(h.node)), np.float64)
        makers = (makers - makers.multiply(gone)).tocsr()
    profile = (names[items] + 0.5 * (near @ names)).tocsr()
    return Asked(profile, own, as_flags((near @ h.held + makers).tocsr()), two_mode_l3(h.holds, h.held, makers, own))


def need_asked(h: Holdings, need: Need) -> Asked:
    """Return what candidates of one need are compared with."""
    if need.kind == "link":
        return links_asked(h, need.wanted)
    wanted = need.wanted[:MOST]
    own = incidence(np.zeros(len(wanted), int), wanted, (1, h.atlas.makers.n), np.float64)
    members = incidence(np.zeros(len(need.neighbours), int), need.neighbours, (1, len(h.node)), np.float64)
    makers = as_flags((own @ h.held).tocsr())
    told = h.portfolio[need.anchors] if need.kind == "enterprise" else h.item_names[wanted]
    profile = csr_array(np.asarray(told.sum(axis=0)).reshape(1, -1))
    return Asked(
        profile, own if need.kind != "enterprise" else own * 0, members, two_mode_l3(h.holds, h.held, makers, own)
    )


@once_an_atlas
def _around(atlas: Atlas) -> csr_array:
    """Items next to each item in the recipe, each row with sum 1."""
    recipe = atlas.makers.recipe
    a, b = recipe.member, recipe.user
    told = ~atlas.makers.primary[a] & (a != b)
    pairs = incidence(np.r_[a[told], b[told]], np.r_[b[told], a[told]], (atlas.makers.n,) * 2, np.float64)
    made: csr_array = (diags_array(1 / np.maximum(np.diff(pairs.indptr), 1)) @ pairs).tocsr()
    return made


def two_mode_l3(holds: csr_array, held: csr_array, makers: csr_array, own: csr_array) -> csr_array:
    """L3 over maker–product links (Kovács et al. 2019), a row a need.

    Σ 1/√(k_f k_j) over paths need ← maker f → something else j that it makes ← candidate.

    Parameters
    ----------
    holds, held
        Holders × items, and its transpose, 0/1.
    makers : csr, shape (needs, holders)
        Who makes what is asked for.
    own : csr, shape (needs, items)
        Items that no path leads over: what is asked for.

    Returns
    -------
    csr, shape (needs, holders)
    """
    many, common = (1 / np.sqrt(np.maximum(np.diff(m.indptr), 1)) for m in (holds, held))
    there = (makers @ diags_array(many) @ holds @ diags_array(common)).tocsr()
    made: csr_array = ((there - there.multiply(own)).tocsr() @ held).tocsr()
    return made


def criteria(h: Holdings, asked: Asked, need: Ints, row: Ints, through: Ints, strength: Floats) -> Floats:
    """Return the criteria of pairs (need, holder), shape (pairs, criteria); those of ``PLACED`` are NaN.

    - capability: strength of the ability (``ability.Ability``)
    - link_score: L3 ÷ its largest among all holders; NaN where the holder has no items or nobody a path
    - proximity: Jaffe cosine (Jaffe 1986) of portfolios over text classes, the link's own name left out
    - organisational, social: Adamic–Adar over clusters, chains, parks, industries (alliances, platforms, partners)
      shared with those who make what stands next to the link, 1 − exp(−x/half)
    - absorptive: 1 − exp(−n/half) over platforms, teams, patents, projects, technologies
    - evidence: confidence of the fact that the ability rests on, else the mean of the holder's facts

    Told, and ranked, to three decimals: what a page carries gives the same order.
    """
    out = np.full((len(row), len(CRITERIA)), np.nan)
    if not len(row):
        return out
    half = float(read_toml("vocabulary.toml")["partner"]["half_links"])
    made = {
        "capability": strength, "link_score": _link_score(h, asked.paths, need, row),
        "proximity": _proximity(h, asked, need, row),
        "organisational": _shared(h.settings, asked.beside, need, row, half),
        "social": _shared(h.circles, asked.beside, need, row, half),
        "absorptive": np.where(h.strength[row] > 0, 1 - np.exp(-h.strength[row] / half), np.nan),
        "evidence": _evidence(h, row, through),
    }  # fmt: skip
    for name, value in made.items():
        out[:, CRITERIA.index(name)] = value
    return out.round(DIGITS)


def add_place(h: Holdings, need: Need, row: Ints, value: Floats) -> Floats:
    """Fill in the criteria that depend on the place of a need, and return the kilometres."""
    km = _distance(h, need, row)
    book = read_toml("vocabulary.toml")["partner"]
    value[:, CRITERIA.index("geography")] = np.exp(-km / float(book["decay_km"]))
    value[:, CRITERIA.index("institutional")] = _institutional(h, need, row)
    if len(need.missing):
        flag = np.zeros(h.holds.shape[1])
        flag[need.missing] = 1
        share = np.asarray(h.holds[row] @ flag) / len(need.missing)
        value[:, CRITERIA.index("complementarity")] = np.where(h.many[row] > 0, share, np.nan)
    return km


def temper(h: Holdings, need: Need, row: Ints, value: Floats) -> None:
    """Turn the likeness of firms to an enterprise into an inverted U, in place: 4c(1 − c), too alike they compete."""
    firms, column = h.kind[row] == 0, CRITERIA.index("proximity")
    if need.kind == "enterprise":
        value[firms, column] = (4 * value[firms, column] * (1 - value[firms, column])).round(DIGITS)


def _link_score(h: Holdings, paths: csr_array, need: Ints, row: Ints) -> Floats:
    value = at_pairs(paths, need, row)
    # The largest of all holders, whoever of them is asked: so it is the same from every place.
    top, told = np.zeros(paths.shape[0]), np.flatnonzero(np.diff(paths.indptr))
    top[told] = np.maximum.reduceat(paths.data, paths.indptr[told]) if len(told) else 0
    return np.where((h.many[row] > 0) & (top[need] > 0), value / np.where(top > 0, top, 1)[need], np.nan)


def _proximity(h: Holdings, asked: Asked, need: Ints, row: Ints) -> Floats:
    mine, theirs = h.portfolio, asked.profile
    dot, square = _dots(mine, row, theirs, need), h.width[row] ** 2
    # The link itself counts in nobody's portfolio: ‖x − b‖² = ‖x‖² − 2x·b + ‖b‖².
    held = (asked.own[need].multiply(h.holds[row])).tocoo()
    if len(held.row):
        name, pair = held.col.astype(np.int64), held.row.astype(np.int64)
        np.add.at(dot, pair, -_dots(h.item_names, name, theirs, need[pair]))
        less = 2 * _dots(h.item_names, name, mine, row[pair]) - _dots(h.item_names, name, h.item_names, name)
        np.add.at(square, pair, -less)
    length = np.sqrt(np.bincount(np.repeat(np.arange(theirs.shape[0]), np.diff(theirs.indptr)),
                                 theirs.data.astype(float) ** 2, minlength=theirs.shape[0]))  # fmt: skip
    width = np.sqrt(np.maximum(square, 0)) * length[need]
    told = width > 1e-6
    return np.where(told, np.clip(dot / np.where(told, width, 1), 0, 1), np.nan)


def _dots(a: csr_array, rows: Ints, b: csr_array, others: Ints) -> Floats:
    """Inner products of rows of one matrix with rows of another."""
    return np.asarray(a[rows].multiply(b[others]).sum(axis=1), float).reshape(-1)


def _shared(matrix: csr_array, beside: csr_array, need: Ints, row: Ints, half: float) -> Floats:
    """Adamic–Adar over what a holder shares with others who stand next to the need; 1 − exp(−x/half)."""
    many = np.diff(matrix.indptr)[row]
    if not beside.nnz or not matrix.nnz:
        return np.full(len(row), np.nan)
    degree = np.bincount(matrix.indices, minlength=matrix.shape[1])
    weighed = (matrix @ diags_array(1 / np.log(np.maximum(degree, 2)))).tocsr()
    shared = (beside @ matrix).tocsr()
    # Who stands next to it himself shares with himself: only what a second one has counts.
    twice = shared.copy()
    twice.data[:] = shared.data > 1
    value = np.where(at_pairs(beside, need, row) > 0, _dots(weighed, row, twice, need),
                     _dots(weighed, row, as_flags(shared), need))  # fmt: skip
    told = np.diff(beside.indptr)[need] > 0
    return np.where(told & (many > 0), 1 - np.exp(-value / half), np.nan)


def _evidence(h: Holdings, row: Ints, through: Ints) -> Floats:
    best = np.where(through >= 0, at_pairs(h.confidence, row, np.maximum(through, 0)), 0)
    many, total = np.diff(h.confidence.indptr)[row], np.asarray(h.confidence.sum(axis=1)).reshape(-1)[row]
    return np.where(best > 0, best, np.where(many > 0, total / np.maximum(many, 1), np.nan))


def _distance(h: Holdings, need: Need, row: Ints) -> Floats:
    """Whole kilometres to the place of the need, or to the enterprise's own; 0 for who stands in the place."""
    if need.scope == WHOLE and need.kind != "enterprise":
        return np.full(len(row), np.nan)
    here = scope_point(h.atlas, need.scope) if need.scope != WHOLE else None
    me = int(h.row[need.node])
    if need.kind == "enterprise" and me >= 0 and not np.isnan(h.point[me, 0]):
        here = (float(h.point[me, 0]), float(h.point[me, 1]))
    km = np.full(len(row), np.nan) if here is None else distances_km(here, h.point[row])
    if need.scope != WHOLE and need.kind != "enterprise":
        km = np.where(h.atlas.scopes.holding(h.node[row], need.scope), 0.0, km)
    return np.round(km)


def _institutional(h: Holdings, need: Need, row: Ints) -> Floats:
    """1 in the province of the need, .5 in its country, 0 elsewhere; NaN where a place is not known."""
    province, country = places(h, need)
    if not len(province):
        return np.full(len(row), np.nan)
    same = np.isin(h.province[row], province)
    home = np.isin(h.country[row], country) | (h.country[row] < 0)
    return np.where(h.region[row] < 0, np.nan, np.where(same, 1.0, np.where(home, 0.5, 0.0)))


def places(h: Holdings, need: Need) -> tuple[Ints, Ints]:
    """Return the provinces and countries of a need's place, empty when it has none."""
    row = int(h.row[need.node])
    own = need.kind == "enterprise" and row >= 0 and h.region[row] >= 0
    scope = int(h.region[row]) if own and need.scope == WHOLE else need.scope
    if scope == WHOLE:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return provinces_over(h.atlas, scope)


def provinces_over(atlas: Atlas, scope: int) -> tuple[Ints, Ints]:
    """Return the provinces and countries that a place lies in; a policy region may lie in several."""
    where = atlas.scopes
    inside = np.flatnonzero(where.inside[:, [scope]].toarray()[:, 0])
    parts = inside.tolist() if where.kind(scope) == "zone" else [scope]
    found: list[Ints] = []
    for level in ("省", "国家"):
        over = {where.ancestor(s, level) for s in parts}
        found.append(np.array(sorted(o for o in over if o is not None), np.int64))
    return found[0], found[1]


__all__ = [
    "CRITERIA",
    "PLACED",
    "Asked",
    "add_place",
    "criteria",
    "links_asked",
    "need_asked",
    "places",
    "provinces_over",
    "temper",
]
