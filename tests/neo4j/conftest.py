"""A real Neo4j for the tests of this folder; how it is started: ``serving``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from real_server import PASSWORD, QUICK, USER, Probe, RealServer, missing
from required import require
from serving import served


@pytest.fixture(scope="session")
def server() -> Iterator[Probe]:
    """A running server, shared with the other folders that need one."""
    with served("neo4j") as probe:
        yield probe


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
    started = RealServer(memory="512m", options=QUICK)
    started.start()
    monkeypatch.setenv("NEO4J_USERNAME", USER)
    monkeypatch.setenv("NEO4J_PASSWORD", PASSWORD)
    yield started
    started.stop()
