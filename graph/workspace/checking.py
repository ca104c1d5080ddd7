"""Checking: every file of a workspace is read and compared with what was written, and what is lost is put back.

The journal is the truth: what is wrong with it is told with its remedy. What is derived (tables, snapshots,
what is kept beside them) is made again by whoever needs it next; the mappings of sheets are asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..schema.errors import ChainAtlasError, StoreError
from ..schema.integrity import Damaged, digest_of, parsed, sum_of, unsealed
from ..schema.words import Said, sentence
from . import decisions
from .generations import is_whole, pointer
from .journal import Workspace
from .loads import files_of, load_folder, numbers_on_disk
from .marker import NAME, Marker, read_marker, write_marker


@dataclass(frozen=True)
class Fault:
    """A file that is not what was written; ``derived``: it is made again without anybody's doing."""

    file: str
    message: Said
    derived: bool = False


@dataclass
class Checked:
    """What was found: faults, the number of files that were compared, and loads that have no digests."""

    faults: list[Fault]
    files: int = 0
    unsigned: int = 0


def check_files(home: Path) -> Checked:
    """Compare all files of a workspace with what was written of them.

    Raises
    ------
    StoreError
        The folder is no workspace, or one of a newer version.
    """
    made = Checked([])
    try:
        read_marker(home)
    except StoreError as bad:
        if bad.code != "workspace_marker":
            raise
        made.faults.append(Fault(NAME, bad.sentence))
    if pointer(home) is None and numbers_on_disk(home):
        made.faults.append(Fault("CURRENT", sentence("fault_derived"), derived=True))
    made.files += 2
    for look in (_loads, _decisions, _derived, _mappings):
        made.faults += look(home, made)
    return made


def _loads(home: Path, made: Checked) -> Iterator[Fault]:
    """Compare every file of every load with its manifest."""
    workspace = Workspace(home)
    try:
        undone = read_marker(home).undone
        workspace.load_numbers()
    except StoreError as bad:
        undone = frozenset()
        if bad.code == "load_gone":
            yield Fault(str(bad.values["place"]), bad.sentence)
    for number in sorted(numbers_on_disk(home) - undone):
        made.files += 1
        try:
            manifest = workspace.manifest(number)
        except StoreError as bad:
            yield Fault(str(bad.values["file"]), bad.sentence)
            continue
        made.unsigned += "digests" not in manifest
        for _, _, file, digest in files_of(manifest):
            made.files += 1
            path = load_folder(home, number) / file
            wrong = _differs(path, digest, digest_of)
            if wrong is not None:
                name = path.relative_to(home).as_posix()
                told = sentence("workspace_broken", folder=home, file=name, reason=wrong, load=number)
                yield Fault(name, told)


def _differs(path: Path, told: str | None, read: Callable[[Path], str]) -> Said | None:
    try:
        found = read(path)
    except FileNotFoundError:
        return sentence("damage_gone")
    except OSError as bad:
        return sentence("damage_unread", reason=bad.strerror or str(bad))
    return sentence("damage_changed") if told is not None and found != told else None


def _decisions(home: Path, made: Checked) -> Iterator[Fault]:
    told = (pointer(home) or {}).get("decisions", {})
    for file in decisions.FILES:
        made.files += (home / file).is_file()
        found = decisions.lost(home, file, told)
        if found is not None:
            yield Fault(file, sentence("decisions_lost", folder=home, file=file, rows=found.rows))


def _derived(home: Path, made: Checked) -> Iterator[Fault]:
    """Compare tables and snapshots of all graphs that are there."""
    for tables in sorted((home / "tables").glob("[!.]*")):
        made.files += sum(1 for _ in tables.rglob("*.parquet"))
        if not is_whole(tables):
            yield Fault(tables.relative_to(home).as_posix(), sentence("fault_derived"), derived=True)
    for manifest in sorted((home / "snapshots").glob("[!.]*/**/*.json")):
        name = manifest.parent.relative_to(home).as_posix()
        try:
            said = unsealed(manifest.read_bytes(), {})
            sums = {"manifest.json": said.get("sums"), "sums.json": said}.get(manifest.name) or {}
        except (Damaged, OSError):
            sums = {"": ""}
        made.files += len(sums)
        if any(_differs(manifest.parent / file, str(told), sum_of) is not None for file, told in sums.items()):
            yield Fault(name, sentence("fault_derived"), derived=True)


def _mappings(home: Path, made: Checked) -> Iterator[Fault]:
    """Look whether the readings of sheets that were remembered can be read."""
    for path in sorted((home / "mappings").glob("*.json")):
        made.files += 1
        try:
            found = parsed(path.read_bytes())
            if not isinstance(found, list):  # as earlier versions wrote them
                unsealed(path.read_bytes(), {"readings": [{str: object}]})
        except (Damaged, OSError) as bad:
            reason = bad.sentence if isinstance(bad, ChainAtlasError) else str(bad.strerror)
            name = path.relative_to(home).as_posix()
            yield Fault(name, sentence("mapping_damaged", file=name, reason=reason))


def restore(home: Path) -> list[Said]:
    """Put back what can be: decisions from the states that were kept, the marker from what CURRENT says."""
    done: list[Said] = []
    state = pointer(home) or {}
    try:
        read_marker(home)
    except StoreError as bad:
        if bad.code != "workspace_marker":
            raise
        write_marker(home, Marker(match=state.get("match", True), undone=frozenset(state.get("undone", ()))))
        done.append(sentence("restored_marker"))
    with Workspace(home).writing():
        for file in decisions.FILES:
            rows = decisions.restore(home, file, state.get("decisions", {}))
            if rows:
                done.append(sentence("restored_decisions", file=file, rows=rows))
    return done


def accept(home: Path) -> list[Said]:
    """Take the decisions as they are for what people want; those that were lost are forgotten."""
    done: list[Said] = []
    workspace = Workspace.open(home)
    with workspace.writing():
        told = (pointer(home) or {}).get("decisions", {})
        for file in decisions.FILES:
            found = decisions.lost(home, file, told)
            if found is not None:
                decisions.accept(home, file)
                done.append(sentence("accepted_decisions", file=file, rows=found.rows))
        if done:
            workspace.record(afresh=True)
    return done
