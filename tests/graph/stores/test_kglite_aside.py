"""Texts that take all memory, crash the engine or never end: one sentence, and the graph answers the next question."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from building import atlas_of
from worlds import world

from chainatlas.graph.schema.errors import QueryError
from chainatlas.graph.stores import aside
from chainatlas.graph.stores.kglite import Engine

COUNT = "MATCH (n) RETURN count(n) AS n"
# Growing by every means: texts doubled, replaced, handed from clause to clause; lists in lists; what is collected.
GROWING = {
    "reduce": "RETURN size(reduce(s = 'x', i IN range(1, 60) | s + s)) AS x",
    "lists": "RETURN reduce(s = [1], i IN range(1, 40) | s + s) AS x",
    "replace": "WITH 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' AS a " + "WITH replace(a, 'x', a) AS a " * 3 + "RETURN a",
    "clauses": "WITH 'x' AS a " + "WITH a + a + a + a + a + a + a + a AS a " * 14 + "RETURN size(a) AS x",
    "collected": "UNWIND range(1, 3000) AS x UNWIND range(1, 3000) AS y RETURN collect(toString(x) + $long) AS l",
}
BY_DAY = ("reduce",)


class Saying:
    """A pipe on which something is said."""

    def __init__(self, *parts: bytes) -> None:
        self.parts = list(parts)

    def read(self, long: int) -> bytes:
        return self.parts.pop(0)

    def close(self) -> None:
        """There is nothing to close."""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    atlas = atlas_of(world(3))
    yield Engine(atlas.snapshot.graph, atlas.snapshot.schema)
    aside.stop()


@pytest.mark.parametrize(
    "text",
    [pytest.param(text, id=name, marks=[pytest.mark.slow] * (name not in BY_DAY)) for name, text in GROWING.items()],
)
def test_what_grows_without_end_is_stopped(engine: Engine, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = engine.run(COUNT)
    assert before.rows[0][0] > 0
    monkeypatch.setattr(aside, "MEMORY", 200_000_000)
    with pytest.raises(QueryError) as bad:
        engine.run(text, {"long": "x" * 500})
    assert bad.value.code == "cypher_large"
    assert "0.2 GB" in bad.value.text("en")
    assert engine.run(COUNT) == before


def test_an_answer_too_long_to_hand_over_is_not(engine: Engine) -> None:
    """It fits the memory of the engine, but nobody reads it, and the user's process would have to hold it."""
    assert len(engine.run("RETURN reduce(s = 'x', i IN range(1, 20) | s + s) AS x").rows[0][0]) == 2**20
    with pytest.raises(QueryError) as bad:
        engine.run("RETURN reduce(s = 'x', i IN range(1, 26) | s + s) AS x")
    assert bad.value.code == "cypher_large"


def test_a_process_that_dies_or_hangs_is_replaced(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    before = engine.run(COUNT)
    first = aside.process()
    first._process.kill()
    first._process.wait()
    assert engine.run(COUNT) == before
    second = aside.process()
    assert second is not first
    monkeypatch.setattr(aside, "GRACE", 0.5)
    monkeypatch.setattr(second, "_exchange", lambda asked: time.sleep(2) if second._process.poll() is None else None)
    with pytest.raises(QueryError) as bad:
        engine.run(COUNT, seconds=0.5)
    assert (bad.value.code, bad.value.values["seconds"]) == ("cypher_slow", "0.5")
    assert engine.run(COUNT) == before


def test_what_is_no_answer_is_not_believed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    before = engine.run(COUNT)
    for length, said in ((2**62, b""), (9, b"not json!")):
        process = aside.process()

        real = process._process.stdout
        monkeypatch.setattr(process._process, "stdout", Saying(length.to_bytes(8, "little"), said))
        with pytest.raises(QueryError) as bad:
            engine.run(COUNT)
        assert bad.value.code == "cypher_large"
        assert real is not None
        real.close()
        assert engine.run(COUNT) == before


@pytest.mark.slow  # a minute where the thread gets no turn
def test_memory_is_watched_where_the_system_does_not_limit_it(tmp_path: Path) -> None:
    """As on macOS and Windows: a thread looks while the engine grows, and ends the process."""
    grows = (
        "import kglite, sys, time; from chainatlas.graph.stores import answering\n"
        "answering._address_space = lambda: None\n"
        "graph = kglite.KnowledgeGraph()\n"
        "with answering._held_to(int(sys.argv[1])):\n"
        "    found = graph.cypher(\"RETURN size(reduce(s = 'x', i IN range(1, 27) | s + s)) AS x\").to_list()\n"
        "    time.sleep(float(sys.argv[2]))\n"  # the thread's turn comes late on a busy machine
        "print(found)"
    )
    tight, wide = (
        subprocess.run([sys.executable, "-c", grows, *given], cwd=tmp_path, capture_output=True, text=True, check=False)
        for given in (("60000000", "60"), ("2000000000", "0.1"))
    )
    assert (tight.returncode == 0, tight.stdout) == (False, "")
    assert wide.stdout.strip() == "[{'x': 134217728}]"


@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX systems")
def test_no_file_is_opened_for_a_text(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the guard passed, the process that asks could still open no file."""
    secret = tmp_path / "示例.csv"
    secret.write_text("密\n", encoding="utf-8")
    monkeypatch.setattr("chainatlas.graph.stores.kglite.checked", lambda text: text)
    with pytest.raises(QueryError, match="cannot open"):
        engine.run(f"LOAD CSV FROM '{secret.as_posix()}' AS l RETURN l")


def test_values_that_cannot_be_sent_are_told(engine: Engine) -> None:
    with pytest.raises(QueryError) as bad:
        engine.run("RETURN $x AS x", {"x": lambda: 1})
    assert bad.value.code == "cypher_wrong"
    assert engine.run("RETURN $x AS x", {"x": ["枣庄", 1, None, 2.5]}).rows == [(["枣庄", 1, None, 2.5],)]


def test_graphs_nobody_holds_are_forgotten(engine: Engine) -> None:
    atlas = atlas_of(world(4))
    more = Engine(atlas.snapshot.graph, atlas.snapshot.schema)
    number = more._held[1]
    process = aside.process()
    del more
    assert process.gone == [number]
    again = Engine(atlas.snapshot.graph, atlas.snapshot.schema)
    assert (process.gone, again._held[1]) == ([], number + 1)


def test_no_process_is_left_behind() -> None:
    """The process ends with the one that asked, however that ends."""
    asks = (
        "import os, sys; from building import atlas_of; from worlds import world\n"
        "from chainatlas.graph.stores import aside; from chainatlas.graph.stores.kglite import Engine\n"
        "atlas = atlas_of(world(3)); engine = Engine(atlas.snapshot.graph, atlas.snapshot.schema)\n"
        "print(aside.process()._process.pid, flush=True); os._exit(0)"
    )
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True, env=paths)
    pid = int(done.stdout)
    for _ in range(100):
        if not _runs(pid):
            return
        time.sleep(0.1)
    pytest.fail("it still runs")


def _runs(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_long_answer_of_nodes_takes_no_more_than_its_texts(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row by row: all nodes of an answer at once, as Python holds them, took more than what was given."""
    monkeypatch.setattr(aside, "MEMORY", 200_000_000)
    text = (
        "UNWIND range(1, 20000) AS i MATCH (n:Product) WITH n LIMIT 20000 RETURN n AS a, n AS b, n AS c, n AS d, n AS e"
    )
    found = engine.run(text, rows=20_000)
    assert (len(found.rows), found.more) == (20_000, False)
    assert {cell.partition(":")[0] for row in found.rows for cell in row} == {"Product"}


def test_the_process_of_the_user_imports_no_pandas() -> None:
    program = (
        "import sys; from building import atlas_of; from worlds import world\n"
        "from chainatlas.graph.stores.kglite import Engine\n"
        "atlas = atlas_of(world(3)); before = 'pandas' in sys.modules\n"
        f"found = Engine(atlas.snapshot.graph, atlas.snapshot.schema).run({COUNT!r})\n"
        "print(found.rows[0][0] > 0, 'pandas' in sys.modules and not before)"
    )
    paths = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": paths}
    )
    assert done.stdout.split() == ["True", "False"], done.stderr
