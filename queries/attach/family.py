"""Family: products of one head that differ in what stands before it (铅酸蓄电池, 汽车蓄电池).

A head of three characters or more names a kind of thing; letters before it, whatever they share, do not.
Names of chemical compounds have no heads in this sense, nor do words that tell a form only (结构件).
"""

from __future__ import annotations

import re

import numpy as np

from ...graph.columns.arrays import Ints
from .lexicon import lexicon

_SHORTEST = 3  # characters of a head
_WIDEST = 60  # names of one ending beyond which it tells nothing
_CHINESE = re.compile(r"[\u4e00-\u9fff]+$")


def families(wanted: dict[int, str], others: dict[int, str]) -> tuple[Ints, Ints]:
    """Return pairs (wanted, other) of numbers whose names share a head and are not the head itself.

    Examples
    --------
    >>> families({0: "阀控式铅酸蓄电池"}, {1: "汽车蓄电池", 2: "蓄电池", 3: "动力电池"})[1].tolist()
    [1]
    """
    words = lexicon()
    by_end: dict[str, list[tuple[int, str]]] = {}
    for number, name in others.items():
        text = words.normal(name)
        by_end.setdefault(text[-_SHORTEST:], []).append((number, text))
    pairs: list[tuple[int, int]] = []
    for number, name in wanted.items():
        text = words.normal(name)
        same = by_end.get(text[-_SHORTEST:], [])
        if len(same) <= _WIDEST:
            pairs += [(number, other) for other, called in same if other != number and _kin(text, called)]
    made = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    return made[:, 0], made[:, 1]


def _kin(a: str, b: str) -> bool:
    words, size = lexicon(), 0
    while size < min(len(a), len(b)) and a[-1 - size] == b[-1 - size]:
        size += 1
    end = _CHINESE.search(a[len(a) - size :])
    head = end.group() if end else ""
    before = a[: len(a) - size], b[: len(b) - size]
    if len(head) < _SHORTEST or not all(before):
        return False  # what is the head itself is wider or narrower: that is for ``relate`` to tell
    if any(head.endswith(wide) for wide in (*words.wide, *words.listed("names", "forms"))):
        return False
    return not words.compound.search(head) and not any(words.morphemes.search(part) for part in before)
