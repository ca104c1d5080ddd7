"""Rules: paths of one to three links that tell another link, with their confidence.

A rule "b₁ ∘ b₂ → r" has the confidence hits/(n + 5): n pairs that the body joins, hits those of
them that have the link r (after AMIE, Galárraga et al. 2013, shrunk). Bodies that could come back
through the very link they are to tell are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from ...graph.columns.arrays import Ints, as_flags

Floats = npt.NDArray[np.float32]
SHRINK = 5.0
Bodies = dict[tuple[int, ...], csr_array]
KEPT = 40
WIDEST = 2_000_000
SAMPLE = 600


@dataclass(frozen=True)
class Rule:
    """A path of directions and how often its ends have the link."""

    body: tuple[int, ...]
    confidence: float
    hits: int


def rules(links: Sequence[csr_array], direction: int, longest: int = 2, seed: int = 0) -> list[Rule]:
    """Return the best rules for a direction, at most ``KEPT`` of each length.

    Confidences are counted on at most ``SAMPLE`` of the entities that have the link.
    """
    target = links[direction]
    heads = np.flatnonzero(np.diff(target.indptr))
    if len(heads) > SAMPLE:
        heads = np.sort(np.random.default_rng(seed).choice(heads, SAMPLE, replace=False))
    truth = target[heads]
    half = len(links) // 2
    used = [d for d, matrix in enumerate(links) if matrix.nnz]
    found: list[Rule] = []
    one: Bodies = {(d,): links[d][heads] for d in used}
    found += _judged({b: m for b, m in one.items() if b != (direction,)}, truth)
    fronts = one
    for _ in range(2, longest + 1):
        wider: Bodies = {}
        for body, start in fronts.items():
            if start.nnz > WIDEST:
                continue  # says too little, of too many
            for step in used:
                made = _step(start, links[step], heads)
                longer = (*body, step)
                if made.nnz and not _circular(longer, direction, half):
                    wider[longer] = made
        found += _judged(wider, truth)
        fronts = wider
    return found


def _circular(body: tuple[int, ...], direction: int, half: int) -> bool:
    """Tell whether a body comes back through the link it is to tell: r ∘ x ∘ x⁻¹ reaches the answer by itself."""
    return len(body) == 3 and body[0] == direction and body[2] == (body[1] + half) % (2 * half)


def _step(start: csr_array, links: csr_array, heads: Ints) -> csr_array:
    """Walk one link further; pairs count once, and nobody is their own answer."""
    made = as_flags(csr_array(start @ links))
    row = np.repeat(np.arange(len(heads)), np.diff(made.indptr))
    made.data[made.indices == heads[row]] = 0
    made.eliminate_zeros()
    return made


def _judged(bodies: dict[tuple[int, ...], csr_array], truth: csr_array) -> list[Rule]:
    found = []
    for body, pairs in bodies.items():
        hits = int(pairs.multiply(truth).sum())
        if hits > 1 and hits > 0.002 * pairs.nnz:
            found.append(Rule(body, hits / (pairs.nnz + SHRINK), hits))
    return sorted(found, key=lambda rule: (-rule.confidence, rule.body))[:KEPT]


def rule_scores(links: Sequence[csr_array], found: Sequence[Rule], rows: Ints,
                onto: Callable[[csr_array], csr_array] = lambda m: m) -> tuple[Floats, Floats]:  # fmt: skip
    """Return noisy-or and the largest confidence over the rules that join each row to each entity."""
    shape = (len(rows), onto(links[0][:1]).shape[1])
    total, largest = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    reached: dict[tuple[int, ...], csr_array] = {}
    for rule in found:
        pairs = onto(_reach(links, rule.body, rows, reached))
        at = np.repeat(np.arange(len(rows)), np.diff(pairs.indptr))
        total[at, pairs.indices] -= np.float32(np.log1p(-min(rule.confidence, 0.95)))
        largest[at, pairs.indices] = np.maximum(largest[at, pairs.indices], np.float32(rule.confidence))
    return -np.expm1(-total), largest


def _reach(links: Sequence[csr_array], body: tuple[int, ...], rows: Ints,
           reached: dict[tuple[int, ...], csr_array]) -> csr_array:  # fmt: skip
    if body not in reached:
        start = links[body[0]][rows] if len(body) == 1 else None
        reached[body] = start if start is not None else _step(
            _reach(links, body[:-1], rows, reached), links[body[-1]], rows)  # fmt: skip
    return reached[body]
