"""Building: commands from the table of questions, each made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ..questions import Option, Question, groups, questions, resolve
from .running import guarded, run_question


class Commands(click.Group):
    """The commands of the table, in its order and under its headings."""

    def __init__(self, table: dict[str, Question] | None = None, **more: Any) -> None:
        super().__init__(no_args_is_help=True, **more)
        self._table = questions() if table is None else table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one command, made now."""
        entry = self._table.get(cmd_name)
        if entry is None:
            return None
        if cmd_name not in self.commands:
            self.add_command(command_of(entry), cmd_name)
        return self.commands[cmd_name]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a line a command, under the headings of the groups."""
        for group, (zh, en) in groups().items():
            lines = [(name, said(entry)) for name, entry in self._table.items() if entry.group == group]
            if lines:
                with formatter.section(f"{zh} / {en}"):
                    formatter.write_dl(lines)


def said(entry: Question | Option) -> str:
    """Return what an entry or an option says, in both languages."""
    return entry.zh if entry.zh == entry.en else f"{entry.zh} / {entry.en}"


def command_of(entry: Question) -> click.Command:
    """Return the command of one entry."""
    text = f"{said(entry)}\n\n例 / example：{entry.example}"
    if entry.commands:
        return Commands(dict(entry.commands), name=entry.name, help=text)
    function = _question(entry) if entry.asks else _action(entry)
    return click.Command(entry.name, params=[_parameter(o) for o in entry.options], callback=function, help=text)


def _question(entry: Question) -> Callable[..., None]:
    def ask(**values: Any) -> None:
        run_question(entry, values)

    return guarded(ask)


def _action(entry: Question) -> Callable[..., None]:
    def run(**values: Any) -> None:
        resolve(f"commands.{entry.run}")(**values)

    return guarded(run)


def _parameter(option: Option) -> click.Parameter:
    """Return an option or argument as the command line knows it."""
    several = option.kind in ("texts", "paths")
    kind = _type(option)
    # A default of None that is given counts as one: what is required would not be asked for.
    default: dict[str, Any] = {} if option.default is None or several else {"default": option.default}
    if option.positional:
        return click.Argument(
            [option.name],
            type=kind,
            required=option.required,
            nargs=-1 if several else 1,
            metavar=option.metavar,
            **default,
        )
    flag = option.kind == "flag"
    if flag:
        default = {"default": None if "/" in option.flags[0] else False}
    return click.Option(
        [option.name, *option.flags],
        type=None if flag else kind,
        is_flag=flag,
        multiple=several,
        required=option.required,
        show_default=option.default not in (None, ""),
        metavar=None if flag else option.metavar,
        help=said(option),
        hidden=option.hidden,
        envvar=option.environment,
        **default,
    )


def _type(option: Option) -> click.ParamType[Any]:
    if option.kind in ("path", "paths"):
        return click.Path(path_type=Path)
    if option.kind == "integer":
        return click.IntRange(min=None if option.least is None else int(option.least))
    if option.kind == "number":
        return click.FloatRange(min=option.least)
    return click.STRING
