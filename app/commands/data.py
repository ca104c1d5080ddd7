"""Data in: demo, init, template, load, status, loads, undo, diff, schema."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ..questions import questions
from .running import run_question, say, write


def now() -> str:
    """Return the moment that the journal records."""
    return time.strftime("%Y-%m-%dT%H:%M:%S")


def demo(*, folder: Path, show: bool, lang: str) -> None:
    """Make the workspace of the bundled data; list its most telling gaps; write its page."""
    from ..api import demo as run
    from ..views.tables import emit, note

    shown = run(folder, lang=lang, time=now())
    emit(shown.gaps, kind=None, output=None, lang=lang, columns=questions()["demo"].columns({}))
    note(shown.gaps, lang)
    say(f"{folder} · {shown.page}")
    if show:
        import webbrowser

        webbrowser.open(shown.page.resolve().as_uri())


def init(*, folder: Path | None, chains: str, workspace: Path, **out: Any) -> None:
    """Make a workspace of the bundled chains, for one's own lists."""
    from ..recipes import init as run

    write(run(folder or workspace, chains=chains, time=now()), out)


def template(*, file: Path, types: str, workspace: Path, lang: str) -> None:
    """Write a workbook to fill in."""
    from ..api import template as run

    say("、".join(run(file, types=types, workspace=workspace)))


def load(
    *,
    paths: tuple[Path, ...],
    dry_run: bool,
    workspace: Path,
    lang: str,
    format: str | None,
    output: Path | None,
    **options: Any,
) -> None:
    """Load tables."""
    from ..api import load as run
    from ..api import load_result
    from ..attaching import attached_notes
    from ..graph.schema.errors import LoadError
    from .asking import asker, confirmer, with_draft
    from .progress import rows_read

    try:
        with rows_read(paths, lang) as progress:
            report = run(
                workspace,
                paths,
                dry_run=dry_run,
                time=now(),
                ask=asker(lang),
                confirm=confirmer(lang, progress),
                progress=progress,
                **options,
            )
    except LoadError as bad:
        raise with_draft(bad, list(paths), lang) from bad
    loaded = load_result(report, dry_run=dry_run)
    if not dry_run and report.load is not None:
        loaded = replace(loaded, notes=(*loaded.notes, *attached_notes(workspace)))
    write(loaded, {"lang": lang, "format": format, "output": output})


def status(*, workspace: Path, **out: Any) -> None:
    """Tell hash, loads and counts."""
    from ..api import status as ask

    write(ask(workspace), out)


def loads(*, workspace: Path, **out: Any) -> None:
    """Tell the history of loads."""
    from ..api import loads as ask

    write(ask(workspace), out)


def undo(*, number: int, workspace: Path, lang: str) -> None:
    """Take one load out of the graph."""
    from ..api import undo as run

    say(run(workspace, number))


def check(*, files: bool, restore: bool, accept: bool, workspace: Path, **out: Any) -> None:
    """List contradictions in the graph; with ``files``, what of the workspace's files is not as it was written."""
    if not (files or restore or accept):
        entry = questions()["check"]
        common = tuple(replace(option, everywhere=True) for option in entry.options)  # none is about the question
        run_question(replace(entry, run=None, options=common), {"workspace": workspace, **out})
        return
    from ..checking import check_files

    result = check_files(workspace, restore=restore, accept=accept)
    write(result, out)
    if any(not row["derived"] for row in result.rows):
        raise click.exceptions.Exit(1)


def diff(*, before: int | None, after: int | None, workspace: Path, **out: Any) -> None:
    """Tell what was added, removed, changed."""
    from ..api import diff as ask

    write(ask(workspace, before, after), out)


def schema(*, output: Path | None, workspace: Path, lang: str) -> None:
    """Write types, columns and relations as a page."""
    from ..api import schema_text
    from ..views.tables import put

    put(schema_text(workspace), output)
