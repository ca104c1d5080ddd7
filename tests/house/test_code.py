"""The house rules, checked: layers, types, style, sizes, messages, documents.

Each check also asserts that it looked at something: a rule that sees no files holds for nothing.
"""

from __future__ import annotations

import ast
import doctest
import importlib
import os
import pkgutil
import re
import shutil
import string
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

import chainatlas

Run = Callable[..., "subprocess.CompletedProcess[str]"]
ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("app", "graph", "loaders", "queries", "views")
MODULES = sorted(p for room in ROOMS for p in (ROOT / room).rglob("*.py"))
MESSAGES: dict[str, dict[str, str]] = tomllib.loads(
    (ROOT / "graph" / "schema" / "messages.toml").read_text(encoding="utf-8"))  # fmt: skip


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _nodes() -> Iterator[tuple[Path, ast.AST]]:
    for path in MODULES:
        for node in ast.walk(_tree(path)):
            yield path, node


def _ask(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True,
                          encoding="utf-8", errors="replace", timeout=3600,
                          env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200"})  # fmt: skip


# Tools ------------------------------------------------------------------------------------------


def test_layers() -> None:
    done = _ask("-c", "from importlinter.cli import lint_imports_command as run; run()")
    assert done.returncode == 0, done.stdout + done.stderr
    counted = re.search(r"Analyzed (\d+) files", done.stdout)
    assert counted is not None
    assert int(counted[1]) >= 55
    assert re.search(r"Contracts: [2-9] kept, 0 broken", done.stdout), done.stdout


def test_types() -> None:
    done = _ask("-m", "mypy", "-p", "chainatlas")
    assert done.returncode == 0, done.stdout + done.stderr
    counted = re.search(r"no issues found in (\d+) source files", done.stdout)
    assert counted is not None, done.stdout
    assert int(counted[1]) >= 55


def test_style() -> None:
    seen = _ask("-m", "ruff", "check", "--show-files", ".")
    files = [line for line in seen.stdout.splitlines() if line.endswith(".py")]
    assert len(files) >= 75, seen.stdout
    done = _ask("-m", "ruff", "check", "--output-format", "concise", ".")
    assert done.returncode == 0, done.stdout + done.stderr


# Modules ----------------------------------------------------------------------------------------


def test_modules_are_seen() -> None:
    assert len(MODULES) >= 55
    assert {p.relative_to(ROOT).parts[0] for p in MODULES} == set(ROOMS)


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_module(path: Path) -> None:
    """A module opens with what it is for and is short enough to be read."""
    assert (ast.get_docstring(_tree(path)) or "").strip(), "no opening docstring"
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 500, f"{lines} lines"


def test_functions_are_short() -> None:
    sizes = {f"{_name(p)}:{n.lineno} {n.name}": (n.end_lineno or 0) - n.lineno + 1
             for p, n in _nodes() if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}  # fmt: skip
    assert len(sizes) > 300
    assert {k: v for k, v in sizes.items() if v > 80} == {}


def test_no_bare_except() -> None:
    handlers = [(p, n) for p, n in _nodes() if isinstance(n, ast.ExceptHandler)]
    assert len(handlers) > 20
    assert [f"{_name(p)}:{n.lineno}" for p, n in handlers if n.type is None] == []


def test_no_machine_paths() -> None:
    """No tracked text file names a folder of somebody's machine."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("no git checkout: which files are tracked cannot be told")
    told = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                          cwd=ROOT, capture_output=True, check=True)  # fmt: skip
    names = [n for n in told.stdout.decode("utf-8").split("\0") if n]
    # Put together here, so that this file does not hold what it looks for.
    places = "|".join(("home", "root", "work", "tmp", "Users", "opt", "mnt"))
    machine = re.compile(rf"(?<![\w.:/*)\]}}<>~-])/(?:{places})/[\w.]|\b[A-Z]:\\(?:Users|work|tmp)")
    seen, found = 0, []
    for name in names:
        path = ROOT / name
        if not path.is_file() or "vendor" in path.parts:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        seen += 1
        found += [f"{name}: {hit[0]}" for hit in machine.finditer(text)]
    assert seen > 120
    assert found == []


# Messages ---------------------------------------------------------------------------------------


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_message_pair(code: str) -> None:
    """Both languages say something, with the same values filled in."""
    pair = MESSAGES[code]
    assert sorted(pair) == ["en", "zh"]
    assert all(text.strip() for text in pair.values())
    assert _fields(pair["zh"]) == _fields(pair["en"])
    words = re.sub(r"\{.*?\}", "", pair["zh"])
    assert re.search(r"[\u4e00-\u9fff]", words) or not re.search("[A-Za-z]", words)
    # Words to type (headers, sheets, numerals) stay Chinese in an English sentence, no more.
    letters = re.findall(r"[A-Za-z\u4e00-\u9fff]", pair["en"])
    assert sum(c >= "\u4e00" for c in letters) <= 0.3 * len(letters)


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _raising_or_saying() -> Iterator[tuple[str, str, ast.Call]]:
    """Calls that name a message: (where, code, call)."""
    for path, node in _nodes():
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name, code = _called(node), node.args[0].value
            ours = name.endswith(("SchemaError", "LoadError", "StoreError", "QueryError", "Refused", "ChainAtlasError"))
            if isinstance(code, str) and (ours or name in ("message", "sentence")):
                yield f"{_name(path)}:{node.lineno}", code, node


def test_every_code_that_is_raised_has_a_message() -> None:
    named = [(where, code) for where, code, _ in _raising_or_saying()]
    assert len(named) > 90
    assert [(w, c) for w, c in named if c not in MESSAGES] == []


# Prefixes that only messages have; the others (file_, place_ …) are words of their own as well,
# and are seen where they are raised.
_CODE = re.compile(r"(why|note|reject|fact|else|remedy)_[a-z0-9_]+")


def _strings() -> set[str]:
    return {n.value for _, n in _nodes() if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def test_every_text_that_looks_like_a_code_is_one() -> None:
    """Codes that are chosen first and shown later are texts in the code; none is misspelt."""
    texts = {t for t in _strings() if _CODE.fullmatch(t)}
    assert len(texts) > 50
    assert sorted(texts - set(MESSAGES)) == []


def test_calls_give_what_their_message_names() -> None:
    """A message is never shown with a hole: each call gives all its values by name."""
    seen, lacking = 0, []
    for where, code, call in _raising_or_saying():
        if _called(call).endswith("Refused") or any(k.arg is None for k in call.keywords):
            continue  # values come along in a mapping, or are added where the cell is known
        seen += 1
        lacking += [(where, code, f) for f in _fields(MESSAGES[code]["zh"]) - {k.arg for k in call.keywords}]
    assert seen > 70
    assert lacking == []


def test_every_message_is_used() -> None:
    texts = _strings()
    prefixes = {part.values[0].value for _, part in _nodes()
                if isinstance(part, ast.JoinedStr) and part.values and isinstance(part.values[0], ast.Constant)
                and isinstance(part.values[0].value, str) and part.values[0].value.endswith("_")}  # fmt: skip
    types = set(re.findall(r'type\s*=\s*"(\w+)"', "".join(
        p.read_text(encoding="utf-8") for p in (ROOT / "graph" / "schema").glob("*.toml"))))  # fmt: skip

    def used(code: str) -> bool:
        made = (code.removeprefix(p) for p in prefixes if code.startswith(str(p)))
        return code in texts or any(rest in texts or rest in types for rest in made)

    assert [code for code in MESSAGES if not used(code)] == []


# The package ------------------------------------------------------------------------------------


def test_public_names_can_be_imported() -> None:
    assert len(chainatlas.__all__) >= 20
    assert sorted(set(chainatlas.__all__)) == sorted(chainatlas.__all__)
    assert [n for n in chainatlas.__all__ if getattr(chainatlas, n, None) is None] == []
    assert set(chainatlas.__all__) <= set(dir(chainatlas))
    with pytest.raises(AttributeError, match="no_such_name"):
        chainatlas.no_such_name  # noqa: B018


def test_help_imports_nothing_heavy(run: Run, tmp_path: Path) -> None:
    program = ("import sys\nfrom chainatlas.commands import main\nsys.argv = ['chainatlas', '--help']\n"
               "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
               "heavy = ('pandas', 'scipy', 'neo4j', 'pyarrow', 'numpy', 'xlsxwriter', 'jinja2', 'rich.table')\n"
               "sys.stderr.write(' '.join(m for m in heavy if m in sys.modules) + '|')")  # fmt: skip
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True,
                          encoding="utf-8", timeout=900)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "demo" in done.stdout
    assert done.stderr == "|"


def test_doctests() -> None:
    names = [m.name for m in pkgutil.walk_packages(chainatlas.__path__, "chainatlas.")]
    assert len(names) >= 55
    tried = 0
    for name in ["chainatlas", *names]:
        found = doctest.testmod(importlib.import_module(name))
        assert found.failed == 0, name
        tried += found.attempted
    assert tried >= 8


# Documents --------------------------------------------------------------------------------------


def test_schema_page_is_current(run: Run) -> None:
    done = run("schema")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (ROOT / "docs" / "schema.md").read_text(encoding="utf-8"), "run: make docs"
    assert len(done.stdout) > 20_000


def _readme() -> tuple[str, str]:
    """The README's Chinese and English parts."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    zh, _, en = text.partition("\n## English\n")
    assert len(zh) > 500
    assert len(en) > 500
    return zh, en


def _lines(text: str) -> list[list[str]]:
    """Command lines of ``chainatlas`` in a text, split into words."""
    code = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL) + re.findall(r"`(chainatlas [^`\n]+)`", text)
    found = [m[1] for block in code for line in block.splitlines()
             for m in [re.search(r"(?:^|&& )chainatlas ([^#&]+)", line.strip())] if m]  # fmt: skip
    return [line.split() for line in found]


def test_readme_commands_exist(run: Run) -> None:
    lines = _lines("".join(_readme()))
    assert len(lines) >= 12
    commands = set(re.findall(r"^  ([a-z]+)  ", run("--help").stdout, re.MULTILINE))
    assert len(commands) >= 14
    assert {words[0] for words in lines} <= commands
    helps = {name: run(name, "--help").stdout for name in {words[0] for words in lines}}
    options = [(words[0], w) for words in lines for w in words[1:] if w.startswith("-")]
    assert len(options) >= 5
    for name, option in options:
        assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", helps[name]), (name, option)


def test_readme_says_the_same_in_both_languages() -> None:
    zh, en = ({words[0] for words in _lines(part)} for part in _readme())
    assert zh == en


def test_readme_options_in_text_exist(run: Run) -> None:
    """Options named in running text (`-o 缺口.xlsx`, `--format json`) are options of gaps."""
    told = run("gaps", "--help").stdout
    named = set(re.findall(r"`(--?[a-z][a-z-]*)[ `]", "".join(_readme())))
    assert named
    assert [o for o in named if not re.search(rf"(?<![\w-]){re.escape(o)}(?![\w-])", told)] == []
