"""Records: a graph as plain rows of claims that an exchange format can carry, and back.

What is carried is what ``rebatch.batch_of`` gives: every claim with the key of its entity or
of its two ends. A format that keeps these rows keeps the canonical hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ..columns.batch import Batch, in_memory
from ..columns.tables import Graph
from ..fold.rebatch import assemble, batch_of, node_records, relation_records, statement_records
from ..identity.resolve import EXACT
from ..schema.errors import LoadError
from ..schema.types import PROVENANCE, Property, Schema
from ..schema.words import Said, sentence
from .checking import broken, wrong_pair, wrong_value

_SOMEWHERE = sentence("exchange_at_whole")


@dataclass(frozen=True)
class Record:
    """One claim about a node (``ends`` holds its id), a relation (ids of both ends) or a statement (none).

    An id is (type, key). ``said`` holds the properties and provenance that the claim states, ``where`` tells
    where in its file it stands.
    """

    group: str
    type: str
    ends: tuple[tuple[str, str], ...]
    said: Mapping[str, Any]
    stub: bool = False
    where: Said = _SOMEWHERE


def public_id(kind: str, key: str) -> str:
    """Return the public id of a node, ``Type:key``."""
    return f"{kind}:{key}"


def split_id(text: str) -> tuple[str, str]:
    """Return type and key of a public id."""
    kind, _, key = text.partition(":")
    return kind, key


def records(graph: Graph, schema: Schema) -> Iterator[Record]:
    """Yield every claim of a graph: nodes, relations, then statements."""
    batch = batch_of(graph, schema)
    for name, table in batch.nodes.items():
        said = _said(table, schema.nodes[name].props)
        keys, stubs = table[EXACT].to_pylist(), table["_stub"].to_pylist()
        for key, stub, row in zip(keys, stubs, said, strict=True):
            yield Record("node", name, ((name, key),), row, bool(stub))
    for name, kept in batch.relations.items():
        table = in_memory(kept)
        said = _said(table, schema.relations[name].props)
        ends = [zip(table[f"{side}_type"].to_pylist(), table[side].to_pylist(), strict=True)
                for side in ("_src", "_dst")]  # fmt: skip
        for src, dst, row in zip(*ends, said, strict=True):
            yield Record("relation", name, (src, dst), row)
    for name, table in batch.statements.items():
        for row in _said(table, schema.statements[name].props):
            yield Record("statement", name, (), row)


def _said(table: pa.Table, props: Mapping[str, Property]) -> Iterator[dict[str, Any]]:
    names = [c for c in dict.fromkeys((*props, *PROVENANCE)) if c in table.column_names]
    columns = [table[c].to_pylist() for c in names]
    for row in zip(*columns, strict=True) if columns else ({} for _ in range(len(table))):
        yield {c: v for c, v in zip(names, row, strict=True) if v is not None}


def batch(found: Iterable[Record], schema: Schema, file: str) -> Batch:
    """Return records as a batch that folds to the graph they came from.

    Raises
    ------
    LoadError
        A type or property is unknown to this schema, a relation stands between other types than it may or at
        a node that nothing is said of, or a value is not what its property holds.
    """
    groups: dict[tuple[str, str], list[Record]] = {}
    known: dict[str, Mapping[str, Any]] = {
        "node": schema.nodes, "relation": schema.relations, "statement": schema.statements}  # fmt: skip
    for record in found:
        if record.type not in known.get(record.group, {}):
            raise LoadError("exchange_type", file=file, where=record.where, name=record.type[:80])
        _check(record, known[record.group][record.type].props, schema, file)
        groups.setdefault((record.group, record.type), []).append(record)
    _check_ends(groups, file)
    parts: dict[str, dict[str, pa.Table]] = {"node": {}, "relation": {}, "statement": {}}
    for group, kinds in known.items():
        for name in kinds:
            rows = groups.get((group, name))
            if rows:
                parts[group][name] = _table(group, kinds[name].props, rows, file)
    return assemble(file, parts["node"], parts["relation"], parts["statement"])


def _check(record: Record, props: Mapping[str, Property], schema: Schema, file: str) -> None:
    for name, value in record.said.items():
        wrong = wrong_value(name, value, props)
        if wrong is not None:
            raise LoadError("exchange_broken", file=file, where=record.where, reason=wrong)
    for kind, key in record.ends:
        if kind not in schema.nodes:
            raise LoadError("exchange_type", file=file, where=record.where, name=kind[:80])
        if not all(key.partition(":")):
            raise broken(file, record.where, "exchange_no_key", name=public_id(kind, key)[:80])
    if record.group == "node":
        known = schema.nodes[record.type].identify
        if not any(record.said.get(name) for name in known):
            raise broken(file, record.where, "exchange_nameless", names="、".join(known))
    if record.group == "relation" and wrong_pair(record.ends, schema.relations[record.type].pairs):
        a, b = ((*record.ends, ("", ""), ("", ""))[i][0] for i in (0, 1))
        raise broken(file, record.where, "exchange_wrong_pair", name=record.type, a=a, b=b)


def _check_ends(groups: Mapping[tuple[str, str], list[Record]], file: str) -> None:
    told = {record.ends[0] for (group, _), rows in groups.items() if group == "node" for record in rows}
    for (group, _), rows in groups.items():
        for record in rows if group == "relation" else ():
            for end in record.ends:
                if end not in told:
                    raise broken(file, record.where, "exchange_no_node", name=public_id(*end)[:80])
    own = {r.ends[0] for (group, _), rows in groups.items() if group == "node" for r in rows if not r.stub}
    named = own | {end for (group, _), rows in groups.items() if group == "relation" for r in rows for end in r.ends}
    for (group, _), rows in groups.items():
        for record in rows if group == "node" else ():
            if record.ends[0] not in named:
                raise broken(file, record.where, "exchange_not_mentioned", name=public_id(*record.ends[0])[:80])


def _table(group: str, props: Mapping[str, Property], rows: list[Record], file: str) -> pa.Table:
    try:
        names = [c for c in dict.fromkeys((*props, *PROVENANCE)) if any(c in r.said for r in rows)]
        said = {c: pa.array([r.said.get(c) for r in rows], _arrow(c, props)) for c in names}
        claims = pa.table(said) if said else pa.table({"source": pa.nulls(len(rows), pa.string())})
        if group == "statement":
            return statement_records(props, claims)
        ends = [tuple(pa.array([r.ends[i][part] for r in rows], pa.string()) for part in (0, 1))
                for i in range(1 if group == "node" else 2)]  # fmt: skip
        if group == "node":
            return node_records(props, claims, ends[0][1], np.array([r.stub for r in rows], bool))
        return relation_records(props, claims, ends[0], ends[1])
    except (pa.ArrowException, IndexError, OverflowError, TypeError, ValueError) as bad:
        raise LoadError("exchange_value", file=file, name=rows[0].type, reason=str(bad).splitlines()[0]) from bad


def _arrow(name: str, props: Mapping[str, Property]) -> pa.DataType:
    if name in props:
        return props[name].arrow
    return pa.float64() if name == "confidence" else pa.string()


__all__ = ["Record", "batch", "public_id", "records", "split_id"]
