"""Small random batches for property-based tests: few names and codes, so that they collide."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from chainatlas.graph.columns.batch import Batch, Sheet
from chainatlas.graph.columns.text import LIST_SEPARATOR, name_keys

NAMES = ["甲", "乙", "丙", "Ａ b", "ab", "x\"\\\n'`}) DETACH DELETE n //", "😀", "设备"]
CHAINS = ["锂电", "锂电池", "聚氨酯"]
USCC = ["914403001922038216", "91330100799655058B"]
STOCK = ["600309", "300750"]
_ENDS = ("_src", "_src_kind", "_src_type", "_src_scope", "_dst", "_dst_kind", "_dst_type", "_dst_scope")


def _maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def _lists(values: list[str]) -> st.SearchStrategy[Any]:
    return _maybe(st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)
                  .map(LIST_SEPARATOR.join))  # fmt: skip


_CLAIM = {
    "source": _maybe(st.sampled_from(["年报", "名录"])),
    "source_ref": _maybe(st.sampled_from(["p1", ""])),
    "as_of": _maybe(st.sampled_from(["2023", "2024-01-31"])),
    "confidence": _maybe(st.sampled_from([0.5, 0.9])),
}
_ENTERPRISE = _CLAIM | {
    "name": _maybe(st.sampled_from(NAMES)), "short_name": _lists(NAMES),
    "uscc": _maybe(st.sampled_from(USCC)), "stock_code": _maybe(st.sampled_from(STOCK)),
    "revenue": _maybe(st.sampled_from([1.5e8, 0.1])), "titles": _lists(["单项冠军", "小巨人"]),
    "_stub": st.booleans(),
}  # fmt: skip
_CHAIN = _CLAIM | {"name": st.sampled_from(CHAINS), "short_name": _lists(CHAINS),
                   "_stub": st.booleans()}  # fmt: skip
_PRODUCT = _CLAIM | {
    "name": st.sampled_from(NAMES), "primary": _maybe(st.booleans()), "_stub": st.booleans(),
    "_scope": _maybe(st.sampled_from(CHAINS)), "_scoped": st.booleans(),
}  # fmt: skip
_COVERAGE = {
    "source": st.sampled_from(["年报", "名录"]), "relation": st.just("PRODUCES"),
    "share": st.sampled_from([0.3, 1.0]), "place": _maybe(st.just("枣庄市")),
    "as_of": _maybe(st.just("2024")), "source_ref": _maybe(st.just("p2")),
}  # fmt: skip
_FIRM = st.one_of(
    st.tuples(st.sampled_from(NAMES), st.just("name")),
    st.tuples(st.sampled_from(USCC), st.just("uscc")),
    st.tuples(st.sampled_from(STOCK), st.just("stock_code")),
)


@st.composite
def _relation(draw: st.DrawFn, props: dict[str, Any], src: str, dst: str) -> dict[str, Any]:
    row = {name: draw(value) for name, value in (_CLAIM | props).items()}
    for side, kind in (("_src", src), ("_dst", dst)):
        if kind == "Enterprise":
            value, by = draw(_FIRM)
        else:
            value, by = draw(st.sampled_from(CHAINS if kind == "Chain" else NAMES)), "name"
        scope = draw(_maybe(st.sampled_from(CHAINS))) if kind == "Product" else None
        row |= {side: value, f"{side}_kind": by, f"{side}_type": kind, f"{side}_scope": scope}
    row["_src"], row["_dst"] = _keys([row["_src"], row["_dst"]])
    return row


_SHARE = {"share": _maybe(st.sampled_from([0.25, 0.5]))}
_RELATIONS = {
    "PRODUCES": _relation(_SHARE, "Enterprise", "Product"),
    "SUPPLIES": _relation({"product": _maybe(st.sampled_from(NAMES[:2]))}, "Enterprise", "Enterprise"),
    "IN_CHAIN": _relation({"order": _maybe(st.integers(1, 2))}, "Product", "Chain"),
    "INPUT_OF": _relation(
        {"group": _maybe(st.sampled_from(["1", "2"])), "essential": _maybe(st.booleans())},
        "Product", "Product"),
}  # fmt: skip
_NUMBERS = {"confidence": pa.float64(), "revenue": pa.float64(), "share": pa.float64(),
            "order": pa.int64(), "primary": pa.bool_(), "essential": pa.bool_(),
            "_stub": pa.bool_(), "_scoped": pa.bool_()}  # fmt: skip


def _keys(names: list[str | None]) -> list[str | None]:
    keys: list[str | None] = name_keys(pa.array(names, pa.string())).to_pylist()
    return keys


def _table(rows: list[dict[str, Any]], sheet: int) -> pa.Table:
    columns = {c: pa.array([r[c] for r in rows], _NUMBERS.get(c, pa.string())) for c in rows[0]}
    n = len(rows)
    return pa.table(columns | {"_sheet": pa.array([sheet] * n, pa.int32()),
                               "_row": pa.array(range(2, n + 2), pa.int32())})  # fmt: skip


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    """One random batch of a few records of each type."""
    nodes, relations, statements, sheets = {}, {}, {}, []
    for name, columns in (("Chain", _CHAIN), ("Product", _PRODUCT), ("Enterprise", _ENTERPRISE)):
        rows = draw(st.lists(st.fixed_dictionaries(columns), max_size=5))
        rows = [r for r in rows if any(r.get(c) for c in ("name", "uscc", "stock_code"))]
        for row in rows:
            row["_key"] = _keys([row["name"]])[0]
            if "_scoped" in row:
                row["_scoped"] = bool(row["_scoped"] and row["_scope"])
        if rows:
            nodes[name] = _table(rows, len(sheets))
            sheets.append(Sheet("随机.csv", name, name, len(rows)))
    for name, strategy in _RELATIONS.items():
        rows = draw(st.lists(strategy, max_size=4))
        if rows:
            relations[name] = _table(rows, len(sheets))
            sheets.append(Sheet("随机.csv", name, name, len(rows)))
    rows = draw(st.lists(st.fixed_dictionaries(_COVERAGE), max_size=2))
    if rows:
        statements["Coverage"] = _table(rows, len(sheets))
        sheets.append(Sheet("随机.csv", "Coverage", "Coverage", len(rows)))
    return Batch(tuple(sheets), nodes, relations, statements)
