"""Review: pairs that may be one entity, for people to decide; and what was joined by itself.

The folded graph is taken apart again: claims without a code go by their name, those with one
by their code. What stands in one entity although its names are written differently was joined
automatically; what stands in two and is a candidate is open.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...graph.columns.arrays import Ints
from ...graph.columns.canonical import flat
from ...graph.columns.tables import Graph
from ...graph.columns.text import name_key, name_keys
from ...graph.identity.judgements import Judged, Judgement, Judgements
from ...graph.identity.matching import compared
from ...graph.identity.resolve import Resolution, Tokens, bearers, resolve, tokens
from ...graph.schema.errors import QueryError
from ...graph.schema.types import NodeType, Schema
from ...graph.schema.words import Word, sentence
from ..atlas.result import Result, Row
from .doubles import Candidate, Evidence, candidates

COLUMNS = ("a", "b", "type", "score", "decision", "reasons", "name_a", "name_b", "place_a", "place_b",
           "codes_a", "codes_b", "products_a", "products_b", "by", "time", "note")  # fmt: skip


def review(
    graph: Graph, schema: Schema, judgements: Judgements | None = None, *, show_all: bool = False, joined: bool = False
) -> Result:  # fmt: skip
    """Return pairs that may be one entity: score, reasons, both records; the surest first.

    Parameters
    ----------
    judgements
        Decisions of people; what they decided is no longer open, 不确定 stays in the list.
    show_all
        Also what was decided, and what was joined automatically.
    joined
        Only what was joined automatically.

    Returns
    -------
    Result
        ``a b`` (ids), ``type``, ``score`` (0–1), ``decision`` (same, different, unsure,
        automatic, or empty: open), ``reasons``, and of both sides name, place, codes, products.
    """
    decided = judgements.last if judgements is not None else {}
    judged = judgements.by_type() if judgements is not None else {}
    rows: list[Row] = []
    made: list[Row] = []
    for kind in schema.nodes.values():
        if compared(kind.name) and kind.name in graph.node_claims:
            records = Records(graph, kind, schema)
            rows += _open(records, decided)
            made += _joined(records, judged.get(kind.name))
    notes = (sentence("note_review", open=len(rows), joined=len(made)),)
    if joined:
        return Result(COLUMNS, made, notes)
    if show_all:
        rows += made
        told = [j for j in decided.values() if j.decision != "unsure"]
        rows += [_judged_row(graph, schema, j) for j in sorted(told, key=lambda j: j.pair)]
    return Result(COLUMNS, rows, notes)


@dataclass(frozen=True)
class Records:
    """The claims of one node type and the entities that they make without matching of names."""

    graph: Graph
    kind: NodeType
    schema: Schema

    @cached_property
    def claims(self) -> pa.Table:
        """The claims with the match key of their name."""
        claims = self.graph.node_claims[self.kind.name]
        key = flat(self.graph.nodes[self.kind.name]["key"])
        bare = pc.replace_substring_regex(key, "^[^:]*:", "").take(claims["of"].combine_chunks())
        name = pc.coalesce(flat(claims["name"]).cast(pa.string()), bare) if "name" in claims.column_names else bare
        return claims.append_column("_key", name_keys(name))

    @cached_property
    def of(self) -> Ints:
        """Row of the entity of each claim."""
        made: Ints = flat(self.claims["of"]).to_numpy(zero_copy_only=False).astype(np.int64)
        return made

    @cached_property
    def found(self) -> Tokens:
        """What the claims are known by."""
        return tokens(self.claims, self.kind, None)

    @cached_property
    def base(self) -> Resolution:
        """The entities without matching of names and without decisions of people."""
        return resolve(self.found, self.kind)

    def id(self, row: int) -> str:
        """Return the public id of an entity."""
        return f"{self.kind.name}:{self.graph.nodes[self.kind.name]['key'][row].as_py()}"

    def evidence(self) -> Evidence:
        """Collect codes, cities, products and what relations keep apart."""
        table = self.graph.nodes[self.kind.name]
        start, n = self.graph.offsets[self.kind.name], len(table)
        codes = []
        for prop in self.kind.code_props:
            if prop in table.column_names:
                index = flat(table[prop]).dictionary_encode().indices.fill_null(-1)
                codes.append(index.to_numpy(zero_copy_only=False).astype(np.int64))
        products: dict[int, set[int]] = defaultdict(set)
        for src, dst in self._pairs("PRODUCES"):
            if start <= src < start + n:
                products[src - start].add(dst)
        apart = set()
        for name, relation in self.schema.relations.items():
            if relation.no_self and (self.kind.name, self.kind.name) in relation.pairs:
                for src, dst in self._pairs(name):
                    if start <= src < start + n and start <= dst < start + n:
                        apart.add((min(src, dst) - start, max(src, dst) - start))
        return Evidence(tuple(codes), self._cities(start, n), dict(products), frozenset(apart))

    def _pairs(self, relation: str) -> Iterator[tuple[int, int]]:
        return zip(*(ends.tolist() for ends in self.graph.ends(relation)), strict=True)

    def _cities(self, start: int, n: int) -> Ints:
        city = np.full(n, -1, np.int64)
        regions = self.graph.nodes.get("Region")
        if regions is None or "code" not in regions.column_names:
            return city
        first, codes = self.graph.offsets["Region"], flat(regions["code"]).to_pylist()
        for src, dst in self._pairs("LOCATED_IN"):
            if start <= src < start + n and first <= dst < first + len(codes):
                code = codes[dst - first]
                if code and code.isdigit() and len(code) == 6 and code[2:4] != "00":
                    city[src - start] = int(code) // 100
        return city


def _open(records: Records, decided: Mapping[tuple[str, str], Judgement]) -> list[Row]:
    evidence = records.evidence()
    rows = []
    settled = _settled(records, decided)
    for one in candidates(bearers(records.found, records.of), evidence):
        said = settled.get((one.a, one.b))
        if said is None or said.decision == "unsure":
            rows.append(_row(records, one, said, evidence))
    return rows


def _settled(records: Records, decided: Mapping[tuple[str, str], Judgement]) -> dict[tuple[int, int], Judgement]:
    """Decisions by rows of entities, whatever token of an entity they were made on."""
    owner = _owners(records.found, records.of)
    found = {}
    for judgement in decided.values():
        sides = [side.partition(":") for side in (judgement.a, judgement.b)]
        if all(kind == records.kind.name for kind, _, _ in sides):
            rows = [owner.get(token, -1) for _, _, token in sides]
            if min(rows) >= 0:
                found[min(rows), max(rows)] = judgement
    return found


def _owners(found: Tokens, of: Ints) -> dict[str, int]:
    """Entity (or group) of each token that is a name of its own or a code."""
    values = found.values.to_pylist()
    owner = {}
    for ids in (found.primary, *found.codes.values()):
        for token, row in zip(ids.tolist(), of.tolist(), strict=True):
            if token >= 0:
                owner[values[token]] = row
    return owner


def _row(records: Records, one: Candidate, said: Judgement | None, evidence: Evidence) -> Row:
    reasons = [Word("match_reason", r) for r in one.reasons]
    row: Row = {"a": records.id(one.a), "b": records.id(one.b), "type": records.kind.name, "score": one.score,
                "decision": said.decision if said else None, "reasons": reasons}  # fmt: skip
    for side, entity in (("a", one.a), ("b", one.b)):
        row |= _side(records, side, entity, evidence)
    return row | {c: getattr(said, c) if said else None for c in ("by", "time", "note")}


def _side(records: Records, side: str, entity: int, evidence: Evidence) -> Row:
    table = records.graph.nodes[records.kind.name]
    codes = [str(table[p][entity].as_py()) for p in records.kind.code_props
             if p in table.column_names and table[p][entity].as_py()]  # fmt: skip
    products = sorted(_name(records.graph, p) for p in evidence.products.get(entity, ()))[:5]
    city = int(evidence.city[entity])
    return {f"name_{side}": table["name"][entity].as_py(), f"place_{side}": _place(records.graph, city),
            f"codes_{side}": codes, f"products_{side}": products}  # fmt: skip


def _name(graph: Graph, node: int) -> str:
    """Return the name of a global id."""
    kind, start = max(((k, s) for k, s in graph.offsets.items() if s <= node and len(graph.nodes[k])),
                      key=lambda item: item[1])  # fmt: skip
    return str(graph.nodes[kind]["name"][node - start].as_py())


def _place(graph: Graph, city: int) -> str | None:
    regions = graph.nodes.get("Region")
    if city < 0 or regions is None:
        return None
    at = pc.index(flat(regions["code"]), f"{city}00").as_py()
    return str(regions["name"][at].as_py()) if at >= 0 else None


def _joined(records: Records, judged: Judged | None) -> list[Row]:
    """Pairs that matching of names put together: the strongest key of an entity against each other one."""
    base = resolve(records.found, records.kind, judged)
    groups: dict[int, set[int]] = defaultdict(set)
    first: dict[int, int] = {}
    for claim, (entity, group) in enumerate(zip(records.of.tolist(), base.entity.tolist(), strict=True)):
        groups[entity].add(group)
        first.setdefault(group, claim)
    names = (records.claims["name"] if "name" in records.claims.column_names else records.claims["_key"]).to_pylist()
    rows = []
    for entity, members in sorted(groups.items()):
        key = _key_of(records, entity)
        main, *others = sorted(members, key=lambda g: (base.keys[g].as_py() != key, base.keys[g].as_py()))
        for other in others:
            ids = [f"{records.kind.name}:{base.keys[g].as_py()}" for g in (main, other)]
            row: Row = dict.fromkeys(COLUMNS)
            row |= {"a": ids[0], "b": ids[1], "type": records.kind.name, "decision": "automatic", "score": 1.0,
                    "reasons": [Word("match_reason", "automatic")],
                    "name_a": names[first[main]], "name_b": names[first[other]]}  # fmt: skip
            rows.append(row)
    return rows


def _key_of(records: Records, entity: int) -> str:
    return str(records.graph.nodes[records.kind.name]["key"][entity].as_py())


def _judged_row(graph: Graph, schema: Schema, judgement: Judgement) -> Row:
    row: Row = dict.fromkeys(COLUMNS)
    kind = judgement.a.partition(":")[0]
    named = {s: getattr(judgement, s).partition(":")[2].partition(":")[2] for s in ("a", "b")}
    row |= {c: getattr(judgement, c) for c in ("a", "b", "decision", "by", "time", "note")}
    return row | {"type": kind if kind in schema.nodes else None, "name_a": named["a"], "name_b": named["b"]}


# deciding --------------------------------------------------------------------------------------


def identify(graph: Graph, schema: Schema, text: str) -> str:
    """Return the id of the record that a user names by id, code or name.

    Raises
    ------
    QueryError
        Nothing bears the name, or several records do.
    """
    near: list[str] = []
    found: dict[str, str] = {}
    for kind in schema.nodes.values():
        if not compared(kind.name) or kind.name not in graph.node_claims:
            continue
        records = Records(graph, kind, schema)
        owner = _owners(records.found, records.base.entity)
        bare = text.removeprefix(f"{kind.name}:")
        for token in (bare, *(f"{p}:{bare}" for p in kind.code_props), f"name:{name_key(bare)}"):
            if token in owner:
                found[f"{kind.name}:{token}"] = token
                break
        near += [t.partition(":")[2] for t in owner if t.startswith("name:")]
    if len(found) == 1:
        return next(iter(found))
    if found:
        raise QueryError("entity_several", name=text, type="/".join(found), near="、".join(found))
    from rapidfuzz.process import extract

    close = [str(name) for name, _, _ in extract(text, near, limit=4)]
    raise QueryError("entity_unknown", name=text, type="企业", near="、".join(close) or "—")


def assert_decidable(graph: Graph, schema: Schema, judgement: Judgement) -> None:
    """Refuse a decision that codes contradict: different codes are never one, equal ones always are.

    Raises
    ------
    QueryError
        Both sides are one record already, or their codes say otherwise.
    """
    kind = schema.nodes[judgement.a.partition(":")[0]]
    if judgement.b.partition(":")[0] != kind.name:
        raise QueryError("review_types", a=judgement.a, b=judgement.b)
    records = Records(graph, kind, schema)
    owner = _owners(records.found, records.base.entity)
    groups = [owner[side.partition(":")[2]] for side in (judgement.a, judgement.b)]
    if groups[0] == groups[1]:
        raise QueryError("review_one_record", a=judgement.a, b=judgement.b)
    if judgement.decision == "same":
        for prop, ids in records.found.codes.items():
            said = [set(ids[(records.base.entity == g) & (ids >= 0)].tolist()) for g in groups]
            if said[0] and said[1] and said[0] != said[1]:
                label = kind.props[prop].label if prop in kind.props else prop
                raise QueryError("review_codes", a=judgement.a, b=judgement.b, code=label)
