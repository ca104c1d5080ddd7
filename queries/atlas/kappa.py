"""Coverage κ: how likely a fact "someone of that population makes this link" stands in the loaded data.

κ is a product of three shares, each with its ground (methods §1)::

    κ = list · told · grain

*list*: the share of the population's firms that stand in the list; *told*: the share of these with any
product words; *grain*: of what such a firm makes, the share that its words let us see, in two figures:
*named* (they name the link or its kind: how many makers there are can be counted) and *included* (they
name it or a broader word: what "missing" needs, since it is said only where nobody is possible).

Grounds: *stated* (completeness statements, local closed world, Razniewski & Nutt 2011), *estimated* (two
independent lists overlap; Chapman: N̂ = (n₁+1)(n₂+1)/(m+1) − 1, share = n/N̂, not below m = 7),
*counted* (enterprises with product facts over their number in a loaded statistic), *default* (the grain
of the vocabulary). Several statements about the same: κ = 1 − Π(1 − κᵢ). No ground: κ = 0.

A statement about a province is thinned for a city by the share of the population whose city
is known: a firm that cannot be placed may stand anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow.compute as pc
from scipy.sparse import csr_array

from ...graph.columns.arrays import Bools, Floats, Ints
from ...graph.columns.text import name_key
from ...graph.schema.errors import QueryError
from ...graph.schema.words import read_toml
from .makers import Makers, populations
from .scopes import CLUSTER_RANK, WHOLE, Scopes

GROUNDS = ("none", "counted", "estimated", "stated")  # the weakest first
MIN_OVERLAP = 7


@dataclass(frozen=True)
class Part:
    """One share of κ and its ground: stated, estimated, counted or default."""

    share: float
    ground: str


_WHOLE_PART = Part(1.0, "stated")


@dataclass(frozen=True)
class Parts:
    """The shares whose product is κ: list, told, and grain as named and as included."""

    list: Part = _WHOLE_PART
    told: Part = _WHOLE_PART
    named: Part = _WHOLE_PART
    included: Part = _WHOLE_PART


@dataclass(frozen=True)
class Claim:
    """One ground for κ: what it covers and how much.

    ``share`` is κ with the grain included, ``named`` κ with the grain named.
    """

    ground: str
    relation: str
    population: str
    place: int
    chain: int
    parts: Parts
    row: dict[str, Any]

    @property
    def share(self) -> float:
        """κ of "nobody makes it": list · told · included."""
        return self.parts.list.share * self.parts.told.share * self.parts.included.share

    @property
    def named(self) -> float:
        """κ of "so many make it": list · told · named."""
        return self.parts.list.share * self.parts.told.share * self.parts.named.share


@dataclass
class Coverage:
    """κ of links in scopes, by population."""

    makers: Makers
    claims: list[Claim]
    population: dict[str, Ints]
    _held: dict[tuple[str, int], Floats] = field(default_factory=dict, repr=False)

    def names(self) -> list[str]:
        """Populations that some claim speaks of, the widest first."""
        used = {c.population for c in self.claims}
        order = list(read_toml("vocabulary.toml")["populations"])
        return sorted(used, key=lambda p: (order.index(p) if p in order else len(order),
                                           -len(self.population.get(p, ())), p))  # fmt: skip

    def kappa(
        self, relation: str, chains: frozenset[int], population: str, *, named: bool = False
    ) -> tuple[Floats, Ints]:
        """Return κ and the ground's number in every scope.

        Parameters
        ----------
        chains
            Chains that hold the link; a claim about a chain covers its links only.
        named
            κ with the grain named instead of included.
        """
        size = self.makers.scopes.n
        best, counted, ground = np.zeros(size), np.zeros(size), np.zeros(size, np.int64)
        for number, name in reversed(list(enumerate(GROUNDS))):
            unseen, uncounted = np.ones(size), np.ones(size)
            for claim in self.claims:
                if (claim.ground, claim.relation, claim.population) != (name, relation, population):
                    continue
                if claim.chain >= 0 and claim.chain not in chains:
                    continue
                unseen *= 1 - claim.share * self.in_force(claim)
                uncounted *= 1 - claim.named * self.in_force(claim)
            take = (unseen < 1) & (ground == 0)  # both figures rest on the same ground
            best[take], counted[take], ground[take] = 1 - unseen[take], 1 - uncounted[take], number
        return (counted if named else best), ground

    def in_force(self, claim: Claim) -> Floats:
        """Return the share of a claim that holds in each scope: 0 outside its place, thinned inside it."""
        key = (claim.population, claim.place)
        if key not in self._held:
            where = self.makers.scopes
            firms = self.population.get(claim.population, np.zeros(0, np.int64))
            self._held[key] = thinned_in(where, claim.place, where.members[firms[where.holding(firms, claim.place)]])
        return self._held[key]


def thinned(held: csr_array, inside: Bools, rank: Ints, place: int) -> Floats:
    """Return the share of a statement on a place that holds in each scope.

    A thing that the statement counts and that cannot be placed may stand anywhere in the place. With L
    the things that stand in the place, and L_r those of them known to stand in some scope as fine as r
    (a cluster is compared with clusters only)::

        share(ω) = 0 outside the place,  |L_rank(ω)| / |L| where ω is finer than it,  1 otherwise

    Parameters
    ----------
    held
        Things that stand in the place × scopes, an entry where a thing stands in a scope.
    inside
        Scopes that lie in the place, itself included.
    rank
        How fine each scope is (``Scopes.rank``).
    place
        Scope that the statement speaks of.
    """
    share = np.where(inside, 1.0, 0.0)
    if held.shape[0]:
        for fine in np.unique(rank[inside & (rank > rank[place])]).tolist():
            alike = rank == fine if fine == CLUSTER_RANK else (rank >= fine) & (rank < CLUSTER_RANK)
            placed = np.asarray(held[:, np.flatnonzero(alike)].sum(axis=1)).reshape(-1) > 0
            share[inside & (rank == fine)] = placed.mean()
    return share


def thinned_in(where: Scopes, place: int, held: csr_array) -> Floats:
    """Return ``thinned`` for a place of a graph."""
    return thinned(held, where.inside[:, [place]].toarray()[:, 0] > 0, where.rank, place)


def coverage(made: Makers) -> Coverage:
    """Read the completeness statements and statistics of a snapshot."""
    return Coverage(made, [*_stated(made), *_estimated(made), *_counted(made)], populations(made.snapshot))


def _rows(made: Makers, name: str) -> list[dict[str, Any]]:
    table = made.snapshot.graph.statements.get(name)
    return [] if table is None else list(table.to_pylist())


def _whole() -> str:
    return str(read_toml("vocabulary.toml")["whole"])


def _subject(made: Makers, row: dict[str, Any], key: str) -> tuple[int, int] | None:
    """Return (place, chain) of a statement, None when it names what the graph does not hold."""
    try:
        place = made.scopes.find(row.get("place"))
        chain = made.snapshot.find(row[key], ("Chain",)) if row.get(key) else -1
    except QueryError:
        return None
    return place, chain


def _stated(made: Makers) -> list[Claim]:
    claims = []
    for row in _rows(made, "Coverage"):
        subject = _subject(made, row, "chain")
        if subject is not None:
            population = row.get("population") or _whole()
            parts = _stated_parts(made, row, population, subject[0])
            claims.append(Claim("stated", row["relation"], population, *subject, parts, row))
    return claims


def _stated_parts(made: Makers, row: dict[str, Any], population: str, place: int) -> Parts:
    """Read the shares of a statement.

    A single 完整度 is the whole product only when 依据 says that it is about facts, or when it is not
    about products; else it is the share of firms that stand in the list.
    """
    book = read_toml("vocabulary.toml")["coverage"]
    whole, basis = row.get("share"), str(row.get("basis") or "")
    separate = any(row.get(k) is not None for k in ("list_share", "told", "grain", "named", "included"))
    if row["relation"] != "PRODUCES" or (not separate and any(word in basis for word in book["facts"])):
        return Parts(list=Part(float(whole or 0.0), "stated"))
    listed = row.get("list_share") if row.get("list_share") is not None else whole
    told = row.get("told")
    return Parts(
        Part(float(listed or 0.0), "stated"),
        Part(float(told), "stated") if told is not None else _told(made, population, place),
        *(_grain(row, figure, float(book[figure])) for figure in ("named", "included")),
    )


def _grain(row: dict[str, Any], figure: str, default: float) -> Part:
    stated = row.get(figure) if row.get(figure) is not None else row.get("grain")
    return Part(default, "default") if stated is None else Part(float(stated), "stated")


def _told(made: Makers, population: str, place: int) -> Part:
    """Share of a population's firms in a place, as they stand in the graph, that have any product words."""
    firms = populations(made.snapshot).get(population, np.zeros(0, np.int64))
    if len(firms):
        firms = firms[made.scopes.holding(firms, place)]
    if not len(firms):
        return Part(1.0, "counted")
    return Part(float(np.isin(firms, _speaking(made)).mean()), "counted")


def _speaking(made: Makers) -> Ints:
    """Firms with any product words: a product fact, or a text of their own that names what they make."""
    return np.unique(np.r_[made.snapshot.edges("PRODUCES")[0], made.attached.words["firm"].to_numpy()])


def chapman(n1: int, n2: int, m: int) -> float:
    """Estimated size of a population from two lists of n1 and n2 with m in both (Chapman 1951).

    Examples
    --------
    >>> round(chapman(60, 50, 30), 2)
    99.35
    """
    return (n1 + 1) * (n2 + 1) / (m + 1) - 1


def _estimated(made: Makers) -> list[Claim]:
    """Lists that a statistic row 独立名单 declares independent, two by two, by overlap."""
    declared = [r for r in _rows(made, "Statistic") if r["measure"] == "独立名单" and r.get("source")]
    claims = []
    for at, first in enumerate(declared):
        for second in declared[at + 1 :]:
            same = all(first.get(k) == second.get(k) for k in ("population", "place", "subject"))
            subject = _subject(made, first, "subject")
            if not same or subject is None:
                continue
            a, b = (_listed(made, r["source"], subject[0]) for r in (first, second))
            overlap = len(np.intersect1d(a, b))
            if overlap >= MIN_OVERLAP:
                share = min(1.0, len(np.union1d(a, b)) / chapman(len(a), len(b), overlap))
                population = first.get("population") or _whole()
                grain = _estimated_grain(made, first["source"], second["source"], np.intersect1d(a, b))
                parts = Parts(Part(share, "estimated"), _told(made, population, subject[0]), *grain)
                counted = {**first, "n1": len(a), "n2": len(b), "m": overlap}
                claims.append(Claim("estimated", "PRODUCES", population, *subject, parts, counted))
    return claims


def _estimated_grain(made: Makers, first: str, second: str, firms: Ints) -> tuple[Part, Part]:
    """Grain from the facts (firm, link) of firms in both lists; the defaults below an overlap of 7 facts."""
    book = read_toml("vocabulary.toml")["coverage"]
    default = Part(float(book["named"]), "default"), Part(float(book["included"]), "default")
    one, two = (_fact_keys(made, source, firms) for source in (first, second))
    overlap = len(np.intersect1d(one, two))
    if overlap < MIN_OVERLAP:
        return default
    share = min(1.0, len(np.union1d(one, two)) / chapman(len(one), len(two), overlap))
    # Words include at least what they name: below the default of the vocabulary the estimate says nothing of it.
    return Part(share, "estimated"), Part(share, "estimated") if share > default[1].share else default[1]


def _fact_keys(made: Makers, source: str, firms: Ints) -> Ints:
    """Facts (firm, link) of some firms from one source, each as one number."""
    src, dst = _said_by(made, source)
    item = made.items(dst)
    keep = np.isin(src, firms) & (item >= 0)
    firm, product, link, _ = made.attached.sources
    said = np.isin(firm * made.snapshot.n + product, src * made.snapshot.n + dst) & np.isin(firm, firms)
    pairs = np.r_[src[keep], firm[said]], np.r_[item[keep], made.items(link[said])]
    return np.unique(pairs[0] * made.n + pairs[1])


def _said_by(made: Makers, source: str) -> tuple[Ints, Ints]:
    """Return the product facts of one source as (firm, product) nodes."""
    table = made.snapshot.graph.relation_claims.get("PRODUCES")
    if table is None:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    mine = pc.equal(table["source"].cast("string"), source).to_numpy()
    rows = table["of"].to_numpy()[mine]
    src, dst = made.snapshot.edges("PRODUCES")
    return src[rows], dst[rows]


def _listed(made: Makers, source: str, place: int) -> Ints:
    """Enterprises of a scope with a product fact from one source."""
    firms = np.unique(_said_by(made, source)[0])
    return firms[made.scopes.holding(firms, place)]


def _counted(made: Makers) -> list[Claim]:
    """Enterprises that carry product facts over their number in a statistic (企业数)."""
    claims = []
    groups, carrying = populations(made.snapshot), _speaking(made)
    book = read_toml("vocabulary.toml")["coverage"]
    grain = (Part(float(book[figure]), "default") for figure in ("named", "included"))
    named, included = grain
    for row in _rows(made, "Statistic"):
        subject = _subject(made, row, "subject") if row["measure"] == "企业数" else None
        if subject is None or not row["value"] or row["value"] <= 0:
            continue
        name = row.get("population") or _whole()
        firms = groups.get(name, np.zeros(0, np.int64))
        if subject[1] >= 0 and len(firms):
            a, b = made.snapshot.edges("IN_CHAIN")
            firms = np.intersect1d(firms, a[b == subject[1]])
        if len(firms):
            firms = firms[made.scopes.holding(firms, subject[0])]
        known, speaking = len(firms), len(np.intersect1d(firms, carrying))
        parts = Parts(
            Part(min(1.0, known / row["value"]), "counted"),
            Part(speaking / known if known else 0.0, "counted"), named, included,
        )  # fmt: skip
        claims.append(Claim("counted", "PRODUCES", name, *subject, parts, {**row, "n": speaking}))
    return claims


__all__ = ["GROUNDS", "WHOLE", "Claim", "Coverage", "chapman", "coverage", "name_key"]
