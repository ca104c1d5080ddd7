"""Synthetic payloads for the page's tests. Every name says 示例; no fact in here is one.

The first chain of ``payload(28)`` has the shape of a battery chain drawn by hand (groups of
alternatives, long inputs, recycling); larger ones are generated stage by stage from a seed.
"""

from __future__ import annotations

import random
from typing import Any

import synthetic_facts as facts
from synthetic_chains import Maker
from synthetic_hostile import poison
from synthetic_more import more

from chainatlas.views.atlas.words import page_words

REGIONS = ("示例蓝色经济区", "示例生态经济区", "示例城市群经济圈", "示例隆起带", "示例转型城市")


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
    maker = Maker(seed)
    if links == 28:
        maker.battery()
    else:
        maker.generated("示例长链", links)
    for i in range(1, chains):
        maker.generated(f"示例链{i + 1:02d}", maker.random.randint(14, 24), 5)
    result = _assemble(maker, demo)
    result |= more(result)
    if hostile:
        poison(result)
    return result


def large(*, chains: int, products: int, places: int) -> dict[str, Any]:
    """Return a payload of full size: most links missing everywhere, as where few firms are listed."""
    maker = Maker(11)
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
            "km": [[pick.randrange(900) for _ in range(places)] for _ in facts.CITIES]}  # fmt: skip


def _assemble(maker: Maker, demo: bool) -> dict[str, Any]:
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
        for i, (name, lon, lat) in enumerate(facts.CITIES)
    ]
    enterprises, produces = facts.population(maker)
    hints = facts.hints(maker, produces)
    verdicts = [facts.verdicts(maker, place, enterprises, produces, hints) for place in range(len(places))]
    for c, chain in enumerate(maker.chains):
        chain["summary"] = facts.summary(maker, c, verdicts)
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
        "words": page_words(),
        "sources": [
            {"name": "示例名录A", "as_of": "2026-06", "facts": len(enterprises)},
            {"name": "示例年报B", "as_of": "2026-04", "facts": len(produces)},
            {"name": "示例链条模板", "as_of": "2026-03", "facts": len(maker.inputs)},
        ],
        "counts": {
            "clusters": len(clusters),
            "chains": len(maker.chains),
            "links": len(maker.links) - technologies,
            "technologies": technologies,
            "enterprises": len(enterprises),
        },
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
        "gaps": facts.gaps(maker, verdicts, produces),
        "km": [[facts.km(here, there) for there in places] for here in places[1:]],
        **_said(),
    }


def _said() -> dict[str, Any]:
    """Return what a payload says whatever its chains: terms of its data, targets, words of its parts."""
    return {
        "scope_note": {
            "zh": "数据为虚构，判定只对示例企业成立",
            "en": "Invented data; verdicts hold among example enterprises only",
        },
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
        "part_labels": {
            "gain": {"zh": "完整度增量", "en": "Gain in completeness"},
            "downstream": {"zh": "影响下游", "en": "Downstream reached"},
            "density": {"zh": "同类密度", "en": "Density"},
            "inputs": {"zh": "已有投入", "en": "Inputs present"},
        },
    }
