"""Running: how a question becomes a table, and how errors leave the program."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from ..questions import Question, answer
from ..views.terminal import hear_libraries, tell


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Turn our errors into one message and exit code 1, Ctrl-C into 130, what nobody foresaw into a report."""

    @wraps(command)
    def run(**values: Any) -> None:
        from ..graph.schema.errors import ChainAtlasError, QueryError
        from ..graph.schema.words import default_language

        hear_libraries()
        debug = bool(values.pop("debug", False))
        try:
            lang = set_language(values.get("lang"))
            if "lang" in values:
                values["lang"] = lang
            kind = values.get("format")
            if kind is not None and kind not in ("table", "csv", "json", "xlsx"):
                raise QueryError("option_value", option="--format", value=kind, known="table、csv、json、xlsx")
            command(**values)
        except ChainAtlasError as bad:
            if debug:
                raise
            say(bad.text(set_language(values.get("lang") if values.get("lang") in ("zh", "en") else None)))
            raise click.exceptions.Exit(1) from None
        except (click.ClickException, click.exceptions.Exit, click.Abort, SystemExit):
            raise
        except BaseException as bad:  # a library in Rust may raise what is no Exception
            from .net import ending

            end = None if debug else ending(bad, default_language())
            if end is None:
                raise
            say(end.text)
            raise click.exceptions.Exit(end.code) from None

    return run


def run_question(question: Question, values: dict[str, Any]) -> None:
    """Ask a question and write its answer where the user wants it."""
    from ..api import open as open_atlas
    from ..views.tables import emit, note

    workspace: Path = values["workspace"]
    missing = question.workspace == "optional" and not (workspace / "workspace.json").is_file()
    # Such a question may be about a file alone; without one it says that the workspace is missing.
    alone = missing and any(isinstance(value, Path) for name, value in values.items() if name not in _WHERE)
    result = answer(question, None if alone else open_atlas(workspace), values)
    columns = None if values.get("explain") is not None else question.columns(values)
    emit(result, kind=values["format"], output=values["output"], lang=values["lang"],
         title=_title(question, values), columns=columns)  # fmt: skip
    if values.get("explain") is None:
        note(result, values["lang"])


_WHERE = ("workspace", "output")


def _title(question: Question, values: dict[str, Any]) -> str:
    """Return what the table is about: the subject, the chain, the place."""
    about = [option.name for option in question.parameters if option.required and option.kind == "text"]
    named = [values.get(name) for name in dict.fromkeys([*about, "chain", "place", "cluster"])]
    return " · ".join(str(text) for text in named if text)


def set_language(asked: str | None) -> str:
    """Return zh or en and make it the language of this process's messages."""
    from ..graph.schema.errors import QueryError
    from ..graph.schema.words import default_language

    if asked is not None and asked not in ("zh", "en"):
        raise QueryError("option_value", option="--lang", value=asked, known="zh、en")
    lang = asked or default_language()
    os.environ["CHAINATLAS_LANG"] = lang
    return lang


def say(text: str) -> None:
    """Write a message to standard error."""
    if text:
        tell(text)


def write(result: Any, values: dict[str, Any], columns: tuple[str, ...] | None = None) -> None:
    """Write the table and the notes of an action."""
    from ..views.tables import emit, note

    emit(result, kind=values["format"], output=values["output"], lang=values["lang"], columns=columns)
    note(result, values["lang"])
