"""Files: tables as text columns, each row with the number that Excel shows for it.

Everything is read as text (codes such as 0610 stay what they are); cells that Excel holds
as numbers are marked, so that a code typed as a number can be refused instead of guessed.
"""

from __future__ import annotations

import csv as csv_module
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from ..graph.canonical import flat
from ..graph.errors import LoadError
from ..graph.text import LIST_SEPARATOR
from .encodings import refuse_big5, refuse_mixed
from .frame import LOOK_AHEAD, find_header, join_headers, no_data
from .workbooks import DAMAGED, UNPACKED_LIMIT, inspect

EXCEL = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
TABLES = {".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", *EXCEL}
_SUSPECT = r"^\s*(合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|注|备注|说明|填|制表|审核|资料来源|数据来源|单位|【示例】)"


@dataclass(frozen=True)
class RawSheet:
    """One sheet as text columns.

    ``rows`` are row numbers as Excel shows them; ``numbers`` marks cells stored as numbers;
    ``broken`` holds rows that do not fit the header: (row, text, cells found); ``passed`` rows
    that are no data: (row, total/note/example/title/hidden, text).
    """

    file: str
    sheet: str
    headers: tuple[str, ...]
    columns: tuple[pa.Array, ...]
    rows: npt.NDArray[np.int32]
    numbers: dict[int, npt.NDArray[np.bool_]] = field(default_factory=dict)
    broken: tuple[tuple[int, str, int], ...] = ()
    passed: tuple[tuple[int, str, str], ...] = ()

    @property
    def read(self) -> int:
        """Rows read, those that do not fit the header included; several entries may stand in one row."""
        return len(np.unique(self.rows)) + len(self.broken)


def read_sheets(path: Path, known: frozenset[str] = frozenset()) -> Iterator[RawSheet]:
    """Yield the sheets of one file that hold rows or a header.

    Parameters
    ----------
    known
        Headers that the schema knows: the header row is looked for by them (``frame``).

    Raises
    ------
    LoadError
        The file is missing, empty, of another format than its name says, or unreadable.
    """
    if not path.is_file():
        raise LoadError("file_missing", file=path)
    if path.stat().st_size == 0:
        raise LoadError("file_empty", file=path.name)
    suffix = path.suffix.lower()
    if suffix not in TABLES:
        raise LoadError("file_kind", file=path.name)
    try:
        if suffix in EXCEL:
            found = list(_excel(path, known))
        elif suffix == ".parquet":
            found = [_parquet(path)]
        elif suffix in (".json", ".jsonl", ".ndjson"):
            found = [_json(path)]
        else:
            found = [_delimited(path, known)]
    except OSError as bad:
        raise LoadError("file_unreadable", file=path.name, reason=bad.strerror or bad) from bad
    if not found:
        raise LoadError("file_empty", file=path.name)
    yield from found


# delimited text ------------------------------------------------------------------------------


def decode(data: bytes, name: str) -> str:
    """Return the text of a file: its BOM decides, else strict UTF-8, else strict GB18030."""
    for bom, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"),
                          (b"\xfe\xff", "utf-16")):  # fmt: skip
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


def _delimited(path: Path, known: frozenset[str]) -> RawSheet:
    text = decode(path.read_bytes(), path.name)
    if not text.strip():
        raise LoadError("file_empty", file=path.name)
    lines = [line for line in text.split("\n", LOOK_AHEAD)[:LOOK_AHEAD] if line.strip()]
    mark = max(",\t;", key="\n".join(lines).count) if path.suffix.lower() != ".tsv" else "\t"
    fast = _fast_csv(text, mark)
    if fast is not None:
        headers, columns = fast
        head = [headers, *zip(*(c.slice(0, LOOK_AHEAD).to_pylist() for c in columns), strict=True)]
        if find_header(head, known) == (0, 1):
            rows = np.arange(2, 2 + len(columns[0]), dtype=np.int32)
            return _without_no_data(_without_blank(RawSheet(path.name, "", headers, columns, rows)))
    return _careful_csv(text, mark, path.name, known)


def _without_blank(raw: RawSheet) -> RawSheet:
    """Rows of empty cells, as spreadsheets write them below a table, are no rows."""
    blank = np.ones(len(raw.rows), bool)
    for column in raw.columns:
        if not blank.any():
            return raw
        where = np.flatnonzero(blank)
        part = pc.utf8_trim_whitespace(column.take(pa.array(where)))
        blank[where] = pc.equal(part, "").to_numpy(zero_copy_only=False)
    keep = ~blank
    return replace(raw, columns=tuple(c.filter(pa.array(keep)) for c in raw.columns), rows=raw.rows[keep])


def _without_no_data(raw: RawSheet) -> RawSheet:
    """Take out rows that are totals, notes or the template's example; they are told as passed."""
    if not len(raw.rows):
        return raw
    suspect = np.zeros(len(raw.rows), bool)
    for column in raw.columns[:2]:
        hit = pc.match_substring_regex(column, _SUSPECT).fill_null(False)
        suspect |= hit.to_numpy(zero_copy_only=False)
    passed = []
    for at in np.flatnonzero(suspect):
        cells = [c[int(at)].as_py() or "" for c in raw.columns]
        why = no_data(cells)
        if why is not None:
            passed.append((int(raw.rows[at]), why, " ".join(c for c in cells if c)[:200]))
        else:
            suspect[at] = False
    if not passed:
        return raw
    keep = ~suspect
    return replace(raw, columns=tuple(c.filter(pa.array(keep)) for c in raw.columns), rows=raw.rows[keep],
                   numbers={k: v[keep] for k, v in raw.numbers.items()}, passed=(*raw.passed, *passed))  # fmt: skip


def _fast_csv(text: str, mark: str) -> tuple[tuple[str, ...], tuple[pa.Array, ...]] | None:
    """Read a regular table with Arrow; None when rows are ragged or lines are blank."""
    if "\n\n" in text or "\r\n\r\n" in text or text[:1] in "\r\n":
        return None
    odd: list[int] = []

    def skip(row: Any) -> str:
        odd.append(1)
        return "skip"

    data = pa.py_buffer(text.encode())
    try:
        width = len(next(csv_module.reader(io.StringIO(text), delimiter=mark)))
    except csv_module.Error:
        return None
    names = [str(i) for i in range(width)]
    try:
        table = pacsv.read_csv(
            pa.BufferReader(data),
            read_options=pacsv.ReadOptions(column_names=names, block_size=1 << 22),
            parse_options=pacsv.ParseOptions(delimiter=mark, newlines_in_values=True,
                                             ignore_empty_lines=False, invalid_row_handler=skip),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
        )  # fmt: skip
    except pa.ArrowInvalid:
        return None
    if odd or not len(table):
        return None
    columns = [flat(c) for c in table.columns]
    headers = tuple(str(c[0].as_py()) for c in columns)
    return headers, tuple(c.slice(1) for c in columns)


def _careful_csv(text: str, mark: str, name: str, known: frozenset[str]) -> RawSheet:
    """Read row by row: blank rows are passed over, rows wider than the header are kept apart."""
    reader = csv_module.reader(io.StringIO(text, newline=""), delimiter=mark)
    try:
        lines = [(n, cells) for n, cells in enumerate(reader, 1) if any(c.strip() for c in cells)]
    except csv_module.Error as bad:
        raise LoadError("file_unreadable", file=name, reason=bad) from bad
    if not lines:
        raise LoadError("file_empty", file=name)
    start, count = find_header([cells for _, cells in lines[:LOOK_AHEAD]], known)
    headers = _header_of([cells for _, cells in lines[start : start + count]], known)
    width = len(headers)
    body = lines[start + count :]
    broken = [(n, mark.join(c), len(c)) for n, c in body if len(c) > width and any(x.strip() for x in c[width:])]
    wide = {n for n, _, _ in broken}
    kept = [(n, (cells + [""] * width)[:width]) for n, cells in body if n not in wide]
    columns = zip(*(cells for _, cells in kept), strict=True) if kept else [[] for _ in headers]
    made = tuple(pa.array(list(c), pa.string()) for c in columns)
    titles = tuple((n, "title", mark.join(c)[:200]) for n, c in lines[:start])
    rows = np.array([n for n, _ in kept], np.int32)
    return _without_no_data(RawSheet(name, "", tuple(headers), made, rows, {}, tuple(broken), titles))


def _header_of(rows: list[list[str]], known: frozenset[str]) -> list[str]:
    headers = list(rows[0]) if len(rows) == 1 else join_headers(rows[0], rows[1], known)
    while headers and not headers[-1].strip():
        headers.pop()
    return headers


# Excel ---------------------------------------------------------------------------------------


def _excel(path: Path, known: frozenset[str]) -> Iterator[RawSheet]:
    from python_calamine import CalamineError, CalamineWorkbook

    hidden = inspect(path)
    try:
        book = CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            grid = sheet.to_python(skip_empty_area=False)
            _fill_merged(grid, sheet.merged_cell_ranges or [])
            made = _grid(path.name, name, grid, known)
            if made is not None:
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


def _grid(file: str, sheet: str, grid: list[list[Any]], known: frozenset[str]) -> RawSheet | None:
    filled = [i for i, row in enumerate(grid) if any(c != "" and c is not None for c in row)]
    if not filled:
        return None
    head = [[_cell(c) for c in grid[i]] for i in filled[:LOOK_AHEAD]]
    start, count = find_header(head, known)
    headers = _header_of(head[start : start + count], known)
    body = [grid[i] for i in filled[start + count :]]
    rows = np.array([i + 1 for i in filled[start + count :]], np.int32)
    width = max((len(r) for r in body), default=len(headers))
    beyond = [at for at in range(len(headers), width) if any(r[at] not in ("", None) for r in body)]
    columns, numbers = [], {}
    for at in [*range(len(headers)), *beyond]:
        cells = [row[at] for row in body]
        if all(type(c) is str for c in cells):
            columns.append(pa.array(cells, pa.string()))
            continue
        columns.append(pa.array([_cell(c) for c in cells], pa.string()))
        numbers[len(columns) - 1] = np.array([type(c) in (int, float) for c in cells], bool)
    # Cells beyond the header are kept as columns without a name: told as unused, not lost.
    names = (*headers, *(f"（第{at + 1}列，无表头）" for at in beyond))
    titles = tuple((filled[i] + 1, "title", " ".join(c for c in head[i] if c)[:200]) for i in range(start))
    return _without_no_data(RawSheet(file, sheet, names, tuple(columns), rows, numbers, (), titles))


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


def _json(path: Path) -> RawSheet:
    text = decode(path.read_bytes(), path.name).strip()
    if not text:
        raise LoadError("file_empty", file=path.name)
    records: list[tuple[int, Any]] = []
    broken: list[tuple[int, str, int]] = []
    if text.startswith("["):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as bad:
            raise LoadError("json_shape", file=path.name, reason=bad) from bad
        records = list(enumerate(found, 1))
    else:
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                try:
                    records.append((number, json.loads(line)))
                except (ValueError, RecursionError):
                    broken.append((number, line[:200], 0))
    good = [(n, r) for n, r in records if isinstance(r, dict) and _is_text(r, text)]
    kept = {n for n, _ in good}
    broken += [(n, json.dumps(r)[:200], 0) for n, r in records if n not in kept]
    if not good:
        raise LoadError("json_shape", file=path.name, reason="")
    headers = tuple(dict.fromkeys(k for _, r in good for k in r))
    columns = tuple(pa.array([_value(r.get(h)) for _, r in good], pa.string()) for h in headers)
    rows = np.array([n for n, _ in good], np.int32)
    return RawSheet(path.name, "", headers, columns, rows, {}, tuple(sorted(broken)))


def _is_text(record: dict[str, Any], text: str) -> bool:
    """Tell whether a record's texts are whole: half a character (\\ud83d alone) can be kept nowhere."""
    if "\\u" not in text:
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
        return json.dumps(value, ensure_ascii=False)
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
    return RawSheet(path.name, "", tuple(table.column_names), tuple(columns), rows, numbers)


def _check_parquet(path: Path) -> None:
    """Refuse a file that says in few bytes that it holds more cells than memory should."""
    told = pq.read_metadata(path)
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
