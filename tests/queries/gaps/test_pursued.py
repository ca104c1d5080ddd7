"""Chains that a place pursues, by hand: a cluster, a target, a tenth of the links; the others are named in one line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from building import Rows, atlas_of, batch, edges, named

from chainatlas.graph.schema.words import in_words
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.atlas.chain_links import chain_names
from chainatlas.queries.gaps.gaps import gaps
from chainatlas.queries.gaps.pursued import pursued
from chainatlas.views.report.parts import gather

# Each chain has ten products.  子县 lies in 甲市, 甲市 and 乙市 in 东省.
#   车链  甲市 makes one of ten, in 子县: a tenth, there and above.
#   船链  a cluster in 子县.                    箭链  a target of 甲市 calls it 运载火箭, its short name.
#   塔链  eleven products, one made in 甲市: under a tenth.      井链  a target of no place names it.
#   桥链  nothing at all.                       焊链  a technology only: no product whose share could be small.
CHAINS = ("车链", "船链", "箭链", "塔链", "井链", "桥链")
PLACES = ("东省", "甲市", "乙市", "子县")


def _links(chain: str) -> list[str]:
    return [f"{chain}{number}" for number in range(11 if chain == "塔链" else 10)]


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    relations: Rows = {}
    for more in (
        edges("PART_OF", "Region", "Region", ("甲市", "东省"), ("乙市", "东省"), ("子县", "甲市")),
        edges("LOCATED_IN", "Enterprise", "Region", ("子厂", "子县"), ("甲厂", "甲市")),
        edges("LOCATED_IN", "Cluster", "Region", ("船集群", "子县")),
        edges("LOCATED_IN", "Target", "Region", ("目标1", "甲市")),
        edges("IN_CHAIN", "Cluster", "Chain", ("船集群", "船链")),
        edges("IN_CHAIN", "Product", "Chain", *((p, c) for c in CHAINS for p in _links(c))),
        edges("IN_CHAIN", "Technology", "Chain", ("焊", "焊链")),
        edges("PRODUCES", "Enterprise", "Product", ("子厂", "车链0"), ("甲厂", "塔链0")),
    ):
        for name, rows in more.items():
            relations.setdefault(name, []).extend(rows)
    levels = dict(zip(PLACES, ("省", "市", "市", "县"), strict=True))
    nodes: Rows = {
        "Region": [{"name": place, "level": level} for place, level in levels.items()],
        "Enterprise": named("子厂", "甲厂"),
        "Cluster": named("船集群"),
        "Technology": named("焊"),
        "Chain": [*named(*(c for c in CHAINS if c != "箭链"), "焊链"), {"name": "箭链", "short_name": "运载火箭"}],
        "Product": named(*(p for c in CHAINS for p in _links(c))),
        "Target": [
            {"number": "目标1", "name": "建成运载火箭基地", "measure": "产值"},
            {"number": "目标2", "name": "到2030年翻一番", "measure": "井链产值"},
        ],
    }
    claims = [{"source": "声明", "relation": "PRODUCES", "share": 1.0}]
    return atlas_of(batch(nodes, relations, {"Coverage": claims}))


PURSUED = {
    "子县": {"车链", "船链", "井链", "焊链"},
    "甲市": {"车链", "船链", "箭链", "井链", "焊链"},
    "乙市": {"井链", "焊链"},
    "东省": {"车链", "船链", "箭链", "井链", "焊链"},
}


def test_cluster_target_or_a_tenth_of_the_links(atlas: Atlas) -> None:
    scopes = np.array([atlas.scopes.find(place) for place in PLACES])
    held = pursued(atlas, scopes)
    names = [atlas.snapshot.name(node) for node in chain_names(atlas)]
    assert sorted(names) == sorted([*CHAINS, "焊链"])
    for at, place in enumerate(PLACES):
        assert {name for name, here in zip(names, held[:, at], strict=True) if here} == PURSUED[place], place


def _chains(answer: Any) -> set[str]:
    return {row["chain"] for row in answer.rows}


def test_chains_that_are_not_pursued_are_named_in_one_line(atlas: Atlas) -> None:
    answer = gaps(atlas, place="甲市")
    assert _chains(answer) == PURSUED["甲市"] - {"焊链"}  # of 焊链 only a technology, which nothing covers
    (note,) = [str(in_words(n, "zh")) for n in answer.notes if "未布局" in str(in_words(n, "zh"))]
    assert note.startswith("以下 2 条链")
    assert {name for name in CHAINS if name in note} == {"塔链", "桥链"}
    assert "10%" in note
    assert "--all" in note


def test_all_lists_them_and_a_named_chain_is_always_shown(atlas: Atlas) -> None:
    assert _chains(gaps(atlas, place="甲市", show_unknown=True)) == {*CHAINS, "焊链"}
    alone = gaps(atlas, place="甲市", chain="桥链")
    assert len(alone) == 10
    for answer in (alone, gaps(atlas, place="甲市", show_unknown=True), gaps(atlas)):
        assert not [n for n in answer.notes_in("zh") if "未布局" in n]
    assert _chains(gaps(atlas)) >= {"塔链", "桥链"}  # no place, nothing left out


def test_a_cluster_pursues_its_own_chain(atlas: Atlas) -> None:
    scope = atlas.scopes.find(cluster="船集群")
    held = pursued(atlas, np.array([scope]))[:, 0]
    names = [atlas.snapshot.name(node) for node in chain_names(atlas)]
    assert {name for name, here in zip(names, held, strict=True) if here} == {"船链", "井链", "焊链"}


def test_one_chain_alone_is_what_is_asked_about() -> None:
    regions = [{"name": "甲市", "level": "市"}]
    claims = [{"source": "声明", "relation": "PRODUCES", "share": 1.0}]
    for chains, listed in ((("桥链",), {"桥链"}), (("桥链", "塔链"), set())):
        relations = edges("IN_CHAIN", "Product", "Chain", *((f"{c}1", c) for c in chains))
        nodes: Rows = {"Region": regions, "Chain": named(*chains), "Product": named(*(f"{c}1" for c in chains))}
        answer = gaps(atlas_of(batch(nodes, relations, {"Coverage": claims})), place="甲市")
        assert _chains(answer) == listed
        assert bool([n for n in answer.notes_in("zh") if "未布局" in n]) == (not listed)


def test_a_report_of_a_place_lists_the_gaps_of_its_chains(atlas: Atlas) -> None:
    asked = {"cluster": None, "date": None, "lang": "zh"}
    report = gather(atlas, chain=None, place="甲市", **asked)
    assert _chains(report.tables["gaps"]) == PURSUED["甲市"] - {"焊链"}
    assert [n for n in report.notes if "未布局" in n]
    named_chain = gather(atlas, chain="桥链", place="甲市", **asked)
    assert _chains(named_chain.tables["gaps"]) == {"桥链"}
