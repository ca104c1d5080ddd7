"""Attach: words of lists that may be links (list, export, import, decide, suggest, check)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..questions import questions
from .data import now
from .running import say, write


def list_words(*, chain: str | None, show_all: bool, workspace: Path, **out: Any) -> None:
    """List the words that wait for a decision."""
    from ..attaching import attach

    write(attach(workspace, chain=chain, show_all=show_all), out, questions()["attach"].commands["list"].columns({}))


def export(*, file: Path, show_all: bool, workspace: Path, lang: str) -> None:
    """Write the words as a table to be decided in a spreadsheet."""
    from ..attaching import export_terms

    say(f"{file} · {export_terms(workspace, file, show_all=show_all, lang=lang)}")


def import_(*, file: Path, by: str | None, workspace: Path, **out: Any) -> None:
    """Record the decisions of a table."""
    from ..attaching import import_terms

    write(import_terms(workspace, file, by=by, time=now()), out)


def decide(
    *, term: str, link: str, decision: str, only: str | None, by: str | None, note: str, workspace: Path, lang: str
) -> None:
    """Decide what a word means for a link; another decision takes it back."""
    from ..attaching import decide_term

    judged = decide_term(workspace, term, link, decision, only=only, by=by, note=note, time=now())
    say(" · ".join(part for part in (judged.term, judged.link, judged.relation, judged.firm) if part))


def suggest(*, texts: tuple[str, ...], file: Path | None, workspace: Path, **out: Any) -> None:
    """Tell what texts attach to."""
    from ..attaching import suggest as ask

    write(ask(workspace, texts, file=file), out, None)


def check(*, size: int, workspace: Path, **out: Any) -> None:
    """Draw certain attachments to judge, and tell the precision of those judged."""
    from ..attaching import check_attached

    write(check_attached(workspace, size=size), out, None)
