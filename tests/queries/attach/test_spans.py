"""Spans: where a text is cut, and what its verbs say is done."""

from __future__ import annotations

import pytest

from chainatlas.queries.attach.spans import spans

KNOWN = frozenset({"LED外延片", "LED芯片", "锂电池隔膜", "锂电隔膜", "加工中心", "政务云服务", "电解液"})


def said(text: str) -> list[tuple[str, str]]:
    return [(s.text, s.activity) for s in spans(text, known=KNOWN)]


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("电解液、隔膜", ["电解液", "隔膜"]),
        ("LED外延片及芯片", ["LED外延片", "LED芯片"]),  # the head's beginning is shared
        ("干法、湿法锂电隔膜", ["湿法锂电隔膜"]),
        ("干法及湿法锂电隔膜", ["湿法锂电隔膜", "干法锂电隔膜"]),  # the head is shared
        ("电解液的研发、生产和销售", ["电解液"]),
        ("主要从事电解液、隔膜的生产与销售", ["电解液", "隔膜"]),
        ("加工中心", ["加工中心"]),  # begins like a verb, and is a name
        ("政务云服务", ["政务云服务"]),
        ("聚醚（软泡聚醚、硬泡聚醚）", ["软泡聚醚", "硬泡聚醚"]),
        ("公司产品有电解液，广泛应用于锂电池、储能等领域", ["电解液"]),
        ("1,4-丁二醇、乙二醇", ["1,4-丁二醇", "乙二醇"]),  # a comma between digits is no separator
    ],
)
def test_what_is_made_is_cut_out_of_a_text(text: str, made: list[str]) -> None:
    found = [word for word, activity in said(text) if activity == "makes"]
    assert [word for word in made if word not in found] == []


@pytest.mark.parametrize(
    ("text", "word", "activity"),
    [
        ("化工产品销售", "化工", "sells"),
        ("电解铜、铜杆的销售", "电解铜", "sells"),  # verbs behind speak of all before them
        ("电解铜、铜杆的销售", "铜杆", "sells"),
        ("销售：电解液、隔膜", "隔膜", "sells"),
        ("LED显示屏租赁、安装及维修", "LED显示屏", "sells"),
        ("数控系统维修", "数控系统", "serves"),
        ("碳纤维技术研发", "碳纤维", "develops"),
        ("电池制造；电池销售", "电池", "makes"),  # made in one passage is made
        ("危险化学品经营（乙烯、丙烯）", "乙烯", "sells"),
    ],
)
def test_sale_service_and_research_alone_are_no_making(text: str, word: str, activity: str) -> None:
    assert dict(said(text)).get(word) == activity


def test_in_a_list_of_products_the_last_verb_speaks_of_the_last_item() -> None:
    def made(text: str) -> list[str]:
        return [s.text for s in spans(text, known=KNOWN, products=True) if s.activity == "makes"]

    assert made("机床床身铸件、铸造生铁、机床维修") == ["机床床身铸件", "铸造生铁"]
    assert made("机床床身铸件、铸造生铁的销售") == []
    assert made("电解铜、内存条（贸易）") == ["电解铜"]


def test_boilerplate_and_remarks_are_no_products() -> None:
    text = "电解液制造（不含危险化学品）；货物进出口；依法须经批准的项目，经相关部门批准后方可开展经营活动"
    assert [word for word, activity in said(text) if activity == "makes"] == ["电解液"]
