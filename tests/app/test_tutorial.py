"""The tutorial's commands, as they stand on the page."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_the_tutorial_works(call: Callable[..., Any], root: Path, tmp_path: Path) -> None:
    page = (root / "docs" / "tutorial.md").read_text(encoding="utf-8")
    lines = [line for block in re.findall(r"```\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]
    commands = [line for line in lines if line.startswith("chainatlas ")]
    assert len(commands) >= 8
    for command in commands:
        done = call(*shlex.split(command)[1:])
        assert done.code == 0, (command, done.err)
    for name in ("示例/atlas.html", "页面.html", "锂电.xlsx", "网络.html", "模板.xlsx"):
        assert (tmp_path / name).stat().st_size > 5000
