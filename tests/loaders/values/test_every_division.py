"""Every division of the gazetteer in every way a list writes it: the right code, or a refusal that names it.

A writing that truly stands for two places (朝阳区 alone) is refused with both; never is it another one.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from opencc import OpenCC

from chainatlas.loaders.values.gazetteer import Division, gazetteer, zone_names
from chainatlas.loaders.values.places import Place, PlaceRefused, Places

Cells = dict[str, str]
BOOK, PLACES, TRADITIONAL = gazetteer(), Places({}), OpenCC("s2t")
DIVISIONS = [d for d in BOOK.by_code.values() if d.level != "country"]
FOLDER = Path(__file__).resolve().parents[3] / "data" / "divisions"
REFUSED = "several"


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def english() -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows("names.csv"):
        if row["kind"] == "english":
            found.setdefault(row["code"], row["name"])
    return found


def line(division: Division) -> list[Division]:
    """Province, city and the division itself, as far as there are such."""
    return list(reversed(BOOK.lineage(division.code)[:-1]))


def short(division: Division) -> str:
    return division.names[0]


def statistical(code: str) -> str:
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else f"{code}000000"


# Each way gives the text of one cell, in the column of the division's own level.
CELLS = {
    "full path": lambda ds: "".join(d.name for d in ds),
    "without the province": lambda ds: "".join(d.name for d in ds[1:] or ds),
    "short path": lambda ds: "".join(map(short, ds)),
    "short path, full name": lambda ds: "".join(map(short, ds[:-1])) + ds[-1].name,
    "city and name, short": lambda ds: "".join(map(short, ds[-2:])),
    "with the country": lambda ds: "中国" + "".join(d.name for d in ds),
    "country, dots": lambda ds: "·".join(["中国", *(d.name for d in ds)]),
    "hyphens": lambda ds: "-".join(d.name for d in ds),
    "slashes, short": lambda ds: " / ".join(map(short, ds)),
    "spaces": lambda ds: "\u3000".join(d.name for d in ds),
    "finest first": lambda ds: "，".join(d.name for d in reversed(ds)),
    "traditional": lambda ds: TRADITIONAL.convert("".join(d.name for d in ds)),
    "traditional, short": lambda ds: TRADITIONAL.convert("".join(map(short, ds))),
    "code": lambda ds: ds[-1].code,
    "short or statistical code": lambda ds: statistical(ds[-1].code),
    "own name": lambda ds: ds[-1].name,
}
# The writings that stand for several places, and how many divisions that concerns.
SEVERAL = {
    "without the province": 7,
    "short path": 6,
    "city and name, short": 7,
    "slashes, short": 6,
    "traditional, short": 6,
    "own name": 67,
}


def resolved(cells: Cells) -> Place | str:
    """Return the place that cells name, or what is said when they are refused."""
    try:
        place = PLACES.find(**cells)
    except PlaceRefused as bad:
        return bad.near
    assert place is not None
    return place


def judged(division: Division, cells: Cells) -> str:
    """Say whether cells are read as the division, refused with it among what is meant, or else as what."""
    try:
        place = PLACES.find(**cells)
    except PlaceRefused as bad:
        if bad.code == "reject_place_ambiguous" and (BOOK.path(division.code) in bad.near or bad.near.count("、") == 3):
            return REFUSED
        return f"{cells}: {bad.code} {bad.near}"
    if place is not None and place.key == division.code and place.stated is None:
        return "right"
    return f"{cells}: {place}"


def test_there_are_as_many_divisions_as_the_data_say() -> None:
    assert Counter(d.level for d in DIVISIONS) == {"province": 34, "city": 333, "county": 2975}
    assert len(CELLS) >= 12


@pytest.mark.parametrize("way", CELLS)
def test_one_cell(way: str) -> None:
    found = Counter(judged(d, {d.level: CELLS[way](line(d))}) for d in DIVISIONS)
    assert found == Counter(right=len(DIVISIONS) - SEVERAL.get(way, 0)) + Counter({REFUSED: SEVERAL.get(way, 0)})


def columns(division: Division, short_names: bool) -> Cells:
    return {d.level: short(d) if short_names else d.name for d in line(division)}


@pytest.mark.parametrize(("short_names", "several"), [(False, 0), (True, 6)])
def test_a_column_for_each_level(short_names: bool, several: int) -> None:
    found = Counter(judged(d, columns(d, short_names)) for d in DIVISIONS)
    assert found == Counter(right=len(DIVISIONS) - several) + Counter({REFUSED: several})


def test_the_column_of_another_level_is_a_hint() -> None:
    """Counties and provinces under 所在市 are taken as they stand; one name of two levels is the city there."""
    found = defaultdict(list)
    for d in DIVISIONS:
        found[judged(d, {"city": "".join(x.name for x in line(d))})].append(d.name)
    assert {k: len(v) for k, v in found.items()} == {"right": len(DIVISIONS)}


def addresses(division: Division) -> Iterator[str]:
    path = "".join(d.name for d in line(division))
    yield from (
        f"{path}示例路1号",
        f"中国{path}示例路1号",
        f"250014 {path}示例路1号",
        TRADITIONAL.convert(path) + "示例路1号",
    )
    yield from (f"地址：{path}示例路1号", "-".join(d.name for d in line(division)) + " 示例路1号")


def test_addresses_give_the_finest_place_and_the_rest() -> None:
    wrong = []
    for d in DIVISIONS:
        for text in addresses(d):
            place, rest = PLACES.address(text)
            if place is None or (place.key, rest) != (d.code, "示例路1号"):
                wrong.append((text, place, rest))
    assert wrong == []


def test_short_addresses_are_never_wrong() -> None:
    """临夏 of 临夏州 is a city and a county: the address stands in the prefecture then."""
    coarse = []
    for d in DIVISIONS:
        place, rest = PLACES.address("".join(map(short, line(d))) + "示例路1号")
        assert place is not None
        if place.key != d.code:
            assert BOOK.holds(place.key, d.code), d
            coarse.append(d.name)
        else:
            assert rest == "示例路1号"
    assert sorted(coarse) == ["临夏县", "临夏市", "伊宁县", "伊宁市", "和田县", "和田市"]


@pytest.mark.parametrize("forward", [True, False])
def test_english(forward: bool) -> None:
    found: Counter[str] = Counter()
    for d in DIVISIONS:
        if all(x.code in english() for x in line(d)):
            names = [*(english()[x.code] for x in reversed(line(d))), "China"]
            found[judged(d, {d.level: ", ".join(names[::-1] if forward else names)})] += 1
    assert found == {"right": 3016, REFUSED: 8}


def test_addresses_in_english() -> None:
    for d in DIVISIONS:
        if d.level == "city" and d.code in english():
            above = line(d)[0]
            text = f"No. 1 Shili Road, {english()[d.code]} 250014, {english()[above.code]} Province, P.R. China"
            place, rest = PLACES.address(text)
            assert place is not None, text
            assert (place.key, rest) == (d.code, "No. 1 Shili Road"), text


# zones, countries, former names ------------------------------------------------------------------------


def test_zones_in_all_their_writings() -> None:
    found: Counter[str] = Counter()
    for row in rows("zones.csv"):
        seat = row["seat_code"]
        holders = {d.level: d.name for d in line(BOOK.by_code[seat])[:-1]}
        for name in (row["name"], *filter(None, row["aliases"].split(";"))):
            for writing in zone_names(name):
                for cells in (
                    {"city": writing},
                    {"county": TRADITIONAL.convert(writing)},
                    {**holders, "county": writing},
                ):
                    place = PLACES.find(**cells)
                    assert place is not None
                    assert place.key == seat, (cells, place)
                    found["right"] += 1
    assert found["right"] > 20_000


def test_countries_in_all_their_writings() -> None:
    ours = {"TWN": "710000", "HKG": "810000", "MAC": "820000"}
    count = 0
    for row in rows("countries.csv"):
        names = [row["zh"], row["en"], *filter(None, row["names"].split(";"))]
        named = [*names, *map(TRADITIONAL.convert, names), *map(str.upper, names), row["iso2"], row["iso3"]]
        for name in dict.fromkeys([*named, row["iso2"].lower(), row["iso3"].lower()]):
            place = PLACES.find(country=name)
            assert place is not None
            assert place.key == ours.get(row["iso3"], row["iso3"]), name
            count += 1
    assert count > 2_500


def test_countries_outside_of_a_country_column() -> None:
    for row in rows("countries.csv"):
        for name in (row["zh"], row["en"], row["iso3"]):
            place = PLACES.find(city=name)
            assert place is not None
            assert place.lineage[0].name in (row["zh"], "台湾省", "香港特别行政区", "澳门特别行政区"), name


def test_former_names_and_codes() -> None:
    found: Counter[str] = Counter()
    for row in rows("successors.csv"):
        code, above = row["new_code"], line(BOOK.by_code[row["new_code"]])[:-1]
        place = resolved({**{d.level: d.name for d in above}, "county": row["old_name"]})
        if isinstance(place, str):
            assert BOOK.path(code) in place
            found[REFUSED] += 1
        elif place.stated is None:  # a place of today bears the name
            assert row["old_name"] in (place.lineage[0].name, *place.lineage[0].names)
            found["today"] += 1
        else:
            assert place.stated == row["old_name"]
            assert BOOK.holds(place.key, code)  # 思茅市: once of the whole prefecture, once of the county
            found["right"] += 1
    assert found == {"right": 899, "today": 9, REFUSED: 1}
    for row in rows("former_codes.csv"):
        place = PLACES.find(city=row["old_code"])
        assert place is not None
        assert (place.key, place.stated) == (row["new_code"], row["old_code"])


def test_names_that_the_data_give_lead_to_their_place() -> None:
    found: Counter[str] = Counter()
    for row in rows("names.csv"):
        if row["kind"] in ("short", "part", "weak"):
            level = BOOK.by_code[row["code"]].level
            place = resolved({level: row["name"]})
            if isinstance(place, str):
                assert BOOK.path(row["code"]) in place  # 滨海: of Tianjin, or the county
                found[REFUSED] += 1
                continue
            assert place.key == row["code"], row
            found[row["kind"]] += 1
    assert found[REFUSED] < 12
    assert found["short"] > 360
    assert found["part"] == 194
