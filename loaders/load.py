"""Load: paths become one batch, checked row by row, and then a load of the journal.

Every row is accounted for: read = new + unchanged + merged + rejected, per file, before
anything is accepted. When more is refused than allowed, nothing is loaded.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..graph.columns.batch import Batch, Reject
from ..graph.columns.spill import SpillRoom
from ..graph.columns.text import name_key
from ..graph.exchange.formats import READ
from ..graph.fold.fold import Folded, NameJoin
from ..graph.fold.outcome import MERGED, NEW, UNCHANGED
from ..graph.schema.errors import LoadError
from ..graph.schema.paths import file_name
from ..graph.schema.types import Schema
from ..graph.schema.words import Said, Sentence, sentence
from ..graph.workspace.journal import Workspace
from .files import child
from .files.files import IN_CHILD
from .gather import Progress, Wanted, gather
from .headers.guess import Guess
from .headers.headers import EDGE, label
from .headers.mapping import SheetMapping, read_mapping, remember
from .rows.records import Gathered

LEAST_MEMORY = 100_000_000  # below what the program itself takes a limit says nothing


@dataclass(frozen=True)
class SheetReport:
    """What became of one sheet: rows by outcome, and single cells that were refused."""

    file: str
    sheet: str
    type: str
    read: int
    new: int
    unchanged: int
    merged: int
    rejected: int
    cells: int


@dataclass(frozen=True)
class LoadReport:
    """What a load did. ``load`` is None when everything was known already or on a dry run.

    ``unused`` columns (file, header) and ``passed`` rows (file, sheet, row, why, text: titles,
    totals, notes, headings, the template's example; hidden rows are loaded and told) are not rejects.
    ``told`` are sentences on how the files were read: what was unwrapped, given, left alone.
    ``read_as`` counts cells that were read as something else than they say, by what they say:
    ``marks`` (无, - : empty), ``zeros`` (given back to a stock code), ``verbs`` (研发、生产: no product).
    ``persons`` are columns (file, header, 0) and single values of a column (file, header, how many)
    that name persons: they are never loaded. ``twins`` are further columns of one meaning (file,
    header, the column they went into, cells used, rows in which they say something else).
    ``joined`` are the pairs of differently written names that were taken for one entity, with
    their rule; what equal codes and equal names join is not among them.
    """

    load: int | None
    hash: str
    sheets: tuple[SheetReport, ...]
    rejects: tuple[Reject, ...]
    unused: tuple[tuple[str, str], ...]
    passed: tuple[tuple[str, str, int, str, str], ...]
    rejects_file: Path | None
    vanished: dict[str, int]
    told: tuple[Said, ...] = ()
    read_as: dict[str, dict[str, int]] = field(default_factory=dict)
    persons: tuple[tuple[str, str, int], ...] = ()
    twins: tuple[tuple[str, str, str, int, int], ...] = ()
    joined: tuple[NameJoin, ...] = ()


@dataclass(frozen=True)
class Partial:
    """A load of which only some rows are good: what people are asked about."""

    good: int
    rejected: int
    first: Sentence
    rejects: Path | None


def load(
    workspace: Path | Workspace, paths: Sequence[Path], *, as_type: str | None = None,
    source: str | None = None, as_of: str | None = None, dry_run: bool = False,
    max_rejects: float | None = None, time: str = "", replace: bool = False, force: bool = False,
    mapping: Path | None = None, ask: Callable[[Guess, Schema], SheetMapping | None] | None = None,
    memory: str | int | None = None, progress: Progress | None = None, match: bool | None = None,
    confirm: Callable[[Partial], bool] | None = None,
    from_type: str | None = None, to_type: str | None = None,
) -> LoadReport:  # fmt: skip
    """Load files into a workspace.

    Parameters
    ----------
    workspace
        Folder (made when it does not exist) or an open workspace.
    paths
        Files or folders; a folder is all its tables, or a ChainKnowledgeGraph dump.
    as_type
        Type of the sheets when their names and headers do not tell.
    from_type, to_type
        Types of the starts and the ends of relations, where several may be and nothing else tells.
    source, as_of
        Who says so and as of when, for rows that do not say it themselves.
    max_rejects
        Largest share of refused rows (0–1); above it nothing is loaded. None: 5 %, or five rows when
        most rows are good.
    confirm
        Asked whether to take the good rows when too many are refused and no ``max_rejects`` is given.
    replace
        This load takes the place of the earlier loads of ``source``; undone, they are back.
    mapping
        File that says how other people's sheets are to be read; remembered for their headers.
    ask
        Asked for each sheet that cannot be told, with the nearest guess; its answer is the
        reading, remembered like a mapping file, or None to refuse.
    force
        Load although much less comes than last time from this source.
    match
        Join differently written names, or (False) do not; kept in the workspace. None: as it says.
    progress
        Called with the rows and bytes read since the last call.
    memory
        What the load may take (``1GB``, ``512MB`` or bytes): records are folded in parts on
        disk. The graph and its hash do not depend on it.

    Raises
    ------
    LoadError
        A file cannot be read, a sheet cannot be told (``values["draft"]`` is then a mapping
        file to edit), or too many rows are refused.
    StoreError
        The workspace cannot be written, or another process is writing it.
    """
    if replace and not source:
        raise LoadError("replace_source")
    existing = workspace if isinstance(workspace, Workspace) else None
    folder = workspace.folder if isinstance(workspace, Workspace) else workspace
    if existing is None and (folder / "workspace.json").is_file():
        existing = Workspace.open(folder)
    schema = existing.schema if existing else _fresh_schema(folder)
    _start_reader(paths, mapping)
    mappings = read_mapping(mapping) if mapping is not None else ()
    with SpillRoom(folder) as spill:
        wanted = Wanted(as_type, source, as_of, mappings, folder if existing else None, ask, spill, progress,
                        (from_type, to_type))  # fmt: skip
        gathered = gather(paths, schema, known=_known_regions(existing), wanted=wanted)
        batch = gathered.batch()
        home = existing or Workspace.ensure(folder)
        terms = _Terms(source, dry_run, max_rejects, time, replace, force, memory_bytes(memory), match,
                       confirm)  # fmt: skip
        return _accepted(home, paths, gathered, batch, terms)


def _start_reader(paths: Sequence[Path], mapping: Path | None) -> None:
    """Start the child process at once where a file will need it, so that nobody waits for it later."""
    found: set[str] = set()
    with suppress(OSError, ValueError):  # a path that cannot be looked at is told when it is read
        found = {p.suffix.lower() for path in paths for p in (path.iterdir() if path.is_dir() else (path,))}
    if mapping is not None or found & {*IN_CHILD, *READ, ".pdf", ".docx"}:
        child.start()


@dataclass(frozen=True)
class _Terms:
    """On what terms a batch is taken: see ``load``."""

    source: str | None
    dry_run: bool
    max_rejects: float | None
    time: str
    replace: bool
    force: bool
    memory: int | None
    match: bool | None
    confirm: Callable[[Partial], bool] | None


def _accepted(
    home: Workspace, paths: Sequence[Path], gathered: Gathered, batch: Batch, terms: _Terms
) -> LoadReport:  # fmt: skip
    """Check a batch against the journal and take it in, or refuse it."""
    with home.writing():
        earlier = _earlier(home, terms.source)
        replaces = [n for n, _ in earlier] if terms.replace else []
        if not terms.force:
            _assert_like_last(earlier, batch, gathered, terms.replace)
        number, folded = home.preview(batch, replaces, terms.memory, terms.match)
        rejects = [*batch.rejects, *_pending_rejects(folded, number, home.schema, gathered)]
        reports = _account(batch, folded, rejects)
        _assert_conserved(reports)
        path = _write_rejects(home, number, rejects, batch)
        _assert_limit(reports, rejects, terms, path)
        vanished: dict[str, int] = {}
        news = bool(replaces) or any(r.new or r.merged for r in reports) or _waiting(folded, number)
        taken = news and not terms.dry_run
        home.set_match(None if terms.dry_run else terms.match)
        if taken:
            before = _keys(home) if replaces else None
            told = {"source": terms.source, "replaces": replaces, "filled": gathered.filled}
            home.accept(number, batch, folded, {**_facts(paths, terms.time, reports), **told})
            vanished = _vanished(before, home)
            for headers, found in gathered.mapped.items():
                remember(home.folder, headers, found)
        hash_now = folded.hash if news or not home.load_numbers() else home.current()[0]
    return LoadReport(number if taken else None, hash_now, tuple(reports), tuple(rejects), tuple(gathered.unused),
                      tuple(gathered.passed), path, vanished, tuple(gathered.told),
                      {what: dict(cells) for what, cells in gathered.read_as.items()}, *_told(gathered),
                      folded.joined)  # fmt: skip


def _told(gathered: Gathered) -> tuple[tuple[tuple[str, str, int], ...], tuple[tuple[str, str, str, int, int], ...]]:
    """What of the sheets is told beside rejects: persons that stay out, columns that went into others."""
    persons = tuple((file, header, n) for (file, header), n in gathered.persons.items())
    return persons, tuple((*key, filled, differs) for key, (filled, differs) in gathered.twins.items())


def memory_bytes(text: str | int | None) -> int | None:
    """Return the bytes that 1GB, 512MB or a number mean.

    Examples
    --------
    >>> memory_bytes("1GB"), memory_bytes("512MB"), memory_bytes(None)
    (1000000000, 512000000, None)
    """
    if text is None or isinstance(text, int):
        return text
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kMGT]?)i?B?\s*", text, re.IGNORECASE)
    size = 0 if found is None else int(float(found[1]) * 1000 ** " KMGT".index(found[2].upper() or " "))
    if size < LEAST_MEMORY:
        raise LoadError("memory_option", value=text, least=f"{LEAST_MEMORY // 10**6}MB")
    return size


def _fresh_schema(folder: Path) -> Schema:
    return Workspace(folder).schema


def _known_regions(existing: Workspace | None) -> dict[str, str]:
    if existing is None or not existing.load_numbers():
        return {}
    names = existing.table("nodes", "Region")["name"].to_pylist()
    return {name_key(n): n for n in names}


# against last time -----------------------------------------------------------------------------


def _earlier(home: Workspace, source: str | None) -> list[tuple[int, dict[str, Any]]]:
    """Loads in force that named the same source; without a named source there is nothing to compare."""
    manifests = [(number, home.manifest(number)) for number in home.active_numbers()]
    return [(n, m) for n, m in manifests if source and m.get("source") == source]


def _assert_like_last(
    earlier: list[tuple[int, dict[str, Any]]], batch: Batch, gathered: Gathered, replaces: bool
) -> None:  # fmt: skip
    """Stop a load with less than half the rows of last time, or with a column that fell empty.

    Like is compared with like: a type of this load with the last load that had it in a file or sheet of the
    same name; another file of the source is no shrinkage. One that replaces is compared with all that it
    would take away, and a column that is not there at all is a fault of it alone.
    """
    now = _held((sheet.type, sheet.file, sheet.sheet, sheet.read) for sheet in batch.sheets)
    if replaces and earlier:
        number, manifest = earlier[-1]
        for kind, before in _of(manifest).items():
            rows = sum(now.get(kind, {}).values()), sum(before.values())
            _assert_no_less(kind, *rows, number, manifest, gathered, replaces)
        return
    for kind, units in now.items():
        for number, manifest in reversed(earlier):
            rows = _alike(units, _of(manifest).get(kind, {}))
            if rows[1]:
                _assert_no_less(kind, *rows, number, manifest, gathered, replaces)
                break


_Units = dict[tuple[str, str], int]
"""Rows by file and sheet."""
# What a program calls a sheet that nobody has named.
_UNNAMED = re.compile(r"(?:sheet|工作表|表)?\s*\d*", re.IGNORECASE)


def _held(counts: Iterable[tuple[str, str, str, int]]) -> dict[str, _Units]:
    """Return how many rows of each type stood in which file and sheet."""
    found: dict[str, _Units] = {}
    for kind, file, sheet, rows in counts:
        units = found.setdefault(kind, {})
        units[file, sheet] = units.get((file, sheet), 0) + rows
    return found


def _of(manifest: dict[str, Any]) -> dict[str, _Units]:
    return _held((c["type"], c["file"], c["sheet"], c["read"]) for c in manifest["counts"])


def _alike(now: _Units, before: _Units) -> tuple[int, int]:
    """Return the rows, now and before, of files and of named sheets that are there both times."""

    def same(unit: tuple[str, str], others: _Units) -> bool:
        named = not _UNNAMED.fullmatch(unit[1])
        return unit in others or (named and any(sheet == unit[1] for _, sheet in others))

    return (sum(rows for unit, rows in now.items() if same(unit, before)),
            sum(rows for unit, rows in before.items() if same(unit, now)))  # fmt: skip


def _assert_no_less(
    kind: str, now: int, before: int, load: int, manifest: dict[str, Any], gathered: Gathered, replaces: bool
) -> None:  # fmt: skip
    if now < before / 2:
        raise LoadError("fewer_rows", type=kind, now=now, last=before, load=load)
    filled = gathered.filled.get(kind, {})
    for header, share in manifest.get("filled", {}).get(kind, {}).items():
        if share > 0 and (replaces or header in filled) and not filled.get(header):
            raise LoadError("column_emptied", type=kind, column=header, share=f"{share:.0%}", load=load)


def _keys(home: Workspace) -> dict[str, pa.Array]:
    """Return what the graph holds, by type: keys of entities, and of both ends of relations."""
    graph = home.graph()
    found = {name: table["key"].combine_chunks() for name, table in graph.nodes.items() if len(table)}
    every = pa.concat_arrays([pa.array([f"{n}:{k}" for k in a.to_pylist()], pa.string()) for n, a in found.items()])
    for name, table in graph.relations.items():
        if len(table):
            ends = [every.take(table[end].combine_chunks()) for end in ("src", "dst")]
            found[name] = pc.binary_join_element_wise(*ends, "→")
    return found


def _vanished(before: dict[str, pa.Array] | None, home: Workspace) -> dict[str, int]:
    """Number of entities and relations a type that a replacing load made disappear."""
    if before is None:
        return {}
    after = _keys(home)
    none = pa.array([], pa.string())
    gone = {k: len(a) - pc.sum(pc.is_in(a, value_set=after.get(k, none))).as_py() for k, a in before.items()}
    return {k: int(n) for k, n in gone.items() if n}


# accounting ------------------------------------------------------------------------------------


def _waiting(folded: Folded, number: int) -> bool:
    """Tell whether a load brings rows that take effect as soon as their ends are loaded."""
    return any(p.load == number and not p.known and p.code != "reject_self" for p in folded.pending)


def _pending_rejects(folded: Folded, number: int, schema: Schema, gathered: Gathered) -> list[Reject]:
    """Rows whose ends are not in the graph, as rejects of this load."""
    made = []
    for p in folded.pending:
        if p.load != number:
            continue
        kinds = "/".join(schema.nodes[t].zh for t in p.type.split("|"))
        code, told = p.code, {"value": p.value, "type": kinds}
        if code == "reject_end" and "|" in p.type and p.sheet in gathered.making_ends:
            side = "from_type" if p.type == "|".join(schema.relations[p.relation].sources) else "to_type"
            code = "reject_end_open"
            told |= {"key": side, "column": EDGE[side][0], "option": f"--{side.replace('_', '-')}"}
        made.append(Reject(p.sheet, p.row, schema.relations[p.relation].zh, p.value, code, told))
    return made


def _account(batch: Batch, folded: Folded, rejects: list[Reject]) -> list[SheetReport]:
    """Tell the outcome of every row: a row is rejected, new, merged or unchanged."""
    cells = Counter(r.sheet for r in rejects if not r.whole_row)
    whole: dict[int, set[int]] = {}
    for r in rejects:
        if r.whole_row:
            whole.setdefault(r.sheet, set()).add(r.row)
    made = []
    for number, sheet in enumerate(batch.sheets):
        rows, told = folded.outcome.rows(number)
        refused = np.array(sorted(whole.get(number, ())), np.int64)
        also = int(np.isin(refused, rows).sum())
        count = np.bincount(told, minlength=3).tolist()
        made.append(SheetReport(sheet.file, sheet.sheet, sheet.type, sheet.read, count[NEW], count[UNCHANGED],
                                count[MERGED], len(refused) - also, cells[number] + also))  # fmt: skip
    return made


def _assert_conserved(reports: list[SheetReport]) -> None:
    for r in reports:
        told = r.new + r.unchanged + r.merged + r.rejected
        if told != r.read:
            raise LoadError("rows_lost", file=f"{r.file} {r.sheet}".strip(), read=r.read, told=told)


LIMIT, FEW = 0.05, 5
"""Share of refused rows, and number of them beside more good ones, up to which a load is taken unasked."""


def _assert_limit(reports: list[SheetReport], rejects: list[Reject], terms: _Terms, path: Path | None) -> None:
    read = sum(r.read for r in reports)
    rejected = sum(r.rejected for r in reports)
    good, limit = read - rejected, terms.max_rejects
    if not rejected or rejected <= (LIMIT if limit is None else limit) * read:
        return
    if limit is None and rejected <= FEW and rejected < good:
        return
    one = next(r for r in rejects if r.whole_row)
    first = sentence(one.code, **one.values)
    if limit is None and good and terms.confirm is not None and terms.confirm(Partial(good, rejected, first, path)):
        return
    raise LoadError("too_many_rejects", rejected=rejected, read=read, good=good,
                    limit=f"{LIMIT if limit is None else limit:.0%}", share=f"{rejected / read:.1%}",
                    rejects=path, first=first)  # fmt: skip


def _write_rejects(home: Workspace, number: int, rejects: list[Reject], batch: Batch) -> Path | None:
    if not rejects:
        return None
    from .rejects import write

    path = home.folder / "rejects" / f"{number:06d}.xlsx"
    write(path, rejects, batch)
    return path


def _facts(paths: Sequence[Path], time: str, reports: list[SheetReport]) -> dict[str, Any]:
    files = []
    for path in paths:
        for file in sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]:
            with file.open("rb") as opened:
                files.append({"name": file_name(file), "sha256": hashlib.file_digest(opened, "sha256").hexdigest()})
    return {"time": time, "files": files, "counts": [vars(replace(r)) for r in reports]}


__all__ = ["LoadReport", "NameJoin", "Partial", "SheetReport", "gather", "label", "load"]
