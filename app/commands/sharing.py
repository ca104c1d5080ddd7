"""Sharing: publish to and pull from Neo4j, and Cypher on it or on the workspace."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated

import typer

from .common import DEFAULT, Debug, Format, Lang, Output, WipeOther, Workspace, guarded

Uri = Annotated[str, typer.Argument(metavar="URI", help="bolt://主机:7687")]


def _login() -> tuple[str, str]:
    """User and password from the environment, else asked for; nothing is written anywhere."""
    user = os.environ.get("NEO4J_USERNAME") or typer.prompt("NEO4J_USERNAME", default="neo4j", err=True)
    password = os.environ.get("NEO4J_PASSWORD") or typer.prompt("NEO4J_PASSWORD", hide_input=True, err=True)
    return str(user), str(password)


@guarded
def publish(
    uri: Uri,
    wipe_other: WipeOther = False,
    verify: Annotated[bool, typer.Option("--verify", help="逐行核对 / compare every row")] = False,
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None,
    output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """把图发布到 Neo4j，只写差异 / publish to Neo4j, only what differs."""
    from ..api import publish as run
    from ..views.tables import emit

    result = run(workspace, uri, wipe_other=wipe_other, verify=verify, login=_login())
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh")


@guarded
def pull(
    uri: Uri,
    chain: Annotated[str | None, typer.Option("--chain", help="只取这条链 / only this chain")] = None,
    accept_changes: Annotated[bool, typer.Option("--accept-changes", help="照现状取回 / take it as it is")] = False,
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None,
    output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """从 Neo4j 取回图 / the graph back from Neo4j."""
    from ..api import pull as run
    from ..views.tables import emit

    result = run(
        workspace,
        uri,
        chain=chain,
        accept_changes=accept_changes,
        login=_login(),
        time=time.strftime("%Y-%m-%dT%H:%M:%S"),
    )
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh")


@guarded
def cypher(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="一条只读语句，或自带查询的名称 / a reading statement, "
                                                             "or the name of a bundled text")],
    uri: Annotated[str | None, typer.Option("--uri", metavar="URI", help="Neo4j；不写则查工作区 / a server")] = None,
    param: Annotated[list[str] | None, typer.Option("--param", metavar="K=V", help="参数，可重复 / parameter")] = None,
    rows: Annotated[int, typer.Option("--rows", min=1, help="最多几行 / most rows")] = 1000,
    seconds: Annotated[float, typer.Option("--seconds", min=0.1, help="最多几秒 / most seconds")] = 30.0,
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None,
    output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """用 Cypher 查询，只读 / ask in Cypher, reading only."""
    from ..api import cypher as ask
    from ..graph.stores.cypher import checked, parameter
    from ..views.tables import emit, note

    if not text.strip().replace("_", "").isalpha():
        checked(text)  # before a password is asked for
    result = ask(workspace, text, uri=uri, params=dict(parameter(p) for p in param or ()), rows=rows, seconds=seconds,
                 login=None if uri is None else _login())  # fmt: skip
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh")
    note(result, lang or "zh")


@guarded
def export(
    path: Annotated[Path, typer.Argument(metavar="PATH", help=".ttl .jsonld .nq .graphml .gexf .parquet .xlsx")],
    kind: Annotated[str | None, typer.Option("--as", metavar="neo4j-admin", help="导入文件夹 / import folder")] = None,
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None,
    output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """把图写成别的工具的格式 / write the graph in a format of other tools."""
    from ..api import export as run
    from ..views.tables import emit, note

    result = run(workspace, path, kind=kind)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh")
    note(result, lang or "zh")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (publish, pull, cypher, export):
        app.command(command.__name__)(command)
