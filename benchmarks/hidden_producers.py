"""Hidden producers: hide every maker of some links, ask for partners, see whether the hidden firms come back.

    python benchmarks/hidden_producers.py [--data shandong|chainkg] [--links 40]

Prints one JSON object. hit10: share of links with a hidden maker among the ten firms proposed; recall10: share of
the hidden makers; both for popularity too (firms by number of products, among all firms; and among those the gate
lets through, which says how much the gate alone does). Beyond
accuracy: coverage (share of all firms that are ever proposed), most_proposed_10 (share of proposals that go to the ten
firms proposed most often), most_products_10 (to the ten firms of most products), median_km to the nearest hidden maker.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from measuring import HERE, SHARED

import chainatlas as ca
from chainatlas.graph.columns.canonical import flat
from chainatlas.graph.columns.tables import Graph
from chainatlas.graph.workspace.snapshot import Snapshot
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.atlas.scopes import WHOLE, distances_km
from chainatlas.queries.partners.gate import gate
from chainatlas.queries.partners.holdings import Holdings, holdings
from chainatlas.queries.partners.needs import link_need
from chainatlas.queries.partners.ranking import rank

Ints = npt.NDArray[np.int64]
TOP = 10


def without(graph: Graph, relation: str, gone: npt.NDArray[np.bool_]) -> Graph:
    """Return a graph that lacks some relations, and the claims behind them."""
    keep = ~gone
    number = np.cumsum(keep) - 1
    claims = graph.relation_claims[relation]
    of = flat(claims["of"]).to_numpy()
    left = claims.filter(pa.array(keep[of]))
    at = left.column_names.index("of")
    left = left.set_column(at, left.schema.field("of"), pa.array(number[of[keep[of]]], left.schema.field("of").type))
    return Graph(graph.nodes, graph.relations | {relation: graph.relations[relation].filter(pa.array(keep))},
                 graph.node_claims, graph.relation_claims | {relation: left}, graph.statements)  # fmt: skip


def hidden_links(atlas: Atlas, many: int, seed: int = 0) -> Ints:
    """Draw links that somebody makes: of the chains, or of all products where there are no chains.

    Each of their makers makes something else as well, else nothing in the data could tell of it.
    """
    h = holdings(atlas)
    items = np.array(sorted({i for m in atlas.chain_members.values() for i, _, _ in m}) or range(atlas.makers.n))
    items = items[items < len(atlas.makers.base[0])]
    rows = [h.held.indices[h.held.indptr[i] : h.held.indptr[i + 1]] for i in items.tolist()]
    fine = [1 <= len(r) <= 10 and bool((h.many[r] > 1).all()) for r in rows]
    return np.sort(np.random.default_rng(seed).permutation(items[fine])[:many])


def measure(atlas: Atlas, many: int, weights: str = "auto", each: int = 20) -> dict[str, Any]:
    """Hide all makers of ``each`` links at a time and rank the firms for each of these links."""
    items = hidden_links(atlas, many)
    ours: list[npt.NDArray[np.bool_]] = []
    popular: list[npt.NDArray[np.bool_]] = []
    gated: list[npt.NDArray[np.bool_]] = []
    lists: list[Ints] = []
    eligible: list[int] = []
    km: list[float] = []
    for start in range(0, len(items), each):
        some = items[start : start + each]
        h, hidden = _hidden(atlas, some)
        for item in some.tolist():
            need = link_need(h, item, WHOLE)
            found = rank(h, need, ("enterprise",), weights=weights)
            pool = np.sort(gate(h, need, ("enterprise",)).able.row)
            best = h.node[found.row[:TOP]]
            ours.append(np.isin(hidden[item], best))
            popular.append(np.isin(hidden[item], _giants(h, np.flatnonzero(h.active & (h.kind == 0)))))
            gated.append(np.isin(hidden[item], _giants(h, pool)))
            lists.append(best)
            eligible.append(len(pool))
            km += _kilometres(h, best, hidden[item])
    both = {"": ours, "_popularity": popular, "_popularity_gated": gated}
    hits = {f"hit10{k}": round(float(np.mean([f.any() for f in v])), 4) for k, v in both.items()}
    recall = {f"recall10{k}": round(float(np.concatenate(v).mean()), 4) for k, v in both.items()}
    return {**hits, **recall, "hidden": int(sum(map(len, ours))), "links": len(items),
            "eligible": round(float(np.mean(eligible)), 1), "weights": found.weights.source,
            "median_km": round(float(np.median(km)), 1) if km else None, **_variety(h, lists)}  # fmt: skip


def _giants(h: Holdings, rows: Ints) -> Ints:
    """Of some firms those of most products."""
    found: Ints = h.node[rows[np.lexsort((rows, -h.many[rows]))[:TOP]]]
    return found


def _hidden(atlas: Atlas, items: Ints) -> tuple[Holdings, dict[int, Ints]]:
    """Return the holdings without the facts that somebody makes these items or kinds of them, and those firms."""
    full = holdings(atlas)
    src, dst = atlas.snapshot.edges("PRODUCES")
    number = atlas.makers.items(dst)
    gone = np.zeros(len(src), bool)
    firms: dict[int, Ints] = {}
    for item in items.tolist():
        mine = np.isin(number, np.r_[item, full.kin(item)[0]])
        gone |= mine
        firms[item] = np.unique(src[mine])
    graph = without(atlas.snapshot.graph, "PRODUCES", gone)
    return holdings(Atlas(Snapshot(graph, atlas.snapshot.schema), atlas.floor)), firms


def _kilometres(h: Holdings, proposed: Ints, makers: Ints) -> list[float]:
    """Distance of each firm proposed to the nearest firm that was hidden."""
    points = h.point[h.row[makers]]
    found = []
    for row in h.row[proposed]:
        here = float(h.point[row, 0]), float(h.point[row, 1])
        away = distances_km(here, points)
        if not np.isnan(away).all():
            found.append(float(np.nanmin(away)))
    return found


def _variety(h: Holdings, lists: list[Ints]) -> dict[str, Any]:
    """Beyond accuracy: how many firms are ever proposed, and how much goes to the same few."""
    shown = np.concatenate(lists)
    firms, times = np.unique(shown, return_counts=True)
    giants = h.node[np.lexsort((np.arange(len(h.node)), -h.many))[:TOP]]
    return {"coverage": round(len(firms) / max(1, int((h.kind == 0).sum())), 4),
            "most_proposed_10": round(float(np.sort(times)[-TOP:].sum() / len(shown)), 4),
            "most_products_10": round(float(np.isin(shown, giants).mean()), 4)}  # fmt: skip


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", choices=("shandong", "chainkg"), default="shandong")
    parser.add_argument("--links", type=int, default=40)
    parser.add_argument("--weights", default="auto", choices=("auto", "stated"))
    asked = parser.parse_args()
    data = HERE.parent / "data" / "shandong" if asked.data == "shandong" else SHARED / "chainkg"
    with tempfile.TemporaryDirectory(prefix="chainatlas-bench-") as folder:
        ca.load(Path(folder) / "w", [data], max_rejects=1.0)
        found = measure(ca.open(Path(folder) / "w"), asked.links, asked.weights)
    print(json.dumps({"data": asked.data, **found}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
