"""Tables by grammar: dialects of CSV, shapes of JSON, types of Parquet, and mapping files with what they name."""

from __future__ import annotations

import datetime
import decimal
import io
import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from .trees import json_damaged, json_written
from .words import ODD, TEXTS, Table, leaf, table

ENCODINGS = (
    *["utf-8"] * 12,
    *["utf-8-sig"] * 3,
    *["gb18030"] * 3,
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "big5",
    "latin-1",
    "utf-7",
    "cp437",
)


def csv_file(folder: Path, chance: random.Random) -> list[Path]:
    """Write a table in one of many dialects, some of which nobody should write."""
    name, cells = table(chance)
    mark = chance.choice([*",,,,,,,,\t\t;", chance.choice(["|", ":", " ", "，", "\x01", "||"])])
    quote = chance.choice([*'"""""', chance.choice(["'", "“", ""])])
    end = chance.choice(["\n"] * 5 + ["\r\n"] * 3 + [chance.choice(["\r", "\n\r", "\n\n", "\u2028", "\x0b"])])
    how = chance.choice(["all", "need", "need", "none", "some", "open"])
    rows = [_ragged(row, chance) if chance.random() < 0.1 else row for row in cells]
    lines = [mark.join(_quoted(c, quote, how, mark, chance) for c in row) for row in rows]
    above = chance.choice(
        [[], [], [], ["sep=" + mark], ["某市名录（示例）"], ["# x", ""], ["", "", ""], [mark * 5], ["\x00"], lines[:1]]
    )
    below = chance.choice(
        [[], [], [], ["合计" + mark * 3], ["注：x"], [mark * 300], ['"'], ["\x1a"], lines[:1], [mark.join("x" * 2000)]]
    )
    data = end.join([*above, *lines, *below, *chance.choice([[""], []])]).encode(chance.choice(ENCODINGS), "replace")
    path = folder / f"{name.replace('/', '')}.{chance.choice(['csv', 'csv', 'csv', 'tsv', 'txt', 'CSV'])}"
    path.write_bytes(data)
    return [path]


def _ragged(row: list[str], chance: random.Random) -> list[str]:
    return chance.choice([row[:-1], [*row, "x"], [*row, *[""] * 50], [], [""], [*row, *row], row[::-1], ["x"] * 2000])


def _quoted(text: str, quote: str, how: str, mark: str, chance: random.Random) -> str:
    if not quote or how == "none" or (how == "some" and chance.random() < 0.5):
        return text
    if how == "open":
        return chance.choice(
            [quote + text, text + quote, f"{quote}{text}{quote}x", f"x{quote}{text}{quote}", f" {quote}{text}{quote} "]
        )
    if how == "need" and not any(c in text for c in (mark, quote, "\n", "\r")):
        return text
    escape = chance.choice([quote * 2, quote * 2, "\\" + quote])
    return quote + text.replace(quote, escape) + quote


def json_file(folder: Path, chance: random.Random) -> list[Path]:
    """Write records in one of the shapes that interfaces and programs give, at times damaged."""
    name, cells = table(chance, chance.choice([0.0, 0.1, 0.4]))
    header, *rows = cells
    records: list[Any] = [dict(zip(header, row, strict=True)) for row in rows]
    for record in records:
        if record and chance.random() < 0.3:
            record[chance.choice(list(record))] = leaf(chance)
        if chance.random() < 0.1:
            record[chance.choice(ODD)] = leaf(chance)
    tree = _shape(header, rows, records, chance)
    if chance.random() < 0.4:
        tree = json_damaged(tree, chance)
    suffix = chance.choice(["json", "json", "json", "jsonl", "ndjson"])
    path = folder / f"{name.replace('/', '')}.{suffix}"
    if suffix != "json" and isinstance(tree, list) and chance.random() < 0.8:
        data = b"\n".join(json.dumps(one).encode() for one in tree)
    else:
        data = json_written(tree, chance)
    if chance.random() < 0.15:
        data = chance.choice(
            [
                b"\xef\xbb\xbf" + data,
                data.decode().encode("utf-16"),
                data.decode().encode("gb18030", "replace"),
                data + data,
                data[:-1],
                b"var x = " + data,
                data.replace(b'"', b"'"),
                data.replace(b": ", b": NaN, ", 1),
                b"[" * 3000 + data + b"]" * 3000,
                b'{"data":' * 500 + data + b"}" * 500,
                data.replace(b"}", b",}"),
                data + b"\x00",
                b"// x\n" + data,
                data.replace(b"1", b"1" * 5000, 1),
                b"null",
                b"[]",
                b"{}",
                b'""',
                b"1e999",
            ]
        )
    path.write_bytes(data)
    return [path]


def _shape(header: list[str], rows: Table, records: list[Any], chance: random.Random) -> Any:
    key = chance.choice(["data", "result", "rows", "list", "x", "", "1", "a.b", "@graph", "features"])
    columns = {h: [row[at] for row in rows] for at, h in enumerate(header)}
    match chance.randrange(16):
        case 0:
            return records
        case 1:
            return {key: records, "total": len(records), "code": leaf(chance)}
        case 2:
            return {"code": 0, key: {"list": records, "page": leaf(chance)}, "msg": leaf(chance)}
        case 3:
            return {chance.choice(["columns", "fields", "header"]): header, key: rows, "x": leaf(chance)}
        case 4:
            return [header, *rows]
        case 5:
            return columns
        case 6:
            return {h: {str(at): c for at, c in enumerate(cells)} for h, cells in columns.items()}
        case 7:
            return {f"示例{n}公司": record for n, record in enumerate(records)}
        case 8:
            geometry = {
                "type": "Point",
                "coordinates": chance.choice([[117.5, 34.8], [], ["x", None], [1e999, 1], [[1]], leaf(chance)]),
            }
            return {
                "type": "FeatureCollection",
                "features": [
                    {"type": "Feature", "properties": chance.choice([r, r, None]), "geometry": geometry}
                    for r in records
                ],
            }
        case 9:
            return [{"page": n, "data": records} for n in range(3)]
        case 10:
            return {"济南市": records, "枣庄市": records[:1], "青岛市": chance.choice([[], records])}
        case 11:
            return {"a": records, "b": records, "c": leaf(chance)}
        case 12:
            return {"schema": {"fields": [{"name": h} for h in header]}, "data": records}
        case 13:
            return records[0] if records else {}
        case 14:
            return [[record] for record in records]
        case _:
            deep: Any = records
            for _ in range(chance.choice([3, 9, 30, 300])):
                deep = {key: deep} if chance.random() < 0.7 else [deep]
            return deep


def parquet_file(folder: Path, chance: random.Random) -> list[Path]:
    """Write a table whose columns are of all types that Arrow and Parquet know."""
    name, (header, *rows) = table(chance, 0.1)
    n = len(rows)
    arrays = [pa.array([_whole(row[at]) for row in rows], pa.string()) for at in range(len(header))]
    for at in range(len(header)):
        if chance.random() < 0.3:
            arrays[at] = _typed(n, chance)
    if chance.random() < 0.9:  # Arrow reads no column by a name that stands twice
        keep = [at for at, h in enumerate(header) if header.index(h) == at]
        header, arrays = [header[at] for at in keep], [arrays[at] for at in keep]
    names = [h if chance.random() < 0.9 else chance.choice(ODD) for h in header]
    path = folder / f"{name.replace('/', '')}.parquet"
    made = pa.Table.from_arrays(arrays, names=[_whole(x) for x in names])
    made = made.replace_schema_metadata(chance.choice([None, {"pandas": "x"}, {"pandas": "{}"}, {"pandas": "[]"}]))
    out = io.BytesIO()
    try:
        pq.write_table(
            made,
            out,
            compression=chance.choice(["snappy", "none", "zstd", "gzip"]),
            store_schema=chance.random() < 0.7,
            version=chance.choice(["1.0", "2.6"]),
        )
    except (pa.ArrowException, ValueError):  # not all types can be written in all versions
        pq.write_table(pa.table({"企业名称": ["甲"]}), out)
    path.write_bytes(out.getvalue())
    return [path]


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _typed(n: int, chance: random.Random) -> pa.Array:
    """Return a column of some type; of values that Python cannot hold, too."""
    big = chance.choice([2**62, -(2**62), 2**40, -(2**40), 0, -1])
    made: list[Any] = [
        lambda: pa.array(
            [big] * n,
            pa.timestamp(
                chance.choice(["s", "ms", "us", "ns"]), chance.choice([None, "UTC", "+08:00", "Asia/Shanghai"])
            ),
        ),
        lambda: pa.array([big % 2**31 - 2**30] * n, pa.date32()),
        lambda: pa.array([big] * n, pa.date64()),
        lambda: pa.array([big] * n, pa.duration(chance.choice(["s", "ms", "us", "ns"]))),
        lambda: pa.array([big] * n, pa.int64()).cast(pa.time64("us"), safe=False),
        lambda: pa.array([7] * n, pa.time32("s")),
        lambda: pa.array([decimal.Decimal("1e30")] * n, pa.decimal256(76, 2)),
        lambda: pa.array([decimal.Decimal("-0.00")] * n),
        lambda: pa.array([b"\xff\x00"] * n, pa.binary(2)),
        lambda: pa.array([b"\xff"] * n, pa.large_binary()),
        lambda: pa.array([{"a": {"b": [big, None]}, "c": datetime.date(9999, 12, 31)}] * n),
        lambda: pa.array([[[["x"]], None]] * n),
        lambda: pa.array([["x", None]] * n, pa.large_list(pa.string())),
        lambda: pa.array([[1, 2]] * n, pa.list_(pa.int8(), 2)),
        lambda: pa.array([[("k", {"a": 1})]] * n, pa.map_(pa.string(), pa.struct({"a": pa.int64()}))),
        lambda: pa.nulls(n),
        lambda: pa.array(["x", None][: min(n, 2)] * 1 + ["y"] * max(n - 2, 0)).dictionary_encode(),
        lambda: pa.array([2**64 - 1] * n, pa.uint64()),
        lambda: pa.array([1.5] * n, pa.float32()),
        lambda: pa.array([float("nan"), float("inf")][: min(n, 2)] + [1e308] * max(n - 2, 0)),
        lambda: pa.array([[datetime.datetime(9999, 12, 31, 23, 59)]] * n),
        lambda: pa.array([True, None][: min(n, 2)] + [False] * max(n - 2, 0)),
        lambda: pa.array([{}] * n, pa.struct([])),
        lambda: pa.array([[big]] * n, pa.list_(pa.timestamp("s"))),
        lambda: pa.array([{"t": big}] * n, pa.struct({"t": pa.timestamp("us")})),
        lambda: pa.array([b"x"] * n).dictionary_encode(),
    ]
    try:
        return chance.choice(made)()
    except (pa.ArrowException, ValueError, OverflowError):
        return pa.array(["x"] * n)


def mapping_files(folder: Path, chance: random.Random) -> list[Path]:
    """Write a table and a mapping file for it, right or with values of other types, far names, depth."""
    name, cells = table(chance, 0.02)
    header, *rows = cells
    plain = [f"col{n}" for n in range(len(header))]
    path = folder / f"other.{chance.choice(['csv', 'csv', 'json'])}"
    if path.suffix == ".csv":
        lines = [",".join('"' + c.replace('"', '""') + '"' for c in row) for row in [plain, *rows]]
        path.write_text("\n".join(lines), encoding="utf-8", newline="")
    else:
        path.write_bytes(json_written([dict(zip(plain, row, strict=True)) for row in rows], chance))
    (folder / "codes.csv").write_text(
        chance.choice(["a,b\n1,2\n", "", "a\n", "a,b\n" * 3, "\x00", '"']), encoding="utf-8"
    )
    sheet: dict[str, Any] = {
        "file": chance.choice([path.name, path.name, "*", "[", "x*", ""]),
        "as": name,
        "columns": dict(zip(plain, header, strict=True)),
    }
    more: dict[str, Any] = {
        "sheet": "",
        "where": plain[:1],
        "only": {plain[0]: ["x"]},
        "unless": {plain[0]: "x"},
        "header": header,
        "stubs": True,
        "from_type": "企业",
        "to_type": "产品",
        "values": {"来源": "示例"},
        "units": {plain[0]: "万元"},
        "replace": {plain[0]: {"x": "y"}},
        "lookup": {
            plain[0]: {
                "file": chance.choice(["codes.csv", "none.csv", "..", ".", "/", "other.json", "a\x01b", "x" * 200]),
                "key": chance.choice([0, 1, 9, -1, "a", "b", True, 1.5, [], {}]),
                "value": chance.choice([1, "b", "zz", 10**20]),
            }
        },
    }
    for key in chance.sample(list(more), chance.choice([0, 1, 2, 3])):
        sheet[key] = more[key]
    tree: Any = {"sheet": [sheet]}
    if chance.random() < 0.45:
        tree = json_damaged(tree, chance)
    text = _toml(tree)
    if chance.random() < 0.1:
        text = chance.choice(
            [
                "a=" + "[" * 3000,
                "a=" + "[" * 400 + "]" * 400,
                text + text,
                "x" * 5000,
                "[[sheet]]\n" * 3,
                "[sheet]\n",
                "sheet=[1,2]",
                "sheet=[[]]",
                "sheet=[{}]",
                "a." * 2000 + "b=1",
                "a=" + "{b=" * 500 + "1" + "}" * 500,
                "sheet=9999-12-31",
                "[[sheet]]\nfile=1\nas=2",
                "[[sheet.a]]\n[[sheet]]",
                "\x00",
                "",
                text.replace('"', "'"),
                "sheet=" + "9" * 5000,
                '[[sheet]]\nfile="*"\nas="企业"\nwhere=[1979-05-27]',
                "[[sheet]]\nfile=nan\nas=inf",
            ]
        )
    (folder / "mapping.toml").write_bytes(text.encode(chance.choice(["utf-8"] * 8 + ["gb18030", "utf-16"]), "replace"))
    return [path, folder / "mapping.toml"]


def _toml(value: Any, top: bool = True) -> str:
    """Write a tree as TOML, inline below the top; what TOML has no word for is a text."""
    if top and isinstance(value, dict):
        return "\n".join(f"{_basic(str(k))} = {_toml(v, False)}" for k, v in value.items()) + "\n"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return "[" + ", ".join(_toml(v, False) for v in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_basic(str(k))} = {_toml(v, False)}" for k, v in value.items()) + "}"
    return _basic("" if value is None else str(value))


def _basic(text: str) -> str:
    return json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")


__all__ = ["TEXTS", "csv_file", "json_file", "mapping_files", "parquet_file"]
