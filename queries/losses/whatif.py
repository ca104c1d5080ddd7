"""What if: enterprises come or go, links are opened; which verdicts change.

The graph is changed and everything is computed from it again by the code that answers any
question; nothing is patched. What the data cover does not change with the world: κ stays that
of the data as they are, so that an enterprise that is imagined makes no list more complete.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ...graph.columns.arrays import Ints
from ...graph.columns.changes import Arrival, with_arrivals, without
from ...graph.schema.errors import QueryError
from ...graph.schema.words import Label, Said, Word, sentence
from ...graph.workspace.snapshot import Snapshot
from ..atlas.atlas import Atlas
from ..atlas.chain_links import ChainLinks, chain_links, chain_names, find_chain
from ..atlas.result import Result, Row
from ..atlas.scopes import WHOLE
from ..verdicts.completeness import completeness
from ..verdicts.explanation import evidence
from ..verdicts.judge import STATUS, SUBKIND
from ..verdicts.reasons import reason
from ..verdicts.verdicts import Verdicts, ground_of, population_of, verdicts

COLUMNS = ("chain", "link", "kind", "stage", "place", "status_before", "status_after", "subkind_before",
           "subkind_after", "available_before", "available_after", "producers_before", "producers_after",
           "population", "ground_before", "ground_after", "reason")  # fmt: skip


IMAGINED = "whatif"  # source of what is imagined: a word of words.toml
EVERYWHERE = Label("全部", "everywhere")


@dataclass(frozen=True)
class Change:
    """What is imagined, as nodes of the graph."""

    arrivals: tuple[Arrival, ...]
    gone: tuple[int, ...]
    opened: tuple[int, ...]


def whatif(
    atlas: Atlas, *, add: Sequence[str] = (), remove: Sequence[str] = (), open_links: Sequence[str] = (),
    chain: str | None = None, place: str | None = None, cluster: str | None = None,
    among: str | None = None, external: str = "none",
) -> Result:  # fmt: skip
    """Return the verdicts that change, before and after.

    Parameters
    ----------
    add
        ``ENTERPRISE:PRODUCT@PLACE``: an enterprise, known or new, that makes a product or
        masters a technology, in a place (optional).
    remove
        Enterprises that go, with all they make.
    open_links
        Links taken as to be had everywhere, whoever makes them.
    chain
        Links of one chain; of all chains when not given.
    place, cluster
        Scope; when neither is given, all that is loaded and every place touched by the change.

    Returns
    -------
    Result
        ``chain link kind stage place`` and status, sub-kind, availability (y n u) and number
        of producers before and after, with the reason of the new verdict.

    Raises
    ------
    QueryError
        Nothing is imagined, or a name is not known.
    """
    change = read_change(atlas, add, remove, open_links)
    after = changed(atlas, change, IMAGINED)
    scopes = _scopes(atlas, change, place, cluster)
    asked = [find_chain(atlas, chain)] if chain is not None else [chain_links(atlas, n) for n in chain_names(atlas)]
    if not asked:
        raise QueryError("chains_none")
    rows: list[Row] = []
    notes: list[Said] = []
    for links in asked:
        before, later = (verdicts(a, links.items, scopes, among=among, external=external) for a in (atlas, after))
        found = _rows(atlas, after, links, before, later)
        rows += found
        if found or chain is not None:
            notes += _figures(atlas, after, links, before, later)
    if not rows:
        notes.append(sentence("note_whatif_none"))
    return Result(COLUMNS, rows, tuple(dict.fromkeys(notes)), lambda at: _evidence(
        atlas, after, rows[at]["chain"], rows[at]["_item"], rows[at]["_scope"]))  # fmt: skip


# the change ------------------------------------------------------------------------------------


def read_change(atlas: Atlas, add: Iterable[str], remove: Iterable[str], open_links: Iterable[str]) -> Change:
    """Read what is imagined.

    Raises
    ------
    QueryError
        Nothing is imagined, a name is not known, or ``add`` is not ENTERPRISE:PRODUCT@PLACE.
    """
    snapshot = atlas.snapshot
    arrivals = tuple(_arrival(atlas, text) for text in add)
    gone = tuple(snapshot.find(name, ("Enterprise",)) for name in remove)
    opened = tuple(atlas.makers.item(snapshot.find(name, ("Product", "Technology"))) for name in open_links)
    if not arrivals and not gone and not opened:
        raise QueryError("whatif_nothing")
    both = {a.node for a in arrivals} & set(gone)
    if both:
        raise QueryError("whatif_both", name="、".join(snapshot.name(n) for n in both if n is not None))
    return Change(arrivals, gone, opened)


def _arrival(atlas: Atlas, text: str) -> Arrival:
    found = re.fullmatch(r"\s*([^:：]+?)\s*[:：]\s*(.+?)\s*(?:[@＠]\s*([^@＠]+?)\s*)?", text)
    if found is None:
        raise QueryError("whatif_add", value=text)
    name, made, where = found.groups()
    snapshot = atlas.snapshot
    link = snapshot.find(made, ("Product", "Technology"))
    place = None if where is None else snapshot.find(where, ("Region",), "place_unknown")
    known = snapshot.called(name, ("Enterprise",))
    if len(known) > 1:
        snapshot.find(name, ("Enterprise",))  # lists them and refuses
    relation = "PRODUCES" if snapshot.type_of(link) == "Product" else "MASTERS"
    return Arrival(name, known[0] if known else None, relation, link, place)


def changed(atlas: Atlas, change: Change, source: str) -> Atlas:
    """Return the changed graph, opened for questions; what the data cover is that of ``atlas``."""
    graph = with_arrivals(atlas.snapshot.graph, change.arrivals, source)
    if change.gone:
        graph = without(graph, change.gone)
    return Atlas(
        Snapshot(graph, atlas.snapshot.schema, words=atlas.snapshot.words),
        atlas.floor,
        known=atlas,
        opened=change.opened,
    )


def _scopes(atlas: Atlas, change: Change, place: str | None, cluster: str | None) -> Ints:
    """The scope asked for; else everything, and each place and cluster that the change touches."""
    if place is not None or cluster is not None:
        return np.array([atlas.scopes.find(place, cluster)], np.int64)
    where = atlas.scopes
    touched = {WHOLE}
    for node in (*change.gone, *(a.node for a in change.arrivals if a.node is not None)):
        touched |= {int(s) for s in where.members[[node]].tocoo().col}
    for arrival in change.arrivals:
        if arrival.place is not None:
            touched |= {int(s) for s in where.holders(where.column[arrival.place])}
    return np.array(sorted(touched, key=lambda s: (int(where.rank[s]), s)), np.int64)


# rows ------------------------------------------------------------------------------------------


def _rows(
    atlas: Atlas, after: Atlas, links: ChainLinks, before: Verdicts, later: Verdicts
) -> list[Row]:  # fmt: skip
    differs = (before.status != later.status) | (before.subkind != later.subkind)
    differs |= (before.certain != later.certain) | (before.possible != later.possible)
    made = []
    for column, at in zip(*np.nonzero(differs.T), strict=True):
        item, scope = int(links.items[at]), int(before.scopes[column])
        node = atlas.makers.node(item)
        told: Row = {"chain": links.name, "link": atlas.snapshot.name(node),
                     "kind": "technology" if atlas.makers.is_technology(item) else "industry",
                     "stage": links.stage[at], "place": atlas.scopes.name(scope)}  # fmt: skip
        for name, found in (("before", before), ("after", later)):
            told[f"status_{name}"] = STATUS[found.status[at, column]]
            told[f"ground_{name}"] = ground_of(found, at, column)
            told[f"subkind_{name}"] = SUBKIND[found.subkind[at, column]]
            told[f"available_{name}"] = ("y" if found.certain[at, column] else
                                         "u" if found.possible[at, column] else "n")  # fmt: skip
            told[f"producers_{name}"] = int(found.producers[at, column])
        told["population"] = population_of(before, at, column)
        told["reason"] = reason(after, later, int(at), int(column))
        made.append(told | {"_item": item, "_scope": scope})
    return made


def _figures(
    atlas: Atlas, after: Atlas, links: ChainLinks, before: Verdicts, later: Verdicts
) -> list[Said]:  # fmt: skip
    """K and K_AO of a chain in each scope where they change."""
    old, new = completeness(atlas, links, before), completeness(after, links, later)
    notes: list[Said] = []
    for column, scope in enumerate(before.scopes.tolist()):
        values = [(old[k][column], new[k][column]) for k in ("K", "K_AO_certain", "K_AO_possible")]
        if all(a == b or (np.isnan(a) and np.isnan(b)) for a, b in values):
            continue
        shown = {f"{k}{n}": f"{pair[n]:.2f}" for k, pair in zip("kab", values, strict=True) for n in (0, 1)}
        name = atlas.scopes.name(scope)
        notes.append(sentence("note_whatif", chain=links.name, place=name or EVERYWHERE, **shown))
    return notes


def _evidence(atlas: Atlas, after: Atlas, chain: str, item: int, scope: int) -> Result:
    """Facts of the new verdict, then those that held before and no longer do."""
    now = evidence(after, chain, item, scope)
    for row in now.rows:
        row["source"] = Word("source", IMAGINED) if row["source"] == IMAGINED else row["source"]
    held = {tuple(row.values()) for row in now.rows}
    lost = [row | {"fact": sentence("fact_no_longer", fact=row["fact"])}
            for row in evidence(atlas, chain, item, scope).rows if tuple(row.values()) not in held]  # fmt: skip
    return Result(now.columns, [*now.rows, *lost])
