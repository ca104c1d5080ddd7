"""Headers: which type a sheet is about, and what each of its columns means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import lru_cache
from pathlib import PurePath

from ...graph.schema.errors import LoadError
from ...graph.schema.types import Link, NodeType, Property, RelationType, Schema, Statement
from ..files.frame import PATH
from .paths import WHOLE, WORDS, meaning_of
from .persons import of_person
from .table import ANY, ROLES, fold, real_headers
from .words import COUNTS, coarseness, said

EDGE = {"from": ("起点", "主体", "head", "from"), "relation": ("关系", "relation", "rel"),
        "to": ("终点", "客体", "tail", "to"), "from_type": ("起点类型",), "to_type": ("终点类型",),
        "chain": ("产业链", "所属链")}  # fmt: skip
_OWN, _REAL = 3.0, 2.0  # what the schema's own word for a required column counts, and the table's
_BARE = ("名称", "name", "title", "编号")
_ONLY_YEAR = re.compile(r"((?:19|20)\d\d)年?(?:度|末|底)?")
Meaning = tuple[str, "Property | Link | None"]
"""What a header stands for: its role and, for most roles, the property or link."""


@dataclass(frozen=True)
class Column:
    """One column of a sheet: its place, its header, what it is, and the unit it names."""

    at: int
    header: str
    role: str
    meaning: Property | Link | None
    unit: str = ""
    year: str = ""
    rank: int = 0

    @property
    def name(self) -> str:
        """Name of what the column means, the role where that is all."""
        return self.meaning.name if self.meaning is not None else self.role


@dataclass(frozen=True)
class Plan:
    """How a sheet is read: type and columns; ``unused`` headers are reported, never guessed.

    ``twins`` are further columns of a meaning that ``columns`` has already, ``persons`` the headers
    of what is never loaded, ``counters`` columns that may number the rows.
    """

    type: str
    shape: str
    columns: tuple[Column, ...]
    unused: tuple[str, ...] = field(default=())
    stubs: bool = False
    twins: tuple[Column, ...] = ()
    persons: tuple[str, ...] = ()
    counters: tuple[Column, ...] = ()
    stated: dict[str, str] = field(default_factory=dict)  # type of either end (from_type, to_type) as the user says

    def one(self, role: str, name: str | None = None) -> Column | None:
        """Return the column with this role (and meaning), if the sheet has it."""
        for column in self.columns:
            if column.role == role and name in (None, column.name):
                return column
        return None


def plain(header: str) -> tuple[str, str]:
    """Return a header without spaces, marks and unit, and the unit.

    Examples
    --------
    >>> plain("营业收入（万元）"), plain("*企 业 名 称：")
    (('营业收入', '万元'), ('企业名称', ''))
    """
    found = said(header)
    return found.text, found.unit


def plan(
    headers: tuple[str, ...],
    schema: Schema,
    *,
    file: str,
    sheet: str,
    as_type: str | None = None,
    stubs: bool = False,
    mapped: bool = False,
    stated: dict[str, str] | None = None,
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
    return replace(_one_each(made), stubs=stubs, stated=stated or {})


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
    weights = {n: _distinct(p, schema) for n, p in plans.items()}
    # The table's word alone is not enough where most of the sheet would not be read.
    fitting = {n: p for n, p in plans.items() if weights[n] == _OWN or (weights[n] and len(p.columns) > len(p.unused))}
    if not fitting:
        return None
    ranked = sorted(fitting, key=lambda n: -_score(fitting[n], schema))
    if len(ranked) > 1 and _score(fitting[ranked[0]], schema) == _score(fitting[ranked[1]], schema):
        return None
    return ranked[0]


def _score(made: Plan, schema: Schema) -> float:
    """How well a type explains a sheet: its own required columns first, then how many columns it reads.

    A header that names the entities of another type (企业名称 on a sheet of patents) is left to that type.
    """
    read = [c for c in made.columns if c.role not in ("provenance", "flag")]
    others = sum(_names_another(c, schema, made.type) for c in read)
    return _distinct(made, schema) + len(read) - 1.5 * others - 0.5 * len(made.unused)


def _names_another(column: Column, schema: Schema, kind: str) -> bool:
    types = _required_words(_Same(schema), False).get(plain(column.header)[0], ())
    return bool(types) and kind not in types and not own_word(column.header, schema, kind)


def _distinct(made: Plan, schema: Schema) -> float:
    """The required columns stand under headers that belong to this type, not a bare 名称.

    3 where the schema says so, 2 where only the table of real headers does and gives the word to no other type.
    """
    if made.shape == "edge":
        return _OWN * all(made.one(role) for role in ("from", "relation", "to"))
    kind = _kind(schema, made.type)
    assert kind is not None
    if isinstance(kind, RelationType):
        ends = {plain(kind.from_header)[0], plain(kind.to_header)[0]}
        found = [made.one(role) for role in ("from", "to")]
        words = [plain(c.header)[0] for c in found if c is not None]
        if len(words) == len(found) and ends.issuperset(words):
            return _OWN
        known = _end_words(_Same(schema))
        return _REAL * (len(words) == len(found) and all(known.get(w) == (made.type,) for w in words))
    required = [p for p in kind.props.values() if p.required]
    weights = [
        max((_weight(c, schema, made.type) for c in made.columns if c.role == "prop" and c.name == p.name), default=0.0)
        for p in required
    ]
    weight = min(weights, default=0.0)
    return weight or _REAL * _identified(made, schema)


def _identified(made: Plan, schema: Schema) -> bool:
    """A bare 名称 beside the code that only entities of this type have: 行政区划代码, 股票代码."""
    kind = _kind(schema, made.type)
    if not isinstance(kind, NodeType) or made.one("prop", "name") is None:
        return False
    codes = set(kind.identify) - {"name"}
    return any(c.role == "prop" and c.name in codes and own_word(c.header, schema, made.type)
               and sum(own_word(c.header, schema, n) for n in schema.nodes) == 1 for c in made.columns)  # fmt: skip


def _weight(column: Column, schema: Schema, kind: str) -> float:
    word = plain(column.header.split(PATH)[-1])[0]
    if word in _BARE:
        return 0.0
    real = _required_words(_Same(schema), True).get(word) == (kind,)
    return _OWN if own_word(column.header, schema, kind) else _REAL * real


def own_word(header: str, schema: Schema, kind: str) -> bool:
    """Tell whether the schema itself, not the table of real headers, knows a header on this type."""
    words = _words(_Same(schema), kind, False)
    return any(word in words for text in (header, header.split(PATH)[-1]) for word, *_ in said(text).candidates())


@lru_cache(maxsize=8)
def _end_words(of: _Same) -> dict[str, tuple[str, ...]]:
    """Types of sheets whose ends a word may head, the types whose entities it names among them."""
    found = dict(_required_words(of, True))
    for name in (r for r in types_of(of.schema) if r in of.schema.relations):
        for word, (role, _) in _words(of, name, True).items():
            if role in ("from", "to"):
                found[word] = (*found.get(word, ()), name)
    return found


@lru_cache(maxsize=8)
def _required_words(of: _Same, real: bool) -> dict[str, tuple[str, ...]]:
    """Types whose required columns a word may head; ``real``: also by the table of real headers."""
    found: dict[str, tuple[str, ...]] = {}
    kinds: list[NodeType | Statement] = [*of.schema.nodes.values(), *of.schema.statements.values()]
    for kind in kinds:
        needed = {name for p in kind.props.values() if p.required for name in (p.name, p.instead)}
        for word, (role, meaning) in _words(of, kind.name, real).items():
            if role == "prop" and isinstance(meaning, Property) and meaning.name in needed and word not in _BARE:
                found[word] = (*found.get(word, ()), kind.name)
    return found


def columns_of(headers: tuple[str, ...], schema: Schema, name: str) -> Plan:
    """Return what each header means on a sheet of a type."""
    known = _words(_Same(schema), name, True)
    order = {word: at for at, word in enumerate(known)}
    columns: list[Column] = []
    counters: list[Column] = []
    unused, persons = [], []
    strength: dict[int, int] = {}  # of columns that are read by their path
    for at, header in enumerate(headers):
        if not header.strip():
            continue
        word, (role, meaning), unit, year, strong = _hit(header, known)
        if role == "person":
            persons.append(header)
        elif role == "none" or not _fits_unit(unit, meaning):
            unused.append(header)
        else:
            column = Column(at, header, role, meaning, unit, year, order.get(word, len(order)))
            (counters if role == "row_number" else columns).append(column)
            if strong < WHOLE:
                strength[at] = strong
    for weak in [c for c in columns if c.at in strength and not takes_several(c)]:
        same = [c for c in columns if (c.role, c.name) == (weak.role, weak.name)]
        if max(strength.get(c.at, WHOLE) for c in same) > strength[weak.at]:
            columns.remove(weak)
            unused.append(weak.header)
    columns = _stood_in(columns, schema, name)
    shape = ("node" if name in schema.nodes else "relation" if name in schema.relations else
             "edge" if name == "EDGE" else "statement")  # fmt: skip
    return Plan(name, shape, tuple(columns), tuple(unused), False, (), tuple(persons), tuple(counters))


def _hit(header: str, known: dict[str, Meaning]) -> tuple[str, Meaning, str, str, int]:
    """Return word, meaning, unit, year and strength of what a header says."""
    found = said(header)
    for word, unit, year in found.candidates():
        if word in known:
            return word, known[word], unit, year, WHOLE
    words = header.split(PATH)
    years = [m[1] for word in words if (m := _ONLY_YEAR.fullmatch(fold(word)))]
    left = [word for word in words if not _ONLY_YEAR.fullmatch(fold(word))]
    if years and left:  # 营业收入（万元）·2023年
        word, meaning, unit, year, strong = _hit(PATH.join(left), known)
        return word, meaning, unit, year or years[-1], strong
    if any(of_person(said(word).text) for word in words):
        return "", ("person", None), "", "", WHOLE
    for word, unit, year in said(words[-1]).candidates() if len(words) > 1 else ():
        if year and word in known:  # 经营指标·2023年营业收入
            return word, known[word], unit, year, WORDS
    if (by_path := meaning_of(header, known)) is not None:
        return "", by_path[0], plain(by_path[1])[1], "", by_path[2]
    return "", ("none", None), "", "", WHOLE


def _stood_in(columns: list[Column], schema: Schema, name: str) -> list[Column]:
    """Let the column that a required one names instead of itself identify the rows where that one is absent."""
    kind = _kind(schema, name)
    read = {c.name for c in columns if c.role == "prop"}
    stand = {p.instead: p for p in (kind.props.values() if kind else ()) if p.instead and p.name not in read}
    return [replace(c, meaning=stand[c.name]) if c.role == "prop" and c.name in stand else c for c in columns]


def _fits_unit(unit: str, meaning: Property | Link | None) -> bool:
    """A number without a place for its unit is not read: 产能（万吨） and 产能 are not one figure."""
    if not isinstance(meaning, Property) or meaning.type not in ("number", "integer"):
        return True
    return not unit or unit in COUNTS or unit in ("%", meaning.unit)


@dataclass(frozen=True, eq=False)
class _Same:
    """A schema by its identity, so that what is made of it is made once."""

    schema: Schema

    def __hash__(self) -> int:
        return id(self.schema)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.schema is self.schema


@lru_cache(maxsize=512)
def _words(of: _Same, name: str, real: bool) -> dict[str, Meaning]:
    """Meaning by header, the words that win first; ``real``: with the table of real headers."""
    found: dict[str, Meaning] = {}
    for word, meaning in _from_schema(of.schema, name):
        found.setdefault(word, meaning)
    if not real:
        return found
    meanings = _meanings(of.schema, name)
    for kind in (name, ANY):
        for word, text in real_headers().get(kind, ()):
            if text in meanings or text in ROLES:
                meaning = meanings.get(text, (text, None))
                found.setdefault(word, meaning)
                if not word.isalnum():  # nothing stands around a bare word
                    found.setdefault(plain(word)[0], meaning)
    return found


def _meanings(schema: Schema, name: str) -> dict[str, Meaning]:
    """What the table's third column may say for a type, by name."""
    found: dict[str, Meaning] = {"chain": ("chain", None)} if name not in schema.statements else {}
    for role, items in reversed(_groups(schema, name)):
        found |= {item.name: (role, item) for item in items}
    return found


def names_of(schema: Schema, name: str) -> Iterator[tuple[str, Meaning]]:
    """Yield (header, meaning): the type's own words, then aliases and shared columns, then real headers."""
    yield from _words(_Same(schema), name, True).items()


def _groups(schema: Schema, name: str) -> list[tuple[str, list[Property | Link]]]:
    """What the columns of a type's sheet may be, by role; what only the loader fills is left out."""
    kind = _kind(schema, name)
    groups: list[tuple[str, list[Property | Link]]] = []
    if isinstance(kind, NodeType):
        groups += [("prop", list(kind.props.values())), ("link", list(kind.links.values())),
                   ("extra", list(kind.extras.values()))]  # fmt: skip
        if kind.place:
            groups.append(("place", list(schema.place.values())))
    else:
        groups.append(("prop", list(kind.props.values() if kind else _all_relation_props(schema))))
    if not isinstance(kind, Statement):
        groups.append(("provenance", list(schema.provenance.values())))
    return [(role, [i for i in items if getattr(i, "role", "") != "companion"]) for role, items in groups]


def _from_schema(schema: Schema, name: str) -> Iterator[tuple[str, Meaning]]:
    """Yield the words that the schema itself gives, those that win first."""
    kind = _kind(schema, name)
    if not isinstance(kind, NodeType | Statement):
        ends = (kind.from_header, kind.to_header) if isinstance(kind, RelationType) else ("", "")
        for role, own in (("from", ends[0]), ("to", ends[1])):
            yield from ((plain(h)[0], (role, None)) for h in (own, *EDGE[role]) if h)
        roles = ("relation", "from_type", "to_type", "chain")
        yield from ((h, (role, None)) for role in roles for h in EDGE[role])
    groups = _groups(schema, name)
    for role, items in groups:
        yield from ((plain(i.zh)[0], (role, i)) for i in items)
    for role, items in groups:
        for item in items:
            words = [*item.aliases, item.en]
            if role in ("prop", "provenance"):
                words.append(item.name)
            yield from ((fold(w), (role, item)) for w in words)


def known_words(schema: Schema) -> frozenset[str]:
    """Return every header that some type of the schema accepts."""
    return frozenset(word for name in types_of(schema) for word, _ in names_of(schema, name))


def some_known(headers: tuple[str, ...], schema: Schema) -> bool:
    """Tell whether some type of the schema reads at least one of these headers."""
    return any(columns_of(headers, schema, name).columns for name in types_of(schema))


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
    seen: dict[tuple[str, str, str], Column] = {}
    for column in made.columns:
        first = seen.setdefault((column.role, column.name, fold(column.header)), column)
        if first is not column and not (mapped and takes_several(column)):
            zh = column.meaning.zh if column.meaning is not None else column.header
            raise LoadError("column_twice", file=file, sheet=sheet or file, column=zh,
                            first=first.header, second=column.header)  # fmt: skip


def takes_several(column: Column) -> bool:
    """Tell whether several columns of this meaning give several values (主营产品1, 主营产品2)."""
    if isinstance(column.meaning, Link):
        return column.meaning.relation not in ("IN_INDUSTRY", "IN_CHAIN") and not column.meaning.scope
    return column.role == "flag" or (isinstance(column.meaning, Property) and column.meaning.type == "list")


def _one_each(made: Plan) -> Plan:
    """Keep the preferred column of each meaning; the others of it become ``twins``.

    The latest year wins, then the finest class, then the word that the schema or the table names first.
    Figures of an earlier year are not read: they are another fact.
    """
    kept: dict[tuple[str, str], Column] = {}
    twins, unused = [], list(made.unused)
    several: list[Column] = []  # of one link: each value keeps the address of its own column
    for column in sorted(made.columns, key=lambda c: ([-ord(d) for d in c.year], coarseness(c.header), c.rank, c.at)):
        role = "prop" if column.role == "flag" else column.role
        name = "kind" if column.role == "flag" else column.name
        first = None if column.role == "flag" else kept.setdefault((role, name), column)
        if first is column:
            continue
        if isinstance(column.meaning, Link) and takes_several(column):
            several.append(column)
            continue
        if first is not None and column.year != first.year:
            unused.append(column.header)
        else:
            twins.append(column)
    columns = tuple(sorted([*kept.values(), *several], key=lambda c: c.at))
    return replace(made, columns=columns, twins=tuple(twins), unused=tuple(unused))


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


def required_words(schema: Schema, name: str) -> list[str]:
    """Return the schema's words for the columns that a sheet of a type must have."""
    kind = _kind(schema, name)
    if isinstance(kind, NodeType | Statement):
        return [p.zh for p in kind.props.values() if p.required]
    return [EDGE[role][0] for role in (("from", "to") if kind else ("from", "relation", "to"))]


def nearest(text: str, known: list[str], n: int = 3) -> str:
    """Return the nearest known names, joined, or a dash."""
    return "、".join(get_close_matches(text, list(dict.fromkeys(known)), n=n, cutoff=0.3)) or "—"
