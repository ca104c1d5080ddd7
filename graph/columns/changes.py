"""Changes: a graph as it would be if enterprises came or went. The graph itself stays as it is.

What comes is written as rows and claims of a source of its own; what goes leaves with all its
relations and claims. The result is a graph like any other: everything is computed from it anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from .arrays import Bools, Ints, numbering
from .canonical import flat
from .tables import Graph

_KIND = "Enterprise"


@dataclass(frozen=True)
class Arrival:
    """An enterprise that makes something: ``node`` when the graph knows it, else a new one of this name.

    ``link`` is a product or technology and ``place`` a region, as node ids.
    """

    name: str
    node: int | None
    relation: str
    link: int
    place: int | None


def with_arrivals(graph: Graph, arrivals: Sequence[Arrival], source: str) -> Graph:
    """Return the graph with what arrives; what it holds already is not written twice."""
    new = list(dict.fromkeys(a.name for a in arrivals if a.node is None))
    end = graph.offsets[_KIND] + len(graph.nodes[_KIND])
    number = np.arange(graph.n_nodes, dtype=np.int64)
    number[end:] += len(new)
    made = _renumbered(graph, number)
    rows = pa.table({"key": pa.array([f"whatif:{n}" for n in new], pa.string()), "name": pa.array(new, pa.string())})
    made = replace(made, nodes={**made.nodes, _KIND: _appended(made.nodes[_KIND], rows)})
    at = {name: end + i for i, name in enumerate(new)}
    for relation in ("PRODUCES", "MASTERS", "LOCATED_IN"):
        pairs = {(at[a.name] if a.node is None else a.node, a.place if relation == "LOCATED_IN" else a.link)
                 for a in arrivals if relation in (a.relation, "LOCATED_IN")}  # fmt: skip
        made = _with_edges(made, relation, sorted((s, d) for s, d in pairs if d is not None), source)
    return made


def without(graph: Graph, nodes: Sequence[int] | Ints) -> Graph:
    """Return the graph without some nodes, their relations and all claims about either."""
    gone = np.zeros(graph.n_nodes, bool)
    gone[np.asarray(nodes, np.int64)] = True
    number = numbering(~gone)
    tables, claims = {}, {}
    for kind, start in graph.offsets.items():
        table = graph.nodes[kind]
        keep = ~gone[start : start + len(table)]
        tables[kind] = table if keep.all() else table.filter(pa.array(keep))
        if kind in graph.node_claims:
            claims[kind] = graph.node_claims[kind] if keep.all() else _claims_of(graph.node_claims[kind], keep)
    return _renumbered(replace(graph, nodes=tables, node_claims=claims), number)


def _renumbered(graph: Graph, number: Ints) -> Graph:
    """Give every end of a relation its new number; relations with an end −1 fall away."""
    relations, claims = {}, dict(graph.relation_claims)
    for name, table in graph.relations.items():
        src, dst = (number[ends] for ends in graph.ends(name))
        keep = (src >= 0) & (dst >= 0)
        kind = table.schema.field("src").type
        for column, values in (("src", src), ("dst", dst)):
            table = table.set_column(table.column_names.index(column), column, pa.array(values, kind))
        if not keep.all():
            table = table.filter(pa.array(keep))
            if name in claims:
                claims[name] = _claims_of(claims[name], keep)
        relations[name] = table
    return replace(graph, relations=relations, relation_claims=claims)


def _claims_of(claims: pa.Table, keep: Bools) -> pa.Table:
    """Claims about the rows that are kept, pointing at their new places."""
    of = flat(claims["of"]).to_numpy()
    stay = keep[of]
    place = numbering(keep)
    claims = claims.filter(pa.array(stay))
    at = claims.column_names.index("of")
    return claims.set_column(at, "of", pa.array(place[of[stay]], claims.schema.field("of").type))


def _with_edges(graph: Graph, relation: str, pairs: list[tuple[int, int]], source: str) -> Graph:
    table = graph.relations.get(relation)
    if table is None:
        table = pa.table({"src": pa.array([], pa.int32()), "dst": pa.array([], pa.int32())})
    known = set(zip(table["src"].to_pylist(), table["dst"].to_pylist(), strict=True)) if pairs else set()
    pairs = [p for p in pairs if p not in known]
    if not pairs:
        return graph
    kind = table.schema.field("src").type
    rows = pa.table({"src": pa.array([s for s, _ in pairs], kind), "dst": pa.array([d for _, d in pairs], kind)})
    old = graph.relation_claims.get(relation, pa.table({"of": pa.array([], pa.int64())}))
    said = pa.table({"of": pa.array(range(len(table), len(table) + len(pairs)), old.schema.field("of").type),
                     "source": pa.array([source] * len(pairs), pa.string())})  # fmt: skip
    return replace(graph, relations={**graph.relations, relation: _appended(table, rows)},
                   relation_claims={**graph.relation_claims, relation: _appended(old, said)})  # fmt: skip


def _appended(table: pa.Table, rows: pa.Table) -> pa.Table:
    """Put rows below a table; dictionary columns are written out, columns that rows lack are null."""
    plain = pa.table({name: flat(table[name]) for name in table.column_names})
    return pa.concat_tables([plain, rows], promote_options="permissive").combine_chunks()
