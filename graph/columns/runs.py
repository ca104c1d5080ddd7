"""Runs: records of a type as they lie in the loads, and their parting by ranges of the subject.

A fold never needs more than one part of the records at once. Where nothing limits its memory
the parts wait in memory, else in files that are gone when the fold ends.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from .arrays import Bools
from .batch import PLACE, Spilled, concat

Ints = npt.NDArray[Any]  # of any width
PART_ROWS = 1 << 20
BYTES_A_ROW = 600  # of a part while it is folded: its columns, their codes, the sort, the claims


@dataclass(frozen=True)
class Run:
    """Records of one load in one piece: a table, or columns read when they are wanted."""

    load: int | None
    piece: pa.Table | Callable[[list[str] | None], pa.Table]
    rows: int
    schema: pa.Schema

    @property
    def column_names(self) -> list[str]:
        """Columns of the records, their load number not among them."""
        names: list[str] = self.schema.names
        return names

    @classmethod
    def of(cls, load: int | None, table: pa.Table) -> Run:
        """Return a run held in memory; without a load number when the records bear theirs."""
        return cls(load, table, len(table), table.schema)

    def table(self, names: Sequence[str] | None = None) -> pa.Table:
        """Return the records with their load number: all columns, or those of these that there are."""
        wanted = None if names is None else [n for n in names if n in self.column_names]
        if isinstance(self.piece, pa.Table):
            found = self.piece if wanted is None else self.piece.select(wanted)
        else:
            found = self.piece(wanted)
        if self.load is None:
            return found
        return found.append_column("load", pa.array(np.full(len(found), self.load, np.int32)))

    def empty(self, names: Sequence[str]) -> pa.Table:
        """Return the columns that ``table`` would, without rows."""
        fields = [self.schema.field(n) for n in names if n in self.column_names]
        made = pa.schema(fields).empty_table()
        return made if self.load is None else made.append_column("load", pa.array([], pa.int32()))


def runs_of(load: int, records: pa.Table | Spilled) -> Iterator[Run]:
    """Yield the runs of one load's records of a type."""
    if isinstance(records, pa.Table):
        yield Run.of(load, records)
        return
    for path in records.paths:
        with pq.ParquetFile(path) as file:
            sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
            schema = file.schema_arrow
        yield from (Run(load, _reader(path, number), rows, schema) for number, rows in enumerate(sizes))


def _reader(path: Path, number: int) -> Callable[[list[str] | None], pa.Table]:
    def read(names: list[str] | None) -> pa.Table:
        with pq.ParquetFile(path) as file:
            return file.read_row_group(number, columns=names)

    return read


@dataclass(frozen=True)
class Placed:
    """A run whose records have their subject: ids of start (and end), and which records count."""

    run: Run
    src: Ints
    dst: Ints | None
    good: Bools


@dataclass(frozen=True)
class Part:
    """Records whose subjects lie in one range, in their order."""

    records: pa.Table
    src: Ints
    dst: Ints | None


class Spill:
    """Parts records by ranges of their subject; a context that takes its files along.

    Parameters
    ----------
    memory
        Bytes that a part may take while it is folded; None keeps the parts in memory.
    folder
        Where the files are put; a temporary folder without it.
    rows
        Records of a part, instead of those that ``memory`` allows.
    """

    def __init__(self, memory: int | None, folder: Path | None, rows: int | None = None) -> None:
        self.on_disk = memory is not None
        room = PART_ROWS if memory is None else min(max(memory // 4 // BYTES_A_ROW, 1), PART_ROWS)
        self.rows = rows or room
        self._home = folder
        self._folder: Path | None = None
        self._files = 0

    def __enter__(self) -> Spill:
        return self

    def __exit__(self, kind: type[BaseException] | None, bad: BaseException | None, at: TracebackType | None) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def path(self, ending: str) -> Path:
        """Return a new file's name in the folder that goes with this context."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix=".aside-spill-", dir=self._home))
        self._files += 1
        return self._folder / f"{self._files:06d}{ending}"

    def array(self, values: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        """Return an array that lies on disk where memory is limited."""
        if not self.on_disk or len(values) < self.rows:
            return values
        path = self.path(".npy")
        np.save(path, values)
        made: npt.NDArray[np.generic] = np.load(path, mmap_mode="r")
        return made

    def parted(self, placed: list[Placed], size: int, wanted: Sequence[str]) -> Iterator[Part]:
        """Yield the records that count, by ranges of their start id.

        Parameters
        ----------
        placed
            In the order of the loads; taken out of the list as they are read.
        size
            Number of start ids.
        wanted
            Columns that the parts need; place and load come along.
        """
        columns = [*wanted, *PLACE, "load"]
        if sum(int(one.good.sum()) for one in placed) <= self.rows:
            yield _together([_chosen(one, one.run.table(columns), np.flatnonzero(one.good)) for one in placed])
            return
        count = np.zeros(size, np.int64)
        for one in placed:
            count += np.bincount(one.src[one.good], minlength=size)
        nominal = (np.cumsum(count) - count) // self.rows
        numbers = np.unique(nominal[count > 0])
        part_of = np.searchsorted(numbers, nominal).astype(np.uint16)
        del nominal, count
        empty = concat([one.run.empty(columns) for one in placed])
        shelves = [_Shelf(self, empty) for _ in numbers]
        while placed:
            self._scatter(placed.pop(0), part_of, columns, shelves)
        for shelf in shelves:
            yield shelf.part()

    def _scatter(self, one: Placed, part_of: npt.NDArray[np.uint16], columns: list[str], shelves: list[_Shelf]) -> None:
        rows = np.flatnonzero(one.good)
        code = part_of[one.src[rows]]
        order = rows[np.argsort(code, kind="stable")]
        ends = np.cumsum(np.bincount(code, minlength=len(shelves)))
        table = one.run.table(columns)
        for start, end, shelf in zip([0, *ends[:-1].tolist()], ends.tolist(), shelves, strict=True):
            if end > start:
                shelf.put(_chosen(one, table, order[start:end]))


def _chosen(one: Placed, table: pa.Table, rows: Ints) -> Part:
    dst = None if one.dst is None else one.dst[rows]
    if len(rows) == len(table):
        return Part(table, one.src[rows], dst)
    return Part(table.take(pa.array(rows)), one.src[rows], dst)


def _together(parts: list[Part]) -> Part:
    if len(parts) == 1:
        return parts[0]
    dst = None if parts[0].dst is None else np.concatenate([p.dst for p in parts if p.dst is not None])
    return Part(concat([p.records for p in parts]), np.concatenate([p.src for p in parts]), dst)


class _Shelf:
    """Where the pieces of one part wait: in memory, or in a file."""

    def __init__(self, spill: Spill, empty: pa.Table) -> None:
        self._spill, self._empty = spill, empty
        self._held: list[Part] = []
        self._paths: list[tuple[Path, Ints, Ints | None]] = []

    def put(self, part: Part) -> None:
        """Add a piece; its dictionaries are those of the column as far as they are small."""
        made = Part(_lean(concat([self._empty, part.records])), part.src, part.dst)
        if not self._spill.on_disk:
            self._held.append(made)
            return
        path = self._spill.path(".arrow")
        ends = {"_s": pa.array(made.src)} | ({} if made.dst is None else {"_d": pa.array(made.dst)})
        table = pa.table({**{n: made.records[n] for n in made.records.column_names}, **ends})
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
            writer.write_table(table)
        self._paths.append((path, np.zeros(0, np.int64), None))

    def part(self) -> Part:
        """Return the whole part and let go of it."""
        held, self._held = self._held, []
        for path, _, _ in self._paths:
            with pa.OSFile(str(path)) as file:
                table = pa.ipc.open_stream(file).read_all()
            path.unlink()
            dst = table["_d"].to_numpy() if "_d" in table.column_names else None
            held.append(Part(table.drop_columns([n for n in ("_s", "_d") if n in table.column_names]),
                             table["_s"].to_numpy(), dst))  # fmt: skip
        return _together(held)


def _lean(table: pa.Table) -> pa.Table:
    """Decode dictionaries that hold more values than there are rows: a piece needs few of them."""
    for at, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            column = table.column(at)
            if max((len(chunk.dictionary) for chunk in column.chunks), default=0) > max(len(table), 1):
                table = table.set_column(at, field.name, column.cast(field.type.value_type))
    return table
