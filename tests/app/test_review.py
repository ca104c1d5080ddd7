"""Review: list, decide, export to a spreadsheet and back; judgements stand beside the data."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from building import write

Call = Callable[..., Any]  # see conftest.py
FIRMS = """
企业名称,统一社会信用代码,所在省,所在市,主营产品
山东小松工程机械有限公司,,山东省,济宁市,挖掘机
小松,,山东省,济宁市,挖掘机
万华化学集团股份有限公司,914403001922038216,山东省,烟台市,MDI
万华化学（集团）股份有限公司,,,,MDI
青岛海尔智能电器有限公司,91330100799655058B,,,
济南海尔智能电器有限公司,9144030071526726XG,,,
海尔智能电器有限公司,,,,
"=HYPERLINK(""http://x"",""甲乙"")集团有限公司",,,,
"=HYPERLINK(""http://x"",""甲乙"")有限公司",,,,
<img src=x onerror=alert(1)>丙丁电器有限公司,,,,
<img src=x onerror=alert(1)>丙丁电器集团有限公司,,,,
"""
SMALL, LONG = "小松", "山东小松工程机械有限公司"


@pytest.fixture
def firms(call: Call, tmp_path: Path) -> Path:
    path = write(tmp_path, "企业.csv", FIRMS)
    assert call("load", path, "-w", tmp_path / "w").code == 0
    return tmp_path / "w"


def listed(call: Call, folder: Path, *more: str) -> dict[frozenset[str], dict[str, Any]]:
    rows = call("review", "list", "-w", folder, "--format", "json", *more).rows
    return {frozenset((r["name_a"], r["name_b"])): r for r in rows}


def hash_of(call: Call, folder: Path) -> str:
    return str(call("status", "-w", folder, "--format", "json").rows[0]["value"])


def test_list_says_why_and_shows_both_records(call: Call, firms: Path) -> None:
    row = listed(call, firms)[frozenset((SMALL, LONG))]
    assert (row["type"], row["decision"]) == ("Enterprise", None)
    assert 0.5 <= row["score"] < 1
    assert row["reasons"] == ["是全称的开头", "所在市相同", "有相同产品"]
    assert (row["place_a"], row["place_b"], row["products_a"]) == ("济宁市", "济宁市", ["挖掘机"])


def test_what_is_certain_is_joined_and_what_codes_keep_apart_is_not_asked(call: Call, firms: Path) -> None:
    open_ = listed(call, firms)
    assert frozenset(("青岛海尔智能电器有限公司", "济南海尔智能电器有限公司")) not in open_
    assert frozenset(("海尔智能电器有限公司", "济南海尔智能电器有限公司")) in open_
    everything = listed(call, firms, "--all")
    joined = everything[frozenset(("万华化学集团股份有限公司", "万华化学（集团）股份有限公司"))]
    assert joined["decision"] == "automatic"


def test_decide_and_take_back(call: Call, firms: Path) -> None:
    before = hash_of(call, firms)
    assert call("review", "decide", SMALL, LONG, "same", "-w", firms, "--by", "甲").code == 0
    assert frozenset((SMALL, LONG)) not in listed(call, firms)
    merged = hash_of(call, firms)
    assert merged != before
    assert call("review", "decide", LONG, SMALL, "不确定", "-w", firms).code == 0
    assert hash_of(call, firms) == before
    assert listed(call, firms)[frozenset((SMALL, LONG))]["decision"] == "unsure"
    assert call("review", "decide", SMALL, LONG, "different", "-w", firms).code == 0
    assert hash_of(call, firms) == before
    assert frozenset((SMALL, LONG)) not in listed(call, firms)
    rows = list(csv.DictReader(io.StringIO((firms / "judgements.csv").read_text(encoding="utf-8"))))
    assert [r["decision"] for r in rows] == ["same", "unsure", "different"]
    assert rows[0]["by"] == "甲"


def test_an_automatic_merge_is_taken_back_and_survives_another_load(call: Call, firms: Path, tmp_path: Path) -> None:
    before = hash_of(call, firms)
    count = [r for r in call("status", "-w", firms, "--format", "json").rows if r["what"] == "Enterprise"]
    names = ("万华化学（集团）股份有限公司", "万华化学集团股份有限公司")
    # Bracketed and plain are spelled differently: each names its own record.
    assert call("review", "decide", *names, "different", "-w", firms).code == 0
    apart = [r for r in call("status", "-w", firms, "--format", "json").rows if r["what"] == "Enterprise"]
    assert apart[0]["value"] == count[0]["value"] + 1
    more = write(tmp_path, "更多.csv", "企业名称\n戊己有限公司")
    assert call("load", more, "-w", firms, "--as", "企业").code == 0
    again = [r for r in call("status", "-w", firms, "--format", "json").rows if r["what"] == "Enterprise"]
    assert again[0]["value"] == apart[0]["value"] + 1
    assert call("undo", "2", "-w", firms).code == 0
    assert call("review", "decide", *names, "same", "-w", firms).code == 0
    assert hash_of(call, firms) == before


@pytest.mark.parametrize(("a", "b", "says"), [
    ("青岛海尔智能电器有限公司", "济南海尔智能电器有限公司", "统一社会信用代码不同"),
    ("万华化学集团股份有限公司", "914403001922038216", "同一条记录"), ("小松", "没有的公司", "没有名为"),
])  # fmt: skip
def test_decisions_that_cannot_be_made(call: Call, firms: Path, a: str, b: str, says: str) -> None:
    done = call("review", "decide", a, b, "same", "-w", firms)
    assert done.code == 1
    assert says in done.err
    assert not (firms / "judgements.csv").exists()


def test_a_decision_of_no_kind(call: Call, firms: Path) -> None:
    done = call("review", "decide", SMALL, LONG, "也许", "-w", firms)
    assert (done.code, "same" in done.err) == (1, True)


def test_export_is_inert_and_comes_back_as_it_was_edited(call: Call, firms: Path, tmp_path: Path) -> None:
    path = tmp_path / "待定.xlsx"
    assert call("review", "export", path, "-w", firms).code == 0
    book = openpyxl.load_workbook(path)
    sheet = book.active
    header = [c.value for c in sheet[1]]
    assert sheet.data_validations.dataValidation[0].formula1 == '"相同,不同,不确定,same,different,unsure"'
    hostile = [c for row in sheet.iter_rows(min_row=2) for c in row if str(c.value).startswith(("=", "<img"))]
    assert {str(c.value)[0] for c in hostile} == {"=", "<"}
    assert all(c.data_type == "s" and c.hyperlink is None for c in hostile)
    chosen = {}
    for row in sheet.iter_rows(min_row=2):
        name = row[header.index("name_a")].value, row[header.index("name_b")].value
        if frozenset(name) == frozenset((SMALL, LONG)):
            row[header.index("decision")].value = " 相同 "
            row[header.index("note")].value = "电话核实"
            chosen[frozenset(name)] = 1
    assert len(chosen) == 1
    book.save(path)
    total = sheet.max_row - 1
    told = {r["what"]: r["value"] for r in call("review", "import", path, "-w", firms, "--format", "json").rows}
    assert told == {"read": total, "recorded": 1, "unchanged": 0, "empty": total - 1}
    again = {r["what"]: r["value"] for r in call("review", "import", path, "-w", firms, "--format", "json").rows}
    assert again == {"read": total, "recorded": 0, "unchanged": 1, "empty": total - 1}
    assert "电话核实" in (firms / "judgements.csv").read_text(encoding="utf-8")
    assert frozenset((SMALL, LONG)) not in listed(call, firms)


def test_csv_goes_and_comes(call: Call, firms: Path, tmp_path: Path) -> None:
    path = tmp_path / "待定.csv"
    assert call("review", "export", path, "-w", firms).code == 0
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert not any(v.startswith("=") for r in rows for v in r.values())
    for row in rows:
        row["decision"] = "different"
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    assert call("review", "import", path, "-w", firms).code == 0
    assert listed(call, firms) == {}


def test_a_table_with_a_fault_records_nothing(call: Call, firms: Path, tmp_path: Path) -> None:
    ids = "Enterprise:name:小松,Enterprise:name:山东小松工程机械有限公司"
    unknown = f"Enterprise:name:没有,{ids.split(',')[0]},same"
    for text, says in (
        (f"a,b,decision\n{ids},same\n{ids},大概", "第 3 行"),
        (f"a,b,decision\n{ids},same\n{unknown}", "第 3 行"),
        ("a,b\n1,2", "缺少列：decision"),
    ):
        done = call("review", "import", write(tmp_path, "t.csv", text), "-w", firms)
        assert done.code == 1
        assert says in done.err
    assert not (firms / "judgements.csv").exists()


def test_codes_only_is_kept_in_the_workspace(call: Call, firms: Path, tmp_path: Path) -> None:
    joined = hash_of(call, firms)
    other = tmp_path / "v"
    assert call("load", tmp_path / "企业.csv", "-w", other, "--codes-only").code == 0
    assert hash_of(call, other) != joined
    more = write(tmp_path, "更多.csv", "企业名称\n戊己有限公司")
    assert call("load", more, "-w", other, "--as", "企业").code == 0
    assert not [r for r in listed(call, other, "--all").values() if r["decision"] == "automatic"]
    assert call("undo", "2", "-w", other).code == 0
    assert call("load", tmp_path / "企业.csv", "-w", other, "--match-names").code == 0
    assert hash_of(call, other) == joined
