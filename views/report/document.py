"""Document: a report of some pages that can be signed, as .docx.

Headings are numbered 一、（一）1. in the text, so that they stay when parts are copied; fonts are those of official
documents by name (黑体, 楷体, 仿宋) and come from the reader's machine.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ...graph.schema.paths import replacing
from ...graph.schema.words import message, word
from ...queries.atlas.atlas import Atlas
from ...queries.atlas.result import Result, Row
from ..tables import READ_STATUS, heading, read_cell, read_status, shown
from .drawing import clean, draw_chain, draws_chinese, png
from .parts import Report

_NUMBERS = "一二三四五六七八九十"
_PICTURES, _ROWS, _SOURCES = 3, 15, 25  # chains drawn, and rows a table
_MOST = 300  # links of a chain that is drawn
_ACTIONS = ("fill", "strengthen", "verify", "extend", "chokepoint")
_LANDSCAPE_CM, _PORTRAIT_CM = 25.7, 16.0
_TIME = datetime(2015, 1, 23)  # no clock in the file: equal data, equal bytes


def write_document(atlas: Atlas, report: Report, path: Path) -> None:
    """Write the report."""
    made = _Document(report)
    made.title()
    made.section("report_part_question", lambda: _question(made, report))
    made.section("report_part_findings", lambda: _findings(made, report))
    made.section("report_part_proposals", lambda: _proposals(made, report))
    made.section("report_part_firms", lambda: _firms(made, report))
    made.section("report_part_resources", lambda: _resources(made, report))
    made.section("report_part_targets", lambda: made.table(
        report.tables["targets"], ("target", "due", "goal", "unit", "value", "state", "reason"),
        [r for r in report.tables["targets"].rows if r["state"]]))  # fmt: skip
    if "evaluation" in report.tables:
        made.section("report_part_evaluation", lambda: made.table(report.tables["evaluation"], (), every=True))
    made.section("report_part_limits", lambda: made.numbered(report.notes))
    made.section("report_part_sources", lambda: _sources(made, report))
    made.signature()
    made.section("report_part_pictures", lambda: _pictures(made, atlas, report), landscape=True)
    made.save(path)


class _Document:
    """A python-docx document with the styles of official Chinese documents."""

    def __init__(self, report: Report) -> None:
        import docx
        from docx.shared import Cm, Pt

        self.report, self.lang = report, report.lang
        self.docx: Any = docx.Document()
        self.sections = 0
        page = self.docx.sections[0]
        page.page_width, page.page_height = Cm(21), Cm(29.7)
        page.left_margin = page.right_margin = Cm(2.5)
        page.top_margin = page.bottom_margin = Cm(2.5)
        for style, font, size, bold in (
            ("Normal", "仿宋", 12, False), ("Title", "黑体", 20, False), ("Heading 1", "黑体", 15, False),
            ("Heading 2", "楷体", 13, True), ("Caption", "仿宋", 10.5, False),
        ):  # fmt: skip
            _dress(self.docx.styles[style], font, Pt(size), bold)
        told = self.docx.core_properties
        told.title, told.author, told.created, told.modified = clean(report.title), "ChainAtlas 链图", _TIME, _TIME
        told.last_modified_by, told.revision, told.comments = "ChainAtlas 链图", 1, ""

    def say(self, code: str, **values: object) -> None:
        """Add a paragraph with a message."""
        self.text(message(code, self.lang, **values))

    def text(self, text: str, style: str | None = None) -> Any:
        """Add a paragraph."""
        return self.docx.add_paragraph(clean(text), style=style)

    def title(self) -> None:
        """Add the title, centred."""
        self.text(self.report.title, "Title").alignment = 1

    def section(self, code: str, fill: Callable[[], None], landscape: bool = False) -> None:
        """Add a numbered part."""
        if landscape:
            from docx.enum.section import WD_ORIENT, WD_SECTION

            page = self.docx.add_section(WD_SECTION.NEW_PAGE)
            page.orientation = WD_ORIENT.LANDSCAPE
            page.page_width, page.page_height = page.page_height, page.page_width
            from docx.shared import Cm

            page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Cm(2)
        number = f"{_NUMBERS[self.sections]}、" if self.lang == "zh" else f"{self.sections + 1}. "
        self.sections += 1
        self.text(number + message(code, self.lang), "Heading 1")
        fill()

    def head(self, number: int, text: str) -> None:
        """Add a heading inside a part."""
        mark = f"（{_NUMBERS[number]}）" if self.lang == "zh" else f"({number + 1}) "
        self.text(mark + text, "Heading 2")

    def numbered(self, texts: Sequence[str]) -> None:
        """Add numbered sentences."""
        for n, text in enumerate(texts, 1):
            self.text(f"{n}. {text}")

    def table(
        self, found: Result, columns: tuple[str, ...], rows: Sequence[Row] | None = None, every: bool = False
    ) -> None:
        """Add a table, its longest part; what is left out is counted below."""
        from docx.oxml.ns import qn
        from docx.shared import Cm, Pt

        rows = found.rows if rows is None else rows
        columns = tuple(c for c in (columns or found.columns) if c in found.columns)
        if not rows:
            self.say("report_none")
            for note in found.notes_in(self.lang):
                self.text(note)
            return
        taken = list(rows) if every else list(rows[:_ROWS])
        grid = self.docx.add_table(rows=1 + len(taken), cols=len(columns), style="Table Grid")
        head = [heading(found.labels.get(c, c), self.lang) for c in columns]
        body = [[read_cell(r, c, self.lang) for c in columns] for r in taken]
        wide = _widths([head, *body])
        grid.autofit = False
        for column, cm in zip(grid.columns, wide, strict=True):
            column.width = Cm(cm)
        for line, texts in enumerate([head, *body]):
            for cell, text, cm in zip(grid.rows[line].cells, texts, wide, strict=True):
                cell.width = Cm(cm)
                run = cell.paragraphs[0].add_run(clean(text))
                run.font.size, run.font.bold = Pt(9), line == 0
        # The head is repeated on every page that the table goes over.
        properties = grid.rows[0]._tr.get_or_add_trPr()
        properties.append(properties.makeelement(qn("w:tblHeader"), {qn("w:val"): "true"}))
        if len(rows) > len(taken):
            self.say("report_more", n=len(rows) - len(taken))

    def signature(self) -> None:
        """Leave room for who signs."""
        self.docx.add_paragraph()
        self.say("report_signature", date=self.report.date or "")

    def save(self, path: Path) -> None:
        """Write the file with all its dates fixed."""
        buffer = io.BytesIO()
        self.docx.save(buffer)
        with (
            zipfile.ZipFile(buffer) as made,
            replacing(path) as aside,
            zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as out,
        ):
            for name in made.namelist():
                out.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), made.read(name), zipfile.ZIP_DEFLATED)


def _widths(lines: Sequence[Sequence[str]]) -> list[float]:
    """Share the page's width among columns: by their longest text up to a limit, none below what a word needs."""
    texts = [[sum(2.0 if ord(c) > 0x2E7F else 1.1 for c in t) for t in column] for column in zip(*lines, strict=True)]
    most = [min(max(8.0, *column), 36.0) for column in texts]
    return [_PORTRAIT_CM * n / sum(most) for n in most]


def _dress(style: Any, font: str, size: Any, bold: bool) -> None:
    """Set the Chinese and the Latin font of a style, in black."""
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    style.font.name, style.font.size, style.font.bold, style.font.italic = "Times New Roman", size, bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if "heme" in name:
            del fonts.attrib[name]
    fonts.set(qn("w:eastAsia"), font)


# Parts of the report -----------------------------------------------------------------------------


def _question(made: _Document, report: Report) -> None:
    made.text(report.asked)
    said = report.tables["sources"].rows
    kappa = [r["coverage"] for r in report.tables["states"].rows if r["coverage"] is not None]
    made.say("report_data", date=report.data_date, sources=len({r["source"] for r in said}),
             claims=sum(r["claims"] for r in said), hash=report.hash[:12])  # fmt: skip
    if kappa:
        made.say("report_kappa", mean=f"{sum(kappa) / len(kappa):.2f}", low=f"{min(kappa):.2f}",
                 high=f"{max(kappa):.2f}", floor=f"{report.floor:.2f}")  # fmt: skip


def _findings(made: _Document, report: Report) -> None:
    total = sum(report.counts.values())
    told = [s for s in READ_STATUS if report.counts[s] or s == "missing"]
    counts = "、".join(f"{word('status', s, made.lang)} {report.counts[s]}" for s in told)
    made.say("report_counts", n=total, counts=counts)
    if report.counts["unknown"]:
        made.say("report_unknown", n=report.counts["unknown"], share=f"{report.counts['unknown'] / total:.0%}")
    narrow, possible = report.counts["missing_narrow"], report.counts["possible"]
    if narrow or possible:
        asked = {r["population"] for r in report.tables["states"].rows if read_status(r) == "missing_narrow"}
        names = "、".join(shown("population", p, made.lang) for p in sorted(filter(None, asked))) or "—"
        made.say("report_not_gaps", narrow=narrow, possible=possible, population=names)
    for row in report.tables["figures"].rows[:_ROWS]:
        made.say("report_chain", chain=row["chain"], links=row["links"], k=_two(row["K"]),
                 low=_two(row["K_AO_certain"]), high=_two(row["K_AO_possible"]), ends=row["ends"],
                 missing=row["missing"], single=row["single_source"], narrow=row["missing_narrow"],
                 possible=row["possible"])  # fmt: skip
    for status, code in (("missing", "report_first"), ("missing_narrow", "report_first_narrow")):
        links = [r["link"] for r in report.tables["gaps"].rows if r["kind"] == "industry" and read_status(r) == status]
        if links:
            made.say(code, links="、".join(dict.fromkeys(links[:5])))


def _proposals(made: _Document, report: Report) -> None:
    found, chosen = report.tables["gaps"], report.tables["partners"]
    who: dict[tuple[str, str], list[str]] = {}
    for row in chosen.rows:
        place = f"（{row['place']}）" if row["place"] else ""
        who.setdefault((row["chain"], row["link"]), []).append(f"{row['candidate']}{place}")
    for number, action in enumerate(_ACTIONS):
        rows = [r for r in found.rows if r["action"] == action and r["kind"] != "resource"]
        made.head(number, word("action", action, made.lang))
        if not rows:
            made.say(f"report_no_{action}")
            continue
        told = [{**r, "candidate": who.get((r["chain"], r["link"]), r["nearest"])} for r in rows]
        several = ("chain",) if len(report.chains) > 1 else ()
        columns = (*several, "link", "status", "subkind", "criticality", "feasibility", "coverage", "candidate")
        if action == "verify":  # the firms to ask stand in the reason, with their words
            columns = (*several, "link", "criticality", "reason")
        made.table(Result(columns, told), columns)
    made.say("report_candidates", n=len(who))


def _firms(made: _Document, report: Report) -> None:
    made.head(0, message("report_head_leaders", made.lang))
    if "leaders" in report.tables:
        made.table(report.tables["leaders"], ("rank", "enterprise", "place", "score", "main_product", "links"))
    else:
        made.say("report_ask_place")
    made.head(1, message("report_head_bottlenecks", made.lang))
    lost = report.tables["bottlenecks"]
    rows = sorted(lost.rows, key=lambda r: (-(r["share_lost"] or 0), r["chain"], r["entity"]))
    made.table(lost, ("chain", "entity", "place", "lost", "share_lost", "certain", "loses"), rows)


def _resources(made: _Document, report: Report) -> None:
    found = report.tables["resources"]
    for n, kind in enumerate(c for c in found.columns if c not in ("chain", "link", "stage")):
        known = [r for r in found.rows if r[kind] is not None]
        served = sum(r[kind] > 0 for r in known)
        label = word("indicator", kind, made.lang)
        if known:
            left = {"none": len(known) - served, "unknown": len(found.rows) - len(known)}
            made.text(f"{n + 1}. " + message("report_served", made.lang, kind=label, served=served, **left))
        else:
            made.text(f"{n + 1}. " + message("report_not_loaded", made.lang, kind=label))


def _sources(made: _Document, report: Report) -> None:
    """Each source once, those that say most first."""
    found: dict[str, Row] = {}
    for row in report.tables["sources"].rows:
        mine = found.setdefault(row["source"], {"source": row["source"], "claims": 0, "last_date": None})
        mine["claims"] += row["claims"]
        mine["last_date"] = max(filter(None, (mine["last_date"], row["last_date"])), default=None)
    rows = sorted(found.values(), key=lambda r: (-r["claims"], r["source"]))
    made.table(Result(("source", "claims", "last_date"), rows), (), rows[:_SOURCES], every=True)
    if len(rows) > _SOURCES:
        made.say("report_more", n=len(rows) - _SOURCES)


def _pictures(made: _Document, atlas: Atlas, report: Report) -> None:
    from docx.shared import Cm

    if not draws_chinese():
        made.say("report_no_font")
        return
    count = Counter(row["chain"] for row in report.tables["states"].rows)
    for name in report.chains[:_PICTURES]:
        if count[name] > _MOST:  # laid out in minutes, and nobody could read it
            made.say("report_too_long", chain=name, n=count[name], most=_MOST)
            continue
        for technologies in (False, True):
            picture = draw_chain(atlas, name, report.tables["states"].rows, made.lang, technologies=technologies)
            if picture is None:
                continue
            wide = min(_LANDSCAPE_CM, 15.0 * picture.width / picture.height, picture.width / 40)
            made.docx.add_picture(io.BytesIO(png(picture)), width=Cm(wide))
            code = "report_caption_technology" if technologies else "report_caption"
            caption = message(code, made.lang, chain=name, place=report.place, date=report.data_date)
            if picture.backward:
                caption += message("report_backward", made.lang, n=picture.backward)
            made.text(caption, "Caption")
    if len(report.chains) > _PICTURES:
        made.say("report_more_chains", n=len(report.chains) - _PICTURES)


def _two(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}"
