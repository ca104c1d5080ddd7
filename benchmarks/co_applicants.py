"""Co-applicants: hide the latest joint patents, ask for partners of an enterprise, see who of the hidden ones comes.

    python benchmarks/co_applicants.py [--patents 20000] [--table FILE] [--asked 200]

Without a table a made-up one: groups of companies under one name, firms, universities and institutes in
fields of the IPC, who apply alone or together, more with their group, with those near, with those of their
field, and with partners of partners. No real table of this kind is public in a form that could be kept here.

Prints one JSON object a list (enterprises, institutes, both) and method: hit10 (share of hidden pairs whose
second is among the first ten, the other hidden ones of the same enterprise left out), mrr, n. Beside them the
processor time of loading, of the first answer with opening, and the median of the next.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from hidden_producers import without

import chainatlas as ca
from chainatlas.graph.columns.canonical import flat
from chainatlas.graph.workspace.snapshot import Snapshot
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.atlas.scopes import WHOLE
from chainatlas.queries.partners.holdings import Holdings, holdings
from chainatlas.queries.partners.needs import enterprise_need
from chainatlas.queries.partners.patented import patented
from chainatlas.queries.partners.ranking import rank

Ints = npt.NDArray[np.int64]
TOP, LATE = 10, 0.8  # the last fifth of the joint patents is hidden
LISTS = {"enterprise": ("enterprise",), "institute": ("institute",), "both": ("enterprise", "institute")}
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
_PROVINCES = ("山东省", "江苏省", "浙江省", "广东省", "河南省", "四川省", "湖北省", "辽宁省", "陕西省", "安徽省")
_TRADES = ("电力", "化工", "机械", "电子", "材料", "医药", "汽车", "能源", "环保", "信息")


def made_up(path: Path, patents: int, seed: int = 0) -> None:
    """Write a table of made-up patents: 公开号, 名称, 申请人, IPC分类号, 申请日."""
    rng = np.random.default_rng(seed)
    who = _Applicants(rng, max(200, patents // 4))
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("公开号", "名称", "申请人", "IPC分类号", "申请日"))
        for number in range(patents):
            first = int(who.draw())
            applicants = [first, *who.others(first)] if rng.random() < 0.45 else [first]
            classes = who.classes(first)
            year, day = 2010 + 12 * number // patents, 1 + number % 28
            names = "; ".join(who.names[a] for a in applicants)
            out.writerow(
                (
                    f"CN{100000000 + number}A",
                    f"一种{classes[0]}装置{number % 997}",
                    names,
                    "; ".join(classes),
                    f"{year}-{1 + number % 12:02d}-{day:02d}",
                )
            )


class _Applicants:
    """Made-up applicants with group, place and fields, and who applies with whom."""

    def __init__(self, rng: np.random.Generator, n: int) -> None:
        self.rng = rng
        bodies, grouped = n // 8, n // 3
        self.body = np.arange(n) < bodies
        self.place = rng.integers(0, len(_PROVINCES), n)
        self.group = np.full(n, -1)
        self.group[bodies : bodies + grouped] = rng.zipf(1.6, grouped) % max(2, grouped // 6)
        fields = 40
        own = rng.integers(0, fields, n)
        leaders = rng.integers(0, fields, n)  # the field of each group, by its number
        self.field = np.where((self.group >= 0) & (rng.random(n) < 0.7), leaders[self.group], own)
        self.second = rng.integers(0, fields, n)
        self.weight = rng.pareto(1.1, n) + 0.2
        self.names = self._names(n)
        self.known: list[list[int]] = [[] for _ in range(n)]
        self.queue: list[int] = []

    def _names(self, n: int) -> list[str]:
        made = []
        for at in range(n):
            place = _PROVINCES[self.place[at]]
            if self.body[at]:
                made.append(f"{place}{_brand(at)}{('大学', '研究院', '研究所')[at % 3]}")
            elif self.group[at] >= 0:
                made.append(f"{_brand(5000 + int(self.group[at]))}{place}{_brand(at)}{_TRADES[at % 10]}有限公司")
            else:
                made.append(f"{place}{_brand(9000 + at)}{_TRADES[at % 10]}有限公司")
        return made

    def draw(self) -> int:
        if not self.queue:
            self.queue = self.rng.choice(len(self.weight), 4096, p=self.weight / self.weight.sum()).tolist()
        return self.queue.pop()

    def others(self, first: int) -> Iterator[int]:
        """Yield one co-applicant, sometimes two, and remember them."""
        for _ in range(1 + int(self.rng.random() < 0.2)):
            other = self._other(first)
            if other != first and other not in self.known[first][-1:]:
                self.known[first].append(other)
                self.known[other].append(first)
                yield other

    def _other(self, first: int) -> int:
        chance = self.rng.random()
        known = self.known[first]
        if known and chance < 0.35:
            return known[int(self.rng.integers(len(known)))]  # again
        if known and chance < 0.55:
            near = self.known[known[int(self.rng.integers(len(known)))]]
            return near[int(self.rng.integers(len(near)))]  # a partner of a partner
        if self.group[first] >= 0 and chance < 0.75:
            return self._one_of(self.group == self.group[first])
        near = self.place == self.place[first] if self.rng.random() < 0.6 else np.ones(len(self.place), bool)
        kind = self.body if self.rng.random() < 0.5 else ~self.body
        return self._one_of(near & kind & (self.field == self.field[first]))

    def _one_of(self, these: npt.NDArray[np.bool_]) -> int:
        rows = np.flatnonzero(these)
        if not len(rows):
            return self.draw()
        weight = self.weight[rows]
        return int(self.rng.choice(rows, p=weight / weight.sum()))

    def classes(self, of: int) -> list[str]:
        field = self.field[of] if self.rng.random() < 0.75 else self.second[of]
        out = []
        for _ in range(1 + int(self.rng.random() < 0.4)):
            sub = f"{'ABCDEFGH'[field % 8]}{1 + field // 8:02d}{'BCDFGHJK'[int(self.rng.integers(3)) + field % 5]}"
            out.append(f"{sub}{1 + int(self.rng.integers(6))}/{int(self.rng.integers(100)):02d}")
        return out


def _brand(number: int) -> str:
    """A made-up word of three characters."""
    a, rest = divmod(number, 144)
    return _STEMS[a % 10] + _BRANCHES[rest // 12] + _BRANCHES[(rest + a) % 12]


# hiding ------------------------------------------------------------------------------------------


def hide(atlas: Atlas) -> tuple[Atlas, dict[int, Ints]]:
    """Return the graph without the applicants of late patents, and the pairs that only those show, by node.

    Both of a pair have earlier patents; the first is an enterprise.
    """
    snapshot = atlas.snapshot
    ids, dst = snapshot.ids("Patent"), snapshot.edges("OWNS")[1]
    mine = (dst >= ids.start) & (dst < ids.stop)
    applied = np.array([str(d or "") for d in flat(snapshot.column("Patent", "applied")).to_pylist()])
    dates = np.where(mine, applied[np.where(mine, dst - ids.start, 0)], "")
    joint = mine & (np.bincount(dst[mine], minlength=snapshot.n)[dst] > 1)
    limit = np.sort(dates[joint])[int(LATE * joint.sum())] if joint.any() else ""
    late = mine & (dates >= limit) if limit else _drawn(dst, joint)
    left = Atlas(Snapshot(without(snapshot.graph, "OWNS", late), snapshot.schema), atlas.floor)
    before, after = patented(left).tied, patented(atlas).tied
    h = holdings(left)
    fresh = (after - after.multiply(before)).tocsr()
    seen = patented(left).many > 0
    found = {}
    for row in np.flatnonzero(np.diff(fresh.indptr)).tolist():
        others = fresh.indices[fresh.indptr[row] : fresh.indptr[row + 1]]
        others = others[seen[others] & (fresh.data[fresh.indptr[row] : fresh.indptr[row + 1]] > 0)]
        if h.kind[row] == 0 and seen[row] and len(others):
            found[row] = others.astype(np.int64)
    return left, found


def _drawn(patent: Ints, joint: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """A fifth of the joint patents, where there are no dates."""
    each = np.unique(patent[joint])
    return np.isin(patent, np.random.default_rng(0).permutation(each)[: len(each) // 5])


def measure(left: Atlas, hidden: dict[int, Ints], asked: int) -> Iterator[dict[str, Any]]:
    """Rank partners of enterprises by ours and by the baselines, a row a list and method."""
    h = holdings(left)
    rows = np.random.default_rng(1).permutation(np.array(sorted(hidden)))[:asked].tolist()
    for name, kinds in LISTS.items():
        places: dict[str, list[float]] = {}
        for row in rows:
            truth = hidden[row][np.isin(h.kind[hidden[row]], [0 if k == "enterprise" else 1 for k in kinds])]
            if len(truth):
                for method, order in _orders(h, row, kinds):
                    places.setdefault(method, []).extend(_places(order, truth))
        for method, found in places.items():
            rank_of = np.array(found)
            yield {
                "list": name,
                "method": method,
                "hit10": round(float((rank_of <= TOP).mean()), 3),
                "mrr": round(float((1 / rank_of).mean()), 3),
                "n": len(rank_of),
            }


def _orders(h: Holdings, row: int, kinds: tuple[str, ...]) -> Iterator[tuple[str, Ints]]:
    p = patented(h.atlas)
    need = enterprise_need(h, int(h.node[row]), WHOLE)
    for weights in ("auto", "stated"):
        yield f"ours, {weights}", rank(h, need, kinds, weights=weights).row
    pool = np.isin(h.kind, [0 if k == "enterprise" else 1 for k in kinds])
    pool[need.linked] = False
    start = np.zeros(len(h.node))
    start[p.joint.indices[p.joint.indptr[row] : p.joint.indptr[row + 1]]] = 1
    for name, score in (
        ("popularity", p.partners),
        ("common neighbours", p.tied @ start),
        ("Adamic–Adar", p.tied @ (start / np.log(np.maximum(p.partners, 2)))),
    ):
        those = np.flatnonzero(pool & (score > 0))
        yield name, those[np.lexsort((those, -score[those]))]


def _places(order: Ints, truth: Ints) -> list[float]:
    """Rank of each hidden one, the others hidden left out; infinite for those not listed."""
    at = {int(row): place for place, row in enumerate(order.tolist(), 1)}
    found = sorted(at[t] for t in truth.tolist() if t in at)
    return [float(place - before) for before, place in enumerate(found)] + [np.inf] * (len(truth) - len(found))


def times(folder: Path, rows: list[int]) -> dict[str, Any]:
    """Processor seconds of the first answer, with opening, and of the next ones."""
    start = time.process_time()
    atlas = ca.open(folder)
    h = holdings(atlas)
    ca.partners(atlas, atlas.snapshot.key(int(h.node[rows[0]])))
    opened = time.process_time() - start
    took = []
    for row in rows[1:20]:
        start = time.process_time()
        ca.partners(atlas, atlas.snapshot.key(int(h.node[row])))
        took.append(time.process_time() - start)
    return {"first_s": round(opened, 2), "next_s": round(float(np.median(took)), 3) if took else None}


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--patents", type=int, default=20000)
    parser.add_argument("--table", type=Path, help="a real table of patents instead")
    parser.add_argument("--asked", type=int, default=200, help="enterprises that are asked about")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chainatlas-bench-") as folder:
        table = asked.table or Path(folder) / "patents.csv"
        if asked.table is None:
            made_up(table, asked.patents)
        start = time.process_time()
        ca.load(Path(folder) / "w", [table], max_rejects=1.0)
        loaded = round(time.process_time() - start, 1)
        atlas = ca.open(Path(folder) / "w")
        left, hidden = hide(atlas)
        for row in measure(left, hidden, asked.asked):
            print(json.dumps(row, ensure_ascii=False), flush=True)
        print(
            json.dumps(
                {
                    "patents": len(atlas.snapshot.ids("Patent")),
                    "load_s": loaded,
                    **times(Path(folder) / "w", sorted(hidden)),
                }
            )
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
