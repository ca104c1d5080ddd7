"""Weights: how much each kind of evidence tells of an input, learned by hiding inputs that are recorded.

Recorded inputs are hidden in turn, links of chains first; weights ≥ 0 are chosen that find them (the
additive ranking of ``recovery``). A second step turns the sum, and how far it stands out among the
candidates of the same question, into the chance that a candidate is the hidden one. Kept beside the
snapshot, so that it is learned once a graph.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ...graph.columns.arrays import Floats, Ints
from ...graph.schema.integrity import sealed, unsealed
from ...graph.schema.words import read_toml
from ...graph.workspace.atomic import write_text
from ..atlas.atlas import Atlas, once_an_atlas
from ..recovery.additive import Additive, Asked, Setting, ask, joined, known_answers, learn
from ..recovery.triples import Triples
from .known import NEEDS, Known, Surroundings, known

VERSION = 1  # of evidence and learning: weights of an older one are learned again
_FILE = "input-weights.json"
_SHAPE = {"names": [str], "scale": [(int, float)], "weight": [(int, float)], "chance": [(int, float)],
          "hidden": int, "version": int, "book": str}  # fmt: skip
_BLOCK = 24  # products asked about at a time: bounds the memory


@dataclass(frozen=True)
class InputWeights:
    """Weights of channels, and the three numbers that make a chance of a sum.

    ``chance``: constant, factor of the sum, factor of its logarithmic share among the candidates.
    """

    model: Additive
    chance: Floats
    hidden: int

    def chances(self, total: Floats, blocked: Ints) -> Floats:
        """Return the chance of each candidate that it is what a recipe lacks, if it lacks one.

        Parameters
        ----------
        total : shape (candidates,)
            Sums of weight × channel.
        blocked
            Candidates that the recipe holds already: they take no share.
        """
        open_ = np.ones(len(total), bool)
        open_[blocked] = False
        top = float(total[open_].max(initial=0.0))
        share = total - top - np.log(max(float(np.exp(total[open_] - top).sum()), 1e-300))
        return _logistic(self.chance[0] + self.chance[1] * total + self.chance[2] * share)


def _logistic(value: Floats) -> Floats:
    made: Floats = 1 / (1 + np.exp(-np.clip(value, -50, 50)))
    return made


@once_an_atlas
def input_weights(atlas: Atlas) -> InputWeights | None:
    """Return learned weights; None where too few inputs are recorded to learn from."""
    kept = _stored(atlas)
    if kept is not None:
        return kept
    made = learned(known(atlas), _in_chain(atlas))
    return None if made is None else _store(atlas, made)


def _in_chain(atlas: Atlas) -> npt.NDArray[np.bool_]:
    return np.array([bool(c) for c in atlas.chains_of], bool)


def learned(of: Known, wanted: npt.NDArray[np.bool_]) -> InputWeights | None:
    """Learn from recorded inputs, those of ``wanted`` products (by item) first."""
    book = read_toml("vocabulary.toml")["recipes"]
    asked = hidden_and_asked(of, wanted, int(book["rounds"]), int(book["hidden"]))
    if asked is None or int((asked.answer >= 0).sum()) < int(book["learn_from"]):
        return None
    model = learn(asked)
    return InputWeights(model, _chance(model, asked), len(asked))


def hidden_and_asked(of: Known, wanted: npt.NDArray[np.bool_], rounds: int, most: int) -> Asked | None:
    """Hide inputs in rounds, at most ``most`` a round and one a product, and ask for them with what the rest says."""
    head, tail = of.links.asked(NEEDS)
    rows = np.flatnonzero(of.links.relation == NEEDS)
    rng = np.random.default_rng(0)
    # By the ends, not by the order of rows: the same graph learns the same weights.
    order = np.lexsort((tail, head))
    order = order[rng.permutation(len(order))]
    first = wanted[head[order]] if len(wanted) else np.zeros(len(order), bool)
    order = np.r_[order[first], order[~first]]
    answers, parts, taken = known_answers(of.links), [], np.zeros(len(rows), bool)
    setting = Setting((NEEDS,), candidates=of.candidates, seed=0)
    for _ in range(rounds):
        left = order[~taken[order]]
        _, once = np.unique(head[left], return_index=True)
        fold = left[np.sort(once)[:most]]
        if not len(fold):
            break
        taken[fold] = True
        parts += _round(of, rows[fold], answers, setting)
    return joined(parts) if parts else None


def _round(of: Known, hidden: Ints, answers: dict[tuple[int, int], set[int]], setting: Setting) -> list[Asked]:
    keep = np.ones(len(of.links), bool)
    keep[hidden] = False
    lost = of.links.take(hidden[np.argsort(of.links.head[hidden], kind="stable")])
    evidence = Surroundings(without_twins(of.links.take(keep), lost), of.candidates)
    parts = []
    for start in range(0, len(lost), _BLOCK):
        some = lost.take(np.arange(start, min(start + _BLOCK, len(lost))))
        parts.append(ask(evidence.about(np.unique(some.head)), some, answers, setting, drawn=setting.drawn))
    return parts


def without_twins(rest: Triples, hidden: Triples) -> Triples:
    """Take out every link of any relation between the ends of a hidden link, either way round: it would tell."""
    n = rest.n
    pairs = np.r_[hidden.head * n + hidden.tail, hidden.tail * n + hidden.head]
    return rest.take(~np.isin(rest.head * n + rest.tail, pairs))


def _chance(model: Additive, asked: Asked) -> Floats:
    """Logistic regression of "this is the hidden input" on the sum and its share, factors ≥ 0."""
    from scipy.optimize import minimize

    total = model.score(asked)
    question = np.repeat(np.arange(len(asked)), np.diff(asked.start))
    top = np.maximum.reduceat(total, asked.start[:-1])
    odds = np.add.reduceat(np.exp(total - top[question]) * asked.share, asked.start[:-1])
    table = np.column_stack([np.ones(len(total)), total, total - top[question] - np.log(odds)[question]])
    truth = np.zeros(len(total))
    truth[asked.answer[asked.answer >= 0]] = 1

    def loss(factor: Floats) -> tuple[float, Floats]:
        value = table @ factor
        away = (_logistic(value) - truth) * asked.share
        total_loss = float(((np.logaddexp(0, value) - truth * value) * asked.share).sum())
        return total_loss / len(asked), table.T @ away / len(asked)

    bounds = [(None, None), (0, None), (0, None)]
    return np.asarray(minimize(loss, np.array([-4.0, 0.1, 0.5]), jac=True, method="L-BFGS-B", bounds=bounds).x, float)


# kept beside the snapshot --------------------------------------------------------------------------


def _stored(atlas: Atlas) -> InputWeights | None:
    folder = atlas.snapshot.folder
    path = None if folder is None else folder / _FILE
    if path is None or not path.is_file():
        return None
    try:
        row = unsealed(path.read_bytes(), _SHAPE)
        if row["version"] != VERSION or row["book"] != _book():
            return None
        weight = np.array(row["weight"], float)
        model = Additive(tuple(row["names"]), np.array(row["scale"], np.float32), weight, {})
        fits = len(weight) == 2 * len(model.names) and len(model.scale) == len(model.names)
        return InputWeights(model, np.array(row["chance"], float), int(row["hidden"])) if fits else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # derived from the graph: made again


def _store(atlas: Atlas, made: InputWeights) -> InputWeights:
    """Keep weights; what is used is what was written, so that today's answer is tomorrow's."""
    model = made.model
    weight = model.weight.get(NEEDS, model.common)
    made = replace(made, model=replace(model, common=weight, weight={}))
    folder = atlas.snapshot.folder
    if folder is not None and folder.is_dir():
        row = {"names": list(model.names), "scale": model.scale.astype(float).tolist(), "weight": weight.tolist(),
               "chance": made.chance.tolist(), "hidden": made.hidden, "version": VERSION, "book": _book()}  # fmt: skip
        try:
            write_text(folder / _FILE, sealed(row))
        except OSError:
            return made  # a workspace one may only read
    return made


def _book() -> str:
    return repr(sorted(read_toml("vocabulary.toml")["recipes"].items()))
