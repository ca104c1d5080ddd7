"""Reach: how far shared instruments, incubators and other resources are from each place.

Accessibility of place i: A_i = Σ_j exp(−d_ij / d₀) over the resources j (Hansen 1959), with
great-circle distances between the points of the finest places known; beside it the nearest
one and how many stand within a radius.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...graph.columns.arrays import Floats
from ...graph.schema.errors import QueryError
from ...graph.schema.words import Said, Word, sentence
from ..atlas.atlas import Atlas
from ..atlas.facts import Fact
from ..atlas.nearby import home
from ..atlas.result import Result, Row
from ..atlas.scopes import WHOLE
from ..atlas.tracing import node_facts, relation_facts, rows_at, told
from .resource_coverage import statement_rows
from .serving import headers, serving

COLUMNS = ("place", "count", "nearest", "nearest_place", "km", "within", "access", "status", "coverage", "reason")
_LEVELS = {"city": "市", "county": "县"}


def reach(
    atlas: Atlas,
    of: str = "platforms",
    *,
    kind: str | None = None,
    place: str | None = None,
    level: str = "city",
    within: float = 50.0,
    decay: float = 50.0,
) -> Result:
    """Return for each place how near resources of a kind are.

    Parameters
    ----------
    of
        Type of resource, as in ``coverage``.
    kind
        Only resources whose kind holds this text, such as 大型科学仪器 or 孵化器.
    place
        Only places inside this one; all when not given.
    level
        ``city`` or ``county``.
    within
        Radius in kilometres.
    decay
        d₀ in kilometres.

    Returns
    -------
    Result
        ``place count nearest nearest_place km within access status coverage reason``: ``count``
        stand in the place itself, ``within`` inside the radius. ``status`` is ``adequate``
        (one inside the radius), ``missing`` (none, and κ reaches the floor) or ``unknown``.
        Places without coordinates are left out and counted; where nothing is known of any place
        the table is empty and a note says what to load.

    Raises
    ------
    QueryError
        The level is none of the two, or a distance is not positive.
    """
    if level not in _LEVELS:
        raise QueryError("option_value", option="--level", value=level, known="、".join(_LEVELS))
    for option, km_ in (("--within", within), ("--decay", decay)):
        if not km_ > 0:
            raise QueryError("option_value", option=option, value=km_, known="> 0")
    found = serving(atlas, of)
    snapshot, where = atlas.snapshot, atlas.scopes
    inside = where.inside[:, [where.find(place)]].toarray()[:, 0] > 0
    targets = [s for s in range(1, where.n) if where.level[s] == _LEVELS[level] and inside[s]]
    points = {s: atlas.point_of(int(where.node[s])) for s in targets}
    known = [s for s in targets if points[s] is not None]
    resources = [n for n in found.ids if kind is None or kind in str(snapshot.value(n, "kind") or "")]
    homes = {n: _home(atlas, n) for n in resources}
    located = [n for n in resources if homes[n] is not None and atlas.point_of(homes[n] or 0) is not None]
    km = haversine(np.array([points[s] for s in known], float).reshape(-1, 2),
                   np.array([atlas.point_of(homes[n] or 0) for n in located], float).reshape(-1, 2))  # fmt: skip
    kappa = found.kappa(frozenset())
    local = found.placed[[n - found.ids.start for n in located]][:, known].toarray() if located and known else None
    rows: list[Row] = []
    asked = kind or Word("resource", of)
    for at, scope in enumerate(known):
        own = int(local[:, at].sum()) if local is not None else 0
        row = _row(atlas, asked, km[at], located, homes, (within, decay), float(kappa[scope]))
        rows.append({"place": where.name(scope), "count": own, **row, "_scope": scope})
    rows.sort(key=lambda r: (-r["access"], r["place"]))
    counts = {"n": len(resources), "located": len(located), "dropped": len(targets) - len(known)}
    notes: list[Said] = [sentence("note_reach", kind=Word("resource", of), within=within, decay=decay, **counts)]
    if known:
        notes.append(sentence("note_points"))
    labels = {"status": "service", "nearest": "nearest_resource"}
    answer = Result(COLUMNS, rows, tuple(notes), lambda at: told(_evidence(atlas, of, rows[at])), labels)
    if not known:
        return answer  # the note counts the places without coordinates
    code = "load_located" if resources else "load_resource"
    sheet = headers(snapshot, found.kind)
    return answer.unless_silent(
        lambda row: row["count"] or row["nearest"] or row["status"] != "unknown",
        sentence(code, kind=asked, n=len(resources), **sheet),
    )


def _row(
    atlas: Atlas,
    kind: str | Said,
    km: Floats,
    located: list[int],
    homes: dict[int, int | None],
    limits: tuple[float, float],
    kappa: float,
) -> Row:
    within, decay = limits
    near = int(np.argmin(km)) if len(km) else -1
    inside = np.flatnonzero(km <= within)
    region = homes[located[near]] if near >= 0 else None
    status = "adequate" if len(inside) else "missing" if kappa >= atlas.floor else "unknown"
    values = {"kind": kind, "km": f"{within:g}", "n": len(inside), "kappa": f"{kappa:.2f}",
              "floor": f"{atlas.floor:.2f}"}  # fmt: skip
    code = {"adequate": "why_within", "missing": "why_not_within", "unknown": "why_not_within_unknown"}[status]
    ranked = [*inside[np.argsort(km[inside], kind="stable")].tolist(), *([near] if near >= 0 else [])]
    return {
        "nearest": atlas.snapshot.name(located[near]) if near >= 0 else None,
        "nearest_place": atlas.snapshot.name(region) if region is not None else None,
        "km": round(float(km[near]), 1) if near >= 0 else None, "within": len(inside),
        "access": round(float(np.exp(-km / decay).sum()), 4), "status": status, "coverage": round(kappa, 4),
        "reason": sentence(code, **values), "_near": list(dict.fromkeys(located[i] for i in ranked)),
    }  # fmt: skip


def _home(atlas: Atlas, node: int) -> int | None:
    """Return the finest region of a resource: its own, else that of who stands behind it."""
    own = home(atlas, node)
    if own is not None:
        return own
    for relation, incoming in (("HOSTS", True), ("LEADS", True), ("OWNS", True), ("MEMBER_OF", False)):
        for other in atlas.snapshot.csr(relation, incoming=incoming).of(node).tolist():
            region = home(atlas, other)
            if region is not None:
                return region
    return None


def haversine(a: Floats, b: Floats) -> Floats:
    """Great-circle distances in kilometres between (longitude, latitude) points, shape (len(a), len(b)).

    Examples
    --------
    >>> haversine(np.array([[117.12, 36.65]]), np.array([[120.38, 36.07]])).round().tolist()
    [[299.0]]
    """
    one, two = np.radians(a)[:, None, :], np.radians(b)[None, :, :]
    h = np.sin((two[..., 1] - one[..., 1]) / 2) ** 2
    h = h + np.cos(one[..., 1]) * np.cos(two[..., 1]) * np.sin((two[..., 0] - one[..., 0]) / 2) ** 2
    out: Floats = 2 * 6371.0088 * np.arcsin(np.sqrt(h))
    return out


def _evidence(atlas: Atlas, of: str, row: Row) -> Iterator[Fact]:
    """Facts that the resources inside the radius (or the nearest) exist and where, and those behind κ."""
    snapshot = atlas.snapshot
    for node in row["_near"]:
        yield from node_facts(snapshot, node)
        yield from relation_facts(snapshot, "LOCATED_IN", rows_at(snapshot, "LOCATED_IN", [node]))
    yield from statement_rows(atlas, "SERVES", serving(atlas, of), frozenset(), row.get("_scope", WHOLE))
