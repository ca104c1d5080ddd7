"""The links of the bundled recipes, and those that are not judged beside a labelled one."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

HERE = Path(__file__).parent
Row = dict[str, str]


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def links(root: Path) -> list[Row]:
    return rows(root / "data" / "shandong" / "产品环节.csv")


@pytest.fixture(scope="module")
def wider(links: list[Row]) -> dict[str, set[str]]:
    """For each link those that are not judged beside it."""
    pairs = [(row["产品名称"], row["上级产品"]) for row in links if row["上级产品"]]
    pairs += [(row["标注环节"], row["不判的环节"]) for row in rows(HERE / "gold_not_judged.csv")]
    direct: dict[str, set[str]] = {}
    for link, other in pairs:
        direct.setdefault(link, set()).add(other)
    return direct
