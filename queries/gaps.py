"""Gaps: where chains are broken or thin in a place, what to do, how urgent and how feasible.

Criticality is the mean of two shares, both shown: end products of the chain that become
available when the link is filled (``gain``), and links of the chain that need it, directly
or not (``downstream``). Feasibility is the share of the link's own requirement groups that
are met here (``inputs_present``); a link without recorded inputs has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array

from ..graph.errors import QueryError
from ..graph.words import default_language, message
from .availability import Bits, Recipe, available, pack_bits, unpack_bits
from .chains import ChainLinks, chain_links, chain_names, find_chain, local_makers, reason, scope_notes
from .explanation import evidence, nearest
from .result import Result, Row
from .verdicts import ADEQUATE, FOREIGN, MISSING, STATUS, SUBKIND, UNKNOWN, Atlas, Verdicts, verdicts

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
KINDS = ("industry", "technology", "link")
COLUMNS = ("chain", "link", "kind", "stage", "place", "status", "subkind", "action", "criticality", "feasibility",
           "gain", "downstream", "inputs_present", "population", "coverage", "confidence", "nearest", "reason")  # fmt: skip
_FILLINGS = 1023  # fillings evaluated side by side: 16 words a link
_URGENT = {"missing": 0, "single_source": 1, "weak": 2, "unknown": 3}


@dataclass(frozen=True)
class Urgency:
    """Parts of criticality and feasibility of links × scopes, NaN where they do not apply."""

    gain: Floats
    downstream: Floats
    inputs_present: Floats

    @cached_property
    def criticality(self) -> Floats:
        """Mean of the parts that apply."""
        parts = np.stack([self.gain, self.downstream])
        known = ~np.isnan(parts)
        total = np.where(known, parts, 0).sum(axis=0)
        mean: Floats = np.full(total.shape, np.nan)
        np.divide(total, known.sum(axis=0), out=mean, where=known.any(axis=0))
        return mean


def gaps(
    atlas: Atlas, *, chain: str | None = None, place: str | None = None, cluster: str | None = None,
    kind: str | None = None, among: str | None = None, external: str = "none",
    show_unknown: bool = False, lang: str | None = None,
) -> Result:  # fmt: skip
    """Return the gaps of one chain or of all, most urgent first.

    Parameters
    ----------
    chain
        One chain; all chains when not given, or all links of the recipes when there is none.
    kind
        ``industry``, ``technology`` or ``link``; all when not given.
    show_unknown
        Show links that cannot be judged; otherwise they are counted in a note.

    Returns
    -------
    Result
        ``chain link kind stage place status subkind action criticality feasibility gain downstream
        inputs_present population coverage confidence nearest reason``
    """
    if kind is not None and kind not in KINDS:
        raise QueryError("option_value", option="--kind", value=kind, known="、".join(KINDS))
    lang = lang or default_language()
    scope = atlas.scopes.find(place, cluster)
    rows: list[Row] = []
    unknown = 0
    notes: dict[tuple[str, str], None] = {}
    for links in _asked(atlas, chain):
        found = verdicts(atlas, links.items, np.array([scope]), among=among, external=external)
        made, hidden = _link_rows(atlas, links, found, kind, show_unknown, lang, external, among)
        rows += made
        unknown += hidden
        notes |= dict.fromkeys(scope_notes(atlas, found))
        if kind in (None, "link"):
            made, hidden = _match_rows(atlas, links, scope, show_unknown, lang)
            rows += made
            unknown += hidden if kind == "link" else 0
    rows.sort(key=_urgency)
    if unknown and not show_unknown:
        notes[(message("note_unknown", "zh", n=unknown), message("note_unknown", "en", n=unknown))] = None
    return Result(COLUMNS, rows, tuple(notes), lambda at: evidence(
        atlas, rows[at]["chain"], rows[at]["_item"], scope, lang))  # fmt: skip


def _asked(atlas: Atlas, chain: str | None) -> list[ChainLinks]:
    if chain is not None:
        return [find_chain(atlas, chain)]
    named = [chain_links(atlas, node) for node in chain_names(atlas)]
    if named:
        return named
    recipe = atlas.makers.recipe
    items = np.union1d(recipe.member, recipe.owner)
    if not len(items):
        raise QueryError("chains_none")
    none = (None,) * len(items)
    return [ChainLinks(-1, "", items, none, none, np.setdiff1d(recipe.owner, recipe.member))]


def _urgency(row: Row) -> tuple[int, float, float, str, str]:
    critical = row["criticality"]
    return (_URGENT[row["status"]], -(critical if critical is not None else -1.0),
            -(row["feasibility"] or 0.0), row["chain"] or "", row["link"])  # fmt: skip


def _link_rows(
    atlas: Atlas, links: ChainLinks, found: Verdicts, kind: str | None, show_unknown: bool,
    lang: str, external: str, among: str | None,
) -> tuple[list[Row], int]:  # fmt: skip
    technology = np.array([atlas.makers.is_technology(int(i)) for i in links.items])
    wanted = np.ones(len(links.items), bool)
    if kind is not None:
        wanted = technology if kind == "technology" else ~technology if kind == "industry" else ~wanted
    status = found.status[:, 0]
    primary = atlas.makers.primary[links.items]
    open_ = wanted & (status != ADEQUATE) & ~(primary & (status != UNKNOWN) & (found.producers[:, 0] == 0))
    hidden = int((open_ & (status == UNKNOWN)).sum())
    keep = open_ & ((status != UNKNOWN) | show_unknown)
    at = np.flatnonzero(keep)
    if not len(at):
        return [], hidden
    judged = at[status[at] != UNKNOWN]
    weight = urgency(atlas, links, found, judged, external=external, among=among)
    place = {int(i): n for n, i in enumerate(judged)}
    names = atlas.snapshot.names(np.array([atlas.makers.node(int(links.items[i])) for i in at]))
    return [_row(atlas, links, found, int(i), name, place.get(int(i)), weight, bool(technology[i]), lang)
            for i, name in zip(at, names, strict=True)], hidden  # fmt: skip


def action(status: str, subkind: str | None) -> str | None:
    """Return the class of action: fill, strengthen, chokepoint; none for what cannot be judged."""
    if status == "missing":
        return "chokepoint" if subkind == SUBKIND[FOREIGN] else "fill"
    return "strengthen" if status in ("single_source", "weak") else None


def _row(
    atlas: Atlas, links: ChainLinks, found: Verdicts, at: int, name: str, n: int | None, weight: Urgency,
    technology: bool, lang: str,
) -> Row:  # fmt: skip
    def part(values: Floats) -> float | None:
        return None if n is None else _number(values[n, 0])

    scope = int(found.scopes[0])
    speaker = int(found.population[at, 0])
    status, subkind = STATUS[found.status[at, 0]], SUBKIND[found.subkind[at, 0]]
    known = nearest(atlas, int(links.items[at]), scope, 3) if found.status[at, 0] == MISSING else []
    return {
        "chain": links.name or None, "link": name,
        "kind": "technology" if technology else "industry", "stage": links.stage[at],
        "place": atlas.scopes.name(scope), "status": status, "subkind": subkind,
        "action": action(status, subkind),
        "criticality": part(weight.criticality), "feasibility": part(weight.inputs_present),
        "gain": part(weight.gain), "downstream": part(weight.downstream),
        "inputs_present": part(weight.inputs_present),
        "population": found.populations[speaker] if speaker >= 0 else None,
        "coverage": _number(found.coverage[at, 0]), "confidence": _number(found.confidence[at, 0]),
        "nearest": [_near(atlas, *one) for one in known],
        "reason": reason(atlas, found, at, 0, lang), "_item": int(links.items[at]),
    }  # fmt: skip


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)


def _near(atlas: Atlas, maker: int, place: str | None, km: float | None) -> str:
    where = "，".join(p for p in (place, f"{km:.0f} km" if km is not None else None) if p)
    name = atlas.snapshot.name(maker)
    return f"{name}（{where}）" if where else name


def urgency(
    atlas: Atlas, links: ChainLinks, found: Verdicts, at: Ints, *, external: str = "none", among: str | None = None
) -> Urgency:
    """Return the parts of criticality and feasibility for some links in all scopes of ``found``."""
    gain = _gain(atlas, links, found, at, external, among)
    downstream = _downstream(atlas, links, at)
    shape = (len(at), len(found.scopes))
    return Urgency(gain, np.broadcast_to(downstream[:, None], shape).copy(),
                   _inputs_present(atlas, links, found, at, external, among))  # fmt: skip


def _gain(atlas: Atlas, links: ChainLinks, found: Verdicts, at: Ints, external: str, among: str | None) -> Floats:
    """Share of the chain's end products gained when the link is filled, unknown ones taken as present.

    One column a filling: the recipe is evaluated once with all of them side by side.
    """
    out = np.full((len(at), len(found.scopes)), np.nan)
    if not len(links.ends) or not len(at):
        return out
    made, width = atlas.makers, atlas.scopes.n
    counts = made.counts.tocoo()
    own = pack_bits(counts.row.astype(np.int64), counts.col.astype(np.int64), made.n, width)
    own |= atlas._unknown_bits(among, width)
    outside = atlas._external(external, width)
    for column, scope in enumerate(found.scopes.tolist()):
        here, there = (_one_column(bits, scope) for bits in (own, outside))
        for start in range(0, len(at), _FILLINGS):
            part = at[start : start + _FILLINGS]
            out[start : start + len(part), column] = _filled(made.recipe, links, here, there, links.items[part])
    return out


def _one_column(bits: Bits, column: int) -> npt.NDArray[np.bool_]:
    flags: npt.NDArray[np.bool_] = (bits[:, column >> 6] >> np.uint64(column & 63) & np.uint64(1)) > 0
    return flags


def _filled(
    recipe: Recipe, links: ChainLinks, own: npt.NDArray[np.bool_], outside: npt.NDArray[np.bool_], items: Ints
) -> Floats:
    """Share of end products gained by each filling; column 0 is the state as it is."""
    every = np.uint64(0xFFFFFFFFFFFFFFFF)
    words = len(items) // 64 + 1
    base, ext = (np.repeat(np.where(f, every, np.uint64(0))[:, None], words, axis=1) for f in (own, outside))
    base |= pack_bits(items, np.arange(1, len(items) + 1), recipe.n, len(items) + 1)
    reached = available(recipe, base, ext)[links.ends] | ext[links.ends]
    share = unpack_bits(reached, len(items) + 1).mean(axis=0)
    gained: Floats = np.maximum(share[1:] - share[0], 0)
    return gained


def _downstream(atlas: Atlas, links: ChainLinks, at: Ints) -> Floats:
    """Share of the chain's other links that need each of some links, directly or through others."""
    recipe, items = atlas.makers.recipe, links.items
    n = len(items)
    if not len(at):
        return np.zeros(0)
    position = np.full(recipe.n, -1, np.int64)
    position[items] = np.arange(n)
    a, b = position[recipe.member], position[recipe.owner[recipe.group]]
    keep = (a >= 0) & (b >= 0)
    step = coo_array((np.ones(int(keep.sum()), np.int32), (a[keep], b[keep])), shape=(n, n)).tocsr()
    reach = coo_array((np.ones(len(at), np.int32), (np.arange(len(at)), at)), shape=(len(at), n)).tocsr()
    while True:
        wider = (reach + reach @ step).tocsr()
        wider.data[:] = 1
        if wider.nnz == reach.nnz:
            break
        reach = wider
    share: Floats = (np.asarray(reach.sum(axis=1)).reshape(-1) - 1) / max(n - 1, 1)
    return share


def _inputs_present(
    atlas: Atlas, links: ChainLinks, found: Verdicts, at: Ints, external: str, among: str | None
) -> Floats:
    """Share of each link's requirement groups of which some member is made here or to be had."""
    recipe, made = atlas.makers.recipe, atlas.makers
    out = np.full((len(at), len(found.scopes)), np.nan)
    outside = unpack_bits(atlas._external(external, atlas.scopes.n), atlas.scopes.n)
    for n, row in enumerate(at.tolist()):
        groups = np.flatnonzero(recipe.owner == links.items[row])
        if not len(groups):
            continue
        edges = np.flatnonzero(np.isin(recipe.group, groups))
        members = recipe.member[edges]
        here = (made.counts[members][:, found.scopes].toarray() > 0) | outside[members][:, found.scopes]
        met = np.zeros((len(groups), len(found.scopes)), bool)
        np.logical_or.at(met, np.searchsorted(groups, recipe.group[edges]), here)
        out[n] = met.mean(axis=0)
    return out


def _match_rows(atlas: Atlas, links: ChainLinks, scope: int, show_unknown: bool, lang: str) -> tuple[list[Row], int]:
    """Inputs whose both ends are made here while no supply between the makers is recorded."""
    snapshot, recipe = atlas.snapshot, atlas.makers.recipe
    inside = set(links.items.tolist())
    src, dst = snapshot.edges("SUPPLIES")
    supplied = set(zip(src.tolist(), dst.tolist(), strict=True))
    rows: list[Row] = []
    hidden = 0
    for member, owner in zip(recipe.member.tolist(), recipe.owner[recipe.group].tolist(), strict=True):
        if member not in inside or owner not in inside or atlas.makers.is_technology(member):
            continue
        givers, takers = (set(local_makers(atlas, i, scope).tolist()) for i in (member, owner))
        if not givers or not takers or givers & takers:
            continue
        if any((a, b) in supplied for a in givers for b in takers):
            continue
        observed = bool(supplied)
        hidden += not observed
        if observed or show_unknown:
            rows.append(_match_row(atlas, links, member, owner, scope, observed, lang))
    return rows, hidden


def _match_row(atlas: Atlas, links: ChainLinks, member: int, owner: int, scope: int, observed: bool, lang: str) -> Row:
    names = [atlas.snapshot.name(atlas.makers.node(i)) for i in (member, owner)]
    code = "why_match" if observed else "why_not_observed"
    blank: Row = dict.fromkeys(COLUMNS)
    return blank | {
        "chain": links.name or None, "link": f"{names[0]} → {names[1]}", "kind": "link",
        "place": atlas.scopes.name(scope), "status": "missing" if observed else "unknown",
        "subkind": None if observed else "not_observed", "action": "match" if observed else None,
        "coverage": 0.0, "nearest": [],
        "reason": message(code, lang, input=names[0], product=names[1]), "_item": owner,
    }  # fmt: skip
