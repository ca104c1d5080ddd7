"""Files: a graph as Parquet tables in a folder, written aside and swapped in by one step.

    tables/<hash>/    one Parquet a type and ``manifest.json`` with counts and hash
    CURRENT           names the hash; replaced in one step

It is the form in which a workspace keeps the graph folded from its loads, so the graph of a
workspace can be read here; written it is by its loads only.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import ClassVar

import pyarrow as pa

from ..columns.sinks import read_graph, write_graph
from ..columns.subgraph import chain_subgraph
from ..columns.tables import Graph
from ..fold.rebatch import batch_of
from ..schema.errors import StoreError
from ..schema.types import Schema
from ..workspace.atomic import refusals_of, sweep_aside
from ..workspace.generations import current_held, current_tables, swap_tables
from ..workspace.lock import writer_lock
from .store import Capability, ReadBack, Replaced, State, cannot


class FileStore:
    """A folder with the tables of one graph.

    Parameters
    ----------
    folder
        Made by the first write.
    schema
        The schema of the graph.
    """

    name: ClassVar[str] = "files"
    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {
            Capability.WRITES,
            Capability.READS_BACK,
            Capability.READS_PART,
            Capability.PROVENANCE,
            Capability.DURABLE,
            Capability.ATOMIC,
            Capability.NOTICES,
        }
    )

    def __init__(self, folder: Path, schema: Schema) -> None:
        self.folder, self.schema = folder, schema

    @property
    def place(self) -> str:
        """The folder."""
        return str(self.folder)

    def put(self, graph: Graph) -> Replaced:
        """Write the tables aside, then swap them in; readers see the old graph or the new one, whole.

        Raises
        ------
        StoreError
            The folder is a workspace, cannot be written, or somebody else is writing to it.
        """
        if (self.folder / "workspace.json").is_file():
            raise StoreError("files_workspace", folder=self.folder)
        with refusals_of(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            with writer_lock(self.folder):
                sweep_aside(self.folder)
                if self._is_whole(graph.hash):
                    return Replaced(graph.hash, 0)
                self._write(graph)
        rows = graph.n_nodes + graph.n_relations + sum(map(len, graph.statements.values()))
        return Replaced(graph.hash, rows)

    def _is_whole(self, digest: str) -> bool:
        """Tell whether this graph is there undamaged; a damaged copy of it makes room for a new one."""
        current = current_tables(self.folder)
        if current is None or current.hash != digest:
            return False
        try:
            self._graph()
        except StoreError:
            shutil.rmtree(current.folder)
            return False
        return True

    def _write(self, graph: Graph) -> None:
        tables = self.folder / "tables"
        tables.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".aside-", dir=tables, ignore_cleanup_errors=True) as aside:
            made = Path(aside) / "graph"
            made.mkdir()
            write_graph(graph, made)
            swap_tables(self.folder, made, {"hash": graph.hash})

    def state(self) -> State | None:
        """Return hash and counts of the tables that CURRENT names."""
        current = current_tables(self.folder)
        if current is None:
            return None
        counts = current.counts
        return State(current.hash, sum(counts["nodes"].values()), sum(counts["relations"].values()))

    def get(self) -> ReadBack:
        """Return the records of the whole graph.

        Raises
        ------
        StoreError
            There is no graph, or its files are damaged.
        """
        graph = self._graph()
        return ReadBack(batch_of(graph, self.schema, self.place), graph.hash)

    def part(self, chain: str) -> ReadBack:
        """Return the records of one chain; see ``get``."""
        graph = self._graph()
        return ReadBack(batch_of(chain_subgraph(graph, chain), self.schema, self.place), graph.hash)

    ask = cannot(Capability.CYPHER)

    def _graph(self) -> Graph:
        current, held = current_held(self.folder)
        if current is None:
            raise StoreError("store_empty", place=self.place)
        try:
            graph = read_graph(current.folder)
        except (OSError, ValueError, KeyError, pa.ArrowException) as bad:
            raise StoreError("files_damaged", folder=self.folder, reason=str(bad).splitlines()[0]) from bad
        finally:
            if held is not None:
                held.release()
        if graph.hash != current.hash:
            raise StoreError("files_damaged", folder=self.folder, reason=f"{current.hash[:12]} → {graph.hash[:12]}")
        return graph
