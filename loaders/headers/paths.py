"""Paths: what a column means whose header stands in several rows (主营产品·产品一), or is numbered.

Its last word, if that is a header of its own; else all words together; else the word above, where
that may hold several values and what stands under it only counts them: 产品一, 产品二, 名称, 1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...graph.schema.types import Link, Property
from ..files.frame import PATH
from ..files.passed import header_word

WHOLE, WORDS, BARE = 2, 1, 0
"""How strong a reading is: of the header as it stands, of words of its path, of a bare 名称 in it."""
Meaning = tuple[str, Property | Link | None]
_BARE = {
    "名称",
    "name",
    "代码",
    "编号",
    "code",
    "类别",
    "类型",
    "级别",
    "说明",
    "备注",
    "简介",
    "描述",
    "序号",
    "阶段",
    "年份",
    "数量",
    "单位名称",
    "全称",
    "简称",
}
"""Words that say what of the word above they give: under 法定代表人, 名称 is no firm's name."""
_NAMES = {"名称", "name", "全称", "产品名称", "企业名称", "单位名称", "公司名称", "技术名称"}
_COUNTED = re.compile(r"第?[\d一二三四五六七八九十①②③④⑤⑥⑦⑧⑨⑩]{1,3}|(?<![A-Za-z])[A-Za-z](?![A-Za-z])|[()#.、._-]")
_FILLER = re.compile(
    "主要|主营|主导|核心|重点|其他|其它|首要|次要|代表性?|产品|名称|企业|公司|单位|技术|环节|项目|大|个|种|类|及"
)
_NUMBERED = re.compile(r"(.*[^\d\W])[-_.(]?(\d{1,2}|[一二三四五六七八九十]{1,2}|[①-⑩])\)?")


def listed(meaning: Property | Link | None) -> bool:
    """Tell whether several columns of this meaning are several values, not a contradiction."""
    return isinstance(meaning, Link) or (isinstance(meaning, Property) and meaning.type == "list")


def meaning_of(header: str, known: Mapping[str, Meaning]) -> tuple[Meaning, str, int] | None:
    """Return the meaning of a header that is no word of the schema as it stands.

    Also the word of it that names a unit, and how strong the reading is: where two columns mean
    the same, the stronger one is read.

    Parameters
    ----------
    known
        What a type's headers mean, by header as ``headers.plain`` writes it.
    """
    words = [_word(w) for w in header.split(PATH) if w.strip()]
    if not words:
        return None
    if len(words) == 1:
        found = _NUMBERED.fullmatch(words[0])
        several = known.get(found[1]) if found else None
        return (several, "", WORDS) if several is not None and listed(several[1]) else None
    last, above = words[-1], words[-2]
    own = known.get(last) or known.get(_unitless(last))
    over = next((known[w] for w in reversed(words[:-1]) if w in known), None)
    if own is not None and not (last in _BARE and over is not None):
        return own, header.split(PATH)[-1], BARE if last in _BARE else WORDS
    for joined in (above + last, "".join(words)):
        if joined in known:
            return known[joined], "", WORDS
    if over is None:
        return None
    if last == "1" and above in known:
        return known[above], header.split(PATH)[-2], WORDS
    rest = words[1 + max(i for i, w in enumerate(words[:-1]) if w in known) :]
    parent = next(w for w in reversed(words[:-1]) if w in known)
    if listed(over[1]) and all(w in _NAMES or _counts(w, parent) for w in rest):
        return over, "", WORDS
    return None


def _counts(word: str, parent: str) -> bool:
    """Tell whether a word only counts what stands above it: 产品一, 客户A under 主要客户, 2."""
    left = _FILLER.sub("", _COUNTED.sub("", word))
    return not left or left in parent


def _word(text: str) -> str:
    return header_word(text).strip("*")


def _unitless(text: str) -> str:
    return re.sub(r"\([^()]{1,6}\)$", "", text)
