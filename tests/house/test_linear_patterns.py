"""Patterns of the readers take time in proportion to the text, whatever the text is: no page of brackets stops a load.

A pattern is tried on texts made from its own parts (``attacking.py``). Those that are not linear stand below,
each with what bounds the text that it is given.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import attacking
import pytest

PART = "a part between two stops, of at most 300 characters (policy.toml, lists.part)"
MATCHED = "only matched whole (fullmatch), which is linear: it is the search that is not"
BOUNDED = {
    ("chainatlas.loaders.documents.wording", "(?:等地区?|等市|等省市?|"): PART,
    ("chainatlas.loaders.documents.wording", "(、|以及|和|及(?="): PART,
    ("chainatlas.loaders.rows.flow_words", "(.+)(?:[_·|:./]|"): MATCHED,
    ("chainatlas.loaders.rows.flow_words", "(.+?)\\s*[_·|:./]"): MATCHED,
}


@pytest.mark.slow
def test_patterns_of_the_readers_are_linear() -> None:
    program = Path(attacking.__file__)
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, encoding="utf-8",
                          check=True, timeout=900)  # fmt: skip
    told = json.loads(done.stdout)
    assert told["patterns"] > 150
    excused = dict.fromkeys(BOUNDED, 0)
    bad = []
    for module, line, pattern, unit, seconds in told["bad"]:
        known = next((key for key in excused if key[0] == module and pattern.startswith(key[1])), None)
        if known is None:
            bad.append(f"{module}:{line} {pattern[:80]!r} on {unit!r}: {seconds} s")
        else:
            excused[known] += 1
    assert bad == []
    assert [key for key, n in excused.items() if not n] == [], "linear now: no longer to be excused"


@pytest.mark.parametrize("pattern", [r"<!--.*?-->", r"\[([^\]]*)\]\(", r"《[^》]*》", r"[*]+$", r"\s*,\s*;"])
def test_what_is_not_linear_is_found(pattern: str) -> None:
    """The check itself: patterns of the kinds that were found here."""
    found = attacking.judged({("somewhere", pattern, re.DOTALL, False): 1})
    assert [where for where, *_ in found] == ["somewhere"]


@pytest.mark.parametrize("pattern", [r"《[^《》]*+》", r"(?<![*])[*]+$", r"[甲乙]{1,9}丙", r"\d{4}年"])
def test_what_is_linear_is_left(pattern: str) -> None:
    assert attacking.judged({("somewhere", pattern, 0, False): 1}) == []
