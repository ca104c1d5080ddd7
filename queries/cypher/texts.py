"""Texts: the questions as Cypher, one a file, for Neo4j Browser, Bloom and the command ``cypher``.

Each file opens with what it answers (zh, en) and the parameters with examples, as Browser
takes them. The texts stay inside the Cypher that Neo4j and KGLite both speak.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from ...graph.schema.errors import QueryError

_PARAMETERS = "// :param "


@dataclass(frozen=True)
class Text:
    """One bundled text with what it answers and examples of its parameters."""

    name: str
    zh: str
    en: str
    parameters: dict[str, Any]
    statement: str


@lru_cache(maxsize=1)
def texts() -> dict[str, Text]:
    """Return all bundled texts by name."""
    folder = files(__package__)
    found = sorted((file.name, file.read_text(encoding="utf-8")) for file in folder.iterdir()
                   if file.name.endswith(".cypher"))  # fmt: skip
    return {name.removesuffix(".cypher"): _read(name.removesuffix(".cypher"), body) for name, body in found}


def text(name: str) -> Text:
    """Return one bundled text.

    Raises
    ------
    QueryError
        There is none of this name; the names are listed.
    """
    known = texts()
    if name not in known:
        raise QueryError("cypher_text", name=name, known="、".join(known))
    return known[name]


def _read(name: str, body: str) -> Text:
    zh, en, parameters, *rest = body.splitlines()
    said = re.sub(r"([{,]\s*)(\w+):", r'\1"\2":', parameters.removeprefix(_PARAMETERS))
    return Text(name, zh.removeprefix("// "), en.removeprefix("// "), json.loads(said), "\n".join(rest).strip())
