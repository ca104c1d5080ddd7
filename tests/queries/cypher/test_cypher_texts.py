"""The bundled Cypher texts and the public function; that stores answer them alike is in ``tests/conformance``."""

from __future__ import annotations

from pathlib import Path

import pytest

import chainatlas as ca
from chainatlas import api
from chainatlas.graph.schema.types import load_schema
from chainatlas.graph.stores.cypher import checked
from chainatlas.graph.stores.kglite import KgliteStore
from chainatlas.queries.cypher.texts import Text, texts


def test_there_are_texts_and_each_says_what_it_answers() -> None:
    assert len(texts()) >= 12
    for text in texts().values():
        assert checked(text.statement) == text.statement
        assert len(text.zh) > 10
        assert len(text.en) > 10
        used = {name for name in text.parameters if f"${name}" in text.statement}
        assert used == set(text.parameters)
        assert text.statement.count("$") >= len(used)


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


def test_what_words_attach_is_filled_in_from_the_workspace(tmp_path: Path) -> None:
    """A word of a list that is no link's name makes a maker; what a caller gives stands over it."""
    (tmp_path / "企业.csv").write_text(
        "企业名称,主营产品,企业状态\n示例厂,锂离子电池电解液,\n旧厂,锂离子电池电解液,注销\n", encoding="utf-8"
    )
    (tmp_path / "产业链环节.csv").write_text("产品名称,产业链\n电解液,锂电\n", encoding="utf-8")
    (tmp_path / "覆盖声明.csv").write_text(
        "来源,关系,总体,完整度,依据\n普查,生产,全部,1,按事实核对\n", encoding="utf-8"
    )
    ca.load(tmp_path / "w", tmp_path)
    asked = {"chain": "锂电", "place": None}
    (row,) = ca.cypher(tmp_path / "w", "link_status", params=asked).rows
    assert (row["producers"], row["status"], row["ground"]) == (1, "single_source", "firm")
    (row,) = ca.cypher(tmp_path / "w", "link_status", params={**asked, "attached": []}).rows
    assert (row["producers"], row["status"]) == (0, "missing")
    for name, column in (("single_source", "enterprise"), ("completeness", "made")):
        (row,) = ca.cypher(tmp_path / "w", name, params={"place": None}).rows
        assert row[column] == {"enterprise": "示例厂", "made": 1}[column]


def test_a_server_asked_without_a_workspace_says_that_words_are_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "企业.csv").write_text("企业名称,主营产品\n子厂,轴\n", encoding="utf-8")
    ca.load(tmp_path / "w", tmp_path / "企业.csv")
    store = KgliteStore(load_schema())
    store.put(ca.open(tmp_path / "w").snapshot.graph)
    monkeypatch.setattr(api, "_asked", lambda graph, uri, login: store)
    for folder, said in ((tmp_path / "nowhere", 1), (tmp_path / "w", 0)):
        notes = ca.cypher(folder, "completeness", uri="bolt://示例:7687").notes_in("zh")
        assert sum("没有工作区" in note for note in notes) == said
    with pytest.raises(ca.StoreError):
        ca.cypher(tmp_path / "nowhere", "completeness")


def test_no_place_is_asked_for_unless_it_is_named(tmp_path: Path) -> None:
    """The values beside a text are examples of the bundled data: a workspace elsewhere gets its own answer."""
    (tmp_path / "企业.csv").write_text("企业名称,所在市,主营产品\n子厂,宜宾市,轴\n", encoding="utf-8")
    (tmp_path / "产品环节.csv").write_text("产品名称,产业链\n轴,示例链\n", encoding="utf-8")
    ca.load(tmp_path / "w", [tmp_path / "企业.csv", tmp_path / "产品环节.csv"])
    assert [row["made"] for row in ca.cypher(tmp_path / "w", "completeness").rows] == [1]
    (row,) = ca.cypher(tmp_path / "w", "single_source", params={"place": "宜宾市"}).rows
    assert row["enterprise"] == "子厂"
    with pytest.raises(ca.QueryError, match="cluster="):
        ca.cypher(tmp_path / "w", "leaders")


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
