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
from chainatlas.queries.partners import ranking
from chainatlas.queries.partners.alliances import alliance
from chainatlas.queries.partners.gate import gate
from chainatlas.queries.partners.holdings import holdings
from chainatlas.queries.partners.matching import match
from chainatlas.queries.partners.needs import link_need
from chainatlas.queries.partners.partners import partners
from chainatlas.queries.partners.scoring.features import CRITERIA, criteria, links_asked
from chainatlas.queries.partners.scoring.weights import neutral, stated

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
             "Platform": [{"name": "隔膜工程中心", "field": "隔膜"}, {"name": "示例中试平台"}],
             "Alliance": named("锂电联盟")}  # fmt: skip
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
    for part in (edges("SERVES", "Alliance", "Chain", ("锂电联盟", "锂电")),
                 edges("SERVES", "Platform", "Product", ("示例中试平台", "隔膜"))):  # fmt: skip
        relations.setdefault("SERVES", []).extend(part["SERVES"])
    return atlas_of(batch(nodes, relations, {"Coverage": coverage or []}), words=words)


@pytest.fixture(autouse=True)
def every_tier(monkeypatch: pytest.MonkeyPatch) -> None:
    """All ways are looked at here, however many stand above; ``test_enough`` asks who is listed."""
    monkeypatch.setattr(ranking, "needed", lambda listed, tier, way: np.ones(len(tier), bool))


def names(atlas: Atlas, need: str, **asked: object) -> dict[str, dict[str, object]]:
    found = partners(atlas, need, weights="stated", **asked).in_language("zh")  # type: ignore[arg-type]
    return {str(row["candidate"]): row for row in found.rows}


def test_makers_elsewhere_come_first_and_those_inside_do_it_already(atlas: Atlas) -> None:
    found = names(atlas, "隔膜", place="青岛市")
    # 戊厂 and 丁厂 make it elsewhere, the nearer first; 甲厂 makes what it goes into; a platform serves it.
    assert [(n, r["ability"], r["rank"]) for n, r in found.items()] == [
        ("戊厂", "makes", 1), ("丁厂", "makes", 2), ("甲厂", "use", 3), ("示例中试平台", "serves", 1)]  # fmt: skip
    assert "乙厂" not in found, "makes it in the place"
    assert "己厂" not in found, "nothing speaks for it, near as it is"
    assert "丙厂" not in found, "a path of three links makes nobody able"
    assert "庚厂" not in found, "dissolved"
    assert "乙厂济南分公司" not in found, "a branch of the one that does it"
    assert "隔膜工程中心" not in found, "called alike, no more"


def test_without_a_place_every_maker_is_listed(atlas: Atlas) -> None:
    found = names(atlas, "隔膜", kind="enterprise")
    assert [n for n, r in found.items() if r["ability"] == "makes"] == ["乙厂", "丁厂", "戊厂"]
    assert list(found)[3:] == ["甲厂"]


def test_no_score_lifts_a_neighbour_over_a_maker(atlas: Atlas) -> None:
    """丁厂 lies in another province, 甲厂 beside the place: the tier goes first, whatever distance weighs."""
    for weights in ("stated", "entropy"):
        rows = partners(atlas, "隔膜", place="济南市", weights=weights).rows
        order = [r["candidate"] for r in rows if r["type"] == "Enterprise"]
        assert order.index("丁厂") < order.index("甲厂")


def test_reach_is_told_and_orders_nothing(atlas: Atlas) -> None:
    rows = partners(atlas, "隔膜", place="青岛市", weights="stated").rows
    assert {r["candidate"]: r["reach"] for r in rows if r["candidate"] in ("戊厂", "丁厂")} == {
        "戊厂": "province", "丁厂": "nation"}  # fmt: skip
    firms = [r for r in rows if r["type"] == "Enterprise"]
    assert [r["reach"] for r in firms] == ["province", "nation", "province"]
    for mine in (firms, [r for r in rows if r["type"] != "Enterprise"]):
        assert [r["rank"] for r in mine] == list(range(1, len(mine) + 1))
        assert [r["score"] for r in mine] == sorted((r["score"] for r in mine), reverse=True)


def test_top_counts_a_list(atlas: Atlas) -> None:
    rows = partners(atlas, "隔膜", place="青岛市", top=1).rows
    assert [r["candidate"] for r in rows] == ["戊厂", "示例中试平台"]
    together = partners(atlas, "隔膜", place="青岛市", kind="enterprise,platform").rows
    assert [r["rank"] for r in together] == [1, 2, 3, 4]


def test_criteria_by_hand(atlas: Atlas) -> None:
    found = names(atlas, "隔膜", place="青岛市")
    assert found["戊厂"]["capability"] == found["丁厂"]["capability"] == 0.75, "its share of revenue is not known"
    assert found["戊厂"]["geography"] == pytest.approx(math.exp(-299 / 200), abs=0.002)
    assert found["戊厂"]["institutional"] == 1.0
    assert found["丁厂"]["institutional"] in (0.0, 0.5)
    assert found["戊厂"]["evidence"] == 0.9
    # 甲厂 makes 电池, which is made from two things: 1/√2.
    assert found["甲厂"]["capability"] == pytest.approx(2**-0.5, abs=1e-3)
    # Score of 戊厂 by hand: what is not known at its neutral value, in the first band of four.
    known = {"capability": 0.75, "geography": found["戊厂"]["geography"], "institutional": 1.0, "evidence": 0.9}
    worth = dict(zip(CRITERIA, neutral().tolist(), strict=True)) | known
    within = sum(w * worth[c] for c, w in zip(CRITERIA, stated("link").tolist(), strict=True))
    assert found["戊厂"]["score"] == pytest.approx((3 + within) / 4, abs=1e-4)


def test_score_is_the_sum_of_its_parts_in_the_band_of_its_tier(atlas: Atlas) -> None:
    found = partners(atlas, "隔膜", place="青岛市", weights="stated", kind="enterprise").in_language("zh")
    for at, (row, tier) in enumerate(zip(found.rows, (1, 1, 4), strict=True)):
        parts = [r for r in found.explain(at).rows if r["weight"] is not None]
        assert len(parts) == len(CRITERIA)
        assert (4 - tier + sum(r["part"] for r in parts)) / 4 == pytest.approx(row["score"], abs=1e-3)
        assert sum(r["weight"] for r in parts) == pytest.approx(1, abs=1e-3)


def test_paths_stand_among_the_facts_with_their_sources() -> None:
    """丙厂 makes 隔膜 and, as 乙厂 does, 薄膜: a path of three links to the link, told with its steps."""
    found = partners(napkin(makes=[*MAKES, ("丙厂", "隔膜")]), "隔膜", place="青岛市", weights="stated")
    at = [r["candidate"] for r in found.rows].index("丙厂")
    facts = found.explain(at).in_language("zh").rows
    assert any("丙厂 → 薄膜 ← 乙厂 → 隔膜" in r["fact"] for r in facts)
    assert {r["source"] for r in facts if r["fact"] == "乙厂 生产 隔膜"} == {"年报"}


def test_rank_without_a_criterion(atlas: Atlas) -> None:
    """戊厂 stands before 丁厂 by geography and institution; without the one the other still does it."""
    found = partners(atlas, "隔膜", place="青岛市", weights="stated", kind="enterprise")
    ranks = [{r["fact"].split("：")[0]: r["rank_without"] for r in found.explain(at).in_language("zh").rows
              if r["rank_without"] is not None} for at in range(3)]  # fmt: skip
    assert [len(told) for told in ranks] == [len(CRITERIA)] * 3
    assert [told["地理邻近"] for told in ranks] == [1, 2, 3]
    assert [told["制度邻近"] for told in ranks] == [1, 2, 3]


def test_a_criterion_that_decides_is_seen_in_the_rank_without_it() -> None:
    """Two firms of one product and one province: only the distance parts them, and without it the key does."""
    atlas = napkin(makes=[("己厂", "馒头"), ("戊厂", "馒头")])
    found = partners(atlas, "馒头", place="合肥市", weights="stated", kind="enterprise").in_language("zh")
    order = [r["candidate"] for r in found.rows]
    assert order == ["戊厂", "己厂"]
    keyed = sorted(order, key=lambda n: atlas.snapshot.find(n, ("Enterprise",)))
    assert keyed == ["己厂", "戊厂"], "else nothing would be seen"
    rows = found.explain(1).in_language("zh").rows
    told = {r["fact"].split("：")[0]: r for r in rows if r["rank_without"] is not None}
    assert told["地理邻近"]["rank_without"] == 1
    assert {r["rank_without"] for name, r in told.items() if name != "地理邻近"} == {2}


def test_the_order_of_the_data_does_not_matter() -> None:
    one, other = (partners(napkin(reverse=r), "隔膜", place="青岛市") for r in (False, True))
    strip = [[{c: row[c] for c in one.columns} for row in found.rows] for found in (one, other)]
    assert strip[0] == strip[1]


def test_a_hidden_maker_leaves_no_trace() -> None:
    """A maker taken as hidden is able by what else it makes, and no path of its own leads to it."""
    fact = ("戊厂", "电池")
    values = []
    for makes in ([*MAKES, fact], MAKES):
        atlas = napkin(makes=[*makes, ("戊厂", "薄膜")])
        h = holdings(atlas)
        row = int(h.row[atlas.snapshot.find("戊厂", ("Enterprise",))])
        item = atlas.makers.item(atlas.snapshot.find("电池", ("Product",)))
        can = gate(h, link_need(h, item, 0, hidden=row), ("enterprise",), hidden=row).able
        can = can.kept(can.row == row)
        assert can.way.tolist() == [6], "makes an input of it"
        asked = links_asked(h, np.array([item]), hidden=np.array([row]))
        values.append(criteria(h, asked, np.zeros(1, np.int64), can.row, can.through, can.strength)[0])
    learned = [CRITERIA.index(c) for c in ("capability", "complementarity", "social", "organisational", "link_score")]
    assert values[0][learned] == pytest.approx(values[1][learned], nan_ok=True)


def test_platforms_by_what_they_serve(atlas: Atlas) -> None:
    found = names(atlas, "隔膜", kind="platform")
    assert {n: (r["type"], r["ability"]) for n, r in found.items()} == {"示例中试平台": ("Platform", "serves")}


def test_what_is_not_known_is_empty_and_told(atlas: Atlas) -> None:
    found = partners(atlas, "隔膜", weights="stated").in_language("zh")
    assert all(row["geography"] is None and row["km"] is None for row in found.rows)
    note = found.notes_in("zh")[-1]
    assert note.startswith("不知道的按中性值计：")
    assert f"地理邻近 {neutral()[CRITERIA.index('geography')]:g}、" in note
    assert "能力匹配" not in note, "known of everybody"


def test_who_is_left_out_is_told_a_sentence_a_cause(atlas: Atlas) -> None:
    notes = partners(atlas, "隔膜", place="青岛市", weights="stated", kind="enterprise").notes_in("zh")
    assert notes[0].startswith("显示 3 个，有能力的候选共 3 个")
    out = [n for n in notes if n.startswith("未列入")]
    assert [n.split("：")[1].split("个")[0].strip() for n in out] == ["1", "1", "1", "3"]
    assert [word in n for n, word in zip(out, ("已停业", "已经在做", "集团", "下限 0."), strict=True)] == [True] * 4


def test_a_sentence_stands_where_nobody_is_able(atlas: Atlas) -> None:
    for asked, says in (({"kind": "platform"}, "没有查到谁有能力补上馒头：2 个候选"),
                        ({"place": "青岛市"}, "只有已经在做的 1 个"),
                        ({"need": "己厂"}, "没有查到谁适合己厂"),
                        ({"need": "锂电联盟", "kind": "institute"}, "没有查到谁能补上锂电联盟所缺的")):  # fmt: skip
        found = partners(atlas, **{"need": "馒头", "weights": "stated", **asked})  # type: ignore[arg-type]
        assert found.rows == []
        assert [says in n for n in found.notes_in("zh")] == [True]


def test_firms_too_alike_have_nothing_to_give() -> None:
    """乙 makes what 甲 makes, and what 甲 needs: its likeness 2/√6 counts as 4c(1 − c), not as the best there is."""
    found = names(
        napkin(makes=[("甲厂", "馒头"), ("甲厂", "电池"), ("乙厂", "馒头"), ("乙厂", "电池"), ("乙厂", "隔膜")]), "甲厂"
    )
    assert found["乙厂"]["proximity"] == pytest.approx(4 * math.sqrt(2 / 3) * (1 - math.sqrt(2 / 3)), abs=0.01)


def test_enterprise_needs_what_its_products_need(atlas: Atlas) -> None:
    found = names(atlas, "甲厂")
    assert "甲厂" not in found
    assert found["辛厂"]["complementarity"] == pytest.approx(0.5)  # 正极 of {正极, 隔膜}
    assert found["辛厂"]["capability"] == 0.75
    assert found["辛厂"]["why"] == "生产正极，是甲厂要用而自己没有的；据年报；在济南市。"
    assert found["乙厂"]["why"] == "生产隔膜，是甲厂要用而自己没有的；据年报；在青岛市，相距约 299 公里。"


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
                                                ({"weights": "magic"}, "entropy"), ({"top": 0}, "1、2")])  # fmt: skip
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
    assert {r["ability"] for r in found.rows} == {"makes"}
    assert found.explain(0).rows
    assert "2 个需求、2 个配对（已在生产 2）" in found.notes_in("zh")[0]


def test_matching_gives_up_no_tier_for_a_score() -> None:
    """正极: 辛厂 makes it; 甲厂 and 戊厂 make what it goes into. 隔膜 of the same two: 甲厂 is spent once."""
    atlas = napkin(makes=[("甲厂", "电池"), ("戊厂", "电池"), ("辛厂", "正极"), ("辛厂", "电池")])
    rows = match(atlas, ["正极", "隔膜"], place="合肥市").rows
    assert [(r["need"], r["ability"]) for r in rows] == [("正极", "makes"), ("隔膜", "use")]
    assert rows[0]["candidate"] == "辛厂"
    assert rows[1]["candidate"] == "甲厂" or rows[1]["candidate"] == "戊厂"
    both = match(atlas, ["正极", "隔膜"], place="合肥市", load=2, most=3)
    tiers = {(r["need"], r["candidate"]): r["ability"] for r in both.rows}
    assert tiers[("正极", "辛厂")] == "makes"
    assert next(r["candidate"] for r in both.rows if r["need"] == "正极") == "辛厂"
    assert "已在生产 1；上下游直接相接 5" in both.notes_in("zh")[0]


def test_nobody_is_spent_on_what_is_assumed_even_when_it_is_named() -> None:
    atlas = napkin(makes=[*MAKES, ("己厂", "锂")], primary=("锂",))
    found = match(atlas, ["锂", "隔膜"], place="合肥市")
    assert [r["need"] for r in found.rows] == ["隔膜"]
    assert found.notes_in("zh")[-1] == "视为可得，不找人：锂。"
    assert "锂记为原料视为可得" in partners(atlas, "锂", place="合肥市").notes_in("zh")[2]
    alone = match(atlas, ["锂"], place="合肥市")
    assert (alone.rows, alone.notes_in("zh")) == ([], ["视为可得，不找人：锂。"])


def test_a_need_without_a_partner_says_why(atlas: Atlas) -> None:
    """锂 goes into 正极, which 辛厂 alone makes; nothing is known about 湿法薄膜 but its one maker."""
    found = match(atlas, ["湿法薄膜", "锂", "正极"], place="济南市").in_language("zh")
    told = {r["need"]: (r["candidate"], r["why"]) for r in found.rows}
    assert told["湿法薄膜"] == (None, "没有查到谁有能力。")
    assert {told["锂"][0], told["正极"][0]} == {"辛厂", "甲厂"}
    assert "没有查到谁有能力：湿法薄膜。" in found.notes_in("zh")
    short = match(atlas, ["锂", "锂"], place="合肥市").in_language("zh")
    assert [(r["candidate"], r["why"].startswith("有候选")) for r in short.rows][1] == (None, True)


def test_matching_a_chain_asks_for_what_is_missing_or_may_be_made_and_never_for_what_is_assumed() -> None:
    """In 合肥市 锂 is primary, 正极 missing, 电池 possible (a word of 丁厂), 隔膜 made by one; the list is whole."""
    stated = [{"source": "普查", "relation": "PRODUCES", "share": 1.0, "basis": "按事实核对"}]
    book = WordBook(judgements=(TermJudgement("电池类", "电池", "broader"),))
    atlas = napkin(makes=[*MAKES, ("丁厂", "电池类")], primary=("锂",), coverage=stated, words=book)
    status = {r["link"]: r["status"] for r in chain(atlas, "锂电", place="合肥市").rows}
    assert status == {"锂": "assumed", "正极": "missing", "电池": "possible", "隔膜": "single_source"}
    assert {r["need"] for r in match(atlas, [], chain="锂电", place="合肥市").rows} == {"正极", "电池"}
    assert match(atlas, ["隔膜"], place="合肥市").rows[0]["candidate"], "named, it is asked for"
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
    """A graph without places, recipe or confidence still ranks, by what it has; 乙 makes something else."""
    relations = edges(
        "PRODUCES", "Enterprise", "Product", ("甲", "钢管"), ("甲", "钢板"), ("乙", "钢板"), ("丙", "钢管")
    )
    atlas = atlas_of(batch({"Enterprise": named("甲", "乙", "丙"), "Product": named("钢管", "钢板")}, relations))
    rows = partners(atlas, "钢管").rows
    assert sorted(r["candidate"] for r in rows) == ["丙", "甲"]
    assert all(0.75 <= r["score"] <= 1 for r in rows)
