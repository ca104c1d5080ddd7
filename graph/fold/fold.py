"""Fold: loads and judgements become the current graph, in columns, whatever their order.

Records are resolved to entities, relation ends to node ids, then equal facts are grouped:
all claims stay, the merged view takes the newest claim, the more confident one, the
smaller value. What cannot be attached (an end that no load defines) is reported as
pending and takes effect as soon as the end is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..columns.arrays import Bools, Ints, numbering
from ..columns.batch import Batch, concat
from ..columns.canonical import codes, flat, pack
from ..columns.runs import Placed, Run, Spill, runs_of
from ..columns.sinks import InFolder, InMemory, Sink, closing_writers, read_graph
from ..columns.tables import Graph
from ..identity.judgements import Judged
from ..identity.matching import compared
from ..identity.resolve import Match, resolve, tokens
from ..schema.types import PROVENANCE, Schema
from .claims import Grouped, Places, claim_columns, group, stubs
from .ends import AMBIGUOUS, Directory, Ends, Located
from .outcome import ENTITY, MERGED, NEITHER, NEW, RELATION, UNCHANGED, Outcome

PLACED = "LOCATED_IN"


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
    """The graph (its tables, or the folder they are in), what is pending, what the newest load brought.

    ``size`` is the number of nodes and of relations.
    """

    hash: str
    tables: Graph | None
    folder: Path | None
    size: tuple[int, int]
    pending: tuple[Pending, ...]
    outcome: Outcome

    @property
    def graph(self) -> Graph:
        """The graph in memory."""
        if self.tables is None:
            assert self.folder is not None
            return read_graph(self.folder)
        return self.tables


def fold(
    loads: Sequence[Loaded], schema: Schema, newest: int | None = None, judged: Mapping[str, Judged] | None = None,
    match: bool = True, folder: Path | None = None, memory: int | None = None,
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
    folder
        Empty folder that the tables are written to as they are made; in memory without it.
    memory
        Bytes that the fold may take beside the keys of the entities: records are parted by
        ranges of their subject on disk (in ``folder``), and folded part by part. The graph and
        its hash do not depend on it.
    """
    ordered = sorted(loads, key=lambda one: one.number)
    sink: InMemory | InFolder = InMemory() if folder is None else InFolder(folder)
    with Spill(memory, folder) as spill, closing_writers(sink):
        made = _Fold(ordered, schema, newest, judged or {}, match, sink, spill)
        made.run()
        found = sink.finish()
    tables = sink.graph if isinstance(sink, InMemory) else None
    return Folded(found, tables, folder, (made.size[0], made.size[1]), tuple(made.pending), made.outcome)


class _Fold:
    """State of one fold: entity numbers per type, then relations over them."""

    def __init__(
        self, loads: Sequence[Loaded], schema: Schema, newest: int | None, judged: Mapping[str, Judged],
        match: bool, sink: Sink, spill: Spill,
    ) -> None:  # fmt: skip
        self.loads, self.schema, self.newest, self.judged, self.match = loads, schema, newest, judged, match
        self.sink, self.spill, self.places = sink, spill, _places(loads)
        self.records: dict[str, pa.Table] = {}
        self.directory = Directory(schema)
        self.entity: dict[str, Ints] = {}
        self.keys: dict[str, pa.Array] = {}
        self.pending: list[Pending] = []
        self.outcome = Outcome()
        self.size = [0, 0]

    def run(self) -> None:
        for name in self.schema.nodes:
            self._resolve(name)
        ends = {name: self._ends(name) for name in self.schema.relations if self._has(name)}
        keep = self._kept(ends)
        offsets, renumber = self._number(keep)
        for name in self.schema.nodes:
            self._nodes(name, renumber)
        pa.default_memory_pool().release_unused()
        for name in list(ends):
            self._relations(name, ends.pop(name), offsets, renumber)
        self._statements()

    def _has(self, relation: str) -> bool:
        return any(len(one.batch.relations.get(relation, ())) for one in self.loads)

    def _gather(self, part: str, name: str) -> pa.Table | None:
        """Stack one type's records of all loads with their load number."""
        found = list(self._runs(part, name))
        return concat([run.table() for run in found]) if found else None

    def _runs(self, part: str, name: str) -> Iterator[Run]:
        """Yield runs of one type's records, those of a load after those of the one before."""
        for one in self.loads:
            table = getattr(one.batch, part).get(name)
            if table is not None and len(table):
                yield from runs_of(one.number, table)

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
        seats = partial(self._seats, name) if self.schema.nodes[name].place else None
        match = Match(self._related(name), seats) if self.match and compared(name) else None
        made = resolve(found, kind, self.judged.get(name), match)
        self.records[name], self.entity[name], self.keys[name] = table, made.entity, made.keys
        self.directory.add(name, found, made, stubs(table))

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

    def _seats(self, name: str) -> tuple[pa.Array, pa.Array]:
        """Return the tokens of entities whose place a record says, and the code of that place."""
        token, place = [pa.array([], pa.string())], [pa.array([], pa.string())]
        wanted = ["_src", "_src_kind", "_src_type", "_dst", "_dst_kind"]
        for run in self._runs("relations", PLACED) if self._has(PLACED) else ():
            for batch in run.table(wanted).to_batches():
                of, by, kinds, region, what = (flat(batch.column(c)).cast(pa.string()) for c in wanted)
                mine = pc.match_substring_regex(kinds, rf"(^|\|){name}(\||$)")
                keep = pc.and_(mine, pc.and_(pc.equal(what, "code"), pc.is_valid(region)))
                token.append(pc.binary_join_element_wise(by, of, ":").filter(keep))
                place.append(region.filter(keep))
        return pa.concat_arrays(token), pa.concat_arrays(place)

    def _kept(self, ends: dict[str, list[Located]]) -> dict[str, Bools]:
        """An entity that is only mentioned stays while some relation touches it."""
        keep = {}
        for name, entity in self.entity.items():
            described = np.zeros(len(self.keys[name]), bool)
            described[entity[~stubs(self.records[name])]] = True
            keep[name] = described
        for found in (one.ends for many in ends.values() for one in many):
            good = found.resolved
            for kind, index in ((found.src_type, found.src), (found.dst_type, found.dst)):
                for number, name in enumerate(self.schema.nodes):
                    if name in keep:
                        keep[name][index[good & (kind == number)]] = True
        return keep

    def _number(self, keep: dict[str, Bools]) -> tuple[Ints, dict[str, Ints]]:
        """Return the first global id per type and the new row of each kept entity (−1 dropped)."""
        offsets = np.zeros(len(self.schema.nodes) + 1, np.int64)
        renumber = {}
        for number, name in enumerate(self.schema.nodes):
            mask = keep.get(name, np.zeros(0, bool))
            renumber[name] = numbering(mask)
            offsets[number + 1] = offsets[number] + int(mask.sum())
        return offsets, renumber

    def _nodes(self, name: str, renumber: dict[str, Ints]) -> None:
        kind = self.schema.nodes[name]
        if name not in self.records:
            blank = pa.array([], pa.string())
            self.sink.add("nodes", name, pa.table({"key": blank, "name": blank}))
            return
        row = renumber[name][self.entity.pop(name)]
        records = self.records.pop(name)
        props = [p for p in kind.props.values() if p.name in records.column_names]
        keys = self.keys[name].filter(pa.array(renumber[name] >= 0))
        self.size[0] += len(keys)
        if not len(keys):
            blank = pa.array([], pa.string())
            self.sink.add("nodes", name, pa.table({"key": blank, "name": blank}))
            return
        place = Placed(Run.of(None, records), row, None, row >= 0)
        for part in self.spill.parted([place], len(keys), [*claim_columns(records, props), "_stub"]):
            first = int(part.src.min())
            grouped, view, claims = group(part.records, [(part.src, int(part.src.max()) + 2)], props, self.places)
            columns = {"key": keys.slice(first, grouped.n_subjects), **view}
            named = pc.replace_substring_regex(columns["key"], "^[^:]*:", "")
            columns["name"] = pc.coalesce(columns["name"], named) if "name" in columns else named
            self._tell(part.records, grouped, subject=np.where(stubs(part.records), NEITHER, ENTITY))
            self.sink.add("nodes", name, pa.table(columns))
            self._claims("node_claims", name, claims, first)

    def _claims(self, part: str, name: str, claims: pa.Table, before: int) -> None:
        """Pass claims on; ``before`` subjects stand in earlier parts."""
        if len(claims):
            at = claims.schema.get_field_index("of")
            self.sink.add(part, name, claims.set_column(at, "of", pc.add(claims["of"], before)))

    # relations ---------------------------------------------------------------------------

    def _ends(self, name: str) -> list[Located]:
        runs = list(self._runs("relations", name))
        found = self.directory.located(runs, self.schema.relations[name])
        return [Located(one.run, Ends(*(self.spill.array(a) for a in (
            one.ends.src_type, one.ends.src, one.ends.dst_type, one.ends.dst)))) for one in found]  # fmt: skip

    def _relations(self, name: str, located: list[Located], offsets: Ints, renumber: dict[str, Ints]) -> None:
        kind = self.schema.relations[name]
        placed: list[Placed] = []
        open_: list[pa.Table] = []
        while located:
            one = located.pop(0)
            ends = one.ends
            src = _global(ends.src_type, ends.src, offsets, renumber, list(self.schema.nodes))
            dst = _global(ends.dst_type, ends.dst, offsets, renumber, list(self.schema.nodes))
            bad = (src < 0) | (dst < 0)
            loops = ~bad & (src == dst) if kind.no_self else np.zeros(len(src), bool)
            if bad.any() or loops.any():
                open_.append(_open(one.run.table(), ends, bad, loops))
            placed.append(Placed(one.run, src, dst, ~(bad | loops)))
        self._pend(name, open_)
        size, done = int(offsets[-1]) + 1, 0
        names = set().union(*(p.run.column_names for p in placed))
        props = [p for p in kind.props.values() if p.name in names]
        ident = [p for p in props if p.identifying]
        wanted = [*(p.name for p in props), *(c for c in PROVENANCE if c in names)]
        for part in self.spill.parted(placed, size, wanted):
            records = part.records
            assert part.dst is not None
            subject = [(part.src, size), (part.dst, size), *(codes(records[p.name]) for p in ident)]
            grouped, view, claims = group(records, subject, props, self.places)
            first = grouped.first_of_subject
            columns = {"src": pa.array(part.src[first].astype(np.int32)),
                       "dst": pa.array(part.dst[first].astype(np.int32)), **view}  # fmt: skip
            self._tell(records, grouped, subject=np.full(len(records), RELATION))
            if grouped.n_subjects:
                self.sink.add("relations", name, pa.table(columns))
            self._claims("relation_claims", name, claims, done)
            done += grouped.n_subjects
        self.size[1] += done

    def _pend(self, name: str, open_: list[pa.Table]) -> None:
        """Note the records that have no place; one that says what an earlier one said is known."""
        if not open_:
            return
        part = concat(open_)
        n = len(part)
        outside = ("load", "_sheet", "_row", "_code", "_value", "_of")
        said = [codes(part[c]) for c in part.column_names if c not in outside]
        known = np.ones(n, bool)
        known[np.unique(pack(said, n), return_index=True)[1]] = False
        columns = (part[c].to_pylist() for c in ("load", "_sheet", "_row", "_code", "_value", "_of"))
        for load, sheet, row, code, value, of, is_known in zip(*columns, known.tolist(), strict=True):
            self.pending.append(Pending(load, sheet, row, name, code, value, of, is_known))

    def _tell(self, records: pa.Table, grouped: Grouped, subject: Ints) -> None:
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
        is_first = np.zeros(len(records), bool)
        is_first[grouped.first_of_subject] = True
        state[is_first[mine]] = NEW
        self.outcome.add(sheet, row, state, subject[mine])

    def _statements(self) -> None:
        for name, kind in self.schema.statements.items():
            records = self._gather("statements", name)
            if records is None:
                continue
            props = [p for p in kind.props.values() if p.name in records.column_names]
            subject = [codes(records[p.name]) for p in props]
            grouped, _, claims = group(records, subject, props, self.places)
            self.sink.add("statements", name, claims.drop_columns(["of"]))
            self._tell(records, grouped, subject=np.full(len(records), RELATION))


def _open(
    records: pa.Table, ends: Ends, bad: Bools, loops: Bools
) -> pa.Table:  # fmt: skip
    """Return the records without a place with the reason, and with the end that it lies at."""
    rows = np.flatnonzero(bad | loops)
    part = records.take(pa.array(rows))
    at_src = ends.src[rows] < 0
    found = np.where(at_src, ends.src[rows], ends.dst[rows])
    code = np.where(loops[rows], "reject_self", np.where(found == AMBIGUOUS, "reject_ambiguous", "reject_end"))
    side = [pc.if_else(pa.array(at_src), *(flat(part[f"{end}{what}"]).cast(pa.string()) for end in ("_src", "_dst")))
            for what in ("", "_type")]  # fmt: skip
    return part.append_column("_code", pa.array(code.tolist(), pa.string())).append_column(
        "_value", side[0]).append_column("_of", side[1])  # fmt: skip


def _places(loads: Sequence[Loaded]) -> Places:
    """Number the sheets of all loads."""
    base = np.zeros(max((one.number for one in loads), default=0) + 1, np.int64)
    sheets = [sheet for one in loads for sheet in one.batch.sheets]
    at = 0
    for one in loads:
        base[one.number] = at
        at += len(one.batch.sheets)
    return Places(base, tuple(s.file for s in sheets), tuple(s.sheet for s in sheets))


def _global(
    kind: Ints, index: Ints, offsets: Ints, renumber: dict[str, Ints], names: list[str]
) -> npt.NDArray[np.int32]:
    """Turn (type, entity) ends into global node ids, −1 where an end is open."""
    out = np.full(len(index), -1, np.int32)
    for number, name in enumerate(names):
        mine = (kind == number) & (index >= 0)
        if mine.any():
            out[mine] = offsets[number] + renumber[name][index[mine]]
    return out
