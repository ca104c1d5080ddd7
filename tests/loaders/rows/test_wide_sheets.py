"""The lists that people keep: one wide row gives an enterprise with all its relations."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from building import SCHEMA, links, names, node, write

from chainatlas.graph.columns.tables import Graph
from chainatlas.graph.schema.types import LOCATION
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.load import LoadReport, load

HEADERS = ("企业名称,统一社会信用代码,股票代码,曾用名,所在省,所在市,所在县,所属集群,所在园区,产业链,"
           "产业链环节,环节位置,主营产品,掌握技术,研发平台,牵头联盟,参加联盟,企业类型,"
           "营业收入（万元）,成立日期,经营状态")  # fmt: skip
ROW = ("甲公司,914403001922038216,600309.SH,老甲公司；旧甲公司,山东省,枣庄市,滕州市,锂电集群,枣庄高新区,锂电,"
       "电解液；隔膜,中游,电池（磷酸铁锂、三元）/充电桩,涂布|卷绕,甲实验室,"
       "甲联盟,乙联盟、丙联盟,上市公司、高新技术企业,\"1,500\",2015年1月23日,存续")  # fmt: skip


def put(folder: Path, **sheets: str) -> tuple[LoadReport, Graph]:
    """Load sheets given as text, by name, in one go."""
    files = [write(folder / "表", f"{name}.csv", text) for name, text in sheets.items()]
    report = load(folder / "w", files, max_rejects=1.0)
    return report, Workspace.open(folder / "w").graph()


@pytest.fixture
def wide(tmp_path: Path) -> Graph:
    return put(tmp_path, 企业=f"{HEADERS}\n{ROW}")[1]


def test_the_row_is_an_enterprise_with_its_properties(wide: Graph) -> None:
    found = node(wide, "Enterprise", "甲公司")
    expected = {"uscc": "914403001922038216", "stock_code": "600309", "former_name": "旧甲公司\x1f老甲公司",
                "kind": "上市公司\x1f高新技术企业", "revenue": 15_000_000.0, "founded": "2015-01-23",
                "status": "存续"}  # fmt: skip
    assert {k: found[k] for k in expected} == expected


@pytest.mark.parametrize(
    ("relation", "targets"),
    [("IN_CLUSTER", {"锂电集群"}), ("LOCATED_IN", {"枣庄高新区", "滕州市"}), ("IN_CHAIN", {"锂电"}),
     ("PRODUCES", {"电解液", "隔膜", "电池（磷酸铁锂、三元）", "充电桩"}), ("MASTERS", {"涂布", "卷绕"}),
     ("HOSTS", {"甲实验室"}), ("LEADS", {"甲联盟"}), ("MEMBER_OF", {"乙联盟", "丙联盟"})],
)  # fmt: skip
def test_the_row_gives_all_its_relations(wide: Graph, relation: str, targets: set[str]) -> None:
    assert {b for a, b in links(wide, relation) if a == "甲公司"} == targets


def test_a_link_is_of_its_chain_and_a_product_stands_alone(wide: Graph) -> None:
    assert {node(wide, "Product", n)["kind"] for n in ("电解液", "隔膜")} == {"环节"}
    assert node(wide, "Product", "充电桩")["kind"] is None
    assert {(a, b) for a, b in links(wide, "IN_CHAIN") if a != "甲公司"} == {("电解液", "锂电"), ("隔膜", "锂电")}
    assert set(wide.relations["IN_CHAIN"]["stage"].to_pylist()) == {"midstream", None}


def test_places_come_with_all_that_holds_them(wide: Graph) -> None:
    assert names(wide, "Region") == ["中国", "山东省", "枣庄市", "滕州市"]
    assert links(wide, "PART_OF") == {("滕州市", "枣庄市"), ("枣庄市", "山东省"), ("山东省", "中国")}


def test_every_column_of_the_contract_is_used(tmp_path: Path) -> None:
    assert put(tmp_path, 企业=f"{HEADERS}\n{ROW}")[0].unused == ()


def test_the_same_link_name_in_two_chains_is_two_links(tmp_path: Path) -> None:
    _, graph = put(
        tmp_path,
        企业="""企业名称,产业链,产业链环节
        甲公司,锂电,设备
        乙公司,半导体发光,设备""",
    )
    assert names(graph, "Product") == ["设备", "设备"]
    assert links(graph, "IN_CHAIN") >= {("设备", "锂电"), ("设备", "半导体发光")}


def test_links_that_cannot_be_paired_with_chains_are_refused_not_guessed(tmp_path: Path) -> None:
    report, graph = put(
        tmp_path,
        企业="""企业名称,产业链,产业链环节
        甲公司,锂电、半导体发光,设备""",
    )
    assert [r.code for r in report.rejects] == ["reject_pairing"]
    assert names(graph, "Product") == []
    assert names(graph, "Enterprise") == ["甲公司"]


@pytest.mark.parametrize("mark", ["、", "；", ";", "|", "/"])
def test_values_in_a_cell_are_parted(tmp_path: Path, mark: str) -> None:
    _, graph = put(tmp_path, 企业=f"企业名称,主营产品\n甲公司,隔膜{mark}铜箔（4、6微米/双面；光面）{mark}电解液")
    assert names(graph, "Product") == sorted(["隔膜", "铜箔（4、6微米/双面；光面）", "电解液"])


def test_a_line_break_in_a_cell_parts_values_and_rows_keep_their_number(tmp_path: Path) -> None:
    path = tmp_path / "企业.csv"
    path.write_text('企业名称,主营产品\n甲公司,"隔膜\n铜箔"\n乙公司,电解液\n', encoding="utf-8")
    load(tmp_path / "w", [path])
    graph = Workspace.open(tmp_path / "w").graph()
    assert names(graph, "Product") == sorted(["隔膜", "铜箔", "电解液"])
    # As a spreadsheet shows it: the cell with a break is one row.
    rows = {r["name"]: r["row"] for r in graph.node_claims["Enterprise"].to_pylist()}
    assert rows == {"甲公司": 2, "乙公司": 3}


def test_other_wordings_of_a_header_mean_the_same(tmp_path: Path) -> None:
    _, graph = put(
        tmp_path,
        名单="""单位名称,社会信用代码,城市,主导产品,营收（亿元）
        甲公司,914403001922038216,枣庄市,隔膜,1.5""",
    )
    found = node(graph, "Enterprise", "甲公司")
    assert (found["uscc"], found["revenue"]) == ("914403001922038216", 150_000_000.0)
    assert links(graph, "LOCATED_IN") == {("甲公司", "枣庄市")}


def test_a_column_that_nobody_knows_is_told(tmp_path: Path) -> None:
    report, _ = put(tmp_path, 企业="企业名称,吉祥物\n甲公司,熊猫")
    assert report.unused == (("企业.csv", "吉祥物"),)


# The other sheets ----------------------------------------------------------------------------------


def test_products_with_their_place_in_the_chain(tmp_path: Path) -> None:
    _, graph = put(
        tmp_path,
        产品环节="""产品名称,产业链,环节位置,上级产品,所需技术,类别,原料视为可得
        三元正极,锂电,上游,正极材料,高温烧结,关键材料,否
        锂矿,锂电,上游,,,原料,是
        正极材料,锂电,上游,,,关键材料,""",
    )
    assert links(graph, "KIND_OF") == {("三元正极", "正极材料")}
    assert links(graph, "REQUIRES") == {("三元正极", "高温烧结")}
    assert [node(graph, "Product", n)["primary"] for n in ("锂矿", "三元正极", "正极材料")] == [True, False, None]


def test_the_input_sheet(tmp_path: Path) -> None:
    _, graph = put(
        tmp_path,
        产品环节="产品名称\nT\nA\nB",
        投入关系="""投入品,产品,组,必需,占比
        A,T,1,是,30%
        B,T,1,否,0.2""",
    )
    rows = [{k: r[k] for k in ("group", "essential", "share")} for r in graph.relations["INPUT_OF"].to_pylist()]
    assert rows == [{"group": "1", "essential": True, "share": 0.3}, {"group": "1", "essential": False, "share": 0.2}]
    assert links(graph, "INPUT_OF") == {("A", "T"), ("B", "T")}


def test_the_coverage_sheet(tmp_path: Path) -> None:
    _, graph = put(
        tmp_path,
        覆盖声明="""来源,关系,总体,地区,产业链,完整度,依据,截止日期
        年报,生产,上市公司,枣庄市,,85%,逐户核对,2023年
        名录,PRODUCES,,,,0.5,,""",
    )
    rows = {r["source"]: r for r in graph.statements["Coverage"].to_pylist()}
    expected = {"relation": "PRODUCES", "population": "上市公司", "place": "枣庄市", "chain": None, "share": 0.85,
                "basis": "逐户核对", "as_of": "2023"}  # fmt: skip
    assert {k: rows["年报"][k] for k in expected} == expected
    assert (rows["名录"]["population"], rows["名录"]["share"]) == (None, 0.5)


def test_an_edge_table(tmp_path: Path) -> None:
    report, graph = put(
        tmp_path,
        企业="企业名称,股票代码\n甲公司,600309\n乙公司,",
        机构="机构名称\n某大学",
        边="""起点,关系,终点,产能,来源
        SH:600309,生产,隔膜,12.5,年报
        乙公司,供货,甲公司,,
        某大学,产学研合作,甲公司,,""",
    )
    assert report.rejects == ()
    assert links(graph, "PRODUCES") == {("甲公司", "隔膜")}
    assert links(graph, "SUPPLIES") == {("乙公司", "甲公司")}
    assert links(graph, "COOPERATES") == {("某大学", "甲公司")}
    assert graph.relations["PRODUCES"]["capacity"].to_pylist() == [12.5]


@pytest.mark.parametrize("kind", [n for n in SCHEMA.nodes if n not in ("Region", "Product", "Enterprise")])
def test_every_other_sheet_loads_by_its_name_and_headers(tmp_path: Path, kind: str) -> None:
    spec = SCHEMA.nodes[kind]
    headers, cells = [], []
    for prop in spec.props.values():
        if prop.required or prop.name == "name":
            headers.append(prop.zh)
            cells.append(f"某{spec.zh}" if prop.type == "text" else "AB12")
    report, graph = put(tmp_path, **{spec.sheets[0]: ",".join(headers) + "\n" + ",".join(cells)})
    assert [(s.type, s.read, s.new, s.rejected) for s in report.sheets] == [(kind, 1, 1, 0)]
    assert len(graph.nodes[kind]) == 1


# Provenance ----------------------------------------------------------------------------------------


def claims(graph: Graph) -> list[tuple[str, dict[str, Any]]]:
    return [(name, row) for part in (graph.node_claims, graph.relation_claims, graph.statements)
            for name, table in part.items() for row in table.to_pylist()]  # fmt: skip


def test_every_claim_says_where_it_stands(tmp_path: Path) -> None:
    _, graph = put(
        tmp_path, 企业=f"{HEADERS}\n{ROW}", 产品环节="产品名称,产业链\n隔膜,锂电",
        投入关系="投入品,产品\n隔膜,充电桩", 覆盖声明="来源,关系,完整度\n年报,生产,1")  # fmt: skip
    found = claims(graph)
    assert {name for name, _ in found} >= {"Enterprise", "PRODUCES", "INPUT_OF", "Coverage", "IN_CHAIN"}
    for name, row in found:
        assert row["source"], (name, row)
        assert row["file"] in {"企业.csv", "产品环节.csv", "投入关系.csv", "覆盖声明.csv"}, (name, row)
        assert all(row[c] is not None for c in LOCATION), (name, row)
        assert row["load"] == 1
        gazetteer = name in ("Region", "PART_OF")
        assert row["row"] == (0 if gazetteer else 2), (name, row)
    gazetteers = {row["source"] for name, row in found if name in ("Region", "PART_OF")}
    assert len(gazetteers) == 1
    assert re.search("GB/T 2260", gazetteers.pop())


def test_a_rows_own_source_wins_over_the_one_given(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "企业.csv",
        """企业名称,来源,出处,数据日期,置信度
        甲公司,年报,第3页,2023-12,90%
        乙公司,,,,""",
    )
    load(tmp_path / "w", [path], source="名录", as_of="2024")
    rows = {r["name"]: r for r in Workspace.open(tmp_path / "w").graph().node_claims["Enterprise"].to_pylist()}
    told = [(r["source"], r["source_ref"], r["as_of"], r["confidence"]) for r in (rows["甲公司"], rows["乙公司"])]
    assert told == [("年报", "第3页", "2023-12", 0.9), ("名录", None, "2024", None)]


def test_two_sources_of_one_fact_are_both_kept(tmp_path: Path) -> None:
    _, graph = put(
        tmp_path,
        企业="""企业名称,主营产品,来源
        甲公司,隔膜,年报
        甲公司,隔膜,新闻""",
    )
    assert len(graph.relations["PRODUCES"]) == 1
    assert sorted(graph.relation_claims["PRODUCES"]["source"].to_pylist()) == ["年报", "新闻"]
    assert len(graph.nodes["Enterprise"]) == 1
