"""Functions behind ``attach``: words of lists that may be links of chains, and what people decide about them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .graph.columns.text import name_key
from .graph.identity.terms import DECISIONS, TermJudgement, relation_of
from .graph.schema.errors import LoadError, QueryError
from .graph.schema.paths import assert_readable
from .graph.schema.words import Said, sentence
from .graph.workspace.journal import Workspace
from .graph.workspace.snapshot import Snapshot
from .queries.atlas.atlas import Atlas
from .queries.atlas.result import Result, Row
from .queries.attach.attached import decisions
from .queries.attach.lexicon import lexicon
from .queries.quality.precision import precision
from .queries.quality.suggest import Text
from .queries.quality.suggest import suggest as read_texts
from .queries.verdicts.queue import words_to_decide
from .reviewing import read_table, recorded, who, write_table

__all__ = ["attach", "check_attached", "decide_term", "export_terms", "import_terms", "suggest"]

_TEXT_COLUMNS = ("文本", "主营产品", "主营业务", "主导产品", "主要产品", "经营范围", "text")
_SCOPE = "经营范围"
_LISTED = {"主营产品": True, "主导产品": True, "主要产品": True, "主营业务": False, _SCOPE: False}
_WAITING = 5


def attach(workspace: str | Path, *, chain: str | None = None, show_all: bool = False) -> Result:
    """Return words that may mean links of chains, the most telling first; see ``queries.verdicts.queue``.

    Parameters
    ----------
    show_all
        Also what attaches for certain, and what was decided.
    """
    return words_to_decide(_open(workspace), chain=chain, show_all=show_all)


def decide_term(
    workspace: str | Path,
    term: str,
    link: str,
    decision: str,
    *,
    only: str | None = None,
    note: str = "",
    by: str | None = None,
    time: str = "",
) -> TermJudgement:
    """Record what a word means for a link, for all firms or for one; nothing is asked twice.

    The decision stands beside the data: another one on the same word and link takes it back.

    Parameters
    ----------
    term
        A firm's word, as ``attach list`` shows it.
    decision
        ``same``, ``narrower`` (a maker of it makes the link), ``broader`` (it may include the link),
        ``no`` (it is something else), ``makes`` (makes the link, whatever the word), ``undecided``.
    only
        The enterprise that the decision is about; all when not given.

    Raises
    ------
    QueryError
        The link or the enterprise is not known, or the decision is none of these.
    """
    home = Workspace.open(Path(workspace))
    judged = _judgement(Snapshot.of(home), term, link, decision, only, who(by), time, note)
    with home.writing():
        home.judge_terms([judged])
    return judged


def _judgement(
    snapshot: Snapshot, term: str, link: str, decision: str, only: str | None, by: str, time: str, note: str
) -> TermJudgement:
    relation = "none" if decision.strip().lower() == "no" else relation_of(decision)
    if relation is None:
        raise QueryError("option_value", option="DECISION", value=decision, known="、".join((*DECISIONS, "no")))
    if not term.strip():
        raise QueryError("option_value", option="TERM", value=term, known="—")
    name = snapshot.name(snapshot.find(link, ("Product",)))
    firm = "" if not only else snapshot.key(snapshot.find(only, ("Enterprise",)))
    return TermJudgement(term.strip(), name, relation, firm, by, time, note)


def export_terms(workspace: str | Path, file: str | Path, *, show_all: bool = False, lang: str | None = None) -> int:
    """Write the words as a table to be decided in a spreadsheet (xlsx or csv); returns their number.

    Raises
    ------
    QueryError
        The file's name ends in neither.
    StoreError
        The file cannot be written.
    """
    listed = attach(workspace, show_all=show_all).in_language(lang)
    rows: list[Row] = [{**row, "decision": None, "note": None} for row in listed.rows]
    table = Result((*listed.columns, "decision", "note"), rows, listed.notes, lang=listed.lang)
    return write_table(table, Path(file), "term_relation", DECISIONS)


def import_terms(workspace: str | Path, file: str | Path, *, by: str | None = None, time: str = "") -> Result:
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
    snapshot, last = Snapshot.of(home), decisions(home.words())
    count = dict.fromkeys(("read", "recorded", "unchanged", "empty"), 0)
    judged: list[TermJudgement] = []
    for row, values in read_table(path, ("term", "link", "decision"), ("only", "note")):
        count["read"] += 1
        if not values["decision"]:
            count["empty"] += 1
            continue
        try:
            given = _judgement(snapshot, values["term"], values["link"], values["decision"], values.get("only") or None,
                               who(by), time, values.get("note", ""))  # fmt: skip
        except QueryError as bad:
            raise LoadError("review_row", file=path.name, row=row, reason=bad) from bad
        known = last.get((lexicon().normal(given.term), name_key(given.link), given.firm), "undecided")
        if known == given.relation:
            count["unchanged"] += 1
        else:
            judged.append(given)
    return recorded(home, judged, home.judge_terms, count)


def suggest(workspace: str | Path, texts: Sequence[str] = (), *, file: str | Path | None = None) -> Result:
    """Return what texts attach to; see ``queries.quality.suggest``.

    Parameters
    ----------
    file
        One text a line (``.txt``), or a table with a column 文本, 主营产品, 主营业务 or 经营范围.

    Raises
    ------
    QueryError
        Neither a text nor a file is given.
    LoadError
        The table has none of these columns.
    """
    given: list[Text | str] = [*texts]
    if file is not None:
        given += _texts_of(Path(file))
    if not given:
        raise QueryError("suggest_nothing")
    return read_texts(_open(workspace), given)


def _texts_of(path: Path) -> list[Text]:
    if path.suffix.lower() in (".txt", ""):
        from .loaders.files.delimited import encoding_of

        assert_readable(path)
        lines = path.read_text(encoding=encoding_of(path)).splitlines()
        return [Text(line.strip(), row) for row, line in enumerate(lines, 1) if line.strip()]
    from .loaders.files.files import read_sheets

    out: list[Text] = []
    headers: list[str] = []
    for sheet in read_sheets(path, frozenset(_TEXT_COLUMNS)):
        names = [h.strip() for h in sheet.headers]
        headers += names
        columns = [(n, sheet.columns[names.index(n)].to_pylist()) for n in _TEXT_COLUMNS if n in names]
        for at, row in enumerate(sheet.rows.tolist()):
            out += [
                Text(cells[at].strip(), row, n == _SCOPE, _LISTED.get(n))
                for n, cells in columns
                if (cells[at] or "").strip()
            ]
    if not out:
        raise LoadError("suggest_columns", file=path.name, columns="、".join(_TEXT_COLUMNS), found="、".join(headers))
    return out


def check_attached(workspace: str | Path, *, size: int = 100) -> Result:
    """Return a sample of certain attachments to judge and the precision it gives; see ``queries.quality.precision``."""
    return precision(_open(workspace), size=size)


def attached_notes(workspace: str | Path) -> tuple[Said, ...]:
    """Say after a load how many product words reached a link, how many wait, and the first of these."""
    atlas = _open(workspace)
    if not atlas.chain_members:
        return ()
    words = atlas.makers.attached
    sure = {name_key(w) for w, t in zip(words.links["word"].to_pylist(), words.links["tier"].to_pylist(), strict=True)
            if t == "certain"}  # fmt: skip
    waiting = words_to_decide(atlas)
    notes: list[Said] = [sentence("note_attached", sure=len(sure), waiting=len({r["term"] for r in waiting.rows}))]
    first = [sentence("attach_waits", term=r["term"], link=r["link"]) for r in waiting.rows[:_WAITING]]
    if first:
        notes.append(sentence("note_attach_first", words=tuple(first)))
    return tuple(notes)


def _open(workspace: str | Path) -> Atlas:
    return Atlas(Snapshot.of(Workspace.open(Path(workspace))))
