"""Priority: criticality against feasibility of a gap, each with the parts it is made of.

Criticality is the larger of two figures. ``gain``: share of the chain's end products that
become available when the link is filled, unknown links taken as present. The mean of
``needed`` (share of end products that cannot be made without the link even if every other
link were there) and ``downstream`` (share of end products that it goes into by any way).
Feasibility is the mean of those known of two: the share of the link's own requirement groups
of which a member is made here or to be had (``inputs_present``; a link without recorded inputs
has none), and the relatedness density of the link in the place (``density``; only where the
places of its level are enough, see ``relatedness``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...graph.columns.arrays import Bools, Floats, Ints, incidence, run_starts
from ...graph.columns.walks import passed_on
from ..atlas.atlas import Atlas
from ..atlas.availability import Bits, Recipe, available, pack_bits, unpack_bits
from ..atlas.chain_links import ChainLinks
from ..atlas.relatedness import densities
from ..verdicts.verdicts import Verdicts

PARTS = ("gain", "needed", "downstream", "inputs_present", "density")
_SIDE_BY_SIDE = 1023  # what-ifs evaluated in one pass: 16 words an item
_EVERY = np.uint64(0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True)
class Urgency:
    """Parts of criticality and feasibility of links × scopes, NaN where they do not apply."""

    gain: Floats
    needed: Floats
    downstream: Floats
    inputs_present: Floats
    density: Floats

    @cached_property
    def criticality(self) -> Floats:
        """max(gain, (needed + downstream) / 2)."""
        return np.fmax(self.gain, (self.needed + self.downstream) / 2)

    @cached_property
    def feasibility(self) -> Floats:
        """Mean of ``inputs_present`` and ``density`` as far as they are known."""
        known = np.stack([self.inputs_present, self.density])
        count = (~np.isnan(known)).sum(axis=0)
        with np.errstate(invalid="ignore"):
            mean: Floats = np.where(count > 0, np.nansum(known, axis=0) / np.maximum(count, 1), np.nan)
        return mean


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
        inputs_present(atlas, links, found, at, external, among),
        densities(atlas, links.items[at], found.scopes),
    )


def _gain(atlas: Atlas, links: ChainLinks, found: Verdicts, at: Ints, external: str, among: str | None) -> Floats:
    """Share of the chain's end products gained when the link is filled, unknown ones taken as present.

    One column a scope and filling: the recipe of the end products is evaluated for all of them side by side.
    """
    out = np.full((len(at), len(found.scopes)), np.nan)
    if not len(links.ends) or not len(at):
        return out
    made, width = atlas.makers, atlas.scopes.n
    upstream = made.recipe.needed_by(links.ends)
    recipe, ends = made.recipe.within(upstream), np.searchsorted(upstream, links.ends)
    counts = made.counts[upstream][:, found.scopes].toarray() > 0
    unseen = unpack_bits(atlas.unknown_bits(among)[upstream], width)[:, found.scopes]
    outside = unpack_bits(atlas.external_bits(external)[upstream], width)[:, found.scopes]
    own = counts | unseen
    filled = _positions(upstream, links.items[at])
    step = max(1, _SIDE_BY_SIDE // (len(at) + 1))
    for start in range(0, len(found.scopes), step):
        part = slice(start, start + step)
        out[:, part] = _filled(recipe, ends, own[:, part], outside[:, part], filled)
    return out


def _positions(upstream: Ints, items: Ints) -> Ints:
    """Place of each item among those that go into the end products, −1 for one that does not."""
    at = np.minimum(np.searchsorted(upstream, items), len(upstream) - 1)
    return np.where(upstream[at] == items, at, -1)


def _filled(recipe: Recipe, ends: Ints, own: Bools, outside: Bools, filled: Ints) -> Floats:
    """Share of end products gained by each filling in each scope; the first column of a scope is the state as it is."""
    scopes, each = own.shape[1], len(filled) + 1
    base, ext = (_packed(np.repeat(flags, each, axis=1)) for flags in (own, outside))
    goes_in = np.flatnonzero(filled >= 0)
    columns = (np.arange(scopes)[:, None] * each + goes_in + 1).ravel()
    base |= pack_bits(np.tile(filled[goes_in], scopes), columns, recipe.n, scopes * each)
    reached = available(recipe, base, ext)[ends] | ext[ends]
    share = unpack_bits(reached, scopes * each).mean(axis=0).reshape(scopes, each)
    gained: Floats = np.maximum(share[:, 1:] - share[:, :1], 0).T
    return gained


def _packed(flags: Bools) -> Bits:
    """Return a boolean matrix as bits, 64 columns a word."""
    octets = np.packbits(flags, axis=1, bitorder="little")
    words = np.zeros((len(flags), -(-octets.shape[1] // 8) * 8), np.uint8)
    words[:, : octets.shape[1]] = octets
    return words.view("<u8").astype(np.uint64, copy=False)


def _needed(atlas: Atlas, links: ChainLinks, at: Ints) -> Floats:
    """Share of end products that cannot be made without each link, all others taken as present."""
    out = np.full(len(at), np.nan)
    if not len(links.ends) or not len(at):
        return out
    upstream = atlas.makers.recipe.needed_by(links.ends)
    recipe, ends = atlas.makers.recipe.within(upstream), np.searchsorted(upstream, links.ends)
    lost, primary = _positions(upstream, links.items[at]), atlas.makers.primary[upstream]
    for start in range(0, len(at), _SIDE_BY_SIDE):
        items = lost[start : start + _SIDE_BY_SIDE]
        width, goes_in = len(items) + 1, np.flatnonzero(items >= 0)
        own = np.full((recipe.n, (width + 63) // 64), _EVERY)
        own &= ~pack_bits(items[goes_in], goes_in + 1, recipe.n, width)
        own[primary] = _EVERY
        # Losing the maker of what is always to be had costs nothing.
        outside = np.broadcast_to(np.where(primary[:, None], _EVERY, np.uint64(0)), own.shape)
        share = unpack_bits(available(recipe, own, outside)[ends], width).mean(axis=0)
        out[start : start + len(items)] = share[0] - share[1:]
    return out


def _downstream(atlas: Atlas, links: ChainLinks, at: Ints) -> Floats:
    """Share of end products that each link goes into, by any way through the recipe."""
    recipe = atlas.makers.recipe
    if not len(at) or not len(links.ends):
        return np.full(len(at), np.nan)
    # Each link a column: whatever is made of something holds what that holds.
    step = incidence(recipe.user, recipe.member, (recipe.n, recipe.n))
    start = incidence(links.items[at], np.arange(len(at)), (recipe.n, len(at)))
    share: Floats = passed_on(step, start)[links.ends].toarray().mean(axis=0)
    share[atlas.makers.primary[links.items[at]]] = 0.0  # what is always to be had holds nothing up
    return share


def inputs_present(
    atlas: Atlas, links: ChainLinks, found: Verdicts, at: Ints, external: str, among: str | None
) -> Floats:
    """Share of each link's requirement groups of which some member is made here or to be had."""
    recipe, made, width = atlas.makers.recipe, atlas.makers, atlas.scopes.n
    items = links.items[at]
    out = np.full((len(items), len(found.scopes)), np.nan)
    wanted = np.zeros(recipe.n, bool)
    wanted[items] = True
    groups = np.flatnonzero(wanted[recipe.owner])
    if not len(groups):
        return out
    edges = np.flatnonzero(wanted[recipe.user])  # in the order of their groups
    members, at_member = np.unique(recipe.member[edges], return_inverse=True)
    outside = unpack_bits(atlas.external_bits(external)[members], width)[:, found.scopes]
    here = (made.counts[members][:, found.scopes].toarray() > 0) | outside
    starts = np.searchsorted(recipe.group[edges], groups)
    met = np.logical_or.reduceat(here[at_member], starts, axis=0)
    owner = recipe.owner[groups]  # sorted, as the groups are
    first = np.flatnonzero(run_starts(owner))
    mean = np.add.reduceat(met, first, axis=0, dtype=float) / np.diff(np.r_[first, len(owner)])[:, None]
    place = np.minimum(np.searchsorted(owner[first], items), len(first) - 1)
    has = owner[first][place] == items
    out[has] = mean[place[has]]
    return out
