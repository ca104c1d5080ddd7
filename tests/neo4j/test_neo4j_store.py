"""Publish and pull on a real Neo4j."""

from __future__ import annotations

import traceback
from collections.abc import Callable

import graphs
import pyarrow as pa
import pytest
from graphs import SCHEMA, batch, end, graph, many, napkin
from real_server import Probe

from chainatlas.graph.columns.tables import Graph
from chainatlas.graph.fold.fold import Loaded, fold
from chainatlas.graph.schema.errors import StoreError
from chainatlas.graph.stores.neo4j import session as neo4j_session
from chainatlas.graph.stores.neo4j.publish import Published, publish
from chainatlas.graph.stores.neo4j.pull import pull
from chainatlas.graph.stores.neo4j.session import Credentials, credentials

OURS = "MATCH (n:ChainAtlas) RETURN count(n)"
STATEMENTS = 1


def sent(graph_: Graph, server: Probe, **options: object) -> Published:
    """Publish and check that the server then holds exactly this graph."""
    done = publish(graph_, SCHEMA, server.uri, **options)  # type: ignore[arg-type]
    assert_equal(graph_, server)
    return done


def assert_equal(graph_: Graph, server: Probe) -> None:
    """The server holds this graph, counted by itself and pulled."""
    n = graph_.n_nodes + sum(len(t) for t in graph_.statements.values())
    assert server.value(OURS) == n
    assert server.value("MATCH ()-[r]->() WHERE r._id IS NOT NULL RETURN count(r)") == (graph_.n_relations)
    pulled = pull(server.uri, SCHEMA)
    assert pulled.hash == graph_.hash
    assert fold([Loaded(1, pulled.batch)], SCHEMA).graph.hash == graph_.hash


def test_first_publish_makes_all_and_the_second_writes_nothing(neo4j: Probe) -> None:
    made = graph(napkin())
    done = sent(made, neo4j)
    assert done.nodes_created == made.n_nodes + STATEMENTS
    assert done.relations_created == made.n_relations
    assert done.server_writes > done.changed
    before = neo4j.everything()
    again = publish(made, SCHEMA, neo4j.uri)
    assert (again.changed, again.batches, again.server_writes) == (0, 0, 0)
    assert neo4j.everything() == before


def test_verify_compares_all_and_still_changes_nothing(neo4j: Probe) -> None:
    made = graph(napkin())
    sent(made, neo4j)
    assert sent(made, neo4j, verify=True).changed == 0
    neo4j.rows("MATCH (n:Product {name: 'a1'}) DETACH DELETE n")
    assert publish(made, SCHEMA, neo4j.uri).changed == 0, "the fingerprints vouch for it"
    done = sent(made, neo4j, verify=True)
    assert (done.nodes_created, done.relations_created) == (1, 3)


def test_rows_that_vanished_on_the_server_are_found_when_needed(neo4j: Probe) -> None:
    sent(graph(napkin()), neo4j)
    neo4j.rows("MATCH (n:Product {name: 'a1'}) DETACH DELETE n")
    more = {**end("src", "Enterprise", "联泓新材料"), **end("dst", "Product", "a1"), "source": "新"}
    sent(graph(napkin(produces=[more])), neo4j)


def test_nodes_look_as_documented(neo4j: Probe) -> None:
    sent(graph(napkin()), neo4j)
    firm = neo4j.value("MATCH (n:Enterprise {stock_code: '600309'}) RETURN properties(n)")
    assert firm["key"] == "stock_code:600309"
    assert firm["name"] == "万华化学集团股份有限公司"
    assert firm["titles"] == ["单项冠军", "小巨人"]
    assert firm["source"] == ["年报", "新闻"] or firm["source"] == ["新闻", "年报"]
    assert len(firm["as_of"]) == len(firm["confidence"]) == len(firm["_claims"]) == 2
    plain = neo4j.value("MATCH (n:Enterprise {name: '联泓新材料'}) RETURN properties(n)")
    assert "_claims" not in plain
    assert "revenue" not in plain
    assert plain["source_ref"] == ["第3页"]
    assert plain["_rows"] == ["餐巾.csv › Enterprise › 3 (1)"]
    assert neo4j.rows("MATCH (n:Enterprise {name: '联泓新材料'})-[:PRODUCES]->(p) RETURN p.key") == (
        [["link:餐巾链›设备"]]
    )
    stub = neo4j.value("MATCH (n:Product {name: 'b1'}) RETURN n._stub")
    assert stub is True
    assert neo4j.value("MATCH (n:Coverage:ChainAtlas) RETURN n.population") == "上市公司"


def test_constraints_and_name_search_exist(neo4j: Probe) -> None:
    sent(graph(napkin()), neo4j)
    found = neo4j.rows("SHOW CONSTRAINTS YIELD type, labelsOrTypes, properties RETURN *")
    unique = {
        row[0][0]
        for row in (
            [r[0], r[1]]
            for r in neo4j.rows("SHOW CONSTRAINTS YIELD labelsOrTypes, properties RETURN labelsOrTypes, properties")
        )
    }
    assert set(SCHEMA.nodes) | set(SCHEMA.statements) | {"ChainAtlasMeta"} == unique
    assert len(found) == len(unique)
    neo4j.rows("CALL db.awaitIndexes(30)")
    text = ("CALL db.index.fulltext.queryNodes('chainatlas_names', '万华') YIELD node "
            "RETURN node.stock_code")  # fmt: skip
    assert neo4j.rows(text) == [["600309"]]


def test_one_change_writes_only_that(neo4j: Probe) -> None:
    sent(graph(many(500)), neo4j)
    done = sent(graph(many(500, changed=1)), neo4j)
    assert (done.nodes_updated, done.changed, done.batches) == (1, 1, 1)


def test_one_percent_writes_one_percent(neo4j: Probe) -> None:
    sent(graph(many(500)), neo4j)
    done = sent(graph(many(500, changed=5)), neo4j)
    assert (done.nodes_updated, done.changed) == (5, 5)


def test_a_property_that_goes_goes_on_the_server(neo4j: Probe) -> None:
    firm = {"name": "某厂", "revenue": 5.0, "website": "x.cn", "source": "名录"}
    sent(graph(napkin([firm])), neo4j)
    neo4j.rows("MATCH (n:Enterprise {name: '某厂'}) SET n.note = 'mine'")
    done = sent(graph(napkin([{"name": "某厂", "revenue": 5.0, "source": "名录"}])), neo4j)
    assert done.nodes_updated == 1
    said = neo4j.value("MATCH (n:Enterprise {name: '某厂'}) RETURN properties(n)")
    assert "website" not in said
    assert said["note"] == "mine", "a property that someone added stays"


def test_undo_deletes(neo4j: Probe) -> None:
    more = batch(
        {"Enterprise": [{"name": "新厂", "source": "名录"}]},
        {"PRODUCES": [{**end("src", "Enterprise", "新厂"), **end("dst", "Product", "b1")}]},
    )
    sent(graph(napkin(), more), neo4j)
    done = sent(graph(napkin()), neo4j)
    assert (done.nodes_deleted, done.relations_deleted, done.changed) == (1, 1, 2)


def test_foreign_data_stays(neo4j: Probe) -> None:
    neo4j.rows("CREATE (:Enterprise {name: '别人的'})-[:PRODUCES {share: 1}]->(:Note {key: 'x'})")
    more = napkin([{"name": "新厂", "source": "名录"}])
    sent(graph(more), neo4j)
    neo4j.rows("MATCH (n:Note), (e:Enterprise {name: '新厂'}) CREATE (n)-[:ABOUT]->(e)")
    foreign = "MATCH (a)-[r:PRODUCES]->(b:Note) RETURN properties(a), properties(r), properties(b)"
    before = neo4j.rows(foreign)
    pulled = pull(neo4j.uri, SCHEMA)
    assert (pulled.foreign_nodes, pulled.foreign_relations) == (2, 2)
    done = sent(graph(napkin()), neo4j)
    assert (done.nodes_deleted, done.nodes_left) == (0, 1)
    assert neo4j.rows(foreign) == before
    assert neo4j.rows("MATCH (:Note)-[:ABOUT]->(n) RETURN labels(n), n.name, n.key, n._left") == (
        [[["ChainAtlasLeft"], "新厂", None, "name:新厂"]]
    )
    sent(graph(more), neo4j)


def test_a_foreign_node_with_our_label_and_key_is_named(neo4j: Probe) -> None:
    neo4j.rows("CREATE (:Product {key: 'name:t', mine: true})")
    with pytest.raises(StoreError) as bad:
        publish(graph(napkin()), SCHEMA, neo4j.uri)
    assert bad.value.code == "neo4j_clash"
    assert neo4j.rows("MATCH (n:Product {mine: true}) RETURN labels(n)") == [[["Product"]]]
    neo4j.rows("MATCH (n {mine: true}) DELETE n")
    sent(graph(napkin()), neo4j)


def test_another_graph_is_refused_unless_told(neo4j: Probe) -> None:
    sent(graph(many(50)), neo4j)
    with pytest.raises(StoreError) as bad:
        publish(graph(napkin()), SCHEMA, neo4j.uri)
    assert bad.value.code == "neo4j_other"
    assert_equal(graph(many(50)), neo4j)
    sent(graph(napkin()), neo4j, wipe_other=True)


def test_growing_a_graph_is_no_other_graph(neo4j: Probe) -> None:
    sent(graph(many(10)), neo4j)
    sent(graph(many(500)), neo4j)


HOSTILE = [
    "'}) DETACH DELETE n //", '"}) MATCH (x) DETACH DELETE x //', "`) SET n:Owned //", "\\", "\\u0027",
    "行\n行\r\n\t", "$rows", "{x: 1}", "😀𠮷", "\u202e反", "\x1e\x01", "<script>alert(1)</script>", "=1+1",
    "a" * 20_000, "\N{COMBINING ACUTE ACCENT}", "名'\"`\\",
]  # fmt: skip


def test_hostile_values_pass_unharmed(neo4j: Probe) -> None:
    texts = [p.name for p in SCHEMA.nodes["Enterprise"].props.values()
             if p.arrow == pa.string() and p.name not in ("uscc", "stock_code")]  # fmt: skip
    firms = [{**dict.fromkeys(texts, h), "name": f"{h}{i}", "source": h, "source_ref": h, "as_of": h}
             for i, h in enumerate(HOSTILE)]  # fmt: skip
    more = [{**end("src", "Enterprise", f"{h}{i}"), **end("dst", "Product", "b1"), "source": h,
             "disclosed_as": h} for i, h in enumerate(HOSTILE)]  # fmt: skip
    supplies = [{**end("src", "Enterprise", f"{h}{i}"), **end("dst", "Enterprise", "联泓新材料"),
                 "product": h} for i, h in enumerate(HOSTILE)]  # fmt: skip
    hostile = batch({"Enterprise": firms}, {"PRODUCES": more, "SUPPLIES": supplies},
                    {"Coverage": [{"source": h, "relation": "PRODUCES", "population": h, "share": 1.0}
                                  for h in HOSTILE]}, file="'}) //`\n.csv")  # fmt: skip
    made = graph(napkin(), hostile)
    assert len(made.nodes["Enterprise"]) == len(HOSTILE) + 2
    sent(made, neo4j)
    labels = {row[0] for row in neo4j.rows("CALL db.labels()")}
    assert not labels - {*SCHEMA.nodes, *SCHEMA.statements, "ChainAtlas", "ChainAtlasMeta",
                         "Note", "ChainAtlasLeft"}  # fmt: skip
    sent(graph(napkin()), neo4j)


def test_labels_with_the_same_key_stay_apart(neo4j: Probe) -> None:
    rows = [{"name": "同名", "source": "名录"}]
    both = batch({"Technology": rows, "Platform": rows, "Cluster": rows, "Product": rows},
                 {"SERVES": [{**end("src", "Platform", "同名"), **end("dst", kind, "同名")}
                             for kind in ("Technology", "Cluster", "Product")]})  # fmt: skip
    made = graph(both)
    assert (made.n_nodes, made.n_relations) == (4, 3)
    sent(made, neo4j)


def test_values_changed_on_the_server_are_noticed(neo4j: Probe) -> None:
    sent(graph(napkin()), neo4j)
    neo4j.rows("MATCH (n:Product {name: 'a1'}) SET n.description = 'changed'")
    with pytest.raises(StoreError) as bad:
        pull(neo4j.uri, SCHEMA)
    assert bad.value.code == "neo4j_mismatch"
    taken = pull(neo4j.uri, SCHEMA, accept_changes=True)
    assert "changed" in taken.batch.nodes["Product"]["description"].to_pylist()
    neo4j.rows("MATCH (n:Product {name: 'a1'}) SET n.primary = 'not a truth value'")
    with pytest.raises(StoreError) as bad:
        pull(neo4j.uri, SCHEMA, accept_changes=True)
    assert bad.value.code == "neo4j_mismatch"


class Interrupted(Exception):
    """Stands for a client that dies between two batches."""


@pytest.mark.parametrize("after", [1, 2, 3, 5, 8])
def test_an_interrupted_publish_goes_on(neo4j: Probe, after: int) -> None:
    made = graph(many(300))
    with pytest.raises(Interrupted):
        publish(made, SCHEMA, neo4j.uri, batch_size=100, progress=_stop(after))
    with pytest.raises(StoreError) as bad:
        pull(neo4j.uri, SCHEMA)
    assert bad.value.code == "neo4j_mismatch"
    left = neo4j.value(OURS)
    done = sent(made, neo4j)
    assert done.nodes_created == made.n_nodes - left
    other = graph(many(250, changed=120))
    with pytest.raises(Interrupted):
        publish(other, SCHEMA, neo4j.uri, batch_size=100, progress=_stop(after if after < 5 else 1))
    sent(made if after % 2 else other, neo4j)


def _stop(after: int) -> Callable[[str, int, int], None]:
    calls = []

    def progress(what: str, done: int, total: int) -> None:
        calls.append(what)
        if len(calls) == after:
            raise Interrupted

    return progress


def test_a_second_publisher_is_refused_by_name(neo4j: Probe) -> None:
    made, once = graph(many(300)), []

    def meanwhile(what: str, done: int, total: int) -> None:
        if not once:
            once.append(what)
            publish(made, SCHEMA, neo4j.uri)

    with pytest.raises(StoreError) as bad:
        publish(made, SCHEMA, neo4j.uri, batch_size=100, progress=meanwhile)
    assert bad.value.code == "neo4j_busy"
    assert "PID" in str(bad.value)
    assert_equal(made, neo4j)


def test_batches_are_halved_when_memory_does_not_suffice(neo4j: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    write = neo4j_session.Server.write

    def tight(self: neo4j_session.Server, statements: list, expected: int | None = None) -> list:  # type: ignore[type-arg]
        if expected is not None:
            sizes.append(expected)
            if expected > 40:
                raise neo4j_session.TooLarge
        return write(self, statements, expected)

    monkeypatch.setattr(neo4j_session.Server, "write", tight)
    sent(graph(many(100)), neo4j, batch_size=100)
    assert {100, 50, 25} <= set(sizes)


def test_clear_errors(neo4j: Probe) -> None:
    made, secret = graph(napkin()), "s3cret-不可见"
    wrong = Credentials(neo4j.user, secret)
    cases = {
        "neo4j_auth": (neo4j.uri, wrong),
        "neo4j_unreachable": ("bolt://127.0.0.1:1", wrong),
        "neo4j_uri": ("not an address", wrong),
    }
    assert secret not in repr(wrong)
    for code, (uri, auth) in cases.items():
        for call in (lambda u, a: publish(made, SCHEMA, u, auth=a), lambda u, a: pull(u, SCHEMA, auth=a)):
            with pytest.raises(StoreError) as bad:
                call(uri, auth)
            assert bad.value.code == code
            told = "".join(traceback.format_exception(bad.value)) + bad.value.text("zh")
            assert secret not in told
            assert uri in told
    for uri in ("http://127.0.0.1", "bolt://", "bolt://h:99999", f"bolt://u:{secret}@127.0.0.1", ""):
        with pytest.raises(StoreError) as bad:
            publish(made, SCHEMA, uri, auth=wrong)
        assert bad.value.code == "neo4j_uri"
        assert secret not in str(bad.value)


def test_credentials_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_USERNAME", "neo4j")
    monkeypatch.delenv("NEO4J_PASSWORD", raising=False)
    with pytest.raises(StoreError) as bad:
        credentials()
    assert bad.value.code == "neo4j_credentials"


def test_an_unknown_database_is_named(neo4j: Probe) -> None:
    with pytest.raises(StoreError) as bad:
        publish(graphs.graph(napkin()), SCHEMA, neo4j.uri, database="nowhere")
    assert bad.value.code == "neo4j_database"
    assert "nowhere" in str(bad.value)
    assert "nowhere" in str(bad.value)
