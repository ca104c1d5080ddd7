"""Workbooks looked into before they are read: what must not be opened, and which rows are hidden.

A workbook is a zip of XML. Small files can unpack to far more than memory holds, name outside
content in a DOCTYPE, or hold one stray cell in the last corner of a sheet, for which a reader
reserves room for every cell up to it. Such files are refused with the place of the trouble.
"""

from __future__ import annotations

import html
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from ...graph.schema.errors import LoadError

UNPACKED_LIMIT = 1_000_000_000  # bytes; a small zip may unpack to far more than memory
_CELLS = 40_000_000  # cells that a sheet may span: over a gigabyte once read
_LOOK = 100_000  # cells up to which it does not matter how far to the right they lie
_SPARSE = 2_000_000, 50  # above so many cells, at least one in fifty must be filled
_MAGIC = {b"%PDF": "PDF", b"<!DO": "HTML", b"<htm": "HTML", b"\x89PNG": "PNG", b"Rar!": "RAR"}
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


def inspect(path: Path) -> dict[str, set[int]]:
    """Return the numbers of hidden rows by sheet name (xlsx only): they are loaded, and told.

    Raises
    ------
    LoadError
        The file is no workbook, damaged, unsafe, or would take more memory than it may.
    """
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return {}
    if not head.startswith(b"PK"):
        found = next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)
        raise LoadError("file_not_excel", file=path.name, found=found or "其他内容（other content）")
    try:
        with zipfile.ZipFile(path) as archive:
            _check_size(path, archive)
            _check_doctype(path, archive)
            if "content.xml" in archive.namelist():
                _check_tables(path, archive.read("content.xml"))
                return {}
            return dict(_hidden(path, archive))
    except DAMAGED as bad:
        if isinstance(bad, LoadError):
            raise
        raise LoadError("file_unreadable", file=path.name, reason=bad) from bad


def _check_size(path: Path, archive: zipfile.ZipFile) -> None:
    """Judge by the sizes that the zip declares; a part that unpacks to more is not read at all."""
    size = sum(item.file_size for item in archive.infolist())
    if size > UNPACKED_LIMIT or (size > 2e8 and size > 100 * path.stat().st_size):
        raise LoadError("file_too_large", file=path.name, size=size // 1_000_000,
                        limit=UNPACKED_LIMIT // 1_000_000)  # fmt: skip


def _check_doctype(path: Path, archive: zipfile.ZipFile) -> None:
    for item in archive.infolist():
        if item.filename.endswith((".xml", ".rels")):
            with archive.open(item) as part:
                if b"<!DOCTYPE" in part.read(4096).replace(b"\x00", b""):
                    raise LoadError("file_doctype", file=path.name, part=item.filename)


# xlsx ----------------------------------------------------------------------------------------


def _hidden(path: Path, archive: zipfile.ZipFile) -> Iterator[tuple[str, set[int]]]:
    """Yield each sheet's name and hidden rows, once its extent has been judged."""
    names = _sheet_names(archive)
    texts = _shared_texts(archive)
    for part in archive.namelist():
        if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", part) and part not in names:
            continue
        data = archive.read(part)
        sheet = names.get(part, "")
        tags = re.findall(rb"<row\b[^>]*>", data)
        rows = [int(n) for n in re.findall(rb"""\sr\s*=\s*["'](\d{1,9})""", b"".join(tags))]
        _check_extent(path, sheet or part, data, max(rows, default=len(tags)))
        _check_texts(path, data, texts)
        hidden = (re.search(rb'\br="(\d+)"', tag) for tag in tags if re.search(rb'hidden="(?:1|true)"', tag))
        yield sheet, {int(n[1]) for n in hidden if n}


def _sheet_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the name of each sheet by its part."""
    try:
        book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
        links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    except KeyError:
        return {}
    target = {}
    for tag in re.findall(r"<Relationship [^>]*>", links):
        values = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        target[values.get("Id", "")] = "xl/" + values.get("Target", "").removeprefix("/xl/")
    found = {}
    for tag in re.findall(r"<sheet [^>]*>", book):
        values = dict(re.findall(r'([\w:]+)="([^"]*)"', tag))
        part = target.get(values.get("r:id", ""), "")
        if part in archive.namelist():
            found[part] = html.unescape(values.get("name", ""))
    return found


def _check_extent(path: Path, sheet: str, data: bytes, rows: int) -> None:
    """Refuse a sheet whose furthest cell makes it larger than memory should hold."""
    odd = any(mark in data for mark in (b"\tr=", b"\nr=", b"r='", b"r ="))
    before = rb"""\sr\s*=\s*["']""" if odd else b' r="'
    column = ""
    for letters in (3, 2):
        found = re.findall(before + rb"([A-Z]{%d})\d" % letters, data) if rows * 26 ** (letters - 1) > _LOOK else []
        column = max(column, *(c.decode() for c in set(found)), key=lambda c: (len(c), c)) if found else column
        if column:
            break
    cells = rows * (_number(column) or 26)
    filled = max(data.count(b"<c ") + data.count(b"<c\t") + data.count(b"<c\n"), 1)
    if cells > _CELLS or (cells > _SPARSE[0] and filled * _SPARSE[1] < cells):
        raise LoadError("sheet_extent", file=path.name, sheet=sheet, cell=f"{column or 'A'}{rows}",
                        filled=filled)  # fmt: skip


def _shared_texts(archive: zipfile.ZipFile) -> list[int]:
    """Return the length of each text that cells share."""
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    data = archive.read("xl/sharedStrings.xml")
    return [len(text) for text in re.split(rb"<si\b", data)[1:]]


def _check_texts(path: Path, data: bytes, texts: list[int]) -> None:
    """Refuse a sheet whose cells, each given its own copy of a shared text, would fill the memory."""
    cells = data.count(b't="s"')
    if cells * max(texts, default=0) <= UNPACKED_LIMIT:
        return
    used = (int(n) for n in re.findall(rb't="s"[^>]*>\s*<v>(\d{1,9})', data))
    size = sum(texts[n] for n in used if n < len(texts))
    if size > UNPACKED_LIMIT:
        raise LoadError("file_too_large", file=path.name, size=size // 1_000_000,
                        limit=UNPACKED_LIMIT // 1_000_000)  # fmt: skip


def _number(column: str) -> int:
    """Return the number of a column by its letters: A is 1, AA is 27."""
    made = 0
    for letter in column:
        made = made * 26 + ord(letter) - 64
    return made


# ods -----------------------------------------------------------------------------------------

_TAG = re.compile(rb"<table:(?:table-row|table-cell|covered-table-cell)\b[^>]*>")
_TIMES = re.compile(rb'number-(?:rows|columns)-repeated="(\d{1,9})"')


def _check_tables(path: Path, data: bytes) -> None:
    """Refuse tables that unfold, by repeated rows and cells, to more than memory should hold."""
    cells = row = filled = width = 0
    for tag in _TAG.finditer(data):
        text = tag[0]
        times = _TIMES.search(text)
        n = int(times[1]) if times else 1
        if text.startswith(b"<table:table-row"):
            cells += row * filled
            row, filled, width = n, 0, 0
            continue
        width += n
        if not text.endswith(b"/>") or b"office:value" in text:
            filled = width  # cells behind the last that holds something end the row, however often repeated
    cells += row * filled
    if cells > _CELLS // 4:  # what the reader keeps of a cell of this format is four times as large
        raise LoadError("file_too_large", file=path.name, size=cells * 100 // 1_000_000,
                        limit=UNPACKED_LIMIT // 1_000_000)  # fmt: skip


_SPAN = re.compile(rb'number-(columns|rows)-spanned="(\d{1,7})"')
_TABLE = re.compile(rb'<table:table\s[^>]*?table:name="([^"]*)"')
_OPENS = re.compile(rb"<table:table\s[^>]*>|<table:(?:table-row|table-cell|covered-table-cell)\b[^>]*>")


def merged_cells(path: Path) -> dict[str, list[tuple[tuple[int, int], tuple[int, int]]]]:
    """Return the merged cells of an ods by sheet, as the reader tells them for other workbooks.

    Each is ((first row, first column), (last row, last column)), counted from 0.
    """
    if path.suffix.lower() != ".ods":
        return {}
    with zipfile.ZipFile(path) as archive:
        data = archive.read("content.xml")
    found: dict[str, list[tuple[tuple[int, int], tuple[int, int]]]] = {}
    if b"-spanned=" not in data:
        return found
    name, row, times, column = "", 0, 1, 0
    for tag in _OPENS.finditer(data):
        text = tag[0]
        repeated = _TIMES.search(text)
        n = int(repeated[1]) if repeated else 1
        if text.startswith(b"<table:table-row"):
            row, times, column = row + times, n, 0
        elif text.startswith((b"<table:table-cell", b"<table:covered")):
            size = {kind: int(many) for kind, many in _SPAN.findall(text)}
            last = row + size.get(b"rows", 1) - 1, column + size.get(b"columns", 1) - 1
            if last != (row, column):
                found.setdefault(name, []).append(((row, column), last))
            column += n
        else:
            told = _TABLE.match(text)
            name, row, times = html.unescape(told[1].decode("utf-8", "replace")) if told else "", -1, 1
    return found
