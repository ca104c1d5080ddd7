"""Which two enterprise records may be one firm: blocks, evidence, score, and what follows from it.

Names are split (`names.parts_table`), pairs that share something rare are looked at, and each
pair gets the weight of the one pattern that tells how its names agree, plus the weights of
place and products. Weights, all in ``schema/names.toml``, add up as log odds; the score is
1 / (1 + e^-sum). From ``same`` upwards a pair is the same firm, from ``review`` upwards people
decide, below it is not returned. A pair that another one contests is never more than a review.
Persons (owners, legal representatives) play no part.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .canonical import distinct_pairs, flat
from .names import (
    ELSEWHERE,
    EQUAL,
    INSIDE,
    MISSING,
    Flags,
    Ints,
    Spellings,
    Texts,
    flags,
    gazetteer,
    numbers,
    organization_keys,
    places,
    spellings,
    texts,
)
from .text import LIST_SEPARATOR, name_keys
from .words import read_toml

Floats = npt.NDArray[np.float64]
Pairs = tuple[Ints, Ints]


@dataclass(frozen=True)
class Blocks:
    """Pairs worth comparing, as positions: of full names, of short (first) with full ones, of short ones."""

    long: Pairs
    mixed: Pairs
    short: Pairs


def candidates(records: pa.Table) -> pa.Table:
    """Return the pairs of records that are, or may be, one firm.

    Records with equal keys (`organization_keys`) or a shared code are one already and stand for
    each other: pairs name the smallest id. Two different codes of one kind keep a pair out, as
    does a 分公司 on one side only.

    Parameters
    ----------
    records
        ``id`` (int64), ``name``, ``aliases``, ``products`` (lists joined by
        `text.LIST_SEPARATOR`), ``place`` (name of a region) and ``code``; all but the first two
        may be null. A code tells its kind before a colon (``uscc:…``) or by its form.

    Returns
    -------
    pa.Table
        ``a`` < ``b`` (ids), ``score`` (0 to 1), ``outcome`` ("same" or "review"), ``reasons``
        (Chinese, joined by ；), by a and b.
    """
    known = units(records)
    names = spellings(known.keys)
    found = _evidence(known, names, *_unit_pairs(known, names))
    return _told(known, names, _decided(known, names, found))


@dataclass
class _Found:
    """Pairs of units with the spellings that agree, their pattern, points and what happened to them."""

    a: Ints
    b: Ints
    word_a: Ints
    word_b: Ints
    pattern: Texts
    points: Floats
    place: Ints
    common: Ints
    contested: Flags
    same: Flags

    def take(self, kept: Any) -> _Found:
        return _Found(*(getattr(self, f.name)[kept] for f in fields(self)))


def _unit_pairs(known: Units, names: Spellings) -> tuple[Ints, Ints, Ints, Ints, Texts]:
    """Turn pairs of spellings into pairs of units: (unit, unit, spelling, spelling, pattern)."""
    (left, right), pattern = compare(names, blocks(names))
    limit = read_toml("names.toml")["blocks"]["core"]
    order = np.argsort(known.word, kind="stable")
    bearer, count = known.unit[order], np.bincount(known.word, minlength=len(known.keys))
    start = np.cumsum(count) - count
    shared = np.flatnonzero((count > 1) & (count <= limit))
    alias = np.where(names.long[shared], "alias_equal", "alias_equal_short").astype(object)
    left, right = np.r_[left, shared], np.r_[right, shared]
    pattern = np.concatenate([pattern, alias])
    times = count[left] * count[right]
    times[(count[left] > limit) | (count[right] > limit)] = 0
    at = np.repeat(np.arange(len(left)), times)
    nth = np.arange(len(at)) - np.repeat(np.cumsum(times) - times, times)
    a = bearer[start[left[at]] + nth // count[right[at]]]
    b = bearer[start[right[at]] + nth % count[right[at]]]
    claim_a, claim_b = _claimed(known)
    word = known.main[claim_a]
    pattern = np.concatenate([pattern[at], np.full(len(word), "name_claimed", object)])
    a, b = np.r_[a, claim_a], np.r_[b, claim_b]
    x, y = np.r_[left[at], word], np.r_[right[at], word]
    kept = (known.first[a] < known.first[b]) | ((x != y) & (a != b))
    kept &= (known.main[a] != known.main[b]) | (pattern == "name_claimed")
    return a[kept], b[kept], x[kept], y[kept], pattern[kept]


def _claimed(known: Units) -> Pairs:
    """Pair a unit without a code with the units of its name that several codes claim."""
    coded = np.zeros(len(known.first), bool)
    for unit, _ in known.codes.values():
        coded[unit] = True
    a, b = _paired(np.arange(len(coded)), known.main, read_toml("names.toml")["blocks"]["core"])
    kept = coded[a] != coded[b]
    return a[kept], b[kept]


def _evidence(known: Units, names: Spellings, a: Ints, b: Ints, x: Ints, y: Ints, pattern: Texts) -> _Found:
    """Weigh each pair of units by its best pattern, by place and by products."""
    vocabulary = read_toml("names.toml")
    weights = {name: float(entry["weight"]) for name, entry in vocabulary["pattern"].items()}
    points = np.fromiter((weights[p] for p in pattern), float, len(pattern))
    swap = known.first[a] > known.first[b]
    a, b, x, y = np.where(swap, b, a), np.where(swap, a, b), np.where(swap, y, x), np.where(swap, x, y)
    order = np.lexsort((y, x, -points, b, a))
    best = order[np.r_[True, (np.diff(a[order]) != 0) | (np.diff(b[order]) != 0)]] if len(order) else order
    best = best[points[best] > -2.5]
    best = best[~known.forbidden(a[best], b[best]) & ~known.joined(a[best], b[best])]
    a, b, x, y, pattern, points = a[best], b[best], x[best], y[best], pattern[best], points[best]
    own = np.where(known.region > 0, known.region, names.region[known.main])
    place = np.where((known.region[a] > 0) | (known.region[b] > 0), places(own[a], own[b]), MISSING)
    common = _common(known.made, a, b)
    makes = np.diff(known.made.indptr) > 0
    common = np.where(makes[a] & makes[b], common, -1)
    told = {k: float(v["weight"]) for k, v in vocabulary["evidence"].items()}
    points = points + np.select([place == EQUAL, place == INSIDE, place == ELSEWHERE],
                                [told["place_equal"], told["place_inside"], told["place_elsewhere"]], 0.0)  # fmt: skip
    points = points + np.select([common > 0, common == 0], [told["products_shared"], told["products_apart"]], 0.0)
    none = np.zeros(len(a), bool)
    return _Found(a, b, x, y, pattern, points, place, common, none, none.copy())


def _decided(known: Units, names: Spellings, found: _Found) -> _Found:
    """Set rivals against each other and keep what is the same or worth asking."""
    outcome = read_toml("names.toml")["outcome"]
    same, ask = (float(np.log(outcome[k] / (1 - outcome[k]))) for k in ("same", "review"))
    long = names.long[known.main]
    base, lead = found.points, np.full(len(found.a), np.inf)
    # Twice: a full name that stands alone beside another one is no rival of it afterwards.
    for _ in range(2):
        found.same = (found.points >= same) & (lead >= outcome["margin"]) & (found.pattern != "name_claimed")
        lead = _lead(found, base, long)
        found.points = base + np.where(lead >= outcome["lead"], outcome["sole"], 0.0)
    found.contested = lead < outcome["margin"]
    found.points = found.points + np.where(found.contested, read_toml("names.toml")["evidence"]["contested"]["weight"], 0.0)
    found.same = (found.points >= same) & ~found.contested & (found.pattern != "name_claimed")
    found = found.take(found.same | ((found.points >= ask) & (lead > -outcome["margin"])))
    score = np.where(found.same, np.inf, found.points)
    ends, pair = np.r_[found.a, found.b], np.tile(np.arange(len(found.a)), 2)
    order = np.lexsort((pair, -score[pair], ends))
    fits = np.zeros(len(ends), bool)
    fits[order] = _rank(ends[order]) < outcome["ask"]
    return found.take(found.same | (fits[: len(found.a)] & fits[len(found.a) :]))


def _lead(found: _Found, base: Floats, long: Flags) -> Floats:
    """Return how far each pair is ahead of the next firm that either side could be as well.

    Full names that are the same are one firm, so they are no rivals; nor are a full and a short name.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    sure = found.same & (long[found.a] == long[found.b])
    edges = (np.ones(int(sure.sum()), np.int8), (found.a[sure], found.b[sure]))
    firm = connected_components(coo_array(edges, shape=(len(long), len(long))), directed=False)[1].astype(np.int64)
    m = len(found.a)
    if not m:
        return base
    source, target, points = np.r_[found.a, found.b], np.r_[found.b, found.a], np.tile(base, 2)
    group, rival = source * 2 + long[target], firm[target]
    weight = np.where(firm[source] == rival, -np.inf, points)
    order = np.lexsort((rival, -weight, group))
    _, start, member = np.unique(group[order], return_index=True, return_inverse=True)
    best = order[start][member]  # of the group, for each entry in order
    other = np.where(rival[order] != rival[best], weight[order], -np.inf)
    second = np.maximum.reduceat(other, start)[member]
    against = np.empty(2 * m)
    against[order] = np.where(rival[order] == rival[best], second, weight[best])
    lead = points - against
    return np.minimum(lead[:m], lead[m:])


def _told(known: Units, names: Spellings, found: _Found) -> pa.Table:
    """Return the table of `candidates`."""
    a, b = known.first[found.a], known.first[found.b]
    found = found.take(np.lexsort((b, a)))
    score = 1 / (1 + np.exp(-found.points))
    keys = texts(known.keys)
    return pa.table({
        "a": known.first[found.a], "b": known.first[found.b], "score": score,
        "outcome": pa.array(np.where(found.same, "same", "review"), pa.string()),
        "reasons": pa.array([_reasons(names, keys, found, i) for i in range(len(score))], pa.string()),
    })  # fmt: skip


def _reasons(names: Spellings, keys: Texts, found: _Found, i: int) -> str:
    """Say in Chinese what speaks for and against a pair."""
    vocabulary = read_toml("names.toml")
    x, y = found.word_a[i], found.word_b[i]
    if names.long[x] and not names.long[y]:
        x, y = y, x
    said = vocabulary["pattern"][found.pattern[i]]["reason"].format(
        short=keys[x], full=keys[y], core=names.core[y], brand=names.brand[x], other=names.brand[y])  # fmt: skip
    more = {EQUAL: "place_equal", INSIDE: "place_inside", ELSEWHERE: "place_elsewhere"}
    count = int(found.common[i])
    codes = [more.get(int(found.place[i]), ""), {-1: "", 0: "products_apart"}.get(count, "products_shared"),
             "contested" if found.contested[i] else ""]  # fmt: skip
    return "；".join([said, *(vocabulary["evidence"][c]["reason"].format(count=count) for c in codes if c)])


# Blocks -----------------------------------------------------------------------------------------


def blocks(names: Spellings) -> Blocks:
    """Return the pairs worth comparing: names that share something rare enough."""
    limits = read_toml("names.toml")["blocks"]
    stems = names.place + names.core
    long = np.flatnonzero(names.long)
    short = np.flatnonzero(~names.long)
    owner, token = _grams(stems[long], 2)
    owner, token = _rarest(owner, token, limits["rare"], limits["gram"])
    pairs = [_paired(owner, token, limits["gram"])]
    for column, limit in ((names.core, "core"), (names.brand, "brand")):
        rows = np.flatnonzero(column[long].astype(bool))
        pairs.append(_paired(rows, _ids(column[long][rows]), limits[limit]))
    heads = np.array([b[:2] for b in names.brand[long]], object)
    rows = np.flatnonzero(heads.astype(bool))
    pairs.append(_paired(rows, _ids(heads[rows]), limits["head"]))
    a, b = distinct_pairs(np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs]))
    alike = _paired(np.arange(len(short)), _ids(stems[short]), limits["core"])
    return Blocks((long[a], long[b]), _short_pairs(names, stems, short, long, limits), (short[alike[0]], short[alike[1]]))


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


def compare(names: Spellings, pairs: Blocks) -> tuple[Pairs, Texts]:
    """Return the pairs whose names agree in some way, and the pattern that tells in which."""
    found = [_compare_long(names, *pairs.long), _compare_short(names, *pairs.mixed), _compare_stocks(names, *pairs.short)]
    a, b, pattern = (np.concatenate([f[k] for f in found]) for k in range(3))
    kept = (pattern != "") & (names.branch[a] == names.branch[b])
    return (a[kept], b[kept]), pattern[kept]


def _compare_stocks(names: Spellings, a: Ints, b: Ints) -> tuple[Ints, Ints, Texts]:
    """Two short names of one wording: classes of share, or one of them with 股份."""
    alike = (names.form[a] == names.form[b]) & (names.group[a] == names.group[b])
    return a, b, np.where(alike, "stock_class", "stock_form").astype(object)


def _compare_short(names: Spellings, a: Ints, b: Ints) -> tuple[Ints, Ints, Texts]:
    """Tell how a short name stands in a full one: equal to, opening, inside, scattered over its core."""
    from rapidfuzz.distance import LCSseq
    from rapidfuzz.process import cpdist

    said = names.place + names.core
    size = _sizes(said)[a]
    shared = cpdist(said[a].tolist(), names.hay[b].tolist(), scorer=LCSseq.similarity, dtype=np.int64)
    kept = (shared >= size) & (size > 1)
    a, b, size = a[kept], b[kept], size[kept]
    sides = zip(said[a], said[b], names.core[b], names.brand[b], names.place[b], strict=True)
    how = np.array([_standing(*side) for side in sides], object)
    stock = names.form[a] == "股份"
    held = np.array(["股份" in form for form in names.form], bool)
    fits = np.where(stock, held[b], ~names.group[a] | names.group[b])
    length = np.array(["", "", "_2", "_3", "_4"], object)[np.minimum(size, 4)]
    marked = np.where((size == 2) & (stock | names.group[a]), np.where(fits, "_form", "_misfit"), "").astype(object)
    how[(how == "opening") & (size == 2) & stock & fits & (names.brand[a] != names.brand[b])] = "inside"
    return a, b, "short_" + how + length + marked


def _standing(short: str, full: str, core: str, brand: str, place: str) -> str:
    if short in (full, core):
        return "equal"
    if full.startswith(short) or core.startswith(short):
        return "opening"
    if short in full:
        return "inside"
    if short[:2] == brand[:2]:
        return "brand"
    return "first" if short[0] in (brand[:1], place[:1]) else "loose"


def _compare_long(names: Spellings, a: Ints, b: Ints) -> tuple[Ints, Ints, Texts]:
    """Tell what two full names have in common: all but place, 集团 or form, all but a character, the 字号."""
    place = places(names.region[a], names.region[b])
    core, brand = _ids(names.core), _ids(names.brand)
    equal = (core[a] == core[b]) & (names.core[a] != "")
    branded = (brand[a] == brand[b]) & (names.brand[a] != "")
    pattern = np.full(len(a), "", object)
    pattern[branded & (place != ELSEWHERE)] = "brand"
    other = np.flatnonzero(~equal)
    near = other[_near(names.whole, a[other], b[other]) | _near(names.key, a[other], b[other])]
    pattern[near] = [_slip(names, i, j) for i, j in zip(a[near].tolist(), b[near].tolist(), strict=True)]
    form, group = names.form[a] == names.form[b], names.group[a] == names.group[b]
    bare = (names.brand[a] == "") | (names.brand[b] == "")
    both = (names.region[a] > 0) & (names.region[b] > 0)
    apart = (place == ELSEWHERE) | (bare & both & (place != EQUAL))
    kinds = [apart, bare & (place != EQUAL), both & (place == MISSING), ~form & ~group, ~form, ~group, place == MISSING]
    told = ["name_elsewhere", "name_generic", "name_country", "name_form_group", "name_form", "name_group",
            "name_without_place"]  # fmt: skip
    return a, b, np.where(equal, np.select(kinds, told, "name").astype(object), pattern)


def _near(texts: Texts, a: Ints, b: Ints) -> Flags:
    """Mark the pairs that are one slip of the pen apart: a character wrong, missing, doubled or swapped."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cpdist

    far = cpdist(texts[a].tolist(), texts[b].tolist(), scorer=OSA.distance, score_cutoff=1, dtype=np.int64)
    return np.asarray(far <= 1, bool)


def _slip(names: Spellings, a: int, b: int) -> str:
    """Tell where two names one slip apart differ; two words, two places or two numbers are two names, not a slip."""
    if len(names.trade[a]) < len(names.trade[b]):
        a, b = b, a
    x, y = names.whole[a], names.whole[b]
    head = next((i for i, (c, d) in enumerate(zip(x, y, strict=False)) if c != d), min(len(x), len(y)))
    telling = read_toml("names.toml")["telling"]
    if len(x) == len(y) and x[head : head + 1] in telling and y[head : head + 1] in telling:
        return ""
    if names.region[a] and names.region[b] and names.region[a] != names.region[b]:
        return ""
    if names.brand[a] == names.brand[b] != "":
        return "slip_words" if names.trade[a] and names.trade[b] else "slip_trade"
    placed = len(names.place[a])
    if head >= placed + len(names.brand[a]) and names.brand[a]:
        return "slip_trade"
    anchor = a if names.region[a] else b
    if names.brand[anchor] and bool(names.region[a]) != bool(names.region[b]):
        return "slip_place"
    return "slip_brand_long" if min(len(names.brand[a]), len(names.brand[b])) > 3 else "slip_brand"


def _sizes(texts: Texts) -> Ints:
    return np.fromiter(map(len, texts), np.int64, len(texts))


# Records ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Units:
    """Records joined by equal keys, one entry a unit; ``name`` and ``word`` hold (unit, spelling) pairs.

    ``first`` is the smallest id of the unit, ``main`` its own name, ``region`` its place (0 none),
    ``made`` the products as a 0/1 matrix, ``codes`` the kinds of code with their (unit, value) pairs.
    """

    keys: pa.Array
    first: Ints
    main: Ints
    unit: Ints
    word: Ints
    region: Ints
    made: Any
    codes: dict[str, Pairs]

    def forbidden(self, a: Ints, b: Ints) -> Flags:
        """Mark the pairs that have codes of one kind and none of them in common."""
        out = np.zeros(len(a), bool)
        for unit, value in self.codes.values():
            has = self._matrix(unit, value)
            degree = np.diff(has.indptr)
            out |= (degree[a] > 0) & (degree[b] > 0) & (_common(has, a, b) == 0)
        return out

    def joined(self, a: Ints, b: Ints) -> Flags:
        """Mark the pairs that share a code: they are one entity already."""
        out = np.zeros(len(a), bool)
        for unit, value in self.codes.values():
            out |= _common(self._matrix(unit, value), a, b) > 0
        return out

    def _matrix(self, unit: Ints, value: Ints) -> Any:
        return _matrix(unit, value, len(self.first))


def _matrix(rows: Ints, columns: Ints, n: int) -> Any:
    from scipy.sparse import csr_array

    rows, columns = distinct_pairs(rows, columns)
    return csr_array((np.ones(len(rows), np.int32), (rows, columns)), shape=(n, int(columns.max(initial=0)) + 1))


def _common(matrix: Any, a: Ints, b: Ints) -> Ints:
    if not len(a):
        return np.zeros(0, np.int64)
    return np.asarray(matrix[a].multiply(matrix[b]).sum(axis=1), np.int64).ravel()


def units(records: pa.Table) -> Units:
    """Join records by key and code, and collect what their units are known by."""
    records = records.filter(pc.is_valid(records["name"]))
    ids = numbers(records["id"])
    names, aliases = flat(records["name"]), _exploded(records, "aliases")
    encoded = organization_keys(pa.concat_arrays([names.cast(pa.string()), aliases[1]])).dictionary_encode()
    words = numbers(encoded.indices)
    main, further = words[: len(ids)], words[len(ids) :]
    kind, code = _codes(records)
    unit = _unit_of(main, code)
    n = int(unit.max(initial=-1)) + 1
    first = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(first, unit, ids)
    order = np.argsort(ids, kind="stable")[::-1]
    region, own = np.zeros(n, np.int64), np.zeros(n, np.int64)
    own[unit[order]] = main[order]
    told = _regions(records["place"])
    placed = order[told[order] > 0]
    region[unit[placed]] = told[placed]
    rows, products = _exploded(records, "products")
    made = _matrix(unit[rows], numbers(name_keys(products).dictionary_encode().indices), n)
    codes = {str(k): (unit[at], code[at]) for k in np.unique(kind[kind != ""])
             for at in [np.flatnonzero(kind == k)]}  # fmt: skip
    known = distinct_pairs(np.r_[unit, unit[aliases[0]]], np.r_[main, further])
    return Units(encoded.dictionary, first, own, known[0], known[1], region, made, codes)


def _exploded(records: pa.Table, name: str) -> tuple[Ints, pa.Array]:
    """Return (row, value) pairs of a list column."""
    lists = pc.split_pattern(flat(records[name]).cast(pa.string()), LIST_SEPARATOR)
    values = pc.list_flatten(lists).cast(pa.string())
    kept = flags(pc.and_(pc.is_valid(values), pc.not_equal(values, "")))
    return numbers(pc.list_parent_indices(lists))[kept], values.filter(pa.array(kept))


def _codes(records: pa.Table) -> tuple[Texts, Ints]:
    """Return kind and number of each record's code: the word before a colon, else the form of the code."""
    text = pc.utf8_upper(pc.utf8_trim_whitespace(flat(records["code"]).cast(pa.string())))
    shape = pc.replace_substring_regex(text, "^([^:]*):.*$", r"\1")
    plain = pc.equal(shape, text)
    length = pc.binary_join_element_wise("of", pc.utf8_length(text).cast(pa.string()), " ")
    bare = pc.replace_substring_regex(text, r"^(?:SH|SZ|BJ)?:?(\d{6})(?:\.(?:SH|SZ|BJ))?$", r"\1")
    kind = pc.if_else(pc.equal(bare, text), pc.if_else(plain, length, shape), "of 6")
    values = bare.dictionary_encode().indices.fill_null(-1)
    return texts(kind.fill_null("")), numbers(values)


def _unit_of(main: Ints, code: Ints) -> Ints:
    """Number the units: records of one key and code; one without a code joins the only code of its key."""
    keys, codes = distinct_pairs(main[code >= 0], code[code >= 0])
    n = int(main.max(initial=-1)) + 1
    only, count = np.full(n, -1, np.int64), np.bincount(keys, minlength=n)
    only[keys] = codes
    only[count > 1] = -1
    chosen = np.where(code >= 0, code, only[main]) + 1
    return np.unique(main * (chosen.max(initial=0) + 1) + chosen, return_inverse=True)[1].astype(np.int64)


def _regions(column: pa.ChunkedArray) -> Ints:
    encoded = name_keys(flat(column).cast(pa.string())).dictionary_encode()
    codes = [int(gazetteer().code(w) or 0) for w in encoded.dictionary.to_pylist()]
    return np.array([*codes, 0], np.int64)[numbers(encoded.indices.fill_null(len(codes)))]
