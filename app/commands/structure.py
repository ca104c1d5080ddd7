"""Questions about the structure of chains: bottlenecks, what-ifs, scans of all places, lists."""

from __future__ import annotations

from typing import Annotated

import typer

from .common import (
    DEFAULT,
    Among,
    Chain,
    Cluster,
    Debug,
    External,
    Format,
    Lang,
    Output,
    Place,
    Workspace,
    check_external,
    guarded,
)

_KIND = Annotated[str, typer.Option("--kind", metavar="enterprise|place|chokepoint|cuts|secondary",
                                    help="问什么 / what is asked")]  # fmt: skip
_PRODUCT = Annotated[str | None, typer.Option("--product", "--end",
                                                 help="割集所指的终端产品 / end product of the cuts")]  # fmt: skip
_LEVEL = Annotated[str, typer.Option("--level", metavar="county|city|province|country",
                                     help="哪一级地点 / level of the places")]  # fmt: skip
_TOP = Annotated[int | None, typer.Option("--top", metavar="N", min=1, help="只列前 N 行 / only so many rows")]
_OF = Annotated[str, typer.Argument(metavar="enterprises|platforms|projects|clusters|…",
                                    help="列什么 / what to list")]  # fmt: skip
_SIZE = Annotated[int, typer.Option("--size", metavar="1–3", help="割集最多几家 / makers in a cut")]
_ADD = Annotated[list[str] | None, typer.Option("--add", metavar="ENTERPRISE:PRODUCT@PLACE",
                                                help="来了一家，可多次 / an enterprise that comes")]  # fmt: skip
_REMOVE = Annotated[list[str] | None, typer.Option("--remove", metavar="ENTERPRISE",
                                                   help="走了一家，可多次 / an enterprise that goes")]  # fmt: skip
_OPEN = Annotated[list[str] | None, typer.Option("--open", metavar="LINK",
                                                 help="打通一个环节 / a link taken as to be had")]  # fmt: skip
_TERMINAL = {
    "enterprise": ("entity", "type", "place", "lost", "share_lost", "certain", "ends_lost", "loses"),
    "place": ("entity", "type", "lost", "share_lost", "certain", "ends_lost", "loses"),
    "chokepoint": ("chain", "link", "chokepoint", "importance", "domestic_share", "foreign_hhi",
                   "substitutability", "largest", "coverage"),
}  # fmt: skip
_CHANGES = ("chain", "link", "place", "status_before", "status_after", "subkind_after", "available_before",
            "available_after", "producers_before", "producers_after", "reason")  # fmt: skip


@guarded
def bottlenecks(
    chain: Chain = None, place: Place = None, cluster: Cluster = None, kind: _KIND = "enterprise",
    product: _PRODUCT = None, size: _SIZE = 3, among: Among = None, external: External = "none",
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None,
    output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """瓶颈：失去谁，哪些产品就没了 / whose loss makes products unavailable."""
    from ..api import open as open_atlas
    from ..queries.losses.bottlenecks import bottlenecks as ask
    from ..views.tables import emit, note

    result = ask(open_atlas(workspace), chain=chain, place=place, cluster=cluster, kind=kind, product=product,
                 size=size, among=among, external=check_external(external), lang=lang)  # fmt: skip
    title = " · ".join(p for p in (product or chain, place or cluster) if p)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=title, columns=_TERMINAL.get(kind))
    note(result, lang or "zh")


@guarded
def whatif(
    add: _ADD = None, remove: _REMOVE = None, open_: _OPEN = None, chain: Chain = None, place: Place = None,
    cluster: Cluster = None, among: Among = None, external: External = "none", workspace: Workspace = DEFAULT,
    lang: Lang = None, kind_of_output: Format = None, output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """假如：企业来了、走了，环节打通了，判定怎么变 / verdicts before and after a change."""
    from ..api import open as open_atlas
    from ..queries.losses.whatif import whatif as ask
    from ..views.tables import emit, note

    result = ask(open_atlas(workspace), add=add or (), remove=remove or (), open_links=open_ or (), chain=chain,
                 place=place, cluster=cluster, among=among, external=check_external(external), lang=lang)  # fmt: skip
    title = " · ".join(p for p in (chain, place or cluster) if p)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=title, columns=_CHANGES)
    note(result, lang or "zh")


@guarded
def scan(
    level: _LEVEL = "city", chain: Chain = None, place: Place = None, among: Among = None, top: _TOP = None,
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None, output: Output = None,
    debug: Debug = False,
) -> None:  # fmt: skip
    """扫描：一级的全部地点，各有多少环节缺、薄、齐 / all places of a level at once: links by status."""
    from ..api import open as open_atlas
    from ..queries.gaps.scan import scan as ask
    from ..views.tables import emit, note

    result = ask(open_atlas(workspace), level=level, chain=chain, place=place, among=among, top=top, lang=lang)
    title = " · ".join(p for p in (chain, place) if p)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=title)
    note(result, lang or "zh")


@guarded
def listing(
    of: _OF, chain: Chain = None, place: Place = None, cluster: Cluster = None, workspace: Workspace = DEFAULT,
    lang: Lang = None, kind_of_output: Format = None, output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """清单：企业、平台、项目、集群…… / lists of enterprises, platforms, projects, clusters."""
    from ..api import open as open_atlas
    from ..queries.entities.listing import listing as ask
    from ..views.tables import emit, note

    result = ask(open_atlas(workspace), of, chain=chain, place=place, cluster=cluster)
    title = " · ".join(p for p in (chain, place or cluster) if p)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=title)
    note(result, lang or "zh")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (bottlenecks, scan, listing, whatif):
        app.command(command.__name__)(command)
