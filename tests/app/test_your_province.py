"""The how-to "your province in fifteen minutes": its files and its commands, as they stand on the page."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import chainatlas as ca

Call = Callable[..., Any]
STATUS = {"完备": "adequate", "单点": "single_source", "缺环": "missing"}


def page(root: Path) -> str:
    return (root / "docs" / "how-to" / "your-province.md").read_text(encoding="utf-8")


def commands(root: Path, language: str) -> list[list[str]]:
    zh, en = page(root).split("\n## 中文\n")[1].split("\n## English\n")
    blocks = re.findall(r"```\n(.*?)```", {"zh": zh, "en": en}[language], re.DOTALL)
    return [shlex.split(line)[1:] for block in blocks for line in block.strip().splitlines()]


def verdicts(root: Path) -> dict[str, list[str]]:
    """Return the statuses that the page's table tells of each link: in the province, in the city."""
    rows = re.findall(r"^\| (\S+) \| (\S+) \| (\S+) \| [^|]+ \|$", page(root), re.MULTILINE)
    return {link: [STATUS[province], STATUS[city]] for link, province, city in rows if province in STATUS}


@pytest.fixture
def files(root: Path, tmp_path: Path) -> Path:
    for file in (root / "docs" / "how-to" / "your-province").iterdir():
        shutil.copy(file, tmp_path / file.name)
    return tmp_path


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_works(language: str, root: Path, files: Path, call: Call) -> None:
    told = ""
    for command in commands(root, language):
        done = call(*command)
        assert done.code == 0, (command, done.err)
        told += done.out + done.err
        if command[0] == "init":
            early = call("gaps", "--in", "宜宾市", "--lang", language)
            assert early.code == 0
            assert "宜宾市" in early.err
            assert "企业名称" in early.err
            assert "山东" not in early.err
    expected = verdicts(root)
    assert len(expected) == 5
    for at, place in enumerate(("四川省", "宜宾市")):
        rows = {row["link"]: row for row in call("chain", "锂电", "--in", place, "--format", "json").rows}
        assert {link: rows[link]["status"] for link in expected} == {link: s[at] for link, s in expected.items()}
        assert rows["锂电铜箔"]["coverage"] == 0.9
    best = call("partners", "--for", "电解液", "--in", "宜宾市", "--format", "json").rows
    assert (best[0]["candidate"], best[0]["reach"]) == ("示例遂宁电解液有限公司", "province")
    (target,) = call("targets", "--format", "json").rows
    assert (target["goal"], target["unit"], target["due"]) == (8000, "亿元", "2027-12-31")
    assert "山东" not in told


def test_every_row_of_the_files_is_there(root: Path, files: Path, call: Call) -> None:
    for command in commands(root, "zh"):
        assert call(*command).code == 0, command
        if command[0] == "status":
            break
    graph = ca.open(files / "chainatlas-workspace").snapshot.graph
    names = {kind: graph.nodes[kind]["name"].to_pylist() for kind in ("Enterprise", "Platform", "Project", "Policy")}
    assert len([name for name in names["Enterprise"] if "示例" in name]) == len(names["Enterprise"]) == 12
    assert {"企业技术中心", "示例动力电池重点实验室", "示例锂资源工程（技术）研究中心"} == set(names["Platform"])
    projects = {"示例六氟磷酸锂项目", "示例年产5万吨负极项目", "示例磷酸铁锂二期项目", "示例锂电铜箔项目"}
    assert set(names["Project"]) == projects
    assert sorted(graph.nodes["Project"]["investment"].to_pylist()) == [6e8, 8e8, 1.5e9, 2e9]
    assert graph.nodes["Policy"]["number"].to_pylist() == ["川经信材料〔2023〕145号"]
    assert graph.nodes["Policy"]["issuer"].to_pylist() == ["四川省经济和信息化厅等7部门"]
    places = set(graph.nodes["Region"]["name"].to_pylist())
    assert {"四川省", "宜宾市", "遂宁市", "成都市", "眉山市"} <= places
    assert not {name for name in places if "山东" in name or name in ("济南市", "枣庄市")}


def test_two_platforms_of_one_name_and_two_hosts_are_two(root: Path, files: Path, call: Call) -> None:
    ca.load(files / "w", files / "创新平台名单.csv")
    names = ca.open(files / "w").snapshot.graph.nodes["Platform"]["name"].to_pylist()
    assert names.count("企业技术中心") == 2
    assert len(names) == 4


@pytest.mark.parametrize(("language", "book"), [("zh", "四川锂电.xlsx"), ("en", "sichuan.xlsx")])
def test_what_is_shown_can_be_opened(language: str, book: str, root: Path, files: Path, call: Call) -> None:
    for command in commands(root, language):
        assert call(*command).code == 0, command
    text = (files / book.replace("xlsx", "html")).read_text(encoding="utf-8")
    assert "示例叙州隔膜科技有限公司" in text
    assert "山东省" not in text
    sheets = openpyxl.load_workbook(files / book, read_only=True)
    cells = {str(cell) for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row if cell}
    assert "锂电铜箔" in cells
    gaps = openpyxl.load_workbook(files / ("缺口.xlsx" if language == "zh" else "gaps.xlsx"), read_only=True)
    assert any("电解液" in row for sheet in gaps for row in sheet.iter_rows(values_only=True))


def test_both_languages_run_the_same_commands(root: Path) -> None:
    zh, en = ([c[0] for c in commands(root, language)] for language in ("zh", "en"))
    assert zh == en
    assert len(zh) == 15


def test_the_files_say_that_they_are_invented(root: Path) -> None:
    folder = root / "docs" / "how-to" / "your-province"
    for name in ("锂电企业名录.xlsx", "锂电招商项目表.xlsx"):
        first = next(openpyxl.load_workbook(folder / name).active.iter_rows(values_only=True))
        assert "编出来的" in str(first[0])
    assert "https://" in (folder / "锂电实施意见.md").read_text(encoding="utf-8").splitlines()[0]
    for target in re.findall(r"\]\((?!#)([^)]+)\)", page(root)):
        assert (root / "docs" / "how-to" / target).resolve().exists(), target
