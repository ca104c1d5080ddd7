"""A real Neo4j Community server for tests and benchmarks: jars by Maven, run by Java.

The jars are kept outside the repository (CHAINATLAS_CACHE, else ~/.cache/chainatlas).
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any

VERSION = "5.26.30"
HERE = Path(__file__).parent / "neo4j" / "server"
USER, PASSWORD = "neo4j", "napkin-chain-T-A-B"
_START_SECONDS = 600.0
# For a server that lives for minutes: the second compiler costs more than it wins, and the tests need the cores.
QUICK = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


class Unavailable(Exception):
    """Why no server can be started here."""


def missing() -> str | None:
    """Return what is missing to run a server, if anything."""
    absent = [tool for tool in ("java", "mvn") if shutil.which(tool) is None]
    return f"needs {' and '.join(absent)}, or NEO4J_URI" if absent else None


def jars() -> Path:
    """Return the folder with the server's jars, fetched by Maven the first time."""
    base = os.environ.get("CHAINATLAS_CACHE") or Path.home() / ".cache" / "chainatlas"
    folder = Path(base) / f"neo4j-{VERSION}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as aside:
        done = subprocess.run(
            ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies",
             "-DincludeScope=runtime", f"-DoutputDirectory={aside}/lib"],
            capture_output=True, text=True, timeout=3600, check=False,
        )  # fmt: skip
        if done.returncode:
            raise Unavailable(f"Maven could not fetch Neo4j: {done.stdout[-500:]}")
        if not folder.exists():
            os.replace(f"{aside}/lib", folder)
    return folder


class RealServer:
    """One server process with its own home folder; killed and restarted by crash tests."""

    def __init__(self, memory: str = "1g", options: tuple[str, ...] = ()) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="chainatlas-neo4j-"))
        self.memory, self.options = memory, options
        self.process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])

    @property
    def uri(self) -> str:
        return f"bolt://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start and wait until the server takes connections; the first time set the password."""
        new = not (self.home / "data").exists()
        log = (self.home / "server.log").open("ab")
        with log:
            self.process = subprocess.Popen(
                ["java", *self.options, f"-Xmx{self.memory}", "-cp", f"{jars()}/*", str(HERE / "Neo4jServer.java"),
                 str(self.home), str(self.port)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, cwd=self.home,
            )  # fmt: skip
        self._wait()
        if new:
            self._set_password()

    def _wait(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        slow = threading.Timer(_START_SECONDS, self.process.kill)
        slow.start()
        try:
            for line in self.process.stdout:
                if line.startswith(b"READY"):
                    return
        finally:
            slow.cancel()
        tail = (self.home / "server.log").read_text(errors="replace")[-800:]
        raise Unavailable(f"Neo4j did not start: {tail}")

    def _set_password(self) -> None:
        from neo4j import GraphDatabase

        with GraphDatabase.driver(self.uri, auth=(USER, "neo4j")) as driver:
            driver.execute_query("ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $new",
                                 new=PASSWORD, database_="system")  # fmt: skip

    def kill(self) -> None:
        """End the process as a power cut would (kill -9)."""
        self._end(kill=True)

    def restart(self) -> None:
        """Start again on the same data and port."""
        self._end(kill=False)
        self.start()

    def stop(self) -> None:
        """Shut down and remove the data."""
        self._end(kill=False)
        shutil.rmtree(self.home, ignore_errors=True)

    def _end(self, kill: bool) -> None:
        if self.process is None:
            return
        if kill:
            self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self.process.wait(300)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


class Probe:
    """Looks at a server beside the code under test."""

    def __init__(self, uri: str, user: str, password: str) -> None:
        from neo4j import GraphDatabase

        self.uri, self.user, self.password = uri, user, password
        self.driver = GraphDatabase.driver(uri, auth=(user, password),
                                           notifications_min_severity="OFF")  # fmt: skip

    def rows(self, text: str, **values: Any) -> list[list[Any]]:
        """Return the rows of a query."""
        records = self.driver.execute_query(text, values).records
        return [list(record.values()) for record in records]

    def value(self, text: str, **values: Any) -> Any:
        """Return the one value of a query."""
        return self.rows(text, **values)[0][0]

    def everything(self) -> tuple[list[str], list[str]]:
        """Return all nodes and relations with all they hold, ours or not."""
        nodes = self.rows("MATCH (n) RETURN elementId(n), labels(n), properties(n)")
        relations = self.rows("MATCH ()-[r]->() RETURN elementId(r), type(r), properties(r)")
        return sorted(map(str, nodes)), sorted(map(str, relations))

    def clear(self) -> None:
        """Remove all data, constraints and indexes of ours."""
        self.rows("MATCH (n) DETACH DELETE n")
        for kind in ("CONSTRAINT", "INDEX"):
            for (name,) in self.rows(f"SHOW {kind} YIELD name WHERE name STARTS WITH 'chainatlas' "
                                     "RETURN name"):  # fmt: skip
                self.rows(f"DROP {kind} `{name}`")

    def close(self) -> None:
        self.driver.close()
