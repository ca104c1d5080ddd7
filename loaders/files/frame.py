"""Frame: which rows of a sheet are its header, and which are no data at all.

People write a title above the table, a header in two rows, totals inside and notes below.
The header is the row that holds most words the schema knows; totals, notes and the
template's example row are passed over and told, never taken for facts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

LOOK_AHEAD = 12  # rows in which a header is looked for
EXAMPLE = "【示例】"  # begins the first cell of a template's example row
_TOTAL = re.compile(r"(合计|总计|小计|共计|累计)(数|[:：]|\(.{0,8}\))?\Z")
_NUMBER = re.compile(r"[-+]?\d[\d,]*(\.\d+)?%?\Z")
_NOTE = re.compile(r"(注|备注|说明|填表|填报|制表|审核|资料来源|数据来源|单位)\s*(\d|[:：、人]|说明)")


def plain(text: str) -> str:
    """Return a cell for comparison: NFKC, no white space."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def find_header(head: Sequence[Sequence[str]], known: frozenset[str]) -> tuple[int, int]:
    """Return the first header row and the number of header rows (1 or 2).

    Parameters
    ----------
    head
        First rows of a sheet.
    known
        Headers that the schema knows, as ``headers.known_words`` gives them.
    """
    if not known or not head:
        return 0, 1
    score = [0 if _numbers(row) else sum(is_known(c, known) for c in row) for row in head[:LOOK_AHEAD]]
    best = score.index(max(score))
    if score[best] == 0:
        return 0, 1
    below = head[best + 1] if best + 1 < len(head) else []
    if best and _numbers(below) and _repeats(head[best - 1]):
        return best - 1, 1  # names in several rows above numbers: an input–output table joins them itself
    if _second_row(head[best], below, known):
        return best, 2
    if best > 0 and _second_row(head[best - 1], head[best], known) and score[best - 1]:
        return best - 1, 2
    return best, 1


def _numbers(row: Sequence[str]) -> bool:
    """A row of numbers is no header, whatever its first cell is called (OUTPUT, 69, 72 …)."""
    filled = [plain(c) for c in row if c.strip()]
    return len(filled) > 1 and 2 * sum(bool(_NUMBER.match(c)) for c in filled) > len(filled)


def _repeats(row: Sequence[str]) -> bool:
    """A row of few names said again and again (AAA, AAA, BBB, BBB) is no title."""
    filled = [plain(c) for c in row if c.strip()]
    return len(filled) > 3 and 2 * len(set(filled)) <= len(filled) + 1


def is_known(cell: str, known: frozenset[str]) -> bool:
    """Tell whether a cell is a header that the schema knows, its unit left aside."""
    text = plain(cell).lower().strip("*")
    return text in known or re.sub(r"\((单位[::]?)?[^()]{1,4}\)$", "", text) in known


def _second_row(upper: Sequence[str], lower: Sequence[str], known: frozenset[str]) -> bool:
    """The lower row holds headers only, and where it is empty the upper one is not."""
    filled = [c for c in lower if c.strip()]
    if not filled or not all(is_known(c, known) for c in filled):
        return False
    width = max(len(upper), len(lower))
    cells = [(_at(upper, i), _at(lower, i)) for i in range(width)]
    if any(not a and not b for a, b in cells[: len(filled)]):
        return False
    return any(a and not b for a, b in cells)


def _at(row: Sequence[str], i: int) -> str:
    return row[i].strip() if i < len(row) else ""


def join_headers(upper: Sequence[str], lower: Sequence[str], known: frozenset[str]) -> list[str]:
    """Return one header a column of a two-row header: the lower word, with the upper one if needed."""
    made, over = [], ""
    for i in range(max(len(upper), len(lower))):
        over = _at(upper, i) or (over if _at(lower, i) else "")
        below = _at(lower, i)
        both = over + below
        made.append(both if below and not is_known(below, known) and is_known(both, known) else below or over)
    return made


def no_data(cells: Sequence[str]) -> str | None:
    """Return ``total``, ``note`` or ``example`` for a row that is no data, None for one that is.

    Examples
    --------
    >>> no_data(["合计", "", "42"]), no_data(["注：以上为预计数", "", ""]), no_data(["合计科技有限公司", "x"])
    ('total', 'note', None)
    """
    filled = [c.strip() for c in cells if c and c.strip()]
    if not filled:
        return None
    if filled[0].startswith(EXAMPLE):
        return "example"
    first = [plain(c) for c in filled[:2]]
    if any(_TOTAL.match(c) for c in first):
        return "total"
    if len(filled) == 1 and len(cells) > 1 and _NOTE.match(filled[0]):
        return "note"
    return None
