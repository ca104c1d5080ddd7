"""Known: what the loaded graphs say of products, as typed links between numbered entities.

Entities are the items (products, then technologies, numbered as ``Makers`` does), the enterprises and
the chains. The relation asked about is "needs" (product → input), the others stand beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.sparse import coo_array, csr_array

from ...graph.columns.arrays import Ints, incidence, positions
from ..atlas.atlas import Atlas, once_an_atlas
from ..recovery.evidence import RIDGE, Evidence
from ..recovery.names import Names
from ..recovery.triples import Triples

NEEDS = 0
_RELATIONS = (("INPUT_OF", True), ("KIND_OF", False), ("PRODUCES", False), ("REQUIRES", False), ("IN_CHAIN", False))
_KINDS = ("Product", "Technology", "Enterprise", "Chain")
_NEAR = 50  # as many similar heads as the channels look at


@dataclass(frozen=True)
class Known:
    """Links between entities, and which entities may be an input.

    Attributes
    ----------
    links
        Relation 0 leads from a product to what it needs.
    node
        Node of each entity.
    products
        Number of products: entities below it.
    candidates
        Products that go into something or stand in a chain.
    slot
        Place in a recipe that each link fills, by number: alternatives of a product share one. Links of other
        relations than "needs" have −1.
    """

    links: Triples
    node: Ints
    products: int
    candidates: Ints
    slot: Ints

    def without(self, hidden: Ints) -> Known:
        """Return what is known when some links (by number) were not, nor any link between their ends.

        A general product that is also an input, say, would tell the hidden link.
        """
        links, n = self.links, self.links.n
        pair = links.head * n + links.tail
        gone = np.r_[pair[hidden], links.tail[hidden] * n + links.head[hidden]]
        keep = ~np.isin(pair, gone)
        return replace(self, links=links.take(keep), slot=self.slot[keep])

    @cached_property
    def needs(self) -> csr_array:
        """1 where a product (row) needs an input (column), shape (entities, entities)."""
        return incidence(*self.links.asked(NEEDS), (self.links.n, self.links.n))

    @cached_property
    def goes_into(self) -> csr_array:
        """1 where an input (row) goes into a product (column)."""
        return incidence(*self.links.asked(NEEDS)[::-1], (self.links.n, self.links.n))

    @cached_property
    def slots(self) -> csr_array:
        """Place in a recipe + 1 where a product (row) needs an input (column); nought elsewhere."""
        mine = self.links.relation == NEEDS
        ends = self.links.head[mine], self.links.tail[mine]
        return coo_array((self.slot[mine] + 1, ends), shape=(self.links.n, self.links.n)).tocsr()

    def places(self, product: int) -> list[set[int]]:
        """Return the inputs of a product by the place in its recipe; alternatives share one."""
        inside = slice(self.slots.indptr[product], self.slots.indptr[product + 1])
        found: dict[int, set[int]] = {}
        for slot, member in zip(self.slots.data[inside].tolist(), self.slots.indices[inside].tolist(), strict=True):
            found.setdefault(slot, set()).add(member)
        return list(found.values())


@once_an_atlas
def known(atlas: Atlas) -> Known:
    """Return what an atlas knows of products."""
    snapshot = atlas.snapshot
    ids = {kind: snapshot.ids(kind) for kind in _KINDS}
    node = np.concatenate([np.arange(r.start, r.stop, dtype=np.int64) for r in ids.values()])
    place = positions(node, snapshot.n)
    products = len(ids["Product"])
    heads, numbers, tails, labels = [], [], [], []
    for number, (relation, backwards) in enumerate(_RELATIONS):
        a, b = (place[end] for end in snapshot.edges(relation))
        fine = (a >= 0) & (b >= 0) & (a != b)
        if relation in ("INPUT_OF", "KIND_OF"):
            fine &= (a < products) & (b < products)
        a, b = (b[fine], a[fine]) if backwards else (a[fine], b[fine])
        heads.append(a)
        tails.append(b)
        numbers.append(np.full(len(a), number))
        labels.append(_labels(atlas)[fine] if number == NEEDS else np.full(len(a), -1))
    # Names of firms and chains say nothing of what products are made of.
    told = len(ids["Product"]) + len(ids["Technology"])
    names = snapshot.names(node[:told]) + [""] * (len(node) - told)
    links = Triples(Names.of(names), tuple(r for r, _ in _RELATIONS), *map(np.concatenate, (heads, numbers, tails)))
    in_chain = np.array([bool(c) for c in atlas.chains_of[:products]], bool)
    candidates = np.union1d(np.flatnonzero(in_chain), links.asked(NEEDS)[1]).astype(np.int64)
    return Known(links, node, products, candidates, _slots(links, np.concatenate(labels)))


def _labels(atlas: Atlas) -> Ints:
    column = atlas.snapshot.edge_column("INPUT_OF", "group").dictionary_encode()
    labels: Ints = column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return labels


def _slots(links: Triples, label: Ints) -> Ints:
    """Number the places in recipes: (product, group), or (product, input) where no group is stated."""
    ends = np.where(label >= 0, label, links.n + links.tail)
    slot = np.full(len(links), -1, np.int64)
    mine = links.relation == NEEDS
    slot[mine] = np.unique(np.stack([links.head[mine], ends[mine]]), axis=1, return_inverse=True)[1]
    return slot


class Surroundings(Evidence):
    """Evidence about a few entities of a large graph: the same values, computed around them only.

    The channels compare every known input with its nearest; all but those of the entities asked about and
    of entities like them are multiplied by nought, so they are left out.
    """

    def __init__(self, links: Triples, candidates: Ints) -> None:
        super().__init__(links, latent=False, columns=candidates)
        heads = np.unique(links.asked(NEEDS)[0])
        self._large = len(heads) > RIDGE  # below, all inputs take part in the kernel systems
        self._around: Ints | None = None

    def about(self, rows: Ints) -> Surroundings:
        """Turn to some entities; what is asked next is about them only."""
        if self._large:
            near = [self.near_heads(kind, NEEDS, rows, _NEAR).indices for kind in ("name", "profile", "neighbours")]
            heads = np.unique(np.concatenate([rows, *near]))
            self._around = np.unique(self.links[NEEDS][heads].indices).astype(np.int64)
            self._near.clear()
        return self

    def answers(self, direction: int) -> Ints:
        """Known inputs around the entities asked about."""
        return super().answers(direction) if self._around is None else self._around
