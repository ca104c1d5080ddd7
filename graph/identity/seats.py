"""Places at the beginning of a firm's name, as division codes.

    西安市长安区蓝海水务 → 蓝海水务, province 610000, city 610100, county 610116

A district whose name several cities bear (长安区, 江北区) is told by the place before it. Where the
name leaves it open it has a code of its own, above all divisions: equal to itself only.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from ..columns.arrays import Ints
from ..schema.words import read_toml

OPEN = 10_000_000  # codes of places that a name leaves open begin here
_NATION, NATION = "中国", 100000  # a place like others: 中国电器科学研究院 is not that of 苏州
_HOME = "CHN"
_MORE = pa.array(["市", "县", "区", "旗"])
_ENDINGS = ("特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "地区", "省", "市", "盟")


@dataclass(frozen=True)
class _Level:
    """Spellings of the places of one level, with the code of each (−1: several bear it, those in ``several``)."""

    names: pa.Array
    codes: Ints
    sizes: tuple[int, ...]
    complete: pa.Array  # the spelling has its ending (市, 县 …)
    several: dict[int, Ints]


@lru_cache(maxsize=1)
def levels() -> tuple[_Level, ...]:
    """Return the spellings of provinces, of cities and of counties."""
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
    several = {at: np.array(sorted(c), np.int64) for at, c in enumerate(spelled.values()) if len(c) > 1}
    names = pa.array(list(spelled), pa.string())
    complete = pc.match_substring_regex(names, "[省市县区旗盟州]$")
    return _Level(names, np.array(codes, np.int64), tuple(sizes), complete, several)


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    """All names of divisions and countries, of two characters or more."""
    folder = files("chainatlas.data").joinpath("divisions")
    short = pacsv.read_csv(pa.py_buffer(folder.joinpath("names.csv").read_bytes()))
    short = short.filter(pc.equal(short["kind"], "short"))["name"].to_pylist()
    abroad = pacsv.read_csv(pa.py_buffer(folder.joinpath("countries.csv").read_bytes()))["zh"].to_pylist()
    own = [name for level in levels() for name in level.names.to_pylist()]
    return frozenset(name for name in (*own, *short, *abroad) if len(name) >= 2)


def names_place(text: str) -> bool:
    """Tell whether a place stands anywhere in a text.

    Examples
    --------
    >>> names_place("科技（越南）"), names_place("历下区"), names_place("科技")
    (True, True, False)
    """
    known = _known()
    longest = min(len(text), 12)
    return any(text[at : at + size] in known for size in range(2, longest + 1) for at in range(len(text) - size + 1))


def is_division(name: str) -> bool:
    """Tell whether a name is that of a division of the country, whether or not a graph holds it.

    Examples
    --------
    >>> is_division("宜宾"), is_division("宜宾市"), is_division("枣装市")
    (True, True, False)
    """
    return name.strip() in _known()


def placed(stem: pa.Array) -> tuple[pa.Array, tuple[Ints, Ints, Ints]]:
    """Take the place off the beginning; a name of which less than two characters remain keeps it.

    Returns
    -------
    rest, (province, city, county)
        Codes are −1 where the name says nothing.
    """
    nation = pc.starts_with(stem, _NATION).to_numpy(zero_copy_only=False)
    rest = pc.if_else(pa.array(nation), pc.utf8_slice_codeunits(stem, 2), stem)
    above, digits = np.full(len(stem), -1, np.int64), np.ones(len(stem), np.int64)
    codes: list[Ints] = []
    for level, unit in zip(levels(), (10000, 100, 1), strict=True):
        code, size = np.full(len(stem), -1, np.int64), np.zeros(len(stem), np.int64)
        for length in level.sizes:  # the longest spelling wins
            at = pc.index_in(pc.utf8_slice_codeunits(rest, 0, length), value_set=level.names)
            index = at.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
            behind = pc.utf8_slice_codeunits(rest, length, length + 1)
            # 吉林市 is no 吉林 with 市 behind it, 南昌县 no 南昌: a spelling without its ending stops before none.
            whole = pc.or_(pc.invert(pc.is_in(behind, _MORE)), level.complete.take(at)).fill_null(False)
            rows = np.flatnonzero((index >= 0) & (size == 0) & whole.to_numpy(zero_copy_only=False))
            found = _inside(level, index[rows], above[rows], digits[rows])
            # What does not lie in the place before it is part of the brand.
            inner = (found >= 0) & ((above[rows] < 0) | (found >= OPEN) | (found // digits[rows] == above[rows]))
            code[rows[inner]], size[rows[inner]] = found[inner], length
        for length in np.unique(size[size > 0]).tolist():
            rest = pc.if_else(pa.array(size == length), pc.utf8_slice_codeunits(rest, length), rest)
        known = (code >= 0) & (code < OPEN)
        above, digits = np.where(known, code // unit, above), np.where(known, unit, digits)
        codes.append(code)
    kept = pc.less(pc.utf8_length(rest), 2).to_numpy(zero_copy_only=False)
    province, city, county = (np.where(kept, -1, code) for code in codes)
    told = (county >= 0) & (county < OPEN)
    city = np.where((city < 0) & told, county // 100 * 100, city)
    finer = np.maximum(city, np.where(told, county, -1))
    province = np.where((province < 0) & (finer >= 0), finer // 10000 * 10000, province)
    province = np.where(nation & ~kept & (province < 0), NATION, province)
    return pc.if_else(pa.array(kept), stem, rest), (province, city, county)


def _inside(level: _Level, index: Ints, above: Ints, digits: Ints) -> Ints:
    """Return the code of each spelling: of several places the one inside the place before, −1 when none is."""
    found = level.codes[index]
    for row in np.flatnonzero(found < 0).tolist():
        several = level.several[int(index[row])]
        if above[row] >= 0:
            several = several[several // digits[row] == above[row]]
        found[row] = several[0] if len(several) == 1 else OPEN + index[row] if len(several) else -1
    return found


def kinds_of_place(codes: Ints) -> tuple[Ints, Ints, Ints]:
    """Return province, city and county of division codes, −1 where a code is coarser or none.

    Examples
    --------
    >>> [level.tolist() for level in kinds_of_place(np.array([610116, 610100, 610000, -1, 100000]))]
    [[610000, 610000, 610000, -1, -1], [610100, 610100, -1, -1, -1], [610116, -1, -1, -1, -1]]
    """
    known = (codes > NATION) & (codes < OPEN)
    province = np.where(known, codes // 10000 * 10000, -1)
    city = np.where(known & (codes % 10000 > 0), codes // 100 * 100, -1)
    return province, city, np.where(known & (codes % 100 > 0), codes, -1)


def levels_of_codes(places: pa.Array) -> list[Ints]:
    """Return country, province, city and county of the codes of regions (370102, CHN), −1 where one is coarser.

    Examples
    --------
    >>> [level.tolist() for level in levels_of_codes(pa.array(["610116", "CHN", "370000"]))]
    [[0, 0, 0], [610000, -1, 370000], [610100, -1, -1], [610116, -1, -1]]
    """
    encoded = places.dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    division = np.array([int(t) if t.isascii() and t.isdigit() and len(t) == 6 else -1 for t in texts], np.int64)
    # Countries are numbered from their letters, the home country is 0; any other code says nothing.
    abroad = [int(t, 36) if t.isascii() and t.isalpha() and len(t) == 3 and t != _HOME else -1 for t in texts]
    country = np.array([0 if d >= 0 or t == _HOME else a for t, d, a in zip(texts, division, abroad, strict=True)],
                       np.int64)  # fmt: skip
    index = encoded.indices.to_numpy()
    return [level[index] for level in (country, *kinds_of_place(division))]
