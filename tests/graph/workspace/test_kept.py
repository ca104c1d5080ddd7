"""Nothing is forgotten in silence: decisions, loads and their numbers; and the way back."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from building import names, write

from chainatlas import api
from chainatlas.attaching import decide_term
from chainatlas.checking import check_files
from chainatlas.graph.schema.errors import LoadError, SchemaError, StoreError
from chainatlas.graph.workspace import journal
from chainatlas.graph.workspace.generations import point, pointer
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.graph.workspace.loads import load_folder
from chainatlas.reviewing import decide

FIRMS = "企业名称,主营产品\n示例甲有限公司,料\n示例乙有限公司,件\n示例丙有限公司,机"
MAPPING = '[[sheet]]\nfile = "自有.csv"\nas = "企业"\ncolumns = {"单位" = "企业名称"}\n'
LINKS = "产品名称,产业链,环节位置\n料,示例链,上游\n件,示例链,中游\n机,示例链,下游"


def sheet(folder: Path, name: str, firm: str) -> Path:
    return write(folder / name, "企业.csv", f"企业名称,主营产品\n{firm},件")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("kept")
    first = write(place / "first", "企业.csv", FIRMS).parent
    write(first, "产品环节.csv", LINKS)
    api.load(place / "w", first)
    return place / "w"


@pytest.fixture(scope="module")
def decided(loaded: Path) -> Path:
    """The same with decisions on firms and on words."""
    home = Path(shutil.copytree(loaded, loaded.with_name("decided")))
    decide(home, "示例甲有限公司", "示例乙有限公司", "different", by="甲")
    decide(home, "示例甲有限公司", "示例丙有限公司", "same", by="乙")
    decide_term(home, "料子", "料", "same", by="甲")
    decide_term(home, "件子", "件", "none", by="甲")
    return home


@pytest.fixture
def home(loaded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(loaded, tmp_path / "w"))


def firms(home: Path) -> list[str]:
    return names(Workspace.open(home).graph(), "Enterprise")


# Load numbers -------------------------------------------------------------------------------------


def test_a_number_is_never_given_again(home: Path, tmp_path: Path) -> None:
    for expected in (2, 3):
        assert api.load(home, sheet(tmp_path, "more", "示例丁有限公司")).load == expected
        api.undo(home, expected)
    (home / "CURRENT").unlink()
    assert api.load(home, sheet(tmp_path, "more", "示例丁有限公司")).load == 4


def test_an_earlier_version_is_kept_from_giving_a_number_again(home: Path, tmp_path: Path) -> None:
    """It knows nothing of undone numbers: its load 2 would be taken for the one that was undone, and removed."""
    api.load(home, sheet(tmp_path, "more", "示例丁有限公司"))
    assert json.loads((home / "workspace.json").read_text(encoding="utf-8"))["format"] == 1
    api.undo(home, 2)
    assert json.loads((home / "workspace.json").read_text(encoding="utf-8"))["format"] == 2


def test_an_undone_load_is_undone_though_its_folder_stayed(home: Path, tmp_path: Path) -> None:
    """As after a kill between the word that undoes and the removal of the folder."""
    before = Workspace.open(home).graph().hash
    api.load(home, sheet(tmp_path, "more", "示例丁有限公司"))
    stayed = shutil.copytree(load_folder(home, 2), tmp_path / "stayed")
    api.undo(home, 2)
    shutil.copytree(stayed, load_folder(home, 2))
    (home / "CURRENT").unlink()
    assert Workspace.open(home).graph().hash == before
    assert not load_folder(home, 2).exists()


def test_another_load_under_a_number_that_current_names_is_folded(home: Path, tmp_path: Path) -> None:
    """The load that two kills lost: undo was killed when load 2 was gone, the next load 2 before its graph stood.

    CURRENT named numbers then, so 1 and 2 were all there, and the same command again said that nothing was new.
    """
    other = Path(shutil.copytree(home, tmp_path / "other"))
    api.load(home, sheet(tmp_path, "more", "示例丁有限公司"))
    api.load(other, sheet(tmp_path, "another", "示例戊有限公司"))
    shutil.rmtree(load_folder(home, 2))
    shutil.copytree(load_folder(other, 2), load_folder(home, 2))
    assert "示例戊有限公司" in firms(home)
    assert "示例丁有限公司" not in firms(home)
    assert api.load(home, sheet(tmp_path, "more", "示例丁有限公司")).load == 3


def test_a_load_that_is_gone_is_missed(home: Path, tmp_path: Path) -> None:
    api.load(home, sheet(tmp_path, "more", "示例丁有限公司"))
    kept = shutil.copytree(load_folder(home, 2), tmp_path / "kept")
    shutil.rmtree(load_folder(home, 2))
    for ask in (lambda: api.status(home), lambda: api.open(home), lambda: api.load(home, tmp_path / "more")):
        with pytest.raises(StoreError, match="chainatlas undo 2"):
            ask()
    assert [r["file"] for r in check_files(home).rows if not r["derived"]] == ["loads/000002"]
    shutil.copytree(kept, load_folder(home, 2))
    assert "示例丁有限公司" in firms(home)
    shutil.rmtree(load_folder(home, 2))
    api.undo(home, 2)
    assert "示例丁有限公司" not in firms(home)


def test_a_workspace_of_before_opens_and_is_folded_once(home: Path) -> None:
    """Manifests without seal and digests, CURRENT with bare numbers, tables without digests."""
    before = Workspace.open(home).graph().hash
    for path in (home / "workspace.json", *home.glob("*/*/manifest.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        for new in ("seal", "digests", "extension", "undone", "sums", "match"):
            told.pop(new, None)
        path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    (home / "CURRENT").write_text(json.dumps({"hash": before, "loads": [1], "judgements": "", "hashed": 3,
                                              "match": True}), encoding="utf-8")  # fmt: skip
    assert api.open(home).snapshot.hash == before
    assert api.status(home).rows[0]["value"] == before
    said = check_files(home)
    assert said.rows == []
    assert any("1 次载入" in note for note in said.notes_in("zh"))


def test_a_folder_one_may_only_read_serves_its_graph_of_before(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later version would fold again and may not; what stands there is of the same loads."""
    before, state = Workspace.open(home).graph().hash, pointer(home)
    assert state is not None
    point(home, {**state, "hashed": 0})

    def refused(folder: Path) -> None:
        raise PermissionError(13, "denied", str(folder))

    monkeypatch.setattr(journal, "writer_lock", refused)
    assert Workspace.open(home).current()[0] == before
    point(home, {**state, "hashed": 0, "loads": {"1": "0" * 64}})
    with pytest.raises(StoreError) as bad:
        Workspace.open(home).current()
    assert bad.value.code == "workspace_readonly"


# Decisions ----------------------------------------------------------------------------------------


CASES = [("judgements.csv", "emptied", "there"), ("judgements.csv", "missing", "lost"),
         ("judgements.csv", "changed", "there"), ("term_judgements.csv", "missing", "there"),
         ("term_judgements.csv", "shortened", "lost"), ("term_judgements.csv", "changed", "there")]  # fmt: skip


@pytest.mark.parametrize(("file", "how", "current"), CASES)
def test_lost_decisions_are_named_and_come_back(
    decided: Path, tmp_path: Path, file: str, how: str, current: str
) -> None:
    home = Path(shutil.copytree(decided, tmp_path / "w"))
    before = Workspace.open(decided).graph().hash
    assert len(firms(home)) == 2
    path = home / file
    text = path.read_text(encoding="utf-8")
    if how == "missing":
        path.unlink()
    else:
        lines = text.splitlines(keepends=True)
        shown = {"emptied": "", "shortened": "".join(lines[:-1]), "changed": text.replace("different", "same")
                 .replace(",none,", ",same,")}  # fmt: skip
        path.write_text(shown[how], encoding="utf-8")
    if current == "lost":
        (home / "CURRENT").unlink()
    with pytest.raises(StoreError) as bad:
        api.open(home)
    assert bad.value.code == "decisions_lost"
    assert bad.value.values["rows"] == (2 if how in ("emptied", "missing") else 1)
    assert "check --files --restore" in bad.value.text("zh")
    assert [r["file"] for r in check_files(home).rows if not r["derived"]] == [file]
    restored = check_files(home, restore=True)
    assert [r for r in restored.rows if not r["derived"]] == []
    assert path.read_text(encoding="utf-8") == text
    assert Workspace.open(home).graph().hash == before


def test_decisions_removed_on_purpose_are_accepted(loaded: Path, decided: Path, tmp_path: Path) -> None:
    home, plain = Path(shutil.copytree(decided, tmp_path / "w")), Workspace.open(loaded).graph().hash
    (home / "judgements.csv").unlink()
    said = check_files(home, accept=True)
    assert [r for r in said.rows if not r["derived"]] == []
    assert Workspace.open(home).graph().hash == plain
    assert (home / "term_judgements.csv").is_file()


def test_rows_added_by_hand_are_welcome_and_kept(decided: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(decided, tmp_path / "w"))
    path = home / "judgements.csv"
    with path.open("a", encoding="utf-8") as file:
        file.write("Enterprise:name:示例甲有限公司,Enterprise:name:示例丙有限公司,different,丁,,\n")
    assert len(firms(home)) == 3
    path.write_text("\n".join(path.read_text(encoding="utf-8").splitlines()[:-1]) + "\n", encoding="utf-8")
    with pytest.raises(StoreError, match=r"judgements\.csv"):
        api.open(home)


def rewritten(text: str, change: Callable[[list[list[str]]], list[list[str]]]) -> str:
    made = io.StringIO()
    csv.writer(made, lineterminator="\r\n").writerows(change(list(csv.reader(io.StringIO(text)))))
    return made.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
@pytest.mark.parametrize("file", ["judgements.csv", "term_judgements.csv"])
def test_a_file_that_excel_saved_again_has_lost_nothing(
    decided: Path, tmp_path: Path, file: str, encoding: str
) -> None:
    """Columns and rows in another order, notes and names edited, empty cells and rows at the end."""
    home = Path(shutil.copytree(decided, tmp_path / "w"))

    def edited(rows: list[list[str]]) -> list[list[str]]:
        head, *rest = rows
        rest = [[*row[:-1], "看过"] for row in reversed(rest)]
        return [[*reversed(row), "", ""] for row in (head, *rest)] + [[""] * (len(head) + 2)]

    path = home / file
    path.write_bytes(rewritten(path.read_text(encoding="utf-8"), edited).encode(encoding))
    assert api.open(home).snapshot.hash == Workspace.open(decided).graph().hash
    assert len(Workspace.open(home).judgements().rows) == len(Workspace.open(home).words().judgements) == 2
    assert check_files(home).rows == []


def test_an_order_that_makes_another_decision_count_is_told(home: Path) -> None:
    for said in ("different", "same"):
        decide(home, "示例甲有限公司", "示例乙有限公司", said)
    path = home / "judgements.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(rewritten(text, lambda rows: [rows[0], rows[2], rows[1]]), encoding="utf-8")
    with pytest.raises(StoreError, match=r"judgements\.csv"):
        api.open(home)
    check_files(home, restore=True)
    assert path.read_text(encoding="utf-8") == text


def test_what_was_added_is_kept_beside_what_comes_back(decided: Path, tmp_path: Path) -> None:
    """One row went, another was written in its place in the file: both are there afterwards."""
    home = Path(shutil.copytree(decided, tmp_path / "w"))
    path = home / "judgements.csv"
    text = path.read_text(encoding="utf-8")
    new = "Enterprise:name:示例乙有限公司,Enterprise:name:示例丙有限公司,unsure,丁,,\n"
    path.write_text("".join(text.splitlines(keepends=True)[:2]) + new, encoding="utf-8")
    check_files(home, restore=True)
    assert path.read_text(encoding="utf-8") == text + new


def test_line_ends_of_windows_say_the_same(home: Path) -> None:
    """As git may leave them in text files."""
    before = Workspace.open(home).graph().hash
    for path in (home / "workspace.json", home / "CURRENT", *home.glob("*/*/manifest.json")):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert api.open(home).snapshot.hash == before
    assert [row for row in check_files(home).rows if not row["derived"]] == []


def test_the_last_states_are_kept(home: Path) -> None:
    for said in ("different", "unsure", "different", "unsure"):
        decide(home, "示例甲有限公司", "示例乙有限公司", said)
    assert sorted(p.name for p in (home / "kept").iterdir()) == [f"judgements-{n:06d}.csv" for n in (2, 3, 4)]


# Marker, schema, mappings ---------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["[]", None])
def test_a_lost_marker_is_made_again_with_what_it_said(home: Path, tmp_path: Path, how: str | None) -> None:
    api.load(home, sheet(tmp_path, "more", "示例丁有限公司"), match=False)
    api.undo(home, 2)
    marker = home / "workspace.json"
    marker.unlink() if how is None else marker.write_text(how, encoding="utf-8")
    for ask in (lambda: api.status(home), lambda: api.load(home, tmp_path / "more")):
        with pytest.raises(StoreError, match=r"check --files --restore"):
            ask()
    check_files(home, restore=True)
    assert not Workspace.open(home).match
    assert api.load(home, tmp_path / "more").load == 3


def test_what_a_load_took_from_the_extension_is_missed(tmp_path: Path) -> None:
    home = tmp_path / "w"
    home.mkdir()
    schema = home / "schema.toml"
    schema.write_text('[node.Enterprise.props]\nself_rated = {zh="自评"}\n', encoding="utf-8")
    api.load(home, write(tmp_path / "a", "企业.csv", "企业名称,自评\n示例甲有限公司,好"))
    schema.unlink()
    assert firms(home) == ["示例甲有限公司"]
    with pytest.raises(StoreError, match=r"Enterprise\.self_rated"):
        api.load(home, write(tmp_path / "b", "企业.csv", "企业名称\n示例乙有限公司"))


@pytest.mark.parametrize("text", ["node = 3", '[node]\nEnterprise = "x"', "[node.Enterprise.props]\na = 1",
                                  "[node.Enterprise.links]\na = {}", "[statement.New]\nsheets = ['x']",
                                  '[relation.NEW]\nzh = "新"\nfrom = "x"'])  # fmt: skip
def test_an_extension_of_another_shape_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "schema.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SchemaError) as bad:
        assert Workspace(tmp_path).schema
    assert bad.value.text("zh").endswith("。")


@pytest.mark.parametrize("text", ["", '{"readings": [{"file": 3}]}', '[{"file": "a", "as_": "企业"}]'])
def test_a_remembered_reading_that_is_none_is_named(home: Path, tmp_path: Path, text: str) -> None:
    own = write(tmp_path / "own", "自有.csv", "单位\n示例戊有限公司")
    mapping = write(tmp_path, "own.toml", MAPPING)
    assert api.load(home, own, mapping=mapping).load == 2
    (kept,) = (home / "mappings").iterdir()
    kept.write_text(text, encoding="utf-8")
    with pytest.raises(LoadError, match=kept.name):
        api.load(home, own)
    if "[" not in text:
        assert [r["file"] for r in check_files(home).rows] == [f"mappings/{kept.name}"]
    kept.unlink()
    assert api.load(home, own, mapping=mapping).load is None
