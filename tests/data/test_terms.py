"""The bundled terms name links that exist, each once, and say nothing that the hierarchy of products denies."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

RELATIONS = {"same", "narrower", "broader", "none"}
EQUAL_LINKS = {("合成氨", "液氨"), ("液氨", "合成氨")}
"""Synthetic ammonia leaves the works as liquid ammonia: the only two links that are names of each other."""

Rows = list[dict[str, str]]


def rows_of(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def terms(root: Path) -> Rows:
    return rows_of(root / "data" / "terms" / "用语.csv")


@pytest.fixture(scope="module")
def links(root: Path) -> Rows:
    return rows_of(root / "data" / "shandong" / "产品环节.csv")


def test_every_term_is_whole_and_belongs_to_a_link(terms: Rows, links: Rows) -> None:
    names = {row["产品名称"] for row in links}
    assert {row["环节"] for row in terms} == names, "every link has terms, and no other name has any"
    for row in terms:
        assert row["用语"] == row["用语"].strip() != "", row
        assert row["关系"] in RELATIONS, row
        assert row["存疑"] in ("", "是"), row
        assert row["来源"], row


def test_no_term_is_given_twice_for_a_link(terms: Rows) -> None:
    counted = Counter((row["环节"], row["用语"]) for row in terms)
    assert [pair for pair, count in counted.items() if count > 1] == []


def test_a_term_that_is_another_link_is_left_to_the_hierarchy(terms: Rows, links: Rows) -> None:
    names = {row["产品名称"] for row in links}
    named = {(row["环节"], row["用语"]) for row in terms if row["用语"] in names and row["用语"] != row["环节"]}
    assert named == EQUAL_LINKS


def test_no_term_claims_the_short_name_of_another_link(terms: Rows, links: Rows) -> None:
    owners = {short: row["产品名称"] for row in links for short in row["简称"].split("、") if short}
    claims = {(row["环节"], row["用语"]) for row in terms if row["关系"] in ("same", "narrower")}
    assert {(link, term) for link, term in claims if owners.get(term, link) != link} == set()


def test_the_description_counts_the_rows(root: Path, terms: Rows) -> None:
    text = (root / "data" / "terms" / "README.md").read_text(encoding="utf-8")
    relations = Counter(row["关系"] for row in terms)
    assert f"| {len(terms)}，{len({row['环节'] for row in terms})} 个环节 |" in text
    assert [relation for relation, count in relations.items() if f"| {relation} | {count} |" not in text] == []
    assert f"存疑 = 是 的 {sum(row['存疑'] == '是' for row in terms)} 行" in text


def test_a_certain_term_means_one_link(terms: Rows) -> None:
    meant: dict[str, set[str]] = {}
    for row in terms:
        if row["关系"] in ("same", "narrower") and not row["存疑"]:
            meant.setdefault(row["用语"], set()).add(row["环节"])
    assert {term: of for term, of in meant.items() if len(of) > 1} == {}


def test_a_broader_term_says_something_of_its_links(root: Path) -> None:
    """A word that may mean eight links and more says nothing of any."""
    wide: dict[str, set[str]] = {}
    for path in sorted((root / "data" / "terms").glob("用语*.csv")):
        for row in rows_of(path):
            if row["关系"] == "broader":
                wide.setdefault(row["用语"], set()).add(row["环节"])
    assert {term: of for term, of in wide.items() if len(of) > 7} == {}


def test_short_latin_words_are_never_certain(terms: Rows) -> None:
    certain = [row["用语"] for row in terms if row["关系"] in ("same", "narrower") and not row["存疑"]]
    short = {word for word in certain if len(word) <= 4 and word.isascii() and word.isalpha() and word.isupper()}
    assert short <= {"KCL"}, "a formula is no abbreviation"


def test_spellings_are_given_once_and_settle(root: Path) -> None:
    spellings = rows_of(root / "data" / "terms" / "写法.csv")
    written = [row["写法"] for row in spellings]
    assert len(set(written)) == len(written) >= 60
    assert {row["统一为"] for row in spellings} & set(written) == set(), "what is written to is not written on"
