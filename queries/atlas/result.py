"""Result: the table that answers a question, with the way back to its evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ...graph.schema.words import Said, default_language, in_words, sentence

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """An answer: rows with documented columns, notes about what the rows leave out.

    Attributes
    ----------
    columns
        Names of the columns, in order.
    rows
        One dictionary a row; a missing value is None, several values are a list; what is said in
        words is named (``graph.schema.words.Sentence``) and written by ``in_language``.
    notes
        Sentences: counts left out, population, limits.
    evidence
        Function from a row number to the Result of its facts.
    labels
        Columns that mean something else here than elsewhere, and the word that names them.
    lang
        Language of the table for people, ``zh`` or ``en``; the process's when None.
    """

    columns: tuple[str, ...]
    rows: list[Row]
    notes: tuple[Said, ...] = ()
    evidence: Callable[[int], Result] | None = field(default=None, repr=False)
    labels: dict[str, str] = field(default_factory=dict, repr=False)
    lang: str | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a pandas table, in words; several values are joined by 、."""
        import pandas as pd

        flat = [{c: _flat(row[c]) for c in self.columns} for row in self.in_language().rows]
        return pd.DataFrame(flat, columns=list(self.columns))

    @property
    def table(self) -> pd.DataFrame:
        """The rows as a pandas table."""
        return self.to_pandas()

    def in_language(self, lang: str | None = None) -> Result:
        """Return the same answer with every text written in ``lang`` (its own language when None)."""
        lang = lang or self.lang or default_language()
        rows = [{name: _written(value, lang) for name, value in row.items()} for row in self.rows]
        return replace(self, rows=rows, lang=lang)

    def notes_in(self, lang: str | None = None) -> list[str]:
        """Return the notes as sentences."""
        lang = lang or self.lang or default_language()
        return [str(in_words(note, lang)) for note in self.notes]

    def first(self, count: int) -> Result:
        """Return the first rows, with a note on how many there are."""
        if len(self.rows) <= count:
            return self
        note = sentence("note_first", shown=count, n=len(self.rows))
        return replace(self, rows=self.rows[:count], notes=(*self.notes, note))

    def unless_silent(self, carries: Callable[[Row], Any], otherwise: Said) -> Result:
        """Return the answer, or where no row carries anything an empty table and one sentence: what to load.

        Parameters
        ----------
        carries
            Tells whether a row says more than that nothing is known.
        """
        return self if any(map(carries, self.rows)) else replace(self, rows=[], notes=(otherwise,))

    def explain(self, row: int) -> Result:
        """Return the facts behind one row: fact, source, source_ref, as_of, confidence."""
        if self.evidence is None:
            return Result(("fact", "source", "source_ref", "as_of"), [], lang=self.lang)
        return replace(self.evidence(row), lang=self.lang)


def _written(value: Any, lang: str) -> Any:
    """Return a cell in one language; a text that the language leaves empty (a unit) is no value."""
    text = in_words(value, lang)
    return None if isinstance(value, Said) and not text else text


def _flat(value: Any) -> Any:
    return "、".join(str(v) for v in value) if isinstance(value, list) else value
