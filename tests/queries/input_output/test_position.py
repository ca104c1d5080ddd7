"""Position of sectors and products: a table as people keep it, an open economy, China in the world of 2011."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from building import write

import chainatlas as ca
from chainatlas.graph.columns.flows import InputOutput

# x1 = 10 + 30, x2 = 20 + 40, x3 = 100: the row of three of methods §3.
TABLE = """
部门,甲,乙,丙,最终消费,总产出
甲,0,30,0,10,40
乙,0,0,40,20,60
丙,0,0,0,100,100
增加值,40,30,60,,
总投入,40,60,100,,
"""
# Exports, imports and stores of sector 甲: 30 to 乙, 20 consumed, 5 stored, 25 exported, 10 imported.
OPEN = """
部门,甲,乙,居民消费,存货变动,出口,进口
甲,0,30,20,5,25,10
乙,10,0,50,0,0,0
"""
PUBLISHED = {"采矿业": (4.5908, 2.5220), "化学品": (3.9955, 3.2918), "基本金属和金属制品": (3.6822, 3.3151),
             "电气和光学设备": (2.8434, 3.6935), "运输设备": (2.6103, 3.6887), "建筑业": (1.0612, 3.3088)}  # fmt: skip


def by_name(result: ca.Result) -> dict[str, dict[str, object]]:
    return {row["entity"]: row for row in result.rows}


def test_a_table_from_a_file(tmp_path: Path) -> None:
    found = by_name(ca.position(table=write(tmp_path, "投入产出.csv", TABLE)))
    measures = ("output", "upstreamness", "downstreamness", "power", "backward", "forward", "extraction")
    assert [[found[s][m] for m in measures] for s in ("甲", "乙", "丙")] == [
        [40, 2.25, 1, 0.7317, 0, 0.75, 40],
        [60, 1.6667, 1.5, 1.0976, 0.5, 0.6667, 90],
        [100, 1, 1.6, 1.1707, 0.4, 0, 160],
    ]


def test_lengths_between_sectors(tmp_path: Path) -> None:
    rows = ca.position(table=write(tmp_path, "投入产出.csv", TABLE), apl="甲").rows
    assert rows == [{"from": "甲", "to": "乙", "apl": 1, "total_effect": 0.5},
                    {"from": "甲", "to": "丙", "apl": 2, "total_effect": 0.2}]  # fmt: skip


def test_an_open_economy_divides_by_what_is_used_at_home(tmp_path: Path) -> None:
    """x = 30 + 20 + 5 + 25 − 10 = 70; the row of 甲 is divided by 70 − 25 + 10 − 5 = 50, that of 乙 by 60.

    U1 = 1 + .6 U2, U2 = 1 + (1/6) U1: U1 = 1.6 / .9, U2 = 1 + 1.6 / 5.4.
    D1 = 1 + (10/70) D2, D2 = 1 + .5 D1: D1 = (8/7) / (13/14).
    """
    found = by_name(ca.position(table=write(tmp_path, "投入产出.csv", OPEN)))
    assert found["甲"]["output"] == 70
    assert found["甲"]["upstreamness"] == round(1.6 / 0.9, 4)
    assert found["乙"]["upstreamness"] == round(1 + 1.6 / 5.4, 4)
    assert found["甲"]["downstreamness"] == round((8 / 7) / (13 / 14), 4)


def test_products_carry_the_position_of_their_industry(tmp_path: Path) -> None:
    """螺栓 by itself, 钢板 through its industry and what that is part of, 药 by shares, 铝板 not at all."""
    files = {
        "投入产出": TABLE, "产业": "产业名称,产业代码,上级产业\n钢业,C31,\n板材业,C312,钢业\n铝业,C32,\n丙,C99,",
        "产品环节": "产品名称,所属产业\n螺栓,\n钢板,板材业\n铝板,铝业\n药,\n丙件,丙",
        "对照": "对象,部门,占比\n螺栓,乙,\nC31,丙,\n药,甲,0.25\n药,乙,0.75\n没有的,乙,",
    }  # fmt: skip
    ca.load(tmp_path / "w", [write(tmp_path, f"{n}.csv", t) for n, t in files.items()], as_of="2017")
    atlas = ca.open(tmp_path / "w")
    result = ca.position(atlas)
    found = {row["entity"]: row for row in result.rows if row["kind"] == "product"}
    assert {n: (r["upstreamness"], r["sector"]) for n, r in found.items()} == {
        "螺栓": (1.6667, ["乙"]), "钢板": (1, ["丙"]), "丙件": (1, ["丙"]),
        "药": (round(0.25 * 2.25 + 0.75 * 5 / 3, 4), ["乙", "甲"]),
    }  # fmt: skip
    said = " ".join(result.notes_in("zh"))
    assert "没有的 → 乙" in said
    assert "另有 1 个产品" in said
    at = next(i for i, row in enumerate(result.rows) if row["entity"] == "药")
    facts = result.explain(at).rows
    assert [(f["source_ref"], f["as_of"], f["load"]) for f in facts] == [
        ("投入产出.csv · 第3行", "2017", 1), ("投入产出.csv · 第2行", "2017", 1)]  # fmt: skip


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(ca.LoadError, match="投入部门"):
        ca.position(table=write(tmp_path, "名单.csv", "部门,人数\n甲,3\n乙,4"))
    with pytest.raises(ca.LoadError, match="第 2 行“数值”"):
        ca.position(table=write(tmp_path, "坏.csv", TABLE.replace("0,30,0", "0,三十吨,0")))
    with pytest.raises(ca.QueryError, match="丁"):
        ca.position(table=write(tmp_path, "投入产出.csv", TABLE), apl="丁")
    with pytest.raises(ca.QueryError, match="无解"):
        ca.position(table=write(tmp_path, "投入产出.csv", "部门,甲,乙,消费\n甲,0,90,-50\n乙,90,0,-50"))
    ca.load(tmp_path / "w", write(tmp_path, "企业.csv", "企业名称,主营产品\n子厂,轴"))
    with pytest.raises(ca.QueryError, match="没有载入投入产出表"):
        ca.position(ca.open(tmp_path / "w"))


def test_two_tables_of_one_year_are_not_mixed(tmp_path: Path) -> None:
    file = write(tmp_path, "投入产出.csv", TABLE)
    for source, year in (("甲局", "2017"), ("乙局", "2017"), ("甲局", "2012")):
        ca.load(tmp_path / "w", file, source=source, as_of=year)
    atlas = ca.open(tmp_path / "w")
    with pytest.raises(ca.QueryError, match="甲局"):
        ca.position(atlas)
    result = ca.position(atlas, source="乙局")
    assert [row["output"] for row in result.rows] == [40, 60, 100]
    assert "乙局（2017）" in result.notes_in("zh")[0]


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest) -> InputOutput:
    pytest.importorskip("rdata", reason="rdata is in requirements-dev.txt")
    shared: Path = request.getfixturevalue("shared")
    return ca.read_flows(shared / "data" / "wiod" / "wiot_2011.RData")


@pytest.fixture(scope="module")
def china(world: InputOutput) -> dict[str, dict[str, object]]:
    return by_name(ca.position(table=world, country="CHN"))


def test_china_2011_as_published(china: dict[str, dict[str, object]]) -> None:
    for sector, (up, down) in PUBLISHED.items():
        assert china[sector]["upstreamness"] == pytest.approx(up, abs=1e-3)
        assert china[sector]["downstreamness"] == pytest.approx(down, abs=1e-3)


def test_china_2011_all_33_industries_by_a_second_route(
    world: InputOutput, china: dict[str, dict[str, object]]
) -> None:
    """All industries with output, with pymrio's A, B, L and G on a table that is scaled in another way."""
    pymrio = pytest.importorskip("pymrio", reason="pymrio is in requirements-dev.txt")
    import pandas as pd

    gross = world.Z.sum(axis=1) + world.final + world.inventories
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pymrio divides by the outputs that are 0
        scale = pd.Series(gross / np.where(gross == world.inventories, 1, gross - world.inventories)).where(
            gross > 0, 1
        )
        Z = pd.DataFrame(world.Z).mul(scale, axis=0)
        x = pd.DataFrame({"indout": Z.sum(axis=1) + world.final * scale})
        down = pymrio.calc_L(pymrio.calc_A(Z, x)).sum(axis=0)
        up = pymrio.calc_G(pymrio.calc_B(Z, x)).sum(axis=1)
    here = [i for i, e in enumerate(world.economy) if e == "CHN" and gross[i] > 0]
    assert len(here) == 33
    for i in here:
        row = china[world.sector[i]]
        assert (row["upstreamness"], row["downstreamness"]) == pytest.approx((up[i], down[i]), abs=1e-4)
    idle = [name for name, row in china.items() if row["upstreamness"] is None]
    assert len(idle) == 2


def test_the_world_as_a_whole(world: InputOutput) -> None:
    """Weighted by output, mean upstreamness equals mean downstreamness: each counts every flow once."""
    rows = ca.position(table=world).rows
    x = np.array([r["output"] for r in rows if r["upstreamness"] is not None])
    up, down = (
        np.array([r[m] for r in rows if r["upstreamness"] is not None]) for m in ("upstreamness", "downstreamness")
    )
    assert len(x) > 1400
    assert np.average(up, weights=x) == pytest.approx(np.average(down, weights=x), abs=1e-4)
