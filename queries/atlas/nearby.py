"""Nearby: where makers stand, and which of them are nearest to a place."""

from __future__ import annotations

import numpy as np

from ...graph.columns.arrays import Bools, Floats, Ints, row_of
from ...graph.schema.words import Said, sentence
from .atlas import Atlas, once_an_atlas
from .chain_links import local_makers
from .scopes import WHOLE, distances_km, division_points

_FAR = 1e6  # km: after every place on earth, before whoever is left out


Place = tuple[int, str | None, float | None]  # node, where it stands, km
Places = tuple[Ints, Ints, Floats, Bools]  # as ``maker_places`` returns them


def nearest(atlas: Atlas, item: int, scope: int, limit: int, *, possible: bool = False) -> list[Place]:
    """Return makers outside a scope as (node, place, km), nearest first; unknown distance last.

    Parameters
    ----------
    possible
        Possible makers instead of makers.
    """
    makers, regions, _, _ = (possible_places if possible else maker_places)(atlas, item)
    ((first, km),) = nearest_of(atlas, item, np.array([scope]), limit, possible=possible)
    names = [atlas.snapshot.name(int(r)) if r >= 0 else None for r in regions[first]]
    return [(int(makers[at]), name, None if np.isnan(far) else float(far))
            for at, name, far in zip(first, names, km, strict=True)]  # fmt: skip


def nearest_of(
    atlas: Atlas, item: int, scopes: Ints, limit: int, *, possible: bool = False
) -> list[tuple[Ints, Floats]]:
    """Return for each scope makers outside it, as positions in `maker_places` with km, nearest first."""
    makers, _, points, held = (possible_places if possible else maker_places)(atlas, item)
    if not len(makers):
        return [(np.zeros(0, np.int64), np.zeros(0))] * len(scopes)
    km = _distances([scope_points(atlas, scope) for scope in scopes.tolist()], points)
    inside = held[:, scopes].T & (scopes != WHOLE)[:, None]
    # Makers stand in the order of their nodes, so equal distances stay in it.
    order = np.argsort(np.where(inside, np.inf, np.where(np.isnan(km), _FAR, km)), axis=1, kind="stable")[:, :limit]
    taken = ((at, row[at]) for row, at in zip(km, order, strict=True))
    return [(at[~gone[at]], far[~gone[at]]) for (at, far), gone in zip(taken, inside, strict=True)]


def _distances(here: list[Floats], points: Floats) -> Floats:
    """Return how far each point is from the nearest point of each scope, NaN where that is not known."""
    first = np.array([at[0] if len(at) else (np.nan, np.nan) for at in here], float).reshape(-1, 2)
    km = distances_km(first[:, None], points)
    for row, at in enumerate(here):
        for further in at[1:]:
            km[row] = np.fmin(km[row], distances_km(further, points))
    return km


@once_an_atlas
def maker_places(atlas: Atlas, item: int) -> Places:
    """Return the makers of an item: nodes, finest region of each (−1 none), (longitude, latitude), scopes it is in."""
    return _places(atlas, local_makers(atlas, item, WHOLE))


@once_an_atlas
def possible_places(atlas: Atlas, item: int) -> Places:
    """Return the same of the possible makers of an item."""
    return _places(atlas, np.sort(row_of(atlas.makers.hinted, item)).astype(np.int64))


def _places(atlas: Atlas, makers: Ints) -> Places:
    regions = [home(atlas, int(m)) for m in makers]
    points = [atlas.point_of(r) if r is not None else None for r in regions]
    return (
        makers,
        np.array([-1 if r is None else r for r in regions], np.int64),
        np.array([p or (np.nan, np.nan) for p in points], float).reshape(-1, 2),
        atlas.scopes.members[makers].toarray() > 0,
    )


def scope_point(atlas: Atlas, scope: int) -> tuple[float, float] | None:
    """Return the coordinates of a place or of a cluster's place."""
    node = int(atlas.scopes.node[scope])
    if node < 0:
        return None
    if atlas.snapshot.type_of(node) == "Region":
        return atlas.point_of(node)
    region = home(atlas, node)
    return atlas.point_of(region) if region is not None else None


@once_an_atlas
def scope_points(atlas: Atlas, scope: int) -> Floats:
    """Return (longitude, latitude) of a scope; of a province or a policy region without any, those of its cities.

    Of a province all cities count, those of which nothing is loaded, too: it is as near as its nearest city.
    """
    alone = scope_point(atlas, scope)
    where = atlas.scopes
    if alone is not None or where.kind(scope) not in ("province", "zone"):
        return np.array([alone] if alone is not None else [], float).reshape(-1, 2)
    inside = np.flatnonzero(where.inside[:, [scope]].toarray()[:, 0])
    cities = [int(where.node[s]) for s in inside.tolist() if where.kind(s) == "city"]
    points = {str(atlas.snapshot.value(city, "code") or city): atlas.point_of(city) for city in cities}
    own = str(atlas.snapshot.value(int(where.node[scope]), "code") or "")
    if where.kind(scope) == "province" and len(own) == 6:
        inside_too = {c: p for c, p in division_points().items() if c[:2] == own[:2] and c != own}
        points = dict(sorted((inside_too | points).items()))
    return np.array([p for p in points.values() if p is not None], float).reshape(-1, 2)


def home(atlas: Atlas, node: int) -> int | None:
    """Return the finest region that a node stands in."""
    members, where = atlas.scopes.members, atlas.scopes
    held = row_of(members, node).tolist()
    regions = [s for s in held if s != WHOLE and where.kind(s) in ("county", "city", "province", "country")]
    if not regions:
        return None
    return int(where.node[max(regions, key=lambda s: (int(where.rank[s]), -s))])


def home_name(atlas: Atlas, node: int) -> str | None:
    """Return the name of the finest region that a node stands in."""
    region = home(atlas, node)
    return None if region is None else atlas.snapshot.name(region)


def elsewhere(atlas: Atlas, item: int, scope: int, limit: int) -> list[str | Said]:
    """Return makers outside a scope as people read them, nearest first; where nobody is known, possible makers."""
    known = nearest(atlas, item, scope, limit)
    if known:
        return [near_text(atlas, *place) for place in known]
    may = nearest(atlas, item, scope, limit, possible=True)
    return [sentence("near_possible", maker=near_text(atlas, *place)) for place in may]


def near_text(atlas: Atlas, maker: int, place: str | None, km: float | None) -> str:
    """Return one of ``nearest`` as people read it: name（place，distance）."""
    where = "，".join(p for p in (place, f"{km:.0f} km" if km is not None else None) if p)
    name = atlas.snapshot.name(maker)
    return f"{name}（{where}）" if where else name
