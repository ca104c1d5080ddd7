"""Words and messages in both languages, read from ``words.toml`` and ``messages.toml`` beside this module.

zh/en pairs live in these files, not in code: a label or a sentence is changed there. Queries name
what they say (``Sentence``, ``Word``, ``Label``); views and the terminal write it with ``in_words``.
"""

from __future__ import annotations

import locale
import os
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from .short import as_text


@lru_cache(maxsize=8)
def read_toml(name: str) -> dict[str, Any]:
    """Return a TOML file of ``graph/schema`` as a dictionary."""
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return tomllib.loads(text)


def default_language() -> str:
    """Return ``zh`` or ``en``: CHAINATLAS_LANG, else the locale, zh when unsure."""
    asked = os.environ.get("CHAINATLAS_LANG", "").lower()
    if asked[:2] in ("zh", "en"):
        return asked[:2]
    name = locale.getlocale()[0] or ""
    return "en" if name.lower().startswith("en") else "zh"


def message(code: str, lang: str, /, **values: object) -> str:
    """Return the sentence ``code`` in ``lang`` with its values filled in."""
    pair = read_toml("messages.toml")[code]
    return str(pair[lang]).format_map({k: as_text(str(v)) for k, v in values.items()})


def word(group: str, key: str, lang: str) -> str:
    """Return one label, e.g. ``word("status", "missing", "zh")`` → 缺环."""
    return str(read_toml("words.toml")[group][key][lang])


def pairs(group: str) -> dict[str, dict[str, str]]:
    """Return a group of labels, ``{key: {"zh": …, "en": …}}``."""
    return dict(read_toml("words.toml")[group])


@dataclass(frozen=True)
class Word:
    """A label of ``words.toml`` that is not written yet; a key that the group lacks stands for itself."""

    group: str
    key: str

    def text(self, lang: str) -> str:
        """Return the label in ``lang``."""
        pair = read_toml("words.toml")[self.group].get(self.key)
        return self.key if pair is None else str(pair[lang])


@dataclass(frozen=True)
class Label:
    """A pair of labels that comes from elsewhere than ``words.toml``: a type's or a property's."""

    zh: str
    en: str

    def text(self, lang: str) -> str:
        """Return the label in ``lang``."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True)
class Sentence:
    """A message of ``messages.toml`` with its values, not written yet.

    A value may be text, a number, another ``Sentence``, ``Word`` or ``Label``, or several of these.
    """

    code: str
    values: tuple[tuple[str, object], ...] = ()

    def text(self, lang: str) -> str:
        """Return the sentence in ``lang``."""
        return message(self.code, lang, **{name: in_words(value, lang) for name, value in self.values})


@dataclass(frozen=True)
class Joined:
    """Several texts written after each other, with a separator that may itself be a sentence."""

    parts: tuple[object, ...]
    separator: object = ""

    def text(self, lang: str) -> str:
        """Return the parts in ``lang``, joined."""
        return str(in_words(self.separator, lang)).join(str(in_words(part, lang)) for part in self.parts)


Said = Word | Label | Sentence | Joined


def sentence(code: str, /, **values: object) -> Sentence:
    """Return a message to be written later, with its values.

    Examples
    --------
    >>> sentence("why_adequate", n=3).code
    'why_adequate'
    """
    frozen = ((name, tuple(value) if isinstance(value, list) else value) for name, value in values.items())
    return Sentence(code, tuple(frozen))


def in_words(value: object, lang: str) -> Any:
    """Return what a query said in one language: texts for what was named, other values as they are.

    Several values of a sentence are joined by 、; in a row of a table (a list) they stay several.
    """
    if isinstance(value, Said):
        return value.text(lang)
    if isinstance(value, tuple):
        return "、".join(str(in_words(part, lang)) for part in value)
    if isinstance(value, list):
        return [in_words(part, lang) for part in value]
    return value
