"""Directory: from what a row calls an entity (code, name, short name, link of a chain) to the entity."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..columns.arrays import Bools
from ..columns.canonical import distinct_pairs, encoded, flat
from ..columns.runs import Run
from ..columns.text import LIST_SEPARATOR, SCOPE_SEPARATOR
from ..identity.resolve import EXACT, Resolution, Tokens, explode, link_value
from ..schema.types import RelationType, Schema

Ints = npt.NDArray[Any]  # of any width
NONE, AMBIGUOUS = -1, -2


@dataclass(frozen=True)
class Ends:
    """Ends of relation records: type number and entity of each (−1 unknown, −2 several)."""

    src_type: Ints
    src: Ints
    dst_type: Ints
    dst: Ints

    @property
    def resolved(self) -> Bools:
        """Both ends are known."""
        return (self.src >= 0) & (self.dst >= 0)


@dataclass(frozen=True)
class Located:
    """A run of relation records with their ends."""

    run: Run
    ends: Ends


@dataclass(frozen=True)
class _Piece:
    """Keys of some records: numbers of their distinct values, what they are, their chain.

    ``pair`` tells which of ``pairs`` (kind, types) each is; None where there is one.
    """

    index: Ints
    block: int
    pairs: list[tuple[str, str]]
    pair: Ints | None
    scope: pa.Array | None

    @classmethod
    def of(cls, batch: pa.RecordBatch, side: str, values: _Distinct) -> _Piece:
        """Take the keys of one end out of some records."""
        key, kinds, types = (encoded(batch.column(f"{side}{what}")) for what in ("", "_kind", "_type"))
        scope = flat(batch.column(f"{side}_scope")) if f"{side}_scope" in batch.schema.names else None
        if scope is not None and scope.null_count == len(scope):
            scope = None
        pairs = [(k, t) for k in kinds.dictionary.to_pylist() for t in types.dictionary.to_pylist()]
        pair = None
        if len(pairs) > 1:
            wide = np.int16(len(types.dictionary))
            pair = kinds.indices.to_numpy().astype(np.int16) * wide + types.indices.to_numpy()
            used = np.flatnonzero(np.bincount(pair)).tolist()
            if len(used) == 1:
                pairs, pair = [pairs[used[0]]], None
        return cls(key.indices.fill_null(-1).to_numpy(), values.add(key.dictionary), pairs, pair, scope)


class _Distinct:
    """Distinct keys of many pieces, each with one number; dictionaries are merged some at a time."""

    LIMIT = 1 << 21  # keys that wait

    def __init__(self) -> None:
        self.values = pa.array([], pa.string())
        self._numbers: list[Ints] = []
        self._waiting: list[pa.Array] = []

    def add(self, dictionary: pa.Array) -> int:
        """Take in the dictionary of a piece; return its block."""
        self._waiting.append(dictionary.cast(pa.string()))
        block = len(self._numbers) + len(self._waiting) - 1
        if sum(map(len, self._waiting)) > self.LIMIT:
            self.close()
        return block

    def close(self) -> None:
        """Number the values of all dictionaries taken in so far."""
        if not self._waiting:
            return
        # Values numbered before stand first, so they keep their numbers.
        joined = pa.concat_arrays([self.values, *self._waiting]).dictionary_encode()
        at = len(self.values)
        for dictionary in self._waiting:
            part = joined.indices.slice(at, len(dictionary))
            self._numbers.append(np.append(part.fill_null(-1).to_numpy(), np.int32(-1)))
            at += len(dictionary)
        self.values = joined.dictionary
        self._waiting = []

    def number(self, piece: _Piece) -> Ints:
        """Return the number of each key of a piece, −1 for none."""
        number: Ints = self._numbers[piece.block][piece.index]
        return number


@dataclass
class _Index:
    """Tokens of one type with the entity of each: −2 where several bear it."""

    tokens: pa.Array
    entity: Ints
    described: Bools
    primary: pa.Array
    further: dict[str, Ints] = field(default_factory=dict)


class Directory:
    """Looks up ends for whole columns at once."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._index: dict[str, _Index] = {}
        self._tail: dict[str, tuple[pa.Array, Ints]] = {}
        self._keys: dict[str, pa.Array] = {}
        self._exact: dict[str, Ints] = {}

    def add(self, name: str, found: Tokens, made: Resolution, stub: Bools) -> None:
        """Register the entities of a type under all they are known by."""
        described = np.zeros(len(made.keys), bool)
        described[made.entity[~stub]] = True
        size = len(found.values)
        own = [found.primary, *found.codes.values()]
        token = np.concatenate([t[t >= 0] for t in own])
        entity = np.concatenate([made.entity[t >= 0] for t in own])
        first = _bearers(token, entity, described, size)
        further = _bearers(found.token, made.entity[found.record], described, size)
        first = np.where(first == NONE, further, first)
        self._index[name] = _Index(found.values, first, described, made.keys)
        self._keys[name] = made.keys
        if EXACT in found.codes:
            stated = found.codes[EXACT]
            self._exact[name] = np.full(size, NONE, np.int64)
            self._exact[name][stated[stated >= 0]] = made.entity[stated >= 0]
        self._tail[name] = _tails(found.values, first, described)

    def hosts(self, names: pa.Array) -> list[object]:
        """Return for match keys of organisations what is equal where they are one entity."""
        known: list[str] = [t for t in ("Enterprise", "Institute") if t in self._index]
        kind, entity = self._find(known, "name", names, None)
        return [(k, e) if e >= 0 else text
                for k, e, text in zip(kind.tolist(), entity.tolist(), names.to_pylist(), strict=True)]  # fmt: skip

    def canonical_scope(self, scope: pa.Array) -> pa.Array:
        """Replace chain names by the key of their chain, so that short names mean the same."""
        if scope.null_count == len(scope):
            return scope
        encoded = scope.dictionary_encode()
        texts = encoded.dictionary
        if pc.any(pc.match_substring(texts, LIST_SEPARATOR)).as_py():
            rows, chains = explode(texts)
            known = self.chain_keys(chains).to_pylist()
            joined: list[list[str]] = [[] for _ in range(len(texts))]
            for row, chain in zip(rows.tolist(), known, strict=True):
                joined[row].append(chain)
            texts = pa.array([LIST_SEPARATOR.join(sorted(set(parts))) for parts in joined], pa.string())
        else:
            texts = self.chain_keys(texts)
        return texts.take(encoded.indices)

    def chain_keys(self, chains: pa.Array) -> pa.Array:
        """Return the key of each named chain; a chain that is not known keeps its own name."""
        if "Chain" not in self._index:
            return chains
        entity = self._look("Chain", pc.binary_join_element_wise("name", chains, ":"))
        keys = self._keys["Chain"].take(pa.array(entity, mask=entity < 0))
        return pc.coalesce(pc.replace_substring_regex(keys, "^[^:]*:", ""), chains)

    def located(self, runs: list[Run], relation: RelationType) -> list[Located]:
        """Resolve both ends of the records of one relation type; equal keys are looked up once."""
        sides = [self._side(runs, side, allowed)
                 for side, allowed in (("_src", relation.sources), ("_dst", relation.targets))]  # fmt: skip
        return [Located(run, Ends(*src, *dst)) for run, src, dst in zip(runs, *sides, strict=True)]

    def _side(self, runs: list[Run], side: str, allowed: tuple[str, ...]) -> list[tuple[Ints, Ints]]:
        values = _Distinct()
        pieces = [[_Piece.of(batch, side, values) for batch in run.table(
            [side, *(f"{side}_{w}" for w in ("kind", "type", "scope"))]).to_batches()] for run in runs]  # fmt: skip
        values.close()
        known: dict[tuple[str, str], tuple[Ints, Ints]] = {}
        made = []
        for many in pieces:
            found = [self._piece(piece, values, allowed, known) for piece in many]
            made.append((np.concatenate([np.zeros(0, np.int8), *(f[0] for f in found)]),
                         np.concatenate([np.zeros(0, np.int32), *(f[1] for f in found)])))  # fmt: skip
            many.clear()
        return made

    def _piece(
        self, piece: _Piece, values: _Distinct, allowed: tuple[str, ...],
        known: dict[tuple[str, str], tuple[Ints, Ints]],
    ) -> tuple[Ints, Ints]:  # fmt: skip
        """Look up one piece; what a key means without a chain is looked up once for all pieces."""
        at, scope, pair = values.number(piece), piece.scope, piece.pair
        inside = np.zeros(len(at), bool) if scope is None else scope.is_valid().to_numpy(zero_copy_only=False)
        out_type, out = np.full(len(at), NONE, np.int8), np.full(len(at), NONE, np.int32)
        for code, (kind, named) in enumerate(piece.pairs):
            names = [t for t in named.split("|") if t in allowed and t in self._index]
            mine = np.ones(len(at), bool) if pair is None else pair == code
            plain = mine & ~inside & (at >= 0)
            if plain.any():
                if (kind, named) not in known:
                    known[kind, named] = self._find(names, kind, values.values, None)
                of_type, of = known[kind, named]
                out_type[plain], out[plain] = of_type[at[plain]], of[at[plain]]
            rows = np.flatnonzero(mine & inside)
            if len(rows):
                assert scope is not None
                value = values.values.take(pa.array(at[rows], mask=at[rows] < 0))
                out_type[rows], out[rows] = self._find(names, kind, value, scope.take(pa.array(rows)))
        return out_type, out

    def _find(self, names: list[str], kind: str, value: pa.Array, scope: pa.Array | None) -> tuple[Ints, Ints]:
        """Look in each allowed type; a described entity wins over one that is only mentioned."""
        numbers = {name: i for i, name in enumerate(self.schema.nodes)}
        out_type = np.full(len(value), NONE, np.int64)
        out = np.full(len(value), NONE, np.int64)
        best = np.zeros(len(value), bool)
        for name in names:
            entity = self._by_kind(name, kind, value, scope)
            good = np.zeros(len(value), bool)
            good[entity >= 0] = self._index[name].described[entity[entity >= 0]]
            better = (entity != NONE) & ((out == NONE) | (good & ~best))
            clash = (entity >= 0) & (out >= 0) & good & best & ~better
            out[better], out_type[better] = entity[better], numbers[name]
            best |= good
            out[clash] = AMBIGUOUS
        return out_type, out

    def _by_kind(self, name: str, kind: str, value: pa.Array, scope: pa.Array | None) -> Ints:
        if kind == EXACT:
            return self._exactly(name, value)
        if kind != "name":
            return self._look(name, pc.binary_join_element_wise(kind, value, ":"))
        entity = np.full(len(value), NONE, np.int64)
        if scope is not None and scope.null_count < len(scope):
            linked = link_value(self.canonical_scope(scope), value)
            entity = self._look(name, pc.binary_join_element_wise("link", linked, ":"))
        plain = self._look(name, pc.binary_join_element_wise("name", value, ":"))
        entity = np.where(entity == NONE, plain, entity)
        entity = self._or_code(name, value, entity)
        if (entity == NONE).any() and len(self._tail[name][0]):
            names, tail = self._tail[name]
            index = pc.index_in(value, value_set=names).to_numpy(zero_copy_only=False)
            known = np.isfinite(index) if index.dtype.kind == "f" else index >= 0
            found = np.full(len(value), NONE, np.int64)
            found[known] = tail[index[known].astype(np.int64)]
            entity = np.where(entity == NONE, found, entity)
        return entity

    def _exactly(self, name: str, key: pa.Array) -> Ints:
        """Find an entity by its key as a graph read back states it, else by its key now."""
        at = pc.index_in(key, value_set=self._keys[name]).fill_null(NONE)
        now: Ints = at.to_numpy(zero_copy_only=False).astype(np.int64)
        if name not in self._exact:
            return now
        tokens = self._index[name].tokens
        at = pc.index_in(key, value_set=tokens).fill_null(-1).to_numpy(zero_copy_only=False)
        stated = np.append(self._exact[name], NONE)[at]
        return np.where(stated == NONE, now, stated)

    def _or_code(self, name: str, value: pa.Array, entity: Ints) -> Ints:
        """A cell may name an entity by its code: that outweighs a namesake only mentioned."""
        described = np.append(self._index[name].described, False)
        for prop in self.schema.nodes[name].code_props:
            coded = self._look(name, pc.binary_join_element_wise(prop, value, ":"))
            weak = (entity < 0) | ~described[np.maximum(entity, NONE)]
            entity = np.where((coded >= 0) & weak, coded, entity)
        return entity

    def _look(self, name: str, token: pa.Array) -> Ints:
        index = self._index[name]
        at = pc.index_in(token, value_set=index.tokens).fill_null(-1).to_numpy(zero_copy_only=False)
        found: Ints = np.append(index.entity, NONE)[at].astype(np.int64)
        return found


def _bearers(token: Ints, entity: Ints, described: Bools, size: int) -> Ints:
    """Return the entity of each token: one that is described before those only mentioned."""
    out = np.full(size, NONE, np.int64)
    for only_described in (False, True):
        keep = described[entity] if only_described else np.ones(len(entity), bool)
        pairs = distinct_pairs(token[keep], entity[keep])
        if not len(pairs[0]):
            continue
        count = np.bincount(pairs[0], minlength=size)
        single = np.full(size, NONE, np.int64)
        single[pairs[0]] = pairs[1]
        out = np.where(count == 1, single, np.where(count > 1, AMBIGUOUS, out))
    return out


def _tails(values: pa.Array, entity: Ints, described: Bools) -> tuple[pa.Array, Ints]:
    """Plain names of 环节, for tables that name no chain: good while one chain has such a link."""
    link = pc.starts_with(values, "link:").to_numpy(zero_copy_only=False) & (entity >= 0)
    rows = np.flatnonzero(link)
    if not len(rows):
        return pa.array([], pa.string()), np.zeros(0, np.int64)
    names = pc.replace_substring_regex(values.take(pa.array(rows)), f"^.*{SCOPE_SEPARATOR}", "")
    encoded = names.dictionary_encode()
    token = encoded.indices.to_numpy().astype(np.int64)
    return encoded.dictionary, _bearers(token, entity[rows], described, len(encoded.dictionary))
