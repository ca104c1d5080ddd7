"""Cypher: the answers to texts that users type, whichever store gives them.

What is let through is the guard's to say (``checked``). Beyond that the server gets a text in read
mode, in a transaction that is never committed, and KGLite with writing switched off, in a process of
its own. Rows and time are capped.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from ..schema.errors import QueryError
from .guard import checked

ROWS, SECONDS = 1000, 30.0


@dataclass(frozen=True)
class Answer:
    """Rows of a query: nodes and relations as texts, and whether more rows were to come."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    more: bool


def node_text(label: str, key: object) -> str:
    """Return a node as it is written in a row: its public id."""
    return f"{label}:{key}"


def path_text(nodes: list[str], hops: list[tuple[str, bool]]) -> str:
    """Return a path as it is written in a row; a hop is its type and whether it runs forward."""
    parts = [nodes[0]] if nodes else []
    for (kind, forward), node in zip(hops, nodes[1:], strict=True):
        parts.append(f"-{kind}-> {node}" if forward else f"<-{kind}- {node}")
    return " ".join(parts)


def _map(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return None if value != value else value
    return str(value)


def plain_value(value: Any) -> Any:
    """Return a value of either engine that is no node, relation or path as rows hold it."""
    if isinstance(value, dict):
        return _map({k: plain_value(v) for k, v in value.items()})
    return [plain_value(v) for v in value] if isinstance(value, list | tuple) else _plain(value)


def parameter(text: str) -> tuple[str, Any]:
    """Return name and value of ``--param name=value``; a value that is JSON is taken as such.

    Examples
    --------
    >>> parameter("place=枣庄市"), parameter("floor=0.5"), parameter('code="0610"')
    (('place', '枣庄市'), ('floor', 0.5), ('code', '0610'))
    """
    name, mark, value = text.partition("=")
    name = name.strip().removeprefix("$")
    if not mark or not re.fullmatch(r"\w+", name):
        raise QueryError("cypher_param", value=text)
    try:
        return name, json.loads(value, parse_constant=_refused)
    except ValueError:
        return name, value


def _refused(word: str) -> Any:
    raise ValueError(word)


__all__ = ["ROWS", "SECONDS", "Answer", "checked", "node_text", "parameter", "path_text", "plain_value"]
