"""Roll-up: facts summed by link and place at every level, from county to country, with one sort.

Places are numbered so that those of a city, and the cities of a province, are contiguous
runs. Facts sorted by (link, finest place) are then sorted by (link, place) at every level, and
each level is one pass of ``reduceat``; nothing is sorted twice. Only cells with a maker exist.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...graph.columns.arrays import Bools, Floats, Ints


@dataclass(frozen=True)
class Tree:
    """Places by level, the finest level first, the last one everything (unit 0).

    ``unit[l][leaf]`` is the unit of a leaf at level l, −1 where it has none; along the leaves
    that have one, each unit of a level is one run. ``size[l]`` is the number of units. ``holder[l]``, where
    leaves alone do not tell, gives each unit's next wider level and the unit there (−1 none).
    """

    unit: tuple[Ints, ...]
    size: tuple[int, ...]
    holder: tuple[tuple[Ints, Ints], ...] | None = None


@dataclass(frozen=True)
class Level:
    """Cells (item, unit) of one level, by item and by the order of the leaves; only those with a maker.

    ``count`` makers; ``total`` and ``square`` sums of their outputs and of the outputs' squares,
    ``known`` the number of outputs known (None without outputs); ``wider`` the row of the cell
    that holds it at the next level that has one, and ``above`` that level (−1 none).
    """

    item: Ints
    unit: Ints
    count: Ints
    total: Floats | None
    square: Floats | None
    known: Ints | None
    wider: Ints
    above: npt.NDArray[np.int8]


def rollup(item: Ints, leaf: Ints, tree: Tree, amount: Floats | None = None) -> tuple[Level, ...]:
    """Sum facts by item and place at every level.

    Parameters
    ----------
    item, leaf
        One fact a row: somebody in the leaf makes the item; each maker once.
    amount
        Output of each fact, NaN where it is not known.

    Returns
    -------
    tuple of Level
        In the order of the tree's levels.
    """
    order = _order(item, leaf, len(tree.unit[0]))
    item, leaf = item[order], leaf[order]
    amount = None if amount is None else amount[order]
    marks = [_cells(item, unit[leaf]) for unit in tree.unit]
    made: dict[int, Level] = {}
    for at in reversed(range(len(marks))):
        made[at] = _held(at, _level(at, marks, item, leaf, tree, amount), made, tree)
    return tuple(made[at] for at in range(len(marks)))


def _order(item: Ints, leaf: Ints, leaves: int) -> Ints:
    """Order of the facts by item and leaf: one sort of packed integers that carry their row."""
    bits = max(1, len(item) - 1).bit_length()
    key = item * leaves + leaf
    if len(item) and int(key.max()).bit_length() + bits < 63:
        return np.sort(key << bits | np.arange(len(item))) & ((1 << bits) - 1)
    found: Ints = np.argsort(key, kind="stable")
    return found


@dataclass(frozen=True)
class _Cells:
    """First fact of each cell among the facts that are kept (all when None), and each fact's cell (−1 none)."""

    kept: Ints | None
    first: Ints
    cell: npt.NDArray[np.int32]


def _cells(item: Ints, unit: Ints) -> _Cells:
    here = unit >= 0
    kept = None if here.all() else np.flatnonzero(here)
    rows, units = (item, unit) if kept is None else (item[kept], unit[kept])
    new = np.empty(len(rows), bool)
    new[:1] = True
    np.not_equal(units[1:], units[:-1], out=new[1:])
    new[1:] |= rows[1:] != rows[:-1]
    cell = np.cumsum(new, dtype=np.int32) - 1
    if kept is not None:
        whole = np.full(len(item), -1, np.int32)
        whole[kept] = cell
        cell = whole
    return _Cells(kept, np.flatnonzero(new), cell)


def _level(at: int, marks: list[_Cells], item: Ints, leaf: Ints, tree: Tree, amount: Floats | None) -> Level:
    mark = marks[at]
    facts = mark.first if mark.kept is None else mark.kept[mark.first]
    n = len(item) if mark.kept is None else len(mark.kept)
    count = np.diff(np.r_[mark.first, n])
    total = square = known = None
    if amount is not None:
        given = amount if mark.kept is None else amount[mark.kept]
        there = ~np.isnan(given)
        given = np.where(there, given, 0.0)
        if n:
            total, square = np.add.reduceat(given, mark.first), np.add.reduceat(given * given, mark.first)
            known = np.add.reduceat(there.astype(np.int64), mark.first)
        else:
            total, square, known = np.zeros(0), np.zeros(0), np.zeros(0, np.int64)
    wider, above = np.full(len(facts), -1, np.int64), np.full(len(facts), -1, np.int8)
    for higher in range(len(marks) - 1, at, -1):  # the nearest level is written last and stays
        cell = marks[higher].cell[facts]
        if n and marks[higher].kept is not None:  # some facts have no place there: any that has one tells
            every = marks[higher].cell if mark.kept is None else marks[higher].cell[mark.kept]
            cell = np.maximum.reduceat(every, mark.first)
        there = cell >= 0
        wider[there], above[there] = cell[there], higher
    return Level(item[facts], tree.unit[at][leaf[facts]], count, total, square, known, wider, above)


def _held(at: int, level: Level, made: dict[int, Level], tree: Tree) -> Level:
    """Find the wider cell of those whose facts name no wider place."""
    alone = np.flatnonzero(level.wider < 0)
    if tree.holder is None or not len(alone):
        return level
    above, unit = (part[level.unit[alone]] for part in tree.holder[at])
    for higher, wide in made.items():
        rows = alone[above == higher]
        key = level.item[rows] * tree.size[higher] + unit[above == higher]
        cells = wide.item * tree.size[higher] + wide.unit
        order = np.argsort(cells, kind="stable")
        level.wider[rows] = order[np.searchsorted(cells, key, sorter=order)]
        level.above[rows] = higher
    return level


def concentration_of(levels: tuple[Level, ...], n_items: int, tree: Tree) -> list[tuple[Floats, Floats]]:
    """Return (HHI, LQ) of the cells of each level, NaN without the data.

    HHI = Σs² where the outputs of all makers of the cell are known. LQ = (X_rp/X_r·)/(X_·p/X_··)
    against the next wider place, over items whose outputs are known for all makers.
    """
    whole = levels[-1]
    if whole.total is None or whole.known is None:
        return [(np.full(len(lv.item), np.nan), np.full(len(lv.item), np.nan)) for lv in levels]
    complete = np.zeros(n_items, bool)
    complete[whole.item] = (whole.known == whole.count) & (whole.total > 0)
    sums = [_sums(level, complete, size) for level, size in zip(levels, tree.size, strict=True)]
    found = []
    for at, level in enumerate(levels):
        assert level.total is not None
        assert level.square is not None
        with np.errstate(divide="ignore", invalid="ignore"):
            hhi = np.where(level.known == level.count, level.square / level.total**2, np.nan)
            hhi[level.total <= 0] = np.nan
        found.append((hhi, _quotient(at, levels, sums, complete)))
    return found


def _sums(level: Level, complete: Bools, size: int) -> Floats:
    """Output of each unit in the items that are known completely."""
    assert level.total is not None
    return np.bincount(level.unit, level.total * complete[level.item], size).astype(np.float64)


def _quotient(
    at: int, levels: tuple[Level, ...], sums: list[Floats], complete: Bools
) -> Floats:  # fmt: skip
    level = levels[at]
    lq = np.full(len(level.item), np.nan)
    for higher in range(at + 1, len(levels)):
        wide = levels[higher]
        mine = complete[level.item] & (level.above == higher)
        rows = np.flatnonzero(mine) if not mine.all() else slice(None)
        assert level.total is not None
        assert wide.total is not None
        total, own = level.total[rows], sums[at][level.unit[rows]]
        holder = level.wider[rows]
        reference = sums[higher][wide.unit[holder]]
        with np.errstate(divide="ignore", invalid="ignore"):
            value = (total / own) / (wide.total[holder] / reference)
        lq[rows] = np.where((total > 0) & (reference > own), value, np.nan)
    return lq
