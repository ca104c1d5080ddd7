"""Ask: a reading Cypher statement on a server, its answer as rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cypher import ROWS, SECONDS, Answer, checked, node_text, path_text, plain_value
from .session import Credentials, connect, credentials
from .wire import MARKER


def ask(
    uri: str,
    text: str,
    values: Mapping[str, Any] | None = None,
    *,
    auth: Credentials | None = None,
    database: str | None = None,
    rows: int = ROWS,
    seconds: float = SECONDS,
) -> Answer:
    """Run a reading statement on a server.

    Parameters
    ----------
    auth
        Default: NEO4J_USERNAME and NEO4J_PASSWORD.
    rows, seconds
        What to stop at.

    Raises
    ------
    QueryError
        The text may do more than read, or the server does not understand it.
    StoreError
        The server cannot be reached or refuses.
    """
    text = checked(text)
    with connect(uri, auth or credentials(), database) as server:
        columns, answer = server.ask(text, dict(values or {}), rows + 1, seconds)
    shown = [tuple(_value(value) for value in row) for row in answer[:rows]]
    return Answer(columns, shown, len(answer) > rows)


def _value(value: Any) -> Any:
    from neo4j.graph import Node, Path, Relationship

    if isinstance(value, Node):
        label = next((name for name in sorted(value.labels) if name != MARKER), "")
        return node_text(label, value.get("key") or value.get("name"))
    if isinstance(value, Relationship):
        return value.type
    if isinstance(value, Path):
        hops = [(_value(r), r.start_node == a) for a, r in zip(value.nodes, value.relationships, strict=False)]
        return path_text([_value(n) for n in value.nodes], hops)
    if isinstance(value, list | tuple):
        return [_value(v) for v in value]
    if isinstance(value, dict):
        return plain_value({k: _value(v) for k, v in value.items()})
    return plain_value(value)
