"""Journal: the workspace on disk. Loads are immutable Parquet folders; the graph is folded from them.

    workspace.json                format and schema version
    schema.toml                   the user's extension of the schema, if any
    loads/000001/                 manifest.json, nodes/T.parquet, relations/R.parquet, …
    tables/<hash>/, CURRENT       the folded graph; CURRENT is replaced in one step
    snapshots/<hash>/             arrays for queries, made from the tables
    judgements.csv                decisions on pairs that may be one entity
    rejects/000001.xlsx           what a load refused, for people

A load becomes part of the journal by one rename of its folder. Readers follow CURRENT and
see the old graph or the new one, whole; when CURRENT does not name the loads that are
there (a crash came between), the next command folds again.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ..columns.batch import Batch, Reject, Sheet, Spilled
from ..columns.sinks import read_graph
from ..columns.spill import sweep, write_records
from ..columns.tables import Graph
from ..fold.fold import Folded, Loaded, fold
from ..identity.judgements import Judgement, Judgements
from ..identity.judgements import read as read_judgements
from ..identity.judgements import text as judgements_text
from ..identity.terms import TERM_JUDGEMENTS, TermJudgement, WordBook, read_book
from ..identity.terms import judgements_text as term_judgements_text
from ..schema.errors import StoreError
from ..schema.paths import assert_nameable
from ..schema.types import VERSION, Schema, load_schema
from .atomic import aside, refusals_of, sweep_aside, write_text
from .generations import TRIES, Held, hold, pointer, remove_old_generations, swap_tables
from .lock import writer_lock

FORMAT = 1
HASHED = 3  # definition of hash and identity: a graph that an earlier one names is folded again
_PARTS = ("nodes", "relations", "statements")


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
        made = cls(folder)
        if not made._marker.is_file():
            raise StoreError("workspace_missing", folder=folder)
        found = made._read_marker()
        if found["format"] > FORMAT or found["schema"] > VERSION:
            version = max(found["format"], found["schema"])
            raise StoreError("workspace_newer", folder=folder, found=version, known=FORMAT)
        return made

    @classmethod
    def ensure(cls, folder: Path) -> Workspace:
        """Open a workspace, making it when the folder does not hold one."""
        made = cls(folder)
        if made._marker.is_file():
            return cls.open(folder)
        with refusals_of(folder):
            folder.mkdir(parents=True, exist_ok=True)
            write_text(made._marker, json.dumps({"format": FORMAT, "schema": VERSION}) + "\n")
        return made

    @property
    def _marker(self) -> Path:
        return self.folder / "workspace.json"

    def _read_marker(self) -> dict[str, int]:
        try:
            found = json.loads(self._marker.read_text(encoding="utf-8"))
            return {"format": int(found["format"]), "schema": int(found["schema"])}
        except (OSError, ValueError, KeyError, TypeError) as bad:
            raise StoreError("workspace_broken", folder=self.folder, file="workspace.json",
                             reason=bad, load="…") from bad  # fmt: skip

    @property
    def match(self) -> bool:
        """Organisations whose names are written differently are joined (the default), not by codes alone."""
        told = json.loads(self._marker.read_text(encoding="utf-8"))
        return bool(told.get("match", "names") != "codes")

    def set_match(self, match: bool | None) -> None:
        """Keep in the workspace how entities are joined (None: as before); the next fold follows it."""
        if match is not None and match != self.match:
            told = json.loads(self._marker.read_text(encoding="utf-8"))
            with refusals_of(self.folder):
                write_text(self._marker, json.dumps({**told, "match": "names" if match else "codes"}) + "\n")

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
        """Return the numbers of all loads, in order."""
        if not self._loads.is_dir():
            return []
        return sorted(int(p.name) for p in self._loads.iterdir() if p.name.isdigit())

    def load_infos(self) -> list[LoadInfo]:
        """Return the manifests of all loads, in order."""
        return [LoadInfo(n, self.manifest(n)) for n in self.load_numbers()]

    def active_numbers(self) -> list[int]:
        """Return the loads that the graph is folded from: those that no later load replaces."""
        numbers = self.load_numbers()
        replaced = {int(r) for n in numbers for r in self.manifest(n).get("replaces", ())}
        return [n for n in numbers if n not in replaced]

    def manifest(self, number: int) -> dict[str, Any]:
        """Return the manifest of one load."""
        path = self._loads / f"{number:06d}" / "manifest.json"
        try:
            return dict(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as bad:
            raise StoreError("workspace_broken", folder=self.folder, file=path.name, reason=bad,
                             load=number) from bad  # fmt: skip

    def read_load(self, number: int, on_disk: bool = False) -> Loaded:
        """Read one load back as the batch it was made from; relations may stay on disk."""
        folder = self._loads / f"{number:06d}"
        manifest = self.manifest(number)
        parts: dict[str, dict[str, Any]] = {part: {} for part in _PARTS}
        for part, names in manifest["tables"].items():
            for name in names:
                path = folder / part / f"{name}.parquet"
                try:
                    if on_disk and part == "relations":
                        parts[part][name] = Spilled((path,), pq.read_metadata(path).num_rows)
                    else:
                        parts[part][name] = pq.read_table(path)
                except (OSError, pa.ArrowException) as bad:
                    raise StoreError("workspace_broken", folder=self.folder, reason=bad,
                                     file=path.relative_to(self.folder), load=number) from bad  # fmt: skip
        sheets = tuple(Sheet(**s) for s in manifest["sheets"])
        rejects = tuple(Reject(**r) for r in manifest["rejects"])
        return Loaded(number, Batch(sheets, rejects=rejects, **parts))

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
        state = self._current_state()
        if state is not None and "hash" in state:
            remove_old_generations(self.folder, str(state["hash"]))

    def preview(
        self, batch: Batch, replaces: Sequence[int] = (), memory: int | None = None, match: bool | None = None
    ) -> tuple[int, Folded]:  # fmt: skip
        """Fold the journal with ``batch`` as its next load; the tables lie aside until ``accept``.

        ``match``: how entities are joined (None: as the workspace says); nothing is kept of it (``set_match``).
        To be called while ``writing``, which removes what was not accepted.
        """
        numbers = self.load_numbers()
        number = (numbers[-1] if numbers else 0) + 1
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
            with aside(self._loads / f"{number:06d}") as folder:
                _write_batch(folder, number, batch, facts)
            self._swap(folded, self.load_numbers())

    def remove(self, number: int) -> None:
        """Take a load out of the journal and fold the rest."""
        if number not in self.load_numbers():
            known = "、".join(str(n) for n in self.load_numbers()) or "—"
            raise StoreError("load_unknown", name=number, known=known)
        with refusals_of(self.folder):
            gone = self._loads / f".aside-undo-{number:06d}"
            os.replace(self._loads / f"{number:06d}", gone)
            shutil.rmtree(gone)
            self._refold()

    # the graph -------------------------------------------------------------------------------

    def current(self) -> tuple[str, Path]:
        """Return hash and folder of the folded graph, folding first when the journal is ahead."""
        state = self._current_state()
        if state is None or not self._is_fresh(state):
            state = self._fold_again(state)
        return state["hash"], self.folder / "tables" / state["hash"]

    def _is_fresh(self, state: dict[str, Any]) -> bool:
        """Tell whether CURRENT names all loads and decisions, and its tables are there."""
        fresh = {"loads": self.load_numbers(), "judgements": self.judgements().digest, "hashed": HASHED,
                 "match": self.match}  # fmt: skip
        told = {name: state.get(name) for name in fresh}
        return told == fresh and (self.folder / "tables" / state["hash"] / "manifest.json").is_file()

    def held(self) -> tuple[str, Path, Held | None]:
        """Return ``current`` with a hold on it, so that no writer removes what is being read."""
        for _ in range(TRIES):
            digest, tables = self.current()
            held = hold(tables)
            if held is not None:
                return digest, tables, held
        return digest, tables, None

    def _fold_again(self, old: dict[str, Any] | None) -> dict[str, Any]:
        """Bring the graph up to the journal; while somebody writes, the graph before stays in force."""
        try:
            with self.writing():
                state = self._current_state()
                if state is None or not self._is_fresh(state):  # else a writer just finished
                    self._refold()
        except StoreError as bad:
            usable = old is not None and (self.folder / "tables" / old["hash"] / "manifest.json").is_file()
            if bad.code != "workspace_locked" or not usable:
                raise
            assert old is not None
            return old
        state = self._current_state()
        assert state is not None
        return state

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
        return self.folder / "judgements.csv"

    def judgements(self) -> Judgements:
        """Return the decisions on pairs of entities."""
        return read_judgements(self._judgements)

    def judge(self, made: Iterable[Judgement]) -> None:
        """Add decisions and fold the graph with them."""
        rows = Judgements((*self.judgements().rows, *made))
        with refusals_of(self.folder):
            write_text(self._judgements, judgements_text(rows))
            self._refold()

    def words(self) -> WordBook:
        """Return the user's own terms and the decisions on terms."""
        return read_book(self.folder)

    def judge_terms(self, decided: Iterable[TermJudgement]) -> None:
        """Add decisions on terms; the graph stays as it is, what attaches to it is computed again."""
        rows = (*self.words().judgements, *decided)
        with refusals_of(self.folder):
            write_text(self.folder / TERM_JUDGEMENTS, term_judgements_text(rows))

    def _swap(self, folded: Folded, numbers: list[int]) -> None:
        """Swap in a folded graph; the tables and snapshots before it go, unless they are read."""
        assert folded.folder is not None
        state = {"hash": folded.hash, "loads": numbers, "judgements": self.judgements().digest, "hashed": HASHED,
                 "match": self.match}  # fmt: skip
        swap_tables(self.folder, folded.folder, state)

    def graph_at(self, number: int) -> Graph:
        """Fold the graph as it was after load ``number`` (0: before any), writing nothing."""
        numbers = [n for n in self.load_numbers() if n <= number]
        if number and number not in numbers:
            known = "、".join(str(n) for n in self.load_numbers()) or "—"
            raise StoreError("load_unknown", name=number, known=known)
        replaced = {int(r) for n in numbers for r in self.manifest(n).get("replaces", ())}
        return self._fold([self.read_load(n) for n in numbers if n not in replaced]).graph

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
            shutil.rmtree(folder, ignore_errors=True)
            self._refold()
        digest, folder, held = self.held()
        return digest, read_graph(folder), held


def _write_batch(folder: Path, number: int, batch: Batch, facts: dict[str, Any]) -> None:
    names: dict[str, list[str]] = {}
    for part in _PARTS:
        tables: dict[str, pa.Table | Spilled] = getattr(batch, part)
        names[part] = [n for n, t in tables.items() if len(t)]
        for name in names[part]:
            (folder / part).mkdir(exist_ok=True)
            write_records(tables[name], folder / part / f"{name}.parquet")
    manifest = {"load": number, "schema": VERSION, **facts, "tables": names,
                "sheets": [asdict(s) for s in batch.sheets],
                "rejects": [asdict(r) for r in batch.rejects]}  # fmt: skip
    write_text(folder / "manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
