"""Batch: what a loader hands to the journal, one Arrow table per node, relation and statement type.

Record tables carry the schema's properties and provenance plus these working columns:

nodes
    ``_key`` match key of the name, ``_scope`` chains of a product (list separator),
    ``_scoped`` identity is chain + name, ``_stub`` only mentioned, not described, ``_entity``
    key of the entity where the record was read back from a graph.
relations
    ``_src``/``_dst`` key of the end, ``_src_kind``/``_dst_kind`` what the key is (``name``, a
    code property, or ``_entity``: the entity's own key), ``_src_type``/``_dst_type`` allowed
    types joined by ``|``, ``_src_scope``/``_dst_scope`` chain that the end belongs to.
all
    ``_sheet`` index into ``Batch.sheets``, ``_row`` row as Excel shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ENDS = ("_src", "_src_kind", "_src_type", "_src_scope", "_dst", "_dst_kind", "_dst_type", "_dst_scope")
PLACE = ("_sheet", "_row")


@dataclass(frozen=True)
class Sheet:
    """One sheet that was read, with its row count for the conservation check."""

    file: str
    sheet: str
    type: str
    read: int


@dataclass(frozen=True)
class Reject:
    """One cell or row that was refused, as people will see it."""

    sheet: int
    row: int
    column: str
    value: str
    code: str
    values: dict[str, str] = field(default_factory=dict)
    whole_row: bool = True


@dataclass(frozen=True)
class Spilled:
    """Records of a type on disk (Parquet), read back a row group at a time."""

    paths: tuple[Path, ...]
    rows: int

    def __len__(self) -> int:
        return self.rows


def in_memory(records: pa.Table | Spilled) -> pa.Table:
    """Return records as a table, read whole where they lie on disk."""
    if isinstance(records, Spilled):
        return concat([pq.read_table(path) for path in records.paths])
    return records


@dataclass(frozen=True)
class Batch:
    """Records of one load, typed, with the place where each stands."""

    sheets: tuple[Sheet, ...]
    nodes: dict[str, pa.Table]
    relations: dict[str, pa.Table | Spilled]
    statements: dict[str, pa.Table]
    rejects: tuple[Reject, ...] = ()


def concat(tables: Sequence[pa.Table]) -> pa.Table:
    """Stack record tables; a column that one of them lacks becomes null there.

    A text column that is a dictionary in some tables and plain in others becomes plain.
    """
    plain = {f.name for t in tables for f in t.schema if pa.types.is_string(f.type)}
    return pa.concat_tables([_plain(t, plain) for t in tables], promote_options="permissive")


def _plain(table: pa.Table, names: set[str]) -> pa.Table:
    for at, field_ in enumerate(table.schema):
        if field_.name in names and pa.types.is_dictionary(field_.type):
            table = table.set_column(at, field_.name, table.column(at).cast(pa.string()))
    return table
