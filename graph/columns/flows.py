"""Flows: an input–output table as arrays, whoever holds it: statements of a workspace, or a file.

A table is a square of flows between sectors (of one economy or several), what final users
take, changes in inventories, exports and imports. Rows supply, columns use.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .arrays import Floats, Ints
from .canonical import flat

_MARK = "\x1f"
USES = ("intermediate", "final", "inventories", "exports", "imports", "output", "value_added")
"""What a flow is for; the words that sheets use for them stand in ``vocabulary.toml``."""


@dataclass(frozen=True)
class InputOutput:
    """One input–output table with n sectors, all amounts in one unit.

    Attributes
    ----------
    economy, sector, code
        n texts each: where the sector is, its name, its code in the table's classification.
    Z : shape (n, n)
        Flow from the row's sector to the column's.
    final, inventories, exports, imports : shape (n,)
        Final use without the three others; each is 0 where the table does not tell it.
    output : shape (n,)
        Gross output as stated, NaN where it is not.
    place : shape (n,)
        Row of the file in which each sector's flows stand, 0 when unknown.
    unread
        Columns of the file whose names stand for nothing known; empty for a table of the workspace.
    """

    economy: tuple[str, ...]
    sector: tuple[str, ...]
    code: tuple[str, ...]
    Z: Floats
    final: Floats
    inventories: Floats
    exports: Floats
    imports: Floats
    output: Floats
    source: str = ""
    as_of: str | None = None
    unit: str | None = None
    file: str = ""
    sheet: str = ""
    load: int | None = None
    place: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    unread: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.sector)

    @property
    def world(self) -> bool:
        """True where exports are flows to sectors and users of other economies of the table."""
        return len(set(self.economy)) > 1


def tables_of(flows: pa.Table) -> list[InputOutput]:
    """Return the tables that stand in a table of flow statements, the newest first.

    Flows of one source and date are one table; a sector is a supplier or a user of an
    intermediate flow, in one economy. Imports count as positive whatever their sign.
    """
    when, who = _text(flows, "as_of"), _text(flows, "source")
    named = pc.binary_join_element_wise(when, who, _MARK)
    return [_assemble(flows.filter(pc.equal(named, key)))
            for key in sorted(named.unique().to_pylist(), reverse=True)]  # fmt: skip


def _text(flows: pa.Table, name: str) -> pa.Array:
    if name not in flows.column_names:
        return pa.array([""] * len(flows), pa.string())
    return flat(flows[name]).cast(pa.string()).fill_null("")


def _assemble(flows: pa.Table) -> InputOutput:
    """Number the sectors in the order in which they stand, and add the flows up."""
    flows = flows.take(pa.array(np.argsort(_numbers(flows, "row"), kind="stable")))
    row, value = _numbers(flows, "row"), flat(flows["value"]).to_numpy(zero_copy_only=False).astype(float)
    home, there = _text(flows, "economy"), _text(flows, "user_economy")
    there = pc.if_else(pc.equal(there, ""), home, there)
    supplier = pc.binary_join_element_wise(home, _text(flows, "supplier"), _MARK)
    user = pc.binary_join_element_wise(there, _text(flows, "user"), _MARK)
    use = pc.index_in(_text(flows, "use"), pa.array(USES)).fill_null(-1).to_numpy(zero_copy_only=False)
    inner = pa.array(use == 0)
    sectors = pa.concat_arrays([supplier.filter(inner), user.filter(inner)]).unique()
    n = len(sectors)
    start, end = (pc.index_in(ends, sectors).fill_null(-1).to_numpy(zero_copy_only=False) for ends in (supplier, user))
    Z = np.zeros((n, n))
    at = np.flatnonzero(use == 0)
    np.add.at(Z, (start[at], end[at]), value[at])
    sums, told = {}, np.zeros(n, bool)
    for number, kind in enumerate(USES[1:6], 1):
        at = np.flatnonzero((use == number) & (start >= 0))
        sums[kind] = np.bincount(start[at], value[at], minlength=n).astype(float)
        if kind == "output":
            told[start[at]] = True
    imports = sums["imports"] * (-1 if sums["imports"].sum() < 0 else 1)
    place = np.zeros(n, np.int64)
    place[start[start >= 0][::-1]] = row[start >= 0][::-1]
    one = {c: _text(flows, c)[0].as_py() or None for c in ("source", "as_of", "unit", "file", "sheet")}
    names = [text.split(_MARK) for text in sectors.to_pylist()]
    return InputOutput(
        tuple(e for e, _ in names), tuple(s for _, s in names), ("",) * n, Z, sums["final"], sums["inventories"],
        sums["exports"], imports, np.where(told, sums["output"], np.nan), one["source"] or "", one["as_of"],
        one["unit"], one["file"] or "", one["sheet"] or "", int(_numbers(flows, "load")[0]) or None, place,
    )  # fmt: skip


def _numbers(flows: pa.Table, name: str) -> Ints:
    column = next((c for c in (name, f"_{name}") if c in flows.column_names), None)
    if column is None:
        return np.zeros(len(flows), np.int64)
    values: Ints = flat(flows[column]).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    return values
