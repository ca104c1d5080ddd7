"""Pull: the graph of a server, or one chain of it, back as records that fold to the published hash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ...columns.arrays import Ints
from ...columns.batch import Batch
from ...columns.subgraph import chain_subgraph
from ...fold.fold import Loaded, fold
from ...fold.rebatch import assemble, batch_of, node_records, relation_records, statement_records
from ...schema.errors import StoreError
from ...schema.types import Schema
from ..store import ReadBack
from . import texts as cypher
from .session import Credentials, Server, connect, credentials
from .wire import decode, decode_statements, read_names, statement_names


@dataclass(frozen=True)
class Pulled(ReadBack):
    """A graph read back as records, and what on the server was not taken."""

    foreign_nodes: int
    foreign_relations: int


def pull(
    uri: str, schema: Schema, *, database: str | None = None, auth: Credentials | None = None,
    accept_changes: bool = False, chain: str | None = None,
) -> Pulled:  # fmt: skip
    """Read the graph of a server back as records that fold to the published hash.

    Parameters
    ----------
    accept_changes
        Take the graph as it is, although someone changed it on the server or a publish has
        not finished.
    chain
        Only this chain: its links, what goes into them, who makes them and where
        (``subgraph.chain_subgraph``). The whole graph is read and checked first.

    Returns
    -------
    Pulled
        The batch, the hash of the graph that was published, and how many nodes and relations on the
        server are not ours and were not taken.

    Raises
    ------
    StoreError
        No driver, credentials or server; no graph there; not the graph that was published.
    """
    with connect(uri, auth or credentials(), database) as server:
        state = server.state()
        if not state:
            raise StoreError("neo4j_empty", uri=server.uri)
        if not accept_changes and not state.get("complete"):
            raise StoreError("neo4j_mismatch", uri=server.uri, what="complete = false")
        batch = _Reader(server, schema).batch()
        foreign = server.read(cypher.FOREIGN_NODES)[0][0]
        relations = server.read(cypher.FOREIGN_RELATIONS)[0][0]
    graph = fold([Loaded(1, batch)], schema).graph
    if not accept_changes and graph.hash != state.get("hash"):
        what = f"{str(state.get('hash'))[:12]} → {graph.hash[:12]}"
        raise StoreError("neo4j_mismatch", uri=server.uri, what=what)
    if chain is not None:
        batch = batch_of(chain_subgraph(graph, chain), schema, server.uri)
    return Pulled(batch, graph.hash, foreign, relations)


class _Reader:
    """Reads type by type; relation ends are found by the nodes' ids."""

    def __init__(self, server: Server, schema: Schema) -> None:
        self.server, self.schema = server, schema
        self.there = {row[0]["id"] for row in server.read(cypher.STATES)}
        self.ids: list[Ints] = []
        self.types: list[pa.Array] = []
        self.keys: list[pa.Array] = []

    def batch(self) -> Batch:
        nodes = {name: self._nodes(name) for name in self.schema.nodes}
        ids = np.concatenate(self.ids)
        order = np.argsort(ids, kind="stable")
        at = pa.array(order)
        ends = ids[order], pa.concat_arrays(self.types).take(at), pa.concat_arrays(self.keys).take(at)
        relations = {name: self._relations(name, *ends) for name in self.schema.relations}
        statements = {name: self._statements(name) for name in self.schema.statements}
        parts = [{n: t for n, t in tables.items() if len(t)}
                 for tables in (nodes, relations, statements)]  # fmt: skip
        return assemble(self.server.uri, *parts)

    def _rows(self, group: str, name: str, names: tuple[str, ...]) -> list[list[Any]]:
        there = f"{group} {name}" in self.there
        rows = self.server.read(cypher.pull(group, name, names)) if there else []
        return [list(c) for c in zip(*rows, strict=True)] or [[]] * (3 + len(names))

    def _nodes(self, name: str) -> pa.Table:
        props = self.schema.nodes[name].props
        ids, keys, _, *columns = self._rows("node", name, read_names(props))
        owner, claims = self._decoded(name, decode, props, read_names(props), columns)
        key = self._decoded(name, pa.array, keys, pa.string())
        self.ids.append(np.array(ids, np.int64))
        self.keys.append(key)
        self.types.append(pa.array([name] * len(key), pa.string()))
        stub = claims["_stub"].combine_chunks().fill_null(False).to_numpy(zero_copy_only=False)
        return node_records(props, claims, key.take(pa.array(owner)), stub)

    def _relations(self, name: str, ids: Ints, types: pa.Array, keys: pa.Array) -> pa.Table:
        props = self.schema.relations[name].props
        _, src, dst, *columns = self._rows("relation", name, read_names(props))
        owner, claims = self._decoded(name, decode, props, read_names(props), columns)
        ends = []
        for side in (src, dst):
            end = np.array([-1 if i is None else i for i in side], np.int64)[owner]
            at = np.searchsorted(ids, end).clip(max=max(len(ids) - 1, 0))
            if len(end) and (not len(ids) or (ids[at] != end).any()):
                raise StoreError("neo4j_mismatch", uri=self.server.uri, what=name)
            ends.append((types.take(pa.array(at)), keys.take(pa.array(at))))
        return relation_records(props, claims, *ends)

    def _statements(self, name: str) -> pa.Table:
        props = self.schema.statements[name].props
        names = statement_names(props)
        _, _, _, *columns = self._rows("statement", name, names)
        table = self._decoded(name, decode_statements, props, names, columns)
        return statement_records(props, table)

    def _decoded(self, name: str, how: Callable[..., Any], *values: Any) -> Any:
        """Decode rows; a value of the wrong kind was put there by someone else."""
        try:
            return how(*values)
        except (ValueError, TypeError, AttributeError, pa.ArrowException) as bad:
            what = f"{name}: {str(bad).splitlines()[0]}"
            raise StoreError("neo4j_mismatch", uri=self.server.uri, what=what) from bad
