"""Decisions: every one stands in the index with its date, room and mark, and what it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "decisions"
PAGES = sorted(p for p in FOLDER.glob("*.md") if p.name != "index.md")
LINE = re.compile(r"^\| (\d{4}-\d\d-\d\d) \| \[.+?\]\((\w+\.md)\) \| \[(.+)\]\((\S+)\) \| (.*?) ?\|$", re.MULTILINE)
MARKS = {
    "Superseded": "superseded",
    "Superseded in part": "in part superseded",
    "Contradiction": "contradiction",
    "Since then": "extended",
}


def slug(heading: str) -> str:
    """The anchor that GitHub and MyST give a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def stated(page: Path) -> list[tuple[str, str, str, str, str]]:
    """Date, page, title, address and mark of each decision of a page."""
    decisions = []
    for section in re.split(r"(?m)^## ", page.read_text(encoding="utf-8"))[1:]:
        heading, _, text = section.partition("\n")
        date, _, title = heading.partition(" ")
        mark = re.match(r"\s*> \*\*(.+?)\.\*\*", text)
        decisions.append((date, page.name, title, f"{page.name}#{slug(heading)}", MARKS[mark[1]] if mark else ""))
    return decisions


def test_the_index_lists_every_decision() -> None:
    listed = LINE.findall((FOLDER / "index.md").read_text(encoding="utf-8"))
    decisions = [decision for page in PAGES for decision in stated(page)]
    assert len(decisions) >= 63
    assert sorted(listed) == sorted(decisions)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", date) for date, *_ in decisions)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_links_to_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    anchors = {address for other in PAGES for *_, address, _ in stated(other)}
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "#" in target:
            assert (target if target[0] != "#" else page.name + target) in anchors
        else:
            assert (FOLDER / target).is_file(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_files_that_a_page_names_are_there(page: Path) -> None:
    """By name: a file that was renamed or taken out leaves no decision that speaks of it as if it were there."""
    named = re.findall(r"`([\w/]+\.(?:py|js|toml|cfg|md))`", page.read_text(encoding="utf-8"))
    kept = {"schema.toml"}  # the user's own, in the workspace
    folders = ("app", "benchmarks", "data", "docs", "graph", "loaders", "queries", "tests", "views")
    files = [ROOT / "setup.cfg", *(p for folder in folders for p in (ROOT / folder).rglob("*") if p.is_file())]
    paths = {f"/{p.relative_to(ROOT).as_posix()}" for p in files}
    missing = [name for name in named if name not in kept and not any(p.endswith(f"/{name}") for p in paths)]
    assert missing == []
