"""Tables: the current graph as columns, one table per type, with the claims behind each fact.

``nodes[T]`` has one row an entity, sorted by ``key``; ``relations[R]`` one row a relation,
sorted by ends. ``node_claims``/``relation_claims`` hold who says what: the properties as
claimed, provenance and location; column ``of`` is the row in the table they belong to,
``_stub`` of a node's claim says that it mentions the entity without describing it.
A node's global id is ``offsets[T]`` + its row.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from ..schema.types import LOCATION, Schema
from .arrays import Ints
from .canonical import TableHash, combined, flat

PARTS = ("nodes", "relations", "node_claims", "relation_claims", "statements")
OUTSIDE = frozenset({*LOCATION, "_stub"})
"""Columns that do not count for the canonical hash."""


@dataclass(frozen=True)
class Graph:
    """The whole graph in columns. Equal content has an equal ``hash``."""

    nodes: dict[str, pa.Table]
    relations: dict[str, pa.Table]
    node_claims: dict[str, pa.Table]
    relation_claims: dict[str, pa.Table]
    statements: dict[str, pa.Table]

    @cached_property
    def offsets(self) -> dict[str, int]:
        """First global id of each node type."""
        made, total = {}, 0
        for name, table in self.nodes.items():
            made[name] = total
            total += len(table)
        return made

    def ends(self, relation: str) -> tuple[Ints, Ints]:
        """Return the global ids of the ends of all relations of a type, none where there are none."""
        table = self.relations.get(relation)
        if table is None:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        src, dst = (flat(table[side]).to_numpy().astype(np.int64) for side in ("src", "dst"))
        return src, dst

    @property
    def n_nodes(self) -> int:
        """Number of nodes of all types."""
        return sum(len(t) for t in self.nodes.values())

    @property
    def n_relations(self) -> int:
        """Number of relations of all types."""
        return sum(len(t) for t in self.relations.values())

    @cached_property
    def hash(self) -> str:
        """Canonical SHA-256 over nodes, relations, properties, sources and statements.

        File, sheet, row and load stay outside, so order and format of the input do not count.
        """
        found = {}
        for part in PARTS:
            for name, table in getattr(self, part).items():
                found[f"{part} {name}"] = TableHash(OUTSIDE)
                found[f"{part} {name}"].add(table)
        return combined(found)


def empty(schema: Schema) -> Graph:
    """Return a graph without content."""
    none: dict[str, pa.Table] = {}
    nodes = {n: pa.table({"key": pa.array([], pa.string()), "name": pa.array([], pa.string())})
             for n in schema.nodes}  # fmt: skip
    return Graph(nodes, none, none, none, none)
