"""Functions that write what people look at: the page, network pages, reports."""

from __future__ import annotations

from pathlib import Path

from .graph.schema.errors import StoreError
from .graph.schema.paths import assert_writable
from .graph.schema.words import default_language
from .graph.workspace.journal import Workspace
from .queries.atlas.atlas import Atlas


def write_atlas(
    atlas: Atlas, path: str | Path, *, lang: str | None = None, workspace: str | Path | None = None,
) -> None:  # fmt: skip
    """Write the self-contained page of a graph; with ``workspace`` it tells of the loads as well."""
    from .views.atlas import write
    from .views.atlas.payload import payload

    assert_writable(Path(path))
    try:
        told = None if workspace is None else _manifests(Path(workspace))
        write(payload(atlas, told), Path(path), lang=lang or default_language())
    except OSError as bad:
        raise StoreError("output_unwritable", file=path, reason=bad.strerror or bad) from bad


def network(
    atlas: Atlas, path: str | Path, *, around: str | None = None, hops: int = 1, chain: str | None = None,
    limit: int = 300, lang: str | None = None,
) -> str:  # fmt: skip
    """Write a page that shows a part of the graph as a network; needs the extra ``[network]``.

    Parameters
    ----------
    around, hops
        A name, and how many relations away from it; places are reached, not passed.
    chain
        A chain's links in the columns of its stages, with technologies and makers.
    limit
        Most nodes drawn: the nearest and best connected first.

    Returns
    -------
    str
        What is drawn, and how to see what is left out.

    Raises
    ------
    QueryError
        Nothing has this name, several do, or a number is too small.
    StoreError
        The extra is not installed, or the file cannot be written.
    """
    from .views.network import write

    return write(atlas, Path(path), around=around, hops=hops, chain=chain, limit=limit,
                 lang=lang or default_language())  # fmt: skip


def report(
    atlas: Atlas, path: str | Path, *, chain: str | None = None, place: str | None = None,
    cluster: str | None = None, date: str | None = None, lang: str | None = None,
) -> list[str]:  # fmt: skip
    """Write a workbook (.xlsx) or a document that can be signed (.docx, extra ``[report]``).

    Parameters
    ----------
    chain, place, cluster
        One chain in a place, a cluster with its chains, or everything loaded.
    date
        Date that stands on the report and that targets are judged at; that of the data when not given.

    Returns
    -------
    list of str
        The limits that the report states.

    Raises
    ------
    QueryError
        Another ending, or something asked for is not known.
    StoreError
        The extra is not installed, or the file cannot be written.
    """
    from .views.report import write

    return write(atlas, Path(path), chain=chain, place=place, cluster=cluster, date=date,
                 lang=lang or default_language())  # fmt: skip


def _manifests(folder: Path) -> list[dict[str, object]]:
    home = Workspace.open(folder)
    return [home.manifest(number) for number in home.active_numbers()]
