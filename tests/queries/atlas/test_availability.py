"""The AND–OR recipe against a brute force that follows the definition word by word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scheduling import examples

from chainatlas.queries.atlas.availability import Recipe, available, pack_bits, unpack_bits


@dataclass(frozen=True)
class Need:
    """One input edge: the owner needs the member; None is a group of its own."""

    owner: int
    member: int
    group: int | None
    essential: bool


def recipe(n: int, needs: list[Need]) -> Recipe:
    column = [np.array([getattr(e, f) for e in needs], np.int64) for f in ("owner", "member")]
    label = np.array([-1 if e.group is None else e.group for e in needs], np.int64)
    return Recipe.build(n, *column, label, np.array([e.essential for e in needs], bool))


def bits(rows: list[set[int]], width: int) -> np.ndarray:
    cells = [(r, c) for r, places in enumerate(rows) for c in places]
    at = np.array(cells, np.int64).reshape(-1, 2)
    return pack_bits(at[:, 0], at[:, 1], len(rows), width)


def ask(n: int, needs: list[Need], own: list[set[int]], width: int = 1,
        external: list[set[int]] | None = None) -> list[set[int]]:  # fmt: skip
    outside = None if external is None else bits(external, width)
    found = unpack_bits(available(recipe(n, needs), bits(own, width), outside), width)
    return [set(np.flatnonzero(row).tolist()) for row in found]


def brute(n: int, needs: list[Need], own: list[set[int]], external: list[set[int]]) -> list[set[int]]:
    """Least fixpoint, from all false upward, one place after the other."""
    groups: dict[tuple[int, object], list[Need]] = {}
    for number, edge in enumerate(needs):
        name = ("alone", number) if edge.group is None else edge.group
        groups.setdefault((edge.owner, name), []).append(edge)
    needed = [(owner, {e.member for e in edges}) for (owner, _), edges in groups.items()
              if any(e.essential for e in edges)]  # fmt: skip
    found: list[set[int]] = [set() for _ in range(n)]
    for place in set().union(*own):  # nothing is available where nobody makes anything
        have: set[int] = set()
        while True:
            more = {
                p for p in range(n) if place in own[p] and all(
                    any(u in have or place in external[u] for u in members)
                    for owner, members in needed if owner == p)
            }  # fmt: skip
            if more == have:
                break
            have = more
        for p in have:
            found[p].add(place)
    return found


# The napkin chain of methods §1:  T needs A and B;  A needs a1 or a2;  B needs b1.
#
#     a1 ─┐
#         ├─(or)─ A ─┐
#     a2 ─┘          ├─(and)─ T
#     b1 ─────── B ──┘
#
T, A, B, A1, A2, B1 = range(6)
NAPKIN = [Need(T, A, None, True), Need(T, B, None, True), Need(A, A1, 1, True),
          Need(A, A2, 1, True), Need(B, B1, None, True)]  # fmt: skip
HERE = {0}


def test_the_napkin_chain_is_available_when_everything_is_made() -> None:
    assert ask(6, NAPKIN, [HERE] * 6) == [HERE] * 6


def test_one_of_two_alternatives_is_enough() -> None:
    own = [HERE] * 6
    own[A1] = set()
    # a1 itself is gone; A still stands on a2, so T stands.
    assert ask(6, NAPKIN, own) == [HERE, HERE, HERE, set(), HERE, HERE]


def test_an_essential_input_takes_everything_above_it_along() -> None:
    own = [HERE] * 6
    own[B1] = set()
    # b1 gone: B falls, T falls; A does not need b1.
    assert ask(6, NAPKIN, own) == [set(), HERE, set(), HERE, HERE, set()]


def test_an_external_input_serves_but_is_not_made_here() -> None:
    own, outside = [HERE] * 6, [set() for _ in range(6)]
    own[B1], outside[B1] = set(), HERE
    assert ask(6, NAPKIN, own, external=outside) == [HERE, HERE, HERE, HERE, HERE, set()]


def test_an_input_that_is_not_essential_is_not_needed() -> None:
    assert ask(2, [Need(0, 1, None, False)], [HERE, set()]) == [HERE, set()]


def test_a_cycle_does_not_pull_itself_up() -> None:
    # p needs q, q needs p: both have makers, neither can start.
    loop = [Need(0, 1, None, True), Need(1, 0, None, True)]
    assert ask(2, loop, [HERE, HERE]) == [set(), set()]
    # With one of them to be had from outside both run.
    assert ask(2, loop, [HERE, HERE], external=[set(), HERE]) == [HERE, HERE]


def test_the_cycle_is_reported_by_its_items() -> None:
    needs = [Need(0, 1, None, True), Need(1, 0, None, True), Need(2, 0, None, True), Need(3, 3, None, True)]
    assert recipe(4, needs).cyclic.tolist() == [True, True, False, True]


def test_places_do_not_mix() -> None:
    # Place 0 makes A and what it needs, place 70 makes T: neither has T's whole recipe.
    own = [{70}, {0}, {0, 70}, {0}, set(), {0, 70}]
    assert ask(6, NAPKIN, own, width=71) == [set(), {0}, {0, 70}, {0}, set(), {0, 70}]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[int, list[Need], list[set[int]], list[set[int]], int]:
    n = draw(st.integers(1, 7))
    item = st.integers(0, n - 1)
    needs = draw(st.lists(
        st.builds(Need, item, item, st.none() | st.integers(0, 2), st.booleans() | st.just(True)),
        max_size=14))  # fmt: skip
    width = draw(st.sampled_from([1, 2, 3, 65]))
    # Few of the places differ, so that a width over one word costs no time.
    places = st.frozensets(st.sampled_from([0, width // 2, width - 1]))
    own = [set(s) for s in draw(st.lists(places, min_size=n, max_size=n))]
    outside = [set(s) for s in draw(st.lists(st.just(frozenset()) | places, min_size=n, max_size=n))]
    return n, needs, own, outside, width


@settings(max_examples=examples(2000), derandomize=True)
@given(worlds())
def test_random_recipes_equal_brute_force(
    world: tuple[int, list[Need], list[set[int]], list[set[int]], int],
) -> None:
    n, needs, own, outside, width = world
    assert ask(n, needs, own, width, outside) == brute(n, needs, own, outside)


def test_the_random_recipes_reach_the_hard_cases() -> None:
    """Cycles, alternatives that decide, inputs that are not essential, outside inputs that decide."""
    seen: set[str] = set()

    @settings(max_examples=300, derandomize=True, database=None)
    @given(worlds())
    def look(world: tuple[int, list[Need], list[set[int]], list[set[int]], int]) -> None:
        n, needs, own, outside, _ = world
        found = brute(n, needs, own, outside)
        if recipe(n, needs).cyclic.any():
            seen.add("cycle")
        if found != brute(n, [Need(e.owner, e.member, None, e.essential) for e in needs], own, outside):
            seen.add("alternatives")
        if found != brute(n, [Need(e.owner, e.member, e.group, True) for e in needs], own, outside):
            seen.add("not essential")
        if found != brute(n, needs, own, [set() for _ in range(n)]):
            seen.add("outside")

    look()
    assert seen == {"cycle", "alternatives", "not essential", "outside"}


@pytest.mark.parametrize("width", [1, 63, 64, 65, 200])
def test_bits_come_back_as_they_were_packed(width: int) -> None:
    made = np.random.default_rng(width).random((5, width)) < 0.3
    assert np.array_equal(unpack_bits(pack_bits(*np.nonzero(made), 5, width), width), made)


@pytest.mark.parametrize("seed", range(6))
def test_many_places_and_long_groups_are_the_places_one_word_at_a_time(seed: int) -> None:
    """Wide rows are joined side by side and in parts; groups of up to 40 members, items of up to 15 groups."""
    rng = np.random.default_rng(seed)
    n, words = 20_000, 9
    sizes = np.minimum(rng.geometric(0.3, 12_000), 40)
    group_owner = np.sort(rng.integers(0, n // 3, len(sizes)))
    owner, label = np.repeat(group_owner, sizes), np.repeat(np.arange(len(sizes)), sizes)
    low = 0 if seed % 2 else n // 3  # with cycles, and without
    member = rng.integers(low, n, len(owner))
    whole = Recipe.build(n, owner, member, label, np.ones(len(owner), bool))
    own = rng.integers(0, 1 << 63, (n, words), dtype=np.int64).astype(np.uint64)
    outside = own[::-1] & own[rng.permutation(n)]
    for external in (None, outside):
        one = [available(whole, own[:, [w]], None if external is None else external[:, [w]]) for w in range(words)]
        assert np.array_equal(available(whole, own, external), np.concatenate(one, axis=1))
