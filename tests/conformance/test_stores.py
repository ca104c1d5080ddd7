"""One suite for every store: what goes in comes back, nothing is written twice, failures leave a whole graph."""

from __future__ import annotations

import importlib
import os
import pkgutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from building import SCHEMA
from guard import pythonpath
from places import STORES, Place, counted
from samples import HOSTILE, OTHER_CHAIN, everything, graph_in, napkin

import chainatlas.graph.stores
from chainatlas.graph.columns.subgraph import chain_subgraph
from chainatlas.graph.columns.tables import OUTSIDE, Graph
from chainatlas.graph.schema.errors import QueryError, StoreError
from chainatlas.graph.schema.types import PROVENANCE
from chainatlas.graph.schema.words import word
from chainatlas.graph.stores.neo4j.wire import shown
from chainatlas.graph.stores.store import Capability, State, Store, holds

HERE = Path(__file__).parent
needs = pytest.mark.needs
METHODS: dict[Capability, Callable[[Store], object]] = {
    Capability.WRITES: lambda store: store.put(napkin()),
    Capability.READS_BACK: lambda store: store.get(),
    Capability.READS_PART: lambda store: store.part(OTHER_CHAIN),
    Capability.CYPHER: lambda store: store.ask("MATCH (n) RETURN n"),
}
CHANGED = napkin(revenue=2.5, more=("丁厂",))


class Interrupted(Exception):
    """Stands for whatever ends a write in the middle."""


def content(store: Store) -> str:
    """What a store really holds: the hash of what comes back, else that of the napkin whose makers it counts."""
    if Capability.READS_BACK in store.capabilities:
        return graph_in(store.get()).hash
    answer = store.ask("MATCH (e:Enterprise) RETURN count(e) AS n")
    return {3: napkin().hash, 4: CHANGED.hash}[answer.rows[0][0]]


# What is declared -----------------------------------------------------------------------------------


def test_every_store_of_the_package_is_in_the_suite() -> None:
    """A module of ``graph/stores`` that defines a class with capabilities is a store."""
    classes = set()
    package = chainatlas.graph.stores
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        for thing in vars(importlib.import_module(module.name)).values():
            if isinstance(thing, type) and isinstance(vars(thing).get("capabilities"), frozenset):
                classes.add(thing)
    assert classes == set(STORES.values())


def test_a_capability_that_no_store_has_would_be_tested_nowhere() -> None:
    assert {capability for store in STORES.values() for capability in store.capabilities} == set(Capability)


def test_what_is_not_declared_is_refused_in_one_sentence(place: Place) -> None:
    if place.declares(Capability.WRITES):
        place.store.put(napkin())
    for capability, call in METHODS.items():
        if place.declares(capability):
            call(place.store)
            continue
        with pytest.raises(StoreError) as bad:
            call(place.store)
        assert bad.value.code == "store_cannot"
        for lang in ("zh", "en"):
            told = bad.value.text(lang)
            assert place.store.name in told
            assert word("capability", capability.value, lang) in told
            assert all(word("capability", able.value, lang) in told for able in place.store.capabilities)


# What goes in -----------------------------------------------------------------------------------------


def test_an_empty_place_holds_nothing(place: Place) -> None:
    assert place.store.state() is None
    assert not holds(place.store, napkin())
    asked = Capability.READS_BACK if place.declares(Capability.READS_BACK) else Capability.CYPHER
    with pytest.raises(StoreError) as bad:
        METHODS[asked](place.store)
    assert bad.value.code in ("store_empty", "neo4j_empty")


@needs(Capability.WRITES)
def test_a_graph_that_was_put_is_held_and_counted(place: Place) -> None:
    graph = napkin()
    written = place.store.put(graph)
    assert written.hash == graph.hash
    assert written.changed >= graph.n_nodes + graph.n_relations
    state = place.store.state()
    assert state is not None
    assert state == State(graph.hash, graph.n_nodes, graph.n_relations, complete=True)
    assert holds(place.store, graph)
    assert not holds(place.store, CHANGED)


@needs(Capability.WRITES)
def test_the_same_graph_is_not_written_twice(place: Place) -> None:
    place.store.put(napkin())
    with counted(place.name) as steps:
        assert place.store.put(napkin()).changed == 0
    assert steps == []
    with counted(place.name) as steps:
        assert place.store.put(CHANGED).changed > 0
    assert len(steps) > 2, "the steps that are counted are those of a write"


@needs(Capability.WRITES)
def test_a_changed_graph_takes_the_place_of_the_one_before(place: Place) -> None:
    for graph in (napkin(), CHANGED, napkin()):
        place.store.put(graph)
        assert holds(place.store, graph)
        assert content(place.store) == graph.hash


@needs(Capability.DIFFERENCE)
def test_only_what_differs_is_written(place: Place) -> None:
    place.store.put(napkin())
    assert place.store.put(napkin(revenue=2.5)).changed == 1, "one row of 甲厂"
    assert place.store.put(CHANGED).changed == 2, "丁厂 and what it makes"
    assert place.store.put(napkin()).changed == 3


# What comes back --------------------------------------------------------------------------------------


@needs(Capability.WRITES, Capability.READS_BACK)
def test_the_graph_comes_back_with_the_same_hash(place: Place) -> None:
    graph = napkin()
    place.store.put(graph)
    read = place.store.get()
    assert read.hash == graph.hash
    assert graph_in(read).hash == graph.hash


@needs(Capability.WRITES, Capability.READS_BACK, Capability.PROVENANCE)
def test_all_types_with_all_properties_and_claims_come_back(place: Place) -> None:
    graph = everything()
    assert_all_of_the_schema(graph)
    place.store.put(graph)
    back = graph_in(place.store.get())
    assert back.hash == graph.hash
    assert_same_claims(graph, back)
    with counted(place.name) as steps:
        assert place.store.put(everything()).changed == 0
    assert steps == []


def assert_all_of_the_schema(graph: Graph) -> None:
    """Every type has rows, every property a value somewhere, every hostile text stands in a name or a list."""
    for group in ("nodes", "relations", "statements"):
        types: dict[str, Any] = getattr(SCHEMA, group)
        tables: dict[str, pa.Table] = getattr(graph, group)
        assert {name for name, table in tables.items() if len(table)} == set(types)
        for name, type_ in types.items():
            assert {p for p in type_.props if tables[name][p].null_count == len(tables[name])} == set()
    names = "\x00".join(graph.nodes["Enterprise"]["short_name"].to_pylist())
    assert all(text in names for text in HOSTILE)


def assert_same_claims(graph: Graph, back: Graph) -> None:
    """Who says what, from which source, where, as of when and how surely."""
    for part in ("node_claims", "relation_claims"):
        before, after = getattr(graph, part), getattr(back, part)
        assert set(before) == set(after)
        for name, table in before.items():
            columns = [c for c in table.column_names if c not in OUTSIDE]
            assert set(PROVENANCE) <= set(columns)
            assert after[name].select(columns).to_pylist() == table.select(columns).to_pylist(), name
    claims = back.node_claims["Enterprise"]
    assert len(claims) == 3 * len(back.nodes["Enterprise"]), "two sources and a mention each"


@needs(Capability.WRITES, Capability.READS_PART)
def test_one_chain_comes_back_without_the_others(place: Place) -> None:
    graph = napkin()
    place.store.put(graph)
    part = place.store.part(OTHER_CHAIN)
    assert part.hash == graph.hash, "of the whole"
    wanted = chain_subgraph(graph, OTHER_CHAIN)
    assert graph_in(part).hash == wanted.hash
    assert wanted.nodes["Enterprise"]["name"].to_pylist() == ["丙厂"]
    with pytest.raises(QueryError):
        place.store.part("没有的链")


@needs(Capability.NOTICES, Capability.READS_BACK)
def test_a_change_behind_its_back_is_noticed(place: Place) -> None:
    place.store.put(napkin())
    place.spoil()
    with pytest.raises(StoreError) as bad:
        place.again().get()
    assert bad.value.code in ("files_damaged", "neo4j_mismatch")


@needs(Capability.DURABLE)
def test_another_handle_holds_it_too(place: Place) -> None:
    place.store.put(napkin())
    other = place.again()
    assert other is not place.store
    assert holds(other, napkin())
    assert content(other) == napkin().hash
    other.put(CHANGED)
    assert content(place.store) == CHANGED.hash


# What Cypher shows ------------------------------------------------------------------------------------


@needs(Capability.WRITES, Capability.CYPHER)
def test_cypher_shows_every_property_as_it_is(place: Place) -> None:
    graph = everything()
    place.store.put(graph)
    for group, name, columns in shown(graph, SCHEMA):
        names = [c for c in columns if c != "key"]
        wanted = [list(row) for row in zip(*(columns[c].to_pylist() for c in names), strict=True)]
        values = ", ".join(f"x.`{c}`" for c in names)
        if group == "relation":
            keys = [f"{kind}:{key}" for kind, table in graph.nodes.items() for key in table["key"].to_pylist()]
            table = graph.relations[name]
            ends = zip(table["src"].to_pylist(), table["dst"].to_pylist(), strict=True)
            wanted = [[keys[a].partition(":")[2], keys[b].partition(":")[2], *row]
                      for (a, b), row in zip(ends, wanted, strict=True)]  # fmt: skip
            text = f"MATCH (a)-[x:`{name}`]->(b) RETURN a.key, b.key{', ' if values else ''}{values}"
        else:
            wanted = [[key, *row] for key, row in zip(columns["key"].to_pylist(), wanted, strict=True)]
            text = f"MATCH (x:`{name}`) RETURN x.key, {values}"
        answer = place.store.ask(text, rows=10_000)
        assert in_order(answer.rows) == in_order(wanted), name


def in_order(rows: list[Any]) -> list[str]:
    """Rows as texts in an order of their own; a number that is none is nothing."""
    return sorted(repr([_plain(value) for value in row]) for row in rows)


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return None if value != value else value


# What failures leave --------------------------------------------------------------------------------


@needs(Capability.WRITES, Capability.ATOMIC)
def test_a_write_that_fails_leaves_the_graph_before(place: Place) -> None:
    """Failing before every step there is, one after the other."""
    old = napkin()
    with counted(place.name) as steps:
        place.store.put(CHANGED)
    place.store.put(old)
    left_old = 0
    for last in range(len(steps)):
        with pytest.raises(Interrupted), counted(place.name, failing_at(last)):
            place.store.put(CHANGED)
        state = place.store.state()
        assert state is not None
        assert state.hash == content(place.store), "the old graph or the new one, whole"
        assert state.hash in (old.hash, CHANGED.hash)
        left_old += state.hash == old.hash
        place.store.put(old)
    assert left_old == len(steps) > 2, "what names the new graph is the last step"
    place.store.put(CHANGED)
    assert content(place.store) == CHANGED.hash


@needs(Capability.WRITES, Capability.RESUMES)
def test_a_write_that_fails_is_known_and_finished_by_the_next(place: Place) -> None:
    """Failing before every step there is; what was done is not done again."""
    old = napkin()
    place.store.put(old)
    with counted(place.name) as steps:
        whole = place.store.put(CHANGED)
    begun = 0
    for last in range(len(steps)):
        place.store.put(old)
        with pytest.raises(Interrupted), counted(place.name, failing_at(last)):
            place.store.put(CHANGED)
        assert_known_or_old(place, old)
        begun += not holds(place.store, old)
        assert place.store.put(CHANGED).changed <= whole.changed
        assert content(place.store) == CHANGED.hash
    assert 2 < begun <= len(steps)


def assert_known_or_old(place: Place, old: Graph) -> None:
    """The store holds the old graph, or it knows that a write did not finish and gives nothing back."""
    state = place.store.state()
    assert state is not None
    assert state.hash == old.hash
    if state.complete:
        assert content(place.store) == old.hash
        return
    with pytest.raises(StoreError) as bad:
        place.store.get()
    assert bad.value.code == "neo4j_mismatch"


def failing_at(last: int) -> Callable[[int], None]:
    """Return what fails before a step."""

    def fail(step: int) -> None:
        if step == last:
            raise Interrupted

    return fail


@needs(Capability.WRITES, Capability.DURABLE)
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_writer_that_is_killed_leaves_a_place_that_works(place: Place, share: float) -> None:
    old = napkin()
    place.store.put(old)
    with counted(place.name) as steps:
        place.store.put(CHANGED)
    place.store.put(old)
    last = round(share * (len(steps) - 1))
    program = [sys.executable, str(HERE / "dying.py"), place.name, place.address, str(last)]
    login = dict(zip(("NEO4J_USERNAME", "NEO4J_PASSWORD"), place.login, strict=True))
    folders = {"PYTHONPATH": pythonpath(HERE, HERE.parent)}
    done = subprocess.run(program, env={**os.environ, **login, **folders}, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    if place.declares(Capability.ATOMIC):
        assert holds(place.store, old)
        assert content(place.store) == old.hash
    else:
        assert_known_or_old(place, old)
    assert not holds(place.store, CHANGED)
    place.store.put(CHANGED)
    assert holds(place.store, CHANGED)
    assert content(place.again()) == CHANGED.hash


# The end ------------------------------------------------------------------------------------------------


def test_each_store_ran_its_tests(place: Place, check_that_all_ran: Callable[[str], None]) -> None:
    """A suite in which nothing ran would pass; this one does not."""
    check_that_all_ran(place.name)
