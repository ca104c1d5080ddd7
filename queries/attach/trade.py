"""Trade terms that come with the package: words for links, each looked at by itself."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from ...graph.identity.terms import Term, read_terms
from .lexicon import SPELLINGS

FILES = ("用语_核对.csv", "用语.csv", "用语_匹配.csv", "用语_待定.csv")


@cache
def bundled_digest() -> str:
    """Return the hash of all that comes with the package and decides what words mean: terms, spellings, lexicon."""
    folder, schema = files("chainatlas.data") / "terms", files("chainatlas.graph.schema")
    parts = [(folder / name).read_bytes() for name in (*FILES, SPELLINGS)]
    return hashlib.sha256(b"\0".join((*parts, (schema / "attach.toml").read_bytes()))).hexdigest()


@cache
def bundled_terms() -> tuple[Term, ...]:
    """Return the package's terms; of a term given twice for a link the first file's word counts."""
    seen: dict[tuple[str, str], Term] = {}
    for name in FILES:
        text = files("chainatlas.data").joinpath(f"terms/{name}").read_text(encoding="utf-8-sig")
        for term in read_terms(text, name):
            seen.setdefault((term.link, term.term), term)
    return tuple(seen[k] for k in sorted(seen))
