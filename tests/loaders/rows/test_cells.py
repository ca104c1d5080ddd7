"""Cells of real lists through the whole load: marks for nothing, lists, codes, amounts and dates, with what is told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from building import links, names, node, write

from chainatlas import api
from chainatlas.graph.columns.tables import Graph
from chainatlas.graph.schema.words import in_words
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.files import delimited
from chainatlas.loaders.load import LoadReport, load

CASES = "cases/lists"


def put(folder: Path, *files: Path, **more: Any) -> tuple[LoadReport, Graph]:
    report = load(folder / "w", list(files), **more)
    return report, Workspace.open(folder / "w").graph()


def notes(report: LoadReport) -> list[str]:
    return [str(in_words(note, "zh")) for note in api.load_result(report).notes]


def book(path: Path, rows: Sequence[Sequence[Any]], sheet: str = "企业") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False}) as made:
        at = made.add_worksheet(sheet)
        for number, row in enumerate(rows):
            at.write_row(number, 0, row)
    return path


def test_marks_for_nothing_make_no_entity_and_refuse_no_row(tmp_path: Path, shared: Path) -> None:
    first, graph = put(tmp_path / "1", shared / CASES / "24-placeholders" / "企业.csv")
    assert [(r.row, r.code) for r in first.rejects] == [(12, "reject_required")]
    assert (first.sheets[0].read, first.sheets[0].new, first.sheets[0].rejected) == (11, 10, 1)
    assert len(graph.nodes["Enterprise"]) == 10
    assert "Product" not in graph.nodes or not len(graph.nodes["Product"])
    assert sum(first.read_as["marks"].values()) == 20
    second, graph = put(tmp_path / "2", shared / CASES / "24-placeholders" / "企业2.csv")
    assert second.rejects == ()
    assert names(graph, "Product") == ["示例产品"]
    assert names(graph, "Enterprise") == [f"示例{n}有限公司" for n in range(1, 9)]
    assert "Industry" not in graph.nodes or not len(graph.nodes["Industry"])
    assert links(graph, "PRODUCES") == {("示例1有限公司", "示例产品"), ("示例2有限公司", "示例产品")}


def test_marks_are_told_once_a_load_in_numbers(tmp_path: Path) -> None:
    text = "企业名称,主营产品,营业收入\n示例甲公司,无,-\n示例乙公司,电池、无,#N/A\n示例丙公司,-,0"
    report, graph = put(tmp_path, write(tmp_path, "企业.csv", text))
    assert report.read_as["marks"] == {"无": 2, "-": 2, "#N/A": 1}
    (told,) = [note for note in notes(report) if "空值记号" in note]
    assert told == "空值记号 5 处按空白读入：- 2、无 2、#N/A 1。"
    assert node(graph, "Enterprise", "示例丙公司")["revenue"] == 0
    assert names(graph, "Product") == ["电池"]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl"])
def test_marks_are_read_alike_in_every_format(tmp_path: Path, kind: str) -> None:
    rows = [["企业名称", "主营产品", "股票代码"], ["示例甲公司", "NULL", "—"], ["示例乙公司", "电池", "nan"]]
    plain, _ = put(
        tmp_path / "plain", write(tmp_path, "企业.csv", "企业名称,主营产品,股票代码\n示例甲公司,,\n示例乙公司,电池,")
    )
    path = tmp_path / f"企业.{kind}"
    if kind == "xlsx":
        book(path, rows)
    elif kind == "csv":
        path = write(tmp_path / "again", "企业.csv", "\n".join(map(",".join, rows)))
    else:
        import json

        path.write_text("\n".join(json.dumps(dict(zip(rows[0], r, strict=True))) for r in rows[1:]), encoding="utf-8")
    report, _ = put(tmp_path / "marked", path)
    assert report.hash == plain.hash
    assert report.rejects == ()


def test_ends_of_an_edge_table_and_names_that_are_marks_are_required_cells(tmp_path: Path) -> None:
    firms = write(tmp_path, "企业.csv", "企业名称\n示例甲公司\n示例乙公司\n无")
    edges = write(tmp_path, "供货.csv", "供方,需方\n示例甲公司,示例乙公司\n示例甲公司,-")
    report, graph = put(tmp_path, firms, edges, max_rejects=1.0)
    assert [(r.column, r.row, r.code) for r in report.rejects] == [
        ("企业名称", 4, "reject_required"),
        ("需方", 3, "reject_required"),
    ]
    assert names(graph, "Enterprise") == ["示例乙公司", "示例甲公司"]


def test_lists_are_cut_by_context(tmp_path: Path, shared: Path) -> None:
    report, graph = put(tmp_path, shared / CASES / "14-list-split" / "企业.xlsx")
    made: dict[str, list[str]] = {}
    for firm, product in sorted(links(graph, "PRODUCES")):
        made.setdefault(firm.removeprefix("示例").removesuffix("有限公司"), []).append(product)
    assert made == {
        "0": ["AC/DC电源模块"],
        "1": ["TCP/IP网关"],
        "2": ["MDI", "TDI"],
        "3": ["锂电池隔膜（PE、PP）"],
        "4": ["模组", "电芯", "锂电池"],
        "5": ["尼龙", "聚酯(PET/PBT)"],
        "6": ["C/C复合材料"],
        "7": ["轴承", "风机"],
        "8": ["1,4-丁二醇"],
        "9": ["N,N-二甲基甲酰胺"],
        "10": ["充电器", "锂电池"],
        "11": ["乙烯/醋酸乙烯共聚物"],
        "12": ["3.5mm耳机", "USB-C/Lightning线缆"],
        "13": ["电控", "电机", "电池"],
        "14": ["电机", "电池"],
        "15": ["电机", "电池"],
        "16": ["电机", "电池"],
        "17": ["电池"],
        "23": ["2,6-二氨基甲苯"],
        "24": ["石墨负极", "硅碳负极"],
    }
    assert (len(graph.nodes["Enterprise"]), report.rejects) == (25, ())
    assert report.read_as["verbs"] == {"研发、生产、销售": 1}
    _, graph = put(tmp_path / "b", shared / CASES / "14-list-split" / "b.csv")
    assert links(graph, "PRODUCES") == {(f"示例{n}有限公司", p) for n in "甲乙" for p in ("电芯", "模组")}
    assert names(graph, "Product") == ["模组", "电芯"]


def test_the_words_of_a_list_stay_where_verbs_were_left_out(tmp_path: Path) -> None:
    text = "企业名称,主营产品\n示例甲公司,锂电池、充电器的研发、生产\n示例乙公司,电机、电控"
    report, graph = put(tmp_path, write(tmp_path, "企业.csv", text))
    kept = graph.relation_claims["PRODUCES"]["disclosed_as"].to_pylist()
    assert sorted(map(str, kept)) == ["None", "None", "锂电池、充电器的研发、生产", "锂电池、充电器的研发、生产"]
    assert any("研发、生产 1" in note for note in notes(report))


def test_codes_of_all_markets(tmp_path: Path, shared: Path) -> None:
    report, graph = put(tmp_path, shared / CASES / "07-stock-code" / "企业.xlsx")
    assert (report.sheets[0].read, report.sheets[0].new, report.sheets[0].rejected, report.sheets[0].cells) == (
        10,
        10,
        0,
        1,
    )
    assert [(r.row, r.value, r.code, r.whole_row) for r in report.rejects] == [
        (11, "AAPL", "reject_stock_market", False)
    ]
    codes = {r["name"][2]: r["stock_code"] or r["hk_code"] for r in graph.nodes["Enterprise"].to_pylist()}
    assert codes == {
        "甲": "000001",
        "乙": "002658",
        "丙": "600000",
        "丁": "000002",
        "戊": "835912",
        "己": "835913",
        "庚": "00700",
        "辛": "000003",
        "壬": "835914",
        "癸": None,
    }
    assert report.read_as["zeros"] == {"1 → 000001": 1, "2658 → 002658": 1}


def test_one_firm_may_be_listed_in_two_markets_and_is_joined_by_either(tmp_path: Path) -> None:
    a = write(
        tmp_path, "企业.csv", "企业名称,股票代码,H股代码\n示例甲股份有限公司,600309,00939\n示例乙股份有限公司,600310,"
    )
    b = write(tmp_path / "b", "企业.csv", "企业名称,股票代码\n示例甲（香港简称）,939.HK\n示例丙,NYSE:ABC")
    report, graph = put(tmp_path, a)
    report, graph = put(tmp_path, b)
    assert report.rejects == ()
    assert len(graph.nodes["Enterprise"]) == 3
    firm = next(r for r in graph.nodes["Enterprise"].to_pylist() if r["stock_code"] == "600309")
    assert firm["hk_code"] == "00939"
    assert node(graph, "Enterprise", "示例丙")["ticker"] == "ABC.US"


def test_a_column_of_markets_says_row_by_row_whose_code_it_is(tmp_path: Path) -> None:
    text = """企业名称,股票代码,市场
        示例甲,600309,上交所
        示例乙,700,港股
        示例丙,2330,台股
        示例丁,AAPL,纳斯达克
        示例戊,7203,东京
        示例己,1,深交所
        示例庚,5930,韩国"""
    report, graph = put(tmp_path, write(tmp_path, "企业.csv", text))
    assert report.rejects == ()
    found = {
        r["name"]: r["stock_code"] or r["hk_code"] or r["tw_code"] or r["ticker"]
        for r in graph.nodes["Enterprise"].to_pylist()
    }
    assert found == {
        "示例甲": "600309",
        "示例乙": "00700",
        "示例丙": "2330",
        "示例丁": "AAPL.US",
        "示例戊": "7203.T",
        "示例己": "000001",
        "示例庚": "005930.KR",
    }


def test_the_place_says_whose_code_it_is_where_no_market_does(tmp_path: Path) -> None:
    text = "企业名称,股票代码,所在国家,所在省\n示例甲,2330,中国,台湾省\n示例乙,2658,中国,广东省\n示例丙,AAPL,美国,"
    report, graph = put(tmp_path, write(tmp_path, "企业.csv", text))
    assert report.rejects == ()
    assert node(graph, "Enterprise", "示例甲")["tw_code"] == "2330"
    assert node(graph, "Enterprise", "示例乙")["stock_code"] == "002658"
    assert node(graph, "Enterprise", "示例丙")["ticker"] == "AAPL.US"


def test_digits_of_an_unknown_market_lose_the_cell_and_are_told_how_to_write(tmp_path: Path) -> None:
    report, graph = put(tmp_path, write(tmp_path, "企业.csv", "企业名称,股票代码\n示例甲,2330\n示例乙,6488"))
    assert [(r.value, r.code, r.whole_row) for r in report.rejects] == [
        ("2330", "reject_stock_market", False),
        ("6488", "reject_stock_market", False),
    ]
    assert names(graph, "Enterprise") == ["示例乙", "示例甲"]


def test_two_codes_of_one_market_are_told(tmp_path: Path) -> None:
    report, graph = put(tmp_path, write(tmp_path, "企业.csv", "企业名称,股票代码\n示例甲,000002/200002\n示例乙,600000"))
    assert [(r.code, r.whole_row) for r in report.rejects] == [("reject_stock_twice", False)]
    assert node(graph, "Enterprise", "示例甲")["stock_code"] == "000002"


@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("统一社会信用代码", "914403001922038217", "reject_uscc"),
        ("统一社会信用代码", "12345", "reject_uscc"),
        ("股票代码", "万华", "reject_stock"),
    ],
)
def test_an_optional_code_that_cannot_be_read_loses_the_cell_never_the_row(
    tmp_path: Path, header: str, value: str, code: str
) -> None:
    text = f"企业名称,{header},主营产品\n示例甲公司,{value},电池"
    report, graph = put(tmp_path, write(tmp_path, "企业.csv", text), max_rejects=0.0)
    assert [(r.code, r.whole_row, r.value) for r in report.rejects] == [(code, False, value)]
    assert (report.sheets[0].new, report.sheets[0].rejected, report.sheets[0].cells) == (1, 0, 1)
    assert links(graph, "PRODUCES") == {("示例甲公司", "电池")}


def test_a_code_that_is_the_only_identity_still_takes_its_row(tmp_path: Path) -> None:
    report, _ = put(
        tmp_path, write(tmp_path, "专利.csv", "专利号,专利名称\n示例1,甲\n无,乙\n示例3,丙"), max_rejects=1.0
    )
    assert [(r.row, r.code, r.whole_row) for r in report.rejects] == [(3, "reject_required", True)]


def test_codes_name_the_ends_of_an_edge_table(tmp_path: Path) -> None:
    firms = write(
        tmp_path, "企业.csv", "企业名称,股票代码\n示例甲,600309\n示例乙,00700.HK\n示例丙,2330.TW\n示例丁,AAPL.O"
    )
    edges = write(tmp_path, "供货.csv", "供方,需方\nSH600309,700.HK\n2330 TW,NASDAQ:AAPL\n示例甲,示例丙")
    report, graph = put(tmp_path, firms, edges)
    assert report.rejects == ()
    assert links(graph, "SUPPLIES") == {("示例甲", "示例乙"), ("示例丙", "示例丁"), ("示例甲", "示例丙")}


def test_amounts_and_dates_of_the_good_case_stay_right(tmp_path: Path, shared: Path) -> None:
    report, graph = put(tmp_path, shared / CASES / "15-money" / "企业.xlsx")
    told = {(r.row, r.column[:4], r.value) for r in report.rejects}
    assert told == {
        (7, "营业收入", ">10"),
        (3, "成立日期", "2010-13-01"),
        (8, "成立日期", "05/06/2010"),
        (10, "成立日期", "0"),
    }
    assert report.read_as["marks"] == {"不详": 1, "—": 1}
    found = {r["name"][2]: (r["revenue"], r["founded"]) for r in graph.nodes["Enterprise"].to_pylist()}
    assert found == {
        "0": (1.2e8, "2010"),
        "1": (1.2e8, None),
        "2": (5e7, "2020-01-01"),
        "3": (3e8, "2010-05"),
        "4": (3000.5e8, "2010-05-06"),
        "5": (None, "2010-05"),
        "6": (None, None),
        "7": (None, "2010"),
        "8": (None, None),
        "9": (1.2e9, "2010-05-06"),
    }
    range_ = node(graph, "Enterprise", "示例6有限公司")
    assert (range_["revenue_low"], range_["revenue_high"]) == (1e9, 2e9)


def codes_of(graph: Graph) -> dict[str, str | None]:
    """Return the code of each firm behind the market of its property, as far as it has one."""
    kinds = {"stock_code": "cn", "hk_code": "hk", "tw_code": "tw", "ticker": ""}
    firms = graph.nodes["Enterprise"].to_pylist()
    return {f["name"]: next((f"{m}{f[k]}" for k, m in kinds.items() if f.get(k)), None) for f in firms}


def test_the_code_of_a_row_abroad_is_never_one_of_the_mainland(tmp_path: Path) -> None:
    rows = {"韩国,000100": "000100.KR", "中国,000100": "cn000100", "日本,2914": "2914.T", "沙特,2222": None,
            "沙特,000101": None, "马来西亚,1155": "1155.KL", "IT,2330": "2330.MI", "开曼群岛,688396.SH": "cn688396",
            "香港,700": "hk00700", "香港,601857": "cn601857", "山东省,5": "cn000005"}  # fmt: skip
    text = "".join(f"示例{n},{row}\n" for n, row in enumerate(rows))
    report, graph = put(tmp_path, write(tmp_path, "企业.csv", f"企业名称,所在地,股票代码\n{text}"))
    assert codes_of(graph) == {f"示例{n}": code for n, code in enumerate(rows.values())}
    lost = [(r.row, r.value, r.code, r.whole_row) for r in report.rejects]
    assert lost == [(5, "2222", "reject_stock_market", False), (6, "000101", "reject_stock_market", False)]


def test_an_address_abroad_speaks_for_its_row_and_so_does_a_cell_that_says_abroad(tmp_path: Path) -> None:
    text = "企业名称,所在地,注册地址,股票代码\n示例甲,,韩国首尔市示例路1号,000100\n示例乙,境外,,000101\n"
    report, graph = put(tmp_path, write(tmp_path, "企业.csv", text))
    assert codes_of(graph) == {"示例甲": "000100.KR", "示例乙": None}
    assert ("000101", "reject_stock_market") in {(r.value, r.code) for r in report.rejects}


@pytest.mark.parametrize("beside", ["", "示例乙,台湾省,2330\n", "示例乙,山东省,600309\n"])
def test_a_row_that_says_its_market_is_read_alike_beside_any_other(tmp_path: Path, beside: str) -> None:
    text = f"企业名称,省份,股票代码\n示例甲,台湾省,911868\n{beside}"
    assert codes_of(put(tmp_path, write(tmp_path, "企业.csv", text))[1])["示例甲"] == "tw911868"


def test_the_pieces_of_one_file_are_of_one_market(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f"示例電機{n}股份有限公司,{code}" for n, code in enumerate([*range(600300, 600320)])]
    rows += [f"示例{n}公司,{code}" for n, code in enumerate(range(1200, 1210))]
    text = "企业名称,股票代码\n" + "\n".join(rows)
    whole = codes_of(put(tmp_path / "1", write(tmp_path, "企业.csv", text))[1])
    monkeypatch.setattr(delimited, "BLOCK", 256)
    split = codes_of(put(tmp_path / "2", write(tmp_path, "企业.csv", text))[1])
    assert split == whole
    assert split["示例0公司"] == "tw1200"
