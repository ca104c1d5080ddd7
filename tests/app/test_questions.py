"""The table of questions: each entry has its command, function, options, columns, docs page and tests."""

from __future__ import annotations

import inspect
import re
import runpy
import shlex
from pathlib import Path
from typing import Any

import click
import pytest

import chainatlas
from chainatlas.commands import app
from chainatlas.graph.schema.words import read_toml
from chainatlas.questions import Option, Question, answer, groups, questions, resolve

ROOT = Path(__file__).resolve().parents[2]
TABLE = questions()
ENTRIES = {**TABLE, **{f"{n} {s}": sub for n, entry in TABLE.items() for s, sub in entry.commands.items()}}
ASKED = {name: entry for name, entry in TABLE.items() if entry.asks}
# What an option means, everywhere it is: (parameter, kind).
GRAMMAR = {
    "--chain": ("chain", "text"),
    "--in": ("place", "text"),
    "--cluster": ("cluster", "text"),
    "--among": ("among", "text"),
    "--external": ("external", "text"),
    "--level": ("level", "text"),
    "--top": ("top", "integer"),
    "--format": ("format", "text"),
    "-o": ("output", "path"),
    "--lang": ("lang", "text"),
    "-w": ("workspace", "path"),
}
# Questions that are about a whole: no place, no cluster narrows them.
WITHOUT_PLACE = {"check", "sources", "compare", "evaluation", "profile", "targets", "position", "inputs"}
WITHOUT_CLUSTER = {"scan", "reach"}  # both are about all places of a level


def test_the_table_is_read() -> None:
    assert len(TABLE) >= 40
    assert len(ASKED) >= 24
    assert {entry.group for entry in TABLE.values()} == set(groups())


@pytest.mark.parametrize("name", TABLE)
def test_entry_has_function_page_and_public_name(name: str) -> None:
    entry = TABLE[name]
    function = entry.resolve()
    assert (inspect.getdoc(function) or "").strip()
    public = entry.function.partition(":")[2]
    assert getattr(chainatlas, public) is function
    page = ROOT / "docs" / f"{entry.page}.md"
    assert page.is_file(), entry.page
    assert re.search(rf"chainatlas {name}\b|`{name}\b", page.read_text(encoding="utf-8")), "its page does not name it"
    assert entry.zh
    assert entry.en


@pytest.mark.parametrize("name", ASKED)
def test_options_are_the_parameters_of_the_function(name: str) -> None:
    entry = ASKED[name]
    first, *rest = inspect.signature(entry.resolve()).parameters.values()
    assert first.name == "atlas"
    assert {p.name for p in rest} == {o.name for o in entry.parameters}
    for parameter in rest:
        (option,) = [o for o in entry.parameters if o.name == parameter.name]
        stated = None if parameter.default in (inspect.Parameter.empty, (), False) else parameter.default
        assert option.required == (parameter.default is inspect.Parameter.empty), parameter.name
        assert option.default == stated, parameter.name


@pytest.mark.parametrize("name", [n for n, e in ENTRIES.items() if e.run])
def test_actions_take_what_their_command_gives(name: str) -> None:
    entry = ENTRIES[name]
    given = {o.name for o in entry.options} - {"debug"}
    signature = inspect.signature(resolve(f"commands.{entry.run}"))
    signature.bind(**dict.fromkeys(given))
    named = {p.name for p in signature.parameters.values() if p.kind is inspect.Parameter.KEYWORD_ONLY}
    assert named <= given


def test_public_names_are_those_of_the_table() -> None:
    assert {entry.function.partition(":")[2] for entry in TABLE.values()} <= set(chainatlas.__all__)
    program = runpy.run_path(str(ROOT / "docs" / "public_names.py"))
    assert program["stub"]() == (ROOT / "app" / "__init__.pyi").read_text(encoding="utf-8"), "run: make docs"


# One grammar --------------------------------------------------------------------------------------


def _with_flag(flag: str) -> list[tuple[str, Option]]:
    return [(name, o) for name, entry in ENTRIES.items() for o in entry.options if flag in o.flags]


@pytest.mark.parametrize("flag", GRAMMAR)
def test_an_option_means_the_same_everywhere(flag: str) -> None:
    found = _with_flag(flag)
    assert len(found) >= 2
    assert {(o.name, o.kind) for _, o in found} == {GRAMMAR[flag]}


@pytest.mark.parametrize("name", ASKED)
def test_every_question_has_the_common_options(name: str) -> None:
    flags = {flag for option in ASKED[name].options for flag in option.flags}
    assert {"--top", "--explain", "--format", "-o", "--lang", "-w"} <= flags
    assert ("--in" in flags) == (name not in WITHOUT_PLACE)
    assert ("--cluster" in flags or any(o.name == "cluster" for o in ASKED[name].options)) == (
        name not in (WITHOUT_PLACE - {"evaluation"}) | WITHOUT_CLUSTER)  # fmt: skip
    assert ("--among" in flags) <= ("--external" in flags) or name == "scan"  # counts do not depend on inputs


def test_only_subjects_are_positional() -> None:
    """What an option means elsewhere is no argument here, but where it is the subject that cannot be left out."""
    named = {option for _, (option, _) in GRAMMAR.items()}
    bare = {(n, o.name) for n, e in ENTRIES.items() for o in e.options if o.positional and o.name in named}
    assert bare == {("explain", "chain"), ("evaluation", "cluster")}
    assert all(o.required for n, o in ((n, o) for n, e in ENTRIES.items() for o in e.options) if (n, o.name) in bare)


@pytest.mark.parametrize(
    ("words", "new"),
    [
        ("alliance --chain 锂电 --size 3", "--top"),
        ("bottlenecks --end 电解液", "--product"),
        ("chain 锂电 --figures", "figures --chain"),
    ],
)
def test_the_old_spelling_is_named(call: Any, words: str, new: str) -> None:
    done = call(*words.split(), "--lang", "zh")
    assert done.code == 2
    assert "现在写作" in done.err
    assert new in done.err


def test_old_spellings_are_no_longer_taken() -> None:
    old = {(n, w) for n, e in ENTRIES.items() for w in e.was}
    assert len(old) >= 3
    assert not {(n, w) for n, w in old for o in ENTRIES[n].options if w in o.flags}


# Examples and columns -----------------------------------------------------------------------------


def _parsed(entry: Question, words: list[str]) -> dict[str, Any]:
    command: Any = app
    context = click.Context(app)
    while isinstance(command, click.Group):
        command = command.get_command(context, words.pop(0))
        assert command is not None
    values: dict[str, Any] = command.make_context(entry.name, words).params
    return values


@pytest.mark.parametrize("name", ENTRIES)
def test_example_is_a_command_line(name: str) -> None:
    entry = ENTRIES[name]
    words = shlex.split(entry.example)
    assert words.pop(0) == "chainatlas"
    assert words[0] == name.split()[0]
    assert entry.commands or _parsed(entry, words)


@pytest.mark.parametrize("name", ASKED)
def test_example_is_answered_in_the_columns_that_are_shown(name: str, demo_folder: Path) -> None:
    entry = ASKED[name]
    values = _parsed(entry, shlex.split(entry.example)[1:])
    if name == "position":
        pytest.importorskip("openpyxl")
        with pytest.raises(chainatlas.ChainAtlasError):  # the file is the reader's own
            answer(entry, None, values)
        return
    result = answer(entry, chainatlas.open(demo_folder), values)
    for columns in entry.shown.values():
        assert set(columns) <= set(read_toml("words.toml")["column"]), set(columns) - set(
            read_toml("words.toml")["column"]
        )
    assert set(entry.columns(values) or result.columns) <= set(result.columns)
    assert result.columns
    if len(result):
        assert len(answer(entry, chainatlas.open(demo_folder), values | {"top": 1})) >= 1


def test_top_cuts_and_says_so(demo_folder: Path) -> None:
    atlas = chainatlas.open(demo_folder)
    whole = answer(TABLE["figures"], atlas, {})
    first = answer(TABLE["figures"], atlas, {"top": 2})
    assert first.rows == whole.rows[:2]
    assert str(len(whole)) in first.notes_in("zh")[-1]


def test_explain_gives_the_facts_of_a_row(demo_folder: Path) -> None:
    atlas = chainatlas.open(demo_folder)
    asked = {"chain": "锂电", "place": "山东省"}
    facts = answer(TABLE["gaps"], atlas, asked | {"explain": 1})
    assert "fact" in facts.columns
    assert len(facts)
    with pytest.raises(chainatlas.QueryError, match="--explain"):
        answer(TABLE["gaps"], atlas, asked | {"explain": 9999})


# Tests --------------------------------------------------------------------------------------------


def test_every_command_and_function_is_used_by_a_test() -> None:
    """By name, outside this file: a new one without a test of its own fails here."""
    texts = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "tests").rglob("test_*.py")
                      if p.name not in ("test_questions.py", "test_site.py"))  # fmt: skip
    assert [name for name in TABLE if f'"{name}"' not in texts] == []
    functions = [n for n in chainatlas.__all__ if n[0].islower()]
    used = [n for n in functions if re.search(rf"\b(?:ca|chainatlas|api)\.{n}\(|\bimport\b.*\b{n}\b", texts)]
    assert sorted(set(functions) - set(used)) == []
