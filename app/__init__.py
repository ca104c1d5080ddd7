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
        check,
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

# Where each name lives; modules are imported when a name is first used, so that
# ``chainatlas --help`` answers at once.
_HOME = {
    **dict.fromkeys(("open", "load", "demo", "diff", "status", "loads", "undo", "check", "cypher",
                     "position", "publish", "pull", "read_flows", "template",
                     "export", "from_networkx", "to_networkx", "to_pandas", "to_rdflib"), ".api"),
    **dict.fromkeys(("ChainAtlasError", "LoadError", "QueryError", "SchemaError", "StoreError"),
                    ".graph.errors"),
    **dict.fromkeys(("network", "report", "write_atlas"), ".pictures"),
    **dict.fromkeys(("decide", "import_decisions", "review"), ".reviewing"),
    "Atlas": ".queries.verdicts", "Result": ".queries.result", "chain": ".queries.chains",
    "bottlenecks": ".queries.bottlenecks", "whatif": ".queries.whatif",
    "gaps": ".queries.gaps", "explain": ".queries.explanation",
    **{name: f".queries.{name}" for name in (
        "compare", "evaluation", "expand", "figures", "leaders", "listing", "patents", "profile", "reach", "related",
        "reserve", "scan", "sources", "targets", "technology")},
    "coverage": ".queries.resource_coverage", "alliance": ".queries.partners.alliances",
    "match": ".queries.partners.matching", "partners": ".queries.partners.ranking",
}  # fmt: skip

__all__ = [
    "Atlas", "ChainAtlasError", "LoadError", "QueryError", "Result", "SchemaError", "StoreError", "alliance",
    "bottlenecks", "chain", "check", "compare", "coverage", "cypher", "decide", "demo", "diff", "evaluation",
    "expand", "explain", "export", "figures", "from_networkx", "gaps", "import_decisions", "leaders", "listing",
    "load", "loads", "match", "network", "open", "partners", "patents", "position", "profile", "publish", "pull",
    "reach", "read_flows", "related", "report", "reserve", "review", "scan", "sources", "status", "targets",
    "technology", "template", "to_networkx", "to_pandas", "to_rdflib", "undo", "whatif", "write_atlas",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name], __name__), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
