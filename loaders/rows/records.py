"""Records: the pieces that sheets are turned into, gathered to one Batch."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...graph.columns.arrays import Ints
from ...graph.columns.batch import Batch, Reject, Sheet, Spilled, concat
from ...graph.columns.canonical import codes, flat, pack
from ...graph.columns.spill import SpillFile, SpillRoom
from ...graph.columns.text import name_keys
from ...graph.schema.types import PROVENANCE
from ...graph.schema.words import Said
from ..headers.mapping import SheetMapping

WAITING = 1 << 20  # relation records of a type that wait in memory before they go to disk
MENTIONS = 1 << 17  # mentions of a type and sheet that wait before those said again are dropped


@dataclass
class Gathered:
    """Record tables by type while sheets are read; ``batch`` closes them.

    ``unread`` are sheets that a mapping leaves out, ``strange`` columns of an input–output table
    whose names stand for nothing known.
    """

    sheets: list[Sheet] = field(default_factory=list)
    nodes: dict[str, list[pa.Table]] = field(default_factory=lambda: defaultdict(list))
    relations: dict[str, list[pa.Table]] = field(default_factory=lambda: defaultdict(list))
    statements: dict[str, list[pa.Table]] = field(default_factory=lambda: defaultdict(list))
    rejects: list[Reject] = field(default_factory=list)
    unused: list[tuple[str, str]] = field(default_factory=list)
    passed: list[tuple[str, str, int, str, str]] = field(default_factory=list)
    told: list[Said] = field(default_factory=list)
    persons: Counter[tuple[str, str]] = field(default_factory=Counter)
    twins: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)
    filled: dict[str, dict[str, float]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    homes: dict[tuple[int, int], str | None] = field(default_factory=dict)  # of codes, by sheet and column
    fitted: bool = False
    making_ends: set[int] = field(default_factory=set)
    mapped: dict[tuple[str, ...], list[SheetMapping]] = field(default_factory=dict)
    read_as: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    spill: SpillRoom | None = None
    _spilled: dict[str, SpillFile] = field(default_factory=dict)

    def tell(self, what: str, cells: Counter[str]) -> None:
        """Count cells that were read as something else than they say: marks, zeros given back, verbs of a list."""
        if cells:
            self.read_as[what].update(cells)

    def settle(self) -> None:
        """Write the relation records of a type to disk once they are many; keep a mention once a sheet."""
        for tables in self.nodes.values():
            _once(tables)
        for name, tables in self.relations.items():
            if self.spill is not None and (name in self._spilled or sum(map(len, tables)) > WAITING):
                file = self._spilled.setdefault(name, SpillFile(self.spill.folder(), name))
                for table in tables:
                    file.add(table)
                tables.clear()

    def batch(self) -> Batch:
        """Return everything gathered as one batch."""
        self.settle()
        relations: dict[str, pa.Table | Spilled] = {n: f.finish() for n, f in self._spilled.items()}
        relations |= {name: concat(tables) for name, tables in self.relations.items() if tables}
        nodes, statements = (
            {name: concat(tables) for name, tables in part.items() if tables} for part in (self.nodes, self.statements)
        )
        return Batch(tuple(self.sheets), nodes, relations, statements, tuple(self.rejects))


def _once(tables: list[pa.Table]) -> None:
    """Keep of the mentions that the pieces of one sheet make each once, now and then.

    The row that made a mention again has its relation: it is accounted for by that.
    """
    last = tables[-1] if tables else None
    if last is None or "_stub" not in last.column_names:
        return
    sheet = last["_sheet"][0] if len(last) else None
    alike = 0
    while alike < len(tables) and (one := tables[-1 - alike]).schema.equals(last.schema) and len(one) and (
        one["_sheet"][0] == sheet and pc.all(one["_stub"]).as_py()):  # fmt: skip
        alike += 1
    if alike > 1 and sum(map(len, tables[-alike:])) > MENTIONS:
        whole = concat(tables[-alike:])
        index = first_of_each([whole[c] for c in whole.column_names if c not in ("_row", "_sheet", "_stub")])
        tables[-alike:] = [whole.take(pa.array(index)).combine_chunks()]


@dataclass(frozen=True)
class Rows:
    """Where records come from: sheet, row numbers and provenance, one entry a record."""

    sheet: int
    rows: pa.Array
    provenance: dict[str, pa.Array]

    def take(self, index: Ints) -> Rows:
        """Return these rows for the given records."""
        at = pa.array(index)
        return Rows(self.sheet, self.rows.take(at),
                    {k: v.take(at) for k, v in self.provenance.items()})  # fmt: skip

    def columns(self) -> dict[str, pa.Array]:
        """Return the working and provenance columns of a record table."""
        sheet = pa.array(np.full(len(self.rows), self.sheet, np.int32))
        return {**self.provenance, "_sheet": sheet, "_row": self.rows}


@dataclass(frozen=True)
class End:
    """One end of relation records: key, what the key is, allowed types, chain it belongs to."""

    key: pa.Array
    kind: pa.Array | str
    types: str
    scope: pa.Array | None = None

    def columns(self, side: str) -> dict[str, pa.Array]:
        """Return the working columns of this end."""
        n = len(self.key)
        kind = constant(self.kind, n) if isinstance(self.kind, str) else self.kind
        if not pa.types.is_dictionary(kind.type):
            kind = kind.dictionary_encode()
        made = {side: self.key, f"{side}_kind": kind, f"{side}_type": constant(self.types, n)}
        if self.scope is not None:
            made[f"{side}_scope"] = self.scope
        return made

    def take(self, index: Ints) -> End:
        """Return this end for the given records."""
        at = pa.array(index)
        kind = self.kind if isinstance(self.kind, str) else self.kind.take(at)
        return End(self.key.take(at), kind, self.types, None if self.scope is None else self.scope.take(at))


def constant(value: str, n: int) -> pa.DictionaryArray:
    """Return a dictionary column that holds one value n times."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, np.int8)), pa.array([value], pa.string()))


def relation_table(src: End, dst: End, rows: Rows, props: dict[str, pa.Array] | None = None) -> pa.Table:
    """Return relation records."""
    return pa.table({**src.columns("_src"), **dst.columns("_dst"), **(props or {}), **rows.columns()})


def mention_table(names: pa.Array, rows: Rows, props: dict[str, pa.Array] | None = None) -> pa.Table:
    """Return records of entities that are only named, each (name, provenance) once."""
    keys = name_keys(names)
    named = {"_key": keys, **(props or {})}
    index = first_of_each([*named.values(), *rows.provenance.values()])
    at = pa.array(index)
    made = {"name": flat(names.take(at)), **{k: flat(v.take(at)) for k, v in named.items()}}
    made["_stub"] = pa.array(np.ones(len(index), bool))
    return pa.table({**made, **rows.take(index).columns()})


def first_of_each(columns: list[pa.Array]) -> Ints:
    """Return the first row of each distinct combination, in row order."""
    n = len(columns[0])
    packed = pack([codes(c) for c in columns], n)
    if n and (size := int(packed.max()) + 1) <= 8 * n:
        first = np.full(size, n, np.int64)
        first[packed[::-1]] = np.arange(n - 1, -1, -1)
        return np.sort(first[first < n])
    _, first = np.unique(packed, return_index=True)
    return np.sort(first).astype(np.int64)


def text_constant(value: str | None, n: int) -> pa.Array:
    """Return a text column of one value (null when None)."""
    return constant(value, n) if value is not None else pa.nulls(n, pa.string())


def coded(column: pa.Array) -> pa.DictionaryArray:
    """Trim and dictionary-encode; empty text becomes null."""
    given = column.dictionary_encode()
    values = given.dictionary
    plain = pc.all(pc.string_is_ascii(values)).as_py()
    values = pc.ascii_trim_whitespace(values) if plain else pc.utf8_trim_whitespace(values)
    index = given.indices
    empty = pc.index(values, "").as_py()
    if empty >= 0 or not values.equals(given.dictionary):
        again = values.dictionary_encode()
        index, values = again.indices.take(index), again.dictionary
        empty = pc.index(values, "").as_py()
        if empty >= 0:
            index = pc.if_else(pc.equal(index, empty), pa.scalar(None, pa.int32()), index)
    return pa.DictionaryArray.from_arrays(index, values)


def non_empty(column: pa.Array) -> pa.Array:
    """Trim; empty text becomes null."""
    text = pc.utf8_trim_whitespace(column.cast(pa.string()))
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


__all__ = ["PROVENANCE", "End", "Gathered", "Rows", "coded", "constant", "first_of_each", "mention_table",
           "non_empty", "relation_table", "text_constant"]  # fmt: skip
