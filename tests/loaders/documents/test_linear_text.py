"""Time in proportion to the text: policies of brackets, comments, numbers and whatever else is repeated, and cells."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scheduling import nightly

from chainatlas.graph.schema.types import load_schema
from chainatlas.loaders.documents.clauses import read_clauses
from chainatlas.loaders.documents.documents import read_document
from chainatlas.loaders.documents.goals import dues
from chainatlas.loaders.documents.policy import read_policy
from chainatlas.loaders.load import load
from chainatlas.loaders.rows.records import Gathered
from chainatlas.loaders.values.amounts import amount
from chainatlas.loaders.values.items import BODIES, INDUSTRIES, PRODUCTS, THINGS, WORDS, split_cell
from chainatlas.loaders.values.places import PlaceRefused, Places
from chainatlas.loaders.values.plain import Refused
from chainatlas.loaders.values.values import integer, iso_date, number
from chainatlas.queries.attach.spans import spans

SCHEMA, PLACES = load_schema(), Places({})
HEAD = "# 关于加快发展的意见\n一、目标\n（一）目标。"
SHORT, LEAST, MOST = 1_500, 0.1, 6.0  # characters; s under which nothing is told; times as long for 4 times the text
DAILY = ("[", "](", "<!--", "《", "1", "集群", "（简称", "到")
NIGHTLY = (
    *"（）“、，。；及的第十百年五个-=*>#a\\\n ",
    *("-->", "亿元", "等", "重点", "支持", "2027年", "新增", "山东省"),
    *("产业", "<a", "重点实验室", "（一）", "1."),
)
WORDS_OF_POLICIES = (*DAILY, *NIGHTLY)


def _seconds(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def assert_linear(run: Callable[[str], object], unit: str) -> None:
    """Check that four times the text takes at most six times as long; a busy machine may measure thrice."""
    texts = [unit * max(1, size // len(unit)) for size in (SHORT, 4 * SHORT)]
    for _ in range(3):
        short, long = (_seconds(lambda text=text: run(text)) for text in texts)  # type: ignore[misc]
        if long < max(LEAST, MOST * short):
            return
    raise AssertionError(f"{unit!r}: {short:.3f} s, four times as much {long:.3f} s")


def _policy(folder: Path) -> Callable[[str], object]:
    def run(text: str) -> None:
        path = folder / "意见.md"
        path.write_text(HEAD + text, encoding="utf-8")
        read_policy(path, SCHEMA, Gathered(), PLACES, None, None)

    return run


@pytest.mark.parametrize("unit", [*DAILY, *(pytest.param(u, marks=pytest.mark.slow) for u in NIGHTLY)])
def test_a_word_repeated(tmp_path: Path, unit: str) -> None:
    assert_linear(_policy(tmp_path), unit)


@settings(max_examples=400 if nightly() else 3)
@given(st.lists(st.sampled_from(WORDS_OF_POLICIES), min_size=2, max_size=6).map("".join))
def test_words_repeated(tmp_path_factory: pytest.TempPathFactory, unit: str) -> None:
    assert_linear(_policy(tmp_path_factory.getbasetemp()), unit)


@pytest.mark.parametrize("name", ["brackets", "comments"])
def test_the_attacks_on_text(shared: Path, tmp_path: Path, name: str) -> None:
    """A minute each before; a tenth of a second now, and the text that is no markup stays."""
    path = shared / "cases" / "attacks" / "policy" / f"{name}.md"
    assert _seconds(lambda: read_document(path)) < 5
    report = load(tmp_path / "w", [path])
    assert [(s.read, s.new) for s in report.sheets] == [(2, 2)]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("见[名单](http://x/a_(b).md)。", "见名单。"),
        ("![图](a.png)与[甲](b)、[乙](c)", "图与甲、乙"),
        ("[[甲](b)", "[甲"),
        ("[甲](没有完", "[甲](没有完"),
        ("甲<!-- 注 -->乙<!-- 又注 --\n行 -->丙", "甲乙丙"),
        ("甲<!-- 没有完", "甲<!--没有完"),
        ("甲<!-->乙-->丙", "甲丙"),
    ],
)
def test_marks_of_markdown(tmp_path: Path, text: str, read: str) -> None:
    path = tmp_path / "a.md"
    path.write_text(text, encoding="utf-8")
    assert read_document(path) == [read]


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("到9999年，产值", ["9999-12-31"]),
        ("到2028年2月，产值", ["2028-02-29"]),
        ("到0000年，产值", []),
        ("到0027年，产值", []),
        ("到99999年，产值", []),
        ("到12027年底，产值", []),
        ("到２０２７年，产值", ["2027-12-31"]),
        ("到٢٠٢٧年，产值", []),
        ("2020—9999年", ["9999-12-31"]),
        ("0000至2020年", ["2020-12-31"]),
    ],
)
def test_years(text: str, due: list[str]) -> None:
    assert [d.date for d in dues(text)] == due


def test_in_three_years_from_the_last_year() -> None:
    assert dues("用三年时间建设", "9998-05-01") == []
    assert [d.date for d in dues("用三年时间建设", "2024-05-01")] == ["2027-05-01"]


@pytest.mark.parametrize("name", ["y1", "year9999", "year10000"])
def test_the_attacks_on_years(shared: Path, tmp_path: Path, name: str) -> None:
    path = shared / "cases" / "attacks" / "policy" / f"{name}.md"
    report = load(tmp_path / "w", [path])
    assert report.rejects == ()
    assert all(s.read == s.new for s in report.sheets)


@pytest.mark.parametrize("label", ["第１条", "第1一条", "第" + "1" * 5000 + "条", "第٣条", "（" + "百" * 3000 + "）"])
def test_numbers_of_headings_in_any_digits(tmp_path: Path, label: str) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        f"# 关于加快发展的意见\n一、目标\n到2027年，产值达到100亿元。\n{label}支持集群。\n", encoding="utf-8"
    )
    gathered = Gathered()
    read_policy(path, SCHEMA, gathered, PLACES, None, None)
    assert gathered.nodes["Target"]


def test_a_policy_of_thousands_of_clauses(tmp_path: Path) -> None:
    """Each fact is compared with those before it once, not with all of them."""

    def run(text: str) -> None:
        path = tmp_path / "a.md"
        n = len(text) // 5
        path.write_text(
            HEAD + "".join(f"\n（{i % 99 + 1}）到2027年，企业达到{i}家。" for i in range(n)), encoding="utf-8"
        )
        read_policy(path, SCHEMA, Gathered(), PLACES, None, None)

    assert_linear(run, "x" * 5)  # 300 clauses, then 1,200


@pytest.mark.parametrize("year", ["2024", "２０２４"])
def test_full_width_digits_are_digits(tmp_path: Path, year: str) -> None:
    """The number of a document is tidied, and a clause that begins with a sum has no title."""
    path = tmp_path / "a.md"
    path.write_text(
        f"某省人民政府文件\n某政发［{year}］第4号\n关于加快发展的意见\n一、目标。到{year}年产值达到100亿元。\n"
        f"二、{year}年起支持集群。加快发展。\n",
        encoding="utf-8",
    )
    found = read_clauses(read_document(path))
    assert found.number == f"某政发〔{year}〕4号"
    assert [clause.title for clause in found.clauses] == ["目标", ""]


# Cells ------------------------------------------------------------------------------------------

CELLS = (
    "①",
    "一",
    "1",
    "-",
    "到",
    "山东省",
    "朝阳",
    "城区",
    "·",
    "\n",
    "、",
    "和",
    "（",
    "公司(",
    "研发生产",
    "甲及",
    " ",
    "。",
    "年",
)
READERS: dict[str, Callable[[str], object]] = {
    "spans": spans, "date": iso_date, "amount": amount, "number": number, "place": PLACES.named,
    "address": PLACES.address, "things": lambda t: split_cell(t, THINGS), "products": lambda t: split_cell(t, PRODUCTS),
    "bodies": lambda t: split_cell(t, BODIES), "words": lambda t: split_cell(t, WORDS),
    "industries": lambda t: split_cell(t, INDUSTRIES),
}  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_a_cell_repeated(reader: str) -> None:
    """A cell of any length is read or refused, in proportion to its length."""

    def run(text: str) -> None:
        with suppress(Refused, PlaceRefused):
            READERS[reader](text)

    for unit in CELLS:
        assert_linear(run, unit)


@pytest.mark.parametrize(
    "text", ["----", "到到", "~", "9" * 400, "一" * 5000, "亿" * 50, "1e99万亿" * 9, "-" * 3 + "万元"]
)
def test_no_amount(text: str) -> None:
    with pytest.raises(Refused):
        amount(text)


@pytest.mark.parametrize("text", ["9" * 400, "1e300", "99999999999999999999", "inf", "nan"])
def test_no_whole_number(text: str) -> None:
    with pytest.raises(Refused):
        integer(text)
