"""Ranking: who could fill a link, solve a technology, fit an enterprise, or complete an alliance.

Need → ability and gate → criteria in [0, 1] → weights → score with its parts (methods §4). Ability
decides the tier; criteria order the candidates of a tier.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...graph.columns.arrays import Bools, Floats, Ints, run_numbers, run_starts
from ...graph.schema.errors import QueryError
from ...graph.schema.paths import assert_readable
from ...graph.schema.words import read_toml
from .able.table import TIERS, USE
from .fits import add_fit
from .gate import KINDS, Gate, gate, reach
from .holdings import Holdings
from .needs import Need
from .scoring.decision import ahp, contributions, entropy_weights, filled, in_tiers, topsis
from .scoring.features import CRITERIA, add_place, criteria, need_asked, temper
from .scoring.weights import Weights, learned, learned_on_pairs, neutral, stated

METHODS = ("sum", "topsis")
WEIGHTS = ("auto", "stated", "learned", "entropy")
ENOUGH = int(read_toml("vocabulary.toml")["partner"]["enough"])  # candidates above a tier from which it is not listed
BODIES = ("institute", "platform", "team")  # listed behind the enterprises unless others are asked for


@dataclass(frozen=True)
class Ranking:
    """All candidates of one need in order: by list, then by score, ties by key.

    Attributes
    ----------
    row, tier, way, through : int arrays, shape (candidates,)
        Rows of the holdings; tier, way and item of the ability (see ``ability``).
    listed, rank : int arrays
        Number of the list (enterprises, then others; one when kinds were asked for), and rank in it.
    km : float array
        Kilometres to the need, 0 inside its place, NaN when not known.
    score, value, part : float arrays, the last two of shape (candidates, criteria)
        (tiers − tier + Σ part)/tiers; criteria (NaN: not known) and w·f of each.
    withheld : int
        Able ones that are not listed, since enough stand in the tiers above (see ``needed``).
    """

    holdings: Holdings
    need: Need
    gate: Gate
    weights: Weights
    method: str
    row: Ints
    tier: Ints
    way: Ints
    through: Ints
    listed: Ints
    rank: Ints
    reach: Ints
    km: Floats
    score: Floats
    value: Floats
    part: Floats
    withheld: int = 0


def rank(h: Holdings, need: Need, kinds: tuple[str, ...], *, apart: bool = False, every: bool = False,
         method: str = "sum", weights: str | Path = "auto") -> Ranking:  # fmt: skip
    """Rank all candidates of a need; one candidate a group of companies.

    Parameters
    ----------
    apart
        Enterprises in a list of their own, before all others.
    every
        All that are able, also of tiers above which enough stand.
    """
    if method not in METHODS:
        raise QueryError("option_value", option="--method", value=method, known="、".join(METHODS))
    door = gate(h, need, kinds)
    can = door.able
    value = criteria(h, need_asked(h, need), np.zeros(len(can.row), np.int64), can.row, can.through, can.strength)
    km = add_place(h, need, can.row, value)
    temper(h, need, can.row, value)
    if need.kind == "enterprise":
        add_fit(h, int(need.anchors[0]), can.row, value)
    used = choose_weights(h, need, weights, value)
    part = contributions(value, used.value, neutral())
    within = part.sum(axis=1)
    if method == "topsis" and len(within):
        within = topsis(filled(value, neutral()), used.value)
    score = in_tiers(within, can.tier, TIERS)
    listed = (h.kind[can.row] > 0).astype(np.int64) if apart else np.zeros(len(can.row), np.int64)
    order = in_order(listed, score, can.row)
    order = order[first_of_group(h, can.row[order])]
    few = np.ones(len(order), bool)
    if need.kind == "link" and not every:
        few = needed(listed[order], can.tier[order], can.way[order])
    withheld, order = int((~few).sum()), order[few]
    begin = np.searchsorted(listed[order], listed[order], side="left")
    return Ranking(h, need, door, used, method, can.row[order], can.tier[order], can.way[order], can.through[order],
                   listed[order], np.arange(len(order)) - begin + 1, reach(h, need)[can.row[order]], km[order],
                   score[order], value[order], part[order], withheld)  # fmt: skip


def needed(listed: Ints, tier: Ints, way: Ints) -> Bools:
    """Tell which candidates of a link are listed.

    Those of a tier only while fewer than enough stand above it; who uses the link only where nobody makes it:
    beside a maker it is a buyer.

    Parameters
    ----------
    listed, tier, way
        In order: by list, then tier.
    """
    starts = run_starts(listed, tier)
    begin = np.searchsorted(listed, listed, side="left")
    above = np.flatnonzero(starts)[run_numbers(starts)] - begin
    buyer = (way == USE) & (tier[begin] == 1)
    out: Bools = (above < ENOUGH) & ~buyer
    return out


def in_order(listed: Ints, score: Floats, row: Ints) -> Ints:
    """Return the order of candidates; scores that differ by rounding only are equal: the key decides."""
    return np.lexsort((row, -score.round(9), listed))


def first_of_group(h: Holdings, row: Ints) -> Ints:
    """Return positions of the first of each group of companies, in order."""
    name = np.where(h.kind[row] == 0, h.group[row], -1 - np.arange(len(row)))
    return np.sort(np.unique(name, return_index=True)[1])


def choose_weights(h: Holdings, need: Need, weights: str | Path, value: Floats) -> Weights:
    """Return the weights that a user asks for."""
    if isinstance(weights, Path) or (weights not in WEIGHTS and str(weights).lower().endswith(".csv")):
        return Weights(_compared(Path(weights)), "ahp")
    if weights not in WEIGHTS:
        raise QueryError("option_value", option="--weights", value=weights, known="、".join((*WEIGHTS, "FILE.csv")))
    if weights == "entropy":
        known = filled(value, neutral())
        return Weights(entropy_weights(known) if len(known) else stated(need.kind), "entropy")
    if weights == "stated" or need.kind == "group":
        return Weights(stated(need.kind), "stated")
    return learned(h) if need.kind == "link" else learned_on_pairs(h)


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


def kinds_of(kind: str | None) -> tuple[str, ...]:
    """Return the kinds of holders that a user asks for; enterprises and bodies when none is named."""
    if kind is None:
        return (KINDS[0], *BODIES)
    asked = tuple(k.strip() for k in kind.replace("、", ",").split(",") if k.strip())
    if not asked or not set(asked) <= set(KINDS):
        raise QueryError("option_value", option="--kind", value=kind, known="、".join(KINDS))
    return asked
