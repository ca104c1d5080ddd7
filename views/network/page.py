"""Page: pyvis' document made fit to be mailed: no address in it, a policy over it, text as text.

pyvis lets headings and hover texts in as HTML and asks a network for Bootstrap even "in line"; so
it gets neither, the tags that name an address are cut out, and what is told of a node travels as
JSON beside the graph. Its node list is set at once: adding one by one looks through all each time.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
import numpy as np

from ...graph.columns.arrays import Floats, Ints
from ...graph.schema.errors import StoreError
from ...graph.schema.words import message
from .layout import LABELLED
from .telling import Kind, Look

_FETCHED = re.compile(r"<(?:link|script)\s[^>]*https?:[^>]*>(?:\s*</script>)?", re.DOTALL)
_INLINE = re.compile(r'<(script|style)(?: type="text/(?:css|javascript)")?>(.*?)</\1>', re.DOTALL)
_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}
_WORDS = ("search", "nothing", "fit", "types", "hint", "hash")


@dataclass(frozen=True)
class Drawing:
    """All that the page shows.

    ``looks`` hold type, colour, shape and size; ``places`` pixels, shape (n, 2); ``lines`` what is told of each
    node, ``ties`` of each relation between ``src`` and ``dst``; ``titles`` text and place of columns.
    """

    title: str
    told: str
    names: list[str]
    looks: list[Look]
    places: Floats
    lines: list[list[str]]
    src: Ints
    dst: Ints
    ties: list[str]
    legend: list[Kind]
    hash: str
    titles: list[tuple[str, float, float]] = field(default_factory=list)
    middle: int | None = None


def page(drawing: Drawing, lang: str) -> str:
    """Return the document; equal drawings give equal text."""
    from pyvis.network import Network

    net = Network(height="100%", width="100%", directed=True, cdn_resources="in_line", bgcolor="#ffffff")
    large = len(drawing.names) > LABELLED
    net.nodes, net.edges = _nodes(drawing, large), [] if large else _edges(drawing)
    # Not by `set_options`: it takes all spaces out, those in names of fonts too.
    net.options = _options(large, bool(drawing.titles))
    # Browsers hash scripts with the ends of lines that parsing leaves.
    made = _FETCHED.sub("", net.generate_html(notebook=False).replace("\r\n", "\n"))
    # Of the markup only: a name in a script may well look like an address.
    if re.search(r"""(?:src|href)=["']?https?:""", _INLINE.sub("", made)):
        raise StoreError("network_pyvis")
    made = re.sub(r"<center>\s*<h1></h1>\s*</center>", "", made)
    head, body = made.index("</head>"), made.index("<body>") + len("<body>")
    told = _frame().render(d=drawing, words={w: message(f"network_{w}", lang) for w in _WORDS})
    facts = json.dumps(
        {"names": drawing.names, "lines": drawing.lines, "from": drawing.src.tolist(), "to": drawing.dst.tolist(),
         "ties": drawing.ties, "large": large}, ensure_ascii=False, separators=(",", ":"),
    ).translate(_ESCAPES)  # fmt: skip
    made = (
        f"{made[:head]}<title>{_escaped(drawing.title)}</title>\n<style>{_piece('network.css')}</style>\n</head>\n<body>"
        f"{told}\n{made[body:]}"
    )
    made = made.replace("<html>", f'<!doctype html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}">', 1)
    end = made.rindex("</body>")
    made = (f'{made[:end]}<script type="application/json" id="facts">{facts}</script>\n'
            f"<script>{_piece('large.js')}{_piece('network.js')}</script>\n{made[end:]}")  # fmt: skip
    # A lone surrogate cannot be written as UTF-8: it is shown as the replacement character.
    return _with_policy(made).encode("utf-8", "replace").decode("utf-8")


def _with_policy(made: str) -> str:
    """Name the very scripts and styles that stand in the page, and nothing else."""
    found: dict[str, list[str]] = {"script": [], "style": []}
    for kind, text in _INLINE.findall(made):
        digest = base64.b64encode(hashlib.sha256(text.encode("utf-8", "replace")).digest()).decode()
        found[kind].append(f"'sha256-{digest}'")
    policy = (f"default-src 'none'; script-src {' '.join(found['script'])}; style-src {' '.join(found['style'])}; "
              "style-src-attr 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'")  # fmt: skip
    mark = '<meta charset="utf-8">'
    return made.replace(mark, f'{mark}\n<meta http-equiv="Content-Security-Policy" content="{policy}">', 1)


def _nodes(drawing: Drawing, large: bool) -> list[dict[str, Any]]:
    """Nodes as vis-network takes them; in a large picture the page draws the names itself, those that are near."""
    made = []
    for at, (name, (kind, colour, shape, size), (x, y)) in enumerate(
        zip(drawing.names, drawing.looks, np.round(drawing.places, 1).tolist(), strict=True)
    ):
        node: dict[str, Any] = {"id": at, "x": x, "y": y, "shape": shape, "color": colour, "kind": kind,
                                "size": 10 if drawing.titles else size}  # fmt: skip
        if not large:
            node["label"] = name
        if at == drawing.middle:
            node |= {"borderWidth": 3, "size": 26, "font": {"size": 18}}
        made.append(node)
    # Titles of columns are drawn like nodes, so that they move and grow with them; they have no kind.
    for at, (title, x, y) in enumerate(drawing.titles, len(made)):
        made.append({"id": at, "label": title, "x": x, "y": y, "shape": "text", "font": {"size": 18}, "kind": ""})
    return made


def _edges(drawing: Drawing) -> list[dict[str, Any]]:
    return [{"id": at, "from": a, "to": b} for at, (a, b) in
            enumerate(zip(drawing.src.tolist(), drawing.dst.tolist(), strict=True))]  # fmt: skip


def _options(large: bool, boxed: bool) -> dict[str, Any]:
    """Options of vis-network: nothing moves by itself; lines and names of a large picture are not its work."""
    common: dict[str, Any] = {"physics": {"enabled": False}, "layout": {"improvedLayout": False}}
    still = {"keyboard": {"enabled": False}, "multiselect": True, "tooltipDelay": 100}
    if large:
        return {
            **common,
            "interaction": {**still, "hover": False},
            "nodes": {"borderWidth": 0, "borderWidthSelected": 3},
        }
    font = {"size": 13, "color": "#18202a", "strokeWidth": 3, "strokeColor": "#ffffff",
            "face": "Microsoft YaHei, PingFang SC, Noto Sans CJK SC, sans-serif"}  # fmt: skip
    return {
        **common, "interaction": {**still, "hover": True},
        "nodes": {"borderWidth": 1, "font": font, "scaling": {"label": {"drawThreshold": 4}},
                  "widthConstraint": {"maximum": 150}},
        "edges": {"color": {"color": "#98a3af", "highlight": "#18202a", "hover": "#47525e"}, "width": 1,
                  "smooth": {"enabled": True, "type": "cubicBezier", "forceDirection": "horizontal", "roundness": 0.5}
                  if boxed else {"enabled": False, "type": "continuous", "roundness": 0.5},
                  "arrows": {"to": {"enabled": True, "scaleFactor": 0.5}}, "selectionWidth": 1.5},
    }  # fmt: skip


@cache
def _frame() -> jinja2.Template:
    return jinja2.Environment(autoescape=True).from_string(_piece("network.html.j2"))


@cache
def _piece(name: str) -> str:
    return (files("chainatlas.views.network") / "page" / name).read_text("utf-8")


def _escaped(text: str) -> str:
    return str(jinja2.filters.do_forceescape(text))
