"""Difference: what the rows on the server lack, row by row where fingerprints of buckets differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...columns.arrays import Ints
from ...schema.types import Schema
from . import texts as cypher
from .session import Server
from .wire import BUCKETS, FORMAT, GROUPS, Part, empty_part

Objects = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Difference:
    """What one part needs: rows to create, rows to update with their element ids, ids to delete."""

    part: Part
    create: Ints
    update: Ints
    update_ids: Objects
    delete: Objects
    shared: int
    dirty: list[int]

    @property
    def size(self) -> int:
        return len(self.create) + len(self.update) + len(self.delete)


def differences(
    server: Server, parts: list[Part], schema: Schema, state: dict[str, Any], verify: bool
) -> list[Difference]:
    """Compare each part with the server's rows, reading only buckets that are not equal."""
    states = {row[0]["id"]: row[0] for row in server.read(cypher.STATES)}
    blank = not state and not states and server.read(cypher.COUNT) == [[0]]
    made = {part.key: part for part in parts}
    types: dict[str, Mapping[str, object]] = {
        "node": schema.nodes, "statement": schema.statements, "relation": schema.relations}  # fmt: skip
    for group in GROUPS:
        for name in types[group]:
            made.setdefault(f"{group} {name}", empty_part(group, name))
    for key, known in states.items():  # types that this schema does not know any more
        if known.get("group") in GROUPS:
            made.setdefault(key, empty_part(known["group"], known["name"]))
    trusted = state.get("format") == FORMAT and not verify
    return [_difference(server, part, states.get(part.key, {}) if trusted else None, blank)
            for part in made.values()]  # fmt: skip


def _difference(server: Server, part: Part, known: dict[str, Any] | None, blank: bool) -> Difference:
    none = np.zeros(0, object)
    if blank:
        dirty = [b for b, now in enumerate(part.buckets) if now]
        every = np.arange(len(part))
        return Difference(part, every, every[:0], none, none, 0, dirty)
    dirty = list(range(BUCKETS))
    if known is not None:
        before = known.get("buckets", [0] * BUCKETS)
        dirty = [b for b, (old, new) in enumerate(zip(before, part.buckets, strict=True))
                 if old != new]  # fmt: skip
    here = np.flatnonzero(np.isin(part.ids % BUCKETS, dirty))
    shared = len(part) - len(here)
    if not dirty:
        return Difference(part, here, here, none, none, shared, dirty)
    rows = server.read(cypher.compare(part.group, part.name, len(dirty) == BUCKETS),
                       buckets=dirty, n=BUCKETS)  # fmt: skip
    return _matched(part, here, rows, shared, dirty)


def _matched(part: Part, here: Ints, rows: list[list[Any]], shared: int, dirty: list[int]) -> Difference:
    """Match the part's rows to the server's by id; a row that is there twice goes once."""
    ids, fps, elements = _columns(rows)
    ids, first = np.unique(ids, return_index=True)
    twice = np.ones(len(fps), bool)
    twice[first] = False
    at = np.searchsorted(ids, part.ids[here]).clip(max=max(len(ids) - 1, 0))
    same = ids[at] == part.ids[here] if len(ids) else np.zeros(len(here), bool)
    there = first[at[same]] if len(ids) else np.zeros(0, np.int64)
    stale = fps[there] != part.fps[here[same]]
    gone = twice.copy()
    gone[np.setdiff1d(first, there)] = True
    return Difference(part, here[~same], here[same][stale], elements[there[stale]],
                       elements[gone], shared + int(same.sum()), dirty)  # fmt: skip


def _columns(rows: list[list[Any]]) -> tuple[Ints, Ints, Objects]:
    ids = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    fps = np.fromiter((-1 if row[1] is None else row[1] for row in rows), np.int64, len(rows))
    elements = np.empty(len(rows), object)
    elements[:] = [row[2] for row in rows]
    return ids, fps, elements
