"""Lists of offices, exports of registries and patent offices: what the whole load makes of them, and who stays out."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import links, names, node, write

from chainatlas.api import load_result
from chainatlas.graph.columns.tables import Graph
from chainatlas.graph.columns.text import LIST_SEPARATOR
from chainatlas.graph.schema.errors import LoadError
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.files import delimited
from chainatlas.loaders.headers.persons import is_person, of_person
from chainatlas.loaders.load import LoadReport, load


def put(folder: Path, **sheets: str) -> tuple[LoadReport, Graph]:
    paths = [write(folder, f"{name}.csv", text) for name, text in sheets.items()]
    report = load(folder / "w", paths, max_rejects=0.0)
    return report, Workspace.open(folder / "w").graph()


def everything(graph: Graph) -> str:
    """All texts of a graph: entities, relations, claims, statements."""
    parts = (graph.nodes, graph.relations, graph.statements, graph.node_claims, graph.relation_claims)
    return "\n".join(str(table.to_pylist()) for part in parts for table in part.values())


def notes(report: LoadReport, lang: str = "zh") -> str:
    return "\n".join(note.text(lang) for note in load_result(report).notes)


# Cases 10 and 25 ----------------------------------------------------------------------------------


def test_case_10_the_commonest_export_of_a_registry(shared: Path, tmp_path: Path) -> None:
    report = load(tmp_path / "w", [shared / "cases" / "lists" / "10-gov-columns" / "企业.xlsx"])
    graph = Workspace.open(tmp_path / "w").graph()
    assert sorted(names(graph, "Enterprise")) == ["示例乙有限公司", "示例甲有限公司"]
    first = node(graph, "Enterprise", "示例甲有限公司")
    assert first["main_business"] == "锂电池隔膜的研发、生产和销售"
    assert str(first["business_scope"]).startswith("锂电池、充电器的研发")
    assert first["address"] == "山东省烟台市福山区示例路1号"
    assert (first["registered_capital"], first["scale"], first["status"]) == (10_000_000.0, "中型", "存续")
    assert (first["founded"], node(graph, "Enterprise", "示例乙有限公司")["founded"]) == ("2010-05-06", "2011-03")
    assert links(graph, "IN_INDUSTRY") == {("示例甲有限公司", "制造业")}
    assert links(graph, "LOCATED_IN") == {("示例甲有限公司", "福山区"), ("示例乙有限公司", "历下区")}
    assert report.unused == (("企业.xlsx", "高新技术企业证书编号"),)


def test_case_25_the_export_of_a_patent_office(shared: Path, tmp_path: Path) -> None:
    report = load(tmp_path / "w", [shared / "cases" / "lists" / "25-patent-export" / "专利.csv"])
    graph = Workspace.open(tmp_path / "w").graph()
    assert links(graph, "OWNS") == {
        ("示例大学", "一种示例正极材料的制备方法"),
        ("示例新能源有限公司", "一种示例正极材料的制备方法"),
        ("示例轴承有限公司", "一种示例轴承座"),
    }
    assert names(graph, "Institute") == ["示例大学"]
    first = node(graph, "Patent", "一种示例正极材料的制备方法")
    assert (first["number"], first["publication_number"]) == ("CN202010000001.2", "CN111000001A")
    assert (first["applied"], first["published"], first["kind"]) == ("2020-01-04", "2020-05-08", "发明")
    assert str(first["ipc"]).split(LIST_SEPARATOR) == ["C01B25/45", "H01M4/58"]
    assert (first["applicant_place"], first["description"]) == ("CN山东;37", "示例摘要")
    assert {(h, n) for _, h, n in report.persons} == {("发明人", 0), ("代理人", 0)}
    assert {h for _, h in report.unused} == {"申请人邮编", "代理机构"}
    assert "（略）" not in everything(graph)
    assert "从不读入：发明人（专利.csv）、代理人（专利.csv）" in notes(report)
    assert "never loaded: 发明人（专利.csv）、代理人（专利.csv）" in notes(report, "en")


# Persons ------------------------------------------------------------------------------------------


def test_persons_among_applicants_and_owners_stay_out_and_are_counted(tmp_path: Path) -> None:
    report, graph = put(
        tmp_path,
        专利="""专利号,专利名称,专利权人,发明(设计)人
            CN1,一种示例轴承,示例轴承有限公司;张三丰,李四光
            CN2,一种示例隔膜,王五,王五
            CN3,一种示例铜箔,示例大学；欧阳示例,赵六""",
        企业="""企业名称,控股股东,法定代表人,企业联系人及电话,实控人姓名
            示例轴承有限公司,示例集团,钱七,孙八 13900000000,周九
            示例隔膜有限公司,吴十一,郑十二,冯十三,陈十四""",
    )
    assert links(graph, "OWNS") == {
        ("示例轴承有限公司", "一种示例轴承"),
        ("示例大学", "一种示例铜箔"),
        ("示例集团", "示例轴承有限公司"),
    }
    assert len(names(graph, "Patent")) == 3
    whole = everything(graph)
    for person in ("张三丰", "李四光", "王五", "欧阳示例", "赵六", "钱七", "孙八", "139", "周九", "吴十一", "郑十二"):
        assert person not in whole
    told = {(header, n) for _, header, n in report.persons}
    assert told == {
        ("专利权人", 3),
        ("发明(设计)人", 0),
        ("控股股东", 1),
        ("法定代表人", 0),
        ("企业联系人及电话", 0),
        ("实控人姓名", 0),
    }
    assert "专利权人（专利.csv）3" in notes(report)
    assert "write its full name" in notes(report, "en")


def test_rows_that_begin_with_a_person_who_owns_are_told_and_left_out(tmp_path: Path) -> None:
    report, graph = put(
        tmp_path,
        企业="企业名称\n示例甲有限公司\n示例乙有限公司\n巴斯夫",
        关系="""起点,关系,终点
            张示例,拥有,示例甲有限公司
            示例乙有限公司,拥有,示例甲有限公司
            巴斯夫,拥有,示例乙有限公司""",
    )
    assert links(graph, "OWNS") == {("示例乙有限公司", "示例甲有限公司"), ("巴斯夫", "示例乙有限公司")}
    assert [(row, why, text) for _, _, row, why, text in report.passed] == [(2, "person", "")]
    assert "张示例" not in everything(graph)
    assert [(s.type, s.read, s.new) for s in report.sheets] == [("Enterprise", 3, 3), ("EDGE", 2, 2)]


PERSONS = ("张三", "张三丰", "欧阳示例", "诸葛亮", "阿不都·热合曼", "李四（自然人）", "王先生", "陳大文", " 张 三 ")
BODIES = (
    "华为技术有限公司",
    "示例大学",
    "山东示例集团",
    "东风电子",
    "国家电网",
    "金发科技",
    "万华化学",
    "中国石化",
    "示例研究所",
    "方正控股",
    "安徽合力",
    "石化机械厂",
    "ABC Inc.",
    "江苏银行",
    "高等院校联盟",
    "三一重工",
    "于洪区政府",
)


def test_who_is_a_person() -> None:
    assert [n for n in PERSONS if not is_person(n)] == []
    assert [n for n in BODIES if is_person(n)] == []
    assert not is_person("华为", full=False), "where short names are usual, two characters may be a firm"
    assert is_person("张三丰", full=False)
    assert [n for n in ("巴斯夫", "华侨城", "贝莱德", "康师傅", "金威刻") if is_person(n, full=False)] == []


FURTHER = ["企业联系人姓名", "法定代表人（签字）", "项目负责人及联系电话", "E-mail", "第二发明人", "管委会主任"]
ONLY_SOUNDS_SO = ["代理机构", "申请人", "专利权人", "管理人名称", "主任单位数量", "出资人"]


@pytest.mark.parametrize("header", FURTHER)
def test_further_headers_of_persons(header: str) -> None:
    assert of_person(header)


@pytest.mark.parametrize("header", ONLY_SOUNDS_SO)
def test_headers_that_only_sound_like_persons(header: str) -> None:
    assert not of_person(header)


# Several columns of one meaning ---------------------------------------------------------------------


def test_columns_of_one_meaning_are_read_together_and_told(tmp_path: Path) -> None:
    report, graph = put(
        tmp_path,
        企业="企业名称,国标行业门类,国标行业大类,国标行业小类,备注,企业简介,主要产品,主营产品,产品1,"
        "2023年营业收入（万元）,2024年营业收入（亿元）\n"
        "示例甲有限公司,制造业,电气机械,电池制造,,做电池,电芯,电池包、电芯,电芯,100,2\n"
        "示例乙有限公司,制造业,电气机械,,一,二,电芯,,电芯,300,",
    )
    assert links(graph, "IN_INDUSTRY") == {("示例甲有限公司", "电池制造"), ("示例乙有限公司", "电气机械")}
    makes = {("示例甲有限公司", "电池包"), ("示例甲有限公司", "电芯"), ("示例乙有限公司", "电芯")}
    assert links(graph, "PRODUCES") == makes
    first, second = (node(graph, "Enterprise", n) for n in ("示例甲有限公司", "示例乙有限公司"))
    assert (first["revenue"], second["revenue"]) == (200_000_000.0, None), "figures of two years are two facts"
    assert (first["description"], second["description"]) == ("做电池", "二")
    assert {h for _, h in report.unused} == {"2023年营业收入（万元）"}
    assert {(h, into, filled, differs) for _, h, into, filled, differs in report.twins} == {
        ("国标行业门类", "国标行业小类", 0, 2),
        ("国标行业大类", "国标行业小类", 1, 1),
        ("备注", "企业简介", 0, 1),
    }
    assert "国标行业大类 并入 国标行业小类" in notes(report)


def test_two_columns_of_names_that_differ_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError) as bad:
        put(tmp_path, 企业="企业名称,公司名称\n示例甲有限公司,示例乙有限公司\n示例丙有限公司,示例丁有限公司")
    assert bad.value.code == "column_twice"


def test_units_years_marks_and_remarks_of_headers(tmp_path: Path) -> None:
    report, graph = put(
        tmp_path,
        企业="★ 企 业 名 称（全称）：,注册资本（億元）,实缴资本（万美元）,2024年营业收入/万元,研发投入占比（%）,"
        "从业人数（人）,[标]成立日期\n示例甲有限公司,1.5,500,1200,3.5,1200,2010-01-02",
    )
    (firm,) = graph.nodes["Enterprise"].to_pylist()
    assert firm["name"] == "示例甲有限公司"
    assert (firm["registered_capital"], firm["revenue"]) == (150_000_000.0, 12_000_000.0)
    paid = ["paid_capital", "paid_capital_low", "paid_capital_currency"]
    assert [firm[name] for name in paid] == [None, 5_000_000.0, "USD"]
    assert (firm["rd_share"], firm["employees"], firm["founded"]) == (0.035, 1200, "2010-01-02")
    assert (report.unused, report.rejects) == ((), ())


def test_columns_of_yes_and_no_and_legal_forms(tmp_path: Path) -> None:
    report, graph = put(
        tmp_path,
        企业="""企业名称,企业类型,高新技术企业,是否规上企业
            示例甲有限公司,有限责任公司(自然人独资),是,否
            示例乙有限公司,其他有限责任公司,,√""",
    )
    first, second = (node(graph, "Enterprise", n) for n in ("示例甲有限公司", "示例乙有限公司"))
    assert (first["legal_form"], second["legal_form"]) == ("有限责任公司(自然人独资)", "其他有限责任公司")
    assert (first["kind"], second["kind"]) == ("高新技术企业", "规上企业")
    assert report.unused == ()


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("block", [1 << 24, 90])
def test_each_value_of_a_kind_is_judged_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, turned: bool, block: int
) -> None:
    monkeypatch.setattr(delimited, "BLOCK", block)
    kinds = [
        "高新技术企业",
        "股份有限公司(上市、自然人投资或控股)",
        "规上企业；国有企业",
        "有限责任公司",
        "瞪羚企业",
        "",
    ]
    rows = [f"示例{n}有限公司,{kind}" for n, kind in enumerate(kinds)]
    _, graph = put(tmp_path, 企业="\n".join(["企业名称,企业类型", *(rows[::-1] if turned else rows)]))
    firms = [node(graph, "Enterprise", f"示例{n}有限公司") for n in range(len(kinds))]
    assert [f.get("kind") for f in firms] == ["高新技术企业", None, "规上企业", None, "瞪羚企业", None]
    forms = [None, "股份有限公司(上市、自然人投资或控股)", "国有企业", "有限责任公司", None, None]
    assert [f.get("legal_form") for f in firms] == forms


def test_a_legal_form_among_kinds_fills_the_column_of_legal_forms(tmp_path: Path) -> None:
    report, graph = put(
        tmp_path,
        企业="""企业名称,企业类型,登记类型
            示例甲有限公司,高新技术企业；有限责任公司,
            示例乙有限公司,有限责任公司,股份有限公司""",
    )
    firms = [node(graph, "Enterprise", n) for n in ("示例甲有限公司", "示例乙有限公司")]
    assert [(f["kind"], f["legal_form"]) for f in firms] == [("高新技术企业", "有限责任公司"), (None, "股份有限公司")]
    assert [s for s in load_result(report).notes_in("zh") if "企业类型" in s and "登记类型" in s]


def test_an_address_says_where_when_no_place_column_does(tmp_path: Path) -> None:
    report, graph = put(
        tmp_path,
        企业="""企业名称,所在市,注册地址
            示例甲有限公司,,山东省烟台市福山区示例路1号
            示例乙有限公司,济南市,浙江省杭州市西湖区示例路2号
            示例丙有限公司,,示例路3号""",
    )
    assert links(graph, "LOCATED_IN") == {("示例甲有限公司", "福山区"), ("示例乙有限公司", "济南市")}
    assert {r["address"] for r in graph.nodes["Enterprise"].to_pylist()} == {
        "山东省烟台市福山区示例路1号",
        "浙江省杭州市西湖区示例路2号",
        "示例路3号",
    }
    assert [(r.code, r.row, r.whole_row) for r in report.rejects] == [("odd_address", 3, False)]


def test_a_place_column_of_any_level(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "企业.csv",
        "企业名称,地区\n示例甲有限公司,山东省济南市历下区\n示例乙有限公司,枣庄\n示例丙有限公司,华东",
    )
    report = load(tmp_path / "w", [path])
    graph = Workspace.open(tmp_path / "w").graph()
    assert links(graph, "LOCATED_IN") == {("示例甲有限公司", "历下区"), ("示例乙有限公司", "枣庄市")}
    assert [(r.column, r.value, r.whole_row) for r in report.rejects] == [("地区", "华东", False)]
    assert len(names(graph, "Enterprise")) == 3


def test_customers_and_suppliers_need_no_name_of_a_sheet(tmp_path: Path) -> None:
    path = write(
        tmp_path, "甲.csv", "供应商名称,客户名称,采购产品,采购金额（万元）\n示例甲有限公司,示例乙有限公司,电芯,100"
    )
    firms = write(tmp_path, "企业.csv", "企业名称\n示例甲有限公司\n示例乙有限公司")
    load(tmp_path / "w", [path, firms])
    graph = Workspace.open(tmp_path / "w").graph()
    assert links(graph, "SUPPLIES") == {("示例甲有限公司", "示例乙有限公司")}
    assert graph.relations["SUPPLIES"]["amount"].to_pylist() == [1_000_000.0]


def test_a_list_of_products_names_their_makers(tmp_path: Path) -> None:
    _, graph = put(tmp_path, 首台套="产品名称,研制单位,规格型号\n示例装备,示例甲有限公司,X-1")
    assert links(graph, "PRODUCES") == {("示例甲有限公司", "示例装备")}
    assert node(graph, "Product", "示例装备")["model"] == "X-1"
