"""Policies: the founding text whole, an invented one of other style, other formats, what is no policy."""

from __future__ import annotations

import csv
import doctest
import importlib
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from document_files import write_docx, write_pdf

from chainatlas.graph.columns.text import LIST_SEPARATOR
from chainatlas.graph.fold.fold import Folded, Loaded, fold
from chainatlas.graph.schema.errors import LoadError
from chainatlas.graph.schema.types import load_schema
from chainatlas.loaders.documents.clauses import Clause, read_clauses
from chainatlas.loaders.documents.documents import lines_in, read_document
from chainatlas.loaders.documents.goals import dues, goals
from chainatlas.loaders.documents.policy import read_policy
from chainatlas.loaders.documents.wording import Wording
from chainatlas.loaders.load import gather, load
from chainatlas.loaders.rows.records import Gathered
from chainatlas.loaders.values.places import Places

HERE = Path(__file__).parent
FOUNDING = HERE / "policy_2015_4.md"  # 鲁政办发〔2015〕4号, as published
EXAMPLE = HERE / "policy_example.md"  # invented (示例): another province, other brackets, other dates
SCHEMA = load_schema()
NUMBER = "鲁政办发〔2015〕4号"
REGIONS = {
    "山东半岛蓝色经济区": ["半导体发光", "高端聚氨酯", "海洋生物技术与医药"],
    "黄河三角洲高效生态经济区": ["高端石油装备", "铜冶炼与铜材深加工", "高效生态农业"],
    "省会城市群经济圈": ["云计算", "智能输配电", "高分子材料", "先进陶瓷", "矿山机械", "钢铁新材料"],
    "西部隆起带": ["生物技术与医药", "新能源电动汽车", "复合材料"],
    "资源枯竭型城市": ["工程机械", "数控加工装备制造", "锂电"],
}
STRATEGIC = ["新一代信息技术", "海洋新兴产业", "新材料", "生物医药", "新能源", "节能环保", "高端装备制造"]
TRADITIONAL = ["轻工", "纺织", "机械", "化工", "冶金", "建材"]
KINDS = {
    "二(五)": ["重点实验室", "工程实验室", "工程（技术）研究中心", "企业技术中心", "产业技术研究院", "公共技术创新平台",
               "大型科学仪器设备协作共用平台", "孵化器", "生产力促进中心", "知识产权信息服务与利用中心", "技术转移机构",
               "高层次人才", "创新团队"],
    "三(二)": ["股权投资引导基金", "产业投资基金", "成果转化先导资金", "天使投资", "创业投资", "科技保险", "科技担保",
               "知识产权质押"],
    "一(一)": ["产业技术创新战略联盟", "高新技术产业开发区", "高新技术特色产业基地", "核心技术"],
    "一(二)": ["两区一圈一带"],
    "二(二)": ["关键材料", "核心器件", "智能装备", "节能减排", "产业链", "技术链", "产品链", "价值链"],
    "二(三)": ["骨干企业", "高等院校", "科研单位", "关键共性技术", "重大科技攻关", "国家科技计划", "省科技计划"],
}  # fmt: skip


def read(path: Path, source: str | None = None, as_of: str | None = None) -> Gathered:
    gathered = Gathered()
    read_policy(path, SCHEMA, gathered, Places({}), source, as_of)
    return gathered


def folded(*gathered: Gathered) -> Folded:
    return fold([Loaded(n, g.batch()) for n, g in enumerate(gathered, 1)], SCHEMA, len(gathered))


def ends(found: Folded, relation: str, src: str, dst: str) -> set[tuple[str, str]]:
    """Return the names at the ends of the relations between two types."""
    names, first, last = [], {}, {}
    for kind, table in found.graph.nodes.items():
        first[kind] = len(names)
        names += table["name"].to_pylist()
        last[kind] = len(names)
    pairs = zip(*(found.graph.relations[relation][c].to_pylist() for c in ("src", "dst")), strict=True)
    return {(names[a], names[b]) for a, b in pairs if first[src] <= a < last[src] and first[dst] <= b < last[dst]}


def nodes(found: Folded, kind: str) -> list[dict[str, Any]]:
    return list(found.graph.nodes[kind].to_pylist())


def lists(text: str) -> list[tuple[str, str, tuple[str, ...], bool]]:
    clause = Clause("一", "", text)
    wording = Wording(SCHEMA, Places({}), text)
    return [(one.type, one.name, one.regions, one.supported) for one in wording.listed(clause)]


def targets(text: str, title: str = "主要任务", issued: str = "2024-05-06") -> list[tuple[Any, ...]]:
    found = goals(Clause("一", title, text), issued)
    return [(g.measure, g.value, g.unit, g.comparison, g.due.date if g.due else None) for g, _ in found]


@pytest.fixture(scope="module")
def founding() -> Folded:
    return folded(read(FOUNDING))


# the founding text ----------------------------------------------------------------------------


def test_head_of_the_founding_text(founding: Folded) -> None:
    (policy,) = nodes(founding, "Policy")
    assert policy["number"] == NUMBER
    assert policy["name"] == "山东省人民政府办公厅转发省科技厅关于加快推动创新型产业集群发展的意见的通知"
    assert (policy["issued"], policy["issuer"]) == ("2015-01-23", "山东省人民政府办公厅")


def test_clauses_equal_those_of_the_bundled_data(root: Path) -> None:
    with (root / "data" / "shandong" / "条款.csv").open(encoding="utf-8") as file:
        bundled = [(r["条款编号"], r["条款标题"], r["条文"]) for r in csv.DictReader(file)]
    found = read_clauses(read_document(FOUNDING))
    assert [(f"{found.number}/{c.label}", c.title, c.text) for c in found.clauses] == bundled
    assert len(bundled) == 13


def test_eighteen_clusters_in_five_regions(founding: Folded) -> None:
    wanted = {(f"{c}产业集群", region) for region, names in REGIONS.items() for c in names}
    assert len(wanted) == 18
    assert ends(founding, "LOCATED_IN", "Cluster", "Region") == wanted
    supported = ends(founding, "SUPPORTS", "Clause", "Cluster")
    assert supported == {("统筹集群的科学布局", name) for name, _ in wanted}
    assert {c["kind"] for c in nodes(founding, "Cluster")} == {"创新型产业集群"}
    assert ends(founding, "PART_OF", "Region", "Region") >= {(region, "山东省") for region in REGIONS}
    assert ends(founding, "SUPPORTS", "Clause", "Region") == {("统筹集群的科学布局", r) for r in REGIONS}


def test_dated_targets(founding: Folded) -> None:
    found = {t["number"]: t for t in nodes(founding, "Target")}
    shown = [(t["measure"], t["goal"], t["unit"], t["comparison"], t["due"], t["description"])
             for t in (found[f"{NUMBER}/目标/{n}"] for n in (1, 2, 3, 4))]  # fmt: skip
    assert shown == [
        ("产值过千亿元集群", 5, "个", "≥", "2015-12-31", None),
        ("新培育集群", 15, "个", "=", "2020-12-31", "2016-01-01/2020-12-31"),
        ("产值过千亿元集群", 20, "个", "≥", "2020-12-31", None),
        ("重点支持集群", 20, "个", "=", None, None),
    ]
    assert len(found) == 4
    assert {a for a, _ in ends(founding, "SETS", "Clause", "Target")} == {"主要目标", "统筹集群的科学布局"}
    assert {b for _, b in ends(founding, "LOCATED_IN", "Target", "Region")} == {"山东省"}


def test_industries(founding: Folded) -> None:
    kinds = {i["name"]: i["kind"] for i in nodes(founding, "Industry")}
    assert kinds == dict.fromkeys(STRATEGIC, "战略性新兴产业") | dict.fromkeys(TRADITIONAL, "传统产业")
    assert {b for _, b in ends(founding, "SUPPORTS", "Clause", "Industry")} == set(kinds)


@pytest.mark.parametrize("clause", KINDS)
def test_kinds_that_clauses_mention(founding: Folded, clause: str) -> None:
    found = {c["number"]: c["mentions"] for c in nodes(founding, "Clause")}
    assert set(KINDS[clause]) <= set(found[f"{NUMBER}/{clause}"].split(LIST_SEPARATOR))


def test_every_kind_of_the_schema_that_the_text_names_is_found(founding: Folded) -> None:
    """Platforms, services and funds: whatever kind the schema lists and the text names."""
    text = FOUNDING.read_text(encoding="utf-8")
    mentioned = {m for c in nodes(founding, "Clause") for m in (c["mentions"] or "").split(LIST_SEPARATOR)}
    for kind in ("Platform", "Service", "Fund"):
        named = {v for v in SCHEMA.nodes[kind].props["kind"].values if v in text}
        assert len(named) >= 3
        assert named <= mentioned, kind


def test_the_command_loads_it(tmp_path: Path) -> None:
    report = load(tmp_path / "w", [FOUNDING], as_type="Policy")
    assert [(s.type, s.read, s.new, s.rejected) for s in report.sheets] == [("Policy", 14, 14, 0)]
    again = load(tmp_path / "w", [FOUNDING], as_type="Policy")
    assert (again.load, again.hash) == (None, report.hash)


def test_the_founding_text_is_the_published_one(shared: Path) -> None:
    assert FOUNDING.read_bytes() == (shared / "seed" / "policy_2015_4.md").read_bytes()


@pytest.mark.parametrize("path", [FOUNDING, EXAMPLE], ids=["founding", "example"])
def test_every_hit_cites_a_sentence_that_stands_in_the_document(path: Path) -> None:
    text = re.sub(r"[\s*#]|^---$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    clauses = {c.label: c for c in read_clauses(read_document(path)).clauses}
    batch = read(path).batch()
    cited = 0
    for table in (*batch.nodes.values(), *batch.relations.values()):
        for row in table.to_pylist():
            if row["_row"] < 2:
                continue
            assert row["source"]
            assert row["as_of"]
            assert row["confidence"]
            label, mark, sentence = row["source_ref"].partition("：")
            if mark:
                cited += 1
                assert sentence.strip("…") in text, sentence
                name, position = re.fullmatch(r"(.+?)(?:第(\d+)句|标题)", label).groups()  # type: ignore[union-attr]
                whole = {s.position: s.text for s in clauses[name].sentences}[int(position or 0)]
                assert sentence.strip("…") in whole
                assert (row.get("short_name") or "") in sentence
    assert cited > 20


def test_every_row_is_accounted_for_and_loading_twice_adds_nothing() -> None:
    gathered = read(FOUNDING)
    (sheet,) = gathered.sheets
    assert (sheet.type, sheet.read) == ("Policy", 14)
    first, again = folded(gathered), folded(gathered, read(FOUNDING))
    for found in (first, again):
        assert not found.pending
        assert found.outcome.rows(0)[0].tolist() == list(range(1, 15))
    assert not again.outcome.changed
    assert first.graph.hash == again.graph.hash


def test_lines_outside_the_clauses_are_told() -> None:
    told = [text for *_, text in read(FOUNDING).passed]
    assert "各民主党派省委。" in told
    assert "二、工作重点" in told
    assert not any("半导体发光" in text for text in told)


def test_the_policy_meets_the_bundled_data(root: Path) -> None:
    bundled = gather([root / "data" / "shandong"], SCHEMA, known={})
    alone, both = folded(bundled), folded(bundled, read(FOUNDING))
    for kind in ("Policy", "Clause", "Target", "Cluster", "Industry", "Region"):
        assert both.graph.nodes[kind]["key"].to_pylist() == alone.graph.nodes[kind]["key"].to_pylist(), kind


def test_source_and_date_given_win() -> None:
    table = read(FOUNDING, "省政府网站", "2024").batch().nodes["Clause"]
    assert set(table["source"].to_pylist()) == {"省政府网站"}
    assert set(table["as_of"].to_pylist()) == {"2024"}


# an invented policy of another style ----------------------------------------------------------


def test_an_invented_policy_of_another_province() -> None:
    gathered = read(EXAMPLE)
    found = folded(gathered)
    (policy,) = nodes(found, "Policy")
    head = (policy["number"], policy["issued"], policy["issuer"])
    assert head == ("浙示例发〔2024〕99号", "2024-05-06", "浙江省示例厅")
    labels = [c.label for c in read_clauses(read_document(EXAMPLE)).clauses]
    assert labels == ["一（一）", "一（二）", "二（一）", "二（二）", "三"]
    assert ends(found, "LOCATED_IN", "Cluster", "Region") == {
        ("数字安防产业集群", "杭州市"), ("网络通信产业集群", "杭州市"), ("绿色石化产业集群", "宁波市"),
        ("绿色石化产业集群", "舟山市"), ("智能光伏产业集群", "示例湾产业带"), ("现代纺织产业集群", "示例湾产业带"),
        ("海洋装备产业集群", "示例湾产业带")}  # fmt: skip
    assert {b for _, b in ends(found, "SUPPORTS", "Clause", "Industry")} == {"生命健康", "软件和信息技术服务"}
    due = {t["measure"]: (t["goal"], t["unit"], t["comparison"], t["due"]) for t in nodes(found, "Target")}
    assert due == {
        "全省集群总产值": (3, "万亿元", ">", "2027-12-31"), "培育千亿级集群": (8, "个", "≥", "2027-12-31"),
        "培育百亿级集群": (20, "个", "≈", "2027-12-31"), "研发投入强度": (3.5, "%", "≥", "2027-12-31"),
        "新建省级重点实验室": (10, "家", "=", "2025-12-31"), "单位产值能耗": (0.4, "吨", "≤", "2030-12-31"),
        "支持骨干企业": (30, "家", "=", None)}  # fmt: skip
    mentioned = {c["number"].rpartition("/")[2]: c["mentions"] or "" for c in nodes(found, "Clause")}
    assert {"工程（技术）研究中心", "孵化器", "股权投资引导基金"} <= set(mentioned["二(二)"].split(LIST_SEPARATOR))
    assert {"水泥", "平板玻璃"} <= set(mentioned["二(一)"].split(LIST_SEPARATOR))  # named, not supported
    assert not found.pending


# other formats --------------------------------------------------------------------------------


def assert_equal_records(first: Gathered, second: Gathered) -> None:
    one, two = first.batch(), second.batch()
    for part in ("nodes", "relations"):
        left, right = getattr(one, part), getattr(two, part)
        assert left.keys() == right.keys()
        for name in left:
            assert left[name].to_pylist() == right[name].to_pylist(), name
    assert folded(first).graph.hash == folded(second).graph.hash


@pytest.mark.parametrize("path", [FOUNDING, EXAMPLE], ids=["founding", "example"])
def test_word_gives_equal_records(path: Path, tmp_path: Path) -> None:
    assert_equal_records(read(path), read(write_docx(tmp_path / "文件.docx", read_document(path))))


@pytest.mark.parametrize("path", [FOUNDING, EXAMPLE], ids=["founding", "example"])
def test_pdf_gives_equal_records(path: Path, tmp_path: Path) -> None:
    pytest.importorskip("pypdf")
    assert_equal_records(read(path), read(write_pdf(tmp_path / "文件.pdf", read_document(path))))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_plain_text_in_other_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "文件.txt"
    path.write_bytes("\r\n".join(read_document(FOUNDING)).encode(encoding))
    assert_equal_records(read(FOUNDING), read(path))


# refusals -------------------------------------------------------------------------------------


def refused(path: Path) -> str:
    with pytest.raises(LoadError) as caught:
        read(path)
    assert path.name in str(caught.value)
    return caught.value.code


@pytest.mark.parametrize(("text", "code"), [
    ("# 读书笔记\n\n一、第一章\n\n写得好。\n\n二、第二章\n\n也好。", "policy_untitled"),
    ("示例发〔2024〕1号\n\n关于示例的通知\n\n请遵照执行。", "policy_no_clauses"),
    ("\n\n---\n\n", "file_empty"), ("", "file_empty"),
])  # fmt: skip
def test_what_is_no_policy_is_refused(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "文件.md"
    path.write_text(text, encoding="utf-8")
    assert refused(path) == code


def test_damaged_and_unsafe_word_files(tmp_path: Path) -> None:
    lines = read_document(EXAMPLE)
    entity = '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    assert refused(write_docx(tmp_path / "a.docx", lines, entity)) == "document_unsafe"
    whole = write_docx(tmp_path / "b.docx", lines).read_bytes()
    (tmp_path / "b.docx").write_bytes(whole[: len(whole) // 2])
    assert refused(tmp_path / "b.docx") == "file_unreadable"
    (tmp_path / "c.doc").write_bytes(b"\xd0\xcf\x11\xe0")
    assert refused(tmp_path / "c.doc") == "document_kind"


def test_pdf_without_text_locked_damaged(tmp_path: Path) -> None:
    pytest.importorskip("pypdf")
    assert refused(write_pdf(tmp_path / "扫描.pdf", [])) == "document_scanned"
    assert refused(write_pdf(tmp_path / "锁.pdf", ["一、示例"], locked=True)) == "document_locked"
    (tmp_path / "坏.pdf").write_bytes(b"%PDF-1.7\nnothing")
    assert refused(tmp_path / "坏.pdf") == "file_unreadable"


@pytest.mark.parametrize("limit", [MemoryError, RecursionError])
def test_a_limit_met_in_a_document_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: type[Exception]
) -> None:
    """The reading process tells which limit it was; caught here, it would be called a damaged file."""
    pypdf = pytest.importorskip("pypdf")

    def fail(*_: object) -> None:
        raise limit

    monkeypatch.setattr(pypdf.PageObject, "extract_text", fail)
    path = write_pdf(tmp_path / "文件.pdf", ["一、示例"])
    with pytest.raises(limit):
        list(lines_in(path, {}, lambda *_: None))


def test_pdf_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdf", None)
    assert refused(write_pdf(tmp_path / "文件.pdf", ["一、示例"])) == "document_library"


# rules ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "due"), [
    ("到“十四五”末，", "2025-12-31"), ("“十五五”期间，", "2030-12-31"), ("十五五时期，", "2030-12-31"),
    ("到2027年底，", "2027-12-31"), ("2026年6月底前，", "2026-06-30"), ("到二〇三〇年，", "2030-12-31"),
    ("2025—2027年，", "2027-12-31"), ("三年内，", "2027-05-06"), ("到２０２６年，", "2026-12-31"),
    ("较2024年增长，", None), ("自2025年5月1日起", None), ("按照“十四五”规划要求，", None), ("到2020年，", None),
])  # fmt: skip
def test_due_dates(text: str, due: str | None) -> None:
    assert next((d.date for d in dues(text, "2024-05-06")), None) == due


@pytest.mark.parametrize(("text", "found"), [
    ("到2027年,集群产值突破2万亿元;企业达到1.5万家。", [
        ("集群产值", 2, "万亿元", ">", "2027-12-31"), ("企业", 15000, "家", "≥", "2027-12-31")]),
    ("到2027年，培育5个集群、10家具有竞争力的企业。", [
        ("培育集群", 5, "个", "=", "2027-12-31"), ("培育企业", 10, "家", "=", "2027-12-31")]),
    ("到2027年，打造10个产值超百亿元的产业集群。", [("打造产值超百亿元的产业集群", 10, "个", "=", "2027-12-31")]),
    ("对首次突破1亿元的企业给予50万元奖励，每家最高200万元。", []),
    ("到2026年，产值达到5亿元。另支持20家企业。", [
        ("产值", 5, "亿元", "≥", "2026-12-31"), ("支持企业", 20, "家", "=", None)]),
])  # fmt: skip
def test_targets(text: str, found: list[tuple[Any, ...]]) -> None:
    assert targets(text) == found


def test_a_date_holds_on_in_a_clause_of_targets_only() -> None:
    text = "到2027年，产值达到5亿元。新建10家平台。"
    assert targets(text, "发展目标")[1][4] == "2027-12-31"
    assert targets(text)[1][4] is None


@pytest.mark.parametrize(("text", "found"), [
    ("重点支持甲材、乙器等集群。", [("甲材", ()), ("乙器", ())]),
    ("在杭州市、宁波市重点发展甲材产业集群。", [("甲材", ("杭州市", "宁波市"))]),
    ("重点集群：甲材、乙器、丙料。", [("甲材", ()), ("乙器", ()), ("丙料", ())]),
    ("培育甲材和乙器等一批千亿级先进制造业集群。", [("甲材", ()), ("乙器", ())]),
    ("打造甲材（含丁、戊）、乙器两大集群", [("甲材（含丁、戊）", ()), ("乙器", ())]),
    ("支持发展潜力大、创新能力强的集群。", []), ("围绕甲材、乙器等领域培育集群。", []),
    ("推动创新资源向集群集聚。", []),
])  # fmt: skip
def test_lists_of_clusters(text: str, found: list[tuple[str, tuple[str, ...]]]) -> None:
    assert [(name, regions) for kind, name, regions, _ in lists(text) if kind == "Cluster"] == found


def test_what_is_to_be_cut_back_is_not_supported() -> None:
    found = lists("严格控制钢铁、水泥等传统产业新增产能。")
    assert found == [("Industry", "钢铁", (), False), ("Industry", "水泥", (), False)]


@pytest.mark.parametrize(("lines", "labels"), [
    (["一、甲", "（一）乙。文。", "（二）丙。文。", "二、丁", "(一) 戊。文。"], ["一（一）", "一（二）", "二（一）"]),
    (["第一章 总则", "第一条 文。", "第二条 文。", "第二章 附则", "第三条 文。"],
     ["第一章第一条", "第一章第二条", "第二章第三条"]),
    (["1.甲。文。", "2.乙。文。", "（1）丙。", "（2）丁。"], ["1", "2", "2（1）", "2（2）"]),
    (["一、甲。文，见", "（三）项所述，", "文。", "二、乙。文。"], ["一", "二"]),
    (["一、甲。引言。", "〔一〕乙。文。", "【二】丙。文。", "二、丁。文。"], ["一", "一（一）", "一（二）", "二"]),
])  # fmt: skip
def test_headings_in_all_styles(lines: list[str], labels: list[str]) -> None:
    found = read_clauses(["示例发〔2024〕1号", "关于示例的通知", *(line.replace(" ", "") for line in lines)])
    assert sorted(c.label for c in found.clauses) == sorted(labels)


@pytest.mark.parametrize("name", ["clauses", "documents", "goals", "wording", "policy"])
def test_examples_of_the_documentation(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"chainatlas.loaders.documents.{name}")).failed == 0
