"""Candidates that were judged one by one, before the rules and after: what was called absurd stays away.

``judged.csv`` holds judgements of the engine's own candidates for needs of the bundled data (plausible: worth a
visit; weak: of the same broad trade; absurd) by a second pair of eyes, without knowing how they were found.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import chainatlas as ca
from chainatlas.queries.atlas.atlas import Atlas

Judged = dict[tuple[str, str], dict[str, str]]
OWN = Path(__file__).with_name("judged.csv")


@pytest.fixture(scope="module")
def atlas(demo_folder: Path) -> Atlas:
    return ca.open(demo_folder)


def judgements(*files: Path) -> Judged:
    """Judgement by candidate, by need (link, place)."""
    out: Judged = {}
    for file in files:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                out.setdefault((row["link"], row["place"]), {})[row["candidate"]] = row["judgement"]
    return out


def first(atlas: Atlas, need: tuple[str, str], many: int) -> list[str]:
    rows = ca.partners(atlas, need[0], place=need[1], kind="enterprise").rows
    return [str(row["candidate"]) for row in rows[:many]]


def test_the_needs_of_the_audit(atlas: Atlas, shared: Path) -> None:
    """Precision at five, and nobody absurd among the first ten, of six needs that an expert judged."""
    audit = shared / "cases" / "partners" / "labels.csv"
    needs, told = judgements(audit), judgements(OWN, audit)
    assert len(needs) == 6
    calls = {need: [told[need].get(name, "unknown") for name in first(atlas, need, 10)] for need in needs}
    assert "absurd" not in {call for row in calls.values() for call in row}
    five = [call for row in calls.values() for call in row[:5]]
    assert len(five) >= 8
    assert five.count("unknown") == 0
    assert five.count("plausible") / len(five) >= 0.85


def test_needs_that_nobody_had_looked_at(atlas: Atlas) -> None:
    told = judgements(OWN)
    calls = [told[need].get(name, "unknown") for need in told for name in first(atlas, need, 5)]
    known = [call for call in calls if call != "unknown"]
    assert len(known) >= 80
    assert len(known) >= 0.95 * len(calls), "who is new here is to be judged"
    assert known.count("plausible") / len(known) >= 0.85
    assert known.count("absurd") / len(known) <= 0.03
