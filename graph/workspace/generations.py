"""Generations: a folded graph stays on disk as long as somebody reads it.

A reader holds the manifest of the tables it opened by a shared lock, which dies with the process;
a writer removes the tables and snapshots of a graph only after it took that lock for itself, and
leaves what is held to a later writer. So a reader is never refused, and never reads half a graph.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ..columns.sinks import read_manifest
from ..schema.integrity import digest_of, sealed, unsealed
from .atomic import sync, write_text
from .decisions import SHAPE as DECISIONS

PLACES = ("tables", "snapshots")
_POINTER = {
    "hash": str, "loads?": (list, dict), "judgements?": str, "hashed?": int, "match?": bool, "undone?": [int],
    "decisions?": DECISIONS,
}  # fmt: skip
TRIES = 5  # swaps in a row that a reader may meet between reading CURRENT and opening what it names


class Held:
    """A graph that a reader has open; let go when the object is.

    It keeps a bare descriptor: a file object would be found open, and complained of, by the collector.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        """Let the graph go; a writer may remove it from now on."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __del__(self) -> None:
        self.release()


def hold(tables: Path) -> Held | None:
    """Hold the tables of one graph, None when they are not there or are just being removed."""
    path = tables / "manifest.json"
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    if _share(descriptor) and _is_still(descriptor, path):
        return Held(descriptor)
    os.close(descriptor)
    return None


def remove_generation(home: Path, digest: str) -> None:
    """Remove tables and snapshot of a graph, unless a reader holds them."""
    tables = home / "tables" / digest
    with _alone(tables / "manifest.json") as free:
        if not free:
            return
        for place in PLACES:
            gone = home / place / f".aside-gone-{digest}"
            try:
                (home / place / digest).rename(gone)
            except FileNotFoundError:
                continue
            except OSError:
                return  # Windows: a reader has a file of it open
            shutil.rmtree(gone, ignore_errors=True)


def remove_old_generations(home: Path, current: str) -> None:
    """Remove every graph but the current one, unless readers hold it."""
    found = {old.name for place in PLACES for old in (home / place).glob("[!.]*")}
    for digest in sorted(found - {current}):
        remove_generation(home, digest)


@dataclass(frozen=True)
class CurrentTables:
    """The folded graph that CURRENT names: its hash, folder, and counts by part and type."""

    hash: str
    folder: Path
    counts: dict[str, dict[str, int]]


def current_tables(home: Path) -> CurrentTables | None:
    """Return the tables that CURRENT names, None when there are none."""
    state = pointer(home)
    if state is None:
        return None
    folder = home / "tables" / state["hash"]
    try:
        manifest = read_manifest(folder)
    except OSError:  # Damaged is one, too
        return None
    return CurrentTables(manifest["hash"], folder, manifest["counts"])


def current_held(home: Path) -> tuple[CurrentTables | None, Held | None]:
    """Return ``current_tables`` with a hold on them; without one when they are damaged."""
    for _ in range(TRIES):
        current = current_tables(home)
        held = None if current is None else hold(current.folder)
        if current is None or held is not None:
            break
    return current, held


def pointer(home: Path) -> dict[str, Any] | None:
    """Return what CURRENT says; None where there is none, or it is damaged: it is only derived, and written again."""
    try:
        state = unsealed((home / "CURRENT").read_bytes(), _POINTER)
    except OSError:  # Damaged is one, too
        return None
    return state if state["hash"].isalnum() else None


def point(home: Path, state: dict[str, Any]) -> None:
    """Replace CURRENT in one step."""
    write_text(home / "CURRENT", sealed(state))


def swap_tables(home: Path, made: Path, state: dict[str, Any]) -> None:
    """Rename tables made aside into place, then point CURRENT at them; the tables before go unless they are read.

    Parameters
    ----------
    made
        Folder that ``InFolder`` wrote.
    state
        What CURRENT is to say: ``hash``, and what else its reader compares.
    """
    target = home / "tables" / state["hash"]
    if not is_whole(target):
        sync(made)
        drop(target)
        os.replace(made, target)
    point(home, state)
    remove_old_generations(home, state["hash"])


def is_whole(tables: Path) -> bool:
    """Tell whether tables are, byte for byte, what was written; those of earlier versions do not say it."""
    try:
        digests = read_manifest(tables).get("digests", {})
        return bool(digests) and all(digest_of(tables / file) == digest for file, digest in digests.items())
    except OSError:  # Damaged is one, too
        return False


def drop(folder: Path) -> None:
    """Remove a folder of what is only derived, first by a rename: half of it is never found by its name."""
    if not folder.exists():
        return
    gone = folder.with_name(f".aside-gone-{folder.name}")
    shutil.rmtree(gone, ignore_errors=True)
    folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


@contextmanager
def _alone(manifest: Path) -> Iterator[bool]:
    """Take a manifest for oneself; True where nobody holds it, or there is none to hold."""
    try:
        file = manifest.open("rb")
    except OSError:
        yield True
        return
    with contextlib.closing(file):
        yield _exclude(file)


def _is_still(descriptor: int, path: Path) -> bool:
    """Tell whether an open file is the one that stands at its path, not one that was just removed."""
    try:
        there, ours = path.stat(), os.fstat(descriptor)
    except OSError:
        return False
    return (there.st_ino, there.st_dev) == (ours.st_ino, ours.st_dev)


if sys.platform == "win32":
    # A folder with an open file cannot be renamed there: the open manifest is the lock.

    def _share(descriptor: int) -> bool:
        return True

    def _exclude(file: IO[bytes]) -> bool:
        file.close()
        return True

else:
    import fcntl

    def _share(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True  # a file system without locks: a reader may still read
        return True

    def _exclude(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
