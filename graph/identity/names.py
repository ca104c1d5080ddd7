"""Names of organisations, split into place, brand with trade, and legal form, in columns.

    山东省烟台市万华化学（集团）股份有限公司 → place 370600 · core 万华化学 · group 集团 · full

The split serves comparison only; the text as given stays what people see. The vocabulary is
``schema/names.toml``, places are the bundled divisions. Traditional characters become
simplified ones (OpenCC ``t2s`` only: the regional variants exchange words, too).
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from ..columns.arrays import Bools, Ints
from ..columns.text import name_keys
from ..schema.words import read_toml

_HAN = r"\p{Han}"
_NATION, _NATION_CODE = "中国", 100000  # a place like others: 中国电器科学研究院 is not that of 苏州
_ENDINGS = ("特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "地区", "省", "市", "盟")


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
        The name is that of a part of a firm.
    province, city, county
        Division codes of the place in the name (6 digits), −1 where it says nothing; 中国 alone
        is 100000 among the provinces.
    """

    stem: pa.Array
    core: pa.Array
    group: pa.Array
    form: pa.Array
    former: pa.Array
    branch: Bools
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
    core, codes = _placed(stem)
    return Names(stem, pc.if_else(whole, stem, core), pc.if_else(whole, "", group),
                 pc.if_else(whole, "分", form), former, branch, *codes)  # fmt: skip


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


@dataclass(frozen=True)
class _Rules:
    """The vocabulary as patterns."""

    form: str
    short_form: str
    group: str
    branch: str
    before: str
    before_han: str
    after: str
    former: str
    trade: re.Pattern[str]


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    words = read_toml("names.toml")

    def any_of(name: str, literal: bool = True) -> str:
        return "|".join(re.escape(w) if literal else w for w in words[name])

    trades = "|".join(sorted(map(re.escape, words["trades"]), key=len, reverse=True))
    return _Rules(
        form=f"(?:{any_of('forms')})$", short_form=f"(?:{any_of('short_forms')})$",
        group=f"(?:{any_of('groups')})+$", branch=any_of("branches"),
        before=f"^(?:{any_of('marks_before', literal=False)})+",
        before_han=f"^(?:{any_of('marks_before_han')})({_HAN})",
        after=f"({_HAN})(?:{any_of('marks_after', literal=False)})$",
        former=rf"[(\[](?:{any_of('former')})[:为是]*([^():\[\]]{{1,}}(?:[(\[][^()\[\]]*[)\]][^()\[\]]*)?)[)\]]",
        trade=re.compile(f"(.{{2,}}?)((?:{trades})+)"),
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


# places --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Level:
    """Spellings of the places of one level, with the code of each (−1: several bear it)."""

    names: pa.Array
    codes: Ints
    sizes: tuple[int, ...]


@lru_cache(maxsize=1)
def _levels() -> tuple[_Level, ...]:
    path = files("chainatlas.data").joinpath("divisions", "divisions.csv")
    table = pacsv.read_csv(pa.py_buffer(path.read_bytes()),
                           convert_options=pacsv.ConvertOptions(column_types={"code": pa.int64()}))  # fmt: skip
    spoken = set(read_toml("names.toml")["plain_words"])
    found: dict[str, dict[str, set[int]]] = {level: defaultdict(set) for level in ("province", "city", "county")}
    for code, name, level in zip(*(table[c].to_pylist() for c in ("code", "name", "level")), strict=True):
        bare = next((name[: -len(e)] for e in _ENDINGS if name.endswith(e) and len(name) - len(e) >= 2), name)
        if level != "county" or (name.endswith("市") and bare not in spoken):
            found[level][bare].add(code)
        if level != "county" or len(name) >= 3:
            found[level][name].add(code)
    return tuple(_level(spelled) for spelled in found.values())


def _level(spelled: dict[str, set[int]]) -> _Level:
    codes = [min(c) if len(c) == 1 else -1 for c in spelled.values()]
    sizes = sorted({len(s) for s in spelled}, reverse=True)
    return _Level(pa.array(list(spelled), pa.string()), np.array(codes, np.int64), tuple(sizes))


def is_division(name: str) -> bool:
    """Tell whether a name is that of a division of the country, whether or not a graph holds it.

    Examples
    --------
    >>> is_division("宜宾"), is_division("宜宾市"), is_division("枣装市")
    (True, True, False)
    """
    return any(pc.index_in(pa.scalar(name.strip()), value_set=level.names).is_valid for level in _levels())


def _placed(stem: pa.Array) -> tuple[pa.Array, tuple[Ints, Ints, Ints]]:
    """Take the place off the beginning; a name of which less than two characters remain keeps it."""
    nation = _mask(pc.starts_with(stem, _NATION))
    rest = pc.if_else(pa.array(nation), pc.utf8_slice_codeunits(stem, 2), stem)
    codes: list[Ints] = []
    for level, digits in zip(_levels(), (0, 10000, 100), strict=True):
        code, size = np.full(len(stem), -1, np.int64), np.zeros(len(stem), np.int64)
        above = codes[-1] if codes else code
        for length in level.sizes:  # the longest spelling wins
            at = pc.index_in(pc.utf8_slice_codeunits(rest, 0, length), value_set=level.names)
            index = at.fill_null(-1).to_numpy(zero_copy_only=False)
            found = level.codes[index]
            hit = (index >= 0) & (size == 0)
            if digits:  # what does not lie in the place before it is part of the brand
                hit &= (above < 0) | (found < 0) | (found // digits == above // digits)
            code[hit], size[hit] = found[hit], length
        for length in np.unique(size[size > 0]).tolist():
            rest = pc.if_else(pa.array(size == length), pc.utf8_slice_codeunits(rest, length), rest)
        codes.append(code)
    kept = _mask(pc.less(pc.utf8_length(rest), 2))
    province, city, county = (np.where(kept, -1, code) for code in codes)
    city = np.where((city < 0) & (county >= 0), county // 100 * 100, city)
    finer = np.maximum(city, county)
    province = np.where((province < 0) & (finer >= 0), finer // 10000 * 10000, province)
    province = np.where(nation & ~kept & (province < 0), _NATION_CODE, province)
    return pc.if_else(pa.array(kept), stem, rest), (province, city, county)
