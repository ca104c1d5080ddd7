"""Candidates of the page: for each link those whom the engine ranks first, with what no place decides.

``queries/partners`` computes for all links in one pass who is able, by which way, in which tier, and the criteria
that are the same everywhere. What a place decides (who makes it there already, geography, institution,
complementarity, reach) the page computes by the same formulas, so that its order is that of the command.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...graph.columns.arrays import Floats, Ints, at_pairs, offsets, positions, row_of
from ...graph.schema.words import message, pairs, read_toml
from ...queries.atlas.atlas import Atlas
from ...queries.atlas.scopes import WHOLE, home_country
from ...queries.partners.able.table import CIRCLE, TECHNOLOGY, TIER, TIERS, WAYS
from ...queries.partners.everywhere import Candidates, everywhere
from ...queries.partners.holdings import HOLDERS, Holdings, holdings
from ...queries.partners.ranking import ENOUGH
from ...queries.partners.scoring.features import CRITERIA, DIGITS, PLACED, provinces_over
from ...queries.partners.scoring.weights import learned, neutral, stated
from ...queries.verdicts.trades import trades

D0_KM = int(read_toml("vocabulary.toml")["partner"]["decay_km"])
# Candidates of a list of a link that travel; links that are made by more keep those ranked first without a place.
MOST = 40
# The sentences of the reasons that the page fills in.
SAYS = (
    "why_partner_makes",
    "why_partner_masters",
    "why_partner_may_make",
    "why_partner_words",
    "why_partner_serves",
    "why_partner_required",
    "why_partner_requires",
    "why_partner_shares",
    "why_partner_parent",
    "why_partner_kin",
    "why_partner_sibling",
    "why_partner_alike",
    "why_partner_input",
    "why_partner_use",
    "why_partner_source",
    "why_partner_field",
    "why_partner_place",
    "why_partner_distance",
    "why_partner_join",
    "why_partner_end",
)
_CARRIED = [at for at, name in enumerate(CRITERIA) if name not in PLACED]

Words = dict[str, str]


def candidates(
    atlas: Atlas,
    items: Ints,
    scopes: Ints,
    link_of: Mapping[int, int],
    number: Mapping[int, int],
    homes: Mapping[int, int],
) -> dict[str, Any]:
    """Return the payload's ``partners`` (see ``contract.Partners``).

    Parameters
    ----------
    items, scopes
        The page's links and places.
    number
        Position of each node among the payload's entities.
    homes
        Row of each region in the payload's table of distances.
    """
    h = holdings(atlas)
    entity = positions(np.array(list(number), np.int64), atlas.snapshot.n)[h.node]
    found = everywhere(h, items, MOST)
    pages = _Items(atlas, link_of)
    idle = np.unique(found.row[h.many[found.row] == 0])
    return {
        **_rules(h),
        "groups": _groups(h, entity),
        "bare": entity[idle].tolist(),
        "homes": [_over(atlas, region) for region in homes],
        "places": [_around(atlas, s) for s in scopes.tolist()],
        "needs": _needs(h, items, found, entity, pages),
        "served": _served(h, found, entity, pages),
        "trades": _trades(h, items, link_of, entity),
        "beyond": pages.beyond(scopes),
    }


def _rules(h: Holdings) -> dict[str, Any]:
    """Return criteria, weights, ways and sentences: what ranks and words any candidates."""
    made = learned(h)
    known = made.source == "learned"
    return {
        "criteria": [
            {"key": name, "label": pairs("column")[name], "neutral": float(value), "placed": name in PLACED}
            for name, value in zip(CRITERIA, neutral().tolist(), strict=True)
        ],
        "weights": {
            "learned": {
                "label": pairs("weights")["learned"],
                "note": _both("page_weights_learned", n=made.links),
                "value": _share(made.value) if known else None,
            },
            "stated": {
                "label": pairs("weights")["stated"],
                "note": _both("page_weights_stated"),
                "value": _share(stated("link")),
            },
        },
        "d0": D0_KM,
        "tiers": TIERS,
        "enough": ENOUGH,
        "lists": list(HOLDERS),
        "ways": [
            {"key": way, "tier": int(tier), "step": pairs("way_step")[way], "last": pairs("way_last")[way]}
            for way, tier in zip(WAYS[:CIRCLE], TIER[:CIRCLE], strict=True)
        ],  # those to a link
        "says": {code.split("_", 2)[2]: _both(code) for code in SAYS},
        "note": _both("page_partner_note", d0=D0_KM, tiers=TIERS, enough=ENOUGH),
        "nobody": {"able": _both("page_nobody_able"), "left": _both("page_nobody_left")},
    }


def _both(code: str, **values: object) -> Words:
    """Return a message in both languages; names without a value stay, for the page to fill in."""
    if values:
        return {lang: message(code, lang, **values) for lang in ("zh", "en")}
    pair = read_toml("messages.toml")[code]
    return {lang: str(pair[lang]) for lang in ("zh", "en")}


def _share(weights: Floats) -> list[float]:
    return [float(w) for w in weights / weights.sum()]


@dataclass
class _Items:
    """How the page numbers items: links first, then those that stand on no chain, as they are met."""

    atlas: Atlas
    link_of: Mapping[int, int]

    def __post_init__(self) -> None:
        self.number = np.full(self.atlas.makers.n + 1, -1, np.int64)  # the last for "none"
        self.number[list(self.link_of)] = list(self.link_of.values())
        self.others: Ints = np.zeros(0, np.int64)

    def numbered(self, items: Ints) -> Ints:
        """Return the numbers of items, −1 for none."""
        fresh = np.unique(items[(items >= 0) & (self.number[items] < 0)])
        first = len(self.link_of) + len(self.others)
        self.number[fresh] = np.arange(first, first + len(fresh))
        self.others = np.r_[self.others, fresh]
        return self.number[items]

    def beyond(self, scopes: Ints) -> list[dict[str, Any]]:
        """Return the items off the chains, with the places where somebody makes them."""
        made = self.atlas.makers
        there = made.counts[self.others][:, scopes].tocsr()
        return [
            {"name": self.atlas.snapshot.name(made.node(item)), "places": sorted(row_of(there, at).tolist())}
            for at, item in enumerate(self.others.tolist())
        ]


def _groups(h: Holdings, entity: Ints) -> list[list[int]]:
    """Return the entities of each group of several companies."""
    firms = np.flatnonzero(h.kind == 0)
    order = firms[np.argsort(h.group[firms], kind="stable")]
    cuts = np.flatnonzero(np.diff(h.group[order])) + 1
    return [entity[part].tolist() for part in np.split(order, cuts) if len(part) > 1]


def _over(atlas: Atlas, region: int) -> list[int]:
    """Return the province and country that a region lies in, −1 where not known."""
    scope = atlas.scopes.column.get(region)
    found = [None if scope is None else atlas.scopes.ancestor(scope, level) for level in ("省", "国家")]
    return [-1 if at is None else int(at) for at in found]


def _around(atlas: Atlas, scope: int) -> list[list[int]]:
    """Return the provinces and countries of a place; everywhere is in no province, and in the country at home."""
    if scope == WHOLE:
        home = home_country(atlas.scopes)
        return [[], [] if home is None else [int(home)]]
    return [found.tolist() for found in provinces_over(atlas, scope)]


def _needs(h: Holdings, items: Ints, found: Candidates, entity: Ints, pages: _Items) -> list[dict[str, Any]]:
    """Return the candidates of each link in columns."""
    needed, start = _inputs(h.atlas, items)
    inputs, through = pages.numbered(needed).tolist(), pages.numbered(found.through).tolist()
    row, way = entity[found.row].tolist(), found.way.tolist()
    values = np.round(found.value[:, _CARRIED] * 10**DIGITS)
    told = np.where(np.isnan(values), -1, values).astype(np.int64)
    held = _held(h, found, needed, start)
    rows = []
    for at, (a, b) in enumerate(zip(found.start[:-1].tolist(), found.start[1:].tolist(), strict=True)):
        rows.append(
            {
                "inputs": inputs[start[at] : start[at + 1]],
                "entity": row[a:b],
                "way": way[a:b],
                "other": through[a:b],
                "held": held[a:b],
                "values": [[None if n < 0 else n for n in column] for column in told[a:b].T.tolist()],
            }
        )
    return rows


def _served(h: Holdings, found: Candidates, entity: Ints, pages: _Items) -> list[list[int]]:
    """Return pairs (entity, item) of bodies whose ability rests on a technology that they serve, not master."""
    bodies = np.flatnonzero((found.way == TECHNOLOGY) & (h.kind[found.row] > 0))
    row, item = found.row[bodies], found.through[bodies]
    some = at_pairs(h.atlas.makers.makes, item, h.node[row]) == 0
    pairs_ = np.stack([entity[row[some]], pages.numbered(item[some])], axis=1)
    made: list[list[int]] = np.unique(pairs_, axis=0).tolist()
    return made


def _trades(h: Holdings, items: Ints, link_of: Mapping[int, int], entity: Ints) -> list[list[int | str]]:
    """Return (entity, link, word) of firms whose names tell a trade, and no list a product."""
    shown = set(items.tolist())
    told = trades(h.atlas)
    rows = ((int(entity[h.row[firm]]), item, word) for (firm, item), (word, _) in told.items() if item in shown)
    return sorted([one, int(link_of[item]), word] for one, item, word in rows if one >= 0)


def _inputs(atlas: Atlas, items: Ints) -> tuple[Ints, Ints]:
    """Return what each link needs that is not always to be had, one link after another, and where each begins."""
    recipe = atlas.makers.recipe
    at = positions(items, atlas.makers.n)[recipe.user]
    keep = (at >= 0) & ~atlas.makers.primary[recipe.member]
    pairs_ = np.unique(np.stack([at[keep], recipe.member[keep]]), axis=1)
    return pairs_[1].astype(np.int64), offsets(np.bincount(pairs_[0], minlength=len(items)))


def _held(h: Holdings, found: Candidates, needed: Ints, start: Ints) -> list[list[int]]:
    """Return for each candidate which of the link's inputs it makes, as positions among them."""
    need = np.repeat(np.arange(len(start) - 1), np.diff(found.start))
    size = np.diff(start)[need]
    who = np.repeat(np.arange(len(need)), size)
    place = np.arange(len(who)) - np.repeat(offsets(size)[:-1], size)
    makes = at_pairs(h.holds, found.row[who], needed[start[need][who] + place]) > 0
    held: list[list[int]] = [[] for _ in need]
    for at, position in zip(who[makes].tolist(), place[makes].tolist(), strict=True):
        held[at].append(position)
    return held
