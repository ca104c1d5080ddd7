"""Limits: when the good rows of a small file are taken, when people are asked, what is compared with last time."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter
from building import names, write

from chainatlas import api
from chainatlas.graph.schema.errors import LoadError
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.loaders.load import LoadReport, Partial, load


def firms(folder: Path, good: int, bad: int) -> Path:
    rows = [f"示例{n}公司,枣庄市" for n in range(good)] + [f"坏{n}公司,枣装市{n}" for n in range(bad)]
    return write(folder, "企业.csv", "\n".join(["企业名称,所在市", *rows]))


@pytest.mark.parametrize(("good", "bad"), [(18, 2), (6, 5), (3, 2), (2, 1), (95, 5), (190, 10)])
def test_the_good_rows_of_a_small_file_load_and_the_bad_ones_are_told(tmp_path: Path, good: int, bad: int) -> None:
    report = load(tmp_path / "w", [firms(tmp_path, good, bad)])
    (sheet,) = report.sheets
    assert (report.load, sheet.read, sheet.new, sheet.rejected) == (1, good + bad, good, bad)
    assert report.rejects_file is not None


@pytest.mark.parametrize(("good", "bad"), [(1, 5), (1, 1), (5, 5), (0, 1), (18, 6), (90, 10)])
def test_else_nothing_is_loaded_and_it_is_said_how_to_go_on(tmp_path: Path, good: int, bad: int) -> None:
    with pytest.raises(LoadError) as told:
        load(tmp_path / "w", [firms(tmp_path, good, bad)])
    assert told.value.code == "too_many_rejects"
    assert f"只载入好的 {good} 行" in told.value.text("zh")
    assert "--max-rejects 100%" in told.value.text("en")
    assert Workspace.open(tmp_path / "w").load_numbers() == []


def test_a_limit_that_is_given_is_taken_literally(tmp_path: Path) -> None:
    path = firms(tmp_path, 18, 2)
    with pytest.raises(LoadError, match="超过上限 5%"):
        api.load(tmp_path / "w", path, max_rejects="5%", confirm=lambda _: True)
    with pytest.raises(LoadError, match="超过上限 0%"):
        api.load(tmp_path / "w", path, max_rejects=0)
    assert api.load(tmp_path / "w", path, max_rejects="10%").load == 1


def test_people_are_asked_with_the_numbers_and_the_first_reason(tmp_path: Path) -> None:
    asked: list[Partial] = []

    def answer(part: Partial) -> bool:
        asked.append(part)
        return len(asked) > 1

    path = firms(tmp_path, 18, 6)
    with pytest.raises(LoadError):
        load(tmp_path / "w", [path], confirm=answer)
    report = load(tmp_path / "w", [path], confirm=answer)
    assert (report.sheets[0].new, report.sheets[0].rejected) == (18, 6)
    assert [(part.good, part.rejected, part.first.code) for part in asked] == [(18, 6, "reject_place")] * 2


def test_nobody_is_asked_when_no_row_is_good(tmp_path: Path) -> None:
    with pytest.raises(LoadError):
        load(tmp_path / "w", [firms(tmp_path, 0, 6)], confirm=lambda _: True)


# against last time ---------------------------------------------------------------------------------

PRODUCTS = "产品名称,类别\n电池,产品\n电机,产品\n电控,产品\n隔膜,材料"


def put(folder: Path, name: str, text: str, **more: bool) -> LoadReport:
    number = sum(1 for _ in folder.iterdir()) if folder.exists() else 0
    return load(folder / "w", [write(folder / f"f{number}", name, text)], source="名录", **more)


def test_another_file_of_the_source_is_no_shrinkage(tmp_path: Path) -> None:
    put(tmp_path, "产品.csv", PRODUCTS)
    assert put(tmp_path, "企业.csv", "企业名称,主营产品\n示例甲公司,电池").load == 2
    assert put(tmp_path, "产品补充.csv", "产品名称\n铜箔").load == 3
    graph = Workspace.open(tmp_path / "w").graph()
    assert names(graph, "Product") == ["电控", "电机", "电池", "铜箔", "隔膜"]


def test_the_same_file_with_much_less_is_stopped_even_after_another(tmp_path: Path) -> None:
    put(tmp_path, "产品.csv", PRODUCTS)
    put(tmp_path, "企业.csv", "企业名称\n示例甲公司")
    with pytest.raises(LoadError) as told:
        put(tmp_path, "产品.csv", "产品名称,类别\n电池,产品")
    assert (told.value.code, told.value.values["last"], told.value.values["load"]) == ("fewer_rows", 4, 1)
    assert put(tmp_path, "产品.csv", "产品名称,类别\n铝箔,材料", force=True).load == 3


def test_the_same_sheet_in_a_file_of_another_name_is_compared(tmp_path: Path) -> None:
    import xlsxwriter

    def book(name: str, count: int) -> Path:
        with xlsxwriter.Workbook(str(tmp_path / name)) as made:
            sheet = made.add_worksheet("企业")
            for at, text in enumerate(["企业名称", *(f"示例{name[0]}{n}公司" for n in range(count))]):
                sheet.write_string(at, 0, text)
        return tmp_path / name

    load(tmp_path / "w", [book("甲年.xlsx", 10)], source="名录")
    with pytest.raises(LoadError) as told:
        load(tmp_path / "w", [book("乙年.xlsx", 2)], source="名录")
    assert told.value.code == "fewer_rows"


def test_a_column_that_fell_empty_is_compared_with_the_same_file(tmp_path: Path) -> None:
    put(tmp_path, "企业.csv", "企业名称,成立日期\n示例甲公司,2001\n示例乙公司,2002")
    assert put(tmp_path, "企业补充.csv", "企业名称,成立日期\n示例丙公司,\n示例丁公司,").load == 2
    with pytest.raises(LoadError) as told:
        put(tmp_path, "企业.csv", "企业名称,成立日期\n示例甲公司,\n示例乙公司,")
    assert told.value.code == "column_emptied"


def test_one_that_replaces_is_compared_with_all_that_it_takes_away(tmp_path: Path) -> None:
    put(tmp_path, "产品.csv", PRODUCTS)
    with pytest.raises(LoadError) as told:
        put(tmp_path, "企业.csv", "企业名称\n示例甲公司", replace=True)
    assert (told.value.code, told.value.values["type"]) == ("fewer_rows", "Product")


def test_a_refused_load_changes_nothing_of_the_workspace(tmp_path: Path) -> None:
    put(tmp_path, "产品.csv", PRODUCTS)
    before = (tmp_path / "w" / "workspace.json").read_bytes()
    digest = Workspace.open(tmp_path / "w").current()[0]
    with pytest.raises(LoadError):
        load(tmp_path / "w", [firms(tmp_path, 1, 5)], match=False)
    assert (tmp_path / "w" / "workspace.json").read_bytes() == before
    assert Workspace.open(tmp_path / "w").current()[0] == digest
    load(tmp_path / "w", [firms(tmp_path, 3, 1)], match=False)
    assert Workspace.open(tmp_path / "w").match is False


def test_how_names_are_joined_holds_for_the_load_that_says_so(tmp_path: Path) -> None:
    text = "企业名称,所在市\n示例翠屏科技有限公司,济南市\n示例翠屏科技公司,济南市"
    apart = load(tmp_path / "a", [write(tmp_path, "企业.csv", text)], match=False)
    again = load(tmp_path / "b", [write(tmp_path, "企业.csv", text)], match=False, dry_run=True)
    assert apart.hash == again.hash
    assert len(Workspace.open(tmp_path / "a").graph().nodes["Enterprise"]) == 2


def test_sheets_that_nobody_named_are_not_alike(tmp_path: Path) -> None:
    for name, rows in (("甲市.xlsx", 20), ("乙市.xlsx", 4)):
        with xlsxwriter.Workbook(str(tmp_path / name)) as book:
            sheet = book.add_worksheet("Sheet1")
            for at, text in enumerate(["企业名称", *(f"示例{name[0]}{n}有限公司" for n in range(rows))]):
                sheet.write(at, 0, text)
        load(tmp_path / "w", [tmp_path / name], source="示例局")
    lists = {"a.csv": 10, "b.csv": 40}
    for name, rows in lists.items():
        write(tmp_path / "表", name, "企业名称\n" + "\n".join(f"示例{name[0]}{n}厂" for n in range(rows)))
    load(tmp_path / "v", [tmp_path / "表"], source="示例局")
    grown = write(tmp_path, "a.csv", "企业名称\n" + "\n".join(f"示例a{n}厂" for n in range(12)))
    assert load(tmp_path / "v", [grown], source="示例局").load == 2, "a.csv is held against a.csv"
    shrunk = write(tmp_path, "b.csv", "企业名称\n" + "\n".join(f"示例新{n}厂" for n in range(12)))
    with pytest.raises(LoadError) as told:
        load(tmp_path / "v", [shrunk], source="示例局")
    assert (told.value.code, told.value.values["last"]) == ("fewer_rows", 40)
