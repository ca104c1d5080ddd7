"""Forms: every way to write a link: its name, short names, and the terms of the trade.

Built once for a set of links; looked up by whole name, by ending, by beginning and by head, so that
a text is compared with the few forms that can match, never with all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from .lexicon import Lexicon

NAME, ALIAS, TERM = "name", "alias", "term"


@dataclass(frozen=True)
class Form:
    """One way to write a link: normalised text, which link, what it is to the link.

    ``unsure`` forms are ambiguous alone and never certain.
    """

    text: str
    link: int
    relation: str
    origin: str
    unsure: bool = False


@dataclass(frozen=True)
class LinkWords:
    """A link as its words: number, name, short names, and (term, relation, unsure) of the term files."""

    link: int
    name: str
    aliases: tuple[str, ...] = ()
    terms: tuple[tuple[str, str, bool], ...] = ()


@dataclass(frozen=True, eq=False)
class Forms:
    """The forms of many links, by text."""

    words: Lexicon
    links: Sequence[LinkWords]

    @cached_property
    def exact(self) -> dict[str, list[Form]]:
        """Forms by their whole text; what a term file says of a text overrides a short name."""
        table: dict[tuple[str, int], Form] = {}
        for one in self.links:
            given = [
                Form(self.words.normal(one.name), one.link, "same", NAME),
                *(Form(t, one.link, "same", ALIAS, _abbreviation(t)) for t in map(self.words.normal, one.aliases)),
                *(
                    Form(t, one.link, relation, TERM, unsure or _abbreviation(t))
                    for t, relation, unsure in ((self.words.normal(w), r, u) for w, r, u in one.terms)
                ),
            ]
            for form in given:
                if len(form.text) > 1 and not ((held := table.get((form.text, form.link))) and held.origin == NAME):
                    table[(form.text, form.link)] = form
        by_text: dict[str, list[Form]] = defaultdict(list)
        for form in table.values():
            by_text[form.text].append(form)
        for form in (*self._loose(frozenset(by_text)), *self._composed(frozenset(by_text))):
            by_text[form.text].append(form)
        return dict(by_text)

    def _composed(self, taken: frozenset[str]) -> list[Form]:
        """Return names that hold the name of another link, with the other's short names: UHMWPE纤维."""
        normal = self.words.normal
        others = {normal(k.name): [normal(a) for a in k.aliases] for k in self.links if k.aliases and len(k.name) > 2}
        out: dict[tuple[str, int], Form] = {}
        for one in self.links:
            name = normal(one.name)
            for other, aliases in others.items():
                if other in name and other != name:
                    for text in (name.replace(other, alias) for alias in aliases):
                        if text not in taken and len(text) > 3:
                            out[(text, one.link)] = Form(text, one.link, "same", ALIAS)
        return [out[k] for k in sorted(out)]

    def _loose(self, taken: frozenset[str]) -> list[Form]:
        """Return names without an end that adds nothing (人造石墨负极材料), where enough is left and no name is hit."""
        out = []
        for one in self.links:
            name = self.words.normal(one.name)
            short = self.words.loose_ends.sub("", name)
            verb = short.endswith(self.words.listed("activity", "makes"))  # 锂电制造 is what a maker of batteries does
            if short != name and len(short) >= 4 and short not in taken and not verb:
                out.append(Form(short, one.link, "same", ALIAS))
        return out

    @cached_property
    def names(self) -> frozenset[str]:
        """All texts that name a link or a kind of it: a text is never cut inside them."""
        return frozenset(t for t, forms in self.exact.items() if any(f.relation in ("same", "narrower") for f in forms))

    @cached_property
    def longest(self) -> int:
        """Number of characters of the longest form."""
        return max((len(t) for t in self.exact), default=0)

    @cached_property
    def heads(self) -> dict[str, tuple[int, ...]]:
        """Links by proper endings of their names, 服务器 for 人工智能服务器; words of many trades left out."""
        table: dict[str, set[int]] = defaultdict(set)
        for one in self.links:
            for text in {self.words.normal(t) for t in (one.name, *one.aliases)}:
                for start in range(1, len(text) - 1):
                    # 氧化铝 is no head of 氢氧化铝: it is a compound of its own.
                    compound = self.words.compound.search(text) and self.words.morphemes.search(text[:start])
                    # 化系统 is no head of 水肥一体化系统: a suffix stays with the word before it.
                    if boundary(text, start) and not compound and text[start] not in _SUFFIXES:
                        table[text[start:]].add(one.link)
        return {t: tuple(sorted(k)) for t, k in table.items() if t not in self.words.wide and len(k) <= _TOO_MANY}

    @cached_property
    def framed(self) -> dict[tuple[str, str], list[Form]]:
        """Forms of three characters and more by their first two and their last: 压裂…泵."""
        table: dict[tuple[str, str], list[Form]] = defaultdict(list)
        for text, forms in self.exact.items():
            if len(text) >= 3:
                table[(text[:2], text[-1])] += [f for f in forms if f.relation in ("same", "narrower")]
        return dict(table)


_SUFFIXES = "化性型式"  # end a word, begin none that is a product
_TOO_MANY = 6  # a word that ends the names of more links says nothing of one


def _abbreviation(text: str) -> bool:
    """Tell whether a text is a short Latin abbreviation, which many trades use for different things."""
    return len(text) <= 4 and text.isascii()


def boundary(text: str, at: int) -> bool:
    """Tell whether a text may be cut at a place: never inside a Latin word or number."""
    return not (text[at - 1].isascii() and text[at].isascii() and text[at - 1].isalnum() and text[at].isalnum())
