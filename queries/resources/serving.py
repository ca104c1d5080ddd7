"""Resources along the chain: which platforms, alliances, funds … serve which link, and by what way.

A resource serves a link *directly* (SERVES the link, or a kind of it), through a *technology*
that the link requires, or through a *chain* or *cluster* that holds the link. "None" is
missing where completeness statements about SERVES reach the floor, else unknown: the same κ
rule as for makers (methods §1), with the resource type as the population.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from ...graph.columns.arrays import Bools, Floats, Ints, as_flags, incidence, within
from ...graph.columns.walks import passed_on
from ...graph.schema.errors import QueryError
from ...graph.schema.words import pairs, read_toml
from ...graph.workspace.snapshot import Snapshot
from ..atlas.atlas import Atlas, once_an_atlas
from ..atlas.kappa import Claim, thinned_in
from ..atlas.scopes import WHOLE

KINDS = {"platforms": "Platform", "alliances": "Alliance", "funds": "Fund", "services": "Service",
         "teams": "Team", "patents": "Patent", "projects": "Project"}  # fmt: skip
WAYS = ("direct", "technology", "chain", "cluster")
DIRECT, TECHNOLOGY, CHAIN, CLUSTER = range(4)
# Who stands behind a resource whose own place nobody states: its host, leader, applicant.
_BEHIND = ("HOSTS", "LEADS", "OWNS")
_BEHIND_OUT = ("MEMBER_OF", "FUNDED_BY")


def node_type(of: str) -> str:
    """Return the node type of a kind of resource.

    Raises
    ------
    QueryError
        There is no such kind; the known ones are listed.
    """
    if of not in KINDS:
        raise QueryError("option_value", option="--of", value=of, known="、".join(KINDS))
    return KINDS[of]


@dataclass(frozen=True)
class Serving:
    """Which resources of one type serve which items.

    ``direct`` and ``technology`` are matrices items × resources, ``of_chain`` and ``of_cluster``
    chain nodes × resources, each with 1 where a resource serves by that way; ``at_makers`` is
    1 where a maker of the item hosts, leads or owns the resource (shown, not counted).
    """

    atlas: Atlas
    kind: str
    ids: range
    direct: csr_array
    technology: csr_array
    of_chain: csr_array
    of_cluster: csr_array
    at_makers: csr_array
    _kappa: dict[frozenset[int], Floats] = field(default_factory=dict, repr=False)

    @cached_property
    def placed(self) -> csr_array:
        """1 where a resource stands in a scope, resources × scopes: its own place, else that of its host."""
        snapshot, where = self.atlas.snapshot, self.atlas.scopes
        own = where.members[np.arange(self.ids.start, self.ids.stop)].astype(np.int32).tocsr()
        stands = np.asarray(own[:, 1:].sum(axis=1)).reshape(-1)  # scope 0 holds everything
        bare = np.flatnonzero(stands == 0)
        through = (_behind(snapshot, self.ids)[bare] @ where.members.astype(np.int32)).tocoo()
        whole = own.tocoo()
        rows = np.r_[whole.row, bare[through.row], np.arange(len(self.ids))]
        cols = np.r_[whole.col, through.col, np.zeros(len(self.ids), np.int64)]
        return incidence(rows, cols, own.shape)

    def local(self, scope: int) -> Bools:
        """Tell which resources stand in a scope."""
        if scope == WHOLE:
            return np.ones(len(self.ids), bool)
        held: Bools = self.placed[:, [scope]].toarray()[:, 0] > 0
        return held

    def best(self, items: Ints, chain: int = -1) -> npt.NDArray[np.int8]:
        """Return the closest way by which each resource serves each item, shape (items, resources), −1 none.

        Parameters
        ----------
        chain
            Node of the chain that the items are looked at in: what serves another chain that
            holds the same product does not serve it here. Any chain when negative.
        """
        out = np.full((len(items), len(self.ids)), -1, np.int8)
        for way, matrix in ((CLUSTER, self.of_cluster), (CHAIN, self.of_chain)):
            rows = matrix[[chain]].toarray() if chain >= 0 else (
                _chain_items(self.atlas)[items] @ matrix).toarray()  # fmt: skip
            out[np.broadcast_to(rows > 0, out.shape)] = way
        for way, matrix in ((TECHNOLOGY, self.technology), (DIRECT, self.direct)):
            out[matrix[items].toarray() > 0] = way
        return out

    @property
    def naming(self) -> Bools:
        """Tell which resources say what link, technology, chain or cluster they serve."""
        hits = np.zeros(len(self.ids), bool)
        src = self.atlas.snapshot.edges("SERVES")[0]
        hits[src[within(src, self.ids)] - self.ids.start] = True
        return hits

    def kappa(self, chains: frozenset[int]) -> Floats:
        """Return κ of "nobody serves it" in every scope, by the stated completeness of SERVES."""
        if chains not in self._kappa:
            names = population_names(self.atlas.snapshot, self.kind)
            self._kappa[chains] = stated(self.atlas, "SERVES", names, chains, self.placed)
        return self._kappa[chains]


def population_names(snapshot: Snapshot, kind: str) -> frozenset[str]:
    """Names that a completeness statement may give a resource type as its population."""
    node = snapshot.schema.nodes[kind]
    command = next(c for c, k in KINDS.items() if k == kind)
    return frozenset({str(read_toml("vocabulary.toml")["whole"]), kind, command, node.zh, node.en, *node.sheets,
                      pairs("resource")[command]["zh"]})  # fmt: skip


def stated(
    atlas: Atlas, relation: str, populations: frozenset[str], chains: frozenset[int], placed: csr_array,
) -> Floats:  # fmt: skip
    """Return κ = 1 − Π(1 − c) of the statements about a relation in every scope.

    A statement about a place speaks for the places inside it as far as the things that it
    lists can be placed: c is multiplied by the share of them whose place is known so finely.

    Parameters
    ----------
    placed
        Things listed × scopes.
    """
    missing = np.ones(atlas.scopes.n)
    for claim in applying(atlas, relation, populations, chains):
        missing *= 1 - claim.share * in_force(atlas, claim, placed)
    found: Floats = 1 - missing
    return found


def applying(atlas: Atlas, relation: str, populations: frozenset[str], chains: frozenset[int]) -> list[Claim]:
    """Return the completeness statements about a relation of some population and chain."""
    return [c for c in atlas.coverage.claims
            if c.ground == "stated" and c.relation == relation and c.population in populations
            and (c.chain < 0 or c.chain in chains)]  # fmt: skip


def in_force(atlas: Atlas, claim: Claim, placed: csr_array) -> Floats:
    """Return the share of a statement that holds in each scope, by the things listed that stand in its place."""
    here = np.flatnonzero(placed[:, [claim.place]].toarray()[:, 0] > 0)
    return thinned_in(atlas.scopes, claim.place, placed[here])


@once_an_atlas
def serving(atlas: Atlas, of: str) -> Serving:
    """Return which resources of a kind serve which items.

    Parameters
    ----------
    of
        ``platforms``, ``alliances``, ``funds``, ``services``, ``teams``, ``patents`` or ``projects``.
    """
    kind, snapshot, made = node_type(of), atlas.snapshot, atlas.makers
    ids = snapshot.ids(kind)
    src, dst = snapshot.edges("SERVES")
    mine = within(src, ids)
    src, dst = src[mine] - ids.start, dst[mine]
    item = made.items(dst)
    n, m = made.n, len(ids)
    direct = passed_on(made.kinds_down, incidence(item, src, (n, m)))
    technologies = incidence(np.where(item >= len(made.base[0]), item, -1), src, (n, m))
    technology = passed_on(incidence(*made.pairs("REQUIRES"), (n, n)), technologies)
    held = incidence(dst, src, (snapshot.n, m))
    clusters = incidence(*_cluster_chains(snapshot), (snapshot.n, snapshot.n))
    at_makers = _flat(made.makes @ _behind(snapshot, ids).T)
    return Serving(atlas, kind, ids, direct, technology, held, _flat(clusters @ held), at_makers)


def _flat(matrix: csr_array) -> csr_array:
    out = matrix.tocsr()
    out.eliminate_zeros()
    return as_flags(out)


def _chain_items(atlas: Atlas) -> csr_array:
    """Items × nodes: 1 where a chain node holds an item."""
    held = [(item, chain) for chain, members in atlas.chain_members.items() for item, _, _ in members]
    rows, cols = (np.array([h[k] for h in held], np.int64) for k in (0, 1))
    return incidence(rows, cols, (atlas.makers.n, atlas.snapshot.n))


def _cluster_chains(snapshot: Snapshot) -> tuple[Ints, Ints]:
    """Pairs (chain, cluster) of clusters that hold a chain."""
    src, dst = snapshot.edges("IN_CHAIN")
    clusters = snapshot.ids("Cluster")
    keep = within(src, clusters)
    return dst[keep], src[keep]


def _behind(snapshot: Snapshot, ids: range) -> csr_array:
    """Resources × nodes: 1 where a node hosts, leads, owns or employs a resource."""
    rows, cols = [], []
    for relation in (*_BEHIND, *_BEHIND_OUT):
        src, dst = snapshot.edges(relation)
        resource, holder = (dst, src) if relation in _BEHIND else (src, dst)
        mine = within(resource, ids)
        rows.append(resource[mine] - ids.start)
        cols.append(holder[mine])
    return incidence(np.concatenate(rows), np.concatenate(cols), (len(ids), snapshot.n))


def headers(snapshot: Snapshot, kind: str) -> dict[str, str]:
    """Return sheet and columns by which a kind of resource is loaded, as the template writes them."""
    node = snapshot.schema.nodes[kind]
    known_by = ("number", "name", "applied") if node.identify == ("number",) else ("name",)
    own = [node.props[name].zh for name in known_by]
    place = [snapshot.schema.place["city"].zh] if node.place else []
    ties = [link.zh for link in node.links.values() if link.relation in ("OWNS", "SERVES", "IN_CHAIN")]
    return {"sheet": node.sheets[0], "columns": "、".join([*own, *place, *ties])}


def fund_stages(snapshot: Snapshot) -> list[frozenset[str]]:
    """Return the stages (研发, 转化孵化, 市场应用) that each fund states."""
    from ...graph.columns.text import LIST_SEPARATOR

    told: Sequence[str | None] = snapshot.column("Fund", "stage").to_pylist()
    return [frozenset(t for t in (text or "").split(LIST_SEPARATOR) if t) for text in told]
