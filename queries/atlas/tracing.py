"""Tracing: the claims behind relations and entities, as facts that name file, sheet and row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa

from ...graph.columns.canonical import flat
from ...graph.columns.text import LIST_SEPARATOR
from ...graph.schema.types import Property
from ...graph.schema.words import Joined, Said, sentence
from ...graph.workspace.snapshot import Snapshot
from .facts import Fact, claims_of, fact
from .result import Result

COLUMNS = ("fact", "source", "source_ref", "as_of", "confidence", "load")
_PROVENANCE = {"of", "source", "source_ref", "as_of", "confidence", "file", "sheet", "row", "load"}


def told(facts: Iterable[Fact]) -> Result:
    """Return facts as the table that ``Result.explain`` promises; the same fact once."""
    rows = [{c: getattr(f, c) for c in COLUMNS} for f in dict.fromkeys(facts)]
    return Result(COLUMNS, rows)


def relation_facts(snapshot: Snapshot, relation: str, rows: Iterable[int]) -> list[Fact]:
    """Return the claims of some rows of a relation, with the relation's own properties."""
    wanted = sorted({int(r) for r in rows})
    src, dst = snapshot.edges(relation)
    claims = claims_of(snapshot, relation, wanted)
    kind = snapshot.schema.relations[relation]
    facts = []
    for row in wanted:
        start, end = snapshot.name(int(src[row])), snapshot.name(int(dst[row]))
        text = sentence("fact_relation", a=start, b=end, relation=kind.label)
        for claim in claims.get(row, []):
            details = _properties(claim, kind.props)
            facts.append(fact(sentence("fact_details", fact=text, details=details) if details else text, claim))
    return facts


def rows_between(snapshot: Snapshot, relation: str, starts: Iterable[int], ends: Iterable[int]) -> list[int]:
    """Return the rows of a relation that lead from one of ``starts`` to one of ``ends``."""
    src, dst = snapshot.edges(relation)
    a, b = (np.array(sorted({int(n) for n in nodes}), np.int64) for nodes in (starts, ends))
    return np.flatnonzero(np.isin(src, a) & np.isin(dst, b)).tolist()


def rows_at(snapshot: Snapshot, relation: str, nodes: Iterable[int], *, incoming: bool = False) -> list[int]:
    """Return the rows of a relation that start at (or with ``incoming`` end in) one of ``nodes``."""
    ends = snapshot.edges(relation)[int(incoming)]
    return np.flatnonzero(np.isin(ends, np.array(sorted({int(n) for n in nodes}), np.int64))).tolist()


def node_facts(snapshot: Snapshot, node: int, props: Sequence[str] | None = None) -> list[Fact]:
    """Return who says what about an entity, one fact a claim; only of ``props`` (that its type has) when given."""
    kind = snapshot.type_of(node)
    table = snapshot.graph.node_claims.get(kind)
    if table is None:
        return []
    asked = snapshot.schema.nodes[kind].props
    if props is not None:
        asked = {name: asked[name] for name in props if name in asked}
    of = flat(table["of"]).to_numpy()
    index = np.flatnonzero(of == node - snapshot.ids(kind).start)
    facts, name = [], snapshot.name(node)
    for claim in table.take(pa.array(index)).to_pylist():
        details = _properties(claim, asked)
        if details or props is None:
            facts.append(fact(Joined((name, details), "：") if details else name, claim))
    return facts


def _properties(claim: dict[str, object], props: dict[str, Property]) -> Said | None:
    """Return the stated properties of a claim as text (label value；label value), None when it states none."""
    stated = [
        labelled(prop, claim[name])
        for name, prop in props.items()
        if name not in _PROVENANCE and claim.get(name) is not None
    ]
    return Joined(tuple(stated), "；") if stated else None


def labelled(prop: Property, value: object) -> Said:
    """Return a stated value after the label of its property."""
    return Joined((prop.label, shown(value)), " ")


def whole(value: float | None) -> float | int | None:
    """Return a whole number as an integer, so that 5 is not shown as 5.0."""
    return int(value) if value is not None and float(value).is_integer() else value


def shown(value: object) -> str:
    """Return a stated value as people read it: lists joined, whole numbers without a point."""
    if isinstance(value, str):
        return value.replace(LIST_SEPARATOR, "、")
    if isinstance(value, float):
        return f"{value:.10g}" if value < 1e15 else f"{value:g}"
    return str(value)
