"""Every requirement states a lowest version, and CI's constraints are read from that one place."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable, Iterator
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


ABOVE: dict[str, str] = {}  # the library that is held below a version: what of it broke us


def test_upper_bounds_stand_only_where_a_version_broke_us(root: Path) -> None:
    requirements: Callable[[str], Iterator[str]] = runpy.run_path(str(root / ".ci" / "floors.py"))["requirements"]
    stated = [*requirements((root / "setup.cfg").read_text(encoding="utf-8"))]
    for name in ("requirements-test.txt", "requirements-dev.txt"):
        lines = (root / name).read_text(encoding="utf-8").splitlines()
        stated += [line for line in lines if line and not line.startswith(("#", "-"))]
    assert len(stated) > 30
    assert {line.split(">=")[0] for line in stated if re.search(r"[<!~]|===?", line)} == set(ABOVE)


def test_ci_installs_the_newest_and_the_lowest(root: Path) -> None:
    """The newest run is held by no constraint; the lowest by those of setup.cfg, whatever was fetched before."""
    script = (root / ".ci" / "run").read_text(encoding="utf-8").replace("\\\n        ", "")
    fetched, newest, lowest = re.findall(r"pip install -q --no-compile --disable-pip-version-check (.*)", script)
    floors = '"$temporary/floors.txt"'
    assert fetched == f'-r {floors} -r "$temporary/beside.txt"'
    assert newest == "-r requirements-dev.txt"
    assert lowest == f"-c {floors} -r requirements-test.txt"
    assert re.search(r'python3 \.ci/floors\.py >"\$temporary/floors\.txt"\n', script)
    assert re.search(r"environment newest\n.*requirements-dev", script)
    assert re.search(r"environment lowest\n.*requirements-test\.txt\n", script)
