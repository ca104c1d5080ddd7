"""Edge tables and statements: one row a relation (起点 · 关系 · 终点), or one claim of coverage."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..graph.schema import Property, RelationType
from ..graph.text import name_key, name_keys
from .headers import Column
from .places import PlaceRefused
from .records import End, Rows, mention_table, relation_table
from .sheets import SheetReader


class EdgeSheet(SheetReader):
    """A sheet in which each row is one relation."""

    def read(self) -> None:
        start, end = self.plan.one("from"), self.plan.one("to")
        assert start is not None
        assert end is not None
        rows = self.rows()
        relations = self._relations()
        ends = {}
        for side, column in (("src", start), ("dst", end)):
            ends[side] = self.column(column)
            self.require(column, ends[side])
        for name in sorted(set(relations.drop_null().unique().to_pylist())):
            mask = pc.equal(relations, name).fill_null(False).to_numpy(zero_copy_only=False)
            self._one(self.schema.relations[name], np.flatnonzero(mask), ends, rows)

    def _relations(self) -> pa.Array:
        n = len(self.raw.rows)
        if self.plan.type in self.schema.relations:
            return pa.array([self.plan.type] * n, pa.string())
        column = self.plan.one("relation")
        assert column is not None
        made = self.typed(column, Property("relation", "关系", "Relation", "relation"), whole=True)
        self.require(column, self.column(column))
        return made

    def _one(self, kind: RelationType, at: np.ndarray, ends: dict[str, pa.Array], rows: Rows) -> None:
        props: dict[str, pa.Array] = {}
        for column in self.plan.columns:
            prop = kind.props.get(column.meaning.name) if column.meaning is not None else None
            if column.role == "prop" and prop is not None and prop.type == "money":
                props |= self.amounts(column, prop)
            elif column.role == "prop" and prop is not None:
                props[prop.name] = self.typed(column, prop, whole=prop.identifying)
        at = at[self.good[at]]
        index = pa.array(at)
        chain = self.plan.one("chain")
        scope = name_keys(self.column(chain)).take(index) if chain is not None else None
        mine = rows.take(at)
        made = {}
        for side, role, types in (("src", "from_type", kind.sources), ("dst", "to_type", kind.targets)):
            text = ends[side].take(index)
            made[side] = self._end(text, self._types(role, types), scope)
        self.gathered.relations[kind.name].append(
            relation_table(made["src"], made["dst"], mine, {k: v.take(index) for k, v in props.items()})
        )
        if kind.stub_to or self.plan.stubs:
            self._mention(self._types("to_type", kind.targets).split("|")[0], ends["dst"].take(index), mine)
        if self.plan.stubs:
            self._mention(self._types("from_type", kind.sources).split("|")[0], ends["src"].take(index), mine)

    def _types(self, role: str, allowed: tuple[str, ...]) -> str:
        column = self.plan.one(role)
        if column is None:
            return "|".join(allowed)
        named = {self.schema.sheet_type(t) for t in self.column(column).drop_null().unique().to_pylist()}
        return "|".join(t for t in allowed if t in named) or "|".join(allowed)

    def _end(self, text: pa.Array, types: str, scope: pa.Array | None) -> End:
        """An end is named by its code where it looks like one, else by name."""
        key, kind = name_keys(text), pa.array(["name"] * len(text), pa.string())
        folded = pc.utf8_upper(pc.utf8_normalize(text, form="NFKC"))
        patterns = {"stock_code": r"^((SH|SZ|BJ)[.:]?)?\d{6}([.:](SH|SZ|BJ|SS))?$",
                    "uscc": r"^[0-9A-HJ-NPQRTUWXY]{18}$"}  # fmt: skip
        for prop, pattern in patterns.items():
            if not any(prop in self.schema.nodes[t].code_props for t in types.split("|")):
                continue
            hit = pc.match_substring_regex(folded, pattern).fill_null(False)
            if pc.any(hit).as_py():
                code = pc.replace_substring_regex(folded, r"^(SH|SZ|BJ)[.:]?|[.:](SH|SZ|BJ|SS)$", "")
                key, kind = pc.if_else(hit, code, key), pc.if_else(hit, prop, kind)
        if "Region" in types:
            key, kind = self._regions(text, key, kind)
        wanted = scope if "Product" in types else None
        return End(key, kind, types, wanted)

    def _regions(self, text: pa.Array, key: pa.Array, kind: pa.Array) -> tuple[pa.Array, pa.Array]:
        """Name a place by its code where the gazetteer knows exactly one; others stay names."""
        made_key, made_kind, found = key.to_pylist(), kind.to_pylist(), []
        for at, name in enumerate(text.to_pylist()):
            if name is None or name_key(name) in self.places.own:
                continue
            try:
                place = self.places.named(name)
            except PlaceRefused:
                continue  # the end stays a name: the fold reports it when no sheet defines it
            made_key[at], made_kind[at] = place.key, place.kind
            found.append(place)
        self.emit_divisions(found)
        return pa.array(made_key, pa.string()), pa.array(made_kind, pa.string())

    def _mention(self, kind: str, names: pa.Array, rows: Rows) -> None:
        """An end that nothing else defines becomes an entity of its own."""
        self.gathered.nodes[kind].append(mention_table(names, rows))


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
