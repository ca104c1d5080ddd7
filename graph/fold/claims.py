"""Claims: records grouped to subjects and to what is said of them, in canonical order.

All claims stay; the merged view of a subject takes the newest claim, the more confident one,
one that describes before one that mentions, the smaller value. Lists hold the union.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ..columns.arrays import Bools, Ints, run_numbers, run_starts
from ..columns.canonical import codes, flat, pack
from ..columns.text import LIST_SEPARATOR
from ..schema.types import LOCATION, PROVENANCE, Property

_LIMIT = np.iinfo(np.int64).max


@dataclass
class Grouped:
    """Records grouped to subjects and claims, in canonical order."""

    subject_of_claim: Ints
    first_of_subject: Ints
    claim_first: Ints
    claim_of_record: Ints
    n_subjects: int


def group(
    records: pa.Table, subject: list[tuple[Ints, int]], props: list[Property], places: Places
) -> tuple[Grouped, dict[str, pa.Array], pa.Table]:
    """Group records to subjects and claims; return the merged columns and the claims.

    Parameters
    ----------
    subject
        Code columns whose combination tells the subject; rows of the first below 0 are left out.
    places
        Names of files and sheets of the loads.
    """
    n = len(records)
    claimed = claim_columns(records, props)
    coded = {c: codes(records[c]) for c in claimed}
    alive = subject[0][0] >= 0
    subject_code = pack(subject, n)
    claim_code = pack([_dense(subject_code), *coded.values()], n)
    grouped = _boundaries(_order(claim_code, alive), subject_code, claim_code, n)
    stub = _stub_claims(records, grouped)
    view = _view(records, grouped, props, coded, stub)
    first = pa.array(grouped.claim_first)
    claims = {"of": pa.array(grouped.subject_of_claim)}
    claims |= {c: _one(records[c]).take(first) for c in claimed}
    claims |= places.columns(records, first)
    if "_stub" in records.column_names:
        claims["_stub"] = pa.array(stub)
    return grouped, view, pa.table(claims)


def claim_columns(records: pa.Table, props: list[Property]) -> list[str]:
    """Return the columns that make a claim: properties and provenance."""
    return [*(p.name for p in props), *(c for c in PROVENANCE if c in records.column_names)]


@dataclass(frozen=True)
class Places:
    """File and sheet of every record, by load and number of the sheet."""

    base: Ints
    files: tuple[str, ...]
    sheets: tuple[str, ...]

    def columns(self, records: pa.Table, rows: pa.Array) -> dict[str, pa.Array]:
        """Return file, sheet, row and load of some records."""
        load, sheet = (flat(records[c]).take(rows).to_numpy() for c in ("load", "_sheet"))
        index = pa.array((self.base[load] + sheet).astype(np.int32))
        named = [pa.DictionaryArray.from_arrays(index, pa.array(names, pa.string()))
                 for names in (self.files, self.sheets)]  # fmt: skip
        return dict(zip(LOCATION, (*named, flat(records["_row"]).take(rows), pa.array(load)), strict=True))


def _one(column: pa.ChunkedArray) -> pa.Array:
    """Return a column in one piece, a dictionary kept where it is small."""
    if not pa.types.is_dictionary(column.type):
        return flat(column)
    made = column.unify_dictionaries().combine_chunks()
    made = made.chunk(0) if isinstance(made, pa.ChunkedArray) else made
    return made if len(made.dictionary) <= len(made) else flat(made)


def _order(code: Ints, alive: Bools) -> Ints:
    """Return the rows that count by code, equal codes in row order.

    One sort of packed integers where they fit: twice as fast as an argsort.
    """
    n = len(code)
    if n and int(code.max()) < _LIMIT // n - 1:
        packed = code * n + np.arange(n)
        packed.sort()
        order: Ints = packed % n
    else:
        order = np.argsort(code, kind="stable")
    return order if alive.all() else order[alive[order]]


def stubs(table: pa.Table) -> Bools:
    if "_stub" not in table.column_names:
        return np.zeros(len(table), bool)
    stub: Bools = flat(table["_stub"]).fill_null(False).to_numpy(zero_copy_only=False)
    return stub


def _stub_claims(records: pa.Table, grouped: Grouped) -> Bools:
    """Return the claims that only mention: none of their records describes."""
    stub = np.ones(len(grouped.claim_first), bool)
    stub[grouped.claim_of_record[(grouped.claim_of_record >= 0) & ~stubs(records)]] = False
    return stub


def _dense(code: Ints) -> tuple[Ints, int]:
    """Return the code with its size, dense when it is too large to pack further columns on."""
    top = int(code.max(initial=0)) + 1
    if top > 1 << 40:
        distinct, code = np.unique(code, return_inverse=True)
        top = len(distinct)
    return code, top


def _boundaries(order: Ints, subject: Ints, claim: Ints, n: int) -> Grouped:
    """Cut sorted records into claims and subjects; earlier records stand first in each."""
    s, c = subject[order], claim[order]
    new_claim, new_subject = run_starts(c), run_starts(s)
    subject_no = run_numbers(new_subject)
    start = np.flatnonzero(new_claim)
    first_subject = order[np.flatnonzero(new_subject)]
    # The earliest record of a subject need not be in its first claim.
    if len(order):
        first_subject = np.minimum.reduceat(order, np.flatnonzero(new_subject))
    claim_of_record = np.full(n, -1, np.int64)
    claim_of_record[order] = run_numbers(new_claim)
    return Grouped(subject_no[start], first_subject, order[start], claim_of_record,
                    len(first_subject))  # fmt: skip


def _view(
    records: pa.Table, grouped: Grouped, props: list[Property],
    coded: dict[str, tuple[Ints, int]], stub: Bools,
) -> dict[str, pa.Array]:  # fmt: skip
    """Merge claims to one value a property: newest, most confident, described before mentioned."""
    first, of = grouped.claim_first, grouped.subject_of_claim
    if len(first) == grouped.n_subjects:
        return {p.name: flat(_one(records[p.name]).take(pa.array(first))) for p in props}
    keys = [(of, grouped.n_subjects + 1), (stub.astype(np.int64), 2)]
    for name in ("as_of", "confidence"):
        if name in coded:
            code, size = coded[name]
            keys.append((size - 1 - code[first], size))
    order = np.argsort(pack(keys, len(first)), kind="stable")
    start = np.flatnonzero(run_starts(of[order]))
    made = {}
    for prop in props:
        has = coded[prop.name][0][first][order] > 0
        position = np.where(has, np.arange(len(order)), len(order))
        best = np.minimum.reduceat(position, start)
        index = np.append(first[order], -1)[best]
        picked = pa.array(index, mask=index < 0)
        column = flat(_one(records[prop.name]).take(picked))
        made[prop.name] = _joined(column, records, prop, grouped) if prop.type == "list" else column
    return made


def _joined(column: pa.Array, records: pa.Table, prop: Property, grouped: Grouped) -> pa.Array:
    """A list property holds the union of all claims."""
    values = flat(records[prop.name]).take(pa.array(grouped.claim_first))
    of = grouped.subject_of_claim
    several = np.bincount(of[values.is_valid().to_numpy(zero_copy_only=False)],
                          minlength=grouped.n_subjects) > 1  # fmt: skip
    if not several.any():
        return column
    merged: dict[int, set[str]] = {}
    rows = np.flatnonzero(several[of])
    for subject, text in zip(of[rows].tolist(), values.take(pa.array(rows)).to_pylist(), strict=True):
        merged.setdefault(subject, set()).update((text or "").split(LIST_SEPARATOR))
    made = column.to_pylist()
    for subject, parts in merged.items():
        made[subject] = LIST_SEPARATOR.join(sorted(parts - {""})) or None
    return pa.array(made, pa.string())
