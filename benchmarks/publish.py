"""Publish against a plain hand-written UNWIND MERGE loader, on the same server, in ratios.

    python benchmarks/publish.py            starts the tests' Neo4j (Java and Maven) and prints
    python benchmarks/publish.py --memory   memory of the client at .1 and 1 M nodes (minutes)

The graph is synthetic and has the size and shape of the ChainKnowledgeGraph files: 100,651
nodes, 172,671 relations, each with its source. The plain loader sends the same properties,
made ready before the clock starts, in batches of 10,000 in managed transactions, one writer,
with a uniqueness constraint a label and each end matched in its own clause; it keeps no
fingerprints and no checkpoints. Runs alternate on a warm server; medians are compared.
Publish is timed whole: fingerprints, rows, constraints and the full-text index included.
A loader that sends row by row, one MERGE a transaction as published tools do, is timed on a sample
of 1,000 nodes and 1,000 relations and scaled up.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from chainatlas.graph.columns.batch import Batch, Sheet
from chainatlas.graph.columns.tables import Graph
from chainatlas.graph.columns.text import name_keys
from chainatlas.graph.fold.fold import Loaded, fold
from chainatlas.graph.schema.types import Schema, load_schema
from chainatlas.graph.stores.neo4j.publish import publish
from chainatlas.graph.stores.neo4j.pull import pull
from chainatlas.graph.stores.neo4j.session import Credentials
from chainatlas.graph.stores.neo4j.wire import Part, encode

BATCH = 10_000
ROUNDS = 3
NODES = {"Enterprise": 4_654, "Product": 95_486, "Industry": 511}
RELATIONS = {"INPUT_OF": ("Product", "Product", 93_000), "PRODUCES": ("Enterprise", "Product", 53_785),
             "KIND_OF": ("Product", "Product", 21_232), "IN_INDUSTRY": ("Enterprise", "Industry", 4_654)}  # fmt: skip


def synthetic(schema: Schema, changed: float = 0.0, scale: float = 1.0) -> Graph:
    """Return a graph of chainkg's shape; ``changed`` is the share of nodes and relations that differ."""
    rng = np.random.default_rng(7)
    nodes, relations, sheets = {}, {}, []
    for name, count in NODES.items():
        n = max(int(count * scale), 10)
        names = pa.array([f"{schema.nodes[name].zh}{i:06d}（合成）" for i in range(n)])
        notes = [f"说明{i}" if rng.random() >= changed else f"改动{i}" for i in range(n)]
        nodes[name] = _records({"name": names, "_key": name_keys(names),
                                "description": pa.array(notes)}, len(sheets), n)  # fmt: skip
        sheets.append(Sheet("synthetic", name, name, n))
    for name, (src, dst, count) in RELATIONS.items():
        n = int(count * scale)
        a, b = len(nodes[src]), len(nodes[dst])
        pairs = np.unique(rng.integers(0, a * b, int(n * 1.02)))
        pairs = pairs[(pairs // b != pairs % b) | (src != dst)]
        pairs = rng.permutation(pairs)[:n]
        columns = {"_src": nodes[src]["_key"].take(pa.array(pairs // b)),
                   "_dst": nodes[dst]["_key"].take(pa.array(pairs % b))}  # fmt: skip
        if "share" in schema.relations[name].props:
            share = rng.integers(1, 100, len(pairs)) / 100
            columns["share"] = pa.array(np.where(rng.random(len(pairs)) < changed, 0.005, share))
        for side, kind in (("_src", src), ("_dst", dst)):
            columns[f"{side}_kind"] = pa.array(["name"] * len(pairs))
            columns[f"{side}_type"] = pa.array([kind] * len(pairs))
        relations[name] = _records(columns, len(sheets), len(pairs))
        sheets.append(Sheet("synthetic", name, name, len(pairs)))
    batch = Batch(tuple(sheets), nodes, relations, {})
    return fold([Loaded(1, batch)], schema).graph


def _records(columns: dict[str, Any], sheet: int, n: int) -> pa.Table:
    place = {"source": pa.array(["synthetic"] * n), "as_of": pa.array(["2021"] * n),
             "source_ref": pa.array([f"row {i}" for i in range(n)]),
             "_sheet": pa.array(np.full(n, sheet, np.int32)),
             "_row": pa.array(np.arange(2, n + 2, dtype=np.int32))}  # fmt: skip
    return pa.table(columns | place)


class PlainLoader:
    """What a careful programmer writes by hand: constraints, then UNWIND MERGE in batches."""

    def __init__(self, graph: Graph, schema: Schema, uri: str, auth: Credentials) -> None:
        self.uri, self.auth = uri, auth
        self.nodes: dict[str, list[dict[str, Any]]] = {}
        self.relations: dict[str, list[dict[str, Any]]] = {}
        parts = [part for part in encode(graph, schema) if len(part)]
        keys = np.concatenate([part.columns_of(np.arange(len(part)))["key"].to_numpy(zero_copy_only=False)
                               for part in parts if part.group == "node"])  # fmt: skip
        for part in parts:
            said = _said(part)
            if part.src is None or part.dst is None:
                self.nodes[part.name] = said
            else:
                ends = zip(keys[part.src].tolist(), keys[part.dst].tolist(), strict=True)
                self.relations[part.name] = [{"src": a, "dst": b, "said": row}
                                             for (a, b), row in zip(ends, said, strict=True)]  # fmt: skip

    def run(self) -> None:
        """Load everything."""
        from neo4j import GraphDatabase

        login = (self.auth.user, self.auth.password)
        with (
            GraphDatabase.driver(self.uri, auth=login, notifications_min_severity="OFF") as driver,
            driver.session(database=self.auth.database) as session,
        ):
            for label, rows in self.nodes.items():
                session.run(f"CREATE CONSTRAINT plain_{label} IF NOT EXISTS "
                            f"FOR (n:{label}) REQUIRE n.key IS UNIQUE").consume()  # fmt: skip
                self._send(session, f"UNWIND $rows AS row MERGE (n:{label} {{key: row.key}}) "
                           "SET n += row", rows)  # fmt: skip
            for name, rows in self.relations.items():
                src, dst, _ = RELATIONS[name]
                self._send(session, f"UNWIND $rows AS row MATCH (a:{src} {{key: row.src}}) "
                           f"MATCH (b:{dst} {{key: row.dst}}) MERGE (a)-[r:{name}]->(b) "
                           "SET r += row.said", rows)  # fmt: skip

    def row_by_row(self, sample: int = 1_000) -> float:
        """Return seconds for everything, a transaction a row, from a sample of nodes and of relations."""
        from neo4j import GraphDatabase

        login = (self.auth.user, self.auth.password)
        label, name = "Enterprise", "PRODUCES"
        src, dst, _ = RELATIONS[name]
        ends = self.relations[name][:sample]
        wanted = {row["dst"] for row in ends}
        ready = {src: self.nodes[src], dst: [row for row in self.nodes[dst] if row["key"] in wanted]}
        seconds = []
        with (
            GraphDatabase.driver(self.uri, auth=login, notifications_min_severity="OFF") as driver,
            driver.session(database=self.auth.database) as session,
        ):
            for kind in ready:
                session.run(f"CREATE CONSTRAINT plain_{kind} IF NOT EXISTS "
                            f"FOR (n:{kind}) REQUIRE n.key IS UNIQUE").consume()  # fmt: skip
            for text, rows in (
                (f"MERGE (n:{label} {{key: $row.key}}) SET n += $row", self.nodes[label][:sample]),
                (f"MATCH (a:{src} {{key: $row.src}}) MATCH (b:{dst} {{key: $row.dst}}) "
                 f"MERGE (a)-[r:{name}]->(b) SET r += $row.said", ends),
            ):  # fmt: skip
                start = time.perf_counter()
                for row in rows:
                    session.run(text, row=row).consume()
                seconds.append((time.perf_counter() - start) / len(rows))
                for kind, there in ready.items():
                    self._send(session, f"UNWIND $rows AS row MERGE (n:{kind} {{key: row.key}}) SET n += row", there)
        nodes, relations = (sum(map(len, part.values())) for part in (self.nodes, self.relations))
        return seconds[0] * nodes + seconds[1] * relations

    def _send(self, session: Any, text: str, rows: list[dict[str, Any]]) -> None:
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            session.execute_write(lambda tx, part=part: tx.run(text, rows=part).consume())


def _said(part: Part) -> list[dict[str, Any]]:
    names = part.names
    return [{c: v for c, v in zip(names, row[2:], strict=True) if v is not None}
            for row in part.rows(np.arange(len(part)))]  # fmt: skip


def run(uri: str, auth: Credentials, rounds: int = ROUNDS, scale: float = 1.0) -> dict[str, Any]:
    """Measure on an empty server; return seconds, ratios and the setting.

    Raises
    ------
    RuntimeError
        The server is not empty: the benchmark removes everything between runs.
    """
    schema = load_schema()
    graph, other = synthetic(schema, scale=scale), synthetic(schema, changed=0.01, scale=scale)
    if _nodes(uri, auth):
        raise RuntimeError("The server is not empty; the benchmark would remove its data.")
    plain = PlainLoader(graph, schema, uri, auth)
    seconds: dict[str, list[float]] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        made = work()
        seconds.setdefault(name, []).append(time.perf_counter() - start)
        return made

    for turn in range(rounds + 1):  # the first turn warms the server up
        _clear(uri, auth)
        timed("plain loader, first", plain.run)
        if turn:
            timed("plain loader, again", plain.run)
        _clear(uri, auth)
        graph.__dict__.pop("hash", None)
        timed("publish, first", lambda: publish(graph, schema, uri, auth=auth))
        again = timed("publish, again", lambda: publish(graph, schema, uri, auth=auth))
        assert again.server_writes == 0
        if turn == 0:
            seconds.clear()
        change = timed("publish, 1 % changed", lambda: publish(other, schema, uri, auth=auth))
        pulled = timed("pull", lambda: pull(uri, schema, auth=auth))
        assert pulled.hash == other.hash
    _clear(uri, auth)
    seconds["row by row, scaled"] = [plain.row_by_row()]
    _clear(uri, auth)
    middle = {name: statistics.median(times) for name, times in seconds.items()}
    ratios = {"plain first / publish first": middle["plain loader, first"] / middle["publish, first"],
              "row by row / publish first": middle["row by row, scaled"] / middle["publish, first"],
              "plain again / publish again": middle["plain loader, again"] / middle["publish, again"],
              "plain again / publish 1 %": middle["plain loader, again"] / middle["publish, 1 % changed"]}  # fmt: skip
    return {"benchmark": "publish", "nodes": graph.n_nodes, "relations": graph.n_relations,
            "rounds": rounds, "graph": "synthetic, shape of chainkg", "seconds": middle,
            "ratios": ratios, "changed_by_1_percent": change.changed}  # fmt: skip


def _session(uri: str, auth: Credentials, text: str) -> list[Any]:
    from neo4j import GraphDatabase

    login = (auth.user, auth.password)
    with (
        GraphDatabase.driver(uri, auth=login, notifications_min_severity="OFF") as driver,
        driver.session(database=auth.database) as session,
    ):
        rows: list[Any] = session.run(text).values()
        return rows


def _nodes(uri: str, auth: Credentials) -> int:
    return int(_session(uri, auth, "MATCH (n) RETURN count(n)")[0][0])


def _clear(uri: str, auth: Credentials) -> None:
    """Remove all data, then all constraints and indexes that either loader made."""
    for what in ("()-[x]->()", "(x)"):
        _session(uri, auth, f"MATCH {what} CALL {{ WITH x DELETE x }} IN TRANSACTIONS OF 20000 ROWS")
    for kind in ("CONSTRAINT", "INDEX"):
        for (name,) in _session(uri, auth, f"SHOW {kind} YIELD name, type WHERE type <> 'LOOKUP' "
                                "RETURN name"):  # fmt: skip
            _session(uri, auth, f"DROP {kind} `{name}`")


def show(found: dict[str, Any]) -> None:
    """Print one measurement as a table."""
    print(f"{found['nodes']:,} nodes, {found['relations']:,} relations ({found['graph']})")
    for name, value in found["seconds"].items():
        print(f"  {name:<24}{value:9.2f} s")
    for name, value in found["ratios"].items():
        print(f"  {name:<32}{value:9.1f} ×")


def memory(uri: str, auth: Credentials) -> dict[str, Any]:
    """Publish workspaces of .1 and 1 M nodes, each by a process of its own; return its peak of anonymous memory.

    Pages of mapped files are not counted: the system takes them back when it needs them.
    """
    import os
    import subprocess
    import tempfile

    from chainatlas.graph.fold.rebatch import batch_of
    from chainatlas.graph.workspace.journal import Workspace
    from chainatlas.graph.workspace.snapshot import Snapshot

    schema, found = load_schema(), {}
    login = {"NEO4J_USERNAME": auth.user, "NEO4J_PASSWORD": auth.password}
    for scale in (1, 10):
        with tempfile.TemporaryDirectory(prefix="chainatlas-bench-") as folder:
            home = Workspace.ensure(Path(folder) / "w")
            batch = batch_of(synthetic(schema, scale=scale), schema)
            with home.writing():
                number, folded = home.preview(batch, [])
                home.accept(number, batch, folded, {"time": "", "files": [], "counts": []})
            size = Snapshot.of(home).n  # made here, so that the client finds it and maps it
            del batch, folded
            _clear(uri, auth)
            done = subprocess.run([sys.executable, "-c", _CLIENT, str(home.folder), uri], check=True, text=True,
                                  capture_output=True, env={**os.environ, **login})  # fmt: skip
            found[size] = int(done.stdout.split()[-1])
    _clear(uri, auth)
    return {"benchmark": "publish memory", "peak_kb": found}


_CLIENT = """
import sys, threading, time
from chainatlas import api
peak = 0
def watch():
    global peak
    while True:
        with open("/proc/self/status") as file:
            peak = max(peak, next(int(line.split()[1]) for line in file if line.startswith("RssAnon")))
        time.sleep(0.01)
threading.Thread(target=watch, daemon=True).start()
api.publish(sys.argv[1], sys.argv[2])
print(peak)
"""


def main() -> None:
    """Start the tests' server, measure, print the table and JSON."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from real_server import PASSWORD, USER, RealServer

    only_memory = sys.argv[1:] == ["--memory"]
    server = RealServer(memory="2g")
    try:
        server.start()
        found = (memory if only_memory else run)(server.uri, Credentials(USER, PASSWORD))
    finally:
        server.stop()
    if not only_memory:
        show(found)
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
