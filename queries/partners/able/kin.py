"""Kin: makers of what a link is a kind of, of its siblings, and of what is called by the same head."""

from __future__ import annotations

import re

import numpy as np
from scipy.sparse import coo_array, csr_array

from ....graph.columns.arrays import Bools, Floats, Ints, as_flags
from ....graph.schema.words import read_toml
from ...atlas.makers import Makers
from ...attach.family import families
from ..holdings import Holdings
from .beside import materials
from .table import (
    PARENT,
    SIBLING,
    WIDEST,
    Entries,
    by_holder,
    chains_of_items,
    distinct,
    joined,
    of_kind,
    specific,
    together,
)

_LATIN = re.compile("[A-Za-z0-9]{2}")


def kin(h: Holdings, makes: csr_array) -> list[Entries]:
    """Makers of what the link is a kind of, and of sibling kinds or links of like recipe."""
    made = h.atlas.makers
    child, parent = distinct(*made.kinds, _named_kinds(made))
    kinds = specific(parent, made.n)
    open_ = by_holder(h, made.unspecified)
    beside = together(child, parent, np.ones(made.n))
    told = kinds[parent] >= float(read_toml("vocabulary.toml")["partner"]["kin"])
    siblings = [joined(*pairs, makes, SIBLING) for pairs in (_alike(made, *beside[:2]), _family(made, makes))]
    return [joined(child[told], parent[told], kinds[parent[told]], open_, PARENT), *siblings]


def _named_kinds(made: Makers) -> Bools:
    """Tell which pairs (kind, what it is a kind of) are no mere parts of a name.

    Lists of kinds made by letters hold 包装纸盖 as a kind of 包装纸, PCPMMA as one of PCP: who makes the
    second is not able to make the first. Where one name holds the other, it is a kind only by its head.
    """
    names = made.snapshot.column("Product", "name").to_pylist()
    fine = np.ones(len(made.kinds[0]), bool)
    for at, (kind, above) in enumerate(zip(*(k.tolist() for k in made.kinds), strict=True)):
        a, b = names[kind] or "", names[above] or ""
        cut = a[: -len(b)] if b and a.endswith(b) else ""
        fine[at] = a != b and (b not in a or bool(cut)) and not _LATIN.fullmatch(cut[-1:] + b[:1])
    return fine


def _family(made: Makers, makes: csr_array) -> tuple[Ints, Ints, Floats]:
    """Links of chains, and what somebody makes that has the same head."""
    names = made.snapshot.column("Product", "name").to_pylist()
    links = np.unique(made.items(made.snapshot.edges("IN_CHAIN")[0]))
    wanted = {i: names[i] or "" for i in links.tolist() if 0 <= i < len(names)}
    others = {i: names[i] or "" for i in np.flatnonzero(np.diff(makes.indptr)[: len(names)]).tolist()}
    a, b = families(wanted, others if wanted else {})
    return a, b, np.full(len(a), float(read_toml("vocabulary.toml")["partner"]["family"]))


def _alike(made: Makers, a: Ints, b: Ints) -> tuple[Ints, Ints, Floats]:
    """Pairs of siblings that share an input or technology, and other pairs whose recipes are mostly the same.

    A cosine of recipes (weighted by rarity) of ``kin`` of the vocabulary or more; products that are no siblings
    have two inputs or technologies in common at least, are of one sort and stand on one chain.
    """
    part, whole = materials(made)
    user, technology = made.pairs("REQUIRES")
    told = ~made.primary[part]
    rows, cols = np.r_[whole[told], user], np.r_[part[told], technology]
    degree = np.bincount(cols, minlength=made.n)
    few = (degree[cols] > 0) & (degree[cols] <= WIDEST)
    weight = np.log1p(max(1, len(np.unique(rows))) / np.maximum(degree, 1))
    recipe = coo_array((weight[cols[few]], (rows[few], cols[few])), shape=(made.n, made.n)).tocsr()
    # What is rare or a raw material still lengthens a recipe: two are alike only in all that they need.
    length = np.sqrt(np.bincount(np.r_[whole, user], weight[np.r_[part, technology]] ** 2, minlength=made.n))
    scale = 1 / np.maximum(length, 1e-9)
    unit = recipe.multiply(scale[:, None]).tocsr()
    like = (unit @ unit.T).tocoo()
    if not like.nnz:  # nothing has a recipe: indexing by no pair at all gives no array
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    family = coo_array((np.ones(len(a)), (a, b)), shape=(made.n, made.n)).tocsr()
    family.data[:] = 1
    kin = np.asarray(family[like.row, like.col]).reshape(-1) > 0
    flags = as_flags(recipe.copy())
    several = np.asarray((flags @ flags.T).tocsr()[like.row, like.col]).reshape(-1) > 1
    material = of_kind(made, read_toml("vocabulary.toml")["partner"]["materials"])
    one_sort = (material[like.row] == material[like.col]) & _one_chain(made, like.row, like.col)
    least = float(read_toml("vocabulary.toml")["partner"]["kin"])
    keep = (like.row != like.col) & (like.data >= least) & (kin | several & one_sort)
    value = like.data[keep]
    return like.row[keep].astype(np.int64), like.col[keep].astype(np.int64), np.minimum(value, 1.0)


def _one_chain(made: Makers, a: Ints, b: Ints) -> Bools:
    """Tell which pairs stand on one chain."""
    on = chains_of_items(made)
    return np.asarray(on[a].multiply(on[b]).sum(axis=1)).reshape(-1) > 0
