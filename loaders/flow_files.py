"""Flow files: an input–output table straight from a file, without a workspace.

Sheets are read as ``load`` reads them; ``.RData`` is a table of the World Input-Output
Database, release 2013, as the R package ``wiod`` ships it (extra ``[io]``).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ..graph.columns.batch import concat
from ..graph.columns.canonical import flat
from ..graph.columns.flows import InputOutput, tables_of
from ..graph.schema.errors import LoadError
from ..graph.schema.paths import assert_readable
from ..graph.schema.types import Schema, load_schema
from ..graph.schema.words import message, read_toml
from .files.carried import note_of, with_note
from .files.child import Progress, ask
from .gather import Wanted, gather
from .rows.flows import KIND

R_DATA = (".rdata", ".rda")
_WIOD = {"inter": float, "final": float, "industries": str, "countries": str, "year": str, "output": float}
_FINAL = 5  # columns of final use an economy; the fifth is changes in inventories
_INVENTORIES = 4


def read_flows(path: str | Path, schema: Schema | None = None, *, as_of: str | None = None) -> InputOutput:
    """Return the input–output table that a file holds.

    Parameters
    ----------
    path
        Excel, CSV or another table with a sheet 投入产出, or WIOD's ``.RData``.
    as_of
        Year of the table, when it does not say it.

    Raises
    ------
    LoadError
        The file cannot be read, holds no such table, or cells of it are refused.
    """
    path = Path(path)
    if path.suffix.lower() in R_DATA:
        return _wiod(path)
    gathered = gather([path], schema or load_schema(), known={}, wanted=Wanted(KIND, path.stem, as_of))
    tables = gathered.statements.get(KIND)
    refused = gathered.rejects
    if refused:
        first = refused[0]
        raise LoadError("flow_refused", file=path.name, n=len(refused), row=first.row, column=first.column,
                        reason=message(first.code, "zh", **first.values))  # fmt: skip
    if not tables:
        raise LoadError("flow_file", file=path.name)
    flows = concat(tables)
    name = pa.array([path.name] * len(flows), pa.string())
    return replace(tables_of(flows.append_column("file", name))[0], unread=tuple(gathered.strange))


def wiod_in(path: Path, _: dict[str, Any], __: Progress) -> Iterator[pa.Table]:
    """Yield the parts of a file of WIOD as tables of one column: what the child process does for ``read_flows``."""
    import rdata

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of encodings that the file does not name
            found: Any = next(iter(rdata.read_rda(path).values()))
        for name, kind in _WIOD.items():
            held = np.asarray(found[name])
            cells = held.astype(float).ravel() if kind is float else [str(c) for c in held.ravel()]
            yield with_note(pa.table({"held": pa.array(cells)}), {"name": name, "shape": held.shape})
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration, NotImplementedError) as bad:
        raise LoadError("file_unreadable", file=path.name, reason=bad) from bad


def _wiod(path: Path) -> InputOutput:
    if find_spec("rdata") is None:
        raise LoadError("flow_reader")
    assert_readable(path)
    try:
        told = [note_of(table) for table in ask(f"{__name__}:wiod_in", path, {})]
        parts = {str(note["name"]): flat(table["held"]).to_numpy(zero_copy_only=False).reshape(note["shape"])
                 for table, note in told}  # fmt: skip
        Z, use = parts["inter"].astype(float), parts["final"].astype(float)
        codes, economies = [str(c) for c in parts["industries"]], [str(c) for c in parts["countries"]]
        year, stated = str(int(parts["year"][0])), parts["output"].astype(float)
        split = use.reshape(len(Z), len(economies), _FINAL)
        if Z.shape != (len(economies) * len(codes),) * 2:
            raise ValueError(Z.shape)
    except LoadError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pa.ArrowException) as bad:
        raise LoadError("file_unreadable", file=path.name, reason=bad) from bad
    names = read_toml("wiod.toml")["industry"]
    inventories = split[:, :, _INVENTORIES].sum(axis=1)
    none = np.zeros(len(Z))
    return InputOutput(
        tuple(np.repeat(economies, len(codes)).tolist()),
        tuple(names[c]["zh"] if c in names else c for _ in economies for c in codes), tuple(codes * len(economies)),
        Z, use.sum(axis=1) - inventories, inventories, none, none, stated, "WIOD 2013", year, "百万美元", path.name,
    )  # fmt: skip
