"""The table of headers that real lists use (``data/headers/表头.csv``): further words for what the schema means."""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib.resources import files

from ..files.passed import header_word

ANY = "*"  # rows of every type
ROLES = frozenset({"person", "row_number", "none", "flag", "from", "to", "relation", "from_type", "to_type"})
"""Meanings that are no property and no link of a type."""


def fold(text: str) -> str:
    """Return a header for comparison: NFKC, without white space, stars and the joints of Latin words, lower case."""
    return header_word(text.replace("*", ""))


@lru_cache(maxsize=1)
def real_headers() -> dict[str, tuple[tuple[str, str], ...]]:
    """Return (header, meaning) by type, those of every type under ``*``; read once, when first asked for."""
    text = files("chainatlas.data").joinpath("headers", "表头.csv").read_text(encoding="utf-8")
    made: dict[str, list[tuple[str, str]]] = {}
    rows = csv.reader(text.splitlines())
    next(rows)
    for kind, header, meaning, *_ in rows:
        made.setdefault(kind, []).append((fold(header), meaning))
    return {kind: tuple(words) for kind, words in made.items()}
