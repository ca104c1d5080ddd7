"""Guesses: what a sheet that cannot be told may be about, to be confirmed or edited by people.

A guess is never loaded by itself. Each is tested on the column's cells first (``evidence``). On a
terminal it is shown and asked for, weak ones singly; elsewhere it becomes a mapping file, ready to
be edited and given with ``--mapping``, in which weak ones are commented out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from ...graph.schema.types import Schema
from ..files.raw import RawSheet
from .evidence import body, cells_of, speaks
from .headers import EDGE, Meaning, columns_of, label, names_of, plain, required_words, types_of
from .mapping import SheetMapping
from .persons import of_person
from .table import ROLES

_CLOSE = 0.5  # likeness from which a header is proposed for a column
_ALIKE = 0.8  # likeness from which cells that say nothing of a meaning do not make a guess weak
_SPOKEN = 0.15  # what cells that speak for a meaning add to its likeness
_COMMONEST = 0.1  # decides for a list of firms where nothing else decides
_TRIED = 8  # meanings that are tried for one header
_SAMPLES = 3  # cells that are shown with a question
_WIDEST = 200  # columns for which a meaning is looked for: nobody corrects a draft of thousands
_LONGEST = 100  # characters of a header that are compared


@dataclass(frozen=True)
class Guessed:
    """What one header may mean (None: nothing near), and how far that is known.

    ``sure``: the schema or the table of real headers knows the word. ``weak``: neither the word
    nor the cells make it likely; it is not taken unless somebody says so.
    """

    header: str
    meaning: str | None
    sure: bool
    weak: bool
    samples: tuple[str, ...]


@dataclass(frozen=True)
class Guess:
    """The nearest reading of a sheet."""

    raw: RawSheet
    type: str
    label: str
    columns: tuple[Guessed, ...]

    @property
    def mapping(self) -> SheetMapping:
        """The guess as a reading of this sheet, weak columns left out."""
        columns = {c.header: c.meaning for c in self.columns if c.meaning and not c.weak}
        return SheetMapping(file=self.raw.file, as_=self.type, sheet=self.raw.sheet, columns=columns)

    def confirmed(self, headers: set[str]) -> Guess:
        """Return the guess with these weak columns taken."""
        return replace(self, columns=tuple(replace(c, weak=c.weak and c.header not in headers) for c in self.columns))


def guess(raw: RawSheet, schema: Schema, as_type: str | None = None) -> Guess:
    """Return the type whose columns are nearest to the headers and cells of a sheet."""
    headers = tuple(dict.fromkeys(h for h in raw.headers if h.strip()))[:_WIDEST]
    first = {h: at for at, h in reversed(list(enumerate(raw.headers)))}
    cells = {h: cells_of(raw, first[h]) for h in headers}
    names = [as_type] if as_type else list(types_of(schema))
    words = {name: _words(schema, name) for name in names}
    every = dict.fromkeys(word for of_type in words.values() for word in of_type)
    near = {h: _near(plain(h)[0][:_LONGEST], every) for h in headers if cells[h]}
    found = [_guess(raw, headers, cells, near, words[name], schema, name) for name in names]
    return max(
        found,
        key=lambda made: (
            sum(made[1])
            + _bodies(made[0], cells)
            - _lacking(made[0], schema)
            + _COMMONEST * (made[0].type == "Enterprise")
        ),
    )[0]


def _lacking(made: Guess, schema: Schema) -> int:
    """How many required columns nothing is taken for: such a reading would be refused."""
    got = {c.meaning for c in made.columns if c.meaning and not c.weak}
    return sum(word not in got for word in required_words(schema, made.type))


def _bodies(made: Guess, cells: dict[str, tuple[str, ...]]) -> float:
    """What the ends of the names say of the type: 有限公司 names firms, 大学 institutes, 实验室 platforms."""
    name = next((c.header for c in made.columns if c.meaning and c.meaning.endswith("名称") and not c.weak), None)
    kind = None if name is None else body(cells[name])
    return 0.0 if kind is None else 1.0 if kind == made.type else -0.5


def _words(schema: Schema, name: str) -> dict[str, Meaning]:
    """Return the words that a header of a type's sheet may be near to, and what they mean."""
    return {word: meaning for word, meaning in names_of(schema, name) if meaning[0] not in ROLES or meaning[0] in EDGE}


def _near(text: str, words: Iterable[str]) -> dict[str, float]:
    """Return the words that a header is near to, and how near; looked for once, whatever types have them."""
    return {word: like for word in words if (like := _likeness(text, word)) >= _CLOSE}


def _guess(
    raw: RawSheet,
    headers: tuple[str, ...],
    cells: dict[str, tuple[str, ...]],
    near: dict[str, dict[str, float]],
    words: dict[str, Meaning],
    schema: Schema,
    name: str,
) -> tuple[Guess, list[float]]:
    """Return the reading of a sheet as one type, and what each of the headers looked at adds to its score."""
    made = columns_of(headers, schema, name)
    sure = {c.header: _called((c.role, c.meaning)) for c in made.columns if c.role != "flag"}
    never = {*made.persons, *(c.header for c in made.counters), *(h for h in cells if of_person(h))}
    columns: dict[str, Guessed] = {}
    scores: list[float] = []
    taken: set[str] = set()
    for header in sorted(headers, key=lambda h: h not in sure):
        shown = tuple(_one_line(c) for c in cells[header][:_SAMPLES])
        meaning, score, weak = None, 0.0, False
        if header in sure and sure[header] not in taken:
            meaning, score = sure[header], 1.0
            weak = _spoken(words, meaning, cells[header]) is False
        elif header not in sure and header not in never:
            meaning, score, weak = _nearest(near.get(header, {}), cells[header], words, taken)
        taken |= {meaning} if meaning else set()
        columns[header] = Guessed(header, meaning, header in sure and meaning is not None and not weak, weak, shown)
        scores.append(score * (0.5 if weak else 1.0))
    order = dict.fromkeys(h for h in raw.headers if h.strip())
    further = (Guessed(h, None, False, False, ()) for h in order if h not in columns)
    return Guess(raw, name, label(schema, name), (*(columns[h] for h in headers), *further)), scores


def _called(meaning: Meaning) -> str:
    role, item = meaning
    return item.zh if item is not None else EDGE[role][0]


def _spoken(words: dict[str, Meaning], called: str, cells: tuple[str, ...]) -> bool | None:
    meaning = next(m for m in words.values() if _called(m) == called)
    return None if meaning[1] is None else speaks(meaning[1], meaning[0], cells)


def _nearest(
    near: dict[str, float], cells: tuple[str, ...], words: dict[str, Meaning], taken: set[str]
) -> tuple[str | None, float, bool]:
    """Return the nearest meaning that the cells do not speak against, its score, and whether it is weak."""
    best: dict[str, tuple[float, Meaning]] = {}
    for word, meaning in words.items() if near else ():
        like = near.get(word, 0.0)
        if not like:
            continue
        called = _called(meaning)
        if called not in taken and like > best.get(called, (0.0, meaning))[0]:
            best[called] = (like, meaning)
    found = []
    for called, (like, (role, item)) in sorted(best.items(), key=lambda pair: -pair[1][0])[:_TRIED]:
        spoken = None if item is None else speaks(item, role, cells)
        if spoken is not False:
            found.append((like + _SPOKEN * (spoken is True), like, called, not (spoken or like >= _ALIKE)))
    if not found:
        return None, 0.0, False
    _, like, called, weak = max(found, key=lambda one: one[0])
    return called, like, weak


def _likeness(a: str, b: str) -> float:
    """Return how alike two headers are; Latin ones by their words: ``id`` is no part of ``confidence``."""
    if a == b:
        return 1.0
    from rapidfuzz.fuzz import ratio

    whole = float(ratio(a, b)) / 100
    if a.isascii() or b.isascii():
        parts = _latin_words(a), _latin_words(b)
        shared = parts[0] & parts[1]
        word = 0.6 if max(map(len, shared), default=0) > 3 else 0.0
        inside = 0.8 if len(shared) == min(map(len, parts)) > 1 else word
        return max(inside, whole if whole >= _ALIKE and min(len(a), len(b)) > 3 else 0.0)
    return max(0.8 if min(len(a), len(b)) > 1 and (a in b or b in a) else 0.0, whole)


@lru_cache(maxsize=10_000)
def _latin_words(text: str) -> frozenset[str]:
    return frozenset(filter(None, re.split(r"[^a-z0-9]+", text)))


def draft(guesses: list[Guess], heading: str) -> str:
    """Return a mapping file that reads the sheets as guessed, for people to correct."""
    lines = [f"# {line}" for line in heading.splitlines()]
    for made in guesses:
        lines += ["", "[[sheet]]", f"file = {_quoted(made.raw.file)}"]
        if made.raw.sheet:
            lines.append(f"sheet = {_quoted(made.raw.sheet)}")
        lines += [f"as = {_quoted(made.type)}  # {made.label}", "[sheet.columns]"]
        for column in made.columns:
            shown = "、".join(column.samples)
            mark = "" if column.sure else f"  # ? {shown}" if column.meaning else f"  # {shown}"
            off = "" if column.meaning and not column.weak else "# "
            lines.append(f"{off}{_quoted(column.header)} = {_quoted(column.meaning or '')}{mark}".rstrip())
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    """Return a cell's beginning as a comment can hold it."""
    return "".join(c if c.isprintable() else " " for c in text)[:30]


def _quoted(text: str) -> str:
    """Write a TOML string."""
    plain_ = "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in
                     text.replace("\\", "\\\\").replace('"', '\\"'))  # fmt: skip
    return f'"{plain_}"'
