"""The wheel holds what the folders hold, no more and no less, and works from a bare folder."""

from __future__ import annotations

import configparser
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from guard import pythonpath

# One folder of the repository a room of the package.
ROOMS = {"app": "chainatlas", "graph": "chainatlas/graph", "loaders": "chainatlas/loaders",
         "queries": "chainatlas/queries", "views": "chainatlas/views", "data": "chainatlas/data"}  # fmt: skip


def _files(root: Path) -> list[str]:
    """Files of the checkout that git tracks or would track."""
    if shutil.which("git") is None or not (root / ".git").exists():
        pytest.skip("no git checkout: which files belong to the package cannot be told")
    told = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                          cwd=root, capture_output=True, check=True)  # fmt: skip
    names = told.stdout.decode("utf-8").split("\0")
    return sorted(n for n in names if n and (root / n).is_file())


def _isolation() -> list[str]:
    """Build with the setuptools at hand when it is new enough; else pip fetches one."""
    try:
        major = int(importlib.metadata.version("setuptools").split(".")[0])
    except importlib.metadata.PackageNotFoundError:
        return []
    return ["--no-build-isolation"] if major >= 75 else []


def _reaching() -> dict[str, str]:
    """Only where pip has to fetch setuptools, it may: it runs without the network guard then."""
    return {k: v for k, v in os.environ.items() if _isolation() or k != "PYTHONPATH"}


@pytest.fixture(scope="module")
def files(root: Path) -> list[str]:
    return _files(root)


@pytest.fixture(scope="module")
def wheel(root: Path, files: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the checkout, so that nothing stale in build/ counts."""
    base = tmp_path_factory.mktemp("wheel")
    for name in files:
        target = base / "source" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, target)
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", str(base / "source"), "--no-deps", *_isolation(),
         "--disable-pip-version-check", "-q", "-w", str(base / "out")],
        capture_output=True, text=True, encoding="utf-8", timeout=1800, env=_reaching(),
    )  # fmt: skip
    assert built.returncode == 0, built.stdout + built.stderr
    (made,) = (base / "out").glob("chainatlas-*.whl")
    return made


def test_wheel_equals_the_folders(files: list[str], wheel: Path) -> None:
    expected = {ROOMS[room] + "/" + rest for name in files
                for room, _, rest in [name.partition("/")] if room in ROOMS}  # fmt: skip
    with zipfile.ZipFile(wheel) as opened:
        found = {n for n in opened.namelist() if ".dist-info/" not in n}
    assert sorted(expected - found) == [], "in the folders, not in the wheel"
    assert sorted(found - expected) == [], "in the wheel, not in the folders"


def test_wheel_has_each_kind_of_file(wheel: Path) -> None:
    """The comparison above cannot pass on an empty checkout: every kind is there and counted."""
    with zipfile.ZipFile(wheel) as opened:
        names = opened.namelist()

    def count(pattern: str) -> int:
        return sum(bool(re.fullmatch(pattern, n)) for n in names)

    assert count(r"chainatlas/py\.typed") == 1
    assert count(r"chainatlas/[^/]+\.py") >= 2
    assert count(r"chainatlas/[^/]+\.pyi") == 1
    assert count(r"chainatlas/questions\.toml") == 1
    for room in ("commands", "graph", "loaders", "queries", "views"):
        assert count(rf"chainatlas/{room}/(?:[^/]+/)*[^/]+\.py") >= 8, room
    assert count(r"chainatlas/graph/schema/[^/]+\.toml") >= 7
    assert count(r"chainatlas/data/shandong/[^/]+\.csv") >= 24
    assert count(r"chainatlas/data/shandong/notes/[^/]+\.csv") >= 4
    assert count(r"chainatlas/data/divisions/[^/]+\.csv") == 7
    assert count(r"chainatlas/data/headers/[^/]+\.csv") == 1
    assert count(r"chainatlas/data/terms/[^/]+\.csv") == 5
    assert count(r"chainatlas/views/atlas/page/.+\.js") >= 20
    assert count(r"chainatlas/views/atlas/page/.+\.css") >= 5
    assert count(r"chainatlas/views/atlas/vendor/echarts\.(min\.js|LICENSE\.txt|NOTICE\.txt)") == 3


def test_wheel_carries_licence_and_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        names = opened.namelist()
        (entry,) = [n for n in names if n.endswith(".dist-info/entry_points.txt")]
        assert "chainatlas = chainatlas.commands:main" in opened.read(entry).decode()
        (licence,) = [n for n in names if n.endswith("/LICENSE")]
        assert "Apache License" in opened.read(licence).decode()
        (meta,) = [n for n in names if n.endswith(".dist-info/METADATA")]
        told = opened.read(meta).decode()
    assert "Requires-Python: >=3.11" in told
    assert "Provides-Extra: neo4j" in told


def test_packages_are_the_folders_with_an_init(root: Path, files: list[str]) -> None:
    config = configparser.ConfigParser()
    config.read(root / "setup.cfg", encoding="utf-8")
    named = sorted(config["options"]["packages"].split())
    folders = (str(Path(n).parent).replace("\\", "/") for n in files if n.endswith("/__init__.py"))
    parts = [f.partition("/") for f in folders]
    found = sorted((ROOMS[room] + "/" + rest).rstrip("/").replace("/", ".") for room, _, rest in parts if room in ROOMS)
    assert named == found


def test_wheel_works_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """Unpacked alone, the package answers from its own files: demo, page and all."""
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(tmp_path / "site")
    program = ("import chainatlas, sys; from chainatlas.commands import main\n"
               "sys.stderr.write(chainatlas.__file__ + '\\n'); main()")  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", program, "demo", "w"], cwd=tmp_path, capture_output=True, text=True,
        encoding="utf-8", timeout=900, env={**os.environ, "PYTHONPATH": pythonpath(tmp_path / "site")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "site") in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "w" / "atlas.html").stat().st_size > 1_000_000
