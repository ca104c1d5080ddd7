"""Targets: what a policy or the user set out to reach, and how far it is at a date.

What a target measures is told from its words (patterns in ``vocabulary.toml``, [targets]):

- clusters whose output reaches a threshold (产值过千亿元集群),
- the output value of the clusters of a region (产值, a unit of money),
- clusters newly in cultivation (新培育集群) and clusters that the policy supports (重点支持集群),
- the number of entities of a type (创新平台 50 个, 高新技术企业 3 家 …).

A value is a lower bound: it counts what is loaded, and clusters of one place whose names differ in
the ending only (X集群, X产业集群) once. Reached, a target is *met*. Not reached, it is
*on the way* or *behind* only where enough of what is measured is known (share ≥ floor), else
*unknown*. On the way before the due date: value ≥ v₀ + (goal − v₀)·(D − start)/(due − start),
the straight line from the value v₀ at the start (issue of the policy, else the target's own date).
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from ...graph.columns.arrays import Ints
from ...graph.columns.canonical import flat
from ...graph.schema.errors import QueryError
from ...graph.schema.words import Said, read_toml, sentence
from ..atlas.atlas import Atlas
from ..atlas.facts import Fact
from ..atlas.result import Result, Row
from ..atlas.scopes import WHOLE
from ..atlas.tracing import node_facts, relation_facts, rows_at, shown, told, whole

COLUMNS = ("target", "due", "measure", "goal", "unit", "value", "gap", "state", "known", "as_of", "counted", "reason",
           "source")  # fmt: skip
STATES = ("met", "on_the_way", "behind", "unknown")


@dataclass(frozen=True)
class Measured:
    """A measured value: nodes counted with their names, and the share of what is measured that is known."""

    value: float | None
    known: float
    counted: list[str] = field(default_factory=list)
    nodes: list[int] = field(default_factory=list)
    total: int = 0
    told: int = 0


def targets(atlas: Atlas, *, as_of: str | None = None) -> Result:
    """Return every target with its state at a date.

    Parameters
    ----------
    as_of
        Date D as YYYY, YYYY-MM or YYYY-MM-DD (a year or month means its last day); today when
        not given. Values of later years do not count.

    Returns
    -------
    Result
        ``target due measure goal unit value gap state known as_of counted reason source``:
        ``gap`` = goal − value where the value is known, ``known`` the share of what is measured
        that the data know, ``counted`` what the value counts.
    """
    day = _day(as_of)
    rows = [_row(atlas, node, day) for node in atlas.snapshot.ids("Target")]
    rows.sort(key=lambda r: (r["due"] or "9999", r["target"]))
    counts = {s: sum(r["state"] == s for r in rows) for s in STATES}
    notes = [sentence("note_targets", date=day.isoformat(), **counts), sentence("note_target_bound")]
    if not rows:
        notes = [sentence("note_targets_none")]
    labels = {"value": "counted_value"}
    return Result(COLUMNS, rows, tuple(notes), lambda at: told(_evidence(atlas, rows[at])), labels)


def _day(text: str | None) -> datetime.date:
    """Return a date; a year or a month means its last day."""
    if text is None:
        return datetime.date.today()
    found = re.fullmatch(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", text.strip())
    try:
        if found is None:
            raise ValueError(text)
        year, month, day = int(found[1]), int(found[2] or 12), int(found[3] or 0)
        first = datetime.date(year, month, day or 1)
        if day:
            return first
        return datetime.date(year, month, calendar.monthrange(year, month)[1])
    except ValueError:
        raise QueryError("option_value", option="--as-of", value=text, known="YYYY、YYYY-MM、YYYY-MM-DD") from None


def _row(atlas: Atlas, node: int, day: datetime.date) -> Row:
    snapshot = atlas.snapshot
    stated = {p: snapshot.value(node, p) for p in ("name", "measure", "goal", "unit", "due", "comparison")}
    goal = stated["goal"] if isinstance(stated["goal"], float | int) else None
    due = _day(str(stated["due"])) if stated["due"] else None
    measure = _measure(atlas, node, stated)
    now = measure(day) if measure else Measured(None, 0.0)
    then = measure(min(day, due)) if measure and due else now
    state, reason = _state(atlas, node, goal, due, day, (then, now, measure), str(stated["comparison"] or "≥"))
    best = then if state == "met" and _reached(then.value, goal, str(stated["comparison"] or "≥")) else now
    facts = node_facts(snapshot, node)
    return {
        "target": stated["name"] or snapshot.value(node, "number"), "due": stated["due"], "measure": stated["measure"],
        "goal": whole(goal), "unit": stated["unit"], "value": whole(best.value),
        "gap": None if best.value is None or goal is None else whole(round(goal - best.value, 4)), "state": state,
        "known": round(best.known, 4) if best.total else None, "as_of": day.isoformat(), "counted": best.counted,
        "reason": reason, "source": sorted({f.source for f in facts if f.source}), "_node": node,
        "_counted": best.nodes,
    }  # fmt: skip


def _reached(value: float | None, goal: float | None, comparison: str) -> bool:
    if value is None or goal is None:
        return False
    return {"≤": value <= goal, ">": value > goal, "=": value >= goal}.get(comparison, value >= goal)


def _state(
    atlas: Atlas,
    node: int,
    goal: float | None,
    due: datetime.date | None,
    day: datetime.date,
    measured: tuple[Measured, Measured, Callable[[datetime.date], Measured] | None],
    comparison: str,
) -> tuple[str, Said]:
    then, now, measure = measured
    if measure is None or goal is None:
        return "unknown", sentence("target_unclear")
    values = {"value": shown(now.value) if now.value is not None else "—", "goal": shown(goal), "told": now.told,
              "total": now.total}  # fmt: skip
    enough = now.known >= atlas.floor
    if comparison == "≤" and not enough:
        return "unknown", sentence("target_known", **values)  # a lower bound below a ceiling says nothing
    if _reached(then.value, goal, comparison):
        return "met", sentence("target_met", **values | {"value": shown(then.value)})
    if _reached(now.value, goal, comparison):
        return "met", sentence("target_late", **values, due=due.isoformat() if due else "—")
    if not enough or now.value is None:
        return "unknown", sentence("target_known", **values)
    if due is None:
        return "on_the_way", sentence("target_open", **values)
    if day >= due:
        return "behind", sentence("target_behind", **values)
    start = _start(atlas, node)
    if start is None or start >= due or start > day:
        return "on_the_way", sentence("target_no_start", **values)
    base = measure(start).value or 0.0
    line = base + (goal - base) * (day - start).days / (due - start).days
    code = "target_on_line" if now.value >= line else "target_below_line"
    return ("on_the_way" if now.value >= line else "behind"), sentence(code, **values, line=f"{line:.4g}")


def _start(atlas: Atlas, node: int) -> datetime.date | None:
    """Issue of the policy that sets a target, else the earliest date of its own claims."""
    snapshot = atlas.snapshot
    for clause in snapshot.csr("SETS", incoming=True).of(node).tolist():
        for policy in [clause, *snapshot.csr("PART_OF").of(clause).tolist()]:
            issued = snapshot.value(policy, "issued") if snapshot.type_of(policy) == "Policy" else None
            if issued:
                return _first_day(str(issued))
    dates = [f.as_of for f in node_facts(snapshot, node) if f.as_of]
    return _first_day(min(dates)) if dates else None


def _first_day(text: str) -> datetime.date:
    parts = [int(p) for p in text.split("-")]
    return datetime.date(*[*parts, 1, 1][:3])


# What is measured -----------------------------------------------------------------------------------


def _measure(atlas: Atlas, node: int, stated: dict[str, object]) -> Callable[[datetime.date], Measured] | None:
    """Return the function of a date that measures a target, None where its words are not understood."""
    book = read_toml("vocabulary.toml")["targets"]
    words = str(stated["measure"] or stated["name"] or "")
    unit = str(stated["unit"] or "")
    scope = _scope(atlas, node)
    threshold = re.search(book["threshold"], words)
    if threshold and "集群" in words:
        least = _amount(threshold["number"]) * 1e8
        return lambda day: _clusters_over(atlas, scope, least, day)
    if re.search(book["output"], words) and unit in book["money"]:
        factor = float(book["money"][unit])
        return lambda day: _total_output(atlas, scope, factor, day)
    if re.search(book["supported"], words) and "集群" in words:
        return lambda day: _supported(atlas, node)
    if re.search(book["cultivated"], words) and "集群" in words:
        start = _start(atlas, node)
        return lambda day: _cultivated(atlas, scope, start, day)
    return _of_type(atlas, words, unit, scope)


def _amount(text: str) -> float:
    """Number of 亿 in a threshold: 千 is a thousand, 百 a hundred, 万 ten thousand."""
    names = {"十": 10.0, "百": 100.0, "千": 1000.0, "万": 10000.0}
    return names[text] if text in names else float(text)


def _scope(atlas: Atlas, node: int) -> int:
    homes = [atlas.scopes.column[r] for r in atlas.snapshot.csr("LOCATED_IN").of(node).tolist()
             if r in atlas.scopes.column]  # fmt: skip
    return homes[0] if homes else WHOLE


def _clusters(atlas: Atlas, scope: int) -> Ints:
    ids = atlas.snapshot.ids("Cluster")
    nodes = np.arange(ids.start, ids.stop)
    return nodes if scope == WHOLE else nodes[atlas.scopes.holding(nodes, scope)]


def outputs_at(atlas: Atlas, day: datetime.date) -> dict[int, tuple[float, int | None]]:
    """Return the latest stated output value (元) of each cluster whose year has ended by a date, and the year."""
    table = atlas.snapshot.graph.node_claims.get("Cluster")
    if table is None or "output" not in table.column_names:
        return {}
    start = atlas.snapshot.ids("Cluster").start
    last = day.year if (day.month, day.day) == (12, 31) else day.year - 1
    columns = [c for c in ("of", "output", "output_year", "as_of") if c in table.column_names]
    found: dict[int, tuple[int, float]] = {}
    for claim in table.select(columns).filter(pa.compute.is_valid(table["output"])).to_pylist():
        year = claim.get("output_year") or (int(str(claim["as_of"])[:4]) if claim.get("as_of") else None)
        if year is not None and year <= last:
            node = start + int(claim["of"])
            found[node] = max(found.get(node, (0, 0.0)), (int(year), float(claim["output"])))
    return {node: (value, year) for node, (year, value) in found.items()}


def _clusters_over(atlas: Atlas, scope: int, least: float, day: datetime.date) -> Measured:
    clusters = _clusters(atlas, scope)
    known = {n: v for n, v in outputs_at(atlas, day).items() if n in set(clusters.tolist())}
    over = _distinct(atlas, sorted((n for n, (v, _) in known.items() if v >= least), key=lambda n: (-known[n][0], n)))
    names = [f"{atlas.snapshot.name(n)}（{known[n][1]}，{known[n][0] / 1e8:g} 亿元）" for n in over]
    return Measured(float(len(over)), _part(len(known), len(clusters)), names, over, len(clusters), len(known))


def _distinct(atlas: Atlas, clusters: list[int]) -> list[int]:
    """Leave out clusters of one place whose names differ in the ending only (X集群, X产业集群): they may be one."""
    ending = read_toml("vocabulary.toml")["targets"]["ending"]
    homes = atlas.snapshot.csr("LOCATED_IN")
    first: dict[tuple[str, frozenset[int]], int] = {}
    for node in clusters:
        key = (re.sub(ending, "", atlas.snapshot.name(node)), frozenset(homes.of(node).tolist()))
        first.setdefault(key, node)
    return list(first.values())


def _total_output(atlas: Atlas, scope: int, factor: float, day: datetime.date) -> Measured:
    clusters = _clusters(atlas, scope)
    known = {n: v for n, v in outputs_at(atlas, day).items() if n in set(clusters.tolist())}
    told_ = len(known)
    known = {n: known[n] for n in _distinct(atlas, sorted(known, key=lambda n: (-(known[n][1] or 0), n)))}
    names = [f"{atlas.snapshot.name(n)}（{year}，{value / 1e8:g} 亿元）" for n, (value, year) in sorted(known.items())]
    total = round(sum(value for value, _ in known.values()) / factor, 6) if known else None
    return Measured(total, _part(told_, len(clusters)), names, sorted(known), len(clusters), told_)


def _supported(atlas: Atlas, node: int) -> Measured:
    """Clusters that the clause, or another clause of its policy, supports: the policy itself is the list."""
    snapshot = atlas.snapshot
    clauses = snapshot.csr("SETS", incoming=True).of(node).tolist()
    policies = {p for c in clauses for p in snapshot.csr("PART_OF").of(c).tolist()}
    clauses += [c for p in policies for c in snapshot.csr("PART_OF", incoming=True).of(p).tolist()]
    ids = snapshot.ids("Cluster")
    found = sorted({n for c in clauses for n in snapshot.csr("SUPPORTS").of(c).tolist() if n in ids})
    return Measured(float(len(found)), 1.0, snapshot.names(np.array(found, np.int64)), found, len(found), len(found))


def _cultivated(atlas: Atlas, scope: int, start: datetime.date | None, day: datetime.date) -> Measured:
    """Clusters of which a claim dated between start and day says that they are in cultivation (培育阶段)."""
    clusters = _clusters(atlas, scope)
    table = atlas.snapshot.graph.node_claims.get("Cluster")
    told: set[int] = set()
    found: set[int] = set()
    if table is not None and "stage" in table.column_names:
        first = atlas.snapshot.ids("Cluster").start
        stages, of = flat(table["stage"]).to_pylist(), flat(table["of"]).to_pylist()
        dates = flat(table["as_of"]).to_pylist() if "as_of" in table.column_names else [None] * len(of)
        for stage, row, date in zip(stages, of, dates, strict=True):
            node = first + int(row)
            if stage is None or date is None or node not in set(clusters.tolist()):
                continue
            told.add(node)
            begun = _first_day(str(date))
            if "培育" in stage and begun <= day and (start is None or begun >= start):
                found.add(node)
    names = atlas.snapshot.names(np.array(sorted(found), np.int64))
    return Measured(float(len(found)) if told else None, _part(len(told), len(clusters)), names, sorted(found),
                    len(clusters), len(told))  # fmt: skip


def _of_type(atlas: Atlas, words: str, unit: str, scope: int) -> Callable[[datetime.date], Measured] | None:
    """Count the entities of the type, or of the kind of it, that the words name."""
    if unit not in read_toml("vocabulary.toml")["targets"]["counted"]:
        return None
    snapshot = atlas.snapshot
    for kind, node in snapshot.schema.nodes.items():
        if kind in ("Region", "Target", "Clause", "Policy", "Industry", "Chain", "Product", "Technology"):
            continue
        prop = node.props.get("kind")
        some = next((v for v in (prop.values if prop else ()) if v in words), None)
        if kind == "Enterprise":
            some = next((p for p in read_toml("vocabulary.toml")["populations"] if p in words), None)
        if some or any(w in words for w in (node.zh, *node.sheets)):
            return lambda day, kind=kind, some=some: _count(atlas, kind, some, scope, day)  # type: ignore[misc]
    return None


def _count(atlas: Atlas, kind: str, some: str | None, scope: int, day: datetime.date) -> Measured:
    """Entities of a type in a scope that a claim dated by ``day``, or without date, knows."""
    ids = atlas.snapshot.ids(kind)
    nodes = np.arange(ids.start, ids.stop)
    nodes = nodes if scope == WHOLE else nodes[atlas.scopes.holding(nodes, scope)]
    if some is not None:
        nodes = np.array([n for n in nodes.tolist() if some in str(atlas.snapshot.value(n, "kind") or "")], np.int64)
    table = atlas.snapshot.graph.node_claims.get(kind)
    if table is not None and "as_of" in table.column_names and len(nodes):
        of, dates = flat(table["of"]).to_numpy(), flat(table["as_of"]).to_pylist()
        early = {ids.start + int(r) for r, d in zip(of, dates, strict=True) if d is None or _first_day(str(d)) <= day}
        nodes = np.array([n for n in nodes.tolist() if n in early], np.int64)
    # No list says how many there are: a count below the goal stays unknown.
    return Measured(float(len(nodes)), 0.0, atlas.snapshot.names(nodes[:20]), nodes.tolist(), 0, len(nodes))


def _part(known: int, total: int) -> float:
    return known / total if total else 0.0


def _evidence(atlas: Atlas, row: Row) -> Iterator[Fact]:
    """Facts that set the target, and those of what its value counts."""
    snapshot, node = atlas.snapshot, row["_node"]
    yield from node_facts(snapshot, node)
    yield from relation_facts(snapshot, "SETS", rows_at(snapshot, "SETS", [node], incoming=True))
    for one in row["_counted"]:
        if snapshot.type_of(one) == "Cluster":
            yield from node_facts(snapshot, one, ("output", "output_year", "stage"))
            supports = rows_at(snapshot, "SUPPORTS", [one], incoming=True)
            yield from relation_facts(snapshot, "SUPPORTS", supports)
        else:
            yield from node_facts(snapshot, one)
