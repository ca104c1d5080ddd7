"""Loads that are cut off: killed, interrupted, out of disk, or two at once.

Whatever happens, readers see the graph before or the graph after, whole; the same command
again gives the graph that an undisturbed load gives; what was left lying is swept.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from building import write
from faults.commander import Commander
from scheduling import examples

from chainatlas import api
from chainatlas.graph.workspace.journal import Workspace

Run = Callable[..., "subprocess.CompletedProcess[str]"]
Forked = Callable[..., tuple[int, str, str]]
MAIN = "from chainatlas.commands import main; main()"
SEED = 20150123
PATIENCE = 900  # s for what ends by itself, on however busy a machine

posix = pytest.mark.skipif(os.name != "posix", reason="signals and file limits of POSIX systems")


# The material ----------------------------------------------------------------------------------


def _first(folder: Path) -> Path:
    """A small graph that is there before."""
    write(folder, "区域.csv", "区域名称,级别,上级区域\n山东省,省,\n枣庄市,市,山东省\n济南市,市,山东省")
    write(folder, "产品环节.csv", "产品名称,产业链,环节位置\n料,示例链,上游\n件,示例链,中游\n机,示例链,下游")
    write(folder, "投入关系.csv", "投入品,产品\n料,件\n件,机")
    return folder


def _second(folder: Path, firms: int) -> Path:
    """Some thousand rows, synthetic: firms, what they make, and a few rows to be refused."""
    chance = random.Random(SEED)
    places = ["枣庄市", "济南市"]
    lines = ["企业名称,所在市,主营产品,说明"]
    makes = ["起点,关系,终点"]
    for n in range(firms):
        made = "、".join(f"示例品{chance.randrange(firms)}" for _ in range(2))
        lines.append(f"示例{n}有限公司,{chance.choice(places)},{made},第{n}家")
        makes.append(f"示例{n}有限公司,PRODUCES,{chance.choice('料件机')}")
    lines += [f"示例错{n}有限公司,不存在市{n},,无此地" for n in range(firms // 100)]
    write(folder, "企业.csv", "\n".join(lines))
    write(folder, "生产.csv", "\n".join(makes))
    return folder


@dataclass(frozen=True)
class Material:
    """A workspace with one load, files to be loaded next, and what must come out."""

    workspace: Path
    files: Path
    old: str
    new: str

    def start(self, folder: Path) -> Path:
        """Return a fresh copy of the workspace."""
        return Path(shutil.copytree(self.workspace, folder))


def _material(folder: Path, firms: int) -> Material:
    home, files = folder / "w", _second(folder / "files", firms)
    old = api.load(home, _first(folder / "first")).hash
    undisturbed = Path(shutil.copytree(home, folder / "undisturbed"))
    child = _child("load", files, "-w", undisturbed)
    _, told = child.communicate(timeout=PATIENCE)
    assert child.returncode == 0, told
    new = Workspace.open(undisturbed).current()[0]
    assert new != old
    return Material(home, files, old, new)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """Five thousand rows: reading, folding and writing each take a while that a kill can hit."""
    return _material(tmp_path_factory.mktemp("large"), 2500)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """Little enough for a hundred loads and more in a minute."""
    return _material(tmp_path_factory.mktemp("tiny"), 40)


@pytest.fixture(scope="module")
def little(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return _material(tmp_path_factory.mktemp("little"), 200)


# Ctrl-C is heard even where this process, started in the background of a shell, does not.
HEARING = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"


def _child(*words: str | Path, before: str = "") -> subprocess.Popen[str]:
    """Start a command, with lines of Python run ``before`` it."""
    return subprocess.Popen([sys.executable, "-c", "\n".join((HEARING, before, MAIN)), *map(str, words)], text=True,
                            encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip


@pytest.fixture(scope="module")
def commander() -> Iterator[Commander]:
    made = Commander()
    yield made
    made.close()


@pytest.fixture
def forked(commander: Commander, tmp_path_factory: pytest.TempPathFactory) -> Forked:
    """Run a command behind lines of Python: how it ended, and its standard output and error."""
    folder = tmp_path_factory.mktemp("told")
    return lambda *words, before: commander.told(folder, words, f"{HEARING}\n{before}")


def _whole(material: Material, folder: Path) -> str:
    """Check that readers see the graph before or after, whole; return its hash."""
    told = {r["what"]: r["value"] for r in api.status(folder).rows}
    home = Workspace.open(folder)
    assert told["hash"] in (material.old, material.new)
    assert home.graph().hash == told["hash"], "the tables are those that the hash names"
    assert told["loads"] == len(api.loads(folder)) == (1 if told["hash"] == material.old else 2)
    return str(told["hash"])


def _again(material: Material, folder: Path) -> None:
    """Check that the same command again gives the undisturbed graph and leaves nothing lying."""
    assert api.load(folder, material.files).hash == material.new
    assert _whole(material, folder) == material.new
    left = [p for p in folder.rglob("*") if p.name.startswith((".aside", ".tmp"))]
    assert left == []
    tables = {p.name for p in (folder / "tables").iterdir()}
    assert material.new in tables
    assert tables <= {material.old, material.new}, "the graph before may wait for the next change to be removed"
    assert len(loads := sorted(p.name for p in (folder / "loads").iterdir())) == 2
    assert loads in (["000001", "000002"], ["000001", "000003"]), "3 where 2 was undone: no number is given twice"


# Killed -----------------------------------------------------------------------------------------


class Forks:
    """Loads in processes of their own, forked from one that has all modules read already."""

    def __init__(self) -> None:
        program = Path(__file__).with_name("forking.py")
        self.server = subprocess.Popen([sys.executable, str(program)], text=True, encoding="utf-8",
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip

    def start(self, folder: Path, files: Path) -> int:
        """Start a load; returns its process."""
        assert self.server.stdin is not None
        self.server.stdin.write(f"{folder}\t{files}\n")
        self.server.stdin.flush()
        return int(self._line())

    def end(self) -> int:
        """Wait for the load and return how it ended."""
        return int(self._line())

    def _line(self) -> str:
        assert self.server.stdout is not None
        return self.server.stdout.readline()

    def close(self) -> None:
        self.server.communicate(timeout=PATIENCE)


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    made = Forks()
    yield made
    made.close()


def _seconds(forks: Forks, material: Material, folder: Path) -> float:
    """Return how long an undisturbed load takes at present."""
    material.start(folder)
    began = time.perf_counter()
    forks.start(folder, material.files)
    assert forks.end() == 0
    took = time.perf_counter() - began
    assert Workspace.open(folder).current()[0] == material.new
    shutil.rmtree(folder)
    return took


def _kill_at_random(forks: Forks, material: Material, tmp_path: Path, times: int, seed: int) -> None:
    """SIGKILL at moments spread at random over the whole of a load: reading, folding, writing.

    How long the whole takes is asked again and again: the machine may become busy, or idle, meanwhile.
    """
    chance = random.Random(seed)
    whole = _seconds(forks, material, tmp_path / "first")
    tried, killed, held, came = 0, 0, 0, 0
    while killed < times:
        if tried % 10 == 0:
            whole = _seconds(forks, material, tmp_path / "undisturbed")
        tried += 1
        folder = material.start(tmp_path / str(tried))
        child = forks.start(folder, material.files)
        time.sleep(whole * chance.random())
        with contextlib.suppress(ProcessLookupError):  # it has ended, and that is told below
            os.kill(child, signal.SIGKILL)
        if forks.end() == -signal.SIGKILL:
            killed += 1
        else:
            whole *= 0.97  # the machine has become faster since the whole was timed
        lock = folder / "writer.lock"
        held += lock.is_file() and lock.stat().st_size > 0
        came += _whole(material, folder) == material.new
        _again(material, folder)
        shutil.rmtree(folder)
    assert held >= times // 20, "some of them while the load was folding and writing"
    assert came < tried, "and before the new graph stood"


@pytest.fixture
def unsynced(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a killed process has written the kernel keeps: waiting for the disk shows nothing here (see forking.py)."""
    monkeypatch.setattr(os, "fsync", lambda file: None)


@posix
@pytest.mark.usefixtures("unsynced")
def test_killed_at_random(forks: Forks, tiny: Material, tmp_path: Path) -> None:
    """Twenty kills (hundreds at night); each time the graph is whole and the same command gives the same hash."""
    _kill_at_random(forks, tiny, tmp_path, examples(40), SEED)


@posix
@pytest.mark.slow
@pytest.mark.usefixtures("unsynced")
def test_killed_at_random_many_times(forks: Forks, large: Material, tmp_path: Path) -> None:
    _kill_at_random(forks, large, tmp_path, 200, SEED + 1)


# Points at which a load may be killed: a function that it calls, and which call of it.
POINTS = [
    *(("os.replace", n, when) for n in range(2) for when in ("before", "after")),
    *(("os.replace", n, "after") for n in range(2, 4)),
    *(("loads.write_records", n, "after") for n in (0, 2)),
    *(("sinks.InFolder.add", n, "after") for n in (0, 4, 9)),
    ("sinks.InFolder.finish", 0, "before"),
    ("atomic.sync", 0, "before"),
    ("generations.sync", 0, "before"),
    *(("generations.Path.rename", n, "before") for n in range(2)),
    ("generations.Path.rename", 0, "after"),
    ("generations.shutil.rmtree", 0, "before"),
    ("generations.shutil.rmtree", 0, "after"),
    ("journal.fold", 0, "before"),
    ("journal.fold", 0, "after"),
]
_CUT = """
import os, signal, shutil
import chainatlas.graph.workspace.atomic as atomic
import chainatlas.graph.workspace.generations as generations
import chainatlas.graph.workspace.journal as journal
import chainatlas.graph.workspace.loads as loads
import chainatlas.graph.columns.sinks as sinks
def cut(owner, name, at, when, number):
    inner, count = getattr(owner, name), [0]
    def outer(*args, **values):
        mine, count[0] = count[0], count[0] + 1
        if mine == at and when == "before": os.kill(os.getpid(), number)
        done = inner(*args, **values)
        if mine == at and when == "after": os.kill(os.getpid(), number)
        return done
    setattr(owner, name, outer)
"""


def _cut(point: str, at: int, when: str, number: int) -> str:
    owner, _, name = point.rpartition(".")
    return f"{_CUT}\ncut({owner}, {name!r}, {at}, {when!r}, {int(number)})"


@posix
@pytest.mark.parametrize(("point", "at", "when"), POINTS)
def test_killed_at(forked: Forked, little: Material, tmp_path: Path, point: str, at: int, when: str) -> None:
    """SIGKILL just before or just after each step that changes the disk."""
    folder = little.start(tmp_path / "w")
    ended, _, told = forked("load", little.files, "-w", folder, before=_cut(point, at, when, signal.SIGKILL))
    assert ended == -signal.SIGKILL, told or f"a load calls {point} fewer than {at + 1} times"
    _whole(little, folder)
    _again(little, folder)


@posix
def test_killed_on_the_first_load(forked: Forked, little: Material, tmp_path: Path) -> None:
    """The very first load of a workspace: nothing before it to fall back on."""
    first = little.workspace.parent / "first"
    for at in range(4):
        folder = tmp_path / str(at)
        ended, _, _ = forked("load", first, "-w", folder, before=_cut("os.replace", at, "before", signal.SIGKILL))
        assert ended in (0, -signal.SIGKILL)
        assert api.load(folder, first).hash == little.old
        assert list(folder.rglob(".aside-*")) == []


@posix
@pytest.mark.parametrize("at", range(3))
def test_undo_killed(forked: Forked, little: Material, tmp_path: Path, at: int) -> None:
    folder = little.start(tmp_path / "w")
    api.load(folder, little.files)
    ended, _, _ = forked("undo", "2", "-w", folder, before=_cut("os.replace", at, "after", signal.SIGKILL))
    assert ended == -signal.SIGKILL
    if _whole(little, folder) == little.new:
        api.undo(folder, 2)
    assert _whole(little, folder) == little.old
    _again(little, folder)


# Interrupted ------------------------------------------------------------------------------------


def _interrupted(ended: int, out: str, told: str) -> None:
    assert ended == 130, told
    assert out == ""
    assert "Traceback" not in told


@posix
@pytest.mark.parametrize(
    ("point", "at"),
    [("journal.fold", 0), ("loads.pq.write_table", 2), ("atomic.sync", 0), ("os.replace", 0), ("os.replace", 1)],
)
def test_interrupted_at(forked: Forked, little: Material, tmp_path: Path, point: str, at: int) -> None:
    """Ctrl-C: exit code 130, no traceback, the graph whole, and the load can be repeated."""
    folder = little.start(tmp_path / "w")
    _interrupted(*forked("load", little.files, "-w", folder, before=_cut(point, at, "after", signal.SIGINT)))
    _whole(little, folder)
    _again(little, folder)


@posix
def test_interrupted_while_writing(large: Material, tmp_path: Path) -> None:
    """Ctrl-C from outside, as soon as the load holds the writer's place; again where it was done before that."""
    for attempt in range(20):
        folder = large.start(tmp_path / str(attempt))
        child = _child("load", large.files, "-w", folder)
        lock = folder / "writer.lock"
        while child.poll() is None and not (lock.is_file() and lock.stat().st_size):
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        if child.wait(PATIENCE) != 0:
            break
        child.communicate()
    out, told = child.communicate(timeout=PATIENCE)
    _interrupted(child.returncode, out, told)
    _whole(large, folder)
    _again(large, folder)


# Two writers ------------------------------------------------------------------------------------


def test_second_writer_is_refused(little: Material, tmp_path: Path, run: Run) -> None:
    """The second names the first's process and the remedy; readers go on."""
    folder = little.start(tmp_path / "w")
    with Workspace.open(folder).writing():
        done = run("load", little.files, "-w", folder)
        assert (done.returncode, done.stdout) == (1, "")
        assert len(done.stderr.splitlines()) == 1
        assert str(os.getpid()) in done.stderr
        assert str(folder) in done.stderr
        undone = run("undo", "1", "-w", folder)
        assert undone.returncode == 1
        assert str(os.getpid()) in undone.stderr
        asked = run("status", "-w", folder, "--format", "json")
        assert asked.returncode == 0, asked.stderr
        assert json.loads(asked.stdout)[0] == {"what": "hash", "value": little.old}
        assert run("chain", "示例链", "-w", folder).returncode == 0
    _again(little, folder)


@posix
def test_a_dead_writer_holds_nothing(little: Material, tmp_path: Path) -> None:
    """The lock dies with its process, though its text stays."""
    folder = little.start(tmp_path / "w")
    child = _child("load", little.files, "-w", folder, before=_cut("journal.fold", 0, "before", signal.SIGKILL))
    child.communicate(timeout=PATIENCE)
    assert str(child.pid) in (folder / "writer.lock").read_text(encoding="utf-8")
    _again(little, folder)


def test_two_loads_at_once(little: Material, large: Material, tmp_path: Path) -> None:
    """Started together: one waits its turn by being refused, or both come through; the end is the same."""
    folder = little.start(tmp_path / "w")
    children = [_child("load", files, "-w", folder) for files in (large.files, little.files)]
    told = [child.communicate(timeout=PATIENCE)[1] for child in children]
    for child, other, text in zip(children, reversed(children), told, strict=True):
        assert child.returncode in (0, 1), text
        if child.returncode:
            assert str(other.pid) in text
    assert any(child.returncode == 0 for child in children)
    apart = little.start(tmp_path / "apart")
    for home in (folder, apart):
        for files in (little.files, large.files):
            api.load(home, files)
    assert Workspace.open(folder).current()[0] == Workspace.open(apart).current()[0]


# No room ----------------------------------------------------------------------------------------


def _limit(size: int) -> str:
    """Return lines that limit every file a process writes: one with its output in a pipe, not in a file."""
    return (f"import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))")  # fmt: skip


@posix
@pytest.mark.parametrize("size", [0, 100, 1_500, 3_000, 4_000])
def test_disk_full(little: Material, tmp_path: Path, size: int) -> None:
    """A write that fails at any size of file: one named error, the old graph intact, then again."""
    folder = little.start(tmp_path / "w")
    child = _child("load", little.files, "-w", folder, before=_limit(size))
    out, told = child.communicate(timeout=PATIENCE)
    assert child.returncode == 1, told
    assert out == ""
    assert "Traceback" not in told
    assert len(told.splitlines()) == 1, told
    assert str(folder) in told
    assert _whole(little, folder) == little.old
    _again(little, folder)


@posix
def test_disk_full_for_a_new_workspace(little: Material, tmp_path: Path) -> None:
    folder = tmp_path / "w"
    first = little.workspace.parent / "first"
    child = _child("load", first, "-w", folder, before=_limit(10))
    _, told = child.communicate(timeout=PATIENCE)
    assert child.returncode == 1
    assert "Traceback" not in told
    assert str(folder) in told
    assert api.load(folder, first).hash == little.old
    assert list(folder.rglob(".aside-*")) == []


# Same input, same graph -------------------------------------------------------------------------


def _orders(material: Material) -> Iterator[tuple[list[Path], dict[str, str]]]:
    files = sorted(material.files.iterdir())
    yield [material.files], {"PYTHONHASHSEED": "0"}
    yield files, {"PYTHONHASHSEED": "4242", "LC_ALL": "C", "LANG": "C"}
    yield files[::-1], {"LC_ALL": "C.UTF-8", "TZ": "Asia/Shanghai", "CHAINATLAS_LANG": "en"}


def test_surroundings_do_not_change_the_hash(little: Material, tmp_path: Path, run: Run) -> None:
    """Hash seed, locale, time zone, language and the order of the files."""
    for n, (files, more) in enumerate(_orders(little)):
        folder = little.start(tmp_path / f"w{n}")
        done = run("load", *files, "-w", folder, **more)
        assert done.returncode == 0, done.stderr
        assert Workspace.open(folder).current()[0] == little.new, more


def test_order_of_loads_does_not_matter_for_facts(little: Material, tmp_path: Path) -> None:
    """Shuffled rows, and one load of all files instead of two, give the same graph."""
    chance = random.Random(SEED)
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    for path in (*little.files.iterdir(), *(little.workspace.parent / "first").iterdir()):
        header, *rows = path.read_text(encoding="utf-8").splitlines()
        chance.shuffle(rows)
        (mixed / path.name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    assert _facts(api.load(tmp_path / "w", mixed).hash, tmp_path / "w") == _facts(little.new, tmp_path / "w2", little)


def _facts(told: str, folder: Path, material: Material | None = None) -> dict[str, int]:
    """Counts of all types: line numbers differ when rows are shuffled, what is told does not."""
    if material is not None:
        folder = material.start(folder)
        assert api.load(folder, material.files).hash == told
    return {r["what"]: r["value"] for r in api.status(folder).rows if r["what"] not in ("hash", "loads")}
