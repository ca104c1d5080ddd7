"""Figures of a chain: completeness, availability, length, thickness, continuity (methods §1).

K = Σ[S ≠ ∅]/Σ1 over the product links, and K_AO = share of end products whose whole recipe is
to be had, an interval. Length = longest path of the condensed DAG of the chain's inputs, in
steps. Thickness = mean effective number of producers N_eff = 1/HHI over the links that are
made; where the outputs of a link's producers are not all known they count as equal, so that
N_eff is their number. Continuity = share of the chain's INPUT_OF edges of which both ends are
made here or always to be had.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...graph.columns.arrays import rounded
from ...graph.schema.errors import QueryError
from ...graph.schema.words import Said, sentence
from ..atlas.atlas import Atlas
from ..atlas.chain_links import ChainLinks, chain_links, chain_names, data_date, find_chain
from ..atlas.facts import Fact
from ..atlas.result import Result, Row
from ..atlas.tracing import relation_facts, told
from ..verdicts.completeness import completeness
from ..verdicts.explanation import maker_facts
from ..verdicts.judge import MISSING, STATUS
from ..verdicts.reasons import scope_notes
from ..verdicts.verdicts import Verdicts, verdicts
from .shape import inner_inputs, shape

COLUMNS = ("chain", "place", "links", "technologies", "K", "K_AO_certain", "K_AO_possible", "ends", "length",
           "thickness", "by_output", "continuity", "inputs", *STATUS, "missing_narrow", "as_of")  # fmt: skip


def figures(
    atlas: Atlas,
    *,
    chain: str | None = None,
    place: str | None = None,
    cluster: str | None = None,
    among: str | None = None,
    external: str = "none",
) -> Result:
    """Return the figures of one chain, or of all.

    Returns
    -------
    Result
        ``chain place links technologies K K_AO_certain K_AO_possible ends length thickness
        by_output continuity inputs``, a count a status, ``missing_narrow as_of``. ``missing`` counts the
        links missing on firm ground, ``missing_narrow`` those on narrow ground: the two are never added.
        ``by_output`` links have
        their thickness from outputs, the others from the number of producers; ``inputs`` are
        the INPUT_OF edges between the chain's links.
    """
    scope = atlas.scopes.find(place, cluster)
    asked = [find_chain(atlas, chain)] if chain is not None else [chain_links(atlas, n) for n in chain_names(atlas)]
    if not asked:
        raise QueryError("chains_none")
    rows: list[Row] = []
    notes: dict[Said, None] = {}
    for links in asked:
        found = verdicts(atlas, links.items, np.array([scope]), among=among, external=external)
        rows.append(_row(atlas, links, found))
        notes |= dict.fromkeys(scope_notes(atlas, found))
    notes[sentence("note_figures_table")] = None
    return Result(COLUMNS, rows, tuple(notes), lambda at: told(_evidence(atlas, asked[at], scope)))


def _row(atlas: Atlas, links: ChainLinks, found: Verdicts) -> Row:
    k = completeness(atlas, links, found)
    made = shape(atlas, links, found)
    technology = int((links.items >= len(atlas.makers.base[0])).sum())
    return {
        "chain": links.name, "place": atlas.scopes.name(int(found.scopes[0])),
        "links": len(links.items) - technology, "technologies": technology,
        **{name: rounded(values[0]) for name, values in k.items()}, "ends": len(links.ends),
        "length": made.length, "thickness": rounded(made.thickness), "by_output": made.by_output,
        "continuity": rounded(made.continuity), "inputs": made.inputs,
        **status_counts(found),
        "as_of": data_date(atlas),
    }  # fmt: skip


def status_counts(found: Verdicts, column: int = 0) -> dict[str, int]:
    """Count the links of each status in one scope; missing on narrow ground apart."""
    status, firm = found.status[:, column], found.firm[:, column]
    counts = {name: int((status == at).sum()) for at, name in enumerate(STATUS)}
    narrow = int(((status == MISSING) & ~firm).sum())
    return {**counts, "missing": counts["missing"] - narrow, "missing_narrow": narrow}


def _evidence(atlas: Atlas, links: ChainLinks, scope: int) -> Iterator[Fact]:
    """Facts that the figures count: who makes each link here, and the chain's inputs."""
    from ..atlas.chain_links import local_makers

    for item in links.items.tolist():
        for maker in local_makers(atlas, item, scope).tolist():
            yield from maker_facts(atlas, maker, item)
    yield from relation_facts(atlas.snapshot, "INPUT_OF", inner_inputs(atlas, links)[2])
