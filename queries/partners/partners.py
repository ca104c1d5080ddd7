"""Partners: who could meet a need, ranked, with reasons."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...graph.schema.words import Joined, Said, Word, sentence
from ..atlas.atlas import Atlas
from ..atlas.result import Result, Row
from .gate import REACHES
from .holdings import HOLDERS, holdings
from .needs import find_need
from .ranking import Ranking, kinds_of, rank
from .reasons import evidence, why
from .scoring.features import CRITERIA

COLUMNS = ("rank", "candidate", "type", "place", "reach", "score", *CRITERIA, "km", "known", "why")


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
    """Rank who could meet a need.

    Parameters
    ----------
    need
        A link, technology, enterprise, alliance, cluster or chain, or 链›环节.
    place, cluster
        Where the need is: whoever does it there already is no candidate; the others are shown by reach.
    kind
        ``enterprise``, ``institute``, ``platform``, ``team`` or ``alliance``; several parted by commas.
    top
        Candidates shown a list.
    method
        ``sum`` (Σ w·f) or ``topsis`` (vector normalisation).
    weights
        ``auto`` (learned on hidden links where the data allow, else stated), ``stated``, ``learned``,
        ``entropy``, or a CSV file of pairwise comparisons (AHP).

    Returns
    -------
    Result
        ``rank candidate type place reach score``, a column a criterion (empty: not known), ``km``,
        ``known`` (share of the weights whose criteria are known), ``why``.

    Raises
    ------
    QueryError
        Nothing or several things have the name; an option is not known.
    """
    h = holdings(atlas)
    wanted = find_need(h, need, place, cluster)
    found = rank(h, wanted, kinds_of(kind), apart=kind is None, method=method, weights=weights)
    shown = np.flatnonzero(found.rank <= top)
    rows = [_row(found, int(at), why(found, int(at))) for at in shown]
    return Result(COLUMNS, rows, _notes(found, len(shown)), lambda at: evidence(found, int(shown[at])))


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
        "score": round(float(found.score[at]), 4),
    }  # fmt: skip
    for number, name in enumerate(CRITERIA):
        cells[name] = round(float(found.value[at, number]), 4) if known[number] else None
    share = float((used * known).sum() / used.sum()) if used.sum() > 0 else 0.0
    return cells | {"km": None if np.isnan(km) else round(float(km)), "known": round(share, 3), "why": why,
                    "_node": int(h.node[row])}  # fmt: skip


def _notes(found: Ranking, shown: int) -> tuple[Said, ...]:
    out = [Joined((Word("gate", cause), n), " ") for cause, n in found.gate.out.items() if n]
    if not shown:
        return (sentence("load_candidates", out=out or "0"),)
    notes: list[Said] = [sentence("note_gate", shown=shown, n=len(found.row), out=out or "0")]
    if found.weights.source == "learned":
        notes.append(sentence("note_weights_learned", n=found.weights.links))
    else:
        notes.append(sentence("note_weights", source=Word("weights", found.weights.source)))
    blank = [c for at, c in enumerate(CRITERIA) if len(found.value) and np.isnan(found.value[:, at]).all()]
    if blank:
        notes.append(sentence("note_criteria_blank", names=[Word("column", c) for c in blank]))
    return tuple(notes)
