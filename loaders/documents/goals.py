"""Goals: the targets that the sentences of a policy set: measure, value, unit, comparison, due date.

A due date holds for the sentence it stands in (parts behind ； too), and for the rest of a clause
that is about targets. Five-year plans are dated by rule: the n-th ends in 1955 + 5 n (n ≥ 6).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, date
from functools import cached_property, lru_cache
from typing import Any

from ...graph.schema.words import read_toml
from .clauses import Clause, Sentence, cn_number, shadow
from .wording import any_of

_STOP = "，。；：！？,;:!?"
_NUMBER = r"(?<![0-9])[0-9]{1,12}(?:,[0-9]{3}){0,4}(?:\.[0-9]{1,6})?"
_SCALE = {"万": 1e4, "亿": 1e8, "千": 1e3, "百": 1e2, "": 1.0}
_CN = "一二三四五六七八九十"
_NO_DUE = tuple("比较于自从〔《")  # before a year that is compared with, or that numbers a document


@dataclass(frozen=True)
class Due:
    """When a target is due: ISO date, the words that say so, the period when they name one."""

    date: str
    words: str
    start: int
    end: int
    note: str | None = None


@dataclass(frozen=True)
class Goal:
    """One target and where it stands (``at``: its place in the sentence)."""

    name: str
    measure: str
    value: float
    unit: str
    comparison: str
    due: Due | None
    at: int


@dataclass(frozen=True)
class _Quantity:
    """A number with its unit in a sentence; ``left``/``right`` are the words around it."""

    value: float
    unit: str
    said: str
    left: str
    right: str
    start: int


# due dates ------------------------------------------------------------------------------------


def plan_years(n: int) -> tuple[int, int]:
    """Return first and last year of the n-th five-year plan (n ≥ 6).

    Examples
    --------
    >>> plan_years(12), plan_years(15)
    ((2011, 2015), (2026, 2030))
    """
    return 1951 + 5 * n, 1955 + 5 * n


def dues(text: str, issued: str | None = None) -> list[Due]:
    """Return the due dates that a sentence names, in their order.

    Parameters
    ----------
    issued
        Date of the policy: 三年内 counts from it, and years before it are no due dates.

    Examples
    --------
    >>> [(d.words, d.date) for d in dues("到“十二五”末，新建5个；到2027年6月底，新建9个。")]
    [('到“十二五”末', '2015-12-31'), ('到2027年6月底', '2027-06-30')]
    """
    plain = shadow(text)
    found = [*_plans(plain, text), *_ranges(plain, text)]
    taken = [(d.start, d.end) for d in found]
    for due in (*_years(plain, text), *_relative(plain, text, issued)):
        if not any(a < due.end and due.start < b for a, b in taken):
            found.append(due)
    return sorted((d for d in found if issued is None or d.date >= issued[:4]), key=lambda d: d.start)


def _plans(plain: str, text: str) -> Iterator[Due]:
    pattern = rf"(?P<to>到|至)?[“\"「]?(?P<n>[{_CN}]{{1,3}})五[”\"」]?(?:规划)?(?P<part>期末|末期|末|期间|时期|收官)?"
    for hit in re.finditer(pattern, plain):
        if cn_number(hit["n"]) < 6 or not (hit["part"] or hit["to"]):
            continue
        first, last = plan_years(cn_number(hit["n"]))
        during = hit["part"] in ("期间", "时期")
        note = f"{first}-01-01/{last}-12-31" if during else None
        yield Due(f"{last}-12-31", text[hit.start() : hit.end()], hit.start(), hit.end(), note)


def _ranges(plain: str, text: str) -> Iterator[Due]:
    for hit in re.finditer(r"(?<![0-9])([0-9]{4})年?(?:[-—–~～－]{1,9}|至|到)([0-9]{4})年(?:期间)?", plain):
        if not _is_year(hit[1]) or not _is_year(hit[2]):
            continue
        note = f"{hit[1]}-01-01/{hit[2]}-12-31"
        yield Due(f"{hit[2]}-12-31", text[hit.start() : hit.end()], hit.start(), hit.end(), note)


def _years(plain: str, text: str) -> Iterator[Due]:
    pattern = (r"(?P<to>力争到|争取到|截至|截止|到|至)?(?<![0-9])(?P<year>[0-9]{4})年"
               r"(?:(?P<month>1[0-2]|0?[1-9])月)?(?!\d)"
               r"(?P<by>底之?前|末之?前|年?底|年?末|之?前)?")  # fmt: skip
    for hit in re.finditer(pattern, plain):
        before = plain[: hit.start()]
        alone = (not before or before[-1] in _STOP) and plain[hit.end() : hit.end() + 1] in ("，", ",")
        if not (hit["to"] or hit["by"] or alone) or before.endswith(_NO_DUE) or not _is_year(hit["year"]):
            continue
        year, month = int(hit["year"]), int(hit["month"] or 12)
        last = date(year, month, monthrange(year, month)[1])
        yield Due(last.isoformat(), text[hit.start() : hit.end()], hit.start(), hit.end())


def _is_year(text: str) -> bool:
    """Tell whether four digits are a year of which targets speak; 0000 is none."""
    return 1000 <= int(text) <= MAXYEAR


def _relative(plain: str, text: str, issued: str | None) -> Iterator[Due]:
    """Read 三年内 and 今年底, which need the date of the policy."""
    if issued is None:
        return
    pattern = (
        rf"(?:力争|争取|用|未来|利用)?([{_CN}]|[0-9])年(?:左右)?(?:时间)?内"
        rf"|(?:用|利用|通过|经过)([{_CN}]|[0-9])年(?:左右)?(?:的?时间|建设|努力)"
    )
    for hit in re.finditer(pattern, plain):
        year = int(issued[:4]) + cn_number(hit[1] or hit[2])
        if year > MAXYEAR:
            continue
        day = min(int(issued[8:10]), 28) if issued[5:7] == "02" else int(issued[8:10])
        due = f"{year:04d}-{issued[5:7]}-{day:02d}"
        yield Due(due, text[hit.start() : hit.end()], hit.start(), hit.end(), f"{issued}/{due}")
    for hit in re.finditer("(?:今年|本年|当年)年?底", plain):
        yield Due(f"{issued[:4]}-12-31", text[hit.start() : hit.end()], hit.start(), hit.end())


# targets --------------------------------------------------------------------------------------


class _Words:
    """Patterns made of the words of ``policy.toml``."""

    def __init__(self, words: dict[str, Any]) -> None:
        self.rules = words["target"]
        about = f"(?:{any_of(self.rules['about'])})?"
        self.reach = re.compile(f"(?:力争|争取|确保|要)?({any_of(self.rules['reach'])}){about}$")
        self.change = re.compile(f"(?:{any_of(self.rules['change'])}){about}$")
        prefix = f"(?:{any_of(self.rules['act_prefix'])})?"
        over = f"(?:{any_of([*self.rules['about'], *self.rules['reach']])})?"
        self.act = re.compile(f"({prefix}(?:{any_of(self.rules['act'])})){over}$")
        self.acts = re.compile(f"{prefix}(?:{any_of(self.rules['act'])})")
        self.noun = re.compile(any_of(self.rules["nouns"]))
        self.not_after = re.compile(f"(?:{any_of(self.rules['not_after'])})$")
        self.not_start = re.compile(f"(?:{any_of(self.rules['not_start'])})")

    @cached_property
    def quantity(self) -> re.Pattern[str]:
        units = any_of(self.rules["units"])
        return re.compile(rf"(?P<value>{_NUMBER})(?:[-—–~～－至]{_NUMBER})?"
                          rf"(?P<scale>(?:[万亿千百](?=多|余|{units}))??)(?:多|余)?"
                          rf"(?P<unit>{units})(?P<tail>及?以上|以内|以下|左右)?")  # fmt: skip


@lru_cache(maxsize=1)
def _words() -> _Words:
    return _Words(read_toml("policy.toml"))


def goals(clause: Clause, issued: str | None = None) -> Iterator[tuple[Goal, Sentence]]:
    """Yield the targets that a clause sets, each with its sentence, in their order.

    Parameters
    ----------
    issued
        Date of the policy, ISO.
    """
    words = _words()
    aim = words.rules["clause"] in clause.title
    due: Due | None = None
    period = -1
    for sentence in clause.sentences:
        named = dues(sentence.text, issued)
        if sentence.period != period and not (aim and not named):
            due = None
        period = sentence.period
        for quantity in _quantities(sentence.text, named, words):
            own = [d for d in named if d.start <= quantity.start]
            when = own[-1] if own else (named[0] if named else due)
            goal = _goal(quantity, when, aim, words)
            if goal is not None:
                yield goal, sentence
        due = named[-1] if named else due


def _quantities(text: str, named: list[Due], words: _Words) -> Iterator[_Quantity]:
    """Yield the numbers with units, each with the words of its own part of the sentence."""
    plain = shadow(text)
    masked = plain
    for due in named:  # the year of a due date is no quantity and parts what stands around it
        masked = masked[: due.start] + "，" * (due.end - due.start) + masked[due.end :]
    hits = list(words.quantity.finditer(masked))
    verb = ""
    for at, hit in enumerate(hits):
        before = masked[: hit.start()]
        start = max((before.rfind(c) + 1 for c in _STOP), default=0)
        if at and hits[at - 1].end() >= start:
            between = masked[hits[at - 1].end() : hit.start()]
            start = hit.start() - len(re.split("、|(?:以及|和|及)$", between)[-1])
        else:
            verb = ""
        left = text[start : hit.start()]
        stop = hits[at + 1].start() if at + 1 < len(hits) else len(masked)
        right = re.split(f"[{_STOP}]", masked[hit.end() : stop])[0]
        acting = words.acts.match(left)
        verb = acting[0] if acting else verb
        if verb and not acting and not words.acts.search(left):
            left = verb + left
        value = float(hit["value"].replace(",", "")) * _SCALE[hit["scale"]]
        yield _Quantity(value, hit["unit"], text[hit.start() : hit.end()], left,
                        text[hit.end() : hit.end() + len(right)], hit.start())  # fmt: skip


def _goal(quantity: _Quantity, due: Due | None, aim: bool, words: _Words) -> Goal | None:
    """Say what a number is a target of; None when it is none (a subsidy, a size inside 的)."""
    left, right = quantity.left, quantity.right
    if right.startswith("的") or words.not_after.search(left) or words.not_start.match(left):
        return None
    acted = words.act.search(left)
    found = None
    if acted and right:
        found = _made(quantity, acted[1], words)
    elif due is not None or aim or quantity.unit in words.rules["counted"]:
        found = _reached(quantity, due is not None or aim, words)
    if found is None or not (due or aim or quantity.unit in words.rules["counted"]):
        return None
    measure, shown = found
    name = (due.words if due else "") + shown
    sign = _comparison(left, quantity.said, not (acted and right), words)
    return Goal(name, measure, quantity.value, quantity.unit, sign, due, quantity.start)


def _made(quantity: _Quantity, verb: str, words: _Words) -> tuple[str, str] | None:
    """Read 新培育15个…的集群: what is made is the first noun behind; sizes before 的 stay in the measure."""
    described, of, rest = quantity.right.rpartition("的")
    noun = words.noun.search(rest)
    if noun is None and len(rest) > 12:
        return None
    thing = rest[: noun.end()] if noun else rest
    while noun and (further := words.noun.match(rest, len(thing))):
        thing += further[0]
    sized = [part for part in described.split("、") if re.search(r"\d|元|%|级", part)] if of else []
    full = ("、".join(sized) + "的" if sized else "") + thing
    return (verb + full, quantity.left[quantity.left.rfind(verb) :] + quantity.said + full) if thing else None


def _reached(quantity: _Quantity, dated: bool, words: _Words) -> tuple[str, str] | None:
    """Read 产值过千亿元集群达到5个, 年均增长8%, 领军企业10家: the measure stands before the number."""
    left = re.sub("^(?:确保|实现|使|其中|全面)(?=.{3})|力争|争取", "", quantity.left)
    shown = left + quantity.said
    changed = words.change.search(left)
    if changed:
        return (left, shown) if dated and len(left) > 2 else None
    reached = words.reach.search(left)
    if reached and dated and reached.start() > 1:
        return left[: reached.start()], shown
    open_end = quantity.right and quantity.right[0] not in "、和及"
    named = words.noun.search(left) and (dated or words.acts.match(left))
    return (left, shown) if named and not reached and not open_end else None


def _comparison(left: str, said: str, level: bool, words: _Words) -> str:
    """Return ≥, ≤, >, ≈ or =: a word behind the number counts before one in front of it."""
    for part in (said, left):
        for sign, given in words.rules["comparison"].items():
            if part.endswith(tuple(given)):
                return str(sign)
    return "≥" if level else "="
