"""Ability: what a holder is able to do for a link, by which way, resting on which item.

All links at once, as one sparse table (link, holder, way): a question about one link reads its rows.
Nobody is made able by distance, by evidence or by letters that look alike: words count where the
attachments say so (``queries/attach``), else only facts do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array

from ...graph.columns.arrays import Floats, Ints, at_pairs, offsets, run_numbers, run_starts
from ...graph.schema.words import read_toml
from ..atlas.atlas import Atlas, once_an_atlas
from .able.beside import beside, technologies
from .able.kin import kin
from .able.table import INPUT, MAKES, SERVES, WORDS, Entries, by_holder, floor, larger
from .able.words import shares, stated_shares, worded
from .holdings import Holdings, holdings


@dataclass(frozen=True)
class Ability:
    """Ways in which holders are able, sorted by link, then holder, then way.

    Attributes
    ----------
    start : int array, shape (items + 1,)
        Where the rows of each link begin.
    row, way, through : int arrays
        Holder, index of ``WAYS``, and the item that the ability rests on (the link itself, the input, …).
    strength : float array
        In (0, 1]: for who makes it ½ + ½√(share of its revenue), .75 where that is not known; for words the
        same times the certainty of the attachment; for what stands next to
        the link 1 − Π(1 − w) over what is made of its inputs, w = 1/√(products the input goes into) ·
        min(1, 2/√(inputs of the link));
        the largest 1/√n of its uses, n being how many inputs the use has, alternatives counted once.
    """

    start: Ints
    row: Ints
    way: Ints
    through: Ints
    strength: Floats

    def of(self, item: int) -> slice:
        """Return where the rows of a link stand."""
        return slice(int(self.start[item]), int(self.start[item + 1]))


@once_an_atlas
def abilities(atlas: Atlas) -> Ability:
    """Return who is able to do what for which link, of all links of a graph."""
    h, made = holdings(atlas), atlas.makers
    if not made.n:  # nothing but patents or people's lists: no link to be able for
        none = np.zeros(0, np.int64)
        return Ability(np.zeros(1, np.int64), none, none, none, np.zeros(0))
    own = stated_shares(h)
    makes, words, share = by_holder(h, made.makes), worded(h, own), shares(h, own)
    # Who most likely makes what stands next to the link counts there, too, with the certainty of the words.
    likely = words.copy()
    likely.data[likely.data < float(read_toml("vocabulary.toml")["partner"]["likely"])] = 0
    likely.eliminate_zeros()
    makes_much, either = (_main(m, share) for m in (makes, larger(makes, likely)))
    serving = _by_holder_serving(h, makes)
    parts = [
        _whole(makes, MAKES, share), _whole(serving, SERVES), _whole(words, WORDS, share),
        *technologies(made, makes, serving), *kin(h, makes), *beside(made, makes_much, either),
    ]  # fmt: skip
    table = Entries(*(np.concatenate([getattr(p, c) for p in parts]) for c in Entries.__dataclass_fields__))
    return _best(table, made.n)


def _main(makes: csr_array, share: csr_array) -> csr_array:
    """Leave out who is known to have less than a tenth of its revenue from an item: a side line leads nowhere."""
    cells = makes.tocoo()
    part = at_pairs(share, cells.row, cells.col)
    keep = (part == 0) | (part >= float(read_toml("vocabulary.toml")["partner"]["side"]))
    return coo_array((cells.data[keep], (cells.row[keep], cells.col[keep])), shape=makes.shape).tocsr()


def _best(table: Entries, n: int) -> Ability:
    """Join several grounds of one way: neighbours add up, of the others the strongest holds; below the floor none."""
    order = np.lexsort((table.through, -table.strength, table.way, table.row, table.item))
    item, row, way, through, strength = (getattr(table, c)[order] for c in Entries.__dataclass_fields__)
    starts = run_starts(item, row, way)
    first, run = np.flatnonzero(starts), run_numbers(starts)
    missed = np.bincount(run, np.log1p(-np.minimum(strength, 1 - 1e-12)), minlength=len(first))
    joined = np.where(way[first] == INPUT, -np.expm1(missed), strength[first])
    keep = joined.round(9) >= floor()
    at = first[keep]
    return Ability(offsets(np.bincount(item[at], minlength=n)), row[at], way[at], through[at], joined[keep])


def _by_holder_serving(h: Holdings, makes: csr_array) -> csr_array:
    """Bodies that serve an item itself and do not master it, items × holders."""
    cells = h.held.tocoo()
    bodies = (h.kind[cells.col] > 0) & (at_pairs(makes, cells.row, cells.col) == 0)
    return coo_array((np.ones(int(bodies.sum())), (cells.row[bodies], cells.col[bodies])), shape=h.held.shape).tocsr()


def _whole(matrix: csr_array, way: int, share: csr_array | None = None) -> Entries:
    """Give each cell to the item itself; a firm that lives of it is stronger than one that sells some on the side."""
    cells = matrix.tocoo()
    item, row = cells.row.astype(np.int64), cells.col.astype(np.int64)
    value = cells.data
    if share is not None:
        part = at_pairs(share, item, row)
        value = np.maximum(value * np.where(part > 0, 0.5 + 0.5 * np.sqrt(part), 0.75), floor())
    return Entries(item, row, np.full(len(item), way), item, value)
