"""Parts: the answers that a report puts together, each from the question's own function."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypedDict

from ...graph.schema.errors import QueryError
from ...graph.schema.words import Said, message
from ...queries.atlas.atlas import Atlas
from ...queries.atlas.chain_links import chain_names, data_date, find_chain
from ...queries.atlas.membership import cluster_chains
from ...queries.atlas.result import Result, Row
from ...queries.entities.leaders import leaders
from ...queries.entities.listing import listing
from ...queries.gaps.chain import chain as chain_states
from ...queries.gaps.figures import figures
from ...queries.gaps.gaps import COLUMNS, gaps
from ...queries.gaps.pursued import only_pursued
from ...queries.losses.bottlenecks import bottlenecks
from ...queries.partners.partners import partners
from ...queries.quality.sources import sources
from ...queries.regions.evaluation import evaluation
from ...queries.regions.targets import targets
from ...queries.resources.resource_coverage import every_link
from ...queries.resources.serving import KINDS
from ...queries.resources.technology import technology
from ..tables import READ_STATUS, read_status

LISTS = ("enterprises", "platforms", "projects", "clusters")
_CANDIDATES, _EACH = 12, 3  # gaps with candidates, and candidates a gap
_RESOURCES = ("platforms", "alliances", "funds", "services", "teams", "patents", "projects")
# Whom to look for a partner for first; what is to be verified is asked about, not filled.
_WANTED = ("missing", "single_source", "weak", "missing_narrow")
assert set(_RESOURCES) == set(KINDS)


class Where(TypedDict):
    """Scope of all questions."""

    place: str | None
    cluster: str | None


@dataclass(frozen=True)
class Report:
    """Answers by name, and what stands above them.

    ``tables`` hold ``figures states gaps bottlenecks chokepoints technology partners resources leaders
    targets evaluation list_… sources``; one that does not apply is left out.
    """

    title: str
    asked: str
    data_date: str
    hash: str
    date: str | None
    lang: str
    place: str
    chains: tuple[str, ...]
    tables: dict[str, Result]
    notes: tuple[str, ...]
    counts: dict[str, int]
    floor: float


def gather(
    atlas: Atlas, *, chain: str | None, place: str | None, cluster: str | None, date: str | None, lang: str
) -> Report:
    """Ask all questions of a report for a chain, a place, a cluster, or everything loaded."""
    where = Where(place=place, cluster=cluster)
    atlas.scopes.find(place, cluster)
    names = _chains(atlas, chain, cluster)
    tables: dict[str, Result] = {
        "figures": _joined(figures(atlas, chain=name, **where) for name in names),
        "states": _joined(chain_states(atlas, name, **where) for name in names),
        "gaps": _gaps(atlas, chain, names, where),
        "bottlenecks": _joined(_with_chain(bottlenecks(atlas, chain=name, **where), name) for name in names),
        "chokepoints": _joined(_chokepoints(atlas, name, where) for name in names),
        "technology": _joined(technology(atlas, chain=name, **where) for name in names),
    }
    tables["partners"] = _partners(atlas, tables["gaps"], place, cluster)
    every = chain is None and cluster is None
    tables["resources"] = _resources(atlas, [None] if every else list(names), place, cluster)
    if chain is not None or place is not None or cluster is not None:
        tables["leaders"] = leaders(atlas, chain=chain, place=place, cluster=cluster, top=20)
    tables["targets"] = targets(atlas, as_of=date or data_date(atlas))
    if cluster is not None:
        tables["evaluation"] = evaluation(atlas, cluster)
    for kind in LISTS:
        tables[f"list_{kind}"] = listing(atlas, kind, chain=chain, place=place, cluster=cluster)
    tables["sources"] = sources(atlas)
    tables = {name: table.in_language(lang) for name, table in tables.items()}
    shown = cluster or place or message("report_everywhere", lang)
    subject = chain or (cluster if cluster else message("report_all_chains", lang, n=len(names)))
    read = [read_status(row) for row in tables["states"].rows]
    counts = {status: read.count(status) for status in READ_STATUS}
    title = message("report_title", lang, subject=subject, place="" if cluster else shown)
    asked = message("report_asked", lang, subject="、".join(names) if len(names) <= 3 else subject, place=shown)
    return Report(title, asked, data_date(atlas) or "—", atlas.snapshot.hash, date, lang, shown, tuple(names),
                  tables, _notes(tables, lang), counts, atlas.floor)  # fmt: skip


def _chains(atlas: Atlas, chain: str | None, cluster: str | None) -> list[str]:
    if chain is not None:
        find_chain(atlas, chain)
        return [chain]
    nodes = chain_names(atlas)
    if not nodes:
        raise QueryError("chains_none")
    if cluster is not None:
        held = set(cluster_chains(atlas, atlas.snapshot.find(cluster, ("Cluster",))))
        nodes = [n for n in nodes if n in held] or nodes
    return [atlas.snapshot.name(n) for n in nodes]


def _joined(results: Iterable[Result]) -> Result:
    """Put the rows of several answers of one kind together."""
    found = list(results)
    notes = dict.fromkeys(note for one in found for note in one.notes)
    columns = found[0].columns if found else ()
    return Result(columns, [row for one in found for row in one.rows], tuple(notes),
                  labels=found[0].labels if found else {})  # fmt: skip


def _gaps(atlas: Atlas, chain: str | None, names: list[str], where: Where) -> Result:
    """Gaps of the chain asked for or of a cluster's; of a place, those of the chains that it pursues."""
    if chain is not None or where["cluster"] is not None:
        return _joined(gaps(atlas, chain=name, **where) for name in names)
    links = [find_chain(atlas, name) for name in names]
    kept, left_out = only_pursued(atlas, links, atlas.scopes.find(where["place"]))
    answer = _joined(gaps(atlas, chain=one.name, **where) for one in kept)
    return replace(answer, columns=answer.columns or COLUMNS, notes=(*left_out, *answer.notes))


def _with_chain(found: Result, name: str) -> Result:
    return Result(("chain", *found.columns), [{"chain": name, **row} for row in found.rows], found.notes,
                  labels=found.labels)  # fmt: skip


def _chokepoints(atlas: Atlas, name: str, where: Where) -> Result:
    """Chokepoints; where no country is loaded, none, and a note that says what to load."""
    try:
        return bottlenecks(atlas, chain=name, **where, kind="chokepoint")
    except QueryError as bad:
        if bad.code != "country_none":
            raise
        return Result((), [], (bad.sentence,))


def _partners(atlas: Atlas, found: Result, place: str | None, cluster: str | None) -> Result:
    """The first candidates for the most urgent gaps that somebody could fill, in the order of the question."""
    open_ = [r for r in found.rows if r["kind"] in ("industry", "technology") and r["action"]]
    wanted = [r for r in open_ if read_status(r) in _WANTED]
    wanted.sort(key=lambda r: (_WANTED.index(read_status(r)), -(r["criticality"] or 0), -(r["feasibility"] or 0)))
    rows: list[Row] = []
    notes: dict[Said, None] = {}
    columns: tuple[str, ...] = ()
    for gap in wanted[:_CANDIDATES]:
        need = f"{gap['chain']}›{gap['link']}"
        answer = partners(atlas, need, place=place, cluster=cluster, top=_EACH)
        rows += [
            {"chain": gap["chain"], "link": gap["link"], "action": gap["action"], **row} for row in answer.rows[:_EACH]
        ]
        columns = ("chain", "link", "action", *answer.columns)
        notes |= dict.fromkeys(answer.notes[1:2])  # where the weights come from
    return Result(columns, rows, tuple(notes))


def _resources(atlas: Atlas, names: list[str | None], place: str | None, cluster: str | None) -> Result:
    """One row a link, a column a kind of resource: how many serve it; empty where that is not known."""
    rows: dict[tuple[str, str], Row] = {}
    notes: dict[Said, None] = {}
    for kind in _RESOURCES:
        for name in names:
            answer = every_link(atlas, kind, chain=name, place=place, cluster=cluster)
            notes |= dict.fromkeys(answer.notes[:1])
            for r in answer.rows:
                fresh = {"chain": r["chain"], "link": r["link"], "stage": r["stage"], **dict.fromkeys(_RESOURCES)}
                row = rows.setdefault((r["chain"], r["link"]), fresh)
                if r["status"] != "unknown" or r["count"]:
                    row[kind] = max(row[kind] or 0, r["count"])
    return Result(("chain", "link", "stage", *_RESOURCES), list(rows.values()), tuple(notes))


def _notes(tables: dict[str, Result], lang: str) -> tuple[str, ...]:
    """What the answers say of themselves, each sentence once; a chain's figures stand in their own table."""
    told = (note for name, table in tables.items() if name != "states" for note in table.notes_in(lang))
    return tuple(dict.fromkeys(told))
