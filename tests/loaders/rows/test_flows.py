"""Wide input–output sheets: every row is accounted for, whatever form the table has."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from building import write

import chainatlas as ca
from chainatlas.loaders.files import delimited
from chainatlas.loaders.rows.flows import classify

WIDE = """
代码,部门,甲,乙,中间使用合计,居民消费,资本形成总额合计,存货变动,出口,最终使用合计,进口,其他,总产出
01,甲,5,30,35,10,3,1,4,17,2,0,50
02,乙,8,,8,20,0,-,0,20,0,0,28
中间投入,合计,13,30,43,,,,,,,,
三,劳动者报酬,20,9,29,,,,,,,,
,总投入,50,28,78,,,,,,,,
"""
LONG = """
投入部门,使用部门,数值
甲,甲,5
甲,乙,30
乙,甲,8
甲,居民消费,10
甲,存货变动,1
甲,出口,4
甲,进口,2
乙,居民消费,20
甲,总产出,48
"""


def flows(folder: Path) -> set[tuple[str, str, str, float]]:
    table = ca.open(folder).snapshot.graph.statements["Flow"]
    return {(r["supplier"], r["user"], r["use"], r["value"]) for r in table.to_pylist()}


def test_a_wide_sheet_becomes_flows(tmp_path: Path) -> None:
    report = ca.load(tmp_path / "w", write(tmp_path, "投入产出.csv", WIDE))
    (sheet,) = report.sheets
    assert (sheet.read, sheet.new, sheet.rejected) == (3, 3, 0)
    assert flows(tmp_path / "w") == {
        ("甲", "甲", "intermediate", 5), ("甲", "乙", "intermediate", 30), ("乙", "甲", "intermediate", 8),
        ("甲", "居民消费", "final", 10), ("乙", "居民消费", "final", 20), ("甲", "存货变动", "inventories", 1),
        ("甲", "出口", "exports", 4), ("乙", "出口", "exports", 0), ("甲", "进口", "imports", 2),
        ("乙", "进口", "imports", 0), ("甲", "总产出", "output", 50), ("乙", "总产出", "output", 28),
        ("劳动者报酬", "甲", "value_added", 20), ("劳动者报酬", "乙", "value_added", 9),
    }  # fmt: skip
    assert {header for _, header in report.unused} == {
        "代码",
        "中间使用合计",
        "资本形成总额合计",
        "最终使用合计",
        "其他",
    }
    assert [(row, why) for _, _, row, why, _ in report.passed] == [(4, "total"), (6, "total")]
    again = ca.load(tmp_path / "w", tmp_path / "投入产出.csv")
    assert (again.load, again.sheets[0].unchanged) == (None, 3)


def test_long_and_wide_are_one_table(tmp_path: Path) -> None:
    """The same flows as a list give the same figures, and the use of each is told by its words."""
    wide = ca.position(
        table=write(tmp_path, "投入产出.csv", WIDE.replace(",3,1,4", ",0,1,4").replace(",50\n", ",48\n"))
    )
    long = ca.position(table=write(tmp_path, "投入产出_list.csv", LONG))
    assert wide.rows == long.rows


def test_a_workbook_with_title_and_unit(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "投入产出表"
    for row in (
        ["某省投入产出表（单位：亿元）"],
        ["部门", "甲", "乙", "最终消费"],
        ["甲", 0, 30, 10],
        ["乙", 0, 0, 60],
    ):
        sheet.append(row)
    book.save(tmp_path / "表.xlsx")
    ca.load(tmp_path / "w", tmp_path / "表.xlsx")
    table = ca.open(tmp_path / "w").snapshot.graph.statements["Flow"]
    assert set(table["unit"].to_pylist()) == {"亿元"}
    assert ca.position(ca.open(tmp_path / "w")).rows[0]["upstreamness"] == 1.75


def test_rows_without_a_number_and_bad_cells_are_refused_with_their_place(tmp_path: Path) -> None:
    text = WIDE.replace("02,乙,8,,8,20,0,-,0,20,0,0,28", "02,乙,,,,,,,,,,,").replace("01,甲,5", "01,甲,五吨")
    report = ca.load(tmp_path / "w", write(tmp_path, "投入产出.csv", text), max_rejects=1.0)
    (sheet,) = report.sheets
    assert sheet.read == sheet.new + sheet.unchanged + sheet.merged + sheet.rejected == 3
    assert sorted((r.row, r.code) for r in report.rejects) == [(2, "reject_number"), (3, "reject_required")]


def test_other_sheets_are_left_alone(tmp_path: Path) -> None:
    """A list of suppliers and customers is no input–output table."""
    ca.load(tmp_path / "w", write(tmp_path, "供货.csv", "供方,需方\n子厂,丑厂\n丑厂,子厂"), max_rejects=1.0)
    report = ca.load(tmp_path / "w", write(tmp_path, "企业.csv", "企业名称,主营产品\n子厂,轴\n丑厂,泵"))
    assert report.sheets[0].type == "Enterprise"


@pytest.mark.parametrize(("word", "use"), [
    ("农村居民消费支出", "final"), ("固定资本形成总额", "final"), ("存货增加", "inventories"), ("调出", None),
    ("国内省外流出", "exports"), ("进口", "imports"), ("总产出", "output"), ("最终使用合计", None),
    ("Changes in inventories", "inventories"), ("Exports", "exports"), ("Gross output", "output"),
])  # fmt: skip
def test_words_of_tables(word: str, use: str | None) -> None:
    assert classify([word, "政府消费"])[0] == use


def test_the_command(run: object, tmp_path: Path) -> None:
    write(tmp_path, "投入产出.csv", LONG)
    done = run("position", "--table", "投入产出.csv", "--format", "json")  # type: ignore[operator]
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert [row["entity"] for row in rows] == ["甲", "乙"]
    assert "投入产出表" in done.stderr
    none = run("position")  # type: ignore[operator]
    assert none.returncode == 1


def square(n: int) -> str:
    """A wide table of n sectors."""
    names = [f"部门{i}" for i in range(n)]
    lines = [",".join(["部门", *names, "居民消费", "总产出"])]
    lines += [",".join([a, *(str(i + j) for j in range(n)), "7", "99"]) for i, a in enumerate(names)]
    return "\n".join(lines)


@pytest.mark.parametrize("text", [square(12), LONG + "".join(f"甲,乙{i},{i}\n" for i in range(40))])
def test_a_table_longer_than_a_block_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    ca.load(tmp_path / "whole", write(tmp_path, "投入产出.csv", text))
    monkeypatch.setattr(delimited, "BLOCK", 300)
    assert len(text.encode()) > 600
    ca.load(tmp_path / "cut", tmp_path / "投入产出.csv")
    assert flows(tmp_path / "cut") == flows(tmp_path / "whole")
    assert len(flows(tmp_path / "cut")) > 40


def test_a_table_without_a_telling_name_may_be_longer_than_a_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca.load(tmp_path / "whole", write(tmp_path, "数据.csv", square(20)))
    monkeypatch.setattr(delimited, "BLOCK", 300)
    ca.load(tmp_path / "cut", tmp_path / "数据.csv")
    assert flows(tmp_path / "cut") == flows(tmp_path / "whole")
    assert len(flows(tmp_path / "cut")) > 400
