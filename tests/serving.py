"""One Neo4j server a process for all folders of tests: NEO4J_URI when set, else one started by Maven and Java.

A server of NEO4J_URI has to be empty: the tests remove everything from it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from real_server import PASSWORD, QUICK, USER, Probe, RealServer, Unavailable, missing
from required import require

_STACK = ExitStack()
_RUNNING: list[Probe] = []
_USERS: list[str] = []


@contextmanager
def served(user: str) -> Iterator[Probe]:
    """Give the server to a folder of tests; it starts for the first and stops when the last lets it go."""
    if not _RUNNING:
        _RUNNING.append(_STACK.enter_context(_server()))
    _USERS.append(user)
    try:
        yield _RUNNING[0]
    finally:
        _USERS.remove(user)
        if not _USERS:
            _RUNNING.clear()
            _STACK.close()


@contextmanager
def _server() -> Iterator[Probe]:
    if "NEO4J_URI" in os.environ:
        user, password = (os.environ.get(name, "") for name in ("NEO4J_USERNAME", "NEO4J_PASSWORD"))
        probe = Probe(os.environ["NEO4J_URI"], user or USER, password)
        if probe.value("MATCH (n) RETURN count(n)"):
            probe.close()
            pytest.fail("The server of NEO4J_URI is not empty; tests would remove its data.")
        yield probe
        probe.close()
        return
    reason = missing()
    if reason:
        require("neo4j", reason)
    started = RealServer(options=QUICK)
    try:
        started.start()
    except Unavailable as bad:
        started.stop()
        require("neo4j", str(bad))
    probe = Probe(started.uri, USER, PASSWORD)
    yield probe
    probe.close()
    started.stop()
