"""Availability: the AND–OR recipe over all products and all places at once.

A product needs every essential group of inputs (AND); any member of a group meets it (OR):

    avail(p) = own(p) ∧ ⋀_{g essential} ⋁_{u ∈ g} (avail(u) ∨ external(u))

The least fixpoint, exact with cycles: strongly connected components in topological order,
from all false upward inside a component. A column a place, 64 places a word: one pass over
the recipe serves all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ...graph.columns.arrays import Bools, Ints, numbering, offsets, positions, ranges, run_starts
from ...graph.columns.walks import components, depths, reached_from

Bits = npt.NDArray[np.uint64]
_ROOM = 1 << 17  # words gathered at a time: 1 MB stays in a core's cache
_WIDE, _LONG = 8, 12  # words a row and rows a run from which joining runs side by side pays, and no longer does


@dataclass(frozen=True)
class _Step:
    """Items whose groups are evaluated together: gather members, OR by group, AND by item."""

    items: Ints
    members: Ints
    group_start: Ints
    item_start: Ints
    cyclic: bool

    def parts(self, room: int) -> list[_Step]:
        """Cut into runs of items with about ``room`` members each, so that what is gathered stays in the cache."""
        if len(self.members) <= room:
            return [self]
        first = self.group_start[self.item_start]  # first member of each item
        cut = np.unique(np.searchsorted(first, np.arange(0, len(self.members), room)))
        items = np.r_[cut[cut < len(self.items)], len(self.items)]
        groups = np.r_[self.item_start, len(self.group_start)][items]
        members = np.r_[self.group_start, len(self.members)][groups]
        bounds = zip(items, items[1:], groups, groups[1:], members, members[1:], strict=False)
        return [_Step(self.items[i:j], self.members[m:n], self.group_start[g:h] - m, self.item_start[i:j] - g,
                      self.cyclic) for i, j, g, h, m, n in bounds if j > i]  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """Requirement groups over ``n`` items.

    ``member[k]`` is an input in group ``group[k]``; ``owner[g]`` is the item that needs group
    g. Only essential groups stand here.
    """

    n: int
    member: Ints
    group: Ints
    owner: Ints

    @cached_property
    def user(self) -> Ints:
        """The item that each input goes into: edges of the recipe are (``member``, ``user``)."""
        return self.owner[self.group]

    @classmethod
    def build(cls, n: int, owner: Ints, member: Ints, label: Ints, essential: Bools) -> Recipe:
        """Group edges (owner needs member) by owner and label.

        Parameters
        ----------
        label
            Number of the group inside its owner; a negative one is a group of its own.
        essential
            An edge that is not marked essential does not make its group needed; a group is
            needed when any of its edges is.
        """
        alone = label < 0
        mark = np.where(alone, int(label.max(initial=0)) + 1 + np.arange(len(label)), label)
        if not len(owner):
            none = np.zeros(0, np.int64)
            return cls(n, none, none, none)
        size = np.int64(mark.max()) + 1
        pairs, group = np.unique(owner * size + mark, return_inverse=True)
        needed = np.zeros(len(pairs), bool)
        needed[group[essential]] = True
        keep = needed[group]
        number = numbering(needed)
        order = np.argsort(group[keep], kind="stable")
        return cls(n, member[keep][order].astype(np.int64), number[group[keep][order]],
                   (pairs // size)[needed].astype(np.int64))  # fmt: skip

    def needed_by(self, items: Ints) -> Ints:
        """Return the items that go into these by any way, themselves included, sorted."""
        return np.flatnonzero(reached_from(self.user, self.member, items, self.n))

    def within(self, items: Ints) -> Recipe:
        """Return the recipe of these items alone, numbered by their place in ``items``.

        Parameters
        ----------
        items
            Sorted, and closed: whatever goes into one of them is among them (``needed_by``).
        """
        number = positions(items, self.n)
        kept = number[self.owner] >= 0
        edges = kept[self.group]
        return Recipe(len(items), number[self.member[edges]], numbering(kept)[self.group[edges]],
                      number[self.owner[kept]])  # fmt: skip

    def part(self, keep: Bools, safe: Bools) -> tuple[Recipe, Ints]:
        """Return the recipe among the items to keep, and these items' numbers here.

        Groups with a member that is ``safe`` (to be had whatever happens) are met and fall
        away; members that are neither kept nor safe are not to be had and fall away as well.
        """
        items = np.flatnonzero(keep)
        place = positions(items, self.n)
        met = np.zeros(len(self.owner), bool)
        met[self.group[safe[self.member]]] = True
        needed = keep[self.owner] & ~met
        edge = needed[self.group] & keep[self.member]
        number = numbering(needed)
        made = Recipe(len(items), place[self.member[edge]], number[self.group[edge]], place[self.owner[needed]])
        # The order of the whole is an order of the part: no need to search for cycles again.
        made.__dict__.update(level=self.level[items], cyclic=self.cyclic[items])
        return made, items

    @cached_property
    def component(self) -> Ints:
        """Strongly connected component of each item in the needs graph."""
        return components(self.member, self.user, self.n, strong=True)

    @cached_property
    def cyclic(self) -> Bools:
        """Items that stand in a cycle of needs."""
        size = np.bincount(self.component, minlength=1)
        loop = np.zeros(self.n, bool)
        loop[self.member[self.user == self.member]] = True
        return (size[self.component] > 1) | loop

    @cached_property
    def level(self) -> Ints:
        """Longest path of components that leads to each item; inputs stand lower."""
        return depths(self.member, self.user, self.component)

    @cached_property
    def steps(self) -> tuple[_Step, ...]:
        """The passes of one evaluation, lowest level first."""
        group_start = np.searchsorted(self.group, np.arange(len(self.owner) + 1))
        item_start = np.searchsorted(self.owner, np.arange(self.n + 1))
        has = np.diff(item_start) > 0
        made = []
        for depth in range(int(self.level.max(initial=0)) + 1):
            for cyclic in (False, True):
                items = np.flatnonzero(has & (self.level == depth) & (self.cyclic == cyclic))
                if len(items):
                    made.append(_step(items, item_start, group_start, self.member, cyclic))
        return tuple(made)


def _step(items: Ints, item_start: Ints, group_start: Ints, member: Ints, cyclic: bool) -> _Step:
    groups = ranges(item_start[items], item_start[items + 1])
    edges = ranges(group_start[groups], group_start[groups + 1])
    sizes = group_start[groups + 1] - group_start[groups]
    per_item = item_start[items + 1] - item_start[items]
    return _Step(items, member[edges], offsets(sizes)[:-1], offsets(per_item)[:-1], cyclic)


def available(recipe: Recipe, own: Bits, external: Bits | None = None) -> Bits:
    """Return where each item is available.

    Parameters
    ----------
    own
        Where somebody makes the item, one bit a place, shape (n, words).
    external
        Where it is to be had without being made there, same shape; none by default.

    Returns
    -------
    uint64 array, shape (n, words)
    """
    made = own.copy()
    usable = made if external is None else own | external
    for step in recipe.steps:
        if step.cyclic:
            made[step.items] = 0
            usable[step.items] = 0 if external is None else external[step.items]
    room = max(1, _ROOM // own.shape[1])
    for step in recipe.steps:
        parts = step.parts(room)
        while True:
            changed = False
            for part in parts:
                met = _runs(np.bitwise_or, np.take(usable, part.members, axis=0), part.group_start)
                met = _runs(np.bitwise_and, met, part.item_start)
                met &= np.take(own, part.items, axis=0)
                changed |= step.cyclic and not np.array_equal(np.take(made, part.items, axis=0), met)
                made[part.items] = met
                if external is not None:
                    usable[part.items] = met | external[part.items]
            if not changed:
                break
    return made


def _runs(join: np.ufunc, rows: Bits, start: Ints) -> Bits:
    """Join runs of rows, ``join.reduceat(rows, start, axis=0)``, the runs side by side.

    ``reduceat`` goes row by row; most runs are short, so the first rows of all runs are joined
    with their second rows, then with the third of those that have one, and so on.
    """
    if rows.shape[1] < _WIDE:
        reduced: Bits = join.reduceat(rows, start, axis=0)
        return reduced
    size = np.diff(start, append=len(rows))
    if (size == 1).all():
        return rows
    order = np.argsort(-size, kind="stable")
    start, size = start[order], size[order]
    made = np.take(rows, start, axis=0)
    for k in range(1, min(int(size[0]), _LONG)):
        n = int(np.searchsorted(-size, -k))  # runs of more than k rows
        join(made[:n], np.take(rows, start[:n] + k, axis=0), out=made[:n])
    for at in range(int(np.searchsorted(-size, -_LONG))):
        join(made[at], join.reduce(rows[start[at] + _LONG : start[at] + size[at]], axis=0), out=made[at])
    out = np.empty_like(made)
    out[order] = made
    return out


def pack_bits(rows: Ints, columns: Ints, n: int, width: int) -> Bits:
    """Return a bit matrix (n, words) with the given (row, column) bits set."""
    words = max(1, (width + 63) // 64)
    out = np.zeros((n, words), np.uint64)
    if not len(rows):
        return out
    place = rows * words + (columns >> 6)
    bit = np.left_shift(np.uint64(1), (columns & 63).astype(np.uint64))
    if len(place) > 1 and (place[1:] < place[:-1]).any():
        order = np.argsort(place, kind="stable")
        place, bit = place[order], bit[order]
    start = np.flatnonzero(run_starts(place))
    out.reshape(-1)[place[start]] = np.bitwise_or.reduceat(bit, start)
    return out


def unpack_bits(bits: Bits, width: int) -> Bools:
    """Return a bit matrix as booleans, shape (n, width)."""
    octets = np.ascontiguousarray(bits).astype("<u8", copy=False).view(np.uint8)
    return np.unpackbits(octets, axis=1, bitorder="little", count=width).astype(bool)


def column_of(bits: Bits, column: int) -> Bools:
    """Return one column of a bit matrix as booleans, shape (n,)."""
    flags: Bools = (bits[:, column >> 6] >> np.uint64(column & 63) & np.uint64(1)) > 0
    return flags


def set_bits(bits: Bits) -> tuple[Ints, Ints]:
    """Return (row, column) of all set bits, looking only at words that are not zero."""
    at, word = np.nonzero(bits)
    values = np.ascontiguousarray(bits[at, word]).astype("<u8", copy=False).view(np.uint8)
    flags = np.unpackbits(values, bitorder="little").reshape(-1, 64)
    which, bit = np.nonzero(flags)
    return at[which], word[which] * 64 + bit
