"""Edge tables and statements: one row a relation (起点 · 关系 · 终点), or one claim of coverage."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...graph.columns.text import name_key, name_keys
from ...graph.schema.types import Property, RelationType
from ..headers.headers import Column
from ..values.places import PlaceRefused
from ..values.plain import Refused, all_credit_codes
from ..values.stock_codes import read_codes
from .records import End, Rows, coded, constant, mention_table, relation_table
from .sheets import SheetReader

LISTED = {"stock": "stock_code", "hk": "hk_code", "tw": "tw_code", "ticker": "ticker"}
_CODE = (
    r"^([A-Z]{1,5}[.:]?)?[0-9]{4,6}[A-Z]?$|^[0-9]{1,6}[A-Z]?[.: ][A-Z]{1,4}$"
    r"|^[A-Z]{1,6}([.][A-Z])?[.][A-Z]{1,2}$|^[A-Z]{2,7}:[A-Z0-9.]{1,8}$"
)


_LONGEST_CODE = 16  # bytes: NASDAQ:GOOGL.US


def _listed(texts: pa.Array, key: pa.Array, kind: pa.Array, known: set[str]) -> tuple[pa.Array, pa.Array]:
    """Name ends that are stock codes by these: only such as look like one are read, and alone say which market."""
    if (pc.min(pc.binary_length(texts)).as_py() or 0) > _LONGEST_CODE:
        return key, kind
    hits = np.flatnonzero(pc.match_substring_regex(texts, _CODE).to_numpy(zero_copy_only=False))
    made: dict[int, tuple[str, str]] = {}
    for at, text in zip(hits.tolist(), texts.take(pa.array(hits)).to_pylist(), strict=True):
        try:
            found = read_codes(text, None)
        except Refused:
            continue  # a name that looks like a code
        if len(found) == 1 and LISTED[found[0].kind] in known:
            made[at] = (found[0].code, LISTED[found[0].kind])
    if not made:
        return key, kind
    mask = np.zeros(len(texts), bool)
    order = sorted(made)
    mask[order] = True
    for part, column in enumerate((key, kind)):
        told = pc.replace_with_mask(column, pa.array(mask), pa.array([made[at][part] for at in order], pa.string()))
        key, kind = (told, kind) if part == 0 else (key, told)
    return key, kind


class EdgeSheet(SheetReader):
    """A sheet in which each row is one relation."""

    @cached_property
    def _known_types(self) -> dict[str, pa.DictionaryArray]:
        return {}

    def read(self) -> None:
        start, end = self.plan.one("from"), self.plan.one("to")
        assert start is not None
        assert end is not None
        rows = self.rows()
        relations = self._relations()
        ends = {}
        for side, column in (("src", start), ("dst", end)):
            ends[side] = coded(self.raw.columns[column.at])
            self.require(column, ends[side])
        number, names = relations.indices.fill_null(-1).to_numpy(), relations.dictionary.to_pylist()
        for at, name in sorted(enumerate(names), key=lambda pair: str(pair[1])):
            rows_of = np.flatnonzero(number == at)
            if len(rows_of):
                self._one(self.schema.relations[name], rows_of, ends, rows)

    def _relations(self) -> pa.DictionaryArray:
        n = len(self.raw.rows)
        if self.plan.type in self.schema.relations:
            return constant(self.plan.type, n)
        column = self.plan.one("relation")
        assert column is not None
        made = self.typed(column, Property("relation", "关系", "Relation", "relation"), whole=True)
        self.require(column, self.column(column))
        return made.dictionary_encode()

    def _one(self, kind: RelationType, at: np.ndarray, ends: dict[str, pa.Array], rows: Rows) -> None:
        props: dict[str, pa.Array] = {}
        for column in self.plan.columns:
            prop = kind.props.get(column.meaning.name) if column.meaning is not None else None
            if column.role == "prop" and prop is not None and prop.type == "money":
                props |= self.amounts(column, prop)
            elif column.role == "prop" and prop is not None:
                props[prop.name] = self.typed(column, prop, whole=prop.identifying)
        self._refuse_types(kind, at)
        at = at[self.good[at]]
        index = pa.array(at)
        whole = len(at) == len(self.raw.rows)

        def taken(column: pa.Array) -> pa.Array:
            return column if whole else column.take(index)

        chain = self.plan.one("chain")
        scope = taken(name_keys(self.column(chain))) if chain is not None else None
        mine = rows if whole else rows.take(at)
        made = {}
        for side, role, types in (("src", "from_type", kind.sources), ("dst", "to_type", kind.targets)):
            text = taken(ends[side])
            made[side] = self._end(text, self._types(role, types), scope)
        self.gathered.relations[kind.name].append(
            relation_table(made["src"], made["dst"], mine, {k: taken(v) for k, v in props.items()})
        )
        if kind.stub_to or self.plan.stubs:
            self._mention("to_type", kind.targets, taken(ends["dst"]), mine, at)
        if self.plan.stubs:
            self.gathered.making_ends.add(self.number)
            self._mention("from_type", kind.sources, taken(ends["src"]), mine, at)

    def _types(self, role: str, allowed: tuple[str, ...]) -> str:
        named = set(self._stated(role).dictionary.to_pylist())
        return "|".join(t for t in allowed if t in named) or "|".join(allowed)

    def _stated(self, role: str) -> pa.DictionaryArray:
        """Return the type that each row, or else the user, states for one end; null where nobody does."""
        if role not in self._known_types:
            column, given = self.plan.one(role), self.plan.stated.get(role)
            if column is None:
                made = constant(given, len(self.raw.rows)) if given else pa.nulls(len(self.raw.rows), pa.string())
                self._known_types[role] = made if given else made.dictionary_encode()
            else:
                texts = self.column(column).dictionary_encode()
                types = [self.schema.sheet_type(t) or given for t in texts.dictionary.to_pylist()]
                made = pa.array(types, pa.string()).take(texts.indices)
                self._known_types[role] = pc.fill_null(made, given).dictionary_encode() if given else (
                    made.dictionary_encode())  # fmt: skip
        return self._known_types[role]

    def _refuse_types(self, kind: RelationType, at: np.ndarray) -> None:
        """Refuse rows that state for an end a type that is none, or that the relation does not take."""
        for role, allowed in (("from_type", kind.sources), ("to_type", kind.targets)):
            column = self.plan.one(role)
            if column is None:
                continue
            texts = self.column(column)
            wrong = [t for t in texts.drop_null().unique().to_pylist() if self.schema.sheet_type(t) not in allowed]
            if not wrong:
                continue
            rows = at[pc.is_in(texts.take(pa.array(at)), pa.array(wrong)).to_numpy(zero_copy_only=False)]
            known = "、".join(self.schema.nodes[t].zh for t in allowed)
            for row, value in zip(rows.tolist(), texts.take(pa.array(rows)).to_pylist(), strict=True):
                self._refuse(self.raw.rows[row], column.header, value, "reject_end_type", known=known,
                             relation=kind.zh)  # fmt: skip
            self.good[rows] = False

    def _end(self, given: pa.DictionaryArray, types: str, scope: pa.Array | None) -> End:
        """An end is named by its code where it looks like one, else by name; each distinct text once."""
        text = given.dictionary
        wanted = scope if "Product" in types else None
        if all_credit_codes(text) and any("uscc" in self.schema.nodes[t].code_props for t in types.split("|")):
            return End(given, "uscc", types, wanted)
        key, kind = name_keys(text), pa.array(["name"] * len(text), pa.string())
        plain = pc.all(pc.string_is_ascii(text)).as_py()
        folded = pc.ascii_upper(text) if plain else pc.utf8_upper(pc.utf8_normalize(text, form="NFKC"))
        known = {p for t in types.split("|") for p in self.schema.nodes[t].code_props}
        if known & set(LISTED):
            key, kind = _listed(folded, key, kind, known)
        if "uscc" in known:
            hit = pc.match_substring_regex(folded, r"^[0-9A-HJ-NPQRTUWXY]{18}$")
            key, kind = pc.if_else(hit, folded, key), pc.if_else(hit, "uscc", kind)
        if "Region" in types:
            key, kind = self._regions(given, key, kind)
        kinds = kind.dictionary_encode()
        of = kinds.indices.cast(pa.int8()).take(given.indices)
        return End(pa.DictionaryArray.from_arrays(given.indices, key),
                   pa.DictionaryArray.from_arrays(of, kinds.dictionary), types, wanted)  # fmt: skip

    def _regions(self, given: pa.DictionaryArray, key: pa.Array, kind: pa.Array) -> tuple[pa.Array, pa.Array]:
        """Name a place by its code where the gazetteer knows exactly one; others stay names."""
        made_key, made_kind, found = key.to_pylist(), kind.to_pylist(), []
        used = set(given.indices.unique().to_pylist())
        for at, name in enumerate(given.dictionary.to_pylist()):
            if at not in used or name_key(name) in self.places.own:
                continue
            try:
                place = self.places.named(name, exact=True)
            except PlaceRefused:
                continue  # the end stays a name: the fold reports it when no sheet defines it
            made_key[at], made_kind[at] = place.key, place.kind
            found.append(place)
        self.emit_divisions(found)
        return pa.array(made_key, pa.string()), pa.array(made_kind, pa.string())

    def _mention(
        self, role: str, allowed: tuple[str, ...], names: pa.DictionaryArray, rows: Rows, at: np.ndarray
    ) -> None:  # fmt: skip
        """An end that nothing else defines becomes an entity of its own, of the type that is stated or fits its name.

        One of which neither tells the type stays open: the fold tells it when nothing defines it.
        """
        if len(allowed) == 1:
            self.gathered.nodes[allowed[0]].append(mention_table(names, rows))
            return
        shaped = pa.array([self.schema.type_by_name(n, allowed) for n in names.dictionary.to_pylist()], pa.string())
        types = pc.coalesce(self._stated(role).take(pa.array(at)).cast(pa.string()), shaped.take(names.indices))
        for name in allowed:
            mine = np.flatnonzero(pc.equal(types, name).fill_null(False).to_numpy(zero_copy_only=False))
            if len(mine):
                self.gathered.nodes[name].append(mention_table(names.take(pa.array(mine)), rows.take(mine)))


class StatementSheet(SheetReader):
    """A sheet of completeness statements or statistics."""

    def read(self) -> None:
        kind = self.schema.statements[self.plan.type]
        rows = self.rows()
        made: dict[str, pa.Array] = {}
        for column in self.plan.columns:
            prop = column.meaning
            if column.role != "prop" or not isinstance(prop, Property):
                continue
            made[prop.name] = self.typed(column, prop, whole=True)
            if prop.required:
                self.require(column, made[prop.name])
            if prop.type == "place":
                made[prop.name] = self._place(column, made[prop.name])
        at = pa.array(np.flatnonzero(self.good))
        own = {k: v for k, v in rows.columns().items() if k not in made}
        table = pa.table({**made, **own})
        if kind.name == "Coverage":
            table = table.drop_columns([c for c in ("confidence", "source_ref") if c in own])
        self.gathered.statements[kind.name].append(table.take(at))

    def _place(self, column: Column, values: pa.Array) -> pa.Array:
        places = self.regions(values, column.header, whole=True)
        names = [None if p is None else (p.lineage[0].name if p.lineage else self.places.own.get(p.key, p.key))
                 for p in places]  # fmt: skip
        return pa.array(names, pa.string())
