"""Which two enterprise records may be one firm: blocks, evidence, score, and what follows from it.

Names are split (`names.parts_table`), pairs that share something rare are looked at, and each
pair gets the weight of the one pattern that tells how its names agree, plus the weights of
place and products. Weights, all in ``schema/names.toml``, add up as log odds; the score is
1 / (1 + e^-sum). From ``same`` upwards a pair is the same firm, from ``review`` upwards people
decide, below it is not returned. A pair that another one contests is never more than a review.
Persons (owners, legal representatives) play no part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .canonical import distinct_pairs, flat
from .names import gazetteer, organization_keys, parts_table
from .text import LIST_SEPARATOR, name_keys
from .words import read_toml

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]
Pairs = tuple[Ints, Ints]

_EQUAL, _INSIDE, _UNTOLD, _MISSING, _ELSEWHERE = range(5)  # how two places stand to each other


@dataclass(frozen=True)
class Spellings:
    """Distinct name keys and their parts, one entry a key.

    ``place`` is without 省 and 市, ``core`` is 字号 and trade, ``form`` the legal form without
    集团, ``whole`` the parts put together in one order, ``hay`` what a short name is made of.
    ``region`` holds six-digit codes (0 none). ``long`` marks names with a legal form.
    """

    place: Texts
    brand: Texts
    trade: Texts
    core: Texts
    form: Texts
    branch: Texts
    whole: Texts
    hay: Texts
    region: Ints
    group: Flags
    long: Flags


def spellings(keys: pa.Array) -> Spellings:
    """Split distinct keys and derive what the comparison reads."""
    vocabulary = read_toml("names.toml")
    table = parts_table(keys)
    place = pc.replace_substring_regex(table["place"], "[省市]", "")
    core = pc.binary_join_element_wise(table["brand"], table["trade"], "")
    legal = table["legal"]
    group = pc.match_substring(legal, vocabulary["group"])
    form = pc.replace_substring(legal, vocabulary["group"], "")
    bare = pc.or_(pc.equal(legal, ""), pc.is_in(legal, pa.array(vocabulary["short_form"])))
    region = pc.cast(pc.if_else(pc.equal(table["region"], ""), "0", table["region"]), pa.int64())
    hay = pc.binary_join_element_wise(place, _signs(table["region"], vocabulary), core, pc.if_else(group, "集团", ""), "")
    whole = pc.binary_join_element_wise(place, core, legal, "")
    wordy = pc.greater_equal(pc.utf8_length(keys), 9)
    return Spellings(*map(_texts, (place, table["brand"], table["trade"], core, form, table["branch"], whole, hay)),
                     _numbers(region), _flags(group), _flags(pc.or_(pc.invert(bare), wordy)))  # fmt: skip


def _signs(regions: pa.ChunkedArray, vocabulary: dict[str, Any]) -> pa.Array:
    """Return the one-character signs of each region: 沪 for a district of Shanghai."""
    signs = vocabulary["abbreviation"]
    encoded = flat(regions).dictionary_encode()
    told = [signs.get(c[:2] + "0000", "") + signs.get(c[:4] + "00", "") if c else "" for c in encoded.dictionary.to_pylist()]
    told = [t if c[2:] else t for t, c in zip(told, encoded.dictionary.to_pylist(), strict=True)]
    return pa.array(told, pa.string()).take(encoded.indices)


def _texts(column: pa.Array | pa.ChunkedArray) -> Texts:
    return np.asarray(flat(column).to_numpy(zero_copy_only=False), object)


def _numbers(column: pa.Array | pa.ChunkedArray) -> Ints:
    return np.asarray(flat(column).to_numpy(zero_copy_only=False), np.int64)


def _flags(column: pa.Array | pa.ChunkedArray) -> Flags:
    return np.asarray(flat(column).fill_null(False).to_numpy(zero_copy_only=False), bool)


# Blocks -----------------------------------------------------------------------------------------


def blocks(names: Spellings) -> tuple[Pairs, Pairs]:
    """Return the pairs worth comparing: (long, long) and (short, long), as positions."""
    limits = read_toml("names.toml")["blocks"]
    stems = names.place + names.core
    long = np.flatnonzero(names.long)
    short = np.flatnonzero(~names.long)
    owner, token = _grams(stems[long], 2)
    owner, token = _rarest(owner, token, limits["rare"], limits["gram"])
    pairs = [_paired(owner, token, limits["gram"])]
    for column, limit in ((names.core, "core"), (names.brand, "brand")):
        texts = column[long]
        rows = np.flatnonzero(texts.astype(bool))
        pairs.append(_paired(rows, _ids(texts[rows]), limits[limit]))
    heads = np.array([b[:2] for b in names.brand[long]], object)
    rows = np.flatnonzero(heads.astype(bool))
    pairs.append(_paired(rows, _ids(heads[rows]), limits["head"]))
    a, b = distinct_pairs(np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs]))
    return (long[a], long[b]), _short_pairs(names, stems, short, long, limits)


def _short_pairs(names: Spellings, stems: Texts, short: Ints, long: Ints, limits: dict[str, int]) -> Pairs:
    """Pair each short name with the long ones that hold its rarest pairs of characters, in order."""
    owner, token = _grams(stems[short], 3)
    held, tokens = _grams(names.hay[long], 6)
    order = np.argsort(tokens, kind="stable")
    held, tokens = held[order], tokens[order]
    low, high = np.searchsorted(tokens, token), np.searchsorted(tokens, token, "right")
    count = high - low
    fine = (count > 0) & (count <= limits["short"])
    owner, low, count = owner[fine], low[fine], count[fine]
    order = np.lexsort((count, owner))
    owner, low, count = owner[order], low[order], count[order]
    kept = _rank(owner) < 2
    owner, low, count = owner[kept], low[kept], count[kept]
    ends = np.cumsum(count)
    at = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - count - low, count)
    a, b = distinct_pairs(np.repeat(owner, count), held[at])
    return short[a], long[b]


def _grams(texts: Texts, reach: int) -> Pairs:
    """Return (row, pair of characters) for all ordered pairs at most ``reach`` apart."""
    width = 24
    if not len(texts):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    codes = texts.astype(f"U{width}").view(np.uint32).reshape(len(texts), width).astype(np.int64)
    rows, tokens = [], []
    for gap in range(1, reach + 1):
        first, second = codes[:, :-gap], codes[:, gap:]
        row, column = np.nonzero(second)
        rows.append(row)
        tokens.append(first[row, column] << 21 | second[row, column])
    return distinct_pairs(np.concatenate(rows), np.concatenate(tokens))


def _rarest(owner: Ints, token: Ints, keep: int, limit: int) -> Pairs:
    """Keep the rarest tokens of each owner, those that two to ``limit`` owners share."""
    _, inverse, count = np.unique(token, return_inverse=True, return_counts=True)
    shared = count[inverse]
    fine = (shared > 1) & (shared <= limit)
    owner, token, shared = owner[fine], token[fine], shared[fine]
    order = np.lexsort((token, shared, owner))
    kept = order[_rank(owner[order]) < keep]
    return owner[kept], token[kept]


def _rank(sorted_owner: Ints) -> Ints:
    """Number the entries of each owner from 0."""
    if not len(sorted_owner):
        return np.zeros(0, np.int64)
    start = np.flatnonzero(np.r_[True, sorted_owner[1:] != sorted_owner[:-1]])
    return np.arange(len(sorted_owner)) - np.repeat(start, np.diff(np.r_[start, len(sorted_owner)]))


def _paired(owner: Ints, token: Ints, limit: int) -> Pairs:
    """Return all pairs of owners that share a token which at most ``limit`` of them bear."""
    order = np.lexsort((owner, token))
    owner, token = owner[order], token[order]
    _, start, count = np.unique(token, return_index=True, return_counts=True)
    kept = np.repeat((count > 1) & (count <= limit), count)
    owner, token = owner[kept], token[kept]
    found_a, found_b = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for gap in range(1, int(count[(count > 1) & (count <= limit)].max(initial=1))):
        hits = np.flatnonzero(token[:-gap] == token[gap:])
        found_a.append(owner[hits])
        found_b.append(owner[hits + gap])
    return np.concatenate(found_a), np.concatenate(found_b)


def _ids(texts: Texts) -> Ints:
    return np.asarray(pa.array(texts, pa.string()).dictionary_encode().indices.to_numpy(), np.int64)


# Comparison -------------------------------------------------------------------------------------


def places(a: Ints, b: Ints) -> Ints:
    """Tell how regions stand to each other: equal, one inside the other, untold, one missing, elsewhere."""
    level_a, level_b = (np.where(c == 0, -1, (c % 10000 > 0) * 1 + (c % 100 > 0) * 1) for c in (a, b))
    level_a, level_b = np.where(a == 100000, -1, level_a), np.where(b == 100000, -1, level_b)
    common = np.minimum(level_a, level_b)
    unit = np.array([10000, 100, 1])[np.maximum(common, 0)]
    fits = a // unit == b // unit
    told = np.where(common < 0, np.where(a == b, _UNTOLD, np.where((a == 0) | (b == 0), _MISSING, _INSIDE)), _ELSEWHERE)
    return np.where((common >= 0) & fits, np.where(a == b, _EQUAL, _INSIDE), told)
