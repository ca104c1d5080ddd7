"""Pictures and documents: the page, the network page, the reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .running import say


def atlas(*, output: Path, workspace: Path, lang: str) -> None:
    """Write the page that opens offline."""
    from ..api import open as open_atlas
    from ..pictures import write_atlas

    write_atlas(open_atlas(workspace), output, lang=lang, workspace=workspace)
    say(f"{output}")


def network(*, output: Path, workspace: Path, lang: str, **options: Any) -> None:
    """Write the graph as a network page."""
    from ..api import open as open_atlas
    from ..pictures import network as draw

    say(draw(open_atlas(workspace), output, lang=lang, **options))
    say(f"{output}")


def report(*, output: Path, workspace: Path, lang: str, **options: Any) -> None:
    """Write a workbook or a document."""
    from ..api import open as open_atlas
    from ..pictures import report as draw

    draw(open_atlas(workspace), output, lang=lang, **options)
    say(f"{output}")
