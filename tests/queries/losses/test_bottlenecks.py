"""Bottlenecks: the napkin chain of methods §1 with its answers worked out by hand, and places, unknown links, evidence.

T, made by t1, needs A and B.  A is made by a1 and a2, B by b1.

    A (a1 枣庄, a2 济南) ──┐
                           ├─(and)── T (t1 枣庄)
    B (b1 济南) ───────────┘

nec(T) = {b1, t1}: without a1 there is a2. Minimal cuts of T: {b1}, {t1}, {a1, a2}.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import networkx as nx
import pytest
from building import Rows, atlas_of, batch, edges, named

from chainatlas.graph.identity.terms import TermJudgement, WordBook
from chainatlas.graph.schema.errors import QueryError
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.atlas.result import Result
from chainatlas.queries.losses.bottlenecks import bottlenecks

HOME = {"t1": "枣庄市", "a1": "枣庄市", "a2": "济南市", "b1": "济南市"}
MAKES = {"t1": "T", "a1": "A", "a2": "A", "b1": "B"}
REGIONS = [{"name": n, "level": lv} for n, lv in (("山东省", "省"), ("枣庄市", "市"), ("济南市", "市"))]


def napkin(*, coverage: float = 1.0, primary: tuple[str, ...] = (), more: Rows | None = None,
           leave: tuple[str, ...] = ()) -> Atlas:  # fmt: skip
    firms = [f for f in HOME if f not in leave]
    nodes: Rows = {"Region": REGIONS, "Chain": named("链"), "Enterprise": named(*firms),
                   "Product": [{"name": p, "primary": p in primary} for p in ("T", "A", "B")]}  # fmt: skip
    relations: Rows = {
        **edges("PART_OF", "Region", "Region", ("枣庄市", "山东省"), ("济南市", "山东省")),
        **edges("LOCATED_IN", "Enterprise", "Region", *((f, HOME[f]) for f in firms)),
        **edges("PRODUCES", "Enterprise", "Product", *((f, MAKES[f]) for f in firms)),
        **edges("INPUT_OF", "Product", "Product", ("A", "T"), ("B", "T")),
        **edges("IN_CHAIN", "Product", "Chain", ("T", "链"), ("A", "链"), ("B", "链")),
        **(more or {}),
    }  # fmt: skip
    stated = [{"source": "普查", "relation": "PRODUCES", "place": "山东省", "share": coverage,
               "basis": "按事实核对"}]  # fmt: skip
    return atlas_of(batch(nodes, relations, {"Coverage": stated}))


def by_entity(result: Result) -> dict[str, dict[str, Any]]:
    return {row["entity"]: row for row in result.rows}


def loses(result: Result) -> dict[str, set[str]]:
    return {row["entity"]: set(row["loses"]) for row in result.rows}


def test_the_napkin_loses_its_end_product_with_b1_or_t1_alone() -> None:
    found = bottlenecks(napkin(), chain="链", place="山东省")
    assert loses(found) == {"b1": {"B", "T"}, "t1": {"T"}}
    row = by_entity(found)["b1"]
    assert (row["share_lost"], row["certain"], row["certain_share"], row["ends_lost"]) == (0.6667, True, 0.6667, ["T"])
    assert found.rows[0]["entity"] == "b1", "the largest loss first"
    assert (row["type"].text("zh"), row["place"]) == ("企业", "济南市")


def test_the_napkins_minimal_cuts() -> None:
    found = bottlenecks(napkin(), chain="链", place="山东省", kind="cuts")
    assert [(r["cut"], r["size"], r["certain"]) for r in found.rows] == [
        (["b1"], 1, True), (["t1"], 1, True), (["a1", "a2"], 2, True)]  # fmt: skip
    assert [r["kills"] for r in found.rows] == [["B"], ["T"], ["A"]]
    assert [r["cut"] for r in bottlenecks(napkin(), product="T", place="山东省", kind="cuts", size=1).rows] == [
        ["b1"], ["t1"]]  # fmt: skip


def test_path_algorithms_are_wrong_on_the_napkin() -> None:
    """Why the package does not use them: each gives another answer than the exact one, {b1, t1}.

    Articulation points say that A, B and T matter alike, dominators that nothing stands between
    the makers and T, a minimum node cut that two makers must go. None of them knows AND and OR.
    """
    inputs = [("a1", "A"), ("a2", "A"), ("b1", "B"), ("A", "T"), ("B", "T")]
    assert set(nx.articulation_points(nx.Graph(inputs))) == {"A", "B", "T"}
    source = [("source", m) for m in ("a1", "a2", "b1")]
    dominators = nx.immediate_dominators(nx.DiGraph([*source, *inputs]), "source")
    assert dominators["T"] == "source", "no single node dominates T, though T falls with B"
    assert len(nx.minimum_node_cut(nx.DiGraph([*source, *inputs]), "source", "T")) == 2
    exact = bottlenecks(napkin(), product="T", place="山东省")
    assert {e for e, lost in loses(exact).items() if "T" in lost} == {"b1", "t1"}


def test_a_city_is_lost_with_all_its_makers() -> None:
    found = bottlenecks(napkin(), chain="链", place="山东省", kind="place")
    # Without 济南 there is a1 for A but nobody for B; without 枣庄 A has a2, T has nobody.
    assert loses(found) == {"济南市": {"B", "T"}, "枣庄市": {"T"}}
    assert by_entity(found)["济南市"]["type"].text("zh") == "市"


def test_a_maker_with_two_cities_survives_the_loss_of_one() -> None:
    more = edges("LOCATED_IN", "Enterprise", "Region", *((f, HOME[f]) for f in HOME), ("b1", "枣庄市"))
    found = bottlenecks(napkin(more=more), chain="链", place="山东省", kind="place")
    assert loses(found) == {"枣庄市": {"T"}}


def test_below_the_floor_a_loss_is_possible_not_certain() -> None:
    """κ .4: nobody can say that b1 is the only one, so its loss is a possible one."""
    found = by_entity(bottlenecks(napkin(coverage=0.4), chain="链", place="山东省"))
    assert {e: (r["certain"], r["certain_share"], set(r["loses"])) for e, r in found.items()} == {
        "b1": (False, 0, {"B", "T"}), "t1": (False, 0, {"T"})}  # fmt: skip
    cuts = bottlenecks(napkin(coverage=0.4), chain="链", place="山东省", kind="cuts")
    assert [(r["cut"], r["certain"]) for r in cuts.rows] == [(["b1"], False), (["t1"], False), (["a1", "a2"], False)]


@pytest.mark.parametrize(("coverage", "certain"), [(0.8, True), (0.79, False), (0.5, False)])
def test_a_loss_is_certain_only_where_the_list_is_firm(coverage: float, certain: bool) -> None:
    """κ .79 says that nobody else is known, not that nobody else is there."""
    found = by_entity(bottlenecks(napkin(coverage=coverage), chain="链", place="山东省"))
    assert {e: (r["certain"], r["coverage"]) for e, r in found.items()} == {
        "b1": (certain, coverage), "t1": (certain, coverage)}  # fmt: skip
    cuts = bottlenecks(napkin(coverage=coverage), chain="链", place="山东省", kind="cuts")
    assert [r["certain"] for r in cuts.rows] == [certain] * 3


def mdi(*, population: str = "全部", share: float = 0.9, hint: bool = False, other: bool = False) -> Atlas:
    """MDI needs aniline, which one listed firm is known to make; beside it stands a firm that makes MDI.

    With ``hint`` that firm's list says 苯胺类, a broader word; with ``other`` a second maker of aniline is loaded.
    """
    firms = ["示例苯胺厂", "示例聚氨酯厂", *(["示例大厂"] if other else [])]
    nodes: Rows = {"Chain": named("聚氨酯"), "Product": named("MDI", "苯胺", "苯胺类"),
                   "Enterprise": [{"name": f, "stock_code": "600001" if f == "示例苯胺厂" else None}
                                  for f in firms]}  # fmt: skip
    made = [("示例苯胺厂", "苯胺"), ("示例聚氨酯厂", "MDI"), *([("示例聚氨酯厂", "苯胺类")] if hint else []),
            *([("示例大厂", "苯胺")] if other else [])]  # fmt: skip
    relations: Rows = {
        **edges("PRODUCES", "Enterprise", "Product", *made), **edges("INPUT_OF", "Product", "Product", ("苯胺", "MDI")),
        **edges("IN_CHAIN", "Product", "Chain", ("MDI", "聚氨酯"), ("苯胺", "聚氨酯")),
    }  # fmt: skip
    stated = [
        {"source": "名录", "relation": "PRODUCES", "population": population, "share": share, "basis": "按事实核对"}
    ]
    book = WordBook(judgements=(TermJudgement("苯胺类", "苯胺", "broader"), TermJudgement("苯胺类", "MDI", "none")))
    return atlas_of(batch(nodes, relations, {"Coverage": stated}), words=book)


def test_aniline_among_listed_firms_does_not_stop_mdi_for_certain() -> None:
    """One maker among listed firms is not the one maker: its loss holds as far as known, with κ."""
    firm = by_entity(bottlenecks(mdi(), chain="聚氨酯"))
    assert (firm["示例苯胺厂"]["certain"], set(firm["示例苯胺厂"]["loses"])) == (True, {"苯胺", "MDI"})
    for atlas in (mdi(population="上市公司"), mdi(share=0.7)):
        row = by_entity(bottlenecks(atlas, chain="聚氨酯"))["示例苯胺厂"]
        assert (row["certain"], row["certain_share"], set(row["loses"])) == (False, 0, {"苯胺", "MDI"})
        assert row["coverage"] in (0.9, 0.7)
    # Complete list, but the words of another firm may include aniline: only MDI's own maker is sure to be missed.
    found = bottlenecks(mdi(hint=True), chain="聚氨酯")
    assert [(r["entity"], r["certain"], r["share_lost"]) for r in found.rows] == [
        ("示例聚氨酯厂", True, 0.5), ("示例苯胺厂", False, 1.0)], "what is certain stands first"  # fmt: skip
    assert "示例苯胺厂" not in loses(bottlenecks(mdi(other=True), chain="聚氨酯"))
    for atlas, certain in ((mdi(), True), (mdi(population="上市公司"), False), (mdi(hint=True), False)):
        cuts = {tuple(r["cut"]): r["certain"] for r in bottlenecks(atlas, product="MDI", kind="cuts").rows}
        assert cuts[("示例苯胺厂",)] is certain


def test_what_is_always_to_be_had_or_comes_from_outside_is_not_lost() -> None:
    assert loses(bottlenecks(napkin(primary=("B",)), chain="链", place="山东省")) == {"t1": {"T"}}
    # 枣庄 alone: B comes from 济南 when the province counts, and then A does as well.
    assert loses(bottlenecks(napkin(), chain="链", place="枣庄市")) == {"a1": {"A"}}
    assert loses(bottlenecks(napkin(), chain="链", place="枣庄市", external="province")) == {"t1": {"T"}}
    cuts = bottlenecks(napkin(primary=("B",)), chain="链", place="山东省", kind="cuts")
    assert [r["cut"] for r in cuts.rows] == [["t1"], ["a1", "a2"]]


def test_a_product_that_is_not_available_has_nothing_to_lose() -> None:
    gone = napkin(leave=("b1",))
    assert loses(bottlenecks(gone, chain="链", place="山东省")) == {}
    cuts = bottlenecks(gone, chain="链", place="山东省", kind="cuts")
    assert len(cuts) == 0
    assert "本来就不可得" in cuts.notes_in("zh")[0]


def test_losses_in_a_cycle() -> None:
    """p and q need one another; p can also start from s: with s everything falls, with q only q's own users."""
    nodes: Rows = {"Chain": named("环"), "Product": named("p", "q", "s"), "Enterprise": named("fp", "fq", "fs")}
    relations: Rows = {
        **edges("PRODUCES", "Enterprise", "Product", ("fp", "p"), ("fq", "q"), ("fs", "s")),
        **edges("INPUT_OF", "Product", "Product", ("q", "p", {"group": "1"}), ("s", "p", {"group": "1"}), ("p", "q")),
        **edges("IN_CHAIN", "Product", "Chain", ("p", "环"), ("q", "环"), ("s", "环")),
    }  # fmt: skip
    stated = [{"source": "普查", "relation": "PRODUCES", "share": 1.0, "basis": "按事实核对"}]
    found = bottlenecks(atlas_of(batch(nodes, relations, {"Coverage": stated})), chain="环")
    assert loses(found) == {"fs": {"s", "p", "q"}, "fp": {"p", "q"}, "fq": {"q"}}


def test_a_sole_master_of_a_technology_is_a_bottleneck_too() -> None:
    nodes: Rows = {"Chain": named("链"), "Product": named("P"), "Technology": named("技术"),
                   "Enterprise": named("f", "g"), "Institute": named("研究院")}  # fmt: skip
    relations: Rows = {
        **edges("PRODUCES", "Enterprise", "Product", ("f", "P"), ("g", "P")),
        **edges("MASTERS", "Institute", "Technology", ("研究院", "技术")),
        **edges("REQUIRES", "Product", "Technology", ("P", "技术")),
        **edges("IN_CHAIN", "Product", "Chain", ("P", "链")),
    }  # fmt: skip
    stated = [{"source": "普查", "relation": r, "share": 1.0} for r in ("PRODUCES", "MASTERS")]
    (row,) = bottlenecks(atlas_of(batch(nodes, relations, {"Coverage": stated})), chain="链").rows
    assert (row["entity"], row["type"].text("zh"), set(row["loses"])) == ("研究院", "高校院所", {"技术", "P"})


@pytest.mark.parametrize("kind", ["enterprise", "place", "cuts"])
def test_every_row_leads_to_its_source_rows(kind: str) -> None:
    found = bottlenecks(napkin(), chain="链", place="山东省", kind=kind)
    assert found.rows
    for at, row in enumerate(found.rows):
        facts = found.explain(at).in_language("zh").rows
        makers = row["cut"] if kind == "cuts" else [m for m in MAKES if kind == "place" or m == row["entity"]]
        named_ = [f["fact"] for f in facts if " 生产 " in f["fact"]]
        if kind == "place":
            makers = [m for m in makers if HOME[m] == row["entity"] and MAKES[m] in row["loses"]]
        assert {f.split(" ")[0] for f in named_} >= set(makers)
        assert all(f["source_ref"] and "行" in f["source_ref"] for f in facts if " 生产 " in f["fact"])
        assert any("覆盖声明" in f["fact"] for f in facts), "why nobody else counts"
        assert any("是 T 的投入" in f["fact"] for f in facts), "by which input the loss spreads"


def test_the_order_of_input_does_not_matter() -> None:
    firms = list(HOME)
    answers = []
    for order in (firms, firms[::-1], [firms[2], firms[0], firms[3], firms[1]]):
        more = edges("PRODUCES", "Enterprise", "Product", *((f, MAKES[f]) for f in order))
        atlas = napkin(more=more)
        answers.append([bottlenecks(atlas, chain="链", place="山东省", kind=k).to_pandas().to_csv()
                        for k in ("enterprise", "place", "cuts")])  # fmt: skip
    assert all(a == b for a, b in pairwise(answers))


def test_secondary_figures_are_labelled_as_such() -> None:
    found = bottlenecks(napkin(), chain="链", kind="secondary")
    assert {r["link"]: r["articulation"] for r in found.rows} == {"T": True, "A": False, "B": False}
    assert "次要" in found.notes_in("zh")[0]
    assert "Secondary" in found.notes_in("en")[0]


@pytest.mark.parametrize(
    ("options", "says"),
    [({"kind": "什么"}, "--kind"), ({"kind": "cuts", "size": 4}, "--size"), ({"chain": "没有的链"}, "没有的链"),
     ({"kind": "cuts", "product": "没有的产品"}, "没有的产品")],
)  # fmt: skip
def test_wrong_questions_are_refused_by_name(options: dict[str, Any], says: str) -> None:
    with pytest.raises(QueryError, match=says):
        bottlenecks(napkin(), **{"chain": "链", **options})


def test_cuts_of_a_chain_with_several_ends_ask_which() -> None:
    two = napkin(more=edges("INPUT_OF", "Product", "Product", ("A", "T")))
    with pytest.raises(QueryError, match="--product"):
        bottlenecks(two, chain="链", place="山东省", kind="cuts")
    assert [r["cut"] for r in bottlenecks(two, product="B", place="山东省", kind="cuts").rows] == [["b1"]]
