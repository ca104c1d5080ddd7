"""Random recipes with makers, many side by side in one union, and the brute force over all sets of makers.

The brute force tries every set of makers that may go and follows the definition of availability
item by item; it shares no code with the package but numpy's arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from chainatlas.queries.atlas.availability import Recipe

Bools = npt.NDArray[np.bool_]
MAKERS = 7  # in each recipe; 128 sets of them


@dataclass(frozen=True)
class Union_:
    """Recipes side by side: item numbers run through, each has makers of its own.

    ``groups`` holds per item its essential groups; ``makers`` per item who makes it (numbers
    0 to MAKERS − 1 inside its recipe); ``of`` the recipe of each item.
    """

    recipe: Recipe
    groups: list[list[list[int]]]
    makers: list[frozenset[int]]
    outside: Bools
    unknown: Bools
    of: npt.NDArray[np.int64]
    first: list[int]

    @property
    def pairs(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """(item, maker) with makers numbered through the union."""
        cells = [(i, int(self.of[i]) * MAKERS + m) for i, who in enumerate(self.makers) for m in sorted(who)]
        at = np.array(cells, np.int64).reshape(-1, 2)
        return at[:, 0], at[:, 1]


def draw(rng: np.random.Generator, recipes: int, largest: int = 14) -> Union_:
    """Draw recipes: cycles, alternatives, inputs that are not essential, outside inputs, unknown links."""
    edges: list[tuple[int, int, int, bool]] = []
    makers: list[frozenset[int]] = []
    groups: list[list[list[int]]] = []
    of, first = [], []
    start = 0
    for number in range(recipes):
        n = int(rng.integers(2, largest + 1))
        few = int(rng.integers(1, MAKERS + 1))
        first.append(start)
        for item in range(n):
            of.append(number)
            count = int(rng.choice([0, 1, 1, 1, 2, 2, 3, 4]))
            makers.append(frozenset(int(m) for m in rng.integers(0, few, count)))
            mine = []
            for label in range(int(rng.choice([0, 0, 1, 1, 2, 3]))):
                # Mostly from items further on, sometimes from any: cycles, and self loops.
                low = 0 if rng.random() < 0.3 else min(item + 1, n - 1)
                members = [start + int(u) for u in rng.integers(low, n, int(rng.choice([1, 1, 2, 3])))]
                essential = rng.random() < 0.9
                edges += [(start + item, u, label, essential) for u in members]
                if essential:
                    mine.append(sorted(set(members)))
            groups.append(mine)
        start += n
    owner, member, label = (np.array([e[k] for e in edges], np.int64) for k in range(3))
    recipe = Recipe.build(start, owner, member, label, np.array([e[3] for e in edges], bool))
    return Union_(recipe, groups, makers, rng.random(start) < 0.06, rng.random(start) < 0.08,
                  np.array(of, np.int64), first)  # fmt: skip


def brute(union: Union_, *, unknown_present: bool) -> Bools:
    """Availability of every item under every set of makers that is gone, shape (items, 2^MAKERS)."""
    sets = np.arange(1 << MAKERS)
    own = np.zeros((len(union.makers), len(sets)), bool)
    for item, who in enumerate(union.makers):
        for maker in who:
            own[item] |= (sets >> maker & 1) == 0
        if unknown_present and union.unknown[item]:
            own[item] = True
    have = np.zeros_like(own)
    have[union.outside] = True
    while True:
        before = have.copy()
        for item, needs in enumerate(union.groups):
            met = own[item].copy()
            for members in needs:
                met &= have[members].any(axis=0)
            have[item] |= met
        if np.array_equal(before, have):
            return have


def brute_cuts(have: npt.NDArray[np.bool_], size: int) -> list[frozenset[int]]:
    """Minimal sets of makers under which one item is not available, from its row of ``brute``."""
    if not have[0]:
        return [frozenset()]
    found: list[frozenset[int]] = []
    for k in range(1, size + 1):
        for some in combinations(range(MAKERS), k):
            cut = frozenset(some)
            if not have[sum(1 << m for m in some)] and not any(f < cut for f in found):
                found.append(cut)
    return found
