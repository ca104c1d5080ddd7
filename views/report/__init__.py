"""Reports: a workbook or a document on a chain in a place, on a cluster, or on everything loaded."""

from __future__ import annotations

from pathlib import Path

from ...graph.schema.errors import QueryError, StoreError
from ...graph.schema.paths import assert_writable
from ...queries.atlas.atlas import Atlas
from .parts import gather


def write(
    atlas: Atlas, path: Path, *, chain: str | None = None, place: str | None = None, cluster: str | None = None,
    date: str | None = None, lang: str = "zh",
) -> list[str]:  # fmt: skip
    """Write the report that the file's ending names; return what it says of what it leaves out.

    Raises
    ------
    QueryError
        The ending is neither .xlsx nor .docx; something asked for is not known.
    StoreError
        The extra is not installed, or the file cannot be written.
    """
    kind = path.suffix.lower()
    if kind not in (".xlsx", ".docx"):
        raise QueryError("report_kind", file=path)
    assert_writable(path)
    if kind == ".docx":
        _library()
    found = gather(atlas, chain=chain, place=place, cluster=cluster, date=date, lang=lang)
    try:
        if kind == ".xlsx":
            from .workbook import write_workbook

            write_workbook(found, path)
        else:
            from .document import write_document

            write_document(atlas, found, path)
    except OSError as bad:
        raise StoreError("output_unwritable", file=path, reason=bad.strerror or bad) from bad
    return list(found.notes)


def _library() -> None:
    try:
        import docx  # noqa: F401
        import resvg_py  # noqa: F401
    except ImportError as bad:
        raise StoreError("exchange_library", library="python-docx, resvg-py", extra="report") from bad
