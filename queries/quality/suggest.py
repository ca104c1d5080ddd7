"""Suggest: what free texts would attach to, span by span; nothing is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from ...graph.columns.text import name_key
from ...graph.schema.words import sentence
from ..atlas.atlas import Atlas
from ..atlas.result import Result, Row
from ..attach.attached import counts, decision, decisions, relater
from ..attach.relate import CERTAIN, LIKELY, TIERS, Attachment, Relater
from ..attach.spans import MAKES, Span, spans

COLUMNS = ("text", "span", "activity", "link", "chain", "relation", "tier", "score", "reason")


@dataclass(frozen=True)
class Text:
    """A text to be read, the row it stands in (None: typed), and what it is.

    ``scope``: a scope of business; ``products``: a list of products, each for itself; None where nobody
    says so, and then a text of one passage is taken for a list.
    """

    text: str
    row: int | None = None
    scope: bool = False
    products: bool | None = None

    @property
    def listed(self) -> bool:
        """Whether the text is read as a list of products."""
        if self.products is not None:
            return self.products
        return not self.scope and not any(mark in self.text for mark in ";；。")


def suggest(atlas: Atlas, texts: Iterable[Text | str]) -> Result:
    """Return what the words of texts attach to, several rows a text, the surest first.

    Parameters
    ----------
    texts
        Product words as lists have them: 主营产品, 主营业务, 经营范围. A word of a scope of business is
        never certain: it names what a firm may do.

    Returns
    -------
    Result
        ``text span activity link chain relation tier score reason``, with ``row`` first where texts come
        from rows. A span that attaches to nothing, or that is sold or serviced only, has an empty link.
    """
    given = [Text(t) if isinstance(t, str) else t for t in texts]
    reader = _Reader(atlas, relater(atlas.snapshot))
    rows = [row for text in given for row in reader.rows(text)]
    numbered = any(t.row is not None for t in given)
    reached = len({(r["row"], r["text"]) for r in rows if r["link"] is not None})
    note = sentence("note_suggested", texts=len(given), reached=reached)
    return Result((("row",) if numbered else ()) + COLUMNS, rows, (note,))


@dataclass(frozen=True)
class _Reader:
    atlas: Atlas
    relate: Relater

    def rows(self, text: Text) -> list[Row]:
        """Return the rows of one text, the best tier first."""
        rows: list[tuple[tuple[int, float, int], Row]] = []
        for at, span in enumerate(self._spans(text)):
            weak = text.scope or span.activity != MAKES
            attached = list(self._attachments(span.text, weak)) if counts(span, self.relate.forms) else []
            for one in attached:
                rows.append(((TIERS.index(one.tier), -one.score, at), self._row(text, span.text, span.activity, one)))
            if not attached:
                rows.append(((len(TIERS), 0.0, at), self._row(text, span.text, span.activity, None)))
        return [row for _, row in sorted(rows, key=lambda r: r[0])]

    def _spans(self, text: Text) -> list[Span]:
        forms = self.relate.forms
        return spans(text.text, forms.words, forms.names, products=text.listed)

    def _attachments(self, word: str, weak: bool) -> Iterator[Attachment]:
        said = self._decided.get(word, {})
        for one in self.relate(word):
            if one.link not in said:
                yield replace(one, tier=LIKELY) if weak and one.tier == CERTAIN else one
        for link, relation in sorted(said.items()):
            if relation != "none":
                one = decision(link, word, relation)
                yield replace(one, tier=LIKELY) if weak and one.tier == CERTAIN and relation != "makes" else one

    @cached_property
    def _decided(self) -> dict[str, dict[int, str]]:
        nodes = {name_key(k.name): k.link for k in self.relate.forms.links}
        out: dict[str, dict[int, str]] = {}
        for (word, link, firm), relation in decisions(self.atlas.snapshot.words).items():
            if not firm and link in nodes:
                out.setdefault(word, {})[nodes[link]] = relation
        return out

    def _row(self, text: Text, span: str, activity: str, one: Attachment | None) -> Row:
        head = {"row": text.row, "text": text.text, "span": span, "activity": activity}
        if one is None:
            return head | dict.fromkeys(COLUMNS[3:])
        snapshot = self.atlas.snapshot
        chains = sorted(self.atlas.chains_of[self.atlas.makers.item(one.link)])
        return head | {
            "link": snapshot.name(one.link), "chain": snapshot.name(chains[0]) if chains else None,
            "relation": one.relation, "tier": one.tier, "score": one.score,
            "reason": sentence(f"how_{one.how}", form=one.form, word=span),
        }  # fmt: skip
