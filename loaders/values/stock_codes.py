"""Stock codes: one cell becomes the code of a listing, of the kind that its market has.

Mainland, Hong Kong and Taiwan codes are kinds of their own; of other markets the ticker is kept with its
market (AAPL.US). The market stands in the cell, in a column beside it, or is that of the list; digits without
any are read only where one reading is left. Zeros that a spreadsheet dropped come back. Words and suffixes of
markets: ``[market]`` of the vocabulary.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from ...graph.schema.words import read_toml
from .plain import Refused

CN, HK, TW, ABROAD = "stock", "hk", "tw", "ticker"
"""Types of properties that hold codes of listings."""
FAMILY = (CN, HK, TW, ABROAD)

ELSEWHERE = "abroad"
"""What digits alone stand for where the row is abroad: a code of no market at home."""

_OWN = {"cn": CN, "hk": HK, "tw": TW}
MAINLAND = r"(?:00|20|30|60|68|90|43|83|87|88|92|40|42)[0-9]{4}"
_MAINLAND = re.compile(MAINLAND)
_SHENZHEN = 4000  # codes 000001 to 003999 are those that can lose zeros
_LABEL = re.compile(r"(?:股票|证券|證券|股份)?(?:代码|代碼|代号|代號)?$")
_BRACKETS = str.maketrans("()[]{}【】〔〕", " " * 10)
_ONE = re.compile(r"[\s.:]+")
_PLACE = re.compile(r"(?:省|市|地区|地區|特别行政区|特別行政區)$")
_SEVERAL = re.compile(r"[、,;/|\n]+")


@dataclass(frozen=True)
class Listing:
    """A code as it is kept: type of its property, the code, and whether zeros were given back."""

    kind: str
    code: str
    zeros: bool = False


def read_codes(text: str, home: str | None = "cn", market: str = "") -> list[Listing]:
    """Return the listings that a cell names; several where it holds the codes of several markets.

    Parameters
    ----------
    home
        ``cn``, ``hk`` or ``tw``: what digits alone stand for in this list; None where that is open,
        ``ELSEWHERE`` where it is none of these.
    market
        What the row says of its market, if anything.

    Raises
    ------
    Refused
        ``reject_stock``: no code; ``reject_stock_market``: a code of which the market is not known.

    Examples
    --------
    >>> [read_codes(t)[0].code for t in ("sh600309", "1", "700.HK", "2330 TT", "NASDAQ:AAPL", "00700")]
    ['600309', '000001', '00700', '2330', 'AAPL.US', '00700']
    >>> [(c.kind, c.code) for c in read_codes("600309.SH/00939.HK")]
    [('stock', '600309'), ('hk', '00939')]
    """
    folded = unicodedata.normalize("NFKC", text).upper().translate(_BRACKETS).strip()
    try:
        return [_one(folded, home, market)]
    except Refused as bad:
        for parts in (_SEVERAL.split(folded), folded.split()):
            given = [p.strip() for p in parts if p.strip()]
            if len(given) > 1:
                try:
                    return list(dict.fromkeys(_one(p, home, market) for p in given))
                except Refused:
                    continue
        raise bad from None


def one_code(text: str, kind: str) -> str:
    """Return the code of a cell that holds one, of the kind that its property is."""
    found = read_codes(text, home_of(kind, "", (), ()))
    if len(found) != 1 or found[0].kind != kind:
        raise Refused("reject_stock")
    return found[0].code


def _one(text: str, home: str | None, market: str) -> Listing:
    parts = [piece for part in _ONE.split(text) if part for piece in _apart(part)]
    book = _markets()
    if not parts:
        raise Refused("reject_stock")
    if len(parts) == 1:
        return _bare(parts[0], home, market)
    first = parts[0] in book and (":" in text or parts[-1] not in book)
    if not first and parts[-1] not in book:
        raise Refused("reject_stock")
    word = parts.pop(0 if first else -1)
    group = book[word]
    if len(parts) > 1 and any(p.isdigit() for p in parts):
        parts = [p for p in parts if book.get(p) != group]
    return _of(group, ".".join(parts), word)


def _apart(part: str) -> list[str]:
    """Take a market off the digits it is written to: SH600309, 港股00700, 600309SH."""
    label = _LABEL.sub("", part)
    book = _markets()
    found = re.fullmatch(r"(\D+?)(\d{1,6})|(\d{1,6})(\D+)", label)
    if found is None:
        return [label] if label else []
    before, after, code = found[1], found[4], found[2] or found[3]
    before = _LABEL.sub("", before) if before else before
    if before and before in book:
        return [before, code]
    return [code, after] if after and after in book else [label]


def _bare(code: str, home: str | None, market: str) -> Listing:
    """Read a code that names no market by the row's market, else by the list's."""
    groups = market_groups(market)
    group = next(iter(groups)) if len(groups) == 1 else None
    mainland = bool(_MAINLAND.fullmatch(code))
    if (
        group is not None
        and not (group == "cn" and _short_with_zero(code))
        and not (group in ("hk", "tw") and mainland)
    ):
        return _of(group, code, "")
    if not code.isascii() or not code.isdigit():
        tickers = re.fullmatch(r"[A-Z]{1,6}\d?|\d{3}[A-Z]|\d{4}[A-Z]?", code)
        raise Refused("reject_stock_market" if tickers else "reject_stock")
    if home == ELSEWHERE:
        raise Refused("reject_stock_market")
    if _short_with_zero(code):
        return _of("hk", code, "")  # who kept one zero lost none: only Hong Kong writes five digits, or four
    if len(code) == 6 and (mainland or home != "tw"):
        return Listing(CN, code)
    try:
        if home is not None and len(code) <= 6:
            return _of(home, code, "")
    except Refused:
        pass
    raise Refused("reject_stock" if len(code) > 5 else "reject_stock_market")


def _short_with_zero(code: str) -> bool:
    return code.isdigit() and code.startswith("0") and len(code) in (4, 5) and bool(code.strip("0"))


def _of(group: str, code: str, word: str) -> Listing:
    """Return a code of one market, checked against the form that its codes have."""
    if group == "cn":
        if re.fullmatch(r"\d{6}", code):
            return Listing(CN, code)
        if re.fullmatch(r"\d{1,5}", code) and 0 < int(code) < _SHENZHEN and word not in ("SH", "SS", "BJ", "OC", "NQ"):
            return Listing(CN, code.zfill(6), True)
    elif group == "hk":
        if re.fullmatch(r"\d{1,5}", code) and int(code):
            return Listing(HK, code.zfill(5), not word and len(code) < 5)
    elif group == "tw":
        if re.fullmatch(r"\d{4,6}[A-Z]?", code):
            return Listing(TW, code)
    elif re.fullmatch(
        r"(?=.*[A-Z])[A-Z0-9]{1,7}(?:[.\-/][A-Z0-9]{1,3})?"
        if group == "US"
        else r"[A-Z0-9&]{1,10}(?:[.\-/][A-Z0-9]{1,3})?",
        code,
    ):
        lost = group == "KR" and code.isdigit() and len(code) < 6
        return Listing(ABROAD, f"{code.zfill(6) if lost else re.sub('[-/]', '.', code)}.{group}", lost)
    raise Refused("reject_stock")


def market_groups(text: str) -> frozenset[str]:
    """Return the markets that a cell of a column of markets names."""
    book = _markets()
    folded = unicodedata.normalize("NFKC", text).upper().strip()
    if folded in book:
        return frozenset((book[folded],))
    parts = (_PLACE.sub("", p) for p in re.split(r"[、,;/|+\s()\-:]+|和|及", folded))
    found = {book[p] for p in parts if p in book}
    return frozenset(found or _inside(folded))


def _inside(text: str) -> set[str]:
    """Return the markets whose words stand in a text (香港联交所主板); a board counts where no exchange is named."""
    found: dict[str, str] = {}
    for word in sorted(_markets(), key=len, reverse=True):
        if len(word) >= 2 and not word.isascii() and word in text:
            found[word] = _markets()[word]
            text = text.replace(word, " ")
    exchanges = {market for word, market in found.items() if not word.endswith("板")}
    return exchanges or set(found.values())


def home_of(kind: str, header: str, names: Iterable[str], bare: Iterable[str]) -> str | None:
    """Return what digits alone stand for in a column of codes.

    Parameters
    ----------
    kind
        Type of the property that the header means.
    names, bare
        Distinct names of the list, and distinct texts of the column that are digits alone.
    """
    own = {CN: "cn", HK: "hk", TW: "tw", ABROAD: None}[kind]
    if kind != CN:
        return own
    names = list(names)
    telling = {char for char in set("".join(names)) if _only_big5(char)}  # most lists have none, and are many names
    if traditional(header) or (telling and sum(not telling.isdisjoint(n) for n in names) >= 0.3 * len(names)):
        return "tw"
    digits = set(bare)
    beyond = any(len(d) < 6 and not d.startswith("0") and int(d) >= _SHENZHEN for d in digits)
    return None if beyond and not any(_MAINLAND.fullmatch(d) for d in digits) else "cn"


def traditional(text: str) -> bool:
    """Tell whether a text has a character that Taiwan's everyday set has and the mainland's has not.

    Examples
    --------
    >>> traditional("示例電機股份有限公司"), traditional("示例电机股份有限公司")
    (True, False)
    """
    return any(_only_big5(char) for char in text)


@lru_cache(maxsize=1 << 15)
def _only_big5(char: str) -> bool:
    if not "\u4e00" <= char <= "\u9fff":
        return False
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        try:
            char.encode("big5")
        except UnicodeEncodeError:
            return False
        return True
    return False


@lru_cache(maxsize=1)
def _markets() -> dict[str, str]:
    book: dict[str, str] = {}
    for group, words in read_toml("vocabulary.toml")["market"].items():
        for word in words:
            book.setdefault(word.upper(), group)
    return book


__all__ = [
    "ABROAD",
    "CN",
    "ELSEWHERE",
    "FAMILY",
    "HK",
    "MAINLAND",
    "TW",
    "Listing",
    "home_of",
    "market_groups",
    "one_code",
    "read_codes",
    "traditional",
]
