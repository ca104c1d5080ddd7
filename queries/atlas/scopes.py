"""Scopes: places and clusters as columns, and which makers stand in each.

Scope 0 is everything that is loaded; then all regions (a county lies in a city, a city in
a province; the policy's regions hold several), then all clusters.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

import numpy as np
from scipy.sparse import csc_array, csr_array, eye_array

from ...graph.columns.arrays import Bools, Floats, Ints, as_flags, incidence, row_of
from ...graph.columns.canonical import flat
from ...graph.columns.walks import passed_on
from ...graph.schema.errors import QueryError
from ...graph.workspace.snapshot import Snapshot

WHOLE = 0
MAKERS = ("Enterprise", "Institute", "Platform", "Team")
CLUSTER_RANK = 4
_RANK = {"国家": 0, "省": 1, "区域": 2, "市": 2, "县": 3, "cluster": CLUSTER_RANK, "whole": -1}
_LEVEL = {"国家": "country", "省": "province", "区域": "zone", "市": "city", "县": "county"}


@dataclass(frozen=True)
class Scopes:
    """Scopes of one snapshot.

    Attributes
    ----------
    node : int array, shape (scopes,)
        Node of each scope, −1 for everything.
    members : csr, shape (nodes, scopes)
        1 where a node stands in a scope, higher levels included.
    inside : csr, shape (scopes, scopes)
        1 where the first scope lies in the second (itself included).
    """

    snapshot: Snapshot
    node: Ints
    level: tuple[str, ...]
    members: csr_array
    inside: csr_array

    @property
    def n(self) -> int:
        """Number of scopes."""
        return len(self.node)

    @cached_property
    def column(self) -> dict[int, int]:
        """Scope of each region or cluster node."""
        return {int(node): at for at, node in enumerate(self.node) if node >= 0}

    @cached_property
    def rank(self) -> Ints:
        """How fine each scope is: country 0, province 1, city 2, county 3, cluster 4."""
        return np.array([_RANK.get(level, 2) for level in self.level], np.int64)

    @cached_property
    def _by_scope(self) -> csc_array:
        made = self.members.tocsc()
        made.sort_indices()
        return made

    def holding(self, nodes: Ints, scope: int) -> Bools:
        """Tell which nodes stand in a scope."""
        held = self._by_scope
        inside = row_of(held, scope)
        if not len(inside):
            return np.zeros(len(nodes), bool)
        found: Bools = inside[np.minimum(np.searchsorted(inside, nodes), len(inside) - 1)] == nodes
        return found

    def name(self, scope: int) -> str | None:
        """Return the name of a scope, None for everything."""
        return None if scope == WHOLE else self.snapshot.name(int(self.node[scope]))

    def kind(self, scope: int) -> str:
        """Return country, province, zone, city, county, cluster or whole."""
        level = self.level[scope]
        return _LEVEL.get(level, level if level in ("cluster", "whole") else "zone")

    def find(self, place: str | None = None, cluster: str | None = None) -> int:
        """Return the scope that a user names; everything when nothing is named."""
        if cluster is not None:
            return self.column[self.snapshot.find(cluster, ("Cluster",))]
        if place is None:
            return WHOLE
        return self.column[self.snapshot.find(place, ("Region",), "place_unknown")]

    def holders(self, scope: int) -> Ints:
        """Return the scopes that hold a scope, itself included."""
        return np.flatnonzero(self.inside[[scope]].toarray()[0])

    def ancestor(self, scope: int, level: str) -> int | None:
        """Return the holder of a scope at a level (省, 国家), if there is one."""
        found = [int(s) for s in self.holders(scope) if self.level[s] == level]
        return found[0] if found else None


def scopes(snapshot: Snapshot) -> Scopes:
    """Build the scopes of a snapshot."""
    regions, clusters = snapshot.ids("Region"), snapshot.ids("Cluster")
    node = np.r_[-1, np.arange(regions.start, regions.stop), np.arange(clusters.start, clusters.stop)]
    levels = flat(snapshot.column("Region", "level")).to_pylist()
    names = ("whole", *(level or "区域" for level in levels), *("cluster" for _ in clusters))
    n = snapshot.n
    column = np.full(n, -1, np.int64)
    column[node[1:]] = np.arange(1, len(node))  # scope 0 is no node
    inside = _inside(snapshot, column, len(node))
    direct = _direct(snapshot, column, len(node))
    members = as_flags((direct @ inside).tocsr())
    return Scopes(snapshot, node.astype(np.int64), names, members.astype(np.int32), inside)


def _inside(snapshot: Snapshot, column: Ints, width: int) -> csr_array:
    """Close PART_OF among regions, and put clusters into their regions; all lie in scope 0."""
    pairs = [snapshot.edges("PART_OF"), snapshot.edges("LOCATED_IN"), snapshot.edges("SUCCEEDED_BY")]
    src = np.concatenate([column[a] for a, _ in pairs])
    dst = np.concatenate([column[b] for _, b in pairs])
    every = np.arange(width)
    step = incidence(np.r_[src, every], np.r_[dst, np.full(width, WHOLE)], (width, width))
    return passed_on(step, eye_array(width, dtype=np.int32, format="csr"))


def _direct(snapshot: Snapshot, column: Ints, width: int) -> csr_array:
    """Nodes in the regions and clusters that rows name, through parks and hosts as well."""
    src, dst = snapshot.edges("LOCATED_IN")
    home = column[dst] >= 0
    rows, cols = [src[home]], [column[dst[home]]]
    parks = src[~home], dst[~home]
    if len(parks[0]):
        place = incidence(src[home], column[dst[home]], (snapshot.n, width))
        through = place[parks[1]].tocoo()
        rows.append(parks[0][through.row])
        cols.append(through.col.astype(np.int64))
    a, b = snapshot.edges("IN_CLUSTER")
    rows.append(a)
    cols.append(column[b])
    makers = np.concatenate([np.arange(snapshot.ids(k).start, snapshot.ids(k).stop) for k in MAKERS])
    rows.append(makers)
    cols.append(np.zeros(len(makers), np.int64))
    return incidence(np.concatenate(rows), np.concatenate(cols), (snapshot.n, width))


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance of two (longitude, latitude) points in kilometres (haversine).

    Examples
    --------
    >>> round(distance_km((117.12, 36.65), (120.38, 36.07)))
    299
    """
    return float(distances_km(a, np.array([b]))[0])


def distances_km(a: tuple[float, float] | Floats, b: Floats) -> Floats:
    """Distances of (longitude, latitude) points in kilometres, shapes (…, 2) that broadcast; NaN stays NaN."""
    lon1, lat1 = np.moveaxis(np.radians(a), -1, 0)
    lon2, lat2 = np.moveaxis(np.radians(b), -1, 0)
    h = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    km: Floats = 2 * 6371.0088 * np.arcsin(np.sqrt(h))
    return km


def point(snapshot: Snapshot, node: int) -> tuple[float, float] | None:
    """Return longitude and latitude of a region, or of the nearest region that holds it; else those of the division."""
    if snapshot.type_of(node) != "Region":
        raise QueryError("place_unknown", name=snapshot.name(node), near="—")
    seen, front = set(), [node]
    parents = snapshot.csr("PART_OF")
    division: tuple[float, float] | None = None
    while front:
        here = front.pop(0)
        division = division or division_points().get(str(snapshot.value(here, "code")))
        lon, lat = snapshot.value(here, "lon"), snapshot.value(here, "lat")
        if isinstance(lon, float) and isinstance(lat, float):
            return lon, lat
        if here in seen or snapshot.value(here, "level") == "省":
            break
        seen.add(here)
        front += [int(p) for p in parents.of(here)]
    return division


@cache
def division_points() -> dict[str, tuple[float, float]]:
    """Read where the cities of the country stand, by division code."""
    text = files("chainatlas.data").joinpath("divisions", "points.csv").read_text(encoding="utf-8")
    return {row["code"]: (float(row["lon"]), float(row["lat"])) for row in csv.DictReader(text.splitlines())}


def home_country(where: Scopes) -> int | None:
    for scope, level in enumerate(where.level):
        if level == "国家" and where.snapshot.value(int(where.node[scope]), "code") == "CHN":
            return scope
    return None


def foreign_countries(where: Scopes) -> Ints:
    home = home_country(where)
    return np.array([s for s, level in enumerate(where.level) if level == "国家" and s != home], np.int64)


def provinces_of(where: Scopes, scope: int) -> Ints:
    """Provinces that hold a scope, or the members of a policy region; none for a province itself."""
    own = where.ancestor(scope, "省")
    if own is not None or where.kind(scope) != "zone":
        return np.array([own] if own is not None and own != scope else [], np.int64)
    members = np.flatnonzero(where.inside[:, [scope]].toarray()[:, 0])
    found = {where.ancestor(int(m), "省") for m in members}
    return np.array(sorted(f for f in found if f is not None), np.int64)
