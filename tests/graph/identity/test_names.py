"""Names of organisations in parts, and which writings are one entity for certain."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pyarrow as pa
import pytest
from building import batch, edges, graph_of
from hypothesis import given, settings
from hypothesis import strategies as st
from scheduling import examples

from chainatlas.graph.columns.batch import Batch
from chainatlas.graph.fold.fold import Loaded, fold
from chainatlas.graph.identity.judgements import Judged, Judgement, Judgements
from chainatlas.graph.identity.names import split, trade_of
from chainatlas.graph.schema.types import load_schema

A, B = "914403001922038216", "9144030071526726XG"


@pytest.mark.parametrize(("name", "place", "core", "group", "form"), [
    ("山东省烟台市万华化学（集团）股份有限公司", 370600, "万华化学", "集团", "股份有限公司"),
    ("烟台万华化学集团有限责任公司", 370600, "万华化学", "集团", "有限责任公司"),
    ("济南市章丘区鲁能科技有限公司", 370114, "鲁能科技", "", "有限公司"),
    ("滕州威智医药有限公司", 370481, "威智医药", "", "有限公司"),
    ("深圳市新星轻合金材料股份有限公司", 440300, "新星轻合金材料", "", "股份有限公司"),
    ("中国中车股份有限公司", 100000, "中车", "", "股份有限公司"),
    ("北京银行股份有限公司", 110000, "银行", "", "股份有限公司"),
    ("東方財富信息股份有限公司", -1, "东方财富信息", "", "股份有限公司"),
    ("ＴＣＬ科技集团股份有限公司", -1, "tcl科技", "集团", "股份有限公司"),
    ("亿华通-U", -1, "亿华通", "", ""), ("C双乐", -1, "双乐", "", ""), ("N奥雅", -1, "奥雅", "", ""),
    ("*ST海润", -1, "海润", "", ""), ("ST国重装", -1, "国重装", "", ""), ("海润退", -1, "海润", "", ""),
    ("退市海润", -1, "海润", "", ""), ("鄂武商A", -1, "鄂武商", "", ""), ("侨银股份", -1, "侨银", "", ""),
])  # fmt: skip
def test_parts(name: str, place: int, core: str, group: str, form: str) -> None:
    made = split(pa.array([name]))
    assert (made.finest[0], made.core[0].as_py(), made.group[0].as_py(), made.form[0].as_py()) == (
        place, core, group, form)  # fmt: skip


def test_a_branch_keeps_its_whole_name() -> None:
    made = split(pa.array(["万华化学集团股份有限公司北京分公司", "万华化学集团股份有限公司"]))
    assert made.branch.tolist() == [True, False]
    assert made.core.to_pylist() == ["万华化学集团股份有限公司北京分公司", "万华化学"]


@pytest.mark.parametrize("text", ["甲（原名：乙（山东）有限公司）", "甲(曾用名:乙（山东）有限公司)",
                                  "甲（原乙（山东）有限公司）"])  # fmt: skip
def test_a_former_name_in_brackets(text: str) -> None:
    assert split(pa.array([text])).former.to_pylist() == ["乙(山东)有限公司"]


def test_trades() -> None:
    assert trade_of("隆华新材料科技") == ("隆华", "新材料科技")
    assert trade_of("小松") == ("小松", "")


# What becomes one ------------------------------------------------------------------------------------


def firms(*rows: str | dict[str, Any]) -> Batch:
    return batch({"Enterprise": [{"name": r} if isinstance(r, str) else r for r in rows]})


def count(*rows: str | dict[str, Any]) -> int:
    """Number of firms; the same for every order of the rows, in one load or in several."""
    sizes = set()
    for order in list(permutations(rows))[:24]:
        sizes.add(len(graph_of(firms(*order)).nodes["Enterprise"]))
        sizes.add(len(graph_of(*(firms(r) for r in order)).nodes["Enterprise"]))
    (size,) = sizes
    return size


@pytest.mark.parametrize(("one", "other"), [
    ("甲乙化工有限公司", "甲乙化工有限责任公司"), ("甲乙化工有限公司", "甲乙化工股份有限公司"),
    ("万华化学（集团）股份有限公司", "万华化学集团股份有限公司"), ("萬華化學集團有限公司", "万华化学集团有限公司"),
    ("山东省烟台市甲乙化工有限公司", "烟台甲乙化工有限公司"), ("烟台甲乙化工有限公司", "甲乙化工有限公司"),
    ("珠海格力电器股份有限公司", "格力电器"), ("宁德时代新能源科技股份有限公司", "宁德时代"),
    ("上海中洲特种合金材料股份有限公司", "中洲特材"), ("北京亿华通科技股份有限公司", "亿华通-U"),
    ("*ST海润光伏", "海润光伏"), ("新名控股有限公司（原名：旧名化工有限公司）", "旧名化工有限公司"),
    ("旧名化工股份有限公司", "新名控股有限公司（曾用名：旧名化工有限公司）"),
])  # fmt: skip
def test_one_firm(one: str, other: str) -> None:
    assert count(one, other) == 1


@pytest.mark.parametrize(("one", "other"), [
    ("中国电器科学研究院有限公司", "苏州电器科学研究院有限公司"),
    ("山东东岳化工有限公司", "山东东岳科技有限公司"), ("青岛海尔电器有限公司", "济南海尔电器有限公司"),
    ("山东新华锦国际有限公司", "济宁新华锦国际有限公司"), ("中国石油天然气集团有限公司", "中国石油天然气股份有限公司"),
    ("万华化学股份有限公司", "万华化学股份有限公司北京分公司"), ("山东东岳化工有限公司", "山东东阳化工有限公司"),
    ("小松", "山东小松工程机械有限公司"), ("山推", "山推股份"), ("双乐", "双乐股份有限公司"),
    ("第一建筑工程有限公司", "第二建筑工程有限公司"),
])  # fmt: skip
def test_two_firms(one: str, other: str) -> None:
    assert count(one, other) == 2


def test_a_name_without_place_joins_nobody_where_two_places_are_known() -> None:
    assert count("青岛海尔智能电器有限公司", "济南海尔智能电器有限公司", "海尔智能电器有限公司") == 3


def test_an_abbreviation_of_two_firms_joins_neither() -> None:
    assert count("宁德时代新能源科技股份有限公司", "宁德时代电机科技有限公司", "宁德时代") == 3


def test_codes_outweigh_names() -> None:
    assert count({"name": "甲乙化工有限公司", "uscc": A}, {"name": "甲乙化工有限责任公司", "uscc": B}) == 2
    # Which of the two the bare name means, nobody can tell.
    assert count({"name": "甲乙化工有限公司", "uscc": A}, {"name": "甲乙化工有限责任公司", "uscc": B},
                 "甲乙化工股份有限公司") == 3  # fmt: skip
    assert count({"name": "甲乙化工有限公司", "uscc": A}, "甲乙化工有限责任公司") == 1


def test_who_is_related_to_another_is_another() -> None:
    names = ("甲乙化工有限公司", "甲乙化工股份有限公司")
    for relation in ("SUCCEEDED_BY", "SUPPLIES"):
        made = batch({"Enterprise": [{"name": n} for n in names]}, edges(relation, "Enterprise", "Enterprise", names))
        assert len(graph_of(made).nodes["Enterprise"]) == 2


def test_only_organisations_are_compared() -> None:
    made = batch({"Product": [{"name": "聚氨酯材料"}, {"name": "聚氨酯材料有限公司"}, {"name": "聚氨酯（材料）"}]})
    assert len(graph_of(made).nodes["Product"]) == 3


NAMES = ["甲乙化工有限公司", "甲乙化工有限责任公司", "烟台甲乙化工有限公司", "青岛甲乙化工有限公司",
         "山东省烟台市甲乙化工股份有限公司", "甲乙化工", "甲乙",
         "烟台甲乙化工有限公司青岛分公司", "甲乙化工集团有限公司", "丙有限公司（原名：甲乙化工有限公司）"]  # fmt: skip
ROWS = st.fixed_dictionaries({"name": st.sampled_from(NAMES), "uscc": st.sampled_from([None, None, None, A, B]),
                              "short_name": st.sampled_from([None, None, "甲乙化工", "甲乙"])})  # fmt: skip


@settings(max_examples=examples(80), derandomize=True)
@given(st.lists(ROWS, min_size=1, max_size=6), st.randoms(use_true_random=False), st.integers(1, 3))
def test_order_and_parts_never_count(rows: list[dict[str, Any]], random: Any, size: int) -> None:
    shuffled = random.sample(rows, len(rows))
    parts = [firms(*shuffled[i : i + size]) for i in range(0, len(rows), size)]
    assert graph_of(*parts).hash == graph_of(firms(*rows)).hash


@settings(max_examples=examples(80), derandomize=True)
@given(st.lists(ROWS, min_size=1, max_size=6))
def test_different_codes_never_merge(rows: list[dict[str, Any]]) -> None:
    said: dict[int, set[str]] = {}
    for claim in graph_of(firms(*rows)).node_claims["Enterprise"].to_pylist():
        said.setdefault(claim["of"], set()).update({claim.get("uscc")} - {None})
    assert all(len(codes) <= 1 for codes in said.values())


# People ----------------------------------------------------------------------------------------------


def folded(rows: Batch, judged: dict[str, Judged] | None = None, match: bool = True) -> Any:
    return fold([Loaded(1, rows)], load_schema(), judged=judged, match=match).graph


def test_a_merge_is_taken_back_and_made_again() -> None:
    rows = firms("甲乙化工有限公司", "甲乙化工股份有限公司", "丙丁")
    ids = ("Enterprise:name:甲乙化工有限公司", "Enterprise:name:甲乙化工股份有限公司")

    def with_(*decisions: str) -> Any:
        return folded(rows, Judgements(tuple(Judgement(*ids, d) for d in decisions)).by_type())

    joined = folded(rows)
    assert len(joined.nodes["Enterprise"]) == 2
    assert len(with_("different").nodes["Enterprise"]) == len(with_("unsure").nodes["Enterprise"]) == 3
    assert with_("different", "same").hash == joined.hash
    assert with_("different").hash == folded(rows, match=False).hash != joined.hash
