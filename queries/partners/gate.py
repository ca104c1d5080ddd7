"""Gate: who may be proposed at all, and why the others may not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...graph.columns.arrays import Bools, Floats, Ints, run_starts
from ...graph.schema.words import read_toml
from ..atlas.scopes import WHOLE, home_country
from .ability import abilities
from .able.table import MAKES, SERVES, TECHNOLOGY, TIER, WORDS
from .fits import abilities as fitting
from .holdings import HOLDERS, Holdings
from .needs import Need
from .scoring.features import places

KINDS = tuple(k.lower() for k in HOLDERS)
REACHES = ("inside", "province", "nation", "abroad", "unknown")
INSIDE, PROVINCE, NATION, ABROAD, UNKNOWN = range(5)


@dataclass(frozen=True)
class Able:
    """Holders that are able to meet a need, one row each: the best of their ways (see ``ability.Ability``)."""

    row: Ints
    way: Ints
    through: Ints
    strength: Floats

    @property
    def tier(self) -> Ints:
        """Tier of each, 1 (makes it) to 4 (stands next to it)."""
        tiers: Ints = TIER[self.way]
        return tiers

    def kept(self, keep: Bools | npt.NDArray[np.integer]) -> Able:
        """Return some of them: flags, or positions in the order wanted."""
        return Able(self.row[keep], self.way[keep], self.through[keep], self.strength[keep])


@dataclass(frozen=True)
class Gate:
    """Who passes, and how many of the kinds asked for are kept out for each reason."""

    able: Able
    out: dict[str, int]


def able(h: Holdings, need: Need, hidden: int = -1) -> Able:
    """Return who is able to meet a need.

    A group asks for who makes, may make or masters what its members lack, an enterprise for who makes
    or may make what it needs, and who fits by patents (``fits``).

    Parameters
    ----------
    hidden
        Row of a maker that is taken not to make the link.
    """
    all_ = abilities(h.atlas)
    slices = [all_.of(item) for item in need.wanted.tolist()]
    at = np.concatenate([np.arange(s.start, s.stop) for s in slices] or [np.zeros(0, np.int64)]).astype(np.int64)
    if hidden >= 0:
        at = at[(all_.row[at] != hidden) | (all_.way[at] != MAKES)]
    if need.kind != "link":
        at = at[np.isin(all_.way[at], (MAKES, SERVES, WORDS, TECHNOLOGY))]
    found = Able(all_.row[at], all_.way[at], all_.through[at], all_.strength[at])
    if need.kind == "enterprise":
        fits = fitting(h, int(need.anchors[0]))
        found = Able(*(np.r_[getattr(found, c), getattr(fits, c)] for c in ("row", "way", "through", "strength")))
    return best(found)


def able_firms(h: Holdings, item: int, hidden: int) -> Able:
    """Return the firms that are able to provide a link while a maker is taken not to make it."""
    all_ = abilities(h.atlas)
    at = np.arange(all_.start[item], all_.start[item + 1])
    row = all_.row[at]
    able = (h.kind[row] == 0) & h.active[row] & ~(h.other_trade[row] & is_thing(h, h.atlas.makers.node(item)))
    at = at[able & ((row != hidden) | (all_.way[at] != MAKES))]
    return best(Able(all_.row[at], all_.way[at], all_.through[at], all_.strength[at]))


def best(found: Able) -> Able:
    """Return one row a holder: the best tier, in it the strongest, ties by way and item."""
    order = np.lexsort((found.through, found.way, -found.strength.round(9), found.tier, found.row))
    return found.kept(order[run_starts(found.row[order])])


def gate(h: Holdings, need: Need, kinds: tuple[str, ...], hidden: int = -1) -> Gate:
    """Apply the conditions in order: kind, exists, makes things, does not do it yet, not the same group, able."""
    left = np.isin(h.kind, [KINDS.index(k) for k in kinds])
    found = able(h, need, hidden)
    linked, can = np.zeros(len(left), bool), np.zeros(len(left), bool)
    linked[need.linked] = True
    can[found.row] = True
    # Who belongs to the one that asks, or to one that does it here already, is no new partner.
    group = np.isin(h.group, h.group[_own(h, need)]) & (h.kind == 0)
    out = {}
    conditions = {"inactive": ~h.active, "linked": linked, "group": group, "incapable": ~can,
                  "trade": h.other_trade & _of_things(h, need)}  # fmt: skip
    for reason, bad in conditions.items():
        out[reason] = int((left & bad).sum())
        left = left & ~bad
    return Gate(found.kept(left[found.row]), out)


def _of_things(h: Holdings, need: Need) -> bool:
    """Tell whether what is looked for is made, not rendered."""
    return need.kind == "link" and is_thing(h, need.node)


def is_thing(h: Holdings, node: int) -> bool:
    """Tell whether a product is made, not rendered."""
    kind = h.atlas.snapshot.value(node, "kind")
    return kind not in read_toml("vocabulary.toml")["partner"]["services"]


def _own(h: Holdings, need: Need) -> Ints:
    if need.kind == "enterprise":
        return need.anchors
    own: Ints = need.linked[h.kind[need.linked] == 0]
    return own


def reach(h: Holdings, need: Need) -> Ints:
    """Tell where each holder stands: inside the place, in its province, in the nation, abroad, not known."""
    scope = need.scope
    row = int(h.row[need.node])
    if need.kind == "enterprise" and scope == WHOLE and row >= 0 and h.region[row] >= 0:
        city = h.ancestor("市")[row]
        scope = int(city) if city >= 0 else int(h.region[row])
    home = home_country(h.atlas.scopes)
    province, country = (np.zeros(0, np.int64), np.array([] if home is None else [home])) if scope == WHOLE else (
        places(h, need))  # fmt: skip
    out = np.full(len(h.node), NATION)
    out[h.region < 0] = UNKNOWN
    out[(h.country >= 0) & ~np.isin(h.country, country)] = ABROAD if len(country) else NATION
    if scope != WHOLE:
        out[np.isin(h.province, province)] = PROVINCE
        out[h.atlas.scopes.holding(h.node, scope)] = INSIDE
    return out
