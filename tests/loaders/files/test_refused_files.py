"""Files that cannot be loaded: one clear sentence, the workspace as it was, byte for byte."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from building import tree, write

import chainatlas as ca
from chainatlas.graph.schema.errors import LoadError, StoreError
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.files.files import read_sheets
from chainatlas.loaders.load import load

GOOD = """企业名称,所在省,所在市,产业链,产业链环节
    甲公司,山东省,枣庄市,锂电,隔膜"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("good")
    load(folder / "w", [write(folder, "企业.csv", GOOD)])
    return folder / "w"


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Path:
    """A workspace with one load."""
    return Path(shutil.copytree(made, tmp_path / "w"))


def empty(folder: Path) -> Path:
    (folder / "企业.csv").touch()
    return folder / "企业.csv"


def blank(folder: Path) -> Path:
    return write(folder, "企业.csv", "")


def pdf(folder: Path) -> Path:
    (folder / "企业.xlsx").write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n")
    return folder / "企业.xlsx"


def half_a_workbook(folder: Path) -> Path:
    (folder / "企业.xlsx").write_bytes(b"PK\x03\x04 and nothing more")
    return folder / "企业.xlsx"


CASES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a missing file": (lambda f: f / "没有.csv", "找不到文件"),
    "an empty file": (empty, "是空的"),
    "a file of blank lines": (blank, "是空的"),
    "a PDF named .xlsx": (pdf, "内容却是PDF"),
    "half a workbook": (half_a_workbook, "无法读取文件"),
    "an unknown format": (lambda f: write(f, "企业.pptx", "x"), "不认识文件"),
    "a sheet whose type cannot be told": (lambda f: write(f, "表1.csv", "甲,乙,丙\n1,2,3"), "看不出"),
    "a required column absent": (
        lambda f: write(f, "企业.csv", "所在市,主营产品\n枣庄市,隔膜"), "缺少必需的列“企业名称”"),
    "two columns that mean the same": (
        lambda f: write(f, "企业.csv", "企业名称,公司名称\n甲,乙"), "“企业名称”和“公司名称”"),
    "an unknown place": (lambda f: write(f, "企业.csv", "企业名称,所在市\n甲公司,枣装市"), "枣庄市"),
    "JSON that is none": (lambda f: write(f, "企业.json", "[{]"), "不是记录列表"),
    "an empty folder": (lambda f: (f / "空").mkdir() or f / "空", "没有可以读取的表"),  # type: ignore[func-returns-value]
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_load_refuses(case: str, workspace: Path, tmp_path: Path) -> None:
    make, says = CASES[case]
    before = tree(workspace)
    with pytest.raises(LoadError) as bad:
        load(workspace, [make(tmp_path)])
    sentence = bad.value.text("zh")
    assert says in sentence
    assert "\n" not in sentence
    after = tree(workspace)
    if case == "an unknown place":  # the rows refused are told beside the graph, which stays
        assert set(after) - set(before) == {"rejects/000002.xlsx"}
        after.pop("rejects/000002.xlsx")
    assert after == before


@pytest.mark.parametrize("case", ["a missing file", "a PDF named .xlsx", "a required column absent"])
def test_nothing_is_made_for_a_load_that_fails(case: str, tmp_path: Path) -> None:
    with pytest.raises(LoadError):
        load(tmp_path / "neu", [CASES[case][0](tmp_path)])
    assert not (tmp_path / "neu").exists()


def test_a_workspace_of_a_newer_version_is_left_alone(workspace: Path, tmp_path: Path) -> None:
    marker = json.loads((workspace / "workspace.json").read_text(encoding="utf-8"))
    (workspace / "workspace.json").write_text(json.dumps({**marker, "schema": 99}), encoding="utf-8")
    before = tree(workspace)
    with pytest.raises(StoreError, match="更新的版本"):
        load(workspace, [write(tmp_path, "企业.csv", GOOD)])
    with pytest.raises(StoreError, match="更新的版本"):
        Workspace.open(workspace)
    assert tree(workspace) == before


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """Below a file no folder can be made: that holds for every user, the administrator included."""
    (tmp_path / "datei").write_text("x", encoding="utf-8")
    with pytest.raises(StoreError, match="不能写入文件夹"):
        load(tmp_path / "datei" / "w", [write(tmp_path, "企业.csv", GOOD)])
    assert (tmp_path / "datei").read_text(encoding="utf-8") == "x"


@pytest.mark.parametrize("call", ["replace", "mkdir"])
def test_a_folder_that_turns_read_only_keeps_the_graph(
    call: str, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system refuses (as it does to a user without the right): the graph stays as it was."""
    import errno
    import os

    kept = Workspace.open(workspace).graph().hash
    more = write(tmp_path, "企业.csv", "企业名称\n乙公司")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patched:
        patched.setattr(os, call, refuse)
        with pytest.raises(StoreError) as bad:
            load(workspace, [more])
    assert "Read-only file system" in bad.value.text("en")
    again = Workspace.open(workspace)
    assert (again.load_numbers(), again.graph().hash) == ([1], kept)
    assert load(workspace, [more]).load == 2


def _workbook(path: Path, **parts: bytes) -> Path:
    """A small workbook, one of its parts replaced."""
    import xlsxwriter

    plain = path.with_suffix(".plain.xlsx")
    with xlsxwriter.Workbook(str(plain)) as book:
        book.add_worksheet("企业").write_row(0, 0, ["企业名称", "主营产品"])
    with zipfile.ZipFile(plain) as read, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as written:
        for item in read.infolist():
            name = item.filename.rsplit("/", 1)[-1].split(".")[0]
            written.writestr(item.filename, parts.get(name, read.read(item)))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("part", ["sharedStrings", "sheet1", "workbook"])
def test_a_workbook_that_declares_a_document_type_is_refused(tmp_path: Path, part: str, encoding: str) -> None:
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>'
    )
    path = _workbook(tmp_path / "企业.xlsx", **{part: text.encode(encoding)})
    with pytest.raises(ca.LoadError, match="DOCTYPE"):
        ca.load(tmp_path / "w", path)


def test_a_workbook_that_unpacks_to_more_than_memory_is_refused_unread(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "企业.xlsx", sheet1=bytes(300_000_000))
    assert path.stat().st_size < 1_000_000
    with pytest.raises(ca.LoadError, match="300"):
        ca.load(tmp_path / "w", path)


def test_a_formula_counts_as_its_value(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "企业.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("企业")
        sheet.write_row(0, 0, ["企业名称", "主营产品"])
        sheet.write_formula(1, 0, '="甲"&"公司"', None, "甲公司")
        sheet.write_string(1, 1, "隔膜")
    ca.load(tmp_path / "w", path)
    assert ca.open(tmp_path / "w").snapshot.column("Enterprise", "name").to_pylist() == ["甲公司"]


def wide(folder: Path, kind: str, columns: int) -> Path:
    """Write a list of one firm with so many columns; each but the first is numbered."""
    headers = ["企业名称", *(f"列{n}" for n in range(1, columns))]
    cells = ["甲公司", *("" for _ in headers[1:])]
    if kind == "csv":
        return write(folder, "企业.csv", ",".join(headers) + "\n" + ",".join(cells))
    if kind == "odd.csv":  # read row by row
        return write(folder, "企业.csv", "名单\n" + ",".join(headers) + "\n甲公司")
    if kind == "json":
        return write(folder, "企业.json", json.dumps([dict(zip(headers, cells, strict=True))]))
    if kind == "rows.json":
        return write(folder, "企业.json", json.dumps([headers, cells]))
    pq.write_table(pa.table({h: [c] for h, c in zip(headers, cells, strict=True)}), folder / "企业.parquet")
    return folder / "企业.parquet"


@pytest.mark.parametrize("kind", ["csv", "odd.csv", "json", "rows.json", "parquet"])
def test_more_columns_than_excel_holds_are_refused_before_they_are_looked_at(kind: str, tmp_path: Path) -> None:
    path = wide(tmp_path, kind, 16_385)
    with pytest.raises(LoadError) as bad:
        next(read_sheets(path, frozenset({"企业名称"})))
    assert (bad.value.code, bad.value.values) == ("file_wide", {"file": path.name, "n": 16_385, "limit": 16_384})


@pytest.mark.parametrize(("kind", "columns"), [("csv", 16_384), ("json", 16_384), ("parquet", 8_000)])
def test_as_many_columns_as_excel_holds_are_read(kind: str, columns: int, tmp_path: Path) -> None:
    (sheet,) = read_sheets(wide(tmp_path, kind, columns))
    assert (len(sheet.headers), sheet.columns[0].to_pylist()) == (columns, ["甲公司"])
