"""Places through the whole load: which regions the graph has then, who stands where, and what is told."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from building import links, names, node
from test_wide_sheets import put

import chainatlas
from chainatlas.graph.columns.tables import Graph
from chainatlas.graph.schema.words import message
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.load import LoadReport, load

# How 37 firms of one list write their city, and the region that each stands in.
STEMS = "甲乙丙丁戊己庚辛壬癸"
WRITTEN = """
临夏州 622900; 恩施州 422800; 黔东南州 522600; 凉山州 513400;
延边州 222400; 大理州 532900; 伊犁州 654000; 甘孜州 513300;
湘西州 433100; 中国上海 310000; 中国·上海 310000; 上海浦东 310115;
上海市浦东新区 310115; 山东济南 370100; 山东省济南市历下区示例路1号 370102;
济南历下 370102; 雄安新区 130600; 贵安新区 520100; CN CHN; US USA;
USA USA; CHINA CHN; Germany DEU; 德国 DEU; 美国 USA;
香港 810000; 台北市 710000; 莱芜市 370100; 襄樊市 420600;
自贡 510300; 苏州工业园区 320576; 北京经济技术开发区 110115; 省直 -;
阿拉善盟 152900; 西咸新区 610100; 南海区 440605; 佛山南海 440605
"""


def located(graph: Graph) -> dict[str, str]:
    """Return the code of the region, or for countries their name's code, in which each firm stands."""
    regions = graph.nodes["Region"]
    code = dict(zip(regions["name"].to_pylist(), regions["code"].to_pylist(), strict=True))
    return {firm: code[region] for firm, region in links(graph, "LOCATED_IN")}


def test_37_ways_to_write_a_place(tmp_path: Path) -> None:
    written = dict(pair.split() for pair in WRITTEN.replace("\n", " ").split(";"))
    assert len(written) == 37
    firm = {place: f"示例{STEMS[n // 10]}{STEMS[n % 10]}厂" for n, place in enumerate(written)}
    report, graph = put(tmp_path, 企业="企业名称,所在市\n" + "\n".join(f"{firm[p]},{p}" for p in written))
    assert len(names(graph, "Enterprise")) == 37
    assert located(graph) == {firm[p]: code for p, code in written.items() if code != "-"}
    told = [(r.column, r.value, r.code, r.whole_row) for r in report.rejects]
    assert told == [("所在市", "省直", "reject_place_none", False)]


def test_placeholders_of_municipalities(tmp_path: Path) -> None:
    report, graph = put(
        tmp_path,
        企业="""企业名称,所在省,所在市,所在县
        示例甲厂,北京市,市辖区,海淀区
        示例乙厂,重庆市,县,城口县
        示例丙厂,湖北省,省直辖县级行政区划,仙桃市
        示例丁厂,山东省,济南市,济南市历下区
        示例戊厂,上海市,上海市浦东新区,
        示例己厂,新疆,自治区直辖县级行政区划,石河子市
        示例庚厂,,市辖区,""",
    )
    assert located(graph) == {
        "示例甲厂": "110108",
        "示例乙厂": "500229",
        "示例丙厂": "429004",
        "示例丁厂": "370102",
        "示例戊厂": "310115",
        "示例己厂": "659001",
    }
    assert [(r.value, r.code) for r in report.rejects] == [("市辖区", "reject_place_none")]  # a row without a place
    assert len(names(graph, "Enterprise")) == 7


def test_counties_that_no_city_holds(tmp_path: Path) -> None:
    report, graph = put(
        tmp_path,
        企业="""企业名称,所在省,所在市,所在县
        示例甲厂,河南省,省直辖县,济源市
        示例乙厂,海南省,省直辖,文昌市
        示例丙厂,湖北省,省直管,仙桃市
        示例丁厂,新疆,自治区直辖,石河子市
        示例戊厂,,省直管县,济源市""",
    )
    assert located(graph) == {
        "示例甲厂": "419001",
        "示例乙厂": "469005",
        "示例丙厂": "429004",
        "示例丁厂": "659001",
        "示例戊厂": "419001",
    }
    assert report.rejects == ()


def test_countries_by_code_and_in_english(tmp_path: Path) -> None:
    written = {
        "CN": "CHN",
        "DE": "DEU",
        "US": "USA",
        "CHINA": "CHN",
        "USA": "USA",
        "United States": "USA",
        "South Korea": "KOR",
        "CHN": "CHN",
        "Taiwan": "710000",
        "Hong Kong": "810000",
        "UK": "GBR",
        "VIETNAM": "VNM",
    }
    firm = {country: f"示例{STEMS[n // 10]}{STEMS[n % 10]}厂" for n, country in enumerate(written)}
    report, graph = put(tmp_path, 企业="企业名称,国家\n" + "\n".join(f"{f},{country}" for country, f in firm.items()))
    assert report.rejects == ()
    assert located(graph) == {firm[country]: code for country, code in written.items()}


@pytest.mark.parametrize("order", [("区域", "企业"), ("企业", "区域")])
def test_short_codes_of_ones_own_regions_meet_the_built_in_ones(tmp_path: Path, order: tuple[str, str]) -> None:
    texts = {
        "区域": """区域名称,行政区划代码,上级区域
                 石家庄市,1301,13
                 唐山市,1302,河北省
                 长安区,130102000000,1301
                 市辖区,1101,11
                 示例片区,9901,石家庄市""",
        "企业": """企业名称,所在市
                 示例甲厂,石家庄市
                 示例乙厂,唐山市
                 示例丙厂,石家庄长安区""",
    }
    reports = [put(tmp_path, **{name: texts[name]})[0] for name in order]
    graph = Workspace.open(tmp_path / "w").graph()
    assert [r.rejects for r in reports] == [(), ()]
    regions = graph.nodes["Region"].select(["name", "code"]).to_pylist()
    assert sorted((r["code"], r["name"]) for r in regions) == [
        ("130000", "河北省"),
        ("130100", "石家庄市"),
        ("130102", "长安区"),
        ("130200", "唐山市"),
        ("9901", "示例片区"),
        ("CHN", "中国"),
    ]
    assert links(graph, "PART_OF") >= {("长安区", "石家庄市"), ("石家庄市", "河北省"), ("示例片区", "石家庄市")}
    assert [p[3:] for r in reports for p in r.passed] == [("placeholder", "市辖区")]
    inside = chainatlas.listing(chainatlas.open(tmp_path / "w"), "enterprises", place="石家庄市")
    assert sorted(row["name"] for row in inside.rows) == ["示例丙厂", "示例甲厂"]  # one 石家庄市, not two
    assert located(graph)["示例丙厂"] == "130102"


def test_a_county_under_the_city_and_a_contradiction(tmp_path: Path) -> None:
    report, graph = put(
        tmp_path,
        企业="""企业名称,所在省,所在市,所在县
        示例甲厂,,历下区,
        示例乙厂,山东,杭州,
        示例丙厂,河北,保定,安次区
        示例丁厂,,,鼓楼区
        示例戊厂,福建,,鼓楼区""",
    )
    assert located(graph) == {"示例甲厂": "370102", "示例丙厂": "130600", "示例戊厂": "350102"}
    told = {r.value: (r.code, r.whole_row, message(r.code, "zh", **r.values)) for r in report.rejects}
    assert {k: v[:2] for k, v in told.items()} == {
        "杭州": ("reject_place_elsewhere", True),
        "安次区": ("reject_place_elsewhere", False),
        "鼓楼区": ("reject_place_ambiguous", True),
    }
    assert "浙江省杭州市" in told["杭州"][2]
    assert "山东省" in told["杭州"][2]
    assert names(graph, "Enterprise") == ["示例丙厂", "示例戊厂", "示例甲厂"]


def test_zones_and_former_names_keep_their_wording(tmp_path: Path) -> None:
    _, graph = put(
        tmp_path, 企业="企业名称,所在市,所在县\n示例甲厂,雄安新区,\n示例乙厂,济南市,高新区\n示例丙厂,济南,历下"
    )
    located_in = graph.relations["LOCATED_IN"]
    assert sorted(filter(None, located_in["stated"].to_pylist())) == ["雄安新区", "高新区"]
    assert located(graph) == {"示例甲厂": "130600", "示例乙厂": "370176", "示例丙厂": "370102"}


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    rows = [
        "示例甲厂,山东济南",
        "示例乙厂,Jinan",
        "示例丙厂,济南市历下区示例路1号",
        "示例丁厂,雄安新区",
        "示例戊厂,台北市",
    ]
    first, _ = put(tmp_path / "1", 企业="\n".join(["企业名称,所在市", *rows]))
    second, _ = put(tmp_path / "2", 企业="\n".join(["企业名称,所在市", *reversed(rows)]))
    assert first.hash == second.hash


# addresses -------------------------------------------------------------------------------------------


# Two addresses of enterprises, as an extension of the schema would add them.
ADDRESSES = """[node.Enterprise.props]
site = {zh="示例地址一", en="First address", type="address"}
office = {zh="示例地址二", en="Second address", type="address"}
"""


def with_addresses(folder: Path, text: str) -> tuple[LoadReport, Graph]:
    """Load enterprises whose schema has addresses."""
    (folder / "w").mkdir(parents=True)
    (folder / "w" / "schema.toml").write_text(ADDRESSES, encoding="utf-8")
    return put(folder, 企业=text)


def test_an_address_gives_the_place_of_a_row_that_has_none(tmp_path: Path) -> None:
    report, graph = with_addresses(
        tmp_path,
        """企业名称,所在省,所在市,示例地址一,示例地址二
        示例甲厂,,,山东省济南市历下区示例路1号,浙江省杭州市示例路1号
        示例乙厂,,,示例路1号,上海市浦东新区张江路1号
        示例丙厂,,,鼓楼区示例路1号,
        示例丁厂,山东省,济南市,山东省济南市历下区示例路1号,
        示例戊厂,山东省,济南市,浙江省杭州市西湖区示例路1号,
        示例己厂,,省直,济南市示例路1号,
        示例庚厂,,,臺北市信義區示例路1號,""",
    )
    assert located(graph) == {
        "示例甲厂": "370102",
        "示例乙厂": "310115",
        "示例丁厂": "370100",
        "示例戊厂": "370100",
        "示例己厂": "370100",
        "示例庚厂": "710000",
    }
    assert node(graph, "Enterprise", "示例甲厂")["site"] == "山东省济南市历下区示例路1号"  # the text stays
    told = {(r.column, r.code): (r.whole_row, message(r.code, "zh", **r.values)) for r in report.rejects}
    assert set(told) == {("示例地址一", "odd_address"), ("所在市", "reject_place_none")}
    assert not any(whole for whole, _ in told.values())
    assert "浙江省杭州市西湖区" in told["示例地址一", "odd_address"][1]
    assert "山东省济南市" in told["示例地址一", "odd_address"][1]


def test_a_contradicting_address_is_told_with_its_own_text(tmp_path: Path) -> None:
    report, _ = with_addresses(
        tmp_path,
        """企业名称,所在市,示例地址一
        示例甲厂,济南市,杭州市示例路1号
        示例乙厂,济南市,杭州市示例路2号
        示例丙厂,济南市,济南市示例路3号""",
    )
    assert [(r.row, r.value) for r in report.rejects] == [(2, "杭州市示例路1号"), (3, "杭州市示例路2号")]


def test_addresses_of_the_schema(tmp_path: Path) -> None:
    """A registry's export: the registered address places the firm, else the business address."""
    report, graph = put(
        tmp_path,
        企业="""企业名称,注册地址,经营地址
        示例甲厂,山东省济南市历下区示例路1号,
        示例乙厂,示例路1号,"No. 1 Shili Road, Jinan, Shandong, China"
        示例丙厂,苏州工业园区示例路1号,
        示例丁厂,示例路2号,""",
    )
    assert report.rejects == ()
    assert located(graph) == {"示例甲厂": "370102", "示例乙厂": "370100", "示例丙厂": "320576"}
    assert names(graph, "Enterprise") == sorted(["示例甲厂", "示例乙厂", "示例丙厂", "示例丁厂"])


def test_the_case_of_the_shared_lists(shared: Path, tmp_path: Path) -> None:
    """The list as it was found: all 37 rows are loaded; one cell names no place."""
    path = shared / "cases" / "lists" / "08-places" / "企业.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        count = sum(1 for _ in csv.DictReader(file))
    report = load(tmp_path / "w", [path])
    assert count == 37
    assert [(r.code, r.whole_row) for r in report.rejects] == [("reject_place_none", False)]
