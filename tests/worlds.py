"""Small random worlds in which everything occurs that the bundled Cypher texts speak of."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any

from building import Rows, batch, edges, named

from chainatlas.graph.columns.batch import Batch
from chainatlas.graph.identity.terms import TermJudgement, WordBook

CITIES = {"甲市": "东省", "乙市": "东省", "丙市": "西省"}
COUNTIES = {"子县": "甲市", "丑县": "乙市", "寅县": "丙市"}
PLACES = ("中国", "东省", "甲市", "丑县", "沿海区", None)
CHAINS = ("车链", "船链")
WORDS = ("甲词", "乙词", "丙词")  # products of no chain, which decisions attach to links
INACTIVE = ["注销", "吊销", "已注销", "停业", "歇业", "清算", "破产"]


def book(seed: int) -> WordBook:
    """Return decisions on the words of a world: some make makers, some possible makers, some nothing."""
    rng = random.Random(-seed)
    return WordBook(judgements=tuple(
        TermJudgement(word, f"产品{rng.randint(0, 3)}", rng.choice(["same", "narrower", "broader", "broader", "none"]))
        for word in WORDS
    ))  # fmt: skip


def world(seed: int, shares: Sequence[float] = ()) -> Batch:
    """Return a world: places, firms (some gone), products with kinds, supplies, claims, resources.

    Parameters
    ----------
    shares
        Shares that completeness statements give, so that κ may stand at a limit exactly; any by default.
    """
    rng = random.Random(seed)
    products, firms = [f"产品{i}" for i in range(rng.randint(3, 9))], [f"企业{i}" for i in range(rng.randint(2, 14))]
    techs, labs, stations = ["焊", "铸"], ["东大学", "西大学"], ["平台1", "平台2"]

    def some(a: Iterable[str], b: Iterable[str], share: float) -> list[tuple[str, str]]:
        return [(x, y) for x in a for y in b if x != y and rng.random() < share]

    later = [(a, b) for i, a in enumerate(products) for b in products[i + 1 :] if rng.random() < 0.3]
    relations: Rows = {}

    def add(more: Rows) -> None:
        for name, rows in more.items():
            relations.setdefault(name, []).extend(rows)

    add(edges("PART_OF", "Region", "Region", ("东省", "中国"), ("西省", "中国"), *CITIES.items(), *COUNTIES.items(),
              ("甲市", "沿海区"), ("丙市", "沿海区")))  # fmt: skip
    add(edges("LOCATED_IN", "Cluster", "Region", ("车集群", "乙市")))
    for firm in firms:
        place = rng.choice([*CITIES, *COUNTIES, "东省", "西省", None])
        if place:
            add(edges("LOCATED_IN", "Enterprise", "Region", (firm, place)))
        if rng.random() < 0.3:
            add(edges("IN_CLUSTER", "Enterprise", "Cluster", (firm, "车集群")))
    add(edges("LOCATED_IN", "Institute", "Region", ("东大学", "甲市")))
    add(edges("PRODUCES", "Enterprise", "Product", *some(firms, products, 0.2)))
    add(edges("PRODUCES", "Enterprise", "Product", *some(firms, WORDS, 0.15)))
    add(edges("SUPPLIES", "Enterprise", "Enterprise", *some(firms, firms, rng.choice([0, 0.1]))))
    add(edges("COOPERATES", "Enterprise", "Enterprise", *some(firms, firms, 0.05)))
    add(edges("INPUT_OF", "Product", "Product", *((a, b, {"group": rng.choice(["1", "2", None]),
              "essential": rng.random() < 0.8, "source": "模板"}) for a, b in later)))  # fmt: skip
    add(edges("KIND_OF", "Product", "Product", *(p for p in later if rng.random() < 0.15)))
    for chain in CHAINS:
        add(edges("IN_CHAIN", "Product", "Chain", *((p, chain) for p in products if rng.random() < 0.7)))
    add(edges("IN_CHAIN", "Technology", "Chain", ("焊", "车链")))
    add(edges("REQUIRES", "Product", "Technology", *some(products, techs, 0.3)))
    for kind, who in (("Enterprise", firms), ("Institute", labs), ("Platform", stations)):
        add(edges("MASTERS", kind, "Technology", *some(who, techs, 0.25)))
    add(edges("HOSTS", "Enterprise", "Platform", *some(firms, stations, 0.15)))
    add(edges("OWNS", "Enterprise", "Patent", *some(firms, ["专利1", "专利2"], 0.15)))
    add(edges("LEADS", "Enterprise", "Alliance", *some(firms, ["联盟1"], 0.1)))
    for kind, target, what in (("Platform", "Product", products), ("Alliance", "Chain", CHAINS),
                               ("Project", "Technology", techs)):  # fmt: skip
        names = {"Platform": stations, "Alliance": ["联盟1"], "Project": ["项目1"]}[kind]
        add(edges("SERVES", kind, target, *some(names, what, 0.3)))
    regions = [{"name": n, "level": lv, **({"code": "CHN"} if n == "中国" else {})} for n, lv in
               [("中国", "国家"), ("东省", "省"), ("西省", "省"), ("沿海区", "区域"), *((c, "市") for c in CITIES),
                *((c, "县") for c in COUNTIES)]]  # fmt: skip
    nodes: Rows = {
        "Region": regions, "Cluster": named("车集群"), "Institute": named(*labs), "Platform": named(*stations),
        "Enterprise": [_firm(rng, f, i) for i, f in enumerate(firms)],
        "Product": [*({"name": p, "source": "模板", "captive": rng.random() < 0.1, "primary": rng.random() < 0.1}
                      for p in products), *named(*WORDS)],
        "Chain": [{"name": "车链", "short_name": "汽车链"}, {"name": "船链"}], "Technology": named(*techs),
        "Patent": [{"name": n, "number": n} for n in ("专利1", "专利2")],
        "Alliance": named("联盟1"),
        "Project": named("项目1"),
    }  # fmt: skip
    return batch(nodes, relations, {"Coverage": _claims(rng, shares)})


def _firm(rng: random.Random, name: str, number: int) -> dict[str, Any]:
    listed = rng.random() < 0.4
    return {"name": name, "status": rng.choice([None, "存续", "注销", "吊销，未注销"]),
            "kind": rng.choice([None, "规上工业企业"]),
            "business_scope": rng.choice([None, None, "丙词的生产"]),
            "stock_code": f"60{number:04d}" if listed else None}  # fmt: skip


_PARTS: tuple[dict[str, Any], ...] = (
    {"basis": "按事实核对"}, {"basis": "按事实核对"}, {}, {"told": 0.9, "named": 0.6, "included": 0.9},
    {"told": 1.0, "grain": 0.95},
)  # fmt: skip


def _claims(rng: random.Random, shares: Sequence[float]) -> list[dict[str, Any]]:
    made = []
    for number in range(rng.randint(0, 3)):
        share = (
            (lambda: rng.choice(shares)) if shares else (lambda: round(rng.random() ** 0.15, 2))
        )  # often high, so that much can be said
        made.append({"source": f"名录{number}", "relation": rng.choice(["PRODUCES", "PRODUCES", "MASTERS"]),
                     "population": rng.choice([None, "全部", "上市公司", "规上工业企业"]),
                     "place": rng.choice([None, "中国", "东省", "甲市", "沿海区"]),
                     "chain": rng.choice([None, None, "车链"]), "share": share(),
                     **({"basis": "按事实核对"} if shares else rng.choice(_PARTS))})  # fmt: skip
    return made
