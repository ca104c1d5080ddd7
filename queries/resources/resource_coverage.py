"""Coverage: the links of chains with the platforms, alliances, funds … that serve them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ...graph.columns.arrays import Ints, row_of
from ...graph.columns.walks import walk
from ...graph.schema.errors import QueryError
from ...graph.schema.words import Said, Word, read_toml, sentence
from ..atlas.atlas import Atlas
from ..atlas.chain_links import ChainLinks, chain_links, chain_names, find_chain
from ..atlas.facts import Fact, fact
from ..atlas.result import Result, Row
from ..atlas.tracing import relation_facts, rows_at, rows_between, told
from .serving import (
    DIRECT,
    TECHNOLOGY,
    WAYS,
    Serving,
    applying,
    fund_stages,
    headers,
    in_force,
    population_names,
    serving,
)

COLUMNS = ("chain", "link", "stage", "fund_stage", "count", "names", "status", "via", "through", "at_makers",
           "coverage", "reason")  # fmt: skip
_SHOWN = 5


def coverage(
    atlas: Atlas,
    of: str,
    *,
    chain: str | None = None,
    place: str | None = None,
    cluster: str | None = None,
    without: bool = False,
) -> Result:
    """Return which resources of a kind serve each link of a chain, or of all chains.

    A link is served by what SERVES it or a kind of it (via ``direct``), a technology that it
    requires (``technology``), a chain (``chain``) or a cluster (``cluster``) that holds it.

    Parameters
    ----------
    of
        ``platforms``, ``alliances``, ``funds``, ``services``, ``teams``, ``patents`` or ``projects``.
    chain
        One chain, or a product whose recipe is the chain; all chains when not given.
    place, cluster
        Count only resources that stand there; one without a place of its own stands where its
        host, leader or applicant does.
    without
        Only links that none is known to serve.

    Returns
    -------
    Result
        ``chain link stage fund_stage count names status via through at_makers coverage reason``.
        ``status`` is ``adequate`` (served directly or through a technology), ``weak`` (only
        through its chain or cluster), ``missing`` (none, and κ of SERVES reaches the floor) or
        ``unknown``. Funds have a row for each of the stages 研发, 转化孵化, 市场应用, and funds
        that state no stage make "none" of a stage unknown. Where nothing is known of any link the
        table is empty and a note says what to load.
    """
    answer = every_link(atlas, of, chain=chain, place=place, cluster=cluster)
    found = serving(atlas, of)
    sheet = headers(atlas.snapshot, found.kind)
    loaded = int(found.local(atlas.scopes.find(place, cluster)).sum())
    code = "load_serving" if loaded else "load_resource"
    answer = answer.unless_silent(_carries, sentence(code, kind=Word("resource", of), n=loaded, **sheet))
    if not without or not answer.rows:
        return answer
    return every_link(atlas, of, chain=chain, place=place, cluster=cluster, without=True)


def _carries(row: Row) -> bool:
    """Tell whether a row says more than that nobody is known to serve a link."""
    return bool(row["count"] or row["at_makers"]) or row["status"] != "unknown"


def every_link(
    atlas: Atlas,
    of: str,
    *,
    chain: str | None = None,
    place: str | None = None,
    cluster: str | None = None,
    without: bool = False,
) -> Result:
    """Return what ``coverage`` does, every link though nothing be known of any."""
    found = serving(atlas, of)
    scope = atlas.scopes.find(place, cluster)
    rows: list[Row] = []
    for links in _asked(atlas, chain):
        rows += _rows(found, links, of, scope)
    every = len(rows)
    rows = [r for r in rows if r["count"] == 0] if without else rows
    labels = {"names": "named", "status": "service"}
    notes = _notes(found, of, rows, every, scope)
    return Result(COLUMNS, rows, notes, lambda at: told(_evidence(found, rows[at], scope)), labels)


def _asked(atlas: Atlas, chain: str | None) -> list[ChainLinks]:
    if chain is not None:
        return [find_chain(atlas, chain)]
    if not chain_names(atlas):
        raise QueryError("chains_none")
    return [chain_links(atlas, node) for node in chain_names(atlas)]


def _rows(found: Serving, links: ChainLinks, of: str, scope: int) -> list[Row]:
    atlas, snapshot = found.atlas, found.atlas.snapshot
    node = _chain_node(atlas, links)
    best = found.best(links.items, node)
    best[:, ~found.local(scope)] = -1
    hosted = found.at_makers[links.items].toarray() > 0
    hosted &= found.local(scope)[None, :]
    names = snapshot.names(np.array([atlas.makers.node(int(i)) for i in links.items], np.int64))
    stages = fund_stages(snapshot) if of == "funds" else []
    rows: list[Row] = []
    for at, (item, name) in enumerate(zip(links.items.tolist(), names, strict=True)):
        kappa = float(found.kappa(atlas.chains_of[item])[scope])
        for stage, some in _by_stage(best[at], stages):
            serves = np.flatnonzero(some >= 0)
            unstaged = 0 if stage is None else sum(best[at, r] >= 0 and not stages[r] for r in range(len(stages)))
            row = _row(found, of, some, serves, kappa, unstaged)
            near = np.flatnonzero(hosted[at])
            rows.append({
                "chain": links.name, "link": name, "stage": links.stage[at], "fund_stage": stage, **row,
                "through": _through(found, item, node, row["_order"], row["via"]),
                "at_makers": snapshot.names(near + found.ids.start), "_item": item, "_chain": node,
                "_resources": [*serves.tolist(), *near.tolist()],
            })  # fmt: skip
    return rows


def _chain_node(atlas: Atlas, links: ChainLinks) -> int:
    """Return the node of a chain, −1 for the recipe of a product."""
    return links.node if links.node >= 0 and atlas.snapshot.type_of(links.node) == "Chain" else -1


def _by_stage(
    best: npt.NDArray[np.int8], stages: list[frozenset[str]]
) -> Iterator[tuple[str | None, npt.NDArray[np.int8]]]:
    """Yield the ways of all resources; of funds once a stage, those of that stage only."""
    if not stages:
        yield None, best
        return
    for name in read_toml("nodes.toml")["node"]["Fund"]["props"]["stage"]["values"]:
        of_stage = np.array([name in told_ for told_ in stages])
        yield name, np.where(of_stage, best, -1).astype(np.int8)


def _row(found: Serving, of: str, best: npt.NDArray[np.int8], serves: Ints, kappa: float, unstaged: int) -> Row:
    """Return count, names, status, way and reason of one link."""
    order = serves[np.lexsort((serves, best[serves]))]
    way = int(best[order[0]]) if len(order) else -1
    snapshot = found.atlas.snapshot
    floor = found.atlas.floor
    values = {"kind": Word("resource", of), "kappa": f"{kappa:.2f}", "floor": f"{floor:.2f}", "n": len(order)}
    if way >= 0:
        status, code = ("adequate", "why_served") if way in (DIRECT, TECHNOLOGY) else ("weak", "why_served_whole")
        reason = sentence(code, **values, way=Word("via", WAYS[way]))
    elif unstaged:
        status, reason = "unknown", sentence("why_unstaged", n=unstaged)
    elif kappa >= floor:
        status, reason = "missing", sentence("why_unserved", **values)
    else:
        status, reason = "unknown", sentence("why_unserved_unknown", **values)
    return {"count": len(order), "names": snapshot.names(order[:_SHOWN] + found.ids.start), "status": status,
            "via": WAYS[way] if way >= 0 else None, "_order": order[:_SHOWN].tolist(),
            "coverage": round(kappa, 4), "reason": reason}  # fmt: skip


def _through(found: Serving, item: int, chain: int, resources: list[int], via: str | None) -> list[str]:
    """Return the names of the technologies, chains or clusters through which a link is served."""
    if via in (None, WAYS[DIRECT]):
        return []
    atlas, serves = found.atlas, found.atlas.snapshot.csr("SERVES")
    targets = set(_targets(atlas, item, chain))
    held = {t for r in resources for t in serves.of(found.ids.start + r).tolist() if t in targets}
    return atlas.snapshot.names(np.array(sorted(held), np.int64))


def _notes(found: Serving, of: str, rows: list[Row], every: int, scope: int) -> tuple[Said, ...]:
    kind = Word("resource", of)
    loaded = int(found.local(scope).sum())
    counted = {s: sum(r["status"] == s for r in rows) for s in ("adequate", "weak", "missing", "unknown")}
    served = int((found.naming & found.local(scope)).sum())
    notes = [sentence("note_served", kind=kind, loaded=loaded, serving=served, rows=every, **counted)]
    if counted["unknown"]:
        notes.append(sentence("note_resource_unknown", kind=kind))
    return tuple(notes)


def _evidence(found: Serving, row: Row, scope: int) -> Iterator[Fact]:
    """Facts that resources serve the item, hold it or belong to its makers, then the statements behind κ."""
    atlas, snapshot = found.atlas, found.atlas.snapshot
    item, chain = row["_item"], row["_chain"]
    nodes = [found.ids.start + r for r in row["_resources"]]
    targets = set(_targets(atlas, item, chain))
    yield from relation_facts(snapshot, "SERVES", rows_between(snapshot, "SERVES", nodes, targets))
    makers = row_of(atlas.makers.makes, item)
    for relation in ("HOSTS", "LEADS", "OWNS"):
        yield from relation_facts(snapshot, relation, rows_between(snapshot, relation, makers, nodes))
    holders = [t for t in targets if snapshot.type_of(t) in ("Chain", "Cluster")]
    inside = rows_between(snapshot, "IN_CHAIN", [atlas.makers.node(item), *holders], holders)
    yield from relation_facts(snapshot, "IN_CHAIN", inside)
    yield from statement_rows(atlas, "SERVES", found, atlas.chains_of[item], scope)


def statement_rows(atlas: Atlas, relation: str, found: Serving, chains: frozenset[int], scope: int) -> Iterator[Fact]:
    """Facts that κ rests on: the completeness statements that reach the scope, or that there is none."""
    any_claim = False
    for claim in applying(atlas, relation, population_names(atlas.snapshot, found.kind), chains):
        share = float(in_force(atlas, claim, found.placed)[scope])
        if share <= 0:
            continue
        any_claim = True
        text = sentence(
            "fact_coverage",
            relation=atlas.snapshot.schema.relations[relation].label,
            population=claim.population,
            share=f"{claim.share:.4g}" if share == 1 else f"{claim.share:.4g} × {share:.4g}",
            place=atlas.scopes.name(claim.place) or Word("level", "country"),
            basis=claim.row.get("basis") or Word("ground", claim.ground),
        )
        yield fact(text, claim.row)
    if not any_claim:
        yield Fact(sentence("fact_no_coverage"), None, None, None, None, None)


def _targets(atlas: Atlas, item: int, chain: int) -> Iterator[int]:
    """Nodes whose being served means that the item is: itself, its kinds, technologies, chains, clusters."""
    yield from (atlas.makers.node(i) for i in atlas.makers.kinds_below(item))
    needs = atlas.snapshot.csr("REQUIRES")
    yield from walk(lambda node: needs.of(node).tolist(), atlas.makers.node(item))
    chains = atlas.chains_of[item] if chain < 0 else frozenset({chain})
    yield from chains
    clusters = atlas.snapshot.ids("Cluster")
    rows = rows_at(atlas.snapshot, "IN_CHAIN", chains, incoming=True)
    yield from (n for n in atlas.snapshot.edges("IN_CHAIN")[0][rows].tolist() if n in clusters)
