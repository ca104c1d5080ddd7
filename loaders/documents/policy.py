"""Policy: a document (.md, .txt, .docx, .pdf) becomes a policy, its clauses, targets and what they name.

The way: ``documents`` (lines) → ``clauses`` (head, clauses, sentences) → ``wording`` and ``goals``
(what the sentences say) → records of one sheet of type Policy. Row 1 is the policy, each
further row one clause in the document's order. Every fact cites its clause and sentence:
``二（一）第3句：…``. Rules and words stand in ``schema/policy.toml``; no model is asked.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ...graph.columns.batch import Reject, Sheet
from ...graph.columns.text import LIST_SEPARATOR, name_key, name_keys
from ...graph.schema.errors import LoadError
from ...graph.schema.paths import file_name
from ...graph.schema.types import Schema
from ...graph.schema.words import read_toml
from ..rows.records import End, Gathered, Rows, relation_table
from ..values.places import HOME, LEVELS, SOURCE, Place, PlaceRefused, Places
from ..values.values import plain_code
from . import clauses as structure
from .clauses import Clause, Sentence
from .documents import DOCUMENTS, read_document
from .goals import goals
from .wording import Listed, Wording, place_named

Value = str | float | bool | None
EndOf = tuple[str, str, str]  # key, what the key is, type


def read_policy(
    path: Path, schema: Schema, gathered: Gathered, places: Places, source: str | None, as_of: str | None,
) -> None:  # fmt: skip
    """Read one policy document into records.

    Parameters
    ----------
    path
        File of one of the kinds in ``documents.DOCUMENTS``.
    gathered
        Takes the records; one sheet of type Policy is added with 1 + clauses rows.
    places
        Resolves the regions that the document names; others become regions of its own.
    source, as_of
        Who says so and as of when; else the document's number (or title) and its date.

    Raises
    ------
    LoadError
        The file cannot be read, or is no policy: no number and no title, or no clauses.
    """
    found = structure.read_clauses(read_document(path))
    if not found.number and not found.title:
        raise LoadError("policy_untitled", file=path.name)
    if not found.clauses:
        raise LoadError("policy_no_clauses", file=path.name)
    _Reader(file_name(path), found, schema, gathered, places, source, as_of).read()


@dataclass
class _Record:
    """One record before it becomes a row of a table: its columns, row and evidence."""

    row: int
    source_ref: str
    confidence: float
    columns: dict[str, Value]
    src: EndOf | None = None
    dst: EndOf | None = None


class _Reader:
    """Turns one policy into records of ``gathered``."""

    def __init__(
        self, file: str, found: structure.Policy, schema: Schema, gathered: Gathered, places: Places,
        source: str | None, as_of: str | None,
    ) -> None:  # fmt: skip
        self.found, self.schema, self.gathered, self.places = found, schema, gathered, places
        self.words: dict[str, Any] = read_toml("policy.toml")
        self.sure: float = self.words["confidence"]
        self.number = plain_code(found.number or found.title)
        self.source, self.as_of = source or found.number or found.title, as_of or found.issued
        self.sheet = len(gathered.sheets)
        gathered.sheets.append(Sheet(file, "", "Policy", 1 + len(found.clauses)))
        gathered.passed += [(file, "", line, "note", text[:200]) for line, text in found.outside]
        self.wording = Wording(schema, places, found.full_text)
        self.nodes: dict[str, list[_Record]] = defaultdict(list)
        self.relations: dict[str, list[_Record]] = defaultdict(list)
        self.related: set[tuple[Any, ...]] = set()
        self.used: dict[str, Place] = {}

    def read(self) -> None:
        """Gather the records of the policy and of each clause, then write them as tables."""
        self.home = self._home()
        self._policy()
        count = 0
        for row, clause in enumerate(self.found.clauses, 2):
            number = plain_code(f"{self.number}/{clause.label}")
            self._clause(row, clause, number)
            self._mentions(row, clause, number)
            self._lists(row, clause, number)
            count = self._targets(row, clause, number, count)
        self._divisions()
        self._write()

    # facts ----------------------------------------------------------------------------------------

    def _home(self) -> Place | None:
        """Return the place whose government issued the policy: the longest that its name begins with."""
        book = self.places.book.by_code.values()
        issuer = self.found.issuer or ""
        best = max((d for d in book if d.code != HOME and issuer.startswith(d.name)), key=lambda d: len(d.name),
                   default=None)  # fmt: skip
        if best is None:
            return None
        try:
            return self.places.named(best.name)
        except PlaceRefused:
            return None

    def _policy(self) -> None:
        found = self.found
        columns: dict[str, Value] = {"number": plain_code(found.number) if found.number else None,
                                     "name": found.title or found.number, "issued": found.issued,
                                     "issuer": found.issuer}  # fmt: skip
        self.nodes["Policy"].append(_Record(1, "全文", 1.0, columns))

    def _clause(self, row: int, clause: Clause, number: str) -> None:
        columns: dict[str, Value] = {"number": number, "name": clause.title or None, "text": clause.text or None}
        self.nodes["Clause"].append(_Record(row, clause.label, 1.0, columns))
        policy = (self.number, "number", "Policy")
        if not self.found.number:
            policy = (name_key(self.found.title), "name", "Policy")
        self._relate("PART_OF", row, clause.label, (number, "number", "Clause"), policy, 1.0)

    def _mentions(self, row: int, clause: Clause, number: str) -> None:
        """Add each kind that a clause mentions, once a sentence; the policy's own place says nothing."""
        own = {d.name for d in self.home.lineage} if self.home else set()
        seen = set()
        for one in self.wording.mentions(clause):
            if one.word not in own and (one.word, one.sentence.position) not in seen:
                seen.add((one.word, one.sentence.position))
                self._mention(row, self._ref(clause, one.sentence, one.at), number, one.word)

    def _mention(self, row: int, ref: str, number: str, word: str) -> None:
        """Add a claim of what a clause mentions; the list of the clause is the union of these."""
        columns: dict[str, Value] = {"number": number, "mentions": word, "_stub": True}
        self.nodes["Clause"].append(_Record(row, ref, self.sure, columns))

    def _lists(self, row: int, clause: Clause, number: str) -> None:
        """Add clusters and industries of lists, the regions they stand under, and what is supported."""
        for one in self.wording.listed(clause):
            ref = self._ref(clause, one.sentence, one.at)
            end = self._cluster(row, ref, one) if one.type == "Cluster" else self._industry(row, ref, one)
            if one.supported:
                self._relate("SUPPORTS", row, ref, (number, "number", "Clause"), end)
            else:  # named, but to be cut back
                self._mention(row, ref, number, one.name)
            for name in one.regions:
                region = self._region(row, ref, name)
                if region is not None and one.supported:
                    self._relate("SUPPORTS", row, ref, (number, "number", "Clause"), region)
                if region is not None and one.type == "Cluster":
                    self._relate("LOCATED_IN", row, ref, end, region)

    def _cluster(self, row: int, ref: str, one: Listed) -> EndOf:
        rules = self.words["cluster"]
        suffix = rules["suffix"] if not one.name.endswith("产业") else rules["noun"]
        name = one.name if one.name.endswith(rules["noun"]) else one.name + suffix
        kind = self.wording.short.get(one.noun, one.noun)
        plain = kind in ("", rules["noun"], rules["kind"])
        self.nodes["Cluster"].append(_Record(row, ref, self.sure, {
            "name": name, "short_name": one.name if one.name != name else None,
            "kind": None if plain else kind}))  # fmt: skip
        return name_key(name), "name", "Cluster"

    def _industry(self, row: int, ref: str, one: Listed) -> EndOf:
        kind = next((k for k in self.words["industry"]["kinds"] if one.noun.endswith(k)), None)
        self.nodes["Industry"].append(_Record(row, ref, self.sure, {"name": one.name, "kind": kind}))
        return name_key(one.name), "name", "Industry"

    def _region(self, row: int, ref: str, name: str) -> EndOf | None:
        """Return a place of the gazetteer or of the user, else a region that this policy names."""
        try:
            place = place_named(self.places, name)
        except PlaceRefused as bad:
            column = self.schema.relations["LOCATED_IN"].zh
            told = {"column": column, "value": name, "near": bad.near}
            self.gathered.rejects.append(Reject(self.sheet, row, column, name, bad.code, told, False))
            return None
        if place is not None:
            return self._place(place)
        end = (name_key(name), "name", "Region")
        self.nodes["Region"].append(_Record(row, ref, self.sure, {"name": name, "level": "区域"}))
        if self.home is not None:
            self._relate("PART_OF", row, ref, end, self._place(self.home))
        return end

    def _place(self, place: Place) -> EndOf:
        self.used[place.key] = place
        return place.key, place.kind, "Region"

    def _targets(self, row: int, clause: Clause, number: str, count: int) -> int:
        """Add the targets of a clause, numbered through the document; return the last number."""
        seen = set()
        for goal, sentence in goals(clause, self.found.issued):
            same = (goal.measure, goal.value, goal.unit, goal.due.date if goal.due else None)
            if same in seen:
                continue
            seen.add(same)
            count += 1
            key = plain_code(f"{self.number}/目标/{count}")
            ref = self._ref(clause, sentence, goal.at)
            due = goal.due
            self.nodes["Target"].append(_Record(row, ref, self.sure, {
                "number": key, "name": goal.name, "measure": goal.measure, "goal": goal.value, "unit": goal.unit,
                "comparison": goal.comparison, "due": due.date if due else None,
                "description": due.note if due else None}))  # fmt: skip
            end = (key, "number", "Target")
            self._relate("SETS", row, ref, (number, "number", "Clause"), end)
            if self.home is not None:
                self._relate("LOCATED_IN", row, ref, end, self._place(self.home))
        return count

    def _ref(self, clause: Clause, sentence: Sentence, at: int) -> str:
        """Name clause, sentence and its words; of a long sentence the part around the hit."""
        short = self.words["sentence"]["short"]
        text = sentence.text
        if len(text) > short:
            start = max(0, min(at - short // 2, len(text) - short))
            cut = text[start : start + short]
            text = ("…" if start else "") + cut + ("…" if start + short < len(sentence.text) else "")
        where = f"第{sentence.position}句" if sentence.position else "标题"
        return f"{clause.label}{where}：{text}"

    def _relate(self, name: str, row: int, ref: str, src: EndOf, dst: EndOf, sure: float | None = None) -> None:
        record = _Record(row, ref, self.sure if sure is None else sure, {}, src, dst)
        same = (name, row, ref, record.confidence, src, dst)
        if same not in self.related:
            self.related.add(same)
            self.relations[name].append(record)

    # tables ---------------------------------------------------------------------------------------

    def _rows(self, records: list[_Record]) -> Rows:
        n = len(records)
        given = {"source": pa.array([self.source] * n, pa.string()),
                 "source_ref": pa.array([r.source_ref for r in records], pa.string()),
                 "as_of": pa.array([self.as_of] * n, pa.string()),
                 "confidence": pa.array([r.confidence for r in records], pa.float64())}  # fmt: skip
        return Rows(self.sheet, pa.array([r.row for r in records], pa.int32()), given)

    def _write(self) -> None:
        for kind, records in self.nodes.items():
            props = self.schema.nodes[kind].props
            names = dict.fromkeys(c for r in records for c in r.columns)
            made = {c: pa.array([r.columns.get(c) for r in records], props[c].arrow) for c in names if c in props}
            made["_key"] = name_keys(made["name"])
            made["_stub"] = pa.array([bool(r.columns.get("_stub")) for r in records])
            self.gathered.nodes[kind].append(pa.table({**made, **self._rows(records).columns()}))
        for name, records in self.relations.items():
            for types in dict.fromkeys((r.src[2], r.dst[2]) for r in records if r.src and r.dst):
                part = [r for r in records if r.src and r.dst and (r.src[2], r.dst[2]) == types]
                src, dst = _end([r.src for r in part], types[0]), _end([r.dst for r in part], types[1])
                self.gathered.relations[name].append(relation_table(src, dst, self._rows(part)))

    def _divisions(self) -> None:
        """Add the gazetteer's regions that the graph needs for the places of this policy."""
        found = {d.code: d for place in self.used.values() for d in place.lineage}
        used = [found[code] for code in sorted(found)]
        if not used:
            return
        names = pa.array([d.name for d in used], pa.string())
        codes = pa.array([d.code for d in used], pa.string())
        rows = Rows(self.sheet, pa.array(np.zeros(len(used), np.int32)),
                    {"source": pa.array([SOURCE] * len(used), pa.string())})  # fmt: skip
        short = [LIST_SEPARATOR.join(sorted(set(d.names[:1]) - {d.name})) or None for d in used]
        self.gathered.nodes["Region"].append(pa.table({
            "name": names, "_key": name_keys(names), "code": codes, "short_name": pa.array(short, pa.string()),
            "level": pa.array([LEVELS[d.level] for d in used], pa.string()),
            "_stub": pa.array(np.ones(len(used), bool)), **rows.columns()}))  # fmt: skip
        inner = np.flatnonzero([d.parent in found for d in used])
        parents = pa.array([used[i].parent for i in inner], pa.string())
        own = End(codes.take(pa.array(inner)), "code", "Region")
        self.gathered.relations["PART_OF"].append(relation_table(own, End(parents, "code", "Region"), rows.take(inner)))


def _end(ends: list[EndOf | None], kind: str) -> End:
    known = [e for e in ends if e is not None]
    return End(pa.array([e[0] for e in known], pa.string()), pa.array([e[1] for e in known], pa.string()), kind)


__all__ = ["DOCUMENTS", "read_policy"]
