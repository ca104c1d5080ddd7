"""Leaders and reserve of one small chain, worked out by hand.

    A ──┐
        ├─ T ── U        T and U require nothing else; everything is made in one city
    B ──┘

    f1  makes A (share .8) and B (.1), two patents, hosts a platform, supplies f2
    f2  makes A (.5), buys from f1, cooperates with f3
    f3  makes T (.3), leads a project
    f4  makes U, nothing else is known
    s1  科技型中小企业, makes A;  s2  高新技术企业 with 10 million yuan of revenue, makes nothing here
    s3  专精特新 but 上市公司: never small

Sole here: B by f1, T by f3, U by f4.  Without f1: B, T, U are lost (3); without f3: T, U (2); f4: U (1).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from building import write
from hypothesis import given
from hypothesis import strategies as st

import chainatlas as ca
from chainatlas.api import load
from chainatlas.graph.schema.errors import QueryError
from chainatlas.queries.entities.leaders import percentile

SHEETS = {
    "区域.csv": "区域名称,级别,上级区域,经度,纬度\n甲省,省,,,\n东市,市,甲省,117.12,36.65",
    "产品环节.csv": "产品名称,产业链,所需技术\nA,小链,\nB,小链,\nT,小链,焊接\nU,小链,",
    "投入关系.csv": "投入品,产品\nA,T\nB,T\nT,U",
    "集群.csv": "集群名称,产业链,所在省,所在市\n小集群,小链,甲省,东市\n空集群,小链,甲省,东市",
    "企业.csv": """企业名称,企业类型,营业收入（元）,所在省,所在市,所属集群,掌握技术
        f1,,,甲省,东市,小集群,
        f2,,,甲省,东市,小集群,
        f3,,,甲省,东市,小集群,
        f4,,,甲省,东市,小集群,
        s1,科技型中小企业,,甲省,东市,小集群,
        s2,高新技术企业,10000000,甲省,东市,小集群,焊接
        s3,上市公司、专精特新,,甲省,东市,小集群,""",
    "生产.csv": "企业,产品,占比\nf1,A,0.8\nf1,B,0.1\nf2,A,0.5\nf3,T,0.3\nf4,U,\ns1,A,\ns3,A,",
    "专利.csv": "专利号,专利名称,申请人\nCN1,一,f1\nCN2,二,f1",
    "平台.csv": "平台名称,依托单位\n小平台,f1",
    "项目.csv": "项目名称,承担单位\n小项目,f3",
    "关系.csv": "起点,关系,终点\nf1,SUPPLIES,f2\nf2,COOPERATES,f3\ns1,SUPPLIES,f2",
}


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> ca.Atlas:
    folder = tmp_path_factory.mktemp("leaders")
    for name, text in SHEETS.items():
        write(folder / "sheets", name, text)
    assert load(folder / "w", folder / "sheets").rejects == ()
    return ca.open(folder / "w")


def test_the_values_behind_the_four_criteria(atlas: ca.Atlas) -> None:
    row = {r["enterprise"]: r for r in ca.leaders(atlas, cluster="小集群").rows}
    assert set(row) == {"f1", "f2", "f3", "f4", "s1", "s2", "s3"}
    assert [row[f]["partners"] for f in ("f1", "f2", "f3", "f4", "s1")] == [1, 3, 1, 0, 1]
    assert [row[f]["shared_links"] for f in ("f1", "f2", "f3", "s1")] == [1, 1, 0, 1]  # A has several makers
    assert [(row[f]["main_share"], row[f]["main_product"]) for f in ("f1", "f2", "f4")] == [
        (0.8, "A"), (0.5, "A"), (None, None)]  # fmt: skip
    assert [row["f1"][v] for v in ("patents", "platforms", "technologies", "projects")] == [2, 1, 0, 0]
    assert (row["f3"]["projects"], row["s2"]["technologies"]) == (1, 1)
    assert [row[f]["dependent_links"] for f in ("f1", "f2", "f3", "f4")] == [3, 0, 2, 1]
    assert (row["f2"]["suppliers"], row["f1"]["customers"], row["s1"]["customers"]) == (2, 1, 1)


def test_percentiles_scores_and_ranks(atlas: ca.Atlas) -> None:
    found = ca.leaders(atlas, cluster="小集群")
    row = {r["enterprise"]: r for r in found.rows}
    # Shares .8 .5 .3 among three: 1, .5, 0.
    assert [row[f]["focus"] for f in ("f1", "f2", "f3", "f4")] == [1, 0.5, 0, None]
    assert (row["f1"]["rank"], row["f1"]["criteria"], row["f4"]["criteria"]) == (1, 4, 3)
    one = row["f1"]
    parts = [one[c] for c in ("association", "focus", "innovation", "leadership")]
    assert one["score"] == pytest.approx(np.mean(parts), abs=1e-4)
    assert [r["rank"] for r in found.rows] == list(range(1, 8))
    assert any("名单里的 7 家" in note for note in found.notes_in("zh"))
    assert len(ca.leaders(atlas, cluster="小集群", top=2).rows) == 2


def test_a_cluster_without_members_is_its_chain_where_it_stands(atlas: ca.Atlas) -> None:
    found = ca.leaders(atlas, cluster="空集群")
    assert {r["enterprise"] for r in found.rows} == {"f1", "f2", "f3", "f4", "s1", "s3"}  # s2 makes nothing
    assert any("没有企业名单" in note for note in found.notes_in("zh"))
    assert ca.leaders(atlas, cluster="小集群", place="甲省").rows != []
    chain = ca.leaders(atlas, chain="小链", place="东市")
    assert {r["enterprise"] for r in chain.rows} == {r["enterprise"] for r in found.rows}


def test_a_criterion_without_data_is_left_out_and_said_so(tmp_path: Path) -> None:
    few = {k: SHEETS[k] for k in ("区域.csv", "产品环节.csv", "投入关系.csv", "集群.csv")}
    few["企业.csv"] = "企业名称,所属集群,主营产品,所在省,所在市\nf1,小集群,A,甲省,东市\nf2,小集群,B,甲省,东市"
    for name, text in few.items():
        write(tmp_path / "sheets", name, text)
    load(tmp_path / "w", tmp_path / "sheets")
    found = ca.leaders(ca.open(tmp_path / "w"), cluster="小集群")
    # Only leadership is known (each is the sole maker of one input): one criterion makes no score.
    assert [(r["association"], r["focus"], r["innovation"], r["leadership"], r["score"]) for r in found.rows] == [
        (None, None, None, 0.5, None)] * 2  # fmt: skip
    notes = "".join(found.notes_in("zh"))
    assert all(word in notes for word in ("“关联度高”没有", "“主业突出”没有", "“创新能力强”没有", "不给总分"))


def test_reserve_and_its_reasons(atlas: ca.Atlas) -> None:
    found = ca.reserve(atlas, cluster="小集群").in_language("zh")
    row = {r["enterprise"]: r for r in found.rows}
    assert set(row) == {"s1", "s2"}
    # s1 makes A, as f1 and f2 do, an input of f3's T; it supplies f2: two reasons for f2.
    assert (row["s1"]["backbone"], row["s1"]["fit"], row["s1"]["called"]) == ("f2", 2, "科技型中小企业")
    assert row["s1"]["reasons"] == ["同一环节的第二货源：A", "已有往来：供货"]
    # s2 masters the technology that f3's T requires.
    assert (row["s2"]["backbone"], row["s2"]["reasons"]) == ("f3", ["掌握其所需技术：焊接"])
    assert row["s2"]["called"] == "营业收入 1000 万元"
    assert row["s1"]["km"] == 0


def test_without_small_firms_it_says_what_to_fill_in(atlas: ca.Atlas, tmp_path: Path) -> None:
    write(tmp_path / "sheets", "产品环节.csv", "产品名称,产业链\nA,小链")
    write(tmp_path / "sheets", "企业.csv", "企业名称,主营产品\nf1,A")
    load(tmp_path / "w", tmp_path / "sheets")
    found = ca.reserve(ca.open(tmp_path / "w"), chain="小链").in_language("zh")
    assert found.rows == []
    assert any("企业类型" in note for note in found.notes_in("zh"))


def test_rows_lead_to_their_facts(atlas: ca.Atlas) -> None:
    for result in (ca.leaders(atlas, cluster="小集群"), ca.reserve(atlas, cluster="小集群")):
        for at in range(len(result)):
            facts = result.explain(at).rows
            assert facts
            assert all(".csv" in f["source_ref"] for f in facts)


def test_nothing_named_is_refused(atlas: ca.Atlas) -> None:
    with pytest.raises(QueryError, match="--cluster"):
        ca.leaders(atlas)


@given(st.lists(st.integers(0, 4), min_size=2, max_size=12))
def test_percentile_equals_its_definition(values: list[int]) -> None:
    n = len(values)
    for v, p in zip(values, percentile(np.array(values, float)), strict=True):
        below, equal = sum(w < v for w in values), sum(w == v for w in values) - 1
        assert p == pytest.approx((below + equal / 2) / (n - 1))
