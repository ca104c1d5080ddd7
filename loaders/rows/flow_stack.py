"""Flow stacks: input–output tables whose names stand in several rows above and several columns before.

EXIOBASE writes region and sector in two rows and two columns, WIOD code, description, country and
number in four. The names are joined to one a row and one a column, the economy first.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyarrow as pa

from ...graph.columns.text import name_key
from ..files.raw import RawSheet, kept

_DEEPEST = 4  # rows above and columns before the numbers
_PATH = "·"  # joins the levels of a header
_NUMBER = frozenset("0123456789.,-+eE% ")


def flattened(raw: RawSheet) -> RawSheet:
    """Return a table with stacked names with one name a row and a column; others as they are."""
    levels, body = _levels(raw)
    if body is None or len(levels) < 2:
        return raw
    width = len(raw.columns)
    labels = [[(text or "").strip() for text in raw.columns[at].to_pylist()[body:]] for at in range(_before(raw, body))]
    pairs = _pairs(levels, labels)
    if len(pairs) < 2:
        return raw
    home = min(pairs, key=lambda pair: (_runs(_filled(labels[pair[1]])), pair[1]))
    rest = [pair for pair in pairs if pair != home]
    own = max(rest, key=lambda pair: (len(set(labels[pair[1]])), sum(map(len, labels[pair[1]]))))
    label, first = home[1], max(at for _, at in pairs) + 1
    over = [""] * first + _filled(levels[home[0]][first:])
    heads = [_joined(over[at], levels[own[0]][at]) if at >= first else "" for at in range(width)]
    heads[label] = raw.headers[label] or "·"
    rows = [_joined(a, b) for a, b in zip(_filled(labels[home[1]]), labels[own[1]], strict=True)]
    keep = np.ones(len(raw.rows), bool)
    keep[:body] = False
    cut = kept(raw, keep)
    columns = (*cut.columns[:label], pa.array(rows, pa.string()), *cut.columns[label + 1 :])
    titles = tuple((int(row), "title", "") for row in raw.rows[:body])
    return replace(cut, headers=tuple(heads), columns=columns, passed=(*raw.passed, *titles))


def _levels(raw: RawSheet) -> tuple[list[list[str]], int | None]:
    """Return the rows of names, each with a text a column, and the number of body rows that are such rows."""
    width = len(raw.columns)
    paths = [header.split(_PATH) for header in raw.headers]
    deep = max(map(len, paths))
    levels = [[(path[level] if level < len(path) else "").strip() for path in paths] for level in range(deep)]
    for at in range(min(_DEEPEST, len(raw.rows))):
        cells = [(column[at].as_py() or "").strip() for column in raw.columns]
        if _is_body(cells):
            return levels, at
        levels.append(cells + [""] * (width - len(cells)))
    return levels, None


def _is_body(cells: list[str]) -> bool:
    filled = [cell for cell in cells[1:] if cell]
    return len(filled) > 1 and 2 * sum(set(cell) <= _NUMBER for cell in filled) >= len(filled)


def _before(raw: RawSheet, body: int) -> int:
    """Number of columns before the first that holds numbers."""
    for at, column in enumerate(raw.columns[: _DEEPEST + 1]):
        cell = column[body].as_py() or ""
        if cell.strip() and set(cell) <= _NUMBER:
            return at
    return min(_DEEPEST, len(raw.columns))


def _pairs(levels: list[list[str]], labels: list[list[str]]) -> list[tuple[int, int]]:
    """Return which row of names repeats which column of names."""
    above = [{name_key(text) for text in level if text} for level in levels]
    before = [{name_key(text) for text in label if text} for label in labels]
    shared = sorted(((len(a & b), -i, -j) for i, a in enumerate(above) for j, b in enumerate(before)), reverse=True)
    pairs: list[tuple[int, int]] = []
    for n, i, j in shared:
        if n >= 2 and all(-i != level and -j != label for level, label in pairs):
            pairs.append((-i, -j))
    return sorted(pairs)


def _filled(texts: list[str]) -> list[str]:
    """Give cells that a merged cell left empty the text before them."""
    filled, last = [], ""
    for text in texts:
        last = text or last
        filled.append(last)
    return filled


def _runs(texts: list[str]) -> int:
    return 1 + sum(a != b for a, b in pairwise(texts))


def _joined(home: str, own: str) -> str:
    """Write one name of two, the economy first; of one that is empty the other stands alone."""
    return f"{home}_{own}" if home and own and home != own else own or home
