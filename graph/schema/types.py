"""The schema: node types, relation types, their properties, read from ``schema/*.toml``.

It is the one source of table schemas, header recognition, validation, Neo4j constraints
and the documentation page. Users extend it with a TOML file of the same form.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from .errors import SchemaError
from .integrity import assert_shape
from .words import Label, read_toml

VERSION = 1
"""Version of the schema's meaning; a workspace written by a newer one is refused."""

_ARROW = {"number": pa.float64(), "share": pa.float64(), "money": pa.float64(),
          "integer": pa.int64(), "bool": pa.bool_()}  # fmt: skip
_TYPES = {
    *_ARROW,
    "text",
    "list",
    "date",
    "code",
    "uscc",
    "stock",
    "hk",
    "tw",
    "ticker",
    "stage",
    "relation",
    "place",
    "address",
}
_PROPS = {str: {"zh?": str, "en?": str, "type?": str, "aliases?": [str], "values?": [str], "role?": str, "unit?": str,
                "level?": str, "instead?": str, "iri?": str}}  # fmt: skip
_LINKS = {str: {"zh?": str, "en?": str, "relation?": str, "target?": str, "direction?": str, "aliases?": [str],
                "scope?": str, "with?": {str: str}, "with_target?": {str: str}, "mixed?": str}}  # fmt: skip
_KIND = {"zh?": str, "en?": str, "sheets?": [str], "aliases?": [str], "iri?": str, "props?": _PROPS}
_EXTENSION = {
    "node?": {str: {**_KIND, "identify?": [str], "links?": _LINKS, "extras?": _PROPS, "name_hint?": str,
                    "scoped_by?": str}},
    "relation?": {str: {**_KIND, "from?": [str], "to?": [str], "pairs?": [[str]], "from_header?": str,
                        "to_header?": str}},
    "statement?": {str: _KIND},
    "common?": {"props?": _PROPS, "place?": _PROPS, "provenance?": _PROPS},
}  # fmt: skip
"""What a user's file may hold; types that are new need more, and that is said when they are made."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")

PROVENANCE = ("source", "source_ref", "as_of", "confidence")
"""Columns that every fact carries and that count for the canonical hash."""
LOCATION = ("file", "sheet", "row", "load")
"""Where a fact stands; shown as evidence, left out of the canonical hash."""


class Labelled:
    """What has a label in both languages."""

    zh: str
    en: str

    @property
    def label(self) -> Label:
        """The label, written later."""
        return Label(self.zh, self.en)


@dataclass(frozen=True)
class Property(Labelled):
    """One property of a node, relation or statement, and the column that holds it."""

    name: str
    zh: str
    en: str
    type: str = "text"
    aliases: tuple[str, ...] = ()
    required: bool = False
    identifying: bool = False
    values: tuple[str, ...] = ()
    open: bool = False
    role: str = ""
    unit: str = ""
    iri: str = ""
    level: str = ""
    rare: bool = False  # read where a list has it, not asked for by the template
    instead: str = ""  # the property whose column identifies the rows where a list lacks this one

    @property
    def arrow(self) -> pa.DataType:
        """Arrow type of the column."""
        return _ARROW.get(self.type, pa.string())


@dataclass(frozen=True)
class Link:
    """A column of a wide sheet whose values are nodes of another type."""

    name: str
    zh: str
    en: str
    relation: str
    targets: tuple[str, ...]
    direction: str = "out"
    aliases: tuple[str, ...] = ()
    scope: str = ""
    props: tuple[tuple[str, str], ...] = ()
    target_props: tuple[tuple[str, str], ...] = ()
    mixed: str = ""  # its cells name persons among organisations, which stand under their "full" or "short" names


@dataclass(frozen=True)
class NodeType(Labelled):
    """A label: what identifies it, its properties and the links its sheet may carry."""

    name: str
    zh: str
    en: str
    sheets: tuple[str, ...]
    identify: tuple[str, ...]
    iri: str
    place: bool
    props: dict[str, Property]
    links: dict[str, Link]
    extras: dict[str, Property]
    name_hint: str = ""
    scoped_by: str = ""

    @cached_property
    def host_relation(self) -> str | None:
        """Relation from the host that tells entities of one name apart, if the type has one."""
        link = self.links.get(self.scoped_by)
        return link.relation if link is not None else None

    @cached_property
    def code_props(self) -> tuple[str, ...]:
        """Identifying properties other than the name, strongest first."""
        return tuple(p for p in self.identify if p != "name")

    @cached_property
    def seat_prop(self) -> str | None:
        """Identifying property that the loader makes of name and place, if the type has one."""
        return next((p.name for p in self.props.values() if p.role == "seat"), None)

    @cached_property
    def alias_props(self) -> tuple[str, ...]:
        """Properties whose values are further names."""
        return tuple(p.name for p in self.props.values() if p.role == "alias")


@dataclass(frozen=True)
class RelationType(Labelled):
    """A relation with its allowed ends."""

    name: str
    zh: str
    en: str
    aliases: tuple[str, ...]
    sheets: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    from_header: str
    to_header: str
    no_self: bool
    iri: str
    props: dict[str, Property]
    stub_to: bool = False

    @property
    def sources(self) -> tuple[str, ...]:
        """Types that may stand at the start."""
        return tuple(dict.fromkeys(a for a, _ in self.pairs))

    @property
    def targets(self) -> tuple[str, ...]:
        """Types that may stand at the end."""
        return tuple(dict.fromkeys(b for _, b in self.pairs))

    @property
    def identifying(self) -> tuple[str, ...]:
        """Properties that tell two relations between the same ends apart."""
        return tuple(p.name for p in self.props.values() if p.identifying)


@dataclass(frozen=True)
class Statement:
    """A table that stands beside the graph (completeness statements, statistics)."""

    name: str
    zh: str
    en: str
    sheets: tuple[str, ...]
    props: dict[str, Property]


@dataclass(frozen=True)
class Schema:
    """All types. Equal files give equal schemas."""

    nodes: dict[str, NodeType]
    relations: dict[str, RelationType]
    statements: dict[str, Statement]
    place: dict[str, Property] = field(default_factory=dict)
    provenance: dict[str, Property] = field(default_factory=dict)

    def sheet_type(self, name: str) -> str | None:
        """Return the type that a sheet, file or ``--as`` name stands for, if any."""
        return self._sheet_names.get(_plain(name))

    @cached_property
    def _sheet_names(self) -> dict[str, str]:
        found: dict[str, str] = {}
        kinds: list[NodeType | RelationType | Statement] = [
            *self.nodes.values(), *self.relations.values(), *self.statements.values()]  # fmt: skip
        for kind in kinds:
            for name in (kind.name, kind.zh, *kind.sheets):
                found.setdefault(_plain(name), kind.name)
        return found

    def type_by_name(self, name: str, allowed: tuple[str, ...]) -> str | None:
        """Return the allowed type whose names look like this one (a legal form, 大学 …), None when none does.

        A legal form at the end outweighs what stands before it: 示例大学出版社有限公司 is an enterprise.
        """
        hinted = [t for t in allowed if self.nodes[t].name_hint]
        ranked = sorted(hinted, key=lambda t: not self.nodes[t].name_hint.endswith("$"))
        return next((t for t in ranked if re.search(self.nodes[t].name_hint, name)), None)

    def relation_named(self, text: str) -> str | None:
        """Return the relation type that a cell of the column 关系 means, if any."""
        return self._relation_names.get(_plain(text))

    @cached_property
    def _relation_names(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for kind in self.relations.values():
            for name in (kind.name, kind.zh, kind.en, *kind.aliases):
                found.setdefault(_plain(name), kind.name)
        return found


def _plain(text: str) -> str:
    return re.sub(r"[\s_（）()]+", "", text).lower()


@lru_cache(maxsize=8)
def load_schema(extension: Path | None = None) -> Schema:
    """Read the schema, with a user's extension file on top.

    Parameters
    ----------
    extension
        TOML file with ``[node.X]`` or ``[relation.X]`` tables; new types are added, new
        properties and aliases join the existing types.

    Raises
    ------
    SchemaError
        A type, property or end is unknown or named twice; the message names it.
    """
    raw: dict[str, Any] = {"common": {}, "node": {}, "relation": {}, "statement": {}}
    for name in ("nodes.toml", "relations.toml", "statements.toml"):
        _merge(raw, read_toml(name))
    if extension is not None:
        try:
            found = tomllib.loads(extension.read_text(encoding="utf-8"))
            assert_shape(found, _EXTENSION)
            _merge(raw, found)
        except (OSError, ValueError, RecursionError) as bad:  # Damaged is an OSError, no TOML a ValueError
            raise SchemaError("schema_unreadable", file=extension.name, reason=bad) from bad
    schema = _build(raw)
    _validate(schema)
    return schema


def _merge(base: dict[str, Any], extra: dict[str, Any]) -> None:
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            base[key] = dict(base[key])
            _merge(base[key], value)
        elif isinstance(value, list) and isinstance(base.get(key), list):
            base[key] = base[key] + [v for v in value if v not in base[key]]
        else:
            base[key] = value


def _build(raw: dict[str, Any]) -> Schema:
    common = raw["common"]
    nodes = {n: _node(n, t, common) for n, t in raw["node"].items()}
    relations = {n: _relation(n, t) for n, t in raw["relation"].items()}
    statements = {
        n: Statement(n, _required(t, "zh", n), t.get("en", n), tuple(t.get("sheets", ())), _props(t.get("props", {})))
        for n, t in raw["statement"].items()
    }
    return Schema(nodes, relations, statements, _props(common["place"]),
                  _props(common["provenance"]))  # fmt: skip


def _node(name: str, table: dict[str, Any], common: dict[str, Any]) -> NodeType:
    links = {}
    for key, spec in table.get("links", {}).items():
        links[key] = Link(
            key, _required(spec, "zh", key), spec.get("en", key), _required(spec, "relation", key),
            tuple(_required(spec, "target", key).split("|")), spec.get("direction", "out"),
            tuple(spec.get("aliases", ())), spec.get("scope", ""),
            tuple(spec.get("with", {}).items()), tuple(spec.get("with_target", {}).items()),
            spec.get("mixed", ""),
        )  # fmt: skip
    props = _props({**table.get("props", {}), **common["props"]})
    return NodeType(
        name, _required(table, "zh", name), table.get("en", name),
        tuple(table.get("sheets", ())), tuple(table.get("identify", ("name",))),
        table.get("iri", ""), bool(table.get("place", False)), props, links,
        _props(table.get("extras", {})), table.get("name_hint", ""), table.get("scoped_by", ""),
    )  # fmt: skip


def _relation(name: str, table: dict[str, Any]) -> RelationType:
    pairs = [tuple(p) for p in table.get("pairs", ())]
    pairs += [(a, b) for a in table.get("from", ()) for b in table.get("to", ())]
    return RelationType(
        name, _required(table, "zh", name), table.get("en", name),
        tuple(table.get("aliases", ())), tuple(table.get("sheets", ())), tuple(pairs),
        table.get("from_header", ""), table.get("to_header", ""),
        bool(table.get("no_self", False)), table.get("iri", ""), _props(table.get("props", {})),
        bool(table.get("stub_to", False)),
    )  # fmt: skip


def _props(table: dict[str, Any]) -> dict[str, Property]:
    made = {}
    for name, spec in table.items():
        values = dict(spec)
        for key in ("aliases", "values"):
            values[key] = tuple(values.get(key, ()))
        try:
            made[name] = Property(name=name, **{"en": name, **values})
        except TypeError as bad:
            raise SchemaError("schema_property", name=name, reason=bad) from bad
        if made[name].type == "money":
            made |= _companions(made[name])
    return made


def _companions(prop: Property) -> dict[str, Property]:
    """What an amount leaves open: range, foreign currency, "about"; filled by the loader only."""
    parts = (("low", "下限", "low", "number"), ("high", "上限", "high", "number"),
             ("currency", "币种", "currency", "text"), ("approx", "约数", "approximate", "bool"))  # fmt: skip
    return {
        f"{prop.name}_{part}": Property(
            f"{prop.name}_{part}", prop.zh + zh, f"{prop.en} ({en})", kind, role="companion"
        )
        for part, zh, en, kind in parts
    }


def _required(table: dict[str, Any], key: str, name: str) -> str:
    if key not in table:
        raise SchemaError("schema_missing", name=name, key=key)
    return str(table[key])


def _validate(schema: Schema) -> None:
    for problem in _problems(schema):
        raise problem


def _problems(schema: Schema) -> Iterator[SchemaError]:
    """Yield every contradiction: unsafe names, unknown types, unknown ends."""
    types: list[NodeType | RelationType | Statement] = [
        *schema.nodes.values(), *schema.relations.values(), *schema.statements.values()]  # fmt: skip
    for kind in types:
        if not _NAME.match(kind.name):
            yield SchemaError("schema_name", name=kind.name)
        for prop in kind.props.values():
            if not _NAME.match(prop.name) or prop.name in (*PROVENANCE[:0], *LOCATION):
                yield SchemaError("schema_name", name=f"{kind.name}.{prop.name}")
            if prop.type not in _TYPES:
                yield SchemaError("schema_type", name=f"{kind.name}.{prop.name}", type=prop.type)
    for relation in schema.relations.values():
        for end in (*relation.sources, *relation.targets):
            if end not in schema.nodes:
                yield SchemaError("schema_end", name=relation.name, end=end)
    for node in schema.nodes.values():
        for code in node.identify:
            if code not in node.props:
                yield SchemaError("schema_missing", name=node.name, key=code)
        for link in node.links.values():
            if link.relation not in schema.relations:
                yield SchemaError("schema_end", name=f"{node.name}.{link.name}", end=link.relation)
