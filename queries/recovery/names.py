"""Names as evidence: character n-grams with IDF weights, and the nearest rows of sparse matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array

from ...graph.columns.arrays import Ints
from ...graph.columns.text import name_keys

Floats = npt.NDArray[np.float32]
LENGTHS = (1, 2, 3, 4)
BLOCK = 256  # rows compared at a time: bounds the memory


@dataclass(frozen=True)
class Names:
    """Entities' names; row i belongs to entity i.

    Attributes
    ----------
    keys
        Match keys of the names (``graph.text.name_key``).
    """

    keys: tuple[str, ...]

    @classmethod
    def of(cls, names: Sequence[str]) -> Names:
        """Take names as people write them."""
        import pyarrow as pa

        return cls(tuple(k or "" for k in name_keys(pa.array(list(names), pa.string())).to_pylist()))

    @cached_property
    def grams(self) -> csr_array:
        """1 where a name holds an n-gram (n = 1 … 4), shape (entities, n-grams)."""
        return n_grams(self.keys)

    @cached_property
    def ends(self) -> csr_array:
        """1 where a name begins or ends with a text of 1 … 4 characters, marked which."""
        return _indicator([_affixes(key) for key in self.keys])

    @cached_property
    def weighted(self) -> csr_array:
        """Unit rows of IDF-weighted n-grams: their products are cosines of names."""
        return unit_rows(self.grams, inverse_frequency(self.grams))

    @cached_property
    def number(self) -> dict[str, int]:
        """Entity of each name; the first one where several share it."""
        found: dict[str, int] = {}
        for at, key in enumerate(self.keys):
            found.setdefault(key, at)
        return found

    def contained(self, rows: Ints, *, start: bool = False) -> csr_array:
        """Names that stand inside other names: length of the part ÷ length of the whole.

        Parameters
        ----------
        start
            Only names that the whole begins with.

        Returns
        -------
        csr, shape (rows, entities)
            Positive where the entity's name is a part of the row's name, the row itself excluded.
        """
        at, cols, values = [], [], []
        for place, row in enumerate(rows.tolist()):
            key = self.keys[row]
            for part in {key[a:b] for a in range(1 if start else len(key)) for b in range(a + 2, len(key) + 1)}:
                other = self.number.get(part, row)
                if other != row:
                    at.append(place)
                    cols.append(other)
                    values.append(len(part) / len(key))
        shape = (len(rows), len(self.keys))
        return coo_array((np.array(values, np.float32), (at, cols)), shape=shape).tocsr()


def n_grams(keys: Sequence[str], lengths: Sequence[int] = LENGTHS) -> csr_array:
    """Return 1 where a text holds an n-gram, shape (texts, n-grams); all texts at once.

    An n-gram is told by a 64-bit mix of its characters: two of a million coincide with a chance of 10⁻⁷.
    """
    sizes = np.array([len(key) for key in keys], np.int64)
    letters = np.frombuffer("".join(keys).encode("utf-32-le"), np.uint32).astype(np.uint64)
    row = np.repeat(np.arange(len(keys)), sizes)
    left = np.repeat(np.cumsum(sizes), sizes) - np.arange(len(letters))  # letters from here to the end of the text
    rows, codes = [], []
    for n in lengths:
        fits = np.flatnonzero(left >= n)
        code = np.full(len(fits), n, np.uint64)
        for step in range(n):
            code = (code ^ letters[fits + step]) * np.uint64(0x9E3779B97F4A7C15)
            code ^= code >> np.uint64(29)
        rows.append(row[fits])
        codes.append(code)
    every = np.concatenate(codes) if codes else np.zeros(0, np.uint64)
    _, column = np.unique(every, return_inverse=True)
    width = int(column.max(initial=-1)) + 1
    made = coo_array(
        (np.ones(len(every), np.float32), (np.concatenate(rows), column)), shape=(len(keys), max(1, width))
    )
    out: csr_array = made.tocsr()
    out.data[:] = 1
    return out


def _affixes(key: str) -> set[str]:
    sizes = [n for n in LENGTHS if n < len(key)]
    return {f"^{key[:n]}" for n in sizes} | {f"{key[-n:]}$" for n in sizes}


def _indicator(features: list[set[str]]) -> csr_array:
    number: dict[str, int] = {}
    rows, cols = [], []
    for at, found in enumerate(features):
        for text in sorted(found):
            rows.append(at)
            cols.append(number.setdefault(text, len(number)))
    shape = (len(features), max(1, len(number)))
    return coo_array((np.ones(len(rows), np.float32), (rows, cols)), shape=shape).tocsr()


def inverse_frequency(features: csr_array) -> Floats:
    """IDF of each column: ln((n + 1)/(df + 1))."""
    df = np.bincount(features.indices, minlength=features.shape[1])
    weight: Floats = np.log((features.shape[0] + 1) / (df + 1)).astype(np.float32)
    return weight


def unit_rows(features: csr_array, weight: Floats | None = None) -> csr_array:
    """Weight the columns and bring every row to length 1; empty rows stay empty."""
    value = features.data.astype(np.float32)
    if weight is not None:
        value = value * weight[features.indices]
    row = np.repeat(np.arange(features.shape[0]), np.diff(features.indptr))
    length = np.sqrt(np.bincount(row, weights=value.astype(float) ** 2, minlength=features.shape[0]))
    value = value / np.where(length > 0, length, 1).astype(np.float32)[row]
    made = csr_array((value, features.indices, features.indptr), shape=features.shape)
    if not value.all():
        made = made.copy()  # the indices are shared with what came in
        made.eliminate_zeros()
    return made


def nearest_rows(queries: csr_array, rows: Ints, features: csr_array, k: int) -> csr_array:
    """Return cos² of each query with its k nearest rows, itself excluded.

    Parameters
    ----------
    queries
        Unit rows, shape (len(rows), features): those of ``features`` numbered ``rows``.
    features
        Unit rows of all entities that may be near, empty rows elsewhere.

    Returns
    -------
    csr, shape (len(rows), entities)
    """
    across = features.T.tocsr()
    sizes, indices, values = [np.zeros(1, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
    for start in range(0, len(rows), BLOCK):
        found = (queries[start : start + BLOCK] @ across).tocsr()
        for at, row in enumerate(rows[start : start + BLOCK].tolist()):
            part = slice(found.indptr[at], found.indptr[at + 1])
            other, value = _largest(found.indices[part], found.data[part], row, k)
            sizes.append(np.array([len(other)]))
            indices.append(other)
            values.append(value * value)
    shape = (len(rows), features.shape[0])
    return csr_array((np.concatenate(values), np.concatenate(indices), np.cumsum(np.concatenate(sizes))), shape=shape)


def _largest(other: Ints, value: Floats, row: int, k: int) -> tuple[Ints, Floats]:
    """Return the k largest values with their columns; at the bound the smaller numbers win."""
    keep = (other != row) & (value > 1e-6)
    other, value = other[keep], value[keep]
    if len(other) > k:
        bound = np.partition(value, len(value) - k)[len(value) - k]
        above = np.flatnonzero(value > bound)
        ties = np.flatnonzero(value == bound)
        ties = ties[np.argsort(other[ties], kind="stable")][: k - len(above)]
        first = np.r_[above, ties]
        other, value = other[first], value[first]
    return other.astype(np.int64), value
