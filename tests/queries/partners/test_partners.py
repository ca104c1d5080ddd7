"""Partners on a napkin: who passes the gate, what each criterion says, what the reasons tell."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from building import atlas_of, batch, edges, named

from chainatlas.graph.identity.terms import TermJudgement, WordBook
from chainatlas.graph.schema.errors import LoadError, QueryError
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.gaps.chain import chain
from chainatlas.queries.partners.alliances import alliance
from chainatlas.queries.partners.scoring.features import CRITERIA, features
from chainatlas.queries.partners.holdings import holdings
from chainatlas.queries.partners.matching import match
from chainatlas.queries.partners.needs import link_need
from chainatlas.queries.partners.partners import partners

# Chain: 锂 → 正极 → 电池, 隔膜 → 电池. Jinan and Qingdao lie 299 km apart in Shandong; Hefei in Anhui.
PLACES = {"甲厂": "济南市", "乙厂": "青岛市", "丙厂": "济南市", "丁厂": "合肥市", "戊厂": "济南市", "己厂": "青岛市",
          "乙厂济南分公司": "济南市", "庚厂": "济南市", "辛厂": "济南市"}  # fmt: skip
MAKES = [("甲厂", "电池"), ("乙厂", "隔膜"), ("乙厂", "薄膜"), ("丙厂", "薄膜"), ("丙厂", "湿法薄膜"),
         ("丁厂", "隔膜"),
         ("戊厂", "隔膜"), ("己厂", "馒头"), ("乙厂济南分公司", "薄膜"), ("庚厂", "薄膜"),
         ("辛厂", "正极")]  # fmt: skip

FACT = {"source": "年报", "confidence": 0.9}


@pytest.fixture
def atlas() -> Atlas:
    return napkin()


def napkin(*, reverse: bool = False, makes: list[tuple[str, str]] = MAKES, primary: tuple[str, ...] = (),
           coverage: list[dict[str, Any]] | None = None, words: WordBook | None = None) -> Atlas:  # fmt: skip
    order = -1 if reverse else 1
    regions = [{"name": "济南市", "level": "市", "lon": 117.12, "lat": 36.65},
               {"name": "青岛市", "level": "市", "lon": 120.38, "lat": 36.07},
               {"name": "合肥市", "level": "市", "lon": 117.23, "lat": 31.82},
               {"name": "山东省", "level": "省"}, {"name": "安徽省", "level": "省"}]  # fmt: skip
    firms = [{"name": n, "status": "注销" if n == "庚厂" else "存续"} for n in PLACES]
    names_ = ("锂", "正极", "电池", "隔膜", "薄膜", "湿法薄膜", "馒头", *(["电池类"] if words else []))
    products = [{"name": n, "primary": n in primary} for n in names_]
    nodes = {"Region": regions, "Enterprise": firms[::order], "Product": products[::order], "Chain": named("锂电"),
             "Platform": [{"name": "隔膜工程中心", "field": "隔膜"}], "Alliance": named("锂电联盟")}  # fmt: skip
    relations: dict[str, list[dict[str, object]]] = {}
    for part in (
        edges("PART_OF", "Region", "Region", ("济南市", "山东省"), ("青岛市", "山东省"), ("合肥市", "安徽省")),
        edges("LOCATED_IN", "Enterprise", "Region", *PLACES.items()),
        edges("PRODUCES", "Enterprise", "Product", *[(a, b, FACT) for a, b in makes][::order]),
        edges("INPUT_OF", "Product", "Product", ("锂", "正极"), ("正极", "电池"), ("隔膜", "电池")),
        edges("IN_CHAIN", "Product", "Chain", *[(p, "锂电") for p in ("锂", "正极", "电池", "隔膜")]),
        edges("MEMBER_OF", "Enterprise", "Alliance", ("甲厂", "锂电联盟")),
    ):  # fmt: skip
        for name, rows in part.items():
            relations.setdefault(name, []).extend(rows)
    serves = edges("SERVES", "Alliance", "Chain", ("锂电联盟", "锂电"))["SERVES"]
    relations["SERVES"] = serves
    return atlas_of(batch(nodes, relations, {"Coverage": coverage or []}), words=words)


def names(atlas: Atlas, need: str, **asked: object) -> dict[str, dict[str, object]]:
    found = partners(atlas, need, weights="stated", **asked).in_language("zh")  # type: ignore[arg-type]
    return {str(row["candidate"]): row for row in found.rows}


def test_makers_elsewhere_are_exact_and_those_inside_do_it_already(atlas: Atlas) -> None:
    found = names(atlas, "隔膜", place="青岛市")
    assert "乙厂" not in found, "makes it in the place"
    assert found["戊厂"]["capability"] == 1.0
    assert found["丁厂"]["capability"] == 1.0
    assert "己厂" not in found, "nothing speaks for it"
    assert "庚厂" not in found, "dissolved"
    assert "乙厂济南分公司" not in found, "a branch of the one that does it"


def test_without_a_place_every_maker_does_it_already(atlas: Atlas) -> None:
    assert not {"乙厂", "丁厂", "戊厂"} & set(names(atlas, "隔膜"))


def test_reaches_are_told_apart(atlas: Atlas) -> None:
    rows = partners(atlas, "隔膜", place="青岛市", weights="stated").rows
    assert {r["candidate"]: r["reach"] for r in rows if r["candidate"] in ("戊厂", "丁厂")} == {
        "戊厂": "province", "丁厂": "nation"}  # fmt: skip
    for reach in {r["reach"] for r in rows}:
        mine = [r for r in rows if r["reach"] == reach]
        assert [r["rank"] for r in mine] == list(range(1, len(mine) + 1))
        assert [r["score"] for r in mine] == sorted((r["score"] for r in mine), reverse=True)


def test_criteria_by_hand(atlas: Atlas) -> None:
    found = names(atlas, "隔膜", place="青岛市")
    assert found["戊厂"]["geography"] == pytest.approx(math.exp(-299 / 200), abs=0.002)
    assert found["戊厂"]["institutional"] == 1.0
    assert found["丁厂"]["institutional"] in (0.0, 0.5)
    assert found["戊厂"]["evidence"] == 0.9
    # 丙厂 makes 薄膜 as 乙厂 does, and 乙厂 makes 隔膜: one path of length three.
    assert found["丙厂"]["link_score"] > 0
    assert found["甲厂"]["capability"] == 0.3, "makes what it goes into"


def test_score_is_the_sum_of_its_parts_and_why_has_a_source(atlas: Atlas) -> None:
    found = partners(atlas, "隔膜", place="青岛市", weights="stated").in_language("zh")
    for at, row in enumerate(found.rows):
        told = found.explain(at)
        parts = [r for r in told.rows if r["weight"] is not None]
        assert len(parts) == len(CRITERIA)
        assert sum(r["part"] for r in parts) == pytest.approx(row["score"], abs=1e-3)
        assert sum(r["weight"] for r in parts) == pytest.approx(1, abs=1e-3)
        assert row["why"].endswith("。")
    third = next(at for at, r in enumerate(found.rows) if r["candidate"] == "丙厂")
    facts = found.explain(third).in_language("zh").rows
    assert any("丙厂 → 薄膜 ← 乙厂 → 隔膜" in r["fact"] for r in facts)
    assert {r["source"] for r in facts if r["fact"] == "乙厂 生产 隔膜"} == {"年报"}


def test_rank_without_a_criterion(atlas: Atlas) -> None:
    """What a criterion does for the rank is what leaving it out does: recomputed by hand."""
    found = partners(atlas, "隔膜", place="青岛市", weights="stated")
    mine = [r for r in found.rows if r["reach"] == "province"]
    at = found.rows.index(mine[-1])
    told = {r["fact"]: r for r in found.explain(at).in_language("zh").rows if r["rank_without"] is not None}
    assert len(told) == len(CRITERIA)
    assert all(1 <= r["rank_without"] <= len(mine) for r in told.values())


def test_the_order_of_the_data_does_not_matter() -> None:
    one, other = (partners(napkin(reverse=r), "隔膜", place="青岛市") for r in (False, True))
    strip = [[{c: row[c] for c in one.columns} for row in found.rows] for found in (one, other)]
    assert strip[0] == strip[1]


def test_a_hidden_maker_leaves_no_trace() -> None:
    """All criteria of a maker taken as hidden equal those in a graph that lacks the fact."""
    fact = ("戊厂", "隔膜")
    with_, without = (
        napkin(makes=[*MAKES, ("戊厂", "薄膜")]),
        napkin(makes=[*[m for m in MAKES if m != fact], ("戊厂", "薄膜")]),
    )
    values = []
    for atlas in (with_, without):
        h = holdings(atlas)
        row = int(h.row[atlas.snapshot.find("戊厂", ("Enterprise",))])
        item = atlas.makers.item(atlas.snapshot.find("隔膜", ("Product",)))
        values.append(features(h, link_need(h, item, 0, hidden=row)).value[row])
    learned = [CRITERIA.index(c) for c in ("capability", "complementarity", "social", "organisational")]
    assert values[0][learned] == pytest.approx(values[1][learned], nan_ok=True)
    assert values[0][CRITERIA.index("link_score")] > 0


def test_platforms_by_their_field(atlas: Atlas) -> None:
    found = names(atlas, "隔膜", kind="platform")
    assert found["隔膜工程中心"]["type"] == "Platform"
    assert found["隔膜工程中心"]["capability"] > 0


def test_what_is_not_known_is_empty_and_told(atlas: Atlas) -> None:
    found = partners(atlas, "隔膜", weights="stated").in_language("zh")
    assert all(row["geography"] is None and row["km"] is None for row in found.rows)
    assert any("地理邻近" in note for note in found.notes_in("zh"))


def test_enterprise_needs_what_its_products_need(atlas: Atlas) -> None:
    found = names(atlas, "甲厂")
    assert "甲厂" not in found
    assert found["辛厂"]["complementarity"] == pytest.approx(0.5)  # 正极 of {正极, 隔膜}
    assert found["辛厂"]["capability"] == 1.0


@pytest.mark.parametrize("method", ["sum", "topsis"])
@pytest.mark.parametrize("weights", ["stated", "entropy", "auto"])
def test_every_way_of_weighing_ranks(atlas: Atlas, method: str, weights: str) -> None:
    rows = partners(atlas, "隔膜", place="青岛市", method=method, weights=weights).rows
    assert {"戊厂", "丁厂"} <= {r["candidate"] for r in rows}
    assert all(0 <= r["score"] <= 1 for r in rows)


def test_comparisons(atlas: Atlas, tmp_path: object) -> None:
    from pathlib import Path

    file = Path(str(tmp_path)) / "比较.csv"
    file.write_text(",capability,geography\ncapability,1,3\ngeography,1/3,1\n", encoding="utf-8")
    found = partners(atlas, "隔膜", place="青岛市", weights=file)
    told = {r["fact"].split("：")[0]: r["weight"] for r in found.explain(0).in_language("zh").rows if r["weight"]}
    assert told == {"能力匹配": 0.75, "地理邻近": 0.25}
    file.write_text(
        ",capability,geography,social\ncapability,1,9,1/9\ngeography,1/9,1,9\nsocial,9,1/9,1\n", encoding="utf-8"
    )
    with pytest.raises(QueryError, match="一致性比率"):
        partners(atlas, "隔膜", weights=file)
    with pytest.raises(LoadError, match=r"没有\.csv"):
        partners(atlas, "隔膜", weights=Path(str(tmp_path)) / "没有.csv")


@pytest.mark.parametrize(("asked", "offered"), [({"kind": "bank"}, "platform"), ({"method": "vote"}, "topsis"),
                                                ({"weights": "magic"}, "entropy")])  # fmt: skip
def test_what_is_not_known_is_refused(atlas: Atlas, asked: dict[str, str], offered: str) -> None:
    with pytest.raises(QueryError, match=offered):
        partners(atlas, "隔膜", **asked)  # type: ignore[arg-type]


def test_a_link_of_a_chain_can_be_named_with_it(atlas: Atlas) -> None:
    assert names(atlas, "锂电›隔膜", place="青岛市").keys() == names(atlas, "隔膜", place="青岛市").keys()
    with pytest.raises(QueryError):
        partners(atlas, "锂电›馒头")


def test_matching_gives_nobody_two_needs(atlas: Atlas) -> None:
    found = match(atlas, ["隔膜", "薄膜"], place="合肥市").in_language("zh")
    chosen = [r["candidate"] for r in found.rows if r["candidate"]]
    assert len(chosen) == len(set(chosen)) == 2
    assert found.explain(0).rows
    assert "总分" in found.notes_in("zh")[0]


def test_matching_a_chain_asks_for_what_is_missing_or_may_be_made_and_never_for_what_is_assumed() -> None:
    """In 合肥市 锂 is primary, 正极 missing, 电池 possible (a word of 丁厂), 隔膜 made by one; the list is whole."""
    stated = [{"source": "普查", "relation": "PRODUCES", "share": 1.0, "basis": "按事实核对"}]
    book = WordBook(judgements=(TermJudgement("电池类", "电池", "broader"),))
    atlas = napkin(makes=[*MAKES, ("丁厂", "电池类")], primary=("锂",), coverage=stated, words=book)
    status = {r["link"]: r["status"] for r in chain(atlas, "锂电", place="合肥市").rows}
    assert status == {"锂": "assumed", "正极": "missing", "电池": "possible", "隔膜": "single_source"}
    assert {r["need"] for r in match(atlas, [], chain="锂电", place="合肥市").rows} == {"正极", "电池", "隔膜"}
    left = [c for r in alliance(atlas, "锂电联盟", top=2).rows for c in r["covers"]]
    assert "锂" not in left
    assert {"正极", "隔膜"} <= set(left)


def test_alliance_names_what_stays_uncovered(atlas: Atlas) -> None:
    found = alliance(atlas, "锂电联盟", top=2).in_language("zh")
    members = {r["member"]: r["covers"] for r in found.rows if r["member"]}
    assert members.pop("辛厂") == ["正极"]
    assert list(members.values()) == [["隔膜"]]
    assert [r["covers"] for r in found.rows if not r["member"]] == [["锂"]]
    assert any(f["source"] == "年报" for f in found.explain(0).rows)
    assert "覆盖 3 / 4" in found.notes_in("zh")[0]
    assert "cover 3 of 4" in found.notes_in("en")[0]


def test_scores_use_no_more_than_is_there() -> None:
    """A graph without places, recipe or confidence still ranks, by what it has."""
    relations = edges(
        "PRODUCES", "Enterprise", "Product", ("甲", "钢管"), ("甲", "钢板"), ("乙", "钢板"), ("丙", "钢管")
    )
    atlas = atlas_of(batch({"Enterprise": named("甲", "乙", "丙"), "Product": named("钢管", "钢板")}, relations))
    rows = partners(atlas, "钢管").rows
    assert [r["candidate"] for r in rows] == ["乙"]
    assert rows[0]["link_score"] == 1.0
    assert np.isfinite(rows[0]["score"])
