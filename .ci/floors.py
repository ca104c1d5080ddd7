"""The lowest versions setup.cfg states, as constraints for pip: ``python .ci/floors.py > floors.txt``."""

from __future__ import annotations

import configparser
import re
import sys
from collections.abc import Iterator
from pathlib import Path

SETUP = Path(__file__).resolve().parents[1] / "setup.cfg"
# A name, its floor, and nothing or an upper bound behind it. What has no floor promises nothing, so it is an error.
REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)>=(?P<floor>[\w.]+)(,<[\w.]+)?")


def requirements(setup: str) -> Iterator[str]:
    """Yield what the package and its extras require, a line each."""
    settings = configparser.ConfigParser()
    settings.read_string(setup)
    lists = [settings["options"]["install_requires"], *settings["options.extras_require"].values()]
    for text in lists:
        yield from filter(None, (line.strip() for line in text.splitlines()))


def floors(setup: str) -> list[str]:
    """Return ``name==version`` for each requirement, sorted; raise ``ValueError`` for one without a floor.

    Two floors of one name are both returned when they differ: pip then refuses, and one of them is to be corrected.
    """
    pins = set()
    for requirement in requirements(setup):
        stated = REQUIREMENT.fullmatch(requirement)
        if stated is None:
            raise ValueError(f"setup.cfg: {requirement!r} states no lowest version (name>=version)")
        pins.add(f"{stated['name']}=={stated['floor']}")
    return sorted(pins, key=str.lower)


if __name__ == "__main__":
    sys.stdout.write("\n".join(floors(SETUP.read_text(encoding="utf-8"))) + "\n")
