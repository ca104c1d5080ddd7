"""Guesses: what a sheet that cannot be told may be about, to be confirmed or edited by people.

A guess is never loaded by itself. On a terminal it is shown and asked for; elsewhere it
becomes a mapping file, ready to be edited and given with ``--mapping``.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from ...graph.schema.types import Schema
from ..files.raw import RawSheet
from .headers import EDGE, columns_of, label, names_of, plain, types_of
from .mapping import SheetMapping

_CLOSE = 0.5  # likeness from which a header is proposed for a column


@dataclass(frozen=True)
class Guess:
    """The nearest reading of a sheet.

    ``columns`` gives for each header what it may mean (None: nothing near) and whether the
    schema knows that word.
    """

    raw: RawSheet
    type: str
    label: str
    columns: tuple[tuple[str, str | None, bool], ...]

    @property
    def mapping(self) -> SheetMapping:
        """The guess as a reading of this sheet."""
        columns = {header: meaning for header, meaning, _ in self.columns if meaning}
        return SheetMapping(file=self.raw.file, as_=self.type, sheet=self.raw.sheet, columns=columns)


def guess(raw: RawSheet, schema: Schema, as_type: str | None = None) -> Guess:
    """Return the type whose columns are nearest to the headers of a sheet."""
    headers = [h for h in raw.headers if h.strip()]
    found = [_guess(raw, headers, schema, name) for name in ([as_type] if as_type else types_of(schema))]
    return max(found, key=lambda made: sum(made[1]))[0]


def _guess(raw: RawSheet, headers: list[str], schema: Schema, name: str) -> tuple[Guess, list[float]]:
    words = {word: meaning.zh if meaning is not None else EDGE[role][0] for word, (role, meaning) in
             reversed(list(names_of(schema, name)))}  # fmt: skip
    sure = {c.header for c in columns_of(raw.headers, schema, name).columns}
    columns: list[tuple[str, str | None, bool]] = []
    scores: list[float] = []
    taken: set[str] = set()
    for header in sorted(headers, key=lambda h: h not in sure):
        text = plain(header)[0]
        near = max(words, key=lambda w: _likeness(text, w))
        score = 1.0 if header in sure else _likeness(text, near)
        meaning = words.get(text, words[near]) if score >= _CLOSE else None
        if meaning in taken:
            meaning, score = None, 0.0
        taken |= {meaning} if meaning else set()
        columns.append((header, meaning, header in sure))
        scores.append(score if meaning else 0.0)
    columns.sort(key=lambda c: headers.index(c[0]))
    return Guess(raw, name, label(schema, name), tuple(columns)), scores


def _likeness(a: str, b: str) -> float:
    if a == b:
        return 1.0
    whole = 0.8 if min(len(a), len(b)) > 1 and (a in b or b in a) else 0.0
    return max(whole, SequenceMatcher(None, a, b).ratio())


def draft(guesses: list[Guess], heading: str) -> str:
    """Return a mapping file that reads the sheets as guessed, for people to correct."""
    lines = [f"# {line}" for line in heading.splitlines()]
    for made in guesses:
        lines += ["", "[[sheet]]", f"file = {_quoted(made.raw.file)}"]
        if made.raw.sheet:
            lines.append(f"sheet = {_quoted(made.raw.sheet)}")
        lines += [f"as = {_quoted(made.type)}  # {made.label}", "[sheet.columns]"]
        for header, meaning, sure in made.columns:
            mark = "" if sure else "  # ?"
            lines.append(f"{'' if meaning else '# '}{_quoted(header)} = {_quoted(meaning or '')}{mark}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Write a TOML string."""
    plain_ = "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in
                     text.replace("\\", "\\\\").replace('"', '\\"'))  # fmt: skip
    return f'"{plain_}"'
