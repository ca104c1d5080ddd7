"""Documents: .md, .txt, .docx and .pdf become lines of plain text, in reading order.

Lines are what the format gives: paragraphs, parts of them where a page or a soft break cuts
them, wrapped lines of a PDF put together again as far as their width tells. Blanks between
Chinese characters go, page numbers and running heads too; nothing else is changed.
"""

from __future__ import annotations

import logging
import re
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.parsers import expat

import pyarrow as pa

from ...graph.schema.errors import LoadError
from ...graph.schema.paths import assert_readable
from ...graph.schema.words import read_toml
from ..files.carried import Odd, of_texts, texts_of
from ..files.child import Progress, ask
from ..files.raw import decode

DOCUMENTS = {".md", ".markdown", ".txt", ".docx", ".pdf"}
_LIMIT = 50_000_000  # bytes of XML of one .docx, or of one text file
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main "
_COMPAT = "http://schemas.openxmlformats.org/markup-compatibility/2006 "
_LABEL = re.compile(r"第[一二三四五六七八九十百\d]+[章条]|[（(【\[〔]?[一二三四五六七八九十]+[）)】\]〕、.．]"
                    r"|\d{1,2}[.．、](?!\d)|[（(]\d")  # fmt: skip

# Radicals that are characters of their own but have no decomposition in Unicode.
_RADICALS = str.maketrans("⺟⺠⺩⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻳",
                          "母民王虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄黾齐齿龙龟")  # fmt: skip


# A link or picture: its text without brackets, its address with at most one pair of them. Each part stops where
# another link could begin, so that a page of brackets that never close is looked through once.
_LINK = re.compile(r"!?\[([^\[\]]*+)\]\((?:[^()]++|\([^()]*+\))*+\)")


def read_document(path: Path) -> list[str]:
    """Return the lines of a document without markup and needless blanks.

    Parameters
    ----------
    path
        File of one of the kinds in ``DOCUMENTS``.

    Raises
    ------
    LoadError
        The file is missing, empty, of another kind, damaged, locked, unsafe or without text.
    """
    assert_readable(path)
    suffix = path.suffix.lower()
    if suffix not in DOCUMENTS:
        raise LoadError("document_kind", file=path.name)
    try:
        size = path.stat().st_size
        if size == 0:
            raise LoadError("file_empty", file=path.name)
        if suffix == ".pdf" and find_spec("pypdf") is None:
            raise LoadError("document_library", file=path.name)
        if suffix in (".pdf", ".docx"):
            made = texts_of(ask(f"{__name__}:lines_in", path, {}))
        else:
            _assert_size(size, path)
            made = _clean(_markdown(decode(path.read_bytes(), path.name)))
    except Odd as bad:
        raise LoadError("reader_answer", file=path.name) from bad
    except OSError as bad:
        raise LoadError("file_unreadable", file=path.name, reason=bad.strerror or bad) from bad
    if not made:
        raise LoadError("file_empty", file=path.name)
    return made


def lines_in(path: Path, _: dict[str, Any], tell: Progress) -> Iterator[pa.Table]:
    """Yield the lines of a .docx or .pdf: what the child process does for ``read_document``."""
    yield of_texts(_pdf(path, tell) if path.suffix.lower() == ".pdf" else _clean(_docx(path)))


def squeeze(text: str) -> str:
    """Drop blanks that part no Latin words.

    Examples
    --------
    >>> squeeze("（二） 到 2027 年，建设 Open Data 平台")
    '（二）到2027年，建设Open Data平台'
    """
    text = re.sub(r"[\u200b-\u200f\u2060\ufeff\xad]", "", text)
    return re.sub(r"\s+", " ", re.sub(r"(?<![A-Za-z0-9])\s+|\s+(?![A-Za-z0-9])|(?<=\d)\s+(?=\d)", "", text))


def _assert_size(size: int, path: Path) -> None:
    if size > _LIMIT:
        raise LoadError("file_too_large", file=path.name, size=size // 1_000_000, limit=_LIMIT // 1_000_000)


def _clean(lines: Iterable[str]) -> list[str]:
    """Squeeze lines; empty ones and page numbers go."""
    number = re.compile(read_toml("policy.toml")["head"]["page_number"])
    squeezed = (squeeze(line) for line in lines)
    return [line for line in squeezed if line and not number.match(line)]


# Markdown and plain text ---------------------------------------------------------------------


def _markdown(text: str) -> list[str]:
    """Take the marks of Markdown off: headings, bold, quotes, bullets, rules, links, tags."""
    lines = []
    for line in re.split(r"\r\n|[\r\n\f\v\u2028\u2029]", _without_comments(text)):
        if re.fullmatch(r"\s*([-*_=]\s*){3,}", line):
            continue
        plain = re.sub(r"^\s*(>\s*)*(#{1,6}\s+|[-*+]\s+)?", "", line)
        plain = _LINK.sub(r"\1", plain)
        plain = re.sub(r"\*{1,3}|__|`|</?[A-Za-z][^<>]{0,60}>", "", plain)
        lines.append(re.sub(r"\\([\\`*_{}\[\]()#+\-.!>])", r"\1", plain))
    return lines


def _without_comments(text: str) -> str:
    """Take out <!-- … -->; where none ends any more the rest is text."""
    kept, start = [], 0
    while (at := text.find("<!--", start)) >= 0 and (end := text.find("-->", at + 4)) >= 0:
        kept.append(text[start:at])
        start = end + 3
    return "".join(kept) + text[start:]


# Word ----------------------------------------------------------------------------------------


class _WordText:
    """Gathers the paragraphs of ``word/document.xml``; moved text and fallbacks are left out."""

    _SKIP = (_WORD + "moveFrom", _WORD + "del", _COMPAT + "Fallback", _WORD + "instrText")

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: list[str] = []
        self._text: list[str] = []
        self._inside = False
        self._skipped = 0

    def doctype(self, *_: Any) -> None:
        raise LoadError("document_unsafe", file=self.file)

    def start(self, name: str, _: dict[str, str]) -> None:
        if name in self._SKIP or self._skipped:
            self._skipped += 1
        elif name in (_WORD + "br", _WORD + "cr"):
            self._end()
        elif name == _WORD + "tab":
            self._text.append(" ")
        self._inside = name == _WORD + "t" and not self._skipped

    def stop(self, name: str) -> None:
        self._inside = False
        if self._skipped:
            self._skipped -= 1
        elif name == _WORD + "p":
            self._end()

    def text(self, data: str) -> None:
        if self._inside:
            self._text.append(data)

    def _end(self) -> None:
        self.lines.append("".join(self._text))
        self._text = []


def _docx(path: Path) -> list[str]:
    """Read the text of a Word file without building a tree; a DOCTYPE is refused."""
    found = _WordText(path.name)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = found.doctype
    parser.StartElementHandler, parser.EndElementHandler = found.start, found.stop
    parser.CharacterDataHandler = found.text
    try:
        with zipfile.ZipFile(path) as archive:
            entry = archive.getinfo("word/document.xml")
            _assert_size(entry.file_size, path)
            with archive.open(entry) as opened:
                data = opened.read(_LIMIT + 1)
        _assert_size(len(data), path)
        parser.Parse(data, True)
    except KeyError as bad:
        raise LoadError("document_kind", file=path.name) from bad
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        expat.ExpatError,
        RuntimeError,
        NotImplementedError,
        ValueError,
    ) as bad:
        if isinstance(bad, LoadError | RecursionError):
            raise
        raise LoadError("file_unreadable", file=path.name, reason=bad) from bad
    return found.lines


# PDF -----------------------------------------------------------------------------------------


def _pdf(path: Path, tell: Progress) -> list[str]:
    pages = [_clean(map(_plain_radicals, text.split("\n"))) for text in _pdf_pages(path, tell)]
    heads = _running(pages)
    lines = [line for page in pages for line in page if line not in heads]
    if not lines:
        raise LoadError("document_scanned", file=path.name, pages=len(pages))
    return _unwrapped(lines)


def _pdf_pages(path: Path, tell: Progress) -> list[str]:
    """Return the text of each page; pypdf is asked for only here."""
    try:
        from pypdf import PdfReader
        from pypdf.errors import DependencyError
    except ImportError as bad:
        raise LoadError("document_library", file=path.name) from bad
    log = logging.getLogger("pypdf")  # tells every flaw that it mends: nothing that people can act on
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(path, strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise LoadError("document_locked", file=path.name)
        texts = []
        for page in reader.pages:
            texts.append(page.extract_text())
            tell(len(texts), len(reader.pages))
        return texts
    except (LoadError, MemoryError, RecursionError):  # a limit that was met is told as such
        raise
    except DependencyError as bad:  # a cipher that takes one more library: locked for us
        raise LoadError("document_locked", file=path.name) from bad
    except Exception as bad:  # pypdf raises whatever comes, assertions and errors of its own libraries, too
        raise LoadError("file_unreadable", file=path.name, reason=bad) from bad
    finally:
        log.setLevel(level)


def _plain_radicals(text: str) -> str:
    """Write radicals that some PDF fonts stand for characters (⼀) as the characters (一)."""
    text = text.translate(_RADICALS)
    return re.sub(r"[\u2e80-\u2fdf]", lambda hit: unicodedata.normalize("NFKC", hit[0]), text)


def _running(pages: list[list[str]]) -> set[str]:
    """Return lines that stand first or last on more than half of three or more pages."""
    if len(pages) < 3:
        return set()
    count = Counter(line for page in pages if page for line in {page[0], page[-1]})
    return {line for line, n in count.items() if 2 * n > len(pages)}


def _unwrapped(lines: list[str]) -> list[str]:
    """Join a line that fills the page's width with the next, unless that begins with a number of its own."""
    width = sorted(map(_width, lines))[int(len(lines) * 0.8)]
    made: list[list[str]] = []
    full = False
    for line in lines:
        if full and not _LABEL.match(line):
            made[-1].append(line)
        else:
            made.append([line])
        full = _width(line) > width - 2 and line[-1] not in "。；：！？"
    return ["".join(parts) for parts in made]


def _width(line: str) -> float:
    """Return the width of a line in Chinese characters; Latin ones are half as wide."""
    return sum(0.5 if char < "\u2000" else 1.0 for char in line)
