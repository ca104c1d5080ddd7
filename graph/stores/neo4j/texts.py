"""Cypher texts of publish and pull: values are parameters, names come from the schema, quoted.

A text depends on the schema and the columns of a part only, so the server plans it once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...schema.errors import SchemaError
from .wire import MARKER, META, Part, property_names, stored

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
NAMES_INDEX = "chainatlas_names"

FINISH = f"""MATCH (g:{META} {{id: 'graph'}})
SET g += $graph, g.published_at = datetime(), g.complete = true
WITH g UNWIND $parts AS part
MERGE (m:{META} {{id: part.id}}) SET m += part"""
FORGET = f"UNWIND $ids AS id MATCH (m:{META} {{id: id}}) DELETE m"
DIRTY = f"UNWIND $parts AS part MERGE (m:{META} {{id: part.id}}) SET m += part"
STATES = f"MATCH (m:{META}) WHERE m.id <> 'graph' RETURN properties(m)"
COUNT = f"MATCH (n:{MARKER}) RETURN count(n)"
FOREIGN_NODES = f"MATCH (n) WHERE NOT n:{MARKER} AND NOT n:{META} RETURN count(n)"
FOREIGN_RELATIONS = "MATCH ()-[r]->() WHERE r._id IS NULL RETURN count(r)"
DELETE_RELATIONS = """UNWIND $rows AS row MATCH ()-[r]->() WHERE elementId(r) = row
DELETE r RETURN count(*) AS done"""


def quoted(name: str) -> str:
    """Return a label, type or property between backticks; only plain names are let through."""
    if not _NAME.match(name):
        raise SchemaError("schema_name", name=name)
    return f"`{name}`"


def create(part: Part) -> str:
    """Return the text that creates rows; for nodes it returns their ids and element ids."""
    label = quoted(part.name)
    first = 2 if part.group == "relation" else 0
    names = ("_id", "_fp", *part.names)
    said = ", ".join(f"{quoted(n)}: row[{i}]" for i, n in enumerate(names, first))
    if part.group == "relation":
        return (
            "UNWIND $rows AS row MATCH (a) WHERE elementId(a) = row[0] "
            "MATCH (b) WHERE elementId(b) = row[1] "
            f"CREATE (a)-[:{label} {{{said}}}]->(b) RETURN count(*) AS done"
        )
    return (
        f"UNWIND $rows AS row CREATE (n:{MARKER}:{label} {{{said}}}) "
        "RETURN count(*) AS done, collect([row[0], elementId(n)]) AS made"
    )


def update(part: Part) -> str:
    """Return the text that sets rows found by element id; what is not said any more goes."""
    said = ("_id", "_fp", *part.names)
    parts = [f"x.{quoted(n)} = row[{i}]" for i, n in enumerate(said, 1)]
    parts += [f"x.{quoted(n)} = null" for n in property_names(part.group, part.props)
              if n not in said]  # fmt: skip
    found = "()-[x]->()" if part.group == "relation" else f"(x:{MARKER})"
    return (f"UNWIND $rows AS row MATCH {found} WHERE elementId(x) = row[0] "
            f"SET {', '.join(parts)} RETURN count(*) AS done")  # fmt: skip


def delete(part: Part) -> str:
    """Return the text that deletes rows; a node on which others hang relations only leaves us."""
    if part.group == "relation":
        return DELETE_RELATIONS
    ours = ", ".join(f"n.{quoted(p)}" for p in ("_id", "_fp", "key", "_key", "_claims", "_rows"))
    return f"""UNWIND $rows AS row MATCH (n:{MARKER}) WHERE elementId(n) = row
WITH n, COUNT {{ (n)--() }} > 0 AS held
FOREACH (_ IN CASE WHEN held THEN [] ELSE [1] END | DELETE n)
FOREACH (_ IN CASE WHEN held THEN [1] ELSE [] END |
  SET n._left = n.key SET n:ChainAtlasLeft REMOVE n:{MARKER}:{quoted(part.name)}, {ours})
RETURN count(*) AS done, sum(CASE WHEN held THEN 1 ELSE 0 END) AS held"""


def compare(group: str, name: str, all_buckets: bool) -> str:
    """Return the text that reads id, fingerprint and element id of a type's rows."""
    only = "x._id IS NOT NULL" if all_buckets else "x._id % $n IN $buckets"
    return f"{_match(group, name)} WHERE {only} RETURN x._id, x._fp, elementId(x)"


def find(name: str) -> str:
    """Return the text that finds nodes of one type by key."""
    return (f"UNWIND $keys AS key MATCH (n:{quoted(name)} {{key: key}}) WHERE n:{MARKER} "
            "RETURN n._id, elementId(n)")  # fmt: skip


def pull(group: str, name: str, names: Sequence[str]) -> str:
    """Return the text that reads a type back: id, key or ends, then the properties."""
    ends = "startNode(x)._id, endNode(x)._id"
    first = ends if group == "relation" else "coalesce(x._key, x.key), null"
    said = ", ".join(f"x.{quoted(stored(n))}" for n in names)
    return f"{_match(group, name)} WHERE x._id IS NOT NULL RETURN x._id, {first}, {said}"


def _match(group: str, name: str) -> str:
    found = f"()-[x:{quoted(name)}]->()" if group == "relation" else f"(x:{MARKER}:{quoted(name)})"
    return f"MATCH {found}"


def constraints(labels: Sequence[str]) -> dict[str, str]:
    """Return name and text of the uniqueness constraint of each label and of the meta nodes."""
    made = {"chainatlas_meta": f"(n:{META}) REQUIRE n.id IS UNIQUE"}
    for label in labels:
        made[f"chainatlas_{label}_key"] = f"(n:{quoted(label)}) REQUIRE n.key IS UNIQUE"
    return {name: f"CREATE CONSTRAINT {quoted(name)} IF NOT EXISTS FOR {what}"
            for name, what in made.items()}  # fmt: skip


def names_index(labels: Sequence[str]) -> str:
    """Return the text of the full-text index on names (two-character words for Chinese)."""
    every = "|".join(quoted(label) for label in labels)
    return (f"CREATE FULLTEXT INDEX {quoted(NAMES_INDEX)} IF NOT EXISTS FOR (n:{every}) "
            "ON EACH [n.name] OPTIONS {indexConfig: {`fulltext.analyzer`: 'cjk'}}")  # fmt: skip
