"""Amounts: 1.5亿, 3,000万元, 叁仟万元整, 约500万, 5000-10000万, 500万美元 as figures with what they leave open.

A plain amount becomes 元. A range has a low and a high end and no single value; a foreign
amount keeps its currency and has no value in 元; an approximate one says so. Nothing is
averaged or converted.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa

from .plain import Refused

SCALE = {"万亿": 1e12, "亿": 1e8, "千万": 1e7, "百万": 1e6, "十万": 1e5, "万": 1e4, "千": 1e3, "百": 1e2}
CURRENCY = {
    "元": "CNY", "人民币": "CNY", "rmb": "CNY", "cny": "CNY", "￥": "CNY", "¥": "CNY", "圆": "CNY",
    "美元": "USD", "美金": "USD", "usd": "USD", "$": "USD", "欧元": "EUR", "eur": "EUR", "€": "EUR",
    "日元": "JPY", "jpy": "JPY", "港元": "HKD", "港币": "HKD", "hkd": "HKD", "英镑": "GBP", "gbp": "GBP",
    "新台币": "TWD", "台币": "TWD", "twd": "TWD", "nt$": "TWD", "新臺幣": "TWD", "新台幣": "TWD",
    "hk$": "HKD", "us$": "USD", "港幣": "HKD", "人民幣": "CNY", "韩元": "KRW", "krw": "KRW",
}  # fmt: skip
PARTS = ("", "_low", "_high", "_currency", "_approx")
_APPROX = re.compile(r"^(约|大约|近|逾|超过|超|不足|不少于|不低于|约为)|(左右|余|多|以上|以下)(?=[万亿元]|$)")
_TRADITIONAL = str.maketrans("億萬圓約餘", "亿万圆约余")
_NUMBER = re.compile(r"-?[0-9][0-9,]*(?:\.[0-9]+)?")  # most cells
_RANGE = re.compile(r"[-~—–至到]{1,2}")
_LONGEST = 60  # characters of a figure, in digits or in words
_CHINESE = re.compile(r"[零〇一二三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟两]+")


@dataclass(frozen=True)
class Amount:
    """An amount in 元 (``value``), or what is known of it when there is no single one."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    currency: str | None = None
    approx: bool | None = None


def amount(text: str, unit: str = "") -> Amount:
    """Read one amount; its own currency and its own unit win over those of the header.

    Parameters
    ----------
    unit
        Unit of the header, with its currency: 万元, 万美元. A currency behind the figure (500元) is a unit
        of its own; one before it (USD 500), or a unit without one (500万), leaves open what the header says.

    Raises
    ------
    Refused
        The text is no amount.

    Examples
    --------
    >>> amount("1.5亿"), amount("叁仟万元整").value
    (Amount(value=150000000.0, low=None, high=None, currency=None, approx=None), 30000000.0)
    >>> amount("5000-10000万")
    Amount(value=None, low=50000000.0, high=100000000.0, currency=None, approx=None)
    >>> amount("500万美元").currency
    'USD'
    >>> amount("约500", "万美元")
    Amount(value=None, low=5000000.0, high=5000000.0, currency='USD', approx=True)
    """
    factor, of_header = _unit(unit)
    if _NUMBER.fullmatch(text):
        return _made([_scaled(text.replace(",", ""), factor)], of_header, None)
    plain = _folded(text)
    bare = _APPROX.sub("", plain)
    bare, currency = _currency(bare)
    approx = bare != _APPROX.sub("", bare) or _APPROX.sub("", plain) != plain or None
    plain = _APPROX.sub("", bare)
    ends = [p for p in _RANGE.split(plain) if p] if _RANGE.search(plain[1:]) else [plain]
    if not 0 < len(ends) <= 2:
        raise Refused("reject_number")
    scale = _scale(ends[-1]) or ("" if _own_unit(text) else factor)
    return _made([_figure(end, scale) for end in ends], currency or of_header, approx)


def with_unit(text: str, unit: str) -> str:
    """Write a header's unit into a cell, as far as the cell names none, so that it can stand under another header.

    Examples
    --------
    >>> [with_unit(text, "万美元") for text in ("约500", "500万", "USD 500", "500元", "面议")]
    ['约500万美元', '500万美元', 'USD 500万', '500元', '面议']
    """
    try:
        amount(text, unit)
    except Refused:
        return text
    plain = _folded(text)
    bare, currency = _currency(_APPROX.sub("", plain))
    if _own_unit(text):
        return text
    last = _RANGE.split(_APPROX.sub("", bare))[-1]
    factor, _ = _unit(unit)
    word = unit.removeprefix(factor) or "元"
    own = bool(_scale(last)) or _CHINESE.fullmatch(last) is not None
    return text + ("" if own else factor) + ("" if currency else word)


def _made(values: list[float], currency: str | None, approx: bool | None) -> Amount:
    foreign = currency if currency != "CNY" else None
    if len(values) == 2:
        low, high = sorted(values)
        return Amount(None, low, high, foreign, approx)
    if foreign:
        return Amount(None, values[0], values[0], foreign, approx)
    return Amount(values[0], None, None, None, approx)


def _folded(text: str) -> str:
    plain = re.sub(r"[\s,]", "", unicodedata.normalize("NFKC", text)).lower().translate(_TRADITIONAL)
    return re.sub(r"\(([^()\d]+)\)$", r"\1", plain).removesuffix("整")


@lru_cache(maxsize=256)
def _unit(unit: str) -> tuple[str, str | None]:
    """Take the unit of a header apart: 万美元 is 万 and USD; one that names no currency leaves it open."""
    folded = _folded(unit)
    scale = next((s for s in SCALE if folded.startswith(s)), "")
    return scale, CURRENCY.get(folded.removeprefix(scale))


def _own_unit(text: str) -> bool:
    """Tell whether a currency stands behind the figure: 500元 is 元, whatever the header says."""
    return _APPROX.sub("", _folded(text)).endswith(tuple(CURRENCY))


def _currency(text: str) -> tuple[str, str | None]:
    """Take the currency off either end; 500万元人民币 says it twice."""
    found: str | None = None
    for _ in range(2):
        for word in sorted(CURRENCY, key=len, reverse=True):
            if text != word and (text.endswith(word) or text.startswith(word)) and (
                found in (None, "CNY") or word == "元"):  # fmt: skip
                text = text.removesuffix(word) if text.endswith(word) else text.removeprefix(word)
                found = CURRENCY[word] if found is None else found
                break
    return text, found


def _scale(text: str) -> str:
    return next((s for s in SCALE if re.search(rf"[\d.]{s}$", text)), "")


def _figure(text: str, scale: str) -> float:
    if len(text) > _LONGEST:
        raise Refused("reject_number")
    found = re.fullmatch(r"(-?\d+(?:\.\d+)?(?:e[+]?\d{1,2})?)(万亿|亿|千万|百万|十万|万|千|百)?", text)
    if found:
        unit = found[2] or scale
        return _scaled(found[1], unit)
    if _CHINESE.fullmatch(text) or re.fullmatch(r"[\d.]*[\d一二三四五六七八九十百千万亿]+", text):
        import cn2an

        try:
            return float(cn2an.cn2an(text, "smart"))
        except (ValueError, OverflowError):
            raise Refused("reject_number") from None
    raise Refused("reject_number")


def _scaled(digits: str, unit: str) -> float:
    value = round(float(digits) * SCALE.get(unit, 1.0), 2)
    if not math.isfinite(value):
        raise Refused("reject_number")
    return value


def columns(name: str, made: list[Amount | None]) -> dict[str, pa.Array]:
    """Return the amount's columns; those that nothing fills are left out."""
    fields = ("value", "low", "high", "currency", "approx")
    types = (pa.float64(), pa.float64(), pa.float64(), pa.string(), pa.bool_())
    out = {}
    for part, field, kind in zip(PARTS, fields, types, strict=True):
        column = pa.array([None if m is None else getattr(m, field) for m in made], kind)
        if not part or column.null_count < len(column):
            out[f"{name}{part}"] = column
    return out
