"""Explain: from a verdict back to the rows of the files, as the person who wrote them sees them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from building import write

from chainatlas.api import load, open
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.gaps.chain import chain
from chainatlas.queries.verdicts.explanation import explain

SHEETS = {
    "产品环节.csv": """产品名称,产业链,环节位置,上级产品,所需技术,来源
        正极材料,锂电,上游,,高温烧结,模板
        三元正极,锂电,上游,正极材料,,模板
        电池,锂电,下游,,,模板""",
    "技术.csv": """技术名称,产业链,来源
        高温烧结,锂电,模板""",
    "投入关系.csv": """投入品,产品,组,必需,来源,出处
        正极材料,电池,1,是,模板,工艺手册第3页""",
    "企业.csv": """企业名称,所在省,所在市,主营产品,来源,数据日期,置信度
        枣庄甲公司,山东省,枣庄市,正极材料,年报,2023,0.9
        济南乙公司,山东省,济南市,三元正极,新闻,2022,0.7""",
    "覆盖声明.csv": """来源,关系,总体,地区,完整度,依据,截止日期
        名录,生产,全部,山东省,0.8,登记全数,2023""",
}  # fmt: skip


@pytest.fixture
def atlas(tmp_path: Path) -> Atlas:
    files = [write(tmp_path / "表", name, text) for name, text in SHEETS.items()]
    load(tmp_path / "w", files)
    return open(tmp_path / "w")


def facts(atlas: Atlas, link: str, place: str) -> dict[str, dict[str, object]]:
    return {str(row["fact"]): row for row in explain(atlas, "锂电", link, place=place).in_language("zh").rows}


def test_columns(atlas: Atlas) -> None:
    assert {"fact", "source", "source_ref", "as_of"} <= set(explain(atlas, "锂电", "电池").columns)


def test_a_producer_is_told_with_source_date_confidence_and_row(atlas: Atlas) -> None:
    found = facts(atlas, "正极材料", "枣庄市")["枣庄甲公司 生产 正极材料"]
    assert (found["source"], found["as_of"], found["confidence"]) == ("年报", "2023", 0.9)
    assert found["source_ref"] == "企业.csv · 第2行"


def test_a_producer_of_a_kind_is_told_as_such(atlas: Atlas) -> None:
    assert "济南乙公司 生产 三元正极（正极材料 的一种）" in facts(atlas, "正极材料", "济南市")


def test_where_nobody_makes_it_the_nearest_elsewhere_are_told(atlas: Atlas) -> None:
    told = [text for text in facts(atlas, "三元正极", "枣庄市") if text.endswith("济南乙公司 生产 三元正极")]
    assert len(told) == 1
    assert "济南市" in told[0].removesuffix("济南乙公司 生产 三元正极")


def test_the_coverage_behind_a_verdict_is_told(atlas: Atlas) -> None:
    found = facts(atlas, "电池", "枣庄市")
    said = next(row for text, row in found.items() if text.startswith("覆盖声明"))
    assert "0.8" in str(said["fact"])
    assert "登记全数" in str(said["fact"])
    assert (said["source"], said["source_ref"]) == ("名录", "覆盖声明.csv · 第2行")
    assert "没有适用于这里的覆盖声明或统计：κ 0" in facts(atlas, "高温烧结", "枣庄市")


def test_the_recipe_is_told(atlas: Atlas) -> None:
    found = facts(atlas, "正极材料", "枣庄市")
    said = found["正极材料 是 电池 的投入（替代组 1 之一）"]
    assert said["source_ref"] == "工艺手册第3页 · 投入关系.csv · 第2行"
    assert {"正极材料 需要技术 高温烧结", "正极材料 属于 锂电"} <= set(found)


def test_every_fact_names_a_row_that_speaks_of_it(atlas: Atlas) -> None:
    """The row is the one that a spreadsheet shows: line n of the file."""
    for link in chain(atlas, "锂电").rows:
        for said in explain(atlas, "锂电", link["link"], place="枣庄市").in_language("zh").rows:
            if said["source"] is None:
                assert "κ 0" in said["fact"] or said["fact"].startswith("怎样定下来：chainatlas attach decide")
                continue
            file, row = re.search(r"(\S+\.csv) · 第(\d+)行", said["source_ref"]).groups()  # type: ignore[union-attr]
            line = SHEETS[file].splitlines()[int(row) - 1]
            named = [w for w in re.split(r"[ ：（，；]", said["fact"]) if w in line]
            assert named, said


def test_the_evidence_of_a_chain_row_is_that_of_explain(atlas: Atlas) -> None:
    result = chain(atlas, "锂电", place="枣庄市")
    at = next(i for i, r in enumerate(result.rows) if r["link"] == "正极材料")
    assert (
        result.explain(at).in_language("zh").rows
        == explain(atlas, "锂电", "正极材料", place="枣庄市").in_language("zh").rows
    )


def test_a_link_that_is_not_in_the_chain_is_answered_with_the_nearest(atlas: Atlas) -> None:
    with pytest.raises(LookupError, match="正极材料"):
        explain(atlas, "锂电", "正极")


def test_a_single_source_of_several_writings_is_told_as_such(tmp_path: Path) -> None:
    sheets = SHEETS | {"企业2.csv": "企业名称,所在市\n枣庄甲有限公司,枣庄市\n枣庄甲有限责任公司,枣庄市"}
    sheets["企业.csv"] = sheets["企业.csv"].replace("枣庄甲公司", "枣庄甲有限公司")
    files = [write(tmp_path / "表", name, text) for name, text in sheets.items()]
    load(tmp_path / "w", files)
    told = facts(open(tmp_path / "w"), "正极材料", "枣庄市")
    (text,) = [t for t in told if "写法" in t]
    assert "枣庄甲有限公司、枣庄甲有限责任公司" in text
    assert "review list --joined" in text
    assert not any("写法" in t for t in facts(open(tmp_path / "w"), "正极材料", "济南市")), "one writing"
