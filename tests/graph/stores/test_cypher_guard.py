"""What user-typed Cypher is let through: one reading statement, however a writing one is dressed up."""

from __future__ import annotations

import time
import unicodedata
from itertools import islice
from pathlib import Path

import pytest
from cypher_texts import attacks, let_through, texts

from chainatlas.graph.schema.errors import QueryError
from chainatlas.graph.stores.cypher import checked, parameter

READING = [
    "MATCH (n) RETURN n",
    "  match (n:Product)\n RETURN n.name;  ",
    "// CREATE (n)\nMATCH (n) RETURN n",
    "/* DELETE; */ MATCH (n) RETURN n // ;",
    "MATCH (n) WHERE n.name = 'CREATE; DELETE' RETURN n",
    'MATCH (n) WHERE n.name = "it\'s; SET" RETURN n',
    r"MATCH (n) WHERE n.name = 'a\'; CREATE (m)' RETURN n",
    "MATCH (n:`DELETE`) RETURN n.`set` AS `drop``;`",
    "MATCH (n:`Set`)-[:`MERGE`|`CREATE`]->(m) RETURN n.`set`, m.`delete`, $`remove`",
    "MATCH (n:Settings)-[:CREATED_BY]->(m) RETURN n.reset, m.deleted, $removed, offset",
    "WITH 1 AS x RETURN x",
    "UNWIND [1, 2] AS x RETURN x",
    "OPTIONAL MATCH (n) RETURN count(n)",
    "CALL { MATCH (n) RETURN n } RETURN count(n)",
    "MATCH (n) CALL (n) { MATCH (n)--(m) RETURN count(m) AS c } RETURN n, c",
    "MATCH (n) RETURN n.created, n.load, n.reset, created, csv",
    "WITH 1 AS y$, 2 AS 价格￥, 3 AS e\u0301, 4 AS a‿b, 5 AS n$SET RETURN y$, 价格￥, e\u0301, a‿b, n$SET",
    "MATCH (n:A$|企业)-[:B$]->() WHERE n.c$ = $d$ RETURN n",
    "MATCH (企业)⟨—[:A]—()\u3000RETURN\xa0企业",
    "MATCH (n) CALL(*) { MATCH (n)--(m) RETURN count(m) AS c } RETURN c",
    "MATCH (n) CALL () { RETURN 1 AS c } RETURN c",
    "RETURN [1, 2, 3][0..size('ab')] AS x, [1][..1] AS y",
    "RETURN date /* */ . transaction() AS d, datetime.fromEpoch(1, 2) AS e, vector.similarity.cosine([1.0], $v) AS s",
    "MATCH (n) WHERE n.`call` = '$ LOAD CSV' RETURN n // CALL dbms.shutdown()",
    "MATCH (n) RETURN '（全角，“引号”）\u200b' AS x, `名称（旧）` AS y",
    "MATCH (n)\r\nRETURN n //\r\n",
    "RETURN date.truncate('year', date()) AS d, point.distance($a, $b) AS km",
    "MATCH (load) RETURN load.csv",
    "RETURN [x IN [1, 2] | x + 1] AS y, 1.5e3 AS z",
]
REFUSED = {
    "cypher_empty": ["", "  ", ";", "// nothing", "/* nothing */"],
    "cypher_several": ["MATCH (n) RETURN n; MATCH (m) RETURN m", "RETURN 1;; RETURN 2", "RETURN ';' ; RETURN 1"],
    "cypher_opening": ["CREATE (n)", "SHOW USERS", "EXPLAIN MATCH (n) RETURN n", "PROFILE MATCH (n) DELETE n",
                       "LOAD CSV FROM 'x' AS r RETURN r", "DROP INDEX x", "USE system MATCH (n) RETURN n",
                       "CYPHER 5 MATCH (n) RETURN n", ":param x", "ALTER USER neo4j SET PASSWORD 'x'",
        "'MATCH' RETURN 1",
                       "`MATCH` (n) RETURN n"],
    "cypher_writes": [
        "MATCH (n) DELETE n", "MATCH (n) DETACH DELETE n", "MATCH (n) sEt n.x = 1", "MATCH (n) REMOVE n.x",
        "MATCH (n) MERGE (m)", "MATCH (n)CREATE(m)", "MATCH (n)/**/SET/**/n.x=1", "MATCH (n) //\nDELETE n",
        "WITH 1 AS x FOREACH (y IN [1] | CREATE (z))", "MATCH (n) LOAD CSV FROM 'file:///etc/passwd' AS row RETURN row",
        "MATCH (n) LOAD /* */ CSV FROM 'x' AS row RETURN row", "CALL { CREATE (n) RETURN n } RETURN n",
        "MATCH (n) CALL { WITH n DELETE n } IN TRANSACTIONS", "MATCH (n) WHERE n.x = 1SET n.y = 2",
        "MATCH (n) WHERE n.x = 1.SET n.y = 2", "MATCH (n) WHERE n.x = 1e5SET n.y = 2",
        "MATCH (n) WHERE n.x = 0x1SET n.y = 2",
        "MATCH (n) WHERE n.name = 'a'SET n.y = 2", "MATCH (n) WHERE n.`a`='b'DELETE n",
        "MATCH (n) RETURN n UNION CREATE (m) RETURN m", "MATCH (n:Set) RETURN n", "RETURN $set", "RETURN n.`x`.set",
        "WITH {load: 1} AS m LOAD CSV FROM m.load AS l RETURN l", "RETURN ٣SET", "MATCH (n) WHERE n.x = 1_0SET n.y = 2",
        "MATCH (n) ſET n.x = 1", "MATCH (n) ＳＥＴ n.x = 1", "MATCH (n) WHERE '\\\\' = '' SET n.x = '\\\\'",
        "CALL { USE other MATCH (n) RETURN n } RETURN n", "MATCH (n) INSERT (:X)",
    ],
    "cypher_procedure": [
        "CALL db.labels()", "CALL dbms.shutdown", "MATCH (n) CALL apoc.create.node(['X'], {}) YIELD node RETURN node",
        "CALL `db`.`labels`() YIELD label RETURN label",
        "RETURN apoc.cypher.runFirstColumnSingle('CREATE (n) RETURN n', {})",
        "MATCH (n) RETURN `apoc`.`text`.`join`(n.x, ',')", "CALL // x\n db.labels()", "RETURN x.y.date.z(1)",
    ],
    "cypher_hidden": [
        r"MATCH (n) RETURN '\u0027 DELETE n //'", r"MATCH (n) \u0053ET n.x = 1", r"MATCH (n) RETURN n \U0001F600",
        "MATCH (n) RETURN n //\u2028DELETE n", "MATCH (n) RETURN n //\u0085DELETE n",
        "MATCH (n)\x00 RETURN n",
        "MATCH (n)\x0bRETURN n", "MATCH (n) //\rDELETE n", "MATCH (n\u200b) RETURN n", "MATCH (n\xad) RETURN n",
    ],
    "cypher_character": ["MATCH（n）RETURN n", "MATCH (n) WHERE n.name = “料” RETURN n", "RETURN 1，2", "RETURN 😀",
                         "MATCH (n)\\ RETURN n", "RETURN ½"],
    "cypher_unclosed": ["MATCH (n) RETURN 'a", 'RETURN "', "RETURN `a", "RETURN 1 /* DELETE", r"RETURN 'a\'"],
}  # fmt: skip


@pytest.mark.parametrize("text", READING)
def test_reading_is_let_through(text: str) -> None:
    assert checked(text).strip().rstrip(";") in text


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in REFUSED.items() for text in texts])
def test_all_else_is_refused(code: str, text: str) -> None:
    with pytest.raises(QueryError) as bad:
        checked(text)
    assert bad.value.code == code


def test_the_beginnings_of_the_case_are_refused(shared: Path) -> None:
    """``$`` in a name hid the clause behind it, and the server fetched an address."""
    lines = (shared / "cases" / "attacks" / "guard_bypass.cypher").read_text(encoding="utf-8").splitlines()
    assert len(lines) >= 2
    for line in lines:
        with pytest.raises(QueryError) as bad:
            checked(line)
        assert bad.value.code == "cypher_writes"


def test_attacks_are_refused() -> None:
    """By hand and by mutation; that they are attacks, the real planner says (tests/neo4j)."""
    tried = attacks(2500)
    assert len(set(tried)) == 2500
    assert [text for text in tried if let_through(text)] == []


def test_most_random_texts_are_let_through() -> None:
    """A guard that refuses all would be safe, too: what reads passes, however it calls its names."""
    tried = list(islice(texts(seed=1), 400))
    passed = sum(map(let_through, tried))
    assert 240 < passed < 400


def test_a_character_parts_words_only_where_neo4j_parts_them() -> None:
    """Of all characters beyond ASCII only spaces and the strokes of arrows stand between two words."""
    codes = (chr(code) for code in [*range(0x80, 0xD800), *range(0xF900, 0x10000)])
    tried = [char for char in codes if unicodedata.category(char) not in ("Lo", "Cn")]
    passed = [char for char in tried if let_through(f"WITH 1 AS y{char}z RETURN 1")]
    parting = {char for char in passed if not let_through(f"WITH 1 AS y{char}SET RETURN 1")}
    spaces = {char for char in parting if unicodedata.category(char) == "Zs"}
    assert spaces == {char for char in tried if unicodedata.category(char) == "Zs"}
    assert parting - spaces == set("‐‑‒–—―﹘﹣－⟨〈﹤＜⟩〉﹥＞")
    parts = {unicodedata.category(char) for char in set(passed) - parting}
    assert parts == {"Lu", "Ll", "Lt", "Lm", "Nl", "Pc", "Nd", "Mn", "Mc", "Sc"}


PIECES = ("(", "a.", "CALL (", "CALL (a, ", "'", "`", "/*", "1", "企", "$", "a(", "..", "a.b(", "\\'")


@pytest.mark.parametrize("piece", PIECES)
def test_long_texts_take_linear_time(piece: str) -> None:
    begun = time.process_time()
    let_through("MATCH (n) RETURN " + piece * (100_000 // len(piece)))
    assert time.process_time() - begun < 10


def test_the_semicolon_at_the_end_goes() -> None:
    assert checked("RETURN ';' ; // ;") == "RETURN ';'"


@pytest.mark.parametrize("text", ["=1", "a b=1", "1", "a-b=1"])
def test_parameters_have_a_name(text: str) -> None:
    with pytest.raises(QueryError, match="名称=值"):
        parameter(text)


def test_parameter_values() -> None:
    given = ["n=铜箔", "x=[1, 2]", "y=null", "z=true", "w=a=b", "v=NaN", "u=0.5"]
    assert dict(parameter(g) for g in given) == {
        "n": "铜箔", "x": [1, 2], "y": None, "z": True, "w": "a=b", "v": "NaN", "u": 0.5}  # fmt: skip
