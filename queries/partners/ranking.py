"""Partners: who could fill a link, solve a technology, fit an enterprise, or complete an alliance.

Need → eligibility gate → criteria in [0, 1] → weights → score with its parts (methods §4).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...graph.columns.arrays import Floats, Ints
from ...graph.schema.errors import QueryError
from ...graph.schema.paths import assert_readable
from .decision import ahp, contributions, entropy_weights, neutral, topsis
from .features import CRITERIA, Features, features
from .gate import KINDS, REACHES, Gate, gate, reach
from .holdings import Holdings
from .needs import Need
from .weights import Weights, learned, stated

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

    assert_readable(path)
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
