"""Flow words: what the names in an input–output table stand for, and whose they are.

National tables write words (居民消费支出, Gross output); OECD, WIOD, EXIOBASE and FIGARO write codes
(HFCE, CONS_h, P3_S14), with an economy before or behind (AAA_HFCE, HFCE_AAA). Both stand in
``vocabulary.toml``; nothing here knows a word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from ...graph.schema.words import read_toml

SUM, EITHER = "sum", "either"
_JOINT = r"[_·|:./]"  # what stands between an economy and a name
_ECONOMY = r"[A-Z][A-Za-z0-9]{1,4}|[\u4e00-\u9fff]{2,8}"
_BEFORE = re.compile(rf"({_ECONOMY})\s*{_JOINT}\s*(.+)")
_BEHIND = re.compile(rf"(.+?)\s*{_JOINT}\s*({_ECONOMY})")
_SHORT = re.compile(r"\w|[A-Za-z]\d+")
_AFFIX = (re.compile(rf"(?:\w{{1,6}}?)(?:{_JOINT}|\s)\s*(.+)"), re.compile(rf"(.+)(?:{_JOINT}|\s)\s*\w{{1,6}}"))


@dataclass(frozen=True)
class _Book:
    """The words of ``vocabulary.toml``: patterns by use, uses of codes, sums, and what is never a sector."""

    patterns: dict[str, re.Pattern[str]]
    codes: dict[str, str]
    skip: re.Pattern[str]
    never: re.Pattern[str]
    parts: tuple[re.Pattern[str], ...]


@cache
def _book() -> _Book:
    flow = read_toml("vocabulary.toml")["flow"]
    codes = {code.lower(): use for use, listed in flow["codes"].items() for code in listed}
    return _Book({use: _pattern(flow[use]) for use in flow["order"]}, codes, _pattern(flow["skip"]),
                 _pattern(flow["never"]), tuple(_pattern(text) for text in flow["parts"].values()))  # fmt: skip


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


@lru_cache(1 << 14)
def meaning(text: str) -> str | None:
    """Return the use that one name stands for, ``sum`` for a sum, None for a name without a meaning.

    A code counts before a word, a whole name before one whose economy is taken off. ``either`` is a
    letter that only the numbers can tell.

    Examples
    --------
    >>> [meaning(t) for t in ("CONS_h", "AAA_HFCE", "HFCE_AAA", "AAA_TAXSUB", "TOTAL", "农业")]
    ['final', 'final', 'final', 'value_added', 'sum', None]
    """
    book, names = _book(), _names(text)
    for name in names:
        if name.lower() in book.codes:
            return book.codes[name.lower()]
    for name in names:
        use = next((use for use, pattern in book.patterns.items() if pattern.search(name)), None)
        if book.skip.search(name) and use != "output":
            return SUM
        if use is not None:
            return use
    return None


def classify(words: Sequence[str]) -> list[str | None]:
    """Return the use that each word stands for, None for sums and words without a meaning.

    A sum of final use is read where the table holds none of its parts.

    Examples
    --------
    >>> classify(["农村居民消费", "资本形成合计", "存货变动", "出口", "进口", "总产出"])
    ['final', None, 'inventories', 'exports', 'imports', 'output']
    >>> classify(["消费合计", "资本形成合计", "最终使用合计"])
    ['final', 'final', None]
    """
    uses = [meaning(text) for text in words]
    read: list[str | None] = [None if use == SUM else use for use in uses]
    for part in _book().parts:
        inside = [any(part.search(name) for name in _names(text)) for text in words]
        if not any(use in ("final", "inventories") for use, mine in zip(read, inside, strict=True) if mine):
            _read_sums(words, [use == SUM and mine for use, mine in zip(uses, inside, strict=True)], read)
    if not {"final", "exports", "inventories"} & set(read):
        final = re.compile(r"^(最[终終](使用|需求|需要)|최종수요|(total )?final)|^(FD|TFU|TFD|T_FD)$", re.IGNORECASE)
        _read_sums(words, [any(final.search(name) for name in _names(text)) for text in words], read)
    return read


def _read_sums(words: Sequence[str], sums: list[bool], read: list[str | None]) -> None:
    """Take the widest of these sums (the last) for final use, once for every economy that has it."""
    last = next((text for text, mine in zip(reversed(words), reversed(sums), strict=True) if mine), None)
    for at, (text, mine) in enumerate(zip(words, sums, strict=True)):
        if last is not None and mine and (text == last or set(_names(text)[1:]) & set(_names(last)[1:])):
            read[at] = "final"


def is_no_sector(text: str) -> bool:
    """Tell whether a name that stands in a row and in a column is a sum or an account all the same.

    Codes of a letter and a number (P3, D1) may be sectors' own; longer ones are not.
    """
    book = _book()
    return any(book.never.search(name) or (name.lower() in book.codes and not _SHORT.fullmatch(name))
               for name in _names(text))  # fmt: skip


def economies(names: Sequence[str]) -> dict[str, str] | None:
    """Return the economy of each sector's name, by name; None where the names carry none.

    The economy is the part (before or behind) that changes least along the table, of at least two
    economies that share sectors.

    Examples
    --------
    >>> economies(["AAA_S1", "AAA_S2", "BBB_S1", "BBB_S2"])
    {'AAA_S1': 'AAA', 'AAA_S2': 'AAA', 'BBB_S1': 'BBB', 'BBB_S2': 'BBB'}
    """
    for pattern, own, other in ((_BEFORE, 1, 2), (_BEHIND, 2, 1)):
        parts = [pattern.fullmatch(name.strip()) for name in names]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts) or not known:
            continue
        homes, sectors = [part[own] for part in known], {part[other] for part in known}
        runs = 1 + sum(a != b for a, b in pairwise(homes))
        if 2 <= len(set(homes)) == runs and len(sectors) < len(known):
            return dict(zip(names, homes, strict=True))
    return None


def economy_of(name: str, known: frozenset[str]) -> str:
    """Return which of these economies a name carries, '' for none."""
    for pattern, own in ((_BEFORE, 1), (_BEHIND, 2)):
        part = pattern.fullmatch(name.strip())
        if part is not None and part[own] in known:
            return part[own]
    return ""


def _names(text: str) -> list[str]:
    """Return a name, and what is left of it when its first or its last part is taken off."""
    plain = re.sub(r"\s+", " ", text).strip()
    return [plain, *(part[1] for pattern in _AFFIX if (part := pattern.fullmatch(plain)) is not None)]
