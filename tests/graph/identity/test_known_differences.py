"""Known differences keep apart: hard negatives of four kinds, and writings that must still be one."""

from __future__ import annotations

import csv
from collections import Counter
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from building import batch, end, graph_of

from chainatlas.graph.columns.batch import Batch
from chainatlas.graph.columns.tables import Graph

HERE = Path(__file__).parent
Firm = tuple[str, str]  # name, code of the place that a column says


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def sides(row: dict[str, str]) -> tuple[Firm, Firm]:
    return (row["one"], row["place_one"]), (row["other"], row["place_other"])


def firms(*given: Firm) -> Batch:
    places = sorted({place for _, place in given if place})
    located: list[dict[str, Any]] = [{**end("src", "Enterprise", n), **end("dst", "Region", p, "code")}
                                     for n, p in given if p]  # fmt: skip
    return batch({"Region": [{"name": f"区域{p}", "code": p} for p in places],
                  "Enterprise": [{"name": n} for n, _ in given]}, {"LOCATED_IN": located})  # fmt: skip


def entities(graph: Graph) -> int:
    return len(graph.nodes["Enterprise"])


def count(*given: Firm) -> int:
    """Number of firms; the same for every order, in one load or in several."""
    sizes = {entities(graph_of(firms(*order))) for order in permutations(given)}
    sizes |= {entities(graph_of(*(firms(f) for f in order))) for order in permutations(given)}
    (size,) = sizes
    return size


NEGATIVES, POSITIVES = rows("hard_negatives.csv"), rows("positives.csv")


def test_there_are_enough_of_each_kind() -> None:
    assert min(Counter(r["kind"] for r in NEGATIVES)[k] for k in ("district", "body", "form", "suffix")) >= 15
    assert len(POSITIVES) >= 40


@pytest.mark.parametrize("row", NEGATIVES, ids=lambda r: f"{r['one']}≠{r['other']}")
def test_kept_apart(row: dict[str, str]) -> None:
    assert count(*sides(row)) == 2


@pytest.mark.parametrize("row", POSITIVES, ids=lambda r: f"{r['one']}={r['other']}")
def test_still_one(row: dict[str, str]) -> None:
    assert count(*sides(row)) == 1


def test_all_hard_negatives_stay_apart_in_one_list() -> None:
    given = list(dict.fromkeys(side for row in NEGATIVES for side in sides(row)))
    assert entities(graph_of(firms(*given))) == len({name for name, _ in given})


# what else bears the core, and where -----------------------------------------------------------------


@pytest.mark.parametrize("more", [
    ("沧州示例翠微机械有限公司", ""),  # another place
    ("示例翠微机械集团有限公司", ""),  # the group
    ("沧州示例翠微机械有限公司", "130900"),
])  # fmt: skip
def test_a_firm_without_place_joins_nobody_where_another_bears_the_core(more: Firm) -> None:
    assert count(("示例翠微机械有限公司", ""), ("保定示例翠微机械有限公司", "")) == 1
    assert count(("示例翠微机械有限公司", ""), ("保定示例翠微机械有限公司", ""), more) == 3


def test_a_brand_that_others_bear_identifies_nobody_without_its_place() -> None:
    placeless, placed = ("鸿泰物流有限公司", ""), ("保定鸿泰物流有限公司", "")
    assert count(placeless, placed) == 1
    assert count(placeless, placed, ("邯郸鸿泰食品有限公司", "")) == 3


def test_a_column_that_contradicts_keeps_apart_and_one_that_is_coarser_does_not() -> None:
    one, other = "示例翠微机械有限公司", "示例翠微机械股份有限公司"
    assert count((one, "130600"), (other, "130900")) == 2
    assert count((one, "130602"), (other, "130606")) == 2
    assert count((one, "130000"), (other, "130602")) == 1
    assert count((one, "CHN"), (other, "DEU")) == 2


def test_a_column_counts_against_the_place_in_a_name() -> None:
    assert count(("示例翠微机械有限公司", "130900"), ("保定示例翠微机械有限公司", "")) == 2
    assert count(("示例翠微机械", "130900"), ("保定示例翠微机械股份有限公司", "")) == 2


def test_a_column_of_a_later_load_takes_a_join_back() -> None:
    names = ("示例翠微机械有限公司", "示例翠微机械股份有限公司")
    plain = firms(*((n, "") for n in names))
    assert entities(graph_of(plain)) == 1
    assert entities(graph_of(plain, firms((names[0], "130600"), (names[1], "130900")))) == 2


def test_two_letters_of_shares_are_not_joined_over_the_full_name() -> None:
    full = ("示例机床股份有限公司", "")
    assert count(("示例机床A", ""), full) == 1
    assert count(("示例机床A", ""), ("示例机床B", ""), full) == 3


def test_a_list_in_which_all_names_begin_alike_is_folded_and_reviewed_in_time() -> None:
    from time import process_time

    from chainatlas.graph.schema.types import load_schema
    from chainatlas.queries.quality.review import review

    letters = [chr(0x4E00 + 7 * i) for i in range(60)]
    names = [f"示例{a}{b}纺织" for a in letters for b in letters if a != b]
    given = [(n + ("有限公司" if at % 2 else ""), "") for at, n in enumerate(names)]
    start = process_time()
    graph = graph_of(firms(*given))
    assert entities(graph) == len(given)
    review(graph, load_schema())
    assert process_time() - start < 5  # each against each took minutes
