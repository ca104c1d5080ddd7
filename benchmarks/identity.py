"""One entity, once: precision and recall of matching names, on pairs made from listed companies.

    python benchmarks/identity.py             5,000 positives, 3,000 hard negatives
    python benchmarks/identity.py --wrong     … and what went wrong, to be read

Records hold names only, no code, so everything hangs on the names. A positive is a company's
short name or its full name as people write it: another legal form, brackets, the place left
out or written in full, full width, marks of the exchanges, traditional characters, one slip,
a new name with the old one in brackets. Hard negatives stand among the records as firms of
their own: the same brand and trade in another place, a branch, another trade of the brand, the
group beside its company. Nothing is trained. The rules
and their few weights were set by hand while reading what came out for all firms, so neither half
(firms with even and with odd codes) is held out: they show how steady the figures are, and
other seeds (``--seed``) draw other noise.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

from measuring import SHARED, CannotRun, Row

SEED = 20261126
_FORMS = ("股份有限责任公司", "有限责任公司", "股份有限公司", "有限公司")
_NEW = "瀚溟翊玥琛珩骐骁霁嵘沣祺珏璟宸昱煜铄钰锘霖皓晟曦熠炜炆烨灏淏濬浚渌湉滢澍"
_TRADES = ("科技", "化工", "新材料", "机械", "电子", "生物", "能源", "环保", "物流", "商贸")


@dataclass(frozen=True)
class Record:
    """One name and the firm that it truly means; ``kind`` says how it was made."""

    name: str
    firm: str
    kind: str


@dataclass(frozen=True)
class Outcome:
    """What matching made of a set of records."""

    records: int
    positives: int
    joined: int
    wrong: int
    found: int
    offered: int
    queue: int
    asked: int
    seconds: float
    by_codes: float
    missed: tuple[Record, ...] = ()
    wrongly: tuple[tuple[Record, Record], ...] = ()
    listed: tuple[tuple[str, bool], ...] = ()

    @property
    def precision(self) -> float:
        """Share of the automatically joined pairs of records that are one firm."""
        return 1 - self.wrong / max(self.joined, 1)

    @property
    def recall(self) -> float:
        """Share of the positives joined or offered for review."""
        return (self.found + self.offered) / self.positives

    @property
    def review(self) -> float:
        """Records in the review list, each counted once however many candidates it has, per record."""
        return self.asked / self.records


def companies(path: Path) -> list[tuple[str, str, str]]:
    """Return (code, short name, full name), one a full name.

    A code under which several full names stand is left out: what is true of it nobody knows.
    """
    found: dict[str, tuple[str, str, str]] = {}
    named: dict[str, set[str]] = defaultdict(set)
    with gzip.open(path / "company.json.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            code = "".join(c for c in row["code"] if c.isdigit())
            found.setdefault(row["fullname"], (code, row["name"], row["fullname"]))
            named[code].add(row["fullname"])
    return sorted(one for one in found.values() if len(named[one[0]]) == 1)


class Noise:
    """Other writings of a company's name, from one source of chance."""

    def __init__(self, seed: int) -> None:
        from opencc import OpenCC

        from chainatlas.graph.identity.seats import levels

        self.chance = random.Random(seed)
        self._traditional = OpenCC("s2t")
        provinces, cities, _ = (level.names.to_pylist() for level in levels())
        self.cities = sorted(c for c in cities if c.endswith("市") and len(c) == 3)
        self.places = sorted((p for p in (*provinces, *cities) if len(p) >= 2), key=len, reverse=True)

    def cut(self, full: str) -> tuple[str, str, str]:
        """Return place, middle and legal form of a full name."""
        form = next((f for f in (*_FORMS, "股份公司", "公司") if full.endswith(f)), "")
        rest = full.removesuffix(form)
        place = next((p for p in self.places if rest.startswith(p) and len(rest) - len(p) >= 3), "")
        return place, rest[len(place) :], form

    def form(self, short: str, full: str) -> str:
        place, middle, form = self.cut(full)
        return place + middle + self.chance.choice([f for f in _FORMS if f != form])

    def brackets(self, short: str, full: str) -> str:
        place, middle, form = self.cut(full)
        if "(" in full or "（" in full:
            plain = full.replace("（", "(").replace("）", ")")
            return plain.translate(str.maketrans("()", self.chance.choice(["【】", "〔〕", "[]"])))
        if middle.endswith("集团"):
            return f"{place}{middle.removesuffix('集团')}（集团）{form}"
        return f"（{place}）{middle}{form}" if place else f"{middle} {form}"

    def place_dropped(self, short: str, full: str) -> str:
        _, middle, form = self.cut(full)
        return middle + form

    def place_added(self, short: str, full: str) -> str:
        place, middle, form = self.cut(full)
        bare = place.removesuffix("市").removesuffix("省")
        if f"{bare}市" in self.cities:
            return f"{bare}市{middle}{form}" if place == bare else f"{bare}{middle}{form}"
        if f"{bare}省" in self.places:
            return f"{bare}省{middle}{form}" if place == bare else f"{bare}{middle}{form}"
        return f"{full} "

    def width(self, short: str, full: str) -> str:
        wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in full)
        at = self.chance.randrange(2, len(wide) - 2)
        return wide[:at] + self.chance.choice([" ", "\u3000"]) + wide[at:]

    def traditional(self, short: str, full: str) -> str:
        return str(self._traditional.convert(self.chance.choice([full, full, short])))

    def slip(self, short: str, full: str) -> str:
        place, middle, form = self.cut(full)
        at = self.chance.randrange(len(middle))
        how = self.chance.choice(["other", "drop", "swap"])
        if how == "swap" and at + 1 < len(middle) and middle[at] != middle[at + 1]:
            made = middle[:at] + middle[at + 1] + middle[at] + middle[at + 2 :]
        elif how == "drop" and len(middle) > 3:
            made = middle[:at] + middle[at + 1 :]
        else:
            made = middle[:at] + self.chance.choice("未末已己目日园圆技枝朗郎辰晨") + middle[at + 1 :]
        return place + made + form

    def short(self, short: str, full: str) -> str:
        return short

    def marked(self, short: str, full: str) -> str:
        return self.chance.choice(["ST{}", "*ST{}", "N{}", "C{}", "{}-U", "{}-W", "{}退", "退市{}"]).format(short[:4])

    def former(self, short: str, full: str) -> str:
        new = "".join(self.chance.sample(_NEW, 4))
        return f"{new}控股有限公司（{self.chance.choice(['原名：', '曾用名：', '原'])}{full}）"

    def twice(self, short: str, full: str) -> str:
        return self.width(short, self.form(short, self.place_added(short, full).strip()))


WEIGHTS = {"short": 15, "marked": 5, "form": 15, "brackets": 9, "place_dropped": 12, "place_added": 10, "width": 9,
           "traditional": 8, "slip": 7, "former": 4, "twice": 6}  # fmt: skip


def records_of(firms: list[tuple[str, str, str]], positives: int, negatives: int, seed: int = SEED) -> list[Record]:
    """Return the firms' full names, positives and hard negatives."""
    noise = Noise(seed)
    base = [Record(full, full, "full") for _, _, full in firms]
    makers: dict[str, Callable[[str, str], str]] = {k: getattr(noise, k) for k in WEIGHTS}
    kinds = noise.chance.choices(list(WEIGHTS), list(WEIGHTS.values()), k=positives)
    made = []
    for kind in kinds:
        _, short, full = noise.chance.choice(firms)
        made.append(Record(makers[kind](short, full), full, kind))
    return [*base, *made, *_negatives(firms, negatives, noise)]


def _negatives(firms: list[tuple[str, str, str]], n: int, noise: Noise) -> list[Record]:
    from chainatlas.graph.identity.names import trade_of

    taken = {full for _, _, full in firms}
    made: list[Record] = []
    while len(made) < n:
        _, _, full = noise.chance.choice(firms)
        place, middle, form = noise.cut(full)
        kind = noise.chance.choices(["other place", "branch", "other trade", "group"], [40, 25, 30, 5])[0]
        if kind == "other place" and place:
            name = noise.chance.choice([c for c in noise.cities if place not in c]) + middle + form
        elif kind == "branch":
            name = f"{full}{noise.chance.choice(noise.cities).removesuffix('市')}分公司"
        elif kind == "other trade" and trade_of(middle)[1]:
            brand, trade = trade_of(middle)
            name = place + brand + noise.chance.choice([t for t in _TRADES if t not in trade]) + form
        elif kind == "group" and "集团" not in full:
            name = f"{place}{middle}集团有限公司"
        else:
            continue
        if name not in taken:
            taken.add(name)
            made.append(Record(name, name, kind))
    return made


def judge(records: list[Record]) -> Outcome:
    """Fold the records as one load and compare what became one with what is one."""
    import pyarrow as pa

    from chainatlas.graph.columns.batch import Batch, Sheet
    from chainatlas.graph.columns.text import name_keys
    from chainatlas.graph.fold.fold import Loaded, fold
    from chainatlas.graph.schema.types import load_schema
    from chainatlas.queries.quality.review import review

    schema = load_schema()
    names = pa.array([r.name for r in records])
    table = pa.table({"name": names, "_key": name_keys(names), "_sheet": pa.array([0] * len(names), pa.int32()),
                      "_row": pa.array(range(2, len(names) + 2), pa.int32())})  # fmt: skip
    batch = Batch((Sheet("pairs", "", "Enterprise", len(names)),), {"Enterprise": table}, {}, {})
    start = time.perf_counter()
    fold([Loaded(1, batch)], schema, match=False)
    by_codes = time.perf_counter() - start
    start = time.perf_counter()
    graph = fold([Loaded(1, batch)], schema).graph
    folded = time.perf_counter() - start
    listed = review(graph, schema).in_language("zh")
    claims = graph.node_claims["Enterprise"]
    of = dict(zip(claims["name"].to_pylist(), claims["of"].to_pylist(), strict=True))
    ids = [f"Enterprise:{k}" for k in graph.nodes["Enterprise"]["key"].to_pylist()]
    offered = {frozenset((row["a"], row["b"])) for row in listed.rows}
    made = _outcome(records, of, ids, offered, (folded, by_codes))
    firm = {of[r.name]: r.firm for r in reversed(records)}
    row_of = {key: row for row, key in enumerate(ids)}
    told = [("、".join(r["reasons"]), firm[row_of[r["a"]]] == firm[row_of[r["b"]]]) for r in listed.rows]
    return replace(made, listed=tuple(told))


def _outcome(
    records: list[Record], of: dict[str, int], ids: list[str], offered: set[Any], seconds: tuple[float, float]
) -> Outcome:
    groups: dict[int, dict[str, Record]] = defaultdict(dict)
    for record in records:
        groups[of[record.name]].setdefault(record.name, record)
    pairs = [p for members in groups.values() for p in combinations(members.values(), 2)]
    wrong = [p for p in pairs if p[0].firm != p[1].firm]
    found, shown, missed = 0, 0, []
    positives = [r for r in records if r.kind in WEIGHTS]
    for record in positives:
        mine, true = of[record.name], of[record.firm]
        if mine == true:
            found += 1
        elif frozenset((ids[mine], ids[true])) in offered:
            shown += 1
        else:
            missed.append(record)
    return Outcome(len(records), len(positives), len(pairs), len(wrong), found, shown, len(offered),
                   _asked(offered), *seconds,
                   tuple(missed), tuple(wrong))  # fmt: skip


def _asked(offered: set[Any]) -> int:
    """Return how many records have to be looked at so that every pair is: those in most pairs first."""
    pairs_of: dict[str, set[Any]] = defaultdict(set)
    for pair in offered:
        for side in pair:
            pairs_of[side].add(pair)
    left, asked = set(offered), 0
    for side in sorted(pairs_of, key=lambda s: (-len(pairs_of[s]), s)):
        if pairs_of[side] & left:
            left -= pairs_of[side]
            asked += 1
    return asked


def measure(positives: int = 5000, negatives: int = 3000, seed: int = SEED, every: int = 1) -> dict[str, Outcome]:
    """Return the outcome on all firms and on either half (by code); ``every`` n-th firm only.

    Raises
    ------
    CannotRun
        The data are not here.
    """
    folder = SHARED / "chainkg"
    if not folder.is_dir():
        raise CannotRun("needs ../shared/data/chainkg")
    firms = companies(folder)[::every]
    halves = {"even codes": [f for f in firms if int(f[0] or 0) % 2 == 0],
              "odd codes": [f for f in firms if int(f[0] or 0) % 2 == 1]}  # fmt: skip
    made = {"all": judge(records_of(firms, positives, negatives, seed))}
    for name, half in halves.items():
        made[name] = judge(records_of(half, positives // 2, negatives // 2, seed + 1))
    return made


def compare() -> list[Row]:
    """Return the table's rows: a fold with names compared against one by codes, the figures in the note."""
    rows = []
    for name, one in measure().items():
        note = (f"precision {one.precision:.4f} (automatic), recall {one.recall:.3f} with review, "
                f"{one.found / one.positives:.3f} without, queue {one.review:.1%} of {one.records:,} records "
                f"({one.queue / one.records:.1%} in pairs)")  # fmt: skip
        rows.append(Row(f"fold, names compared ({name})", "fold by codes only", one.by_codes, one.seconds, note=note))
    return rows


def main() -> int:
    """Print the figures; with ``--wrong`` the pairs behind them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--wrong", action="store_true", help="print what was joined wrongly and what was missed")
    parser.add_argument("--seed", type=int, default=SEED, help="another draw of noise")
    asked = parser.parse_args()
    for name, one in measure(seed=asked.seed).items():
        print(f"{name}: precision {one.precision:.4f} ({one.wrong} of {one.joined}), recall {one.recall:.4f} "
              f"(automatic {one.found / one.positives:.4f}), queue {one.review:.2%} of {one.records} records "
              f"({one.queue / one.records:.2%} in pairs), "
              f"{one.seconds:.1f} s")  # fmt: skip
        if asked.wrong:
            print("missed", Counter(r.kind for r in one.missed))
            for (why, true), n in Counter(one.listed).most_common(30):
                print("  listed", n, "one firm" if true else "two firms", why)
            for a, b in one.wrongly[:25]:
                print("  wrong", a.kind, a.name, "=", b.kind, b.name)
            for r in one.missed[:40]:
                print("  missed", r.kind, r.name, "≠", r.firm)
    return 0


if __name__ == "__main__":
    sys.exit(main())
