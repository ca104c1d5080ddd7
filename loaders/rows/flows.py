"""Flows: a wide input–output table becomes one row a flow, and each flow is told its use.

The sheets that people keep have a row and a column a sector, columns of final use behind
them and rows of value added below. Which word means what stands in ``vocabulary.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ...graph.columns.arrays import Bools, Ints
from ...graph.columns.flows import USES
from ...graph.columns.text import name_key
from ...graph.schema.types import Property, Schema
from ...graph.schema.words import read_toml, word
from ..files.raw import RawSheet
from ..values.marks import empty

KIND = "Flow"
_LABELS = 3  # a table's names stand in one of its first columns: a code or an economy may stand before
_FEWEST = 2
_UNIT = re.compile(r"单位\s*[:：]\s*([^\s,，;；)）]+)|unit\s*:\s*([^,;)]+)", re.IGNORECASE)


def unfold(raw: RawSheet, schema: Schema, named: str | None) -> tuple[RawSheet, tuple[str, ...]] | None:
    """Return an input–output sheet with one row a flow, and headers not read; None for other sheets.

    Parameters
    ----------
    named
        The type that the sheet's name, its file's name or ``--as`` stands for, if any.
    """
    if named not in (None, KIND) or not raw.headers:
        return None
    props = schema.statements[KIND].props
    supplier, user, value = (_column(raw, props[name]) for name in ("supplier", "user", "value"))
    if supplier is not None and user is not None and value is not None:
        return (_told(raw, props, supplier, user), ()) if named == KIND or _at_home(raw, props) else None
    found = _square(raw)
    if found is None:
        return None
    label, sectors = found
    if named is None and len(sectors) < max(3, (len(raw.headers) - 1) // 2):
        return None
    return _melt(raw, props, label, sectors)


def classify(words: Sequence[str]) -> list[str | None]:
    """Return the use that each word stands for, None for sums and words without a meaning.

    Examples
    --------
    >>> classify(["农村居民消费", "资本形成合计", "存货变动", "出口", "进口", "总产出"])
    ['final', None, 'inventories', 'exports', 'imports', 'output']
    """
    book = {use: re.compile(pattern, re.IGNORECASE) for use, pattern in read_toml("vocabulary.toml")["flow"].items()}
    skip = book.pop("skip")
    made: list[str | None] = []
    for text in words:
        plain = re.sub(r"\s+", " ", text).strip()
        hit = next((use for use, pattern in book.items() if pattern.search(plain)), None)
        made.append(None if skip.search(plain) and hit != "output" else hit)
    if not {"final", "exports", "inventories"} & set(made):
        # A table with one column of final use: there it is no sum of others.
        final = re.compile(r"^(最终使用|最终需求|final)", re.IGNORECASE)
        at = next((i for i, text in enumerate(words) if final.search(text.strip())), None)
        if at is not None:
            made[at] = "final"
    return made


def _column(raw: RawSheet, prop: Property) -> int | None:
    known = {name_key(word) for word in (prop.zh, prop.en, prop.name, *prop.aliases)}
    return next((at for at, header in enumerate(raw.headers) if name_key(header) in known), None)


def _at_home(raw: RawSheet, props: dict[str, Property]) -> bool:
    """A sheet without a telling name is a list of flows when it has the schema's own headers."""
    own = {name_key(props[name].zh) for name in ("supplier", "user")}
    return own <= {name_key(header) for header in raw.headers}


def _square(raw: RawSheet) -> tuple[int, list[int]] | None:
    """Return the column of sector names, and the columns whose headers stand in it."""
    heads = [name_key(header) for header in raw.headers]
    best: tuple[int, list[int]] | None = None
    for at in range(min(_LABELS, len(raw.columns))):
        names = {name_key(text) for text in raw.columns[at].to_pylist() if text and text.strip()}
        found = [i for i, head in enumerate(heads) if i > at and head and head in names]
        if len(found) >= _FEWEST and (best is None or len(found) > len(best[1])):
            best = at, found
    return best


def _melt(
    raw: RawSheet, props: dict[str, Property], label: int, sectors: list[int]
) -> tuple[RawSheet, tuple[str, ...]]:
    inner = {name_key(raw.headers[i]): i for i in sectors}
    others = [i for i, header in enumerate(raw.headers) if i > label and i not in sectors and header.strip()]
    meaning = classify([raw.headers[i] for i in others])
    use_of = dict.fromkeys(sectors, USES[0]) | {i: use for i, use in zip(others, meaning, strict=True) if use}
    names = [(text or "").strip() for text in raw.columns[label].to_pylist()]
    sector = np.array([name_key(name) in inner for name in names], bool)
    below = [name for name, own in zip(names, sector, strict=True) if not own]
    added = dict(zip(below, classify(below), strict=True))
    value_added = np.array([added.get(name) == "value_added" for name in names], bool)
    rest = [(int(row), "total", name) for row, name, own, va in
            zip(raw.rows, names, sector, value_added, strict=True) if not own and not va]  # fmt: skip
    pieces = _pieces(raw, names, use_of, sector, value_added, set(sectors))
    at, suppliers, users, uses, values = (np.concatenate(p) if len(p) else np.zeros(0, object) for p in pieces)
    order = np.argsort(at, kind="stable")
    rows = raw.rows[at.astype(np.int64)[order]]
    columns = [pa.array(c[order], pa.string()) for c in (suppliers, users, uses, values)]
    unit = next((m[1] or m[2] for _, _, text in raw.passed if (m := _UNIT.search(text))), "")
    headers = tuple(props[name].zh for name in ("supplier", "user", "use", "value", "unit"))
    columns.append(pa.array([unit] * len(rows), pa.string()))
    made = RawSheet(raw.file, raw.sheet, headers, tuple(columns), rows.astype(np.int32), {}, raw.broken,
                    (*raw.passed, *rest))  # fmt: skip
    unread = (*(raw.headers[i] for i in range(label)), *(raw.headers[i] for i in others if i not in use_of))
    return made, tuple(header for header in unread if header)


def _pieces(
    raw: RawSheet, names: list[str], use_of: dict[int, str], sector: Bools,
    value_added: Bools, square: set[int],
) -> list[list[npt.NDArray[np.object_]]]:  # fmt: skip
    """Return row, supplier, user, use and value of the cells that hold something, column by column."""
    label = np.array(names, object)
    pieces: list[list[npt.NDArray[np.object_]]] = [[], [], [], [], []]
    said = np.zeros(len(names), bool)
    for i, use in use_of.items():
        cells = raw.columns[i].fill_null("")
        filled = ~empty(cells, "number")
        for mine, told in ((sector, use), (value_added, "value_added")):
            if told == "value_added" and i not in square:
                continue  # value added stands under sectors only
            at = np.flatnonzero(filled & mine)
            said[at] = True
            _add(pieces, at, label[at], raw.headers[i], told, np.array(cells.to_pylist(), object)[at])
    silent = np.flatnonzero((sector | value_added) & ~said)
    if len(silent):  # a row without any number is refused, not lost
        _add(pieces, silent, label[silent], raw.headers[next(iter(use_of))], USES[0], np.full(len(silent), "", object))
    return pieces


def _add(pieces: list[list[npt.NDArray[np.object_]]], at: Ints, supplier: npt.NDArray[np.object_], user: str,
         use: str, values: npt.NDArray[np.object_]) -> None:  # fmt: skip
    said = (at.astype(object), supplier, np.full(len(at), user.strip(), object), np.full(len(at), use, object), values)
    for kept, new in zip(pieces, said, strict=True):
        kept.append(new)


def _told(raw: RawSheet, props: dict[str, Property], supplier: int, user: int) -> RawSheet:
    """Fill the use of each flow of a long list: a user that supplies too is a sector."""
    suppliers = {name_key(text) for text in raw.columns[supplier].to_pylist() if text}
    words = {name_key(word("flow", use, lang)): use for use in USES for lang in ("zh", "en")}
    users = raw.columns[user].to_pylist()
    distinct = list(dict.fromkeys(text or "" for text in users))
    meant = dict(zip(distinct, classify(distinct), strict=True))
    at = _column(raw, props["use"])
    given = raw.columns[at].to_pylist() if at is not None else [""] * len(users)
    uses = [_use(text or "", stated or "", suppliers, words, meant) for text, stated in zip(users, given, strict=True)]
    made = pa.array(uses, pa.string())
    if at is None:
        return replace(raw, headers=(*raw.headers, props["use"].zh), columns=(*raw.columns, made))
    return replace(raw, columns=(*raw.columns[:at], made, *raw.columns[at + 1 :]))


def _use(text: str, stated: str, suppliers: set[str], words: dict[str, str], meant: dict[str, str | None]) -> str:
    if stated.strip():
        return words.get(name_key(stated), stated if stated in USES else stated.strip())
    if name_key(text) in suppliers:
        return USES[0]
    return meant.get(text) or text
