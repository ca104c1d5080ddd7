"""Patents along the chain (专利导航): per technology, by year, by applicant, by pair of applicants.

A patent with k applicants counts 1/k for each of them (fractional counting, OECD Patent
Statistics Manual 2009), so that shares add up to one; joint patents are those with two or more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ...graph.columns.arrays import Bools, Ints, row_of
from ...graph.schema.errors import QueryError
from ...graph.schema.words import Word, sentence
from ..atlas.atlas import Atlas
from ..atlas.chain_links import ChainLinks, chain_links, chain_names, find_chain
from ..atlas.facts import Fact
from ..atlas.result import Result, Row
from ..atlas.tracing import node_facts, relation_facts, rows_at, rows_between, told
from .serving import Serving, headers, serving

COLUMNS = {
    "technology": ("chain", "technology", "kind", "stage", "patents", "granted", "share_enterprise",
                   "share_institute", "share_unknown", "joint", "first_year", "last_year", "top"),
    "year": ("year", "patents", "granted", "share_enterprise", "share_institute", "share_unknown", "joint"),
    "applicant": ("applicant", "type", "patents", "fraction", "share", "joint", "technologies", "last_year"),
    "pair": ("applicant", "type", "partner", "partner_type", "patents", "technologies", "last_year"),
}  # fmt: skip
_TOP = 3


def patents(
    atlas: Atlas,
    *,
    by: str = "technology",
    chain: str | None = None,
    place: str | None = None,
    cluster: str | None = None,
) -> Result:
    """Return the patents that serve the technologies and products of a chain.

    Parameters
    ----------
    by
        ``technology`` (each link with patents), ``year`` (of application), ``applicant`` or
        ``pair`` (co-applicants).
    place, cluster
        Only patents of which an applicant stands there.

    Returns
    -------
    Result
        See ``COLUMNS``; shares are of fractional counts.
    """
    if by not in COLUMNS:
        raise QueryError("option_value", option="--by", value=by, known="、".join(COLUMNS))
    found = serving(atlas, "patents")
    local = found.local(atlas.scopes.find(place, cluster))
    asked = _asked(atlas, chain)
    book = _book(found)
    items = np.unique(np.concatenate([links.items for links in asked])) if asked else np.arange(atlas.makers.n)
    mine = np.flatnonzero(local & (np.asarray(found.direct[items].sum(axis=0)).reshape(-1) > 0))
    if by == "technology":
        rows = _by_technology(book, asked, local)
    else:
        makers: dict[str, Callable[[_Book, Ints], list[Row]]] = {
            "year": _by_year, "applicant": _by_applicant, "pair": _by_pair}  # fmt: skip
        rows = makers[by](book, mine)
    notes = [
        sentence("note_patents", n=len(mine), loaded=len(found.ids), undated=sum(book.years[p] is None for p in mine))
    ]
    if not len(found.ids):
        notes = [sentence("load_resource", kind=Word("resource", "patents"), n=0, **headers(atlas.snapshot, "Patent"))]
    return Result(COLUMNS[by], rows, tuple(notes), lambda at: told(_evidence(found, rows[at]["_patents"])))


def _asked(atlas: Atlas, chain: str | None) -> list[ChainLinks]:
    return [find_chain(atlas, chain)] if chain is not None else [chain_links(atlas, n) for n in chain_names(atlas)]


@dataclass(frozen=True)
class _Book:
    """Patents with their applicants, years and the items that they serve."""

    found: Serving
    years: list[int | None]
    granted: list[bool]
    applicants: list[list[int]]
    serves: list[Ints]

    def name(self, node: int) -> str:
        return self.found.atlas.snapshot.name(node)

    def kind(self, node: int) -> str:
        return self.found.atlas.snapshot.type_of(node)


def _book(found: Serving) -> _Book:
    snapshot = found.atlas.snapshot
    applied, granted = (snapshot.column("Patent", p).to_pylist() for p in ("applied", "granted"))
    owners = snapshot.csr("OWNS", incoming=True)
    by_patent = found.direct.T.tocsr()
    return _Book(
        found, [int(str(a)[:4]) if a else None for a in applied], [bool(g) for g in granted],
        [sorted(owners.of(n).tolist()) for n in found.ids],
        [np.sort(row_of(by_patent, p)) for p in range(len(found.ids))],
    )  # fmt: skip


def _sums(book: _Book, mine: Ints) -> Row:
    """Counts and fractional shares by kind of applicant of some patents."""
    share = {"Enterprise": 0.0, "Institute": 0.0}
    for p in mine.tolist():
        owners = book.applicants[p]
        for owner in owners:
            share[book.kind(owner)] += 1 / len(owners)
    n, joint = len(mine), sum(len(book.applicants[p]) > 1 for p in mine.tolist())
    known = share["Enterprise"] + share["Institute"]
    return {"patents": n, "granted": sum(book.granted[p] for p in mine.tolist()),
            "share_enterprise": round(share["Enterprise"] / n, 4), "share_institute": round(share["Institute"] / n, 4),
            "share_unknown": round((n - known) / n, 4), "joint": joint, "_patents": mine.tolist()}  # fmt: skip


def _by_technology(book: _Book, asked: list[ChainLinks], local: Bools) -> list[Row]:
    atlas = book.found.atlas
    rows: list[Row] = []
    for links in asked:
        hits = (book.found.direct[links.items].toarray() > 0) & local[None, :]
        for at, item in enumerate(links.items.tolist()):
            mine = np.flatnonzero(hits[at])
            if not len(mine):
                continue
            years = [y for p in mine.tolist() if (y := book.years[p]) is not None]
            rows.append({
                "chain": links.name, "technology": atlas.snapshot.name(atlas.makers.node(item)),
                "kind": "technology" if atlas.makers.is_technology(item) else "product", "stage": links.stage[at],
                **_sums(book, mine), "first_year": min(years, default=None), "last_year": max(years, default=None),
                "top": _top(book, mine),
            })  # fmt: skip
    rows.sort(key=lambda r: (-r["patents"], r["chain"], r["technology"]))
    return rows


def _top(book: _Book, mine: Ints) -> list[str]:
    count = Counter(owner for p in mine.tolist() for owner in book.applicants[p])
    return [f"{book.name(n)} {c}" for n, c in sorted(count.items(), key=lambda nc: (-nc[1], nc[0]))[:_TOP]]


def _by_year(book: _Book, mine: Ints) -> list[Row]:
    years = sorted({y for p in mine.tolist() if (y := book.years[p]) is not None})
    return [{"year": year, **_sums(book, np.array([p for p in mine.tolist() if book.years[p] == year], np.int64))}
            for year in years]  # fmt: skip


def _by_applicant(book: _Book, mine: Ints) -> list[Row]:
    held: dict[int, list[int]] = {}
    for p in mine.tolist():
        for owner in book.applicants[p]:
            held.setdefault(owner, []).append(p)
    rows: list[Row] = []
    for owner, ps in held.items():
        fraction = sum(1 / len(book.applicants[p]) for p in ps)
        rows.append({"applicant": book.name(owner), "type": book.kind(owner), "patents": len(ps),
                     "fraction": round(fraction, 4), "share": round(fraction / len(mine), 4),
                     "joint": sum(len(book.applicants[p]) > 1 for p in ps), "technologies": _topics(book, ps),
                     "last_year": _last(book, ps), "_patents": ps})  # fmt: skip
    rows.sort(key=lambda r: (-r["fraction"], r["applicant"]))
    return rows


def _by_pair(book: _Book, mine: Ints) -> list[Row]:
    held: dict[tuple[int, int], list[int]] = {}
    for p in mine.tolist():
        for pair in combinations(book.applicants[p], 2):
            held.setdefault(pair, []).append(p)
    rows: list[Row] = [
        {"applicant": book.name(a), "type": book.kind(a), "partner": book.name(b), "partner_type": book.kind(b),
         "patents": len(ps), "technologies": _topics(book, ps), "last_year": _last(book, ps), "_patents": ps}
        for (a, b), ps in held.items()]  # fmt: skip
    rows.sort(key=lambda r: (-r["patents"], r["applicant"], r["partner"]))
    return rows


def _topics(book: _Book, ps: list[int]) -> list[str]:
    """Technologies and products that patents serve, the most frequent first."""
    count = Counter(item for p in ps for item in book.serves[p].tolist())
    made = book.found.atlas.makers
    best = sorted(count.items(), key=lambda ic: (-ic[1], ic[0]))[:_TOP]
    return [book.name(made.node(item)) for item, _ in best]


def _last(book: _Book, ps: list[int]) -> int | None:
    return max((y for p in ps if (y := book.years[p]) is not None), default=None)


def _evidence(found: Serving, ps: list[int]) -> Iterator[Fact]:
    """Facts of the patents counted: what they are, whose, and what they serve."""
    snapshot = found.atlas.snapshot
    nodes = [found.ids.start + p for p in ps]
    for node in nodes:
        yield from node_facts(snapshot, node)
    owners = snapshot.edges("OWNS")[0]
    yield from relation_facts(snapshot, "OWNS", rows_between(snapshot, "OWNS", owners, nodes))
    yield from relation_facts(snapshot, "SERVES", rows_at(snapshot, "SERVES", nodes))
