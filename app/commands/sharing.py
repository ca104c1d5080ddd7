"""Sharing: publish to and pull from Neo4j."""

from __future__ import annotations

import os
import time
from typing import Annotated

import typer

from .common import DEFAULT, Debug, Format, Lang, Output, Workspace, guarded

Uri = Annotated[str, typer.Argument(metavar="URI", help="bolt://主机:7687")]


def _ask_credentials() -> None:
    """Prompt for what the environment does not give; nothing is written anywhere."""
    if not os.environ.get("NEO4J_USERNAME"):
        os.environ["NEO4J_USERNAME"] = typer.prompt("NEO4J_USERNAME", default="neo4j", err=True)
    if not os.environ.get("NEO4J_PASSWORD"):
        os.environ["NEO4J_PASSWORD"] = typer.prompt("NEO4J_PASSWORD", hide_input=True, err=True)


@guarded
def publish(
    uri: Uri,
    wipe_other: Annotated[bool, typer.Option("--wipe-other", help="替换服务器上另一张链图 / replace another ChainAtlas graph")] = False,
    workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None,
    output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """把图发布到 Neo4j，只写差异 / publish to Neo4j, only what differs."""
    from ..api import publish as run
    from ..views.tables import emit

    _ask_credentials()
    result = run(workspace, uri, wipe_other=wipe_other)
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh")


@guarded
def pull(
    uri: Uri, workspace: Workspace = DEFAULT, lang: Lang = None, kind_of_output: Format = None,
    output: Output = None, debug: Debug = False,
) -> None:  # fmt: skip
    """从 Neo4j 取回图 / the graph back from Neo4j."""
    from ..api import pull as run
    from ..views.tables import emit

    _ask_credentials()
    result = run(workspace, uri, time=time.strftime("%Y-%m-%dT%H:%M:%S"))
    emit(result, kind=kind_of_output, output=output, lang=lang or "zh")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (publish, pull):
        app.command(command.__name__)(command)
