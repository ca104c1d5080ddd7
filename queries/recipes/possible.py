"""Possible: which products may be a lacking input of a link at all.

No answers are: the link itself, its kinds and what it is a kind of, by relation or by its name's end; what its
recipe holds, and general or special forms of that; what already comes in through an input (a level too
deep); what the link goes into, through any number of steps (a level too high); what goes beside the link
into the same product (resin and cloth make the laminate, the cloth is not made of resin: of the bundled
inputs 3 % go in twice); another form of an input that nobody uses beside it; lines of accounts.
"""

from __future__ import annotations

from collections.abc import Callable

from scipy.sparse import csr_array

from ...graph.columns.arrays import row_of
from ...graph.columns.walks import walk
from ..atlas.atlas import Atlas, once_an_atlas
from ..attach.attached import accounting, relater
from ..attach.lexicon import lexicon
from ..attach.relate import CERTAIN, Relater
from .known import Known, known


def impossible(atlas: Atlas, product: int) -> set[int]:
    """Return products that are no answer, by relations."""
    of, made = known(atlas), atlas.makers
    recipe = set(row_of(of.needs, product).tolist())
    out = walk(_rows(of.needs), product) | walk(_rows(of.goes_into), product) | _beside(of, product)
    for one in recipe | {product}:
        out |= made.kinds_below(one) | made.kinds_above(one)
    return out


def _beside(of: Known, product: int) -> set[int]:
    """Return what fills another place of a recipe that the product stands in."""
    found: set[int] = set()
    for user in row_of(of.goes_into, product).tolist():
        places = of.places(user)
        found |= set().union(*(place for place in places if product not in place))
    return found


def _rows(matrix: csr_array) -> Callable[[int], list[int]]:
    return lambda at: row_of(matrix, at).tolist()


def same_by_name(atlas: Atlas, product: int, candidate: int) -> bool:
    """Tell whether a candidate is, by its name, the link or an input that stands in its recipe.

    A name that ends in the link's is a kind of it; one that ends as an input does, for half of both names, is
    another form of it unless some product needs both; a word that is no link attaches as words of firms do.
    """
    of = known(atlas)
    keys, recipe = of.links.names.keys, row_of(of.needs, product).tolist()
    if not keys[candidate] or keys[candidate].endswith(keys[product]):
        return True
    users = set(row_of(of.goes_into, candidate).tolist())
    for one in recipe:
        if _half(keys[candidate], keys[one]) and not users & set(row_of(of.goes_into, one).tolist()):
            return True
    if atlas.chains_of[candidate]:
        return False
    start = atlas.makers.base[0].start
    nodes = {start + one for one in [*recipe, product]}
    return any(
        a.link in nodes and a.tier == CERTAIN for a in _relater(atlas)(lexicon().normal(of_name(atlas, candidate)))
    )


def of_name(atlas: Atlas, item: int) -> str:
    """Return the display name of an item."""
    return atlas.snapshot.name(atlas.makers.node(item))


def _half(a: str, b: str) -> bool:
    """Tell whether two names end alike for at least two characters and half of both."""
    same = 0
    while same < min(len(a), len(b)) and a[-1 - same] == b[-1 - same]:
        same += 1
    return same >= 2 and 2 * same >= max(len(a), len(b))


@once_an_atlas
def _relater(atlas: Atlas) -> Relater:
    return relater(atlas.snapshot)


@once_an_atlas
def lines_of_accounts(atlas: Atlas) -> frozenset[int]:
    """Return products that are lines of an account."""
    ids = atlas.makers.base[0]
    return frozenset(accounting(atlas.snapshot)[ids.start : ids.stop].nonzero()[0].tolist())
