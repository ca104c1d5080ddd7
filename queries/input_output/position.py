"""Position: where an industry stands between primary inputs and final use, and who leans on it.

Per sector of an input–output table: upstreamness U = G·1, downstreamness D = 1ᵀL, 影响力系数,
感应度系数, direct linkages and the output lost without it (formulas and sources: ``leontief``).
A world table has changes in inventories spread over all uses (row scaled by x/(x−N)); an open
single-country table divides rows by x − X + M − N, what is used at home (Antràs et al. 2012).
Products carry the position of their industry where a concordance (sheet 对照) leads there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...graph.columns.arrays import Floats, Ints, rounded
from ...graph.columns.flows import InputOutput, tables_of
from ...graph.columns.text import name_key
from ...graph.schema.errors import QueryError
from ...graph.schema.words import Said, read_toml, sentence
from ..atlas.atlas import Atlas
from ..atlas.result import Result, Row
from . import leontief

COLUMNS = ("entity", "kind", "economy", "sector", "output", "upstreamness", "downstreamness", "power",
           "sensitivity", "backward", "forward", "extraction", "extraction_share")  # fmt: skip
APL_COLUMNS = ("from", "to", "apl", "total_effect")
_MEASURES = COLUMNS[5:]
_CLOSED = 1e-9  # share of output below which nothing is left for final use
_SLACK = 0.01  # share of output by which a row may miss its balance before it is told


@dataclass(frozen=True)
class Position:
    """The figures of all sectors of one table, each of shape (n,); ``L`` has shape (n, n)."""

    x: Floats
    L: Floats
    figures: dict[str, Floats]


def positions(table: InputOutput) -> Position:
    """Return the figures of every sector of a table; NaN for sectors without output.

    Raises
    ------
    QueryError
        The table has no solution: some sector uses more than it makes, or nothing of what some
        sectors make reaches final use.
    """
    if table.world:
        Z, _, x = leontief.without_inventories(table.Z, _final(table), table.inventories)
        row = x
    else:
        Z, x = table.Z, output(table)
        row = x - table.exports + table.imports - table.inventories
    A, B = leontief.calc_A(Z, x), leontief.calc_B(Z, row)
    _check_final(table, B, row)
    try:
        L = leontief.calc_L(A)
        G = leontief.calc_G_from_L(L, x) if table.world else leontief.calc_G(B)
    except np.linalg.LinAlgError:
        raise QueryError("flow_unproductive", sector="—") from None
    up, down = leontief.calc_upstreamness(G), leontief.calc_downstreamness(L)
    made = (x > 0) & (row > 0)
    wrong = np.flatnonzero(made & ~((up > 1 - 1e-6) & (down > 1 - 1e-6)))
    if len(wrong):
        raise QueryError("flow_unproductive", sector=table.sector[int(wrong[0])])
    stages = float(read_toml("vocabulary.toml")["flow"]["stages"])
    far = np.flatnonzero(made & ((up > stages) | (down > stages)))
    if len(far):
        worst = far[np.argmax(np.maximum(up, down)[far])]
        raise QueryError("flow_stages", sector=table.sector[worst], n=round(max(up[worst], down[worst])),
                         columns=_unread(table), limit=round(stages))  # fmt: skip
    loss = leontief.calc_extraction(L, x)
    figures = {
        "upstreamness": up, "downstreamness": down, "power": leontief.calc_power(L),
        "sensitivity": leontief.calc_sensitivity(L), "backward": leontief.calc_backward(A),
        "forward": leontief.calc_forward(B), "extraction": loss, "extraction_share": loss / x.sum(),
    }  # fmt: skip
    return Position(x, L, {name: np.where(made, values, np.nan) for name, values in figures.items()})


def _final(table: InputOutput) -> Floats:
    """Return final use of a world table; where no column of it was read, what stated output leaves."""
    final: Floats = table.final + table.exports - table.imports
    if final.any() or np.isnan(table.output).any():
        return final
    left: Floats = table.output - table.Z.sum(axis=1) - table.inventories
    return left


def _check_final(table: InputOutput, B: Floats, row: Floats) -> None:
    """Refuse a table of which some sectors sell, directly or through others, to sectors only: no inverse exists."""
    reaches = (np.abs(1 - B.sum(axis=1)) > _CLOSED) | (row <= 0)
    while not reaches.all():
        further = reaches | (B[:, reaches] > 0).any(axis=1)
        if (further == reaches).all():
            break
        reaches = further
    closed = np.flatnonzero(~reaches)
    if len(closed):
        names = "、".join(table.sector[i] for i in closed[:5]) + ("……" if len(closed) > 5 else "")
        raise QueryError("flow_closed", n=len(closed), of=int((row > 0).sum()), sectors=names, columns=_unread(table))


def _unread(table: InputOutput) -> str:
    """Name the columns that were not understood; those of a loaded table stand in its load's report."""
    return "、".join(table.unread[:12]) + ("……" if len(table.unread) > 12 else "") or "—"


def output(table: InputOutput) -> Floats:
    """Return gross output: as stated, else what the row adds up to."""
    summed = table.Z.sum(axis=1) + table.final + table.inventories + table.exports - table.imports
    return np.where(np.isnan(table.output), summed, table.output)


def position(
    atlas: Atlas | None, *, table: InputOutput | None = None, country: str | None = None,
    source: str | None = None, apl: str | None = None,
) -> Result:  # fmt: skip
    """Return the position of every sector, and of every product that a concordance leads to one.

    Parameters
    ----------
    table
        The table to use; the newest of the workspace (sheet 投入产出) when not given.
    country
        One economy of a table that holds several.
    source
        Whose table, where the workspace holds several of one date.
    apl
        A sector: answer with the average propagation length between it and every other sector.

    Returns
    -------
    Result
        ``entity kind economy sector output upstreamness downstreamness power sensitivity backward
        forward extraction extraction_share``, the most upstream first; with ``apl``
        ``from to apl total_effect``.

    Raises
    ------
    QueryError
        No table, several, no such economy or sector, or a table without a solution.
    """
    used = table if table is not None else _chosen(atlas, source)
    mine = _economy(used, country)
    found = positions(used)
    if apl is not None:
        return _lengths(used, found, mine, apl)
    rows = [_sector_row(used, found, int(i)) for i in mine]
    order = sorted(range(len(rows)), key=lambda i: -(rows[i]["upstreamness"] or 0))
    held: list[tuple[int, ...]] = [(int(mine[i]),) for i in order]
    rows = [rows[i] for i in order]
    notes = [*_notes(used, found, mine)]
    if atlas is not None:
        products, sectors, told = _products(atlas, used, found, mine)
        rows, held = rows + products, held + sectors
        notes += told
    return Result(COLUMNS, rows, tuple(notes), _evidence(used, held))


def _chosen(atlas: Atlas | None, source: str | None) -> InputOutput:
    flows = atlas.snapshot.graph.statements.get("Flow") if atlas is not None else None
    if flows is None or not len(flows):
        raise QueryError("flow_none")
    found = tables_of(flows)
    if source is not None:
        known = "、".join(dict.fromkeys(t.source for t in found))
        found = [t for t in found if t.source == source]
        if not found:
            raise QueryError("option_value", option="--source", value=source, known=known)
    newest = [t for t in found if t.as_of == found[0].as_of]
    if len(newest) > 1:
        raise QueryError("flow_several", sources="、".join(t.source for t in newest))
    return newest[0]


def _economy(table: InputOutput, country: str | None) -> Ints:
    if country is None:
        return np.arange(len(table))
    mine = np.flatnonzero([name_key(e) == name_key(country) for e in table.economy])
    if not len(mine):
        known = "、".join(dict.fromkeys(e for e in table.economy if e)) or "—"
        raise QueryError("option_value", option="--country", value=country, known=known)
    return mine


def _label(table: InputOutput, i: int) -> str:
    return f"{table.code[i]} {table.sector[i]}".strip()


def _sector_row(table: InputOutput, found: Position, i: int) -> Row:
    figures = {name: rounded(found.figures[name][i]) for name in _MEASURES}
    return {"entity": table.sector[i], "kind": "sector", "economy": table.economy[i] or None,
            "sector": _label(table, i), "output": rounded(found.x[i]), **figures}  # fmt: skip


def _lengths(table: InputOutput, found: Position, mine: Ints, name: str) -> Result:
    at = sector_number(table, mine, name)
    if at is None:
        near = "、".join(_label(table, int(i)) for i in mine[:12])
        raise QueryError("flow_sector", name=name, known=near)
    lengths = leontief.calc_apl(found.L)
    rows: list[Row] = []
    held: list[tuple[int, ...]] = []
    for a, b in [(at, int(i)) for i in mine] + [(int(i), at) for i in mine if i != at]:
        if not np.isnan(lengths[a, b]):
            rows.append({"from": table.sector[a], "to": table.sector[b], "apl": rounded(lengths[a, b]),
                         "total_effect": rounded(found.L[a, b] - (a == b))})  # fmt: skip
            held.append((a, b))
    return Result(APL_COLUMNS, rows, tuple(_notes(table, found, mine)), _evidence(table, held))


def sector_number(table: InputOutput, mine: Ints, name: str) -> int | None:
    """Return the sector that a name or code means, None when there is none."""
    wanted = name_key(name)
    for texts in (table.sector, table.code):
        for i in mine.tolist():
            if texts[i] and name_key(texts[i]) == wanted:
                return int(i)
    plain = [(int(i), name_key(_without_economy(table, i))) for i in mine.tolist()]
    same = [i for i, name in plain if name == wanted]
    if len(same) == 1:
        return same[0]
    return next((int(i) for i in mine.tolist() if name_key(_label(table, i)) == wanted), None)


def _without_economy(table: InputOutput, i: int) -> str:
    """Return a sector's name without the economy before or behind it (AAA_S1)."""
    home = re.escape(table.economy[i])
    return re.sub(rf"^{home}[_·|:./]|[_·|:./]{home}$", "", table.sector[i]) if home else table.sector[i]


# products ----------------------------------------------------------------------------------------


def _products(
    atlas: Atlas, table: InputOutput, found: Position, mine: Ints
) -> tuple[list[Row], list[tuple[int, ...]], list[Said]]:
    """Return a row a product whose industry has a sector, the sectors behind it, and what was left out."""
    if len({table.economy[i] for i in mine.tolist()}) > 1:
        return [], [], [sentence("flow_country", n=len(set(table.economy)))]
    by_node, unknown = _concordance(atlas, table, mine)
    snapshot = atlas.snapshot
    ids = snapshot.ids("Product")
    src, dst = snapshot.edges("IN_INDUSTRY")
    reach = _industries(atlas, by_node)
    for product, industry in zip(src.tolist(), dst.tolist(), strict=True):
        if product in ids and product not in by_node and industry in reach:
            by_node.setdefault(product, []).extend(reach[industry])
    carried = sorted(node for node in by_node if node in ids)
    names = snapshot.names(np.array(carried, np.int64))
    rows = [_product_row(table, found, name, by_node[node]) for node, name in zip(carried, names, strict=True)]
    notes: list[Said] = []
    if unknown:
        notes.append(sentence("flow_concordance", n=len(unknown), names=unknown[:5]))
    if carried and len(carried) < len(ids):
        notes.append(sentence("flow_products", n=len(ids) - len(carried)))
    return rows, [tuple(i for i, _ in by_node[node]) for node in carried], notes


def _concordance(atlas: Atlas, table: InputOutput, mine: Ints) -> tuple[dict[int, list[tuple[int, float]]], list[str]]:
    """Return sectors with weights of the nodes that sheet 对照 names (else of the industry of a sector's
    own name or code), and the pairs that nobody knows."""
    found: dict[int, list[tuple[int, float]]] = {}
    unknown: list[str] = []
    statements = atlas.snapshot.graph.statements.get("Concordance")
    for row in [] if statements is None else statements.to_pylist():
        sector = sector_number(table, mine, row["sector"])
        try:
            node = atlas.snapshot.find(row["subject"], ("Product", "Industry"))
        except QueryError:
            node = -1
        if sector is None or node < 0:
            unknown.append(f"{row['subject']} → {row['sector']}")
            continue
        share = row.get("share")
        found.setdefault(node, []).append((sector, 1.0 if share is None else float(share)))
    for node in atlas.snapshot.ids("Industry"):
        told = {name_key(str(text)) for text in (atlas.snapshot.value(node, p) for p in ("name", "code")) if text}
        same = [int(i) for i in mine.tolist() if told & {name_key(table.sector[i]), name_key(table.code[i] or "")}]
        if len(same) == 1:
            found.setdefault(node, [(same[0], 1.0)])
    return found, unknown


def _industries(atlas: Atlas, told: dict[int, list[tuple[int, float]]]) -> dict[int, list[tuple[int, float]]]:
    """Return the sectors of every industry: its own, else those of the industry that it is part of."""
    ids = atlas.snapshot.ids("Industry")
    parent = {a: b for a, b in zip(*(e.tolist() for e in atlas.snapshot.edges("PART_OF")), strict=True) if a in ids}
    made: dict[int, list[tuple[int, float]]] = {}
    for industry in ids:
        here, seen = industry, set()
        while here not in told and here in parent and here not in seen:
            seen.add(here)
            here = parent[here]
        if here in told:
            made[industry] = told[here]
    return made


def _product_row(table: InputOutput, found: Position, name: str, sectors: list[tuple[int, float]]) -> Row:
    at = np.array([i for i, _ in sectors])
    weight = np.array([w for _, w in sectors])
    mean = {m: rounded(_weighted(found.figures[m][at], weight)) for m in _MEASURES[:-2]}
    economy = table.economy[int(at[0])] or None
    return {"entity": name, "kind": "product", "economy": economy, "sector": [_label(table, i) for i, _ in sectors],
            "output": None, **mean, "extraction": None, "extraction_share": None}  # fmt: skip


def _weighted(values: Floats, weight: Floats) -> float:
    known = ~np.isnan(values) & (weight > 0)
    return float(np.average(values[known], weights=weight[known])) if known.any() else float("nan")


# notes, evidence ------------------------------------------------------------------------------------


def _notes(table: InputOutput, found: Position, mine: Ints) -> list[Said]:
    source, as_of, unit = (text or "—" for text in (table.source, table.as_of, table.unit))
    notes: list[Said] = [sentence("flow_table", source=source, as_of=as_of, n=len(table), unit=unit)]
    if table.unread:
        notes.append(sentence("flow_unread", n=len(table.unread), columns=_unread(table)))
    idle = int(np.isnan(found.figures["upstreamness"][mine]).sum())
    if idle:
        notes.append(sentence("flow_idle", n=idle))
    off = np.abs(_gap(table))
    off[np.setdiff1d(np.arange(len(off)), mine)] = 0
    worst = int(off.argmax()) if len(off) else 0
    if len(off) and off[worst] > _SLACK:
        n, share = int((off > _SLACK).sum()), f"{off[worst]:.1%}"
        notes.append(sentence("flow_balance", n=n, sector=table.sector[worst], share=share))
    return notes


def _gap(table: InputOutput) -> Floats:
    """Share of stated output that the uses of a row do not add up to, 0 where none is stated."""
    summed = table.Z.sum(axis=1) + table.final + table.inventories + table.exports - table.imports
    made: Floats = np.zeros(len(table))
    stated = ~np.isnan(table.output) & (table.output > 0)
    np.divide(summed - table.output, table.output, out=made, where=stated)
    return made


def _evidence(table: InputOutput, held: list[tuple[int, ...]]) -> Callable[[int], Result]:
    """Return where the flows behind a row stand: file, sheet and row of each of its sectors."""
    columns = ("fact", "source", "source_ref", "as_of", "load")

    def explain(row: int) -> Result:
        facts: list[Row] = []
        for i in held[row]:
            line = int(table.place[i]) if len(table.place) else 0
            where = " · ".join(p for p in (table.file, table.sheet, f"第{line}行" if line else "") if p)
            flows = int((table.Z[i] != 0).sum())
            sector = f"{table.economy[i]} {_label(table, i)}".strip()
            told = sentence("flow_fact", sector=sector, n=flows)
            facts.append({"fact": told, "source": table.source,
                          "source_ref": where, "as_of": table.as_of, "load": table.load})  # fmt: skip
        return Result(columns, facts)

    return explain
