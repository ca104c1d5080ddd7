"""Atlas: a snapshot opened for questions, with what all of them share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np

from ...graph.columns.arrays import Bools, Floats, Ints
from ...graph.schema.errors import QueryError
from ...graph.schema.words import read_toml
from ...graph.workspace.snapshot import Snapshot
from .availability import Bits, available, pack_bits
from .kappa import GROUNDS, Coverage, coverage
from .makers import Makers, makers
from .scopes import WHOLE, Scopes, point

_Asked = ParamSpec("_Asked")
_Answer = TypeVar("_Answer")


def once_an_atlas(
    answer: Callable[Concatenate[Atlas, _Asked], _Answer],
) -> Callable[Concatenate[Atlas, _Asked], _Answer]:
    """Keep what a function of an atlas answers with the atlas: asked the same again, it is not computed again.

    The function's further arguments are the key and must be hashable.
    """

    @wraps(answer)
    def kept(atlas: Atlas, /, *args: _Asked.args, **kwargs: _Asked.kwargs) -> _Answer:
        answers: dict[Any, _Answer] = atlas.answers.setdefault(kept, {})
        key = (args, tuple(sorted(kwargs.items())))
        if key not in answers:
            answers[key] = answer(atlas, *args, **kwargs)
        return answers[key]

    return kept


@dataclass(frozen=True)
class Kappa:
    """κ of items in all scopes, arrays of shape (items, scopes).

    ``included`` is what "missing" rests on, ``named`` what a count of makers rests on; ``ground`` indexes
    ``GROUNDS``, ``population`` the populations asked (−1 none); ``firm`` tells where the population that
    speaks is all firms, or all of designated size, and κ is high.
    """

    included: Floats
    named: Floats
    ground: Ints
    population: Ints
    firm: Bools


class Atlas:
    """One snapshot with what all questions share: makers, scopes, coverage, availability.

    Parameters
    ----------
    snapshot
        The graph.
    floor
        Smallest κ at which "nobody known" counts as "missing".
    known
        The data as they are, when the graph is one that is imagined: coverage stays theirs.
    opened
        Items taken as to be had everywhere.
    """

    def __init__(
        self, snapshot: Snapshot, floor: float | None = None, *, known: Atlas | None = None,
        opened: tuple[int, ...] = (),
    ) -> None:  # fmt: skip
        self.snapshot = snapshot
        self._known, self._opened = known, opened
        self.answers: dict[Callable[..., Any], dict[Any, Any]] = {}  # of ``once_an_atlas``, which knows their types
        self.floor = float(read_toml("vocabulary.toml")["default"]["floor"]) if floor is None else floor

    @cached_property
    def makers(self) -> Makers:
        """Items, their makers and recipe."""
        return makers(self.snapshot, self._opened)

    @property
    def scopes(self) -> Scopes:
        """Places and clusters."""
        return self.makers.scopes

    @once_an_atlas
    def point_of(self, region: int) -> tuple[float, float] | None:
        """Return longitude and latitude of a region."""
        return point(self.snapshot, region)

    @cached_property
    def coverage(self) -> Coverage:
        """κ of links in scopes."""
        return coverage(self.makers) if self._known is None else self._known.coverage

    @property
    def spoken_of(self) -> Bools:
        """Items that the data know a maker of, somewhere."""
        somewhere: Bools = (self._known or self).makers.total > 0
        return somewhere

    @cached_property
    def chain_members(self) -> dict[int, list[tuple[int, str | None, int | None]]]:
        """Items of each chain with stage and order: its links, and the technologies that they require."""
        src, dst = self.snapshot.edges("IN_CHAIN")
        stages = self.snapshot.edge_column("IN_CHAIN", "stage").to_pylist()
        orders = self.snapshot.edge_column("IN_CHAIN", "order").to_pylist()
        found: dict[int, dict[int, tuple[str | None, int | None]]] = {}
        for item, chain, stage, order in zip(self.makers.items(src), dst, stages, orders, strict=True):
            if item >= 0:
                found.setdefault(int(chain), {})[int(item)] = (stage, order)
        needs: dict[int, list[int]] = {}
        for user, technology in zip(*(self.makers.items(e) for e in self.snapshot.edges("REQUIRES")), strict=True):
            needs.setdefault(int(user), []).append(int(technology))
        for members in found.values():
            front = list(members)
            while front:  # a technology takes the stage of what requires it
                user = front.pop()
                for technology in needs.get(user, ()):
                    if technology not in members:
                        members[technology] = members[user]
                        front.append(technology)
        return {c: [(i, *where) for i, where in sorted(m.items())] for c, m in found.items()}

    @cached_property
    def chains_of(self) -> list[frozenset[int]]:
        """Chains that hold each item."""
        found: list[set[int]] = [set() for _ in range(self.makers.n)]
        for chain, members in self.chain_members.items():
            for item, _, _ in members:
                found[item].add(chain)
        return [frozenset(f) for f in found]

    def population(self, among: str | None) -> tuple[str, ...]:
        """Return the populations to judge by: the one asked for, or all that claims speak of."""
        if among is None:
            return tuple(self.coverage.names())
        known = [*self.coverage.population]
        if among not in known:
            raise QueryError("option_value", option="--among", value=among, known="、".join(known))
        return (among,)

    # κ ---------------------------------------------------------------------------------------

    def kappa(self, items: Ints, among: str | None) -> Kappa:
        """Return κ of items in all scopes with ground and population, each of shape (items, scopes).

        The widest population whose κ reaches the floor speaks; else the best covered one.
        """
        names = self.population(among)
        shape = (len(items), self.scopes.n)
        best, counted, ground = np.zeros(shape), np.zeros(shape), np.zeros(shape, np.int64)
        speaker = np.full(shape, -1, np.int64)
        somewhere = self.spoken_of[items]
        for rows, relation, chains in self.classes(items):
            for number, name in enumerate(names):
                value, why = self.coverage.kappa(relation, chains, name)
                named, _ = self.coverage.kappa(relation, chains, name, named=True)
                silent = (why == GROUNDS.index("counted")) & ~somewhere[rows][:, None]
                block = np.where(silent, 0.0, value)
                take = (block > best[rows]) & (best[rows] < self.floor)
                best[rows] = np.where(take, block, best[rows])
                counted[rows] = np.where(take, named, counted[rows])
                ground[rows] = np.where(take, why, ground[rows])
                speaker[rows] = np.where(take, number, speaker[rows])
        book = read_toml("vocabulary.toml")["coverage"]
        wide = [number for number, name in enumerate(names) if name in book["firm_populations"]]
        return Kappa(best, counted, ground, speaker, np.isin(speaker, wide) & (best >= float(book["firm"])))

    @once_an_atlas
    def firm_bits(self) -> Bits:
        """Return the places where κ of an item is firm: high among all firms, or all of designated size."""
        book = read_toml("vocabulary.toml")["coverage"]
        names = [n for n in self.coverage.names() if n in book["firm_populations"]]
        width = self.scopes.n
        out = np.zeros((self.makers.n, max(1, (width + 63) // 64)), np.uint64)
        for rows, relation, chains in self.classes(np.arange(self.makers.n)):
            for name in names:
                value, why = self.coverage.kappa(relation, chains, name)
                spoken, silent = rows[self.spoken_of[rows]], rows[~self.spoken_of[rows]]
                for of, says in ((spoken, value), (silent, np.where(why == GROUNDS.index("counted"), 0.0, value))):
                    high = np.flatnonzero(says >= float(book["firm"]))
                    out[of] |= pack_bits(np.zeros(len(high), np.int64), high, 1, width)
        return out

    def classes(self, items: Ints) -> list[tuple[Ints, str, frozenset[int]]]:
        """Return the positions of items that share κ, with their relation and chains; captive ones stand in none."""
        groups: dict[tuple[str, frozenset[int]], list[int]] = {}
        maker = read_toml("vocabulary.toml")["maker"]
        for row, item in enumerate(items.tolist()):
            if self.makers.captive[item]:
                continue  # no list of products sold speaks of it: κ stays 0
            kind = "Technology" if self.makers.is_technology(item) else "Product"
            groups.setdefault((maker[kind], self.chains_of[item]), []).append(row)
        return [(np.array(rows, np.int64), key[0], key[1]) for key, rows in groups.items()]

    # availability ----------------------------------------------------------------------------

    @once_an_atlas
    def external_bits(self, level: str) -> Bits:
        """Return where an item is to be had though nobody makes it there: primary, or made within the level."""
        width = self.scopes.n
        primary = np.flatnonzero(self.makers.primary)
        rows = np.repeat(primary, width)
        cols = np.tile(np.arange(width), len(primary))
        if level != "none":
            counts = self.makers.counts
            for scope in range(width):
                holder = self._holder(scope, level)
                if holder is not None:
                    made = np.flatnonzero(np.diff(counts[:, [scope, holder]].toarray())[:, 0])
                    rows, cols = np.r_[rows, made], np.r_[cols, np.full(len(made), scope)]
        return pack_bits(rows, cols, self.makers.n, width)

    def _holder(self, scope: int, level: str) -> int | None:
        if level == "world":
            return WHOLE
        return self.scopes.ancestor(scope, {"province": "省", "nation": "国家"}[level])

    @once_an_atlas
    def availability(self, *, external: str = "none", among: str | None = None) -> tuple[Bits, Bits]:
        """Return (certain, possible) availability of every item, one bit a scope.

        Parameters
        ----------
        external
            ``none``, ``province``, ``nation`` or ``world``: where inputs may come from.
        """
        counts = self.makers.counts.tocoo()
        own = pack_bits(counts.row.astype(np.int64), counts.col.astype(np.int64), self.makers.n, self.scopes.n)
        outside = self.external_bits(external)
        # What is primary needs no maker: it is there, whatever its own recipe says.
        certain = available(self.makers.recipe, own, outside) | outside
        own |= self.unknown_bits(among)
        possible = available(self.makers.recipe, own, outside) | outside
        return certain, possible

    @once_an_atlas
    def unknown_bits(self, among: str | None) -> Bits:
        """Return the places where an item may be made unseen: κ below the floor, or somebody's words may include it."""
        width = self.scopes.n
        out = np.zeros((self.makers.n, max(1, (width + 63) // 64)), np.uint64)
        out[self.makers.captive] = np.uint64(0xFFFFFFFFFFFFFFFF)
        for rows, relation, chains in self.classes(np.arange(self.makers.n)):
            best, uncounted = np.zeros(width), np.zeros(width)
            for name in self.population(among):
                value, why = self.coverage.kappa(relation, chains, name)
                best = np.maximum(best, value)
                uncounted = np.maximum(uncounted, np.where(why == GROUNDS.index("counted"), 0, value))
            # A statistic says nothing of what nobody makes anywhere.
            nowhere = rows[~self.spoken_of[rows]]
            for where, known in ((rows, best), (nowhere, uncounted)):
                low = np.flatnonzero(known < self.floor)
                out[where] = pack_bits(np.zeros(len(low), np.int64), low, 1, width)
        return out | self.hint_bits()

    @once_an_atlas
    def hint_bits(self) -> Bits:
        """Return the places where somebody's words may include an item that nobody is known to make there."""
        hints = self.makers.hints.tocoo()
        own = self.makers.counts.tocoo()
        possible, made = (
            pack_bits(cells.row.astype(np.int64), cells.col.astype(np.int64), self.makers.n, self.scopes.n)
            for cells in (hints, own)
        )
        return possible & ~made
