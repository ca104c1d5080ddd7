"""Public functions by their public names."""

from __future__ import annotations

import csv
from pathlib import Path

import chainatlas as ca

NAMES = ("山东小松工程机械有限公司", "小松")


def loaded(folder: Path) -> Path:
    (folder / "企业.csv").write_text(
        f"企业名称,所在市,主营产品\n{NAMES[0]},济宁市,挖掘机\n{NAMES[1]},济宁市,挖掘机\n", encoding="utf-8"
    )
    ca.load(folder / "w", [folder / "企业.csv"])
    return folder / "w"


def test_demo_gives_its_page_and_the_most_telling_gaps(tmp_path: Path) -> None:
    made = ca.demo(tmp_path / "w", lang="zh")
    assert made.page == tmp_path / "w" / "atlas.html"
    assert "</html>" in made.page.read_text(encoding="utf-8")
    assert len(made.gaps.rows) == 10
    atlas = ca.open(tmp_path / "w")
    for row in made.gaps.rows:
        links = {gap["link"] for gap in ca.gaps(atlas, chain=row["chain"], place=row["place"]).rows}
        assert row["link"] in links


def test_review_decide_and_take_back(tmp_path: Path) -> None:
    home = loaded(tmp_path)
    (pair,) = ca.review(home).rows
    assert {pair["name_a"], pair["name_b"]} == set(NAMES)
    apart = len(ca.to_pandas(ca.open(home))["Enterprise"])
    ca.decide(home, pair["a"], pair["b"], "same", by="示例")
    assert len(ca.to_pandas(ca.open(home))["Enterprise"]) == apart - 1
    ca.decide(home, pair["a"], pair["b"], "different", by="示例")
    assert len(ca.to_pandas(ca.open(home))["Enterprise"]) == apart


def test_decisions_come_back_from_a_table(tmp_path: Path) -> None:
    home = loaded(tmp_path)
    (pair,) = ca.review(home).rows
    with (tmp_path / "d.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("a", "b", "decision"), (pair["a"], pair["b"], "same")])
    told = {r["what"]: r["value"] for r in ca.import_decisions(home, tmp_path / "d.csv", by="示例").rows}
    assert told["recorded"] == 1
    assert ca.review(home).rows == []


def test_networkx_and_back_keeps_the_hash(demo_folder: Path) -> None:
    atlas = ca.open(demo_folder)
    graph = ca.to_networkx(atlas)
    assert graph.number_of_nodes() == sum(len(t) for t in atlas.snapshot.graph.nodes.values())
    assert ca.from_networkx(graph).snapshot.hash == atlas.snapshot.hash


def test_sources_count_every_statement(demo_folder: Path) -> None:
    atlas = ca.open(demo_folder)
    graph = atlas.snapshot.graph
    tables = [*graph.node_claims.values(), *graph.relation_claims.values()]
    found = ca.sources(atlas).rows
    assert sum(r["claims"] for r in found) == sum(len(t) for t in tables)
    assert all(r["first_date"] is None or r["first_date"] <= r["last_date"] for r in found)


def test_the_schema_is_told_with_the_extension_of_a_workspace(tmp_path: Path) -> None:
    home = loaded(tmp_path)
    (home / "schema.toml").write_text(
        '[node.Enterprise.props]\nslogan = {zh="口号", en="Slogan", type="text"}\n', "utf-8"
    )
    assert "口号" in ca.schema_text(home)
    assert "口号" not in ca.schema_text(tmp_path / "nowhere")
