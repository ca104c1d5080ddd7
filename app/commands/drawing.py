"""Pictures and documents: the network page, the reports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .common import DEFAULT, Chain, Debug, Lang, Workspace, guarded, say

_PAGE = Annotated[Path, typer.Option("-o", "--output", metavar="FILE.html", help="写到 / write to")]
_AROUND = Annotated[str | None, typer.Option("--around", metavar="NAME",
                                             help="看谁的周围 / what is around this")]  # fmt: skip
_HOPS = Annotated[int, typer.Option("--hops", metavar="N", help="几步以内 / how many relations away")]
_LIMIT = Annotated[int, typer.Option("--limit", metavar="N", help="最多画几个节点 / most nodes drawn")]


@guarded
def network(
    output: _PAGE = Path("network.html"), around: _AROUND = None, hops: _HOPS = 1, chain: Chain = None,
    limit: _LIMIT = 300, workspace: Workspace = DEFAULT, lang: Lang = None, debug: Debug = False,
) -> None:  # fmt: skip
    """关系网络页面，可离线打开 / the graph as a network page, opens offline."""
    from ..api import network as draw
    from ..api import open as open_atlas

    said = draw(open_atlas(workspace), output, around=around, hops=hops, chain=chain, limit=limit, lang=lang)
    say(said)
    say(f"{output}")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (network,):
        app.command(command.__name__)(command)
