"""The page's matrix says what ``coverage`` says: every link, kind and place of a small world."""

from __future__ import annotations

import json
import random
from typing import Any

from building import atlas_of, batch, edges, end, named

from chainatlas.graph.columns.batch import Batch
from chainatlas.queries.resources.resource_coverage import every_link
from chainatlas.views.atlas.bundle import bundle, page_modules
from chainatlas.views.atlas.pack import as_json
from chainatlas.views.atlas.payload import payload

PROBE = """
import { dataOf } from "./data/payload.js";
import { cellOf } from "./data/matrix.js";
window.matrix = (packed, kind) => {
  const data = dataOf(packed);
  const columns = data.resources.columns.map((_, i) => i).filter((i) => data.resources.columns[i].kind === kind);
  return data.places.map((_, place) => data.links.map((_, link) => columns.map((column) => {
    const cell = cellOf(data, link, column, place);
    return [cell.state, cell.here.map(({ thing }) => data.resources.things[thing].name).sort()];
  })));
};
"""
CITIES = ("示例甲市", "示例乙市")
SAME = {"direct": "adequate", "through": "weak", "none": "missing", "unknown": "unknown", "absent": "unknown"}
ORDER = ("direct", "through", "none", "unknown", "absent")


def rows(seed: int) -> Batch:
    pick = random.Random(seed)
    platforms, alliances = [f"示例平台{i}" for i in range(5)], ["示例联盟0", "示例联盟1"]
    served = [("Product", f"p{i}") for i in range(6)] + [
        ("Technology", "t0"),
        ("Chain", "示例链"),
        ("Cluster", "示例集群"),
    ]
    serves = []
    for kind, names in (("Platform", platforms), ("Alliance", alliances)):
        for name in names:
            for target, to in pick.sample(served, pick.randint(0, 2)):
                serves.append({**end("src", kind, name), **end("dst", target, to)})
    placed = [{**end("src", k, n), **end("dst", "Region", pick.choice(CITIES))} for k, ns in
              (("Platform", platforms), ("Alliance", alliances)) for n in ns if pick.random() < 0.9]  # fmt: skip
    made = [(f"示例企业{i}", f"p{pick.randrange(6)}") for i in range(4)]
    nodes = {
        "Region": [{"name": "示例省", "level": "省"}, *({"name": c, "level": "市"} for c in CITIES)],
        "Chain": named("示例链"), "Cluster": named("示例集群"), "Technology": named("t0"),
        "Product": named(*(f"p{i}" for i in range(6))), "Platform": named(*platforms), "Alliance": named(*alliances),
        "Enterprise": named(*(name for name, _ in made)),
    }  # fmt: skip
    stand = edges("LOCATED_IN", "Enterprise", "Region", *((n, pick.choice(CITIES)) for n, _ in made))
    relations = {
        **edges("PART_OF", "Region", "Region", *((c, "示例省") for c in CITIES)),
        **edges("PRODUCES", "Enterprise", "Product", *made),
        **edges("REQUIRES", "Product", "Technology", ("p0", "t0"), ("p3", "t0")),
        "LOCATED_IN": [*placed, *stand["LOCATED_IN"]],
        "IN_CHAIN": [*({**end("src", "Product", f"p{i}"), **end("dst", "Chain", "示例链")} for i in range(5)),
                     {**end("src", "Cluster", "示例集群"), **end("dst", "Chain", "示例链")}],
        "SERVES": serves,
    }  # fmt: skip
    stated = [
        {
            "source": "示例声明",
            "relation": "SERVES",
            "population": "创新平台",
            "place": "示例省",
            "share": pick.choice((0.3, 0.9)),
        }
    ]
    return batch(nodes, relations, {"Coverage": stated})


def test_matrix_equals_coverage(chromium: Any) -> None:
    page = chromium.new_context().new_page()
    page.add_script_tag(content=bundle({**page_modules(), "probe.js": PROBE.lstrip()}, "probe.js"))
    seen = set()
    for seed in range(8):
        atlas = atlas_of(rows(seed))
        made = payload(atlas)
        packed = json.loads(as_json(made))
        links = [link["name"] for link in made["links"]]
        for kind in ("platforms", "alliances"):
            found = page.evaluate("([packed, kind]) => matrix(packed, kind)", [packed, kind])
            for place, cells in zip(made["places"], found, strict=True):
                told = {row["link"]: row for row in every_link(atlas, kind, place=place["name"]).rows}
                for link, row in zip(links, cells, strict=True):
                    if link not in told:
                        continue
                    state = min((cell[0] for cell in row), key=ORDER.index)
                    assert SAME[state] == told[link]["status"], (seed, kind, place["name"], link)
                    assert sorted(n for cell in row for n in cell[1]) == sorted(told[link]["names"])
                    seen.add(state)
    assert {"direct", "through", "none", "unknown"} <= seen
    page.context.close()
