"""The bundled Cypher texts and the public function; that stores answer them alike is in ``tests/conformance``."""

from __future__ import annotations

from pathlib import Path

import pytest

import chainatlas as ca
from chainatlas.graph.stores.cypher import checked
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
