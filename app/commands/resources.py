"""Commands on technologies, resources and figures along chains."""

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

Of = Annotated[str, typer.Option("--of", metavar="platforms|alliances|funds|services|teams|patents|projects",
                                 help="哪一类资源 / kind of resource")]  # fmt: skip
Kind = Annotated[str | None, typer.Option("--kind", metavar="TEXT", help="类别含此文字 / kind holds this text")]
Level = Annotated[str, typer.Option("--level", metavar="city|county", help="地点级别 / level of the places")]
Without = Annotated[bool, typer.Option("--without", help="只列没有查到的 / only links without one")]
Within = Annotated[float, typer.Option("--within", metavar="KM", help="半径（公里） / radius")]
Decay = Annotated[float, typer.Option("--decay", metavar="KM", help="衰减距离 d₀（公里） / decay distance")]
By = Annotated[str, typer.Option("--by", metavar="technology|year|applicant|pair", help="按什么统计 / counted by")]


@guarded
def coverage(
    of: Of, chain: Chain = None, place: Place = None, cluster: Cluster = None, without: Without = False,
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None, output: Output = None,
    debug: Debug = False,
) -> None:  # fmt: skip
    """各环节有哪些平台、联盟、资金…服务 / platforms, alliances, funds … that serve each link."""
    from ..api import open as open_atlas
    from ..queries.resources.resource_coverage import COLUMNS
    from ..queries.resources.resource_coverage import coverage as ask
    from ..views.tables import emit, note

    result = ask(open_atlas(workspace), of, chain=chain, place=place, cluster=cluster, without=without)
    shown = tuple(c for c in COLUMNS if c != "fund_stage" or of == "funds")
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=_title(chain, place or cluster),
         columns=shown)  # fmt: skip
    note(result, lang or "zh")


@guarded
def reach(
    of: Of = "platforms", kind: Kind = None, place: Place = None, level: Level = "city", within: Within = 50.0,
    decay: Decay = 50.0, workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None,
    output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """各地离共用仪器、孵化器等有多远 / how near shared instruments, incubators … are to each place."""
    from ..api import open as open_atlas
    from ..queries.resources.reach import reach as ask
    from ..views.tables import emit, note

    result = ask(open_atlas(workspace), of, kind=kind, place=place, level=level, within=within, decay=decay)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=_title(kind, place))
    note(result, lang or "zh")


@guarded
def figures(
    chain: Chain = None, place: Place = None, cluster: Cluster = None, among: Among = None,
    external: External = "none", workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None,
    output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """链的完整度、长度、厚度、连续性 / completeness, length, thickness, continuity of chains."""
    from ..api import open as open_atlas
    from ..queries.gaps.figures import figures as ask
    from ..views.tables import emit, note

    result = ask(open_atlas(workspace), chain, place=place, cluster=cluster, among=among,
                 external=check_external(external), lang=lang)  # fmt: skip
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=_title(chain, place or cluster))
    note(result, lang or "zh")


@guarded
def technology(
    chain: Chain = None, place: Place = None, cluster: Cluster = None, workspace: Workspace = DEFAULT,
    lang: Lang = None, kind_of_output: Format = None, output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """技术链：有研无产、有产无研 / technologies: laboratory without industry, and the reverse."""
    from ..api import open as open_atlas
    from ..queries.resources.technology import technology as ask
    from ..views.tables import emit, note

    result = ask(open_atlas(workspace), chain=chain, place=place, cluster=cluster)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=_title(chain, place or cluster))
    note(result, lang or "zh")


@guarded
def patents(
    by: By = "technology", chain: Chain = None, place: Place = None, cluster: Cluster = None,
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None, output: Output = None,
    debug: Debug = False,
) -> None:  # fmt: skip
    """专利导航：按技术、年份、申请人、合作 / patents by technology, year, applicant, pair."""
    from ..api import open as open_atlas
    from ..queries.resources.patents import patents as ask
    from ..views.tables import emit, note

    result = ask(open_atlas(workspace), by=by, chain=chain, place=place, cluster=cluster)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=_title(chain, place or cluster))
    note(result, lang or "zh")


def _title(*parts: str | None) -> str:
    return " · ".join(p for p in parts if p)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (coverage, reach, figures, technology, patents):
        app.command(command.__name__)(command)
