"""Carried: what a reader found, as Arrow tables that go from one process to another, and back.

Nothing of it is code: columns are Arrow's, all else is JSON in the table's metadata, and what
comes back is looked at before it is believed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ...graph.columns.canonical import flat
from ...graph.schema import errors
from ...graph.schema.errors import ChainAtlasError
from ...graph.schema.words import Joined, Label, Said, Sentence, Word
from .raw import RawSheet

_KEY = b"chainatlas"


class Odd(ValueError):
    """What was carried over is not what a reader hands over."""


def with_note(table: pa.Table, note: Mapping[str, Any]) -> pa.Table:
    """Return a table that carries a note (JSON) beside its own metadata."""
    return table.replace_schema_metadata({**(table.schema.metadata or {}), _KEY: json.dumps(note).encode("ascii")})


def note_of(table: pa.Table) -> tuple[pa.Table, dict[str, Any]]:
    """Return a table without its note, and the note.

    Raises
    ------
    Odd
        It has none.
    """
    told = dict(table.schema.metadata or {})
    try:
        note = json.loads(told.pop(_KEY))
    except (KeyError, ValueError, RecursionError) as bad:
        raise Odd("note") from bad
    if not isinstance(note, dict):
        raise Odd("note")
    return table.replace_schema_metadata(told or None), note


# sheets -----------------------------------------------------------------------------------------


def table_of(raw: RawSheet) -> pa.Table:
    """Return a sheet as a table to be carried over."""
    columns = {"rows": pa.array(raw.rows, pa.int32())}
    columns |= {f"c{at}": column for at, column in enumerate(raw.columns)}
    columns |= {f"n{at}": pa.array(held, pa.bool_()) for at, held in raw.numbers.items()}
    note = {
        "sheet": raw.sheet,
        "headers": raw.headers,
        "broken": raw.broken,
        "passed": raw.passed,
        "size": raw.size,
        "lines": raw.lines,
        "across": sorted(raw.across),
        "hidden": raw.hidden,
        "lists": raw.lists,
        "notes": [frozen(one) for one in raw.notes],
    }
    return with_note(pa.table(columns), note)


def sheet_of(carried: pa.Table, file: str) -> RawSheet:
    """Return the sheet of a file that a table carries.

    Raises
    ------
    Odd
        It carries none.
    """
    table, note = note_of(carried)
    try:
        headers = _texts(note["headers"])
        numbers = {int(name[1:]): _numpy(table[name], bool) for name in table.column_names if name.startswith("n")}
        return RawSheet(
            file,
            str(note["sheet"]),
            headers,
            tuple(_column(table[f"c{at}"]) for at in range(len(headers))),
            _numpy(table["rows"], np.int32),
            numbers,
            tuple((int(row), str(text), int(cells)) for row, text, cells in note["broken"]),
            tuple((int(row), str(why), str(text)) for row, why, text in note["passed"]),
            size=int(note["size"]),
            lines=tuple(_texts(line) for line in note["lines"]),
            across=frozenset(int(row) for row in note["across"]),
            hidden=bool(note["hidden"]),
            lists=_texts(note["lists"]),
            notes=tuple(thawed(one) for one in note["notes"]),
        )
    except (KeyError, TypeError, ValueError, pa.ArrowException) as bad:
        raise Odd(str(bad)) from bad


def _column(column: pa.ChunkedArray) -> pa.Array:
    made = flat(column)
    if not pa.types.is_string(made.type):
        raise Odd(str(made.type))
    made.validate(full=True)
    return made


def _numpy(column: pa.ChunkedArray, kind: type[Any]) -> Any:
    return np.array(flat(column).to_numpy(zero_copy_only=False), kind)


def _texts(found: Sequence[Any]) -> tuple[str, ...]:
    if isinstance(found, str):
        raise Odd(found)
    return tuple(str(text) for text in found)


# sentences and errors ---------------------------------------------------------------------------


def frozen(value: object) -> Any:
    """Return what a sentence holds as JSON can hold it."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    match value:
        case Sentence(code, values):
            return {"sentence": [code, [[name, frozen(one)] for name, one in values]]}
        case Word(group, key):
            return {"word": [group, key]}
        case Label(zh, en):
            return {"label": [zh, en]}
        case Joined(parts, separator):
            return {"joined": [frozen(tuple(parts)), frozen(separator)]}
        case tuple() | list():
            return [frozen(one) for one in value]
    return str(value)


def thawed(value: Any) -> Any:
    """Return what ``frozen`` was given; a list comes back as a tuple."""
    if isinstance(value, list):
        return tuple(thawed(one) for one in value)
    if not isinstance(value, dict):
        return value
    ((kind, parts),) = value.items()
    first, second = parts
    made: Said
    if kind == "sentence":
        made = Sentence(first, tuple((name, thawed(one)) for name, one in second))
    elif kind == "word":
        made = Word(first, second)
    elif kind == "label":
        made = Label(first, second)
    elif kind == "joined":
        made = Joined(thawed(first), thawed(second))
    else:
        raise Odd(str(kind))
    return made


def told_of(bad: ChainAtlasError) -> dict[str, Any]:
    """Return an error that was raised on purpose as JSON can hold it."""
    values = {name: frozen(value) for name, value in bad.values.items()}
    return {"kind": type(bad).__name__, "code": bad.code, "values": values}


def error_of(told: Mapping[str, Any], path: Path) -> ChainAtlasError:
    """Return the error that was told.

    Raises
    ------
    Odd
        No error of ours is told.
    """
    try:
        kind = getattr(errors, str(told["kind"]))
        if not (isinstance(kind, type) and issubclass(kind, ChainAtlasError)):
            raise Odd(str(kind))
        made = kind(str(told["code"]), **{str(name): thawed(one) for name, one in told["values"].items()})
        assert isinstance(made, ChainAtlasError)
        made.text("zh")
    except (AttributeError, KeyError, TypeError, ValueError) as bad:
        raise Odd(path.name) from bad
    return made
