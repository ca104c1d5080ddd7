"""The napkin chain of methods §1, from sheets as a person would write them to the verdict.

T, made by t1, needs A and B.  A is made by a1 and a2, B by b1.

    A (a1, a2) ──┐
                 ├─(and)── T (t1)
    B (b1) ──────┘
"""

from __future__ import annotations

from pathlib import Path

import pytest
from building import write

from chainatlas.api import load, open, undo
from chainatlas.queries.atlas.result import Result
from chainatlas.queries.gaps.chain import chain
from chainatlas.queries.gaps.gaps import gaps

LINKS = "产品名称,产业链,环节位置\nA,餐巾链,上游\nB,餐巾链,上游\nT,餐巾链,下游"
INPUTS = "投入品,产品,必需\nA,T,是\nB,T,是"
FIRMS = "企业名称,所在市,主营产品\nt1,枣庄市,T\na1,枣庄市,A\na2,枣庄市,A"
B1 = "企业名称,所在市,主营产品\nb1,枣庄市,B"
COVERAGE = "来源,关系,总体,地区,完整度,依据\n普查,生产,全部,枣庄市,1,逐户登记"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    sheets = {"产品环节": LINKS, "投入关系": INPUTS, "企业": FIRMS, "覆盖声明": COVERAGE}
    load(tmp_path / "w", [write(tmp_path, f"{name}.csv", text) for name, text in sheets.items()])
    load(tmp_path / "w", write(tmp_path, "更多企业.csv", B1))
    return tmp_path / "w"


def ask(home: Path) -> Result:
    return chain(open(home), "餐巾链", place="枣庄市")


def statuses(result: Result) -> dict[str, tuple[str, int, str]]:
    return {row["link"]: (row["status"], row["producers"], row["available"]) for row in result.rows}


def test_with_b1_the_chain_is_whole(home: Path) -> None:
    result = ask(home)
    single = ("single_source", 1, "y")
    assert statuses(result) == {"A": ("adequate", 2, "y"), "B": single, "T": single}
    assert any("K 1.00" in zh and "K_AO 1.00–1.00（1 个终端产品）" in zh for zh in result.notes_in("zh"))


def test_without_b1_two_thirds_are_made_and_nothing_is_to_be_had(home: Path) -> None:
    undo(home, 2)
    result = ask(home)
    assert statuses(result) == {"A": ("adequate", 2, "y"), "B": ("missing", 0, "n"), "T": ("single_source", 1, "n")}
    assert any("K 0.67" in zh and "K_AO 0.00–0.00（1 个终端产品）" in zh for zh in result.notes_in("zh"))


def test_the_gap_is_b_and_filling_it_gains_the_end_product(home: Path) -> None:
    undo(home, 2)
    first = gaps(open(home), chain="餐巾链", place="枣庄市").rows[0]
    assert (first["link"], first["action"], first["gain"], first["criticality"]) == ("B", "fill", 1, 1)
