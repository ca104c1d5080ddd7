"""Which rows are one entity: rule by rule, and never by the order in which they come."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from building import batch, edges, end, graph_of, links, named, names, node
from hypothesis import given, settings
from hypothesis import strategies as st
from scheduling import examples

from chainatlas.graph.columns.batch import Batch

A, B = "914403001922038216", "91330100799655058B"


def firms(*rows: dict[str, Any]) -> Batch:
    return batch({"Enterprise": list(rows)})


def count(*rows: dict[str, Any]) -> int:
    """Number of entities, the same in whatever order the rows come and however they are parted."""
    sizes = set()
    for order in permutations(rows):
        sizes.add(len(graph_of(firms(*order)).nodes["Enterprise"]))
        sizes.add(len(graph_of(*(firms(r) for r in order)).nodes["Enterprise"]))
    (size,) = sizes
    return size


def test_one_code_is_one_firm_whatever_its_names() -> None:
    assert count({"name": "甲", "uscc": A}, {"name": "乙", "uscc": A}) == 1


def test_codes_of_two_kinds_join_through_the_row_that_has_both() -> None:
    assert count({"name": "甲", "uscc": A}, {"name": "乙", "stock_code": "600309"},
                 {"name": "丙", "uscc": A, "stock_code": "600309"}) == 1  # fmt: skip


def test_different_codes_never_merge_though_the_names_are_equal() -> None:
    assert count({"name": "同名", "uscc": A}, {"name": "同名", "uscc": B}) == 2


def test_a_row_with_a_name_only_joins_the_one_coded_firm_of_that_name() -> None:
    assert count({"name": "甲", "uscc": A}, {"name": "甲"}, {"name": "乙", "uscc": B}) == 2


def test_a_name_that_two_codes_claim_joins_neither() -> None:
    assert count({"name": "同名", "uscc": A}, {"name": "同名", "uscc": B}, {"name": "同名"}) == 3


def test_equal_names_without_codes_are_one_firm_and_spelling_does_not_count() -> None:
    assert count({"name": "甲（集团）有限公司 Ａ"}, {"name": "甲(集团)有限公司a"}) == 1
    assert count({"name": "甲公司"}, {"name": "甲公司分公司"}) == 2


def test_a_short_or_former_name_joins_a_row_known_only_by_it() -> None:
    assert count({"name": "万华化学集团", "uscc": A, "short_name": "万华化学"}, {"name": "万华化学"}) == 1
    assert count({"name": "新名", "former_name": "旧名甲\x1f旧名乙"}, {"name": "旧名乙"}) == 1


def test_a_short_name_that_two_firms_bear_joins_nobody() -> None:
    bearers = [{"name": name, "short_name": "万华"} for name in ("甲集团", "乙集团")]
    assert count(*bearers, {"name": "万华"}) == 3


def test_a_short_name_never_merges_two_codes() -> None:
    assert count({"name": "甲集团", "uscc": A, "short_name": "万华"}, {"name": "万华", "uscc": B}) == 2


def test_the_text_as_given_stays() -> None:
    graph = graph_of(firms({"name": "焦炭Ⅲ公司"}))
    assert names(graph, "Enterprise") == ["焦炭Ⅲ公司"]


def test_the_newest_and_surest_claim_is_shown_and_all_are_kept() -> None:
    rows = [{"name": "甲", "uscc": A, "status": s, "as_of": d, "confidence": c, "source": s}
            for s, d, c in (("存续", "2022", 0.9), ("注销", "2024", 0.5), ("吊销", "2024", 0.8))]  # fmt: skip
    for order in permutations(rows):
        graph = graph_of(firms(*order))
        assert node(graph, "Enterprise", "甲")["status"] == "吊销"
        assert len(graph.node_claims["Enterprise"]) == 3


def test_a_list_property_holds_what_all_sources_say() -> None:
    graph = graph_of(firms({"name": "甲", "kind": "上市公司", "source": "一"}),
                     firms({"name": "甲", "kind": "高新技术企业\x1f上市公司", "source": "二"}))  # fmt: skip
    assert node(graph, "Enterprise", "甲")["kind"] == "上市公司\x1f高新技术企业"


# Links of chains ------------------------------------------------------------------------------------


def link(name: str, chain: str) -> dict[str, Any]:
    return {"name": name, "_scope": chain, "_scoped": True, "kind": "环节"}


def test_a_link_is_the_same_in_the_same_chain_only() -> None:
    chains = named("锂电", "聚氨酯")
    one = graph_of(batch({"Chain": chains, "Product": [link("设备", "锂电"), link("设备", "锂电")]}))
    two = graph_of(batch({"Chain": chains, "Product": [link("设备", "锂电"), link("设备", "聚氨酯")]}))
    assert (len(one.nodes["Product"]), len(two.nodes["Product"])) == (1, 2)


def test_a_chains_short_name_means_the_chain() -> None:
    chains = [{"name": "锂离子电池", "short_name": "锂电"}]
    graph = graph_of(batch({"Chain": chains, "Product": [link("设备", "锂电"), link("设备", "锂离子电池")]}))
    assert len(graph.nodes["Product"]) == 1


def test_a_mention_without_relation_is_no_entity() -> None:
    made = batch({"Product": [{"name": "A"}, {"name": "只提到", "_stub": True}]})
    assert names(graph_of(made), "Product") == ["A"]
    linked = batch({"Product": [{"name": "A"}, {"name": "只提到", "_stub": True}]},
                   edges("INPUT_OF", "Product", "Product", ("只提到", "A")))  # fmt: skip
    assert names(graph_of(linked), "Product") == sorted(["A", "只提到"])


# Order ----------------------------------------------------------------------------------------------

ROWS = st.fixed_dictionaries({
    "name": st.sampled_from(["甲", "乙", "丙"]), "uscc": st.sampled_from([None, None, A, B]),
    "stock_code": st.sampled_from([None, None, "600309", "300750"]),
    "short_name": st.sampled_from([None, "甲", "乙", "短"]), "source": st.sampled_from(["一", "二"]),
})  # fmt: skip


@settings(max_examples=examples(150), derandomize=True)
@given(st.lists(ROWS, min_size=1, max_size=6), st.randoms(use_true_random=False), st.integers(1, 3))
def test_order_and_parts_never_count(rows: list[dict[str, Any]], random: Any, size: int) -> None:
    shuffled = random.sample(rows, len(rows))
    parts = [firms(*shuffled[i : i + size]) for i in range(0, len(rows), size)]
    assert graph_of(*parts).hash == graph_of(firms(*rows)).hash


@settings(max_examples=examples(150), derandomize=True)
@given(st.lists(ROWS, min_size=1, max_size=6))
def test_names_never_put_two_codes_of_a_kind_together(rows: list[dict[str, Any]]) -> None:
    """Two credit codes end in one firm only when rows chain them by equal stock codes, and so on."""
    graph = graph_of(firms(*rows))
    coded: dict[int, list[set[tuple[str, str]]]] = {}
    for claim in graph.node_claims["Enterprise"].to_pylist():
        said = {(kind, claim[kind]) for kind in ("uscc", "stock_code") if claim.get(kind)}
        coded.setdefault(claim["of"], []).append(said)
    for said_of_one in coded.values():
        chained: list[set[tuple[str, str]]] = []
        for said in filter(None, said_of_one):
            touched = [c for c in chained if c & said]
            chained = [c for c in chained if not c & said] + [said.union(*touched)]
        for kind in ("uscc", "stock_code"):
            assert sum(any(k == kind for k, _ in c) for c in chained) <= 1


@pytest.mark.parametrize("props", [{"uscc": A}, {"stock_code": "600309"}, {}])
def test_an_end_finds_the_firm_by_code_or_name(props: dict[str, Any]) -> None:
    by = next(iter(props), "name")
    value = props.get(by, "甲")
    made = batch({"Enterprise": [{"name": "甲", **props}], "Product": named("A")},
                 {"PRODUCES": [{**end("src", "Enterprise", value, by), **end("dst", "Product", "A")}]})  # fmt: skip
    assert links(graph_of(made), "PRODUCES") == {("甲", "A")}
