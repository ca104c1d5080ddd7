"""Input–output tables as OECD, WIOD, EXIOBASE, FIGARO and national offices write them: one table, one answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import chainatlas as ca
from chainatlas.loaders.rows.flow_words import classify, economies, is_no_sector, meaning

Z = np.array([[10, 20, 5, 5], [10, 30, 5, 15], [5, 10, 20, 20], [5, 20, 20, 40]], float)
FINAL = np.array([[40, 10, 5, 5], [90, 20, 20, 10], [5, 5, 60, 25], [10, 5, 150, 50]], float)
X = Z.sum(axis=1) + FINAL.sum(axis=1)
UP = np.linalg.inv(np.eye(4) - Z / X[:, None]).sum(axis=1)
DOWN = np.linalg.inv(np.eye(4) - Z / X).sum(axis=0)
PLACES = ("AAA", "AAA", "BBB", "BBB")


def cells(values: npt.NDArray[np.float64]) -> str:
    return ",".join(f"{value:g}" for value in values)


def table(head: str, rows: list[str], below: list[str], total: bool = True) -> str:
    body = [f"{row},{cells(Z[i])},{cells(FINAL[i])}{f',{X[i]:g}' if total else ''}" for i, row in enumerate(rows)]
    return "\n".join([head, *body, *below]) + "\n"


def icio() -> str:
    head = ",AAA_S1,AAA_S2,BBB_S1,BBB_S2,AAA_HFCE,AAA_GGFC,BBB_NPISH,BBB_GFCF,TOTAL"
    below = ["AAA_TAXSUB,5,10,5,10,0,0,0,0,0", "VALU,65,110,95,210,0,0,0,0,0", f"OUTPUT,{cells(X)},0,0,0,0,0"]
    return table(head, ["AAA_S1", "AAA_S2", "BBB_S1", "BBB_S2"], below)


def icio_out_everywhere() -> str:
    """The later editions have OUT in a column and in a row, and finals by their economy behind the code."""
    head = "V1,AAA_S1,AAA_S2,BBB_S1,BBB_S2,HFCE_AAA,GGFC_AAA,HFCE_BBB,DPABR_BBB,OUT"
    below = ["TLS,5,10,5,10,0,0,0,0,0", "VA,65,110,95,210,0,0,0,0,0", f"OUT,{cells(X)},0,0,0,0,0"]
    return table(head, ["AAA_S1", "AAA_S2", "BBB_S1", "BBB_S2"], below)


def wiod() -> str:
    """Code, description, country and number above and before, as in the workbooks of 2016."""
    head = [
        "(industry-by-industry),,,,A,B,A,B,CONS_h,CONS_g,CONS_h,CONS_np,GO",
        ",,,,Farms,Works,Farms,Works,Final consumption expenditure by households,Final consumption expenditure by"
        " government,Final consumption expenditure by households,Final consumption expenditure by non-profit"
        " organisations serving households (NPISH),Total output",
        ",,,,AAA,AAA,BBB,BBB,AAA,AAA,BBB,BBB,TOT",
        ",,,,c1,c2,c1,c2,c57,c59,c57,c58,c62",
    ]
    rows = ["A,Farms,AAA,r1", "B,Works,AAA,r2", "A,Farms,BBB,r1", "B,Works,BBB,r2"]
    below = [f"II_fob,Total intermediate consumption,TOT,r65,{cells(Z.sum(axis=0))},0,0,0,0,0",
             f"VA,Value added at basic prices,TOT,r70,{cells(X - Z.sum(axis=0))},0,0,0,0,0",
             f"GO,Output at basic prices,TOT,r73,{cells(X)},0,0,0,0,0"]  # fmt: skip
    return table("\n".join(head), rows, below)


def exiobase() -> str:
    head = [
        "region,,AAA,AAA,BBB,BBB,AAA,AAA,BBB,BBB",
        "region,sector,Cultivation of wheat,Other land transport,Cultivation of wheat,Other land transport,"
        "Final consumption expenditure by households,Final consumption expenditure by government,"
        "Gross fixed capital formation,Changes in valuables",
    ]
    rows = [
        f"{place},{sector}" for place in ("AAA", "BBB") for sector in ("Cultivation of wheat", "Other land transport")
    ]
    below = [f",Operating surplus: Royalties on resources,{cells(X - Z.sum(axis=0))},0,0,0,0"]
    return table("\n".join(head), rows, below, total=False)


def exiobase_merged() -> str:
    """Cells of one region merged, above and before."""
    return (
        exiobase()
        .replace("region,,AAA,AAA,BBB,BBB,AAA,AAA,BBB,BBB", "region,,AAA,,BBB,,AAA,,BBB,")
        .replace("\nAAA,Other", "\n,Other")
        .replace("\nBBB,Other", "\n,Other")
    )


def figaro() -> str:
    head = "rowLabels,AA_A01,AA_B,BB_A01,BB_B,AA_P3_S14,AA_P3_S13,BB_P3_S14,BB_P51G"
    below = ["W2_D21X31,5,10,5,10,0,0,0,0", "W2_D1,65,110,95,210,0,0,0,0", "W2_B2A3G,0,0,0,0,0,0,0,0"]
    return table(head, ["AA_A01", "AA_B", "BB_A01", "BB_B"], below, total=False)


def national() -> str:
    """The codes of the Chinese tables, with sums between them."""
    head = "部门,01001,02002,03003,04004,TII,FU101,FU103,TC,FU201,EX,GCF,TFU,GO"
    lines = [head]
    for i, code in enumerate(("01001", "02002", "03003", "04004")):
        a, b, c, d = FINAL[i]
        sums = (Z[i].sum(), a, b, a + b, c, d, c, a + b + c + d, X[i])
        lines.append(f"{code},{cells(Z[i])},{cells(np.array(sums))}")
    lines += [f"TII,{cells(Z.sum(axis=0))},,,,,,,,,", "VA001,40,60,50,100,,,,,,,,,", f"TI,{cells(X)},,,,,,,,,"]
    return "\n".join(lines) + "\n"


def unknown_final() -> str:
    """Names that nobody knows, but a total that adds up: shares of output need no more."""
    head = ",S1,S2,S3,S4,q1,q2,q3,q4,X"
    return table(head, ["S1", "S2", "S3", "S4"], [f"X,{cells(X)},0,0,0,0,0"])


FAMILIES: dict[str, Callable[[], str]] = {
    made.__name__: made for made in (icio, icio_out_everywhere, wiod, exiobase, exiobase_merged, figaro, unknown_final)
}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("loaded", [False, True])
def test_one_table_in_every_family(tmp_path: Path, family: str, loaded: bool) -> None:
    file = tmp_path / "投入产出.csv"
    file.write_text(FAMILIES[family](), encoding="utf-8")
    if loaded:
        report = ca.load(tmp_path / "w", file)
        assert not report.rejects
        rows = ca.position(ca.open(tmp_path / "w")).rows
    else:
        rows = ca.position(table=file).rows
    by_output = {row["output"]: row for row in rows}
    assert sorted(by_output) == sorted(X)
    for i in range(4):
        row = by_output[X[i]]
        assert (row["upstreamness"], row["downstreamness"]) == (round(UP[i], 4), round(DOWN[i], 4))
    if family != "unknown_final":
        assert [by_output[x]["economy"][:2] for x in X] == [place[:2] for place in PLACES]


def test_a_sector_is_known_without_its_economy(tmp_path: Path) -> None:
    (tmp_path / "投入产出.csv").write_text(icio(), encoding="utf-8")
    rows = ca.position(table=tmp_path / "投入产出.csv", country="BBB", apl="S1").rows
    assert {(row["from"], row["to"]) for row in rows} == {
        ("BBB_S1", "BBB_S1"),
        ("BBB_S1", "BBB_S2"),
        ("BBB_S2", "BBB_S1"),
    }


def test_codes_of_the_national_office(tmp_path: Path) -> None:
    """One economy, d of the finals exported: rows are divided by what is used at home."""
    (tmp_path / "投入产出.csv").write_text(national(), encoding="utf-8")
    rows = {row["output"]: row for row in ca.position(table=tmp_path / "投入产出.csv").rows}
    up = np.linalg.inv(np.eye(4) - Z / (X - FINAL[:, 3])[:, None]).sum(axis=1)
    for i in range(4):
        assert (rows[X[i]]["upstreamness"], rows[X[i]]["downstreamness"]) == (round(up[i], 4), round(DOWN[i], 4))


def test_the_cases(shared: Path, tmp_path: Path) -> None:
    """icio and icio2 differ in the name of their last row; 1.76 … 1.83 by numpy from their own numbers."""
    where = shared / "cases" / "lists" / "03-io-final-demand"
    for name, n, wide in (("icio", 8, 4), ("icio2", 8, 4), ("io", 4, 4)):
        lines = [line.split(",") for line in (where / f"{name}.csv").read_text().split()][1 : n + 1]
        flows = np.array([[float(cell) for cell in line[1 : n + 1]] for line in lines])
        final = np.array([sum(map(float, line[n + 1 : n + 1 + wide])) for line in lines])
        x = flows.sum(axis=1) + final
        up = np.linalg.inv(np.eye(n) - flows / x[:, None]).sum(axis=1)
        rows = {row["entity"]: row for row in ca.position(table=where / f"{name}.csv").rows}
        assert [rows[line[0]]["upstreamness"] for line in lines] == np.round(up, 4).tolist()
        if name != "io":
            assert (round(up.min(), 2), round(up.max(), 2)) == (1.76, 1.83)
    rows = {row["entity"]: row for row in ca.position(table=where / "投入产出表.csv").rows}
    # 农业: 100 − 10 + 5 = 95 used at home, 10 and 20 of it by sectors; 工业: 200 − 20 + 10 = 190.
    up = np.linalg.inv(np.eye(2) - np.array([[10 / 95, 20 / 95], [10 / 190, 60 / 190]])).sum(axis=1)
    assert [rows[name]["upstreamness"] for name in ("农业", "工业")] == np.round(up, 4).tolist()


def test_rows_and_columns_that_are_not_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "投入产出.csv").write_text(icio().replace("VALU", "ZZZ").replace("BBB_GFCF", "QQQ"), encoding="utf-8")
    report = ca.load(tmp_path / "w", tmp_path / "投入产出.csv")
    assert [(row, why, text) for _, _, row, why, text in report.passed] == [(7, "not_flow", "ZZZ")]
    assert [header for _, header in report.unused] == ["QQQ", "TOTAL"]
    result = ca.position(table=tmp_path / "投入产出.csv")
    assert "QQQ" in " ".join(result.notes_in("zh"))


@pytest.mark.parametrize("economy", ["", "AAA_"])
def test_without_any_final_use_there_is_no_position(tmp_path: Path, economy: str) -> None:
    """Output equals intermediate sales: the inverse does not exist; what was not understood is named."""
    rows = "".join(f"{economy}S{i},{cells(Z[i])},7,3\n" for i in range(4))
    file = tmp_path / "投入产出.csv"
    file.write_text(f",{','.join(f'{economy}S{i}' for i in range(4))},QQ1,QQ2\n{rows}", encoding="utf-8")
    with pytest.raises(ca.QueryError, match="QQ1、QQ2"):
        ca.position(table=file)
    ca.load(tmp_path / "w", file)
    with pytest.raises(ca.QueryError, match="全部是中间使用"):
        ca.position(ca.open(tmp_path / "w"))


def test_sectors_that_sell_to_each_other_only_are_named(tmp_path: Path) -> None:
    file = tmp_path / "投入产出.csv"
    file.write_text("部门,甲,乙,丙,居民消费\n甲,5,5,,0\n乙,4,4,,0\n丙,1,1,1,9\n", encoding="utf-8")
    with pytest.raises(ca.QueryError, match="3 个部门里有 2 个（甲、乙）"):
        ca.position(table=file)


def test_more_stages_than_a_table_can_have(tmp_path: Path) -> None:
    """A thousandth of output is all that is left for final use: columns of it are missing."""
    file = tmp_path / "投入产出.csv"
    file.write_text("部门,甲,乙,居民消费,QQ\n甲,500,499,1,900\n乙,499,500,1,900\n", encoding="utf-8")
    with pytest.raises(ca.QueryError, match=r"1000 步.*QQ"):
        ca.position(table=file)


def test_value_added_of_a_long_list_is_no_sector(tmp_path: Path) -> None:
    """Suppliers named VALU, TOTAL and OUT are accounts; the long list answers as the wide one does."""
    ends = [f"{place}_S{i % 2 + 1}" for i, place in enumerate(PLACES)]
    lines = [f"{a},{b},{Z[i, j]:g}" for i, a in enumerate(ends) for j, b in enumerate(ends)]
    lines += [f"{a},{use},{FINAL[i, j]:g}" for i, a in enumerate(ends)
              for j, use in enumerate(("AAA_HFCE", "AAA_GGFC", "BBB_HFCE", "BBB_GGFC"))]  # fmt: skip
    lines += [f"VALU,{b},9" for b in ends] + [f"TOTAL,{b},9" for b in ends] + [f"OUT,{b},9" for b in ends]
    file = tmp_path / "投入产出.csv"
    file.write_text("投入部门,使用部门,数值\n" + "\n".join(lines), encoding="utf-8")
    rows = {row["entity"]: row for row in ca.position(table=file).rows}
    assert [rows[name]["upstreamness"] for name in ends] == np.round(UP, 4).tolist()
    assert len(rows) == 4


@pytest.mark.parametrize(("name", "use"), [
    ("CONS_h", "final"), ("CONS_np", "final"), ("CHN_CONS_g", "final"), ("HFCE", "final"), ("HFCE_CHN", "final"),
    ("CHN_GFCF", "final"), ("CHN_INVNT", "inventories"), ("INVEN", "inventories"), ("DPABR", "final"), ("P33", "final"),
    ("DE_P3_S15", "final"), ("DE_P51G", "final"), ("DE_P5M", "inventories"), ("P6", "exports"), ("EXP", "exports"),
    ("Exports: Total (fob)", "exports"), ("FU202", "inventories"), ("GO", "output"), ("OUT", "output"),
    ("Output at basic prices", "output"), ("总投入", "output"), ("VALU", "value_added"), ("CHN_TAXSUB", "value_added"),
    ("TXS_INT_FNL", "value_added"), ("TLS", "value_added"), ("Consumption of fixed capital", "value_added"),
    ("Compensation of employees; wages, salaries", "value_added"), ("International Transport Margins", "value_added"),
    ("W2_D21X31", "value_added"), ("TOTAL", "sum"), ("II_fob", "sum"), ("Total intermediate consumption", "sum"),
    ("最终使用合计", "sum"), ("Changes in valuables", "final"), ("RoW_GGFC", "final"), ("农业", None), ("c1", None),
])  # fmt: skip
def test_names_of_the_families(name: str, use: str | None) -> None:
    assert meaning(name) == use


@pytest.mark.parametrize(
    ("use", "names"),
    [
        ("final", "家計消費支出 家計消費 政府消費 民間消費支出 資本形成 민간소비지출 정부소비지출 총고정자본형성"),
        ("inventories", "在庫純増 存貨變動 재고증감"),
        ("exports", "輸出 輸出計 수출"),
        ("imports", "輸入 進口 수입"),
        ("output", "国内生産額 總產出 총산출"),
        ("value_added", "雇用者所得 営業余剰 粗付加価値 피용자보수"),
        ("sum", "最終需要計 中間需要合計 중간수요계 中间合计 Sum"),
    ],
)
def test_names_in_traditional_characters_japanese_and_korean(use: str, names: str) -> None:
    assert {name: meaning(name) for name in names.split()} == dict.fromkeys(names.split(), use)


def test_sums_stand_in_where_their_parts_are_missing() -> None:
    assert classify(["AAA_P3", "AAA_P51G", "BBB_P3", "BBB_P51G"]) == ["final"] * 4
    assert classify(["FU101", "FU102", "THC", "FU103", "TC"]) == ["final", "final", None, "final", None]
    assert classify(["最终消费支出合计", "资本形成总额合计", "出口"]) == ["final", "final", "exports"]


def test_what_is_no_sector() -> None:
    assert [is_no_sector(text) for text in ("OUT", "TOTAL", "AAA_OUT", "总产出", "合计", "Total output")] == [True] * 6
    assert [is_no_sector(text) for text in ("P3", "D1", "居民服务、修理和其他服务业", "AAA_S1", "X")] == [False] * 5


def test_economies_stand_before_or_behind() -> None:
    assert economies(["中国_农业", "中国_工业", "美国_农业"]) == {
        "中国_农业": "中国",
        "中国_工业": "中国",
        "美国_农业": "美国",
    }
    assert economies(["S1_AAA", "S2_AAA", "S1_BBB"]) == {"S1_AAA": "AAA", "S2_AAA": "AAA", "S1_BBB": "BBB"}
    assert economies(["AA_1", "BB_2", "CC_3"]) is None
    assert economies(["农业", "工业"]) is None


@pytest.mark.parametrize(
    ("total", "final", "out"),
    [
        ("中间合计", "居民消费", "出口"),
        ("Sum", "Households", "Exports"),
        ("中間需要計", "家計消費支出", "輸出"),
        ("중간수요계", "민간소비지출", "수출"),
    ],
)
def test_a_sum_is_no_sector_and_final_use_is_known_in_other_scripts(
    tmp_path: Path, total: str, final: str, out: str
) -> None:  # fmt: skip
    file = tmp_path / "投入产出.csv"
    lines = [f"部门,甲,乙,{total},{final},{out}", "甲,10,20,30,50,20", "乙,40,10,50,40,10", f"{total},50,30,80,90,30"]
    file.write_text("\n".join(lines), encoding="utf-8")
    rows = {row["sector"]: row["upstreamness"] for row in ca.position(table=file).rows}
    # u = (1 - B)⁻¹ 1 with rows divided by what is used at home, 80 and 90: B = [[1/8, 1/4], [4/9, 1/9]], |1 - B| = 2/3.
    assert rows == {"甲": round((8 / 9 + 1 / 4) * 1.5, 4), "乙": round((7 / 8 + 4 / 9) * 1.5, 4)}
