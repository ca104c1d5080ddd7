"""A graph turned back into records folds to the same graph, whatever merged its entities."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from random_batches import batches
from scheduling import examples

from chainatlas.graph.columns.batch import Batch
from chainatlas.graph.fold.fold import Loaded, fold
from chainatlas.graph.fold.rebatch import batch_of
from chainatlas.graph.schema.types import load_schema

SCHEMA = load_schema()


@settings(max_examples=examples(60))
@given(st.lists(batches(), min_size=1, max_size=3))
def test_records_of_a_graph_fold_to_the_same_hash(loads: list[Batch]) -> None:
    graph = fold([Loaded(n, b) for n, b in enumerate(loads, 1)], SCHEMA).graph
    folded = fold([Loaded(1, batch_of(graph, SCHEMA))], SCHEMA)
    assert not folded.pending
    assert folded.graph.hash == graph.hash


@settings(max_examples=examples(25))
@given(st.lists(batches(), min_size=2, max_size=3))
def test_order_of_loads_does_not_count(loads: list[Batch]) -> None:
    forward = fold([Loaded(n, b) for n, b in enumerate(loads, 1)], SCHEMA).graph
    back = fold([Loaded(n, b) for n, b in enumerate(reversed(loads), 1)], SCHEMA).graph
    assert forward.hash == back.hash
