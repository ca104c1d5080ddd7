"""Evaluation: what an evaluation form of innovative clusters asks, as far as the graph can fill it."""

from __future__ import annotations

from ...graph.schema.words import default_language, pairs, sentence
from ..atlas.atlas import Atlas
from ..atlas.result import Result, Row
from ..atlas.tracing import told, whole
from .compare import evidence, indicators, one_of

COLUMNS = ("field", "counted_value", "unit", "filled", "note")


def evaluation(atlas: Atlas, cluster: str, *, lang: str | None = None) -> Result:
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
    lang = lang or default_language()
    one = one_of(atlas, cluster, None)
    makers, words = indicators(atlas, [one]), pairs("indicator")
    rows: list[Row] = []
    for name, label in words.items():
        if name not in makers or name == "clusters":
            continue
        value, note = makers[name](one)
        rows.append({"field": label[lang], "counted_value": None if value is None else whole(round(value, 4)),
                     "unit": label.get(f"unit_{lang}") or None, "filled": "not_loaded" if value is None else "counted",
                     "note": pairs("field").get(note, {}).get(lang, note) if note else None,
                     "_indicator": name})  # fmt: skip
    for label in pairs("evaluation").values():
        rows.append({"field": label[lang], "counted_value": None, "unit": label.get(f"unit_{lang}") or None,
                     "filled": "not_held", "note": None, "_indicator": None})  # fmt: skip
    notes = (sentence("note_evaluation", cluster=atlas.snapshot.name(one.node),
                  counted=sum(r["filled"] == "counted" for r in rows), all=len(rows)),)  # fmt: skip

    def facts(at: int) -> Result:
        indicator = rows[at]["_indicator"]
        return told(evidence(atlas, one, indicator, lang) if indicator else ())

    return Result(COLUMNS, rows, notes, facts)
