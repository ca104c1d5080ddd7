"""Commands on clusters, places and enterprises: leaders, reserve, related, compare, expand, profile, targets."""

from __future__ import annotations

from typing import Annotated

import typer

from .common import DEFAULT, Chain, Cluster, Debug, Format, Lang, Output, Place, Workspace, guarded

Top = Annotated[int | None, typer.Option("--top", metavar="N", min=1, help="只列前 N 行 / only so many rows")]
Backbone = Annotated[int, typer.Option("--backbone", metavar="N", min=1, help="取前几名为骨干企业 / backbone firms")]
Names = Annotated[list[str], typer.Argument(help="集群或地点，两个以上 / clusters or places, two or more")]
On = Annotated[list[str] | None, typer.Option("--on", metavar="INDICATOR", help="只比这些指标 / these indicators only")]
One = Annotated[str, typer.Argument(help="集群或链 / cluster or chain")]
Direction = Annotated[str | None, typer.Option("--direction", metavar="horizontal|up|down", help="方向 / direction")]
Entity = Annotated[str, typer.Argument(help="名称、代码或编号 / name, code or id")]
Limit = Annotated[int, typer.Option("--limit", metavar="N", min=1, help="每类关系最多几条 / relations a type")]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="截止日期，默认今天 / date, today if none")]

_LEADERS = ("rank", "enterprise", "place", "score", "association", "focus", "innovation", "leadership", "criteria",
            "shared_links", "main_product", "main_share", "dependent_links", "links")  # fmt: skip
_RELATED = ("product", "chains", "density", "inputs_present", "users_near", "closest", "co_places", "producers_near",
            "status")  # fmt: skip
_COMPARE = ("label", "name", "value", "unit", "rank", "of", "best_name", "distance", "note")
_EXPAND = ("direction", "name", "place", "shared_links", "links", "shared_technologies", "technologies", "similarity",
           "next_to", "status", "makers")  # fmt: skip
_PROFILE = ("what", "value", "type", "details", "source", "source_ref", "as_of")
_TARGETS = ("target", "due", "goal", "unit", "value", "gap", "state", "counted", "reason")


@guarded
def leaders(
    chain: Chain = None, place: Place = None, cluster: Cluster = None, top: Top = 20,
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None, output: Output = None,
    debug: Debug = False,
) -> None:  # fmt: skip
    """骨干企业：四项标准和背后的数 / backbone enterprises by the policy's four criteria."""
    from ..api import open as open_atlas
    from ..queries.entities.leaders import leaders as ask
    from ..views.tables import emit, note

    result = ask(open_atlas(workspace), chain=chain, place=place, cluster=cluster, top=top)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=_title(chain, place or cluster),
         columns=_LEADERS)  # fmt: skip
    note(result, lang or "zh")


@guarded
def reserve(
    chain: Chain = None, place: Place = None, cluster: Cluster = None, backbone: Backbone = 10,
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None, output: Output = None,
    debug: Debug = False,
) -> None:  # fmt: skip
    """后备：科技型小企业和它契合的骨干企业 / small technology firms and the backbone firm they fit."""
    from ..api import open as open_atlas
    from ..queries.entities.reserve import reserve as ask
    from ..views.tables import emit, note

    result = ask(open_atlas(workspace), chain=chain, place=place, cluster=cluster, backbone=backbone)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=_title(chain, place or cluster))
    note(result, lang or "zh")


@guarded
def related(
    place: Place = None, cluster: Cluster = None, chain: Chain = None, top: Top = 20,
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None, output: Output = None,
    debug: Debug = False,
) -> None:  # fmt: skip
    """本地还没有、但与本地相关的产品 / products not made here that are related to what is."""
    from ..api import open as open_atlas
    from ..queries.regions.related import related as ask
    from ..views.tables import emit, note

    result = ask(open_atlas(workspace), place=place, cluster=cluster, chain=chain, top=top)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=_title(chain, place or cluster),
         columns=_RELATED)  # fmt: skip
    note(result, lang or "zh")


@guarded
def compare(
    names: Names, on: On = None, chain: Chain = None, workspace: Workspace = DEFAULT, lang: Lang = None,
    kind_of_output: Format = None, output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """集群、城市并排比较 / clusters or cities side by side."""
    from ..api import open as open_atlas
    from ..queries.regions.compare import compare as ask
    from ..views.tables import emit, note

    result = ask(open_atlas(workspace), names, on=on or None, chain=chain)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=_title(chain), columns=_COMPARE)
    note(result, lang or "zh")


@guarded
def expand(
    name: One, place: Place = None, direction: Direction = None, workspace: Workspace = DEFAULT, lang: Lang = None,
    kind_of_output: Format = None, output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """横向拓展和纵向延伸 / clusters that share links, and the next links up and down."""
    from ..api import open as open_atlas
    from ..queries.regions.expand import expand as ask
    from ..views.tables import emit, note

    result = ask(open_atlas(workspace), name, place=place, direction=direction)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=_title(name, place), columns=_EXPAND)
    note(result, lang or "zh")


@guarded
def profile(
    name: Entity, limit: Limit = 50, workspace: Workspace = DEFAULT, lang: Lang = None,
    kind_of_output: Format = None, output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """一个对象的全部已知和来源 / all that is known of one entity, with sources."""
    from ..api import open as open_atlas
    from ..queries.entities.profile import profile as ask
    from ..views.tables import emit, note

    result = ask(open_atlas(workspace), name, limit=limit)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=name, columns=_PROFILE)
    note(result, lang or "zh")


@guarded
def targets(
    as_of: AsOf = None, workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None,
    output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """目标进展：已达到、推进中、落后、数据不足 / targets: met, on the way, behind, unknown."""
    from ..api import open as open_atlas
    from ..queries.regions.targets import targets as ask
    from ..views.tables import emit, note

    result = ask(open_atlas(workspace), as_of=as_of)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", title=_title(as_of), columns=_TARGETS)
    note(result, lang or "zh")


def _title(*parts: str | None) -> str:
    return " · ".join(p for p in parts if p)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (leaders, reserve, related, compare, expand, profile, targets):
        app.command(command.__name__)(command)
