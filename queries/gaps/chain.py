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
from ..verdicts.explanation import evidence, strongest_parts
from ..verdicts.hints import possible_makers
from ..verdicts.judge import STATUS, SUBKIND
from ..verdicts.reasons import reason, scope_notes
from ..verdicts.verdicts import Verdicts, ground_of, verdicts
from .shape import shape

COLUMNS = (
    "chain", "link", "kind", "stage", "order", "status", "subkind", "reason", "producers", "possible", "names",
    "possible_names", "available", "population", "ground", "coverage", "listed", "told", "grain", "confidence",
)  # fmt: skip
_SHOWN = 5


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
        ``chain link kind stage order status subkind reason producers possible names possible_names
        available population ground coverage listed told grain confidence``; ``available`` is y, n or u;
        ``possible`` counts possible makers; ``ground`` is firm or narrow; ``listed``, ``told`` and ``grain``
        are the three shares of κ of the strongest statement that speaks (``coverage`` is their product,
        thinned for a place inside the statement's and joined with other statements).
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
    scope = int(found.scopes[column])
    parts = strongest_parts(atlas, item, scope, found.populations[speaker] if speaker >= 0 else None)
    hinted = possible_makers(atlas, item, scope) if found.hints[at, column] else []
    return {
        "chain": links.name, "link": atlas.snapshot.name(node),
        "kind": (atlas.snapshot.value(node, "kind") or "产品") if product else "技术",
        "stage": links.stage[at], "order": links.order[at],
        "status": STATUS[found.status[at, column]], "subkind": SUBKIND[found.subkind[at, column]],
        "reason": reason(atlas, found, at, column),
        "producers": int(found.producers[at, column]),
        "possible": int(found.hints[at, column]),
        "names": producer_names(atlas, item, scope) if found.producers[at, column] else [],
        "possible_names": [atlas.snapshot.name(h.firm) for h in hinted[:_SHOWN]],
        "available": available,
        "population": found.populations[speaker] if speaker >= 0 else None,
        "ground": ground_of(found, at, column),
        "coverage": round(float(found.coverage[at, column]), 4),
        "listed": None if parts is None else rounded(parts.list.share),
        "told": None if parts is None else rounded(parts.told.share),
        "grain": None if parts is None else rounded(parts.included.share),
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
