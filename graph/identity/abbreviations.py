"""Abbreviations: which full name a short one stands for, found among many without comparing each with each.

A short name stands for a full one that it equals (with or without the place), that it begins, or
whose core it follows from the beginning (中洲特材 in 中洲特种合金材料), by the strongest of these that
finds any. Full names that begin alike are looked up by their characters, the rarest first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..columns.arrays import Ints
from .brands import Brands, by_shares
from .names import Names, lesser, trade_of, trades_in

_FEW = 24  # names in a block that are simply gone through


def joined_text(parts: Names) -> pa.Array:
    """Return stem and group word of each name."""
    return pc.binary_join_element_wise(parts.stem, parts.group, "")


def rows_of_short(parts: Names, names: Ints, least: int) -> Ints:
    """Return where ``names`` are short ones that may abbreviate: long enough, no branch, no body of its own."""
    size = pc.utf8_length(parts.stem).to_numpy()
    whole = pc.equal(parts.body, "").to_numpy(zero_copy_only=False)
    return np.flatnonzero((~parts.full & ~parts.branch & (size >= least) & whole)[names])


class ByCharacters:
    """Texts by their characters: finds those that hold all characters of another.

    Examples
    --------
    >>> sorted(ByCharacters(["甲乙化工", "甲丙化工", "甲乙科技"]).holding("甲乙"))
    [0, 2]
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._holders: dict[str, set[int]] = defaultdict(set)
        for at, text in enumerate(texts):
            for char in text:
                self._holders[char].add(at)

    def holding(self, text: str) -> set[int]:
        """Return the numbers of the texts that hold every character of ``text``."""
        found = sorted((self._holders.get(char, set()) for char in set(text)), key=len)
        return set.intersection(*found) if found else set()


class Block:
    """Texts that begin alike, each with a number; those that a short one follows are found by characters."""

    def __init__(self) -> None:
        self.members: list[tuple[str, int]] = []
        self._index: ByCharacters | None = None

    def following(self, short: str) -> Iterator[tuple[str, int]]:
        """Yield the members whose text holds the characters of ``short`` in their order."""
        members = self.members
        if len(members) > _FEW:
            if self._index is None:
                self._index = ByCharacters(text for text, _ in members)
            members = [members[at] for at in sorted(self._index.holding(short))]
        return (one for one in members if follows(short, one[0]))


class FullNames:
    """Full names, to be found by their abbreviation. ``names`` and ``owners``: which entity bears which."""

    def __init__(self, parts: Names, names: Ints, owners: Ints, brands: Brands) -> None:
        rows = np.flatnonzero((parts.full & ~parts.branch)[names])
        self._core, self._stem, self._group = (c.to_pylist() for c in (parts.core, parts.stem, parts.group))
        self._place = parts.finest.tolist()
        self._share = parts.share.to_pylist()
        self._by_shares = by_shares(parts).tolist()
        self._brands = brands
        self._owners: dict[int, tuple[int, ...]] = {}
        self._block: dict[str, Block] = defaultdict(Block)
        for name, owner in zip(names[rows].tolist(), owners[rows].tolist(), strict=True):
            self._owners[name] = (*self._owners.get(name, ()), owner)
        spelled = []
        for name in self._owners:
            stem, core, group = self._stem[name], self._core[name], self._group[name]
            spelled += [(text, name) for text in {stem, core, stem + group, core + group}]
            self._block[core[:2]].members.append((core + group, name))
        self._sorted = sorted(spelled)

    def only(self, text: str, short: int) -> int:
        """Return the one entity that a short name certainly stands for, −1 when there is none.

        Parameters
        ----------
        text, short
            The name's stem with its group word, and its number.
        """
        for found in (self._equally(text), self._beginning(text), self._following(text)):
            owners: set[int] = set()
            certain = False
            for name, left_out in found:
                owners.update(self._owners[name])
                if len(owners) > 1:
                    return -1
                certain |= self._certain(short, name, left_out)
            if owners:
                return owners.pop() if certain else -1
        return -1

    def _equally(self, text: str) -> Iterator[tuple[int, str]]:
        return (found for found in self._beginning(text, longer=False) if not found[1])

    def _beginning(self, text: str, longer: bool = True) -> Iterator[tuple[int, str]]:
        """Yield the names that begin with a text, and what they have behind it."""
        at = bisect_left(self._sorted, (text, -1))
        while at < len(self._sorted) and self._sorted[at][0].startswith(text):
            spelled, name = self._sorted[at]
            if not longer and len(spelled) > len(text):
                return
            yield name, spelled[len(text) :]
            at += 1

    def _following(self, text: str) -> Iterator[tuple[int, str]]:
        block = self._block.get(text[:2])
        return iter(()) if block is None else ((n, left_out(text, t)) for t, n in block.following(text))

    def _certain(self, short: int, name: int, rest: str) -> bool:
        """No known difference: of place, of shares, of group, of what the full name has beyond the short one."""
        if self._place[short] >= 0 and self._place[short] != self._place[name]:
            return False
        if not self._by_shares[name] and (self._share[short] or not self._same_place(short, name)):
            return False
        if self._group[name] and not self._group[short] and not self._by_shares[name]:
            return False  # the firm or its group: only those listed are called by the short name alone
        if not rest:
            return True
        if self._group[short] or lesser(rest) or len(rest) == 1:  # 深南电 is not the beginning of 深南电路
            return False
        return not (trade_of(self._core[short])[1] and trades_in(rest))

    def _same_place(self, short: int, name: int) -> bool:
        """Both say the same place or none; or the brand is nobody else's.

        Without it 东方能源 is any 东方能源 of the country; the short names of the exchanges are those
        of companies limited by shares.
        """
        return bool(self._place[short] == self._place[name] or self._brands.alone(self._core[name]))


def follows(short: str, text: str) -> bool:
    """Tell whether the characters of ``short`` stand in ``text`` in this order.

    Examples
    --------
    >>> follows("中洲特材", "中洲特种合金材料"), follows("特材中洲", "中洲特种合金材料")
    (True, False)
    """
    letters = iter(text)
    return all(char in letters for char in short)


def left_out(short: str, text: str) -> str:
    """Return what ``short`` leaves out of a text that it follows, pieces parted by a bar.

    Examples
    --------
    >>> left_out("中洲特材", "中洲特种合金材料")
    '|种合金|料'
    """
    made, at = [], 0
    for char in short:
        end = text.index(char, at)
        if end > at:
            made.append(text[at:end])
        at = end + 1
    return "|" + "|".join([*made, text[at:]])
