"""Reports: what they say is what the questions answer; files open, run nothing, and are equal for equal data."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from building import Rows, atlas_of, batch, edges

import chainatlas
from chainatlas.graph.schema.errors import QueryError
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.views.report.drawing import draw_chain, draws_chinese, lay, path, png
from chainatlas.views.tables import READ_STATUS, read_cell, read_status

_STATUS_WORDS = ("完备", "弱环", "单点", "待核", "缺环", "未查到", "视为可得", "数据不足")

HOSTILE = ('=HYPERLINK("http://x","y")', "<img src=x onerror=alert(1)>", "+1+1", "@SUM(1)", "甲\x00\x0b乙")


@pytest.fixture(scope="module")
def atlas(demo_folder: Path) -> Atlas:
    return chainatlas.open(demo_folder)


@pytest.fixture(scope="module")
def lithium(atlas: Atlas, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A report on one chain in one place, in both forms."""
    folder = tmp_path_factory.mktemp("report")
    made = {kind: folder / f"r.{kind}" for kind in ("xlsx", "docx")}
    for file in made.values():
        chainatlas.report(atlas, file, chain="锂电", place="山东省", date="2026-01-31", lang="zh")
    return made


def sheets(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(path)
    return {sheet.title: [tuple(c.value for c in row) for row in sheet.iter_rows()] for sheet in book}


def words(path: Path) -> str:
    import docx

    made = docx.Document(str(path))
    cells = (cell.text for table in made.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(p.text for p in made.paragraphs), *cells])


def test_the_workbook_holds_what_the_questions_answer(atlas: Atlas, lithium: dict[str, Path]) -> None:
    found = sheets(lithium["xlsx"])
    assert list(found) == ["概览", "链条状态", "缺口", "断点", "卡脖子", "技术", "伙伴", "资源覆盖", "骨干企业",
                           "目标", "企业清单", "平台清单", "项目清单", "集群清单", "数据来源"]  # fmt: skip
    states = chainatlas.chain(atlas, "锂电", place="山东省")
    assert len(found["链条状态"]) == 1 + len(states)
    counts = {row[0]: row[1] for row in found["概览"] if row[0] in _STATUS_WORDS}
    assert list(counts) == list(_STATUS_WORDS)
    assert list(counts.values()) == [sum(read_status(r) == s for r in states.rows) for s in READ_STATUS]
    read = [row[found["链条状态"][0].index("状态")] for row in found["链条状态"][1:]]
    narrow = [r for r in states.rows if read_status(r) == "missing_narrow"]
    assert narrow
    assert read.count("未查到（上市公司）") == len(narrow)
    gaps = chainatlas.gaps(atlas, chain="锂电", place="山东省")
    head = found["缺口"][0]
    told = [(row[head.index("环节")], row[head.index("关键度")]) for row in found["缺口"][1:]]
    assert told == [(r["link"], r["criticality"]) for r in gaps.rows]
    figures = chainatlas.figures(atlas, chain="锂电", place="山东省").rows[0]
    assert any(row[0] == "锂电" and figures["K"] in row for row in found["概览"])


def test_partners_of_the_report_are_those_of_the_question(atlas: Atlas, lithium: dict[str, Path]) -> None:
    rows = sheets(lithium["xlsx"])["伙伴"]
    head, first = rows[0], rows[1]
    asked = chainatlas.partners(atlas, f"锂电›{first[head.index('环节')]}", place="山东省", top=3)
    best = max(asked.rows, key=lambda r: r["score"])
    assert first[head.index("得分")] == best["score"]


def test_the_document_says_the_same(atlas: Atlas, lithium: dict[str, Path]) -> None:
    text = words(lithium["docx"])
    for part in (
        "一、问题与数据",
        "二、主要发现",
        "（一）补链",
        "七、局限",
        "九、链图",
        "2026-01-31",
        atlas.snapshot.hash[:12],
    ):
        assert part in text
    states = chainatlas.chain(atlas, "锂电", place="山东省").rows
    assert f"共 {len(states)} 个环节和技术" in text
    # What is not found among listed companies is counted apart, and said to be no gap.
    counts = {status: sum(read_status(r) == status for r in states) for status in READ_STATUS}
    assert counts["missing_narrow"] > 0
    assert counts["possible"] > 0
    assert f"缺环 {counts['missing']}、未查到 {counts['missing_narrow']}" in text
    assert f"未查到和待核不计作缺环：未查到 {counts['missing_narrow']} 个，只查了上市公司" in text


def test_a_missing_row_reads_by_its_ground() -> None:
    row = {"status": "missing", "ground": "narrow", "population": "上市公司"}
    assert read_cell(row, "status", "zh") == "未查到（上市公司）"
    assert read_cell(row, "status", "en") == "Not found (listed companies)"
    assert read_cell({**row, "population": None}, "status", "zh") == "未查到"
    assert read_cell({**row, "population": "示例协会会员"}, "status", "zh") == "未查到（示例协会会员）"
    assert read_cell({**row, "ground": "firm"}, "status", "zh") == "缺环"
    # A table that knows no ground keeps the word of the status, and other statuses theirs.
    assert read_cell({"status": "missing"}, "status", "zh") == "缺环"
    assert read_cell({**row, "status": "single_source"}, "status", "zh") == "单点"


def test_a_cluster_gets_its_evaluation_and_nothing_is_invented(atlas: Atlas, tmp_path: Path) -> None:
    chainatlas.report(atlas, tmp_path / "c.xlsx", cluster="锂电产业集群", lang="zh")
    rows = sheets(tmp_path / "c.xlsx")["集群评价"]
    assert rows[0][:4] == ("项目", "数值", "单位", "填报")
    told = {row[0]: row for row in rows[1:]}
    answer = {r["field"]: r for r in chainatlas.evaluation(atlas, "锂电产业集群").in_language("zh").rows}
    assert told.keys() == answer.keys()
    for field, row in told.items():
        assert row[1] == answer[field]["counted_value"]
        assert (row[1] is None) == (row[3] != "已数")
    assert told["出口额"][3] == "图中无此项，待填"


def test_everything_loaded_is_reported(atlas: Atlas, tmp_path: Path) -> None:
    chainatlas.report(atlas, tmp_path / "all.xlsx", lang="en")
    found = sheets(tmp_path / "all.xlsx")
    assert len({row[0] for row in found["Links"][1:]}) == 18
    assert "Evaluation" not in found


@pytest.mark.parametrize("kind", ["xlsx", "docx"])
def test_equal_data_gives_equal_bytes(atlas: Atlas, tmp_path: Path, lithium: dict[str, Path], kind: str) -> None:
    again = tmp_path / f"again.{kind}"
    chainatlas.report(atlas, again, chain="锂电", place="山东省", date="2026-01-31", lang="zh")
    assert again.read_bytes() == lithium[kind].read_bytes()


@pytest.mark.skipif(not draws_chinese(), reason="no Chinese font: nothing is drawn")
def test_a_chain_too_long_to_be_drawn_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the limit a chain is drawn; above it a sentence stands in its place, and the tables are whole."""
    names = [f"示例环节{i}" for i in range(6)]
    rows = batch(
        {"Product": [{"name": n} for n in names], "Chain": [{"name": "示例长链"}]},
        {
            **edges("INPUT_OF", "Product", "Product", *pairwise(names)),
            **edges("IN_CHAIN", "Product", "Chain", *((n, "示例长链") for n in names)),
        },
    )
    atlas, told = atlas_of(rows), "示例长链有 6 个环节"
    for most, drawn in ((6, True), (5, False)):
        monkeypatch.setattr("chainatlas.views.report.document._MOST", most)
        chainatlas.report(atlas, tmp_path / "r.docx", lang="zh")
        with zipfile.ZipFile(tmp_path / "r.docx") as archive:
            assert any(n.startswith("word/media/") for n in archive.namelist()) == drawn
        assert (told in words(tmp_path / "r.docx")) != drawn
    chainatlas.report(atlas, tmp_path / "r.xlsx", lang="zh")
    assert len(sheets(tmp_path / "r.xlsx")["链条状态"]) == 1 + len(names)


def test_hostile_names_are_text(tmp_path: Path) -> None:
    nodes: Rows = {"Enterprise": [{"name": name} for name in HOSTILE], "Product": [{"name": n} for n in HOSTILE],
                   "Chain": [{"name": HOSTILE[0]}]}  # fmt: skip
    relations: Rows = {
        **edges("PRODUCES", "Enterprise", "Product", *((n, HOSTILE[0]) for n in HOSTILE)),
        **edges("INPUT_OF", "Product", "Product", *((n, HOSTILE[0]) for n in HOSTILE[1:])),
        **edges("IN_CHAIN", "Product", "Chain", *((n, HOSTILE[0]) for n in HOSTILE)),
    }
    atlas = atlas_of(batch(nodes, relations))
    for kind in ("xlsx", "docx"):
        made = tmp_path / f"h.{kind}"
        chainatlas.report(atlas, made, lang="zh")
        with zipfile.ZipFile(made) as archive:
            names = archive.namelist()
            text = "".join(archive.read(n).decode("utf-8", "replace") for n in names if n.endswith(".xml"))
            links = "".join(archive.read(n).decode() for n in names if n.endswith(".rels"))
        assert "<f>" not in text
        assert not re.search(r"<(?:w:)?hyperlinks?[ >]", text)
        assert "<img" not in text
        assert "http://x" not in links
    assert HOSTILE[0] in words(tmp_path / "h.docx")
    assert [c for row in sheets(tmp_path / "h.xlsx")["链条状态"] for c in row if c == HOSTILE[0]]


def test_what_cannot_be_is_refused_and_nothing_is_written(atlas: Atlas, tmp_path: Path) -> None:
    for name, asked in (
        ("r.pdf", {}),
        ("r.xlsx", {"chain": "没有"}),
        ("r.xlsx", {"place": "没有"}),
        ("r.docx", {"cluster": "无"}),
    ):
        with pytest.raises(QueryError):
            chainatlas.report(atlas, tmp_path / name, **asked)
    with pytest.raises(QueryError) as bad:
        chainatlas.report(atlas_of(batch({"Enterprise": [{"name": "甲"}]}, {})), tmp_path / "r.xlsx", lang="zh")
    assert bad.value.code == "chains_none"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xlsx", "docx"])
def test_an_office_program_opens_it(lithium: dict[str, Path], tmp_path: Path, kind: str) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("no LibreOffice")
    home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
    words = [office, home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(lithium[kind])]
    done = subprocess.run(words, capture_output=True, timeout=1800, check=False)
    made = tmp_path / "r.pdf"
    assert made.is_file(), done.stderr
    assert made.read_bytes().startswith(b"%PDF")


# The picture -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_no_card_on_another_and_no_line_under_a_card(seed: int) -> None:
    chance = np.random.default_rng(seed)
    n = int(chance.integers(1, 90))
    stages = [("upstream", "midstream", "downstream", None)[i] for i in chance.integers(0, 4, n)]
    a, b = chance.integers(0, n, 2 * n), chance.integers(0, n, 2 * n)
    grid = lay(stages, a, b)
    assert len({*zip(grid.column.tolist(), grid.row.tolist(), strict=True)}) == n
    x, y, wide = grid.x, grid.y, 138
    forward = np.flatnonzero(grid.column[a] < grid.column[b])
    for i, j in zip(a[forward].tolist(), b[forward].tolist(), strict=True):
        corners = path(grid, i, j)
        ways = [corners] if len(corners) == 2 else [corners[1:3]]
        for (x0, y0), (x1, y1) in ways:
            for t in np.linspace(0.02, 0.98, 60):
                px, py = x0 + (x1 - x0) * t, y0 + (y1 - y0) * t
                under = (x < px) & (px < x + wide) & (y < py) & (py < y + grid.high)
                assert not under.any(), (seed, i, j)


def test_every_chain_is_drawn_with_all_its_links(atlas: Atlas) -> None:
    for chain in chainatlas.figures(atlas).rows:
        states = chainatlas.chain(atlas, chain["chain"]).rows
        picture = draw_chain(atlas, chain["chain"], states, "zh")
        technologies = draw_chain(atlas, chain["chain"], states, "zh", technologies=True)
        assert picture is not None
        assert technologies is not None
        assert technologies.svg.count('rx="4"') + picture.svg.count('rx="4"') == len(states)
        products = [r for r in states if r["kind"] != "技术"]
        assert picture.svg.count('rx="4"') == len(products)
        plain = re.sub(r"<[^>]+>", "", picture.svg)
        assert all(str(r["link"])[:4] in plain for r in products)


def test_a_picture_is_a_png_in_a_font_that_has_the_characters(atlas: Atlas) -> None:
    assert draws_chinese(), "CI installs a Chinese font"
    picture = draw_chain(atlas, "锂电", chainatlas.chain(atlas, "锂电").rows, "zh")
    assert picture is not None
    assert png(picture).startswith(b"\x89PNG")


# Lists -------------------------------------------------------------------------------------------


def test_lists_hold_what_is_loaded_with_its_sources(atlas: Atlas) -> None:
    firms = chainatlas.listing(atlas, "enterprises", chain="锂电", place="山东省")
    makers = {name for row in chainatlas.chain(atlas, "锂电", place="山东省").rows for name in row["names"]}
    assert makers <= {r["name"] for r in firms.rows}
    assert all(r["sources"] and r["place"] for r in firms.rows)
    assert firms.explain(0).rows
    clusters = chainatlas.listing(atlas, "clusters", place="枣庄市")
    assert clusters.rows
    assert len(chainatlas.listing(atlas, "clusters")) == len(atlas.snapshot.ids("Cluster"))
    assert len(chainatlas.listing(atlas, "platforms")) == len(atlas.snapshot.ids("Platform"))
    served = chainatlas.listing(atlas, "platforms", chain="高端聚氨酯").rows
    assert served
    assert all("高端聚氨酯" in r["serves"] for r in served)
    with pytest.raises(QueryError, match="--of"):
        chainatlas.listing(atlas, "castles")
