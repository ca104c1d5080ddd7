"""Reasons on a napkin: one sentence that can be checked for each way of being able, and what would change the order."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from building import atlas_of, batch, edges, named

from chainatlas.graph.identity.terms import TermJudgement, WordBook
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.partners import ranking
from chainatlas.queries.partners.alliances import alliance
from chainatlas.queries.partners.partners import partners

# 溶剂, 锂盐 → 电解液 → 电池 ← 隔膜; 涂覆隔膜 and 干法隔膜 are kinds of 隔膜 and require 涂布, as 涂布胶带 does.
# Qingdao lies 299 km from Jinan and 555 km from Hefei.
PLACES = {"示例制液": "合肥市", "示例词": "青岛市", "示例溶剂": "济南市", "示例电池": "济南市", "示例干法": "青岛市",
          "示例膜": "青岛市", "示例胶带": "青岛市", "示例范围": "青岛市"}  # fmt: skip
REPORT = {"source": "2023年年度报告", "source_ref": "第12页", "as_of": "2023-12-31", "confidence": 0.9}
OLDER = {"source": "2019年年度报告", "as_of": "2019-12-31", "confidence": 0.9, "disclosed_as": "旧称电解液"}
MAKES = [("示例制液", "电解液", REPORT | {"disclosed_as": "锂离子电池电解液"}), ("示例制液", "电解液", OLDER),
         ("示例词", "电池用液", REPORT), ("示例溶剂", "溶剂", REPORT), ("示例溶剂", "锂盐", {"source": "官网"}),
         ("示例电池", "电池", REPORT), ("示例干法", "干法隔膜", REPORT), ("示例膜", "隔膜", REPORT),
         ("示例胶带", "涂布胶带", REPORT)]  # fmt: skip
BOOK = WordBook(judgements=(TermJudgement("电池用液", "电解液", "broader"),
                            TermJudgement("浸液", "电解液", "broader")))  # fmt: skip


def napkin(*, reverse: bool = False) -> Atlas:
    order = -1 if reverse else 1
    regions = [{"name": "济南市", "level": "市", "lon": 117.12, "lat": 36.65},
               {"name": "青岛市", "level": "市", "lon": 120.38, "lat": 36.07},
               {"name": "合肥市", "level": "市", "lon": 117.23, "lat": 31.82}]  # fmt: skip
    scope = {"source": "企业登记", "business_scope": "浸液的生产"}
    firms = [{"name": n, **(scope if n == "示例范围" else {})} for n in PLACES]
    links = ("溶剂", "锂盐", "电解液", "电池", "隔膜", "涂覆隔膜", "干法隔膜", "涂布胶带")
    nodes = {"Region": regions, "Enterprise": firms[::order], "Product": named(*links, "电池用液"),
             "Technology": named("涂布"), "Chain": named("锂电"), "Institute": named("示例研究院"),
             "Platform": named("示例平台"), "Alliance": named("示例联盟")}  # fmt: skip
    kinds = edges("KIND_OF", "Product", "Product", ("涂覆隔膜", "隔膜"), ("干法隔膜", "隔膜"))
    relations = (
        edges("LOCATED_IN", "Enterprise", "Region", *PLACES.items())
        | edges("PRODUCES", "Enterprise", "Product", *MAKES[::order])
        | edges("INPUT_OF", "Product", "Product", ("溶剂", "电解液", {"source": "工艺手册"}), ("锂盐", "电解液"),
                ("电解液", "电池"), ("隔膜", "电池"))
        | edges("IN_CHAIN", "Product", "Chain", *[(p, "锂电") for p in links])
        | kinds
        | edges("REQUIRES", "Product", "Technology", *[(p, "涂布") for p in ("涂覆隔膜", "干法隔膜", "涂布胶带")])
        | edges("MEMBER_OF", "Enterprise", "Alliance", ("示例干法", "示例联盟"))
        | edges("MASTERS", "Institute", "Technology", ("示例研究院", "涂布", {"source": "成果公报"}))
        | edges("SERVES", "Platform", "Product", ("示例平台", "涂覆隔膜", {"source": "平台名单"}))
    )  # fmt: skip
    serves = edges("SERVES", "Alliance", "Chain", ("示例联盟", "锂电"))["SERVES"]
    return atlas_of(batch(nodes, relations | {"SERVES": [*relations["SERVES"], *serves]}), words=BOOK)


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return napkin()


@pytest.fixture(autouse=True)
def every_tier(monkeypatch: pytest.MonkeyPatch) -> None:
    """All ways are looked at here, however many stand above."""
    monkeypatch.setattr(ranking, "needed", lambda listed, tier, way: np.ones(len(tier), bool))


def reasons(atlas: Atlas, need: str, lang: str = "zh", **asked: Any) -> dict[str, str]:
    found = partners(atlas, need, weights="stated", **asked).in_language(lang)
    return {r["candidate"]: r["why"] for r in found.rows}


def test_each_way_of_being_able_is_a_sentence(atlas: Atlas) -> None:
    """The firm's own words where they are others than the link's name; the newer of two equally sure claims."""
    assert reasons(atlas, "电解液", place="青岛市") == {
        "示例制液": "生产电解液（自称“锂离子电池电解液”）；据2023年年度报告；在合肥市，相距约 555 公里。",
        "示例词": "自称“电池用液”，可能包括电解液；据2023年年度报告；在青岛市。",
        "示例范围": "自称“浸液”，可能包括电解液；据企业登记的经营范围；在青岛市。",
        "示例溶剂": "生产溶剂，是电解液的直接投入；据2023年年度报告；还生产当地所缺的投入 1 种（锂盐）；"
                    "在济南市，相距约 299 公里。",
        "示例电池": "生产电池，电解液是它的直接投入；据2023年年度报告；在济南市，相距约 299 公里。",
    }  # fmt: skip


def test_technology_parent_and_service(atlas: Atlas) -> None:
    assert reasons(atlas, "涂覆隔膜") == {
        "示例干法": "生产干法隔膜，与涂覆隔膜同属隔膜，都要用涂布；据2023年年度报告。",
        "示例胶带": "生产涂布胶带，与涂覆隔膜需要同一项技术（涂布）；据2023年年度报告。",
        "示例膜": "生产隔膜，涂覆隔膜是它的一种；据2023年年度报告。",
        "示例平台": "服务于涂覆隔膜；据平台名单。",
        "示例研究院": "掌握涂布，是涂覆隔膜所需的技术；据成果公报。",
    }


def test_a_maker_of_a_kind_makes_the_link(atlas: Atlas) -> None:
    told = reasons(atlas, "隔膜", place="济南市", kind="enterprise")
    assert told["示例膜"].startswith("生产隔膜；据")
    assert told["示例干法"].startswith("生产干法隔膜，是隔膜的一种；据")
    assert told["示例电池"].startswith("生产电池，隔膜是它的直接投入；据")


def test_english_says_the_same(atlas: Atlas) -> None:
    told = reasons(atlas, "电解液", "en", place="青岛市")
    assert told["示例制液"] == (
        'makes 电解液 (in its words "锂离子电池电解液"); source: 2023年年度报告; in 合肥市, about 555 km away.'
    )
    assert told["示例溶剂"] == (
        "makes 溶剂, a direct input of 电解液; source: 2023年年度报告; "
        "also makes inputs that the place lacks (1: 锂盐); in 济南市, about 299 km away."
    )


def test_no_reason_is_a_likeness_a_quality_or_no_distance(atlas: Atlas) -> None:
    for need in ("电解液", "涂覆隔膜", "隔膜", "电池", "涂布", "示例电池"):
        for place in (None, "青岛市", "济南市"):
            for why in reasons(atlas, need, place=place).values():
                assert not re.search(r"邻近|质量|相似|\d\.\d|(?<!\d)0 公里", why)
                assert "据" in why, "a source for each"


def test_the_order_of_the_data_changes_no_reason() -> None:
    one, other = (reasons(napkin(reverse=r), "电解液", place="青岛市") for r in (False, True))
    assert one == other


def test_evidence_names_sources_and_what_ties_it_to_the_link(atlas: Atlas) -> None:
    found = partners(atlas, "电解液", place="青岛市", weights="stated")
    at = [r["candidate"] for r in found.rows].index("示例溶剂")
    facts = {r["fact"]: (r["source"], r["as_of"]) for r in found.explain(at).in_language("zh").rows}
    assert facts["示例溶剂 生产 溶剂"] == ("2023年年度报告", "2023-12-31")
    assert facts["溶剂 是 电解液 的投入"] == ("工艺手册", None)


def test_what_would_change_the_order(atlas: Atlas) -> None:
    """A word to settle, a source to find, the tier of the one before, or a criterion within the tier."""
    found = partners(atlas, "电解液", place="青岛市", weights="stated")
    told = [[r["fact"] for r in found.explain(at).in_language("zh").rows if r["weight"] is None] for at in range(5)]
    first, word, scope, solvent, battery = told
    assert not any("列入" in f or "之前" in f for f in first)
    settle = "核实“{0}”就是电解液（chainatlas attach decide {0} 电解液 same），它即列入“已在生产”"
    assert settle.format("电池用液") in word
    assert "示例制液 排在前面，因为它属于“已在生产”：得分再高也不越级" in word
    assert settle.format("浸液") in scope
    assert not any("越级" in f for f in scope), "the one before is of its tier"
    assert "有来源写明它生产电解液，它即列入“已在生产”" in solvent
    assert "没有哪一项标准单独升高就能排到 示例溶剂 之前" in battery


def test_a_rise_that_is_told_does_change_the_order(atlas: Atlas) -> None:
    """The criterion said to lift a candidate, raised as said, makes its score that of the one before."""
    found = partners(atlas, "电解液", place="青岛市", weights="stated")
    at = [r["candidate"] for r in found.rows].index("示例范围")
    rows = found.explain(at).rows
    criteria = {r["fact"].values[0][1]: r for r in rows if r["weight"] is not None}
    rises = [r["fact"] for r in rows if getattr(r["fact"], "code", "").startswith("reason_change")]
    assert rises
    for said in rises:
        values = dict(said.values)
        rise = float(values["then"]) - float(values["now"])
        gap = 4 * (found.rows[at - 1]["score"] - found.rows[at]["score"])
        assert criteria[values["criterion"]]["weight"] * rise == pytest.approx(gap, abs=0.005)


def test_an_alliance_lacks_nothing_that_a_member_makes_a_kind_of(atlas: Atlas) -> None:
    """示例干法 makes a kind of 隔膜: nobody is asked for 隔膜; 示例溶剂 brings two links, 涂覆隔膜 its platform."""
    found = alliance(atlas, "示例联盟", top=3).in_language("zh")
    covers = {r["member"]: r["covers"] for r in found.rows if r["member"]}
    assert covers.pop("示例溶剂") == ["溶剂", "锂盐"]
    assert len(covers) == 2
    left = [c for r in found.rows for c in r["covers"]]
    assert "隔膜" not in left
    assert "干法隔膜" not in left
    assert {"电解液", "电池", "涂覆隔膜", "涂布胶带"} <= set(left)
    told = partners(atlas, "示例联盟", weights="stated").in_language("zh").rows
    assert next(r["why"] for r in told if r["candidate"] == "示例溶剂") == (
        "生产溶剂，是示例联盟还没有成员做的；据2023年年度报告；还有所缺的 1 项（锂盐）。"
    )


def test_the_last_of_many_missing_links_is_covered_as_well() -> None:
    """Sixty classes are compared by name; who makes the eightieth alone is able all the same."""
    links = [f"示例环节{n:02}" for n in range(80)]
    relations = edges("IN_CHAIN", "Product", "Chain", *[(name, "长链") for name in links])
    relations |= edges("PRODUCES", "Enterprise", "Product", *[("示例末", name) for name in links[-1:]])
    nodes = {"Product": named(*links), "Chain": named("长链"), "Enterprise": named("示例末")}
    found = alliance(atlas_of(batch(nodes, relations)), chain="长链", top=1)
    assert found.rows[0]["member"] == "示例末"
    assert found.rows[0]["covers"] == links[-1:]
