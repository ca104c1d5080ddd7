"""Matching names keeps its promises on pairs made from listed companies (benchmarks/identity.py)."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def identity(root: Path, shared: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(root / "benchmarks"))
    for name in ("measuring", "identity"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    made = importlib.import_module("identity")
    monkeypatch.setattr(made, "SHARED", shared / "data")
    return made


def check(outcomes: dict[str, Any], positives: int) -> None:
    assert outcomes["all"].positives == positives
    for one in outcomes.values():
        assert one.joined > positives / 4
        assert one.precision >= 0.995
        assert one.recall >= 0.95
        assert one.review <= 0.10


def test_precision_recall_and_queue(identity: Any) -> None:
    check(identity.measure(1000, 600, every=5), 1000)


@pytest.mark.slow
def test_precision_recall_and_queue_of_all(identity: Any) -> None:
    check(identity.measure(), 5000)
