"""Arrays and walks, against walks written out one node at a time, on random relations with cycles."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from scipy.sparse import eye_array

from chainatlas.graph.columns import arrays, walks

N = 12
Pairs = tuple[np.ndarray, np.ndarray]


def relations(seed: int) -> Pairs:
    rng = np.random.default_rng(seed)
    pairs = rng.integers(0, N, (int(rng.integers(0, 25)), 2))
    return pairs[:, 0], pairs[:, 1]


def closure(src: np.ndarray, dst: np.ndarray) -> list[set[int]]:
    """What each number reaches, itself included, by repeating one step."""
    reach = [{n} for n in range(N)]
    for _ in range(N):
        for a, b in zip(src.tolist(), dst.tolist(), strict=True):
            for known in reach:
                if a in known:
                    known.add(b)
    return reach


@pytest.mark.parametrize("seed", range(40))
def test_all_walks_reach_the_same(seed: int) -> None:
    src, dst = relations(seed)
    wanted = closure(src, dst)
    step = arrays.incidence(src, dst, (N, N))
    everything = walks.passed_on(step, eye_array(N, dtype=np.int32, format="csr"))
    for start in range(N):
        assert walks.walk(lambda at: arrays.row_of(step, at).tolist(), start) == wanted[start]
        assert set(np.flatnonzero(walks.reached_from(src, dst, np.array([start]), N)).tolist()) == wanted[start]
        assert set(arrays.row_of(everything, start).tolist()) == wanted[start]
    assert set(everything.data.tolist()) == {1}


@pytest.mark.parametrize("seed", range(40))
def test_depth_is_the_longest_way_between_circles(seed: int) -> None:
    src, dst = relations(seed)
    reach = closure(src, dst)
    component = walks.components(src, dst, N, strong=True)
    together = [[b in reach[a] and a in reach[b] for b in range(N)] for a in range(N)]
    assert [[bool(component[a] == component[b]) for b in range(N)] for a in range(N)] == together

    def depth(at: int) -> int:
        before = [a for a, b in zip(src.tolist(), dst.tolist(), strict=True) if together[at][b] and not together[at][a]]
        return max((1 + depth(a) for a in before), default=0)

    assert walks.depths(src, dst, component).tolist() == [depth(n) for n in range(N)]


@pytest.mark.parametrize("module", [arrays, walks])
def test_the_examples_are_true(module: object) -> None:
    tried = doctest.testmod(module, globs={"np": np, **vars(module)})  # type: ignore[arg-type]
    assert tried.attempted >= 4
    assert not tried.failed


def test_a_pair_counts_once_and_negative_numbers_are_nobody() -> None:
    matrix = arrays.incidence(np.array([0, 0, -1, 1]), np.array([2, 2, 0, -1]), (2, 3))
    assert matrix.toarray().tolist() == [[0, 0, 1], [0, 0, 0]]


def test_cells_of_rows_one_after_the_other() -> None:
    matrix = arrays.incidence(np.array([0, 0, 2]), np.array([1, 3, 0]), (3, 4))
    assert matrix.indices[arrays.cells_of(matrix, np.array([2, 1, 0]))].tolist() == [0, 1, 3]
    assert arrays.cells_of(matrix, np.zeros(0, np.int64)).tolist() == []


def test_numbers_not_known_are_none() -> None:
    assert [arrays.rounded(x) for x in (None, float("nan"), 0.0, 1 / 3)] == [None, None, 0.0, 0.3333]
    assert arrays.rounded(2 / 3, 2) == 0.67
