"""Functions behind ``review``: which pairs may be one entity, and what people decide about them."""

from __future__ import annotations

import getpass
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from .graph.identity.judgements import DECISIONS, Judgement
from .graph.schema.errors import ChainAtlasError, LoadError, QueryError, StoreError
from .graph.schema.paths import assert_writable
from .graph.schema.words import pairs
from .graph.workspace.journal import Workspace
from .queries.atlas.result import Result
from .queries.quality.review import assert_decidable, identify
from .queries.quality.review import review as ask

Decided = TypeVar("Decided")

__all__ = ["decide", "export_review", "import_decisions", "review"]


def review(workspace: str | Path, *, show_all: bool = False, joined: bool = False) -> Result:
    """Return pairs that may be one entity, the surest first; see ``queries.review.review``.

    Parameters
    ----------
    show_all
        Also what was decided, and what was joined automatically.
    joined
        Only what was joined automatically.
    """
    home = Workspace.open(Path(workspace))
    return ask(home.graph(), home.schema, home.judgements(), show_all=show_all, joined=joined)


def decide(
    workspace: str | Path, a: str, b: str, decision: str, *, note: str = "", by: str | None = None, time: str = ""
) -> Judgement:
    """Record that two entities are the same, are different, or that it stays open, and fold again.

    The decision stands beside the data: another one on the same pair takes it back.

    Parameters
    ----------
    a, b
        Id, code or name of each side.
    decision
        ``same``, ``different`` or ``unsure`` (相同, 不同, 不确定).

    Raises
    ------
    QueryError
        A side is not known or names several, or the codes of both say otherwise.
    """
    home = Workspace.open(Path(workspace))
    said = _decision(decision)
    if said is None:
        raise QueryError("option_value", option="DECISION", value=decision, known="、".join(DECISIONS))
    graph, schema = home.graph(), home.schema
    made = Judgement(identify(graph, schema, a), identify(graph, schema, b), said, who(by), time, note)
    assert_decidable(graph, schema, made)
    with home.writing():
        home.judge([made])
    return made


def import_decisions(workspace: str | Path, file: str | Path, *, by: str | None = None, time: str = "") -> Result:
    """Record the decisions of an exported table; all of them or, when one cannot be, none.

    Returns
    -------
    Result
        ``what value``: rows ``read``, ``recorded``, ``unchanged`` (decided so before) and ``empty``.

    Raises
    ------
    LoadError
        The file cannot be read, lacks a column, or a row holds no decision that can be made.
    """
    home, path = Workspace.open(Path(workspace)), Path(file)
    graph, schema, last = home.graph(), home.schema, home.judgements().last
    count = dict.fromkeys(("read", "recorded", "unchanged", "empty"), 0)
    made: list[Judgement] = []
    for row, values in read_table(path, ("a", "b", "decision")):
        count["read"] += 1
        if values["decision"] in ("", "automatic", pairs("decision")["automatic"]["zh"]):
            count["empty"] += 1
            continue
        said = _decision(values["decision"])
        if said is None:
            known_words = (*DECISIONS, *(pairs("decision")[d]["zh"] for d in DECISIONS))
            raise LoadError("review_decision", file=path.name, row=row, value=values["decision"],
                            known="、".join(known_words))  # fmt: skip
        one = Judgement(values["a"], values["b"], said, who(by), time, values.get("note", ""))
        known = last.get(one.pair)
        if known is not None and known.decision == said:
            count["unchanged"] += 1
            continue
        try:
            one = replace(one, a=identify(graph, schema, one.a), b=identify(graph, schema, one.b))
            assert_decidable(graph, schema, one)
        except ChainAtlasError as bad:
            raise LoadError("review_row", file=path.name, row=row, reason=bad) from bad
        made.append(one)
    return recorded(home, made, home.judge, count)


def recorded(
    home: Workspace, decided: list[Decided], take: Callable[[list[Decided]], None], count: dict[str, int]
) -> Result:
    """Take decisions in, all in one step, and return what became of the rows."""
    count["recorded"] = len(decided)
    if decided:
        with home.writing():
            take(decided)
    return Result(("what", "value"), [{"what": k, "value": v} for k, v in count.items()])


def export_review(workspace: str | Path, file: str | Path, *, show_all: bool = False, lang: str | None = None) -> int:
    """Write the pairs as a table to be decided in a spreadsheet (xlsx or csv); returns their number.

    Raises
    ------
    QueryError
        The file's name ends in neither.
    StoreError
        The file cannot be written.
    """
    return write_table(review(workspace, show_all=show_all).in_language(lang), Path(file), "decision", DECISIONS)


def write_table(result: Result, path: Path, words: str, decisions: tuple[str, ...]) -> int:
    """Write what waits as a table to be decided; returns the number of rows."""
    from .views.review_table import write

    if path.suffix.lower() not in (".xlsx", ".csv"):
        raise QueryError("option_value", option="FILE", value=path, known="*.xlsx、*.csv")
    assert_writable(path)
    try:
        write(result, path, words, decisions)
    except OSError as bad:
        if isinstance(bad, StoreError):
            raise
        raise StoreError("output_unwritable", file=path, reason=bad.strerror or bad) from bad
    return len(result)


def read_table(
    path: Path, needed: tuple[str, ...], more: tuple[str, ...] = ("note",)
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a decided table with their numbers as the spreadsheet shows them."""
    from .loaders.files.files import read_sheets

    for sheet in read_sheets(path, frozenset(needed)):
        names = [h.strip().lower() for h in sheet.headers]
        missing = [c for c in needed if c not in names]
        if missing:
            raise LoadError("review_columns", file=path.name, columns="、".join(missing))
        wanted = [c for c in (*needed, *more) if c in names]
        columns = [sheet.columns[names.index(c)].to_pylist() for c in wanted]
        for row, *cells in zip(sheet.rows.tolist(), *columns, strict=True):
            yield row, {c: (cell or "").strip() for c, cell in zip(wanted, cells, strict=True)}
        return


def _decision(text: str) -> str | None:
    """Return a decision by its name in either language."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    known = {name: d for d in DECISIONS for name in (d, *pairs("decision")[d].values())}
    return known.get(plain)


def who(by: str | None) -> str:
    """Return who decides: the name given, else that of the user of this machine."""
    if by is not None:
        return by
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such user, as in some containers
        return ""
