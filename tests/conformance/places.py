"""The stores under test: how each is opened, spoiled behind its back, and stopped in the middle of a write.

A new store gets an entry in ``STORES``, ``STATED``, ``STEPS`` and a case in ``opened``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow.parquet as pq
import pytest
from building import SCHEMA
from real_server import Probe

from chainatlas.graph.columns import sinks
from chainatlas.graph.stores import kglite
from chainatlas.graph.stores.files import FileStore
from chainatlas.graph.stores.kglite import KgliteStore
from chainatlas.graph.stores.neo4j import session
from chainatlas.graph.stores.neo4j.session import Credentials
from chainatlas.graph.stores.neo4j.store import Neo4jStore
from chainatlas.graph.stores.store import Capability, Store
from chainatlas.graph.workspace import generations

STORES: dict[str, type[Store]] = {"files": FileStore, "kglite": KgliteStore, "neo4j": Neo4jStore}

# How many tests of each file a store runs by day: a suite in which nothing ran would pass.
STATED = {
    "test_stores.py": {"files": 15, "kglite": 8, "neo4j": 17},
    "test_store_cypher.py": {"kglite": 44, "neo4j": 14},
}

# What a store calls again and again while it writes: where it is stopped.
STEPS: dict[str, tuple[tuple[Any, str], ...]] = {
    "files": ((sinks.InFolder, "add"), (generations, "sync"), (os, "replace")),
    "kglite": ((kglite, "_carried"),),
    "neo4j": ((session.Server, "claim"), (session.Server, "write"), (session.Server, "change")),
}


@dataclass(frozen=True)
class Place:
    """An empty place of one store.

    ``again`` opens another handle on it, ``spoil`` changes its data behind the store's back, ``address`` and
    ``login`` are what another process needs to open it.
    """

    name: str
    store: Store
    again: Callable[[], Store]
    spoil: Callable[[], None]
    address: str = ""
    login: tuple[str, str] = ("", "")

    def declares(self, *capabilities: Capability) -> bool:
        """Tell whether the store declares all of these."""
        return set(capabilities) <= self.store.capabilities


def opened(name: str, folder: Path, request: pytest.FixtureRequest) -> Place:
    """Open an empty place; a server is taken from the session."""
    if name == "files":
        home = folder / "graph"
        return Place(name, FileStore(home, SCHEMA), lambda: FileStore(home, SCHEMA), lambda: _edit(home), str(home))
    if name == "kglite":
        store = KgliteStore(SCHEMA)
        return Place(name, store, lambda: store, lambda: None)
    probe: Probe = request.getfixturevalue("server")
    probe.clear()
    address, login = probe.uri, (probe.user, probe.password)

    def again() -> Neo4jStore:
        return Neo4jStore(address, SCHEMA, Credentials(*login))

    return Place(name, again(), again, lambda: _rename(probe), address, login)


def _edit(home: Path) -> None:
    """Call one product otherwise in the Parquet file."""
    (path,) = home.glob("tables/*/nodes/Product.parquet")
    table = pq.read_table(path)
    at = table.column_names.index("name")
    names = [name.replace("A", "Z") for name in table["name"].to_pylist()]
    pq.write_table(table.set_column(at, "name", [names]), path)


def _rename(probe: Probe) -> None:
    """Call one product otherwise on the server."""
    assert probe.value("MATCH (n:Product {name: 'A'}) SET n.name = 'Z' RETURN count(n)") == 1


@contextmanager
def counted(name: str, before_step: Callable[[int], None] = lambda step: None) -> Iterator[list[int]]:
    """Call ``before_step`` with 0, 1, … before each step of a write; yields the list of steps."""
    steps: list[int] = []

    def watched(call: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **named: Any) -> Any:
            before_step(len(steps))
            steps.append(len(steps))
            return call(*args, **named)

        return step

    with ExitStack() as stack:
        for owner, attribute in STEPS[name]:
            stack.enter_context(patch.object(owner, attribute, watched(getattr(owner, attribute))))
        yield steps
