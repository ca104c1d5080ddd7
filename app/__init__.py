"""链图 ChainAtlas: where industry and technology chains are broken, who could close the gap.

>>> import chainatlas as ca                              # doctest: +SKIP
>>> atlas = ca.open("chainatlas-workspace")              # doctest: +SKIP
>>> ca.gaps(atlas, chain="锂电", place="枣庄市").table      # doctest: +SKIP

The functions have the names of the commands and return a ``Result``: a pandas table
(``.table``) with the way back to its evidence (``.explain(row)``).
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Names beside those of the table of questions, and where they live. Modules are imported when a
# name is first used, so that ``chainatlas --help`` answers at once.
_MORE = {
    "Atlas": "queries.atlas.atlas:Atlas",
    "ChainAtlasError": "graph.schema.errors:ChainAtlasError",
    "LoadError": "graph.schema.errors:LoadError",
    "QueryError": "graph.schema.errors:QueryError",
    "Result": "queries.atlas.result:Result",
    "SchemaError": "graph.schema.errors:SchemaError",
    "StoreError": "graph.schema.errors:StoreError",
    "check_attached": "attaching:check_attached",
    "check_files": "checking:check_files",
    "decide": "reviewing:decide",
    "decide_term": "attaching:decide_term",
    "from_networkx": "api:from_networkx",
    "import_decisions": "reviewing:import_decisions",
    "import_terms": "attaching:import_terms",
    "open": "api:open",
    "read_flows": "api:read_flows",
    "suggest": "attaching:suggest",
    "to_networkx": "api:to_networkx",
    "to_pandas": "api:to_pandas",
    "to_rdflib": "api:to_rdflib",
}


def homes() -> dict[str, str]:
    """Return where each public name lives: a question has the function's own name."""
    from .questions import questions

    return _MORE | {entry.function.partition(":")[2]: entry.function for entry in questions().values()}


def __getattr__(name: str) -> Any:
    where = {} if name.startswith("_") else homes()
    if name == "__all__":
        return sorted(homes())
    if name not in where:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, own = where[name].partition(":")
    return getattr(import_module(f".{module}", __name__), own)


def __dir__() -> list[str]:
    return sorted([*homes(), "__version__"])
