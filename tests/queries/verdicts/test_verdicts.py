"""Verdicts: the rules by a brute force over random small worlds, and the numbers of methods §1."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
import pytest
from building import Rows, atlas_of, batch, edges, end, named
from hypothesis import given, settings
from hypothesis import strategies as st

from chainatlas.graph.columns.batch import Batch
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.atlas.chain_links import chain_links, chain_names
from chainatlas.queries.atlas.kappa import GROUNDS, chapman
from chainatlas.queries.atlas.scopes import WHOLE
from chainatlas.queries.gaps.chain import chain
from chainatlas.queries.verdicts.completeness import completeness
from chainatlas.queries.verdicts.judge import STATUS, SUBKIND
from chainatlas.queries.verdicts.verdicts import verdicts

# The geography of all tests here. A policy's region (区域) holds cities and counties of its own.
PARENT = {"山东省": ["中国"], "江苏省": ["中国"], "枣庄市": ["山东省", "西部带"], "济南市": ["山东省"],
          "南京市": ["江苏省"], "滕州市": ["枣庄市"], "薛城区": ["枣庄市"], "历下区": ["济南市", "西部带"],
          "中国": [], "德国": [], "西部带": []}  # fmt: skip
LEVEL = {"中国": "国家", "德国": "国家", "山东省": "省", "江苏省": "省", "枣庄市": "市", "济南市": "市",
         "南京市": "市", "滕州市": "县", "薛城区": "县", "历下区": "县", "西部带": "区域"}  # fmt: skip
RANK = {"国家": 0, "省": 1, "区域": 2, "市": 2, "县": 3}
CODE = {"中国": "CHN", "德国": "DEU"}
PRODUCTS = ["p0", "p1", "p2", "p3"]
TECHNOLOGIES = ["t0"]
CHAINS = {"链甲": ["p0", "p1", "t0"], "链乙": ["p1", "p2"]}
POPULATIONS = ["全部", "高新技术企业", "上市公司"]
CLUSTERS = ["集群"]


@dataclass(frozen=True)
class Firm:
    name: str
    place: str | None = None
    kinds: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()
    cluster: bool = False


@dataclass(frozen=True)
class Stated:
    """One row of 覆盖声明 (``statistic``: of 统计, where the number is that of enterprises)."""

    population: str | None
    place: str | None
    chain: str | None
    share: float
    relation: str = "PRODUCES"
    statistic: bool = False


@dataclass(frozen=True)
class World:
    firms: tuple[Firm, ...] = ()
    inputs: tuple[tuple[str, str, str | None, bool | None], ...] = ()
    kinds: tuple[tuple[str, str], ...] = ()
    requires: tuple[tuple[str, str], ...] = ()
    primary: frozenset[str] = frozenset()
    coverage: tuple[Stated, ...] = ()
    extra: Rows = field(default_factory=dict)


def rows_of(world: World) -> Batch:
    firms = [{"name": f.name, "kind": "\x1f".join(f.kinds) or None} for f in world.firms]
    located = [(f.name, f.place) for f in world.firms if f.place]
    makes = [(f.name, p) for f in world.firms for p in f.makes]
    nodes: Rows = {
        "Region": [{"name": n, "level": lv, "code": CODE.get(n)} for n, lv in LEVEL.items()],
        "Cluster": named(*CLUSTERS), "Chain": named(*CHAINS), "Technology": named(*TECHNOLOGIES),
        "Product": [{"name": p, "primary": p in world.primary} for p in PRODUCTS], "Enterprise": firms,
    }  # fmt: skip
    in_chain = [(p, c) for c, held in CHAINS.items() for p in held]
    relations: Rows = {
        **edges("PART_OF", "Region", "Region", *((a, b) for a, up in PARENT.items() for b in up)),
        **edges("LOCATED_IN", "Enterprise", "Region", *located),
        **edges("IN_CLUSTER", "Enterprise", "Cluster", *((f.name, "集群") for f in world.firms if f.cluster)),
        **edges("PRODUCES", "Enterprise", "Product", *(m for m in makes if m[1] in PRODUCTS)),
        **edges("MASTERS", "Enterprise", "Technology", *(m for m in makes if m[1] in TECHNOLOGIES)),
        **edges("INPUT_OF", "Product", "Product",
                *((a, b, {"group": g, "essential": e}) for a, b, g, e in world.inputs)),
        **edges("KIND_OF", "Product", "Product", *world.kinds),
        **edges("REQUIRES", "Product", "Technology", *world.requires),
        "IN_CHAIN": [{**end("src", "Technology" if p[0] == "t" else "Product", p), **end("dst", "Chain", c)}
                     for p, c in in_chain],
    }  # fmt: skip
    common = [{"population": c.population, "place": c.place} for c in world.coverage]
    stated = [{"source": "声明", "relation": c.relation, "share": c.share, "chain": c.chain, **row}
              for c, row in zip(world.coverage, common, strict=True) if not c.statistic]  # fmt: skip
    counted = [{"source": "年鉴", "measure": "企业数", "value": c.share, "subject": c.chain, **row}
               for c, row in zip(world.coverage, common, strict=True) if c.statistic]  # fmt: skip
    for name, more in world.extra.items():
        (relations if name in ("SUPPLIES",) else nodes).setdefault(name, []).extend(more)
    return batch(nodes, relations, {"Coverage": stated, "Statistic": counted})


# The brute force: every rule written out for one link in one scope ---------------------------------


def holders(place: str) -> set[str]:
    """A place and all that hold it."""
    return {place}.union(*(holders(up) for up in PARENT[place]))


class Brute:
    def __init__(self, world: World, among: str | None = None, floor: float = 0.5) -> None:
        self.world, self.floor = world, floor
        self.makers, self.speaker = cache(self.makers), cache(self.speaker)  # type: ignore[method-assign]
        used = {c.population or "全部" for c in world.coverage}
        self.names = [among] if among else [p for p in POPULATIONS if p in used]

    def stands_in(self, firm: Firm, scope: str | None) -> bool:
        if scope is None:
            return True
        if scope in CLUSTERS:
            return firm.cluster
        return firm.place is not None and scope in holders(firm.place)

    def kinds_of(self, item: str) -> set[str]:
        """The item and everything that is a kind of it, through any number of steps."""
        found = {item}
        while more := {a for a, b in self.world.kinds if b in found} - found:
            found |= more
        return found

    def makers(self, item: str, scope: str | None) -> list[Firm]:
        wanted = self.kinds_of(item)
        return [f for f in self.world.firms if wanted & set(f.makes) and self.stands_in(f, scope)]

    def among(self, population: str, place: str | None) -> list[Firm]:
        return [f for f in self.world.firms
                if population in ("全部", *f.kinds) and self.stands_in(f, place)]  # fmt: skip

    def reach(self, claim: Stated, scope: str | None) -> float:
        """Share of a claim that holds in a scope: nothing outside its place, thinned where finer.

        A firm whose city nobody states may stand in any city of the province.
        """
        if scope in CLUSTERS:
            if claim.place is not None:
                return 0.0  # the cluster of these tests lies in no region
            firms = self.among(claim.population or "全部", None)
            return sum(f.cluster for f in firms) / len(firms) if firms else 1.0
        if claim.place is not None and (scope is None or claim.place not in holders(scope)):
            return 0.0
        rank = -1 if scope is None else RANK[LEVEL[scope]]
        if rank <= (-1 if claim.place is None else RANK[LEVEL[claim.place]]):
            return 1.0
        firms = self.among(claim.population or "全部", claim.place)
        placed = [f for f in firms if f.place and any(RANK[LEVEL[p]] >= rank for p in holders(f.place))]
        return len(placed) / len(firms) if firms else 1.0

    def share(self, claim: Stated) -> float:
        if not claim.statistic:
            return claim.share
        firms = [f for f in self.among(claim.population or "全部", claim.place) if set(f.makes) & set(PRODUCTS)]
        return 0.0 if claim.chain else min(1.0, len(firms) / claim.share)

    def kappa(self, item: str, scope: str | None, population: str) -> tuple[float, str]:
        chains = {c for c, held in CHAINS.items() if item in held}
        mine = [c for c in self.world.coverage
                if (c.population or "全部") == population and (c.chain is None or c.chain in chains)
                and (c.relation if not c.statistic else "PRODUCES") == (
                    "MASTERS" if item in TECHNOLOGIES else "PRODUCES")]  # fmt: skip
        for ground, statistic in (("stated", False), ("counted", True)):
            found = 1 - prod(1 - self.share(c) * self.reach(c, scope) for c in mine if c.statistic == statistic)
            if found > 0:
                return (0.0, ground) if statistic and not self.makers(item, None) else (found, ground)
        return 0.0, "none"

    def speaker(self, item: str, scope: str | None) -> tuple[float, str | None]:
        """The widest population whose κ reaches the floor, else the best covered one."""
        known = [(self.kappa(item, scope, p)[0], p) for p in self.names]
        for value, population in known:
            if value >= self.floor:
                return value, population
        best = max(known, key=lambda k: k[0], default=(0.0, None))
        return best if best[0] > 0 else (0.0, None)

    def verdict(self, item: str, scope: str | None) -> tuple[str, str | None]:
        n, kappa = len(self.makers(item, scope)), self.speaker(item, scope)[0]
        if kappa < self.floor and n < 2:
            return "unknown", "at_least_one" if n else None
        if n == 0:
            return "missing", self.instead(item, scope)
        return ("single_source", None) if n == 1 else ("adequate", None)

    def instead(self, item: str, scope: str | None) -> str:
        """Where a missing link is made instead."""
        places = {scope} if scope in LEVEL else set()
        if scope == "西部带":
            places = {p for p in PARENT if scope in holders(p)}
        provinces = {h for p in places for h in holders(p) if LEVEL[h] == "省"} - {scope}
        if any(self.makers(item, p) for p in provinces):
            return "nearby"
        everywhere = self.makers(item, None)
        if any(not self.stands_in(f, "德国") for f in everywhere):
            return "domestic"
        if everywhere:
            return "foreign"
        covered = any(self.speaker(item, s)[0] >= self.floor for s in (None, "中国"))
        return "broken" if covered else "elsewhere_unknown"

    def available(self, scope: str | None, external: str, unknown_as_present: bool) -> set[str]:
        items = PRODUCTS + TECHNOLOGIES
        own = {i for i in items if self.makers(i, scope) or (
            unknown_as_present and self.verdict(i, scope)[0] == "unknown")}  # fmt: skip
        level = {"province": "省", "nation": "国家"}.get(external)
        wider = [h for h in (holders(scope) if scope in LEVEL else ()) if LEVEL[h] == level]
        outside = set(self.world.primary)
        if external == "world":
            wider = [None]
        outside |= {i for i in items for w in wider
                    if any(not self.stands_in(f, scope) for f in self.makers(i, w))}  # fmt: skip
        needs: list[tuple[str, set[str]]] = [(p, {t}) for p, t in self.world.requires]
        groups: dict[tuple[str, str], list[tuple[str, bool]]] = {}
        for at, (member, owner, group, essential) in enumerate(self.world.inputs):
            groups.setdefault((owner, group or f"alone {at}"), []).append((member, essential is not False))
        needs += [(owner, {m for m, _ in g}) for (owner, _), g in groups.items() if any(e for _, e in g)]
        have: set[str] = set()
        while True:
            more = {i for i in own if all(u & (have | outside) for p, u in needs if p == i)}
            if more == have:
                return have | outside
            have = more


def judge(world: World, **options: Any) -> dict[tuple[str, str | None], dict[str, Any]]:
    """Ask the package for all links in all scopes at once."""
    atlas = atlas_of(rows_of(world))
    every = np.arange(atlas.makers.n)
    found = verdicts(atlas, every, np.arange(atlas.scopes.n), **options)
    out = {}
    for row, item in enumerate(every.tolist()):
        for column in range(atlas.scopes.n):
            speaker = int(found.population[row, column])
            out[atlas.snapshot.name(atlas.makers.node(item)), atlas.scopes.name(column)] = {
                "status": STATUS[found.status[row, column]], "subkind": SUBKIND[found.subkind[row, column]],
                "kappa": float(found.coverage[row, column]),
                "ground": GROUNDS[found.ground[row, column]],
                "population": found.populations[speaker] if speaker >= 0 else None,
                "producers": int(found.producers[row, column]),
                "certain": bool(found.certain[row, column]), "possible": bool(found.possible[row, column]),
            }  # fmt: skip
    return out


PLACES = [None, *LEVEL]
ITEMS = st.sampled_from(PRODUCTS)
FIRMS = st.builds(
    Firm, st.just(""), st.sampled_from([None, "中国", "德国", "山东省", "枣庄市", "济南市", "南京市",
                                        "滕州市", "薛城区", "历下区"]),
    st.sampled_from([(), ("上市公司",), ("高新技术企业",), ("上市公司", "高新技术企业")]),
    st.lists(st.sampled_from(PRODUCTS + TECHNOLOGIES), max_size=3, unique=True).map(tuple), st.booleans())  # fmt: skip
SHARES = st.sampled_from([0.3, 0.5, 0.8, 1.0])
CLAIMS = st.builds(
    Stated, st.sampled_from([None, *POPULATIONS]), st.sampled_from(PLACES),
    st.sampled_from([None, None, *CHAINS]), SHARES, st.sampled_from(["PRODUCES", "PRODUCES", "MASTERS"]),
)  # fmt: skip
COUNTS = st.builds(Stated, st.sampled_from([None, "上市公司"]), st.sampled_from(PLACES), st.none(),
                   st.sampled_from([1.0, 2.0, 4.0]), st.just("PRODUCES"), st.just(True))  # fmt: skip
WORLDS = st.builds(
    World,
    st.lists(FIRMS, max_size=5).map(
        lambda firms: tuple(Firm(f"企业{i}", f.place, f.kinds, f.makes, f.cluster)
                            for i, f in enumerate(firms))),
    st.lists(st.tuples(ITEMS, ITEMS, st.sampled_from([None, "1", "2"]),
                       st.sampled_from([True, None, False])).filter(lambda e: e[0] != e[1]),
             max_size=6, unique_by=lambda e: e[:3]).map(tuple),
    st.lists(st.tuples(ITEMS, ITEMS).filter(lambda e: e[0] != e[1]), max_size=2, unique=True).map(tuple),
    st.lists(st.tuples(ITEMS, st.just("t0")), max_size=1).map(tuple),
    st.frozensets(ITEMS, max_size=1), st.lists(CLAIMS | CLAIMS | COUNTS, max_size=3, unique=True).map(tuple),
)  # fmt: skip


@settings(max_examples=150, derandomize=True)
@given(WORLDS, st.sampled_from(["none", "none", "province", "nation", "world"]),
       st.sampled_from([None, None, None, "全部"]))  # fmt: skip
def test_verdicts_equal_brute_force(world: World, external: str, among: str | None) -> None:
    brute = Brute(world, among)
    have = {(scope, present): brute.available(scope, external, present)
            for scope in [None, *LEVEL, *CLUSTERS] for present in (False, True)}  # fmt: skip
    for (item, scope), got in judge(world, external=external, among=among).items():
        kappa, population = brute.speaker(item, scope)
        status, subkind = brute.verdict(item, scope)
        want = {"status": status, "subkind": subkind, "population": population,
                "producers": len(brute.makers(item, scope))}  # fmt: skip
        assert {k: got[k] for k in want} == want, (item, scope)
        assert got["kappa"] == pytest.approx(kappa), (item, scope)
        assert got["certain"] == (item in have[scope, False]), (item, scope)
        assert got["possible"] == (item in have[scope, True]), (item, scope)


def test_the_random_worlds_reach_every_rule() -> None:
    seen: set[object] = set()

    @settings(max_examples=250, derandomize=True, database=None)
    @given(WORLDS)
    def look(world: World) -> None:
        brute = Brute(world)
        for scope in [None, *LEVEL, *CLUSTERS]:
            for item in PRODUCTS + TECHNOLOGIES:
                seen.update((*brute.verdict(item, scope), brute.speaker(item, scope)[1]))
            if brute.available(scope, "none", False) != brute.available(scope, "none", True):
                seen.add("interval")

    look()
    assert seen >= {"unknown", "at_least_one", "missing", "nearby", "domestic", "foreign", "broken",
                    "elsewhere_unknown", "single_source", "adequate", "interval", *POPULATIONS}  # fmt: skip


# One more producer, one more stranger --------------------------------------------------------------


@settings(max_examples=60, derandomize=True)
@given(WORLDS, ITEMS)
def test_one_more_producer_never_worsens_availability(world: World, item: str) -> None:
    if not world.firms:
        return
    first, *rest = world.firms
    more = World(
        (Firm(first.name, first.place, first.kinds, tuple({*first.makes, item}), first.cluster), *rest),
        world.inputs, world.kinds, world.requires, world.primary, world.coverage)  # fmt: skip
    before, after = judge(world), judge(more)
    assert all(after[cell]["certain"] for cell, was in before.items() if was["certain"])
    if not any(c.statistic for c in world.coverage):  # with a statistic the data also cover more
        assert all(after[cell]["possible"] for cell, was in before.items() if was["possible"])


@settings(max_examples=40, derandomize=True)
@given(WORLDS)
def test_a_stranger_elsewhere_changes_no_verdict_here(world: World) -> None:
    here = [s for s in LEVEL if "山东省" in holders(s)]
    claims = tuple(c for c in world.coverage if c.place in here)
    args = (world.inputs, world.kinds, world.requires, world.primary, claims)
    before = judge(World(world.firms, *args))
    stranger = Firm("陌生企业", "南京市", ("上市公司",))
    after = judge(World((*world.firms, stranger), *args))
    assert all(after[i, s] == before[i, s] for i, s in before if s in here)


# The numbers of methods §1 -------------------------------------------------------------------------

FULL = Stated(None, None, None, 1.0)


def napkin(*firms: Firm, coverage: tuple[Stated, ...] = (FULL,)) -> Atlas:
    """T (made by t1) needs A and B; A is made by a1 and a2, B by b1."""
    inputs = edges("INPUT_OF", "Product", "Product", ("A", "T"), ("B", "T"))
    made = [(f.name, p) for f in firms for p in f.makes]
    stated = [{"source": "声明", "relation": c.relation, "share": c.share} for c in coverage]
    return atlas_of(batch(
        {"Chain": named("餐巾链"), "Product": named("T", "A", "B"), "Enterprise": named(*(f.name for f in firms))},
        {**inputs, **edges("IN_CHAIN", "Product", "Chain", *((p, "餐巾链") for p in "TAB")),
         **edges("PRODUCES", "Enterprise", "Product", *made)},
        {"Coverage": stated}))  # fmt: skip


T1, A1, A2, B1 = (Firm(n, makes=(n[0].upper(),)) for n in ("t1", "a1", "a2", "b1"))


def figures(atlas: Atlas) -> tuple[float, float, float]:
    links = chain_links(atlas, chain_names(atlas)[0])
    found = completeness(atlas, links, verdicts(atlas, links.items, np.array([WHOLE])))
    return tuple(float(found[k][0]) for k in ("K", "K_AO_certain", "K_AO_possible"))  # type: ignore[return-value]


def statuses(atlas: Atlas, **options: Any) -> dict[str, tuple[str, str | None]]:
    return {r["link"]: (r["status"], r["subkind"]) for r in chain(atlas, "餐巾链", **options).rows}


def test_the_napkin_chain() -> None:
    atlas = napkin(T1, A1, A2, B1)
    assert statuses(atlas) == {"T": ("single_source", None), "A": ("adequate", None), "B": ("single_source", None)}
    assert figures(atlas) == (1, 1, 1)


def test_the_napkin_chain_without_b1() -> None:
    # Two of three links are made: K = 2/3. T, the only end product, has no B: K_AO = 0.
    atlas = napkin(T1, A1, A2)
    assert statuses(atlas)["B"] == ("missing", "broken")
    assert figures(atlas) == (pytest.approx(2 / 3), 0, 0)


def test_without_a_statement_the_loss_of_b1_is_an_interval() -> None:
    atlas = napkin(T1, A1, A2, coverage=())
    assert statuses(atlas) == {"T": ("unknown", "at_least_one"), "A": ("adequate", None), "B": ("unknown", None)}
    assert figures(atlas) == (pytest.approx(2 / 3), 0, 1)


def test_two_statements_of_half_are_one_of_three_quarters() -> None:
    half = Stated(None, None, None, 0.5)
    for row in chain(napkin(coverage=(half, Stated(None, None, None, 0.5))), "餐巾链").rows:
        # The two rows are equal and become one fact: κ stays .5, which reaches the floor.
        assert (row["coverage"], row["status"]) == (0.5, "missing")
    world = World(coverage=(half, Stated(None, "中国", None, 0.5)))
    found = judge(world)
    assert found["p0", "枣庄市"]["kappa"] == pytest.approx(0.75)
    assert found["p0", None]["kappa"] == pytest.approx(0.5)


def test_chapman() -> None:
    assert chapman(60, 50, 30) == pytest.approx(99.35, abs=0.005)
    assert 80 / chapman(60, 50, 30) == pytest.approx(0.805, abs=0.0005)


def two_lists(both: int, first: int, second: int) -> Atlas:
    """Two independent lists of the same firms' products, with ``both`` firms on both."""
    one = [f"甲{i}" for i in range(first - both)] + [f"双{i}" for i in range(both)]
    two = [f"双{i}" for i in range(both)] + [f"乙{i}" for i in range(second - both)]
    makes = [(n, "A", {"source": s}) for names, s in ((one, "名录一"), (two, "名录二")) for n in names]
    lists = [{"source": s, "measure": "独立名单", "value": 1.0} for s in ("名录一", "名录二")]
    return atlas_of(batch(
        {"Chain": named("餐巾链"), "Product": named("A", "B"), "Enterprise": named(*dict.fromkeys(one + two))},
        {**edges("PRODUCES", "Enterprise", "Product", *makes),
         **edges("IN_CHAIN", "Product", "Chain", ("A", "餐巾链"), ("B", "餐巾链"))},
        {"Statistic": lists}))  # fmt: skip


def test_overlapping_lists_estimate_the_coverage() -> None:
    # n1 60, n2 50, m 30: N̂ 99.35; together they hold 80 firms, κ .805.
    row = next(r for r in chain(two_lists(30, 60, 50), "餐巾链").rows if r["link"] == "B")
    assert (row["ground"], row["coverage"]) == ("estimated", pytest.approx(0.805, abs=0.0005))
    assert row["status"] == "missing"


@pytest.mark.parametrize(("both", "ground"), [(6, "none"), (7, "estimated")])
def test_an_overlap_below_seven_estimates_nothing(both: int, ground: str) -> None:
    assert {r["ground"] for r in chain(two_lists(both, 20, 20), "餐巾链").rows} == {ground}


def test_a_statement_wins_over_a_statistic_and_a_statistic_needs_a_producer_somewhere() -> None:
    firms = tuple(Firm(f"企业{i}", "枣庄市", makes=("p0",)) for i in range(6))
    count = Stated(None, "枣庄市", None, 10.0, statistic=True)
    found = judge(World(firms, coverage=(count,)))
    assert (found["p0", "枣庄市"]["ground"], found["p0", "枣庄市"]["kappa"]) == ("counted", pytest.approx(0.6))
    # Nobody anywhere makes p3: the source may not speak of such links at all.
    assert (found["p3", "枣庄市"]["kappa"], found["p3", "枣庄市"]["status"]) == (0, "unknown")
    low = Stated(None, "枣庄市", None, 0.3)
    found = judge(World(firms, coverage=(count, low)))
    assert (found["p0", "枣庄市"]["ground"], found["p0", "枣庄市"]["kappa"]) == ("stated", pytest.approx(0.3))


def test_firms_without_a_city_thin_the_statement_for_each_city() -> None:
    # Five listed firms in the province, four of which state their city: .9 becomes .72 in a city.
    placed = tuple(Firm(f"企业{i}", "济南市", ("上市公司",), ("p1",)) for i in range(4))
    vague = Firm("无市", "山东省", ("上市公司",))
    found = judge(World((*placed, vague), coverage=(Stated("上市公司", "山东省", None, 0.9),)))
    assert found["p0", "山东省"]["kappa"] == pytest.approx(0.9)
    assert found["p0", "枣庄市"]["kappa"] == pytest.approx(0.72)
    assert found["p0", "江苏省"]["kappa"] == 0


def test_the_widest_population_that_reaches_the_floor_speaks() -> None:
    claims = (Stated("上市公司", None, None, 0.9), Stated(None, None, None, 0.6), Stated(None, None, "链乙", 0.2))
    assert judge(World(coverage=claims))["p0", None]["population"] == "全部"
    low = (Stated("上市公司", None, None, 0.9), Stated(None, None, None, 0.4))
    found = judge(World(coverage=low))["p0", None]
    assert (found["population"], found["kappa"], found["status"]) == ("上市公司", pytest.approx(0.9), "missing")
    asked = judge(World(coverage=low), among="全部")["p0", None]
    assert (asked["population"], asked["kappa"], asked["status"]) == ("全部", pytest.approx(0.4), "unknown")


def test_a_producer_of_any_population_is_present() -> None:
    firm = Firm("小厂", "枣庄市", (), ("p0",))
    found = judge(World((firm,), coverage=(Stated("上市公司", None, None, 0.9),)))["p0", None]
    assert (found["status"], found["population"]) == ("single_source", "上市公司")


def test_among_refuses_a_population_that_nobody_has() -> None:
    with pytest.raises(LookupError, match="全部"):
        judge(World(), among="火星企业")


def test_a_technology_is_a_link_that_masters_make() -> None:
    firm = Firm("甲", "枣庄市", (), ("p0", "t0"))
    covered = (Stated(None, None, None, 1.0), Stated(None, None, None, 1.0, "MASTERS"))
    found = judge(World((firm,), requires=(("p0", "t0"),), coverage=covered))
    assert (found["t0", None]["status"], found["p0", None]["certain"]) == ("single_source", True)
    lost = judge(World((Firm("甲", "枣庄市", (), ("p0",)),), requires=(("p0", "t0"),), coverage=covered))
    assert (lost["t0", None]["status"], lost["p0", None]["certain"]) == ("missing", False)


def test_an_institute_that_masters_a_technology_counts() -> None:
    rows = batch(
        {"Chain": named("餐巾链"), "Technology": named("涂布"), "Institute": named("某大学")},
        {**edges("MASTERS", "Institute", "Technology", ("某大学", "涂布")),
         **edges("IN_CHAIN", "Technology", "Chain", ("涂布", "餐巾链"))},
        {"Coverage": [{"source": "声明", "relation": "MASTERS", "share": 1.0}]})  # fmt: skip
    row = chain(atlas_of(rows), "餐巾链").rows[0]
    assert (row["status"], row["names"]) == ("single_source", ["某大学"])


# Weak: HHI and LQ ----------------------------------------------------------------------------------


def outputs(*shares: float, other: tuple[float, ...] = ()) -> Atlas:
    """Firms that make A with these outputs; ``other``: the same firms' outputs of B."""
    made = [(f"企业{i}", "A", {"capacity": s, "capacity_unit": "吨"}) for i, s in enumerate(shares)]
    made += [(f"企业{i}", "B", {"capacity": s, "capacity_unit": "吨"}) for i, s in enumerate(other)]
    return atlas_of(batch(
        {"Chain": named("餐巾链"), "Product": named("A", "B"),
         "Enterprise": named(*(f"企业{i}" for i in range(max(len(shares), len(other)))))},
        {**edges("PRODUCES", "Enterprise", "Product", *made),
         **edges("IN_CHAIN", "Product", "Chain", ("A", "餐巾链"), ("B", "餐巾链"))}))  # fmt: skip


@pytest.mark.parametrize(
    ("shares", "hhi", "status"),
    [((60, 40), 0.52, "weak"), ((53, 40, 7), 0.4458, "weak"), ((1, 1, 1, 1), 0.25, "adequate"),
     ((1, 1, 1, 1, 1), 0.2, "adequate")],
)  # fmt: skip
def test_concentrated_output_is_weak(shares: tuple[float, ...], hhi: float, status: str) -> None:
    atlas = outputs(*shares)
    item = atlas.makers.item(atlas.snapshot.find("A", ("Product",)))
    found = verdicts(atlas, np.array([item]), np.array([WHOLE]))
    assert found.hhi[0, 0] == pytest.approx(hhi, abs=5e-5)
    row = next(r for r in chain(atlas, "餐巾链").rows if r["link"] == "A")
    assert (row["status"], row["subkind"]) == (status, "hhi" if status == "weak" else None)
    if status == "weak":
        assert f"{hhi:.2f}" in row["reason"].text("zh")


def test_without_all_outputs_nothing_is_called_weak() -> None:
    made = [("企业0", "A", {"capacity": 90.0, "capacity_unit": "吨"}), ("企业1", "A", {})]
    atlas = atlas_of(batch(
        {"Chain": named("餐巾链"), "Product": named("A"), "Enterprise": named("企业0", "企业1")},
        {**edges("PRODUCES", "Enterprise", "Product", *made),
         **edges("IN_CHAIN", "Product", "Chain", ("A", "餐巾链"))}))  # fmt: skip
    assert statuses(atlas)["A"] == ("adequate", None)


# The region × product table of methods §2, and its location quotients.
TABLE = [[100, 0, 0, 0, 0], [0, 15, 5, 70, 10], [0, 20, 10, 20, 50], [0, 25, 30, 5, 40], [0, 40, 55, 5, 0]]
QUOTIENT = [[5, 0, 0, 0, 0], [0, .75, .25, 3.5, .5], [0, 1, .5, 1, 2.5], [0, 1.25, 1.5, .25, 2],
            [0, 2, 2.75, .25, 0]]  # fmt: skip


def test_the_location_quotients_of_methods() -> None:
    regions, products = [f"R{i}" for i in range(5)], [f"P{i}" for i in range(5)]
    made, located, firms = [], [], []
    for r, row in enumerate(TABLE):
        for p, amount in enumerate(row):
            # Five equal firms a cell, so that no product is concentrated.
            for i in range(5 * (amount > 0)):
                firms.append(f"企业{r}{p}{i}")
                located.append((firms[-1], regions[r]))
                made.append((firms[-1], products[p], {"capacity": amount / 5, "capacity_unit": "吨"}))
    atlas = atlas_of(batch(
        {"Region": [{"name": r, "level": "省"} for r in regions], "Product": named(*products),
         "Enterprise": named(*firms), "Chain": named("餐巾链")},
        {**edges("PRODUCES", "Enterprise", "Product", *made),
         **edges("LOCATED_IN", "Enterprise", "Region", *located),
         **edges("IN_CHAIN", "Product", "Chain", *((p, "餐巾链") for p in products))}))  # fmt: skip
    scopes = np.array([atlas.scopes.find(r) for r in regions])
    items = np.array([atlas.makers.item(atlas.snapshot.find(p, ("Product",))) for p in products])
    found = verdicts(atlas, items, scopes)
    assert np.nan_to_num(found.lq.T) == pytest.approx(np.array(QUOTIENT))
    for row, region in enumerate(regions):
        for r in chain(atlas, "餐巾链", place=region).rows:
            at = products.index(r["link"])
            if TABLE[row][at]:
                weak = QUOTIENT[row][at] < 1
                assert (r["status"], r["subkind"]) == (("weak", "lq") if weak else ("adequate", None))


# Places, clusters, what is left out ----------------------------------------------------------------


def test_a_firm_of_a_county_stands_in_its_city_province_and_policy_region() -> None:
    found = judge(World((Firm("甲", "滕州市", (), ("p0",)),)))
    standing = {scope for (item, scope), v in found.items() if item == "p0" and v["producers"]}
    assert standing == {None, "滕州市", "枣庄市", "山东省", "中国", "西部带"}


def test_a_firm_of_a_cluster_stands_in_it() -> None:
    found = judge(World((Firm("甲", "济南市", (), ("p0",), cluster=True), Firm("乙", "济南市", (), ("p0",)))))
    assert found["p0", "集群"]["producers"] == 1


def test_primary_inputs_are_to_be_had_though_nobody_makes_them() -> None:
    firm = Firm("甲", "枣庄市", (), ("p0",))
    needs = (("p1", "p0", None, True),)
    plain = judge(World((firm,), needs, coverage=(FULL,)))
    primary = judge(World((firm,), needs, primary=frozenset({"p1"}), coverage=(FULL,)))
    assert (plain["p0", "枣庄市"]["certain"], primary["p0", "枣庄市"]["certain"]) == (False, True)
    assert (primary["p1", "枣庄市"]["status"], primary["p1", "枣庄市"]["certain"]) == ("missing", True)


@pytest.mark.parametrize(
    ("place", "levels"),
    [("济南市", {"province", "nation", "world"}), ("南京市", {"nation", "world"}), ("德国", {"world"})],
)  # fmt: skip
def test_inputs_from_outside_count_inside_the_level_that_is_allowed(place: str, levels: set[str]) -> None:
    firms = (Firm("甲", "枣庄市", (), ("p0",)), Firm("乙", place, (), ("p1",)))
    world = World(firms, (("p1", "p0", None, True),), coverage=(FULL,))
    for external in ("none", "province", "nation", "world"):
        found = judge(world, external=external)
        assert found["p0", "枣庄市"]["certain"] == (external in levels), external


def test_accounting_lines_and_closed_firms_make_nothing_and_are_counted() -> None:
    atlas = atlas_of(batch(
        {"Chain": named("餐巾链"), "Product": named("A", "分部间抵销"),
         "Enterprise": [{"name": "甲", "status": "存续"}, {"name": "乙", "status": "吊销，未注销"}]},
        {**edges("PRODUCES", "Enterprise", "Product", ("甲", "A"), ("乙", "A"), ("甲", "分部间抵销")),
         **edges("IN_CHAIN", "Product", "Chain", ("A", "餐巾链"))}))  # fmt: skip
    result = chain(atlas, "餐巾链")
    assert result.rows[0]["names"] == ["甲"]
    assert any("2 条生产事实没有计入" in zh for zh in result.notes_in("zh"))


def test_confidence_of_present_is_that_of_its_best_fact_and_of_missing_is_kappa() -> None:
    made = [("甲", "A", {"source": "一", "confidence": 0.6}), ("甲", "A", {"source": "二", "confidence": 0.9}),
            ("乙", "A", {"source": "一", "confidence": 0.7})]  # fmt: skip
    atlas = atlas_of(batch(
        {"Chain": named("餐巾链"), "Product": named("A", "B"), "Enterprise": named("甲", "乙")},
        {**edges("PRODUCES", "Enterprise", "Product", *made),
         **edges("IN_CHAIN", "Product", "Chain", ("A", "餐巾链"), ("B", "餐巾链"))},
        {"Coverage": [{"source": "声明", "relation": "PRODUCES", "share": 0.8}]}))  # fmt: skip
    found = {r["link"]: r["confidence"] for r in chain(atlas, "餐巾链").rows}
    assert found == {"A": 0.9, "B": 0.8}


def test_the_floor_decides_between_unknown_and_missing() -> None:
    rows = rows_of(World(coverage=(Stated(None, None, None, 0.6),)))
    for floor, status in ((0.5, "missing"), (0.7, "unknown")):
        row = chain(atlas_of(rows, floor=floor), "链甲").rows[0]
        assert row["status"] == status


def test_names_that_fit_nothing_are_answered_with_the_nearest() -> None:
    atlas = atlas_of(rows_of(World(coverage=(FULL,))))
    with pytest.raises(LookupError, match="枣庄市"):
        chain(atlas, "链甲", place="枣装市")
    with pytest.raises(LookupError, match="链甲"):
        chain(atlas, "链假")


def test_links_come_upstream_first() -> None:
    world = World(inputs=(("p0", "p1", None, True),))
    order = [r["link"] for r in chain(atlas_of(rows_of(world)), "链甲").rows]
    assert all(order.index(a) < order.index(b) for a, b in pairwise(["p0", "p1"]))
