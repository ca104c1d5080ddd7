"""Damaged and hostile files: refused in one sentence or loaded whole; no crash, no row lost, memory bounded."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from building import node, write
from fuzzing import packed, packed_ods
from guard import pythonpath

from chainatlas.graph.schema.errors import LoadError
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.load import load

HERE = Path(__file__).parents[1]  # where the fuzzing program stands


def _start(first: int, count: int, folder: Path) -> subprocess.Popen[str]:
    folder.mkdir(parents=True)
    helpers = pythonpath(HERE.parent, HERE)
    words = [sys.executable, str(HERE / "fuzzing.py"), str(first), str(count), str(folder)]
    return subprocess.Popen(words, text=True, encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env={**os.environ, "PYTHONPATH": helpers, "PYTHONUTF8": "1"})  # fmt: skip


def _finish(child: subprocess.Popen[str], folder: Path, count: int) -> dict[str, Any]:
    out, told = child.communicate(timeout=3000)
    assert child.returncode == 0, f"seed {(folder / 'seed').read_text(encoding='utf-8')}: {told[-3000:]}"
    found: dict[str, Any] = json.loads(out)
    assert found["crashes"] == []
    assert found["losses"] == []
    assert sum(found["outcomes"].values()) == count
    assert found["memory_mb"] < 400
    return found


def test_fuzzed_files(tmp_path: Path) -> None:
    """Files of all formats, thousands more at night: every one is loaded whole or refused with a message."""
    found = _finish(_start(0, 125, tmp_path / "f"), tmp_path / "f", 125)
    assert found["outcomes"]["loaded"] > 30, "enough of them get through to be counted"
    assert found["counted"] > 25, "and are counted by other readers too"


@pytest.mark.slow
def test_five_thousand_fuzzed_files(tmp_path: Path) -> None:
    children = {n: _start(1000 + 2500 * n, 2500, tmp_path / str(n)) for n in range(2)}
    for n, child in children.items():
        _finish(child, tmp_path / str(n), 2500)


# Bombs and traps -----------------------------------------------------------------------------------


def workbook(path: Path, fill: Callable[[Any], None]) -> Path:
    with xlsxwriter.Workbook(str(path), {"strings_to_urls": False}) as book:
        sheet = book.add_worksheet("企业")
        sheet.write_row(0, 0, ["企业名称", "主营产品"])
        sheet.write_row(1, 0, ["甲公司", "隔膜"])
        fill(sheet)
    return path


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_part(path: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    parts = parts_of(path)
    parts[name] = change(parts[name])
    path.write_bytes(packed(parts))
    return path


SHEET = "xl/worksheets/sheet1.xml"
ENTITY = b'<!DOCTYPE worksheet [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = (b'<!DOCTYPE sst [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)) + b"]>")  # fmt: skip


def behind_the_head(what: bytes) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(b"?>", b"?>" + what, 1)


def zip_bomb(folder: Path) -> Path:
    path = workbook(folder / "企业.xlsx", lambda sheet: None)
    return with_part(path, SHEET, lambda d: d.replace(b"<sheetData>", b"<sheetData>" + b" " * 300_000_000))


def lying_zip(folder: Path) -> Path:
    """The zip's directory says that a part is small; it is not."""
    import struct
    import zlib

    path = workbook(folder / "企业.xlsx", lambda sheet: None)
    data = parts_of(path)[SHEET].replace(b"<sheetData>", b"<sheetData>" + b" " * 50_000_000)
    with_part(path, SHEET, lambda _: data)
    raw = path.read_bytes()
    for true, false in ((len(data), 1000), (zlib.crc32(data), zlib.crc32(data[:1000]))):
        raw = raw.replace(struct.pack("<I", true), struct.pack("<I", false))
    path.write_bytes(raw)
    return path


def shared_text(folder: Path) -> Path:
    """One long text that a hundred thousand cells share: a copy for each would be three gigabytes."""
    path = workbook(folder / "企业.xlsx", lambda sheet: sheet.write_string(2, 0, "长" * 10_000))
    row = '<row r="{0}"><c r="A{0}" t="s"><v>4</v></c></row>'
    rows = "".join(row.format(n) for n in range(4, 100_000)).encode()
    return with_part(path, SHEET, lambda d: d.replace(b"</sheetData>", rows + b"</sheetData>"))


def stray(row: int, column: str) -> Callable[[Path], Path]:
    """A workbook of four cells, of which the last stands far out."""

    def move(data: bytes) -> bytes:
        return data.replace(b'<row r="2"', b'<row r="%d"' % row).replace(b'r="B2"', f'r="{column}{row}"'.encode())

    return lambda folder: with_part(workbook(folder / "企业.xlsx", lambda sheet: None), SHEET, move)


def far_rows_in_ods(folder: Path) -> Path:
    cell = '<table:table-cell table:number-columns-repeated="999" office:value-type="string"><text:p>x</text:p>'
    row = f'<table:table-row table:number-rows-repeated="999">{cell}</table:table-cell></table:table-row>'
    path = folder / "企业.ods"
    path.write_bytes(packed_ods(f'<table:table table:name="企业">{row * 60}</table:table>'))
    return path


def small_parquet_many_rows(folder: Path) -> Path:
    path = folder / "企业.parquet"
    nothing = pa.nulls(10_000_000, pa.string())
    pq.write_table(pa.table(dict.fromkeys(("企业名称", "说明", *"abcd"), nothing)), path, compression="zstd")
    return path


def gzip_bomb(folder: Path) -> Path:
    home = folder / "kg"
    home.mkdir()
    (home / "company.json.gz").write_bytes(gzip.compress(b" " * 10_000_000) * 110)  # members one after the other
    (home / "product_product.json.gz").write_bytes(gzip.compress(b"{}"))
    return home


def text_file(name: str, data: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return make


HOSTILE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a zip bomb": (zip_bomb, "file_too_large"),
    "a zip that lies about its sizes": (lying_zip, "file_unreadable"),
    "a text that all cells share": (shared_text, "file_too_large"),
    "a stray cell in the last corner": (stray(1_048_576, "XFD"), "sheet_extent"),
    "a stray cell at the bottom": (stray(1_048_576, "J"), "sheet_extent"),
    "a stray cell far right in few rows": (stray(999, "XFD"), "sheet_extent"),
    "repeated rows and cells in ods": (far_rows_in_ods, "file_too_large"),
    "an external entity in a sheet": (
        lambda f: with_part(workbook(f / "企业.xlsx", lambda s: None), SHEET, behind_the_head(ENTITY)), "file_doctype"),
    "a DOCTYPE in UTF-16": (
        lambda f: with_part(workbook(f / "企业.xlsx", lambda s: None), SHEET,
                            lambda d: behind_the_head(ENTITY)(d).decode().encode("utf-16")), "file_doctype"),
    "a billion laughs in the texts": (
        lambda f: with_part(workbook(f / "企业.xlsx", lambda s: None), "xl/sharedStrings.xml", behind_the_head(LAUGHS)),
        "file_doctype"),
    "a Parquet file of few bytes and many rows": (small_parquet_many_rows, "file_too_large"),
    "a gzip bomb": (gzip_bomb, "file_too_large"),
    "JSON nested without end": (text_file("企业.json", b"[" * 200_000), "json_shape"),
    "a JSON line nested without end": (text_file("企业.jsonl", b'{"a":' * 200_000), "json_shape"),
    "JSON with a number of 5,000 digits": (text_file("企业.json", b'[{"a": ' + b"9" * 5000 + b"}]"), "json_shape"),
    "nothing but zeros": (text_file("企业.csv", b"\x00" * 1000), "column_required"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_are_refused(case: str, tmp_path: Path) -> None:
    import resource

    make, code = HOSTILE[case]
    path = make(tmp_path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(LoadError) as bad:
        load(tmp_path / "w", [path])
    assert bad.value.code == code
    assert "\n" not in bad.value.text("zh")
    assert not (tmp_path / "w").exists()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1_300_000, "kilobytes"


def test_an_entity_behind_a_long_comment_is_inert(tmp_path: Path) -> None:
    """Where the DOCTYPE is not found at once, the reader still opens nothing and unfolds nothing."""
    path = workbook(tmp_path / "企业.xlsx", lambda sheet: None)
    trap = b"<!--" + b"x" * 10_000 + b"-->" + ENTITY
    with_part(path, "xl/sharedStrings.xml", lambda d: behind_the_head(trap)(d).replace("甲公司".encode(), b"&x;"))
    with pytest.raises(LoadError) as bad:
        load(tmp_path / "w", [path], max_rejects=1.0)
    assert bad.value.code == "file_unreadable"


def test_formulas_are_inert(tmp_path: Path) -> None:
    """A formula is what it last showed; one without a value is an empty cell; text that looks like one stays text."""

    def fill(sheet: Any) -> None:
        sheet.write_formula(2, 0, '=HYPERLINK("http://example.org","乙公司")', None, "乙公司")
        sheet.write_formula(2, 1, "=WEBSERVICE(A1)", None, "")
        sheet.write_string(3, 0, "=1+1公司")
        sheet.write_string(3, 1, "@SUM(A1)、+1")

    load(tmp_path / "w", [workbook(tmp_path / "企业.xlsx", fill)])
    graph = Workspace.open(tmp_path / "w").graph()
    assert sorted(graph.nodes["Enterprise"]["name"].to_pylist()) == ["=1+1公司", "乙公司", "甲公司"]
    assert sorted(graph.nodes["Product"]["name"].to_pylist()) == ["+1", "@SUM(A1)", "隔膜"]


def test_formula_texts_stay_texts_on_the_way_out(tmp_path: Path) -> None:
    report = load(
        tmp_path / "w", [write(tmp_path, "企业.csv", "企业名称,所在市\n甲,=cmd|x\n乙,枣庄市")], max_rejects=1.0
    )
    assert report.rejects_file is not None
    sheet = openpyxl.load_workbook(report.rejects_file).active
    assert sheet is not None
    cells = [c for row in sheet.iter_rows() for c in row if isinstance(c.value, str) and c.value.startswith("=")]
    assert [(c.value, c.data_type) for c in cells] == [("=cmd|x", "s")]


def test_half_characters_in_json_are_refused_by_row(tmp_path: Path) -> None:
    """\\ud83d alone is no character: its record is refused, the others load."""
    path = tmp_path / "企业.json"
    path.write_bytes(rb'[{"\u4f01\u4e1a\u540d\u79f0": "\ud83d"}, {"\u4f01\u4e1a\u540d\u79f0": "\u7532\u516c\u53f8"}]')
    report = load(tmp_path / "w", [path], max_rejects=1.0)
    assert [(s.read, s.new, s.rejected) for s in report.sheets] == [(2, 1, 1)]
    assert [(r.row, r.code) for r in report.rejects] == [(1, "reject_json")]


def test_rows_of_empty_cells_are_no_rows(tmp_path: Path) -> None:
    """Excel ends a CSV with lines of commas."""
    report = load(
        tmp_path / "w", [write(tmp_path, "企业.csv", "企业名称,所在市,说明\n甲公司,枣庄市,x\n,,\n,,\n乙公司,,\n ,, ")]
    )
    assert [(s.read, s.new) for s in report.sheets] == [(2, 2)]
    found = node(Workspace.open(tmp_path / "w").graph(), "Enterprise", "乙公司")
    assert found["description"] is None


def test_dates_of_parquet_beyond_the_calendar(tmp_path: Path) -> None:
    path = tmp_path / "企业.parquet"
    pq.write_table(pa.table({"企业名称": ["甲"], "成立日期": pa.array([2**40], pa.timestamp("s"))}), path)
    report = load(tmp_path / "w", [path])
    assert [(s.read, s.new, s.cells) for s in report.sheets] == [(1, 1, 1)]


def test_the_sheets_of_a_truncated_workbook_are_all_or_none(tmp_path: Path) -> None:
    whole = workbook(tmp_path / "企业.xlsx", lambda sheet: None).read_bytes()
    refused = 0
    for end in range(0, len(whole), max(len(whole) // 60, 1)):
        path = tmp_path / "企业.xlsx"
        path.write_bytes(whole[:end] or b"PK")
        with pytest.raises(LoadError):
            load(tmp_path / "w", [path])
        refused += 1
    assert refused > 50
