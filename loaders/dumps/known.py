"""The dumps that are known: one protocol, one line a module."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from ..rows.records import Gathered
from . import chainkg


class Dump(Protocol):
    """A data set in a form of its own: a module that knows its folder and reads it into records."""

    def recognise(self, folder: Path) -> dict[str, Path]:
        """Return the files of the folder by part, or nothing when it is none of this kind."""
        ...

    def read(self, files: dict[str, Path], gathered: Gathered, source: str | None, as_of: str | None) -> None:
        """Read all parts into ``gathered``."""
        ...


DUMPS: tuple[Dump, ...] = (chainkg,)


def reader_of(folder: Path) -> Callable[[Gathered, str | None, str | None], None] | None:
    """Return what reads a folder into records, or None where it is no dump that is known."""
    for dump in DUMPS:
        files = dump.recognise(folder)
        if files:
            return partial(dump.read, files)
    return None
