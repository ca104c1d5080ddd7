"""The evidence of a loss: who made it, why nobody else counts, and by which inputs it spreads."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...graph.columns.arrays import Ints
from ...graph.columns.walks import reached_from
from ...graph.schema.words import sentence
from ..atlas.atlas import Atlas
from ..atlas.chain_links import local_makers
from ..atlas.facts import Fact, claims_of, fact
from ..atlas.result import Result
from ..atlas.scopes import WHOLE
from ..verdicts.explanation import COLUMNS, coverage_facts, maker_facts


def loss_evidence(atlas: Atlas, gone: Ints | int, items: Ints, scope: int) -> Result:
    """Return the facts behind a loss.

    Parameters
    ----------
    gone
        Makers that go, or the number of a place that is lost with all its makers.
    items
        What is lost.
    """
    lost = set(items.tolist())
    found: dict[Fact, None] = {}
    for item in sorted(_all_lost(atlas, gone, lost, scope)):
        makers = local_makers(atlas, item, scope)
        away = _taken(atlas, makers, gone)
        if len(away):
            found |= dict.fromkeys(f for m in away.tolist() for f in maker_facts(atlas, m, item))
        if len(makers) == len(away):
            found |= dict.fromkeys(coverage_facts(atlas, item, scope))
        found |= dict.fromkeys(_needs(atlas, item))
    return Result(COLUMNS, [{c: getattr(f, c) for c in COLUMNS} for f in found])


def _taken(atlas: Atlas, makers: Ints, gone: Ints | int) -> Ints:
    if isinstance(gone, int):
        return makers[atlas.scopes.holding(makers, gone)]
    return np.intersect1d(makers, gone)


def _all_lost(atlas: Atlas, gone: Ints | int, lost: set[int], scope: int) -> set[int]:
    """The lost items and what the makers that go make, on the way to them."""
    recipe = atlas.makers.recipe
    made = atlas.makers.makes.tocsc()
    if isinstance(gone, int):
        nodes = np.arange(atlas.snapshot.n)
        gone = nodes[atlas.scopes.holding(nodes, gone)]
        if scope != WHOLE:
            gone = gone[atlas.scopes.holding(gone, scope)]
    own = made[:, gone].indices
    # From the makers' items upward to the items lost: an item counts when it stands on such a way.
    up = reached_from(recipe.member, recipe.user, own, recipe.n)
    down = reached_from(recipe.user, recipe.member, np.array(sorted(lost), np.int64), recipe.n)
    return set(np.flatnonzero(up & down).tolist())


def _needs(atlas: Atlas, item: int) -> Iterator[Fact]:
    """Facts that the item needs its inputs and technologies."""
    snapshot, node = atlas.snapshot, atlas.makers.node(item)
    groups = snapshot.edge_column("INPUT_OF", "group")
    for relation, incoming in (("INPUT_OF", True), ("REQUIRES", False)):
        csr = snapshot.csr(relation, incoming=incoming)
        rows = csr.rows_of(node).tolist()
        claims = claims_of(snapshot, relation, rows)
        for row, other in zip(rows, csr.of(node).tolist(), strict=True):
            names = snapshot.name(other), snapshot.name(node)
            if relation == "REQUIRES":
                text = sentence("fact_requires", product=names[1], technology=names[0])
            else:
                group = groups[row].as_py()
                how = sentence("fact_alternative", group=group) if group else ""
                text = sentence("fact_input", input=names[0], product=names[1], how=how)
            yield from (fact(text, c) for c in claims.get(row, []))
