"""Who is listed of those who are able: enough is enough, and beside a maker a user is a buyer."""

from __future__ import annotations

import numpy as np
from building import atlas_of, batch, edges, named

from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.partners.able.table import INPUT, MAKES, USE, WORDS
from chainatlas.queries.partners.partners import partners
from chainatlas.queries.partners.ranking import needed

# 溶剂 → 电解液 → 电芯: 甲一 … 甲三 make 电解液, 乙 makes 溶剂, 丙 makes 电芯.
MAKERS = ("甲一", "甲二", "甲三")


def napkin(makers: int) -> Atlas:
    made = [(name, "电解液") for name in MAKERS[:makers]] + [("乙", "溶剂"), ("丙", "电芯")]
    nodes = {"Enterprise": named(*[name for name, _ in made]), "Product": named("溶剂", "电解液", "电芯")}
    recipe = edges("INPUT_OF", "Product", "Product", ("溶剂", "电解液"), ("电解液", "电芯"))
    return atlas_of(batch(nodes, edges("PRODUCES", "Enterprise", "Product", *made) | recipe))


def listed(makers: int) -> tuple[list[str], int]:
    answer = partners(napkin(makers), "电解液", weights="stated")
    told = [note for note in answer.notes_in("zh") if "能力较远的没有列" in note]
    return [str(row["candidate"]) for row in answer.rows], int(told[0].split(" ")[1]) if told else 0


def test_neighbours_are_listed_where_few_make_it() -> None:
    assert listed(0) == (["丙", "乙"], 0)
    assert (sorted(listed(2)[0]), listed(2)[1]) == (["乙", "甲一", "甲二"], 1), "丙 is a buyer"
    assert (sorted(listed(3)[0]), listed(3)[1]) == (["甲一", "甲三", "甲二"], 2), "three are enough to ask"


def test_each_list_counts_for_itself() -> None:
    ones = np.ones(1, np.int64)
    lists, tier = np.r_[0 * ones, 0 * ones, 1 * ones], np.r_[1 * ones, 4 * ones, 4 * ones]
    assert needed(lists, tier, np.array([MAKES, USE, USE])).tolist() == [True, False, True]
    assert needed(lists, tier, np.array([MAKES, INPUT, INPUT])).tolist() == [True, True, True]
    many = np.zeros(5, np.int64)
    assert needed(many, np.array([1, 2, 2, 3, 4]), np.array([MAKES, WORDS, WORDS, INPUT, INPUT])).tolist() == [
        True, True, True, False, False]  # fmt: skip
