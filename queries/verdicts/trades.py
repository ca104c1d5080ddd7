"""Trades: firms that no list tells a product of, and whose names tell their trade."""

from __future__ import annotations

import numpy as np

from ...graph.columns.text import name_key
from ...graph.identity.terms import Term
from ..atlas.atlas import Atlas, once_an_atlas
from ..attach.attached import decisions, link_nodes
from ..attach.called import called
from ..attach.trade import bundled_terms


@once_an_atlas
def trades(atlas: Atlas) -> dict[tuple[int, int], tuple[str, str]]:
    """Return what the names of silent firms say: word and relation by (firm, item).

    What a person decided on a word stands before the terms. Nobody is made a possible maker in a verdict: a name
    is no statement of what is made today.
    """
    snapshot, made = atlas.snapshot, atlas.makers
    firms = snapshot.ids("Enterprise")
    silent = np.ones(snapshot.n, bool)
    silent[made.direct.indices] = False
    silent[made.attached.words["firm"].to_numpy()] = False
    nodes = firms.start + np.flatnonzero(silent[firms.start : firms.stop])
    links = link_nodes(snapshot)
    if not len(nodes) or not len(links):
        return {}
    items = made.items(links)
    numbers = {name_key(name): int(item) for name, item in zip(snapshot.names(links), items, strict=True)}
    decided = [
        Term(link, word, how) for (word, link, firm), how in sorted(decisions(snapshot.words).items()) if not firm
    ]
    said = called(snapshot.names(nodes), numbers, (*decided, *snapshot.words.terms, *bundled_terms()))
    return {(int(node), item): how for node, one in zip(nodes, said, strict=True) for item, how in one.items()}
