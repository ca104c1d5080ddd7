"""Reasons: why a candidate stands where it stands, in words, with the sources of every step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...graph.columns.arrays import rounded
from ...graph.schema.words import Said, Word, sentence
from ..atlas.facts import Fact
from ..atlas.result import Result, Row
from ..verdicts.explanation import maker_facts
from .ability import TIERS, WAYS
from .holdings import Holdings
from .ranking import Ranking
from .scoring.decision import contributions, in_tiers
from .scoring.features import CRITERIA
from .scoring.weights import neutral

COLUMNS = ("fact", "weight", "value", "part", "rank_without", "source", "source_ref", "as_of", "confidence")
PATHS = 3
FACTS = 3
_MATCHED = ("exact", "serves", "text", "kin", "kin", "kin", "adjacent", "adjacent")  # by ``ability.WAYS``


def why(found: Ranking, at: int) -> Said:
    """Return one sentence: what the candidate is able to do for the need."""
    return _capability(found, at)


def _capability(found: Ranking, at: int) -> Said:
    h, need = found.holdings, found.need
    link, other = item_name(h, int(need.wanted[0])), item_name(h, int(found.through[at]))
    return sentence(
        f"why_partner_{_MATCHED[found.way[at]]}", link=link, product=other, like=f"{found.value[at, 0]:.2f}"
    )


def evidence(found: Ranking, at: int) -> Result:
    """Return criteria with their parts and the rank without them, then facts and paths, then what would change."""
    facts = (_told(f) for f in _facts(found, at))
    rows = [*_criteria(found, at), *facts, *_changes(found, at)]
    return Result(COLUMNS, rows)


def _criteria(found: Ranking, at: int) -> Iterator[Row]:
    total = max(float(found.part[at].sum()), 1e-12)
    weight = found.weights.value / max(float(found.weights.value.sum()), 1e-12)
    for number, name in enumerate(CRITERIA):
        value = found.value[at, number]
        code = "reason_share" if not np.isnan(value) else "reason_neutral"
        text = sentence(code, criterion=Word("column", name), share=f"{found.part[at, number] / total:.0%}")
        yield {**dict.fromkeys(COLUMNS), "fact": text, "weight": round(float(weight[number]), 4),
               "value": rounded(value), "part": round(float(found.part[at, number]), 4),
               "rank_without": rank_without(found, at, number)}  # fmt: skip


def rank_without(found: Ranking, at: int, criterion: int) -> int:
    """Rank within the list by the weighted sum when one criterion counts for nothing."""
    weights = found.weights.value.copy()
    weights[criterion] = 0
    same = np.flatnonzero(found.listed == found.listed[at])
    within = contributions(found.value, weights, neutral()).sum(axis=1)
    score = in_tiers(within, found.tier, TIERS).round(9)[same]
    mine = int(np.flatnonzero(same == at)[0])
    ahead = (score > score[mine]) | ((score == score[mine]) & (found.row[same] < found.row[at]))
    return int(ahead.sum()) + 1


def _told(one: Fact) -> Row:
    return {**dict.fromkeys(COLUMNS), "fact": one.fact, "source": one.source, "source_ref": one.source_ref,
            "as_of": one.as_of, "confidence": one.confidence}  # fmt: skip


def _facts(found: Ranking, at: int) -> Iterator[Fact]:
    """Facts behind the ability."""
    h = found.holdings
    yield from list(maker_facts(h.atlas, int(h.node[found.row[at]]), int(found.through[at])))[:FACTS]


def _changes(found: Ranking, at: int) -> Iterator[Row]:
    return iter(())


def item_name(h: Holdings, item: int) -> str:
    return h.atlas.snapshot.name(h.atlas.makers.node(item))


__all__ = ["COLUMNS", "WAYS", "evidence", "item_name", "rank_without", "why"]
