"""Raw ChainKnowledgeGraph files to a checked graph, against Ladybug's COPY of clean tables.

    python benchmarks/load_chainkg.py             measures and prints
    python benchmarks/load_chainkg.py --profile   where our load spends its time

Ours reads gzip JSON as it was published, checks every row, resolves names and codes, writes
the journal with rejects and provenance, folds, hashes and makes the snapshot with its CSR
arrays. Ladybug copies files that were made from our folded graph beforehand, once from Parquet
and once from CSV: types known, duplicates gone, ends resolved to keys, no rejects, no
provenance. On its side only the COPY statements are timed; opening the database and making its
tables stand before the clock, as do imports on both sides, pandas among them, which pyarrow
would else import at the first array.
"""

from __future__ import annotations

import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from measuring import SHARED, CannotRun, Row, script, turns

FOLDER = SHARED / "chainkg"
ROUNDS = 5
PROMISED = 2.0  # no more than half the time
_TYPES = {"string": "STRING", "double": "DOUBLE", "int64": "INT64", "int32": "INT64", "bool": "BOOL"}


def ours(work: Path) -> dict[str, Any]:
    """Load into a fresh workspace and make its snapshot."""
    import pandas  # noqa: F401
    import pyarrow.json  # noqa: F401
    import xlsxwriter  # noqa: F401

    from chainatlas.graph.workspace.journal import Workspace
    from chainatlas.graph.workspace.snapshot import Snapshot
    from chainatlas.loaders.load import load

    with tempfile.TemporaryDirectory(dir=work) as fresh:
        folder = Path(fresh) / "workspace"
        start, worked = time.perf_counter(), time.process_time()
        report = load(folder, [FOLDER])
        loaded = time.perf_counter()
        snapshot = Snapshot.of(Workspace.open(folder))
        made, cpu = time.perf_counter(), time.process_time() - worked
        counts = [snapshot.n, sum(len(t) for t in snapshot.graph.relations.values())]
        assert report.hash == snapshot.hash
    return {"load": loaded - start, "all": made - start, "cpu": cpu, "nodes": counts[0], "relations": counts[1]}


def ladybug(ending: str, work: Path) -> dict[str, Any]:
    """COPY the clean tables into a fresh database; counts are checked after the clock."""
    import ladybug as lb

    statements = (work / f"{ending}.cypher").read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory(dir=work) as fresh:
        database = lb.Database(str(Path(fresh) / "database"))
        connection = lb.Connection(database)
        for line in (work / "tables.cypher").read_text(encoding="utf-8").splitlines():
            connection.execute(line)
        start, worked = time.perf_counter(), time.process_time()
        for line in statements:
            connection.execute(line)
        copied, cpu = time.perf_counter(), time.process_time() - worked
        connection.execute("CHECKPOINT")
        kept = time.perf_counter()
        counts = [connection.execute(f"MATCH {what} RETURN count(*)").get_next()[0] for what in ("(n)", "()-[r]->()")]
        connection.close()
        database.close()
    return {"copy": copied - start, "kept": kept - start, "cpu": cpu, "nodes": counts[0], "relations": counts[1]}


def clean_tables(work: Path) -> None:
    """Write the folded graph as Parquet and CSV, and the statements that make and fill its tables."""
    import numpy as np
    import pyarrow as pa

    from chainatlas.graph.columns.canonical import flat
    from chainatlas.graph.workspace.journal import Workspace
    from chainatlas.graph.workspace.snapshot import Snapshot
    from chainatlas.loaders.load import load

    load(work / "clean", [FOLDER])
    snapshot = Snapshot.of(Workspace.open(work / "clean"))
    graph, starts = snapshot.graph, snapshot.starts
    keys = pa.concat_arrays([flat(t["key"]).cast(pa.string()) for t in graph.nodes.values()])
    tables: list[str] = []
    copies: dict[str, list[str]] = {"parquet": [], "csv": []}
    for name, table in graph.nodes.items():
        if not len(table):
            continue
        plain = pa.table({c: flat(table[c]) for c in table.column_names})
        _write(plain, work / name, copies, name, "")
        tables.append(f"CREATE NODE TABLE {name}({_columns(plain)}, PRIMARY KEY(key))")
    for name, table in graph.relations.items():
        src, dst = (flat(table[c]).to_numpy().astype(np.int64) for c in ("src", "dst"))
        kinds = [np.searchsorted(starts, end, side="right") - 1 for end in (src, dst)]
        props = {c: flat(table[c]) for c in table.column_names if c not in ("src", "dst")}
        pairs = sorted(set(zip(kinds[0].tolist(), kinds[1].tolist(), strict=True)))
        ends = [(snapshot.types[a], snapshot.types[b]) for a, b in pairs]
        columns = _columns(pa.table(props))
        tables.append(f"CREATE REL TABLE {name}({', '.join(f'FROM {a} TO {b}' for a, b in ends)}"
                      f"{', ' + columns if columns else ''})")  # fmt: skip
        for (a, b), (from_, to) in zip(pairs, ends, strict=True):
            rows = pa.array(np.flatnonzero((kinds[0] == a) & (kinds[1] == b)))
            sides = {"from": keys.take(pa.array(src).take(rows)), "to": keys.take(pa.array(dst).take(rows))}
            table = pa.table({**sides, **{c: v.take(rows) for c, v in props.items()}})
            _write(table, work / f"{name}-{from_}-{to}", copies, name, f"from='{from_}', to='{to}'")
    (work / "tables.cypher").write_text("\n".join(tables), encoding="utf-8")
    for ending, lines in copies.items():
        (work / f"{ending}.cypher").write_text("\n".join(lines), encoding="utf-8")


def _write(table: Any, stem: Path, copies: dict[str, list[str]], name: str, ends: str) -> None:
    """Write one clean table in both formats and note its COPY statements."""
    import pyarrow.csv as pacsv
    import pyarrow.parquet as pq

    pq.write_table(table, stem.with_suffix(".parquet"))
    pacsv.write_csv(table, stem.with_suffix(".csv"))
    for ending, option in (("parquet", ""), ("csv", "header=true")):
        options = ", ".join(part for part in (ends, option) if part)
        copies[ending].append(
            f"COPY {name} FROM '{stem.with_suffix(f'.{ending}')}'" + (f" ({options})" if options else "")
        )


def _columns(table: Any) -> str:
    return ", ".join(f"`{f.name}` {_TYPES[str(f.type)]}" for f in table.schema)


def compare(rounds: int = ROUNDS) -> list[Row]:
    """Measure by turns; return the rows of the table.

    Raises
    ------
    CannotRun
        The data or Ladybug are not here.
    """
    if not FOLDER.is_dir():
        raise CannotRun("needs ../shared/data/chainkg")
    try:
        import ladybug as lb
    except ImportError as bad:
        raise CannotRun("needs: pip install ladybug") from bad
    with tempfile.TemporaryDirectory(prefix="chainatlas-bench-") as folder:
        work = Path(folder)
        clean_tables(work)
        found = turns("load_chainkg.py", tuple(PARTS), work, rounds)
    mine = found["ours"]
    size = f"{mine['nodes']:,} nodes, {mine['relations']:,} relations; medians of {rounds} by turns"
    rows = []
    for ending, shown in (("csv", "CSV"), ("parquet", "Parquet")):
        base = found[ending]
        if (mine["nodes"], mine["relations"]) != (base["nodes"], base["relations"]):
            raise RuntimeError(f"the graphs differ: {mine} {base}")
        named = f"Ladybug {lb.__version__} COPY of {shown}"
        memory = {"baseline_mb": base["peak_mb"], "ours_mb": mine["peak_mb"]}
        rows += [
            Row("load chainkg", named, base["copy"], mine["all"], PROMISED, note=size,
                cpu_ratio=base["cpu"] / mine["cpu"], **memory),
            Row("load chainkg, no snapshot", named, base["copy"], mine["load"], **memory),
            Row("load chainkg", f"{named}, CHECKPOINT", base["kept"], mine["all"], **memory),
        ]  # fmt: skip
    return rows


def profile() -> None:
    """Print the functions in which a load spends most, after one load that warms up."""
    import cProfile
    import pstats

    with tempfile.TemporaryDirectory(prefix="chainatlas-bench-") as folder:
        work = Path(folder)
        warm = [ours(work) for _ in range(3)][-1]
        print(f"warm, without the profiler: load {warm['load']:.2f} s, with snapshot {warm['all']:.2f} s")
        profiler = cProfile.Profile()
        profiler.runcall(ours, work)
        pstats.Stats(profiler, stream=sys.stdout).strip_dirs().sort_stats("cumulative").print_stats(45)


PARTS = {"ours": ours, "parquet": partial(ladybug, "parquet"), "csv": partial(ladybug, "csv")}

if __name__ == "__main__":
    script(PARTS, compare, {"profile": ("where our load spends its time", profile)})
