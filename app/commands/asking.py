"""Asking: a sheet that cannot be told is shown with the nearest reading, on a terminal; else a draft is written."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..views.terminal import ask as asked
from ..views.terminal import somebody_answers
from .running import say

if TYPE_CHECKING:
    from ..graph.schema.errors import LoadError
    from ..graph.schema.types import Schema
    from ..loaders.headers.guess import Guess
    from ..loaders.headers.mapping import SheetMapping
    from ..loaders.load import Partial
    from .progress import Bar

_SEAL = "# 未改动的草稿 unedited draft: "
YES, NO = ("y", "yes", "是", "好"), ("", "n", "no", "否", "不")


def asker(lang: str) -> Callable[[Guess, Schema], SheetMapping | None] | None:
    """Return what asks people for a guess, or None when nobody sits at a terminal."""
    if not somebody_answers():
        return None

    def ask(made: Guess, schema: Schema) -> SheetMapping | None:
        from ..graph.schema.words import message
        from ..loaders.headers.guess import guess

        while True:
            say(message("ask_sheet", lang, file=made.raw.file, sheet=made.raw.sheet or made.raw.file, type=made.label))
            for column in made.columns:
                meaning = None if column.weak else column.meaning
                say(f"  {column.header} → {meaning or '—'}{'' if column.sure or not meaning else ' ?'}")
            answer = asked(message("ask_read", lang))
            if answer.lower() in YES:
                return made.confirmed(_weak_ones(made, lang)).mapping
            if answer.lower() in NO:
                return None
            named = schema.sheet_type(answer) or schema.relation_named(answer)
            if named is not None:
                made = guess(made.raw, schema, named)
            else:
                say(message("ask_type", lang, name=answer, known="、".join(n.zh for n in schema.nodes.values())))

    return ask


def confirmer(lang: str, bar: Bar | None) -> Callable[[Partial], bool] | None:
    """Return what asks people whether to take the good rows, or None when nobody sits at a terminal.

    The bar of progress goes before they are asked, so that it does not run over the question.
    """
    if not somebody_answers():
        return None

    def confirm(part: Partial) -> bool:
        from ..graph.schema.words import message

        if bar is not None:
            bar.end()
        say(message("ask_first", lang, first=part.first.text(lang), rejects=part.rejects))
        return asked(message("ask_partial", lang, good=part.good, rejected=part.rejected)).lower() in YES

    return confirm


def _weak_ones(made: Guess, lang: str) -> set[str]:
    """Ask for each weak guess by itself, with cells of its column; return the headers that were confirmed."""
    from ..graph.schema.words import message

    confirmed = set()
    for column in made.columns:
        if column.weak and column.meaning:
            told = {"header": column.header, "meaning": column.meaning, "samples": "、".join(column.samples) or "—"}
            if asked(message("ask_column", lang, **told)).lower() in YES:
                confirmed.add(column.header)
    return confirmed


def with_draft(bad: LoadError, paths: list[Path], lang: str) -> LoadError:
    """Write the draft that an error carries beside where people work, and say so in its sentence."""
    from ..graph.schema.errors import LoadError

    draft = bad.values.get("draft")
    if draft is None:
        return bad
    file = Path(f"{Path(str(bad.values['file'])).stem}.mapping.toml")
    kept = next(path for n in itertools.count(1) if not (
        path := file.with_suffix(f".old{n if n > 1 else ''}.toml")).exists())  # fmt: skip
    try:
        edited = file.exists() and not _as_written(file)
        if edited:
            file.replace(kept)
        file.write_text(_sealed(str(draft)), encoding="utf-8", newline="\n")
    except OSError:
        return bad  # nothing can be written here: the first sentence says what can be done without
    again = " ".join(str(p) for p in paths)
    code = "with_draft_old" if edited else "with_draft"
    return LoadError(code, sentence=bad.text(lang), draft=file, paths=again, old=kept)


def _sealed(draft: str) -> str:
    """Return a draft with a last line that tells whether somebody has edited it."""
    return f"{draft}{_SEAL}{hashlib.sha256(draft.encode()).hexdigest()[:16]}\n"


def _as_written(file: Path) -> bool:
    """Tell whether a draft stands as it was written: a new one may take its place."""
    try:
        draft, seal, _ = file.read_text(encoding="utf-8").rpartition(_SEAL)
    except UnicodeDecodeError:
        return False
    return bool(seal) and file.read_text(encoding="utf-8") == _sealed(draft)
