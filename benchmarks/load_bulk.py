"""Millions of synthetic rows through `chainatlas load`, codes only: speed, growth, memory, one hash.

    python benchmarks/load_bulk.py                    1 M rows, against a tenth of them
    python benchmarks/load_bulk.py --rows 10M         the full run
    python benchmarks/load_bulk.py --profile          where a load spends its time

A tenth of the rows are enterprises with a valid credit code, the others say by code what one
makes. The tables are made here, named synthetic, and never leave a temporary folder. What is
measured is the whole load in a process of its own: CSV read, every code and row checked, journal
with provenance written, entities resolved, graph folded, hashed and written. The memory is the
largest that the process has held, the interpreter and its libraries included.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from measuring import Row, script, turns

ROWS = int(float(os.environ.get("CHAINATLAS_BULK_ROWS", "1e6")))
ROUNDS = 3
BLOCK = 500_000
PROMISED = 600_000  # rows a second
BYTES_A_ROW = 150
CAP = "1GB"
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = [pow(3, i, 31) for i in range(17)]
_INNER = (3, 7, 9, 10, 5, 8, 4, 2)


def credit_codes(serial: npt.NDArray[np.int64]) -> npt.NDArray[np.str_]:
    """Return valid credit codes (GB 32100-2015), one a serial number.

    Examples
    --------
    >>> from stdnum.cn import uscc
    >>> all(uscc.is_valid(str(code)) for code in credit_codes(np.arange(1000)))
    True
    """
    n = len(serial)
    digits = np.zeros((n, 18), np.int64)
    digits[:, :8] = [9, 1, 3, 7, 0, 1, 0, 0]
    rest = serial + 10_000_000
    for at in range(15, 7, -1):
        digits[:, at] = rest % 10
        rest //= 10
    check = (11 - digits[:, 8:16] @ np.array(_INNER) % 11) % 11
    letters = np.array(list(_ALPHABET))
    inner = np.where(check == 10, _ALPHABET.index("X"), check)
    digits[:, 16] = inner
    digits[:, 17] = (31 - digits[:, :17] @ np.array(_WEIGHTS) % 31) % 31
    return np.ascontiguousarray(letters[digits].astype("U1")).view("U18").ravel()


def synthetic(folder: Path, rows: int) -> None:
    """Write two tables of ``rows`` rows in all: enterprises, and what they make."""
    import pyarrow as pa
    import pyarrow.csv as pacsv

    folder.mkdir(parents=True, exist_ok=True)
    firms = rows // 10
    options = pacsv.WriteOptions(quoting_style="none")
    chance = np.random.default_rng(7)
    for name, start, stop in (("企业.csv", 0, firms), ("生产.csv", firms, rows)):
        columns = ("企业名称", "统一社会信用代码", "企业类型") if start == 0 else ("起点", "关系", "终点")
        schema = pa.schema([(c, pa.string()) for c in columns])
        with pacsv.CSVWriter(str(folder / name), schema, write_options=options) as writer:
            for at in range(start, stop, BLOCK):
                n = min(BLOCK, stop - at)
                if start == 0:
                    serial = np.arange(at, at + n)
                    made = (_named("合成企业", serial, "有限公司"), pa.array(credit_codes(serial)),
                            pa.array(["企业", "高新技术企业"]).take(pa.array(serial % 2)))  # fmt: skip
                else:
                    maker, product = chance.integers(0, firms, n), chance.integers(0, max(rows // 200, 100), n)
                    made = (pa.array(credit_codes(maker)), pa.array(["生产"] * n), _named("合成产品", product, ""))
                writer.write_table(pa.table(list(made), schema=schema))


def _named(before: str, serial: npt.NDArray[np.int64], after: str) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.binary_join_element_wise(before, pa.array(serial).cast(pa.string()), after, "")


def loaded(size: int, memory: str | None, work: Path) -> dict[str, Any]:
    """Load the tables of ``size`` rows; return seconds and the graph's hash."""
    import pandas  # noqa: F401

    from chainatlas.loaders.load import load

    with tempfile.TemporaryDirectory(dir=work) as fresh:
        start, worked = time.perf_counter(), time.process_time()
        more = {} if memory is None else {"memory": memory}
        report = load(Path(fresh) / "workspace", [work / str(size)], **more)
        seconds, cpu = time.perf_counter() - start, time.process_time() - worked
    assert sum(s.read for s in report.sheets) == size
    assert sum(s.new + s.merged + s.unchanged for s in report.sheets) == size
    return {"seconds": seconds, "cpu": cpu, "hash": report.hash}


def profile() -> None:
    """Print the functions in which a load spends most."""
    import cProfile
    import pstats

    with tempfile.TemporaryDirectory(prefix="chainatlas-bench-") as folder:
        work = Path(folder)
        synthetic(work / str(ROWS), ROWS)
        loaded(ROWS, None, work)
        profiler = cProfile.Profile()
        profiler.runcall(loaded, ROWS, None, work)
        pstats.Stats(profiler, stream=sys.stdout).strip_dirs().sort_stats("cumulative").print_stats(60)


def bare(work: Path) -> dict[str, Any]:
    """Read the same tables with pyarrow, block by block, and do nothing with them."""
    import pyarrow.csv as pacsv

    start, worked = time.perf_counter(), time.process_time()
    rows = sum(len(block) for path in sorted((work / str(ROWS)).iterdir()) for block in pacsv.open_csv(path))
    assert rows == ROWS
    return {"seconds": time.perf_counter() - start, "cpu": time.process_time() - worked}


def compare(rounds: int = ROUNDS) -> list[Row]:
    """Measure by turns; return the rows of the table.

    Raises
    ------
    RuntimeError
        The cap on memory changed the graph.
    """
    with tempfile.TemporaryDirectory(prefix="chainatlas-bench-") as folder:
        work = Path(folder)
        for size in (ROWS, ROWS // 10):
            synthetic(work / str(size), size)
        found = turns("load_bulk.py", tuple(PARTS), work, rounds)
    whole, tenth, capped, base = (found[part] for part in ("all", "tenth", "capped", "bare"))
    if whole["hash"] != capped["hash"]:
        raise RuntimeError(f"the graphs differ: {whole['hash']} {capped['hash']}")
    a_row = whole["peak_mb"] * (1 << 20) / ROWS
    note = (f"{ROWS:,} rows, {ROWS / whole['seconds']:,.0f} a second ({ROWS / whole['cpu']:,.0f} a processor second), "
            f"{a_row:.0f} bytes a row at the peak, promised {BYTES_A_ROW} for 10 M; medians of {rounds}")  # fmt: skip
    memory = {"baseline_mb": base["peak_mb"], "ours_mb": whole["peak_mb"]}
    return [
        Row("load bulk", "pyarrow, bare reading", base["seconds"], whole["seconds"], limit=ROWS / PROMISED, note=note,
            cpu_ratio=base["cpu"] / whole["cpu"], **memory),
        Row("load bulk", "11 × a tenth of the rows", tenth["seconds"] * 11, whole["seconds"], 1.0,
            cpu_ratio=tenth["cpu"] * 11 / whole["cpu"]),
        Row(f"load bulk, --memory {CAP}", "load bulk", whole["seconds"], capped["seconds"],
            cpu_ratio=whole["cpu"] / capped["cpu"], baseline_mb=whole["peak_mb"], ours_mb=capped["peak_mb"]),
    ]  # fmt: skip


PARTS = {"all": partial(loaded, ROWS, None), "tenth": partial(loaded, ROWS // 10, None),
         "capped": partial(loaded, ROWS, CAP), "bare": bare}  # fmt: skip

if __name__ == "__main__":
    # The parts run in processes of their own: the size reaches them by the environment.
    if "--rows" in sys.argv:
        at = sys.argv.index("--rows")
        text = sys.argv[at + 1].upper().replace("M", "e6").replace("K", "e3")
        os.environ["CHAINATLAS_BULK_ROWS"] = text
        del sys.argv[at : at + 2]
        ROWS = int(float(text))
        PARTS |= {"all": partial(loaded, ROWS, None), "tenth": partial(loaded, ROWS // 10, None)}
    script(PARTS, compare, {"profile": ("where a load spends its time", profile)})
