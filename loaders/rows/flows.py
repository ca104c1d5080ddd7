"""Flows: a wide input–output table becomes one row a flow, and each flow is told its use.

The sheets that people keep have a row and a column a sector, columns of final use behind
them and rows of value added below. Which word means what stands in ``vocabulary.toml``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ...graph.columns.arrays import Bools, Floats, Ints
from ...graph.columns.flows import USES
from ...graph.columns.text import name_key
from ...graph.schema.types import Property, Schema
from ...graph.schema.words import word
from ..files.raw import RawSheet, kept
from ..values.marks import empty
from .flow_stack import flattened
from .flow_words import EITHER, SUM, classify, economies, economy_of, is_no_sector, meaning

KIND = "Flow"
_LABELS = 3  # a table's names stand in one of its first columns: a code or an economy may stand before
_FEWEST = 2
_UNIT = re.compile(r"单位\s*[:：]\s*([^\s,，;；)）]+)|unit\s*:\s*([^,;)]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Unfolded:
    """An input–output sheet with one row a flow: headers not read, and those of them not understood."""

    sheet: RawSheet
    unread: tuple[str, ...] = ()
    strange: tuple[str, ...] = ()


def unfold(raw: RawSheet, schema: Schema, named: str | None) -> Unfolded | None:
    """Return an input–output sheet with one row a flow; None for other sheets.

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
        return Unfolded(_told(raw, props, supplier, user)) if named == KIND or _at_home(raw, props) else None
    raw = flattened(raw)
    square = _square(raw)
    if square is None:
        return None
    label, sectors = square
    if named is None and len(sectors) < max(3, (len(raw.headers) - 1) // 2):
        return None
    return _melt(raw, props, label, sectors)


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
        inner = [i for i, head in enumerate(heads) if i > at and head and head in names]
        inner = [i for i in inner if not is_no_sector(raw.headers[i])]
        if len(inner) >= _FEWEST and (best is None or len(inner) > len(best[1])):
            best = at, inner
    if best is None:
        return None
    label, inner = best
    total = [i for i in inner if meaning(raw.headers[i]) == EITHER and _balances(raw, label, set(inner), i)]
    return label, [i for i in inner if i not in total]


def _melt(raw: RawSheet, props: dict[str, Property], label: int, sectors: list[int]) -> Unfolded:
    inner = {name_key(raw.headers[i]): i for i in sectors}
    others = [i for i, header in enumerate(raw.headers) if i > label and i not in sectors and header.strip()]
    names = [(text or "").strip() for text in raw.columns[label].to_pylist()]
    sector = np.array([name_key(name) in inner for name in names], bool)
    added = {name: meaning(name) for name in dict.fromkeys(names) if name_key(name) not in inner}
    column_use = _column_uses(raw, label, set(sectors), others)
    use_of = dict.fromkeys(sectors, USES[0]) | column_use
    row_use = np.array([added.get(name) or "" for name in names], object)
    value_added = row_use == "value_added"
    total = np.zeros(len(names), bool)
    if "output" not in column_use.values():  # total inputs below the sectors are output, told no other way
        total[np.flatnonzero(row_use == "output")[-1:]] = True
    rest = [(int(row), "total" if use else "not_flow", name) for row, name, use, used in
            zip(raw.rows, names, row_use, sector | value_added | total, strict=True) if not used]  # fmt: skip
    pieces = _pieces(raw, names, use_of, (sector, value_added, total), set(sectors))
    at, suppliers, users, uses, values = (np.concatenate(p) if len(p) else np.zeros(0, object) for p in pieces)
    order = np.argsort(at, kind="stable")
    rows = raw.rows[at.astype(np.int64)[order]]
    columns = [pa.array(c[order], pa.string()) for c in (suppliers, users, uses, values)]
    unit = next((m[1] or m[2] for _, _, text in raw.passed if (m := _UNIT.search(text))), "")
    headers = tuple(props[name].zh for name in ("supplier", "user", "use", "value", "unit"))
    columns.append(pa.array([unit] * len(rows), pa.string()))
    flows = RawSheet(raw.file, raw.sheet, headers, tuple(columns), rows.astype(np.int32), {}, raw.broken,
                     (*raw.passed, *rest))  # fmt: skip
    flows = _at_home_in(flows, props, economies([raw.headers[i] for i in sectors]))
    aside = [raw.headers[i] for i in others if i not in use_of]
    strange = tuple(header for header in aside if meaning(header) is None)
    return Unfolded(flows, tuple(h for h in (*raw.headers[:label], *aside) if h), strange)


def _at_home_in(flows: RawSheet, props: dict[str, Property], homes: dict[str, str] | None) -> RawSheet:
    """Add the economies that the sectors' names carry; the names stay as they stand."""
    if homes is None:
        return flows
    known = frozenset(homes.values())
    headers, columns = list(flows.headers), list(flows.columns)
    for name, end in (("economy", "supplier"), ("user_economy", "user")):
        texts = columns[headers.index(props[end].zh)].to_pylist()
        home_of = {text: homes.get(text) or economy_of(text or "", known) for text in dict.fromkeys(texts)}
        headers.append(props[name].zh)
        columns.append(pa.array([home_of[text] for text in texts], pa.string()))
    return replace(flows, headers=tuple(headers), columns=tuple(columns))


def _column_uses(raw: RawSheet, label: int, sectors: set[int], others: list[int]) -> dict[int, str]:
    """Return what each column beside the sectors is for: by its name, and by its numbers where names leave it open.

    A sum that adds up to the whole row is output where no other column is.
    """
    uses = dict(zip(others, classify([raw.headers[i] for i in others]), strict=True))
    told = {meaning(header) for header in (*raw.headers, *raw.columns[label].to_pylist()) if header}
    for i in others:
        either = uses[i] == EITHER
        if either or (meaning(raw.headers[i]) == SUM and "output" not in told and uses[i] is None):
            whole = _balances(raw, label, sectors, i)
            uses[i] = "output" if whole else "exports" if either and "exports" not in uses.values() else None
    return {i: use for i, use in uses.items() if use}


def _balances(raw: RawSheet, label: int, sectors: set[int], total: int) -> bool:
    """Tell whether a column is what all flows of each row add up to, sums left out and imports taken off."""
    names = {name_key(raw.headers[i]) for i in sectors - {total}}
    rows = np.flatnonzero([name_key(text or "") in names for text in raw.columns[label].to_pylist()])
    if not len(rows):
        return False
    summed = np.zeros(len(rows))
    for i, header in enumerate(raw.headers):
        use = None if i in sectors else meaning(header)
        if i > label and i != total and header.strip() and use not in (SUM, "output"):
            cells = _numbers(raw.columns[i], rows)
            summed += -np.abs(cells) if use == "imports" else cells
    stated = _numbers(raw.columns[total], rows)
    return bool(np.abs(stated).sum() > 0 and np.allclose(summed, stated, rtol=0.01, atol=1e-9))


def _numbers(column: pa.Array, rows: Ints) -> Floats:
    """Return cells as numbers, 0 for what is none."""
    texts = pc.replace_substring_regex(column.take(pa.array(rows)).fill_null(""), "[,，\\s]", "")
    number = pc.match_substring_regex(texts, r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$")
    values: Floats = pc.if_else(number, texts, "0").cast(pa.float64()).to_numpy(zero_copy_only=False)
    return values


def _pieces(
    raw: RawSheet, names: list[str], use_of: dict[int, str], rows: tuple[Bools, Bools, Bools], square: set[int]
) -> list[list[npt.NDArray[np.object_]]]:
    """Return row, supplier, user, use and value of the cells that hold something, column by column.

    ``rows`` are those of sectors, of value added, and of total inputs.
    """
    sector, value_added, total = rows
    label = np.array(names, object)
    pieces: list[list[npt.NDArray[np.object_]]] = [[], [], [], [], []]
    said = np.zeros(len(names), bool)
    for i, use in use_of.items():
        cells = raw.columns[i].fill_null("")
        texts = np.array(cells.to_pylist(), object)
        filled = ~empty(cells, "number")
        at = np.flatnonzero(filled & sector)
        said[at] = True
        _add(pieces, at, label[at], raw.headers[i], use, texts[at])
        if i not in square:
            continue  # value added and inputs stand under sectors only
        at = np.flatnonzero(filled & value_added)
        said[at] = True
        _add(pieces, at, label[at], raw.headers[i], "value_added", texts[at])
        for row in np.flatnonzero(filled & total):  # the sector is the supplier of its output
            said[row] = True
            of = np.array([raw.headers[i].strip()], object)
            _add(pieces, np.array([row]), of, names[row], "output", texts[[row]])
    silent = np.flatnonzero((sector | value_added) & ~said)
    if len(silent):  # a row without any number is refused, not lost
        _add(pieces, silent, label[silent], raw.headers[next(iter(use_of))], USES[0], np.full(len(silent), "", object))
    return pieces


def _add(pieces: list[list[npt.NDArray[np.object_]]], at: Ints, supplier: npt.NDArray[np.object_], user: str,
         use: str, values: npt.NDArray[np.object_]) -> None:  # fmt: skip
    said = (at.astype(object), supplier, np.full(len(at), user.strip(), object), np.full(len(at), use, object), values)
    for piece, new in zip(pieces, said, strict=True):
        piece.append(new)


def _told(raw: RawSheet, props: dict[str, Property], supplier: int, user: int) -> RawSheet:
    """Fill the use of each flow of a long list: a user that supplies too is a sector; sums are told as passed."""
    ends = [[(text or "").strip() for text in raw.columns[at].to_pylist()] for at in (supplier, user)]
    suppliers = {name_key(text) for text in ends[0]} - {""}
    never = {text for text in dict.fromkeys([*ends[0], *ends[1]]) if text and is_no_sector(text)}
    sums = {text for text in never if meaning(text) == SUM}
    words = {name_key(word("flow", use, lang)): use for use in USES for lang in ("zh", "en")}
    distinct = list(dict.fromkeys(ends[1]))
    meant = dict(zip(distinct, classify(distinct), strict=True))
    users = {name_key(text) for text in ends[1]}
    below = [text for text in dict.fromkeys(ends[0]) if text in never or name_key(text) not in users]
    accounts = {text: use for text in below if (use := meaning(text)) in ("value_added", "output")}
    at = _column(raw, props["use"])
    given = raw.columns[at].to_pylist() if at is not None else [""] * len(ends[1])
    uses = [
        accounts.get(start)
        if start in accounts and not (stated or "").strip()
        else _use(text, stated or "", suppliers - {name_key(n) for n in never}, words, meant)
        for start, text, stated in zip(*ends, given, strict=True)
    ]
    told = pa.array(uses, pa.string())
    if at is None:
        raw = replace(raw, headers=(*raw.headers, props["use"].zh), columns=(*raw.columns, told))
    else:
        raw = replace(raw, columns=(*raw.columns[:at], told, *raw.columns[at + 1 :]))
    out = np.array([not (stated or "").strip() and (a in sums or (b in sums and meant[b] is None))
                    for a, b, stated in zip(*ends, given, strict=True)], bool)  # fmt: skip
    if out.any():
        rows = [(int(raw.rows[i]), "total", f"{ends[0][i]} {ends[1][i]}") for i in np.flatnonzero(out)]
        raw = replace(kept(raw, ~out), passed=(*raw.passed, *rows))
    return raw


def _use(text: str, stated: str, suppliers: set[str], words: dict[str, str], meant: dict[str, str | None]) -> str:
    if stated.strip():
        return words.get(name_key(stated), stated if stated in USES else stated.strip())
    if name_key(text) in suppliers:
        return USES[0]
    use = meant.get(text)
    return "exports" if use == EITHER else use or text
