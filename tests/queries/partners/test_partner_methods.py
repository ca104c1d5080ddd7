"""The methods behind partner ranking, against published and hand-worked numbers and brute force."""

from __future__ import annotations

import runpy
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scheduling import examples
from scipy.sparse import csr_array

from chainatlas.queries.atlas.scopes import distance_km
from chainatlas.queries.partners.alliances import cover
from chainatlas.queries.partners.matching import assign, greedy
from chainatlas.queries.partners.scoring.decision import (
    ahp,
    contributions,
    entropy_weights,
    filled,
    in_tiers,
    topsis,
)
from chainatlas.queries.partners.scoring.features import two_mode_l3

_FILE = Path(__file__).parents[3] / "benchmarks" / "recovery" / "similarity.py"  # a baseline of the benchmarks
link_scores = runpy.run_path(str(_FILE))["link_scores"]

# Hwang & Yoon 1981: four fighter aircraft, six criteria, the fourth (price) a cost.
FIGHTERS = np.array([[2.0, 1500, 20000, 5.5, 5, 9], [2.5, 2700, 18000, 6.5, 3, 5],
                     [1.8, 2000, 21000, 4.5, 7, 7], [2.2, 1800, 20000, 5.0, 5, 5]])  # fmt: skip
WEIGHTS = np.array([0.2, 0.1, 0.1, 0.1, 0.2, 0.3])


def test_topsis_fighters() -> None:
    cost = np.array([False, False, False, True, False, False])
    assert topsis(FIGHTERS, WEIGHTS, cost).round(4).tolist() == [0.6433, 0.2684, 0.6135, 0.3123]


def test_topsis_of_equals_is_the_middle() -> None:
    assert topsis(np.ones((3, 2)), np.array([0.5, 0.5])).tolist() == [0.5, 0.5, 0.5]


def test_ahp() -> None:
    weights, ratio = ahp(np.array([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]]))
    assert weights == pytest.approx([0.637, 0.2583, 0.1047], abs=1e-4)
    assert round(ratio, 3) == 0.033 or round(ratio, 3) == 0.037


def test_entropy_weights_by_hand() -> None:
    """A criterion on which all are equal tells nothing; one that a single candidate has tells most."""
    weights = entropy_weights(np.array([[0.5, 1.0, 0.2], [0.5, 0.0, 0.6]]))
    # e₁ = 1, e₂ = 0, p₃ = (.25, .75): e₃ = .8113
    assert weights == pytest.approx([0, 1 / 1.18872, 0.18872 / 1.18872], abs=1e-4)


def test_what_is_not_known_counts_at_the_stated_value() -> None:
    """Who else is a candidate changes nobody's part: a page that carries some of them computes the same."""
    values = np.array([[0.2, np.nan, np.nan], [0.4, 0.3, np.nan], [0.9, 0.7, 0.5]])
    neutral, weights = np.array([0.0, 0.25, 0.6]), np.array([1.0, 0.5, 0.5])
    assert filled(values, neutral)[0].tolist() == [0.2, 0.25, 0.6]
    parts = contributions(values, weights, neutral)
    assert parts == pytest.approx(np.array([[0.1, 0.0625, 0.15], [0.2, 0.075, 0.15], [0.45, 0.175, 0.125]]))
    assert contributions(values[:1], weights, neutral) == pytest.approx(parts[:1])


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 4)), min_size=2, max_size=6))
def test_no_score_passes_into_a_better_tier(rows: list[tuple[float, int]]) -> None:
    within, tier = (np.array(column) for column in zip(*rows, strict=True))
    score = in_tiers(within, tier, 4)
    for a, b in product(range(len(rows)), repeat=2):
        if tier[a] < tier[b] or (tier[a] == tier[b] and within[a] > within[b]):
            assert score[a] >= score[b]
    assert in_tiers(np.array([0.5]), np.array([2]), 4).tolist() == [0.625]


def test_k5() -> None:
    """In K5 without the edge 0–1 the two share three neighbours of degree 4."""
    full = np.ones((5, 5)) - np.eye(5)
    full[0, 1] = full[1, 0] = 0
    found = link_scores(csr_array(full), 0)
    assert round(float(found.adamic_adar[1]), 4) == 2.1640
    assert found.resource_allocation[1] == pytest.approx(0.75)
    assert found.jaccard[1] == pytest.approx(1.0)
    whole = link_scores(csr_array(np.ones((5, 5)) - np.eye(5)), 0)
    assert whole.jaccard[1] == pytest.approx(0.6)
    assert round(float(whole.adamic_adar[1]), 4) == 2.1640


def test_jinan_qingdao() -> None:
    assert round(distance_km((117.12, 36.65), (120.38, 36.07))) == 299


@st.composite
def graphs(draw: st.DrawFn) -> np.ndarray:
    n = draw(st.integers(2, 8))
    upper = np.array(draw(st.lists(st.booleans(), min_size=n * n, max_size=n * n))).reshape(n, n)
    upper = np.triu(upper, 1)
    return (upper | upper.T).astype(float)


@settings(max_examples=examples(60))
@given(graphs())
def test_link_scores_by_brute_force(graph: np.ndarray) -> None:
    n, degree = len(graph), graph.sum(axis=1)
    found = link_scores(csr_array(graph), 0)
    for y in range(1, n):
        common = [z for z in range(n) if graph[0, z] and graph[z, y]]
        paths = sum(1 / np.sqrt(degree[u] * degree[v]) for u, v in product(range(n), repeat=2)
                    if u and v and graph[0, u] and graph[u, v] and graph[v, y])  # fmt: skip
        assert found.adamic_adar[y] == pytest.approx(sum(1 / np.log(degree[z]) for z in common))
        assert found.resource_allocation[y] == pytest.approx(sum(1 / degree[z] for z in common))
        assert found.l3[y] == pytest.approx(paths)


@settings(max_examples=examples(60))
@given(st.integers(1, 5), st.integers(1, 6), st.data())
def test_two_mode_l3_by_brute_force(holders: int, items: int, data: st.DataObject) -> None:
    cells = data.draw(st.lists(st.booleans(), min_size=holders * items, max_size=holders * items))
    holds = np.array(cells, float).reshape(holders, items)
    makers = np.flatnonzero(holds[:, 0])
    asked, own = np.zeros((1, holders)), np.eye(1, items)
    asked[0, makers] = 1
    found = two_mode_l3(csr_array(holds), csr_array(holds.T.copy()), csr_array(asked), csr_array(own)).toarray()[0]
    for c in range(holders):
        paths = sum(1 / np.sqrt(holds[f].sum() * holds[:, j].sum()) for f in makers for j in range(1, items)
                    if holds[c, j] and holds[f, j])  # fmt: skip
        assert found[c] == pytest.approx(paths)


@settings(max_examples=examples(40))
@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 2), st.integers(1, 2), st.data())
def test_assignment_by_brute_force(needs: int, candidates: int, most: int, load: int, data: st.DataObject) -> None:
    cells = data.draw(st.lists(st.integers(0, 9), min_size=needs * candidates, max_size=needs * candidates))
    score = np.array(cells, float).reshape(needs, candidates)
    chosen = assign(score, most, load)
    assert (chosen.sum(axis=1) <= most).all()
    assert (chosen.sum(axis=0) <= load).all()
    assert (score[chosen] > 0).all()
    best = 0.0
    for bits in product((False, True), repeat=score.size):
        taken = np.array(bits).reshape(score.shape)
        if (taken.sum(axis=1) <= most).all() and (taken.sum(axis=0) <= load).all():
            best = max(best, float(score[taken].sum()))
    assert score[chosen].sum() == pytest.approx(best)
    assert score[greedy(score, most, load)].sum() <= best + 1e-9


def test_assignment_beats_greedy() -> None:
    """Greedy takes .9 and is left with .1; the best total is .8 + .7."""
    score = np.array([[0.9, 0.8], [0.7, 0.1]])
    assert assign(score).tolist() == [[False, True], [True, False]]
    assert score[greedy(score)].sum() == pytest.approx(1.0)


@settings(max_examples=examples(40))
@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 3), st.data())
def test_cover_by_brute_force(members: int, links: int, size: int, data: st.DataObject) -> None:
    cells = data.draw(st.lists(st.booleans(), min_size=members * links, max_size=members * links))
    holds = np.array(cells, float).reshape(members, links)
    chosen, exact = cover(csr_array(holds), size)
    best = max((holds[list(c)].max(axis=0).sum() for k in range(1, min(size, members) + 1)
                for c in combinations(range(members), k)), default=0)  # fmt: skip
    assert exact
    assert len(chosen) <= size
    assert (holds[chosen].max(axis=0).sum() if len(chosen) else 0) == best


def test_cover_is_not_greedy() -> None:
    """The row that holds most (0) is in no pair that covers all: greedy would stop at five of six."""
    holds = np.array([[1, 1, 0, 1, 1, 0], [1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]], float)
    chosen, exact = cover(csr_array(holds), 2)
    assert (sorted(chosen.tolist()), exact) == ([1, 2], True)
