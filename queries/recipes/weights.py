"""Weights: how much each kind of evidence tells of an input, learned by hiding inputs that are recorded.

Recorded inputs are hidden in turn, those of links of chains first; weights ≥ 0 are chosen that find them among
all candidates (the additive ranking of ``recovery``, a conditional logit). Its odds are chances, a little too
sure of themselves: weights of one half say how far they hold on the other, and are damped so. Kept beside
the snapshot, so that it is learned once a graph.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...graph.columns.arrays import Bools, Floats, Ints
from ...graph.schema.integrity import sealed, unsealed
from ...graph.schema.words import read_toml
from ...graph.workspace.atomic import write_text
from ..atlas.atlas import Atlas, once_an_atlas
from ..recovery.additive import Additive, Asked, Setting, ask, joined, known_answers, learn
from ..recovery.triples import Triples
from .known import NEEDS, Known, Surroundings, known

VERSION = 1  # of evidence and learning: weights of an older one are learned again
_FILE = "input-weights.json"
_SHAPE = {"names": [str], "scale": [(int, float)], "weight": [(int, float)], "damping": float,
          "hidden": int, "version": int, "learned_by": [int]}  # fmt: skip
_BLOCK = 24  # products asked about at a time: bounds the memory


@dataclass(frozen=True)
class InputWeights:
    """Weights of channels, how far their odds hold, and on how many hidden inputs they were learned."""

    model: Additive
    damping: float
    hidden: int


def chances(total: Floats, blocked: Ints, damping: float = 1.0) -> Floats:
    """Return the chance of each candidate that it is what a recipe lacks, should it lack one.

    Parameters
    ----------
    total : shape (candidates,)
        Sums of weight × channel: logarithms of odds.
    blocked
        Candidates that the recipe holds already: they take no share.
    damping
        Factor of the logarithms, at most 1.

    Examples
    --------
    >>> chances(np.log([1.0, 2.0, 1.0]), np.array([2])).round(2).tolist()
    [0.33, 0.67, 0.0]
    """
    odds = np.exp(damping * (total - total.max(initial=0.0)))
    odds[blocked] = 0
    made: Floats = odds / max(float(odds.sum()), 1e-300)
    return made


@once_an_atlas
def input_weights(atlas: Atlas) -> InputWeights | None:
    """Return learned weights; None where too few inputs are recorded to learn from."""
    kept = _stored(atlas)
    if kept is not None:
        return kept
    made = learned(known(atlas), np.array([bool(c) for c in atlas.chains_of], bool))
    return None if made is None else _store(atlas, made)


def learned(of: Known, first: Bools) -> InputWeights | None:
    """Learn from recorded inputs, those of products (by item) marked in ``first`` before others."""
    rounds, most, least, large = _book()
    rounds = rounds if of.links.n < large else 1
    parts = [part for hidden in hidden_inputs(of, first, rounds, most) for part in asked_for(of, hidden)]
    found = sum(int((part.answer >= 0).sum()) for part in parts)
    if found < least:
        return None
    asked = joined(parts)
    half = np.arange(len(asked)) % 2 == 0
    trial = _weights(asked.take(np.flatnonzero(half)))
    return InputWeights(_weights(asked), damped(trial, asked.take(np.flatnonzero(~half))), len(asked))


def _weights(asked: Asked) -> Additive:
    """Learn weights of the one direction there is."""
    model = learn(asked)
    return Additive(model.names, model.scale, model.common, {})


def damped(model: Additive, asked: Asked) -> float:
    """Return the factor, at most 1, under which a model's odds fit questions that it was not learned on best."""
    from scipy.optimize import minimize_scalar

    asked = asked.take(np.flatnonzero(asked.answer >= 0))
    total, begin = model.score(asked), asked.start[:-1]
    question = np.repeat(np.arange(len(asked)), np.diff(asked.start))
    total = total - np.maximum.reduceat(total, begin)[question]

    def loss(factor: float) -> float:
        odds = np.add.reduceat(np.exp(factor * total) * asked.share, begin)
        return float((np.log(odds) - factor * total[asked.answer]).mean())

    return float(minimize_scalar(loss, bounds=(0.1, 1.0), method="bounded", options={"xatol": 1e-3}).x)


def hidden_inputs(of: Known, first: Bools, rounds: int, most: int, seed: int = 0) -> Iterator[Ints]:
    """Yield links (by number) to be hidden together: at most ``most``, one a product, none twice."""
    rows = np.flatnonzero(of.links.relation == NEEDS)
    head, tail = of.links.head[rows], of.links.tail[rows]
    # By the ends, not by the order of rows: the same graph learns the same weights.
    order = np.lexsort((tail, head))
    order = order[np.random.default_rng(seed).permutation(len(order))]
    mine = first[head[order]]
    order = np.r_[order[mine], order[~mine]]
    for _ in range(rounds):
        once = np.sort(np.unique(head[order], return_index=True)[1])[:most]
        if not len(once):
            return
        yield rows[order[once]]
        order = np.delete(order, once)


def asked_for(of: Known, hidden: Ints) -> list[Asked]:
    """Ask for hidden inputs with what the rest says."""
    rest, lost = of.without(hidden), _by_head(of.links.take(hidden))
    evidence, answers = Surroundings(rest.links, of.candidates), known_answers(of.links)
    setting = Setting((NEEDS,), candidates=of.candidates)
    parts = []
    for start in range(0, len(lost), _BLOCK):
        some = lost.take(np.arange(start, min(start + _BLOCK, len(lost))))
        parts.append(ask(evidence.about(np.unique(some.head)), some, answers, setting, drawn=setting.drawn))
    return parts


def _by_head(links: Triples) -> Triples:
    return links.take(np.lexsort((links.tail, links.head)))


def _book() -> list[int]:
    """Return what learning depends on: rounds, hidden inputs a round, fewest that are found, what is large."""
    book = read_toml("vocabulary.toml")["recipes"]
    return [int(book[name]) for name in ("rounds", "hidden", "learn_from", "large")]


# kept beside the snapshot --------------------------------------------------------------------------


def _stored(atlas: Atlas) -> InputWeights | None:
    folder = atlas.snapshot.folder
    path = None if folder is None else folder / _FILE
    if path is None or not path.is_file():
        return None
    try:
        row = unsealed(path.read_bytes(), _SHAPE)
        if row["version"] != VERSION or row["learned_by"] != _book():
            return None
        weight, scale = np.array(row["weight"], float), np.array(row["scale"], np.float32)
        fits = len(weight) == 2 * len(row["names"]) and len(scale) == len(row["names"])
        model = Additive(tuple(row["names"]), scale, weight, {})
        return InputWeights(model, float(row["damping"]), int(row["hidden"])) if fits else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # derived from the graph: made again


def _store(atlas: Atlas, made: InputWeights) -> InputWeights:
    folder, model = atlas.snapshot.folder, made.model
    if folder is not None and folder.is_dir():
        row = {"names": list(model.names), "scale": model.scale.astype(float).tolist(),
               "weight": model.common.tolist(), "damping": made.damping, "hidden": made.hidden,
               "version": VERSION, "learned_by": _book()}  # fmt: skip
        try:
            write_text(folder / _FILE, sealed(row))
        except OSError:
            return made  # a workspace one may only read
    return made
