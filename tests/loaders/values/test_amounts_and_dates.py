"""Amounts and dates as lists write them: forty and more writings with their right values."""

from __future__ import annotations

import pytest

from chainatlas.loaders.values.amounts import Amount, amount, with_unit
from chainatlas.loaders.values.plain import Refused
from chainatlas.loaders.values.values import iso_date

PLAIN = [
    ("1.2", "亿元", 1.2e8),
    ("1.2亿元", "亿元", 1.2e8),
    ("5000万元", "亿元", 5e7),
    ("3,000.5", "万元", 30005000.0),
    ("１２", "亿元", 1.2e9),
    ("300", "千元", 3e5),
    ("300", "百万元", 3e8),
    ("300 千元", "", 3e5),
    ("1 000 万元", "", 1e7),
    ("1.5亿人民币", "", 1.5e8),
    ("人民币1,000万元", "", 1e7),
    ("RMB 300万", "", 3e6),
    ("￥500", "", 500.0),
    ("500万元人民币", "", 5e6),
    ("300万元（人民币）", "", 3e6),
    ("叁仟万元整", "", 3e7),
    ("三千万", "", 3e7),
    ("两亿元", "", 2e8),
    ("一亿二千万元", "", 1.2e8),
    ("1亿5000万元", "", 1.5e8),
    ("1.5万亿元", "", 1.5e12),
    ("1.2E+08", "", 1.2e8),
    ("3億元", "", 3e8),
    ("300萬", "", 3e6),
    ("0", "万元", 0.0),
    ("-300", "万元", -3e6),
]
ABOUT = ["约3亿", "近3亿", "超过3亿元", "3亿元以上", "约3亿元左右", "人民币约3亿元", "3亿多"]
FOREIGN = [
    ("500万美元", "USD", 5e6),
    ("USD 5,000,000", "USD", 5e6),
    ("US$500万", "USD", 5e6),
    ("50亿日元", "JPY", 5e9),
    ("港币300万元", "HKD", 3e6),
    ("300万欧元", "EUR", 3e6),
    ("新臺幣300萬元", "TWD", 3e6),
]
DATES = [
    ("2010年", "2010"),
    ("2010", "2010"),
    ("2010/5", "2010-05"),
    ("2010.5", "2010-05"),
    ("2010.5.6", "2010-05-06"),
    ("2010年5月6日", "2010-05-06"),
    ("2010 年 5 月", "2010-05"),
    ("20100506", "2010-05-06"),
    ("43831", "2020-01-01"),
    ("二〇一〇年五月", "2010-05"),
    ("二零一零年", "2010"),
    ("民國99年", "2010"),
    ("民国99年5月6日", "2010-05-06"),
    ("中華民國九十九年", "2010"),
    ("民國元年", "1912"),
    ("民國100/1/2", "2011-01-02"),
    ("2010-05-06 14:30:00", "2010-05-06"),
    ("2010-5-6 8:30", "2010-05-06"),
    ("2010-05-06T14:30:00Z", "2010-05-06"),
    ("2010年5月6日 00:00:00", "2010-05-06"),
    ("长期", "长期"),
]


@pytest.mark.parametrize(("text", "unit", "yuan"), PLAIN)
def test_amounts(text: str, unit: str, yuan: float) -> None:
    made = amount(text, unit)
    assert (made.value, made.approx, made.currency) == (pytest.approx(yuan), None, None)


@pytest.mark.parametrize("text", ABOUT)
def test_amounts_that_are_about(text: str) -> None:
    assert (amount(text).value, amount(text).approx) == (3e8, True)


@pytest.mark.parametrize(("text", "currency", "figure"), FOREIGN)
def test_foreign_amounts_are_not_converted(text: str, currency: str, figure: float) -> None:
    made = amount(text)
    assert (made.value, made.low, made.high, made.currency) == (None, figure, figure, currency)


@pytest.mark.parametrize(
    ("text", "unit", "low", "high", "currency", "approx"),
    [
        ("500", "万美元", 5e6, 5e6, "USD", None),
        ("约500", "万美元", 5e6, 5e6, "USD", True),
        ("500左右", "万美元", 5e6, 5e6, "USD", True),
        ("500-1000", "万美元", 5e6, 1e7, "USD", None),
        ("-500", "万美元", -5e6, -5e6, "USD", None),
        ("500万", "万美元", 5e6, 5e6, "USD", None),
        ("五百万", "美元", 5e6, 5e6, "USD", None),
        ("3", "亿新台币", 3e8, 3e8, "TWD", None),
        ("USD 500", "万元", 5e6, 5e6, "USD", None),
        ("500欧元", "万美元", 500.0, 500.0, "EUR", None),
    ],
)
def test_a_header_gives_its_currency_to_all_that_name_none(
    text: str, unit: str, low: float, high: float, currency: str, approx: bool | None
) -> None:
    assert amount(text, unit) == Amount(None, low, high, currency, approx)
    assert amount(with_unit(text, unit), "亿英镑") == Amount(None, low, high, currency, approx)


@pytest.mark.parametrize(("text", "unit"), [("500元", "万元"), ("500元", "万美元"), ("约0.05万元", "亿美元")])
def test_a_currency_behind_the_figure_is_its_unit(text: str, unit: str) -> None:
    assert amount(text, unit).value == 500.0


@pytest.mark.parametrize(
    ("text", "unit"), [("10-20", "亿元"), ("10~20亿", ""), ("10亿至20亿元", ""), ("20—10", "亿元")]
)
def test_ranges(text: str, unit: str) -> None:
    made = amount(text, unit)
    assert (made.value, made.low, made.high) == (None, 1e9, 2e9)


@pytest.mark.parametrize("text", [">10", "≥500万", "300万元/年", "12.34.5", "1-2-3", "万元", "若干"])
def test_what_is_no_single_amount_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        amount(text, "亿元")


@pytest.mark.parametrize(("text", "date"), DATES)
def test_dates(text: str, date: str) -> None:
    assert iso_date(text) == date


@pytest.mark.parametrize(
    "text", ["2010-13-01", "05/06/2010", "99/05/06", "10年5月", "0", "201005", "2020年底", "民國年", "去年"]
)
def test_what_is_no_date_for_certain_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        iso_date(text)
