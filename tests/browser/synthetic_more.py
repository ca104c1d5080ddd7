"""The rest of a synthetic payload: entities, resources, partners, loads. Every name says 示例."""

from __future__ import annotations

import random
from typing import Any

TYPES = {
    "Cluster": ("产业集群", "Cluster"), "Enterprise": ("企业", "Enterprise"), "Institute": ("高校院所", "Institute"),
    "Platform": ("创新平台", "Platform"), "Alliance": ("联盟", "Alliance"), "Fund": ("资金", "Fund"),
    "Product": ("产品/环节", "Product or link"), "Technology": ("技术", "Technology"), "Chain": ("链", "Chain"),
}  # fmt: skip
COLUMNS = [
    ("示例重点实验室", "platforms", "平台", True), ("示例工程研究中心", "platforms", "平台", True),
    ("示例企业技术中心", "platforms", "平台", True), ("示例联盟", "alliances", "组织", True),
    ("示例孵化器", "services", "组织", True), ("示例研发资金", "funds", "资金", True),
    ("示例转化资金", "funds", "资金", False), ("示例市场资金", "funds", "资金", True),
    ("示例人才团队", "teams", "人才与专利", True), ("示例专利", "patents", "人才与专利", True),
]  # fmt: skip
# Key, name, stated weight, what counts where nothing is known; None: the page computes it for the place.
CRITERIA = [
    ("capability", "示例能力", 0.3, 0.0),
    ("link_score", "示例链接", 0.15, 0.0),
    ("proximity", "示例技术", 0.1, 0.1),
    ("complementarity", "示例互补", 0.1, None),
    ("geography", "示例地理", 0.12, None),
    ("organisational", "示例组织", 0.05, 0.2),
    ("institutional", "示例制度", 0.05, None),
    ("social", "示例社会", 0.05, 0.1),
    ("absorptive", "示例吸收", 0.04, 0.4),
    ("evidence", "示例证据", 0.04, 0.6),
]
PLACED = {"complementarity": 0.0, "geography": 0.25, "institutional": 0.5}
MEANS = [
    ("makes", 1),
    ("serves", 1),
    ("words", 2),
    ("technology", 3),
    ("parent", 3),
    ("sibling", 3),
    ("input", 4),
    ("use", 4),
]
SAYS = {
    "makes": "生产{product}",
    "masters": "掌握{product}",
    "may_make": "可能生产{product}",
    "words": "自称“{word}”，可能包括{link}",
    "serves": "服务{product}",
    "required": "{does}，{link}需要它",
    "requires": "{does}，它需要{link}",
    "shares": "{does}，与{link}同用{technology}",
    "parent": "{does}，{link}是一种",
    "kin": "{does}，与{link}同属{parent}",
    "sibling": "{does}，与{link}同属{parent}，同用{inputs}",
    "alike": "{does}，与{link}同用{inputs}",
    "input": "{does}，是{link}的直接投入",
    "use": "{does}，直接用到{link}",
    "source": "据{source}",
    "field": "据{source}的{field}",
    "place": "在{place}",
    "distance": "在{place}，相距约{km}公里",
    "join": "；",
    "end": "。",
}
WAYS = ("direct", "direct", "technology", "chain", "cluster")


def more(base: dict[str, Any], seed: int = 3) -> dict[str, Any]:
    """Return what a payload holds besides its chains and verdicts; equal bases give equal rests."""
    pick = random.Random(seed)
    entities = _entities(base)
    links, chains = len(entities), len(entities) + len(base["links"])
    firms = {e["key"]: i for i, e in enumerate(entities)}
    relations = []

    def tie(kind: str, a: int, b: int, n: int) -> None:
        relations.append(
            {"type": kind, "from": a, "to": b, "source": 0, "ref": f"示例关系表 第{n}行", "as_of": "2026-05"}
        )

    for n, entity in enumerate(entities):
        if entity["type"] == "Cluster":
            tie("IN_CHAIN", n, chains + n % max(1, len(base["chains"])), n)
        if entity["type"] == "Platform":
            tie("HOSTS", firms[f"firm-{n % 200}"], n, n)
            tie("SERVES", n, links + n % max(1, len(base["links"])), n)
    places = len(base["places"])
    return {
        "entities": entities, "relations": relations, "resources": _resources(base, pick, places),
        "fields": [{"zh": "类别", "en": "Kind"}, {"zh": "说明", "en": "Description"}],
        "types": {k: {"zh": zh, "en": en} for k, (zh, en) in TYPES.items()},
        "partners": _partners(base, entities, firms, pick), "kinds": [],
        "elsewhere": _elsewhere(base),
        "loads": {
            "files": [{"load": 1, "file": "示例企业.xlsx", "sheet": "企业", "type": "Enterprise", "read": 233,
                       "new": 230,
                       "unchanged": 0, "merged": 1, "rejected": 2}],
            "rejects": [{"file": "示例企业.xlsx", "row": 7 + i, "column": "统一社会信用代码", "value": "示例坏代码",
                         "reason": {"zh": "校验位不对", "en": "wrong check digit"}} for i in range(2)], "rejected": 2},
    }  # fmt: skip


def _entities(base: dict[str, Any]) -> list[dict[str, Any]]:
    def one(key: str, kind: str, name: str, place: int | None, n: int) -> dict[str, Any]:
        held = place is not None and place < len(base["places"])
        return {"key": key, "type": kind, "name": name, "place": place if held else None,
                "place_name": base["places"][place]["name"] if held else "",
                "home": place - 1 if held and place else None,
                "zones": [], "facts": [[0, "示例类别"], [1, f"示例说明{n}"]],
                "claims": [[0, f"示例名录 第{n + 2}行", "2026-06"]], "told": 1}  # fmt: skip

    found = [one(c["key"], "Cluster", c["name"], 0, i) for i, c in enumerate(base["clusters"])]
    found += [one(e["key"], "Enterprise", e["name"], e["place"], i) for i, e in enumerate(base["enterprises"])]
    found += [one(f"institute-{i}", "Institute", f"示例研究院{i + 1:02d}", 1 + i % 16, i) for i in range(12)]
    found += [one(f"platform-{i}", "Platform", f"示例平台{i + 1:02d}", 1 + i % 16, i) for i in range(40)]
    found += [one(f"alliance-{i}", "Alliance", f"示例联盟{i + 1:02d}", 1 + i % 16, i) for i in range(9)]
    return found


def _resources(base: dict[str, Any], pick: random.Random, places: int) -> dict[str, Any]:
    columns = [{"label": {"zh": name, "en": name}, "loaded": 20 if loaded else 0, "sheet": "示例表", "kind": kind,
                "group": {"zh": group, "en": group}} for name, kind, group, loaded in COLUMNS]  # fmt: skip
    things, serves = [], []
    for column, (name, _, _, loaded) in enumerate(COLUMNS):
        for n in range(20 if loaded else 0):
            place = 1 + (n * 5 + column) % 16
            things.append({"key": f"thing-{column}-{n}", "name": f"{name}{n + 1:02d}", "columns": [column],
                           "places": sorted({0, min(place, places - 1)}), "place": min(place, places - 1),
                           "place_name": base["places"][min(place, places - 1)]["name"],
                           "home": min(place, places - 1) - 1 if places > 1 else None, "zones": [], "source": 0,
                           "ref": f"示例资源表 第{n + 2}行", "as_of": "2026-05"})  # fmt: skip
            way = WAYS[(n + column) % len(WAYS)]
            members = [i for i, link in enumerate(base["links"]) if "0" in link["stages"]]
            served = (
                members
                if way in ("chain", "cluster") and n % 5 == 0
                else pick.sample(range(len(base["links"])), min(6, len(base["links"])))
            )
            serves.append({"thing": len(things) - 1, "way": way, "links": sorted(served)})
    known = [[0.8 if place != 11 else 0.2 for place in range(places)], [0.3] * places]
    return {"columns": columns, "things": things, "serves": serves,
            "kappa": dict.fromkeys(("platforms", "funds", "patents", "teams"), known),
            "classes": [1 if i % 6 == 5 else 0 for i in range(len(base["links"]))]}  # fmt: skip


def _partners(
    base: dict[str, Any], entities: list[dict[str, Any]], firms: dict[str, int], pick: random.Random
) -> dict[str, Any]:
    makers: dict[int, list[int]] = {}
    for fact in base["produces"]:
        makers.setdefault(fact["link"], []).append(fact["enterprise"])
    bodies = [i for i, e in enumerate(entities) if e["type"] in ("Institute", "Platform", "Alliance")]
    needs = []
    for link in range(len(base["links"])):
        rows = [(firms[f"firm-{firm}"], 0, link) for firm in list(dict.fromkeys(makers.get(link, [])))[:6]]
        known = {row[0] for row in rows}
        some = pick.sample(range(min(200, len(base["enterprises"]))), min(5, len(base["enterprises"])))
        rows += [(firms[f"firm-{firm}"], 6, max(0, link - 1)) for firm in some if firms[f"firm-{firm}"] not in known]
        rows += [(body, 1, link) for body in bodies[link % 5 : link % 5 + 2]]
        needs.append(need(rows, [pick.randrange(1001) for _ in rows], inputs=[max(0, link - 1)] if link % 2 else []))
    return {**frame(base, entities), "needs": needs}


def need(rows: list[tuple[int, int, int]], score: list[int], inputs: list[int] | None = None) -> dict[str, Any]:
    """Return the candidates of a link: (entity, way, item) each, the link score of each, all else the same."""
    travels = [key for key, *_ in CRITERIA if key not in PLACED]
    told = {"capability": [1000] * len(rows), "link_score": score, "proximity": [300] * len(rows)}
    return {
        "inputs": inputs or [],
        "entity": [e for e, _, _ in rows],
        "way": [w for _, w, _ in rows],
        "other": [i for _, _, i in rows],
        "held": [[0] if inputs and n % 2 else [] for n in range(len(rows))],
        "values": [told.get(key, [None] * len(rows)) for key in travels],
    }


def frame(base: dict[str, Any], entities: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what ranks the candidates; all places lie in one province of one country."""

    def both(zh: str, en: str = "") -> dict[str, str]:
        return {"zh": zh, "en": en or zh}

    weights = [w for _, _, w, _ in CRITERIA]
    homes = sum(1 for place in base["places"] if place["level"] == "city")
    return {
        "criteria": [
            {"key": k, "label": both(zh, k), "neutral": PLACED.get(k, neutral), "placed": k in PLACED}
            for k, zh, _, neutral in CRITERIA
        ],
        "weights": {
            "learned": {
                "label": both("示例学得", "learned"),
                "note": both("示例说明一"),
                "value": [0.1] * len(weights),
            },
            "stated": {"label": both("示例公布", "stated"), "note": both("示例说明二"), "value": weights},
        },
        "d0": 200,
        "tiers": 4,
        "enough": 5,
        "lists": ["Enterprise", "Institute", "Platform", "Team", "Alliance"],
        "ways": [{"key": k, "tier": tier, "step": both("示例步骤"), "last": both("示例末步")} for k, tier in MEANS],
        "says": {code: both(text) for code, text in SAYS.items()},
        "groups": [],
        "bare": [],
        "served": [],
        "trades": [],
        "homes": [[0, 0]] * max(homes, len(base["km"])),
        "places": [[[0], [0]] for _ in base["places"]],
        "beyond": [],
        "note": both("得分 = Σ权重×分项", "Score = Σ weight × part"),
        "nobody": {"able": both("示例：没有谁有能力做{need}"), "left": both("示例：{need}只有已经在做的")},
    }


def _elsewhere(base: dict[str, Any]) -> dict[str, Any]:
    n = len(base["links"])
    total = [0] * n
    for fact in base["produces"]:
        total[fact["link"]] += 1
    cities = range(1, len(base["places"]))
    return {"total": total, "abroad": [0] * n, "seen": [True] * n,
            "near": {"pool": [None, total], "at": [0, *(1 for _ in cities)]},
            "away": [], "provinces": [[], *([0] for _ in cities)]}  # fmt: skip
