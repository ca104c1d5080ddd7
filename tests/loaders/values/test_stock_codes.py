"""Stock codes: of which market, in which writing, with which zeros."""

from __future__ import annotations

import pytest

from chainatlas.loaders.values.plain import Refused
from chainatlas.loaders.values.stock_codes import home_of, market_groups, read_codes, traditional

MAINLAND = {
    "600309": "600309",
    "600309.SH": "600309",
    "sh600309": "600309",
    "SH:600309": "600309",
    "SH.600309": "600309",
    "600309.SS": "600309",
    "600309 CH": "600309",
    "XSHG:600309": "600309",
    "000001.XSHE": "000001",
    "SZ.000003": "000003",
    "000002.SZ": "000002",
    "835912.OC": "835912",
    "835913.NQ": "835913",
    "835914.BJ": "835914",
    "BJ920001": "920001",
    "600309（SH）": "600309",
    "上交所:600309": "600309",
    "深交所 000001": "000001",
    "新三板835912": "835912",
    "A股：600309": "600309",
    "６００３０９": "600309",
    " 300750 ": "300750",
    "688001.SH": "688001",
    "900901": "900901",
    "200012.SZ": "200012",
}
ELSEWHERE = {
    "00700.HK": ("hk", "00700"),
    "700.HK": ("hk", "00700"),
    "0700.HK": ("hk", "00700"),
    "0700": ("hk", "00700"),
    "00700": ("hk", "00700"),
    "HK00700": ("hk", "00700"),
    "HK.00700": ("hk", "00700"),
    "700 HK": ("hk", "00700"),
    "港股00700": ("hk", "00700"),
    "2330.TW": ("tw", "2330"),
    "6488.TWO": ("tw", "6488"),
    "2330 TT": ("tw", "2330"),
    "TPE:2330": ("tw", "2330"),
    "AAPL.O": ("ticker", "AAPL.US"),
    "AAPL US": ("ticker", "AAPL.US"),
    "NASDAQ:AAPL": ("ticker", "AAPL.US"),
    "NASDAQ: AAPL": ("ticker", "AAPL.US"),
    "纳斯达克：AAPL": ("ticker", "AAPL.US"),
    "NYSE:BABA": ("ticker", "BABA.US"),
    "BABA.N": ("ticker", "BABA.US"),
    "BRK.B US": ("ticker", "BRK.B.US"),
    "7203.T": ("ticker", "7203.T"),
    "7203 JP": ("ticker", "7203.T"),
    "TYO:7203": ("ticker", "7203.T"),
    "005930.KS": ("ticker", "005930.KR"),
    "AIR.PA": ("ticker", "AIR.PA"),
    "AIR FP": ("ticker", "AIR.PA"),
    "VOD LN": ("ticker", "VOD.L"),
    "SIE.DE": ("ticker", "SIE.DE"),
    "D05.SI": ("ticker", "D05.SI"),
    "BHP.AX": ("ticker", "BHP.AX"),
    "NESN.SW": ("ticker", "NESN.SW"),
    "V.N": ("ticker", "V.US"),
}


@pytest.mark.parametrize(("text", "code"), MAINLAND.items())
def test_mainland_codes(text: str, code: str) -> None:
    assert [(c.kind, c.code, c.zeros) for c in read_codes(text)] == [("stock", code, False)]


@pytest.mark.parametrize(("text", "found"), ELSEWHERE.items())
def test_codes_of_other_markets_are_kinds_of_their_own(text: str, found: tuple[str, str]) -> None:
    (code,) = read_codes(text)
    assert (code.kind, code.code) == found


@pytest.mark.parametrize(("text", "code"), [("1", "000001"), ("2658", "002658"), ("858", "000858"), ("1.SZ", "000001")])
def test_lost_zeros_come_back(text: str, code: str) -> None:
    (found,) = read_codes(text)
    assert (found.kind, found.code, found.zeros) == ("stock", code, True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("AAPL", "reject_stock_market"),
        ("9988", "reject_stock_market"),
        ("60030", "reject_stock_market"),
        ("0", "reject_stock_market"),
        ("6003090", "reject_stock"),
        ("600309.NY", "reject_stock"),
        ("US600309", "reject_stock"),
        ("万华", "reject_stock"),
        ("309.SH", "reject_stock"),
        ("AAPL.HK", "reject_stock"),
        ("600309.N", "reject_stock"),
    ],
)
def test_what_is_no_code_or_of_no_known_market(text: str, why: str) -> None:
    with pytest.raises(Refused) as bad:
        read_codes(text)
    assert bad.value.code == why


@pytest.mark.parametrize(
    "text", ["600309.SH/00939.HK", "A股：600309；H股：00939", "600309、00939", "600309.SH 00939.HK"]
)
def test_one_cell_may_hold_the_codes_of_two_markets(text: str) -> None:
    assert {(c.kind, c.code) for c in read_codes(text)} == {("stock", "600309"), ("hk", "00939")}


@pytest.mark.parametrize(
    ("text", "home", "market", "found"),
    [
        ("2330", "tw", "", ("tw", "2330")),
        ("600309", "tw", "", ("stock", "600309")),
        ("910322", "tw", "", ("tw", "910322")),
        ("00700", "tw", "", ("hk", "00700")),
        ("700", "hk", "", ("hk", "00700")),
        ("601857", "hk", "", ("stock", "601857")),
        ("AAPL", "cn", "纳斯达克", ("ticker", "AAPL.US")),
        ("700", "cn", "港股", ("hk", "00700")),
        ("2330", "cn", "台股", ("tw", "2330")),
        ("2330", "cn", "上櫃", ("tw", "2330")),
        ("5930", "cn", "韩国", ("ticker", "005930.KR")),
        ("00700", "cn", "主板", ("hk", "00700")),
        ("1", None, "深交所", ("stock", "000001")),
        ("AAPL.O", "cn", "纽交所", ("ticker", "AAPL.US")),
        ("600309", "cn", "A股、H股", ("stock", "600309")),
    ],
)
def test_the_list_or_the_row_says_the_market(text: str, home: str | None, market: str, found: tuple[str, str]) -> None:
    (code,) = read_codes(text, home, market)
    assert (code.kind, code.code) == found


def test_what_digits_alone_stand_for_in_a_list() -> None:
    assert home_of("stock", "股票代码", ["示例电机有限公司"], ["600309", "1", "2658"]) == "cn"
    assert home_of("stock", "股票代码", ["示例电机有限公司"], ["2330", "6488"]) is None
    assert home_of("stock", "股票代码", ["示例电机有限公司"], ["2330", "6488", "600309"]) == "cn"
    assert home_of("stock", "股票代号", ["示例電機股份有限公司"], ["2330"]) == "tw"
    assert home_of("stock", "股票代號", [], ["2330"]) == "tw"
    assert home_of("hk", "港股代码", [], ["700"]) == "hk"
    assert home_of("tw", "台股代码", [], ["2330"]) == "tw"


def test_markets_and_traditional_writing() -> None:
    assert market_groups("上交所/联交所") == {"cn", "hk"}
    assert market_groups("台湾省") == {"tw"}
    assert market_groups("示例") == frozenset()
    assert [traditional(text) for text in ("臺灣", "台湾", "示例股份有限公司")] == [True, False, False]
