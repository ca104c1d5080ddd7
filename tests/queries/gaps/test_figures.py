"""Figures of the napkin chain, worked out by hand.

    A (a1, a2) ──┐
                 ├─(and)── T (t1) ── Z (nobody)
    B (b1) ──────┘

Revenue × share: a1 makes 60 of A, a2 makes 40: HHI .52, N_eff 1/.52 = 1.9231.  b1, t1: outputs unknown,
one maker each, N_eff 1.  Thickness (1.9231 + 1 + 1)/3 = 1.3077.  Inputs A→T, B→T, T→Z: two of three have
both ends made.  Longest path A→T→Z: 2 steps.  K = 3/4; K_AO = 0: Z is the one end product.
"""

from __future__ import annotations

import numpy as np
import pytest
from building import write
from hypothesis import given
from hypothesis import strategies as st

import chainatlas as ca
from chainatlas.api import load
from chainatlas.queries.gaps.shape import longest_path

SHEETS = {
    "产品环节.csv": "产品名称,产业链,环节位置\nA,小链,上游\nB,小链,上游\nT,小链,中游\nZ,小链,下游",
    "投入关系.csv": "投入品,产品\nA,T\nB,T\nT,Z",
    "企业.csv": "企业名称,营业收入（元）\na1,100\na2,100\nb1,\nt1,",
    "生产.csv": "企业,产品,占比\na1,A,0.6\na2,A,0.4\nb1,B,\nt1,T,",
    "覆盖声明.csv": "来源,关系,总体,完整度,依据\n普查,生产,全部,1,逐户登记",
}


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> ca.Atlas:
    folder = tmp_path_factory.mktemp("figures")
    for name, text in SHEETS.items():
        write(folder / "sheets", name, text)
    assert load(folder / "w", folder / "sheets").rejects == ()
    return ca.open(folder / "w")


def test_the_figures_of_the_napkin_chain(atlas: ca.Atlas) -> None:
    found = ca.figures(atlas, chain="小链")
    (row,) = found.rows
    assert (row["links"], row["ends"], row["inputs"]) == (4, 1, 3)
    assert (row["K"], row["K_AO_certain"], row["K_AO_possible"]) == (0.75, 0, 0)
    assert (row["length"], row["continuity"], row["by_output"]) == (2, 0.6667, 1)
    assert row["thickness"] == 1.3077
    assert (row["weak"], row["single_source"], row["missing"], row["unknown"], row["adequate"]) == (1, 2, 1, 0, 0)
    facts = found.explain(0).in_language("zh").rows
    assert {"a1 生产 A（占比 0.6）", "A 投入 T"} & {f["fact"] for f in facts} or len(facts) == 7
    assert all(".csv" in f["source_ref"] for f in facts)


def test_the_chain_says_its_shape_in_a_note(atlas: ca.Atlas) -> None:
    notes = ca.chain(atlas, "小链").notes_in("zh")
    assert any("长度 2 级；厚度 1.31；连续性 0.67（3 条投入关系）" in n for n in notes)


def test_all_chains_without_a_name(atlas: ca.Atlas) -> None:
    assert [r["chain"] for r in ca.figures(atlas).rows] == ["小链"]


@given(st.integers(2, 7).flatmap(lambda n: st.tuples(st.just(n), st.lists(
    st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=14))))  # fmt: skip
def test_longest_path_equals_brute_force(case: tuple[int, list[tuple[int, int]]]) -> None:
    """Paths through components: walk everything reachable, each component once."""
    n, edges = case
    reach = {a: {a} for a in range(n)}
    for _ in range(n):
        for a, b in edges:
            for r in reach.values():
                if a in r:
                    r.add(b)
    same = [frozenset(b for b in range(n) if b in reach[a] and a in reach[b]) for a in range(n)]

    def longest(part: frozenset[int]) -> int:
        after = {same[b] for a, b in edges if a in part and b not in part}
        return max((1 + longest(p) for p in after), default=0)

    a, b = (np.array([e[k] for e in edges], np.int64) for k in (0, 1))
    assert longest_path(a, b, n) == max(longest(p) for p in same)
