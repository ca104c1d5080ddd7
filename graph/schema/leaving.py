r"""Leaving: text as it may leave for a terminal or for XML, and addresses of servers as they may be shown.

Names come from files of others. A terminal obeys some characters and does not show others, XML cannot
hold some, and an address may carry a password in any of its parts. Each has one function here, and what
writes uses it: ``visible`` (every table, note, error and question), ``xml_text`` and ``xml_id``,
``shown_uri``, ``without_logins`` and ``redacted``.

Examples
--------
>>> visible("示例\x1b[2J公司")
'示例\\u{1b}[2J公司'
>>> shown_uri("bolt://neo4j:secret@example.org:7687/x?key=secret")
'bolt://…@example.org:7687/…'
"""

from __future__ import annotations

import re
from functools import cache

# Letters of Arabic and Indic scripts, and emoji: between two of these a (non-)joiner belongs to the spelling.
_JOINED = "\u0620-\u0dff\ufb50-\ufdff\ufe0f\ufe70-\ufefc\u2600-\u27bf\U0001f300-\U0001faff"
# What a terminal obeys or does not show: C0 (but tab and line feed; a carriage return only before one),
# DEL and C1, soft hyphen, fillers and joiners without width, direction marks, line and paragraph
# separators, interlinear marks, invisible operators and letters, surrogates, tags.
_HIDDEN = (
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U00013430-\U00013440\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff]|\r(?!\n)"
    f"|(?<![{_JOINED}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINED}])"
)
# What XML 1.0 cannot hold.
_NOT_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
# What an id in XML cannot hold or would get back changed, and the beginning of what stands for it.
_NOT_IN_ID = r"[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\\(?=u\{)"
_IN_ID = r"\\u\{([0-9a-f]{1,6})\}"

# Addresses of Neo4j, and those of anything else that begin with a login.
_ADDRESS = r"(?i)(?<![a-z0-9+.-])(?:(?:bolt|neo4j)(?:\+[a-z]*)?:/|[a-z][a-z0-9+.-]{0,20}://(?=[^/?#\s]*@))"
_ENDS = r"[\"'“”‘’「」（），。；：]|[,.;:)\]]+\Z"
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*\Z"
_HOST = r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+(?:%[\w.-]+)?\])\Z"
HIDDEN = "…"


# Compiled when they are first used: together they take longer than the help of the command line.
@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Compile a pattern when it is first asked for: help needs none."""
    return re.compile(text)


def _code(found: re.Match[str]) -> str:
    return f"\\u{{{ord(found[0]):x}}}"


def visible(text: str) -> str:
    """Return text in which every character that a terminal obeys or hides is written out, as ``\\u{1b}``."""
    return text if text.isascii() and text.isprintable() else _pattern(_HIDDEN).sub(_code, text)


def in_json(text: str) -> str:
    """Return JSON in which such characters stand as JSON writes them: whoever reads it gets them back."""
    import json

    return _pattern(_HIDDEN).sub(lambda found: json.dumps(found[0])[1:-1], text)


def xml_text(text: str, instead: str = "\ufffd") -> str:
    """Return text as XML can hold it: ``instead`` stands for what it cannot hold."""
    return _pattern(_NOT_XML).sub(instead, text)


def xml_id(text: str) -> str:
    r"""Return an id as XML can hold and give back: what it cannot is written as ``\u{1b}``."""
    return _pattern(_NOT_IN_ID).sub(_code, text)


def from_xml_id(text: str) -> str:
    """Return the id that ``xml_id`` wrote; a number that is no character stays as it is."""

    def char(code: re.Match[str]) -> str:
        number = int(code[1], 16)
        return chr(number) if number < 0xD800 or 0xE000 <= number < 0x110000 else code[0]

    return _pattern(_IN_ID).sub(char, text)


def shown_uri(uri: str) -> str:
    """Return an address as it may be shown: scheme, host and port; "…" stands for everything else in it.

    A host is shown only where it can be told from a login: after the last "@" of its part of the address,
    with a port that is a number.

    Examples
    --------
    >>> shown_uri("bolt://neo4j:secret")
    'bolt://…'
    >>> shown_uri("neo4j:secret@example.org")
    '…'
    >>> shown_uri("neo4j+s://example.org")
    'neo4j+s://example.org'
    """
    scheme, separator, rest = uri.partition("://")
    if not separator or not _pattern(_SCHEME).match(scheme):
        return HIDDEN if re.search(r"[:@/?#\\]", uri) else uri  # words alone are no part of an address
    authority, tail = re.match(r"([^/?#\\]*)(.*)\Z", rest, re.DOTALL).groups()  # type: ignore[union-attr]
    _, at, place = authority.rpartition("@")
    before = f"{scheme}://{HIDDEN + at if at else ''}"
    if "@" in tail or not _is_place(place):  # what stands before that "@" may be a login, with a / or ? in it
        return f"{scheme}://{HIDDEN}"
    return f"{before}{place}{'' if tail in ('', '/') else tail[0] + HIDDEN}"


def _is_place(text: str) -> bool:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    bare = text.removesuffix(f":{port}")
    return bool(host) and ":" not in re.sub(r"^\[.*\]", "", bare) and bool(_pattern(_HOST).match(bare))


def without_logins(text: str) -> str:
    """Return a text in which every address of Neo4j, and any that begins with a login, is as it may be shown.

    Examples
    --------
    >>> without_logins("refused by bolt://neo4j:secret@example.org:7687, again")
    'refused by bolt://…@example.org:7687, again'
    """
    return re.sub(r"\S+", _without_login, text) if "://" in text or ":/" in text else text


def _without_login(found: re.Match[str]) -> str:
    word = found[0]
    made, start, last = [], 0, word.rfind("@")
    while begins := _pattern(_ADDRESS).search(word, start):
        end = _pattern(_ENDS).search(word, max(begins.end(), last + 1))  # a password may hold what ends an address
        stop = end.start() if end else len(word)
        made += [word[start : begins.start()], shown_uri(word[begins.start() : stop])]
        start = stop
    return "".join([*made, word[start:]])


def redacted(text: str, *secrets: str) -> str:
    """Return a text of somebody else (a driver, a user's words) without logins and given secrets.

    Parameters
    ----------
    secrets
        Passwords and addresses as they were typed; where they stand in the text, the address as it may be
        shown or "…" takes their place. What looks like ``user:password@`` goes without being named.
    """
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, shown_uri(secret) if "://" in secret else HIDDEN)
    text = without_logins(text)
    return re.sub(r"\S+", _bare_login, text) if "@" in text else text


def _bare_login(found: re.Match[str]) -> str:
    login, at, rest = found[0].rpartition("@")
    _, separator, _ = login.partition(f"://{HIDDEN}")  # an address that is as it may be shown
    return found[0] if not at or separator or ":" not in login else f"{HIDDEN}@{rest}"
