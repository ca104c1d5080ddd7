"""Reasons: why a candidate stands where it stands, in words, with the sources of every step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...graph.columns.arrays import Bools, Floats, Ints, rounded, row_of
from ...graph.schema.words import Joined, Said, Word, read_toml, sentence
from ..atlas.facts import Fact, claims_of, fact
from ..atlas.result import Result, Row
from ..verdicts.explanation import maker_facts
from .decision import contributions
from .features import CRITERIA, MATCHES
from .holdings import Holdings
from .needs import MOST, Need
from .ranking import Ranking

COLUMNS = ("fact", "weight", "value", "part", "rank_without", "source", "source_ref", "as_of", "confidence")
PATHS = 3
FACTS = 3
_MATCHED = {
    "exact": "why_partner_exact",
    "kin": "why_partner_kin",
    "serves": "why_partner_serves",
    "text": "why_partner_text",
    "adjacent": "why_partner_adjacent",
    "chain": "why_partner_chain",
    "self": "why_partner_self",
}


@dataclass(frozen=True)
class Match:
    """The match that a candidate's capability rests on."""

    kind: str
    wanted: int
    other: int
    like: float


def why(found: Ranking, at: int) -> Said:
    """Return one sentence: the parts that lift the candidate most above the others."""
    middle = np.median(found.part, axis=0)
    known = ~np.isnan(found.value[at])
    lift = np.where(known & (found.value[at] > 0), found.part[at] - middle, -1.0)
    order = np.lexsort((np.arange(len(lift)), -lift.round(9)))
    chosen = [int(o) for o in order[:3] if lift[o] > 0 or o == order[0]]
    if CRITERIA.index("capability") not in chosen and (found.value[at, 0] or 0) > 0:
        chosen = [0, *chosen[:2]]
    phrases = [_phrase(found, at, CRITERIA[c]) for c in sorted(chosen) if known[c] and found.value[at, c] > 0]
    if not phrases:
        return sentence("why_partner_nothing")
    return Joined((Joined(tuple(phrases), sentence("why_partner_join")), sentence("why_partner_end")))


def _phrase(found: Ranking, at: int, criterion: str) -> Said:
    row, h = int(found.row[at]), found.holdings
    value = f"{found.value[at, CRITERIA.index(criterion)]:.2f}"
    if criterion == "capability":
        return _capability(found, row)
    if criterion == "geography":
        return sentence("why_partner_geography", km=f"{found.features.km[row]:.0f}")
    if criterion == "complementarity":
        held = np.intersect1d(_items(h, row), found.need.missing)
        names = [item_name(h, int(i)) for i in held[:3]]
        return sentence("why_partner_complementarity", n=len(held), of=len(found.need.missing), names=names)
    if criterion == "link_score":
        path = next(iter(_paths(found, row)), None)
        if path is not None:
            through, maker, _ = path
            name = h.atlas.snapshot.name(int(h.node[maker]))
            return sentence("why_partner_link_score", product=item_name(h, through), maker=name)
    return sentence("why_partner_value", criterion=Word("column", criterion), value=value)


def best_match(found: Ranking, row: int) -> Match | None:
    """Return the match that a holder's capability rests on."""
    h, need = found.holdings, found.need
    mine = _items(h, row)
    kinds = [(w, *h.kin(w)) for w in need.wanted[:MOST].tolist()]
    for wanted, below, _, _ in kinds:
        held = np.intersect1d(mine, np.r_[wanted, below])
        if len(held) and found.features.match[row, 0] > 0:
            return Match("exact", wanted, int(held[0]), 1.0)
    for wanted, _, above, beside in kinds:
        held = np.intersect1d(mine, np.r_[above, beside])
        if len(held):
            return Match("kin", wanted, int(held[0]), 1.0)
    if _leads(found, row, "text"):
        mine = np.setdiff1d(mine, need.blocked)
        asked = h.item_names[need.wanted[:MOST]]
        like = (asked @ h.item_names[mine].T).toarray() if len(mine) else np.zeros((len(need.wanted), 0))
        if like.size and like.max() > 0:
            a, b = np.unravel_index(int(np.argmax(like)), like.shape)
            return Match("text", int(need.wanted[a]), int(mine[b]), float(like[a, b]))
        own = (asked @ h.own_text[[row]].T).toarray()[:, 0]
        return Match("self", int(need.wanted[int(np.argmax(own))]), -1, float(own.max()))
    if found.features.match[row, 2] > 0:
        return Match("serves", int(need.wanted[0]), -1, 1.0)
    if found.features.match[row, 4] > 0:
        return Match("adjacent", int(need.wanted[0]), int(np.intersect1d(mine, need.around)[0]), 1.0)
    if found.features.match[row, 5] > 0:
        return _along(h, need, mine)
    return None


def _leads(found: Ranking, row: int, kind: str) -> bool:
    """Tell whether a kind of match counts most."""
    weight = read_toml("vocabulary.toml")["partner"]["capability"]
    parts = [float(found.features.match[row, at]) * float(weight[name]) for at, name in enumerate(MATCHES)]
    return parts[MATCHES.index(kind)] >= max(parts) > 0


def _along(h: Holdings, need: Need, mine: Ints) -> Match | None:
    """A link of the same chain that a holder makes."""
    for wanted in need.wanted[:MOST].tolist():
        along = np.array(
            [i for c in sorted(h.atlas.chains_of[wanted]) for i, _, _ in h.atlas.chain_members[c]], np.int64
        )
        held = np.intersect1d(mine, np.setdiff1d(along, need.blocked))
        if len(held):
            return Match("chain", wanted, int(held[0]), 1.0)
    return None


def _capability(found: Ranking, row: int) -> Said:
    match = best_match(found, row)
    if match is None:
        return sentence("why_partner_nothing")
    h = found.holdings
    link = item_name(h, match.wanted)
    other = item_name(h, match.other) if match.other >= 0 else ""
    return sentence(_MATCHED[match.kind], link=link, product=other, like=f"{match.like:.2f}")


def evidence(found: Ranking, at: int) -> Result:
    """Return criteria with their parts and the rank without them, then facts and paths, then what would change."""
    facts = (_told(f) for f in _facts(found, int(found.row[at])))
    rows = [*_criteria(found, at), *facts, *_changes(found, at)]
    return Result(COLUMNS, rows)


def _criteria(found: Ranking, at: int) -> Iterator[Row]:
    total = max(float(found.part[at].sum()), 1e-12)
    there, weight = _used(found)
    for number, name in enumerate(CRITERIA):
        value = found.value[at, number]
        code = "reason_share" if not np.isnan(value) else "reason_neutral" if there[number] else "reason_absent"
        text = sentence(code, criterion=Word("column", name), share=f"{found.part[at, number] / total:.0%}")
        yield {**dict.fromkeys(COLUMNS), "fact": text, "weight": round(float(weight[number]), 4),
               "value": rounded(value),
               "part": round(float(found.part[at, number]), 4),
               "rank_without": rank_without(found, at, number)}  # fmt: skip


def _used(found: Ranking) -> tuple[Bools, Floats]:
    """Return which criteria somebody has, and their weights brought to sum 1."""
    there = np.array([not np.isnan(column).all() for column in found.value.T])
    weight = np.where(there, found.weights.value, 0)
    return there, weight / max(float(weight.sum()), 1e-12)


def rank_without(found: Ranking, at: int, criterion: int) -> int:
    """Rank within the reach by the weighted sum when one criterion counts for nothing."""
    weights = found.weights.value.copy()
    weights[criterion] = 0
    same = np.flatnonzero(found.reach == found.reach[at])
    score = contributions(found.value, weights).sum(axis=1).round(9)[same]
    mine = int(np.flatnonzero(same == at)[0])
    ahead = (score > score[mine]) | ((score == score[mine]) & (found.row[same] < found.row[at]))
    return int(ahead.sum()) + 1


def _told(one: Fact) -> Row:
    return {**dict.fromkeys(COLUMNS), "fact": one.fact, "source": one.source, "source_ref": one.source_ref,
            "as_of": one.as_of, "confidence": one.confidence}  # fmt: skip


def _facts(found: Ranking, row: int) -> Iterator[Fact]:
    """Facts behind the capability, and the strongest paths, each step with its source."""
    h = found.holdings
    node = int(h.node[row])
    match = best_match(found, row)
    if match is not None:
        text = _capability(found, row)
        yield Fact(text, None, None, None, None, None)
        if match.other >= 0:
            yield from list(maker_facts(h.atlas, node, match.other))[:FACTS]
        if match.kind == "serves":
            yield from _served(h, node, match.wanted)
    for through, maker, item in _paths(found, row):
        other = int(h.node[maker])
        a, b = h.atlas.snapshot.name(node), h.atlas.snapshot.name(other)
        text = sentence("reason_path", a=a, product=item_name(h, through), b=b, link=item_name(h, item))
        yield Fact(text, None, None, None, None, None)
        for who, what in ((node, through), (other, through), (other, item)):
            yield from list(maker_facts(h.atlas, who, what))[:1]
    yield from _ties(found, row)


def _served(h: Holdings, node: int, wanted: int) -> Iterator[Fact]:
    csr, chains = h.atlas.snapshot.csr("SERVES"), h.atlas.chains_of[wanted]
    for edge, end in zip(csr.rows_of(node).tolist(), csr.of(node).tolist(), strict=True):
        if end in chains or end == h.atlas.makers.node(wanted):
            for claim in claims_of(h.atlas.snapshot, "SERVES", [edge]).get(edge, [])[:1]:
                text = sentence("reason_serves", a=h.atlas.snapshot.name(node), b=h.atlas.snapshot.name(end))
                yield fact(text, claim)


def _paths(found: Ranking, row: int) -> list[tuple[int, int, int]]:
    """Strongest paths candidate → product ← maker → link, as (product, maker row, item), one a product."""
    h, need = found.holdings, found.need
    best: list[tuple[float, int, int, int]] = []
    for item in need.wanted[:MOST].tolist():
        makers = need.anchors if need.kind == "link" else row_of(h.held, item)
        makers = np.asarray(makers, np.int64)
        makers = makers[makers != row]
        blocked = need.blocked if need.kind == "link" else np.array([item])
        mine = np.setdiff1d(_items(h, row), blocked)
        if not len(makers) or not len(mine):
            continue
        shared = h.holds[makers][:, mine].tocoo()
        width = np.diff(h.holds.indptr)[makers[shared.row]] * np.diff(h.held.indptr)[mine[shared.col]]
        best += [(-1 / float(np.sqrt(w)), int(mine[c]), int(makers[r]), item)
                 for r, c, w in zip(shared.row, shared.col, width, strict=True)]  # fmt: skip
    chosen: dict[int, tuple[int, int, int]] = {}
    for _, product, maker, item in sorted(best):
        chosen.setdefault(product, (product, maker, item))
    return list(chosen.values())[:PATHS]


def _ties(found: Ranking, row: int) -> Iterator[Fact]:
    """Alliances, platforms, clusters, chains that the candidate shares with those it would work with."""
    h = found.holdings
    snapshot = h.atlas.snapshot
    for matrix in (h.circles, h.settings):
        mine = row_of(matrix, row)
        theirs = np.unique(matrix[found.need.neighbours].indices) if len(found.need.neighbours) else np.zeros(0, int)
        for node in np.intersect1d(mine, theirs)[:FACTS].tolist():
            text = sentence("reason_shared", a=snapshot.name(int(h.node[row])), b=snapshot.name(node))
            yield Fact(text, None, None, None, None, None)


def _changes(found: Ranking, at: int) -> Iterator[Row]:
    """What would lift the candidate above the one before it: the smallest rise of a single criterion."""
    if found.rank[at] <= 1 or found.method != "sum":
        return
    gap = float(found.score[at - 1] - found.score[at])
    ahead = found.holdings.atlas.snapshot.name(int(found.holdings.node[found.row[at - 1]]))
    _, weight = _used(found)
    options = []
    for number, w in enumerate(weight.tolist()):
        now = found.part[at, number] / w if w > 0 else 1.0
        if w > 0 and now + gap / w < 1:
            options.append((gap / w, number, now))
    for rise, number, now in sorted(options)[:2]:
        criterion, then = Word("column", CRITERIA[number]), f"{now + rise:.2f}"
        text = sentence("reason_change", criterion=criterion, now=f"{now:.2f}", then=then, ahead=ahead)
        yield {**dict.fromkeys(COLUMNS), "fact": text}


def _items(h: Holdings, row: int) -> Ints:
    return np.sort(row_of(h.holds, row)).astype(np.int64)


def item_name(h: Holdings, item: int) -> str:
    return h.atlas.snapshot.name(h.atlas.makers.node(item))


__all__ = ["COLUMNS", "MATCHES", "Match", "best_match", "evidence", "rank_without", "why"]
