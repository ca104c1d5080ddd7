"""Gather: files become records. Which sheets there are, what each is about, how it is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..graph.columns.batch import Batch, Sheet, in_memory
from ..graph.columns.spill import SpillRoom
from ..graph.columns.text import name_key
from ..graph.exchange.formats import is_ours, read
from ..graph.schema.errors import LoadError
from ..graph.schema.types import Schema
from ..graph.schema.words import message, read_toml, sentence
from .documents.policy import DOCUMENTS, read_policy
from .dumps.known import reader_of
from .files.files import TABLES, read_sheets
from .files.frame import is_made
from .files.passed import plain
from .files.raw import RawSheet
from .headers.guess import Guess, draft, guess
from .headers.headers import Plan, by_name, known_words, plan, some_known
from .headers.mapping import SheetMapping, apply, readings, remembered
from .headers.persons import of_person
from .headers.sheet_units import with_sheet_unit
from .headers.twins import combined, judged, with_flags, with_forms, without_persons
from .rows.classes import KIND as CLASSES
from .rows.classes import PARENT, ClassSheet, with_parents
from .rows.classes import unfold as unfold_classes
from .rows.edges import EdgeSheet, StatementSheet
from .rows.flows import KIND as FLOW
from .rows.flows import unfold
from .rows.headings import Headings
from .rows.locations import regions_only
from .rows.records import Gathered
from .rows.sheets import NodeSheet, SheetReader
from .values.amounts import with_unit
from .values.marks import is_mark, without_marks
from .values.places import Places

Progress = Callable[[int, int], None]
"""Told after each piece: the rows and the bytes of text that were read."""


@dataclass(frozen=True)
class Wanted:
    """What the user says of the files: type, source, date, mapping, and answers to guesses.

    ``memory`` is the workspace that remembers mappings, ``spill`` where long tables wait, ``ends``
    the types of the starts and the ends of relations where several may be.
    """

    as_type: str | None = None
    source: str | None = None
    as_of: str | None = None
    mappings: tuple[SheetMapping, ...] = ()
    memory: Path | None = None
    ask: Callable[[Guess, Schema], SheetMapping | None] | None = None
    spill: SpillRoom | None = None
    progress: Progress | None = None
    ends: tuple[str | None, str | None] = (None, None)

    def stated(self, mapping: SheetMapping | None, schema: Schema) -> dict[str, str]:
        """Return the types of ends that the mapping, or else the user, states."""
        of_mapping = (mapping.from_type, mapping.to_type) if mapping else ("", "")
        made = {}
        for role, first, second in zip(("from_type", "to_type"), of_mapping, self.ends, strict=True):
            if text := first or second:
                made[role] = _end_type(schema, text)
        return made


def _end_type(schema: Schema, text: str) -> str:
    found = schema.sheet_type(text)
    if found not in schema.nodes:
        known = "、".join(f"{n.zh}({n.name})" for n in schema.nodes.values())
        raise LoadError("as_unknown", name=text, types=known)
    return str(found)


def gather(paths: Sequence[Path], schema: Schema, *, known: dict[str, str], wanted: Wanted | None = None) -> Gathered:
    """Read files into records, writing nothing.

    Parameters
    ----------
    known
        Names of regions that the graph holds already, by match key.
    """
    wanted = wanted or Wanted()
    named = _named(schema, wanted.as_type)
    gathered = Gathered(spill=wanted.spill)
    todo: list[tuple[RawSheet, Plan]] = []
    documents: list[Path] = []
    words = known_words(schema)
    for path in paths:
        read_dump = reader_of(path) if path.is_dir() and not wanted.mappings else None
        if read_dump is not None:
            read_dump(gathered, wanted.source, wanted.as_of)
            continue
        if is_ours(path) and not wanted.mappings:
            _take(read(path, schema), gathered)
            continue
        for file in _tables_of(path):
            if _is_document(file, named):
                documents.append(file)
            else:
                todo += _plans(file, schema, named, wanted, gathered, words)
    if wanted.mappings and not gathered.fitted:
        raise LoadError("mapping_none", file="--mapping", sheets="、".join(gathered.unread) or "—")
    places = Places({**known, **_own_regions(todo)})
    for raw, how in todo:
        _read_sheet(raw, how, schema, gathered, places, wanted)
    for file in documents:
        read_policy(file, schema, gathered, places, wanted.source, wanted.as_of)
    return gathered


def _take(batch: Batch, gathered: Gathered) -> None:
    """Add records that were read back from a graph that we wrote."""
    first = len(gathered.sheets)
    gathered.sheets += batch.sheets
    for kept, tables in ((gathered.nodes, batch.nodes), (gathered.relations, batch.relations),
                         (gathered.statements, batch.statements)):  # fmt: skip
        for name, records in tables.items():
            table = in_memory(records)
            at = table.column_names.index("_sheet")
            kept[name].append(table.set_column(at, "_sheet", pc.add(table["_sheet"], pa.scalar(first, pa.int32()))))


def _is_document(file: Path, named: str | None) -> bool:
    """A policy is a text: told by its ending, or asked for with ``--as Policy``."""
    suffix = file.suffix.lower()
    return suffix in DOCUMENTS and (named == "Policy" or suffix != ".txt")


def _named(schema: Schema, text: str | None) -> str | None:
    if text is None:
        return None
    found = "EDGE" if text == "EDGE" else schema.sheet_type(text) or schema.relation_named(text)
    if found is None:
        known = "、".join(f"{n.zh}({n.name})" for n in schema.nodes.values())
        raise LoadError("as_unknown", name=text, types=known)
    return found


def _plans(
    file: Path, schema: Schema, named: str | None, wanted: Wanted, gathered: Gathered, words: frozenset[str]
) -> list[tuple[RawSheet, Plan]]:
    """Decide how the sheets of one file are read."""
    made: list[tuple[RawSheet, Plan]] = []
    doubtful: list[RawSheet] = []  # judged again when it is known whether another sheet of the file is read
    for raw in chain(read_sheets(file, _words(file, wanted, words), wanted.progress), doubtful):
        if not raw.read and not any(raw.headers):
            continue
        if not _wanted(raw, wanted, gathered):
            continue
        gathered.told += raw.notes
        used: set[str] = set()
        for sheet, mapping in readings(raw, wanted.mappings, wanted.memory, file.parent):
            as_type = _named(schema, mapping.as_) if mapping else named
            flows = None if mapping else unfold(sheet, schema, as_type or by_name(schema, sheet.file, sheet.sheet))
            if sheet.rest is not None and (flows is not None or _may_be_square(sheet, mapping)):
                told = FLOW if flows is not None else as_type or by_name(schema, sheet.file, sheet.sheet)
                flows = unfold(sheet.whole(), schema, told)  # users and suppliers stand in all pieces
            if flows is not None:
                sheet, as_type = flows.sheet, FLOW
                gathered.unused += [(sheet.file, header) for header in flows.unread]
                gathered.strange += flows.strange
            named_so = as_type or by_name(schema, sheet.file, sheet.sheet)
            classes = unfold_classes(sheet, schema, named_so) if mapping is None and flows is None else None
            if classes is not None:
                sheet, as_type = classes, CLASSES
                gathered.told += classes.notes
            try:
                how = plan(sheet.headers, schema, file=sheet.file, sheet=sheet.sheet, as_type=as_type,
                           stubs=mapping.stubs if mapping else False, mapped=mapping is not None,
                           stated=wanted.stated(mapping, schema))  # fmt: skip
            except LoadError as bad:
                if mapping or bad.code not in _UNSURE:
                    raise
                if wanted.mappings:
                    _leave(raw, gathered)
                    continue
                again = any(raw is one for one in doubtful)
                if not again and _no_list(raw, schema):
                    doubtful.append(replace(raw, notes=()))
                    continue
                if again and made:
                    _pass_over(raw, gathered, "no_list")
                    continue
                mapping = _asked(raw, schema, named, wanted)
                if mapping is None:
                    raise _with_draft(bad, file, schema, named, words) from None
                sheet = apply(raw, mapping, file.parent)
                how = plan(sheet.headers, schema, file=sheet.file, sheet=sheet.sheet, as_type=mapping.as_, mapped=True)
            made.append((with_parents(sheet, how) if how.type == CLASSES else sheet, how))
            used |= mapping.used if mapping and not mapping.header else set(raw.headers)
            gathered.fitted |= mapping is not None
            if mapping and not mapping.header:
                gathered.mapped.setdefault(raw.headers, []).append(mapping)
        left = [h for at, h in enumerate(raw.headers)
                if used and h.strip() and h not in used and (not is_made(h) or _filled(raw, at))]  # fmt: skip
        gathered.unused += [(raw.file, h) for h in left if not of_person(h)]
        gathered.persons.update({(raw.file, h): 0 for h in left if of_person(h)})
    return made


def _may_be_square(raw: RawSheet, mapping: SheetMapping | None) -> bool:
    """Tell whether the first piece of a long file may be the upper part of a table with a column a row."""
    return mapping is None and len(raw.rows) <= len(raw.headers)


def _wanted(raw: RawSheet, wanted: Wanted, gathered: Gathered) -> bool:
    """Tell whether a sheet is to be read; a hidden one, or one list of several, only when a mapping names it."""
    if not raw.hidden and not raw.lists:
        return True
    kept = remembered(wanted.memory, raw.headers) if wanted.memory is not None else ()
    if any(m.fits(raw) and m.sheet == raw.sheet for m in (*wanted.mappings, *kept)):
        return True
    if raw.lists and not any(fnmatch(raw.file, m.file) and m.sheet in raw.lists for m in wanted.mappings):
        raise LoadError("json_lists", file=raw.file, lists="、".join(raw.lists), first=raw.lists[0])
    _pass_over(raw, gathered, "hidden_sheet" if raw.hidden else "not_mapped")
    return False


def _pass_over(raw: RawSheet, gathered: Gathered, why: str) -> None:
    """Tell the rows of a sheet that is not read, and why, in a sentence."""
    rows = [int(row) for piece in raw.pieces() for row in piece.rows]
    gathered.passed += [(raw.file, raw.sheet, row, why, "") for row in rows]
    gathered.told.append(sentence(f"note_{why}", sheet=raw.sheet, file=raw.file, n=len(rows)))


_UNSURE = ("sheet_type", "column_required")
_BESIDE = re.compile(
    "说明|封面|目录|首页|填表|字段|汇总|(?i:read ?me|cover|contents|instructions|notes?|summary|fields)"
)


def _no_list(raw: RawSheet, schema: Schema) -> bool:
    """Tell whether a sheet that cannot be read is one that stands beside lists: 说明, 封面, a page of prose."""
    if schema.sheet_type(raw.sheet):  # the name promises a list
        return False
    if _BESIDE.search(raw.sheet):
        return True
    near = guess(raw, schema, None).columns
    return not some_known(raw.headers, schema) and not any(c.meaning and not c.weak for c in near)


def _asked(raw: RawSheet, schema: Schema, named: str | None, wanted: Wanted) -> SheetMapping | None:
    """Show the nearest guess and ask for it, where somebody is there to answer."""
    return None if wanted.ask is None else wanted.ask(guess(raw, schema, named), schema)


def _with_draft(bad: LoadError, file: Path, schema: Schema, named: str | None, words: frozenset[str]) -> LoadError:
    """Give the error a mapping file that reads all sheets of the file as guessed: ``values["draft"]``."""
    sheets = [raw for raw in read_sheets(file, words) if any(raw.headers) and not raw.hidden]
    guesses = [guess(raw, schema, named) for raw in sheets]
    near = {made.raw.sheet or file.name: made.label for made in guesses}
    told = {"near": near.get(str(bad.values["sheet"]), bad.values.get("near"))}
    heading = message("mapping_heading", "zh")
    return LoadError(bad.code, **(bad.values | told), draft=draft(guesses, heading))


def _words(file: Path, wanted: Wanted, words: frozenset[str]) -> frozenset[str]:
    """Return the headers to look for: those of the schema and of the mapping; none when a file has no header."""
    fitting = [m for m in wanted.mappings if fnmatch(file.name, m.file)]
    if any(m.header for m in fitting):
        return frozenset()
    return words | {plain(h).lower() for m in fitting for h in m.columns}


def _leave(raw: RawSheet, gathered: Gathered) -> None:
    """A sheet that neither the mapping file nor the schema knows is passed over, and told row by row."""
    gathered.unread.append(f"{raw.file} {raw.sheet}".strip())
    gathered.passed += [(raw.file, raw.sheet, int(row), "not_mapped", "") for p in raw.pieces() for row in p.rows]


def _tables_of(path: Path) -> list[Path]:
    if not path.exists():
        raise LoadError("file_missing", file=path)
    if not path.is_dir():
        return [path]
    found = sorted(p for p in path.iterdir() if p.suffix.lower() in TABLES and not p.name.startswith(("~$", ".")))
    if not found:
        raise LoadError("folder_empty", file=path)
    return found


def _own_regions(todo: list[tuple[RawSheet, Plan]]) -> dict[str, str]:
    """Regions that sheets of this load define: places may be named by them."""
    found: dict[str, str] = {}
    for raw, how in todo:
        if how.type != "Region":
            continue
        for one in (how.one("prop", "name"), how.one("prop", "short_name")):
            if one is not None:
                names = [n.strip() for piece in raw.pieces() for n in piece.columns[one.at].to_pylist() if n]
                found |= {name_key(n): n for n in names if n and not is_mark(n)}
    return found


def _read_sheet(
    raw: RawSheet, how: Plan, schema: Schema, gathered: Gathered, places: Places, wanted: Wanted
) -> None:  # fmt: skip
    number = len(gathered.sheets)
    raw, how = with_flags(*with_forms(raw, judged(raw, how, schema), schema), schema)
    how, units = with_sheet_unit(raw, how)
    gathered.told += units
    gathered.sheets.append(Sheet(raw.file, raw.sheet, how.type, 0))
    gathered.persons.update({(raw.file, header): 0 for header in how.persons})
    default = wanted.source or str(read_toml("vocabulary.toml")["default"]["source"])
    reader: type[NodeSheet | EdgeSheet | StatementSheet] = ClassSheet if PARENT in raw.headers else NodeSheet
    if how.shape in ("edge", "relation"):
        reader = EdgeSheet
    elif how.shape == "statement":
        reader = StatementSheet
    assert issubclass(reader, SheetReader)
    filled = np.zeros(len(how.columns), np.int64)
    unnamed = {header: at for at, header in enumerate(raw.headers) if is_made(header)}
    unread = dict.fromkeys(how.unused, True) | {header: False for header in how.unused if header in unnamed}
    rows = 0
    headings = Headings(how, schema, places)
    for given in raw.pieces():
        cleaned, marks = without_marks(regions_only(given, how), how)
        gathered.tell("marks", marks)
        located, meant = headings.read(cleaned)
        piece, twins = combined(without_persons(located, how, schema), meant, with_unit)
        for twin in twins:
            counts = gathered.twins.setdefault((raw.file, twin.header, twin.into), [0, 0])
            counts[:] = counts[0] + twin.filled, counts[1] + twin.differs
        filled += [_filled(piece, column.at) for column in how.columns]
        rows += len(piece.rows)
        unread |= {h: True for h, held in unread.items() if not held and _filled(piece, unnamed[h])}
        gathered.passed += [(raw.file, raw.sheet, row, why, text) for row, why, text in piece.passed]
        read = gathered.sheets[number].read + piece.read
        gathered.sheets[number] = Sheet(raw.file, raw.sheet, how.type, read)
        reader(piece, meant, schema, gathered, places, number, default, wanted.as_of).read()
        gathered.settle()
        if wanted.progress is not None:
            wanted.progress(piece.read, piece.size)
        if piece.size:
            pa.default_memory_pool().release_unused()
    gathered.unused += [(raw.file, header) for header, held in unread.items() if held and header != PARENT]
    gathered.told += headings.told()
    shares = gathered.filled.setdefault(how.type, {})
    for column, cells in zip(how.columns, filled.tolist(), strict=True):
        share = round(cells / rows, 4) if rows else 0.0
        shares[column.header] = max(shares.get(column.header, 0.0), share)


def _filled(raw: RawSheet, at: int) -> int:
    """Number of a column's cells that are not empty."""
    cells = raw.columns[at]
    return len(cells) - int(pc.sum(pc.equal(cells, "")).as_py() or 0)
