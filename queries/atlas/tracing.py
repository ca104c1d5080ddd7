"""Tracing: the claims behind relations and entities, as facts that name file, sheet and row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa

from ...graph.columns.canonical import flat
from ...graph.columns.text import LIST_SEPARATOR
from ...graph.schema.types import RelationType
from ...graph.schema.words import message
from ...graph.workspace.snapshot import Snapshot
from .facts import Fact, claims_of, fact
from .result import Result

COLUMNS = ("fact", "source", "source_ref", "as_of", "confidence", "load")
_PROVENANCE = {"of", "source", "source_ref", "as_of", "confidence", "file", "sheet", "row", "load"}


def told(facts: Iterable[Fact]) -> Result:
    """Return facts as the table that ``Result.explain`` promises; the same fact once."""
    rows = [{c: getattr(f, c) for c in COLUMNS} for f in dict.fromkeys(facts)]
    return Result(COLUMNS, rows)


def relation_facts(snapshot: Snapshot, relation: str, rows: Iterable[int], lang: str) -> list[Fact]:
    """Return the claims of some rows of a relation, with the relation's own properties."""
    wanted = sorted({int(r) for r in rows})
    src, dst = snapshot.edges(relation)
    claims = claims_of(snapshot, relation, wanted)
    label: RelationType = snapshot.schema.relations[relation]
    facts = []
    for row in wanted:
        text = message("fact_relation", lang, a=snapshot.name(int(src[row])), b=snapshot.name(int(dst[row])),
                       relation=getattr(label, lang))  # fmt: skip
        for claim in claims.get(row, []):
            more = _properties(claim, {p: getattr(d, lang) for p, d in label.props.items()})
            facts.append(fact(f"{text}（{more}）" if more else text, claim))
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


def node_facts(snapshot: Snapshot, node: int, lang: str, props: Sequence[str] | None = None) -> list[Fact]:
    """Return who says what about an entity, one fact a claim; only of ``props`` when given."""
    kind = snapshot.type_of(node)
    table = snapshot.graph.node_claims.get(kind)
    if table is None:
        return []
    labels = {p: getattr(d, lang) for p, d in snapshot.schema.nodes[kind].props.items()}
    if props is not None:
        labels = {p: labels[p] for p in props}
    of = flat(table["of"]).to_numpy()
    index = np.flatnonzero(of == node - snapshot.ids(kind).start)
    facts = []
    for claim in table.take(pa.array(index)).to_pylist():
        more = _properties(claim, labels)
        if more or props is None:
            facts.append(fact(f"{snapshot.name(node)}：{more}" if more else snapshot.name(node), claim))
    return facts


def _properties(claim: dict[str, object], labels: dict[str, str]) -> str:
    """Return the stated properties of a claim as text: label value, label value."""
    said = [(labels[p], claim.get(p)) for p in labels if p not in _PROVENANCE]
    return "；".join(f"{label} {shown(value)}" for label, value in said if value is not None)


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
