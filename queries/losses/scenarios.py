"""Scenarios: what is lost when makers go, many losses side by side in one pass of the recipe.

The scan of ``availability`` with other columns: there a column is a place, here it is "this
enterprise is gone", "this city is lost", "these three are gone". An item p is lost in a
scenario when it is available as things are and is not when the scenario's makers are gone,
which for single makers is p's set of single points of failure

    nec(p) = own(p) ∪ ⋃_{g essential} ⋂_{u ∈ g} nec(u)

(own(p) = {e} if e is the only maker of p, else ∅; greatest fixpoint): bit e of column p is
exactly "p falls with e", AND over groups and OR over members are the complements of ∪ and ∩.

What nothing can take away is left out first: an item that is available even when all
scenarios happen at once is lost in none of them, since availability is monotone in makers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...graph.columns.arrays import Bools, Ints, positions
from ..atlas.availability import Recipe, available, pack_bits, set_bits

_BLOCK = 2048  # scenarios evaluated side by side: 32 words an item
_ONE, _TWO = np.uint64(1), np.uint64(2)


@dataclass(frozen=True)
class Losses:
    """Pairs (item, scenario): the item is available now and is not in the scenario."""

    item: Ints
    scenario: Ints

    def of(self, scenario: int) -> Ints:
        """Return the items lost in one scenario."""
        found: Ints = self.item[self.scenario == scenario]
        return found


@dataclass(frozen=True)
class World:
    """One scope as it is: who is made here, what is to be had without being made here.

    Attributes
    ----------
    own, outside : bool arrays, shape (items,)
    """

    recipe: Recipe
    own: Bools
    outside: Bools


def losses(world: World, gone_item: Ints, gone_scenario: Ints) -> Losses:
    """Return what is lost in each scenario.

    Parameters
    ----------
    gone_item, gone_scenario
        Pairs: in this scenario nobody here makes the item any more. All consequences are
        computed; scenarios are numbers from 0.

    Returns
    -------
    Losses
        Items to be had from outside are never lost.
    """
    now, safe = _now_and_never(world, gone_item)
    risk = now & ~safe
    kept = risk[gone_item]
    gone_item, gone_scenario = gone_item[kept], gone_scenario[kept]
    recipe, items = world.recipe.part(risk, safe)
    place = positions(items, world.recipe.n)
    rows = place[gone_item]
    # A scenario whose items feed nothing at risk takes away these items and no more.
    feeds = np.zeros(len(items), bool)
    feeds[recipe.member] = True
    wide = np.unique(gone_scenario[feeds[rows]])
    deep = np.isin(gone_scenario, wide)
    order = np.argsort(gone_scenario[deep], kind="stable")
    column = np.searchsorted(wide, gone_scenario[deep][order])
    found = [(rows[~deep], gone_scenario[~deep])]
    found += [(item, wide[scenario]) for item, scenario in _consequences(recipe, rows[deep][order], column)]
    item, scenario = (np.concatenate(part) for part in zip(*found, strict=True))
    return Losses(items[item], scenario)


def _now_and_never(world: World, gone_item: Ints) -> tuple[Bools, Bools]:
    """Items available now, and those available even with all scenarios at once: two columns."""
    own = np.where(world.own, _ONE | _TWO, np.uint64(0))
    own[gone_item] &= ~_TWO
    outside = np.where(world.outside, _ONE | _TWO, np.uint64(0))
    found = available(world.recipe, own[:, None], outside[:, None])[:, 0] | outside
    return (found & _ONE) > 0, (found & _TWO) > 0


def _consequences(recipe: Recipe, rows: Ints, columns: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Yield (item, scenario) lost, a block of scenarios after the other.

    First all scenarios of a block at once, a column a block: only what falls then can fall in
    one of them, so each block has a small recipe of its own.
    """
    total = int(columns.max(initial=-1)) + 1
    for start in range(0, total, 64 * _BLOCK):
        first, last = np.searchsorted(columns, (start, start + 64 * _BLOCK))
        block = (columns[first:last] - start) // _BLOCK
        gone = pack_bits(rows[first:last], block, recipe.n, 64)
        stands = available(recipe, ~gone)[:, 0]
        for b in range(int(block.max(initial=-1)) + 1):
            low, high = first + np.searchsorted(block, (b, b + 1))
            safe = (stands >> np.uint64(b) & _ONE) > 0
            part, items = recipe.part(~safe, safe)
            place = positions(items, recipe.n)
            base = start + b * _BLOCK
            item, scenario = _block(part, place[rows[low:high]], columns[low:high] - base, min(_BLOCK, total - base))
            yield items[item], scenario + base


def _block(recipe: Recipe, rows: Ints, columns: Ints, width: int) -> tuple[Ints, Ints]:
    """Evaluate scenarios 0:width side by side; return (item, scenario) of what is lost."""
    lost = ~available(recipe, ~pack_bits(rows, columns, recipe.n, width))
    if width & 63:
        lost[:, -1] &= (_ONE << np.uint64(width & 63)) - _ONE
    return set_bits(lost)


def gone_with(makes_item: Ints, makes_maker: Ints, n: int) -> tuple[Ints, Ints]:
    """Return (item, maker) of the items that have one maker only.

    Parameters
    ----------
    makes_item, makes_maker
        Who makes what in the scope, each pair once.
    n
        Number of items.
    """
    only = np.bincount(makes_item, minlength=n)[makes_item] == 1
    return makes_item[only], makes_maker[only]
