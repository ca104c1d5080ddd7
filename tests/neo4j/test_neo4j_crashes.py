"""Publish while client, server or connection die: the next run makes the server equal again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from graphs import SCHEMA, graph, many
from real_server import PASSWORD, USER, Probe, RealServer

from chainatlas.graph.errors import StoreError
from chainatlas.graph.neo4j_store import publish, pull

CLIENT = """
import sys
sys.path.insert(0, sys.argv[2])
from graphs import SCHEMA, graph, many
from chainatlas.graph.neo4j_store import publish
print("ready", flush=True)
publish(graph(many(400)), SCHEMA, sys.argv[1], batch_size=50,
        progress=lambda what, done, total: print(done, flush=True))
"""


def client(uri: str) -> subprocess.Popen[str]:
    """Start a process that publishes and prints a line a batch."""
    here = str(Path(__file__).parent)
    return subprocess.Popen([sys.executable, "-c", CLIENT, uri, here], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True, env={**os.environ})  # fmt: skip


@pytest.mark.parametrize("batches", [0, 1, 4, 9, 15, 22])
def test_a_killed_client_leaves_what_the_next_run_completes(neo4j: Probe, batches: int) -> None:
    made = graph(many(400))
    process = client(neo4j.uri)
    assert process.stdout is not None
    for _ in range(batches + 1):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    done = publish(made, SCHEMA, neo4j.uri)
    assert pull(neo4j.uri, SCHEMA).hash == made.hash
    assert neo4j.value("MATCH (n:ChainAtlas) RETURN count(n)") == made.n_nodes
    assert neo4j.value("MATCH ()-[r]->() RETURN count(r)") == made.n_relations
    assert done.changed > 0
    assert publish(made, SCHEMA, neo4j.uri).server_writes == 0


def test_a_killed_server_comes_back_and_the_next_run_completes(restartable: RealServer) -> None:
    made = graph(many(400))

    def kill(what: str, done: int, total: int) -> None:
        if done >= total // 2 and restartable.process is not None:
            restartable.kill()

    with pytest.raises(StoreError) as bad:
        publish(made, SCHEMA, restartable.uri, batch_size=50, progress=kill)
    assert bad.value.code == "neo4j_unreachable"
    assert PASSWORD not in str(bad.value)
    restartable.start()
    publish(made, SCHEMA, restartable.uri)
    assert pull(restartable.uri, SCHEMA).hash == made.hash


def test_a_server_that_restarts_meanwhile_is_waited_for(restartable: RealServer) -> None:
    made, threads = graph(many(400)), []

    def restart(what: str, done: int, total: int) -> None:
        if done >= total // 2 and not threads:
            restartable.kill()
            threads.append(threading.Thread(target=restartable.start))
            threads[0].start()
            time.sleep(0.2)

    try:
        publish(made, SCHEMA, restartable.uri, batch_size=50, progress=restart)
    except StoreError as bad:  # a slow machine: the server took longer than the driver waits
        assert bad.code == "neo4j_unreachable"  # noqa: PT017
        threads[0].join()
        publish(made, SCHEMA, restartable.uri)
    threads[0].join()
    assert pull(restartable.uri, SCHEMA).hash == made.hash
    probe = Probe(restartable.uri, USER, PASSWORD)
    assert probe.value("MATCH ()-[r]->() RETURN count(r)") == made.n_relations
    probe.close()


@pytest.mark.parametrize("arrived", [True, False])
@pytest.mark.parametrize("at", [1, 3, 7, 12])
def test_a_connection_lost_at_commit_is_resolved_by_the_checkpoint(
    neo4j: Probe, monkeypatch: pytest.MonkeyPatch, at: int, arrived: bool
) -> None:
    """The driver reports an incomplete commit; whether it counted is read from the server."""
    from neo4j import Session
    from neo4j.exceptions import IncompleteCommit

    calls = []

    def execute(self: Any, work: Any) -> Any:
        calls.append(work)
        if len(calls) != at:
            return real(self, work)
        if arrived:
            real(self, work)
        raise IncompleteCommit("the connection was lost")

    real = Session.execute_write
    monkeypatch.setattr(Session, "execute_write", execute)
    made = graph(many(200))
    done = publish(made, SCHEMA, neo4j.uri, batch_size=50)
    assert len(calls) > at
    assert (done.nodes_created, done.relations_created) == (made.n_nodes, made.n_relations)
    assert pull(neo4j.uri, SCHEMA).hash == made.hash
    assert neo4j.value("MATCH ()-[r]->() RETURN count(r)") == made.n_relations
