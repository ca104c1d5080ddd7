"""The table of questions: who answers what, with which options and columns (``questions.toml``).

Command line, public functions, the reference of the documentation and the tests of completeness
are read from it. Reading it imports nothing of the questions themselves: ``--help`` answers at
once, and a question's module is imported when it is asked.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .queries.atlas.atlas import Atlas
    from .queries.atlas.result import Result

# Options that every question has, whatever it asks.
EVERYWHERE = ("top", "explain", "workspace", "lang", "format", "output", "debug")


@dataclass(frozen=True)
class Option:
    """One option of a command: the parameter it fills, how it is written, what it says.

    Attributes
    ----------
    name
        Parameter of the function.
    flags
        As typed, ``--in``; none where the value stands by itself.
    kind
        ``text``, ``texts``, ``integer``, ``number``, ``flag``, ``path`` or ``paths``.
    known
        The values it may have; any when empty.
    least
        The smallest number.
    environment
        Variable that gives the value when it is not typed.
    everywhere
        Whether it is about how an answer leaves, not about the question.
    """

    name: str
    flags: tuple[str, ...]
    kind: str
    metavar: str
    default: Any
    known: tuple[str, ...]
    least: float | None
    required: bool
    hidden: bool
    environment: str | None
    everywhere: bool
    zh: str
    en: str

    @property
    def positional(self) -> bool:
        """Whether the value is given without a flag."""
        return not self.flags


@dataclass(frozen=True)
class Question:
    """One entry of the table.

    Attributes
    ----------
    function
        ``module:name`` below the package; what Python users call.
    run
        ``module:name`` below ``commands`` of a command that does more than answer with a table.
    shown
        Columns of the terminal's table by the value of the option ``shown_by`` (``*``: any
        other); empty: all columns.
    was
        Spellings of before, and what is written instead.
    workspace
        ``optional`` where the question can be asked without one.
    """

    name: str
    function: str
    run: str | None
    group: str
    zh: str
    en: str
    example: str
    page: str
    options: tuple[Option, ...]
    shown: Mapping[str, tuple[str, ...]]
    shown_by: str | None
    was: Mapping[str, str]
    workspace: str
    commands: Mapping[str, Question] = field(default_factory=dict)

    @property
    def asks(self) -> bool:
        """Whether the entry is a question: answered by a table from an atlas."""
        return self.run is None and not self.commands

    @property
    def parameters(self) -> tuple[Option, ...]:
        """The options that are parameters of the function."""
        return tuple(option for option in self.options if not option.everywhere)

    def columns(self, values: Mapping[str, Any]) -> tuple[str, ...] | None:
        """Return the columns of the terminal's table for these values of the options; None: all."""
        which = str(values.get(self.shown_by)) if self.shown_by else "*"
        return self.shown.get(which) or self.shown.get("*")

    def resolve(self) -> Callable[..., Any]:
        """Import and return the function."""
        return resolve(self.function)


def resolve(where: str) -> Callable[..., Any]:
    """Return what ``module:name`` names below the package."""
    module, _, name = where.partition(":")
    found: Callable[..., Any] = getattr(import_module(f".{module}", __package__), name)
    return found


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("questions.toml").read_text(encoding="utf-8"))


@cache
def questions() -> dict[str, Question]:
    """Return the table, by name, in its order."""
    table = _table()
    entries = ((name, entry) for name, entry in table.items() if name not in ("group", "option"))
    return {name: _question(name, entry, table["option"]) for name, entry in entries}


def groups() -> dict[str, tuple[str, str]]:
    """Return the headings under which commands stand, (zh, en) by name."""
    return {name: (said["zh"], said["en"]) for name, said in _table()["group"].items()}


def _question(name: str, entry: dict[str, Any], common: dict[str, Any]) -> Question:
    own = entry.get("option", {})
    asked = entry.get("options", [])
    below = {sub: _question(sub, it, common) for sub, it in entry.get("command", {}).items()}
    added: list[str] = []
    if "run" not in entry and not below:
        added = [option for option in EVERYWHERE if option not in asked]
    shown = entry.get("shown", {})
    shown = shown if isinstance(shown, dict) else {"*": shown}
    return Question(
        name=name,
        function=entry["function"],
        run=entry.get("run"),
        group=entry["group"],
        zh=entry["zh"],
        en=entry["en"],
        example=entry["example"],
        page=entry["page"],
        options=tuple(_option(option, own.get(option), common, option in added) for option in (*asked, *added)),
        shown={value: tuple(columns) for value, columns in shown.items()},
        shown_by=entry.get("shown_by"),
        was=entry.get("was", {}),
        workspace=entry.get("workspace", "required"),
        commands=below,
    )


def _option(name: str, own: dict[str, Any] | None, common: dict[str, Any], everywhere: bool) -> Option:
    said = common[name] if own is None else own
    said = common[said["like"]] if "like" in said else said
    known = tuple(said.get("known", ()))
    return Option(
        name=name,
        flags=tuple(said.get("flags", ())),
        kind=said.get("type", "text"),
        metavar=said.get("metavar") or "|".join(known) or name.upper(),
        default=said.get("default"),
        known=known,
        least=said.get("least"),
        required=said.get("required", False),
        hidden=said.get("hidden", False),
        environment=said.get("environment"),
        everywhere=everywhere,
        zh=said["zh"],
        en=said["en"],
    )


def answer(question: Question, atlas: Atlas | None, values: Mapping[str, Any]) -> Result:
    """Ask a question with the values of its options; what is not given has its default.

    ``top`` of a question that has none of its own cuts its rows and says how many there are;
    ``explain`` returns the facts behind one row instead.

    Raises
    ------
    QueryError
        A value is none of those known, or what is asked for is not in the graph.
    """
    from .graph.schema.errors import QueryError
    from .queries.atlas.result import Result

    for option in question.options:
        value = values.get(option.name)
        if option.known and value is not None and value not in option.known:
            name = option.flags[-1] if option.flags else option.metavar
            raise QueryError("option_value", option=name, value=value, known="、".join(option.known))
    own = {option.name: option for option in question.parameters}
    given = {name: values[name] for name in own if values.get(name) not in (None, ())}
    try:
        result: Result = question.resolve()(atlas, **given)
    except QueryError as bad:
        if bad.code != "place_empty":
            raise
        return Result(question.columns(values) or (), [], (bad.sentence,))  # nothing to say is no error
    row = values.get("explain")
    if row is not None:
        if row > len(result):
            raise QueryError("option_value", option="--explain", value=row, known=f"1–{len(result)}")
        return result.explain(row - 1)
    top = values.get("top")
    return result if top is None or "top" in own else result.first(top)
