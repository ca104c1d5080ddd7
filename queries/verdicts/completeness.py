"""Completeness of a chain: the share of its links that are made, and of end products that are to be had.

K = Σ[S ≠ ∅] / Σ1 over the product links; K_AO = share of end products whose whole recipe is to
be had, as an interval [certain, possible] (methods §1).
"""

from __future__ import annotations

import numpy as np

from ...graph.columns.arrays import Floats
from ..atlas.atlas import Atlas
from ..atlas.chain_links import ChainLinks
from .verdicts import Verdicts


def completeness(atlas: Atlas, links: ChainLinks, found: Verdicts) -> dict[str, Floats]:
    """Return K and K_AO (certain, possible) of a chain, one value a scope of ``found``."""
    made = found.producers > 0
    product = found.items < len(atlas.makers.base[0])
    ends = np.isin(found.items, links.ends)
    if not product.any():
        product = np.ones_like(product)
    none = np.full(len(found.scopes), np.nan)
    k = made[product].mean(axis=0) if len(product) else none  # a chain without links
    low = found.certain[ends].mean(axis=0) if ends.any() else none
    high = found.possible[ends].mean(axis=0) if ends.any() else none
    return {"K": k, "K_AO_certain": low, "K_AO_possible": high}
