"""A brute force of verdicts: random small worlds, and every rule of methods §1 written out for one link in one scope.

It shares no code with what it judges: who makes or may make a link, κ with its three shares, the status, and
availability are computed from the rows of a world, link by link and firm by firm.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from math import prod
from typing import Any

import numpy as np
from building import Rows, atlas_of, batch, edges, end, named
from hypothesis import strategies as st

from chainatlas.graph.columns.batch import Batch
from chainatlas.graph.identity.terms import TermJudgement, WordBook
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.atlas.kappa import GROUNDS
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
WORDS = ["甲词", "乙词"]  # products that stand in no chain: words, which a decision may attach to a link
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
    scope: tuple[str, ...] = ()  # words of its scope of business


@dataclass(frozen=True)
class Stated:
    """One row of 覆盖声明 (``statistic``: of 统计, where the number is that of enterprises).

    ``share`` is κ itself, its 依据 speaking of facts; with ``firms`` it is the share of firms that stand in the
    list, beside the other two shares where they are stated.
    """

    population: str | None
    place: str | None
    chain: str | None
    share: float
    relation: str = "PRODUCES"
    statistic: bool = False
    firms: bool = False
    told: float | None = None
    grain: float | None = None
    named: float | None = None
    included: float | None = None


@dataclass(frozen=True)
class World:
    firms: tuple[Firm, ...] = ()
    inputs: tuple[tuple[str, str, str | None, bool | None], ...] = ()
    kinds: tuple[tuple[str, str], ...] = ()
    requires: tuple[tuple[str, str], ...] = ()
    primary: frozenset[str] = frozenset()
    coverage: tuple[Stated, ...] = ()
    decided: tuple[tuple[str, str, str], ...] = ()  # word, link, relation
    extra: Rows = field(default_factory=dict)


def rows_of(world: World) -> Batch:
    firms = [{"name": f.name, "kind": "\x1f".join(f.kinds) or None,
              "business_scope": "；".join(f"{w}的生产" for w in f.scope) or None} for f in world.firms]  # fmt: skip
    located = [(f.name, f.place) for f in world.firms if f.place]
    makes = [(f.name, p) for f in world.firms for p in f.makes]
    nodes: Rows = {
        "Region": [{"name": n, "level": lv, "code": CODE.get(n)} for n, lv in LEVEL.items()],
        "Cluster": named(*CLUSTERS), "Chain": named(*CHAINS), "Technology": named(*TECHNOLOGIES),
        "Product": [*({"name": p, "primary": p in world.primary} for p in PRODUCTS), *named(*WORDS)],
        "Enterprise": firms,
    }  # fmt: skip
    in_chain = [(p, c) for c, held in CHAINS.items() for p in held]
    relations: Rows = {
        **edges("PART_OF", "Region", "Region", *((a, b) for a, up in PARENT.items() for b in up)),
        **edges("LOCATED_IN", "Enterprise", "Region", *located),
        **edges("IN_CLUSTER", "Enterprise", "Cluster", *((f.name, "集群") for f in world.firms if f.cluster)),
        **edges("PRODUCES", "Enterprise", "Product", *(m for m in makes if m[1] not in TECHNOLOGIES)),
        **edges("MASTERS", "Enterprise", "Technology", *(m for m in makes if m[1] in TECHNOLOGIES)),
        **edges("INPUT_OF", "Product", "Product",
                *((a, b, {"group": g, "essential": e}) for a, b, g, e in world.inputs)),
        **edges("KIND_OF", "Product", "Product", *world.kinds),
        **edges("REQUIRES", "Product", "Technology", *world.requires),
        "IN_CHAIN": [{**end("src", "Technology" if p[0] == "t" else "Product", p), **end("dst", "Chain", c)}
                     for p, c in in_chain],
    }  # fmt: skip
    common = [{"population": c.population, "place": c.place} for c in world.coverage]
    stated = [{"source": "声明", "relation": c.relation, "share": c.share, "chain": c.chain,
               "basis": "登记" if c.firms else "按事实核对", "told": c.told, "grain": c.grain, "named": c.named,
               "included": c.included, **row}
              for c, row in zip(world.coverage, common, strict=True) if not c.statistic]  # fmt: skip
    counted = [{"source": "年鉴", "measure": "企业数", "value": c.share, "subject": c.chain, **row}
               for c, row in zip(world.coverage, common, strict=True) if c.statistic]  # fmt: skip
    for name, more in world.extra.items():
        (relations if name in ("SUPPLIES",) else nodes).setdefault(name, []).extend(more)
    return batch(nodes, relations, {"Coverage": stated, "Statistic": counted})


def atlas_of_world(world: World, floor: float | None = None) -> Atlas:
    """A world opened for questions, with its decisions on words."""
    book = WordBook(judgements=tuple(TermJudgement(word, link, relation) for word, link, relation in world.decided))
    return atlas_of(rows_of(world), floor=floor, words=book)


# The brute force: every rule written out for one link in one scope ---------------------------------


def holders(place: str) -> set[str]:
    """A place and all that hold it."""
    return {place}.union(*(holders(up) for up in PARENT[place]))


class Brute:
    def __init__(self, world: World, among: str | None = None, floor: float = 0.5) -> None:
        self.world, self.floor = world, floor
        for kept in ("makers", "possible", "speaker"):
            setattr(self, kept, cache(getattr(self, kept)))
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

    def own(self, firm: Firm) -> set[str]:
        """What a firm makes: as its list calls it, or by a decision on its words."""
        links = {link for word, link, relation in self.world.decided
                 if (word in firm.makes and relation in ("makes", "same", "narrower"))
                 or (word in firm.scope and relation == "makes")}  # fmt: skip
        return {m for m in firm.makes if m not in WORDS} | links

    def worded(self, firm: Firm) -> set[str]:
        """Links that a firm's words may include: a broader word, or one that stands in its scope of business."""
        return {link for word, link, relation in self.world.decided
                if (word in firm.makes and relation == "broader")
                or (word in firm.scope and relation in ("same", "narrower", "broader"))}  # fmt: skip

    def makers(self, item: str, scope: str | None) -> list[Firm]:
        wanted = self.kinds_of(item)
        return [f for f in self.world.firms if wanted & self.own(f) and self.stands_in(f, scope)]

    def possible(self, item: str, scope: str | None) -> list[Firm]:
        """Firms that may make an item: by a word, or as makers of what it is a kind of that make no kind of that."""
        sure = self.makers(item, None)
        return [
            f
            for f in self.world.firms
            if f not in sure and self.stands_in(f, scope)
            and (self.kinds_of(item) & self.worded(f) or any(self.only_as(f, w) for w in self.wider(item)))
        ]  # fmt: skip

    def wider(self, item: str) -> list[str]:
        return [w for w in PRODUCTS if w != item and item in self.kinds_of(w)]

    def only_as(self, firm: Firm, item: str) -> bool:
        """The firm's list says that it makes the item, and names no kind of it."""
        return item in self.own(firm) and not any(firm in self.makers(k, None) for k in self.kinds_of(item) - {item})

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

    def shares(self, claim: Stated) -> tuple[float, float]:
        """κ of a claim as list × told × grain, with the grain included and with the grain named."""
        if claim.relation == "MASTERS" or not (claim.firms or claim.statistic):
            return claim.share, claim.share
        firms = self.among(claim.population or "全部", claim.place)
        if claim.chain and claim.statistic:
            firms = []  # no firm of these tests is said to be in a chain
        speaking = sum(any(w not in TECHNOLOGIES for w in (*f.makes, *f.scope)) for f in firms) / max(1, len(firms))
        if claim.statistic:
            listed, told = min(1.0, len(firms) / claim.share), speaking
        else:
            listed, told = claim.share, claim.told if claim.told is not None else speaking if firms else 1.0
        included, named = (next(g for g in (stated, claim.grain, default) if g is not None)
                           for stated, default in ((claim.included, 0.8), (claim.named, 0.6)))  # fmt: skip
        return listed * told * included, listed * told * named

    def kappa(self, item: str, scope: str | None, population: str) -> tuple[float, float, str]:
        """κ included, κ named, and their ground."""
        chains = {c for c, held in CHAINS.items() if item in held}
        mine = [c for c in self.world.coverage
                if (c.population or "全部") == population and (c.chain is None or c.chain in chains)
                and (c.relation if not c.statistic else "PRODUCES") == (
                    "MASTERS" if item in TECHNOLOGIES else "PRODUCES")]  # fmt: skip
        for ground, statistic in (("stated", False), ("counted", True)):
            said = [c for c in mine if c.statistic == statistic]
            included, named = (1 - prod(1 - self.shares(c)[figure] * self.reach(c, scope) for c in said)
                               for figure in (0, 1))  # fmt: skip
            if included > 0:
                silent = statistic and not self.makers(item, None)
                return (0.0, 0.0, ground) if silent else (included, named, ground)
        return 0.0, 0.0, "none"

    def speaker(self, item: str, scope: str | None) -> tuple[float, float, str | None]:
        """The widest population whose κ reaches the floor, else the best covered one."""
        known = [(*self.kappa(item, scope, p)[:2], p) for p in self.names]
        for value, counted, population in known:
            if value >= self.floor:
                return value, counted, population
        best = max(known, key=lambda k: k[0], default=(0.0, 0.0, None))
        return best if best[0] > 0 else (0.0, 0.0, None)

    def firm_ground(self, item: str, scope: str | None) -> bool:
        kappa, _, population = self.speaker(item, scope)
        return population in ("全部", "规上工业企业") and kappa >= 0.8

    def verdict(self, item: str, scope: str | None) -> tuple[str, str | None]:
        n, may = len(self.makers(item, scope)), len(self.possible(item, scope))
        included, named, _ = self.speaker(item, scope)
        if n == 0 and item in self.world.primary:
            return "assumed", None
        if included < self.floor and n < 2:
            return "unknown", "at_least_one" if n else None
        if n == 0:
            return ("possible", None) if may else ("missing", self.instead(item, scope))
        if n == 1 and (may or named < self.floor):
            return "unknown", "at_least_one"
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

    def available(
        self, scope: str | None, external: str, unknown_as_present: bool, gone: frozenset[str] = frozenset()
    ) -> set[str]:
        """What is to be had in a scope, links in ``gone`` having lost their makers."""
        items = PRODUCTS + TECHNOLOGIES
        own = {i for i in items if self.makers(i, scope) or (
            unknown_as_present and self.verdict(i, scope)[0] in ("unknown", "possible"))} - gone  # fmt: skip
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
    atlas = atlas_of_world(world)
    items = np.array([atlas.makers.item(atlas.snapshot.find(name, ("Product", "Technology")))
                      for name in (*PRODUCTS, *TECHNOLOGIES)], np.int64)  # fmt: skip
    found = verdicts(atlas, items, np.arange(atlas.scopes.n), **options)
    out = {}
    for row, item in enumerate(items.tolist()):
        for column in range(atlas.scopes.n):
            speaker = int(found.population[row, column])
            out[atlas.snapshot.name(atlas.makers.node(item)), atlas.scopes.name(column)] = {
                "status": STATUS[found.status[row, column]], "subkind": SUBKIND[found.subkind[row, column]],
                "kappa": float(found.coverage[row, column]), "named": float(found.named[row, column]),
                "ground": GROUNDS[found.ground[row, column]], "firm": bool(found.firm[row, column]),
                "population": found.populations[speaker] if speaker >= 0 else None,
                "producers": int(found.producers[row, column]), "hints": int(found.hints[row, column]),
                "certain": bool(found.certain[row, column]), "possible": bool(found.possible[row, column]),
            }  # fmt: skip
    return out


PLACES = [None, *LEVEL]
ITEMS = st.sampled_from(PRODUCTS)
FIRMS = st.builds(
    Firm, st.just(""), st.sampled_from([None, "中国", "德国", "山东省", "枣庄市", "济南市", "南京市",
                                        "滕州市", "薛城区", "历下区"]),
    st.sampled_from([(), ("上市公司",), ("高新技术企业",), ("上市公司", "高新技术企业")]),
    st.lists(st.sampled_from(PRODUCTS + TECHNOLOGIES + WORDS), max_size=3, unique=True).map(tuple), st.booleans(),
    st.lists(st.sampled_from(WORDS), max_size=1).map(tuple))  # fmt: skip
DECISIONS = st.tuples(st.sampled_from(WORDS), st.sampled_from(["p0", "p1", "p2"]),  # what stands in a chain
                      st.sampled_from(["makes", "same", "narrower", "broader", "broader", "none"]))  # fmt: skip
SHARES = st.sampled_from([0.3, 0.5, 0.8, 1.0])
PART = st.sampled_from([None, None, 0.75, 0.9, 1.0])
CLAIMS = st.builds(
    Stated, st.sampled_from([None, *POPULATIONS]), st.sampled_from(PLACES),
    st.sampled_from([None, None, *CHAINS]), SHARES, st.sampled_from(["PRODUCES", "PRODUCES", "MASTERS"]),
    st.just(False),
) | st.builds(
    Stated, st.sampled_from([None, *POPULATIONS]), st.sampled_from(PLACES), st.none(),
    st.sampled_from([0.9, 0.98, 1.0]), st.just("PRODUCES"), st.just(False), st.just(True), PART, PART, PART, PART,
)  # fmt: skip
COUNTS = st.builds(Stated, st.sampled_from([None, "上市公司"]), st.sampled_from(PLACES), st.none(),
                   st.sampled_from([1.0, 2.0, 4.0]), st.just("PRODUCES"), st.just(True))  # fmt: skip
WORLDS = st.builds(
    World,
    st.lists(FIRMS, max_size=5).map(
        lambda firms: tuple(Firm(f"企业{i}", f.place, f.kinds, f.makes, f.cluster, f.scope)
                            for i, f in enumerate(firms))),
    st.lists(st.tuples(ITEMS, ITEMS, st.sampled_from([None, "1", "2"]),
                       st.sampled_from([True, None, False])).filter(lambda e: e[0] != e[1]),
             max_size=6, unique_by=lambda e: e[:3]).map(tuple),
    st.lists(st.tuples(ITEMS, ITEMS).filter(lambda e: e[0] != e[1]), max_size=2, unique=True).map(tuple),
    st.lists(st.tuples(ITEMS, st.just("t0")), max_size=1).map(tuple),
    st.frozensets(ITEMS, max_size=1), st.lists(CLAIMS | CLAIMS | COUNTS, max_size=3, unique=True).map(tuple),
    st.lists(DECISIONS, max_size=3, unique_by=lambda d: d[:2]).map(tuple),
)  # fmt: skip
