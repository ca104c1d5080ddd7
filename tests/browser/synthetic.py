"""Synthetic payloads for the page's tests. Every name says 示例; no fact in here is one.

The first chain of ``payload(28)`` has the shape of a battery chain drawn by hand (groups of
alternatives, long inputs, recycling); larger ones are generated stage by stage from a seed.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

from battery import BATTERY, BATTERY_INPUTS
from synthetic_more import more

from chainatlas.views.atlas.words import page_words

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
STAGES = ("upstream", "midstream", "downstream")
REGIONS = ("示例蓝色经济区", "示例生态经济区", "示例城市群经济圈", "示例隆起带", "示例转型城市")
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    '=HYPERLINK("http://x.invalid","示例")',
    "javascript:alert(1)",
    "+1+示例",
    "@示例",
    "\t示例制表符",
    "示例" + "超长名称" * 9,
    "ExampleLongLatinNameWithoutAnyBreakingOpportunity" * 2,
    "示例\u202e反向\u2028换行",
    '"><svg/onload=alert(1)>',
    "{{7*7}} ${7*7} {a|b}",
    "-示例减号",
]


class _Maker:
    """Collects the lists of a payload while chains are added to it."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.links: list[dict[str, Any]] = []
        self.inputs: list[dict[str, Any]] = []
        self.requires: list[list[int]] = []
        self.chains: list[dict[str, Any]] = []

    def link(self, chain: int, name: str, kind: str, stage: int, order: int, **flags: bool) -> int:
        self.links.append(
            {
                "key": f"link-{len(self.links)}",
                "name": name,
                "type": kind,
                "kind": None,
                "primary": flags.get("primary", False),
                "captive": False,
                "key_link": flags.get("key", False),
                "stages": {str(chain): {"stage": STAGES[stage], "order": order}},
            }
        )
        self.chains[chain]["links"].append(len(self.links) - 1)
        if flags.get("end"):
            self.chains[chain]["ends"].append(len(self.links) - 1)
        return len(self.links) - 1

    def join(self, a: int, b: int, group: str | None = None, back: bool = False) -> None:
        self.inputs.append(
            {"from": a, "to": b, "group": group, "essential": True, "back": back, "source": 2, "ref": "示例表 第9行"}
        )

    def chain(self, name: str) -> int:
        at = len(self.chains)
        self.chains.append({"key": f"chain-{at}", "name": name, "kind": "industry", "links": [], "ends": []})
        return at

    def battery(self) -> None:
        c = self.chain("示例锂电")
        at: dict[str, int] = {}
        tech: dict[str, int] = {}
        for i, (name, stage, step, key, end, _) in enumerate(BATTERY):
            at[name] = self.link(c, "示例" + name, "product", stage, step * 100 + i, key=bool(key), end=bool(end))
        # After the products, so that a product's position is its row in BATTERY.
        for i, (name, stage, _, _, _, technologies) in enumerate(BATTERY):
            for needed in technologies:
                if needed not in tech:
                    tech[needed] = self.link(c, "示例" + needed, "technology", stage, 900 + i)
                self.requires.append([at[name], tech[needed]])
        for a, b, group, back in BATTERY_INPUTS:
            self.join(at[a], at[b], group, bool(back))

    def generated(self, name: str, size: int, columns: int = 6) -> None:
        """Add a chain of products in columns, each made from one to three of earlier columns."""
        c, pick = self.chain(name), self.random
        letters = "甲乙丙丁戊己庚辛"
        rows: list[list[int]] = [[] for _ in range(columns)]
        for i in range(size):
            column = i * columns // size
            label = f"示例环节{letters[column]}{len(rows[column]) + 1:02d}"
            rows[column].append(
                self.link(
                    c,
                    label,
                    "product",
                    column * 3 // columns,
                    i,
                    key=pick.random() < 0.14,
                    end=column == columns - 1,
                )
            )
        for column in range(1, columns):
            for link in rows[column]:
                before = rows[column - 1]
                centre = rows[column].index(link) * len(before) // len(rows[column])
                near = before[max(0, centre - 1) : centre + 2]
                chosen = pick.sample(near, min(len(near), pick.choice((1, 1, 2))))
                alternatives = len(chosen) > 1 and pick.random() < 0.3
                for a in chosen:
                    self.join(a, link, "1" if alternatives else None)
                if column > 1 and pick.random() < 0.12:
                    self.join(pick.choice(rows[column - 2]), link)
            if pick.random() < 0.8:
                technology = self.link(c, f"示例技术{letters[column]}", "technology", column * 3 // columns, 9000)
                self.requires.append([rows[column][0], technology])
        self.join(rows[-1][0], rows[0][0], back=True)


def payload(
    links: int = 28, chains: int = 18, *, hostile: bool = False, seed: int = 7, demo: bool = True
) -> dict[str, Any]:
    """Return a synthetic payload.

    Parameters
    ----------
    links : int
        Products of the first chain; 28 gives the hand-drawn one.
    chains : int
        Number of chains; those after the first have 14 to 24 products.
    hostile : bool
        Whether names are replaced by texts that try to run, break out or overflow.
    seed : int
        Equal arguments give an equal payload.
    demo : bool
        Whether the payload says that it is the demonstration.
    """
    maker = _Maker(seed)
    if links == 28:
        maker.battery()
    else:
        maker.generated("示例长链", links)
    for i in range(1, chains):
        maker.generated(f"示例链{i + 1:02d}", maker.random.randint(14, 24), 5)
    result = _assemble(maker, demo)
    result |= more(result)
    if hostile:
        _poison(result)
    return result


def large(*, chains: int, products: int, places: int) -> dict[str, Any]:
    """Return a payload of full size: most links missing everywhere, as where few firms are listed."""
    maker = _Maker(11)
    for i in range(chains):
        maker.generated(f"示例链{i + 1:02d}", products, 8)
    base = _assemble(maker, True)
    pick = random.Random(5)
    verdicts, gaps = [], []
    for place in range(places):
        verdict = {key: list(value) for key, value in base["verdicts"][place % 11].items()}
        for at in range(len(maker.links)):
            if pick.random() < 0.75:
                verdict["status"][at], verdict["producers"][at], verdict["hints"][at] = "m", 0, 0
        verdict["status"] = "".join(verdict["status"])
        verdict["avail"] = "".join(verdict["avail"])
        verdicts.append(verdict)
    rows = [{**base["places"][1 + p % 16], "key": f"place-{p}", "name": f"示例地点{p:02d}"} for p in range(1, places)]
    for c, chain in enumerate(maker.chains):
        chain["summary"] = {"K": [0.4321] * places, "K_AO": [[0.0, 0.25]] * places}
        for link in chain["links"]:
            pick.seed(link)
            needed = round(pick.random(), 3)
            for place, verdict in enumerate(verdicts):
                if verdict["status"][link] not in "msw":
                    continue
                # Places differ less than links do: some have the same producers near and the same inputs.
                pick.seed(link * 100 + place % 6)
                gain, present = pick.choice((0, 0, 0, 0.125, 0.25)), pick.choice((0, 0, 0.333, 0.5, 1, None))
                near = pick.choice(([], [link % 97], [link % 97, link % 89, link % 83]))
                parts = {"gain": gain, "needed": needed, "downstream": needed}
                parts |= {} if present is None else {"inputs_present": present}
                where = {"chain": c, "link": link, "place": place, "action": "fill", "nearest": near}
                gaps.append({**where, "criticality": max(gain, needed), "feasibility": present, "parts": parts})
    return {**base, "places": [base["places"][0], *rows], "verdicts": verdicts, "gaps": gaps,
            "km": [[pick.randrange(900) for _ in range(places)] for _ in CITIES]}  # fmt: skip


def _assemble(maker: _Maker, demo: bool) -> dict[str, Any]:
    places = [
        {
            "key": "sd",
            "name": "示例省",
            "short": "示例省",
            "level": "province",
            "parent": None,
            "lon": 118.0,
            "lat": 36.3,
        }
    ]
    places += [
        {"key": f"city-{i}", "name": name + "市", "short": name, "level": "city", "parent": 0, "lon": lon, "lat": lat}
        for i, (name, lon, lat) in enumerate(CITIES)
    ]
    enterprises, produces = _population(maker)
    hints = _hints(maker, produces)
    verdicts = [_verdicts(maker, place, enterprises, produces, hints) for place in range(len(places))]
    for c, chain in enumerate(maker.chains):
        chain["summary"] = _summary(maker, c, verdicts)
    clusters = [
        {
            "key": f"cluster-{c}",
            "name": chain["name"],
            "region": REGIONS[c * 5 // len(maker.chains)],
            "chain": c,
            "source": "示例名录A",
        }
        for c, chain in enumerate(maker.chains)
    ]
    technologies = sum(link["type"] == "technology" for link in maker.links)
    return {
        "format": 1,
        "hash": "0" * 64,
        "as_of": "2026-09-30",
        "floor": 0.5,
        "demo": demo,
        "scope_note": {
            "zh": "数据为虚构，判定只对示例企业成立",
            "en": "Invented data; verdicts hold among example enterprises only",
        },
        "words": page_words(),
        "sources": [
            {"name": "示例名录A", "as_of": "2026-06", "facts": len(enterprises)},
            {"name": "示例年报B", "as_of": "2026-04", "facts": len(produces)},
            {"name": "示例链条模板", "as_of": "2026-03", "facts": len(maker.inputs)},
        ],
        "coverage": [
            {
                "source": "示例名录A",
                "relation": "PRODUCES",
                "population": "示例企业",
                "place": "示例省",
                "chain": None,
                "share": 0.81,
                "basis": "示例覆盖声明",
                "as_of": "2026-06",
            },
        ],
        "counts": {
            "clusters": len(clusters),
            "chains": len(maker.chains),
            "links": len(maker.links) - technologies,
            "technologies": technologies,
            "enterprises": len(enterprises),
        },
        "targets": [
            {
                "name": "示例目标甲",
                "due": "2015",
                "goal": 5,
                "value": 5,
                "unit": "个",
                "state": "met",
                "source": "示例文件",
            },
            {
                "name": "示例目标乙",
                "due": None,
                "goal": 20,
                "value": 18,
                "unit": "个",
                "state": "on_the_way",
                "source": "示例文件",
            },
            {
                "name": "示例目标丙",
                "due": "2020",
                "goal": 15,
                "value": 9,
                "unit": "个",
                "state": "behind",
                "source": "示例文件",
            },
            {
                "name": "示例目标丁",
                "due": "2020",
                "goal": 20,
                "value": None,
                "unit": "个",
                "state": "unknown",
                "source": "示例文件",
            },
        ],
        "places": places,
        "clusters": clusters,
        "chains": maker.chains,
        "links": maker.links,
        "inputs": maker.inputs,
        "requires": maker.requires,
        "enterprises": enterprises,
        "produces": produces,
        "hints": hints,
        "reasons": [{"zh": "词义更宽：环节的中心词就是“示例词”", "en": "a broader word"}],
        "verdicts": verdicts,
        "gaps": _gaps(maker, verdicts, produces),
        "km": [[_km(here, there) for there in places] for here in places[1:]],
        "part_labels": {
            "gain": {"zh": "完整度增量", "en": "Gain in completeness"},
            "downstream": {"zh": "影响下游", "en": "Downstream reached"},
            "density": {"zh": "同类密度", "en": "Density"},
            "inputs": {"zh": "已有投入", "en": "Inputs present"},
        },
    }


def _population(maker: _Maker) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
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


def _hints(maker: _Maker, produces: list[dict[str, Any]]) -> list[dict[str, Any]]:
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


def _verdicts(
    maker: _Maker,
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


def _avail(maker: _Maker, status: str) -> str:
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


def _summary(maker: _Maker, c: int, verdicts: list[dict[str, Any]]) -> dict[str, Any]:
    members = [i for i in maker.chains[c]["links"] if maker.links[i]["type"] == "product"]
    ends = maker.chains[c]["ends"]
    k, ao = [], []
    for verdict in verdicts:
        k.append(round(sum(verdict["producers"][i] > 0 for i in members) / len(members), 4))
        certain = sum(verdict["avail"][i] == "y" for i in ends) / len(ends)
        ao.append([certain, sum(verdict["avail"][i] != "n" for i in ends) / len(ends)])
    return {"K": k, "K_AO": ao}


def _gaps(
    maker: _Maker,
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


def _km(a: dict[str, Any], b: dict[str, Any]) -> int:
    rad = math.pi / 180
    half = (
        math.sin((b["lat"] - a["lat"]) * rad / 2) ** 2
        + math.cos(a["lat"] * rad) * math.cos(b["lat"] * rad) * math.sin((b["lon"] - a["lon"]) * rad / 2) ** 2
    )
    return round(12742 * math.asin(math.sqrt(half)))


def _poison(result: dict[str, Any]) -> None:
    """Put a hostile text wherever a name, a reference or a word can stand."""
    bad = HOSTILE

    def text(i: int) -> str:
        return bad[i % len(bad)]

    for name in ("chains", "clusters", "links", "enterprises", "places", "sources", "targets", "entities"):
        for i, item in enumerate(result[name]):
            item["name"] = text(i) if name != "links" or i % 2 == 0 else item["name"]
    for i, item in enumerate(result["enterprises"]):
        item["place_name"] = text(i + 3)
    for i, item in enumerate(result["produces"]):
        item["ref"], item["note"] = text(i), text(i + 1)
    for i, item in enumerate(result["inputs"]):
        item["group"] = item["group"] and text(hash_of(item["group"]) + i * 0)
    for i, item in enumerate(result["chains"] + result["places"] + result["links"]):
        item["key"] = f"{text(i)}&#={i}"
    for verdict in result["verdicts"]:
        verdict["reason"] = [text(i) if r else r for i, r in enumerate(verdict["reason"])]
        verdict["population"] = [text(i) if r else r for i, r in enumerate(verdict["population"])]
    result["scope_note"] = {"zh": text(0), "en": text(1)}
    result["coverage"][0].update(basis=text(0), population=text(1), place=text(2), source=text(3))
    for cluster in result["clusters"]:
        cluster["region"] = text(1)
    _poison_more(result, text)


def _poison_more(result: dict[str, Any], text: Callable[[int], str]) -> None:
    """Go on with entities, relations, resources, partners and loads."""
    for i, entity in enumerate(result["entities"]):
        entity.update(
            place_name=text(i + 2), facts=[[0, text(i)], [1, text(i + 1)]], claims=[[0, text(i), text(i + 3)]]
        )
    for i, relation in enumerate(result["relations"]):
        relation.update(ref=text(i), as_of=text(i + 5))
    for field in result["fields"]:
        field.update(zh=text(0), en=text(4))
    resources = result["resources"]
    for i, column in enumerate(resources["columns"]):
        column["label"] = {"zh": text(i), "en": text(i + 1)}
        column["group"] = {"zh": text(i // 3), "en": text(i // 3)}
        column["sheet"] = text(i)
    for i, thing in enumerate(resources["things"]):
        thing.update(name=text(i), place_name=text(i + 1), ref=text(i + 2))
    for i, criterion in enumerate(result["partners"]["criteria"]):
        criterion["label"] = {"zh": text(i), "en": text(i)}
    result["partners"]["note"] = {"zh": text(0), "en": text(1)}
    for i, row in enumerate(result["loads"]["rejects"]):
        row.update(value=text(i), file=text(i + 1), column=text(i + 2), reason={"zh": text(i), "en": text(i)})
    result["loads"]["files"][0].update(file=text(0), sheet=text(1))


def hash_of(value: str) -> int:
    """Return a number for a text that is the same in every run."""
    return sum(map(ord, value))
