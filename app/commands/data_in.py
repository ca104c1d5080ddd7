"""Data in: demo, load, status, loads, undo."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from ._progress import rows_read
from .common import (
    DEFAULT,
    As,
    Debug,
    Force,
    Format,
    Lang,
    Mapping,
    MatchNames,
    MaxRejects,
    Memory,
    Output,
    Replace,
    Types,
    Workspace,
    guarded,
    say,
)


@guarded
def demo(
    folder: Annotated[Path, typer.Argument(help="工作区文件夹 / workspace folder")] = DEFAULT,
    show: Annotated[bool, typer.Option("--open", help="用浏览器打开页面 / open the page")] = False,
    lang: Lang = None, debug: Debug = False,
) -> None:  # fmt: skip
    """载入自带的山东数据，列出最要紧的缺口，写出 atlas.html / the bundled Shandong data."""
    from ..api import demo as run
    from ..views.tables import emit, note

    lang = lang or "zh"
    made = run(folder, lang=lang, time=time.strftime("%Y-%m-%dT%H:%M:%S"))
    columns = (
        "chain",
        "link",
        "place",
        "status",
        "subkind",
        "action",
        "criticality",
        "feasibility",
        "coverage",
        "nearest",
    )
    emit(made.gaps, kind=None, output=None, lang=lang, columns=columns)
    note(made.gaps, lang)
    say(f"{folder} · {made.page}")
    if show:
        import webbrowser

        webbrowser.open(made.page.resolve().as_uri())


@guarded
def load(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="文件或文件夹 / files or folders")],
    as_type: As = None,
    source: Annotated[str | None, typer.Option("--source", help="来源 / who says so")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="数据日期 / date of the data")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不载入 / check only")] = False,
    max_rejects: MaxRejects = "5%",
    mapping: Mapping = None,
    replace: Replace = False,
    force: Force = False,
    match: MatchNames = None,
    memory: Memory = None,
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None,
    output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """载入表格 / load tables."""
    from ..api import load as run
    from ..api import load_result
    from ..graph.schema.errors import LoadError
    from ..views.tables import emit, note
    from .asking import asker, with_draft

    try:
        with rows_read(paths, lang or "zh") as progress:
            report = run(workspace, paths, as_type=as_type, source=source, as_of=as_of, dry_run=dry_run,
                         max_rejects=max_rejects, time=time.strftime("%Y-%m-%dT%H:%M:%S"), replace=replace,
                         force=force, mapping=mapping, ask=asker(lang or "zh"), memory=memory,
                         progress=progress, match=match)  # fmt: skip
    except LoadError as bad:
        raise with_draft(bad, paths, lang or "zh") from bad
    result = load_result(report, dry_run=dry_run)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh")
    note(result, lang or "zh")


@guarded
def status(
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None,
    output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """图的哈希、载入次数、各类数量 / hash, loads, counts."""
    from ..api import status as ask
    from ..views.tables import emit

    emit(ask(workspace, lang=lang), kind=kind_of_output, output=output, lang=lang or "zh")


@guarded
def loads(
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None,
    output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """载入历史 / history of loads."""
    from ..api import loads as ask
    from ..views.tables import emit

    emit(ask(workspace), kind=kind_of_output, output=output, lang=lang or "zh")


@guarded
def undo(
    number: Annotated[int, typer.Argument(metavar="LOAD", help="载入编号 / number of the load")],
    workspace: Workspace = DEFAULT, lang: Lang = None, debug: Debug = False,
) -> None:  # fmt: skip
    """撤销一次载入 / the graph without that load."""
    from ..api import undo as run

    say(run(workspace, number))


@guarded
def diff(
    before: Annotated[int | None, typer.Argument(metavar="[FROM]", help="载入编号 / number of a load")] = None,
    after: Annotated[int | None, typer.Argument(metavar="[TO]", help="载入编号 / number of a load")] = None,
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None,
    output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """两次载入之间的变化 / what was added, removed, changed."""
    from ..api import diff as ask
    from ..views.tables import emit

    emit(ask(workspace, before, after), kind=kind_of_output, output=output, lang=lang or "zh")


@guarded
def template(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="要写的工作簿 / workbook to write")],
    types: Types = "",
    workspace: Workspace = DEFAULT, lang: Lang = None, debug: Debug = False,
) -> None:  # fmt: skip
    """写一个可填写的模板 / a workbook to fill in."""
    from ..api import template as run

    say("、".join(run(file, types=types, workspace=workspace)))


@guarded
def schema(
    output: Output = None,
    workspace: Workspace = DEFAULT,
    lang: Lang = None,
    debug: Debug = False,
) -> None:
    """类型、列和关系一览（Markdown） / types, columns and relations as a page."""
    from ..api import schema_text
    from ..views.tables import put

    put(schema_text(workspace), output)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (demo, template, load, status, loads, undo, diff, schema):
        app.command(command.__name__)(command)
