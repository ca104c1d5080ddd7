"""Policies by grammar: texts with odd numbers, dates, nesting and marks, as Markdown, plain text, Word and PDF."""

from __future__ import annotations

import random
import zlib
from pathlib import Path
from xml.sax.saxutils import escape

from fuzzing import packed

from .books import plain
from .trees import xml_damaged
from .words import DATES, NUMBERS, ODD, TEXTS

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_LABELS = (
    "一、",
    "（一）",
    "1.",
    "第一条 ",
    "第九十九章 ",
    "1.1.1.1 ",
    "①",
    "- ",
    "# ",
    "## ",
    "> > > ",
    "（十百千）",
    "第零条",
    "第99999999999999999999条",
    "",
    "",
    "(1)",
    "a)",
    "[",
)


def policy_text(chance: random.Random) -> list[str]:
    """Return the lines of a policy: title, number, clauses with targets, some of them odd."""
    year = chance.choice(["2025", "2025", "1", "0", "9999", "10000", "99999999999", "二〇二五", "０２５", "-5"])
    lines = [
        chance.choice(
            [
                "示例市产业链发展行动方案",
                "示例市人民政府关于印发示例方案的通知",
                "# 示例产业发展规划（2025—2027年）",
                "示例产业办法",
                chance.choice(TEXTS),
            ]
        ),
        chance.choice(
            [
                *[f"示政发〔{year}〕5号"] * 4,
                f"示政办发[{year}]{'9' * 30}号",
                f"〔{year}〕号",
                "",
                f"示政发〔{year}〕5号" * 50,
                "文号：" + chance.choice(ODD),
            ]
        ),
        chance.choice(
            [
                f"{year}年{chance.choice(['1', '13', '0', '99'])}月{chance.choice(['2', '32', '0'])}日",
                "",
                chance.choice(DATES),
            ]
        ),
    ]
    for _ in range(chance.choice([1, 3, 6, 20])):
        lines.append(chance.choice(_LABELS) + _sentence(year, chance))
    if chance.random() < 0.3:
        lines += [
            (
                f"本办法自{year}年{chance.choice(['1月1日', '13月1日', '2月30日', ''])}起施行"
                f"，有效期{chance.choice(['5年', '至9999年12月31日', '9' * 20 + '年'])}。"
            )
        ]
    if chance.random() < 0.2:
        lines[chance.randrange(len(lines))] = chance.choice(ODD) * chance.choice([1, 2, 30])
    return lines


def _sentence(year: str, chance: random.Random) -> str:
    number, date = chance.choice(NUMBERS), chance.choice(DATES)
    mark = chance.choice(["，", "。", "；", "、", "\t", "（", "“", "|"])
    return mark.join(
        chance.choice(
            [
                f"到{year}年，示例产业规模达到{chance.choice(['500亿元', number + '亿元', number])}",
                f"到{date}，培育企业{number}家以上",
                f"年均增长{number}%",
                f"力争比{year}年翻{chance.choice(['一番', '九番', '两番', number + '番'])}",
                "支持枣庄市、济南市发展锂电池产业链",
                f"重点发展{'、'.join(['示例品'] * chance.choice([1, 5, 200]))}",
                f"突破{chance.choice(ODD)}关键技术",
                f"（{'（' * chance.choice([0, 1, 50])}牵头单位：示例局；{'）' * chance.choice([0, 1, 50])}配合单位：",
                "[示例](http://x" + ")" * chance.choice([0, 1, 20]),
                f"`{chance.choice(TEXTS)}`",
                "**" * chance.choice([1, 30]),
                "<!--" * chance.choice([1, 20]),
                f"从{number}提高到{number}",
                f"不低于{number}、不超过{number}",
                f"|a|b|\n|-|-|\n|{number}|{date}|",
                "<table><tr><td>",
                chance.choice(ODD),
                f"“{chance.choice(ODD)}",
                "　　",
                f"第{number}条",
                f"在{year}—{date}年间",
            ]
        )
        for _ in range(chance.choice([1, 2, 4]))
    )


def text_file(folder: Path, chance: random.Random) -> list[Path]:
    """Write a policy as plain text or Markdown."""
    data = chance.choice(["\n", "\n", "\r\n", "\r", "\n\n", "\f", "\u2028"]).join(policy_text(chance))
    path = folder / f"示例.{chance.choice(['md', 'md', 'markdown'])}"
    path.write_bytes(
        data.encode(chance.choice(["utf-8"] * 20 + ["gb18030", "utf-8-sig", "utf-16", "utf-16-le", "big5"]), "replace")
    )
    return [path]


def docx_file(folder: Path, chance: random.Random) -> list[Path]:
    """Write a policy as Word does, its parts at times damaged."""
    body = "".join(_paragraph(line, chance) for line in policy_text(chance))
    parts = {
        "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "word/document.xml": (
            f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'
        ).encode(),
    }
    if chance.random() < 0.6:
        parts["word/document.xml"] = xml_damaged(parts["word/document.xml"], chance)
    if chance.random() < 0.1:
        document = parts.pop("word/document.xml")
        parts[chance.choice(["word/document.xml", "word/Document.xml", "document.xml"])] = chance.choice(
            [
                b"",
                b"<x",
                document[: len(document) // 2],
                document.decode().encode("utf-16"),
                b"<a>" * 20000,
                document.replace(b"UTF-8", b"utf-99"),
                document.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>', 1),
                document.replace(b"UTF-8", b"gb18030"),
                document + b"<x/>",
            ]
        )
    path = folder / "示例.docx"
    path.write_bytes(packed(parts))
    return [path]


def _paragraph(line: str, chance: random.Random) -> str:
    text = escape(plain(line))
    return chance.choice(
        [
            f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>",
            f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>",
            f"<w:p><w:del><w:r><w:delText>{text}</w:delText></w:r></w:del></w:p>",
            f"<w:tbl><w:tr><w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
            f"<w:p><w:r><w:t>{text}</w:t><w:br/><w:tab/></w:r></w:p>",
            f"<w:tbl>{'<w:tr><w:tc><w:tbl>' * 30}<w:p/>{'</w:tbl></w:tc></w:tr>' * 30}</w:tbl>",
            f"<w:t>{text}</w:t>",
            f"<w:p><w:ins><w:p><w:t>{text}</w:t></w:p></w:ins></w:p>",
        ]
    )


def pdf_file(folder: Path, chance: random.Random) -> list[Path]:
    """Write a policy as a PDF by its objects; numbers, names and references at times are others."""
    lines = [plain(x).replace("\n", " ")[:60] for x in policy_text(chance)]
    shown = "".join(f"<{line.encode('utf-16-be', 'replace').hex()}> Tj 0 -14 Td " for line in lines)
    if chance.random() < 0.3:
        shown = chance.choice(
            [
                "q " * 3000 + shown,
                shown + " ET" * 50,
                "/Fm0 Do " + shown,
                "<xyz> Tj [<00> -1e999 (a] TJ " + shown,
                "BI /W 9 ID x EI " + shown,
                shown[: len(shown) // 2],
            ]
        )
    content = f"BT /F1 12 Tf 1 0 0 1 50 800 Tm {shown} ET".encode()
    packed_, coding = (zlib.compress(content), "/Filter /FlateDecode") if chance.random() < 0.5 else (content, "")
    cmap = (
        b"/CIDInit begincmap 1 begincodespacerange <0000> <ffff>"
        b" endcodespacerange 1 beginbfrange <0000> <ffff> <0000> endbfrange endcmap"
    )
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> /XObject << /Fm0 8 0 R >> >> >>"
        ),
        f"<< /Length {len(packed_)} {coding} >>\nstream\n".encode() + packed_ + b"\nendstream",
        (
            b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding"
            b" /Identity-H /DescendantFonts [6 0 R] /ToUnicode 7 0 R >>"
        ),
        (
            b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo <<"
            b" /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 1000 >>"
        ),
        f"<< /Length {len(cmap)} >>\nstream\n".encode() + cmap + b"\nendstream",
        (
            b"<< /Type /XObject /Subtype /Form /Resources << /XObject <<"
            b" /Fm0 8 0 R >> >> /Length 7 >>\nstream\n/Fm0 Do\nendstream"
        ),
    ]
    for _ in range(chance.choice([0, 1, 1, 2, 4])):
        at = chance.randrange(len(objects))
        objects[at] = _object_damaged(objects[at], chance)
    path = folder / "示例.pdf"
    path.write_bytes(_pdf(objects, chance))
    return [path]


def _object_damaged(data: bytes, chance: random.Random) -> bytes:
    """Change a number, a name, a reference or a key of an object."""
    words = data.split(b" ")
    at = chance.randrange(len(words))
    words[at] = chance.choice(
        [
            b"0",
            b"-1",
            b"99999999999",
            b"1e999",
            b"null",
            b"true",
            b"2 0 R",
            b"3 0 R",
            b"4 0 R",
            b"999 0 R",
            b"/FlateDecode",
            b"/LZWDecode",
            b"/ASCII85Decode",
            b"/JBIG2Decode",
            b"/DCTDecode",
            b"/Crypt",
            b"[" * 300,
            b"<<" * 300,
            b"(",
            b"<zz>",
            b"/",
            b"//",
            b"[ /FlateDecode /FlateDecode ]",
            b"/DecodeParms << /Predictor 15 /Columns 9999999 >>",
            b"<feff>",
            b"[]",
            b"<< >>",
            b"%",
            b"endobj",
            b"/Encrypt 2 0 R",
            b"/GBK-EUC-H",
            b"/Identity-V",
            b"/Symbol",
            b"(\\777\\)",
            b"stream",
            b"\x00",
        ]
    )
    if chance.random() < 0.2:
        del words[at]
    return b" ".join(words)


def _pdf(objects: list[bytes], chance: random.Random) -> bytes:
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    if chance.random() < 0.1:
        places[chance.randrange(len(places))] = chance.choice([0, 9999999, start, 9999999999])
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % p for p in places)
    more = chance.choice(
        [b""] * 8
        + [b"/Encrypt << /Filter /Standard /V 9 >>", b"/Prev 9", b"/Prev %d" % start, b"/Root 99 0 R", b"/XRefStm 3"]
    )
    end = chance.choice([b"%d" % start] * 8 + [b"0", b"99999999", b"x", b"-1"])
    return (
        out + b"trailer << /Size %d /Root 1 0 R " % (len(objects) + 1) + more + b" >>\nstartxref\n" + end + b"\n%%EOF"
    )
