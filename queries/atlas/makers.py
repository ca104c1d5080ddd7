"""Makers: who makes which link. Products and technologies are links alike (items).

A maker of a kind of a product makes the product (KIND_OF). Accounting lines and enterprises
that are no longer active are left out, and counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import csr_array

from ...graph.columns.arrays import Bools, Ints, as_flags, incidence, row_of, within
from ...graph.columns.text import LIST_SEPARATOR
from ...graph.columns.walks import passed_on, walk
from ...graph.schema.words import read_toml
from ...graph.workspace.snapshot import Snapshot
from ..attach.attached import Attached, accounting, attached
from .availability import Recipe
from .scopes import Scopes, scopes

ITEMS = ("Product", "Technology")


@dataclass(frozen=True)
class Makers:
    """Items with their makers and their recipe.

    Items are numbered products first, then technologies, in node order. ``direct`` (items ×
    nodes) holds 1 where a node makes an item, as a source says or as its words attach for certain;
    ``makes`` the same, kinds included. ``worded`` holds 1 where a node's words may include an item.
    """

    snapshot: Snapshot
    scopes: Scopes
    direct: csr_array
    worded: csr_array
    attached: Attached
    excluded: int
    opened: tuple[int, ...] = ()

    @cached_property
    def base(self) -> tuple[range, range]:
        """Node ids of products and technologies."""
        return self.snapshot.ids("Product"), self.snapshot.ids("Technology")

    @property
    def n(self) -> int:
        """Number of items."""
        return len(self.base[0]) + len(self.base[1])

    def item(self, node: int) -> int:
        """Return the item number of a product or technology node."""
        products, technologies = self.base
        return node - products.start if node in products else len(products) + node - technologies.start

    def node(self, item: int) -> int:
        """Return the node of an item."""
        products, technologies = self.base
        return products.start + item if item < len(products) else technologies.start + item - len(products)

    def items(self, nodes: Ints) -> Ints:
        """Return the item number of many nodes, −1 for those that are none."""
        products, technologies = self.base
        out = np.full(len(nodes), -1, np.int64)
        product, technology = within(nodes, products), within(nodes, technologies)
        out[product] = nodes[product] - products.start
        out[technology] = nodes[technology] - technologies.start + len(products)
        return out

    def is_technology(self, item: int) -> bool:
        """Tell whether an item is a technology."""
        return item >= len(self.base[0])

    def pairs(self, relation: str) -> tuple[Ints, Ints]:
        """Return the ends of a relation between items, as item numbers."""
        a, b = (self.items(end) for end in self.snapshot.edges(relation))
        between = (a >= 0) & (b >= 0)
        return a[between], b[between]

    @cached_property
    def kinds(self) -> tuple[Ints, Ints]:
        """Pairs (item, what it is a kind of)."""
        return self.pairs("KIND_OF")

    @cached_property
    def kinds_up(self) -> csr_array:
        """1 where the first item is a kind of the second, one step, shape (items, items)."""
        return incidence(*self.kinds, (self.n, self.n))

    @cached_property
    def kinds_down(self) -> csr_array:
        """1 where the second item is a kind of the first, one step, shape (items, items)."""
        return incidence(*self.kinds[::-1], (self.n, self.n))

    def kinds_below(self, item: int) -> set[int]:
        """Return the item and all that is a kind of it, through any number of steps."""
        return walk(lambda at: row_of(self.kinds_down, at).tolist(), item)

    def kinds_above(self, item: int) -> set[int]:
        """Return the item and all that it is a kind of, through any number of steps."""
        return walk(lambda at: row_of(self.kinds_up, at).tolist(), item)

    @cached_property
    def makes(self) -> csr_array:
        """Who makes which item, shape (items, nodes): makers of a kind make what it is a kind of."""
        return passed_on(self.kinds_down, self.direct)

    @cached_property
    def unspecified(self) -> csr_array:
        """Who makes an item and is not known to make a kind of it, shape (items, nodes): may make any kind."""
        of_kinds = as_flags((self.kinds_down @ self.makes).tocsr())
        only: csr_array = (self.direct - self.direct.multiply(of_kinds)).tocsr()
        only.eliminate_zeros()
        return only

    @cached_property
    def hinted(self) -> csr_array:
        """Possible makers of each item, shape (items, nodes): whose words may include it, makers left out.

        A maker of what an item is a kind of may make it, unless it is known to make another kind.
        """
        wider = as_flags((passed_on(self.kinds_up, self.unspecified) + passed_on(self.kinds_down, self.worded)).tocsr())
        hints: csr_array = (wider - wider.multiply(self.makes)).tocsr()
        hints.eliminate_zeros()
        hints.sort_indices()
        return hints

    @cached_property
    def hints(self) -> csr_array:
        """Number of possible makers of each item in each scope, shape (items, scopes)."""
        counts: csr_array = (self.hinted @ self.scopes.members).tocsr()
        counts.sort_indices()
        return counts

    @cached_property
    def counts(self) -> csr_array:
        """Number of makers of each item in each scope, shape (items, scopes)."""
        found: csr_array = (self.makes @ self.scopes.members).tocsr()
        found.sort_indices()
        return found

    @cached_property
    def total(self) -> Ints:
        """Number of makers of each item in all that is loaded."""
        return np.diff(self.makes.indptr).astype(np.int64)

    @cached_property
    def captive(self) -> Bools:
        """Items mostly made for own use (自用中间体): lists of products sold do not speak of them."""
        return self._flag("captive")

    @cached_property
    def primary(self) -> Bools:
        """Items that count as always to be had (原料视为可得), or are imagined so."""
        out = self._flag("primary")
        out[list(self.opened)] = True
        return out

    def _flag(self, prop: str) -> Bools:
        out = np.zeros(self.n, bool)
        flag = self.snapshot.column("Product", prop).fill_null(False)
        out[: len(flag)] = flag.to_numpy(zero_copy_only=False)
        return out

    @cached_property
    def recipe(self) -> Recipe:
        """Requirement groups of all items: essential inputs, and each required technology."""
        return _recipe(self)


def makers(snapshot: Snapshot, opened: tuple[int, ...] = ()) -> Makers:
    """Build the makers of a snapshot; ``opened`` are items taken as always to be had."""
    where = scopes(snapshot)
    products, technologies = snapshot.ids("Product"), snapshot.ids("Technology")
    item = np.full(snapshot.n, -1, np.int64)
    item[products.start : products.stop] = np.arange(len(products))
    item[technologies.start : technologies.stop] = len(products) + np.arange(len(technologies))
    a, b = (np.concatenate(p) for p in zip(snapshot.edges("PRODUCES"), snapshot.edges("MASTERS"), strict=True))
    gone = inactive(snapshot)
    keep = ~accounting(snapshot)[b] & ~gone[a]
    shape = (len(products) + len(technologies), snapshot.n)
    words = attached(snapshot)
    sure, may = ((firm[~gone[firm]], item[link[~gone[firm]]]) for firm, link in map(words.pairs, (True, False)))
    direct = incidence(np.r_[item[b[keep]], sure[1]], np.r_[a[keep], sure[0]], shape)
    worded = incidence(may[1], may[0], shape)
    return Makers(snapshot, where, direct, worded, words, int((~keep).sum()), opened)


def inactive(snapshot: Snapshot) -> Bools:
    states = read_toml("vocabulary.toml")["inactive"]["status"]
    out = np.zeros(snapshot.n, bool)
    ids = snapshot.ids("Enterprise")
    status = snapshot.column("Enterprise", "status")
    known = [s for s in status.unique().to_pylist() if s and any(s == bad or s.startswith(bad) for bad in states)]
    if known:
        hit = pc.is_in(status, value_set=pa.array(known, pa.string())).fill_null(False)
        out[ids.start : ids.stop] = hit.to_numpy(zero_copy_only=False)
    return out


def _recipe(made: Makers) -> Recipe:
    snapshot = made.snapshot
    src, dst = snapshot.edges("INPUT_OF")
    label = _labels(snapshot)
    essential = snapshot.edge_column("INPUT_OF", "essential").fill_null(True).to_numpy(zero_copy_only=False)
    start, end = made.items(src), made.items(dst)
    keep = (start >= 0) & (end >= 0)
    user, tech = (made.items(e) for e in snapshot.edges("REQUIRES"))
    needed = np.ones(len(user), bool)
    return Recipe.build(
        made.n, np.r_[end[keep], user], np.r_[start[keep], tech],
        np.r_[label[keep], np.full(len(user), -1)], np.r_[essential[keep], needed].astype(bool),
    )  # fmt: skip


def _labels(snapshot: Snapshot) -> Ints:
    """Group label of each input as a number; empty means a group of its own (−1)."""
    column = snapshot.edge_column("INPUT_OF", "group").dictionary_encode()
    labels: Ints = column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return labels


def populations(snapshot: Snapshot) -> dict[str, Ints]:
    """Return the enterprises of each population; a stock code means 上市公司."""
    book = read_toml("vocabulary.toml")
    ids = snapshot.ids("Enterprise")
    every = np.arange(ids.start, ids.stop)
    found: dict[str, set[int]] = {}
    kinds = snapshot.column("Enterprise", "kind").to_pylist()
    stock = snapshot.column("Enterprise", "stock_code").to_pylist()
    for at, text in enumerate(kinds):
        for word in (text or "").split(LIST_SEPARATOR):
            if word:
                found.setdefault(word, set()).add(ids.start + at)
        if stock[at]:
            found.setdefault("上市公司", set()).add(ids.start + at)
    made = {name: np.array(sorted(nodes), np.int64) for name, nodes in found.items()}
    made[str(book["whole"])] = every
    order = {name: rank for rank, name in enumerate(book["populations"])}
    return dict(sorted(made.items(), key=lambda kv: (order.get(kv[0], len(order)), kv[0])))
