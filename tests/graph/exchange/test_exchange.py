"""Exchange formats: there and back with the same hash, what they look like to others, what is refused."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import networkx as nx
import pytest
import rdflib
from building import atlas_of, batch, edges, named, write
from hypothesis import given, settings
from hypothesis import strategies as st
from random_batches import batches
from worlds import world

import chainatlas as ca
from chainatlas.graph.columns.batch import Batch
from chainatlas.graph.columns.tables import Graph
from chainatlas.graph.exchange import formats as exchange
from chainatlas.graph.exchange import rdf
from chainatlas.graph.exchange.shapes import to_shapes
from chainatlas.graph.fold.fold import Loaded, fold
from chainatlas.graph.schema.types import load_schema

SCHEMA = load_schema()
WHOLE = (".ttl", ".jsonld", ".nq", ".graphml", ".gexf", ".parquet")
EVIL = "<img src=x onerror=alert(1)> & ]]> ' \" \\ `}) DETACH DELETE n // 😀"


def graph_of(*loads: Batch) -> Graph:
    return fold([Loaded(n, b) for n, b in enumerate(loads, 1)], SCHEMA).graph


def back(path: Path) -> Graph:
    folded = fold([Loaded(1, exchange.read(path, SCHEMA))], SCHEMA)
    assert not folded.pending
    return folded.graph


@pytest.mark.parametrize("suffix", WHOLE)
def test_there_and_back(tmp_path: Path, suffix: str) -> None:
    graph = graph_of(world(3), batch({"Enterprise": named(EVIL, "=1+1", source="名录", confidence=0.1 + 0.2)}))
    assert exchange.write(graph, SCHEMA, tmp_path / f"图{suffix}") == "exchange_whole"
    assert back(tmp_path / f"图{suffix}").hash == graph.hash


@settings(max_examples=6)
@given(loads=st.lists(batches(), min_size=1, max_size=2))
def test_random_graphs_there_and_back(tmp_path_factory: pytest.TempPathFactory, loads: list[Batch]) -> None:
    graph, folder = graph_of(*loads), tmp_path_factory.mktemp("x")
    for suffix in (".nq", ".graphml", ".gexf"):
        if graph.n_nodes:
            exchange.write(graph, SCHEMA, folder / f"x{suffix}")
            assert back(folder / f"x{suffix}").hash == graph.hash, suffix
    found = exchange.from_networkx(exchange.to_networkx(graph, SCHEMA), SCHEMA)
    assert fold([Loaded(1, found)], SCHEMA).graph.hash == graph.hash


def test_loaded_by_the_command(run: object, tmp_path: Path) -> None:
    """export, load in a new workspace: the same hash; an existing file is not overwritten."""
    write(tmp_path, "企业.csv", "企业名称,主营产品,所在市,营业收入（万元）\n子厂,轴、泵,枣庄市,1200\n丑厂,轴,济南市,")
    ca.load(tmp_path / "w", tmp_path / "企业.csv")
    for suffix in (".ttl", ".parquet"):
        done = run("export", f"图{suffix}", "-w", "w", "--format", "json")  # type: ignore[operator]
        assert done.returncode == 0, done.stderr
        hash_ = {r["what"]: r["value"] for r in json.loads(done.stdout)}["hash"]
        report = ca.load(tmp_path / suffix, tmp_path / f"图{suffix}")
        assert report.hash == hash_
        assert sum(s.read for s in report.sheets) == sum(s.new + s.merged + s.unchanged for s in report.sheets) > 5
        assert ca.load(tmp_path / suffix, tmp_path / f"图{suffix}").load is None
    again = run("export", "图.ttl", "-w", "w")  # type: ignore[operator]
    assert again.returncode == 1
    assert "没有覆盖" in again.stderr


def test_a_workbook_is_loaded_as_a_workbook(tmp_path: Path) -> None:
    """Excel keeps the rows; who is one entity is decided anew. Nothing becomes a formula."""
    write(tmp_path, "企业.csv", "企业名称,主营产品,所在市\n=1+1厂,轴、泵,枣庄市\n丑厂,轴,济南市")
    ca.load(tmp_path / "w", tmp_path / "企业.csv")
    result = ca.export(tmp_path / "w", tmp_path / "图.xlsx")
    assert "哈希可能不同" in result.notes_in("zh")[0]
    ca.load(tmp_path / "v", tmp_path / "图.xlsx")
    for relation in ("PRODUCES", "LOCATED_IN"):
        both = [ca.to_pandas(ca.open(tmp_path / w))[relation][["from", "to"]].values.tolist() for w in ("w", "v")]
        assert sorted(both[0]) == sorted(both[1])
        assert both[0]


def test_networkx_from_elsewhere() -> None:
    """A graph that somebody else made needs types and names."""
    made = nx.DiGraph()
    made.add_node("a", type="Enterprise", name="子厂", revenue=1e7, colour="red")
    made.add_node("b", type="Product", label="轴")
    made.add_edge("a", "b", type="PRODUCES", share=0.5)
    atlas = ca.from_networkx(made)
    assert ca.cypher(atlas, "MATCH (e)-[r:PRODUCES]->(p) RETURN e.name AS e, e.revenue AS r, p.name AS p, r.share AS s"
                     ).rows == [{"e": "子厂", "r": 1e7, "p": "轴", "s": 0.5}]  # fmt: skip
    made.add_node("c", type="Planet", name="火星")
    with pytest.raises(ca.LoadError, match="Planet"):
        ca.from_networkx(made)


def test_gephi_sees_typed_attributes_and_chinese_labels(tmp_path: Path) -> None:
    firms = [{"name": "子厂", "revenue": 1.5e7, "titles": "小巨人\x1f单项冠军"}]
    atlas = atlas_of(batch({"Enterprise": firms, "Product": named("轴", primary=True)},
                           edges("PRODUCES", "Enterprise", "Product", ("子厂", "轴", {"share": 0.5}))))  # fmt: skip
    for suffix, read in ((".graphml", nx.read_graphml), (".gexf", nx.read_gexf)):
        exchange.write(atlas.snapshot.graph, SCHEMA, tmp_path / f"x{suffix}")
        found = read(tmp_path / f"x{suffix}")
        firm = found.nodes["Enterprise:name:子厂"]
        told = (firm["label"], firm["type"], firm["营业收入"], firm["称号"])
        assert told == ("子厂", "企业", 1.5e7, "小巨人、单项冠军")
        assert found.nodes["Product:name:轴"]["原料视为可得"] is True
        (edge,) = [d for _, _, d in found.edges(data=True)]
        assert (edge["关系"], edge["占比"]) == ("生产", 0.5)


def test_neo4j_admin_folder(tmp_path: Path) -> None:
    graph = graph_of(world(1), batch({"Enterprise": named('a,"b"\nc', titles="x\x1fy")}))
    assert exchange.write(graph, SCHEMA, tmp_path / "导入", kind="neo4j-admin") == "exchange_loses_admin"
    command = (tmp_path / "导入" / "import.txt").read_text(encoding="utf-8")
    nodes: set[str] = set()
    for name in ("node-Enterprise.csv", "node-Product.csv", "relation-PRODUCES.csv"):
        assert name in command
        with (tmp_path / "导入" / name).open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        kind = name.split("-")[1].removesuffix(".csv")
        assert len(rows) == len((graph.nodes | graph.relations)[kind])
        assert all(len(row) == len(head) for row in rows)
        if name.startswith("node"):
            assert head[0] == ":ID"
            assert {row[-1] for row in rows} == {f"ChainAtlas\x1f{kind}"}
            nodes |= {row[0] for row in rows}
        else:
            assert {row[0] for row in rows} | {row[1] for row in rows} <= nodes


# RDF ------------------------------------------------------------------------------------------------


def test_standard_words(tmp_path: Path) -> None:
    atlas = atlas_of(batch(
        {"Enterprise": [{"name": "子厂", "short_name": "子", "source": "名录", "as_of": "2024"}],
         "Region": [{"name": "甲市", "lon": 117.5, "lat": 34.25}], "Chain": named("链"), "Product": named("轴")},
        {**edges("LOCATED_IN", "Enterprise", "Region", ("子厂", "甲市")),
         **edges("IN_CHAIN", "Product", "Chain", ("轴", "链"))},
    ))  # fmt: skip
    found = ca.to_rdflib(atlas)
    firm = rdflib.URIRef(rdf.node_iri("Enterprise", "name:子厂"))
    say = lambda text: rdflib.URIRef(rdf.iri(text))  # noqa: E731
    assert (firm, rdflib.RDF.type, say("org:FormalOrganization")) in found
    assert (firm, rdflib.RDFS.label, rdflib.Literal("子厂")) in found
    assert (firm, say("skos:altLabel"), rdflib.Literal("子")) in found
    assert (firm, say("schema:location"), rdflib.URIRef(rdf.node_iri("Region", "name:甲市"))) in found
    chain, product = (rdflib.URIRef(rdf.node_iri(k, f"name:{n}")) for k, n in (("Chain", "链"), ("Product", "轴")))
    assert (chain, say("skos:member"), product) in found, "a collection has members"
    points = [str(o) for o in found.objects(None, say("geo:asWKT"))]
    assert points == ["POINT(117.5 34.25)"]
    (claim,) = found.subjects(say("prov:specializationOf"), firm)
    source = found.value(claim, say("prov:hadPrimarySource"))
    assert found.value(source, say("schema:name")) == rdflib.Literal("名录")


def test_shapes_hold_for_ours_and_find_mistakes() -> None:
    pyshacl = pytest.importorskip("pyshacl", reason="pyshacl is in requirements-dev.txt")
    shapes = to_shapes(SCHEMA)
    found = ca.to_rdflib(atlas_of(world(2)), claims=False)
    conforms, _, text = pyshacl.validate(found, shacl_graph=shapes)
    assert conforms, text
    firm = next(found.subjects(rdflib.RDF.type, rdflib.URIRef(rdf.OWN + "Enterprise")))
    region = next(found.subjects(rdflib.RDF.type, rdflib.URIRef(rdf.OWN + "Region")))
    for predicate, value in (("revenue", rdflib.Literal("很多")), ("PRODUCES", region)):
        wrong = rdflib.Graph() + found
        wrong.add((firm, rdflib.URIRef(rdf.OWN + predicate), value))
        assert not pyshacl.validate(wrong, shacl_graph=shapes)[0], predicate


REMOTE = [
    {"@context": "https://example.org/c.jsonld", "@id": "urn:x", "a": 1},
    {"@context": [{"a": "urn:a"}, "https://example.org/c.jsonld"]},
    {"@context": {"@import": "https://example.org/c.jsonld"}},
    {"@graph": [{"@id": "urn:x", "urn:p": {"@context": "file:///etc/hostname"}}]},
    {"@context": {"a": {"@id": "urn:a", "@context": "https://example.org/c.jsonld"}}},
]


@pytest.mark.parametrize("document", REMOTE)
def test_a_context_elsewhere_is_refused(tmp_path: Path, document: object) -> None:
    (tmp_path / "x.jsonld").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ca.LoadError, match="@context"):
        exchange.read(tmp_path / "x.jsonld", SCHEMA)


@pytest.mark.parametrize("suffix", [".rdf", ".owl", ".graphml", ".gexf"])
def test_a_doctype_is_refused(tmp_path: Path, suffix: str) -> None:
    text = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'
    for encoding in ("utf-8", "utf-16", "utf-16-le"):
        (tmp_path / f"x{suffix}").write_bytes(text.encode(encoding))
        with pytest.raises(ca.LoadError, match="DOCTYPE"):
            exchange.read(tmp_path / f"x{suffix}", SCHEMA)


def test_what_is_not_ours_or_broken_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.ttl").write_text("<urn:a> <urn:b> <urn:c> .", encoding="utf-8")
    (tmp_path / "y.ttl").write_text("<urn:a <urn:b>", encoding="utf-8")
    nx.write_graphml(nx.path_graph(3), tmp_path / "z.graphml")
    foreign = "不是链图写出的"
    for name, match in (("x.ttl", foreign), ("y.ttl", "y.ttl"), ("z.graphml", foreign), ("no.ttl", "no.ttl")):
        with pytest.raises(ca.LoadError, match=match):
            exchange.read(tmp_path / name, SCHEMA)
    with pytest.raises(ca.StoreError, match="不能导出"):
        exchange.write(graph_of(world(1)), SCHEMA, tmp_path / "x.docx")


def test_the_example_queries_of_the_page(root: Path) -> None:
    """docs/reference/rdf.md: each SPARQL text runs and gives what the snapshot holds."""
    page = (root / "docs" / "reference" / "rdf.md").read_text(encoding="utf-8")
    makes, unmade, sources = re.findall(r"```sparql\n(.*?)```", page, re.DOTALL)
    atlas = atlas_of(
        world(1),
        batch({"Enterprise": named("厂", source="名录"), "Product": named("轴"), "Chain": named("新链")},
              {**edges("PRODUCES", "Enterprise", "Product", ("厂", "轴", {"source": "年报"})),
               **edges("IN_CHAIN", "Product", "Chain", ("轴", "新链"))}),
    )  # fmt: skip
    found, snapshot = ca.to_rdflib(atlas), atlas.snapshot
    src, dst = (snapshot.names(e) for e in snapshot.edges("PRODUCES"))
    made = set(zip(src, dst, strict=True))
    assert {(str(a), str(b)) for a, b in found.query(makes)} == made
    assert ("厂", "轴") in made
    a, b = (snapshot.names(e) for e in snapshot.edges("IN_CHAIN"))
    wanted = {(c, p) for p, c in zip(a, b, strict=True) if p.startswith("产品") and p not in set(dst)}
    assert {(str(c), str(p)) for c, p in found.query(unmade)} == wanted
    assert ("轴", "年报") in {(str(p), str(s)) for p, s in found.query(sources)}
