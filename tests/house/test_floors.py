"""Every requirement states a lowest version, and CI's constraints are read from that one place."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

Floors = Callable[[str], list[str]]
SETUP = """
[options]
install_requires =
    a-library>=1.5
[options.extras_require]
more =
    other>=2,<3
again =
    other>=2
"""


@pytest.fixture
def floors(root: Path) -> Floors:
    """The function of CI's script."""
    function: Floors = runpy.run_path(str(root / ".ci" / "floors.py"))["floors"]
    return function


def test_a_requirement_of_two_extras_is_one_constraint(floors: Floors) -> None:
    assert floors(SETUP) == ["a-library==1.5", "other==2"]


@pytest.mark.parametrize("requirement", ["a-library", "a-library<2", "a-library==1.5", "a-library>1.5"])
def test_a_requirement_without_a_floor_is_refused(floors: Floors, requirement: str) -> None:
    with pytest.raises(ValueError, match="lowest version"):
        floors(SETUP.replace("a-library>=1.5", requirement))


def test_all_of_ours_state_one(floors: Floors, root: Path) -> None:
    names = [constraint.split("==")[0] for constraint in floors((root / "setup.cfg").read_text(encoding="utf-8"))]
    assert len(names) == len(set(names)) > 20, "one floor a library"
