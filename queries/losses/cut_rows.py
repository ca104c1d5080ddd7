"""Minimal cut sets of one end product as rows: whom it takes to make it unavailable."""

from __future__ import annotations

import numpy as np

from ...graph.columns.arrays import run_starts
from ...graph.schema.errors import QueryError
from ...graph.schema.words import Said, sentence
from ..atlas.atlas import Atlas
from ..atlas.result import Result, Row
from .cuts import LARGEST, Cut, minimal_cuts
from .evidence import loss_evidence
from .worlds import Scoped, scoped, stands

CUT_COLUMNS = ("product", "cut", "size", "certain", "kills")


def cut_rows(
    atlas: Atlas, end: int, scope: int, size: int, among: str | None, external: str
) -> Result:  # fmt: skip
    """Return the minimal cut sets of an item in a scope: ``product cut size certain kills``.

    A cut is *certain* when it takes the product away whatever the unknown links are, else it
    does so only if no unknown link is there. ``kills`` are the links that nobody makes then.
    """
    if not 1 <= size <= LARGEST:
        raise QueryError("option_value", option="--size", value=size, known="1、2、3")
    here = scoped(atlas, scope, among=among, external=external)
    by_item = _makers(here)
    sure = _cuts(here, by_item, end, size, certain=True)
    maybe = _cuts(here, by_item, end, size, certain=False)
    every = sorted({*sure, *maybe} - {frozenset()}, key=lambda c: (len(c), sorted(c)))
    rows = [_row(atlas, end, cut, any(s and s <= cut for s in sure), by_item) for cut in every]
    rows.sort(key=lambda r: (r["size"], not r["certain"], r["cut"]))
    notes: tuple[Said, ...] = ()
    name = atlas.snapshot.name(atlas.makers.node(end))
    if not stands(here.present)[end]:
        notes = (sentence("note_cut_unavailable", product=name),)
    elif not rows:
        notes = (sentence("note_cut_none", product=name, size=size),)
    return Result(CUT_COLUMNS, rows, notes, lambda at: loss_evidence(
        atlas, np.array(sorted(rows[at]["_cut"]), np.int64), np.array([end]), scope))  # fmt: skip


def _makers(here: Scoped) -> dict[int, Cut]:
    order = np.argsort(here.item, kind="stable")
    item, maker = here.item[order], here.maker[order]
    if not len(item):
        return {}
    start = np.flatnonzero(run_starts(item))
    return {int(item[a]): frozenset(maker[a:b].tolist())
            for a, b in zip(start, np.r_[start[1:], len(item)], strict=True)}  # fmt: skip


def _cuts(here: Scoped, makers: dict[int, Cut], end: int, size: int, *, certain: bool) -> list[Cut]:
    """Cuts with unknown links taken as present (certain) or as absent."""

    def own(item: int) -> Cut | None:
        return None if certain and here.unknown[item] else makers.get(item, frozenset())

    world = here.present if certain else here.absent
    return minimal_cuts(world.recipe, end, own, world.outside, size)


def _row(atlas: Atlas, end: int, cut: Cut, certain: bool, makers: dict[int, Cut]) -> Row:
    names = atlas.snapshot.names(np.array(sorted(cut), np.int64))
    killed = sorted(item for item, who in makers.items() if who <= cut)
    return {
        "product": atlas.snapshot.name(atlas.makers.node(end)), "cut": names, "size": len(cut),
        "certain": certain,
        "kills": atlas.snapshot.names(np.array([atlas.makers.node(i) for i in killed], np.int64)), "_cut": cut,
    }  # fmt: skip
