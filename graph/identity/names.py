"""Names of organisations, split into place, brand with trade, and legal form, in columns.

    山东省烟台市万华化学（集团）股份有限公司 → place 370600 · core 万华化学 · group 集团 · full

The split serves comparison only; the text as given stays what people see. The vocabulary is
``schema/names.toml``, places are the bundled divisions. Traditional characters become
simplified ones (OpenCC ``t2s`` only: the regional variants exchange words, too).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..columns.arrays import Bools, Ints
from ..columns.text import name_keys
from ..schema.words import read_toml
from .seats import names_place, placed

_HAN = r"\p{Han}"


@dataclass(frozen=True)
class Names:
    """Names in parts; every array has one entry a name.

    Attributes
    ----------
    stem
        What is left without brackets, marks of the exchanges, legal form and group word.
    core
        The stem without its place: brand and trade. Of a branch, its whole name.
    group
        集团, 控股 … or an empty text.
    form
        The legal form, or an empty text: then the name is a short one.
    former
        A former name that the text gives in brackets, as its match key; null without one.
    branch
        The name is that of a part of a firm, or bears a number or letter behind its legal form.
    body
        The word for a kind of body that ends a name without legal form (大学, 医院, 交易所 …), else empty.
    share
        The letter of the share that ends a short name (鄂武商A), else empty.
    province, city, county
        Division codes of the place in the name (6 digits), −1 where it says nothing; 中国 alone
        is 100000 among the provinces. A county that the name leaves open has a code of its own (``seats``).
    """

    stem: pa.Array
    core: pa.Array
    group: pa.Array
    form: pa.Array
    former: pa.Array
    branch: Bools
    body: pa.Array
    share: pa.Array
    province: Ints
    city: Ints
    county: Ints

    @property
    def full(self) -> Bools:
        """The name ends in a legal form."""
        return _mask(pc.not_equal(self.form, ""))

    @property
    def finest(self) -> Ints:
        """Code of the finest place in each name, −1 without one."""
        return np.where(self.county >= 0, self.county, np.where(self.city >= 0, self.city, self.province))

    def followed(self, others: Names) -> Names:
        """Return these names with others behind them."""
        made: dict[str, Any] = {}
        for field in fields(self):
            mine, theirs = getattr(self, field.name), getattr(others, field.name)
            array = isinstance(mine, pa.Array)
            made[field.name] = pa.concat_arrays([mine, theirs]) if array else np.concatenate([mine, theirs])
        return Names(**made)


def share_letters(keys: pa.Array) -> pa.Array:
    """Return the letter of the share that ends each short name (鄂武商A), else an empty text."""
    return pc.fill_null(pc.struct_field(pc.extract_regex(keys, _rules().share), "share"), "")


def split(names: pa.Array) -> Names:
    """Split a column of names without nulls (see ``Names``).

    Examples
    --------
    >>> made = split(pa.array(["山东万华化學(集團)股份有限公司", "*ST万华", "甲公司（原乙公司）"]))
    >>> made.core.to_pylist(), made.group.to_pylist(), made.province.tolist()
    (['万华化学', '万华', '甲'], ['集团', '', ''], [370000, -1, -1])
    >>> made.former.to_pylist()
    [None, None, '乙公司']
    """
    rules = _rules()
    text, former = _without_former(simplified(name_keys(names)))
    branch = _mask(pc.match_substring_regex(text, rules.branch))
    share = share_letters(text)
    plain = pc.replace_substring_regex(text, r"[^\p{L}\p{N}*-]", "")
    form = _tail(plain, rules.form)
    full = pc.not_equal(form, "")
    long = _without(plain, rules.form)
    short = pc.replace_substring_regex(_without_marks(text, rules), r"[^\p{L}\p{N}]", "")
    stem = pc.if_else(full, pc.replace_substring_regex(long, r"[*-]", ""), _without(short, rules.short_form))
    group = _tail(stem, rules.group)
    stem = _without(stem, rules.group)
    whole = pa.array(branch)
    stem = pc.if_else(whole, plain, stem)
    core, codes = placed(stem)
    group, form = pc.if_else(whole, "", group), pc.if_else(whole, "分", form)
    body = pc.if_else(pc.and_(pc.equal(form, ""), pc.equal(group, "")), _tail(stem, rules.body), "")
    share = pc.if_else(pc.equal(form, ""), share, "")
    return Names(stem, pc.if_else(whole, stem, core), group, form, former, branch, body, share, *codes)


def simplified(keys: pa.Array) -> pa.Array:
    """Return texts with traditional characters made simplified, character by character.

    OpenCC is asked only for characters outside GB 2312, which holds no traditional ones but a
    few that are both (乾, 著) and stay as they are.
    """
    chars = set("".join(keys.drop_null().to_pylist())) if len(keys) else set()
    odd = [c for c in sorted(chars) if "\u3400" <= c <= "\u9fff" and not _in_gb2312(c)]
    if not odd:
        return keys
    from opencc import OpenCC

    told = OpenCC("t2s").convert("\n".join(odd)).split("\n")
    table = {ord(old): new for old, new in zip(odd, told, strict=True) if old != new}
    if not table:
        return keys
    hit = _mask(pc.match_substring_regex(keys, f"[{''.join(map(chr, table))}]"))
    made = [text.translate(table) for text in keys.filter(pa.array(hit)).to_pylist()]
    return pc.replace_with_mask(keys, pa.array(hit), pa.array(made, pa.string()))


def _in_gb2312(char: str) -> bool:
    try:
        return bool(char.encode("gb2312"))
    except UnicodeEncodeError:
        return False


def trade_of(core: str) -> tuple[str, str]:
    """Split a core into brand and trade; the trade is empty when no known one ends it.

    Examples
    --------
    >>> trade_of("万华化学"), trade_of("宁德时代新能源科技"), trade_of("小松")
    (('万华', '化学'), ('宁德时代', '新能源科技'), ('小松', ''))
    """
    found = _rules().trade.fullmatch(core)
    return (found[1], found[2]) if found else (core, "")


def trades_in(rest: str) -> bool:
    """Tell whether a trade stands in a text."""
    return bool(_rules().trades.search(rest))


def lesser(rest: str) -> bool:
    """Tell whether what a short name leaves out of a full one makes it another firm.

    It does when it holds another body (出版社), what a firm does beside its trade (物流, 财务), a
    number or letter, or a place.

    Examples
    --------
    >>> lesser("新能源科技"), lesser("进出口"), lesser("建筑设计研究院"), lesser("二"), lesser("(北京)")
    (False, True, True, True, True)
    >>> lesser("历下区"), lesser("(中国)"), lesser("(越南)"), lesser("(华南)")
    (True, True, True, True)
    """
    return bool(_rules().lesser.search(rest)) or names_place(rest)


@dataclass(frozen=True)
class _Rules:
    """The vocabulary as patterns."""

    form: str
    short_form: str
    group: str
    branch: str
    body: str
    share: str
    before: str
    before_han: str
    after: str
    former: str
    trade: re.Pattern[str]
    trades: re.Pattern[str]
    lesser: re.Pattern[str]


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    words = read_toml("names.toml")

    def any_of(name: str, literal: bool = True) -> str:
        return "|".join(re.escape(w) if literal else w for w in words[name])

    trades = "|".join(sorted(map(re.escape, words["trades"]), key=len, reverse=True))
    numbered = rf"(?:{any_of('forms')}|集团)[(\[]?(?:{any_of('numbers', literal=False)})[)\]]?(?:{any_of('parts')})?$"
    return _Rules(
        form=f"(?:{any_of('forms')})$", short_form=f"(?:{any_of('short_forms')})$",
        group=f"(?:{any_of('groups')})+$", branch=f"{any_of('branches')}|{numbered}",
        body=f"(?:{any_of('bodies')})$", share=f"{_HAN}(?P<share>[ab])股?$",
        before=f"^(?:{any_of('marks_before', literal=False)})+",
        before_han=f"^(?:{any_of('marks_before_han')})({_HAN})",
        after=f"({_HAN})(?:{any_of('marks_after', literal=False)})$",
        former=rf"[(\[](?:{any_of('former')})[:为是]*([^():\[\]]{{1,}}(?:[(\[][^()\[\]]*[)\]][^()\[\]]*)?)[)\]]",
        trade=re.compile(f"(.{{2,}}?)((?:{trades})+)"),
        trades=re.compile(trades),
        lesser=re.compile("|".join([any_of("bodies"), any_of("side_trades"), any_of("numbers", literal=False),
                                    any_of("elsewhere")])),
    )  # fmt: skip


def _mask(values: pa.Array) -> Bools:
    made: Bools = values.fill_null(False).to_numpy(zero_copy_only=False)
    return made


def _without(text: pa.Array, pattern: str) -> pa.Array:
    """Take an ending off where two characters or more remain."""
    made = pc.replace_substring_regex(text, pattern, "")
    return pc.if_else(pc.less(pc.utf8_length(made), 1), text, made)


def _tail(text: pa.Array, pattern: str) -> pa.Array:
    """Return the ending that ``_without`` takes off, or an empty text."""
    rest = pc.utf8_length(_without(text, pattern)).to_numpy(zero_copy_only=False)
    size = pc.utf8_length(text).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(rest < size)
    made = np.full(len(text), "", object)
    for at, cell in zip(rows.tolist(), text.take(pa.array(rows)).to_pylist(), strict=True):
        made[at] = cell[int(rest[at]) :]
    return pa.array(made, pa.string())


def _without_former(text: pa.Array) -> tuple[pa.Array, pa.Array]:
    pattern = _rules().former
    has = _mask(pc.match_substring_regex(text, pattern))
    if not has.any():
        return text, pa.nulls(len(text), pa.string())
    found = pc.struct_field(pc.extract_regex(text, pattern.replace("([^", "(?P<name>[^", 1)), "name")
    return pc.replace_substring_regex(text, pattern, ""), found


def _without_marks(text: pa.Array, rules: _Rules) -> pa.Array:
    made = pc.replace_substring_regex(text, rules.before, "")
    made = pc.replace_substring_regex(made, rules.before_han, r"\1")
    made = pc.replace_substring_regex(made, rules.after, r"\1")
    return pc.if_else(pc.less(pc.utf8_length(made), 2), text, made)
