"""Options that every command has, and how errors leave the program."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

Done = TypeVar("Done")

Workspace = Annotated[Path, typer.Option("-w", "--workspace", envvar="CHAINATLAS_WORKSPACE", metavar="DIR",
                                         help="工作区 / workspace")]  # fmt: skip
Lang = Annotated[str | None, typer.Option("--lang", metavar="zh|en", help="语言 / language")]
Debug = Annotated[bool, typer.Option("--debug", help="出错时显示回溯 / show tracebacks", hidden=True)]
Format = Annotated[str | None, typer.Option("--format", metavar="table|csv|json|xlsx", help="输出格式 / format")]
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="写入文件 / write to a file")]
Place = Annotated[str | None, typer.Option("--in", metavar="PLACE", help="地点：省、市、县或区域 / place")]
Cluster = Annotated[str | None, typer.Option("--cluster", help="产业集群 / cluster")]
Chain = Annotated[str | None, typer.Option("--chain", help="链 / chain")]
Among = Annotated[str | None, typer.Option("--among", metavar="POPULATION", help="“缺环”所指的企业总体 / population")]
External = Annotated[str, typer.Option("--external", metavar="none|province|nation|world",
                                       help="视为可得的外部投入 / inputs from outside")]  # fmt: skip
As = Annotated[str | None, typer.Option("--as", metavar="TYPE", help="表的类型，如 企业 / type of the sheets")]
Mapping = Annotated[Path | None, typer.Option("--mapping", metavar="FILE.toml", help="映射文件 / mapping file")]
MaxRejects = Annotated[str, typer.Option("--max-rejects", metavar="5%",
                                         help="允许拒绝的行数比例 / share of rows that may be refused")]  # fmt: skip
Memory = Annotated[str | None, typer.Option("--memory", metavar="SIZE", help="内存上限，如 1GB / limit of memory")]
Replace = Annotated[bool, typer.Option("--replace", help="替换同一来源以前的载入 / in place of earlier ones")]
Force = Annotated[bool, typer.Option("--force", help="比上次少很多也载入 / though much less comes than last time")]
MatchNames = Annotated[bool | None, typer.Option("--match-names/--codes-only",
    help="不同写法的名称是否合并，记在工作区里 / join differently written names; kept in the workspace")]  # fmt: skip
Types = Annotated[str, typer.Option("--types", metavar="TYPES", help="只要这些表，用逗号隔开 / only these sheets")]
Page = Annotated[Path, typer.Option("-o", "--output", metavar="FILE.html", help="页面 / page")]
WipeOther = Annotated[bool, typer.Option("--wipe-other",
                                         help="替换服务器上另一张链图 / replace another ChainAtlas graph")]  # fmt: skip
DEFAULT = Path("chainatlas-workspace")


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Turn our errors into one message and exit code 1, Ctrl-C into 130."""

    @wraps(command)
    def run(*args: Any, **values: Any) -> None:
        from ..graph.schema.errors import ChainAtlasError, QueryError

        debug = bool(values.pop("debug", False))
        try:
            lang = set_language(values.get("lang"))
            if "lang" in values:
                values["lang"] = lang
            kind = values.get("kind_of_output")
            if kind is not None and kind not in ("table", "csv", "json", "xlsx"):
                raise QueryError("option_value", option="--format", value=kind, known="table、csv、json、xlsx")
            command(*args, **values)
        except ChainAtlasError as bad:
            if debug:
                raise
            say(bad.text(set_language(values.get("lang") if values.get("lang") in ("zh", "en") else None)))
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except BrokenPipeError:
            sys.stderr.close()
            raise typer.Exit(0) from None

    return run


def set_language(asked: str | None) -> str:
    """Return zh or en and make it the language of this process's messages."""
    from ..graph.schema.errors import QueryError
    from ..graph.schema.words import default_language

    if asked is not None and asked not in ("zh", "en"):
        raise QueryError("option_value", option="--lang", value=asked, known="zh、en")
    lang = asked or default_language()
    os.environ["CHAINATLAS_LANG"] = lang
    return lang


def say(text: str) -> None:
    """Write a message to standard error."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def check_external(value: str) -> str:
    """Return the value of --external, or refuse it."""
    from ..graph.schema.errors import QueryError

    known = ("none", "province", "nation", "world")
    if value not in known:
        raise QueryError("option_value", option="--external", value=value, known="、".join(known))
    return value
