"""Evidence: what the cells of a column look like, and whether they can be what a header is guessed to mean.

Told from the texts alone: a column of addresses on the web is no shareholder, a counter no title of honour.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from ...graph.schema.types import Link, Property
from ...graph.schema.words import read_toml
from ..files.raw import RawSheet
from .persons import is_person

LOOKED_AT = 300  # distinct cells that a guess is tested on
LONGEST = 200  # characters of a cell that are looked at
_MOST, _MANY = 0.8, 0.5

_KINDS = {
    "url": r"(https?://|www\.)\S+|[\w-]+(\.[\w-]+)*\.(com|cn|net|org|gov|edu|io|tw|hk)(\.\w{2})?(/\S*)?",
    "mail": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "phone": r"(\+?86-?)?1[3-9]\d{9}|0\d{2,3}[-\s]?\d{7,8}(-\d+)?|\d{3,4}-\d{7,8}",
    "colour": r"#[0-9a-f]{3,8}|rgba?\(.*\)|(red|green|blue|black|white|gr[ae]y|yellow|orange|purple|pink)|"
    r"[\u4e00-\u9fff]{1,3}色",
    "date": r"(19|20)\d\d([-./年]\d{1,2}([-./月]\d{1,2}日?)?月?|年)?([T ].*)?|(19|20)\d{2}[01]\d[0-3]\d|"
    r"[二一][〇零九]\S{2}年\S*|长期",
    "number": r"[-+]?\d[\d,]*(\.\d+)?",
    "percent": r"\d+(\.\d+)?%",
    "amount": r"约?[-+]?[\d,.]+\s*[-~—–]?\s*[\d,.]*\s*"
    r"((千|万|百万|千万|亿)?(元|美元|欧元|港元|日元)?|usd|rmb)(人民币|整)?|"
    r"[零〇一二三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]+元?整?",
    "uscc": r"[0-9A-HJ-NPQRTUWXY]{18}",
    "stock": r"((sh|sz|bj|hk|nasdaq|nyse)[.:]?)?[0-9a-z]{1,6}([.: ][a-z]{1,4})?",
    "code": r"[0-9A-Za-z][0-9A-Za-z._/()〔〕\[\]号第—-]{0,40}",
    "stage": r"(产业链)?[上中下]游(环节)?|(up|mid|down)stream",
    "bool": r"是|否|有|无|√|×|✓|y(es)?|no?|true|false|0|1",
    "place": r"[\u3400-\u9fff·()/\s-]{2,24}",
    "address": r".*([路街道巷弄村镇乡区县市省](.*\d+号?)?|号|室|楼|\bNo\b|Road|Street|Ave).*",
    "level": r".*[级类].*",
    "title": r".*(企业|单位|奖|示范|冠军|小巨人|专精特新|高新|级|称号|强|品牌|商标|中心|基地|瞪羚|独角兽|名牌).*",
}


@lru_cache(maxsize=64)
def _pattern(kind: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{_KINDS[kind]})\Z", re.IGNORECASE)


@lru_cache(maxsize=1)
def _endings() -> tuple[str, ...]:
    """Endings of the names of organisations."""
    return (*read_toml("persons.toml")["organisations"], "co.,ltd.", "ltd", "inc", "inc.", "corp", "gmbh", "university")


def cells_of(raw: RawSheet, at: int) -> tuple[str, ...]:
    """Return distinct filled cells of a column's first piece, in order."""
    texts = pc.unique(pc.utf8_trim_whitespace(raw.columns[at].cast(pa.string())))[: LOOKED_AT + 1].to_pylist()
    return tuple(unicodedata.normalize("NFKC", t[:LONGEST]) for t in texts if t)[:LOOKED_AT]


def share(kind: str, cells: Sequence[str]) -> float:
    """Return the share of cells that are of a kind."""
    return sum(_pattern(kind).match(c) is not None for c in cells) / len(cells) if cells else 0.0


def _organisations(cells: Sequence[str]) -> float:
    return sum(c.lower().endswith(_endings()) for c in cells) / len(cells) if cells else 0.0


def _persons(cells: Sequence[str]) -> float:
    return sum(is_person(c) for c in cells) / len(cells) if cells else 0.0


_BODIES = {
    "Enterprise": r"公司|集团|厂|股份|(co\.,? ?)?ltd\.?| co\.?|inc\.?|corp\.?|gmbh",
    "Institute": r"大学|学院|研究院|研究所|科学院|university",
    "Platform": r"实验室|中心|laboratory",
}


def body(cells: Sequence[str]) -> str | None:
    """Return the type of organisation that most names end like, if one."""
    for kind, ends in _BODIES.items():
        if cells and sum(bool(re.search(rf"({ends})$", c.lower())) for c in cells) >= 0.6 * len(cells):
            return kind
    return None


def counts(cells: Sequence[str]) -> bool:
    """Tell whether cells are 1, 2, 3 …"""
    numbers = [c.rstrip("0").rstrip(".") if "." in c else c for c in cells]
    return (
        bool(numbers)
        and all(n.isdecimal() for n in numbers)
        and [int(n) for n in numbers] == list(range(int(numbers[0]), int(numbers[0]) + len(numbers)))
    )


def _mark(cells: Sequence[str]) -> bool:
    """Cells that say how something is reached or shown, and are no name, text or figure of it."""
    return max(share(kind, cells) for kind in ("url", "mail", "phone", "colour")) >= _MANY


def _figure(cells: Sequence[str]) -> bool:
    return max(share(kind, cells) for kind in ("number", "percent", "date")) >= _MANY


def speaks(meaning: Property | Link, role: str, cells: Sequence[str]) -> bool | None:
    """Return whether the cells speak for a meaning (True), against it (False), or say nothing (None)."""
    if not cells:
        return None
    if isinstance(meaning, Link):
        return _of_link(meaning, cells)
    if role == "place":
        return _of_place(meaning, cells)
    if meaning.name == "website":
        return share("url", cells) >= _MANY
    if meaning.values and not meaning.open:
        return sum(c in meaning.values for c in cells) >= _MANY * len(cells)
    test = _TESTS.get(meaning.type)
    if test is not None:
        return test(cells)
    if _mark(cells) or share("uscc", cells) >= _MANY:
        return False
    return _of_text(meaning, cells)


def _of_text(meaning: Property, cells: Sequence[str]) -> bool | None:
    """Texts and lists: what tells one from another are the words in them."""
    if _figure(cells) or counts(cells) or _persons(cells) >= _MANY:
        return False
    if meaning.values:
        return True if any(c in meaning.values for c in cells) else None
    if meaning.name == "level":
        return share("level", cells) >= _MANY
    if meaning.name == "titles":
        return share("title", cells) >= _MANY
    if meaning.required or meaning.name in ("name", "short_name", "former_name"):
        return True if meaning.required and max(map(len, cells)) <= 60 else None
    return None


def _of_link(meaning: Link, cells: Sequence[str]) -> bool | None:
    if (
        _mark(cells)
        or _figure(cells)
        or counts(cells)
        or (share("code", cells) >= _MOST and share("number", cells) > 0)
    ):
        return False
    if share("stage", cells) >= _MANY:
        return False
    bodies = _organisations(cells)
    if set(meaning.targets) & {"Enterprise", "Institute"}:
        if _persons(cells) >= _MANY:
            return False
        return True if bodies >= _MANY else None
    if set(meaning.targets) & {"Product", "Technology", "Industry", "Chain"}:
        return False if bodies >= _MANY and share("url", cells) == 0 else None
    return None


def _of_place(meaning: Property, cells: Sequence[str]) -> bool | None:
    if _mark(cells) or _figure(cells) or counts(cells) or _persons(cells) >= _MANY or _organisations(cells) >= _MANY:
        return False
    ends = sum(c.endswith(tuple("省市区县州盟旗国")) for c in cells) / len(cells)
    if ends >= _MANY and share("place", cells) >= _MANY:
        return True
    return None if share("place", cells) >= _MOST else meaning.level == "country" and max(map(len, cells)) <= 40


def _number(cells: Sequence[str]) -> bool:
    return share("number", cells) >= _MOST and not counts(cells)


def _share(cells: Sequence[str]) -> bool:
    def fits(cell: str) -> bool:
        number = _pattern("number").match(cell) is not None and float(cell.replace(",", ""))
        return _pattern("percent").match(cell) is not None or (number is not False and 0 <= number <= 1)

    inside = sum(map(fits, cells))
    return inside >= _MOST * len(cells) and not (counts(cells) and len(cells) > 1)


def _money(cells: Sequence[str]) -> bool:
    return share("amount", cells) >= _MANY and not counts(cells)


def _integer(cells: Sequence[str]) -> bool:
    return share("number", [re.sub("[年个家人]$", "", c) for c in cells]) >= _MOST


def _code(cells: Sequence[str]) -> bool:
    return share("code", cells) >= _MOST and not counts(cells) and not _mark(cells)


def _most(kind: str, least: float = _MOST) -> Callable[[Sequence[str]], bool]:
    return lambda cells: share(kind, cells) >= least


_TESTS: dict[str, Callable[[Sequence[str]], bool]] = {
    "number": _number,
    "integer": _integer,
    "share": _share,
    "money": _money,
    "code": _code,
    "date": _most("date"),
    "uscc": _most("uscc", _MANY),
    "stock": _most("stock"),
    "stage": _most("stage"),
    "bool": _most("bool"),
    "address": lambda cells: share("address", cells) >= _MANY and not _mark(cells),
}
