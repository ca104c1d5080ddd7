"""Wording: what the sentences of a policy name: clusters with their regions, industries, kinds.

A list “在甲区重点支持乙、丙等集群” gives names, the place they are listed under and the noun that
says what they are; kinds (重点实验室, 天使投资 …) are words of the schema and of ``policy.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...graph.columns.text import name_key
from ...graph.schema.types import Schema
from ...graph.schema.words import read_toml
from ..values.places import Place, PlaceRefused, Places
from .clauses import Clause, Sentence

_STOP = "，。；：！？,;:!?"
_COUNT = r"(?:(?:\d{1,6}|[一二两三四五六七八九十]{1,6})[个大条类]|几[个大])"


@dataclass(frozen=True)
class Listed:
    """A name found in a list: Cluster or Industry, where it stands and what it stands under."""

    type: str
    name: str
    noun: str
    clause: Clause
    sentence: Sentence
    at: int
    regions: tuple[str, ...] = ()
    supported: bool = True


@dataclass(frozen=True)
class Mention:
    """A kind or region that a sentence mentions."""

    word: str
    clause: Clause
    sentence: Sentence
    at: int


class Wording:
    """The words of ``policy.toml`` as patterns, for one document.

    Parameters
    ----------
    places
        Tells which words before a verb are places.
    full_text
        The whole document: its abbreviations (以下简称“集群”) are read from it.
    """

    def __init__(self, schema: Schema, places: Places, full_text: str) -> None:
        words = read_toml("policy.toml")
        self.words, self.places = words, places
        lists = words["lists"]
        modifiers = f"(?:{any_of(lists['modifiers'])}){{0,6}}"
        industry = f"(?:{any_of([*words['industry']['kinds'], *words['industry']['plain']])})"
        industry += words["industry"]["not_before"]
        self.nouns = {"Cluster": f"{modifiers}(?:{words['cluster']['noun']})",
                      "Industry": modifiers + industry}  # fmt: skip
        verbs = f"(?:{any_of(lists['strength'])}){{0,4}}(?:{any_of(lists['verbs'])})"
        self.verbs = re.compile(f"{verbs}(?:(?:和|并|与)?{verbs}){{0,4}}了?")
        self.kinds, self.kind_pattern = _kinds(schema, words["kinds"])
        self.regions_named = re.compile(any_of(d.name for d in places.book.by_code.values()
                                             if d.level in ("province", "city") and len(d.name) > 2))  # fmt: skip
        self.short = self._abbreviations(full_text)

    def _abbreviations(self, text: str) -> dict[str, str]:
        """Return what the document calls by a shorter name: {集群: 创新型产业集群}."""
        found = {}
        short = r"[（(](?:以下|下)?(?:统一)?简称[：:]?[“\"「]?([^”\"」）)]{1,40})[”\"」]?[）)]"
        for hit in re.finditer(rf"({self.nouns['Cluster']})(?:[（(][^（）()]{{1,8}}[）)])?{short}", text):
            found[hit[2]] = hit[1]
        return found

    # lists ------------------------------------------------------------------------------------

    def listed(self, clause: Clause) -> Iterator[Listed]:
        """Yield the names that the lists of a clause hold, in their order."""
        for sentence in clause.sentences:
            for kind, noun in self.nouns.items():
                yield from self._lists(clause, sentence, kind, noun)

    def _lists(self, clause: Clause, sentence: Sentence, kind: str, noun: str) -> Iterator[Listed]:
        text = sentence.text
        context: tuple[tuple[str, ...], bool] = ((), True)
        ways = f"(?P<etc>等{_COUNT}?|{_COUNT})(?P<noun>{noun})|(?P<plain>{noun})(?=[{_STOP}]|$)"
        parts = [p for p in re.finditer(f"[^{_STOP}]+", text) if len(p[0]) <= self.words["lists"]["part"]]
        for start, hit in (found for part in parts for found in _after_each_other(re.compile(ways), text, part)):
            listed = text[start : hit.start()]
            regions, supported, at = self._lead(text, start, listed)
            if listed[:1] in "、和及" and start and not regions:
                regions, supported = context
            context = (regions, supported)
            items = list(self._items(listed[at:], start + at, kind))
            if _is_list(listed, hit, items, regions):
                said = hit["noun"] or hit["plain"]
                for name, where in items:
                    yield Listed(kind, name, said, clause, sentence, where, regions, supported)
        yield from self._behind(clause, sentence, kind, noun)

    def _behind(self, clause: Clause, sentence: Sentence, kind: str, noun: str) -> Iterator[Listed]:
        """Read a list that follows its noun: 重点集群：甲、乙、丙。"""
        for hit in re.finditer(rf"(?:{noun})(?:主要)?(?:包括|有|为)?[：:]([^{_STOP}]+)(?=[。；;]|$)", sentence.text):
            if self.verbs.search(hit[1]) or re.search(noun, hit[1]):
                continue
            items = list(self._items(hit[1], hit.start(1), kind))
            for name, where in items if len(items) > 1 else ():
                yield Listed(kind, name, "", clause, sentence, where)

    def _lead(self, text: str, start: int, listed: str) -> tuple[tuple[str, ...], bool, int]:
        """Return the regions before a list, whether it is supported, and where its first name begins."""
        found = list(self.verbs.finditer(listed))
        earlier = re.split(f"[{_STOP}]", text[:start])[-2:-1] if start and text[start - 1] in "，," else []
        for hit in found:
            regions = self._regions(listed[: hit.start()])
            if regions:
                return regions, not self._is_against(hit[0]), hit.end()
        if not found:
            skip = re.match(self.words["lists"]["before"], listed)
            return (), True, skip.end() if skip else 0
        first = found[0]
        regions = self._regions(earlier[0]) if earlier and not listed[: first.start()] else ()
        return regions, not self._is_against(first[0]), first.end()

    def _is_against(self, verbs: str) -> bool:
        return any(word in verbs for word in self.words["lists"]["against"])

    def _regions(self, text: str) -> tuple[str, ...]:
        """Return the places that a text in front of a verb consists of, or nothing."""
        rules = self.words["region"]
        bare = re.sub(rules["tail"], "", re.sub(rules["lead"], "", text))
        names = [n for n in re.split("、|和|与|及", bare) if n]
        led = bare != text and re.match("在|于|依托|以", text) is not None
        fine = (self._is_place(n) or (led and 2 < len(n) < 21 and re.search(rules["ending"], n)) for n in names)
        return tuple(names) if all(fine) else ()

    def _is_place(self, name: str) -> bool:
        try:
            return place_named(self.places, name) is not None
        except PlaceRefused:
            return True  # several places bear the name

    def _items(self, text: str, start: int, kind: str) -> Iterator[tuple[str, int]]:
        """Yield the names of a list and where each stands; those that name nothing are left out."""
        rules = self.words["lists"]
        hidden = re.sub(r"（[^（）]*）|\([^()]*\)|" + any_of(rules["keep"]), lambda hit: "·" * len(hit[0]), text)
        at = 0
        for part in re.split("(、|以及|和|及(?=[^、和]*$))", hidden) if text else []:
            raw, where = text[at : at + len(part)], at
            at += len(part)
            if part in ("、", "以及", "和", "及"):
                continue
            name = self._bare(raw, kind)
            if "的" in name and not where:
                where += name.rindex("的") + 1
                name = text[where : where + len(name) - name.rindex("的") - 1]
            name = name.strip('“”"「」')
            known = re.fullmatch(f"(?:{any_of(rules['generic'])})+", name) is not None
            if 2 <= len(name) <= rules["longest"] and not known and not re.search(r"[·。“”《》]|\d{2}", name):
                yield name, start + where

    def _bare(self, name: str, kind: str) -> str:
        """Return a name without the noun that a list gives to all: 集群, and 产业 where it adds nothing."""
        name = re.sub(f"等{_COUNT}?(?:{self.nouns[kind]})$", "", name)
        if kind == "Cluster":
            return re.sub(f"(?:{self.nouns[kind]})$", "", name)
        rules = self.words["industry"]
        trimmed = name.removesuffix(rules["trim"])
        return name if len(trimmed) < 2 or name.endswith(tuple(rules["trim_not"])) else trimmed

    # kinds ------------------------------------------------------------------------------------

    def mentions(self, clause: Clause) -> Iterator[Mention]:
        """Yield the kinds and regions that the sentences of a clause mention, in their order."""
        for sentence in clause.sentences:
            for hit in self.kind_pattern.finditer(sentence.text):
                for word in self.kinds[_folded(hit[0])]:
                    yield Mention(word, clause, sentence, hit.start())
            for pattern in (re.compile(self.words["region"]["collective"]), self.regions_named):
                for hit in pattern.finditer(sentence.text):
                    yield Mention(hit[hit.lastindex or 0], clause, sentence, hit.start())


def place_named(places: Places, name: str) -> Place | None:
    """Return the place of a name, None when there is none; ``Places.named`` would look for near names.

    Raises
    ------
    PlaceRefused
        Several places bear the name.
    """
    key, book = name_key(name), places.book
    if not any(key in known for known in (places.own, book.by_code, book.by_name, book.moved)):
        return None
    return places.named(name)


def _after_each_other(
    ways: re.Pattern[str], text: str, part: re.Match[str]
) -> Iterator[tuple[int, re.Match[str]]]:  # fmt: skip
    """Yield where each list of a part begins, and the noun that ends it; the next list begins behind that."""
    start = part.start()
    while hit := ways.search(text, start, part.end()):
        yield start, hit
        start = hit.end()


def _is_list(listed: str, hit: re.Match[str], items: list[tuple[str, int]], regions: tuple[str, ...]) -> bool:
    """A list says 等, holds two or more names, or names one under a region; 强的集群 is none."""
    if not items or listed.endswith("的") or (hit["plain"] and "等" in listed):
        return False
    return (hit["etc"] or "").startswith("等") or len(items) > 1 or bool(regions)


def any_of(words: Any) -> str:
    """Return a pattern of words, the longest first; both kinds of brackets count."""
    ordered = sorted(set(words), key=lambda w: (-len(w), w))
    return "|".join(re.escape(w).replace("（", "[（(]").replace("）", "[）)]") for w in ordered)


def _folded(word: str) -> str:
    return word.replace("(", "（").replace(")", "）")


def _kinds(schema: Schema, words: dict[str, Any]) -> tuple[dict[str, tuple[str, ...]], re.Pattern[str]]:
    """Return the kinds behind each word, and a pattern that finds the longest word at a place."""
    found: dict[str, dict[str, None]] = {}
    for kind in words["schema"]:
        for value in schema.nodes[kind].props["kind"].values:
            found.setdefault(_folded(value), {})[value] = None
    for group in words["words"].values():
        for value, others in group.items():
            for word in (value, *others):
                found.setdefault(_folded(word), {})[value] = None
    return {w: tuple(kinds) for w, kinds in found.items()}, re.compile(any_of(found))
