"""Single points of failure and minimal cut sets against a brute force over all sets of makers."""

from __future__ import annotations

import numpy as np
import pytest
from random_recipes import MAKERS, Union_, brute, brute_cuts, draw

from chainatlas.graph.schema.errors import QueryError
from chainatlas.queries.atlas.availability import Recipe
from chainatlas.queries.losses.cuts import minimal_cuts
from chainatlas.queries.losses.scenarios import World, gone_with, losses
from chainatlas.queries.losses.worlds import stands

Pairs = set[tuple[int, int]]


def world(union: Union_, *, present: bool) -> World:
    own = np.array([bool(m) for m in union.makers])
    return World(union.recipe, own | union.unknown if present else own, union.outside)


def nec(union: Union_, *, present: bool) -> Pairs:
    """Pairs (item, maker): lost with the maker alone."""
    item, maker = gone_with(*union.pairs, union.recipe.n)
    if present:  # somebody unseen may make it
        item, maker = item[~union.unknown[item]], maker[~union.unknown[item]]
    found = losses(world(union, present=present), item, maker)
    assert len(set(zip(found.item, found.scenario, strict=True))) == len(found.item)
    return set(zip(found.item.tolist(), found.scenario.tolist(), strict=True))


def expected(union: Union_, have: np.ndarray) -> Pairs:
    found = set()
    for maker in range(MAKERS):
        for item in np.flatnonzero(have[:, 0] & ~have[:, 1 << maker]).tolist():
            found.add((item, int(union.of[item]) * MAKERS + maker))
    return found


def check(seed: int, recipes: int) -> set[str]:
    """Compare one union in both worlds; return the hard cases that it holds."""
    rng = np.random.default_rng(seed)
    union = draw(rng, recipes)
    seen = {"cycle"} if union.recipe.cyclic.any() else set()
    for present in (False, True):
        have = brute(union, unknown_present=present)
        assert np.array_equal(stands(world(union, present=present)), have[:, 0])
        assert nec(union, present=present) == expected(union, have)
        for start in union.first:
            for item in {start, start + int(rng.integers(0, 2))}:
                found = minimal_cuts(union.recipe, item, own_of(union, present), union.outside)
                wanted = brute_cuts(have[item], 3)
                assert sorted(found, key=sorted) == sorted(wanted, key=sorted), (seed, item, present)
                seen |= {f"cut of {len(c)}" for c in wanted}
    return seen


def own_of(union: Union_, present: bool):  # type: ignore[no-untyped-def]
    return lambda item: None if present and union.unknown[item] else union.makers[item]


def test_two_thousand_random_recipes_equal_brute_force() -> None:
    seen = set().union(*(check(seed, 100) for seed in range(20)))
    assert seen == {"cycle", "cut of 0", "cut of 1", "cut of 2", "cut of 3"}


@pytest.mark.slow
def test_ten_thousand_random_recipes_equal_brute_force() -> None:
    for seed in range(1000, 1100):
        check(seed, 100)


def test_many_scenarios_are_the_same_as_one_by_one() -> None:
    """More scenarios than stand in one block of columns, and in 64 blocks."""
    rng = np.random.default_rng(5)
    n = 150_000
    # Chains of five: 0 ← 1 ← 2 ← 3 ← 4; each item is made by a maker of its own or by nobody's alone.
    owner = np.arange(n)[np.arange(n) % 5 < 4]
    recipe = Recipe.build(n, owner, owner + 1, np.full(len(owner), -1), np.ones(len(owner), bool))
    alone = np.flatnonzero(rng.random(n) < 0.95)
    found = losses(World(recipe, np.ones(n, bool), np.zeros(n, bool)), alone, alone)
    wanted = {(i, s) for s in alone.tolist() for i in range(s - s % 5, s + 1)}
    assert set(zip(found.item.tolist(), found.scenario.tolist(), strict=True)) == wanted


def test_nothing_is_lost_when_nothing_goes() -> None:
    union = draw(np.random.default_rng(1), 5)
    none = np.zeros(0, np.int64)
    assert len(losses(world(union, present=False), none, none).item) == 0


def test_too_many_cuts_are_refused_with_a_smaller_size() -> None:
    # T needs one of three, each of which ten makers' loss takes away: 1,000 cuts of three.
    n = 34
    owner, member = [0, 0, 0], [1, 2, 3]
    label = [1, 1, 1]
    for branch in (1, 2, 3):
        for k in range(10):
            owner.append(branch)
            member.append(4 + (branch - 1) * 10 + k)
            label.append(-1)
    recipe = Recipe.build(n, *(np.array(x, np.int64) for x in (owner, member, label)), np.ones(len(owner), bool))
    outside = np.zeros(n, bool)

    def own(item: int) -> frozenset[int] | None:
        return frozenset({item}) if item >= 4 else None

    assert len(minimal_cuts(recipe, 0, own, outside, 3)) == 1000
    assert minimal_cuts(recipe, 0, own, outside, 2) == []
    with pytest.raises(QueryError, match="--size 2"):
        minimal_cuts(recipe, 0, own, outside, 3, limit=500)
