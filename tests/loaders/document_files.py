"""Writes the documents that tests read: a Word file and a PDF of given lines, as small as can be."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
WIDTH, LINES = 28, 22  # characters a line, lines a page, as official documents have them


def write_docx(path: Path, lines: Sequence[str], doctype: str = "") -> Path:
    """Write each line as a paragraph; the text of a paragraph is cut into two runs."""
    paragraphs = "".join(f"<w:p>{_run(line[:5])}{_run(line[5:])}</w:p>" for line in lines)
    body = f'<?xml version="1.0" encoding="UTF-8"?>{doctype}<w:document xmlns:w="{WORD}"><w:body>{paragraphs}'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", body + "</w:body></w:document>")
    return path


def _run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>' if text else ""


def write_pdf(path: Path, lines: Sequence[str], locked: bool = False) -> Path:
    """Write lines wrapped to the page's width, with a page number at the foot of each page."""
    wrapped = [line[at : at + WIDTH] for line in lines for at in range(0, len(line), WIDTH)]
    pages = [wrapped[at : at + LINES] for at in range(0, len(wrapped), LINES)] or [[]]
    used = sorted({c for page in pages for line in page for c in line} | set("— 0123456789"))
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"",
               b"<</Type/Font/Subtype/Type0/BaseFont/Song/Encoding/Identity-H/ToUnicode 4 0 R/DescendantFonts[5 0 R]>>",
               _stream(_cmap(used)),
               b"<</Type/Font/Subtype/CIDFontType2/BaseFont/Song/DW 1000"
               b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>"]  # fmt: skip
    kids = []
    for number, page in enumerate(pages, 1):
        shown = [*page, f"— {number} —"] if page else []
        text = "".join(f"1 0 0 1 80 {780 - 30 * i} Tm <{_hex(line)}> Tj\n" for i, line in enumerate(shown))
        objects.append(_stream(f"BT /F1 16 Tf\n{text}ET"))
        objects.append(f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {len(objects)} 0 R"
                       "/Resources<</Font<</F1 3 0 R>>>>>>".encode())  # fmt: skip
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(kids)}]>>".encode()
    path.write_bytes(_file(objects, locked))
    return path


def _file(objects: list[bytes], locked: bool) -> bytes:
    data, places = b"%PDF-1.7\n", []
    if locked:  # a password that nobody knows: its check value fits none
        objects = [*objects, b"<</Filter/Standard/V 1/R 2/P -4/O<" + b"11" * 32 + b">/U<" + b"22" * 32 + b">>>"]
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = "".join(f"{at:010d} 00000 n \n" for at in places)
    size = len(objects) + 1
    more = f"/ID[<00><00>]/Encrypt {len(objects)} 0 R" if locked else ""
    trailer = f"trailer<</Size {size}/Root 1 0 R{more}>>\nstartxref\n{len(data)}\n%%EOF"
    return data + f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode()


def _hex(text: str) -> str:
    return text.encode("utf-16-be").hex()


def _stream(text: str) -> bytes:
    return f"<</Length {len(text)}>>\nstream\n{text}\nendstream".encode()


def _cmap(used: list[str]) -> str:
    blocks = []
    for at in range(0, len(used), 100):
        part = used[at : at + 100]
        pairs = "".join(f"<{_hex(c)}> <{_hex(c)}>\n" for c in part)
        blocks.append(f"{len(part)} beginbfchar\n{pairs}endbfchar\n")
    head = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
    span = "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
    return head + span + "".join(blocks) + "endcmap end end"
