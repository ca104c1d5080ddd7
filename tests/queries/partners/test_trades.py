"""Firms of which no list tells a product: the end of their name tells a trade, to be asked about, never as a fact."""

from __future__ import annotations

from building import atlas_of, batch, edges, named

from chainatlas.graph.identity.terms import Term, TermJudgement, WordBook
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.attach.called import called
from chainatlas.queries.partners.partners import partners
from chainatlas.queries.verdicts.trades import trades

LINKS = {"采煤机": 0, "液压支架": 1, "轴承": 2}
TERMS = (Term("采煤机", "煤机", "broader"), Term("液压支架", "煤机", "broader"), Term("轴承", "煤机", "none"),
         Term("轴承", "滚珠轴承", "narrower"))  # fmt: skip


def test_the_longest_end_without_form_and_place_in_brackets() -> None:
    names = ["示例泰安煤机有限公司", "示例煤机（集团）股份有限公司", "示例滚珠轴承厂", "示例轴承销售有限公司", "煤机"]
    both = {0: ("煤机", "broader"), 1: ("煤机", "broader")}
    assert called(names, LINKS, TERMS) == [both, both, {2: ("滚珠轴承", "narrower")}, {}, {}]


def napkin(book: WordBook | None = None) -> Atlas:
    nodes = {"Enterprise": named("示例泰安煤机", "示例煤机食品", "示例莱芜煤机"), "Product": named("采煤机", "馒头"),
             "Chain": named("矿机")}  # fmt: skip
    made = edges("PRODUCES", "Enterprise", "Product", ("示例莱芜煤机", "馒头"))
    book = book or WordBook(terms=(Term("采煤机", "煤机", "broader"),))
    chain = edges("IN_CHAIN", "Product", "Chain", ("采煤机", "矿机"))
    return atlas_of(batch(nodes, made | chain), words=book)


def test_only_the_silent_are_told_by_their_name() -> None:
    atlas = napkin()
    firm, item = atlas.snapshot.find("示例泰安煤机", ("Enterprise",)), 0
    assert trades(atlas) == {(firm, item): ("煤机", "broader")}, "示例莱芜煤机 makes something else, as a list tells"
    rows = partners(atlas, "采煤机").in_language("zh").rows
    assert [(r["candidate"], r["ability"]) for r in rows] == [("示例泰安煤机", "words")]
    assert "自称“煤机”，可能包括采煤机" in str(rows[0]["why"])
    assert atlas.makers.hinted.nnz == 0, "no possible maker in any verdict"


def test_what_a_person_decided_stands_before_the_terms() -> None:
    judged = WordBook(terms=(Term("采煤机", "煤机", "broader"),), judgements=(TermJudgement("煤机", "采煤机", "none"),))
    assert trades(napkin(judged)) == {}
    assert partners(napkin(judged), "采煤机").rows == []


def test_a_source_not_a_decision_settles_what_a_name_tells() -> None:
    told = partners(napkin(), "采煤机").explain(0).in_language("zh").rows
    assert any("有来源写明它生产采煤机" in str(row["fact"]) for row in told)
    assert not any("attach decide" in str(row["fact"]) for row in told)
