"""Inputs: the question what the recipe of a link probably lacks. A question: nothing of its answer is stored."""

from __future__ import annotations

import numpy as np

from ...graph.columns.arrays import row_of
from ...graph.schema.words import Said, read_toml, sentence
from ..atlas.atlas import Atlas
from ..atlas.result import Result, Row
from ..atlas.tracing import told
from .known import known
from .lacking import Lacking, lacking
from .reasons import evidence, facts, sources
from .weights import input_weights

COLUMNS = ("input", "evidence", "score", "sources")


def inputs(atlas: Atlas, link: str) -> Result:
    """Return inputs that the recipe of a link probably lacks, the most probable first.

    All product graphs that are loaded are asked: products akin to the link (common inputs, kind, technology,
    end of the name) that need something besides. The score is learned by hiding inputs that are recorded.

    Parameters
    ----------
    link
        A product: link of a chain, or any other.

    Returns
    -------
    Result
        ``input evidence score sources``: ``evidence`` the akin products that need it and what joins them,
        ``score`` the chance that it is what the recipe lacks, should it lack one thing, ``sources`` who says
        that they need it. Without rows, one sentence says why nothing is shown.

    Raises
    ------
    QueryError
        No product has this name; the nearest are given.
    """
    item = atlas.makers.item(atlas.snapshot.find(link, ("Product",)))
    found = lacking(atlas, np.array([item], np.int64))[item]
    rows: list[Row] = [
        {"input": atlas.snapshot.name(atlas.makers.node(one.item)), "evidence": evidence(atlas, one),
         "score": round(one.score, 4), "sources": sources(atlas, one)}
        for one in found
    ]  # fmt: skip
    return Result(COLUMNS, rows, _notes(atlas, item, found), lambda at: told(facts(atlas, found[at])),
                  {"evidence": "why"})  # fmt: skip


def _notes(atlas: Atlas, item: int, found: list[Lacking]) -> tuple[Said, ...]:
    name, of, weights = atlas.snapshot.name(atlas.makers.node(item)), known(atlas), input_weights(atlas)
    floor = read_toml("vocabulary.toml")["recipes"]["floor"]
    notes: list[Said] = []
    if atlas.makers.primary[item] or bool(atlas.snapshot.column("Product", "unlisted_inputs")[item].as_py()):
        notes.append(sentence("inputs_meant", link=name))
    if not of.needs.nnz:
        return (*notes, sentence("inputs_no_recipe"))
    if not found:
        return (*notes, sentence("inputs_none", link=name, n=len(row_of(of.needs, item)), floor=floor))
    notes.append(sentence("note_inputs", n=len(found), link=name, known=len(row_of(of.needs, item))))
    how = sentence("inputs_stated") if weights is None else sentence("inputs_learned", n=weights.hidden)
    return (*notes, how)
