"""The table of dirty data, row by row, each through ``load`` on a real file."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from building import links, names, node, write

import chainatlas as ca
from chainatlas.graph.columns.tables import Graph
from chainatlas.graph.schema.errors import LoadError
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.load import LoadReport, load

TEXT = "企业名称,主营产品\r\n淄博齐翔腾达化工股份有限公司,甲乙酮\r\n山东东岳集团,氟硅材料\r\n"


def put(folder: Path, **sheets: str) -> tuple[LoadReport, Graph]:
    """Load sheets given as text, by name, in one go."""
    files = [write(folder / "表", f"{name}.csv", text) for name, text in sheets.items()]
    report = load(folder / "w", files, max_rejects=1.0)
    return report, Workspace.open(folder / "w").graph()


def book(path: Path, rows: list[list[Any]], merge: tuple[int, int, int, int, str] | None = None,
         hidden: tuple[int, ...] = ()) -> Path:  # fmt: skip
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet("企业")
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is not None:
                    sheet.write(at, column, cell)
        if merge is not None:
            sheet.merge_range(*merge)
        for at in hidden:
            sheet.set_row(at, None, None, {"hidden": True})
    return path


# encodings -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    (tmp_path / "企业.csv").write_bytes(mark + TEXT.encode(encoding))
    load(tmp_path / "w", [tmp_path / "企业.csv"])
    assert names(Workspace.open(tmp_path / "w").graph(), "Product") == ["氟硅材料", "甲乙酮"]


@pytest.mark.parametrize(("data", "code"), [
    ("企業名稱,主營產品\n臺灣積體電路製造股份有限公司,晶圓\n".encode("big5"), "file_big5"),
    ("企业名称,主营产品\n甲公司,隔膜\n".encode() + "乙公司,电解液\n".encode("gbk"), "file_mixed"),
    ("企业名称,主营产品\n".encode("gbk") + "乙公司,电解液及其他有关材料\n".encode(), "file_mixed"),
    (b"\x80\x81\xff\xff", "file_encoding"),
])  # fmt: skip
def test_what_is_no_encoding_of_ours_is_refused(tmp_path: Path, data: bytes, code: str) -> None:
    (tmp_path / "企业.csv").write_bytes(data)
    with pytest.raises(LoadError) as bad:
        load(tmp_path / "w", [tmp_path / "企业.csv"])
    assert bad.value.code == code


@pytest.mark.parametrize(
    "text", ["企业名称,主营产品\n联通,通信\n", "企業名稱,公司名稱\n萬華化學,萬華\n", "企业名称\n镕堃垚鑫淼焱\n"]
)
def test_rare_and_traditional_characters_in_gbk_are_read(text: str) -> None:
    from chainatlas.loaders.files.files import decode

    assert decode(text.encode("gbk"), "企业.csv") == text


def test_every_name_of_the_public_data_survives_gb18030(shared: Path) -> None:
    import gzip
    import json

    from chainatlas.loaders.files.files import decode

    with gzip.open(shared / "data" / "chainkg" / "product.json.gz", "rt", encoding="utf-8") as lines:
        text = "\n".join(json.loads(line)["name"] for line in lines)
    assert decode(text.encode("gb18030"), "产品.csv") == text


# text, codes, names ----------------------------------------------------------------------------------


def test_codes_and_words_stay_text(tmp_path: Path) -> None:
    _, graph = put(tmp_path, 企业="企业名称,主营产品\n1E5,0610\nTRUE,9E10\n007,1.50")
    assert names(graph, "Enterprise") == ["007", "1E5", "TRUE"]
    assert names(graph, "Product") == ["0610", "1.50", "9E10"]


def test_the_text_stays_and_only_the_key_is_folded(tmp_path: Path) -> None:
    _, graph = put(tmp_path, 企业="企业名称,主营产品\n甲公司,焦炭Ⅲ\n乙公司,焦炭III\n丙公司,１０㎡ 膜")
    assert names(graph, "Product") in (["焦炭Ⅲ", "１０㎡ 膜"], ["焦炭III", "１０㎡ 膜"])
    assert len(graph.nodes["Product"]) == 2


@pytest.mark.parametrize(
    "code", ["914403001922038216", "9144030071526726XG", "91330100799655058B", "９１３３０１００７９９６５５０５８ｂ"]
)
def test_credit_codes(tmp_path: Path, code: str) -> None:
    report, graph = put(tmp_path, 企业=f"企业名称,统一社会信用代码\n甲公司,{code}")
    assert report.rejects == ()
    assert len(node(graph, "Enterprise", "甲公司")["uscc"]) == 18


def _with_check(body: str) -> str:
    """Return 17 characters with the right last one: only what stands inside can be wrong."""
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(letters.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + letters[(31 - total % 31) % 31]


@pytest.mark.parametrize("code", [
    "000000000000000000", "914403001922038272", "91440300192203821", "9144030019220382160", "9144030O192203821I",
    "S14403001922038216", _with_check("91440300192203822"), _with_check("9133010079965505X"),
])  # fmt: skip
def test_credit_codes_that_are_none(tmp_path: Path, code: str) -> None:
    report, _ = put(tmp_path, 企业=f"企业名称,统一社会信用代码\n甲公司,{code}\n乙公司,")
    assert [(r.row, r.value, r.code) for r in report.rejects] == [(2, code, "reject_uscc")]


def test_the_organisation_code_inside_is_what_refuses() -> None:
    from stdnum.cn import uscc as standard

    assert standard.is_valid(_with_check("91440300192203822"))


def test_a_code_typed_as_a_number_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "企业.xlsx", [["企业名称", "统一社会信用代码"], ["甲公司", 914403001922038216]])
    report = load(tmp_path / "w", [path], max_rejects=1.0)
    assert [r.code for r in report.rejects] == ["reject_code_number"]


def test_stock_codes_of_any_spelling_are_one(tmp_path: Path) -> None:
    spelled = ["600309", "600309.SH", "sh600309", "SH:600309", "６００３０９"]
    rows = "\n".join(f"名{i}公司,{code}" for i, code in enumerate(spelled))
    _, graph = put(tmp_path, 企业=f"企业名称,股票代码\n{rows}")
    assert graph.nodes["Enterprise"]["stock_code"].to_pylist() == ["600309"]


def test_a_code_with_several_full_names_is_reported(tmp_path: Path) -> None:
    put(tmp_path, 企业="企业名称,股票代码\n北京龙软科技股份有限公司,688078\n中国建设银行股份有限公司,688078")
    found = [r for r in ca.check(ca.open(tmp_path / "w")).rows if r["code"] == "conflict"]
    assert len(found) == 1
    assert "2" in found[0]["message"].text("zh")


def test_the_public_data_report_their_conflict(shared: Path, tmp_path: Path) -> None:
    import gzip
    import json

    with gzip.open(shared / "data" / "chainkg" / "company.json.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if "688078" in line]
    text = "\n".join(json.dumps({"企业名称": r["fullname"], "股票代码": r["code"]}) for r in rows)
    (tmp_path / "企业.jsonl").write_text(text, encoding="utf-8")
    load(tmp_path / "w", [tmp_path / "企业.jsonl"], max_rejects=1.0)
    (found,) = [r for r in ca.check(ca.open(tmp_path / "w")).rows if r["code"] == "conflict"]
    assert len(rows) == 10
    assert "10" in found["message"].text("zh")


@pytest.mark.parametrize("order", list(permutations(range(3)))[:3])
def test_names_of_one_firm_are_one_and_the_text_is_kept(tmp_path: Path, order: tuple[int, ...]) -> None:
    rows = [
        "万华化学（集团）股份有限公司,914403001922038216",
        "萬華化學(集團)有限责任公司,",
        "万华化学集团股份有限公司北京分公司,",
    ]
    _, graph = put(tmp_path, 企业="企业名称,统一社会信用代码\n" + "\n".join(rows[i] for i in order))
    assert len(graph.nodes["Enterprise"]) == 2
    said = set(graph.node_claims["Enterprise"]["name"].to_pylist())
    assert said == {row.split(",")[0] for row in rows}


# amounts, dates, places ------------------------------------------------------------------------------


@pytest.mark.parametrize(("header", "cell", "found"), [
    ("营业收入", "1.5亿", (1.5e8, None, None, None, None)),
    ("营业收入", "3,000万元", (3e7, None, None, None, None)),
    ("营业收入", "叁仟万元整", (3e7, None, None, None, None)),
    ("营业收入", "约500万", (5e6, None, None, None, True)),
    ("营业收入", "5000-10000万", (None, 5e7, 1e8, None, None)),
    ("营业收入（万元）", "1500", (1.5e7, None, None, None, None)),
    ("营业收入", "500万美元", (None, 5e6, 5e6, "USD", None)),
    ("营业收入", "500万元人民币", (5e6, None, None, None, None)),
    ("营业收入", "壹亿贰仟万元", (1.2e8, None, None, None, None)),
    ("营业收入", "港币5亿元", (None, 5e8, 5e8, "HKD", None)),
])  # fmt: skip
def test_amounts(tmp_path: Path, header: str, cell: str, found: tuple[Any, ...]) -> None:
    report, graph = put(tmp_path, 企业=f'企业名称,{header}\n甲公司,"{cell}"')
    assert report.rejects == ()
    made = node(graph, "Enterprise", "甲公司")
    assert tuple(made.get(f"revenue{part}") for part in ("", "_low", "_high", "_currency", "_approx")) == found


@pytest.mark.parametrize(("cell", "date"), [
    ("2015年1月23日", "2015-01-23"), ("2015.1.23", "2015-01-23"), ("20150123", "2015-01-23"), ("二〇一五年", "2015"),
    ("42027", "2015-01-23"), ("长期", "长期"), ("2015年1月", "2015-01"), ("二〇一五年十二月三日", "2015-12-03"),
])  # fmt: skip
def test_dates(tmp_path: Path, cell: str, date: str) -> None:
    _, graph = put(tmp_path, 企业=f"企业名称,成立日期\n甲公司,{cell}")
    assert node(graph, "Enterprise", "甲公司")["founded"] == date


@pytest.mark.parametrize(("header", "place", "now"), [
    ("所在市", "莱芜市", "济南市"), ("所在县", "章丘市", "章丘区"), ("所在县", "即墨市", "即墨区"),
    ("所在市", "襄樊", "襄阳市"), ("所在市", "襄樊市", "襄阳市"), ("所在县", "莱城区", "莱芜区"),
])  # fmt: skip
def test_places_that_have_a_successor(tmp_path: Path, header: str, place: str, now: str) -> None:
    report, graph = put(tmp_path, 企业=f"企业名称,{header}\n甲公司,{place}")
    assert report.rejects == ()
    assert links(graph, "LOCATED_IN") == {("甲公司", now)}
    assert graph.relations["LOCATED_IN"]["stated"].to_pylist() == [place]


def test_a_place_that_exists_twice_is_not_guessed(tmp_path: Path) -> None:
    report, _ = put(tmp_path, 企业="企业名称,所在县\n甲公司,朝阳区\n乙公司,")
    assert [r.code for r in report.rejects] == ["reject_place_ambiguous"]
    report, graph = put(tmp_path / "2", 企业="企业名称,所在省,所在县\n甲公司,北京市,朝阳区")
    assert report.rejects == ()
    assert "stated" not in graph.relations["LOCATED_IN"].column_names


# sheets ----------------------------------------------------------------------------------------------


def test_merged_cells_totals_notes_and_two_header_rows(tmp_path: Path) -> None:
    rows = [["企业名录"], ["企业", None, "所在地"], ["企业名称", "主营产品", "所在市"], ["甲公司", "隔膜", "枣庄市"],
            ["乙公司", "铜箔", None], ["丙公司", None, None], ["合计", "3"], ["注：数据截至2023年"]]  # fmt: skip
    path = book(tmp_path / "企业.xlsx", rows, (3, 2, 4, 2, "枣庄市"))
    report = load(tmp_path / "w", [path], max_rejects=1.0)
    graph = Workspace.open(tmp_path / "w").graph()
    assert names(graph, "Enterprise") == sorted(["甲公司", "乙公司", "丙公司"])
    # Filled inside the merged range only: where 丙公司 is, the sheet does not say.
    assert links(graph, "LOCATED_IN") == {("甲公司", "枣庄市"), ("乙公司", "枣庄市")}
    assert {why for _, _, _, why, _ in report.passed} >= {"total", "note"}


def test_hidden_rows_are_loaded_and_told(tmp_path: Path) -> None:
    path = book(tmp_path / "企业.xlsx", [["企业名称"], ["甲公司"], ["乙公司"]], hidden=(2,))
    report = load(tmp_path / "w", [path])
    assert len(Workspace.open(tmp_path / "w").graph().nodes["Enterprise"]) == 2
    assert [why for _, _, _, why, _ in report.passed] == ["hidden"]


# relations -------------------------------------------------------------------------------------------


def test_loops_pairs_cycles_dangling_ends_and_duplicates(tmp_path: Path) -> None:
    report, graph = put(
        tmp_path,
        产品环节="产品名称\nA\nB\nC\nD",
        投入关系="""投入品,产品,占比,来源
        A,A,,一
        A,B,0.1,一
        B,A,,一
        B,C,,一
        C,D,,一
        D,B,,一
        C,D,0.2,二
        不存在的,A,,一""",
    )
    told = {(r.row, r.code) for r in report.rejects}
    assert (2, "reject_self") in told
    assert links(graph, "INPUT_OF") >= {("A", "B"), ("B", "A"), ("B", "C"), ("C", "D"), ("D", "B")}
    assert len(graph.relations["INPUT_OF"]) == len(links(graph, "INPUT_OF"))
    assert graph.relation_claims["INPUT_OF"]["source"].to_pylist().count("二") == 1
    found = {r["code"] for r in ca.check(ca.open(tmp_path / "w")).rows}
    assert {"mutual_input", "cycle"} <= found
    (sheet,) = [s for s in report.sheets if s.file == "投入关系.csv"]
    assert sheet.read == sheet.new + sheet.unchanged + sheet.merged + sheet.rejected == 8


def test_an_end_that_nothing_defines_is_rejected_with_its_name(tmp_path: Path) -> None:
    report, _ = put(tmp_path, 企业="企业名称\n甲公司", 边="起点,关系,终点\n甲公司,供货,没有的公司")
    assert [(r.row, r.value, r.code) for r in report.rejects] == [(2, "没有的公司", "reject_end")]


def test_weights_out_of_bounds_and_accounting_lines(tmp_path: Path) -> None:
    edges = "起点,关系,终点,占比\n甲公司,生产,隔膜,-59.02\n甲公司,生产,铜箔,3.2\n甲公司,生产,平衡项目,0.1"
    report, graph = put(tmp_path, 企业="企业名称\n甲公司", 边=edges)
    assert [(r.row, r.code, r.whole_row) for r in report.rejects] == [
        (2, "reject_share", False),
        (3, "reject_share", False),
    ]
    assert len(graph.relations["PRODUCES"]) == 3
    assert "accounting" in {r["code"] for r in ca.check(ca.open(tmp_path / "w")).rows}


def test_quotes_backslashes_breaks_and_emoji_pass_through(tmp_path: Path) -> None:
    odd = ['“双”引"号', "反\\斜杠", "O'Neil", "表情😀", "<img src=x onerror=alert(1)>", '=HYPERLINK("x")']
    path = book(tmp_path / "企业.xlsx", [["企业名称"]])
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as workbook:
        sheet = workbook.add_worksheet("企业")
        for at, cell in enumerate(["企业名称", *odd, "甲\n乙"]):
            sheet.write_string(at, 0, cell)
    load(tmp_path / "w", [path])
    assert set(names(Workspace.open(tmp_path / "w").graph(), "Enterprise")) == {*odd, "甲\n乙"}
