"""Commands that no other file of this folder runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Call = Callable[..., Any]


def test_diff_tells_what_a_load_changed(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("企业名称,所在市\n示例甲公司,枣庄市\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("企业名称,所在市\n示例乙公司,枣庄市\n", encoding="utf-8")
    for name in ("a.csv", "b.csv"):
        assert call("load", name, "--as", "Enterprise").code == 0
    rows = call("diff", "--format", "json").rows
    assert {"示例乙公司"} == {r["entity"] for r in rows if r["type"] == "Enterprise"}
    assert {r["change"] for r in rows} == {"added"}


def test_alliance_proposes_members_and_says_what_stays_uncovered(call: Call, demo_folder: Path) -> None:
    done = call("alliance", "锂电", "--in", "山东省", "-w", demo_folder, "--format", "json", "--lang", "zh")
    assert done.code == 0
    assert [r["rank"] for r in done.rows if r["rank"]] == [1, 2, 3, 4, 5]
    assert any(r["rank"] is None for r in done.rows), "what stays uncovered is named"
    assert done.err.strip()


def test_cypher_reads_and_does_not_write(call: Call, demo_folder: Path) -> None:
    done = call("cypher", "MATCH (c:Chain) RETURN count(c) AS n", "-w", demo_folder, "--format", "json")
    assert done.rows == [{"n": 18}]
    refused = call("cypher", "CREATE (:Chain)", "-w", demo_folder, "--lang", "zh")
    assert refused.code == 1
    assert "只能读取" in refused.err
