"""The gold for attaching is well formed: its words stand in its texts, its links exist, it never contradicts itself."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MAKES = {"same", "narrower"}
Row = dict[str, str]


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def all_wider(link: str, direct: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [link]
    while waiting:
        for other in direct.get(waiting.pop(), set()) - reached:
            reached.add(other)
            waiting.append(other)
    return reached - {link}


@pytest.mark.parametrize("name", ["gold_a", "gold_b"])
def test_each_label_names_a_link_by_words_of_its_text(name: str, links: list[Row]) -> None:
    known = {row["产品名称"] for row in links}
    texts = {row["企业名称"]: row["原文"] for row in rows(HERE / f"{name}.csv")}
    labels = rows(HERE / f"{name}_labels.csv")
    assert {label["企业名称"] for label in labels} == set(texts)
    assert [label for label in labels if label["环节"] not in known] == []
    assert [label for label in labels if not label["片段"] or label["片段"] not in texts[label["企业名称"]]] == []
    assert [label for label in labels if not label["理由"]] == []
    assert {label["关系"] for label in labels} == {"same", "narrower", "broader", "none"}
    assert max(Counter((label["企业名称"], label["环节"]) for label in labels).values()) == 1


@pytest.mark.parametrize("name", ["gold_a", "gold_b"])
def test_it_covers_every_chain_and_city_with_unequal_and_tempting_words(name: str, links: list[Row]) -> None:
    chains: dict[str, set[str]] = {}
    for row in links:
        chains.setdefault(row["产品名称"], set()).add(row["产业链"])
    firms = rows(HERE / f"{name}.csv")
    labels = rows(HERE / f"{name}_labels.csv")
    makes = [label for label in labels if label["关系"] in MAKES]
    assert {chain for label in makes for chain in chains[label["环节"]]} == {row["产业链"] for row in links}
    assert len({row["所在市"] for row in firms}) == 16
    assert {row["列"] for row in firms} == {"主营产品", "主营业务", "经营范围"}
    assert sum(label["关系"] == "none" for label in labels) >= 60
    assert sum(label["片段"] != label["环节"] for label in makes) >= 0.45 * len(makes)


def test_its_firms_are_invented_and_differ() -> None:
    names = [row["企业名称"] for name in ("gold_a", "gold_b") for row in rows(HERE / f"{name}.csv")]
    assert [name for name in names if not name.startswith("示例")] == []
    assert len(set(names)) == len(names)


def test_what_is_not_judged_is_never_labelled_wrong(links: list[Row], wider: dict[str, set[str]]) -> None:
    known = {row["产品名称"] for row in links}
    assert set(wider) | set().union(*wider.values()) <= known
    for name in ("gold_a", "gold_b"):
        relations: dict[str, dict[str, str]] = {}
        for label in rows(HERE / f"{name}_labels.csv"):
            relations.setdefault(label["企业名称"], {})[label["环节"]] = label["关系"]
        for firm, by_link in relations.items():
            made = [link for link, relation in by_link.items() if relation in MAKES]
            free = set().union(*(all_wider(link, wider) for link in made))
            assert {link for link in free if by_link.get(link) in {"none", "broader"}} == set(), firm
