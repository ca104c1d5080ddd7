"""Spill: record tables that are too long to wait in memory, written as they come.

Each run of records becomes a row group of a Parquet file in a folder of the workspace that
bears the process's number; it goes when the load ends, or with the next writer if the
process was killed.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from ..schema.errors import StoreError
from .batch import Spilled, concat

PREFIX = ".spill-"
DICTIONARY = 1 << 28  # bytes: keys stay what they are in memory, numbers of distinct texts


def text_columns(schema: pa.Schema) -> list[str]:
    """Columns for which a dictionary pays in Parquet: text, not numbers."""
    return [f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_dictionary(f.type)]


class SpillFile:
    """The records of one type on disk; a new file begins where the columns change."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._paths: list[Path] = []
        self._writer: pq.ParquetWriter | None = None
        self._rows = 0

    def add(self, table: pa.Table) -> None:
        """Write the next records."""
        if self._writer is None or not self._writer.schema.equals(table.schema):
            self.close()
            path = self._folder / f"{self._name}-{len(self._paths)}.parquet"
            self._writer = pq.ParquetWriter(path, table.schema, compression="lz4", write_statistics=False,
                                            use_dictionary=text_columns(table.schema),
                                            dictionary_pagesize_limit=DICTIONARY)  # fmt: skip
            self._paths.append(path)
        self._writer.write_table(table, row_group_size=max(len(table), 1))
        self._rows += len(table)

    def close(self) -> None:
        """Close the file that is being written."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def finish(self) -> Spilled:
        """Return what was written."""
        self.close()
        return Spilled(tuple(self._paths), self._rows)


def write_records(records: pa.Table | Spilled, path: Path) -> None:
    """Write records as one file of the journal."""
    if isinstance(records, pa.Table):
        pq.write_table(records, path, compression="lz4", write_statistics=False,
                       use_dictionary=text_columns(records.schema), dictionary_pagesize_limit=DICTIONARY)  # fmt: skip
    elif len(records.paths) == 1:
        shutil.move(records.paths[0], path)  # the fold has read it: nothing else will
    else:
        schemas = [pq.read_schema(p).empty_table() for p in records.paths]
        whole = SpillFile(path.parent, path.stem)
        empty = concat(schemas)
        for part in records.paths:
            with pq.ParquetFile(part) as file:
                for group in range(file.num_row_groups):
                    whole.add(concat([empty, file.read_row_group(group)]))
        (made,) = whole.finish().paths
        os.replace(made, path)


class SpillRoom:
    """A folder in a workspace for this process's records, made when it is needed; a context."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._made: Path | None = None
        self._fresh = False

    def folder(self) -> Path:
        """Return the folder; the workspace's folder need not exist yet."""
        if self._made is None:
            try:
                self._fresh = not self._home.exists()
                self._home.mkdir(parents=True, exist_ok=True)
                self._made = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=self._home))
            except OSError as bad:
                raise StoreError("workspace_readonly", folder=self._home, reason=bad.strerror or bad) from bad
        return self._made

    def __enter__(self) -> SpillRoom:
        return self

    def __exit__(self, kind: type[BaseException] | None, bad: BaseException | None, at: TracebackType | None) -> None:
        if self._made is not None:
            shutil.rmtree(self._made, ignore_errors=True)
            if self._fresh and not any(self._home.iterdir()):
                self._home.rmdir()


def sweep(home: Path) -> None:
    """Remove what killed processes left."""
    for left in home.glob(f"{PREFIX}*"):
        number = left.name.removeprefix(PREFIX).split("-")[0]
        if not number.isdigit() or not _alive(int(number)):
            shutil.rmtree(left, ignore_errors=True)


def _alive(pid: int) -> bool:
    """Tell whether a process runs. Windows does not tell without more: there its files, being open, stay."""
    if os.name == "nt":
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
