"""Small files made to do harm: each is refused in one sentence, or read, soon and within 700 MB."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from faults.matrix import record
from hostile_files import DAY, NIGHT, random_ole

from chainatlas.graph.schema.errors import LoadError
from chainatlas.loaders.files.files import sheets_in
from chainatlas.loaders.headers.mapping import read_mapping

HERE = Path(__file__).parents[1]
BY_MEMORY = ("texts_counted.xlsx", "texts_bomb.xlsx", "wide.xlsx")


def tried(paths: Sequence[Path], kind: str) -> dict[str, dict[str, Any]]:
    """Read files one after the other in a process of its own; return what each came to."""
    helpers = f"{HERE.parent}{os.pathsep}{HERE}"
    done = subprocess.run(
        [sys.executable, str(HERE / "hostile_files.py"), *map(str, paths)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=3000,
        env={**os.environ, "PYTHONPATH": helpers, "PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    *lines, last = map(json.loads, done.stdout.splitlines())
    good = [line for line in lines if line["names"] and line["code"] not in ("reader_failed", "reader_answer")]
    soon = [line for line in good if line["seconds"] < 10]
    record(kind, len(lines), len(soon) if max(last["memory_mb"]) < 700 else 0)
    assert len(lines) == len(paths)
    assert [line for line in lines if line not in good] == []
    assert [line for line in good if line not in soon] == []
    assert max(last["memory_mb"]) < 700
    return {line["file"]: line for line in lines}


def written(folder: Path, made: dict[str, Any]) -> list[Path]:
    for name, make in made.items():
        (folder / name).write_bytes(make())
    return [folder / name for name in made]


def test_the_files_that_took_the_process_down(shared: Path) -> None:
    paths = [p for p in sorted((shared / "cases" / "attacks").iterdir()) if p.suffix in (".xls", ".xlsx")]
    assert len(paths) >= 4
    found = tried(paths, "workbooks that took the process down")
    assert {line["code"] for line in found.values()} == {"reader_memory"}


def test_others_of_their_kinds(tmp_path: Path) -> None:
    circles = {f"ole{seed}.xls": lambda seed=seed: random_ole(random.Random(seed)) for seed in range(3)}
    found = tried(written(tmp_path, {**DAY, **circles}), "small files made to do harm")
    # The lowest version of a library may read one of them to its end, within the limits that ``tried`` asks for.
    codes = [found[name]["code"] for name in BY_MEMORY]
    assert set(codes) <= {"reader_memory", ""}
    assert codes.count("reader_memory") > len(codes) // 2
    assert {found[name]["code"] for name in ("wide_rows.xlsx", "small_letters.xlsx")} == {"sheet_extent"}
    assert found["deep.json"]["code"] == "json_shape"
    assert [found[name]["code"] for name in ("deep.xlsx", "bombs.xlsx")] == ["", ""], "the rest of them is good"


@pytest.mark.parametrize("text", ["a = " + "[" * 3000 + "]" * 3000, "a." * 400 + "b = 1", "a = " + "[" * 20 + "]" * 20])
def test_a_mapping_file_nested_too_deeply(text: str, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(text, encoding="utf-8")
    with pytest.raises(LoadError) as bad:
        read_mapping(tmp_path / "m.toml")
    assert (bad.value.code, bad.value.values["file"]) == ("reader_deep", "m.toml")


def test_the_mapping_file_that_gave_a_traceback(shared: Path) -> None:
    with pytest.raises(LoadError) as bad:
        read_mapping(shared / "cases" / "attacks" / "mapping_deep.toml")
    assert bad.value.code == "reader_deep"


def test_dates_of_a_mapping_file_are_no_texts(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text('[[sheet]]\nfile = "*"\nas = "企业"\nwhere = 2026-01-01\n', encoding="utf-8")
    with pytest.raises(LoadError) as bad:
        read_mapping(tmp_path / "m.toml")
    assert (bad.value.code, bad.value.values["key"]) == ("mapping_value", "where")


def test_a_long_list_of_records_takes_time_in_proportion(tmp_path: Path) -> None:
    """Its text was looked through once for each record: that is thousands of times what parsing it takes."""
    rows = [{"企业名称": f"示例{n}公司", "说明": "示例" * 50} for n in range(24_000)]
    (tmp_path / "a.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    start = time.process_time()
    json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    parsed = time.process_time()
    (table,) = sheets_in(tmp_path / "a.json", {"known": []}, lambda done, of: None)
    assert len(table) == 24_000
    assert time.process_time() - parsed < 200 * max(parsed - start, 0.01)


@pytest.mark.slow
def test_many_more_of_their_kinds(tmp_path: Path) -> None:
    circles = {f"ole{seed}.xls": lambda seed=seed: random_ole(random.Random(seed)) for seed in range(200)}
    tried(written(tmp_path, {**NIGHT, **circles}), "small files made to do harm, at night")
