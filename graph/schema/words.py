"""Words and messages in both languages, read from ``schema/words.toml`` and ``messages.toml``.

zh/en pairs live in these files, not in code: a label or a sentence is changed there.
"""

from __future__ import annotations

import locale
import os
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any


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
    return str(pair[lang]).format_map({k: str(v) for k, v in values.items()})


def word(group: str, key: str, lang: str) -> str:
    """Return one label, e.g. ``word("status", "missing", "zh")`` → 缺环."""
    return str(read_toml("words.toml")[group][key][lang])


def pairs(group: str) -> dict[str, dict[str, str]]:
    """Return a group of labels, ``{key: {"zh": …, "en": …}}``."""
    return dict(read_toml("words.toml")[group])
