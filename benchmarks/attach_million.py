"""A million distinct texts of lists onto the links of the bundled chains.

    python benchmarks/attach_million.py             measures and prints
    python benchmarks/attach_million.py --profile   where our time goes, on a twentieth

Ours takes the texts apart, relates every distinct product word to the links and makes the table of
attachments, as `attach` does for a workspace. Equality looks the whole text up among the names, and
finds nearly nothing. TF-IDF of character 1–3-grams gives the twelve nearest links of each whole text,
without saying whether any of them is meant: what a candidate search alone costs.
"""

from __future__ import annotations

import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from list_texts import list_texts
from measuring import Row, once, script
from scipy.sparse import csr_array

MANY = 1_000_000
SECONDS, MEGABYTES = 300.0, 2048.0
_NEAREST = 12
_BATCH = 20_000


def ours(work: Path, many: int = MANY) -> dict[str, Any]:
    """Take apart and relate all texts."""
    import pyarrow.compute as pc

    from chainatlas.queries.attach.attached import BUSINESS, relate_words, uses_of

    snapshot, relate = _chains(work)
    texts = list_texts(many)
    every = np.arange(len(texts))
    start, worked = time.perf_counter(), time.process_time()
    uses = uses_of(texts, np.full(len(texts), -1), relate.forms, every, every, BUSINESS)
    words = pc.unique(uses["word"]).sort().to_pylist()
    parted = time.perf_counter()
    table = relate_words(relate, words, snapshot.words, snapshot)
    ended = time.perf_counter()
    reached = len(pc.unique(uses.filter(pc.is_in(uses["word"], pc.unique(table["word"])))["firm"]))
    return {"all": ended - start, "spans": parted - start, "cpu": time.process_time() - worked, "words": len(words),
            "links": len(relate.forms.links), "attachments": len(table), "texts": reached}  # fmt: skip


def equality(work: Path) -> dict[str, Any]:
    """Look up whole texts among names and short names."""
    from chainatlas.graph.columns.text import name_key

    _, relate = _chains(work)
    texts = list_texts(MANY)
    start, worked = time.perf_counter(), time.process_time()
    known = {name_key(t): k.link for k in relate.forms.links for t in (k.name, *k.aliases)}
    reached = sum(name_key(text) in known for text in texts)
    return {"all": time.perf_counter() - start, "cpu": time.process_time() - worked, "texts": reached}


def nearest(work: Path) -> dict[str, Any]:
    """Return the nearest links of every text by TF-IDF of character n-grams, in batches."""
    _, relate = _chains(work)
    texts = list_texts(MANY)
    start, worked = time.perf_counter(), time.process_time()
    names = [form for forms in relate.forms.exact.values() for form in forms]
    number: dict[str, int] = {}
    known = _counts([f.text for f in names], number, grow=True)
    idf = np.log(known.shape[0] / np.maximum(1, (known > 0).sum(axis=0))) + 1
    table = _weighted(known, idf).T.tocsr()
    reached = 0
    for at in range(0, len(texts), _BATCH):
        alike = (_weighted(_counts(texts[at : at + _BATCH], number), idf) @ table).tocsr()
        for row in range(alike.shape[0]):
            score = alike.data[alike.indptr[row] : alike.indptr[row + 1]]
            if len(score) > _NEAREST:
                score = np.partition(score, -_NEAREST)[-_NEAREST:]
            reached += bool(len(score))
    return {"all": time.perf_counter() - start, "cpu": time.process_time() - worked, "texts": reached}


def _chains(work: Path) -> tuple[Any, Any]:
    """Open the bundled chains and make the forms of their links."""
    import chainatlas as ca
    from chainatlas.queries.attach.attached import relater

    snapshot = ca.open(work / "chains").snapshot
    relate = relater(snapshot)
    relate("锂离子电池电解液")  # makes the tables of forms before the clock
    return snapshot, relate


def _counts(texts: list[str], number: dict[str, int], *, grow: bool = False) -> csr_array:
    """Count the n-grams of texts, shape (texts, n-grams); new ones are numbered only when asked to."""
    columns: list[int] = []
    starts = [0]
    for text in texts:
        for width in (1, 2, 3):
            for at in range(len(text) - width + 1):
                gram = text[at : at + width]
                where = number.setdefault(gram, len(number)) if grow else number.get(gram, -1)
                if where >= 0:
                    columns.append(where)
        starts.append(len(columns))
    made = csr_array((np.ones(len(columns), np.float32), columns, starts), shape=(len(texts), len(number)))
    made.sum_duplicates()
    return made


def _weighted(counts: csr_array, idf: Any) -> csr_array:
    """Return counts × idf with rows of length 1."""
    weighted = counts.multiply(idf[None, :]).tocsr()
    length = np.sqrt(weighted.multiply(weighted).sum(axis=1))
    return csr_array(weighted.multiply(1 / np.maximum(length, 1e-9)[:, None]))


def compare() -> list[Row]:
    """Measure each part once: they run for a minute and more."""
    import chainatlas as ca

    with tempfile.TemporaryDirectory(prefix="chainatlas-bench-") as folder:
        work = Path(folder)
        ca.demo(work / "chains")
        found = {part: once("attach_million.py", part, work) for part in PARTS}
    own = found["ours"]
    note = (f"{own['texts']:,} texts reach one of {own['links']} links, {own['words']:,} distinct words, spans "
            f"{own['spans']:.0f} s; limit of memory {MEGABYTES:.0f} MB")  # fmt: skip
    return [
        Row(f"{MANY:,} texts × {own['links']} links", f"{name} ({base['texts']:,} reach any)", base["all"], own["all"],
            limit=SECONDS, note=note, baseline_mb=base["peak_mb"], ours_mb=own["peak_mb"],
            cpu_ratio=base["cpu"] / own["cpu"])
        for name, base in (("equality of names", found["equality"]), ("TF-IDF 1–3-grams, top 12", found["nearest"]))
    ]  # fmt: skip


PARTS = {"ours": ours, "equality": equality, "nearest": nearest}


def profile() -> None:
    """Print where the time of a twentieth goes."""
    import cProfile
    import pstats

    import chainatlas as ca

    with tempfile.TemporaryDirectory(prefix="chainatlas-bench-") as folder:
        ca.demo(Path(folder) / "chains")
        watched = cProfile.Profile()
        watched.runcall(partial(ours, many=MANY // 20), Path(folder))
        pstats.Stats(watched).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    sys.exit(script(PARTS, compare, {"profile": ("where our time goes", profile)}))
