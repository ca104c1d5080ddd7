"""What is written whole or not at all: files and folders made aside and renamed into place."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..columns.spill import PREFIX as SPILLED
from ..schema.errors import StoreError


def sweep_aside(home: Path) -> None:
    """Remove what an interrupted writer left aside; it was never part of the journal or the graph."""
    for place in (home, *(home / name for name in ("loads", "tables", "snapshots", "kept", "mappings"))):
        if place.is_dir():
            for left in place.glob(".aside-*"):
                if left.is_file():
                    left.unlink(missing_ok=True)
                else:
                    shutil.rmtree(left, ignore_errors=True)


def holds_anything(folder: Path) -> bool:
    """Tell whether a folder holds more than what an interrupted writer left aside before a workspace stood there."""
    left = (".aside-", SPILLED)
    return folder.is_dir() and any(not found.name.startswith(left) for found in folder.iterdir())


@contextmanager
def aside(target: Path, whole: Callable[[Path], bool] = lambda _: False) -> Iterator[Path]:
    """Write a folder beside ``target`` and rename it into place when it is complete.

    ``whole`` tells of a target that somebody else made meanwhile that it is to stay.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".aside-", dir=target.parent))
    try:
        folder.chmod(0o755)
        yield folder
        sync(folder)
        if target.exists():
            if whole(target):
                shutil.rmtree(folder, ignore_errors=True)
                return
            shutil.rmtree(target)
        os.replace(folder, target)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def sync(folder: Path) -> None:
    """Ask the system to put the files on disk before the rename makes them count."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def write_text(path: Path, text: str) -> None:
    """Replace a small file in one step."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Replace a small file in one step."""
    handle, name = tempfile.mkstemp(prefix=".aside-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def refusals_of(folder: Path) -> Iterator[None]:
    """Turn the system's refusals into a message that names the folder and the remedy."""
    try:
        yield
    except StoreError:
        raise
    except OSError as bad:
        raise StoreError("workspace_readonly", folder=folder, reason=bad.strerror or bad) from bad
