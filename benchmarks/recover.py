"""Recovering hidden links: how well the partner ranking's evidence finds links that it has not seen.

    python benchmarks/recover.py --data ickg|chainkg|FOLDER [--test FILE] [--methods popularity,A,B] [--sample N]
                                 [--all-products] [--shuffled]

Prints one JSON object a line: {data, method, relation, side, part, mrr, hits1, hits3, hits10, n}. ``relation``
and ``side`` are "all" in the lines that sum up; ``part`` is all, cold (the entity asked about has no known
link of the relation) or warm. Ranks are filtered, ties take their average rank, the candidates are all
entities (chainkg: all materials; ``--all-products``: all products, on a sample). Seeds are fixed.

    ickg        ../shared/data/ickg_subset, train → valid, both sides
    chainkg     上游材料, split as in docs/benchmarks/recover.md, tails; 产品小类 and 下游产品 edges that equal a
                hidden edge or its reverse are left out of the side information
    FOLDER      train.txt and valid.txt with the columns head, relation, tail (numbers with entity2id.txt and
                relation2id.txt, or names)
    --test      rows head, relation, tail that are asked instead of the valid ones
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from measuring import SHARED
from recovery.reranker import rerank
from recovery.towers import tower_channels
from recovery.vectors import LARGEST, vector_channels

from chainatlas.queries.recovery.additive import Asked, Setting, ask, cross_fitted, known_answers, learn, ranks
from chainatlas.queries.recovery.names import Names
from chainatlas.queries.recovery.triples import Triples

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
SAMPLE = 500


@dataclass(frozen=True)
class Task:
    """What is known, what is asked, and what counts as an answer besides (for filtered ranks)."""

    name: str
    train: Triples
    test: Triples
    other: Triples
    setting: Setting


# data ------------------------------------------------------------------------------------------------


def folder_task(folder: Path, name: str, test: Path | None, *, shuffled: bool = False) -> Task:
    """Read train and valid rows; ``shuffled`` gives the training tails of each relation at random."""
    names, relations = _numbered(folder / "entity2id.txt"), _numbered(folder / "relation2id.txt")
    train, valid = _rows(folder / "train.txt"), _rows(folder / "valid.txt")
    asked = _rows(test) if test is not None else valid
    if not names or not relations:
        names = sorted({row[i] for part in (train, valid, asked) for row in part for i in (0, 2)})
        relations = sorted({row[1] for part in (train, valid, asked) for row in part})
    texts = Names.of(names)
    known, extra, wanted = (_triples(texts, names, relations, part) for part in (train, valid, asked))
    if shuffled:
        rng = np.random.default_rng(1)
        tail = known.tail.copy()
        for number in range(len(relations)):
            mine = np.flatnonzero(known.relation == number)
            tail[mine] = rng.permutation(tail[mine])
        known = replace(known, tail=tail)
    latent = vector_channels if len(names) <= LARGEST else tower_channels
    setting = Setting(tuple(range(2 * len(relations))), folds=5, rounds=5, learned=110, latent=latent)
    return Task(name, known, wanted, extra, setting)


def _numbered(path: Path) -> list[str]:
    if not path.is_file():
        return []
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    pairs = sorted((int(line[1]), line[0]) for line in lines if len(line) == 2)
    return [text for _, text in pairs]


def _rows(path: Path) -> list[list[str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = [line.split("\t") if "\t" in line else line.split(",") for line in lines if line.strip()]
    return [row[:3] for row in cells if row[:3] != ["head", "relation", "tail"]]


def _triples(texts: Names, names: list[str], relations: list[str], rows: list[list[str]]) -> Triples:
    entity = {text: at for at, text in enumerate(names)}
    relation = {text: at for at, text in enumerate(relations)}

    def number(text: str, known: dict[str, int]) -> int:
        if text in known:
            return known[text]
        if text.isdecimal() and int(text) < len(known):
            return int(text)
        raise SystemExit(f"{text!r} is not in the training data")

    table = np.array([(number(h, entity), number(r, relation), number(t, entity)) for h, r, t in rows], np.int64)
    return Triples(texts, tuple(relations), *table.reshape(-1, 3).T)


UP, KIND, DOWN, MAKES = range(4)


def chainkg_task(*, all_products: bool = False, test: Path | None = None) -> Task:
    """Split 上游材料 80/10/10 and take its twins out of the side information."""
    folder = SHARED / "chainkg"
    names: dict[str, int] = {}
    for row in _json(folder / "product.json.gz"):
        names.setdefault(row["name"], len(names))
    pairs: dict[str, dict[tuple[int, int], None]] = {}
    for row in _json(folder / "product_product.json.gz"):
        ends = tuple(names.setdefault(row[k], len(names)) for k in ("from_entity", "to_entity"))
        pairs.setdefault(row["rel"], {})[ends] = None  # type: ignore[index]
    products = len(names)
    makes = [(names.setdefault(f"#{r['company_code']}", len(names)), names[r["product_name"]])
             for r in _json(folder / "company_product.json.gz") if r["product_name"] in names]  # fmt: skip
    up = np.array([p for p in pairs["上游材料"] if p[0] != p[1]], np.int64)
    order = np.random.default_rng(0).permutation(len(up))
    cut = int(len(up) * 0.8), int(len(up) * 0.9)
    train, valid, asked = up[order[: cut[0]]], up[order[cut[0] : cut[1]]], up[order[cut[1] :]]
    texts = Names.of(["" if n.startswith("#") else n for n in names])
    relations = ("上游材料", "产品小类", "下游产品", "主营产品")
    hidden = np.vstack([valid, asked])
    side = [(KIND, np.array(list(pairs["产品小类"]))), (DOWN, np.array(list(pairs["下游产品"]))),
            (MAKES, np.unique(np.array(makes), axis=0))]  # fmt: skip
    parts = [(UP, train), *side]
    known = without_twins(_put(texts, relations, parts), _put(texts, relations, [(UP, hidden)]))
    wanted = _put(texts, relations, [(UP, asked)])
    if test is not None:
        wanted = _triples(texts, list(names), list(relations), _rows(test))
    candidates = np.arange(products) if all_products else np.unique(up[:, 1])
    setting = Setting((UP,), folds=10, rounds=1, block=128 if not all_products else 24, longest=2, most=2_500,
                      candidates=candidates, hide=without_twins, latent=tower_channels)  # fmt: skip
    return Task("chainkg", known, wanted, _put(texts, relations, [(UP, hidden)]), setting)


def _json(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _put(texts: Names, relations: tuple[str, ...], parts: list[tuple[int, Ints]]) -> Triples:
    relation = np.concatenate([np.full(len(p), r) for r, p in parts])
    ends = np.concatenate([p.reshape(-1, 2) for _, p in parts]).astype(np.int64)
    return Triples(texts, relations, ends[:, 0], relation, ends[:, 1])


def without_twins(known: Triples, hidden: Triples) -> Triples:
    """Take out every link of any relation between the ends of a hidden link, either way round."""
    size = known.n
    pairs = np.r_[hidden.head * size + hidden.tail, hidden.tail * size + hidden.head]
    return known.take(~np.isin(known.head * size + known.tail, pairs))


# methods ---------------------------------------------------------------------------------------------


def results(task: Task, methods: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Yield the figures of each method, all together and by relation, side, cold and warm."""
    asked = ask(task.setting.evidence(task.train), task.test, known_answers(task.train, task.other, task.test),
                task.setting)  # fmt: skip
    scores: dict[str, Floats] = {}
    if "popularity" in methods:
        scores["popularity"] = asked.value[:, asked.names.index("popularity")].astype(float)
    if {"A", "B"} & set(methods):
        learned = cross_fitted(task.train, task.setting)
        model = learn(learned)
        if "A" in methods:
            scores["A"] = model.score(asked)
        if "B" in methods:
            scores["B"] = rerank(model, learned, asked)
    for method, score in scores.items():
        yield from figures(task, asked, method, ranks(asked, score))


def figures(task: Task, asked: Asked, method: str, rank: Floats) -> Iterator[dict[str, Any]]:
    """Yield one line for all, then lines by relation and side, cold and warm."""
    half = len(task.train.relations)
    known = known_answers(task.train)
    warm = np.array([(d, e) in known for d, e in zip(asked.direction.tolist(), asked.entity.tolist(), strict=True)])
    every = np.ones(len(rank), bool)
    for relation in (None, *range(half)):
        for side in (None, 0, 1):
            mine = every if relation is None else asked.direction % half == relation
            mine = mine if side is None else mine & (asked.direction // half == side)
            for part, chosen in (("all", mine), ("warm", mine & warm), ("cold", mine & ~warm)):
                if chosen.any():
                    name = "all" if relation is None else task.train.relations[relation]
                    yield {"data": task.name, "method": method, "relation": name,
                           "side": ("all", "tail", "head")[0 if side is None else side + 1], "part": part,
                           **_summary(rank[chosen])}  # fmt: skip


def _summary(rank: Floats) -> dict[str, Any]:
    hits = {f"hits{k}": round(float((rank <= k).mean()), 4) for k in (1, 3, 10)}
    return {"mrr": round(float((1 / rank).mean()), 4), **hits, "n": len(rank)}


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", required=True, help="ickg, chainkg, or a folder with train.txt and valid.txt")
    parser.add_argument("--test", type=Path, help="rows head, relation, tail to ask for instead")
    parser.add_argument("--methods", default="popularity,A,B")
    parser.add_argument("--all-products", action="store_true", help="chainkg: all products as candidates, on a sample")
    parser.add_argument("--sample", type=int, help="ask for this many of the test links, drawn by a fixed seed")
    parser.add_argument("--shuffled", action="store_true", help="training tails at random: must score like popularity")
    asked = parser.parse_args()
    if asked.data == "chainkg":
        task = chainkg_task(all_products=asked.all_products, test=asked.test)
    else:
        folder = SHARED / "ickg_subset" if asked.data == "ickg" else Path(asked.data)
        task = folder_task(folder, asked.data, asked.test, shuffled=asked.shuffled)
    size = asked.sample or (SAMPLE if asked.all_products else len(task.test))
    if size < len(task.test):
        drawn = np.random.default_rng(0).choice(len(task.test), size, replace=False)
        task = replace(task, test=task.test.take(np.sort(drawn)))
    for line in results(task, tuple(asked.methods.split(","))):
        print(json.dumps(line, ensure_ascii=False), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
