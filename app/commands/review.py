"""Review: pairs that may be one entity (list, export, import, decide)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from ..questions import questions
from .data import now
from .running import say, write

_ON_SCREEN = 200  # pairs that a terminal shows; a table of thousands takes longer to draw than to find


def list_pairs(*, show_all: bool, joined: bool, workspace: Path, **out: Any) -> None:
    """List the pairs that wait for a decision."""
    from ..graph.schema.words import sentence
    from ..reviewing import review

    found = review(workspace, show_all=show_all, joined=joined)
    if len(found) > _ON_SCREEN and out.get("output") is None and out.get("format") in (None, "table"):
        told = sentence("note_review_rows", shown=_ON_SCREEN, n=len(found))
        found = replace(found, rows=found.rows[:_ON_SCREEN], notes=(*found.notes, told))
    write(found, out, questions()["review"].commands["list"].columns({}))


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
