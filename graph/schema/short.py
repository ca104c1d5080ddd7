"""Short: what a sentence names, in one line, as much of it as a screen holds.

A name of ten thousand characters, a line break in the name of a file, a thousand names that are known: the
sentence that quotes them stays one that can be read. Only what is shown is cut; errors keep their values whole.
"""

from __future__ import annotations

import re

SCREEN = 1600  # cells of a terminal for a whole sentence: 20 lines of 80
_VALUE, _PIECE = 700, 300  # cells for one value, and for one name in a list of several
_MARK = "、"
_LONE = re.compile("[\ud800-\udfff]")
_BREAKS = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def as_text(text: str) -> str:
    """Return text without half characters: bytes of a file's name that are no UTF-8 are read as GB18030.

    Examples
    --------
    >>> as_text("企业.csv".encode("gbk").decode("utf-8", "surrogateescape"))
    '企业.csv'
    """
    if not _LONE.search(text):
        return text
    try:
        return text.encode("utf-8", "surrogateescape").decode("gb18030")
    except UnicodeError:
        return text.encode("utf-8", "backslashreplace").decode("utf-8")


def width(text: str) -> int:
    """Return the cells of a terminal that a text takes; Chinese characters take two."""
    return len(text) + sum(char >= "\u1100" for char in text)


def clipped(text: str, cells: int = SCREEN) -> str:
    """Return the beginning of a text that takes no more cells, with … where it was cut."""
    if 2 * len(text) <= cells or width(text) <= cells:
        return text
    taken = 0
    for at, char in enumerate(text):
        taken += 2 if char >= "\u1100" else 1
        if taken > cells - 1:
            return text[:at] + "…"
    return text


def shortened(text: str) -> str:
    """Return a value as a sentence shows it: one line; of a long list its beginning and how many more.

    Examples
    --------
    >>> shortened("甲\\n乙")
    '甲⏎乙'
    >>> shortened("、".join(f"名称{n:03}" for n in range(1000)))[-20:]
    '4、名称075、名称076 … +923'
    """
    text = _BREAKS.sub("⏎", as_text(text))
    if 2 * len(text) <= _PIECE:
        return text
    pieces = text.split(_MARK)
    kept: list[str] = []
    taken = 0
    for piece in pieces:
        piece = clipped(piece, _PIECE)
        taken += width(piece) + 2
        if kept and taken > _VALUE:
            return f"{_MARK.join(kept)} … +{len(pieces) - len(kept)}"
        kept.append(piece)
    return _MARK.join(kept)
