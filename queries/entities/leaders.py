"""Leaders: backbone enterprises by the policy's four criteria, each with the values behind it.

- 关联度高 association: distinct partners (supply, cooperation, investment, ownership, common
  alliance) among the enterprises compared, and links of the chain that another of them makes too;
- 主业突出 focus: largest share of revenue in a product of the chain;
- 创新能力强 innovation: patents, platforms hosted, technologies mastered, projects led;
- 带动性强 leadership: suppliers and customers among the enterprises compared, and links of the
  chain that cannot be made without what only this enterprise makes here, were all else there.

Each value is turned into its percentile rank among the enterprises compared, (number below +
half of the others equal)/(n − 1); a criterion is the percentile of the mean of its values'
ranks. A value that is 0 or unknown for everybody says nothing and is left out, and so is a
criterion without a value. The score is the mean of an enterprise's criteria; with fewer than
two there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from ...graph.columns.arrays import Floats, Ints, incidence, positions, rounded, within
from ...graph.columns.walks import reached_from
from ...graph.schema.words import Word, sentence
from ..atlas.atlas import Atlas
from ..atlas.availability import available, pack_bits, unpack_bits
from ..atlas.facts import Fact
from ..atlas.membership import Field, field
from ..atlas.nearby import home_name
from ..atlas.result import Result, Row
from ..atlas.tracing import relation_facts, rows_at, rows_between, told
from ..verdicts.explanation import maker_facts

CRITERIA = {
    "association": ("partners", "shared_links"), "focus": ("main_share",),
    "innovation": ("patents", "platforms", "technologies", "projects"),
    "leadership": ("suppliers", "customers", "dependent_links"),
}  # fmt: skip
VALUES = tuple(v for values in CRITERIA.values() for v in values)
COLUMNS = ("rank", "enterprise", "place", "score", *CRITERIA, "criteria", *VALUES, "main_product", "links")
_BETWEEN = ("SUPPLIES", "COOPERATES", "INVESTS_IN", "OWNS")
_EVERY = np.uint64(0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True)
class Standing:
    """Values and criteria of the enterprises of a field, NaN where unknown; ``order`` from the best."""

    field: Field
    values: dict[str, Floats]
    criteria: dict[str, Floats]
    score: Floats
    order: Ints


def leaders(
    atlas: Atlas,
    *,
    chain: str | None = None,
    place: str | None = None,
    cluster: str | None = None,
    top: int = 20,
) -> Result:
    """Return the backbone enterprises of a cluster, of a chain in a place, or of a place.

    Parameters
    ----------
    chain, place, cluster
        Whom to compare: a cluster's members (or the makers of its chains where it stands),
        the makers of a chain's links, or the enterprises of a place.
    top
        Only so many rows.

    Returns
    -------
    Result
        ``rank enterprise place score association focus innovation leadership criteria``, the
        values behind them, ``main_product links``. ``criteria`` counts those known of the four.
    """
    where = field(atlas, chain=chain, place=place, cluster=cluster)
    if not len(where.firms):
        return Result(COLUMNS, [], (sentence("load_makers"),))
    found = standing(atlas, where)
    rows = [_row(atlas, found, at, rank) for rank, at in enumerate(found.order.tolist(), 1)]
    notes = [*found.field.notes, sentence("note_percentile", n=len(rows))]
    for name in CRITERIA:
        if np.isnan(found.criteria[name]).all():
            notes.append(sentence("note_criterion", name=Word("criterion", name)))
    if len(rows) and np.isnan(found.score).all():
        notes.append(sentence("note_no_score"))
    rows = rows[:top]

    def facts(at: int) -> Result:
        return told(_evidence(atlas, found, rows[at]["_at"]))

    return Result(COLUMNS, rows, tuple(notes), facts, {"links": "link"})


def standing(atlas: Atlas, where: Field) -> Standing:
    """Return values, criteria and scores of the enterprises of a field."""
    values = {**_association(atlas, where), **_focus(atlas, where), **_innovation(atlas, where),
              **_leadership(atlas, where)}  # fmt: skip
    criteria = {}
    for name, parts in CRITERIA.items():
        ranks = [percentile(values[p]) for p in parts if np.nan_to_num(values[p]).any()]
        criteria[name] = percentile(_mean(ranks)) if len(ranks) > 1 else ranks[0] if ranks else (
            np.full(len(where.firms), np.nan))  # fmt: skip
    score = _mean(list(criteria.values()), least=2)
    order = np.lexsort((where.firms, -np.nan_to_num(score, nan=-1)))
    return Standing(where, values, criteria, score, order.astype(np.int64))


def percentile(values: Floats) -> Floats:
    """Percentile rank among the known values: (below + half of the others equal) / (n − 1).

    Examples
    --------
    >>> percentile(np.array([3.0, 1.0, 1.0, np.nan])).tolist()
    [1.0, 0.25, 0.25, nan]
    """
    out = np.full(len(values), np.nan)
    known = ~np.isnan(values)
    n = int(known.sum())
    if n > 1:
        ordered = np.sort(values[known])
        below = np.searchsorted(ordered, values[known], "left")
        upto = np.searchsorted(ordered, values[known], "right")
        out[known] = (below + (upto - below - 1) / 2) / (n - 1)
    return out


def _mean(parts: list[Floats], least: int = 1) -> Floats:
    """Mean of the known values, NaN where fewer than ``least`` are known."""
    stack = np.stack(parts)
    count = (~np.isnan(stack)).sum(axis=0)
    mean: Floats = np.where(count >= least, np.nansum(stack, axis=0) / np.maximum(count, 1), np.nan)
    return mean


def _between(atlas: Atlas, relation: str, firms: Ints) -> csr_array:
    """Firms × firms: 1 where a relation of a type leads from one to the other."""
    position = positions(firms, atlas.snapshot.n)
    a, b = (position[e] for e in atlas.snapshot.edges(relation))
    return incidence(a[a != b], b[a != b], (len(firms), len(firms)))


def _association(atlas: Atlas, where: Field) -> dict[str, Floats]:
    firms = where.firms
    near = csr_array((len(firms),) * 2, dtype=np.int32)
    for relation in _BETWEEN:
        one = _between(atlas, relation, firms)
        near = near + one + one.T
    member = _ends(atlas, firms, (("MEMBER_OF", False), ("LEADS", False)), "Alliance")
    common = (member @ member.T).tolil()
    common.setdiag(0)
    near = (near + common.tocsr()).tocsr()
    near.eliminate_zeros()
    made = atlas.makers.makes[where.items][:, firms].astype(np.int64)
    several = np.asarray(made.sum(axis=1)).reshape(-1) > 1
    shared = np.asarray(made[several].sum(axis=0)).reshape(-1)
    return {"partners": np.diff(near.indptr).astype(float), "shared_links": shared.astype(float)}


def _ends(atlas: Atlas, firms: Ints, ways: tuple[tuple[str, bool], ...], kind: str) -> csr_array:
    """Firms × nodes of a type: 1 where one of the relations leads from the firm to the node."""
    ids = atlas.snapshot.ids(kind)
    position = positions(firms, atlas.snapshot.n)
    rows, cols = [], []
    for relation, incoming in ways:
        src, dst = atlas.snapshot.edges(relation)
        firm, other = (dst, src) if incoming else (src, dst)
        keep = (position[firm] >= 0) & within(other, ids)
        rows.append(position[firm[keep]])
        cols.append(other[keep] - ids.start)
    return incidence(np.concatenate(rows), np.concatenate(cols), (len(firms), len(ids)))


def _focus(atlas: Atlas, where: Field) -> dict[str, Floats]:
    best, _ = _main(atlas, where)
    return {"main_share": best}


def _main(atlas: Atlas, where: Field) -> tuple[Floats, Ints]:
    """Largest stated share of revenue in a product of the chain, or of a kind of it, and its item."""
    src, dst = atlas.snapshot.edges("PRODUCES")
    share = atlas.snapshot.edge_column("PRODUCES", "share").to_numpy(zero_copy_only=False).astype(float)
    position = positions(where.firms, atlas.snapshot.n)
    kind, general = atlas.makers.kinds
    inside = np.r_[reached_from(general, kind, where.items, atlas.makers.n), False]  # item −1 is none
    item = atlas.makers.items(dst)
    keep = np.flatnonzero((position[src] >= 0) & inside[item] & ~np.isnan(share))
    best, which = np.full(len(where.firms), np.nan), np.full(len(where.firms), -1, np.int64)
    for edge in keep[np.lexsort((item[keep], -share[keep]))].tolist():
        at = position[src[edge]]
        if which[at] < 0:
            best[at], which[at] = share[edge], item[edge]
    return best, which


def _innovation(atlas: Atlas, where: Field) -> dict[str, Floats]:
    ways = {"patents": ("OWNS", "Patent"), "platforms": ("HOSTS", "Platform"),
            "technologies": ("MASTERS", "Technology"), "projects": ("LEADS", "Project")}  # fmt: skip
    return {name: np.diff(_ends(atlas, where.firms, ((relation, False),), kind).indptr).astype(float)
            for name, (relation, kind) in ways.items()}  # fmt: skip


def _leadership(atlas: Atlas, where: Field) -> dict[str, Floats]:
    supplies = _between(atlas, "SUPPLIES", where.firms)
    return {"suppliers": np.diff(supplies.tocsc().indptr).astype(float),
            "customers": np.diff(supplies.indptr).astype(float),
            "dependent_links": dependent(atlas, where)}  # fmt: skip


def dependent(atlas: Atlas, where: Field) -> Floats:
    """Return how many links of the chain cannot be made without what only each firm makes here.

    One column a firm: the recipe with everything there but the firm's sole products.
    """
    made = atlas.makers.makes[where.items][:, where.firms].tocoo()
    count = atlas.makers.counts[where.items][:, [where.scope]].toarray()[:, 0]
    sole = count[made.row] == 1
    out = np.zeros(len(where.firms))
    firms, column = np.unique(made.col[sole], return_inverse=True)
    if not len(firms):
        return out
    n, width = atlas.makers.recipe.n, len(firms)
    lost = pack_bits(where.items[made.row[sole]].astype(np.int64), column.astype(np.int64), n, width)
    outside = np.zeros(lost.shape, np.uint64)
    outside[atlas.makers.primary] = _EVERY
    there = available(atlas.makers.recipe, ~lost, outside) | outside
    left = unpack_bits(there[where.items], width).sum(axis=0)
    out[firms] = len(where.items) - left
    return out


def _row(atlas: Atlas, found: Standing, at: int, rank: int) -> Row:
    firm = int(found.field.firms[at])
    _, which = _main(atlas, Field(found.field.scope, found.field.firms[[at]], found.field.items, ""))
    made = np.flatnonzero(atlas.makers.makes[found.field.items][:, [firm]].toarray()[:, 0])
    nodes = np.array([atlas.makers.node(int(found.field.items[i])) for i in made], np.int64)
    return {
        "rank": rank, "enterprise": atlas.snapshot.name(firm), "place": home_name(atlas, firm),
        "score": rounded(found.score[at]), **{c: rounded(v[at]) for c, v in found.criteria.items()},
        "criteria": sum(not np.isnan(v[at]) for v in found.criteria.values()),
        **{name: _value(name, v[at]) for name, v in found.values.items()},
        "main_product": atlas.snapshot.name(atlas.makers.node(int(which[0]))) if which[0] >= 0 else None,
        "links": atlas.snapshot.names(nodes), "_at": at, "_firm": firm,
    }  # fmt: skip


def _value(name: str, value: float) -> float | int | None:
    return rounded(value) if name == "main_share" or np.isnan(value) else int(value)


def _evidence(atlas: Atlas, found: Standing, at: int) -> Iterator[Fact]:
    """Facts behind the values of one enterprise."""
    snapshot, firm = atlas.snapshot, int(found.field.firms[at])
    for item in found.field.items[atlas.makers.makes[found.field.items][:, [firm]].toarray()[:, 0] > 0].tolist():
        yield from maker_facts(atlas, firm, item)
    for relation in _BETWEEN:
        firms = found.field.firms
        rows = {*rows_between(snapshot, relation, [firm], firms), *rows_between(snapshot, relation, firms, [firm])}
        yield from relation_facts(snapshot, relation, rows)
    for relation in ("MEMBER_OF", "HOSTS", "MASTERS", "LEADS", "IN_CLUSTER", "IN_CHAIN", "LOCATED_IN"):
        yield from relation_facts(snapshot, relation, rows_at(snapshot, relation, [firm]))
    patents = snapshot.ids("Patent")
    owned = [r for r in rows_at(snapshot, "OWNS", [firm]) if snapshot.edges("OWNS")[1][r] in patents]
    yield from relation_facts(snapshot, "OWNS", owned)
