"""Profile: all that is known of one entity, each statement with its source."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ...graph.columns.canonical import flat
from ...graph.schema.words import Joined, Said, sentence
from ...graph.workspace.snapshot import Snapshot
from ..atlas.atlas import Atlas
from ..atlas.facts import claims_of, where_it_stands
from ..atlas.result import Result, Row
from ..atlas.tracing import labelled, node_facts, relation_facts, shown, told

COLUMNS = ("what", "value", "type", "details", "source", "source_ref", "as_of", "confidence", "load")
_SKIP = {"of", "source", "source_ref", "as_of", "confidence", "file", "sheet", "row", "load", "_stub"}


def profile(atlas: Atlas, name: str, *, limit: int = 50) -> Result:
    """Return what every source says of one entity: its properties, then its relations.

    Parameters
    ----------
    name
        Name, short or former name, code or id of anything in the graph.
    limit
        Relations of one type shown at most, of each direction; the rest is counted in a note.

    Returns
    -------
    Result
        ``what value type details source source_ref as_of confidence load``: ``what`` is a
        property or a relation (← for one that leads here), ``value`` what is stated or the
        other end, ``type`` its type, ``details`` the relation's own properties. Two sources
        that say the same are two rows.
    """
    snapshot = atlas.snapshot
    node = snapshot.find(name, tuple(snapshot.schema.nodes))
    rows = _properties(snapshot, node)
    more: list[Said] = []
    for relation in snapshot.schema.relations:
        for incoming in (False, True):
            made, left = _relations(snapshot, node, relation, incoming, limit)
            rows += made
            if left:
                label = snapshot.schema.relations[relation].label
                more.append(sentence("note_profile_more", n=left, relation=label, limit=limit))
    kind = snapshot.schema.nodes[snapshot.type_of(node)]
    name, key = snapshot.name(node), snapshot.key(node)
    head = sentence("note_profile", kind=kind.label, name=name, key=key, n=len(rows))

    def facts(at: int) -> Result:
        if rows[at]["_relation"] is None:
            return told(node_facts(snapshot, node))
        relation, lines = rows[at]["_relation"]
        return told(relation_facts(snapshot, relation, lines))

    return Result(COLUMNS, rows, (head, *more), facts, {"value": "said"})


def _properties(snapshot: Snapshot, node: int) -> list[Row]:
    """One row a property and claim."""
    kind = snapshot.type_of(node)
    table = snapshot.graph.node_claims.get(kind)
    if table is None:
        return []
    props = snapshot.schema.nodes[kind].props
    index = np.flatnonzero(flat(table["of"]).to_numpy() == node - snapshot.ids(kind).start)
    rows: list[Row] = []
    for claim in table.take(pa.array(index)).to_pylist():
        for prop, value in claim.items():
            if prop not in _SKIP and value is not None and prop in props:
                rows.append({"what": props[prop].label, "value": shown(value), "type": None, "details": None,
                             **_provenance(claim), "_relation": None, "_order": list(props).index(prop)})  # fmt: skip
    rows.sort(key=lambda r: (r["_order"], str(r["value"]), str(r["source"])))
    return rows


def _relations(snapshot: Snapshot, node: int, relation: str, incoming: bool, limit: int) -> tuple[list[Row], int]:
    """One row a relation and claim; how many relations were left out."""
    csr = snapshot.csr(relation, incoming=incoming)
    rows_of, ends = csr.rows_of(node).tolist(), csr.of(node).tolist()
    asked = snapshot.schema.relations[relation]
    what = Joined(("← ", asked.label)) if incoming else asked.label
    claims = claims_of(snapshot, relation, rows_of[:limit])
    rows: list[Row] = []
    for row, other in list(zip(rows_of, ends, strict=True))[:limit]:
        kind = snapshot.schema.nodes[snapshot.type_of(other)]
        for claim in claims.get(row, []):
            details = [labelled(d, claim[p]) for p, d in asked.props.items() if claim.get(p) is not None]
            rows.append(
                {
                    "what": what,
                    "value": snapshot.name(other),
                    "type": kind.label,
                    "details": Joined(tuple(details), "；") if details else None,
                    **_provenance(claim),
                    "_relation": (relation, [row]),
                }
            )
    return rows, max(0, len(rows_of) - limit)


def _provenance(claim: dict[str, object]) -> Row:
    return {"source": claim.get("source"), "source_ref": where_it_stands(claim), "as_of": claim.get("as_of"),
            "confidence": claim.get("confidence"), "load": claim.get("load")}  # fmt: skip
