"""Akin: products that are made like a product or for the same, each likeness a thing that can be named.

kin = 1 − Π (1 − cap · part) over the likenesses (noisy-or); the caps stand in ``vocabulary.toml``. Parts:

- ``inputs``, ``users``: share of common inputs (of common uses) in all of both, each weighted
  1/log₂(1 + n), n the products that need it (the inputs of the use): what goes into everything joins nothing.
- ``kind``: 1 where one is a kind of the other, else 1/log₂(1 + kinds of the common general product).
- ``technology``: as ``inputs``, over required technologies.
- ``head``: 2 · common end ÷ both lengths of the names, ends of two characters at least: the head of a
  Chinese compound is its end. What only begins alike (LED, 服务器) is not akin.

Going into the same is no ground alone: a bearing and a screw of one machine are made of different things.

An akin product speaks for an input that it needs *besides*: HDI needs 己二胺 where IPDI has 异佛尔酮二胺, and
that is no lack. Of the places in the akin recipe that the recipe does not fill, as many are taken to be
filled by what the recipe has and the akin one has not; ``besides`` is the share of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from ...graph.columns.arrays import Bools, Floats, Ints, as_flags, row_of
from ...graph.schema.words import read_toml
from .known import Known

LIKENESS = ("inputs", "users", "kind", "technology", "head")
_KINDS, _REQUIRES = 1, 3  # relations of ``known``
_END = 2  # characters


@dataclass(frozen=True)
class Akin:
    """Products akin to one product, the nearest first.

    Attributes
    ----------
    product : int array, shape (akin,)
    kin : float array, shape (akin,)
    part : float array, shape (akin, likenesses)
        Cap × part of each likeness, in the order of ``LIKENESS``.
    besides : float array, shape (akin,)
        Share of what the akin product needs and the product has not that is no counterpart of what it has.
    free : a dictionary an akin product
        Inputs in places that the recipe does not fill, and how many alternatives stand in the place.
    grounds : int array, shape (akin,)
        How many things join it with the product: common inputs, a common kind (counts twice), technology, head.
    """

    product: Ints
    kin: Floats
    part: Floats
    besides: Floats
    free: tuple[dict[int, int], ...]
    grounds: Ints

    def support(self, candidate: int, silent: Bools) -> tuple[float, Ints]:
        """Return how far akin products speak for a candidate, 0–1, and the rows of those that do.

        Those marked in ``silent`` do not.

        Σ kin · besides ÷ alternatives of those that need it ÷ (Σ kin of all + ½): one of one says less than five
        of five, and who takes either of two speaks half for each.
        """
        speaks = (self.besides > 0) & (self.grounds > 0) & ~silent
        rows = np.array([at for at in np.flatnonzero(speaks).tolist() if candidate in self.free[at]], np.int64)
        either = np.array([self.free[at][candidate] for at in rows.tolist()], float)
        return float((self.kin[rows] * self.besides[rows] / either).sum()) / (float(self.kin.sum()) + 0.5), rows

    def carries(self, rows: Ints) -> bool:
        """Tell whether the grounds that join some akin products with the product carry a claim.

        Several grounds together, and one product that is near or joined by two: that three products share one
        common steel with it says nothing.
        """
        book = read_toml("vocabulary.toml")["recipes"]
        near = (self.grounds[rows] >= 2) | (self.kin[rows] >= float(book["near"]))
        return bool(near.any()) and int(self.grounds[rows].sum()) >= int(book["grounds"])

    @property
    def candidates(self) -> Ints:
        """Everything that some akin product needs besides."""
        return np.array(sorted(set().union(*self.free)), np.int64)


@dataclass(frozen=True)
class Likeness:
    """Finds akin products among what is known."""

    of: Known

    def akin(self, product: int) -> Akin:
        """Return the products with a recipe that are akin to a product."""
        book, many = read_toml("vocabulary.toml")["recipes"], self.of.products
        part = np.zeros((many, len(LIKENESS)))
        part[:, 0] = _common(self.of.needs, self._weights[0], product)[:many]
        part[:, 1] = _common(self.of.goes_into, self._weights[1], product)[:many]
        self._of_kind(product, part[:, 2], int(book["kinds"]))
        part[:, 3] = _common(self._requires, self._weights[2], product)[:many]
        self._of_head(product, part[:, 4])
        part *= np.array([float(book["kin"][name]) for name in LIKENESS])
        kin = 1 - np.prod(1 - part, axis=1)
        kin[product] = 0
        kin[np.diff(self.of.needs.indptr)[:many] == 0] = 0
        best = np.argsort(-kin, kind="stable")[: int(book["akin"])]
        best = best[kin[best] >= float(book["least_kin"])].astype(np.int64)
        besides = [self._besides(product, other) for other in best.tolist()]
        share, common = (np.array([b[at] for b in besides], float) for at in (0, 1))
        told = part[best] > 0
        grounds = common.astype(np.int64) + 2 * told[:, 2] + told[:, 3] + told[:, 4]
        return Akin(best, kin[best], part[best], share, tuple(free for *_, free in besides), grounds)

    def _besides(self, product: int, other: int) -> tuple[float, int, dict[int, int]]:
        """Return the share of an akin recipe's free places that are no counterparts, common and free inputs."""
        mine, theirs = (self.of.places(p) for p in (product, other))
        have, need = set().union(*mine), set().union(*theirs)
        free = [place for place in theirs if not place & have]
        own = sum(not place & need for place in mine)
        inputs = {member: len(place) for place in free for member in place}
        return max(0, len(free) - own) / max(1, len(free)), len(have & need), inputs

    def _of_kind(self, product: int, out: Floats, most: int) -> None:
        """Mark general products, kinds, and kinds of the same; general products of very many kinds tell nothing."""
        up, down = self._kinds
        above = row_of(up, product)
        for general in above.tolist():
            below = row_of(down, general)
            if 1 < len(below) <= most:
                out[below] = np.maximum(out[below], 1 / np.log2(1 + len(below)))
        direct = np.r_[above, row_of(down, product)]
        if len(direct) <= most:
            out[direct] = 1

    def _of_head(self, product: int, out: Floats) -> None:
        keys = self.of.links.names.keys
        mine = keys[product]
        for other in self._ends.get(mine[-_END:], ()) if len(mine) >= _END else ():
            out[other] = 2 * common_end(mine, keys[other]) / (len(mine) + len(keys[other]))

    @cached_property
    def _weights(self) -> tuple[Floats, Floats, Floats]:
        return _rare(self.of.needs), _rare(self.of.goes_into), _rare(self._requires)

    @cached_property
    def _kinds(self) -> tuple[csr_array, csr_array]:
        up = self._flags(_KINDS)
        return up, csr_array(up.T.tocsr())

    @cached_property
    def _requires(self) -> csr_array:
        return self._flags(_REQUIRES)

    def _flags(self, relation: int) -> csr_array:
        head, tail = self.of.links.asked(relation)
        return as_flags(csr_array((np.ones(len(head)), (head, tail)), shape=(self.of.links.n, self.of.links.n)))

    @cached_property
    def _ends(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for product in np.flatnonzero(np.diff(self.of.needs.indptr)).tolist():
            found.setdefault(self.of.links.names.keys[product][-_END:], []).append(product)
        return found


def common_end(a: str, b: str) -> int:
    """Return how many characters two texts share at their end.

    Examples
    --------
    >>> common_end("液压泵", "泥浆泵"), common_end("LED芯片", "LED器件")
    (1, 0)
    """
    same = 0
    while same < min(len(a), len(b)) and a[-1 - same] == b[-1 - same]:
        same += 1
    return same


def _common(matrix: csr_array, weight: Floats, row: int) -> Floats:
    """Weighted Jaccard of one row with all rows."""
    mine = row_of(matrix, row)
    if not len(mine):
        return np.zeros(matrix.shape[0])
    total = matrix @ weight
    chosen = np.zeros(matrix.shape[1])
    chosen[mine] = weight[mine]
    both = matrix @ chosen
    made: Floats = both / np.maximum(total + total[row] - both, 1e-12)
    return made


def _rare(matrix: csr_array) -> Floats:
    """1/log₂(1 + rows that hold it) of each column."""
    times = np.bincount(matrix.indices, minlength=matrix.shape[1])
    made: Floats = 1 / np.log2(1 + np.maximum(times, 1))
    return made
