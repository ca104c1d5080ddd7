"""The same partners everywhere: page, command and document name the same candidates in the same order."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest

import chainatlas
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.partners.ability import abilities
from chainatlas.queries.partners.scoring.features import CRITERIA
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
    drawn = [(pick.choice(sorted(links)), pick.choice(sorted(places["other" if n % 4 else "province"])))
             for n in range(NEEDS)]  # fmt: skip
    keys = places["province"] | places["other"]
    shown = page.evaluate(READ, [_address(links[link], keys[place]) for link, place in drawn])
    asked = [_asked(atlas, link, place) for link, place in drawn]
    different = [(need, a, b) for need, a, b in zip(drawn, asked, map(_first, shown), strict=True) if a != b]
    assert different == []
    assert sum(map(bool, asked)) > NEEDS / 2


def test_weights_that_are_moved_order_as_the_command_orders_by_them(
    open_file: Any, demo_page: Path, atlas: Atlas, links: dict[str, str], tmp_path: Path
) -> None:
    page = open_file(demo_page, "#view=partners")
    places, pick = _places(page)["other"], random.Random(16)
    many = np.diff(abilities(atlas).start)
    most = [atlas.snapshot.name(atlas.makers.node(int(item))) for item in np.flatnonzero(many > 8)]
    most = [name for name in most if name in links]
    drawn = [(pick.choice(most), pick.choice(sorted(places)), [round(pick.uniform(0.05, 1), 3) for _ in CRITERIA])
             for _ in range(WEIGHED)]  # fmt: skip
    shown = page.evaluate(READ, [_address(links[link], places[place], weights) for link, place, weights in drawn])
    unmoved = page.evaluate(READ, [_address(links[link], places[place]) for link, place, _ in drawn])
    assert sum(a != b for a, b in zip(shown, unmoved, strict=True)) > 3
    for (link, place, weights), order in zip(drawn, shown, strict=True):
        table = tmp_path / "weights.csv"
        lines = [",".join(["", *CRITERIA])]
        lines += [",".join([name, *(repr(w / other) for other in weights)])
                  for name, w in zip(CRITERIA, weights, strict=True)]  # fmt: skip
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
