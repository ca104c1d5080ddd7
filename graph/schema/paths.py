"""Paths as the system gives them: what can be read or written there, and their names as text.

A name may hold bytes of another encoding (GBK on a Linux machine), controls, or more characters than the
system takes; what stands at a path may be a folder, a pipe or a device. Each is told in one sentence, before
anything is opened: a pipe that nobody writes to is never waited for.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import LoadError, StoreError
from .short import as_text


def file_name(path: Path) -> str:
    """Return the last part of a path as text that can be kept and shown, whatever bytes it has."""
    return as_text(path.name)


def assert_readable(path: Path, *, folder: bool = False) -> None:
    """Refuse a path at which no file (or, where ``folder``, no folder either) can be read.

    Raises
    ------
    LoadError
        Nothing is there, the system does not let it be looked at, or it is a pipe or a device.
    """
    try:
        kind = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):  # a name with a zero byte in it is a ValueError
        raise LoadError("file_missing", file=path) from None
    except OSError as bad:
        raise LoadError("file_unreadable", file=path, reason=bad.strerror or bad) from bad
    if stat.S_ISDIR(kind):
        if not folder:
            raise LoadError("file_folder", file=path)
    elif not stat.S_ISREG(kind):
        raise LoadError("file_special", file=path)


@contextmanager
def for_natives(path: Path) -> Iterator[Path]:
    """Give a path that libraries outside of Python can open: they take no name that is not UTF-8.

    Such a file is reached through a link (a copy, where links are not allowed) of the name as text.
    """
    if _is_text(path):
        yield path
        return
    with tempfile.TemporaryDirectory() as room:
        link = Path(room) / file_name(path)
        try:
            link.symlink_to(path.absolute())
        except OSError:
            shutil.copyfile(path, link)
        yield link


def assert_nameable(folder: Path) -> None:
    """Refuse a folder that libraries outside of Python could not reach.

    Raises
    ------
    StoreError
        Its path is not UTF-8.
    """
    if not _is_text(folder):
        raise StoreError("folder_name", folder=folder)


def _is_text(path: Path) -> bool:
    return as_text(os.fspath(path)) == os.fspath(path)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path to write at; what was written there takes its place at once, when it is whole.

    Who is killed while writing leaves what was there before, and a file aside that the next try writes again.
    A terminal, and a file in a folder where no other can be made, are written to directly.
    """
    there = path.exists()
    if (path.is_symlink() and not there) or (there and not (path.is_file() and os.access(path, os.W_OK))):
        yield path  # what may not be written to is not replaced either
        return
    real = Path(os.path.realpath(path))
    made = real.with_name(f".aside-{hashlib.sha256(os.fsencode(real.name)).hexdigest()[:12]}{real.suffix[:12]}")
    try:
        made.touch()
        if real.exists():
            shutil.copymode(real, made)
    except OSError:
        yield path
        return
    try:
        yield made
        os.replace(made, real)
    finally:
        made.unlink(missing_ok=True)


_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]) *(?:\..*)?", re.IGNORECASE)


def is_reserved(name: str) -> bool:
    """Tell whether Windows keeps a name for a device, or would write it without its last dot or blank."""
    return name.endswith((".", " ")) or _DEVICES.fullmatch(name) is not None


def assert_writable(path: Path) -> None:
    """Refuse a path at which no file can be written: a folder, a pipe, a socket, a disk, a name that cannot be.

    Raises
    ------
    StoreError
        The message names the path and why.
    """
    if os.name == "nt" and is_reserved(path.name):
        raise StoreError("output_unwritable", file=path, reason="CON, PRN, AUX, NUL, COM1, LPT1, …")
    try:
        kind = path.stat().st_mode
    except FileNotFoundError:
        return  # a new file; whether its folder is there is seen when it is written
    except (OSError, ValueError) as bad:
        reason = bad.strerror if isinstance(bad, OSError) else bad
        raise StoreError("output_unwritable", file=path, reason=reason) from bad
    if stat.S_ISDIR(kind):
        raise StoreError("output_folder", file=path)
    if not stat.S_ISREG(kind) and not stat.S_ISCHR(kind):  # a terminal or /dev/null may be written to
        raise StoreError("output_special", file=path)
