"""The house rules of page code: rooms, lines, imports one way, and no fact of the schema written again."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from chainatlas.queries.verdicts.judge import STATUS
from chainatlas.views.atlas.bundle import bundle, page_modules
from chainatlas.views.atlas.contract import LETTERS
from chainatlas.views.tables import READ_STATUS

ROOT = Path(__file__).resolve().parents[2]
VIEWS = ROOT / "views"
FILES = sorted(p for p in VIEWS.rglob("*") if p.suffix in {".js", ".css", ".j2"} and "vendor" not in p.parts)
WORDS = tomllib.loads((ROOT / "graph" / "schema" / "words.toml").read_text(encoding="utf-8"))
# What a room of the page may import: itself and what stands before it.
ROOMS = ("data", "draw", "chain", "parts", "views")
DOORS, LINES, COLUMNS = 12, 500, 120


def _name(path: Path) -> str:
    return path.relative_to(VIEWS).as_posix()


def _columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


def test_page_code_is_seen() -> None:
    kinds = Counter(path.suffix for path in FILES)
    assert kinds[".js"] >= 36
    assert kinds[".css"] >= 12
    assert kinds[".j2"] >= 2


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_lines_can_be_read(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= LINES, f"{len(lines)} lines"
    assert [at for at, line in enumerate(lines, 1) if _columns(line) > COLUMNS] == []


def test_a_room_has_at_most_a_dozen_doors() -> None:
    doors = Counter(path.parent for path in FILES)
    assert len(doors) >= 6
    assert {_name(room): n for room, n in doors.items() if n > DOORS} == {}


def test_modules_open_with_what_they_are_for() -> None:
    modules = page_modules()
    assert len(modules) >= 36
    assert [name for name, text in modules.items() if not text.startswith("// ")] == []


def test_imports_go_one_way() -> None:
    seen, wrong = 0, []
    for name, text in page_modules().items():
        room = name.partition("/")[0]
        if room == "main.js":
            continue
        for address in re.findall(r'^(?:import|\}).* from "([^"]+)";', text, re.MULTILINE):
            other = room if address.startswith("./") else address.split("/")[1]
            seen += 1
            if ROOMS.index(other) > ROOMS.index(room):
                wrong.append(f"{name} imports {address}")
    assert seen > 150
    assert wrong == []


# One place for each fact ------------------------------------------------------------------------


def test_no_word_of_the_schema_stands_in_page_code() -> None:
    """States, sub-kinds, actions and stages reach the page as data, inside sentences too."""
    words = {pair["zh"] for group in ("status", "subkind", "action", "stage") for pair in WORDS[group].values()}
    # Matching partners is a view of its own, and has its name from there.
    words -= {WORDS["action"]["match"]["zh"]}
    assert {"缺环", "单点", "数据不足", "省内可补", "补链", "上游"} <= words
    scripts = {_name(path): path.read_text(encoding="utf-8") for path in FILES if path.suffix != ".css"}
    assert [(name, word) for name, text in scripts.items() for word in sorted(words) if word in text] == []


def test_codes_with_a_form_are_those_of_the_schema() -> None:
    text = page_modules()["data/codes.js"]
    listed = {
        name: re.findall(r'"(\w+)"', codes) for name, codes in re.findall(r"const (\w+) = (\[.*?\]);", text, re.DOTALL)
    }
    assert listed["STATUSES"] == list(READ_STATUS) == list(WORDS["status"])
    assert set(READ_STATUS) - {"missing_narrow"} == set(STATUS)
    assert listed["STAGES"] == list(WORDS["stage"])
    letters = dict(re.findall(r'^  (\w): "(\w+)"', text, re.MULTILINE))
    assert letters == {letter: status for status, letter in LETTERS.items()}
    tokens = dict(re.findall(r'^  (\w\w+): "(\w+)"', text, re.MULTILINE))
    assert list(tokens) == list(READ_STATUS)
    assert len(set(tokens.values())) == len(READ_STATUS)


def test_lists_that_the_page_asks_for_words_are_sent() -> None:
    from chainatlas.views.atlas.words import page_words

    asked = set(re.findall(r'\b(?:word|codes)\(\s*"(\w+)"', "".join(page_modules().values())))
    assert {"status", "subkind", "action", "stage", "state", "ground"} <= asked
    # Names of relations come from the schema's types; a reason may be a text that stands for itself.
    assert asked - set(page_words()) == {"relation", "reason"}


def test_comments_stay_in_the_source() -> None:
    text = bundle({"a.js": '// Why.\nexport function a() {\n  // how\n  return "http://x"; // here\n}\n'}, "a.js")
    assert "Why" not in text
    assert "how" not in text
    assert 'return "http://x"; // here' in text
