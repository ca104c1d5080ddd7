"""Neo4j as a store: publish, pull and ask, on one database of one server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ...columns.tables import Graph
from ...schema.leaving import shown_uri
from ...schema.types import Schema
from ..cypher import ROWS, SECONDS, Answer
from ..store import Capability, State
from .ask import ask
from .publish import Progress, Published, publish
from .pull import Pulled, pull
from .session import Credentials, connect, credentials


class Neo4jStore:
    """A graph in a Neo4j database, beside which data of others may stand.

    Parameters
    ----------
    uri
        Address of the server.
    schema
        The schema of the graph.
    auth
        Default: NEO4J_USERNAME and NEO4J_PASSWORD.
    database
        Default: NEO4J_DATABASE, else the server's default database.
    """

    name: ClassVar[str] = "Neo4j"
    capabilities: ClassVar[frozenset[Capability]] = frozenset(set(Capability) - {Capability.ATOMIC})

    def __init__(self, uri: str, schema: Schema, auth: Credentials | None = None, database: str | None = None) -> None:
        self.uri, self.schema, self.auth, self.database = uri, schema, auth, database

    @property
    def place(self) -> str:
        """The address, as it may be shown."""
        return shown_uri(self.uri)

    def put(
        self,
        graph: Graph,
        *,
        wipe_other: bool = False,
        verify: bool = False,
        batch_size: int = 10_000,
        progress: Progress | None = None,
    ) -> Published:
        """Send what differs; see ``publish``."""
        return publish(
            graph,
            self.schema,
            self.uri,
            database=self.database,
            auth=self.auth,
            wipe_other=wipe_other,
            verify=verify,
            batch_size=batch_size,
            progress=progress,
        )

    def state(self) -> State | None:
        """Return what the last publish left on the server, also one that did not finish."""
        with connect(self.uri, self.auth or credentials(), self.database) as server:
            said = server.state()
        if not said:
            return None
        nodes, relations = (int(said.get(name, 0)) for name in ("nodes", "relations"))
        return State(str(said.get("hash", "")), nodes, relations, bool(said.get("complete")))

    def get(self, *, accept_changes: bool = False) -> Pulled:
        """Read the whole graph back; see ``pull``."""
        return self._pulled(None, accept_changes)

    def part(self, chain: str, *, accept_changes: bool = False) -> Pulled:
        """Read one chain back; see ``pull``."""
        return self._pulled(chain, accept_changes)

    def _pulled(self, chain: str | None, accept_changes: bool) -> Pulled:
        return pull(
            self.uri,
            self.schema,
            database=self.database,
            auth=self.auth,
            accept_changes=accept_changes,
            chain=chain,
        )

    def ask(
        self, text: str, values: Mapping[str, Any] | None = None, *, rows: int = ROWS, seconds: float = SECONDS
    ) -> Answer:
        """Run a reading statement on the server; see ``ask``."""
        return ask(self.uri, text, values, auth=self.auth, database=self.database, rows=rows, seconds=seconds)
