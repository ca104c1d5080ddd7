"""Files odd in structure, made by grammar: loaded or refused in one sentence; and the kinds of fault found so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from building import write
from faults.matrix import record

from chainatlas.graph.schema.errors import LoadError
from chainatlas.graph.schema.types import load_schema
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.documents.clauses import cn_number
from chainatlas.loaders.documents.documents import read_document
from chainatlas.loaders.documents.goals import dues
from chainatlas.loaders.files.files import read_sheets
from chainatlas.loaders.headers import guess as guessing
from chainatlas.loaders.headers.mapping import read_mapping
from chainatlas.loaders.load import load

HERE = Path(__file__).parents[1]
MEMORY = 700  # MB that the loading process may hold at its largest; what reads is held to its own limit


def _start(first: int, count: int, folder: Path) -> subprocess.Popen[str]:
    folder.mkdir(parents=True)
    helpers = f"{HERE.parent}{os.pathsep}{HERE}"
    words = [sys.executable, str(HERE / "shaping.py"), str(first), str(count), str(folder)]
    return subprocess.Popen(
        words,
        text=True,
        encoding="utf-8",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": helpers, "PYTHONUTF8": "1"},
    )


def _finish(child: subprocess.Popen[str], folder: Path) -> dict[str, Any]:
    out, told = child.communicate(timeout=6000)
    assert child.returncode == 0, f"seed {(folder / 'seed').read_text(encoding='utf-8')}: {told[-3000:]}"
    assert "Traceback" not in told, told[-3000:]
    found: dict[str, Any] = json.loads(out)
    assert found["memory_mb"] < MEMORY
    return found


def test_files_made_by_grammar(tmp_path: Path) -> None:
    """Some of every format every day; ten thousand, and others, at night."""
    found = _finish(_start(0, 16, tmp_path / "f"), tmp_path / "f")
    assert found["faults"] == []
    assert set(found["tries"]) == {
        "csv",
        "xlsx",
        "xls",
        "ods",
        "json",
        "parquet",
        "mapping",
        "graph",
        "md",
        "docx",
        "pdf",
    }
    assert found["outcomes"]["loaded"] >= 3, "enough of them get through to be folded"


@pytest.mark.slow
def test_ten_thousand_files_made_by_grammar(tmp_path: Path) -> None:
    """Other files every night: the first seed is the number of the day."""
    first = int(time.time() // 86_400) * 10_000
    tries, wrong = Counter[str](), Counter[str]()
    faults: list[tuple[int, str, str]] = []
    for start in range(first, first + 10_000, 1000):  # two at a time; what each came to is told when it ends
        children = {n: _start(start + 500 * n, 500, tmp_path / f"{start}-{n}") for n in range(2)}
        for n, child in children.items():
            found = _finish(child, tmp_path / f"{start}-{n}")
            tries.update(found["tries"])
            faults += found["faults"]
            wrong.update(kind for _, kind, _ in found["faults"])
    for kind, many in sorted(tries.items()):
        record(f"files odd in structure: {kind}", many, many - wrong[kind])
    assert faults == []
    assert tries.total() == 10_000


# Kinds that were found so ---------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["9223372036854775808", "1e30", "99999999999999999999人"])
def test_a_number_larger_than_a_whole_number_can_be_loses_its_cell(tmp_path: Path, text: str) -> None:
    report = load(tmp_path / "w", [write(tmp_path, "企业.csv", f"企业名称,从业人数\n示例甲,{text}\n示例乙,9000000000")])
    assert [(s.read, s.new, s.cells) for s in report.sheets] == [(2, 2, 1)]
    assert [(r.row, r.code) for r in report.rejects] == [(2, "reject_number")]
    found = Workspace.open(tmp_path / "w").graph().nodes["Enterprise"]
    assert sorted(found["employees"].to_pylist(), key=str) == [9_000_000_000, None]


def test_a_draft_of_thousands_of_columns_looks_at_the_first_and_lists_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = ",".join([*(f"栏目{n}" for n in range(4000)), "企业名称"])
    (raw,) = read_sheets(write(tmp_path, "x.csv", f"{wide}\n" + ",".join(["值"] * 4001)))
    compared: set[str] = set()
    inner = guessing._likeness

    def likeness(a: str, b: str) -> float:
        compared.add(a)
        return inner(a, b)

    monkeypatch.setattr(guessing, "_likeness", likeness)
    made = guessing.guess(raw, load_schema(), "Enterprise")
    assert 1 < len(compared) <= guessing._WIDEST
    assert [c.header for c in made.columns] == wide.split(",")
    assert made.columns[-1].meaning is None, "it is not looked at"
    assert guessing.draft([made], "").count('"栏目') == 4000


@pytest.mark.parametrize(
    "text",
    [
        "sheet = [1, 2]",
        "sheet = [[]]",
        "sheet = 9999-12-31",
        "a = " + "[" * 5000,
        "a = " + "{b = " * 3000,
        "a = " + "9" * 5000,
        "a." * 3000 + "b = 1",
        "\x00",
    ],
)
def test_a_mapping_file_of_any_shape_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.toml").write_text(text, encoding="utf-8")
    with pytest.raises(LoadError) as bad:
        read_mapping(tmp_path / "m.toml")
    assert bad.value.code in ("mapping_unreadable", "reader_deep")
    assert "m.toml" in bad.value.text("zh")


@pytest.mark.parametrize(
    ("lookup", "code"),
    [
        ('{ file = "book.json", key = "a", value = "b" }', "mapping_lookup"),
        ("{ file = 1, key = 0, value = 1 }", "mapping_value"),
        ('{ file = "c.csv", key = true, value = 1 }', "mapping_value"),
        ('{ file = "c.csv", key = [], value = 1 }', "mapping_value"),
        ('{ file = "c.csv", key = 0, value = 10 }', "mapping_column"),
        ('{ file = "none.csv", key = 0, value = 1 }', "file_missing"),
    ],
)
def test_a_lookup_that_cannot_be_is_refused(tmp_path: Path, lookup: str, code: str) -> None:
    write(tmp_path, "c.csv", "a,b\n1,2")
    write(tmp_path, "book.json", '{"x": [{"a": "1"}], "y": [{"b": "2"}]}')
    write(
        tmp_path,
        "m.toml",
        f'[[sheet]]\nfile = "t.csv"\nas = "企业"\nlookup = {{ n = {lookup} }}\ncolumns = {{ n = "企业名称" }}',
    )
    with pytest.raises(LoadError) as bad:
        load(tmp_path / "w", [write(tmp_path, "t.csv", "n,m\n1,x")], mapping=tmp_path / "m.toml")
    assert bad.value.code == code


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("到9999年底，新建5个。", "9999-12-31"),
        ("到9998年12月底，新建5个。", "9998-12-31"),
        ("到2024年2月底，新建5个。", "2024-02-29"),
        ("到2023年2月底，新建5个。", "2023-02-28"),
        ("到0000年底，新建5个。", None),
        ("2020—0000年，新建5个。", None),
    ],
)
def test_dates_at_the_end_of_the_calendar(text: str, due: str | None) -> None:
    assert [d.date for d in dues(text)] == ([] if due is None else [due])


def test_a_term_that_ends_behind_the_calendar_is_no_date() -> None:
    assert [d.date for d in dues("三年内新建5个。", "9996-05-06")] == ["9999-05-06"]
    assert dues("三年内新建5个。", "9997-05-06") == []


def test_numbers_of_clauses_in_any_digits() -> None:
    assert [cn_number(t) for t in ("1十", "十5", "٣", "12")] == [10, 15, 3, 12]


def test_a_clause_of_thousands_of_digits_is_text(tmp_path: Path) -> None:
    head = "示例市产业发展行动方案\n示政发〔2025〕5号\n2025年1月2日\n第一条 支持示例产业。\n"
    body = f"{head}第{'9' * 5000}条 不是编号。\n"
    load(tmp_path / "w", [write(tmp_path, "p.md", body)])
    assert Workspace.open(tmp_path / "w").graph().nodes["Clause"].num_rows == 1


def test_a_word_file_in_an_encoding_that_cannot_be_read(tmp_path: Path) -> None:
    from fuzzing import packed

    path = tmp_path / "x.docx"
    path.write_bytes(
        packed({"word/document.xml": '<?xml version="1.0" encoding="gb18030"?><a>示例</a>'.encode("gb18030")})
    )
    with pytest.raises(LoadError) as bad:
        read_document(path)
    assert bad.value.code == "file_unreadable"


def test_a_claim_without_a_name_and_a_node_that_nothing_mentions(tmp_path: Path) -> None:
    """Neither is what an export writes: nobody would know who it is, or where it comes from."""
    from shaped.graphs import written

    whole = written(".graphml").decode()
    nameless = tmp_path / "a.graphml"
    nameless.write_text(whole.replace('{"name": "\\u793a\\u4f8b\\u4e59", ', "{", 1), encoding="utf-8")
    assert nameless.read_text(encoding="utf-8") != whole
    with pytest.raises(LoadError, match="uscc"):
        load(tmp_path / "w", [nameless])
    alone = tmp_path / "b.graphml"
    kept = [line for line in whole.split("\n") if "china-division" not in line or '"name"' in line]
    alone.write_text("\n".join(kept), encoding="utf-8")
    with pytest.raises(LoadError) as bad:
        load(tmp_path / "v", [alone])
    assert bad.value.code == "exchange_broken"
    assert "被提到" in bad.value.text("zh")
