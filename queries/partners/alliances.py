"""Alliances: whom to ask so that the links and technologies of a chain are covered (maximum coverage)."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from ...graph.columns.arrays import Ints, as_flags, row_of
from ...graph.schema.errors import QueryError
from ...graph.schema.words import Word, sentence
from ..atlas.atlas import Atlas
from ..atlas.result import Result, Row
from ..atlas.scopes import WHOLE
from .holdings import HOLDERS, Holdings, holdings
from .needs import group_need
from .ranking import kinds_of, rank
from .reasons import item_name

COLUMNS = ("rank", "member", "type", "place", "adds", "covered", "covers", "why")
SECONDS = 10.0


def alliance(
    atlas: Atlas,
    name: str | None = None,
    *,
    chain: str | None = None,
    cluster: str | None = None,
    place: str | None = None,
    kind: str | None = None,
    top: int = 5,
) -> Result:
    """Propose members for an alliance, a cluster or a chain, and name what stays uncovered.

    max Σ_i y_i − ε·members with y_i ≤ Σ_{c holds i} x_c, Σ_c x_c ≤ ``top``: maximum coverage, solved
    exactly (within a time limit, which the note tells); among equal choices the better ranked candidates, first
    by tier of ability, then by score. What is always to be had (原料视为可得) is nobody's to bring.

    Parameters
    ----------
    name
        An alliance, a cluster or a chain; its present members count as covered.
    chain, cluster
        Instead of ``name``, where that could be several.
    place
        Members come from here only.
    top
        New members at most.

    Returns
    -------
    Result
        ``rank member type place adds covered covers why``; after the members a row each for what
        stays uncovered, with an empty ``member``.
    """
    if top < 1:
        raise QueryError("option_value", option="--top", value=top, known="1、2、3…")
    h = holdings(atlas)
    group = atlas.snapshot.subject(name, ("Alliance", "Chain", "Cluster"), Chain=chain, Cluster=cluster)
    need = group_need(h, group, WHOLE)
    ranked = rank(h, need, kinds_of(kind))
    rows = ranked.row
    scope = atlas.scopes.find(place)
    if scope != WHOLE:
        rows = rows[atlas.scopes.holding(h.node[rows], scope)]
    holds = _able(h, rows, need.wanted)
    chosen, exact = cover(holds, top)
    members, left = _told(h, rows, holds, chosen, need.wanted)
    every = len(need.own) + len(need.wanted)
    counts = {"n": len(members), "covered": every - len(left), "all": every, "before": len(need.own)}
    how = Word("optimality", "exact" if exact else "bounded")
    note = sentence("note_alliance", how=how, left=len(left), **counts)
    answer = Result(COLUMNS, members + left, (note,), lambda at: _facts(h, need.wanted, (members + left)[at]))
    return (
        answer
        if not left
        else answer.unless_silent(lambda row: row["member"], sentence("load_candidates", n=len(h.node)))
    )


def _able(h: Holdings, rows: Ints, wanted: Ints) -> csr_array:
    """Tell which of the missing links each candidate makes, a kind of it included, or serves by name."""
    makes = h.atlas.makers.makes[wanted][:, h.node[rows]].T
    out: csr_array = as_flags((makes + h.holds[rows][:, wanted]).tocsr())
    return out


def cover(holds: csr_array, size: int) -> tuple[Ints, bool]:
    """Choose at most ``size`` rows that hold the most columns; the earlier rows where that is the same.

    Returns
    -------
    rows, exact
        Row numbers in the order in which they add most, and whether the choice is proven optimal.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import eye_array, hstack, vstack

    useful = np.flatnonzero(np.diff(holds.indptr))
    table = holds[useful].tocsr()
    kept = np.flatnonzero(np.bincount(table.indices, minlength=table.shape[1]))
    m, n = len(useful), len(kept)
    if not m:
        return np.zeros(0, np.int64), True
    table = table[:, kept]
    # One link outweighs any choice of members; a member more costs, the later ranked a little more.
    cost = (1 + np.arange(m) / (10 * m)) / (2 * (size + 1))
    covers = hstack([-table.T, eye_array(n)], format="csr")
    limit = csr_array(np.r_[np.ones(m), np.zeros(n)][None])
    done = milp(np.r_[cost, -np.ones(n)], integrality=np.r_[np.ones(m), np.zeros(n)], bounds=Bounds(0, 1),
                constraints=LinearConstraint(vstack([covers, limit]), -np.inf, np.r_[np.zeros(n), size]),
                options={"time_limit": SECONDS})  # fmt: skip
    if done.x is None:
        return useful[_greedy(table, size)], False
    return useful[_by_gain(table, np.flatnonzero(done.x[:m] > 0.5))], done.status == 0


def _by_gain(table: csr_array, rows: Ints) -> Ints:
    """Order chosen rows by what they add to those before."""
    part = table[rows].toarray() > 0
    order: list[int] = []
    covered = np.zeros(part.shape[1], bool)
    while len(order) < len(rows):
        gain = (part & ~covered).sum(axis=1)
        gain[order] = -1
        order.append(int(np.argmax(gain)))
        covered |= part[order[-1]]
    return rows[np.array(order, np.int64)]


def _greedy(table: csr_array, size: int) -> Ints:
    return _by_gain(table, np.arange(table.shape[0]))[:size]


def _told(h: Holdings, rows: Ints, holds: csr_array, chosen: Ints, wanted: Ints) -> tuple[list[Row], list[Row]]:
    covered = np.zeros(len(wanted), bool)
    members: list[Row] = []
    for number, at in enumerate(chosen.tolist()):
        mine = np.sort(row_of(holds, at))
        new = mine[~covered[mine]]
        covered[mine] = True
        names = [item_name(h, int(wanted[i])) for i in new]
        region = int(h.region[rows[at]])
        members.append({
            "rank": number + 1, "member": h.atlas.snapshot.name(int(h.node[rows[at]])),
            "type": HOLDERS[h.kind[rows[at]]], "place": h.atlas.scopes.name(region) if region >= 0 else None,
            "adds": len(new), "covered": int(covered.sum()), "covers": names,
            "why": sentence("why_member", n=len(new), names=names[:5]),
            "_node": int(h.node[rows[at]]), "_new": new.tolist(),
        })  # fmt: skip
    held = np.bincount(holds.indices, minlength=len(wanted)) > 0
    left: list[Row] = []
    for at in np.flatnonzero(~covered).tolist():
        code = "why_uncovered_size" if held[at] else "why_uncovered"
        covers = [item_name(h, int(wanted[at]))]
        left.append({**dict.fromkeys(COLUMNS), "covers": covers, "adds": 0, "why": sentence(code)})
    return members, left


def _facts(h: Holdings, wanted: Ints, row: Row) -> Result:
    """Return the facts that a member holds the links it brings."""
    from ..verdicts.explanation import COLUMNS as FACT
    from ..verdicts.explanation import maker_facts

    if row["member"] is None:
        return Result(FACT, [])
    told = [f for at in row["_new"] for f in maker_facts(h.atlas, row["_node"], int(wanted[at]))]
    return Result(FACT, [{c: getattr(f, c) for c in FACT} for f in told])
