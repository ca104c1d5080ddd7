"""The table of pairs to be decided: a workbook with a list of decisions to choose from, or CSV."""

from __future__ import annotations

from pathlib import Path

from ..graph.identity.judgements import DECISIONS
from ..graph.schema.errors import StoreError
from ..graph.schema.paths import replacing
from ..graph.schema.words import pairs
from ..queries.atlas.result import Result
from .tables import emit, fill

_ROOM = 2000  # further rows that offer the choice


def write(result: Result, path: Path, words: str = "decision", decisions: tuple[str, ...] = DECISIONS) -> None:
    """Write what waits for a decision; names stay text, whatever they begin with.

    Parameters
    ----------
    words
        List of words that names the decisions.
    decisions
        The decisions that the spreadsheet offers.

    Raises
    ------
    StoreError
        The file cannot be written.
    """
    if path.suffix.lower() == ".csv":
        emit(result, kind="csv", output=path, lang=result.lang or "zh")
        return
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        with replacing(path) as made, xlsxwriter.Workbook(str(made), options) as book:
            sheet = fill(book, result, "review")
            at = result.columns.index("decision")
            choice = [pairs(words)[d]["zh"] for d in decisions] + list(decisions)
            sheet.data_validation(1, at, len(result.rows) + _ROOM, at, {"validate": "list", "source": choice})
    except FileCreateError as bad:
        cause = bad.args[0]
        raise StoreError("output_unwritable", file=path, reason=getattr(cause, "strerror", None) or cause) from bad
