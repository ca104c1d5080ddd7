"""链图 ChainAtlas: where industry and technology chains are broken, who could close the gap.

>>> import chainatlas as ca                              # doctest: +SKIP
>>> atlas = ca.open("chainatlas-workspace")              # doctest: +SKIP
>>> ca.gaps(atlas, chain="锂电", place="枣庄市").table      # doctest: +SKIP

The functions have the names of the commands and return a ``Result``: a pandas table
(``.table``) with the way back to its evidence (``.explain(row)``).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import (
        cypher,
        demo,
        diff,
        export,
        from_networkx,
        load,
        loads,
        open,
        position,
        publish,
        pull,
        read_flows,
        schema_text,
        status,
        template,
        to_networkx,
        to_pandas,
        to_rdflib,
        undo,
    )
    from .graph.schema.errors import ChainAtlasError, LoadError, QueryError, SchemaError, StoreError
    from .pictures import network, report, write_atlas
    from .queries.atlas.atlas import Atlas
    from .queries.atlas.result import Result
    from .queries.entities.leaders import leaders
    from .queries.entities.listing import listing
    from .queries.entities.profile import profile
    from .queries.entities.reserve import reserve
    from .queries.gaps.chain import chain
    from .queries.gaps.figures import figures
    from .queries.gaps.gaps import gaps
    from .queries.gaps.scan import scan
    from .queries.losses.bottlenecks import bottlenecks
    from .queries.losses.whatif import whatif
    from .queries.partners.alliances import alliance
    from .queries.partners.matching import match
    from .queries.partners.ranking import partners
    from .queries.quality.checks import check
    from .queries.quality.sources import sources
    from .queries.regions.compare import compare
    from .queries.regions.evaluation import evaluation
    from .queries.regions.expand import expand
    from .queries.regions.related import related
    from .queries.regions.targets import targets
    from .queries.resources.patents import patents
    from .queries.resources.reach import reach
    from .queries.resources.resource_coverage import coverage
    from .queries.resources.technology import technology
    from .queries.verdicts.explanation import explain
    from .reviewing import decide, import_decisions, review

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
    "decide": "reviewing:decide",
    "from_networkx": "api:from_networkx",
    "import_decisions": "reviewing:import_decisions",
    "open": "api:open",
    "read_flows": "api:read_flows",
    "to_networkx": "api:to_networkx",
    "to_pandas": "api:to_pandas",
    "to_rdflib": "api:to_rdflib",
}


def _homes() -> dict[str, str]:
    """Return where each public name lives: a question has the function's own name."""
    from .questions import questions

    return _MORE | {entry.function.partition(":")[2]: entry.function for entry in questions().values()}


# Type checkers read names as they stand here; a test holds them against the table.
__all__ = [
    "Atlas",
    "ChainAtlasError",
    "LoadError",
    "QueryError",
    "Result",
    "SchemaError",
    "StoreError",
    "alliance",
    "bottlenecks",
    "chain",
    "check",
    "compare",
    "coverage",
    "cypher",
    "decide",
    "demo",
    "diff",
    "evaluation",
    "expand",
    "explain",
    "export",
    "figures",
    "from_networkx",
    "gaps",
    "import_decisions",
    "leaders",
    "listing",
    "load",
    "loads",
    "match",
    "network",
    "open",
    "partners",
    "patents",
    "position",
    "profile",
    "publish",
    "pull",
    "questions",
    "reach",
    "read_flows",
    "related",
    "report",
    "reserve",
    "review",
    "scan",
    "schema_text",
    "sources",
    "status",
    "targets",
    "technology",
    "template",
    "to_networkx",
    "to_pandas",
    "to_rdflib",
    "undo",
    "whatif",
    "write_atlas",
]


def __getattr__(name: str) -> Any:
    homes = {} if name.startswith("_") else _homes()
    if name not in homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, own = homes[name].partition(":")
    return getattr(import_module(f".{module}", __name__), own)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
