"""Sinks: where a fold puts the tables it makes, part by part, and what they hash to.

In memory they become a ``Graph``; in a folder they are written as they come, so that the
graph never has to be held whole. Either way the canonical hash is the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from ..schema.integrity import Damaged, assert_columns, digest_of, read_parquet, sealed, unsealed
from .canonical import TableHash, combined, flat
from .spill import text_columns
from .tables import OUTSIDE, PARTS, Graph

_MANIFEST = {"hash": str, "counts": {part: {str: int} for part in PARTS}, "digests?": {str: str}}
_COLUMNS = {"nodes": ("key", "name"), "relations": ("src", "dst"), "node_claims": ("of",),
            "relation_claims": ("of",), "statements": ()}  # fmt: skip


class Sink(Protocol):
    """Takes in runs of rows of the graph's tables, each table's in their order."""

    def add(self, part: str, name: str, table: pa.Table) -> None:
        """Take in the next rows of one table."""

    def finish(self) -> str:
        """Close the tables; return the canonical hash."""


class InMemory:
    """Collects the tables of a graph."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[str, list[pa.Table]]] = {part: {} for part in PARTS}
        self.graph: Graph | None = None

    def add(self, part: str, name: str, table: pa.Table) -> None:
        """Take in the next rows of one table."""
        self._tables[part].setdefault(name, []).append(plain(table))

    def finish(self) -> str:
        """Put the tables together; return the canonical hash."""
        parts = {part: {name: pa.concat_tables(runs) for name, runs in tables.items()}
                 for part, tables in self._tables.items()}  # fmt: skip
        self.graph = Graph(**parts)
        return self.graph.hash


class InFolder:
    """Writes the tables of a graph as Parquet with a manifest of counts and hash."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._writers: dict[tuple[str, str], pq.ParquetWriter] = {}
        self._hashes: dict[str, TableHash] = {}
        self.counts: dict[str, dict[str, int]] = {part: {} for part in PARTS}

    def add(self, part: str, name: str, table: pa.Table) -> None:
        """Write the next rows of one table."""
        if (part, name) not in self._writers:
            (self.folder / part).mkdir(exist_ok=True)
            schema = table.schema
            path = self.folder / part / f"{name}.parquet"
            self._writers[part, name] = pq.ParquetWriter(
                path,
                schema,
                compression="lz4",
                write_statistics=False,
                use_dictionary=text_columns(schema),
                store_schema=False,
            )
            self._hashes[f"{part} {name}"] = TableHash(OUTSIDE)
            self.counts[part][name] = 0
        self._hashes[f"{part} {name}"].add(table)
        self.counts[part][name] += len(table)
        self._writers[part, name].write_table(_conform(table, self._writers[part, name].schema))

    def finish(self) -> str:
        """Close the files and write the manifest; return the canonical hash."""
        self.close()
        made = combined(self._hashes)
        names = [f"{part}/{name}.parquet" for part, tables in self.counts.items() for name in tables]
        digests = {name: digest_of(self.folder / name) for name in names}
        text = sealed({"hash": made, "counts": self.counts, "digests": digests}, indent=1)
        (self.folder / "manifest.json").write_text(text, encoding="utf-8", newline="\n")
        return made

    def close(self) -> None:
        """Close the files; what was not finished is no graph."""
        while self._writers:
            self._writers.popitem()[1].close()


def _conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Encode or decode dictionaries as the first run of the table had them; the file knows none."""
    for at, field in enumerate(schema):
        column = table.column(at)
        if pa.types.is_dictionary(field.type) and not pa.types.is_dictionary(column.type):
            table = table.set_column(at, field.name, column.dictionary_encode())
        elif pa.types.is_dictionary(column.type) and not pa.types.is_dictionary(field.type):
            table = table.set_column(at, field.name, flat(column))
    return table.cast(schema)


def plain(table: pa.Table) -> pa.Table:
    """Return a table whose dictionary columns are decoded: what readers of the graph expect."""
    for at, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(at, field.name, flat(table.column(at)))
    return table


@contextmanager
def closing_writers(sink: Sink) -> Iterator[None]:
    """Close the files of a sink that writes, also when the fold fails."""
    try:
        yield
    finally:
        if isinstance(sink, InFolder):
            sink.close()


def write_graph(graph: Graph, folder: Path) -> None:
    """Write all tables of a graph with a manifest of counts and hash."""
    sink = InFolder(folder)
    with closing_writers(sink):
        for part in PARTS:
            for name, table in getattr(graph, part).items():
                sink.add(part, name, table)
        sink.finish()


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return what the manifest says that ``InFolder`` wrote: ``hash``, ``counts`` and, but for old ones, ``digests``.

    Raises
    ------
    Damaged
        It is not what was written.
    """
    return unsealed((folder / "manifest.json").read_bytes(), _MANIFEST)


def read_graph(folder: Path) -> Graph:
    """Read the tables that ``InFolder`` wrote, each compared with its SHA-256 while it is read.

    Raises
    ------
    Damaged
        A file is not what was written.
    """
    manifest = read_manifest(folder)
    digests = manifest.get("digests", {})
    parts: dict[str, dict[str, pa.Table]] = {part: {} for part in PARTS}
    for part, counts in manifest["counts"].items():
        for name, rows in counts.items():
            file = f"{part}/{name}.parquet"
            if digests and file not in digests:
                raise Damaged("damage_gone")
            table = parts[part][name] = read_parquet(folder / file, digests.get(file))
            assert_columns(table.schema, _COLUMNS[part])
            if len(table) != rows:
                raise Damaged("damage_changed")
    return Graph(**parts)
