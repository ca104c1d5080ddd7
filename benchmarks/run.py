"""All benchmarks, one table: `python benchmarks/run.py [names…] [--json FILE]`.

Ends with 1 only when something failed to run; a ratio below its promise is told, not punished.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from measuring import HERE, CannotRun, Row, setting, table

NAMES = ("commands", "load_chainkg", "load_bulk", "load_xlsx", "identity", "gap_scan", "partner_questions", "nation",
         "publish", "network", "page", "attach_nation", "attach_million")  # fmt: skip


def main() -> int:
    """Run what was asked for and print one table; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(NAMES)}; all by default")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in NAMES]
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}")
    rows: list[Row] = []
    skipped: dict[str, str] = {}
    failed: dict[str, str] = {}
    seconds: dict[str, float] = {}
    for name in asked.names or NAMES:
        print(f"{name} …", file=sys.stderr, flush=True)
        start = time.perf_counter()
        try:
            rows += _benchmark(name)()
        except CannotRun as why:
            skipped[name] = str(why)
        except Exception as bad:  # noqa: BLE001 - one that fails must not take the others along
            failed[name] = f"{type(bad).__name__}: {bad}"
        seconds[name] = round(time.perf_counter() - start, 1)
    about = {"date": datetime.now(UTC).date().isoformat(), **setting(), "seconds": seconds}
    print(_setting_line(about))
    if rows:
        print(table(rows))
    for title, found in (("skipped", skipped), ("FAILED", failed)):
        for name, why in found.items():
            print(f"{title}: {name}: {why}")
    if asked.json:
        record = {"setting": about, "rows": [row.record() for row in rows], "skipped": skipped, "failed": failed}
        asked.json.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 1 if failed else 0


def _setting_line(about: dict[str, Any]) -> str:
    libraries = ", ".join(f"{name} {version}" for name, version in about["libraries"].items() if version)
    return (f"{about['date']} · {about['cores']} cores, load {about['load']} · {about['system']} {about['machine']} · "
            f"Python {about['python']} · {libraries}")  # fmt: skip


def _benchmark(name: str) -> Callable[[], list[Row]]:
    if name == "publish":
        return _publish
    found: Callable[[], list[Row]] = import_module(name).compare
    return found


def _publish() -> list[Row]:
    """Run publish.py, which starts a server of its own, and turn its last line into rows."""
    path = HERE / "publish.py"
    missing = [tool for tool in ("java", "mvn") if shutil.which(tool) is None]
    if missing or not path.is_file():
        raise CannotRun(f"needs {' and '.join(missing)}" if missing else "publish.py is not here")
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONUNBUFFERED": "1"})  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-4000:])
    found = json.loads(done.stdout.strip().splitlines()[-1])
    time_of = found["seconds"]
    note = (f"{found['nodes']:,} nodes, {found['relations']:,} relations ({found['graph']}), medians of "
            f"{found['rounds']}; pull {time_of['pull']:.2f} s")  # fmt: skip
    pairs = (("publish, first", "plain loader, first", 1.0), ("publish, first", "row by row, scaled", 30.0),
             ("publish, again", "plain loader, again", None),
             ("publish, 1 % changed", "plain loader, again", None))  # fmt: skip
    return [Row(ours, base, time_of[base], time_of[ours], promised, note=note) for ours, base, promised in pairs]


if __name__ == "__main__":
    sys.exit(main())
