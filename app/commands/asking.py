"""Asking: a sheet that cannot be told is shown with the nearest reading, on a terminal; else a draft is written."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from .running import say

if TYPE_CHECKING:
    from ..graph.schema.errors import LoadError
    from ..graph.schema.types import Schema
    from ..loaders.headers.guess import Guess
    from ..loaders.headers.mapping import SheetMapping
    from ..loaders.load import Partial
    from .progress import Bar

YES, NO = ("y", "yes", "是", "好"), ("", "n", "no", "否", "不")


def asker(lang: str) -> Callable[[Guess, Schema], SheetMapping | None] | None:
    """Return what asks people for a guess, or None when nobody sits at a terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None

    def ask(made: Guess, schema: Schema) -> SheetMapping | None:
        from ..graph.schema.words import message
        from ..loaders.headers.guess import guess

        while True:
            say(message("ask_sheet", lang, file=made.raw.file, sheet=made.raw.sheet or made.raw.file, type=made.label))
            for header, meaning, sure in made.columns:
                say(f"  {header} → {meaning or '—'}{'' if sure or not meaning else ' ?'}")
            sys.stderr.write(message("ask_read", lang))
            sys.stderr.flush()
            answer = sys.stdin.readline().strip()
            if answer.lower() in YES:
                return made.mapping
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
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None

    def confirm(part: Partial) -> bool:
        from ..graph.schema.words import message

        if bar is not None:
            bar.end()
        say(message("ask_first", lang, first=part.first.text(lang), rejects=part.rejects))
        sys.stderr.write(message("ask_partial", lang, good=part.good, rejected=part.rejected))
        sys.stderr.flush()
        return sys.stdin.readline().strip().lower() in YES

    return confirm


def with_draft(bad: LoadError, paths: list[Path], lang: str) -> LoadError:
    """Write the draft that an error carries beside where people work, and say so in its sentence."""
    from ..graph.schema.errors import LoadError

    draft = bad.values.get("draft")
    if draft is None:
        return bad
    stem = Path(str(bad.values["file"])).stem
    names = (f"{stem}.mapping{'' if n == 1 else f'-{n}'}.toml" for n in count(1))
    file = next(path for name in names if not (path := Path(name)).exists())
    try:
        file.write_text(str(draft), encoding="utf-8")
    except OSError:
        return bad  # nothing can be written here: the first sentence says what can be done without
    again = " ".join(str(p) for p in paths)
    return LoadError("with_draft", sentence=bad.text(lang), draft=file, paths=again)
