"""The guard against the planner of a real Neo4j: of what it lets through nothing writes or loads.

Nothing is run, only planned (EXPLAIN). That the attacks which the guard refuses are attacks is asked of
the planner as well: a list of mistakes would be refused by anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import pytest
from cypher_texts import attacks, let_through, texts
from faults.matrix import record
from neo4j.exceptions import ClientError
from real_server import Probe

from chainatlas.graph.stores.cypher import checked

HARM = re.compile("Create|Insert|Merge|Set|Delete|Remove|Foreach|LoadCSV|ProcedureCall|Transaction|Lock")
nightly = pytest.mark.slow


@pytest.mark.parametrize(("number", "seed"), [(200, 14), pytest.param(5000, 15, marks=nightly)])
def test_nothing_that_is_let_through_writes_or_loads(server: Probe, number: int, seed: int) -> None:
    plans = list(_planned(server, islice(_passed(seed), number)))
    good = [text for text, plan in plans if plan is None or not _harm(plan)]
    record("Cypher guard: random texts let through, planned", number, len(good))
    assert [text for text, _ in plans if text not in set(good)] == []
    assert len(plans) == number
    understood = sum(plan is not None for _, plan in plans)
    assert understood > 0.3 * number, "the planner takes many of them, or this would say nothing"


@pytest.mark.parametrize("number", [100, pytest.param(1000, marks=nightly)])
def test_what_is_refused_is_an_attack(server: Probe, number: int) -> None:
    tried = attacks(number)
    refused = [text for text in tried if not let_through(text)]
    record("Cypher guard: attacks", number, len(refused))
    assert refused == tried
    harmful = sum(plan is not None and _harm(plan) for _, plan in _planned(server, (t.rstrip(";") for t in tried)))
    assert harmful > 0.3 * number, "the planner would have done them"


def test_the_planner_takes_characters_as_the_guard_does(server: Probe) -> None:
    """What parts two words for Neo4j parts them for the guard: before and behind a name of each kind of character."""
    for char in "$¥‿\u0301२Ⅷé企\xa0\u3000\u2003—〈":
        text = f"WITH 1 AS y{char}z RETURN y{char}z"
        (_, plan) = next(_planned(server, [text]))
        assert let_through(text)
        assert (plan is not None) == (char not in "\xa0\u3000\u2003—〈"), f"U+{ord(char):04X} is part of a name"


def _passed(seed: int) -> Iterator[str]:
    return (checked(text) for text in texts(seed) if let_through(text))


def _planned(server: Probe, tried: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Yield texts with what the planner makes of them; nothing when it does not understand one."""
    with server.driver.session() as session:
        for text in tried:
            try:
                yield text, session.run("EXPLAIN " + text).consume()
            except ClientError:
                yield text, None


def _harm(told: Any) -> bool:
    """Tell whether a text changes something, or does what is no reading."""
    return told.query_type != "r" or any(HARM.search(name) for name in _operators(told.plan))


def _operators(plan: dict[str, Any]) -> Iterator[str]:
    yield str(plan["operatorType"])
    for child in plan.get("children", []):
        yield from _operators(child)
