"""Coverage κ = list × told × grain, the grounds of each share, and what verdicts make of it: numbers worked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from brute_force import PRODUCTS, Firm, Stated, World, atlas_of_world, judge
from building import atlas_of, batch, edges, named

from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.atlas.kappa import GROUNDS, chapman
from chainatlas.queries.atlas.scopes import WHOLE
from chainatlas.queries.gaps.chain import chain
from chainatlas.queries.verdicts.verdicts import verdicts

LISTED = ("上市公司",)


def stated(population: str | None = None, place: str | None = None, **shares: Any) -> Stated:
    """A statement whose share is one of firms."""
    return Stated(population, place, None, shares.pop("share", 0.98), firms=True, **shares)


# Three shares ---------------------------------------------------------------------------------------


def test_the_three_shares_are_multiplied_and_the_count_needs_the_smaller_grain() -> None:
    # .98 × .75 × .8 = .588 reaches the floor: nobody is "missing".
    # .98 × .75 × .55 = .404 does not: one is "at least one".
    claim = stated("上市公司", told=0.75, named=0.55, included=0.8)
    found = judge(World((Firm("甲", None, LISTED, ("p0",)),), coverage=(claim,)))
    assert (found["p1", None]["kappa"], found["p1", None]["named"]) == pytest.approx((0.588, 0.40425))
    assert (found["p1", None]["status"], found["p1", None]["firm"]) == ("missing", False)
    assert (found["p0", None]["status"], found["p0", None]["subkind"]) == ("unknown", "at_least_one")
    better = stated("上市公司", told=0.75, named=0.7, included=0.8)  # .98 × .75 × .7 = .5145
    found = judge(World((Firm("甲", None, LISTED, ("p0",)),), coverage=(better,)))
    assert (found["p0", None]["status"], found["p0", None]["named"]) == ("single_source", pytest.approx(0.5145))


def test_two_producers_are_no_matter_of_counting() -> None:
    firms = tuple(Firm(n, None, LISTED, ("p0",)) for n in "甲乙")
    assert judge(World(firms))["p0", None]["status"] == "adequate"


def test_a_single_share_is_the_whole_product_only_when_its_basis_speaks_of_facts() -> None:
    assert judge(World(coverage=(Stated(None, None, None, 0.6),)))["p0", None]["kappa"] == pytest.approx(0.6)
    # Of firms: .6 stand in the list, one of the two that are loaded has product words, the default grain .8 and .6.
    firms = (Firm("甲", None, (), ("p1",)), Firm("乙"))
    found = judge(World(firms, coverage=(stated(share=0.6),)))["p0", None]
    assert (found["kappa"], found["named"]) == pytest.approx((0.6 * 0.5 * 0.8, 0.6 * 0.5 * 0.6))
    assert found["status"] == "unknown"


def test_words_of_the_scope_of_business_are_words() -> None:
    firms = (Firm("甲", None, (), ("p1",)), Firm("乙", scope=("甲词",)))
    assert judge(World(firms, coverage=(stated(share=0.6),)))["p0", None]["kappa"] == pytest.approx(0.6 * 0.8)


def test_one_grain_stands_for_both_figures() -> None:
    found = judge(World(coverage=(stated(share=1.0, told=1.0, grain=0.7),)))["p0", None]
    assert (found["kappa"], found["named"]) == pytest.approx((0.7, 0.7))


def test_the_row_of_a_chain_shows_the_shares_apart() -> None:
    row = chain(atlas_of_world(World(coverage=(stated(told=0.75, named=0.55, included=0.8),))), "链甲").rows[0]
    assert (row["coverage"], row["listed"], row["told"], row["grain"]) == (0.588, 0.98, 0.75, 0.8)


def test_several_statements_are_one_minus_the_product_of_what_each_leaves_open() -> None:
    half = Stated(None, None, None, 0.5)
    found = judge(World(coverage=(half, Stated(None, "中国", None, 0.5))))
    assert found["p0", "枣庄市"]["kappa"] == pytest.approx(0.75)
    assert found["p0", None]["kappa"] == pytest.approx(0.5)
    # The two rows are equal and become one fact: κ stays .5, which reaches the floor.
    row = chain(atlas_of_world(World(coverage=(half, Stated(None, None, None, 0.5)))), "链甲").rows[0]
    assert (row["coverage"], row["status"]) == (0.5, "missing")
    # 1 − (1 − .588)(1 − .9 × .8 × .8) = .825, and named 1 − (1 − .40425)(1 − .9 × .8 × .6) = .662
    both = (stated(told=0.75, named=0.55, included=0.8), stated(place="中国", share=0.9, told=0.8))
    found = judge(World(coverage=both))["p0", "枣庄市"]
    assert (found["kappa"], found["named"]) == pytest.approx((1 - 0.412 * 0.424, 1 - 0.59575 * 0.568))


def test_both_figures_rest_on_the_same_ground() -> None:
    firms = tuple(Firm(f"企业{i}", None, (), ("p1",)) for i in range(4))
    both = (stated(told=1.0, named=0.0, included=0.8), Stated(None, None, None, 4.0, statistic=True))
    found = judge(World(firms, coverage=both))["p1", None]
    assert (found["ground"], found["named"]) == ("stated", 0)


# Estimated ------------------------------------------------------------------------------------------


def test_chapman() -> None:
    assert chapman(60, 50, 30) == pytest.approx(99.35, abs=0.005)
    assert 80 / chapman(60, 50, 30) == pytest.approx(0.805, abs=0.0005)


def lists(first: dict[str, str], second: dict[str, str], silent: int = 0) -> Atlas:
    """Two independent lists (firm → products, a letter each), and firms that say nothing."""
    makes = [(n, p, {"source": s}) for names, s in ((first, "名录一"), (second, "名录二"))
             for n, products in names.items() for p in products]  # fmt: skip
    both = [{"source": s, "measure": "独立名单", "value": 1.0} for s in ("名录一", "名录二")]
    firms = [*dict.fromkeys((*first, *second)), *(f"无{i}" for i in range(silent))]
    products = "ABCDEZ"
    return atlas_of(batch(
        {"Chain": named("餐巾链"), "Product": named(*products), "Enterprise": named(*firms)},
        {**edges("PRODUCES", "Enterprise", "Product", *makes),
         **edges("IN_CHAIN", "Product", "Chain", *((p, "餐巾链") for p in products))},
        {"Statistic": both}))  # fmt: skip


def two_lists(both: int, first: int, second: int, silent: int = 0) -> Atlas:
    """Two lists of the makers of A, with ``both`` firms on both."""
    alone = [f"甲{i}" for i in range(first - both)], [f"乙{i}" for i in range(second - both)]
    shared = [f"双{i}" for i in range(both)]
    return lists(*(dict.fromkeys([*shared, *mine], "A") for mine in alone), silent)


def of_nobody(atlas: Atlas) -> tuple[str, float, float]:
    """Ground, κ and κ named of Z, which nobody makes."""
    item = atlas.makers.item(atlas.snapshot.find("Z", ("Product",)))
    found = verdicts(atlas, np.array([item]), np.array([WHOLE]))
    return GROUNDS[found.ground[0, 0]], float(found.coverage[0, 0]), float(found.named[0, 0])


def test_overlapping_lists_estimate_the_list() -> None:
    # n₁ 60, n₂ 50, m 30: N̂ 99.35; together they hold 80 firms, .805. All speak, and the 30 say the same twice.
    ground, *kappa = of_nobody(two_lists(30, 60, 50))
    assert ground == "estimated"
    assert kappa == pytest.approx([0.8052, 0.8052], abs=5e-5)
    # Of 100 firms loaded, 80 speak.
    assert of_nobody(two_lists(30, 60, 50, 20))[1] == pytest.approx(0.8052 * 0.8, abs=5e-5)


@pytest.mark.parametrize(("both", "ground"), [(6, "none"), (7, "estimated")])
def test_an_overlap_below_seven_estimates_nothing(both: int, ground: str) -> None:
    assert of_nobody(two_lists(both, 20, 20))[0] == ground


def test_grain_is_estimated_over_facts_of_firms_in_both_lists() -> None:
    # Ten firms in both, so the list is whole. Facts (firm, link): 20, and 27 with 7 in common: N̂ = 21 · 28 / 8 − 1 =
    # 72.5, of which both lists know 40: .5517 named. Included is no less than the default .8.
    firms = [f"双{i}" for i in range(10)]
    second = {name: ("A" if i < 7 else "") + "CD" for i, name in enumerate(firms)}
    assert of_nobody(lists(dict.fromkeys(firms, "AB"), second))[1:] == pytest.approx((0.8, 40 / 72.5))
    # Six in common: the defaults, .8 and .6.
    second[firms[0]] = "CDE"
    assert of_nobody(lists(dict.fromkeys(firms, "AB"), second))[1:] == pytest.approx((0.8, 0.6))
    # Eight of ten in common: N̂ = 11 · 11 / 9 − 1 = 12.44, of which 12 are known: .964, included as well.
    second = {name: "A" if i < 8 else "C" for i, name in enumerate(firms)}
    assert of_nobody(lists(dict.fromkeys(firms, "A"), second))[1:] == pytest.approx((12 / (121 / 9 - 1),) * 2)


# Counted --------------------------------------------------------------------------------------------


def test_firms_with_words_over_their_number_in_a_statistic() -> None:
    firms = tuple(Firm(f"企业{i}", "枣庄市", makes=("p0",)) for i in range(6))
    count = Stated(None, "枣庄市", None, 8.0, statistic=True)
    found = judge(World(firms, coverage=(count,)))
    # List 6/8, told 1, grain .8 and .6.
    assert found["p0", "枣庄市"]["ground"] == "counted"
    assert (found["p0", "枣庄市"]["kappa"], found["p0", "枣庄市"]["named"]) == pytest.approx((0.6, 0.45))
    # A seventh firm that says nothing: list 7/8, told 6/7.
    more = judge(World((*firms, Firm("无", "枣庄市")), coverage=(count,)))
    assert more["p0", "枣庄市"]["kappa"] == pytest.approx(0.6)


def test_a_statistic_says_nothing_of_a_link_that_nobody_makes_anywhere() -> None:
    firms = tuple(Firm(f"企业{i}", "枣庄市", makes=("p0",)) for i in range(6))
    count = Stated(None, "枣庄市", None, 6.0, statistic=True)
    found = judge(World(firms, coverage=(count,)))
    assert (found["p3", "枣庄市"]["kappa"], found["p3", "枣庄市"]["status"]) == (0, "unknown")
    abroad = judge(World((*firms, Firm("外", "德国", makes=("p3",))), coverage=(count,)))
    assert (abroad["p3", "枣庄市"]["kappa"], abroad["p3", "枣庄市"]["status"]) == (pytest.approx(0.8), "missing")
    low = Stated(None, "枣庄市", None, 0.3)
    found = judge(World(firms, coverage=(count, low)))
    assert (found["p0", "枣庄市"]["ground"], found["p0", "枣庄市"]["kappa"]) == ("stated", pytest.approx(0.3))


# Places, populations, firm and narrow ground ---------------------------------------------------------


def test_firms_without_a_city_thin_the_statement_for_each_city() -> None:
    # Five listed firms in the province, four of which state their city: .9 becomes .72 in a city.
    placed = tuple(Firm(f"企业{i}", "济南市", LISTED, ("p1",)) for i in range(4))
    vague = Firm("无市", "山东省", LISTED)
    found = judge(World((*placed, vague), coverage=(Stated("上市公司", "山东省", None, 0.9),)))
    assert found["p0", "山东省"]["kappa"] == pytest.approx(0.9)
    assert found["p0", "枣庄市"]["kappa"] == pytest.approx(0.72)
    assert found["p0", "江苏省"]["kappa"] == 0


def test_the_widest_population_that_reaches_the_floor_speaks() -> None:
    claims = (Stated("上市公司", None, None, 0.9), Stated(None, None, None, 0.6), Stated(None, None, "链乙", 0.2))
    assert judge(World(coverage=claims))["p0", None]["population"] == "全部"
    low = (Stated("上市公司", None, None, 0.9), Stated(None, None, None, 0.4))
    found = judge(World(coverage=low))["p0", None]
    assert (found["population"], found["kappa"], found["status"]) == ("上市公司", pytest.approx(0.9), "missing")
    asked = judge(World(coverage=low), among="全部")["p0", None]
    assert (asked["population"], asked["kappa"], asked["status"]) == ("全部", pytest.approx(0.4), "unknown")


@pytest.mark.parametrize(
    ("claims", "among", "firm"),
    [
        ((("全部", 0.8),), None, True),
        ((("规上工业企业", 0.8),), None, True),
        ((("全部", 0.79),), None, False),
        ((("上市公司", 1.0),), None, False),
        ((("全部", 0.6), ("规上工业企业", 0.9)), None, False),  # the verdict speaks of all firms, with κ .6
        ((("全部", 0.6), ("规上工业企业", 0.9)), "规上工业企业", True),
        ((("全部", 0.9), ("上市公司", 0.9)), "上市公司", False),
    ],
)
def test_firm_ground_is_a_high_share_of_all_or_of_those_of_designated_size(
    claims: tuple[tuple[str, float], ...], among: str | None, firm: bool
) -> None:
    world = World((Firm("甲", None, ("规上工业企业", "上市公司"), ("p1",)),),
                  coverage=tuple(Stated(p, None, None, share) for p, share in claims))  # fmt: skip
    found = judge(world, among=among)["p0", None]
    assert (found["status"], found["firm"]) == ("missing", firm)
    row = next(r for r in chain(atlas_of_world(world), "链甲", among=among).rows if r["link"] == "p0")
    assert row["ground"] == ("firm" if firm else "narrow")


# Sentences ------------------------------------------------------------------------------------------


def reasons(world: World) -> dict[str, str]:
    return {r["link"]: r["reason"].text("zh") for r in chain(atlas_of_world(world), "链甲").rows}


def test_a_population_is_named_only_for_its_members() -> None:
    listed, other = Firm("甲厂", None, LISTED, ("p0",)), Firm("乙厂", None, (), ("p0",))
    claim = (Stated("上市公司", None, None, 0.9),)
    inside, outside = (reasons(World((firm,), coverage=claim))["p0"] for firm in (listed, other))
    assert "上市公司" in inside
    assert "甲厂" in inside
    assert "范围内没有查到" not in inside
    assert "乙厂" in outside
    assert "上市公司范围内没有查到" in outside


def test_missing_on_narrow_ground_reads_otherwise() -> None:
    narrow = reasons(World(coverage=(Stated("上市公司", None, None, 0.9),)))["p0"]
    firm = reasons(World(coverage=(Stated(None, None, None, 0.9),)))["p0"]
    assert "上市公司" in narrow
    assert "上市公司" not in firm
    assert narrow.replace("上市公司", "全部") != firm


def test_what_may_be_made_names_the_words() -> None:
    firms = (Firm("甲厂", None, (), ("甲词",)), Firm("乙厂", None, (), ("p1",)), Firm("丙厂", None, (), ("乙词",)))
    world = World(firms, coverage=(Stated(None, None, None, 1.0),),
                  decided=(("甲词", "p0", "broader"), ("乙词", "p1", "broader")))  # fmt: skip
    told = reasons(world)
    found = judge(world)
    assert (found["p0", None]["status"], found["p1", None]["subkind"]) == ("possible", "at_least_one")
    for name, word, link in (("甲厂", "甲词", "p0"), ("丙厂", "乙词", "p1")):
        assert name in told[link]
        assert word in told[link]
    assert "乙厂" in told["p1"]


def test_without_ground_unknown_comes_before_possible() -> None:
    world = World((Firm("甲厂", None, (), ("甲词",)),), decided=(("甲词", "p0", "broader"),))
    assert judge(world)["p0", None]["status"] == "unknown"
    assert "甲词" in reasons(world)["p0"]


# Possible makers ------------------------------------------------------------------------------------

FULL = (Stated(None, None, None, 1.0),)


@pytest.mark.parametrize(
    ("relation", "where", "status"),
    [
        ("same", "makes", "single_source"),
        ("narrower", "makes", "single_source"),
        ("makes", "makes", "single_source"),
        ("broader", "makes", "possible"),
        ("none", "makes", "missing"),
        ("narrower", "scope", "possible"),
        ("same", "scope", "possible"),
        ("broader", "scope", "possible"),
        ("makes", "scope", "single_source"),
        ("none", "scope", "missing"),
    ],
)
def test_what_a_decision_on_a_word_makes_of_a_firm(relation: str, where: str, status: str) -> None:
    firm = Firm("甲厂", None, **{where: ("甲词",)})
    found = judge(World((firm,), coverage=FULL, decided=(("甲词", "p0", relation),)))
    assert found["p0", None]["status"] == status
    assert found["p0", None]["certain"] == (status == "single_source")
    assert found["p0", None]["possible"] == (status != "missing"), "possible counts as unknown"


def test_a_maker_of_the_general_may_make_each_kind_unless_it_makes_one() -> None:
    kinds = (("p1", "p0"), ("p2", "p0"))
    general, one_kind = Firm("甲厂", None, (), ("p0",)), Firm("乙厂", None, (), ("p0", "p1"))
    found = judge(World((general,), kinds=kinds, coverage=FULL))
    assert [found[p, None]["status"] for p in PRODUCTS[:3]] == ["single_source", "possible", "possible"]
    found = judge(World((one_kind,), kinds=kinds, coverage=FULL))
    assert [found[p, None]["status"] for p in PRODUCTS[:3]] == ["single_source", "single_source", "missing"]
    found = judge(World((general, one_kind), kinds=kinds, coverage=FULL))
    assert [found[p, None]["status"] for p in PRODUCTS[:3]] == ["adequate", "unknown", "possible"]
    assert found["p1", None]["subkind"] == "at_least_one"


def test_a_possible_maker_of_a_kind_may_make_the_general_and_not_the_other_way() -> None:
    firm = Firm("甲厂", None, (), ("甲词",))
    found = judge(World((firm,), kinds=(("p1", "p0"),), coverage=FULL, decided=(("甲词", "p1", "broader"),)))
    assert [found[p, None]["status"] for p in ("p0", "p1")] == ["possible", "possible"]
    found = judge(World((firm,), kinds=(("p1", "p0"),), coverage=FULL, decided=(("甲词", "p0", "broader"),)))
    assert [found[p, None]["status"] for p in ("p0", "p1")] == ["possible", "missing"]
