"""Files of all formats made by grammar, odd in structure and not only in bytes, and what loading them came to.

Run as a program in a process of its own (``python shaping.py FIRST COUNT FOLDER [KIND]``). Every file is loaded
in memory and told in both languages, or refused by a LoadError in one sentence; whatever else comes is a fault.
Prints one JSON object.
"""

from __future__ import annotations

import io
import json
import logging
import random
import resource
import shutil
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shaped.books import ods_file, xls_file, xlsx_file
from shaped.documents import docx_file, pdf_file, text_file
from shaped.graphs import graph_file
from shaped.tables import csv_file, json_file, mapping_files, parquet_file

from chainatlas.graph.columns.text import name_key
from chainatlas.graph.fold.fold import Loaded, fold
from chainatlas.graph.schema.errors import LoadError
from chainatlas.graph.schema.types import load_schema
from chainatlas.graph.schema.words import message
from chainatlas.loaders import load as loading
from chainatlas.loaders.gather import Wanted, gather
from chainatlas.loaders.headers.mapping import read_mapping
from chainatlas.loaders.rejects import write as write_rejects

Make = Callable[[Path, random.Random], list[Path]]
MAKERS: dict[str, Make] = {
    "csv": csv_file,
    "json": json_file,
    "parquet": parquet_file,
    "mapping": mapping_files,
    "xlsx": xlsx_file,
    "ods": ods_file,
    "xls": xls_file,
    "md": text_file,
    "docx": docx_file,
    "pdf": pdf_file,
    "graph": graph_file,
}
# One file in so many is of a kind: what is read in most ways comes most often.
TURN = (
    "csv",
    "xlsx",
    "json",
    "graph",
    "mapping",
    "md",
    "xlsx",
    "csv",
    "docx",
    "graph",
    "json",
    "pdf",
    "ods",
    "parquet",
    "mapping",
    "xls",
)
SCHEMA = load_schema()
SLOW = 60  # seconds that no file of this size may take, on however busy a machine
MEMORY = 4_000_000_000  # bytes of addresses


def load(paths: list[Path], folder: Path) -> str:
    """Load in memory what was made, by its mapping where there is one; returns ``loaded``."""
    mappings = [p for p in paths if p.name == "mapping.toml"]
    wanted = Wanted(mappings=read_mapping(mappings[0])) if mappings else Wanted()
    gathered = gather(
        [p for p in paths if p not in mappings], SCHEMA, known={name_key("山东省"): "山东省"}, wanted=wanted
    )
    batch = gathered.batch()
    folded = fold([Loaded(1, batch)], SCHEMA, 1)
    rejects = [*batch.rejects, *loading._pending_rejects(folded, 1, SCHEMA, gathered)]
    loading._assert_conserved(loading._account(batch, folded, rejects))
    for lang in ("zh", "en"):
        for one in gathered.told:
            assert one.text(lang)
        for reject in rejects:
            assert message(reject.code, lang, **reject.values)
    if rejects:
        write_rejects(folder / "rejects.xlsx", rejects, batch)
    return "loaded"


def one(seed: int, folder: Path, kind: str | None = None) -> tuple[str, str, str | None]:
    """Make and load the files of a seed; return their kind, what came of them, and what was wrong."""
    chance = random.Random(seed)
    kind = kind or TURN[seed % len(TURN)]
    room = folder / "room"
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir()
    paths = MAKERS[kind](room, chance)
    began, outcome, wrong = time.perf_counter(), "", None
    try:
        outcome = load(paths, folder)
    except LoadError as refused:
        outcome = refused.code
        for lang in ("zh", "en"):
            text = refused.text(lang)
            if not text or "Traceback" in text or refused.code == "rows_lost":
                wrong = f"says {text[:500]!r}"
    except KeyboardInterrupt:
        raise
    except BaseException as bad:  # noqa: BLE001  (a panic of a Rust library is no Exception)
        outcome, wrong = "traceback", "".join(traceback.format_exception(bad))[-1800:]
    took = time.perf_counter() - began
    return kind, outcome, wrong or (f"took {took:.0f} s" if took > SLOW else None)


def run(first: int, number: int, folder: Path, kind: str | None = None) -> dict[str, Any]:
    """Load the files of many seeds one by one and tell what came of them."""
    outcomes: Counter[str] = Counter()
    tries: Counter[str] = Counter()
    faults: list[tuple[int, str, str]] = []
    heard = io.StringIO()
    logging.basicConfig(stream=heard, force=True)  # libraries that write tracebacks to their log
    warnings.simplefilter("error", ResourceWarning)
    for seed in range(first, first + number):
        (folder / "seed").write_text(str(seed), encoding="utf-8")
        heard.seek(0)
        heard.truncate()
        made, outcome, wrong = one(seed, folder, kind)
        if wrong is None and "Traceback" in heard.getvalue():
            wrong = f"logged {heard.getvalue()[-800:]}"
        tries[made] += 1
        outcomes[outcome] += 1
        if wrong is not None:
            faults.append((seed, made, wrong))
    # The system's own figure (ru_maxrss) counts what the process that started this one held.
    held = Path("/proc/self/status").read_text(encoding="ascii").partition("VmHWM:")[2].split()[0]
    return {"outcomes": dict(outcomes), "tries": dict(tries), "faults": faults, "memory_mb": int(held) / 1000}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), *sys.argv[4:5]), ensure_ascii=False))  # noqa: T201
