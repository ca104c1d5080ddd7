"""Factors: entities and directions as vectors learned from all relations together.

DistMult (Yang et al. 2015) with a softmax over all entities; an entity's vector is its own plus the
mean of those of its name's n-grams, so that entities with few links borrow from their names. For graphs
small enough that every entity can be scored at every step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...graph.columns.arrays import Ints
from .triples import Triples

Single = npt.NDArray[np.float32]
LARGEST = 5_000
SIZE = 64
EPOCHS = 15
BATCH = 512


@dataclass(frozen=True)
class Factors:
    """Vectors of entities (n, size) and of directions (directions, size)."""

    entity: Single
    direction: Single

    def chances(self, direction: int, rows: Ints) -> Single:
        """Return softmax chances of all entities, shape (rows, entities)."""
        score = (self.entity[rows] * self.direction[direction]) @ self.entity.T
        score -= score.max(axis=1, keepdims=True)
        odds = np.exp(score)
        made: Single = odds / odds.sum(axis=1, keepdims=True)
        return made


def factors(known: Triples, *, epochs: int = EPOCHS, rate: float = 0.1, decay: float = 1e-2, seed: int = 0) -> Factors:
    """Learn vectors from known links, both directions of each, by Adagrad."""
    rng = np.random.default_rng(seed)
    n, half = known.n, len(known.relations)
    head = np.r_[known.head, known.tail]
    tail = np.r_[known.tail, known.head]
    way = np.r_[known.relation, known.relation + half]
    grams = known.names.weighted
    own = rng.normal(0, 0.1, (n, SIZE)).astype(np.float32)
    part = rng.normal(0, 0.1, (grams.shape[1], SIZE)).astype(np.float32)
    turn = rng.normal(1, 0.1, (2 * half, SIZE)).astype(np.float32)
    past = [np.full_like(a, 1e-8) for a in (own, part, turn)]
    across = grams.T.tocsr()
    for _ in range(epochs):
        for batch in np.array_split(rng.permutation(len(head)), max(1, len(head) // BATCH)):
            entity = own + grams @ part
            h, t, r = head[batch], tail[batch], way[batch]
            query = entity[h] * turn[r]
            score = query @ entity.T
            score -= score.max(axis=1, keepdims=True)
            np.exp(score, out=score)
            score /= score.sum(axis=1, keepdims=True)
            score[np.arange(len(batch)), t] -= 1
            back = score @ entity
            slope = score.T @ query
            np.add.at(slope, h, back * turn[r])
            ways = np.zeros_like(turn)
            np.add.at(ways, r, back * entity[h])
            # The pull is on the vectors that took part, as the batch's share of it.
            slope += decay * len(batch) * np.float32(0.1) * entity
            for value, grad, sum_ in zip((own, part, turn), (slope, across @ slope, ways), past, strict=True):
                grad = grad / np.float32(len(batch))
                sum_ += grad * grad
                value -= np.float32(rate) * grad / np.sqrt(sum_)
    return Factors(own + grams @ part, turn)
