"""Profile: all that is known of one entity, each statement with its source."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ...graph.columns.canonical import flat
from ...graph.schema.words import default_language, message, sentence
from ...graph.workspace.snapshot import Snapshot
from ..atlas.atlas import Atlas
from ..atlas.facts import claims_of, where_it_stands
from ..atlas.result import Result, Row
from ..atlas.tracing import node_facts, relation_facts, shown, told

COLUMNS = ("what", "value", "type", "details", "source", "source_ref", "as_of", "confidence", "load")
_SKIP = {"of", "source", "source_ref", "as_of", "confidence", "file", "sheet", "row", "load", "_stub"}


def profile(atlas: Atlas, name: str, *, limit: int = 50, lang: str | None = None) -> Result:
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
    lang = lang or default_language()
    snapshot = atlas.snapshot
    node = snapshot.find(name, tuple(snapshot.schema.nodes))
    rows, notes = _properties(snapshot, node, lang), []
    for relation in snapshot.schema.relations:
        for incoming in (False, True):
            made, left = _relations(snapshot, node, relation, incoming, limit, lang)
            rows += made
            if left:
                label = getattr(snapshot.schema.relations[relation], lang)
                notes.append(sentence("note_profile_more", n=left, relation=label, limit=limit))
    kind = snapshot.schema.nodes[snapshot.type_of(node)]
    said = {"name": snapshot.name(node), "key": snapshot.key(node), "n": len(rows)}
    head = message("note_profile", "zh", kind=kind.zh, **said), message("note_profile", "en", kind=kind.en, **said)

    def facts(at: int) -> Result:
        if rows[at]["_relation"] is None:
            return told(node_facts(snapshot, node, lang))
        relation, lines = rows[at]["_relation"]
        return told(relation_facts(snapshot, relation, lines, lang))

    return Result(COLUMNS, rows, (head, *notes), facts, {"value": "said"})


def _properties(snapshot: Snapshot, node: int, lang: str) -> list[Row]:
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
                rows.append({"what": getattr(props[prop], lang), "value": shown(value), "type": None, "details": None,
                             **_provenance(claim), "_relation": None, "_order": list(props).index(prop)})  # fmt: skip
    rows.sort(key=lambda r: (r["_order"], str(r["value"]), str(r["source"])))
    return rows


def _relations(
    snapshot: Snapshot, node: int, relation: str, incoming: bool, limit: int, lang: str
) -> tuple[list[Row], int]:
    """One row a relation and claim; how many relations were left out."""
    csr = snapshot.csr(relation, incoming=incoming)
    rows_of, ends = csr.rows_of(node).tolist(), csr.of(node).tolist()
    label = snapshot.schema.relations[relation]
    claims = claims_of(snapshot, relation, rows_of[:limit])
    rows: list[Row] = []
    for row, other in list(zip(rows_of, ends, strict=True))[:limit]:
        kind = snapshot.schema.nodes[snapshot.type_of(other)]
        for claim in claims.get(row, []):
            more = [f"{getattr(d, lang)} {shown(claim[p])}" for p, d in label.props.items() if claim.get(p) is not None]
            rows.append({"what": f"← {getattr(label, lang)}" if incoming else getattr(label, lang),
                         "value": snapshot.name(other), "type": getattr(kind, lang),
                         "details": "；".join(more) or None, **_provenance(claim),
                         "_relation": (relation, [row])})  # fmt: skip
    return rows, max(0, len(rows_of) - limit)


def _provenance(claim: dict[str, object]) -> Row:
    return {"source": claim.get("source"), "source_ref": where_it_stands(claim), "as_of": claim.get("as_of"),
            "confidence": claim.get("confidence"), "load": claim.get("load")}  # fmt: skip
