"""Reasons: the facts behind an input that a recipe probably lacks, as sentences and as rows of sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array

from ...graph.columns.arrays import incidence, row_of
from ...graph.schema.words import Joined, Said, sentence
from ..atlas.atlas import Atlas, once_an_atlas
from ..atlas.facts import Fact, claims_of
from ..atlas.makers import Makers
from ..atlas.tracing import relation_facts, rows_between
from .akin import LIKENESS, common_end
from .known import known
from .lacking import Lacking
from .possible import of_name

_SHOWN = 3  # names a sentence
_GROUNDS = ("inputs", "kind", "technology", "head")


def evidence(atlas: Atlas, one: Lacking) -> Said:
    """Return why an input is probable: akin products that need it, by what joins them, and common makers."""
    told = [said for ground in _GROUNDS if (said := _of_ground(atlas, one, ground)) is not None]
    firms = _makers_of_both(atlas, one)
    if firms:
        told.append(sentence("input_makers", link=of_name(atlas, one.product), firms=tuple(firms[:_SHOWN])))
    return Joined(tuple(told), sentence("input_and"))


def _of_ground(atlas: Atlas, one: Lacking, ground: str) -> Said | None:
    """Return the sentence of the akin products that a ground joins best."""
    others = [p for p, best in _users(one) if best == ground]
    values: dict[str, object] = {}
    if ground == "inputs":
        common, others = _joined(known(atlas).needs, one.product, others)
        values["inputs"] = tuple(of_name(atlas, i) for i in common[:_SHOWN])
    if ground == "technology":
        common, others = _joined(_required(atlas), one.product, others)
        values["technology"] = tuple(of_name(atlas, i) for i in common[:_SHOWN])
    if not others:
        return None
    if ground == "head":
        keys = known(atlas).links.names.keys
        values["end"] = of_name(atlas, one.product)[-min(common_end(keys[one.product], keys[p]) for p in others) :]
    names = tuple(of_name(atlas, p) for p in others[:_SHOWN])
    return sentence(f"input_{ground}", n=len(others), products=names, **values)


def _joined(holds: csr_array, product: int, others: list[int]) -> tuple[list[int], list[int]]:
    """Return what a product and all others hold, the rarest first, and the others.

    Where nothing is common to all, what most of them hold, and these: the sentence must be true of each.
    """
    mine = set(row_of(holds, product).tolist())
    held = {other: mine & set(row_of(holds, other).tolist()) for other in others}
    times = Counter(item for items in held.values() for item in items)
    if not times:
        return [], []
    most = max(times.values())
    first = min(item for item, n in times.items() if n == most)
    others = [other for other in others if first in held[other]]
    common = set.intersection(*(held[other] for other in others))
    rare = np.bincount(holds.indices, minlength=holds.shape[1])
    return sorted(common, key=lambda item: (int(rare[item]), item)), others


@once_an_atlas
def _required(atlas: Atlas) -> csr_array:
    """1 where an item (row) requires a technology (column)."""
    return incidence(*atlas.makers.pairs("REQUIRES"), (atlas.makers.n, atlas.makers.n))


def _users(one: Lacking) -> Iterator[tuple[int, str]]:
    """Yield the akin products that need the input, the nearest first, with what joins them best."""
    columns = [LIKENESS.index(ground) for ground in _GROUNDS]
    for row in one.rows.tolist():
        part = one.akin.part[row, columns]
        yield int(one.akin.product[row]), _GROUNDS[int(np.argmax(part))]


def _makers_of_both(atlas: Atlas, one: Lacking) -> list[str]:
    """Return the enterprises that make the link and the input."""
    made: Makers = atlas.makers
    both = np.intersect1d(row_of(made.direct, one.product), row_of(made.direct, one.item))
    return made.snapshot.names(np.sort(both)[:_SHOWN].astype(np.int64))


def rows_of(atlas: Atlas, one: Lacking) -> dict[str, list[int]]:
    """Return the rows of relations behind a reason: who needs the input, and what joins them with the link."""
    made = atlas.makers
    others = [int(p) for p in one.akin.product[one.rows]][: 2 * _SHOWN]
    nodes = [made.node(p) for p in others]
    common = [made.node(i) for i in row_of(known(atlas).needs, one.product).tolist()]
    needs = rows_between(atlas.snapshot, "INPUT_OF", [made.node(one.item)], nodes)
    shared = rows_between(atlas.snapshot, "INPUT_OF", common, [*nodes, made.node(one.product)])
    found = {"INPUT_OF": [*needs, *(row for row in shared if row not in needs)]}
    above = made.kinds_above(one.product)
    general = [made.node(i) for i in above]
    found["KIND_OF"] = rows_between(atlas.snapshot, "KIND_OF", [*nodes, made.node(one.product)], [*general, *nodes])
    technologies = [made.node(i) for i in row_of(_required(atlas), one.product).tolist()]
    found["REQUIRES"] = rows_between(atlas.snapshot, "REQUIRES", [*nodes, made.node(one.product)], technologies)
    return found


def facts(atlas: Atlas, one: Lacking) -> Iterator[Fact]:
    """Yield the claims behind a reason, those that akin products need the input first."""
    for relation, rows in rows_of(atlas, one).items():
        yield from relation_facts(atlas.snapshot, relation, rows)


def sources(atlas: Atlas, one: Lacking) -> list[str]:
    """Return who says that akin products need the input."""
    nodes = [atlas.makers.node(int(p)) for p in one.akin.product[one.rows]]
    rows = rows_between(atlas.snapshot, "INPUT_OF", [atlas.makers.node(one.item)], nodes)
    claims = claims_of(atlas.snapshot, "INPUT_OF", rows)
    return sorted({str(claim["source"]) for some in claims.values() for claim in some if claim.get("source")})
