"""Targets at a date, each state once.

Output values (亿元): 甲集群 900 (2014), 1200 (2016); 乙集群 1500 (2015); 丙产业集群 1100 and 丙集群 1000 (2015) of one
place count once; 丁集群 100 (2015); 戊集群 none: five of six names known, κ floor .5.
"""

from __future__ import annotations

from typing import Any

import pytest
from building import write

import chainatlas as ca
from chainatlas.api import load
from chainatlas.graph.schema.errors import QueryError

SHEETS = {
    "区域.csv": "区域名称,级别\n甲省,省",
    "集群.csv": """集群名称,所在省,产值（亿元）,产值年份,培育阶段,数据日期
        甲集群,甲省,900,2014,,2014
        甲集群,甲省,1200,2016,,2016
        乙集群,甲省,1500,2015,,2015
        丙产业集群,甲省,1100,2015,,2015
        丙集群,甲省,1000,2015,,2015
        丁集群,甲省,100,2015,培育,2016-06-30
        戊集群,甲省,,,,2015""",
    "政策.csv": "文号,政策名称,发布日期\n小政〔2015〕1号,关于小集群的意见,2015-01-01",
    "条款.csv": "条款编号,条款标题,所属政策,支持集群\n小政/一,目标,小政〔2015〕1号,甲集群、乙集群",
    "平台.csv": "平台名称,类别,所在省,数据日期\n台一,重点实验室,甲省,2014\n台二,重点实验室,甲省,2016",
    "目标.csv": """目标编号,目标,指标,目标值,单位,期限,所属条款,适用区域
        T1,千亿集群达到2个,产值过千亿元集群,2,个,2015-12-31,小政/一,甲省
        T2,千亿集群达到3个,产值过千亿元集群,3,个,2015-12-31,小政/一,甲省
        T3,千亿集群达到4个,产值过千亿元集群,4,个,2015-12-31,小政/一,甲省
        T4,千亿集群达到4个,产值过千亿元集群,4,个,2020-12-31,小政/一,甲省
        T5,集群总产值,产值,4000,亿元,2020-12-31,小政/一,甲省
        T6,重点支持集群,重点支持集群,2,个,,小政/一,甲省
        T7,新培育集群,新培育集群,1,个,2016-12-31,小政/一,甲省
        T8,重点实验室,重点实验室数量,1,个,2015-12-31,,甲省
        T9,重点实验室,重点实验室数量,9,个,2020-12-31,,甲省
        T10,好上加好,满意度,1,分,2020-12-31,,甲省""",
}


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> ca.Atlas:
    folder = tmp_path_factory.mktemp("targets")
    for name, text in SHEETS.items():
        write(folder / "sheets", name, text)
    assert load(folder / "w", folder / "sheets").rejects == ()
    return ca.open(folder / "w")


def at(atlas: ca.Atlas, day: str) -> dict[str, dict[str, Any]]:
    found = ca.targets(atlas, as_of=day).in_language("zh")
    number = {n: atlas.snapshot.value(n, "number") for n in atlas.snapshot.ids("Target")}
    return {str(number[r["_node"]]): r for r in found.rows}


def test_states_at_the_end_of_2016(atlas: ca.Atlas) -> None:
    row = at(atlas, "2016-12-31")
    # By the end of 2015: 乙 and 丙 (once).  In 2016 甲 as well.
    assert (row["T1"]["state"], row["T1"]["value"], row["T1"]["gap"]) == ("met", 2, 0)
    assert (row["T2"]["state"], row["T2"]["value"]) == ("met", 3)
    assert "期限（2015-12-31）之后" in row["T2"]["reason"]
    assert (row["T3"]["state"], row["T3"]["value"], row["T3"]["gap"]) == ("behind", 3, 1)
    # An even pace from 0 at 2015-01-01 (only 甲's 900 of 2014 is known then) to 4 by 2020: 730/2191·4 = 1.33 ≤ 3.
    assert row["T4"]["state"] == "on_the_way"
    # 1200 + 1500 + 1100 + 100, 丙 once.  From 900: 900 + 3100·730/2191 = 1933 ≤ 3900.
    assert (row["T5"]["value"], row["T5"]["state"], row["T5"]["known"]) == (3900, "on_the_way", 0.8333)
    assert (row["T6"]["state"], row["T6"]["value"]) == ("met", 2)
    assert (row["T7"]["state"], row["T7"]["counted"]) == ("met", ["丁集群"])
    assert (row["T8"]["state"], row["T8"]["value"]) == ("met", 1)
    assert (row["T9"]["state"], row["T9"]["value"]) == ("unknown", 2)  # no list says how many there are
    assert (row["T10"]["state"], row["T10"]["value"]) == ("unknown", None)
    assert "看不出" in row["T10"]["reason"]


def test_values_of_later_years_do_not_count(atlas: ca.Atlas) -> None:
    row = at(atlas, "2014")
    assert (row["T1"]["value"], row["T5"]["value"]) == (0, 900)
    assert row["T1"]["state"] == "unknown"  # one of six clusters has a value by then
    assert at(atlas, "2015-06")["T5"]["value"] == 900  # the year 2015 has not ended


def test_notes_sources_and_facts(atlas: ca.Atlas) -> None:
    found = ca.targets(atlas, as_of="2016").in_language("zh")
    assert any("2016-12-31" in note and "已达到 5" in note for note in found.notes_in("zh"))
    for n, row in enumerate(found.rows):
        facts = found.explain(n).rows
        assert any("目标.csv" in f["source_ref"] for f in facts), row
        if row["measure"] == "产值过千亿元集群":
            assert any("集群.csv" in f["source_ref"] for f in facts)


def test_a_date_that_is_none_is_refused(atlas: ca.Atlas) -> None:
    for text in ("下周", "2016-13", "2016-02-31"):
        with pytest.raises(QueryError, match="YYYY"):
            ca.targets(atlas, as_of=text)
