"""A process that writes the changed napkin to a store and is killed before a given step.

    python dying.py STORE ADDRESS STEP

Run by the suite, with its folder and the one above on PYTHONPATH. Nothing of Python's own clean-up
happens, as in a power cut.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from building import SCHEMA
from places import STORES, counted
from samples import napkin


def main(name: str, address: str, last: int) -> None:
    """Write until killed."""

    def before_step(step: int) -> None:
        if step == last:
            os.kill(os.getpid(), signal.SIGKILL)

    place = Path(address) if name == "files" else address
    store = STORES[name](place, SCHEMA)  # type: ignore[call-arg]
    with counted(name, before_step):
        store.put(napkin(revenue=2.5, more=("丁厂",)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
