"""Chains that a place pursues: what is missing of the others is no gap of the place.

A place pursues a chain when a cluster of the chain stands in it (or in a place inside it), when a
target for it (for a place inside it, or for no place in particular) names the chain, or when at
least a tenth of the chain's product links are made there (``pursued`` in ``vocabulary.toml``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...graph.columns.arrays import Bools, Ints, as_flags, incidence, within
from ...graph.columns.text import LIST_SEPARATOR
from ...graph.schema.words import Said, read_toml, sentence
from ..atlas.atlas import Atlas
from ..atlas.chain_links import ChainLinks, chain_names
from ..atlas.scopes import WHOLE


def pursued(atlas: Atlas, scopes: Ints) -> Bools:
    """Tell which chains are pursued in which scopes.

    Returns
    -------
    bool array, shape (chains, scopes)
        Chains in the order of ``chain_names``.
    """
    chains = np.array(chain_names(atlas), np.int64)
    held: Bools = _clustered(atlas, chains, scopes) | _targeted(atlas, chains, scopes) | _made(atlas, chains, scopes)
    return held


def only_pursued(atlas: Atlas, chains: Sequence[ChainLinks], scope: int) -> tuple[list[ChainLinks], list[Said]]:
    """Return the chains that a scope pursues, and a note that names the others.

    Everywhere (no place) pursues all; where there is one chain only, it is what is asked about.
    """
    if scope == WHOLE or len(chains) < 2:
        return list(chains), []
    held = dict(zip(chain_names(atlas), pursued(atlas, np.array([scope]))[:, 0].tolist(), strict=True))
    left = [links.name for links in chains if not held.get(links.node, True)]
    if not left:
        return list(chains), []
    share = f"{read_toml('vocabulary.toml')['pursued']['share']:.0%}"
    note = sentence("note_not_pursued", n=len(left), chains="、".join(left), share=share)
    return [links for links in chains if held.get(links.node, True)], [note]


def _clustered(atlas: Atlas, chains: Ints, scopes: Ints) -> Bools:
    """Chains of which a cluster stands in a scope."""
    ids = atlas.snapshot.ids("Cluster")
    src, dst = atlas.snapshot.edges("IN_CHAIN")
    at = within(src, ids) & np.isin(dst, chains)
    of_chain = incidence(np.searchsorted(chains, dst[at]), src[at] - ids.start, (len(chains), len(ids)))
    own = np.array([atlas.scopes.column[node] for node in ids], np.int64)
    stands = atlas.scopes.inside.tocsr()[own].tocsc()[:, scopes]
    hits: Bools = (of_chain @ stands).toarray() > 0
    return hits


def _targeted(atlas: Atlas, chains: Ints, scopes: Ints) -> Bools:
    """Chains that a target for a scope names, by full or short name."""
    snapshot, ids = atlas.snapshot, atlas.snapshot.ids("Target")
    held = np.zeros((len(chains), len(scopes)), bool)
    if not len(ids):
        return held
    members = atlas.scopes.members.tocsr()[np.arange(ids.start, ids.stop)]
    nowhere = np.asarray(members[:, 1:].sum(axis=1)).reshape(-1) == 0
    there = (members.tocsc()[:, scopes].toarray() > 0) | nowhere[:, None]
    texts = [" ".join(str(snapshot.value(n, p) or "") for p in ("name", "measure")) for n in ids]
    for at, chain in enumerate(chains.tolist()):
        short = str(snapshot.value(chain, "short_name") or "").split(LIST_SEPARATOR)
        names = [name for name in (snapshot.name(chain), *short) if name]
        naming = np.array([any(name in text for name in names) for text in texts], bool)
        held[at] = there[naming].any(axis=0)
    return held


def _made(atlas: Atlas, chains: Ints, scopes: Ints) -> Bools:
    """Chains of which enough product links are made in a scope; all of one that has no product link."""
    members = [
        (at, item)
        for at, chain in enumerate(chains.tolist())
        for item, _, _ in atlas.chain_members[chain]
        if not atlas.makers.is_technology(item)
    ]
    rows, items = np.array(members, np.int64).reshape(-1, 2).T
    links = incidence(rows, items, (len(chains), atlas.makers.n))
    made = as_flags(atlas.makers.counts.tocsc()[:, scopes].tocsr())
    share = float(read_toml("vocabulary.toml")["pursued"]["share"])
    count = np.bincount(rows, minlength=len(chains))
    enough: Bools = (links @ made).toarray() >= np.ceil(count * share - 1e-9)[:, None]
    return enough
