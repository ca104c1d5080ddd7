"""Mapping files: other people's tables, read without code, checked against what they are known to hold."""

from __future__ import annotations

from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest
from building import links, names, write

from chainatlas.graph.columns.tables import Graph
from chainatlas.graph.schema.errors import LoadError
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.load import LoadReport, load

MAPPINGS = Path(__file__).parents[2] / "mappings"
Loaded = tuple[LoadReport, Graph, Path]


def _load(home: Path, folder: Path, mapping: str) -> Loaded:
    report = load(home, [folder], mapping=MAPPINGS / mapping)
    return report, Workspace.open(home).graph(), home


@pytest.fixture(scope="module")
def eto(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """The advanced-semiconductor supply chain of CSET/ETO."""
    return _load(tmp_path_factory.mktemp("eto") / "w", shared / "data" / "eto", "eto.toml")


@pytest.fixture(scope="module")
def ickg(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """Triples of a Chinese graph of industries and firms."""
    return _load(tmp_path_factory.mktemp("ickg") / "w", shared / "data" / "ickg_subset", "ickg.toml")


def rows(graph: Graph, statement: str) -> list[dict[str, Any]]:
    return [dict(row) for row in graph.statements[statement].to_pylist()]


def of(report: LoadReport, file: str) -> dict[str, int]:
    """Rows read by type, of one file."""
    return {s.type: s.read for s in report.sheets if s.file == file}


def left(report: LoadReport, file: str) -> int:
    """Rows told as not read."""
    return sum(1 for name, _, _, why, _ in report.passed if name == file and why in ("not_chosen", "not_mapped"))


# CSET/ETO -----------------------------------------------------------------------------------------


def test_eto_126_inputs_and_nothing_refused(eto: Loaded) -> None:
    report, graph, _ = eto
    assert report.rejects == ()
    assert len(names(graph, "Product")) == 126
    assert links(graph, "IN_CHAIN") == {(p, "先进半导体") for p in names(graph, "Product")}


def test_eto_403_providers_four_of_them_several_times(eto: Loaded) -> None:
    report, graph, _ = eto
    assert of(report, "providers.csv") == {"Region": 22, "Enterprise": 379}
    assert left(report, "providers.csv") == 2, "the two that name nobody: Various countries, Various companies"
    firms = names(graph, "Enterprise")
    assert len(firms) == len(set(firms)) == 372, "379 rows, seven of them further names of four firms"
    several = {r["name"]: r["short_name"] for r in graph.nodes["Enterprise"].to_pylist() if r["short_name"]}
    assert {"Canon ANELVA", "Canon Machinery"} == set(several["Canon"].split("\x1f"))
    assert {"Rudolph Technologies", "Nanometrics"} == set(several["Onto Innovation"].split("\x1f"))
    assert {"Grand Plastic Technology", "Grand Process Technology"} == set(several["Grand Process"].split("\x1f"))
    assert several["Hanwha Semitech"] == "Hanwha Precision Machinery"
    every = [n for kind in graph.nodes for n in names(graph, kind)]
    assert [n for n in every if n.startswith("Various")] == []


def test_eto_1300_rows_of_provision(eto: Loaded, shared: Path) -> None:
    import csv

    with (shared / "data" / "eto" / "provision.csv").open(encoding="utf-8") as file:
        given = list(csv.DictReader(file))
    assert (len(given), sum(bool(r["share_provided"]) for r in given)) == (1300, 1054)
    nobody, stages = {"P5", "P370"}, {"S1", "S2", "S3"}
    chosen = [r for r in given if r["provider_id"] not in nobody and r["provided_id"] not in stages]
    report, graph, _ = eto
    read = of(report, "provision.csv")
    assert sum(read.values()) + left(report, "provision.csv") == 1300
    makes = graph.relations["PRODUCES"]
    shares = [s for s in makes["capacity"].to_pylist() if s is not None]
    counted = [r["value"] for r in rows(graph, "Statistic")]
    assert len(shares) + len(counted) == sum(bool(r["share_provided"]) for r in chosen)
    assert round(sum(shares) + sum(counted), 6) == round(sum(float(r["share_provided"] or 0) for r in chosen), 6)
    assert makes.num_rows == read["PRODUCES"] == 650
    assert set(makes["capacity_unit"].to_pylist()) == {"世界市场份额 %"}


def test_eto_139_edges_of_two_kinds(eto: Loaded) -> None:
    report, graph, _ = eto
    assert of(report, "sequence.csv") == {"INPUT_OF": 53, "KIND_OF": 86}
    assert (graph.relations["INPUT_OF"].num_rows, graph.relations["KIND_OF"].num_rows) == (53, 86)
    assert ("EUV lithography tools", "Lithography tools") in links(graph, "KIND_OF")


def test_eto_flow_is_a_dag_of_44_with_one_sink(eto: Loaded) -> None:
    _, graph, _ = eto
    flow = links(graph, "INPUT_OF")
    inputs: dict[str, set[str]] = {}
    for a, b in flow:
        inputs.setdefault(b, set()).add(a)
    length: dict[str, int] = {}
    for name in TopologicalSorter(inputs).static_order():  # raises where there is a cycle
        length[name] = max((length[i] + 1 for i in inputs.get(name, ())), default=0)
    assert (len(length), max(length.values())) == (44, 10)
    assert {b for _, b in flow} - {a for a, _ in flow} == {"Finished logic chip"}


def test_eto_shares_of_countries(eto: Loaded) -> None:
    _, graph, _ = eto
    shares = {(r["subject"], r["place"]): r["value"] for r in rows(graph, "Statistic") if r["measure"] == "市场份额"}
    euv = {place: value for (subject, place), value in shares.items() if subject == "EUV lithography tools"}
    assert list(euv.values()) == [100.0]
    masks = [value / 100 for (subject, _), value in shares.items() if subject == "Photomasks"]
    assert sorted(masks) == [0.07, 0.4, 0.53]
    assert round(sum(s * s for s in masks), 4) == 0.4458


def test_eto_evidence_names_the_source_and_row(eto: Loaded) -> None:
    _, graph, _ = eto
    said = graph.relation_claims["PRODUCES"]
    assert any("TechInsights" in s for s in said["source"].to_pylist())
    assert set(graph.relation_claims["INPUT_OF"]["source"].to_pylist()) == {"CSET/ETO sequence"}


def test_eto_again_changes_nothing(eto: Loaded, shared: Path) -> None:
    report, _, home = eto
    again = load(home, [shared / "data" / "eto"], mapping=MAPPINGS / "eto.toml")
    assert (again.load, again.hash) == (None, report.hash)
    assert all(s.read == s.unchanged for s in again.sheets)


# ICKG ---------------------------------------------------------------------------------------------


def test_ickg_every_triple_is_told(ickg: Loaded, shared: Path) -> None:
    report, graph, _ = ickg
    for file, count in (("train.txt", 9850), ("valid.txt", 1231)):
        assert sum(s.read for s in report.sheets if s.file == file) + left(report, file) == count
    texts = [(shared / "data" / "ickg_subset" / f).read_text(encoding="utf-8") for f in ("train.txt", "valid.txt")]
    given = Counter(line.split("\t")[1] for text in texts for line in text.splitlines())
    assert left(report, "train.txt") + left(report, "valid.txt") == given["11"] + given["5"] + given["8"], (
        "competes, takes over and the made-up patents"
    )
    assert Counter(r.code for r in report.rejects) == {"reject_self": 36}
    assert ("芯片行业", "人形机器人") in links(graph, "INPUT_OF")
    assert ("东风", "岚图汽车科技有限公司") in links(graph, "OWNS")
    assert ("华为", "上汽") in links(graph, "SUPPLIES")


def test_ickg_ends_are_named_not_numbered(ickg: Loaded, shared: Path) -> None:
    _, graph, _ = ickg
    text = (shared / "data" / "ickg_subset" / "entity2id.txt").read_text(encoding="utf-8")
    known = {line.rsplit("\t", 1)[0] for line in text.splitlines()}
    found = {n for kind in ("Enterprise", "Industry") for n in names(graph, kind)}
    assert found <= known
    assert len(found) > 1400


# The file itself ------------------------------------------------------------------------------------

SHEET = "单位,货,比例\n甲公司,隔膜,40\n乙公司,铜箔,x\n,涂布机,5\n丙公司,停产,1\n"
READING = """[[sheet]]
    file = "数*.csv"
    as = "PRODUCES"
    where = ["单位"]
    unless = { "货" = "停产" }
    columns = { "单位" = "起点", "货" = "终点", "比例" = "占比" }
    units = { "比例" = "%" }
    values = { "来源" = "示例" }
    stubs = true"""


def test_a_mapping_is_remembered_by_the_header(tmp_path: Path) -> None:
    first, later = write(tmp_path / "a", "数.csv", SHEET), write(tmp_path / "b", "改名.csv", SHEET + "丁公司,隔膜,7\n")
    report = load(tmp_path / "w", [first], mapping=write(tmp_path, "读法.toml", READING))
    assert [(s.type, s.read, s.new, s.cells) for s in report.sheets] == [("PRODUCES", 2, 2, 1)]
    assert Counter(why for *_, why, _ in report.passed) == {"not_chosen": 2}
    assert len(list((tmp_path / "w" / "mappings").glob("*.json"))) == 1
    again = load(tmp_path / "w", [later])
    assert [(s.file, s.type, s.read, s.new, s.unchanged) for s in again.sheets] == [("改名.csv", "PRODUCES", 3, 1, 2)]
    other = write(tmp_path / "c", "数.csv", SHEET.replace("比例", "份额"))
    with pytest.raises(LoadError, match="看不出"):
        load(tmp_path / "w", [other])


def test_sheets_that_the_mapping_does_not_name_are_read_as_they_are_or_told(tmp_path: Path) -> None:
    folder = tmp_path / "f"
    write(folder, "数.csv", SHEET)
    write(folder, "企业.csv", "企业名称\n戊公司")
    write(folder, "杂.csv", "x,y\n1,2\n3,4")
    report = load(tmp_path / "w", [folder], mapping=write(tmp_path, "读法.toml", READING))
    assert {s.file: s.read for s in report.sheets} == {"数.csv": 2, "企业.csv": 1}
    assert [(row, why) for file, _, row, why, _ in report.passed if file == "杂.csv"] == [
        (2, "not_mapped"), (3, "not_mapped")]  # fmt: skip


def test_title_rows_above_the_header_do_not_hide_it(tmp_path: Path) -> None:
    path = write(tmp_path, "数.csv", "某区产品一览,,\n" + SHEET)
    report = load(tmp_path / "w", [path], mapping=write(tmp_path, "读法.toml", READING))
    assert [(s.read, s.new) for s in report.sheets] == [(2, 2)]
    assert {why for *_, why, _ in report.passed} == {"title", "not_chosen"}


WRONG = {
    "no TOML": ("[[sheet", "mapping_unreadable"),
    "no sheet": ("a = 1", "mapping_unreadable"),
    "an unknown key": ('[[sheet]]\nfile = "a"\nas = "企业"\nfarbe = "rot"', "mapping_key"),
    "no type": ('[[sheet]]\nfile = "数.csv"', "mapping_key"),
    "a type that is none": ('[[sheet]]\nfile = "数.csv"\nas = "飞船"', "as_unknown"),
    "a list for a table": ('[[sheet]]\nfile = "数.csv"\nas = "企业"\ncolumns = ["单位"]', "mapping_value"),
    "a number for a text": ('[[sheet]]\nfile = "数.csv"\nas = "企业"\nvalues = { "来源" = 3 }', "mapping_value"),
    "a look-up without its column": (
        '[[sheet]]\nfile = "数.csv"\nas = "企业"\nlookup = { "单位" = { file = "x.csv", key = 0 } }', "mapping_value"),
    "a look-up in a column that is not there": (
        '[[sheet]]\nfile = "数.csv"\nas = "企业"\nlookup = { "单位" = { file = "数.csv", key = 0, value = 9 } }',
        "mapping_column"),
    "a look-up in a file that is not there": (
        '[[sheet]]\nfile = "数.csv"\nas = "企业"\nlookup = { "单位" = { file = "x.csv", key = 0, value = 1 } }',
        "file_missing"),
    "a column that is not there": (
        '[[sheet]]\nfile = "数.csv"\nas = "企业"\ncolumns = { "公司" = "企业名称" }', "mapping_column"),
    "a file that is not there": ('[[sheet]]\nfile = "别的.csv"\nas = "企业"', "mapping_none"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_mapping_file_with_a_fault_is_refused(case: str, tmp_path: Path) -> None:
    text, code = WRONG[case]
    with pytest.raises(LoadError) as bad:
        load(tmp_path / "w", [write(tmp_path, "数.csv", SHEET), write(tmp_path, "企业.csv", "企业名称\n甲")],
             mapping=write(tmp_path, "读法.toml", text))  # fmt: skip
    assert bad.value.code == code
    assert bad.value.text("zh") != bad.value.text("en")
    assert not (tmp_path / "w").exists()
