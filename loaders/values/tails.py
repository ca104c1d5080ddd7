"""What stands behind a place in a cell, and what names no place at all."""

from __future__ import annotations

import re

from .gazetteer import FULL, SHORT, ZONE, is_latin, latin_key
from .latin import read as read_latin
from .reading import PLACEHOLDERS, Reader, Reading

_NOWHERE = re.compile(
    "省直|省属|省管|省本级|市本级|市直|市属|区直|区本级|县本级|自治区直|兵团直属|本级|直属|全省|全市|全区|全县|全国|省级|市级|县级|区级|"
    "省外|市外|县外|外省|外地|异地|本省|本市|本地|境外|海外|国外|国内|境内|其他|其它|不详|未知|待定|若干|多地|各市|各地|省市|跨省|跨市|县级市|地级市|区县|市县"
)
# What may stand behind a place in a cell: the place once more, a zone, a town, a street and a number.
_SAME = re.compile(
    "市?区|市?城区|主城区|市区|地区|全[市境省]|境内|市?本级|市直|各地|县城|县级市?|地级市?|直辖市|省会|副省级"
)
ZONE_TAIL = re.compile(
    ".*?(?:高新|经开|开发|保税|工业|产业|科技|创新|示范|物流|化工|合作|经济|试验|实验|新)(?:技术|产业|园|港|城|区|基地|走廊|集聚|集中)+"
)
_ADDRESS_TAIL = re.compile(
    r".*?(?:\d|路|街|道|巷|弄|号|镇|乡|村|屯|庄|园|厦|楼|座|室|栋|幢|社区|广场|中心|大学|机场|苏木|嘎查|团场)"
)
SUBDIVISION = re.compile(".*(?:镇|乡|街道|街|村|区|市|县|社区|岛|州|郡|府|都|道|园)")
EDGES = " ·・•‐-–—_~/\\,，、;；|>→:：.。"
_BRACKETS = "()[]【】"
MARKS = "*★☆●■◆△▲#'\"‘’“”「」" + EDGES


def tail(reader: Reader, key: str, reading: Reading) -> str | None:
    """Return what a cell says behind its place, "" where it says the place once more, None where it does not belong.

    Behind a place belong a zone, a town, a street and its number; behind a country, anything.
    """
    book, rest = reader.book, key[reading.end :].strip(EDGES + _BRACKETS)
    if not rest or _SAME.fullmatch(rest):
        return ""
    if is_latin(rest) and not rest[0].isdigit():
        codes, left = read_latin(book, rest, reading.code, "")
        again = book.iso.get(latin_key(rest).upper()) == reading.code or (not left and len(codes) == 1)
        return "" if again else None
    code = book.by_digits(rest)
    if code is not None:
        return "" if book.holds(code, reading.code) or book.holds(reading.code, code) else None
    return rest if _belongs(reader, rest, reading) else None


def _belongs(reader: Reader, rest: str, reading: Reading) -> bool:
    book = reader.book
    if reading.code not in book.inner and book.by_code[reading.code].level in ("country", "province"):
        return len(rest) >= 2
    if book.zone_words.get(rest, {}).get(reading.code) or any(
        n.kind == ZONE and book.holds(reading.code, n.code) for n in book.han.get(rest, ())
    ):
        return True
    if any(r.kind == FULL for r in reader.best(rest) if not book.holds(r.code, reading.code)):
        return False  # a second place: not to be told which is meant
    if ZONE_TAIL.match(rest):
        return True
    clear = reading.kind != SHORT or len(reading.ends) > 1
    return _ADDRESS_TAIL.match(rest) is not None and (clear or any(c.isdigit() for c in rest))


def is_missing(name: str) -> bool:
    """Tell whether a cell only says that a level is missing: 市辖区.

    Examples
    --------
    >>> is_missing("市辖区"), is_missing("海淀区")
    (True, False)
    """
    return name.strip() in PLACEHOLDERS


def is_nowhere(name: str) -> bool:
    """Tell whether a cell says only that no single place is meant: 省直, 全省, 其他.

    Examples
    --------
    >>> is_nowhere("省直"), is_nowhere("济南市")
    (True, False)
    """
    return _NOWHERE.fullmatch(name.strip()) is not None
