"""Which tests run, and which run together: those that take minutes at night only, and groups of one process each.

Tests run on all cores, each file in one process, so that what a file loads is loaded once. Files that need the same
server form one group. Groups that take longest begin first, so that no core waits for another at the end; results do
not depend on that.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# Files by their folder, or single tests by name, that share a process: the first that fits.
TOGETHER = {"tests/neo4j/": "neo4j", "tests/conformance/": "neo4j", "tests/house/test_code.py::test_types": "types"}
# About how many seconds on an idle core, where it is more than ten: only their order counts (pytest --durations 0).
SECONDS = {
    "neo4j": 150, "browser/test_atlas_look.py": 70, "docs/test_site.py": 60, "faults/test_kill.py": 45,
    "browser/test_demo_page.py": 40, "app/test_commands.py": 35, "types": 30, "browser/test_atlas_more.py": 30,
    "browser/test_atlas_views.py": 30, "browser/test_trials.py": 25, "browser/test_page_words.py": 25,
    "graph/workspace/test_journal.py": 25, "app/test_asking.py": 25, "graph/workspace/test_generations.py": 20,
    "queries/verdicts/test_calibration.py": 20, "app/test_attach.py": 18, "loaders/headers/test_real_headers.py": 15,
    "queries/recipes/test_inputs.py": 14,
    "graph/identity/test_known_differences.py": 14, "app/test_report.py": 14, "queries/atlas/test_availability.py": 12,
}  # fmt: skip


def nightly() -> bool:
    """Whether the tests that take minutes run, too."""
    return os.environ.get("CHAINATLAS_NIGHTLY") == "1"


def examples(number: int) -> int:
    """Return how many random cases to try: all at night, half by day, and few where only the versions differ."""
    if nightly():
        return number
    return max(3, number // (10 if os.environ.get("CHAINATLAS_LOWEST") == "1" else 2))


def group(nodeid: str) -> str:
    """Return the group of a test: its file, unless it shares a process with others."""
    shared = (name for start, name in TOGETHER.items() if nodeid.startswith(start))
    return next(shared, nodeid.partition("::")[0].removeprefix("tests/"))


def planned(items: Iterable[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Return the tests to run, the longest groups first, and those left out."""
    chosen, left_out = [], []
    for item in items:
        (left_out if item.get_closest_marker("slow") and not nightly() else chosen).append(item)
    chosen.sort(key=lambda item: -SECONDS.get(group(item.nodeid), 0))
    return chosen, left_out


class Groups(LoadScopeScheduling):  # type: ignore[misc]
    """Gives a process one group after another, in the order of the tests.

    The ``loadgroup`` of pytest-xdist 3.8 finds no groups under pytest 9.2, and says nothing.
    """

    def __init__(self, config: pytest.Config, log: Any) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


def once(folder: Path) -> Path:
    """Return the folder that all processes of a test run share, given the temporary folder of one of them."""
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
