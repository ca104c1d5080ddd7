"""ChainKnowledgeGraph: the folder of JSON lines (company, industry, product and their relations).

`from 上游材料 to` says that `to` is an upstream material of `from`: to INPUT_OF from.
`from 产品小类 to` says that `to` is a kind of `from`. Stock codes come with and without
their exchange; both are one code.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pajson

from ...graph.columns.batch import Reject, Sheet
from ...graph.columns.canonical import flat
from ...graph.columns.text import name_keys
from ...graph.schema.errors import LoadError
from ..files.workbooks import UNPACKED_LIMIT
from ..rows.records import End, Gathered, Rows, constant, non_empty, relation_table, text_constant

SOURCE = "ChainKnowledgeGraph"
_FIELDS: dict[str, tuple[str, ...]] = {
    "company": ("name", "fullname", "code", "location", "time"),
    "industry": ("name", "code"),
    "product": ("name",),
    "company_industry": ("company_code", "industry_code", "industry_name", "company_name", "rel"),
    "industry_industry": ("from_code", "from_industry", "rel", "to_industry", "to_code"),
    "industry_up": (),
    "company_product": ("company_code", "product_name", "rel", "rel_weight"),
    "product_product": ("from_entity", "to_entity", "rel"),
}
_TYPES = {"company": "Enterprise", "industry": "Industry", "product": "Product",
          "company_industry": "IN_INDUSTRY", "industry_industry": "PART_OF",
          "industry_up": "INPUT_OF", "company_product": "PRODUCES", "product_product": "INPUT_OF"}  # fmt: skip


def recognise(folder: Path) -> dict[str, Path]:
    """Return the files of a ChainKnowledgeGraph folder by part, or nothing when it is none."""
    found = {}
    for part in _FIELDS:
        for ending in (".json", ".json.gz"):
            path = folder / f"{part}{ending}"
            if path.is_file():
                found[part] = path
    return found if {"company", "product_product"} <= set(found) else {}


def read(files: dict[str, Path], gathered: Gathered, source: str | None, as_of: str | None) -> None:
    """Read all parts into ``gathered``.

    Raises
    ------
    LoadError
        A file is no JSON lines; the message names it.
    """
    for part, path in files.items():
        number = len(gathered.sheets)
        if part == "industry_up":
            _industry_up(path, number, gathered, source or SOURCE, as_of)
            continue
        table = _lines(path, _FIELDS[part])
        gathered.sheets.append(Sheet(path.name, "", _TYPES[part], len(table)))
        _Part(table, number, gathered, source or SOURCE, as_of).emit(part)


def _bytes(path: Path) -> bytes:
    if path.suffix != ".gz":
        return path.read_bytes()
    try:
        with gzip.open(path) as file:
            data = file.read(UNPACKED_LIMIT + 1)
    except (OSError, EOFError, zlib.error) as bad:
        raise LoadError("file_unreadable", file=path.name, reason=bad) from bad
    if len(data) > UNPACKED_LIMIT:
        limit = UNPACKED_LIMIT // 1_000_000
        raise LoadError("file_too_large", file=path.name, size=limit, limit=limit)
    return data


def _lines(path: Path, fields: tuple[str, ...]) -> pa.Table:
    schema = pa.schema([(f, pa.float64() if f == "rel_weight" else pa.string()) for f in fields])
    data = _bytes(path)
    try:
        data.decode()  # Arrow takes bytes that are no text for text
    except UnicodeDecodeError as bad:
        raise LoadError("file_encoding", file=path.name, row=data[: bad.start].count(b"\n") + 1) from bad
    try:
        table = pajson.read_json(
            pa.BufferReader(data), pajson.ReadOptions(block_size=1 << 22),
            pajson.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"))  # fmt: skip
    except pa.ArrowInvalid as bad:
        raise LoadError("json_shape", file=path.name, reason=bad) from bad
    return table.combine_chunks()


class _Part:
    """One file's rows while they become records."""

    def __init__(self, table: pa.Table, number: int, gathered: Gathered, source: str, as_of: str | None) -> None:
        self.table, self.number, self.gathered = table, number, gathered
        n = len(table)
        provenance: dict[str, pa.Array] = {"source": text_constant(source, n)}
        if as_of:
            provenance["as_of"] = text_constant(as_of, n)
        self.rows = Rows(number, pa.array(np.arange(1, n + 1, dtype=np.int32)), provenance)
        self.good = np.ones(n, bool)

    def emit(self, part: str) -> None:
        makers: dict[str, Callable[[], None]] = {
            "company": self.company, "industry": self.industry, "product": self.product,
            "company_industry": self.company_industry, "company_product": self.company_product,
            "industry_industry": self.industry_industry, "product_product": self.product_product}  # fmt: skip
        makers[part]()

    def text(self, name: str, column: str = "") -> pa.Array:
        """Return a required column; rows in which it is empty are refused."""
        values = non_empty(flat(self.table[name]))
        for row in np.flatnonzero(pc.is_null(values).to_numpy(zero_copy_only=False) & self.good):
            self.refuse(int(row), column or name, "", "reject_required")
        return values

    def refuse(self, row: int, column: str, value: str, code: str, whole: bool = True, **more: str) -> None:
        told = {"column": column, "value": value, **more}
        self.gathered.rejects.append(Reject(self.number, row + 1, column, value, code, told, whole))
        if whole:
            self.good[row] = False

    def stock(self, name: str) -> pa.Array:
        """Return six-digit stock codes; what is none is refused."""
        given = self.text(name)
        codes = pc.replace_substring_regex(pc.utf8_upper(given), r"^(SH|SZ|BJ)[.:]?|\.(SH|SZ|BJ)$", "")
        wrong = ~pc.match_substring_regex(codes, r"^\d{6}$").fill_null(True).to_numpy(zero_copy_only=False)
        for row in np.flatnonzero(wrong):
            self.refuse(int(row), name, given[int(row)].as_py(), "reject_stock")
        return codes

    def kept(self) -> pa.Array:
        return pa.array(np.flatnonzero(self.good))

    def node(self, kind: str, name: pa.Array, props: dict[str, pa.Array]) -> None:
        made = pa.table({"name": name, "_key": name_keys(name), **props, **self.rows.columns()})
        self.gathered.nodes[kind].append(made if self.good.all() else made.take(self.kept()))

    def relate(self, relation: str, src: End, dst: End, props: dict[str, pa.Array] | None = None,
               only: np.ndarray | None = None) -> None:  # fmt: skip
        made = relation_table(src, dst, self.rows, props)
        keep = self.good if only is None else self.good & only
        self.gathered.relations[relation].append(made if keep.all() else made.filter(pa.array(keep)))

    def company(self) -> None:
        full = pc.coalesce(non_empty(flat(self.table["fullname"])), self.text("name"))
        listed = constant("上市公司", len(full)).cast(pa.string())
        self.node("Enterprise", full, {
            "short_name": flat(self.table["name"]), "stock_code": self.stock("code"),
            "kind": listed, "exchange": flat(self.table["location"]),
            "listed": flat(self.table["time"])})  # fmt: skip

    def industry(self) -> None:
        self.node("Industry", self.text("name"), {"code": self.text("code")})

    def product(self) -> None:
        self.node("Product", self.text("name"), {})

    def company_industry(self) -> None:
        src = End(self.stock("company_code"), "stock_code", "Enterprise")
        self.relate("IN_INDUSTRY", src, End(self.text("industry_code"), "code", "Industry"))

    def industry_industry(self) -> None:
        src = End(self.text("from_code"), "code", "Industry")
        self.relate("PART_OF", src, End(self.text("to_code"), "code", "Industry"))

    def company_product(self) -> None:
        weight = flat(self.table["rel_weight"])
        wrong = pc.invert(pc.and_(pc.greater_equal(weight, 0), pc.less_equal(weight, 1)))
        wrong = wrong.fill_null(False)
        for row in np.flatnonzero(wrong.to_numpy(zero_copy_only=False)):
            value = f"{weight[int(row)].as_py():g}"
            self.refuse(int(row), "rel_weight", value, "reject_share", whole=False)
        share = pc.if_else(wrong, pa.scalar(None, pa.float64()), weight)
        src = End(self.stock("company_code"), "stock_code", "Enterprise")
        dst = End(name_keys(self.text("product_name")), "name", "Product")
        self.relate("PRODUCES", src, dst, {"share": share})

    def product_product(self) -> None:
        rel = flat(self.table["rel"])
        start = End(name_keys(self.text("from_entity")), "name", "Product")
        end = End(name_keys(self.text("to_entity")), "name", "Product")
        parts = {"上游材料": ("INPUT_OF", end, start), "下游产品": ("INPUT_OF", start, end),
                 "产品小类": ("KIND_OF", end, start)}  # fmt: skip
        known = np.zeros(len(rel), bool)
        masks = {}
        for word in parts:
            masks[word] = pc.equal(rel, word).fill_null(False).to_numpy(zero_copy_only=False)
            known |= masks[word]
        for row in np.flatnonzero(~known):
            self.refuse(int(row), "rel", str(rel[int(row)].as_py()), "reject_relation",
                        known="、".join(parts))  # fmt: skip
        for word, (relation, src, dst) in parts.items():
            if masks[word].any():
                self.relate(relation, src, dst, None, masks[word])


def _industry_up(path: Path, number: int, gathered: Gathered, source: str, as_of: str | None) -> None:
    """One row an industry with its upstream industries and their weights, maybe none."""
    lines = _bytes(path).decode("utf-8").splitlines()
    found: list[tuple[int, str, str, float]] = []
    read = 0
    for row, line in enumerate(lines, 1):
        if not line.strip():
            continue
        read += 1
        try:
            record: Any = json.loads(line)
            ups = record["ups"].items()
            found += [(row, str(record["industry"]), str(up), float(w)) for up, w in ups]
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
            gathered.rejects.append(Reject(number, row, "", line[:200], "reject_json",
                                           {"value": line[:200]}))  # fmt: skip
            continue
        if not ups:
            gathered.rejects.append(Reject(number, row, "ups", "", "reject_nothing", {}))
    gathered.sheets.append(Sheet(path.name, "", "INPUT_OF", read))
    n = len(found)
    provenance: dict[str, pa.Array] = {"source": text_constant(source, n)}
    if as_of:
        provenance["as_of"] = text_constant(as_of, n)
    rows = Rows(number, pa.array([f[0] for f in found], pa.int32()), provenance)
    src, dst = (End(name_keys(pa.array([f[i] for f in found], pa.string())), "name", "Industry") for i in (2, 1))
    weight = pa.array([f[3] for f in found], pa.float64())
    if n:
        gathered.relations["INPUT_OF"].append(relation_table(src, dst, rows, {"weight": weight}))
