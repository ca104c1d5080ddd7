"""Gate: who may be proposed at all, and why the others may not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...graph.columns.arrays import Bools, Ints
from ..atlas.scopes import WHOLE
from .features import CRITERIA, Features, places
from .holdings import HOLDERS, Holdings
from .needs import Need

KINDS = tuple(k.lower() for k in HOLDERS)
REACHES = ("inside", "province", "nation", "abroad", "unknown")
INSIDE, PROVINCE, NATION, ABROAD, UNKNOWN = range(5)
_TELLING = [CRITERIA.index(c) for c in ("capability", "link_score", "complementarity", "proximity")]
THRESHOLD = 0.02  # less than this of any of them says nothing


@dataclass(frozen=True)
class Gate:
    """Who passes, and how many are kept out for each reason (of the kinds asked for)."""

    passes: Bools
    out: dict[str, int]


def gate(h: Holdings, need: Need, found: Features, kinds: tuple[str, ...]) -> Gate:
    """Apply the conditions in order: kind, exists, not the same group, does not do it yet, capable of something."""
    left = np.isin(h.kind, [KINDS.index(k) for k in kinds])
    value = found.value[:, _TELLING]
    linked = np.zeros(len(left), bool)
    linked[need.linked] = True
    # Who belongs to the one that asks, or to one that does it here already, is no new partner.
    group = np.isin(h.group, h.group[_own(h, need)]) & (h.kind == 0)
    conditions = {
        "inactive": ~h.active, "linked": linked, "group": group,
        "incapable": ~(np.nan_to_num(value) > THRESHOLD).any(axis=1),
    }  # fmt: skip
    out = {}
    for reason, bad in conditions.items():
        out[reason] = int((left & bad).sum())
        left = left & ~bad
    return Gate(left, out)


def _own(h: Holdings, need: Need) -> Ints:
    if need.kind == "enterprise":
        return need.anchors
    own: Ints = need.linked[h.kind[need.linked] == 0]
    return own


def reach(h: Holdings, need: Need) -> Ints:
    """Tell where each holder stands: inside the place, in its province, in the nation, abroad, not known.

    Without a place everybody is inside what was asked.
    """
    scope = need.scope
    row = int(h.row[need.node])
    if need.kind == "enterprise" and scope == WHOLE and row >= 0 and h.region[row] >= 0:
        city = h.ancestor("市")[row]
        scope = int(city) if city >= 0 else int(h.region[row])
    if scope == WHOLE:
        return np.zeros(len(h.node), np.int64)
    province, country = places(h, need)
    out = np.full(len(h.node), NATION)
    out[h.region < 0] = UNKNOWN
    out[(h.country >= 0) & ~np.isin(h.country, country)] = ABROAD if len(country) else NATION
    out[np.isin(h.province, province)] = PROVINCE
    out[h.atlas.scopes.holding(h.node, scope)] = INSIDE
    return out
