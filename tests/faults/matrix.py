"""What was tried at night and what held: a line of JSON a kind, from which the fault matrix of the docs is made.

Nothing is written unless the environment variable CHAINATLAS_FAULTS names a file; the lines of one
night are turned into the page by ``python docs/faults.py``.
"""

from __future__ import annotations

import datetime
import json
import os


def record(kind: str, tries: int, held: int) -> None:
    """Append what became of one kind of fault: how often it was tried, and how often all held."""
    file = os.environ.get("CHAINATLAS_FAULTS")
    if not file:
        return
    line = {"kind": kind, "tries": tries, "held": held, "date": datetime.date.today().isoformat()}
    with open(file, "a", encoding="utf-8") as out:  # one short write a line: several processes may append
        out.write(json.dumps(line, ensure_ascii=False) + "\n")
