"""The how-to "from your spreadsheet to the first gap list": its example and its commands, as they stand on the page."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

Call = Callable[..., Any]
BOOK = "示例名录.xlsx"


def part(root: Path, language: str) -> str:
    """Return the Chinese or the English part of the page."""
    text = (root / "docs" / "how-to" / "from-your-spreadsheet.md").read_text(encoding="utf-8")
    zh, en = text.split("\n## 中文\n")[1].split("\n## English\n")
    return {"zh": zh, "en": en}[language]


def tables(root: Path) -> dict[str, list[list[str]]]:
    """Return the tables that stand under a sheet's name in the Chinese part."""
    found = re.findall(r"\*\*(\S+?)\*\*.*\n\n((?:\|.*\n)+)", part(root, "zh"))
    return {name: [[c.strip() for c in line.strip("|").split("|")] for line in text.splitlines() if "---" not in line]
            for name, text in found}  # fmt: skip


def write(folder: Path, sheets: dict[str, list[list[str]]]) -> None:
    with xlsxwriter.Workbook(str(folder / BOOK)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)


def steps(text: str) -> list[tuple[str, str]]:
    """Return commands and corrections in the order of the page."""
    found = []
    for block, wrong, right in re.findall(r"```\n(.*?)```|<!-- 改正 / correct: (\S+) → (\S+) -->", text, re.DOTALL):
        found += [("run", line) for line in block.strip().splitlines()] if block else [(wrong, right)]
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_works(language: str, root: Path, tmp_path: Path, call: Call) -> None:
    sheets = tables(root)
    assert list(sheets) == ["企业", "产品环节", "投入关系", "覆盖声明"]
    write(tmp_path, sheets)
    ran: dict[str, str] = {}
    for kind, text in steps(part(root, language)):
        if kind != "run":
            sheets = {n: [[c.replace(kind, text) for c in row] for row in rows] for n, rows in sheets.items()}
            write(tmp_path, sheets)
            continue
        command = text.partition("#")[0]
        done = call(*shlex.split(command)[1:])
        assert done.code == 0, (command, done.err)
        ran[command.strip()] = done.out + done.err
    assert len(ran) >= 10
    told = "\n".join(ran.values())
    for word in ("示例隔膜", "缺环" if language == "zh" else "Missing", "枣庄市"):
        assert word in told
    assert ("拒绝了 1 处" if language == "zh" else "1 refusals") in told
    asked = call("gaps", "--chain", "示例链", "--in", "枣庄市", "--format", "json")
    rows = {r["link"]: (r["status"], r["action"], r["coverage"]) for r in asked.rows}
    assert rows == {"示例隔膜": ("missing", "fill", 0.9), "示例正极材料": ("single_source", "strengthen", 0.9)}
    assert (tmp_path / ("缺口.xlsx" if language == "zh" else "gaps.xlsx")).stat().st_size > 0


def test_both_languages_run_the_same_commands(root: Path) -> None:
    zh, en = ([shlex.split(t.partition("#")[0])[1] for k, t in steps(part(root, lang)) if k == "run"]
              for lang in ("zh", "en"))  # fmt: skip
    assert sorted(zh) == sorted(en)


def test_links_of_the_page_lead_somewhere(root: Path) -> None:
    text = (root / "docs" / "how-to" / "from-your-spreadsheet.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!#)([^)]+)\)", text):
        assert (root / "docs" / "how-to" / target).resolve().is_file(), target
