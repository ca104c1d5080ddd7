"""Partners: who could fill a link, solve a technology, fit an enterprise, or complete an alliance.

Need → eligibility gate → criteria in [0, 1] → weights → score with its parts (methods §4).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...graph.columns.arrays import Floats, Ints
from ...graph.schema.errors import QueryError
from ...graph.schema.words import default_language, message, word
from ..atlas.atlas import Atlas
from ..atlas.result import Result, Row
from .decision import ahp, contributions, entropy_weights, neutral, topsis
from .features import CRITERIA, Features, features
from .gate import KINDS, REACHES, Gate, gate, reach
from .holdings import HOLDERS, Holdings, holdings
from .needs import Need, find_need
from .weights import Weights, learned, stated

COLUMNS = ("rank", "candidate", "type", "place", "reach", "score", *CRITERIA, "km", "known", "why")
METHODS = ("sum", "topsis")
WEIGHTS = ("auto", "stated", "learned", "entropy")
TECHNOLOGY_KINDS = ("institute", "platform", "team", "enterprise")


@dataclass(frozen=True)
class Ranking:
    """All candidates of one need in order: first by reach, then by score, ties by key.

    Attributes
    ----------
    row : int array, shape (candidates,)
        Rows of the holdings.
    value, part : float arrays, shape (candidates, criteria)
        Criteria (NaN: not known) and w·f of each.
    rank : int array, shape (candidates,)
        Within the reach.
    """

    holdings: Holdings
    need: Need
    features: Features
    gate: Gate
    weights: Weights
    method: str
    row: Ints
    reach: Ints
    rank: Ints
    score: Floats
    value: Floats
    part: Floats


def partners(
    atlas: Atlas, need: str, *, place: str | None = None, cluster: str | None = None, kind: str | None = None,
    top: int = 10, method: str = "sum", weights: str | Path = "auto", lang: str | None = None,
) -> Result:  # fmt: skip
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
        Candidates shown a reach.
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
    from .reasons import evidence, why

    lang = lang or default_language()
    h = holdings(atlas)
    wanted = find_need(h, need, place, cluster)
    found = rank(h, wanted, kinds_of(h, wanted, kind), method=method, weights=weights)
    shown = np.flatnonzero(found.rank <= top)
    rows = [_row(found, int(at), why(found, int(at), lang), lang) for at in shown]
    return Result(COLUMNS, rows, _notes(found, len(shown)), lambda at: evidence(found, int(shown[at]), lang))


def rank(h: Holdings, need: Need, kinds: tuple[str, ...], *, method: str = "sum", weights: str | Path = "auto",
         ) -> Ranking:  # fmt: skip
    """Rank all candidates of a need; one candidate a group of companies."""
    if method not in METHODS:
        raise QueryError("option_value", option="--method", value=method, known="、".join(METHODS))
    known = features(h, need)
    door = gate(h, need, known, kinds)
    row = np.flatnonzero(door.passes)
    value = known.value[row]
    used = choose_weights(h, need, weights, value)
    part = contributions(value, used.value)
    score = part.sum(axis=1)
    if method == "topsis" and len(row):
        filled = neutral(value)
        there = ~np.isnan(filled).any(axis=0)
        score = topsis(filled[:, there], used.value[there]) if there.any() else score
    where = reach(h, need)[row]
    # Scores that differ by rounding only are equal: the key decides.
    order = np.lexsort((row, -score.round(9), where))
    order = order[_first_of_group(h.group[row[order]], h.kind[row[order]], where[order])]
    row, where, score, value, part = row[order], where[order], score[order], value[order], part[order]
    begin = np.searchsorted(where, where, side="left")
    return Ranking(h, need, known, door, used, method, row, where, np.arange(len(row)) - begin + 1, score, value, part)


def _first_of_group(group: Ints, kind: Ints, where: Ints) -> Ints:
    """Positions of the best of each group of companies in each reach, in order."""
    name = np.where(kind == 0, group, -1 - np.arange(len(group)))
    _, first = np.unique(name * len(REACHES) + where, return_index=True)
    return np.sort(first)


def choose_weights(h: Holdings, need: Need, weights: str | Path, value: Floats) -> Weights:
    """Return the weights that a user asks for."""
    if isinstance(weights, Path) or (weights not in WEIGHTS and str(weights).lower().endswith(".csv")):
        return Weights(_compared(Path(weights)), "ahp")
    if weights not in WEIGHTS:
        raise QueryError("option_value", option="--weights", value=weights, known="、".join((*WEIGHTS, "FILE.csv")))
    if weights == "entropy":
        filled = neutral(value)
        there = ~np.isnan(filled).any(axis=0) if len(filled) else np.zeros(len(CRITERIA), bool)
        made = np.zeros(len(CRITERIA))
        if there.any():
            made[there] = entropy_weights(filled[:, there])
        return Weights(made, "entropy")
    if weights == "stated" or need.kind != "link":
        return Weights(stated(need.kind), "stated")
    return learned(h)


def _compared(path: Path) -> Floats:
    """Read pairwise comparisons: a header with the criteria, then a row each (the first column names it)."""
    import csv

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head, *lines = [line for line in csv.reader(file) if any(line)]
        names = [cell.strip() for cell in head[1:]]
        table = np.array([[_ratio(cell) for cell in line[1:]] for line in lines], float)
    except OSError as bad:
        raise QueryError("comparisons", file=path, reason=bad.strerror or bad) from bad
    except (ValueError, ZeroDivisionError) as bad:
        raise QueryError("comparisons", file=path, reason=bad) from bad
    square = table.shape == (len(names), len(names)) and bool(len(names)) and bool((table > 0).all())
    if not square or not set(names) <= set(CRITERIA) or not np.allclose(table * table.T, 1, rtol=0.02):
        raise QueryError("comparisons", file=path, reason="、".join(CRITERIA))
    found, ratio = ahp(table)
    if ratio > 0.1:
        raise QueryError("comparisons_inconsistent", file=path, ratio=f"{ratio:.3f}")
    out = np.zeros(len(CRITERIA))
    out[[CRITERIA.index(n) for n in names]] = found
    return out


def _ratio(text: str) -> float:
    above, _, below = text.strip().partition("/")
    return float(above) / float(below or 1)


def kinds_of(h: Holdings, need: Need, kind: str | None) -> tuple[str, ...]:
    if kind is None:
        return TECHNOLOGY_KINDS if h.atlas.snapshot.type_of(need.node) == "Technology" else ("enterprise",)
    asked = tuple(k.strip() for k in kind.replace("、", ",").split(",") if k.strip())
    if not asked or not set(asked) <= set(KINDS):
        raise QueryError("option_value", option="--kind", value=kind, known="、".join(KINDS))
    return asked


def _row(found: Ranking, at: int, why: str, lang: str) -> Row:
    h, snapshot = found.holdings, found.holdings.atlas.snapshot
    row = int(found.row[at])
    region = int(h.region[row])
    km = found.features.km[row]
    known = ~np.isnan(found.value[at])
    used = found.weights.value * ~np.isnan(found.value).all(axis=0)
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


def _notes(found: Ranking, shown: int) -> tuple[tuple[str, str], ...]:
    def said(code: str, **values: object) -> tuple[str, str]:
        return message(code, "zh", **values), message(code, "en", **values)

    out = {lang: "、".join(f"{word('gate', k, lang)} {n}" for k, n in found.gate.out.items() if n) or "0"
           for lang in ("zh", "en")}  # fmt: skip
    zh, en = (message("note_gate", lang, shown=shown, n=len(found.row), out=out[lang]) for lang in ("zh", "en"))
    notes = [(zh, en)]
    if found.weights.source == "learned":
        notes.append(said("note_weights_learned", n=found.weights.links))
    else:
        source = found.weights.source
        notes.append((message("note_weights", "zh", source=word("weights", source, "zh")),
                      message("note_weights", "en", source=word("weights", source, "en"))))  # fmt: skip
    blank = [c for at, c in enumerate(CRITERIA) if len(found.value) and np.isnan(found.value[:, at]).all()]
    if blank:
        notes.append(tuple(message("note_criteria_blank", lang, names="、".join(word("column", c, lang) for c in blank))
                           for lang in ("zh", "en")))  # type: ignore[arg-type]  # fmt: skip
    return tuple(notes)
