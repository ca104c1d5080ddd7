"""A whole nation at once: availability, verdicts and single points of failure on one kernel.

    python benchmarks/nation.py

A synthetic nation: the recipe of ``gap_scan`` topped up to 160,000 inputs, 2,000,000 facts that
one of 600,000 firms in 3,200 counties makes one of some 95,000 products, with an output each;
340 cities, 31 provinces and the nation above. Seeds are fixed.

    availability   all products in all 3,572 places, against one place after the other (vectorised)
    verdicts       from unsorted facts to counts, HHI, LQ and status of every link in every place,
                   against availability alone: it may take 20 times as long
    nec            whose loss takes which product away, for all products of a region with 50,000
                   firms, against removing its firms one by one (vectorised, the recipe level by
                   level); ``all made`` is the same where every product has a maker

Loops are measured on some places or firms, drawn by seed, and scaled; there their results are
asserted equal to ours. The note gives the bytes that the scan moves at least (members gathered,
items written) over what a plain copy moves in the same time: the distance to memory bandwidth.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gap_scan
import numpy as np
import numpy.typing as npt
from measuring import Row, once, script

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

INPUTS, COUNTIES, CITIES, PROVINCES, FIRMS, FACTS = 160_000, 3_200, 340, 31, 600_000, 2_000_000
REGION_FIRMS, REGION_FACTS = 50_000, 150_000
MEASURED_PLACES, MEASURED_FIRMS = 32, 100
ROUNDS = 2


def write_nation(work: Path) -> None:
    """Write recipe, facts, and the facts of one region in two settings."""
    n, owner, member = gap_scan._chainkg(work) or gap_scan._drawn()
    rng = np.random.default_rng(17)
    owner, member = gap_scan._topped_up(n, owner, member, rng, INPUTS)
    owner, member, label = gap_scan._grouped(owner, member, rng)
    popular = rng.lognormal(0, 1.5, n)
    popular /= popular.sum()
    made = np.unique(rng.choice(n, int(FACTS * 1.1), p=popular) * FIRMS + rng.integers(0, FIRMS, int(FACTS * 1.1)))
    made = rng.permutation(made)[:FACTS]  # facts come in no order
    sold = rng.choice(n, REGION_FACTS, p=popular)
    region = np.unique(sold * REGION_FIRMS + rng.integers(0, REGION_FIRMS, REGION_FACTS))
    spread = np.r_[np.arange(n), rng.integers(0, n, REGION_FACTS // 2)]
    spread = np.unique(spread * REGION_FIRMS + rng.integers(0, REGION_FIRMS, len(spread)))
    np.savez(work / "nation.npz", n=n, owner=owner, member=member, label=label, item=made // FIRMS,
             county=rng.integers(0, COUNTIES, FIRMS)[made % FIRMS], amount=rng.lognormal(0, 1, len(made)),
             region=region, spread=spread)  # fmt: skip


class Nation:
    """The nation as the methods are given it: arrays, ready before the clock starts."""

    def __init__(self, work: Path) -> None:
        from chainatlas.queries.atlas.availability import Recipe
        from chainatlas.queries.verdicts.rollup import Tree

        with np.load(work / "nation.npz") as saved:
            given = dict(saved)
        self.n = int(given["n"])
        edges = given["owner"], given["member"], given["label"]
        self.recipe = Recipe.build(self.n, *edges, np.ones(len(edges[0]), bool))
        self.recipe.steps  # noqa: B018 - ordering the recipe is done once a graph
        self.item, self.county, self.amount = given["item"], given["county"], given["amount"]
        self.facts = {"sparse": given["region"], "all made": given["spread"]}
        county = np.arange(COUNTIES)
        city = county * CITIES // COUNTIES
        self.tree = Tree((county, city, city * PROVINCES // CITIES, np.zeros(COUNTIES, np.int64)),
                         (COUNTIES, CITIES, PROVINCES, 1))  # fmt: skip

    def own(self) -> npt.NDArray[np.uint64]:
        """Where each product is made: a column a place, the levels side by side."""
        from chainatlas.queries.atlas.availability import pack_bits

        start = np.cumsum([0, *self.tree.size])
        rows = np.concatenate([self.item] * len(self.tree.unit))
        columns = np.concatenate([s + u[self.county] for s, u in zip(start, self.tree.unit, strict=False)])
        return pack_bits(rows, columns, self.n, int(start[-1]))

    def region(self, setting: str) -> tuple[Ints, Ints]:
        """Who makes what in the region: items and firms."""
        facts = self.facts[setting]
        return facts // REGION_FIRMS, facts % REGION_FIRMS


def _timed(work: Callable[[], Any], rounds: int = 7) -> tuple[Any, float, float]:
    """Return the last result and the medians of wall and processor seconds."""
    seconds, cpu = [], []
    for _ in range(rounds):
        began, worked = time.perf_counter(), time.process_time()
        found = work()
        seconds.append(time.perf_counter() - began)
        cpu.append(time.process_time() - worked)
    return found, float(np.median(seconds)), float(np.median(cpu))


# ours ------------------------------------------------------------------------------------------


def availability(work: Path) -> dict[str, Any]:
    """All products in all places; and how far from a plain copy of as many bytes."""
    from chainatlas.queries.atlas.availability import available, unpack_bits

    given = Nation(work)
    own = given.own()
    found, seconds, cpu = _timed(lambda: available(given.recipe, own))
    places = int(sum(given.tree.size))
    np.save(work / "drawn.npy", _drawn_places())
    np.save(work / "answer.npy", unpack_bits(found, places)[:, _drawn_places()].T)
    moved = (len(given.recipe.member) + len(np.unique(given.recipe.owner)) * 2 + given.n * 2) * own.shape[1] * 8
    source = np.zeros(moved // 16, np.uint64)  # a copy reads as much as it writes
    _, copy, _ = _timed(source.copy)
    return {"seconds": seconds, "cpu": cpu, "copy": copy, "moved": moved, "inputs": len(given.recipe.member),
            "places": places}  # fmt: skip


def verdicts(work: Path) -> dict[str, Any]:
    """From unsorted facts to status, HHI and LQ of every link in every place."""
    from chainatlas.queries.verdicts.everywhere import judge_tree

    given = Nation(work)
    rng = np.random.default_rng(2)
    kind = rng.integers(0, 20, given.n)
    covered = tuple(rng.random((20, size)) >= 0.5 for size in given.tree.size)
    found, seconds, cpu = _timed(lambda: judge_tree(given.item, given.county, given.tree, covered, kind, given.amount))
    return {"seconds": seconds, "cpu": cpu, "cells": sum(len(j.status) for j in found)}


def nec(setting: str, work: Path) -> dict[str, Any]:
    """Losses of every firm of the region."""
    from chainatlas.queries.losses.scenarios import World, gone_with, losses

    given = Nation(work)
    item, firm = given.region(setting)
    own = np.zeros(given.n, bool)
    own[item] = True
    none = np.zeros(given.n, bool)
    found, seconds, cpu = _timed(lambda: losses(World(given.recipe, own, none), *gone_with(item, firm, given.n)))
    np.save(work / f"nec-{setting}.npy", np.stack([found.item, found.scenario]))
    return {"seconds": seconds, "cpu": cpu, "lost": len(found.item), "firms": len(np.unique(found.scenario))}


# one after the other ---------------------------------------------------------------------------


def _drawn_places() -> Ints:
    return np.random.default_rng(3).permutation(COUNTIES + CITIES + PROVINCES + 1)[:MEASURED_PLACES]


def place_by_place(work: Path) -> dict[str, Any]:
    """Vectorised over the recipe, a loop over places."""
    given = Nation(work)
    answer = np.load(work / "answer.npy")
    own = given.own()
    one = gap_scan._numpy(_Given(given))
    seconds, cpu = [], []
    for at, place in enumerate(_drawn_places().tolist()):
        mine = (own[:, place >> 6] >> np.uint64(place & 63) & np.uint64(1)) > 0
        began, worked = time.perf_counter(), time.process_time()
        found = one(mine)
        seconds.append(time.perf_counter() - began)
        cpu.append(time.process_time() - worked)
        assert np.array_equal(found, answer[at]), f"differs in place {place}"
    places = int(sum(given.tree.size))
    return {"seconds": float(np.median(seconds)) * places, "cpu": float(np.median(cpu)) * places}


class _Given:
    """What ``gap_scan``'s methods read of a setting."""

    def __init__(self, given: Nation) -> None:
        self.recipe = given.recipe
        self.group_start = gap_scan._starts(given.recipe.group)
        self.item_start = gap_scan._starts(given.recipe.owner)
        self.items = given.recipe.owner[self.item_start]


def firm_by_firm(setting: str, work: Path) -> dict[str, Any]:
    """Remove one firm, evaluate the recipe level by level, compare; for some firms."""
    given = Nation(work)
    item, firm = given.region(setting)
    answer = np.load(work / f"nec-{setting}.npy")
    count = np.bincount(item, minlength=given.n)
    own = count > 0
    one = gap_scan._numpy_levels(_Given(given))
    now = one(own)
    order = np.argsort(firm, kind="stable")
    start = np.searchsorted(firm[order], np.arange(REGION_FIRMS + 1))
    seconds, cpu = [], []
    for gone in np.random.default_rng(4).permutation(REGION_FIRMS)[:MEASURED_FIRMS].tolist():
        began, worked = time.perf_counter(), time.process_time()
        left = own.copy()
        makes = item[order[start[gone] : start[gone + 1]]]
        left[makes[count[makes] == 1]] = False
        lost = np.flatnonzero(now & ~one(left))
        seconds.append(time.perf_counter() - began)
        cpu.append(time.process_time() - worked)
        assert np.array_equal(lost, np.sort(answer[0][answer[1] == gone])), f"differs for firm {gone}"
    return {"seconds": float(np.median(seconds)) * REGION_FIRMS, "cpu": float(np.median(cpu)) * REGION_FIRMS}


def roaring(setting: str, work: Path) -> dict[str, Any]:
    """Sets of firms in pyroaring, product by product in the recipe's order: what one kernel is measured by."""
    from pyroaring import BitMap

    from chainatlas.queries.losses.scenarios import gone_with

    given = Nation(work)
    item, firm = given.region(setting)
    answer = np.load(work / f"nec-{setting}.npy")
    recipe = given.recipe
    assert not recipe.cyclic.any() or recipe.cyclic.sum() < 100
    own = np.bincount(item, minlength=given.n) > 0
    group_start = np.searchsorted(recipe.group, np.arange(len(recipe.owner) + 1)).tolist()
    item_start = np.searchsorted(recipe.owner, np.arange(given.n + 1)).tolist()
    member, order = recipe.member.tolist(), np.argsort(recipe.level, kind="stable").tolist()

    def run() -> int:
        sole = dict(zip(*(a.tolist() for a in gone_with(item, firm, given.n)), strict=True))
        sets: list[BitMap | None] = [None] * given.n
        for p in order:
            if not own[p]:
                continue
            mine, there = BitMap([sole[p]] if p in sole else []), True
            for g in range(item_start[p], item_start[p + 1]):
                some = [s for u in member[group_start[g] : group_start[g + 1]] if (s := sets[u]) is not None]
                if not some:
                    there = False
                    break
                mine |= some[0] if len(some) == 1 else BitMap.intersection(*some)
            if there:
                sets[p] = mine
        return sum(len(s) for s in sets if s is not None)

    found, seconds, cpu = _timed(run, 3)
    return {"seconds": seconds, "cpu": cpu, "lost": found, "ours": answer.shape[1]}


PARTS = {"availability": availability, "verdicts": verdicts, "places": place_by_place} | {
    f"{s}/{name}": partial(part, s) for s in ("sparse", "all made")
    for name, part in (("nec", nec), ("firms", firm_by_firm), ("roaring", roaring))}  # fmt: skip


def compare(rounds: int = ROUNDS) -> list[Row]:
    """Measure by turns; return the rows of the table."""
    from importlib.util import find_spec

    names = [p for p in PARTS if "roaring" not in p or find_spec("pyroaring") is not None]
    with tempfile.TemporaryDirectory(prefix="chainatlas-bench-") as folder:
        work = Path(folder)
        write_nation(work)
        told: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
        for _ in range(rounds):
            for name in names:
                told[name].append(once("nation.py", name, work))
    found = {name: {k: float(np.median([t[k] for t in many])) for k in many[-1]} for name, many in told.items()}
    scan = found["availability"]
    note = (f"{scan['inputs']:,.0f} inputs × {scan['places']:,.0f} places; {scan['moved'] / 1e6:.0f} MB moved at "
            f"least, a copy of as many bytes takes {scan['copy'] * 1000:.0f} ms: "
            f"{scan['seconds'] / scan['copy']:.1f} × off memory bandwidth")  # fmt: skip
    loop = f"numpy, {MEASURED_PLACES} places scaled"
    rows = [_row("availability, nation", loop, found["places"], scan, 500.0, note),
            _row("verdicts with HHI and LQ, nation", "availability alone", scan, found["verdicts"], 0.05,
                 f"{found['verdicts']['cells']:,.0f} cells with a maker, from unsorted facts")]  # fmt: skip
    for setting in ("sparse", "all made"):
        ours = found[f"{setting}/nec"]
        note = f"{ours['firms']:,.0f} firms lose something, {ours['lost']:,.0f} losses"
        rows.append(_row(f"nec, {setting}", f"firm by firm, {MEASURED_FIRMS} scaled to {REGION_FIRMS:,}",
                         found[f"{setting}/firms"], ours, 1000.0, note))  # fmt: skip
        if f"{setting}/roaring" in found:
            rows.append(_row(f"nec, {setting}", "pyroaring sets", found[f"{setting}/roaring"], ours, None, note))
    return rows


def _row(
    name: str, baseline: str, base: dict[str, float], ours: dict[str, float], promised: float | None, note: str
) -> Row:  # fmt: skip
    return Row(name, baseline, base["seconds"], ours["seconds"], promised, note=note, baseline_mb=base["peak_mb"],
               ours_mb=ours["peak_mb"], cpu_ratio=base["cpu"] / ours["cpu"])  # fmt: skip


if __name__ == "__main__":
    script(PARTS, compare)
