"""Lists: a column whose cells name several things becomes one entry a thing, and tells what it left out."""

from __future__ import annotations

from collections import Counter
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...graph.columns.arrays import Ints
from ...graph.columns.text import LIST_SEPARATOR
from ...graph.identity.resolve import explode
from ...graph.schema.types import Link, Schema
from ...graph.schema.words import read_toml
from ..headers.persons import is_person
from ..values.items import (
    BODIES,
    CODES,
    INDUSTRIES,
    PRODUCTS,
    THINGS,
    WORDS,
    Items,
    bodies,
    items,
    needs_reading,
    plainly_parted,
)
from ..values.marks import is_mark, without_marks_in
from .records import Gathered

_THINGS = ("Product", "Technology", "Chain")


def list_kind(link: Link, schema: Schema) -> str:
    """Return what the list of a link holds, which decides where it may be cut."""
    if not any("name" in schema.nodes[t].identify for t in link.targets):
        return CODES  # numbers of clauses and patents hold slashes
    makers = set(read_toml("vocabulary.toml")["maker"].values())
    if link.targets == ("Product",) and link.relation in makers:
        return PRODUCTS
    if link.targets == ("Industry",):
        return INDUSTRIES
    if link.targets == ("Region",):
        return WORDS
    return THINGS if set(link.targets) <= set(_THINGS) else BODIES


def split_column(
    column: pa.Array, link: Link, schema: Schema, gathered: Gathered, address: tuple[str, str]
) -> tuple[tuple[Ints, pa.Array], pa.Array | None]:
    """Return row and text of each item of a column of lists; each distinct cell is looked at once.

    Beside them the column's own text in the rows where verbs were left out of it, if there are any.

    Parameters
    ----------
    address
        File and header, for what is told.
    """
    encoded = column.dictionary_encode()
    texts, kind = encoded.dictionary, list_kind(link, schema)
    rows = np.arange(len(texts)) if link.mixed else np.flatnonzero(needs_reading(texts, kind))
    cut = bodies if link.mixed == "full" and kind == BODIES else partial(items, kind=kind)
    read = [cut(text) for text in texts.take(pa.array(rows)).to_pylist()]
    count = np.bincount(encoded.indices.drop_null().to_numpy(zero_copy_only=False), minlength=len(texts))
    _tell(read, count[rows], gathered)
    looked = np.zeros(len(texts), bool)
    looked[rows] = True
    found = [one.found for one in read]
    if link.mixed:  # persons stand among the organisations: they stay out and are counted
        found = [tuple(v for v in one if not is_person(v, full=link.mixed == "full")) for one in found]
        left = np.array([len(one.found) - len(kept) for one, kept in zip(read, found, strict=True)], np.int64)
        if n := int(left @ count[rows]):
            gathered.persons[address] += n
    joined = pa.array([LIST_SEPARATOR.join(one) or None for one in found], pa.string())
    parts = pc.replace_with_mask(plainly_parted(texts), pa.array(looked), joined)
    own = pa.array([any(not is_mark(text) for text in one.left) for one in read], pa.bool_())
    words = pc.if_else(own, texts.take(pa.array(rows)), pa.scalar(None, pa.string()))
    whole = pc.replace_with_mask(pa.nulls(len(texts), pa.string()), pa.array(looked), words)
    stated = whole.take(encoded.indices) if whole.null_count < len(whole) else None
    return _without_marks(*explode(parts.take(encoded.indices)), gathered), stated


def _tell(read: list[Items], count: Ints, gathered: Gathered) -> None:
    """Count what the cells hold that is no item: marks, and what is done with products."""
    marks: Counter[str] = Counter()
    verbs: Counter[str] = Counter()
    for one, n in zip(read, count.tolist(), strict=True):
        for text in one.left if n else ():
            (marks if is_mark(text) else verbs)[text] += n
    gathered.tell("marks", marks)
    gathered.tell("verbs", verbs)


def _without_marks(rows: Ints, names: pa.Array, gathered: Gathered) -> tuple[Ints, pa.Array]:
    """Leave out items of plainly parted cells that are marks for nothing: 电池、无."""
    emptied, told = without_marks_in(names)
    if not told:
        return rows, names
    gathered.tell("marks", told)
    keep = pc.not_equal(emptied, "")
    return rows[keep.to_numpy(zero_copy_only=False)], names.filter(keep)
