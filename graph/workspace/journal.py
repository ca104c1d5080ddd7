"""Journal: the workspace on disk. Loads are immutable Parquet folders; the graph is folded from them.

    workspace.json                versions, way of joining, numbers of undone loads
    schema.toml                   the user's extension of the schema, if any
    loads/000001/                 manifest.json, nodes/T.parquet, relations/R.parquet, …
    tables/<hash>/, CURRENT       the folded graph; CURRENT is replaced in one step
    snapshots/<hash>/             arrays for queries, made from the tables
    judgements.csv                decisions on pairs that may be one entity
    kept/judgements-000007.csv    the decisions as they were recorded
    rejects/000001.xlsx           what a load refused, for people

A load becomes part of the journal by one rename of its folder, and leaves it when workspace.json names it
undone. Readers follow CURRENT and see the old graph or the new one, whole; CURRENT names each load with the
digest of its manifest, so that when the loads that are there are others (a crash came between), the next
command folds again, and a load that is gone without having been undone is missed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from ..columns.batch import Batch
from ..columns.sinks import read_graph
from ..columns.spill import sweep
from ..columns.tables import PARTS, Graph
from ..fold.fold import Folded, Loaded, fold
from ..identity.judgements import Judgement, Judgements
from ..identity.judgements import read as read_judgements
from ..identity.judgements import text as judgements_text
from ..identity.terms import TERM_JUDGEMENTS, TermJudgement, WordBook, read_book
from ..identity.terms import judgements_text as term_judgements_text
from ..schema.errors import StoreError
from ..schema.paths import assert_nameable
from ..schema.types import Schema, load_schema
from .atomic import aside, refusals_of, sweep_aside, write_text
from .decisions import JUDGEMENTS, assert_not_lost, record
from .generations import TRIES, Held, current_tables, drop, hold, point, pointer, remove_old_generations, swap_tables
from .loads import Manifests, load_folder, names_of, numbers_on_disk, read_again, read_load, write_load
from .lock import writer_lock
from .marker import Marker, is_workspace, read_marker, write_marker

HASHED = 3  # definition of hash and identity: a graph that an earlier one names is folded again


@dataclass(frozen=True)
class LoadInfo:
    """One load of the journal as its manifest tells it."""

    number: int
    manifest: dict[str, Any]


class Workspace:
    """A folder with the journal and the graph folded from it.

    Parameters
    ----------
    folder
        Where the workspace is or is to be made.

    Raises
    ------
    StoreError
        The folder is no workspace, was written by a newer version, or is damaged.
    """

    def __init__(self, folder: Path) -> None:
        assert_nameable(folder)
        self.folder = folder

    # opening ---------------------------------------------------------------------------------

    @classmethod
    def open(cls, folder: Path) -> Workspace:
        """Open an existing workspace."""
        read_marker(folder)
        return cls(folder)

    @classmethod
    def ensure(cls, folder: Path) -> Workspace:
        """Open a workspace, making it when the folder does not hold one."""
        if is_workspace(folder):
            return cls.open(folder)
        with refusals_of(folder):
            folder.mkdir(parents=True, exist_ok=True)
            write_marker(folder, Marker())
        return cls(folder)

    @property
    def match(self) -> bool:
        """Organisations whose names are written differently are joined (the default), not by codes alone."""
        return read_marker(self.folder).match

    def set_match(self, match: bool | None) -> None:
        """Keep in the workspace how entities are joined (None: as before); the next fold follows it."""
        if match is not None and match != self.match:
            with refusals_of(self.folder):
                write_marker(self.folder, read_marker(self.folder).matching(match))

    @cached_property
    def schema(self) -> Schema:
        """The schema, with this workspace's ``schema.toml`` on top when there is one."""
        extension = self.folder / "schema.toml"
        return load_schema(extension if extension.is_file() else None)

    # the journal -----------------------------------------------------------------------------

    @property
    def _loads(self) -> Path:
        return self.folder / "loads"

    def load_numbers(self) -> list[int]:
        """Return the numbers of all loads, in order.

        Raises
        ------
        StoreError
            A load that CURRENT names is not there, though nobody undid it.
        """
        named, found = self._named(), self._standing()
        gone = sorted(named - found - read_marker(self.folder).undone)  # one may have been undone meanwhile
        if gone:
            place = load_folder(self.folder, gone[0]).relative_to(self.folder).as_posix()
            raise StoreError("load_gone", folder=self.folder, place=place, load=gone[0])
        return sorted(found)

    def _standing(self) -> set[int]:
        return numbers_on_disk(self.folder) - read_marker(self.folder).undone

    def _named(self) -> set[int]:
        """Loads that CURRENT names and nobody undid; an earlier version's CURRENT does not tell for certain."""
        loads = (self._current_state() or {}).get("loads")
        named = {int(n) for n in loads if n.isdecimal()} if isinstance(loads, dict) else set()
        return named - read_marker(self.folder).undone

    def _next_number(self) -> int:
        """Return the number of the next load: no number that ever was a load's."""
        return max([0, *self._standing(), *self._named(), *read_marker(self.folder).undone]) + 1

    @read_again
    def load_infos(self) -> list[LoadInfo]:
        """Return the manifests of all loads, in order."""
        return [LoadInfo(n, self.manifest(n)) for n in self.load_numbers()]

    @read_again
    def active_numbers(self) -> list[int]:
        """Return the loads that the graph is folded from: those that no later load replaces."""
        numbers = self.load_numbers()
        replaced = {int(r) for n in numbers for r in self.manifest(n).get("replaces", ())}
        return [n for n in numbers if n not in replaced]

    @cached_property
    def _manifests(self) -> Manifests:
        return Manifests(self.folder)

    def manifest(self, number: int) -> dict[str, Any]:
        """Return the manifest of one load."""
        return self._manifests[number]

    def read_load(self, number: int, on_disk: bool = False) -> Loaded:
        """Read one load back as the batch it was made from; relations may stay on disk."""
        manifest = self.manifest(number)
        self._assert_extension(number, manifest)
        return read_load(self.folder, number, manifest, self.schema, on_disk)

    def _assert_extension(self, number: int, manifest: dict[str, Any]) -> None:
        """Miss what a load took from schema.toml and the file no longer has: it would leave the graph unsaid."""
        gone = [name for name in manifest.get("extension", ()) if name not in self._names]
        if gone:
            raise StoreError("schema_lost", folder=self.folder, name=gone[0], load=number)

    @cached_property
    def _names(self) -> frozenset[str]:
        return names_of(self.schema)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the one writer's place; a second writer is told who holds it."""
        with refusals_of(self.folder), writer_lock(self.folder):
            self._sweep()
            try:
                yield
            finally:
                self._sweep()  # a graph that was folded and not taken goes, too

    def _sweep(self) -> None:
        """Remove what an interrupted writer left aside, and graphs before this one that nobody reads any more."""
        sweep(self.folder)
        sweep_aside(self.folder)
        self._remove_undone()
        state = self._current_state()
        if state is not None:
            remove_old_generations(self.folder, state["hash"])

    def preview(
        self, batch: Batch, replaces: Sequence[int] = (), memory: int | None = None, match: bool | None = None
    ) -> tuple[int, Folded]:  # fmt: skip
        """Fold the journal with ``batch`` as its next load; the tables lie aside until ``accept``.

        ``match``: how entities are joined (None: as the workspace says); nothing is kept of it (``set_match``).
        To be called while ``writing``, which removes what was not accepted.
        """
        number = self._next_number()
        kept = [n for n in self.active_numbers() if n not in replaces]
        loads = [*(self.read_load(n, memory is not None) for n in kept), Loaded(number, batch)]
        return number, self._fold_aside(loads, number, memory, match)

    def accept(self, number: int, batch: Batch, folded: Folded, facts: dict[str, Any]) -> None:
        """Write a batch into the journal as load ``number`` and swap in the folded graph.

        Parameters
        ----------
        facts
            What the manifest says of the load: time, files with SHA-256, counts, and which
            loads it ``replaces``.
        """
        with refusals_of(self.folder):
            self._loads.mkdir(exist_ok=True)
            with aside(load_folder(self.folder, number)) as folder:
                write_load(folder, number, batch, facts, self.schema)
            self._swap(folded, self.load_numbers())

    def remove(self, number: int) -> None:
        """Take a load out of the journal and fold the rest; also one that is damaged or gone."""
        known = self._standing() | self._named()
        if number not in known:
            raise StoreError("load_unknown", name=number, known="、".join(map(str, sorted(known))) or "—")
        with refusals_of(self.folder):
            write_marker(self.folder, read_marker(self.folder).without([number]))
            self._remove_undone()
            self._refold()

    def _remove_undone(self) -> None:
        """Remove the folders of loads that count no more."""
        for number in numbers_on_disk(self.folder) & read_marker(self.folder).undone:
            drop(load_folder(self.folder, number))

    # the graph -------------------------------------------------------------------------------

    @read_again
    def current(self) -> tuple[str, Path]:
        """Return hash and folder of the folded graph, folding first when the journal is ahead."""
        state = self._current_state()
        if state is None or not self._is_fresh(state):
            state = self._fold_again(state)
        return state["hash"], self.folder / "tables" / state["hash"]

    def _is_fresh(self, state: dict[str, Any]) -> bool:
        """Tell whether CURRENT names all loads and decisions, and its tables are there."""
        fresh = self._says(self.load_numbers())
        told = {name: state.get(name) for name in fresh}
        return told == fresh and (self.folder / "tables" / state["hash"] / "manifest.json").is_file()

    def _says(self, numbers: Iterable[int]) -> dict[str, Any]:
        """Return what CURRENT says of a graph that is folded from these loads and the decisions there are."""
        loads = {str(n): self._manifests.digest(n) for n in numbers}
        return {"loads": loads, "judgements": self.judgements().digest, "hashed": HASHED, "match": self.match}

    def held(self) -> tuple[str, Path, Held | None]:
        """Return ``current`` with a hold on it, so that no writer removes what is being read."""
        for _ in range(TRIES):
            digest, tables = self.current()
            held = hold(tables)
            if held is not None:
                return digest, tables, held
        return digest, tables, None

    def _fold_again(self, old: dict[str, Any] | None) -> dict[str, Any]:
        """Bring the graph up to the journal; while somebody writes, the graph before stays in force.

        Who writes may swap in another while this one waits, and remove the one before: what CURRENT names then serves.
        """
        try:
            with self.writing():
                state = self._current_state()
                if state is None or not self._is_fresh(state):  # else a writer just finished
                    self._refold()
        except StoreError as bad:
            for _ in range(TRIES):
                serving = self._current_state() or old
                if serving is not None and self._still_serves(serving, bad.code):
                    return serving
            raise
        state = self._current_state()
        assert state is not None
        return state

    def _still_serves(self, old: dict[str, Any], why: str) -> bool:
        """Tell whether the graph before may be read as long as another writes, or where one may only read."""
        numbers = self.load_numbers()
        same = old.get("loads") in (numbers, self._says(numbers)["loads"])  # earlier versions name them by number
        return ((why == "workspace_locked" or (why == "workspace_readonly" and same))
                and (self.folder / "tables" / old["hash"] / "manifest.json").is_file())  # fmt: skip

    def _current_state(self) -> dict[str, Any] | None:
        return pointer(self.folder)

    def _refold(self) -> None:
        active = self.active_numbers()
        self._swap(self._fold_aside([self.read_load(n) for n in active]), self.load_numbers())

    def _fold(self, loads: list[Loaded], newest: int | None = None) -> Folded:
        """Fold with the decisions of people."""
        return fold(loads, self.schema, newest, self.judgements().by_type(), self.match)

    def _fold_aside(
        self, loads: list[Loaded], newest: int | None = None, memory: int | None = None, match: bool | None = None
    ) -> Folded:  # fmt: skip
        """Fold into a folder beside the tables."""
        home = self.folder / "tables"
        with refusals_of(self.folder):
            home.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=".aside-", dir=home))
            folder.chmod(0o755)
            joined = self.match if match is None else match
            return fold(loads, self.schema, newest, self.judgements().by_type(), joined, folder, memory)

    # judgements --------------------------------------------------------------------------------

    @property
    def _judgements(self) -> Path:
        return self.folder / JUDGEMENTS

    def judgements(self) -> Judgements:
        """Return the decisions on pairs of entities.

        Raises
        ------
        StoreError
            Decisions that were recorded are not there any more; the message says how to get them back.
        """
        assert_not_lost(self.folder, JUDGEMENTS, self._recorded())
        return read_judgements(self._judgements)

    def _recorded(self) -> dict[str, Any]:
        """Return what CURRENT says of the decisions."""
        return dict((self._current_state() or {}).get("decisions", {}))

    def judge(self, made: Iterable[Judgement]) -> None:
        """Add decisions and fold the graph with them."""
        rows = Judgements((*self.judgements().rows, *made))
        with refusals_of(self.folder):
            write_text(self._judgements, judgements_text(rows))
            self._refold()

    def words(self) -> WordBook:
        """Return the user's own terms and the decisions on terms; see ``judgements``."""
        assert_not_lost(self.folder, TERM_JUDGEMENTS, self._recorded())
        return read_book(self.folder)

    def judge_terms(self, decided: Iterable[TermJudgement]) -> None:
        """Add decisions on terms; the graph stays as it is, what attaches to it is computed again."""
        rows = (*self.words().judgements, *decided)
        with refusals_of(self.folder):
            write_text(self.folder / TERM_JUDGEMENTS, term_judgements_text(rows))
            self.record()

    def record(self, *, afresh: bool = False) -> None:
        """Keep the decisions as they are, and let CURRENT name them (``afresh``: whatever it named before)."""
        state = self._current_state()
        if state is not None:
            told = {} if afresh else self._recorded()
            point(self.folder, {**state, "decisions": record(self.folder, told)})

    def _swap(self, folded: Folded, numbers: list[int]) -> None:
        """Swap in a folded graph; the tables and snapshots before it go, unless they are read."""
        assert folded.folder is not None
        state = {"hash": folded.hash, **self._says(numbers), "undone": sorted(read_marker(self.folder).undone),
                 "decisions": record(self.folder, self._recorded())}  # fmt: skip
        swap_tables(self.folder, folded.folder, state)

    @read_again
    def graph_at(self, number: int) -> Graph:
        """Fold the graph as it was after load ``number`` (0: before any), writing nothing."""
        numbers = [n for n in self.load_numbers() if n <= number]
        if number and number not in numbers:
            known = "、".join(str(n) for n in self.load_numbers()) or "—"
            raise StoreError("load_unknown", name=number, known=known)
        replaced = {int(r) for n in numbers for r in self.manifest(n).get("replaces", ())}
        return self._fold([self.read_load(n) for n in numbers if n not in replaced]).graph

    def counts(self) -> tuple[str, dict[str, dict[str, int]]]:
        """Return the graph's hash and its rows by part and type, as its manifest says: no table is read for them."""
        self.current()
        made = current_tables(self.folder)
        if made is not None:
            return made.hash, made.counts
        digest, graph, held = self.graph_held()  # the manifest is damaged: made again
        if held is not None:
            held.release()
        return digest, {part: {name: len(table) for name, table in getattr(graph, part).items()} for part in PARTS}

    def table(self, part: str, name: str) -> pa.Table:
        """Read one table of the folded graph."""
        return getattr(self.graph(), part)[name]

    def graph(self) -> Graph:
        """Read the folded graph."""
        if not self.load_numbers():
            raise StoreError("workspace_empty", folder=self.folder)
        _, graph, held = self.graph_held()
        if held is not None:
            held.release()
        return graph

    def graph_held(self) -> tuple[str, Graph, Held | None]:
        """Read the folded graph; its hash, and a hold on it, go with it."""
        digest, folder, held = self.held()
        try:
            return digest, read_graph(folder), held
        except (OSError, ValueError, KeyError, pa.ArrowException):
            if held is not None:
                held.release()
        with self.writing():  # the tables are damaged, but only derived: the journal is the truth
            drop(folder)
            self._refold()
        digest, folder, held = self.held()
        return digest, read_graph(folder), held
