"""Check: each contradiction is found where it is, and not where it is not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from building import Rows, atlas_of, batch, edges, named

from chainatlas.graph.columns.batch import Batch
from chainatlas.graph.schema.words import read_toml
from chainatlas.queries.quality.checks import check

CLEAN: Rows = {
    "Chain": named("链"),
    "Product": [{"name": "A", "primary": True}, {"name": "B"}],
    "Enterprise": named("甲"),
    "Region": [{"name": "枣庄市", "level": "市"}],
}
GOOD: Rows = {
    **edges("INPUT_OF", "Product", "Product", ("A", "B")),
    **edges("IN_CHAIN", "Product", "Chain", ("A", "链"), ("B", "链")),
    **edges("PRODUCES", "Enterprise", "Product", ("甲", "A")),
    **edges("LOCATED_IN", "Enterprise", "Region", ("甲", "枣庄市")),
}  # fmt: skip
CODE = "914403001922038216"


def found(*batches: Batch) -> dict[str, dict[str, Any]]:
    rows = check(atlas_of(*batches)).in_language("zh").rows
    assert all(row["remedy"] and row["severity"] in ("info", "warning") for row in rows)
    return {row["code"]: row for row in rows}


def test_a_clean_graph_has_no_finding() -> None:
    assert found(batch(CLEAN, GOOD, {"Coverage": [{"source": "声明", "relation": "PRODUCES", "share": 1.0,
                                                   "place": "枣庄市", "chain": "链"}]})) == {}  # fmt: skip


def and_(nodes: Rows | None = None, relations: Rows | None = None, statements: Rows | None = None) -> Batch:
    """The clean graph and something more."""
    merged = [{k: [*a.get(k, []), *b.get(k, [])] for k in {**a, **b}}
              for a, b in ((CLEAN, nodes or {}), (GOOD, relations or {}), ({}, statements or {}))]  # fmt: skip
    return batch(*merged)


@pytest.mark.parametrize(
    ("code", "more", "entity", "says"),
    [
        ("cycle", and_({"Product": named("C")}, edges("INPUT_OF", "Product", "Product", ("B", "C"), ("C", "A"))),
         "A", "3 个产品"),
        ("mutual_input", and_(relations=edges("INPUT_OF", "Product", "Product", ("B", "A"))), "A", "1 对"),
        ("input_and_kind", and_(relations=edges("KIND_OF", "Product", "Product", ("B", "A"))), "A", "1 条"),
        ("accounting", and_({"Product": named("平衡项目", "分部间抵销")},
                            edges("PRODUCES", "Enterprise", "Product", ("甲", "平衡项目"))), "分部间抵销", "2 个"),
        ("unplaced", and_({"Enterprise": named("乙")}), "乙", "2 家企业中有 1 家"),
        ("coverage_unused", and_(statements={"Coverage": [
            {"source": "声明", "relation": "PRODUCES", "share": 1.0, "place": "无此地"}]}), "声明", "1 条"),
        ("unlinked", and_({"Product": named("孤")}, edges("IN_CHAIN", "Product", "Chain", ("孤", "链"))), "孤", "1 个"),
    ],
)  # fmt: skip
def test_one_oddity_gives_its_finding(code: str, more: Batch, entity: str, says: str) -> None:
    rows = found(more)
    assert code in rows
    assert rows[code]["entity"] == entity
    assert says in rows[code]["message"]
    # Two inputs of each other are a cycle, too; nothing else is reported on the side.
    assert set(rows) <= {code, "cycle"}


def test_the_code_that_bears_several_full_names_is_a_conflict() -> None:
    names = [{"name": n, "stock_code": "688078", "source": s} for n, s in (("龙软科技股份", "一"), ("龙软集团", "二"))]
    rows = found(and_({"Enterprise": names}, edges("LOCATED_IN", "Enterprise", "Region", ("龙软集团", "枣庄市"))))
    assert "2 种" in rows["conflict"]["message"]


def test_a_known_former_name_is_no_conflict() -> None:
    names = [{"name": "新名公司", "uscc": CODE, "former_name": "旧名公司"}, {"name": "旧名公司", "uscc": CODE}]
    rows = found(and_({"Enterprise": names}, edges("LOCATED_IN", "Enterprise", "Region", ("新名公司", "枣庄市"))))
    assert "conflict" not in rows


def test_the_page_names_what_is_looked_for(root: Path) -> None:
    codes = {code.removeprefix("check_") for code in read_toml("messages.toml") if code.startswith("check_")}
    page = (root / "docs" / "questions" / "check.md").read_text(encoding="utf-8")
    assert len(codes) >= 8
    assert set(re.findall(r"^\| `(\w+)` \| ", page, re.MULTILINE)) - {"code"} == codes
