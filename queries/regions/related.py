"""Related: products not made in a place that are close to what it makes, and what is there for them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...graph.columns.arrays import Ints, rounded
from ...graph.schema.errors import QueryError
from ...graph.schema.words import Word, read_toml, sentence
from ..atlas.atlas import Atlas
from ..atlas.chain_links import find_chain, local_makers
from ..atlas.facts import Fact
from ..atlas.nearby import near_text, nearest
from ..atlas.relatedness import Space, complexity, density, opportunity_gain, proximity, spaces
from ..atlas.result import Result, Row
from ..atlas.tracing import relation_facts, rows_at, told
from ..verdicts.explanation import maker_facts
from ..verdicts.judge import STATUS
from ..verdicts.verdicts import ground_of, population_of, verdicts

COLUMNS = ("product", "chains", "density", "gain", "inputs_present", "inputs", "users_near", "closest", "co_places",
           "producers_near", "status", "population", "ground", "coverage", "basis")  # fmt: skip
_TOP = 3


def related(
    atlas: Atlas,
    *,
    place: str | None = None,
    cluster: str | None = None,
    chain: str | None = None,
    top: int = 20,
) -> Result:
    """Return the products not made in a place, the most related first.

    Before all stand those that more than one place, or an input or use made here, speaks for.

    Parameters
    ----------
    place, cluster
        A city is compared with all cities, a county with all counties, and so on.
    chain
        Only links of this chain; links of any chain when there are chains.
    top
        Only so many rows.

    Returns
    -------
    Result
        ``product chains density gain inputs_present inputs users_near closest producers_near
        status coverage basis``. ``density`` is the relatedness density without the self term
        (empty for what fewer than two places are specialised in),
        ``gain`` the complexity outlook gain (empty below the size at which complexity means
        something), ``inputs_present`` the share of the product's own requirement groups met
        here of ``inputs`` groups, ``users_near`` products made here that it goes into,
        ``closest`` the made products that weigh most in the density, ``co_places`` in how many
        places the first of them and the product are both made: one is a coincidence. Empty, with
        a note on what to load, where the level has too few places, or the place makes nothing that
        is loaded.

    Raises
    ------
    QueryError
        No place is given, or a name is not known.
    """
    if place is None and cluster is None:
        raise QueryError("subject_one", known="--in、--cluster")
    if chain is not None:
        find_chain(atlas, chain)
    scope = atlas.scopes.find(place, cluster)
    kind, book = atlas.scopes.kind(scope), read_toml("vocabulary.toml")
    made = spaces(atlas).get(kind)
    row = -1 if made is None else int(np.searchsorted(made.scopes, scope))
    if made is None or row >= len(made.scopes) or made.scopes[row] != scope:
        where, least = atlas.scopes.name(scope) or "—", book["relatedness"]["places"]
        return Result(COLUMNS, [], (sentence("related_small", place=where, least=least, level=Word("level", kind)),))
    candidates = _candidates(atlas, made, scope, chain)
    rows = _rows(atlas, made, row, candidates, scope)
    # First what more than chance speaks for: closest products met in several places, or a tie by inputs.
    rows.sort(
        key=lambda r: (
            not (r["co_places"] > 1 or r["users_near"] or r["inputs_present"]),
            -(r["density"] or 0.0),
            r["density"] is None,
            -(r["inputs_present"] or 0.0),
            r["product"],
        )
    )
    notes = [sentence("note_related", n=len(rows), places=len(made.scopes), products=len(made.items),
                  rare=sum(r["density"] is None for r in rows), least=book["relatedness"]["ubiquity"]),
             sentence(f"basis_{made.basis}"), sentence("note_self_term")]  # fmt: skip
    if complexity(made.m) is None:
        notes.append(sentence("note_no_complexity", **book["complexity"]))
    rows = rows[:top]
    return Result(COLUMNS, rows, tuple(notes), lambda at: told(_evidence(atlas, rows[at], scope)))


def _candidates(atlas: Atlas, made: Space, scope: int, chain: str | None) -> Ints:
    """Columns of the space: products that nobody makes here, links of chains where there are any.

    What is to be had without a maker is nothing to settle.
    """
    absent = atlas.makers.counts[made.items][:, [scope]].toarray()[:, 0] == 0
    absent &= ~atlas.makers.primary[made.items]
    if chain is not None:
        wanted = np.isin(made.items, find_chain(atlas, chain).items)
    else:
        held = np.array([bool(c) for c in atlas.chains_of], bool)
        wanted = held[made.items] if held.any() else np.ones(len(made.items), bool)
    return np.flatnonzero(absent & wanted)


def _rows(atlas: Atlas, made: Space, row: int, candidates: Ints, scope: int) -> list[Row]:
    if not len(candidates):
        return []
    items = made.items[candidates]
    close = np.where(made.evident[candidates], density(made.m, candidates)[row], np.nan)
    index = complexity(made.m)
    gain = np.full(len(items), np.nan) if index is None else opportunity_gain(made.m, index[1], candidates)[row]
    phi = proximity(made.m, candidates)
    together = made.m[:, candidates].T @ made.m
    mine = made.m[[row]].toarray()[0]
    found = verdicts(atlas, items, np.array([scope]))
    rows: list[Row] = []
    for at, item in enumerate(items.tolist()):
        weight = phi[[at]].toarray()[0] * mine
        best = [int(q) for q in np.argsort(-weight, kind="stable")[:_TOP] if weight[q] > 0]
        met, groups = inputs_met(atlas, item, scope)
        users = _users(atlas, item, scope)
        near = nearest(atlas, item, scope, _TOP)
        rows.append({
            "product": atlas.snapshot.name(atlas.makers.node(item)),
            "chains": atlas.snapshot.names(np.array(sorted(atlas.chains_of[item]), np.int64)),
            "density": rounded(close[at]),
            "gain": rounded(gain[at]),
            "inputs_present": round(met / groups, 4) if groups else None, "inputs": groups,
            "users_near": atlas.snapshot.names(np.array([atlas.makers.node(u) for u in users[:_TOP]], np.int64)),
            "closest": atlas.snapshot.names(np.array([atlas.makers.node(int(made.items[q])) for q in best], np.int64)),
            "co_places": int(together[at, best[0]]) if best else 0,
            "producers_near": [near_text(atlas, *one) for one in near],
            "status": STATUS[found.status[at, 0]],
            "population": population_of(found, at, 0), "ground": ground_of(found, at, 0),
            "coverage": round(float(found.coverage[at, 0]), 4), "basis": made.basis,
            "_item": item, "_closest": [int(made.items[q]) for q in best], "_near": [n[0] for n in near],
            "_users": users[:_TOP],
        })  # fmt: skip
    return rows


def inputs_met(atlas: Atlas, item: int, scope: int) -> tuple[int, int]:
    """Return how many of an item's requirement groups are met in a scope, and how many there are."""
    recipe, made = atlas.makers.recipe, atlas.makers
    groups = np.flatnonzero(recipe.owner == item)
    met = 0
    for group in groups.tolist():
        members = recipe.member[recipe.group == group]
        here = made.counts[members][:, [scope]].toarray()[:, 0] > 0
        met += bool((here | made.primary[members]).any())
    return met, len(groups)


def _users(atlas: Atlas, item: int, scope: int) -> list[int]:
    """Products made in a scope that an item goes into."""
    made = atlas.makers
    users = made.items(atlas.snapshot.csr("INPUT_OF").of(made.node(item)))
    users = np.unique(users[users >= 0])
    return [int(u) for u in users if made.counts[[u]][:, [scope]].toarray()[0, 0] > 0]


def _evidence(atlas: Atlas, row: Row, scope: int) -> Iterator[Fact]:
    """Facts that the closest products are made here, the product elsewhere, and what it is made from and for."""
    for item in [*row["_closest"], *row["_users"]]:
        for maker in local_makers(atlas, item, scope)[:5].tolist():
            yield from maker_facts(atlas, maker, item)
    for maker in row["_near"]:
        yield from maker_facts(atlas, maker, row["_item"])
    node = atlas.makers.node(row["_item"])
    for incoming in (True, False):
        rows = rows_at(atlas.snapshot, "INPUT_OF", [node], incoming=incoming)
        yield from relation_facts(atlas.snapshot, "INPUT_OF", rows)
