"""neo4j-admin: a folder of CSV for ``neo4j-admin database import``, the way for very large graphs.

The files hold what ``publish`` sends, so that the imported database can be pulled from and
published to; only the graph's own records are left to the next publish.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ...columns.tables import Graph
from ...schema.types import Schema
from ...workspace.atomic import aside
from .wire import MARKER, Part, encode

_LISTS = "\x1f"
_COMMAND = """neo4j-admin database import full neo4j --overwrite-destination=true --array-delimiter=U+001F \\
  --multiline-fields=true \\
{parts}
"""


def write_folder(graph: Graph, schema: Schema, path: Path) -> None:
    """Write one CSV a type, its header in the first line, and the command in ``import.txt``."""
    with aside(path) as folder:
        parts = encode(graph, schema)
        ids = np.concatenate([np.zeros(0, np.int64), *(p.ids for p in parts if p.group == "node")])
        lines = []
        for part in parts:
            if len(part):
                name = f"{part.group}-{part.name}.csv"
                _write(folder / name, part, ids)
                option = "relationships" if part.group == "relation" else "nodes"
                lines.append(f"  --{option}={name}")
        (folder / "import.txt").write_text(_COMMAND.format(parts=" \\\n".join(lines)), encoding="utf-8")


def _write(path: Path, part: Part, ids: Any) -> None:
    relation = part.group == "relation"
    columns = part.columns_of(np.arange(len(part)))
    head = [":START_ID", ":END_ID"] if relation else [":ID"]
    head += ["_id:long", "_fp:long", *(f"{name}:{_type(column)}" for name, column in columns.items())]
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, quoting=csv.QUOTE_MINIMAL)
        out.writerow([*head, ":TYPE" if relation else ":LABEL"])
        out.writerows(_rows(part, columns, ids))


def _rows(part: Part, columns: dict[str, pa.Array], ids: Any) -> Iterator[list[Any]]:
    label = part.name if part.group == "relation" else f"{MARKER}{_LISTS}{part.name}"
    values = [column.to_pylist() for column in columns.values()]
    own = zip(part.ids.tolist(), part.fps.tolist(), strict=True)
    starts = ids[part.src].tolist() if part.src is not None else part.ids.tolist()
    ends = ids[part.dst].tolist() if part.dst is not None else None
    for at, (number, print_) in enumerate(own):
        said = [_cell(column[at]) for column in values]
        first = [starts[at]] if ends is None else [starts[at], ends[at]]
        yield [*first, number, print_, *said, label]


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return _LISTS.join(_cell(v) for v in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _type(column: pa.Array) -> str:
    kind = column.type
    if pa.types.is_list(kind):
        return f"{'double' if pa.types.is_floating(kind.value_type) else 'string'}[]"
    if pa.types.is_floating(kind):
        return "double"
    if pa.types.is_integer(kind):
        return "long"
    return "boolean" if pa.types.is_boolean(kind) else "string"
