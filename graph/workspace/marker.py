"""Marker: ``workspace.json`` makes a folder a workspace, and says what cannot be told from its loads.

``format`` and ``schema`` versions, how entities are joined (``match``), and the numbers of loads that were
undone (``undone``): writing a number there is what undoes a load, so no number is given twice. An earlier
version, which knows nothing of ``undone``, would give such a number to a load, and that load would be taken for
undone: a workspace with undone loads is of format 2, which it refuses; without any it is of format 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from ..schema.errors import StoreError
from ..schema.integrity import Damaged, parsed, sealed, unsealed
from ..schema.types import VERSION
from .atomic import write_text

FORMAT = 2
NAME = "workspace.json"
_SHAPE = {"format": int, "schema": int, "match?": frozenset({"names", "codes"}), "undone?": [int]}


@dataclass(frozen=True)
class Marker:
    """What ``workspace.json`` says."""

    schema: int = VERSION
    match: bool = True
    undone: frozenset[int] = frozenset()

    @property
    def format(self) -> int:
        """The lowest format whose readers understand it."""
        return 2 if self.undone else 1

    def matching(self, match: bool) -> Marker:
        """Return it with another way to join entities."""
        return replace(self, match=match)

    def without(self, loads: Iterable[int]) -> Marker:
        """Return it with these loads undone."""
        return replace(self, undone=self.undone | set(loads))


def is_workspace(folder: Path) -> bool:
    """Tell whether a folder is a workspace, also one that has lost its marker."""
    return (folder / NAME).exists() or (folder / "CURRENT").is_file() or (folder / "loads" / "000001").is_dir()


def read_marker(folder: Path) -> Marker:
    """Read the marker of a workspace.

    Raises
    ------
    StoreError
        The folder is no workspace, was written by a newer version, or its marker is damaged or lost.
    """
    if not is_workspace(folder):
        raise StoreError("workspace_missing", folder=folder)
    try:
        data = (folder / NAME).read_bytes()
        _assert_known(folder, parsed(data))
        found = unsealed(data, _SHAPE)
    except Damaged as bad:
        raise StoreError("workspace_marker", folder=folder, reason=bad) from bad
    except StoreError:
        raise
    except OSError as bad:
        raise StoreError("workspace_marker", folder=folder, reason=bad.strerror or bad) from bad
    return Marker(found["schema"], found.get("match", "names") != "codes", frozenset(found.get("undone", ())))


def write_marker(folder: Path, marker: Marker) -> None:
    """Replace the marker in one step."""
    body = {"format": marker.format, "schema": marker.schema, "match": "names" if marker.match else "codes",
            "undone": sorted(marker.undone)}  # fmt: skip
    write_text(folder / NAME, sealed(body))


def _assert_known(folder: Path, found: object) -> None:
    """Say that a newer version wrote this before its content, which it may seal in another way, is looked at."""
    if not isinstance(found, dict):
        return
    told = [found.get(key) for key in ("format", "schema")]
    versions = [n for n in told if isinstance(n, int)]
    if len(versions) == len(told) and (versions[0] > FORMAT or versions[1] > VERSION):
        raise StoreError("workspace_newer", folder=folder, found=max(versions), known=FORMAT)
