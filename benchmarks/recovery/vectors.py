"""Factors: entities and directions as vectors learned from all relations together, names included.

CP with reciprocal directions (Lacroix et al. 2018): an entity has one vector when it is asked about and
another as an answer, each its own plus the sum over the n-grams of its name, so that entities with few
links borrow from their names. A softmax over all entities, N3 and dropout keep it from learning by heart.
For graphs small enough that every entity can be scored at every step.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, diags_array, hstack

from chainatlas.graph.columns.arrays import Ints
from chainatlas.queries.recovery.evidence import Asker, Evidence
from chainatlas.queries.recovery.names import Names, inverse_frequency, unit_rows
from chainatlas.queries.recovery.triples import Triples

Single = npt.NDArray[np.float32]
LARGEST = 5_000  # entities: all are scored at every step, and compared with each other
SIZE = 128
EPOCHS = 16
BATCH = 512
RATE = 0.1
CUBE = 0.05  # weight of N3, the sum of the cubes
DROPPED = 0.3
START = 0.1


@dataclass(frozen=True)
class Factors:
    """Vectors learned from links.

    Attributes
    ----------
    asked, answer : float array, shape (entities, size)
        Vectors of an entity that is asked about, and of one that is an answer.
    direction : float array, shape (directions, size)
    """

    asked: Single
    answer: Single
    direction: Single

    def chances(self, direction: int, rows: Ints) -> Single:
        """Return softmax chances of all entities, shape (rows, entities)."""
        score = self._scores(direction, rows)
        return np.exp(score - _log_total(score))

    def chances_back(self, direction: int, rows: Ints) -> Single:
        """Return the chance that each entity, asked the other way round, answers with the row."""
        back = (direction + len(self.direction) // 2) % len(self.direction)
        score = (self.answer[rows] * self.direction[back]) @ self.asked.T
        return np.exp(score - self._totals[back])

    @cached_property
    def _totals(self) -> Single:
        """Logarithm of each entity's softmax sum, shape (directions, entities)."""
        rows = np.arange(len(self.asked))
        return np.stack([_log_total(self._scores(d, rows))[:, 0] for d in range(len(self.direction))])

    def _scores(self, direction: int, rows: Ints) -> Single:
        made: Single = (self.asked[rows] * self.direction[direction]) @ self.answer.T
        return made


def _log_total(score: Single) -> Single:
    top = score.max(axis=1, keepdims=True)
    made: Single = np.log(np.exp(score - top).sum(axis=1, keepdims=True)) + top
    return made


def parts_of_names(names: Names) -> csr_array:
    """Return unit rows of the n-grams and endings that at least two names share."""
    every = csr_array(hstack([names.grams, names.ends], format="csr"))
    shared = np.bincount(every.indices, minlength=every.shape[1]) > 1
    kept = csr_array(every[:, np.flatnonzero(shared)])
    return unit_rows(kept, inverse_frequency(kept))


def factors(known: Triples, *, epochs: int = EPOCHS, seed: int = 0) -> Factors:
    """Learn vectors from known links, both directions of each, by Adagrad."""
    model = _Model(known, np.random.default_rng(seed))
    head, tail = np.r_[known.head, known.tail], np.r_[known.tail, known.head]
    way = np.r_[known.relation, known.relation + len(known.relations)]
    for _ in range(epochs):
        order = model.rng.permutation(len(head))
        for batch in np.array_split(order, max(1, len(head) // BATCH)):
            model.step(head[batch], way[batch], tail[batch])
    return Factors(model.own + model.names @ model.parts, model.answers(), model.turn)


class _Model:
    """Vectors while they are learned: own ones, those of parts of names, and of the directions."""

    def __init__(self, known: Triples, rng: np.random.Generator) -> None:
        self.rng, self.n = rng, known.n
        self.names = parts_of_names(known.names)
        self.across = csr_array(self.names.T.tocsr())
        width = self.names.shape[1]
        sizes = (known.n, width, known.n, width, 2 * len(known.relations))
        self.own, self.parts, self.own_answer, self.parts_answer, self.turn = (
            rng.normal(0, START, (size, SIZE)).astype(np.float32) for size in sizes
        )
        self.past = [np.full((size, SIZE), 1e-10, np.float32) for size in sizes]

    def answers(self) -> Single:
        """Vectors of entities as answers."""
        made: Single = self.own_answer + self.names @ self.parts_answer
        return made

    def step(self, head: Ints, way: Ints, tail: Ints) -> None:
        """Move all vectors along the gradient of one batch."""
        size, answers, turn = len(head), self.answers(), self.turn[way]
        rows, place = np.unique(head, return_inverse=True)
        names = csr_array(self.names[rows])
        asked = (self.own[rows] + names @ self.parts)[place]
        kept = (self.rng.random((size, SIZE), np.float32) >= DROPPED) * np.float32(1 / (1 - DROPPED))
        query = asked * turn * kept
        wrong = query @ answers.T
        wrong = np.exp(wrong - _log_total(wrong))
        wrong[np.arange(size), tail] -= 1
        wrong /= size
        back = (wrong @ answers) * kept
        cube = np.float32(3 * CUBE / size)
        mine = answers[tail]
        slope = wrong.T @ query + _summed(tail, cube * mine * np.abs(mine), self.n)
        asked_slope = _summed(place, back * turn + cube * asked * np.abs(asked), len(rows))
        turn_slope = _summed(way, back * asked + cube * turn * np.abs(turn), len(self.turn))
        self.past[0][rows] += asked_slope**2
        self.own[rows] -= np.float32(RATE) * asked_slope / np.sqrt(self.past[0][rows])
        for value, past, grad in (
            (self.parts, self.past[1], csr_array(names.T.tocsr()) @ asked_slope),
            (self.own_answer, self.past[2], slope),
            (self.parts_answer, self.past[3], self.across @ slope),
            (self.turn, self.past[4], turn_slope),
        ):
            past += grad * grad
            value -= np.float32(RATE) * grad / np.sqrt(past)


def _summed(row: Ints, value: Single, n: int) -> Single:
    """Sum the rows of a matrix that have the same number."""
    every = csr_array((np.ones(len(row), np.float32), (row, np.arange(len(row)))), shape=(n, len(row)))
    made: Single = every @ value
    return made


# channels ----------------------------------------------------------------------------------------


def vector_channels(evidence: Evidence) -> Asker:
    """Learn vectors from the known links; return what they say, and the kernel regression of neighbours of neighbours.

    The rows are whole: every entity is a candidate.
    """
    found, hops = factors(evidence.known), Hops(evidence)

    def ask(direction: int, rows: Ints) -> dict[str, Single]:
        there, back = found.chances(direction, rows), found.chances_back(direction, rows)
        return {**chance_channels(there, back), "ridge_hop": hops.scores(direction, rows)}

    return ask


def chance_channels(there: Single, back: Single) -> dict[str, Single]:
    """Chances of the answer and, asked the other way round, of the entity; each also as its logarithm."""
    return {"factors": there, "factors_log": _damped(there), "factors_back": back, "factors_back_log": _damped(back)}


def _damped(chance: Single) -> Single:
    """Logarithm of a chance, brought to 0 … 1: e⁻²⁰ and less is 0."""
    made: Single = np.maximum(1 + np.log(np.maximum(chance, np.float32(1e-9))) / np.float32(20), 0)
    return made


class Hops:
    """Two-sided kernel ridge regression: entities are alike by name and by profiles with those of their neighbours."""

    def __init__(self, evidence: Evidence) -> None:
        degree = np.maximum(evidence.degree, 1).astype(np.float32)
        around = csr_array(diags_array(1 / degree) @ evidence.untyped @ evidence.profile_rows)
        rows = unit_rows(csr_array(evidence.profile_rows + around))
        names = evidence.known.names.weighted
        self.evidence = evidence
        self.kernel = np.asarray(((rows @ rows.T) + (names @ names.T)).toarray(), np.float32) / 2
        self._solved: dict[int, Single] = {}

    def scores(self, direction: int, rows: Ints) -> Single:
        """K (K_h + 1)⁻¹ Y (K_t + 1)⁻¹ K, no less than 0, nobody like themselves."""
        links, kernel = self.evidence.links[direction], self.kernel
        heads, tails = np.flatnonzero(np.diff(links.indptr)), self.evidence.answers(direction)
        if direction not in self._solved:
            one = np.linalg.solve(_ridged(kernel, heads), links[heads][:, tails].toarray())
            self._solved[direction] = np.linalg.solve(_ridged(kernel, tails), one.T).T.astype(np.float32)
        made = np.maximum((kernel[np.ix_(rows, heads)] @ self._solved[direction]) @ kernel[tails], 0)
        made[np.arange(len(rows)), rows] = 0
        return np.asarray(made, np.float32)


def _ridged(kernel: Single, rows: Ints) -> Single:
    made: Single = kernel[np.ix_(rows, rows)] + np.eye(len(rows), dtype=np.float32)
    return made
