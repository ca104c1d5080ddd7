"""Publish while client, server or connection die: the next run makes the server equal again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from graphs import SCHEMA, graph, many
from proxy import Proxy
from real_server import PASSWORD, USER, Probe, RealServer

from chainatlas.graph.columns.tables import Graph
from chainatlas.graph.schema.errors import StoreError
from chainatlas.graph.stores.neo4j import session as neo4j_session
from chainatlas.graph.stores.neo4j.publish import publish
from chainatlas.graph.stores.neo4j.pull import pull

CHANCE = random.Random(20150123)
CLIENT = """
import sys
sys.path.insert(0, sys.argv[2])
from graphs import SCHEMA, graph, many
from chainatlas.graph.stores.neo4j.publish import publish
lines, last = [], int(sys.argv[3])
def told(what, done, total):
    print(done, flush=True)
    lines.append(done)
    if len(lines) > last + 1:
        sys.stdin.read()
print("ready", flush=True)
publish(graph(many(400)), SCHEMA, sys.argv[1], batch_size=50, progress=told)
"""


def assert_whole(made: Graph, probe: Probe) -> None:
    """The server holds the graph and nothing else, counted there; publishing again writes nothing."""
    assert probe.value("MATCH (n:ChainAtlas) RETURN count(n)") == made.n_nodes
    assert probe.value("MATCH ()-[r]->() RETURN count(r)") == made.n_relations
    assert pull(probe.uri, SCHEMA).hash == made.hash
    assert publish(made, SCHEMA, probe.uri).server_writes == 0


def client(uri: str, batches: int) -> subprocess.Popen[str]:
    """Start a process that publishes and prints a line a batch, until the second batch after so many."""
    here = str(Path(__file__).parent)
    return subprocess.Popen([sys.executable, "-c", CLIENT, uri, here, str(batches)],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True, env={**os.environ})  # fmt: skip


@pytest.mark.parametrize("batches", [0, 1, 4, 9, 15, 22])
def test_a_killed_client_leaves_what_the_next_run_completes(neo4j: Probe, batches: int) -> None:
    made = graph(many(400))
    kill_at(neo4j.uri, batches)
    done = publish(made, SCHEMA, neo4j.uri)
    assert done.changed > 0
    assert_whole(made, neo4j)


@pytest.mark.slow
def test_a_killed_server_comes_back_and_the_next_run_completes(
    restartable: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neo4j_session, "_RETRY_SECONDS", 3.0)
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


@pytest.mark.slow
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


@pytest.mark.parametrize("how", ["before", "after"])
@pytest.mark.parametrize("at", [1, 2, 3, 7, 12])
def test_a_connection_cut_at_commit_is_resolved_by_the_checkpoint(neo4j: Probe, at: int, how: str) -> None:
    """Whether a lost COMMIT counted is read from the server: nothing is written twice, nothing is left out."""
    made = graph(many(200))
    proxy = Proxy(neo4j.uri, how, at)
    try:
        done = publish(made, SCHEMA, proxy.uri, batch_size=50)
    finally:
        proxy.close()
    assert proxy.done
    assert (done.nodes_created, done.relations_created) == (made.n_nodes, made.n_relations)
    assert_whole(made, neo4j)


def test_a_server_that_says_nothing_is_given_up(neo4j: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    made = graph(many(200))
    monkeypatch.setenv("CHAINATLAS_NEO4J_TIMEOUT", "1.5")
    proxy = Proxy(neo4j.uri, "hang", 5)
    try:
        with pytest.raises(StoreError) as bad:
            publish(made, SCHEMA, proxy.uri, batch_size=50)
    finally:
        proxy.close()
    assert bad.value.code == "neo4j_hangs"
    assert "1.5" in str(bad.value)
    monkeypatch.delenv("CHAINATLAS_NEO4J_TIMEOUT")
    publish(made, SCHEMA, neo4j.uri)
    assert_whole(made, neo4j)


@pytest.mark.parametrize("text", ["0", "-1", "soon"])
def test_a_patience_that_is_none_is_refused(neo4j: Probe, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("CHAINATLAS_NEO4J_TIMEOUT", text)
    with pytest.raises(StoreError) as bad:
        publish(graph(many(3)), SCHEMA, neo4j.uri)
    assert bad.value.code == "neo4j_timeout"


def kill_at(uri: str, batches: int) -> None:
    """Publish in a process of its own and kill -9 it after so many batches and a moment by chance.

    It does not run away meanwhile, however long this process has to wait for its turn.
    """
    process = client(uri, batches)
    assert process.stdin is not None
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(batches + 1)]
    assert lines[0] == "ready\n", "a client that could not begin would be killed in vain"
    time.sleep(CHANCE.random() * 0.03)
    process.send_signal(signal.SIGKILL)
    assert process.wait() in (-signal.SIGKILL, 0), "killed, or it had finished"
    process.stdin.close()
    process.stdout.close()


@pytest.mark.slow
def test_fifty_random_kills_of_the_client(neo4j: Probe) -> None:
    made = graph(many(400))
    for _ in range(50):
        neo4j.clear()
        kill_at(neo4j.uri, CHANCE.randrange(24))
        publish(made, SCHEMA, neo4j.uri)
        assert_whole(made, neo4j)


@pytest.mark.slow
def test_twenty_random_kills_of_the_server(restartable: RealServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neo4j_session, "_RETRY_SECONDS", 3.0)
    graphs = [graph(many(400)), graph(many(380, changed=150))]
    for turn in range(20):
        made, point = graphs[turn % 2], CHANCE.random()

        def kill(what: str, done: int, total: int, point: float = point) -> None:
            if done >= total * point and restartable.process is not None:
                restartable.kill()

        with pytest.raises(StoreError) as bad:
            publish(made, SCHEMA, restartable.uri, batch_size=50, progress=kill)
        assert bad.value.code == "neo4j_unreachable"
        restartable.start()
        publish(made, SCHEMA, restartable.uri)
        probe = Probe(restartable.uri, USER, PASSWORD)
        assert_whole(made, probe)
        probe.close()
