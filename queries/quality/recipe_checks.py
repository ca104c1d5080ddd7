"""Recipe checks: faults of the form of recipes, told without knowing the trade.

They look at what products need: essential inputs in groups of alternatives, all groups
together (AND), one member each (OR).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...graph.columns.arrays import Ints
from ...graph.columns.canonical import flat
from ...graph.schema.words import read_toml
from ..atlas.atlas import Atlas
from ..atlas.chain_links import chain_links, chain_names, used_up
from ..recipes.lacking import lacking

Finding = tuple[str, str, str, dict[str, object]]
Groups = list[frozenset[int]]
_STAGES = {"upstream": 0, "midstream": 1, "downstream": 2}
_SHOWN = 6
_THIN = 2  # inputs up to which a recipe looks thin
_PROBABLE = 3  # probable inputs that a finding names


def parent_and_kinds(atlas: Atlas) -> Iterator[Finding]:
    """Products that need a general product and, as a further input, a kind of it."""
    special = set(atlas.makers.kinds[0].tolist())
    for owner, groups in _needs(atlas).items():
        for at, group in enumerate(groups):
            others = frozenset().union(*groups[:at], *groups[at + 1 :]) - group
            for kind in sorted(group & special):
                for general in sorted((atlas.makers.kinds_above(kind) - {kind}) & others):
                    yield (
                        "parent_and_kinds",
                        "warning",
                        _name(atlas, owner),
                        {"parent": _name(atlas, general), "kind": _name(atlas, kind)},
                    )


def joined_levels(atlas: Atlas) -> Iterator[Finding]:
    """Inputs of two levels of one route that no source asks for together.

    A group A and a group B of a product, such that no source states both and each member of A
    goes into a member of B, through any number of needed inputs.
    """
    said = _sources(atlas)
    for owner, groups in _needs(atlas).items():
        sources = [set().union(*(said.get((owner, member), set()) for member in group)) for group in groups]
        for a, group in enumerate(groups):
            for b, other in enumerate(groups):
                if a != b and sources[a] and sources[b] and not sources[a] & sources[b] and _leads(atlas, group, other):
                    yield (
                        "joined_levels",
                        "warning",
                        _name(atlas, owner),
                        {"inputs": _names(atlas, group), "others": _names(atlas, other)},
                    )


def input_twice(atlas: Atlas) -> Iterator[Finding]:
    """Inputs that are also what a further input is made of, directly: used twice, or one level too many.

    A group A and a group B of a product, such that each member of A is a needed input of each
    member of B and none of A is always to be had.
    """
    needs, primary, n = _needs(atlas), atlas.makers.primary, len(atlas.makers.base[0])
    inputs = {owner: frozenset().union(*groups) for owner, groups in needs.items()}
    for owner, groups in needs.items():
        for other in groups:
            below = frozenset.intersection(*(inputs.get(member, frozenset()) for member in other))
            for group in groups:
                if group != other and group <= below and all(i < n and not primary[i] for i in group):
                    yield (
                        "input_twice",
                        "info",
                        _name(atlas, owner),
                        {"inputs": _names(atlas, group), "others": _names(atlas, other)},
                    )


def inputs_unlisted(atlas: Atlas) -> Iterator[Finding]:
    """Links that feed others, have no input, and are neither always to be had nor marked as not broken down."""
    made = atlas.makers
    src, dst = made.pairs("INPUT_OF")
    marked = atlas.snapshot.column("Product", "unlisted_inputs").fill_null(False).to_numpy(zero_copy_only=False)
    open_ = [i for i in np.setdiff1d(src, dst).tolist() if atlas.chains_of[i] and not made.primary[i] and not marked[i]]
    if open_:
        names = [_name(atlas, i) for i in open_[:_SHOWN]]
        yield "inputs_unlisted", "info", names[0], {"n": len(open_), "names": "、".join(names)}


def inputs_lacking(atlas: Atlas) -> Iterator[Finding]:
    """Links of a thin recipe whose akin products need more; nothing where no input is probable enough.

    What is always to be had, or marked as not broken down, is thin on purpose. Told by the support alone: what
    ``inputs`` learns from a graph takes longer than all checks together.
    """
    made = atlas.makers
    floor = float(read_toml("vocabulary.toml")["recipes"]["thin"])
    many = np.bincount(made.pairs("INPUT_OF")[1], minlength=made.n)
    marked = atlas.snapshot.column("Product", "unlisted_inputs").fill_null(False).to_numpy(zero_copy_only=False)
    thin = np.flatnonzero((many[: len(marked)] > 0) & (many[: len(marked)] <= _THIN) & ~marked)
    thin = np.array([i for i in thin.tolist() if atlas.chains_of[i] and not made.primary[i]], np.int64)
    for item, found in lacking(atlas, thin, floor, learn=False).items():
        if found:
            known = np.unique(made.pairs("INPUT_OF")[0][made.pairs("INPUT_OF")[1] == item])
            yield (
                "inputs_lacking",
                "info",
                _name(atlas, item),
                {
                    "n": len(known),
                    "known": _names(atlas, known),
                    "probable": "、".join(_name(atlas, one.item) for one in found[:_PROBABLE]),
                },
            )


def end_used_up(atlas: Atlas) -> Iterator[Finding]:
    """Products marked as end products that count as an end of a chain in which other links need them."""
    flag = atlas.snapshot.column("Product", "end_product").fill_null(False).to_numpy(zero_copy_only=False)
    for chain in chain_names(atlas):
        for item in chain_links(atlas, chain).ends.tolist():
            users = used_up(atlas, item, chain) if flag[item] else np.zeros(0, np.int64)
            if len(users):
                yield (
                    "end_used_up",
                    "warning",
                    _name(atlas, item),
                    {"chain": atlas.snapshot.name(chain), "users": _names(atlas, users.tolist())},
                )


def runs_backwards(atlas: Atlas) -> Iterator[Finding]:
    """Inputs that stand later in a chain, by stage or order, than what is made of them; recycling is left out."""
    recipe = atlas.makers.recipe
    onward = recipe.component[recipe.member] != recipe.component[recipe.user]
    pairs = sorted(set(zip(recipe.member[onward].tolist(), recipe.user[onward].tolist(), strict=True)))
    for chain in chain_names(atlas):
        place = {
            item: (_STAGES.get(stage or ""), order)
            for item, stage, order in atlas.chain_members[chain]
            if not atlas.makers.is_technology(item)
        }
        late = [(a, b) for a, b in pairs if a in place and b in place and _later(place[a], place[b])]
        if late:
            shown = "、".join(f"{_name(atlas, a)}→{_name(atlas, b)}" for a, b in late[:_SHOWN])
            yield (
                "runs_backwards",
                "warning",
                _name(atlas, late[0][0]),
                {"chain": atlas.snapshot.name(chain), "n": len(late), "pairs": shown},
            )


Position = tuple[int | None, int | None]


def _later(a: Position, b: Position) -> bool:
    """Tell whether a position is after another in any of stage and order that both have."""
    return any(x is not None and y is not None and x > y for x, y in zip(a, b, strict=True))


def _needs(atlas: Atlas) -> dict[int, Groups]:
    """Needed groups of each item that has any: what it needs, a set of alternatives a group."""
    recipe = atlas.makers.recipe
    groups: dict[int, Groups] = {}
    start = np.searchsorted(recipe.group, np.arange(len(recipe.owner) + 1))
    for number, owner in enumerate(recipe.owner.tolist()):
        members = recipe.member[start[number] : start[number + 1]]
        groups.setdefault(owner, []).append(frozenset(members.tolist()))
    return groups


def _sources(atlas: Atlas) -> dict[tuple[int, int], set[str]]:
    """Sources that state each input, by (what it goes into, input)."""
    claims = atlas.snapshot.graph.relation_claims.get("INPUT_OF")
    found: dict[tuple[int, int], set[str]] = {}
    if claims is None or "source" not in claims.column_names:
        return found
    src, dst = (atlas.makers.items(end) for end in atlas.snapshot.edges("INPUT_OF"))
    of = flat(claims["of"]).to_numpy()
    for at, source in zip(of.tolist(), claims["source"].to_pylist(), strict=True):
        found.setdefault((int(dst[at]), int(src[at])), set()).add(source or "")
    return found


def _leads(atlas: Atlas, group: frozenset[int], other: frozenset[int]) -> bool:
    """Tell whether each member of a group goes, through needed inputs, into a member of another."""
    below = atlas.makers.recipe.needed_by(np.array(sorted(other - group), np.int64))
    return not group & other and group <= set(below.tolist())


def _name(atlas: Atlas, item: int) -> str:
    return atlas.snapshot.name(atlas.makers.node(item))


def _names(atlas: Atlas, items: Ints | frozenset[int] | list[int]) -> str:
    return "、".join(_name(atlas, int(i)) for i in sorted(items)[:_SHOWN])
