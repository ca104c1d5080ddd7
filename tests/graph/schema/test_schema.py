"""The schema: all types of the design, and what a user's extension may add."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import SCHEMA, links, node, write

from chainatlas.graph.schema.errors import SchemaError
from chainatlas.graph.schema.types import load_schema
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.load import load

# Design §4: label, zh, identified by.
NODES = """Region 区域 code,name|Cluster 产业集群 name|Industry 产业 code|Chain 链 name|Product 产品/环节 name
    Technology 技术 name|Enterprise 企业 uscc,stock_code,name|Institute 高校院所 name|Platform 创新平台 name
    Alliance 联盟 name|Service 科技服务机构 name|Park 园区/基地 name|Fund 资金 name|Team 人才团队 name
    Patent 专利 number|Project 项目 number,name|Policy 政策 name|Clause 条款 number|Target 目标 number"""
RELATIONS = """PART_OF LOCATED_IN IN_CLUSTER IN_INDUSTRY IN_CHAIN{stage,order} INPUT_OF{group,essential,share} KIND_OF
    REQUIRES PRODUCES{share,capacity,since} MASTERS{level} MEMBER_OF LEADS HOSTS SERVES SUPPLIES{product}
    COOPERATES{kind} INVESTS_IN OWNS FUNDED_BY SUPPORTS SETS SUCCEEDED_BY SAME_AS"""


@pytest.mark.parametrize("line", NODES.replace("\n", "|").split("|"))
def test_every_node_type_of_the_design(line: str) -> None:
    label, zh, keys = line.split()
    kind = SCHEMA.nodes[label]
    assert kind.zh == zh
    assert kind.en
    assert set(keys.split(",")) <= set(kind.identify)
    assert SCHEMA.sheet_type(zh) == label


@pytest.mark.parametrize("text", RELATIONS.split())
def test_every_relation_type_of_the_design(text: str) -> None:
    label, _, props = text.rstrip("}").partition("{")
    kind = SCHEMA.relations[label]
    assert kind.pairs
    assert set(filter(None, props.split(","))) <= set(kind.props)
    assert SCHEMA.relation_named(kind.zh) == label


def test_no_node_type_is_there_that_the_design_does_not_name() -> None:
    """A relation type may be added by its entry alone; a node type is a choice of the design."""
    assert set(SCHEMA.nodes) == {line.split()[0] for line in NODES.replace("\n", "|").split("|")}
    assert set(SCHEMA.relations) >= {t.partition("{")[0] for t in RELATIONS.split()}


def test_everything_has_a_label_in_both_languages_and_an_iri() -> None:
    for kind in (*SCHEMA.nodes.values(), *SCHEMA.relations.values()):
        assert kind.zh, kind.name
        assert kind.en, kind.name
        assert kind.iri, kind.name
        for prop in kind.props.values():
            assert prop.zh, (kind.name, prop.name)
            assert prop.en, (kind.name, prop.name)


EXTENSION = """
    [node.Enterprise.props]
    mascot = {zh="吉祥物", en="Mascot", type="text"}
    [node.Enterprise.props.name]
    aliases = ["商号"]
    [node.Port]
    zh = "港口"
    en = "Port"
    sheets = ["港口"]
    [node.Port.props]
    name = {zh="港口名称", en="Name", type="text", required=true}
    [relation.SHIPS_TO]
    zh = "发运至"
    en = "ships to"
    from = ["Enterprise"]
    to = ["Port"]
    """


def test_an_extension_adds_a_type_a_property_an_alias_and_a_relation(tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    write(tmp_path / "w", "schema.toml", EXTENSION)
    files = [write(tmp_path, "企业.csv", "商号,吉祥物\n甲公司,熊猫"), write(tmp_path, "港口.csv", "港口名称\n青岛港"),
             write(tmp_path, "边.csv", "起点,关系,终点\n甲公司,发运至,青岛港")]  # fmt: skip
    report = load(tmp_path / "w", files)
    graph = Workspace.open(tmp_path / "w").graph()
    assert report.rejects == ()
    assert node(graph, "Enterprise", "甲公司")["mascot"] == "熊猫"
    assert links(graph, "SHIPS_TO") == {("甲公司", "青岛港")}


def test_an_extension_keeps_what_is_there(tmp_path: Path) -> None:
    extended = load_schema(write(tmp_path, "schema.toml", EXTENSION))
    name = extended.nodes["Enterprise"].props["name"]
    assert (name.zh, name.required) == ("企业名称", True)
    assert {"商号", *SCHEMA.nodes["Enterprise"].props["name"].aliases} == set(name.aliases)
    assert set(extended.nodes) == {*SCHEMA.nodes, "Port"}
    assert "Port" not in load_schema().nodes


@pytest.mark.parametrize(
    ("text", "says"),
    [("[node.Port\n", "schema.toml"), ("[node.Port]\nen='x'", "zh"), ("[node.'Po rt']\nzh='港'", "Po rt"),
     ("[node.Port]\nzh='港'\nidentify=['code']", "code"),
     ("[node.Port]\nzh='港'\n[node.Port.props]\nname={zh='名',type='colour'}", "colour"),
     ("[node.Port]\nzh='港'\n[node.Port.props]\nname={zh='名',flavour='x'}", "flavour"),
     ("[node.Port]\nzh='港'\n[node.Port.props]\nname={zh='名'}\nload={zh='载'}", "load"),
     ("[relation.SHIPS]\nzh='运'\nfrom=['Enterprise']\nto=['Moon']", "Moon"),
     ("[node.Enterprise.links]\nx={zh='运',relation='NOPE',target='Park'}", "NOPE")],
)  # fmt: skip
def test_a_bad_extension_is_refused_by_name(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "schema.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SchemaError, match=says):
        load_schema(path)


def test_a_bad_extension_of_a_workspace_stops_its_commands_with_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    write(tmp_path / "w", "schema.toml", "[node.Port")
    with pytest.raises(SchemaError):
        load(tmp_path / "w", [write(tmp_path, "企业.csv", "企业名称\n甲公司")])
    assert not (tmp_path / "w" / "loads").exists()
