"""Clauses: the lines of a policy document become its head, its clauses and their sentences.

Numbered headings cut the text, in whatever brackets they stand: the two highest kinds of
numbers in the document make the clauses, deeper ones stay in their text. Lines between two
headings are one text, so that a page break inside a sentence does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any
from unicodedata import decimal

from ...graph.schema.words import read_toml

_CN = "一二三四五六七八九十百〇零"
_OPEN, _CLOSE = "（([【〔〈", "）)]】〕〉"
LONGEST_NUMBER = 7  # characters of the number of a heading
# Kinds of numbers, the highest first: pattern of the label, how a clause number shows it.
LEVELS = (
    (re.compile(rf"第([{_CN}\d]{{1,{LONGEST_NUMBER}}})[章编篇]"), "第{}章"),
    (re.compile(rf"第([{_CN}\d]{{1,{LONGEST_NUMBER}}})条"), "第{}条"),
    (re.compile(rf"([{_CN}]{{1,{LONGEST_NUMBER}}})[、．.]"), "{}"),
    (re.compile(rf"[{re.escape(_OPEN)}]?([{_CN}]{{1,{LONGEST_NUMBER}}})[{re.escape(_CLOSE)}][、．.]?"), "（{}）"),
    (re.compile(r"(\d{1,2})[.．、](?!\d)"), "{}"),
    (re.compile(r"[（(](\d{1,2})[）)]"), "（{}）"),
)
_DATE = re.compile(rf"(\d{{4}})年(\d{{1,2}}|[{_CN}]{{1,3}})月(\d{{1,2}}|[{_CN}]{{1,3}})日")
_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0}
LONGEST = 1000  # characters of a sentence
_ENDED = re.compile(r"[。；！？：;!?:][”’」』）)]*$")
_SHADOW = {ord("〇"): "0", ord("○"): "0", **{ord(c): str(i) for i, c in enumerate("０１２３４５６７８９")}}


@dataclass(frozen=True)
class Sentence:
    """One sentence of a clause: its position (0 is the title), text, and the full stop it stands before."""

    position: int
    text: str
    period: int


@dataclass(frozen=True)
class Clause:
    """One clause: label such as 二（三）, title and text as they stand."""

    label: str
    title: str
    text: str

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The title as sentence 0, then the sentences of the text."""
        title = [Sentence(0, self.title, 0)] if self.title else []
        return (*title, *sentences(self.text))


@dataclass(frozen=True)
class Policy:
    """What the document is: number and dates are None where it does not say them."""

    number: str | None
    title: str
    issued: str | None
    issuer: str | None
    clauses: tuple[Clause, ...]
    outside: tuple[tuple[int, str], ...] = field(default=())
    full_text: str = ""


def read_clauses(lines: list[str]) -> Policy:
    """Return the policy that the lines of a document hold; title or clauses may be missing (empty).

    Parameters
    ----------
    lines
        As ``documents.read_document`` gives them.
    """
    words = read_toml("policy.toml")["head"]
    labels = _labels(lines, words)
    first = min(labels, default=len(lines))
    head = lines[:first]
    end = _closing(lines, labels, words)
    made, used = _cut(lines, labels, end)
    number = _number(head, words)
    title, at = _title(head, words)
    outside = tuple((i + 1, line) for i, line in enumerate(lines) if i not in used and i not in at)
    return Policy(number, title, _issued([*lines[:first], *lines[end:]], words), _issuer(head, title, words),
                  tuple(made), outside, "".join(lines))  # fmt: skip


# numbers --------------------------------------------------------------------------------------


def cn_number(text: str) -> int:
    """Return a number below 1000 written in Chinese or Arabic digits.

    Examples
    --------
    >>> [cn_number(t) for t in ("三", "十", "十四", "二十", "一百零二", "12")]
    [3, 10, 14, 20, 102, 12]
    """
    if text.isdecimal():  # in any script: full width, too
        return int(text)
    total, digit = 0, 0
    for char in text:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[char] if char in _DIGITS else decimal(char)
    return total + digit


def shadow(text: str) -> str:
    """Return text of equal length with years and digits in ASCII (二〇二七年 → 2027年), to match against."""
    text = text.translate(_SHADOW)
    return re.sub(r"[一二三四五六七八九0-9]{4}(?=年)",
                  lambda hit: "".join(str(_DIGITS.get(c, c)) for c in hit[0]), text)  # fmt: skip


# headings -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Label:
    level: int
    shown: str
    rest: str


def _labels(lines: list[str], words: dict[str, Any]) -> dict[int, _Label]:
    """Return the headings of the two highest kinds of numbers by line."""
    found = dict(_numbered(lines, words))
    count = [sum(label.level == level for label in found.values()) for level in range(len(LEVELS))]
    used = [level for level, n in enumerate(count) if n > 1] or [level for level, n in enumerate(count) if n]
    return {at: label for at, label in found.items() if label.level in used[:2]}


def _numbered(lines: list[str], words: dict[str, Any]) -> Iterator[tuple[int, _Label]]:
    """Yield lines that begin with a number which follows the last one of its kind."""
    last = [0] * len(LEVELS)
    ended = True
    closing = re.compile(words["closing"])
    for at, line in enumerate(lines):
        if any(last) and closing.match(line):
            return
        for level, (pattern, shown) in enumerate(LEVELS):
            hit = pattern.match(line)
            if hit is None:
                continue
            value = cn_number(hit[1])
            if value == last[level] + 1 or value == 1 or (ended and value > last[level]):
                last[level] = value
                if level != 1:  # articles are numbered through all chapters
                    last[level + 1 :] = [0 if n != 1 or level else last[1] for n in range(level + 1, len(LEVELS))]
                yield at, _Label(level, shown.format(hit[1]), line[hit.end() :])
            break
        ended = bool(_ENDED.search(line)) or len(line) < 30
    return


def _closing(lines: list[str], labels: dict[int, _Label], words: dict[str, Any]) -> int:
    """Return the first line behind the last clause: copies, annexes, signature, date."""
    pattern = re.compile(words["closing"])
    start = max(labels, default=len(lines)) + 1
    for at in range(min(labels, default=len(lines)) + 1, len(lines)):
        line = lines[at]
        signed = at >= start and ((_date(line) is not None and len(line) < 40)
                                  or (not _ENDED.search(line) and _next_is_date(lines, at, words)))  # fmt: skip
        if at not in labels and (pattern.match(line) or signed):
            return at
    return len(lines)


def _next_is_date(lines: list[str], at: int, words: dict[str, Any]) -> bool:
    following = lines[at + 1] if at + 1 < len(lines) else ""
    return bool(re.search(words["issuer"], lines[at])) and _date(following) is not None and len(following) < 40


def _cut(lines: list[str], labels: dict[int, _Label], end: int) -> tuple[list[Clause], set[int]]:
    """Return the clauses in order and the lines they are made of."""
    top = min((label.level for label in labels.values()), default=0)
    starts = [*sorted(at for at in labels if at < end), end]
    made, used, parent = [], set(range(starts[0], end)), ""
    for at, stop in pairwise(starts):
        label = labels[at]
        if label.level == top:
            parent = label.shown
        title, rest = _titled(label.rest)
        text = rest + "".join(lines[at + 1 : stop])
        following = labels.get(stop)
        holds = label.level == top and following is not None and following.level != top
        if holds and not text:
            used.discard(at)  # a heading over clauses, without a text of its own
            continue
        shown = label.shown if label.level == top else parent + label.shown
        made.append(Clause(shown, title, text))
    return made, used


def _titled(line: str) -> tuple[str, str]:
    """Part a heading from the text that follows it on the same line."""
    head, stop, rest = line.partition("。")
    plain = len(head) <= 40 and not re.search(r"[，；：\d]", head)
    if stop and plain:
        return head, rest
    if not stop and len(head) <= 60 and not _ENDED.search(head) and "，" not in head:
        return head, ""
    return "", line


# head -----------------------------------------------------------------------------------------


def _number(head: list[str], words: dict[str, Any]) -> str | None:
    """Return the document's number: a line of its own before one inside a line, never inside 《》."""
    pattern = re.compile(words["number"])
    for line in head:
        if pattern.fullmatch(line):
            return _tidy(line)
    for line in head:
        hit = pattern.search(re.sub(r"《[^》]{0,300}》[（(〔]?[^，。；]*", "", line))
        if hit and not _ENDED.search(line):
            return _tidy(hit[0])
    return None


def _tidy(number: str) -> str:
    return re.sub(r"[\[（(【［〈](\d{4})[\]）)】］〉]第?", r"〔\1〕", number).replace("〕第", "〕")


def _title(head: list[str], words: dict[str, Any]) -> tuple[str, set[int]]:
    """Return the title and its lines: broken lines are joined, an issuer's line before it counts."""
    ending, start = re.compile(words["title_end"]), re.compile(words["title_start"])
    issuer = re.compile(words["issuer"])
    head = [_headline(line, words) for line in head]
    last = next((i for i, line in enumerate(head) if ending.search(line) and len(line) < 120), None)
    if last is None:
        return "", set()
    first = last
    while first > 0 and last - first < 4 and _is_open(head[first - 1], words):
        begun = start.search("".join(head[first : last + 1]))
        if begun and not issuer.search(head[first - 1]):
            break
        first -= 1
    return "".join(head[first : last + 1]), set(range(first, last + 1))


def _headline(line: str, words: dict[str, Any]) -> str:
    """Return a line without a number before it and the brackets around it."""
    bare = re.sub(f"^{words['number']}(?=.)", "", line)
    return bare[1:-1] if bare.startswith("《") and bare.endswith("》") else bare


def _is_open(line: str, words: dict[str, Any]) -> bool:
    """Tell whether a title may begin on this line."""
    barred = (words["letterhead"], words["number"] + "$", words["title_end"], r"[。；：，！？>|]$")
    return _date(line) is None and not any(re.search(p, line) for p in barred)


def _issuer(head: list[str], title: str, words: dict[str, Any]) -> str | None:
    """Return who issued it: by the letterhead, the title's beginning or the signature."""
    for line in head:
        if re.search(words["letterhead"], line) and re.search(words["issuer"], line[:-2]):
            return line[:-2]
    before = re.split(words["title_start"], title, maxsplit=1)[0] if re.search(words["title_start"], title) else ""
    if re.search(words["issuer"], before):
        return before
    return next((line for line, after in pairwise(head) if _date(after) and re.search(words["issuer"], line)), None)


def _issued(lines: list[str], words: dict[str, Any]) -> str | None:
    """Return the date under the signature, else that of printing, else one in brackets."""
    found = [(line, _date(line)) for line in lines]
    own = [d for line, d in found if d and (_DATE.fullmatch(shadow(line)) or _is_signed(line, words))]
    printed = [d for line, d in found if d and "印发" in line and len(line) < 40]
    brackets = [d for line, d in found if d and re.match(r"[（(].{8,20}[）)]$", line)]
    return next(iter([*own, *printed, *brackets]), None)


def _is_signed(line: str, words: dict[str, Any]) -> bool:
    """Tell whether a line is an issuer with a date: 某厅2024年5月6日."""
    hit = _DATE.search(shadow(line))
    return hit is not None and hit.end() == len(line) < 40 and bool(re.search(words["issuer"], line[: hit.start()]))


def _date(line: str) -> str | None:
    hit = _DATE.search(shadow(line))
    if hit is None:
        return None
    try:
        return date(int(hit[1]), cn_number(hit[2]), cn_number(hit[3])).isoformat()
    except ValueError:
        return None


# sentences ------------------------------------------------------------------------------------


def sentences(text: str) -> Iterator[Sentence]:
    """Yield sentences: they end at 。！？；, not inside brackets or quotes that are closed again.

    Examples
    --------
    >>> [(s.position, s.text, s.period) for s in sentences("甲（见乙；丙）。丁；戊。")]
    [(1, '甲（见乙；丙）。', 0), (2, '丁；', 1), (3, '戊。', 1)]
    """
    inner = r"（[^（）]{0,300}）|\([^()]{0,300}\)|《[^《》]{0,300}》|“[^“”]{0,300}”"
    hidden = re.sub(inner, lambda hit: "·" * len(hit[0]), text)
    start, position, period = 0, 1, 0
    for hit in re.finditer(r"[。！？；!?;]+[”’」』）)]*|$", hidden):
        for at in range(start, hit.end(), LONGEST):  # a text without any stop is a table, cut to bound the work
            yield Sentence(position, text[at : min(at + LONGEST, hit.end())], period)
            position += 1
        period += not hit[0].startswith(("；", ";"))
        start = hit.end()
