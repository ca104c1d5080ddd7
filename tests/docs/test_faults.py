"""The fault matrix: the page says what the results say, and what is promised was tried and held."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest
from faults.matrix import record

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def faults() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_faults", ROOT / "docs" / "faults.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_page_and_results_agree(faults: ModuleType) -> None:
    lines = faults.read(faults.LINES)
    assert lines == faults.merged(lines), "one line a kind, in the order of the page"
    text = faults.PAGE.read_text(encoding="utf-8")
    assert text == faults.page(lines)
    table = text.partition("## ")[0]
    rows = re.findall(r"^\| .+ \| (.+?) \| ([\d,]+) \| ([\d,]+) \| (\d{4}-\d\d-\d\d) \|$", table, re.MULTILINE)
    told = [(kind, int(tries.replace(",", "")), int(held.replace(",", "")), date) for kind, tries, held, date in rows]
    assert told == [(x["kind"], x["tries"], x["held"], x["date"]) for x in lines]
    assert "benchmarks/faults" in (ROOT / "docs" / "index.md").read_text(encoding="utf-8")


def test_what_is_to_be_shown_is_there(faults: ModuleType) -> None:
    told = {faults._group(line["kind"]) for line in faults.read(faults.LINES)}
    assert {"one kill", "two kills", "files odd in structure"} <= told


def test_results_of_a_night_become_lines_and_page(
    faults: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several runs of a day are added up, an older day gives way, the same night twice counts once."""
    monkeypatch.setattr(faults, "LINES", tmp_path / "faults.jsonl")
    monkeypatch.setattr(faults, "PAGE", tmp_path / "faults.md")
    old = {"kind": "one kill: load", "tries": 9, "held": 8, "date": "2000-01-01"}
    (tmp_path / "faults.jsonl").write_text(json.dumps(old) + "\n", encoding="utf-8")
    monkeypatch.setenv("CHAINATLAS_FAULTS", str(tmp_path / "night.jsonl"))
    record("two kills: undo", 2, 2)
    record("one kill: load", 5, 5)
    record("one kill: load", 1000, 999)
    for _ in range(2):
        faults.main([tmp_path / "night.jsonl"])
        made = faults.read(tmp_path / "faults.jsonl")
        assert [(x["kind"], x["tries"], x["held"]) for x in made] == [
            ("one kill: load", 1005, 1004),
            ("two kills: undo", 2, 2),
        ]
    text = (tmp_path / "faults.md").read_text(encoding="utf-8")
    assert f"| 杀死一次：load | one kill: load | 1,005 | 1,004 | {made[0]['date']} |" in text
    assert "| 接连杀死两次 | two kills | 2 | 2 |" in text


def test_nothing_is_written_by_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHAINATLAS_FAULTS", raising=False)
    monkeypatch.chdir(tmp_path)
    record("one kill: load", 1, 1)
    assert list(tmp_path.iterdir()) == []
