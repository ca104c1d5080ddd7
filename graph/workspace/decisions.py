"""Decisions of people on disk: what was once recorded is never forgotten in silence.

``judgements.csv`` and ``term_judgements.csv`` only grow: taking a decision back is another one. Each state that
was recorded is kept as ``kept/judgements-000007.csv``; CURRENT names the newest by number, SHA-256 and rows. A file
that has lost decisions since is told of, with the way back; rows that somebody added by hand, or that a writer
added before it was killed, are welcome, as are other notes, other columns, another order and encoding: people keep
these files in Excel. Only where a pair or word was decided twice does the order tell what counts.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..identity.terms import TERM_JUDGEMENTS
from ..schema.errors import StoreError
from .atomic import write_bytes

JUDGEMENTS = "judgements.csv"
FILES = (JUDGEMENTS, TERM_JUDGEMENTS)
KEPT = "kept"
_DECIDED = {JUDGEMENTS: ("a", "b", "decision"), TERM_JUDGEMENTS: ("term", "link", "firm", "relation")}
KEEP = 3  # states of a file that stay

Row = tuple[str, ...]
SHAPE = {str: {"version": int, "sha256": str, "rows": int}}


@dataclass(frozen=True)
class Lost:
    """A file that lacks decisions which were recorded, and the state that still has them, if it is there."""

    file: str
    rows: int
    recorded: int
    kept: Path | None


def record(home: Path, told: dict[str, Any]) -> dict[str, Any]:
    """Keep the decisions as they are; return what CURRENT is to say of them.

    Parameters
    ----------
    told
        What CURRENT says of them so far.

    Raises
    ------
    StoreError
        A file lacks rows that were recorded.
    """
    made = {}
    for file in FILES:
        assert_not_lost(home, file, told)
        data = _bytes(home / file)
        if data is None:
            continue
        digest = hashlib.sha256(data).hexdigest()
        before = told.get(file, {})
        newest = _versions(home, file)[:1]
        if before.get("sha256") == digest and [(before["version"], digest)] == [(n, _digest(p)) for n, p in newest]:
            made[file] = before
            continue
        version = max([0, *(n for n, _ in newest)]) + 1
        (home / KEPT).mkdir(exist_ok=True)
        write_bytes(_kept(home, file, version), data)
        made[file] = {"version": version, "sha256": digest, "rows": len(_rows(file, data))}
        for _, old in _versions(home, file)[KEEP:]:
            old.unlink(missing_ok=True)
    return made


def lost(home: Path, file: str, told: dict[str, Any]) -> Lost | None:
    """Tell what a file of decisions lacks of what was recorded, None when it lacks nothing."""
    before, now = told.get(file), _bytes(home / file)
    if before is not None and now is not None and hashlib.sha256(now).hexdigest() == before["sha256"]:
        return None
    kept = _last_whole(home, file, before)
    rows = _rows(file, now)
    if kept is not None:
        missing = len(_missing(_rows(file, kept.read_bytes()), rows))
    else:
        missing = 0 if before is None else max(before["rows"] - len(rows), 0)
    if not missing:
        return None
    return Lost(file, missing, len(rows) if before is None else before["rows"], kept)


def _missing(kept: list[Row], now: list[Row]) -> list[Row]:
    """Return the decisions that are there no more, or no longer count because others now stand behind them."""
    gone = list((Counter(kept) - Counter(now)).elements())
    subjects = {row[:-1] for row in (Counter(now) - Counter(kept)) | Counter(gone)}
    counts = {row[:-1]: row for row in now}
    last = {row[:-1]: row for row in kept}
    return gone + [row for subject, row in last.items() if subject not in subjects and counts[subject] != row]


def assert_not_lost(home: Path, file: str, told: dict[str, Any]) -> None:
    """Refuse to go on without decisions that were recorded; see ``lost``."""
    found = lost(home, file, told)
    if found is not None:
        raise StoreError("decisions_lost", folder=home, file=file, rows=found.rows)


def restore(home: Path, file: str, told: dict[str, Any]) -> int:
    """Put back what a file has lost, with what was added since behind it; returns the rows put back.

    The file as it was stays as ``kept/damaged-judgements.csv``.
    """
    found = lost(home, file, told)
    if found is None or found.kept is None:
        return 0
    data, now = found.kept.read_bytes(), _bytes(home / file)
    kept, rows = _rows(file, data), _rows(file, now)
    if now is not None:
        write_bytes(home / KEPT / f"damaged-{file}", now)
    changed = {row[:-1] for row in _missing(kept, rows)}
    added = Counter(rows) - Counter(kept)
    table = _table(data)
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, table.fieldnames or (), "", "ignore", lineterminator="\n")
    for cells in _table(now or b""):
        row = _row(file, cells)
        if added[row] and row[:-1] not in changed:
            added[row] -= 1
            writer.writerow(cells)
    more, whole = buffer.getvalue(), _text(data)
    if more:
        data = (whole.removesuffix("\n") + "\n" + more).encode("utf-8")
    write_bytes(home / file, data)
    return found.rows


def accept(home: Path, file: str) -> None:
    """Forget the states of a file that were kept: what it is now is what people want."""
    for _, old in _versions(home, file):
        old.unlink(missing_ok=True)


def _last_whole(home: Path, file: str, told: dict[str, Any] | None) -> Path | None:
    """Return the newest state that is kept; where CURRENT names it, only when it is what was kept."""
    for version, path in _versions(home, file):
        if told is None or version != told["version"] or _digest(path) == told["sha256"]:
            return path
    return None


def _versions(home: Path, file: str) -> list[tuple[int, Path]]:
    """Return the states of a file that are kept, the newest first."""
    stem, ending = file.rsplit(".", 1)
    pattern = re.compile(rf"{re.escape(stem)}-(\d+)\.{ending}", re.ASCII)
    found = [(pattern.fullmatch(p.name), p) for p in (home / KEPT).glob(f"{stem}-*.{ending}")]
    return sorted(((int(m[1]), p) for m, p in found if m), reverse=True)


def _kept(home: Path, file: str, version: int) -> Path:
    stem, ending = file.rsplit(".", 1)
    return home / KEPT / f"{stem}-{version:06d}.{ending}"


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _rows(file: str, data: bytes | None) -> list[Row]:
    """Return what a file decides, row by row: on what, and how; whoever decided, when and why is no part of it."""
    try:
        rows = [_row(file, cells) for cells in _table(data or b"")]
    except csv.Error:
        return []
    return [row for row in rows if any(row)]


def _row(file: str, cells: dict[str, str]) -> Row:
    row = [(cells.get(column) or "").strip() for column in _DECIDED[file]]
    if file == JUDGEMENTS:
        row[:2] = sorted(row[:2])
    return tuple(row)


def _table(data: bytes) -> csv.DictReader[str]:
    return csv.DictReader(io.StringIO(_text(data)))


def _text(data: bytes) -> str:
    """Return the text of a file in whatever state it is, as Excel may have saved it."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")
