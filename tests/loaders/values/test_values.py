"""Single cells: what is read, and what is refused instead of guessed (the table of dirty data)."""

from __future__ import annotations

import pytest

from chainatlas.graph.columns.text import name_key
from chainatlas.loaders.values import values
from chainatlas.loaders.values.amounts import amount
from chainatlas.loaders.values.items import split_cell
from chainatlas.loaders.values.plain import Refused
from chainatlas.loaders.values.stock_codes import Listing, read_codes


@pytest.mark.parametrize("text", ["914403001922038216", "9144030071526726XG", "91330100799655058B",
                                  " ９１４４０３００１９２２０３８２１６ ", "9144030071526726xg"])  # fmt: skip
def test_valid_credit_codes(text: str) -> None:
    assert len(values.uscc(text)) == 18
    assert values.uscc(text) == values.uscc(text).upper()


@pytest.mark.parametrize(
    "text",
    ["0" * 18, "914403001922038217", "914403001922038272", "91440300192203821", "9144030019220382161",
     "91440300192203821O", "9144030071526726IG", "SVZ403001922038216", "甲公司"],
)  # fmt: skip
def test_credit_codes_with_a_fault(text: str) -> None:
    with pytest.raises(Refused) as bad:
        values.uscc(text)
    assert bad.value.code == "reject_uscc"


@pytest.mark.parametrize("text", ["600309", "600309.SH", "sh600309", "SH:600309", "SH.600309", "600309.ss",
                                  "６００３０９", " 600309 "])  # fmt: skip
def test_one_stock_code_in_many_spellings(text: str) -> None:
    assert read_codes(text) == [Listing("stock", "600309")]


@pytest.mark.parametrize("text", ["60030", "6003090", "600309.NY", "US600309", "万华"])
def test_what_is_no_stock_code(text: str) -> None:
    with pytest.raises(Refused):
        read_codes(text)


@pytest.mark.parametrize(
    ("text", "date"),
    [("2015年1月23日", "2015-01-23"), ("2015.1.23", "2015-01-23"), ("2015/01/23", "2015-01-23"),
     ("20150123", "2015-01-23"), ("2015年1月", "2015-01"), ("2015-01", "2015-01"), ("2015", "2015"),
     ("2015年", "2015"), ("二〇一五年", "2015"), ("42027", "2015-01-23"), ("长期", "长期")],
)  # fmt: skip
def test_dates_keep_their_precision(text: str, date: str) -> None:
    assert values.iso_date(text) == date


@pytest.mark.parametrize("text", ["2015年13月", "2015-02-30", "去年", "15-1-23", "2015-1-23-4"])
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(Refused):
        values.iso_date(text)


@pytest.mark.parametrize(
    ("text", "unit", "yuan"),
    [("1500", "万元", 15e6), ("1,500", "万元", 15e6), ("1.5亿", "万元", 1.5e8), ("3,000万元", "", 3e7), ("12", "", 12),
     ("１２", "亿元", 1.2e9), ("叁仟万元整", "", 3e7), ("0.1", "元", 0.1)],
)  # fmt: skip
def test_amounts_become_yuan_and_their_own_unit_wins(text: str, unit: str, yuan: float) -> None:
    assert amount(text, unit).value == pytest.approx(yuan)


def test_amounts_that_leave_something_open_say_so() -> None:
    about = amount("约500万")
    assert (about.value, about.approx) == (5e6, True)
    between = amount("5000-10000万")
    assert (between.value, between.low, between.high) == (None, 5e7, 1e8)
    dollars = amount("500万美元")
    assert (dollars.value, dollars.currency) == (None, "USD")


@pytest.mark.parametrize("text", ["很多", "1.2.3万", "万元"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(Refused):
        amount(text)


@pytest.mark.parametrize(("text", "share"), [("30%", 0.3), ("0.3", 0.3), ("100%", 1), ("０．５", 0.5), ("0", 0)])
def test_shares(text: str, share: float) -> None:
    assert values.share(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["3.2", "-0.1", "120%"])
def test_a_share_outside_its_bounds_is_refused_as_such(text: str) -> None:
    with pytest.raises(Refused) as bad:
        values.share(text)
    assert bad.value.code == "reject_share"


@pytest.mark.parametrize(("text", "value"), [("是", True), ("否", False), ("Yes", True), ("0", False)])
def test_yes_and_no(text: str, value: bool) -> None:
    assert values.yes_no(text) is value


@pytest.mark.parametrize("text", ["也许", "2"])
def test_neither_yes_nor_no(text: str) -> None:
    with pytest.raises(Refused):
        values.yes_no(text)


@pytest.mark.parametrize("text", ["inf", "nan", "1e999", "一百", "--1"])
def test_numbers_are_finite_figures(text: str) -> None:
    with pytest.raises(Refused):
        values.number(text)


@pytest.mark.parametrize(("text", "parts"), [
    ("隔膜、电解液（含添加剂、溶剂）/铜箔", ["隔膜", "电解液（含添加剂、溶剂）", "铜箔"]),
    ("a;b；c|d\ne", list("abcde")), ("（a、b", ["（a、b"]), ("a）、b", ["a）", "b"]), ("、 、", []),
    ("[x/y]/【p、q】", ["[x/y]", "【p、q】"]),
])  # fmt: skip
def test_cells_are_split_outside_brackets_only(text: str, parts: list[str]) -> None:
    assert split_cell(text) == parts


def test_match_keys_fold_width_space_and_case() -> None:
    assert name_key("焦炭Ⅲ") == name_key("焦炭 III")
    assert name_key("Ａｂ（1）") == name_key("ab(1)")
    assert name_key("焦炭Ⅲ") != name_key("焦炭Ⅱ")
