"""No province is known to code, schema or page: whoever is elsewhere finds no default of another place.

The bundled data are of one province; only what loads them or tells of them may name it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("app", "graph", "loaders", "queries", "views")
PROVINCE = re.compile(
    r"山东|齐鲁|[^粗]鲁(?!棒)|shandong|济南|青岛|淄博|枣庄|东营|烟台|潍坊|济宁|泰安|威海|日照|临沂|德州|聊城|滨州|菏泽|jinan|qingdao|yantai"
    r"|(?<![\d.])37(0[0-9]|1[0-7])(00)?(?!\d)|[\x22\x27]37[\x22\x27]|渤海|黄海|yellow sea|bohai",
    re.IGNORECASE,
)

# What may name it, and why. A text: file and a part of the line.
ALLOWED = (
    ("app/api.py", '"shandong"', "demo loads the bundled data"),
    ("app/recipes.py", '"shandong"', "the bundled chains stand in the same folder; nothing of a place is taken"),
    ("app/questions.toml", "example = ", "examples of --help run on the bundled data, and a test runs them"),
    ("app/questions.toml", "自带的山东数据", "what demo is"),
    ("app/questions.toml", "the bundled Shandong data", "what demo is"),
    ("graph/schema/messages.toml", "chainatlas demo", "what demo is"),
    ("graph/schema/persons.toml", "surnames = ", "a surname of that character"),
    ("graph/schema/vocabulary.toml", "布鲁塞尔", "a stock exchange in Belgium"),
    ("queries/cypher/", "// :param ", "examples to paste on the bundled data; api.cypher takes no place from them"),
)


def texts() -> Iterator[tuple[str, int, str]]:
    """Yield file, line number and text of all that runs or is shown: no docstrings, no comments of code."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix == ".py":
                yield from ((name, at, text) for at, text in _strings(path))
            elif path.suffix in {".toml", ".js", ".css", ".html", ".cypher", ".svg"} and "vendor" not in path.parts:
                yield from ((name, at, line) for at, line in enumerate(path.read_text("utf-8").splitlines(), 1))


def _strings(path: Path) -> Iterator[tuple[int, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.body[0].value) for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body
            and isinstance(node.body[0], ast.Expr)}  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, f'"{node.value}"'
        elif isinstance(node, ast.Constant) and type(node.value) is int:
            yield node.lineno, str(node.value)


def _allowed(name: str, text: str) -> bool:
    return any(name.startswith(file) and part in text for file, part, _ in ALLOWED)


def test_no_province_is_known() -> None:
    named = [(name, at, text[:120]) for name, at, text in texts() if PROVINCE.search(text) and not _allowed(name, text)]
    assert named == []


def test_the_search_would_find_one() -> None:
    known = ['const HOME = ["济南"];', '"所在省"="山东省"', "DEFAULT = 370000", "province == '37'", "3701"]
    assert all(PROVINCE.search(line) for line in known)
    assert not any(PROVINCE.search(line) for line in ("37 rows", "0.3701", "1370100", "粗鲁", "宜宾市"))
    seen = {name for name, _, _ in texts()}
    assert {"views/atlas/page/draw/tilemap.js", "graph/schema/examples.toml", "app/recipes.py"} <= seen


@pytest.mark.parametrize(("file", "part", "why"), ALLOWED)
def test_what_is_allowed_is_still_there(file: str, part: str, why: str) -> None:
    assert why
    assert any(name.startswith(file) and part in text and PROVINCE.search(text) for name, _, text in texts())
