"""Marks: 无, -, NULL, #N/A and their like are an empty cell, whatever the column and the format.

They are taken out before a cell is read as anything, so that none becomes a product, a code that
cannot be read or a place; how often each stood there is told. The list is ``[empty]`` of the
vocabulary.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ...graph.columns.arrays import Bools
from ...graph.schema.types import Property
from ...graph.schema.words import read_toml
from ..files.raw import RawSheet
from ..headers.headers import Column, Plan

_HAN_FIRST, _HAN_LAST = 0xE4, 0xE9  # first bytes of characters of Chinese
_LONGEST = 60  # bytes of a cell that may be a mark, spaces and brackets around it included
_AROUND = re.compile(r"^[\s(\[{<【《〈「]+|(?<![\s)\]}>】》〉」])[\s)\]}>】》〉」]+$")
_BEHIND = re.compile(r"(?<![。.!,;，；、\s])[。.!,;，；、\s]+$")
_UNSEEN = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2800\ufeff]+")  # characters without width
_FAMILY = {"hk": "stock", "tw": "stock", "ticker": "stock", "integer": "number", "share": "number"}


def is_mark(text: str, kind: str = "text") -> bool:
    """Tell whether a cell of a column of type ``kind`` stands for nothing.

    Examples
    --------
    >>> [is_mark(t) for t in ("（无）", "－－", "Ｎ／Ａ", "无锡", "0", "×")], is_mark("×", "bool")
    ([True, True, True, False, False, True], False)
    """
    words, punctuation = _words(kind)
    if not _may_begin(text[:1], words):
        return False
    folded = _visible(unicodedata.normalize("NFKC", text).casefold())
    if folded in words.kept:
        return False
    if not folded or punctuation.fullmatch(folded):
        return True
    inner = _AROUND.sub("", folded)
    close = re.sub(r"\s+", "", inner)
    tries = {folded, inner, close, _BEHIND.sub("", inner)}
    return not tries.isdisjoint(words.marks) or bool(words.said.fullmatch(folded) or words.said.fullmatch(close))


def _visible(text: str) -> str:
    """Return a text with its characters without width made space, and none around."""
    return _UNSEEN.sub(" ", text).strip()


def empty(cells: pa.Array, kind: str = "text") -> Bools:
    """Tell which cells of a column are empty or hold a mark for it."""
    bare: Bools = pc.equal(without_marks_in(cells, kind)[0], "").to_numpy(zero_copy_only=False)
    return bare


def without_marks(raw: RawSheet, plan: Plan) -> tuple[RawSheet, Counter[str]]:
    """Return the sheet with the marks of the columns that are read emptied, and how often each stood there."""
    told: Counter[str] = Counter()
    columns = list(raw.columns)
    for column in (*plan.columns, *plan.twins):
        columns[column.at], found = without_marks_in(columns[column.at], _kind(column))
        told += found
    return (replace(raw, columns=tuple(columns)) if told else raw), told


def _kind(column: Column) -> str:
    meaning = column.meaning
    if not isinstance(meaning, Property):
        return "text"
    if column.role == "prop" and meaning.required and meaning.name == "name":
        return "name"  # somebody may be called NA
    return meaning.level or _FAMILY.get(meaning.type, meaning.type)


def without_marks_in(column: pa.Array, kind: str = "text") -> tuple[pa.Array, Counter[str]]:
    """Empty the marks of one column; only cells that begin and are as short as a mark are looked at, each text once."""
    rows = np.flatnonzero(_may_be(column, kind))
    if not len(rows):
        return column, Counter()
    seen = column.take(pa.array(rows)).dictionary_encode()
    marks = np.array([is_mark(t, kind) for t in seen.dictionary.to_pylist()], bool)
    if not marks.any():
        return column, Counter()
    index = seen.indices.to_numpy(zero_copy_only=False)
    hit = marks[index]
    count = np.bincount(index[hit], minlength=len(marks))
    told: Counter[str] = Counter()
    for text, n in zip(seen.dictionary.to_pylist(), count.tolist(), strict=True):
        if n and _visible(text):
            told[_visible(text)] += n
    mask = np.zeros(len(column), bool)
    mask[rows[hit]] = True
    return pc.if_else(pa.array(mask), "", column), told


def _may_be(column: pa.Array, kind: str) -> Bools:
    ends = np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + len(column) + 1]
    data = column.buffers()[2]
    may: Bools = np.zeros(len(column), bool)
    if data is None or not len(data):
        return may
    raw = np.frombuffer(data, np.uint8)
    pairs, bytes_ = _begins(kind)
    first = raw.take(ends[:-1], mode="clip")
    rows = np.flatnonzero(bytes_.take(first))  # digits and most letters end here
    start, length = ends[rows], ends[rows + 1] - ends[rows]
    short = (length > 0) & (length <= _LONGEST)
    rows, start = rows[short], start[short]
    lead, second = first[rows].astype(np.int32), raw.take(start + 1, mode="clip")
    hit = pairs[lead << 8 | second]
    rows, start, lead, second = rows[hit], start[hit], lead[hit], second[hit]
    # Characters of Chinese share their first two bytes with others: 合成 begins as 同上 does.
    whole = lead << 16 | second.astype(np.int32) << 8 | raw.take(start + 2, mode="clip")
    may[rows[(lead < _HAN_FIRST) | (lead > _HAN_LAST) | np.isin(whole, _first_characters(kind))]] = True
    return may


@lru_cache(maxsize=1)
def _signs() -> npt.NDArray[np.bool_]:
    """First two bytes of white space and of signs that are no letters."""
    table = np.zeros(1 << 16, bool)
    table[: 0x21 << 8] = True
    blocks = ((0x80, 0x100), (0x2000, 0x2070), (0x180E, 0x180F), (0x2190, 0x2801), (0x2E00, 0x2E60), (0x3000, 0x3040),
              (0xFE10, 0xFE70), (0xFEFF, 0xFF00), (0xFF00, 0xFFF0))  # fmt: skip
    for first, end in blocks:
        for code in (*range(first, end, 64), end - 1):  # the third byte tells 64 characters apart
            _open(table, chr(code))
        if end <= 0x800:
            for code in range(first, end):
                _open(table, chr(code))
    for code in range(0x21, 0x7F):
        if not chr(code).isalnum():
            _open(table, chr(code))
    return table


@lru_cache(maxsize=32)
def _first_characters(kind: str) -> npt.NDArray[np.int32]:
    """The characters of Chinese that marks of a type begin with, by their three bytes."""
    found = [char.encode() for char in _words(kind)[0].first]
    return np.array([int.from_bytes(c) for c in found if len(c) == 3], np.int32)


@lru_cache(maxsize=32)
def _begins(kind: str) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which first two bytes, and which first, a mark may have: those of its words, and of any punctuation or space."""
    table = np.zeros(1 << 16, bool)
    for char in _words(kind)[0].first:
        for form in (char, char.upper()):
            _open(table, form)
    table |= _signs()
    first: npt.NDArray[np.bool_] = np.logical_or.reduce(table.reshape(256, 256), axis=1)
    return table, first


def _open(table: npt.NDArray[np.bool_], char: str) -> None:
    data = char.encode()
    if len(data) == 1:
        table[data[0] << 8 : (data[0] + 1) << 8] = True
    else:
        table[data[0] << 8 | data[1]] = True


@dataclass(frozen=True)
class _Words:
    """The marks of one type of column, what it keeps, what marks begin with, and several of them or a sentence."""

    marks: frozenset[str]
    kept: frozenset[str]
    first: frozenset[str]
    said: re.Pattern[str]


def _may_begin(char: str, words: _Words) -> bool:
    """Tell whether a mark may begin so: with a character of its own, or with none of a word."""
    if char in words.first or not char.isalnum():
        return True
    return not "\u4e00" <= char <= "\u9fff" and unicodedata.normalize("NFKC", char).casefold() in words.first


@lru_cache(maxsize=32)
def _words(kind: str) -> tuple[_Words, re.Pattern[str]]:
    book = read_toml("vocabulary.toml")["empty"]

    def folded(words: list[str]) -> frozenset[str]:
        return frozenset(unicodedata.normalize("NFKC", w).casefold() for w in words)

    more: Mapping[str, list[str]] = book["more"]
    kept = folded(book["keep"].get(kind, []))
    marks = folded([*book["marks"], *more.get(kind, [])]) - kept
    first = frozenset(w[0] for w in marks) | frozenset(book["said_begins"])
    apart = _python(book["punctuation"])
    one = "|".join([*map(re.escape, sorted(marks)), *book["said"]])
    around = apart.removesuffix("+") + "*"
    said = re.compile(f"{around}(?:{one})(?:{apart}(?:{one}))*{around}")
    return _Words(marks, kept, first, said), re.compile(apart)


@lru_cache(maxsize=1)
def _punctuation() -> str:
    """All characters of the classes P that lists are written with, as Python's patterns know none."""
    blocks = ((0x21, 0x100), (0x2000, 0x2070), (0x2300, 0x2330), (0x2E00, 0x2E60), (0x3000, 0x3040), (0x30FB, 0x30FC),
              (0xFE10, 0xFE70), (0xFF00, 0xFF70))  # fmt: skip
    codes = (code for first, end in blocks for code in range(first, end))
    return "".join(re.escape(chr(c)) for c in codes if unicodedata.category(chr(c)).startswith("P"))


def _python(pattern: str) -> str:
    return pattern.replace(r"\p{P}", _punctuation())
