"""Evaluation: what an evaluation form of innovative clusters asks, as far as the graph can fill it."""

from __future__ import annotations

from ...graph.schema.words import Word, pairs, sentence
from ..atlas.atlas import Atlas
from ..atlas.result import Result, Row
from ..atlas.tracing import told, whole
from .compare import evidence, indicators, one_of, unit

COLUMNS = ("field", "counted_value", "unit", "filled", "note")


def evaluation(atlas: Atlas, cluster: str) -> Result:
    """Return the fields of a cluster's evaluation: those that the graph can count, then those it has no place for.

    Returns
    -------
    Result
        ``field counted_value unit filled note``; ``filled`` is ``counted``, ``not_loaded`` (the graph has a
        place for it, but nothing is loaded) or ``not_held`` (to be filled in by hand).

    Raises
    ------
    QueryError
        No cluster or place has this name.
    """
    one = one_of(atlas, cluster, None)
    makers = indicators(atlas, [one])
    rows: list[Row] = []
    for name in pairs("indicator"):
        if name not in makers or name == "clusters":
            continue
        value, note = makers[name](one)
        rows.append(
            {
                "field": Word("indicator", name),
                "counted_value": None if value is None else whole(round(value, 4)),
                "unit": unit("indicator", name),
                "filled": "not_loaded" if value is None else "counted",
                "note": Word("field", note) if note else None,
                "_indicator": name,
            }
        )
    for name in pairs("evaluation"):
        empty = {"counted_value": None, "filled": "not_held", "note": None, "_indicator": None}
        rows.append({"field": Word("evaluation", name), "unit": unit("evaluation", name), **empty})
    counted = sum(r["filled"] == "counted" for r in rows)
    notes = (sentence("note_evaluation", cluster=atlas.snapshot.name(one.node), counted=counted, all=len(rows)),)

    def facts(at: int) -> Result:
        indicator = rows[at]["_indicator"]
        return told(evidence(atlas, one, indicator) if indicator else ())

    return Result(COLUMNS, rows, notes, facts)
