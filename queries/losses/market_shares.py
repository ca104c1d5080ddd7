"""Market shares of countries, per link: as a statistic states them, else from the makers' outputs.

*stated*: rows of the sheet 统计 with the measure 市场份额, a link as their subject and a country
as their place; of several dates the newest. *outputs*: outputs of the makers by country, where
those of all makers are known in one unit and all have a country.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...graph.schema.errors import QueryError
from ..atlas.atlas import Atlas
from ..atlas.facts import outputs

MEASURE = "市场份额"
_SCALE = {"%": 0.01, "％": 0.01, "百分比": 0.01, "percent": 0.01}


@dataclass(frozen=True)
class Market:
    """Shares of one link's world market by country.

    Attributes
    ----------
    share : dict
        Country's scope → share, 0 to 1, as stated; rounded sources may sum to a little more than 1.
    basis
        ``stated`` or ``outputs``.
    rows
        Rows of the statistic behind it.
    """

    share: dict[int, float]
    basis: str
    as_of: str | None = None
    rows: tuple[dict[str, Any], ...] = ()

    @property
    def attributed(self) -> float:
        """Share of the market that is attributed to a country, at most 1."""
        return min(1.0, sum(self.share.values()))

    @property
    def hhi(self) -> float:
        """Σs² over all countries (Herfindahl–Hirschman); what nobody is named for adds nothing."""
        return sum(s * s for s in self.share.values())

    def domestic(self, country: int) -> float:
        """Share of one country."""
        return self.share.get(country, 0.0)

    def foreign_hhi(self, country: int) -> float | None:
        """Σ(s/F)² over the others, F the share of the market that is not the country's; None when F is 0."""
        foreign = max(1.0, sum(self.share.values())) - self.domestic(country)
        if foreign <= 0:
            return None
        return sum((s / foreign) ** 2 for c, s in self.share.items() if c != country)


def market_shares(atlas: Atlas) -> dict[int, Market]:
    """Return the market of every item that the data have shares for."""
    return _from_outputs(atlas) | _stated(atlas)


def _stated(atlas: Atlas) -> dict[int, Market]:
    table = atlas.snapshot.graph.statements.get("Statistic")
    found: dict[int, list[tuple[int, dict[str, Any]]]] = {}
    for row in [] if table is None else table.to_pylist():
        if row["measure"] != MEASURE or not row.get("subject") or not row.get("place"):
            continue
        try:
            item = atlas.makers.item(atlas.snapshot.find(row["subject"], ("Product", "Technology")))
            place = atlas.scopes.find(row["place"])
        except QueryError:
            continue  # `check` tells of statements that name what the graph does not hold
        found.setdefault(item, []).append((place, row))
    return {item: _newest(rows) for item, rows in found.items()}


def _newest(rows: list[tuple[int, dict[str, Any]]]) -> Market:
    """The newest rows of a link; several sources of one date and country are averaged."""
    latest = max(str(row.get("as_of") or "") for _, row in rows)
    kept = [(place, row) for place, row in rows if str(row.get("as_of") or "") == latest]
    values: dict[int, list[float]] = {}
    for place, row in kept:
        values.setdefault(place, []).append(float(row["value"]) * _SCALE.get(str(row.get("unit") or "").strip(), 1.0))
    share = {place: sum(v) / len(v) for place, v in values.items()}
    return Market(share, "stated", latest or None, tuple(row for _, row in kept))


def _from_outputs(atlas: Atlas) -> dict[int, Market]:
    amount, made = outputs(atlas.makers), atlas.makers
    countries = np.array([s for s in range(atlas.scopes.n) if atlas.scopes.kind(s) == "country"], np.int64)
    if amount is None or not len(countries):
        return {}
    held = atlas.scopes.members[:, countries].tocsr().astype(float)
    total = np.asarray(amount.value.sum(axis=1)).ravel()
    known = np.asarray(amount.known.sum(axis=1)).ravel() == made.total
    cells = (amount.value @ held).tocsr()
    placed = np.asarray(cells.sum(axis=1)).ravel()
    whole = np.flatnonzero(known & (total > 0) & np.isclose(placed, total))
    found = {}
    for item in whole.tolist():
        a, b = cells.indptr[item], cells.indptr[item + 1]
        part = zip(cells.indices[a:b], cells.data[a:b], strict=True)
        found[item] = Market({int(countries[c]): float(v / total[item]) for c, v in part}, "outputs")
    return found
