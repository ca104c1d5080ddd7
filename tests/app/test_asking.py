"""A sheet that cannot be told: shown and asked for on a terminal, else refused with a mapping file to edit."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from building import names, node, write

from chainatlas.graph.schema.errors import LoadError
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.load import load

Run = Callable[..., "subprocess.CompletedProcess[str]"]
SHEET = "单位全名,所属城市,主要产出品,联系人\n甲公司,枣庄市,隔膜,x\n乙公司,济南市,铜箔、隔膜,y"
ASKS = ("按此读取吗".encode(), "”吗？".encode(), " 行？y".encode())
posix = pytest.mark.skipif(os.name != "posix", reason="terminals of POSIX systems")


def on_terminal(folder: Path, answers: list[str], *words: str) -> tuple[int, str, str]:
    """Run a command whose input and messages are a terminal; returns exit code, table, messages."""
    import pty

    master, slave = pty.openpty()
    program = "from chainatlas.commands import main; main()"
    child = subprocess.Popen([sys.executable, "-c", program, *words], cwd=folder, stdin=slave, stderr=slave,
                             stdout=subprocess.PIPE)  # fmt: skip
    os.close(slave)
    seen, left, until = b"", list(answers), time.monotonic() + 900
    while time.monotonic() < until:
        if select.select([master], [], [], 0.05)[0]:
            try:
                seen += os.read(master, 4096)
            except OSError:
                break  # the terminal's other end is closed
            if left and sum(map(seen.count, ASKS)) > len(answers) - len(left):
                os.write(master, left.pop(0).encode() + b"\n")
        elif child.poll() is not None:
            break
    out, _ = child.communicate(timeout=900)
    os.close(master)
    return child.returncode, out.decode(), seen.decode("utf-8", "replace")


@posix
def test_yes_reads_it_so_and_is_remembered(tmp_path: Path, run: Run) -> None:
    write(tmp_path, "表1.csv", SHEET)
    code, out, told = on_terminal(tmp_path, ["y"], "load", "表1.csv", "-w", "w")
    assert code == 0, told
    assert "企业 Enterprise" in told
    for line in ("单位全名 → 企业名称 ?", "主要产出品 → 主营产品 ?", "所属城市 → 所在市", "联系人 → —"):
        assert re.search(re.escape(line) + r"\s*\r?$", told, re.MULTILINE), (line, told)
    assert "表1.csv" in out
    graph = Workspace.open(tmp_path / "w").graph()
    assert names(graph, "Enterprise") == ["乙公司", "甲公司"]
    assert "联系人" in told.split("按此读取吗")[1], "the column that is not read is told"
    more = write(tmp_path, "表2.csv", SHEET + "\n丙公司,济南市,铜箔,z")
    done = run("load", more, "-w", tmp_path / "w", "--format", "json")  # nobody to ask: it is remembered
    assert done.returncode == 0, done.stderr
    assert names(Workspace.open(tmp_path / "w").graph(), "Enterprise") == ["丙公司", "乙公司", "甲公司"]


@posix
@pytest.mark.parametrize("answer", ["y", ""])
def test_weak_guesses_are_asked_singly_with_cells(answer: str, tmp_path: Path) -> None:
    write(tmp_path, "表1.csv", "单位全名,产业的某链\n甲公司,隔膜段\n乙公司,铜箔段")
    code, _, told = on_terminal(tmp_path, ["y", answer], "load", "表1.csv", "-w", "w")
    assert code == 0, told
    assert re.search(r"产业的某链 → —\s*\r?$", told, re.MULTILINE), told
    assert "“产业的某链”（如 隔膜段、铜箔段）是“产业链”吗" in told
    chains = names(Workspace.open(tmp_path / "w").graph(), "Chain")
    assert sorted(chains) == (["铜箔段", "隔膜段"] if answer else [])


@posix
def test_another_type_may_be_named(tmp_path: Path) -> None:
    write(tmp_path, "表1.csv", "平台全名,依托的单位\n示例平台,甲公司")
    code, _, told = on_terminal(tmp_path, ["飞船", "平台", "是"], "load", "表1.csv", "-w", "w", "--max-rejects", "1")
    assert code == 0, told
    assert "没有名为“飞船”的类型" in told
    assert names(Workspace.open(tmp_path / "w").graph(), "Platform") == ["示例平台"]


@posix
@pytest.mark.parametrize("answer", ["n", ""])
def test_no_refuses_with_a_draft(tmp_path: Path, answer: str) -> None:
    write(tmp_path, "表1.csv", SHEET)
    code, out, told = on_terminal(tmp_path, [answer], "load", "表1.csv", "-w", "w")
    assert (code, out) == (1, "")
    assert "表1.mapping.toml" in told
    assert not (tmp_path / "w").exists()


def test_without_a_terminal_it_is_refused_with_a_mapping_file_that_loads(tmp_path: Path, run: Run) -> None:
    write(tmp_path, "表1.csv", SHEET)
    done = run("load", "表1.csv", "-w", "w")
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    command = re.search(r"chainatlas (load .*)$", done.stderr.strip())
    assert command is not None
    assert "企业 Enterprise" in done.stderr
    draft = (tmp_path / "表1.mapping.toml").read_text(encoding="utf-8")
    assert '"单位全名" = "企业名称"  # ?' in draft
    assert '# "联系人" = ""' in draft
    again = run(*command[1].split(), "-w", "w")
    assert again.returncode == 0, again.stderr
    assert "联系人" in again.stderr, "the column that the mapping leaves out is told"
    assert node(Workspace.open(tmp_path / "w").graph(), "Enterprise", "甲公司")["name"] == "甲公司"


def test_a_draft_is_replaced_not_joined_by_another_and_an_edited_one_is_kept(tmp_path: Path, run: Run) -> None:
    draft = tmp_path / "表1.mapping.toml"
    for word in ("联系人", "吉祥物", "吉祥物"):
        write(tmp_path, "表1.csv", SHEET.replace("联系人", word))
        assert run("load", "表1.csv", "-w", "w").returncode == 1
        assert f'# "{word}" = ""' in draft.read_text(encoding="utf-8")
        assert [p.name for p in tmp_path.glob("*.toml")] == [draft.name]
    mine = draft.read_text(encoding="utf-8").replace('# "吉祥物" = ""', '"吉祥物" = "说明"')
    draft.write_text(mine, encoding="utf-8")
    told = run("load", "表1.csv", "-w", "w").stderr
    assert "表1.mapping.old.toml" in told, "what people edited is kept, and that is said"
    assert (tmp_path / "表1.mapping.old.toml").read_text(encoding="utf-8") == mine
    assert '# "吉祥物" = ""' in draft.read_text(encoding="utf-8")


def test_a_required_column_under_another_word(tmp_path: Path) -> None:
    with pytest.raises(LoadError) as bad:
        load(tmp_path / "w", [write(tmp_path, "企业.csv", "企业名字,所在市\n甲公司,枣庄市")])
    assert bad.value.code == "column_required"
    draft = write(tmp_path, "读法.toml", str(bad.value.values["draft"]))
    assert [(s.read, s.new) for s in load(tmp_path / "w", [tmp_path / "企业.csv"], mapping=draft).sheets] == [(1, 1)]


def test_the_draft_holds_all_sheets_of_a_workbook(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = 'Sheet "1"'
    for row in (["单位全名", "主要产出品"], ["甲公司", "隔膜"]):
        first.append(row)
    other = book.create_sheet("产品")
    for row in (["产品名称", "产业链"], ["隔膜", "示例链"]):
        other.append(row)
    book.save(tmp_path / "名录.xlsx")
    with pytest.raises(LoadError) as bad:
        load(tmp_path / "w", [tmp_path / "名录.xlsx"])
    draft = write(tmp_path, "读法.toml", str(bad.value.values["draft"]))
    report = load(tmp_path / "w", [tmp_path / "名录.xlsx"], mapping=draft)
    assert {(s.sheet, s.type) for s in report.sheets} == {('Sheet "1"', "Enterprise"), ("产品", "Product")}


@posix
def test_rows_and_their_speed_are_shown_on_a_terminal(tmp_path: Path) -> None:
    rows = "\n".join(f"示例{n}公司,枣庄市" for n in range(3000))
    write(tmp_path, "企业.csv", f"企业名称,所在市\n{rows}")
    code, out, told = on_terminal(tmp_path, [], "load", "企业.csv", "-w", "w", "--lang", "zh")
    assert code == 0, told
    assert re.search(r"3,000 行 · [\d,]+ 行/s", told)
    assert "剩余" in told
    assert "3000" in out.replace(",", "")


@posix
def test_good_rows_are_asked_for_with_their_number(tmp_path: Path) -> None:
    rows = [f"示例{n}公司,枣庄市" for n in range(18)] + [f"坏{n}公司,枣装市" for n in range(6)]
    write(tmp_path, "企业.csv", "\n".join(["企业名称,所在市", *rows]))
    code, out, told = on_terminal(tmp_path, ["n"], "load", "企业.csv", "-w", "w")
    assert (code, out) == (1, "")
    assert "载入好的 18 行，拒绝 6 行？" in told, told
    assert "枣庄市" in told.split("载入好的")[0], "the first reason stands before the question"
    code, _, told = on_terminal(tmp_path, ["y"], "load", "企业.csv", "-w", "w")
    assert code == 0, told
    assert len(Workspace.open(tmp_path / "w").graph().nodes["Enterprise"]) == 18
    code, _, told = on_terminal(tmp_path, [], "load", "企业.csv", "-w", "v", "--max-rejects", "5%")
    assert code == 1
    assert "载入好的 18 行，拒绝" not in told
