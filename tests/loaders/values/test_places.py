"""Places in cells and addresses: what is read, what is refused, and what is said then."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest

from chainatlas.loaders.values.places import PlaceRefused, Places, gazetteer, is_missing, is_nowhere

PLACES = Places({})


def cells(text: str) -> dict[str, str]:
    """省=山东 市=济南: cells by level."""
    levels = {"国": "country", "省": "province", "市": "city", "县": "county"}
    return {levels[part[0]]: part[2:].replace("_", " ") for part in text.split()}


def written(way: str) -> list[tuple[str, str, str]]:
    """Rows of places.csv: cells with their code and the wording kept, with the message and what it names, or
    addresses with their code and the rest."""
    with Path(__file__).with_name("places.csv").open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["found"], row["told"]) for row in csv.DictReader(file) if row["way"] == way]


@pytest.mark.parametrize(("text", "code", "stated"), written("cell"))
def test_cells_that_are_read(text: str, code: str, stated: str) -> None:
    place = PLACES.find(**cells(text))
    assert place is not None
    assert (place.key, place.stated or "") == (code, stated)


@pytest.mark.parametrize(("text", "message", "near"), written("refused"))
def test_cells_that_are_refused(text: str, message: str, near: str) -> None:
    with pytest.raises(PlaceRefused) as bad:
        PLACES.find(**cells(text))
    assert bad.value.code == message
    assert near in bad.value.near
    assert bool(bad.value.inside) == (message == "reject_place_elsewhere")


@pytest.mark.parametrize(("text", "code", "rest"), written("address"))
def test_addresses(text: str, code: str, rest: str) -> None:
    place, left = PLACES.address(text)
    assert (place.key if place is not None else "", left) == (code, rest)


def test_a_region_of_the_user_goes_before_a_zone_and_an_unknown_name() -> None:
    places = Places({"苏州工业园区一期": "苏州工业园区一期", "雄安新区": "雄安新区", "济南市": "济南市"})
    for name in ("苏州工业园区一期", "雄安新区"):
        found = places.find(city=name)
        assert found is not None
        assert (found.kind, found.key) == ("name", name)
    known = places.find(city="济南市")
    assert known is not None
    assert known.key == "370100"  # that the graph holds already


def test_only_a_place_itself_is_a_region() -> None:
    assert PLACES.named("雄安新区").stated == "雄安新区"
    assert PLACES.named("山东济南", exact=True).key == "370100"
    assert PLACES.named("莱芜市", exact=True).key == "370100"
    for name in ("雄安新区", "枣庄高新区", "台北市", "济南市历下区示例路1号"):
        with pytest.raises(PlaceRefused):
            PLACES.named(name, exact=True)


@pytest.mark.parametrize(
    ("code", "name", "found"),
    [
        ("1301", "石家庄市", "130100"),
        ("13", "河北", "130000"),
        ("130102000000", "长安区", "130102"),
        ("1301", "甲区", None),
        ("130100", "石家庄市", "130100"),
        ("110100", "北京市", "110000"),
        ("0101", "甲区", None),
        ("1", "河北省", None),
    ],
)
def test_codes_of_the_users_own_regions(code: str, name: str, found: str | None) -> None:
    assert PLACES.division(code, name) == found


def test_words_that_name_no_place() -> None:
    assert all(map(is_nowhere, ("省直", "全省", "其他", "异地", "不详", "市本级")))
    assert not any(map(is_nowhere, ("济南市", "省直辖县级行政区划", "全州县", "本溪市", "海外海")))
    assert all(map(is_missing, ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划")))
    assert all(map(is_missing, ("省直辖县", "省直辖", "省直管", "省直管市", "自治区直辖", "自治区直辖县")))
    assert not any(map(is_missing, ("省直", "直辖市", "济源市")))


def test_many_addresses_are_read_at_once() -> None:
    """A match at a position, not a search through all names: 100,000 addresses take about two seconds."""
    book = gazetteer()
    paths = [book.path(d.code) for d in book.by_code.values() if d.level == "county"]
    texts = [f"{paths[n % len(paths)]}示例路{n}号" for n in range(20_000)]
    begun = time.process_time()
    read = [PLACES.address(text)[0] for text in texts]
    assert None not in read
    assert time.process_time() - begun < 3  # a scan over the names takes minutes
