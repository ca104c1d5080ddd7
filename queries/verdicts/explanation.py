"""Explain: the evidence of one verdict, each fact with source, place in the source and date."""

from __future__ import annotations

from collections.abc import Iterator

from ...graph.schema.errors import QueryError
from ...graph.schema.words import Joined, Said, Word, sentence
from ..atlas.atlas import Atlas
from ..atlas.facts import Fact, claims_of, fact
from ..atlas.kappa import Claim, Parts
from ..atlas.nearby import home_name, nearest
from ..atlas.result import Result
from .hints import attached_facts, hint_facts, hints_elsewhere

COLUMNS = ("fact", "source", "source_ref", "as_of", "confidence", "load")


def explain(
    atlas: Atlas, chain: str, link: str, *, place: str | None = None, cluster: str | None = None,
) -> Result:  # fmt: skip
    """Return the facts behind the verdict of one link.

    Raises
    ------
    QueryError
        The link is not in the chain; the nearest links are given.
    """
    from ..atlas.chain_links import find_chain

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
    return evidence(atlas, links.name, wanted[found[0]], scope)


def evidence(atlas: Atlas, chain: str, item: int, scope: int) -> Result:
    """Return the facts behind the verdict of an item in a scope: makers, coverage, recipe."""
    facts = [
        *_makers(atlas, item, scope),
        *hint_facts(atlas, item, scope),
        *coverage_facts(atlas, item, scope),
        *_recipe(atlas, item),
    ]
    rows = [{c: getattr(f, c) for c in COLUMNS} for f in facts]
    return Result(COLUMNS, rows)


def _makers(atlas: Atlas, item: int, scope: int) -> Iterator[Fact]:
    """Facts that somebody here makes the link; when nobody does, the nearest elsewhere."""
    from ..atlas.chain_links import local_makers

    here = local_makers(atlas, item, scope)
    yield from (f for maker in here.tolist() for f in maker_facts(atlas, maker, item))
    if len(here) == 1 and len(written := atlas.snapshot.writings(int(here[0]))) > 1:
        # Two firms taken for one make a single source of two.
        text = sentence("fact_joined", maker=atlas.snapshot.name(int(here[0])), names="、".join(written))
        yield Fact(text, None, None, None, None, None)
    if not len(here):
        known = nearest(atlas, item, scope, 5)
        for maker, _, _ in known:
            where = home_name(atlas, maker) or "—"
            for f in maker_facts(atlas, maker, item):
                text = sentence("fact_elsewhere", place=where, fact=f.fact)
                yield Fact(text, f.source, f.source_ref, f.as_of, f.confidence, f.load)
        if not known:
            firms = [firm for firm, _, _ in nearest(atlas, item, scope, 5, possible=True)]
            yield from hints_elsewhere(atlas, item, firms)


def maker_facts(atlas: Atlas, maker: int, item: int) -> Iterator[Fact]:
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
                text = sentence(code, **values)
                said = claim.get("disclosed_as")
                yield fact(sentence("fact_details", fact=text, details=said) if said else text, claim)
    yield from attached_facts(atlas, maker, item)


def coverage_facts(atlas: Atlas, item: int, scope: int) -> Iterator[Fact]:
    """Yield the claims that κ of an item rests on in a scope."""
    relation = "MASTERS" if atlas.makers.is_technology(item) else "PRODUCES"
    any_claim = False
    for claim in atlas.coverage.claims:
        if claim.relation != relation or (claim.chain >= 0 and claim.chain not in atlas.chains_of[item]):
            continue
        reach = float(atlas.coverage.in_force(claim)[scope])
        if reach <= 0:
            continue
        any_claim = True
        share = parts_text(claim) if reach == 1 else Joined((parts_text(claim), f" × {reach:.4g}"))
        text = sentence("fact_coverage", relation=atlas.snapshot.schema.relations[relation].label, share=share,
                       population=Word("population", claim.population),
                       place=atlas.scopes.name(claim.place) or Word("level", "country"),
                       basis=claim.row.get("basis") or Word("ground", claim.ground))  # fmt: skip
        yield fact(text, claim.row)
    if not any_claim:
        yield Fact(sentence("fact_no_coverage"), None, None, None, None, None)


def strongest_parts(atlas: Atlas, item: int, scope: int, population: str | None) -> Parts | None:
    """Return the three shares of the strongest statement that speaks of an item in a scope; None without one."""
    relation = "MASTERS" if atlas.makers.is_technology(item) else "PRODUCES"
    speaking = [
        (claim.share * float(atlas.coverage.in_force(claim)[scope]), -number, claim.parts)
        for number, claim in enumerate(atlas.coverage.claims)
        if claim.relation == relation and claim.population == population
        and (claim.chain < 0 or claim.chain in atlas.chains_of[item])
    ]  # fmt: skip
    best = max(speaking, key=lambda s: s[:2], default=None)
    return best[2] if best is not None and best[0] > 0 else None


def parts_text(claim: Claim) -> Said:
    """Write κ of a claim with its three shares and the ground of each."""
    parts = claim.parts
    if claim.relation != "PRODUCES" or parts.told.share == parts.included.share == 1.0:
        return Joined((f"{claim.share:.4g}",))
    names = (("list", parts.list), ("told", parts.told), ("included", parts.included), ("named", parts.named))
    values = {name: Joined((f"{part.share:.4g}", Word("ground", part.ground)), " ") for name, part in names}
    return sentence("kappa_parts", kappa=f"{claim.share:.3g}", counted=f"{claim.named:.3g}", **values)


def _recipe(atlas: Atlas, item: int) -> Iterator[Fact]:
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
            how = sentence("fact_alternative", group=group) if group else ""
            pair = (other, node) if incoming else (node, other)
            text = sentence("fact_input", input=snapshot.name(pair[0]), product=snapshot.name(pair[1]), how=how)
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
            yield from (fact(sentence(code, **values), c) for c in claims.get(row, []))
