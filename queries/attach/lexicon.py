"""Lexicon: the words that attach goes by, read once, and text brought to one writing."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from ...graph.schema.words import read_toml

# Spelled-out dashes, dots and quotes that lists use for one another.
_SAME_MARKS = str.maketrans("—–－〔〕【】[]", "---()()()", "·•“”\"‘’'")
SPELLINGS = "写法.csv"
_LATIN = re.compile(r"[A-Z0-9]")
_SPACE = re.compile(r"\s")
_IDLE_SPACE = re.compile(r"(?<=[^A-Z0-9])\s+|\s+(?=[^A-Z0-9])|^\s+|\s+$")  # any but between Latin words


def alternation(words: Iterable[str]) -> str:
    """Return a pattern that matches any of the words, the longest first."""
    return "|".join(re.escape(w) for w in sorted(set(words), key=lambda w: (-len(w), w)))


@dataclass(frozen=True, eq=False)  # one a process: kept by identity
class Lexicon:
    """Words of product lists (``attach.toml``) and spellings that mean the same (``写法.csv``)."""

    words: Mapping[str, Any]
    spellings: tuple[tuple[str, str], ...]

    @cached_property
    def _spelling(self) -> tuple[re.Pattern[str], dict[str, str]]:
        table = dict(self.spellings)
        parts = []
        for text in sorted(table, key=lambda w: (-len(w), w)):
            before = r"(?<![A-Z0-9])" if _LATIN.match(text[0]) else ""
            after = r"(?![A-Z0-9])" if _LATIN.match(text[-1]) else ""
            parts.append(f"{before}{re.escape(text)}{after}")
        return re.compile("|".join(parts) or r"(?!)"), table

    def normal(self, text: str) -> str:
        """Return a text in the writing that all are compared in: width, case, marks and spellings made one.

        Examples
        --------
        >>> lexicon().normal("ＡＩ服务器")
        '人工智能服务器'
        """
        plain = unicodedata.normalize("NFKC", text).upper().translate(_SAME_MARKS)
        if _SPACE.search(plain):
            plain = _IDLE_SPACE.sub("", plain)
        pattern, table = self._spelling
        return pattern.sub(lambda hit: table[hit.group()], plain)

    def listed(self, part: str, name: str) -> tuple[str, ...]:
        """Return a list of words of the lexicon."""
        return tuple(self.words[part][name])

    @cached_property
    def harmless(self) -> re.Pattern[str]:
        """Whole text of words that tell only how a product is."""
        names = self.words["names"]
        return re.compile(f"(?:{alternation(names['harmless'])}|{names['measure']}|{names['code']}|[/、,.+-])*")

    @cached_property
    def how(self) -> re.Pattern[str]:
        """Words of two characters and more, and measures, that tell only how a product is."""
        names = self.words["names"]
        words = alternation(w for w in names["harmless"] if len(w) > 1)
        return re.compile(f"(?:{words}|(?<![A-Z])[0-9][0-9.]*(?:KV|V|KW|MW|AH|MM|%|吨|米|微米|寸)(?:级)?)")

    @cached_property
    def tails(self) -> re.Pattern[str]:
        """Words at the end that leave a product what it is."""
        return re.compile(f"(?:{alternation(self.words['names']['tails'])})$")

    @cached_property
    def machine_tails(self) -> re.Pattern[str]:
        """Words at the end that leave a machine what it is."""
        return re.compile(f"(?:{alternation(self.words['names']['machine_tails'])})$")

    @cached_property
    def machine(self) -> re.Pattern[str]:
        """Names of machines."""
        return re.compile(self.words["names"]["machine"])

    @cached_property
    def material_tails(self) -> re.Pattern[str]:
        """Words at the end that leave a material what it is."""
        return re.compile(f"(?:{alternation(self.words['names']['material_tails'])})$")

    @cached_property
    def other_before(self) -> re.Pattern[str]:
        """Words right before a name that make it another thing."""
        return re.compile(f"(?:{alternation(self.words['other']['before'])})$")

    @cached_property
    def morphemes(self) -> re.Pattern[str]:
        """Chemical morphemes at the end of a modifier."""
        return re.compile(self.words["other"]["morphemes"])

    @cached_property
    def compound(self) -> re.Pattern[str]:
        """Names of chemical compounds."""
        return re.compile(self.words["other"]["compound"])

    @cached_property
    def wide(self) -> frozenset[str]:
        """Heads that say nothing of one link."""
        return frozenset(self.normal(w) for w in self.words["names"]["wide"])

    @cached_property
    def loose_ends(self) -> re.Pattern[str]:
        """Ends of a name that may be left out."""
        return re.compile(f"(?:{alternation(self.words['names']['loose_ends'])})$")


@cache
def lexicon() -> Lexicon:
    """Return the lexicon that comes with the package."""
    text = files("chainatlas.data").joinpath(f"terms/{SPELLINGS}").read_text(encoding="utf-8-sig")
    rows = [(_upper(r["写法"]), _upper(r["统一为"])) for r in csv.DictReader(io.StringIO(text))]
    return Lexicon(read_toml("attach.toml"), tuple(rows))


def _upper(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper().translate(_SAME_MARKS).strip()
