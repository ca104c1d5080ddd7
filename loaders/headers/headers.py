"""Headers: which type a sheet is about, and what each of its columns means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import PurePath

from ...graph.schema.errors import LoadError
from ...graph.schema.types import Link, NodeType, Property, RelationType, Schema, Statement
from ..files.frame import PATH
from .paths import WHOLE, listed, meaning_of

EDGE = {"from": ("起点", "主体", "head", "from"), "relation": ("关系", "relation", "rel"),
        "to": ("终点", "客体", "tail", "to"), "from_type": ("起点类型",), "to_type": ("终点类型",),
        "chain": ("产业链", "所属链")}  # fmt: skip
_UNIT = re.compile(r"^(.*?)\((?:单位[::]?)?(元|千元|万元|百万元|千万元|亿元|%)\)$")


@dataclass(frozen=True)
class Column:
    """One column of a sheet: its place, its header, what it is, and the unit it names."""

    at: int
    header: str
    role: str
    meaning: Property | Link | None
    unit: str = ""


@dataclass(frozen=True)
class Plan:
    """How a sheet is read: type and columns; ``unused`` headers are reported, never guessed."""

    type: str
    shape: str
    columns: tuple[Column, ...]
    unused: tuple[str, ...] = field(default=())
    stubs: bool = False

    def one(self, role: str, name: str | None = None) -> Column | None:
        """Return the column with this role (and meaning), if the sheet has it."""
        for column in self.columns:
            if column.role == role and (name is None or (
                column.meaning is not None and column.meaning.name == name)):  # fmt: skip
                return column
        return None


def plain(header: str) -> tuple[str, str]:
    """Return a header without spaces and unit, and the unit.

    Examples
    --------
    >>> plain("营业收入（万元）")
    ('营业收入', '万元')
    """
    text = re.sub(r"[\s*]+", "", unicodedata.normalize("NFKC", header)).lower()
    found = _UNIT.match(text)
    return (found[1], found[2]) if found else (text, "")


def plan(
    headers: tuple[str, ...],
    schema: Schema,
    *,
    file: str,
    sheet: str,
    as_type: str | None = None,
    stubs: bool = False,
    mapped: bool = False,
) -> Plan:
    """Decide what a sheet is about and what its columns mean.

    Parameters
    ----------
    mapped
        Its headers were given by a mapping: several of one word are meant.

    Raises
    ------
    LoadError
        The type cannot be told, a required column is absent, or two columns mean the same.
    """
    named = as_type or by_name(schema, file, sheet)
    wanted = [named] if named else types_of(schema)
    plans = {name: columns_of(headers, schema, name) for name in wanted}
    name = named or _by_headers(plans, schema)
    if name is None:
        near = max(plans, key=lambda n: _score(plans[n], schema))
        raise LoadError("sheet_type", file=file, sheet=sheet or file, near=label(schema, near),
                        headers="、".join(h for h in headers if h))  # fmt: skip
    made = plans[name]
    if made.shape == "relation" and made.one("from") is None and _edge_complete(headers, schema):
        made = columns_of(headers, schema, "EDGE")  # a 生产 sheet may be a plain edge table too
    _check(made, schema, headers, file, sheet, mapped)
    return replace(made, stubs=stubs)


def label(schema: Schema, name: str) -> str:
    """Return ``企业 Enterprise`` for a type name."""
    kind = _kind(schema, name)
    return f"{kind.zh} {kind.name}" if kind else "关系表 (起点、关系、终点)"


def _kind(schema: Schema, name: str) -> NodeType | RelationType | Statement | None:
    return schema.nodes.get(name) or schema.relations.get(name) or schema.statements.get(name)


def types_of(schema: Schema) -> list[str]:
    edges = [r.name for r in schema.relations.values() if r.from_header]
    return [*schema.nodes, *edges, *schema.statements, "EDGE"]


def by_name(schema: Schema, file: str, sheet: str) -> str | None:
    """Return the type that a sheet's or its file's name stands for, if any."""
    stem = PurePath(file).stem
    for name in (sheet, stem, re.split(r"[_\-—（(.]", sheet)[0], re.split(r"[_\-—（(.]", stem)[0]):
        found = schema.sheet_type(name) if name else None
        if found:
            return found
    return None


def _by_headers(plans: dict[str, Plan], schema: Schema) -> str | None:
    """The type whose own headers are all there; among several the one that explains most columns."""
    fitting = {n: p for n, p in plans.items() if _distinct(p, schema)}
    if not fitting:
        return None
    ranked = sorted(fitting, key=lambda n: -_score(fitting[n], schema))
    if len(ranked) > 1 and _score(fitting[ranked[0]], schema) == _score(fitting[ranked[1]], schema):
        return None
    return ranked[0]


def _score(made: Plan, schema: Schema) -> float:
    own = 3.0 * _distinct(made, schema)
    return own + sum(1 for c in made.columns if c.role != "provenance") - 0.5 * len(made.unused)


def _distinct(made: Plan, schema: Schema) -> bool:
    """The required columns stand under headers that belong to this type, not a bare 名称."""
    if made.shape == "edge":
        return all(made.one(role) for role in ("from", "relation", "to"))
    kind = _kind(schema, made.type)
    assert kind is not None
    if isinstance(kind, RelationType):
        ends = {plain(kind.from_header)[0], plain(kind.to_header)[0]}
        found = [made.one(role) for role in ("from", "to")]
        return all(c is not None and plain(c.header)[0] in ends for c in found)
    found = [made.one("prop", p.name) for p in kind.props.values() if p.required]
    return bool(found) and all(c is not None and plain(c.header.split(PATH)[-1])[0] not in ("名称", "name", "编号")
                               for c in found)  # fmt: skip


def columns_of(headers: tuple[str, ...], schema: Schema, name: str) -> Plan:
    known = dict(reversed(list(names_of(schema, name))))
    columns, unused = [], []
    strength: dict[int, int] = {}  # of columns that are read by their path
    for at, header in enumerate(headers):
        text, unit = plain(header)
        full = re.sub(r"[\s*]+", "", unicodedata.normalize("NFKC", header)).lower()
        found = known.get(full) or known.get(text)
        if found is None and (by_path := meaning_of(header, known)) is not None:
            found, unit, strength[at] = by_path[0], plain(by_path[1])[1], by_path[2]
        if found is not None:
            columns.append(Column(at, header, found[0], found[1], unit))
        elif header.strip():
            unused.append(header)
    for weak in [c for c in columns if c.at in strength and not listed(c.meaning)]:
        same = [c for c in columns if (c.role, c.meaning) == (weak.role, weak.meaning)]
        if max(strength.get(c.at, WHOLE) for c in same) > strength[weak.at]:
            columns.remove(weak)
            unused.append(weak.header)
    shape = ("node" if name in schema.nodes else "relation" if name in schema.relations else
             "edge" if name == "EDGE" else "statement")  # fmt: skip
    return Plan(name, shape, tuple(columns), tuple(unused))


def names_of(schema: Schema, name: str) -> Iterator[tuple[str, tuple[str, Property | Link | None]]]:
    """Yield (header, meaning), the type's own words before aliases and shared columns."""
    kind = _kind(schema, name)
    groups: list[tuple[str, list[Property | Link]]] = []
    if isinstance(kind, NodeType):
        groups += [("prop", list(kind.props.values())), ("link", list(kind.links.values())),
                   ("extra", list(kind.extras.values()))]  # fmt: skip
        if kind.place:
            groups.append(("place", list(schema.place.values())))
    else:
        if not isinstance(kind, Statement):
            ends = (kind.from_header, kind.to_header) if isinstance(kind, RelationType) else ("", "")
            for role, own in (("from", ends[0]), ("to", ends[1])):
                yield from ((plain(h)[0], (role, None)) for h in (own, *EDGE[role]) if h)
            roles = ("relation", "from_type", "to_type", "chain")
            yield from ((h, (role, None)) for role in roles for h in EDGE[role])
        props = kind.props.values() if kind else _all_relation_props(schema)
        groups.append(("prop", list(props)))
    if not isinstance(kind, Statement):
        groups.append(("provenance", list(schema.provenance.values())))
    groups = [(role, [i for i in items if getattr(i, "role", "") != "companion"]) for role, items in groups]
    for role, items in groups:
        yield from ((plain(i.zh)[0], (role, i)) for i in items)
    for role, items in groups:
        for item in items:
            words = [*item.aliases, item.en]
            if role in ("prop", "provenance"):
                words.append(item.name)
            yield from ((_fold(w), (role, item)) for w in words)


def known_words(schema: Schema) -> frozenset[str]:
    """Return every header that some type of the schema accepts."""
    return frozenset(word for name in types_of(schema) for word, _ in names_of(schema, name))


def _fold(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


def _all_relation_props(schema: Schema) -> list[Property]:
    found: dict[str, Property] = {}
    for relation in schema.relations.values():
        for prop in relation.props.values():
            found.setdefault(prop.name, prop)
    return list(found.values())


def _edge_complete(headers: tuple[str, ...], schema: Schema) -> bool:
    made = columns_of(headers, schema, "EDGE")
    return made.one("from") is not None and made.one("to") is not None


def _check(made: Plan, schema: Schema, headers: tuple[str, ...], file: str, sheet: str, mapped: bool) -> None:
    """Refuse a sheet that lacks a column it needs, or has two that contradict each other.

    Several columns of a list or of a link are several values; the same header twice is not.
    """
    shown = "、".join(h for h in headers if h)
    absent = _absent(made, schema)
    if absent:
        raise LoadError("column_required", file=file, sheet=sheet or file, column=absent,
                        type=label(schema, made.type), headers=shown)  # fmt: skip
    seen: dict[tuple[str, str], Column] = {}
    for column in made.columns:
        name = column.meaning.name if column.meaning is not None else column.role
        first = seen.setdefault((column.role, name), column)
        several = listed(column.meaning) and (mapped or plain(first.header) != plain(column.header))
        if first is not column and not several:
            zh = column.meaning.zh if column.meaning is not None else column.header
            raise LoadError("column_twice", file=file, sheet=sheet or file, column=zh,
                            first=first.header, second=column.header)  # fmt: skip


def _absent(made: Plan, schema: Schema) -> str | None:
    if made.shape in ("edge", "relation"):
        kind = schema.relations.get(made.type)
        names = {"from": kind.from_header if kind and kind.from_header else "起点",
                 "to": kind.to_header if kind and kind.to_header else "终点",
                 "relation": "关系"}  # fmt: skip
        needed = ("from", "to") if kind else ("from", "relation", "to")
        return next((names[role] for role in needed if made.one(role) is None), None)
    found = _kind(schema, made.type)
    assert found is not None
    return next((p.zh for p in found.props.values()
                 if p.required and made.one("prop", p.name) is None), None)  # fmt: skip


def nearest(text: str, known: list[str], n: int = 3) -> str:
    """Return the nearest known names, joined, or a dash."""
    return "、".join(get_close_matches(text, list(dict.fromkeys(known)), n=n, cutoff=0.3)) or "—"
