"""Relate: what a product word is to the links, decided by the head of the compound, with its reason.

The head of a Chinese compound is its end: 锂离子电池电解液 is an electrolyte, 电解液生产设备 is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from .alike import Alike
from .forms import NAME, Form, Forms, boundary

CERTAIN, LIKELY, BROADER, REVIEW = "certain", "likely", "broader", "review"
TIERS = (CERTAIN, LIKELY, BROADER, REVIEW)


@dataclass(frozen=True)
class Attachment:
    """A word that reaches a link: relation, tier, and how.

    ``how`` is the rule: ``exact``, ``wider`` (a term says that it may include the link), ``ending`` (the
    text ends in a form), ``beginning`` (a form with an end that changes nothing), ``inside`` (a form with a
    word put in), ``head`` (the link's name ends in the text), ``alike``, ``judged``. ``form`` is the form met
    and ``rest`` what the text has beside it.
    """

    link: int
    relation: str
    tier: str
    how: str
    form: str
    rest: str = ""
    score: float = 1.0


# A model code behind a product: 复合绝缘子FXBW, CPE 135A.
_CODE_AFTER = re.compile(r"(?:(?<=[^\x00-\x7f])| )[A-Z0-9Φ][A-Z0-9.×/#~%+-]*$")


@dataclass
class Relater:
    """Relates words to the links of some forms; asked the same word again, it remembers."""

    forms: Forms
    _kept: dict[str, tuple[Attachment, ...]] = field(default_factory=dict, repr=False)

    def __call__(self, text: str) -> tuple[Attachment, ...]:
        """Return what a normalised product word attaches to, at most one attachment a link."""
        if text not in self._kept:
            self._kept[text] = tuple(self._relate(text))
        return self._kept[text]

    def _relate(self, text: str) -> list[Attachment]:
        best: dict[int, Attachment] = {}
        refused: set[int] = set()
        # What a term says of the very text stands over what a rule makes of its parts.
        said = {form.link for form in self.forms.exact.get(text, ())}
        for one in self._candidates(text, refused):
            if one.link in said and one.form != text:
                continue
            held = best.get(one.link)
            if held is None or TIERS.index(one.tier) < TIERS.index(held.tier):
                best[one.link] = one
        return [best[k] for k in sorted(best) if k not in refused]

    def _candidates(self, text: str, refused: set[int]) -> list[Attachment]:
        whole = self._ending(text, refused)
        stripped, tails = text, ""
        if not whole and (cut := _CODE_AFTER.sub("", text)) != text and len(cut) > 1:
            stripped, tails = cut, text[len(cut) :]
            whole += self._ending(stripped, refused, tails)
        if not any(a.tier == CERTAIN and not a.rest for a in whole):
            words = self.forms.words
            for pattern, material in ((words.tails, False), (words.machine_tails, False), (words.material_tails, True)):
                cut = pattern.sub("", stripped)
                if pattern is words.machine_tails and not words.machine.search(cut):
                    continue
                if cut != stripped and len(cut) > 1:
                    stripped, tails = cut, stripped[len(cut) :] + tails
                    whole += self._ending(stripped, refused, tails, material=material)
        if not any(a.relation in ("same", "narrower") for a in whole):
            whole += self._core(text) or self._inside(text)
        whole += self._broader(text)
        return whole or self._alike(text)

    def _ending(self, text: str, refused: set[int], tails: str = "", *, material: bool = False) -> list[Attachment]:
        """Return the links whose form the text ends in: the longest form that says something wins."""
        out: list[Attachment] = []
        exact = self.forms.exact
        for start in range(max(0, len(text) - self.forms.longest), len(text) - 1):
            if start and not boundary(text, start):
                continue
            forms = exact.get(text[start:])
            if not forms:
                continue
            before = text[:start]
            refused.update(f.link for f in forms if f.relation == "none")
            good = [f for f in forms if f.relation in ("same", "narrower") and f.link not in refused]
            # A broader word counts as a whole only.
            wide = [] if before else [f for f in forms if f.relation == "broader" and f.link not in refused]
            out += [Attachment(f.link, "broader", BROADER, "wider", f.text, before, 0.5) for f in wide]
            if before and good and self._other(before, text[start:]):
                return out
            out += [self._narrower(f, before, tails) for f in good if not material or self._is_material(f)]
            if good:
                return out
        return out

    def _is_material(self, form: Form) -> bool:
        return form.link in self._materials

    @cached_property
    def _materials(self) -> frozenset[int]:
        words = self.forms.words
        return frozenset(k.link for k in self.forms.links if words.compound.search(words.normal(k.name)))

    def _other(self, before: str, form: str) -> bool:
        """Tell whether the words before a form make it another thing: negation, or another compound."""
        words = self.forms.words
        if words.other_before.search(before):
            return True
        if words.harmless.fullmatch(before):
            return False
        return bool(words.compound.search(form) and words.morphemes.search(before))

    def _harmless(self, before: str) -> bool:
        return self.forms.words.harmless.fullmatch(before) is not None

    def _narrower(self, form: Form, before: str, tails: str) -> Attachment:
        harmless = not before or self._harmless(before)
        sure = not form.unsure and (harmless or len(form.text) >= 3)
        if before and form.text.isascii() and not harmless:
            sure = sure and form.origin == NAME
        # An ambiguous word with more before it may be quite another thing: 杀菌剂 is no 微生物菌剂.
        tier = CERTAIN if sure else REVIEW if form.unsure and before and not harmless else LIKELY
        relation = form.relation if not before else "narrower"
        how = "beginning" if tails else "ending" if before else "exact"
        score = {CERTAIN: 0.9, LIKELY: 0.7, REVIEW: 0.3}[tier]
        rest = f"{before}…{tails}" if before and tails else before or tails
        return Attachment(form.link, relation, tier, how, form.text, rest, score)

    def _core(self, text: str) -> list[Attachment]:
        """Return links whose form is left when words that tell only how a product is are taken out."""
        core = self.forms.words.how.sub("", text)
        forms = self.forms.exact.get(core, ()) if core != text and len(core) >= 3 else ()
        return [
            Attachment(f.link, "narrower", CERTAIN if len(core) >= 4 and not f.unsure else LIKELY, "inside", core,
                       text, 0.8)
            for f in forms if f.relation in ("same", "narrower")
        ]  # fmt: skip

    def _inside(self, text: str) -> list[Attachment]:
        """Return links whose form the text is with a word put in: 压裂柱塞泵, 漆包铜扁线."""
        out = []
        for form in self.forms.framed.get((text[:2], text[-1:]), ()):
            name = form.text
            more = len(text) - len(name)
            if not 0 < more <= 5 or self.forms.words.compound.search(name):
                continue  # 环氧氯丙烷 is no 环氧丙烷
            start = next(n for n in range(len(name) + 1) if n == len(name) or text[n] != name[n])
            if start >= 2 and text.endswith(name[start:]):
                put_in = text[start : start + more]
                if any(joint in put_in for joint in "及和与/+"):
                    continue
                out.append(Attachment(form.link, "narrower", LIKELY, "inside", name, put_in, 0.6))
        return out

    @cached_property
    def _alikes(self) -> Alike:
        return Alike(self.forms)

    def _alike(self, text: str) -> list[Attachment]:
        """Return links whose forms look like the text, its head the same: to be reviewed."""
        return [
            Attachment(form.link, "narrower", REVIEW, "alike", form.text, "", round(0.5 * likeness, 4))
            for form, likeness in self._alikes(text)
            if len(text) > 2
        ]

    def _broader(self, text: str) -> list[Attachment]:
        """Return links whose name ends in the whole text: 立式加工中心 is not wider than 卧式加工中心."""
        return [Attachment(k, "broader", BROADER, "head", text, "", 0.4) for k in self.forms.heads.get(text, ())]
