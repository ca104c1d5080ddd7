"""Explain: the evidence of one verdict, each fact with source, place in the source and date."""

from __future__ import annotations

from collections.abc import Iterator

from ...graph.schema.errors import QueryError
from ...graph.schema.words import default_language, message, pairs, word
from ..atlas.atlas import Atlas
from ..atlas.facts import Fact, claims_of, fact
from ..atlas.nearby import home_name, nearest
from ..atlas.result import Result

COLUMNS = ("fact", "source", "source_ref", "as_of", "confidence", "load")


def explain(
    atlas: Atlas, chain: str, link: str, *, place: str | None = None, cluster: str | None = None,
    lang: str | None = None,
) -> Result:  # fmt: skip
    """Return the facts behind the verdict of one link.

    Raises
    ------
    QueryError
        The link is not in the chain; the nearest links are given.
    """
    from ..atlas.chain_links import find_chain

    lang = lang or default_language()
    links = find_chain(atlas, chain)
    snapshot = atlas.snapshot
    wanted = {atlas.makers.node(int(i)): int(i) for i in links.items}
    found = [node for node in snapshot.called(link, ("Product", "Technology")) if node in wanted]
    if len(found) != 1:
        from rapidfuzz import process

        near = process.extract(link, [snapshot.name(n) for n in wanted], limit=4)
        raise QueryError("link_not_in_chain", link=link, chain=links.name,
                         near="、".join(n[0] for n in near) or "—")  # fmt: skip
    scope = atlas.scopes.find(place, cluster)
    return evidence(atlas, links.name, wanted[found[0]], scope, lang)


def evidence(atlas: Atlas, chain: str, item: int, scope: int, lang: str) -> Result:
    """Return the facts behind the verdict of an item in a scope: makers, coverage, recipe."""
    facts = [*_makers(atlas, item, scope, lang), *coverage_facts(atlas, item, scope, lang),
             *_recipe(atlas, item, lang)]  # fmt: skip
    rows = [{c: getattr(f, c) for c in COLUMNS} for f in facts]
    return Result(COLUMNS, rows)


def _makers(atlas: Atlas, item: int, scope: int, lang: str) -> Iterator[Fact]:
    """Facts that somebody here makes the link; when nobody does, the nearest elsewhere."""
    from ..atlas.chain_links import local_makers

    here = local_makers(atlas, item, scope)
    yield from (f for maker in here.tolist() for f in maker_facts(atlas, maker, item, lang))
    if not len(here):
        for maker, _, _ in nearest(atlas, item, scope, 5):
            where = home_name(atlas, maker) or "—"
            for f in maker_facts(atlas, maker, item, lang):
                text = message("fact_elsewhere", lang, place=where, fact=f.fact)
                yield Fact(text, f.source, f.source_ref, f.as_of, f.confidence, f.load)


def maker_facts(atlas: Atlas, maker: int, item: int, lang: str) -> Iterator[Fact]:
    """Yield the claims that a maker makes an item, or a kind of it."""
    snapshot, made = atlas.snapshot, atlas.makers
    for relation in ("PRODUCES", "MASTERS"):
        csr = snapshot.csr(relation)
        rows, ends = csr.rows_of(maker), csr.of(maker)
        wanted = made.kinds_below(item)
        mine = {int(r): int(e) for r, e in zip(rows, ends, strict=True) if made.item(int(e)) in wanted}
        claims = claims_of(snapshot, relation, list(mine))
        for row, end in mine.items():
            values = {"maker": snapshot.name(maker), "link": snapshot.name(made.node(item)),
                      "kind": snapshot.name(end)}  # fmt: skip
            code = "fact_kind" if made.item(end) != item else "fact_makes" if relation == "PRODUCES" else "fact_masters"
            for claim in claims.get(row, []):
                text = message(code, lang, **values)
                said = claim.get("disclosed_as")
                yield fact(f"{text}（{said}）" if said else text, claim)


def coverage_facts(atlas: Atlas, item: int, scope: int, lang: str) -> Iterator[Fact]:
    """Yield the claims that κ of an item rests on in a scope."""
    relation = "MASTERS" if atlas.makers.is_technology(item) else "PRODUCES"
    zh = atlas.snapshot.schema.relations[relation]
    words = pairs("population")
    any_claim = False
    for claim in atlas.coverage.claims:
        if claim.relation != relation or (claim.chain >= 0 and claim.chain not in atlas.chains_of[item]):
            continue
        reach = float(atlas.coverage.in_force(claim)[scope])
        if reach <= 0:
            continue
        any_claim = True
        name = claim.population
        share = f"{claim.share:.4g}" if reach == 1 else f"{claim.share:.4g} × {reach:.4g}"
        text = message("fact_coverage", lang, relation=getattr(zh, lang), share=share,
                       population=words[name][lang] if name in words else name,
                       place=atlas.scopes.name(claim.place) or word("level", "country", lang),
                       basis=claim.row.get("basis") or word("ground", claim.ground, lang))  # fmt: skip
        yield fact(text, claim.row)
    if not any_claim:
        yield Fact(message("fact_no_coverage", lang), None, None, None, None, None)


def _recipe(atlas: Atlas, item: int, lang: str) -> Iterator[Fact]:
    """Facts of the recipe: what the link goes into, what it is made from, which chain holds it."""
    snapshot = atlas.snapshot
    node = atlas.makers.node(item)
    groups = snapshot.edge_column("INPUT_OF", "group")
    for incoming in (False, True):
        csr = snapshot.csr("INPUT_OF", incoming=incoming)
        rows = csr.rows_of(node).tolist()
        claims = claims_of(snapshot, "INPUT_OF", rows)
        for row, other in zip(rows, csr.of(node).tolist(), strict=True):
            group = groups[row].as_py()
            how = message("fact_alternative", lang, group=group) if group else ""
            pair = (other, node) if incoming else (node, other)
            text = message("fact_input", lang, input=snapshot.name(pair[0]), product=snapshot.name(pair[1]), how=how)
            yield from (fact(text, c) for c in claims.get(row, []))
    for relation, incoming, code, names in (
        ("REQUIRES", False, "fact_requires", ("product", "technology")),
        ("REQUIRES", True, "fact_requires", ("technology", "product")),
        ("IN_CHAIN", False, "fact_in_chain", ("link", "chain")),
    ):
        csr = snapshot.csr(relation, incoming=incoming)
        rows = csr.rows_of(node).tolist()
        claims = claims_of(snapshot, relation, rows)
        for row, other in zip(rows, csr.of(node).tolist(), strict=True):
            values = {names[0]: snapshot.name(node), names[1]: snapshot.name(other)}
            yield from (fact(message(code, lang, **values), c) for c in claims.get(row, []))
