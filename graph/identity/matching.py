"""Matching: which differently written names of organisations are one entity for certain.

Three rules, each over all names at once, so that the order of loads plays no part:

spelling
    Equal but for width, brackets, traditional characters, the legal form (有限公司,
    有限责任公司, 股份有限公司), marks of the exchanges, or the way the place is written.
place
    Brand, trade and group word are equal, four characters or more, and a name says nothing of a
    place where the others all say the same. The placed ones bear a legal form, and that of the
    other is of its kind; nobody else bears the core, with 集团 or another place.
abbreviation
    A short name of three characters or more is the beginning of exactly one entity's full
    name, with or without its place, or follows its core from the beginning. What it leaves out
    holds no other body (大学 and its 出版社), no side trade (集团 and its 物流), no second trade,
    number, letter or place; and the short name says no place that the full one does not.

A known difference outweighs all three: codes, two places (in the name or in a place column, of
which one may lie in the other where both names say theirs), a body without legal form against a
company, the letter of a share, 集团 against none, a branch against its firm. What stays open is for
people (``chainatlas review``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..columns.arrays import Bools, Ints, run_starts
from ..columns.canonical import distinct_pairs
from ..schema.words import read_toml
from .abbreviations import FullNames, joined_text, rows_of_short
from .brands import Brands, by_shares
from .names import Names, share_letters, split
from .seats import kinds_of_place

Ranges = list[tuple[Ints, Ints]]
_NONE = np.iinfo(np.int64).max
_PLACE_CORE = 4  # shortest core that counts without its place
_SHORT = 3  # shortest abbreviation that counts
_SHARES, _LIMITED, _OTHER = 1, 2, 4  # kinds of legal forms


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


RULES = ("spelling", "further", "place", "abbreviation")  # what joins a pair, as the load's report tells it


def automatic(borne: Bearers, codes: Ranges, n: int, seats: Ranges | None = None) -> tuple[Ints, Ints, Ints]:
    """Return pairs of entities that are one, and the number of the rule (``RULES``) that joins each.

    Parameters
    ----------
    codes
        Smallest and largest code of each kind per entity (none: largest −1); entities with
        different codes of a kind are never joined.
    n
        Number of entities.
    seats
        The same of the places that columns say: country, province, city, county.
    """
    if len(borne.texts) < 2:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    borne, parts = _with_former(borne)
    own, entity = borne.name[borne.primary], borne.entity[borne.primary]
    known = [*codes, *(seats or [])]
    brands = Brands(parts)
    edges: list[tuple[int, tuple[Ints, Ints]]] = []
    for token in (_spelling(parts, brands), _placed_spelling(parts)):
        edges.append((0, join(*distinct_pairs(token[own], entity), known)))
        edges.append((1, _further(token, borne, known, n)))
    edges.append((2, _place_edges(parts, own, entity, known, seats, brands)))
    edges.append((3, _abbreviations(parts, borne, known, n, seats or [], brands)))
    rules = [np.full(len(a), rule, np.int64) for rule, (a, _) in edges]
    return np.concatenate([a for _, (a, _) in edges]), np.concatenate([b for _, (_, b) in edges]), np.concatenate(rules)


def shares(borne: Bearers, n: int) -> tuple[Ints, Ints]:
    """Return the smallest and largest letter of a share among the names of each entity (as ``codes``)."""
    letter = share_letters(borne.texts)
    code = np.where(pc.equal(letter, "").to_numpy(zero_copy_only=False), -1, pc.equal(letter, "b").cast(pa.int64()))
    return ranges_of(borne.entity[borne.primary], code[borne.name[borne.primary]], n)


def ranges_of(entity: Ints, value: Ints, n: int) -> tuple[Ints, Ints]:
    """Return the smallest and largest value of each entity; −1 is none (smallest: beyond all)."""
    low, high = np.full(n, _NONE), np.full(n, -1, np.int64)
    has = value >= 0
    np.minimum.at(low, entity[has], value[has])
    np.maximum.at(high, entity[has], value[has])
    return low, high


def agree(a: Ints, b: Ints, values: Ranges, others: Ranges | None = None) -> Bools:
    """Tell for pairs of entities whether no kind of value is known of both and differs.

    ``others``: the values of ``b``, where they are not those of the same arrays.
    """
    fine = np.ones(len(a), bool)
    for (low, high), (low_b, high_b) in zip(values, others or values, strict=True):
        same = (low[a] == high[a]) & (low_b[b] == high_b[b]) & (low[a] == low_b[b])
        fine &= (high[a] < 0) | (high_b[b] < 0) | same
    return fine


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
    return made, parts.followed(split(texts.slice(len(borne.texts))))


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
    fine = agree(a, b, codes)
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


def _kind(parts: Names) -> pa.Array:
    """Group word, and what kind of body a name without legal form says it is: both tell firms apart."""
    return pc.binary_join_element_wise(parts.group, parts.body, "/")


def _spelling(parts: Names, brands: Brands) -> Ints:
    """Stem and kind; a short name of two characters (山推, 歌尔) may be a group as well: it joins nobody.

    Without a place 东方物流有限公司 and 东方物流股份有限公司 are two where others bear the brand as well.
    """
    size = _length(parts.stem)
    keep = np.where(parts.full, size >= 2, size >= _SHORT)
    short = np.where(size < _SHORT, "full", "")
    open_ = parts.full & (parts.finest < 0) & ~parts.branch
    form = np.where(brands.all_alone(parts.core, open_), "", np.where(by_shares(parts), "shares", short))
    return _codes(pc.binary_join_element_wise(parts.stem, _kind(parts), parts.share, pa.array(form), "|"), keep)


def _placed_spelling(parts: Names) -> Ints:
    """The place as a division, so that 山东省青岛市 and 青岛 are one."""
    place = pa.array(parts.finest).cast(pa.string())
    keep = (parts.finest >= 0) & (_length(parts.core) >= _SHORT) & ~parts.branch
    return _codes(pc.binary_join_element_wise(place, parts.core, _kind(parts), parts.share, "|"), keep)


def _forms(parts: Names) -> Ints:
    """Return the kind of legal form of each name as a bit, 0 for a short name."""
    limited = pc.match_substring(parts.form, "有限").to_numpy(zero_copy_only=False)
    kind = np.where(by_shares(parts), _SHARES, np.where(limited, _LIMITED, _OTHER))
    return np.where(parts.full, kind, 0).astype(np.int64)


def _place_edges(
    parts: Names, own: Ints, bearer: Ints, known: Ranges, seats: Ranges | None, brands: Brands
) -> tuple[Ints, Ints]:  # fmt: skip
    """Join names of one core where all that speak of a place speak of the same, and nothing else differs."""
    core = _codes(parts.core, (_length(parts.core) >= _PLACE_CORE) & ~parts.branch)
    # Places belong to names, not to entities: they are looked at a (name, entity) pair at a time.
    order = np.argsort(core[own], kind="stable")
    order = order[core[own[order]] >= 0]
    if not len(order):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    named, entity = own[order], bearer[order]
    block = core[named]
    start = np.flatnonzero(run_starts(block))
    fine = _one_value(start, parts.finest[named])
    fine &= _one_value(start, _codes(_kind(parts), np.ones(len(parts.core), bool))[named])
    form, placed = _forms(parts)[named], parts.finest[named] >= 0
    fine &= ~np.logical_or.reduceat(_apart(parts.finest[named]), start)
    at_place = np.bitwise_or.reduceat(np.where(placed, form, 0), start)
    elsewhere = np.bitwise_or.reduceat(np.where(placed, 0, form), start)
    fine &= (at_place > 0) & (elsewhere & ~at_place == 0)
    for level, (low, high) in zip(kinds_of_place(parts.finest[named]), (seats or [])[1:], strict=False):
        fine &= _one_value(start, level, low[entity], high[entity])
    size = np.diff(np.r_[start, len(block)])
    fine &= brands.all_alone(parts.core.take(pa.array(named[start])), fine & (size > 1))
    keep = np.repeat(fine, size)
    return join(*distinct_pairs(block[keep], entity[keep]), known)


def _apart(place: Ints) -> Bools:
    """Places whose firms are mostly daughters of others: 香港示例 beside 示例."""
    made: Bools = np.isin(place // 10000, (71, 81, 82))
    return made


def _one_value(start: Ints, *values: Ints) -> Bools:
    """Tell for runs that begin at ``start`` whether all known values (0 or more) of the run are equal."""
    lows = np.minimum.reduce([np.minimum.reduceat(np.where(v < 0, _NONE, v), start) for v in values])
    highs = np.maximum.reduce([np.maximum.reduceat(np.where(v == _NONE, -1, v), start) for v in values])
    fine: Bools = (highs < 0) | (lows == highs)
    return fine


def _abbreviations(
    parts: Names, borne: Bearers, known: Ranges, n: int, seats: Ranges, brands: Brands
) -> tuple[Ints, Ints]:  # fmt: skip
    """Join an entity known by short names only to the one entity whose full name it abbreviates."""
    full_entity = np.zeros(n, bool)
    full_entity[borne.entity[parts.full[borne.name]]] = True
    rows = rows_of_short(parts, borne.name, _SHORT)
    rows = rows[borne.primary[rows] & ~full_entity[borne.entity[rows]]]
    if not len(rows) or not full_entity.any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    index = FullNames(parts, borne.name, borne.entity, brands)
    texts = joined_text(parts).to_pylist()
    found = [index.only(texts[name], name) for name in borne.name[rows].tolist()]
    other = np.array(found, np.int64)
    a, b = borne.entity[rows][other >= 0], other[other >= 0]
    fine = agree(a, b, known)
    if seats:  # columns of one against the names of the other
        own = borne.primary
        told = [ranges_of(borne.entity[own], level[borne.name[own]], n) for level in kinds_of_place(parts.finest)]
        fine &= agree(a, b, seats[1:], told) & agree(b, a, seats[1:], told)
    return a[fine], b[fine]
