"""Sheets: one raw sheet becomes records, by the plan of its headers.

A wide row gives its entity, its properties and all its relations. A cell that cannot be
read is refused by itself; the row goes with it when the cell identifies the entity, says
where it is, or is required.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...graph.columns.arrays import Ints
from ...graph.columns.batch import Reject
from ...graph.columns.canonical import flat
from ...graph.columns.text import LIST_SEPARATOR, SCOPE_SEPARATOR, name_keys
from ...graph.identity.hosts import HOST, SITE
from ...graph.identity.resolve import explode
from ...graph.schema.types import Link, NodeType, Property, Schema
from ..files.raw import RawSheet
from ..headers.headers import Column, Plan
from ..values.amounts import Amount, amount
from ..values.amounts import columns as amount_columns
from ..values.places import LEVELS, SOURCE, Place, PlaceRefused, Places
from ..values.plain import Refused
from ..values.stock_codes import FAMILY
from ..values.values import clean
from .listings import read_listings
from .lists import split_column
from .locations import known_codes, locate, resolve_names
from .records import End, Gathered, Rows, mention_table, non_empty, relation_table, text_constant

AS_STATED = "disclosed_as"  # property of a relation that keeps the words of a list
Emit = Callable[[], None]  # adds records once all columns have been read and bad rows are known


class SheetReader:
    """Turns one raw sheet into records of ``gathered``."""

    def __init__(
        self, raw: RawSheet, plan: Plan, schema: Schema, gathered: Gathered, places: Places,
        number: int, source: str, as_of: str | None,
    ) -> None:  # fmt: skip
        self.raw, self.plan, self.schema = raw, plan, schema
        self.gathered, self.places, self.number = gathered, places, number
        self.source, self.as_of = source, as_of
        self.good = np.ones(len(raw.rows), bool)
        self._rows: Rows | None = None
        for row, text, cells in raw.broken:
            self._refuse(row, "", text, "reject_json" if not cells else "reject_width",
                         found=str(cells), expected=str(len(raw.headers)))  # fmt: skip

    # shared -----------------------------------------------------------------------------------

    def _refuse(self, row: int, column: str, value: str, code: str, whole: bool = True,
                **values: str) -> None:  # fmt: skip
        told = {"column": column, "value": value, **values}
        self.gathered.rejects.append(Reject(self.number, int(row), column, value, code, told, whole))

    def column(self, column: Column) -> pa.Array:
        """Return a column's trimmed text, empty cells null."""
        return non_empty(self.raw.columns[column.at])

    def typed(self, column: Column, prop: Property, whole: bool) -> pa.Array:
        """Return a column in its type; refused cells become null, their rows go when ``whole``."""
        raw = self.raw.columns[column.at]
        marked = self.raw.numbers.get(column.at)
        if prop.type == "uscc" and marked is not None and marked.any():
            self._refuse_rows(np.flatnonzero(marked), column, raw, "reject_code_number", whole)
            raw = pc.if_else(pa.array(marked), "", raw)
        if prop.type == "share" and column.unit == "%":
            plain = pc.match_substring_regex(raw, r"^\s*[\d.]+\s*$")
            raw = pc.if_else(plain, pc.binary_join_element_wise(raw, "%", ""), raw)
        made = clean(raw, prop, self.schema)
        for code in set(made.codes.values()):
            rows = np.array([r for r in made.bad if made.codes[int(r)] == code])
            self._refuse_rows(rows, column, raw, code, whole)
        return made.values

    def amounts(self, column: Column, prop: Property) -> dict[str, pa.Array]:
        """Return the columns of an amount: value in 元, range, currency, whether approximate."""
        encoded = self.column(column).dictionary_encode()
        made: list[Amount | None] = []
        wrong = []
        for at, text in enumerate(encoded.dictionary.to_pylist()):
            try:
                made.append(amount(text, column.unit))
            except Refused:
                made.append(None)
                wrong.append(at)
        index = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        bad = np.flatnonzero(np.isin(index, wrong))
        self._refuse_rows(bad, column, self.raw.columns[column.at], "reject_number", False)
        return {k: v.take(encoded.indices) for k, v in amount_columns(prop.name, made).items()}

    def _refuse_rows(self, rows: Ints, column: Column, raw: pa.Array, code: str, whole: bool) -> None:
        known = "、".join(r.zh for r in self.schema.relations.values())
        for row, value in zip(rows.tolist(), raw.take(pa.array(rows)).to_pylist(), strict=True):
            self._refuse(self.raw.rows[row], column.header, value or "", code, whole, known=known)
        if whole:
            self.good[rows] = False

    def refuse_cells(self, rows: Ints, column: Column, code: str) -> None:
        """Refuse cells of a column; their rows stay."""
        self._refuse_rows(rows, column, self.raw.columns[column.at], code, False)

    def require(self, column: Column, values: pa.Array) -> None:
        """Refuse rows in which a required cell is empty."""
        empty = pc.is_null(values).to_numpy(zero_copy_only=False) & self.good
        self._refuse_rows(np.flatnonzero(empty), column, self.raw.columns[column.at],
                          "reject_required", True)  # fmt: skip

    def rows(self) -> Rows:
        """Return row numbers and provenance of all rows; its cells are judged once."""
        if self._rows is None:
            self._rows = self._read_rows()
        return self._rows

    def _read_rows(self) -> Rows:
        n = len(self.raw.rows)
        provenance = {"source": text_constant(self.source, n)}
        if self.as_of:
            provenance["as_of"] = text_constant(self.as_of, n)
        for column in self.plan.columns:
            if column.role == "provenance" and isinstance(column.meaning, Property):
                made = self.typed(column, column.meaning, whole=False)
                name = column.meaning.name
                if name in provenance:
                    made = pc.coalesce(made, provenance[name].cast(pa.string()))
                provenance[name] = made.dictionary_encode() if pa.types.is_string(made.type) else made
        return Rows(self.number, pa.array(self.raw.rows), provenance)

    def place_error(self, row: int, column: str, bad: PlaceRefused, whole: bool) -> None:
        """Refuse a place with its nearest names."""
        self._refuse(self.raw.rows[row], column, bad.value, bad.code, whole, near=bad.near, inside=bad.inside)
        if whole:
            self.good[row] = False

    def emit_divisions(self, places: list[Place]) -> None:
        """Add the gazetteer's regions that the graph needs for these places."""
        found = {d.code: d for place in places for d in place.lineage}
        if not found:
            return
        used = sorted(found.values(), key=lambda d: d.code)
        names = pa.array([d.name for d in used], pa.string())
        rows = Rows(self.number, pa.array(np.zeros(len(used), np.int32)),
                    {"source": text_constant(SOURCE, len(used))})  # fmt: skip
        codes = pa.array([d.code for d in used], pa.string())
        self.gathered.nodes["Region"].append(pa.table({
            "name": names, "_key": name_keys(names), "code": codes,
            "short_name": pa.array([LIST_SEPARATOR.join(sorted(set(d.names[:1]) - {d.name})) or None
                                    for d in used], pa.string()),
            "level": pa.array([LEVELS[d.level] for d in used], pa.string()),
            "_stub": pa.array(np.ones(len(used), bool)), **rows.columns()}))  # fmt: skip
        inner = np.flatnonzero([d.parent in found for d in used])
        parents = pa.array([used[i].parent for i in inner], pa.string())
        end = End(codes.take(pa.array(inner)), "code", "Region")
        self.gathered.relations["PART_OF"].append(relation_table(end, End(parents, "code", "Region"), rows.take(inner)))

    def tell_cells(self, rows: Ints, column: str, value: str, code: str, **told: str) -> None:
        """Tell cells of one value that were not taken as they stand; their rows stay."""
        for row in rows.tolist():
            self._refuse(self.raw.rows[row], column, value, code, False, **told)

    def regions(self, names: pa.Array, column: str, whole: bool) -> list[Place | None]:
        """Resolve a column of region names of any level; a zone is no region."""
        return resolve_names(self, names, lambda row, bad: self.place_error(row, column, bad, whole), exact=True)


@dataclass(frozen=True)
class _List:
    """What a column of lists names: row and text of each item, and the cells' own words where some were left out."""

    column: Column
    rows: Ints
    names: pa.Array
    stated: pa.Array | None


class NodeSheet(SheetReader):
    """A sheet of one node type with its links to other types."""

    def read(self) -> None:
        kind = self.schema.nodes[self.plan.type]
        self.kind = kind
        rows = self.rows()
        props = self._props(kind)
        self.props = props
        name = props.get("name", pa.nulls(len(self.raw.rows), pa.string()))
        self.keys = name_keys(name)
        self.sites = pa.nulls(len(self.raw.rows), pa.string())
        self.located = locate(self) if kind.place else None
        located = self._place()
        props |= read_listings(self, kind.props)  # a code is read by the place of its row
        self.lists: dict[str, list[_List]] = {}
        for column in self.plan.columns:
            if column.role == "link" and isinstance(column.meaning, Link):
                self.lists.setdefault(column.meaning.name, []).append(self._listed(column, column.meaning))
        self.chains = self._split("chain")
        self.hosts = self._hosts(kind)
        pieces = list(self._links(kind, rows))
        if located is not None:
            pieces.append(located)
        at = np.flatnonzero(self.good)
        self._own(kind, rows, props, at)
        for emit in pieces:
            emit()

    def _props(self, kind: NodeType) -> dict[str, pa.Array]:
        made: dict[str, pa.Array] = {}
        for column in self.plan.columns:
            prop = column.meaning
            if column.role in ("prop", "extra") and isinstance(prop, Property) and prop.type not in FAMILY:
                whole = prop.required or kind.identify == (prop.name,)
                if prop.type == "money":
                    made |= self.amounts(column, prop)
                    continue
                made[prop.name] = self.typed(column, prop, whole)
                if prop.required:
                    self.require(column, made[prop.name])
        if kind.name == "Region" and "code" in made and "name" in made:
            made["code"] = known_codes(self, made["code"], made["name"])
        return made

    def _own(self, kind: NodeType, rows: Rows, props: dict[str, pa.Array], at: Ints) -> None:
        table = {"_key": self.keys, **{k: v for k, v in props.items() if k in kind.props}}
        if kind.name == "Product" and self.chains is not None:
            table["_scope"] = self._scopes()
        if kind.name == "Product" and "kind" in props:
            table["_scoped"] = pc.and_(pc.equal(props["kind"], "环节").fill_null(False),
                                       pc.is_valid(table.get("_scope", pa.nulls(len(self.keys)))))  # fmt: skip
        if kind.scoped_by:
            table |= {HOST: self.hosts, SITE: self.sites}
        made = pa.table({**table, **rows.columns()})
        if kind.name == "Product" and "_scope" in table:
            made = _one_scope_each(made)
            self.gathered.nodes[kind.name].append(made.filter(pc.is_in(made["_row"], rows.rows.take(pa.array(at)))))
            return
        self.gathered.nodes[kind.name].append(made.take(pa.array(at)))

    def _hosts(self, kind: NodeType) -> pa.Array:
        """Return the match keys of each row's hosts, joined, for a type whose names repeat."""
        return _joined_keys(self._split(kind.scoped_by) if kind.host_relation else None, len(self.keys))

    def _scopes(self) -> pa.Array:
        return _joined_keys(self.chains, len(self.keys))

    def subject(self, rows: Ints) -> End:
        """Return the rows' own entity as a relation end, by its strongest key."""
        key, kind = self.keys, text_constant("name", len(self.keys)).cast(pa.string())
        for prop in reversed(self.kind.code_props):
            if prop in self.props:
                has = pc.is_valid(self.props[prop])
                key = pc.if_else(has, self.props[prop], key)
                kind = pc.if_else(has, prop, kind)
        if self.kind.scoped_by:
            host = pc.list_element(pc.split_pattern(self.hosts, LIST_SEPARATOR), 0)
            seat = pc.binary_join_element_wise(key, pc.coalesce(host, self.sites), SCOPE_SEPARATOR)
            key, kind = pc.coalesce(seat, key), pc.if_else(pc.is_valid(seat), "seat", kind)
        scope = None
        if self.kind.name == "Product" and self.chains is not None:
            scope = pc.list_element(pc.split_pattern(self._scopes(), LIST_SEPARATOR), 0)
        return End(key, kind, self.kind.name, scope).take(rows)

    def _listed(self, column: Column, link: Link) -> _List:
        found, stated = split_column(self.column(column), link, self.schema, self.gathered,
                                     (self.raw.file, column.header))  # fmt: skip
        return _List(column, *found, stated)

    def _split(self, name: str) -> tuple[Ints, pa.Array] | None:
        """Return the values of a link's columns, row by row: which row, which value."""
        lists = self.lists.get(name, [])
        if len(lists) < 2:
            return (lists[0].rows, lists[0].names) if lists else None
        rows = np.concatenate([one.rows for one in lists])
        order = np.argsort(rows, kind="stable")
        return rows[order], pa.concat_arrays([flat(one.names) for one in lists]).take(pa.array(order))

    def _links(self, kind: NodeType, rows: Rows) -> Iterator[Emit]:
        for name, lists in self.lists.items():
            link = kind.links[name]
            for one in lists:
                if not len(one.rows):
                    continue
                if link.targets == ("Region",):
                    yield self._region_link(link, one, rows)
                elif link.scope:
                    yield self._scoped_link(link, one, rows)
                else:
                    yield self._plain_link(link, one, rows)

    def _alive(self, at: Ints) -> Ints:
        return np.flatnonzero(self.good[at])

    def _plain_link(self, link: Link, listed: _List, rows: Rows) -> Emit:
        def emit() -> None:
            keep = self._alive(listed.rows)
            at, names = listed.rows[keep], listed.names.take(pa.array(keep))
            scope = self._single_chain()[0].take(pa.array(at)) if link.targets == ("Product",) else None
            target = End(name_keys(names), "name", "|".join(link.targets), scope)
            mine = rows.take(at)
            said: dict[str, pa.Array] = {}
            if self._hosted(link):  # 企业技术中心 in the row of a firm is that of this firm
                said = {HOST: self.keys.take(pa.array(at))}
                seat = pc.binary_join_element_wise(target.key, said[HOST], SCOPE_SEPARATOR)
                target = End(seat, "seat", target.types)
            for kind, part in self._stub_kinds(link, names):
                of = pa.array(part)
                props = {k: v.take(of) for k, v in said.items()}
                self.gathered.nodes[kind].append(mention_table(names.take(of), mine.take(part), props))
            self._relate(link, self.subject(at), target, mine, self._with(link, at, listed.stated))

        return emit

    def _hosted(self, link: Link) -> bool:
        """Tell whether the rows of this sheet host what a column names."""
        target = self.schema.nodes[link.targets[0]]
        return len(link.targets) == 1 and link.direction == "out" and target.host_relation == link.relation == "HOSTS"

    def _single_chain(self) -> tuple[pa.Array, Ints]:
        """Return the chain of each row that names exactly one, and the number of chains a row."""
        count = np.zeros(len(self.keys), np.int64)
        if self.chains is None:
            return pa.nulls(len(self.keys), pa.string()), count
        rows, names = self.chains
        count = np.bincount(rows, minlength=len(self.keys))
        first = np.full(len(self.keys), -1, np.int64)
        first[rows[::-1]] = np.arange(len(rows))[::-1]
        index = np.where(count == 1, first, -1)
        return name_keys(names).take(pa.array(index, mask=index < 0)), count

    def _stub_kinds(self, link: Link, names: pa.Array) -> Iterator[tuple[str, Ints]]:
        """Say of which type a mention is when the link allows several."""
        rest = np.ones(len(names), bool)
        first = self.schema.nodes[link.targets[0]].name_hint
        if first.endswith("$") and len(link.targets) > 1:  # a legal form outweighs what stands before it
            rest &= ~pc.match_substring_regex(names, first).to_numpy(zero_copy_only=False)
        formed = ~rest
        for target in link.targets[1:]:
            hint = self.schema.nodes[target].name_hint
            if hint:
                hit = pc.match_substring_regex(names, hint).to_numpy(zero_copy_only=False) & rest
                rest &= ~hit
                if hit.any():
                    yield target, np.flatnonzero(hit)
        if (rest | formed).any():
            yield link.targets[0], np.flatnonzero(rest | formed)

    def _with(self, link: Link, at: Ints, stated: pa.Array | None = None) -> dict[str, pa.Array]:
        """Return what a link's relation says beside its ends, and the list's own words where some were left out."""
        kept = {} if stated is None else {AS_STATED: stated.take(pa.array(at))}
        allowed = self.schema.relations[link.relation].props
        return self._extras(link.props, at) | {k: v for k, v in kept.items() if k in allowed}

    def _extras(self, wanted: tuple[tuple[str, str], ...], at: Ints) -> dict[str, pa.Array]:
        return {prop: self.props[extra].take(pa.array(at)) for prop, extra in wanted if extra in self.props}

    def _relate(self, link: Link, own: End, other: End, rows: Rows, props: dict[str, pa.Array]) -> None:
        src, dst = (own, other) if link.direction == "out" else (other, own)
        self.gathered.relations[link.relation].append(relation_table(src, dst, rows, props))

    def _region_link(self, link: Link, listed: _List, rows: Rows) -> Emit:
        at, names, column = listed.rows, listed.names, listed.column
        # A zone says where a firm stands; it is not the region that another region belongs to.
        resolved = resolve_names(self, names, lambda n, bad: self.place_error(int(at[n]), column.header, bad, False),
                                 exact=link.relation != "LOCATED_IN")  # fmt: skip

        def emit() -> None:
            found = [(i, p) for i, p in enumerate(resolved) if p is not None and self.good[at[i]]]
            keep = np.array([i for i, _ in found], np.int64)
            key = pa.array([p.key for _, p in found], pa.string())
            kind = pa.array([p.kind for _, p in found], pa.string())
            stated = pa.array([p.stated for _, p in found], pa.string())
            props = _as_stated(stated) if link.relation == "LOCATED_IN" else None
            if found:
                end = End(key, kind, "Region")
                self._relate(link, self.subject(at[keep]), end, rows.take(at[keep]), props or {})

        return emit

    def _scoped_link(self, link: Link, listed: _List, rows: Rows) -> Emit:
        at, names, column = listed.rows, listed.names, listed.column
        chain, count = self._single_chain()
        scope = chain.take(pa.array(at))
        per_row = np.bincount(at, minlength=len(self.keys))
        paired = (count > 1) & (per_row == count)
        if paired.any() and self.chains is not None:
            inside = np.flatnonzero(paired[at])
            chains = self.chains[1].take(pa.array(np.flatnonzero(paired[self.chains[0]])))
            mask = np.zeros(len(at), bool)
            mask[inside] = True
            scope = pc.replace_with_mask(scope, pa.array(mask), name_keys(chains))
        for row in np.flatnonzero((count > 1) & (per_row > 0) & ~paired):
            self._refuse(self.raw.rows[row], column.header, "", "reject_pairing", False,
                         n=str(per_row[row]), m=str(count[row]))  # fmt: skip
        usable = ~((count > 1) & ~paired)[at]

        def emit() -> None:
            keep = np.flatnonzero(self.good[at] & usable)
            where, label, inside = at[keep], names.take(pa.array(keep)), scope.take(pa.array(keep))
            mine = rows.take(where)
            scoped = pc.is_valid(inside)
            kind = pc.if_else(scoped, "环节", pa.scalar(None, pa.string()))
            self.gathered.nodes["Product"].append(
                mention_table(label, mine, {"_scope": inside, "_scoped": scoped, "kind": kind})
            )
            target = End(name_keys(label), "name", "Product", inside)
            self._relate(link, self.subject(where), target, mine, self._with(link, where, listed.stated))
            linked = np.flatnonzero(scoped.to_numpy(zero_copy_only=False))
            if len(linked):
                chain_end = End(inside.take(pa.array(linked)), "name", "Chain")
                props = self._extras(link.target_props, where[linked])
                self.gathered.relations["IN_CHAIN"].append(
                    relation_table(target.take(linked), chain_end, mine.take(linked), props)
                )

        return emit

    def _place(self) -> Emit | None:
        located = self.located
        if located is None:
            return None
        places, number = located.places, located.of
        self.emit_divisions([places[i] for i in np.unique(number[number >= 0]).tolist()])
        self.sites = pa.array([*(p.key for p in places), None], pa.string()).take(
            pa.array(np.where(number < 0, len(places), number))
        )
        if self.kind.seat_prop is not None:
            self._seat(self.kind.seat_prop, located.each())
        rows = self.rows()
        keys, kinds, stated = (pa.array([getattr(p, name) for p in places], pa.string())
                               for name in ("key", "kind", "stated"))  # fmt: skip

        def emit() -> None:
            at = np.flatnonzero((number >= 0) & self.good)
            if not len(at):
                return
            of = pa.array(number[at])
            end = End(keys.take(of), kinds.take(of), "Region")
            self.gathered.relations["LOCATED_IN"].append(
                relation_table(self.subject(at), end, rows.take(at), _as_stated(stated.take(of)))
            )

        return emit

    def _seat(self, prop: str, resolved: list[Place | None]) -> None:
        """Make the code that tells entities of one name in two places apart: name › place."""
        seats = [None if p is None or key is None else f"{key}{SCOPE_SEPARATOR}{p.key}"
                 for p, key in zip(resolved, self.keys.to_pylist(), strict=True)]  # fmt: skip
        made = pa.array(seats, pa.string())
        self.props[prop] = pc.coalesce(self.props[prop], made) if prop in self.props else made


def _joined_keys(found: tuple[Ints, pa.Array] | None, n: int) -> pa.Array:
    """Return the match keys of the names of each of ``n`` rows, sorted and joined; null without one."""
    if found is None:
        return pa.nulls(n, pa.string())
    joined: list[list[str]] = [[] for _ in range(n)]
    for row, key in zip(found[0].tolist(), name_keys(found[1]).to_pylist(), strict=True):
        joined[row].append(key)
    return pa.array([LIST_SEPARATOR.join(sorted(set(k))) or None for k in joined], pa.string())


def _one_scope_each(table: pa.Table) -> pa.Table:
    """A 环节 in several chains is one record a chain, since its chain is part of what it is."""
    if "_scoped" not in table.column_names:
        return table
    scoped = table["_scoped"].to_numpy()
    if not scoped.any():
        return table
    rows, scopes = explode(table["_scope"].combine_chunks().filter(pa.array(scoped)))
    inner = table.filter(pa.array(scoped)).take(pa.array(rows))
    at = inner.schema.get_field_index("_scope")
    return pa.concat_tables([table.filter(pa.array(~scoped)), inner.set_column(at, "_scope", scopes)])


def _as_stated(stated: pa.Array) -> dict[str, pa.Array] | None:
    """Column of the places' own wording, where a place has a successor that takes its part."""
    return {"stated": stated} if stated.null_count < len(stated) else None
