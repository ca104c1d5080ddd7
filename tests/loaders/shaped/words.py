"""Words of the grammars: what a cell, a number, a date, a header may be, usual and odd."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

from chainatlas.graph.schema.types import load_schema
from chainatlas.loaders.headers.template import _columns

Table = list[list[str]]

NUMBERS = (
    "1e999",
    "-1e999",
    "1e-999",
    "-0",
    "nan",
    "inf",
    "-inf",
    "NaN",
    "0x10",
    "1_000",
    "１２",
    "½",
    "①",
    "٣",
    "1e5000",
    "9" * 400,
    "0." + "0" * 400 + "1",
    "1.2.3",
    "1,2,3",
    "1，000",
    "--5",
    "+-5",
    "5%",
    "500%",
    "-3%",
    "1/0",
    "1E+05",
    "壹亿亿",
    "零",
    "二十三万亿",
    "1-2-3万",
    "约",
    "约约5",
    "5万-3万",
    "万",
    "亿元",
    "1亿亿亿亿亿亿",
    "9e307万亿",
    "١٢",
    "1e308亿",
    "三千零",
    "十十",
    "〇",
    "1 000 000",
    "1'000",
    "$5",
    "¥",
    "5万美元",
    "5xyz",
    "500-",
    "-500",
    "~500",
    "500万~",
    "0.1.1万",
)
DATES = (
    "9999-12-31",
    "10000-01-01",
    "99999年1月1日",
    "0000-00-00",
    "2015-13-40",
    "2015-02-30",
    "0001-01-01",
    "-1-01-01",
    "二〇一五年十三月",
    "二〇二五年二月三十日",
    "1e4年",
    "12:61",
    "2958465",
    "2958466",
    "2958466.5",
    "-1",
    "0",
    "60",
    "1e10",
    "99999999",
    "20151340",
    "长期",
    "长期长期",
    "2015年0月",
    "2015.1.",
    "2015/1/1/1",
    "第十年",
    "10000",
    "9999",
    "0",
    "1",
    "00010101",
    "2015-W53",
    "2015Q9",
    "2015-01-01T25:00:00Z",
    "2015-01-01T00:00:00+99:99",
    "民国一百年",
    "2015年1月-13月",
    "2015—10000",
    "2024-02-29 24:00",
)
CODES = (
    "91330100799655058B",
    "91330100799655058C",
    "0" * 18,
    "１２３",
    "600309.SH",
    ".SH",
    "SH",
    "SH:",
    "600309.XX",
    "9" * 30,
    "0610.HK",
    "0",
    "-1",
    "1e5",
    "C26",
    "C",
    "370400",
    "000000",
    "999999",
    "37",
    "3704",
    "CN201510000000.0",
    "ZL" + "9" * 50,
    "A61K 31/00",
)
TEXTS = (
    "",
    " ",
    "\t",
    "\n",
    "\r\n",
    "a\nb",
    '"',
    '""',
    "'",
    "\\",
    "\\n",
    ",",
    "、",
    "、、",
    "；；",
    "（",
    "）",
    "（）",
    "()(",
    "【示例】",
    "【示例】甲",
    "合计",
    "小计",
    "注：",
    "注：x",
    "名称",
    "企业名称",
    "无",
    "-",
    "—",
    "NULL",
    "#N/A",
    "=1+1",
    "=cmd|x",
    "+A1",
    "@x",
    "\u200b",
    "\ufeff",
    "\x1b[31m红",
    "\x07",
    "\x7f",
    "\x85",
    "\u2028",
    "\u2029",
    "\u202e甲",
    "\ufffe",
    "\ufffd",
    "\U0010ffff",
    "\U000e0001",
    "e\u0301" * 50,
    "\u0300",
    "ﷺ" * 50,
    "İ",
    "ß",
    "ſ",
    "🙂",
    "👨‍👩‍👧",
    "x" * 5000,
    "长" * 5000,
    "（" * 3000,
    "甲、" * 2000,
    "1." * 500,
    "公司",
    "有限公司",
    "省",
    "市",
    "中国",
    "山东省枣庄市山东省",
    "朝阳区",
    "不存在市",
    "http://",
    "http://[",
    "//",
    "user:pw@x",
    "示例甲·",
    "·",
    "甲·乙·丙",
    "A",
    "生产",
    "属于",
    "PRODUCES",
    "是",
    "否",
    "TRUE",
    "maybe",
    "null",
    "None",
    "{}",
    "[]",
    '{"a":',
    "<b>",
    "&amp;",
    "]]>",
)
ODD = (*NUMBERS, *DATES, *CODES, *TEXTS)


@cache
def types() -> dict[str, list[tuple[str, str]]]:
    """Return headers and examples of every type of the schema, by the name of its sheet."""
    schema = load_schema()
    every = {**schema.nodes, **schema.relations, **schema.statements}
    return {
        next(iter(kind.sheets), kind.zh): [(c.header, c.example) for c in _columns(schema, name)]
        for name, kind in every.items()
    }


def value(header: str, example: str, chance: random.Random, odd: float) -> str:
    """Return a cell: usual for its header, or odd at times."""
    if chance.random() < odd:
        if "日期" in header or "时间" in header or "年" in header:
            return chance.choice(DATES if chance.random() < 0.7 else ODD)
        if chance.random() < 0.5:
            return chance.choice(TEXTS)
        return chance.choice(ODD)
    if "名称" in header or header in ("起点", "终点", "投入品", "产品"):
        return f"示例{header[:2]}{chance.randrange(9)}"
    return example if chance.random() < 0.6 else ""


def table(chance: random.Random, odd: float | None = None) -> tuple[str, Table]:
    """Return a sheet's name and its table: of one type of the schema, some headers left out, doubled, or odd."""
    if odd is None:
        odd = chance.choice([0.0, 0.02, 0.1, 0.4])
    name = chance.choice(list(types()))
    columns = [c for at, c in enumerate(types()[name]) if at < 2 or chance.random() < 0.5]
    if chance.random() < 0.2:
        columns.append(chance.choice(columns))
    if chance.random() < 0.2:
        columns.append(chance.choice(types()[chance.choice(list(types()))]))
    if chance.random() < 0.2:
        chance.shuffle(columns)
    headers = [h if chance.random() > odd / 3 else _header(h, chance) for h, _ in columns]
    rows = [[value(h, e, chance, odd) for h, e in columns] for _ in range(chance.choice([0, 1, 3, 3, 8, 8, 20]))]
    return name, [headers, *rows]


def _header(text: str, chance: random.Random) -> str:
    return chance.choice(
        [
            "",
            text + "（万元）",
            text + "（",
            text + "·1",
            f"{text}/{text}",
            text * 200,
            "\n".join(text),
            text + "\x00",
            "col",
            "1",
            "2015年",
            f"{text}（亿亿元）",
            f"（{text}）",
            text + "%",
            "=A1",
            "\u200b" + text,
            text + "（10000年）",
            "9" * 300,
        ]
    )


def leaf(chance: random.Random) -> Any:
    """Return a value as JSON may hold it, usual or odd."""
    return chance.choice(
        [
            chance.choice(ODD),
            chance.choice(TEXTS),
            None,
            True,
            False,
            0,
            -1,
            1.5,
            -0.0,
            1e300,
            10**30,
            2**63,
            -(2**63) - 1,
            float("nan"),
            float("inf"),
            [],
            {},
            [[]],
            [{}],
            [None],
            [[1, [2, [3]]]],
            {"a": {"b": {"c": 1}}},
            [{"a": 1}, 2, "x"],
            {"": ""},
            "\ud800",
            ["\udfff"],
            {"\ud83d": 1},
            {"@type": "x"},
            [True, None, "a"],
            {"1": {"2": []}},
        ]
    )
