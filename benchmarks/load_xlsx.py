"""A wide workbook through `chainatlas load`, against python-calamine's bare reading of it.

    python benchmarks/load_xlsx.py             100,000 rows × 20 columns
    python benchmarks/load_xlsx.py --profile   where a load spends its time

The baseline opens the workbook and turns its one sheet into Python values, no more. Ours does
that too, and checks every cell, makes enterprises with their products, chains, places and
alliances, writes the journal, folds, hashes. The rows are synthetic.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from load_bulk import credit_codes
from measuring import Row, script, turns

ROWS = int(float(os.environ.get("CHAINATLAS_XLSX_ROWS", "1e5")))
ROUNDS = 3
PROMISED = 0.5  # at most twice the time
HEADERS = (
    *("企业名称", "统一社会信用代码", "股票代码", "曾用名", "所在省", "所在市", "所属集群", "所在园区", "产业链"),
    *("产业链环节", "环节位置", "主营产品", "掌握技术", "研发平台", "参加联盟", "企业类型", "营业收入（万元）"),
    *("成立日期", "经营状态", "来源"),
)


def synthetic(path: Path, rows: int) -> None:
    """Write the workbook: one sheet, one row an enterprise, named synthetic."""
    import xlsxwriter

    codes = credit_codes(np.arange(rows))
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("企业")
        sheet.write_row(0, 0, HEADERS)
        for i in range(rows):
            sheet.write_row(i + 1, 0, _cells(i, str(codes[i])))


def _cells(i: int, code: str) -> tuple[object, ...]:
    city = ("济南市", "青岛市", "烟台市", "枣庄市", "潍坊市")[i % 5]
    own = (f"合成企业{i}有限公司", code, "", f"合成旧名{i}" if i % 10 == 0 else "", "山东省", city)
    near = (f"合成集群{i % 30}", f"合成园区{i % 50}", f"合成链{i % 20}", f"合成环节{i % 400}")
    made = (("上游", "中游", "下游")[i % 3], f"合成产品{i % 5000}、合成产品{i % 700}", f"合成技术{i % 900}")
    more = (f"合成平台{i % 2000}", f"合成联盟{i % 40}", "高新技术企业", 1000 + i % 977 + 0.5)
    return (*own, *near, *made, *more, f"20{i % 20:02d}-01-{1 + i % 28:02d}", "存续", "合成名录")


def ours(work: Path) -> dict[str, Any]:
    """Load the workbook into a fresh workspace."""
    import pandas  # noqa: F401
    import python_calamine  # noqa: F401

    from chainatlas.loaders.load import load

    with tempfile.TemporaryDirectory(dir=work) as fresh:
        start, worked = time.perf_counter(), time.process_time()
        report = load(Path(fresh) / "workspace", [work / "企业.xlsx"])
        made = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - worked}
    assert (report.sheets[0].read, report.sheets[0].new) == (ROWS, ROWS)
    return made


def calamine(work: Path) -> dict[str, Any]:
    """Read the workbook with python-calamine and do nothing with it."""
    from python_calamine import CalamineWorkbook

    start, worked = time.perf_counter(), time.process_time()
    cells = CalamineWorkbook.from_path(str(work / "企业.xlsx")).get_sheet_by_index(0).to_python()
    made = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - worked}
    assert len(cells) == ROWS + 1
    return made


def compare(rounds: int = ROUNDS) -> list[Row]:
    """Measure by turns; return the row of the table."""
    with tempfile.TemporaryDirectory(prefix="chainatlas-bench-") as folder:
        work = Path(folder)
        synthetic(work / "企业.xlsx", ROWS)
        found = turns("load_xlsx.py", tuple(PARTS), work, rounds)
    base, mine = found["calamine"], found["ours"]
    return [Row("load xlsx", "python-calamine, bare", base["seconds"], mine["seconds"], PROMISED,
                note=f"{ROWS:,} rows × {len(HEADERS)} columns; medians of {rounds} by turns",
                baseline_mb=base["peak_mb"], ours_mb=mine["peak_mb"], cpu_ratio=base["cpu"] / mine["cpu"])]  # fmt: skip


def profile() -> None:
    """Print the functions in which a load spends most."""
    import cProfile
    import pstats

    with tempfile.TemporaryDirectory(prefix="chainatlas-bench-") as folder:
        work = Path(folder)
        synthetic(work / "企业.xlsx", ROWS)
        print(calamine(work), ours(work))
        profiler = cProfile.Profile()
        profiler.runcall(ours, work)
        pstats.Stats(profiler, stream=sys.stdout).strip_dirs().sort_stats("tottime").print_stats(40)


PARTS = {"ours": ours, "calamine": calamine}

if __name__ == "__main__":
    script(PARTS, compare, {"profile": ("where our load spends its time", profile)})
