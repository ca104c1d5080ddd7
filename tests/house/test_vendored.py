"""What is vendored is what its lock says: version, date, SHA-256; nothing lies beside it that it does not name."""

from __future__ import annotations

import hashlib
import json
import re
import runpy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("app", "data", "docs", "graph", "loaders", "queries", "views")
OWN = {"versions.json", "refresh.py"}  # the lock itself and what writes it


def locks() -> list[Path]:
    return sorted(lock for room in ROOMS for lock in (ROOT / room).rglob("vendor/versions.json"))


def differences(folder: Path) -> list[str]:
    """Return what of a folder's files is not as its lock says."""
    told: dict[str, str] = json.loads((folder / "versions.json").read_text(encoding="utf-8"))["files"]
    there = {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*")
             if p.is_file() and p.name not in OWN and "__pycache__" not in p.parts}  # fmt: skip
    return sorted(name for name in told.keys() | there.keys() if told.get(name) != there.get(name))


def test_the_lock_and_the_files_agree() -> None:
    assert len(locks()) == 1
    for lock in locks():
        assert differences(lock.parent) == []


@pytest.mark.parametrize("change", ["changed", "missing", "unnamed"])
def test_a_difference_is_found(tmp_path: Path, change: str) -> None:
    file = tmp_path / "a.js"
    file.write_bytes(b"1")
    (tmp_path / "versions.json").write_text(json.dumps({"files": {"a.js": hashlib.sha256(b"1").hexdigest()}}))
    assert differences(tmp_path) == []
    if change == "changed":
        file.write_bytes(b"2")
    elif change == "missing":
        file.unlink()
    else:
        file = tmp_path / "b.js"
        file.write_bytes(b"1")
    assert differences(tmp_path) == [file.name]


def test_the_lock_tells_version_date_and_licence() -> None:
    for lock in locks():
        told: dict[str, Any] = json.loads(lock.read_text(encoding="utf-8"))
        assert date.fromisoformat(told["date"]) <= date.today()
        assert told["licence"] == "Apache-2.0"
        assert told["version"] in told["package"]
        scripts = [name for name in told["files"] if name.endswith(".js")]
        assert scripts
        for script in scripts:  # the script itself says which version it is
            text = (lock.parent / script).read_text(encoding="utf-8")
            assert re.search(rf'version\s*[:=]\s*"{re.escape(told["version"])}"', text)
        made = runpy.run_path(str(lock.parent / "refresh.py"))
        assert made["VERSION"] == told["version"], "refreshed without an argument, the same version comes"
        assert set(made["TAKEN"].values()) == set(told["files"])


def test_minified_scripts_lie_in_vendor_folders_only() -> None:
    found = [p for room in ROOMS for p in (ROOT / room).rglob("*.min.*") if "_build" not in p.parts]
    assert len(found) >= 1
    assert [p.name for p in found if p.parent.name != "vendor"] == []
