r"""Put the pieces of the page into one text: modules, style, ECharts and the payload.

The page code is written as small ES modules, which browsers refuse to load from disk one by one.
So each module becomes a function in a single script, in the order of its imports. Only the forms
the page uses are understood, each on a line of its own: ``import { a, b as c } from "../room/x.js";``
(its braces may span lines) and ``export`` before ``function``, ``const`` or ``class``. Changing a
view needs no build step: the next page written has it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import jinja2

from .pack import as_json

ENTRY = "main.js"
STYLES = (
    "tokens",
    "shell",
    "overview",
    "chain",
    "panel",
    "gaps",
    "partners",
    "resources",
    "network",
    "profiles",
    "narrow",
    "print",
)

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.{1,2}/[\w./-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) (\w+))", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)  # a page is mailed; whoever reads its source reads it here
_UNKNOWN = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)


def build(payload: Mapping[str, Any], lang: str) -> str:
    """Return the whole document for a checked payload and language."""
    styles, code, charts = _pieces()
    scripts = " ".join(_source(text) for text in (charts, code))
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {scripts}",
            f"style-src {_source(styles)}",
            f"style-src-elem {_source(styles)}",
            # ECharts writes style attributes on the shapes it draws.
            "style-src-attr 'unsafe-inline'",
            "img-src data:",
            "font-src 'none'",
            "connect-src 'none'",
            "form-action 'none'",
            "base-uri 'none'",
        )
    )
    loader = jinja2.FunctionLoader(lambda name: _page().joinpath(name).read_text("utf-8"))
    environment = jinja2.Environment(loader=loader, autoescape=True, keep_trailing_newline=True)
    return environment.get_template("atlas.html.j2").render(
        lang={"zh": "zh-CN", "en": "en"}[lang],
        policy=policy,
        styles=styles,
        code=code,
        charts=charts,
        payload=as_json(payload),
    )


def bundle(sources: Mapping[str, str], entry: str) -> str:
    """Return one script that holds a module and everything it imports.

    Parameters
    ----------
    sources : mapping
        Text of each module by its path inside the page's folder (``data/words.js``).
    entry : str
        The module that is run.

    Returns
    -------
    str
        A classic script; each module is a function, run once, after those it imports.

    Raises
    ------
    ValueError
        If modules import each other in a circle, or use a form of import or export that this
        bundler does not know.
    """
    order: list[str] = []
    _visit(entry, sources, order, ())
    parts = [_wrap(name, sources[name]) for name in order]
    return '(() => {\n"use strict";\nconst modules = {};\n' + "".join(parts) + "})();\n"


def _visit(name: str, sources: Mapping[str, str], order: list[str], above: tuple[str, ...]) -> None:
    """Append a module to the order after all that it imports."""
    if name in above:
        raise ValueError(f"modules import each other: {' → '.join((*above, name))}")
    if name in order:
        return
    for match in _IMPORT.finditer(sources[name]):
        _visit(_target(name, match[2]), sources, order, (*above, name))
    order.append(name)


def _wrap(name: str, source: str) -> str:
    """Return a module as a function that leaves its exports in ``modules``."""
    exports = [match[1] for match in _EXPORT.finditer(source)]
    body = _IMPORT.sub(lambda match: _destructure(name, match), _EXPORT.sub("", _COMMENT.sub("", source)))
    left = _UNKNOWN.search(body)
    if left:
        raise ValueError(f"{name}: {left[0]!r} is a form the bundler does not know")
    return f"modules[{json.dumps(name)}] = (() => {{\n{body}\nreturn {{ {', '.join(exports)} }};\n}})();\n"


def _destructure(name: str, match: re.Match[str]) -> str:
    """Turn one import of a module into the taking apart of a finished one."""
    names = re.sub(r"(\w+) as (\w+)", r"\1: \2", match[1].strip())
    return f"const {{ {names} }} = modules[{json.dumps(_target(name, match[2]))}];\n"


def _target(name: str, address: str) -> str:
    """Return the path of what a module imports: addresses are relative to the module."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), address))


def page_modules() -> dict[str, str]:
    """Return the text of each module of the page by its path inside the page's folder."""
    return dict(_modules(_page(), ""))


def _modules(folder: Traversable, above: str) -> Iterator[tuple[str, str]]:
    for item in folder.iterdir():
        if item.is_dir():
            yield from _modules(item, f"{above}{item.name}/")
        elif item.name.endswith(".js"):
            yield f"{above}{item.name}", _text(item)


@cache
def _pieces() -> tuple[str, str, str]:
    """Return style, page code and ECharts, each as it stands inside its element."""
    styles = "".join(_text(_page().joinpath("styles", f"{name}.css")) for name in STYLES)
    charts = _text(files(__package__).joinpath("vendor").joinpath("echarts.min.js"))
    return styles, bundle(page_modules(), ENTRY), charts


def _page() -> Traversable:
    return files(__package__).joinpath("page")


def _text(item: Traversable) -> str:
    """Read a file with line ends as the browser will see them, so that the hashes hold."""
    return item.read_text("utf-8").replace("\r\n", "\n")


def _source(text: str) -> str:
    """Return the CSP source expression that allows exactly this inline text."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
