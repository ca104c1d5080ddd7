"""The queue: words that wait for a decision, by what a decision changes (attach).

A word that may mean a link is decided once for all firms. What the decision turns is computed for all
words and places at once: the places where its firms stand are judged with them as makers, and what was
otherwise possible or missing becomes single or adequate there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import csr_array

from ...graph.columns.arrays import Bools, Ints, incidence
from ...graph.schema.words import Joined, Said, Word, sentence
from ..atlas.atlas import Atlas, once_an_atlas
from ..atlas.result import Result, Row
from ..atlas.scopes import WHOLE
from ..attach.attached import Attached
from .everywhere import grounds
from .explanation import evidence
from .hints import how
from .judge import ASSUMED, AT_LEAST_ONE, STATUS, SUBKIND, UNKNOWN, Known, Limits, judge

COLUMNS = ("term", "link", "chain", "relation", "tier", "score", "firms", "places", "effect", "reason", "state")
_PLACES, _EFFECTS = 5, 3


@dataclass(frozen=True)
class Effects:
    """What decisions turn, as cells: row of ``links``, scope, status before, status and sub-kind after."""

    row: Ints
    scope: Ints
    before: Ints
    after: Ints
    subkind: Ints


def words_to_decide(atlas: Atlas, *, chain: str | None = None, show_all: bool = False) -> Result:
    """Return words that may mean links of chains, the most telling first.

    Parameters
    ----------
    chain
        Links of this chain only.
    show_all
        Also the words that attach for certain, and those that were decided.

    Returns
    -------
    Result
        ``term link chain relation tier score firms places effect reason state``; ``firms`` is the number
        of firms whose words they are, ``effect`` what turns when it is confirmed that they make the link,
        ``state`` ``waiting``, ``decided`` or ``certain``.
    """
    words = atlas.makers.attached
    wanted = _wanted(atlas, words, chain, show_all)
    effects = _effects(atlas)
    turned = np.bincount(effects.row, minlength=len(words.links))
    firms = np.asarray(_users(atlas).sum(axis=1)).reshape(-1)
    score = words.links["score"].to_numpy()
    order = sorted(wanted.tolist(), key=lambda r: (-turned[r], -firms[r], -score[r], r))
    by_row: dict[int, list[int]] = {}
    for cell, row in enumerate(effects.row.tolist()):
        by_row.setdefault(row, []).append(cell)
    columns = words.links.to_pydict()
    rows = [_row(atlas, columns, r, int(firms[r]), effects, by_row.get(r, [])) for r in order]
    waiting = sum(r["state"] == "waiting" for r in rows)
    return Result(COLUMNS, rows, (sentence("note_words", n=waiting),), lambda at: evidence(
        atlas, rows[at]["chain"] or "", atlas.makers.item(rows[at]["_link"]), WHOLE))  # fmt: skip


def _wanted(atlas: Atlas, words: Attached, chain: str | None, show_all: bool) -> Ints:
    used = np.asarray(_users(atlas).sum(axis=1)).reshape(-1) > 0
    keep: Bools = used if show_all else used & _open(words)
    if chain is not None:
        from ..atlas.chain_links import find_chain

        items = find_chain(atlas, chain).items
        keep &= np.isin(atlas.makers.items(words.links["link"].to_numpy()), items)
    return np.flatnonzero(keep)


def _open(words: Attached) -> Bools:
    """Words and links that wait for a decision."""
    tier = words.links["tier"]
    waits = pc.and_(pc.not_equal(tier, "certain"), pc.invert(words.links["decided"]))
    return np.asarray(waits.to_numpy(), bool)


@once_an_atlas
def _users(atlas: Atlas) -> csr_array:
    """Firms whose word each row of ``links`` is, shape (rows, nodes)."""
    words = atlas.makers.attached
    both = pa.concat_arrays([words.words["word"].combine_chunks(), words.links["word"].combine_chunks()])
    number = both.dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
    used, linked = number[: len(words.words)], number[len(words.words) :]
    n = int(number.max(initial=-1)) + 1
    firms = incidence(used, words.words["firm"].to_numpy(), (n, atlas.snapshot.n))
    users: csr_array = incidence(np.zeros(0, np.int64), np.zeros(0, np.int64), (0, atlas.snapshot.n))
    if len(linked):
        users = firms[linked].tocsr()
    return users


@once_an_atlas
def _effects(atlas: Atlas) -> Effects:
    """Judge the places of each word's firms before and after they are taken as makers."""
    made, words = atlas.makers, atlas.makers.attached
    waits = np.flatnonzero(_open(words))
    item = made.items(words.links["link"].to_numpy()[waits])
    users = _users(atlas)[waits]
    new = (users - users.multiply(made.makes[item])).tocsr()
    new.eliminate_zeros()
    gained = (new @ made.scopes.members).tocoo()
    row, scope, more = gained.row.astype(np.int64), gained.col.astype(np.int64), gained.data.astype(np.int64)
    cell = item[row], scope
    if not len(row):
        return Effects(*(np.zeros(0, np.int64) for _ in range(5)))
    producers, hints = (np.asarray(m[cell]).reshape(-1).astype(np.int64) for m in (made.counts, made.hints))
    shown = grounds(atlas, None)
    known = (shown.covered[shown.kind[cell[0]], scope], shown.countable[shown.kind[cell[0]], scope])
    primary, limits = made.primary[cell[0]], Limits.stated()
    before, _ = judge(Known(producers, *known, hints > 0, primary), limits)
    after, kind = judge(Known(producers + more, *known, hints > more, primary), limits)
    turns = np.flatnonzero((before != after) & (before != ASSUMED))
    at = (waits[row], scope, before.astype(np.int64), after.astype(np.int64), kind.astype(np.int64))
    return Effects(*(values[turns] for values in at))


def _row(atlas: Atlas, columns: dict[str, list[Any]], row: int, firms: int, effects: Effects, cells: list[int]) -> Row:
    node = columns["link"][row]
    chains = sorted(atlas.chains_of[atlas.makers.item(node)])
    state = "decided" if columns["decided"][row] else "certain" if columns["tier"][row] == "certain" else "waiting"
    return {
        "term": _said(atlas).get(columns["word"][row], columns["word"][row]), "link": atlas.snapshot.name(node),
        "chain": atlas.snapshot.name(chains[0]) if chains else None,
        "relation": columns["relation"][row], "tier": columns["tier"][row], "score": columns["score"][row],
        "firms": firms, "places": _places(atlas, row),
        "effect": _effect(atlas, node, effects, cells),
        "reason": how(columns["how"][row], columns["form"][row], columns["word"][row]), "state": state, "_link": node,
    }  # fmt: skip


@once_an_atlas
def _said(atlas: Atlas) -> dict[str, str]:
    """Return for each word how a firm writes it, the first in the order of writings."""
    words = atlas.makers.attached.words
    pairs = sorted(zip(words["word"].to_pylist(), words["said"].to_pylist(), strict=True), reverse=True)
    return dict(pairs)


def _places(atlas: Atlas, row: int) -> list[str]:
    """Return the cities, else the wider places, where a word's firms stand."""
    where = atlas.scopes
    held = where.members[_users(atlas)[[row]].indices].sum(axis=0)
    scopes = np.flatnonzero(np.asarray(held).reshape(-1)).tolist()
    for kind in ("city", "county", "province"):
        names = [where.name(s) or "" for s in scopes if where.kind(s) == kind]
        if names:
            return names[:_PLACES]
    return []


def _after(effects: Effects, cell: int) -> Word:
    if int(effects.subkind[cell]) == AT_LEAST_ONE:
        return Word("subkind", SUBKIND[AT_LEAST_ONE] or "")
    return Word("status", STATUS[effects.after[cell]])


def _effect(atlas: Atlas, node: int, effects: Effects, cells: list[int]) -> Said | None:
    """Say what turns when the word is confirmed, the finest places first."""
    where = atlas.scopes
    shown = [c for c in cells if where.kind(int(effects.scope[c])) in ("county", "city", "province")]
    shown = [c for c in shown if int(effects.before[c]) != UNKNOWN] or shown
    if not shown:
        return None
    first = sorted(shown, key=lambda c: (-int(where.rank[effects.scope[c]]), int(effects.scope[c])))[:_EFFECTS]
    turned = tuple(
        sentence("attach_turn", link=atlas.snapshot.name(node), place=where.name(int(effects.scope[c])),
                 before=Word("status", STATUS[effects.before[c]]), after=_after(effects, c))
        for c in first
    )  # fmt: skip
    return sentence("attach_effect", turns=Joined(turned, "；"))
