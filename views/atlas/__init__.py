"""The page of ChainAtlas: one self-contained ``atlas.html`` that opens from disk.

A payload (see :mod:`.contract`) goes in, one HTML text comes out: style, page code, ECharts and the
data stand inside it, and its Content-Security-Policy forbids everything else. Nothing in the text
depends on the clock or the machine, so equal payloads give equal bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...graph.schema.paths import replacing
from .bundle import build
from .contract import FORMAT

__all__ = ["FORMAT", "render", "write"]

LANGUAGES = ("zh", "en")


def render(payload: Mapping[str, Any], *, lang: str = "zh") -> str:
    """Return the page for a payload.

    Parameters
    ----------
    payload : mapping
        What :class:`.contract.Payload` describes. Any text in it may be hostile.
    lang : {"zh", "en"}
        Language in which the page opens; the reader can switch.

    Returns
    -------
    str
        A complete HTML document; equal payloads give equal text.

    Raises
    ------
    ValueError
        If the language or the payload's format is not one the page speaks.
    """
    if lang not in LANGUAGES:
        raise ValueError(f"lang {lang!r} is not known; use one of {', '.join(LANGUAGES)}")
    found = payload.get("format")
    if found != FORMAT:
        raise ValueError(f"payload format {found!r} is not {FORMAT}; build it with this version")
    return build(payload, lang)


def write(payload: Mapping[str, Any], path: str | Path, *, lang: str = "zh") -> Path:
    r"""Write the page for a payload to a file, as UTF-8 with ``\n`` line ends.

    Parameters
    ----------
    payload : mapping
        What :class:`.contract.Payload` describes.
    path : str or Path
        The file to write; its folder must exist.
    lang : {"zh", "en"}
        Language in which the page opens.

    Returns
    -------
    Path
        The file written.
    """
    target = Path(path)
    text = render(payload, lang=lang)
    with replacing(target) as made:
        made.write_text(text, encoding="utf-8", newline="\n")
    return target
