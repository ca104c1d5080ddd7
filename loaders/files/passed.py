"""Rows that are no data: titles, totals, notes and signatures, rows of units or numbers under a header.

They are told as passed over, never taken for facts and never refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

EXAMPLE = "【示例】"  # begins the first cell of a template's example row
BEGINS = "合总小共累注备说填制审资数单【以（(负盖签联经批编报※*续接第—─-本排此附带▲△★☆◆◇●○■□（"
"""First characters of what may be no data: a column is looked through for these before anything else."""
SUSPECT = (
    r"^\s*(?:总\s*[数家户量]|附\s*[件表录]|带\s*[※*▲△★☆◆◇●○■□]"
    r"|[▲△★☆◆◇●○■□]+\s*(?:[号的者为是表代指标]|.{0,20}说明)"
    r"|[合总小累]\s*计|共\s*[计有\d０-９]|备\s*注|注|说\s*明|填\s*[表报]|制\s*表|审\s*[核批]|资\s*料|数\s*据|单\s*位"
    r"|以\s*[上下]|负\s*责|盖\s*章|签\s*[字章]|联\s*系|经\s*办|批\s*准|编\s*制|报\s*送|续|接\s*[上下]|第\s*[\d０-９]"
    r"|本\s*[表页]|排\s*名|此\s*页|[【（(※*—─-])"
)
"""What the cells that begin so are looked at one by one for."""
_TOTAL = re.compile(r"(本[页表栏类组市县区省州]|以上|全部)?(合计|总计|小计|共计|累计)(数|[:：]|\(.{0,8}\))?\Z")
_COUNT = re.compile(
    r"(以上|本表|本页|全部)?(合计|总计|共计|小计|共有?|计|总(数|家数|户数|量))[:为是]?\d+"
    r"(家|户|个|项|名|条|种|人|件|所|款|批)?"
    r"(企业|单位|产品|机构|项目)?[。.]?\Z"
)
_NOTE = re.compile(
    r"[※*]{0,9}(注|备注|说明|填表|填报|制表|审核|资料来源|数据来源|单位)\d*\s*(\d|[:：、.人※*▲△★☆]|说明)"
)
_FOOT = re.compile(
    r"[-—─*※]*\(?(以下(空白|无正文|无内容|无)|此页无正文|本页无正文)\)?[-—─*※]*\Z|[※*]*.{0,12}排名不分先后[。.]?\Z"
    r"|[-—]*第\d+页|附[件表录](?=.)([\d一二三四五六七八九十]+([-—]\d+)?)?(:.*|.{0,30}(名单|名录|表|清单|目录))?\Z"
    r"|续上?表|\(?续(表|上页)?\)?\Z|接(上|下)页|[-—]+完[-—]+\Z"
)
_LEGEND = re.compile(
    r"带?[※*▲△★☆◆◇●○■□]+(号|的|者)*(为|是|表示|代表|指|标[注记]|.{0,20}说明[。.]?\Z)"
    r"|以[上下](数据|企业|名单|信息|资料|单位|产品|内容|排序|排列)?(均|为|所列|仅|按|由|来自|来源|截至|截止|以|不|系|摘自).{2,}"
)
"""What a mark beside names means (*为新增企业), what all of the above is; no firm is called so."""
_FIRM = re.compile(r"(公司|集团|厂|院|所|社|店|中心|大学|学校)(\(.{0,200}\))?\Z")
_SIGNED = re.compile(
    r"(单位|部门|企业|公司|填报|填表|制表|编制|审核|复核|审批|批准|经办|统计|报送)?"
    r"(负责人|法人|单位|人|盖章|\(盖章\)|\(公章\)|公章|签字|\(签字\)|签章|日期|时间|联系人|联系电话|电话)"
    r"(\((盖章|公章|签字|签章)\))?[:：]"
)
_META = re.compile(r"(单位|日期|时间|年度|表号|文号|批准|有效期|填报|填表|制表|联系|电话|编号|地区|所属).{0,8}[:：]")
_NUMBER = re.compile(r"[+-]?[\d,]*\d(\.\d+)?%?\Z|\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?([T ].*)?\Z")
_UNIT = re.compile(
    r"\(?(?:单位[::]?)?((?:[百千]?万|亿|千)?元|%|家|户|个|人|万人|吨|万吨|台|套|件|辆|年|日|天|项|亩|"
    r"平方米|公顷|万?美元|千瓦时?|公里|[-—/])\)?\Z"
)
_MONEY = re.compile(r"([百千]?万|亿|千)?元\Z|%\Z")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_./()&-]*")
_JOINT = re.compile(r"(?<=[a-z])_(?=[a-z\d])")
_PLURAL = re.compile(r"(?<=[a-z])\(s\)")
_ORDER = "甲乙丙丁戊己庚辛壬癸"


def plain(text: str) -> str:
    """Return a cell for comparison: NFKC, no white space."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def header_word(text: str) -> str:
    """Return a header for comparison, also without what joins words in Latin script: filing_date is Filing Date.

    Examples
    --------
    >>> header_word("Filing Date"), header_word("applicant(s)_1")
    ('filingdate', 'applicants1')
    """
    return _JOINT.sub("", _PLURAL.sub("s", plain(text).lower()))


def number_like(cell: str) -> bool:
    """Tell whether a cell is a number or a date; a year may be a header.

    Examples
    --------
    >>> number_like("1,234.5"), number_like("2023"), number_like("2023-05"), number_like("甲")
    (True, False, True, False)
    """
    text = plain(cell)
    return bool(_NUMBER.match(text)) and not re.fullmatch(r"(19|20)\d\d", text)


def title_like(row: Sequence[str]) -> bool:
    """Tell whether a row of a wide table holds one text only, once or in each cell of a merged range."""
    return len(row) > 1 and len({c.strip() for c in row if c.strip()}) <= 1


def meta(row: Sequence[str]) -> bool:
    """Tell whether a row says something of the table: who filled it in, when, in what unit."""
    filled = [plain(c) for c in row if c.strip()]
    told = [c for c in filled if ":" in c]
    return (
        bool(told)
        and (2 * len(told) >= len(filled) or bool(_META.match(filled[0])))
        and any(_META.match(c) or _SIGNED.match(c) for c in told)
    )


def no_data(cells: Sequence[str]) -> str | None:
    """Return ``total``, ``note`` or ``example`` for a row that is no data, None for one that is.

    Examples
    --------
    >>> no_data(["合计", "", "42"]), no_data(["注：以上为预计数", "", ""]), no_data(["合计科技有限公司", "x"])
    ('total', 'note', None)
    >>> no_data(["以上共12家", "", ""]), no_data(["", "（以下空白）"]), no_data(["填表人：甲", "", "审核人：乙"])
    ('total', 'note', 'note')
    """
    filled = [c.strip() for c in cells if c and c.strip()]
    if not filled:
        return None
    if filled[0].startswith(EXAMPLE):
        return "example"
    first = [plain(c) for c in filled[:2]]
    alone = len(set(first)) == 1 and len(filled) in (1, len(cells))
    if any(_TOTAL.match(c) for c in first) or (alone and len(cells) > 1 and _COUNT.match(first[0])):
        return "total"
    if alone and len(cells) > 1 and any(shape.match(first[0]) for shape in (_NOTE, _FOOT, _SIGNED)):
        return "note"
    if alone and len(cells) > 1 and _LEGEND.match(first[0]) and not _FIRM.search(first[0]):
        return "note"
    if alone and (_FOOT.match(first[0]) or re.match(r"(注|备注|说明|资料来源|数据来源)[:：]", first[0])):
        return "note"
    if len(filled) > 1 and _SIGNED.match(first[0]) and 2 * sum(":" in plain(c) for c in filled) >= len(filled):
        return "note"
    return None


# under a header ----------------------------------------------------------------------------------


def below(rows: Sequence[Sequence[str]], headers: list[str], known: Callable[[str], bool]) -> tuple[int, list[str]]:
    """Return how many rows right under a header are no data, and the headers with their units."""
    count = 0
    while count < min(3, len(rows)):
        row = [plain(c) for c in rows[count]]
        filled = [c for c in row if c]
        after = rows[count + 1] if count + 1 < len(rows) else ()
        if filled and all(_UNIT.match(c) for c in filled) and any(c.strip("()-—/") for c in filled):
            headers = [h + unit_of(row[at]) if at < len(row) and h.strip() else h for at, h in enumerate(headers)]
        elif not (_numbering(filled, after) or _other_language(filled, headers, known, after)):
            break
        count += 1
    return count, headers


def unit_of(cell: str) -> str:
    """Return the unit that a cell under a header gives it, in brackets; nothing for units that no amount has."""
    found = _UNIT.match(cell)
    return f"（{found[1]}）" if found and _MONEY.match(found[1]) else ""


def _numbering(filled: Sequence[str], after: Sequence[str]) -> bool:
    """Tell whether cells number the columns: 1 2 3, 甲 乙 1 2, ① ②; rows of numbers follow no such row.

    Two cells are none: 甲 and 乙 may be the first row of who supplies whom.
    """
    cells = [c.strip("()[]栏列") for c in filled]
    cells = cells[1:] if cells and cells[0] in ("", "次", "号", "序号", "行次") else cells
    letters = 0
    while letters < len(cells) and letters < len(_ORDER) and cells[letters] == _ORDER[letters]:
        letters += 1
    digits = cells[letters:]
    counted = [str(n) for n in range(1, len(digits) + 1)]
    alphabet = [chr(65 + n) for n in range(len(digits))] if not letters else None
    if len(cells) < 3 or digits not in (counted, alphabet):
        return False
    behind = [c for c in after if c and c.strip()]
    return any(not number_like(c) for c in behind)


def _other_language(
    filled: Sequence[str], headers: Sequence[str], known: Callable[[str], bool], after: Sequence[str]
) -> bool:  # fmt: skip
    """Tell whether a row says the header again in another script: Name, City under 企业名称, 所在市.

    Where the row after it is in that script too, only a row of known words is no data.
    """
    chinese = [bool(re.search("[\u4e00-\u9fff]", h)) for h in headers if h]
    latin = [bool(_WORD.fullmatch(c)) for c in filled]
    if len(filled) < 2 or not chinese or any(latin) != all(latin) or sum(chinese) not in (0, len(chinese)):
        return False
    if all(latin) != all(chinese):
        return False
    told = sum(map(known, filled))
    if told == len(filled):
        return True
    following = [plain(c) for c in after if c.strip()]
    if not following or all(bool(_WORD.fullmatch(c)) == latin[0] for c in following):
        return False
    if told >= 2 and 2 * told >= len(filled):
        return True
    return all(latin) and told >= 1 and len(filled) >= 3 and any("_" in c or c.islower() for c in filled)
