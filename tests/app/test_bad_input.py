"""Bad input: one clear sentence that names the file and the remedy, exit 1, the workspace untouched."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

Call = Callable[..., Any]  # see conftest.py
Tree = dict[str, bytes | None]


def tree(folder: Path) -> Tree:
    """Every file of a folder with its bytes; folders are None."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() if p.is_file() else None
            for p in sorted(folder.rglob("*"))}  # fmt: skip


def state(call: Call, folder: Path) -> tuple[Any, Any]:
    """Hash, counts and history of a workspace."""
    return tuple(call(c, "-w", folder, "--format", "json").rows for c in ("status", "loads"))  # type: ignore[return-value]


def refused(done: Any, *named: str) -> str:
    """Check that a command was refused with one sentence that names all of ``named``."""
    assert (done.code, done.out) == (1, "")
    assert len(done.err.strip().splitlines()) == 1, done.err
    assert "Traceback" not in done.err
    # The name of an exception, that is: a library may well begin its own sentence with "Error".
    assert not re.search(r"\wError\b", done.err), done.err
    for word in named:
        assert word in done.err
    return str(done.err)


def _missing(folder: Path) -> Path:
    return folder / "没有这个.csv"


def _missing_folder(folder: Path) -> Path:
    return folder / "没有这个文件夹"


def _empty(folder: Path) -> Path:
    path = folder / "空.csv"
    path.write_bytes(b"")
    return path


def _blank(folder: Path) -> Path:
    path = folder / "空白.csv"
    path.write_text("\n \n\n", encoding="utf-8")
    return path


def _empty_excel(folder: Path) -> Path:
    path = folder / "空.xlsx"
    openpyxl.Workbook().save(path)
    return path


def _empty_folder(folder: Path) -> Path:
    path = folder / "空文件夹"
    path.mkdir()
    return path


def _pdf(folder: Path) -> Path:
    path = folder / "名录.xlsx"
    path.write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n")
    return path


def _picture(folder: Path) -> Path:
    path = folder / "名录.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    return path


def _half_zip(folder: Path) -> Path:
    path = folder / "半个.xlsx"
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["企业名称"])
    book.save(path)
    path.write_bytes(path.read_bytes()[:1500])
    return path


def _untold(folder: Path) -> Path:
    path = folder / "杂项.csv"
    path.write_text("甲,乙,丙\n1,2,3\n", encoding="utf-8")
    return path


def _column_absent(folder: Path) -> Path:
    path = folder / "投入关系.csv"
    path.write_text("投入品,必需\nA,是\n", encoding="utf-8")
    return path


def _column_twice(folder: Path) -> Path:
    path = folder / "企业.csv"
    path.write_text("企业名称,单位名称,企业名称\n甲,乙,丙\n", encoding="utf-8")
    return path


def _bytes(folder: Path) -> Path:
    path = folder / "乱码.csv"
    path.write_bytes("企业名称\n".encode() + bytes([0xFF, 0xFE, 0x81, 0xFF]) * 20 + b"\n")
    return path


def _not_json(folder: Path) -> Path:
    path = folder / "企业.json"
    path.write_text('[{"企业名称": "甲"', encoding="utf-8")
    return path


def _not_parquet(folder: Path) -> Path:
    path = folder / "企业.parquet"
    path.write_bytes(b"PAR1 but not really")
    return path


# What is wrong, and a word of the remedy or the reason that the sentence has to hold.
BAD: dict[Callable[[Path], Path], tuple[str, ...]] = {
    _missing: ("检查路径",),
    _missing_folder: ("检查路径",),
    _empty: ("空",),
    _blank: ("空",),
    _empty_excel: ("空",),
    _empty_folder: ("csv",),
    _pdf: ("PDF", "另存为"),
    _picture: ("csv", "xlsx"),
    _half_zip: ("读取",),
    _untold: ("甲", "--as"),
    _column_absent: ("产品",),
    _column_twice: ("两列", "改名"),
    _bytes: ("编码", "另存为"),
    _not_json: ("JSON",),
    _not_parquet: ("读取",),
}


@pytest.mark.parametrize("make", BAD, ids=lambda f: f.__name__.strip("_"))
def test_bad_file(call: Call, small: Path, tmp_path: Path, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path)
    before, known = tree(small), state(call, small)
    refused(call("load", path, "-w", small), path.name, *BAD[make])
    assert tree(small) == before
    assert state(call, small) == known
    new = tmp_path / "new"
    refused(call("load", path, "-w", new), path.name)
    assert not new.exists(), "no workspace is made for nothing"


@pytest.mark.parametrize("make", BAD, ids=lambda f: f.__name__.strip("_"))
def test_bad_file_in_english(call: Call, small: Path, tmp_path: Path, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path)
    told = refused(call("load", path, "-w", small, "--lang", "en"), path.name)
    assert not set("。，：；请") & set(told.replace(str(path), ""))


def test_one_bad_file_among_good_ones(call: Call, small: Path, sheets: Path, tmp_path: Path) -> None:
    """Nothing of a load counts when one of its files cannot be read."""
    good = tmp_path / "企业.csv"
    good.write_text("企业名称\n癸有限公司\n", encoding="utf-8")
    before = tree(small)
    refused(call("load", good, _pdf(tmp_path), "-w", small), "名录.xlsx")
    assert tree(small) == before


def test_unknown_place_in_a_sheet(call: Call, small: Path, tmp_path: Path) -> None:
    """The row is refused, the nearest place offered; the graph is as it was, the reject is on disk."""
    path = tmp_path / "企业.csv"
    path.write_text("企业名称,所在市\n癸有限公司,枣装市\n", encoding="utf-8")
    known = state(call, small)
    told = refused(call("load", path, "-w", small), "枣装市", "枣庄市", "--max-rejects")
    assert "rejects" in told
    assert state(call, small) == known
    (written,) = (small / "rejects").glob("*.xlsx")
    sheet = openpyxl.load_workbook(written).active
    assert sheet is not None
    header, row = sheet.iter_rows(values_only=True)
    assert row[:5] == ("企业.csv", None, 2, "所在市", "枣装市") or row[:5] == ("企业.csv", "", 2, "所在市", "枣装市")
    assert row[5] == "reject_place"
    assert "枣庄市" in str(row[6])
    assert len(header) == 7


def test_corrected_it_loads(call: Call, small: Path, tmp_path: Path) -> None:
    path = tmp_path / "企业.csv"
    path.write_text("企业名称,所在市\n癸有限公司,枣装市\n", encoding="utf-8")
    assert call("load", path, "-w", small).code == 1
    path.write_text("企业名称,所在市\n癸有限公司,枣庄市\n", encoding="utf-8")
    assert call("load", path, "-w", small).code == 0
    assert len(call("loads", "-w", small, "--format", "json").rows) == 2


def test_within_the_limit_it_loads_and_says_so(call: Call, small: Path, tmp_path: Path) -> None:
    path = tmp_path / "企业.csv"
    path.write_text("企业名称,所在市\n" + "".join(f"新{n}公司,枣庄市\n" for n in range(19)) + "癸公司,枣装市\n",
                    encoding="utf-8")  # fmt: skip
    done = call("load", path, "-w", small, "--format", "json")
    assert [(r["read"], r["new"], r["rejected"]) for r in done.rows] == [(20, 19, 1)]
    assert "rejects" in done.err
    again = tmp_path / "再来" / "企业.csv"
    again.parent.mkdir()
    shutil.copy(path, again)
    assert call("load", again, "-w", small, "--max-rejects", "4%").code == 1


def test_unknown_place_in_a_question(call: Call, small: Path) -> None:
    before = tree(small)
    refused(call("gaps", "--in", "枣装市", "-w", small), "枣装市", "枣庄市")
    refused(call("chain", "小链", "--in", "zaozhuang", "-w", small), "zaozhuang")
    refused(call("explain", "小链", "A", "--in", "枣装市", "-w", small), "枣庄市")
    after = tree(small)
    assert {k: v for k, v in after.items() if not k.startswith("snapshots")} == {
        k: v for k, v in before.items() if not k.startswith("snapshots")}  # fmt: skip


# Workspaces -------------------------------------------------------------------------------------

ASK = (("status",), ("loads",), ("gaps",), ("check",), ("chain", "小链"), ("undo", "1"), ("load", "SHEETS"))


@pytest.mark.parametrize("words", ASK, ids=lambda w: w[0])
@pytest.mark.parametrize("key", ["format", "schema"])
def test_workspace_of_a_newer_version(call: Call, small: Path, sheets: Path, key: str, words: tuple[str, ...]) -> None:
    marker = small / "workspace.json"
    marker.write_text(json.dumps(json.loads(marker.read_text(encoding="utf-8")) | {key: 99}), encoding="utf-8")
    before = tree(small)
    asked = [sheets if w == "SHEETS" else w for w in words]
    refused(call(*asked, "-w", small), str(small), "99", "pip install -U chainatlas")
    assert tree(small) == before


@pytest.mark.parametrize("words", ASK, ids=lambda w: w[0])
def test_workspace_with_a_broken_marker(call: Call, small: Path, sheets: Path, words: tuple[str, ...]) -> None:
    (small / "workspace.json").write_text("{", encoding="utf-8")
    before = tree(small)
    asked = [sheets if w == "SHEETS" else w for w in words]
    refused(call(*asked, "-w", small), str(small), "workspace.json")
    assert tree(small) == before


@pytest.mark.parametrize("words", [w for w in ASK if w[0] != "load"], ids=lambda w: w[0])
def test_folder_that_is_no_workspace(call: Call, tmp_path: Path, words: tuple[str, ...]) -> None:
    folder = tmp_path / "nothing"
    refused(call(*words, "-w", folder), str(folder), "chainatlas demo")
    assert not folder.exists()


def test_workspace_without_data(call: Call, small: Path) -> None:
    assert call("undo", "1", "-w", small).code == 0
    refused(call("gaps", "-w", small), str(small), "chainatlas load")
    assert call("status", "-w", small, "--format", "json").rows == [
        {"what": "hash", "value": None}, {"what": "loads", "value": 0}]  # fmt: skip


@pytest.mark.parametrize("words", [("load", "SHEETS", "-w"), ("demo",)], ids=lambda w: w[0])
def test_folder_that_cannot_be_written(call: Call, tmp_path: Path, sheets: Path, words: tuple[str, ...]) -> None:
    """Below a regular file nothing can be made, not even by root."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    folder = tmp_path / "file" / "w"
    asked = [sheets if w == "SHEETS" else w for w in words]
    refused(call(*asked, folder), str(folder), "-w" if words[0] == "load" else "")
    assert (tmp_path / "file").read_bytes() == b""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("there", [True, False], ids=["workspace", "new"])
def test_folder_without_permission(call: Call, small: Path, tmp_path: Path, sheets: Path, there: bool) -> None:
    folder = small if there else tmp_path / "locked"
    folder.mkdir(exist_ok=True)
    more = tmp_path / "企业.csv"
    more.write_text("企业名称\n癸有限公司\n", encoding="utf-8")
    before = tree(folder)
    inside = [folder, *(p for p in folder.rglob("*") if p.is_dir())]
    for place in inside:
        place.chmod(0o555)
    try:
        refused(call("load", more, "-w", folder), str(folder), "权限")
    finally:
        for place in inside:
            place.chmod(0o755)
    assert tree(folder) == before


def _parquet(folder: Path) -> Path:
    return next(p for p in sorted(folder.rglob("*.parquet")) if p.stat().st_size)


def test_damaged_load_is_named(call: Call, small: Path, tmp_path: Path) -> None:
    """A damaged journal is told with file and load; what is folded still answers."""
    broken = _parquet(small / "loads")
    broken.write_bytes(broken.read_bytes()[:50])
    known = call("status", "-w", small, "--format", "json").rows
    more = tmp_path / "企业.csv"
    more.write_text("企业名称\n癸有限公司\n", encoding="utf-8")
    before = tree(small)
    refused(call("load", more, "-w", small), broken.name, "chainatlas undo 1")
    assert tree(small) == before
    assert call("status", "-w", small, "--format", "json").rows == known
    (small / "CURRENT").unlink()
    refused(call("status", "-w", small), broken.name, "chainatlas undo 1")


def test_undo_gets_rid_of_a_damaged_load(call: Call, small: Path, tmp_path: Path) -> None:
    known = {r["what"]: r["value"] for r in call("status", "-w", small, "--format", "json").rows}
    more = tmp_path / "企业.csv"
    more.write_text("企业名称\n癸有限公司\n", encoding="utf-8")
    assert call("load", more, "-w", small).code == 0
    broken = _parquet(small / "loads" / "000002")
    broken.write_bytes(b"")
    assert call("undo", "2", "-w", small).code == 0
    assert {r["what"]: r["value"] for r in call("status", "-w", small, "--format", "json").rows} == known


@pytest.mark.parametrize("how", ["table", "manifest", "no tables", "no CURRENT", "half CURRENT", "wrong CURRENT"])
def test_damaged_graph_is_folded_again(call: Call, small: Path, how: str) -> None:
    """What is folded from the journal can be lost: it is made again, or named with its remedy."""
    known = state(call, small)
    answer = call("gaps", "--in", "山东省", "-w", small, "--format", "json").rows
    shutil.rmtree(small / "snapshots", ignore_errors=True)
    (tables,) = (small / "tables").iterdir()
    if how == "table":
        _parquet(tables / "nodes").write_bytes(b"PAR1")
    elif how == "manifest":
        (tables / "manifest.json").write_text("{", encoding="utf-8")
    elif how == "no tables":
        shutil.rmtree(small / "tables")
    elif how == "no CURRENT":
        (small / "CURRENT").unlink()
    else:
        text = '{"hash"' if how == "half CURRENT" else '{"hash": "0", "loads": [7]}'
        (small / "CURRENT").write_text(text, encoding="utf-8")
    done = call("gaps", "--in", "山东省", "-w", small, "--format", "json")
    if done.code and how in ("table", "manifest"):
        refused(done, str(small), "tables")
        return
    assert done.rows == answer
    assert state(call, small) == known


def test_lost_snapshot_is_made_again(call: Call, small: Path) -> None:
    words = ("gaps", "--in", "山东省", "-w", small, "--format", "json")
    answer = call(*words).rows
    shutil.rmtree(small / "snapshots")
    assert call(*words).rows == answer
    for path in (small / "snapshots").rglob("*"):
        if path.is_file():
            path.write_bytes(b"")
    done = call(*words)
    if done.code:
        refused(done, str(small), "snapshots")
        return
    assert done.rows == answer
