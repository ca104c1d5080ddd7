"""Small graphs for tests, from plain rows: as sheets on disk, or folded in memory."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pyarrow as pa

from chainatlas.graph.columns.batch import Batch, Sheet
from chainatlas.graph.columns.tables import Graph
from chainatlas.graph.columns.text import name_keys
from chainatlas.graph.fold.fold import Loaded, fold
from chainatlas.graph.identity.terms import WordBook
from chainatlas.graph.schema.types import load_schema
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.graph.workspace.snapshot import Snapshot
from chainatlas.loaders.load import LoadReport, load
from chainatlas.queries.atlas.atlas import Atlas

SCHEMA = load_schema()
Rows = dict[str, list[dict[str, Any]]]
_TYPES = {"confidence": pa.float64(), "revenue": pa.float64(), "share": pa.float64(),
          "capacity": pa.float64(), "value": pa.float64(), "lon": pa.float64(), "lat": pa.float64(),
          "list_share": pa.float64(), "told": pa.float64(), "grain": pa.float64(), "named": pa.float64(),
          "included": pa.float64(), "order": pa.int64(), "primary": pa.bool_(), "essential": pa.bool_(),
          "end_product": pa.bool_(), "captive": pa.bool_(), "unlisted_inputs": pa.bool_(),
          "_stub": pa.bool_(), "_scoped": pa.bool_()}  # fmt: skip


def write(folder: Path, name: str, text: str) -> Path:
    """Write a file; the lines of ``text`` may be indented."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    lines = [line.strip() for line in text.strip().splitlines()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def key(name: str) -> str:
    """Return the match key of a name."""
    return str(name_keys(pa.array([name]))[0].as_py())


def end(side: str, kind: str, name: str, by: str = "name") -> dict[str, Any]:
    """Return the columns of one end of a relation."""
    value = key(name) if by == "name" else name
    return {f"_{side}": value, f"_{side}_kind": by, f"_{side}_type": kind, f"_{side}_scope": None}


def table(rows: list[dict[str, Any]], sheet: int) -> pa.Table:
    """Return rows as a record table; a column that a row lacks is null there."""
    names = list(dict.fromkeys(c for row in rows for c in row))
    made = {c: pa.array([row.get(c) for row in rows], _TYPES.get(c, pa.string())) for c in names}
    if "name" in made:
        made["_key"] = name_keys(made["name"])
    return pa.table(made | {"_sheet": pa.array([sheet] * len(rows), pa.int32()),
                            "_row": pa.array(range(2, len(rows) + 2), pa.int32())})  # fmt: skip


def batch(nodes: Rows, relations: Rows | None = None, statements: Rows | None = None) -> Batch:
    """Return a batch, one sheet a type; types without rows are left out."""
    sheets: list[Sheet] = []
    parts = []
    for group in (nodes, relations or {}, statements or {}):
        part = {}
        for name, rows in group.items():
            if rows:
                part[name] = table(rows, len(sheets))
                sheets.append(Sheet("小表.csv", name, name, len(rows)))
        parts.append(part)
    return Batch(tuple(sheets), *parts)


def graph_of(*batches: Batch) -> Graph:
    """Fold batches as the loads 1, 2, …"""
    return fold([Loaded(n, b) for n, b in enumerate(batches, 1)], SCHEMA).graph


def atlas_of(*batches: Batch, floor: float | None = None, words: WordBook | None = None) -> Atlas:
    """Open a graph of batches for questions, without a disk; ``words`` are a user's terms and decisions on terms."""
    return Atlas(Snapshot(graph_of(*batches), SCHEMA, words=words), floor)


def edges(relation: str, src: str, dst: str, *pairs: tuple[Any, ...]) -> Rows:
    """Return relation rows ``(from, to[, properties])`` between two types."""
    rows = []
    for a, b, *more in pairs:
        rows.append({**end("src", src, a), **end("dst", dst, b), **(more[0] if more else {})})
    return {relation: rows}


def named(*names: str, **props: Any) -> list[dict[str, Any]]:
    """Return node rows of these names, all with the same properties."""
    return [{"name": name, **props} for name in names]


# Files and graphs on disk -------------------------------------------------------------------------------------


def as_csv(path: Path, rows: list[list[Any]]) -> Path:
    """Write rows as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["" if c is None else c for c in row] for row in rows])
    return path


def put(folder: Path, path: Path, **how: Any) -> tuple[LoadReport, Graph]:
    """Load a file into ``folder/w``; return the report and the graph."""
    report = load(folder / "w", [path], **how)
    return report, Workspace.open(folder / "w").graph()


def names(graph: Graph, kind: str) -> list[str]:
    """Return the names of a type's entities."""
    return sorted(graph.nodes[kind]["name"].to_pylist())


def node(graph: Graph, kind: str, name: str) -> dict[str, Any]:
    """Return one entity's properties; the name must be there exactly once."""
    (found,) = [row for row in graph.nodes[kind].to_pylist() if row["name"] == name]
    return dict(found)


def links(graph: Graph, relation: str) -> set[tuple[str, str]]:
    """Return the relations of a type as pairs of names."""
    table_ = graph.relations.get(relation)
    if table_ is None:
        return set()
    every = [name for t in graph.nodes.values() for name in t["name"].to_pylist()]
    return {(every[a], every[b]) for a, b in zip(table_["src"].to_pylist(), table_["dst"].to_pylist(), strict=True)}


def tree(folder: Path) -> dict[str, bytes]:
    """Return the content of every file below a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
