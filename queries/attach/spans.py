"""Spans: a free text of products taken apart, each part with what the firm does with it.

A text is cut into passages (；。), these into items (、，及和与等), never inside a name, a bracket or
a number. Verbs that stand before or after items say what is done: making, selling, serving.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from .lexicon import Lexicon, alternation, lexicon

_LONGEST = 40  # characters of a head or an end that joined items share
MAKES, SELLS, SERVES, DEVELOPS = "makes", "sells", "serves", "develops"


@dataclass(frozen=True)
class Span:
    """One product of a text: normalised words, and what is done with it."""

    text: str
    activity: str


@dataclass(frozen=True)
class _Patterns:
    boilerplate: re.Pattern[str]
    remark: re.Pattern[str]
    traded: re.Pattern[str]
    opens: re.Pattern[str]
    verbs: re.Pattern[str]
    makes: re.Pattern[str]
    develops: re.Pattern[str]
    sells: re.Pattern[str]
    leading: re.Pattern[str]


@cache
def _patterns(words: Lexicon) -> _Patterns:
    activity = words.words["activity"]
    makes, sells = (alternation(activity[k]) for k in ("makes", "sells"))
    one = f"(?:{alternation((*activity['makes'], *activity['sells'], *activity['serves']))})"
    joined = rf"{one}(?:(?:[、,，/及和与并兼]|以及|并且)*{one})*"
    return _Patterns(
        boilerplate=re.compile("|".join(words.words["boilerplate"]["patterns"])),
        remark=re.compile(words.words["boilerplate"]["remark"]),
        traded=re.compile(rf"^(?:{sells}|外购|代工|OEM)$"),
        opens=re.compile(rf"^(?:{alternation(activity['opens'])}|[:：]|\d+[.、)]|[①-⑳])+"),
        verbs=re.compile(joined), makes=re.compile(makes),
        develops=re.compile(alternation(activity["developing"])), sells=re.compile(sells),
        # A verb alone may begin a name (服务器, 测试仪): it leads with a colon, in a run, or if it is a plain one.
        leading=re.compile(
            rf"^({joined}(?=[:：])|{one}(?:(?:[、,，/及和与并兼]|以及|并且)+{one})+|"
            rf"(?:{alternation(activity['leads'])})(?!{alternation(activity['names_after'])}|$))(?:[:：]|的)?"
        ),
    )  # fmt: skip


def activity_of(verbs: str, words: Lexicon | None = None) -> str:
    """Return what a run of verbs says is done: making wins over developing, that over selling and serving."""
    patterns = _patterns(words or lexicon())
    if patterns.makes.search(verbs):
        return MAKES
    if patterns.develops.search(verbs):
        return DEVELOPS
    return SELLS if patterns.sells.search(verbs) else SERVES


def spans(
    text: str, words: Lexicon | None = None, known: frozenset[str] = frozenset(), *, products: bool = False
) -> list[Span]:
    """Return the products of a text, in its order, each once.

    Parameters
    ----------
    text
        Words of a list as they stand: 主营产品, 主营业务, 经营范围.
    known
        Normalised names that are never cut (those of the links and their terms).
    products
        The text is a list of products (主营产品), each item for itself: verbs right behind the last item
        (机床床身铸件、机床维修) say nothing of those before, unless 的 stands between.

    Examples
    --------
    >>> [(s.text, s.activity) for s in spans("电解液的研发、生产和销售；化工产品销售")]
    [('电解液', 'makes'), ('化工', 'sells')]
    """
    words = words or lexicon()
    plain = words.normal(text)
    if plain in known:
        return [Span(plain, MAKES)]
    seen: dict[str, str] = {}
    for passage in re.split(r"[;；。\n\r\t]|(?<=\))(?=\d+[.、])", _patterns(words).boilerplate.sub("", plain)):
        for item, activity in _passage(passage, words, known, products):
            if len(item) > 1 and seen.get(item) != MAKES:
                seen[item] = activity
    return [Span(item, activity) for item, activity in seen.items()]


def _passage(passage: str, words: Lexicon, known: frozenset[str], products: bool) -> Iterator[tuple[str, str]]:
    """Yield the items of one passage with what is done with them.

    Verbs behind items speak of all items before them that have none, in a list of products of the last
    one; verbs before items of those behind.
    """
    patterns = _patterns(words)
    governing: str | None = None
    waiting: list[str] = []
    for piece, verbs, inner in _with_verbs(passage, patterns, known):
        alone = products and bool(verbs) and not piece.endswith("的")
        parts = _cut(re.sub(r"的$", "", piece))
        for at, part in enumerate(parts):
            if alone and at == len(parts) - 1:
                yield from ((item, governing or MAKES) for item in waiting)
                waiting = []
            body, brackets = _brackets(part)
            body = patterns.opens.sub("", body) if body not in known else body
            lead = None if body in known or _begins_known(body, known) else patterns.leading.match(body)
            if lead:
                # What stood before without a verb of its own is made.
                yield from ((item, governing or MAKES) for item in waiting)
                waiting, governing = [], activity_of(lead.group(1), words)
                body = patterns.opens.sub("", body[lead.end() :])
            body = body.rstrip(":")
            waiting += _items(body, brackets, words, known)
        if verbs:
            waiting += _items("", [inner] if inner else [], words, known)
            yield from ((item, activity_of(verbs, words)) for item in waiting)
            waiting, governing = [], None
    yield from ((item, governing or MAKES) for item in waiting)


def _begins_known(body: str, known: frozenset[str]) -> bool:
    return any(body[:n] in known for n in range(3, min(len(body), 12) + 1))


_CLOSES = re.compile(r"(?:业务|业|活动|服务|为主|为一体|一体化|等)*(?:\(([^()]*)\))?(?=$|[、,;及和与])")


def _with_verbs(passage: str, patterns: _Patterns, known: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """Cut a passage after each run of verbs that ends an item: (items, verbs, bracket behind the verbs)."""
    start = 0
    for hit in patterns.verbs.finditer(passage):
        if hit.start() < start or not (closes := _CLOSES.match(passage, hit.end())):
            continue
        before = passage[start : hit.start()]
        if not before.strip("、,及和与的 ") or before[-1:] in "、,:(" or _names_it(passage, hit, known):
            continue
        yield before, hit.group(), closes.group(1) or ""
        start = closes.end()
    yield passage[start:], "", ""


def _names_it(passage: str, hit: re.Match[str], known: frozenset[str]) -> bool:
    """Tell whether the verb is a part of a known name: 政务云服务, 注射剂生产线."""
    ends = range(hit.end(), min(len(passage), hit.end() + 4) + 1)
    begins = range(max(0, hit.start() - 10), hit.start() + 1)
    return any(passage[b:e] in known for e in ends for b in begins)


def _cut(piece: str) -> list[str]:
    """Cut at 、，： outside brackets and numbers."""
    out, depth, last = [], 0, 0
    for at, mark in enumerate(piece):
        depth += (mark == "(") - (mark == ")")
        numeric = mark == "," and 0 < at < len(piece) - 1 and piece[at - 1].isdigit() and piece[at + 1].isdigit()
        if depth <= 0 and mark in "、,:" and not numeric:
            out.append(piece[last : at + (mark == ":")])  # what stands before a colon may be a verb
            last = at + 1
    return [part for part in (*out, piece[last:]) if part]


def _brackets(part: str) -> tuple[str, list[str]]:
    """Take the brackets out of a part; only those at its end tell more of it, those within explain a word."""
    inner = re.findall(r"\(([^()]*)\)$", part)
    return re.sub(r"\([^()]*\)|[()]", "", part), inner


_JOINTS = re.compile(r"以及|及其|等(?=.{2})|[及和与或&/+]")


def _items(body: str, brackets: list[str], words: Lexicon, known: frozenset[str]) -> list[str]:
    """Return the items of a part: cut at joints unless that cuts a name, shared heads given back."""
    if any(_patterns(words).traded.search(inner) for inner in brackets):
        return []
    body = body if body in known else re.sub(r"等?(?:系列)?(?:产品)?$", "", body)
    items = [body] if body else []
    if body and body not in known and _JOINTS.search(body):
        pieces = [p for p in _JOINTS.split(body) if p]
        if len(pieces) > 1:
            items += [*pieces, *_shared(pieces, known)]
    for inner in brackets:
        items += _bracket_items(body, inner, words)
    return items


def _bracket_items(body: str, inner: str, words: Lexicon) -> list[str]:
    """Return what a bracket behind a product tells: kinds of it, a list; or how it is, one word before it.

    A single word in a bracket is another name or a material (储能柜（磷酸铁锂）): alone it says nothing.
    """
    if not inner or _patterns(words).remark.search(inner):
        return []
    parts = [p for p in re.split(r"[、,;/]|以及|[及和与或]", inner) if p]
    if len(parts) > 1 or not body:
        return parts
    if inner.isascii():
        return []
    return [re.sub(r"用?$", "", inner) + body]


def _shared(pieces: list[str], known: frozenset[str]) -> list[str]:
    """Give back the head or the beginning that joined items share, where a known name results."""
    whole = []
    first, last = pieces[0], pieces[-1]
    for piece in pieces[1:]:
        heads = range(min(len(first) - 1, _LONGEST), 0, -1)
        whole += [first[:n] + piece for n in heads if first[:n] + piece in known][:1]
    for piece in pieces[:-1]:
        ends = (last[n:] for n in range(max(1, len(last) - _LONGEST), len(last) - 1))
        whole += [piece + end for end in ends if end in known and len(end) > 1][:1]
    return whole
