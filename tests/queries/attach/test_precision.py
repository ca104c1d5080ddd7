"""Precision: what attach does on texts that it was not tuned to, and on the list of the cases."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from test_gold import HERE, MAKES, all_wider, rows

from chainatlas.queries.attach.attached import counts
from chainatlas.queries.attach.forms import Forms, LinkWords
from chainatlas.queries.attach.lexicon import lexicon
from chainatlas.queries.attach.relate import TIERS, Relater
from chainatlas.queries.attach.spans import MAKES as MADE
from chainatlas.queries.attach.spans import spans
from chainatlas.queries.attach.trade import bundled_terms

# What each list has to reach: precision and recall of certain ones, recall with possible ones, wrong ones certain.
# gold_b is written to be hard (model numbers, applications); both were written without sight of engine and terms.
REACH = {"gold_a": (0.97, 0.93, 0.97, 0.02), "gold_b": (0.97, 0.78, 0.92, 0.02)}


@pytest.fixture(scope="module")
def relate(root: Path) -> Relater:
    terms: dict[str, list[tuple[str, str, bool]]] = {}
    for term in bundled_terms():
        terms.setdefault(term.link, []).append((term.term, term.relation, term.unsure))
    short: dict[str, set[str]] = {}
    for row in rows(root / "data" / "shandong" / "产品环节.csv"):
        short.setdefault(row["产品名称"], set()).update(a for a in row["简称"].split("、") if a)
    words = [LinkWords(n, name, tuple(sorted(short[name])), tuple(terms.get(name, ()))) for n, name in enumerate(short)]
    return Relater(Forms(lexicon(), words))


def tiers(relate: Relater, text: str, column: str = "主营产品") -> dict[str, str]:
    """Best tier of each link that a text reaches; what is only developed is never certain."""
    names = {k.link: k.name for k in relate.forms.links}
    best: dict[str, str] = {}
    for span in spans(text, relate.forms.words, relate.forms.names, products=column == "主营产品"):
        if counts(span, relate.forms):
            for one in relate(span.text):
                tier = "likely" if one.tier == "certain" and span.activity != MADE else one.tier
                held = best.get(names[one.link])
                if held is None or TIERS.index(tier) < TIERS.index(held):
                    best[names[one.link]] = tier
    return best


@pytest.mark.parametrize("name", sorted(REACH))
def test_gold_is_reached(name: str, relate: Relater, wider: dict[str, set[str]]) -> None:
    right = certain = made = sure = reached = wrong = tempting = 0
    labels: dict[str, dict[str, str]] = {}
    for label in rows(HERE / f"{name}_labels.csv"):
        labels.setdefault(label["企业名称"], {})[label["环节"]] = label["关系"]
    for row in rows(HERE / f"{name}.csv"):
        said = labels[row["企业名称"]]
        best = tiers(relate, row["原文"], row["列"])
        good = {k for k, r in said.items() if r in MAKES}
        open_ = {w for k in good for w in all_wider(k, wider)} - good
        sures = {k for k, t in best.items() if t == "certain"}
        known = sures | {w for k in sures for w in all_wider(k, wider)}
        right, certain = right + len(sures & good), certain + len(sures - open_)
        made, sure, reached = made + len(good), sure + len(good & known), reached + len(good & (set(best) | known))
        none = {k for k, r in said.items() if r == "none"}
        wrong, tempting = wrong + len(none & sures), tempting + len(none)
    precision, recall, possible, tempted = REACH[name]
    assert certain > 200
    assert right / certain >= precision
    assert sure / made >= recall
    assert reached / made >= possible
    assert wrong / tempting <= tempted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("H12MDI", {"氢化MDI": "certain"}),  # neither MDI nor only some isocyanate
        ("聚氨酯弹性防水涂料", {"聚氨酯防水涂料": "certain"}),  # no kind of the paint, whose inputs are others
        ("聚合物水泥防水涂料", {}),
        ("镍钴锰酸锂正极材料", {"三元材料": "certain"}),  # ends in the short name of 锰酸锂
        ("氧化亚硅负极材料", {"硅基负极材料": "certain"}),
        ("精制南极磷虾油", {"磷虾油": "certain"}),
        ("虾油", {}),  # a condiment
        ("尼龙膜", {"双向拉伸尼龙膜": "likely"}),  # may be cast
        ("尼龙微孔滤膜", {}),
        ("软包装铝箔", {}),  # wraps food, no pouch cells
        ("铝合金锭", {}),  # 合金锭 is an ingot of an alloy, no gold
        ("黄金", {"精炼黄金": "broader"}),
        ("燃气发电机组", {}),
    ],
)
def test_words_of_the_added_links_are_told_apart(relate: Relater, text: str, expected: dict[str, str]) -> None:
    assert tiers(relate, text) == expected


def test_the_list_of_the_cases_reaches_every_link(shared: Path, relate: Relater) -> None:
    def table(name: str) -> list[dict[str, str]]:
        with (shared / "cases" / "own_list" / name).open(encoding="utf-8-sig", newline="") as lines:
            return list(csv.DictReader(lines))

    texts = {row["企业名称"]: row["主营产品"] for row in table("企业.csv")}
    found = [tiers(relate, texts[row["企业"]]).get(row["环节"]) for row in table("expect.csv")]
    assert len(found) == 27
    assert None not in found
    assert sum(tier == "certain" for tier in found) >= 16
