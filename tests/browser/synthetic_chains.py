"""Links and inputs of synthetic chains: one drawn by hand, others generated stage by stage from a seed."""

from __future__ import annotations

import random
from typing import Any

from battery import BATTERY, BATTERY_INPUTS

STAGES = ("upstream", "midstream", "downstream")


class Maker:
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
