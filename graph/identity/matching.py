"""Matching: which differently written names of organisations are one entity for certain.

Three rules, each over all names at once, so that the order of loads plays no part:

spelling
    Equal but for width, brackets, traditional characters, the legal form (有限公司,
    有限责任公司, 股份有限公司), marks of the exchanges, or the way the place is written.
place
    Brand, trade and group word are equal, four characters or more, and one name says nothing
    of a place where the other does; never when the names of this core speak of two places,
    be it that one lies in the other.
abbreviation
    A short name of three characters or more is the beginning of exactly one entity's full
    name, with or without its place, or follows its core from the beginning.

Different codes, two places, two trades, 集团 against none, and a branch against its firm never
merge here; what stays open is for people (``chainatlas review``).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..columns.arrays import Bools, Ints, run_starts
from ..columns.canonical import distinct_pairs
from ..schema.words import read_toml
from .names import Names, split

Ranges = list[tuple[Ints, Ints]]
_NONE = np.iinfo(np.int64).max
_PLACE_CORE = 4  # shortest core that counts without its place
_SHORT = 3  # shortest abbreviation that counts


@dataclass(frozen=True)
class Bearers:
    """Which entity bears which name: ``texts`` are distinct names, ``name``/``entity`` pairs.

    ``primary``: the entity's own name, not a further one (short, former).
    """

    texts: pa.Array
    name: Ints
    entity: Ints
    primary: Bools


def compared(kind: str) -> bool:
    """Tell whether the names of a node type are split and compared."""
    return kind in read_toml("names.toml")["types"]


def automatic(borne: Bearers, codes: Ranges, n: int) -> tuple[Ints, Ints]:
    """Return pairs of entities that are one.

    Parameters
    ----------
    codes
        Smallest and largest code of each kind per entity (none: largest −1); entities with
        different codes of a kind are never joined.
    n
        Number of entities.
    """
    nothing = np.zeros(0, np.int64), np.zeros(0, np.int64)
    if any((high >= 0).all() for _, high in codes if n) or len(borne.texts) < 2:
        return nothing  # each has a code of one kind: equal ones are joined, others differ
    borne, parts = _with_former(borne)
    own, entity = borne.name[borne.primary], borne.entity[borne.primary]
    edges = []
    for token in (_spelling(parts), _placed_spelling(parts)):
        edges.append(join(*distinct_pairs(token[own], entity), codes))
        edges.append(_further(token, borne, codes, n))
    edges.append(_place_edges(parts, own, entity, codes))
    edges.append(_abbreviations(parts, borne, codes, n))
    return np.concatenate([a for a, _ in edges]), np.concatenate([b for _, b in edges])


def _with_former(borne: Bearers) -> tuple[Bearers, Names]:
    """Split the names; former ones that stand in brackets behind a name become further names."""
    parts = split(borne.texts)
    has = pc.is_valid(parts.former).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(has[borne.name])
    if not len(rows):
        return borne, parts
    texts = pa.concat_arrays([borne.texts, parts.former.take(pa.array(borne.name[rows]))])
    name = np.r_[borne.name, len(borne.texts) + np.arange(len(rows))]
    primary = np.r_[borne.primary, np.zeros(len(rows), bool)]
    made = Bearers(texts, name, np.r_[borne.entity, borne.entity[rows]], primary)
    return made, split(texts)


def _further(token: Ints, borne: Bearers, codes: Ranges, n: int) -> tuple[Ints, Ints]:
    """Join an entity to the only one that bears its name as a further name."""
    of = token[borne.name]
    other = ~borne.primary & (of >= 0)
    if not other.any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    named, owner = distinct_pairs(of[other], borne.entity[other])
    size = int(token.max(initial=-1)) + 1
    single = np.full(size, -1, np.int64)
    single[named] = owner
    single[np.bincount(named, minlength=size) != 1] = -1
    mine = borne.primary & (of >= 0)
    a, b = borne.entity[mine], single[of[mine]]
    keep = (b >= 0) & (a != b)
    a, b = a[keep], b[keep]
    fine = np.ones(len(a), bool)
    for low, high in codes:
        fine &= (high[a] < 0) | (high[b] < 0) | (low[a] == high[b])
    return a[fine], b[fine]


def join(token: Ints, entity: Ints, values: Ranges) -> tuple[Ints, Ints]:
    """Join all entities that share a token, unless their codes (or places) disagree."""
    known = token >= 0
    token, entity = token[known], entity[known]
    if not len(token):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    start = np.flatnonzero(run_starts(token))
    fine = np.ones(len(start), bool)
    for low, high in values:
        lows = np.minimum.reduceat(low[entity], start)
        highs = np.maximum.reduceat(high[entity], start)
        fine &= (highs < 0) | (lows == highs)
    size = np.diff(np.r_[start, len(token)])
    first = np.repeat(entity[start], size)
    keep = np.repeat(fine & (size > 1), size) & (first != entity)
    return first[keep], entity[keep]


def _codes(texts: pa.Array, keep: Bools) -> Ints:
    """Return a number a distinct text, −1 where it is not to count."""
    made: Ints = texts.dictionary_encode().indices.to_numpy().astype(np.int64)
    return np.where(keep, made, -1)


def _length(texts: pa.Array) -> Ints:
    made: Ints = pc.utf8_length(texts).to_numpy().astype(np.int64)
    return made


def _spelling(parts: Names) -> Ints:
    """Stem and group; a short name of two characters (山推, 歌尔) may be a group as well: it joins nobody."""
    size = _length(parts.stem)
    keep = np.where(parts.full, size >= 2, size >= _SHORT)
    kind = pa.array(np.where(size < _SHORT, "full", ""))
    return _codes(pc.binary_join_element_wise(parts.stem, parts.group, kind, "|"), keep)


def _placed_spelling(parts: Names) -> Ints:
    """The place as a division, so that 山东省青岛市 and 青岛 are one."""
    place = pa.array(parts.finest).cast(pa.string())
    keep = (parts.finest >= 0) & (_length(parts.core) >= _SHORT) & ~parts.branch
    return _codes(pc.binary_join_element_wise(place, parts.core, parts.group, "|"), keep)


def _place_edges(parts: Names, own: Ints, bearer: Ints, codes: Ranges) -> tuple[Ints, Ints]:
    """Join names of one core while all that speak of a place speak of the same."""
    token = _codes(pc.binary_join_element_wise(parts.core, parts.group, "|"),
                   (_length(parts.core) >= _PLACE_CORE) & ~parts.branch)  # fmt: skip
    # Places belong to names, not to entities: they are looked at a (name, entity) pair at a time.
    order = np.argsort(token[own], kind="stable")
    order = order[token[own[order]] >= 0]
    if not len(order):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    named, entity = own[order], bearer[order]
    group = token[named]
    start = np.flatnonzero(run_starts(group))
    code = parts.finest[named]
    lows = np.minimum.reduceat(np.where(code < 0, _NONE, code), start)
    highs = np.maximum.reduceat(code, start)
    fine = (highs < 0) | (lows == highs)
    keep = np.repeat(fine, np.diff(np.r_[start, len(group)]))
    return join(*distinct_pairs(group[keep], entity[keep]), codes)


def _abbreviations(parts: Names, borne: Bearers, codes: Ranges, n: int) -> tuple[Ints, Ints]:
    """Join an entity known by short names only to the one entity whose full name it abbreviates."""
    full_entity = np.zeros(n, bool)
    full_entity[borne.entity[parts.full[borne.name]]] = True
    short = ~parts.full & ~parts.branch & (_length(parts.stem) >= _SHORT)
    rows = np.flatnonzero(short[borne.name] & borne.primary & ~full_entity[borne.entity])
    if not len(rows) or not full_entity.any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    index = FullNames(parts, borne)
    a, b = [], []
    texts = _joined(parts).to_pylist()
    for name, entity in zip(borne.name[rows].tolist(), borne.entity[rows].tolist(), strict=True):
        found = index.abbreviated(texts[name])
        if len(found) == 1:
            (other,) = found
            if all(high[entity] < 0 or high[other] < 0 or low[entity] == high[other] for low, high in codes):
                a.append(entity)
                b.append(other)
    return np.array(a, np.int64), np.array(b, np.int64)


def _joined(parts: Names) -> pa.Array:
    return pc.binary_join_element_wise(parts.stem, parts.group, "")


class FullNames:
    """Full names, to be found by their abbreviation."""

    def __init__(self, parts: Names, borne: Bearers) -> None:
        full = parts.full & ~parts.branch
        rows = np.flatnonzero(full[borne.name])
        names, owners = borne.name[rows].tolist(), borne.entity[rows].tolist()
        stem, core, group = (column.to_pylist() for column in (parts.stem, parts.core, parts.group))
        self._equal: dict[str, set[int]] = defaultdict(set)
        self._block: dict[str, list[tuple[str, int]]] = defaultdict(list)
        spelled = set()
        for name, owner in zip(names, owners, strict=True):
            for text in {stem[name], core[name]}:
                self._equal[text].add(owner)
                self._equal[text + group[name]].add(owner)
                spelled.add((text + group[name], owner))
            self._block[core[name][:2]].append((core[name] + group[name], owner))
        self._sorted = sorted(spelled)

    def abbreviated(self, short: str) -> set[int]:
        """Return the entities that a short name may stand for, by the strongest rule that finds any."""
        found = self._equal.get(short, set()) or self._beginning(short)
        return found or {o for text, o in self._block.get(short[:2], ()) if follows(short, text)}

    def _beginning(self, short: str) -> set[int]:
        found = set()
        at = bisect_left(self._sorted, (short, -1))
        while at < len(self._sorted) and self._sorted[at][0].startswith(short):
            found.add(self._sorted[at][1])
            at += 1
        return found


def follows(short: str, text: str) -> bool:
    """Tell whether the characters of ``short`` stand in ``text`` in this order.

    Examples
    --------
    >>> follows("中洲特材", "中洲特种合金材料"), follows("特材中洲", "中洲特种合金材料")
    (True, False)
    """
    letters = iter(text)
    return all(char in letters for char in short)
