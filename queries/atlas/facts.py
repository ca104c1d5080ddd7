"""Facts: the claims behind who makes what, their confidence, and the outputs they state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array, csr_array

from ...graph.columns.arrays import Bools, Floats, Ints, run_starts
from ...graph.columns.canonical import flat
from ...graph.schema.words import Said
from ...graph.workspace.snapshot import Snapshot
from .makers import Makers

MAKING = ("PRODUCES", "MASTERS")


@dataclass(frozen=True)
class Fact:
    """One claim: what is said, by whom, where it stands, as of when, how sure."""

    fact: str | Said
    source: str | None
    source_ref: str | None
    as_of: str | None
    confidence: float | None
    load: int | None


def claims_of(snapshot: Snapshot, relation: str, rows: list[int]) -> dict[int, list[dict[str, object]]]:
    """Return the claims of some relations, by row in the relation's table."""
    table = snapshot.graph.relation_claims.get(relation)
    if table is None or not rows:
        return {}
    of = flat(table["of"]).to_numpy()
    index = np.flatnonzero(np.isin(of, rows))
    found: dict[int, list[dict[str, object]]] = {}
    for claim in table.take(pa.array(index)).to_pylist():
        found.setdefault(int(claim["of"]), []).append(claim)
    return found


def where_it_stands(claim: dict[str, object]) -> str:
    """Return file · sheet · row, with the source's own reference in front when it has one."""
    parts = [claim.get("source_ref"), claim.get("file"), claim.get("sheet"),
             f"第{claim['row']}行" if claim.get("row") else None]  # fmt: skip
    return " · ".join(str(p) for p in parts if p)


def fact(text: str | Said, claim: dict[str, object]) -> Fact:
    """Return a claim with where it stands; its text is written later."""
    confidence, load = claim.get("confidence"), claim.get("load")
    return Fact(text, _text(claim.get("source")), where_it_stands(claim), _text(claim.get("as_of")),
                confidence if isinstance(confidence, float) else None,
                load if isinstance(load, int) else None)  # fmt: skip


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def fact_confidence(made: Makers) -> csr_array:
    """Return the best stated confidence, items × nodes, kinds passed up; nothing stated: no entry."""
    rows, cols, values = [], [], []
    for relation in MAKING:
        table = made.snapshot.graph.relation_claims.get(relation)
        if table is None or "confidence" not in table.column_names:
            continue
        value = flat(table["confidence"]).to_numpy(zero_copy_only=False).astype(float)
        stated = np.flatnonzero(~np.isnan(value) & (value > 0))
        src, dst = made.snapshot.edges(relation)
        of = flat(table["of"]).to_numpy()[stated]
        rows.append(made.items(dst[of]))
        cols.append(src[of])
        values.append(value[stated])
    shape = (made.n, made.snapshot.n)
    if not rows:
        return csr_array(shape, dtype=float)
    best = _largest(np.concatenate(rows), np.concatenate(cols), np.concatenate(values), shape)
    return _passed_up(best, *made.kinds)


def _largest(rows: Ints, cols: Ints, values: Floats, shape: tuple[int, int]) -> csr_array:
    """Sparse matrix that holds the largest value given for each cell."""
    order = np.lexsort((-values, cols, rows))
    rows, cols, values = rows[order], cols[order], values[order]
    first = run_starts(rows, cols)
    return coo_array((values[first], (rows[first], cols[first])), shape=shape).tocsr()


def _passed_up(best: csr_array, child: Ints, parent: Ints) -> csr_array:
    """Give what is a kind of something to that something, until nothing grows."""
    while len(child):
        lifted = best[child].tocoo()
        whole = best.tocoo()
        wider = _largest(np.r_[whole.row, parent[lifted.row]].astype(np.int64),
                         np.r_[whole.col, lifted.col].astype(np.int64),
                         np.r_[whole.data, lifted.data], best.shape)  # fmt: skip
        if wider.nnz == best.nnz and np.array_equal(wider.data, best.data):
            break
        best = wider
    return best


def best_confidence(made: Makers, items: Ints, scopes: Ints) -> Floats:
    """Confidence of the best fact that somebody in a scope makes an item, shape (items, scopes).

    NaN where no fact states a confidence.
    """
    out = np.full((len(items), len(scopes)), np.nan)
    cells = fact_confidence(made)[items].tocoo()
    if not cells.nnz:
        return out
    held = made.scopes.members[:, scopes].tocsr()[cells.col].tocoo()
    best = _largest(
        cells.row[held.row].astype(np.int64), held.col.astype(np.int64), cells.data[held.row], out.shape
    ).tocoo()
    out[best.row, best.col] = best.data
    return out


@dataclass(frozen=True)
class Outputs:
    """Output of each item by maker: capacity in one unit, else revenue × share."""

    value: csr_array
    known: csr_array


def outputs(made: Makers) -> Outputs | None:
    """Return outputs (items × nodes), None when no fact states any.

    Capacities count only where all makers of the item state them in the same unit.
    """
    snapshot = made.snapshot
    src, dst = snapshot.edges("PRODUCES")
    capacity = snapshot.edge_column("PRODUCES", "capacity").to_numpy(zero_copy_only=False).astype(float)
    if not len(src):
        return None
    item = made.items(dst)
    unit = snapshot.edge_column("PRODUCES", "capacity_unit").to_pylist()
    value = np.where(_one_unit(item, capacity, unit), capacity, np.nan)
    share = snapshot.edge_column("PRODUCES", "share").to_numpy(zero_copy_only=False).astype(float)
    revenue = np.full(snapshot.n, np.nan)
    firms = snapshot.ids("Enterprise")
    revenue[firms.start : firms.stop] = (
        snapshot.column("Enterprise", "revenue").to_numpy(zero_copy_only=False).astype(float)
    )
    value = np.where(np.isnan(value), revenue[src] * share, value)
    good = ~np.isnan(value) & (value > 0)
    if not good.any():
        return None
    shape = (made.n, snapshot.n)
    table = coo_array((value[good], (item[good], src[good])), shape=shape).tocsr()
    known = table.copy()
    known.data = np.ones_like(known.data)
    return Outputs(table, known)


def _one_unit(item: Ints, capacity: Floats, unit: list[str | None]) -> Bools:
    """Items whose makers all state a capacity in one unit."""
    n = int(item.max(initial=-1)) + 1
    codes = np.unique(np.array([u or "" for u in unit]), return_inverse=True)[1] if unit else np.zeros(len(item), int)
    complete = np.bincount(item[~np.isnan(capacity)], minlength=n) == np.bincount(item, minlength=n)
    low, high = np.full(n, np.iinfo(np.int64).max), np.full(n, -1)
    np.minimum.at(low, item, codes)
    np.maximum.at(high, item, codes)
    fine: Bools = (complete & (low == high))[item]
    return fine


def concentration(made: Makers, items: Ints, scopes: Ints) -> tuple[Floats, Floats]:
    """Return producer HHI and location quotient, shape (items, scopes), NaN without the data.

    HHI = Σs² over the outputs of a scope's producers, only where every one of them is known.
    LQ = (X_rp/X_r·)/(X_·p/X_··) against the smallest place that holds the scope and more, over
    the items whose outputs are known for all producers.
    """
    shape = (len(items), len(scopes))
    hhi, lq = np.full(shape, np.nan), np.full(shape, np.nan)
    amount = outputs(made)
    if amount is None:
        return hhi, lq
    # Sparse all along: a nation's links × places do not fit densely.
    members = made.scopes.members.astype(float)
    total = (amount.value @ members).tocsr()
    wholly = members[:, [0]]
    first = total[:, [0]].toarray()[:, 0]
    known = (amount.known @ wholly).toarray()[:, 0]
    complete = (known == made.counts[:, [0]].toarray()[:, 0]) & (first > 0)
    sums = np.asarray(total[np.flatnonzero(complete)].sum(axis=0)).ravel()
    here = members[:, scopes]
    mine = total[items][:, scopes].toarray()
    asked = amount.value[items]
    square = (asked.multiply(asked).tocsr() @ here).toarray()
    full = ((amount.known[items] @ here).toarray() == made.counts[items][:, scopes].toarray()) & (mine > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        hhi = np.where(full, square / mine**2, np.nan)
        for at, scope in enumerate(scopes.tolist()):
            wider = _reference(made, scope)
            if wider is None or sums[wider] <= sums[scope] or sums[scope] == 0:
                continue
            value = (mine[:, at] / sums[scope]) / (total[items][:, [wider]].toarray()[:, 0] / sums[wider])
            lq[:, at] = np.where(complete[items] & (mine[:, at] > 0), value, np.nan)
    return hhi, lq


def _reference(made: Makers, scope: int) -> int | None:
    """Smallest scope that holds this one and is no policy region."""
    where = made.scopes
    holders = [int(s) for s in where.holders(scope) if s != scope and where.kind(int(s)) != "zone"]
    return max(holders, key=lambda s: int(where.rank[s])) if holders else None
