"""Chains: the links of a chain with their statuses, and the chain's own figures.

Completeness K = Σ[S ≠ ∅] / Σ1 over the product links; K_AO = share of end products whose
whole recipe is to be had, as an interval [certain, possible] (methods §1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...graph.columns.canonical import flat
from ...graph.schema.errors import QueryError
from ...graph.schema.words import default_language, message, pairs
from ..verdicts.explanation import evidence
from ..atlas.result import Result, Row
from ..atlas.scopes import WHOLE
from ..verdicts.verdicts import (
    AT_LEAST_ONE,
    HHI,
    LQ,
    MISSING,
    SINGLE,
    STATUS,
    SUBKIND,
    UNKNOWN,
    WEAK,
    Verdicts,
    verdicts,
)
from ..atlas.atlas import Atlas

Ints = npt.NDArray[np.int64]
COLUMNS = ("chain", "link", "kind", "stage", "order", "status", "subkind", "reason", "producers", "names",
           "available", "population", "coverage", "ground", "confidence")  # fmt: skip
_STAGES = ("upstream", "midstream", "downstream")


@dataclass(frozen=True)
class ChainLinks:
    """The items of a chain, upstream first, with their stage and order in it."""

    node: int
    name: str
    items: Ints
    stage: tuple[str | None, ...]
    order: tuple[int | None, ...]
    ends: Ints


def chain_names(atlas: Atlas) -> list[int]:
    """Return the chains that hold links, in the order of their keys."""
    return sorted(atlas.chain_members)


def find_chain(atlas: Atlas, name: str) -> ChainLinks:
    """Return the links of a chain; a product's name means the chain that leads to it.

    Raises
    ------
    QueryError
        No chain or product has this name; the nearest are given.
    """
    snapshot = atlas.snapshot
    if not chain_names(atlas) and not len(snapshot.edges("INPUT_OF")[0]):
        raise QueryError("chains_none")
    try:
        node = snapshot.find(name, ("Chain",))
    except QueryError as none:
        try:
            node = snapshot.find(name, ("Product",))
        except QueryError:
            raise none from None
        return product_chain(atlas, node)
    return chain_links(atlas, node)


def chain_links(atlas: Atlas, node: int) -> ChainLinks:
    """Return the links of a chain node, the technologies that they require among them."""
    return _ordered(atlas, node, atlas.snapshot.name(node), atlas.chain_members.get(node, []))


def product_chain(atlas: Atlas, node: int) -> ChainLinks:
    """Return everything that a product needs, directly or not, as a chain of its own."""
    recipe = atlas.makers.recipe
    wanted = {atlas.makers.item(node)}
    front = np.array(sorted(wanted), np.int64)
    while len(front):
        groups = np.flatnonzero(np.isin(recipe.owner, front))
        found = np.unique(recipe.member[np.isin(recipe.group, groups)])
        front = np.array([i for i in found.tolist() if i not in wanted], np.int64)
        wanted |= set(front.tolist())
    return _ordered(atlas, node, atlas.snapshot.name(node), [(i, None, None) for i in sorted(wanted)])


def _ordered(atlas: Atlas, node: int, name: str, found: list[tuple[int, str | None, int | None]]) -> ChainLinks:
    """Order links upstream to downstream; without an order the recipe's levels give it."""
    level = atlas.makers.recipe.level

    def place(one: tuple[int, str | None, int | None]) -> tuple[int, float, int, int]:
        item, stage, order = one
        rank = _STAGES.index(stage) if stage in _STAGES else len(_STAGES)
        return (rank, order if order is not None else int(level[item]), atlas.makers.is_technology(item), item)

    found = sorted(found, key=place)
    items = np.array([f[0] for f in found], np.int64)
    return ChainLinks(node, name, items, tuple(f[1] for f in found), tuple(f[2] for f in found),
                      _ends(atlas, items))  # fmt: skip


def _ends(atlas: Atlas, items: Ints) -> Ints:
    """End products: those marked as such, else the products that feed no other link of the chain.

    A kind of a link is no end product: it goes where the general one goes.
    """
    products = items[items < len(atlas.makers.base[0])]
    flag = atlas.snapshot.column("Product", "end_product").fill_null(False).to_numpy(zero_copy_only=False)
    marked = products[flag[products]] if len(products) else products
    if len(marked):
        return np.sort(marked)
    recipe = atlas.makers.recipe
    inside = np.isin(recipe.owner[recipe.group], products)
    child, parent = (atlas.makers.items(e) for e in atlas.snapshot.edges("KIND_OF"))
    feeding = np.r_[recipe.member[inside], child[np.isin(parent, products)]]
    return np.setdiff1d(products, feeding)


def completeness(atlas: Atlas, links: ChainLinks, found: Verdicts) -> dict[str, npt.NDArray[np.float64]]:
    """Return K and K_AO (certain, possible) of a chain, one value a scope of ``found``."""
    made = found.producers > 0
    product = found.items < len(atlas.makers.base[0])
    ends = np.isin(found.items, links.ends)
    if not product.any():
        product = np.ones_like(product)
    k = made[product].mean(axis=0)
    none = np.full(len(found.scopes), np.nan)
    low = found.certain[ends].mean(axis=0) if ends.any() else none
    high = found.possible[ends].mean(axis=0) if ends.any() else none
    return {"K": k, "K_AO_certain": low, "K_AO_possible": high}


def chain(
    atlas: Atlas, name: str, *, place: str | None = None, cluster: str | None = None,
    among: str | None = None, external: str = "none", lang: str | None = None,
) -> Result:  # fmt: skip
    """Return the links of a chain with their status in a place.

    Parameters
    ----------
    name
        A chain, or a product whose recipe is the chain.
    place, cluster
        Scope; everything that is loaded when neither is given.
    among
        Population that "missing" speaks of (``--among``).
    external
        ``none``, ``province``, ``nation`` or ``world``.

    Returns
    -------
    Result
        ``chain link kind stage order status subkind reason producers names available population
        coverage ground confidence``; ``available`` is y, n or u.
    """
    lang = lang or default_language()
    links = find_chain(atlas, name)
    scope = atlas.scopes.find(place, cluster)
    found = verdicts(atlas, links.items, np.array([scope]), among=among, external=external)
    rows = [link_row(atlas, links, found, at, 0, lang) for at in range(len(links.items))]
    return Result(COLUMNS, rows, _notes(atlas, links, found), lambda at: evidence(
        atlas, links.name, int(links.items[at]), scope, lang))  # fmt: skip


def link_row(atlas: Atlas, links: ChainLinks, found: Verdicts, at: int, column: int, lang: str) -> Row:
    """Return one verdict as a row of ``chain``."""
    item = int(links.items[at])
    node = atlas.makers.node(item)
    speaker = int(found.population[at, column])
    confidence = found.confidence[at, column]
    product = not atlas.makers.is_technology(item)
    available = "y" if found.certain[at, column] else "u" if found.possible[at, column] else "n"
    ground = int(found.ground[at, column])
    return {
        "chain": links.name, "link": atlas.snapshot.name(node),
        "kind": (atlas.snapshot.value(node, "kind") or "产品") if product else "技术",
        "stage": links.stage[at], "order": links.order[at],
        "status": STATUS[found.status[at, column]], "subkind": SUBKIND[found.subkind[at, column]],
        "reason": reason(atlas, found, at, column, lang),
        "producers": int(found.producers[at, column]),
        "names": producer_names(atlas, item, int(found.scopes[column])) if found.producers[at, column] else [],
        "available": available,
        "population": found.populations[speaker] if speaker >= 0 else None,
        "coverage": round(float(found.coverage[at, column]), 4),
        "ground": ("none", "counted", "estimated", "stated")[ground],
        "confidence": None if np.isnan(confidence) else round(float(confidence), 4),
    }  # fmt: skip


def producer_names(atlas: Atlas, item: int, scope: int, limit: int = 5) -> list[str]:
    """Return the names of the first makers of an item in a scope, in key order."""
    return atlas.snapshot.names(local_makers(atlas, item, scope)[:limit])


def local_makers(atlas: Atlas, item: int, scope: int) -> Ints:
    """Return the nodes that make an item in a scope."""
    made = atlas.makers.makes
    nodes = np.sort(made.indices[made.indptr[item] : made.indptr[item + 1]]).astype(np.int64)
    if scope == WHOLE or not len(nodes):
        return nodes
    return nodes[atlas.scopes.holding(nodes, scope)]


def reason(atlas: Atlas, found: Verdicts, at: int, column: int, lang: str) -> str:
    """Say in a sentence why a link has its status."""
    status, sub = int(found.status[at, column]), int(found.subkind[at, column])
    item, scope = int(found.items[at]), int(found.scopes[column])
    speaker, n = int(found.population[at, column]), int(found.producers[at, column])
    words: Mapping[str, dict[str, str]] = pairs("population")
    name = found.populations[speaker] if speaker >= 0 else "全部"
    population = words[name][lang] if name in words else name
    kappa = f"{found.coverage[at, column]:.2f}"
    shown = "、".join(producer_names(atlas, item, scope)) if n == 1 else ""
    if status == UNKNOWN:
        code = "why_low" if found.coverage[at, column] > 0 else "why_no_ground"
        if atlas.makers.captive[item]:
            code = "why_captive"
        if sub == AT_LEAST_ONE:
            code = "why_at_least_one"
        return message(code, lang, kappa=kappa, floor=f"{atlas.floor:.2f}", names=shown)
    if status == MISSING:
        total = int(atlas.makers.total[item])
        where = message(f"else_{SUBKIND[sub]}", lang, n=total)
        said = message("why_missing", lang, population=population, kappa=kappa, elsewhere=where)
        return said + message("why_primary", lang) if atlas.makers.primary[item] else said
    if status == SINGLE:
        return message("why_single", lang, population=population, names=shown)
    if status == WEAK:
        code, value = ("why_hhi", found.hhi) if sub == HHI else ("why_lq", found.lq)
        assert sub in (HHI, LQ)
        return message(code, lang, n=n, value=f"{value[at, column]:.2f}", limit=".25")
    return message("why_adequate", lang, n=n)


def _notes(atlas: Atlas, links: ChainLinks, found: Verdicts) -> tuple[tuple[str, str], ...]:
    figures = completeness(atlas, links, found)
    values = {"k": f"{figures['K'][0]:.2f}", "low": f"{figures['K_AO_certain'][0]:.2f}",
              "high": f"{figures['K_AO_possible'][0]:.2f}", "ends": len(links.ends),
              "as_of": data_date(atlas) or "—"}  # fmt: skip
    from .figures import shape

    made = shape(atlas, links, found)
    drawn = {"length": made.length, "inputs": made.inputs, "thickness": _two(made.thickness),
             "continuity": _two(made.continuity)}  # fmt: skip
    notes = [_both("note_figures", **values), _both("note_shape", **drawn)]
    return (*notes, *scope_notes(atlas, found))


def _two(value: float) -> str:
    return "—" if np.isnan(value) else f"{value:.2f}"


def scope_notes(atlas: Atlas, found: Verdicts) -> tuple[tuple[str, str], ...]:
    """Say for whom verdicts hold when it is not everybody, and what was left out."""
    speakers = {int(s) for s in np.unique(found.population[(found.status == MISSING) | (found.status == SINGLE)])}
    names = [found.populations[s] for s in sorted(speakers) if s >= 0 and found.populations[s] != "全部"]
    notes = []
    if names:
        words = pairs("population")
        shown = {lg: "、".join(words[n][lg] if n in words else n for n in names) for lg in ("zh", "en")}
        notes.append((message("note_population", "zh", population=shown["zh"]),
                      message("note_population", "en", population=shown["en"])))  # fmt: skip
    if atlas.makers.excluded:
        notes.append(_both("note_excluded", n=atlas.makers.excluded))
    return tuple(notes)


def _both(code: str, **values: object) -> tuple[str, str]:
    return message(code, "zh", **values), message(code, "en", **values)


def data_date(atlas: Atlas) -> str | None:
    """Return the date of the data: of what they claim to cover, else of the newest producing fact."""
    stated = [str(c.row["as_of"]) for c in atlas.coverage.claims if c.row.get("as_of")]
    if stated:
        return max(stated)
    newest = None
    for relation in ("PRODUCES", "MASTERS"):
        table = atlas.snapshot.graph.relation_claims.get(relation)
        if table is not None and "as_of" in table.column_names:
            dates = [d for d in flat(table["as_of"]).unique().to_pylist() if d]
            newest = max([*dates, *([newest] if newest else [])], default=None)
    return newest
