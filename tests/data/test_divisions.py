"""The gazetteer's tables: every code is a division of today, nothing stands twice, old codes are not in use."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "data" / "divisions"


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CODES = {row["code"] for row in rows("divisions.csv")}


@pytest.mark.parametrize(
    ("name", "column", "least"),
    [
        ("names.csv", "code", 3_700),
        ("zones.csv", "seat_code", 700),
        ("successors.csv", "new_code", 900),
        ("former_codes.csv", "new_code", 2_100),
    ],
)
def test_codes_are_divisions(name: str, column: str, least: int) -> None:
    found = [row[column] for row in rows(name)]
    assert len(found) >= least
    assert set(found) <= CODES


def test_codes_no_longer_used_are_not_used() -> None:
    assert not {row["old_code"] for row in rows("former_codes.csv")} & CODES


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("names.csv", ("code", "name")),
        ("zones.csv", ("name",)),
        ("successors.csv", ("old_name", "new_code")),
        ("former_codes.csv", ("old_code",)),
        ("countries.csv", ("iso3",)),
        ("countries.csv", ("iso2",)),
    ],
)
def test_nothing_stands_twice(name: str, key: tuple[str, ...]) -> None:
    found = [tuple(row[k] for k in key) for row in rows(name)]
    assert len(found) == len(set(found))


def test_every_zone_has_a_source_and_every_country_two_codes() -> None:
    assert all(row["source"] and row["kind"] for row in rows("zones.csv"))
    assert all(len(row["iso2"]) == 2 and len(row["iso3"]) == 3 for row in rows("countries.csv"))


def test_the_readme_counts_the_rows() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    for path in FOLDER.glob("*.csv"):
        assert f"| {path.name} | {len(rows(path.name))} |" in text
