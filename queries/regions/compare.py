"""Compare: clusters, cities or regions side by side on named indicators, with rank and distance to the best.

Counts are of what is loaded: an indicator says how much is *known*, so that two places are
comparable only as far as their lists are equally complete; κ stands among the indicators.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from ...graph.columns.arrays import Bools, Ints, offsets
from ...graph.schema.errors import QueryError
from ...graph.schema.words import Label, Word, pairs, sentence
from ..atlas.atlas import Atlas
from ..atlas.chain_links import chain_links, chain_names, local_makers
from ..atlas.facts import Fact
from ..atlas.membership import Field, cluster_chains, cluster_field, field
from ..atlas.result import Result, Row
from ..atlas.scopes import WHOLE
from ..atlas.tracing import node_facts, told, whole
from ..gaps.shape import shape
from ..resources.serving import KINDS, Serving, serving
from ..verdicts.completeness import completeness
from ..verdicts.explanation import maker_facts
from ..verdicts.verdicts import Verdicts, verdicts

COLUMNS = ("indicator", "label", "name", "value", "unit", "rank", "of", "best", "best_name", "distance", "note")
_FEWER_IS_BETTER = ("single_source_share",)


@dataclass(frozen=True)
class _One:
    """One place or cluster compared: node, scope, enterprises and product links."""

    node: int
    scope: int
    field: Field
    chains: tuple[int, ...]
    chain: int | None


def compare(atlas: Atlas, names: Sequence[str], *, on: Sequence[str] | None = None, chain: str | None = None) -> Result:
    """Return indicators of several clusters or places, side by side.

    Parameters
    ----------
    names
        Two or more clusters, cities or other regions.
    on
        Names of indicators; all when not given.
    chain
        Look at this chain's links only.

    Returns
    -------
    Result
        A row an indicator and name: ``indicator label name value unit rank of best best_name
        distance note``; ``rank`` 1 is the best, equal values share it, none where all are equal; ``distance`` is to the
        best, relative to it. An indicator that is known for nobody is left out.

    Raises
    ------
    QueryError
        Fewer than two names, or an indicator that does not exist.
    """
    if len(names) < 2:
        raise QueryError("compare_two")
    labels = pairs("indicator")
    for asked in on or ():
        if asked not in labels:
            raise QueryError("option_value", option="--on", value=asked, known="、".join(labels))
    ones = [one_of(atlas, name, chain) for name in names]
    if len({o.node for o in ones}) < len(ones):
        raise QueryError("compare_two")
    rows: list[Row] = []
    makers = indicators(atlas, ones)
    for indicator in on or labels:
        values = [makers[indicator](one) for one in ones]
        if any(v[0] is not None for v in values):
            rows += _ranked(atlas, indicator, ones, values)

    def facts(at: int) -> Result:
        return told(evidence(atlas, rows[at]["_one"], rows[at]["indicator"]))

    return Result(COLUMNS, rows, (sentence("note_compare"),), facts, {"value": "counted_value"})


def one_of(atlas: Atlas, name: str, chain: str | None) -> _One:
    node = atlas.snapshot.find(name, ("Region", "Cluster"))
    scope = atlas.scopes.column[node]
    if atlas.snapshot.type_of(node) == "Cluster":
        chains = cluster_chains(atlas, node) if chain is None else [atlas.snapshot.find(chain, ("Chain",))]
        found = cluster_field(atlas, node, chain)
        return _One(node, found.scope, found, tuple(chains), None)
    chains = chain_names(atlas) if chain is None else [atlas.snapshot.find(chain, ("Chain",))]
    found = field(atlas, place=atlas.snapshot.key(node), chain=chain)
    return _One(node, scope, found, tuple(chains), None if chain is None else chains[0])


Value = tuple[float | None, str | None]


def indicators(atlas: Atlas, ones: Sequence[_One]) -> dict[str, Callable[[_One], Value]]:
    """Return the functions of all indicators: (value, note)."""
    figure = _chains(atlas, ones)
    made: dict[str, Callable[[_One], Value]] = {
        "enterprises": lambda one: (len(one.field.firms), one.field.how),
        "output": lambda one: _stated(atlas, one, "output"),
        "enterprise_count": lambda one: _stated(atlas, one, "enterprise_count"),
        "links_made": lambda one: (float((_counts(atlas, one) > 0).sum()), None) if len(_counts(atlas, one)) else _NONE,
        "completeness": lambda one: _share(_counts(atlas, one) > 0),
        "single_source_share": lambda one: _share((_counts(atlas, one) == 1)[_counts(atlas, one) > 0]),
        "available_ends": lambda one: figure(one, "K_AO_certain"),
        "thickness": lambda one: figure(one, "thickness"),
        "continuity": lambda one: figure(one, "continuity"),
        "coverage": lambda one: _kappa(atlas, one),
    }
    for of in KINDS:
        made[of] = _counter(atlas, serving(atlas, of))
    for indicator, kind in (("institutes", "Institute"), ("parks", "Park"), ("clusters", "Cluster")):
        made[indicator] = _placed(atlas, kind)
    return made


_NONE: Value = (None, None)


def _counts(atlas: Atlas, one: _One) -> Ints:
    """Makers of each product link of the chains: members where a cluster lists them, else all in the scope."""
    if not one.chains:
        return np.zeros(0, np.int64)
    if one.field.how == "members":
        made = atlas.makers.makes[one.field.items][:, one.field.firms]
        return np.asarray(made.sum(axis=1)).reshape(-1).astype(np.int64)
    counts: Ints = atlas.makers.counts[one.field.items][:, [one.scope]].toarray()[:, 0].astype(np.int64)
    return counts


def _share(flags: Bools) -> Value:
    return (float(flags.mean()), None) if len(flags) else _NONE


def _stated(atlas: Atlas, one: _One, prop: str) -> Value:
    if atlas.snapshot.type_of(one.node) != "Cluster":
        return _NONE
    value, year = atlas.snapshot.value(one.node, prop), atlas.snapshot.value(one.node, "output_year")
    if not isinstance(value, int | float):
        return _NONE
    return (value / 1e8 if prop == "output" else float(value)), (str(year) if prop == "output" and year else None)


def _figures(atlas: Atlas, chains: Sequence[int], scopes: Ints) -> dict[int, dict[str, float]]:
    """Means over chains of their figures, by scope: all links of all chains are judged in one pass."""
    links = [chain_links(atlas, node) for node in chains]
    items, place = np.unique(np.concatenate([one.items for one in links]), return_inverse=True)
    judged = verdicts(atlas, items, scopes)
    starts = offsets([len(one.items) for one in links])
    out: dict[int, dict[str, float]] = {}
    for column, scope in enumerate(scopes.tolist()):
        values: dict[str, list[float]] = {"K_AO_certain": [], "thickness": [], "continuity": []}
        for n, one in enumerate(links):
            part = _rows_of(judged, place[starts[n] : starts[n + 1]])
            drawn = shape(atlas, one, part, column)
            values["K_AO_certain"].append(float(completeness(atlas, one, part)["K_AO_certain"][column]))
            values["thickness"].append(drawn.thickness)
            values["continuity"].append(drawn.continuity)
        out[scope] = {k: float(np.mean(known)) if (known := [x for x in v if not np.isnan(x)]) else float("nan")
                      for k, v in values.items()}  # fmt: skip
    return out


def _rows_of(found: Verdicts, rows: Ints) -> Verdicts:
    """Return the verdicts of some of the items."""
    by_item = [f.name for f in fields(found) if f.name not in ("scopes", "populations")]
    return replace(found, **{name: getattr(found, name)[rows] for name in by_item})


def _chains(atlas: Atlas, ones: Sequence[_One]) -> Callable[[_One, str], Value]:
    """Return a function that gives the mean of a figure over the chains of one of those compared."""
    made: dict[int, dict[str, float]] = {}
    groups: dict[tuple[int, ...], list[_One]] = {}
    for one in ones:
        groups.setdefault(one.chains, []).append(one)

    def value(one: _One, figure: str) -> Value:
        if one.node not in made:
            group = groups[one.chains]
            scopes = np.array(sorted({o.scope for o in group}), np.int64)
            found = _figures(atlas, one.chains, scopes) if one.chains else {}
            made.update({o.node: found.get(o.scope, {}) for o in group})
        known = made[one.node].get(figure, float("nan"))
        return _NONE if np.isnan(known) else (known, None)

    return value


def _kappa(atlas: Atlas, one: _One) -> Value:
    """Mean κ over the product links: how far what is not known may be taken as not there."""
    if not len(one.field.items):
        return _NONE
    return float(atlas.kappa(one.field.items, None).included[:, one.scope].mean()), None


def _counter(atlas: Atlas, found: Serving) -> Callable[[_One], Value]:
    def count(one: _One) -> Value:
        """Resources that stand in a place (and serve the chain asked for); of a cluster those that serve it too."""
        if not len(found.ids):
            return _NONE
        local = found.local(atlas.scopes.column[one.node])
        if atlas.snapshot.type_of(one.node) == "Cluster":
            served = found.of_chain[[one.node, *one.chains]].toarray().any(axis=0)
            inside = np.zeros(len(found.ids), bool)
            if one.field.how == "region":
                inside = found.local(one.scope) if one.scope != WHOLE else inside
                served &= inside
            local = local | served
        elif one.chain is not None:
            items = chain_links(atlas, one.chain).items
            local = local & (found.best(items, one.chain) >= 0).any(axis=0)
        return float(local.sum()), None

    return count


def _placed(atlas: Atlas, kind: str) -> Callable[[_One], Value]:
    ids = atlas.snapshot.ids(kind)

    def count(one: _One) -> Value:
        if not len(ids) or atlas.snapshot.type_of(one.node) == "Cluster":
            return _NONE
        return float(atlas.scopes.holding(np.arange(ids.start, ids.stop), one.scope).sum()), None

    return count


def _ranked(atlas: Atlas, indicator: str, ones: list[_One], values: list[Value]) -> list[Row]:
    known = [v for v, _ in values if v is not None]
    better = min if indicator in _FEWER_IS_BETTER else max
    best = better(known)
    first = next(o for o, (v, _) in zip(ones, values, strict=True) if v == best)
    rows: list[Row] = []
    for one, (value, note) in zip(ones, values, strict=True):
        same = len(known) > 1 and len(set(known)) == 1
        ahead = sum(k < value if better is min else k > value for k in known) if value is not None else 0
        rows.append({
            "indicator": indicator, "label": Word("indicator", indicator), "name": atlas.snapshot.name(one.node),
            "value": None if value is None else whole(round(value, 4)), "unit": unit("indicator", indicator),
            "rank": None if value is None or same else ahead + 1, "of": len(known), "best": whole(round(best, 4)),
            "best_name": atlas.snapshot.name(first.node),
            "distance": None if value is None or best == 0 else round(abs(best - value) / abs(best), 4),
            "note": Word("field", note) if note else None, "_one": one,
        })  # fmt: skip
    return rows


def unit(group: str, name: str) -> Label | None:
    """Return the unit of a value that ``words.toml`` names; one language may leave it out."""
    named = pairs(group)[name]
    return Label(named["unit_zh"], named["unit_en"]) if named["unit_zh"] or named["unit_en"] else None


def evidence(atlas: Atlas, one: _One, indicator: str) -> Iterator[Fact]:
    """Facts that an indicator counts."""
    snapshot = atlas.snapshot
    if indicator in ("output", "enterprise_count"):
        yield from node_facts(snapshot, one.node, ("output", "output_year", "enterprise_count"))
        return
    kinds = {**KINDS, "institutes": "Institute", "parks": "Park", "clusters": "Cluster"}
    if indicator in kinds:
        ids = snapshot.ids(kinds[indicator])
        if indicator in KINDS:
            found = serving(atlas, indicator)
            hits = found.local(atlas.scopes.column[one.node]) | (
                found.of_chain[[one.node, *one.chains]].toarray().any(axis=0)
                if snapshot.type_of(one.node) == "Cluster" else False)  # fmt: skip
        else:
            hits = atlas.scopes.holding(np.arange(ids.start, ids.stop), one.scope)
        for at in np.flatnonzero(hits).tolist():
            yield from node_facts(snapshot, ids.start + at)
        return
    if indicator == "enterprises":
        for firm in one.field.firms.tolist():
            yield from node_facts(snapshot, firm)
        return
    for item in one.field.items.tolist():
        for maker in local_makers(atlas, item, one.scope).tolist():
            yield from maker_facts(atlas, maker, item)
