"""Priority: criticality against feasibility of a gap, each with the parts it is made of.

Criticality is the larger of two figures. ``gain``: share of the chain's end products that
become available when the link is filled, unknown links taken as present. The mean of
``needed`` (share of end products that cannot be made without the link even if every other
link were there) and ``downstream`` (share of end products that it goes into by any way).
Feasibility is the share of the link's own requirement groups of which a member is made here
or to be had (``inputs_present``); a link without recorded inputs has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array

from .availability import Bits, Recipe, available, pack_bits, unpack_bits
from .chains import ChainLinks
from .verdicts import Atlas, Verdicts

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_SIDE_BY_SIDE = 1023  # what-ifs evaluated in one pass: 16 words a link
_EVERY = np.uint64(0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True)
class Urgency:
    """Parts of criticality and feasibility of links × scopes, NaN where they do not apply."""

    gain: Floats
    needed: Floats
    downstream: Floats
    inputs_present: Floats

    @cached_property
    def criticality(self) -> Floats:
        """max(gain, (needed + downstream) / 2)."""
        return np.fmax(self.gain, (self.needed + self.downstream) / 2)


def urgency(
    atlas: Atlas,
    links: ChainLinks,
    found: Verdicts,
    at: Ints,
    *,
    external: str = "none",
    among: str | None = None,
) -> Urgency:
    """Return the parts of criticality and feasibility for some links in all scopes of ``found``.

    Parameters
    ----------
    at
        Rows of ``links`` to weigh, shape (k,).

    Returns
    -------
    Urgency
        Arrays of shape (k, scopes).
    """
    shape = (len(at), len(found.scopes))

    def everywhere(values: Floats) -> Floats:
        return np.broadcast_to(values[:, None], shape).copy()

    return Urgency(
        _gain(atlas, links, found, at, external, among),
        everywhere(_needed(atlas, links, at)),
        everywhere(_downstream(atlas, links, at)),
        _inputs_present(atlas, links, found, at, external, among),
    )


def _gain(atlas: Atlas, links: ChainLinks, found: Verdicts, at: Ints, external: str, among: str | None) -> Floats:
    """Share of the chain's end products gained when the link is filled, unknown ones taken as present.

    One column a filling: the recipe is evaluated once with all of them side by side.
    """
    out = np.full((len(at), len(found.scopes)), np.nan)
    if not len(links.ends) or not len(at):
        return out
    made, width = atlas.makers, atlas.scopes.n
    counts = made.counts.tocoo()
    own = pack_bits(counts.row.astype(np.int64), counts.col.astype(np.int64), made.n, width)
    own |= atlas._unknown_bits(among, width)
    outside = atlas._external(external, width)
    for column, scope in enumerate(found.scopes.tolist()):
        here, there = (_one_column(bits, scope) for bits in (own, outside))
        for start in range(0, len(at), _SIDE_BY_SIDE):
            part = at[start : start + _SIDE_BY_SIDE]
            out[start : start + len(part), column] = _filled(made.recipe, links, here, there, links.items[part])
    return out


def _one_column(bits: Bits, column: int) -> npt.NDArray[np.bool_]:
    flags: npt.NDArray[np.bool_] = (bits[:, column >> 6] >> np.uint64(column & 63) & np.uint64(1)) > 0
    return flags


def _filled(
    recipe: Recipe, links: ChainLinks, own: npt.NDArray[np.bool_], outside: npt.NDArray[np.bool_], items: Ints
) -> Floats:
    """Share of end products gained by each filling; column 0 is the state as it is."""
    words = len(items) // 64 + 1
    base, ext = (np.repeat(np.where(f, _EVERY, np.uint64(0))[:, None], words, axis=1) for f in (own, outside))
    base |= pack_bits(items, np.arange(1, len(items) + 1), recipe.n, len(items) + 1)
    reached = available(recipe, base, ext)[links.ends] | ext[links.ends]
    share = unpack_bits(reached, len(items) + 1).mean(axis=0)
    gained: Floats = np.maximum(share[1:] - share[0], 0)
    return gained


def _needed(atlas: Atlas, links: ChainLinks, at: Ints) -> Floats:
    """Share of end products that cannot be made without each link, all others taken as present."""
    recipe = atlas.makers.recipe
    out = np.full(len(at), np.nan)
    if not len(links.ends):
        return out
    for start in range(0, len(at), _SIDE_BY_SIDE):
        items = links.items[at[start : start + _SIDE_BY_SIDE]]
        width = len(items) + 1
        own = np.full((recipe.n, (width + 63) // 64), _EVERY)
        own &= ~pack_bits(items, np.arange(1, width), recipe.n, width)
        own[atlas.makers.primary] = _EVERY
        share = unpack_bits(available(recipe, own, _primary(atlas, own.shape))[links.ends], width).mean(axis=0)
        out[start : start + len(items)] = share[0] - share[1:]
    return out


def _primary(atlas: Atlas, shape: tuple[int, ...]) -> Bits:
    """Bits of what is always to be had: losing its maker costs nothing."""
    out = np.zeros(shape, np.uint64)
    out[atlas.makers.primary] = _EVERY
    return out


def _downstream(atlas: Atlas, links: ChainLinks, at: Ints) -> Floats:
    """Share of end products that each link goes into, by any way through the recipe."""
    recipe = atlas.makers.recipe
    if not len(at) or not len(links.ends):
        return np.full(len(at), np.nan)
    step = coo_array(
        (np.ones(len(recipe.member), np.int32), (recipe.member, recipe.owner[recipe.group])), shape=(recipe.n, recipe.n)
    ).tocsr()
    reach = coo_array(
        (np.ones(len(at), np.int32), (np.arange(len(at)), links.items[at])), shape=(len(at), recipe.n)
    ).tocsr()
    while True:
        wider = (reach + reach @ step).tocsr()
        wider.data[:] = 1
        if wider.nnz == reach.nnz:
            break
        reach = wider
    share: Floats = reach[:, links.ends].toarray().mean(axis=1)
    share[atlas.makers.primary[links.items[at]]] = 0.0  # what is always to be had holds nothing up
    return share


def _inputs_present(
    atlas: Atlas, links: ChainLinks, found: Verdicts, at: Ints, external: str, among: str | None
) -> Floats:
    """Share of each link's requirement groups of which some member is made here or to be had."""
    recipe, made = atlas.makers.recipe, atlas.makers
    out = np.full((len(at), len(found.scopes)), np.nan)
    outside = unpack_bits(atlas._external(external, atlas.scopes.n), atlas.scopes.n)
    for n, row in enumerate(at.tolist()):
        groups = np.flatnonzero(recipe.owner == links.items[row])
        if not len(groups):
            continue
        edges = np.flatnonzero(np.isin(recipe.group, groups))
        members = recipe.member[edges]
        here = (made.counts[members][:, found.scopes].toarray() > 0) | outside[members][:, found.scopes]
        met = np.zeros((len(groups), len(found.scopes)), bool)
        np.logical_or.at(met, np.searchsorted(groups, recipe.group[edges]), here)
        out[n] = met.mean(axis=0)
    return out
