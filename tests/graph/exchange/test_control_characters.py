"""Characters that XML cannot hold: every format stays well-formed and reads back to the same graph."""

from __future__ import annotations

import xml.dom.minidom
from pathlib import Path

import pytest
from building import names, write

from chainatlas import api
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.pictures import report

HOSTILE = [
    "示例\x1b甲有限公司",
    "示例\x01\x08\x7f\x85乙有限公司",
    "示例\ufffe\uffff丙有限公司",
    "示例\\u{1b}丁有限公司",
    "示例\\u{丁有限公司",
    "示例\x0b\x1f戊有限公司",
    "示例\u2028己有限公司",
    '示例<庚>&"公司',
    "示例𠮷辛有限公司",
    "示例\\\x1b壬有限公司",
]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    rows = [f'"{name.replace(chr(34), chr(34) * 2)}",济南市,a\x1bb{n}' for n, name in enumerate(HOSTILE)]
    path = folder / "企业.csv"
    path.write_bytes("\n".join(["企业名称,所在市,说明", *rows]).encode())
    made = api.load(folder / "w", path)
    assert (made.rejects, made.sheets[0].new) == ((), len(HOSTILE))
    return folder


def digest(folder: Path) -> str:
    return Workspace.open(folder).current()[0]


@pytest.mark.parametrize("kind", ["gexf", "graphml", "ttl", "jsonld", "nq", "parquet"])
def test_what_is_written_reads_back_to_the_same_hash(loaded: Path, kind: str) -> None:
    path = loaded / f"graph.{kind}"
    api.export(loaded / "w", path)
    if kind in ("gexf", "graphml"):
        xml.dom.minidom.parse(str(path))
    assert api.load(loaded / f"again-{kind}", path).hash == digest(loaded / "w")
    assert names(Workspace.open(loaded / f"again-{kind}").graph(), "Enterprise") == sorted(HOSTILE)


@pytest.mark.parametrize("kind", ["gexf", "graphml"])
def test_the_public_case(tmp_path: Path, shared: Path, kind: str) -> None:
    made = api.load(tmp_path / "w", shared / "cases" / "lists" / "16-control-char" / "企业.csv")
    api.export(tmp_path / "w", tmp_path / f"x.{kind}")
    xml.dom.minidom.parse(str(tmp_path / f"x.{kind}"))
    assert api.load(tmp_path / "v", tmp_path / f"x.{kind}").hash == made.hash


def test_the_workbook_opens(loaded: Path) -> None:
    import openpyxl

    api.export(loaded / "w", loaded / "graph.xlsx")
    sheet = openpyxl.load_workbook(loaded / "graph.xlsx")["企业"]
    assert sheet.max_row == len(HOSTILE) + 1


def test_a_report_about_a_chain_with_such_a_name_is_written(tmp_path: Path) -> None:
    import docx

    rows = [
        "企业名称,所在市,产业链,产业链环节",
        "示例\x1b甲公司,济南市,示例\x1b链,环\x01节",
        "示例乙公司,青岛市,示例\x1b链,环\x01节",
    ]
    api.load(tmp_path / "w", write(tmp_path, "企业.csv", "\n".join(rows)))
    report(api.open(tmp_path / "w"), tmp_path / "r.docx", chain="示例\x1b链", place="山东省")
    assert "示例链" in docx.Document(str(tmp_path / "r.docx")).core_properties.title
