"""The name matcher on pairs made of the ChainKnowledgeGraph companies: quality a kind of noise, and speed.

    python benchmarks/matching.py               tables, then the figures as JSON
    python benchmarks/matching.py --trades      the endings that the trade words were taken from

Positives are 5,000 records that name a listed firm in another way: half of them the short name
of its stock, half the full name with one fault. All full names and all these records lie in one
pool without codes, places or products, so the other firms of the list are the negatives. Half
of the firms (by a hash of the code) served to set the weights; figures are of the other half,
among all records. Firms whose code has several full names are left out: which one is right is
not known. ``open`` is the same with the full names of every second firm taken away.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import itertools
import json
import os
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from chainatlas.graph.matching import candidates
from chainatlas.graph.names import organization_keys

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("CHAINATLAS_SHARED", ROOT.parent / "shared"))
COUNT, SEED = 5_000, 20_261_123
FORM = re.compile(r"(?:集团|\(集团\))?股份有限公司$")


@dataclass(frozen=True)
class Firm:
    """A listed firm: its code, full name and short name."""

    code: str
    full: str
    short: str

    @property
    def held_out(self) -> bool:
        """Tell whether the firm is of the half that the weights have not seen."""
        return hashlib.sha256(self.code.encode()).digest()[0] % 2 == 1


@dataclass
class Pool:
    """Records of one setting: names, the firm each belongs to, how each was made ("full" or a noise)."""

    names: list[str] = field(default_factory=list)
    firm: list[int] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)

    def add(self, name: str, firm: int, kind: str) -> None:
        """Add one record."""
        self.names.append(name)
        self.firm.append(firm)
        self.kind.append(kind)

    @property
    def table(self) -> pa.Table:
        """The records as `candidates` takes them: names alone."""
        nothing = pa.nulls(len(self.names), pa.string())
        return pa.table({"id": pa.array(range(len(self.names)), pa.int64()), "name": pa.array(self.names),
                         "aliases": nothing, "place": nothing, "products": nothing, "code": nothing})  # fmt: skip


def firms(shared: Path = SHARED) -> list[Firm]:
    """Return the firms whose code has one full name and whose names nobody else bears."""
    with gzip.open(shared / "data" / "chainkg" / "company.json.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    by_code: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in rows:
        by_code[row["code"][:6]].add((row["fullname"], row["name"]))
    return [Firm(code, *next(iter(named))) for code, named in sorted(by_code.items()) if len(named) == 1]


# Noise ------------------------------------------------------------------------------------------

Noise = Callable[[str, random.Random], str]


def _places() -> list[str]:
    with (ROOT / "data" / "divisions" / "divisions.csv").open(encoding="utf-8") as lines:
        names = [r["name"] for r in csv.DictReader(lines) if r["level"] in ("province", "city")]
    short = [re.sub("(?:省|市|(?:壮族|回族|维吾尔)?自治区)$", "", n) for n in names]
    return sorted({*names, *short}, key=lambda w: (-len(w), w))


PLACES = _places()


def _head(name: str) -> str:
    return next((p for p in PLACES if name.startswith(p)), "")


def typo(name: str, rng: random.Random) -> str:
    """One character wrong (7 in 10), missing, doubled or changed places with the next."""
    at = rng.randrange(len(name) - 1)
    what = rng.random()
    if what < 0.7:
        other = next(c for c in iter(lambda: rng.choice(TYPED), "") if c != name[at])
        return name[:at] + other + name[at + 1 :]
    if what < 0.8:
        return name[:at] + name[at + 1 :]
    if what < 0.9:
        return name[:at] + name[at] + name[at:]
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def no_place(name: str, rng: random.Random) -> str:
    """Drop the place at the head."""
    rest = name[len(_head(name)) :]
    return rest if len(FORM.sub("", rest)) >= 3 else name


def moved_place(name: str, rng: random.Random) -> str:
    """Move the place from the head into brackets before the legal form, or back."""
    inside = re.match(r"(.+)[（(](.+?)[)）](.*)", name)
    if inside and inside[2] in PLACES:
        return inside[2] + inside[1] + inside[3]
    place = _head(name)
    rest = name[len(place) :]
    return FORM.sub(lambda m: f"（{place}）{m[0]}", rest) if place and len(FORM.sub("", rest)) >= 3 else name


def traditional(name: str, rng: random.Random) -> str:
    """Write it in traditional characters."""
    from opencc import OpenCC

    return str(OpenCC("s2t").convert(name))


def wide(name: str, rng: random.Random) -> str:
    """Full width letters, digits and brackets."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name)


def spaced(name: str, rng: random.Random) -> str:
    """Two spaces somewhere, one of them ideographic."""
    a, b = sorted(rng.sample(range(1, len(name)), 2))
    return name[:a] + " " + name[a:b] + "\u3000" + name[b:]


NOISE: dict[str, Noise] = {
    "typo": typo,
    "no_place": no_place,
    "moved_place": moved_place,
    "no_group": lambda name, rng: re.sub(r"[（(]集团[)）](?=股份)|集团(?=股份)", "", name),
    "no_shares": lambda name, rng: name.replace("股份有限公司", "有限公司"),
    "liability": lambda name, rng: name.replace("有限公司", "有限责任公司"),
    "wide": wide,
    "traditional": traditional,
    "spaced": spaced,
}
TYPED = [c for f in firms() for c in f.full] if (SHARED / "data" / "chainkg").is_dir() else []


def pool(listed: list[Firm], count: int = COUNT, seed: int = SEED, absent: bool = False) -> Pool:
    """Return full names and ``count`` other spellings of them.

    Parameters
    ----------
    absent
        Leave out the full names of every second firm: their other spellings have no match then.
    """
    rng = random.Random(seed)
    made = Pool()
    for i, firm in enumerate(listed):
        if not (absent and i % 2):
            made.add(firm.full, i, "full")
    for i in rng.sample(range(len(listed)), min(count // 2, len(listed))):
        made.add(listed[i].short, i, "short")
    seen = {f.full for f in listed}
    left = count - count // 2
    for kind in itertools.cycle(NOISE):
        for i in (rng.randrange(len(listed)) for _ in range(100)):  # not every name can bear every fault
            name = NOISE[kind](listed[i].full, rng)
            if name not in seen:
                seen.add(name)
                made.add(name, i, kind)
                left -= 1
                break
        if not left:
            break
    return made


# Measures ---------------------------------------------------------------------------------------


def measure(made: Pool, listed: list[Firm], found: pa.Table, held_out: bool = True) -> dict[str, Any]:
    """Return precision of "same", recall and length of the queue, whole and a kind of noise.

    Pairs count when one of their records is of a firm of the half asked for.
    """
    firm = np.array(made.firm)
    ours = np.array([f.held_out or not held_out for f in listed])[firm]
    a, b = found["a"].to_numpy(), found["b"].to_numpy()
    same = np.array(found["outcome"].to_pylist()) == "same"
    counted = ours[a] | ours[b]
    true = firm[a] == firm[b]
    keys = organization_keys(pa.array(made.names)).to_pylist()
    linked = {(min(x, y), max(x, y)): s for x, y, s in zip(a.tolist(), b.tolist(), same.tolist(), strict=True)}
    full = {f: i for i, (f, k) in enumerate(zip(made.firm, made.kind, strict=True)) if k == "full"}
    by_key: dict[str, list[int]] = defaultdict(list)
    for i, key in enumerate(keys):
        by_key[key].append(i)
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    for i, kind in enumerate(made.kind):
        target = full.get(made.firm[i])
        if kind == "full" or target is None or not ours[i]:
            continue
        out = "key" if keys[i] == keys[target] else {True: "same", False: "review", None: "missed"}[
            linked.get((min(i, target), max(i, target)))]  # fmt: skip
        tally[kind][out] += 1
    clash = sum(1 for rows in by_key.values() for r in rows[1:] if firm[r] != firm[rows[0]])
    total: Counter[str] = sum(tally.values(), Counter())
    joined = int((counted & same).sum())
    wrong = int((counted & same & ~true).sum())
    return {"records": len(firm), "same": joined, "wrong": wrong, "key_clashes": clash,
            "precision": 1 - wrong / max(joined, 1),
            "recall": 1 - total["missed"] / max(total.total(), 1),
            "automatic": (total["key"] + total["same"]) / max(total.total(), 1),
            "queue": int((counted & ~same).sum()), "queue_share": float((counted & ~same).sum() / max(ours.sum(), 1)),
            "kinds": {k: dict(tally[k]) for k in ("short", *NOISE) if k in tally}}  # fmt: skip
