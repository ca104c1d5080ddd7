"""Chokepoints: links that come from few foreign hands and that much depends on, ranked.

    chokepoint = importance · (1 − domestic share) · foreign HHI · (1 − substitutability)

importance: share of the chain's end products that the link goes into, directly, through other
links, or as a kind of such a link. Foreign HHI: Σ(s/F)² over the countries that are not the
domestic one, F their part of the market; what no country is named for counts as dispersed.
Substitutability: 1 − 1/m, m the size of the smallest group of alternatives that the link
stands in (1 when it stands alone). Ranked, never cut off at a threshold; all factors are shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...graph.columns.arrays import Floats, Ints, rounded, run_starts
from ...graph.columns.walks import reached_from
from ...graph.schema.errors import QueryError
from ...graph.schema.words import sentence
from ..atlas.atlas import Atlas
from ..atlas.chain_links import chain_links, chain_names, find_chain
from ..atlas.facts import fact
from ..atlas.result import Result, Row
from ..atlas.scopes import WHOLE, home_country
from ..verdicts.explanation import COLUMNS as FACTS
from ..verdicts.explanation import evidence
from .market_shares import Market, market_shares

COLUMNS = ("chain", "link", "chokepoint", "importance", "domestic_share", "foreign_hhi", "substitutes",
           "substitutability", "hhi", "effective_suppliers", "largest", "coverage", "ground", "as_of")  # fmt: skip


def chokepoints(
    atlas: Atlas, *, chain: str | None = None, place: str | None = None
) -> Result:  # fmt: skip
    """Return links with their chokepoint score and its factors, highest first.

    Parameters
    ----------
    place
        Its country is the domestic one; China when not given.

    Returns
    -------
    Result
        ``chain link chokepoint importance domestic_share foreign_hhi substitutes substitutability
        hhi effective_suppliers largest coverage ground as_of``: ``effective_suppliers`` is 1/HHI, ``coverage`` the
        share of the market that the data attribute to a country. Links without shares are counted in a note.
    """
    country = _country(atlas, place)
    market = market_shares(atlas)
    rows: list[Row] = []
    silent = 0
    for name, items, ends in _asked(atlas, chain):
        weight, groups = _importance(atlas, items, ends), _smallest_groups(atlas)
        for item, importance in zip(items.tolist(), weight.tolist(), strict=True):
            if item in market:
                rows.append(_row(atlas, name, item, importance, market[item], country, groups))
            else:
                silent += 1
    rows.sort(key=lambda r: (-(r["chokepoint"] if r["chokepoint"] is not None else -1.0), -r["importance"], r["link"]))
    values = {"n": len(rows), "silent": silent, "country": atlas.scopes.name(country)}
    notes = (sentence("note_chokepoint", **values) if rows else sentence("load_shares", silent=silent),)
    return Result(COLUMNS, rows, notes, lambda at: _evidence(atlas, rows[at], market))


def _country(atlas: Atlas, place: str | None) -> int:
    """Return the scope of the domestic country."""
    found = home_country(atlas.scopes) if place is None else atlas.scopes.ancestor(atlas.scopes.find(place), "国家")
    if found is None:
        raise QueryError("country_none", place=place or "—")
    return found


def _asked(atlas: Atlas, chain: str | None) -> list[tuple[str | None, Ints, Ints]]:
    if chain is not None:
        found = [find_chain(atlas, chain)]
    else:
        found = [chain_links(atlas, node) for node in chain_names(atlas)]
    if found:
        return [(links.name, links.items, links.ends) for links in found]
    recipe = atlas.makers.recipe
    if not len(recipe.owner):
        raise QueryError("chains_none")
    return [(None, np.arange(recipe.n), np.setdiff1d(recipe.owner, recipe.member))]


def _importance(atlas: Atlas, items: Ints, ends: Ints) -> Floats:
    """Share of end products that each link goes into; a kind goes where the general thing goes."""
    made = atlas.makers
    if not len(ends):
        return np.zeros(len(items))
    kind, general = made.kinds
    source, target = np.r_[made.recipe.member, kind], np.r_[made.recipe.user, general]
    share = np.zeros(made.n)
    for end in ends.tolist():  # a chain has few of them
        share += reached_from(target, source, np.array([end]), made.n)
    found: Floats = share[items] / len(ends)
    return found


@dataclass(frozen=True)
class _Groups:
    """Per item the smallest group of alternatives that it stands in."""

    size: Ints
    group: Ints


def _smallest_groups(atlas: Atlas) -> _Groups:
    recipe = atlas.makers.recipe
    sizes = np.bincount(recipe.group, minlength=len(recipe.owner))[recipe.group]
    order = np.lexsort((recipe.group, sizes, recipe.member))
    member = recipe.member[order]
    first = run_starts(member)
    size, group = np.ones(recipe.n, np.int64), np.full(recipe.n, -1, np.int64)
    size[member[first]], group[member[first]] = sizes[order][first], recipe.group[order][first]
    return _Groups(size, group)


def _row(
    atlas: Atlas, chain: str | None, item: int, importance: float, market: Market, country: int, groups: _Groups
) -> Row:  # fmt: skip
    made, recipe = atlas.makers, atlas.makers.recipe
    alternatives = recipe.member[recipe.group == groups.group[item]] if groups.group[item] >= 0 else np.zeros(0, int)
    substitutability = 1 - 1 / int(groups.size[item])
    domestic, foreign = min(1.0, market.domestic(country)), market.foreign_hhi(country)
    score = None if foreign is None else importance * (1 - domestic) * foreign * (1 - substitutability)
    hand, most = max(market.share.items(), key=lambda p: (p[1], -p[0]))
    return {
        "chain": chain, "link": atlas.snapshot.name(made.node(item)), "chokepoint": rounded(score),
        "importance": rounded(importance), "domestic_share": rounded(domestic), "foreign_hhi": rounded(foreign),
        "substitutes": [atlas.snapshot.name(made.node(int(i))) for i in alternatives if i != item],
        "substitutability": rounded(substitutability), "hhi": rounded(market.hhi),
        "effective_suppliers": rounded(1 / market.hhi) if market.hhi else None,
        "largest": f"{atlas.scopes.name(hand)} {most:.1%}", "coverage": rounded(market.attributed),
        "ground": market.basis, "as_of": market.as_of, "_item": item,
    }  # fmt: skip


def _evidence(atlas: Atlas, row: Row, market: dict[int, Market]) -> Result:
    """The rows of the statistic, then makers and recipe of the link."""
    facts = []
    for said in market[row["_item"]].rows:
        text = sentence("fact_market_share", place=said["place"], link=row["link"], value=f"{said['value']:g}",
                       unit=said.get("unit") or "")  # fmt: skip
        facts.append(fact(text, said))
    rest = evidence(atlas, row["chain"] or "", row["_item"], WHOLE)
    return Result(FACTS, [*({c: getattr(f, c) for c in FACTS} for f in facts), *rest.rows])
