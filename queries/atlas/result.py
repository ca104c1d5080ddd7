"""Result: the table that answers a question, with the way back to its evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

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
        One dictionary a row; a missing value is None, several values are a list.
    notes
        Pairs (zh, en): counts left out, population, limits.
    evidence
        Function from a row number to the Result of its facts.
    labels
        Columns that mean something else here than elsewhere, and the word that names them.
    """

    columns: tuple[str, ...]
    rows: list[Row]
    notes: tuple[tuple[str, str], ...] = ()
    evidence: Callable[[int], Result] | None = field(default=None, repr=False)
    labels: dict[str, str] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a pandas table; several values are joined by 、."""
        import pandas as pd

        flat = [{c: _flat(row[c]) for c in self.columns} for row in self.rows]
        return pd.DataFrame(flat, columns=list(self.columns))

    @property
    def table(self) -> pd.DataFrame:
        """The rows as a pandas table."""
        return self.to_pandas()

    def explain(self, row: int) -> Result:
        """Return the facts behind one row: fact, source, source_ref, as_of, confidence."""
        if self.evidence is None:
            return Result(("fact", "source", "source_ref", "as_of"), [])
        return self.evidence(row)


def _flat(value: Any) -> Any:
    return "、".join(str(v) for v in value) if isinstance(value, list) else value
