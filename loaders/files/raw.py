"""Raw sheets: tables as text columns, each row with the number that Excel shows for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ...graph.columns.arrays import Bools, Ints
from ...graph.schema.errors import LoadError
from ...graph.schema.words import Said
from .encodings import refuse_big5, refuse_mixed
from .passed import BEGINS, SUSPECT, no_data

MOST_COLUMNS = 16_384  # of a sheet of Excel; what has more is a table the wrong way round, or meant to do harm
_PAGES = 10_000  # times that a header may come again
_LAST_OF_SPACES = (0x80, 0xA0)  # last bytes of the wide space and of the one that does not break


@dataclass(frozen=True)
class RawSheet:
    """One sheet as text columns, or the first piece of one that is too long to hold at once.

    ``rows`` are row numbers as Excel shows them; ``numbers`` marks cells stored as numbers;
    ``broken`` holds rows that do not fit the header: (row, text, cells found); ``passed`` rows
    that are no data: (row, total/note/example/title/header/hidden, text). ``rest`` reads the further
    pieces, with the same headers, from the file; it may be called again. ``size`` is the bytes of
    text that the piece stands for, 0 where a file is not read in pieces.

    ``lines`` are the rows of the titles and the header, by which they are known when a page repeats
    them; ``across`` the rows that are one cell merged over most of the table. A ``hidden`` sheet is
    read only when it is named; of several ``lists`` in one file, too. ``notes`` say how the file
    was read, where that is not as a table is.
    """

    file: str
    sheet: str
    headers: tuple[str, ...]
    columns: tuple[pa.Array, ...]
    rows: npt.NDArray[np.int32]
    numbers: dict[int, Bools] = field(default_factory=dict)
    broken: tuple[tuple[int, str, int], ...] = ()
    passed: tuple[tuple[int, str, str], ...] = ()
    rest: Callable[[], Iterator[RawSheet]] | None = None
    size: int = 0
    lines: tuple[tuple[str, ...], ...] = ()
    across: frozenset[int] = frozenset()
    hidden: bool = False
    lists: tuple[str, ...] = ()
    notes: tuple[Said, ...] = ()

    @property
    def read(self) -> int:
        """Rows read in this piece, those that do not fit the header included; entries of one row count once."""
        return min(len(self.rows), 1) + int(np.count_nonzero(np.diff(self.rows))) + len(self.broken)

    def pieces(self) -> Iterator[RawSheet]:
        """Yield this piece and those that follow it."""
        yield replace(self, rest=None)
        if self.rest is not None:
            yield from self.rest()

    def whole(self) -> RawSheet:
        """Return all pieces as one."""
        parts = list(self.pieces())
        columns = tuple(pa.concat_arrays([p.columns[at] for p in parts]) for at in range(len(self.headers)))
        return replace(parts[0], columns=columns, rows=np.concatenate([p.rows for p in parts]), numbers={},
                       broken=tuple(b for p in parts for b in p.broken),
                       passed=tuple(told for p in parts for told in p.passed))  # fmt: skip

    def named(self, file: str) -> RawSheet:
        """Return the sheet and its further pieces under another name of its file."""
        return replace(self, file=file, rest=self.then(lambda piece: replace(piece, file=file)))

    def then(self, change: Callable[[RawSheet], RawSheet]) -> Callable[[], Iterator[RawSheet]] | None:
        """Return ``rest`` with a change made to every further piece."""
        further = self.rest
        if further is None:
            return None
        return lambda: (change(piece) for piece in further())


def assert_width(file: str, columns: int) -> None:
    """Refuse a table of more columns than Excel holds: each of them is looked at as a header."""
    if columns > MOST_COLUMNS:
        raise LoadError("file_wide", file=file, n=columns, limit=MOST_COLUMNS)


def without_no_data(raw: RawSheet) -> RawSheet:
    """Take out rows that are totals, notes, the template's example or the header again; they are told as passed."""
    if not len(raw.rows):
        return raw
    again = _again(raw)
    suspect = again.copy()
    left = np.arange(len(raw.rows))  # rows of which the first two filled cells are not all looked at
    filled = np.zeros(len(left), np.int32)
    for column in raw.columns:
        part = column if len(left) == len(column) else column.take(pa.array(left))
        rows = np.flatnonzero(may_begin(part, BEGINS))
        hit = pc.match_substring_regex(part.take(pa.array(rows)), SUSPECT).fill_null(False)
        suspect[left[rows[hit.to_numpy(zero_copy_only=False)]]] = True
        filled += (np.diff(_ends(part)) > 0) & ~may_begin(part, "")  # what may be white space counts as none
        left, filled = left[filled < 2], filled[filled < 2]
        if not len(left):
            break
    passed = []
    for at in np.flatnonzero(suspect):
        cells = [c[int(at)].as_py() or "" for c in raw.columns]
        why = "header" if again[at] else no_data(cells)
        if why is not None:
            passed.append((int(raw.rows[at]), why, " ".join(c for c in cells if c)[:200]))
        else:
            suspect[at] = False
    if not passed:
        return raw
    return replace(kept(raw, ~suspect), passed=(*raw.passed, *passed))


def _again(raw: RawSheet) -> Bools:
    """Tell which rows are a row of the header, or a title above it, word by word."""
    told = np.zeros(len(raw.rows), bool)
    above: tuple[str, ...] = ()
    for line in raw.lines:
        # What is merged downwards may stand in each row of the header, or in its first only.
        over, above = (*above, *[""] * (len(line) - len(above))), line
        own = [at for at, text in enumerate(line) if text and text != over[at]]
        if not own or own[-1] >= len(raw.columns) or len(raw.columns) < 2:
            continue
        rows = _equal(raw.columns[own[0]], line[own[0]])
        for at in rows[:_PAGES].tolist():
            cells = [(c[at].as_py() or "").strip() for c in raw.columns[: len(line)]]
            told[at] |= all(
                cell == text or (text in ("", up) and cell in ("", up))
                for cell, text, up in zip(cells, line, over, strict=False)
            )
    return told


def _equal(column: pa.Array, text: str) -> Ints:
    """Return the rows whose cells are a text, white space around it left aside."""
    hit = pc.equal(column, text).fill_null(False).to_numpy(zero_copy_only=False).copy()
    ends, data = _ends(column), column.buffers()[2]
    if data is not None and len(data):
        last = np.frombuffer(data, np.uint8)[np.maximum(ends[1:] - 1, 0)]
        padded = may_begin(column, "") | (last <= 0x20) | np.isin(last, _LAST_OF_SPACES)
        rows = np.flatnonzero(padded & (np.diff(ends) > len(text.encode())))
        trimmed = pc.utf8_trim_whitespace(column.take(pa.array(rows)))
        hit[rows] |= pc.equal(trimmed, text).fill_null(False).to_numpy(zero_copy_only=False)
    return np.flatnonzero(hit)


def _ends(column: pa.Array) -> npt.NDArray[np.int32]:
    """Return where the cells of a column of text begin and end, in bytes."""
    return np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + len(column) + 1]


def may_begin(column: pa.Array, characters: str) -> Bools:
    """Tell which cells begin with white space or one of these characters; a few others may be told too."""
    ends, data = _ends(column), column.buffers()[2]
    if data is None or not len(data):
        return np.zeros(len(column), bool)
    raw = np.frombuffer(data, np.uint8)
    whole, heads, pairs = _beginnings(characters)
    first = raw.take(ends[:-1], mode="clip")
    hit: Bools = whole.take(first)
    rows = np.flatnonzero(heads.take(first)) if characters else np.zeros(0, np.int64)
    if len(rows):
        second = raw.take(ends[rows] + 1, mode="clip").astype(np.int32)
        hit[rows[np.isin((first[rows].astype(np.int32) << 8) | second, pairs)]] = True
    hit &= ends[1:] > ends[:-1]
    return hit


@lru_cache(maxsize=16)
def _beginnings(characters: str) -> tuple[Bools, Bools, Ints]:
    """First bytes that tell by themselves (white space and ASCII), those that need a second one, and such pairs."""
    others = [c.encode() for c in characters if not c.isascii()]
    whole, heads = np.zeros(256, bool), np.zeros(256, bool)
    whole[[*range(0x21), 0xC2, 0xE2, 0xE3, *(ord(c) for c in characters if c.isascii())]] = True
    heads[[c[0] for c in others]] = True
    return whole, heads & ~whole, np.array([c[0] << 8 | c[1] for c in others], np.int64)


def kept(raw: RawSheet, keep: Bools) -> RawSheet:
    """Return the sheet with some of its rows."""
    mask = pa.array(keep)
    return replace(raw, columns=tuple(c.filter(mask) for c in raw.columns), rows=raw.rows[keep],
                   numbers={k: v[keep] for k, v in raw.numbers.items()})  # fmt: skip


BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def decode(data: bytes, name: str) -> str:
    """Return the text of a file: its BOM decides, else strict UTF-8, else strict GB18030."""
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return _strict(data, encoding, name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as bad:
        refuse_mixed(data, name)
        text = _strict(data, "gb18030", name, bad.start)
        refuse_big5(data, text, name)
        return text


def _strict(data: bytes, encoding: str, name: str, reached: int = 0) -> str:
    """Decode, or name the row that the better of the tries got to."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as bad:
        row = data[: max(bad.start, reached)].count(b"\n") + 1
        raise LoadError("file_encoding", file=name, row=row) from bad
