"""Which records are one entity: equal codes, equal names, unique further names. Order plays no part.

Records with a code belong together when they share one. Records without a code belong
together by name, and join the coded entity of that name when the codes agree; a name that
several codes claim joins none of them. Further names (short, former) join a record that is
known only by that name when exactly one entity bears it.

Names of organisations that are written differently but mean one entity for certain are joined
after that (``matching``), unless the workspace joins by codes and equal names only.

Records read back from a graph name their entity outright (``_entity``, its key): that counts
as a code which no other entity has, so they never merge with one another and keep their keys.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..columns.arrays import Bools, Ints, offsets, positions
from ..columns.canonical import distinct_pairs, flat
from ..columns.text import LIST_SEPARATOR, SCOPE_SEPARATOR, name_keys
from ..columns.walks import components
from ..schema.types import NodeType
from .hosts import Seats
from .judgements import Judged
from .matching import Bearers, automatic, compared, join, ranges_of, shares
from .seats import levels_of_codes

EXACT = "_entity"
SEAT = "seat"


@dataclass(frozen=True)
class Tokens:
    """What the records of a type are known by.

    ``codes`` holds per code property the token id of each record (−1 none), ``primary`` the
    id of its name token, ``record``/``token`` pairs its further names.
    """

    values: pa.Array
    codes: dict[str, Ints]
    primary: Ints
    record: Ints
    token: Ints


@dataclass(frozen=True)
class Resolution:
    """The entity of each record and the key of each entity, keys in sorted order.

    ``joined``: pairs of records (the last of their writing) whose differently written names made
    them one, and the number of the rule in ``matching.RULES``.
    """

    entity: Ints
    keys: pa.Array
    joined: tuple[Ints, Ints, Ints] | None = None


@dataclass(frozen=True)
class Match:
    """Differently written names are joined, save for pairs of tokens that the data relate to each other.

    Who supplies, owns or succeeds another is another. ``seats`` gives, when it comes to that, the
    tokens of those whose place a column says, with the codes of their places.
    """

    related: tuple[pa.Array, pa.Array]
    seats: Callable[[], tuple[pa.Array, pa.Array]] | None = None


def tokens(table: pa.Table, kind: NodeType, scope: pa.Array | None, seats: Seats | None = None) -> Tokens:
    """Collect the tokens of the records of one type.

    Parameters
    ----------
    table
        Records with ``_key``, ``_scoped`` and the code and alias properties.
    scope
        Canonical chain keys a record, several joined by the list separator, or None.
    seats
        What tells entities of one name apart, for types whose names repeat (``hosts``).
    """
    n = len(table)
    parts: list[pa.Array] = []
    owners: list[Ints] = []
    for prop in kind.code_props:
        column = _column(table, prop)
        parts.append(pc.binary_join_element_wise(prop, column, ":"))
        owners.append(np.arange(n))
    kinds = list(kind.code_props)
    if seats is not None:
        kinds.append(SEAT)
        parts.append(pc.binary_join_element_wise(SEAT, seats.seat, ":"))
    exact = _column(table, EXACT)
    if exact.null_count < n:
        kinds.append(EXACT)
        parts.append(exact)
    name = pc.binary_join_element_wise("name", _column(table, "_key"), ":")
    primary = name
    extra_record, extra_token = _further_names(table, kind)
    if seats is not None:
        extra_record.append(seats.record)
        extra_token.append(seats.called)
    if scope is not None:
        linked_record, linked = _scoped_tokens(table, scope)
        scoped = np.zeros(n, bool)
        if "_scoped" in table.column_names:
            scoped = flat(table["_scoped"]).fill_null(False).to_numpy(zero_copy_only=False)
        primary, rest = _scope_primary(name, scoped, linked_record, linked)
        extra_record.append(linked_record[rest])
        extra_token.append(linked.take(pa.array(np.flatnonzero(rest))))
    if EXACT in kinds:
        primary, also = _exact_primary(primary, exact)
        extra_record.append(also)
        extra_token.append(name.take(pa.array(also)))
    pieces = [*parts, primary, *extra_token]
    encoded = pa.concat_arrays([p.cast(pa.string()) for p in pieces]).dictionary_encode()
    ids = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    bounds = offsets([len(p) for p in pieces])
    cut = [ids[a:b] for a, b in pairwise(bounds)]
    k = len(kinds)
    record = np.concatenate(extra_record) if extra_record else np.zeros(0, np.int64)
    token = np.concatenate(cut[k + 1 :]) if len(cut) > k + 1 else np.zeros(0, np.int64)
    codes = dict(zip(kinds, cut[:k], strict=True))
    called = token >= 0  # a claim about an entity with a key need not state its name
    return Tokens(encoded.dictionary, codes, cut[k], record[called], token[called])


def _column(table: pa.Table, name: str) -> pa.Array:
    if name in table.column_names:
        return flat(table[name]).cast(pa.string())
    return pa.nulls(len(table), pa.string())


def explode(column: pa.Array) -> tuple[Ints, pa.Array]:
    """Return (row, value) pairs of a list column joined by the list separator."""
    keep = pc.is_valid(column).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(keep)
    lists = pc.split_pattern(column.take(pa.array(rows)), LIST_SEPARATOR)
    parents = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)
    return rows[parents], pc.list_flatten(lists)


def _further_names(table: pa.Table, kind: NodeType) -> tuple[list[Ints], list[pa.Array]]:
    records: list[Ints] = []
    names: list[pa.Array] = []
    for prop in kind.alias_props:
        column = _column(table, prop)
        if column.null_count == len(column):
            continue
        rows, values = explode(column)
        records.append(rows)
        names.append(pc.binary_join_element_wise("name", name_keys(values), ":"))
    return records, names


def _scoped_tokens(table: pa.Table, scope: pa.Array) -> tuple[Ints, pa.Array]:
    rows, chains = explode(scope)
    names = _column(table, "_key").take(pa.array(rows))
    return rows, pc.binary_join_element_wise("link", link_value(chains, names), ":")


def link_value(chains: pa.Array, names: pa.Array) -> pa.Array:
    """Return ``chain›name``, the token of a 环节 inside its chain."""
    return pc.binary_join_element_wise(chains, names, SCOPE_SEPARATOR)


def _scope_primary(name: pa.Array, scoped: Bools, rows: Ints, linked: pa.Array) -> tuple[pa.Array, Bools]:
    """Make the link token primary where the record is a 环节; the others keep it as a further name."""
    is_primary = scoped[rows] if len(rows) else np.zeros(0, bool)
    if not is_primary.any():
        return name, ~is_primary
    where = rows[is_primary]
    mask = np.zeros(len(name), bool)
    mask[where] = True
    order = np.argsort(where, kind="stable")
    chosen = linked.take(pa.array(np.flatnonzero(is_primary)[order]))
    return pc.replace_with_mask(name, pa.array(mask), chosen), ~is_primary


def _exact_primary(primary: pa.Array, exact: pa.Array) -> tuple[pa.Array, Ints]:
    """Make the stated key primary where it is a name; a record's other name becomes a further one."""
    named = pc.match_substring_regex(exact, "^(name|link|seat):").fill_null(False)
    plain = pc.match_substring_regex(exact, "^(name|seat):").fill_null(False)
    other = pc.and_(plain, pc.not_equal(primary, exact).fill_null(False))
    return pc.if_else(named, exact, primary), np.flatnonzero(other.to_numpy(zero_copy_only=False))


def resolve(found: Tokens, kind: NodeType, judged: Judged | None = None, match: Match | None = None) -> Resolution:
    """Return the entity of each record (see the module's rules).

    Parameters
    ----------
    judged
        Pairs decided by people: they join what is the same and undo joins by name of what is
        different; a shared code outweighs them.
    match
        How names that are written differently are joined; None: they are not.
    """
    label, coded = _base(found)
    n_labels = int(label.max(initial=-1)) + 1
    values = _code_range(found, label, n_labels)
    judged = judged or Judged()
    same = _label_pairs(found, label, *_sides(judged.same))
    edges = [_name_edges(found, label, coded, values), _alias_edges(found, label, coded), same]
    final = _union(label, n_labels, edges)
    bad = _conflicting(final, values)
    apart = _label_pairs(found, label, *_sides(judged.different))
    bad[final[apart[0]][final[apart[0]] == final[apart[1]]]] = True
    if bad.any():
        kept = [(a[~bad[final[a]]], b[~bad[final[a]]]) for a, b in edges]
        final = _union(label, n_labels, kept)
    if match is not None and compared(kind.name):
        others = [_label_pairs(found, label, *_sides(judged.unsure)), _label_pairs(found, label, *match.related)]
        kept_apart = [np.concatenate(side) for side in zip(apart, *others, strict=True)]
        before = final[label]
        final, edges_kept = _matched(found, label, final, kept_apart, match)
        return replace(_named(found, kind, final[label]), joined=_last_records(before, *edges_kept))
    return _named(found, kind, final[label])


def _last_records(group: Ints, a: Ints, b: Ints, rule: Ints) -> tuple[Ints, Ints, Ints]:
    """Name joined groups by their last record: no more pairs than groups that became part of another.

    Of pairs that say the same the one of the first rule stays.
    """
    last = np.zeros(int(group.max(initial=-1)) + 1, np.int64)
    last[group] = np.arange(len(group))
    pairs = np.sort(np.stack([last[a], last[b]]), axis=0)
    above: dict[int, int] = {}
    kept = []
    for at in np.lexsort((pairs[0], pairs[1], rule)).tolist():
        ends = []
        for one in pairs[:, at].tolist():
            while one in above:
                one = above[one]
            ends.append(one)
        if ends[0] != ends[1]:
            above[max(ends)] = min(ends)
            kept.append(at)
    kept.sort(key=lambda at: (pairs[1, at], pairs[0, at]))
    return pairs[0][kept], pairs[1][kept], rule[kept]


def bearers(found: Tokens, entity: Ints) -> Bearers:
    """Return the names, primary and further ones, with the entity of each record as their bearer."""
    named = found.primary >= 0
    own = distinct_pairs(found.primary[named], entity[named])
    further = distinct_pairs(found.token, entity[found.record])
    distinct, name = np.unique(np.r_[own[0], further[0]], return_inverse=True)
    texts = pc.replace_substring_regex(found.values.take(pa.array(distinct)), "^name:", "")
    primary = np.arange(len(name)) < len(own[0])
    return Bearers(texts, name.astype(np.int64), np.r_[own[1], further[1]], primary)


def _matched(
    found: Tokens, label: Ints, final: Ints, apart: list[Ints], match: Match
) -> tuple[Ints, tuple[Ints, Ints, Ints]]:  # fmt: skip
    """Join groups by differently written names; a join that codes, places or people contradict is undone.

    Returns the group of each label, and the joins of the groups before with their rules.
    """
    none = (np.zeros(0, np.int64),) * 3
    n = int(final.max(initial=-1)) + 1
    values = _code_range(found, final[label], n)
    if any((high >= 0).all() for _, high in values if n):
        return final, none  # each has a code of one kind: equal ones are joined, others differ
    borne = bearers(found, final[label])
    seats = [] if match.seats is None else _seats(found, final[label], n, *match.seats())
    a, b, rule = automatic(borne, values, n, seats)
    if not len(a):
        return final, none
    wider = _union(final, n, [(a, b)])
    bad = _conflicting(wider, [*values, *seats, shares(borne, n)])
    ends = [wider[final[side]] for side in apart]
    bad[ends[0][ends[0] == ends[1]]] = True
    keep = ~bad[wider[a]]
    return _union(final, n, [(a[keep], b[keep])])[final], (a[keep], b[keep], rule[keep])


def _seats(found: Tokens, entity: Ints, n: int, token: pa.Array, place: pa.Array) -> list[tuple[Ints, Ints]]:
    """Return country, province, city and county that columns say, smallest and largest of each entity.

    A token that several entities bear says nothing of either.
    """
    if not len(token):
        return []
    low, high = np.full(len(found.values), n), np.full(len(found.values), -1, np.int64)
    for ids in (found.primary, *found.codes.values()):
        np.minimum.at(low, ids[ids >= 0], entity[ids >= 0])
        np.maximum.at(high, ids[ids >= 0], entity[ids >= 0])
    owner = np.append(np.where(low == high, high, -1), -1)
    at = pc.index_in(token, value_set=found.values).fill_null(len(found.values))
    of = owner[at.to_numpy(zero_copy_only=False)]
    known = of >= 0
    return [ranges_of(of[known], level[known], n) for level in levels_of_codes(place)]


def _sides(pairs: tuple[tuple[str, str], ...]) -> tuple[pa.Array, pa.Array]:
    left, right = (pa.array([p[side] for p in pairs], pa.string()) for side in (0, 1))
    return left, right


def _label_pairs(found: Tokens, label: Ints, left: pa.Array, right: pa.Array) -> tuple[Ints, Ints]:
    """Turn pairs of tokens into pairs of labels; a token that nobody bears any more drops out."""
    if not len(left):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    owner = np.full(len(found.values) + 1, -1, np.int64)
    for ids in (found.primary, *found.codes.values()):
        owner[ids[ids >= 0]] = label[ids >= 0]
    sides = []
    for texts in (left, right):
        at = pc.index_in(texts, value_set=found.values).fill_null(len(found.values))
        sides.append(owner[at.to_numpy(zero_copy_only=False)])
    good = (sides[0] >= 0) & (sides[1] >= 0) & (sides[0] != sides[1])
    return sides[0][good], sides[1][good]


def _base(found: Tokens) -> tuple[Ints, Bools]:
    """Label coded records by shared codes, the others by name token."""
    n = len(found.primary)
    used = [ids for ids in found.codes.values() if (ids >= 0).any()]
    label = found.primary.copy()
    coded = np.zeros(n, bool)
    if used:
        coded = np.logical_or.reduce([ids >= 0 for ids in used])
        rows = np.concatenate([np.flatnonzero(ids >= 0) for ids in used])
        cols = np.concatenate([ids[ids >= 0] for ids in used])
        component = components(rows, cols + n, n + len(found.values))
        label[coded] = component[:n][coded] + len(found.values)
    return np.unique(label, return_inverse=True)[1].astype(np.int64), coded


def _code_range(found: Tokens, label: Ints, n: int) -> list[tuple[Ints, Ints]]:
    """Smallest and largest code of each kind per label (none: a range that never conflicts)."""
    ranges = []
    for ids in found.codes.values():
        low, high = np.full(n, np.iinfo(np.int64).max), np.full(n, -1, np.int64)
        has = ids >= 0
        np.minimum.at(low, label[has], ids[has])
        np.maximum.at(high, label[has], ids[has])
        ranges.append((low, high))
    return ranges


def _name_edges(found: Tokens, label: Ints, coded: Bools, values: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    """Join all labels that bear a name as primary, unless their codes disagree."""
    has = found.primary >= 0
    return join(*distinct_pairs(found.primary[has], label[has]), values)


def _alias_edges(found: Tokens, label: Ints, coded: Bools) -> tuple[Ints, Ints]:
    """Join a label known only by name to the one other label that bears it as a further name."""
    if not len(found.token):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    borne = found.token >= 0  # a record without a name of its own has none to bear in its chains
    pairs = distinct_pairs(found.token[borne], label[found.record[borne]])
    named = ~coded & (found.primary >= 0)
    lone = distinct_pairs(found.primary[named], label[named])
    # Several labels may bear the further name: only a single bearer counts.
    bearer = np.full(len(found.values), -1, np.int64)
    count = np.bincount(pairs[0], minlength=len(found.values))
    bearer[pairs[0]] = pairs[1]
    target = bearer[lone[0]]
    keep = (count[lone[0]] == 1) & (target != lone[1])
    return lone[1][keep], target[keep]


def _union(label: Ints, n: int, edges: list[tuple[Ints, Ints]]) -> Ints:
    a = np.concatenate([e[0] for e in edges])
    if not len(a):
        return np.arange(n)
    b = np.concatenate([e[1] for e in edges])
    return components(a, b, n)


def _conflicting(final: Ints, values: list[tuple[Ints, Ints]]) -> Bools:
    """Mark merged groups in which one code kind has two values that were apart before."""
    n = int(final.max(initial=-1)) + 1
    bad = np.zeros(n, bool)
    for low, high in values:
        low_all, high_all = np.full(n, np.iinfo(np.int64).max), np.full(n, -1, np.int64)
        np.minimum.at(low_all, final, low)
        np.maximum.at(high_all, final, high)
        bad |= (high_all >= 0) & (low_all != high_all)
    return bad


def _named(found: Tokens, kind: NodeType, label: Ints) -> Resolution:
    """Give each entity the smallest token of its strongest kind and number them by key."""
    dense = np.unique(label, return_inverse=True)[1].astype(np.int64)
    n = int(dense.max(initial=-1)) + 1
    order = pc.sort_indices(found.values).to_numpy()
    rank = positions(order, len(order))
    best = np.full(n, -1, np.int64)
    for ids in (
        found.primary,
        *(found.codes[p] for p in (*([SEAT] if SEAT in found.codes else []), *reversed(kind.code_props))),
    ):
        has = ids >= 0
        low = np.full(n, np.iinfo(np.int64).max)
        np.minimum.at(low, dense[has], rank[ids[has]])
        best = np.where(low < np.iinfo(np.int64).max, low, best)
    # Two entities may share their smallest name when codes keep them apart: the key must not.
    position = np.argsort(best, kind="stable")
    number = positions(position, n)
    keys = found.values.take(pa.array(order[best[position]]))
    return Resolution(number[dense], keys)
