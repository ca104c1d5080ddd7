"""Cypher: reading texts that users type, whichever store answers them.

User-typed Cypher is for the local command only, never for a page or a service. It is one
statement of reading clauses: ``checked`` reads the text as Cypher's lexer does and refuses
whatever could write, load, or call a procedure. Beyond that the server gets it in read mode, in
a transaction that is never committed, and KGLite with writing switched off. Rows and time are
capped.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..schema.errors import QueryError

_WRITING = frozenset(("CREATE", "MERGE", "SET", "DELETE", "DETACH", "NODETACH", "REMOVE", "DROP", "FOREACH",
                      "INSERT", "TRANSACTIONS", "USE"))  # fmt: skip
_OPENING = frozenset(("MATCH", "OPTIONAL", "WITH", "UNWIND", "RETURN", "CALL"))
_NAMESPACES = frozenset(("DATE", "TIME", "DATETIME", "LOCALTIME", "LOCALDATETIME", "DURATION", "POINT", "VECTOR"))
_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\r\n]*|/\*.*?\*/)
    |(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<quoted>`(?:[^`]|``)*`)
    |(?P<number>0[xX][0-9a-fA-F]+|[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    |(?P<word>\w+)
    |(?P<other>.)""",
    re.DOTALL | re.VERBOSE,
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]")
ROWS, SECONDS = 1000, 30.0


@dataclass(frozen=True)
class Answer:
    """Rows of a query: nodes and relations as texts, and whether more rows were to come."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    more: bool


def checked(text: str) -> str:
    """Return a reading statement without the semicolon at its end.

    Raises
    ------
    QueryError
        The text is empty, more than one statement, does not begin with a reading clause, or holds
        a clause that writes, loads files, calls a procedure or a function of a plug-in, or
        characters that hide what it does.

    Examples
    --------
    >>> checked("MATCH (n:Product) RETURN n.name AS create_me;")
    'MATCH (n:Product) RETURN n.name AS create_me'
    """
    if _CONTROL.search(text) or re.search(r"\\u", text, re.IGNORECASE):
        # Neo4j turns \uXXXX into the character before it looks for quotes.
        raise QueryError("cypher_hidden")
    tokens = list(_tokens(text))
    while tokens and tokens[-1][1] == ";":
        text = text[: tokens.pop()[2]]
    if not tokens:
        raise QueryError("cypher_empty")
    if any(token == ";" for _, token, _ in tokens):
        raise QueryError("cypher_several")
    kind, first, _ = tokens[0]
    if kind != "word" or first not in _OPENING:
        raise QueryError("cypher_opening", word=first, known=" ".join(sorted(_OPENING)))
    for at, (kind, token, _) in enumerate(tokens):
        if kind == "word" and not _is_name(tokens, at):
            _refuse_writing(tokens, at, token)
        _refuse_plugin(tokens, at)
    return text.rstrip()


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield kind, token (words in capitals) and place; comments and spaces are left out."""
    for match in _TOKEN.finditer(text):
        kind, token = str(match.lastgroup), match[0]
        if kind == "space":
            continue
        if kind == "other" and (token in "'\"`" or text.startswith("/*", match.start())):
            raise QueryError("cypher_unclosed", at=match.start() + 1)
        if kind == "word":
            token = unicodedata.normalize("NFKC", token).upper()
        yield kind, token, match.start()


def _is_name(tokens: list[tuple[str, str, int]], at: int) -> bool:
    """Tell whether a word names a property, label, type or parameter, so that it is no clause."""
    if not at:
        return False
    _kind, before, _ = tokens[at - 1]
    if before in (":", "|", "$"):
        return True
    return before == "." and at > 1 and (tokens[at - 2][0] in ("word", "quoted") or tokens[at - 2][1] in ")]}")


def _refuse_writing(tokens: list[tuple[str, str, int]], at: int, word: str) -> None:
    after = tokens[at + 1][1] if at + 1 < len(tokens) else ""
    if word in _WRITING or (word == "LOAD" and after == "CSV"):
        raise QueryError("cypher_writes", word=word)
    if word == "CALL" and after not in ("{", "("):
        raise QueryError("cypher_procedure")


def _refuse_plugin(tokens: list[tuple[str, str, int]], at: int) -> None:
    """Refuse functions with a dotted name, such as ``apoc.…``, but for those of Cypher itself."""
    if tokens[at][1] != "(" or at < 3 or tokens[at - 2][1] != ".":
        return
    start = at - 1
    while start > 1 and tokens[start - 1][1] == ".":
        start -= 2
    if tokens[start][1] not in _NAMESPACES:
        raise QueryError("cypher_procedure")


def node_text(label: str, key: object) -> str:
    """Return a node as it is written in a row: its public id."""
    return f"{label}:{key}"


def path_text(nodes: list[str], hops: list[tuple[str, bool]]) -> str:
    """Return a path as it is written in a row; a hop is its type and whether it runs forward."""
    parts = [nodes[0]] if nodes else []
    for (kind, forward), node in zip(hops, nodes[1:], strict=True):
        parts.append(f"-{kind}-> {node}" if forward else f"<-{kind}- {node}")
    return " ".join(parts)


def _map(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return None if value != value else value
    return str(value)


def plain_value(value: Any) -> Any:
    """Return a value of either engine that is no node, relation or path as rows hold it."""
    if isinstance(value, dict):
        return _map({k: plain_value(v) for k, v in value.items()})
    return [plain_value(v) for v in value] if isinstance(value, list | tuple) else _plain(value)


def parameter(text: str) -> tuple[str, Any]:
    """Return name and value of ``--param name=value``; a value that is JSON is taken as such.

    Examples
    --------
    >>> parameter("place=枣庄市"), parameter("floor=0.5"), parameter('code="0610"')
    (('place', '枣庄市'), ('floor', 0.5), ('code', '0610'))
    """
    name, mark, value = text.partition("=")
    name = name.strip().removeprefix("$")
    if not mark or not re.fullmatch(r"\w+", name):
        raise QueryError("cypher_param", value=text)
    try:
        return name, json.loads(value, parse_constant=_refused)
    except ValueError:
        return name, value


def _refused(word: str) -> Any:
    raise ValueError(word)


__all__ = ["ROWS", "SECONDS", "Answer", "checked", "node_text", "parameter", "path_text", "plain_value"]
