"""One module writes to a terminal: nobody else prints, asks, or holds its streams."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("app", "graph", "loaders", "queries", "views")
WRITER = "views/terminal.py"
# Who holds a stream and writes nothing on it, and how often: flushed at the end, given up when nobody reads it,
# and the orders that a process of ours gets through a pipe.
HOLDERS = {
    "app/commands/__init__.py": 1,
    "app/commands/net.py": 2,
    "graph/stores/answering.py": 1,
    "loaders/files/served.py": 1,
}
CALLS = {"print", "input", "breakpoint"}
STREAMS = {"stdout", "stderr", "stdin", "__stdout__", "__stderr__", "displayhook", "excepthook"}
CLICK = {"echo", "secho", "prompt", "confirm", "echo_via_pager", "getchar", "pause", "progressbar", "get_text_stream"}
LIBRARIES = {
    "getpass": {"getpass"},
    "rich": {"print"},
    "rich.console": {"Console"},
    "rich.text": {"Text"},
    "click": CLICK,
}


MAYBE = re.compile(
    r"\b(print|input|breakpoint|click|rich|getpass|traceback)\b|\bsys\b\s*(\.\s*(_|std|disp|exc)|import)"
)


def found_in(tree: ast.AST) -> list[int]:
    """Return the lines on which a module writes to a terminal by itself."""
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            hit = node.func.id in CALLS
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            hit = (node.value.id == "sys" and node.attr in STREAMS) or (
                node.value.id in ("os", "click", "getpass") and (node.attr in CLICK | {"getpass"})
            )
            hit |= node.value.id == "traceback" and node.attr.startswith("print")
        elif isinstance(node, ast.ImportFrom):
            taken = {alias.name for alias in node.names}
            hit = bool(taken & LIBRARIES.get(node.module or "", set())) or (
                node.module == "sys" and bool(taken & STREAMS)
            )
        else:
            continue
        if hit:
            lines.append(node.lineno)
    return lines


def test_nobody_else_writes_to_a_terminal() -> None:
    """The script that fetches ECharts again is run by nobody but its maintainer."""
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "vendor" not in path.parts]
    assert len(files) > 200
    texts = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in files}
    found = {name: found_in(ast.parse(text)) for name, text in texts.items() if MAYBE.search(text)}
    assert len(found.pop(WRITER)) > 8
    assert {name: len(lines) for name, lines in found.items() if lines} == HOLDERS


def test_each_way_of_writing_is_seen() -> None:
    ways = (
        "print(1)",
        "import sys; sys.stderr.write('')",
        "from sys import stdout",
        "import click; click.echo('')",
        "from click import secho",
        "from rich.console import Console",
        "from rich import print as p",
        "input()",
        "import traceback; traceback.print_exc()",
        "import getpass; getpass.getpass()",
    )
    assert [way for way in ways if not found_in(ast.parse(way)) or not MAYBE.search(way)] == []
    assert found_in(ast.parse("import sys; sys.argv; file.write(''); console().print(1)")) == []
