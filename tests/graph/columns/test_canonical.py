"""The hash of a graph: it changes with any fact, and with nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from building import Rows, batch, edges, graph_of, named

from chainatlas.graph.columns.batch import Batch, Sheet


def world(**changes: Any) -> Batch:
    firm = {"name": "甲", "uscc": "914403001922038216", "revenue": 1.5, "source": "年报", "source_ref": "p1",
            "as_of": "2023", "confidence": 0.9}  # fmt: skip
    produces = {"share": 0.5, "since": "2020", "source": "年报", "source_ref": "p2", "as_of": "2023",
                "confidence": 0.8}  # fmt: skip
    product = {"name": "A", "primary": True, "source": "模板"}
    stated = {"source": "年报", "relation": "PRODUCES", "share": 0.8, "population": "上市公司", "as_of": "2023"}
    for name, row in (("firm", firm), ("produces", produces), ("product", product), ("stated", stated)):
        row.update(changes.get(name, {}))
    nodes: Rows = {"Enterprise": [firm], "Product": [product, *named("B", source="模板")]}
    return batch(nodes, edges("PRODUCES", "Enterprise", "Product", ("甲", changes.get("to", "A"), produces)),
                 {"Coverage": [stated]})  # fmt: skip


CHANGES: list[dict[str, Any]] = [
    *({"firm": {k: v}} for k, v in (
        ("name", "乙甲"), ("revenue", 1.6), ("revenue", None), ("source", "新闻"), ("source_ref", "p9"),
        ("as_of", "2024"), ("confidence", 0.8), ("status", "存续"))),
    *({"produces": {k: v}} for k, v in (
        ("share", 0.6), ("share", None), ("since", "2021"), ("source", "新闻"), ("source_ref", "p9"),
        ("as_of", "2024"), ("confidence", 0.9))),
    {"product": {"primary": False}}, {"product": {"primary": None}}, {"to": "B"},
    *({"stated": {k: v}} for k, v in (
        ("share", 0.7), ("source", "新闻"), ("population", None), ("place", "枣庄市"), ("as_of", None))),
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_any_property_and_any_source_counts(change: dict[str, Any]) -> None:
    assert graph_of(world(**change)).hash != graph_of(world()).hash


def test_where_a_fact_stands_does_not_count() -> None:
    one = world()
    sheets = tuple(Sheet("andere.xlsx", "Blatt", s.type, s.read) for s in one.sheets)
    other = Batch(sheets, one.nodes, one.relations, one.statements)
    assert graph_of(other).hash == graph_of(one).hash


def test_a_fact_said_twice_by_the_same_source_counts_once() -> None:
    assert graph_of(world(), world()).hash == graph_of(world()).hash


def test_the_order_of_loads_does_not_count() -> None:
    one, two = world(), world(produces={"source": "新闻"}, firm={"source": "新闻"})
    assert graph_of(one, two).hash == graph_of(two, one).hash != graph_of(one).hash


def test_texts_do_not_run_into_each_other() -> None:
    pairs = [("ab", "c"), ("a", "bc"), ("abc", None), (None, "abc")]
    found = {graph_of(batch({"Product": [{"name": "A", "description": a, "website": b}]})).hash for a, b in pairs}
    assert len(found) == 4


def test_null_is_not_zero_nor_false_nor_empty() -> None:
    assert len({graph_of(world(firm={"revenue": v})).hash for v in (None, 0.0)}) == 2
    assert len({graph_of(world(product={"primary": v})).hash for v in (None, False)}) == 2
