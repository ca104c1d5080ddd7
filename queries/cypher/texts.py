"""Texts: the questions as Cypher, one a file, for Neo4j Browser, Bloom and the command ``cypher``.

Each file opens with what it answers (zh, en) and the parameters with examples, as Browser
takes them. The texts stay inside the Cypher that Neo4j and KGLite both speak.

What words of lists attach is computed and never stored as if a source had said it, so no store holds
it: the texts take it as parameters, which ``attached_values`` fills from an atlas.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from ...graph.schema.errors import QueryError
from ..atlas.atlas import Atlas
from ..atlas.makers import inactive

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


def attached_values(atlas: Atlas) -> dict[str, Any]:
    """Return the parameters of texts that a store cannot fill: what the words of firms attach.

    ``attached``: key of the firm, key of the link, and whether it makes the link or only may, each
    once, of firms that are active. ``speaking``: keys of firms whose own text names products.
    """
    snapshot, words = atlas.snapshot, atlas.makers.attached
    gone = inactive(snapshot)
    pairs = {
        (int(firm), int(link), maker)
        for maker in (True, False)
        for firm, link in zip(*words.pairs(maker), strict=True)
        if not gone[firm]
    }
    rows = [
        {"firm": _key(atlas, firm), "link": _key(atlas, link), "maker": maker} for firm, link, maker in sorted(pairs)
    ]
    speaking = sorted({int(f) for f in words.words["firm"].to_numpy()})
    return {"attached": rows, "speaking": [_key(atlas, firm) for firm in speaking]}


def _key(atlas: Atlas, node: int) -> str:
    """Return the key of a node as stores hold it: its public id without the type."""
    return str(atlas.snapshot.value(node, "key"))


def _read(name: str, body: str) -> Text:
    zh, en, parameters, *rest = body.splitlines()
    said = re.sub(r"([{,]\s*)(\w+):", r'\1"\2":', parameters.removeprefix(_PARAMETERS))
    return Text(name, zh.removeprefix("// "), en.removeprefix("// "), json.loads(said), "\n".join(rest).strip())
