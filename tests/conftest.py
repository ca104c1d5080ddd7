"""Fixtures for all tests: the language, the shared data, graphs built once, a way to run the command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from guard import listed
from hypothesis import HealthCheck, settings
from required import require
from scheduling import Groups, nightly, once, planned

from chainatlas import api

ROOT = Path(__file__).resolve().parents[1]
REFUSED = listed()  # before anything of the product is imported by a test
Run = Callable[..., "subprocess.CompletedProcess[str]"]
Built = Callable[[str, Callable[[Path], object]], Path]

# The same examples every day, new ones every night; and however slow the machine is, that is no fault.
settings.register_profile(
    "chainatlas",
    deadline=None,
    derandomize=not nightly(),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("chainatlas")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes minutes, and begin with what takes longest."""
    items[:], left_out = planned(items)
    if left_out:
        config.hook.pytest_deselected(items=left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Groups | None:
    """Run together what shares a server, unless another way of spreading tests is asked for."""
    return Groups(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(autouse=True)
def _chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages come in Chinese, and no workspace of the machine is used by accident."""
    monkeypatch.setenv("CHAINATLAS_LANG", "zh")
    monkeypatch.delenv("CHAINATLAS_WORKSPACE", raising=False)


@pytest.fixture(autouse=True)
def _offline() -> Iterator[None]:
    """No test reaches anything but this machine: what the guard refused fails it, though the product said why."""
    before = REFUSED.stat().st_size
    yield
    refused = REFUSED.read_bytes()[before:].decode("utf-8")
    assert not refused, f"tests reach no network: {refused}"


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of the shared documents and data, beside the repository."""
    found = Path(os.environ.get("CHAINATLAS_SHARED", ROOT.parent / "shared"))
    if not (found / "data" / "chainkg").is_dir():
        require("shared", f"no shared data at {found}: set CHAINATLAS_SHARED")
    return found


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Make a folder once for all processes of the run; whoever asks first makes it, the others wait for it."""
    base = once(tmp_path_factory.getbasetemp())

    def built_(name: str, make: Callable[[Path], object]) -> Path:
        folder, done = base / f"once-{name}", base / f"once-{name}.done"
        with FileLock(base / f"once-{name}.lock"):
            if not done.exists():
                make(folder)
                done.touch()
        return folder

    return built_


@pytest.fixture(scope="session")
def demo_folder(built: Built) -> Path:
    """The workspace of the bundled data with its page ``atlas.html``; only to be read."""
    return built("demo", lambda folder: api.demo(folder, lang="zh"))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run ``chainatlas`` as a process of its own in an empty folder."""

    def run_(*words: str | Path, cwd: Path = tmp_path, **more: str) -> subprocess.CompletedProcess[str]:
        program = "from chainatlas.commands import main; main()"
        return subprocess.run(
            [sys.executable, "-c", program, *map(str, words)], cwd=cwd, text=True,
            capture_output=True, encoding="utf-8", env={**os.environ, **more}, timeout=900,
        )  # fmt: skip

    return run_
