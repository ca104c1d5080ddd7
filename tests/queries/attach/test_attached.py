"""Attached: firms' words on the links of a graph; decisions; the same whatever the order of loads."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

from building import SCHEMA, Rows, atlas_of, batch, edges, graph_of, named

from chainatlas.graph.columns.batch import Batch
from chainatlas.graph.identity.terms import TermJudgement, WordBook
from chainatlas.graph.workspace.snapshot import Snapshot
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.attach.attached import Attached, attach, attached

LINKS = ("电解液", "人工智能服务器", "数控机床", "五轴联动加工中心")
RECIPE = batch(
    {"Chain": named("链甲"), "Product": named(*LINKS)},
    edges("IN_CHAIN", "Product", "Chain", *((p, "链甲") for p in LINKS))
    | edges("KIND_OF", "Product", "Product", ("五轴联动加工中心", "数控机床")),
)


def firms(makes: dict[str, list[str]], texts: dict[str, dict[str, str]] | None = None) -> Batch:
    nodes: Rows = {
        "Enterprise": [{"name": f, **(texts or {}).get(f, {})} for f in makes],
        "Product": named(*sorted({w for words in makes.values() for w in words})),
    }
    pairs = [(f, w) for f, words in makes.items() for w in words]
    return batch(nodes, edges("PRODUCES", "Enterprise", "Product", *pairs))


def told(snapshot: Snapshot) -> dict[tuple[str, str], bool]:
    """(firm, link) → whether it is a maker."""
    words = attach(snapshot)
    out: dict[tuple[str, str], bool] = {}
    for maker in (False, True):
        for firm, link in zip(*words.pairs(maker), strict=True):
            out[snapshot.name(int(firm)), snapshot.name(int(link))] = maker
    return out


def opened(*batches: Batch, words: WordBook | None = None) -> Snapshot:
    return Snapshot(graph_of(RECIPE, *batches), SCHEMA, words=words)


LIST = firms(
    {"示例一": ["锂离子电池电解液"], "示例二": ["服务器"], "示例三": [], "示例四": []},
    {"示例三": {"business_scope": "电解液制造；电解液销售"}, "示例四": {"main_business": "电解液的研发、生产和销售"}},
)


def test_a_word_makes_a_maker_a_broader_one_or_a_scope_a_possible_one() -> None:
    assert told(opened(LIST)) == {
        ("示例一", "电解液"): True,
        ("示例二", "人工智能服务器"): False,
        ("示例三", "电解液"): False,
        ("示例四", "电解液"): True,
    }


def test_the_hash_is_the_same_whatever_the_order_of_loads() -> None:
    parts = [firms({"示例一": ["锂离子电池电解液"]}), firms({"示例二": ["服务器"]}), firms({"示例五": ["AI服务器"]})]
    hashes = {attach(opened(*order)).hash for order in permutations(parts)}
    assert len(hashes) == 1
    assert attach(opened(*parts[:2])).hash not in hashes


def decided(*rows: TermJudgement) -> dict[tuple[str, str], bool]:
    return told(opened(LIST, words=WordBook(judgements=rows)))


def test_a_decision_on_a_word_holds_for_all_firms_and_can_be_taken_back() -> None:
    yes, no = (TermJudgement("服务器", "人工智能服务器", r) for r in ("narrower", "none"))
    assert decided(yes)["示例二", "人工智能服务器"] is True
    assert ("示例二", "人工智能服务器") not in decided(yes, no)
    assert decided(yes, no, TermJudgement("服务器", "人工智能服务器", "undecided")) == decided()


def test_a_broader_word_stays_possible_when_confirmed_unless_a_person_says_it_makes_it() -> None:
    assert decided(TermJudgement("服务器", "人工智能服务器", "broader"))["示例二", "人工智能服务器"] is False
    assert decided(TermJudgement("服务器", "人工智能服务器", "makes"))["示例二", "人工智能服务器"] is True


def test_a_decision_may_hold_for_one_firm_alone() -> None:
    two = firms({"示例六": ["服务器"]})
    snapshot = opened(LIST, two)
    firm = snapshot.key(snapshot.find("示例六", ("Enterprise",)))
    only = WordBook(judgements=(TermJudgement("服务器", "人工智能服务器", "makes", firm),))
    found = told(opened(LIST, two, words=only))
    assert (found["示例六", "人工智能服务器"], found["示例二", "人工智能服务器"]) == (True, False)


def test_a_maker_of_the_general_product_may_make_its_kinds_unless_it_is_known_for_one() -> None:
    atlas = atlas_of(RECIPE, firms({"示例七": ["数控机床"], "示例八": ["数控机床", "五轴联动加工中心"]}))
    made, kind = atlas.makers, atlas.makers.item(atlas.snapshot.find("五轴联动加工中心", ("Product",)))
    assert [atlas.snapshot.name(int(f)) for f in made.hinted[[kind]].indices] == ["示例七"]


def test_attachments_are_kept_beside_a_snapshot_and_made_again_when_damaged(tmp_path: Path) -> None:
    snapshot = Snapshot(graph_of(RECIPE, LIST), SCHEMA, tmp_path)
    first = attached(snapshot)
    kept = next(tmp_path.glob("attached-*"))
    assert same(attached(snapshot), first)
    (kept / "links.arrow").write_bytes(b"broken")
    assert same(attached(snapshot), first)


def test_only_the_attachments_of_the_last_decisions_are_kept(tmp_path: Path) -> None:
    graph = graph_of(RECIPE, LIST)
    for relation in ("narrower", "none", "makes"):
        book = WordBook(judgements=(TermJudgement("服务器", "人工智能服务器", relation),))
        attached(Snapshot(graph, SCHEMA, tmp_path, words=book))
        assert len(list(tmp_path.glob("attached-*"))) == 1


def same(a: Attached, b: Attached) -> bool:
    return a.hash == b.hash and len(a.facts) == len(b.facts) > 0


def test_lines_of_an_account_and_firms_that_ceased_make_nothing() -> None:
    nodes = {"Enterprise": named("示例九", status="注销"), "Product": named("锂电池电解液")}
    gone = batch(nodes, edges("PRODUCES", "Enterprise", "Product", ("示例九", "锂电池电解液")))
    atlas = Atlas(opened(LIST, gone))
    item = atlas.makers.item(atlas.snapshot.find("电解液", ("Product",)))
    assert "示例九" not in atlas.snapshot.names(atlas.makers.makes[[item]].indices)
