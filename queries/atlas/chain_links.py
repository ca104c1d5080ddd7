"""Chain links: the items of a chain in order, its end products, and who makes a link in a place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...graph.columns.arrays import Ints, row_of
from ...graph.columns.canonical import flat
from ...graph.schema.errors import QueryError
from .atlas import Atlas
from .scopes import WHOLE

_STAGES = ("upstream", "midstream", "downstream")


@dataclass(frozen=True)
class ChainLinks:
    """The items of a chain, upstream first, with their stage and order in it."""

    node: int
    name: str
    items: Ints
    stage: tuple[str | None, ...]
    order: tuple[int | None, ...]
    ends: Ints


def chain_names(atlas: Atlas) -> list[int]:
    """Return the chains that hold links, in the order of their keys."""
    return sorted(atlas.chain_members)


def find_chain(atlas: Atlas, name: str) -> ChainLinks:
    """Return the links of a chain; a product's name means the chain that leads to it.

    Raises
    ------
    QueryError
        No chain or product has this name; the nearest are given.
    """
    snapshot = atlas.snapshot
    if not chain_names(atlas) and not len(snapshot.edges("INPUT_OF")[0]):
        raise QueryError("chains_none")
    try:
        node = snapshot.find(name, ("Chain",))
    except QueryError as none:
        try:
            node = snapshot.find(name, ("Product",))
        except QueryError:
            raise none from None
        return product_chain(atlas, node)
    return chain_links(atlas, node)


def chain_links(atlas: Atlas, node: int) -> ChainLinks:
    """Return the links of a chain node, the technologies that they require among them."""
    found = atlas.chain_members.get(node, [])
    ends = _ends(atlas, node, np.array([item for item, _, _ in found], np.int64))
    return _ordered(atlas, node, found, ends)


def product_chain(atlas: Atlas, node: int) -> ChainLinks:
    """Return everything that a product needs, directly or not, as a chain of its own."""
    product = np.array([atlas.makers.item(node)], np.int64)
    needed = atlas.makers.recipe.needed_by(product)
    return _ordered(atlas, node, [(i, None, None) for i in needed.tolist()], product)


def _ordered(atlas: Atlas, node: int, found: list[tuple[int, str | None, int | None]], ends: Ints) -> ChainLinks:
    """Order links upstream to downstream; without an order the recipe's levels give it."""
    level = atlas.makers.recipe.level

    def place(one: tuple[int, str | None, int | None]) -> tuple[int, float, int, int]:
        item, stage, order = one
        rank = _STAGES.index(stage) if stage in _STAGES else len(_STAGES)
        return (rank, order if order is not None else int(level[item]), atlas.makers.is_technology(item), item)

    found = sorted(found, key=place)
    items = np.array([f[0] for f in found], np.int64)
    stages, orders = tuple(f[1] for f in found), tuple(f[2] for f in found)
    return ChainLinks(node, atlas.snapshot.name(node), items, stages, orders, ends)


def _ends(atlas: Atlas, chain: int, items: Ints) -> Ints:
    """End products: those marked as such, else the products that feed no other link of the chain.

    A mark is said of the product, which may stand in several chains: it counts where the product
    feeds no further link (``used_up``). Where it feeds one in each of its chains, as where it
    stands in one chain only, the mark is taken at its word. A kind of a link that is not marked
    is no end product: it goes where the general one goes.
    """
    products = items[items < len(atlas.makers.base[0])]
    flag = atlas.snapshot.column("Product", "end_product").fill_null(False).to_numpy(zero_copy_only=False)
    marked = products[flag[products]] if len(products) else products
    if len(marked):
        here = np.array([i for i in marked.tolist() if _ends_here(atlas, i, chain)], np.int64)
        if len(here):
            return np.sort(here)
    recipe = atlas.makers.recipe
    inside = np.isin(recipe.user, products)
    child, parent = atlas.makers.kinds
    feeding = np.r_[recipe.member[inside], child[np.isin(parent, products)]]
    return np.setdiff1d(products, feeding)


def _ends_here(atlas: Atlas, item: int, chain: int) -> bool:
    """Tell whether the mark of an end product counts in this chain of those that hold it."""
    chains = atlas.chains_of[item]
    if len(chains) < 2 or not len(used_up(atlas, item, chain)):
        return True
    return all(len(used_up(atlas, item, other)) for other in chains)


def used_up(atlas: Atlas, item: int, chain: int) -> Ints:
    """Return the links of a chain that need an item, without those that lead back to it (recycling)."""
    recipe = atlas.makers.recipe
    users = np.unique(recipe.user[recipe.member == item])
    users = users[recipe.component[users] != recipe.component[item]]
    return np.array([user for user in users.tolist() if chain in atlas.chains_of[user]], np.int64)


def local_makers(atlas: Atlas, item: int, scope: int) -> Ints:
    """Return the nodes that make an item in a scope."""
    made = atlas.makers.makes
    nodes = np.sort(row_of(made, item)).astype(np.int64)
    if scope == WHOLE or not len(nodes):
        return nodes
    return nodes[atlas.scopes.holding(nodes, scope)]


def producer_names(atlas: Atlas, item: int, scope: int, limit: int = 5) -> list[str]:
    """Return the names of the first makers of an item in a scope, in key order."""
    return atlas.snapshot.names(local_makers(atlas, item, scope)[:limit])


def data_date(atlas: Atlas) -> str | None:
    """Return the date of the data: of what they claim to cover, else of the newest producing fact."""
    stated = [str(c.row["as_of"]) for c in atlas.coverage.claims if c.row.get("as_of")]
    if stated:
        return max(stated)
    newest = None
    for relation in ("PRODUCES", "MASTERS"):
        table = atlas.snapshot.graph.relation_claims.get(relation)
        if table is not None and "as_of" in table.column_names:
            dates = [d for d in flat(table["as_of"]).unique().to_pylist() if d]
            newest = max([*dates, *([newest] if newest else [])], default=None)
    return newest
