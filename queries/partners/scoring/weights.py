"""Weights of the criteria: stated, learned on hidden links, by entropy, or from comparisons (AHP)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ....graph.columns.arrays import Floats, at_pairs
from ....graph.schema.integrity import sealed, unsealed
from ....graph.schema.words import read_toml
from ....graph.workspace.atomic import write_text
from ...atlas.atlas import Atlas, once_an_atlas
from ..ability import abilities
from ..able.table import MAKES, TIER
from ..fits import abilities as fitting
from ..fits import add_fit, fit
from ..gate import Able, able_firms
from ..holdings import Holdings, holdings
from ..patented import known_partners, patented
from .decision import filled
from .features import CRITERIA, criteria, links_asked

# What a hidden link without a place can speak of; the others keep their stated share, and so does the strength of
# the ability: what is hidden has lost it.
VERSION = 7  # of the criteria: weights learned on others are learned again
LEARNED = ("link_score", "proximity", "social", "absorptive", "organisational")
PULL = 1e-3  # towards the stated weights
STEPS, TOLERANCE = 50, 1e-9
PAIRED = ("capability", "link_score", "proximity", "organisational", "institutional", "social", "absorptive")
RIVALS = 500  # of a hidden co-applicant, drawn by seed: more tell the weights no better
_STORED = {"weights": {str: (int, float)}, "stated": [(int, float)], "version": int, "source": str, "links": int}


@dataclass(frozen=True)
class Weights:
    """Weights that sum to 1, where they come from, and on how many links they were learned."""

    value: Floats
    source: str
    links: int = 0


def neutral() -> Floats:
    """Return what each criterion counts where nothing is known (``vocabulary.toml``)."""
    book = read_toml("vocabulary.toml")["partner"]["neutral"]
    return np.array([float(book[c]) for c in CRITERIA])


def stated(kind: str) -> Floats:
    """Return the published weights for links, enterprises or groups (``vocabulary.toml``)."""
    book = read_toml("vocabulary.toml")["partner"]["weights"][kind]
    made = np.array([float(book[c]) for c in CRITERIA])
    out: Floats = made / made.sum()
    return out


def learned(h: Holdings) -> Weights:
    """Return weights learned on hidden product facts; the stated ones where there are too few.

    A known maker of a link is taken not to make it, all criteria are computed without that fact, and
    weights ≥ 0 are chosen that make it likely among the firms of its tier: those as able as the data
    then tell it to be. They share what the stated weights give to these criteria; place and evidence
    keep theirs. Kept beside the snapshot.
    """
    return _learned(h.atlas)


@once_an_atlas
def _learned(atlas: Atlas) -> Weights:
    h = holdings(atlas)
    return _stored(h) or _store(h, _learn(h))


def _learn(h: Holdings) -> Weights:
    book = read_toml("vocabulary.toml")["partner"]
    base = stated("link")
    examples = _examples(h, int(book["hidden"]))
    if len(examples) < int(book["learn_from"]):
        return Weights(base, "stated")
    free = [CRITERIA.index(c) for c in LEARNED]
    return _of(base, free, examples)


def _of(base: Floats, free: list[int], examples: list[Floats]) -> Weights:
    """Return weights of which those ``free`` are learned; together they keep their stated share."""
    fitted = _fit([e[:, free] for e in examples], base[free], neutral()[free])
    out = base.copy()
    out[free] = fitted / fitted.sum() * base[free].sum()
    return Weights(out, "learned", len(examples))


def learned_on_pairs(h: Holdings) -> Weights:
    """Return weights for partners of enterprises, learned on hidden co-applicants; the stated ones where there are few.

    An enterprise and one that it has joint patents with are taken not to know each other; weights ≥ 0 are chosen
    that make the hidden one likely among those as able. What place, need and evidence count stays as stated.
    """
    return _learned_on_pairs(h.atlas)


@once_an_atlas
def _learned_on_pairs(atlas: Atlas) -> Weights:
    h, book = holdings(atlas), read_toml("vocabulary.toml")["partner"]
    base = stated("enterprise")
    examples = _pair_examples(h, int(book["pairs"]))
    if len(examples) < int(book["learn_from"]):
        return Weights(base, "stated")
    return _of(base, [CRITERIA.index(c) for c in PAIRED], examples)


def _pair_examples(h: Holdings, many: int) -> list[Floats]:
    """Criteria of a hidden co-applicant (first row) and of its rivals, a table a hidden pair."""
    rng = np.random.default_rng(0)
    joint = patented(h.atlas).joint.tocoo()
    # Who has no other co-applicant is told by names and classes only; half of all pairs are like that in small tables.
    fine = (h.kind[joint.row] == 0) & h.active[joint.row] & h.active[joint.col]
    pairs = np.stack([joint.row[fine], joint.col[fine]], axis=1)
    found: list[Floats] = []
    for me, other in pairs[rng.permutation(len(pairs))[: 2 * many]].tolist():
        if len(found) == many:
            break
        one = fit(h, int(me), hidden=int(other))
        able = fitting(h, int(me), one)
        known = np.setdiff1d(known_partners(h.atlas, int(me)), [other])
        # Enterprises are ranked among enterprises, bodies among bodies.
        listed = (h.kind[able.row] > 0) == (h.kind[other] > 0)
        mine = able.row == other
        keep = listed & h.active[able.row] & ~mine & ~np.isin(able.row, known)
        keep &= TIER[able.way] == TIER[able.way[mine]].min(initial=9)
        if not mine.any() or not keep.any():
            continue
        at = np.r_[np.flatnonzero(mine), rng.permutation(np.flatnonzero(keep))[:RIVALS]]
        value = np.full((len(at), len(CRITERIA)), np.nan)
        value[:, CRITERIA.index("capability")] = able.strength[at]
        add_fit(h, int(me), able.row[at], value, one)
        found.append(value)
    return found


def _examples(h: Holdings, many: int) -> list[Floats]:
    """Criteria of a hidden maker (first row) and of its rivals, a table a hidden fact."""
    rng = np.random.default_rng(0)
    made, all_ = h.atlas.makers, abilities(h.atlas)
    item = np.repeat(np.arange(made.n), np.diff(all_.start))
    # Only where another way than the hidden fact tells of the firm, and other makers tell of the link; links of
    # many makers are anybody's. Firms of one product have nothing else to go by.
    way = (all_.way != MAKES) & (h.kind[all_.row] == 0) & h.active[all_.row] & (h.many[all_.row] > 1)
    told = way & (made.total[item] >= 2) & (made.total[item] <= 50) & (at_pairs(h.held, item, all_.row) > 0)
    pairs = np.unique(np.stack([all_.row[told], item[told]], axis=1), axis=0)
    found: list[tuple[int, int, Able]] = []
    for row, item in pairs[rng.permutation(len(pairs))].tolist():
        can = able_firms(h, item, row)
        first = np.flatnonzero(can.row == row)
        rivals = np.flatnonzero((can.tier == can.tier[first]) & (can.row != row)) if len(first) else first
        if len(rivals):  # else nobody stands beside it: nothing to learn from
            found.append((row, item, can.kept(np.r_[first, rivals])))
        if len(found) == many:
            break
    if not found:
        return []
    sizes = [len(can.row) for _, _, can in found]
    asked = links_asked(h, np.array([item for _, item, _ in found]), np.array([row for row, _, _ in found]))
    row, through, strength = (
        np.concatenate([getattr(can, name) for _, _, can in found]) for name in ("row", "through", "strength")
    )
    value = criteria(h, asked, np.repeat(np.arange(len(found)), sizes), row, through, strength)
    return np.split(value, np.cumsum(sizes)[:-1])


def _fit(examples: list[Floats], base: Floats, unknown: Floats) -> Floats:
    """Conditional logit with weights ≥ 0, pulled towards the stated ones by one hundredth of a nat.

    The loss is strictly convex in a handful of weights: Newton's steps on those that are not held at 0 find the
    one optimum without a library that takes longer to import.
    """
    tables = [filled(e, unknown) for e in examples]
    weight = 20 * base
    loss, slope, curve = _logit(tables, weight, base)
    for _ in range(STEPS):
        held = (weight <= 0) & (slope > 0)
        if np.abs(np.where(held, 0.0, slope)).max() < TOLERANCE:
            break
        step = np.zeros(len(weight))
        step[~held] = np.linalg.solve(curve[np.ix_(~held, ~held)], slope[~held])
        length = 1.0
        while True:
            ahead = np.maximum(weight - length * step, 0)
            next_ = _logit(tables, ahead, base)
            if next_[0] <= loss + 1e-4 * float(slope @ (ahead - weight)) or length < TOLERANCE:
                break
            length /= 2
        weight, (loss, slope, curve) = ahead, next_
    return np.maximum(weight, 1e-6)


def _logit(tables: list[Floats], weight: Floats, base: Floats) -> tuple[float, Floats, Floats]:
    """Return the loss of weights, its slope and its curvature."""
    away = weight - 20 * base
    loss, slope = PULL * float(away @ away), 2 * PULL * away
    curve = 2 * PULL * np.eye(len(weight))
    for table in tables:
        score = table @ weight
        odds = np.exp(score - score.max())
        odds /= odds.sum()
        mean = odds @ table
        loss -= float(np.log(max(odds[0], 1e-300))) / len(tables)
        slope += (mean - table[0]) / len(tables)
        curve += ((table.T * odds) @ table - np.outer(mean, mean)) / len(tables)
    return loss, slope, curve


def _stored(h: Holdings) -> Weights | None:
    folder = h.atlas.snapshot.folder
    path = None if folder is None else folder / "partner-weights.json"
    if path is None or not path.is_file():
        return None
    try:
        row = unsealed(path.read_bytes(), _STORED)
        value = np.array([float(row["weights"][c]) for c in CRITERIA])
        fits = row["stated"] == stated("link").tolist() and row["version"] == VERSION
        return Weights(value, str(row["source"]), int(row["links"])) if fits else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # derived from the graph: made again


def _store(h: Holdings, made: Weights) -> Weights:
    folder = h.atlas.snapshot.folder
    if folder is not None and folder.is_dir():
        row = {"weights": dict(zip(CRITERIA, made.value.tolist(), strict=True)), "source": made.source,
               "links": made.links, "version": VERSION, "stated": stated("link").tolist()}  # fmt: skip
        try:
            write_text(folder / "partner-weights.json", sealed(row))
        except OSError:
            return made  # a workspace one may only read
    return made
