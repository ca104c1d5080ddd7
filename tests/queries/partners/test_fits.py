"""Partners of an enterprise by patents, on napkins worked by hand.

    P1 甲 U   P2 甲 乙   P3 乙 丙   P4 U 丙   P7 丙 己        alone: P5 丁, P6 戊, P8 V
    H01M: P1 P2 P3 P5 P8   C08L: P4 P7   A01B: P6

甲 knows U and 乙, who have two co-applicants each; 丙 has three.
"""

from __future__ import annotations

from math import log, log2
from pathlib import Path

import numpy as np
import pytest
from building import write

import chainatlas as ca
from chainatlas.loaders.load import load
from chainatlas.queries.partners.able.table import CIRCLE, FIELD, KINDRED
from chainatlas.queries.partners.fits import abilities, alike, fit
from chainatlas.queries.partners.gate import gate
from chainatlas.queries.partners.holdings import Holdings, holdings
from chainatlas.queries.partners.needs import find_need
from chainatlas.queries.partners.patented import called, patented
from chainatlas.queries.partners.scoring.features import CRITERIA
from chainatlas.queries.partners.scoring.weights import PAIRED, learned_on_pairs, stated

FIRMS = {one: f"{one}示例有限公司" for one in "甲乙丙丁戊己"}
BODIES = {"U": "示例大学", "V": "某示例研究院"}
NAMES = FIRMS | BODIES
BATTERY, RESIN, PLOUGH = "H01M10/05", "C08L1/00", "A01B1/00"
PATENTS = {
    "P1": ("甲U", BATTERY),
    "P2": ("甲乙", BATTERY),
    "P3": ("乙丙", BATTERY),
    "P4": ("U丙", RESIN),
    "P5": ("丁", BATTERY),
    "P6": ("戊", PLOUGH),
    "P7": ("丙己", RESIN),
    "P8": ("V", BATTERY),
}


def opened(folder: Path, text: str) -> ca.Atlas:
    load(folder / "w", [write(folder, "专利.csv", text)], max_rejects=0.0)
    return ca.open(folder / "w")


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> ca.Atlas:
    rows = [f"{n},一种{n},{'；'.join(NAMES[a] for a in who)},{ipc}" for n, (who, ipc) in PATENTS.items()]
    return opened(tmp_path_factory.mktemp("fits"), "\n".join(("公开号,名称,申请人,IPC", *rows)))


def row(h: Holdings, name: str) -> int:
    return int(h.row[h.atlas.snapshot.find(NAMES.get(name, name), ("Enterprise", "Institute"))])


def test_joint_patents_and_their_ties(atlas: ca.Atlas) -> None:
    h, p = holdings(atlas), patented(atlas)
    assert p.joint[row(h, "甲"), row(h, "U")] == 1
    assert p.joint[row(h, "甲"), row(h, "丙")] == 0
    assert [p.partners[row(h, one)] for one in ("甲", "乙", "U", "丙", "己", "丁")] == [2, 2, 2, 3, 1, 0]
    assert p.ties[row(h, "甲"), row(h, "U")] == log2(2)
    assert set(p.classes) == {"H01M", "H01M10", "C08L", "C08L1", "A01B", "A01B1"}


def test_what_patents_say_by_hand(atlas: ca.Atlas) -> None:
    h = holdings(atlas)
    found = fit(h, row(h, "甲"))
    common = 2 / log(2)  # over U and 乙, who have two co-applicants each
    assert found.common[row(h, "丙")] == pytest.approx(common / (common + 1))
    assert found.common[row(h, "己")] == found.common[row(h, "丁")] == 0
    assert found.paths[row(h, "己")] == 1  # 甲 → U or 乙 → 丙 → 己 are the only paths of three to whom it does not know
    assert found.paths[row(h, "丙")] == 0
    assert found.field[row(h, "V")] == pytest.approx(1)
    assert found.field[row(h, "U")] == pytest.approx(1 / np.sqrt(2))
    assert found.field[row(h, "丁")] == pytest.approx(2 - 1 / 0.6)  # firms of equal classes compete
    assert found.field[row(h, "丙")] == pytest.approx(1 / np.sqrt(5) / 0.6)
    assert found.field[row(h, "戊")] == 0
    assert found.open[row(h, "丙")] == 1
    assert found.open[row(h, "甲")] == pytest.approx(log(3) / log(4))


def test_a_pair_taken_out_leaves_no_trace(atlas: ca.Atlas) -> None:
    """Without P2 甲 knows U only: 乙 has no co-applicant in common with it, but a path of three over 丙."""
    h = holdings(atlas)
    me, other = row(h, "甲"), row(h, "乙")
    found = fit(h, me, hidden=other)
    assert found.common[other] == 0
    assert found.paths[other] == 1 == found.paths[row(h, "己")]
    assert found.common[row(h, "丙")] == pytest.approx((1 / log(2)) / (1 / log(2) + 1))
    assert found.field[other] == pytest.approx(2 - 1 / 0.6)  # P3 against P1
    assert found.open[other] == pytest.approx(log(2) / log(4))


def test_an_inverted_u() -> None:
    assert alike(np.array([0.0, 0.3, 0.6, 0.9, 1.0])) == pytest.approx([0, 0.5, 1, 0.5, 1 / 3])


def test_who_is_able_by_which_way(atlas: ca.Atlas) -> None:
    h = holdings(atlas)
    able = abilities(h, row(h, "甲"))
    way = dict(zip(able.row.tolist(), able.way.tolist(), strict=True))
    assert {one: way.get(row(h, one)) for one in "丙丁戊己V甲"} == {
        "丙": CIRCLE,
        "丁": FIELD,
        "戊": None,
        "己": None,
        "V": FIELD,
        "甲": None,
    }
    assert (able.through == -1).all()
    strength = dict(zip(able.row.tolist(), able.strength.tolist(), strict=True))
    common, field = 2 / log(2), 1 / np.sqrt(5) / 0.6
    assert strength[row(h, "丙")] == pytest.approx(1 - (1 - common / (common + 1)) * (1 - field))


def test_without_patents_nobody_is_told(tmp_path: Path) -> None:
    rows = (f"公开号,名称,申请人,IPC\nCN1,一种一,{FIRMS['乙']},{BATTERY}", f"企业名称\n{FIRMS['甲']}")
    load(tmp_path / "w", [write(tmp_path, f"{n}.csv", text) for n, text in zip(("专利", "企业"), rows, strict=True)])
    h = holdings(ca.open(tmp_path / "w"))
    assert not len(abilities(h, row(h, "甲")).row)
    assert not ca.partners(h.atlas, FIRMS["甲"]).rows


def test_those_known_already_are_not_proposed(atlas: ca.Atlas) -> None:
    h = holdings(atlas)
    need = find_need(h, FIRMS["甲"], None, None)
    assert {row(h, one) for one in "甲乙U"} == set(need.linked.tolist())
    assert gate(h, need, ("enterprise",)).out["linked"] == 2
    found = ca.partners(atlas, FIRMS["甲"])
    assert [(r["rank"], r["candidate"], r["type"]) for r in found.rows] == [
        (1, FIRMS["丙"], "Enterprise"),
        (2, FIRMS["丁"], "Enterprise"),
        (1, BODIES["V"], "Institute"),
    ]
    together = ca.partners(atlas, FIRMS["甲"], kind="enterprise,institute")
    assert [r["candidate"] for r in together.rows] == [FIRMS["丙"], BODIES["V"], FIRMS["丁"]]
    first = found.rows[0]
    assert first["social"] == pytest.approx(0.7426, abs=1e-4)
    assert (first["absorptive"], first["complementarity"]) == (1, None)


def test_reasons_name_what_can_be_looked_up(atlas: ca.Atlas) -> None:
    found = ca.partners(atlas, FIRMS["甲"])
    why = {r["candidate"]: r["why"] for r in found.rows}
    assert (
        why[FIRMS["丙"]]
        .text("zh")
        .startswith(f"有2家共同的合作申请人：{FIRMS['乙']}、{BODIES['U']}；同在H01M类申请专利（它有1件）")
    )
    assert why[FIRMS["丁"]].text("en").startswith("both apply for patents in H01M (1 of its own)")
    facts = [str(r["fact"].text("zh")) for r in found.explain(0).rows]
    assert f"{FIRMS['丙']} 拥有 一种P3" in facts
    assert f"{BODIES['U']} 拥有 一种P4" in facts
    assert not any("P7" in fact for fact in facts)


def test_titles_where_patents_have_no_classes(tmp_path: Path) -> None:
    firms = ("甲示例有限公司", "乙示例有限公司", "丙示例有限公司", "丁示例有限公司")
    titles = ("固态电池隔膜", "电池隔膜涂层", "茶叶烘干机", "玉米播种机")
    text = "\n".join(
        ("申请号,专利名称,申请人", *(f"CN{n},{t},{f}" for n, (t, f) in enumerate(zip(titles, firms, strict=True))))
    )
    found = ca.partners(opened(tmp_path, text), firms[0])
    assert [r["candidate"] for r in found.rows] == [firms[1]]
    assert found.rows[0]["why"].text("zh").startswith(f"它申请了“电池隔膜涂层”，{firms[0]}申请了“固态电池隔膜”")


# names -------------------------------------------------------------------------------------------


GRID = ("示例电网公司", "示例电网山东省电力公司", "示例电网江苏省电力公司")
OTHERS = (
    "甲子示例化工有限公司",
    "乙丑示例机械有限公司",
    "丙寅示例电子有限公司",
    "丁卯示例医药有限公司",
    "山东省戊辰示例有限公司",
)


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> ca.Atlas:
    applied = [(GRID[0],), (GRID[1], OTHERS[0]), (GRID[2], OTHERS[0]), *((one,) for one in OTHERS[1:])]
    rows = [f"CN{n},一种{n},{'；'.join(who)},{'ABCDEFGH'[n]}01B1/00" for n, who in enumerate(applied)]
    return opened(tmp_path_factory.mktemp("grid"), "\n".join(("申请号,专利名称,申请人,IPC", *rows)))


def test_a_name_begun_alike_is_kin_by_how_rare_it_is(grid: ca.Atlas) -> None:
    """Eight names, three of them begin with 示例电网: ln(8/3) ÷ ln 8."""
    h = holdings(grid)
    me = row(h, GRID[0])
    found = fit(h, me)
    kin = log(8 / 3) / log(8)
    assert found.kindred[[row(h, one) for one in GRID[1:]]] == pytest.approx([kin, kin])
    assert found.kindred[[row(h, one) for one in OTHERS]].max() == 0
    able = abilities(h, me)
    assert set(able.row[able.way == KINDRED].tolist()) == {row(h, one) for one in GRID[1:]}
    why = {r["candidate"]: r["why"].text("zh") for r in ca.partners(grid, GRID[0]).rows}
    assert why[GRID[1]].startswith("两者名称同以“示例电网”开头")


def test_the_names_of_those_it_applies_with_tell_of_others(grid: ca.Atlas) -> None:
    """Both that 甲子 applies with begin with 示例电网: 2/(2 + 1) for the third that does."""
    h = holdings(grid)
    found = fit(h, row(h, OTHERS[0]))
    assert found.kindred[row(h, GRID[0])] == pytest.approx(2 / 3)
    why = {r["candidate"]: r["why"].text("zh") for r in ca.partners(grid, OTHERS[0]).rows}
    assert why[GRID[0]].startswith(f"名称以“示例电网”开头，{OTHERS[0]}已有的合作申请人中有2家如此")


def test_places_in_names(grid: ca.Atlas) -> None:
    """Behind a brand, too: 山东省 in 示例电网山东省电力公司."""
    h = holdings(grid)
    province = called(grid).province
    assert [province[row(h, one)] for one in (GRID[1], GRID[2], OTHERS[4], GRID[0])] == [370000, 320000, 370000, -1]
    near = fit(h, row(h, OTHERS[4])).near
    assert [near[row(h, one)] for one in GRID[1:]] == [1, 0.5]
    assert np.isnan(near[row(h, GRID[0])])


def test_weights_are_learned_on_hidden_pairs_where_there_are_many(tmp_path: Path, atlas: ca.Atlas) -> None:
    """Forty groups of three who apply in pairs, all in one class: who completes a triangle is known by its circle."""
    rows, number = [], 0
    for group in range(40):
        firms = [f"{'甲乙丙丁戊己庚辛壬癸'[group % 10]}{'子丑寅卯'[group // 10]}{one}示例有限公司" for one in "一二三"]
        for pair in ((0, 1), (1, 2), (0, 2)):
            rows.append(f"CN{number},一种{number},{firms[pair[0]]}；{firms[pair[1]]},H01M1/00")
            number += 1
    found = learned_on_pairs(holdings(opened(tmp_path, "\n".join(("申请号,专利名称,申请人,IPC", *rows)))))
    base = stated("enterprise")
    assert (found.source, found.links) == ("learned", 120)
    social, open_ = CRITERIA.index("social"), CRITERIA.index("absorptive")
    assert found.value[social] > base[social]
    assert found.value[open_] < base[open_]
    free = [CRITERIA.index(c) for c in PAIRED]
    kept = np.setdiff1d(np.arange(len(CRITERIA)), free)
    assert found.value[kept] == pytest.approx(base[kept])
    assert found.value[free].sum() == pytest.approx(base[free].sum())
    assert learned_on_pairs(holdings(atlas)).source == "stated"  # five pairs tell nothing
