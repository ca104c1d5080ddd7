"""Graphs for the tests: a napkin chain, with claims, aliases, scoped links, statements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from chainatlas.graph.columns.batch import Batch, Sheet
from chainatlas.graph.columns.tables import Graph
from chainatlas.graph.columns.text import name_keys
from chainatlas.graph.fold.fold import Loaded, fold
from chainatlas.graph.schema.types import load_schema

SCHEMA = load_schema()
_TYPES = {"confidence": pa.float64(), "revenue": pa.float64(), "share": pa.float64(),
          "order": pa.int64(), "primary": pa.bool_(), "essential": pa.bool_(),
          "_stub": pa.bool_(), "_scoped": pa.bool_()}  # fmt: skip


def table(rows: list[dict[str, Any]], sheet: int) -> pa.Table:
    """Return rows as a record table; a column that a row lacks is null there."""
    names = list(dict.fromkeys(c for row in rows for c in row))
    made = {c: pa.array([row.get(c) for row in rows], _TYPES.get(c, pa.string())) for c in names}
    if "name" in made:
        made["_key"] = name_keys(made["name"])
    return pa.table(made | {"_sheet": pa.array([sheet] * len(rows), pa.int32()),
                            "_row": pa.array(range(2, len(rows) + 2), pa.int32())})  # fmt: skip


def end(side: str, kind: str, name: str, by: str = "name", scope: str | None = None) -> dict[str, Any]:
    """Return the columns of one end of a relation."""
    key = name_keys(pa.array([name]))[0].as_py() if by == "name" else name
    return {f"_{side}": key, f"_{side}_kind": by, f"_{side}_type": kind, f"_{side}_scope": scope}


def batch(
    nodes: dict[str, list[dict[str, Any]]], relations: dict[str, list[dict[str, Any]]],
    statements: dict[str, list[dict[str, Any]]] | None = None, file: str = "餐巾.csv",
) -> Batch:  # fmt: skip
    """Return a batch of rows, one sheet a type."""
    sheets: list[Sheet] = []
    parts = []
    for group in (nodes, relations, statements or {}):
        part = {}
        for name, rows in group.items():
            part[name] = table(rows, len(sheets))
            sheets.append(Sheet(file, name, name, len(rows)))
        parts.append(part)
    return Batch(tuple(sheets), *parts)


def graph(*batches: Batch) -> Graph:
    """Fold batches."""
    return fold([Loaded(n, b) for n, b in enumerate(batches, 1)], SCHEMA).graph


FIRMS = [
    {"name": "万华化学集团股份有限公司", "short_name": "万华化学", "stock_code": "600309",
     "titles": "单项冠军\x1f小巨人", "revenue": 1.757e11, "source": "年报", "as_of": "2023",
     "confidence": 0.9},
    {"name": "联泓新材料", "uscc": "914403001922038216", "source": "名录", "source_ref": "第3页"},
]  # fmt: skip


def napkin(firms: Iterable[dict[str, Any]] = (), produces: Iterable[dict[str, Any]] = ()) -> Batch:
    """T needs A and B; A is made of a1, a2; B of b1; a scoped link, stubs, two ends by code."""
    product = ["T", "A", "B", "a1", "a2", "b1"]
    made = [{**end("src", "Enterprise", "600309", "stock_code"), **end("dst", "Product", p),
             "share": 0.25, "source": "年报"} for p in ("A", "a1", "a2")]  # fmt: skip
    made.append({**end("src", "Enterprise", "联泓新材料"), **end("dst", "Product", "设备", scope="餐巾链"),
                 "source": "名录"})  # fmt: skip
    inputs = [("A", "T", "1"), ("B", "T", "2"), ("a1", "A", "1"), ("a2", "A", "1"), ("b1", "B", "1")]
    return batch(
        {"Chain": [{"name": "餐巾链", "short_name": "餐巾", "source": "模板"}],
         "Product": [*({"name": p, "source": "模板", "_stub": p == "b1"} for p in product),
                     {"name": "设备", "_scope": "餐巾", "_scoped": True, "source": "模板"}],
         "Enterprise": [*FIRMS, *firms, {"name": "万华化学", "source": "新闻", "_stub": True}]},
        {"PRODUCES": [*made, *produces],
         "IN_CHAIN": [{**end("src", "Product", p), **end("dst", "Chain", "餐巾链"), "order": i,
                       "source": "模板"} for i, p in enumerate(product)],
         "INPUT_OF": [{**end("src", "Product", a), **end("dst", "Product", b), "group": g,
                       "essential": True, "source": "模板"} for a, b, g in inputs]},
        {"Coverage": [{"source": "年报", "relation": "PRODUCES", "population": "上市公司",
                       "share": 1.0, "as_of": "2023"}]},
    )  # fmt: skip


def many(n: int, changed: int = 0) -> Batch:
    """A chain with n products made by n enterprises; the first ``changed`` revenues differ."""
    firms = [{"name": f"企业{i}", "revenue": float(i + (i < changed) * 0.5), "source": "名录",
              "short_name": f"企{i}"} for i in range(n)]  # fmt: skip
    return batch(
        {"Chain": [{"name": "长链", "source": "模板"}],
         "Product": [{"name": f"产品{i}", "source": "模板"} for i in range(n)], "Enterprise": firms},
        {"PRODUCES": [{**end("src", "Enterprise", f"企业{i}"), **end("dst", "Product", f"产品{i % 97}"),
                       "source": "名录"} for i in range(n)],
         "IN_CHAIN": [{**end("src", "Product", f"产品{i}"), **end("dst", "Chain", "长链")}
                      for i in range(n)]},
    )  # fmt: skip
