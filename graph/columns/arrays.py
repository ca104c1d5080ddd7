"""Arrays: the few types of NumPy arrays that columns become, and what is done with them everywhere.

A graph in columns is numbers of rows; the same few steps turn one numbering into another. SciPy is
imported where a matrix is made, so that loading columns does not wait for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csc_array, csr_array

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def rounded(value: float | None, digits: int = 4) -> float | None:
    """Return a number as answers show it: rounded, None where it is not known (NaN, None).

    Examples
    --------
    >>> rounded(0.123456), rounded(float("nan"))
    (0.1235, None)
    """
    return None if value is None or np.isnan(value) else round(float(value), digits)


# numberings --------------------------------------------------------------------------------------


def positions(items: npt.NDArray[np.integer], n: int) -> Ints:
    """Return the place of each of ``n`` numbers in ``items``, −1 for those that are not there.

    Examples
    --------
    >>> positions(np.array([3, 1]), 5).tolist()
    [-1, 1, -1, 0, -1]
    """
    place = np.full(n, -1, np.int64)
    place[items] = np.arange(len(items))
    return place


def numbering(kept: Bools) -> Ints:
    """Return the new number of each row when only those kept stay, −1 for the others.

    Examples
    --------
    >>> numbering(np.array([True, False, True])).tolist()
    [0, -1, 1]
    """
    return np.where(kept, np.cumsum(kept, dtype=np.int64) - 1, -1)


def run_numbers(starts: Bools) -> Ints:
    """Return the number of the run that each row stands in, runs as ``run_starts`` tells them.

    Examples
    --------
    >>> run_numbers(np.array([True, False, True])).tolist()
    [0, 0, 1]
    """
    return np.cumsum(starts, dtype=np.int64) - 1


def offsets(sizes: npt.ArrayLike) -> Ints:
    """Return where each of several runs of these sizes starts, and where the last one ends.

    Examples
    --------
    >>> offsets([2, 0, 3]).tolist()
    [0, 2, 2, 5]
    """
    starts: Ints = np.r_[0, np.cumsum(np.asarray(sizes, np.int64))].astype(np.int64)
    return starts


def ranges(start: npt.NDArray[np.integer], stop: npt.NDArray[np.integer]) -> Ints:
    """Concatenate the ranges start[i]:stop[i].

    Examples
    --------
    >>> ranges(np.array([5, 0]), np.array([7, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    size = stop - start
    index: Ints = np.repeat(start - offsets(size)[:-1], size) + np.arange(int(size.sum()))
    return index


def run_starts(*columns: npt.NDArray[Any]) -> Bools:
    """Tell which rows of sorted columns begin a run of equal rows.

    Examples
    --------
    >>> run_starts(np.array([4, 4, 7]), np.array([1, 2, 2])).tolist()
    [True, True, True]
    """
    first = np.zeros(len(columns[0]), bool)
    first[:1] = True
    for column in columns:
        first[1:] |= column[1:] != column[:-1]
    return first


def within(values: npt.NDArray[np.integer], ids: range) -> Bools:
    """Tell which numbers stand in a range of ids, as the nodes of one type do.

    Examples
    --------
    >>> within(np.array([1, 5, 9]), range(2, 9)).tolist()
    [False, True, False]
    """
    inside: Bools = (values >= ids.start) & (values < ids.stop)
    return inside


# sparse matrices ---------------------------------------------------------------------------------


def incidence(
    rows: npt.NDArray[np.integer], columns: npt.NDArray[np.integer], shape: tuple[int, int], dtype: type = np.int32
) -> csr_array:
    """Return a sparse matrix with 1 at each pair, however often it is given; negative numbers are left out."""
    from scipy.sparse import coo_array

    known = (rows >= 0) & (columns >= 0)
    if not known.all():
        rows, columns = rows[known], columns[known]
    return as_flags(coo_array((np.ones(len(rows), dtype), (rows, columns)), shape=shape).tocsr())


def as_flags(matrix: csr_array) -> csr_array:
    """Set every entry of a sparse matrix of counts to 1, in place, and return it."""
    matrix.data[:] = 1
    return matrix


def row_of(matrix: csr_array | csc_array, row: int) -> npt.NDArray[np.integer]:
    """Return the columns at which a row has entries, as they are stored (the rows of a column, kept by columns)."""
    columns: npt.NDArray[np.integer] = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
    return columns


def cells_of(matrix: csr_array, rows: npt.NDArray[np.integer]) -> Ints:
    """Return where the entries of several rows, one row after the other, stand in ``indices`` and ``data``."""
    return ranges(matrix.indptr[rows], matrix.indptr[rows + 1])


def at_pairs(matrix: csr_array, rows: npt.NDArray[np.integer], columns: npt.NDArray[np.integer]) -> Floats:
    """Return a sparse matrix's values at pairs (row, column)."""
    if not matrix.nnz or not np.size(rows):  # nothing stored, or no column to ask for
        return np.zeros(np.size(rows))
    return np.asarray(matrix[rows, columns], float).reshape(-1)
