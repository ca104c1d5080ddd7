"""Membership: the enterprises of a cluster, a chain or a place, and the links that they are looked at in."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...graph.columns.arrays import Ints, within
from ...graph.schema.errors import QueryError
from ...graph.schema.words import Said, sentence
from .atlas import Atlas
from .chain_links import chain_links, find_chain, local_makers
from .scopes import WHOLE


@dataclass(frozen=True)
class Field:
    """Enterprises and the product links among which they are compared.

    ``how`` says where the enterprises come from: ``members`` (IN_CLUSTER), ``region`` (a
    cluster without members: makers of its chains where it stands), ``chain`` (makers and
    members of a chain) or ``place`` (all that stand there).
    """

    scope: int
    firms: Ints
    items: Ints
    how: str

    @property
    def notes(self) -> list[Said]:
        """What a reader must know about where the enterprises come from."""
        return [sentence(f"field_{self.how}", n=len(self.firms), links=len(self.items))]


def field(atlas: Atlas, *, chain: str | None = None, place: str | None = None, cluster: str | None = None) -> Field:
    """Return the enterprises of a cluster, of a chain in a place, or of a place.

    Raises
    ------
    QueryError
        Neither chain nor place nor cluster is given.
    """
    if cluster is not None:
        found = cluster_field(atlas, atlas.snapshot.find(cluster, ("Cluster",)), chain)
        if place is None:
            return found
        here = atlas.scopes.holding(found.firms, atlas.scopes.find(place))
        return replace(found, firms=found.firms[here])
    if chain is None and place is None:
        raise QueryError("field_missing")
    scope = atlas.scopes.find(place)
    if chain is not None:
        links = find_chain(atlas, chain)
        items = _products(atlas, links.items)
        return Field(scope, _of_chain(atlas, links.node, items, scope), items, "chain")
    ids = atlas.snapshot.ids("Enterprise")
    firms = np.arange(ids.start, ids.stop)
    items = _products(atlas, np.array([i for i, c in enumerate(atlas.chains_of) if c], np.int64))
    if not len(items):
        items = np.arange(len(atlas.makers.base[0]))
    return Field(scope, firms[atlas.scopes.holding(firms, scope)] if scope != WHOLE else firms, items, "place")


def cluster_field(atlas: Atlas, node: int, chain: str | None = None) -> Field:
    """Return the enterprises of a cluster: its members, else the makers of its chains where it stands."""
    snapshot, scope = atlas.snapshot, atlas.scopes.column[node]
    chains = [find_chain(atlas, chain).node] if chain is not None else cluster_chains(atlas, node)
    items = _products(atlas, np.concatenate([chain_links(atlas, c).items for c in chains] or [np.zeros(0, np.int64)]))
    src, dst = snapshot.edges("IN_CLUSTER")
    ids = snapshot.ids("Enterprise")
    members = np.unique(src[(dst == node) & within(src, ids)])
    leads = snapshot.csr("LEADS", incoming=True).of(node)
    members = np.union1d(members, leads[within(leads, ids)]).astype(np.int64)
    if len(members):
        return Field(scope, members, items if len(items) else _made_by(atlas, members), "members")
    homes = [atlas.scopes.column[r] for r in snapshot.csr("LOCATED_IN").of(node).tolist() if r in atlas.scopes.column]
    if not homes or not chains:
        return Field(scope, members, items, "members")
    firms = [_of_chain(atlas, c, items, s) for c in chains for s in homes]
    return Field(homes[0], np.unique(np.concatenate(firms)).astype(np.int64), items, "region")


def cluster_chains(atlas: Atlas, node: int) -> list[int]:
    """Return the chains that a cluster holds."""
    return sorted(int(c) for c in atlas.snapshot.csr("IN_CHAIN").of(node))


def _products(atlas: Atlas, items: Ints) -> Ints:
    return np.unique(items[items < len(atlas.makers.base[0])]).astype(np.int64)


def _made_by(atlas: Atlas, firms: Ints) -> Ints:
    made = atlas.makers.makes[:, firms]
    return np.flatnonzero(np.asarray(made.sum(axis=1)).reshape(-1)[: len(atlas.makers.base[0])])


def _of_chain(atlas: Atlas, node: int, items: Ints, scope: int) -> Ints:
    """Makers of a chain's links and enterprises that say they are in it, in a scope."""
    snapshot, ids = atlas.snapshot, atlas.snapshot.ids("Enterprise")
    found = [local_makers(atlas, int(i), scope) for i in items]
    said = snapshot.csr("IN_CHAIN", incoming=True).of(node)
    said = said[within(said, ids)].astype(np.int64)
    found.append(said if scope == WHOLE else said[atlas.scopes.holding(said, scope)])
    firms = np.unique(np.concatenate(found)).astype(np.int64)
    return firms[within(firms, ids)]
