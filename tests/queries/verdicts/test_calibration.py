"""κ says how often a link that is made is called missing (benchmarks/calibration.py, a small version)."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def calibration(root: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(root / "benchmarks"))
    monkeypatch.delitem(sys.modules, "calibration", raising=False)
    return importlib.import_module("calibration")


def test_facts_hidden_at_random_and_by_grain_are_missed_as_often_as_kappa_says(calibration: Any) -> None:
    found = calibration.measure(10)
    bands = [found["missing"][a:b] for a, b in ((0, 3), (3, 6), (6, 10))]
    for rows in bands:
        cells = np.array([row.cells for row in rows])
        assert cells.sum() >= 150
        by_kappa, observed = (
            np.average([getattr(row, name) for row in rows], weights=cells) for name in ("expected", "observed")
        )
        assert abs(by_kappa - observed) <= calibration.WITHIN
    for name in ("missing said", "single said"):
        assert all(row.holds for row in found[name])


def test_a_kappa_that_promises_too_much_does_not_pass(calibration: Any) -> None:
    many = calibration.ENOUGH
    missed = np.arange(many) % 2 == 0  # every second of the links that one firm makes
    ones = np.ones(many, np.int64)
    status = np.where(missed, calibration.MISSING, 0)
    for kappa, holds in ((0.55, True), (0.75, False), (0.25, False)):
        cells = calibration.Cells(np.full(many, kappa), np.full(many, kappa), ones, ones, status)
        rows = [row for row in calibration.compared(cells)["missing"] if row.cells]
        assert [row.holds for row in rows] == [holds]


def test_a_bound_holds_from_above_only(calibration: Any) -> None:
    assert calibration.Tenth(0.5, 1000, 0.5, 0.1, bound=True).holds
    assert not calibration.Tenth(0.5, 1000, 0.5, 0.65, bound=True).holds
    assert not calibration.Tenth(0.5, 1000, 0.5, 0.1).holds
