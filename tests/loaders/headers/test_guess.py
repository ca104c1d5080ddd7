"""Guesses: each is tested on the cells of its column; what neither word nor cells make likely is not taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import names, node, write

from chainatlas.graph.schema.errors import LoadError
from chainatlas.graph.schema.types import load_schema
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.files.files import read_sheets
from chainatlas.loaders.headers.evidence import body, counts, share
from chainatlas.loaders.headers.guess import Guess, guess
from chainatlas.loaders.headers.headers import known_words
from chainatlas.loaders.load import load

SCHEMA = load_schema()
FIRMS = ("示例甲有限公司", "示例乙有限公司", "示例丙股份有限公司")

# (header, cells, what it must not be proposed for, what it should be: None for nothing or a weak guess)
COLUMNS: list[tuple[str, tuple[str, ...], set[str], str | None]] = [
    ("公司主站点", ("https://a.example.org", "https://b.example.com/x", "www.x.cn"), {"控股股东", "企业名称"}, None),
    ("母公司网页", ("http://a.example.org", "http://b.example.org", "http://c.example.org"), {"控股股东"}, None),
    ("称号序", ("1", "2", "3"), {"称号", "简称"}, None),
    ("住址网", ("示例路1号", "示例路2号", "示例街3号"), {"网站"}, None),
    ("color", ("#4A90D9", "#FF0000", "#00FF00"), {"所在国家", "所在县", "所在地区"}, None),
    ("ids", ("e1", "e2", "e3"), {"置信度", "简称", "注册号"}, None),
    ("title_text", ("示例甲 (纺织)", "示例乙 (化工)", "示例丙"), {"网站", "称号"}, None),
    ("sizes", ("20", "35", "12"), {"置信度", "所在省", "企业规模"}, None),
    ("控股股东情况", ("张示例", "李示例", "王示例"), {"控股股东"}, None),
    ("年营业总收入额", ("很高", "一般", "很高"), {"营业收入"}, None),
    ("上年营业收入额", ("1200万元", "3亿元", "560"), set(), "营业收入"),
    ("公司成立的日期", ("2010-05-06", "2011年3月", "2012/1/1"), set(), "成立日期"),
    ("所在市的名称", ("枣庄市", "济南市", "滕州市"), {"企业名称"}, "所在市"),
    ("控股股东单位", ("示例集团", "示例控股有限公司", "示例投资公司"), set(), "控股股东"),
    ("产业链上中下游位", ("上游", "中游", "下游"), {"产业链"}, "环节位置"),
    ("信用代码号", ("91330100799655058B", "91330100799655058B", "91330100799655058B"), set(), "统一社会信用代码"),
    ("社会信用代码情况", ("已录入", "未录入", "已录入"), {"统一社会信用代码"}, None),
]


def guessed(folder: Path, header: str, cells: tuple[str, ...], as_type: str | None = "Enterprise") -> Guess:
    rows = "\n".join(f"{firm},{cell}" for firm, cell in zip(FIRMS, cells, strict=True))
    (raw,) = read_sheets(write(folder, "表.csv", f"企业名称,{header}\n{rows}"), known_words(SCHEMA))
    return guess(raw, SCHEMA, as_type)


@pytest.mark.parametrize("case", COLUMNS, ids=[c[0] for c in COLUMNS])
def test_a_guess_is_tested_on_the_cells(
    case: tuple[str, tuple[str, ...], set[str], str | None], tmp_path: Path
) -> None:
    header, cells, never, right = case
    made = guessed(tmp_path, header, cells).columns[1]
    assert made.meaning not in never
    if right is not None:
        assert (made.meaning, made.weak) == (right, False)
    assert made.samples == tuple(dict.fromkeys(cells))[:3]


def test_a_weak_guess_is_in_no_mapping_until_it_is_confirmed(tmp_path: Path) -> None:
    made = guessed(tmp_path, "产业的某链", ("甲段", "乙段", "丙段"))
    weak = made.columns[1]
    assert (weak.meaning, weak.weak, weak.sure) == ("产业链", True, False)
    assert made.mapping.columns == {"企业名称": "企业名称"}
    assert made.confirmed({"产业的某链"}).mapping.columns == {"企业名称": "企业名称", "产业的某链": "产业链"}


@pytest.mark.parametrize("ends", [("大学", "Institute"), ("有限公司", "Enterprise"), ("重点实验室", "Platform")])
def test_the_ends_of_names_tell_the_type(ends: tuple[str, str], tmp_path: Path) -> None:
    rows = "\n".join(f"示例{n}{ends[0]},x" for n in "甲乙丙")
    (raw,) = read_sheets(write(tmp_path, "表.csv", f"名称,吉祥物\n{rows}"), known_words(SCHEMA))
    assert guess(raw, SCHEMA).type == ends[1]


def test_kinds_of_cells() -> None:
    assert counts(("1", "2", "3"))
    assert counts(("7.0", "8.0"))
    assert not counts(("1", "3", "2"))
    assert share("url", ("https://example.org", "example.com/a", "示例")) == pytest.approx(2 / 3)
    assert share("amount", ("1,200万元", "3亿", "叁仟万元整", "5000万美元", "约5亿元", "无")) == pytest.approx(5 / 6)
    assert share("colour", ("#4A90D9", "红色", "示例")) == pytest.approx(2 / 3)
    assert body(FIRMS) == "Enterprise"
    assert body(("示例", "例示")) is None


# Case 09 ------------------------------------------------------------------------------------------


def test_case_09_a_website_a_counter_and_an_address_are_what_they_are(shared: Path, tmp_path: Path) -> None:
    report = load(tmp_path / "w", [shared / "cases" / "lists" / "09-guesses" / "x2.csv"])
    graph = Workspace.open(tmp_path / "w").graph()
    assert sorted(names(graph, "Enterprise")) == ["示例乙", "示例甲"]
    first = node(graph, "Enterprise", "示例甲")
    assert (first["website"], first["address"], first["scale"]) == ("https://example.org", "示例路1号", "大型")
    assert first.get("titles") is None
    assert len(graph.relations.get("OWNS", ())) == 0
    assert (report.unused, report.rejects) == ((), ()), "序号 numbers the rows: nothing to tell"


def test_case_09_colour_id_title_and_size_are_nothing_of_a_firm(shared: Path, tmp_path: Path) -> None:
    path = shared / "cases" / "lists" / "09-guesses" / "y.json"
    with pytest.raises(LoadError) as bad:
        load(tmp_path / "w", [path])
    assert bad.value.code == "sheet_type"
    draft = write(tmp_path, "读法.toml", str(bad.value.values["draft"]))
    text = draft.read_text(encoding="utf-8")
    for header in ("id", "size", "color", "title"):
        assert f'# "{header}" = ""' in text
    report = load(tmp_path / "w", [path], mapping=draft)
    assert {h for _, h in report.unused} >= {"id", "size", "color", "title"}
    graph = Workspace.open(tmp_path / "w").graph()
    (firm,) = graph.nodes["Enterprise"].to_pylist()
    assert firm["name"] == "示例甲有限公司"
    assert {k for k, v in firm.items() if v is not None} <= {"key", "name"}
    assert len(graph.relations.get("LOCATED_IN", ())) == 0
