"""Small files made to do harm, and what reading them came to.

Run as a program in a process of its own (``python hostile_files.py FILE …``), so that the most memory that it and
its child process ever held can be told. Prints a JSON object a file, and at last one with that memory.
"""

from __future__ import annotations

import io
import json
import random
import resource
import struct
import sys
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from chainatlas.graph.schema.errors import ChainAtlasError
from chainatlas.graph.schema.types import load_schema
from chainatlas.loaders.gather import gather

Make = Callable[[], bytes]


def packed(parts: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


# OLE ------------------------------------------------------------------------------------------------------

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def ole(
    links: list[int], *, start: int = 1, small: int = _END, more: int = _END, parts: int = 1, tables: int = 1
) -> bytes:
    """Return a compound file of as many sectors as there are links, the first of which is the table of links."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 16
    head += struct.pack(
        "<HHHHHHIIIIIIIIII",
        62,
        3,
        0xFFFE,
        9,
        6,
        0,
        0,
        0,
        tables,
        start,
        0,
        4096,
        small,
        int(small != _END),
        more,
        parts if more != _END else 0,
    )
    head += struct.pack("<109I", *range(tables), *[_FREE] * (109 - tables))
    table = struct.pack("<128I", *links, *[_FREE] * (128 - len(links)))
    return head + table + b"\x00" * 512 * (len(links) - 1)


def random_ole(chance: random.Random) -> bytes:
    """Return a compound file whose sectors lead anywhere: into circles of all lengths, mostly."""
    count = chance.randrange(2, 9)

    def any_() -> int:
        return chance.choice([*range(count), *range(count), _END, _FREE, 0x7FFFFFFF])

    links = [_FAT, *(any_() for _ in range(count - 1))]
    return ole(
        links,
        start=any_(),
        small=any_(),
        more=any_(),
        parts=chance.choice([0, 1, 9, _FREE]),
        tables=chance.randrange(1, 4),
    )


# xlsx, ods, docx -------------------------------------------------------------------------------------------

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>企业名称</t></is></c></row>'


def book(rows: str, texts: str = "", **more: bytes) -> bytes:
    """Return a workbook with these rows under a header, and shared texts."""
    targets = [("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")]
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{_LINKS}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets)
    )
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>'
        '<sheet name="企业" sheetId="1" r:id="r0"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{_HEAD}{rows}</sheetData></worksheet>',
    }
    if texts:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{_MAIN}" {texts}</sst>'
    return packed({**parts, **more})


def cell(place: str, inside: str = "<v>1</v>", more: str = "") -> str:
    row = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    return f'<row r="{row}"><c r="{place}"{more}>{inside}</c></row>'


def bomb_in_bombs() -> bytes:
    made = packed({"0.xml": b" " * 20_000_000})
    for _ in range(4):
        made = packed({f"{n}.zip": made for n in range(10)})
    return made


def ods(rows: str) -> bytes:
    names = "".join(f' xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    body = f'<office:body><office:spreadsheet><table:table table:name="企业">{rows}</table:table></office:spreadsheet>'
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": "<manifest/>",
            "content.xml": f"<office:document-content{names}>{body}</office:body></office:document-content>",
        }
    )


def docx(tables: int) -> bytes:
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    inside = "<w:tbl>" * tables + "<w:p><w:r><w:t>示例</w:t></w:r></w:p>" + "</w:tbl>" * tables
    return packed({"word/document.xml": f'<w:document xmlns:w="{name}"><w:body>{inside}</w:body></w:document>'})


# PDF ----------------------------------------------------------------------------------------------------------


def pdf(*objects: bytes) -> bytes:
    made, places = b"%PDF-1.7\n", []
    for number, body in enumerate((b"<</Type/Catalog/Pages 2 0 R>>", *objects), 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1) + b"".join(
        b"%010d 00000 n \n" % at for at in places
    )
    return made + table + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, len(made))


def stream(head: bytes, data: bytes) -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (head, len(data), data)


_PAGE = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
_FORM = (
    _PAGE,
    b"<</Type/Page/Parent 2 0 R/Contents 5 0 R/Resources 4 0 R>>",
    b"<</XObject<</F 6 0 R>>>>",
    stream(b"", b"/F Do /F Do"),
    stream(b"/Type/XObject/Subtype/Form/Resources 4 0 R", b"/F Do /F Do"),
)


def many_kids(depth: int) -> bytes:
    """Return pages of which each names the next one ten times."""
    pages = [b"<</Type/Pages/Count 9/Kids[%s]>>" % (b"%d 0 R " % (n + 1) * 10) for n in range(2, depth)]
    return pdf(*pages, b"<</Type/Page>>")


# what there is ---------------------------------------------------------------------------------------------------

DAY: dict[str, Make] = {
    "circle.xls": lambda: ole([_FAT, 2, 1]),
    "small_circle.xls": lambda: ole([_FAT, _END, 2], small=2),
    "texts_counted.xlsx": lambda: book("", 'count="4000000000" uniqueCount="4000000000"><si><t>a</t></si>'),
    "texts_bomb.xlsx": lambda: book(
        "".join(cell(f"A{n}", "<v>0</v>", ' t="s"') for n in range(2, 7000)), f"><si><t>{'字' * 30_000}</t></si>"
    ),
    "wide.xlsx": lambda: book(cell("ZZZZZZ2")),
    "small_letters.xlsx": lambda: book(cell("xfd1048576")),
    "wide_rows.xlsx": lambda: book("".join(cell(f"XFD{n}") for n in range(2, 3000))),
    "deep.xlsx": lambda: book(cell("A2", "<is>" * 300_000 + "</is>" * 300_000)),
    "deep.ods": lambda: ods(
        "<table:table-row><table:table-cell>"
        + "<text:p>" * 300_000
        + "</text:p>" * 300_000
        + "</table:table-cell></table:table-row>"
    ),
    "bombs.xlsx": lambda: book(cell("A2"), **{"xl/embeddings/a.zip": bomb_in_bombs()}),
    "kids.pdf": lambda: pdf(
        b"<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2/Parent 2 0 R>>"
    ),
    "forms.pdf": lambda: pdf(*_FORM),
    "tables.docx": lambda: docx(100_000),
    "deep.json": lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
}
NIGHT: dict[str, Make] = {
    "deep.ttl": lambda: b"<http://a> <http://b> " + b"[" * 50_000 + b"]" * 50_000 + b" .",
    "deep.graphml": lambda: b"<graphml>" + b"<graph>" * 50_000 + b"</graph>" * 50_000 + b"</graphml>",
    "tables.docx": lambda: docx(1_000_000),
    "many_kids.pdf": lambda: many_kids(40),
    "arrays.pdf": lambda: pdf(_PAGE, b"<</Type/Page/Parent 2 0 R/X %s%s>>" % (b"[" * 200_000, b"]" * 200_000)),
    "length.pdf": lambda: pdf(_PAGE, b"<</Type/Page/Contents 4 0 R>>", b"<</Length 4 0 R>>stream\nBT ET\nendstream"),
    "packed_twice.pdf": lambda: pdf(
        _PAGE,
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R>>",
        stream(b"/Filter[/FlateDecode/FlateDecode]", zlib.compress(zlib.compress(b" " * 500_000_000, 9), 9)),
    ),
    "spaces.xlsx": lambda: book(" " * 190_000_000),
    "merged.xlsx": lambda: book(
        cell("A2")
        + "</sheetData><mergeCells>"
        + '<mergeCell ref="A1:XFD1048576"/>' * 20_000
        + "</mergeCells><sheetData>"
    ),
    "far_row.xlsx": lambda: book(cell("A4000000000")),
    "repeated.ods": lambda: ods(
        "<table:table-row table:number-rows-repeated='4000000000'><table:table-cell "
        "table:number-columns-repeated='16384'><text:p>x</text:p></table:table-cell></table:table-row>"
    ),
    "deep.gexf": lambda: b"<gexf>" + b"<graph>" * 300_000 + b"</graph>" * 300_000 + b"</gexf>",
    "deep.jsonl": lambda: b'[{"a":' * 900 + b"1" + b"}]" * 900 + b"\n" + b'{"a":' * 940 + b"1" + b"}" * 940,
    "deep.jsonld": lambda: b'{"@graph":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep.rdf": lambda: (
        b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:a="http://a/">'
        + b"<r:Bag><a:b>" * 5_000
        + b"</a:b></r:Bag>" * 5_000
        + b"</r:RDF>"
    ),
}


def read(path: Path) -> dict[str, object]:
    """Read a file as a load does; return what that came to."""
    since = time.monotonic()
    told = {"file": path.name, "code": "", "names": True}
    try:
        gather([path], load_schema(), known={})
    except ChainAtlasError as bad:
        text = bad.text("zh")
        told |= {"code": bad.code, "names": path.name in text and "\n" not in text and len(text) < 500}
    return {**told, "seconds": round(time.monotonic() - since, 2)}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (4_000_000_000,) * 2)  # should all fail that is tried here
    for name in sys.argv[1:]:
        print(json.dumps(read(Path(name))), flush=True)  # noqa: T201
    from chainatlas.loaders.files import child

    child._end()
    held = Path("/proc/self/status").read_text(encoding="ascii").partition("VmHWM:")[2].split()[0]
    most = [int(held) / 1000, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000]
    print(json.dumps({"memory_mb": most}))  # noqa: T201
