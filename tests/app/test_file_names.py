"""Names of files as the system gives them, and what may stand there: one sentence each, or it works as any other."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from test_bad_input import refused, tree

import chainatlas as ca
from chainatlas import api
from chainatlas.graph.schema.paths import assert_readable, assert_writable, is_reserved

Call = Callable[..., Any]  # see conftest.py
posix = pytest.mark.skipif(os.name == "nt", reason="names of bytes, pipes and devices as POSIX has them")
TEXT = "企业名称,所在市\n癸有限公司,枣庄市\n"


def _gbk(name: str) -> str:
    """A name as Python gets it from a system whose disk holds it in GBK."""
    return os.fsdecode(name.encode("gbk"))


def _daily(every: Iterable[Any], *days: Any) -> list[Any]:
    """Every value, those of the everyday run first, the others at night."""
    return [*days, *(pytest.param(one, marks=pytest.mark.slow) for one in every if one not in days)]


def _plain(make: Any) -> str:
    return str(make.__name__).strip("_")


# Names that work --------------------------------------------------------------------------------

GOOD = {
    "gbk": _gbk("企业名录.csv"),
    "no encoding": os.fsdecode(b"\xff\xfe\x81.csv"),
    "newline": "企业\n名录.csv",
    "reserved elsewhere": "CON.csv",
    "leading dash": "-企业.csv",
    "formula": "=企业.csv",
    "blanks": "  企业  .csv",
    "long": "企" * 80 + ".csv",
    "upper": "企业.CSV",
    "dots": "企业...csv",
}


@posix
@pytest.mark.parametrize("name", _daily(GOOD, "gbk", "no encoding", "newline"))
def test_a_strange_name_loads_as_any_other(call: Call, tmp_path: Path, name: str) -> None:
    """The same graph as under a plain name, and the name stands readable in the report, the loads and the rejects."""
    plain, strange = tmp_path / "plain" / "企业.csv", tmp_path / "strange" / GOOD[name]
    for path in (plain, strange):
        path.parent.mkdir()
        path.write_text(TEXT, encoding="utf-8")
    told = {}
    for path in (plain, strange):
        w = path.parent / "w"
        done = call("load", f"./{path.relative_to(tmp_path)}", "--as", "Enterprise", "-w", w, "--format", "json")
        assert [(r["read"], r["new"]) for r in done.rows] == [(1, 1)]
        assert done.rows[0]["file"].encode(), "text that can be written anywhere"
        assert call("loads", "-w", w).code == 0
        told[path] = call("status", "-w", w, "--format", "json").rows
    assert _facts(told[plain]) == _facts(told[strange])


def _facts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["what"] not in ("hash",)]


@posix
def test_bytes_of_gbk_are_read_as_such(call: Call, small: Path, tmp_path: Path) -> None:
    """A list 企业名录.csv of a disk in GBK is told by its name, and a mapping file finds it by that."""
    path = tmp_path / _gbk("企业名录.csv")
    path.write_text(TEXT, encoding="utf-8")
    done = call("load", path, "-w", small, "--format", "json")
    assert [(r["file"], r["type"], r["new"]) for r in done.rows] == [("企业名录.csv", "Enterprise", 1)]
    manifest = json.loads((small / "loads" / "000002" / "manifest.json").read_text(encoding="utf-8"))
    assert [f["name"] for f in manifest["files"]] == ["企业名录.csv"]
    path.write_text("甲,乙\n子有限公司,枣庄市\n", encoding="utf-8")
    mapping = tmp_path / "m.toml"
    mapping.write_text('[[sheet]]\nfile = "企业*.csv"\nas = "Enterprise"\n[sheet.columns]\n'
                       '"甲" = "企业名称"\n"乙" = "所在市"\n', encoding="utf-8")  # fmt: skip
    done = call("load", path, "--mapping", mapping, "-w", small, "--format", "json")
    assert [r["new"] for r in done.rows] == [1]


@posix
def test_rejects_of_a_file_named_in_gbk(call: Call, small: Path, tmp_path: Path) -> None:
    path = tmp_path / _gbk("企业.csv")
    path.write_text("企业名称,所在市\n癸有限公司,枣装市\n", encoding="utf-8")
    refused(call("load", path, "-w", small), "枣装市")
    (written,) = (small / "rejects").glob("*.xlsx")
    sheet = openpyxl.load_workbook(written).active
    assert sheet is not None
    assert sheet["A2"].value == "企业.csv"


@posix
@pytest.mark.parametrize("ending", [".xlsx", ".json", ".parquet", ".md", ".ttl", ".graphml"])
def test_every_reader_takes_a_name_in_gbk(call: Call, small: Path, tmp_path: Path, ending: str) -> None:
    """A damaged file of each kind is told under its name; none fails on the name itself."""
    path = tmp_path / _gbk(f"企业{ending}")
    path.write_bytes(b"\x00\x01 no such format")
    assert f"企业{ending}" in refused(call("load", path, "-w", small))


@posix
@pytest.mark.parametrize("ending", _daily([".xlsx", ".json", ".parquet", ".tsv"], ".xlsx", ".parquet"))
def test_every_format_is_read_under_a_name_in_gbk(call: Call, small: Path, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"企业{ending}"
    table = pd.DataFrame({"企业名称": ["癸有限公司"], "所在市": ["枣庄市"]})
    if ending == ".xlsx":
        table.to_excel(path, index=False)
    elif ending == ".parquet":
        table.to_parquet(path)
    elif ending == ".json":
        table.to_json(path, orient="records", force_ascii=False)
    else:
        table.to_csv(path, sep="\t", index=False)
    path = path.rename(tmp_path / _gbk(path.name))
    done = call("load", path, "-w", small, "--format", "json")
    assert [(r["file"], r["new"]) for r in done.rows] == [(f"企业{ending}", 1)]


@posix
def test_a_policy_is_read_under_a_name_in_gbk(call: Call, small: Path, tmp_path: Path) -> None:
    path = tmp_path / _gbk("意见.md")
    path.write_text("# 关于加快发展的意见\n一、目标\n（一）到2027年，产值达到100亿元。\n", encoding="utf-8")
    done = call("load", path, "-w", small, "--format", "json")
    assert [(r["file"], r["type"]) for r in done.rows] == [("意见.md", "Policy")]


def test_a_graph_of_ours_under_a_name_in_gbk(call: Call, small: Path, tmp_path: Path) -> None:
    path = tmp_path / "图.graphml"
    assert call("export", path, "-w", small).code == 0
    strange = path.rename(tmp_path / _gbk("图.graphml"))
    w = tmp_path / "w"
    assert call("load", strange, "-w", w).code == 0
    hashes = [{r["what"]: r["value"] for r in call("status", "-w", f, "--format", "json").rows}["hash"]
              for f in (small, w)]  # fmt: skip
    assert hashes[0] == hashes[1]


# Paths that cannot be read ----------------------------------------------------------------------


def _loop(folder: Path) -> Path:
    path = folder / "环.csv"
    path.symlink_to(path)
    return path


def _dangling(folder: Path) -> Path:
    path = folder / "空链.csv"
    path.symlink_to(folder / "没有")
    return path


def _fifo(folder: Path) -> Path:
    path = folder / "管道.csv"
    os.mkfifo(path)
    return path


def _fifo_among_files(folder: Path) -> Path:
    inside = folder / "文件夹"
    inside.mkdir()
    _fifo(inside)
    return inside


def _folder_named_as_a_file(folder: Path) -> Path:
    inside = folder / "名录"
    (inside / "企业.csv").mkdir(parents=True)
    return inside


def _too_long(folder: Path) -> Path:
    return folder / ("长" * 300 + ".csv")


def _too_deep(folder: Path) -> Path:
    return folder.joinpath(*["深" * 50] * 60, "企业.csv")


def _below_a_file(folder: Path) -> Path:
    (folder / "文件").write_text("", encoding="utf-8")
    return folder / "文件" / "企业.csv"


def _share(folder: Path) -> Path:
    return Path("//server/share/企业.csv")


def _trailing_dot(folder: Path) -> Path:
    path = folder / "企业.csv."
    path.write_text(TEXT, encoding="utf-8")
    return path


def _newline(folder: Path) -> Path:
    return folder / "没有\n这个.csv"


def _null(_: Path) -> Path:
    return Path(os.devnull)


UNREADABLE: dict[Callable[[Path], Path], str] = {
    _loop: "无法读取", _dangling: "找不到", _fifo: "管道或设备", _fifo_among_files: "管道或设备",
    _folder_named_as_a_file: "是文件夹", _too_long: "无法读取", _too_deep: "无法读取", _below_a_file: "找不到",
    _share: "找不到", _trailing_dot: "格式", _newline: "⏎", _null: "管道或设备",
}  # fmt: skip


@posix
@pytest.mark.parametrize("make", UNREADABLE, ids=_plain)
def test_a_path_that_cannot_be_read(call: Call, small: Path, tmp_path: Path, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path)
    before = tree(small)
    told = refused(call("load", path, "-w", small), UNREADABLE[make])
    assert len(told) < 1000
    assert "系统不让" not in told, "a sentence of its own, not that of the net"
    assert tree(small) == before
    with pytest.raises(ca.LoadError):
        api.load(tmp_path / "new", path)
    assert not (tmp_path / "new").exists()


FILES_GIVEN: dict[str, tuple[str, ...]] = {
    "mapping": ("load", "FINE", "--mapping", "PATH"),
    "review": ("review", "import", "PATH"),
    "words": ("attach", "import", "PATH"),
    "suggest": ("attach", "suggest", "--file", "PATH"),
    "flows": ("position", "--table", "PATH"),
}


@posix
@pytest.mark.parametrize("make", _daily([_loop, _fifo, _too_long, _null, _newline], _loop, _fifo), ids=_plain)
@pytest.mark.parametrize("what", FILES_GIVEN)
def test_other_files_that_commands_read(
    call: Call, small: Path, tmp_path: Path, what: str, make: Callable[[Path], Path]
) -> None:
    fine = tmp_path / "企业.csv"
    fine.write_text(TEXT, encoding="utf-8")
    given = {"PATH": str(make(tmp_path)), "FINE": str(fine)}
    words = [given.get(word, word) for word in FILES_GIVEN[what]]
    told = refused(call(*words, "-w", small))
    assert "系统不让" not in told


def test_no_permission(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder that may not be looked into, and one that may not be listed, as the system says it to all but root."""

    def closed(self: Path, **_: Any) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    (tmp_path / "里").mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "iterdir", closed)
        with pytest.raises(ca.LoadError, match="Permission denied") as bad:
            api.load(tmp_path / "w", tmp_path / "里")
    assert bad.value.code == "folder_unreadable"
    monkeypatch.setattr(Path, "stat", closed)
    with pytest.raises(ca.LoadError, match="Permission denied") as bad:
        assert_readable(tmp_path / "企业.csv")
    assert bad.value.code == "file_unreadable"
    with pytest.raises(ca.StoreError, match="Permission denied"):
        assert_writable(tmp_path / "企业.csv")


def test_a_zero_byte_in_a_name(tmp_path: Path) -> None:
    with pytest.raises(ca.LoadError) as bad:
        api.load(tmp_path / "w", tmp_path / "企业\0.csv")
    assert bad.value.code == "file_missing"
    with pytest.raises(ca.StoreError):
        assert_writable(tmp_path / "企业\0.csv")


# Paths that cannot be written -------------------------------------------------------------------


def _out_folder(folder: Path) -> Path:
    path = folder / "文件夹"
    path.mkdir()
    return path


def _no_parent(folder: Path) -> Path:
    return folder / "没有" / "结果"


OUTPUTS: dict[str, tuple[str, str]] = {
    "table": ("status", ".csv"), "json": ("status", ".json"), "workbook": ("status", ".xlsx"),
    "text": ("schema", ".md"), "page": ("atlas", ".html"), "network": ("network", ".html"),
    "report": ("report", ".xlsx"), "document": ("report", ".docx"),
}  # fmt: skip
NAMED: dict[str, tuple[tuple[str, ...], str]] = {
    "template": (("template",), ".xlsx"), "review": (("review", "export"), ".xlsx"),
    "words": (("attach", "export"), ".csv"), "exchange": (("export",), ".graphml"),
    "rdf": (("export",), ".ttl"), "book": (("export",), ".xlsx"), "parquet": (("export",), ".parquet"),
}  # fmt: skip
UNWRITABLE = (_loop, _fifo, _too_long, _out_folder, _no_parent, _below_a_file)


@posix
@pytest.mark.parametrize("make", UNWRITABLE, ids=_plain)
@pytest.mark.parametrize("what", _daily([*OUTPUTS, *NAMED], "table", "workbook", "text", "template", "book"))
def test_a_path_that_cannot_be_written(
    call: Call, small_folder: Path, tmp_path: Path, what: str, make: Callable[[Path], Path]
) -> None:
    made = make(tmp_path)
    if what in OUTPUTS:
        command, ending = OUTPUTS[what]
        path = _with_ending(made, ending)
        words: tuple[str | Path, ...] = (command, "-o", path)
    else:
        named, ending = NAMED[what]
        path = _with_ending(made, ending)
        words = (*named, path)
    done = call(*words, "-w", small_folder)
    if what == "parquet" and make is _no_parent:  # a folder of tables is made with those above it
        assert done.code == 0
        return
    told = refused(done)
    assert "系统不让" not in told
    assert len(told) < 1000


def _with_ending(made: Path, ending: str) -> Path:
    """The same kind of path under an ending that the command takes."""
    path = made.with_name(made.name.removesuffix(".csv") + ending)
    if os.path.lexists(made) and made.is_symlink():
        path.unlink(missing_ok=True)
        path.symlink_to(path)
    elif os.path.lexists(made):
        made.rename(path)
    return path


@posix
@pytest.mark.parametrize("name", ["gbk", "newline", "reserved elsewhere", "formula", "dots"])
def test_a_strange_name_is_written(call: Call, small_folder: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / GOOD[name]
    done = call("status", "-o", path, "-w", small_folder)
    assert (done.code, done.out) == (0, "")
    assert path.read_text(encoding="utf-8-sig").startswith("what,value")


@posix
def test_devices_may_be_written_to(call: Call, small_folder: Path) -> None:
    assert call("schema", "-o", os.devnull, "-w", small_folder).code == 0


# Workspaces -------------------------------------------------------------------------------------


@posix
@pytest.mark.parametrize("make", [_loop, _fifo, _too_long, _null, _below_a_file], ids=_plain)
@pytest.mark.parametrize("words", [("status",), ("load", "FINE"), ("init",)], ids=lambda w: w[0])
def test_a_workspace_that_cannot_be(
    call: Call, tmp_path: Path, words: tuple[str, ...], make: Callable[[Path], Path]
) -> None:
    fine = tmp_path / "企业.csv"
    fine.write_text(TEXT, encoding="utf-8")
    refused(call(*(str(fine) if w == "FINE" else w for w in words), "-w", make(tmp_path)))


def test_names_of_devices_on_windows() -> None:
    kept = ["CON.csv", "con", "nul.tar.gz", "COM1.xlsx", "LPT¹", "企业.csv.", "企业 "]
    free = ["CONTACT.csv", "COM.csv", "企业.csv", "xcon", "COM12.csv"]
    assert [name for name in (*kept, *free) if is_reserved(name)] == kept


@posix
@pytest.mark.parametrize("words", [("status",), ("load", "企业.csv"), ("init",), ("demo",)], ids=lambda w: w[0])
def test_a_workspace_named_in_gbk(call: Call, tmp_path: Path, words: tuple[str, ...]) -> None:
    """Arrow takes no such name: it is told, and nothing is made."""
    (tmp_path / "企业.csv").write_text(TEXT, encoding="utf-8")
    folder = tmp_path / _gbk("工作区")
    where = [folder] if words[0] == "demo" else ["-w", folder]
    # Where no workspace can be, none is read either: what is missing is said first.
    refused(call(*words, *where), "工作区", *(("UTF-8",) if words[0] != "status" else ()))
    assert not folder.exists()


@posix
@pytest.mark.parametrize("name", ["newline", "blanks", "dots", "long"])
def test_a_workspace_of_a_strange_name(call: Call, small_folder: Path, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(small_folder, tmp_path / GOOD[name])
    assert call("status", "-w", folder).code == 0
    assert call("atlas", "-o", tmp_path / "a.html", "-w", folder).code == 0
    assert call("undo", "1", "-w", folder).code == 0
