"""Shape of a chain: length, thickness, continuity (methods §1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...graph.columns.arrays import Ints, positions
from ...graph.columns.walks import components, depths
from ..atlas.atlas import Atlas
from ..atlas.chain_links import ChainLinks
from ..verdicts.verdicts import Verdicts


@dataclass(frozen=True)
class Shape:
    """Length in steps, mean effective number of producers, share of inputs with both ends."""

    length: int
    thickness: float
    by_output: int
    continuity: float
    inputs: int


def shape(atlas: Atlas, links: ChainLinks, found: Verdicts, column: int = 0) -> Shape:
    """Return length, thickness and continuity of a chain in one scope of its verdicts."""
    product = links.items < len(atlas.makers.base[0])
    n = found.producers[:, column]
    hhi = found.hhi[:, column]
    made = product & (n > 0)
    effective = np.where(np.isnan(hhi), n, 1 / np.where(np.isnan(hhi), 1, hhi))
    a, b, _ = inner_inputs(atlas, links)
    there = (n > 0) | atlas.makers.primary[links.items]
    both_ends = there[a] & there[b]
    return Shape(
        longest_path(a, b, len(links.items)),
        float(effective[made].mean()) if made.any() else float("nan"), int((made & ~np.isnan(hhi)).sum()),
        float(both_ends.mean()) if len(a) else float("nan"), len(a),
    )  # fmt: skip


def inner_inputs(atlas: Atlas, links: ChainLinks) -> tuple[Ints, Ints, Ints]:
    """Return the INPUT_OF edges between links of a chain: positions in ``links.items``, rows of the relation."""
    position = positions(links.items, atlas.makers.n + 1)  # item −1 is none
    src, dst = (position[atlas.makers.items(e)] for e in atlas.snapshot.edges("INPUT_OF"))
    rows = np.flatnonzero((src >= 0) & (dst >= 0))
    # One edge a pair: an input that stands in two groups of a product is one step of the chain.
    _, first = np.unique(src[rows] * (len(links.items) + 1) + dst[rows], return_index=True)
    rows = rows[np.sort(first)]
    return src[rows], dst[rows], rows


def longest_path(a: Ints, b: Ints, n: int) -> int:
    """Return the number of steps of the longest path of a graph whose cycles are drawn together.

    Examples
    --------
    >>> longest_path(np.array([0, 1, 2]), np.array([1, 2, 1]), 3)  # 0 → {1 ⇄ 2}
    1
    """
    if not len(a):
        return 0
    return int(depths(a, b, components(a, b, n, strong=True)).max())
