"""Public names; written by docs/public_names.py from the table of questions."""

from .api import cypher as cypher
from .api import demo as demo
from .api import diff as diff
from .api import export as export
from .api import from_networkx as from_networkx
from .api import load as load
from .api import loads as loads
from .api import open as open
from .api import position as position
from .api import publish as publish
from .api import pull as pull
from .api import read_flows as read_flows
from .api import schema_text as schema_text
from .api import status as status
from .api import template as template
from .api import to_networkx as to_networkx
from .api import to_pandas as to_pandas
from .api import to_rdflib as to_rdflib
from .api import undo as undo
from .attaching import attach as attach
from .attaching import check_attached as check_attached
from .attaching import decide_term as decide_term
from .attaching import import_terms as import_terms
from .attaching import suggest as suggest
from .checking import check_files as check_files
from .graph.schema.errors import ChainAtlasError as ChainAtlasError
from .graph.schema.errors import LoadError as LoadError
from .graph.schema.errors import QueryError as QueryError
from .graph.schema.errors import SchemaError as SchemaError
from .graph.schema.errors import StoreError as StoreError
from .pictures import network as network
from .pictures import report as report
from .pictures import write_atlas as write_atlas
from .queries.atlas.atlas import Atlas as Atlas
from .queries.atlas.result import Result as Result
from .queries.entities.leaders import leaders as leaders
from .queries.entities.listing import listing as listing
from .queries.entities.profile import profile as profile
from .queries.entities.reserve import reserve as reserve
from .queries.gaps.chain import chain as chain
from .queries.gaps.figures import figures as figures
from .queries.gaps.gaps import gaps as gaps
from .queries.gaps.scan import scan as scan
from .queries.losses.bottlenecks import bottlenecks as bottlenecks
from .queries.losses.whatif import whatif as whatif
from .queries.partners.alliances import alliance as alliance
from .queries.partners.matching import match as match
from .queries.partners.partners import partners as partners
from .queries.quality.checks import check as check
from .queries.quality.sources import sources as sources
from .queries.recipes.inputs import inputs as inputs
from .queries.regions.compare import compare as compare
from .queries.regions.evaluation import evaluation as evaluation
from .queries.regions.expand import expand as expand
from .queries.regions.related import related as related
from .queries.regions.targets import targets as targets
from .queries.resources.patents import patents as patents
from .queries.resources.reach import reach as reach
from .queries.resources.resource_coverage import coverage as coverage
from .queries.resources.technology import technology as technology
from .queries.verdicts.explanation import explain as explain
from .recipes import init as init
from .reviewing import decide as decide
from .reviewing import import_decisions as import_decisions
from .reviewing import review as review

__version__: str
__all__ = [
    "Atlas",
    "ChainAtlasError",
    "LoadError",
    "QueryError",
    "Result",
    "SchemaError",
    "StoreError",
    "alliance",
    "attach",
    "bottlenecks",
    "chain",
    "check",
    "check_attached",
    "check_files",
    "compare",
    "coverage",
    "cypher",
    "decide",
    "decide_term",
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
    "import_terms",
    "init",
    "inputs",
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
    "suggest",
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

def homes() -> dict[str, str]: ...
