"""KGLite engine: the graph's columns in a Cypher engine of this machine, where there is no server.

It holds what ``publish`` sends, under the same labels, types and property names, so a text
gives the same answer here and there. It is filled, asked and thrown away: nothing is stored.
As a store it lives as long as the process. The engine itself is in a process aside, where a text
that takes all memory ends nothing but that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any, ClassVar
from weakref import finalize

import numpy as np
import pyarrow as pa

from ..columns.canonical import flat
from ..columns.tables import Graph
from ..schema.errors import QueryError, StoreError
from ..schema.types import Schema
from . import aside
from .answering import Carried
from .cypher import ROWS, SECONDS, Answer, checked
from .neo4j.wire import shown
from .store import Capability, Replaced, State, cannot


class KgliteStore:
    """A graph in KGLite, as long as this process lives.

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
    """A graph in KGLite, with writing switched off, in the process ``aside``.

    Raises
    ------
    QueryError
        KGLite is not installed.
    """

    def __init__(self, graph: Graph, schema: Schema) -> None:
        begin()
        self._graph, self._schema = graph, schema
        with aside.LOCK:
            self._held = self._filled()

    def _filled(self) -> tuple[aside.Process, int]:
        """Fill the graph in; return the process that holds it, and its number there."""
        process = aside.process()
        number = process.graph()
        finalize(self, process.gone.append, number)
        for call, given, named in self._tables():
            process.order("fill", number, call, given, named)
        process.order("fill", number, "read_only", (True,), {})
        return process, number

    def _tables(self) -> Iterator[tuple[str, tuple[Any, ...], dict[str, Any]]]:
        """Yield the tables of nodes and relations as KGLite takes them: the call, and what it is given."""
        graph = self._graph
        kinds = np.repeat(np.array(list(graph.nodes), object), [len(t) for t in graph.nodes.values()])
        keys = np.concatenate([np.zeros(0, object), *(_objects(flat(t["key"])) for t in graph.nodes.values())])
        for group, name, columns in shown(graph, self._schema):
            columns = _carried(columns)
            if group != "relation":
                title = "name" if "name" in columns else "key"
                yield "add_nodes", (columns, name, "key", title), {"column_types": {"key": "string"}}
                continue
            src, dst = graph.ends(name)
            columns["_from"], columns["_to"] = ("object", keys[src]), ("object", keys[dst])
            for pair in sorted(set(zip(kinds[src].tolist(), kinds[dst].tolist(), strict=True))):
                mine = (kinds[src] == pair[0]) & (kinds[dst] == pair[1])
                some = {column: (kind, values[mine]) for column, (kind, values) in columns.items()}
                ends = (some, name, pair[0], "_from", pair[1], "_to")
                yield "add_relationships", ends, {"column_types": {"_from": "string", "_to": "string"}}

    def run(
        self, text: str, values: Mapping[str, Any] | None = None, *, rows: int = ROWS, seconds: float = SECONDS
    ) -> Answer:
        """Run a reading statement; see ``neo4j.ask``."""
        text = checked(text)
        with aside.LOCK:
            process, number = self._held
            if process is not aside.process():  # a text before ended it
                process, number = self._held = self._filled()
            answer = process.order(
                "ask", number, text, dict(values or {}), rows + 1, seconds,
                memory=aside.MEMORY, seconds=seconds + aside.GRACE,
            )  # fmt: skip
        made = [tuple(row) for row in answer["rows"]]
        return Answer(tuple(answer["columns"]), made[:rows], len(made) > rows)


def begin() -> None:
    """Start the process aside, if there is none: it gets ready while the caller reads the graph.

    Raises
    ------
    QueryError
        KGLite is not installed, or no process can be started.
    """
    if find_spec("kglite") is None:
        raise QueryError("cypher_engine")
    with aside.LOCK:
        aside.process()


def _objects(column: pa.Array) -> Any:
    return np.fromiter(column.to_pylist(), object, len(column))  # lists of one length stay lists


def _carried(columns: Mapping[str, pa.Array]) -> Carried:
    """Return columns as they travel: made frames of there, so that this process imports no pandas."""
    return {name: _values(column) for name, column in columns.items()}


def _values(column: pa.Array) -> tuple[str, Any]:
    if pa.types.is_floating(column.type):
        return "float64", column.to_numpy(zero_copy_only=False)
    return "Int64" if pa.types.is_integer(column.type) else "object", _objects(column)
