"""What the page needs to judge a chain again when an enterprise comes or goes (试算落户).

The page recomputes statuses and availability by the rules of ``queries.verdicts``: it has counts,
κ, the floor, recipe and makers already; here stand the two things that verdicts do not show.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...graph.columns.arrays import Ints
from ...queries.atlas.atlas import Atlas
from ...queries.atlas.scopes import WHOLE, foreign_countries, home_country, provinces_of


def kinds_above(atlas: Atlas, link_of: Mapping[int, int]) -> list[list[int]]:
    """Return [link, link that it is a kind of], through any number of steps."""
    return [
        [link, link_of[above]]
        for item, link in link_of.items()
        for above in sorted(atlas.makers.kinds_above(item) - {item})
        if above in link_of
    ]


def elsewhere(
    atlas: Atlas, items: Ints, scopes: Ints, place_of: Mapping[int, int], makers: Ints,
) -> dict[str, Any]:  # fmt: skip
    """Return what tells a missing link's sub-kind.

    Returns
    -------
    dict
        ``total`` makers of each link anywhere, ``abroad`` of them outside the country, ``away`` which of
        ``makers`` (by position) stand there, ``seen``
        whether the data would show one anywhere; ``near`` makers of each link in the provinces of
        each place (a row a place, None where a place has none); ``provinces`` those of each place
        that the page shows.
    """
    made, where = atlas.makers, atlas.scopes
    counts = made.counts[items]
    nation, abroad = home_country(where), foreign_countries(where)
    kappa = atlas.kappa(items, None).included
    wide = [WHOLE] if nation is None else [WHOLE, nation]
    foreign = counts[:, abroad].toarray().sum(axis=1) if len(abroad) else np.zeros(len(items), np.int64)
    away = np.flatnonzero(np.asarray(where.members[makers][:, abroad].sum(axis=1)).reshape(-1)) if len(abroad) else ()
    near, holding = [], []
    for scope in scopes.tolist():
        provinces = provinces_of(where, scope)
        near.append([int(n) for n in counts[:, provinces].toarray().sum(axis=1)] if len(provinces) else None)
        holding.append([place_of[int(p)] for p in provinces if int(p) in place_of])
    pool: list[list[int] | None] = []
    at = []
    for row in near:
        if row not in pool:
            pool.append(row)
        at.append(pool.index(row))
    seen = np.asarray((kappa[:, wide] >= atlas.floor).any(axis=1))
    return {
        "total": [int(n) for n in made.total[items]], "abroad": [int(n) for n in foreign],
        "seen": [bool(s) for s in seen], "near": {"pool": pool, "at": at}, "provinces": holding,
        "away": [int(a) for a in away],
    }  # fmt: skip
