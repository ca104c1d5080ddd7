"""Items: a cell that lists several things is cut into them, never inside a name.

What a mark means is told from what stands around it: the slash of AC/DC电源模块 and the comma of
1,4-丁二醇 belong to a name, those of MDI/TDI and 电芯，模组 stand between two. Numbers of a list
(1. ① （一） ·) go, and of products what is done with them: verbs are none, nor is what is only traded.
Words: ``[list]`` of the vocabulary, and the verbs that attach reads by.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from ...graph.columns.arrays import Bools
from ...graph.columns.text import LIST_SEPARATOR
from ...graph.schema.words import read_toml
from ..headers.persons import is_person
from .marks import is_mark

WORDS, THINGS, PRODUCTS, BODIES, CODES, INDUSTRIES = "words", "things", "products", "bodies", "codes", "industries"
"""What a list holds: words of any kind, names of things, products of a firm, organisations, codes, industries."""

_OPEN, _CLOSE = "（([【〔《“｛{", "）)]】〕》”｝}"
_ALWAYS = "、；;|｜\n\r\t" + LIST_SEPARATOR + "•●■◆◇□▪►▶➢"
_LOCANT = r"(?:\d{1,2}[a-zA-Z]?['′’]*|[NOSPnosp]['′’]*|[α-ωΑ-Ω])"
# Commas that are no separators: locants of a compound, thousands, what follows the name of a company.
_KEPT_COMMA = re.compile(
    rf"(?<![A-Za-z\d]){_LOCANT}(?:[,，]{_LOCANT})+(?=[-‐－—]|[A-Za-z\u4e00-\u9fff\[(（])|(?<![\d.])\d{{1,3}}(?:,\d{{3}})+(?!\d)"
    r"|,\s*(?=(?:Ltd|Limited|Inc|LLC|LLP|Corp|Co\b|S\.?A\b|S\.?p\.?A|GmbH|PLC|plc|L\.P)\b)"
)
_HAN = r"[\u3400-\u9fff]"
_WORD = re.compile(rf"{_HAN}{{2,}}(?:[（(][^（）()]*[）)])?")
_BARE = re.compile(r"[A-Za-z][A-Za-z0-9.+\-]+")
_BODY = re.compile(
    r"(?:公司|集团|厂|大学|学院|研究院|研究所|中心|实验室|医院|协会|学会|合作社|委员会|有限合伙|\(有限合伙\))$"
)
_CIRCLED = re.compile(r"[①-⑳㉑-㉟❶-❿⑴-⒇⒈-⒛⓵-⓾]|[0-9]\ufe0f?\u20e3")
_NUMBERED = re.compile(r"^(?:\d{1,2}[.．)）]|[（(](?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）])\s*(?![\d.])")
_BULLET = re.compile(r"(?:^|(?<=\s))[·・‧*\-–—>]\s+(?=\S)|^[·・‧*]\s*(?=\S)")
_SO_ON = re.compile(
    r"(?<![高中同平对均优头次初])等(?:\d+[余多]?[种个款项家类])?(?:(?:多个)?系列)?(?:产品|服务|业务|设备|装备|材料|企业|公司|单位)?$"
)
_JOINT = re.compile(r"以及|[和及与]")
_NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True)
class Items:
    """The items of a cell, and what stands in it that is none: verbs, trades, marks."""

    found: tuple[str, ...]
    left: tuple[str, ...] = ()


def split_cell(text: str, kind: str = WORDS) -> list[str]:
    """Return the items of a cell.

    Examples
    --------
    >>> split_cell("隔膜、电解液（含添加剂、溶剂）/铜箔")
    ['隔膜', '电解液（含添加剂、溶剂）', '铜箔']
    >>> split_cell("AC/DC电源模块；1,4-丁二醇，MDI/TDI")
    ['AC/DC电源模块', '1,4-丁二醇', 'MDI', 'TDI']
    """
    return list(items(text, kind).found)


def items(text: str, kind: str = WORDS) -> Items:
    """Return the items of a cell and what was left out of it.

    Parameters
    ----------
    kind
        What the list holds: one of this module's constants.

    Examples
    --------
    >>> items("锂电池、充电器的研发、生产、销售", PRODUCTS)
    Items(found=('锂电池', '充电器'), left=('研发、生产、销售',))
    """
    if not _busy(kind).search(text):
        parts = [p.strip() for p in _PLAIN.split(text)]
        return _apart([p for p in parts if p], WORDS)
    if kind == CODES:
        parts = [p.strip() for p in _scan(text, _ALWAYS)]
        return _apart([p for p in parts if p], kind)
    if kind == INDUSTRIES and _one_industry(text):
        return Items((text.strip(),))
    left: list[str] = []
    plain = _unnumbered(text)
    if kind == PRODUCTS:
        plain = _without_verbs(plain, left)
    found: list[str] = []
    for passage in _scan(plain, "；;。|｜\n\r" + LIST_SEPARATOR if kind == PRODUCTS else "\n\r" + LIST_SEPARATOR):
        parts = [piece for part in _scan(_marked(passage), _ALWAYS + "，,") for piece in _by_context(part, kind)]
        found += _tidy(parts, kind)
    made = _apart(found, kind)
    return Items(made.found, (*left, *made.left))


_STRONG = re.compile(rf"[；;|｜\n\r\t{LIST_SEPARATOR}]")
_COUNTRY = re.compile(
    r"\s*[\[【](?:[A-Z]{2}(?:[/,][A-Z]{2})*|(?:中国)?(?:台湾|香港|澳门)|[中美日韩德法英]国?|日本|荷兰|瑞士|瑞典)[\]】]"
    rf"(?=\s*(?:$|[、，,；;|｜\n\r{LIST_SEPARATOR}]))"
)
_EASTERN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


def bodies(text: str) -> Items:
    """Return the organisations that a cell of applicants names, without the marks of their countries.

    Where semicolons or bars part them, a comma stays inside a name in Latin script.

    Examples
    --------
    >>> bodies("示例有限公司[CN]; Board of Trustees, Example College").found
    ('示例有限公司', 'Board of Trustees, Example College')
    """
    text = _COUNTRY.sub("", text)
    if is_person(text):
        return Items((text,))
    found: list[str] = []
    left: list[str] = []
    for part in filter(None, map(str.strip, _STRONG.split(text))) if _STRONG.search(text) else ():
        one = items(part, BODIES) if _EASTERN.search(part) else _apart([part.strip(" ,")], BODIES)
        found += one.found
        left += one.left
    return Items(tuple(found), tuple(left)) if found or left else items(text, BODIES)


def _busy_with_verbs() -> str:
    """Where verbs say that something is done with products: behind 的, alone, in runs, before all, of trade."""
    activity, book = read_toml("attach.toml")["activity"], _book()

    def either(words: Iterable[str]) -> str:
        return f"(?:{'|'.join(sorted(map(re.escape, set(words))))})"

    every, plain = either([*activity["makes"], *activity["sells"], *activity["serves"]]), either(book.verbs)
    apart, gap = "[、，,；;。|\n]", r"[及和与并兼/\s]*"
    return "|".join((
        rf"[的之]{every}",
        rf"(?:^|{apart})\s*{every}(?:{gap}{every})*(?:$|{apart}|[及和与]|业务|服务)",
        rf"{plain}[、，,/及和与并兼且以\s]*{plain}",
        rf"(?:^|[；;。\n])\s*{either(activity['leads'])}",
        rf"{either(book.trade)}(?:业务|服务)?(?:$|{apart})",
        "技术(?:服务|开发|咨询|交流|转让|推广)|自营"))  # fmt: skip


_PLAIN = re.compile(f"[{_ALWAYS}]")


def needs_reading(texts: pa.Array, kind: str) -> Bools:
    """Tell which texts are more than names between plain separators; the others may be ``plainly_parted``."""
    told: Bools = pc.match_substring_regex(texts, _busy(kind).pattern).to_numpy(zero_copy_only=False)
    return told


def plainly_parted(texts: pa.Array) -> pa.Array:
    """Return texts with their plain separators made the list separator; null where nothing is left."""
    if not pc.any(pc.match_substring_regex(texts, _PLAIN.pattern)).as_py():
        return texts
    parted = pc.replace_substring_regex(texts, pattern=f"{_PLAIN.pattern}+", replacement=LIST_SEPARATOR)
    trimmed = pc.utf8_trim(parted, LIST_SEPARATOR)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


@lru_cache(maxsize=8)
def _busy(kind: str) -> re.Pattern[str]:
    """What makes a cell more than names between plain separators: most cells have nothing of it."""
    wide = "\u3000\u00a0０-９"  # white space and digits of full width
    marks = rf"[，,/／\s{wide}·・‧()（）\[\]【】〔〕《》“”｛｝{{}}①-⓿❶-➓]|^[*>–—-]"
    marks += rf"|(?:^|[、，,;；。：:])(?:\d{{1,3}}|[{_NUMERALS}]{{1,3}})[.．、)）]"
    if kind == CODES:
        marks = rf"[\s{re.escape(_OPEN)}]"
    elif kind == INDUSTRIES:
        marks += "|业|活动|组织|机构"
    if kind in (THINGS, PRODUCTS, BODIES, INDUSTRIES):
        marks += "|等|[和及与]"
    if kind == PRODUCTS:
        marks += f"|{_busy_with_verbs()}|主|包|专|致力|从事|(?:产品|业务|项目)(?:[:：、;；|]|$)|生产|提供|。|其[他它]"
    return re.compile(marks)


def _tidy(parts: list[str], kind: str) -> list[str]:
    """Take numbers, bullets and 等 off the items of one passage, and part what 和 joins at its end."""
    made = [_NUMBERED.sub("", _BULLET.sub("", p.strip())).strip() for p in parts]
    made = [m for m in made if m]
    if not made or kind == WORDS:
        return made
    last = _SO_ON.sub("", made[-1])
    made[-1:] = [last] if last else []
    if kind in (THINGS, PRODUCTS) and made:
        made[-1:] = _joined(made[-1], len(made) > 1)
    return made


def _apart(found: list[str], kind: str) -> Items:
    """Leave out items that are marks for nothing, and of products those that are activities."""
    good: list[str] = []
    left: list[str] = []
    for item in found:
        none = is_mark(item) or (kind == PRODUCTS and bool(_verbs().alone.fullmatch(_fold(item))))
        (left if none else good).append(item)
    return Items(tuple(good), tuple(left))


def _scan(text: str, separators: str) -> Iterator[str]:
    """Yield the parts between separators that stand outside brackets."""
    depth, start = 0, 0
    for at, char in enumerate(text):
        if char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            depth = max(0, depth - 1)
        elif depth == 0 and char in separators:
            yield text[start:at]
            start = at + 1
    yield text[start:]


_HIDDEN = "\ue000"  # stands for a comma that belongs to a name while a text is cut


def _marked(text: str) -> str:
    if "," not in text and "，" not in text:
        return text
    return _KEPT_COMMA.sub(lambda hit: hit[0].replace(",", _HIDDEN).replace("，", _HIDDEN + "\ue001"), text)


def _shown(text: str) -> str:
    return text.replace(_HIDDEN + "\ue001", "，").replace(_HIDDEN, ",")


def _by_context(part: str, kind: str) -> Iterator[str]:
    """Cut one part at slashes and spaces where they stand between names."""
    for piece in _slashes(_shown(part).strip()):
        words = piece.split()
        if len(words) > 1 and (
            all(_BODY.search(w) for w in words) if kind == BODIES else all(_WORD.fullmatch(w) for w in words)
        ):
            yield from words
        else:
            yield piece


def _slashes(text: str) -> list[str]:
    parts = [p.strip() for p in _scan(text, "/／")]
    if len(parts) < 2:
        return [text]
    given = [p for p in parts if p]
    if len(given) < 2:
        return given
    book = _book()
    folded = unicodedata.normalize("NFKC", "/".join(given)).upper()
    if folded in book.slash or (book.compound.search(given[-1]) and not book.compound.search(given[0])):
        return [text]
    han = [bool(re.search(_HAN, p)) for p in given]
    if all(han):
        alike = all(len(re.sub(r"[（(].*?[）)]", "", p)) > 1 for p in given)
    elif any(han):
        alike = False
    else:
        alike = all(_BARE.fullmatch(p) or " " in p or p[0] in _OPEN for p in given)
    return given if alike else [text]


def _joined(item: str, listed: bool) -> list[str]:
    """Part two items that 和 joins: in a list, or where both end alike; never within a word."""
    hits = [h for h in _JOINT.finditer(item) if not _inside_word(item, h)]
    if len(hits) != 1:
        return [item]
    hit = hits[0]
    left, right = item[: hit.start()].strip(), item[hit.end() :].strip()
    if not (_WORD.fullmatch(left) and _WORD.fullmatch(right)) or right.startswith(("其", "相关", "配套", "其他")):
        return [item]
    if left[-1] == right[-1] or (listed and not _book().shared.search(right)):
        return [left, right]
    return [item]


def _inside_word(item: str, hit: re.Match[str]) -> bool:
    around = item[max(0, hit.start() - 2) : hit.end() + 2]
    return any(w in around for w in _book().joint_words)


def _one_industry(text: str) -> bool:
    """Tell whether 、 and 和 stand inside the name of an industry: 酒、饮料和精制茶制造业."""
    parts = [p.strip() for p in re.split("[、，,]", text.strip())]
    if len(parts) < 2 or re.search(r"[;；|\n]", text) or not re.search(r"(?:业|活动|组织|机构)$", parts[-1]):
        return False
    inner = not any(re.search("业$", p) for p in parts[:-1])
    return inner and (bool(re.search("[和及]", text)) or all(len(p) == 1 for p in parts[:-1]))


# numbers -------------------------------------------------------------------------------------------


def _unnumbered(text: str) -> str:
    """Turn the numbers of a list into line breaks."""
    made = _CIRCLED.sub("\n", text)
    made = re.sub(r"(?:^|(?<=[\s；;]))[·・‧]\s*(?=\S)", "\n", made) if re.search(r"^\s*[·・‧]", made) else made
    if re.match(r"\s*[·・‧]", text):
        made = re.sub(r"[·・‧]", "\n", made)
    made = re.sub(r"\n\s+", "\n", made)  # a run of breaks is one: each would be looked through to its end
    for style in (r"[（(]{n}[)）]", r"(?<![\d.]){n}[.．、)）](?!\d)"):
        made = _sequence(made, style, [str(n) for n in range(1, 31)])
    for style in (r"[（(]{n}[)）]", r"{n}[、.．]"):
        made = _sequence(made, style, list(_NUMERALS))
    return made


def _sequence(text: str, style: str, numbers: list[str]) -> str:
    """Replace 1, 2, 3 … of one style; the first must open the text, a line, or follow a colon."""
    first = re.search(rf"(?:^|[\n:：])\s*(?P<mark>{style.format(n=numbers[0])})", text)
    if first is None:
        return text
    pieces, start = [text[: first.start("mark")]], first.end("mark")
    for number in numbers[1:]:
        hit = re.search(style.format(n=number), text[start:])
        if hit is None:
            break
        pieces.append(text[start : start + hit.start()])
        start += hit.end()
    return "\n".join([*pieces, text[start:]])


# verbs ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Verbs:
    intro: re.Pattern[str]
    after: re.Pattern[str]
    before: re.Pattern[str]
    alone: re.Pattern[str]
    makes: re.Pattern[str]


@lru_cache(maxsize=1)
def _verbs() -> _Verbs:
    activity, book = read_toml("attach.toml")["activity"], _book()

    def either(words: list[str]) -> str:
        return "|".join(sorted(map(re.escape, set(words)), key=lambda w: (-len(w), w)))

    makes, sells, serves = activity["makes"], activity["sells"], activity["serves"]
    every = either([*makes, *sells, *serves])
    plain = either(book.verbs)
    gap = r"(?:[、,，/及和与并兼\s]|以及|并且)"
    end = r"(?:及其?|等)?(?:相关)?(?:业务|活动|服务|为主|为一体|一体化)*等?(?=\s*(?:$|[；;。，,、\n]))"
    run = rf"(?:{plain})(?:{gap}*(?:{plain}))+"
    lead = rf"(?:{either(activity['leads'])})(?!{either([*activity['names_after'], *book.names_after])}|$|[、，,；;])"
    return _Verbs(
        intro=re.compile(rf"^\s*(?:{book.intro})[:：]?\s*"),
        after=re.compile(rf"(?:的|之)(?:(?:{every})(?:{gap}*(?:{every}))*){end}|(?:{run}){end}"),
        before=re.compile(rf"(?:(?:{plain})(?:{gap}*(?:{plain}))+|{lead})(?:[:：]|的)?(?=\S)"),
        alone=re.compile(
            rf"(?:(?:{every})(?:{gap}*(?:{every}))*|.+(?:{either(book.trade)}))(?:业务|服务)?|{book.none}"
        ),
        makes=re.compile(either([*makes, *activity["developing"], "研究", "研制"])),
    )


def _without_verbs(text: str, left: list[str]) -> str:
    """Take introductions and what is done with products out of a text; what is only traded goes with it."""
    verbs = _verbs()
    made = []
    for passage in re.split(r"([；;。\n\r])", text):
        plain = verbs.intro.sub("", passage)
        lead = verbs.before.match(plain)
        if lead is not None and len(plain) > lead.end() and _worth(lead[0]):
            left.append(lead[0])
            plain = plain[lead.end() :] if verbs.makes.search(lead[0]) else _dropped(plain[lead.end() :], left)
        made.append(_tails(plain, verbs, left))
    return "".join(made)


def _worth(run: str) -> bool:
    """A run of verbs before a product needs one of making or selling: 检测设计系统 is a name."""
    return bool(_book().core.search(run))


def _tails(text: str, verbs: _Verbs, left: list[str]) -> str:
    """Take runs of verbs behind products out; products that are only sold or served go with them."""
    made, start = "", 0
    for hit in verbs.after.finditer(text):
        before = text[start : hit.start()]
        if not re.sub(r"[、,，及和与\s]", "", before) or (hit[0][0] not in "的之" and before[-1:] in "、,，"):
            continue
        if hit[0][0] not in "的之" and not _worth(hit[0]):
            continue
        left.append(re.sub("^[的之]", "", hit[0]))
        made += (before if verbs.makes.search(hit[0]) else _dropped(before, left)) + "；"
        start = hit.end()
    return made + text[start:]


def _dropped(text: str, left: list[str]) -> str:
    left.append(text.strip("、,，；; "))
    return ""


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip(" .。")


@dataclass(frozen=True)
class _Book:
    slash: frozenset[str]
    compound: re.Pattern[str]
    shared: re.Pattern[str]
    joint_words: tuple[str, ...]
    verbs: list[str]
    core: re.Pattern[str]
    trade: list[str]
    names_after: list[str]
    none: str
    intro: str


@lru_cache(maxsize=1)
def _book() -> _Book:
    words = read_toml("vocabulary.toml")["list"]
    return _Book(
        slash=frozenset(words["slash"]),
        compound=re.compile(words["compound"]),
        shared=re.compile(words["shared"]),
        joint_words=tuple(words["joint_words"]),
        verbs=words["verbs"],
        core=re.compile("|".join(words["core"])),
        trade=words["trade"],
        names_after=words["names_after"],
        none=words["none"],
        intro=words["intro"],
    )


__all__ = ["BODIES", "CODES", "INDUSTRIES", "PRODUCTS", "THINGS", "WORDS", "Items", "bodies", "items", "split_cell"]
