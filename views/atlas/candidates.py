"""Candidates of the page: who could make a link, with the values of each criterion.

A candidate is an enterprise that makes the link (elsewhere than where it is looked for), or makes
what it is made from or goes into; or an institute, platform or alliance that serves the link, a
technology it requires, or its chain. Criteria are in [0, 1]; what is not known is left out, not
zero. Distance depends on the place looked for, so the page computes it: exp(−km/d₀).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...graph.columns.arrays import Ints, row_of
from ...graph.schema.words import message, read_toml
from ...queries.atlas.atlas import Atlas
from ...queries.atlas.facts import fact_confidence

D0_KM = int(read_toml("vocabulary.toml")["partner"]["decay_km"])
_MOST = 16
# Stated weights; the page lets its reader move them.
CRITERIA = (("capability", 0.35), ("adjacency", 0.25), ("distance", 0.2), ("ties", 0.1), ("evidence", 0.1))
_EXACT, _BESIDE, _SIBLING = 1.0, 0.5, 0.3
# With fewer candidates than this, who makes other inputs of the same products is looked at too.
_ENOUGH = 8
# Who may be asked besides enterprises.
_BODIES = ("Institute", "Platform", "Alliance", "Team")
_SERVES = {"direct": 1.0, "technology": 0.8, "chain": 0.4}
# Relations that tie an enterprise to others: as many as this, and the criterion is full.
_TIES = ("COOPERATES", "MEMBER_OF", "LEADS", "HOSTS", "IN_CLUSTER", "SUPPLIES")
_FULL = 4


def candidates(atlas: Atlas, items: Ints, link_of: Mapping[int, int], number: Mapping[int, int]) -> dict[str, Any]:
    """Return the payload's ``partners`` (see ``contract.Partners``).

    Parameters
    ----------
    number
        Position of each node among the payload's entities.
    """
    made = atlas.makers
    stated = fact_confidence(made).tocoo()
    confidence = dict(
        zip(zip(stated.row.tolist(), stated.col.tolist(), strict=True), stated.data.tolist(), strict=True)
    )
    ties = _ties(atlas)
    before, after = _beside(atlas, link_of)
    serving = _serving(atlas, number)
    needs = []
    for item in items.tolist():
        link = link_of[item]
        found: dict[int, dict[str, Any]] = {}
        for node in row_of(made.makes, item).tolist():
            found[node] = {"capability": _EXACT, "by": ["makes", link]}
        around = [*before[link], *after[link]]
        own = dict.fromkeys(found, 0)
        for other in around:
            row = int(items[other])
            for node in row_of(made.makes, row).tolist():
                own[node] = own.get(node, 0) + 1
                how = "input" if other in before[link] else "use"
                found.setdefault(node, {"capability": _BESIDE, "by": [how, other]})
        for node, beside in own.items():
            best = max((confidence.get((int(items[k]), node), 0.0) for k in (link, *around)), default=0.0)
            found[node] |= {"adjacency": round(beside / len(around), 3) if around else None,
                            "ties": ties.get(node), "evidence": round(best, 3) if best > 0 else None}  # fmt: skip
        if len(found) < _ENOUGH:
            for other in _beside_it(before, after, link):
                row = int(items[other])
                for node in row_of(made.makes, row).tolist():
                    best = confidence.get((row, node), 0.0)
                    found.setdefault(
                        node,
                        {
                            "capability": _SIBLING,
                            "by": ["sibling", other],
                            "adjacency": 0.0,
                            "ties": ties.get(node),
                            "evidence": round(best, 3) if best > 0 else None,
                        },
                    )
        for node, way in serving(item):
            found.setdefault(node, {"capability": _SERVES[way], "by": [way, link], "adjacency": None,
                                    "ties": ties.get(node), "evidence": None})  # fmt: skip
        needs.append(_best(found, number))
    return {
        "criteria": [{"key": k, "label": _label(f"criterion_{k}"), "weight": w} for k, w in CRITERIA],
        "d0": D0_KM, "needs": needs, "note": _label("criterion_note"),
    }  # fmt: skip


def _label(code: str) -> dict[str, str]:
    return {lang: message(code, lang, d0=D0_KM, full=_FULL) for lang in ("zh", "en")}


def _best(found: Mapping[int, dict[str, Any]], number: Mapping[int, int]) -> list[list[Any]]:
    """Return the best candidates as [entity, reason, other link, values …], distance left to the page."""
    rows = []
    for node, values in found.items():
        if node not in number:
            continue
        told = [values.get(key) for key, _ in CRITERIA]
        pairs = [(w, v) for (_, w), v in zip(CRITERIA, told, strict=True) if v is not None]
        score = sum(w * v for w, v in pairs) / sum(w for w, _ in pairs)
        rows.append((-score, number[node], [number[node], *values["by"], *told]))
    rows.sort(key=lambda row: row[:2])
    return [row[2] for row in rows[:_MOST]]


def _beside(atlas: Atlas, link_of: Mapping[int, int]) -> tuple[list[list[int]], list[list[int]]]:
    """Return the links that each link is made from, and those it goes into."""
    src, dst = (atlas.makers.items(e).tolist() for e in atlas.snapshot.edges("INPUT_OF"))
    before: list[list[int]] = [[] for _ in link_of]
    after: list[list[int]] = [[] for _ in link_of]
    for a, b in sorted(
        {(link_of[a], link_of[b]) for a, b in zip(src, dst, strict=True) if a in link_of and b in link_of}
    ):
        before[b].append(a)
        after[a].append(b)
    return before, after


def _beside_it(before: list[list[int]], after: list[list[int]], link: int) -> list[int]:
    """Return the other inputs of what a link goes into."""
    return sorted({other for use in after[link] for other in before[use]} - {link})


def _ties(atlas: Atlas) -> dict[int, float]:
    """Return how well tied each node is: distinct others it is related to, full at ``_FULL``."""
    others: dict[int, set[int]] = {}
    for relation in _TIES:
        for a, b in zip(*(e.tolist() for e in atlas.snapshot.edges(relation)), strict=True):
            others.setdefault(a, set()).add(b)
            others.setdefault(b, set()).add(a)
    return {node: round(min(1.0, len(found) / _FULL), 3) for node, found in others.items()}


def _serving(atlas: Atlas, number: Mapping[int, int]) -> Callable[[int], list[tuple[int, str]]]:
    """Return who serves an item directly, through a technology that it requires, or through its chain."""
    snapshot, made = atlas.snapshot, atlas.makers
    held: dict[int, list[int]] = {}
    for a, b in zip(*(e.tolist() for e in snapshot.edges("SERVES")), strict=True):
        if a in number and snapshot.type_of(a) in _BODIES:
            held.setdefault(b, []).append(a)
    wanted: dict[int, list[int]] = {}
    for user, technology in zip(*(e.tolist() for e in snapshot.edges("REQUIRES")), strict=True):
        wanted.setdefault(user, []).append(technology)
    masters: dict[int, list[int]] = {}
    for a, b in zip(*(e.tolist() for e in snapshot.edges("MASTERS")), strict=True):
        if a in number:
            masters.setdefault(b, []).append(a)

    def of(item: int) -> list[tuple[int, str]]:
        node = made.node(item)
        found = [(n, "direct") for n in (*held.get(node, ()), *masters.get(node, ()))]
        for technology in wanted.get(node, ()):
            found += [(n, "technology") for n in (*held.get(technology, ()), *masters.get(technology, ()))]
        for chain in sorted(atlas.chains_of[item]):
            found += [(n, "chain") for n in held.get(chain, ())]
        return found

    return of
