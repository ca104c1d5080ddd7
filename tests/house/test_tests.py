"""The tests' own rules: they wait for what is to be seen, and what is said of their files is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import scheduling


def test_nothing_waits_by_script_or_for_a_while(root: Path) -> None:
    """A script evaluated again is refused by a page whose policy forbids eval, a while is too short when it matters."""
    waits = re.compile(r"\.wait_for_(?:function|timeout)\(")
    texts = {path.name: path.read_text(encoding="utf-8") for path in (root / "tests").rglob("*.py")}
    assert len(texts) > 80
    assert "expect(" in texts["waiting.py"], "how it is done instead"
    assert [name for name, text in texts.items() if waits.search(text)] == []


def test_groups_are_of_files_that_are_there(root: Path) -> None:
    places = {start.partition("::")[0] for start in scheduling.TOGETHER}
    assert [place for place in places if not (root / place).exists()] == []
    named = set(scheduling.SECONDS) - set(scheduling.TOGETHER.values())
    assert [name for name in named if not (root / "tests" / name).is_file()] == []


def test_what_takes_minutes_is_left_for_the_night(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def item(name: str) -> pytest.Function:
        return pytest.Function.from_parent(request.node.parent, name=name, callobj=lambda: None)

    quick, slow = item("quick"), item("slow")
    slow.add_marker(pytest.mark.slow)
    monkeypatch.delenv("CHAINATLAS_NIGHTLY", raising=False)
    assert scheduling.planned([slow, quick]) == ([quick], [slow])
    monkeypatch.setenv("CHAINATLAS_NIGHTLY", "1")
    assert scheduling.planned([slow, quick]) == ([slow, quick], [])


def test_files_of_one_server_run_together() -> None:
    ids = ("tests/neo4j/test_a.py::test_x[a::b]", "tests/neo4j/test_b.py::test_y", "tests/graph/test_c.py::test_z[1]")
    assert [scheduling.group(nodeid) for nodeid in ids] == ["neo4j", "neo4j", "graph/test_c.py"]
