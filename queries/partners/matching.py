"""Matching: partners for many needs at once, so that nobody is overloaded (optimal assignment, not greedy)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...graph.columns.arrays import Bools, Floats, Ints
from ...graph.schema.errors import QueryError
from ...graph.schema.words import Joined, Said, Word, sentence
from ..atlas.atlas import Atlas
from ..atlas.chain_links import find_chain
from ..atlas.result import Result, Row
from ..verdicts.judge import MISSING, POSSIBLE
from ..verdicts.verdicts import verdicts
from .able.table import TIERS, WAYS
from .gate import KINDS, REACHES
from .holdings import HOLDERS, Holdings, holdings
from .needs import Need, find_need, link_need
from .ranking import BODIES, Ranking, kinds_of, rank
from .reasons import evidence, why

COLUMNS = ("need", "candidate", "type", "place", "reach", "ability", "score", "why")
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
    """Give each of many needs its partners so that the total worth is largest.

    max Σ w_ij x_ij with Σ_j x_ij ≤ ``most`` a need, Σ_i x_ij ≤ ``load`` a candidate, x ∈ {0, 1}: a
    transport problem, whose linear relaxation is integral. w = 1 + tiers × score, a score that stands in the band
    of its tier: a better tier is worth more than anything within the next, and any pair more than none.

    Parameters
    ----------
    needs
        As ``partners`` takes them. When none is named: the links of a chain that are judged missing or possible
        in the place. What is always to be had (原料视为可得) is never asked for, not even when it is named.
    most
        Partners a need at most.
    load
        Needs a candidate at most.

    Returns
    -------
    Result
        ``need candidate type place reach ability score why``; needs without a partner have an empty candidate,
        and ``why`` says whether nobody is able or all are spent.
    """
    for option, value in (("--most", most), ("--load", load)):
        if value < 1:
            raise QueryError("option_value", option=option, value=value, known="1、2、3…")
    h = holdings(atlas)
    named = [find_need(h, name, place, cluster) for name in needs]
    wanted = [one for one in named if not _assumed(atlas, one)] if needs else _gaps(atlas, chain, place, cluster)
    assumed = [atlas.snapshot.name(one.node) for one in named if _assumed(atlas, one)]
    told = (sentence("note_match_assumed", names=assumed),) if assumed else ()
    if not wanted:
        return Result(COLUMNS, [], told or (sentence("load_needs"),))
    ranked = [rank(h, one, kinds_of(kind or usual(h, one)), every=True) for one in wanted]
    best = [np.flatnonzero(r.rank <= CONSIDERED) for r in ranked]
    holders = np.unique(np.concatenate([r.row[b] for r, b in zip(ranked, best, strict=True)]))
    gain = np.zeros((len(ranked), len(holders)))
    for at, (one, chosen) in enumerate(zip(ranked, best, strict=True)):
        gain[at, np.searchsorted(holders, one.row[chosen])] = worth(one)[chosen]
    taken = assign(gain, most, load)
    rows = _rows(ranked, holders, taken)

    def explained(at: int) -> Result:
        row = rows[at]
        if row["candidate"] is None:
            return Result(("fact", "source", "source_ref", "as_of"), [])
        return evidence(ranked[row["_need"]], row["_at"])

    notes = (*_notes(ranked, rows, gain, taken, greedy(gain, most, load)), *told)
    answer = Result(COLUMNS, rows, notes, explained)
    return answer.unless_silent(lambda row: row["candidate"], sentence("load_candidates", n=len(h.node)))


def usual(h: Holdings, need: Need) -> str:
    """Return whom a need is matched with unless asked otherwise: enterprises, for a technology bodies as well."""
    made = h.atlas.makers
    technology = need.kind == "link" and made.is_technology(made.item(need.node))
    return ",".join((KINDS[0], *BODIES)) if technology else KINDS[0]


def worth(one: Ranking) -> Floats:
    """Return what each candidate of a need is worth, 1 to tiers + 1: the score in bands, and that there is one."""
    made: Floats = 1 + TIERS * one.score
    return made


def _assumed(atlas: Atlas, need: Need) -> bool:
    """Tell whether a need is a link that is always to be had."""
    return need.kind == "link" and bool(atlas.makers.primary[need.wanted].all())


def _gaps(atlas: Atlas, chain: str | None, place: str | None, cluster: str | None) -> list[Need]:
    """Links of a chain that are judged missing or possible in the place: never what is assumed, or made by one."""
    if chain is None:
        raise QueryError("option_value", option="--for", value="", known="--for X、--chain C")
    links, scope = find_chain(atlas, chain), atlas.scopes.find(place, cluster)
    status = verdicts(atlas, links.items, np.array([scope])).status[:, 0]
    wanted = links.items[np.isin(status, (MISSING, POSSIBLE)) & ~atlas.makers.primary[links.items]]
    return [link_need(holdings(atlas), int(i), scope) for i in wanted]


def _notes(ranked: list[Ranking], rows: list[Row], gain: Floats, taken: Bools, simple: Bools) -> list[Said]:
    tiers = [r["_tier"] for r in rows if r["candidate"] is not None]
    counts = [sentence("note_match_tier", tier=Word("tier", str(t)), n=tiers.count(t)) for t in sorted(set(tiers))]
    notes: list[Said] = [sentence(
        "note_match", needs=len(ranked), n=int(taken.sum()), tiers=Joined(tuple(counts), sentence("why_partner_join")),
        total=f"{gain[taken].sum():.2f}", greedy=int(simple.sum()), worth=f"{gain[simple].sum():.2f}")]  # fmt: skip
    for code, nobody in (("note_match_nobody", True), ("note_match_spent", False)):
        left = [r["need"] for r in rows if r["candidate"] is None and r["_nobody"] == nobody]
        if left:
            notes.append(sentence(code, names=left))
    return notes


def _rows(ranked: list[Ranking], holders: Ints, taken: Bools) -> list[Row]:
    rows: list[Row] = []
    for number, one in enumerate(ranked):
        h, name = one.holdings, one.holdings.atlas.snapshot.name(one.need.node)
        chosen = [int(np.flatnonzero(one.row == holders[c])[0]) for c in np.flatnonzero(taken[number])]
        for at in sorted(chosen):
            row = int(one.row[at])
            region = int(h.region[row])
            rows.append({"need": name, "candidate": h.atlas.snapshot.name(int(h.node[row])),
                         "type": HOLDERS[h.kind[row]], "place": h.atlas.scopes.name(region) if region >= 0 else None,
                         "reach": REACHES[one.reach[at]], "ability": WAYS[one.way[at]],
                         "score": round(float(one.score[at]), 4), "why": why(one, at),
                         "_need": number, "_at": at, "_tier": int(one.tier[at])})  # fmt: skip
        if not chosen:
            nobody = not len(one.row)
            code = "why_need_nobody" if nobody else "why_need_spent"
            rows.append({**dict.fromkeys(COLUMNS), "need": name, "why": sentence(code), "_nobody": nobody})
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
