"""The bundled data: loads without a refusal, says where each row is from, and its chains are whole.

What is counted here is recounted from the tables themselves, not taken from their descriptions.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from chainatlas import api
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.graph.workspace.snapshot import Snapshot
from chainatlas.loaders.load import LoadReport
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.atlas.chain_links import find_chain
from chainatlas.queries.atlas.scopes import distance_km, point
from chainatlas.queries.quality.checks import check

DATA = Path(__file__).resolve().parents[2] / "data"
SHANDONG = DATA / "shandong"
TABLES = sorted(SHANDONG.glob("*.csv"))
Row = dict[str, str]

# The policy 鲁政办发〔2015〕4号, 二（一）: five regions and the 18 clusters it names.
CLUSTERS = {
    "山东半岛蓝色经济区": "半导体发光 高端聚氨酯 海洋生物技术与医药",
    "黄河三角洲高效生态经济区": "高端石油装备 铜冶炼与铜材深加工 高效生态农业",
    "省会城市群经济圈": "云计算 智能输配电 高分子材料 先进陶瓷 矿山机械 钢铁新材料",
    "西部隆起带": "生物技术与医药 新能源电动汽车 复合材料",
    "资源枯竭型城市": "工程机械 数控加工装备制造 锂电",
}
RECIPES = {"产品环节", "投入关系", "技术"}
FIRST = {"高端聚氨酯", "半导体发光", "锂电"}  # the chains worked out first: more is asked of them


@cache
def rows(name: str) -> tuple[Row, ...]:
    with (SHANDONG / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return tuple(csv.DictReader(file))


CHAINS = [row["链名称"] for row in rows("链")]


def several(cell: str) -> list[str]:
    return [part.strip() for part in re.split(r"[、；;|]", cell) if part.strip()]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, LoadReport]:
    folder = tmp_path_factory.mktemp("bundled") / "w"
    return folder, api.load(folder, SHANDONG, max_rejects=0.0)


@pytest.fixture(scope="module")
def snapshot(loaded: tuple[Path, LoadReport]) -> Snapshot:
    return Snapshot.of(Workspace.open(loaded[0]))


# Loading ----------------------------------------------------------------------------------------


def test_nothing_is_refused(loaded: tuple[Path, LoadReport]) -> None:
    report = loaded[1]
    assert [(r.row, r.column, r.value, r.code) for r in report.rejects] == []
    assert {s.file for s in report.sheets} == {p.name for p in TABLES}
    for sheet in report.sheets:
        assert (sheet.rejected, sheet.cells) == (0, 0), sheet.file
        assert sheet.read == len(rows(sheet.file.removesuffix(".csv"))), sheet.file
        assert sheet.read == sheet.new + sheet.unchanged + sheet.merged, sheet.file


def test_it_is_substantial(loaded: tuple[Path, LoadReport]) -> None:
    assert len(TABLES) >= 24
    assert sum(s.read for s in loaded[1].sheets) >= 4000
    told = {r["what"]: r["value"] for r in api.status(loaded[0]).rows}
    assert told["Enterprise"] >= 350
    assert told["Product"] >= 2300
    assert told["PRODUCES"] >= 2300
    assert told["MASTERS"] >= 8
    assert told["Service"] >= 12


def test_loaded_again_it_changes_nothing(loaded: tuple[Path, LoadReport]) -> None:
    again = api.load(loaded[0], SHANDONG, max_rejects=0.0)
    assert again.load is None
    assert again.hash == loaded[1].hash


def test_every_column_is_used_or_is_a_note(loaded: tuple[Path, LoadReport]) -> None:
    """Columns that no property takes are remarks for reviewers, none is a fact that got lost."""
    assert {header for _, header in loaded[1].unused} <= {
        "披露产品",
        "匹配理由",
        "说明",
        "原文技术",
        "名录完整度",
        "有产品比例",
        "粒度点名",
        "粒度包含",
    }


def test_the_policy_is_one_document(loaded: tuple[Path, LoadReport]) -> None:
    """References to the policy and its clauses mean the rows of their sheets, not namesakes."""
    told = {r["what"]: r["value"] for r in api.status(loaded[0]).rows}
    assert "鲁政办发〔2015〕4号" in {r["文号"] for r in rows("政策")}
    assert told["Policy"] == len(rows("政策"))
    assert told["Clause"] == len(rows("条款"))
    assert told["Target"] == len(rows("目标"))


# Sources ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*TABLES, *sorted((SHANDONG / "notes").glob("*.csv"))], ids=lambda p: p.stem)
def test_table(path: Path) -> None:
    """Every row says its source; dates, confidences and codes are well formed; nothing is made up."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert table
    for number, row in enumerate(table, 2):
        where = f"{path.name}:{number}"
        assert None not in row, f"{where} has more cells than the header"
        assert None not in row.values(), f"{where} has fewer cells than the header"
        assert "来源" in row or path.parent.name == "notes", where
        assert row.get("来源", "-").strip(), f"{where} has no source"
        assert "出处" not in row or row["出处"].strip(), f"{where} does not say where its source says so"
        assert not re.search(r"示例|synthetic|虚构|测试企业|example", "".join(row.values()), re.IGNORECASE), where
        for column, cell in row.items():
            if column.endswith("日期") or column == "期限":
                assert _dated(cell), f"{where} {column} {cell!r}"
            if column in ("年份", "产值年份", "成立年份", "设立年份", "认定年份") and cell:
                assert re.fullmatch(r"(19|20)\d\d", cell), f"{where} {column} {cell!r}"
            if column in ("置信度", "占比", "完整度") and cell:
                assert 0 <= float(cell) <= 1, f"{where} {column} {cell!r}"
            if column == "股票代码" and cell:
                assert re.fullmatch(r"\d{6}", cell), f"{where} {column} {cell!r}"


def _dated(cell: str) -> bool:
    """A date as precise as is known, not in the future."""
    if not cell:
        return True
    if not re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", cell):
        return False
    try:
        given = date.fromisoformat((cell + "-01-01")[:10])
    except ValueError:
        return False
    return date(1900, 1, 1) <= given <= date.today()


def test_templates_say_so() -> None:
    """Recipes that are general knowledge are marked as such; all else names a document."""
    for name in ("产品环节", "投入关系", "技术"):
        assert Counter(r["来源"] for r in rows(name)).most_common(1)[0][0] == "template", name
    for name in ("企业", "企业_公开资料", "生产_匹配", "生产_披露产品", "平台", "联盟", "机构", "集群"):
        assert not [r for r in rows(name) if "template" in r["来源"]], name


# The policy -------------------------------------------------------------------------------------


def test_the_policys_clusters() -> None:
    found = defaultdict(set)
    for row in rows("集群"):
        found[row["所属区域"]].add(row["集群名称"])
        assert row["来源"] == "鲁政办发〔2015〕4号"
    assert dict(found) == {zone: {f"{n}产业集群" for n in names.split()} for zone, names in CLUSTERS.items()}
    assert len(rows("集群")) == 18


def test_the_policys_regions_have_members() -> None:
    members = defaultdict(set)
    for row in rows("区域成员"):
        members[row["终点"]].add(row["起点"])
    assert set(members) == set(CLUSTERS)
    assert members["资源枯竭型城市"] >= {"枣庄市"}
    assert {r["区域名称"] for r in rows("区域") if r["级别"] == "区域"} == set(CLUSTERS)


def test_the_policys_targets() -> None:
    assert sorted((r["目标值"], r["期限"]) for r in rows("目标")) == [
        ("15", "2020-12-31"), ("20", ""), ("20", "2020-12-31"), ("5", "2015-12-31")]  # fmt: skip
    clauses = {r["条款编号"] for r in rows("条款")}
    assert {r["所属条款"] for r in rows("目标")} <= clauses


# Places -----------------------------------------------------------------------------------------


def _gazetteer() -> dict[str, set[str]]:
    levels = defaultdict(set)
    with (DATA / "divisions" / "divisions.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            levels[row["level"]].add(row["name"])
    return levels


def test_all_places_are_in_the_gazetteer() -> None:
    known = _gazetteer()
    assert len(known["city"]) > 300
    seen = 0
    for path in TABLES:
        for row in rows(path.stem):
            for column, level in (("所在省", "province"), ("所在市", "city"), ("所在县", "county")):
                if row.get(column):
                    seen += 1
                    assert row[column] in known[level], f"{path.name}: {column} {row[column]}"
    assert seen > 700


def test_sixteen_cities_with_coordinates() -> None:
    cities = [r for r in rows("区域") if r["级别"] == "市"]
    assert len(cities) == 16
    for row in cities:
        assert 114.7 < float(row["经度"]) < 122.8, row["区域名称"]
        assert 34.3 < float(row["纬度"]) < 38.5, row["区域名称"]
        assert row["行政区划代码"].startswith("37")
        assert row["上级区域"] == "山东省"
    assert "莱芜市" not in {r["区域名称"] for r in cities}


def test_jinan_to_qingdao(snapshot: Snapshot) -> None:
    a, b = (point(snapshot, snapshot.find(name, ("Region",))) for name in ("济南市", "青岛市"))
    assert a is not None
    assert b is not None
    assert distance_km(a, b) == pytest.approx(299, abs=3)


# Companies and coverage ---------------------------------------------------------------------------


def test_stock_codes() -> None:
    codes = [r["股票代码"] for name in ("企业", "企业_补充") for r in rows(name)]
    assert len(codes) == len(set(codes)) == 229 + 89
    assert all(re.fullmatch(r"\d{6}", c) for c in codes)
    makers = {r["起点"] for r in rows("生产_披露产品")}
    assert makers <= set(codes)


def test_coverage_is_recomputed() -> None:
    """The stated share of firms with words: those listed in the province before 2022 with a disclosed product."""
    (statement,) = rows("覆盖声明")
    listed = {r["股票代码"] for r in rows("企业") if r["所在省"] == "山东省"}
    listed |= {r["股票代码"] for r in rows("企业_补充") if r["上市日期"] and r["上市日期"] < "2022"}
    telling = {r["起点"] for r in rows("生产_披露产品")} & listed
    assert statement["总体"] == "上市公司"
    assert statement["地区"] == "山东省"
    assert float(statement["有产品比例"]) == pytest.approx(len(telling) / len(listed), abs=5e-5)
    assert f"{len(telling)}/{len(listed)}" in statement["依据"]
    firms = float(statement["名录完整度"]) * float(statement["有产品比例"])
    assert float(statement["完整度"]) == pytest.approx(firms, abs=5e-4)
    assert float(statement["粒度点名"]) < float(statement["粒度包含"]) < 1
    assert statement["来源"] in {r["来源"] for r in rows("生产_披露产品")}


def test_scope_words_are_no_disclosed_products() -> None:
    """A word whose share is the source's default stands in the firm's scope, and nowhere as a product it makes."""
    scopes = {r["股票代码"]: set(several(r["经营范围"])) for r in rows("企业_经营范围")}
    assert len(scopes) >= 150
    assert sum(map(len, scopes.values())) >= 800
    for name in ("生产_披露产品", "生产_匹配"):
        assert [r for r in rows(name) if "0.001" in r["出处"]] == [], name
    codes = {r["股票代码"] for name in ("企业", "企业_补充") for r in rows(name)}
    assert set(scopes) <= codes


def test_what_is_made_elsewhere_is_no_product_of_the_province() -> None:
    """Firms that moved in after they disclosed, and plants known to stand elsewhere, make nothing here."""
    with (SHANDONG / "notes" / "未载入_不在山东生产.csv").open(encoding="utf-8-sig", newline="") as file:
        away = {(r["股票代码"], r["披露产品"]) for r in csv.DictReader(file)}
    assert ("002545", "氯化钾") in away
    for name in ("生产_披露产品", "生产_匹配"):
        assert [r for r in rows(name) if (r["起点"], r.get("披露产品") or r["终点"]) in away] == [], name


def test_a_source_at_a_stranger_s_address_weighs_little() -> None:
    """Where the address is not the publisher's the source says so, and no fact rests on it with more than .5."""
    strange = 0
    for path in TABLES:
        for row in rows(path.stem):
            source = row.get("来源", "")
            if "网址与发布者无关" in source:
                strange += 1
                assert float(row["置信度"]) <= 0.5, source
            elif "转载" in source:
                assert float(row["置信度"]) <= 0.7 or path.stem in RECIPES, source
    assert strange >= 100


def test_technologies_have_masters() -> None:
    """Who masters a technology is told only where the words name it or a kind of it."""
    known = {r["技术名称"] for r in rows("技术")}
    masters = rows("掌握_公开资料")
    assert {r["终点"] for r in masters} <= known
    assert all(r["说明"].startswith(("原文即该技术", "原文是该技术的一种")) for r in masters)


def test_public_production_names_links_or_its_own_words() -> None:
    """What is said of a link says how its words stand to it; other words stay the firm's own."""
    links = {r["产品名称"] for r in rows("产品环节")}
    table = rows("生产_公开资料")
    named = [r for r in table if r["终点"] in links]
    assert len(named) >= 60
    assert all(r["匹配理由"].startswith(("原文即该环节", "原文是该环节的一种")) for r in named)
    assert not [r for r in table if r["终点"] not in links and r["匹配理由"].startswith("原文即")]


def test_a_cluster_has_one_name() -> None:
    """A name given as another's short name is no cluster of its own."""
    table = rows("集群_公布名单")
    names = {r["集群名称"] for r in table}
    other = {short for r in table for short in several(r["简称"])}
    assert len(other) >= 12
    assert names & other == set()


def test_matches_point_at_links_and_companies() -> None:
    links = {r["产品名称"] for r in rows("产品环节")}
    tables = ("企业", "企业_补充", "企业_公开资料")
    firms = {r[c] for t in tables for r in rows(t) for c in ("股票代码", "企业名称", "简称") if r[c]}
    matched = rows("生产_匹配")
    assert len(matched) >= 80
    assert [r["终点"] for r in matched if r["终点"] not in links] == []
    assert [r["起点"] for r in matched if r["起点"] not in firms] == []
    assert all(r["匹配理由"].strip() for r in matched)


# The chains -------------------------------------------------------------------------------------


def _links(chain: str) -> dict[str, Row]:
    return {r["产品名称"]: r for r in rows("产品环节") if chain in several(r["产业链"])}


def _inputs(chain: str) -> list[Row]:
    """Inputs between links of a chain."""
    links = _links(chain)
    return [r for r in rows("投入关系") if r["投入品"] in links and r["产品"] in links]


def test_there_are_chains() -> None:
    assert set(CHAINS) >= FIRST
    assert len(CHAINS) == len(set(CHAINS))


@pytest.mark.parametrize("chain", CHAINS)
def test_chain_is_worked_out(chain: str) -> None:
    links = _links(chain)
    technologies = [r for r in rows("技术") if chain in several(r["产业链"])]
    assert len(links) >= (20 if chain in FIRST else 15)
    assert len(technologies) >= (8 if chain in FIRST else 5)
    assert {r["环节位置"] for r in links.values()} == {"上游", "中游", "下游"}
    groups = defaultdict(set)
    for row in _inputs(chain):
        if row["组"]:
            groups[row["产品"], row["组"]].add(row["投入品"])
    alternatives = {k: v for k, v in groups.items() if len(v) >= 2}
    assert len(alternatives) >= 2
    assert [r["产品名称"] for r in links.values() if r["终端产品"] == "是"]
    if chain in FIRST:
        assert [r["产品名称"] for r in links.values() if r["原料视为可得"] == "是"]


@cache
def _leading_to_ends() -> frozenset[str]:
    """Links from which an end product is reached along inputs and kinds, through other chains too."""
    onward = defaultdict(set)
    for row in rows("投入关系"):
        onward[row["投入品"]].add(row["产品"])
    for row in rows("产品环节"):
        onward[row["产品名称"]] |= set(several(row["上级产品"]))
    reached = {r["产品名称"] for r in rows("产品环节") if r["终端产品"] == "是"}
    while more := {n for n, to in onward.items() if n not in reached and to & reached}:
        reached |= more
    return frozenset(reached)


@pytest.mark.parametrize("chain", CHAINS)
def test_every_link_reaches_an_end_product(chain: str) -> None:
    assert sorted(set(_links(chain)) - _leading_to_ends()) == []


@pytest.mark.parametrize("chain", CHAINS)
def test_cycles_have_a_reason(chain: str) -> None:
    """Without the inputs whose source says recycling, nothing goes round in a circle."""
    onward = defaultdict(set)
    for row in _inputs(chain):
        if not re.search(r"回收|循环|再生|自用|返回", row["出处"]):
            onward[row["投入品"]].add(row["产品"])
    left = set(_links(chain))
    while outer := {n for n in left if not onward[n] & left}:
        left -= outer
    assert sorted(left) == []


@pytest.mark.parametrize("chain", CHAINS)
def test_techniques_are_required_by_links(chain: str) -> None:
    links = _links(chain)
    required = {t for r in links.values() for t in several(r["所需技术"])}
    known = {r["技术名称"] for r in rows("技术") if chain in several(r["产业链"])}
    assert required - {r["技术名称"] for r in rows("技术")} == set()
    assert sorted(known - required) == []


def test_recipes_name_links_only() -> None:
    """No end of an input hangs in the air, nothing is made of itself, no pair stands twice by one source."""
    names = {r["产品名称"] for r in rows("产品环节")}
    table = rows("投入关系")
    assert [r for r in table if r["投入品"] not in names or r["产品"] not in names] == []
    assert [r for r in table if r["投入品"] == r["产品"]] == []
    twice = Counter((r["投入品"], r["产品"], r["来源"], r["出处"]) for r in table)
    assert [k for k, n in twice.items() if n > 1] == []
    assert {r["必需"] for r in table} <= {"是", "否", ""}
    assert len(rows("产品环节")) == len({(r["产品名称"], r["产业链"]) for r in rows("产品环节")})


# Checks -----------------------------------------------------------------------------------------

_RECIPE_FAULTS = {"parent_and_kinds", "joined_levels", "inputs_unlisted", "end_used_up", "runs_backwards", "unlinked"}


def test_the_recipes_have_no_fault_of_form(snapshot: Snapshot) -> None:
    """What check finds in recipes is mended; the inputs used twice are answered in the README, no more and no fewer."""
    found = check(Atlas(snapshot)).rows
    assert [r for r in found if r["code"] in _RECIPE_FAULTS] == []
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    answers = readme.split("| 产品 | 投入 | 为什么两处都要 |")[1].split("\n\n")[0]
    answered = set(re.findall(r"^\| ([^|]+?) \| [^|]+ \| ", answers, re.MULTILINE))
    assert {r["entity"] for r in found if r["code"] == "input_twice"} == answered


def test_the_findings_of_the_review_are_answered() -> None:
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    answers = readme.split("| 链 | 环节 | 结果 | 说明 |")[1].split("\n\n")[0]
    by_chain = Counter(re.findall(r"^\| ([^|]+?) \| [^|]+ \| [改答] \| [^|]+ \|$", answers, re.MULTILINE))
    assert list(by_chain.values()) == [12, 7, 8, 9, 5, 5]


def test_the_readme_counts_links_as_they_are() -> None:
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    links, products = rows("产品环节"), {r["产品名称"] for r in rows("产品环节")}
    counts = f"| {len(CHAINS)} · {len(links)} · {len(rows('投入关系'))} · {len(rows('技术'))} |"
    assert f"| 链 · 产品环节 · 投入关系 · 技术 {counts}" in readme
    assert f"{len(links)} 行是 {len(products)} 个产品在各链中的位置" in readme


@pytest.mark.parametrize(
    ("name", "ends"), [("云计算", 3), ("铜冶炼与铜材深加工", 7), ("新能源电动汽车", 4), ("智能输配电", 4)]
)
def test_ends_are_those_of_the_chain(snapshot: Snapshot, name: str, ends: int) -> None:
    """覆铜板 ends the copper chain and goes into circuit boards in the cloud; the like for the others."""
    assert len(find_chain(Atlas(snapshot), name).ends) == ends


def test_words_of_a_scope_are_kept_apart() -> None:
    """The words come from separate lines of a list: read as one sentence, a last service would be said of them all."""
    assert [r["股票代码"] for r in rows("企业_经营范围") if "、" in r["经营范围"]] == []


def test_what_was_called_missing_is_judged() -> None:
    """Each link once, a firm for each wrong one, and few that are known to be wrong and still stand."""
    with (SHANDONG / "notes" / "核对_未查到.csv").open(encoding="utf-8", newline="") as file:
        judged = list(csv.DictReader(file))
    links = [r["环节"] for r in judged]
    assert len(links) == len(set(links)) == 256
    assert set(links) <= {r["产品名称"] for r in rows("产品环节")}
    assert {r["判断"] for r in judged} == {"对", "错", "不能定"}
    assert all(r["理由"] and (r["企业"] or r["判断"] != "错") for r in judged)
    standing = [r for r in judged if r["判断"] != "不能定" and r["现在"] == "未查到"]
    assert sum(r["判断"] == "错" for r in standing) <= 0.05 * len(standing)
