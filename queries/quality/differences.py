"""Differences: what two states of the graph do not share, by anti-joins of keys and of values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from ...graph.columns.arrays import Ints
from ...graph.columns.tables import Graph
from ..atlas.result import Result, Row

COLUMNS = ("change", "type", "entity", "property", "before", "after")


def differences(before: Graph, after: Graph) -> Result:
    """Return what was added, removed or changed between two graphs.

    Returns
    -------
    Result
        ``change`` (added, removed, changed), ``type``, ``entity`` (a relation: ``a → b``),
        ``property`` with its value ``before`` and ``after`` where one changed. A statement
        (覆盖声明, 统计) is known by all it says: changed, it is one removed and one added.
    """
    rows: list[Row] = []
    for kind in after.nodes:
        rows += _compare(kind, *(_nodes(g, kind) for g in (before, after)))
    for kind in sorted({*before.relations, *after.relations}):
        rows += _compare(kind, *(_relations(g, kind) for g in (before, after)))
    for kind in sorted({*before.statements, *after.statements}):
        rows += _compare(kind, *(_statements(g, kind) for g in (before, after)))
    order = {"removed": 0, "changed": 1, "added": 2}
    rows.sort(key=lambda r: (order[r["change"]], r["type"], r["entity"], r["property"] or ""))
    return Result(COLUMNS, rows)


def _nodes(graph: Graph, kind: str) -> pa.Table:
    table = graph.nodes.get(kind)
    if table is None or not len(table):
        return pa.table({"_key": pa.array([], pa.string()), "_shown": pa.array([], pa.string())})
    return table.rename_columns(["_key" if c == "key" else c for c in table.column_names]).append_column(
        "_shown", table["name"])  # fmt: skip


def _statements(graph: Graph, kind: str) -> pa.Table:
    table = graph.statements.get(kind)
    if table is None or not len(table):
        return pa.table({"_key": pa.array([], pa.string()), "_shown": pa.array([], pa.string())})
    # What a statement says; where it stands written is no part of it.
    own = [c for c in table.column_names if c not in ("file", "load", "sheet", "row", "source_ref", "confidence")]
    said = [" · ".join(str(v) for c in own if (v := row[c]) is not None) for row in table.to_pylist()]
    return pa.table({"_key": pa.array(said, pa.string()), "_shown": pa.array(said, pa.string())})


def _relations(graph: Graph, kind: str) -> pa.Table:
    table = graph.relations.get(kind)
    if table is None:
        return pa.table({"_key": pa.array([], pa.string()), "_shown": pa.array([], pa.string())})
    keys = pa.chunked_array([pa.array([f"{t}:{k}" for k in n["key"].to_pylist()], pa.string())
                             for t, n in graph.nodes.items()])  # fmt: skip
    names = pa.chunked_array([n["name"].cast(pa.string()).combine_chunks() for n in graph.nodes.values()])
    import pyarrow.compute as pc

    ends = [(source.take(table[end])) for source in (keys, names) for end in ("src", "dst")]
    extra = [table[c].cast(pa.string()).fill_null("") for c in ("group", "product") if c in table.column_names]
    key = pc.binary_join_element_wise(ends[0], ends[1], *extra, "→")
    shown = pc.binary_join_element_wise(ends[2], ends[3], " → ")
    rest = table.drop_columns(["src", "dst"])
    return rest.append_column("_key", key).append_column("_shown", shown)


def _compare(kind: str, before: pa.Table, after: pa.Table) -> list[Row]:
    old, new = (t["_key"].to_pylist() for t in (before, after))
    place = {key: at for at, key in enumerate(old)}
    rows = [_row("added", kind, after["_shown"][at].as_py()) for at, key in enumerate(new) if key not in place]
    known = set(new)
    rows += [_row("removed", kind, before["_shown"][at].as_py()) for key, at in place.items() if key not in known]
    pairs = np.array([(place[key], at) for at, key in enumerate(new) if key in place], np.int64).reshape(-1, 2)
    for prop in sorted(set(before.column_names) | set(after.column_names)):
        if not prop.startswith("_"):
            rows += _changed(kind, prop, before, after, pairs)
    return rows


def _changed(kind: str, prop: str, before: pa.Table, after: pa.Table, pairs: Ints) -> list[Row]:
    def column(table: pa.Table, side: int) -> list[Any]:
        if prop not in table.column_names:
            return [None] * len(pairs)
        values: list[Any] = table[prop].take(pa.array(pairs[:, side])).to_pylist()
        return values

    found = zip(pairs[:, 1].tolist(), column(before, 0), column(after, 1), strict=True)
    return [_row("changed", kind, after["_shown"][at].as_py(), prop, a, b) for at, a, b in found if a != b]


def _row(change: str, kind: str, entity: str, prop: str | None = None, before: Any = None, after: Any = None) -> Row:
    return {"change": change, "type": kind, "entity": entity, "property": prop, "before": before, "after": after}
