"""The same partners everywhere: page, command and document name the same candidates in the same order."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from building import atlas_of, batch, edges, named

import chainatlas
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.partners.ability import abilities
from chainatlas.queries.partners.scoring.features import CRITERIA
from chainatlas.views.atlas import write
from chainatlas.views.atlas.payload import payload
from chainatlas.views.report.parts import gather

NEEDS, WEIGHED, FIRST = 60, 20, 10

# Candidates of the addresses one after another, as [list, rank, name]; drawing follows the address at once.
READ = """async (addresses) => {
  const found = [];
  for (const address of addresses) {
    await new Promise((done) => {
      if (location.hash === address) return done();
      addEventListener("hashchange", done, { once: true });
      location.hash = address;
    });
    found.push([...document.querySelectorAll(".candidate-row")].map((row) => [
      Number(row.closest(".tier").dataset.list),
      Number(row.querySelector(".rank").textContent),
      row.querySelector(".name").textContent,
    ]));
  }
  return found;
}"""

Order = list[list[Any]]


@pytest.fixture(scope="module")
def atlas(demo_folder: Path) -> Atlas:
    return chainatlas.open(demo_folder)


@pytest.fixture(scope="module")
def links(atlas: Atlas) -> dict[str, str]:
    """Key of each link whose name nothing else has."""
    items = sorted({item for members in atlas.chain_members.values() for item, _, _ in members})
    nodes = [atlas.makers.node(item) for item in items]
    return _once([(atlas.snapshot.name(node), atlas.snapshot.key(node)) for node in nodes])


def _once(pairs: list[tuple[str, str]]) -> dict[str, str]:
    names = [name for name, _ in pairs]
    return {name: key for name, key in pairs if names.count(name) == 1}


def _places(page: Any) -> dict[str, dict[str, str]]:
    """Key of each place that the page offers, by name: provinces, and all others."""
    options = page.locator("[data-pick=place] option").evaluate_all("(all) => all.map((e) => [e.textContent, e.value])")
    found = _once([(name.strip("\u3000 "), key) for name, key in options])
    wide = {name: key for name, key in found.items() if name.endswith("省")}
    assert wide
    return {"province": wide, "other": {name: key for name, key in found.items() if name not in wide}}


def _address(link: str, place: str, weights: list[float] | None = None) -> str:
    told = "" if weights is None else f"&w={','.join(map(repr, weights))}"
    return f"#view=partners&place={quote(place, safe='')}&sel={quote(link, safe='')}{told}"


def _asked(atlas: Atlas, link: str, place: str, **how: Any) -> Order:
    """First candidates of each list as the command has them."""
    rows = chainatlas.partners(atlas, link, place=place, top=FIRST, **how).rows
    return [[int(row["type"] != "Enterprise"), row["rank"], row["candidate"]] for row in rows]


def _first(shown: Order) -> Order:
    return [row for row in shown if row[1] <= FIRST]


def test_page_and_command_name_the_same_first_ten(
    open_file: Any, demo_page: Path, atlas: Atlas, links: dict[str, str]
) -> None:
    page = open_file(demo_page, "#view=partners")
    places, pick = _places(page), random.Random(15)
    drawn = [
        (pick.choice(sorted(links)), pick.choice(sorted(places["other" if n % 4 else "province"])))
        for n in range(NEEDS)
    ]
    keys = places["province"] | places["other"]
    shown = page.evaluate(READ, [_address(links[link], keys[place]) for link, place in drawn])
    asked = [_asked(atlas, link, place) for link, place in drawn]
    different = [(need, a, b) for need, a, b in zip(drawn, asked, map(_first, shown), strict=True) if a != b]
    assert different == []
    assert sum(map(bool, asked)) > NEEDS / 2


def _world() -> Atlas:
    """A chain in two provinces: groups, bodies, a firm without a place, inputs off the chain."""
    places = {
        "示例甲厂": "济南市",
        "示例甲厂青岛分公司": "青岛市",
        "示例乙厂": "青岛市",
        "示例丙厂": "合肥市",
        "示例丁厂": "济南市",
        "示例戊厂": "青岛市",
        "示例母公司": "合肥市",
    }
    makes = [
        ("示例甲厂", "隔膜"),
        ("示例甲厂青岛分公司", "隔膜"),
        ("示例乙厂", "电池"),
        ("示例丙厂", "隔膜"),
        ("示例己厂", "隔膜"),
        ("示例丁厂", "基膜"),
        ("示例丁厂", "涂料"),
        ("示例戊厂", "基膜"),
        ("示例母公司", "电池"),
    ]
    cities = [("济南市", 117.12, 36.65), ("青岛市", 120.38, 36.07), ("合肥市", 117.23, 31.82)]
    nodes: dict[str, Any] = {
        "Region": [
            *({"name": n, "level": "市", "lon": x, "lat": y} for n, x, y in cities),
            *named("山东省", "安徽省", level="省"),
        ],
        "Enterprise": named(*places, "示例己厂"),
        "Product": named("基膜", "涂料", "隔膜", "电池"),
        "Chain": named("锂电"),
        "Platform": named("示例平台"),
        "Technology": named("拉伸技术"),
        "Institute": named("示例研究所"),
    }
    relations: dict[str, Any] = {}
    for part in (
        edges("PART_OF", "Region", "Region", ("济南市", "山东省"), ("青岛市", "山东省"), ("合肥市", "安徽省")),
        edges("LOCATED_IN", "Enterprise", "Region", *places.items()),
        edges("PRODUCES", "Enterprise", "Product", *makes),
        edges("INPUT_OF", "Product", "Product", ("基膜", "隔膜"), ("涂料", "隔膜"), ("隔膜", "电池")),
        edges("IN_CHAIN", "Product", "Chain", ("隔膜", "锂电"), ("电池", "锂电")),
        edges("REQUIRES", "Product", "Technology", ("隔膜", "拉伸技术")),
        edges("MASTERS", "Institute", "Technology", ("示例研究所", "拉伸技术")),
        edges("OWNS", "Enterprise", "Enterprise", ("示例母公司", "示例戊厂")),
        edges("SERVES", "Platform", "Product", ("示例平台", "隔膜")),
    ):
        for name, rows in part.items():
            relations.setdefault(name, []).extend(rows)
    return atlas_of(batch(nodes, relations))


def test_groups_bodies_and_places_unknown_are_those_of_the_command(open_file: Any, tmp_path: Path) -> None:
    world = _world()
    made = payload(world)
    assert made["partners"]["weights"]["learned"]["value"] is None
    assert len(made["partners"]["groups"]) == 2
    assert [item["name"] for item in made["partners"]["beyond"]] == ["基膜", "涂料"]
    page = open_file(write(made, tmp_path / "world.html"), "#view=partners", fresh=True)
    keys = {place["name"]: place["key"] for place in made["places"]}
    assert len(keys) == 5
    drawn = [(link, place) for link in made["links"] for place in keys]
    shown = page.evaluate(READ, [_address(link["key"], keys[place]) for link, place in drawn])
    for (link, place), order in zip(drawn, shown, strict=True):
        assert order == _asked(world, link["name"], place), (link["name"], place)
    told = {
        (link["name"], place): [name for _, _, name in order] for (link, place), order in zip(drawn, shown, strict=True)
    }
    # 示例甲厂 makes it in 济南市: neither it nor its branch is asked there. 合肥市 is 537 km away, which counts less
    # than a place not known (.07 and .1). 示例丁厂 makes inputs in the place; 示例戊厂 does in 青岛市, and stands for
    # its group: the parent makes what it goes into, farther away. 示例乙厂 makes what it goes into: a buyer.
    asked = ["示例己厂", "示例丙厂", "示例丁厂", "示例戊厂", "示例平台", "示例研究所"]
    assert told["隔膜", "济南市"] == asked


def test_weights_that_are_moved_order_as_the_command_orders_by_them(
    open_file: Any, demo_page: Path, atlas: Atlas, links: dict[str, str], tmp_path: Path
) -> None:
    page = open_file(demo_page, "#view=partners")
    places, pick = _places(page)["other"], random.Random(16)
    many = np.diff(abilities(atlas).start)
    most = [atlas.snapshot.name(atlas.makers.node(int(item))) for item in np.flatnonzero(many > 8)]
    most = [name for name in most if name in links]
    drawn = [
        (pick.choice(most), pick.choice(sorted(places)), [round(pick.uniform(0.05, 1), 3) for _ in CRITERIA])
        for _ in range(WEIGHED)
    ]
    shown = page.evaluate(READ, [_address(links[link], places[place], weights) for link, place, weights in drawn])
    unmoved = page.evaluate(READ, [_address(links[link], places[place]) for link, place, _ in drawn])
    assert sum(a != b for a, b in zip(shown, unmoved, strict=True)) > 3
    for (link, place, weights), order in zip(drawn, shown, strict=True):
        table = tmp_path / "weights.csv"
        lines = [",".join(["", *CRITERIA])]
        lines += [
            ",".join([name, *(repr(w / other) for other in weights)]) for name, w in zip(CRITERIA, weights, strict=True)
        ]
        table.write_text("\n".join(lines), encoding="utf-8")
        assert _first(order) == _asked(atlas, link, place, weights=table), (link, place, weights)


def test_the_document_names_the_same_first_candidates(
    open_file: Any, demo_page: Path, atlas: Atlas, links: dict[str, str]
) -> None:
    found = gather(atlas, chain="锂电", place="枣庄市", cluster=None, date=None, lang="zh").tables["partners"]
    told: dict[str, list[str]] = {}
    for row in found.rows:
        told.setdefault(row["link"], []).append(row["candidate"])
    page = open_file(demo_page, "#view=partners")
    place = _places(page)["other"]["枣庄市"]
    shown = page.evaluate(READ, [_address(links[link], place) for link in told])
    named = [[name for _, _, name in order][: len(told[link])] for link, order in zip(told, shown, strict=True)]
    assert named == list(told.values())
    assert len(told) > 5
