"""The rule of a verdict and the thinning of κ, as functions of arrays, against rules written out one by one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.sparse import csr_array

from chainatlas.queries.atlas.kappa import thinned
from chainatlas.queries.verdicts.judge import (
    ADEQUATE,
    BROKEN,
    DOMESTIC,
    ELSEWHERE_UNKNOWN,
    FOREIGN,
    NEARBY,
    STATUS,
    SUBKIND,
    Known,
    Limits,
    judge,
    made_elsewhere,
)

NAN = float("nan")
ABSENT = (NEARBY, DOMESTIC, FOREIGN, BROKEN, ELSEWHERE_UNKNOWN)
CASES = list(product(
    range(4), (False, True), (False, True), (False, True), (False, True), (NAN, 0.2, 0.25, 0.3), (NAN, 0.9, 1.0, 1.1),
    ABSENT,
))  # fmt: skip


def by_hand(
    producers: int, covered: bool, countable: bool, hinted: bool, primary: bool, hhi: float, lq: float, absent: int
) -> tuple[str, str | None]:
    """Methods §1, the first that applies."""
    if producers == 0 and primary:
        return "assumed", None
    if not covered and producers < 2:
        return "unknown", "at_least_one" if producers == 1 else None
    if producers == 0 and hinted:
        return "possible", None
    if producers == 0:
        return "missing", SUBKIND[absent]
    if producers == 1 and (hinted or not countable):
        return "unknown", "at_least_one"
    if producers == 1:
        return "single_source", None
    if hhi > 0.25:
        return "weak", "hhi"
    if lq < 1:
        return "weak", "lq"
    return "adequate", None


def test_the_first_rule_that_applies() -> None:
    """Every combination of what may be known, all of them in one call; every status and sub-kind occurs."""
    *known, absent = (np.array(column) for column in zip(*CASES, strict=True))
    status, subkind = judge(Known(*known, absent.astype(np.int8)), Limits(0.25))
    said = [(STATUS[s], SUBKIND[k]) for s, k in zip(status, subkind, strict=True)]
    assert said == [by_hand(*case) for case in CASES]
    assert {s for s, _ in said} == set(STATUS)
    assert {k for _, k in said} == set(SUBKIND)


def test_shapes_and_what_nobody_asks_for() -> None:
    """Without outputs nothing is weak, without a question where else the missing have no sub-kind."""
    producers = np.array([[0, 1, 2], [0, 1, 5]])
    status, subkind = judge(Known(producers, np.ones((2, 3), bool)), Limits(0.0, 9.0))
    assert [[STATUS[s] for s in row] for row in status] == [
        ["missing", "single_source", "adequate"],
        ["missing", "single_source", "adequate"],
    ]
    assert not subkind.any()


def test_the_limits_are_those_of_the_vocabulary() -> None:
    limits = Limits.stated()
    known = Known(np.array([2, 2, 2]), np.ones(3, bool), hhi=np.array([limits.hhi, limits.hhi + 0.01, NAN]))
    assert judge(known, limits)[0].tolist() == [ADEQUATE, STATUS.index("weak"), ADEQUATE]


def test_what_nobody_tells_apart() -> None:
    """Without a grain of its own a number of makers can be counted where a maker would be seen; nobody is hinted."""
    covered = np.array([True, False])
    told = judge(Known(np.array([1, 1]), covered), Limits(0.25))
    assert [(STATUS[s], SUBKIND[k]) for s, k in zip(*told, strict=True)] == [
        ("single_source", None),
        ("unknown", "at_least_one"),
    ]


@pytest.mark.parametrize(
    ("near", "total", "foreign", "shown", "where"),
    [
        (True, 3, 1, False, "nearby"),
        (False, 3, 1, False, "domestic"),
        (False, 3, 3, True, "foreign"),
        (False, 0, 0, True, "broken"),
        (False, 0, 0, False, "elsewhere_unknown"),
    ],
)
def test_where_a_missing_link_is_made_instead(near: bool, total: int, foreign: int, shown: bool, where: str) -> None:
    columns = np.array([near]), np.array([total]), np.array([foreign]), np.array([shown])
    assert [SUBKIND[k] for k in made_elsewhere(*columns)] == [where]


# One country (0) with a province (1), its city (2), the city's county (3), another province (4) and a cluster
# in the city (5). The statement speaks of the province: five firms stand in it.
RANK = np.array([0, 1, 2, 3, 1, 4])
INSIDE = np.array([False, True, True, True, False, True])
HELD = np.array(
    [
        [1, 1, 1, 1, 0, 0],  # county known
        [1, 1, 1, 0, 0, 1],  # city known, and in the cluster
        [1, 1, 1, 0, 0, 0],  # city known
        [1, 1, 0, 0, 0, 0],  # somewhere in the province
        [1, 1, 0, 0, 0, 0],
    ]
)


def test_a_statement_is_thinned_by_the_share_that_can_be_placed_so_finely() -> None:
    share = thinned(csr_array(HELD), INSIDE, RANK, 1)
    assert share.tolist() == [0, 1, 3 / 5, 1 / 5, 0, 1 / 5]


def test_a_statement_that_counts_nobody_here_is_not_thinned() -> None:
    assert thinned(csr_array((0, 6)), INSIDE, RANK, 1).tolist() == [0, 1, 1, 1, 0, 1]
