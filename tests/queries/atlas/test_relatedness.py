"""Relatedness: the published toy numbers, and the question on a small province."""

from __future__ import annotations

import numpy as np
import pytest
from building import write
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

import chainatlas as ca
from chainatlas.api import load
from chainatlas.graph.identity.terms import TermJudgement, WordBook
from chainatlas.graph.schema.errors import QueryError
from chainatlas.graph.workspace.snapshot import Snapshot
from chainatlas.queries.atlas.relatedness import (
    complexity,
    densities,
    density,
    location_quotient,
    opportunity_gain,
    proximity,
    specialised,
)

# methods.md §2
X = [[100, 0, 0, 0, 0], [0, 15, 5, 70, 10], [0, 20, 10, 20, 50], [0, 25, 30, 5, 40], [0, 40, 55, 5, 0]]
LQ = [[5, 0, 0, 0, 0], [0, 0.75, 0.25, 3.5, 0.5], [0, 1, 0.5, 1, 2.5], [0, 1.25, 1.5, 0.25, 2], [0, 2, 2.75, 0.25, 0]]
# Hidalgo and Hausmann: C1 {P1..P4}, C2 {P2}, C3 {P3, P4}, C4 {P4}.
TOY = csr_array(np.array([[1, 1, 1, 1], [0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 1]], float))


def test_location_quotients_of_the_published_table() -> None:
    assert location_quotient(csr_array(np.array(X, float))).toarray() == pytest.approx(np.array(LQ))
    assert specialised(csr_array(np.array(X, float))).toarray().tolist() == (np.array(LQ) >= 1).astype(float).tolist()


def test_the_toy_of_hidalgo_and_hausmann() -> None:
    assert TOY.sum(axis=1).tolist() == [4, 1, 2, 1]
    assert TOY.sum(axis=0).tolist() == [1, 2, 2, 3]
    phi = proximity(TOY).toarray()
    assert [round(phi[a, b], 4) for a, b in ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))] == [
        0.5, 0.5, 0.3333, 0.5, 0.3333, 0.6667]  # fmt: skip
    assert density(TOY, self_term=True)[2].round(4).tolist() == [0.3571, 0.3571, 0.625, 0.7143]


def test_without_the_self_term_a_product_does_not_count_for_itself() -> None:
    # C3 makes P3 and P4.  P1: (φ13 + φ14)/(φ12 + φ13 + φ14) = .8333/1.3333; P2: .8333/1.3333.
    found = density(TOY)[2]
    assert found.round(4).tolist() == [0.625, 0.625, 0.4, 0.5]
    assert density(TOY, np.array([1]))[2, 0] == found[1]


def test_opportunity_gain_of_the_toy() -> None:
    # C2 makes P2 only, PCI = (4, 3, 2, 1).  P1: (φ13·2 + φ14·1)/(φ12 + φ13 + φ14) = 1.3333/1.3333.
    found = opportunity_gain(TOY, np.array([4.0, 3, 2, 1]), np.arange(4))
    assert found[1].round(4).tolist() == [1.0, 0.0, round((4 * 0.5 + 0.6667) / 1.6667, 4),
                                          round((4 / 3 + 2 * 2 / 3) / (4 / 3), 4)]  # fmt: skip


@given(st.integers(2, 5), st.integers(2, 6), st.randoms(use_true_random=False))
def test_proximity_and_density_equal_their_definition(places: int, products: int, chance: object) -> None:
    m = np.array([[chance.randint(0, 1) for _ in range(products)] for _ in range(places)], float)  # type: ignore[attr-defined]
    k = m.sum(axis=0)
    phi = np.array([[(m[:, p] * m[:, q]).sum() / max(k[p], k[q]) if max(k[p], k[q]) else 0 for q in range(products)]
                    for p in range(products)])  # fmt: skip
    assert proximity(csr_array(m)).toarray() == pytest.approx(phi)
    off = phi - np.diag(np.diag(phi))
    with np.errstate(invalid="ignore", divide="ignore"):
        omega = np.where(off.sum(axis=1) > 0, (m @ off.T) / off.sum(axis=1), np.nan)
    assert density(csr_array(m)) == pytest.approx(omega, nan_ok=True)


def test_complexity_is_not_shown_on_small_tables_and_orders_nested_ones() -> None:
    assert complexity(TOY) is None
    nested = csr_array(np.array([[1.0 if q < 2 * (p + 1) else 0 for q in range(80)] for p in range(40)]))
    found = complexity(nested)
    assert found is not None
    eci, pci = found
    assert (np.diff(eci) > 0).all()  # more products, more complex
    assert (np.diff(pci)[pci[1:] != pci[:-1]] > -1e-9).all()  # rarer products, more complex
    assert eci.mean() == pytest.approx(0, abs=1e-9)


# A province of six cities.  甲市 makes a and b; 乙市 a, b and c; 丙市 b and c; 丁市, 戊市 d; 己市 d and e.
MADE = {"甲市": "ab", "乙市": "abc", "丙市": "bc", "丁市": "d", "戊市": "d", "己市": "de"}


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> ca.Atlas:
    folder = tmp_path_factory.mktemp("related")
    cities = [f"{c},市,甲省,11{n},36" for n, c in enumerate(MADE)]
    firms = [
        f"企业{c}{p},甲省,{c},{p},{'丙词的生产' if c + p == '甲市a' else ''}" for c, made in MADE.items() for p in made
    ]
    sheets = {
        "区域.csv": "\n".join(["区域名称,级别,上级区域,经度,纬度", "甲省,省,,,", *cities]),
        "产品环节.csv": "产品名称,产业链\n" + "\n".join(f"{p},小链" for p in "abcde") + "\nz,",
        "投入关系.csv": "投入品,产品,组\na,c,1\nd,c,2\nc,b,1",
        "企业.csv": "\n".join(["企业名称,所在省,所在市,主营产品,经营范围", *firms]),
        "覆盖声明.csv": "来源,关系,总体,完整度,依据\n普查,生产,全部,1,逐户登记",
    }
    for name, text in sheets.items():
        write(folder / "sheets", name, text)
    assert load(folder / "w", folder / "sheets").rejects == ()
    return ca.open(folder / "w")


def test_related_products_of_a_city(atlas: ca.Atlas) -> None:
    found = ca.related(atlas, place="甲市")
    row = {r["product"]: r for r in found.rows}
    assert set(row) == {"c", "d", "e"}
    # M: b is specialised everywhere it is made.  k = (2, 3, 2, 3, 1); c: φca = 1/2, φcb = 2/3, φcd = φce = 0.
    # 甲市 makes a and b: ω = 1.  d: only e is near it: ω = 0.  e is made in one city: no density.
    assert (row["c"]["density"], row["d"]["density"], row["e"]["density"]) == (1, 0, None)
    assert row["c"]["closest"] == ["b", "a"]
    assert row["c"]["co_places"] == 2
    assert (row["c"]["inputs_present"], row["c"]["inputs"], row["c"]["users_near"]) == (0.5, 2, ["b"])
    assert row["c"]["producers_near"][0].startswith("企业乙市c（乙市")
    assert (row["c"]["gain"], row["c"]["status"], row["c"]["basis"]) == (None, "missing", "count")
    assert [r["product"] for r in found.rows] == ["c", "d", "e"]
    assert any("家数" in note for note in found.notes_in("zh"))


def test_what_may_be_made_here_is_called_so_and_what_is_to_be_had_anyway_is_not_proposed(atlas: ca.Atlas) -> None:
    snapshot, item = atlas.snapshot, atlas.makers.item(atlas.snapshot.find("d", ("Product",)))
    book = WordBook(judgements=(TermJudgement("丙词", "c", "narrower"),))  # of a scope of business: may make
    hinted = ca.Atlas(Snapshot(snapshot.graph, snapshot.schema, words=book), opened=(item,))
    told = {r["product"]: r["status"] for r in ca.related(hinted, place="甲市").rows}
    assert told == {"c": "possible", "e": "missing"}


def test_density_joins_feasibility(atlas: ca.Atlas) -> None:
    gap = {r["link"]: r for r in ca.gaps(atlas, chain="小链", place="甲市", kind="industry").rows}["c"]
    assert (gap["inputs_present"], gap["density"], gap["feasibility"]) == (0.5, 1, 0.75)


def test_all_places_at_once_equal_one_by_one(atlas: ca.Atlas) -> None:
    items = np.arange(atlas.makers.n)
    scopes = np.arange(atlas.scopes.n)
    whole = densities(atlas, items, scopes)
    for scope in scopes:
        assert densities(atlas, items, np.array([scope]))[:, 0] == pytest.approx(whole[:, scope], nan_ok=True)
    assert np.isnan(whole[:, 0]).all()  # everything is no place among places


def test_related_rows_lead_to_their_facts(atlas: ca.Atlas) -> None:
    found = ca.related(atlas, place="甲市")
    for at in range(len(found)):
        assert found.explain(at).rows
        assert all(".csv" in f["source_ref"] for f in found.explain(at).rows)


def test_too_few_places_say_what_to_load(atlas: ca.Atlas) -> None:
    found = ca.related(atlas, place="甲省")
    assert found.rows == []
    assert "density" in found.columns
    (zh,), (en,) = found.notes_in("zh"), found.notes_in("en")
    assert "：省一级" in zh
    assert "企业名称" in zh
    assert "of the level province" in en


def test_no_place_and_an_unknown_chain_are_refused(atlas: ca.Atlas) -> None:
    with pytest.raises(QueryError, match="--in"):
        ca.related(atlas)
    with pytest.raises(QueryError, match="没有这条链"):
        ca.related(atlas, place="甲省", chain="没有这条链")
