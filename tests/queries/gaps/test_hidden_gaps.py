"""Gaps hidden and found again: where the data would show a maker, a link without one is named as missing.

That what no list covers stays unknown is tested on ChainKnowledgeGraph, in tests/loaders/dumps/test_chainkg.py.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from building import Rows, atlas_of, batch, edges, named

from chainatlas.api import open
from chainatlas.graph.columns.changes import without
from chainatlas.graph.workspace.snapshot import Snapshot
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.atlas.chain_links import chain_names
from chainatlas.queries.gaps.gaps import gaps
from chainatlas.queries.verdicts.verdicts import verdicts

LINKS = 40


@pytest.fixture(scope="module")
def covered() -> Atlas:
    """A synthetic chain of 40 links, one to four makers each, in a place whose list is complete."""
    rng = np.random.default_rng(7)
    links = [f"环节{i}" for i in range(LINKS)]
    makes = [(f"企业{i}-{k}", links[i]) for i in range(LINKS) for k in range(int(rng.integers(1, 5)))]
    inputs = [(links[i], links[int(rng.integers(0, i))]) for i in range(1, LINKS)]
    nodes: Rows = {"Chain": named("合成链"), "Product": named(*links), "Enterprise": named(*(f for f, _ in makes)),
                   "Region": [{"name": "枣庄市", "level": "市"}]}  # fmt: skip
    relations: Rows = {
        **edges("PRODUCES", "Enterprise", "Product", *makes), **edges("INPUT_OF", "Product", "Product", *inputs),
        **edges("LOCATED_IN", "Enterprise", "Region", *((f, "枣庄市") for f, _ in makes)),
        **edges("IN_CHAIN", "Product", "Chain", *((p, "合成链") for p in links)),
    }  # fmt: skip
    stated = [{"source": "普查", "relation": "PRODUCES", "place": "枣庄市", "chain": "合成链", "share": 1.0,
               "basis": "按事实核对"}]  # fmt: skip
    return atlas_of(batch(nodes, relations, {"Coverage": stated}))


def hidden(atlas: Atlas, items: np.ndarray) -> Atlas:
    """The graph as if nobody had told of the makers of these links."""
    makes = atlas.makers.makes
    makers = np.unique(np.concatenate([makes.indices[makes.indptr[i] : makes.indptr[i + 1]] for i in items]))
    graph, snapshot = without(atlas.snapshot.graph, makers.tolist()), atlas.snapshot
    return Atlas(Snapshot(graph, snapshot.schema, words=snapshot.words), atlas.floor)


@pytest.mark.parametrize("k", range(1, 21))
def test_links_whose_makers_are_hidden_are_named_as_missing(covered: Atlas, k: int) -> None:
    items = np.random.default_rng(k).permutation(LINKS)[:k]
    found = gaps(hidden(covered, items), chain="合成链", place="枣庄市", kind="industry")
    named_ = {r["link"] for r in found.rows if r["status"] == "missing"}
    wanted = {covered.snapshot.name(covered.makers.node(int(i))) for i in items}
    assert len(named_ & wanted) >= 0.95 * k
    assert named_ <= wanted, "and nothing else is"


@pytest.fixture(scope="module")
def bundled(demo_folder: Path) -> Atlas:
    return open(demo_folder)


@pytest.mark.parametrize("k", [5, 20])
def test_the_bundled_data_name_what_is_hidden_in_the_province(bundled: Atlas, k: int) -> None:
    """Links of the bundled chains whose κ reaches the floor and that somebody makes in the province."""
    scope = bundled.scopes.find("山东省")
    items = np.unique(np.concatenate([[i for i, _, _ in bundled.chain_members[c]] for c in chain_names(bundled)]))
    judged = verdicts(bundled, items, np.array([scope]))
    covered = items[
        (judged.coverage[:, 0] >= bundled.floor) & (judged.producers[:, 0] > 0) & ~bundled.makers.primary[items]
    ]
    assert len(covered) >= 40
    chosen = np.random.default_rng(k).permutation(covered)[:k]
    left = hidden(bundled, chosen)
    told = {r["link"]: r["status"] for r in gaps(left, place="山东省", kind="industry").rows}
    names = {bundled.snapshot.name(bundled.makers.node(int(i))): int(i) for i in chosen}
    silent = {n for n, i in names.items() if not left.makers.hints[[i]][:, [scope]].nnz}
    assert len({n for n in silent if told.get(n) == "missing"}) >= 0.95 * len(silent)
    # Of the others somebody who stayed has words that may include the link: never missing, and not most of them.
    assert {told.get(n) for n in names.keys() - silent} <= {"possible"}
    assert len(silent) >= len(names) / 2
