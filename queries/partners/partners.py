"""Partners: who could meet a need, ranked, with reasons."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...graph.schema.errors import QueryError
from ...graph.schema.words import Joined, Said, Word, sentence
from ..atlas.atlas import Atlas
from ..atlas.result import Result, Row
from .able.table import WAYS, floor
from .gate import REACHES
from .holdings import HOLDERS, holdings
from .needs import find_need
from .ranking import ENOUGH, Ranking, kinds_of, rank
from .reasons import evidence, why
from .scoring.features import CRITERIA
from .scoring.weights import neutral

_GATE = {"enterprise": "note_gate_enterprise"}
COLUMNS = ("rank", "candidate", "type", "place", "reach", "ability", "score", *CRITERIA, "km", "known", "why")


def partners(
    atlas: Atlas,
    need: str,
    *,
    place: str | None = None,
    cluster: str | None = None,
    kind: str | None = None,
    top: int = 10,
    method: str = "sum",
    weights: str | Path = "auto",
) -> Result:
    """Rank who is able to meet a need: by what they are able to do, then by score.

    Parameters
    ----------
    need
        A link, technology, enterprise, alliance, cluster or chain, or 链›环节.
    place, cluster
        Where the need is: whoever does it there already is no candidate; distance and institution count from it.
    kind
        ``enterprise``, ``institute``, ``platform``, ``team`` or ``alliance``; several parted by commas are ranked
        together. Without it enterprises come first; institutes, platforms and teams are a list of their own behind.
    top
        Candidates shown a list.
    method
        ``sum`` (Σ w·f) or ``topsis`` (vector normalisation), within a tier of ability.
    weights
        ``auto`` (learned on hidden links where the data allow, else stated), ``stated``, ``learned``,
        ``entropy``, or a CSV file of pairwise comparisons (AHP).

    Returns
    -------
    Result
        ``rank candidate type place reach ability score``, a column a criterion (empty: not known), ``km``,
        ``known`` (share of the weights whose criteria are known), ``why``. Where nobody is able: no row, and a
        sentence that says so.

    Raises
    ------
    QueryError
        Nothing or several things have the name; an option is not known.
    """
    if top < 1:
        raise QueryError("option_value", option="--top", value=top, known="1、2、3…")
    h = holdings(atlas)
    wanted = find_need(h, need, place, cluster)
    found = rank(h, wanted, kinds_of(kind), apart=kind is None, method=method, weights=weights)
    shown = np.flatnonzero(found.rank <= top)
    rows = [_row(found, int(at), why(found, int(at))) for at in shown]
    answer = Result(COLUMNS, rows, _notes(found, shown.tolist()), lambda at: evidence(found, int(shown[at])))
    return answer if rows else answer.unless_silent(lambda row: row["candidate"], _nobody(found))


def _row(found: Ranking, at: int, why: Said) -> Row:
    h, snapshot = found.holdings, found.holdings.atlas.snapshot
    row = int(found.row[at])
    region = int(h.region[row])
    km = found.km[at]
    known = ~np.isnan(found.value[at])
    used = found.weights.value
    cells: Row = {
        "rank": int(found.rank[at]), "candidate": snapshot.name(int(h.node[row])), "type": HOLDERS[h.kind[row]],
        "place": h.atlas.scopes.name(region) if region >= 0 else None, "reach": REACHES[found.reach[at]],
        "ability": WAYS[found.way[at]], "score": round(float(found.score[at]), 4),
    }  # fmt: skip
    for number, name in enumerate(CRITERIA):
        cells[name] = round(float(found.value[at, number]), 4) if known[number] else None
    share = float((used * known).sum() / used.sum()) if used.sum() > 0 else 0.0
    return cells | {"km": None if np.isnan(km) else round(float(km)), "known": round(share, 3), "why": why,
                    "_node": int(h.node[row])}  # fmt: skip


def _notes(found: Ranking, shown: list[int]) -> tuple[Said, ...]:
    """How many are shown and able, where the weights come from, who was left out and why, what is not known."""
    notes: list[Said] = [sentence(_GATE.get(found.need.kind, "note_gate"), shown=len(shown), n=len(found.row))]
    if found.weights.source == "learned":
        notes.append(sentence("note_weights_learned", n=found.weights.links))
    else:
        notes.append(sentence("note_weights", source=Word("weights", found.weights.source)))
    made = found.holdings.atlas.makers
    if found.need.kind == "link" and made.primary[made.item(found.need.node)]:
        notes.append(sentence("note_need_assumed", need=made.snapshot.name(found.need.node)))
    if found.withheld:
        notes.append(sentence("note_withheld", n=found.withheld, enough=ENOUGH))
    notes += _left_out(found)
    counted = np.where(np.isnan(found.value[shown]).any(axis=0), neutral(), np.nan).tolist()
    pairs = [Joined((Word("column", name), f"{value:g}"), " ")
             for name, value in zip(CRITERIA, counted, strict=True) if not np.isnan(value)]  # fmt: skip
    return (*notes, sentence("note_neutral", names=pairs)) if pairs else tuple(notes)


def _left_out(found: Ranking) -> list[Said]:
    """A sentence a cause."""
    causes = [(cause, n) for cause, n in found.gate.out.items() if n]
    unfit = "gate_unfit" if found.need.kind == "enterprise" else "gate_incapable"
    return [
        sentence(unfit, n=n, floor=f"{floor():g}") if cause == "incapable" else sentence(f"gate_{cause}", n=n)
        for cause, n in causes
    ]


def _nobody(found: Ranking) -> Said:
    """Say that nobody is able, or nobody but those who do it already, and what would help."""
    out = found.gate.out
    need = found.holdings.atlas.snapshot.name(found.need.node)
    if found.need.kind != "link":
        code = "none_fits" if found.need.kind == "enterprise" else "none_completes"
        return sentence(code, need=need, n=sum(out.values()))
    there = out.get("linked", 0) + out.get("group", 0)
    return sentence("none_left", n=there) if there else sentence("none_able", need=need, n=sum(out.values()))
