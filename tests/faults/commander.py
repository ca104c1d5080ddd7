"""Asks ``commanding.py`` to run commands: a start of Python costs more than what most of them do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


class Commander:
    """Commands as typed, each in a process of its own that need not start Python anew: see ``commanding.py``."""

    def __init__(self) -> None:
        program = Path(__file__).with_name("commanding.py")
        self.server = subprocess.Popen(
            [sys.executable, str(program)], text=True, encoding="utf-8", stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def run(self, cwd: Path, words: tuple[str, ...], **kill: Any) -> tuple[int, int, float]:
        """Run a command, killed before a ``step`` or after a ``wait``; return how it ended, its steps and seconds."""
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        self.server.stdin.write(json.dumps({"words": words, "cwd": str(cwd), **kill}) + "\n")
        self.server.stdin.flush()
        ended, steps, seconds = json.loads(self.server.stdout.readline())
        return ended, steps, seconds

    def told(self, folder: Path, words: tuple[str | Path, ...], before: str) -> tuple[int, str, str]:
        """Run a command behind lines of Python; return how it ended, and its standard output and error.

        What it says is kept in a ``folder``; all that it is told by the environment is what the test is.
        """
        out, err = folder / "out.txt", folder / "err.txt"
        env = {name: value for name, value in os.environ.items() if name.startswith("CHAINATLAS_")}
        typed = tuple(map(str, words))
        for path in (out, err):
            path.unlink(missing_ok=True)
        ended, _, _ = self.run(folder, typed, before=before, out=str(out), err=str(err), env=env)
        return ended, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8")

    def close(self) -> None:
        """End the server."""
        self.server.communicate(timeout=900)
