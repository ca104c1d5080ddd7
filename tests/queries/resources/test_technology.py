"""Technology against product, and patents, on five technologies whose answer is plain.

P1 requires 甲 (level 3), P2 requires 乙, P3 requires 丁; 丙 and 戊 are in the chain, nothing requires them.
- 甲: the university masters it (level 4), firm f1 says level 2 < 3; f1 makes P1 → both
- 乙: nobody masters it, P2 is made → industry without lab
- 丙: the laboratory masters it → lab without industry
- 丁: nobody, P3 is not made → neither
- 戊: firm f2 masters it → industry without lab
Without a completeness statement only 甲 is known on both sides; all others are unknown.

Patents: n1 (2019, university + f1, on 甲), n2 (2020, f1, on 甲 and P1), n3 (no date, on 乙, no applicant).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from building import write

import chainatlas as ca
from chainatlas.api import load
from chainatlas.graph.schema.errors import QueryError

SHEETS = {
    "技术.csv": "技术名称,产业链,环节位置\n甲,小链,上游\n乙,小链,上游\n丙,小链,上游\n丁,小链,上游\n戊,小链,上游",
    "产品环节.csv": "产品名称,产业链,环节位置\nP1,小链,下游\nP2,小链,下游\nP3,小链,下游",
    "所需.csv": "起点,关系,终点,要求水平\nP1,REQUIRES,甲,3\nP2,REQUIRES,乙,\nP3,REQUIRES,丁,",
    "企业.csv": "企业名称,主营产品,掌握技术\nf1,P1,\nf2,P2,戊",
    "机构.csv": "机构名称,类别\n小大学,高等院校",
    "平台.csv": "平台名称,类别\n小实验室,重点实验室",
    "掌握.csv": "起点,关系,终点,水平\n小大学,MASTERS,甲,4\nf1,MASTERS,甲,2\n小实验室,MASTERS,丙,",
    "专利.csv": """专利号,专利名称,申请日期,授权日期,申请人,涉及技术,涉及产品
        CN1,焊一,2019-03-01,2020-01-01,小大学、f1,甲,
        CN2,焊二,2020-05-01,,f1,甲,P1
        CN3,焊三,,,,乙,""",
}  # fmt: skip
STATED = "来源,关系,总体,完整度,依据\n技术普查,掌握,全部,0.9,逐个登记"


def opened(folder: Path, sheets: dict[str, str]) -> ca.Atlas:
    for name, text in sheets.items():
        write(folder / "sheets", name, text)
    report = load(folder / "w", folder / "sheets")
    assert report.rejects == ()
    return ca.open(folder / "w")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> ca.Atlas:
    return opened(tmp_path_factory.mktemp("plain"), SHEETS)


@pytest.fixture(scope="module")
def stated(tmp_path_factory: pytest.TempPathFactory) -> ca.Atlas:
    return opened(tmp_path_factory.mktemp("stated"), {**SHEETS, "覆盖声明.csv": STATED})


def by_technology(result: ca.Result) -> dict[str, dict[str, Any]]:
    return {r["technology"]: r for r in result.rows}


def test_both_sides_of_each_technology(stated: ca.Atlas) -> None:
    found = by_technology(ca.technology(stated, chain="小链").in_language("zh"))
    assert {k: r["status"] for k, r in found.items()} == {
        "甲": "both", "乙": "industry_without_lab", "丙": "lab_without_industry", "丁": "neither",
        "戊": "industry_without_lab"}  # fmt: skip
    assert (found["乙"]["products"], found["丙"]["labs"], found["戊"]["masters"]) == (["P2"], ["小实验室"], ["f2"])


def test_without_a_statement_no_side_is_said_to_be_empty(plain: ca.Atlas) -> None:
    found = by_technology(ca.technology(plain, chain="小链").in_language("zh"))
    assert {k: (r["status"], r["laboratory"], r["industry"]) for k, r in found.items()} == {
        "甲": ("both", "y", "y"), "乙": ("unknown", "u", "y"), "丙": ("unknown", "y", "u"),
        "丁": ("unknown", "u", "u"), "戊": ("unknown", "u", "y")}  # fmt: skip


def test_a_master_below_the_required_level_does_not_count(stated: ca.Atlas) -> None:
    row = by_technology(ca.technology(stated, chain="小链").in_language("zh"))["甲"]
    assert (row["required_level"], row["best_level"], row["below_level"]) == (3, 4, 1)
    assert (row["labs"], row["masters"], row["products"]) == (["小大学"], [], ["P1"])
    assert row["patents"] == 2


def test_technology_rows_lead_to_their_facts(stated: ca.Atlas) -> None:
    found = ca.technology(stated, chain="小链").in_language("zh")
    for at in range(len(found)):
        assert any("覆盖声明.csv" in (f["source_ref"] or "") for f in found.explain(at).rows)
    facts = [f["fact"] for f in found.explain([r["technology"] for r in found.rows].index("甲")).in_language("zh").rows]
    assert {"小大学 掌握 甲", "f1 掌握 甲", "f1 生产 P1"} <= set(facts)
    assert any("CN1" in f or "焊一 服务 甲" in f for f in facts)


def test_patents_by_technology_share_and_applicant(plain: ca.Atlas) -> None:
    found = by_technology(ca.patents(plain, chain="小链"))
    # 甲: CN1 counts ½ university, ½ f1; CN2 1 f1 → enterprises 1.5/2, institutes .5/2.
    row = found["甲"]
    assert (row["patents"], row["granted"], row["joint"]) == (2, 1, 1)
    assert (row["share_enterprise"], row["share_institute"], row["share_unknown"]) == (0.75, 0.25, 0)
    assert (row["first_year"], row["last_year"], row["top"][0]) == (2019, 2020, "f1 2")
    assert (found["P1"]["kind"], found["P1"]["patents"]) == ("product", 1)
    assert found["乙"]["share_unknown"] == 1


def test_patents_by_year_applicant_and_pair(plain: ca.Atlas) -> None:
    years = ca.patents(plain, by="year")
    assert [(r["year"], r["patents"], r["share_institute"]) for r in years.rows] == [(2019, 1, 0.5), (2020, 1, 0)]
    assert any("1 件没有申请日期" in note for note in years.notes_in("zh"))
    applicants = ca.patents(plain, by="applicant")
    assert [(r["applicant"], r["fraction"], r["share"]) for r in applicants.rows] == [
        ("f1", 1.5, 0.5), ("小大学", 0.5, 0.1667)]  # fmt: skip
    pairs = ca.patents(plain, by="pair")
    assert [({r["applicant"], r["partner"]}, r["patents"], r["technologies"]) for r in pairs.rows] == [
        ({"f1", "小大学"}, 1, ["甲"])]  # fmt: skip
    for result in (years, applicants, pairs, ca.patents(plain)):
        for at in range(len(result)):
            assert any("专利.csv" in f["source_ref"] for f in result.explain(at).rows)


def test_an_unknown_grouping_is_refused(plain: ca.Atlas) -> None:
    with pytest.raises(QueryError, match="applicant"):
        ca.patents(plain, by="colour")
