"""Glossary: one word, one meaning; the words of status are those of the schema; what it names in code is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (?!词|---)(.+?) \| (.+?) \| (.+?)<br>(.+?) \| (`.+`) \|$", re.MULTILINE)


def test_words_of_status_are_those_of_the_schema() -> None:
    section = TEXT.split("### 状态 · Status")[1].split("\n## ")[0]
    rows = {code.strip("`"): {"zh": zh, "en": en} for zh, en, _, _, code in ROW.findall(section)}
    schema = (ROOT / "graph" / "schema" / "words.toml").read_text(encoding="utf-8")
    assert rows == tomllib.loads(schema)["status"]


def test_one_word_one_meaning() -> None:
    rows = ROW.findall(TEXT)
    assert 30 <= len(rows) <= 60
    for column in (0, 1):
        words = [row[column].lower() for row in rows]
        assert sorted(words) == sorted(set(words))


def test_what_it_names_is_in_the_code() -> None:
    folders = ("graph", "loaders", "queries")
    code = "\n".join(
        p.read_text(encoding="utf-8")
        for folder in folders
        for p in sorted((ROOT / folder).rglob("*"))
        if p.suffix in (".py", ".toml")
    )
    named = {name for row in ROW.findall(TEXT) for name in re.findall(r"`(\w+)`", row[4])}
    assert len(named) > 30
    defined = set(re.findall(r"(?:^|\b)(?:class|def) (\w+)|^\s*(\w+)\s*(?::[^\n=]+)?=|^\s+(\w+): ", code, re.MULTILINE))
    known = {name for names in defined for name in names if name}
    assert sorted(named - known) == []
