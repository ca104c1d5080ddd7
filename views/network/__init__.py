"""Network: a part of the graph as one page to explore, drawn by pyvis (extra ``[network]``)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...graph.schema.errors import StoreError
from ...graph.schema.paths import assert_writable, replacing
from ...graph.schema.words import message
from ...queries.atlas.atlas import Atlas
from ...queries.entities.neighbourhood import Neighbourhood, neighbourhood
from .layout import columns, parts, rings
from .page import Drawing, page
from .telling import legend, lines, look, ties

_COLUMNS = ("technology", "upstream", "midstream", "downstream", "none", "maker")


def write(atlas: Atlas, path: Path, *, around: str | None, hops: int, chain: str | None, limit: int, lang: str) -> str:
    """Write the page; return what it says of what it leaves out.

    Raises
    ------
    StoreError
        The extra is not installed, or the file cannot be written.
    QueryError
        Nothing has that name, or a number is too small.
    """
    assert_writable(path)
    _library()
    part = neighbourhood(atlas, around=around, hops=hops, chain=chain, limit=limit)
    text = page(_drawing(atlas, part, around, hops, chain, lang), lang)
    try:
        with replacing(path) as made:
            made.write_text(text, encoding="utf-8", newline="\n")
    except OSError as bad:
        raise StoreError("output_unwritable", file=path, reason=bad.strerror or bad) from bad
    return told(part, lang)


def told(part: Neighbourhood, lang: str) -> str:
    """Say how much is drawn, and how to see what is not."""
    code = "network_all" if part.found == len(part.nodes) else "network_cut"
    return message(code, lang, n=len(part.nodes), found=part.found, relations=len(part.src))


def _library() -> None:
    try:
        import pyvis.network  # noqa: F401
        import rustworkx  # noqa: F401
    except ImportError as bad:
        raise StoreError("exchange_library", library="pyvis, rustworkx", extra="network") from bad


def _drawing(atlas: Atlas, part: Neighbourhood, around: str | None, hops: int, chain: str | None, lang: str) -> Drawing:
    names = atlas.snapshot.names(part.nodes)
    kinds = [atlas.snapshot.type_of(int(node)) for node in part.nodes]
    titles: list[tuple[str, float, float]] = []
    if chain is not None:
        places, heads = columns([_COLUMNS.index(s or "maker") for s in part.stage], part.src, part.dst)
        titles = [(message(f"network_column_{_COLUMNS[c]}", lang), x, y) for c, (x, y) in heads.items()]
    elif around is not None:
        places = rings(part.hop, part.src, part.dst)
    else:
        places = parts(len(part.nodes), part.src, part.dst)
    middle = np.flatnonzero(part.hop == 0)
    title = message("network_around", lang, name=names[int(middle[0])], hops=hops) if len(middle) else (
        chain or message("network_whole", lang))  # fmt: skip
    return Drawing(
        title, told(part, lang), names, look(part, kinds), places, lines(atlas, part, kinds, lang),
        part.src, part.dst, ties(atlas, part, lang), legend(atlas, kinds, lang), atlas.snapshot.hash,
        titles=titles, middle=int(middle[0]) if len(middle) else None,
    )  # fmt: skip
