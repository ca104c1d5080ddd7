"""No row disappears: every file of the shared data, counted by other programs, loaded once and again."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from pathlib import Path

import pytest

from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.load import LoadReport, load

MAPPINGS = Path(__file__).parents[1] / "mappings"
FOLDERS = {
    "chainkg": None,
    "eto": "eto.toml",
    "ickg_subset": "ickg.toml",
    "listed_places": "places.toml",
    "shandong_facts": "facts.toml",
    "shandong_facts2": "facts2.toml",
    "shandong_listed": "listed.toml",
}
HEADERLESS = {"train.txt", "valid.txt"}
NO_TABLE = {"README.md", "wiot_2011.RData"}


def rows_of(path: Path) -> int:
    """Rows of data in a file, by a reader that is not ours."""
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8") as file:
            text = file.read()
        try:
            found = json.loads(text)
            return sum(len(v) if isinstance(v, list) else 1 for v in found.values())
        except json.JSONDecodeError:
            return sum(1 for line in text.splitlines() if line.strip())
    with path.open(encoding="utf-8-sig", newline="") as file:
        count = sum(1 for row in csv.reader(file, delimiter="\t" if path.suffix == ".txt" else ",") if any(row))
    return count if path.name in HEADERLESS else count - 1


def told(report: LoadReport) -> dict[str, int]:
    """Rows that a report speaks of, by file: read in one way or another, or told as not read.

    A row may be read in several ways (a mapping makes two sheets of one file): it counts once.
    """
    found: dict[str, int] = defaultdict(int)
    for file, _, _, why, _ in report.passed:
        if why != "hidden":
            found[file] += 1
    for sheet in report.sheets:
        found[sheet.file] += sheet.read
    return dict(found)


def test_every_folder_is_tried(shared: Path) -> None:
    there = {
        p.name for p in (shared / "data").iterdir() if p.is_dir() and any(f.name not in NO_TABLE for f in p.iterdir())
    }
    assert there == set(FOLDERS)


@pytest.mark.parametrize("name", FOLDERS)
def test_every_row_of_every_file_is_told(name: str, shared: Path, tmp_path: Path) -> None:
    folder, mapping = shared / "data" / name, FOLDERS[name]
    how = None if mapping is None else MAPPINGS / mapping
    report = load(tmp_path / "w", [folder], mapping=how, max_rejects=1.0)
    for sheet in report.sheets:
        assert sheet.read == sheet.new + sheet.unchanged + sheet.merged + sheet.rejected, sheet
    there = {p.name: rows_of(p) for p in folder.iterdir() if p.name not in NO_TABLE}
    assert told(report) == there
    rejected = {(r.sheet, r.row) for r in report.rejects if r.whole_row}
    assert sum(s.rejected for s in report.sheets) <= len(rejected)
    again = load(tmp_path / "w", [folder], mapping=how, max_rejects=1.0)
    assert (again.load, again.hash) == (None, report.hash)
    assert {(s.new, s.merged) for s in again.sheets} == {(0, 0)}
    assert [s.rejected for s in again.sheets] == [s.rejected for s in report.sheets]
    assert Workspace.open(tmp_path / "w").graph().hash == report.hash
