"""Walks: what is reached along relations, what is passed on along them, and how deep they lead.

Relations come as pairs of numbers (from, to) or as a sparse matrix of them; cycles are allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .arrays import Bools, Ints, as_flags, ranges
from .canonical import distinct_pairs

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def walk(following: Callable[[int], Iterable[int]], *starts: int) -> set[int]:
    """Return what is reached from ``starts``, themselves included, one step after the other.

    For few steps from few starts; ``reached`` takes all relations at once.

    Examples
    --------
    >>> sorted(walk(lambda n: [n // 2] if n > 1 else [], 12))
    [1, 3, 6, 12]
    """
    seen, waiting = set(starts), list(starts)
    while waiting:
        for fresh in following(waiting.pop()):
            if fresh not in seen:
                seen.add(fresh)
                waiting.append(fresh)
    return seen


def reached(src: Ints, dst: Ints, start: Bools) -> Bools:
    """Tell what is reached along the pairs (src, dst) from what is marked in ``start``, itself included.

    Examples
    --------
    >>> reached(np.array([0, 1, 3]), np.array([1, 2, 2]), np.array([True, False, False, False])).tolist()
    [True, True, True, False]
    """
    mark = start.copy()
    while True:
        fresh = dst[mark[src] & ~mark[dst]]
        if not len(fresh):
            return mark
        mark[fresh] = True


def reached_from(src: Ints, dst: Ints, starts: npt.NDArray[np.integer], n: int) -> Bools:
    """Tell which of ``n`` numbers are reached along the pairs (src, dst) from ``starts``, themselves included."""
    mark = np.zeros(n, bool)
    mark[starts] = True
    return reached(src, dst, mark)


def passed_on(step: csr_array, start: csr_array) -> csr_array:
    """Add to each row what the rows hold that ``step`` leads it to, until nothing changes.

    Parameters
    ----------
    step
        1 where the first (row) takes over what the second (column) holds, shape (n, n).
    start
        1 where a row holds something, shape (n, things).

    Returns
    -------
    csr_array
        (I + step)^∞ · start as flags.
    """
    held = start
    while step.nnz:
        wider = as_flags((held + step @ held).tocsr())
        if wider.nnz == held.nnz:
            return wider
        held = wider
    return start


def components(a: npt.NDArray[np.integer], b: npt.NDArray[np.integer], n: int, *, strong: bool = False) -> Ints:
    """Return the connected component of each of ``n`` numbers along the pairs (a, b).

    Parameters
    ----------
    strong
        Two are together only if each is reached from the other.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(n, n))
    label: Ints = connected_components(graph, directed=strong, connection="strong")[1].astype(np.int64)
    return label


def depths(src: Ints, dst: Ints, component: Ints) -> Ints:
    """Return the steps of the longest path that leads to each number, cycles drawn together.

    Parameters
    ----------
    component
        Strongly connected component of each number (``components``).

    Examples
    --------
    >>> src, dst = np.array([0, 1, 2]), np.array([1, 2, 1])  # 0 → {1 ⇄ 2}
    >>> depths(src, dst, components(src, dst, 3, strong=True)).tolist()
    [0, 1, 1]
    """
    a, b = component[src], component[dst]
    outer = a != b
    pairs = distinct_pairs(a[outer], b[outer])
    n = int(component.max(initial=-1)) + 1
    depth = np.zeros(n, np.int64)
    waiting = np.bincount(pairs[1], minlength=n)
    first = np.searchsorted(pairs[0], np.arange(n + 1))
    front, steps = np.flatnonzero(waiting == 0), 0
    while len(front):
        depth[front] = steps
        steps += 1
        followers = pairs[1][ranges(first[front], first[front + 1])]
        np.subtract.at(waiting, followers, 1)
        front = np.unique(followers[waiting[followers] == 0])
    return depth[component]
