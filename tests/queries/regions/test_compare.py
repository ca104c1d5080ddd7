"""Compare, expand, profile, and the extension of a chain: two cities, two chains that share a product.

chain 一: A → B → C      chain 二: C → D → E      B needs the technology 焊接, D needs it too
东市 makes A (two firms) and B; 南市 makes A and E.  C and D are made in the province, in 北市.
"""

from __future__ import annotations

import pytest
from building import write

import chainatlas as ca
from chainatlas.api import load
from chainatlas.graph.schema.errors import QueryError
from chainatlas.graph.schema.words import Word

SHEETS = {
    "区域.csv": "区域名称,级别,上级区域\n甲省,省,\n东市,市,甲省\n南市,市,甲省\n北市,市,甲省",
    "产品环节.csv": """产品名称,产业链,所需技术
        A,一,
        B,一,焊接
        C,一,
        C,二,
        D,二,焊接
        E,二,""",
    "投入关系.csv": "投入品,产品\nA,B\nB,C\nC,D\nD,E",
    "集群.csv": """集群名称,产业链,所在省,所在市,产值（亿元）,产值年份
        东集群,一,甲省,东市,200,2020
        南集群,二,甲省,南市,50,2019
        名义集群,,甲省,北市,,""",
    "企业.csv": """企业名称,曾用名,主营产品,所在省,所在市
        a1,旧名,A,甲省,东市
        a2,,A,甲省,东市
        b1,,B,甲省,东市
        a3,,A,甲省,南市
        e1,,E,甲省,南市
        c1,,C,甲省,北市
        d1,,D,甲省,北市""",
    "平台.csv": "平台名称,所在省,所在市,服务产业链\n东台,甲省,东市,一\n南台,甲省,南市,",
    "覆盖声明.csv": "来源,关系,总体,完整度,依据\n普查,生产,全部,1,逐户登记并按事实核对",
}


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> ca.Atlas:
    folder = tmp_path_factory.mktemp("compare")
    for name, text in SHEETS.items():
        write(folder / "sheets", name, text)
    assert load(folder / "w", folder / "sheets").rejects == ()
    return ca.open(folder / "w")


def cells(result: ca.Result) -> dict[tuple[str, str], tuple[object, object, object]]:
    return {(r["indicator"], r["name"]): (r["value"], r["rank"], r["distance"]) for r in result.rows}


def test_cities_side_by_side(atlas: ca.Atlas) -> None:
    found = cells(ca.compare(atlas, ["东市", "南市"]).in_language("zh"))
    assert (found["enterprises", "东市"], found["enterprises", "南市"]) == ((3, 1, 0), (2, 2, 0.3333))
    # Of the five links 东市 makes A and B, 南市 A and E.
    assert found["links_made", "东市"] == (2, None, 0)  # all equal: no rank
    assert found["completeness", "南市"][0] == 0.4
    # One producer: B of {A, B}; A and E of {A, E}.  Fewer is better.
    assert (found["single_source_share", "东市"], found["single_source_share", "南市"]) == ((0.5, 1, 0), (1, 2, 1))
    assert found["platforms", "南市"][0] == 1
    assert ("output", "东市") not in found  # known for nobody: left out
    assert found["coverage", "东市"][0] == 1


def test_one_answer_is_written_in_either_language(atlas: ca.Atlas) -> None:
    found = ca.compare(atlas, ["东市", "南市"], on=["enterprises"])
    zh, en = (found.in_language(lang) for lang in ("zh", "en"))
    assert [zh.rows[0][c] for c in ("label", "unit", "note")] == ["企业（已载入）", "家", "当地企业"]
    # English counts firms without a unit: no value, not an empty text.
    assert [en.rows[0][c] for c in ("label", "unit", "note")] == ["enterprises loaded", None, "firms of the place"]
    assert zh.notes_in() == found.notes_in("zh") != found.notes_in("en") == en.notes_in()


def test_one_chain_and_named_indicators(atlas: ca.Atlas) -> None:
    result = ca.compare(atlas, ["东市", "南市"], chain="一", on=["links_made", "platforms"]).in_language("zh")
    found = cells(result)
    assert {k[0] for k in found} == {"links_made", "platforms"}
    assert (found["links_made", "东市"], found["links_made", "南市"]) == ((2, 1, 0), (1, 2, 0.5))
    assert (found["platforms", "东市"][0], found["platforms", "南市"][0]) == (1, 0)  # 南台 does not serve the chain


def test_clusters_side_by_side(atlas: ca.Atlas) -> None:
    found = cells(ca.compare(atlas, ["东集群", "南集群", "名义集群"]).in_language("zh"))
    assert (found["output", "东集群"], found["output", "南集群"]) == ((200, 1, 0), (50, 2, 0.75))
    assert found["output", "名义集群"] == (None, None, None)
    # A cluster without chain or members has no completeness, not one of 0 or 1.
    assert found["completeness", "名义集群"][0] is None
    assert found["completeness", "东集群"][0] == 0.6667


def test_compare_refuses_one_name_and_unknown_indicators(atlas: ca.Atlas) -> None:
    with pytest.raises(QueryError):
        ca.compare(atlas, ["东市"])
    with pytest.raises(QueryError, match="platforms"):
        ca.compare(atlas, ["东市", "南市"], on=["beauty"])


def test_clusters_that_share_links_and_the_next_links(atlas: ca.Atlas) -> None:
    found = ca.expand(atlas, "东集群").in_language("zh")
    across = [r for r in found.rows if r["direction"] == "horizontal"]
    # 一 = {A, B, C, 焊接}, 二 = {C, D, E, 焊接}: two of six shared.
    assert [(r["name"], r["links"], r["technologies"], r["similarity"]) for r in across] == [
        ("南集群", ["C"], ["焊接"], 0.3333)]  # fmt: skip
    down = [r for r in found.rows if r["direction"] == "down"]
    assert [(r["name"], r["next_to"], r["status"], r["producers"]) for r in down] == [("D", ["C"], "missing", 0)]
    up = ca.expand(atlas, "二", direction="up", place="东市").in_language("zh").rows
    assert [(r["name"], r["next_to"], r["makers"], r["status"]) for r in up] == [("B", ["C"], ["b1"], "single_source")]


def test_a_chain_is_extended_by_what_is_next_to_what_is_made_here(atlas: ca.Atlas) -> None:
    # 北市 makes C of chain 一 and D of chain 二: E, made from D, would extend nothing of 一; for chain 一
    # D is made here already.  In 东市 nothing outside 一 touches A or B.
    assert ca.gaps(atlas, chain="一", place="东市", kind="extension").rows == []
    # 南市 makes E of chain 二 and A of chain 一; B, made from A, extends 二? No: A is not in 二.
    assert ca.gaps(atlas, chain="二", place="南市", kind="extension").rows == []
    # 北市 makes C, a link of chain 二: B goes into it and is not made there.
    found = ca.gaps(atlas, chain="二", place="北市", kind="extension").in_language("zh")
    (row,) = found.rows
    assert (row["link"], row["action"], row["subkind"], row["status"]) == ("B", "extend", "upward", "missing")
    assert (row["inputs_present"], row["nearest"]) == (0, ["b1（东市）"])  # needs A and 焊接, neither here
    assert "C" in row["reason"]
    facts = [f["fact"] for f in found.explain(0).in_language("zh").rows]
    assert "B 投入 C" in facts
    assert {r["action"] for r in ca.gaps(atlas, place="北市").rows} >= {"fill", "strengthen", "extend"}


def test_profile_tells_everything_with_its_source(atlas: ca.Atlas) -> None:
    found = ca.profile(atlas, "旧名").in_language("zh")
    said = {(r["what"], r["value"]) for r in found.rows}
    assert {("企业名称", "a1"), ("曾用名", "旧名"), ("生产", "A"), ("位于", "东市")} <= said
    assert all("企业.csv · 第2行" in r["source_ref"] for r in found.rows)
    chain = ca.profile(atlas, "Chain:name:一", limit=2).in_language("zh")
    assert sum(r["what"] == "← 所属链" for r in chain.rows) == 2
    assert any("还有" in note for note in chain.notes_in("zh"))
    english = {r["what"] for r in ca.profile(atlas, "a1").in_language("en").rows}
    assert {"Name", "Former name", "produces", "located in"} <= english
    with pytest.raises(LookupError):
        ca.profile(atlas, "没有这个")


def test_what_only_clusters_state_has_no_facts_for_a_city(atlas: ca.Atlas) -> None:
    found = ca.evaluation(atlas, "东市")
    output = next(at for at, row in enumerate(found.rows) if row["field"] == Word("indicator", "output"))
    assert (found.rows[output]["filled"], found.explain(output).rows) == ("not_loaded", [])


def test_rows_lead_to_their_facts(atlas: ca.Atlas) -> None:
    compared = [ca.compare(atlas, names) for names in (["东市", "南市"], ["东集群", "南集群"])]
    results = [*compared, ca.expand(atlas, "东集群"), ca.profile(atlas, "a1")]
    for result in results:
        for at, row in enumerate(result.rows):
            facts = result.explain(at).rows
            assert facts or row.get("value") in (0, None), row
            assert all(".csv" in f["source_ref"] for f in facts)
