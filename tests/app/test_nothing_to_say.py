"""Questions that have nothing to say: an empty table and one sentence with the sheet and the columns to load.

On the bundled chains with a list of twenty enterprises: who masters what, who serves what, market
shares, sizes of firms, targets and the lists of other places are what such a list does not hold.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from building import write

import chainatlas as ca
from chainatlas.questions import answer, questions

Call = Callable[..., Any]
PRODUCTS = (
    "磷酸铁锂",
    "锂电池隔膜",
    "电解液",
    "三元材料",
    "电池管理系统",
    "方形铝壳电芯",
    "正极集流体铝箔",
    "六氟磷酸锂",
    "碳酸锂",
    "锂电铜箔",
    "数控车床",
    "伺服电机",
    "渣浆泵",
    "MDI",
    "TDI",
    "环氧树脂",
    "LED芯片",
    "固态硬盘",
    "风电主轴",
    "聚酯多元醇",
)
CLAIM = "来源,关系,总体,地区,完整度,依据\n示例名单,生产,规上工业企业,枣庄市,0.9,示例：与名录核对\n"


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled chains and a list of twenty enterprises of 枣庄; only to be read."""
    folder = tmp_path_factory.mktemp("listed")
    lines = [f"示例{n}有限公司,规上工业企业,枣庄市,{product}" for n, product in enumerate(PRODUCTS)]
    ca.init(folder / "w")
    write(folder / "名单", "企业.csv", "企业名称,企业类型,所在市,主营产品\n" + "\n".join(lines))
    write(folder / "名单", "覆盖声明.csv", CLAIM)
    ca.load(folder / "w", folder / "名单")
    return folder / "w"


@pytest.fixture(scope="module")
def unlisted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled chains and nobody on them; only to be read."""
    folder = tmp_path_factory.mktemp("unlisted") / "w"
    ca.init(folder)
    return folder


# What is asked, and what the sentence must name: a sheet, and columns of it.
SILENT = [
    ("technology", "企业", "掌握技术"),
    ("technology --chain 锂电 --in 枣庄市", "人才团队", "MASTERS"),
    ("reserve --chain 锂电", "企业", "企业类型"),
    ("bottlenecks --kind chokepoint", "统计", "市场份额"),
    ("related --in 枣庄市", "企业", "主营产品"),
    ("coverage --of platforms --chain 锂电", "平台", "服务产业链"),
    ("coverage --of funds", "资金", "投向产业链"),
    ("coverage --of patents --without", "专利", "申请人"),
    ("reach --of services", "服务机构", "所在市"),
    ("patents", "专利", "申请日期"),
    ("patents --by pair", "专利", "申请人"),
    ("targets", "目标", "期限"),
    ("listing projects", "项目", "项目产品"),
    ("listing clusters", "集群", "产业链"),
]
NOBODY = [
    ("gaps --in 枣庄市", "企业", "主营产品"),
    ("scan", "企业", "所在市"),
    ("bottlenecks --chain 锂电", "企业", "主营产品"),
    ("bottlenecks --kind place", "企业", "覆盖声明"),
    ("leaders --in 枣庄市", "企业", "企业名称"),
    ("reserve --in 枣庄市", "企业", "企业名称"),
    ("listing enterprises", "企业", "主营产品"),
    ("partners --for 锂电池隔膜", "企业", "掌握技术"),
    ("match --for 锂电池隔膜", "企业", "主营产品"),
    ("match --chain 锂电 --in 枣庄市", "企业", "覆盖声明"),
    ("alliance --chain 锂电", "企业", "掌握技术"),
]


def _one_sentence(call: Call, folder: Path, words: str, named: tuple[str, ...]) -> None:
    for lang in ("zh", "en"):
        done = call(*shlex.split(words), "-w", folder, "--format", "json", "--lang", lang)
        assert done.rows == []
        assert len(done.err.strip().splitlines()) == 1, done.err
        assert lang == "en" or all(name in done.err for name in named), done.err
    shown = call(*shlex.split(words), "-w", folder)
    assert shown.code == 0
    assert len(shown.err.strip().splitlines()) == 1


@pytest.mark.parametrize(("words", "sheet", "column"), SILENT, ids=[s[0] for s in SILENT])
def test_what_a_list_does_not_hold_is_asked_for(call: Call, listed: Path, words: str, sheet: str, column: str) -> None:
    _one_sentence(call, listed, words, (sheet, column))


@pytest.mark.parametrize(("words", "sheet", "column"), NOBODY, ids=[s[0] for s in NOBODY])
def test_without_enterprises_a_list_is_asked_for(
    call: Call, unlisted: Path, words: str, sheet: str, column: str
) -> None:
    _one_sentence(call, unlisted, words, (sheet, column))


def test_with_what_was_asked_for_the_rows_are_there(call: Call, listed: Path, tmp_path: Path) -> None:
    """One fund that says what it serves, one institute that masters a technology: the same questions answer."""
    folder = Path(shutil.copytree(listed, tmp_path / "w"))
    write(tmp_path / "更多", "资金.csv", "资金名称,支持阶段,所在市,投向环节\n示例基金,研发,枣庄市,电解液\n")
    write(tmp_path / "更多", "机构.csv", "机构名称,所在市,掌握技术\n示例大学,枣庄市,盐湖与矿石提锂技术\n")
    assert call("load", tmp_path / "更多", "-w", folder).code == 0
    place = ("--chain", "锂电", "--in", "枣庄市", "-w", folder, "--format", "json")
    funds = call("coverage", "--of", "funds", *place).rows
    assert {r["link"]: r["names"] for r in funds if r["count"]} == {"电解液": ["示例基金"]}
    assert len(funds) > 100  # the links that it does not serve stand beside it
    technologies = {r["technology"]: r for r in call("technology", *place).rows}
    assert technologies["盐湖与矿石提锂技术"]["labs"] == ["示例大学"]
    assert {"status", "laboratory", "industry", "labs", "masters"} <= set(technologies["盐湖与矿石提锂技术"])
    assert len(technologies) == 17


# Options that a question cannot do without, and those that make the answer a place's.
ASKED: dict[str, dict[str, Any]] = {
    "chain": {"name": "锂电"},
    "explain": {"chain": "锂电", "link": "电解液"},
    "coverage": {"of": "platforms"},
    "compare": {"names": ("枣庄市", "烟台市")},
    "expand": {"name": "锂电"},
    "profile": {"name": "锂电"},
    "inputs": {"link": "电解液"},
    "listing": {"of": "enterprises"},
    "partners": {"need": "电解液"},
    "match": {"chain": "锂电"},
    "alliance": {"chain": "锂电"},
    "leaders": {"chain": "锂电"},
    "reserve": {"chain": "锂电"},
    "whatif": {"remove": ("示例0有限公司",)},
}
LINKS_THEMSELVES = {"chain"}  # its rows are the links of the recipe: they stand there though nobody be known
REFUSED = {"position", "evaluation"}  # about a file, a cluster: there is none


@pytest.mark.parametrize("name", [n for n, entry in questions().items() if entry.asks and n not in REFUSED])
@pytest.mark.parametrize("somebody", [True, False], ids=["list", "nobody"])
def test_no_question_answers_in_rows_of_unknown(name: str, somebody: bool, listed: Path, unlisted: Path) -> None:
    """Each question, so that a new one is held to it as well."""
    if name == "whatif" and not somebody:
        return  # nobody who could be taken away
    entry = questions()[name]
    values = dict(ASKED.get(name, {}))
    if any(o.name == "place" for o in entry.parameters):
        values["place"] = "枣庄市"
    result = answer(entry, ca.open(listed if somebody else unlisted), values)
    if not result.rows:
        assert result.notes_in("zh") or name == "check"
    elif name not in LINKS_THEMSELVES:
        told = {row.get("status", row.get("state", "said")) for row in result.rows}
        assert not told <= {"unknown", "assumed"}
    for note in result.notes_in("en"):
        assert "{" not in note
