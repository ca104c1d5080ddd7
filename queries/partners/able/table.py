"""Table of abilities under way: pairs (link, holder) with way, ground and strength, and how they are made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array, csr_array

from ....graph.columns.arrays import Bools, Floats, Ints, cells_of, incidence, offsets, run_starts
from ....graph.columns.canonical import flat
from ....graph.schema.words import read_toml
from ...atlas.makers import Makers
from ...attach.lexicon import lexicon
from ..holdings import Holdings

WAYS = ("makes", "serves", "words", "technology", "parent", "sibling", "input", "use", "circle", "kindred", "field")
MAKES, SERVES, WORDS, TECHNOLOGY, PARENT, SIBLING, INPUT, USE, CIRCLE, KINDRED, FIELD = range(len(WAYS))
TIERS = 4
TIER = np.array([1, 1, 2, 3, 3, 3, 4, 4, 1, 1, 1])  # the last three: of an enterprise's partners by patents (fits)
WIDEST = 60  # users of an input beyond which likeness of recipes does not ask for it


@dataclass(frozen=True)
class Entries:
    item: Ints
    row: Ints
    way: Ints
    through: Ints
    strength: Floats


def by_holder(h: Holdings, by_node: csr_array) -> csr_array:
    """Turn items × nodes into items × holders."""
    made: csr_array = by_node[:, h.node].tocsr().astype(float)
    return made


def largest_up(value: csr_array, made: Makers) -> csr_array:
    """Give what is a kind of something to that something, the larger value holding."""
    while made.kinds_down.nnz:
        child, parent = made.kinds
        lifted, whole = value[child].tocoo(), value.tocoo()
        wider = largest(np.r_[whole.row, parent[lifted.row]], np.r_[whole.col, lifted.col],
                         np.r_[whole.data, lifted.data], value.shape)  # fmt: skip
        if wider.nnz == value.nnz and np.array_equal(wider.data, value.data):
            break
        value = wider
    return value


def larger(a: csr_array, b: csr_array) -> csr_array:
    both, other = a.tocoo(), b.tocoo()
    return largest(np.r_[both.row, other.row], np.r_[both.col, other.col], np.r_[both.data, other.data], a.shape)


def largest(item: Ints, row: Ints, value: Floats, shape: tuple[int, ...]) -> csr_array:
    known = (item >= 0) & (row >= 0)
    item, row, value = item[known], row[known], value[known]
    order = np.lexsort((-value, row, item))
    item, row, value = item[order], row[order], value[order]
    first = run_starts(item, row)
    return coo_array((value[first], (item[first], row[first])), shape=shape).tocsr()


def joined(item: Ints, through: Ints, weight: Floats, makers: csr_array, way: int) -> Entries:
    """Give each pair (item, what the ability rests on) the holders of the second."""
    cells, size = cells_of(makers, through), np.diff(makers.indptr)[through]
    return Entries(np.repeat(item, size), makers.indices[cells].astype(np.int64), np.full(len(cells), way),
                    np.repeat(through, size), np.repeat(weight, size) * makers.data[cells])  # fmt: skip


def specific(ends: Ints, n: int) -> Floats:
    """1/√n of how many pairs each item stands in: what goes into everything says little of any."""
    return 1 / np.sqrt(np.maximum(np.bincount(ends, minlength=n), 1))


def together(user: Ints, shared: Ints, weight: Floats) -> tuple[Ints, Ints, Floats]:
    """Pairs of items that share something, with the weight of the most telling thing they share."""
    order = np.argsort(shared, kind="stable")
    user, shared = user[order], shared[order]
    sizes = np.bincount(shared, minlength=len(weight))
    few = (sizes > 1) & (sizes <= WIDEST)
    keep = few[shared]
    user, shared = user[keep], shared[keep]
    start = np.searchsorted(shared, shared)
    size = sizes[shared]
    first = np.repeat(np.arange(len(user)), size)
    other = np.repeat(start, size) + np.arange(len(first)) - np.repeat(offsets(size)[:-1], size)
    differs = user[first] != user[other]
    return user[first][differs], user[other][differs], weight[shared[first]][differs]


def distinct(a: Ints, b: Ints, keep: Bools) -> tuple[Ints, Ints]:
    pairs = np.unique(np.stack([a[keep], b[keep]]), axis=1)
    return pairs[0], pairs[1]


def chains_of_items(made: Makers) -> csr_array:
    """Chains that items stand on, items × nodes."""
    src, chain = made.snapshot.edges("IN_CHAIN")
    return incidence(made.items(src), chain, (made.n, made.snapshot.n), np.float64)


def of_kind(made: Makers, kinds: list[str]) -> Bools:
    """Tell which items are of some kinds."""
    column = made.snapshot.column("Product", "kind")
    out = np.zeros(made.n, bool)
    out[: len(column)] = pc.is_in(column, value_set=pa.array(kinds, pa.string())).to_numpy(zero_copy_only=False)
    return out


def floor() -> float:
    """Return the strength below which an ability is none (``vocabulary.toml``)."""
    return float(read_toml("vocabulary.toml")["partner"]["floor"])


def machines(made: Makers) -> Bools:
    """Tell which items are called machines (by the lexicon's pattern: …机, …泵, …系统)."""
    names = flat(made.snapshot.column("Product", "name"))
    out = np.zeros(made.n, bool)
    told = pc.match_substring_regex(names, lexicon().words["names"]["machine"])
    out[: len(names)] = told.fill_null(False).to_numpy(zero_copy_only=False)
    return out
