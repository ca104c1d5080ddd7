"""Canonical order and hash of columns: equal content gives equal bytes, whatever the input order.

Text columns become ranks of their sorted distinct values, several columns are packed into
one order-preserving integer, and the hash is SHA-256 over the digests of the columns, each of
which is a SHA-256 over the raw values in that order: so it can be taken block by block.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .arrays import Ints, run_starts

_LIMIT = np.iinfo(np.int64).max


def flat(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return a column as one Arrow array, dictionaries decoded."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.nulls(0)
    if pa.types.is_dictionary(column.type):
        return column.dictionary.take(column.indices)
    return column


def codes(column: pa.Array | pa.ChunkedArray) -> tuple[Ints, int]:
    """Return ranks of the values in their sorted order (0 = null) and the number of ranks.

    Parameters
    ----------
    column
        Text, number or boolean column of length n.

    Returns
    -------
    codes : int64 array, shape (n,)
    cardinality : int
        One more than the largest code that can occur.
    """
    array = flat(column) if not _is_dictionary(column) else _one_chunk(column)
    if array.null_count == len(array):
        return np.zeros(len(array), np.int64), 1
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    if len(encoded.dictionary) > len(encoded):
        encoded = flat(encoded).dictionary_encode()  # a part of a longer column: few of the values occur
    values = encoded.dictionary
    order = pc.sort_indices(values).to_numpy()
    rank = np.empty(len(values) + 1, np.int64)
    sorted_values = values.take(pa.array(order))
    rank[order] = _dense(sorted_values)
    rank[-1] = 0
    index = encoded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
    return rank[index], int(rank.max(initial=0)) + 1


def encoded(column: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    """Return a column dictionary-encoded in one piece."""
    if _is_dictionary(column):
        return _one_chunk(column)
    return flat(column).dictionary_encode()


def _is_dictionary(column: pa.Array | pa.ChunkedArray) -> bool:
    return bool(pa.types.is_dictionary(column.type))


def _one_chunk(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        column = column.unify_dictionaries().combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = column.chunk(0)
    return column


def _dense(sorted_values: pa.Array) -> Ints:
    """Ranks from 1 of sorted values; equal values (a dictionary may repeat one) share a rank."""
    n = len(sorted_values)
    rank = np.ones(n, np.int64)
    if n > 1:
        same = pc.equal(sorted_values.slice(1), sorted_values.slice(0, n - 1))
        rank[1:] += np.cumsum(~same.fill_null(False).to_numpy(zero_copy_only=False))
    return rank


def pack(columns: list[tuple[Ints, int]], n: int) -> Ints:
    """Pack code columns into one integer a row that sorts as the columns do, first one first."""
    packed = np.zeros(n, np.int64)
    size = 1
    for code, cardinality in columns:
        if cardinality <= 1:
            continue
        if size > _LIMIT // cardinality:
            distinct, packed = np.unique(packed, return_inverse=True)
            size = max(len(distinct), 1)
        packed = packed * cardinality + code
        size *= cardinality
    return packed


def distinct_pairs(first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """Return the distinct pairs of two columns of non-negative numbers, sorted.

    One sort of packed integers: ``np.unique`` over an axis compares rows and is ten times slower.
    """
    size = np.int64(second.max(initial=0)) + 1
    packed = np.asarray(first, np.int64) * size + second
    packed.sort()  # np.unique hashes, which is many times slower than a sort of integers
    packed = packed[run_starts(packed)]
    return packed // size, packed % size


class ColumnHash:
    """Running SHA-256 of one column, in blocks of any size; a column without any value does not count.

    Two streams: lengths (text, −1 null) or validity (numbers), and the bytes of the values. Where
    a block ends leaves no trace, so a table hashed in parts has the hash of the whole.
    """

    def __init__(self) -> None:
        self._shape, self._data = hashlib.sha256(), hashlib.sha256()
        self.used = False

    def add(self, values: pa.Array | pa.ChunkedArray) -> None:
        """Take in the next rows."""
        array = flat(values)
        if pa.types.is_null(array.type):
            return
        self.used |= array.null_count < len(array)
        if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
            self._text(array)
            return
        self._shape.update(array.is_valid().to_numpy(zero_copy_only=False).view(np.uint8).data)
        kind = "<f8" if pa.types.is_floating(array.type) else "<i8"
        zero = pa.scalar(False if pa.types.is_boolean(array.type) else 0, array.type)
        numbers = array.fill_null(zero).to_numpy(zero_copy_only=False).astype(kind)
        self._data.update(np.ascontiguousarray(numbers).data)

    def _text(self, array: pa.Array) -> None:
        lengths = pc.binary_length(array).fill_null(-1).to_numpy(zero_copy_only=False)
        self._shape.update(np.ascontiguousarray(lengths.astype("<i8")).data)
        data = (array.fill_null("") if array.null_count else array).cast(pa.large_string())
        offsets = np.frombuffer(data.buffers()[1], np.int64)[data.offset : data.offset + len(data) + 1]
        if data.buffers()[2] is not None and len(offsets):
            self._data.update(memoryview(data.buffers()[2])[int(offsets[0]) : int(offsets[-1])])

    def digest(self) -> bytes:
        """Return the digest of both streams."""
        return self._shape.digest() + self._data.digest()


class TableHash:
    """Running hash of a table, taken in by runs of rows in their order."""

    def __init__(self, leave_out: frozenset[str]) -> None:
        self._leave_out = leave_out
        self._columns: dict[str, ColumnHash] = {}
        self.rows = 0

    def add(self, table: pa.Table) -> None:
        """Take in the next rows; all runs have the same columns."""
        self.rows += len(table)
        for name in table.column_names:
            if name not in self._leave_out:
                self._columns.setdefault(name, ColumnHash()).add(table[name])

    def digest(self) -> bytes:
        """Return a digest of the number of rows and of the columns by name."""
        sha = hashlib.sha256(f"[{self.rows}]".encode())
        for name in sorted(self._columns):
            if self._columns[name].used:
                sha.update(f"\n{name}:".encode() + self._columns[name].digest())
        return sha.digest()


def combined(tables: dict[str, TableHash]) -> str:
    """Return the hexadecimal SHA-256 over named tables; tables without rows do not count."""
    sha = hashlib.sha256()
    for name in sorted(tables):
        if tables[name].rows:
            sha.update(f"\n[{name}]".encode() + tables[name].digest())
    return sha.hexdigest()
