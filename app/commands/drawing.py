"""Pictures and documents: the network page, the reports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .common import DEFAULT, Chain, Cluster, Debug, Lang, Place, Workspace, guarded, say

_PAGE = Annotated[Path, typer.Option("-o", "--output", metavar="FILE.html", help="写到 / write to")]
_AROUND = Annotated[str | None, typer.Option("--around", metavar="NAME",
                                             help="看谁的周围 / what is around this")]  # fmt: skip
_HOPS = Annotated[int, typer.Option("--hops", metavar="N", help="几步以内 / how many relations away")]
_REPORT = Annotated[Path, typer.Option("-o", "--output", metavar="FILE.xlsx|FILE.docx", help="写到 / write to")]
_DATE = Annotated[str | None, typer.Option("--date", metavar="YYYY-MM-DD",
                                           help="报告日期；文件里没有别的时间 / date on the report")]  # fmt: skip
_LIMIT = Annotated[int, typer.Option("--limit", metavar="N", help="最多画几个节点 / most nodes drawn")]


@guarded
def network(
    output: _PAGE = Path("network.html"), around: _AROUND = None, hops: _HOPS = 1, chain: Chain = None,
    limit: _LIMIT = 300, workspace: Workspace = DEFAULT, lang: Lang = None, debug: Debug = False,
) -> None:  # fmt: skip
    """关系网络页面，可离线打开 / the graph as a network page, opens offline."""
    from ..api import open as open_atlas
    from ..pictures import network as draw

    said = draw(open_atlas(workspace), output, around=around, hops=hops, chain=chain, limit=limit, lang=lang)
    say(said)
    say(f"{output}")


@guarded
def report(
    output: _REPORT, chain: Chain = None, place: Place = None, cluster: Cluster = None, date: _DATE = None,
    workspace: Workspace = DEFAULT, lang: Lang = None, debug: Debug = False,
) -> None:  # fmt: skip
    """报告：工作簿或可签发的文档 / a workbook, or a document that can be signed."""
    from ..api import open as open_atlas
    from ..pictures import report as write

    write(open_atlas(workspace), output, chain=chain, place=place, cluster=cluster, date=date, lang=lang)
    say(f"{output}")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (network, report):
        app.command(command.__name__)(command)
