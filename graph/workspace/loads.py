"""Loads on disk: a folder each, whose manifest names its files by SHA-256.

    000001/manifest.json          what the load was, its sheets and rejects; sealed
    000001/nodes/T.parquet, relations/R.parquet, statements/S.parquet

CURRENT names the manifests by digest, the manifests name the files: nothing is folded from a byte
that is not what the load wrote. Loads of earlier versions have no digests; of them the shape is looked at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from ..columns.batch import ENDS, PLACE, Batch, Reject, Sheet, Spilled
from ..columns.spill import write_records
from ..fold.fold import Loaded
from ..schema.errors import StoreError
from ..schema.integrity import Damaged, assert_columns, digest_of, read_parquet, sealed, unsealed
from ..schema.types import VERSION, NodeType, RelationType, Schema, Statement, load_schema
from .atomic import write_text
from .marker import read_marker

PARTS = ("nodes", "relations", "statements")
_P = ParamSpec("_P")
_T = TypeVar("_T")
_TRIES = 5  # loads undone in a row while somebody reads the journal
_SHEET = {"file": str, "sheet": str, "type": str, "read": int}
_REJECT = {"sheet": int, "row": int, "column": str, "value": (str, None), "code": str, "values?": {str: object},
           "whole_row?": bool}  # fmt: skip
_SHAPE = {
    "tables": {part: [str] for part in PARTS}, "sheets": [_SHEET], "rejects": [_REJECT], "time?": (str, None),
    "files": [{"name": str, "sha256": str}], "counts": [{str: object}], "source?": (str, None), "replaces?": [int],
    "filled?": {str: {str: (int, float)}}, "digests?": {str: str}, "extension?": [str],
}  # fmt: skip
_ENDS = ("_src", "_src_kind", "_src_type", "_dst", "_dst_kind", "_dst_type")


def load_folder(home: Path, number: int) -> Path:
    """Return where a load stands."""
    return home / "loads" / f"{number:06d}"


def numbers_on_disk(home: Path) -> set[int]:
    """Return the numbers of the folders below ``loads``."""
    place = home / "loads"
    if not place.is_dir():
        return set()
    return {int(p.name) for p in place.iterdir() if len(p.name) >= 6 and p.name.isascii() and p.name.isdigit()}


class Manifests:
    """The manifests of a workspace's loads, read again only where their bytes changed."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._read: dict[str, dict[str, Any]] = {}

    def digest(self, number: int) -> str:
        """Return the SHA-256 of a manifest."""
        return hashlib.sha256(self._bytes(number)).hexdigest()

    def __getitem__(self, number: int) -> dict[str, Any]:
        data = self._bytes(number)
        digest = hashlib.sha256(data).hexdigest()
        if digest not in self._read:
            try:
                self._read[digest] = unsealed(data, _SHAPE)
            except Damaged as bad:
                raise broken(self._home, number, "manifest.json", bad) from bad
        return dict(self._read[digest])

    def _bytes(self, number: int) -> bytes:
        try:
            return (load_folder(self._home, number) / "manifest.json").read_bytes()
        except OSError as bad:
            raise broken(self._home, number, "manifest.json", bad.strerror or bad) from bad


class Overtaken(StoreError):
    """A load was undone while it was read: the journal is to be read again."""


def read_again(read: Callable[_P, _T]) -> Callable[_P, _T]:
    """Read the journal again when a load that stood in it was undone meanwhile."""

    @wraps(read)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        for _ in range(_TRIES):
            with suppress(Overtaken):
                return read(*args, **kwargs)
        return read(*args, **kwargs)

    return run


def broken(home: Path, number: int, file: str, reason: object) -> StoreError:
    """Return what is said of a damaged file of a load."""
    path = load_folder(home, number).relative_to(home) / file
    kind = Overtaken if number in read_marker(home).undone else StoreError
    return kind("workspace_broken", folder=home, file=path.as_posix(), reason=reason, load=number)


def files_of(manifest: dict[str, Any]) -> Iterator[tuple[str, str, str, str | None]]:
    """Yield (part, type, file, SHA-256) of a load's tables; None where it was not written down."""
    digests = manifest.get("digests", {})
    for part in PARTS:
        for name in manifest["tables"][part]:
            file = f"{part}/{name}.parquet"
            yield part, name, file, digests.get(file)


def read_load(home: Path, number: int, manifest: dict[str, Any], schema: Schema, on_disk: bool) -> Loaded:
    """Read one load back as the batch it was made from; relations may stay on disk.

    Raises
    ------
    StoreError
        A file is not what the load wrote; the message names it and the remedy.
    """
    folder = load_folder(home, number)
    parts: dict[str, dict[str, Any]] = {part: {} for part in PARTS}
    for part, name, file, digest in files_of(manifest):
        try:
            if "digests" in manifest and digest is None:
                raise Damaged("damage_gone")
            if on_disk and part == "relations":
                table, columns = _spilled(folder / file, digest)
            else:
                table = read_parquet(folder / file, digest)
                columns = table.schema
            _assert_records(part, name, columns, schema)
        except Damaged as bad:
            raise broken(home, number, file, bad) from bad
        parts[part][name] = table
    sheets = tuple(Sheet(**{key: s[key] for key in _SHEET}) for s in manifest["sheets"])
    known = [key.removesuffix("?") for key in _REJECT]
    rejects = tuple(Reject(**{key: r[key] for key in known if key in r}) for r in manifest["rejects"])
    return Loaded(number, Batch(sheets, rejects=rejects, **parts))


def _spilled(path: Path, digest: str | None) -> tuple[Spilled, pa.Schema]:
    """Return records that stay on disk: their file is compared once, before it is read a part at a time."""
    try:
        if digest is not None and digest_of(path) != digest:
            raise Damaged("damage_changed")
        with pq.ParquetFile(path) as file:
            return Spilled((path,), file.metadata.num_rows), file.schema_arrow
    except FileNotFoundError as bad:
        raise Damaged("damage_gone") from bad
    except Damaged:
        raise
    except (OSError, ValueError, pa.ArrowException) as bad:
        raise Damaged("damage_parquet", reason=str(bad).partition("\n")[0]) from bad


def _assert_records(part: str, name: str, columns: pa.Schema, schema: Schema) -> None:
    """Look whether a table of records is one, and of a type that the schema has."""
    types: dict[str, Collection[str]] = {
        "nodes": schema.nodes,
        "relations": schema.relations,
        "statements": schema.statements,
    }
    if name not in types[part]:
        raise Damaged("damage_type", type=name)
    assert_columns(columns, (*PLACE, *(_ENDS if part == "relations" else ("_key",) if part == "nodes" else ())))
    for field in columns:
        number = field.name in PLACE
        if number and not pa.types.is_integer(field.type):
            raise Damaged("damage_shape", where=field.name, wanted="int")
        if field.name in ENDS and not (pa.types.is_string(field.type) or pa.types.is_dictionary(field.type)):
            raise Damaged("damage_shape", where=field.name, wanted="str")


def names_of(schema: Schema) -> frozenset[str]:
    """Return the types of a schema, and their properties as ``Type.property``."""
    kinds: list[NodeType | RelationType | Statement] = [
        *schema.nodes.values(),
        *schema.relations.values(),
        *schema.statements.values(),
    ]
    return frozenset(name for kind in kinds for name in (kind.name, *(f"{kind.name}.{prop}" for prop in kind.props)))


def write_load(folder: Path, number: int, batch: Batch, facts: dict[str, Any], schema: Schema) -> None:
    """Write a batch as a load, its manifest last."""
    names: dict[str, list[str]] = {}
    digests: dict[str, str] = {}
    used: set[str] = set()
    for part in PARTS:
        tables: dict[str, pa.Table | Spilled] = getattr(batch, part)
        names[part] = [n for n, t in tables.items() if len(t)]
        for name in names[part]:
            (folder / part).mkdir(exist_ok=True)
            path = folder / part / f"{name}.parquet"
            write_records(tables[name], path)
            digests[f"{part}/{name}.parquet"] = digest_of(path)
            used |= {name, *(f"{name}.{column}" for column in pq.read_schema(path).names)}
    extension = sorted((used & names_of(schema)) - names_of(load_schema()))
    manifest = {"load": number, "schema": VERSION, **facts, "tables": names, "digests": digests, "extension": extension,
                "sheets": [asdict(s) for s in batch.sheets],
                "rejects": [asdict(r) for r in batch.rejects]}  # fmt: skip
    write_text(folder / "manifest.json", sealed(manifest, indent=1))
