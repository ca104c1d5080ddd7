"""Who makes what where in a synthetic payload, and the verdicts, figures and gaps that follow."""

from __future__ import annotations

import math
import random
from typing import Any

from synthetic_chains import Maker

CITIES = [
    ("济南", 117.0, 36.65),
    ("青岛", 120.38, 36.07),
    ("淄博", 118.05, 36.81),
    ("枣庄", 117.32, 34.81),
    ("东营", 118.67, 37.43),
    ("烟台", 121.45, 37.46),
    ("潍坊", 119.16, 36.71),
    ("济宁", 116.59, 35.41),
    ("泰安", 117.09, 36.2),
    ("威海", 122.12, 37.51),
    ("日照", 119.53, 35.42),
    ("滨州", 117.97, 37.38),
    ("德州", 116.36, 37.43),
    ("聊城", 115.99, 36.46),
    ("临沂", 118.36, 35.1),
    ("菏泽", 115.48, 35.23),
]


def population(maker: Maker) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    pick = maker.random
    enterprises = [
        {
            "key": f"firm-{i}",
            "name": f"示例企业{i + 1:03d}",
            "place": 1 + i % len(CITIES),
            "place_name": CITIES[i % len(CITIES)][0] + "市",
            "home": i % len(CITIES),
            "populations": ["示例企业"],
        }
        for i in range(230)
    ]
    produces = []
    for link in range(len(maker.links)):
        for enterprise in pick.sample(range(230), pick.choice((0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 9))):
            produces.append(
                {
                    "enterprise": enterprise,
                    "link": link,
                    "source": 1,
                    "ref": f"示例表 第{link + 2}行",
                    "as_of": "2026-04",
                    "confidence": 0.9,
                    "note": "披露产品：" + maker.links[link]["name"],
                }
            )
    return enterprises, produces


def hints(maker: Maker, produces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return two possible makers of every ninth link, by one word."""
    makers = {(fact["link"], fact["enterprise"]) for fact in produces}
    wanted = [(link, (link * 7 + n) % 230) for link in range(4, len(maker.links), 9) for n in range(2)]
    return [
        {
            "enterprise": enterprise,
            "link": link,
            "word": "示例词" + str(link),
            "field": "product",
            "how": "head",
            "why": 0,
            "score": 0.4,
            "source": 1,
            "ref": f"示例表 第{link + 2}行",
            "as_of": "2026-04",
        }
        for link, enterprise in wanted
        if (link, enterprise) not in makers
    ]


def verdicts(
    maker: Maker,
    place: int,
    enterprises: list[dict[str, Any]],
    produces: list[dict[str, Any]],
    hints: list[dict[str, Any]],
) -> dict[str, Any]:
    """Count producers and cut by coverage; coarse, but consistent with the facts shown."""
    pick = random.Random(place * 1000 + 1)
    n = len(maker.links)
    makers: list[set[int]] = [set() for _ in range(n)]
    anywhere = [0] * n
    for fact in produces:
        anywhere[fact["link"]] += 1
        if place == 0 or enterprises[fact["enterprise"]]["place"] == place:
            makers[fact["link"]].add(fact["enterprise"])
    may = [0] * n
    for hint in hints:
        may[hint["link"]] += place == 0 or enterprises[hint["enterprise"]]["place"] == place
    blind = place == 11
    coverage = [round(0.3 if blind or pick.random() < 0.18 else 0.62 + 0.25 * pick.random(), 2) for _ in range(n)]
    status, subkind, reason = "", [], []
    for link in range(n):
        k = len(makers[link])
        kind, why = None, None
        if k == 0 and maker.links[link]["primary"]:
            letter = "t"
        elif blind or (coverage[link] < 0.5 and k < 2) or (k == 1 and may[link]):
            letter, kind = "u", "at_least_one" if k else None
        elif k == 0 and may[link]:
            letter = "p"
        elif k == 0:
            letter = "m"
            kind = "nearby" if place and anywhere[link] else pick.choice(("domestic", "foreign", "broken"))
        elif k == 1:
            letter = "s"
        elif k <= 2:
            letter, why = "w", f"LQ 0.{60 + link % 39}"
        else:
            letter = "a"
        status += letter
        subkind.append(kind)
        reason.append(why)
    return {
        "status": status,
        "subkind": subkind,
        "producers": [len(m) for m in makers],
        "hints": may,
        "coverage": coverage,
        "named": coverage,
        "firm": [int(link % 8 != 6) for link in range(n)],
        "population": ["示例企业" if s in "mswp" else None for s in status],
        "confidence": [None if s == "u" else c for s, c in zip(status, coverage, strict=True)],
        "reason": reason,
        "avail": _avail(maker, status),
        "ground": ["示例覆盖声明" if c >= 0.5 else None for c in coverage],
    }


def _avail(maker: Maker, status: str) -> str:
    runs = []
    for optimistic in (False, True):
        made = [s in "awst" or (optimistic and s in "up") for s in status]
        good = [False] * len(status)
        for _ in range(40):
            groups: dict[int, dict[str, bool]] = {}
            for i, item in enumerate(maker.inputs):
                if item["back"]:
                    continue
                of = groups.setdefault(item["to"], {})
                key = item["group"] or f"#{i}"
                of[key] = of.get(key, False) or good[item["from"]]
            good = [made[p] and all(groups.get(p, {}).values()) for p in range(len(status))]
        runs.append(good)
    return "".join("y" if a else "?" if b else "n" for a, b in zip(*runs, strict=True))


def summary(maker: Maker, c: int, verdicts: list[dict[str, Any]]) -> dict[str, Any]:
    members = [i for i in maker.chains[c]["links"] if maker.links[i]["type"] == "product"]
    ends = maker.chains[c]["ends"]
    k, ao = [], []
    for verdict in verdicts:
        k.append(round(sum(verdict["producers"][i] > 0 for i in members) / len(members), 4))
        certain = sum(verdict["avail"][i] == "y" for i in ends) / len(ends)
        ao.append([certain, sum(verdict["avail"][i] != "n" for i in ends) / len(ends)])
    return {"K": k, "K_AO": ao}


def gaps(
    maker: Maker,
    verdicts: list[dict[str, Any]],
    produces: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    by_link: dict[int, set[int]] = {}
    for fact in produces:
        by_link.setdefault(fact["link"], set()).add(fact["enterprise"])
    gaps = []
    for c, chain in enumerate(maker.chains):
        for place, verdict in enumerate(verdicts):
            for link in chain["links"]:
                letter = verdict["status"][link]
                if letter not in "mswp" or maker.links[link]["type"] != "product":
                    continue
                pick = random.Random(c * 7919 + link * 31 + place)
                foreign = verdict["subkind"][link] == "foreign"
                near = sorted(e for e in by_link.get(link, ()) if letter == "m")
                gaps.append(
                    {
                        "chain": c,
                        "link": link,
                        "place": place,
                        "action": "chokepoint" if foreign else {"m": "fill", "p": "verify"}.get(letter, "strengthen"),
                        "criticality": round(pick.random(), 2),
                        "feasibility": None if pick.random() < 0.06 else round(pick.random(), 2),
                        "nearest": near[:3],
                        "parts": {"gain": 0.03, "downstream": 4, "density": 0.61, "inputs": 0.75},
                    }
                )
    return gaps


def km(a: dict[str, Any], b: dict[str, Any]) -> int:
    rad = math.pi / 180
    half = (
        math.sin((b["lat"] - a["lat"]) * rad / 2) ** 2
        + math.cos(a["lat"] * rad) * math.cos(b["lat"] * rad) * math.sin((b["lon"] - a["lon"]) * rad / 2) ** 2
    )
    return round(12742 * math.asin(math.sqrt(half)))
