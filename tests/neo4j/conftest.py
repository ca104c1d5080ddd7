"""A real Neo4j for the tests of this folder: NEO4J_URI when set, else one started by Maven and Java.

A server of NEO4J_URI has to be empty: the tests remove everything from it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from real_server import PASSWORD, USER, Probe, RealServer, Unavailable, missing
from required import require


@pytest.fixture(scope="session")
def server() -> Iterator[Probe]:
    """A running server; its address and login are in NEO4J_URI, NEO4J_USERNAME, NEO4J_PASSWORD."""
    if "NEO4J_URI" in os.environ:
        found = Probe(os.environ["NEO4J_URI"], os.environ.get("NEO4J_USERNAME", USER),
                      os.environ.get("NEO4J_PASSWORD", ""))  # fmt: skip
        if found.value("MATCH (n) RETURN count(n)"):
            found.close()
            pytest.fail("The server of NEO4J_URI is not empty; tests would remove its data.")
        yield found
        found.close()
        return
    reason = missing()
    if reason:
        require("neo4j", reason)
    started = RealServer()
    try:
        started.start()
    except Unavailable as bad:
        started.stop()
        require("neo4j", str(bad))
    found = Probe(started.uri, USER, PASSWORD)
    yield found
    found.close()
    started.stop()


@pytest.fixture
def neo4j(server: Probe, monkeypatch: pytest.MonkeyPatch) -> Probe:
    """The server, emptied, with its login in the environment."""
    server.clear()
    monkeypatch.setenv("NEO4J_USERNAME", server.user)
    monkeypatch.setenv("NEO4J_PASSWORD", server.password)
    monkeypatch.delenv("NEO4J_DATABASE", raising=False)
    monkeypatch.setenv("CHAINATLAS_LANG", "en")
    return server


@pytest.fixture
def restartable(monkeypatch: pytest.MonkeyPatch) -> Iterator[RealServer]:
    """A server of its own that a test may kill and restart."""
    reason = missing()
    if reason:
        require("neo4j", reason)
    started = RealServer(memory="512m")
    started.start()
    monkeypatch.setenv("NEO4J_USERNAME", USER)
    monkeypatch.setenv("NEO4J_PASSWORD", PASSWORD)
    yield started
    started.stop()
