"""Cypher on every store that declares it: the same answers, equal to the Python functions, and nothing written."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from building import atlas_of
from places import STORES, Place, opened
from samples import napkin
from worlds import CHAINS, INACTIVE, PLACES, book, world

import chainatlas as ca
from chainatlas.graph.schema.errors import ChainAtlasError, QueryError
from chainatlas.graph.stores import kglite
from chainatlas.graph.stores.cypher import Answer
from chainatlas.graph.stores.neo4j import ask
from chainatlas.graph.stores.store import Capability, Store
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.atlas.chain_links import find_chain, local_makers
from chainatlas.queries.cypher.texts import attached_values, texts
from chainatlas.queries.gaps.chain import chain
from chainatlas.queries.gaps.gaps import gaps
from chainatlas.queries.verdicts.completeness import completeness
from chainatlas.queries.verdicts.verdicts import verdicts

SPEAKING = [name for name, store in STORES.items() if Capability.CYPHER in store.capabilities]
# Random worlds a store: by day, and more by night.
SEEDS = {"kglite": (range(4), range(4, 60)), "neo4j": ((3,), (1, 17, 23))}
needs = pytest.mark.needs
Row = dict[str, Any]

# What people type beyond the bundled texts.
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


class Asked:
    """A random world in a store, with both ways of asking it."""

    def __init__(self, store: Store, atlas: Atlas) -> None:
        self.store, self.atlas, self.attached = store, atlas, attached_values(atlas)
        store.put(atlas.snapshot.graph)

    def text(self, name: str, **values: Any) -> list[Row]:
        """Rows of a bundled text, its examples for the parameters that are not given."""
        bundled = texts()[name]
        answer = self.store.ask(bundled.statement, {**bundled.parameters, **self.attached, **values}, rows=100_000)
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]

    def ends(self, relation: str) -> list[tuple[str, str]]:
        """Ends of a relation as public ids."""
        a, b = self.atlas.snapshot.edges(relation)
        return [(self.atlas.snapshot.key(int(x)), self.atlas.snapshot.key(int(y))) for x, y in zip(a, b, strict=True)]


def worlds() -> list[Any]:
    """A store and a seed each; what is left for the night is marked."""
    by_day = [(name, seed) for name in SPEAKING for seed in SEEDS[name][0]]
    by_night = [pytest.param((name, seed), marks=pytest.mark.slow) for name in SPEAKING for seed in SEEDS[name][1]]
    return [*by_day, *by_night]


@pytest.fixture(scope="module", params=worlds(), ids=lambda world_: "-".join(map(str, world_)))
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """A world in a store."""
    name, seed = request.param
    return Asked(opened(name, tmp_path_factory.mktemp(name), request).store, atlas_of(world(seed), words=book(seed)))


# The bundled texts and the Python functions -------------------------------------------------------


def test_status_of_links(asked: Asked) -> None:
    columns = ("producers", "possible", "status", "ground", "population")
    for name in CHAINS:
        for place in PLACES:
            rows = [r for r in chain(asked.atlas, name, place=place).rows if r["kind"] != "技术"]
            answer = {r["link"]: r for r in asked.text("link_status", chain=name, place=place)}
            assert {n: tuple(r[c] for c in columns) for n, r in answer.items()} == {
                r["link"]: tuple(r[c] for c in columns) for r in rows
            }, (name, place)
            assert [answer[r["link"]]["coverage"] for r in rows] == pytest.approx(
                [r["coverage"] for r in rows],
                abs=1.01e-4,  # both sides round to four places
            )


def test_single_sources(asked: Asked) -> None:
    for place in PLACES:
        scope = asked.atlas.scopes.find(place)
        wanted = set()
        for name in CHAINS:
            for item in find_chain(asked.atlas, name).items.tolist():
                makers = local_makers(asked.atlas, item, scope)
                if len(makers) == 1 and not asked.atlas.makers.is_technology(item):
                    may = int(asked.atlas.makers.hints[[item]][:, [scope]].toarray()[0, 0])
                    wanted.add((name, asked.atlas.snapshot.name(asked.atlas.makers.node(item)),
                                asked.atlas.snapshot.name(int(makers[0])), may))  # fmt: skip
        told = asked.text("single_source", place=place)
        assert {(r["chain"], r["link"], r["enterprise"], r["possible"]) for r in told} == wanted
        assert len(told) == len(wanted)


def test_link_gaps(asked: Asked) -> None:
    for name in CHAINS:
        for place in PLACES:
            rows = gaps(asked.atlas, chain=name, place=place, kind="link", show_unknown=True).rows
            wanted = {(r["link"], r["status"]) for r in rows if r["kind"] == "link"}
            told = asked.text("link_gaps", chain=name, place=place)
            assert {(f"{r['input']} → {r['product']}", r["status"]) for r in told} == wanted, (name, place)


def test_completeness(asked: Asked) -> None:
    for place in PLACES:
        scope = np.array([asked.atlas.scopes.find(place)])
        wanted = {}
        for name in CHAINS:
            links = find_chain(asked.atlas, name)
            if any(not asked.atlas.makers.is_technology(int(i)) for i in links.items):
                k = completeness(asked.atlas, links, verdicts(asked.atlas, links.items, scope))["K"][0]
                wanted[name] = pytest.approx(float(k), abs=1e-4)
        assert {r["chain"]: r["k"] for r in asked.text("completeness", place=place)} == wanted


def test_chain_view_is_the_recipe(asked: Asked) -> None:
    snapshot = asked.atlas.snapshot
    src, dst = snapshot.edges("INPUT_OF")
    more = [snapshot.edge_column("INPUT_OF", p).to_pylist() for p in ("group", "essential")]
    for name in CHAINS:
        items = {asked.atlas.makers.node(int(i)) for i in find_chain(asked.atlas, name).items}
        wanted = sorted(
            (snapshot.name(a), snapshot.name(b), str(g), e, int(asked.atlas.makers.total[asked.atlas.makers.item(a)]))
            for a, b, g, e in zip(src.tolist(), dst.tolist(), *more, strict=True) if b in items
        )  # fmt: skip
        told = asked.text("chain_view", chain=name)
        inactive = {k for k, s in _status(asked).items() if s and any(s.startswith(bad) for bad in INACTIVE)}
        rows = sorted((r["input"], r["product"], str(r["alternatives"]), r["essential"], r["producers"]) for r in told)
        if not inactive:
            assert rows == wanted
        assert [r[:4] for r in rows] == [w[:4] for w in wanted]


def _status(asked: Asked) -> dict[str, str | None]:
    table = asked.atlas.snapshot.graph.nodes["Enterprise"]
    names = table["name"].to_pylist()
    return dict(zip(names, table["status"].to_pylist() if "status" in table.column_names else [None] * len(names),
                    strict=True))  # fmt: skip


def test_technology_masters(asked: Asked) -> None:
    snapshot = asked.atlas.snapshot
    for name in CHAINS:
        technologies = {asked.atlas.makers.node(int(i)) for i in find_chain(asked.atlas, name).items
                        if asked.atlas.makers.is_technology(int(i))}  # fmt: skip
        wanted = {}
        for node in technologies:
            kinds = [a.split(":")[0] for a, b in asked.ends("MASTERS") if b == snapshot.key(node)]
            wanted[snapshot.name(node)] = tuple(kinds.count(k) for k in ("Enterprise", "Institute", "Platform", "Team"))
        told = asked.text("technology_masters", chain=name)
        columns = ("enterprises", "institutes", "platforms", "teams")
        assert {r["technology"]: tuple(r[c] for c in columns) for r in told} == wanted
        for row in told:
            lab = row["institutes"] + row["platforms"] + row["teams"] > 0
            assert row["state"] == {(True, True): "both", (True, False): "industry without lab",
                                    (False, True): "lab without industry", (False, False): "nobody known",
                                    }[row["enterprises"] > 0, lab]  # fmt: skip


def test_resources(asked: Asked) -> None:
    serves, requires = asked.ends("SERVES"), asked.ends("REQUIRES")
    for name in CHAINS:
        node = asked.atlas.snapshot.key(find_chain(asked.atlas, name).node)
        members = [a for a, b in asked.ends("IN_CHAIN") if b == node and a.startswith("Product")]
        wanted = {}
        for link in members:
            served = {link, node, *(t for p, t in requires if p == link)}
            kinds = [r.split(":")[0] for r in {a for a, b in serves if b in served}]
            counts = tuple(kinds.count(k) for k in ("Platform", "Alliance", "Project"))
            wanted[link.removeprefix("Product:name:")] = counts
        told = asked.text("resources", chain=name)
        assert {r["link"]: (r["platforms"], r["alliances"], r["projects"]) for r in told} == wanted


def test_leaders_counts(asked: Asked) -> None:
    home = {a for a, b in asked.ends("IN_CLUSTER")}
    linked = [p for r in ("SUPPLIES", "COOPERATES") for p in asked.ends(r)]
    wanted = {}
    for firm in home:
        others = {b for a, b in linked if a == firm} | {a for a, b in linked if b == firm}
        relations = ("PRODUCES", "HOSTS", "MASTERS", "OWNS", "LEADS")
        counts = [len({b for a, b in asked.ends(r) if a == firm}) for r in relations]
        wanted[firm] = (len((others & home) - {firm}), *counts)
    names = {asked.atlas.snapshot.key(i): asked.atlas.snapshot.name(i) for i in asked.atlas.snapshot.ids("Enterprise")}
    columns = ("partners", "products", "platforms", "technologies", "patents", "led")
    told = {r["enterprise"]: tuple(r[c] for c in columns) for r in asked.text("leaders", cluster="车集群")}
    assert told == {names[f]: w for f, w in wanted.items()}


def test_neighbourhood(asked: Asked) -> None:
    for node in ("Chain:name:车链", "Technology:name:焊", "Region:name:甲市"):
        key = node.partition(":")[2]
        wanted = sorted(
            [(r, "out", b) for r in asked.atlas.snapshot.graph.relations for a, b in asked.ends(r) if a == node]
            + [(r, "in", a) for r in asked.atlas.snapshot.graph.relations for a, b in asked.ends(r) if b == node]
        )  # fmt: skip
        told = asked.text("neighbourhood", key=key)
        assert sorted((r["relation"], r["direction"], f"{r['type']}:{r['key']}") for r in told) == wanted


def test_producers_and_statements(asked: Asked) -> None:
    snapshot = asked.atlas.snapshot
    product = snapshot.name(int(snapshot.edges("PRODUCES")[1][0])) if len(snapshot.edges("PRODUCES")[0]) else "产品0"
    node = snapshot.find(product, ("Product",))
    told = {r["enterprise"] for r in asked.text("producers", product=product)}
    kinds = {node} | _below(asked.atlas, node)
    src, dst = snapshot.edges("PRODUCES")
    assert told == {snapshot.name(int(a)) for a, b in zip(src, dst, strict=True) if int(b) in kinds}
    claims = snapshot.graph.statements.get("Coverage")
    assert len(asked.text("coverage_statements")) == (0 if claims is None else len(claims))


def _below(atlas: Atlas, node: int) -> set[int]:
    src, dst = atlas.snapshot.edges("KIND_OF")
    found, front = set(), [node]
    while front:
        here = front.pop()
        new = {int(a) for a, b in zip(src, dst, strict=True) if b == here} - found
        found |= new
        front += new
    return found


# All stores alike ------------------------------------------------------------------------------------


def in_order(answer: Answer) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """An answer whose rows stand in an order of their own: where texts leave it open, engines differ."""
    return answer.columns, sorted(answer.rows, key=repr)


def assert_equal_answers(stores: tuple[Store, Store], cases: list[tuple[str, dict[str, Any]]]) -> int:
    """Both stores answer all statements alike; returns the number of rows."""
    rows = 0
    for text, values in cases:
        first, second = (store.ask(text, values, rows=100_000) for store in stores)
        assert in_order(first) == in_order(second), (text, values)
        rows += len(first.rows)
    return rows


@pytest.fixture(params=combinations(SPEAKING, 2), ids="-".join)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Store, Store]:
    """Two stores that speak Cypher, both empty."""
    first, second = (opened(name, tmp_path / name, request).store for name in request.param)
    return first, second


def test_two_stores_answer_alike(pair: tuple[Store, Store]) -> None:
    atlas = atlas_of(world(3), words=book(3))
    for store in pair:
        store.put(atlas.snapshot.graph)
    cases: list[tuple[str, dict[str, Any]]] = []
    for text in texts().values():
        values = text.parameters | {k: v for k, v in attached_values(atlas).items() if k in text.parameters}
        values |= {"cluster": "车集群"} if text.name == "leaders" else {}
        values |= {"product": "产品0", "key": "name:车链"} if text.name in ("producers", "neighbourhood") else {}
        for chain_name in CHAINS:
            for place in PLACES:
                more = {k: v for k, v in (("chain", chain_name), ("place", place)) if k in values}
                cases.append((text.statement, values | more))
    unique = {json.dumps(case, ensure_ascii=False): case for case in cases}
    assert assert_equal_answers(pair, [*unique.values(), *((text, {}) for text in TYPED)]) > 100


def test_two_stores_answer_alike_on_the_bundled_data(pair: tuple[Store, Store], demo_folder: Path) -> None:
    """Each text, as its file stands, answers with something."""
    atlas = ca.open(demo_folder)
    for store in pair:
        store.put(atlas.snapshot.graph)
    for text in texts().values():
        assert assert_equal_answers(pair, [(text.statement, text.parameters)]) > 0, text.name


# What a question may and may not do ---------------------------------------------------------------


@needs(Capability.CYPHER)
def test_nothing_is_written(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text is refused; were it not, the engine's read mode or the lacking commit would hold it."""
    place.store.put(napkin())

    def everything_there() -> Answer:
        return place.store.ask("MATCH (n) RETURN n, n.name, n.x ORDER BY n.key")

    before = everything_there()
    writing = ["MATCH (n) SET n.x = 1 RETURN n", "CREATE (n:New) RETURN n", "MATCH (n) DETACH DELETE n"]
    for text in writing:
        with pytest.raises(QueryError) as bad:
            place.store.ask(text)
        assert bad.value.code in ("cypher_writes", "cypher_opening")
    for module in (kglite, ask):
        monkeypatch.setattr(module, "checked", lambda text: text)
    for text in writing:
        with pytest.raises(ChainAtlasError):
            place.store.ask(text)
    assert everything_there() == before


@needs(Capability.CYPHER)
def test_limits_and_mistakes(place: Place) -> None:
    place.store.put(napkin())
    few = place.store.ask("UNWIND range(1, 10) AS x RETURN x", rows=3)
    assert (few.rows, few.more) == ([(1,), (2,), (3,)], True)
    assert not place.store.ask("UNWIND range(1, 3) AS x RETURN x", rows=3).more
    slow = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN sum(a * b)"
    wrong = {"MATCH (n RETURN n": "cypher_wrong", "RETURN $lacking": "cypher_wrong", slow: "cypher_slow"}
    for text, code in wrong.items():
        with pytest.raises(QueryError) as bad:
            place.store.ask(text, seconds=0.5)
        assert bad.value.code == code


@needs(Capability.CYPHER)
def test_names_are_values_whatever_they_look_like(place: Place) -> None:
    names = ["0610", "'; MATCH (n) DELETE n //", 'a"b`c', "9E10", "𝔘 é", "是"]
    place.store.put(napkin(more=tuple(names)))
    answer = place.store.ask("MATCH (e:Enterprise)-[:PRODUCES]->(:Product {name: 'A'}) RETURN e.name")
    assert {name for (name,) in answer.rows} == {"甲厂", "乙厂", *names}
    for name in names:
        assert place.store.ask("MATCH (e:Enterprise {name: $n}) RETURN e.name", {"n": name}).rows == [(name,)]


# The end ------------------------------------------------------------------------------------------------


@needs(Capability.CYPHER)
def test_each_store_ran_its_tests(place: Place, check_that_all_ran: Callable[[str], None]) -> None:
    """A suite in which nothing ran would pass; this one does not."""
    check_that_all_ran(place.name)
