"""Candidates: partners of a need, many needs matched at once, members for an alliance."""

from __future__ import annotations

from typing import Annotated

import typer

from .common import DEFAULT, Chain, Cluster, Debug, Format, Lang, Output, Place, Workspace, guarded

Kind = Annotated[str | None, typer.Option("--kind", metavar="enterprise|institute|platform|team|alliance",
                                          help="候选的类型，可用逗号隔开 / kinds of candidates")]  # fmt: skip
_PARTNERS = ("rank", "candidate", "type", "place", "reach", "score", "known", "why")
_MATCH = ("need", "candidate", "type", "place", "reach", "score", "why")
_ALLIANCE = ("rank", "member", "type", "place", "adds", "covered", "covers", "why")


@guarded
def partners(
    for_: Annotated[str, typer.Option("--for", metavar="X", help="环节、技术、企业、联盟、链或 链›环节 / need")],
    place: Place = None, cluster: Cluster = None, kind: Kind = None,
    top: Annotated[int, typer.Option("--top", min=1, help="每个范围显示几个 / candidates a reach")] = 10,
    method: Annotated[str, typer.Option("--method", metavar="sum|topsis", help="合成方法 / aggregation")] = "sum",
    weights: Annotated[str, typer.Option("--weights", metavar="auto|stated|learned|entropy|FILE.csv",
                                         help="权重；CSV 为两两比较矩阵 / weights, AHP")] = "auto",
    explain: Annotated[int | None, typer.Option("--explain", metavar="ROW", min=1,
                                                help="第几行的依据 / the reasons of one row")] = None,
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None,
    output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """谁能补上：候选排名和理由 / who could meet a need, ranked with reasons."""
    from ..api import open as open_atlas
    from ..graph.schema.errors import QueryError
    from ..queries.partners.ranking import partners as ask
    from ..views.tables import emit, note

    result = ask(open_atlas(workspace), for_, place=place, cluster=cluster, kind=kind, top=top, method=method,
                 weights=weights)  # fmt: skip
    title = " · ".join(p for p in (for_, place or cluster) if p)
    if explain is not None:
        if explain > len(result):
            raise QueryError("option_value", option="--explain", value=explain, known=f"1–{len(result)}")
        emit(result.explain(explain - 1), kind=kind_of_output, output=output, lang=lang or "zh", title=title)
        return
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=title, columns=_PARTNERS)
    note(result, lang or "zh")


@guarded
def match(
    for_: Annotated[list[str] | None, typer.Option("--for", metavar="X", help="需求，可重复 / need")] = None,
    chain: Chain = None, place: Place = None, cluster: Cluster = None, kind: Kind = None,
    most: Annotated[int, typer.Option("--most", help="每个需求最多几个候选 / partners a need")] = 1,
    load: Annotated[int, typer.Option("--load", help="每个候选最多承担几个需求 / needs a candidate")] = 1,
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None,
    output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """多个需求一起配对，谁也不超载 / many needs matched at once, nobody overloaded."""
    from ..api import open as open_atlas
    from ..queries.partners.matching import match as ask
    from ..views.tables import emit, note

    result = ask(open_atlas(workspace), for_ or (), chain=chain, place=place, cluster=cluster, kind=kind, most=most,
                 load=load)  # fmt: skip
    title = " · ".join(p for p in (chain, place or cluster) if p)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=title, columns=_MATCH)
    note(result, lang or "zh")


@guarded
def alliance(
    group: Annotated[str, typer.Argument(help="联盟、集群或链 / alliance, cluster or chain")],
    place: Place = None, kind: Kind = None,
    size: Annotated[int, typer.Option("--size", help="最多请几个新成员 / new members at most")] = 5,
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None,
    output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """请谁加入，覆盖哪些环节，还缺什么 / whom to ask into an alliance, and what stays uncovered."""
    from ..api import open as open_atlas
    from ..queries.partners.alliances import alliance as ask
    from ..views.tables import emit, note

    result = ask(open_atlas(workspace), group, place=place, size=size, kind=kind)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=group, columns=_ALLIANCE)
    note(result, lang or "zh")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (partners, match, alliance):
        app.command(command.__name__)(command)
