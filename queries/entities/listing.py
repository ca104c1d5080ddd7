"""Listing: the lists that departments file, of enterprises, platforms, projects, clusters and other resources."""

from __future__ import annotations

import numpy as np

from ...graph.columns.arrays import Bools, row_of
from ...graph.columns.text import LIST_SEPARATOR
from ...graph.schema.errors import QueryError
from ...graph.schema.words import Said, Word, sentence
from ..atlas.atlas import Atlas
from ..atlas.chain_links import ChainLinks, chain_links, chain_names, find_chain
from ..atlas.membership import cluster_chains, cluster_field, field
from ..atlas.nearby import home_name
from ..atlas.result import Result, Row
from ..atlas.scopes import WHOLE
from ..atlas.tracing import node_facts, told
from ..resources.serving import KINDS, Serving, headers, serving

LISTED = ("enterprises", *KINDS, "clusters")
COLUMNS = ("name", "kinds", "place", "serves", "sources")
_KIND_PROPS = ("kind", "kinds", "level", "type", "stage", "field")


def listing(
    atlas: Atlas, of: str, *, chain: str | None = None, place: str | None = None, cluster: str | None = None
) -> Result:
    """List what is loaded of one kind for a chain, a place or a cluster.

    Parameters
    ----------
    of
        ``enterprises``, ``clusters``, or a kind of resource: ``platforms``, ``alliances``, ``funds``, ``services``,
        ``teams``, ``patents``, ``projects``.

    Returns
    -------
    Result
        ``name kinds place serves sources``; ``serves`` are links that an enterprise makes, else chains that
        are served (directly, or through a link or technology of theirs).

    Raises
    ------
    QueryError
        No such kind, chain, place or cluster.
    """
    if of not in LISTED:
        raise QueryError("option_value", option="--of", value=of, known="、".join(LISTED))
    if of == "enterprises":
        found = _enterprises(atlas, chain, place, cluster)
    elif of == "clusters":
        found = _clusters(atlas, chain, place)
    else:
        found = _resources(atlas, of, chain, place, cluster)
    rows: list[Row] = []
    for node, serves in sorted(found.items(), key=lambda f: atlas.snapshot.key(f[0])):
        facts = node_facts(atlas.snapshot, node)
        sources = list(dict.fromkeys(f.source for f in facts if f.source))
        rows.append({"name": atlas.snapshot.name(node), "kinds": _kinds(atlas, node), "place": home_name(atlas, node),
                     "serves": serves, "sources": sources, "_node": node})  # fmt: skip
    notes = (sentence("note_listing", n=len(rows)) if rows else _what_to_load(atlas, of),)
    return Result(COLUMNS, rows, notes, lambda at: told(node_facts(atlas.snapshot, rows[at]["_node"])))


def _what_to_load(atlas: Atlas, of: str) -> Said:
    if of == "enterprises":
        return sentence("load_makers")
    kind = KINDS.get(of, "Cluster")
    label = Word("resource", of) if of in KINDS else atlas.snapshot.schema.nodes[kind].label
    number = len(atlas.snapshot.ids(kind))
    code = "load_here" if number else "load_resource"
    return sentence(code, kind=label, n=number, **headers(atlas.snapshot, kind))


def _enterprises(atlas: Atlas, chain: str | None, place: str | None, cluster: str | None) -> dict[int, list[str]]:
    """Enterprises with the links that they make; without chain, place and cluster all that are loaded."""
    if chain is None and place is None and cluster is None:
        items = np.unique(np.concatenate([np.zeros(0, np.int64), *(chain_links(atlas, n).items
                                                                   for n in chain_names(atlas))]))  # fmt: skip
        ids = atlas.snapshot.ids("Enterprise")
        firms = np.arange(ids.start, ids.stop)
    else:
        where = field(atlas, chain=chain, place=place, cluster=cluster)
        firms, items = where.firms, where.items
    made = atlas.makers.makes[items][:, firms].tocsc()
    names = atlas.snapshot.names(np.array([atlas.makers.node(int(i)) for i in items], np.int64))
    return {int(firm): [names[i] for i in np.sort(row_of(made, n))]
            for n, firm in enumerate(firms)}  # fmt: skip


def _clusters(atlas: Atlas, chain: str | None, place: str | None) -> dict[int, list[str]]:
    ids = atlas.snapshot.ids("Cluster")
    nodes = np.arange(ids.start, ids.stop)
    scope = atlas.scopes.find(place)
    nodes = nodes if scope == WHOLE else nodes[atlas.scopes.holding(nodes, scope)]
    wanted = None if chain is None else find_chain(atlas, chain).node
    found = {int(n): cluster_chains(atlas, int(n)) for n in nodes}
    return {n: [atlas.snapshot.name(c) for c in chains] for n, chains in found.items()
            if wanted is None or wanted in chains}  # fmt: skip


def _resources(
    atlas: Atlas, of: str, chain: str | None, place: str | None, cluster: str | None
) -> dict[int, list[str]]:
    """Resources that stand in the place, or serve the chain or cluster, with the chains that they serve."""
    found = serving(atlas, of)
    chains = {n: _served(found, chain_links(atlas, n)) for n in chain_names(atlas)}
    keep = found.local(atlas.scopes.find(place))
    if chain is not None:
        keep &= _served(found, find_chain(atlas, chain))
    if cluster is not None:
        node = atlas.snapshot.find(cluster, ("Cluster",))
        served = found.of_chain[[node, *cluster_chains(atlas, node)]].toarray().any(axis=0)
        keep &= served | found.local(cluster_field(atlas, node).scope)
    return {found.ids.start + int(at): [atlas.snapshot.name(n) for n, hits in chains.items() if hits[at]]
            for at in np.flatnonzero(keep)}  # fmt: skip


def _served(found: Serving, links: ChainLinks) -> Bools:
    """Tell which resources serve a link of a chain, or the chain itself."""
    hits: Bools = np.any(found.best(links.items, links.node) >= 0, axis=0)
    return hits


def _kinds(atlas: Atlas, node: int) -> list[str]:
    props = atlas.snapshot.schema.nodes[atlas.snapshot.type_of(node)].props
    values = [atlas.snapshot.value(node, name) for name in _KIND_PROPS if name in props]
    return [part for value in values if isinstance(value, str) for part in value.split(LIST_SEPARATOR) if part]
