"""attach: words of lists, decided once for all firms; the list of the cases lands on ready chains."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from building import write

import chainatlas
from chainatlas.queries.verdicts.judge import STATUS
from chainatlas.queries.verdicts.verdicts import verdicts

Call = Callable[..., Any]  # see conftest.py
LIST = """
企业名称,企业类型,所在省,所在市,主营产品,经营范围
示例电解液有限公司,高新技术企业,山东省,枣庄市,锂离子电池电解液,
示例服务器有限公司,高新技术企业,山东省,济南市,服务器,
示例算力有限公司,高新技术企业,山东省,济南市,AI服务器,
示例贸易有限公司,高新技术企业,山东省,烟台市,,一般项目：锂电池隔膜制造；电解液销售；货物进出口
"""

# What the list says beside what was asked: 立式加工中心 is a machine tool; 交流伺服电机及驱动器 are two products.
SAID_BESIDE = {("枣庄市", "数控机床"), ("济南市", "伺服驱动器")}


@pytest.fixture
def ready(call: Call, tmp_path: Path) -> Path:
    folder = tmp_path / "w"
    assert call("init", folder).code == 0
    assert call("load", write(tmp_path, "企业.csv", LIST), "-w", folder).code == 0
    return folder


def rows(call: Call, folder: Path, *args: object) -> list[dict[str, Any]]:
    answer = call("attach", *args, "-w", folder, "--format", "json")
    assert answer.code == 0, answer.err
    return answer.rows


def status(call: Call, folder: Path, chain: str, link: str, place: str) -> dict[str, Any]:
    answer = call("chain", chain, "--in", place, "-w", folder, "--format", "json")
    return next(row for row in answer.rows if row["link"] == link)


def test_load_says_what_attached_and_what_waits(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "w"
    call("init", folder)
    said = call("load", write(tmp_path, "企业.csv", LIST), "-w", folder).err
    assert "个用词确定" in said
    assert "“服务器”是否人工智能服务器" in said


def test_words_wait_with_their_reason_and_effect(call: Call, ready: Path) -> None:
    listed = {(row["term"], row["link"]): row for row in rows(call, ready, "list")}
    one = listed["服务器", "人工智能服务器"]
    assert (one["tier"], one["firms"], one["places"]) == ("broader", 1, ["济南市"])
    assert ("锂离子电池电解液", "电解液") not in listed
    every = {(row["term"], row["link"]): row["state"] for row in rows(call, ready, "list", "--all")}
    assert every["锂离子电池电解液", "电解液"] == "certain"


def test_a_scope_of_business_makes_possible_makers_and_sales_none(call: Call, ready: Path) -> None:
    row = status(call, ready, "锂电", "锂电池隔膜", "烟台市")
    assert (row["producers"], row["possible"], row["possible_names"]) == (0, 1, ["示例贸易有限公司"])
    assert status(call, ready, "锂电", "电解液", "烟台市")["possible"] == 0


def test_a_decision_turns_the_verdict_survives_reloads_and_is_taken_back(
    call: Call, ready: Path, tmp_path: Path
) -> None:
    def made() -> tuple[int, int]:
        row = status(call, ready, "云计算", "人工智能服务器", "济南市")
        return row["producers"], row["possible"]

    assert made() == (1, 1)
    assert call("attach", "decide", "服务器", "人工智能服务器", "makes", "-w", ready).code == 0
    assert made() == (2, 0)
    again = LIST.replace("锂离子电池电解液", "锂离子电池电解液、添加剂")
    assert call("load", write(tmp_path, "企业.csv", again), "-w", ready).code == 0
    assert made() == (2, 0)
    assert "服务器" not in {row["term"] for row in rows(call, ready, "list") if row["link"] == "人工智能服务器"}
    assert call("attach", "decide", "服务器", "人工智能服务器", "no", "-w", ready).code == 0
    assert made() == (1, 0)
    assert call("attach", "decide", "服务器", "人工智能服务器", "undecided", "-w", ready).code == 0
    assert made() == (1, 1)


def test_a_decision_for_one_firm_leaves_the_others(call: Call, ready: Path) -> None:
    args = ("服务器", "人工智能服务器", "makes", "--only", "示例服务器有限公司", "-w", ready)
    assert call("attach", "decide", *args).code == 0
    assert status(call, ready, "云计算", "人工智能服务器", "济南市")["producers"] == 2


def test_a_table_is_decided_in_a_spreadsheet(call: Call, ready: Path, tmp_path: Path) -> None:
    path = tmp_path / "待.xlsx"
    assert call("attach", "export", path, "-w", ready).code == 0
    book = openpyxl.load_workbook(path)
    sheet = book.active
    header = [cell.value for cell in sheet[1]]
    at = {str(h): n + 1 for n, h in enumerate(header)}
    for row in range(2, sheet.max_row + 1):
        if sheet.cell(row, at["term"]).value == "服务器":
            sheet.cell(row, at["decision"], "无关")
    book.save(path)
    first = {row["what"]: row["value"] for row in rows(call, ready, "import", path)}
    assert first["recorded"] >= 1
    assert first["read"] == first["recorded"] + first["empty"]
    again = {row["what"]: row["value"] for row in rows(call, ready, "import", path)}
    assert (again["recorded"], again["unchanged"]) == (0, first["recorded"])


def test_a_wrong_decision_is_refused_with_its_row_and_nothing_is_recorded(
    call: Call, ready: Path, tmp_path: Path
) -> None:
    path = write(tmp_path, "判断.csv", "term,link,decision\n服务器,人工智能服务器,broader\n服务器,没有的环节,same")
    answer = call("attach", "import", path, "-w", ready)
    assert answer.code == 1
    assert "3" in answer.err
    assert not (ready / "term_judgements.csv").exists()


def test_suggest_reads_texts_lines_and_tables(call: Call, ready: Path, tmp_path: Path) -> None:
    typed = rows(call, ready, "suggest", "锂离子电池电解液；电池销售")
    assert typed[0]["link"] == "电解液"
    assert any(r["activity"] == "sells" and r["link"] is None for r in typed)
    table = write(tmp_path, "名单.csv", "企业名称,主营产品,经营范围\n示例,AI服务器,\n示例,,锂电池隔膜制造")
    read = rows(call, ready, "suggest", "--file", table)
    assert [(r["row"], r["link"], r["tier"]) for r in read if r["link"]] == [
        (2, "人工智能服务器", "certain"), (3, "锂电池隔膜", "likely"),
    ]  # fmt: skip
    lines = write(tmp_path, "文本.txt", "AI服务器\n电解液")
    assert [r["row"] for r in rows(call, ready, "suggest", "--file", lines) if r["link"]] == [1, 2]
    assert call("attach", "suggest", "-w", ready).code == 1
    assert call("attach", "suggest", "--file", write(tmp_path, "空.csv", "甲,乙\n1,2"), "-w", ready).code == 1


def test_check_says_that_nothing_was_judged_and_then_the_precision(call: Call, ready: Path) -> None:
    first = call("attach", "check", "-w", ready, "--lang", "zh")
    assert "准确率未知" in first.err
    for row in rows(call, ready, "check"):
        assert call("attach", "decide", row["term"], row["link"], "same", "-w", ready).code == 0
    assert "准确率 1.00" in call("attach", "check", "-w", ready, "--lang", "zh").err


def test_a_users_own_terms_stand_before_the_packages(call: Call, ready: Path) -> None:
    write(ready, "用语.csv", "环节,用语,关系,存疑\n人工智能服务器,服务器,无关,")
    assert status(call, ready, "云计算", "人工智能服务器", "济南市")["possible"] == 0
    gbk = "环节,用语,关系,存疑\n人工智能服务器,服务器,下位,".encode("gb18030")  # as Excel on Windows saves it
    (ready / "用语.csv").write_bytes(gbk)
    assert status(call, ready, "云计算", "人工智能服务器", "济南市")["producers"] == 2
    (ready / "用语.csv").write_bytes(b"\xff\xff\xff")
    assert "CSV UTF-8" in call("attach", "list", "-w", ready).err
    write(ready, "用语.csv", "环节,用语,关系\n人工智能服务器,,同义")
    refused = call("attach", "list", "-w", ready)
    assert refused.code == 1
    assert "用语.csv" in refused.err


def test_the_list_of_the_cases_turns_no_other_link_and_leaves_no_contradiction(
    call: Call, tmp_path: Path, shared: Path
) -> None:
    """cases/own_list with its 覆盖声明: what its firms make is missing in none of their cities."""
    folder, cases = tmp_path / "w", shared / "cases" / "own_list"
    assert call("init", folder).code == 0
    places = ("枣庄市", "济南市", "烟台市", "淄博市")
    assert call("load", cases / "企业.csv", cases / "覆盖声明.csv", "-w", folder).code == 0
    after = statuses(folder, places)
    with (cases / "expect.csv").open(encoding="utf-8-sig", newline="") as lines:
        expected = {(row["地点"], row["环节"]) for row in csv.DictReader(lines)}
    assert len(expected) == 27
    atlas = chainatlas.open(folder)
    made = atlas.makers
    wider = {
        (place, atlas.snapshot.name(made.node(item)))
        for place, link in expected
        for at in [made.item(atlas.snapshot.find(link, ("Product",)))]
        for item in made.kinds_above(at) | made.kinds_below(at)  # a maker of MDI may make pure MDI
    }
    for cell, row in after.items():
        if cell in expected:
            assert row[0] not in ("missing", "assumed"), cell
            assert row[1] + row[2] >= 1, cell
        elif cell not in wider | SAID_BESIDE:
            assert row[1:] == (0, 0), cell
    assert sum(after[cell][1] > 0 for cell in expected) >= 16


def statuses(folder: Path, places: tuple[str, ...]) -> dict[tuple[str, str], tuple[str, int, int]]:
    """Status, makers and possible makers of every product link in each place."""
    atlas = chainatlas.open(folder)
    items = np.array(sorted({i for m in atlas.chain_members.values() for i, _, _ in m}), np.int64)
    items = items[items < len(atlas.makers.base[0])]
    scopes = np.array([atlas.scopes.find(p) for p in places])
    found = verdicts(atlas, items, scopes)
    names = atlas.snapshot.names(np.array([atlas.makers.node(int(i)) for i in items]))
    return {
        (place, name): (STATUS[found.status[r, c]], int(found.producers[r, c]), int(found.hints[r, c]))
        for c, place in enumerate(places)
        for r, name in enumerate(names)
    }


def test_python_has_the_same(ready: Path) -> None:
    assert "服务器" in set(chainatlas.attach(ready).table["term"])
    chainatlas.decide_term(ready, "服务器", "人工智能服务器", "makes", by="示例")
    assert "服务器" not in {r["term"] for r in chainatlas.attach(ready).rows if r["link"] == "人工智能服务器"}
    table = write(ready.parent, "判断.csv", "term,link,decision\n服务器,人工智能服务器,broader")
    assert chainatlas.import_terms(ready, table, by="示例").rows[1] == {"what": "recorded", "value": 1}
    assert chainatlas.suggest(ready, ["锂离子电池电解液"]).rows[0]["link"] == "电解液"
    assert "准确率未知" in chainatlas.check_attached(ready).notes_in("zh")[0]


def test_of_two_writings_of_a_word_the_later_decision_counts(call: Call, ready: Path) -> None:
    def makers(word: str, decision: str) -> int:
        chainatlas.decide_term(ready, word, "人工智能服务器", decision, by="示例")
        return int(status(call, ready, "云计算", "人工智能服务器", "济南市")["producers"])

    assert [makers("AI服务器", "no"), makers("人工智能服务器", "same"), makers("AI服务器", "no")] == [0, 1, 0]


def test_a_table_that_cannot_be_written_is_told(call: Call, ready: Path, tmp_path: Path) -> None:
    for name in ("待.xlsx", "待.csv"):
        answer = call("attach", "export", tmp_path / "没有" / name, "-w", ready)
        assert answer.code == 1
        assert name in answer.err
