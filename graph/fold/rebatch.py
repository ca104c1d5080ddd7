"""Rebatch: a graph turned back into the records it was folded from, ready for a journal.

Every claim becomes one record that names its entity by key (``_entity``), so that folding
the batch alone gives the graph with the same canonical hash, whatever merged its entities
before. Pulling from a server and reading an exchange format end here.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..columns.arrays import Bools, Ints
from ..columns.batch import Batch, Sheet
from ..columns.canonical import flat
from ..columns.tables import Graph
from ..columns.text import LIST_SEPARATOR, name_keys
from ..identity.resolve import EXACT
from ..schema.types import PROVENANCE, Property, Schema


def batch_of(graph: Graph, schema: Schema, file: str = "graph") -> Batch:
    """Return the records of a graph.

    Parameters
    ----------
    graph
        Any graph of this schema.
    file
        What the records give as their file; each type is one sheet of it.

    Returns
    -------
    Batch
        ``fold([Loaded(1, batch_of(graph, schema))], schema).graph.hash == graph.hash``.
    """
    touched = _touched(graph)
    nodes = {}
    for name, claims in graph.node_claims.items():
        of = flat(claims["of"])
        keys = flat(graph.nodes[name]["key"]).take(of)
        stub = _mentioned(claims, of.to_numpy(), touched[name])
        nodes[name] = node_records(schema.nodes[name].props, claims, keys, stub)
    kinds, keys = _global_ends(graph)
    relations = {}
    for name, claims in graph.relation_claims.items():
        table, of = graph.relations[name], flat(claims["of"])
        ends = [flat(table[side]).take(of) for side in ("src", "dst")]
        relations[name] = relation_records(
            schema.relations[name].props, claims,
            (kinds.take(ends[0]), keys.take(ends[0])), (kinds.take(ends[1]), keys.take(ends[1])),
        )  # fmt: skip
    statements = {name: statement_records(schema.statements[name].props, table)
                  for name, table in graph.statements.items()}  # fmt: skip
    return assemble(file, nodes, relations, statements)


def assemble(
    file: str, nodes: dict[str, pa.Table], relations: dict[str, pa.Table],
    statements: dict[str, pa.Table],
) -> Batch:  # fmt: skip
    """Number the records, one sheet a type, and give products the chains that they stand in."""
    if "Product" in nodes and "IN_CHAIN" in relations:
        nodes = nodes | {"Product": _scoped(nodes["Product"], relations["IN_CHAIN"])}
    sheets: list[Sheet] = []
    parts: list[dict[str, pa.Table]] = []
    for tables in (nodes, relations, statements):
        placed = {}
        for name, table in tables.items():
            n = len(table)
            sheet = pa.array(np.full(n, len(sheets), np.int32))
            row = pa.array(np.arange(1, n + 1, dtype=np.int32))
            placed[name] = table.append_column("_sheet", sheet).append_column("_row", row)
            sheets.append(Sheet(file, name, name, n))
        parts.append(placed)
    return Batch(tuple(sheets), parts[0], parts[1], parts[2])


def node_records(props: Mapping[str, Property], claims: pa.Table, keys: pa.Array, stub: Bools) -> pa.Table:
    """Return one record a claim of one node type, its entity given by ``keys``."""
    columns = _claimed(props, claims)
    names = columns.get("name", pa.nulls(len(claims), pa.string()))
    columns |= {EXACT: keys, "_key": name_keys(names), "_stub": pa.array(stub)}
    return pa.table(columns)


def relation_records(
    props: Mapping[str, Property], claims: pa.Table, src: tuple[pa.Array, pa.Array],
    dst: tuple[pa.Array, pa.Array],
) -> pa.Table:  # fmt: skip
    """Return one record a claim of one relation type; an end is its type and key."""
    columns = _claimed(props, claims)
    kind = pa.array([EXACT], pa.string()).take(pa.array(np.zeros(len(claims), np.int32)))
    for side, (types, keys) in (("_src", src), ("_dst", dst)):
        columns |= {side: keys, f"{side}_kind": kind, f"{side}_type": types}
    return pa.table(columns)


def statement_records(props: Mapping[str, Property], table: pa.Table) -> pa.Table:
    """Return one record a statement."""
    return pa.table(_claimed(props, table))


def _claimed(props: Mapping[str, Property], claims: pa.Table) -> dict[str, pa.Array]:
    names = dict.fromkeys((*props, *PROVENANCE))
    return {c: flat(claims[c]) for c in names if c in claims.column_names}


def _touched(graph: Graph) -> dict[str, Bools]:
    """Mark the entities of each type at which a relation of the graph ends."""
    hit = np.zeros(graph.n_nodes, bool)
    for table in graph.relations.values():
        for side in ("src", "dst"):
            hit[flat(table[side]).to_numpy()] = True
    return {name: hit[start : start + len(graph.nodes[name])]
            for name, start in graph.offsets.items()}  # fmt: skip


def _mentioned(claims: pa.Table, of: Ints, touched: Bools) -> Bools:
    """Return which claims only mention; an entity that nothing else holds counts as described."""
    if "_stub" not in claims.column_names:
        return np.zeros(len(claims), bool)
    stub: Bools = flat(claims["_stub"]).fill_null(False).to_numpy(zero_copy_only=False)
    described = np.zeros(len(touched), bool)
    described[of[~stub]] = True
    return stub & (described | touched)[of]


def _global_ends(graph: Graph) -> tuple[pa.Array, pa.Array]:
    """Return type and key of every node by its global id."""
    keys = [flat(table["key"]).cast(pa.string()) for table in graph.nodes.values()]
    number = np.repeat(np.arange(len(keys)), [len(k) for k in keys])
    names = pa.array(list(graph.nodes), pa.string())
    return names.take(pa.array(number)), pa.concat_arrays(keys)


def _scoped(products: pa.Table, in_chain: pa.Table) -> pa.Table:
    """Add ``_scope``: the chains that the graph puts a product in, so later rows find it there."""
    mine = pc.and_(pc.equal(in_chain["_src_type"], "Product"),
                   pc.equal(in_chain["_dst_type"], "Chain"))  # fmt: skip
    pairs = in_chain.filter(mine)
    chains: dict[str, set[str]] = {}
    tails = pc.replace_substring_regex(flat(pairs["_dst"]), "^[^:]*:", "")
    for product, chain in zip(pairs["_src"].to_pylist(), tails.to_pylist(), strict=True):
        chains.setdefault(product, set()).add(chain)
    scope = [LIST_SEPARATOR.join(sorted(chains[key])) if key in chains else None
             for key in products[EXACT].to_pylist()]  # fmt: skip
    return products.append_column("_scope", pa.array(scope, pa.string()))
