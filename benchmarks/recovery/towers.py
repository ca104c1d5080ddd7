"""Towers: vectors of names for graphs too large to score every entity at every step (chainkg).

An entity that is asked about and one that is an answer each get the sum of the vectors of their name's
n-grams. The softmax is over the answers of a batch and negatives drawn evenly from *all* candidates: drawn
only from candidates with a known link, vectors would learn which candidates lack one, and those are the
hidden answers of this set.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from chainatlas.graph.columns.arrays import Ints, positions
from chainatlas.queries.recovery.evidence import Asker, Evidence
from chainatlas.queries.recovery.names import Names, inverse_frequency, n_grams, unit_rows

from .vectors import chance_channels

Single = npt.NDArray[np.float32]
LENGTHS = (1, 2, 3)
SIZE = 64
EPOCHS = 6
BATCH = 512
RATE = 0.1
DROPPED = 0.3
NEGATIVES = 2_000
START = 0.1


def parts_of_names(names: Names) -> csr_array:
    """Return unit rows of the n-grams that at least two names share, ends of names marked."""
    every = n_grams([f"^{key}$" if key else key for key in names.keys], LENGTHS)
    shared = np.bincount(every.indices, minlength=every.shape[1]) > 1
    kept = csr_array(every[:, np.flatnonzero(shared)])
    return unit_rows(kept, inverse_frequency(kept))


class Towers:
    """Vectors of the parts of names, for those who ask and those who answer."""

    def __init__(self, names: csr_array, candidates: Ints, seed: int = 0) -> None:
        self.names, self.candidates, self.rng = names, candidates, np.random.default_rng(seed)
        shape = (names.shape[1], SIZE)
        self.asking, self.answering = (self.rng.normal(0, START, shape).astype(np.float32) for _ in range(2))
        self._past = [np.full((shape[0], 1), 1e-6, np.float32) for _ in range(2)]

    def learn(self, head: Ints, tail: Ints, epochs: int = EPOCHS) -> Towers:
        """Learn from links, each a question and its answer."""
        for _ in range(epochs):
            for batch in np.array_split(self.rng.permutation(len(head)), max(1, len(head) // BATCH)):
                self._step(head[batch], tail[batch])
        return self

    def _step(self, head: Ints, tail: Ints) -> None:
        size = min(NEGATIVES, len(self.candidates))
        drawn = self.rng.choice(self.candidates, size, replace=False)
        entities = np.unique(np.r_[tail, drawn])
        place = np.searchsorted(entities, tail)
        asks, answers = csr_array(self.names[head]), csr_array(self.names[entities])
        kept = (self.rng.random((len(head), SIZE), np.float32) >= DROPPED) * np.float32(1 / (1 - DROPPED))
        query, answer = (asks @ self.asking) * kept, answers @ self.answering
        wrong = query @ answer.T
        # A drawn candidate stands for all that were not; an answer of another link of the batch was not drawn.
        share = np.where(np.isin(entities, drawn), np.log(len(self.candidates) / size), -30).astype(np.float32)
        row, own = np.arange(len(head)), wrong[np.arange(len(head)), place]
        wrong += share
        wrong[row, place] = own
        wrong = np.exp(wrong - wrong.max(axis=1, keepdims=True))
        wrong /= wrong.sum(axis=1, keepdims=True)
        wrong[row, place] -= 1
        wrong /= len(head)
        slope = (wrong @ answer) * kept
        _move(self.asking, self._past[0], asks, slope)
        _move(self.answering, self._past[1], answers, wrong.T @ query)

    def answers(self) -> Single:
        """Vectors of the candidates."""
        made: Single = csr_array(self.names[self.candidates]) @ self.answering
        return made


def _move(vectors: Single, past: Single, names: csr_array, slope: Single) -> None:
    """Adagrad, one rate a part of a name; parts that no name of the batch has stay."""
    used = np.unique(names.indices)
    grad = csr_array(names[:, used].T.tocsr()) @ slope
    past[used] += (grad * grad).mean(axis=1, keepdims=True)
    vectors[used] -= np.float32(RATE) * grad / np.sqrt(past[used])


def _softmax(score: Single) -> Single:
    made: Single = np.exp(score - score.max(axis=1, keepdims=True))
    return made / made.sum(axis=1, keepdims=True)


def tower_channels(evidence: Evidence) -> Asker:
    """Learn towers for a direction when it is first asked about; return what they say both ways."""
    names = parts_of_names(evidence.known.names)
    named = np.flatnonzero(np.array([bool(key) for key in evidence.known.names.keys]))
    learned: dict[int, Callable[[Ints], dict[str, Single]]] = {}

    def ask(direction: int, rows: Ints) -> dict[str, Single]:
        if direction not in learned:
            learned[direction] = _both_ways(evidence, names, named, direction)
        return learned[direction](rows)

    return ask


def _both_ways(evidence: Evidence, names: csr_array, named: Ints,
               direction: int) -> Callable[[Ints], dict[str, Single]]:  # fmt: skip
    columns = evidence.columns
    head, tail = evidence.known.asked(direction)
    there, back = Towers(names, columns).learn(head, tail), Towers(names, named).learn(tail, head)
    answers, place = there.answers(), positions(named, evidence.known.n)
    asks, heads = csr_array(names[columns]) @ back.asking, back.answers()
    total = np.concatenate([_log_total(asks[at : at + BATCH] @ heads.T) for at in range(0, len(columns), BATCH)])

    def ask(rows: Ints) -> dict[str, Single]:
        chance = _softmax((names[rows] @ there.asking) @ answers.T)
        other = np.exp(heads[place[rows]] @ asks.T - total)
        other[place[rows] < 0] = 0
        return chance_channels(chance, other)

    return ask


def _log_total(score: Single) -> Single:
    top = score.max(axis=1, keepdims=True)
    made: Single = (np.log(np.exp(score - top).sum(axis=1, keepdims=True)) + top)[:, 0]
    return made
