"""Judgements: decisions of people on pairs of entities, kept apart from the data.

``judgements.csv`` in the workspace: a, b (public ids, ``Enterprise:uscc:…``), decision (same,
different, unsure), by, time, note. The last decision on a pair counts; taking one back is
another decision, and the graph is folded again.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import defaultdict
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path

from ..schema.errors import StoreError

DECISIONS = ("same", "different", "unsure")


@dataclass(frozen=True)
class Judgement:
    """One decision on a pair of entities."""

    a: str
    b: str
    decision: str
    by: str = ""
    time: str = ""
    note: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        """The pair, whichever way round it was written."""
        return (self.a, self.b) if self.a <= self.b else (self.b, self.a)


@dataclass(frozen=True)
class Judged:
    """Pairs of tokens of one type that are one entity, are not, or are left open by people."""

    same: tuple[tuple[str, str], ...] = ()
    different: tuple[tuple[str, str], ...] = ()
    unsure: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Judgements:
    """All decisions, the last one on each pair."""

    rows: tuple[Judgement, ...] = field(default=())

    @property
    def last(self) -> dict[tuple[str, str], Judgement]:
        """The decision that counts for each pair."""
        return {row.pair: row for row in self.rows}

    @property
    def digest(self) -> str:
        """Hash of what counts; tells whether a folded graph knows these decisions."""
        told = sorted((*pair, row.decision) for pair, row in self.last.items())
        return hashlib.sha256(repr(told).encode()).hexdigest() if told else ""

    def by_type(self) -> dict[str, Judged]:
        """Return the decisions for each node type."""
        told: dict[str, dict[str, list[tuple[str, str]]]] = defaultdict(lambda: {d: [] for d in DECISIONS})
        for pair, row in self.last.items():
            kind, tokens = _tokens(pair)
            told[kind][row.decision].append(tokens)
        return {kind: Judged(*(tuple(sorted(d[name])) for name in DECISIONS)) for kind, d in told.items()}


def _tokens(pair: tuple[str, str]) -> tuple[str, tuple[str, str]]:
    (kind, _, a), (_, _, b) = (p.partition(":") for p in pair)
    return kind, (a, b)


def read(path: Path) -> Judgements:
    """Read the file; a workspace without one has no judgements.

    Raises
    ------
    StoreError
        A row is not what it should be; the message names it.
    """
    if not path.is_file():
        return Judgements()
    rows = []
    for number, row in enumerate(reader(decoded(path), path.name), 2):
        made = {f.name: (row.get(f.name) or "").strip() for f in fields(Judgement)}
        if not any(made.values()):  # as Excel leaves them where rows were deleted
            continue
        if made["decision"] not in DECISIONS or ":" not in made["a"] or ":" not in made["b"]:
            raise StoreError("judgement_row", file=path.name, row=number, known="、".join(DECISIONS))
        rows.append(Judgement(**made))
    return Judgements(tuple(rows))


def decoded(path: Path) -> str:
    """Return the text of a file in UTF-8 or, as Excel on Windows saves it, in GB18030."""
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise StoreError("terms_encoding", file=path.name)


def reader(text: str, name: str) -> csv.DictReader[str]:
    """Return the rows of a table that is one; a cell without end, as after a lost quote, is none."""
    try:
        for _ in csv.reader(io.StringIO(text)):
            pass
    except csv.Error as bad:
        raise StoreError("terms_encoding", file=name) from bad
    return csv.DictReader(io.StringIO(text))


def text(judgements: Judgements) -> str:
    """Return the file's text."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([f.name for f in fields(Judgement)])
    writer.writerows(astuple(row) for row in judgements.rows)
    return buffer.getvalue()
