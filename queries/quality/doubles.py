"""Candidates: pairs of organisations that may be one, with a score and what speaks for and against.

Only pairs of a block are compared: equal cores, short names against the full names they may
stand for, and names one slip of the keyboard apart. What is different for certain is no
candidate: codes that differ, two places, two trades of one brand, a branch, two that a
relation connects. Persons are never looked at.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...graph.columns.arrays import Ints
from ...graph.identity.abbreviations import follows
from ...graph.identity.matching import Bearers
from ...graph.identity.names import Names, split, trade_of

FLOOR = 0.5
_MOST = 2  # candidates that one short name may have
_CROWD = 60  # a pair of letters in more names than this tells nothing
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
        made = _weighed(replace(one, a=pair[0], b=pair[1]), evidence)
        if made.score >= FLOOR and (pair not in found or found[pair].score < made.score):
            found[pair] = made
    return sorted(found.values(), key=lambda c: (-c.score, c.a, c.b))


class _Known:
    """Names in parts as Python values, with their bearers; branches are left out."""

    def __init__(self, parts: Names, borne: Bearers) -> None:
        self.stem, self.core, self.group = (c.to_pylist() for c in (parts.stem, parts.core, parts.group))
        self.full = parts.full.tolist()
        self.form = parts.form.to_pylist()
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

    def text(self, name: int) -> str:
        """Return stem and group word."""
        return str(self.stem[name]) + str(self.group[name])


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

    block = defaultdict(list)
    for name, entity in known.named:
        text = known.text(name)
        if len(text) >= 4:
            for variant in {text, *(text[:i] + text[i + 1 :] for i in range(len(text)))}:
                block[variant].append((name, entity))
    seen: set[tuple[int, int]] = set()
    for members in block.values():
        if len(members) < 2 or len(members) > _CROWD:
            continue
        for at, (x, a) in enumerate(members):
            for y, b in members[at + 1 :]:
                pair = (min(x, y), max(x, y))
                if a == b or pair in seen or known.full[x] != known.full[y]:
                    continue
                seen.add(pair)
                if OSA.distance(known.text(x), known.text(y), score_cutoff=1) == 1 and _may_be_slip(known, x, y):
                    score = 0.6 + 0.02 * min(len(known.text(x)), 12) - _other_brand(known, x, y)
                    yield Candidate(a, b, score, ("slip",))


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


def _short_names(known: _Known) -> Iterator[Candidate]:
    """Entities known by a short name only, against the full names that it may stand for."""
    block = defaultdict(set)
    for at, (name, _) in enumerate(known.fulls):
        text = known.text(name)
        for i in range(len(text) - 1):
            block[text[i : i + 2]].add(at)
        block[known.core[name][:2]].add(at)
    for name, entity in known.shorts:
        text = known.text(name)
        near: set[int] = set()
        for i in range(len(text) - 1):
            members = block.get(text[i : i + 2], ())
            if len(members) <= _CROWD or i == 0:
                near.update(members)
        best: dict[int, tuple[float, str]] = {}
        for at in near:
            other, owner = known.fulls[at]
            score, reason = _abbreviation(known, name, other)
            # Short names are those of the exchanges, more often than not: of companies limited by shares.
            score -= 0.0 if "股份" in known.form[other] else 0.05
            if known.group[name] and not known.group[other]:  # 海尔集团 is the parent of 海尔智家
                score -= 0.15
            if score > best.get(owner, (0.0, ""))[0]:
                best[owner] = (score, reason)
        ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))
        top = ranked[0][1][0] if ranked else 0.0
        ranked = [item for item in ranked if item[1][0] > top - 0.05][:_MOST]
        for owner, (score, reason) in ranked:
            rivals = ("rivals",) if len(ranked) > 1 else ()
            yield Candidate(entity, owner, score - 0.1 * len(rivals), (reason, *rivals))


def _abbreviation(known: _Known, short: int, full: int) -> tuple[float, str]:
    """Score a short name against a full one by the strongest way in which it abbreviates it."""
    text, stem, core = known.text(short), known.text(full), known.core[full]
    bare = known.core[short]
    if _places_differ(known.places[short], known.places[full]):
        return 0.0, ""
    if known.stem[short] in (known.stem[full], core):
        return 0.85, "equal_core"
    if stem.startswith(text) or core.startswith(text):
        return (0.8 if len(text) > 2 else 0.7), "beginning"
    if core[:2] == text[:2] and follows(text, core + known.group[full]):
        return 0.75, "abbreviates"
    if len(bare) >= 2 and core[:2] == bare[:2] and follows(bare, core + known.group[full]):
        return 0.7, "abbreviates"
    if len(text) >= 3 and follows(text, stem):
        return 0.65, "abbreviates"
    brand, _ = trade_of(text)
    if len(brand) >= 2 and len(text) > 2 and brand in stem:
        return 0.55, "brand"
    return 0.0, ""


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
    return replace(one, score=round(min(max(score, 0.0), 0.99), 3), reasons=tuple(reasons))
