"""Files: tables of all formats as text columns, each row with the number that Excel shows for it.

Delimited text is read here, in pieces; all else by ``sheets_in`` in the child process (``child``).

Everything is read as text (codes such as 0610 stay what they are); cells that Excel holds
as numbers are marked, so that a code typed as a number can be refused instead of guessed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ...graph.columns.canonical import flat
from ...graph.columns.text import LIST_SEPARATOR
from ...graph.schema.errors import LoadError
from ...graph.schema.paths import assert_readable, file_name
from ...graph.schema.words import Said, sentence
from .carried import Odd, sheet_of, table_of
from .child import Progress, ask
from .delimited import read_delimited, read_rows
from .frame import LOOK_AHEAD, UNNAMED, Spans, find_frame, is_known
from .nested import Found, flatten, records_of
from .raw import RawSheet, assert_width, decode, without_no_data
from .workbooks import DAMAGED, UNPACKED_LIMIT, inspect, merged_cells

EXCEL = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
TABLES = {".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", *EXCEL}


IN_CHILD = TABLES - {".csv", ".tsv", ".txt"}
_SHEETS_IN = f"{__name__}:sheets_in"


def read_sheets(
    path: Path, known: frozenset[str] = frozenset(), progress: Progress | None = None
) -> Iterator[RawSheet]:
    """Yield the sheets of one file that hold rows or a header.

    Parameters
    ----------
    known
        Headers that the schema knows: the header row is looked for by them (``frame``).
    progress
        Told the bytes of a file that is not read in pieces, while it is read.

    Raises
    ------
    LoadError
        The file is missing, empty, of another format than its name says, unreadable, or took more memory or
        time than its size allows.
    """
    assert_readable(path)
    if path.stat().st_size == 0:
        raise LoadError("file_empty", file=path.name)
    suffix = path.suffix.lower()
    if suffix not in TABLES:
        raise LoadError("file_kind", file=path.name)
    try:
        if suffix in IN_CHILD:
            carried = ask(_SHEETS_IN, path, {"known": sorted(known)}, progress)
            found = [sheet_of(table, file_name(path)) for table in carried]
        else:
            found = [read_delimited(path, known)]
    except Odd as bad:
        raise LoadError("reader_answer", file=path.name) from bad
    except OSError as bad:
        raise LoadError("file_unreadable", file=path.name, reason=bad.strerror or bad) from bad
    if not found:
        raise LoadError("file_empty", file=path.name)
    yield from found


def sheets_in(path: Path, told: dict[str, Any], tell: Progress) -> Iterator[pa.Table]:
    """Yield the sheets of a file as tables to be carried over: what the child process does for ``read_sheets``."""
    known, suffix = frozenset(told["known"]), path.suffix.lower()
    if suffix in EXCEL:
        yield from map(table_of, _excel(path, known, tell))
    elif suffix == ".parquet":
        yield table_of(_parquet(path))
    else:
        yield from map(table_of, _json(path, known))


# Excel ---------------------------------------------------------------------------------------


def _excel(path: Path, known: frozenset[str], tell: Progress) -> Iterator[RawSheet]:
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    hidden = inspect(path)
    try:
        book = CalamineWorkbook.from_path(str(path))
        shown = {sheet.name: sheet.visible == SheetVisibleEnum.Visible for sheet in book.sheets_metadata}
        merged_in = merged_cells(path)
        for at, name in enumerate(book.sheet_names):
            tell(at, len(shown))
            sheet = book.get_sheet_by_name(name)
            grid = sheet.to_python(skip_empty_area=False)
            merged = sheet.merged_cell_ranges or merged_in.get(name, [])
            _fill_merged(grid, merged)
            made = _grid(path.name, name, grid, known, merged)
            if made is not None:
                made = replace(made, hidden=not shown.get(name, True))
                told = tuple((r, "hidden", "") for r in made.rows.tolist() if r in hidden.get(name, ()))
                yield replace(made, passed=(*made.passed, *told)) if told else made
    except (CalamineError, *DAMAGED) as bad:
        if isinstance(bad, LoadError):
            raise
        raise LoadError("file_unreadable", file=path.name, reason=bad) from bad


def _fill_merged(grid: list[list[Any]], ranges: Any) -> None:
    """Give every row of a cell merged downwards its value; nothing else is filled."""
    for (top, left), (bottom, _) in ranges:
        if top < len(grid) and left < len(grid[top]):
            for row in range(top + 1, min(bottom, len(grid) - 1) + 1):
                if left < len(grid[row]) and grid[row][left] in ("", None):
                    grid[row][left] = grid[top][left]


def _grid(file: str, sheet: str, grid: list[list[Any]], known: frozenset[str], merged: Any) -> RawSheet | None:
    filled = [i for i, row in enumerate(grid) if any(row) or any(c != "" and c is not None for c in row)]
    if not filled:
        return None
    assert_width(file, len(grid[0]))
    head = [[_cell(c) for c in grid[i]] for i in filled[:LOOK_AHEAD]]
    start = find_frame(head, known, _spans(filled, merged))  # where the header ends, before columns are looked at
    begin = start.start + start.count + start.below
    body = [grid[i] for i in filled[begin:]]
    across = list(zip(*body, strict=True)) if body else [()] * len(head[0])
    holds = [any(c not in ("", None) for c in column) for column in across]
    frame = find_frame(head, known, _spans(filled, merged), holds)
    headers = [*frame.headers, *(UNNAMED.format(at + 1) for at in range(len(frame.headers), len(across)) if holds[at])]
    used = [*range(len(frame.headers)), *(at for at in range(len(frame.headers), len(across)) if holds[at])]
    rows = np.array([i + 1 for i in filled[begin:]], np.int32)
    columns: list[pa.Array] = []
    numbers = {}
    for at in used:
        kinds = set(map(type, across[at]))
        if kinds - {str}:
            numbers[len(columns)] = np.array([type(c) in (int, float) for c in across[at]], bool)
        columns.append(pa.array(_texts(across[at], kinds), pa.string()))
    passed = [(filled[i] + 1, "title", " ".join(c for c in head[i] if c)[:200]) for i in range(frame.start)]
    under = range(begin - frame.below, begin)
    passed += [(filled[i] + 1, "header", " ".join(c for c in head[i] if c)[:200]) for i in under]
    made = RawSheet(
        file,
        sheet,
        tuple(headers),
        tuple(columns),
        rows,
        numbers,
        (),
        tuple(passed),
        lines=frame.lines,
        across=_across(merged, len(columns)),
    )
    return without_no_data(made)


def _spans(filled: list[int], merged: Any) -> Spans:
    """Return the merged cells among the first rows that hold anything, by these rows' order."""
    order = {row: at for at, row in enumerate(filled[:LOOK_AHEAD])}
    last = max(order)
    found: Spans = {}
    for (top, left), (bottom, right) in merged:
        if top > last:
            continue
        inside = [order[row] for row in range(top, min(bottom, last) + 1) if row in order]
        found |= {(at, left): (inside[-1], right) for at in inside}
    return found


def _across(merged: Any, width: int) -> frozenset[int]:
    """Return the numbers of rows that are one cell merged over most of the table."""
    return frozenset(
        top + 1 for (top, left), (bottom, right) in merged if top == bottom and right - left + 1 >= max(2, 0.6 * width)
    )


def _texts(cells: Sequence[Any], kinds: set[type]) -> Sequence[str]:
    """Write cells as text, each distinct value once."""
    if not kinds - {str}:
        return cells
    if bool in kinds:
        return [_cell(c) for c in cells]  # True equals 1
    written = {c: _cell(c) for c in set(cells)}
    return [written[c] for c in cells]


def _cell(value: Any) -> str:
    """Write a typed cell as the text that a CSV of the same table would hold."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


# JSON, Parquet -------------------------------------------------------------------------------


def _json(path: Path, known: frozenset[str]) -> Iterator[RawSheet]:
    text = decode(path.read_bytes(), path.name).strip()
    if not text:
        raise LoadError("file_empty", file=path.name)
    escaped = "\\u" in text  # asked once: a look through the text for each record is quadratic
    broken: list[tuple[int, str, int]] = []
    found: list[Found] = []
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as bad:
        if text.startswith("["):
            raise LoadError("json_shape", file=path.name, reason=bad) from bad
        records = []
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                try:
                    records.append((number, json.loads(line)))
                except (ValueError, RecursionError):
                    broken.append((number, line[:200], 0))
        yield _records(path.name, "", records, broken, escaped)
        return
    try:
        if isinstance(document, dict | list):
            found = records_of(document, lambda key: is_known(key, known))
        if not found:
            raise LoadError("json_shape", file=path.name, reason="")
        lists = tuple(one.path for one in found) if len(found) > 1 else ()
        for one in found:
            sheet = one.path if lists else ""
            if one.rows:
                made = _table(path.name, sheet, one.records, known, escaped)
            else:
                made = _records(path.name, sheet, list(enumerate(one.records, 1)), [], escaped)
            notes: tuple[Said, ...] = ()
            if one.path and not lists:
                rest = "、".join(one.rest) or "—"
                notes = (sentence("note_unwrapped", file=path.name, path=one.path, n=one.count, rest=rest),)
            yield replace(made, lists=lists, notes=notes)
    except RecursionError as bad:
        raise LoadError("json_shape", file=path.name, reason=bad) from bad


def _records(
    file: str, sheet: str, records: list[tuple[int, Any]], broken: list[tuple[int, str, int]], escaped: bool
) -> RawSheet:
    """Return records as a sheet; those that are no objects, or hold half a character, do not fit it."""
    good = [(n, flatten(r, _value)) for n, r in records if isinstance(r, dict) and _is_text(r, escaped)]
    kept = {n for n, _ in good}
    broken = [*broken, *((n, json.dumps(r)[:200], 0) for n, r in records if n not in kept)]
    if not good:
        raise LoadError("json_shape", file=file, reason="")
    headers = tuple(dict.fromkeys(k for _, r in good for k in r))
    assert_width(file, len(headers))
    columns = tuple(pa.array([r.get(h, "") for _, r in good], pa.string()) for h in headers)
    rows = np.array([n for n, _ in good], np.int32)
    return without_no_data(RawSheet(file, sheet, headers, columns, rows, {}, tuple(sorted(broken))))


def _table(file: str, sheet: str, rows: list[Any], known: frozenset[str], escaped: bool) -> RawSheet:
    """Return a header and the rows under it as a CSV of them; rows that hold half a character do not fit it."""
    half = [n for n, row in enumerate(rows, 1) if not _is_text(row, escaped)]
    left_out = set(half)
    made = read_rows(file, [[] if n in left_out else list(map(_value, row)) for n, row in enumerate(rows, 1)], known)
    broken = (*made.broken, *((n, json.dumps(rows[n - 1])[:200], 0) for n in half))
    return replace(made, sheet=sheet, broken=tuple(sorted(broken)))


def _is_text(record: Any, escaped: bool) -> bool:
    """Tell whether a record's texts are whole: half a character (\\ud83d alone) can be kept nowhere."""
    if not escaped:
        return True
    try:
        json.dumps(record, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _value(value: Any) -> str:
    if isinstance(value, list):
        return LIST_SEPARATOR.join(_cell(v) for v in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=_cell)  # Parquet's structs hold dates, too
    return _cell(value)


def _parquet(path: Path) -> RawSheet:
    try:
        _check_parquet(path)
        table = pq.read_table(path)
    except (pa.ArrowException, OSError, ValueError) as bad:
        if isinstance(bad, LoadError):
            raise
        raise LoadError("file_unreadable", file=path.name, reason=str(bad).split("\n")[0]) from bad
    columns, numbers = [], {}
    for at, column in enumerate(table.columns):
        try:
            array = _as_text(flat(column))
        except (pa.ArrowException, UnicodeDecodeError) as bad:
            raise LoadError("file_unreadable", file=path.name, reason=str(bad).split("\n")[0]) from bad
        if pa.types.is_floating(column.type):
            numbers[at] = np.ones(len(array), bool)
        columns.append(array.fill_null(""))
    rows = np.arange(1, len(table) + 1, dtype=np.int32)
    return without_no_data(RawSheet(path.name, "", tuple(table.column_names), tuple(columns), rows, numbers))


def _check_parquet(path: Path) -> None:
    """Refuse a file that says in few bytes that it holds more cells than memory should."""
    told = pq.read_metadata(path)
    assert_width(path.name, told.num_columns)
    cells = told.num_rows * told.num_columns
    if cells > 50_000_000 and cells > 100 * path.stat().st_size:
        raise LoadError("file_too_large", file=path.name, size=cells * 8 // 1_000_000,
                        limit=UNPACKED_LIMIT // 1_000_000)  # fmt: skip


def _as_text(array: pa.Array) -> pa.Array:
    """Write typed cells as text; dates that Python cannot hold are written by Arrow."""
    if pa.types.is_string(array.type):
        array.validate(full=True)  # bytes that are no text would fail much later
        return array
    try:
        return pa.array([None if v is None else _value(v) for v in array.to_pylist()], pa.string())
    except OverflowError:
        return array.cast(pa.string())
    except ValueError as bad:
        if isinstance(bad, UnicodeDecodeError | pa.ArrowException):
            raise
        return array.cast(pa.string())
