"""Attach keeps what its figures say on judged words, and they are counted right (benchmarks/attach_gold.py)."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def gold(root: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(root / "benchmarks"))
    for name in ("measuring", "list_texts", "attach_gold"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module("attach_gold")


def test_the_judged_words_reach_their_links(gold: Any) -> None:
    links = gold.bundled_links()
    for cases, precision, recall, recall_any in (
        (gold.matched(links), 0.95, 0.9, 0.95),
        (gold.lists(), 0.97, 0.7, 0.85),
    ):
        own, bare = (gold.scored(cases, links, terms).figures for terms in ("bundled", "none"))
        assert own["precision"] >= precision
        assert own["recall"] >= recall > bare["recall"]
        assert own["recall_any"] >= recall_any
        assert own["tempting"] <= 0.02
        assert own["proposals"] <= 5


def test_terms_are_learned_from_the_other_half_only(gold: Any) -> None:
    links = gold.Links({"电解液": (), "锂电池隔膜": ()}, {})
    cases = [gold.Case("示例甲", ["锂电浆液"], {"电解液"}, words=[("锂电浆液", "电解液", "narrower")]),
             gold.Case("示例乙", ["微孔薄片"], {"锂电池隔膜"}, words=[("微孔薄片", "锂电池隔膜", "same")]),
             gold.Case("示例丙", ["微孔薄片"], {"锂电池隔膜"}, words=[])]  # fmt: skip
    score = gold.scored(cases, links, "other half")
    assert (score.makes, score.makes_certain) == (3, 1)  # 丙 by what 乙 taught; 甲 and 乙 by nobody
    assert sorted(firm for firm, _ in score.missed) == ["示例乙", "示例甲"]


def test_what_is_not_judged_is_neither_right_nor_wrong(gold: Any) -> None:
    links = gold.Links({"丁腈橡胶": (), "合成橡胶": (), "轮胎": ()}, {"丁腈橡胶": {"合成橡胶"}})
    case = gold.Case("示例甲", ["丁腈橡胶", "合成橡胶", "轮胎"], makes={"丁腈橡胶"}, none={"轮胎"})
    score = gold.scored([case], links, "none")
    assert (score.certain, score.right) == (2, 1)
    assert score.wrong == [("示例甲", "轮胎")]
    assert (score.tempting_certain, score.tempting) == (1, 1)
