"""Fixtures for all tests: the language, the shared data, a way to run the command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from required import require

ROOT = Path(__file__).resolve().parents[1]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def _chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages come in Chinese, and no workspace of the machine is used by accident."""
    monkeypatch.setenv("CHAINATLAS_LANG", "zh")
    monkeypatch.delenv("CHAINATLAS_WORKSPACE", raising=False)


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


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run ``chainatlas`` as a process of its own in an empty folder."""

    def run_(*words: str | Path, cwd: Path = tmp_path, **more: str) -> subprocess.CompletedProcess[str]:
        program = "from chainatlas.commands import main; main()"
        return subprocess.run(
            [sys.executable, "-c", program, *map(str, words)], cwd=cwd, text=True,
            capture_output=True, encoding="utf-8", env={**os.environ, **more}, timeout=300,
        )  # fmt: skip

    return run_
