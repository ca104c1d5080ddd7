"""Expand: 横向拓展, clusters and chains that share links or technologies; 纵向延伸, the next links up and down."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...graph.columns.arrays import Ints
from ...graph.schema.errors import QueryError
from ...graph.schema.words import Joined, sentence
from ..atlas.atlas import Atlas
from ..atlas.chain_links import chain_links, local_makers
from ..atlas.facts import Fact
from ..atlas.membership import cluster_chains, cluster_field
from ..atlas.result import Result, Row
from ..atlas.scopes import WHOLE
from ..atlas.tracing import relation_facts, rows_between, told
from ..verdicts.explanation import maker_facts
from ..verdicts.judge import STATUS
from ..verdicts.verdicts import verdicts

COLUMNS = ("direction", "name", "type", "place", "shared_links", "links", "shared_technologies", "technologies",
           "similarity", "next_to", "status", "producers", "makers", "reason")  # fmt: skip
_SHOWN, _NAMED = 5, 8


def expand(
    atlas: Atlas,
    name: str | None = None,
    *,
    chain: str | None = None,
    cluster: str | None = None,
    place: str | None = None,
    direction: str | None = None,
) -> Result:
    """Return where a cluster or chain can be widened and lengthened.

    Parameters
    ----------
    name
        A cluster or a chain.
    chain, cluster
        Instead of ``name``, where that could be either.
    place
        Where to look for who makes the next links; for a cluster the region that it stands in.
    direction
        ``horizontal``, ``up`` or ``down``; all when not given.

    Returns
    -------
    Result
        ``direction name type place shared_links links shared_technologies technologies
        similarity next_to status producers makers reason``. Horizontal rows are clusters (of a
        chain: chains) that share links or technologies: ``similarity`` is their number over
        that of all links and technologies of both (Jaccard). Rows up and down are products
        outside the chain that are an input or a use of its links ``next_to``, with their
        verdict in the place.
    """
    if direction not in (None, "horizontal", "up", "down"):
        raise QueryError("option_value", option="--direction", value=direction, known="horizontal、up、down")
    node = atlas.snapshot.subject(name, ("Cluster", "Chain"), Chain=chain, Cluster=cluster)
    items = _items(atlas, node)
    scope = atlas.scopes.find(place) if place is not None else _home(atlas, node)
    rows: list[Row] = []
    if direction in (None, "horizontal"):
        rows += _horizontal(atlas, node, items)
    vertical = _vertical(atlas, items, scope)
    rows += [r for r in vertical if direction in (None, r["direction"])]
    where = atlas.scopes.name(scope)
    notes = [sentence("note_expand", n=len(items), place=where or "—")]
    if not len(items):
        notes.append(sentence("note_expand_none"))
    labels = {"links": "link", "shared_links": "links_shared"}
    return Result(COLUMNS, rows, tuple(notes), lambda at: told(_evidence(atlas, node, rows[at], scope)), labels)


def _items(atlas: Atlas, node: int) -> Ints:
    """Links and technologies of a chain, or of a cluster: of its chains, and what its members make and master."""
    if atlas.snapshot.type_of(node) == "Chain":
        return np.unique(chain_links(atlas, node).items).astype(np.int64)
    found = [chain_links(atlas, c).items for c in cluster_chains(atlas, node)]
    where = cluster_field(atlas, node)
    if where.how == "members" and len(where.firms):
        made = atlas.makers.makes[:, where.firms]
        found.append(np.flatnonzero(np.asarray(made.sum(axis=1)).reshape(-1)))
    return np.unique(np.concatenate(found)).astype(np.int64) if found else np.zeros(0, np.int64)


def _home(atlas: Atlas, node: int) -> int:
    if atlas.snapshot.type_of(node) == "Chain":
        return WHOLE
    homes = [atlas.scopes.column[r] for r in atlas.snapshot.csr("LOCATED_IN").of(node).tolist()
             if r in atlas.scopes.column]  # fmt: skip
    return homes[0] if homes else WHOLE


def _horizontal(atlas: Atlas, node: int, items: Ints) -> list[Row]:
    """Clusters that share links or technologies; chains where no cluster holds anything."""
    snapshot, kind = atlas.snapshot, atlas.snapshot.type_of(node)
    rows: list[Row] = []
    for other in snapshot.ids(kind):
        if other == node:
            continue
        theirs = _items(atlas, other)
        shared = np.intersect1d(items, theirs)
        if not len(shared):
            continue
        technology = shared >= len(atlas.makers.base[0])
        names = [_names(atlas, shared[~technology]), _names(atlas, shared[technology])]
        rows.append({
            "direction": "horizontal", "name": snapshot.name(other), "type": kind, "place": _zone(atlas, other),
            "shared_links": len(names[0]), "links": names[0][:_NAMED], "shared_technologies": len(names[1]),
            "technologies": names[1][:_NAMED], "next_to": [], "status": None,
            "similarity": round(len(shared) / len(np.union1d(items, theirs)), 4),
            "producers": None, "makers": [], "_other": other, "_shared": shared.tolist(), "_rows": [],
            "reason": sentence("why_horizontal", links=len(names[0]), technologies=len(names[1])),
        })  # fmt: skip
    rows.sort(key=lambda r: (-r["similarity"], r["name"]))
    return rows


def _zone(atlas: Atlas, node: int) -> str | None:
    """Return the region that a cluster names, a policy region among them; the finest of several."""
    regions = [r for r in atlas.snapshot.csr("LOCATED_IN").of(node).tolist() if r in atlas.scopes.column]
    finest = max(regions, key=lambda r: (int(atlas.scopes.rank[atlas.scopes.column[r]]), -r), default=None)
    return None if finest is None else atlas.snapshot.name(finest)


def _names(atlas: Atlas, items: Ints) -> list[str]:
    return atlas.snapshot.names(np.array([atlas.makers.node(int(i)) for i in items], np.int64))


def _vertical(atlas: Atlas, items: Ints, scope: int) -> list[Row]:
    """Products outside the chain that are an input (up) or a use (down) of its links.

    What is made from a raw material that is always to be had is no use of the chain.
    """
    inside = np.zeros(atlas.makers.n + 1, bool)
    inside[items] = True
    src, dst = (atlas.makers.items(e) for e in atlas.snapshot.edges("INPUT_OF"))
    good = (src >= 0) & (dst >= 0)
    found: dict[tuple[str, int], list[int]] = {}
    bulk = np.append(atlas.makers.primary, False)
    for way, outer, inner in (("up", src, dst), ("down", dst, src)):
        for row in np.flatnonzero(good & inside[inner] & ~inside[outer] & ~(bulk[inner] & (way == "down"))).tolist():
            found.setdefault((way, int(outer[row])), []).append(row)
    others = np.unique([i for _, i in found]).astype(np.int64)
    if not len(others):
        return []
    judged = verdicts(atlas, others, np.array([scope]))
    place = {int(i): at for at, i in enumerate(others)}
    rows = [
        _next_row(atlas, way, item, edges, judged.status[place[item], 0], scope, (src, dst))
        for (way, item), edges in found.items()
    ]
    rows.sort(key=lambda r: (r["direction"] != "up", -len(r["next_to"]), r["name"]))
    return rows


def _next_row(
    atlas: Atlas, way: str, item: int, edges: list[int], status: int, scope: int, ends: tuple[Ints, Ints]
) -> Row:
    inner = np.unique(ends[1 if way == "up" else 0][edges])
    makers = local_makers(atlas, item, scope)
    next_to = _names(atlas, inner)
    reason = sentence(f"next_{way}", links=next_to)
    return {
        "direction": way, "name": atlas.snapshot.name(atlas.makers.node(item)), "type": "Product",
        "place": atlas.scopes.name(scope), "shared_links": None, "links": [], "shared_technologies": None,
        "technologies": [], "similarity": None, "next_to": next_to,
        "status": STATUS[status], "producers": len(makers), "makers": atlas.snapshot.names(makers[:_SHOWN]),
        "reason": Joined((reason, sentence("why_primary"))) if atlas.makers.primary[item] else reason,
        "_other": atlas.makers.node(item), "_shared": [item], "_rows": edges,
    }  # fmt: skip


def _evidence(atlas: Atlas, node: int, row: Row, scope: int) -> Iterator[Fact]:
    """Facts that both hold the shared links, or that the product is next to the chain and who makes it."""
    snapshot = atlas.snapshot
    yield from relation_facts(snapshot, "INPUT_OF", row["_rows"])
    if row["direction"] != "horizontal":
        for maker in local_makers(atlas, row["_shared"][0], scope).tolist():
            yield from maker_facts(atlas, maker, row["_shared"][0])
        return
    shared = [atlas.makers.node(i) for i in row["_shared"]]
    for one in (node, row["_other"]):
        chains = [one] if snapshot.type_of(one) == "Chain" else cluster_chains(atlas, one)
        yield from relation_facts(snapshot, "IN_CHAIN", rows_between(snapshot, "IN_CHAIN", [one], chains))
        yield from relation_facts(snapshot, "IN_CHAIN", rows_between(snapshot, "IN_CHAIN", shared, chains))
        held = [atlas.makers.node(int(i)) for c in chains for i in chain_links(atlas, c).items]
        required = rows_between(snapshot, "REQUIRES", held, shared)
        yield from relation_facts(snapshot, "REQUIRES", required)
        if snapshot.type_of(one) == "Cluster":
            for firm in cluster_field(atlas, one).firms.tolist() if not chains else ():
                for item in row["_shared"]:
                    yield from maker_facts(atlas, firm, item)
