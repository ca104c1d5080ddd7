"""What a recipe lacks: answers worked out by hand, what is no answer, and weights learned on a made-up trade.

The napkin: 伺服电机 and 发电机组 need 铜线, 磁钢, 硅钢; 驱动马达 needs 铜线, 硅钢; 直驱装置 needs 铜线, 磁钢.
An input that n products need weighs 1/log₂(1 + n): 铜线 (4) .4307, 磁钢 and 硅钢 (3) .5. With 直驱装置
(.9307 in all) 伺服电机 and 发电机组 (1.4307) share .9307: kin = .8 · .9307/1.4307 = .5204; 驱动马达 (.9307)
shares .4307: kin = .8 · .4307/1.4307 = .2408. 驱动马达 needs 硅钢 where 直驱装置 has 磁钢: it does not speak.
Support = 2 · .5204/(2 · .5204 + .2408 + .5) = .5842.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from building import Rows, as_csv, atlas_of, batch, edges, named

import chainatlas as ca
from chainatlas.graph.schema.errors import QueryError
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.quality.checks import check
from chainatlas.queries.recipes import weights
from chainatlas.queries.recipes.inputs import inputs
from chainatlas.queries.recipes.known import NEEDS, Surroundings, known
from chainatlas.queries.recovery.evidence import channels

Input = tuple[str, str] | tuple[str, str, dict[str, Any]]
NAPKIN: tuple[Input, ...] = (
    ("铜线", "伺服电机"), ("磁钢", "伺服电机"), ("硅钢", "伺服电机"),
    ("铜线", "发电机组"), ("磁钢", "发电机组"), ("硅钢", "发电机组"),
    ("铜线", "驱动马达"), ("硅钢", "驱动马达"),
    ("铜线", "直驱装置"), ("磁钢", "直驱装置"),
)  # fmt: skip


def graph(pairs: tuple[Input, ...], kinds: tuple[tuple[str, str], ...] = (), **props: dict[str, Any]) -> Atlas:
    names = sorted({n for a, b, *_ in pairs for n in (a, b)} | {n for pair in kinds for n in pair})
    nodes: Rows = {"Product": [{"name": n, **props.get(n, {})} for n in names], "Chain": named("链")}
    relations: Rows = {
        **edges("INPUT_OF", "Product", "Product", *((a, b, {"source": "示例配方", **(m[0] if m else {})})
                                                    for a, b, *m in pairs)),
        **edges("IN_CHAIN", "Product", "Chain", *((n, "链") for n in names)),
        **(edges("KIND_OF", "Product", "Product", *kinds) if kinds else {}),
    }  # fmt: skip
    return atlas_of(batch(nodes, relations))


def lacks(atlas: Atlas, link: str = "直驱装置") -> list[str]:
    return [row["input"] for row in inputs(atlas, link).rows]


def test_the_napkin() -> None:
    said = inputs(graph(NAPKIN), "直驱装置")
    answer = said.in_language("zh")
    assert answer.columns == ("input", "evidence", "score", "sources")
    (row,) = answer.rows
    assert (row["input"], row["score"], row["sources"]) == ("硅钢", 0.5842, ["示例配方"])
    assert row["evidence"] == "同样用“磁钢、铜线”的 2 个产品也用它：伺服电机、发电机组"
    assert "已记 2 项投入；另有 1 项" in answer.notes_in("zh")[0]
    assert "没有学习权重" in answer.notes_in("zh")[1], "ten inputs are too few to learn from"
    evidence = said.in_language("en").rows[0]["evidence"]
    assert evidence == "needed where 磁钢、铜线 is needed, too (products: 2): 伺服电机、发电机组"


def test_the_facts_behind_the_napkin() -> None:
    told = inputs(graph(NAPKIN), "直驱装置").explain(0).in_language("zh")
    texts = [row["fact"] for row in told.rows]
    assert [t.split("（")[0] for t in texts[:2]] == ["硅钢 投入 伺服电机", "硅钢 投入 发电机组"]
    assert {"磁钢 投入 直驱装置", "铜线 投入 直驱装置", "铜线 投入 伺服电机"} <= set(texts)
    assert {row["source"] for row in told.rows} == {"示例配方"}


def test_what_a_recipe_holds_is_no_answer() -> None:
    atlas = graph(NAPKIN)
    for link in ("伺服电机", "发电机组"):
        assert lacks(atlas, link) == []
    assert "没有查到得分达到" in inputs(atlas, "伺服电机").notes_in("zh")[0]


@pytest.mark.parametrize(
    ("why", "more", "kinds"),
    [
        ("it comes in through 磁钢: a level too deep", (("硅钢", "磁钢"),), ()),
        ("through two steps", (("硅钢", "粉"), ("粉", "磁钢")), ()),
        ("直驱装置 goes into it: a level too high", (("直驱装置", "硅钢"),), ()),
        ("it goes beside 直驱装置 into the same", (("直驱装置", "风机"), ("硅钢", "风机")), ()),
        ("it is a kind of 直驱装置", (), (("硅钢", "直驱装置"),)),
        ("it is what 直驱装置 is a kind of", (), (("直驱装置", "硅钢"),)),
        ("it is a kind of what the recipe holds", (), (("硅钢", "铜线"),)),
    ],
)
def test_no_answer_by_relations(why: str, more: tuple[Input, ...], kinds: tuple[tuple[str, str], ...]) -> None:
    assert "硅钢" not in lacks(graph((*NAPKIN, *more), kinds)), why


def renamed(new: str, old: str = "硅钢") -> tuple[Input, ...]:
    return tuple((new if a == old else a, new if b == old else b, *m) for a, b, *m in NAPKIN)  # type: ignore[misc]


def test_no_answer_by_name() -> None:
    assert lacks(graph(renamed("冷轧硅钢"))) == ["冷轧硅钢"]
    assert lacks(graph(renamed("小直驱装置"))) == [], "a kind of the link by its end"
    assert lacks(graph(renamed("黏结磁钢", "硅钢"))) == ["黏结磁钢"], "two products need 磁钢 beside it"
    named_after = renamed("伺服芯")
    assert lacks(graph(named_after)) == [], "伺服电机 is named after it: 发电机组 alone does not carry it"


def test_an_alternative_of_an_input_is_no_lack() -> None:
    either: tuple[Input, ...] = tuple((a, b, {"group": "1"}) if a in ("磁钢", "硅钢") else (a, b) for a, b in NAPKIN)
    assert lacks(graph(either)) == []


def test_who_takes_either_of_two_speaks_half_for_each() -> None:
    more: tuple[Input, ...] = tuple(
        (a, b, {"group": "1"}) for b in ("伺服电机", "发电机组") for a in ("硅钢", "非晶带")
    )
    kept = tuple(pair for pair in NAPKIN if pair[:2] not in {pair[:2] for pair in more})
    rows = inputs(graph((*kept, *more)), "直驱装置").rows
    # 非晶带 goes into two products and weighs 1/log₂ 3 = .6309: 伺服电机 .4307 + .5 + .5 + .6309 = 2.0616 in all.
    assert {row["input"] for row in rows} == {"硅钢", "非晶带"}
    kin, other = 0.8 * 0.9307 / 2.0616, 0.8 * 0.4307 / 1.4307
    assert rows[0]["score"] == pytest.approx(2 * kin / 2 / (2 * kin + other + 0.5), abs=1e-3)


def test_going_into_the_same_is_no_likeness() -> None:
    """轴承 and 丝杠 both go into 机床 and 车床; that 轴承 needs 钢球 and 套圈 says nothing of 丝杠."""
    pairs: tuple[Input, ...] = (("轴承", "机床"), ("丝杠", "机床"), ("轴承", "车床"), ("丝杠", "车床"),
                                ("钢球", "轴承"), ("套圈", "轴承"), ("圆钢", "丝杠"))  # fmt: skip
    assert lacks(graph(pairs), "丝杠") == []


def test_kinds_of_the_same_speak() -> None:
    """带锯床 shares one input with 铣床 and 车床, and all are 机床: the kind counts as two grounds."""
    pairs: tuple[Input, ...] = (("床身", "铣床"), ("导轨", "铣床"), ("床身", "车床"), ("导轨", "车床"),
                                ("床身", "带锯"))  # fmt: skip
    kinds = (("铣床", "机床"), ("车床", "机床"), ("带锯", "机床"))
    answer = inputs(graph(pairs, kinds), "带锯").in_language("zh")
    assert [row["input"] for row in answer.rows] == ["导轨"]
    assert "2 个产品" in answer.rows[0]["evidence"]
    assert "车床、铣床" in answer.rows[0]["evidence"]


def test_what_is_meant_to_stop_is_told() -> None:
    atlas = graph(NAPKIN, 铜线={"primary": True}, 直驱装置={"unlisted_inputs": True})
    for link in ("铜线", "直驱装置"):
        assert "有意不展开" in inputs(atlas, link).notes_in("zh")[0]


def test_nothing_to_compare_with() -> None:
    atlas = atlas_of(batch({"Product": named("甲")}, {}))
    answer = inputs(atlas, "甲")
    assert (answer.rows, len(answer.notes)) == ([], 1)
    assert "没有投入关系" in answer.notes_in("zh")[0]
    with pytest.raises(QueryError):
        inputs(atlas, "不存在的产品")


# Learned --------------------------------------------------------------------------------------------

TRADES, MADE, PARTS = "钢铝铜锌铅锡镍钛", "甲乙丙丁", 5


def trade() -> list[tuple[str, str]]:
    """Eight trades of four products; each needs the five parts of its trade, but 钢甲 lacks 钢件4."""
    pairs = [(f"{t}件{n}", t + p) for t in TRADES for p in MADE for n in range(PARTS)]
    return [pair for pair in pairs if pair != ("钢件4", "钢甲")]


def test_learned_on_a_trade() -> None:
    pairs = trade()
    atlas = graph(tuple(pairs))
    answer = inputs(atlas, "钢甲")
    assert answer.rows[0]["input"] == "钢件4"
    assert 0.3 < answer.rows[0]["score"] <= 1
    assert "藏起" in answer.notes_in("zh")[1]
    turned = inputs(graph(tuple(reversed(pairs))), "钢甲")
    assert turned.in_language("zh").rows == answer.in_language("zh").rows, "the order of rows says nothing"


def test_what_is_learned_is_kept_and_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = sorted({name for pair in trade() for name in pair})
    ca.load(tmp_path / "w", [as_csv(tmp_path / "产品环节.csv", [["产品名称"], *([n] for n in names)]),
                             as_csv(tmp_path / "投入关系.csv", [["投入品", "产品"], *map(list, trade())])])  # fmt: skip
    first = ca.inputs(ca.open(tmp_path / "w"), "钢甲")
    (kept,) = (tmp_path / "w").rglob("input-weights.json")
    with monkeypatch.context() as patch:
        patch.setattr(weights, "learned", lambda *_: pytest.fail("learned again"))
        again = ca.inputs(ca.open(tmp_path / "w"), "钢甲")
    assert again.in_language("zh").rows == first.in_language("zh").rows
    kept.write_text(kept.read_text(encoding="utf-8").replace('"hidden": ', '"hidden": 9'), encoding="utf-8")
    made = ca.inputs(ca.open(tmp_path / "w"), "钢甲")
    assert made.in_language("zh").rows == first.in_language("zh").rows, "a changed file is made again"
    assert '"hidden": 9' not in kept.read_text(encoding="utf-8")


def test_a_hidden_input_tells_nothing() -> None:
    """Hidden, a link leaves with every other link between its ends."""
    atlas = graph((*NAPKIN, ("硅钢", "直驱装置")), (("直驱装置", "磁钢"),))
    of = known(atlas)
    names, links = list(of.links.names.keys), of.links
    at = [names.index("直驱装置"), names.index("磁钢")]
    (row,) = np.flatnonzero((links.relation == NEEDS) & (links.head == at[0]) & (links.tail == at[1]))
    rest = of.without(np.array([row])).links
    assert len(links) - len(rest) == 2, "the input and the kind"
    assert not ((rest.head == at[0]) & (rest.tail == at[1])).any()


def test_around_a_product_the_channels_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a large graph only the surroundings are looked at; no value may differ for that."""
    pairs = [*trade(), ("苇", "浆"), ("浆", "纸")]  # nothing joins paper with the metals, no chain, no letter
    nodes = named(*sorted({n for pair in pairs for n in pair}))
    of = known(atlas_of(batch({"Product": nodes}, edges("INPUT_OF", "Product", "Product", *pairs))))
    monkeypatch.setattr("chainatlas.queries.recovery.evidence.RIDGE", 0)  # as where there are too many for kernels
    whole = Surroundings(of.links, of.candidates)
    monkeypatch.setattr("chainatlas.queries.recipes.known.RIDGE", 0)
    some = Surroundings(of.links, of.candidates)
    rows = np.array([of.links.names.number["钢甲"], of.links.names.number["铜丁"]])
    expected = channels(whole, NEEDS, rows)
    for name, value in channels(some.about(rows), NEEDS, rows).items():
        assert value == pytest.approx(expected[name], abs=1e-6), name
    assert len(some.answers(NEEDS)) < len(whole.answers(NEEDS))


# Check ----------------------------------------------------------------------------------------------


def thin(atlas: Atlas) -> list[str]:
    return [row["message"] for row in check(atlas).in_language("zh").rows if row["code"] == "inputs_lacking"]


def test_check_names_what_a_thin_recipe_lacks() -> None:
    """驱动马达 is as thin, but 磁钢 is what 直驱装置 has in place of 硅钢: two of three need it besides."""
    found = thin(graph(NAPKIN))
    assert "“直驱装置”的配方只有 2 项投入（磁钢、铜线），可能还缺：硅钢。" in found
    assert {message.split("”")[0] for message in found} == {"“直驱装置", "“驱动马达"}
    assert "直驱装置" not in "".join(thin(graph(NAPKIN, 直驱装置={"unlisted_inputs": True}))), "thin on purpose"
    wide: tuple[Input, ...] = (*NAPKIN, ("机座", "直驱装置"))
    assert "直驱装置" not in "".join(thin(graph(wide))), "three inputs are no thin recipe"
    assert thin(graph(tuple(p for p in NAPKIN if p[1] != "发电机组"))) == [], "one akin product with two grounds"


def test_the_bundled_recipes(demo_folder: Path) -> None:
    """Motors without electrical steel, a tyre without bead wire; full recipes of the same trades lack nothing."""
    atlas = ca.open(demo_folder)
    for link, lacks_ in (("矿用永磁直驱电机", "无取向硅钢"), ("工程轮胎", "胎圈钢丝"), ("多路阀", "合金结构钢棒材")):
        rows = ca.inputs(atlas, link).rows
        assert rows[0]["input"] == lacks_
        assert 0.3 < rows[0]["score"] < 1
    for link in ("电解液", "全钢子午线轮胎", "IPDI", "玻璃纤维织物"):
        assert ca.inputs(atlas, link).rows == [], link


def test_ends_of_names_technologies_and_makers_are_told() -> None:
    """砂浆泵 is nearest by its input (the end 浆泵 comes after), 油缸 by the technology; a firm makes both."""
    pairs = (("铸件", "砂浆泵"), ("叶轮", "砂浆泵"), ("铸件", "泥浆泵"), ("铸件", "油缸"), ("叶轮", "油缸"))
    nodes: Rows = {"Product": named("砂浆泵", "泥浆泵", "油缸", "铸件", "叶轮"), "Technology": named("密封"),
                   "Enterprise": named("示例泵厂")}  # fmt: skip
    relations: Rows = {
        **edges("INPUT_OF", "Product", "Product", *pairs),
        **edges("REQUIRES", "Product", "Technology", ("泥浆泵", "密封"), ("油缸", "密封")),
        **edges("PRODUCES", "Enterprise", "Product", ("示例泵厂", "泥浆泵"), ("示例泵厂", "叶轮")),
    }
    (row,) = inputs(atlas_of(batch(nodes, relations)), "泥浆泵").in_language("zh").rows
    assert row["input"] == "叶轮"
    # 铸件 (3 products) .5, 叶轮 (2) .6309: .8 · .5/1.1309 = .3537; 密封 is all that both require: .5; 浆泵 .5 · 4/6.
    assert row["evidence"].split("；") == [
        "同样用“铸件”的 1 个产品也用它：砂浆泵",
        "同样需要技术“密封”的 1 个产品用它：油缸",
        "生产“泥浆泵”的企业也生产它：示例泵厂",
    ]
