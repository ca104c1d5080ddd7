"""Further gaps: links that no platform, alliance or fund serves, and products that would extend a chain.

A resource gap stands where none of a kind is known to serve a link and completeness statements
about SERVES reach the floor. An extension (延链) is a product that is not in the chain, is not
known to be made here, and is an input or a use of a link that is made here; the more related
to what the place makes (relatedness density), the higher.
"""

from __future__ import annotations

import numpy as np

from ...graph.columns.arrays import Ints, rounded
from ...graph.schema.words import Joined, sentence
from ..atlas.atlas import Atlas
from ..atlas.chain_links import ChainLinks
from ..atlas.facts import Fact
from ..atlas.nearby import near_text, nearest
from ..atlas.relatedness import densities
from ..atlas.result import Result, Row
from ..atlas.scopes import WHOLE
from ..atlas.tracing import relation_facts, told
from ..resources.resource_coverage import every_link
from ..resources.serving import KINDS as RESOURCES
from ..verdicts.explanation import evidence
from ..verdicts.judge import MISSING, STATUS
from ..verdicts.verdicts import Verdicts, verdicts
from .priority import inputs_present, urgency

_EXTENSIONS = 5  # a chain: more would bury what is broken in it


def resource_rows(
    atlas: Atlas, links: ChainLinks, found: Verdicts, columns: tuple[str, ...], show_unknown: bool
) -> tuple[list[Row], int]:
    """Return the resource gaps of one chain, and how many cannot be judged."""
    if links.node < 0 or atlas.snapshot.type_of(links.node) != "Chain":
        return [], 0
    scope = int(found.scopes[0])
    key = None if scope == WHOLE else atlas.snapshot.key(int(atlas.scopes.node[scope]))
    cluster = key if atlas.scopes.kind(scope) == "cluster" else None
    judged = any(c.relation == "SERVES" for c in atlas.coverage.claims)
    rows: list[Row] = []
    hidden = 0
    for of in RESOURCES if judged or show_unknown else ():
        asked = every_link(atlas, of, chain=atlas.snapshot.key(links.node), cluster=cluster,
                         place=None if cluster else key)  # fmt: skip
        bare = [(at, r) for at, r in enumerate(asked.rows) if r["count"] == 0]
        hidden += sum(r["status"] == "unknown" for _, r in bare)
        keep = [(at, r) for at, r in bare if r["status"] == "missing" or show_unknown]
        rows += _resource_rows(atlas, links, found, columns, of, asked, keep)
    if not (judged or show_unknown):
        hidden = len(links.items) * len(RESOURCES)
    return rows, hidden


def _resource_rows(
    atlas: Atlas, links: ChainLinks, found: Verdicts, columns: tuple[str, ...], of: str, asked: Result,
    keep: list[tuple[int, Row]],
) -> list[Row]:  # fmt: skip
    if not keep:
        return []
    position = {int(item): at for at, item in enumerate(links.items)}
    at = np.array([position[r["_item"]] for _, r in keep], np.int64)
    weight = urgency(atlas, links, found, at)
    blank: Row = dict.fromkeys(columns)
    critical = (weight.needed[:, 0] + weight.downstream[:, 0]) / 2
    return [blank | {
        "chain": links.name, "link": row["link"], "kind": "resource", "stage": row["stage"],
        "place": atlas.scopes.name(int(found.scopes[0])), "status": row["status"], "subkind": of,
        "action": "fill" if row["status"] == "missing" else None, "criticality": rounded(critical[n]),
        "needed": rounded(weight.needed[n, 0]), "downstream": rounded(weight.downstream[n, 0]),
        "coverage": row["coverage"], "confidence": row["coverage"] if row["status"] == "missing" else None,
        "nearest": [],
        "reason": Joined((row["fund_stage"], row["reason"]), "：") if row["fund_stage"] else row["reason"],
        "_item": row["_item"], "_trace": lambda line=line: asked.explain(line),
    } for n, (line, row) in enumerate(keep)]  # fmt: skip


def extension_rows(
    atlas: Atlas, links: ChainLinks, found: Verdicts, columns: tuple[str, ...], show_unknown: bool
) -> tuple[list[Row], int]:
    """Return the products that would extend one chain here, most related first, and how many cannot be judged."""
    if links.node < 0 or not atlas.makers.counts.shape[0]:
        return [], 0
    made_here = links.items[found.producers[:, 0] > 0]
    next_to = _next_to(atlas, links, made_here)
    scope = found.scopes[:1]
    items = np.array(sorted(next_to), np.int64)
    absent = atlas.makers.counts[items][:, scope].toarray()[:, 0] == 0 if len(items) else np.zeros(0, bool)
    # What is always to be had needs no settling, and an extension is made somewhere already.
    items = items[absent & ~atlas.makers.primary[items] & (atlas.makers.total[items] > 0)] if len(items) else items
    if not len(items):
        return [], 0
    judged = verdicts(atlas, items, scope)
    close = densities(atlas, items, scope)[:, 0]
    order = sorted(range(len(items)), key=lambda n: (-np.nan_to_num(close[n]), -len(next_to[int(items[n])]),
                                                     int(items[n])))  # fmt: skip
    missing = [n for n in order if judged.status[n, 0] == MISSING]
    hidden = len(items) - len(missing)
    keep = (order if show_unknown else missing)[:_EXTENSIONS]
    return [_extension_row(atlas, links, judged, n, next_to[int(items[n])], float(close[n]), columns)
            for n in keep], hidden  # fmt: skip


def _next_to(atlas: Atlas, links: ChainLinks, made_here: Ints) -> dict[int, list[tuple[int, int, bool]]]:
    """Products outside the chain that are an input or a use of a link made here: (link, row, upward)."""
    inside = np.zeros(atlas.makers.n + 1, bool)
    inside[links.items] = True
    here = np.zeros(atlas.makers.n + 1, bool)
    here[made_here] = True
    src, dst = (atlas.makers.items(e) for e in atlas.snapshot.edges("INPUT_OF"))
    found: dict[int, list[tuple[int, int, bool]]] = {}
    good = (src >= 0) & (dst >= 0)
    for row in np.flatnonzero(good & here[dst] & ~inside[src]).tolist():
        found.setdefault(int(src[row]), []).append((int(dst[row]), row, True))
    here[:-1] &= ~atlas.makers.primary  # the uses of a bulk raw material do not extend the chain
    for row in np.flatnonzero(good & here[src] & ~inside[dst]).tolist():
        found.setdefault(int(dst[row]), []).append((int(src[row]), row, False))
    return found


def _extension_row(
    atlas: Atlas, links: ChainLinks, judged: Verdicts, n: int, near: list[tuple[int, int, bool]], close: float,
    columns: tuple[str, ...],
) -> Row:  # fmt: skip
    item, scope = int(judged.items[n]), int(judged.scopes[0])
    alone = ChainLinks(-1, "", judged.items, (None,) * len(judged.items), (None,) * len(judged.items),
                       np.zeros(0, np.int64))  # fmt: skip
    inputs = float(inputs_present(atlas, alone, judged, np.array([n]), "none", None)[0, 0])
    known = [v for v in (inputs, close) if not np.isnan(v)]
    names = atlas.snapshot.names(np.array([atlas.makers.node(i) for i, _, _ in near], np.int64))
    upward = near[0][2]
    status, speaker = STATUS[judged.status[n, 0]], int(judged.population[n, 0])
    others = atlas.snapshot.names(np.array(sorted(atlas.chains_of[item]), np.int64))
    blank: Row = dict.fromkeys(columns)
    return blank | {
        "chain": links.name, "link": atlas.snapshot.name(atlas.makers.node(item)), "kind": "extension",
        "place": atlas.scopes.name(scope), "status": status, "subkind": "upward" if upward else "downward",
        "action": "extend" if status == "missing" else None,
        "feasibility": rounded(float(np.mean(known))) if known else None, "inputs_present": rounded(inputs),
        "density": rounded(close), "population": judged.populations[speaker] if speaker >= 0 else None,
        "ground": "firm" if judged.firm[n, 0] else "narrow" if judged.coverage[n, 0] > 0 else None,
        "coverage": rounded(float(judged.coverage[n, 0])), "confidence": rounded(float(judged.confidence[n, 0])),
        "nearest": [near_text(atlas, *one) for one in nearest(atlas, item, scope, 3)],
        "reason": sentence("why_extend_up" if upward else "why_extend_down", links="、".join(dict.fromkeys(names)),
                          chains="、".join(others) or "—",
                          density="—" if np.isnan(close) else f"{close:.2f}"),
        "_item": item, "_trace": lambda: _trace(atlas, item, scope, [row for _, row, _ in near]),
    }  # fmt: skip


def _trace(atlas: Atlas, item: int, scope: int, rows: list[int]) -> Result:
    """Facts that the product is next to the chain, then those of its own verdict."""
    own = evidence(atlas, "", item, scope)
    facts = [*relation_facts(atlas.snapshot, "INPUT_OF", rows), *(Fact(**row) for row in own.rows)]
    return told(facts)
