"""Names of enterprises: the key that certain spellings share, and the parts a name is made of.

`organization_keys` goes further than `text.name_keys`, but only as far as is certain: what it
joins is one name. `parts` splits what is left into place, 字号, trade, legal form and branch,
which `matching` compares. The vocabulary stands in ``schema/names.toml``.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .canonical import flat
from .text import name_keys
from .words import read_toml

_OPEN, _CLOSE = "[\\[{〔【〈《「『<]", "[\\]}〕】〉》」』>]"
_HAN = r"\p{Han}"

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]
COUNTRY = 100000
EQUAL, INSIDE, UNTOLD, MISSING, ELSEWHERE = range(5)  # how two places stand to each other


@dataclass(frozen=True)
class NameParts:
    """The parts of one name, as they stand in its key.

    ``place`` holds the place words at the head or in brackets, ``brand`` the 字号, ``trade`` the
    trade words behind it, ``legal`` the legal form with 集团, ``branch`` what a 分公司 adds.
    """

    place: str
    brand: str
    trade: str
    legal: str
    branch: str


def organization_keys(names: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return the keys under which two spellings are certainly one name.

    On top of `text.name_keys` (NFKC, spaces, case): one style of brackets, 有限责任公司 is
    有限公司, traditional characters are simplified, and a name without the ending of a full
    name loses the marks of the exchange (\\*ST, N, XD, -U, 退 …). 分公司 stays in the key, and
    股份有限公司 stays apart from 有限公司.

    Parameters
    ----------
    names
        Text column of length n; nulls stay null.

    Returns
    -------
    pa.Array
        Keys, one a row.

    Examples
    --------
    >>> organization_keys(pa.array(["乐鑫信息科技（上海）有限责任公司", "*ST 德豪", "臺灣水泥"])).to_pylist()
    ['乐鑫信息科技(上海)有限公司', '德豪', '台湾水泥']
    """
    if isinstance(names, pa.ChunkedArray):
        names = names.combine_chunks()
    encoded = names if pa.types.is_dictionary(names.type) else names.dictionary_encode()
    keys = name_keys(encoded.dictionary.cast(pa.string()))
    keys = pc.replace_substring_regex(keys, "[\u200b\u200c\u200d\ufeff]", "")
    keys = pc.replace_substring_regex(pc.replace_substring_regex(keys, _OPEN, "("), _CLOSE, ")")
    keys = _simplified(keys)
    keys = pc.replace_substring(keys, "有限责任公司", "有限公司")
    return _unmarked(keys).take(encoded.indices)


def organization_key(name: str) -> str:
    """Return the key of one name (see `organization_keys`)."""
    return str(organization_keys(pa.array([name]))[0].as_py())


def _unmarked(keys: pa.Array) -> pa.Array:
    """Strip the marks of the exchange from short names of stocks."""
    vocabulary = read_toml("names.toml")
    full = pc.match_substring_regex(keys, vocabulary["ending"])
    bare = pc.replace_substring_regex(keys, f"^{vocabulary['mark_before']}({_HAN}{{2}}.*)$", r"\1")
    bare = pc.replace_substring_regex(bare, f"^(.*{_HAN}{{2}}[ab]?){vocabulary['mark_behind']}$", r"\1")
    return pc.if_else(full, keys, bare)


@lru_cache(maxsize=1)
def _beyond() -> npt.NDArray[np.bool_]:
    """Mark the Han characters that GB2312 lacks and Big5 has: only there can a traditional one be."""
    table = np.zeros(0x10000, bool)
    for code in range(0x4E00, 0xA000):
        char = chr(code)
        table[code] = not char.encode("gb2312", "ignore") and bool(char.encode("big5", "ignore"))
    return table


def _simplified(keys: pa.Array) -> pa.Array:
    """Turn traditional names into simplified ones; OpenCC is asked only where a character hints at one."""
    folds = str.maketrans(read_toml("names.toml")["folds"])
    texts = keys.to_pylist()
    told = "\n".join(t or "" for t in texts)
    codes = np.frombuffer(told.encode("utf-32-le", "replace"), np.uint32)
    seen = _beyond()[np.minimum(codes, 0xFFFF)]
    if not seen.any() and told.translate(folds) == told:
        return keys
    ends = np.flatnonzero(codes == ord("\n"))
    rows = np.unique(np.searchsorted(ends, np.flatnonzero(seen)))
    if len(rows):
        from opencc import OpenCC

        convert = OpenCC("t2s").convert
        for row in rows.tolist():
            texts[row] = convert(texts[row])
    return pa.array([t if t is None else t.translate(folds) for t in texts], pa.string())


# Places -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gazetteer:
    """Place words: ``words`` gives the codes a word may mean, ``head`` the words by their first two characters."""

    words: dict[str, tuple[str, ...]]
    head: dict[str, tuple[str, ...]]

    def at_head(self, text: str, within: str = "") -> tuple[str, str]:
        """Return the longest place word that opens ``text`` and its code, "" where it is open.

        Parameters
        ----------
        within
            Code of the place before it; the word must lie inside.
        """
        for word in self.head.get(text[:2], ()):
            if text.startswith(word):
                code = self.code(word, within)
                if not within or code:
                    return word, code
        return "", ""

    def code(self, word: str, within: str = "") -> str:
        """Return the six-digit code of a place word, "" when unknown or ambiguous."""
        codes = self.words.get(word, ())
        if within:
            codes = tuple(c for c in codes if c != within and c.startswith(stem(within)))
        for zeros in ("0000", "00", ""):
            level = [c for c in codes if c.endswith(zeros)]
            if level:
                return level[0] if len(level) == 1 else ""
        return ""


def stem(code: str) -> str:
    """Return the digits that all places inside have in common; two places fit when one's opens the other's."""
    if code.endswith("0000"):
        return code[:2].replace("10", "") if code == "100000" else code[:2]
    return code[:4] if code.endswith("00") else code


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """Read provinces, cities and counties, former ones included; short names of county-level cities count."""
    vocabulary = read_toml("names.toml")
    folder = files("chainatlas.data").joinpath("divisions")
    found: dict[str, set[str]] = defaultdict(set)
    known: dict[str, str] = {}
    with folder.joinpath("divisions.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            known[row["code"]] = row["level"]
            for word in _forms(row["name"], row["level"], vocabulary):
                found[word].add(row["code"])
    with folder.joinpath("successors.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["new_code"] in known and row["old_name"] not in found:
                for word in _forms(row["old_name"], "city", vocabulary):
                    found[word].add(row["new_code"])
    for word in vocabulary["country"]:
        found[word] = {"100000"}
    words = {w: tuple(sorted(c)) for w, c in found.items() if w not in vocabulary["no_place"]}
    head: dict[str, list[str]] = defaultdict(list)
    for word in sorted(words, key=lambda w: (-len(w), w)):
        head[word[:2]].append(word)
    return Gazetteer(words, {k: tuple(v) for k, v in head.items()})


def _forms(name: str, level: str, vocabulary: dict[str, Any]) -> list[str]:
    """Return the name of a division and its short forms."""
    short = name
    if level == "province":
        short = re.sub("(?:省|市|特别行政区|(?:壮族|回族|维吾尔)?自治区)$", "", name)
    elif level == "city":
        short = re.sub(vocabulary["people"], "", name) if name.endswith("自治州") else re.sub("(?:市|地区|盟)$", "", name)
    elif name.endswith("市"):
        short = name[:-1]
    return [name, short] if len(short) >= 2 else [name]


# Parts ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Grammar:
    """The vocabulary made ready: patterns and word sets."""

    aside: re.Pattern[str]
    ending: re.Pattern[str]
    branch: re.Pattern[str]
    share: re.Pattern[str]
    legal: tuple[str, ...]
    short: tuple[str, ...]
    trade: frozenset[str]
    longest: int


@lru_cache(maxsize=1)
def _grammar() -> _Grammar:
    vocabulary = read_toml("names.toml")
    legal = tuple(sorted(vocabulary["legal"], key=lambda w: (-len(w), w)))
    trade = frozenset(vocabulary["trade"]["words"].split())
    branch = rf"^(.*?(?:公司|集团|厂|院|银行))\(?((?!\(集团\)).*{vocabulary['branch']})\)?$"
    return _Grammar(re.compile(vocabulary["aside"]), re.compile(vocabulary["ending"]), re.compile(branch),
                    re.compile(vocabulary["share_class"]), legal, tuple(vocabulary["short_form"]), trade, max(map(len, trade)))  # fmt: skip


def parts(name: str) -> NameParts:
    """Split one name.

    Examples
    --------
    >>> parts("宁德时代新能源科技股份有限公司")
    NameParts(place='宁德', brand='时代', trade='新能源科技', legal='股份有限公司', branch='')
    >>> parts("中国石化股份有限公司胜利油田分公司").branch
    '胜利油田分公司'
    """
    return _split(organization_key(name))[0]


def parts_table(keys: pa.Array) -> pa.Table:
    """Split a column of keys of `organization_keys`, one pass per distinct key.

    Returns
    -------
    pa.Table
        ``place``, ``brand``, ``trade``, ``legal``, ``branch`` and ``region``, the six-digit
        code of the finest place ("" when there is none or it is ambiguous); "" for null keys.
    """
    encoded = keys if pa.types.is_dictionary(keys.type) else keys.dictionary_encode()
    rows = [_split(key) for key in encoded.dictionary.to_pylist()]
    fields = ("place", "brand", "trade", "legal", "branch")
    columns = {f: pa.array([getattr(p, f) for p, _ in rows], pa.string()) for f in fields}
    columns["region"] = pa.array([region for _, region in rows], pa.string())
    return pa.table({f: c.take(encoded.indices).fill_null("") for f, c in columns.items()})


def _split(key: str) -> tuple[NameParts, str]:
    """Return the parts of a key and the code of its place."""
    grammar = _grammar()
    text = grammar.aside.sub("", key) if "(" in key else key
    text, branch = _branch(text, grammar)
    text, place, region, legal = _brackets(text)
    text, form = _legal(text, grammar)
    legal += form
    if not form:
        text = grammar.share.sub("", text)
    word, code = gazetteer().at_head(text)
    while word and len(text) > len(word) and not text.startswith("大学", len(word)):
        place, text = place if word in place else place + word, text[len(word) :]
        region = code if code and code.startswith(stem(region)) else region or code
        word, code = gazetteer().at_head(text, within=code) if code else ("", "")
    cut = _trade_start(text, grammar, bool(place))
    return NameParts(place, text[:cut], text[cut:], legal, branch), region


def _branch(text: str, grammar: _Grammar) -> tuple[str, str]:
    found = grammar.branch.match(text)
    return (found[1], found[2].removesuffix(")")) if found else (text, "")


def _brackets(text: str) -> tuple[str, str, str, str]:
    """Take places, 集团 and legal forms out of brackets: (text, place, region, legal)."""
    place = region = legal = ""
    if "(" not in text:
        return text, place, region, legal
    rest = []
    for i, piece in enumerate(re.split(r"[()]", text)):
        code = gazetteer().words.get(piece) if i % 2 else None
        if code:
            place, region = place + piece, gazetteer().code(piece) or region
        elif i % 2 and piece == "集团":
            legal = piece
        else:
            rest.append(piece)
    return "".join(rest), place, region, legal


def _legal(text: str, grammar: _Grammar) -> tuple[str, str]:
    forms = (w for w in grammar.legal if text.endswith(w) and len(text) > len(w))
    form = next(forms, "") if text[-3:] not in grammar.trade else ""
    if form:
        text = text[: -len(form)]
    words = ("集团",) if form else grammar.short
    for word in words:
        if text.endswith(word) and len(text) > len(word) + 1:
            return text[: -len(word)], word + form
    return text, form


def _trade_start(text: str, grammar: _Grammar, placed: bool) -> int:
    """Return where the trade words begin; behind a place there may be no 字号 at all."""
    if placed and generic(text):
        return 0
    cut = len(text)
    while cut > 2:
        length = _last_word(text, cut, cut - 2, grammar)
        if not length:
            break
        cut -= length
    return cut


def _last_word(text: str, cut: int, most: int, grammar: _Grammar) -> int:
    """Return the length of the longest trade word, at most ``most``, that ends at ``cut``."""
    sizes = range(min(grammar.longest, most), 1, -1)
    return next((n for n in sizes if text[cut - n : cut] in grammar.trade), 0)


def generic(text: str) -> bool:
    """Tell whether a text is made of trade words only, so that it names no firm by itself."""
    grammar, cut = _grammar(), len(text)
    while cut:
        length = _last_word(text, cut, cut, grammar)
        if not length:
            return False
        cut -= length
    return bool(text)


# Comparison -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spellings:
    """Distinct name keys and their parts, one entry a key.

    ``place`` is without 省 and 市, ``core`` is 字号 and trade, ``form`` the legal form without
    集团, ``whole`` the parts put together in one order, ``hay`` what a short name is made of.
    ``region`` holds six-digit codes (0 none). ``long`` marks names with a legal form.
    """

    key: Texts
    place: Texts
    brand: Texts
    trade: Texts
    core: Texts
    form: Texts
    branch: Texts
    whole: Texts
    hay: Texts
    region: Ints
    group: Flags
    long: Flags


def spellings(keys: pa.Array) -> Spellings:
    """Split distinct keys and derive what the comparison reads."""
    vocabulary = read_toml("names.toml")
    table = parts_table(keys)
    place = pc.replace_substring_regex(table["place"], "[省市]", "")
    core = pc.binary_join_element_wise(table["brand"], table["trade"], "")
    legal = table["legal"]
    group = pc.match_substring(legal, vocabulary["group"])
    form = pc.replace_substring(legal, vocabulary["group"], "")
    bare = pc.or_(pc.equal(legal, ""), pc.is_in(legal, pa.array(vocabulary["short_form"])))
    region = pc.cast(pc.if_else(pc.equal(table["region"], ""), "0", table["region"]), pa.int64())
    hay = pc.binary_join_element_wise(place, _signs(table["region"], vocabulary), core, pc.if_else(group, "集团", ""), "")
    whole = pc.binary_join_element_wise(place, core, legal, "")
    wordy = pc.greater_equal(pc.utf8_length(keys), 9)
    return Spellings(*map(texts, (keys, place, table["brand"], table["trade"], core, form, table["branch"], whole, hay)),
                     numbers(region), flags(group), flags(pc.or_(pc.invert(bare), wordy)))  # fmt: skip


def _signs(regions: pa.ChunkedArray, vocabulary: dict[str, Any]) -> pa.Array:
    """Return the one-character signs of each region: 沪 for a district of Shanghai."""
    signs = vocabulary["abbreviation"]
    encoded = flat(regions).dictionary_encode()
    chains = [dict.fromkeys((c[:2] + "0000", c[:4] + "00")) for c in encoded.dictionary.to_pylist()]
    told = ["".join(signs.get(code, "") for code in chain) for chain in chains]
    return pa.array(told, pa.string()).take(encoded.indices)


def texts(column: pa.Array | pa.ChunkedArray) -> Texts:
    return np.asarray(flat(column).to_numpy(zero_copy_only=False), object)


def numbers(column: pa.Array | pa.ChunkedArray) -> Ints:
    return np.asarray(flat(column).to_numpy(zero_copy_only=False), np.int64)


def flags(column: pa.Array | pa.ChunkedArray) -> Flags:
    return np.asarray(flat(column).fill_null(False).to_numpy(zero_copy_only=False), bool)


def places(a: Ints, b: Ints) -> Ints:
    """Tell how regions stand to each other: equal, one inside the other, untold, one missing, elsewhere.

    中国 tells as little as no place, unless both names have it.
    """
    equal = a == b
    told_a, told_b = (np.where(c == COUNTRY, 0, c) for c in (a, b))
    finer = np.minimum(_level(told_a), _level(told_b))
    fits = told_a // finer == told_b // finer
    both = (told_a > 0) & (told_b > 0)
    return np.select([equal & (a == 0), equal, ~both, fits], [UNTOLD, EQUAL, MISSING, INSIDE], ELSEWHERE)


def _level(region: Ints) -> Ints:
    return np.where(region % 10000 == 0, 10000, np.where(region % 100 == 0, 100, 1))
