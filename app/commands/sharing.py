"""Sharing: publish to and pull from Neo4j, Cypher on it or on the workspace, other formats."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ..views.terminal import ask_login
from .data import now
from .running import write


def _login() -> tuple[str, str]:
    """User and password from the environment, else asked for; nothing is written anywhere."""
    user = os.environ.get("NEO4J_USERNAME") or ask_login("NEO4J_USERNAME", "neo4j")
    password = os.environ.get("NEO4J_PASSWORD") or ask_login("NEO4J_PASSWORD")
    return user, password


def publish(*, uri: str, wipe_other: bool, verify: bool, workspace: Path, **out: Any) -> None:
    """Publish to Neo4j, only what differs."""
    from ..api import publish as run

    write(run(workspace, uri, wipe_other=wipe_other, verify=verify, login=_login()), out)


def pull(*, uri: str, chain: str | None, accept_changes: bool, workspace: Path, **out: Any) -> None:
    """Fetch the graph back from Neo4j."""
    from ..api import pull as run

    write(run(workspace, uri, chain=chain, accept_changes=accept_changes, login=_login(), time=now()), out)


def cypher(
    *,
    text: str,
    uri: str | None,
    param: tuple[str, ...],
    rows: int,
    seconds: float,
    workspace: Path,
    **out: Any,
) -> None:
    """Ask in Cypher, reading only."""
    from ..api import cypher as ask
    from ..graph.stores.cypher import checked, parameter

    if not text.strip().replace("_", "").isalpha():
        checked(text)  # before a password is asked for
    login = None if uri is None else _login()
    values = dict(parameter(p) for p in param)
    write(ask(workspace, text, uri=uri, params=values, rows=rows, seconds=seconds, login=login), out)


def export(*, path: Path, kind: str | None, workspace: Path, **out: Any) -> None:
    """Write the graph in a format of other tools."""
    from ..api import export as run

    write(run(workspace, path, kind=kind), out)
