"""Candidates: pairs of organisations that may be one, with a score and what speaks for and against.

Only pairs of a block are compared: equal cores, short names against the full names they may
stand for, and names one slip of the keyboard apart. What is different for certain is no
candidate: codes that differ, two places, two trades of one brand, a branch, two that a
relation connects. Persons are never looked at.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...graph.columns.arrays import Ints, run_starts
from ...graph.identity.abbreviations import ByCharacters, follows, joined_text, left_out
from ...graph.identity.matching import Bearers
from ...graph.identity.names import Names, lesser, split, trade_of

FLOOR = 0.5
_MOST = 2  # candidates that one short name may have
_CROWD = 60  # a pair of letters in more names than this tells nothing
_BEARERS = 6  # a brand that more firms bear tells nothing
_ALIKE = 12  # where more names than this are alike but for one character, that character is what tells them apart
_COUNTING = re.compile(r"[0-9a-z一二三四五六七八九十东南西北中上下前后甲乙丙丁大小新老]")


@dataclass(frozen=True)
class Candidate:
    """Two entities (row numbers) that may be one: score 0–1 and the reasons, strongest first."""

    a: int
    b: int
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """What is known of the entities beside their names.

    ``codes`` of each kind and ``city`` (division codes) a row, −1 where unknown; ``products``
    sets of products; ``apart`` pairs (low, high) that are different for certain.
    """

    codes: tuple[Ints, ...]
    city: Ints
    products: dict[int, set[int]]
    apart: frozenset[tuple[int, int]]


def candidates(borne: Bearers, evidence: Evidence) -> list[Candidate]:
    """Return the candidates, best first, each pair once."""
    parts = split(borne.texts)
    found: dict[tuple[int, int], Candidate] = {}
    known = _Known(parts, borne)
    for one in (*_equal_cores(known), *_slips(known), *_short_names(known)):
        pair = (min(one.a, one.b), max(one.a, one.b))
        if one.a == one.b or pair in evidence.apart or _codes_differ(evidence, *pair):
            continue
        made = _weighed(Candidate(*pair, one.score, one.reasons), evidence)
        if made.score >= FLOOR and (pair not in found or found[pair].score < made.score):
            found[pair] = made
    return sorted(found.values(), key=lambda c: (-c.score, c.a, c.b))


class _Known:
    """Names in parts as Python values, with their bearers; branches are left out."""

    def __init__(self, parts: Names, borne: Bearers) -> None:
        self.stem, self.core, self.group = (c.to_pylist() for c in (parts.stem, parts.core, parts.group))
        self.full = parts.full.tolist()
        self.form = parts.form.to_pylist()
        self.body = parts.body.to_pylist()
        self.texts = joined_text(parts)
        self._text = self.texts.to_pylist()
        self._brand: dict[int, str] = {}
        self.places = list(zip(parts.province.tolist(), parts.city.tolist(), parts.county.tolist(), strict=True))
        pairs = zip(borne.name.tolist(), borne.entity.tolist(), borne.primary.tolist(), strict=True)
        alive = [(n, e, p) for n, e, p in pairs if not parts.branch[n]]
        self.named = [(n, e) for n, e, _ in alive]
        with_full = {e for n, e, p in alive if p and self.full[n]}
        self.fulls = [(n, e) for n, e, _ in alive if self.full[n]]
        self.shorts = [(n, e) for n, e, p in alive if p and not self.full[n] and e not in with_full]

    def placed(self, name: int) -> bool:
        """Tell whether the name says a place."""
        return bool(max(self.places[name]) >= 0)

    def is_parent(self, x: int, y: int) -> bool:
        """Tell whether one is a group of limited liability, the other limited by shares and no group."""
        return bool(self.group[x] and not self.group[y] and "股份" not in self.form[x] and "股份" in self.form[y])

    def brand(self, name: int) -> str:
        """Return the brand of a name, with its place."""
        if name not in self._brand:
            self._brand[name] = trade_of(self.text(name))[0]
        return self._brand[name]

    def text(self, name: int) -> str:
        """Return stem and group word."""
        return str(self._text[name])


def _codes_differ(evidence: Evidence, a: int, b: int) -> bool:
    return any(bool(code[a] >= 0 and code[b] >= 0 and code[a] != code[b]) for code in evidence.codes)


def _places_differ(first: tuple[int, ...], second: tuple[int, ...]) -> bool:
    return any(a >= 0 and b >= 0 and a != b for a, b in zip(first, second, strict=True))


def _equal_cores(known: _Known) -> Iterator[Candidate]:
    """Full names with one core: a place that one of them lacks, or 集团 on one side only."""
    block = defaultdict(list)
    for name, entity in known.fulls:
        if len(known.core[name]) >= 2:
            block[known.core[name]].append((name, entity))
    for members in block.values():
        if len(members) > _CROWD:
            continue
        for at, (x, a) in enumerate(members):
            for y, b in members[at + 1 :]:
                # A firm is registered at one place: 山东 and 济宁 before one core are two registers.
                if a == b or (known.places[x] != known.places[y] and known.placed(x) and known.placed(y)):
                    continue
                score, reasons = 0.85, ["equal_core"]
                if known.group[x] != known.group[y]:
                    # A group of limited liability beside a company limited by shares: parent and listed firm.
                    score -= 0.4 if known.is_parent(x, y) or known.is_parent(y, x) else 0.15
                    reasons.append("group")
                if known.places[x] != known.places[y]:
                    score, reasons = score - 0.1, [*reasons, "place_one_side"]
                yield Candidate(a, b, score, tuple(reasons))


def _slips(known: _Known) -> Iterator[Candidate]:
    """Names of four characters or more that one character (left out, other, swapped) tells apart."""
    from rapidfuzz.distance import OSA

    entities = defaultdict(list)
    for name, entity in known.named:
        entities[name].append(entity)
    for x, y in _alike(known.texts, np.array(sorted(entities), np.int64)):
        if known.full[x] != known.full[y]:
            continue
        if OSA.distance(known.text(x), known.text(y), score_cutoff=1) == 1 and _may_be_slip(known, x, y):
            score = 0.6 + 0.02 * min(len(known.text(x)), 12) - _other_brand(known, x, y)
            yield from (Candidate(a, b, score, ("slip",)) for a in entities[x] for b in entities[y] if a != b)


def _alike(texts: pa.Array, names: Ints) -> Iterator[tuple[int, int]]:
    """Yield pairs of names (x < y) of which one character less is the same text, in sorted order."""
    size = pc.utf8_length(texts).to_numpy()
    names = names[size[names] >= 4]
    if not len(names):
        return
    lacking, bearer = [texts.take(pa.array(names))], [names]
    for at in range(int(size[names].max())):
        rows = names[size[names] > at]
        text = texts.take(pa.array(rows))
        before, behind = pc.utf8_slice_codeunits(text, 0, at), pc.utf8_slice_codeunits(text, at + 1)
        lacking.append(pc.binary_join_element_wise(before, behind, ""))
        bearer.append(rows)
    code = pa.concat_arrays(lacking).dictionary_encode().indices.to_numpy().astype(np.int64)
    pairs = np.unique(code * len(texts) + np.concatenate(bearer))  # 甲甲乙 lacks either 甲 once
    block, name = np.divmod(pairs, len(texts))
    start = np.flatnonzero(run_starts(block))
    count = np.diff(np.r_[start, len(block)])
    few = (count > 1) & (count <= _ALIKE)
    found = set()
    for at, n in zip(start[few].tolist(), count[few].tolist(), strict=True):
        found.update(combinations(name[at : at + n].tolist(), 2))
    yield from sorted(found)


def _may_be_slip(known: _Known, x: int, y: int) -> bool:
    """A number, a side or another trade is no slip; neither is another place."""
    left, right = known.core[x], known.core[y]
    if left == right or _places_differ(known.places[x], known.places[y]):
        return False
    (brand, trade), (other_brand, other_trade) = trade_of(left), trade_of(right)
    if brand == other_brand and trade and other_trade:
        return False
    odd = [(a, b) for a, b in zip(left, right, strict=False) if a != b]
    if len(left) == len(right) and len(odd) == 1:
        return not all(_COUNTING.fullmatch(char) for char in odd[0])
    return len(left) != len(right) or len(odd) == 2


def _other_brand(known: _Known, x: int, y: int) -> float:
    """Take off for another first or second character of the brand: more often another brand than a slip."""
    left, right = known.core[x], known.core[y]
    odd = [i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b]
    if len(left) != len(right) or len(odd) != 1 or odd[0] >= 2:
        return 0.0
    return 0.25 if known.full[x] else 0.4


class _Fulls:
    """Full names by the pairs of letters that stand in them."""

    def __init__(self, known: _Known) -> None:
        self._known = known
        self._block: dict[str, set[int]] = defaultdict(set)
        for at, (name, _) in enumerate(known.fulls):
            text = known.text(name)
            for i in range(len(text) - 1):
                self._block[text[i : i + 2]].add(at)
            self._block[known.core[name][:2]].add(at)
        self._crowded: dict[str, tuple[list[int], ByCharacters]] = {}

    def near(self, name: int) -> set[int]:
        """Return the full names that a short one may stand for."""
        text = self._known.text(name)
        found: set[int] = set()
        for i in range(len(text) - 1):
            pair = text[i : i + 2]
            members = self._block.get(pair, set())
            if len(members) <= _CROWD:
                found |= members
            elif i == 0:
                found |= self._holding(pair, members, (self._known.brand(name), self._known.core[name], text))
        return found

    def _holding(self, pair: str, members: set[int], wanted: tuple[str, ...]) -> set[int]:
        """Of many that begin alike those that hold all characters wanted, the least demanding text that few hold."""
        if pair not in self._crowded:
            held = sorted(members)
            known = self._known
            self._crowded[pair] = held, ByCharacters(known.text(known.fulls[at][0]) for at in held)
        held, index = self._crowded[pair]
        for text in wanted:
            found = index.holding(text)
            if len(found) <= _CROWD:
                return {held[at] for at in found}
        return set()


def _short_names(known: _Known) -> Iterator[Candidate]:
    """Entities known by a short name only, against the full names that it may stand for."""
    fulls = _Fulls(known)
    letters = [frozenset(known.text(name)) for name, _ in known.fulls]
    for name, entity in known.shorts:
        near, own = fulls.near(name), frozenset(known.core[name])
        best = _best(known, name, (known.fulls[at] for at in near if own <= letters[at]), _abbreviation)
        if not best:
            best = _best(known, name, (known.fulls[at] for at in near), _same_brand)
            if len(best) > _BEARERS:
                continue
        ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))
        top = ranked[0][1][0] if ranked else 0.0
        ranked = [item for item in ranked if item[1][0] > top - 0.05][:_MOST]
        for owner, (score, reason) in ranked:
            rivals = ("rivals",) if len(ranked) > 1 else ()
            yield Candidate(entity, owner, score - 0.1 * len(rivals), (reason, *rivals))


def _best(
    known: _Known, name: int, fulls: Iterable[tuple[int, int]], scored: Callable[[_Known, int, int], tuple[float, str]]
) -> dict[int, tuple[float, str]]:
    """Return the best score and its reason of each entity that a short name may stand for."""
    best: dict[int, tuple[float, str]] = {}
    for other, owner in fulls:
        score, reason = scored(known, name, other)
        # Short names are those of the exchanges, more often than not: of companies limited by shares.
        score -= 0.0 if "股份" in known.form[other] else 0.05
        if known.group[name] and not known.group[other]:  # 海尔集团 is the parent of 海尔智家
            score -= 0.15
        if reason and score > best.get(owner, (0.0, ""))[0]:
            best[owner] = (score, reason)
    return best


def _abbreviation(known: _Known, short: int, full: int) -> tuple[float, str]:
    """Score a short name against a full one by the strongest way in which it abbreviates it."""
    text, stem, core = known.text(short), known.text(full), known.core[full]
    bare = known.core[short]
    if _places_differ(known.places[short], known.places[full]):
        return 0.0, ""
    if known.stem[short] in (known.stem[full], core):
        return 0.85, "equal_core"
    if stem.startswith(text) or core.startswith(text):
        rest = (stem if stem.startswith(text) else core)[len(text) :]
        return _less(0.8 if len(text) > 2 else 0.7, known, short, rest), "beginning"
    for given, full_text, score in ((text, core + known.group[full], 0.75), (bare, core + known.group[full], 0.7)):
        if len(given) >= 2 and core[:2] == given[:2] and follows(given, full_text):
            return _less(score, known, short, left_out(given, full_text)), "abbreviates"
    if len(text) >= 3 and follows(text, stem):
        return 0.65, "abbreviates"
    return 0.0, ""


def _same_brand(known: _Known, short: int, full: int) -> tuple[float, str]:
    """Score a short name whose brand stands in a full one."""
    text = known.text(short)
    brand = known.brand(short)
    if len(brand) < 2 or len(text) <= 2 or brand not in known.text(full):
        return 0.0, ""
    return (0.0, "") if _places_differ(known.places[short], known.places[full]) else (0.55, "brand")


def _less(score: float, known: _Known, short: int, rest: str) -> float:
    """Put behind the others what is another body or a side trade of the one that is named (大学 and its 出版社)."""
    return score - 0.2 if known.body[short] or (known.group[short] and rest) or lesser(rest) else score


def _weighed(one: Candidate, evidence: Evidence) -> Candidate:
    """Let places and products speak: for (both known and equal) or against (places known and different)."""
    score, reasons = one.score, list(one.reasons)
    here, there = int(evidence.city[one.a]), int(evidence.city[one.b])
    if here >= 0 and there >= 0:
        score += 0.1 if here == there else -0.25
        reasons.append("same_city" if here == there else "other_city")
    if evidence.products.get(one.a, set()) & evidence.products.get(one.b, set()):
        score += 0.1
        reasons.append("same_product")
    return Candidate(one.a, one.b, round(min(max(score, 0.0), 0.99), 3), tuple(reasons))
