"""Terms: what words of the trade mean for links, and decisions of people on them; both apart from the data.

``用语.csv`` in the workspace (环节, 用语, 关系, 存疑) adds a user's own terms to those of the package.
``term_judgements.csv`` holds decisions on (term, link), for all firms or for one; the last one counts,
and taking one back is another decision.
"""

from __future__ import annotations

import csv
import hashlib
import io
import unicodedata
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path

from ..schema.errors import StoreError
from ..schema.words import pairs
from .judgements import decoded, reader

RELATIONS = ("same", "narrower", "broader", "none")
DECISIONS = ("makes", *RELATIONS, "undecided")
OWN_TERMS, TERM_JUDGEMENTS = "用语.csv", "term_judgements.csv"
_COLUMNS = ("环节", "用语", "关系", "存疑")
_YES = ("是", "1", "y", "yes", "true", "unsure", "存疑")


@dataclass(frozen=True)
class Term:
    """A word of the trade and what it is to a link: same, narrower, broader, or none (looks alike only)."""

    link: str
    term: str
    relation: str
    unsure: bool = False


@dataclass(frozen=True)
class TermJudgement:
    """A decision: what a term means for a link, for every firm or for ``firm`` (its public id) alone.

    ``same``, ``narrower`` and ``makes`` make a maker; ``broader`` leaves a possible maker; ``none`` nothing;
    ``undecided`` takes a decision back.
    """

    term: str
    link: str
    relation: str
    firm: str = ""
    by: str = ""
    time: str = ""
    note: str = ""


@dataclass(frozen=True)
class WordBook:
    """A user's own terms and the decisions on terms."""

    terms: tuple[Term, ...] = ()
    judgements: tuple[TermJudgement, ...] = field(default=())

    @property
    def digest(self) -> str:
        """Hash of both in their order: of two rows on the same word the later counts."""
        return hashlib.sha256(repr((self.terms, self.judgements)).encode()).hexdigest()


def relation_of(text: str) -> str | None:
    """Return a decision by its name in either language, None when it is none.

    Examples
    --------
    >>> relation_of("下位"), relation_of("Same"), relation_of("?")
    ('narrower', 'same', None)
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    words = pairs("term_relation")
    return {name: r for r in DECISIONS for name in (r, *words[r].values())}.get(plain)


def read_terms(text: str, name: str) -> tuple[Term, ...]:
    """Read a file of terms.

    Raises
    ------
    StoreError
        A column lacks or a relation is not known; the message names the row.
    """
    table = reader(text, name)
    lacking = [c for c in _COLUMNS[:3] if c not in (table.fieldnames or ())]
    if lacking:
        raise StoreError("terms_columns", file=name, columns="、".join(lacking))
    rows = []
    for number, row in enumerate(table, 2):
        link, term, said, unsure = ((row.get(c) or "").strip() for c in _COLUMNS)
        if not link and not term:
            continue
        relation = relation_of(said)
        if not link or not term or relation not in RELATIONS:
            known = "、".join(f"{r} {pairs('term_relation')[r]['zh']}" for r in RELATIONS)
            raise StoreError("terms_row", file=name, row=number, known=known)
        rows.append(Term(link, term, relation, unsure.lower() in _YES))
    return tuple(rows)


def read_book(folder: Path) -> WordBook:
    """Read a workspace's own terms and decisions; a workspace without the files has none."""
    own, judged = folder / OWN_TERMS, folder / TERM_JUDGEMENTS
    terms = read_terms(decoded(own), own.name) if own.is_file() else ()
    return WordBook(terms, _read_judgements(judged) if judged.is_file() else ())


def _read_judgements(path: Path) -> tuple[TermJudgement, ...]:
    rows = []
    for number, row in enumerate(reader(decoded(path), path.name), 2):
        given = {f.name: (row.get(f.name) or "").strip() for f in fields(TermJudgement)}
        if not any(given.values()):
            continue
        if given["relation"] not in DECISIONS or not given["term"] or not given["link"]:
            raise StoreError("terms_row", file=path.name, row=number, known="、".join(DECISIONS))
        rows.append(TermJudgement(**given))
    return tuple(rows)


def judgements_text(rows: tuple[TermJudgement, ...]) -> str:
    """Return the text of the file of decisions."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([f.name for f in fields(TermJudgement)])
    writer.writerows(astuple(row) for row in rows)
    return buffer.getvalue()
