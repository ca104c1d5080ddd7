"""Questions: chain, gaps, explain, position, check, and the page that shows them (atlas)."""

from __future__ import annotations

from pathlib import Path
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
    Page,
    Place,
    Workspace,
    check_external,
    guarded,
    say,
)

_CHAIN = (
    "link",
    "kind",
    "stage",
    "status",
    "subkind",
    "producers",
    "available",
    "population",
    "coverage",
    "names",
    "reason",
)
_GAPS = ("chain", "link", "kind", "place", "status", "subkind", "action", "criticality", "feasibility",
         "population", "coverage", "nearest")  # fmt: skip


@guarded
def chain(
    name: Annotated[str, typer.Argument(help="链的名称，或一个产品 / chain or product")],
    place: Place = None, cluster: Cluster = None, among: Among = None, external: External = "none",
    figures: Annotated[bool, typer.Option("--figures", help="只要链的指标 / the chain's figures only")] = False,
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None,
    output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """一条链上各环节的状态 / the links of a chain and their status."""
    from ..api import open as open_atlas
    from ..queries.gaps.chain import chain as ask
    from ..queries.gaps.figures import figures as ask_figures
    from ..views.tables import emit, note

    asked = ask_figures if figures else ask
    result = asked(open_atlas(workspace), name, place=place, cluster=cluster, among=among,
                   external=check_external(external), lang=lang)  # fmt: skip
    title = " · ".join(p for p in (name, place or cluster) if p)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=title,
         columns=None if figures else _CHAIN)  # fmt: skip
    note(result, lang or "zh")


@guarded
def gaps(
    chain: Chain = None, place: Place = None, cluster: Cluster = None,
    kind: Annotated[str | None, typer.Option("--kind", metavar="industry|technology|link|resource|extension")] = None,
    show_unknown: Annotated[bool, typer.Option("--all", help="也显示数据不足的环节 / unknown ones too")] = False,
    among: Among = None, external: External = "none", workspace: Workspace = DEFAULT,
    lang: Lang = None, kind_of_output: Format = None, output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """缺口：哪里缺、哪里只有一家，先补哪个 / gaps, most urgent first."""
    from ..api import open as open_atlas
    from ..queries.gaps.gaps import gaps as ask
    from ..views.tables import emit, note

    result = ask(open_atlas(workspace), chain=chain, place=place, cluster=cluster, kind=kind, among=among,
                 external=check_external(external), show_unknown=show_unknown, lang=lang)  # fmt: skip
    title = " · ".join(p for p in (chain, place or cluster) if p)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=title, columns=_GAPS)
    note(result, lang or "zh")


@guarded
def explain(
    chain: Annotated[str, typer.Argument(help="链 / chain")],
    link: Annotated[str, typer.Argument(help="环节 / link")],
    place: Place = None, cluster: Cluster = None, workspace: Workspace = DEFAULT, lang: Lang = None,
    kind_of_output: Format = None, output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """一个判定的证据 / the evidence of one verdict."""
    from ..api import open as open_atlas
    from ..queries.verdicts.explanation import explain as ask
    from ..views.tables import emit, note

    result = ask(open_atlas(workspace), chain, link, place=place, cluster=cluster, lang=lang)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=f"{chain} › {link}")
    note(result, lang or "zh")


@guarded
def check(
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None,
    output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """图里的矛盾和异常 / contradictions and oddities in the graph."""
    from ..api import open as open_atlas
    from ..queries.quality.checks import check as ask
    from ..views.tables import emit

    emit(ask(open_atlas(workspace)), kind=kind_of_output, output=output, lang=lang or "zh")


@guarded
def position(
    table: Annotated[Path | None, typer.Option("--table", metavar="FILE",
                                               help="投入产出表文件；不写则用工作区的 / file")] = None,
    country: Annotated[str | None, typer.Option("--country", metavar="CHN", help="经济体 / economy")] = None,
    source: Annotated[str | None, typer.Option("--source", help="用哪个来源的表 / whose table")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="表的年份 / year")] = None,
    apl: Annotated[str | None, typer.Option("--apl", metavar="SECTOR", help="与各部门的平均传播长度 / lengths")] = None,
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None,
    output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """部门和产品在投入产出中的位置 / input–output position of sectors and products."""
    from ..api import open as open_atlas
    from ..api import position as ask
    from ..views.tables import emit, note

    # With a file the workspace only adds products: it may be missing.
    holds = table is None or (workspace / "workspace.json").is_file()
    result = ask(open_atlas(workspace) if holds else None, table=table, country=country, source=source,
                 as_of=as_of, apl=apl)  # fmt: skip
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=country or "")
    note(result, lang or "zh")


@guarded
def atlas(
    output: Page = Path("atlas.html"),
    workspace: Workspace = DEFAULT, lang: Lang = None, debug: Debug = False,
) -> None:  # fmt: skip
    """写出可离线打开的页面 / write the page that opens offline."""
    from ..api import open as open_atlas
    from ..pictures import write_atlas

    write_atlas(open_atlas(workspace), output, lang=lang, workspace=workspace)
    say(f"{output}")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (chain, gaps, explain, position, check, atlas):
        app.command(command.__name__)(command)
