"""Classes: tables of a classification become a hierarchy of industries, told apart by their codes.

GB/T 4754 and its like write the levels (门类 大类 中类 小类) as columns, under one header 代码 or
beside names of their own, or as one column of codes that grow longer. A class belongs to the one
whose code its own begins with, else to the one of the next level above it. Classes of one name
at two levels stay two: a class is its code.

Such tables have thousands of rows, not millions: they are read row by row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...graph.schema.types import Schema
from ...graph.schema.words import sentence
from ..files.frame import PATH
from ..files.passed import plain
from ..files.raw import RawSheet
from ..headers.headers import Plan
from .records import End, non_empty, relation_table
from .sheets import NodeSheet

KIND = "Industry"
PARENT = "上级产业代码"
_PARENTS = {
    "上级产业代码",
    "上级行业代码",
    "上级代码",
    "上级分类代码",
    "上级类别代码",
    "父级代码",
    "父代码",
    "父类代码",
    "parent_code",
    "parentcode",
}
_LEVELS = ("门类", "大类", "中类", "小类", "细类")
_ENGLISH = ("section", "division", "group", "class", "subclass")  # of ISIC and NACE
_WIDTHS = {"门类": 1, "大类": 2, "中类": 3, "小类": 4}  # of codes in GB/T 4754
_WIDTHS |= {"section": 1, "division": 2, "group": 3, "class": 4}
_ORDINAL = "一二三四五六"
_HEADER = re.compile(
    r"(?:代码|编码|编号|类别|分类|名称)?(?P<level>门类|大类|中类|小类|细类|[一二三四五六]级|章|品目|子目)"
    r"(?:分类|行业|产业|类别|类目|目录|商品|产品)?(?:代码|编码|编号|号|名称|类别名称|)"
)
_HEADER_ENGLISH = re.compile(rf"(?P<level>{'|'.join(_ENGLISH)})(?:es|s)?[ _]?(?P<what>codes?|names?|titles?|)")
_HARMONISED = ("章", "品目", "子目")
_CODE = r"(?:[A-Z]\d{0,8}|\d{1,12}|\d{1,4}(?:\.\d{1,4})+)"
_BOTH = re.compile(rf"({_CODE})[\s　.、:：-]*([^\d\W].*)")
_CODES = re.compile("(?:行业|产业|分类|类别)?(?:代码|编码)")
_NAME = re.compile("(名称|类别|行业|分类)$")
_NAME_ENGLISH = re.compile("(description|title|name|activity|label)", re.IGNORECASE)
_OTHERS = re.compile("(企业|公司|单位|机构|项目|专利|平台|产品|企业全)(名称|全称)$")


@dataclass(frozen=True)
class _Level:
    """One level of a classification: its word and the columns that hold its codes and names."""

    word: str
    code: tuple[str, ...]
    name: tuple[str, ...] | None


def unfold(raw: RawSheet, schema: Schema, named: str | None) -> RawSheet | None:
    """Return a table with a column a level as one row a class; None for other sheets.

    Parameters
    ----------
    named
        The type that the sheet's name, its file's name or ``--as`` stands for, if any.
    """
    found = [_level_of(header) for header in raw.headers]
    english = named == KIND and not any(found)  # Group and Class are levels only where industries are asked for
    if english:
        found = [_english_level_of(header) for header in raw.headers]
    words = {level for level, _ in filter(None, found)}
    if (
        named not in (None, KIND)
        or len(words) < 2
        or (named is None and any(_OTHERS.search(plain(h)) for h in raw.headers))
    ):
        return None
    raw = raw.whole() if raw.rest is not None else raw
    levels = _levels(raw, found)
    if len(levels) < 2:
        return _unfold_names(raw, schema, found, named)
    taken = {at for at, level in enumerate(found) if level is not None}
    names_of = _NAME_ENGLISH.fullmatch if english else _NAME.search
    name = next((at for at, h in enumerate(raw.headers) if at not in taken and names_of(plain(h))), None)
    own = name is None and all(level.name is not None for level in levels)
    if name is None and not own:
        return None
    prop = schema.nodes[KIND].props
    rest = [at for at in range(len(raw.headers)) if at not in taken and at != name]
    index, names, codes, parents, leaf = _entries(levels, None if name is None else _cells(raw, name), len(raw.rows))
    at = pa.array(index, pa.int64())
    blank = pa.array([not own_row for own_row in leaf], pa.bool_())
    others = [pc.if_else(blank, "", raw.columns[i].take(at)) for i in rest]
    columns = [*(pa.array(c, pa.string()) for c in (names, codes, parents)), *others]
    headers = (prop["name"].zh, prop["code"].zh, PARENT, *(raw.headers[i] for i in rest))
    told = sentence("note_classes", file=raw.file, n=len(set(codes) - {""}), levels="、".join(v.word for v in levels))
    return replace(
        raw,
        headers=headers,
        columns=tuple(columns),
        rows=raw.rows[np.array(index, np.int64)],
        numbers={},
        rest=None,
        lines=(),
        notes=(told,),
    )


def _unfold_names(
    raw: RawSheet, schema: Schema, found: Sequence[tuple[str, str] | None], named: str | None
) -> RawSheet | None:
    """Return a table with a column of names a level beside one of codes as one row a class.

    Each row is the class of its lowest level. None where the row of a higher one is not there: its code is unknown.
    """
    places = sorted(
        (_order(level[0]), at) for at, level in enumerate(found) if level is not None and level[1] != "code"
    )
    others = [at for at, level in enumerate(found) if level is None]
    coded = [at for at in others if _CODES.fullmatch(plain(raw.headers[at]))]
    rest = [at for at in others if at not in coded]
    if len(places) < 2 or len(coded) != 1 or any(_NAME.search(plain(raw.headers[at])) for at in rest):
        return None
    if named is None and any(plain(raw.headers[at]) != "序号" for at in rest):  # a list of something else
        return None
    cells = [_cells(raw, at) for _, at in places]
    codes = _cells(raw, coded[0])
    paths: list[tuple[str, ...]] = []
    above = [""] * len(cells)
    for row in range(len(codes)):
        filled = [k for k, column in enumerate(cells) if column[row]]
        if not filled or not codes[row]:
            return None
        above = above[: filled[0]] + [column[row] for column in cells[filled[0] :]]
        paths.append(tuple(name for name in above if name))
    code_of = dict(zip(paths, codes, strict=True))
    if len(code_of) < len(paths) or any(len(path) > 1 and path[:-1] not in code_of for path in paths):
        return None
    parents = [code_of[path[:-1]] if len(path) > 1 else "" for path in paths]
    prop = schema.nodes[KIND].props
    told = sentence("note_classes", file=raw.file, n=len(codes), levels="、".join(raw.headers[at] for _, at in places))
    columns = [pa.array(c, pa.string()) for c in ([path[-1] for path in paths], codes, parents)]
    return replace(
        raw,
        headers=(prop["name"].zh, prop["code"].zh, PARENT, *(raw.headers[at] for at in rest)),
        columns=(*columns, *(raw.columns[at] for at in rest)),
        numbers={},
        lines=(),
        notes=(told,),
    )


def with_parents(raw: RawSheet, how: Plan) -> RawSheet:
    """Return a sheet of industries with the code of each one's parent, where its codes or a column say it."""
    code, given = how.one("prop", "code"), how.one("link", "parent")
    known = next((at for at, h in enumerate(raw.headers) if plain(h).lower() in _PARENTS), None)
    if known is not None:
        return replace(
            raw,
            headers=(*raw.headers[:known], PARENT, *raw.headers[known + 1 :]),
            rest=raw.then(lambda piece: with_parents(piece, how)),
        )
    if code is None:
        return raw
    whole = raw.whole() if raw.rest is not None else raw
    codes = _cells(whole, code.at)
    if given is not None:
        above = {c for c in _cells(whole, given.at) if c}
        if not above or not above <= set(codes) or not all(re.fullmatch(_CODE, c) for c in above):
            return raw
        blank = pa.array([""] * len(codes), pa.string())
        columns = [*whole.columns, whole.columns[given.at]]
        columns[given.at] = blank
        return replace(whole, headers=(*whole.headers, PARENT), columns=tuple(columns))
    parents = _by_prefix(codes)
    if parents is None:
        return raw
    return replace(whole, headers=(*whole.headers, PARENT), columns=(*whole.columns, pa.array(parents, pa.string())))


class ClassSheet(NodeSheet):
    """A sheet of industries of which a column names the parent by its code."""

    def read(self) -> None:
        super().read()
        above = non_empty(self.raw.columns[self.raw.headers.index(PARENT)])
        own = self.props.get("code")
        if own is None:
            return
        there = pc.and_(pc.is_valid(above), pc.not_equal(above, own).fill_null(False))
        at = np.flatnonzero(there.to_numpy(zero_copy_only=False) & self.good)
        if len(at):
            parent = End(above.take(pa.array(at)), "code", KIND)
            self.gathered.relations["PART_OF"].append(relation_table(self.subject(at), parent, self.rows().take(at)))


# columns by level ------------------------------------------------------------------------------


def _level_of(header: str) -> tuple[str, str] | None:
    """Return the level that a header names, and whether codes or names of it stand there, if it says so."""
    found = _HEADER.fullmatch("".join(plain(word) for word in header.split(PATH)))
    if found is None:
        return None
    text = found[0].replace(found["level"], "")
    what = "name" if "名称" in text else "code" if re.search("代码|编码|编号|号", text) else ""
    return found["level"], what


def _english_level_of(header: str) -> tuple[str, str] | None:
    found = _HEADER_ENGLISH.fullmatch(plain(header).strip().lower())
    return None if found is None else (found["level"], "code" if "code" in found["what"] else found["what"] and "name")


def _order(word: str) -> int:
    for words in (_LEVELS, _ENGLISH, _HARMONISED):
        if word in words:
            return words.index(word)
    return _ORDINAL.index(word[0])


def _cells(raw: RawSheet, at: int) -> list[str]:
    return [(text or "").strip() for text in raw.columns[at].to_pylist()]


def _levels(raw: RawSheet, found: Sequence[tuple[str, str] | None]) -> list[_Level]:
    """Return the levels whose codes stand in the table, the highest first."""
    codes: dict[str, list[str]] = {}
    names: dict[str, list[str]] = {}
    for at, level in enumerate(found):
        if level is None:
            continue
        cells = _cells(raw, at)
        filled = [c for c in cells if c]
        coded = sum(bool(re.fullmatch(_CODE, c)) for c in filled)
        both = sum(bool(_BOTH.fullmatch(c)) for c in filled)
        if level[1] != "name" and coded >= 0.9 * len(filled):
            codes[level[0]] = cells
        elif level[1] != "code" and both >= 0.9 * len(filled):
            parts = [m if c and (m := _BOTH.fullmatch(c)) else None for c in cells]
            codes.setdefault(level[0], [m[1] if m else "" for m in parts])
            names[level[0]] = [m[2].strip() if m else "" for m in parts]
        else:
            names[level[0]] = cells
    words = sorted(codes, key=_order)
    standard = len(set(words) & set(_WIDTHS)) >= 3 and all(
        len(c) <= _WIDTHS[w] for w in words if w in _WIDTHS for c in codes[w]
    )
    made = []
    for word in words:
        width = _WIDTHS.get(word, 0) if standard else 0
        cells = [c.zfill(width) if c.isdecimal() else c for c in codes[word]]
        made.append(_Level(word, tuple(cells), tuple(names[word]) if word in names else None))
    return made


def _entries(
    levels: list[_Level], own: list[str] | None, n: int
) -> tuple[list[int], list[str], list[str], list[str], list[bool]]:
    """Return the classes that rows name: row, name, code, code of the parent, whether the row is theirs."""
    known = [set(level.code) - {""} for level in levels]
    alone = _alone(levels, n) if own is not None else frozenset()
    above = [""] * len(levels)
    seen: set[tuple[str, str]] = set()
    made: tuple[list[int], list[str], list[str], list[str], list[bool]] = ([], [], [], [], [])

    def add(*entry: object) -> None:
        for column, value in zip(made, entry, strict=True):
            column.append(value)  # type: ignore[attr-defined]

    for row in range(n):
        filled = [k for k, level in enumerate(levels) if level.code[row]]
        if not filled:
            names = [level.name[row] for level in levels if level.name is not None and level.name[row]]
            add(row, own[row] if own is not None else (names or [""])[-1], "", "", True)
            continue
        for k in filled:
            code = levels[k].code[row]
            higher = [j for j in filled if j < k]
            parent = levels[higher[-1]].code[row] if higher else _prefix(code, known[:k])
            parent = parent or next((c for c in reversed(above[:k]) if c), "")
            name = levels[k].name
            shared = all(levels[j].code[row] in alone for j in filled[k + 1 :])
            text = name[row] if name is not None else own[row] if own is not None and shared else ""
            above[k:] = [code, *[""] * (len(levels) - k - 1)]
            if k == filled[-1] or (text and (code, text) not in seen):
                add(row, text, code, parent, k == filled[-1])
                seen.add((code, text))
    return made


def _alone(levels: list[_Level], n: int) -> frozenset[str]:
    """Return the codes that stand in the row of the class above them and are all that it holds.

    GB/T 4754 prints the only 小类 of a 中类 in the row of the 中类: one name for both. Where all rows
    repeat every level above them, the name is that of the lowest, unless its code adds but a nought.
    """
    rows = [[(k, level.code[row]) for k, level in enumerate(levels) if level.code[row]] for row in range(n)]
    named = {row[-1][1] for row in rows if row}
    below: dict[str, set[str]] = {}
    above: list[str] = [""] * len(levels)
    printed = False
    for row in rows:
        for k, code in row:
            parent = next((c for c in reversed(above[:k]) if c), "")
            below.setdefault(parent, set()).add(code)
            above[k:] = [code, *[""] * (len(levels) - k - 1)]
        printed |= bool(row) and row[-1][0] < len(levels) - 1
    pairs = {(a, b) for row in rows for (_, a), (_, b) in pairwise(row)}
    only = {(a, b) for a, b in pairs if below[a] == {b} and a not in named}
    return frozenset(b for a, b in only if printed or not b.removeprefix(a).strip("0."))


def _prefix(code: str, higher: Sequence[Iterable[str]]) -> str:
    """Return the code of the next higher level that this one begins with."""
    for codes in reversed(higher):
        for end in range(len(code) - 1, 0, -1):
            if code[:end] in codes:
                return code[:end]
    return ""


# one column of codes ---------------------------------------------------------------------------


def _by_prefix(codes: list[str]) -> list[str] | None:
    """Return the parent of each code, where the codes are those of a classification.

    Every code but those of the highest level begins with another; a letter (门类) holds what
    stands below it. Numbers that merely count the rows are no classification.
    """
    there = {c for c in codes if c}
    letters = {c for c in there if re.fullmatch("[A-Z]", c)}
    rest = there - letters
    if not rest or not all(re.fullmatch(_CODE, c) for c in rest):
        return None
    lengths = sorted({len(c) for c in rest})
    numbers = sorted(int(c) for c in rest if c.isdecimal() and not c.startswith("0"))
    counted = len(numbers) == len(rest) and numbers[-1] <= 1.2 * len(numbers)
    parent = {c: _longest(c, there) for c in rest}
    lower = [c for c in rest if len(c) > lengths[0]]
    if (len(lengths) < 2 and not letters) or counted or sum(bool(parent[c]) for c in lower) < 0.9 * len(lower):
        return None
    above, made = "", []
    for code in codes:
        above = code if code in letters else above
        made.append("" if code in letters or not code else parent[code] or (above if len(code) == lengths[0] else ""))
    return made


def _longest(code: str, there: set[str]) -> str:
    ends = range(len(code) - 1, 0, -1)
    parts = (code[:end] for end in ends if "." not in code or code[end] == ".")
    return next((part for part in parts if part in there), "")
