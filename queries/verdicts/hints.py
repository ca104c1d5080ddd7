"""Hints: whose own words may include a link, with the words, the rule, and what would settle it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...graph.columns.arrays import row_of
from ...graph.schema.words import Said, Word, sentence
from ..atlas.atlas import Atlas, once_an_atlas
from ..atlas.facts import Fact, claims_of, fact
from ..atlas.nearby import home_name
from ..atlas.scopes import WHOLE
from ..attach.attached import FIELDS


@dataclass(frozen=True)
class PossibleMaker:
    """A firm whose word may include a link.

    ``how`` is the rule of ``relate.Attachment``, or ``kind``: it makes what the link is a kind of.
    """

    firm: int
    link: int
    word: str
    field: str
    product: int
    how: str
    form: str
    score: float


def possible_makers(atlas: Atlas, item: int, scope: int) -> list[PossibleMaker]:
    """Return the possible makers of an item in a scope, the likeliest first, one word each."""
    firms = np.sort(row_of(atlas.makers.hinted, item)).astype(np.int64)
    if scope != WHOLE and len(firms):
        firms = firms[atlas.scopes.holding(firms, scope)]
    reasons = _reasons(atlas, item)
    return sorted((reasons[f] for f in firms.tolist() if f in reasons), key=lambda h: (-h.score, h.firm))


def possible_maker(atlas: Atlas, item: int, firm: int) -> PossibleMaker | None:
    """Return the best word of one firm that may include an item."""
    return _reasons(atlas, item).get(firm)


@once_an_atlas
def _reasons(atlas: Atlas, item: int) -> dict[int, PossibleMaker]:
    """Return the best word of each firm for an item: of its own or of a kind of it, else the wider thing it makes."""
    made = atlas.makers
    best: dict[int, PossibleMaker] = {}
    for wider in sorted(made.kinds_above(item) - {item}):
        name = atlas.snapshot.name(made.node(wider))
        for firm in row_of(made.direct, wider).tolist():
            best[int(firm)] = PossibleMaker(
                int(firm), made.node(wider), name, "product", made.node(wider), "kind", name, 0.3
            )
    for kind in sorted(made.kinds_below(item)):
        for row in made.attached.of_link(made.node(kind)).to_pylist():
            held = best.get(row["firm"])
            if not row["maker"] and row["tier"] != "review" and (held is None or held.score < row["score"]):
                best[row["firm"]] = PossibleMaker(
                    row["firm"], made.node(kind), row["said"], FIELDS[row["field"]], row["product"], row["how"],
                    row["form"], row["score"],
                )  # fmt: skip
    return best


def hint_facts(atlas: Atlas, item: int, scope: int) -> Iterator[Fact]:
    """Yield for each possible maker its words, why they may include the link, and the command that settles it."""
    here = possible_makers(atlas, item, scope)
    for hint in here:
        yield from _hint_facts(atlas, item, hint)
    if here:
        link = atlas.snapshot.name(atlas.makers.node(item))
        yield Fact(sentence("fact_settle", link=link), None, None, None, None, None)


def firm_hints(atlas: Atlas, item: int, firm: int) -> Iterator[Fact]:
    """Yield the words of one firm that may include an item, with the rule and where they stand."""
    hint = possible_maker(atlas, item, firm)
    if hint is not None:
        yield from _hint_facts(atlas, item, hint)


def hints_elsewhere(atlas: Atlas, item: int, firms: list[int]) -> Iterator[Fact]:
    """Yield the words of some possible makers that stand elsewhere, each with its place."""
    hints = {hint.firm: hint for hint in possible_makers(atlas, item, WHOLE)}
    for firm in firms:
        for f in _hint_facts(atlas, item, hints[firm]) if firm in hints else ():
            text = sentence("fact_elsewhere", place=home_name(atlas, firm) or "—", fact=f.fact)
            yield Fact(text, f.source, f.source_ref, f.as_of, f.confidence, f.load)


def _hint_facts(atlas: Atlas, item: int, hint: PossibleMaker) -> Iterator[Fact]:
    snapshot = atlas.snapshot
    said = sentence("fact_may_make", maker=snapshot.name(hint.firm), word=hint.word,
                    link=snapshot.name(atlas.makers.node(item)), field=Word("attach_field", hint.field),
                    how=how(hint.how, hint.form, hint.word))  # fmt: skip
    for claim in claims_of_word(atlas, hint.firm, hint.product, hint.field) or [{}]:
        yield fact(said, claim)


def attached_facts(atlas: Atlas, maker: int, item: int) -> Iterator[Fact]:
    """Yield the facts that a maker's words attach to an item, or to a kind of it, for certain."""
    snapshot, made = atlas.snapshot, atlas.makers
    for kind in sorted(made.kinds_below(item)):
        for row in made.attached.of_link(made.node(kind)).to_pylist():
            if row["firm"] != maker or not row["maker"]:
                continue
            code = "fact_decided" if row["decided"] else "fact_attached"
            said = sentence(code, maker=snapshot.name(maker), link=snapshot.name(made.node(kind)), word=row["said"],
                            how=how(row["how"], row["form"], row["word"]))  # fmt: skip
            for claim in claims_of_word(atlas, maker, row["product"], FIELDS[row["field"]]) or [{}]:
                yield fact(said, claim)


def how(rule: str, form: str, word: str) -> Said:
    """Say by which rule a word reaches a link."""
    return sentence(f"how_{rule}", form=form, word=word)


def claims_of_word(atlas: Atlas, firm: int, product: int, field: str) -> list[dict[str, Any]]:
    """Return the claims that hold a firm's words: of the product it makes, or of its own text."""
    snapshot = atlas.snapshot
    if product >= 0:
        csr = snapshot.csr("PRODUCES")
        rows = [int(r) for r, end in zip(csr.rows_of(firm), csr.of(firm), strict=True) if int(end) == product]
        return [claim for row in rows for claim in claims_of(snapshot, "PRODUCES", rows).get(row, [])]
    table = snapshot.graph.node_claims.get("Enterprise")
    if table is None or field not in table.column_names:
        return []
    of = table["of"].to_numpy()
    mine = table.take(np.flatnonzero(of == firm - snapshot.ids("Enterprise").start)).to_pylist()
    return [claim for claim in mine if claim.get(field)]
