"""One's own list on the bundled chains: ``init``, and the how-to about it as it stands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from building import write

import chainatlas as ca
from chainatlas.graph.schema.words import message

Call = Callable[..., Any]
LIST = """
    企业名称,所在省,所在市,主营产品,产业链,产业链环节
    示例甲有限公司,山东省,枣庄市,磷酸铁锂,,
    示例乙有限公司,江苏省,苏州市,隔膜,锂电,锂电池隔膜
"""


def counts(folder: Path) -> dict[str, Any]:
    return {row["what"]: row["value"] for row in ca.status(folder).rows}


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of the bundled chains; only to be read."""
    folder = tmp_path_factory.mktemp("ready") / "w"
    ca.init(folder)
    return folder


def test_the_bundled_chains_and_nobody_on_them(ready: Path, demo_folder: Path) -> None:
    ours, demo = counts(ready), counts(demo_folder)
    for kind in ("Chain", "INPUT_OF", "Industry", "REQUIRES"):
        assert ours[kind] == demo[kind] > 0, kind
    assert not {"Enterprise", "Cluster", "Platform", "Policy", "Target", "Coverage", "PRODUCES"} & set(ours)
    atlas = ca.open(ready)
    figures = {row["chain"]: row["links"] for row in ca.figures(atlas).rows}
    assert len(figures) == 18
    assert figures == {row["chain"]: row["links"] for row in ca.figures(ca.open(demo_folder)).rows}
    assert {row["status"] for row in ca.chain(atlas, "锂电").rows} == {"unknown", "assumed"}


def test_a_list_lands_on_the_links(tmp_path: Path) -> None:
    answer = ca.init(tmp_path / "w")
    assert {row["what"]: row["value"] for row in answer.rows}["Enterprise"] == 0
    ca.load(tmp_path / "w", write(tmp_path, "企业.csv", LIST))
    atlas = ca.open(tmp_path / "w")
    makers = {row["link"]: row["names"] for row in ca.chain(atlas, "锂电").rows if row["producers"]}
    assert makers["磷酸铁锂"] == ["示例甲有限公司"]
    assert makers["锂电池隔膜"] == ["示例乙有限公司"]
    here = {row["link"]: row["names"] for row in ca.chain(atlas, "锂电", place="江苏省").rows if row["producers"]}
    assert here == {"锂电池隔膜": ["示例乙有限公司"]}


def test_it_is_added_to_a_list_that_is_there_and_changes_nothing_again(tmp_path: Path, call: Call) -> None:
    folder = tmp_path / "w"
    ca.load(folder, write(tmp_path, "企业.csv", "企业名称,所在市,主营产品\n示例甲有限公司,枣庄市,磷酸铁锂\n"))
    refused = call("gaps", "-w", folder)
    assert refused.code == 1
    assert "chainatlas init" in refused.err
    assert call("init", "-w", folder, "--format", "json").rows[-1] == {"what": "Enterprise", "value": 1}
    loaded = counts(folder)["hash"]
    assert any(row["producers"] == 1 for row in ca.chain(ca.open(folder), "锂电").rows)
    again = call("init", folder)
    assert again.code == 0
    assert message("note_nothing_new", "zh", hash=loaded) in again.err
    assert counts(folder)["hash"] == loaded


def test_it_says_what_to_load_next(tmp_path: Path, call: Call) -> None:
    done = call("init")
    assert done.code == 0
    assert (tmp_path / "chainatlas-workspace" / "workspace.json").is_file()
    for word in ("chainatlas load", "企业名称", "主营产品", "覆盖声明", "chainatlas gaps"):
        assert word in done.err
    assert "企业名称" in call("init", "--lang", "en").err


def test_other_peoples_folders_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "w", "别的.txt", "什么")
    with pytest.raises(ca.StoreError, match="chainatlas init"):
        ca.init(tmp_path / "w")
    assert [p.name for p in (tmp_path / "w").iterdir()] == ["别的.txt"]


def test_some_chains_only_with_what_they_need(tmp_path: Path, ready: Path) -> None:
    ca.init(tmp_path / "w", chains="锂电，聚氨酯产业链")
    some, whole = ca.open(tmp_path / "w"), ca.open(ready)
    assert {row["chain"] for row in ca.figures(some).rows} == {"锂电", "高端聚氨酯"}
    for name in ("锂电", "高端聚氨酯"):
        links = [
            [(row["link"], row["stage"], row["order"]) for row in ca.chain(atlas, name).rows] for atlas in (some, whole)
        ]
        assert sorted(links[0]) == sorted(links[1])
        # What a link needs, in this chain or another, is the same as in the whole.
        needed = [sorted(_recipe(atlas, name)) for atlas in (some, whole)]
        assert needed[0] == needed[1]
    assert counts(tmp_path / "w")["Product"] < counts(ready)["Product"]


def _recipe(atlas: ca.Atlas, chain: str) -> list[tuple[str, str]]:
    """Inputs and technologies of all that the end products of a chain need."""
    from chainatlas.queries.atlas.chain_links import find_chain

    made = atlas.makers
    recipe = made.recipe.within(made.recipe.needed_by(find_chain(atlas, chain).items))
    names = atlas.snapshot.names
    items = made.recipe.needed_by(find_chain(atlas, chain).items)
    nodes = [made.node(int(items[i])) for i in recipe.user], [made.node(int(items[i])) for i in recipe.member]
    return list(zip(names(nodes[0]), names(nodes[1]), strict=True))


def test_an_unknown_chain_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ca.QueryError, match="高端聚氨酯"):
        ca.init(tmp_path / "w", chains="锂")
    assert not (tmp_path / "w").exists()


# The page -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_works(language: str, root: Path, tmp_path: Path, call: Call) -> None:
    text = (root / "docs" / "how-to" / "ready-chains.md").read_text(encoding="utf-8")
    zh, en = text.split("\n## 中文\n")[1].split("\n## English\n")
    with xlsxwriter.Workbook(str(tmp_path / "示例名单.xlsx")) as book:
        for name, rows in re.findall(r"\*\*(\S+?)\*\*\n\n((?:\|.*\n)+)", zh):
            sheet = book.add_worksheet(name)
            lines = [line for line in rows.splitlines() if "---" not in line]
            for at, line in enumerate(lines):
                sheet.write_row(at, 0, [c.strip() for c in line.strip("|").split("|")])
    commands = [
        line
        for block in re.findall(r"```\n(.*?)```", {"zh": zh, "en": en}[language], re.DOTALL)
        for line in block.strip().splitlines()
    ]
    assert len(commands) == 4
    for command in commands:
        done = call(*shlex.split(command)[1:])
        assert done.code == 0, (command, done.err)
    rows = {row["link"]: row for row in call("chain", "锂电", "--in", "枣庄市", "--format", "json").rows}
    assert {n for n, row in rows.items() if row["producers"]} >= {"锂电池隔膜", "磷酸铁锂", "方形铝壳电芯"}
    assert rows["锂电池隔膜"]["status"] == "single_source"
    assert rows["电解液"]["status"] == "missing"
    assert rows["电解液"]["population"] == "高新技术企业"
