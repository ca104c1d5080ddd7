"""Persons: who is a natural person, told by a header or by a name. Persons are never loaded."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from ...graph.schema.words import read_toml

_HAN = re.compile(r"[\u3400-\u9fff]+\Z")
_ADDED = re.compile(r"\((自然人|个人|先生|女士)\)$|(先生|女士)$")
_CALLED = re.compile(r"\((自然人|个人)\)|[\u3400-\u9fff](先生|女士)$")
_APART = re.compile(r"\s*[\u3400-\u9fff]{1,3}\s+[\u3040-\u30ff\u3400-\u9fff]{1,3}\s*\Z")  # 山田 太郎
_WORD = r"[A-Z][\w'’.-]*"
_LATIN = re.compile(rf"(?P<turned>{_WORD}(?: {_WORD})?,\s*{_WORD}(?:\s+{_WORD})*)|{_WORD}(?:\s+{_WORD}){{1,3}}")
_INITIAL = re.compile(r"[A-Z](?:\.-?[A-Z])*\.?")


@dataclass(frozen=True)
class _Signs:
    """What tells a person: signs of headers, first characters of names, endings of organisations."""

    headers: re.Pattern[str]
    surnames: frozenset[str]
    common: frozenset[str]
    compound: tuple[str, ...]
    organisations: tuple[str, ...]
    bodies: re.Pattern[str]
    given: frozenset[str]


@lru_cache(maxsize=1)
def _signs() -> _Signs:
    words = read_toml("persons.toml")
    ends = (*words["organisations"], *read_toml("names.toml")["trades"])
    return _Signs(
        re.compile("|".join(words["headers"])),
        frozenset(words["surnames"]),
        frozenset(words["common"]),
        tuple(words["compound"]),
        ends,
        re.compile(words["bodies"], re.IGNORECASE),
        frozenset(words["given"].split()),
    )


def of_person(header: str) -> bool:
    """Tell whether a header that no type knows names persons, or how to reach them.

    Examples
    --------
    >>> of_person("企业联系人及电话"), of_person("代理机构")
    (True, False)
    """
    return _signs().headers.search(header.lower()) is not None


def is_person(name: str, full: bool = True) -> bool:
    """Tell whether a cell that may hold an organisation or a person names a person.

    Parameters
    ----------
    full
        Organisations stand under their full names here: two characters are a person, too
        (张三). Where short names are usual (华为, 巴斯夫), only three or more with a common surname are.

    Examples
    --------
    >>> [is_person(n) for n in ("张三丰", "张三", "欧阳示例", "示例大学", "东岳集团", "阿不都·热合曼")]
    [True, True, True, False, False, True]
    >>> is_person("华为", full=False)
    False
    >>> [is_person(n) for n in ("山田 太郎", "Smith, John", "John A. Smith", "LG Chem", "John Deere Co.")]
    [True, True, True, False, False]
    """
    signs = _signs()
    if full and name.isascii():
        return _is_latin_person(name.strip())
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", name))
    if _CALLED.search(text):
        return True
    text = _ADDED.sub("", text)
    bare = re.sub("[·•・]", "", text)
    if len(bare) < 2 or not _HAN.match(bare) or bare.endswith(signs.organisations):
        return False
    if bare != text:
        return len(bare) <= 12
    if full and _APART.match(name):
        return True
    if len(text) == 4 or (len(text) == 3 and text.startswith(signs.compound)):
        return text.startswith(signs.compound)
    if full:
        return len(text) <= 3 and text[0] in signs.surnames
    return len(text) == 3 and text[0] in signs.common


def _is_latin_person(text: str) -> bool:
    """Surname, Given; a name with an initial; a common given name first: and no word of an organisation."""
    found = _LATIN.fullmatch(text)
    if found is None or _signs().bodies.search(text):
        return False
    words = text.replace(",", " ").split()
    initials = [bool(_INITIAL.fullmatch(word)) for word in words]
    if found["turned"] or words[0].lower() in _signs().given:
        return not all(initials)
    return any(initials) and sum(not one and len(word) > 2 for one, word in zip(initials, words, strict=True)) in (1, 2)
