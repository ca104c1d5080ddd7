"""Checking: what a file says a claim holds, looked at value by value before it becomes columns.

A file of ours may have been edited, cut or made up. Each value is held against its property; what does not
fit is refused with the file, the place and the value, since a graph with it would fail later and elsewhere.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ..columns.text import LIST_SEPARATOR
from ..schema.errors import LoadError
from ..schema.types import PROVENANCE, Property
from ..schema.words import Said, Sentence, read_toml, sentence

_LEAST, _MOST = -(2**63), 2**63 - 1
_SHOWN = 60


def broken(file: str, where: Said, code: str, **values: object) -> LoadError:
    """Return the error of one place of a file: ``code`` says what is wrong there."""
    return LoadError("exchange_broken", file=file, where=where, reason=sentence(code, **values))


def wrong_value(name: str, value: object, props: Mapping[str, Property]) -> Sentence | None:
    """Return what is wrong with the value of a property or of provenance, if anything."""
    prop = props.get(name)
    kind = "confidence" if name == "confidence" else prop.type if prop is not None else "text"
    shown = str(value)[:_SHOWN]
    if value is None:
        return None
    if prop is None and name not in PROVENANCE:
        return sentence("exchange_unknown_property", name=name[:_SHOWN])
    good = _GOOD.get(kind, _text)(value)
    if good and kind == "stage":
        good = value in read_toml("words.toml")["stage"]
    if good and prop is not None and prop.values and not prop.open and kind in ("text", "list"):
        good = all(one in prop.values for one in str(value).split(LIST_SEPARATOR))
    return None if good else sentence("exchange_wrong_value", name=name, value=shown)


def _text(value: object) -> bool:
    """Tell whether a value is text that can be written: half of a character of two parts cannot."""
    return isinstance(value, str) and not any("\ud800" <= char <= "\udfff" for char in value)


def _number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return _LEAST <= value <= _MOST if isinstance(value, int) else math.isfinite(value)


def _integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and _LEAST <= value <= _MOST


_GOOD: dict[str, Any] = {
    "number": _number,
    "share": _number,
    "money": _number,
    "integer": _integer,
    "bool": lambda value: isinstance(value, bool),
    "confidence": lambda value: _number(value) and 0 <= value <= 1,
}


def claims_of(text: object, file: str, where: Said) -> Iterator[tuple[dict[str, Any], bool]]:
    """Yield what each claim says, and whether it only mentions, of the JSON text that stands at a node or edge."""
    for one in _listed(text, file, where):
        if not isinstance(one, list) or len(one) != 2 or not isinstance(one[0], dict):
            raise broken(file, where, "exchange_shape")
        yield one[0], bool(one[1])


def statements_of(text: object, file: str, where: Said) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield type and values of each statement of the JSON text that stands at the graph."""
    for one in _listed(text, file, where):
        if not isinstance(one, list) or len(one) != 2 or not isinstance(one[0], str) or not isinstance(one[1], dict):
            raise broken(file, where, "exchange_shape")
        yield one[0], one[1]


def _listed(text: object, file: str, where: Said) -> list[Any]:
    try:
        found = json.loads(str(text))
    except (ValueError, RecursionError) as bad:
        raise broken(file, where, "exchange_no_json", reason=str(bad)[:200]) from bad
    if not isinstance(found, list):
        raise broken(file, where, "exchange_shape")
    return found


def wrong_pair(ends: tuple[tuple[str, str], ...], pairs: Collection[tuple[str, str]]) -> bool:
    """Tell whether a relation may not stand between its ends."""
    return len(ends) != 2 or (ends[0][0], ends[1][0]) not in pairs
