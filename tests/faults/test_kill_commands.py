"""All commands that write, killed once and twice at any of their steps or at any moment.

The same command again gives what it gives undisturbed, and readers meanwhile see the graph before or after. A
file that is written for people may be half written until then.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import shutil
import signal
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from building import write
from faults.commander import Commander
from faults.matrix import record

from chainatlas import api
from chainatlas.api import _holds_other
from chainatlas.attaching import decide_term
from chainatlas.graph.workspace.atomic import holds_anything
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.reviewing import decide

SEED = 20150123
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX systems")


@pytest.fixture(scope="module")
def commander() -> Iterator[Commander]:
    made = Commander()
    yield made
    made.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace ``w`` of two loads and a decision, lists to load, and decided tables."""
    home = tmp_path_factory.mktemp("commands") / "place"
    first = write(
        home / "first", "产品环节.csv", "产品名称,产业链,环节位置\n料,示例链,上游\n件,示例链,中游\n机,示例链,下游"
    ).parent
    write(first, "投入关系.csv", "投入品,产品\n料,件\n件,机")
    write(
        first,
        "企业.csv",
        "企业名称,所在市,主营产品\n示例甲有限公司,枣庄市,料\n示例乙有限公司,济南市,件\n示例甲科技有限公司,枣庄市,件",
    )
    for name, firm in (("more", "示例丁有限公司"), ("next", "示例戊有限公司")):
        write(home / name, "企业.csv", f"企业名称,所在市,主营产品\n{firm},枣庄市,件料、机器")
    api.load(home / "w", first, source="示例名录")
    api.load(home / "w", home / "more", source="示例增补")
    decide(home / "w", "示例甲有限公司", "示例乙有限公司", "different")
    decide_term(home / "w", "料子", "料", "same")
    pair = "Enterprise:name:示例甲有限公司,Enterprise:name:示例甲科技有限公司"
    write(home, "decided.csv", f"a,b,decision,note\n{pair},different,")
    write(home, "terms.csv", "term,link,decision,note\n件子,件,same,\n机器,机,none,")
    return home


def graph_of(home: Path) -> str:
    """Digest what a workspace holds: the graph, how many loads, the decisions without their time."""
    workspace = Workspace.open(home)
    judged = sorted({f"{j.a} {j.b} {j.decision}" for j in workspace.judgements().rows})
    words = sorted({f"{j.term} {j.link} {j.relation}" for j in workspace.words().judgements})
    assert workspace.graph().hash == {r["what"]: r["value"] for r in api.status(home).rows}["hash"]
    return repr((workspace.graph().hash, len(workspace.load_numbers()), judged, words))


def file_of(path: Path) -> str:
    """Digest a written file: its parts where it is a zip, without the moment it was made."""
    if not path.exists():
        return "none"
    if path.is_dir():
        return repr([(p.name, file_of(p)) for p in sorted(path.rglob("*")) if p.is_file()])
    data = path.read_bytes()
    if data.startswith(b"PK"):
        with zipfile.ZipFile(path) as archive:
            data = b"".join(archive.read(n) for n in sorted(archive.namelist()) if not n.startswith("docProps/"))
    data = re.sub(rb"20\d\d-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?", b"", data)
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Command:
    """A command as typed, and the workspace or file that it writes; ``weight`` is its share of the kills."""

    words: tuple[str, ...]
    writes: str = "w"
    weight: int = 4

    @property
    def workspace(self) -> bool:
        return "." not in self.writes

    def state(self, cwd: Path) -> str:
        """Digest what the command is to change."""
        path = cwd / self.writes
        if self.workspace:
            begun = (path / "workspace.json").is_file() and Workspace.open(path).load_numbers()
            return graph_of(path) if begun else "none"
        return file_of(path)


COMMANDS = {
    "demo": Command(("demo", "d"), "d", 2),
    "init": Command(("init", "i"), "i", 4),
    "template": Command(("template", "t.xlsx", "-w", "w"), "t.xlsx"),
    "load": Command(("load", "next", "-w", "w"), weight=14),
    "load --replace": Command(("load", "next", "--source", "示例增补", "--replace", "-w", "w"), weight=14),
    "undo": Command(("undo", "2", "-w", "w"), weight=14),
    "review import": Command(("review", "import", "decided.csv", "--by", "x", "-w", "w"), weight=10),
    "review decide": Command(
        ("review", "decide", "示例乙有限公司", "示例丁有限公司", "different", "--by", "x", "-w", "w"), weight=10
    ),
    "review export": Command(("review", "export", "r.xlsx", "--all", "-w", "w"), "r.xlsx"),
    "attach import": Command(("attach", "import", "terms.csv", "--by", "x", "-w", "w"), weight=10),
    "attach decide": Command(("attach", "decide", "件料", "件", "same", "--by", "x", "-w", "w"), weight=10),
    "attach export": Command(("attach", "export", "a.xlsx", "--all", "-w", "w"), "a.xlsx"),
    "export": Command(("export", "g.graphml", "-w", "w"), "g.graphml"),
    "atlas": Command(("atlas", "-o", "p.html", "-w", "w"), "p.html"),
    "network": Command(("network", "-o", "n.html", "-w", "w"), "n.html", 3),
    "schema": Command(("schema", "-o", "s.md", "-w", "w"), "s.md"),
    "report": Command(("report", "-o", "b.docx", "-w", "w"), "b.docx", 3),
}
LEFT = (".aside", ".tmp", "~")


def killed(commander: Commander, place: Path, room: Path, name: str, times: int, kills: int, seed: int) -> None:
    """Kill a command as often as told, each time with the given number of kills before it may end."""
    command, chance = COMMANDS[name], random.Random(f"{seed} {name} {kills}")
    fresh = Path(shutil.copytree(place, room / "undisturbed"))
    before = command.state(fresh)
    ended, steps, seconds = commander.run(fresh, command.words)
    assert (ended, steps > 0) == (0, True)
    after = command.state(fresh)
    assert after != before, "the command changes what is looked at"
    assert after != "none"
    wrong: list[tuple[Any, ...]] = []
    hit = certain = 0
    for number in range(times):
        cwd = Path(shutil.copytree(place, room / str(number)))
        told: list[Any] = []
        for _ in range(kills):
            if command.state(cwd) == after:
                break  # done before it was killed: replacing once more would be another load
            where = {"step": chance.randrange(steps)} if chance.random() < 0.7 else {"wait": seconds * chance.random()}
            told += [where, commander.run(cwd, command.words, **where)[0]]
            seen = command.state(cwd)
            if command.workspace and seen not in (before, after, *(("none",) if before == "none" else ())):
                wrong.append((*told, "neither before nor after"))
        hit += -signal.SIGKILL in told
        certain += "step" in told[0]  # a wait may end behind the command where the machine is less busy than before
        ended = made = 0
        if command.state(cwd) != after:
            ended, made, _ = commander.run(cwd, command.words)
            told.append(ended)
        # Who writes sweeps what was left aside in the workspace; beside a file for people nobody does.
        swept = command.workspace and ended == 0 and made > 0
        left = [p.name for p in (cwd / command.writes).rglob("*") if swept and p.name.startswith(LEFT)]
        if command.state(cwd) != after or left:
            wrong.append((*told, left))
        shutil.rmtree(cwd)
    record(f"{'one kill' if kills == 1 else 'two kills'}: {name}", times, times - len(wrong))
    assert wrong == []
    assert hit >= certain // 2, "most of them were killed before they ended"


@pytest.mark.parametrize("name", ["attach import"])
def test_a_command_is_killed(commander: Commander, place: Path, tmp_path: Path, name: str) -> None:
    """Some every day; all of them at night."""
    killed(commander, place, tmp_path, name, 2, 2, SEED)


@pytest.mark.slow
@pytest.mark.parametrize("kills", [1, 2])
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_killed(commander: Commander, place: Path, tmp_path: Path, name: str, kills: int) -> None:
    killed(commander, place, tmp_path, name, COMMANDS[name].weight, kills, SEED + kills)


def test_every_command_that_writes_is_tried() -> None:
    """Whoever adds a command says whether it writes."""
    from chainatlas.questions import questions

    reading = {"status", "loads", "diff", "review list", "attach list", "attach suggest", "attach check", "cypher"}
    asked = {"check"}
    servers = {"publish", "pull"}  # killed beside a real server: tests/neo4j
    every = {
        f"{name} {one}".strip()
        for name, entry in questions().items()
        if not entry.asks
        for one in (entry.commands or ("",))
    }
    assert every - reading - asked - servers == {name for name in COMMANDS if name != "load --replace"}
    kills = sum(command.weight * (1 + 2) for command in COMMANDS.values())
    assert kills >= 200, "in one night, single and double"


def test_what_a_killed_command_left_aside_keeps_nobody_out(tmp_path: Path) -> None:
    """A first load that is killed before its workspace stands leaves a folder that demo and init may take."""
    folder = tmp_path / "w"
    assert not holds_anything(folder)
    (folder / ".aside-x").mkdir(parents=True)
    (folder / ".spill-1-x").mkdir()
    assert not holds_anything(folder)
    assert not _holds_other(folder, {"企业.csv"})
    write(folder, "企业.csv", "企业名称\n示例甲")
    assert holds_anything(folder)
    assert _holds_other(folder, {"企业.csv"})
