r"""Payload as JSON that is short, and safe inside an HTML script element.

Verdicts and gaps are many and alike: each distinct one is written once, and places list positions.
Long lists of like objects become columns and rows, because key names are most of their text, and
a column's repeated texts are written once.
``page/data/payload.js`` reads all of it back. Equal payloads give equal text.
"""

from __future__ import annotations

import json
import string
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

# Shorter lists of objects are left as they are.
PACK_FROM = 8

# JSON inside HTML: these characters could end the element, or the line in older parsers.
_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}
STAGES = ("upstream", "midstream", "downstream")
_PLAIN = {str, int, float, bool, type(None)}
_WHERE = ("place", "chain", "link")
_WEIGHT = ("criticality", "feasibility", "parts")


def as_json(payload: Mapping[str, Any]) -> str:
    r"""Return a payload as JSON that is safe inside an HTML script element.

    Parameters
    ----------
    payload : mapping
        Values that JSON knows; NaN and infinities are refused.

    Returns
    -------
    str
        Compact JSON with ``< > &`` and U+2028, U+2029 written as escapes.

    Examples
    --------
    >>> as_json({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    made = dict(payload)
    if "verdicts" in made:
        made["verdicts"] = _verdicts(made["verdicts"])
    if "gaps" in made:
        made["gaps"] = _gaps(made["gaps"])
    if made.get("partners"):
        made["partners"] = {**made["partners"], "needs": [_need(need) for need in made["partners"]["needs"]]}
    if "links" in made:
        made["links"] = [{**link, "stages": _stages(link["stages"])} for link in made["links"]]
    # A lone surrogate cannot be written as UTF-8: it is shown as the replacement character.
    return _text(_columns(made)).translate(_ESCAPES).encode("utf-8", "replace").decode("utf-8")


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class _Pool:
    """Distinct values in the order of their first use."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._at: dict[Hashable, int] = {}

    def at(self, key: Hashable, item: Callable[[], Any]) -> int:
        """Return the position of the value of this key, which joins the pool if it is new."""
        found = self._at.setdefault(key, len(self.items))
        if found == len(self.items):
            self.items.append(item())
        return found


def _verdicts(places: Sequence[Mapping[str, Sequence[Any]]]) -> dict[str, Any]:
    """Return distinct verdicts, and for each place the position of each link's."""
    pool = _Pool()

    def position(names: tuple[str, ...], cell: tuple[Any, ...]) -> int:
        return pool.at((names, cell), lambda: dict(zip(names, cell, strict=True)))

    at = [[position(tuple(of), cell) for cell in zip(*of.values(), strict=True)] for of in places]
    return {"pool": pool.items, "at": at}


def _stages(stages: Mapping[str, Mapping[str, Any]]) -> list[list[int | None]]:
    """Return where a link stands in its chains as [chain, number of the stage, order]."""
    return [
        [int(chain), None if at["stage"] is None else STAGES.index(at["stage"]), at["order"]]
        for chain, at in stages.items()
    ]


def _gaps(gaps: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return distinct gaps, and by place and chain the links that have one, as steps from the one before."""
    pool, nearest, weights = _Pool(), _Pool(), _Pool()
    runs = []

    def kind(gap: Mapping[str, Any]) -> int:
        item = {k: v for k, v in gap.items() if k not in (*_WHERE, *_WEIGHT)}
        item["nearest"] = nearest.at(tuple(gap["nearest"]), lambda: gap["nearest"])
        weight = {k: gap[k] for k in _WEIGHT}
        parts = tuple(gap["parts"].items())
        item["weight"] = weights.at((gap["criticality"], gap["feasibility"], parts), lambda: weight)
        return pool.at(tuple(item.items()), lambda: item)

    ordered = sorted(gaps, key=lambda gap: [gap[k] for k in _WHERE])
    for (place, chain), group in groupby(ordered, key=lambda gap: (gap["place"], gap["chain"])):
        members = list(group)
        links = [gap["link"] for gap in members]
        steps = [b - a for a, b in zip([0, *links], links, strict=False)]
        runs.append([place, chain, steps, [kind(gap) for gap in members]])
    return {"pool": pool.items, "nearest": nearest.items, "weights": weights.items, "runs": runs}


_DIGITS = string.digits + string.ascii_lowercase
_TWO = [a + b for a in _DIGITS for b in _DIGITS]


def _need(need: Mapping[str, Any]) -> list[Any]:
    """Return the candidates of a link as columns; numbers below 1,296 take two characters, unknown ones ``--``."""
    held = [n for row, items in enumerate(need["held"]) for item in items for n in (row, item)]
    values = [value for column in need["values"] for value in column]
    ways = "".join(_DIGITS[way] for way in need["way"])
    return [need["inputs"], need["entity"], ways, need["other"], _two(held), _two(values)]


def _two(numbers: Iterable[int | None]) -> str:
    return "".join(["--" if n is None else _TWO[n] for n in numbers])


def _columns(value: Any) -> Any:
    """Return a value with long lists of like objects as columns and rows."""
    if isinstance(value, Mapping):
        return {key: _columns(item) for key, item in value.items()}
    if not isinstance(value, (list, tuple)):
        return value
    if set(map(type, value)) <= _PLAIN:
        return value
    items = [_columns(item) for item in value]
    if len(items) < PACK_FROM or not all(isinstance(item, dict) for item in items):
        return items
    keys = list(items[0])
    if not keys or any(list(item) != keys for item in items):
        return items
    rows = [list(item.values()) for item in items]
    pools = {}
    for n, key in enumerate(keys):
        texts = [row[n] for row in rows]
        known = sorted({text for text in texts if isinstance(text, str)})
        # Texts that repeat are written once.
        if known and sum(map(len, known)) * 2 < sum(len(text) - 3 for text in texts if isinstance(text, str)):
            at = {text: i for i, text in enumerate(known)}
            pools[key] = known
            for row in rows:
                row[n] = at.get(row[n]) if isinstance(row[n], str) else None if row[n] is None else [row[n]]
    return {"~columns": keys, "~rows": rows, **({"~pools": pools} if pools else {})}
