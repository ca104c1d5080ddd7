"""Review: pairs that may be one entity (list, export, import, decide)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..questions import questions
from .data import now
from .running import say, write


def list_pairs(*, show_all: bool, workspace: Path, **out: Any) -> None:
    """List the pairs that wait for a decision."""
    from ..reviewing import review

    write(review(workspace, show_all=show_all), out, questions()["review"].commands["list"].columns({}))


def export(*, file: Path, show_all: bool, workspace: Path, lang: str) -> None:
    """Write the pairs as a table to be decided in a spreadsheet."""
    from ..reviewing import export_review

    say(f"{file} · {export_review(workspace, file, show_all=show_all, lang=lang)}")


def import_(*, file: Path, by: str | None, workspace: Path, **out: Any) -> None:
    """Record the decisions of a table."""
    from ..reviewing import import_decisions

    write(import_decisions(workspace, file, by=by, time=now()), out)


def decide(*, a: str, b: str, decision: str, by: str | None, note: str, workspace: Path, lang: str) -> None:
    """Decide on a pair; another decision takes it back."""
    from ..reviewing import decide as run

    judged = run(workspace, a, b, decision, by=by, note=note, time=now())
    say(f"{judged.a} · {judged.b} · {judged.decision}")
