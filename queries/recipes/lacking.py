"""Lacking: inputs that recipes probably lack, with their chance and the akin products that need them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...graph.columns.arrays import Floats, Ints, positions, row_of
from ...graph.schema.words import read_toml
from ..atlas.atlas import Atlas, once_an_atlas
from ..recovery.evidence import channels
from .akin import Akin, likeness
from .known import NEEDS, Surroundings, known
from .possible import impossible, lines_of_accounts, same_by_name
from .weights import input_weights

_BLOCK = 24
_LOOKED_AT = 60  # best candidates a product that are looked at one by one


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
        How far akin products need it.
    akin, rows
        Akin products, and which of them need it.
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


def lacking(atlas: Atlas, products: Ints, floor: float | None = None) -> dict[int, list[Lacking]]:
    """Return what each recipe probably lacks, the most probable first, down to a score of ``floor``."""
    floor = float(read_toml("vocabulary.toml")["recipes"]["floor"]) if floor is None else floor
    return {
        product: list(_chosen(atlas, product, score, floor))
        for product, score in _scores(atlas, np.asarray(products, np.int64))
    }


def _scores(atlas: Atlas, products: Ints) -> Iterator[tuple[int, Floats | None]]:
    """Yield the chance of every candidate, by product; None where weights could not be learned."""
    of, weights = known(atlas), input_weights(atlas)
    if weights is None or not len(of.candidates):
        yield from ((product, None) for product in products.tolist())
        return
    place = positions(of.candidates, of.links.n)
    for start in range(0, len(products), _BLOCK):
        rows = products[start : start + _BLOCK]
        found = channels(_surroundings(atlas).about(rows), NEEDS, rows)
        values = [found[name] for name in weights.model.names]
        for at, product in enumerate(rows.tolist()):
            value = np.stack([matrix[at] for matrix in values], axis=1)
            total = weights.model.parts(NEEDS, value).sum(axis=1)
            blocked = place[row_of(of.needs, product)]
            yield product, weights.chances(total, blocked[blocked >= 0])


def _chosen(atlas: Atlas, product: int, score: Floats | None, floor: float) -> Iterator[Lacking]:
    of, akin = known(atlas), likeness(atlas).akin(product)
    least = float(read_toml("vocabulary.toml")["recipes"]["support"])
    candidates = _needed_by(atlas, akin)
    if score is not None:
        value = score[np.searchsorted(of.candidates, candidates)]
    else:
        value = np.array([akin.support(of, c)[0] for c in candidates.tolist()], float)
    order = np.lexsort((candidates, -value))
    order = order[value[order] >= floor][:_LOOKED_AT]
    out = impossible(atlas, product) | lines_of_accounts(atlas) if len(order) else set()
    for at in order.tolist():
        candidate = int(candidates[at])
        support, rows = akin.support(of, candidate)
        if support >= least and candidate not in out and not same_by_name(atlas, product, candidate):
            yield Lacking(product, candidate, float(value[at]), support, akin, rows)


def _needed_by(atlas: Atlas, akin: Akin) -> Ints:
    """Products that some akin product needs: nothing else has a reason that can be shown."""
    needs = known(atlas).needs
    found = [row_of(needs, product) for product in akin.product.tolist()]
    return np.unique(np.concatenate(found)).astype(np.int64) if found else np.zeros(0, np.int64)
