"""The lesson on Neo4j, against a real server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from real_server import Probe

import chainatlas

ROOT = Path(__file__).parents[2]
# In a process of its own: the kernel's client leaves sockets and loops behind that this suite would count as faults.
RUN = """
import sys, nbformat
from nbclient import NotebookClient
book = nbformat.read(sys.argv[1], 4)
NotebookClient(book, timeout=900, startup_timeout=600, kernel_name="python3").execute()
print("".join(str(o.get("text", "")) for c in book.cells if c.cell_type == "code" for o in c.outputs))
"""


def test_the_lesson_publishes_asks_and_pulls(neo4j: Probe, monkeypatch: pytest.MonkeyPatch, demo_folder: Path) -> None:
    monkeypatch.setenv("NEO4J_URI", neo4j.uri)
    lesson = str(ROOT / "notebooks" / "05_neo4j.ipynb")
    done = subprocess.run([sys.executable, "-c", RUN, lesson], capture_output=True, text=True, encoding="utf-8",
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("True") == 2, "equal answers, and the same hash"
    nodes = chainatlas.open(demo_folder).snapshot.n
    assert nodes > 3000
    assert neo4j.value("MATCH (n:ChainAtlas) RETURN count(n)") == nodes + 1, "and the node that says what was published"
