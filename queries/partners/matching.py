"""Matching: partners for many needs at once, so that nobody is overloaded (optimal assignment, not greedy)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...graph.columns.arrays import Bools, Floats, Ints
from ...graph.schema.errors import QueryError
from ...graph.schema.words import sentence
from ..atlas.atlas import Atlas
from ..atlas.chain_links import find_chain
from ..atlas.result import Result, Row
from ..verdicts.judge import MISSING, POSSIBLE, SINGLE, WEAK
from ..verdicts.verdicts import verdicts
from .gate import REACHES
from .holdings import HOLDERS, holdings
from .needs import Need, find_need, link_need
from .ranking import Ranking, kinds_of, rank
from .reasons import evidence, why

COLUMNS = ("need", "candidate", "type", "place", "reach", "score", "why")
CONSIDERED = 50


def match(
    atlas: Atlas,
    needs: Sequence[str] = (),
    *,
    chain: str | None = None,
    place: str | None = None,
    cluster: str | None = None,
    kind: str | None = None,
    most: int = 1,
    load: int = 1,
) -> Result:
    """Give each of many needs its partners so that the total score is largest.

    max Σ s_ij x_ij with Σ_j x_ij ≤ ``most`` a need, Σ_i x_ij ≤ ``load`` a candidate, x ∈ {0, 1}: a
    transport problem, whose linear relaxation is integral.

    Parameters
    ----------
    needs
        As ``partners`` takes them; the gaps of a chain when none is named.
    most
        Partners a need at most.
    load
        Needs a candidate at most.

    Returns
    -------
    Result
        ``need candidate type place reach score why``; needs without a partner have an empty candidate.
    """
    for option, value in (("--most", most), ("--load", load)):
        if value < 1:
            raise QueryError("option_value", option=option, value=value, known="1、2、3…")
    h = holdings(atlas)
    wanted = [find_need(h, name, place, cluster) for name in needs] or _gaps(atlas, chain, place, cluster)
    if not wanted:
        return Result(COLUMNS, [], (sentence("load_needs"),))
    ranked = [rank(h, one, kinds_of(kind or "enterprise")) for one in wanted]
    best = [np.sort(np.argsort(-r.score, kind="stable")[:CONSIDERED]) for r in ranked]
    holders = np.unique(np.concatenate([r.row[b] for r, b in zip(ranked, best, strict=True)] or [np.zeros(0, int)]))
    score = np.zeros((len(ranked), len(holders)))
    for at, (one, chosen) in enumerate(zip(ranked, best, strict=True)):
        score[at, np.searchsorted(holders, one.row[chosen])] = one.score[chosen]
    taken = assign(score, most, load)
    rows = _rows(ranked, holders, taken)
    left = [atlas.snapshot.name(r.need.node) for r, t in zip(ranked, taken, strict=True) if not t.any()]
    total, one_by_one = (f"{score[pairs].sum():.3f}" for pairs in (taken, greedy(score, most, load)))
    n = int(taken.sum())
    note = sentence("note_match", needs=len(ranked), n=n, total=total, greedy=one_by_one, left=left or "—")

    def explained(at: int) -> Result:
        row = rows[at]
        if row["candidate"] is None:
            return Result(("fact", "source", "source_ref", "as_of"), [])
        return evidence(ranked[row["_need"]], row["_at"])

    answer = Result(COLUMNS, rows, (note,), explained)
    return answer.unless_silent(lambda row: row["candidate"], sentence("load_candidates", out=len(h.node)))


def _gaps(atlas: Atlas, chain: str | None, place: str | None, cluster: str | None) -> list[Need]:
    """Links of a chain that are judged missing, possible, single-source or weak in the place: never what is assumed."""
    if chain is None:
        raise QueryError("option_value", option="--for", value="", known="--for X、--chain C")
    links, scope = find_chain(atlas, chain), atlas.scopes.find(place, cluster)
    status = verdicts(atlas, links.items, np.array([scope])).status[:, 0]
    wanted = links.items[np.isin(status, (MISSING, POSSIBLE, SINGLE, WEAK))]
    return [link_need(holdings(atlas), int(i), scope) for i in wanted]


def _rows(ranked: list[Ranking], holders: Ints, taken: Bools) -> list[Row]:
    rows: list[Row] = []
    for number, one in enumerate(ranked):
        h, name = one.holdings, one.holdings.atlas.snapshot.name(one.need.node)
        chosen = [int(np.flatnonzero(one.row == holders[c])[0]) for c in np.flatnonzero(taken[number])]
        for at in sorted(chosen, key=lambda a: (-one.score[a], one.row[a])):
            row = int(one.row[at])
            region = int(h.region[row])
            rows.append({"need": name, "candidate": h.atlas.snapshot.name(int(h.node[row])),
                         "type": HOLDERS[h.kind[row]], "place": h.atlas.scopes.name(region) if region >= 0 else None,
                         "reach": REACHES[one.reach[at]], "score": round(float(one.score[at]), 4),
                         "why": why(one, at), "_need": number, "_at": at})  # fmt: skip
        if not chosen:
            rows.append({**dict.fromkeys(COLUMNS), "need": name})
    return rows


def assign(score: Floats, most: int = 1, load: int = 1) -> Bools:
    """Choose pairs with the largest total; pairs that score 0 are never chosen.

    Parameters
    ----------
    score : float array, shape (needs, candidates)
        ≥ 0.

    Returns
    -------
    bool array, shape (needs, candidates)
    """
    out = np.zeros(score.shape, bool)
    if not score.size or not (score > 0).any():
        return out
    if most == load == 1:
        from scipy.optimize import linear_sum_assignment

        rows, cols = linear_sum_assignment(score, maximize=True)
        out[rows, cols] = True
        return out & (score > 0)
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    rows, cols = np.nonzero(score > 0)
    n, at = len(rows), np.arange(len(rows))
    limits = csr_array((np.ones(2 * n), (np.r_[rows, score.shape[0] + cols], np.r_[at, at])),
                       shape=(sum(score.shape), n))  # fmt: skip
    bound = np.r_[np.full(score.shape[0], most), np.full(score.shape[1], load)]
    done = milp(-score[rows, cols], integrality=np.ones(n, np.int64), bounds=Bounds(0, 1),
                constraints=LinearConstraint(limits, -np.inf, bound))  # fmt: skip
    out[rows, cols] = np.asarray(done.x) > 0.5
    return out


def greedy(score: Floats, most: int = 1, load: int = 1) -> Bools:
    """Take the best pair, then the next that still fits: what an assignment is compared with."""
    out = np.zeros(score.shape, bool)
    for pair in np.argsort(-score, axis=None, kind="stable").tolist():
        need, candidate = divmod(pair, score.shape[1])
        if score[need, candidate] > 0 and out[need].sum() < most and out[:, candidate].sum() < load:
            out[need, candidate] = True
    return out
