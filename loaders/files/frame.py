"""Frame: which rows of a sheet are its header, and what each column is called.

People write titles above the table, a header in several rows with merged cells, rows of units
or numbers below it. The header is the first row that is none of these, unless another is clearly
better by the words that the schema knows: one cell of data that happens to be such a word makes
no header. A column under several header rows is called by its path, 主营产品·产品一.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .passed import below, header_word, meta, number_like, plain, title_like, unit_of

LOOK_AHEAD = 12  # rows in which a header is looked for
DEEPEST = 4  # rows that a header has at most
PATH = "·"  # between the words of a header that stands in several rows
UNNAMED = "（第{}列，无表头）"
_TITLE = re.compile("附件|附表|名单|名录|目录|清单|汇总|统计|情况|一览|表$|[:：]")

_DATED = re.compile(r"附件|附表|名单|名录|一览|日期|\d年.{0,60}月|[:：]")
_COUNTED = re.compile(r"(.{4,}?)[-_.(]?(?:\d{1,2}|[一二三四五六七八九十]{1,2}|[①-⑩])\)?")  # 主营产品1

Spans = dict[tuple[int, int], tuple[int, int]]
"""Merged cells of the first rows: (row, column) of each row's left cell → (last row, last column)."""
Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Frame:
    """The header of a sheet.

    ``start`` and ``count`` are its rows among those looked at, ``below`` the rows right under it
    that are no data; ``lines`` are the rows by which it, or a title, is known when it comes again.
    """

    start: int = 0
    count: int = 1
    headers: tuple[str, ...] = ()
    below: int = 0
    lines: tuple[tuple[str, ...], ...] = field(default=())

    @property
    def plain(self) -> bool:
        """The header is the first row and nothing else."""
        return (self.start, self.count, self.below) == (0, 1, 0)


def is_known(cell: str, known: frozenset[str]) -> bool:
    """Tell whether a cell is a header that the schema knows, its unit left aside."""
    text = header_word(cell).strip("*")
    if text in known or re.sub(r"\((单位[::]?)?[^()]{1,4}\)$", "", text) in known:
        return True
    counted = _COUNTED.fullmatch(text)
    return counted is not None and counted[1] in known


def is_unnamed(header: str) -> bool:
    """Tell whether a header only says that its column has none."""
    return bool(re.fullmatch(r"（第\d+列，无表头）", header))


def is_made(header: str) -> bool:
    """Tell whether a header was made here, for a column without one of its own: told only when it holds something."""
    return is_unnamed(header) or bool(re.fullmatch(rf".+{PATH}\d+", header))


def find_frame(
    first: Rows, known: frozenset[str], spans: Spans | None = None, holds: Sequence[bool] | None = None
) -> Frame:
    """Return the header of a sheet.

    Parameters
    ----------
    first
        First rows of the sheet that hold anything.
    known
        Headers that the schema knows, as ``headers.known_words`` gives them; empty when the
        sheet has no header of its own: the first row then stands for it.
    spans
        Merged cells among these rows; where there are none, empty cells are read as such.
    holds
        Columns that hold data below.
    """
    head = [list(row) for row in first[:LOOK_AHEAD]]
    if not head:
        return Frame()
    if not known:
        return Frame(0, 1, tuple(_trimmed(head[0])))
    width = max(map(len, head))
    rows = [row + [""] * (width - len(row)) for row in head]
    looked = _Look(rows, known, spans or {}, holds)
    start, count = looked.block(looked.first())
    headers = looked.paths(start, count)
    under, headers = below(rows[start + count :], headers, lambda cell: is_known(cell, known))
    said = max(len(row) for row in head[start : start + count])
    while (
        headers and not headers[-1].strip() and (len(headers) > said if holds is None else not holds[len(headers) - 1])
    ):
        headers.pop()
    lines = tuple(tuple(c.strip() for c in row) for row in rows[: start + count])
    named = tuple(h if h.strip() else UNNAMED.format(at + 1) for at, h in enumerate(headers))
    return Frame(start, count, named, under, lines)


def _trimmed(row: Sequence[str]) -> list[str]:
    cells = list(row)
    while cells and not cells[-1].strip():
        cells.pop()
    return cells


class _Look:
    """The first rows of a sheet, looked at for its header."""

    def __init__(
        self, rows: list[list[str]], known: frozenset[str], spans: Spans, holds: Sequence[bool] | None
    ) -> None:
        self.rows, self.known, self.spans, self.holds = rows, known, spans, holds
        self.width = len(rows[0])
        self.filled = [sum(1 for c in row if c.strip()) for row in rows]
        self.score = [len({plain(c) for c in row if c.strip() and is_known(c, known)}) for row in rows]

    # the row ------------------------------------------------------------------------------------

    def first(self) -> int:
        """Return the row that is the header, or the last one of it."""
        best = self.score.index(max(self.score))
        table = [i for i, row in enumerate(self.rows) if not self._outside(i) and not _numbers(row)]
        first = table[0] if table else 0
        if not table or self.width == 1:
            return best if self._alone(best) else 0
        if self.score[best] == 0:
            return first
        if best <= first:
            return best if not self._outside(best) or self.score[first] == 0 else first
        return best if self._better(best, first) else first

    def _outside(self, at: int) -> bool:
        row = self.rows[at]
        return title_like(row) or (self.score[at] < 2 and meta(row))

    def _alone(self, best: int) -> bool:
        """In a list of one column, a header below titles: a telling word, not any that data may be."""
        (word, *_) = [c for c in self.rows[best] if c.strip()] or [""]
        above = [c for row in self.rows[:best] for c in row if c.strip()]
        return self.score[best] > 0 and len(plain(word)) >= 3 and best < 5 and all(_TITLE.search(c) for c in above)

    def _better(self, best: int, first: int) -> bool:
        """Tell whether a row that knows more words is the header although a table seems to begin before it."""
        score, filled = self.score[best], self.filled[best]
        if _numbers(self.rows[best]):
            return False
        if all(
            self._outside(i) or (score >= 2 and (self.filled[i] < filled or (self.score[i] < score and self._over(i))))
            for i in range(best)
        ):
            return True
        if score >= 3 and score >= 0.6 * filled and score >= 3 * self.score[first]:
            return True
        other = all(re.fullmatch(r"[A-Za-z][\w ./()-]*", c.strip()) for c in self.rows[first] if c.strip())
        return best == first + 1 and other and score >= 2 and 2 * score >= filled

    # the rows above and below it ---------------------------------------------------------------

    def block(self, at: int) -> tuple[int, int]:
        """Return the first row of the header and how many there are."""
        start = at
        while start > 0 and at - start < DEEPEST - 1 and self._over(start - 1):
            start -= 1
        end = at + 1
        while end < len(self.rows) and end - start < DEEPEST and self._under(start, end):
            end += 1
        return start, end - start

    def _over(self, at: int) -> bool:
        """Tell whether a row parts the columns of the next one into groups."""
        row, lower = self.rows[at], self.rows[at + 1]
        if (meta(row) and self.score[at] < 2) or any(_DATED.search(c) for c in row):
            return False
        if title_like(row):
            (where, *_) = [i for i, c in enumerate(row) if c.strip()] or [0]
            right = self.spans.get((at, where), (at, where))[1]
            partly = where < right < self.width - 1 or (where > 0 and right > where)
            if (where == 0 and not self._down(at, at + 1)) or not (partly or is_known(row[where], self.known)):
                return False
        groups = self._owners(at)
        if any(owner < 0 and not lower[i].strip() for i, owner in enumerate(groups[: self._last(lower)])):
            return False
        below = self._owners(at + 1)
        inside = [
            sum(o == owner and below[i] >= 0 and groups[below[i]] == owner for i, o in enumerate(groups))
            for owner in set(groups)
        ]
        return self._down(at, at + 1) or max(inside, default=0) >= 2

    def _under(self, start: int, at: int) -> bool:
        """Tell whether a row is a further row of the header above it."""
        row = self.rows[at]
        if self._down(start, at):
            return True
        filled = [i for i, c in enumerate(row) if c.strip()]
        if not filled or any(number_like(row[i]) and len(row[i].strip()) > 2 for i in filled):
            return False
        owners, upper = self._owners(at - 1), self.rows[at - 1]
        size = {owner: owners.count(owner) for owner in set(owners) if owner >= 0}
        same = [i for i in filled if plain(row[i]) == plain(upper[i])]
        grouped = [i for i in filled if i not in same and size.get(owners[i], 1) >= 2]
        if len(same) + len(grouped) < len(filled) or not grouped:
            return False
        return max(sum(1 for i in grouped if owners[i] == owner) for owner in size) >= 2

    def _down(self, start: int, at: int) -> bool:
        """Tell whether a cell that is merged downwards joins this row to the header."""
        return any(start <= row < at <= bottom for (row, _), (bottom, _) in self.spans.items())

    def _holds(self, at: int) -> bool:
        return self.holds is None or (at < len(self.holds) and self.holds[at])

    def _last(self, row: Sequence[str]) -> int:
        return max((i for i, c in enumerate(row) if c.strip()), default=-1)

    # what each column is called ------------------------------------------------------------------

    def _owners(self, at: int) -> list[int]:
        """Return, for each column, the one whose cell of this row stands over it; −1 for none.

        Merged cells say it; where a row has none, or repeats a word, a cell stands over what
        follows it (as in a table written as CSV).
        """
        row = self.rows[at]
        merged = {c: right for (r, c), (_, right) in self.spans.items() if r == at}
        across = any(right > c for c, right in merged.items())
        owners, over, end = [], -1, -1
        for i, cell in enumerate(row):
            if cell.strip() and not (over >= 0 and plain(cell) == plain(row[over])):
                over, end = i, merged.get(i, i) if across else self.width
            owners.append(over if i <= end else i if cell.strip() else -1)
        return owners

    def paths(self, start: int, count: int) -> list[str]:
        """Return what each column is called by the rows of the header."""
        levels = range(start, start + count)
        owners = [self._owners(at) for at in levels]
        for level in range(1, count):  # a word of a lower row stays within that of the row above
            above = owners[level - 1]
            owners[level] = [o if o in (-1, i) or above[o] == above[i] else -1 for i, o in enumerate(owners[level])]
        words: list[list[str]] = []
        shared: dict[tuple[int, int, tuple[str, ...]], list[int]] = {}
        for i in range(self.width):
            told: list[str] = []
            cell = (-1, i)
            for level, at in enumerate(levels):
                owner = i if count == 1 and self.rows[at][i].strip() else owners[level][i]
                text = re.sub(r"\s+", " ", self.rows[at][owner]).strip() if count > 1 else self.rows[at][owner]
                here = owner == i or self._merged(at, owner, i) or any(self.rows[r][i].strip() for r in levels[level:])
                if owner >= 0 and here and (not told or plain(told[-1]) != plain(text)):
                    told.append(text)
                    cell = (at, owner)
            if len(told) > 1 and (unit := unit_of(plain(told[-1]))):
                told[-2:] = [told[-2] + unit]  # 营业收入 over 万元
            words.append(told)
            if told:
                shared.setdefault((*cell, tuple(told)), []).append(i)
        left_out = self._numbered(words, shared)
        right = max((i for i, told in enumerate(words) if told), default=-1)
        for i, owner in enumerate(owners[-1]):  # left empty between two others: as a merged cell in a CSV
            if not words[i] and 0 <= owner < i < right and words[owner] and i not in left_out:
                words[i] = [*words[owner], str(i - owner + 1)]
        return [PATH.join(told) for told in words]

    def _merged(self, at: int, owner: int, column: int) -> bool:
        return 0 <= owner <= column <= self.spans.get((at, owner), (at, owner))[1]

    def _numbered(self, words: list[list[str]], shared: dict[tuple[int, int, tuple[str, ...]], list[int]]) -> set[int]:
        """Number the columns that stand under one word; return those among them that hold nothing."""
        left_out: set[int] = set()
        for columns in shared.values():
            kept = [i for i in columns if self._holds(i)] or columns[:1]
            for n, i in enumerate(kept, 1):
                words[i] = [*words[i], str(n)] if len(kept) > 1 else words[i]
            for i in set(columns) - set(kept):
                words[i] = []
                left_out.add(i)
        return left_out


def _numbers(row: Sequence[str]) -> bool:
    """Tell whether a row's cells are mostly numbers."""
    filled = [c for c in row if c.strip()]
    return bool(filled) and 2 * sum(map(number_like, filled)) > len(filled)
