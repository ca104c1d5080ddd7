"""Mapping files: how somebody else's sheets are to be read, in TOML, without code.

One ``[[sheet]]`` says how one file (or one reading of it) becomes a sheet of the schema::

    [[sheet]]
    file = "sequence.csv"            # name or pattern; `sheet` names one sheet of a workbook
    as = "INPUT_OF"                  # a type of the schema, or EDGE for 起点·关系·终点
    header = ["head", "tail"]        # when the file has no header of its own
    lookup = { head = { file = "entity2id.txt", key = 1, value = 0 } }   # codes become names;
    # key and value are places or headers of the other file; `from` makes a column of another one
    where = ["goes_into_id"]         # only rows in which these columns are filled,
    only = { kind = ["company"] }    # … hold one of these values,
    unless = { name = ["Various"] }  # … hold none of these: what no reading takes is told
    replace = { relation = { "0" = "投入" } }
    columns = { input_name = "投入品", goes_into_name = "产品" }
    units = { share_provided = "%" }
    values = { "来源" = "CSET" }      # the same in every row
    stubs = true                     # ends of relations that nothing defines are created,
    from_type = "企业"               # of this type at the start (to_type: at the end) where several may be

A mapping is remembered in the workspace under the fingerprint of the headers it was given for
(a file without a header has none).
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...graph.schema.errors import LoadError
from ...graph.schema.integrity import Damaged, assert_shape, parsed, sealed, unsealed
from ...graph.schema.paths import assert_readable
from ...graph.workspace.atomic import write_text
from ..files.carried import Odd, note_of, with_note
from ..files.child import Progress, ask
from ..files.files import read_sheets
from ..files.frame import is_unnamed
from ..files.raw import RawSheet

_KEYS = {"file", "sheet", "as", "where", "only", "unless", "header", "stubs", "from_type", "to_type", "columns",
         "values", "units", "replace", "lookup"}  # fmt: skip
_SHAPE: dict[str, type] = {"file": str, "sheet": str, "as": str, "stubs": bool, "where": list, "header": list,
                           "from_type": str, "to_type": str}  # fmt: skip
_DEEPEST = 16  # levels of a file; the module describes four
_CHOSEN = {str: [str]}
_READING = {
    "file": str, "as_": str, "sheet?": str, "where": [str], "only?": _CHOSEN, "unless?": _CHOSEN, "header": [str],
    "stubs?": bool, "from_type?": str, "to_type?": str, "columns?": {str: str}, "values?": {str: str},
    "units?": {str: str}, "replace?": {str: {str: str}}, "lookup?": {str: {str: object}},
}  # fmt: skip
NOT_CHOSEN = "not_chosen"


@dataclass(frozen=True)
class SheetMapping:
    """One reading of a file; ``as_`` is the type that it gives."""

    file: str
    as_: str
    sheet: str = ""
    where: tuple[str, ...] = ()
    only: dict[str, list[str]] = field(default_factory=dict)
    unless: dict[str, list[str]] = field(default_factory=dict)
    header: tuple[str, ...] = ()
    stubs: bool = False
    from_type: str = ""
    to_type: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    replace: dict[str, dict[str, str]] = field(default_factory=dict)
    lookup: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def used(self) -> set[str]:
        """Headers of the sheet that this reading looks at; all when it gives the header itself."""
        sources = {str(spec.get("from", header)) for header, spec in self.lookup.items()}
        return {*self.columns, *self.where, *self.only, *self.unless, *sources}

    def fits(self, raw: RawSheet) -> bool:
        """Tell whether this reading is meant for a sheet."""
        return fnmatch(raw.file, self.file) and (not self.sheet or self.sheet == raw.sheet)


def read_mapping(path: Path) -> tuple[SheetMapping, ...]:
    """Read a mapping file.

    Raises
    ------
    LoadError
        The file is missing or not as the module describes; the message says what.
    """
    assert_readable(path)
    try:
        ((_, found),) = map(note_of, ask(f"{__name__}:toml_in", path, {}))
    except (Odd, OSError) as bad:
        raise LoadError("mapping_unreadable", file=path.name, reason=bad) from bad
    sheets = found.get("sheet")
    if not isinstance(sheets, list) or not sheets or not all(isinstance(s, dict) for s in sheets):
        raise LoadError("mapping_unreadable", file=path.name, reason="[[sheet]]")
    return tuple(_sheet(path.name, s) for s in sheets)


def toml_in(path: Path, _: dict[str, Any], __: Progress) -> Iterator[pa.Table]:
    """Yield a table that carries what a TOML file says: what the child process does for ``read_mapping``."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as bad:  # of TOML, of its text, of a number too long
        raise LoadError("mapping_unreadable", file=path.name, reason=bad) from bad
    level: list[Any] = [found]
    for _level in range(_DEEPEST):
        level = [one for held in level for one in (held.values() if isinstance(held, dict) else held)
                 if isinstance(one, dict | list)]  # fmt: skip
    if level:
        raise LoadError("reader_deep", file=path.name)
    yield with_note(pa.table({}), json.loads(json.dumps(found, default=lambda date: {"": str(date)})))


def _sheet(name: str, given: dict[str, Any]) -> SheetMapping:
    unknown = set(given) - _KEYS
    if unknown or "file" not in given or "as" not in given:
        reason = "、".join(sorted(unknown)) or "file, as"
        raise LoadError("mapping_key", file=name, reason=reason, known="、".join(sorted(_KEYS)))
    for key, value in given.items():
        if not _fits_shape(key, value):
            raise LoadError("mapping_value", file=name, key=key, value=value)
    values = {k: v for k, v in given.items() if k != "as"}
    for key in ("where", "header"):
        values[key] = tuple(values.get(key, ()))
    for key in ("only", "unless"):
        values[key] = {k: [v] if isinstance(v, str) else v for k, v in values.get(key, {}).items()}
    return SheetMapping(as_=given["as"], **values)


def _fits_shape(key: str, value: Any) -> bool:
    """Tell whether a value has the shape that the module's description gives."""
    if key in _SHAPE:
        if isinstance(value, list):
            return _SHAPE[key] is list and all(isinstance(v, str) for v in value)
        return isinstance(value, _SHAPE[key])
    if not isinstance(value, dict):
        return False
    if key in ("columns", "values", "units"):
        return all(isinstance(v, str) for v in value.values())
    if key in ("only", "unless"):
        lists: list[Any] = [[v] if isinstance(v, str) else v for v in value.values()]
        return all(isinstance(v, list) and all(isinstance(x, str) for x in v) for v in lists)
    if not all(isinstance(v, dict) for v in value.values()):
        return False
    if key == "lookup":
        return all(_is_lookup(v) for v in value.values())
    return all(isinstance(x, str) for v in value.values() for x in v.values())


def _is_lookup(spec: dict[str, Any]) -> bool:
    """Tell whether a lookup names a file and two of its columns, each by header or place."""
    texts = all(isinstance(spec[k], str) for k in ("file", "from") if k in spec)
    places = all(isinstance(spec.get(k), str | int) and not isinstance(spec[k], bool) for k in ("key", "value"))
    return "file" in spec and texts and places


def apply(raw: RawSheet, mapping: SheetMapping, folder: Path, first: bool = True) -> RawSheet:
    """Return the sheet as the mapping reads it: headers renamed, rows chosen, values put in.

    Raises
    ------
    LoadError
        A column that the mapping names is not there.
    """
    further = raw.then(lambda piece: apply(piece, mapping, folder, first=False))
    if mapping.header:
        raw = _with_header(raw, mapping, first)
    for header, spec in mapping.lookup.items():
        raw = _with_lookup(raw, header, spec, folder)
    named = (*mapping.columns, *mapping.where, *mapping.only, *mapping.unless, *mapping.replace, *mapping.units)
    _require(raw, named)
    raw = _chosen(raw, mapping)
    columns: list[pa.Array] = []
    headers: list[str] = []
    numbers = {}
    for at, header in enumerate(raw.headers):
        if header not in mapping.columns:
            continue
        columns.append(_replaced(raw.columns[at], mapping.replace.get(header)))
        unit = mapping.units.get(header)
        headers.append(mapping.columns[header] + (f"（{unit}）" if unit else ""))
        if at in raw.numbers:
            numbers[len(columns) - 1] = raw.numbers[at]
    for header, value in mapping.values.items():
        headers.append(header)
        columns.append(pa.array([value] * len(raw.rows), pa.string()))
    return replace(raw, headers=tuple(headers), columns=tuple(columns), numbers=numbers, rest=further)


def _with_header(raw: RawSheet, mapping: SheetMapping, first: bool) -> RawSheet:
    """The first row is data: put it back and take the header that the mapping gives."""
    columns, rows = list(raw.columns), raw.rows
    if first:
        columns = [
            pa.concat_arrays([pa.array(["" if is_unnamed(h) else h]), c])
            for h, c in zip(raw.headers, columns, strict=True)
        ]
        rows = np.r_[raw.rows[:1] - 1 if len(raw.rows) else [1], raw.rows].astype(np.int32)
    names = (*mapping.header, *(f"({i})" for i in range(len(mapping.header), len(columns))))
    return replace(raw, headers=names[: len(columns)], columns=tuple(columns), rows=rows, numbers={})


def _require(raw: RawSheet, named: tuple[str, ...]) -> None:
    for header in named:
        if header not in raw.headers:
            raise LoadError("mapping_column", file=raw.file, column=header, headers="、".join(raw.headers))


def _chosen(raw: RawSheet, mapping: SheetMapping) -> RawSheet:
    keep = np.ones(len(raw.rows), bool)

    def cells(header: str) -> pa.Array:
        return pc.utf8_trim_whitespace(raw.columns[raw.headers.index(header)])

    for header in mapping.where:
        keep &= pc.greater(pc.utf8_length(cells(header)), 0).to_numpy(zero_copy_only=False)
    for header, values in mapping.only.items():
        keep &= pc.is_in(cells(header), pa.array(values, pa.string())).to_numpy(zero_copy_only=False)
    for header, values in mapping.unless.items():
        keep &= ~pc.is_in(cells(header), pa.array(values, pa.string())).to_numpy(zero_copy_only=False)
    if keep.all():
        return raw
    mask = pa.array(keep)
    passed = tuple((int(r), NOT_CHOSEN, "") for r in raw.rows[~keep])
    return replace(raw, columns=tuple(c.filter(mask) for c in raw.columns), rows=raw.rows[keep],
                   numbers={k: v[keep] for k, v in raw.numbers.items()}, passed=(*raw.passed, *passed))  # fmt: skip


def _replaced(values: pa.Array, table: dict[str, str] | None) -> pa.Array:
    if not table:
        return values
    keys, texts = pa.array(list(table), pa.string()), pa.array(list(table.values()), pa.string())
    return pc.coalesce(texts.take(pc.index_in(values, value_set=keys)), values)


def _with_lookup(raw: RawSheet, header: str, spec: dict[str, Any], folder: Path) -> RawSheet:
    """Replace codes by what another file says they mean; a code it does not know stays."""
    source = str(spec.get("from", header))
    _require(raw, (source,))
    others = list(read_sheets(folder / str(spec["file"])))
    if len(others) != 1:
        raise LoadError("mapping_lookup", file=spec["file"], n=len(others), sheets="、".join(o.sheet for o in others))
    (other,) = others
    keys, texts = (_column_with_head(other, spec[name]) for name in ("key", "value"))
    values = raw.columns[raw.headers.index(source)]
    made = pc.coalesce(texts.take(pc.index_in(values, value_set=keys)), values)
    if header not in raw.headers:
        return replace(raw, headers=(*raw.headers, header), columns=(*raw.columns, made))
    at = raw.headers.index(header)
    numbers = {k: v for k, v in raw.numbers.items() if k != at}
    return replace(raw, columns=(*raw.columns[:at], made, *raw.columns[at + 1 :]), numbers=numbers)


def _column_with_head(raw: RawSheet, where: object) -> pa.Array:
    """Return a column by header or place; its first cell is data when the file has no header."""
    at = raw.headers.index(where) if where in raw.headers else where
    if not isinstance(at, int) or not 0 <= at < len(raw.headers):
        raise LoadError("mapping_column", file=raw.file, column=where, headers="、".join(raw.headers))
    return pa.concat_arrays([pa.array([raw.headers[at]]), *(piece.columns[at] for piece in raw.pieces())])


# memory ----------------------------------------------------------------------------------------


def fingerprint(headers: tuple[str, ...]) -> str:
    """Return what a sheet is recognised by later: its headers."""
    return hashlib.sha256(json.dumps([h.strip() for h in headers], ensure_ascii=False).encode()).hexdigest()[:16]


def remember(folder: Path, headers: tuple[str, ...], mappings: list[SheetMapping]) -> None:
    """Keep the readings of a sheet with these headers in the workspace."""
    place = folder / "mappings"
    place.mkdir(exist_ok=True)
    made = [asdict(m) for m in mappings]
    write_text(place / f"{fingerprint(headers)}.json", sealed({"readings": made}, indent=1))


def remembered(folder: Path, headers: tuple[str, ...]) -> tuple[SheetMapping, ...]:
    """Return the readings kept for a sheet with these headers, if any."""
    path = folder / "mappings" / f"{fingerprint(headers)}.json"
    if not path.is_file():
        return ()
    try:
        data = path.read_bytes()
        found = parsed(data)
        if isinstance(found, list):  # as earlier versions wrote it
            assert_shape(found, [_READING])
        else:
            found = unsealed(data, {"readings": [_READING]})["readings"]
        return tuple(SheetMapping(**{**m, "where": tuple(m["where"]), "header": tuple(m["header"])}) for m in found)
    except (Damaged, TypeError) as bad:  # TypeError: a key that no reading has
        raise LoadError("mapping_damaged", file=f"mappings/{path.name}", reason=bad) from bad


def readings(
    raw: RawSheet, mappings: tuple[SheetMapping, ...], memory: Path | None, folder: Path
) -> Iterator[tuple[RawSheet, SheetMapping | None]]:
    """Yield a sheet as it is to be read: by the mapping given, the one remembered, or as it stands."""
    fitting = [m for m in mappings if m.fits(raw)]
    if not fitting and memory is not None:
        fitting = list(remembered(memory, raw.headers))
    made = _together([apply(raw, mapping, folder) for mapping in fitting])
    for at, (sheet, mapping) in enumerate(zip(made, fitting, strict=True)):
        # Further pieces are read by all readings, too: a row is told when none of them takes it.
        yield replace(sheet, rest=raw.then(partial(_further, fitting, folder, at))), mapping
    if not fitting:
        yield raw, None


def _further(fitting: list[SheetMapping], folder: Path, at: int, piece: RawSheet) -> RawSheet:
    """Read a further piece of a sheet by all its mappings; return what one of them makes of it."""
    return _together([apply(piece, mapping, folder, first=False) for mapping in fitting])[at]


def _together(sheets: list[RawSheet]) -> list[RawSheet]:
    """Return several readings of one sheet, what is told of its rows told by the first."""
    left = _left_by_all(sheets)
    told = [tuple(p for p in sheet.passed if p[1] != NOT_CHOSEN or p[0] in left) for sheet in sheets[:1]]
    return [*(replace(s, passed=p) for s, p in zip(sheets[:1], told, strict=True)),
            *(replace(s, passed=(), broken=()) for s in sheets[1:])]  # fmt: skip


def _left_by_all(sheets: list[RawSheet]) -> set[int]:
    """Rows that none of several readings of one sheet takes."""
    left = [{row for row, why, _ in sheet.passed if why == NOT_CHOSEN} for sheet in sheets]
    return set.intersection(*left) if left else set()
