"""All places at once: cells of every level against a brute force that counts fact by fact."""

from __future__ import annotations

import numpy as np
import pytest
from building import Rows, atlas_of, batch, edges, named

from chainatlas.graph.identity.terms import TermJudgement, WordBook
from chainatlas.graph.schema.errors import QueryError
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.gaps.scan import scan
from chainatlas.queries.verdicts.everywhere import LEVELS, Said, Shown, everywhere, judge_tree
from chainatlas.queries.verdicts.judge import STATUS
from chainatlas.queries.verdicts.rollup import Tree, concentration_of, rollup
from chainatlas.queries.verdicts.verdicts import verdicts

ITEMS = 12


def draw(seed: int) -> tuple[Tree, np.ndarray, np.ndarray, np.ndarray]:
    """A tree of counties, cities, provinces and everything, some firms with a city or nothing only; facts."""
    rng = np.random.default_rng(seed)
    counties = 20
    city = np.sort(rng.integers(0, 7, counties))
    province = np.sort(rng.integers(0, 3, 7))[city]
    county = np.arange(counties)
    # Leaves: counties, some of which stand for "somewhere in the city" or "somewhere in the province".
    vague, vaguer = rng.random(counties) < 0.2, rng.random(counties) < 0.1
    unit = (np.where(vague | vaguer, -1, county), np.where(vaguer, -1, city), province, np.zeros(counties, np.int64))
    tree = Tree(unit, (counties, 7, 3, 1))
    n = int(rng.integers(0, 150))
    amount = np.where(rng.random(n) < 0.1, np.nan, rng.choice([1.0, 2.0, 5.0], n))
    return tree, rng.integers(0, ITEMS, n), rng.integers(0, counties, n), amount


def sums(
    tree: Tree, level: int, item: np.ndarray, leaf: np.ndarray, amount: np.ndarray
) -> dict[tuple[int, int], list[float]]:  # fmt: skip
    """Outputs by (item, unit), fact by fact."""
    found: dict[tuple[int, int], list[float]] = {}
    for i, f, a in zip(item.tolist(), leaf.tolist(), amount.tolist(), strict=True):
        unit = int(tree.unit[level][f])
        if unit >= 0:
            found.setdefault((i, unit), []).append(a)
    return found


@pytest.mark.parametrize("seed", range(60))
def test_cells_of_every_level_are_the_sums_of_their_facts(seed: int) -> None:
    tree, item, leaf, amount = draw(seed)
    for at, level in enumerate(rollup(item, leaf, tree, amount)):
        wanted = sums(tree, at, item, leaf, amount)
        cells = list(zip(level.item.tolist(), level.unit.tolist(), strict=True))
        assert cells == sorted(wanted), "sorted by item and unit, none twice"
        assert level.total is not None
        assert level.square is not None
        assert level.known is not None
        for row, cell in enumerate(cells):
            given = [a for a in wanted[cell] if not np.isnan(a)]
            assert level.count[row] == len(wanted[cell])
            assert (level.known[row], level.total[row]) == (len(given), pytest.approx(sum(given)))
            assert level.square[row] == pytest.approx(sum(a * a for a in given))


@pytest.mark.parametrize("seed", range(60))
def test_concentration_and_quotient(seed: int) -> None:
    tree, item, leaf, amount = draw(seed)
    levels = rollup(item, leaf, tree, amount)
    every = [sums(tree, at, item, leaf, amount) for at in range(4)]
    complete = {i for (i, _), v in every[3].items() if not np.isnan(v).any()}
    by_unit = [{u: sum(sum(v) for (i, w), v in e.items() if w == u and i in complete) for _, u in e} for e in every]
    for at, (level, (hhi, lq)) in enumerate(zip(levels, concentration_of(levels, ITEMS, tree), strict=True)):
        for row, (i, u) in enumerate(zip(level.item.tolist(), level.unit.tolist(), strict=True)):
            mine = every[at][i, u]
            if np.isnan(mine).any():
                assert np.isnan(hhi[row])
                continue
            assert hhi[row] == pytest.approx(sum(a * a for a in mine) / sum(mine) ** 2)
            some = next(f for f, x in zip(leaf, item, strict=True) if x == i and tree.unit[at][f] == u)
            wider = next((h for h in range(at + 1, 4) if tree.unit[h][some] >= 0), None)
            if wider is None or i not in complete:
                assert np.isnan(lq[row])
                continue
            holder = int(tree.unit[wider][some])
            if by_unit[wider][holder] <= by_unit[at][u]:
                assert np.isnan(lq[row])
                continue
            whole = sum(every[wider][i, holder])
            value = (sum(mine) / by_unit[at][u]) / (whole / by_unit[wider][holder])
            assert lq[row] == pytest.approx(value)


@pytest.mark.parametrize("seed", range(30))
def test_status_of_every_link_in_every_place(seed: int) -> None:
    """The rules of methods §1, the first that applies, for cells with and without a maker, and with possible makers."""
    tree, item, leaf, amount = draw(seed)
    rng = np.random.default_rng(seed + 1000)
    kind, primary, counted = rng.integers(0, 3, ITEMS), rng.random(ITEMS) < 0.2, rng.random(ITEMS) < 0.7
    covered = [rng.random((3, size)) >= 0.4 for size in tree.size]
    shown = tuple(Shown(c, c & (rng.random(c.shape) < 0.7), c & (rng.random(c.shape) < 0.5)) for c in covered)
    maybe = [rng.random((ITEMS, size)) < 0.3 for size in tree.size]
    said = Said(kind, primary, tuple(tuple(np.nonzero(m)) for m in maybe))  # type: ignore[misc]
    found = judge_tree(item, leaf, tree, shown, said, amount, only=counted)
    for at, judged in enumerate(found):
        wanted = sums(tree, at, item, leaf, amount)
        place = {c: r for r, c in enumerate(zip(judged.level.item.tolist(), judged.level.unit.tolist(), strict=True))}
        for unit in range(tree.size[at]):
            tally, narrow, made_here = dict.fromkeys(STATUS, 0), 0, 0
            for i in range(ITEMS):
                n, row = len(wanted.get((i, unit), ())), place.get((i, unit))
                below, few, firm = (not bits[kind[i], unit] for bits in (
                    shown[at].covered, shown[at].countable, ~shown[at].firm))  # fmt: skip
                if n == 0 and primary[i]:
                    status = "assumed"
                elif below and n < 2:
                    status = "unknown"
                elif n == 0:
                    status = "possible" if maybe[at][i, unit] else "missing"
                elif n == 1:
                    status = "unknown" if few or maybe[at][i, unit] else "single_source"
                else:
                    assert row is not None
                    status = "weak" if judged.hhi[row] > 0.25 or judged.lq[row] < 1 else "adequate"
                if row is not None:
                    assert STATUS[judged.status[row]] == status
                if counted[i]:
                    tally[status] += 1
                    narrow += status == "missing" and not firm
                    made_here += n > 0
            assert judged.tally[unit].tolist() == list(tally.values())
            assert (judged.narrow[unit], judged.covered[unit]) == (narrow, made_here)


def test_without_outputs_nothing_is_weak() -> None:
    tree, item, leaf, _ = draw(3)
    shown = tuple(Shown(*(np.ones((1, s), bool) for _ in range(3))) for s in tree.size)
    nobody = np.zeros(0, np.int64)
    said = Said(np.zeros(ITEMS, np.int64), np.zeros(ITEMS, bool), ((nobody, nobody),) * len(tree.size))
    found = judge_tree(item, leaf, tree, shown, said)
    assert all((j.status != STATUS.index("weak")).all() for j in found)
    assert sum(int(j.tally.sum()) for j in found) == ITEMS * sum(tree.size)


def test_keys_that_do_not_fit_a_packed_sort_are_sorted_all_the_same() -> None:
    """More items × leaves than 63 bits hold with the row beside them."""
    leaves = 1 << 20
    unit = (np.arange(leaves), np.zeros(leaves, np.int64))
    rng = np.random.default_rng(0)
    item, leaf = rng.integers(1 << 30, 1 << 31, 5000), rng.integers(0, leaves, 5000)
    level = rollup(item, leaf, Tree(unit, (leaves, 1)))[0]
    wanted = sorted(set(zip(item.tolist(), leaf.tolist(), strict=True)))
    assert list(zip(level.item.tolist(), level.unit.tolist(), strict=True)) == wanted


# On a graph ------------------------------------------------------------------------------------


def graph(seed: int) -> Atlas:
    """Counties, cities and provinces; firms in a county, in a city only, nowhere, or in several; outputs for some."""
    rng = np.random.default_rng(seed)
    regions = [{"name": "中国", "level": "国家", "code": "CHN"}]
    part = []
    for p in range(2):
        regions.append({"name": f"省{p}", "level": "省"})
        part.append((f"省{p}", "中国"))
        for c in range(2):
            regions.append({"name": f"市{p}{c}", "level": "市"})
            part.append((f"市{p}{c}", f"省{p}"))
            for k in range(2):
                regions.append({"name": f"县{p}{c}{k}", "level": "县"})
                part.append((f"县{p}{c}{k}", f"市{p}{c}"))
    places = [str(r["name"]) for r in regions]
    firms, products, words = [f"企业{i}" for i in range(30)], [f"产品{i}" for i in range(8)], ["甲词", "乙词", "丙词"]
    homes = [int(n) for n in rng.choice([0, 1, 1, 1, 2, 3], len(firms))]
    located = {(f, places[int(p)]) for f, n in zip(firms, homes, strict=True) for p in rng.integers(0, len(places), n)}
    makes = {(f, products[int(p)]) for f in firms for p in rng.integers(0, 8, 2)}
    told = {(f, words[int(w)]) for f in firms for w in rng.integers(0, 3, rng.integers(0, 2))}
    nodes: Rows = {"Region": regions,
        "Product": [*({"name": p, "primary": p in ("产品1", "产品6")} for p in products), *named(*words)],
        "Enterprise": named(*firms), "Chain": named("链")}  # fmt: skip
    relations: Rows = {
        **edges("PART_OF", "Region", "Region", *part), **edges("LOCATED_IN", "Enterprise", "Region", *sorted(located)),
        **edges("PRODUCES", "Enterprise", "Product",
                *((f, p, {"capacity": float(rng.integers(1, 9)), "capacity_unit": "吨"} if p != "产品0" else {})
                  for f, p in sorted(makes)), *sorted(told)),
        **edges("KIND_OF", "Product", "Product", ("产品3", "产品2"), ("产品4", "产品2")),
        **edges("IN_CHAIN", "Product", "Chain", *((p, "链") for p in products[:4])),
    }  # fmt: skip
    # 省0: κ .765 counts .5355 makers; 省1, links of the chain: .8 of facts, firm; 市00: .595 shows, and counts .34.
    stated = [{"source": "名录", "relation": "PRODUCES", "place": "省0", "share": 0.9, "told": 1.0, "included": 0.85,
               "named": 0.595},
              {"source": "名录", "relation": "PRODUCES", "place": "省1", "chain": "链", "share": 0.8,
               "basis": "按事实"},
              {"source": "名录", "relation": "PRODUCES", "place": "中国", "share": 0.7, "told": 1.0, "included": 0.85,
               "named": 0.5}]  # fmt: skip
    decided = (("甲词", "产品0", "broader"), ("乙词", "产品2", "narrower"), ("丙词", "产品3", "broader"))
    book = WordBook(judgements=tuple(TermJudgement(*one) for one in decided))
    return atlas_of(batch(nodes, relations, {"Coverage": stated}), words=book)


@pytest.mark.parametrize("seed", range(12))
def test_everywhere_says_what_verdicts_say(seed: int) -> None:
    atlas = graph(seed)
    items = np.arange(atlas.makers.n)
    found = everywhere(atlas)
    for scopes, judged in zip(found.scopes, found.judged, strict=True):
        wanted = verdicts(atlas, items, scopes)
        for row, (item, unit) in enumerate(zip(judged.level.item, judged.level.unit, strict=True)):
            assert judged.level.count[row] == wanted.producers[item, unit]
            assert judged.status[row] == wanted.status[item, unit]
            assert judged.hhi[row] == pytest.approx(wanted.hhi[item, unit], nan_ok=True)
            assert judged.lq[row] == pytest.approx(wanted.lq[item, unit], nan_ok=True)
        tally = [[int((wanted.status[:, u] == s).sum()) for s in range(len(STATUS))] for u in range(len(scopes))]
        assert judged.tally.tolist() == tally
        missing = wanted.status == STATUS.index("missing")
        assert judged.narrow.tolist() == (missing & ~wanted.firm).sum(axis=0).tolist()


def test_the_graphs_hold_every_status() -> None:
    seen = {STATUS[s] for seed in range(12) for judged in everywhere(graph(seed)).judged
            for s in np.flatnonzero(judged.tally.sum(axis=0))}  # fmt: skip
    assert seen == set(STATUS)
    assert any(0 < int(j.narrow.sum()) < int(j.tally[:, STATUS.index("missing")].sum())
               for seed in range(12) for j in everywhere(graph(seed)).judged)  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_scan_counts_the_verdicts_of_a_chain(seed: int) -> None:
    atlas = graph(seed)
    items = np.array([atlas.makers.item(atlas.snapshot.find(f"产品{i}", ("Product",))) for i in range(4)])
    for level in LEVELS:
        found = scan(atlas, level=level, chain="链")
        assert len(found.rows) == {"county": 8, "city": 4, "province": 2, "country": 1}[level]
        for row in found.rows:
            wanted = verdicts(atlas, items, np.array([atlas.scopes.find(str(row["place"]))]))
            tally = {s: int((wanted.status == n).sum()) for n, s in enumerate(STATUS)}
            narrow = int(((wanted.status == STATUS.index("missing")) & ~wanted.firm).sum())
            assert {s: row[s] for s in STATUS} == tally | {"missing": tally["missing"] - narrow}
            assert row["missing_narrow"] == narrow
            assert (row["links"], row["made_here"]) == (4, int((wanted.producers > 0).sum()))
            assert row["coverage"] == pytest.approx(wanted.coverage.mean(), abs=5e-5)
    assert {r["place"] for r in scan(atlas, level="city", place="省1").rows} == {"市10", "市11"}


def test_a_place_of_a_scan_shows_who_makes_what_there() -> None:
    atlas = graph(0)
    found = scan(atlas, level="province", chain="链", top=1)
    assert len(found.rows) == 1
    facts = found.explain(0).in_language("zh").rows
    assert {str(f["fact"])[:2] for f in facts} >= {"企业"}
    assert any("0.9" in str(f["fact"]) or "0.8" in str(f["fact"]) for f in facts), "and what κ rests on"


def test_a_level_that_is_none_is_refused() -> None:
    with pytest.raises(QueryError, match="--level"):
        scan(graph(0), level="town")
    with pytest.raises(QueryError, match="--in"):
        scan(graph(0), level="country", place="市10")
