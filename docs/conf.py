"""Sphinx: the documentation, generated where the code or the schema says it already.

make docs        into docs/_build; notebooks are run, warnings are errors
"""

from __future__ import annotations

import inspect
import shutil
from pathlib import Path
from typing import Any

from sphinx.search.zh import SearchChinese

import chainatlas
from chainatlas.questions import Question, groups, questions

HERE = Path(__file__).parent
project, author, language = "链图 ChainAtlas", "ChainAtlas", "zh_CN"
version = release = chainatlas.__version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "how-to/neo4j/*", "how-to/your-province/*"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
# The pages are read on GitHub, too, where these links lead to files of the repository.
suppress_warnings = ["myst.xref_missing", "myst.header", "mystnb.unknown_mime_type", "misc.highlighting_failure"]
nb_execution_mode, nb_execution_timeout, nb_execution_raise_on_error = "cache", 180, True
nb_execution_show_tb = True
napoleon_numpy_docstring, napoleon_google_docstring = True, False
autodoc_typehints = "signature"
html_theme, html_title = "furo", "链图 ChainAtlas"
html_search_language = "zh"  # words are cut by jieba
html_copy_source, html_show_sourcelink = False, False
html_show_search_summary = False  # summaries are fetched, which pages from disk may not do
html_static_path, html_css_files = ["_static"], ["site.css"]


def _python() -> str:
    """Return the page of the Python functions: one entry a public name."""
    lines = ["# Python 函数 · Python functions", "", "`import chainatlas as ca`；参数、返回、错误如下。",
             "Parameters, results and errors of every public name.", ""]  # fmt: skip
    names = sorted(chainatlas.__all__, key=lambda n: (n[0].isupper(), n))
    for name in names:
        found = getattr(chainatlas, name)
        kind = "autofunction" if inspect.isfunction(found) else "autoexception" if (
            isinstance(found, type) and issubclass(found, Exception)) else "autoclass"  # fmt: skip
        lines += [f"## {name}", "", "```{eval-rst}", f".. {kind}:: chainatlas.{name}", "```", ""]
    return "\n".join(lines)


def _commands() -> str:
    """Return the page of the commands: what the table of questions says of each."""
    lines = ["# 命令 · Commands", "", "由 `app/questions.toml` 生成；`chainatlas COMMAND --help` 显示同样的内容。",
             "Generated from the table of questions; `--help` of each command says the same.", ""]  # fmt: skip
    for group, (zh, en) in groups().items():
        lines += [f"## {zh} · {en}", ""]
        for entry in (e for e in questions().values() if e.group == group):
            lines += _entry(entry, entry.name)
            for name, below in entry.commands.items():
                lines += _entry(below, f"{entry.name} {name}")
    return "\n".join(lines)


def _entry(entry: Question, name: str) -> list[str]:
    lines = [f"### {name}", "", f"{_text(entry.zh)} · {_text(entry.en)}", "", f"`{entry.example}`"]
    lines += ["", f"[说明 · page](../{entry.page}.md) · Python: `{entry.function.partition(':')[2]}`", ""]
    if entry.options:
        lines += ["| 选项 option | 默认 default | 说明 |", "|---|---|---|"]
    for option in (o for o in entry.options if not o.hidden):
        words = " ".join(f"`{flag}`" for flag in option.flags) or f"`{_text(option.metavar)}`"
        default = f"`{option.default}`" if option.default not in (None, "") else ""
        lines.append(f"| {words} | {default} | {_text(option.zh)} · {_text(option.en)} |")
    for value, columns in entry.shown.items():
        which = "" if value == "*" else f"（`{value}`）"
        lines += ["", f"列 columns{which}：" + " ".join(f"`{c}`" for c in columns)]
    for old, new in entry.was.items():
        lines += ["", f"旧写法 was: `{_text(old)}` → `{_text(new)}`"]
    return [*lines, ""]


def _text(text: str) -> str:
    return text.replace("\n", " ").replace("|", "\\|").replace("<", "&lt;")


def _generate(_: object = None) -> None:
    """Write the generated pages and fetch the notebooks beside the pages."""
    for name, text in (("python.md", _python()), ("commands.md", _commands())):
        path = HERE / "reference" / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
    lessons = HERE / "lessons"
    lessons.mkdir(exist_ok=True)
    for notebook in sorted((HERE.parent / "notebooks").glob("*.ipynb")):
        target = lessons / notebook.name
        if not target.is_file() or target.read_bytes() != notebook.read_bytes():
            shutil.copyfile(notebook, target)


class Search(SearchChinese):
    """Chinese search whose script names the stemmer it brings: Sphinx 9.0 names one that is none (sphinx #14229)."""

    language_name = "English"


def setup(sphinx: Any) -> None:
    """Generate before sources are read."""
    sphinx.add_search_language(Search)
    sphinx.connect("builder-inited", _generate)
