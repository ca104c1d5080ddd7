"""Needs: what X of ``partners --for X`` lacks, and who already meets it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from ...graph.columns.arrays import Bools, Ints, row_of
from ...graph.columns.text import name_key, name_keys
from ...graph.schema.errors import QueryError
from ..atlas.atlas import Atlas, once_an_atlas
from ..atlas.scopes import WHOLE
from .holdings import Holdings
from .patented import known_partners

KINDS = ("Product", "Technology", "Enterprise", "Alliance", "Cluster", "Chain")
MOST = 60  # missing classes that are compared by name; an alliance of a long chain has more


@dataclass(frozen=True)
class Need:
    """What is looked for.

    Attributes
    ----------
    kind
        ``link``, ``enterprise`` or ``group`` (an alliance, a cluster, a chain): which weights hold.
    node
        The thing asked for.
    scope
        Place that the need is in.
    wanted
        Items looked for: the link itself, or the classes that are missing.
    missing
        Items that would be of use besides: missing inputs and technologies.
    own
        Items that are there already.
    blocked
        Items that no evidence may lead over, since they are the link asked for.
    anchors
        Rows of those it is about: makers of the link, the enterprise, the members.
    linked
        Rows of those that do it already, or are linked to it.
    neighbours
        Rows of those who make what stands next to the link, anywhere, or of the members.
    around
        Items next to the link in its recipe: inputs, and what it goes into.
    """

    kind: str
    node: int
    scope: int
    wanted: Ints
    missing: Ints
    own: Ints
    blocked: Ints
    anchors: Ints
    linked: Ints
    neighbours: Ints
    around: Ints


def find_need(h: Holdings, name: str, place: str | None, cluster: str | None) -> Need:
    """Return the need that a user names: a link, technology, enterprise, alliance, cluster, chain, or 链›环节.

    Raises
    ------
    QueryError
        Nothing or several things have this name.
    """
    scope, snapshot = _scope(h.atlas, place, cluster), h.atlas.snapshot
    parts = re.split(r"[›>]", name)
    if len(parts) == 2 and not _named(h.atlas).get(name_key(name)) and not snapshot.called(name, KINDS):
        chain = snapshot.find(parts[0].strip(), ("Chain",))
        inside = {h.atlas.makers.node(i): i for i, _, _ in h.atlas.chain_members.get(chain, [])}
        links = [n for n in snapshot.called(parts[1].strip(), KINDS[:2]) if n in inside]
        if not links:
            raise QueryError("link_not_in_chain", link=parts[1].strip(), chain=snapshot.name(chain),
                             near=snapshot.near(parts[1].strip(), KINDS[:2]))  # fmt: skip
        return link_need(h, inside[links[0]], scope)
    # By full name at once; codes, short names and what is not there take the thorough way.
    found = _named(h.atlas).get(name_key(name), ())
    node = found[0] if len(found) == 1 and name_key(name) not in _coded(h.atlas) else snapshot.find(name, KINDS)
    kind = snapshot.type_of(node)
    if kind in ("Product", "Technology"):
        return link_need(h, h.atlas.makers.item(node), scope)
    return enterprise_need(h, node, scope) if kind == "Enterprise" else group_need(h, node, scope)


@once_an_atlas
def _scope(atlas: Atlas, place: str | None, cluster: str | None) -> int:
    return atlas.scopes.find(place, cluster)


@once_an_atlas
def _named(atlas: Atlas) -> dict[str, list[int]]:
    """Nodes of each name, of the kinds that can be needs."""
    named: dict[str, list[int]] = {}
    for kind in KINDS:
        start = atlas.snapshot.ids(kind).start
        for at, key in enumerate(name_keys(atlas.snapshot.column(kind, "name")).to_pylist()):
            named.setdefault(key, []).append(start + at)
    return named


@once_an_atlas
def _coded(atlas: Atlas) -> set[str]:
    """Codes of these kinds: a name that is also the code of another needs to be told apart."""
    snapshot = atlas.snapshot
    columns = [snapshot.column(kind, prop) for kind in KINDS for prop in snapshot.schema.nodes[kind].code_props]
    return {str(code).lower() for column in columns for code in column.to_pylist() if code}


def link_need(h: Holdings, item: int, scope: int, hidden: int = -1) -> Need:
    """Return the need of a link or technology in a place.

    Parameters
    ----------
    hidden
        Row of a maker that is taken not to make it (for learning and tests).
    """
    made, recipe = h.atlas.makers, h.atlas.makers.recipe
    kinds, above, _ = h.kin(item)
    makers = h.row[row_of(made.makes, item)]
    makers = np.sort(makers[(makers >= 0) & (makers != hidden)])
    # Without a place nobody has it already: those who make it are whom one looks for.
    inside = makers[:0] if scope == WHOLE else makers[h.atlas.scopes.holding(h.node[makers], scope)]
    inputs, users = _inputs(h, item), np.unique(recipe.owner[recipe.group[recipe.member == item]])
    around = np.union1d(inputs, users)
    there = made_in(h.atlas, scope) if scope != WHOLE else np.ones(made.n, bool)
    beside = np.unique(h.held[around].indices).astype(np.int64)
    blocked = np.unique(np.r_[item, kinds, above])
    own, missing = around[there[around]], inputs[~there[inputs]]
    return Need("link", made.node(item), scope, np.array([item]), missing, own, blocked, makers, inside, beside, around)


def enterprise_need(h: Holdings, node: int, scope: int) -> Need:
    """Return the need of an enterprise: the inputs and technologies of its products that it does not hold."""
    me = int(h.row[node])
    own = row_of(h.holds, me).astype(np.int64)
    own = np.sort(own)
    missing = np.setdiff1d(np.concatenate([_inputs(h, int(i)) for i in own] or [own]), own)
    snapshot = h.atlas.snapshot
    linked = [np.array([node])]
    for relation in ("SUPPLIES", "COOPERATES", "MEMBER_OF", "HOSTS", "LEADS", "OWNS"):
        linked += [snapshot.csr(relation, incoming=way).of(node) for way in (False, True)]
    rows = np.r_[h.row[np.concatenate(linked)], known_partners(h.atlas, me)]
    return Need("enterprise", node, scope, missing[:MOST], missing, own, np.zeros(0, np.int64), np.array([me]),
                np.unique(rows[rows >= 0]), np.array([me]), np.zeros(0, np.int64))  # fmt: skip


def group_need(h: Holdings, node: int, scope: int) -> Need:
    """Return the need of an alliance, cluster or chain: links of its chains that no member makes."""
    atlas, snapshot = h.atlas, h.atlas.snapshot
    kind = snapshot.type_of(node)
    chains = chains_of(h, node)
    links = np.array(sorted({i for c in chains for i, _, _ in atlas.chain_members.get(c, [])}), np.int64)
    links = links[~atlas.makers.primary[links]]
    members = members_of(h, node, scope)
    held = np.zeros(atlas.makers.n, bool)
    held[h.holds[members].indices] = True
    held |= np.asarray(atlas.makers.makes[:, h.node[members]].sum(axis=1)).reshape(-1) > 0  # a kind of it as well
    if kind == "Chain" and scope != WHOLE:
        held |= made_in(h.atlas, scope)
    me = h.row[[node]]
    none, missing = np.zeros(0, np.int64), links[~held[links]]
    return Need("group", node, scope, missing, missing, links[held[links]], none, members,
                np.unique(np.r_[members, me[me >= 0]]), members, none)  # fmt: skip


def chains_of(h: Holdings, node: int) -> list[int]:
    """Return the chains that an alliance, cluster or chain is about, else those that its members make most of."""
    snapshot = h.atlas.snapshot
    if snapshot.type_of(node) == "Chain":
        return [node]
    ids = snapshot.ids("Chain")
    named = np.concatenate([snapshot.csr(r).of(node) for r in ("SERVES", "IN_CHAIN")])
    found = sorted(int(c) for c in np.unique(named) if c in ids)
    if found:
        return found
    held = np.zeros(h.atlas.makers.n, bool)
    held[h.holds[members_of(h, node, WHOLE)].indices] = True
    share = {c: sum(bool(held[i]) for i, _, _ in m) for c, m in h.atlas.chain_members.items()}
    best = max(share, key=lambda c: (share[c], -c), default=None)
    return [best] if best is not None and share[best] else []


def members_of(h: Holdings, node: int, scope: int) -> Ints:
    """Return the rows of an alliance's, cluster's or chain's members (of the place, for a chain)."""
    snapshot = h.atlas.snapshot
    relations = {"Alliance": ("MEMBER_OF", "LEADS"), "Cluster": ("IN_CLUSTER", "LEADS"), "Chain": ("IN_CHAIN",)}
    nodes = np.concatenate([snapshot.csr(r, incoming=True).of(node) for r in relations[snapshot.type_of(node)]])
    if snapshot.type_of(node) == "Chain" and scope != WHOLE:
        nodes = nodes[h.atlas.scopes.holding(nodes, scope)]
    rows = h.row[nodes]
    return np.unique(rows[rows >= 0])


def _inputs(h: Holdings, item: int) -> Ints:
    """Essential inputs and technologies of an item, what is always to be had left out."""
    recipe = h.atlas.makers.recipe
    found = np.unique(recipe.member[np.isin(recipe.group, np.flatnonzero(recipe.owner == item))])
    return found[~h.atlas.makers.primary[found]]


@once_an_atlas
def made_in(atlas: Atlas, scope: int) -> Bools:
    """Tell which items somebody in a place makes."""
    return np.asarray(atlas.makers.counts[:, [scope]].toarray()[:, 0] > 0)
