"""Delimited text: CSV and TSV in blocks, so that a file of any length needs the memory of one.

Blocks are cut at ends of records. One that is regular is read by Arrow; one that is not (rows
of other widths, a header with titles above) row by row. Quotes that stand where they may not
make the ends of records a matter of opinion: from there on the file is read row by row.
"""

from __future__ import annotations

import codecs
import csv as csv_module
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from ...graph.columns.canonical import flat
from ...graph.schema.errors import LoadError
from .encodings import refuse_big5, refuse_mixed
from .frame import LOOK_AHEAD, UNNAMED, Frame, find_frame
from .raw import BOMS, RawSheet, assert_width, kept, may_begin, without_no_data

BLOCK = 1 << 24  # bytes of text read at once
_LOOKED_AT = 1 << 24  # bytes that tell one encoding from another
ROWS = 200_000  # rows of a piece that is read row by row
_LIMIT = 1 << 28  # bytes of one record; a quote that never ends would else read on to the end


@dataclass(frozen=True)
class _Text:
    """A text file: where it is, how it is encoded, what parts its cells."""

    path: Path
    encoding: str
    mark: str

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True)
class _Block:
    """Whole records as UTF-8; not ``sure`` when quotes leave open where records end."""

    data: bytes
    sure: bool


@dataclass(frozen=True)
class _Shape:
    """What all pieces share: the header and the number of columns, the rows that make the header."""

    headers: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


def read_delimited(path: Path, known: frozenset[str]) -> RawSheet:
    """Return the first piece of a delimited file; ``rest`` reads the others.

    Raises
    ------
    LoadError
        The file holds no text, or is in no encoding that is understood.
    """
    encoding = encoding_of(path)
    first = next(_blocks(_Text(path, encoding, ",")), None)
    start = "" if first is None else first.data[: 1 << 20].decode("utf-8", "ignore")
    if first is None or (len(first.data) < 1 << 20 and not start.strip()):
        raise LoadError("file_empty", file=path.name)
    text = _Text(path, encoding, _mark(path, start))
    pieces = _pieces(text, known, None)
    made = next(pieces, None)
    if made is None:
        raise LoadError("file_empty", file=path.name)
    shape = _Shape(made.headers, made.lines)
    if len(first.data) == _length(text) and first.sure:
        return made
    return replace(made, rest=lambda: islice(_pieces(text, known, shape), 1, None))


def read_rows(file: str, rows: list[list[str]], known: frozenset[str]) -> RawSheet:
    """Return rows of cells as a CSV of them would be read: the header is looked for, wider rows do not fit it.

    Raises
    ------
    LoadError
        No cell holds anything.
    """
    made, _ = _careful(iter(rows), _Text(Path(file), "utf-8", ","), known, None, 0)
    if made is None:
        raise LoadError("file_empty", file=file)
    return without_no_data(made)


def _length(text: _Text) -> int:
    """Bytes of the file as UTF-8, where that is known without reading it."""
    size = text.path.stat().st_size
    return {"utf-8": size, "utf-8-sig": size - 3}.get(text.encoding, -1)


def _mark(path: Path, start: str) -> str:
    if path.suffix.lower() == ".tsv":
        return "\t"
    lines = [line for line in start.split("\n", LOOK_AHEAD)[:LOOK_AHEAD] if line.strip()]
    return max(",\t;", key="\n".join(lines).count)


# encodings -----------------------------------------------------------------------------------


def encoding_of(path: Path) -> str:
    """Tell the encoding of a file: its BOM decides, else strict UTF-8, else strict GB18030.

    Raises
    ------
    LoadError
        It is neither; the row that the better of the tries got to is named.
    """
    with path.open("rb") as file:
        head = file.read(4)
    for bom, encoding in BOMS:
        if head.startswith(bom):
            _check(path, encoding, 0)
            return encoding
    wrong = _first_not_utf8(path)
    if wrong is None:
        return "utf-8"
    start = _start(path)
    refuse_mixed(start, path.name)
    _check(path, "gb18030", wrong)
    refuse_big5(start, start.decode("gb18030", "ignore"), path.name)
    return "gb18030"


def _start(path: Path) -> bytes:
    """Whole lines at the beginning of a file, enough to tell one encoding from another."""
    with path.open("rb") as file:
        data = file.read(_LOOKED_AT)
    return data if len(data) < _LOOKED_AT else data[: data.rfind(b"\n") + 1]


def _first_not_utf8(path: Path) -> int | None:
    """Return the line of the first byte that is no UTF-8 (Arrow checks faster than Python)."""
    left, done = b"", 0
    with path.open("rb") as file:
        while data := file.read(BLOCK >> 2):
            data = left + data
            tail = data[-4:]
            start = max((i for i, byte in enumerate(tail) if byte >= 0xC0), default=len(tail))
            cut = len(data) - (len(tail) - start)
            part, left = data[:cut], data[cut:]
            if not _is_utf8(part):
                left = part
                break
            done += len(part)
        if _is_utf8(left):
            return None
        file.seek(0)
        before = 0
        while done > 0:
            data = file.read(min(BLOCK, done))
            done -= len(data)
            before += data.count(b"\n")
    return before + _wrong_line(left)


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    ends = pa.py_buffer(np.array([0, len(data)], np.int64))
    try:
        pa.Array.from_buffers(pa.large_string(), 1, [None, ends, pa.py_buffer(data)]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _wrong_line(data: bytes) -> int:
    try:
        data.decode()
    except UnicodeDecodeError as bad:
        return data[: bad.start].count(b"\n") + 1
    return 1


def _check(path: Path, encoding: str, reached: int) -> None:
    """Decode the whole file once, so that no half of it is read in a wrong encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 0
    with path.open("rb") as file:
        try:
            while data := file.read(BLOCK >> 3):
                lines += decoder.decode(data).count("\n")
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as bad:
            row = lines + bytes(bad.object)[: bad.start].count(b"\n") + 1
            raise LoadError("file_encoding", file=path.name, row=max(row, reached)) from bad


def _stream(text: _Text) -> Iterator[bytes]:
    """Yield the file's bytes as UTF-8."""
    with text.path.open("rb") as file:
        if text.encoding in ("utf-8", "utf-8-sig"):
            file.seek(3 if text.encoding == "utf-8-sig" else 0)
            while data := file.read(BLOCK):
                yield data
            return
        decoder = codecs.getincrementaldecoder(text.encoding)()
        while data := file.read(BLOCK):
            yield decoder.decode(data).encode()
        yield decoder.decode(b"", final=True).encode()


# blocks --------------------------------------------------------------------------------------


def _blocks(text: _Text) -> Iterator[_Block]:
    """Yield blocks of whole records; the last one may come without an end of line."""
    left = b""
    for data in _stream(text):
        left += data
        if len(left) < BLOCK:
            continue
        cut = _cut(left, text.mark)
        if cut is None and len(left) < _LIMIT:
            continue  # one record longer than a block
        if cut is None or cut < 0:
            yield _Block(left, sure=False)
            return
        yield _Block(left[:cut], sure=True)
        left = left[cut:]
    if left:
        yield _Block(left, sure=b'"' not in left or _cut(left + b"\n", text.mark) == len(left) + 1)


def _cut(data: bytes, mark: str) -> int | None:
    """Return where the last whole record ends; None when none does, −1 when quotes do not tell.

    A quote that opens stands after a mark or line end or another quote, one that closes
    before one; where each does, the quotes before a place say whether it is inside a cell.
    """
    end = b"\n" if b"\n" in data else b"\r"
    stop = len(data) - (end == b"\r")  # the other half of a line end may come with the next block
    if b'"' not in data:
        return data.rfind(end, 0, stop) + 1 or None
    last = data.rfind(b'"') + 1  # behind the last quote nothing needs a look
    raw = np.frombuffer(data, np.uint8)[: last + 1]
    quote = raw == ord('"')
    inside = np.bitwise_xor.accumulate(quote)
    fine = quote | (raw == ord("\n")) | (raw == ord("\r")) | (raw == ord(mark))
    if ((quote & inside)[1:] & ~fine[:-1]).any() or ((quote & ~inside)[:-1] & ~fine[1:]).any():
        return -1
    place = stop
    while (place := data.rfind(end, 0, place)) >= 0:
        if not inside[min(place, len(inside) - 1)]:
            return place + 1
    return None


def _pieces(text: _Text, known: frozenset[str], shape: _Shape | None) -> Iterator[RawSheet]:
    """Yield the pieces of a file, rows numbered as records; ``shape`` is known after the first."""
    done = 0
    source = _blocks(text)
    for block in source:
        if not block.sure:
            break
        made = _fast(block.data, text, known, shape, done)
        size = len(block.data)
        if made is None:
            made = _careful(csv_module.reader(_as_text([block.data]), delimiter=text.mark), text, known, shape, done)
        raw, read = made
        del block, made
        if raw is not None:
            shape = shape or _Shape(raw.headers, raw.lines)
            yield replace(without_no_data(raw), size=size)
        done += read
    else:
        return
    rest = _skip(text, done)
    while True:
        raw, read = _careful(islice(rest, ROWS), text, known, shape, done)
        if raw is not None:
            shape = shape or _Shape(raw.headers, raw.lines)
            yield without_no_data(raw)
        done += read
        if read < ROWS:
            return


def _skip(text: _Text, records: int) -> Iterator[list[str]]:
    """Read the file row by row from a record on."""
    reader = csv_module.reader(_as_text(_stream(text)), delimiter=text.mark)
    return islice(reader, records, None)


def _as_text(blocks: Any) -> Iterator[str]:
    """Yield lines with their ends, as the csv module wants them, from UTF-8 blocks."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    left = ""
    for block in blocks:
        lines = io.StringIO(left + decoder.decode(block), newline="").readlines()
        left = lines.pop() if lines and not lines[-1].endswith("\n") else ""
        yield from lines
    if left:
        yield left


# rows ----------------------------------------------------------------------------------------


def _fast(
    data: bytes, text: _Text, known: frozenset[str], shape: _Shape | None, done: int
) -> tuple[RawSheet | None, int] | None:
    """Read a regular block with Arrow; None when it is none."""
    if shape is None:
        lines = io.StringIO(data[: 1 << 20].decode("utf-8", "ignore"), newline="")
        try:
            head = list(islice(csv_module.reader(lines, delimiter=text.mark), LOOK_AHEAD))
        except csv_module.Error:
            return None
        filled = [cells for cells in head if any(c.strip() for c in cells)]
        assert_width(text.name, max(map(len, filled), default=0))
        frame = find_frame(filled, known)
        width = len(head[0]) if head else 0
        if any(not any(c.strip() for c in cells) for cells in head[:1]) or not frame.plain:
            return None
        shape = _Shape(_wide(frame, width), frame.lines)
        begins = True
    else:
        width, begins = len(shape.headers), False
    table = _arrow(data, width, text.mark)
    if table is None:
        return None
    columns = [flat(c) for c in table.columns]
    rows = np.arange(done + 1, done + 1 + len(table), dtype=np.int32)
    if begins:
        columns, rows = [c.slice(1) for c in columns], rows[1:]
    made = RawSheet(text.name, "", shape.headers, tuple(columns), rows, lines=shape.lines)
    return _without_blank(made), len(table)


def _arrow(data: bytes, width: int, mark: str) -> pa.Table | None:
    odd: list[int] = []

    def skip(row: Any) -> str:
        odd.append(1)
        return "skip"

    names = [str(i) for i in range(width)]
    try:
        table = pacsv.read_csv(
            pa.BufferReader(pa.py_buffer(data)),
            read_options=pacsv.ReadOptions(column_names=names, block_size=1 << 22),
            parse_options=pacsv.ParseOptions(delimiter=mark, newlines_in_values=True,
                                             ignore_empty_lines=False, invalid_row_handler=skip),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
        )  # fmt: skip
    except pa.ArrowInvalid:
        return None
    return None if odd or not len(table) else table


def _without_blank(raw: RawSheet) -> RawSheet:
    """Rows of empty cells are no rows."""
    rows = np.arange(len(raw.rows))
    for column in raw.columns:
        part = column if len(rows) == len(column) else column.take(pa.array(rows))
        rows = rows[may_begin(part, "") | (pc.binary_length(part).to_numpy() == 0)]
        if not len(rows):
            return raw
        text = pc.utf8_trim_whitespace(column.take(pa.array(rows)))
        rows = rows[pc.equal(text, "").to_numpy(zero_copy_only=False)]
    keep = np.ones(len(raw.rows), bool)
    keep[rows] = False
    return raw if keep.all() else kept(raw, keep)


def _careful(
    reader: Iterator[list[str]], text: _Text, known: frozenset[str], shape: _Shape | None, done: int
) -> tuple[RawSheet | None, int]:
    """Read row by row: blank rows are passed over, rows wider than the header are kept apart."""
    read = 0
    lines: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            read += 1
            if any(c.strip() for c in cells):
                lines.append((done + read, cells))
    except csv_module.Error as bad:
        raise LoadError("file_unreadable", file=text.name, reason=bad) from bad
    if not lines:
        return None, read
    if shape:
        frame = Frame(0, 0, shape.headers, 0, shape.lines)
    else:
        head = [cells for _, cells in lines[:LOOK_AHEAD]]
        assert_width(text.name, max(map(len, head)))
        frame = find_frame(head, known)
    headers = frame.headers
    width = len(headers)
    begin = frame.start + frame.count + frame.below
    body = lines[begin:]
    broken = [(n, text.mark.join(c), len(c)) for n, c in body if len(c) > width and any(x.strip() for x in c[width:])]
    wide = {n for n, _, _ in broken}
    held = [(n, (cells + [""] * width)[:width]) for n, cells in body if n not in wide]
    columns = zip(*(cells for _, cells in held), strict=True) if held else [[] for _ in headers]
    made = tuple(pa.array(list(c), pa.string()) for c in columns)
    passed = [(n, "title", text.mark.join(c)[:200]) for n, c in lines[: frame.start]]
    passed += [(n, "header", text.mark.join(c)[:200]) for n, c in lines[begin - frame.below : begin]]
    rows = np.array([n for n, _ in held], np.int32)
    return RawSheet(text.name, "", headers, made, rows, {}, tuple(broken), tuple(passed), lines=frame.lines), read


def _wide(frame: Frame, width: int) -> tuple[str, ...]:
    """Return the header of a file whose records are as wide as its first."""
    return (*frame.headers, *(UNNAMED.format(at + 1) for at in range(len(frame.headers), width)))[:width]
