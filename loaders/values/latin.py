"""Reading a place out of a text in Latin script: No. 1 Shili Road, Jinan, Shandong, China.

Mostly the finest comes first; lists of names write the widest first, too. A word is a place only
where all words around it are, or where a wider place has been named before it.
"""

from __future__ import annotations

import re

from .gazetteer import PART, SHORT, Gazetteer, Named, is_latin, latin_key

_PARTS = re.compile(r"[,;/|·()\[\]>]+|\s[-–—]\s")
_POSTCODE = re.compile(r"(?:[A-Z]{1,2}-)?\d{4,7}\Z")
# What the generic word says of the level; counties go by all of these names.
_GENERIC = {
    "province": ("province",),
    "prov": ("province",),
    "prov.": ("province",),
    "sheng": ("province",),
    "municipality": ("province", "city"),
    "city": ("province", "city", "county"),
    "shi": ("province", "city", "county"),
    "district": ("county",),
    "dist.": ("county",),
    "dist": ("county",),
    "qu": ("county",),
    "county": ("county",),
    "xian": ("county",),
    "prefecture": ("city",),
    "region": ("province",),
    "area": ("county",),
}
_FILLING = {"autonomous", "new", "special", "administrative"}
_AMBIGUOUS = {"georgia", "jersey", "lebanon", "cuba", "peru", "jordan", "chad", "mali", "guinea", "oman"}
# Codes of countries that mean something else where no country is asked for: states of America, provinces
# of China by their first letters, and words.
_OTHER_MEANINGS = (
    "NA NO IN IS AM PM TV ME CA GA SH SD GD BJ TJ HN HB SC GZ SX SN GS FJ HE HI AL AR AZ CO ID IL LA MA MD MN MS MT "
    "NC NE PA VA AS BY DO SO TO AD BA BB CC CD TD"
)
_NOT_COUNTRIES = frozenset(_OTHER_MEANINGS.split())
_LONGEST = 5


def country_of(book: Gazetteer, text: str, level: str) -> str | None:
    """Return the country of an ISO code; where no country is asked for, only of one that means nothing else."""
    code = text.strip().replace(".", "")
    if level == "country":
        return book.iso.get(code.upper())
    if len(code) == len("USA"):
        return book.iso.get(code.upper())
    return book.iso.get(code) if code.isupper() and code not in _NOT_COUNTRIES else None


def named(
    book: Gazetteer, words: list[str], inside: str | None, level: str, alone: bool = False, wider: bool = True
) -> list[str]:
    """Return the places that some words name: those inside a place, else this, said again (or what holds it)."""
    text = " ".join(words)
    code = text.replace(".", "")
    found = [book.iso[code]] if code in book.iso and code not in _NOT_COUNTRIES else []
    hits = book.latin.get(latin_key(text), ())
    levels: tuple[str, ...] = ()
    while not hits and not found and len(words) > 1 and words[-1].lower() in _GENERIC:
        levels = _GENERIC[words[-1].lower()]
        words = words[:-1]
        while len(words) > 1 and words[-1].lower() in _FILLING:
            words = words[:-1]
        hits = book.latin.get(latin_key(" ".join(words)), ())
    if not alone and level != "country" and latin_key(text) in _AMBIGUOUS:
        return []
    named_here = [(book.by_code[h.code], h.kind) for h in hits if not levels or book.by_code[h.code].level in levels]
    if inside is None and not found:  # spelled alike, most counties mean nothing without their city
        named_here = [
            (d, k) for d, k in named_here if d.level != "county" or k != SHORT or d.name.endswith(("市", "新区"))
        ]
    codes = list(dict.fromkeys([*found, *(d.code for d, _ in named_here)]))
    if inside is None:
        return codes
    inner = [c for c in codes if c != inside and book.holds(inside, c)]
    return inner or [inside for c in codes if c == inside or (wider and book.holds(c, inside))][:1]


def _ranked(book: Gazetteer, codes: list[str], level: str) -> list[str]:
    """Return those of the column's level, else the widest: a bare name means the larger place."""
    for rank in (level, "province", "city", "country", "county"):
        ranked = [c for c in codes if book.by_code[c].level == rank]
        if ranked:
            return ranked
    return []


def read(book: Gazetteer, text: str, inside: str | None, level: str) -> tuple[list[str], str]:
    """Return the finest places that a text in Latin script may name (several: ambiguous), and the rest of it."""
    whole = [w for w in text.split() if w]
    found = named(book, whole, inside, level, alone=True)
    if found:
        return _ranked(book, found, level), ""
    parts = [p.strip() for p in _PARTS.split(text) if p.strip()]
    best: tuple[int, list[str], str] = (0, [], text)
    for turned in (True, False):
        made = _chain(book, parts[::-1] if turned else parts, inside, level, turned)
        if made[0] > best[0]:
            best = made
    return _ranked(book, best[1], level), best[2]


def _chain(
    book: Gazetteer, parts: list[str], inside: str | None, level: str, turned: bool
) -> tuple[int, list[str], str]:
    """Read parts from the widest on; return how many words were places, the places, and the rest."""
    codes: list[str] = [] if inside is None else [inside]
    taken, rest = 0, list(parts)
    for at, part in enumerate(parts):
        words = [w for w in part.split() if not _POSTCODE.match(w)]
        left, steps, now = words, 0, codes
        while left:
            wider = inside is not None and now == [inside]  # what another column names may be named once more
            for size in range(min(len(left), _LONGEST), 0, -1):
                found = _inner(book, left[-size:] if turned else left[:size], now, level, wider)
                if found:
                    break
            else:
                break
            now = found
            left = left[:-size] if turned else left[size:]
            steps += 1
        if left and steps < 2 and not (steps and at and turned):
            break  # a name that other words belong to: New Jersey, Shandong Road
        codes, taken = now, taken + len(words) - len(left)
        rest[at] = " ".join(left)
        if left:
            break
    remaining = [r for r in rest if r]
    if not turned and remaining and taken < 2:
        return 0, [], ""
    return taken, codes if taken else [], ", ".join(reversed(remaining) if turned else remaining)


def _inner(book: Gazetteer, words: list[str], within: list[str], level: str, wider: bool) -> list[str]:
    """Return the places of these words inside one of several; the sure ones, where it is said again."""
    if not within:
        return named(book, words, None, level)
    made = [(code, outer) for outer in within for code in named(book, words, outer, level, wider=wider)]
    inner = [code for code, outer in made if code != outer]
    return list(dict.fromkeys(inner or [code for code, _ in made]))


def is_part(book: Gazetteer, text: str, code: str) -> bool:
    """Tell whether a text names only a part of a place: Taipei."""
    return is_latin(text) and Named(code, PART) in book.latin.get(latin_key(text), ())
