"""The commands on resources, technologies, clusters and places: each on the bundled data, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]
# Command words, and the columns that scripts may rely on.
COMMANDS = [
    (("coverage", "--of", "platforms", "--chain", "高端聚氨酯"), {"link", "stage", "count", "names", "status", "via"}),
    (("reach", "--of", "platforms", "--in", "山东省"), {"place", "nearest", "km", "within", "access", "status"}),
    (("figures", "--in", "山东省"), {"chain", "K", "length", "thickness", "continuity"}),
    (("figures", "--chain", "锂电", "--in", "枣庄市"), {"chain", "K", "K_AO_certain", "K_AO_possible"}),
    (("leaders", "--cluster", "高端聚氨酯产业集群"), {"rank", "enterprise", "score", "association", "partners"}),
    (("related", "--in", "枣庄市"), {"product", "density", "gain", "inputs_present", "producers_near"}),
    (("compare", "枣庄市", "烟台市"), {"indicator", "name", "value", "rank", "best", "distance"}),
    (("listing", "platforms", "--in", "烟台市"), {"name", "kinds", "place", "serves", "sources"}),
    (("scan", "--chain", "锂电", "--in", "山东省"), {"place", "links", "made_here", "missing", "unknown", "coverage"}),
    (("evaluation", "锂电产业集群"), {"field", "counted_value", "unit", "filled"}),
    (("sources",), {"source", "what", "claims", "first_date", "last_date"}),
    (("expand", "--chain", "锂电"), {"direction", "name", "next_to"}),
    (("expand", "锂电产业集群"), {"direction", "name", "links", "technologies", "next_to", "status"}),
    (("profile", "万华化学集团股份有限公司"), {"what", "value", "source", "source_ref", "as_of"}),
    (("targets", "--as-of", "2020-12-31"), {"target", "due", "measure", "goal", "value", "gap", "state", "source"}),
    (("gaps", "--chain", "锂电", "--in", "枣庄市", "--kind", "extension"), {"link", "action", "density"}),
]  # fmt: skip
EMPTY = [("patents",), ("reserve", "--chain", "锂电"), ("gaps", "--in", "枣庄市", "--kind", "resource")]


@pytest.mark.parametrize(("words", "columns"), COMMANDS, ids=lambda v: " ".join(v) if isinstance(v, tuple) else "")
def test_a_command_answers_with_its_columns(
    call: Call, demo_folder: Path, words: tuple[str, ...], columns: set[str]
) -> None:
    rows = call(*words, "-w", demo_folder, "--format", "json").rows
    assert rows
    assert columns <= set(rows[0])
    assert all(not name.startswith("_") for name in rows[0])


@pytest.mark.parametrize("words", [COMMANDS[n][0] for n in (0, 1, 11)], ids=" ".join)
def test_a_command_speaks_english(call: Call, demo_folder: Path, words: tuple[str, ...]) -> None:
    done = call(*words, "-w", demo_folder, "--lang", "en")
    assert done.code == 0
    assert "status" in done.out or "state" in done.out or "served" in done.out
    assert any(c.isascii() and c.isalpha() for c in done.err)


@pytest.mark.parametrize("words", EMPTY, ids=" ".join)
def test_nothing_to_show_says_what_to_load(call: Call, demo_folder: Path, words: tuple[str, ...]) -> None:
    done = call(*words, "-w", demo_folder, "--format", "json", "--lang", "zh")
    assert done.rows == []
    assert "载入" in done.err or "填写" in done.err


def test_what_cannot_be_is_refused_in_a_sentence(call: Call, demo_folder: Path) -> None:
    for words in (("coverage", "--of", "castles"), ("compare", "枣庄市"), ("related",), ("leaders",),
                  ("expand", "锂电产业集群", "--direction", "sideways"), ("targets", "--as-of", "soon"),
                  ("patents", "--by", "colour"), ("profile", "没有这个")):  # fmt: skip
        done = call(*words, "-w", demo_folder, "--lang", "zh")
        assert done.code == 1, words
        assert len(done.err.strip().splitlines()) == 1, done.err


def test_the_policy_targets_are_not_called_met_or_missed_on_four_values(call: Call, demo_folder: Path) -> None:
    rows = call("targets", "--as-of", "2020-12-31", "-w", demo_folder, "--format", "json").rows
    assert [r["state"] for r in rows] == ["unknown", "unknown", "unknown", "on_the_way"]
    assert rows[3]["value"] == 18  # clusters that the policy names
