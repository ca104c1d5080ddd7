"""Entities of the page: everybody and everything but links, chains and places, with what is told of them.

Entities and the relations between them are numbered as one: entities first, then links, then
chains, so that a relation is a pair of numbers whatever its ends are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ...graph.columns.arrays import row_of
from ...graph.columns.canonical import flat
from ...graph.columns.text import LIST_SEPARATOR
from ...queries.atlas.atlas import Atlas
from ...queries.atlas.facts import claims_of, where_it_stands
from ...queries.atlas.nearby import home
from ...queries.atlas.scopes import WHOLE

TYPES = ("Cluster", "Enterprise", "Institute", "Platform", "Alliance", "Service", "Park", "Fund", "Team", "Project")
# INPUT_OF, REQUIRES and the makers of links travel on their own.
RELATIONS = ("IN_CLUSTER", "IN_CHAIN", "MASTERS", "MEMBER_OF", "LEADS", "HOSTS", "SERVES", "SUPPLIES", "COOPERATES",
             "INVESTS_IN", "OWNS", "FUNDED_BY", "SUCCEEDED_BY")  # fmt: skip
# Said elsewhere on the page, or only there to tell entities apart.
_SILENT = {"name", "seat", "short_name"}
# An entity's own claims shown; how many there are in all is said.
_CLAIMS = 3

Claim = Mapping[str, object]


@dataclass(frozen=True)
class Numbers:
    """How the payload numbers what entities refer to.

    ``place_of`` maps scopes to places, ``homes`` regions to rows of the distance table (it grows
    here), ``link_of`` items to links, ``chains`` chain nodes in order; ``source`` numbers a claim's
    source.
    """

    place_of: Mapping[int, int]
    homes: dict[int, int]
    link_of: Mapping[int, int]
    chains: list[int]
    source: Callable[[dict[str, Any]], int]


class Standing:
    """Where nodes stand on the page."""

    def __init__(self, atlas: Atlas, numbers: Numbers) -> None:
        self.atlas, self.numbers = atlas, numbers

    def of(self, node: int) -> dict[str, Any]:
        """Return place, its name, the distance row, and the policy regions that hold a node."""
        where, place_of = self.atlas.scopes, self.numbers.place_of
        region = home(self.atlas, node)
        scope = None if region is None else where.column[region]
        while scope is not None and scope not in place_of:
            coarser = [
                int(h) for h in where.holders(scope) if h != scope and h != WHOLE and where.kind(int(h)) != "zone"
            ]
            scope = max(coarser, key=lambda h: int(where.rank[h]), default=None)
        held = row_of(where.members, node).tolist()
        zones = sorted(place_of[s] for s in held if s in place_of and where.kind(s) == "zone")
        return {
            "place": None if scope is None else place_of[scope],
            "place_name": "" if region is None else self.atlas.snapshot.name(region),
            "home": None if region is None else self.numbers.homes.setdefault(region, len(self.numbers.homes)),
            "zones": zones,
        }


def entity_nodes(atlas: Atlas) -> list[int]:
    """Return the nodes that the page shows as entities, in order."""
    return [node for kind in TYPES for node in atlas.snapshot.ids(kind)]


def entities(atlas: Atlas, numbers: Numbers) -> dict[str, Any]:
    """Return ``entities``, ``relations`` and ``fields`` of the payload (see ``contract.Payload``)."""
    standing = Standing(atlas, numbers)
    nodes = entity_nodes(atlas)
    number = {node: at for at, node in enumerate(nodes)}
    first = len(nodes)
    number |= {atlas.makers.node(item): first + at for item, at in numbers.link_of.items()}
    first += len(numbers.link_of)
    number |= {node: first + at for at, node in enumerate(numbers.chains)}
    fields = _fields(atlas)
    codes = list(fields)
    rows = []
    for kind in TYPES:
        told = _told(atlas, kind, codes)
        claims = _own_claims(atlas, kind, numbers)
        for at, node in enumerate(atlas.snapshot.ids(kind)):
            mine, count = claims.get(at, ([], 0))
            rows.append({"key": atlas.snapshot.key(node), "type": kind, "name": atlas.snapshot.name(node),
                         **standing.of(node), "facts": told[at], "claims": mine, "told": count})  # fmt: skip
    return {"entities": rows, "relations": _relations(atlas, number, numbers), "fields": list(fields.values()),
            "types": {k: _label(atlas, k) for k in atlas.snapshot.schema.nodes}}  # fmt: skip


def _label(atlas: Atlas, kind: str) -> dict[str, str]:
    node = atlas.snapshot.schema.nodes[kind]
    return {"zh": node.zh, "en": node.en}


def _fields(atlas: Atlas) -> dict[tuple[str, str], dict[str, str]]:
    """Return the labels of all properties that entities may state."""
    found = {}
    for kind in TYPES:
        for name, prop in atlas.snapshot.schema.nodes[kind].props.items():
            if name not in _SILENT:
                found[kind, name] = {"zh": prop.zh, "en": prop.en}
    return found


def _told(atlas: Atlas, kind: str, codes: list[tuple[str, str]]) -> list[list[list[Any]]]:
    """Return for each node of a type its stated properties as [field, text]."""
    told: list[list[list[Any]]] = [[] for _ in atlas.snapshot.ids(kind)]
    for at, (of, name) in enumerate(codes):
        if of != kind:
            continue
        for row, value in enumerate(atlas.snapshot.column(kind, name).to_pylist()):
            if value is not None and value != "":
                told[row].append([at, _text(value)])
    return told


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.replace(LIST_SEPARATOR, "、")
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _own_claims(atlas: Atlas, kind: str, numbers: Numbers) -> dict[int, tuple[list[list[Any]], int]]:
    """Return the first claims about each node of a type as [source, reference, date], and how many there are."""
    table = atlas.snapshot.graph.node_claims.get(kind)
    if table is None:
        return {}
    found: dict[int, tuple[list[list[Any]], int]] = {}
    names = [c for c in ("source", "source_ref", "as_of", "file", "sheet", "row") if c in table.column_names]
    of = flat(table["of"]).to_pylist()
    for at, claim in zip(of, table.select(names).to_pylist(), strict=True):
        mine, count = found.get(at, ([], 0))
        if count < _CLAIMS:
            mine.append([numbers.source(claim), where_it_stands(claim), claim.get("as_of")])
        found[at] = (mine, count + 1)
    return found


def _relations(atlas: Atlas, number: Mapping[int, int], numbers: Numbers) -> list[dict[str, Any]]:
    """Return relations whose both ends the page shows: one row a relation, with its first claim."""
    snapshot = atlas.snapshot
    rows = []
    for relation in RELATIONS:
        src, dst = snapshot.edges(relation)
        shown = [at for at in range(len(src)) if int(src[at]) in number and int(dst[at]) in number]
        # A link's place in its chain travels with the chain.
        if relation == "IN_CHAIN":
            links = {*snapshot.ids("Product"), *snapshot.ids("Technology")}
            shown = [at for at in shown if int(src[at]) not in links]
        claims = claims_of(snapshot, relation, shown)
        for at in shown:
            claim = next(iter(claims.get(at, [])), None)
            rows.append({"type": relation, "from": number[int(src[at])], "to": number[int(dst[at])],
                         "source": None if claim is None else numbers.source(claim),
                         "ref": "" if claim is None else where_it_stands(claim),
                         "as_of": None if claim is None else claim.get("as_of")})  # fmt: skip
    return rows


def relation_words(atlas: Atlas) -> dict[str, dict[str, str]]:
    """Return the names of the relations that the page shows."""
    shown = (*RELATIONS, "PRODUCES", "REQUIRES", "INPUT_OF", "IN_CHAIN")
    relations = atlas.snapshot.schema.relations
    return {name: {"zh": relations[name].zh, "en": relations[name].en} for name in dict.fromkeys(shown)}
