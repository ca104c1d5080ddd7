"""Review: pairs that may be one entity (list, export, import, decide)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from .common import DEFAULT, Debug, Format, Lang, Output, Workspace, guarded, say

All = Annotated[bool, typer.Option("--all", help="也列出已判断的和自动合并的 / decided and automatic ones, too")]
_SHOWN = ("a", "b", "score", "decision", "reasons", "name_a", "name_b", "place_a", "place_b")

group = typer.Typer(help="可能是同一个的对 / pairs that may be one entity", no_args_is_help=True, rich_markup_mode=None)


@guarded
def list_pairs(
    show_all: All = False, workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None,
    output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """列出等待判断的对 / pairs that wait for a decision."""
    from ..reviewing import review
    from ..views.tables import emit, note

    result = review(workspace, show_all=show_all, lang=lang)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh", columns=_SHOWN)
    note(result, lang or "zh")


@guarded
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx|FILE.csv", help="要写的表 / table to write")],
    show_all: All = False, workspace: Workspace = DEFAULT, lang: Lang = None, debug: Debug = False,
) -> None:  # fmt: skip
    """写成表格，在 decision 一列填写判断 / a table to be decided in a spreadsheet."""
    from ..reviewing import export_review

    say(f"{file} · {export_review(workspace, file, show_all=show_all, lang=lang)}")


@guarded
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx|FILE.csv", help="填好的表 / the table, decided")],
    by: Annotated[str | None, typer.Option("--by", help="判断人 / who decides")] = None,
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None,
    output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """读回填好的判断 / the decisions of a table."""
    from ..reviewing import import_decisions
    from ..views.tables import emit

    made = import_decisions(workspace, file, by=by, time=time.strftime("%Y-%m-%dT%H:%M:%S"))
    emit(made, kind=kind_of_output, output=output, lang=lang or "zh")


@guarded
def decide(
    a: Annotated[str, typer.Argument(metavar="A", help="识别号、代码或名称 / id, code or name")],
    b: Annotated[str, typer.Argument(metavar="B", help="识别号、代码或名称 / id, code or name")],
    decision: Annotated[str, typer.Argument(metavar="same|different|unsure", help="相同、不同、不确定")],
    by: Annotated[str | None, typer.Option("--by", help="判断人 / who decides")] = None,
    note: Annotated[str, typer.Option("--note", help="理由 / why")] = "",
    workspace: Workspace = DEFAULT, lang: Lang = None, debug: Debug = False,
) -> None:  # fmt: skip
    """判断一对；再判断一次就改回来 / decide on a pair; another decision takes it back."""
    from ..reviewing import decide as run

    made = run(workspace, a, b, decision, by=by, note=note, time=time.strftime("%Y-%m-%dT%H:%M:%S"))
    say(f"{made.a} · {made.b} · {made.decision}")


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    for name, command in (("list", list_pairs), ("export", export), ("import", import_), ("decide", decide)):
        group.command(name)(command)
    app.add_typer(group, name="review")
