"""The bundled Cypher texts, run in KGLite, answer as the Python functions do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from building import atlas_of
from worlds import CHAINS, INACTIVE, PLACES, world

import chainatlas as ca
from chainatlas.graph.stores.cypher import checked
from chainatlas.graph.stores.kglite import Engine
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.atlas.chain_links import find_chain, local_makers
from chainatlas.queries.cypher.texts import Text, texts
from chainatlas.queries.gaps.chain import chain
from chainatlas.queries.gaps.gaps import gaps
from chainatlas.queries.verdicts.completeness import completeness
from chainatlas.queries.verdicts.judge import STATUS, SUBKIND, Known, Limits, judge
from chainatlas.queries.verdicts.verdicts import verdicts

SEEDS = [*range(4), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(4, 60))]
Row = dict[str, Any]


class Asked:
    """A random world with both ways of asking it."""

    def __init__(self, seed: int, shares: Sequence[float] = ()) -> None:
        self.atlas: Atlas = atlas_of(world(seed, shares))
        self.engine = Engine(self.atlas.snapshot.graph, self.atlas.snapshot.schema)

    def text(self, name: str, **values: Any) -> list[Row]:
        found = texts()[name]
        answer = self.engine.run(found.statement, {**found.parameters, **values})
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]

    def ends(self, relation: str) -> list[tuple[str, str]]:
        """Ends of a relation as public ids."""
        a, b = self.atlas.snapshot.edges(relation)
        return [(self.atlas.snapshot.key(int(x)), self.atlas.snapshot.key(int(y))) for x, y in zip(a, b, strict=True)]


@pytest.fixture(scope="module", params=SEEDS)
def asked(request: pytest.FixtureRequest) -> Asked:
    return Asked(request.param)


def test_there_are_texts_and_each_says_what_it_answers() -> None:
    assert len(texts()) >= 12
    for text in texts().values():
        assert checked(text.statement) == text.statement
        assert len(text.zh) > 10
        assert len(text.en) > 10
        used = {name for name in text.parameters if f"${name}" in text.statement}
        assert used == set(text.parameters)
        assert text.statement.count("$") >= len(used)


def test_status_of_links(asked: Asked) -> None:
    for name in CHAINS:
        for place in PLACES:
            rows = chain(asked.atlas, name, place=place).rows
            wanted = {r["link"]: (r["producers"], r["status"], r["coverage"]) for r in rows if r["kind"] != "技术"}
            answer = asked.text("link_status", chain=name, place=place)
            told = {r["link"]: (r["producers"], r["status"]) for r in answer}
            assert told == {n: (p, s) for n, (p, s, _) in wanted.items()}, (name, place)


def coverage_of(atlas: Atlas, item: int) -> npt.NDArray[np.float64]:
    """κ of a product in every scope: the best that any population's statements give it, thinned."""
    if atlas.makers.captive[item]:
        return np.zeros(atlas.scopes.n)
    names = atlas.population(None)
    every = [atlas.coverage.kappa("PRODUCES", atlas.chains_of[item], name)[0] for name in names]
    return np.max(every, axis=0) if every else np.zeros(atlas.scopes.n)


def compared(asked: Asked, name: str, place: str | None) -> Iterator[tuple[tuple[str, str | None], float]]:
    """Hold the text's rows against judge() and thinned(); yield what each row says, and κ."""
    atlas = asked.atlas
    scope, floor = atlas.scopes.find(place), texts()["link_status"].parameters["floor"]
    for row in asked.text("link_status", chain=name, place=place):
        item = atlas.makers.item(atlas.snapshot.find(row["link"], ("Product",)))
        kappa = float(coverage_of(atlas, item)[scope])
        assert row["coverage"] == pytest.approx(kappa, abs=6e-5), (row, place)
        assert row["producers"] == atlas.makers.counts[[item]][:, [scope]].toarray()[0, 0], (row, place)
        status, subkind = judge(Known(np.array([row["producers"]]), np.array([kappa >= floor])), Limits.stated())
        # The text shows the number of producers: of a link that is unknown it says "at least one" by that.
        by_number = "at_least_one" if (row["status"], row["producers"]) == ("unknown", 1) else None
        said = row["status"], by_number
        assert said == (STATUS[status[0]], SUBKIND[subkind[0]]), (row, place, kappa)
        yield said, kappa


SAID = {("adequate", None), ("single_source", None), ("missing", None), ("unknown", None), ("unknown", "at_least_one")}


@pytest.mark.parametrize("shares", [(), (0.5, 1.0)], ids=["any", "at the floor"])
def test_status_is_that_of_the_rule_and_every_status_occurs(shares: tuple[float, ...]) -> None:
    """The text is a translation of judge() and thinned(): it says all that it can, and the same."""
    seen: Counter[tuple[str, str | None]] = Counter()
    kappas: set[float] = set()
    for seed in range(100, 108):
        asked = Asked(seed, shares)
        for name in CHAINS:
            for place in PLACES:
                for said, kappa in compared(asked, name, place):
                    seen[said] += 1
                    kappas.add(kappa)
    assert set(seen) == SAID
    assert len([k for k in kappas if 0 < k < 1]) > 3, "statements are thinned"
    assert not shares or 0.5 in kappas, "κ stands at the floor exactly"


def test_single_sources(asked: Asked) -> None:
    for place in PLACES:
        scope = asked.atlas.scopes.find(place)
        wanted = set()
        for name in CHAINS:
            for item in find_chain(asked.atlas, name).items.tolist():
                makers = local_makers(asked.atlas, item, scope)
                if len(makers) == 1 and not asked.atlas.makers.is_technology(item):
                    wanted.add((name, asked.atlas.snapshot.name(asked.atlas.makers.node(item)),
                                asked.atlas.snapshot.name(int(makers[0]))))  # fmt: skip
        told = asked.text("single_source", place=place)
        assert {(r["chain"], r["link"], r["enterprise"]) for r in told} == wanted
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


def test_the_public_function(tmp_path: Path) -> None:
    """Texts by name, statements with parameters, notes on what was cut off, refusals before anything runs."""
    (tmp_path / "企业.csv").write_text("企业名称,主营产品\n子厂,轴、泵\n丑厂,轴\n", encoding="utf-8")
    ca.load(tmp_path / "w", tmp_path / "企业.csv")
    atlas = ca.open(tmp_path / "w")
    assert [r["enterprise"] for r in ca.cypher(atlas, "producers", params={"product": "轴"}).rows] == ["丑厂", "子厂"]
    few = ca.cypher(tmp_path / "w", "MATCH (p:Product)<-[r]-(e) RETURN e, r, p, p.name ORDER BY p.name, e.name", rows=2)
    assert few.rows == [
        {"e": "Enterprise:name:子厂", "r": "PRODUCES", "p": "Product:name:泵", "p.name": "泵"},
        {"e": "Enterprise:name:丑厂", "r": "PRODUCES", "p": "Product:name:轴", "p.name": "轴"}]  # fmt: skip
    assert few.notes_in("zh") == ["只显示前 2 行，还有更多。"]
    assert few.notes_in("en") == ["Only the first 2 rows are shown; there are more."]
    assert ca.cypher(atlas, "MATCH p = (:Enterprise)-->(:Product {name: $n}) RETURN p", params={"n": "泵"}).rows == [
        {"p": "Enterprise:name:子厂 -PRODUCES-> Product:name:泵"}]  # fmt: skip
    with pytest.raises(ca.QueryError, match="DELETE"):
        ca.cypher("nowhere", "MATCH (n) DELETE n")
    with pytest.raises(ca.QueryError, match="有：chain_graph"):
        ca.cypher(atlas, "no_such")
    with pytest.raises(ca.QueryError, match="不对"):
        ca.cypher(atlas, "MATCH (n RETURN n")
    with pytest.raises(ca.QueryError, match="已停止"):
        ca.cypher(atlas, "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN sum(a * b)", seconds=0.3)


def test_values_survive(tmp_path: Path) -> None:
    """What looks like Cypher, a number or a quote in a name is a name."""
    names = ["0610", "'; MATCH (n) DELETE n //", 'a"b`c', "9E10", "𝔘 é", "是"]
    rows = "\n".join('"' + n.replace('"', '""') + '",轴' for n in names)
    (tmp_path / "企业.csv").write_text(f"企业名称,主营产品\n{rows}\n", encoding="utf-8")
    ca.load(tmp_path / "w", tmp_path / "企业.csv")
    atlas = ca.open(tmp_path / "w")
    assert sorted(r["n"] for r in ca.cypher(atlas, "MATCH (e:Enterprise) RETURN e.name AS n").rows) == sorted(names)
    for name in names:
        found = ca.cypher(atlas, "MATCH (e:Enterprise {name: $n}) RETURN e.name AS n", params={"n": name}).rows
        assert found == [{"n": name}]


def test_a_text_is_read_as_it_stands() -> None:
    first = texts()["link_status"]
    assert isinstance(first, Text)
    assert first.parameters["floor"] == 0.5
