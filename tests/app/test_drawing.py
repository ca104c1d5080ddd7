"""Pictures and documents by command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]


def test_network_says_what_it_left_out(call: Call, demo_folder: Path, tmp_path: Path) -> None:
    done = call("network", "-w", demo_folder, "-o", tmp_path / "n.html", "--limit", "20", "--lang", "zh")
    assert done.code == 0
    assert "只画了 20 个" in done.err
    assert (tmp_path / "n.html").read_text("utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize("words", [("--around", "没有这个"), ("--around", "锂电", "--chain", "锂电"), ("--limit", "0")])
def test_network_refuses_in_a_sentence(call: Call, demo_folder: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    done = call("network", "-w", demo_folder, "-o", tmp_path / "n.html", *words, "--lang", "zh")
    assert done.code == 1
    assert len(done.err.strip().splitlines()) == 1
    assert not (tmp_path / "n.html").exists()
