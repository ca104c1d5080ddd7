"""Worlds: one scope as it is known, between "no unknown link is there" and "all of them are".

Availability is monotone, so what holds in both worlds holds whatever the unknown links are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...graph.columns.arrays import Bools, Ints
from ..atlas.atlas import Atlas
from ..atlas.availability import available, column_of
from ..atlas.scopes import WHOLE
from .scenarios import World


@dataclass(frozen=True)
class Scoped:
    """Who makes what in one scope, and the two worlds that bound what is unknown.

    ``item`` and ``maker`` are pairs; ``unknown`` marks items that somebody unseen may make: κ is below
    the floor, somebody's words may include the item, or it is made but the list is not firm (methods §1,
    "Certain losses need a complete list").
    """

    item: Ints
    maker: Ints
    unknown: Bools
    present: World
    absent: World


def scoped(atlas: Atlas, scope: int, *, among: str | None, external: str) -> Scoped:
    """Return one scope with unknown links taken as present, and as absent."""
    made = atlas.makers
    pairs = made.makes.tocoo()
    item, maker = pairs.row.astype(np.int64), pairs.col.astype(np.int64)
    if scope != WHOLE:
        here = atlas.scopes.holding(np.arange(atlas.snapshot.n), scope)[maker]
        item, maker = item[here], maker[here]
    own = np.zeros(made.n, bool)
    own[item] = True
    unknown = column_of(atlas.unknown_bits(among), scope)
    # Of a link that is made, nobody else may be said to make it for certain but on firm ground with nobody possible.
    firm = column_of(atlas.firm_bits(), scope) & (made.hints[:, [scope]].toarray()[:, 0] == 0)
    unseen = unknown | (own & ~firm)
    outside = column_of(atlas.external_bits(external), scope)
    return Scoped(item, maker, unseen, World(made.recipe, own | unknown, outside),
                  World(made.recipe, own, outside))  # fmt: skip


def stands(world: World) -> Bools:
    """Return what is available in a world, from outside included, shape (items,)."""
    one = np.uint64(1)
    own, outside = (np.where(f, one, np.uint64(0))[:, None] for f in (world.own, world.outside))
    found: Bools = (available(world.recipe, own, outside)[:, 0] > 0) | world.outside
    return found
