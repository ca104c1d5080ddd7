"""Bottlenecks: whose loss makes products unavailable, exactly and for all of them at once.

The formula stands in ``scenarios``: e loses p when p is available and e ∈ nec(p). Computed
twice: with unknown links taken as present, what is lost then is lost for *certain*; with
unknown links taken as absent, what is lost only then is *possible*.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...graph.columns.arrays import Bools, Ints, run_starts
from ...graph.schema.errors import QueryError
from ...graph.schema.words import Said, Word, sentence
from ..atlas.atlas import Atlas
from ..atlas.chain_links import chain_links, chain_names, find_chain
from ..atlas.result import Result, Row
from .evidence import loss_evidence
from .scenarios import Losses, gone_with, losses
from .worlds import Scoped, scoped, stands

KINDS = ("enterprise", "place", "chokepoint", "cuts", "secondary")
COLUMNS = ("entity", "type", "place", "loses", "lost", "share_lost", "certain", "certain_share", "coverage",
           "ends_lost")  # fmt: skip


def bottlenecks(
    atlas: Atlas, *, chain: str | None = None, place: str | None = None, cluster: str | None = None,
    kind: str = "enterprise", product: str | None = None, size: int = 3, among: str | None = None,
    external: str = "none",
) -> Result:  # fmt: skip
    """Return whose loss makes products unavailable; or cut sets, chokepoints, secondary figures.

    Parameters
    ----------
    chain
        The links that may be lost: those of one chain, of all chains when not given.
    kind
        ``enterprise``: single makers (institutes that alone master a technology as well).
        ``place``: counties, cities, provinces inside the scope, all their makers at once.
        ``cuts``: minimal cut sets of ``product``. ``chokepoint``: see ``chokepoints``.
        ``secondary``: betweenness, k-core and articulation of the input graph, which know
        nothing of AND and OR.
    product
        The end product of ``cuts``; the only one of the chain when not given.
    size
        Largest number of makers in a cut, 1 to 3.
    among, external
        As for ``gaps``.

    Returns
    -------
    Result
        ``entity type place loses lost share_lost certain certain_share coverage ends_lost``: ``loses``
        are the links lost, ``share_lost`` their share of the links available when unknown ones
        are taken as present; ``certain`` says that all of them are lost whatever is unknown,
        ``certain_share`` how large a share is: only where the list is firm and nobody else may make
        what is lost first; ``coverage`` is the smallest κ of that. What is certain stands before what holds as
        far as known. For ``cuts``: ``product cut size certain kills``.

    Raises
    ------
    QueryError
        A name is not known, or there are too many cut sets to list.
    """
    if kind not in KINDS:
        raise QueryError("option_value", option="--kind", value=kind, known="、".join(KINDS))
    scope = atlas.scopes.find(place, cluster)
    if kind == "chokepoint":
        from .chokepoints import chokepoints

        return chokepoints(atlas, chain=chain, place=place)
    asked = _asked(atlas, chain, product)
    if kind == "secondary":
        from .secondary import secondary

        return secondary(atlas, asked.items)
    if kind == "cuts":
        from .cut_rows import cut_rows

        return cut_rows(atlas, _one_end(atlas, asked, product), scope, size, among, external)
    return _losers(atlas, asked, scope, kind, among, external)


@dataclass(frozen=True)
class Asked:
    """Links that a question is about, and the end products among them."""

    items: Ints
    ends: Ints


def _asked(atlas: Atlas, chain: str | None, product: str | None) -> Asked:
    if chain is not None or product is not None:
        name = chain if chain is not None else str(product)
        links = find_chain(atlas, name)
        return Asked(np.sort(links.items), links.ends)
    named = [chain_links(atlas, node) for node in chain_names(atlas)]
    if named:
        return Asked(np.unique(np.concatenate([n.items for n in named])),
                     np.unique(np.concatenate([n.ends for n in named])))  # fmt: skip
    recipe = atlas.makers.recipe
    if not len(recipe.owner):
        raise QueryError("chains_none")
    return Asked(np.union1d(recipe.member, recipe.owner), np.setdiff1d(recipe.owner, recipe.member))


def _one_end(atlas: Atlas, asked: Asked, product: str | None) -> int:
    """Return the item that cut sets are asked for."""
    if product is not None:
        return atlas.makers.item(atlas.snapshot.find(product, ("Product", "Technology")))
    if len(asked.ends) != 1:
        names = atlas.snapshot.names(np.array([atlas.makers.node(int(i)) for i in asked.ends[:8]], np.int64))
        raise QueryError("cuts_product", n=len(asked.ends), near="、".join(names) or "—")
    return int(asked.ends[0])


# single losses ---------------------------------------------------------------------------------


def _losers(
    atlas: Atlas, asked: Asked, scope: int, kind: str, among: str | None, external: str
) -> Result:  # fmt: skip
    if not atlas.makers.counts[asked.items][:, [scope]].nnz:
        return Result(COLUMNS, [], (sentence("load_makers"),))
    here = scoped(atlas, scope, among=among, external=external)
    gone = _gone_places(atlas, here, scope) if kind == "place" else gone_with(here.item, here.maker, atlas.makers.n)
    open_ = ~here.unknown[gone[0]]
    certain = losses(here.present, gone[0][open_], gone[1][open_])
    possible = losses(here.absent, *gone)
    there = stands(here.present)[asked.items]
    table = _pairs(asked, certain, possible)
    rows = [_row(atlas, asked, scenario, items, sure, int(there.sum()), kind) for scenario, items, sure in table]
    first = np.unique(gone[0])
    worst: dict[int, float] = {}
    kappa = dict(zip(first.tolist(), atlas.kappa(first, among).included[:, scope].tolist(), strict=True))
    for item, scenario in zip(*(g.tolist() for g in gone), strict=True):
        worst[scenario] = min(kappa[item], worst.get(scenario, 1.0))
    for row, (scenario, _, _) in zip(rows, table, strict=True):
        row["coverage"] = round(worst[scenario], 4)
    rows.sort(key=lambda r: (-r["certain_share"], -r["share_lost"], r["entity"]))
    notes = (sentence("note_bottlenecks", n=len(asked.items), there=int(there.sum()),
                   unknown=int(here.unknown[asked.items].sum())),
             *population_note(atlas, asked.items[there & ~here.unknown[asked.items]], scope, among))  # fmt: skip
    return Result(COLUMNS, rows, notes, lambda at: loss_evidence(
        atlas, rows[at]["_gone"], rows[at]["_items"], scope))  # fmt: skip


def _pairs(asked: Asked, certain: Losses, possible: Losses) -> list[tuple[int, Ints, Bools]]:
    """Per scenario the asked items lost, and which of them for certain."""
    scenario = np.r_[certain.scenario, possible.scenario]
    item = np.r_[certain.item, possible.item]
    sure = np.arange(len(item)) < len(certain.item)
    keep = np.isin(item, asked.items)
    scenario, item, sure = scenario[keep], item[keep], sure[keep]
    if not len(item):
        return []
    order = np.lexsort((~sure, item, scenario))
    scenario, item, sure = scenario[order], item[order], sure[order]
    first = run_starts(scenario, item)
    scenario, item, sure = scenario[first], item[first], sure[first]
    start = np.flatnonzero(run_starts(scenario))
    return [(int(scenario[a]), item[a:b], sure[a:b]) for a, b in zip(start, np.r_[start[1:], len(item)], strict=True)]


def _row(
    atlas: Atlas, asked: Asked, scenario: int, items: Ints, sure: Bools, there: int, kind: str
) -> Row:  # fmt: skip
    from ..atlas.nearby import home_name

    snapshot, made = atlas.snapshot, atlas.makers
    order = np.argsort(~sure, kind="stable")
    names = snapshot.names(np.array([made.node(int(i)) for i in items[order]], np.int64))
    ends = items[np.isin(items, asked.ends)]
    if kind == "place":
        node = int(atlas.scopes.node[scenario])
        gone: Ints | int = scenario
        label: Said = Word("level", atlas.scopes.kind(scenario))
    else:
        node, gone = scenario, np.array([scenario], np.int64)
        label = snapshot.schema.nodes[snapshot.type_of(node)].label
    where = home_name(atlas, node)
    return {
        "entity": snapshot.name(node), "type": label, "place": where, "loses": names, "lost": len(items),
        "share_lost": round(len(items) / there, 4), "certain": bool(sure.all()),
        "certain_share": round(int(sure.sum()) / there, 4), "coverage": None,
        "ends_lost": snapshot.names(np.array([made.node(int(i)) for i in ends], np.int64)),
        "_gone": gone, "_items": items,
    }  # fmt: skip


def _gone_places(atlas: Atlas, here: Scoped, scope: int) -> tuple[Ints, Ints]:
    """Items that all makers of stand in one place inside the scope, and that place.

    A maker with several places of one level survives the loss of one of them.
    """
    where = atlas.scopes
    inside = np.flatnonzero(where.inside[:, [scope]].toarray()[:, 0])
    held = where.members
    total = np.bincount(here.item, minlength=atlas.makers.n)
    rows, columns = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for level in ("country", "province", "city", "county"):
        places = np.array([s for s in inside.tolist() if s != scope and where.kind(s) == level], np.int64)
        if len(places) < 2:  # losing all there is says nothing
            continue
        at = held[:, places].tocsr()
        sole = np.diff(at.indptr) == 1
        pairs = at[here.maker].tocoo()
        keep = sole[here.maker][pairs.row]
        item, place = here.item[pairs.row[keep]], pairs.col[keep].astype(np.int64)
        cell, count = np.unique(item * len(places) + place, return_counts=True)
        whole = count == total[cell // len(places)]
        rows.append(cell[whole] // len(places))
        columns.append(places[cell[whole] % len(places)])
    return np.concatenate(rows), np.concatenate(columns)


def population_note(atlas: Atlas, items: Ints, scope: int, among: str | None) -> tuple[Said, ...]:
    """Say for whom "the only maker" holds when it is not everybody."""
    names = atlas.population(among)
    speakers = np.unique(atlas.kappa(items, among).population[:, scope])
    used = [names[s] for s in speakers.tolist() if s >= 0 and names[s] != "全部"]
    if not used:
        return ()
    return (sentence("note_only_maker", population=tuple(Word("population", name) for name in used)),)
