"""试算落户: verdicts recomputed in the page equal those that Python gives the changed graph.

``page/data/judge.js`` is the rule of ``chainatlas.queries.verdicts.judge`` in another language; here both
judge the same random worlds, in which every status and every sub-kind occurs.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from building import atlas_of, batch, edges, end, named

from chainatlas.graph.columns.batch import Batch
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.verdicts.judge import STATUS, SUBKIND
from chainatlas.queries.verdicts.verdicts import verdicts
from chainatlas.views.atlas.bundle import bundle, page_modules
from chainatlas.views.atlas.contract import LETTERS
from chainatlas.views.atlas.pack import as_json
from chainatlas.views.atlas.payload import payload

CITIES = {"示例甲市": "示例东省", "示例乙市": "示例东省", "示例丙市": "示例西省", "示例外市": "示例外国"}
PLACES = {
    "示例国": "国家",
    "示例外国": "国家",
    "示例东省": "省",
    "示例西省": "省",
    **dict.fromkeys(CITIES, "市"),
    "示例带": "区域",
}
ZONE = ("示例甲市", "示例丙市")
TECHNOLOGIES = ("t0", "t1")
PROBE = """
import { dataOf } from "./data/payload.js";
import { settle } from "./data/settle.js";
window.settled = (packed, changes) => {
  const data = dataOf(packed);
  return data.places.map((_, place) => settle(data, place, changes.map((change) => (change.kind === "add"
    ? { ...change, place: data.placeAt.get(change.place), link: data.linkAt.get(change.link) }
    : { ...change, firm: data.enterpriseAt.get(change.firm) })))
    .map(({ status, subkind, producers, hints, firm, avail }) =>
      [status, subkind, producers, hints, Boolean(firm), avail]));
};
"""


@dataclass(frozen=True)
class World:
    """A chain of products and technologies, who makes them, and what lists claim to cover."""

    products: int
    inputs: tuple[tuple[int, int, str | None, bool], ...]
    kinds: tuple[tuple[int, int], ...]
    requires: tuple[tuple[int, str], ...]
    primary: frozenset[int]
    captive: frozenset[int]
    firms: tuple[tuple[str, str, tuple[str, ...]], ...]
    # Relation, place, share of enterprises in the list, and what of their products the words name.
    coverage: tuple[tuple[str, str, float, float], ...]
    # Capacity of each maker of a product; worlds without any know no weak links.
    outputs: tuple[tuple[str, str, int], ...] = ()
    # Products in the scope of business of an enterprise: it may make them.
    may: tuple[tuple[str, str], ...] = ()


def world(seed: int) -> World:
    pick = random.Random(seed)
    # Many makers of few products: no output is concentrated, and location quotients speak.
    crowded = pick.random() < 0.2
    n = 3 if crowded else pick.randint(3, 9)
    pairs = [(a, b) for a in range(n) for b in range(n) if a != b and pick.random() < 0.22]
    inputs = tuple((a, b, pick.choice((None, "1", "1", "2")), pick.random() < 0.8) for a, b in pairs)
    makes = [f"p{i}" for i in range(n)] + list(TECHNOLOGIES)
    firms = tuple(
        (f"示例企业{i}", pick.choice(list(CITIES)), tuple(sorted(pick.sample(makes, pick.randint(1, 3)))))
        for i in range(pick.randint(14, 24) if crowded else pick.randint(1, 9))
    )
    may = tuple(
        (name, f"p{i}") for name, _, items in firms for i in range(n) if pick.random() < 0.08 and f"p{i}" not in items
    )
    coverage = tuple(
        (relation, place, round(pick.uniform(0.2, 1), 2), round(pick.uniform(0.5, 1), 2))
        for relation in ("PRODUCES", "MASTERS")
        for place in ("示例国", "示例东省", "示例西省")
        if pick.random() < 0.6
    )
    made = [(name, item) for name, _, items in firms for item in items if item[0] == "p"]
    outputs = tuple((name, item, pick.randint(3, 5)) for name, item in made) if crowded or pick.random() < 0.4 else ()
    return World(
        n,
        inputs,
        tuple((a, b) for a in range(n) for b in range(n) if a < b and pick.random() < 0.05),
        tuple((i, pick.choice(TECHNOLOGIES)) for i in range(n) if pick.random() < 0.3),
        frozenset(i for i in range(n) if pick.random() < 0.1),
        frozenset(i for i in range(n) if pick.random() < 0.1),
        firms,
        coverage,
        outputs,
        may,
    )


def rows(made: World) -> Batch:
    products = [
        {"name": f"p{i}", "primary": i in made.primary, "captive": i in made.captive} for i in range(made.products)
    ]
    parents = [*CITIES.items(), *((c, "示例带") for c in ZONE), ("示例东省", "示例国"), ("示例西省", "示例国")]
    nodes = {
        "Region": [
            {"name": n, "level": level, "code": {"示例国": "CHN", "示例外国": "DEU"}.get(n)}
            for n, level in PLACES.items()
        ],
        "Chain": named("示例链"),
        "Product": products,
        "Technology": named(*TECHNOLOGIES),
        "Enterprise": [
            {"name": name, "business_scope": "、".join(p for firm, p in made.may if firm == name) or None}
            for name, _, _ in made.firms
        ],
    }
    makes = [(name, item) for name, _, items in made.firms for item in items]
    capacity = {(name, item): amount for name, item, amount in made.outputs}
    produces = [
        (*m, {"capacity": capacity[m], "capacity_unit": "吨"} if m in capacity else {}) for m in makes if m[1][0] == "p"
    ]
    relations = {
        **edges("PART_OF", "Region", "Region", *parents),
        **edges("LOCATED_IN", "Enterprise", "Region", *((name, place) for name, place, _ in made.firms)),
        **edges("PRODUCES", "Enterprise", "Product", *produces),
        **edges("MASTERS", "Enterprise", "Technology", *(m for m in makes if m[1][0] == "t")),
        **edges("INPUT_OF", "Product", "Product",
                *((f"p{a}", f"p{b}", {"group": g, "essential": e}) for a, b, g, e in made.inputs)),
        **edges("KIND_OF", "Product", "Product", *((f"p{a}", f"p{b}") for a, b in made.kinds)),
        **edges("REQUIRES", "Product", "Technology", *((f"p{a}", t) for a, t in made.requires)),
        "IN_CHAIN": [{**end("src", "Product", f"p{i}"), **end("dst", "Chain", "示例链")} for i in range(made.products)],
    }  # fmt: skip
    stated = [
        {"source": "示例声明", "relation": r, "place": p, "share": s, "list_share": s, "told": 1.0,
         "named": grain, "included": min(1.0, grain + 0.2)}
        if r == "PRODUCES" else {"source": "示例声明", "relation": r, "place": p, "share": s}
        for r, p, s, grain in made.coverage
    ]  # fmt: skip
    return batch(nodes, relations, {"Coverage": stated})


def change(made: World, seed: int) -> tuple[World, list[dict[str, str]]]:
    """Return the world after one or two changes, and the changes as the page reads them."""
    pick = random.Random(seed)
    firms, told = list(made.firms), []
    if pick.random() < 0.5 or len(firms) == 1:
        place, item = pick.choice(list(CITIES)), f"p{pick.randrange(made.products)}"
        firms.append(("示例新企业", place, (item,)))
        told.append({"kind": "add", "place": place, "link": item})
    if pick.random() < 0.6 and len(made.firms) > 1:
        gone = pick.choice(made.firms)
        firms.remove(gone)
        told.append({"kind": "leave", "firm": gone[0]})
    if not told:
        return change(made, seed + 10_000)
    return replace(made, firms=tuple(firms)), told


def judged(atlas: Atlas, links: list[str], places: list[str]) -> list[list[list[Any]]]:
    """What Python says of links in places: status, sub-kind, producers, availability."""
    snapshot = atlas.snapshot
    items = np.array([atlas.makers.item(snapshot.find(n, ("Product", "Technology"))) for n in links], np.int64)
    # Where no place has makers, the page shows all data as one.
    scopes = np.array([atlas.scopes.find(None if p == "全部数据" else p) for p in places], np.int64)
    found = verdicts(atlas, items, scopes)

    def one(at: int, column: int) -> list[Any]:
        avail = "y" if found.certain[at, column] else "?" if found.possible[at, column] else "n"
        return [LETTERS[STATUS[found.status[at, column]]], SUBKIND[found.subkind[at, column]],
                int(found.producers[at, column]), int(found.hints[at, column]), bool(found.firm[at, column]),
                avail]  # fmt: skip

    return [[one(at, column) for at in range(len(links))] for column in range(len(places))]


Change = tuple[World, World, list[dict[str, str]]]


def drawn(seeds: Sequence[int], *, still: bool = False) -> list[Change]:
    found: list[Change] = []
    for seed in seeds:
        before = world(seed)
        found.append((before, before, []) if still else (before, *change(before, seed)))
    return found


def cases(changes: Sequence[Change]) -> list[tuple[World, str, list[dict[str, Any]], list[list[list[Any]]]]]:
    made = []
    for before, after, told in changes:
        packed = payload(atlas_of(rows(before)))
        keys = {link["name"]: link["key"] for link in packed["links"]}
        places = {place["name"]: place["key"] for place in packed["places"]}
        firms = {firm["name"]: firm["key"] for firm in packed["enterprises"]}
        read = [{**c, **({"place": places.get(c["place"]), "link": keys[c["link"]]} if c["kind"] == "add" else
                         {"firm": firms.get(c["firm"])})} for c in told]  # fmt: skip
        if any(c.get("place", "") is None or c.get("firm", "") is None for c in read):
            continue  # the page offers no place without makers, and no enterprise without a link
        wanted = judged(atlas_of(rows(after)), list(keys), list(places))
        made.append((before, as_json(packed), read, wanted))
    return made


Cell = tuple[str, str | None]


@dataclass
class Compared:
    """What was compared: how many changes, and the (status, sub-kind) of all verdicts and of those that changed."""

    changes: int
    verdicts: set[Cell]
    changed: set[Cell]
    # Whether what is missing is so on firm ground.
    firm: set[bool]


def _compare(chromium: Any, changes: Sequence[Change]) -> Compared:
    """Assert that the page says what Python says."""
    context = chromium.new_context()
    page = context.new_page()
    page.add_script_tag(content=bundle({**page_modules(), "probe.js": PROBE.lstrip()}, "probe.js"))
    seen = Compared(0, set(), set(), set())
    for before, packed, told, wanted in cases(changes):
        was, becomes = (
            page.evaluate("([packed, told]) => settled(packed, told)", [json.loads(packed), c]) for c in ([], told)
        )
        # The page does not recompute what outputs say of two and more makers, and says so.
        kept = _without_outputs if before.outputs and told else list
        assert kept(becomes) == kept(wanted), f"{told} in {before}"
        seen.changes += 1
        cells = [
            (old, new) for olds, news in zip(was, becomes, strict=True) for old, new in zip(olds, news, strict=True)
        ]
        seen.verdicts |= {(new[0], new[1]) for _, new in cells}
        seen.firm |= {new[4] for _, new in cells if new[0] == "m"}
        seen.changed |= {(new[0], new[1]) for old, new in cells if old != new}
    context.close()
    return seen


def _without_outputs(places: list[list[list[Any]]]) -> list[list[list[Any]]]:
    """Verdicts with weak and adequate as one: two makers and more."""
    return [[["a", None, *cell[2:]] if cell[0] == "w" else cell for cell in cells] for cells in places]


def _named(cells: set[Cell]) -> tuple[set[str], set[str]]:
    return {status for status, _ in cells}, {subkind for _, subkind in cells if subkind}


def test_trials_equal_python_on_random_chains(chromium: Any) -> None:
    seen = _compare(chromium, drawn((*range(60), 75, 101, 118)))
    assert seen.changes >= 30
    statuses, subkinds = _named(seen.changed)
    assert statuses >= {"a", "s", "m", "u", "p", "t"}
    assert subkinds >= {"nearby", "domestic", "foreign", "broken", "elsewhere_unknown", "at_least_one"}
    assert seen.firm == {True, False}
    # A weak link stays so, with its reason, while its makers are the same.
    assert {("w", "hhi"), ("w", "lq")} <= seen.verdicts


def test_newcomer_here_and_leaver_there_change_what_is_near(chromium: Any) -> None:
    """The total stays as it was; what the province holds does not."""
    firms = (("示例企业0", "示例丙市", ("p0",)), ("示例企业1", "示例甲市", ("p1",)), ("示例企业2", "示例乙市", ("p1",)))
    stated = (("PRODUCES", "示例国", 0.9, 0.9),)
    before = World(2, ((0, 1, None, True),), (), (), frozenset(), frozenset(), firms, stated)
    after = replace(before, firms=(*firms[1:], ("示例新企业", "示例甲市", ("p0",))))
    told = [{"kind": "add", "place": "示例甲市", "link": "p0"}, {"kind": "leave", "firm": "示例企业0"}]
    assert _compare(chromium, [(before, after, told)]).changes == 1


@pytest.mark.slow
def test_trials_equal_python_on_many_random_chains(chromium: Any) -> None:
    assert _compare(chromium, drawn(range(1000, 1600))).changes >= 300


def test_no_change_changes_no_verdict(chromium: Any) -> None:
    """Every status and every sub-kind that Python knows occurs, and the page says them all back."""
    seen = _compare(chromium, drawn(range(500, 530), still=True))
    assert seen.changes == 30
    assert _named(seen.verdicts) == (set(LETTERS.values()), {subkind for subkind in SUBKIND if subkind})
