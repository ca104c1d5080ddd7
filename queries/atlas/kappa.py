"""Coverage κ: how likely a producer, if there were one, would stand in the loaded data.

Three grounds, the strongest is used and named: *stated* (completeness statements, local
closed world, Razniewski & Nutt 2011: κ = 1 − Π(1 − c)), *estimated* (two independent lists
overlap; Chapman: N̂ = (n₁+1)(n₂+1)/(m+1) − 1, κ = n/N̂, not below m = 7), *counted*
(enterprises with product facts over their number in a loaded statistic). No ground: κ = 0.

A statement about a province is thinned for a city by the share of the population whose city
is known: a firm that cannot be placed may stand anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from ...graph.columns.arrays import Bools, Floats, Ints
from ...graph.columns.text import name_key
from ...graph.schema.errors import QueryError
from ...graph.schema.words import read_toml
from .makers import Makers, populations
from .scopes import CLUSTER_RANK, WHOLE, Scopes

GROUNDS = ("none", "counted", "estimated", "stated")
MIN_OVERLAP = 7


@dataclass(frozen=True)
class Claim:
    """One ground for κ: what it covers and how much."""

    ground: str
    relation: str
    population: str
    place: int
    chain: int
    share: float
    row: dict[str, Any]


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

    def kappa(self, relation: str, chains: frozenset[int], population: str) -> tuple[Floats, Ints]:
        """Return κ and the ground's number in every scope.

        Parameters
        ----------
        chains
            Chains that hold the link; a claim about a chain covers its links only.
        """
        size = self.makers.scopes.n
        best, ground = np.zeros(size), np.zeros(size, np.int64)
        for number, name in reversed(list(enumerate(GROUNDS))):
            missing = np.ones(size)
            for claim in self.claims:
                if (claim.ground, claim.relation, claim.population) != (name, relation, population):
                    continue
                if claim.chain >= 0 and claim.chain not in chains:
                    continue
                missing *= 1 - claim.share * self.in_force(claim)
            found = 1 - missing
            take = (found > 0) & (ground == 0)
            best[take], ground[take] = found[take], number
        return best, ground

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
            claims.append(Claim("stated", row["relation"], row.get("population") or _whole(), *subject,
                                float(row["share"]), row))  # fmt: skip
    return claims


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
                claims.append(Claim("estimated", "PRODUCES", first.get("population") or _whole(), *subject,
                                    share, {**first, "n1": len(a), "n2": len(b), "m": overlap}))  # fmt: skip
    return claims


def _listed(made: Makers, source: str, place: int) -> Ints:
    """Enterprises of a scope with a product fact from one source."""
    table = made.snapshot.graph.relation_claims.get("PRODUCES")
    if table is None:
        return np.zeros(0, np.int64)
    import pyarrow.compute as pc

    mine = pc.equal(table["source"].cast("string"), source).to_numpy()
    src, _ = made.snapshot.edges("PRODUCES")
    firms = np.unique(src[table["of"].to_numpy()[mine]])
    return firms[made.scopes.holding(firms, place)]


def _counted(made: Makers) -> list[Claim]:
    """Enterprises that carry product facts over their number in a statistic (企业数)."""
    claims = []
    groups = populations(made.snapshot)
    src, _ = made.snapshot.edges("PRODUCES")
    carrying = np.unique(src)
    for row in _rows(made, "Statistic"):
        subject = _subject(made, row, "subject") if row["measure"] == "企业数" else None
        if subject is None or not row["value"] or row["value"] <= 0:
            continue
        name = row.get("population") or _whole()
        firms = np.intersect1d(groups.get(name, np.zeros(0, np.int64)), carrying)
        if subject[1] >= 0 and len(firms):
            a, b = made.snapshot.edges("IN_CHAIN")
            firms = np.intersect1d(firms, a[b == subject[1]])
        if len(firms):
            firms = firms[made.scopes.holding(firms, subject[0])]
        share = min(1.0, len(firms) / row["value"])
        claims.append(Claim("counted", "PRODUCES", name, *subject, share, {**row, "n": len(firms)}))
    return claims


__all__ = ["GROUNDS", "WHOLE", "Claim", "Coverage", "chapman", "coverage", "name_key"]
