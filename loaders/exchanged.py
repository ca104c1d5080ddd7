"""Exchanged: graphs that we wrote, read back from RDF, GraphML, GEXF or a Parquet folder.

Parsers of XML and RDF go as deep as their files do, and the file may be anybody's: they run in the child process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from ..graph.columns.batch import Batch, Sheet, in_memory
from ..graph.exchange.formats import read
from ..graph.schema.errors import LoadError
from ..graph.schema.types import Schema, load_schema
from .files.carried import Odd, note_of, with_note
from .files.child import Progress, ask

_PARTS = ("nodes", "relations", "statements")


def read_exchanged(path: Path, schema: Schema, progress: Progress | None = None) -> Batch:
    """Return the records of a file or folder that an export made.

    Raises
    ------
    LoadError
        The file cannot be read, may do harm, was not written by us, holds unknown types, or took more memory
        or time than its size allows.
    StoreError
        A library that reads it is not installed.
    """
    if not path.exists():
        raise LoadError("file_missing", file=path)
    told = {"schema": str(schema.extension) if schema.extension else None}
    try:
        return _batch_of(ask(f"{__name__}:records_in", path, told, progress))
    except Odd as bad:
        raise LoadError("reader_answer", file=path.name) from bad


def records_in(path: Path, told: Mapping[str, Any], _: Progress) -> Iterator[pa.Table]:
    """Yield the records of a file as tables: what the child process does for ``read_exchanged``."""
    made = read(path, load_schema(Path(told["schema"]) if told["schema"] else None))
    assert not made.rejects, "a graph of ours was checked before it was written"
    sheets = [[one.file, one.sheet, one.type, one.read] for one in made.sheets]
    yield with_note(pa.table({}), {"sheets": sheets})
    for part in _PARTS:
        for name, records in getattr(made, part).items():
            yield with_note(in_memory(records), {"part": part, "name": name})


def _batch_of(carried: list[pa.Table]) -> Batch:
    parts: dict[str, dict[str, pa.Table]] = {part: {} for part in _PARTS}
    try:
        first, *further = map(note_of, carried)
        for table, note in further:
            table.validate(full=True)
            parts[note["part"]][str(note["name"])] = table
        sheets = tuple(Sheet(str(f), str(s), str(t), int(n)) for f, s, t, n in first[1]["sheets"])
    except (KeyError, TypeError, ValueError, pa.ArrowException) as bad:
        raise Odd(str(bad)) from bad
    return Batch(sheets, parts["nodes"], {**parts["relations"]}, parts["statements"])
