"""One chain of a graph: what comes along, what stays behind, and that it is a graph of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import write

from chainatlas import api
from chainatlas.graph.columns.subgraph import chain_subgraph
from chainatlas.graph.columns.tables import Graph
from chainatlas.graph.fold.fold import Loaded, fold
from chainatlas.graph.fold.rebatch import batch_of
from chainatlas.graph.schema.errors import QueryError
from chainatlas.graph.schema.types import load_schema
from chainatlas.graph.workspace.journal import Workspace


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Two chains that share a material; each has a maker, one stands in a cluster."""
    folder = tmp_path_factory.mktemp("two-chains")
    write(
        folder,
        "产品环节.csv",
        "产品名称,产业链,环节位置,所需技术\n甲机,甲链,下游,甲术\n甲件,甲链,中游,\n乙机,乙链,下游,乙术\n共用料,,,\n矿,,,",
    )
    write(folder, "投入关系.csv", "投入品,产品\n甲件,甲机\n共用料,甲件\n共用料,乙机\n矿,共用料")
    write(folder, "企业.csv", "企业名称,所在市,主营产品,所属集群\n示例甲公司,枣庄市,甲件、别的,示例集群\n"
          "示例乙公司,济南市,乙机,\n示例丙公司,青岛市,共用料,\n示例丁公司,青岛市,别的,")  # fmt: skip
    write(folder, "集群.csv", "集群名称,所在市\n示例集群,枣庄市")
    write(folder, "覆盖声明.csv", "来源,关系,产业链,完整度\n名录,生产,甲链,0.9\n名录,生产,乙链,0.9\n名录,生产,,0.5")
    api.load(folder / "w", sorted(folder.glob("*.csv")))
    return Workspace.open(folder / "w").graph()


def names(graph: Graph, kind: str) -> set[str]:
    return set(graph.nodes[kind]["name"].to_pylist())


def test_a_chain_comes_with_what_goes_into_it_its_makers_and_their_places(whole: Graph) -> None:
    part = chain_subgraph(whole, "甲链")
    assert names(part, "Chain") == {"甲链"}
    assert names(part, "Product") == {"甲机", "甲件", "共用料", "矿", "别的"}  # a word of a firm may mean a link
    assert names(part, "Technology") == {"甲术"}
    assert names(part, "Enterprise") == {"示例甲公司", "示例丙公司", "示例丁公司"}
    assert names(part, "Cluster") == {"示例集群"}
    assert {"枣庄市", "青岛市", "山东省"} <= names(part, "Region")
    assert "济南市" not in names(part, "Region")


def test_statements_about_other_chains_stay_behind(whole: Graph) -> None:
    said = chain_subgraph(whole, "甲链").statements["Coverage"]
    assert sorted(c or "" for c in said["chain"].to_pylist()) == ["", "甲链"]


@pytest.mark.parametrize("chain", ["甲链", "乙链"])
def test_a_part_folds_to_itself(whole: Graph, chain: str) -> None:
    part = chain_subgraph(whole, chain)
    assert fold([Loaded(1, batch_of(part, load_schema()))], load_schema()).graph.hash == part.hash


def test_an_unknown_chain_is_named_with_those_there_are(whole: Graph) -> None:
    with pytest.raises(QueryError, match="甲链"):
        chain_subgraph(whole, "丙链")


def test_a_bundled_chain_keeps_its_verdicts(demo_folder: Path) -> None:
    from chainatlas.graph.workspace.snapshot import Snapshot
    from chainatlas.queries.atlas.atlas import Atlas
    from chainatlas.queries.gaps.chain import chain

    schema = load_schema()
    part = chain_subgraph(Workspace.open(demo_folder).graph(), "锂电")
    columns = ("link", "status", "subkind", "producers", "coverage", "confidence")
    before, after = (
        [[row[c] for c in columns] for row in chain(atlas, "锂电", place="山东省").rows]
        for atlas in (api.open(demo_folder), Atlas(Snapshot(part, schema)))
    )
    assert len(before) > 20
    assert before == after
