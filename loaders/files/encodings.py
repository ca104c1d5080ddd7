"""Encodings that strict GB18030 takes for its own: Big5, and files whose lines were put together.

Nearly every run of bytes is some text in GB18030. What is really Big5, or has lines of UTF-8
among those of GBK, would load as rare characters that nobody wrote: it is refused by name.
"""

from __future__ import annotations

import re

from ...graph.schema.errors import LoadError

_SAMPLE = 20_000  # characters that are looked at
_FEW, _MOST = 0.6, 0.9
_UTF8_HAN = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){2,}")


def refuse_mixed(data: bytes, name: str) -> None:
    """Refuse a file, not UTF-8 as a whole, in which single lines are.

    Raises
    ------
    LoadError
        The message names the first line in UTF-8.
    """
    row = _first_mixed(data)
    if row is not None:
        raise LoadError("file_mixed", file=name, row=row)


def refuse_big5(data: bytes, text: str, name: str) -> None:
    """Refuse a file whose characters are mostly rare ones as GB18030 and everyday ones as Big5.

    Raises
    ------
    LoadError
        The file looks like Big5.
    """
    if _everyday(text, "gb2312", 0xB0, 0xD7) >= _FEW:
        return
    try:
        other = data.decode("big5")
    except UnicodeDecodeError:
        return
    if _everyday(other, "big5", 0xA4, 0xC6) >= _MOST:
        raise LoadError("file_big5", file=name)


def _everyday(text: str, encoding: str, low: int, high: int) -> float:
    """Share of the Han characters that are in the standard's first, everyday level (by lead byte)."""
    han = [c for c in text[:_SAMPLE] if "\u4e00" <= c <= "\u9fff"]
    if not han:
        return 1.0
    coded = [c.encode(encoding, "ignore") for c in han]
    return sum(bool(c) and low <= c[0] <= high for c in coded) / len(han)


def _first_mixed(data: bytes) -> int | None:
    """Number of the first line in UTF-8 of a file whose other lines are GB18030; None when none is."""
    lines = data.split(b"\n")
    first = next((n for n, line in enumerate(lines, 1) if _UTF8_HAN.search(line) and _in_utf8(line)), None)
    if first is None or not all(_decodes(line, "utf-8") or _decodes(line, "gb18030") for line in lines):
        return None  # damaged bytes are no second encoding
    return first


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _in_utf8(line: bytes) -> bool:
    """Tell whether a line is UTF-8 with everyday Chinese: as GBK such bytes would be rare characters."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return _everyday(text, "gb2312", 0xB0, 0xD7) >= _MOST
