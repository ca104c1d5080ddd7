"""Wire: how the graph looks inside Neo4j, as columns to send and as rows read back.

A node has its type as label, the marker label ``ChainAtlas``, ``key``, ``name`` and its
properties; lists are lists, nulls are left out. ``source``, ``source_ref``, ``as_of`` and
``confidence`` are parallel lists over the distinct sources of a fact ('' or NaN where one
says nothing). Names that begin with ``_`` are ours: ``_id`` (who it is) and ``_fp`` (what
it says) as 63-bit hashes, ``_claims`` (each claim as JSON, where the merged properties are
not all there is to say), ``_stub`` (only mentioned), ``_rows`` (where each claim stands; not
part of the fingerprint). Statements are nodes of their own label.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, repeat
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...columns.arrays import Bools, Ints, offsets, ranges
from ...columns.canonical import codes, flat, pack
from ...columns.tables import Graph
from ...columns.text import LIST_SEPARATOR
from ...schema.types import LOCATION, PROVENANCE, Property, Schema

Columns = Callable[[Ints], dict[str, pa.Array]]
"""Makes the properties of some rows of a type, those that none of them has left out."""
FORMAT = 1
"""Version of this form; a graph written in another one is compared row by row."""
BUCKETS = 64
MARKER, META = "ChainAtlas", "ChainAtlasMeta"
GROUPS = ("node", "statement", "relation")
_LONGEST_KEY = 4000  # bytes; Neo4j's indexes refuse values beyond about 8,000
_SLICE = 50_000  # rows that are held in the server's form at once
_OURS = ("_claims", "_stub", "_rows")


@dataclass(frozen=True)
class Part:
    """All rows of one type as they go to the server, with what tells them apart.

    ``columns_of`` makes the properties of some rows: a graph of millions is never held in its
    server's form as a whole. ``names`` are the properties that any row has.
    """

    group: str
    name: str
    ids: Ints
    fps: Ints
    names: tuple[str, ...]
    props: tuple[str, ...]
    columns_of: Columns
    src: Ints | None = None
    dst: Ints | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def key(self) -> str:
        """Name of this part in the graph's own records."""
        return f"{self.group} {self.name}"

    @cached_property
    def buckets(self) -> list[int]:
        """One fingerprint a bucket of ids, 0 for an empty one."""
        order = np.lexsort((self.ids, self.ids % BUCKETS))
        pairs = np.stack([self.ids[order], self.fps[order]], axis=1).astype("<i8")
        cut = np.searchsorted(self.ids[order] % BUCKETS, np.arange(BUCKETS + 1))
        return [_number(pairs[a:b].tobytes()) if b > a else 0
                for a, b in pairwise(cut)]  # fmt: skip

    def rows(self, index: Ints) -> list[tuple[Any, ...]]:
        """Return (id, fingerprint, property, …) of some rows, as the driver takes them."""
        made = self.columns_of(index)
        nothing = list(repeat(None, len(index)))
        values = [_python(made[name]) if name in made else nothing for name in self.names]
        return list(zip(self.ids[index].tolist(), self.fps[index].tolist(), *values, strict=True))


def encode(graph: Graph, schema: Schema) -> list[Part]:
    """Return the parts of a graph: nodes, statements, then relations."""
    nodes = [_node(name, graph, schema.nodes[name].props) for name in graph.nodes]
    ids = np.concatenate([part.ids for part in nodes])
    statements = [_statement(name, table, schema.statements[name].props)
                  for name, table in graph.statements.items()]  # fmt: skip
    relations = [_relation(name, graph, schema.relations[name].props, ids)
                 for name in graph.relations]  # fmt: skip
    return [*nodes, *statements, *relations]


def shown(graph: Graph, schema: Schema) -> Iterator[tuple[str, str, dict[str, pa.Array]]]:
    """Yield group, name and columns of each type as queries see them: without what is ours (``_…``).

    Nodes and statements have a ``key``; rows are those of the graph's tables.
    """
    for name, table in graph.nodes.items():
        if len(table) and name in graph.node_claims:
            columns = _shown(table, *_by_subject(graph.node_claims[name]), schema.nodes[name].props)
            yield "node", name, {"key": flat(table["key"]).cast(pa.string()), **_said(columns)}
    for name, table in graph.statements.items():
        if len(table):
            columns = _statement(name, table, schema.statements[name].props).columns_of(np.arange(len(table)))
            yield "statement", name, {c: v for c, v in columns.items() if not c.startswith("_")}
    for name, table in graph.relations.items():
        yield "relation", name, _said(_shown(table, *_by_subject(graph.relation_claims[name]),
                                             schema.relations[name].props))  # fmt: skip


def _said(columns: dict[str, pa.Array]) -> dict[str, pa.Array]:
    return {name: column for name, column in columns.items() if column.null_count < len(column)}


def empty_part(group: str, name: str) -> Part:
    """Return the part of a type that the graph no longer has."""
    none = np.zeros(0, np.int64)
    return Part(group, name, none, none, (), (), lambda index: {}, none, none)


def property_names(group: str, props: Sequence[str]) -> tuple[str, ...]:
    """Return every property that a row of this group may have on the server."""
    keys = () if group == "relation" else ("key", "_key")
    own = [stored(p) for p in props if p not in PROVENANCE]
    return (*keys, *own, *PROVENANCE, *_OURS)


def stored(name: str) -> str:
    """Return the property that holds a property of the schema: ``key`` is taken."""
    return "_prop_key" if name == "key" else name


def _node(name: str, graph: Graph, props: Mapping[str, Property]) -> Part:
    table = graph.nodes[name]
    claims = graph.node_claims.get(name)
    n = len(table)
    if claims is None or not n:
        return empty_part("node", name)
    keys = flat(table["key"])
    ids = _distinct(_scanned(lambda index: _numbers(
        pc.binary_join_element_wise(name, keys.take(pa.array(index)).cast(pa.string()), "\x00")), n))  # fmt: skip
    told = _Told(table, claims, props)

    def columns_of(index: Ints) -> dict[str, pa.Array]:
        return _keyed(keys.take(pa.array(index)).cast(pa.string()), ids[index]) | told(index)

    fps, names = _fingerprints(columns_of, n)
    return Part("node", name, ids, fps, _ordered("node", props, names), tuple(props), columns_of)


def _relation(name: str, graph: Graph, props: Mapping[str, Property], nodes: Ints) -> Part:
    table = graph.relations[name]
    n = len(table)
    src, dst = (flat(table[side]).to_numpy() for side in ("src", "dst"))
    own = {p.name: flat(table[p.name]) for p in props.values() if p.identifying and p.name in table.column_names}

    def named(index: Ints) -> dict[str, pa.Array]:
        ends = {"src": pa.array(nodes[src[index]]), "dst": pa.array(nodes[dst[index]])}
        return ends | {c: column.take(pa.array(index)) for c, column in own.items()}

    told = _Told(table, graph.relation_claims[name], props)
    fps, names = _fingerprints(told, n)
    return Part("relation", name, _distinct(_fingerprints(named, n)[0]), fps, _ordered("relation", props, names),
                tuple(props), told, src, dst)  # fmt: skip


def _statement(name: str, table: pa.Table, props: Mapping[str, Property]) -> Part:
    names = [c for c in dict.fromkeys((*props, *PROVENANCE)) if c in table.column_names]
    said = {stored(c): _sent(flat(table[c]), props[c]) if c in props else flat(table[c])
            for c in names}  # fmt: skip
    said = {c: column for c, column in said.items() if column.null_count < len(column)}
    fps, _ = _fingerprints(lambda index: _taken(said, index), len(table))
    ids = _distinct(fps)
    keys = pa.array([f"{name}:{number:016x}" for number in ids.tolist()], pa.string())
    each = np.arange(len(table) + 1, dtype=np.int32)
    columns = {"key": keys, **said, "_rows": pa.ListArray.from_arrays(each, _places(table))}
    return Part("statement", name, ids, fps, tuple(columns), tuple(props), lambda index: _taken(columns, index))


def _taken(columns: Mapping[str, pa.Array], index: Ints) -> dict[str, pa.Array]:
    return {name: column.take(pa.array(index)) for name, column in columns.items()}


def _ordered(group: str, props: Mapping[str, Property], found: set[str]) -> tuple[str, ...]:
    return tuple(name for name in property_names(group, tuple(props)) if name in found)


def _keyed(keys: pa.Array, ids: Ints) -> dict[str, pa.Array]:
    """Return ``key``, shortened with its hash where an index could not hold it (``_key`` has it)."""
    long = pc.greater(pc.binary_length(keys), _LONGEST_KEY)
    if not pc.any(long).as_py():
        return {"key": keys}
    tail = pa.array([f"…{number:016x}" for number in ids.tolist()], pa.string())
    head = pc.utf8_slice_codeunits(keys, 0, _LONGEST_KEY // 8)
    short = pc.binary_join_element_wise(head, tail, "")
    return {"key": pc.if_else(long, short, keys), "_key": pc.if_else(long, keys, None)}


# columns of what is claimed ------------------------------------------------------------------


class _Told:
    """Entities or relations with who says what, made into columns for some rows at a time."""

    def __init__(self, view: pa.Table, claims: pa.Table, props: Mapping[str, Property]) -> None:
        of = flat(claims["of"]).to_numpy()
        if len(of) and (of[1:] < of[:-1]).any():
            order = np.argsort(of, kind="stable")
            claims, of = claims.take(pa.array(order)), of[order]
        self.view, self.claims, self.props = view, claims, props
        self.first = np.searchsorted(of, np.arange(len(view) + 1)).astype(np.int64)

    def __call__(self, index: Ints) -> dict[str, pa.Array]:
        """Return merged view, sources, claims and places of these rows; what none has is left out."""
        start, stop = self.first[index], self.first[index + 1]
        size = stop - start
        of = np.repeat(np.arange(len(index)), size)
        if len(index) and (np.diff(index) == 1).all():  # rows in one run: nothing is copied
            view = self.view.slice(int(index[0]), len(index))
            claims = self.claims.slice(int(start[0]), int(stop[-1] - start[0]))
        else:
            rows = ranges(start, stop)
            view, claims = self.view.take(pa.array(index)), self.claims.take(pa.array(rows))
        return _subjects(view, claims, of, self.props)


def _subjects(view: pa.Table, claims: pa.Table, of: Ints, props: Mapping[str, Property]) -> dict[str, pa.Array]:
    columns = _shown(view, claims, of, props)
    whole = _told_in_full(view, claims, of)
    columns["_claims"] = _claims(claims, of, whole, props)
    columns["_stub"] = _stubs(claims, of, whole)
    columns["_rows"] = _grouped(_places(claims), of, len(view))
    return {name: column for name, column in columns.items() if column.null_count < len(column)}


def _by_subject(claims: pa.Table) -> tuple[pa.Table, Ints]:
    of = flat(claims["of"]).to_numpy().astype(np.int64)
    if len(of) and (of[1:] < of[:-1]).any():
        order = np.argsort(of, kind="stable")
        return claims.take(pa.array(order)), of[order]
    return claims, of


def _shown(view: pa.Table, claims: pa.Table, of: Ints, props: Mapping[str, Property]) -> dict[str, pa.Array]:
    """Return what people see of entities or relations: the merged view and the sources."""
    columns = {stored(p.name): _sent(flat(view[p.name]), p) for p in props.values()
               if p.name in view.column_names and p.name not in PROVENANCE}  # fmt: skip
    if "name" in view.column_names:
        columns["name"] = flat(view["name"])
    return columns | _sources(claims, of, len(view))


def _sent(column: pa.Array, prop: Property) -> pa.Array:
    return pc.split_pattern(column, LIST_SEPARATOR) if prop.type == "list" else column


def _told_in_full(view: pa.Table, claims: pa.Table, of: Ints) -> Bools:
    """Return where the merged properties are the one claim that there is."""
    whole: Bools = np.bincount(of, minlength=len(view)) == 1
    if "key" in view.column_names:
        nameless = np.ones(len(of), bool)
        if "name" in claims.column_names:
            nameless = flat(claims["name"]).is_null().to_numpy(zero_copy_only=False)
        whole[of[nameless]] = False
    return whole


def _sources(claims: pa.Table, of: Ints, n: int) -> dict[str, pa.Array]:
    """Return the provenance columns as parallel lists over the distinct sources of each subject."""
    present = [c for c in PROVENANCE if c in claims.column_names]
    packed = pack([(of, n + 1), *(codes(claims[c]) for c in present)], len(of))
    index = np.unique(packed, return_index=True)[1]
    index = index[np.argsort(of[index], kind="stable")]
    made = {}
    for name in present:
        values = flat(claims[name]).take(pa.array(index))
        said = np.zeros(n, bool)
        said[of[index][values.is_valid().to_numpy(zero_copy_only=False)]] = True
        blank: Any = "" if pa.types.is_string(values.type) else float("nan")
        made[name] = _grouped(values.fill_null(blank), of[index], n, ~said)
    return made


def _grouped(values: pa.Array, of: Ints, n: int, nothing: Bools | None = None) -> pa.Array:
    """Return one list a subject of values sorted by subject, null where ``nothing``."""
    bounds = offsets(np.bincount(of, minlength=n)).astype(np.int32)
    if nothing is None:
        return pa.ListArray.from_arrays(bounds, values)
    return pa.ListArray.from_arrays(bounds, values, mask=pa.array(nothing))


def _claims(claims: pa.Table, of: Ints, whole: Bools, props: Mapping[str, Property]) -> pa.Array:
    """Return the claims of each subject as canonical JSON where it is not told in full."""
    index = np.flatnonzero(~whole[of])
    names = [c for c in claims.column_names if c not in ("of", *LOCATION)]
    columns = [_python(_sent(values, props[c]) if c in props else values) for c, values in
               ((c, flat(claims[c]).take(pa.array(index))) for c in names)]  # fmt: skip
    texts = []
    for row in zip(*columns, strict=True):
        said = {c: v for c, v in zip(names, row, strict=True)
                if v is not None and (c != "_stub" or v)}  # fmt: skip
        texts.append(json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")))
    return _grouped(pa.array(texts, pa.string()), of[index], len(whole), whole)


def _stubs(claims: pa.Table, of: Ints, whole: Bools) -> pa.Array:
    if "_stub" not in claims.column_names:
        return pa.nulls(len(whole), pa.bool_())
    stub = flat(claims["_stub"]).fill_null(False).to_numpy(zero_copy_only=False)
    mask = np.zeros(len(whole), bool)
    mask[of[stub]] = True
    mask &= whole
    return pa.array(mask, mask=~mask)


def _places(claims: pa.Table) -> pa.Array:
    """Return file › sheet › row (load) of each claim, for people."""
    file, sheet, row, load = (flat(claims[c]).cast(pa.string()).fill_null("?") for c in LOCATION)
    place = pc.binary_join_element_wise(file, sheet, row, " › ")
    return pc.binary_join_element_wise(place, pc.binary_join_element_wise("(", load, ")", ""), " ")


def _python(column: pa.Array) -> list[Any]:
    if column.null_count == len(column):
        return list(repeat(None, len(column)))
    made: list[Any] = column.to_pylist()
    return made


# hashes --------------------------------------------------------------------------------------


def _number(data: bytes) -> int:
    return int.from_bytes(hashlib.sha256(data).digest()[:8], "big") >> 1


def _numbers(texts: pa.Array) -> Ints:
    """Return SHA-256 of each text, cut to 63 bits."""
    sha = hashlib.sha256
    data = b"".join([sha(t).digest()[:8] for t in texts.cast(pa.binary()).to_pylist()])
    return (np.frombuffer(data, ">u8") >> 1).astype(np.int64)


def _scanned(numbers: Callable[[Ints], Ints], n: int) -> Ints:
    """Return numbers made for some rows at a time."""
    pieces = [numbers(np.arange(start, min(start + _SLICE, n))) for start in range(0, n, _SLICE)]
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int64)


def _fingerprints(columns_of: Columns, n: int) -> tuple[Ints, set[str]]:
    """Return a hash of each row over names, lengths and values, and the names of all columns.

    Nulls and ``_rows`` stay out of the hash.
    """
    names: set[str] = set()

    def numbers(index: Ints) -> Ints:
        columns = columns_of(index)
        names.update(columns)
        told = [pa.array([""] * len(index), pa.string())]
        for name in sorted(set(columns) - {"_rows"}):
            text = _text(columns[name])
            size = pc.binary_length(text).cast(pa.string())
            told.append(pc.binary_join_element_wise(name, size, text, "\x00").fill_null(""))
        return _numbers(pc.binary_join_element_wise(*told, ""))

    return _scanned(numbers, n), names


def _text(column: pa.Array) -> pa.Array:
    """Return a column as text that differs where the values do."""
    if pa.types.is_list(column.type):
        size = pc.list_value_length(column).fill_null(0).to_numpy()
        bounds = pa.array(offsets(size).astype(np.int32))
        lists = pa.ListArray.from_arrays(bounds, _text(pc.list_flatten(column)),
                                         mask=column.is_null())  # fmt: skip
        return pc.binary_join(lists, LIST_SEPARATOR)
    if pa.types.is_floating(column.type):
        bits = column.fill_null(0.0).to_numpy(zero_copy_only=False).view(np.int64)
        return pc.if_else(column.is_valid(), pa.array(bits).cast(pa.string()), None)
    return column.cast(pa.string())


def _distinct(ids: Ints) -> Ints:
    """Make two rows whose hashes fall together differ, the same way each time."""
    while len(ids):
        order = np.argsort(ids, kind="stable")
        again = order[1:][ids[order][1:] == ids[order][:-1]]
        if not len(again):
            break
        ids = ids.copy()
        ids[again] = (ids[again] + 1) & np.iinfo(np.int64).max
    return ids


# reading back --------------------------------------------------------------------------------


def read_names(props: Mapping[str, Property]) -> tuple[str, ...]:
    """Return the properties of a node or relation that hold what is claimed."""
    return (*statement_names(props), "_claims", "_stub")


def statement_names(props: Mapping[str, Property]) -> tuple[str, ...]:
    """Return the properties of a statement."""
    return (*(p for p in props if p not in PROVENANCE), *PROVENANCE)


def decode(
    props: Mapping[str, Property], names: Sequence[str], columns: Sequence[Sequence[Any]]
) -> tuple[Ints, pa.Table]:
    """Return the claims behind rows read from the server, and the row that each belongs to.

    Parameters
    ----------
    names
        As ``read_names`` gave them.
    columns
        Their values, one sequence a name.

    Raises
    ------
    ValueError, TypeError, pyarrow.ArrowException
        A value is not what its property holds: someone changed it on the server.
    """
    held = dict(zip(names, columns, strict=True))
    told = held.pop("_claims")
    whole = [i for i, texts in enumerate(told) if texts is None]
    owners, claims = list(whole), []
    for i, texts in enumerate(told):
        for text in texts or ():
            owners.append(i)
            claims.append(json.loads(text))
    made = {}
    for name, values in held.items():
        joined = name in props and props[name].type == "list"
        single = [values[i] for i in whole]
        if name in PROVENANCE:
            single = [None if v is None else _only(v) for v in single]
        elif joined:
            single = [None if v is None else LIST_SEPARATOR.join(v) for v in single]
        several = [claim.get(name) for claim in claims]
        if joined:
            several = [None if v is None else LIST_SEPARATOR.join(v) for v in several]
        made[name] = pa.array(single + several, _arrow(name, props))
    return np.array(owners, np.int64), pa.table(made)


def decode_statements(
    props: Mapping[str, Property], names: Sequence[str], columns: Sequence[Sequence[Any]]
) -> pa.Table:
    """Return statements from rows read from the server; raises as ``decode`` does."""
    made = {}
    for name, values in zip(names, columns, strict=True):
        if name in props and props[name].type == "list":
            values = [None if v is None else LIST_SEPARATOR.join(v) for v in values]
        made[name] = pa.array(values, _arrow(name, props))
    return pa.table(made)


def _only(values: list[Any]) -> Any:
    (value,) = values
    return value


def _arrow(name: str, props: Mapping[str, Property]) -> pa.DataType:
    if name in props:
        return props[name].arrow
    return {"confidence": pa.float64(), "_stub": pa.bool_()}.get(name, pa.string())
