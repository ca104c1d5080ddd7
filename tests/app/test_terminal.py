"""Names of others on a terminal: nothing in them steers it, hides in a line or begins a new one."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chainatlas import api
from chainatlas.graph.schema.leaving import visible

Call = Callable[..., Any]
posix = pytest.mark.skipif(os.name != "posix", reason="terminals of POSIX systems")
NAMES = [
    "示例\x1b[2J\x1b]0;t\x07甲公司",
    "示例\x9b31m乙公司",
    "示例\u202e\u2066丙公司",
    "示例\u200b\u200d丁公司",
    "示例\r戊公司",
    "示例\n完成：0 条被拒绝\n己公司",
    "示例\x1b]8;;http://x.invalid\x1b\\庚\x1b]8;;\x1b\\公司",
    "示例\u2028辛\U000e0041公司",
]
LINK, CHAIN = "环\x1b[31m节\u202e", "示例\x9b链\u200b"
GAPS = ("gaps", "--chain", CHAIN, "--all")


def steers(text: str) -> list[str]:
    """Return the characters of a text that a terminal would obey or not show; a joiner inside an emoji is spelling."""
    text = text.replace("👨\u200d👩\u200d👧\u200d👦🏳️\u200d🌈", "")
    return sorted(
        {f"{ord(c):x}" for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c not in "\n\t"}
    )


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which every name holds what a terminal would obey."""
    folder = tmp_path_factory.mktemp("hostile")
    rows = [
        {
            "企业名称": name,
            "所在市": "济南市",
            "产业链": CHAIN,
            "产业链环节": LINK,
            "主营产品": LINK,
            "来源": name,
            "说明": name,
        }
        for name in NAMES
    ]
    (folder / "企业.json").write_text(json.dumps(rows), encoding="utf-8")
    links = [{"产品名称": name, "产业链": CHAIN, "环节位置": "上游"} for name in (LINK, LINK + "二")]
    (folder / "产品环节.json").write_text(json.dumps(links), encoding="utf-8")
    api.load(folder / "w", [folder / "企业.json", folder / "产品环节.json"])
    return folder / "w"


COMMANDS = (
    ("status",),
    ("loads",),
    ("figures",),
    GAPS,
    ("profile", NAMES[0]),
    ("review", "list"),
    ("attach", "list"),
    ("check",),
    ("explain", CHAIN, LINK),
    ("schema",),
    (*GAPS, "--format", "json"),
)


@pytest.mark.parametrize(
    "words", COMMANDS, ids=lambda words: " ".join(words[:2]).encode("unicode_escape").decode()[:20]
)
def test_tables_and_notes_steer_nothing(hostile: Path, call: Call, words: tuple[str, ...]) -> None:
    done = call(*words, "-w", hostile)
    assert steers(done.out + done.err) == []


def test_the_names_are_there_to_be_read(hostile: Path, call: Call) -> None:
    done = call(*GAPS, "-w", hostile)
    assert done.code == 0, done.err
    assert "示例\\u{9b}链\\u{200b}" in done.out + done.err
    assert "环\\u{1b}[31m节\\u{202e}二" in done.out


def test_data_for_programs_is_unchanged(hostile: Path, call: Call) -> None:
    rows = call(*GAPS, "-w", hostile, "--format", "json").rows
    assert {row["link"] for row in rows} >= {LINK + "二"}
    assert LINK + "二" in call(*GAPS, "-w", hostile, "--format", "csv").out


ERRORS = (
    ("gaps", "--chain", "无\x1b[2J此\n链"),
    ("gaps", "--in", "\u202e市"),
    ("\x1b[31m",),
    ("gaps", "--no\x9b"),
    ("gaps", "a\u200bb"),
    ("gaps", "--format", "\x1b[31m"),
    ("gaps", "--lang", "\x1b"),
    ("load", "无\x1b此.csv"),
    ("undo", "\x1b[1"),
    ("export", "x\x9b.y"),
    ("cypher", "MATCH (\x1b) RETURN 1"),
    ("load", "坏\x1b.csv"),
    ("gaps", "-o", "x.\x9b"),
)


@pytest.mark.parametrize("words", ERRORS, ids=range(len(ERRORS)))
def test_errors_steer_nothing_and_are_one_line(
    hostile: Path, call: Call, tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "坏\x1b.csv").write_bytes(b"\xff\xfe\x00\x1b[2J")
    done = call(*words, "-w", hostile)
    assert done.code in (1, 2), done
    assert steers(done.out + done.err) == []
    assert done.code == 2 or done.err.count("\n") == 1


def test_what_libraries_say_steers_nothing(tmp_path: Path) -> None:
    program = (
        "import logging, warnings; from chainatlas.views.terminal import hear_libraries, prepare\n"
        "prepare(); hear_libraries()\n"
        "logging.getLogger('x').warning('%s', '\\x1b[2Jlogged'); warnings.warn('\\x9bwarned')\n"
        "raise ValueError('\\x1br')"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=False)
    told = done.stderr.decode()
    assert all(word in told for word in ("\\u{1b}[2Jlogged", "\\u{9b}warned", "ValueError: \\u{1b}r"))
    assert steers(told) == []


@posix
def test_on_a_terminal_only_our_colours_are_controls(hostile: Path, tmp_path: Path) -> None:
    """A table in colours, and CSV, which a pipe gets unchanged."""
    import pty

    master, slave = pty.openpty()
    program = (
        "import sys; from chainatlas.commands import main\n"
        "for more in ([], ['--format', 'csv']):\n"
        f"    sys.argv = ['chainatlas', *{GAPS!r}, '-w', {str(hostile)!r}, *more]\n"
        "    try: main()\n"
        "    except SystemExit as end: assert not end.code\n"
    )
    words = [sys.executable, "-c", program]
    more = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "200"}
    child = subprocess.Popen(words, cwd=tmp_path, stdout=slave, stderr=slave, stdin=slave, env=more)
    os.close(slave)
    seen = b""
    with contextlib.suppress(OSError):  # the terminal's other end is closed
        while piece := os.read(master, 65536):
            seen += piece
    assert child.wait(timeout=600) == 0, seen
    os.close(master)
    assert b"\x1b[2m" in seen, "what is unknown is dim"
    text = re.sub(r"\x1b\[[0-9;]*m", "", seen.decode()).replace("\r\n", "\n")
    assert steers(text) == []
    assert "chain,link,kind" in text
    assert text.count("环\\u{1b}[31m节\\u{202e}二") >= 2


def test_the_public_case(shared: Path, call: Call, tmp_path: Path) -> None:
    """Every name of the collected attacks, loaded, listed, and asked for by a question that refuses it."""
    file = shared / "cases" / "attacks" / "hostile_names_企业.json"
    loaded = call("load", file, "-w", "w", "--accept-rejects")
    loaded = loaded if loaded.code == 0 else call("load", file, "-w", "w")
    told = loaded.out + loaded.err
    for words in (("review", "list"), ("attach", "list"), ("figures",), ("gaps",), ("check",)):
        done = call(*words, "-w", "w")
        told += done.out + done.err
    names = {row["企业名称"] for row in json.loads(file.read_text(encoding="utf-8"))}
    for name in sorted(n for n in names if visible(n) != n and "\0" not in n):
        done = call("profile", name, "-w", "w")
        told += done.out + done.err
    assert len(told) > 10_000
    assert steers(told) == []
