"""Formulas of input–output position: hand-worked, against pymrio, and against doing it the long way."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from chainatlas.queries.input_output import leontief as io

A = np.array([[0, 0.5, 0], [0, 0, 0.4], [0, 0, 0]])
F = np.array([10.0, 20.0, 100.0])


def near(values: np.ndarray, *wanted: float, within: float = 5e-5) -> bool:
    return bool(np.allclose(values, wanted, atol=within, rtol=0))


def test_three_sectors_in_a_row() -> None:
    """A12 = .5, A23 = .4, f = (10, 20, 100): x3 = 100, x2 = 20 + 40, x1 = 10 + 30."""
    L = io.calc_L(A)
    x = L @ F
    assert near(x, 40, 60, 100)
    Z = A * x
    assert near(io.calc_A(Z, x).ravel(), *A.ravel())
    B = io.calc_B(Z, x)
    G = io.calc_G(B)
    assert near(io.calc_upstreamness(G), 2.25, 1.6667, 1)
    assert near(io.calc_downstreamness(L), 1, 1.5, 1.6)
    apl = io.calc_apl(L)
    assert apl[0, 2] == pytest.approx(2)
    assert apl[0, 1] == pytest.approx(1)
    assert np.isnan(apl[2, 0])
    assert np.isnan(apl[0, 0])
    assert near(io.calc_backward(A), 0, 0.5, 0.4)
    assert near(io.calc_forward(B), 0.75, 0.6667, 0)
    assert near(io.calc_power(L), 0.7317, 1.0976, 1.1707)
    assert near(io.calc_extraction(L, x), 40, 90, 160)


def test_against_pymrio() -> None:
    """The test world of pymrio: reg1 mining, and mean U = mean D, weighted by output."""
    pymrio = pytest.importorskip("pymrio", reason="pymrio is in requirements-dev.txt")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pymrio's own use of pandas
        mrio = pymrio.load_test()
        x = pymrio.calc_x(mrio.Z, mrio.Y)
        theirs = [pymrio.calc_A(mrio.Z, x), pymrio.calc_B(mrio.Z, x)]
        theirs += [pymrio.calc_L(theirs[0]), pymrio.calc_G(theirs[1])]
    Z, gross = mrio.Z.to_numpy(dtype=float), x.to_numpy(dtype=float)[:, 0]
    ours = [io.calc_A(Z, gross), io.calc_B(Z, gross)]
    ours += [io.calc_L(ours[0]), io.calc_G(ours[1])]
    for mine, other in zip(ours, theirs, strict=True):
        assert np.allclose(mine, other.to_numpy(), atol=1e-10)
    up, down = io.calc_upstreamness(ours[3]), io.calc_downstreamness(ours[2])
    at = list(mrio.Z.index).index(("reg1", "mining"))
    assert (round(up[at], 4), round(down[at], 4)) == (2.1641, 1.5510)
    assert round(float(np.average(up, weights=gross)), 6) == 1.012436
    assert round(float(np.average(down, weights=gross)), 6) == 1.012436


@pytest.mark.parametrize("seed", range(20))
def test_against_the_long_way(seed: int) -> None:
    """Random economies: extraction by inverting again, APL and U by summing rounds."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 9))
    coefficients = rng.random((n, n)) * (rng.random((n, n)) < 0.6)
    coefficients *= 0.8 / max(0.8, coefficients.sum(axis=0).max())
    f = rng.random(n) * 100 + 1
    L = io.calc_L(coefficients)
    x = L @ f
    for j in range(n):
        cut, rest = coefficients.copy(), f.copy()
        cut[j], cut[:, j], rest[j] = 0, 0, 0
        assert io.calc_extraction(L, x)[j] == pytest.approx(x.sum() - (io.calc_L(cut) @ rest).sum())
    power, total, weighted = np.eye(n), np.zeros((n, n)), np.zeros((n, n))
    for rounds in range(1, 400):
        power = power @ coefficients
        total, weighted = total + power, weighted + rounds * power
    apl = io.calc_apl(L)
    reached = total > 1e-9
    assert np.allclose(apl[reached], (weighted[reached] / total[reached]), rtol=1e-6)
    allocation = io.calc_B(coefficients * x, x)
    stages, share = np.zeros(n), f / x
    for rounds in range(1, 400):
        stages, share = stages + rounds * share, allocation @ share
    assert np.allclose(io.calc_upstreamness(io.calc_G(allocation)), stages, rtol=1e-6)
    assert io.calc_power(L).mean() == pytest.approx(1)
    assert io.calc_sensitivity(L).mean() == pytest.approx(1)


def test_inventories_are_spread_over_all_uses() -> None:
    """x = (10 + 30 + 10 of them put in store), so its other uses are scaled by 50 / 40."""
    Z, f, x = io.without_inventories(np.array([[0.0, 30.0], [0.0, 0.0]]), np.array([10.0, 5.0]), np.array([10.0, 0.0]))
    assert Z.tolist() == [[0, 37.5], [0, 0]]
    assert f.tolist() == [12.5, 5]
    assert x.tolist() == [50, 5]
