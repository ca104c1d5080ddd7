"""Lacking: inputs that recipes probably lack, with their chance and the akin products that need them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ...graph.columns.arrays import Bools, Floats, Ints, positions, row_of
from ...graph.schema.words import read_toml
from ..atlas.atlas import Atlas, once_an_atlas
from ..recovery.evidence import channels
from .akin import Akin, Likeness
from .known import NEEDS, Surroundings, known
from .possible import impossible, lines_of_accounts, same_by_name
from .weights import chances, input_weights

_BLOCK = 24  # products asked about at a time: bounds the memory


@dataclass(frozen=True)
class Lacking:
    """A product that a recipe probably lacks.

    Attributes
    ----------
    product, item
        The product whose recipe it is, and what it probably lacks.
    score
        Chance that it is the input, should the recipe lack one (without learned weights: the support).
    support
        How far akin products speak for it.
    akin, rows
        Akin products, and which of them need it besides.
    """

    product: int
    item: int
    score: float
    support: float
    akin: Akin
    rows: Ints


@once_an_atlas
def _surroundings(atlas: Atlas) -> Surroundings:
    of = known(atlas)
    return Surroundings(of.links, of.candidates)


@once_an_atlas
def _likeness(atlas: Atlas) -> Likeness:
    return Likeness(known(atlas))


def lacking(
    atlas: Atlas, products: Ints, floor: float | None = None, *, learn: bool = True
) -> dict[int, list[Lacking]]:
    """Return what each recipe probably lacks, the most probable first, down to a score of ``floor``.

    Parameters
    ----------
    learn
        Score by the chance that weights of this graph give, learned at the first question; else by the support.
    """
    floor = float(read_toml("vocabulary.toml")["recipes"]["floor"]) if floor is None else floor
    spoken = {product: _spoken_for(atlas, product) for product in np.asarray(products, np.int64).tolist()}
    out: dict[int, list[Lacking]] = {product: [] for product in spoken}
    asked = np.array([p for p, some in spoken.items() if some], np.int64)
    for product, score in _scores(atlas, asked) if learn else ((p, None) for p in asked.tolist()):
        some = spoken[product]
        if score is not None:
            place = np.searchsorted(known(atlas).candidates, [one.item for one in some])
            some = [replace(one, score=float(value)) for one, value in zip(some, score[place], strict=True)]
        out[product] = sorted((one for one in some if one.score >= floor), key=lambda one: (-one.score, one.item))
    return out


def _spoken_for(atlas: Atlas, product: int) -> list[Lacking]:
    """Return what akin products speak for enough and what may be an input: nothing else has a reason to be shown."""
    akin = _likeness(atlas).akin(product)
    least = float(read_toml("vocabulary.toml")["recipes"]["support"])
    found: list[Lacking] = []
    out: set[int] | None = None
    for candidate in akin.candidates.tolist():
        support, rows = akin.support(candidate, _own(atlas, product, candidate, akin))
        if support < least or not akin.carries(rows):
            continue
        if out is None:
            out = impossible(atlas, product) | lines_of_accounts(atlas)
        if candidate not in out and not same_by_name(atlas, product, candidate):
            found.append(Lacking(product, candidate, support, support, akin, rows))
    return found


def _scores(atlas: Atlas, products: Ints) -> Iterator[tuple[int, Floats | None]]:
    """Yield the chance of every candidate, by product; None where weights could not be learned."""
    of, weights = known(atlas), input_weights(atlas) if len(products) else None
    if weights is None:
        yield from ((product, None) for product in products.tolist())
        return
    place = positions(of.candidates, of.links.n)
    for start in range(0, len(products), _BLOCK):
        rows = products[start : start + _BLOCK]
        found = channels(_surroundings(atlas).about(rows), NEEDS, rows)
        values = [found[name] for name in weights.model.names]
        for at, product in enumerate(rows.tolist()):
            value = np.stack([matrix[at] for matrix in values], axis=1)
            blocked = place[np.r_[row_of(of.needs, product), product]]
            total = weights.model.parts(NEEDS, value).sum(axis=1)
            yield product, chances(total, blocked[blocked >= 0], weights.damping)


def _own(atlas: Atlas, product: int, candidate: int, akin: Akin) -> Bools:
    """Tell which akin products are named after a candidate, as the product is not: what makes them special.

    人工智能加速芯片 goes into 人工智能服务器: that says nothing of 通用服务器.
    """
    keys = known(atlas).links.names.keys
    mine, name = keys[product], keys[candidate]
    pieces = {name[at : at + 2] for at in range(len(name) - 1)}
    pieces = {piece for piece in pieces if piece not in mine}
    return np.array([any(piece in keys[other] for piece in pieces) for other in akin.product.tolist()], bool)
