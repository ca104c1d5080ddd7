"""Publish: the graph to a server, sending only what differs.

The server keeps, beside the graph (its form: ``wire``), one ``ChainAtlasMeta`` node for
the whole with the canonical hash, and one a type with a fingerprint per bucket of rows. An
unchanged graph costs one small read. Otherwise the rows of the buckets that differ are
compared by id and fingerprint, and what differs is created, updated or deleted in batches:
nodes first, deletions last. Buckets are marked as unknown before anything in them changes,
so an interrupted publish goes on by difference.

Only nodes with the label ``ChainAtlas`` and relations with our ``_id`` are touched. A node
that leaves the graph while relations of others hang on it is not deleted: it loses our
labels and key and stays as ``ChainAtlasLeft``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...columns.arrays import Bools, Ints
from ...columns.tables import Graph
from ...schema.errors import StoreError
from ...schema.types import Schema
from . import texts as cypher
from .diff import Difference, differences
from .session import Changed, Credentials, Server, TooLarge, connect, credentials
from .wire import FORMAT, Part, encode

Progress = Callable[[str, int, int], None]
"""Called with what is being sent (a type), rows done, rows in all."""

_UNKNOWN = -1  # state of a bucket in which something may have changed
_LEAST_SHARED = 0.1


@dataclass(frozen=True)
class Published:
    """What a publish changed on the server.

    ``nodes_left`` are nodes of ours that stay without our labels because relations of others
    hang on them; ``server_writes`` is the sum of the server's own counters.
    """

    hash: str
    nodes_created: int = 0
    nodes_updated: int = 0
    nodes_deleted: int = 0
    nodes_left: int = 0
    relations_created: int = 0
    relations_updated: int = 0
    relations_deleted: int = 0
    batches: int = 0
    server_writes: int = 0

    @property
    def changed(self) -> int:
        """Nodes and relations created, updated or deleted."""
        return (self.nodes_created + self.nodes_updated + self.nodes_deleted + self.nodes_left
                + self.relations_created + self.relations_updated
                + self.relations_deleted)  # fmt: skip


def publish(
    graph: Graph, schema: Schema, uri: str, *, database: str | None = None,
    wipe_other: bool = False, batch_size: int = 10_000, progress: Progress | None = None,
    auth: Credentials | None = None, verify: bool = False,
) -> Published:  # fmt: skip
    """Make the graph on a server equal to this one, sending only what differs.

    Parameters
    ----------
    database
        Default: NEO4J_DATABASE, else the server's default database.
    wipe_other
        Replace a ChainAtlas graph that has little to do with this one: without it a publish
        is refused when fewer than one in ten of the server's entities are in this graph.
    batch_size
        Rows a transaction at most; halved when the server's memory does not suffice.
    auth
        Default: NEO4J_USERNAME and NEO4J_PASSWORD.
    verify
        Compare all rows with the server's, even where its fingerprints are as they should be.

    Raises
    ------
    StoreError
        No driver, credentials or server; another graph or another publisher is there.
    """
    with connect(uri, auth or credentials(), database) as server:
        counts: Counter[str] = Counter()
        options = wipe_other, batch_size, progress
        try:
            _publish(server, graph, schema, verify, options, counts)
        except Changed:  # what the fingerprints vouch for is not there: look at every row
            _publish(server, graph, schema, True, options, counts)
        return Published(graph.hash, **counts, server_writes=server.writes)


def _publish(
    server: Server, graph: Graph, schema: Schema, verify: bool,
    options: tuple[bool, int, Progress | None], counts: Counter[str],
) -> None:  # fmt: skip
    wipe_other, batch_size, progress = options
    state = server.state()
    if not verify and state.get("complete") and ((state.get("hash"), state.get("format")) == (graph.hash, FORMAT)):
        return
    found = differences(server, encode(graph, schema), schema, state, verify)
    if not wipe_other:
        _refuse_other(server, found, state)
    labels = [*schema.nodes, *schema.statements]
    _constraints(server, labels)
    _Publisher(server, graph, found, batch_size, progress, counts).run(state)
    _names_index(server, labels)


def _constraints(server: Server, labels: list[str]) -> None:
    """Make the constraints that are not there yet."""
    there = {row[0] for row in server.read("SHOW CONSTRAINTS YIELD name RETURN name")}
    for name, text in cypher.constraints(labels).items():
        if name not in there:
            server.change(text)


def _names_index(server: Server, labels: list[str]) -> None:
    """Make the full-text index on names, anew when the schema has other types now."""
    there = dict(server.read("SHOW INDEXES YIELD name, labelsOrTypes RETURN name, labelsOrTypes"))
    if set(there.get(cypher.NAMES_INDEX) or ()) == set(labels):
        return
    if cypher.NAMES_INDEX in there:
        server.change(f"DROP INDEX {cypher.quoted(cypher.NAMES_INDEX)}")
    server.change(cypher.names_index(labels))


def _refuse_other(server: Server, found: list[Difference], state: dict[str, Any]) -> None:
    """Refuse to turn a graph into one that shares less than a tenth of its entities."""
    nodes = [one for one in found if one.part.group == "node"]
    shared = sum(one.shared for one in nodes)
    there = shared + sum(len(one.delete) for one in nodes)
    if there and shared < _LEAST_SHARED * there:
        what = f"{there:,}; {str(state.get('hash', ''))[:12]}"
        raise StoreError("neo4j_other", uri=server.uri, found=what)


# writing -------------------------------------------------------------------------------------


class _Publisher:
    """Sends differences in batches: nodes, relations, then deletions the other way round."""

    def __init__(
        self, server: Server, graph: Graph, found: list[Difference], batch_size: int,
        progress: Progress | None, counts: Counter[str],
    ) -> None:  # fmt: skip
        self.server, self.graph, self.found = server, graph, found
        self.batch_size, self.progress, self.counts = batch_size, progress, counts
        self.done, self.total = 0, sum(one.size for one in found)
        self.element = _Elements(graph.n_nodes)

    def run(self, state: dict[str, Any]) -> None:
        self.server.claim(str(state.get("session", "")), int(state.get("step", 0)))
        dirty = [self._meta(one.part, one.dirty) for one in self.found if one.dirty]
        self.server.write([(cypher.DIRTY, {"parts": dirty})])
        nodes = [one for one in self.found if one.part.group != "relation"]
        relations = [one for one in self.found if one.part.group == "relation"]
        for one in (*nodes, *relations):
            self._create(one)
            self._update(one)
        for one in (*relations, *nodes):
            self._delete(one)
        self._finish()

    def _meta(self, part: Part, dirty: list[int]) -> dict[str, Any]:
        buckets = np.array(part.buckets)
        buckets[dirty] = _UNKNOWN
        return {"id": part.key, "group": part.group, "name": part.name, "count": len(part),
                "buckets": buckets.tolist()}  # fmt: skip

    def _finish(self) -> None:
        graph = {"hash": self.graph.hash, "format": FORMAT, "nodes": self.graph.n_nodes,
                 "relations": self.graph.n_relations}  # fmt: skip
        changed = [one.part for one in self.found if one.dirty]
        parts = [self._meta(part, []) for part in changed if len(part)]
        gone = [part.key for part in changed if not len(part)]
        last = [(cypher.FINISH, {"graph": graph, "parts": parts})]
        if gone:
            last.insert(0, (cypher.FORGET, {"ids": gone}))
        self.server.write(last)

    def _create(self, one: Difference) -> None:
        part, text = one.part, cypher.create(one.part)
        start = self.graph.offsets.get(part.name, 0)
        if part.group == "relation":
            self._find_ends(part, one.create)

        def send(rows: slice) -> None:
            index = one.create[rows]
            values: list[Any] = part.rows(index)
            if part.src is not None and part.dst is not None:
                ends = zip(self.element.of(part.src[index]), self.element.of(part.dst[index]), strict=True)
                values = [(*end, *row) for end, row in zip(ends, values, strict=True)]
            record = self._send(text, values)
            if record is not None and part.group == "node":
                made = dict(record["made"])
                self.element.keep(start + index, [made[i] for i in part.ids[index].tolist()])

        self._batched(one, "created", len(one.create), send)

    def _update(self, one: Difference) -> None:
        text = cypher.update(one.part)

        def send(rows: slice) -> None:
            values = one.part.rows(one.update[rows])
            elements = one.update_ids[rows].tolist()
            self._send(text, [(e, *row) for e, row in zip(elements, values, strict=True)])

        self._batched(one, "updated", len(one.update), send)

    def _delete(self, one: Difference) -> None:
        text = cypher.delete(one.part)

        def send(rows: slice) -> None:
            record = self._send(text, one.delete[rows].tolist())
            if record is not None and one.part.group != "relation":
                self.counts["nodes_left"] += record["held"]
                self.counts["nodes_deleted"] -= record["held"]

        self._batched(one, "deleted", len(one.delete), send)

    def _send(self, text: str, rows: list[Any]) -> Any:
        return self.server.write([(text, {"rows": rows})], expected=len(rows))[0]

    def _batched(self, one: Difference, what: str, n: int, send: Callable[[slice], None]) -> None:
        """Send n rows in batches, smaller ones once the server's memory does not suffice."""
        start = 0
        while start < n:
            rows = slice(start, min(start + self.batch_size, n))
            size = rows.stop - rows.start
            try:
                send(rows)
            except TooLarge as bad:
                if size == 1:
                    raise StoreError("neo4j_failed", uri=self.server.uri,
                                     reason=bad.__cause__ or bad) from bad  # fmt: skip
                self.batch_size = size // 2
                continue
            start = rows.stop
            self.done += size
            self.counts["batches"] += 1
            kind = "relations" if one.part.group == "relation" else "nodes"
            self.counts[f"{kind}_{what}"] += size
            if self.progress is not None:
                self.progress(one.part.name, self.done, self.total)

    def _find_ends(self, part: Part, rows: Ints) -> None:
        """Look up the element ids of ends that this publish did not create."""
        assert part.src is not None
        assert part.dst is not None
        ends = np.unique(np.concatenate([part.src[rows], part.dst[rows]]))
        ends = ends[~self.element.known(ends)]
        for one in self.found:
            if not len(ends) or one.part.group != "node" or not len(one.part):
                continue
            start = self.graph.offsets[one.part.name]
            mine = ends[(ends >= start) & (ends < start + len(one.part))]
            for at in range(0, len(mine), self.batch_size):
                index = mine[at : at + self.batch_size] - start
                keys = one.part.columns_of(index)["key"].to_pylist()
                found = dict(self.server.read(cypher.find(one.part.name), keys=keys))
                ids = one.part.ids[index].tolist()
                if not all(i in found for i in ids):
                    raise Changed
                self.element.keep(start + index, [found[i] for i in ids])


class _Elements:
    """Element ids of nodes by their number in the graph, eight bytes each: their common front is kept once."""

    def __init__(self, n: int) -> None:
        self._tail = np.full(n, -1, np.int64)
        self._front = ""

    def keep(self, nodes: Ints, ids: list[str]) -> None:
        """Note the element ids of some nodes.

        Raises
        ------
        Changed
            The ids do not look alike: the database was replaced meanwhile.
        """
        fronts, tails = zip(*(i.rsplit(":", 1) for i in ids), strict=True)
        self._front = self._front or fronts[0]
        if set(fronts) != {self._front}:
            raise Changed
        self._tail[nodes] = np.array(tails, np.int64)

    def known(self, nodes: Ints) -> Bools:
        """Tell which nodes have one."""
        return self._tail[nodes] >= 0

    def of(self, nodes: Ints) -> list[str]:
        """Return the element ids of some nodes."""
        return [f"{self._front}:{tail}" for tail in self._tail[nodes].tolist()]
