"""Recipe checks: each fault of a hand-made recipe is found, and its nearest harmless neighbour is not."""

from __future__ import annotations

from typing import Any

import pytest
from building import Rows, atlas_of, batch, edges, named

from chainatlas.queries.quality.checks import check

RECIPE = ("parent_and_kinds", "joined_levels", "input_twice", "inputs_unlisted", "end_used_up", "runs_backwards")
Input = tuple[str, str] | tuple[str, str, dict[str, Any]]


def told(
    *inputs: Input,
    products: dict[str, dict[str, Any]] | None = None,
    kinds: tuple[tuple[str, str], ...] = (),
    places: tuple[tuple[Any, ...], ...] = (),
    leaves: bool = True,
) -> dict[str, list[str]]:
    """Return the messages of the recipe checks by code.

    Parameters
    ----------
    products
        Properties of products by name.
    places
        ``(product, chain[, properties])``; without them all products stand in 链.
    leaves
        Mark what has no input as not broken down, so that only the fault in question is told.
    """
    names = sorted({n for a, b, *_ in inputs for n in (a, b)} | {n for pair in kinds for n in pair})
    made = {b for _, b, *_ in inputs}
    leaf = {n: {"unlisted_inputs": True} for n in names if leaves and n not in made}
    rows = [{"name": n, **leaf.get(n, {}), **(products or {}).get(n, {})} for n in names]
    stands = places or tuple((n, "链") for n in names)
    nodes: Rows = {"Product": rows, "Chain": named(*dict.fromkeys(p[1] for p in stands))}
    relations: Rows = {
        **edges("INPUT_OF", "Product", "Product", *inputs),
        **edges("IN_CHAIN", "Product", "Chain", *stands),
        **(edges("KIND_OF", "Product", "Product", *kinds) if kinds else {}),
    }
    found: dict[str, list[str]] = {}
    for row in check(atlas_of(batch(nodes, relations))).in_language("zh").rows:
        if row["code"] in RECIPE:
            found.setdefault(row["code"], []).append(row["message"])
    return found


def group(name: str, **more: Any) -> dict[str, Any]:
    return {"group": name, **more}


def test_a_parent_and_its_kinds() -> None:
    """外延片 needs 衬底 and one of its kinds: once is enough."""
    alternatives: tuple[Input, ...] = (("硅衬底", "外延片", group("1")), ("蓝宝石衬底", "外延片", group("1")))
    kinds = (("硅衬底", "衬底"), ("蓝宝石衬底", "衬底"))
    both = told(("衬底", "外延片"), *alternatives, kinds=kinds)
    assert set(both) == {"parent_and_kinds"}
    assert len(both["parent_and_kinds"]) == 2
    assert "“外延片”既需要“衬底”，又需要它的一种" in both["parent_and_kinds"][0]
    assert told(("衬底", "外延片", {"essential": False}), *alternatives, kinds=kinds) == {}
    assert told(("衬底", "外延片", group("1")), *alternatives, kinds=kinds) == {}, "alternatives of one group"


def test_a_parent_through_two_steps() -> None:
    both = told(
        ("衬底", "外延片"), ("图形化衬底", "外延片"), kinds=(("图形化衬底", "蓝宝石衬底"), ("蓝宝石衬底", "衬底"))
    )
    assert len(both["parent_and_kinds"]) == 1


ROUTE: tuple[Input, ...] = (
    ("精矿", "粗铜", {"source": "一"}),
    ("粗铜", "阳极铜", {"source": "一"}),
    ("阳极铜", "阴极铜", {"source": "一"}),
)


def test_two_sources_join_two_levels() -> None:
    found = told(*ROUTE, ("精矿", "阴极铜", {"source": "二"}))
    assert set(found) == {"joined_levels"}
    assert "“精矿”，又需要由它制得的“阳极铜”" in found["joined_levels"][0]


@pytest.mark.parametrize(
    "more",
    [
        {"source": "一"},  # one source says both: it is used twice
        {"source": "二", "essential": False},
        {"source": "二", "group": "1"},  # with an alternative that is not of the route
    ],
)
def test_one_source_or_no_need_joins_nothing(more: dict[str, Any]) -> None:
    others: tuple[Input, ...] = (("再生铜", "阴极铜", more),) if "group" in more else ()
    assert told(*ROUTE, ("精矿", "阴极铜", more), *others) == {}


def test_a_source_that_confirms_the_level_does_not_hide_another() -> None:
    """Source 二 also states the upper level: it asks for both, which is its word."""
    assert told(*ROUTE, ("精矿", "阴极铜", {"source": "二"}), ("阳极铜", "阴极铜", {"source": "二"})) == {}


def test_an_input_of_a_further_input() -> None:
    uses: tuple[Input, ...] = (
        ("丁二醇", "弹性体"),
        ("聚醚", "弹性体", group("1")),
        ("聚酯", "弹性体", group("1")),
        ("丁二醇", "聚醚"),
    )
    assert told(*uses) == {}, "the other alternative is not made of it"
    found = told(*uses, ("丁二醇", "聚酯"))
    assert set(found) == {"input_twice"}
    assert "“弹性体”既需要“丁二醇”" in found["input_twice"][0]
    assert told(*uses, ("丁二醇", "聚酯"), products={"丁二醇": {"primary": True}}) == {}
    assert told(*uses, ("丁二醇", "聚酯", {"essential": False})) == {}


def test_links_without_inputs() -> None:
    marks = {"甲": {"primary": True}, "乙": {"unlisted_inputs": True}}
    found = told(("甲", "丙"), ("乙", "丙"), ("丁", "丙"), products=marks, leaves=False)
    assert set(found) == {"inputs_unlisted"}
    assert "1 个环节" in found["inputs_unlisted"][0]
    assert "丁" in found["inputs_unlisted"][0]
    outside = told(("甲", "丙"), leaves=False, places=(("丙", "链"),))
    assert outside == {}, "what stands in no chain is no link"


END = {"覆铜板": {"end_product": True}, "服务": {"end_product": True}}
CLOUD: tuple[Input, ...] = (("铜箔", "覆铜板"), ("覆铜板", "线路板"), ("线路板", "服务"))
PLACES = (("铜箔", "铜"), ("覆铜板", "铜"), ("覆铜板", "云"), ("线路板", "云"), ("服务", "云"))


def ends(chain: str, *inputs: Input, places: tuple[tuple[Any, ...], ...]) -> list[str]:
    from chainatlas.queries.atlas.chain_links import find_chain

    names = sorted({p[0] for p in places})
    nodes: Rows = {
        "Product": [{"name": n, **END.get(n, {})} for n in names],
        "Chain": named(*dict.fromkeys(p[1] for p in places)),
    }
    atlas = atlas_of(
        batch(
            nodes,
            {**edges("INPUT_OF", "Product", "Product", *inputs), **edges("IN_CHAIN", "Product", "Chain", *places)},
        )
    )
    return sorted(atlas.snapshot.name(atlas.makers.node(int(i))) for i in find_chain(atlas, chain).ends)


def test_a_mark_does_not_leak_into_a_chain_that_uses_the_product_up() -> None:
    assert ends("铜", *CLOUD, places=PLACES) == ["覆铜板"]
    assert ends("云", *CLOUD, places=PLACES) == ["服务"]
    assert ends("服务", *CLOUD, places=PLACES) == ["服务"], "the chain of a product ends in it"
    assert told(*CLOUD, products=END, places=PLACES) == {}


def test_recycling_leaves_an_end_product_an_end() -> None:
    back: tuple[Input, ...] = (*CLOUD, ("服务", "废料"), ("废料", "铜箔"))
    places = (*PLACES, ("废料", "云"), ("服务", "铜"))
    assert ends("云", *back, places=places) == ["服务", "覆铜板"], "all stand in one circle: nothing leads out of it"


def test_the_mark_of_a_product_of_one_chain_counts_and_is_told() -> None:
    places = tuple((n, "云") for n in ("铜箔", "覆铜板", "线路板", "服务"))
    assert ends("云", *CLOUD, places=places) == ["服务", "覆铜板"]
    found = told(*CLOUD, products=END, places=places)
    assert set(found) == {"end_used_up"}
    assert "“覆铜板”标为终端产品，在“云”里却还要投入线路板" in found["end_used_up"][0]


def test_a_mark_that_is_used_up_everywhere_counts_everywhere() -> None:
    places = (*PLACES, ("线路板", "铜"))
    assert ends("云", *CLOUD, places=places) == ["服务", "覆铜板"]
    assert len(told(*CLOUD, products=END, places=places)["end_used_up"]) == 2


@pytest.mark.parametrize(
    ("first", "second", "late"),
    [
        ({"stage": "upstream", "order": 1}, {"stage": "midstream", "order": 2}, False),
        ({"stage": "upstream", "order": 2}, {"stage": "upstream", "order": 2}, False),
        ({"stage": "midstream"}, {"stage": "upstream"}, True),
        ({"stage": "upstream", "order": 3}, {"stage": "midstream", "order": 2}, True),
        ({"order": 3}, {"order": 2}, True),
        ({"order": 3}, {"stage": "upstream"}, False),
    ],
)
def test_stages_that_run_backwards(first: dict[str, Any], second: dict[str, Any], late: bool) -> None:
    found = told(("甲", "乙"), places=(("甲", "链", first), ("乙", "链", second)))
    assert ("runs_backwards" in found) is late
    if late:
        assert "“链”里有 1 条投入的位置晚于用它的产品：甲→乙" in found["runs_backwards"][0]


def test_recycling_runs_backwards_rightly() -> None:
    round_: tuple[Input, ...] = (("甲", "乙"), ("乙", "甲"))
    assert told(*round_, places=(("甲", "链", {"order": 1}), ("乙", "链", {"order": 2}))) == {}
