"""Check: contradictions and oddities over the whole graph, each with a remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...graph.columns.arrays import Ints
from ...graph.columns.canonical import codes, distinct_pairs, flat
from ...graph.columns.text import LIST_SEPARATOR, name_key, name_keys
from ...graph.identity.matching import compared
from ...graph.schema.types import NodeType
from ...graph.schema.words import read_toml, sentence
from ...graph.workspace.snapshot import Snapshot
from ..atlas.atlas import Atlas
from ..atlas.makers import Makers
from ..atlas.result import Result, Row
from .recipe_checks import (
    Finding,
    end_used_up,
    input_twice,
    inputs_lacking,
    inputs_unlisted,
    joined_levels,
    parent_and_kinds,
    runs_backwards,
)

_SHOWN = 5  # names that a finding lists
COLUMNS = ("code", "severity", "entity", "message", "remedy")


def check(atlas: Atlas) -> Result:
    """Return contradictions and oddities: ``code severity entity message remedy``."""
    rows: list[Row] = []
    for probe in _PROBES:
        for code, severity, entity, values in probe(atlas):
            text, remedy = sentence(f"check_{code}", entity=entity, **values), sentence(f"remedy_{code}")
            rows.append({"code": code, "severity": severity, "entity": entity, "message": text, "remedy": remedy})
    return Result(COLUMNS, rows)


def _conflicting_values(atlas: Atlas) -> Iterator[Finding]:
    """Entities of which sources claim different names or codes; known further names are no conflict."""
    snapshot = atlas.snapshot
    for kind, claims in snapshot.graph.node_claims.items():
        node_type = snapshot.schema.nodes[kind]
        of = flat(claims["of"]).to_numpy()
        for prop in ("name", *node_type.code_props):
            if prop not in claims.column_names:
                continue
            values = _coded_names(claims, node_type) if prop == "name" else flat(claims[prop])
            for row, _ in _several(of, codes(values)[0]):
                node = snapshot.ids(kind).start + row
                said = set(values.filter(pa.array(of == row)).drop_null().to_pylist())
                said -= _further_names(snapshot, node) if prop == "name" else set()
                if len(said) > 1:
                    yield "conflict", "warning", snapshot.name(node), {
                        "prop": node_type.props[prop].label, "n": len(said)}  # fmt: skip


def _coded_names(claims: pa.Table, kind: NodeType) -> pa.Array:
    """Return match keys of the names that count for a conflict.

    Where names of a type are compared, one that was joined by its writing or by people differs
    rightly: only names that stand beside a code count.
    """
    keys = name_keys(claims["name"])
    if not compared(kind.name):
        return keys
    coded = np.zeros(len(keys), bool)
    for prop in kind.code_props:
        if prop in claims.column_names:
            coded |= flat(claims[prop]).is_valid().to_numpy(zero_copy_only=False)
    return pc.if_else(pa.array(coded), keys, pa.scalar(None, pa.string()))


def _further_names(snapshot: Snapshot, node: int) -> set[str]:
    found: set[str] = set()
    for prop in snapshot.schema.nodes[snapshot.type_of(node)].alias_props:
        value = snapshot.value(node, prop)
        if isinstance(value, str):
            found |= {name_key(part) for part in value.split(LIST_SEPARATOR)}
    return found


def _several(of: Ints, code: Ints) -> list[tuple[int, int]]:
    """Rows for which more than one distinct value is claimed."""
    known = code > 0
    pairs = distinct_pairs(of[known], code[known])
    rows, count = np.unique(pairs[0], return_counts=True)
    return [(int(r), int(c)) for r, c in zip(rows[count > 1], count[count > 1], strict=True)]


def _cycles(atlas: Atlas) -> Iterator[Finding]:
    """Products that need themselves through their inputs, one finding a component."""
    made: Makers = atlas.makers
    recipe = made.recipe
    rows = np.flatnonzero(recipe.cyclic)
    for component in np.unique(recipe.component[rows]):
        items = rows[recipe.component[rows] == component]
        names = made.snapshot.names(np.array([made.node(int(i)) for i in items[:6]]))
        yield "cycle", "info", names[0], {"n": len(items), "names": "、".join(names)}


def _mutual(atlas: Atlas) -> Iterator[Finding]:
    """Pairs that are an input of each other, or input and kind of each other."""
    snapshot = atlas.snapshot
    a, b = snapshot.edges("INPUT_OF")
    c, d = snapshot.edges("KIND_OF")
    n = np.int64(snapshot.n)
    both = np.intersect1d(a * n + b, b * n + a)
    if len(both):
        first = int(both[0])
        yield "mutual_input", "warning", snapshot.name(first // int(n)), {
            "n": len(both) // 2, "other": snapshot.name(first % int(n))}  # fmt: skip
    kinds = np.intersect1d(np.unique(a * n + b), np.unique(np.concatenate([c * n + d, d * n + c])))
    if len(kinds):
        first = int(kinds[0])
        yield "input_and_kind", "info", snapshot.name(first // int(n)), {
            "n": len(kinds), "other": snapshot.name(first % int(n))}  # fmt: skip


def _accounting(atlas: Atlas) -> Iterator[Finding]:
    snapshot = atlas.snapshot
    names = flat(snapshot.column("Product", "name"))
    hit = pc.match_substring_regex(names, read_toml("vocabulary.toml")["accounting"])
    found = names.filter(hit.fill_null(False))
    if len(found):
        yield "accounting", "info", found[0].as_py(), {"n": len(found), "facts": atlas.makers.excluded}


def _unplaced(atlas: Atlas) -> Iterator[Finding]:
    """Enterprises whose place nobody states: they count nowhere but in the whole."""
    snapshot = atlas.snapshot
    ids = snapshot.ids("Enterprise")
    placed = np.zeros(snapshot.n, bool)
    placed[snapshot.edges("LOCATED_IN")[0]] = True
    missing = int((~placed[ids.start : ids.stop]).sum())
    if missing:
        first = ids.start + int(np.flatnonzero(~placed[ids.start : ids.stop])[0])
        yield "unplaced", "info", snapshot.name(first), {"n": missing, "of": len(ids)}


def _two_cities(atlas: Atlas) -> Iterator[Finding]:
    """Enterprises of one name that sources place in different cities: they may be two."""
    snapshot = atlas.snapshot
    codes = snapshot.column("Region", "code").fill_null("").to_pylist()
    city = np.array([int(c[:4]) if len(c) == 6 and c.isdigit() and c[2:4] != "00" else -1 for c in codes], np.int64)
    src, dst = snapshot.edges("LOCATED_IN")
    firms, regions = snapshot.ids("Enterprise"), snapshot.ids("Region")
    mine = (src >= firms.start) & (src < firms.stop) & (dst >= regions.start) & (dst < regions.stop)
    pairs = np.unique(np.c_[src[mine], city[dst[mine] - regions.start]], axis=0)
    owner, count = np.unique(pairs[pairs[:, 1] >= 0, 0], return_counts=True)
    several = owner[count > 1].tolist()
    if several:
        names = "、".join(snapshot.name(n) for n in several[:_SHOWN])
        yield "two_cities", "warning", snapshot.name(several[0]), {"n": len(several), "names": names}


def _statements(atlas: Atlas) -> Iterator[Finding]:
    """Completeness statements that name what the graph does not hold."""
    table = atlas.snapshot.graph.statements.get("Coverage")
    told = len(table) if table is not None else 0
    used = sum(c.ground == "stated" for c in atlas.coverage.claims)
    if told > used:
        yield "coverage_unused", "warning", str(table["source"][0].as_py() if table else ""), {"n": told - used}


def _unlinked(atlas: Atlas) -> Iterator[Finding]:
    """Chain links that no recipe edge touches."""
    snapshot, recipe = atlas.snapshot, atlas.makers.recipe
    touched = np.union1d(recipe.member, recipe.owner)
    inside = np.array([i for i, chains in enumerate(atlas.chains_of) if chains], np.int64)
    alone = np.setdiff1d(inside, touched)
    if len(alone):
        names = snapshot.names(np.array([atlas.makers.node(int(i)) for i in alone[:6]]))
        yield "unlinked", "warning", names[0], {"n": len(alone), "names": "、".join(names)}


_PROBES: tuple[Callable[[Atlas], Iterator[Finding]], ...] = (
    _conflicting_values,
    _cycles,
    _mutual,
    _accounting,
    _unplaced,
    _two_cities,
    _statements,
    _unlinked,
    parent_and_kinds,
    joined_levels,
    input_twice,
    inputs_unlisted,
    inputs_lacking,
    end_used_up,
    runs_backwards,
)
