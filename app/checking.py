"""Functions behind ``check --files``: are the files what was written, and how what is lost comes back."""

from __future__ import annotations

from pathlib import Path

from .graph.schema.words import sentence
from .graph.workspace import checking
from .queries.atlas.result import Result, Row

__all__ = ["check_files"]


def check_files(workspace: str | Path, *, restore: bool = False, accept: bool = False) -> Result:
    """Compare every file of a workspace with what was written: ``file derived message``, a row a fault.

    Parameters
    ----------
    restore
        First put back what can be: decisions that were lost, from the state that was kept; the marker.
    accept
        First take decisions that were removed for removed on purpose.

    Returns
    -------
    Result
        ``derived``: the file is made again by itself when it is next needed; every other fault needs somebody.

    Raises
    ------
    StoreError
        The folder is no workspace, or another process is writing it.
    """
    home = Path(workspace)
    done = [*(checking.restore(home) if restore else ()), *(checking.accept(home) if accept else ())]
    found = checking.check_files(home)
    rows: list[Row] = [{"file": f.file, "derived": f.derived, "message": f.message} for f in found.faults]
    code = "files_faulty" if rows else "files_whole"
    notes = [*done, sentence(code, files=found.files, faults=len(rows))]
    if found.unsigned:
        notes.append(sentence("files_unsigned", loads=found.unsigned))
    return Result(("file", "derived", "message"), rows, tuple(notes))
