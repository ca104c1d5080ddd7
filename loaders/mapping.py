"""Mapping files: how somebody else's sheets are to be read, in TOML, without code.

One ``[[sheet]]`` says how one file (or one reading of it) becomes a sheet of the schema::

    [[sheet]]
    file = "sequence.csv"            # name or pattern; `sheet` names one sheet of a workbook
    as = "INPUT_OF"                  # a type of the schema, or EDGE for 起点·关系·终点
    where = ["goes_into_id"]         # only rows in which these columns are filled
    header = ["head", "tail"]        # when the file has no header of its own
    stubs = true                     # ends of relations that nothing defines are created
    columns = { input_name = "投入品", goes_into_name = "产品" }
    values = { "来源" = "CSET" }      # the same in every row
    units = { share_provided = "%" }
    replace = { relation = { "0" = "投入" } }
    lookup = { head = { file = "entity2id.txt", key = 1, value = 0 } }

A mapping is remembered in the workspace under the fingerprint of the headers it was given for.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..graph.errors import LoadError
from ..graph.journal import write_text
from .files import RawSheet, read_sheets

_KEYS = {"file", "sheet", "as", "where", "header", "stubs", "columns", "values", "units", "replace", "lookup"}


@dataclass(frozen=True)
class SheetMapping:
    """One reading of a file; ``as_`` is the type that it gives."""

    file: str
    as_: str
    sheet: str = ""
    where: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    stubs: bool = False
    columns: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    replace: dict[str, dict[str, str]] = field(default_factory=dict)
    lookup: dict[str, dict[str, Any]] = field(default_factory=dict)

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
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LoadError("file_missing", file=path) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as bad:
        raise LoadError("mapping_unreadable", file=path.name, reason=bad) from bad
    sheets = found.get("sheet")
    if not isinstance(sheets, list) or not sheets:
        raise LoadError("mapping_unreadable", file=path.name, reason="[[sheet]]")
    return tuple(_sheet(path.name, s) for s in sheets)


def _sheet(name: str, given: dict[str, Any]) -> SheetMapping:
    unknown = set(given) - _KEYS
    if unknown or "file" not in given or "as" not in given:
        reason = "、".join(sorted(unknown)) or "file, as"
        raise LoadError("mapping_key", file=name, reason=reason, known="、".join(sorted(_KEYS)))
    values = {k: v for k, v in given.items() if k != "as"}
    for key in ("where", "header"):
        values[key] = tuple(values.get(key, ()))
    return SheetMapping(as_=given["as"], **values)


def apply(raw: RawSheet, mapping: SheetMapping, folder: Path) -> RawSheet:
    """Return the sheet as the mapping reads it: headers renamed, rows chosen, values put in.

    Raises
    ------
    LoadError
        A column that the mapping names is not there.
    """
    if mapping.header:
        raw = _with_header(raw, mapping)
    _require(raw, mapping)
    raw = _chosen(raw, mapping)
    columns: list[pa.Array] = []
    headers: list[str] = []
    numbers = {}
    for at, header in enumerate(raw.headers):
        if header not in mapping.columns:
            continue
        values = _looked_up(raw.columns[at], mapping.lookup.get(header), folder)
        columns.append(_replaced(values, mapping.replace.get(header)))
        unit = mapping.units.get(header)
        headers.append(mapping.columns[header] + (f"（{unit}）" if unit else ""))
        if at in raw.numbers:
            numbers[len(columns) - 1] = raw.numbers[at]
    for header, value in mapping.values.items():
        headers.append(header)
        columns.append(pa.array([value] * len(raw.rows), pa.string()))
    return replace(raw, headers=tuple(headers), columns=tuple(columns), numbers=numbers)


def _with_header(raw: RawSheet, mapping: SheetMapping) -> RawSheet:
    """The first row is data: put it back and take the header that the mapping gives."""
    columns = [pa.concat_arrays([pa.array([h]), c]) for h, c in zip(raw.headers, raw.columns, strict=True)]
    rows = np.r_[raw.rows[:1] - 1 if len(raw.rows) else [1], raw.rows].astype(np.int32)
    names = (*mapping.header, *(f"({i})" for i in range(len(mapping.header), len(columns))))
    return replace(raw, headers=names[: len(columns)], columns=tuple(columns), rows=rows, numbers={})


def _require(raw: RawSheet, mapping: SheetMapping) -> None:
    for header in (*mapping.columns, *mapping.where, *mapping.lookup, *mapping.replace, *mapping.units):
        if header not in raw.headers:
            raise LoadError("mapping_column", file=raw.file, column=header, headers="、".join(raw.headers))


def _chosen(raw: RawSheet, mapping: SheetMapping) -> RawSheet:
    keep = np.ones(len(raw.rows), bool)
    for header in mapping.where:
        cells = pc.utf8_trim_whitespace(raw.columns[raw.headers.index(header)])
        keep &= pc.greater(pc.utf8_length(cells), 0).to_numpy(zero_copy_only=False)
    if keep.all():
        return raw
    mask = pa.array(keep)
    passed = tuple((int(r), "not_chosen", "") for r in raw.rows[~keep])
    return replace(raw, columns=tuple(c.filter(mask) for c in raw.columns), rows=raw.rows[keep],
                   numbers={k: v[keep] for k, v in raw.numbers.items()}, passed=(*raw.passed, *passed))  # fmt: skip


def _replaced(values: pa.Array, table: dict[str, str] | None) -> pa.Array:
    if not table:
        return values
    keys, texts = pa.array(list(table), pa.string()), pa.array(list(table.values()), pa.string())
    return pc.coalesce(texts.take(pc.index_in(values, value_set=keys)), values)


def _looked_up(values: pa.Array, spec: dict[str, Any] | None, folder: Path) -> pa.Array:
    """Replace codes by what another file says they mean; a code it does not know stays."""
    if not spec:
        return values
    (raw,) = read_sheets(folder / str(spec["file"]))
    columns = [pa.concat_arrays([pa.array([h]), c]) for h, c in zip(raw.headers, raw.columns, strict=True)]
    keys, texts = columns[int(spec["key"])], columns[int(spec["value"])]
    return pc.coalesce(texts.take(pc.index_in(values, value_set=keys)), values)


# memory ----------------------------------------------------------------------------------------


def fingerprint(headers: tuple[str, ...]) -> str:
    """Return what a sheet is recognised by later: its headers."""
    return hashlib.sha256(json.dumps([h.strip() for h in headers], ensure_ascii=False).encode()).hexdigest()[:16]


def remember(folder: Path, headers: tuple[str, ...], mappings: list[SheetMapping]) -> None:
    """Keep the readings of a sheet with these headers in the workspace."""
    place = folder / "mappings"
    place.mkdir(exist_ok=True)
    made = [asdict(m) for m in mappings]
    write_text(place / f"{fingerprint(headers)}.json", json.dumps(made, ensure_ascii=False, indent=1) + "\n")


def remembered(folder: Path, headers: tuple[str, ...]) -> tuple[SheetMapping, ...]:
    """Return the readings kept for a sheet with these headers, if any."""
    path = folder / "mappings" / f"{fingerprint(headers)}.json"
    if not path.is_file():
        return ()
    found = json.loads(path.read_text(encoding="utf-8"))
    return tuple(SheetMapping(**{**m, "where": tuple(m["where"]), "header": tuple(m["header"])}) for m in found)


def readings(
    raw: RawSheet, mappings: tuple[SheetMapping, ...], memory: Path | None, folder: Path
) -> Iterator[tuple[RawSheet, SheetMapping | None]]:
    """Yield a sheet as it is to be read: by the mapping given, the one remembered, or as it stands."""
    fitting = [m for m in mappings if m.fits(raw)]
    if not fitting and memory is not None and not mappings:
        fitting = list(remembered(memory, raw.headers))
    for mapping in fitting:
        yield apply(raw, mapping, folder), mapping
    if not fitting and not mappings:
        yield raw, None
