"""The limits of reading a file that the documentation states are those that hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chainatlas.loaders.files.limits import MB, limits_of

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "when-something-goes-wrong.md"


def _told() -> list[tuple[str, int, int, int, int]]:
    """Return a kind of file and the four numbers of its row, in the order of both languages."""
    found = []
    for row in re.findall(r"^\| .*\d.* \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE):
        kinds, _, rest = row.strip("| ").partition(" | ")
        least, times, seconds, each = map(int, re.findall(r"\d+", rest))
        found += [(kind.lower(), least, times, seconds, each) for kind in re.findall(r"[A-Za-z]+", kinds)]
    return found


def test_both_languages_tell_the_same() -> None:
    told = _told()
    kinds = {kind for kind, *_ in told}
    assert len(told) == 2 * len(kinds)
    assert len(set(told)) == len(kinds) == 13


@pytest.mark.parametrize("size", [0, 1, 7])
def test_the_limits_are_those_of_the_page(tmp_path: Path, size: int) -> None:
    """By files of that many megabytes of nothing: limits are taken before anything is read."""
    for kind, least, times, seconds, each in _told():
        if kind == "parquet":  # says in its own words what it holds
            continue
        file = tmp_path / f"a.{kind}"
        file.touch()
        with file.open("r+b") as made:
            made.truncate(size * MB)
        found = limits_of(file)
        assert (kind, found.memory) == (kind, (least + times * size) * MB)
        assert (kind, round(found.seconds, 6)) == (kind, seconds + each * size)
