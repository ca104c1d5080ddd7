"""Store: a place that holds a graph, with what it declares it can do.

A store takes in a whole graph (``put``) and says what it holds (``state``). Whether it gives the
graph back, whole or a chain of it, answers in Cypher, and what a write that fails leaves behind,
is declared by its ``capabilities``; a method that a store does not declare is ``cannot(…)``, which
says so in one sentence. ``tests/conformance`` runs one suite on every store, by what it declares.

Examples
--------
>>> from .kglite import KgliteStore
>>> Capability.CYPHER in KgliteStore.capabilities, Capability.READS_BACK in KgliteStore.capabilities
(True, False)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, NoReturn, Protocol

from ..columns.batch import Batch
from ..columns.tables import Graph
from ..schema.errors import StoreError
from ..schema.words import Word
from .cypher import ROWS, SECONDS, Answer


class Capability(Enum):
    """What a store may be able to do; in words in ``words.toml`` (``capability``)."""

    WRITES = "writes"
    DIFFERENCE = "difference"
    READS_BACK = "reads_back"
    READS_PART = "reads_part"
    PROVENANCE = "provenance"
    CYPHER = "cypher"
    DURABLE = "durable"
    ATOMIC = "atomic"
    RESUMES = "resumes"
    NOTICES = "notices"


@dataclass(frozen=True)
class State:
    """What a store says that it holds.

    ``complete`` is False while a write has begun and not finished: ``hash`` and counts are then those
    of the graph before.
    """

    hash: str
    nodes: int
    relations: int
    complete: bool = True


class Written(Protocol):
    """What a write did: the hash of the graph, and how many rows were created, updated or deleted."""

    @property
    def hash(self) -> str:
        """Canonical hash of the graph that the store holds now."""

    @property
    def changed(self) -> int:
        """Rows written or deleted; 0 when the store held this graph."""


@dataclass(frozen=True)
class Replaced:
    """What a store that writes a graph whole did."""

    hash: str
    changed: int


@dataclass(frozen=True)
class ReadBack:
    """Records that fold to what a store held, and the hash of the whole graph there."""

    batch: Batch
    hash: str


class Store(Protocol):
    """A place that holds one graph.

    Attributes
    ----------
    name
        What the store is called.
    capabilities
        What it can do. A write, a read or a question that is not declared raises ``StoreError``.
    """

    name: ClassVar[str]
    capabilities: ClassVar[frozenset[Capability]]

    @property
    def place(self) -> str:
        """Where the graph is: a folder, an address."""

    def put(self, graph: Graph) -> Written:
        """Make the store hold this graph and nothing else of ours; a graph that it holds is not written again."""

    def state(self) -> State | None:
        """Return what the store holds, None when that is nothing."""

    def get(self) -> ReadBack:
        """Return the whole graph; it folds to the same canonical hash."""

    def part(self, chain: str) -> ReadBack:
        """Return one chain: its links, what goes into them, who makes them and where (``chain_subgraph``)."""

    def ask(
        self, text: str, values: Mapping[str, Any] | None = None, *, rows: int = ROWS, seconds: float = SECONDS
    ) -> Answer:
        """Run one reading Cypher statement, stopping at so many rows and seconds."""


def cannot(capability: Capability) -> Callable[..., NoReturn]:
    """Return the method of a store that does not declare a capability: it says so, and what the store can do."""

    def refuse(store: Store, *_asked: object, **_named: object) -> NoReturn:
        able = tuple(Word("capability", each.value) for each in Capability if each in store.capabilities)
        raise StoreError("store_cannot", store=store.name, what=Word("capability", capability.value), able=able)

    return refuse


def holds(store: Store, graph: Graph) -> bool:
    """Tell whether a store says that it holds this graph, complete."""
    state = store.state()
    return state is not None and state.complete and state.hash == graph.hash
