"""Nobody is joined to another: the cases of wrong merges, of repeated names and of ends without a type."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from building import write

import chainatlas
from chainatlas import api, reviewing
from chainatlas.graph.schema.errors import LoadError
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.load import LoadReport


@pytest.fixture
def cases(shared: Path) -> Path:
    return shared / "cases" / "lists"


def nodes(folder: Path, kind: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = Workspace.open(folder).table("nodes", kind).to_pylist()
    return rows


def named(path: Path) -> list[str]:
    return [row["企业名称"] for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())]


def notes(report: LoadReport, lang: str = "zh") -> list[str]:
    return list(api.load_result(report).in_language(lang).notes_in(lang))


# 04: firms that differ -------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "firms"), [("names", 21), ("places", 8), ("hist", 3)])
def test_firms_that_differ_stay_apart(cases: Path, tmp_path: Path, name: str, firms: int) -> None:
    report = chainatlas.load(tmp_path / "w", cases / "04-wrong-merge" / f"{name}.csv")
    given = set(named(cases / "04-wrong-merge" / f"{name}.csv"))
    assert {r["name"] for r in nodes(tmp_path / "w", "Enterprise")} == given
    assert len(given) == firms
    assert report.joined == ()


def test_firms_whose_codes_cannot_be_read_stay_apart(cases: Path, tmp_path: Path) -> None:
    names = named(cases / "04-wrong-merge/uscc.csv")
    chainatlas.load(tmp_path / "w", write(tmp_path, "企业.csv", "企业名称\n" + "\n".join(names)))
    assert sorted(r["name"] for r in nodes(tmp_path / "w", "Enterprise")) == sorted(names)


def test_what_may_be_one_is_asked(cases: Path, tmp_path: Path) -> None:
    chainatlas.load(tmp_path / "w", cases / "04-wrong-merge" / "names.csv")
    asked = {frozenset((r["name_a"], r["name_b"])) for r in reviewing.review(tmp_path / "w").rows}
    assert {"翠屏科技股份有限公司", "北京翠屏科技有限公司"} in asked
    assert {"海曲商贸股份有限公司", "潍坊市海曲商贸"} in asked
    assert not any("西安市长安区蓝海水务有限公司" in pair for pair in asked)


# 12: a joined pair made two producers a single source ----------------------------------------------


@pytest.mark.parametrize("match", [None, False])
def test_two_producers_are_two(cases: Path, tmp_path: Path, match: bool | None) -> None:
    chainatlas.load(tmp_path / "w", cases / "12-effect-on-gap/名录.xlsx", source="示例名录", match=match)
    found = chainatlas.chain(chainatlas.open(tmp_path / "w"), "示例链", place="西安市")
    assert {r["link"]: (r["status"], r["producers"]) for r in found.rows} == {
        "示例隔膜": ("adequate", 2), "示例电芯": ("adequate", 2)}  # fmt: skip


# the report ------------------------------------------------------------------------------------------


FIRMS = """企业名称,统一社会信用代码
    示例甘泉化工有限公司,
    示例甘泉化工有限责任公司,
    示例白塔电器,
    珠海示例白塔电器股份有限公司,
    示例洹水电器有限公司,
    安阳示例洹水电器有限公司,
    示例代码有限公司,914403001922038216
    示例另写有限公司,914403001922038216"""


def test_joins_by_name_are_told_apart_from_equal_codes(tmp_path: Path) -> None:
    report = chainatlas.load(tmp_path / "w", write(tmp_path, "企业.csv", FIRMS))
    assert [(j.a, j.b, j.rule) for j in report.joined] == [
        ("示例甘泉化工有限公司", "示例甘泉化工有限责任公司", "spelling"),
        ("示例白塔电器", "珠海示例白塔电器股份有限公司", "place"),
        ("示例洹水电器有限公司", "安阳示例洹水电器有限公司", "place"),
    ]
    (told,) = (n for n in notes(report) if "按名称合并" in n)
    assert "按名称合并 3 对" in told
    assert "示例白塔电器 = 珠海示例白塔电器股份有限公司（一方没写地名）" in told
    assert "review list --joined" in told
    shown = reviewing.review(tmp_path / "w", joined=True)
    assert len(shown) == 3
    assert {r["decision"] for r in shown.rows} == {"automatic"}
    again = chainatlas.load(tmp_path / "w", write(tmp_path, "再.csv", "企业名称\n示例别处有限公司"), as_type="企业")
    assert again.joined == ()
    assert not [n for n in notes(again) if "按名称合并" in n]


def test_the_report_shows_the_first_five(tmp_path: Path) -> None:
    rows = [n for i in "甲乙丙丁戊己庚" for n in (f"示例{i}泉化工有限公司", f"示例{i}泉化工有限责任公司")]
    report = chainatlas.load(tmp_path / "w", write(tmp_path, "企业.csv", "\n".join(["企业名称", *rows])))
    (told,) = (n for n in notes(report, "en") if "taken for one" in n)
    assert told.startswith("7 pairs")
    assert told.count(" = ") == 5


def test_the_terminal_shows_no_more_pairs_than_people_read(tmp_path: Path, run: Any) -> None:
    rows = [f"示例{a}{b}化工有限{c}公司" for a in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰"
            for b in "天地玄黄宇宙洪荒日月盈昃辰宿列张" for c in ("", "责任")]  # fmt: skip
    write(tmp_path, "企业.csv", "\n".join(["企业名称", *rows]))
    run("load", "企业.csv")
    made = run("review", "list", "--joined", "--lang", "zh")
    assert "屏幕上是前 200 对，共 240 对" in made.stdout + made.stderr
    assert len(run("review", "list", "--joined", "--format", "csv").stdout.strip().splitlines()) == 241


# 18: names that many bear ----------------------------------------------------------------------------


def test_platforms_of_one_name_are_told_apart_by_their_host(cases: Path, tmp_path: Path) -> None:
    chainatlas.load(tmp_path / "w", cases / "18-platform-same-name/平台.csv")
    found = chainatlas.listing(chainatlas.open(tmp_path / "w"), "platforms").rows
    assert {(r["name"], r["place"], *r["kinds"]) for r in found} == {
        ("机器人与自动化研究中心（示例甲大学）", "济南市", "省级"),
        ("机器人与自动化研究中心（示例乙大学）", "青岛市", "市级"),
        ("企业技术中心（示例丙有限公司）", "烟台市", "省级"),
        ("企业技术中心（示例丁有限公司）", "潍坊市", "国家级"),
    }


HOSTED = "平台名称,依托单位,所在市\n企业技术中心,示例丙有限公司,烟台市\n企业技术中心,示例丁有限公司,潍坊市"


def platforms(folder: Path) -> set[str]:
    return {r["name"] for r in chainatlas.listing(chainatlas.open(folder), "platforms").rows}


def test_a_row_without_host_joins_the_one_that_stands_there(tmp_path: Path) -> None:
    first = write(tmp_path, "平台.csv", HOSTED)
    later = write(tmp_path, "平台_再.csv", "平台名称,所在市,级别\n企业技术中心,烟台市,国家级\n企业技术中心,济宁市,市级")
    chainatlas.load(tmp_path / "w", [first, later])
    assert platforms(tmp_path / "w") == {
        "企业技术中心（示例丙有限公司）", "企业技术中心（示例丁有限公司）", "企业技术中心（济宁市）"}  # fmt: skip
    other = tmp_path / "other"
    chainatlas.load(other, later)
    chainatlas.load(other, first)
    assert chainatlas.status(other).rows[0] == chainatlas.status(tmp_path / "w").rows[0]  # the same hash


def test_a_name_of_one_host_stays_plain(tmp_path: Path) -> None:
    rows = "平台名称,依托单位,所在市\n示例聚合物重点实验室,示例甲大学,济南市\n" + (
        "示例聚合物重点实验室,,济南市\n示例聚合物重点实验室,,"
    )
    chainatlas.load(tmp_path / "w", write(tmp_path, "平台.csv", rows))
    assert [(r["key"], r["name"]) for r in nodes(tmp_path / "w", "Platform")] == [
        ("name:示例聚合物重点实验室", "示例聚合物重点实验室")]  # fmt: skip


def test_hosts_named_together_are_one_seat(tmp_path: Path) -> None:
    rows = ("平台名称,依托单位\n工程研究中心,示例甲大学；示例丙有限公司\n工程研究中心,示例丙有限公司\n"
            "工程研究中心,示例乙大学")  # fmt: skip
    chainatlas.load(tmp_path / "w", write(tmp_path, "平台.csv", rows))
    assert len(nodes(tmp_path / "w", "Platform")) == 2


def test_the_platforms_that_firms_name_are_theirs(tmp_path: Path) -> None:
    rows = "企业名称,研发平台\n示例丙有限公司,企业技术中心\n示例丁有限公司,企业技术中心"
    chainatlas.load(tmp_path / "w", [write(tmp_path, "企业.csv", rows), write(tmp_path, "平台.csv", HOSTED)])
    assert len(nodes(tmp_path / "w", "Platform")) == 2
    assert len(Workspace.open(tmp_path / "w").table("relations", "HOSTS")) == 2


def test_an_end_that_gives_only_the_name_is_told(tmp_path: Path) -> None:
    files = [write(tmp_path, "平台.csv", HOSTED), write(tmp_path, "产品.csv", "产品名称\n示例电芯"),
             write(tmp_path, "关系.csv", "起点,关系,终点\n企业技术中心,服务,示例电芯")]  # fmt: skip
    report = chainatlas.load(tmp_path / "w", files, max_rejects="50%")
    assert [(r.code, r.value) for r in report.rejects] == [("reject_ambiguous", "企业技术中心")]


def test_an_end_may_be_called_as_it_is_shown(tmp_path: Path) -> None:
    files = [write(tmp_path, "平台.csv", HOSTED), write(tmp_path, "产品.csv", "产品名称\n示例电芯"),
             write(tmp_path, "关系.csv", "起点,关系,终点\n企业技术中心（示例丙有限公司）,服务,示例电芯")]  # fmt: skip
    assert chainatlas.load(tmp_path / "w", files).rejects == ()
    atlas = chainatlas.open(tmp_path / "w")
    ((src, _),) = zip(*atlas.snapshot.edges("SERVES"), strict=True)
    assert atlas.snapshot.name(int(src)) == "企业技术中心（示例丙有限公司）"


@pytest.mark.parametrize("ending", ["jsonld", "ttl", "graphml"])
def test_platforms_of_one_name_come_back_from_a_file(tmp_path: Path, ending: str) -> None:
    chainatlas.load(tmp_path / "w", write(tmp_path, "平台.csv", HOSTED))
    chainatlas.export(tmp_path / "w", tmp_path / f"x.{ending}")
    chainatlas.load(tmp_path / "again", tmp_path / f"x.{ending}")
    assert chainatlas.status(tmp_path / "again").rows[0] == chainatlas.status(tmp_path / "w").rows[0]


def test_services_and_parks_repeat_as_well(tmp_path: Path) -> None:
    services = write(
        tmp_path, "服务机构.csv", "机构名称,主办单位\n生产力促进中心,示例甲有限公司\n生产力促进中心,示例乙有限公司"
    )
    parks = write(tmp_path, "园区.csv", "园区名称,所在市\n科技产业园,济南市\n科技产业园,青岛市")
    chainatlas.load(tmp_path / "w", services, as_type="服务机构")
    chainatlas.load(tmp_path / "w", parks, as_type="园区")
    assert len(nodes(tmp_path / "w", "Service")) == len(nodes(tmp_path / "w", "Park")) == 2


# 23: the type of an end ------------------------------------------------------------------------------


READING = """[[sheet]]
    file = "概念.csv"
    as = "IN_CHAIN"
    stubs = true
    {more}
    columns = {{ "company" = "起点", "concept" = "终点"{types} }}"""


def concepts(folder: Path, rows: str, more: str = "", types: str = "", **options: Any) -> LoadReport:
    mapping = write(folder, "m.toml", READING.format(more=more, types=types))
    return chainatlas.load(folder / "w", write(folder, "概念.csv", rows), mapping=mapping, **options)


def made(folder: Path) -> dict[str, list[str]]:
    kinds = ("Enterprise", "Product", "Technology", "Chain")
    return {k: sorted(r["name"] for r in nodes(folder / "w", k)) for k in kinds if nodes(folder / "w", k)}


def test_companies_at_the_start_of_a_chain_are_enterprises(cases: Path, tmp_path: Path) -> None:
    case = cases / "23-stub-type"
    chainatlas.load(tmp_path / "w", case / "概念.csv", mapping=case / "m.toml")
    assert made(tmp_path) == {"Enterprise": ["示例乙股份", "示例甲股份"], "Chain": ["示例概念"]}


ROWS = "concept,company,what\n示例概念,示例甲,企业\n示例概念,示例膜,产品"


def test_an_end_whose_type_nothing_tells_is_asked_for(tmp_path: Path) -> None:
    report = concepts(tmp_path, "concept,company\n示例概念,示例甲股份\n示例概念,示例乙", max_rejects="50%")
    (reject,) = report.rejects
    assert (reject.code, reject.value, reject.values["column"]) == ("reject_end_open", "示例乙", "起点类型")
    assert made(tmp_path) == {"Enterprise": ["示例甲股份"], "Chain": ["示例概念"]}


def test_a_type_stated_in_a_column_counts_row_by_row(tmp_path: Path) -> None:
    concepts(tmp_path, ROWS, types=', "what" = "起点类型"')
    assert made(tmp_path) == {"Enterprise": ["示例甲"], "Product": ["示例膜"], "Chain": ["示例概念"]}


def test_a_type_stated_in_the_mapping_or_on_the_command(tmp_path: Path) -> None:
    rows = "concept,company\n示例概念,示例甲\n示例概念,示例膜"
    concepts(tmp_path / "a", rows, more='from_type = "技术"')
    concepts(tmp_path / "b", rows, from_type="产品")
    assert made(tmp_path / "a") == {"Technology": ["示例甲", "示例膜"], "Chain": ["示例概念"]}
    assert made(tmp_path / "b") == {"Product": ["示例甲", "示例膜"], "Chain": ["示例概念"]}
    with pytest.raises(LoadError, match="城堡"):
        concepts(tmp_path / "c", rows, from_type="城堡")


def test_a_type_that_the_relation_does_not_take_is_refused(tmp_path: Path) -> None:
    report = concepts(
        tmp_path, ROWS.replace("示例膜,产品", "示例膜,园区"), types=', "what" = "起点类型"', max_rejects="50%"
    )
    assert [(r.code, r.column, r.value) for r in report.rejects] == [("reject_end_type", "起点类型", "园区")]


def test_what_another_sheet_defines_needs_no_type(tmp_path: Path) -> None:
    chainatlas.load(tmp_path / "w", write(tmp_path, "企业.csv", "企业名称\n示例甲"))
    report = concepts(tmp_path, "concept,company\n示例概念,示例甲")
    assert report.rejects == ()
    assert made(tmp_path) == {"Enterprise": ["示例甲"], "Chain": ["示例概念"]}


# 11: a question without a filter ---------------------------------------------------------------------


def test_a_listing_without_filter_answers_over_all(cases: Path, tmp_path: Path) -> None:
    chainatlas.load(tmp_path / "w", cases / "11-listing-no-filter/企业.csv")
    found = chainatlas.listing(chainatlas.open(tmp_path / "w"), "enterprises").rows
    assert [(r["name"], r["place"]) for r in found] == [("示例乙有限公司", None), ("示例甲有限公司", "济南市")]


def test_a_listing_without_filter_holds_every_enterprise(demo_folder: Path) -> None:
    atlas = chainatlas.open(demo_folder)
    assert len(chainatlas.listing(atlas, "enterprises")) == len(atlas.snapshot.ids("Enterprise"))


def test_a_province_alone_does_not_choose_among_hosts_of_two_cities(tmp_path: Path) -> None:
    text = """平台名称,依托单位,所在省,所在市
        企业技术中心,示例甲有限公司,山东省,威海市
        企业技术中心,示例乙有限公司,山东省,日照市
        企业技术中心,,山东省,"""
    chainatlas.load(tmp_path / "w", write(tmp_path, "平台.csv", text))
    platforms = chainatlas.open(tmp_path / "w").snapshot.graph.nodes["Platform"]
    assert len(platforms) == 3


def test_one_full_name_in_two_cities_is_told_by_check(tmp_path: Path) -> None:
    for at, city in enumerate(("宁波市", "长沙市", "宁波市")):
        firms = f"企业名称,所在市\n示例青禾科技有限公司,{city}\n示例丙有限公司,宁波市"
        chainatlas.load(tmp_path / "w", write(tmp_path / str(at), "企业.csv", firms))
    found = {r["code"]: r for r in chainatlas.check(chainatlas.open(tmp_path / "w")).in_language("zh").rows}
    assert found["two_cities"]["entity"] == "示例青禾科技有限公司"
    assert "1 家企业被不同来源记在不同的市" in found["two_cities"]["message"]
