"""Secondary figures of the input graph: betweenness, k-core, articulation points.

They follow paths and know nothing of AND and OR, so they say neither what is lost with a link
nor what is not: on the recipe T ← A and B, with two makers of A and one of B, articulation
points name A, B and T alike. Shown beside the exact figures, never instead of them.
"""

from __future__ import annotations

from typing import Any

from ...graph.columns.arrays import Ints, positions
from ...graph.schema.errors import QueryError
from ...graph.schema.words import sentence
from ..atlas.atlas import Atlas
from ..atlas.result import Result, Row
from ..atlas.scopes import WHOLE
from ..verdicts.explanation import evidence

COLUMNS = ("link", "betweenness", "core", "articulation")


def secondary(atlas: Atlas, items: Ints) -> Result:
    """Return betweenness, k-core and articulation of links in their input graph.

    Raises
    ------
    QueryError
        The library rustworkx is not installed.
    """
    try:
        import rustworkx as rx
    except ImportError:
        raise QueryError("secondary_library") from None
    recipe = atlas.makers.recipe
    place = positions(items, recipe.n)
    a, b = place[recipe.member], place[recipe.user]
    keep = (a >= 0) & (b >= 0)
    edges = sorted(set(zip(a[keep].tolist(), b[keep].tolist(), strict=True)))
    graph = rx.PyDiGraph()
    graph.add_nodes_from(range(len(items)))
    graph.add_edges_from_no_data(edges)
    between = rx.digraph_betweenness_centrality(graph)
    flat = graph.to_undirected(multigraph=False)
    core: Any = rx.core_number(flat)  # a dictionary by node, whatever its stubs say
    articulation: set[int] = rx.articulation_points(flat)
    rows: list[Row] = [
        {"link": atlas.snapshot.name(atlas.makers.node(int(item))), "betweenness": round(float(between[at]), 4),
         "core": int(core[at]), "articulation": at in articulation, "_item": int(item)}
        for at, item in enumerate(items)
    ]  # fmt: skip
    rows.sort(key=lambda r: (-r["betweenness"], r["link"]))
    notes = (sentence("note_secondary"),)
    return Result(COLUMNS, rows, notes, lambda at: evidence(atlas, "", rows[at]["_item"], WHOLE))
