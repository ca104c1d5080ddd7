"""Reserve: small technology firms beside the backbone firm that they fit, with reasons.

A small technology firm is one that a list calls so (企业类型 or 称号, words in
``vocabulary.toml``) or whose revenue is below the limit there. It fits a backbone firm by

- *input*: it makes an input of what the backbone firm makes;
- *second source*: it makes what the backbone firm makes;
- *technology*: it masters a technology that the backbone firm's products require;
- *tie*: the two already supply one another or cooperate.

The fit is the number of these four; among equals the more links, then the nearer.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...graph.columns.text import LIST_SEPARATOR
from ...graph.schema.words import Said, read_toml, sentence
from ..atlas.atlas import Atlas
from ..atlas.facts import Fact
from ..atlas.membership import Field, field
from ..atlas.nearby import home, home_name
from ..atlas.result import Result, Row
from ..atlas.scopes import distance_km
from ..atlas.tracing import node_facts, relation_facts, rows_between, told
from ..verdicts.explanation import maker_facts
from .leaders import Standing, standing

COLUMNS = ("enterprise", "place", "called", "backbone", "backbone_place", "km", "fit", "links", "reasons")


def reserve(
    atlas: Atlas, *, chain: str | None = None, place: str | None = None, cluster: str | None = None, backbone: int = 10
) -> Result:
    """Return small technology firms, each beside the backbone firm that it fits best.

    Parameters
    ----------
    chain, place, cluster
        As in ``leaders``.
    backbone
        How many of the leaders count as backbone firms, those called so apart.

    Returns
    -------
    Result
        ``enterprise place called backbone backbone_place km fit links reasons``; firms that
        fit no backbone firm are counted in a note. Where no list says who is small the table is
        empty and a note says what to fill in.
    """
    where = field(atlas, chain=chain, place=place, cluster=cluster)
    small = _small(atlas, where)
    if not small:
        return Result(COLUMNS, [], (sentence("note_reserve_none" if len(where.firms) else "load_makers"),))
    found = standing(atlas, where)
    heads = _backbone(atlas, found, set(small), backbone)
    rows = [row for firm, why in small.items() if (row := _best(atlas, where, firm, why, heads)) is not None]
    rows.sort(key=lambda r: (-r["fit"], -len(r["links"]), r["km"] is None, r["km"] or 0.0, r["enterprise"]))
    notes = [*where.notes, sentence("note_reserve", small=len(small), fit=len(rows), heads=len(heads))]
    return Result(COLUMNS, rows, tuple(notes), lambda at: told(_evidence(atlas, rows[at])), {"links": "link"})


def _small(atlas: Atlas, where: Field) -> dict[int, str | Said]:
    """Small technology firms of a field, with what calls them so."""
    book, snapshot = read_toml("vocabulary.toml")["reserve"], atlas.snapshot
    start = snapshot.ids("Enterprise").start
    texts = [snapshot.column("Enterprise", p).to_pylist() for p in ("kind", "titles")]
    revenue = snapshot.column("Enterprise", "revenue").to_pylist()
    found: dict[int, str | Said] = {}
    for firm in where.firms.tolist():
        words = [w for text in texts for w in (text[firm - start] or "").split(LIST_SEPARATOR) if w]
        if any(b in w for w in words for b in book["never"]):
            continue
        called = [w for w in words if any(b in w for b in book["called"])]
        money = revenue[firm - start]
        if called:
            found[firm] = "、".join(called)
        elif money is not None and money <= book["revenue"] and any(b in w for w in words for b in book["technology"]):
            found[firm] = sentence("why_small_revenue", amount=f"{money / 1e4:g}")
    return found


def _backbone(atlas: Atlas, found: Standing, small: set[int], count: int) -> list[int]:
    """Backbone firms: those called so, then the best of the leaders, none of them small."""
    book, start = read_toml("vocabulary.toml")["reserve"], atlas.snapshot.ids("Enterprise").start
    titles = [atlas.snapshot.column("Enterprise", p).to_pylist() for p in ("kind", "titles")]
    ordered = [int(found.field.firms[at]) for at in found.order]
    called = [f for f in ordered if any(b in (t[f - start] or "") for t in titles for b in book["backbone"])]
    best = [f for f in ordered if f not in small and f not in called][:count]
    return [f for f in called if f not in small] + best


def _best(atlas: Atlas, where: Field, firm: int, why: str | Said, heads: list[int]) -> Row | None:
    fits = [(h, *_fit(atlas, where, firm, h)) for h in heads]
    fits = [f for f in fits if f[1]]
    if not fits:
        return None
    far = {h: _km(atlas, firm, h) for h, *_ in fits}
    head, reasons, links, _ = min(fits, key=lambda f: (-len(f[1]), -len(f[2]), far[f[0]] is None, far[f[0]] or 0.0,
                                                       heads.index(f[0])))  # fmt: skip
    km = far[head]
    return {
        "enterprise": atlas.snapshot.name(firm), "place": home_name(atlas, firm), "called": why,
        "backbone": atlas.snapshot.name(head), "backbone_place": home_name(atlas, head),
        "km": None if km is None else round(km, 1), "fit": len(reasons),
        "links": atlas.snapshot.names(np.array([atlas.makers.node(i) for i in links], np.int64)), "reasons": reasons,
        "_firm": firm, "_head": head, "_links": links,
    }  # fmt: skip


def _fit(atlas: Atlas, where: Field, firm: int, head: int) -> tuple[list[Said], list[int], int]:
    """Reasons why a small firm fits a backbone firm, the small firm's links concerned, and their number."""
    made, snapshot = atlas.makers, atlas.snapshot
    own, theirs = (set(made.makes[:, [f]].tocoo().row.tolist()) for f in (firm, head))
    products = range(len(made.base[0]))
    needed, technologies = _needs(atlas, theirs)
    into = sorted(i for i in own & needed if i in products)
    same = sorted(i for i in own & theirs if i in products and i in set(where.items.tolist()))
    known = sorted(i for i in own & technologies if i not in products)
    ties = [r for r in ("SUPPLIES", "COOPERATES")
            if rows_between(snapshot, r, [firm], [head]) or rows_between(snapshot, r, [head], [firm])]  # fmt: skip

    def names(items: list[int]) -> list[str]:
        return snapshot.names(np.array([made.node(i) for i in items], np.int64))

    ways = (("fit_input", into), ("fit_second_source", same), ("fit_technology", known))
    reasons: list[Said] = [sentence(code, links=names(items)) for code, items in ways if items]
    if ties:
        reasons.append(sentence("fit_tie", relation=[snapshot.schema.relations[r].label for r in ties]))
    links = list(dict.fromkeys([*into, *same, *known]))
    return reasons, links, len(links)


def _needs(atlas: Atlas, items: set[int]) -> tuple[set[int], set[int]]:
    """Inputs and required technologies of some items, one step up."""
    made, nodes = atlas.makers, [atlas.makers.node(i) for i in items]
    inputs = {int(i) for n in nodes for i in made.items(atlas.snapshot.csr("INPUT_OF", incoming=True).of(n))}
    technologies = {int(i) for n in nodes for i in made.items(atlas.snapshot.csr("REQUIRES").of(n))}
    return inputs, technologies


def _km(atlas: Atlas, a: int, b: int) -> float | None:
    homes = [home(atlas, n) for n in (a, b)]
    points = [atlas.point_of(h) if h is not None else None for h in homes]
    return distance_km(points[0], points[1]) if points[0] and points[1] else None


def _evidence(atlas: Atlas, row: Row) -> Iterator[Fact]:
    """Facts that call the firm small, that both make or master the links, and ties between them."""
    snapshot, firm, head = atlas.snapshot, row["_firm"], row["_head"]
    yield from node_facts(snapshot, firm, ("kind", "titles", "revenue"))
    for item in row["_links"]:
        yield from maker_facts(atlas, firm, item)
        yield from maker_facts(atlas, head, item)
        node = atlas.makers.node(item)
        theirs = [atlas.makers.node(i) for i in atlas.makers.makes[:, [head]].tocoo().row.tolist()]
        yield from relation_facts(snapshot, "INPUT_OF", rows_between(snapshot, "INPUT_OF", [node], theirs))
        yield from relation_facts(snapshot, "REQUIRES", rows_between(snapshot, "REQUIRES", theirs, [node]))
    for relation in ("SUPPLIES", "COOPERATES"):
        rows = rows_between(snapshot, relation, [firm, head], [firm, head])
        yield from relation_facts(snapshot, relation, rows)
