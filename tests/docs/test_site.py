"""The documentation: built without a warning, its lessons run, nothing left out, nothing fetched."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import chainatlas
from chainatlas.questions import questions

ROOT = Path(__file__).parents[2]
LESSONS = ("01_chain_gaps", "02_partners", "03_explore", "04_your_own_data", "05_neo4j")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built documentation."""
    folder = tmp_path_factory.mktemp("site")
    patient = ["-D", "nb_execution_timeout=1800"]  # a busy machine is no fault of a lesson
    words = ["-q", "-W", "--keep-going", *patient, "-b", "html", str(ROOT / "docs"), str(folder / "html")]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *words], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder / "html"


def words(page: Path) -> str:
    return re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8"))


def test_every_command_and_option_is_in_the_reference(site: Path) -> None:
    told = words(site / "reference" / "commands.html")
    assert len(questions()) > 30
    for name, entry in questions().items():
        assert re.search(rf"^\s*{name}", told, re.MULTILINE), name
        for option in (o for o in entry.options if not o.hidden):
            assert all(flag in told for flag in option.flags), (name, option.flags)


def test_every_public_name_is_in_the_reference(site: Path) -> None:
    told = (site / "reference" / "python.html").read_text(encoding="utf-8")
    assert len(chainatlas.__all__) > 40
    assert [n for n in chainatlas.__all__ if f'id="chainatlas.{n}"' not in told and f">{n}<" not in told] == []


def test_nothing_is_fetched(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        found = re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"(https?:[^\"]*)\"",
                           page.read_text(encoding="utf-8"))  # fmt: skip
        assert found == [], page.name


def test_lessons_are_rendered_with_what_they_found(site: Path) -> None:
    for name in LESSONS:
        page = (site / "lessons" / f"{name}.html").read_text(encoding="utf-8")
        assert page.count("cell_output") >= 4, name
    assert "缺环" in words(site / "lessons" / "01_chain_gaps.html")
    assert "<img" in (site / "lessons" / "03_explore.html").read_text(encoding="utf-8")


def test_search_cuts_chinese_into_words(site: Path) -> None:
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    terms = json.loads(index.removeprefix("Search.setIndex(").removesuffix(")"))["terms"]
    assert {"覆盖", "来源", "whatif"} <= terms.keys()
    assert "EnglishStemmer" in (site / "_static" / "language_data.js").read_text(encoding="utf-8").rsplit(";", 3)[-2]


def test_lessons_are_stored_without_what_they_found() -> None:
    assert sorted(p.stem for p in (ROOT / "notebooks").glob("*.ipynb")) == list(LESSONS)
    for name in LESSONS:
        cells = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
        code = [c for c in cells if c["cell_type"] == "code"]
        text = [c for c in cells if c["cell_type"] == "markdown"]
        assert len(code) >= 5
        assert len(text) >= 5
        assert all(c["outputs"] == [] and c["execution_count"] is None for c in code)
