"""Criteria: what speaks for each possible partner of a need, each in [0, 1], NaN where nothing is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from ...graph.columns.arrays import Floats, Ints, cells_of, positions, row_of
from ...graph.schema.words import read_toml
from ..atlas.nearby import scope_point
from ..atlas.scopes import WHOLE, distances_km
from .holdings import Holdings
from .needs import MOST, Need
from .similarity import two_mode_l3

CRITERIA = ("capability", "link_score", "proximity", "complementarity", "geography", "organisational",
            "institutional", "social", "absorptive", "evidence")  # fmt: skip
MATCHES = ("exact", "kin", "serves", "text", "adjacent", "chain")
LIKE = 400  # items called alike that are looked at
LEAST = 0.15  # likeness of names below which nothing is said


@dataclass(frozen=True)
class Features:
    """Criteria of all holders for one need.

    Attributes
    ----------
    value : float array, shape (holders, criteria)
    match : float array, shape (holders, 6)
        Best match by kind (exact, kin, serves, text, adjacent, chain), before its weight.
    km : float array, shape (holders,)
    """

    value: Floats
    match: Floats
    km: Floats


def features(h: Holdings, need: Need) -> Features:
    """Compute the criteria of all holders at once.

    - capability: best match with what is wanted, exact > kin > serves, text > next to it in the recipe > on its chain
    - link_score: L3 from the wanted items, ÷ its largest
    - proximity: Jaffe cosine of portfolios (text classes); for an enterprise 4c(1 − c), since those too
      alike have nothing to give and those too far apart do not understand each other (Boschma 2005)
    - complementarity: share of the missing classes held
    - geography: exp(−km/d₀)
    - organisational: shared clusters, chains, parks
    - institutional: 1 same province, .5 same country
    - social: Adamic–Adar over shared alliances, platforms, partners
    - absorptive: platforms, patents, projects, teams of the one that takes up
    - evidence: confidence of the facts behind the capability
    """
    book = read_toml("vocabulary.toml")["partner"]
    match = _matches(h, need)
    weight = np.array([book["capability"][m] for m in MATCHES])
    km = _distance(h, need)
    half = float(book["half_links"])
    columns = (
        (match * weight).max(axis=1), _link_score(h, need), _proximity(h, need), _complement(h, need),
        np.exp(-km / float(book["decay_km"])), _shared(h.settings, need, half), _institutional(h, need),
        _shared(h.circles, need, half), _absorptive(h, half), _evidence(h, need),
    )  # fmt: skip
    return Features(np.stack(columns, axis=1), match, km)


def _matches(h: Holdings, need: Need) -> Floats:
    out = np.zeros((len(h.node), len(MATCHES)))
    wanted = need.wanted[:MOST]
    exact, kin = [], []
    for item in wanted.tolist():
        kinds, above, beside = h.kin(item)
        exact += [np.array([item]), kinds]
        kin += [above, beside]
    if not len(wanted):
        return out
    for column, items in ((0, np.unique(np.concatenate(exact))), (1, np.unique(np.concatenate(kin)))):
        for item in items.tolist():
            out[row_of(h.held, item), column] = 1
    if need.kind == "link":
        out[:, 0] = 0
        out[np.setdiff1d(need.anchors, need.linked), 0] = 1
    chains = sorted({c for i in wanted.tolist() for c in h.atlas.chains_of[i]})
    if chains:
        along = np.array(sorted({i for c in chains for i, _, _ in h.atlas.chain_members[c]}), np.int64)
        flag = np.zeros(h.holds.shape[1])
        flag[np.setdiff1d(along, need.blocked)] = 1
        out[:, 5] = np.asarray(h.holds @ flag) > 0
        out[:, 2] = np.asarray(h.serves[:, chains].sum(axis=1)).reshape(-1) > 0
    for item in need.around.tolist():
        out[row_of(h.held, item), 4] = 1
    out[:, 3] = _alike(h, wanted, need.blocked)
    return out


def _alike(h: Holdings, wanted: Ints, blocked: Ints) -> Floats:
    """Best likeness of names between what is wanted and what a holder makes, or says of itself."""
    out = np.zeros(len(h.node))
    own = np.zeros(len(h.node))
    name = h.item_names
    for item in wanted.tolist():
        part = slice(name.indptr[item], name.indptr[item + 1])
        grams, weight = name.indices[part].astype(np.int64), name.data[part].astype(float)
        others, sizes = gathered(h.names_across, grams)
        like = np.bincount(others, _values(h.names_across, grams) * np.repeat(weight, sizes), minlength=name.shape[0])
        like[blocked] = 0
        items = np.flatnonzero(like > LEAST)
        if len(items) > LIKE:
            items = items[np.argpartition(-like[items], LIKE)[:LIKE]]
        rows, sizes = gathered(h.held, items)
        np.maximum.at(out, rows, np.repeat(like[items], sizes))
        dense = np.zeros(name.shape[1])
        dense[grams] = weight
        own = np.maximum(own, h.own_text @ dense)
    return np.maximum(out, np.where(own > LEAST, own, 0))


def _link_score(h: Holdings, need: Need) -> Floats:
    total = np.zeros(len(h.node))
    for item in need.wanted[:MOST].tolist():
        rows = need.anchors if need.kind == "link" else row_of(h.held, item)
        blocked = need.blocked if need.kind == "link" else np.array([item])
        if len(rows):
            total += two_mode_l3(h.holds, h.held, rows, blocked)
    top = total.max(initial=0)
    return np.where(h.many > 0, total / top, np.nan) if top > 0 else np.full(len(total), np.nan)


def _proximity(h: Holdings, need: Need) -> Floats:
    """Jaffe cosine (Jaffe 1986) of portfolios over text classes: the n-grams of what a holder makes and is called.

    The need's portfolio: names of what is wanted, of its neighbours in the recipe (half) and the
    anchors' own portfolios (half), without the link asked for.
    """
    book = h.item_names
    wanted = _mean(book[need.wanted[:MOST]]) if need.kind != "enterprise" else np.zeros(book.shape[1])
    if len(need.around):
        wanted += 0.5 * _mean(book[need.around])
    if len(need.anchors):
        wanted += 0.5 * _rest(h, need.anchors, need.blocked).mean(len(wanted))
    length = np.sqrt((wanted**2).sum())
    if length <= 0:
        return np.full(len(h.node), np.nan)
    cosine = np.asarray(h.portfolio @ wanted) / np.maximum(h.width, 1e-9)
    holders = np.unique(gathered(h.held, need.blocked)[0])
    if len(holders):
        rest = _rest(h, holders, need.blocked)
        cosine[holders] = rest.dot(wanted) / rest.width
    cosine = np.where(h.width > 0, np.clip(cosine / length, 0, 1), np.nan)
    return 4 * cosine * (1 - cosine) if need.kind == "enterprise" else cosine


class _Rest(NamedTuple):
    """Portfolios of some holders without some items, as sums over n-grams: no matrix is built anew.

    ``row``, ``gram`` and ``value`` are the cells of the whole portfolios; ``less`` (holders × ``letters``) is what
    is taken out; ``width`` the lengths that are left.
    """

    row: Ints
    gram: Ints
    value: Floats
    letters: Ints
    less: Floats
    width: Floats

    def dot(self, vector: Floats) -> Floats:
        """Return each portfolio's inner product with a vector."""
        whole = np.bincount(self.row, self.value * vector[self.gram], minlength=len(self.width))
        return np.asarray(whole - self.less @ vector[self.letters])

    def mean(self, size: int) -> Floats:
        """Return the mean of the portfolios brought to length 1."""
        each = 1 / (len(self.width) * self.width)
        whole = np.bincount(self.gram, self.value * each[self.row], minlength=size).astype(float)
        whole[self.letters] -= each @ self.less
        return whole


def _rest(h: Holdings, rows: Ints, blocked: Ints) -> _Rest:
    """Take items out of portfolios: ‖x − b‖² = ‖x‖² − 2x·b + ‖b‖²."""
    grams, sizes = gathered(h.portfolio, rows)
    value, row = _values(h.portfolio, rows), np.repeat(np.arange(len(rows)), sizes)
    held, many = gathered(h.held, blocked)
    place = np.searchsorted(rows, held)
    place[place == len(rows)] = 0
    mine = rows[place] == held
    item, place = np.repeat(blocked, many)[mine], place[mine]
    letter, width = gathered(h.item_names, item)
    letters, at = np.unique(letter, return_inverse=True)
    less = np.zeros((len(rows), len(letters)))
    np.add.at(less, (np.repeat(place, width), at), _values(h.item_names, item))
    column = positions(letters, h.portfolio.shape[1])
    touched = column[grams] >= 0
    inner = np.bincount(row[touched], value[touched] * less[row[touched], column[grams[touched]]], minlength=len(rows))
    square = h.width[rows] ** 2 - 2 * inner + (less**2).sum(axis=1)
    return _Rest(row, grams, value, letters, less, np.sqrt(np.maximum(square, 1e-9)))


def _values(matrix: csr_array, rows: Ints) -> Floats:
    values: Floats = matrix.data[cells_of(matrix, rows)]
    return values


def _mean(rows: csr_array) -> Floats:
    return np.asarray(np.ones(rows.shape[0]) @ rows, float) / max(1, rows.shape[0])


def gathered(matrix: csr_array, rows: Ints) -> tuple[Ints, Ints]:
    """Return the columns of some rows one after another, and how many each row has."""
    sizes = (matrix.indptr[rows + 1] - matrix.indptr[rows]).astype(np.int64)
    return matrix.indices[cells_of(matrix, rows)].astype(np.int64), sizes


def _complement(h: Holdings, need: Need) -> Floats:
    if not len(need.missing):
        return np.full(len(h.node), np.nan)
    flag = np.zeros(h.holds.shape[1])
    flag[need.missing] = 1
    return np.where(h.many > 0, np.asarray(h.holds @ flag) / len(need.missing), np.nan)


def _distance(h: Holdings, need: Need) -> Floats:
    """Kilometres to the place of the need, or to the enterprise's own."""
    here = scope_point(h.atlas, need.scope) if need.scope != WHOLE else None
    row = int(h.row[need.node])
    if need.kind == "enterprise" and row >= 0 and not np.isnan(h.point[row, 0]):
        here = (float(h.point[row, 0]), float(h.point[row, 1]))
    return np.full(len(h.node), np.nan) if here is None else distances_km(here, h.point)


def _shared(matrix: csr_array, need: Need, half: float) -> Floats:
    """Adamic–Adar over what a holder shares with the neighbours of the need, 1 − exp(−x/half)."""
    many = np.diff(matrix.indptr)
    if not len(need.neighbours):
        return np.full(len(many), np.nan)
    theirs = np.unique(matrix[need.neighbours].indices)
    weight = np.zeros(matrix.shape[1])
    degree = np.bincount(matrix.indices, minlength=matrix.shape[1])
    weight[theirs] = 1 / np.log(np.maximum(degree[theirs], 2))
    value = np.asarray(matrix @ weight)
    return np.where(many > 0, 1 - np.exp(-value / half), np.nan)


def _institutional(h: Holdings, need: Need) -> Floats:
    """1 in the province of the need, .5 in its country, 0 elsewhere; NaN where a place is not known."""
    province, country = places(h, need)
    if not len(province):
        return np.full(len(h.node), np.nan)
    same = np.isin(h.province, province)
    home = np.isin(h.country, country) | (h.country < 0)
    return np.where(h.region < 0, np.nan, np.where(same, 1.0, np.where(home, 0.5, 0.0)))


def places(h: Holdings, need: Need) -> tuple[Ints, Ints]:
    """Return the provinces and countries of a need's place, empty when it has none."""
    where = h.atlas.scopes
    row = int(h.row[need.node])
    own = need.kind == "enterprise" and row >= 0 and h.region[row] >= 0
    scope = int(h.region[row]) if own and need.scope == WHOLE else need.scope
    if scope == WHOLE:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    inside = np.flatnonzero(where.inside[:, [scope]].toarray()[:, 0])
    found: list[Ints] = []
    for level in ("省", "国家"):
        over = {where.ancestor(scope, level)} if where.kind(scope) != "zone" else {
            where.ancestor(int(s), level) for s in inside}  # fmt: skip
        found.append(np.array(sorted(o for o in over if o is not None), np.int64))
    return found[0], found[1]


def _absorptive(h: Holdings, half: float) -> Floats:
    """1 − exp(−n/half) over platforms, teams, patents, projects, technologies; none recorded: not known."""
    return np.where(h.strength > 0, 1 - np.exp(-h.strength / half), np.nan)


def _evidence(h: Holdings, need: Need) -> Floats:
    """Best confidence of the facts that the capability rests on, else the mean of the holder's facts."""
    part = h.confidence_by_item
    many = np.diff(h.confidence.indptr)
    total = np.asarray(h.confidence.sum(axis=1)).reshape(-1)
    out = np.where(many > 0, total / np.maximum(many, 1), np.nan)
    told = np.zeros(len(out))
    for item in need.wanted[:MOST].tolist():
        for other in np.setdiff1d(np.concatenate([[item], *h.kin(item)]), need.blocked).tolist():
            at = slice(part.indptr[other], part.indptr[other + 1])
            told[part.indices[at]] = np.maximum(told[part.indices[at]], part.data[at])
    return np.where(told > 0, told, out)
