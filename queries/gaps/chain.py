"""Chains: the links of a chain with their statuses, and the chain's own figures.

Completeness K = Σ[S ≠ ∅] / Σ1 over the product links; K_AO = share of end products whose
whole recipe is to be had, as an interval [certain, possible] (methods §1).
"""

from __future__ import annotations

import numpy as np

from ...graph.columns.arrays import rounded
from ...graph.schema.words import Said, sentence
from ..atlas.atlas import Atlas
from ..atlas.chain_links import ChainLinks, data_date, find_chain, producer_names
from ..atlas.result import Result, Row
from ..verdicts.completeness import completeness
from ..verdicts.explanation import evidence
from ..verdicts.judge import STATUS, SUBKIND
from ..verdicts.reasons import reason, scope_notes
from ..verdicts.verdicts import Verdicts, verdicts
from .shape import shape

COLUMNS = ("chain", "link", "kind", "stage", "order", "status", "subkind", "reason", "producers", "names",
           "available", "population", "coverage", "ground", "confidence")  # fmt: skip


def chain(
    atlas: Atlas, name: str, *, place: str | None = None, cluster: str | None = None,
    among: str | None = None, external: str = "none",
) -> Result:  # fmt: skip
    """Return the links of a chain with their status in a place.

    Parameters
    ----------
    name
        A chain, or a product whose recipe is the chain.
    place, cluster
        Scope; everything that is loaded when neither is given.
    among
        Population that "missing" speaks of (``--among``).
    external
        ``none``, ``province``, ``nation`` or ``world``.

    Returns
    -------
    Result
        ``chain link kind stage order status subkind reason producers names available population
        coverage ground confidence``; ``available`` is y, n or u.
    """
    links = find_chain(atlas, name)
    scope = atlas.scopes.find(place, cluster)
    found = verdicts(atlas, links.items, np.array([scope]), among=among, external=external)
    rows = [link_row(atlas, links, found, at, 0) for at in range(len(links.items))]
    return Result(COLUMNS, rows, _notes(atlas, links, found), lambda at: evidence(
        atlas, links.name, int(links.items[at]), scope))  # fmt: skip


def link_row(atlas: Atlas, links: ChainLinks, found: Verdicts, at: int, column: int) -> Row:
    """Return one verdict as a row of ``chain``."""
    item = int(links.items[at])
    node = atlas.makers.node(item)
    speaker = int(found.population[at, column])
    confidence = found.confidence[at, column]
    product = not atlas.makers.is_technology(item)
    available = "y" if found.certain[at, column] else "u" if found.possible[at, column] else "n"
    ground = int(found.ground[at, column])
    return {
        "chain": links.name, "link": atlas.snapshot.name(node),
        "kind": (atlas.snapshot.value(node, "kind") or "产品") if product else "技术",
        "stage": links.stage[at], "order": links.order[at],
        "status": STATUS[found.status[at, column]], "subkind": SUBKIND[found.subkind[at, column]],
        "reason": reason(atlas, found, at, column),
        "producers": int(found.producers[at, column]),
        "names": producer_names(atlas, item, int(found.scopes[column])) if found.producers[at, column] else [],
        "available": available,
        "population": found.populations[speaker] if speaker >= 0 else None,
        "coverage": round(float(found.coverage[at, column]), 4),
        "ground": ("none", "counted", "estimated", "stated")[ground],
        "confidence": rounded(confidence),
    }  # fmt: skip


def _notes(atlas: Atlas, links: ChainLinks, found: Verdicts) -> tuple[Said, ...]:
    figures = completeness(atlas, links, found)
    values = {"k": f"{figures['K'][0]:.2f}", "low": f"{figures['K_AO_certain'][0]:.2f}",
              "high": f"{figures['K_AO_possible'][0]:.2f}", "ends": len(links.ends),
              "as_of": data_date(atlas) or "—"}  # fmt: skip
    made = shape(atlas, links, found)
    drawn = {"length": made.length, "inputs": made.inputs, "thickness": _two(made.thickness),
             "continuity": _two(made.continuity)}  # fmt: skip
    notes = [sentence("note_figures", **values), sentence("note_shape", **drawn)]
    return (*notes, *scope_notes(atlas, found))


def _two(value: float) -> str:
    return "—" if np.isnan(value) else f"{value:.2f}"
