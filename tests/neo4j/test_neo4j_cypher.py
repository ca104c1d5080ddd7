"""The command ``cypher`` on a real server: the bundled texts answer as KGLite does, and nothing is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from building import atlas_of
from real_server import Probe
from worlds import CHAINS, PLACES, world

import chainatlas as ca
from chainatlas.graph.stores import cypher as engine
from chainatlas.graph.stores.cypher import Answer
from chainatlas.graph.stores.kglite import Engine
from chainatlas.graph.stores.neo4j.publish import publish
from chainatlas.graph.stores.neo4j.session import credentials
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.cypher.texts import texts

# What people type beyond the bundled texts, inside what both engines speak.
TYPED = (
    "MATCH (e:Enterprise)-[r:PRODUCES]->(p:Product) RETURN e, type(r) AS t, p ORDER BY e.key, p.key LIMIT 50",
    "MATCH (p:Product) WHERE NOT EXISTS { (p)<-[:PRODUCES]-() } RETURN count(p) AS n",
    "MATCH (p:Product) RETURN p.name AS name, COUNT { (p)<-[:PRODUCES]-() } AS makers ORDER BY makers DESC, name",
    "MATCH (e:Enterprise) WHERE '规上工业企业' IN e.kind RETURN e.name AS name, e.kind AS kinds ORDER BY name",
    "MATCH (r:Region)<-[:PART_OF*1..3]-(x:Region) WITH DISTINCT r.name AS wide, x.name AS name ORDER BY wide, name "
    "RETURN wide, collect(name) AS names ORDER BY wide",
    "MATCH (c:Coverage) RETURN c.source AS source, c.share AS share, c.chain AS chain ORDER BY source, share, chain",
    "MATCH ()-[r:INPUT_OF]->() RETURN r.group AS g, r.essential AS e, r.source AS s, count(*) AS n ORDER BY g, e, s",
    "UNWIND [3, 1, 2] AS x WITH x ORDER BY x RETURN collect(x * 1.5) AS xs, {a: 1, b: [true, null]} AS m",
    "MATCH (c:Chain)<-[:IN_CHAIN]-(p:Product) CALL (p) { MATCH (p)<-[:INPUT_OF]-(i) RETURN count(i) AS n } "
    "RETURN c.name AS chain, sum(n) AS inputs ORDER BY chain",
)  # fmt: skip


def told(answer: Answer) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """An answer whose rows stand in an order of their own: where texts leave it open, engines differ."""
    return answer.columns, sorted(answer.rows, key=repr)


def assert_equal(atlas: Atlas, uri: str, cases: list[tuple[str, dict[str, Any]]]) -> int:
    here, rows = Engine(atlas.snapshot.graph, atlas.snapshot.schema), 0
    for text, values in cases:
        there = engine.run_server(uri, text, values, auth=credentials(), rows=100_000)
        mine = here.run(text, values, rows=100_000)
        assert told(mine) == told(there), (text, values)
        rows += len(there.rows)
    return rows


@pytest.mark.parametrize("seed", [3, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 17, 23))])
def test_texts_on_both_engines(neo4j: Probe, seed: int) -> None:
    atlas = atlas_of(world(seed))
    publish(atlas.snapshot.graph, atlas.snapshot.schema, neo4j.uri)
    cases: list[tuple[str, dict[str, Any]]] = []
    for text in texts().values():
        values = text.parameters | ({"cluster": "车集群"} if text.name == "leaders" else {})
        values |= {"product": "产品0", "key": "name:车链"} if text.name in ("producers", "neighbourhood") else {}
        for chain in CHAINS:
            for place in PLACES:
                more = {k: v for k, v in (("chain", chain), ("place", place)) if k in values}
                cases.append((text.statement, values | more))
    unique = {json.dumps(c, ensure_ascii=False): c for c in cases}
    assert assert_equal(atlas, neo4j.uri, [*unique.values(), *((t, {}) for t in TYPED)]) > 100


def test_texts_on_the_bundled_data(neo4j: Probe, demo_folder: Path) -> None:
    """Each text, as its file stands, answers with something on both engines."""
    atlas = ca.open(demo_folder)
    publish(atlas.snapshot.graph, atlas.snapshot.schema, neo4j.uri)
    for text in texts().values():
        assert assert_equal(atlas, neo4j.uri, [(text.statement, text.parameters)]) > 0, text.name


def test_nothing_is_written(neo4j: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text is refused; were it not, the server's read mode or the lacking commit would hold it."""
    neo4j.rows("CREATE (:Product {name: '轴'})")
    before = neo4j.everything()
    texts_ = ["MATCH (n) SET n.x = 1 RETURN n", "CREATE (n:New) RETURN n", "MATCH (n) DETACH DELETE n"]
    for text in texts_:
        with pytest.raises(ca.QueryError, match=r"was not run|cannot begin"):
            ca.cypher(None, text, uri=neo4j.uri)
    monkeypatch.setattr(engine, "checked", lambda text: text)
    for text in texts_:
        with pytest.raises((ca.QueryError, ca.StoreError)):
            ca.cypher(None, text, uri=neo4j.uri)
    assert neo4j.everything() == before


def test_limits_and_mistakes(neo4j: Probe) -> None:
    few = ca.cypher(None, "UNWIND range(1, 10) AS x RETURN x", uri=neo4j.uri, rows=3)
    assert ([r["x"] for r in few.rows], len(few.notes)) == ([1, 2, 3], 1)
    slow = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN sum(a * b)"
    with pytest.raises(ca.QueryError, match="stopped"):
        ca.cypher(None, slow, uri=neo4j.uri, seconds=1)
    with pytest.raises(ca.QueryError, match="not right"):
        ca.cypher(None, "MATCH (n RETURN n", uri=neo4j.uri)
    with pytest.raises(ca.QueryError, match="not right"):
        ca.cypher(None, "RETURN $lacking", uri=neo4j.uri)
