"""Commands as people use them: tables on stdout, files by extension, names as they come, exit codes."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import chainatlas as ca
from chainatlas.queries.atlas.result import Result
from chainatlas.views.tables import to_csv, to_json, to_xlsx

Call = Callable[..., Any]  # see conftest.py
Run = Callable[..., "subprocess.CompletedProcess[str]"]

# Columns that commands.md promises, at least.
PROMISED = {
    ("load", "SHEETS"): "file sheet type read new unchanged merged rejected",
    ("status",): "what value",
    ("chain", "小链"): "chain link kind stage order status reason producers population coverage confidence",
    ("gaps",): "chain link kind stage place status subkind action criticality feasibility population coverage "
    "confidence nearest reason",
    ("explain", "小链", "A", "--in", "枣庄市"): "fact source source_ref as_of",
    ("bottlenecks",): "entity loses share_lost certain",
    ("whatif", "--open", "A"): "link status_before status_after available_before available_after",
    ("check",): "code severity entity message remedy",
    ("loads",): "load time files rows rejected",
}
STATUS = {"adequate", "weak", "single_source", "missing", "unknown", "possible"}


# The demo ---------------------------------------------------------------------------------------


def test_demo(run: Run, root: Path, tmp_path: Path) -> None:
    """In an empty folder: a table, a page beside it; again: nothing new, the same hash."""
    first = run("demo")
    assert first.returncode == 0, first.stderr
    folder = tmp_path / "chainatlas-workspace"
    page = folder / "atlas.html"
    assert page.stat().st_size > 1_000_000
    assert "链" in first.stdout.splitlines()[0]
    table = first.stdout.splitlines()
    assert 6 <= len(table) <= 40, "short enough to be read"
    with (root / "data" / "shandong" / "链.csv").open(encoding="utf-8-sig", newline="") as file:
        chains = {row["链名称"] for row in csv.DictReader(file)}
    assert len(chains & {line.split(" ")[0] for line in table}) >= 3
    assert "上市公司" in first.stderr, "for whom “missing” is said"
    assert "atlas.html" in first.stderr
    current = (folder / "CURRENT").read_bytes()
    again = run("demo")
    assert again.returncode == 0, again.stderr
    assert again.stdout == first.stdout
    assert (folder / "CURRENT").read_bytes() == current
    history = json.loads(run("loads", "--format", "json").stdout)
    assert len(history) == 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", history[0]["time"])


def test_demo_leaves_other_data_alone(call: Call, tmp_path: Path, small: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    before = (small / "CURRENT").read_bytes()
    for other in (folder, small):
        done = call("demo", other)
        assert done.code == 1
        assert str(other) in done.err
        assert done.out == ""
    assert [p.name for p in folder.iterdir()] == ["notes.txt"]
    assert (small / "CURRENT").read_bytes() == before


def test_demo_after_own_data_joined_it(call: Call, tmp_path: Path, sheets: Path) -> None:
    """Own lists loaded into the demo's workspace do not keep the demo from being shown again."""
    assert call("demo", "w").code == 0
    assert call("load", sheets / "集群.csv", "-w", "w").code == 0
    assert call("demo", "w").code == 0
    assert len(call("loads", "-w", "w", "--format", "json").rows) == 2


def test_demo_in_english(call: Call) -> None:
    done = call("demo", "w", "--lang", "en")
    assert done.code == 0
    assert done.out.split()[0] == "chain"
    assert "listed companies" in done.err
    assert 'lang="en"' in Path("w/atlas.html").read_text(encoding="utf-8")[:2000]


# Data in ----------------------------------------------------------------------------------------


def test_load_again_and_undo(call: Call, sheets: Path) -> None:
    first = call("load", sheets, "-w", "w", "--format", "json").rows
    assert {r["file"] for r in first} == {p.name for p in sheets.iterdir()}
    for row in first:
        assert row["read"] == row["new"] + row["unchanged"] + row["merged"] + row["rejected"]
        assert row["read"] > 0
        assert row["rejected"] == 0
    told = {r["what"]: r["value"] for r in call("status", "-w", "w", "--format", "json").rows}
    assert told["loads"] == 1
    assert re.fullmatch(r"[0-9a-f]{64}", told["hash"])
    assert told["Enterprise"] == 4
    again = call("load", sheets, "-w", "w", "--format", "json")
    assert all(r["unchanged"] == r["read"] for r in again.rows)
    assert told["hash"] in again.err

    more = Path("更多.csv")
    more.write_text("企业名称,所在市,主营产品\n庚有限公司,济南市,A\n", encoding="utf-8")
    assert call("load", more, "-w", "w", "--as", "企业").code == 0
    assert len(call("loads", "-w", "w", "--format", "json").rows) == 2
    changed = {r["what"]: r["value"] for r in call("status", "-w", "w", "--format", "json").rows}
    assert changed["hash"] != told["hash"]
    done = call("undo", "2", "-w", "w")
    assert (done.code, done.out) == (0, "")
    assert told["hash"] in done.err
    assert {r["what"]: r["value"] for r in call("status", "-w", "w", "--format", "json").rows} == told


def test_undo_of_no_load(call: Call, small: Path) -> None:
    done = call("undo", "9", "-w", small)
    assert done.code == 1
    assert "现有：1" in done.err


def test_dry_run_writes_nothing(call: Call, sheets: Path, small: Path) -> None:
    new = small.parent / "新企业.csv"
    new.write_text("企业名称,所在市\n辛有限公司,济南市\n", encoding="utf-8")
    before = call("status", "-w", small, "--format", "json").rows
    done = call("load", new, "-w", small, "--as", "企业", "--dry-run", "--format", "json")
    assert done.rows[0]["new"] == 1
    assert "只检查" in done.err
    assert call("status", "-w", small, "--format", "json").rows == before


def test_source_and_date_reach_the_evidence(call: Call, small: Path) -> None:
    new = small.parent / "新企业.csv"
    new.write_text("企业名称,所在市,主营产品\n辛有限公司,枣庄市,A\n", encoding="utf-8")
    done = call("load", new, "-w", small, "--as", "企业", "--source", "某名录", "--as-of", "2023-05")
    assert done.code == 0, done.err
    facts = call("explain", "小链", "A", "--in", "枣庄市", "-w", small, "--format", "json").rows
    (mine,) = [f for f in facts if f["source"] == "某名录"]
    assert (mine["as_of"], mine["source_ref"], mine["load"]) == ("2023-05", "新企业.csv · 第2行", 2)


@pytest.mark.parametrize("option", [("--as-of", "昨天"), ("--max-rejects", "很多"), ("--as", "飞船")])
def test_load_options_are_checked(call: Call, sheets: Path, option: tuple[str, str]) -> None:
    done = call("load", sheets, "-w", "w", *option)
    assert done.code == 1
    assert option[1] in done.err
    assert not Path("w").exists()


def test_template_loads_as_it_is(call: Call) -> None:
    """The workbook has a sheet a type; its example rows are never loaded."""
    done = call("template", "表.xlsx")
    assert (done.code, done.out) == (0, "")
    book = openpyxl.load_workbook("表.xlsx")
    assert {"企业", "产品环节", "投入关系", "覆盖声明"} <= set(book.sheetnames)
    assert book["企业"]["A1"].value == "企业名称"
    sheet = book["企业"]
    sheet["A3"] = "壬有限公司"
    book.save("表.xlsx")
    loaded = call("load", "表.xlsx", "-w", "w", "--format", "json")
    by_type = {r["type"]: r for r in loaded.rows}
    assert by_type["Enterprise"]["read"] == by_type["Enterprise"]["new"] == 1
    told = {r["what"]: r["value"] for r in call("status", "-w", "w", "--format", "json").rows}
    assert told["Enterprise"] == 1
    assert "Product" not in told


def test_template_of_some_types(call: Call) -> None:
    assert call("template", "表.xlsx", "--types", "企业，Technology").code == 0
    assert openpyxl.load_workbook("表.xlsx").sheetnames == ["企业", "技术"]
    unknown = call("template", "表.xlsx", "--types", "飞船")
    assert unknown.code == 1
    assert "飞船" in unknown.err
    other = call("template", "表.csv")
    assert other.code == 1
    assert "xlsx" in other.err
    assert not Path("表.csv").exists()


# Questions --------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("words", PROMISED, ids=lambda w: w[0])
def test_columns_are_as_promised(call: Call, small: Path, sheets: Path, words: tuple[str, ...], lang: str) -> None:
    """The English column names, whatever the language of labels and messages."""
    asked = [sheets if w == "SHEETS" else w for w in words]
    done = call(*asked, "-w", small, "--lang", lang, "--format", "csv")
    assert done.code == 0, done.err
    header = next(csv.reader(io.StringIO(done.out)))
    assert set(PROMISED[words].split()) <= set(header)
    assert all(re.fullmatch("[a-z_]+", c) for c in header)


def test_json_values(call: Call, small: Path, demo_folder: Path) -> None:
    """Numbers are numbers, a missing value is null, several values are an array."""
    rows = call("gaps", "--in", "山东省", "-w", small, "--format", "json").rows
    assert [(r["link"], r["status"], r["criticality"], r["nearest"]) for r in rows] == [
        ("=B(1)", "missing", 1.0, []), ("T", "single_source", 1.0, [])]  # fmt: skip
    assert rows[0]["feasibility"] is None
    many = call("gaps", "--in", "枣庄市", "-w", demo_folder, "--format", "json").rows
    assert len(many) >= 10
    for row in many:
        assert row["status"] in STATUS
        assert isinstance(row["nearest"], list)
        assert all(isinstance(n, str) for n in row["nearest"])
        for name in ("criticality", "feasibility", "gain", "coverage", "confidence"):
            assert row[name] is None or isinstance(row[name], int | float)
    assert any(r["nearest"] for r in many)
    links = call("chain", "锂电", "--in", "山东省", "-w", demo_folder, "--format", "json").rows
    assert len(links) >= 60
    for row in links:
        assert row["status"] in STATUS
        assert type(row["producers"]) is int
        assert row["producers"] >= len(row["names"]) or len(row["names"]) <= 10
    assert any(r["order"] is None for r in links)


def test_json_has_no_nan(call: Call, demo_folder: Path) -> None:
    done = call("gaps", "--all", "--in", "山东省", "-w", demo_folder, "--format", "json")

    def refuse(name: str) -> Any:
        raise AssertionError(name)

    assert len(json.loads(done.out, parse_constant=refuse)) >= 150


def test_gaps_counts_unknown_ones_unless_asked(call: Call, demo_folder: Path) -> None:
    words = ("gaps", "--chain", "锂电", "--in", "枣庄市", "-w", demo_folder, "--format", "json")
    some, every = call(*words), call(*words, "--all")
    assert all(r["status"] != "unknown" for r in some.rows)
    hidden = [r for r in every.rows if r["status"] == "unknown"]
    assert len(every.rows) == len(some.rows) + len(hidden)
    links = [r for r in hidden if r["kind"] != "link"]  # pairs of links are not counted among the links
    assert len(links) > 10
    assert f"另有 {len(links)} 个环节" in some.err
    for kind in ("industry", "technology", "link"):
        assert {r["kind"] for r in call(*words, "--all", "--kind", kind).rows} <= {kind}


def test_messages_and_tables_go_separate_ways(call: Call, demo_folder: Path, run: Run) -> None:
    """Standard output is the table alone: it can be piped on."""
    done = run("chain", "锂电", "--in", "山东省", "-w", demo_folder, "--format", "csv")
    assert done.returncode == 0
    read = list(csv.reader(io.StringIO(done.stdout)))
    assert len({len(row) for row in read}) == 1
    assert "K_AO" in done.stderr
    assert "K_AO" not in done.stdout
    table = run("chain", "锂电", "--in", "山东省", "-w", demo_folder)
    assert "\x1b" not in table.stdout + table.stderr, "colours only on a terminal"
    assert "锂电池隔膜" in table.stdout


def test_the_workspace_may_come_from_the_environment(run: Run, small_folder: Path) -> None:
    done = run("status", "--format", "json", CHAINATLAS_WORKSPACE=str(small_folder))
    assert {"what": "loads", "value": 1} in json.loads(done.stdout)


def test_atlas(call: Call, small_folder: Path) -> None:
    done = call("atlas", "-w", small_folder, "-o", "页面.html")
    assert (done.code, done.out) == (0, "")
    text = Path("页面.html").read_text(encoding="utf-8")
    assert "丙有限公司" in text
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", text), "nothing from the network"
    nowhere = call("atlas", "-w", small_folder, "-o", Path("nowhere") / "a.html")
    assert nowhere.code == 1
    assert "nowhere" in nowhere.err


# Files ------------------------------------------------------------------------------------------


def test_files_by_extension(call: Call, small_folder: Path) -> None:
    words = ("gaps", "--in", "枣庄市", "-w", small_folder)
    rows = call(*words, "--format", "json").rows
    assert len(rows) >= 2
    for name in ("缺口.csv", "缺口.json", "缺口.xlsx", "缺口.JSON"):
        done = call(*words, "-o", name)
        assert (done.code, done.out) == (0, ""), done.err
    assert Path("缺口.csv").read_bytes().startswith(b"\xef\xbb\xbf"), "Excel needs the mark to read UTF-8"
    with Path("缺口.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(rows)
    assert json.loads(Path("缺口.json").read_text(encoding="utf-8")) == rows
    sheet = openpyxl.load_workbook("缺口.xlsx").active
    assert sheet is not None
    read = list(sheet.iter_rows(values_only=True))
    assert list(read[0]) == list(rows[0])
    assert len(read) == len(rows) + 1
    assert [r[read[0].index("coverage")] for r in read[1:]] == [r["coverage"] for r in rows]


def test_format_beats_the_extension_and_unknown_ones_are_refused(call: Call, small_folder: Path) -> None:
    assert call("status", "-w", small_folder, "-o", "a.txt", "--format", "json").code == 0
    assert json.loads(Path("a.txt").read_text(encoding="utf-8"))
    for words in (("-o", "a.pdf"), ("--format", "xml"), ("--format", "xlsx"), ("-o", "nowhere/a.csv"),
                  ("-o", "nowhere/a.xlsx")):  # fmt: skip
        done = call("status", "-w", small_folder, *words)
        assert (done.code, done.out) == (1, ""), words
        assert len(done.err.splitlines()) == 1


def test_template_that_cannot_be_written(call: Call) -> None:
    done = call("template", "nowhere/a.xlsx")
    assert (done.code, done.out) == (1, "")
    assert "nowhere" in done.err


LIVE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")']


def test_text_is_never_live(tmp_path: Path) -> None:
    """What a spreadsheet would run is text in CSV and in Excel, alone or first of several."""
    rows: list[dict[str, Any]] = [{"a": text, "b": [text, "x"], "c": -1.5} for text in LIVE]
    result = Result(("a", "b", "c"), rows)
    read = list(csv.reader(io.StringIO(to_csv(result), newline="")))
    assert len(read) == len(LIVE) + 1
    assert all(cell.startswith("'") for row in read[1:] for cell in row[:2])
    assert [row[2] for row in read[1:]] == ["-1.5"] * len(LIVE)
    to_xlsx(result, tmp_path / "a.xlsx", "zh", "")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    assert [c.data_type for c in cells] == ["s", "s", "n"] * len(LIVE)
    assert all(c.hyperlink is None for c in cells)
    assert json.loads(to_json(result)) == rows


def test_names_from_data_are_never_live(call: Call, small_folder: Path) -> None:
    words = ("chain", "小链", "--in", "枣庄市", "-w", small_folder)
    assert call(*words, "-o", "a.xlsx").code == 0
    sheet = openpyxl.load_workbook("a.xlsx").active
    assert sheet is not None
    cells = [c for row in sheet.iter_rows() for c in row if isinstance(c.value, str) and c.value.startswith("=")]
    assert len(cells) >= 2, "the link =B(1) and the maker =HYPERLINK"
    assert {c.data_type for c in cells} == {"s"}
    read = list(csv.reader(io.StringIO(call(*words, "--format", "csv").out)))
    assert "'=B(1)" in {cell for row in read for cell in row}
    assert not any(cell.startswith(("=", "@")) for row in read for cell in row)


@pytest.mark.parametrize("title", ["a/b", "[x]:*?", "'q'", "长" * 40, "", "History"])
def test_any_title_makes_a_workbook(tmp_path: Path, title: str) -> None:
    to_xlsx(Result(("a",), [{"a": 1}]), tmp_path / "a.xlsx", "zh", title)
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames[0]


# Exit codes and names ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("gaps", "--in", "枣装市"), "枣庄市"),
        (("gaps", "--cluster", "双城丙集群"), "双城甲集群"),
        (("gaps", "--among", "外星人"), "全部"),
        (("gaps", "--external", "moon"), "province"),
        (("gaps", "--kind", "foo"), "technology"),
        (("gaps", "--chain", "小莲"), "小链"),
        (("gaps", "--lang", "xx"), "en"),
        (("gaps", "--format", "xml"), "xlsx"),
        (("chain", "大链"), "小链"),
        (("explain", "小链", "=B(2)"), "=B(1)"),
    ],
    ids=lambda x: x[1] if isinstance(x, tuple) else "",
)
def test_what_is_not_known_is_refused_with_what_is(
    call: Call, small_folder: Path, words: tuple[str, ...], offered: str
) -> None:
    done = call(*words, "-w", small_folder)
    assert (done.code, done.out) == (1, "")
    assert len(done.err.splitlines()) == 1
    assert words[-1] in done.err
    assert offered in done.err


@pytest.mark.parametrize("words", [("fly",), ("gaps", "--fast"), ("undo", "one"), ("load",), ("chain",)])
def test_wrong_usage(run: Run, words: tuple[str, ...]) -> None:
    done = run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "用法：chainatlas" in done.stderr
    assert "例：chainatlas" in done.stderr
    assert "Traceback" not in done.stderr


def test_errors_in_english(call: Call, small_folder: Path) -> None:
    done = call("gaps", "--in", "枣装市", "-w", small_folder, "--lang", "en")
    assert done.code == 1
    assert done.err.startswith("There is no place named")


def test_debug_shows_the_way(run: Run, small_folder: Path) -> None:
    done = run("gaps", "--in", "枣装市", "-w", small_folder, "--debug")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


@pytest.mark.parametrize("name", ["枣庄市", "枣庄", "370400", "Region:code:370400", " 枣 庄 市 "])
def test_a_place_by_any_of_its_names(call: Call, demo_folder: Path, name: str) -> None:
    words = ("gaps", "--chain", "锂电", "-w", demo_folder, "--format", "json", "--in")
    rows = call(*words, name).rows
    assert len(rows) > 3
    assert {r["place"] for r in rows} == {"枣庄市"}


@pytest.mark.parametrize("name", ["锂电", "锂电产业链", "Chain:name:锂电"])
def test_a_chain_by_any_of_its_names(call: Call, demo_folder: Path, name: str) -> None:
    rows = call("chain", name, "-w", demo_folder, "--format", "json").rows
    assert {r["chain"] for r in rows} == {"锂电"}


@pytest.mark.parametrize("name", ["N-甲基吡咯烷酮", "nmp", "Ｎ－甲基吡咯烷酮"])
def test_a_link_by_any_of_its_names(call: Call, demo_folder: Path, name: str) -> None:
    facts = call("explain", "锂电", name, "--in", "山东省", "-w", demo_folder, "--format", "json").rows
    assert any("N-甲基吡咯烷酮" in f["fact"] for f in facts)


def test_a_cluster_by_any_of_its_names(call: Call, demo_folder: Path) -> None:
    asked = [call("gaps", "--cluster", n, "--all", "-w", demo_folder, "--format", "json").rows
             for n in ("锂电产业集群", "锂电")]  # fmt: skip
    assert asked[0] == asked[1]
    assert {r["place"] for r in asked[0]} == {"锂电产业集群"}


def test_a_name_that_several_bear_lists_them(call: Call, small_folder: Path) -> None:
    done = call("gaps", "--cluster", "双城", "-w", small_folder)
    assert done.code == 1
    assert "双城甲集群" in done.err
    assert "双城乙集群" in done.err


# The Python API ---------------------------------------------------------------------------------


def test_python_gives_the_same_rows(call: Call, demo_folder: Path) -> None:
    atlas = ca.open(demo_folder)
    asked = {
        ("gaps", "--chain", "锂电", "--in", "枣庄市"): ca.gaps(atlas, chain="锂电", place="枣庄市"),
        ("chain", "高端聚氨酯", "--in", "烟台市"): ca.chain(atlas, "高端聚氨酯", place="烟台市"),
        ("explain", "锂电", "锂电池隔膜", "--in", "枣庄市"): ca.explain(atlas, "锂电", "锂电池隔膜", place="枣庄市"),
        ("check",): ca.check(atlas),
        ("status",): ca.status(demo_folder),
        ("loads",): ca.loads(demo_folder),
    }
    for words, result in asked.items():
        rows = call(*words, "-w", demo_folder, "--format", "json").rows
        assert rows, words
        assert rows == [{c: r[c] for c in result.columns} for r in result.in_language("zh").rows], words
        assert list(result.table.columns) == list(rows[0])
        assert len(result.table) == len(rows)


def test_python_explains_a_row(demo_folder: Path) -> None:
    found = ca.gaps(ca.open(demo_folder), chain="锂电", place="枣庄市")
    at = next(i for i, row in enumerate(found.rows) if row["nearest"])
    facts = found.explain(at)
    assert set(facts.table.columns) >= {"fact", "source", "source_ref", "as_of"}
    assert any(found.rows[at]["link"] in f["fact"] for f in facts.in_language("zh").rows)


def test_python_errors_are_the_builtin_ones_too(demo_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="工作区"):
        ca.open(tmp_path)
    with pytest.raises(LookupError, match="枣庄市"):
        ca.gaps(ca.open(demo_folder), place="枣装市")
    with pytest.raises(ValueError, match=r"无\.csv"):
        ca.load(tmp_path / "w", tmp_path / "无.csv")
