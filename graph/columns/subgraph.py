"""Subgraph: one chain with what it is made of, who makes it, and where they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..schema.errors import QueryError
from .arrays import Bools
from .canonical import flat
from .changes import without
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
    places, clusters and industries that those stand in; and the words of all firms (products that are
    a link of no chain, business texts), since any of them may mean one of its links. Relations between
    chosen nodes stay, statements about other chains go.

    Raises
    ------
    QueryError
        No chain, or several, of that name.
    """
    chain = _chain(graph, name)
    core = np.zeros(graph.n_nodes, bool)
    core[chain] = True
    links, of = graph.ends("IN_CHAIN")
    core[links[of == chain]] = True
    _close(graph, core, _MADE_OF)
    chosen = core.copy()
    for relation in graph.relations:
        src, dst = graph.ends(relation)
        # What a chosen link goes into, or other chains that share it, is not part of this one.
        if relation not in ("IN_CHAIN", "INPUT_OF"):
            chosen[src[core[dst]]] = True
    chosen |= _words(graph)
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


def _words(graph: Graph) -> Bools:
    """Tell the firms that say in words of their own what they make, and these words."""
    said = np.zeros(graph.n_nodes, bool)
    products = range(graph.offsets["Product"], graph.offsets["Product"] + len(graph.nodes["Product"]))
    plain = np.zeros(graph.n_nodes, bool)
    plain[products.start : products.stop] = True
    plain[graph.ends("IN_CHAIN")[0]] = False
    firm, product = graph.ends("PRODUCES")
    mine = plain[product]
    said[firm[mine]] = said[product[mine]] = True
    firms = graph.nodes["Enterprise"]
    for text in ("main_business", "business_scope"):
        if text in firms.column_names:
            has = firms[text].is_valid().to_numpy(zero_copy_only=False).astype(bool)
            said[graph.offsets["Enterprise"] + np.flatnonzero(has)] = True
    return said


def _close(graph: Graph, chosen: Bools, ways: tuple[tuple[str, bool], ...]) -> None:
    """Add what is reached from the chosen nodes by these relations, until nothing is."""
    pairs = [graph.ends(relation)[:: -1 if backward else 1] for relation, backward in ways]
    here, there = (np.concatenate(ends) for ends in zip(*pairs, strict=True))
    chosen |= reached(here, there, chosen)


def _restricted(graph: Graph, chosen: Bools, chain: str) -> Graph:
    part = without(graph, np.flatnonzero(~chosen))
    relations = {name: table for name, table in part.relations.items() if len(table)}
    claims = {name: table for name, table in part.relation_claims.items() if name in relations}
    statements = {name: _about(table, chain) for name, table in graph.statements.items()}
    statements = {name: table for name, table in statements.items() if len(table)}
    return replace(part, relations=relations, relation_claims=claims, statements=statements)


def _about(table: pa.Table, chain: str) -> pa.Table:
    """Statements that speak of this chain, or of no chain in particular."""
    for column in ("chain", "subject"):
        if column in table.column_names:
            said = flat(table[column]).cast(pa.string())
            mine = pc.equal(name_keys(said), name_key(chain)).fill_null(True)
            table = table.filter(mine)
    return table
