"""Twins: several columns of one meaning become one, and what a header says beside the word goes into its cells.

A list holds 行业大类 and 行业小类, 主营产品1 and 主营产品2, 申请人 and 专利权人. The preferred column (see
``headers``) is the value; another one fills its empty cells, or adds its values where a row may have several.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from ...graph.schema.errors import LoadError
from ...graph.schema.types import Property, Schema
from ..files.frame import PATH
from ..files.raw import RawSheet, kept
from .headers import Column, Plan, own_word, takes_several
from .persons import is_person
from .words import said

_BY_PERSONS = ("OWNS", "INVESTS_IN")  # relations that persons have, too
_YES = ("是", "√", "✓", "有", "1", "1.0", "y", "yes", "true")
_LEGAL = (
    "有限责任公司|有限公司|股份公司|个人独资|合伙企业|个体工商户|分公司|全民所有制|集体所有制|农民专业合作社|"
    "外商投资|法人独资|自然人独资|国有独资|普通合伙|有限合伙|个体户|股份合作|"
    r"^\s*(国有|集体|私营|联营|内资|外资|外商|股份制|港澳台商?(投资|独资|控股)?)企业\s*$"
)
_OUTSIDE = re.compile(r"[、；;|\n\r](?![^(（]{0,200}[)）])")  # 股份有限公司(上市、自然人投资) is one value
_PARTS = re.compile(r"[、；;|\n\r]")
Unit = Callable[[str, str], str]


@dataclass(frozen=True)
class Fill:
    """What was done with a further column: cells that were used, and rows in which it says something else."""

    header: str
    into: str
    filled: int
    differs: int


def judged(raw: RawSheet, made: Plan, schema: Schema) -> Plan:
    """Return the plan with what only the cells can tell: whether a counter of rows says more.

    Raises
    ------
    LoadError
        Two columns head the name of the row's entity and give different ones.
    """
    for twin in made.twins:
        _assert_one_name(raw, twin, made, schema)
    unused = (*made.unused, *(c.header for c in made.counters if not _counts(raw.columns[c.at])))
    return replace(made, unused=unused, counters=())


def _assert_one_name(raw: RawSheet, twin: Column, made: Plan, schema: Schema) -> None:
    """Refuse 企业名称 and 公司名称 that name different firms: which of them the row is about cannot be told."""
    first, prop = _first_of(twin, made), twin.meaning
    if first is None or not isinstance(prop, Property) or not prop.required or prop.type != "text":
        return
    if not (own_word(first.header, schema, made.type) and own_word(twin.header, schema, made.type)):
        return
    pairs = {
        (a.strip(), b.strip())
        for a, b in zip(raw.columns[first.at].to_pylist(), raw.columns[twin.at].to_pylist(), strict=True)
    }
    both = [(a, b) for a, b in pairs if a and b]
    if both and sum(a not in b and b not in a for a, b in both) > len(both) / 2:
        raise LoadError(
            "column_twice",
            file=raw.file,
            sheet=raw.sheet or raw.file,
            column=prop.zh,
            first=first.header,
            second=twin.header,
        )


def _counts(cells: pa.Array) -> bool:
    """Tell whether a column numbers the rows, but for headings among them: it says nothing of them."""
    filled = cells.filter(pc.not_equal(pc.utf8_trim_whitespace(cells), ""))
    plain = pc.match_substring_regex(filled, r"^\s*([0-9]{1,7}(\.0)?[.、．)）]?|[一二三四五六七八九十百]{1,5})\s*$")
    return (pc.sum(plain).as_py() or 0) >= 0.6 * len(filled)


def with_forms(raw: RawSheet, made: Plan, schema: Schema) -> tuple[RawSheet, Plan]:
    """Give the legal forms among the populations (企业类型) a column to go into, where the sheet has none.

    企业类型 of a registry's export holds legal forms, that of a list of honours populations, and
    some hold both: each value is judged by itself, wherever in the file it stands.
    """
    kinds = [c for c in (*made.columns, *made.twins) if c.role == "prop" and c.name == "kind"]
    form = schema.nodes["Enterprise"].props.get("legal_form")
    if made.type != "Enterprise" or form is None or not kinds or made.one("prop", "legal_form"):
        return raw, made
    if raw.rest is None and not any(pc.any(pc.match_substring_regex(raw.columns[c.at], _LEGAL)).as_py() for c in kinds):
        return raw, made
    wide, at = _widened(raw, kinds[0].header)
    return wide, replace(made, columns=(*made.columns, Column(at, kinds[0].header, "prop", form)))


def _widened(raw: RawSheet, header: str) -> tuple[RawSheet, int]:
    """Return a sheet, and its further pieces, with one more column, which is empty; and where it stands."""

    def wider(piece: RawSheet) -> RawSheet:
        empty = pa.array([""] * len(piece.rows), pa.string())
        return replace(piece, headers=(*piece.headers, header), columns=(*piece.columns, empty))

    return replace(wider(raw), rest=raw.then(wider)), len(raw.headers)


def combined(raw: RawSheet, made: Plan, with_unit: Unit) -> tuple[RawSheet, list[Fill]]:
    """Return a sheet whose further columns have gone into the preferred ones, and what each did.

    Parameters
    ----------
    with_unit
        Writes the unit of a header into an amount that names none.
    """
    columns = list(raw.columns)
    for column in made.columns:
        if changed := _with_header(column):
            columns[column.at] = changed(columns[column.at])
    told = []
    for twin in made.twins:
        first = _first_of(twin, made)
        if first is None:
            continue
        cells = columns[twin.at]
        if twin.role == "flag":
            cells = pc.if_else(_yes(cells), flagged(twin.header), "")
        else:
            cells = _comparable(cells, twin, first, with_unit)
        columns[first.at], fill = _into(columns[first.at], cells, twin, first)
        told.append(fill)
    kind, form = made.one("prop", "kind"), made.one("prop", "legal_form")
    if made.type == "Enterprise" and kind is not None and form is not None:
        columns[kind.at], forms = _parted(columns[kind.at])
        columns[form.at], fill = _into(columns[form.at], forms, kind, form)
        if kind.header != form.header and fill.filled + fill.differs:
            told.append(fill)
    return replace(raw, columns=tuple(columns)), told


def _parted(cells: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return the populations of each cell, and its legal forms; each distinct cell is looked at once."""
    encoded = cells.dictionary_encode()
    others, forms = [], []
    for text in encoded.dictionary.to_pylist():
        parts = [p for p in _OUTSIDE.split(text or "") if p.strip()]
        legal = [p for p in parts if re.search(_LEGAL, p)]
        rest = [p for p in parts if p not in legal]
        others.append("；".join(rest) if legal else text)
        forms.append("；".join(legal))
    return tuple(pa.array(made, pa.string()).take(encoded.indices) for made in (others, forms))


def without_persons(raw: RawSheet, made: Plan, schema: Schema) -> RawSheet:
    """Take out rows of who owns or invests in whom that begin with a natural person; they are told, unnamed."""
    start, relation = made.one("from"), made.one("relation")
    if start is None or made.type not in ("EDGE", *_BY_PERSONS):
        return raw
    encoded = raw.columns[start.at].dictionary_encode()
    persons = [v for v in encoded.dictionary.to_pylist() if v and is_person(v, full=False)]
    if not persons:
        return raw
    hit = pc.is_in(raw.columns[start.at], pa.array(persons, pa.string()))
    if relation is not None:
        words = pc.unique(raw.columns[relation.at]).to_pylist()
        theirs = [w for w in words if w and schema.relation_named(w) in _BY_PERSONS]
        hit = pc.and_(hit, pc.is_in(raw.columns[relation.at], pa.array(theirs, pa.string())))
    gone = hit.to_numpy(zero_copy_only=False)
    told = tuple((int(row), "person", "") for row in raw.rows[gone])
    return replace(kept(raw, ~gone), passed=(*raw.passed, *told)) if len(told) else raw


def with_flags(raw: RawSheet, made: Plan, schema: Schema) -> tuple[RawSheet, Plan]:
    """Give columns of 是 and 否 (高新技术企业) a column of populations to go into, where the sheet has none."""
    if not any(t.role == "flag" for t in made.twins) or made.one("prop", "kind"):
        return raw, made
    prop = schema.nodes["Enterprise"].props["kind"]
    wide, at = _widened(raw, prop.zh)
    return wide, replace(made, columns=(*made.columns, Column(at, prop.zh, "prop", prop)))


def flagged(header: str) -> str:
    """Return the population that a column of 是 and 否 stands for.

    Examples
    --------
    >>> flagged("是否国家级专精特新小巨人"), flagged("高新技术企业")
    ('国家级专精特新小巨人', '高新技术企业')
    >>> flagged("资质·高新技术企业（是/否）")
    '高新技术企业'
    """
    *_, (word, _, _) = (c for c in said(header.split(PATH)[-1]).candidates() if not c[2])
    return re.sub(r"^是否(属于|为|是)?", "", word)


def _yes(cells: pa.Array) -> pa.Array:
    return pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(cells)), pa.array(_YES, pa.string()))


def _first_of(twin: Column, made: Plan) -> Column | None:
    role, name = ("prop", "kind") if twin.role == "flag" else (twin.role, twin.name)
    return next((c for c in made.columns if (c.role, c.name) == (role, name)), None)


def _with_header(column: Column) -> Callable[[pa.Array], pa.Array] | None:
    """Return what brings into the cells what the header says of all of them: a measure."""
    prop = column.meaning
    if not isinstance(prop, Property):
        return None
    if column.unit and prop.type == "text":
        return lambda cells: _with_unit(cells, column.unit)
    if prop.type == "integer" and prop.name.endswith("year"):
        return lambda cells: pc.replace_substring_regex(cells, r"^\s*((?:19|20)\d\d)(?:年|[-./]\d).*$", r"\1")
    return None


def _with_unit(cells: pa.Array, unit: str) -> pa.Array:
    number = pc.match_substring_regex(cells, r"^\s*[\d,]+(\.\d+)?\s*$")
    return pc.if_else(number, pc.binary_join_element_wise(cells, unit, ""), cells)


def _comparable(cells: pa.Array, twin: Column, first: Column, with_unit: Unit) -> pa.Array:
    """Bring the cells of a further column to the unit of the preferred one."""
    money = isinstance(first.meaning, Property) and first.meaning.type == "money"
    if money and twin.unit != first.unit:
        encoded = cells.dictionary_encode()
        made = [with_unit(text, twin.unit or "元") for text in encoded.dictionary.to_pylist()]
        return pa.array(made, pa.string()).take(encoded.indices)
    changed = _with_header(twin)
    return changed(cells) if changed else cells


def _into(first: pa.Array, more: pa.Array, twin: Column, to: Column) -> tuple[pa.Array, Fill]:
    if takes_several(to):
        used = pc.sum(pc.not_equal(pc.utf8_trim_whitespace(more), "")).as_py() or 0
        return _joined(first, more), Fill(twin.header, to.header, used, 0)
    mine, others = pc.utf8_trim_whitespace(first), pc.utf8_trim_whitespace(more)
    empty, said = pc.equal(mine, ""), pc.not_equal(others, "")
    filled = pc.sum(pc.and_(empty, said)).as_py() or 0
    other = pc.and_(pc.and_(pc.invert(empty), said), pc.not_equal(mine, others))
    return pc.if_else(empty, more, first), Fill(twin.header, to.header, filled, pc.sum(other).as_py() or 0)


def _joined(first: pa.Array, more: pa.Array) -> pa.Array:
    """Return both values of each row, one that stands in both once; each distinct pair is looked at once."""
    both = pc.binary_join_element_wise(first, more, "\0").dictionary_encode()
    made = [_both(*(part.strip() for part in text.split("\0", 1))) for text in both.dictionary.to_pylist()]
    return pa.array(made, pa.string()).take(both.indices)


def _both(a: str, b: str) -> str:
    known = {p.strip() for p in _PARTS.split(a)}
    parts = [p.strip() for p in _PARTS.split(b)]
    fresh = [p for p in parts if p and p not in known]
    more = b if len(fresh) == len(parts) else "；".join(fresh)  # as it stands where nothing of it is known
    return "；".join(p for p in (a, more) if p)
