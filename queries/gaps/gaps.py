"""Gaps: where chains are broken or thin in a place, what to do, how urgent and how feasible.

How criticality and feasibility come about: ``priority``.
"""

from __future__ import annotations

import numpy as np

from ...graph.columns.arrays import Floats, rounded
from ...graph.schema.errors import QueryError
from ...graph.schema.words import Said, sentence
from ..atlas.atlas import Atlas
from ..atlas.chain_links import ChainLinks, chain_links, chain_names, find_chain, local_makers
from ..atlas.nearby import elsewhere
from ..atlas.result import Result, Row
from ..verdicts.explanation import evidence
from ..verdicts.judge import ADEQUATE, ASSUMED, FOREIGN, MISSING, STATUS, SUBKIND, UNKNOWN
from ..verdicts.reasons import reason, scope_notes
from ..verdicts.verdicts import Verdicts, ground_of, verdicts
from .further import extension_rows, resource_rows
from .priority import Urgency, urgency
from .pursued import only_pursued

KINDS = ("industry", "technology", "link", "resource", "extension")
COLUMNS = (
    "chain", "link", "kind", "stage", "place", "status", "subkind", "action", "criticality", "feasibility",
    "gain", "needed", "downstream", "inputs_present", "density", "population", "ground", "coverage", "confidence",
    "nearest", "reason",
)  # fmt: skip
# Missing on narrow ground stands behind what is known: nobody outside the population was asked.
_URGENT = {"missing": 0, "single_source": 1, "weak": 2, "narrow": 3, "possible": 4, "unknown": 5}


def gaps(
    atlas: Atlas, *, chain: str | None = None, place: str | None = None, cluster: str | None = None,
    kind: str | None = None, among: str | None = None, external: str = "none",
    show_unknown: bool = False,
) -> Result:  # fmt: skip
    """Return the gaps of one chain or of all, most urgent first.

    Parameters
    ----------
    chain
        One chain; when not given, all chains that the place pursues (see ``pursued``; the others are
        named in a note), or all links of the recipes when there is no chain.
    kind
        ``industry``, ``technology``, ``link`` (both ends made here, no supply recorded), ``resource``
        (no platform, alliance, fund … serves the link) or ``extension`` (延链: a product of another
        chain, or of none, next to a link made here); all when not given.
    show_unknown
        Show chains that the place does not pursue, and links that cannot be judged; otherwise they
        are named or counted in a note. Resources and extensions that cannot be judged are shown
        only when their ``kind`` is asked for.

    Returns
    -------
    Result
        ``chain link kind stage place status subkind action criticality feasibility gain needed downstream
        inputs_present density population ground coverage confidence nearest reason``
    """
    if kind is not None and kind not in KINDS:
        raise QueryError("option_value", option="--kind", value=kind, known="、".join(KINDS))
    scope = atlas.scopes.find(place, cluster)
    rows: list[Row] = []
    unknown = 0
    notes: dict[Said, None] = {}
    asked, left_out = _asked(atlas, chain), list[Said]()
    if chain is None and not show_unknown:
        asked, left_out = only_pursued(atlas, asked, scope)
    for links in asked:
        found = verdicts(atlas, links.items, np.array([scope]), among=among, external=external)
        made, hidden = _link_rows(atlas, links, found, kind, show_unknown, external, among)
        rows += made
        unknown += hidden
        notes |= dict.fromkeys(scope_notes(atlas, found))
        if kind in (None, "link"):
            made, hidden = _match_rows(atlas, links, scope, show_unknown)
            rows += made
            unknown += hidden if kind == "link" else 0
        for name, rest in (("resource", resource_rows), ("extension", extension_rows)):
            if kind in (None, name):
                # Seven kinds of resources a link: what is unknown of them would bury the links themselves.
                made, hidden = rest(atlas, links, found, COLUMNS, show_unknown and kind == name)
                rows += made
                unknown += hidden if kind == name else 0
    rows.sort(key=_urgency)
    notes |= dict.fromkeys(left_out)
    if unknown and not show_unknown:
        notes[sentence("note_unknown_resource" if kind == "resource" else "note_unknown", n=unknown)] = None
    if not rows and not atlas.makers.direct.nnz and not atlas.coverage.claims:
        notes = {sentence("load_makers"): None}

    def facts(at: int) -> Result:
        trace = rows[at].get("_trace")
        return trace() if trace else evidence(atlas, rows[at]["chain"], rows[at]["_item"], scope)

    return Result(COLUMNS, rows, tuple(notes), facts)


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
    # What would extend a chain, and what serves it, come after what is broken in it.
    later = {"extension": 6, "resource": 7}.get(row["kind"], 0)
    narrow = row["status"] == "missing" and row["ground"] == "narrow"
    return (later or _URGENT["narrow" if narrow else row["status"]], -(critical if critical is not None else -1.0),
            -(row["feasibility"] or 0.0), row["chain"] or "", row["link"])  # fmt: skip


def _link_rows(
    atlas: Atlas, links: ChainLinks, found: Verdicts, kind: str | None, show_unknown: bool,
    external: str, among: str | None,
) -> tuple[list[Row], int]:  # fmt: skip
    technology = np.array([atlas.makers.is_technology(int(i)) for i in links.items])
    wanted = np.ones(len(links.items), bool)
    if kind is not None:
        wanted = technology if kind == "technology" else ~technology if kind == "industry" else ~wanted
    status = found.status[:, 0]
    open_ = wanted & (status != ADEQUATE) & (status != ASSUMED)
    hidden = int((open_ & (status == UNKNOWN)).sum())
    keep = open_ & ((status != UNKNOWN) | show_unknown)
    at = np.flatnonzero(keep)
    if not len(at):
        return [], hidden
    judged = at[status[at] != UNKNOWN]
    weight = urgency(atlas, links, found, judged, external=external, among=among)
    place = {int(i): n for n, i in enumerate(judged)}
    names = atlas.snapshot.names(np.array([atlas.makers.node(int(links.items[i])) for i in at]))
    return [_row(atlas, links, found, int(i), name, place.get(int(i)), weight, bool(technology[i]))
            for i, name in zip(at, names, strict=True)], hidden  # fmt: skip


def action(status: str, subkind: str | None) -> str | None:
    """Return the class of action: fill, strengthen, chokepoint, verify; none for what cannot be judged."""
    if status == "possible":
        return "verify"
    if status == "missing":
        return "chokepoint" if subkind == SUBKIND[FOREIGN] else "fill"
    return "strengthen" if status in ("single_source", "weak") else None


def _row(
    atlas: Atlas, links: ChainLinks, found: Verdicts, at: int, name: str, n: int | None, weight: Urgency,
    technology: bool,
) -> Row:  # fmt: skip
    def part(values: Floats) -> float | None:
        return None if n is None else rounded(values[n, 0])

    scope = int(found.scopes[0])
    speaker = int(found.population[at, 0])
    status, subkind = STATUS[found.status[at, 0]], SUBKIND[found.subkind[at, 0]]
    item = int(links.items[at])
    return {
        "chain": links.name or None, "link": name,
        "kind": "technology" if technology else "industry", "stage": links.stage[at],
        "place": atlas.scopes.name(scope), "status": status, "subkind": subkind,
        "action": action(status, subkind),
        "criticality": part(weight.criticality), "feasibility": part(weight.feasibility),
        "gain": part(weight.gain), "needed": part(weight.needed), "downstream": part(weight.downstream),
        "inputs_present": part(weight.inputs_present), "density": part(weight.density),
        "population": found.populations[speaker] if speaker >= 0 else None,
        "ground": ground_of(found, at, 0),
        "coverage": rounded(found.coverage[at, 0]), "confidence": rounded(found.confidence[at, 0]),
        "nearest": elsewhere(atlas, item, scope, 3) if found.status[at, 0] == MISSING else [],
        "reason": reason(atlas, found, at, 0), "_item": item,
    }  # fmt: skip


def _match_rows(atlas: Atlas, links: ChainLinks, scope: int, show_unknown: bool) -> tuple[list[Row], int]:
    """Inputs whose both ends are made here while no supply between the makers is recorded."""
    snapshot, recipe = atlas.snapshot, atlas.makers.recipe
    inside = set(links.items.tolist())
    src, dst = snapshot.edges("SUPPLIES")
    supplied = set(zip(src.tolist(), dst.tolist(), strict=True))
    rows: list[Row] = []
    hidden = 0
    for member, owner in zip(recipe.member.tolist(), recipe.user.tolist(), strict=True):
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
            rows.append(_match_row(atlas, links, member, owner, scope, observed))
    return rows, hidden


def _match_row(atlas: Atlas, links: ChainLinks, member: int, owner: int, scope: int, observed: bool) -> Row:
    names = [atlas.snapshot.name(atlas.makers.node(i)) for i in (member, owner)]
    code = "why_match" if observed else "why_not_observed"
    blank: Row = dict.fromkeys(COLUMNS)
    return blank | {
        "chain": links.name or None, "link": f"{names[0]} → {names[1]}", "kind": "link",
        "place": atlas.scopes.name(scope), "status": "missing" if observed else "unknown",
        "subkind": None if observed else "not_observed", "action": "match" if observed else None,
        "coverage": 0.0, "nearest": [],
        "reason": sentence(code, input=names[0], product=names[1]), "_item": owner,
    }  # fmt: skip
