"""Lists: a column whose cells name several things becomes one entry a thing, and tells what it left out."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa

from ...graph.columns.arrays import Ints
from ...graph.columns.text import LIST_SEPARATOR
from ...graph.identity.resolve import explode
from ...graph.schema.types import Link, Schema
from ...graph.schema.words import read_toml
from ..headers.persons import is_person
from ..values.items import BODIES, CODES, INDUSTRIES, PRODUCTS, THINGS, WORDS, items
from ..values.marks import is_mark
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
) -> tuple[Ints, pa.Array]:  # fmt: skip
    """Return row and text of each item of a column of lists; each distinct cell is looked at once.

    Parameters
    ----------
    address
        File and header, for what is told.
    """
    encoded = column.dictionary_encode()
    kind = list_kind(link, schema)
    read = [items(text, kind) for text in encoded.dictionary.to_pylist()]
    count = np.bincount(encoded.indices.drop_null().to_numpy(zero_copy_only=False), minlength=len(read))
    for what, of_mark in (("marks", True), ("verbs", False)):
        told: Counter[str] = Counter()
        for one, n in zip(read, count.tolist(), strict=True):
            for text in one.left:
                if is_mark(text) == of_mark and n:
                    told[text] += n
        gathered.tell(what, told)
    found = [one.found for one in read]
    if link.mixed:  # persons stand among the organisations: they stay out and are counted
        found = [tuple(v for v in one if not is_person(v, full=link.mixed == "full")) for one in found]
        left = np.array([len(one.found) - len(kept) for one, kept in zip(read, found, strict=True)], np.int64)
        if n := int(left @ count):
            gathered.persons[address] += n
    parts = pa.array([LIST_SEPARATOR.join(one) or None for one in found], pa.string())
    return explode(parts.take(encoded.indices))
