"""Workbooks by grammar: xlsx made of its parts, odd in references, styles and shared texts; ods; xls by its records."""

from __future__ import annotations

import io
import random
import re
import struct
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from fuzzing import packed, packed_ods

from .trees import xml_damaged
from .words import NUMBERS, ODD, Table, table

_SPACE = (
    'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
REFS = (
    "A0",
    "a1",
    "1A",
    "AAAA1",
    "XFE1",
    "A1048577",
    "",
    "A",
    "1",
    "A-1",
    "$A$1",
    "A1:B2",
    "R1C1",
    "ZZZ9",
    "A99999999",
    "A4294967297",
    "甲1",
    "A１",
)
FORMATS = (
    "General",
    "yyyy-mm-dd",
    "[h]:mm:ss",
    "0.00%",
    "@",
    "",
    '"',
    "[$-804]yyyy年m月d日",
    "[",
    "\\",
    "[Red][<0]x;;;",
    "y" * 300,
    "#,##0.00_);[Red]",
    "mm:ss.0",
)


def plain(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


def xlsx_file(folder: Path, chance: random.Random) -> list[Path]:
    """Write a workbook part by part; one part may be damaged, doubled, or gone."""
    sheets = [table(chance) for _ in range(chance.choice([1, 1, 1, 2, 3]))]
    shared: list[str] = []
    parts = {
        f"xl/worksheets/sheet{n}.xml": _sheet(cells, shared, chance).encode() for n, (_, cells) in enumerate(sheets, 1)
    }
    names = [
        plain(name if chance.random() < 0.9 else chance.choice(ODD))[: chance.choice([31, 31, 300])]
        for name, _ in sheets
    ]
    parts |= _around(names, shared, chance)
    if chance.random() < 0.35:
        part = chance.choice([p for p in parts if p.endswith((".xml", ".rels"))])
        parts[part] = xml_damaged(parts[part], chance)
    if chance.random() < 0.1:
        del parts[chance.choice(list(parts))]
    if chance.random() < 0.05:
        parts["xl/" + chance.choice(["vbaProject.bin", "metadata.xml", "tables/table1.xml", "comments1.xml"])] = (
            b"\x00x"
        )
    first = "".join(c for c in names[0] if c not in "/\\\0\n\r")[:40] or "企业"
    path = folder / f"{first}.{chance.choice(['xlsx', 'xlsx', 'xlsx', 'xlsm'])}"
    path.write_bytes(packed(parts))
    return [path]


def _around(names: list[str], shared: list[str], chance: random.Random) -> dict[str, bytes]:
    """Return what stands beside the sheets: the book, its links, shared texts, styles."""
    count = chance.choice([str(len(shared)), str(len(shared)), "0", "99999999", "4294967295", "-1", "x"])
    texts = "".join(_text(t, chance) for t in shared)
    states = chance.choice([*[""] * 9, ' state="hidden"', ' state="veryHidden"', ' state="x"'])
    book = "".join(f'<sheet name={quoteattr(n)} sheetId="{i}" r:id="rId{i}"{states}/>' for i, n in enumerate(names, 1))
    dates = chance.choice(["", "", '<workbookPr date1904="1"/>', '<workbookPr date1904="x"/>'])
    defined = chance.choice(["", "", '<definedNames><definedName name="x">#REF!</definedName></definedNames>'])
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{_LINKS}/worksheet" Target="{_target(i, chance)}"/>'
        for i in range(1, len(names) + 1)
    )
    styles = "".join(f'<numFmt numFmtId="{164 + i}" formatCode={quoteattr(f)}/>' for i, f in enumerate(FORMATS))
    cells = "".join(f'<xf numFmtId="{n}"/>' for n in (0, 14, 22, 9, 49, 164, 165, 166, 167, 9999, *range(168, 178)))
    types = "".join(
        (
            f'<Override PartName="/xl/worksheets/sheet{i}.xml"'
            f' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        )
        for i in range(1, len(names) + 1)
    )
    made = {
        "[Content_Types].xml": (
            f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Default Extension="xml" ContentType="application/xml"/>{types}</Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": f"<workbook {_SPACE}>{dates}<sheets>{book}</sheets>{defined}</workbook>",
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{links}'
            f'<Relationship Id="rId90" Type="{_LINKS}/sharedStrings" Target="sharedStrings.xml"/>'
            f'<Relationship Id="rId91" Type="{_LINKS}/styles" Target="styles.xml"/></Relationships>'
        ),
        "xl/sharedStrings.xml": f'<sst {_SPACE} count="{count}" uniqueCount="{count}">{texts}</sst>',
        "xl/styles.xml": f"<styleSheet {_SPACE}><numFmts>{styles}</numFmts><cellXfs>{cells}</cellXfs></styleSheet>",
    }
    return {name: (_HEAD + text).encode() for name, text in made.items()}


def _target(n: int, chance: random.Random) -> str:
    usual = f"worksheets/sheet{n}.xml"
    if chance.random() < 0.93:
        return usual
    return chance.choice(
        [
            f"/xl/{usual}",
            f"./{usual}",
            f"../xl/{usual}",
            "none.xml",
            "",
            "../../../etc/passwd",
            "http://127.0.0.1:9/x",
            "workbook.xml",
        ]
    )


def _text(text: str, chance: random.Random) -> str:
    inner = escape(plain(text))
    return chance.choice(
        [
            f"<si><t>{inner}</t></si>",
            f"<si><t>{inner}</t></si>",
            f'<si><t xml:space="preserve">{inner}</t></si>',
            f"<si><r><rPr/><t>{inner[:1]}</t></r><r><t>{inner[1:]}</t></r></si>" if "&" not in inner else "<si/>",
            "<si/>",
            f'<si><t>{inner}</t><rPh sb="0" eb="1"><t>x</t></rPh></si>',
            "<si><t/></si>",
            f"<si><t>{inner}_x0000__x000D_</t></si>",
        ]
    )


def _sheet(cells: Table, shared: list[str], chance: random.Random) -> str:
    odd = chance.choice([0.0, 0.0, 0.0, 0.01, 0.02, 0.2])
    rows = []
    for r, row in enumerate(cells, 1):
        made = "".join(_cell(r, c, text, shared, chance, odd) for c, text in enumerate(row))
        number = (
            str(r)
            if chance.random() > odd
            else chance.choice(["0", "-1", "1048577", "99999999", "x", "", "4294967296", "2"])
        )
        more = chance.choice(["", "", "", ' hidden="1"', ' spans="1:99999"', ' ht="x"']) if odd else ""
        rows.append(f'<row r="{number}"{more}>{made}</row>' if chance.random() > odd / 4 else f"<row>{made}</row>")
    if odd and chance.random() < 0.3:
        chance.shuffle(rows)
    size = chance.choice(
        ["", f'<dimension ref="A1:J{len(cells)}"/>', f'<dimension ref="{chance.choice(REFS)}"/>' if odd else ""]
    )
    merged = [f'<mergeCell ref="{_range(chance, odd)}"/>' for _ in range(chance.choice([0, 0, 1, 3]))]
    after = f'<mergeCells count="{len(merged)}">{"".join(merged)}</mergeCells>' if merged else ""
    return f"{_HEAD}<worksheet {_SPACE}>{size}<sheetData>{''.join(rows)}</sheetData>{after}</worksheet>"


def _range(chance: random.Random, odd: float) -> str:
    if chance.random() < odd:
        return chance.choice(
            [
                "A1",
                "B2:A1",
                "A1:XFD1048576",
                "A:A",
                "1:1",
                "",
                ":",
                "A1:",
                "A0:B0",
                "A1:ZZZZ9",
                "A1:A4294967296",
                "A1:B2:C3",
            ]
        )
    top, left = chance.randrange(1, 9), chance.randrange(4)
    return f"{chr(65 + left)}{top}:{chr(65 + left + chance.randrange(3))}{top + chance.randrange(4)}"


def _cell(row: int, column: int, text: str, shared: list[str], chance: random.Random, odd: float) -> str:
    ref = f"{'' if column < 26 else chr(64 + column // 26)}{chr(65 + column % 26)}{row}"
    style = ""
    if odd:
        ref = chance.choice(REFS) if chance.random() < odd else ref
        style = (
            f' s="{chance.choice([0, 1, 2, 5, 7, 11, 19, 20, 999, -1, "x", 2**32])}"'
            if chance.random() < 2 * odd
            else ""
        )
    at = f' r="{ref}"' if chance.random() > odd / 3 else ""
    if chance.random() < odd:
        kind = chance.choice(["n", "s", "b", "e", "d", "str", "inlineStr", "x", ""])
        value = plain(
            chance.choice(
                (
                    *NUMBERS,
                    "99999999",
                    "-1",
                    "#REF!",
                    "#N/A",
                    "2015-01-23",
                    "TRUE",
                    "42027",
                    "2958466",
                    "-700000",
                    "1e15",
                    text,
                )
            )
        )
        formula = chance.choice(
            [
                "",
                "",
                "<f>1/0</f>",
                '<f t="shared" si="0"/>',
                '<f t="array" ref="A1:XFD1048576">1</f>',
                '<f t="shared" ref="x" si="-1">A1</f>',
            ]
        )
        return f'<c{at}{style} t="{kind}">{formula}<v>{escape(value)}</v></c>'
    if chance.random() < 0.7:
        shared.append(text)
        return f'<c{at}{style} t="s"><v>{len(shared) - 1}</v></c>'
    return f'<c{at}{style} t="inlineStr"><is><t>{escape(plain(text))}</t></is></c>'


def ods_file(folder: Path, chance: random.Random) -> list[Path]:
    """Write an OpenDocument workbook, cells of all types, its content at times damaged."""
    name, cells = table(chance)
    rows = "".join(
        f"<table:table-row{_times('rows', chance)}>{''.join(_ods_cell(c, chance) for c in row)}</table:table-row>"
        for row in cells
    )
    data = packed_ods(f"<table:table table:name={quoteattr(plain(name))}>{rows}</table:table>")
    if chance.random() < 0.6:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {part: archive.read(part) for part in archive.namelist()}
        part = chance.choice(["content.xml", "content.xml", "content.xml", "META-INF/manifest.xml"])
        parts[part] = xml_damaged(parts[part], chance)
        data = packed(parts)
    path = folder / f"{name.replace('/', '')}.ods"
    path.write_bytes(data)
    return [path]


def _times(kind: str, chance: random.Random) -> str:
    if chance.random() < 0.99:
        return ""
    many = chance.choice(["0", "2", "-1", "999", "x", "1048576", "99999999999", "4294967296", ""])
    return f' table:number-{kind}-repeated="{many}"'


def _ods_cell(text: str, chance: random.Random) -> str:
    inner = escape(plain(text))
    if chance.random() < 0.98:
        return (
            f'<table:table-cell office:value-type="string"{_times("columns", chance)}>'
            f"<text:p>{inner}</text:p></table:table-cell>"
        )
    kind = chance.choice(["float", "date", "time", "boolean", "percentage", "currency", "x", "void"])
    value = quoteattr(plain(chance.choice((*NUMBERS, "2015-01-23", "10000-01-01", "PT1H", "PT999999H", "true", text))))
    name = chance.choice(["value", "date-value", "time-value", "boolean-value", "string-value"])
    span = f' table:number-rows-spanned="{chance.choice(["2", "0", "99999999", "x"])}"' if chance.random() < 0.3 else ""
    return (
        f'<table:table-cell office:value-type="{kind}"'
        f" office:{name}={value}{span}><text:p>{inner}</text:p></table:table-cell>"
    )


# xls: an OLE file that holds one stream of records (BIFF8) -------------------------------------------


def xls_file(folder: Path, chance: random.Random) -> list[Path]:
    """Write an old workbook by its records, some of them with other lengths, numbers, or out of order."""
    name, cells = table(chance, 0.05)
    odd = chance.choice([0.0, 0.02, 0.1])
    inside = [_record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0), chance, odd)]
    for r, row in enumerate(cells):
        for c, text in enumerate(row):
            if chance.random() < odd:
                inside.append(_odd_record(r, c, chance))
            else:
                inside.append(
                    _record(
                        0x204,
                        struct.pack("<HHHHB", r, c, 0, len(text[:200]), 1) + text[:200].encode("utf-16-le", "replace"),
                        chance,
                        odd,
                    )
                )
    inside.append(_record(0x0A, b"", chance, odd / 2))
    title = name[:31].encode("utf-16-le")
    bound = struct.pack("<IBBBB", 0, chance.choice([0, 0, 0, 1, 2, 255]), 0, len(title) // 2, 1) + title
    head = [
        struct.pack("<HH", 0x809, 16) + struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0),
        struct.pack("<HHH", 0x42, 2, 1200),
    ]
    length = sum(map(len, head)) + 4 + len(bound) + 4
    if chance.random() >= odd:
        bound = struct.pack("<I", length) + bound[4:]
    else:
        bound = struct.pack("<I", chance.choice([0, 1, length + 1, 2**31, 2**32 - 1])) + bound[4:]
    stream = b"".join([*head, struct.pack("<HH", 0x85, len(bound)) + bound, struct.pack("<HH", 0x0A, 0), *inside])
    path = folder / f"{name.replace('/', '')}.xls"
    path.write_bytes(ole(stream, chance if chance.random() < 0.3 else None))
    return [path]


def _record(kind: int, data: bytes, chance: random.Random, odd: float) -> bytes:
    size = len(data) if chance.random() > odd else chance.choice([0, 1, len(data) + 1, max(len(data) - 1, 0), 0xFFFF])
    return (
        struct.pack(
            "<HH",
            kind
            if chance.random() > odd / 2
            else chance.choice([0xFC, 0x3C, 0xE5, 0x06, 0x207, 0xBD, 0x7E, 0x18, 0x31]),
            size,
        )
        + data
    )


def _odd_record(row: int, column: int, chance: random.Random) -> bytes:
    number = struct.pack("<d", chance.choice([1e308, -1.0, float("nan"), float("inf"), 42027.0, 2958466.0]))
    place = struct.pack(
        "<HHH", chance.choice([row, 65535]), chance.choice([column, 255, 65535]), chance.choice([0, 65535])
    )
    body = chance.choice(
        [
            (0x203, place + number),
            (0x27E, place + struct.pack("<I", chance.choice([0, 2**32 - 1, 0x12345]))),
            (0x205, place + b"\x2a\x01"),
            (0xFD, place + struct.pack("<I", chance.choice([0, 2**32 - 1]))),
            (0x06, place + number + b"\x00" * 8),
            (0xBD, place + b"\x00" * 10),
            (0x201, place),
            (0xE5, struct.pack("<HHHHH", 9999, 0, 65535, 0, 65535)),
            (0xFC, struct.pack("<II", 2**32 - 1, 2**32 - 1)),
            (0x207, struct.pack("<HB", 65535, 1)),
            (0x3C, b"\x01" * 50),
            (0x31, b"\x00" * 3),
        ]
    )
    return struct.pack("<HH", body[0], len(body[1])) + body[1]


def ole(stream: bytes, chance: random.Random | None) -> bytes:
    """Return a compound file that holds a stream named Workbook; with ``chance`` its tables are odd."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\x00")
    sectors = len(stream) // 512
    if sectors > 120:  # one sector of the allocation table is enough for what is tried here
        stream, sectors = stream[: 120 * 512], 120
    table_ = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    table_ += [0xFFFFFFFF] * (128 - len(table_))

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = name.encode("utf-16-le") + b"\x00\x00" if name else b""
        return (
            text.ljust(64, b"\x00")
            + struct.pack("<HBBIII", len(text), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
            + b"\x00" * 36
            + struct.pack("<IQ", start, size)
        )

    if chance is not None:
        table_[chance.randrange(sectors + 2)] = chance.choice(
            [0, 1, 2, 5, 127, 128, 0xFFFFFFF0, 0xFFFFFFFA, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFFFFFC]
        )
    start = 2 if chance is None else chance.choice([2, 2, 0, 1, 200, 0xFFFFFFFE, 0x7FFFFFFF])
    size = len(stream) if chance is None else chance.choice([len(stream), 0, 1, 2**31, 2**40])
    directory = (
        entry("Root Entry", 5, 1, 0xFFFFFFFE, 0)
        + entry("Workbook", 2, 0xFFFFFFFF, start, size)
        + entry("", 0, 0, 0, 0) * 2
    )
    first = 1 if chance is None else chance.choice([1, 1, 0, 2, 500])
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\x00" * 6
    )
    header += struct.pack("<IIIIIIIII", 0, 1, first, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<I", 0) + b"\xff" * 432
    return header + struct.pack("<128I", *table_) + directory + stream
