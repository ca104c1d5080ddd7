"""Words: what the own words of a firm, or its name, say that it may make, and how much of its revenue a product is."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc
from scipy.sparse import csr_array

from ....graph.columns.arrays import Bools, Floats, Ints, at_pairs
from ....graph.columns.canonical import flat
from ....graph.schema.words import read_toml
from ...attach.attached import SCOPE
from ...verdicts.trades import trades
from ..holdings import Holdings
from .table import by_holder, chains_of_items, floor, larger, largest, largest_up, machines

_ABBREVIATION = "^[A-Za-z0-9.+-]{1,5}(系列|类|产品)?$"  # PC is many things: a person has to say which


def worded(h: Holdings, own: csr_array) -> csr_array:
    """Best certainty with which the words of a firm include an item, or a kind of it, items × holders.

    Parameters
    ----------
    own
        Stated shares of revenue.
    """
    made, words = h.atlas.makers, h.atlas.makers.attached
    book = read_toml("vocabulary.toml")["partner"]
    rows = words.facts.filter(words.hinting)
    use, attachment = rows["use"].to_numpy(), rows["attachment"].to_numpy()
    field = words.words["field"].to_numpy()[use]
    value = words.links["score"].to_numpy()[attachment] * np.where(field == SCOPE, float(book["scope"]), 1.0)
    row = h.row[words.words["firm"].to_numpy()[use]]
    item = made.items(words.links["link"].to_numpy()[attachment])
    broader = pc.equal(words.links["relation"], "broader").to_numpy(zero_copy_only=False)[attachment]
    short = pc.less_equal(pc.utf8_length(words.words["word"]), 2).to_numpy(zero_copy_only=False)[use]
    foreign = broader & (short & _elsewhere(h, item, row) | _other_metal(h, item, row))
    letters = pc.match_substring_regex(words.words["word"], _ABBREVIATION).to_numpy(zero_copy_only=False)[use]
    # A word for many links tells of those who live of it: a side line of 新能源汽车 is no car of any kind.
    links = words.links.group_by("word").aggregate([("link", "count")])
    breadth = np.asarray(links["link_count"])[pc.index_in(words.links["word"], links["word"]).to_numpy()][attachment]
    said = made.items(words.words["product"].to_numpy()[use])
    share = at_pairs(own, np.maximum(said, 0), np.maximum(row, 0)) * (said >= 0)
    least = np.where(breadth >= int(book["many"]), float(book["main"]), float(book["trifle"]))
    aside = broader & (share > 0) & (share < least)
    # What a scope of business lets a firm do (经营范围) is wide already: a wide word in it tells nothing, and
    # machines stand in it that a firm only uses.
    used = (field == SCOPE) & machines(made)[item]
    row = np.where(foreign | letters | aside | used | (value < floor()), -1, row)
    named, name, certainty = _called(h)
    shape = (made.n, len(h.node))
    return largest_up(largest(np.r_[item, named], np.r_[row, name], np.r_[value, certainty], shape), made)


def _called(h: Holdings) -> tuple[Ints, Ints, Floats]:
    """Items that the names of firms without any product tell of, with those firms and the certainty."""
    book = read_toml("vocabulary.toml")["partner"]["called"]
    told = [(item, int(h.row[firm]), float(book[how])) for (firm, item), (_, how) in trades(h.atlas).items()]
    table = np.array(sorted(told), float).reshape(-1, 3)
    return table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2]


def stated_shares(h: Holdings) -> csr_array:
    """Share of revenue that a source says a firm has from a product, items × holders; 0 where none does."""
    made = h.atlas.makers
    table = made.snapshot.graph.relations.get("PRODUCES")
    shape = (made.n, len(h.node))
    if table is None or "share" not in table.column_names:
        return csr_array(shape, dtype=float)
    share = np.clip(np.nan_to_num(flat(table["share"]).to_numpy(zero_copy_only=False).astype(float)), 0, 1)
    firm, product = made.snapshot.edges("PRODUCES")
    return largest(made.items(product), h.row[firm], share, shape)


def shares(h: Holdings, own: csr_array) -> csr_array:
    """Largest share of revenue that a firm has from an item, or from what attaches to it, items × holders."""
    made, words = h.atlas.makers, h.atlas.makers.attached
    rows = words.facts
    use, attachment = rows["use"].to_numpy(), rows["attachment"].to_numpy()
    row = h.row[words.words["firm"].to_numpy()[use]]
    item, said = (made.items(t) for t in (words.links["link"].to_numpy()[attachment],
                                          words.words["product"].to_numpy()[use]))  # fmt: skip
    known = (said >= 0) & (row >= 0)
    value = np.zeros(len(row))
    value[known] = at_pairs(own, said[known], row[known])
    return largest_up(larger(own, largest(item, row, value, own.shape)), made)


def _elsewhere(h: Holdings, item: Ints, row: Ints) -> Bools:
    """Tell where a firm makes links of chains, and none of a chain that the item stands on.

    A short word means what its own trade means by it: 轮毂 of who makes wind turbine shafts is no car wheel.
    """
    made = h.atlas.makers
    on = chains_of_items(made)
    trade = (by_holder(h, made.makes).T @ on).tocsr()
    shared = np.asarray(trade[row].multiply(on[item]).sum(axis=1)).reshape(-1) > 0
    out: Bools = (np.diff(trade.indptr)[row] > 0) & ~shared
    return out


def _other_metal(h: Holdings, item: Ints, row: Ints) -> Bools:
    """Tell where the name of a firm and that of an item speak of different metals (铝业, 钢板)."""
    out, made = np.zeros(len(row), bool), h.atlas.makers
    known = np.flatnonzero((item >= 0) & (row >= 0))
    theirs = _speaks(h, np.r_[np.asarray(made.base[0]), np.asarray(made.base[1])].astype(np.int64), item[known])
    own = _speaks(h, h.node, row[known])
    out[known] = np.any(own, axis=1) & np.any(theirs, axis=1) & ~np.any(own & theirs, axis=1)
    return out


def _speaks(h: Holdings, nodes: Ints, at: Ints) -> Bools:
    """Tell which metals the names of nodes speak of, shape (at, metals); each name is read once."""
    metals = read_toml("vocabulary.toml")["partner"]["metals"]
    some, back = np.unique(at, return_inverse=True)
    names = h.atlas.snapshot.names(nodes[some])
    told = [[any(c in name for c in metal) for metal in metals] for name in names]
    out: Bools = np.array(told, bool).reshape(-1, len(metals))[back]
    return out
