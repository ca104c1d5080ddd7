"""KGLite engine: the graph's columns in an in-process Cypher engine, where there is no server.

It holds what ``publish`` sends, under the same labels, types and property names, so a text
gives the same answer here and there. It is filled, asked and thrown away: nothing is stored.
As a store it lives as long as the process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa

from ..columns.canonical import flat
from ..columns.tables import Graph
from ..schema.errors import QueryError, StoreError
from ..schema.types import Schema
from .cypher import ROWS, SECONDS, Answer, checked, node_text, path_text, plain_value
from .neo4j.wire import shown
from .store import Capability, Replaced, State, cannot

if TYPE_CHECKING:
    import pandas as pd


class KgliteStore:
    """A graph in KGLite, in this process.

    Parameters
    ----------
    schema
        The schema of the graph.
    """

    name: ClassVar[str] = "KGLite"
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.WRITES, Capability.CYPHER, Capability.ATOMIC})

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._held: tuple[Graph, Engine] | None = None

    @property
    def place(self) -> str:
        """This process."""
        return "memory"

    def put(self, graph: Graph) -> Replaced:
        """Fill an engine with the graph, then let it take the place of the one before.

        Raises
        ------
        QueryError
            KGLite is not installed.
        """
        if self._held is not None and self._held[0].hash == graph.hash:
            return Replaced(graph.hash, 0)
        self._held = graph, Engine(graph, self.schema)
        return Replaced(graph.hash, graph.n_nodes + graph.n_relations + sum(map(len, graph.statements.values())))

    def state(self) -> State | None:
        """Return hash and counts of the graph that the engine was filled with."""
        if self._held is None:
            return None
        graph = self._held[0]
        return State(graph.hash, graph.n_nodes, graph.n_relations)

    get = cannot(Capability.READS_BACK)
    part = cannot(Capability.READS_PART)

    def ask(
        self, text: str, values: Mapping[str, Any] | None = None, *, rows: int = ROWS, seconds: float = SECONDS
    ) -> Answer:
        """Run a reading statement; see ``neo4j.ask``.

        Raises
        ------
        QueryError
            The text may do more than read, or the engine does not understand it.
        StoreError
            Nothing was put here.
        """
        text = checked(text)
        if self._held is None:
            raise StoreError("store_empty", place=self.name)
        return self._held[1].run(text, values, rows=rows, seconds=seconds)


class Engine:
    """A graph in KGLite, with writing switched off.

    Raises
    ------
    QueryError
        KGLite is not installed.
    """

    def __init__(self, graph: Graph, schema: Schema) -> None:
        try:
            import kglite
        except ImportError as bad:
            raise QueryError("cypher_engine") from bad
        self._kglite: Any = kglite
        kglite.set_query_warning_policy("silent")
        self._held: Any = kglite.KnowledgeGraph()
        self._fill(graph, schema)
        self._held.read_only(True)

    def _fill(self, graph: Graph, schema: Schema) -> None:
        kinds = np.repeat(np.array(list(graph.nodes), object), [len(t) for t in graph.nodes.values()])
        keys = np.concatenate([np.zeros(0, object), *(_objects(flat(t["key"])) for t in graph.nodes.values())])
        for group, name, columns in shown(graph, schema):
            frame = _frame(columns)
            if group != "relation":
                title = "name" if "name" in columns else "key"
                self._held.add_nodes(frame, name, "key", title, column_types={"key": "string"})
                continue
            src, dst = graph.ends(name)
            frame["_from"], frame["_to"] = keys[src], keys[dst]
            for pair in sorted(set(zip(kinds[src].tolist(), kinds[dst].tolist(), strict=True))):
                mine = (kinds[src] == pair[0]) & (kinds[dst] == pair[1])
                self._held.add_relationships(
                    frame[mine], name, pair[0], "_from", pair[1], "_to",
                    column_types={"_from": "string", "_to": "string"},
                )  # fmt: skip

    def run(
        self, text: str, values: Mapping[str, Any] | None = None, *, rows: int = ROWS, seconds: float = SECONDS
    ) -> Answer:
        """Run a reading statement; see ``neo4j.ask``."""
        text = checked(text)
        try:
            found: Any = self._held.cypher(text, params=dict(values or {}), timeout_ms=int(seconds * 1000))
            columns = tuple(found.columns)
            made = [tuple(self._value(row[c]) for c in columns) for row in found.head(rows + 1).to_list()]
        except self._kglite.CypherTimeoutError as bad:
            raise QueryError("cypher_slow", seconds=f"{seconds:g}") from bad
        except (self._kglite.KgError, ValueError, TypeError) as bad:
            raise QueryError("cypher_wrong", reason=str(bad).splitlines()[0][:300]) from bad
        return Answer(columns, made[:rows], len(made) > rows)

    def _value(self, value: Any) -> Any:
        if isinstance(value, dict) and "labels" in value and "properties" in value:
            said = value["properties"]
            return node_text(value["labels"][0], said.get("key") or said.get("name"))
        if isinstance(value, dict) and {"start", "end", "type"} <= value.keys():
            return value["type"]
        if isinstance(value, dict) and {"nodes", "relationships"} <= value.keys():
            hops = [(r["type"], r["start"] == n["id"]) for n, r in
                    zip(value["nodes"], value["relationships"], strict=False)]  # fmt: skip
            return path_text([self._value(n) for n in value["nodes"]], hops)
        if isinstance(value, list | tuple):
            return [self._value(v) for v in value]
        return plain_value(value)


def _objects(column: pa.Array) -> Any:
    return np.array(column.to_pylist(), object)


def _frame(columns: Mapping[str, pa.Array]) -> pd.DataFrame:
    """Return columns as pandas holds them without changing a value: whole numbers stay whole."""
    import pandas as pd

    return pd.DataFrame({name: _series(column) for name, column in columns.items()})


def _series(column: pa.Array) -> Any:
    import pandas as pd

    if pa.types.is_integer(column.type):
        return pd.array(column.to_pylist(), dtype="Int64")
    if pa.types.is_floating(column.type):
        return column.to_numpy(zero_copy_only=False)
    return pd.Series(column.to_pylist(), dtype=object)
