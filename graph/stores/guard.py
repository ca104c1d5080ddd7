"""Guard: what user-typed Cypher is let through to an engine.

User-typed Cypher is for the local command only, never for a page or a service. It is one statement of reading
clauses. ``checked`` reads the text as Neo4j's own lexer does, character by character: what may be part of a name,
what separates, where strings, comments and backticks end. A word of a clause that writes, loads or leaves the
database is refused wherever it stands outside of those three, as a name, too: no place in the grammar has to be
recognised for that. Procedures are not called; of functions with a dotted name those of Cypher itself are.

Two engines read the text after the guard, so what they read differently is refused as well: ``\\u`` escapes,
control characters, a lone carriage return, characters that are invisible.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..schema.errors import QueryError

_WRITING = frozenset((
    "CREATE", "MERGE", "SET", "DELETE", "DETACH", "NODETACH", "REMOVE", "DROP", "FOREACH", "INSERT",
    "TRANSACTIONS", "USE", "ALTER", "GRANT", "REVOKE", "DENY", "RENAME", "TERMINATE", "PERIODIC",
))  # fmt: skip
_OPENING = frozenset(("MATCH", "OPTIONAL", "WITH", "UNWIND", "RETURN", "CALL"))
_CLOCKS = ("REALTIME", "STATEMENT", "TRANSACTION", "TRUNCATE")
_FUNCTIONS = frozenset((
    *(f"{kind}.{clock}" for kind in ("DATE", "TIME", "DATETIME", "LOCALTIME", "LOCALDATETIME") for clock in _CLOCKS),
    "DATETIME.FROMEPOCH", "DATETIME.FROMEPOCHMILLIS", "DURATION.BETWEEN", "DURATION.INMONTHS", "DURATION.INDAYS",
    "DURATION.INSECONDS", "POINT.DISTANCE", "POINT.WITHINBBOX", "VECTOR.SIMILARITY.COSINE",
    "VECTOR.SIMILARITY.EUCLIDEAN",
))  # fmt: skip
# What Neo4j takes as a space, a dash or the head of an arrow beyond ASCII; all else beyond it is part of a name, or
# nothing that a text may hold outside of quotes.
_SPACES = "\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_ARROWS = "\u2010-\u2015\u27e8\u27e9\u3008\u3009\ufe58\ufe63\ufe64\ufe65\uff0d\uff1c\uff1e"
_PART = rf"(?:[0-9A-Za-z_$]|[^\x00-\x7f{_SPACES}{_ARROWS}])"
_TOKEN = re.compile(
    rf"""(?P<space>[\t\n\r\ {_SPACES}]+|//[^\r\n]*|/\*.*?\*/)
    |(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<quoted>`(?:[^`]|``)*`)
    |(?P<word>(?!\$){_PART}+)
    |(?P<other>\.\.|.)""",
    re.DOTALL | re.VERBOSE,
)
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|\r(?!\n)|\\\\[uU]")
_STARTS = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "Pc"))
_PARTS = _STARTS | {"Nd", "Mn", "Mc", "Sc"}


class _Token(NamedTuple):
    """A piece of a text: ``text`` (a string), ``quoted``, ``word``, ``number`` (what begins like one) or ``other``."""

    kind: str
    text: str  # words in capitals, as every spelling of them is folded
    at: int

    @property
    def named(self) -> bool:
        return self.kind in ("word", "quoted")


_END = _Token("other", "", -1)


def checked(text: str) -> str:
    """Return a reading statement without the semicolon at its end.

    Raises
    ------
    QueryError
        The text is empty, more than one statement, does not begin with a reading clause, or holds
        a word of a clause that writes or loads files, calls a procedure or a function of a plug-in,
        or has characters that hide what it does.

    Examples
    --------
    >>> checked("MATCH (n:Product) RETURN n.name AS create_me;")
    'MATCH (n:Product) RETURN n.name AS create_me'
    """
    if _HIDDEN.search(text):
        # Neo4j has versions that turn \uXXXX into the character before they look for quotes.
        raise QueryError("cypher_hidden")
    tokens = list(_tokens(text))
    while tokens and tokens[-1].text == ";":
        text = text[: tokens.pop().at]
    if not tokens:
        raise QueryError("cypher_empty")
    if any(token.text == ";" for token in tokens):
        raise QueryError("cypher_several")
    first = tokens[0]
    if first.kind != "word" or first.text not in _OPENING:
        raise QueryError("cypher_opening", word=first.text, known=" ".join(sorted(_OPENING)))
    for at, token in enumerate(tokens):
        if _holds(token, "CALL") and not _subquery(tokens, at):
            raise QueryError("cypher_procedure")
        if token.text == "(":
            _refuse_plugin(tokens, at)
    _refuse_writing(tokens)
    return text.rstrip()


def _tokens(text: str) -> Iterator[_Token]:
    """Yield the tokens of a text; comments and spaces are left out."""
    for match in _TOKEN.finditer(text):
        kind, token, at = str(match.lastgroup), match[0], match.start()
        if kind == "space":
            continue
        if kind == "other" and (token in "'\"`" or text.startswith("/*", at)):
            raise QueryError("cypher_unclosed", at=at + 1)
        if token == "\\":
            raise QueryError("cypher_character", char=token, at=at + 1)
        if kind == "word":
            _refuse_strange(token, at)
            kind = "word" if unicodedata.category(token[0]) in _STARTS else "number"
            token = unicodedata.normalize("NFKC", token).upper()
        yield _Token(kind, token, at)


def _refuse_strange(word: str, at: int) -> None:
    """Refuse what Neo4j takes for no part of a name, and what nobody sees, which it does take for one."""
    if word.isascii():
        return
    for offset, char in enumerate(word):
        category = unicodedata.category(char)
        if category == "Cf":
            raise QueryError("cypher_hidden")
        if not char.isascii() and category not in _PARTS:
            raise QueryError("cypher_character", char=char, at=at + offset + 1)


def _holds(token: _Token, word: str) -> bool:
    """Tell whether a token is a word, or begins like a number and holds it: lexers part ``1SET`` or do not."""
    return token.text == word if token.kind == "word" else token.kind == "number" and word in token.text


def _refuse_writing(tokens: Sequence[_Token]) -> None:
    """Refuse the words of clauses; LOAD is one where CSV follows, or what is loaded stands somewhere."""
    words = {token.text for token in tokens if token.kind == "word"}
    numbers = " ".join(token.text for token in tokens if token.kind == "number")
    for word in sorted(_WRITING):
        if word in words or word in numbers:
            raise QueryError("cypher_writes", word=word)
    loads = [after for token, after in zip(tokens, [*tokens[1:], _END], strict=True) if _holds(token, "LOAD")]
    if any(_holds(after, "CSV") for after in loads) or (loads and ("FROM" in words or "FROM" in numbers)):
        raise QueryError("cypher_writes", word="LOAD")


def _subquery(tokens: Sequence[_Token], at: int) -> bool:
    """Tell whether a CALL is one of a subquery: braces, before them perhaps the names it takes in."""
    after = [*tokens[at + 1 : at + 2], _END][0]
    if tokens[at].kind != "word" or after.text != "(":
        return tokens[at].kind == "word" and after.text == "{"
    end = at + 2
    while end < len(tokens) and (tokens[end].named or tokens[end].text in (",", "*")):
        end += 1
    return [token.text for token in tokens[end : end + 2]] == [")", "{"]


def _refuse_plugin(tokens: Sequence[_Token], at: int) -> None:
    """Refuse functions with a dotted name, such as ``apoc.…``, but for those of Cypher itself."""
    start = at - 1
    if start < 1 or tokens[start].kind not in ("word", "quoted", "number"):
        return
    if tokens[start - 1].text != ".":
        if tokens[start].kind == "quoted" and "." in tokens[start].text:
            raise QueryError("cypher_procedure")
        return
    while start > 1 and tokens[start - 1].text == "." and tokens[start - 2].named:
        start -= 2
    if "".join(token.text for token in tokens[start:at]) not in _FUNCTIONS:
        raise QueryError("cypher_procedure")


__all__ = ["checked"]
