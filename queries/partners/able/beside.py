"""Beside: makers of what goes directly into a link and of what it goes into, and who shares its technology."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc
from scipy.sparse import csr_array

from ....graph.columns.arrays import Bools, Ints, incidence
from ....graph.columns.canonical import flat
from ....graph.schema.words import read_toml
from ...atlas.makers import Makers
from .table import (
    INPUT,
    TECHNOLOGY,
    USE,
    Entries,
    chains_of_items,
    distinct,
    joined,
    larger,
    machines,
    of_kind,
    specific,
    together,
)


def beside(made: Makers, makes: csr_array, either: csr_array) -> list[Entries]:
    """Makers of what goes directly into the link, and of what it goes directly into.

    Raw materials and commodities tell nothing. Of a link or use of more than six inputs no single part
    tells anything. Who makes a material does not assemble with it, nor the reverse, and who makes what is no
    machine builds none; who builds things with chips makes no chips.
    """
    book = read_toml("vocabulary.toml")["partner"]
    part, whole = materials(made)
    raw, material, assembled = (of_kind(made, book[name]) for name in ("raw", "materials", "assembled"))
    groups, choice = _groups(made), _alternative(made, part, whole)
    needs = 1 / np.sqrt(np.maximum(groups, 1))
    few = needs[whole] >= float(book["use"])
    machine = machines(made)
    crosses = material[part] & (assembled | machine)[whole]
    into = (
        few
        & (machine[part] | ~machine[whole])
        & ~made.primary[part]
        & ~raw[whole]
        & ~_commodity(made, part, whole)[part]
    )
    from_ = (
        few
        & ~raw[part]
        & ~crosses
        & ~choice
        & ~of_kind(made, book["services"])[whole]
        & ~_named(made, book["no_use"])[part]
    )
    weight = specific(part, made.n)[part] * np.minimum(1, 2 * needs[whole])
    weight = np.where(crosses, float(book["crossing"]) * weight, weight)
    return [joined(whole[into], part[into], weight[into], either, INPUT),
            joined(part[from_], whole[from_], needs[whole[from_]], makes, USE)]  # fmt: skip


def _named(made: Makers, pattern: str) -> Bools:
    """Tell which items have a name of a pattern."""
    names = flat(made.snapshot.column("Product", "name"))
    out = np.zeros(made.n, bool)
    out[: len(names)] = pc.match_substring_regex(names, pattern).fill_null(False).to_numpy(zero_copy_only=False)
    return out


def _alternative(made: Makers, part: Ints, whole: Ints) -> Bools:
    """Tell which inputs are one of several that would do: who uses another needs this one not."""
    recipe = made.recipe
    several = (np.bincount(recipe.group, minlength=len(recipe.owner)) > 1)[recipe.group]
    key = recipe.user * np.int64(made.n) + recipe.member
    return np.isin(whole * np.int64(made.n) + part, key[several])


def _commodity(made: Makers, part: Ints, whole: Ints) -> Bools:
    """Tell which items go into products of three chains or more: who sells them is of no trade in particular."""
    chains = np.diff((incidence(part, whole, (made.n, made.n), np.float64) @ chains_of_items(made)).tocsr().indptr)
    trades = np.minimum(chains, np.bincount(part, minlength=made.n))  # one use on three chains is one trade
    return np.asarray(trades >= int(read_toml("vocabulary.toml")["partner"]["trades"]))


def materials(made: Makers) -> tuple[Ints, Ints]:
    """Return distinct pairs (input, product); a tool, package or feed is no part of what is made with it."""
    book = read_toml("vocabulary.toml")["partner"]
    part, whole = made.pairs("INPUT_OF")
    tool = of_kind(made, book["tools"]) | _named(made, book["consumed"])
    return distinct(part, whole, (part != whole) & ~(tool[part] & ~tool[whole]))


def _groups(made: Makers) -> Ints:
    """Number of inputs of each item, alternatives counted once."""
    part, whole = materials(made)
    recipe = made.recipe
    edge = np.isin(recipe.user * np.int64(made.n) + recipe.member, whole * np.int64(made.n) + part)
    owner = recipe.owner[np.unique(recipe.group[edge])]
    return np.bincount(owner, minlength=made.n).astype(np.int64)


def technologies(made: Makers, makes: csr_array, serving: csr_array) -> list[Entries]:
    """Who masters or serves a technology that the link requires; who makes what requires the one asked for."""
    user, technology = made.pairs("REQUIRES")
    user, technology = distinct(user, technology, user != technology)
    users, needs = specific(technology, made.n), specific(user, made.n)
    alike = together(user, technology, users)
    return [joined(user, technology, users[technology], larger(makes, serving), TECHNOLOGY),
            joined(technology, user, needs[user], makes, TECHNOLOGY),
            joined(*alike, makes, TECHNOLOGY)]  # fmt: skip
