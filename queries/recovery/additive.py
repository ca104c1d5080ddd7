"""Additive ranking (recipe A): a score is a sum of weight × channel, weights ≥ 0, learned on hidden links.

The weights maximise the conditional likelihood of hidden answers among all candidates (McFadden
1974), with an l2 pull; each direction's weights are pulled to the common ones, the stronger the
fewer links it has. Known links are hidden fold by fold, and the channels of a fold know nothing
of its links.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ...graph.columns.arrays import Floats, Ints, offsets, positions, ranges
from .evidence import LEVELS, Evidence, Latent, channels
from .triples import Triples

Single = npt.NDArray[np.float32]
L2 = 1e-4
PULL = 20.0
STEEP = 30.0
MOST = 2.0  # a channel counts at most this often its usual size
USUAL = 98.0  # percentile of a channel's positive values that counts as 1
PART = 65_536  # rows added up at a time: what single precision can hold


@dataclass(frozen=True)
class Setting:
    """How channels are made and weights are learned.

    Attributes
    ----------
    directions
        Directions that are asked about.
    folds
        Into how many parts the known links are split; one part is hidden at a time.
    rounds
        How many of the parts are hidden in turn.
    shortlist, learned, drawn
        Candidates a question: the best by an even sum of channels, fewer of them for learning, and some of
        the rest by chance.
    block
        Questions computed at a time; bounds the memory.
    longest
        Longest path of a rule.
    candidates
        Entities that may be an answer, all when None.
    hide
        (rest, hidden) → rest: takes out of the rest what tells hidden links (their twins).
    latent
        Makes channels that are learned from all links together; False for none.
    """

    directions: tuple[int, ...]
    folds: int = 10
    rounds: int = 10
    shortlist: int = 300
    learned: int = 120
    drawn: int = 40
    block: int = 400
    longest: int = 2
    most: int = 100_000
    seed: int = 0
    candidates: Ints | None = None
    hide: Callable[[Triples, Triples], Triples] | None = None
    latent: Latent | Literal[False] = False

    def evidence(self, known: Triples) -> Evidence:
        """Return the evidence of known links under this setting."""
        return Evidence(known, self.longest, self.latent, self.candidates)


@dataclass(frozen=True)
class Asked:
    """Questions with their shortlists; the candidates of question q are ``start[q]:start[q + 1]``.

    Attributes
    ----------
    direction, entity : int array, shape (questions,)
    candidate : int array, shape (rows,)
    value : float array, shape (rows, channels)
    share : float array, shape (rows,)
        How many candidates a row stands for (1, or more for those drawn by chance).
    answer : int array, shape (questions,)
        Row of the answer, −1 when it is not on the shortlist.
    behind : float array, shape (questions,)
        Rank of the answer by the even sum, for answers that are not on the shortlist.
    """

    names: tuple[str, ...]
    direction: Ints
    entity: Ints
    start: Ints
    candidate: Ints
    value: Single
    share: Single
    answer: Ints
    behind: Floats

    def __len__(self) -> int:
        return len(self.entity)

    def take(self, which: Ints) -> Asked:
        """Return some of the questions."""
        sizes = np.diff(self.start)[which]
        start = offsets(sizes)
        rows = ranges(self.start[:-1][which], self.start[1:][which])
        answer = np.where(self.answer[which] < 0, -1, self.answer[which] - self.start[:-1][which] + start[:-1])
        return Asked(self.names, self.direction[which], self.entity[which], start, self.candidate[rows],
                     self.value[rows], self.share[rows], answer, self.behind[which])  # fmt: skip


def known_answers(*parts: Triples) -> dict[tuple[int, int], set[int]]:
    """Return the answers of each (direction, entity) over several sets of links."""
    found: dict[tuple[int, int], set[int]] = {}
    for part in parts:
        half = len(part.relations)
        for h, r, t in zip(part.head.tolist(), part.relation.tolist(), part.tail.tolist(), strict=True):
            found.setdefault((r, h), set()).add(t)
            found.setdefault((r + half, t), set()).add(h)
    return found


def ask(evidence: Evidence, hidden: Triples, known: dict[tuple[int, int], set[int]], setting: Setting,
        *, drawn: int = 0) -> Asked:  # fmt: skip
    """Ask for every hidden link and return the shortlists with all channels.

    Parameters
    ----------
    known
        All answers by (direction, entity): the others than the one asked for leave the list (filtered ranking).
    drawn
        Candidates drawn by chance besides the shortlist, for learning.
    """
    rng = np.random.default_rng(setting.seed)
    size = setting.learned if drawn else setting.shortlist
    place = positions(evidence.columns, hidden.n)  # column of each candidate
    parts: list[Asked] = []
    for direction in setting.directions:
        entity, answer = hidden.asked(direction)
        order = np.lexsort((answer, entity))
        entity, answer = entity[order], answer[order]
        rows, first = np.unique(entity, return_index=True)
        last = np.r_[first[1:], len(entity)]
        for start in range(0, len(rows), setting.block):
            block = slice(start, start + setting.block)
            found = channels(evidence, direction, rows[block])
            even = _even_sum(found)
            stacked = list(found.values())
            for at, (row, a, b) in enumerate(zip(rows[block], first[block], last[block], strict=True)):
                blocked = place[np.array(sorted(known.get((direction, int(row)), ())), np.int64)]
                for target in place[answer[a:b]].tolist():
                    parts.append(_one(direction, int(row), target, at, stacked, tuple(found), even[at],
                                      blocked[blocked >= 0], evidence.columns, size, drawn, rng))  # fmt: skip
    return joined(parts)


def _even_sum(found: dict[str, Single]) -> Single:
    """Sum of the channels, each brought to at most 1 a question."""
    total = np.zeros_like(next(iter(found.values())))
    for name, value in found.items():
        if name not in LEVELS or name == "popularity":
            part = value / np.maximum(value.max(axis=1, keepdims=True), np.float32(1e-9))
            total += part * np.float32(0.1) if name in LEVELS else part
    return total


def _one(direction: int, row: int, target: int, at: int, stacked: list[Single], names: tuple[str, ...], even: Single,
         blocked: Ints, columns: Ints, size: int, drawn: int,
         rng: np.random.Generator) -> Asked:  # fmt: skip
    score = even.copy()
    score[blocked[blocked != target]] = -1
    size = min(size, len(score))
    best = np.argpartition(-score, size - 1)[:size]
    best = np.sort(best[score[best] >= 0])
    mine = score[target]
    behind = 1 + int((score > mine).sum()) + (int((score == mine).sum()) - 1) / 2
    share = np.ones(len(best), np.float32)
    chosen = best
    if drawn:
        rest = np.setdiff1d(np.flatnonzero(score >= 0), best)
        extra = np.sort(rng.choice(rest, min(drawn, len(rest)), replace=False))
        chosen = np.r_[best, extra]
        share = np.r_[share, np.full(len(extra), len(rest) / max(1, len(extra)), np.float32)]
    place = np.flatnonzero(chosen == target)
    value = np.stack([matrix[at, chosen] for matrix in stacked], axis=1)
    return Asked(names, np.array([direction]), np.array([row]), np.array([0, len(chosen)]), columns[chosen],
                 value, share, np.array([int(place[0]) if len(place) else -1]), np.array([behind], float))  # fmt: skip


def joined(parts: Sequence[Asked]) -> Asked:
    """Put questions together."""
    sizes = np.concatenate([np.diff(p.start) for p in parts])
    start = offsets(sizes)
    offset = offsets([int(p.start[-1]) for p in parts[:-1]])
    answer = np.concatenate([np.where(p.answer < 0, -1, p.answer + o) for p, o in zip(parts, offset, strict=True)])
    return Asked(
        parts[0].names, np.concatenate([p.direction for p in parts]), np.concatenate([p.entity for p in parts]), start,
        np.concatenate([p.candidate for p in parts]), np.concatenate([p.value for p in parts]),
        np.concatenate([p.share for p in parts]), answer, np.concatenate([p.behind for p in parts]),
    )  # fmt: skip


def cross_fitted(train: Triples, setting: Setting) -> Asked:
    """Hide the known links fold by fold and ask for them with what the rest says."""
    rng = np.random.default_rng(setting.seed)
    fold = rng.permutation(len(train)) % setting.folds
    known = known_answers(train)
    parts = []
    for number in range(min(setting.rounds, setting.folds)):
        hidden, rest = train.take(fold == number), train.take(fold != number)
        if setting.hide is not None:
            rest = setting.hide(rest, hidden)
        mine = np.isin(hidden.relation, [d % len(train.relations) for d in setting.directions])
        hidden = hidden.take(np.flatnonzero(mine)[: setting.most])
        parts.append(ask(setting.evidence(rest), hidden, known, setting, drawn=setting.drawn))
    return joined(parts)


# weights -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Additive:
    """Weights of channels; a channel counts as it is and, damped, as its logarithm.

    Attributes
    ----------
    scale : float array, shape (channels,)
        The channel's value that counts as 1.
    weight : direction → float array, shape (2 × channels,)
    """

    names: tuple[str, ...]
    scale: Single
    common: Floats
    weight: dict[int, Floats]

    def shaped(self, value: Single) -> Single:
        """Return the channels and their damped forms, shape (rows, 2 × channels)."""
        plain = np.minimum(value / self.scale, np.float32(MOST))
        return np.hstack([plain, np.log1p(plain * np.float32(STEEP)) / np.float32(np.log1p(STEEP))])

    def parts(self, direction: int, value: Single) -> Floats:
        """Return weight × channel, shape (rows, channels): the reasons of a score."""
        terms = self.shaped(value) * self.weight.get(direction, self.common)
        half = len(self.names)
        return np.asarray(terms[:, :half] + terms[:, half:], float)

    def score(self, asked: Asked) -> Floats:
        """Return the score of every candidate."""
        shaped, out = self.shaped(asked.value), np.zeros(len(asked.candidate))
        row = np.repeat(asked.direction, np.diff(asked.start))
        for direction in np.unique(asked.direction).tolist():
            mine = row == direction
            out[mine] = shaped[mine] @ self.weight.get(direction, self.common)
        return out


def learn(asked: Asked, *, l2: float = L2, pull: float = PULL) -> Additive:
    """Learn weights ≥ 0 from questions with known answers."""
    asked = asked.take(np.flatnonzero(asked.answer >= 0))
    scale = _usual(asked.value[:: max(1, len(asked.value) // 200_000)])
    blank = Additive(asked.names, scale, np.zeros(2 * len(asked.names)), {})
    shaped = blank.shaped(asked.value)
    common = _maximise(shaped, asked, np.full(shaped.shape[1], 0.1), np.zeros(shaped.shape[1]), l2)
    weight: dict[int, Floats] = {}
    for direction in np.unique(asked.direction).tolist():
        which = np.flatnonzero(asked.direction == direction)
        part = asked.take(which)
        if len(part) > 4:
            weight[direction] = _maximise(blank.shaped(part.value), part, common, common, pull * 1e-2 / len(part))
    return Additive(asked.names, blank.scale, common, weight)


def _usual(value: Single) -> Single:
    """Return the size of each channel that counts as 1; 1 for those that hardly ever say something.

    Counted among the positive values only: a rare channel scaled by the percentile of all its values would be
    drawn to a size at which the optimiser stands still.
    """
    made = np.ones(value.shape[1], np.float32)
    for at, channel in enumerate(value.T):
        positive = channel[channel > 0]
        if len(positive) >= 20:
            made[at] = max(float(np.percentile(positive, USUAL)), 1e-6)
    return made


def _maximise(shaped: Single, asked: Asked, start: Floats, towards: Floats, l2: float) -> Floats:
    from scipy.optimize import minimize

    begin, answer = asked.start[:-1], asked.answer
    segment = np.repeat(np.arange(len(asked)), np.diff(asked.start))
    offset = np.log(asked.share, dtype=float)
    mean = shaped[answer].sum(axis=0, dtype=float) / len(asked)
    blocks = [slice(at, at + PART) for at in range(0, len(shaped), PART)]

    def loss(weight: Floats) -> tuple[float, Floats]:
        single = weight.astype(np.float32)
        score = np.concatenate([shaped[block] @ single for block in blocks]).astype(float) + offset
        top = np.maximum.reduceat(score, begin)
        odds = np.exp(score - top[segment])
        total = np.add.reduceat(odds, begin)
        odds /= total[segment]
        away = weight - towards
        value = float((np.log(total) + top - score[answer]).mean() + l2 * (away**2).sum())
        single = odds.astype(np.float32)
        expected = np.sum([single[block] @ shaped[block] for block in blocks], axis=0, dtype=float)
        return value, expected / len(asked) - mean + 2 * l2 * away

    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(start),
                     options={"maxiter": 300, "ftol": 1e-7, "maxcor": 20})  # fmt: skip
    return np.asarray(found.x, float)


# ranks ----------------------------------------------------------------------------------------------


def ranks(asked: Asked, score: Floats) -> Floats:
    """Return the rank of each answer, ties at their average; behind the shortlist by the even sum."""
    size = np.diff(asked.start)
    inside = asked.answer >= 0
    target = np.where(inside, score[np.maximum(asked.answer, 0)], np.inf)
    row = np.repeat(target, size)
    above = np.add.reduceat((score > row).astype(float), asked.start[:-1])
    equal = np.add.reduceat((score == row).astype(float), asked.start[:-1])
    return np.where(inside, 1 + above + (equal - 1) / 2, np.maximum(asked.behind, size + 1))
