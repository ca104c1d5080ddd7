"""Who makes what on the page, and who may: facts of sources, and words of firms that attach to links."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow.compute as pc

from ...graph.columns.arrays import Ints
from ...graph.schema.words import Said, sentence
from ...queries.atlas.atlas import Atlas
from ...queries.atlas.facts import claims_of, where_it_stands
from ...queries.atlas.scopes import WHOLE
from ...queries.attach.attached import FIELDS, decisions
from ...queries.verdicts.hints import claims_of_word, how, possible_makers

Row = dict[str, Any]


class MakerFacts:
    """Facts that enterprises make links, and possible makers, as the page has them.

    Parameters
    ----------
    link_of, firm_of
        How the page numbers items and enterprises.
    source, sentence
        Number a claim's source, and a sentence.
    """

    def __init__(
        self, atlas: Atlas, link_of: Mapping[int, int], firm_of: Mapping[int, int],
        source: Callable[[Row], int], sentence: Callable[[Said], int],
    ) -> None:  # fmt: skip
        self.atlas, self.snapshot = atlas, atlas.snapshot
        self.link_of, self.firm_of = link_of, firm_of
        self.source, self.sentence = source, sentence
        self.item_of = {link: item for item, link in link_of.items()}
        self.links = self._links()

    def _links(self) -> dict[int, list[int]]:
        """Links that each item counts for: itself, and what it is a kind of."""
        made = self.atlas.makers
        counted = {
            start: [self.link_of[item] for item in sorted(made.kinds_above(start)) if item in self.link_of]
            for start in set(self.link_of) | set(made.kinds[0].tolist())
        }
        return {item: links for item, links in counted.items() if links}

    def produces(self) -> list[Row]:
        """Return the facts that an enterprise makes a link, or masters a technology: what sources say, then words."""
        return [*(row for relation in ("PRODUCES", "MASTERS") for row in self._said(relation)), *self._worded()]

    def _said(self, relation: str) -> list[Row]:
        src, dst = self.snapshot.edges(relation)
        items = self.atlas.makers.items(dst)
        wanted = [i for i in range(len(src)) if int(src[i]) in self.firm_of and int(items[i]) in self.links]
        claims = claims_of(self.snapshot, relation, wanted)
        return [
            self._fact(int(src[at]), int(items[at]), link, claim, claim.get("disclosed_as"))
            for at in wanted
            for link in self.links[int(items[at])]
            for claim in claims.get(at, [])
        ]

    def _worded(self) -> list[Row]:
        """Facts that words of a firm attach to a link for certain."""
        attached = self.atlas.makers.attached
        sure = attached.facts.filter(attached.facts["maker"])
        uses = attached.words.take(sure["use"]).to_pylist()
        items = self._items(attached.links["link"].take(sure["attachment"]).to_numpy())
        rows = []
        for use, item in zip(uses, items.tolist(), strict=True):
            if use["firm"] not in self.firm_of or item not in self.links:
                continue
            claims = claims_of_word(self.atlas, use["firm"], use["product"], FIELDS[use["field"]]) or [{}]
            rows += [self._fact(use["firm"], item, link, claim, use["word"])
                     for link in self.links[item] for claim in claims]  # fmt: skip
        return rows

    def _items(self, nodes: Ints) -> Ints:
        return self.atlas.makers.items(nodes)

    def _fact(self, firm: int, item: int, link: int, claim: Row, disclosed: object) -> Row:
        """Return a fact; one of a kind of the link names the kind."""
        kind = [] if self.item_of[link] == item else [self.snapshot.name(self.atlas.makers.node(item))]
        note = "；".join([*kind, *([f"披露产品：{disclosed}"] if disclosed else [])])
        return {"enterprise": self.firm_of[firm], "link": link, **self._standing(claim),
                "confidence": claim.get("confidence"), "note": note}  # fmt: skip

    def _standing(self, claim: Row) -> Row:
        """Return where a claim stands; a fact without a claim has no source."""
        return {"source": self.source(claim) if claim else None, "ref": where_it_stands(claim) if claim else "",
                "as_of": claim.get("as_of")}  # fmt: skip

    def hints(self) -> list[Row]:
        """Return the possible makers of all links, the likeliest of a link first."""
        rows = []
        for item, link in self.link_of.items():
            for maker in possible_makers(self.atlas, item, WHOLE):
                claims = claims_of_word(self.atlas, maker.firm, maker.product, maker.field)
                rows.append({
                    "enterprise": self.firm_of[maker.firm], "link": link, "word": maker.word, "field": maker.field,
                    "how": maker.how, "why": self.sentence(how(maker.how, maker.form, maker.word)),
                    "score": round(maker.score, 3), **self._standing(claims[0] if claims else {}),
                })  # fmt: skip
        return rows


def attached_note(atlas: Atlas) -> dict[str, dict[str, str]]:
    """Say how many words attach for certain and whether a person has judged any; nothing where none does."""
    links = atlas.makers.attached.links
    sure = len(pc.unique(links["word"].filter(pc.equal(links["tier"], "certain"))))
    if not sure:
        return {}
    judged = len({word for word, _, _ in decisions(atlas.snapshot.words)})
    said = sentence("attached_judged" if judged else "attached_not_judged", n=sure, judged=judged)
    return {"attached": {lang: said.text(lang) for lang in ("zh", "en")}}
