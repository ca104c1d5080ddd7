"""Cypher texts against the guard: attacks that have to be refused, and random texts of which some are let through.

Attacks are made of a beginning that reads, after which a lexer unlike Neo4j's is lost, and of a clause that writes,
loads or calls, in every spelling. Random texts are built from Cypher's reading grammar with names, strings and
comments full of what writes, and half of them are then broken at random places.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from chainatlas.graph.schema.errors import QueryError
from chainatlas.graph.stores.cypher import checked


def _parted(table: str) -> tuple[str, ...]:
    """Return what stands between the bars of a table; ``␤`` is the end of a line, ``‹…›`` the code of a character."""
    entries = re.split(" ¦ |\n", table.strip("\n"))
    return tuple(re.sub("‹(.+?)›", lambda code: chr(int(code[1], 16)), e.replace("␤", "\n")) for e in entries)


# After each of these the planner takes one more clause.
BEGINNINGS = _parted(r"""
WITH 1 AS y$ ¦ WITH 1 AS y$$ ¦ WITH 1 AS _$1 ¦ WITH 1 AS y¥ ¦ WITH 1 AS y‿ ¦ WITH 1 AS é$ ¦ WITH 1 AS e‹301›
WITH 1 AS 企业 ¦ WITH 1 AS 企业$ ¦ WITH 1 AS a२ ¦ WITH 1 AS Ⅷ ¦ WITH 1 AS `a``b` ¦ WITH 1 AS `'` ¦ WITH 1 AS `//`
WITH 1 AS `/*` ¦ WITH 1 AS `;` ¦ WITH 1 AS `$` ¦ MATCH (n) WHERE n:A$ ¦ MATCH (n) WHERE n:A$|B$
MATCH (n) WHERE n:A&!B ¦ MATCH (n) WHERE n:`A` ¦ MATCH (n) WHERE n:$('A') ¦ MATCH (n) WHERE n:%
MATCH (n) WHERE n.a$ = n.b$ ¦ MATCH (n) WHERE n.x = n.`y` ¦ MATCH (n) WHERE n.x IS NULL
MATCH (n) WHERE n.x IS :: INT ¦ MATCH (n) WHERE n. // .␤ x ¦ MATCH (n) WHERE n.x = 1.5 ¦ MATCH (n) WHERE n.x = 0x1F
MATCH (n) WHERE n.x = 1e5 ¦ MATCH (n) WHERE n.x = $a ¦ MATCH (n) WHERE n.x = $a$ ¦ MATCH (n) WHERE n.x = $`a`
MATCH (n) WHERE n.x = $0 ¦ MATCH (n) WHERE n.x = 'a\'' ¦ MATCH (n) WHERE n.x = '\\' ¦ MATCH (n) WHERE n.x = "\""
MATCH (n) WHERE n.x = '//' ¦ MATCH (n) WHERE n.x = '/*' ¦ MATCH (n) WHERE n.x = '`' ¦ MATCH (n) WHERE n.x = "'"
MATCH (n) WHERE n.x = '' ¦ MATCH (n) WHERE n.x = '␤' ¦ MATCH (n) ¦ MATCH (n)--() ¦ MATCH (n)-[:A$]->()
MATCH (n)⟨—[:A]—() ¦ MATCH ((n)-->())+ ¦ MATCH (n {a$: 1}) ¦ WITH {a$: 1} AS m ¦ WITH [1, 2][0..1] AS m
WITH date.transaction() AS d ¦ UNWIND [1] AS u$ ¦ OPTIONAL MATCH (n:A$) ¦ MATCH (n) USING SCAN n:A$
WITH 1 AS x ORDER BY x ¦ WITH 1 AS x LIMIT 1 ¦ WITH *, 1 AS x ¦ CALL { RETURN 1 AS c$ }
MATCH (n) CALL (n) { RETURN 1 AS c$ } ¦ MATCH (n) WHERE EXISTS { (n)--(:A$) }
MATCH (n) WHERE COUNT { (n)--() } = 1 ¦ MATCH (n) WHERE all(x IN [1] WHERE x = 1) ¦ MATCH (n) WHERE n.x =~ '.*'
""")
# What no text may do. None of these needs a name of the beginning.
CLAUSES = _parted(r"""
LOAD CSV FROM 'http://127.0.0.1:9/' AS l RETURN l ¦ LOAD CSV WITH HEADERS FROM 'file:///示例.csv' AS l RETURN l
MERGE (:E) ¦ CREATE (:E) ¦ CREATE (:E$) RETURN 1 AS r ¦ INSERT (:E) ¦ FOREACH (i IN [1] | CREATE (:E))
CALL db.createLabel('X') ¦ CALL { CREATE (:E) } ¦ CALL () { MERGE (:E) } ¦ CALL (*) { CREATE (:E) } RETURN 1 AS r
CALL () { CREATE (:E) } IN TRANSACTIONS ¦ CALL dbms.listConfig() YIELD name RETURN name ¦ CALL dbms.components
CALL `db`.`labels`() YIELD label RETURN label ¦ OPTIONAL CALL db.labels() YIELD label RETURN label
MATCH (m) SET m.x = 1 ¦ MATCH (m) SET m:X$ ¦ MATCH (m) SET m:$('X') ¦ MATCH (m) SET m += {x: 1}
MATCH (m) REMOVE m.x ¦ MATCH (m) REMOVE m:X ¦ MATCH (m) DELETE m ¦ MATCH (m) DETACH DELETE m
MATCH (m) NODETACH DELETE m ¦ MERGE (m:E) ON CREATE SET m.x = 1 ON MATCH SET m.x = 2 ¦ UNWIND [1] AS u CREATE (:E)
RETURN 1 AS r UNION CREATE (:E) RETURN 1 AS r ¦ WITH 1 AS w CALL tx.setMetaData({a: 1})
""")
SPACES = _parted(r"""
‹20› ¦ ␤ ¦ ‹9› ¦ ‹d›␤ ¦ /**/ ¦ /* ' */ ¦ /* ` */ ¦ /*/ */ ¦ // '␤ ¦ // /*␤ ¦ //\␤ ¦ ‹3000› ¦ ‹a0› ¦ ‹2003›
‹20›‹20›
""")
# By hand: what the tables do not say.
BY_HAND = _parted(r"""
MATCH (n) \u0053ET n.x = 1 ¦ MATCH (n) RETURN '\u0027 DELETE n //' ¦ MATCH (n) //\u000aDELETE n
MATCH (n:`\u0060) DETACH DELETE n //`) ¦ MATCH (n) \U0053ET n.x = 1 ¦ MATCH (n) RETURN '\\u0027 CREATE (:E) //'
MATCH (n) /* */ */ DELETE n ¦ MATCH (n) /* /* */ DELETE n ¦ MATCH (n) //‹d›DELETE n ¦ MATCH (n) //‹2028›DELETE n
MATCH (n) WHERE n.x = 1SET n.y = 2 ¦ MATCH (n) WHERE n.x = 1.SET n.y = 2 ¦ MATCH (n) WHERE n.x = 1_0SET n.y = 2
MATCH (n) WHERE n.x = 0o7SET n.y = 2 ¦ MATCH (n) WHERE n.x = 'a'SET n.y = 2 ¦ MATCH (n) WHERE n.`x`SET n.y = 2
MATCH (n) WHERE n.x = $pSET SET n.y = 2 ¦ MATCH (n) WHERE n.x = [1]SET n.y = 2
MATCH (n) WHERE n.x = {a:1}SET n.y = 2 ¦ MATCH (n) WHERE n.x = ¥SET n.y = 2 ¦ MATCH (n) WHERE n.x = ٣SET n.y = 2
MATCH (n) WHERE (n:A)SET n.y = 2 ¦ MATCH (n) ſET n.x = 1 ¦ MATCH (n) ＳＥＴ n.x = 1 ¦ MATCH (n) S‹200b›ET n.x = 1
MATCH (n) SET‹ad› n.x = 1 ¦ MATCH (n) RETURN n; DELETE n ¦ MATCH (n) RETURN n /*;*/; /*;*/ CREATE (:E)
RETURN 1 AS x;;CREATE (:E) ¦ CYPHER 25 MATCH (n) DELETE n ¦ EXPLAIN MATCH (n) RETURN n ¦ PROFILE MATCH (n) DELETE n
USE neo4j MATCH (n) DELETE n ¦ CALL { USE neo4j MATCH (n) RETURN n } RETURN n ¦ /* */ CREATE (:E)
// MATCH␤CREATE (:E) ¦ { CREATE (:E) } ¦ (MATCH (n)) ¦ RETURN apoc.load.json('http://127.0.0.1:9/') AS x
RETURN `apoc`.`load`.`json`('x') AS x ¦ RETURN `apoc.load.json`('x') AS x
RETURN apoc . load /* */ . json ('x') AS x ¦ RETURN 1 + apoc.cypher.runFirstColumnSingle('CREATE (:E)', {}) AS x
RETURN date.apoc.load('x') AS x ¦ RETURN apoc.date.truncate('x') AS x
RETURN genai.vector.encode('x', 'OpenAI', {}) AS x ¦ RETURN graph.byName('neo4j') AS x
RETURN [x IN [1] | apoc.util.sleep(x)] AS x ¦ CALL apoc.export.csv.all('x', {})
CALL apoc.load.json('x') YIELD value RETURN value ¦ CALL (x).y() ¦ CALL (apoc) . load('x') ¦ CALL {}.x()
1CALL db.labels() ¦ RETURN 1CALL db.labels() ¦ LOAD CSV FROM 'x' AS l RETURN l
USING PERIODIC COMMIT LOAD CSV FROM 'x' AS l RETURN l ¦ WITH 1 AS `LOAD` LOAD CSV FROM 'x' AS l RETURN l
WITH 1 AS load LOAD CSV FROM 'x' AS l RETURN l ¦ WITH 1 AS csv LOAD/* */CSV FROM 'x' AS csv RETURN csv
WITH {load: 1} AS m LOAD CSV FROM m.load AS l RETURN l ¦ MATCH (n) RETURN n ALTER USER neo4j SET PASSWORD 'x'
SHOW USERS ¦ DROP DATABASE neo4j ¦ CREATE INDEX FOR (n:A) ON (n.x) ¦ TERMINATE TRANSACTION 'x'
GRANT ROLE admin TO x ¦ START DATABASE x ¦ :use system ¦ MATCH\ (n) DELETE n ¦ ＭATCH（n）
""")


def attacks(number: int, seed: int = 20150123) -> list[str]:
    """Return so many attacks, all different: those by hand, then beginnings and clauses in changing spellings."""
    chance = random.Random(seed)
    found = dict.fromkeys(BY_HAND)
    while len(found) < number:
        clause = _spelled(chance.choice(CLAUSES), chance)
        found[chance.choice(BEGINNINGS) + chance.choice(SPACES) + clause] = None
    return list(found)


def _spelled(clause: str, chance: random.Random) -> str:
    """Return a clause in capitals or small letters, with other spaces between its words, and something behind it."""
    style = chance.choice((str, str.lower, str.title))
    first, *words = (style(word) if word.isupper() and word.isalpha() else word for word in clause.split(" "))
    text = first + "".join((chance.choice(SPACES) if chance.random() < 0.3 else " ") + word for word in words)
    return text + chance.choice(("", "", " //", " /* */", "\n", ";"))


# Random texts -----------------------------------------------------------------------------------

_SPLINTERS = _parted(r"""
' ¦ " ¦ ` ¦ // ¦ /* ¦ */ ¦ \ ¦ $ ¦ ; ¦ ␤ ¦ ‹d›␤ ¦ { ¦ } ¦ ( ¦ ) ¦ : ¦ . ¦ .. ¦ | ¦ ¥ ¦ ‿ ¦ ‹301› ¦ ‹3000› ¦ 1 ¦ 0x
1. ¦ 企 ¦ ‹20›SET n.x = 1‹20› ¦ ‹20›CREATE (:E)‹20› ¦ ‹20›MERGE (:E)‹20› ¦ ‹20›DELETE n‹20›
‹20›LOAD CSV FROM 'x' AS l‹20› ¦ ‹20›LOAD‹20› ¦ ‹20›CSV‹20› ¦ ‹20›CALL db.labels()‹20› ¦ ‹20›CALL‹20› ¦ SET ¦ REMOVE
‹20›FOREACH (i IN [1] | SET n.x = i)‹20› ¦ db.labels ¦ apoc.x( ¦ \u0027 ¦ CALL (*) { ¦ OPTIONAL CALL db.info()
MATCH (n)‹20› ¦ ‹20›WITH n‹20› ¦ ‹20›AS y$ ¦ ‹20›RETURN 1 AS r‹20›
""")
# ``<rule>`` is one of the rule's alternatives, ``<name>`` a new name, ``<old>`` one that was given before.
_RULES = {
    rule: _parted(table)
    for rule, table in {
        "statement": "<first><gap><more>RETURN<gap><value> AS z$<end>",
        "first": """
<match> ¦ <match> ¦ UNWIND [<value>] AS <name> ¦ WITH <value> AS <name> ¦ CALL () { <match> RETURN <plain> AS <name> }
""",
        "more": """
‹20› ¦ <again><gap> ¦ <again><gap><again><gap>
""",
        "again": """
<match> ¦ UNWIND<gap>[<value>] AS <name> ¦ WITH *, <value> AS <name> ¦ WITH *, <value> AS <name> LIMIT 3
WITH * WHERE <value> IS NULL ¦ CALL<gap>(*) {<gap>RETURN <value> AS <name> } ¦ MATCH (:<label>)
CALL () {<gap><match> RETURN <plain> AS <name> } ¦ WITH DISTINCT * ORDER BY <value>
""",
        "match": """
MATCH <pattern> ¦ MATCH<gap><pattern> ¦ OPTIONAL MATCH <pattern> ¦ match <pattern> WHERE <value> = 1
""",
        "pattern": """
(<name>:<label>) ¦ (<name>)-[<name>:A$|`MERGE`]->(<name>) ¦ (<name> {a$: <plain>}) ¦ (<name>)<-[*1..2]-(:<label>)
shortestPath((<name>)-[*..3]-(<name>)) ¦ ((:A$)-->()){1,2} ¦ (<name>)--(<name>), (:<label>) ¦ (<name>)⟨——(:<label>)
""",
        "label": """
A ¦ A$ ¦ 企业 ¦ `CREATE` ¦ A|B$ ¦ A&!B ¦ % ¦ `/*` ¦ Product ¦ $('A')
""",
        "value": """
<plain> ¦ <plain> ¦ <old> ¦ <old>.a$ ¦ <old>.`delete` ¦ coalesce(<value>, <value>)
toString(<plain>) STARTS WITH 'CALL'
[q IN [<value>] WHERE q IS NOT NULL | q] ¦ reduce(s = $p$, q IN [1] | <plain>) ¦ <value> IN [1] ¦ [<value>, <plain>]
CASE WHEN <value> IS NULL THEN 1 ELSE 2 END ¦ COUNT { MATCH (:<label>)--() } ¦ COLLECT { MATCH (c$:A) RETURN c$.x }
EXISTS {<gap>(:<label>) } ¦ any(q IN [1] WHERE q = <value>) ¦ {k$: <value>} ¦ <value> IS :: STRING ¦ <value> = <value>
""",
        "plain": r"""
1 ¦ 1.5 ¦ 0x1F ¦ 1e3 ¦ .5 ¦ 'SET n.x = 1' ¦ "// DELETE" ¦ 'a\'b' ¦ '\\' ¦ '/*' ¦ null ¦ true ¦ $p$ ¦ $`create` ¦ '`'
[1, 2][0..1] ¦ date.truncate('year', date()) ¦ {a$: 1, `set`: 2}.a$ ¦ '' ¦ "" ¦ '␤' ¦ timestamp() ¦ date.transaction()
point.distance(point({x: 1, y: 2}), point({x: 2, y: 2})) ¦ $`LOAD CSV` ¦ "'" ¦ '"'
""",
        "stem": """
n ¦ x$ ¦ 企业 ¦ é ¦ y¥ ¦ _ ¦ a‿ ¦ CREATED ¦ settle ¦ e‹301› ¦ n$SET$ ¦ call$ ¦ `SET n.x = 1 ¦ `a``// ¦ `LOAD CSV
""",
        "gap": """
‹20› ¦ ‹20› ¦ ‹20› ¦ ‹20› ¦ ‹20› ¦ ␤ ¦ ‹9› ¦ /* SET */ ¦ //CREATE (n)␤ ¦ /* ' */ ¦ // ` LOAD CSV␤ ¦ ‹3000› ¦ ‹a0› ¦ ‹d›␤
""",
        "end": """
‹20› ¦ ‹20›LIMIT 1 ¦ ‹20›SKIP 1 ¦ ‹20›UNION RETURN 1 AS z$ ¦ ; ¦ // DELETE n
␤UNION ALL<gap>RETURN 'CALL db.labels()' AS z$
""",
    }.items()
}
_DEEP = 6


def texts(seed: int) -> Iterator[str]:
    """Yield random texts without end."""
    chance = random.Random(seed)
    while True:
        text = _made("statement", [], chance)
        for _ in range(chance.choice((0, 0, 0, 0, 1, 2))):
            text = _broken(text, chance)
        yield text


def _made(rule: str, names: list[str], chance: random.Random, depth: int = 0) -> str:
    """Return a text of a rule."""
    if rule == "old":
        return chance.choice(names) if names else "$m"
    if rule == "name":
        stem = f"{chance.choice(_RULES['stem'])}{len(names)}"
        names.append(f"{stem}`" if stem[0] == "`" else stem)
        return names[-1]
    alternative = chance.choice(_RULES["plain" if rule == "value" and depth > _DEEP else rule])
    return re.sub("<([a-z]+)>", lambda part: _made(part[1], names, chance, depth + 1), alternative)


def _broken(text: str, chance: random.Random) -> str:
    """Return a text with something put in, taken out, or said twice."""
    at = chance.randrange(len(text) + 1)
    match chance.randrange(6):
        case 0:
            return text[:at] + text[at + 3 :]
        case 1:
            return text[: at + 8] + text[at:]
        case 2:
            return text[:at] + " " + chance.choice(CLAUSES)
        case _:
            return text[:at] + chance.choice(_SPLINTERS) + text[at:]


def let_through(text: str) -> bool:
    """Tell whether the guard lets a text through."""
    try:
        checked(text)
    except QueryError:
        return False
    return True
