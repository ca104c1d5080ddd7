"""Minimal cut sets: the smallest sets of makers whose loss makes one end product unavailable.

Fault trees have the notion (minimal cut sets; Vesely et al., NUREG-0492): a product falls when
its own makers are all gone, or when all members of some essential group fall.

    C(p) = min( {S(p)} ∪ ⋃_{g essential} ⨂_{u ∈ g} C(u) )

⨂ joins one cut of each member, ``min`` drops every set that holds another; S(p) are the makers
of p. With cycles the greatest fixpoint, from "falls anyway" ({∅}) downward. Sets larger than
asked are dropped on the way, which loses none of the smaller ones. Exact, in any recipe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations

import numpy as np

from ...graph.columns.arrays import Bools
from ...graph.schema.errors import QueryError
from ..atlas.availability import Recipe

Cut = frozenset[int]
Family = frozenset[Cut]
LARGEST = 3
LIMIT = 200_000
_NEVER: Family = frozenset()
_ALWAYS: Family = frozenset({frozenset()})


def minimal_cuts(
    recipe: Recipe, end: int, makers: Callable[[int], Cut | None], outside: Bools,
    size: int = LARGEST, limit: int = LIMIT,
) -> list[Cut]:  # fmt: skip
    """Return the minimal cut sets of an item, smallest first.

    Parameters
    ----------
    makers
        Makers of an item in the scope; an empty set when there are none, None when the item
        cannot fall by itself (somebody unseen may make it).
    outside
        Items to be had from outside, shape (items,); they never fall.
    size
        Largest number of makers in a cut.

    Returns
    -------
    list of frozenset
        ``[frozenset()]`` when the item is not available as things are; empty when no loss of
        that many makers takes it away.

    Raises
    ------
    QueryError
        There are more than ``limit`` of them somewhere in the recipe.
    """
    groups = _groups(recipe, end, outside)
    found: dict[int, Family] = {}
    for members in _blocks(recipe, groups):
        _solve(members, groups, found, makers, size, limit)
    return sorted(found.get(end, _NEVER), key=lambda c: (len(c), sorted(c)))


def _groups(recipe: Recipe, end: int, outside: Bools) -> dict[int, list[list[int]]]:
    """Essential groups of everything that the item needs; what comes from outside is not looked into."""
    item_start = np.searchsorted(recipe.owner, np.arange(recipe.n + 1))
    group_start = np.searchsorted(recipe.group, np.arange(len(recipe.owner) + 1))
    found: dict[int, list[list[int]]] = {}
    front = [] if outside[end] else [end]
    while front:
        item = front.pop()
        if item in found:
            continue
        numbers = range(int(item_start[item]), int(item_start[item + 1]))
        every = [recipe.member[group_start[g] : group_start[g + 1]] for g in numbers]
        # A group that something from outside meets needs nobody here.
        found[item] = [members.tolist() for members in every if not outside[members].any()]
        front += [u for members in found[item] for u in members]
    return found


def _blocks(recipe: Recipe, groups: dict[int, list[list[int]]]) -> list[list[int]]:
    """Items inputs first; those that need one another together."""
    together: dict[tuple[int, int], list[int]] = {}
    for item in sorted(groups):
        together.setdefault((int(recipe.level[item]), int(recipe.component[item])), []).append(item)
    return [together[key] for key in sorted(together)]


def _solve(
    items: list[int], groups: dict[int, list[list[int]]], found: dict[int, Family],
    makers: Callable[[int], Cut | None], size: int, limit: int,
) -> None:  # fmt: skip
    """Fill in the cuts of items that need one another, from "falls anyway" downward."""
    found.update(dict.fromkeys(items, _ALWAYS))
    while True:
        before = {item: found[item] for item in items}
        for item in items:
            own = makers(item)
            cuts: set[Cut] = set() if own is None or len(own) > size else {own}
            for members in groups[item]:
                cuts |= _all_fall([found[u] for u in members], size, limit)
            found[item] = _minimal(cuts)
        if before == {item: found[item] for item in items}:
            return


def _all_fall(families: list[Family], size: int, limit: int) -> Family:
    """Cuts under which all of several items fall."""
    joined = _ALWAYS
    for family in sorted(set(families), key=len):
        joined = _minimal({a | b for a in joined for b in family if len(a | b) <= size})
        if len(joined) > limit:
            raise QueryError("cuts_many", n=f"{limit:,}", size=size, smaller=size - 1)
    return joined


def _minimal(cuts: Iterable[Cut]) -> Family:
    """Drop every set that holds another one."""
    every = set(cuts)
    if frozenset() in every:
        return _ALWAYS
    return frozenset(c for c in every if not any(
        frozenset(part) in every for k in range(1, len(c)) for part in combinations(c, k)))  # fmt: skip
