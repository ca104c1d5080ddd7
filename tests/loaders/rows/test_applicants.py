"""Tables of patents: every applicant is a firm or a body, joint patents stay joint, persons stay out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from building import links, names, write

from chainatlas.graph.columns.tables import Graph
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.headers.persons import is_person
from chainatlas.loaders.load import LoadReport, load
from chainatlas.loaders.values.items import bodies

FIRM, UNIVERSITY = "示例电气有限公司", "示例大学"


def put(folder: Path, *files: Path) -> tuple[LoadReport, Graph]:
    report = load(folder / "w", list(files), max_rejects=0.0)
    return report, Workspace.open(folder / "w").graph()


def test_all_separators_marks_of_countries_and_repeated_rows(tmp_path: Path) -> None:
    """A file whose name says nothing: 公开号 tells that it is about patents."""
    text = f"""公开号,名称,申请人,申请人地址,IPC分类号,申请日
        CN1A,一种甲,{FIRM}[CN]; {UNIVERSITY}【中国】,山东省济南市,H01M10/052; H01M4/36,2019-01-02
        CN2A,一种乙,{FIRM} | 示例化工股份有限公司 | 示例市第一人民医院,山东省,H02J3/00,20200101
        CN3A,一种丙,示例化工股份有限公司、示例丙研究所；王小明,山东省,H02J3/00,2020/1/1
        CN1A,一种甲,{FIRM}[CN]; {UNIVERSITY}【中国】,山东省济南市,H01M10/052; H01M4/36,2019-01-02"""
    report, graph = put(tmp_path, write(tmp_path, "导出20201231.csv", text))
    assert links(graph, "OWNS") == {
        (FIRM, "一种甲"),
        (UNIVERSITY, "一种甲"),
        (FIRM, "一种乙"),
        ("示例化工股份有限公司", "一种乙"),
        ("示例市第一人民医院", "一种乙"),
        ("示例化工股份有限公司", "一种丙"),
        ("示例丙研究所", "一种丙"),
    }
    assert set(names(graph, "Enterprise")) == {FIRM, "示例化工股份有限公司"}
    assert set(names(graph, "Institute")) == {UNIVERSITY, "示例市第一人民医院", "示例丙研究所"}
    assert {header: n for _, header, n in report.persons} == {"申请人": 1}
    assert "王小明" not in str(graph.nodes["Enterprise"].to_pylist())


def test_a_column_an_applicant(tmp_path: Path) -> None:
    text = f"""申请号,发明名称,申请人1,申请人2,第三申请人,共同申请人
        CN201910000001.1,一种甲,{FIRM},{UNIVERSITY},,示例丙研究所
        CN201910000002.9,一种乙,{FIRM},,示例科技有限公司,"""
    report, graph = put(tmp_path, write(tmp_path, "表.csv", text))
    assert links(graph, "OWNS") == {
        (FIRM, "一种甲"),
        (UNIVERSITY, "一种甲"),
        ("示例丙研究所", "一种甲"),
        (FIRM, "一种乙"),
        ("示例科技有限公司", "一种乙"),
    }
    assert not report.unused


def test_names_in_latin_script_keep_their_commas(tmp_path: Path) -> None:
    text = """publication_number,title,assignee(s),ipc_codes,application_date
        US1A1,Cell one,"Example Electronics Co., Ltd.; Board of Trustees, Example College",H01M,2019-01-02
        US2A1,Cell two,"Example Chem, Ltd. | Smith, John | 株式会社示例半導体研究所",H01M,2019-01-02
        US3A1,Cell three,"Smith, John",H01M,2019-01-02
        US4A1,Cell four,Example University Press Inc.,H01M,2019-01-02"""
    report, graph = put(tmp_path, write(tmp_path, "export.csv", text))
    assert set(names(graph, "Enterprise")) == {
        "Example Electronics Co., Ltd.",
        "Example Chem, Ltd.",
        "株式会社示例半導体研究所",
        "Example University Press Inc.",
    }
    assert names(graph, "Institute") == ["Board of Trustees, Example College"]
    assert {header: n for _, header, n in report.persons} == {"assignee(s)": 2}
    assert not report.unused


def test_applicants_as_objects_within_a_record(tmp_path: Path) -> None:
    rows = [
        {
            "publication_number": "CN1A",
            "title": "一种甲",
            "ipc": ["H01M10/052", "H01M4/36"],
            "applicants": [{"name": FIRM, "country": "CN"}, {"name": UNIVERSITY, "country": "CN"}],
        }
    ]
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    report, graph = put(tmp_path, path)
    assert links(graph, "OWNS") == {(FIRM, "一种甲"), (UNIVERSITY, "一种甲")}
    assert [header for _, header in report.unused] == ["applicants·country"]


def test_firms_whose_names_differ_are_never_joined_by_a_table_of_patents(tmp_path: Path) -> None:
    """A bureau and its company, two provinces, a university and its company: four more than one."""
    several = ("示例电网公司", "示例电网山东省电力公司", "示例电网山西省电力公司", "示例大学", "示例大学科技有限公司")
    text = "公开号,申请人\n" + "\n".join(f"CN{at}A,{name};{FIRM}" for at, name in enumerate(several))
    _, graph = put(tmp_path, write(tmp_path, "表.csv", text))
    assert set(names(graph, "Enterprise")) | set(names(graph, "Institute")) == {*several, FIRM}
    assert names(graph, "Institute") == ["示例大学"]


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("1.示例甲有限公司 2.示例大学", ("示例甲有限公司", "示例大学")),
        ("Samsung SDI Co., Ltd.", ("Samsung SDI Co., Ltd.",)),
        ("示例甲有限公司,示例乙有限公司", ("示例甲有限公司", "示例乙有限公司")),
        ("示例（中国）有限公司[CN/US];；示例大学[JP]", ("示例（中国）有限公司", "示例大学")),
        ("Novo Nordisk A/S; N. V. Philips", ("Novo Nordisk A/S", "N. V. Philips")),
        ("", ()),
    ],
)
def test_cells(cell: str, found: tuple[str, ...]) -> None:
    assert bodies(cell).found == found


@pytest.mark.parametrize(
    "name", ["Example Jidosha K.K.", "Example S.A.", "Example N.V.", "Example, S.p.A.", "J. Example S.r.l."]
)
def test_legal_forms_with_points_are_no_initials(name: str) -> None:
    assert not is_person(name)


@pytest.mark.parametrize("name", ["Example, S.A.", "John S. Example", "Example J. K."])
def test_initials_are_no_legal_forms(name: str) -> None:
    assert is_person(name)
