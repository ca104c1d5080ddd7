"""Words of headers: what people write around the word itself: units, years, remarks, marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from .table import fold

LONGEST = 200  # characters of a header that is taken apart; longer ones are no words
COUNTS = frozenset(("家", "个", "人", "名", "件", "项", "户", "次", "年", "所", "亩", "条", "支", "只", "位", "项目"))
_FOREIGN = r"(?:千|万|百万|萬|億|亿)?(?:美元|美金|欧元|日元|港元|港币|新台币|新臺幣|英镑)"
_MONEY = rf"(?:人民币)?(?:(?:千|百|十万|万|百万|千万|亿|億|萬|千萬|百萬)?元|{_FOREIGN})(?:人民币)?"
_MEASURE = (
    r"公顷|平方米|平方公里|m2|㎡|吨|万吨|千克|公斤|kg|台|套|台套|万台|万套|辆|万辆|米|千米|kwh|gwh|mw|gw|kw|万千瓦|"
    r"小时|天|月|分|分/年"
)
_A_YEAR = r"(?:/年|/a|每年)?"
_UNIT = rf"(?:{_MONEY}|(?:{_MEASURE}){_A_YEAR}|%|{'|'.join(sorted(COUNTS, key=len, reverse=True))})"
_ENDS = re.compile(rf"^(.+?)(?:[(\[【](?:单位[::]?)?({_UNIT})[)\]】]|[:/,、]?单位[::]({_UNIT})|[:/]({_MONEY}))$")
_MARKS = re.compile(r"^(?:\[标\]|[①-⑳]|[★☆●◆▲※#]|\(\d{1,2}\)|\d{1,2}[.、.](?!\d))+|(?<![::;。*★※])[::;。*★※]+$")
_REMARK = re.compile(
    r"[(\[【](?:全称|盖章|公章|加盖公章|必填|选填|可选|非必填|必选|多选|可多选|单选|\d+位|是/否|是否|有/无|服务|"
    r"可多填|可填多个|如有|若有|中文|规范名称|"
    r"与营业执照一致|营业执照|以[^()]{1,8}为准|按[^()]{1,8}填写|请填写[^()]{0,8}|限\d+字(?:以内|内)?|不超过\d+字|"
    r"\d+字(?:以内|内)|yyyy[^()]*|年/?月/?日?|年月日?|"
    r"格式[^()]{0,14}|请[^()]{0,12}|元/人民币|项|上市公司|股票代码)[)\]】]$"
)
_YEAR = re.compile(r"^((?:19|20)\d\d)年?(?:度|末|底|全年)?(?=[^\d-])|\(((?:19|20)\d\d)年?(?:度|末|底)?\)$")
_COARSE = (
    ("备注", 5),
    ("remark", 5),
    ("門類", 4),
    ("门类", 4),
    ("大类", 3),
    ("中类", 2),
    ("小类", 1),
    ("一级", 3),
    ("二级", 2),
    ("三级", 1),
    ("四级", 0),
)


@dataclass(frozen=True)
class Said:
    """A header taken apart: ``full`` as written, ``text`` without marks and unit."""

    full: str
    text: str
    unit: str

    def candidates(self) -> Iterator[tuple[str, str, str]]:
        """Yield (word, unit, year), the most literal reading first."""
        yield self.full, self.unit, ""
        yield self.text, self.unit, ""
        bare = self.text
        while (shorter := _REMARK.sub("", bare)) != bare and shorter:
            bare = shorter
            yield bare, self.unit, ""
        found = _YEAR.search(bare)
        if found:
            rest = _YEAR.sub("", bare, count=1)
            if rest:
                again = said(rest)
                yield again.text, self.unit or again.unit, found[1] or found[2]


@lru_cache(maxsize=4096)
def said(header: str) -> Said:
    """Take a header apart.

    Examples
    --------
    >>> said("2024年营业收入（億元）").unit
    '亿元'
    >>> [word for word, *_ in said("★2024年 营业收入（必填）(万元)").candidates()][-1]
    '营业收入'
    """
    full = fold(header)
    if len(full) > LONGEST:
        return Said(full, full, "")
    text = _MARKS.sub("", full) or full
    unit = ""
    if found := _ENDS.match(text) or _ENDS.match(_REMARK.sub("", text)):
        unit = next(u for u in found.groups()[1:] if u)
        text = found[1]
    return Said(full, _MARKS.sub("", text) or text, _simplified(unit))


def _simplified(unit: str) -> str:
    return unit.replace("億", "亿").replace("萬", "万").replace("臺幣", "台币").replace("人民币", "")


def coarseness(header: str) -> int:
    """Return how coarse a class is that a header names, 小类 before 大类; a remark comes after all that says more."""
    return next((rank for word, rank in _COARSE if word in header.lower()), 1)
