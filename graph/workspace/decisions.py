"""Decisions of people on disk: what was once recorded is never forgotten in silence.

``judgements.csv`` and ``term_judgements.csv`` only grow: taking a decision back is another one. Each state that
was recorded is kept as ``kept/judgements-000007.csv``; CURRENT names the newest by number, SHA-256 and rows. A file
that has lost rows since is told of, with the way back; rows that somebody added by hand, or that a writer
added before it was killed, are welcome.
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
KEEP = 3  # states of a file that stay

SHAPE = {str: {"version": int, "sha256": str, "rows": int}}


@dataclass(frozen=True)
class Lost:
    """A file that lacks rows which were recorded, and the state that still has them, if it is there."""

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
        made[file] = {"version": version, "sha256": digest, "rows": len(_rows(data))}
        for _, old in _versions(home, file)[KEEP:]:
            old.unlink(missing_ok=True)
    return made


def lost(home: Path, file: str, told: dict[str, Any]) -> Lost | None:
    """Tell what a file of decisions lacks of what was recorded, None when it lacks nothing."""
    before, now = told.get(file), _bytes(home / file)
    if before is not None and now is not None and hashlib.sha256(now).hexdigest() == before["sha256"]:
        return None
    kept = _last_whole(home, file, before)
    rows = Counter(_rows(b"" if now is None else now))
    if kept is not None:
        missing = sum((Counter(_rows(kept.read_bytes())) - rows).values())
    else:
        missing = 0 if before is None else max(before["rows"] - sum(rows.values()), 0)
    if not missing:
        return None
    return Lost(file, missing, sum(rows.values()) if before is None else before["rows"], kept)


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
    rows = _rows(data)
    if now is not None:
        write_bytes(home / KEPT / f"damaged-{file}", now)
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(row for row in _rows(now or b"")[len(rows) :] if row not in rows)
    joined = data if data.endswith(b"\n") else data + b"\n"
    write_bytes(home / file, joined + buffer.getvalue().encode("utf-8"))
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


def _rows(data: bytes) -> list[tuple[str, ...]]:
    """Return the rows below the header, whatever state the file is in, as Excel may have saved it."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    try:
        rows = [tuple(cell.strip() for cell in row) for row in csv.reader(io.StringIO(text))]
    except csv.Error:
        return []
    return [row for row in rows[1:] if any(row)]
