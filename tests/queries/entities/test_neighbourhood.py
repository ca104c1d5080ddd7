"""The part of the graph that is drawn: hand-worked steps, limits, chains."""

from __future__ import annotations

import numpy as np
import pytest
from building import SCHEMA, Rows, atlas_of, batch, edges, named

from chainatlas.graph.schema.errors import QueryError
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.entities.neighbourhood import Neighbourhood, neighbourhood
from chainatlas.views.network.layout import columns, parts, rings
from chainatlas.views.network.telling import _LOOKS, _OTHER


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    """a → x → y → z, b → y; a and b in one province, c there alone; chain of x (up) and y (mid)."""
    nodes: Rows = {"Enterprise": named("甲", "乙", "丙"), "Product": named("料", "件", "机"), "Chain": named("链"),
                   "Region": [{"name": "东省", "level": "省"}]}  # fmt: skip
    relations: Rows = {
        **edges("PRODUCES", "Enterprise", "Product", ("甲", "料"), ("乙", "件")),
        **edges("INPUT_OF", "Product", "Product", ("料", "件"), ("件", "机")),
        **edges("LOCATED_IN", "Enterprise", "Region", ("甲", "东省"), ("乙", "东省"), ("丙", "东省")),
        **edges("IN_CHAIN", "Product", "Chain", ("料", "链", {"stage": "upstream"}),
                ("件", "链", {"stage": "midstream"})),
    }  # fmt: skip
    return atlas_of(batch(nodes, relations))


def shown(atlas: Atlas, part: Neighbourhood) -> dict[str, int]:
    return dict(zip(atlas.snapshot.names(part.nodes), part.hop.tolist(), strict=True))


def test_steps_are_counted_from_the_middle_and_not_through_places(atlas: Atlas) -> None:
    assert shown(atlas, neighbourhood(atlas, around="甲")) == {"甲": 0, "料": 1, "东省": 1}
    assert shown(atlas, neighbourhood(atlas, around="甲", hops=2)) == {"甲": 0, "料": 1, "东省": 1, "件": 2, "链": 2}
    far = neighbourhood(atlas, around="甲", hops=9)
    assert shown(atlas, far) == {"甲": 0, "料": 1, "东省": 1, "件": 2, "链": 2, "机": 3, "乙": 3}
    assert far.found == 7, "丙 shares the province only"
    assert shown(atlas, neighbourhood(atlas, around="东省")) == {"东省": 0, "甲": 1, "乙": 1, "丙": 1}


def test_relations_are_those_among_the_nodes(atlas: Atlas) -> None:
    part = neighbourhood(atlas, around="料")
    names = atlas.snapshot.names(part.nodes)
    ties = {(names[a], r, names[b]) for a, r, b in zip(part.src, part.relation, part.dst, strict=True)}
    assert ties == {("甲", "PRODUCES", "料"), ("料", "INPUT_OF", "件"), ("料", "IN_CHAIN", "链"),
                    ("件", "IN_CHAIN", "链")}  # fmt: skip


def test_a_limit_keeps_the_nearest_and_says_how_many_there_were(atlas: Atlas) -> None:
    part = neighbourhood(atlas, around="甲", hops=3, limit=3)
    assert shown(atlas, part) == {"甲": 0, "料": 1, "东省": 1}
    assert part.found == 7


def test_a_chain_has_its_links_and_makers(atlas: Atlas) -> None:
    part = neighbourhood(atlas, chain="链")
    stages = dict(zip(atlas.snapshot.names(part.nodes), part.stage, strict=True))
    assert stages == {"甲": None, "乙": None, "料": "upstream", "件": "midstream"}
    assert set(shown(atlas, neighbourhood(atlas, chain="链", limit=2))) == {"料", "件"}, "links before makers"


def test_without_a_middle_places_are_left_out(atlas: Atlas) -> None:
    assert set(shown(atlas, neighbourhood(atlas))) == {"甲", "乙", "料", "件", "机", "链"}


def test_what_cannot_be_is_refused(atlas: Atlas) -> None:
    for wrong in ({"around": "没有"}, {"around": "甲", "chain": "链"}, {"around": "甲", "hops": 0}, {"limit": 0}):
        with pytest.raises(QueryError):
            neighbourhood(atlas, **wrong)  # type: ignore[arg-type]


def test_no_two_types_look_the_same() -> None:
    looks = [_LOOKS.get(kind, _OTHER) for kind in SCHEMA.nodes]
    assert len(set(looks)) == len(looks)


# Layouts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 60, 500, 2600])
def test_no_two_nodes_of_any_graph_stand_on_one_another(n: int) -> None:
    chance = np.random.default_rng(n)
    src, dst = chance.integers(0, n, n), chance.integers(0, n, n)
    places = parts(n, src, dst)
    assert places.shape == (n, 2)
    assert np.isfinite(places).all()
    assert len(np.unique(np.round(places, 3), axis=0)) == n
    assert (places == parts(n, src, dst)).all(), "the same each time"


def test_parts_that_do_not_touch_stand_apart() -> None:
    places = parts(6, np.array([0, 1, 3]), np.array([1, 2, 4]))
    first, second = places[:3], places[3:5]
    apart = (first.max(axis=0) < second.min(axis=0)) | (second.max(axis=0) < first.min(axis=0))
    assert apart.any()


def test_columns_stand_from_left_to_right_without_overlap() -> None:
    chance = np.random.default_rng(1)
    column = sorted(chance.integers(0, 4, 90).tolist())
    places, titles = columns(column, chance.integers(0, 90, 150), chance.integers(0, 90, 150))
    assert len(np.unique(places, axis=0)) == 90
    x = places[:, 0]
    for a, b in zip(range(3), range(1, 4), strict=True):
        assert x[np.array(column) == a].max() < x[np.array(column) == b].min()
        assert titles[a][0] < titles[b][0]
    assert all(y < places[:, 1].min() for _, y in titles.values())


def test_rings_are_as_far_out_as_the_steps() -> None:
    hop = np.array([0, 1, 1, 2, 2, 2])
    places = rings(hop, np.array([0, 0, 1, 1, 2]), np.array([1, 2, 3, 4, 5]))
    far = np.hypot(*places.T)
    assert far[0] == 0
    assert far[1] == pytest.approx(far[2])
    assert far[3] == pytest.approx(far[5])
    assert far[3] > far[1] > 0
