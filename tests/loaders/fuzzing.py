"""Fuzzed files: tables of all formats, damaged by rule and seed, and what loading them came to.

Run as a program in a process of its own (``python fuzzing.py FIRST COUNT FOLDER``): a crash of a
library ends that process, not the tests. Prints one JSON object.
"""

from __future__ import annotations

import csv
import datetime
import decimal
import gzip
import io
import itertools
import json
import random
import resource
import shutil
import sys
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from chainatlas.graph.fold.fold import Loaded, fold
from chainatlas.graph.schema.errors import ChainAtlasError
from chainatlas.graph.schema.types import load_schema
from chainatlas.loaders import load as loading
from chainatlas.loaders.gather import gather
from chainatlas.loaders.rejects import write as write_rejects

SCHEMA = load_schema()
Table = list[list[str]]
_NASTY = [
    "", " ", "0610", "9E10", "NA", "null", "=1+1", "+A1", "@x", "\t", "'", '"', '""', "a,b", "a\nb", "\\", "１２", "Ⅲ",
    "🙂", "é", "\u200b甲", "\ufeff", "a\x00b", "\x1f", "\x0b", "\u2028", "x" * 3000, "、、；", "（", "合计", "注：x",
    "【示例】甲", "名称", "企业名称", "1e999", "-0", "nan", "二〇一五年", "2015-02-30", "9" * 40, "壹亿亿", "1-2-3万",
    "91330100799655058B", "000000000000000000", "SH:600309", "山东省", "朝阳区", "不存在市", "是", "甲公司", "=cmd|x",
]  # fmt: skip


def tables(chance: random.Random) -> dict[str, Table]:
    """Return small tables of several types, all loadable as they are."""
    firms = [f"示例{n}有限公司" for n in range(chance.randrange(2, 14))]
    goods = [f"示例品{n}" for n in range(chance.randrange(2, 8))]
    pick = chance.choice
    wide = [["企业名称", "股票代码", "所在省", "所在市", "产业链", "产业链环节", "主营产品", "营业收入（万元）",
             "成立日期", "说明"]]  # fmt: skip
    wide += [[f, f"{n:06d}", "山东省", pick(["枣庄市", "济南市", ""]), "示例链", pick(goods), "、".join(goods[:2]),
              pick(["1.5亿", "3,000万元", "500-900万", ""]), pick(["2015年1月23日", "20150123", ""]), f"第“{n}”家"]
             for n, f in enumerate(firms)]  # fmt: skip
    return {
        "企业": wide,
        "产品环节": [["产品名称", "产业链", "环节位置", "类别", "原料视为可得"],
                  *([g, "示例链", pick(["上游", "中游"]), pick(["部件", ""]), "否"] for g in goods)],
        "投入关系": [["投入品", "产品", "组", "必需", "占比"],
                  *([a, b, "1", "是", "30%"] for a, b in itertools.pairwise(goods))],
        "覆盖声明": [["来源", "关系", "总体", "地区", "完整度", "依据", "截止日期"],
                  ["示例名录", "生产", "", "山东省", "0.9", "示例", "2026-06-30"]],
    }  # fmt: skip


def disorder(table: Table, chance: random.Random) -> Table:
    """Damage the table itself: cells swapped, replaced, rows ragged, doubled, blank, headers doubled."""
    made = [list(row) for row in table]
    for _ in range(chance.randrange(0, 5)):
        a, b = chance.choice(made), chance.choice(made)
        if not a or not b:
            continue
        i, j = chance.randrange(len(a)), chance.randrange(len(b))
        match chance.randrange(8):
            case 0 | 1:
                a[i], b[j] = b[j], a[i]
            case 2 | 3:
                a[i] = chance.choice(_NASTY)
            case 4:
                a.append(chance.choice(_NASTY))
            case 5:
                made.insert(chance.randrange(len(made) + 1), [] if chance.random() < 0.5 else [""] * len(a))
            case 6:
                made.insert(chance.randrange(len(made) + 1), list(a))
            case 7:
                a.pop(i)
    return made


# Writing ------------------------------------------------------------------------------------------


def as_csv(table: Table, chance: random.Random, mark: str = ",") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=mark, lineterminator=chance.choice(["\n", "\r\n"])).writerows(table)
    encoding = chance.choice(
        ["utf-8"] * 6 + ["utf-8-sig", "gb18030", "gb18030", "utf-16", "big5", "latin-1", "utf-16-le"]
    )
    return out.getvalue().encode(encoding, "replace")


def as_tsv(table: Table, chance: random.Random) -> bytes:
    return as_csv(table, chance, "\t")


def as_json(table: Table, chance: random.Random) -> bytes:
    odd: list[Any] = [None, 1.5, True, [], ["a", 2], {"a": 1}, 10**30, "\ud800", [[1]], [None], -0.0, 1e300]
    header = table[0]
    made: list[Any] = [dict(zip(header, row, strict=False)) for row in table[1:]]
    for record in made:
        if record and chance.random() < 0.2:
            record[chance.choice(list(record))] = chance.choice(odd)
    if chance.random() < 0.2:
        made.insert(chance.randrange(len(made) + 1), chance.choice(odd))
    if chance.random() < 0.5:
        return json.dumps(made, ensure_ascii=chance.random() < 0.5 or "\ud800" in str(made)).encode("utf-8", "replace")
    return "\n".join(json.dumps(r) for r in made).encode()


def as_parquet(table: Table, chance: random.Random) -> bytes:
    n = len(table) - 1
    odd = [
        pa.array([datetime.datetime(2015, 1, 23)] * n), pa.array([decimal.Decimal("1.50")] * n),
        pa.array([b"\xff\xfe"] * n, pa.binary()), pa.array([{"a": 1}] * n), pa.array([[["x"]]] * n),
        pa.array([None] * n, pa.null()), pa.array([["a", None]] * n), pa.array([1.5] * n), pa.array([2**62] * n),
        pa.array(["x"] * n).dictionary_encode(), pa.array([datetime.time(1, 2)] * n), pa.array([[1, 2]] * n),
        pa.array([datetime.timedelta(1)] * n), pa.array(["x"] * n, pa.large_string()), pa.array([[("k", 1)]] * n,
        pa.map_(pa.string(), pa.int64())), pa.array([float("nan")] * n), pa.array([2**60] * n, pa.timestamp("ns")),
        pa.array([2**40] * n, pa.timestamp("s")), pa.array([True] * n),
    ]  # fmt: skip
    width = len(table[0])
    columns = [pa.array([row[i] if i < len(row) else None for row in table[1:]], pa.string()) for i in range(width)]
    for at in range(width):
        if chance.random() < 0.1:
            columns[at] = chance.choice(odd)
    out = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(columns, names=table[0]), out, row_group_size=chance.choice([2, 100]),
                   compression=chance.choice(["snappy", "none", "none"]))  # fmt: skip
    return out.getvalue()


def as_xlsx(sheets: dict[str, Table], chance: random.Random) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_urls": False}) as book:
        for name, table in sheets.items():
            sheet = book.add_worksheet(name)
            at = chance.choice([0, 0, 0, 1])
            if at:
                sheet.write_string(0, 0, "某市名录（示例）")
            for row in table:
                for column, value in enumerate(row):
                    _cell(sheet, at, column, value, chance)
                if chance.random() < 0.02:
                    sheet.set_row(at, None, None, {"hidden": True})
                at += 1
            if chance.random() < 0.2 and len(table) > 3:
                sheet.merge_range(2, 2, min(len(table) - 1, 4), 2, "山东省")
    return out.getvalue()


def _cell(sheet: Any, row: int, column: int, value: str, chance: random.Random) -> None:
    match chance.randrange(40):
        case 0:
            sheet.write_number(row, column, chance.choice([1, 0.5, 1e20, -3, 42027]))
        case 1:
            sheet.write_formula(row, column, "=1/0", None, chance.choice(["#DIV/0!", value, 3]))
        case 2:
            sheet.write_boolean(row, column, True)
        case 3:
            sheet.write_datetime(row, column, datetime.datetime(2015, 1, 23, 4, 5))
        case _:
            sheet.write_string(row, column, value)


_ODS = ('<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" office:version="1.2"><office:body>'
        "<office:spreadsheet>{}</office:spreadsheet></office:body></office:document-content>")  # fmt: skip


def as_ods(sheets: dict[str, Table], chance: random.Random) -> bytes:
    from xml.sax.saxutils import escape

    def plain(text: str) -> str:
        return escape("".join(c for c in text if c >= " " or c in "\t\n"))

    parts = []
    for name, table in sheets.items():
        rows = "".join("<table:table-row>" + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{plain(c)}</text:p></table:table-cell>'
            for c in row) + "</table:table-row>" for row in table)  # fmt: skip
        if chance.random() < 0.1:
            times = chance.choice([3, 1048000])
            rows += f'<table:table-row table:number-rows-repeated="{times}"><table:table-cell/></table:table-row>'
        parts.append(f'<table:table table:name="{name}">{rows}</table:table>')
    return packed_ods("".join(parts))


def packed_ods(inside: str) -> bytes:
    """Return an OpenDocument workbook of these tables."""
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    manifest = (b'<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
                b'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
                b'<manifest:file-entry manifest:full-path="/" manifest:media-type="' + kind + b'"/>'
                b"</manifest:manifest>")  # fmt: skip
    return packed({"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": _ODS.format(inside).encode()})


def packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


# Damage -------------------------------------------------------------------------------------------


def flipped(data: bytes, chance: random.Random) -> bytes:
    made = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 5, 30])):
        if made:
            made[chance.randrange(len(made))] = chance.randrange(256)
    return bytes(made)


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def spliced(data: bytes, chance: random.Random) -> bytes:
    at, end = sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))
    return data[:at] + data[at:end] * chance.choice([0, 2, 3]) + data[end:]


def noised(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice([b"\x00", b"\xff\xfe", b'"', b"\r", b"\n\n", b"\xef\xbb\xbf", b"\x80"]) + data[at:]


def recoded(data: bytes, chance: random.Random) -> bytes:
    """Lines in two encodings, as when files are pasted together."""
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    return b"\n".join(line.decode("utf-8", "replace").encode("gb18030") if n == at else line
                      for n, line in enumerate(lines))  # fmt: skip


def parts_damaged(data: bytes, chance: random.Random) -> bytes:
    """Damage inside one part of a zip, which stays a good zip; or a part is gone."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice([n for n in parts if parts[n]])
    if chance.random() < 0.2:
        del parts[name]
    else:
        parts[name] = chance.choice([flipped, flipped, cut, spliced])(parts[name], chance)
    return packed(parts)


_DAMAGE: list[Callable[[bytes, random.Random], bytes]] = [flipped, cut, spliced, noised]
_KINDS = ("csv", "csv", "csv", "tsv", "txt", "json", "jsonl", "parquet", "xlsx", "xlsx", "ods", "gz")


def make(folder: Path, seed: int) -> tuple[Path, bool]:
    """Write one fuzzed file; returns it and whether its bytes are as a program would write them."""
    chance = random.Random(seed)
    every = tables(chance)
    stem = chance.choice([*every, "企业"])
    table = disorder(every[stem], chance) or [["企业名称"]]
    kind = chance.choice(_KINDS)
    path = folder / f"{stem}.{kind}"
    if kind == "gz":
        return _chainkg(folder, chance), False
    if kind in ("xlsx", "ods"):
        sheets = {n: disorder(t, chance) for n, t in every.items()} if chance.random() < 0.3 else {stem: table}
        data = as_xlsx(sheets, chance) if kind == "xlsx" else as_ods(sheets, chance)
    else:
        table[0] = table[0] or ["企业名称"]
        write: Callable[[Table, random.Random], bytes] = {
            "csv": as_csv, "txt": as_csv, "tsv": as_tsv, "json": as_json, "jsonl": as_json, "parquet": as_parquet,
        }[kind]  # fmt: skip
        if kind == "parquet":
            table[0] = list(dict.fromkeys(table[0]))
        data = write(table, chance)
    whole = chance.random() < 0.4
    if not whole:
        ways = [*_DAMAGE, *([recoded] if kind in ("csv", "txt") else []),
                *([parts_damaged] * 4 if kind in ("xlsx", "ods") else [])]  # fmt: skip
        data = chance.choice(ways)(data, chance)
    path.write_bytes(data)
    return path, whole


def _chainkg(folder: Path, chance: random.Random) -> Path:
    """A ChainKnowledgeGraph folder of which one file is damaged."""
    home = folder / "kg"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    firms = [{"name": f"甲{n}", "fullname": f"甲{n}公司", "code": f"{n:06d}"} for n in range(5)]
    goods = [{"name": f"品{n}"} for n in range(5)]
    files: dict[str, list[dict[str, Any]]] = {
        "company": firms, "product": goods,
        "product_product": [{"from_entity": "品1", "to_entity": f"品{n}", "rel": "上游材料"} for n in range(5)],
        "company_product": [{"company_code": f"{n:06d}.SZ", "product_name": f"品{n}", "rel": "主营产品",
                             "rel_weight": chance.choice([0.5, -1, 3])} for n in range(5)],
    }  # fmt: skip
    hit = chance.choice(list(files))
    for name, records in files.items():
        data = "\n".join(json.dumps(r, ensure_ascii=False) for r in records).encode()
        if name == hit and chance.random() < 0.5:
            data = chance.choice(_DAMAGE)(data, chance)
        packed = gzip.compress(data)
        if name == hit:
            packed = chance.choice([cut, flipped, lambda d, c: d])(packed, chance)
        (home / f"{name}.json.gz").write_bytes(packed)
    return home


# What a file holds, counted by other programs -------------------------------------------------------


def count(path: Path) -> int | None:
    """Rows that hold anything, the header included, by a reader that is not ours; None when it cannot read."""
    try:
        return {".csv": _count_text, ".tsv": _count_text, ".txt": _count_text, ".json": _count_json,
                ".jsonl": _count_json, ".parquet": _count_parquet, ".xlsx": _count_xlsx}[path.suffix](path)  # fmt: skip
    except Exception:  # noqa: BLE001  (a damaged file: this reader does not speak of it)
        return None


def _text(path: Path) -> str:
    data = path.read_bytes()
    for bom, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(bom):
            return data.decode(encoding)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def _count_text(path: Path) -> int:
    mark = "\t" if path.suffix == ".tsv" else ","
    rows = csv.reader(io.StringIO(_text(path), newline=""), delimiter=mark)
    return sum(1 for row in rows if any(c.strip() for c in row))


def _count_json(path: Path) -> int:
    text = _text(path).strip()
    return 1 + (len(json.loads(text)) if text.startswith("[") else sum(1 for x in text.split("\n") if x.strip()))


def _count_parquet(path: Path) -> int:
    import duckdb

    (found,) = duckdb.sql(f"select count(*) from read_parquet('{path}')").fetchall()
    return 1 + int(found[0])


def _count_xlsx(path: Path) -> int:
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    return sum(1 for sheet in book.worksheets for row in sheet.iter_rows(values_only=True)
               if any(c is not None and c != "" for c in row))  # fmt: skip


# Loading ------------------------------------------------------------------------------------------


def load(path: Path, folder: Path) -> tuple[int, int, int]:
    """Read, fold and account in memory; returns rows read, rows told as no data, sheets."""
    gathered = gather([path], SCHEMA, known={})
    batch = gathered.batch()
    folded = fold([Loaded(1, batch)], SCHEMA, 1)
    rejects = [*batch.rejects, *loading._pending_rejects(folded, 1, SCHEMA, gathered)]
    reports = loading._account(batch, folded, rejects)
    loading._assert_conserved(reports)
    for reject in rejects:
        from chainatlas.graph.schema.words import message

        assert message(reject.code, "zh", **reject.values)
    if rejects:
        write_rejects(folder / "rejects.xlsx", rejects, batch)
    told = sum(1 for *_, why, _ in gathered.passed if why != "hidden")
    return sum(r.read for r in reports), told, len(reports)


def run(first: int, number: int, folder: Path) -> dict[str, Any]:
    """Load fuzzed files one by one and tell what came of them."""
    outcomes: Counter[str] = Counter()
    crashes: list[tuple[int, str, str]] = []
    losses: list[tuple[int, str, str]] = []
    counted = 0
    load(_warm(folder), folder)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for seed in range(first, first + number):
        (folder / "seed").write_text(str(seed), encoding="utf-8")
        path, _ = make(folder, seed)
        try:
            read, told, sheets = load(path, folder)
        except ChainAtlasError as refused:
            outcomes[refused.code] += 1
            sentence = refused.text("zh")
            if refused.code == "rows_lost":
                losses.append((seed, path.name, sentence))
        except KeyboardInterrupt:
            raise
        except BaseException as bad:  # noqa: BLE001  (a panic of a Rust library is no Exception)
            crashes.append((seed, path.name, "".join(traceback.format_exception(bad))[-1500:]))
        else:
            outcomes["loaded"] += 1
            there = count(path) if path.is_file() else None
            if there is not None:
                counted += 1
                # A header of two rows takes one more; a cell merged over blank rows makes rows of them.
                if not sheets * (1 if path.suffix != ".xlsx" else -2) <= there - read - told <= 2 * sheets:
                    losses.append((seed, path.name, f"{there} rows, {read} read, {told} told, {sheets} sheets"))
        if path.is_file():
            path.unlink()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"outcomes": dict(outcomes), "crashes": crashes, "losses": losses, "counted": counted,
            "memory_mb": (peak - before) / 1024}  # fmt: skip


def _warm(folder: Path) -> Path:
    path = folder / "企业.xlsx"
    path.write_bytes(as_xlsx({"企业": tables(random.Random(0))["企业"]}, random.Random(0)))
    return path


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])), ensure_ascii=False))  # noqa: T201
