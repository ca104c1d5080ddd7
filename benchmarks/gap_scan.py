"""What is available where: all products in all places at once, against place after place.

    python benchmarks/gap_scan.py

The recipe is that of the ChainKnowledgeGraph's products (INPUT_OF of the folded graph), topped
up with inputs drawn from the same products to the size of a nation's recipe: 152,723 inputs in
about 78,000 groups; without ``../shared`` all of it is drawn. 2,000,000 facts say which of 3,200
counties makes which product. Seeds are fixed. Three settings:

    certain     inputs are drawn from products further down, so that cycles stay as few as they are
    cyclic      one component of the recipe is made a large cycle
    possible    as certain, but a place makes all that is not known to be absent: dense

All methods give the least fixpoint that ``queries.availability`` defines. Those that go place by
place are measured on some places, drawn by seed, and scaled to 3,200; on these places their
results are asserted equal to ours.

    numpy          arrays over all inputs, rounds from all false until nothing changes
    numpy levels   inputs before what is made of them, as ours goes, one place at a time
    python         loops over all products, each round
    python sparse  sets; only the products that the place makes are looked at
    cypher         Ladybug; each round one query that sets what has become available
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from measuring import SHARED, Row, once, script

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

PLACES, FACTS, INPUTS, GROUPS, PRODUCTS = 3_200, 2_000_000, 152_723, 78_039, 95_529
SETTINGS = ("certain", "cyclic", "possible")
# Places that a method is measured on; the rest is scaled.
MEASURED = {"numpy": 48, "numpy levels": 48, "python": 4, "python sparse": 48, "cypher": 3}
PROMISED = {"numpy": 300.0, "python": 3_000.0}
ROUNDS = 2


# data ------------------------------------------------------------------------------------------


def write_setting(work: Path, setting: str) -> None:
    """Write recipe, facts and the drawn places of one setting."""
    if not (work / "known.npz").is_file():
        n, owner, member = _chainkg(work) or _drawn()
        np.savez(work / "known.npz", n=n, owner=owner, member=member)
    with np.load(work / "known.npz") as known:
        n, owner, member = int(known["n"]), known["owner"], known["member"]
    rng = np.random.default_rng(11)
    owner, member = _topped_up(n, owner, member, rng)
    if setting == "cyclic":
        owner, member = _with_cycle(owner, member, rng)
    owner, member, label = _grouped(owner, member, rng)
    popular = rng.lognormal(0, 1.5, n)
    many = int(FACTS * 1.4)
    drawn = rng.choice(n, many, p=popular / popular.sum()) * PLACES + rng.integers(0, PLACES, many)
    facts = np.sort(rng.permutation(np.unique(drawn))[:FACTS])
    places = np.sort(rng.permutation(PLACES)[: max(MEASURED.values())])
    np.savez(work / f"{setting}.npz", n=n, owner=owner, member=member, label=label, facts=facts,
             places=rng.permutation(places))  # fmt: skip


def _chainkg(work: Path) -> tuple[int, Ints, Ints] | None:
    """Inputs of products in the folded ChainKnowledgeGraph, numbered from 0."""
    if not (SHARED / "chainkg").is_dir():
        return None
    from chainatlas.graph.workspace.journal import Workspace
    from chainatlas.graph.workspace.snapshot import Snapshot
    from chainatlas.loaders.load import load

    load(work / "workspace", [SHARED / "chainkg"])
    snapshot = Snapshot.of(Workspace.open(work / "workspace"))
    ids = snapshot.ids("Product")
    src, dst = snapshot.edges("INPUT_OF")
    mine = (src >= ids.start) & (src < ids.stop) & (dst >= ids.start) & (dst < ids.stop)
    return len(ids), dst[mine] - ids.start, src[mine] - ids.start


def _drawn() -> tuple[int, Ints, Ints]:
    """Inputs of the same shape when the data are not here: 28,000 users, 21,000 inputs, 13 levels deep."""
    rng = np.random.default_rng(5)
    level = np.minimum(rng.geometric(0.45, PRODUCTS) - 1, 13)
    users, inputs = rng.permutation(PRODUCTS)[:28_000], rng.permutation(PRODUCTS)[:21_000]
    weight = rng.lognormal(0, 1, len(inputs))
    pairs = np.zeros(0, np.int64)
    while len(pairs) < 56_728:
        a, b = rng.choice(users, 100_000), rng.choice(inputs, 100_000, p=weight / weight.sum())
        pairs = np.unique(np.r_[pairs, (a * PRODUCTS + b)[level[b] < level[a]]])
    pairs = rng.permutation(pairs)[:56_728]
    return PRODUCTS, pairs // PRODUCTS, pairs % PRODUCTS


def _topped_up(
    n: int, owner: Ints, member: Ints, rng: np.random.Generator, inputs: int = INPUTS
) -> tuple[Ints, Ints]:  # fmt: skip
    """Add inputs, users and inputs drawn as often as they stand, each from a lower level."""
    from chainatlas.queries.atlas.availability import Recipe

    alone = np.full(len(owner), -1, np.int64)
    level = Recipe.build(n, owner, member, alone, np.ones(len(owner), bool)).level
    pairs = owner * n + member
    while len(pairs) < inputs:
        a, b = rng.choice(owner, inputs), rng.choice(member, inputs)
        new = np.setdiff1d((a * n + b)[level[b] < level[a]], pairs)
        pairs = np.r_[pairs, rng.permutation(new)[: inputs - len(pairs)]]
    return pairs // n, pairs % n


def _with_cycle(owner: Ints, member: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Close a large cycle: 4,000 inputs also need, one way or another, what is made of them."""
    at = rng.permutation(len(owner))[:4_000]
    return np.r_[owner, member[at]], np.r_[member, rng.permutation(owner)[:4_000]]


def _grouped(owner: Ints, member: Ints, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Cut each product's inputs into groups of alternatives, ``GROUPS`` in all, give or take."""
    order = np.argsort(owner, kind="stable")
    owner, member = owner[order], member[order]
    first = np.r_[True, owner[1:] != owner[:-1]]
    share = (GROUPS - first.sum()) / (len(owner) - first.sum())
    return owner, member, np.cumsum(first | (rng.random(len(owner)) < share))


class Setting:
    """One setting as the methods are given it: arrays, ready before the clock starts."""

    def __init__(self, work: Path, name: str) -> None:
        from chainatlas.queries.atlas.availability import Recipe

        with np.load(work / f"{name}.npz") as saved:
            self.n, self.facts, self.places = int(saved["n"]), saved["facts"], saved["places"]
            edges = saved["owner"], saved["member"], saved["label"]
        self.name, self.work = name, work
        self.new_recipe = partial(Recipe.build, self.n, *edges, np.ones(len(edges[0]), bool))
        self.recipe = self.new_recipe()
        self.group_start = _starts(self.recipe.group)
        self.item_start = _starts(self.recipe.owner)
        self.items = self.recipe.owner[self.item_start]

    def own(self) -> npt.NDArray[np.uint64]:
        """Where each product is made, one bit a place."""
        from chainatlas.queries.atlas.availability import pack_bits

        bits = pack_bits(self.facts // PLACES, self.facts % PLACES, self.n, PLACES)
        return ~bits if self.name == "possible" else bits

    def own_at(self, place: int) -> Bools:
        """Which products one place makes."""
        made = np.zeros(self.n, bool)
        made[self.facts[self.facts % PLACES == place] // PLACES] = True
        return ~made if self.name == "possible" else made

    def groups(self) -> dict[int, list[list[int]]]:
        """Each product's groups as lists."""
        found: dict[int, list[list[int]]] = {}
        stops = np.r_[self.group_start[1:], len(self.recipe.member)]
        for owner, start, stop in zip(self.recipe.owner.tolist(), self.group_start, stops, strict=True):
            found.setdefault(owner, []).append(self.recipe.member[start:stop].tolist())
        return found

    @property
    def answer(self) -> Path:
        """Our result at the drawn places, for the others to be compared with."""
        return self.work / f"{self.name}-answer.npy"


# ours ------------------------------------------------------------------------------------------


def ours(setting: str, work: Path) -> dict[str, Any]:
    """All places at once; also what comes before: packing the facts, ordering the recipe."""
    from chainatlas.queries.atlas.availability import available, unpack_bits

    given = Setting(work, setting)
    start = time.perf_counter()
    recipe = given.new_recipe()
    steps = recipe.steps
    prepared = time.perf_counter()
    own = given.own()
    packed = time.perf_counter()
    seconds, cpu = [], []
    for _ in range(7):
        began, worked = time.perf_counter(), time.process_time()
        found = available(recipe, own)
        seconds.append(time.perf_counter() - began)
        cpu.append(time.process_time() - worked)
    np.save(given.answer, unpack_bits(found, PLACES)[:, given.places].T)
    return {"scan": float(np.median(seconds)), "cpu": float(np.median(cpu)),
            "prepare": prepared - start, "pack": packed - prepared,
            "inputs": len(recipe.member), "groups": len(recipe.owner), "steps": len(steps),
            "cycle": int(np.bincount(recipe.component).max()),
            "made": int(np.bitwise_count(own).sum()), "available": int(np.bitwise_count(found).sum())}  # fmt: skip


# place by place --------------------------------------------------------------------------------


def _by_place(method: str, prepare: Callable[[Setting], Callable[[Bools], Bools]], setting: str,
              work: Path) -> dict[str, Any]:  # fmt: skip
    """Time a method on its drawn places and scale to all; what is the same for all is made before."""
    given = Setting(work, setting)
    answer = np.load(given.answer)
    one = prepare(given)
    seconds, cpu = [], []
    for at, place in enumerate(given.places[: MEASURED[method]].tolist()):
        own = given.own_at(place)
        began, worked = time.perf_counter(), time.process_time()
        found = one(own)
        seconds.append(time.perf_counter() - began)
        cpu.append(time.process_time() - worked)
        assert np.array_equal(found, answer[at]), f"{method} differs from ours in place {place}"
    return {"all": float(np.median(seconds)) * PLACES, "cpu": float(np.median(cpu)) * PLACES, "places": len(seconds)}


def _numpy(given: Setting) -> Callable[[Bools], Bools]:
    member, group_start, item_start, items = given.recipe.member, given.group_start, given.item_start, given.items

    def one(own: Bools) -> Bools:
        have = np.zeros(len(own), bool)
        while True:
            met = np.logical_or.reduceat(have[member], group_start)
            more = own.copy()
            more[items] &= np.logical_and.reduceat(met, item_start)
            if np.array_equal(more, have):
                return have
            have = more

    return one


def _numpy_levels(given: Setting) -> Callable[[Bools], Bools]:
    steps = _levels(given)

    def one(own: Bools) -> Bools:
        have = own.copy()
        for items, _, _, _, cyclic in steps:
            if cyclic:
                have[items] = False
        for items, members, group_start, item_start, cyclic in steps:
            while True:
                met = np.logical_or.reduceat(have[members], group_start)
                met = np.logical_and.reduceat(met, item_start) & own[items]
                changed = cyclic and not np.array_equal(have[items], met)
                have[items] = met
                if not changed:
                    break
        return have

    return one


def _levels(given: Setting) -> list[tuple[Ints, Ints, Ints, Ints, bool]]:
    """Items, members, starts of groups and of items, and whether cyclic: inputs first."""
    recipe, made = given.recipe, []
    owner = recipe.owner[recipe.group]
    for depth in range(int(recipe.level.max()) + 1):
        for cyclic in (False, True):
            edges = np.flatnonzero((recipe.level[owner] == depth) & (recipe.cyclic[owner] == cyclic))
            if len(edges):
                group_start = _starts(recipe.group[edges])
                owners = owner[edges][group_start]
                item_start = _starts(owners)
                made.append((owners[item_start], recipe.member[edges], group_start, item_start, cyclic))
    return made


def _starts(values: Ints) -> Ints:
    """First positions of runs of equal values."""
    return np.flatnonzero(np.r_[True, values[1:] != values[:-1]])


def _python(given: Setting) -> Callable[[Bools], Bools]:
    groups = given.groups()

    def one(own: Bools) -> Bools:
        made = own.tolist()
        have = [False] * len(made)
        changed = True
        while changed:
            changed = False
            for item, is_made in enumerate(made):
                if is_made and not have[item] and all(any(have[u] for u in g) for g in groups.get(item, ())):
                    have[item] = changed = True
        return np.array(have)

    return one


def _python_sparse(given: Setting) -> Callable[[Bools], Bools]:
    groups = given.groups()

    def one(own: Bools) -> Bools:
        waiting = np.flatnonzero(own).tolist()
        have: set[int] = set()
        before = -1
        while len(have) != before:
            before, still = len(have), []
            for item in waiting:
                if all(any(u in have for u in g) for g in groups.get(item, ())):
                    have.add(item)
                else:
                    still.append(item)
            waiting = still
        out = np.zeros(len(own), bool)
        out[list(have)] = True
        return out

    return one


def _cypher(given: Setting) -> Callable[[Bools], Bools]:
    import ladybug as lb
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = given.work / f"cypher-{given.name}"
    folder.mkdir(exist_ok=True)
    connection = lb.Connection(lb.Database(str(folder / f"database-{time.time_ns()}")))
    recipe = given.recipe
    size = np.bincount(recipe.owner, minlength=given.n)
    none = pa.array(np.zeros(given.n, bool))
    group = np.arange(len(recipe.owner))
    tables = {
        "Product": ("NODE TABLE Product(id INT64, needs INT64, own BOOL, ok BOOL, PRIMARY KEY(id))",
                    {"id": np.arange(given.n), "needs": size, "own": none, "ok": none}),
        "Need": ("NODE TABLE Need(id INT64, PRIMARY KEY(id))", {"id": group}),
        "NEEDS": ("REL TABLE NEEDS(FROM Product TO Need)", {"from": recipe.owner, "to": group}),
        "MET_BY": ("REL TABLE MET_BY(FROM Need TO Product)", {"from": recipe.group, "to": recipe.member}),
    }  # fmt: skip
    for name, (statement, columns) in tables.items():
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")
        connection.execute(f"CREATE {statement}")
        connection.execute(f"COPY {name} FROM '{folder / name}.parquet'")

    def one(own: Bools) -> Bools:
        connection.execute("MATCH (p:Product) WHERE p.own OR p.ok SET p.own = false, p.ok = false")
        connection.execute("UNWIND $made AS id MATCH (p:Product {id: id}) SET p.own = true, p.ok = (p.needs = 0)",
                           {"made": np.flatnonzero(own).tolist()})  # fmt: skip
        while True:
            done = connection.execute(
                "MATCH (p:Product)-[:NEEDS]->(g:Need)-[:MET_BY]->(u:Product) WHERE p.own AND NOT p.ok AND u.ok "
                "WITH p, count(DISTINCT g) AS met WHERE met = p.needs SET p.ok = true RETURN count(*)")  # fmt: skip
            if not done.get_next()[0]:
                break
        rows = connection.execute("MATCH (p:Product) WHERE p.ok RETURN p.id").get_as_arrow()
        out = np.zeros(len(own), bool)
        out[rows.column(0).to_numpy()] = True
        return out

    return one


_METHODS = {"numpy": _numpy, "numpy levels": _numpy_levels, "python": _python, "python sparse": _python_sparse,
            "cypher": _cypher}  # fmt: skip
PARTS = {f"{s}/ours": partial(ours, s) for s in SETTINGS} | {
    f"{s}/{m}": partial(_by_place, m, prepare, s) for s in SETTINGS for m, prepare in _METHODS.items()}  # fmt: skip


# the table ---------------------------------------------------------------------------------------


def compare(rounds: int = ROUNDS) -> list[Row]:
    """Measure by turns; return the rows of the table."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="chainatlas-bench-") as folder:
        work = Path(folder)
        for setting in SETTINGS:
            write_setting(work, setting)
            rows += _compare(setting, work, rounds)
    return rows


def _compare(setting: str, work: Path, rounds: int) -> list[Row]:
    methods = [m for m in _METHODS if _fits(setting, m)]
    mine: list[dict[str, Any]] = []
    theirs: dict[str, list[dict[str, Any]]] = {m: [] for m in methods}
    for _ in range(rounds):
        for method in methods:
            mine.append(once("gap_scan.py", f"{setting}/ours", work))
            theirs[method].append(once("gap_scan.py", f"{setting}/{method}", work))
    scan = float(np.median([m["scan"] for m in mine]))
    first = mine[-1]
    before = {name: min(m[name] for m in mine) for name in ("prepare", "pack")}
    note = (f"{first['inputs']:,} inputs, {first['groups']:,} groups, largest cycle {first['cycle']:,}, "
            f"{first['steps']} steps, {first['made']:,} × made, {first['available']:,} × available; before the "
            f"scan: recipe {before['prepare'] * 1000:.0f} ms (once a graph), facts to bits "
            f"{before['pack'] * 1000:.0f} ms")  # fmt: skip
    rows = []
    for method in methods:
        base = float(np.median([t["all"] for t in theirs[method]]))
        named = f"{method}, {theirs[method][0]['places']} places scaled"
        cpu = float(np.median([t["cpu"] for t in theirs[method]])) / float(np.median([m["cpu"] for m in mine]))
        rows.append(Row(f"gap scan, {setting}", named, base, scan, PROMISED.get(method), note=note, cpu_ratio=cpu,
                        baseline_mb=max(t["peak_mb"] for t in theirs[method]), ours_mb=first["peak_mb"]))  # fmt: skip
    return rows


def _fits(setting: str, method: str) -> bool:
    """Cypher runs where Ladybug is installed, and on the first setting only: it takes minutes."""
    if method != "cypher":
        return True
    from importlib.util import find_spec

    return setting == "certain" and find_spec("ladybug") is not None


if __name__ == "__main__":
    script(PARTS, compare)
