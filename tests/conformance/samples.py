"""Graphs for the suite: a chain that fits on a napkin, and one in which all of the schema occurs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from building import SCHEMA, edges, graph_of, key, named
from building import batch as batch_of_rows

from chainatlas.graph.columns.batch import Batch, Sheet
from chainatlas.graph.columns.tables import Graph
from chainatlas.graph.columns.text import LIST_SEPARATOR
from chainatlas.graph.fold.fold import Loaded, fold
from chainatlas.graph.schema.types import Property
from chainatlas.graph.stores.store import ReadBack

HOSTILE = (
    "'}) DETACH DELETE n //", '"}) MATCH (x) DETACH DELETE x //', "`) SET n:Owned //", "\\", "\\u0027", "'", '"',
    "行\n行\r\n\t", "$rows", "{x: 1}", "😀𠮷", "\u202e反", "\x1e\x01", "<script>alert(1)</script>", "=1+1", "0610",
    "9E10", "true", "null", "\N{COMBINING ACUTE ACCENT}", "名'\"`\\", "a" * 3_000,
)  # fmt: skip
DATES = ("2023", "2023-06", "2023-06-30")
NUMBERS = (0.1, 1.757e11, -5e-9)
OTHER_CHAIN = "杯链"


def napkin(revenue: float = 1.5, more: tuple[str, ...] = ()) -> Graph:
    """T needs A and B, A is made by 甲厂 and 乙厂, B by nobody; beside it stands a chain of its own, Q from P.

    Parameters
    ----------
    revenue
        Of 甲厂: another value is a change of one row.
    more
        Further enterprises that make A.
    """
    members = [*((product, "餐巾链") for product in "TAB"), *((product, OTHER_CHAIN) for product in "QP")]
    relations = edges("IN_CHAIN", "Product", "Chain", *members)
    relations |= edges("INPUT_OF", "Product", "Product", *((a, b, {"group": "1"}) for a, b in ("AT", "BT", "PQ")))
    makers = [("甲厂", "A", {"source": "年报"}), ("乙厂", "A"), ("丙厂", "P"), *((name, "A") for name in more)]
    relations |= edges("PRODUCES", "Enterprise", "Product", *makers)
    firms = [{"name": "甲厂", "revenue": revenue, "source": "年报", "as_of": "2023"}, *named("乙厂", "丙厂", *more)]
    nodes = {"Chain": named("餐巾链", OTHER_CHAIN), "Product": named(*"TABQP"), "Enterprise": firms}
    return graph_of(batch_of_rows(nodes, relations, {"Coverage": [{"source": "年报", "share": 1.0}]}))


def everything() -> Graph:
    """All node, relation and statement types with all their properties, and two sources for each node."""
    nodes = {kind: list(_nodes(kind, type_.props)) for kind, type_ in SCHEMA.nodes.items()}
    relations = {name: list(_relations(name)) for name in SCHEMA.relations}
    statements = {name: [_row(type_.props, n, name) | _source(n) for n in range(len(HOSTILE))]
                  for name, type_ in SCHEMA.statements.items()}  # fmt: skip
    sheets: list[Sheet] = []
    parts: list[dict[str, pa.Table]] = []
    known: dict[str, Any] = {"n": SCHEMA.nodes, "r": SCHEMA.relations, "s": SCHEMA.statements}
    for group, tables in (("n", nodes), ("r", relations), ("s", statements)):
        part = {}
        for name, rows in tables.items():
            part[name] = _table(rows, known[group][name].props, len(sheets))
            sheets.append(Sheet("全'`\n.csv", name, name, len(rows)))
        parts.append(part)
    return fold([Loaded(1, Batch(tuple(sheets), *parts))], SCHEMA, match=False).graph


def _nodes(kind: str, props: dict[str, Property]) -> Iterator[dict[str, Any]]:
    for n in range(len(HOSTILE)):
        name = f"{kind}{n}{HOSTILE[n][:40]}"
        yield {**_row(props, n, kind), **_source(n), "name": name, "_key": key(name), "_stub": False}
        # Another source says less, and one only mentions it.
        yield {"name": name, "_key": key(name), "_stub": False, **_source(n + 1)}
        yield {"name": name, "_key": key(name), "_stub": True, "source": "只提到"}


def _relations(relation: str) -> Iterator[dict[str, Any]]:
    type_ = SCHEMA.relations[relation]
    for number, (src, dst) in enumerate(type_.pairs):
        for n in range(3):
            ends: dict[str, Any] = {}
            for side, kind, at in (("src", src, n), ("dst", dst, n + 1)):
                name = f"{kind}{at}{HOSTILE[at][:40]}"
                ends |= {f"_{side}": key(name), f"_{side}_kind": "name", f"_{side}_type": kind, f"_{side}_scope": None}
            yield {**ends, **_source(n), **_row(type_.props, number + n, relation)}
            yield {**ends, **_source(n + 1), **_row(type_.props, number + n, relation)}


def _row(props: dict[str, Property], n: int, owner: str) -> dict[str, Any]:
    return {name: _value(prop, n, owner) for name, prop in props.items()}


def _value(prop: Property, n: int, owner: str) -> Any:
    text = HOSTILE[n % len(HOSTILE)]
    if prop.arrow == pa.float64():
        return NUMBERS[n % len(NUMBERS)]
    if prop.arrow == pa.int64():
        return 2**40 + n
    if prop.arrow == pa.bool_():
        return n % 2 == 0
    if prop.type == "date":
        return DATES[n % len(DATES)]
    if prop.type == "list":
        return LIST_SEPARATOR.join((text, f"{prop.name}{n}", "别名"))
    # What may identify an entity differs from entity to entity.
    return f"{text}{prop.name}{owner}{n}"


def _source(n: int) -> dict[str, Any]:
    text = HOSTILE[n % len(HOSTILE)]
    return {"source": f"源{text}", "source_ref": f"第{n}页{text}", "as_of": DATES[n % 3], "confidence": n / 32}


def _table(rows: list[dict[str, Any]], props: dict[str, Property], sheet: int) -> pa.Table:
    arrow = {name: prop.arrow for name, prop in props.items()}
    arrow |= {"confidence": pa.float64(), "_stub": pa.bool_(), "_scoped": pa.bool_()}
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {c: pa.array([row.get(c) for row in rows], arrow.get(c, pa.string())) for c in names}
    columns["_sheet"] = pa.array([sheet] * len(rows), pa.int32())
    columns["_row"] = pa.array(range(2, len(rows) + 2), pa.int32())
    return pa.table(columns)


def graph_in(read: ReadBack) -> Graph:
    """Return the graph that records read back fold to."""
    return fold([Loaded(1, read.batch)], SCHEMA).graph
