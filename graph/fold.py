"""Fold: loads and judgements become the current graph, in columns, whatever their order.

Records are resolved to entities, relation ends to node ids, then equal facts are grouped:
all claims stay, the merged view takes the newest claim, the more confident one, the
smaller value. What cannot be attached (an end that no load defines) is reported as
pending and takes effect as soon as the end is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .batch import Batch, concat
from .canonical import codes, flat, pack
from .ends import AMBIGUOUS, Directory, Ends
from .identity import Match, resolve, tokens
from .judgements import Judged
from .matching import compared
from .schema import LOCATION, PROVENANCE, Property, Schema
from .tables import Graph
from .text import LIST_SEPARATOR

Ints = npt.NDArray[np.int64]
NEW, MERGED, UNCHANGED = 2, 1, 0


@dataclass(frozen=True)
class Loaded:
    """One load as the fold sees it: its number and its batch."""

    number: int
    batch: Batch


@dataclass(frozen=True)
class Pending:
    """A relation record that has no place in the graph yet, and why.

    ``known``: an earlier record says the same.
    """

    load: int
    sheet: int
    row: int
    relation: str
    code: str
    value: str
    type: str
    known: bool


@dataclass(frozen=True)
class Folded:
    """The graph, what is pending, and for the newest load what each record brought.

    ``outcome`` rows: sheet, row, outcome (0 unchanged, 1 merged, 2 new), subject (1: the
    record describes the entity that its row is about, 2: it is the relation or statement of its
    row unless the row describes an entity, 0: neither).
    """

    graph: Graph
    pending: tuple[Pending, ...]
    outcome: Ints


@dataclass
class _Grouped:
    """Records grouped to subjects and claims, in canonical order."""

    subject_of_claim: Ints
    first_of_subject: Ints
    claim_first: Ints
    claim_of_record: Ints
    n_subjects: int


def fold(
    loads: Sequence[Loaded], schema: Schema, newest: int | None = None, judged: Mapping[str, Judged] | None = None,
    match: bool = True,
) -> Folded:  # fmt: skip
    """Return the graph of these loads.

    Parameters
    ----------
    loads
        In any order; the result does not depend on it.
    newest
        Number of the load whose records are to be told new, merged or unchanged.
    judged
        Decisions on pairs of entities, by node type.
    match
        Join organisations whose names are written differently (see ``matching``).
    """
    ordered = sorted(loads, key=lambda one: one.number)
    return _Fold(ordered, schema, newest, judged or {}, match).run()


class _Fold:
    """State of one fold: entity numbers per type, then relations over them."""

    def __init__(
        self, loads: Sequence[Loaded], schema: Schema, newest: int | None, judged: Mapping[str, Judged], match: bool
    ) -> None:
        self.loads, self.schema, self.newest, self.judged, self.match = loads, schema, newest, judged, match
        self.records: dict[str, pa.Table] = {}
        self.directory = Directory(schema)
        self.entity: dict[str, Ints] = {}
        self.keys: dict[str, pa.Array] = {}
        self.pending: list[Pending] = []
        self.outcome: list[Ints] = []

    def run(self) -> Folded:
        for name in self.schema.nodes:
            self._resolve(name)
        ends = {name: self._ends(name) for name in self.schema.relations if self._has(name)}
        keep = self._kept(ends)
        offsets, renumber = self._number(keep)
        nodes, node_claims = {}, {}
        for name in self.schema.nodes:
            nodes[name], node_claims[name] = self._nodes(name, renumber)
        relations, claims = {}, {}
        for name, (records, ends_of) in ends.items():
            relations[name], claims[name] = self._relations(name, records, ends_of, offsets, renumber)
        statements = self._statements()
        graph = Graph(nodes, {n: t for n, t in relations.items() if len(t)},
                      {n: t for n, t in node_claims.items() if len(t)},
                      {n: t for n, t in claims.items() if len(t)}, statements)  # fmt: skip
        outcome = np.concatenate(self.outcome) if self.outcome else np.zeros((0, 4), np.int64)
        return Folded(graph, tuple(self.pending), outcome)

    def _has(self, relation: str) -> bool:
        return any(len(one.batch.relations.get(relation, ())) for one in self.loads)

    def _gather(self, part: str, name: str) -> pa.Table | None:
        """Stack one type's records of all loads with their load number and file names."""
        pieces = []
        for one in self.loads:
            table = getattr(one.batch, part).get(name)
            if table is None or not len(table):
                continue
            pieces.append(table.append_column("load", _constant(one.number, len(table))))
        return concat(pieces) if pieces else None

    # nodes -------------------------------------------------------------------------------

    def _resolve(self, name: str) -> None:
        table = self._gather("nodes", name)
        if table is None:
            return
        kind = self.schema.nodes[name]
        scope = None
        if "_scope" in table.column_names:
            scope = self.directory.canonical_scope(flat(table["_scope"]))
        found = tokens(table, kind, scope)
        match = Match(self._related(name)) if self.match and compared(name) else None
        made = resolve(found, kind, self.judged.get(name), match)
        self.records[name], self.entity[name], self.keys[name] = table, made.entity, made.keys
        self.directory.add(name, found, made, _stub(table))

    def _related(self, name: str) -> tuple[pa.Array, pa.Array]:
        """Return the tokens of entities of one type between which a relation is stated that has no loops."""
        left, right = [pa.array([], pa.string())], [pa.array([], pa.string())]
        for relation, kind in self.schema.relations.items():
            if kind.no_self and (name, name) in kind.pairs and self._has(relation):
                table = self._gather("relations", relation)
                assert table is not None
                for side, parts in (("_src", left), ("_dst", right)):
                    by, value = (flat(table[c]).cast(pa.string()) for c in (f"{side}_kind", side))
                    parts.append(pc.binary_join_element_wise(by, value, ":"))
        return pa.concat_arrays(left), pa.concat_arrays(right)

    def _kept(self, ends: dict[str, tuple[pa.Table, Ends]]) -> dict[str, npt.NDArray[np.bool_]]:
        """An entity that is only mentioned stays while some relation touches it."""
        keep = {}
        for name, entity in self.entity.items():
            described = np.zeros(len(self.keys[name]), bool)
            described[entity[~_stub(self.records[name])]] = True
            keep[name] = described
        for _, found in ends.values():
            good = found.resolved
            for kind, index in ((found.src_type, found.src), (found.dst_type, found.dst)):
                for number, name in enumerate(self.schema.nodes):
                    if name in keep:
                        keep[name][index[good & (kind == number)]] = True
        return keep

    def _number(self, keep: dict[str, npt.NDArray[np.bool_]]) -> tuple[Ints, dict[str, Ints]]:
        """Return the first global id per type and the new row of each kept entity (−1 dropped)."""
        offsets = np.zeros(len(self.schema.nodes) + 1, np.int64)
        renumber = {}
        for number, name in enumerate(self.schema.nodes):
            mask = keep.get(name, np.zeros(0, bool))
            rows = np.cumsum(mask) - 1
            renumber[name] = np.where(mask, rows, -1)
            offsets[number + 1] = offsets[number] + int(mask.sum())
        return offsets, renumber

    def _nodes(self, name: str, renumber: dict[str, Ints]) -> tuple[pa.Table, pa.Table]:
        kind = self.schema.nodes[name]
        if name not in self.records:
            blank = pa.array([], pa.string())
            return pa.table({"key": blank, "name": blank}), pa.table({"of": pa.array([], pa.int64())})
        row = renumber[name][self.entity[name]]
        records = self.records[name]
        props = [p for p in kind.props.values() if p.name in records.column_names]
        grouped, view, claims = self._group(records, [(row, int(row.max(initial=-1)) + 2)], props)
        keys = self.keys[name].filter(pa.array(renumber[name] >= 0))
        columns = {"key": keys, **view}
        columns.setdefault("name", pc.replace_substring_regex(keys, "^[^:]*:", ""))
        columns["name"] = pc.coalesce(columns["name"], pc.replace_substring_regex(keys, "^[^:]*:", ""))
        self._tell(records, grouped, subject=np.where(_stub(records), 0, 1))
        return pa.table(columns), claims

    # relations ---------------------------------------------------------------------------

    def _ends(self, name: str) -> tuple[pa.Table, Ends]:
        table = self._gather("relations", name)
        assert table is not None
        return table, self.directory.ends(table, self.schema.relations[name])

    def _relations(
        self, name: str, records: pa.Table, ends: Ends, offsets: Ints, renumber: dict[str, Ints]
    ) -> tuple[pa.Table, pa.Table]:
        src = _global(ends.src_type, ends.src, offsets, renumber, list(self.schema.nodes))
        dst = _global(ends.dst_type, ends.dst, offsets, renumber, list(self.schema.nodes))
        kind = self.schema.relations[name]
        bad = (src < 0) | (dst < 0)
        loops = ~bad & (src == dst) if kind.no_self else np.zeros(len(src), bool)
        self._pend(name, records, ends, bad, loops)
        good = ~(bad | loops)
        if not good.all():
            records = records.filter(pa.array(good))
            src, dst = src[good], dst[good]
        size = int(offsets[-1]) + 1
        props = [p for p in kind.props.values() if p.name in records.column_names]
        ident = [p for p in props if p.identifying]
        subject = [(src, size), (dst, size), *(codes(records[p.name]) for p in ident)]
        grouped, view, claims = self._group(records, subject, props)
        first = grouped.first_of_subject
        columns = {"src": pa.array(src[first].astype(np.int32)),
                   "dst": pa.array(dst[first].astype(np.int32)), **view}  # fmt: skip
        self._tell(records, grouped, subject=np.full(len(records), 2))
        return pa.table(columns), claims

    def _pend(
        self, name: str, records: pa.Table, ends: Ends, bad: npt.NDArray[np.bool_],
        loops: npt.NDArray[np.bool_],
    ) -> None:  # fmt: skip
        rows = np.flatnonzero(bad | loops)
        if not len(rows):
            return
        part = records.take(pa.array(rows))
        load, sheet, line = (part[c].to_pylist() for c in ("load", "_sheet", "_row"))
        values = {c: part[c].to_pylist() for c in ("_src", "_dst", "_src_type", "_dst_type")}
        said = [codes(part[c]) for c in part.column_names if c not in ("load", "_sheet", "_row")]
        known = np.ones(len(rows), bool)
        known[np.unique(pack(said, len(rows)), return_index=True)[1]] = False
        for at, row in enumerate(rows):
            side = "_src" if ends.src[row] < 0 else "_dst"
            found = ends.src[row] if side == "_src" else ends.dst[row]
            code = "reject_self" if loops[row] else (
                "reject_ambiguous" if found == AMBIGUOUS else "reject_end")  # fmt: skip
            self.pending.append(Pending(load[at], sheet[at], line[at], name, code,
                                        values[side][at], values[f"{side}_type"][at], bool(known[at])))  # fmt: skip

    # claims ------------------------------------------------------------------------------

    def _group(
        self, records: pa.Table, subject: list[tuple[Ints, int]], props: list[Property]
    ) -> tuple[_Grouped, dict[str, pa.Array], pa.Table]:
        """Group records to subjects and claims; return the merged columns and the claims."""
        n = len(records)
        claimed = [*(p.name for p in props), *(c for c in PROVENANCE if c in records.column_names)]
        coded = {c: codes(records[c]) for c in claimed}
        subject_code = pack(subject, n)
        # Dropped entities (row −1 became code 0 nowhere): nodes pass row −1 for them.
        alive = subject[0][0] >= 0
        claim_code = pack([_dense(subject_code), *coded.values()], n)
        order = np.argsort(claim_code, kind="stable")
        order = order[alive[order]]
        grouped = _boundaries(order, subject_code, claim_code, n)
        stub = _stub_claims(records, grouped)
        view = _view(records, grouped, props, coded, stub)
        location = _location(records, self.loads)
        first = pa.array(grouped.claim_first)
        claims = {"of": pa.array(grouped.subject_of_claim)}
        claims |= {c: flat(records[c]).take(first) for c in claimed}
        claims |= {c: column.take(first) for c, column in location.items()}
        if "_stub" in records.column_names:
            claims["_stub"] = pa.array(stub)
        return grouped, view, pa.table(claims)

    def _tell(self, records: pa.Table, grouped: _Grouped, subject: Ints) -> None:
        """Note for each record of the newest load whether it is new, merged or unchanged."""
        if self.newest is None:
            return
        load = flat(records["load"]).to_numpy()
        mine = np.flatnonzero((load == self.newest) & (grouped.claim_of_record >= 0))
        if not len(mine):
            return
        sheet = flat(records["_sheet"]).to_numpy()[mine]
        row = flat(records["_row"]).to_numpy()[mine]
        first = grouped.claim_first[grouped.claim_of_record[mine]]
        state = np.where(load[first] < self.newest, UNCHANGED, MERGED)
        state[np.isin(mine, grouped.first_of_subject)] = NEW
        self.outcome.append(np.stack([sheet, row, state, subject[mine]], axis=1).astype(np.int64))

    def _statements(self) -> dict[str, pa.Table]:
        made = {}
        for name, kind in self.schema.statements.items():
            records = self._gather("statements", name)
            if records is None:
                continue
            props = [p for p in kind.props.values() if p.name in records.column_names]
            subject = [codes(records[p.name]) for p in props]
            grouped, _, claims = self._group(records, subject, props)
            made[name] = claims.drop_columns(["of"])
            self._tell(records, grouped, subject=np.full(len(records), 2))
        return made


def _constant(value: object, n: int) -> pa.Array:
    return pa.array(np.full(n, value, np.int32))


def _stub(table: pa.Table) -> npt.NDArray[np.bool_]:
    if "_stub" not in table.column_names:
        return np.zeros(len(table), bool)
    stub: npt.NDArray[np.bool_] = flat(table["_stub"]).fill_null(False).to_numpy(zero_copy_only=False)
    return stub


def _stub_claims(records: pa.Table, grouped: _Grouped) -> npt.NDArray[np.bool_]:
    """Return the claims that only mention: none of their records describes."""
    stub = np.ones(len(grouped.claim_first), bool)
    stub[grouped.claim_of_record[(grouped.claim_of_record >= 0) & ~_stub(records)]] = False
    return stub


def _dense(code: Ints) -> tuple[Ints, int]:
    """Return the code with its size, dense when it is too large to pack further columns on."""
    top = int(code.max(initial=0)) + 1
    if top > 1 << 40:
        distinct, code = np.unique(code, return_inverse=True)
        top = len(distinct)
    return code, top


def _boundaries(order: Ints, subject: Ints, claim: Ints, n: int) -> _Grouped:
    """Cut sorted records into claims and subjects; earlier records stand first in each."""
    s, c = subject[order], claim[order]
    new_claim = np.r_[True, c[1:] != c[:-1]] if len(order) else np.zeros(0, bool)
    new_subject = np.r_[True, s[1:] != s[:-1]] if len(order) else np.zeros(0, bool)
    subject_no = np.cumsum(new_subject) - 1
    start = np.flatnonzero(new_claim)
    first_subject = order[np.flatnonzero(new_subject)]
    # The earliest record of a subject need not be in its first claim.
    if len(order):
        first_subject = np.minimum.reduceat(order, np.flatnonzero(new_subject))
    claim_of_record = np.full(n, -1, np.int64)
    claim_of_record[order] = np.cumsum(new_claim) - 1
    return _Grouped(subject_no[start], first_subject, order[start], claim_of_record,
                    len(first_subject))  # fmt: skip


def _view(
    records: pa.Table, grouped: _Grouped, props: list[Property],
    coded: dict[str, tuple[Ints, int]], stub: npt.NDArray[np.bool_],
) -> dict[str, pa.Array]:  # fmt: skip
    """Merge claims to one value a property: newest, most confident, described before mentioned."""
    first, of = grouped.claim_first, grouped.subject_of_claim
    if len(first) == grouped.n_subjects:
        return {p.name: flat(records[p.name]).take(pa.array(first)) for p in props}
    keys = [(of, grouped.n_subjects + 1), (stub.astype(np.int64), 2)]
    for name in ("as_of", "confidence"):
        if name in coded:
            code, size = coded[name]
            keys.append((size - 1 - code[first], size))
    order = np.argsort(pack(keys, len(first)), kind="stable")
    start = np.flatnonzero(np.r_[True, of[order][1:] != of[order][:-1]])
    made = {}
    for prop in props:
        has = coded[prop.name][0][first][order] > 0
        position = np.where(has, np.arange(len(order)), len(order))
        best = np.minimum.reduceat(position, start)
        index = np.append(first[order], -1)[best]
        picked = pa.array(index, mask=index < 0)
        column = flat(records[prop.name]).take(picked)
        made[prop.name] = _joined(column, records, prop, grouped) if prop.type == "list" else column
    return made


def _joined(column: pa.Array, records: pa.Table, prop: Property, grouped: _Grouped) -> pa.Array:
    """A list property holds the union of all claims."""
    values = flat(records[prop.name]).take(pa.array(grouped.claim_first))
    of = grouped.subject_of_claim
    several = np.bincount(of[values.is_valid().to_numpy(zero_copy_only=False)],
                          minlength=grouped.n_subjects) > 1  # fmt: skip
    if not several.any():
        return column
    merged: dict[int, set[str]] = {}
    rows = np.flatnonzero(several[of])
    for subject, text in zip(of[rows].tolist(), values.take(pa.array(rows)).to_pylist(), strict=True):
        merged.setdefault(subject, set()).update((text or "").split(LIST_SEPARATOR))
    made = column.to_pylist()
    for subject, parts in merged.items():
        made[subject] = LIST_SEPARATOR.join(sorted(parts - {""})) or None
    return pa.array(made, pa.string())


def _location(records: pa.Table, loads: Sequence[Loaded]) -> dict[str, pa.Array]:
    """Name file, sheet, row and load of each record."""
    load = flat(records["load"]).to_numpy()
    sheet = flat(records["_sheet"]).to_numpy()
    base = np.zeros(int(max(one.number for one in loads)) + 1, np.int64)
    files: list[str] = []
    names: list[str] = []
    for one in loads:
        base[one.number] = len(files)
        files += [s.file for s in one.batch.sheets]
        names += [s.sheet for s in one.batch.sheets]
    index = pa.array(base[load] + sheet)
    made = (pa.array(files, pa.string()).take(index), pa.array(names, pa.string()).take(index),
            flat(records["_row"]), flat(records["load"]))  # fmt: skip
    return dict(zip(LOCATION, made, strict=True))


def _global(kind: Ints, index: Ints, offsets: Ints, renumber: dict[str, Ints], names: list[str]) -> Ints:
    """Turn (type, entity) ends into global node ids, −1 where an end is open."""
    out = np.full(len(index), -1, np.int64)
    for number, name in enumerate(names):
        mine = (kind == number) & (index >= 0)
        if mine.any():
            out[mine] = offsets[number] + renumber[name][index[mine]]
    return out
