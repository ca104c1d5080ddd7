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
    return _ordered(atlas, node, atlas.snapshot.name(node), atlas.chain_members.get(node, []))


def product_chain(atlas: Atlas, node: int) -> ChainLinks:
    """Return everything that a product needs, directly or not, as a chain of its own."""
    needed = atlas.makers.recipe.needed_by(np.array([atlas.makers.item(node)]))
    return _ordered(atlas, node, atlas.snapshot.name(node), [(i, None, None) for i in needed.tolist()])


def _ordered(atlas: Atlas, node: int, name: str, found: list[tuple[int, str | None, int | None]]) -> ChainLinks:
    """Order links upstream to downstream; without an order the recipe's levels give it."""
    level = atlas.makers.recipe.level

    def place(one: tuple[int, str | None, int | None]) -> tuple[int, float, int, int]:
        item, stage, order = one
        rank = _STAGES.index(stage) if stage in _STAGES else len(_STAGES)
        return (rank, order if order is not None else int(level[item]), atlas.makers.is_technology(item), item)

    found = sorted(found, key=place)
    items = np.array([f[0] for f in found], np.int64)
    return ChainLinks(node, name, items, tuple(f[1] for f in found), tuple(f[2] for f in found),
                      _ends(atlas, items))  # fmt: skip


def _ends(atlas: Atlas, items: Ints) -> Ints:
    """End products: those marked as such, else the products that feed no other link of the chain.

    A kind of a link is no end product: it goes where the general one goes.
    """
    products = items[items < len(atlas.makers.base[0])]
    flag = atlas.snapshot.column("Product", "end_product").fill_null(False).to_numpy(zero_copy_only=False)
    marked = products[flag[products]] if len(products) else products
    if len(marked):
        return np.sort(marked)
    recipe = atlas.makers.recipe
    inside = np.isin(recipe.user, products)
    child, parent = atlas.makers.kinds
    feeding = np.r_[recipe.member[inside], child[np.isin(parent, products)]]
    return np.setdiff1d(products, feeding)


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
