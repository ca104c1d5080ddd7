"""The ChainKnowledgeGraph files: every row accounted for, every known fault found and counted."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from building import tree

from chainatlas.graph.columns.tables import Graph
from chainatlas.graph.columns.text import name_keys
from chainatlas.graph.workspace.journal import Workspace
from chainatlas.graph.workspace.snapshot import Snapshot
from chainatlas.loaders.load import LoadReport, load
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.atlas.kappa import coverage
from chainatlas.queries.atlas.scopes import WHOLE
from chainatlas.queries.quality.checks import check
from chainatlas.queries.verdicts.judge import STATUS
from chainatlas.queries.verdicts.verdicts import verdicts

Records = list[dict[str, Any]]


@dataclass
class Loaded:
    """The files as they are, and what became of them."""

    source: Path
    folder: Path
    report: LoadReport
    read: dict[str, Records] = field(default_factory=dict)

    def lines(self, part: str) -> Records:
        if part not in self.read:
            self.read[part] = self._lines(part)
        return self.read[part]

    def _lines(self, part: str) -> Records:
        with gzip.open(self.source / f"{part}.json.gz", "rt", encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.strip()]

    @cached_property
    def graph(self) -> Graph:
        return Workspace.open(self.folder).graph()

    @cached_property
    def atlas(self) -> Atlas:
        return Atlas(Snapshot.of(Workspace.open(self.folder)))

    def refused(self, part: str, *, whole: bool = True) -> Counter[str]:
        sheets = [s.file for s in self.report.sheets]
        return Counter(r.code for r in self.report.rejects
                       if sheets[r.sheet].startswith(f"{part}.") and r.whole_row == whole)  # fmt: skip

    @cached_property
    def names(self) -> np.ndarray:
        return np.array([n for t in self.graph.nodes.values() for n in t["name"].to_pylist()], object)


def keys(names: list[str]) -> list[str]:
    """Match keys of names, all at once."""
    made: list[str] = name_keys(pa.array(names, pa.string())).to_pylist()
    return made


@pytest.fixture(scope="module")
def kg(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    source, folder = shared / "data" / "chainkg", tmp_path_factory.mktemp("chainkg") / "w"
    return Loaded(source, folder, load(folder, [source]))


def test_no_row_disappears(kg: Loaded) -> None:
    assert {s.file.split(".")[0]: s.read for s in kg.report.sheets} == {
        part: len(kg.lines(part)) for part in (
            "company", "industry", "product", "company_industry", "industry_industry", "industry_up",
            "company_product", "product_product")}  # fmt: skip
    for s in kg.report.sheets:
        assert s.read == s.new + s.unchanged + s.merged + s.rejected, s
        assert s.new > 0, s


def test_the_files_hold_what_their_description_says(kg: Loaded) -> None:
    """Numbers of the data set's own README: the test reads the file that is meant."""
    read = {s.file.split(".")[0]: s.read for s in kg.report.sheets}
    assert (read["company"], read["company_product"], read["product_product"]) == (4_654, 53_785, 110_153)


def test_loading_again_changes_nothing(kg: Loaded) -> None:
    before = tree(kg.folder)
    again = load(kg.folder, [kg.source])
    assert (again.load, again.hash) == (None, kg.report.hash)
    assert all(s.new == s.merged == 0 for s in again.sheets)
    assert [(s.unchanged, s.rejected) for s in again.sheets] == [
        (s.new + s.unchanged + s.merged, s.rejected) for s in kg.report.sheets]  # fmt: skip
    after = tree(kg.folder)
    assert {k: v for k, v in after.items() if not k.startswith("rejects/")} == {
        k: v for k, v in before.items() if not k.startswith("rejects/")}  # fmt: skip


def test_the_108_self_loops_are_refused(kg: Loaded) -> None:
    rows = kg.lines("product_product")
    ends = [keys([r[c] for r in rows]) for c in ("from_entity", "to_entity")]
    loops = [r for r, a, b in zip(rows, *ends, strict=True) if a == b]
    assert len([r for r in loops if r["from_entity"] == r["to_entity"]]) == 108
    assert kg.refused("product_product")["reject_self"] == len(loops)
    for relation in ("INPUT_OF", "KIND_OF"):
        table = kg.graph.relations[relation]
        assert not np.any(table["src"].to_numpy() == table["dst"].to_numpy())


def test_weights_outside_0_to_1_are_told_and_the_fact_stays_without_them(kg: Loaded) -> None:
    outside = [r for r in kg.lines("company_product") if not 0 <= float(r["rel_weight"]) <= 1]
    assert outside
    assert kg.refused("company_product", whole=False) == {"reject_share": len(outside)}
    shares = kg.graph.relations["PRODUCES"]["share"].drop_null().to_numpy()
    assert shares.min() >= 0
    assert shares.max() <= 1


def test_firms_are_found_by_their_stock_code_in_either_spelling(kg: Loaded) -> None:
    """Without stripping the exchange none of the 53,785 rows would find its company."""
    known = {r["code"][:6] for r in kg.lines("company")}
    rows = kg.lines("company_product")
    products = set(keys([r["name"] for r in kg.lines("product")]))
    assert not any(r["company_code"] in known for r in rows)
    named = keys([r["product_name"] for r in rows])
    dangling = [r for r, key in zip(rows, named, strict=True)
                if r["company_code"][:6] not in known or key not in products]  # fmt: skip
    assert kg.refused("company_product") == Counter({"reject_end": len(dangling)})
    assert len(kg.graph.relation_claims["PRODUCES"]) >= 0.95 * (len(rows) - len(dangling))


def test_dangling_rows_of_company_industry_are_refused_and_resolve_by_code(kg: Loaded) -> None:
    """By name 525 of 4,430 rows dangle; by code only those whose company or industry is not there."""
    companies = {r["code"][:6] for r in kg.lines("company")}
    industries = {r["code"] for r in kg.lines("industry")}
    rows = kg.lines("company_industry")
    names = {name for r in kg.lines("company") for name in (r["name"], r["fullname"])}
    by_name = [r for r in rows if r["company_name"] not in names]
    by_code = [r for r in rows if r["company_code"][:6] not in companies or r["industry_code"] not in industries]
    assert kg.refused("company_industry") == {"reject_end": len(by_code)}
    assert len([r for r in by_name if r not in by_code]) >= 24


def test_one_code_with_several_full_names_is_one_firm_and_a_conflict(kg: Loaded) -> None:
    firms = [r for r in kg.graph.nodes["Enterprise"].to_pylist() if r["stock_code"] == "688078"]
    assert len(firms) == 1
    said = {r["fullname"] for r in kg.lines("company") if r["code"].startswith("688078")}
    assert len(said) > 1
    conflicts = [r for r in check(kg.atlas).rows if r["code"] == "conflict"]
    assert any(r["entity"] in said for r in conflicts)


def test_there_are_as_many_firms_as_codes(kg: Loaded) -> None:
    assert len(kg.graph.nodes["Enterprise"]) == len({r["code"][:6] for r in kg.lines("company")})


def test_odd_names_come_through_as_they_are(kg: Loaded) -> None:
    odd = {r["name"] for r in kg.lines("product") if "'" in r["name"] or "\\" in r["name"]}
    assert len(odd) == 22
    assert odd <= set(kg.graph.nodes["Product"]["name"].to_pylist())
    folded = {r["name"] for r in kg.lines("product") if "Ⅲ" in r["name"]}
    shown = set(kg.graph.nodes["Product"]["name"].to_pylist())
    # Where the file has both spellings the two are one product, which shows one of them.
    spellings = Counter(keys(list({r["name"] for r in kg.lines("product")})))
    alone = {n for n, key in zip(folded, keys(list(folded)), strict=True) if spellings[key] == 1}
    assert alone
    assert alone <= shown
    assert set(keys(list(folded))) <= set(keys(list(shown)))


def test_the_direction_of_inputs(kg: Loaded) -> None:
    """``from 上游材料 to``: to is an input of from.  ``from 下游产品 to``: from is an input of to."""
    table = kg.graph.relations["INPUT_OF"]
    made = set(zip(kg.names[table["src"].to_numpy()], kg.names[table["dst"].to_numpy()], strict=True))
    for rel, swap in (("上游材料", True), ("下游产品", False)):
        rows = [r for r in kg.lines("product_product") if r["rel"] == rel and r["from_entity"] != r["to_entity"]][:200]
        pairs = [(r["to_entity"], r["from_entity"]) if swap else (r["from_entity"], r["to_entity"]) for r in rows]
        assert sum(p in made for p in pairs) >= 0.97 * len(pairs), rel  # a few names are written in two ways


def test_oddities_are_counted(kg: Loaded) -> None:
    found = {r["code"]: r["message"] for r in check(kg.atlas).rows}
    assert {"conflict", "cycle", "mutual_input", "input_and_kind", "accounting", "unplaced"} <= set(found)


def test_links_without_an_observed_producer_are_unknown(kg: Loaded, record_property: Any) -> None:
    """A finder that reports tens of thousands of gaps here is wrong: the data do not say."""
    every = np.arange(kg.atlas.makers.n)
    found = verdicts(kg.atlas, every, np.array([WHOLE]))
    unseen = found.producers[:, 0] == 0
    unknown = found.status[unseen, 0] == STATUS.index("unknown")
    record_property("links without an observed producer", int(unseen.sum()))
    record_property("of these unknown", int(unknown.sum()))
    assert unseen.sum() > 50_000
    assert unknown.mean() >= 0.99, f"{int(unknown.sum())} of {int(unseen.sum())}"
    # Nothing is stated of these data, so nothing may be called missing or single.
    assert coverage(kg.atlas.makers).claims == []
    assert not np.isin(found.status, [STATUS.index("missing"), STATUS.index("single_source")]).any()
