"""Verdicts: the rules by a brute force over random small worlds, and the numbers of methods §1."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from brute_force import (
    CLUSTERS,
    ITEMS,
    LEVEL,
    POPULATIONS,
    PRODUCTS,
    TECHNOLOGIES,
    WORLDS,
    Brute,
    Firm,
    Stated,
    World,
    atlas_of_world,
    holders,
    judge,
)
from building import atlas_of, batch, edges, named
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from scheduling import examples

from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.atlas.chain_links import chain_links, chain_names
from chainatlas.queries.atlas.scopes import WHOLE
from chainatlas.queries.gaps.chain import chain
from chainatlas.queries.verdicts.completeness import completeness
from chainatlas.queries.verdicts.verdicts import verdicts


@settings(max_examples=examples(150), derandomize=True)
@given(WORLDS, st.sampled_from(["none", "none", "province", "nation", "world"]),
       st.sampled_from([None, None, None, "全部"]))  # fmt: skip
def test_verdicts_equal_brute_force(world: World, external: str, among: str | None) -> None:
    brute = Brute(world, among)
    have = {(scope, present): brute.available(scope, external, present)
            for scope in [None, *LEVEL, *CLUSTERS] for present in (False, True)}  # fmt: skip
    for (item, scope), got in judge(world, external=external, among=among).items():
        kappa, counted, population = brute.speaker(item, scope)
        status, subkind = brute.verdict(item, scope)
        want = {"status": status, "subkind": subkind, "population": population,
                "producers": len(brute.makers(item, scope)), "hints": len(brute.possible(item, scope)),
                "firm": brute.firm_ground(item, scope)}  # fmt: skip
        assert {k: got[k] for k in want} == want, (item, scope)
        assert (got["kappa"], got["named"]) == pytest.approx((kappa, counted)), (item, scope)
        assert got["certain"] == (item in have[scope, False]), (item, scope)
        assert got["possible"] == (item in have[scope, True]), (item, scope)


def test_the_random_worlds_reach_every_rule() -> None:
    """However the worlds fall, which depends on every constant of the sources: rounds until all has been seen."""
    wanted = {"unknown", "possible", "assumed", ("missing", True), ("missing", False), "hinted beside",
              "not counted", "maker of the general", "at_least_one", "missing", "nearby", "domestic", "foreign",
              "broken", "elsewhere_unknown", "single_source", "adequate", "interval", *POPULATIONS}  # fmt: skip
    seen: set[object] = set()

    def look(world: World) -> None:
        brute = Brute(world)
        for scope in [None, *LEVEL, *CLUSTERS]:
            for item in PRODUCTS + TECHNOLOGIES:
                status, subkind = brute.verdict(item, scope)
                seen.update((status, subkind, brute.speaker(item, scope)[2]))
                if status == "missing":
                    seen.add(("missing", brute.firm_ground(item, scope)))
                if subkind == "at_least_one" and brute.speaker(item, scope)[0] >= brute.floor:
                    seen.add("hinted beside" if brute.possible(item, scope) else "not counted")
                if any(brute.only_as(f, w) for w in brute.wider(item) for f in brute.possible(item, scope)):
                    seen.add("maker of the general")
            if brute.available(scope, "none", False) != brute.available(scope, "none", True):
                seen.add("interval")

    for number in range(10):
        if not seen >= wanted:
            seed(number)(settings(max_examples=100, database=None)(given(WORLDS)(look)))()
    assert seen >= wanted


# One more producer, one more stranger --------------------------------------------------------------


@settings(max_examples=examples(60), derandomize=True)
@given(WORLDS, ITEMS)
def test_one_more_producer_never_worsens_availability(world: World, item: str) -> None:
    if not world.firms:
        return
    first, *rest = world.firms
    more = replace(world, firms=(replace(first, makes=tuple(sorted({*first.makes, item}))), *rest))
    before, after = judge(world), judge(more)
    assert all(after[cell]["certain"] for cell, was in before.items() if was["certain"])
    # Where words are counted the data also cover more; who makes one kind may no longer make the others.
    if not world.kinds and not any(c.statistic or c.firms for c in world.coverage):
        assert all(after[cell]["possible"] for cell, was in before.items() if was["possible"])


@settings(max_examples=examples(40), derandomize=True)
@given(WORLDS)
def test_a_stranger_elsewhere_changes_no_verdict_here(world: World) -> None:
    here = [s for s in LEVEL if "山东省" in holders(s)]
    claims = tuple(c for c in world.coverage if c.place in here)
    world = replace(world, coverage=claims)
    before = judge(world)
    stranger = Firm("陌生企业", "南京市", ("上市公司",))
    after = judge(replace(world, firms=(*world.firms, stranger)))
    assert all(after[i, s] == before[i, s] for i, s in before if s in here)


# The numbers of methods §1 -------------------------------------------------------------------------

FULL = Stated(None, None, None, 1.0)


def napkin(*firms: Firm, coverage: tuple[Stated, ...] = (FULL,)) -> Atlas:
    """T (made by t1) needs A and B; A is made by a1 and a2, B by b1."""
    inputs = edges("INPUT_OF", "Product", "Product", ("A", "T"), ("B", "T"))
    made = [(f.name, p) for f in firms for p in f.makes]
    stated = [{"source": "声明", "relation": c.relation, "share": c.share, "basis": "按事实核对"} for c in coverage]
    return atlas_of(batch(
        {"Chain": named("餐巾链"), "Product": named("T", "A", "B"), "Enterprise": named(*(f.name for f in firms))},
        {**inputs, **edges("IN_CHAIN", "Product", "Chain", *((p, "餐巾链") for p in "TAB")),
         **edges("PRODUCES", "Enterprise", "Product", *made)},
        {"Coverage": stated}))  # fmt: skip


T1, A1, A2, B1 = (Firm(n, makes=(n[0].upper(),)) for n in ("t1", "a1", "a2", "b1"))


def figures(atlas: Atlas) -> tuple[float, float, float]:
    links = chain_links(atlas, chain_names(atlas)[0])
    found = completeness(atlas, links, verdicts(atlas, links.items, np.array([WHOLE])))
    return tuple(float(found[k][0]) for k in ("K", "K_AO_certain", "K_AO_possible"))  # type: ignore[return-value]


def statuses(atlas: Atlas, **options: Any) -> dict[str, tuple[str, str | None]]:
    return {r["link"]: (r["status"], r["subkind"]) for r in chain(atlas, "餐巾链", **options).rows}


def test_the_napkin_chain() -> None:
    atlas = napkin(T1, A1, A2, B1)
    assert statuses(atlas) == {"T": ("single_source", None), "A": ("adequate", None), "B": ("single_source", None)}
    assert figures(atlas) == (1, 1, 1)


def test_the_napkin_chain_without_b1() -> None:
    # Two of three links are made: K = 2/3. T, the only end product, has no B: K_AO = 0.
    atlas = napkin(T1, A1, A2)
    assert statuses(atlas)["B"] == ("missing", "broken")
    assert figures(atlas) == (pytest.approx(2 / 3), 0, 0)


def test_without_a_statement_the_loss_of_b1_is_an_interval() -> None:
    atlas = napkin(T1, A1, A2, coverage=())
    assert statuses(atlas) == {"T": ("unknown", "at_least_one"), "A": ("adequate", None), "B": ("unknown", None)}
    assert figures(atlas) == (pytest.approx(2 / 3), 0, 1)


def test_a_producer_of_any_population_is_present() -> None:
    firm = Firm("小厂", "枣庄市", (), ("p0",))
    found = judge(World((firm,), coverage=(Stated("上市公司", None, None, 0.9),)))["p0", None]
    assert (found["status"], found["population"]) == ("single_source", "上市公司")


def test_among_refuses_a_population_that_nobody_has() -> None:
    with pytest.raises(LookupError, match="全部"):
        judge(World(), among="火星企业")


def test_a_technology_is_a_link_that_masters_make() -> None:
    firm = Firm("甲", "枣庄市", (), ("p0", "t0"))
    covered = (Stated(None, None, None, 1.0), Stated(None, None, None, 1.0, "MASTERS"))
    found = judge(World((firm,), requires=(("p0", "t0"),), coverage=covered))
    assert (found["t0", None]["status"], found["p0", None]["certain"]) == ("single_source", True)
    lost = judge(World((Firm("甲", "枣庄市", (), ("p0",)),), requires=(("p0", "t0"),), coverage=covered))
    assert (lost["t0", None]["status"], lost["p0", None]["certain"]) == ("missing", False)


def test_an_institute_that_masters_a_technology_counts() -> None:
    rows = batch(
        {"Chain": named("餐巾链"), "Technology": named("涂布"), "Institute": named("某大学")},
        {**edges("MASTERS", "Institute", "Technology", ("某大学", "涂布")),
         **edges("IN_CHAIN", "Technology", "Chain", ("涂布", "餐巾链"))},
        {"Coverage": [{"source": "声明", "relation": "MASTERS", "share": 1.0}]})  # fmt: skip
    row = chain(atlas_of(rows), "餐巾链").rows[0]
    assert (row["status"], row["names"]) == ("single_source", ["某大学"])


# Weak: HHI and LQ ----------------------------------------------------------------------------------


def outputs(*shares: float, other: tuple[float, ...] = ()) -> Atlas:
    """Firms that make A with these outputs; ``other``: the same firms' outputs of B."""
    made = [(f"企业{i}", "A", {"capacity": s, "capacity_unit": "吨"}) for i, s in enumerate(shares)]
    made += [(f"企业{i}", "B", {"capacity": s, "capacity_unit": "吨"}) for i, s in enumerate(other)]
    return atlas_of(batch(
        {"Chain": named("餐巾链"), "Product": named("A", "B"),
         "Enterprise": named(*(f"企业{i}" for i in range(max(len(shares), len(other)))))},
        {**edges("PRODUCES", "Enterprise", "Product", *made),
         **edges("IN_CHAIN", "Product", "Chain", ("A", "餐巾链"), ("B", "餐巾链"))}))  # fmt: skip


@pytest.mark.parametrize(
    ("shares", "hhi", "status"),
    [((60, 40), 0.52, "weak"), ((53, 40, 7), 0.4458, "weak"), ((1, 1, 1, 1), 0.25, "adequate"),
     ((1, 1, 1, 1, 1), 0.2, "adequate")],
)  # fmt: skip
def test_concentrated_output_is_weak(shares: tuple[float, ...], hhi: float, status: str) -> None:
    atlas = outputs(*shares)
    item = atlas.makers.item(atlas.snapshot.find("A", ("Product",)))
    found = verdicts(atlas, np.array([item]), np.array([WHOLE]))
    assert found.hhi[0, 0] == pytest.approx(hhi, abs=5e-5)
    row = next(r for r in chain(atlas, "餐巾链").rows if r["link"] == "A")
    assert (row["status"], row["subkind"]) == (status, "hhi" if status == "weak" else None)
    if status == "weak":
        assert f"{hhi:.2f}" in row["reason"].text("zh")


def test_without_all_outputs_nothing_is_called_weak() -> None:
    made = [("企业0", "A", {"capacity": 90.0, "capacity_unit": "吨"}), ("企业1", "A", {})]
    atlas = atlas_of(batch(
        {"Chain": named("餐巾链"), "Product": named("A"), "Enterprise": named("企业0", "企业1")},
        {**edges("PRODUCES", "Enterprise", "Product", *made),
         **edges("IN_CHAIN", "Product", "Chain", ("A", "餐巾链"))}))  # fmt: skip
    assert statuses(atlas)["A"] == ("adequate", None)


# The region × product table of methods §2, and its location quotients.
TABLE = [[100, 0, 0, 0, 0], [0, 15, 5, 70, 10], [0, 20, 10, 20, 50], [0, 25, 30, 5, 40], [0, 40, 55, 5, 0]]
QUOTIENT = [[5, 0, 0, 0, 0], [0, .75, .25, 3.5, .5], [0, 1, .5, 1, 2.5], [0, 1.25, 1.5, .25, 2],
            [0, 2, 2.75, .25, 0]]  # fmt: skip


def test_the_location_quotients_of_methods() -> None:
    regions, products = [f"R{i}" for i in range(5)], [f"P{i}" for i in range(5)]
    made, located, firms = [], [], []
    for r, row in enumerate(TABLE):
        for p, amount in enumerate(row):
            # Five equal firms a cell, so that no product is concentrated.
            for i in range(5 * (amount > 0)):
                firms.append(f"企业{r}{p}{i}")
                located.append((firms[-1], regions[r]))
                made.append((firms[-1], products[p], {"capacity": amount / 5, "capacity_unit": "吨"}))
    atlas = atlas_of(batch(
        {"Region": [{"name": r, "level": "省"} for r in regions], "Product": named(*products),
         "Enterprise": named(*firms), "Chain": named("餐巾链")},
        {**edges("PRODUCES", "Enterprise", "Product", *made),
         **edges("LOCATED_IN", "Enterprise", "Region", *located),
         **edges("IN_CHAIN", "Product", "Chain", *((p, "餐巾链") for p in products))}))  # fmt: skip
    scopes = np.array([atlas.scopes.find(r) for r in regions])
    items = np.array([atlas.makers.item(atlas.snapshot.find(p, ("Product",))) for p in products])
    found = verdicts(atlas, items, scopes)
    assert np.nan_to_num(found.lq.T) == pytest.approx(np.array(QUOTIENT))
    for row, region in enumerate(regions):
        for r in chain(atlas, "餐巾链", place=region).rows:
            at = products.index(r["link"])
            if TABLE[row][at]:
                weak = QUOTIENT[row][at] < 1
                assert (r["status"], r["subkind"]) == (("weak", "lq") if weak else ("adequate", None))


# Places, clusters, what is left out ----------------------------------------------------------------


def test_a_firm_of_a_county_stands_in_its_city_province_and_policy_region() -> None:
    found = judge(World((Firm("甲", "滕州市", (), ("p0",)),)))
    standing = {scope for (item, scope), v in found.items() if item == "p0" and v["producers"]}
    assert standing == {None, "滕州市", "枣庄市", "山东省", "中国", "西部带"}


def test_a_firm_of_a_cluster_stands_in_it() -> None:
    found = judge(World((Firm("甲", "济南市", (), ("p0",), cluster=True), Firm("乙", "济南市", (), ("p0",)))))
    assert found["p0", "集群"]["producers"] == 1


def test_primary_inputs_are_to_be_had_though_nobody_makes_them() -> None:
    firm = Firm("甲", "枣庄市", (), ("p0",))
    needs = (("p1", "p0", None, True),)
    plain = judge(World((firm,), needs, coverage=(FULL,)))
    primary = judge(World((firm,), needs, primary=frozenset({"p1"}), coverage=(FULL,)))
    assert (plain["p0", "枣庄市"]["certain"], primary["p0", "枣庄市"]["certain"]) == (False, True)
    assert (primary["p1", "枣庄市"]["status"], primary["p1", "枣庄市"]["certain"]) == ("assumed", True)
    made = judge(World((firm, Firm("乙", "枣庄市", (), ("p1",))), needs, primary=frozenset({"p1"}), coverage=(FULL,)))
    assert made["p1", "枣庄市"]["status"] == "single_source"


@pytest.mark.parametrize(
    ("place", "levels"),
    [("济南市", {"province", "nation", "world"}), ("南京市", {"nation", "world"}), ("德国", {"world"})],
)  # fmt: skip
def test_inputs_from_outside_count_inside_the_level_that_is_allowed(place: str, levels: set[str]) -> None:
    firms = (Firm("甲", "枣庄市", (), ("p0",)), Firm("乙", place, (), ("p1",)))
    world = World(firms, (("p1", "p0", None, True),), coverage=(FULL,))
    for external in ("none", "province", "nation", "world"):
        found = judge(world, external=external)
        assert found["p0", "枣庄市"]["certain"] == (external in levels), external


def test_accounting_lines_and_closed_firms_make_nothing_and_are_counted() -> None:
    atlas = atlas_of(batch(
        {"Chain": named("餐巾链"), "Product": named("A", "分部间抵销"),
         "Enterprise": [{"name": "甲", "status": "存续"}, {"name": "乙", "status": "吊销，未注销"}]},
        {**edges("PRODUCES", "Enterprise", "Product", ("甲", "A"), ("乙", "A"), ("甲", "分部间抵销")),
         **edges("IN_CHAIN", "Product", "Chain", ("A", "餐巾链"))}))  # fmt: skip
    result = chain(atlas, "餐巾链")
    assert result.rows[0]["names"] == ["甲"]
    assert any("2 条生产事实没有计入" in zh for zh in result.notes_in("zh"))


def test_confidence_of_present_is_that_of_its_best_fact_and_of_missing_is_kappa() -> None:
    made = [("甲", "A", {"source": "一", "confidence": 0.6}), ("甲", "A", {"source": "二", "confidence": 0.9}),
            ("乙", "A", {"source": "一", "confidence": 0.7})]  # fmt: skip
    atlas = atlas_of(batch(
        {"Chain": named("餐巾链"), "Product": named("A", "B"), "Enterprise": named("甲", "乙")},
        {**edges("PRODUCES", "Enterprise", "Product", *made),
         **edges("IN_CHAIN", "Product", "Chain", ("A", "餐巾链"), ("B", "餐巾链"))},
        {"Coverage": [{"source": "声明", "relation": "PRODUCES", "share": 0.8, "basis": "按事实核对"}]}))  # fmt: skip
    found = {r["link"]: r["confidence"] for r in chain(atlas, "餐巾链").rows}
    assert found == {"A": 0.9, "B": 0.8}


def test_the_floor_decides_between_unknown_and_missing() -> None:
    world = World(coverage=(Stated(None, None, None, 0.6),))
    for floor, status in ((0.5, "missing"), (0.7, "unknown")):
        row = chain(atlas_of_world(world, floor=floor), "链甲").rows[0]
        assert row["status"] == status


def test_names_that_fit_nothing_are_answered_with_the_nearest() -> None:
    atlas = atlas_of_world(World(coverage=(FULL,)))
    with pytest.raises(LookupError, match="枣庄市"):
        chain(atlas, "链甲", place="枣装市")
    with pytest.raises(LookupError, match="链甲"):
        chain(atlas, "链假")


def test_links_come_upstream_first() -> None:
    world = World(inputs=(("p0", "p1", None, True),))
    order = [r["link"] for r in chain(atlas_of_world(world), "链甲").rows]
    assert all(order.index(a) < order.index(b) for a, b in pairwise(["p0", "p1"]))
