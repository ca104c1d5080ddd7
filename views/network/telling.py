"""Telling: colours, shapes, and what is said of nodes and relations when they are pointed at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from ...graph.columns.canonical import flat
from ...graph.columns.text import LIST_SEPARATOR
from ...graph.schema.words import message
from ...queries.atlas.atlas import Atlas
from ...queries.entities.neighbourhood import Neighbourhood

# Type, colour and shape together: neither stands alone. Colours ≥ 3:1 on white.
_LOOKS = {
    "Product": ("#1f4e8c", "dot"), "Technology": ("#6a5fa8", "diamond"), "Enterprise": ("#14665f", "square"),
    "Chain": ("#18202a", "star"), "Cluster": ("#7a5800", "hexagon"), "Region": ("#66707b", "triangleDown"),
    "Platform": ("#a5480d", "triangle"), "Alliance": ("#a31b27", "hexagon"), "Institute": ("#3f72b4", "triangle"),
    "Fund": ("#8f6700", "diamond"), "Team": ("#4d7a3a", "dot"), "Policy": ("#8a5fa0", "star"),
    "Target": ("#a31b27", "triangleDown"), "Patent": ("#8a5fa0", "square"), "Project": ("#9a4d6e", "square"),
    "Industry": ("#5c636c", "hexagon"), "Park": ("#4d7a3a", "triangleDown"), "Service": ("#a5480d", "star"),
    "Clause": ("#5c636c", "dot"),
}  # fmt: skip
_OTHER = ("#5c636c", "square")
Look = tuple[str, str, str, float]
_SILENT = {"name", "seat", "key"}
_FACTS, _LONG = 8, 60


@dataclass(frozen=True)
class Kind:
    """One line of the legend."""

    name: str
    label: str
    colour: str
    shape: str
    count: int


def look(part: Neighbourhood, kinds: list[str]) -> list[Look]:
    """Return type, colour, shape and size of each node; those of many relations are larger."""
    size = 6 + 2 * np.log2(1 + part.degree)
    return [(kind, *_LOOKS.get(kind, _OTHER), round(float(min(s, 18)), 1)) for kind, s in zip(kinds, size, strict=True)]


def legend(atlas: Atlas, kinds: list[str], lang: str) -> list[Kind]:
    """Return the types that are drawn, the most frequent first."""
    count = Counter(kinds)
    order = sorted(count, key=lambda k: (-count[k], k))
    return [Kind(k, getattr(atlas.snapshot.schema.nodes[k], lang), *_LOOKS.get(k, _OTHER), count[k]) for k in order]


def lines(atlas: Atlas, part: Neighbourhood, kinds: list[str], lang: str) -> list[list[str]]:
    """Return for each node what is told when it is pointed at: type, facts, relations, sources."""
    schema, snapshot = atlas.snapshot.schema, atlas.snapshot
    shown = np.bincount(part.src, minlength=len(part.nodes)) + np.bincount(part.dst, minlength=len(part.nodes))
    made: list[list[str]] = []
    columns = {kind: _facts(atlas, kind, lang) for kind in set(kinds)}
    sources = {kind: _sources(atlas, kind) for kind in set(kinds)}
    for at, (node, kind) in enumerate(zip(part.nodes.tolist(), kinds, strict=True)):
        row = node - snapshot.ids(kind).start
        facts = [f"{label}：{_short(column[row])}" for label, column in columns[kind] if column[row] not in (None, "")]
        made.append([
            getattr(schema.nodes[kind], lang), *facts[:_FACTS],
            message("network_ties", lang, shown=int(shown[at]), all=int(part.degree[at])),
            *([message("network_source", lang, source=sources[kind][row])] if row in sources[kind] else []),
        ])  # fmt: skip
    return made


def _facts(atlas: Atlas, kind: str, lang: str) -> list[tuple[str, list[object]]]:
    props = atlas.snapshot.schema.nodes[kind].props
    return [(getattr(prop, lang), atlas.snapshot.column(kind, name).to_pylist())
            for name, prop in props.items() if name not in _SILENT]  # fmt: skip


def _sources(atlas: Atlas, kind: str) -> dict[int, str]:
    """First source of each node, in the order of names, with the file's place where there is one."""
    claims = atlas.snapshot.graph.node_claims.get(kind)
    if claims is None:
        return {}
    found: dict[int, str] = {}
    columns = [flat(claims[c]).to_pylist() if c in claims.column_names else [None] * len(claims)
               for c in ("of", "source", "source_ref", "as_of")]  # fmt: skip
    for of, source, ref, date in zip(*columns, strict=True):
        found.setdefault(int(of), " · ".join(str(p) for p in (source, ref, date) if p))
    return found


def ties(atlas: Atlas, part: Neighbourhood, lang: str) -> list[str]:
    """Return the label of each relation, with its source."""
    schema, said = atlas.snapshot.schema, []
    sources = {name: _relation_sources(atlas, name) for name in set(part.relation)}
    for name, row in zip(part.relation, part.row.tolist(), strict=True):
        source = sources[name].get(row, "")
        said.append(f"{getattr(schema.relations[name], lang)}{f'（{source}）' if source else ''}")
    return said


def _relation_sources(atlas: Atlas, relation: str) -> dict[int, str]:
    claims = atlas.snapshot.graph.relation_claims.get(relation)
    if claims is None or "source" not in claims.column_names:
        return {}
    found: dict[int, str] = {}
    for of, source in zip(flat(claims["of"]).to_pylist(), flat(claims["source"]).to_pylist(), strict=True):
        if source:
            found.setdefault(int(of), str(source))
    return found


def _short(value: object) -> str:
    text = value.replace(LIST_SEPARATOR, "、") if isinstance(value, str) else (
        f"{value:.10g}" if isinstance(value, float) else str(value))  # fmt: skip
    return text if len(text) <= _LONG else text[:_LONG] + "…"
