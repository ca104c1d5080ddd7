"""Integrity: what we write shows when it was changed since, and is looked at before it is used.

JSON of ours ends in a ``seal``, the SHA-256 of the text before it; Parquet has its SHA-256 in the manifest
beside it, compared with the bytes that are decoded, not with a second reading. What bears no seal was written
by an earlier version: of it, and of what is sealed but stands in another's place, the shape is looked at.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from .errors import StoreError

_SEAL = re.compile(rb',\n"seal": "([0-9a-f]{64})"\}\s*\Z')


class Damaged(StoreError):
    """A file of ours is not what was written; said to people by whoever knows what the file is for."""


# JSON ------------------------------------------------------------------------------------------


def sealed(body: Mapping[str, Any], indent: int | None = None) -> str:
    """Return a JSON text that tells whether it was changed.

    Examples
    --------
    >>> unsealed(sealed({"a": 1}).encode(), {"a": int})
    {'a': 1}
    """
    text = json.dumps(body, ensure_ascii=False, indent=indent).removesuffix("}").rstrip()
    return f'{text},\n"seal": "{hashlib.sha256(text.encode()).hexdigest()}"}}\n'


def unsealed(data: bytes, shape: object) -> dict[str, Any]:
    """Return what a JSON text of ours says.

    Raises
    ------
    Damaged
        It is no JSON, was changed since it was sealed, or has another shape.
    """
    data = data.replace(b"\r\n", b"\n")  # as git or an editor on Windows may have left it: it says the same
    found = parsed(data)
    seal = _SEAL.search(data)
    body = data if seal is None else data[: seal.start()]
    if seal is not None and hashlib.sha256(body).hexdigest().encode() != seal[1]:
        raise Damaged("damage_changed")
    if isinstance(found, dict) and found.pop("seal", None) is not None and seal is None:
        raise Damaged("damage_changed")
    assert_shape(found, shape, firsts=seal is not None)
    return dict(found)


def parsed(data: bytes) -> Any:
    """Return what a JSON text says, whatever it is; ``Damaged`` where it is none."""
    try:
        return json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as bad:
        raise Damaged("damage_json") from bad


def assert_shape(value: object, shape: object, where: str = "", firsts: bool = False) -> None:
    """Compare a value with what it should be.

    Parameters
    ----------
    shape
        A type, a tuple of types, a set of the values that may be, a list with the shape of every
        member, a dictionary by key (``key?``: may lack), or one with the only key ``str`` for any key.
    firsts
        Look at the first member of a list only: enough for what is sealed, which may be long.

    Raises
    ------
    Damaged
        It is something else; the message says where.
    """
    if isinstance(shape, dict):
        _assert_keys(value, shape, where, firsts)
    elif isinstance(shape, list):
        _assert_type(value, (list,), where)
        members = value if isinstance(value, list) else []
        for at, member in enumerate(members[:1] if firsts else members):
            assert_shape(member, shape[0], f"{where}[{at}]", firsts)
    elif isinstance(shape, frozenset):
        if not isinstance(value, str) or value not in shape:
            raise Damaged("damage_shape", where=where, wanted="/".join(sorted(shape)))
    else:
        _assert_type(value, shape if isinstance(shape, tuple) else (shape,), where)


def _assert_keys(value: object, shape: dict[Any, object], where: str, firsts: bool) -> None:
    _assert_type(value, (dict,), where)
    assert isinstance(value, dict)
    if str in shape:
        for key, member in value.items():
            assert_shape(member, shape[str], f"{where}.{key}", firsts)
        return
    for key, wanted in shape.items():
        name = key.removesuffix("?")
        if name in value:
            assert_shape(value[name], wanted, f"{where}.{name}", firsts)
        elif name == key:
            raise Damaged("damage_shape", where=f"{where}.{name}", wanted="…")


def _assert_type(value: object, types: Iterable[Any], where: str) -> None:
    for kind in types:
        if (kind is None and value is None) or kind is object:
            return
        if isinstance(kind, type) and isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool):
            return
    names = [t.__name__ if isinstance(t, type) else "null" for t in types]
    raise Damaged("damage_shape", where=where or ".", wanted="/".join(names))


# Files -----------------------------------------------------------------------------------------


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sum_of(path: Path) -> str:
    """Return size and CRC-32 of a file: enough against rot for what is only derived, and three times as fast."""
    data = mapped_bytes(path)
    return f"{len(data)}-{zlib.crc32(data):08x}"


def assert_sum(path: Path, told: str) -> None:
    """Compare a derived file with what ``sum_of`` said of it; ``Damaged`` where it is another."""
    if sum_of(path) != told:
        raise Damaged("damage_changed")


def read_arrow(path: Path, told: str) -> pa.Table:
    """Map an Arrow file after comparing its bytes with what ``sum_of`` said of them; ``Damaged`` if they differ."""
    assert_sum(path, told)
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def mapped_bytes(path: Path) -> pa.Buffer:
    """Return the bytes of a file, mapped; those of an empty one, too."""
    if not path.stat().st_size:
        return pa.py_buffer(b"")
    with pa.memory_map(str(path)) as file:
        return file.read_buffer()


def read_parquet(path: Path, digest: str | None) -> pa.Table:
    """Read a Parquet file of ours from bytes that were compared with their SHA-256 (None: it is not known).

    Raises
    ------
    Damaged
        The file is not there, or is not what was written.
    """
    try:
        with pa.OSFile(str(path)) as file:  # not mapped: a share that goes away is an error then, no signal
            data = file.read_buffer()
        if digest is not None and hashlib.sha256(data).hexdigest() != digest:
            raise Damaged("damage_changed")
        return pq.read_table(pa.BufferReader(data))
    except FileNotFoundError as bad:
        raise Damaged("damage_gone") from bad
    except Damaged:
        raise
    except (OSError, ValueError, pa.ArrowException) as bad:
        raise Damaged("damage_parquet", reason=_line(bad)) from bad


def assert_columns(schema: pa.Schema, wanted: Iterable[str]) -> None:
    """Look whether a table has the columns without which nothing can be done with it; ``Damaged`` if not."""
    lacking = [name for name in wanted if name not in schema.names]
    if lacking:
        raise Damaged("damage_columns", columns="、".join(lacking))


def _line(bad: Exception) -> str:
    lines = str(bad).splitlines()
    return lines[0] if lines else type(bad).__name__
