"""Scores of links that are not there, on a sparse 0/1 matrix: common neighbours and paths of length three."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from chainatlas.graph.columns.arrays import Floats, cells_of, row_of


class LinkScores(NamedTuple):
    """Scores of one node towards all nodes, each of shape (nodes,)."""

    adamic_adar: Floats
    resource_allocation: Floats
    jaccard: Floats
    l3: Floats


def link_scores(graph: csr_array, node: int, *, paths: bool = True) -> LinkScores:
    """Return the classical link scores of a node in an undirected graph.

    Adamic–Adar Σ 1/ln k_z and resource allocation Σ 1/k_z over common neighbours z (Adamic & Adar
    2003, Zhou et al. 2009), Jaccard |∩|/|∪|, and L3 Σ a_xu a_uv a_vy/√(k_u k_v) (Kovács et al. 2019).

    Parameters
    ----------
    graph
        Symmetric, 0/1, without self loops, shape (nodes, nodes).
    paths
        Compute L3 as well; zeros otherwise.
    """
    n, indptr = graph.shape[0], graph.indptr
    mine = row_of(graph, node)
    size = indptr[mine + 1] - indptr[mine]
    k = size.astype(float)
    far = graph.indices[cells_of(graph, mine)]  # ends of all paths of two links
    # Only nodes that a path reaches are touched: degrees of all the others are of no use.
    logarithm = np.where(k > 1, 1 / np.log(np.maximum(k, 2)), 0.0)
    adamic, allocation, common, root = (
        np.bincount(far, np.repeat(w, size), n).astype(float, copy=False) for w in (
        logarithm, 1 / np.maximum(k, 1), np.ones_like(k), 1 / np.sqrt(np.maximum(k, 1))))  # fmt: skip
    reached = np.flatnonzero(common)
    degree = (indptr[reached + 1] - indptr[reached]).astype(float)
    jaccard, second = np.zeros(n), np.zeros(n)
    jaccard[reached] = common[reached] / np.maximum(degree + len(mine) - common[reached], 1)
    second[reached] = root[reached] / np.sqrt(np.maximum(degree, 1))
    second[node] = 0  # a way back through the node itself is no evidence
    return LinkScores(adamic, allocation, jaccard, _walk(graph, second) if paths else np.zeros(n))


def _walk(graph: csr_array, start: Floats) -> Floats:
    """Return aᵀx, touching only the rows where x is not 0."""
    rows = np.flatnonzero(start)
    values = np.repeat(start[rows], graph.indptr[rows + 1] - graph.indptr[rows])
    return np.bincount(graph.indices[cells_of(graph, rows)], weights=values, minlength=graph.shape[1]).astype(float)
