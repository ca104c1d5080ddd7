"""What if: worked out on the napkin chain; monotone; what is imagined changes no coverage."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from building import Rows, atlas_of, batch, edges, named
from test_bottlenecks import REGIONS, napkin

from chainatlas.graph.identity.terms import TermJudgement, WordBook
from chainatlas.graph.schema.errors import QueryError
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.atlas.availability import unpack_bits
from chainatlas.queries.atlas.result import Result
from chainatlas.queries.gaps.chain import chain
from chainatlas.queries.losses.whatif import changed, read_change, whatif

Run = Callable[..., "subprocess.CompletedProcess[str]"]
Told = dict[str, tuple[str, str, str, str]]


def told(result: Result) -> Told:
    return {r["link"]: (r["status_before"], r["status_after"], r["available_before"], r["available_after"])
            for r in result.rows}  # fmt: skip


def test_when_b1_goes_b_is_missing_and_the_end_product_is_gone() -> None:
    found = whatif(napkin(), remove=["b1"], chain="链", place="山东省")
    assert told(found) == {"B": ("single_source", "missing", "y", "n"),
                           "T": ("single_source", "single_source", "y", "n")}  # fmt: skip
    assert "K 1.00 → 0.67" in found.notes_in("zh")[0]
    assert "K_AO 1.00–1.00 → 0.00–0.00" in found.notes_in("zh")[0]


def test_a_second_maker_makes_a_single_source_adequate_and_nothing_else() -> None:
    found = whatif(napkin(), add=["新企业:B@枣庄市"], chain="链", place="山东省")
    assert told(found) == {"B": ("single_source", "adequate", "y", "y")}
    assert (found.rows[0]["producers_before"], found.rows[0]["producers_after"]) == (1, 2)
    assert found.notes == ()


def test_an_opened_link_is_to_be_had_though_nobody_makes_it() -> None:
    found = whatif(napkin(leave=("b1",)), open_links=["B"], chain="链", place="山东省")
    assert told(found) == {"B": ("missing", "assumed", "n", "y"), "T": ("single_source", "single_source", "n", "y")}


def test_the_imagined_graph_keeps_what_words_attach() -> None:
    """The maker by a decided word goes, and with it what it made; its words and decisions are those of the data."""
    firms, places = [("甲厂", "枣庄市"), ("乙厂", "济南市")], ["枣庄市", "济南市"]
    nodes: Rows = {"Region": REGIONS, "Chain": named("链"), "Product": named("A", "B", "甲词", "乙词"),
                   "Enterprise": named(*(f for f, _ in firms))}  # fmt: skip
    relations: Rows = {
        **edges("PART_OF", "Region", "Region", *((p, "山东省") for p in places)),
        **edges("LOCATED_IN", "Enterprise", "Region", *firms),
        **edges("PRODUCES", "Enterprise", "Product", ("甲厂", "甲词"), ("乙厂", "乙词")),
        **edges("IN_CHAIN", "Product", "Chain", ("A", "链"), ("B", "链")),
    }  # fmt: skip
    stated = [{"source": "普查", "relation": "PRODUCES", "share": 1.0, "basis": "按事实核对"}]
    book = WordBook(judgements=(TermJudgement("甲词", "A", "narrower"), TermJudgement("乙词", "B", "broader")))
    atlas = atlas_of(batch(nodes, relations, {"Coverage": stated}), words=book)
    assert told(whatif(atlas, remove=["甲厂"], chain="链", place="山东省")) == {
        "A": ("single_source", "missing", "y", "n")
    }
    assert told(whatif(atlas, remove=["乙厂"], chain="链", place="山东省")) == {"B": ("possible", "missing", "u", "n")}
    # A maker beside the possible one: at least one. A possible one beside a maker: at least one as well.
    assert told(whatif(atlas, add=["新企业:B@枣庄市"], chain="链", place="山东省")) == {
        "B": ("possible", "unknown", "u", "y")
    }
    assert told(whatif(atlas, add=["新企业:甲词@枣庄市"], chain="链", place="山东省")) == {
        "A": ("single_source", "adequate", "y", "y")}  # fmt: skip


def test_who_replaces_whom() -> None:
    """b1 goes and a known enterprise takes B over: as before, but in another city."""
    both = whatif(napkin(), add=["a1：B"], remove=["b1"], chain="链")
    rows = {(r["place"], r["link"]): (r["status_before"], r["status_after"]) for r in both.rows}
    # 枣庄 had no maker of B and has one now; 济南 loses its only one, and T's chain stays whole in the province.
    assert rows[("枣庄市", "B")] == ("missing", "single_source")
    assert rows[("济南市", "B")] == ("single_source", "missing")
    assert ("山东省", "B") not in rows


def test_the_answer_is_that_of_the_graph_loaded_so() -> None:
    """Recomputed, not patched: the imagined graph answers as one that was loaded with the change."""
    graph = napkin()
    imagined = changed(graph, read_change(graph, (), ["b1"], ()), "假设")
    assert chain(imagined, "链", place="山东省").rows == chain(napkin(leave=("b1",)), "链", place="山东省").rows


def test_the_graph_itself_stays_as_it_is() -> None:
    graph = napkin()
    before = chain(graph, "链", place="山东省").rows
    whatif(graph, add=["x:B@济南市"], remove=["b1"], open_links=["A"])
    assert chain(graph, "链", place="山东省").rows == before


def test_an_unrelated_enterprise_changes_no_verdict() -> None:
    stat = {"Statistic": [{"source": "年鉴", "measure": "企业数", "place": "枣庄市", "value": 2.5}]}
    with_other = atlas_of(batch({"Region": REGIONS, "Chain": named("链"), "Product": named("T", "A", "别的"),
                                 "Enterprise": named("t1", "z")},
                                {**edges("IN_CHAIN", "Product", "Chain", ("T", "链"), ("A", "链")),
                                 **edges("INPUT_OF", "Product", "Product", ("A", "T")),
                                 **edges("PRODUCES", "Enterprise", "Product", ("t1", "T")),
                                 **edges("LOCATED_IN", "Enterprise", "Region", ("t1", "枣庄市"))}, stat))  # fmt: skip
    # κ is 1 of 2.5 and below the floor; a second enterprise, imagined, must not lift it over.
    found = whatif(with_other, add=["z:别的@枣庄市"], chain="链")
    assert found.rows == []
    assert "没有判定因此改变" in found.notes_in("zh")[0]
    assert whatif(napkin(), add=["w:A@济南市"], chain="链", place="山东省").rows == []


def test_the_last_maker_leaves_a_missing_link_not_an_unknown_one() -> None:
    """A statistic counts the firms; that we imagine one away does not make the data know less."""
    stat = {"Statistic": [{"source": "年鉴", "measure": "企业数", "place": "枣庄市", "value": 1.0}]}
    graph = atlas_of(batch(
        {"Region": REGIONS, "Chain": named("链"), "Product": named("T"), "Enterprise": named("t1")},
        {**edges("IN_CHAIN", "Product", "Chain", ("T", "链")),
         **edges("PRODUCES", "Enterprise", "Product", ("t1", "T")),
         **edges("LOCATED_IN", "Enterprise", "Region", ("t1", "枣庄市"))}, stat))  # fmt: skip
    (row,) = whatif(graph, remove=["t1"], chain="链", place="枣庄市").rows
    assert (row["status_before"], row["status_after"]) == ("single_source", "missing")


@pytest.mark.parametrize("seed", range(20))
def test_another_producer_never_worsens_availability(seed: int) -> None:
    """And one that goes never betters it; on random recipes with cycles, alternatives, several places."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 9))
    products = [f"p{i}" for i in range(n)]
    inputs = {(products[a], products[b]) for a, b in rng.integers(0, n, (int(rng.integers(2, 12)), 2)) if a != b}
    makes = {(f"f{m}", products[int(p)]) for m in range(5) for p in rng.integers(0, n, 2)}
    nodes: Rows = {"Region": REGIONS, "Chain": named("链"), "Product": named(*products),
                   "Enterprise": named(*(f"f{m}" for m in range(5)))}  # fmt: skip
    relations: Rows = {
        **edges("INPUT_OF", "Product", "Product",
                *((a, b, {"group": (None, "0", "1")[int(rng.integers(0, 3))]}) for a, b in sorted(inputs))),
        **edges("IN_CHAIN", "Product", "Chain", *((p, "链") for p in products)),
        **edges("PRODUCES", "Enterprise", "Product", *sorted(makes)),
        **edges("LOCATED_IN", "Enterprise", "Region",
                *((f"f{m}", ("枣庄市", "济南市")[int(rng.integers(0, 2))]) for m in range(5))),
        **edges("PART_OF", "Region", "Region", ("枣庄市", "山东省"), ("济南市", "山东省")),
    }  # fmt: skip
    stated = [{"source": "普查", "relation": "PRODUCES", "share": float(rng.choice([0.3, 1.0])), "place": "枣庄市"}]
    graph = atlas_of(batch(nodes, relations, {"Coverage": stated}))
    more = changed(graph, read_change(graph, [f"新:{products[int(rng.integers(0, n))]}@济南市"], (), ()), "假设")
    fewer = changed(graph, read_change(graph, (), [f"f{rng.integers(0, 5)}"], ()), "假设")
    for low, high in ((graph, more), (fewer, graph)):
        for a, b in zip(everywhere(low), everywhere(high), strict=True):
            assert not (a & ~b).any()


def everywhere(atlas: Atlas) -> list[np.ndarray]:
    return [unpack_bits(bits, atlas.scopes.n) for bits in atlas.availability()]


def test_every_row_leads_to_facts_old_and_new() -> None:
    found = whatif(napkin(), add=["新企业:B@枣庄市"], remove=["b1"], chain="链", place="山东省")
    assert found.rows == [], "one maker for another: the verdict stays"
    found = whatif(napkin(), add=["新企业:B@枣庄市"], chain="链", place="山东省")
    facts: list[dict[str, Any]] = found.explain(0).in_language("zh").rows
    assert {"新企业 生产 B", "b1 生产 B"} <= {f["fact"] for f in facts}
    assert next(f["source"] for f in facts if f["fact"] == "新企业 生产 B") == "假设"
    gone = whatif(napkin(), remove=["b1"], chain="链", place="山东省")
    for at in range(len(gone)):
        assert gone.explain(at).in_language("zh").rows
    at = next(i for i, r in enumerate(gone.rows) if r["link"] == "B")
    lost = next(f for f in gone.explain(at).in_language("zh").rows if f["fact"] == "不再成立：b1 生产 B")
    assert "行" in lost["source_ref"]


@pytest.mark.parametrize(
    ("options", "says"),
    [({}, "--add"), ({"add": ["没有冒号"]}, "企业:产品@地点"), ({"add": ["x:没有的产品"]}, "没有的产品"),
     ({"add": ["x:A@没有的地方"]}, "没有的地方"), ({"remove": ["没有的企业"]}, "没有的企业"),
     ({"open_links": ["没有的环节"]}, "没有的环节"), ({"add": ["a1:B"], "remove": ["a1"]}, "分两次")],
)  # fmt: skip
def test_wrong_questions_are_refused_by_name(options: dict[str, Any], says: str) -> None:
    with pytest.raises(QueryError, match=says):
        whatif(napkin(), **options)


def test_commands(run: Run, tmp_path: Path) -> None:
    from building import write
    from test_napkin import B1, COVERAGE, FIRMS, INPUTS, LINKS

    sheets = {"产品环节": LINKS, "投入关系": INPUTS, "企业": FIRMS, "覆盖声明": COVERAGE, "更多企业": B1}
    files = [write(tmp_path, f"{name}.csv", text) for name, text in sheets.items()]
    assert run("load", *files, "-w", "w").returncode == 0
    lost = run("bottlenecks", "--chain", "餐巾链", "--in", "枣庄市", "-w", "w", "--format", "csv")
    assert lost.returncode == 0, lost.stderr
    assert lost.stdout.splitlines()[0].startswith("entity,type,place,loses,lost,share_lost,certain")
    assert lost.stdout.splitlines()[1].startswith("b1,企业,枣庄市,B、T,2,0.6667,True")
    shown = run("whatif", "--remove", "b1", "--in", "枣庄市", "-w", "w")
    assert shown.returncode == 0, shown.stderr
    assert "缺环" in shown.stdout
    assert "K 1.00 → 0.67" in shown.stderr
    refused = run("whatif", "-w", "w")
    assert (refused.returncode, refused.stdout) == (1, "")
