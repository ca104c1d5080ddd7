"""Resources along a chain: who serves which link, by what way, and what "none" means.

    A ──┐
        ├─ T       chain 小链 = {A, B, T}, T requires the technology 焊接; cluster 小集群 holds the chain
    B ──┘

Platforms: 甲 serves A; 乙 serves 焊接; 丙 serves the chain; 丁 serves the cluster; 戊 serves another
chain (他链), which holds A too; 己 says nothing but is hosted by a1, who makes A.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from building import write

import chainatlas as ca
from chainatlas.api import load
from chainatlas.graph.schema.errors import QueryError
from chainatlas.queries.resources.reach import haversine
from chainatlas.queries.resources.resource_coverage import every_link

SHEETS = {
    "区域.csv": """区域名称,级别,上级区域,经度,纬度
        甲省,省,,,
        东市,市,甲省,117.12,36.65
        远市,市,甲省,120.38,36.07
        南市,市,甲省,117.12,36.0""",
    "链.csv": "链名称\n小链\n他链",
    "产品环节.csv": "产品名称,产业链,环节位置,所需技术\nA,小链,上游,\nA,他链,上游,\nB,小链,上游,\nT,小链,下游,焊接",
    "投入关系.csv": "投入品,产品\nA,T\nB,T",
    "集群.csv": "集群名称,产业链,所在省,所在市\n小集群,小链,甲省,东市",
    "企业.csv": "企业名称,所在省,所在市,主营产品\na1,甲省,东市,A\nt1,甲省,远市,T",
    "平台.csv": """平台名称,类别,依托单位,服务环节,技术方向,服务产业链,服务集群,所在省,所在市
        甲,重点实验室,,A,,,,甲省,东市
        乙,工程实验室,,,焊接,,,甲省,东市
        丙,重点实验室,,,,小链,,甲省,远市
        丁,重点实验室,,,,,小集群,甲省,远市
        戊,重点实验室,,,,他链,,甲省,东市
        己,企业技术中心,a1,,,,,,""",
    "资金.csv": "资金名称,支持阶段,投向产业链,投向环节\n早期,研发,小链,\n晚期,市场应用,,A\n未写阶段者,,,B",
}  # fmt: skip
STATED = """来源,关系,总体,地区,完整度,依据
    平台普查,SERVES,创新平台,甲省,0.9,逐个登记
    资金普查,SERVES,资金,,0.8,逐个登记"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("resources")
    for name, text in SHEETS.items():
        write(folder / "sheets", name, text)
    report = load(folder / "w", folder / "sheets")
    assert report.rejects == ()
    return folder / "w"


@pytest.fixture(scope="module")
def plain(home: Path) -> ca.Atlas:
    return ca.open(home)


@pytest.fixture(scope="module")
def stated(home: Path, tmp_path_factory: pytest.TempPathFactory) -> ca.Atlas:
    folder = tmp_path_factory.mktemp("stated")
    for name, text in {**SHEETS, "覆盖声明.csv": STATED}.items():
        write(folder / "sheets", name, text)
    load(folder / "w", folder / "sheets")
    return ca.open(folder / "w")


def rows(result: ca.Result, *keys: str) -> dict[str, dict[str, Any]]:
    return {"·".join(str(r[k]) for k in keys or ("link",)): r for r in result.rows}


def test_each_way_of_being_served(plain: ca.Atlas) -> None:
    found = rows(ca.coverage(plain, "platforms", chain="小链").in_language("zh"))
    # A: 甲 directly, 丙 through the chain, 丁 through the cluster; 戊 serves the other chain only.
    assert (found["A"]["count"], found["A"]["via"], found["A"]["status"]) == (3, "direct", "adequate")
    assert found["A"]["names"] == ["甲", "丙", "丁"]
    assert (found["T"]["via"], found["T"]["names"][0]) == ("technology", "乙")
    assert set(found["T"]["through"]) == {"小链", "小集群", "焊接"}
    # B: only as part of the chain.
    assert (found["B"]["count"], found["B"]["via"], found["B"]["status"]) == (2, "chain", "weak")
    assert found["焊接"]["via"] == "direct"


def test_what_a_maker_hosts_is_shown_and_not_counted(plain: ca.Atlas) -> None:
    found = rows(ca.coverage(plain, "platforms", chain="小链").in_language("zh"))
    assert found["A"]["at_makers"] == ["己"]
    assert found["B"]["at_makers"] == []


def test_a_place_counts_what_stands_there_or_is_hosted_there(plain: ca.Atlas) -> None:
    found = rows(ca.coverage(plain, "platforms", chain="小链", place="东市").in_language("zh"))
    assert found["A"]["names"] == ["甲"]
    assert found["A"]["at_makers"] == ["己"]  # its host a1 stands in 东市
    assert (found["B"]["count"], found["B"]["status"]) == (0, "unknown")


def test_none_is_missing_only_where_the_lists_of_resources_are_complete(stated: ca.Atlas) -> None:
    found = rows(ca.coverage(stated, "platforms", chain="小链", place="东市").in_language("zh"))
    # κ = .9 × share of platforms whose city is known: all six (己 through its host).
    assert (found["B"]["status"], found["B"]["coverage"]) == ("missing", 0.9)
    # The statements say nothing of alliances: no link is judged, and the table says so in a sentence.
    alliances = every_link(stated, "alliances", chain="小链")
    assert {r["status"] for r in alliances.rows} == {"unknown"}
    answer = ca.coverage(stated, "alliances", chain="小链", without=True)
    assert answer.rows == []
    (note,) = answer.notes_in("zh")
    assert "“联盟”表" in note
    assert "服务产业链" in note


def test_funds_by_stage_and_the_fund_that_states_none(stated: ca.Atlas) -> None:
    found = rows(ca.coverage(stated, "funds", chain="小链").in_language("zh"), "link", "fund_stage")
    assert (found["A·研发"]["names"], found["A·研发"]["via"]) == (["早期"], "chain")
    assert (found["A·市场应用"]["names"], found["A·市场应用"]["via"]) == (["晚期"], "direct")
    assert found["A·转化孵化"]["status"] == "missing"
    assert found["B·转化孵化"]["status"] == "unknown"  # 未写阶段者 serves B and may be of that stage
    assert "1" in found["B·转化孵化"]["reason"]


def test_only_links_without(stated: ca.Atlas) -> None:
    found = ca.coverage(stated, "platforms", chain="小链", place="东市", without=True).in_language("zh")
    assert [r["link"] for r in found.rows] == ["B"]
    assert any("没有 1" in note for note in found.notes_in("zh"))


def test_resource_gaps_stand_among_the_gaps(stated: ca.Atlas, plain: ca.Atlas) -> None:
    found = ca.gaps(stated, chain="小链", place="东市", kind="resource").rows
    assert ("B", "platforms", "fill") in {(r["link"], r["subkind"], r["action"]) for r in found}
    assert {r["status"] for r in found} == {"missing"}
    assert ca.gaps(plain, chain="小链", kind="resource").rows == []
    shown = ca.gaps(plain, chain="小链", kind="resource", show_unknown=True)
    assert {r["status"] for r in shown.rows} == {"unknown"}
    assert {r["action"] for r in shown.rows} == {None}


def test_every_row_leads_to_its_facts(stated: ca.Atlas) -> None:
    for of in ("platforms", "funds"):
        found = ca.coverage(stated, of, chain="小链", place="甲省" if of == "platforms" else None).in_language("zh")
        for at, row in enumerate(found.rows):
            facts = found.explain(at).rows
            assert any("覆盖声明.csv" in (f["source_ref"] or "") for f in facts), row
            if row["count"]:
                sheet = "平台.csv" if of == "platforms" else "资金.csv"
                assert any(sheet in (f["source_ref"] or "") for f in facts), row
    gaps = ca.gaps(stated, chain="小链", place="东市", kind="resource")
    assert all(gaps.explain(at).rows for at in range(len(gaps)))


def test_an_unknown_kind_is_refused_and_the_known_ones_named(plain: ca.Atlas) -> None:
    with pytest.raises(QueryError, match="platforms"):
        ca.coverage(plain, "castles")
    with pytest.raises(QueryError, match="county"):
        ca.reach(plain, level="village")
    with pytest.raises(QueryError, match="--decay"):
        ca.reach(plain, decay=0)


# Reach: 东市 to 南市 is .65° of latitude = 72.3 km, 东市 to 远市 299 km ------------------------------------


def test_reach_by_radius_and_decay(plain: ca.Atlas) -> None:
    found = rows(ca.reach(plain, "platforms", kind="重点实验室", within=80, decay=100), "place")
    assert (found["东市"]["count"], found["东市"]["within"], found["东市"]["km"]) == (2, 2, 0)
    assert (found["南市"]["count"], found["南市"]["within"], found["南市"]["nearest_place"]) == (0, 2, "东市")
    # Four laboratories: 甲 and 戊 in 东市, 丙 and 丁 in 远市.
    km = haversine(np.array([[117.12, 36.0]]), np.array([[117.12, 36.65], [120.38, 36.07]]))
    access = 2 * np.exp(-km[0, 0] / 100) + 2 * np.exp(-km[0, 1] / 100)
    assert found["南市"]["access"] == pytest.approx(access, abs=1e-4)
    assert round(km[0, 0], 1) == 72.3


def test_a_place_out_of_reach_is_unknown_without_a_statement_and_missing_with_one(
    plain: ca.Atlas, stated: ca.Atlas
) -> None:
    for atlas, status in ((plain, "unknown"), (stated, "missing")):
        found = ca.reach(atlas, "platforms", kind="工程实验室", within=50)
        assert rows(found, "place")["远市"]["status"] == status
        assert all(found.explain(at).rows for at in range(len(found)))
