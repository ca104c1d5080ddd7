"""Gaps: what is shown, in what order, what to do about it; worked out by hand on a small chain."""

from __future__ import annotations

from typing import Any

import pytest
from building import atlas_of, batch, edges, named

from chainatlas.graph.identity.terms import TermJudgement, WordBook
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.gaps.chain import chain
from chainatlas.queries.gaps.gaps import gaps

# T, the end product, needs A and B;  A needs a1 or a2;  B needs b1.  Nobody makes B and a2.
INPUTS = [("A", "T"), ("B", "T"), ("a1", "A", {"group": "1"}), ("a2", "A", {"group": "1"}), ("b1", "B")]
MAKERS = [("甲", "T"), ("乙", "A"), ("丙", "a1"), ("丁", "b1")]
FULL = [{"source": "声明", "relation": "PRODUCES", "share": 1.0, "basis": "按事实核对"},
        {"source": "声明", "relation": "MASTERS", "share": 1.0}]  # fmt: skip
CONTRACT = {"chain", "link", "kind", "stage", "place", "status", "subkind", "action", "criticality",
            "feasibility", "population", "coverage", "confidence", "nearest", "reason"}  # fmt: skip


def chain_of(
    makers: list[Any] = MAKERS, coverage: list[dict[str, Any]] = FULL, supplies: list[Any] = [],  # noqa: B006
    products: dict[str, dict[str, Any]] | None = None, words: WordBook | None = None,
) -> Atlas:  # fmt: skip
    links = ("T", "A", "B", "a1", "a2", "b1")
    return atlas_of(batch(
        {"Chain": named("餐巾链"), "Product": [*({"name": p, **(products or {}).get(p, {})} for p in links),
                                                                *named("乙词")],
         "Enterprise": named("甲", "乙", "丙", "丁"), "Technology": named("涂布")},
        {**edges("INPUT_OF", "Product", "Product", *INPUTS),
         **edges("PRODUCES", "Enterprise", "Product", *makers),
         **edges("SUPPLIES", "Enterprise", "Enterprise", *supplies),
         **edges("REQUIRES", "Product", "Technology", ("a1", "涂布")),
         "IN_CHAIN": edges("IN_CHAIN", "Product", "Chain", *((p, "餐巾链") for p in links))["IN_CHAIN"]
         + edges("IN_CHAIN", "Technology", "Chain", ("涂布", "餐巾链"))["IN_CHAIN"]},
        {"Coverage": coverage}), words=words)  # fmt: skip


def by_link(atlas: Atlas, **options: Any) -> dict[str, dict[str, Any]]:
    return {row["link"]: row for row in gaps(atlas, **options).rows}


def test_the_columns_are_those_of_the_contract() -> None:
    result = gaps(chain_of())
    assert set(result.columns) >= CONTRACT
    assert all(set(result.columns) <= set(row) for row in result.rows)
    assert list(result.table.columns) == list(result.columns)


def test_the_most_urgent_gap_comes_first() -> None:
    # 涂布 is missing too: without it there is no a1, without a1 (and a2) no A, no T.
    # Missing before single source; then by criticality, then by feasibility.
    order = [row["link"] for row in gaps(chain_of(), kind="industry").rows]
    assert order == ["B", "a2", "A", "T", "b1", "a1"]


# Filled, B brings nothing yet, because 涂布 is missing as well; with 涂布 mastered it brings T.
# needed: T cannot do without B (1), but without a2 (0: a1 does);  downstream: both go into T (1).
# criticality = max(gain, (needed + downstream) / 2);  feasibility: own groups that are met.
@pytest.mark.parametrize(
    ("link", "parts", "criticality", "feasibility"),
    [("B", (1, 1, 1), 1, 1), ("a2", (0, 0, 1), 0.5, None), ("T", (0, 1, 1), 1, 0.5),
     ("A", (0, 1, 1), 1, 1), ("a1", (0, 0, 1), 0.5, 1), ("b1", (0, 1, 1), 1, None)],
)  # fmt: skip
def test_criticality_and_feasibility(
    link: str, parts: tuple[float, ...], criticality: float, feasibility: float | None
) -> None:
    mastered = atlas_of(*_with_master())
    row = by_link(mastered)[link]
    assert tuple(row[c] for c in ("gain", "needed", "downstream")) == parts
    assert (row["criticality"], row["feasibility"]) == (criticality, feasibility)


def _with_master() -> list[Any]:
    links = ("T", "A", "B", "a1", "a2", "b1")
    return [batch(
        {"Chain": named("餐巾链"), "Product": named(*links), "Enterprise": named("甲", "乙", "丙", "丁"),
         "Technology": named("涂布")},
        {**edges("INPUT_OF", "Product", "Product", *INPUTS),
         **edges("PRODUCES", "Enterprise", "Product", *MAKERS),
         **edges("MASTERS", "Enterprise", "Technology", ("丙", "涂布"), ("丁", "涂布")),
         **edges("REQUIRES", "Product", "Technology", ("a1", "涂布")),
         **edges("IN_CHAIN", "Product", "Chain", *((p, "餐巾链") for p in links))},
        {"Coverage": FULL})]  # fmt: skip


def test_a_gap_behind_another_gap_gains_nothing_alone() -> None:
    row = by_link(chain_of())["B"]
    assert (row["gain"], row["criticality"]) == (0, 1)


def test_an_unknown_input_is_taken_as_present_when_a_gain_is_told() -> None:
    # Technologies are not covered: 涂布 may be there, so filling B may bring T.
    assert by_link(chain_of(coverage=FULL[:1]))["B"]["gain"] == 1


@pytest.mark.parametrize(("kind", "links"), [("industry", {"B", "a2", "T", "A", "b1", "a1"}), ("technology", {"涂布"})])
def test_kind_chooses(kind: str, links: set[str]) -> None:
    found = by_link(chain_of(), kind=kind)
    assert set(found) == links
    assert {row["kind"] for row in found.values()} == {kind}


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    with pytest.raises(LookupError, match="technology"):
        gaps(chain_of(), kind="resource?")


def test_what_is_to_be_done() -> None:
    found = by_link(chain_of())
    assert {link: row["action"] for link, row in found.items()} == {
        "B": "fill", "a2": "fill", "涂布": "fill", "T": "strengthen", "A": "strengthen", "b1": "strengthen",
        "a1": "strengthen"}  # fmt: skip


def test_what_is_made_only_abroad_is_a_chokepoint() -> None:
    atlas = atlas_of(batch(
        {"Region": [{"name": "中国", "level": "国家", "code": "CHN"}, {"name": "日本", "level": "国家", "code": "JPN"},
                    {"name": "枣庄市", "level": "市"}],
         "Chain": named("餐巾链"), "Product": named("A", "B"), "Enterprise": named("外企", "内企")},
        {**edges("PART_OF", "Region", "Region", ("枣庄市", "中国")),
         **edges("LOCATED_IN", "Enterprise", "Region", ("外企", "日本"), ("内企", "中国")),
         **edges("PRODUCES", "Enterprise", "Product", ("外企", "A"), ("内企", "B")),
         **edges("IN_CHAIN", "Product", "Chain", ("A", "餐巾链"), ("B", "餐巾链"))},
        {"Coverage": [{**FULL[0], "place": "枣庄市"}]}))  # fmt: skip
    found = by_link(atlas, place="枣庄市")
    assert (found["A"]["subkind"], found["A"]["action"]) == ("foreign", "chokepoint")
    assert (found["B"]["subkind"], found["B"]["action"]) == ("domestic", "fill")
    assert found["A"]["nearest"] == ["外企（日本）"]


def test_unknown_links_are_counted_not_shown() -> None:
    atlas = chain_of(coverage=[])
    hidden = gaps(atlas, chain="餐巾链")
    assert hidden.rows == []
    # T, A, a1, b1 have one known maker, B, a2 and 涂布 none: all seven cannot be judged.
    assert any(zh.startswith("另有 7 个环节数据不足") for zh in hidden.notes_in("zh"))
    shown = gaps(atlas, chain="餐巾链", kind="industry", show_unknown=True)
    assert {row["link"]: row["subkind"] for row in shown.rows} == {
        "T": "at_least_one",
        "A": "at_least_one",
        "a1": "at_least_one",
        "b1": "at_least_one",
        "B": None,
        "a2": None,
    }
    assert {(row["status"], row["action"], row["criticality"]) for row in shown.rows} == {("unknown", None, None)}


def test_what_holds_for_some_enterprises_only_says_so() -> None:
    listed = [{**row, "population": "上市公司"} for row in FULL]
    result = gaps(chain_of(coverage=listed))
    assert {row["population"] for row in result.rows} == {"上市公司"}
    pairs = zip(result.notes_in("zh"), result.notes_in("en"), strict=True)
    assert any("上市公司" in zh and "listed companies" in en for zh, en in pairs)


def test_a_primary_input_that_nobody_makes_is_no_gap() -> None:
    atlas = chain_of(products={"b1": {"primary": True}}, makers=MAKERS[:3])
    assert "b1" not in by_link(atlas, show_unknown=True)
    row = next(r for r in chain(atlas, "餐巾链").rows if r["link"] == "b1")
    assert (row["status"], row["available"]) == ("assumed", "y")
    assert "视为可得" in row["reason"].text("zh")


WORDED = [*MAKERS, ("丁", "乙词")]
BROADER = WordBook(judgements=(TermJudgement("乙词", "B", "broader"),))


def test_what_may_be_made_is_to_be_verified_not_filled() -> None:
    row = by_link(chain_of(makers=WORDED, words=BROADER))["B"]
    assert (row["status"], row["action"], row["nearest"]) == ("possible", "verify", [])
    assert "乙词" in row["reason"].text("zh")
    assert by_link(chain_of())["B"]["action"] == "fill"


def test_firm_gaps_come_first_then_single_sources_then_narrow_ones_then_what_may_be_made() -> None:
    order = [(r["link"], r["status"], r["ground"]) for r in gaps(chain_of(makers=WORDED, words=BROADER)).rows]
    assert [s for _, s, _ in order] == ["missing"] * 2 + ["single_source"] * 4 + ["possible"]
    # Among listed firms nobody is known for a2: narrow ground, after the single sources.
    listed = [{**FULL[0], "population": "上市公司"}, FULL[1]]
    order = [(r["link"], r["status"], r["ground"]) for r in gaps(chain_of(WORDED, listed, words=BROADER)).rows]
    assert [(s, g) for _, s, g in order] == [
        ("missing", "firm"),
        *[("single_source", "narrow")] * 4,
        ("missing", "narrow"),
        ("possible", "narrow"),
    ]
    assert (order[0][0], order[-2][0], order[-1][0]) == ("涂布", "a2", "B")


def test_a_captive_intermediate_is_never_missing() -> None:
    rows = by_link(chain_of(products={"B": {"captive": True}}), show_unknown=True)
    assert rows["B"]["status"] == "unknown"


# Link gaps ------------------------------------------------------------------------------------------


def test_without_supply_data_nothing_is_said_of_supplies() -> None:
    result = gaps(chain_of(), kind="link")
    assert result.rows == []
    assert any("2" in zh for zh in result.notes_in("zh"))
    shown = gaps(chain_of(), kind="link", show_unknown=True).rows
    # Both ends are made: A → T and a1 → A. Of the other inputs one end is not.
    assert {r["link"]: (r["status"], r["subkind"], r["action"]) for r in shown} == {
        "A → T": ("unknown", "not_observed", None),
        "a1 → A": ("unknown", "not_observed", None),
    }


def test_with_supply_data_the_missing_supply_is_a_task() -> None:
    rows = gaps(chain_of(supplies=[("丙", "乙")]), kind="link").rows
    assert {r["link"]: (r["status"], r["action"]) for r in rows} == {"A → T": ("missing", "match")}


def test_one_firm_that_makes_both_ends_needs_no_supplier() -> None:
    rows = gaps(chain_of(makers=[*MAKERS, ("甲", "A")], supplies=[("丙", "乙")]), kind="link").rows
    assert rows == []


# Evidence -------------------------------------------------------------------------------------------


def test_every_gap_leads_to_the_rows_it_rests_on() -> None:
    result = gaps(chain_of(supplies=[("丙", "乙")]), show_unknown=True)
    assert {row["kind"] for row in result.rows} == {"industry", "technology", "link"}
    for at, row in enumerate(result.rows):
        facts = result.explain(at).in_language("zh").rows
        assert facts, row["link"]
        assert all("小表.csv" in f["source_ref"] and "行" in f["source_ref"] for f in facts), row["link"]


def test_chains_are_asked_one_by_one_or_all() -> None:
    assert {row["chain"] for row in gaps(chain_of()).rows} == {"餐巾链"}
    with pytest.raises(LookupError, match="餐巾链"):
        gaps(chain_of(), chain="毛巾链")


def test_without_a_chain_the_recipes_are_looked_at_and_without_recipes_it_says_so() -> None:
    plain = batch({"Product": named("A", "B"), "Enterprise": named("甲")},
                  {**edges("INPUT_OF", "Product", "Product", ("A", "B")),
                   **edges("PRODUCES", "Enterprise", "Product", ("甲", "A"))}, {"Coverage": FULL})  # fmt: skip
    assert set(by_link(atlas_of(plain))) == {"A", "B"}
    with pytest.raises(LookupError, match="产业链"):
        gaps(atlas_of(batch({"Product": named("A")})))
