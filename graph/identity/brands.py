"""Brands: whether a brand tells a firm from all others in the list, or is one that many choose (东方, 宏泰)."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..columns.arrays import Bools
from .names import Names, trade_of

_OWN = 4  # a brand of so many characters is one's own, whoever else bears it (宁德时代)


class Brands:
    """The brands of all full names of a list.

    Examples
    --------
    >>> from .names import split
    >>> made = Brands(split(pa.array(["济南东方物流有限公司", "东方化工有限公司", "万华化学有限公司", "万华"])))
    >>> made.alone("东方物流"), made.alone("万华化学"), made.alone("宁德时代电机")
    (False, True, True)
    """

    def __init__(self, parts: Names) -> None:
        full = pa.array(parts.full & ~parts.branch)
        self._cores: list[str] = sorted(set(parts.core.filter(full).to_pylist()))
        self._known: dict[str, bool] = {}

    def alone(self, core: str) -> bool:
        """Tell whether no other core in the list begins with the brand of this one."""
        brand = trade_of(core)[0]
        if len(brand) >= _OWN:
            return True
        if brand not in self._known:
            at = bisect_left(self._cores, brand)
            others = set()
            while at < len(self._cores) and self._cores[at].startswith(brand) and len(others) < 2:
                others |= {self._cores[at]} - {brand}
                at += 1
            self._known[brand] = len(others) < 2
        return self._known[brand]

    def all_alone(self, cores: pa.Array, asked: Bools) -> Bools:
        """Tell it for the cores that are ``asked`` about; the others count as alone."""
        made = np.ones(len(cores), bool)
        rows = np.flatnonzero(asked)
        made[rows] = [self.alone(core) for core in cores.take(pa.array(rows)).to_pylist()]
        return made


def by_shares(parts: Names) -> Bools:
    """Tell which names are those of companies limited by shares."""
    made: Bools = pc.match_substring(parts.form, "股份").to_numpy(zero_copy_only=False)
    return made
