"""Partner questions on the ChainKnowledgeGraph: one link's candidates, against networkx link prediction.

    python benchmarks/partner_questions.py

Ours: the first answer after the snapshot is opened (holdings built, weights learned), then the median over links
drawn by seed; and the link scores of one node towards all nodes. Baseline: networkx's Adamic–Adar, resource
allocation and Jaccard of the same nodes towards all nodes, which is what its link prediction offers.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from measuring import SHARED, CannotRun, Row, script, turns

LINKS, NODES = 40, 12


def _workspace(work: Path) -> Path:
    if not (SHARED / "chainkg").is_dir():
        raise CannotRun("needs ../shared/data/chainkg")
    if not (work / "w" / "workspace.json").is_file():
        from chainatlas.loaders.load import load

        load(work / "w", [SHARED / "chainkg"], max_rejects=1.0)
    return work / "w"


def ours(work: Path) -> dict[str, Any]:
    """Answer questions: first, then the median of many."""
    import chainatlas as ca
    from chainatlas.queries.partners.holdings import holdings
    from chainatlas.queries.partners.needs import link_need
    from chainatlas.queries.partners.partners import partners
    from chainatlas.queries.partners.ranking import rank

    atlas = ca.open(work / "w")
    atlas.makers  # noqa: B018 - the snapshot, as every question needs it
    drawn = _links(atlas)
    start, cpu = time.perf_counter(), time.process_time()
    partners(atlas, atlas.snapshot.key(atlas.makers.node(int(drawn[0]))))
    first, first_cpu = time.perf_counter() - start, time.process_time() - cpu
    h = holdings(atlas)
    took, cpus = [], []
    for item in drawn[1:].tolist():
        start, cpu = time.perf_counter(), time.process_time()
        rank(h, link_need(h, int(item), 0), ("enterprise",))
        took.append(time.perf_counter() - start)
        cpus.append(time.process_time() - cpu)
    return {"first": first, "first_cpu": first_cpu, "median": float(np.median(took)), "cpu": float(np.median(cpus)),
            "slowest": max(took), "nodes": atlas.snapshot.n}  # fmt: skip


def _links(atlas: Any) -> Any:
    fine = np.flatnonzero(atlas.makers.total >= 2)
    return np.random.default_rng(0).permutation(fine)[:LINKS]


def _graph(work: Path) -> Any:
    """All relations as one symmetric 0/1 matrix."""
    from scipy.sparse import coo_array

    import chainatlas as ca

    snapshot = ca.open(work / "w").snapshot
    ends = [snapshot.edges(r) for r in snapshot.graph.relations]
    a, b = (np.concatenate([e[side] for e in ends]) for side in (0, 1))
    keep = a != b
    a, b = np.r_[a[keep], b[keep]], np.r_[b[keep], a[keep]]
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(snapshot.n, snapshot.n)).tocsr()
    graph.data[:] = 1
    many = np.flatnonzero(np.diff(graph.indptr) >= 3)
    return graph, np.random.default_rng(0).permutation(many)[:NODES]


def scores(work: Path) -> dict[str, Any]:
    """The three scores that networkx has, of some nodes towards all nodes."""
    from recovery.similarity import link_scores

    graph, nodes = _graph(work)
    link_scores(graph, int(nodes[0]), paths=False)
    start, cpu = time.perf_counter(), time.process_time()
    for node in nodes.tolist():
        link_scores(graph, node, paths=False)
    return {"each": (time.perf_counter() - start) / len(nodes), "cpu": (time.process_time() - cpu) / len(nodes)}


def networkx(work: Path) -> dict[str, Any]:
    """The same by networkx, on two of the nodes."""
    import networkx as nx

    matrix, nodes = _graph(work)
    graph = nx.from_scipy_sparse_array(matrix)
    start, cpu = time.perf_counter(), time.process_time()
    for node in nodes[:2].tolist():
        pairs = [(node, other) for other in graph if other != node]
        for index in (nx.adamic_adar_index, nx.resource_allocation_index, nx.jaccard_coefficient):
            for _ in index(graph, pairs):
                pass
    return {"each": (time.perf_counter() - start) / 2, "cpu": (time.process_time() - cpu) / 2}


PARTS = {"ours": ours, "scores": scores, "networkx": networkx}


def compare(rounds: int = 2) -> list[Row]:
    """Measure by turns; return the rows of the table."""
    with tempfile.TemporaryDirectory(prefix="chainatlas-bench-") as folder:
        work = Path(folder)
        _workspace(work)
        found = turns("partner_questions.py", tuple(PARTS), work, rounds)
    mine, fast, slow = found["ours"], found["scores"], found["networkx"]
    note = (f"{mine['nodes']:,} nodes; processor time: first answer {mine['first_cpu']:.2f} s, median "
            f"{mine['cpu'] * 1000:.1f} ms; slowest {mine['slowest'] * 1000:.0f} ms")  # fmt: skip
    base = "networkx Adamic–Adar, RA, Jaccard to all nodes"
    return [
        Row("link scores, one node", base, slow["each"], fast["each"], 1000.0, cpu_ratio=slow["cpu"] / fast["cpu"]),
        Row("partner question, median", base, slow["each"], mine["median"], limit=0.015, note=note,
            cpu_ratio=slow["cpu"] / mine["cpu"]),
        Row("partner question, first answer", base, slow["each"], mine["first"], limit=2.0),
    ]  # fmt: skip


if __name__ == "__main__":
    script(PARTS, compare)
