"""Relate: the head of the compound decides, and says why."""

from __future__ import annotations

import pytest

from chainatlas.queries.attach.forms import Forms, LinkWords
from chainatlas.queries.attach.lexicon import lexicon
from chainatlas.queries.attach.relate import Attachment, Relater

LINKS = (
    LinkWords(0, "电解液"),
    LinkWords(1, "人工智能服务器"),
    LinkWords(2, "通用服务器", (), (("服务器", "same", False), ("机架式服务器", "narrower", False))),
    LinkWords(3, "聚乙烯", (), (("氯化聚乙烯", "none", False),)),
    LinkWords(4, "人造石墨负极材料"),
    LinkWords(5, "压裂泵"),
    LinkWords(6, "碳酸丙烯酯", ("PC",)),
    LinkWords(7, "环氧丙烷"),
    LinkWords(8, "聚氨酯涂料"),
    LinkWords(9, "微生物菌剂", (), (("菌剂", "same", True),)),
    LinkWords(10, "液压挖掘机", (), (("挖掘机", "same", False),)),
    LinkWords(11, "超高分子量聚乙烯", ("UHMWPE",)),
    LinkWords(12, "超高分子量聚乙烯纤维"),
    LinkWords(13, "氢氧化铝"),
    LinkWords(14, "水肥一体化系统"),
    LinkWords(15, "车载充电机"),
    LinkWords(16, "盐酸氨基葡萄糖"),
    LinkWords(17, "环氧树脂", (), (("新型环氧树脂系列", "same", True),)),
)
NAMES = {k.link: k.name for k in LINKS}


@pytest.fixture(scope="module")
def relate() -> Relater:
    return Relater(Forms(lexicon(), LINKS))


def reached(relate: Relater, text: str) -> dict[str, Attachment]:
    return {NAMES[a.link]: a for a in relate(lexicon().normal(text))}


@pytest.mark.parametrize(
    ("text", "link", "relation", "tier"),
    [
        ("电解液", "电解液", "same", "certain"),
        ("AI服务器", "人工智能服务器", "same", "certain"),  # one writing for AI
        ("高性能机架式服务器", "通用服务器", "narrower", "certain"),  # grade, and a kind by a term
        ("服务器", "人工智能服务器", "broader", "broader"),  # the link's name ends in it
        ("人造石墨负极", "人造石墨负极材料", "same", "certain"),  # an end that adds nothing may be left out
        ("压裂柱塞泵", "压裂泵", "narrower", "likely"),  # a word put in
        ("双组分聚氨酯防腐涂料", "聚氨酯涂料", "narrower", "certain"),  # words that tell only how it is
        ("PC", "碳酸丙烯酯", "same", "likely"),  # a short abbreviation is never certain alone
        ("小型挖掘机系列产品", "液压挖掘机", "narrower", "certain"),
        ("UHMWPE纤维", "超高分子量聚乙烯纤维", "same", "certain"),  # the short name within another name
        ("新型环氧树脂系列", "环氧树脂", "same", "likely"),  # what a term says of the very word stands
        ("杀菌剂", "微生物菌剂", "narrower", "review"),  # an ambiguous word with more before it
    ],
)
def test_a_word_reaches_its_link(relate: Relater, text: str, link: str, relation: str, tier: str) -> None:
    found = reached(relate, text)
    assert link in found
    assert (found[link].relation, found[link].tier) == (relation, tier)


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("氯化聚乙烯", "聚乙烯"),  # said so by a term
        ("溴化聚乙烯", "聚乙烯"),  # a chemical prefix
        ("废旧服务器", "通用服务器"),
        ("挖掘机配件", "液压挖掘机"),  # a part of it
        ("电解液生产设备", "电解液"),  # equipment for it
        ("环氧氯丙烷", "环氧丙烷"),  # another compound, though alike
        ("氧化铝", "氢氧化铝"),  # no head of it
        ("UHMWPE纤维", "超高分子量聚乙烯"),  # another product of it
    ],
)
def test_what_only_looks_alike_makes_nobody_a_maker(relate: Relater, text: str, link: str) -> None:
    found = reached(relate, text)
    assert link not in found or found[link].tier == "review"


@pytest.mark.parametrize("text", ["电力自动化系统", "电机", "食用葡萄糖"])
def test_an_ending_that_crosses_a_word_is_no_head(relate: Relater, text: str) -> None:
    assert reached(relate, text) == {}


def test_the_longest_form_wins(relate: Relater) -> None:
    assert reached(relate, "人工智能服务器")["人工智能服务器"].how == "exact"
    assert "通用服务器" not in reached(relate, "人工智能服务器")


def test_each_attachment_names_its_rule_and_form(relate: Relater) -> None:
    one = reached(relate, "储能用电解液")["电解液"]
    assert (one.how, one.form, one.rest) == ("ending", "电解液", "储能用")
