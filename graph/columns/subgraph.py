"""Subgraph: one chain with what it is made of, who makes it, and where they are."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..schema.errors import QueryError
from .arrays import Bools, Ints, numbering
from .canonical import flat
from .tables import Graph
from .text import name_key, name_keys
from .walks import reached

# Followed from what is chosen to what it is made of: (relation, from its end to its start).
_MADE_OF = (("INPUT_OF", True), ("KIND_OF", True), ("REQUIRES", False))
# Followed from whoever is chosen to where it stands and what it belongs to.
_STANDS_IN = ("LOCATED_IN", "IN_CLUSTER", "IN_INDUSTRY", "PART_OF", "SUCCEEDED_BY")


def chain_subgraph(graph: Graph, name: str) -> Graph:
    """Return a chain's part of a graph.

    Its links, all that goes into them by any way, the technologies these require, everything
    that is related to one of them directly (makers, services, clusters, patents …), and the
    places, clusters and industries that those stand in. Relations between chosen nodes stay,
    statements about other chains go.

    Raises
    ------
    QueryError
        No chain, or several, of that name.
    """
    chain = _chain(graph, name)
    core = np.zeros(graph.n_nodes, bool)
    core[chain] = True
    links, of = _edges(graph, "IN_CHAIN")
    core[links[of == chain]] = True
    _close(graph, core, _MADE_OF)
    chosen = core.copy()
    for relation in graph.relations:
        src, dst = _edges(graph, relation)
        # What a chosen link goes into, or other chains that share it, is not part of this one.
        if relation not in ("IN_CHAIN", "INPUT_OF"):
            chosen[src[core[dst]]] = True
    _close(graph, chosen, tuple((relation, False) for relation in _STANDS_IN))
    return _restricted(graph, chosen, name)


def _chain(graph: Graph, name: str) -> int:
    table = graph.nodes["Chain"]
    names = name_keys(flat(table["name"]))
    found = np.flatnonzero(pc.equal(names, name_key(name)).fill_null(False).to_numpy(zero_copy_only=False))
    if len(found) != 1:
        known = "、".join(sorted(n for n in flat(table["name"]).to_pylist() if n)[:12]) or "—"
        raise QueryError("entity_several" if len(found) else "entity_unknown", name=name, type="链", near=known)
    return graph.offsets["Chain"] + int(found[0])


def _edges(graph: Graph, relation: str) -> tuple[Ints, Ints]:
    table = graph.relations.get(relation)
    if table is None:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    src, dst = (flat(table[side]).to_numpy().astype(np.int64) for side in ("src", "dst"))
    return src, dst


def _close(graph: Graph, chosen: Bools, ways: tuple[tuple[str, bool], ...]) -> None:
    """Add what is reached from the chosen nodes by these relations, until nothing is."""
    pairs = [_edges(graph, relation)[:: -1 if backward else 1] for relation, backward in ways]
    here, there = (np.concatenate(ends) for ends in zip(*pairs, strict=True))
    chosen |= reached(here, there, chosen)


def _restricted(graph: Graph, chosen: Bools, chain: str) -> Graph:
    number = numbering(chosen)
    nodes, node_claims, relations, relation_claims = {}, {}, {}, {}
    for kind, table in graph.nodes.items():
        start = graph.offsets[kind]
        kept = chosen[start : start + len(table)]
        nodes[kind] = table.filter(pa.array(kept))
        if kind in graph.node_claims:
            node_claims[kind] = _claims(graph.node_claims[kind], kept)
    for name, table in graph.relations.items():
        src, dst = _edges(graph, name)
        kept = chosen[src] & chosen[dst]
        if not kept.any():
            continue
        part = table.filter(pa.array(kept))
        for side, ends in (("src", src), ("dst", dst)):
            at = part.column_names.index(side)
            part = part.set_column(at, side, pa.array(number[ends[kept]].astype(np.int32)))
        relations[name] = part
        relation_claims[name] = _claims(graph.relation_claims[name], kept)
    statements = {name: _about(table, chain) for name, table in graph.statements.items()}
    return Graph(nodes, relations, node_claims, relation_claims,
                 {name: table for name, table in statements.items() if len(table)})  # fmt: skip


def _claims(claims: pa.Table, kept: Bools) -> pa.Table:
    """Claims of the rows that are kept, numbered anew."""
    of = flat(claims["of"]).to_numpy()
    mine = kept[of]
    number = numbering(kept)[of[mine]]
    at = claims.column_names.index("of")
    of_type = claims.schema.field("of").type
    return claims.filter(pa.array(mine)).set_column(at, "of", pa.array(number).cast(of_type))


def _about(table: pa.Table, chain: str) -> pa.Table:
    """Statements that speak of this chain, or of no chain in particular."""
    for column in ("chain", "subject"):
        if column in table.column_names:
            said = flat(table[column]).cast(pa.string())
            mine = pc.equal(name_keys(said), name_key(chain)).fill_null(True)
            table = table.filter(mine)
    return table
