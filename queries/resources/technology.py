"""Technology against product: who masters a technology, and whether anybody turns it into products.

Per technology of a chain: masters among institutes, platforms and teams (the laboratory side),
masters among enterprises and products made here that require it (the industry side). Each side
is yes, no or unknown, no only where completeness statements about MASTERS reach the floor. A
master whose stated level is below the level that the chain's products require does not count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...graph.columns.arrays import Ints
from ...graph.columns.walks import walk
from ...graph.schema.errors import QueryError
from ...graph.schema.words import Joined, Said, Word, pairs, read_toml, sentence
from ..atlas.atlas import Atlas
from ..atlas.chain_links import ChainLinks, chain_links, chain_names, find_chain, local_makers
from ..atlas.facts import Fact, fact
from ..atlas.result import Result, Row
from ..atlas.tracing import relation_facts, rows_at, told
from ..verdicts.explanation import maker_facts
from .serving import applying, in_force, serving, stated

LABORATORY = ("Institute", "Platform", "Team")
COLUMNS = ("chain", "technology", "stage", "status", "laboratory", "industry", "labs", "masters", "products",
           "required_level", "best_level", "below_level", "patents", "coverage_labs", "coverage_industry",
           "reason")  # fmt: skip
_SHOWN = 5


def technology(
    atlas: Atlas, *, chain: str | None = None, place: str | None = None, cluster: str | None = None
) -> Result:
    """Return laboratory and industry side of each technology of a chain, or of all chains.

    Returns
    -------
    Result
        ``chain technology stage status laboratory industry labs masters products required_level
        best_level below_level patents coverage_labs coverage_industry reason``. ``status`` is
        ``lab_without_industry``, ``industry_without_lab``, ``both``, ``neither`` or ``unknown``;
        ``laboratory`` and ``industry`` are y, n or u; ``labs`` and ``masters`` name who masters
        it, ``products`` the products made here that require it. Where nothing is known of any
        of them the table is empty and a note says what to load.
    """
    scope = atlas.scopes.find(place, cluster)
    asked = [find_chain(atlas, chain)] if chain is not None else [chain_links(atlas, n) for n in chain_names(atlas)]
    if not asked:
        raise QueryError("chains_none")
    context = _context(atlas, scope)
    first = len(atlas.makers.base[0])
    rows = [_row(context, links, at) for links in asked for at in np.flatnonzero(links.items >= first).tolist()]
    counted = {s: sum(r["status"] == s for r in rows) for s in pairs("technology")}
    notes = (sentence("note_technology", n=len(rows), **counted),)
    answer = Result(COLUMNS, rows, notes, lambda at: told(_evidence(context, rows[at])), {"status": "sides"})
    return answer.unless_silent(_carries, sentence("load_masters", n=len(rows)))


def _carries(row: Row) -> bool:
    """Tell whether a row says more than that a technology is required: who masters it, a patent, a verdict."""
    return row["status"] != "unknown" or bool(row["_masters"] or row["patents"])


@dataclass(frozen=True)
class _Context:
    """What all rows share: the scope, patents that serve technologies, populations of each side."""

    atlas: Atlas
    scope: int
    patents: Ints
    sides: tuple[frozenset[str], frozenset[str]]

    def kappa(self, side: int, chains: frozenset[int]) -> float:
        """Return κ of MASTERS for laboratories (0) or enterprises (1)."""
        found = stated(self.atlas, "MASTERS", self.sides[side], chains, self.atlas.scopes.members[self._ids(side)])
        return float(found[self.scope])

    def _ids(self, side: int) -> Ints:
        kinds = LABORATORY if side == 0 else ("Enterprise",)
        ids = [self.atlas.snapshot.ids(k) for k in kinds]
        return np.concatenate([np.arange(i.start, i.stop) for i in ids])


def _context(atlas: Atlas, scope: int) -> _Context:
    book, snapshot = read_toml("vocabulary.toml"), atlas.snapshot
    nodes = snapshot.schema.nodes
    labs = {str(book["whole"]), *LABORATORY, *(nodes[k].zh for k in LABORATORY),
            *(s for k in LABORATORY for s in nodes[k].sheets)}  # fmt: skip
    firms = {str(p) for p in book["populations"]} | {"Enterprise", nodes["Enterprise"].zh}
    found = serving(atlas, "patents")
    count = found.direct[:, np.flatnonzero(found.local(scope))].sum(axis=1)
    return _Context(atlas, scope, np.asarray(count).reshape(-1), (frozenset(labs), frozenset(firms)))


def _row(context: _Context, links: ChainLinks, at: int) -> Row:
    atlas, item = context.atlas, int(links.items[at])
    node = atlas.makers.node(item)
    users = _users(atlas, node)
    required = max((level for _, level in users if level is not None), default=None)
    masters = local_makers(atlas, item, context.scope)
    level = _levels(atlas, node)
    below = [m for m in masters.tolist() if (level.get(m) is not None and required is not None
                                             and (level[m] or 0) < required)]  # fmt: skip
    able = [m for m in masters.tolist() if m not in set(below)]
    labs = [m for m in able if atlas.snapshot.type_of(m) in LABORATORY]
    firms = [m for m in able if m not in set(labs)]
    made = [u for u in _products(atlas, node)
            if len(local_makers(atlas, atlas.makers.item(u), context.scope))]  # fmt: skip
    kappa = [context.kappa(side, atlas.chains_of[item]) for side in (0, 1)]
    lab, industry = (_side(bool(known), k, atlas.floor) for known, k in zip((labs, firms or made), kappa, strict=True))
    status = _status(lab, industry)
    return {
        "chain": links.name, "technology": atlas.snapshot.name(node), "stage": links.stage[at], "status": status,
        "laboratory": lab, "industry": industry, "labs": _shown(atlas, labs), "masters": _shown(atlas, firms),
        "products": _shown(atlas, made), "required_level": required,
        "best_level": max((v for m, v in level.items() if v is not None and m in set(masters.tolist())), default=None),
        "below_level": len(below), "patents": int(context.patents[item]),
        "coverage_labs": round(kappa[0], 4), "coverage_industry": round(kappa[1], 4),
        "reason": _reason(lab, industry, len(labs), len(firms), len(made)),
        "_item": item, "_masters": masters.tolist(), "_made": made,
    }  # fmt: skip


def _side(known: bool, kappa: float, floor: float) -> str:
    return "y" if known else "n" if kappa >= floor else "u"


def _status(lab: str, industry: str) -> str:
    if "u" in (lab, industry):
        return "unknown"
    return {("y", "y"): "both", ("y", "n"): "lab_without_industry", ("n", "y"): "industry_without_lab",
            ("n", "n"): "neither"}[lab, industry]  # fmt: skip


def _users(atlas: Atlas, node: int) -> list[tuple[int, int | None]]:
    """Products and technologies that require a technology, with the level required."""
    csr = atlas.snapshot.csr("REQUIRES", incoming=True)
    column = atlas.snapshot.edge_column("REQUIRES", "level")
    return [(int(u), column[int(row)].as_py()) for u, row in zip(csr.of(node), csr.rows_of(node), strict=True)]


def _products(atlas: Atlas, node: int) -> list[int]:
    """Products that require a technology, directly or through a technology that requires it."""
    csr = atlas.snapshot.csr("REQUIRES", incoming=True)
    users = walk(lambda at: csr.of(at).tolist(), node)
    return sorted(user for user in users if atlas.snapshot.type_of(user) == "Product")


def _levels(atlas: Atlas, node: int) -> dict[int, int | None]:
    """Stated level of each direct master of a technology."""
    csr = atlas.snapshot.csr("MASTERS", incoming=True)
    column = atlas.snapshot.edge_column("MASTERS", "level")
    return {int(m): column[int(row)].as_py() for m, row in zip(csr.of(node), csr.rows_of(node), strict=True)}


def _shown(atlas: Atlas, nodes: list[int]) -> list[str]:
    return atlas.snapshot.names(np.array(sorted(nodes)[:_SHOWN], np.int64))


def _reason(lab: str, industry: str, labs: int, firms: int, products: int) -> Said:
    made = sentence(f"side_industry_{industry}", n=firms, products=products)
    return Joined((sentence(f"side_lab_{lab}", n=labs), made))


def _evidence(context: _Context, row: Row) -> Iterator[Fact]:
    """Facts who masters it, what requires it and is made here, which patents, and those behind κ."""
    atlas, item = context.atlas, row["_item"]
    node = atlas.makers.node(item)
    for master in row["_masters"]:
        yield from maker_facts(atlas, master, item)
    requires = rows_at(atlas.snapshot, "REQUIRES", [node], incoming=True)
    yield from relation_facts(atlas.snapshot, "REQUIRES", requires)
    for product in row["_made"]:
        number = atlas.makers.item(product)
        for maker in local_makers(atlas, number, context.scope).tolist():
            yield from maker_facts(atlas, maker, number)
    patents = atlas.snapshot.ids("Patent")
    serves = [r for r in rows_at(atlas.snapshot, "SERVES", [node], incoming=True)
              if atlas.snapshot.edges("SERVES")[0][r] in patents]  # fmt: skip
    yield from relation_facts(atlas.snapshot, "SERVES", serves)
    yield from _statements(context, item)


def _statements(context: _Context, item: int) -> Iterator[Fact]:
    atlas = context.atlas
    names = context.sides[0] | context.sides[1]
    reached = [(c, float(in_force(atlas, c, atlas.scopes.members)[context.scope]))
               for c in applying(atlas, "MASTERS", names, atlas.chains_of[item])]  # fmt: skip
    for claim, share in reached:
        if share > 0:
            text = sentence(
                "fact_coverage",
                relation=atlas.snapshot.schema.relations["MASTERS"].label,
                population=claim.population,
                share=f"{claim.share:.4g}",
                basis=claim.row.get("basis") or Word("ground", "stated"),
                place=atlas.scopes.name(claim.place) or Word("level", "country"),
            )
            yield fact(text, claim.row)
    if not any(share > 0 for _, share in reached):
        yield Fact(sentence("fact_no_coverage"), None, None, None, None, None)
