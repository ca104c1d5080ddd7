"""Marks for nothing: which cells are empty in every column, and which are not."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from chainatlas.graph.schema.types import load_schema
from chainatlas.loaders.files.raw import RawSheet
from chainatlas.loaders.headers.headers import plan
from chainatlas.loaders.values.marks import empty, is_mark, without_marks

NOTHING = [
    "企业选择不公示",
    "企业未填写",
    "该企业未填报",
    "暂未公开",
    "不公开",
    "信息未公开",
    "没有填写",
    "无相关信息",
    "无此项",
    "数据缺失",
    "同上",
    "XXX",
    "xxx",
    "ＸＸＸ",
    "无/无",
    "无 无",
    "无、暂无",
    "N/A / N/A",
    "“无”",
    "\u200b",
    "\ufeff",
    "\ufeff无\u200b",
    "无",
    "無",
    "-",
    "—",
    "——",
    "―",
    "--",
    "---",
    "- -",
    "－",
    "–",
    "/",
    "//",
    "\\",
    ".",
    "。",
    "…",
    "......",
    "*",
    "***",
    "?",
    "？",
    "、",
    "NULL",
    "null",
    "Null",
    "None",
    "NONE",
    "nan",
    "NaN",
    "NAN",
    "NA",
    "N/A",
    "n/a",
    "N.A.",
    "Ｎ／Ａ",
    "#N/A",
    "＃Ｎ／Ａ",
    "#VALUE!",
    "#REF!",
    "#DIV/0!",
    "#NAME?",
    "#NUM!",
    "\\N",
    "<NA>",
    "<空>",
    "(blank)",
    "暂无",
    "暂无数据",
    "未填写",
    "未填",
    "不详",
    "未知",
    "待定",
    "空",
    "（空）",
    "【无】",
    "无数据",
    "没有",
    "×",
    "╳",
    "不适用",
    "未披露",
    "待补充",
    "无。",
    " 无 ",
    "无 数据",
    "\u3000-\u3000",
    "(-)",
    "TBD",
    "unknown",
    "~",
    "=",
]
SOMETHING = [
    "无/有",
    "不公开发行",
    "数据线",
    "信息安全",
    "企业信息",
    "公司",
    "同方股份",
    "XXL",
    "空调/空压机",
    "内容服务",
    "0",
    "0.0",
    "-1",
    "+",
    "无锡",
    "无锡示例有限公司",
    "无线电",
    "无机盐",
    "没药",
    "空客",
    "空调",
    "空压机",
    "略阳",
    "未来科技",
    "缺口圆锯片",
    "N/A公司",
    "NaOH",
    "PE",
    "-5℃",
    "C",
    "√",
    "〇",
    "A/D",
    "nano",
    "Nano",
    "Nanjing",
    "None示例",
    "空白膜",
    "待定向钢",
    "不锈钢",
    "#1机组",
    "1",
    "一",
    "★",
    "○",
]


@pytest.mark.parametrize("text", NOTHING)
def test_what_says_nothing(text: str) -> None:
    assert is_mark(text)


@pytest.mark.parametrize("text", SOMETHING)
def test_what_says_something(text: str) -> None:
    assert not is_mark(text)


@pytest.mark.parametrize(
    ("text", "kind", "told"),
    [
        ("×", "bool", False),
        ("无", "bool", True),
        ("NA", "country", False),
        ("NA", "city", True),
        ("未上市", "stock", True),
        ("未上市", "text", False),
        ("保密", "money", True),
        ("保密", "text", False),
    ],
)
def test_the_column_decides_where_a_mark_says_something_there(text: str, kind: str, told: bool) -> None:
    assert is_mark(text, kind) is told


def test_a_column_is_looked_through_at_once_and_agrees_with_the_single_cells() -> None:
    every = [*NOTHING, *SOMETHING, "", "甲" * 200]
    told = empty(pa.array(every * 3)).tolist()
    assert told == [not text or is_mark(text) for text in every] * 3
    sliced = pa.array(every).slice(5, 20)
    assert empty(sliced).tolist() == [is_mark(text) for text in every[5:25]]


def test_marks_are_emptied_and_counted_in_the_columns_that_are_read() -> None:
    headers = ("企业名称", "所在市", "主营产品", "不认识的列")
    cells = (["示例甲公司", "示例乙公司", "无锡示例公司"], ["无", " 无 ", "-"], ["NULL", "", "0"], ["无", "无", "无"])
    raw = RawSheet("企业.csv", "", headers, tuple(map(pa.array, cells)), np.arange(3, dtype=np.int32))
    made, told = without_marks(raw, plan(headers, load_schema(), file="企业.csv", sheet=""))
    assert told == Counter({"无": 2, "-": 1, "NULL": 1})
    assert [c.to_pylist() for c in made.columns] == [cells[0], ["", "", ""], ["", "", "0"], cells[3]]


def test_characters_without_width_are_empty_and_not_told() -> None:
    headers = ("企业名称", "所在市", "主营产品")
    names = ["示例甲公司", "示例乙公司", "示例丙公司"]
    cells = (names, ["\u200b", "同上", "企业选择不公示"], ["\ufeff", "无/无", "“无”"])
    raw = RawSheet("企业.csv", "", headers, tuple(map(pa.array, cells)), np.arange(3, dtype=np.int32))
    made, told = without_marks(raw, plan(headers, load_schema(), file="企业.csv", sheet=""))
    assert told == Counter({"同上": 1, "企业选择不公示": 1, "无/无": 1, "“无”": 1})
    assert [c.to_pylist() for c in made.columns] == [names, ["", "", ""], ["", "", ""]]
