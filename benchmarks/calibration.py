"""Does κ tell the truth? Facts are hidden with known shares, verdicts made, and compared with what is true.

    python benchmarks/calibration.py [--worlds 160] [--json FILE]

The true world: the makers of the bundled data on the links of all bundled chains. In each world their firms
stand in three cities by lot, so that links with two makers are many. Of a world a list is drawn, in every city
with shares of its own: firms that stand in the list, listed firms that have any product words, and of their
facts those that a word names, those that only a broader word includes (a word that `attach` takes for broader,
out of the forms of the links), and those of which nothing is said. The shares are stated as they were drawn
from (覆盖声明), and the list goes the way of any user's list: `load` onto the bundled chains, attach, κ,
verdicts in every city. The floor is next to nothing, so that every κ gets its verdict.

A cell is a link in a city. By tenths of κ, what is observed against what κ says:

* *missing*: cells with exactly one true maker: the share called missing, against 1 − κ;
* *single*: cells with exactly two true makers, one of them seen: the share called single source, against
  2(1 − κ)/(2 − κₙ), the chance that nothing is said of the other (κₙ: κ with the grain named);
* *missing said*, *single said*: of such verdicts, the share that is false. It is the first two figures times
  how often links have one more maker at all, so 1 − κ is its upper bound, not its value.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import chainatlas as ca
from chainatlas.queries.atlas.atlas import Atlas
from chainatlas.queries.attach.attached import link_nodes, relater
from chainatlas.queries.attach.relate import BROADER
from chainatlas.queries.verdicts.judge import MISSING, SINGLE
from chainatlas.queries.verdicts.verdicts import Verdicts, verdicts

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
WITHIN = 0.1
CITIES = ("青岛市", "烟台市", "潍坊市")
FLOOR = 0.001  # so that every κ gets its verdict
ENOUGH = 100  # cells: below that a share is not held against κ
_POPULATION = "全部"
_PARTS = ("名录完整度", "有产品比例", "粒度点名", "粒度包含")


@dataclass(frozen=True)
class Truth:
    """Who makes what: (firm, link names) of the true world, and a broader word for each link."""

    firms: tuple[tuple[str, tuple[str, ...]], ...]
    broader: dict[str, str]


@dataclass(frozen=True)
class Cells:
    """All cells of some worlds: κ of "nobody" and of "so many", true makers, makers seen, status."""

    kappa: Floats
    named: Floats
    made: Ints
    seen: Ints
    status: Ints


@dataclass(frozen=True)
class Tenth:
    """One tenth of κ: cells that count, the share expected of them, and observed; a bound holds from above only."""

    low: float
    cells: int
    expected: float
    observed: float
    bound: bool = False

    @property
    def holds(self) -> bool:
        """Whether the share lies within a tenth of what κ says, or too few cells tell."""
        off = self.observed - self.expected
        return self.cells < ENOUGH or (off if self.bound else abs(off)) <= WITHIN


def truth(atlas: Atlas) -> Truth:
    """Read the true world from the bundled data."""
    snapshot = atlas.snapshot
    links = link_nodes(snapshot)
    enterprises = snapshot.ids("Enterprise")
    made = atlas.makers.direct[atlas.makers.items(links)].tocoo()
    of_firm: dict[int, list[str]] = {}
    for link, firm in zip(links[made.row].tolist(), made.col.tolist(), strict=True):
        if firm in enterprises:
            of_firm.setdefault(firm, []).append(snapshot.name(link))
    firms = ((snapshot.name(firm), tuple(sorted(names))) for firm, names in sorted(of_firm.items()))
    return Truth(tuple(firms), _broader_words(atlas))


def _broader_words(atlas: Atlas) -> dict[str, str]:
    """Return for each link a word that includes it and as few others as may be; links without one have none."""
    relate = relater(atlas.snapshot)
    best: dict[int, tuple[int, str]] = {}
    for word in sorted({*relate.forms.exact, *relate.forms.heads}):
        attached = relate(word)
        if all(a.tier == BROADER for a in attached):
            for attachment in attached:
                best[attachment.link] = min(best.get(attachment.link, (99, "")), (len(attached), word))
    return {atlas.snapshot.name(link): word for link, (_, word) in best.items()}


def world(folder: Path, ready: Path, true: Truth, number: int, random: np.random.Generator) -> tuple[Atlas, Atlas]:
    """Draw a list of the true world and load it; return the atlas of the list and of the truth.

    Worlds are numbered, so that the κ of their cities fall on every tenth alike.
    """
    shares = {city: _shares((number * len(CITIES) + at) % 10, random) for at, city in enumerate(CITIES)}
    shown, full = folder / "list", folder / "truth"
    for there in (shown, full):
        shutil.copytree(ready, there)
    home = [CITIES[n] for n in random.integers(len(CITIES), size=len(true.firms)).tolist()]
    placed = [(firm, city, links) for (firm, links), city in zip(true.firms, home, strict=True)]
    rows = [(firm, city, _words(true, links, shares[city], random)) for firm, city, links in placed]
    _load(shown, [(firm, city, words) for firm, city, words in rows if words is not None], shares)
    _load(full, [(firm, city, "；".join(links)) for firm, city, links in placed], {})
    return ca.open(shown, floor=FLOOR), ca.open(full, floor=FLOOR)


def _shares(tenth: int, random: np.random.Generator) -> tuple[float, float, float, float]:
    """Draw list, told, named, included so that κ lies in a tenth."""
    kappa = (tenth + random.uniform(0.1, 0.9)) / 10
    parts = random.dirichlet((1.0, 1.0, 1.0))
    listed, told, included = (round(float(kappa**p), 3) for p in parts)
    return listed, told, round(included * float(random.uniform(0.5, 1.0)), 3), included


def _words(true: Truth, links: Sequence[str], shares: tuple[float, ...], random: np.random.Generator) -> str | None:
    """Return what the list says of a firm: its product words, none, or None where it does not stand in it."""
    listed, told, named, included = shares
    luck = random.random(len(links) + 2)
    if luck[0] >= listed:
        return None
    if luck[1] >= told:
        return ""
    words = []
    for link, chance in zip(links, luck[2:].tolist(), strict=True):
        if chance < named:
            words.append(link)
        elif chance < included:
            words.append(true.broader.get(link, link))
    return "；".join(dict.fromkeys(words))


def _load(workspace: Path, firms: Sequence[tuple[str, str, str]], shares: dict[str, tuple[float, ...]]) -> None:
    """Load a list, and what is stated of how complete it is."""
    folder = workspace / "lists"
    folder.mkdir()
    rows = [(firm, "山东省", city, words, "示例名单") for firm, city, words in firms]
    _write(folder / "企业.csv", ("企业名称", "所在省", "所在市", "主营产品", "来源"), rows)
    stated = [("示例名单", "PRODUCES", _POPULATION, city, *parts, "按此抽取") for city, parts in shares.items()]
    if stated:
        _write(folder / "覆盖声明.csv", ("来源", "关系", "总体", "地区", *_PARTS, "依据"), stated)
    ca.load(workspace, [folder], max_rejects=0.0)


def _write(path: Path, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([head, *rows])


def cells(shown: Atlas, full: Atlas) -> Cells:
    """Judge every link in every city and set beside it what is true; primaries, never missing, are left out."""
    found, true = _judged(shown), _judged(full)
    names, true_names = (_names(a, v.items) for a, v in ((shown, found), (full, true)))
    at = {name: row for row, name in enumerate(true_names)}
    keep = np.array([n for n, name in enumerate(names) if name in at and not shown.makers.primary[found.items[n]]])
    rows = np.array([at[names[n]] for n in keep.tolist()])
    return Cells(
        found.coverage[keep].ravel(),
        found.named[keep].ravel(),
        true.producers[rows].ravel(),
        found.producers[keep].ravel(),
        found.status[keep].astype(np.int64).ravel(),
    )


def _judged(atlas: Atlas) -> Verdicts:
    items = atlas.makers.items(link_nodes(atlas.snapshot))
    return verdicts(atlas, items, np.array([atlas.scopes.find(city) for city in CITIES]))


def _names(atlas: Atlas, items: Ints) -> list[str]:
    return [atlas.snapshot.name(atlas.makers.node(int(i))) for i in items]


def tenths(found: Cells, which: Bools, wrong: Bools, chance: Floats, *, bound: bool = False) -> list[Tenth]:
    """Return for each tenth of κ what ``chance`` expects of some cells, and the share of them that is wrong."""
    out = []
    for number in range(10):
        low = number / 10
        mine = which & (found.kappa >= low) & (found.kappa < low + 0.1)
        many = int(mine.sum())
        expected, observed = (float(v[mine].mean()) if many else float("nan") for v in (chance, wrong))
        out.append(Tenth(low, many, expected, observed, bound))
    return out


def measure(worlds: int, seed: int = 0) -> dict[str, list[Tenth]]:
    """Draw worlds and return the tenths of each comparison."""
    drawn: list[Cells] = []
    random = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory(prefix="chainatlas-bench-") as room:
        ca.demo(Path(room) / "demo")
        true = truth(ca.open(Path(room) / "demo"))
        ca.init(Path(room) / "ready")
        for number in range(worlds):
            folder = Path(room) / str(number)
            shown, full = world(folder, Path(room) / "ready", true, number, random)
            drawn.append(cells(shown, full))
            del shown, full
            shutil.rmtree(folder)
    return compared(Cells(*(np.concatenate([getattr(c, name) for c in drawn]) for name in Cells.__annotations__)))


def compared(found: Cells) -> dict[str, list[Tenth]]:
    """Compare verdicts with the truth, by tenths of κ."""
    silent = 1 - found.kappa
    missing = found.status == MISSING
    single = found.status == SINGLE
    two = (found.made == 2) & (found.seen >= 1)
    return {
        "missing": tenths(found, found.made == 1, missing, silent),
        "single": tenths(found, two, single, 2 * silent / (2 - found.named)),
        "missing said": tenths(found, missing, found.made > 0, silent, bound=True),
        "single said": tenths(found, single, found.made > 1, silent, bound=True),
    }


def main() -> int:
    """Print the tenths; end with 1 when one does not hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--worlds", type=int, default=160)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    found = measure(asked.worlds)
    for name, rows in found.items():
        print(f"\n{name}\n| κ | cells | by κ | observed | holds |\n|---|---|---|---|---|")
        for row in rows:
            verdict = "too few" if row.cells < ENOUGH else "yes" if row.holds else "no"
            print(f"| {row.low:.1f}–{row.low + 0.1:.1f} | {row.cells:,} | {row.expected:.3f} | {row.observed:.3f} "
                  f"| {verdict} |")  # fmt: skip
    if asked.json:
        asked.json.write_text(json.dumps({k: [vars(r) for r in v] for k, v in found.items()}), encoding="utf-8")
    return 0 if all(row.holds for rows in found.values() for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
